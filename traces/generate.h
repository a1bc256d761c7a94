/* Made-up requests: arrival times from a process, lengths from laws or from a trace.
 *
 * Each is drawn from a stream of its own, named from (seed, what it is): the same
 * recipe and seed give the same rows, byte for byte, and another law for one length
 * leaves the arrivals and the other length as they were.  Constant memory. */
#ifndef TRACES_GENERATE_H
#define TRACES_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "model/dist.h"
#include "model/scenario.h"
#include "traces/format.h"
#include "traces/lengths.h"

struct trace_recipe {
    enum model_source_kind arrivals;    /* constant, Poisson, gamma or diurnal */
    double rate_per_s;                  /* > 0; the mean of a diurnal one */
    double cv;                          /* gamma: of the gaps */
    double amplitude, period_s, peak_s; /* diurnal: rate (1 + amplitude cos ...) */
    int64_t requests, for_ns;           /* -1 not limited; one of them is */
    uint64_t seed;
    int32_t n_sizes;
    const char *names[MODEL_SIZES_MAX];
    struct model_dist sizes[MODEL_SIZES_MAX];
    const struct trace_length_rows *rows; /* sizes of whole rows, each as likely; or
                                             NULL: by `sizes`, each on its own */
};

struct trace_generator {
    const struct trace_recipe *recipe; /* the caller's */
    struct sp_rng arrivals, sizes[MODEL_SIZES_MAX], rows;
    int64_t made, time_ns;
};

struct trace_generator trace_generator_of(const struct trace_recipe *recipe);

/* The next row; false when the recipe's requests are made or its time is over.  A
 * constant process begins at 0, the others after a first gap. */
bool trace_generator_next(struct trace_generator *g, struct trace_row *row);

#endif
