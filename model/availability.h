/* How many nodes of a purchase option a cloud had to give, over time: a recorded spot
 * trace as a step function.
 */
#ifndef MODEL_AVAILABILITY_H
#define MODEL_AVAILABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* From at_ns[i] until at_ns[i + 1] (the last: until length_ns), nodes[i] can be had or
 * held.  at_ns[0] is 0, times rise strictly, neighbours differ.  After length_ns it
 * begins again. */
struct model_availability {
    const char *path; /* as the scenario wrote it */
    const char *form; /* "ticks", "events" or "samples": which of those below */
    int32_t n;
    const int64_t *at_ns;
    const int32_t *nodes;
    int64_t length_ns; /* > at_ns[n - 1] */
    int32_t most;      /* of nodes[] */
};

/* Nodes at `t_ns` >= 0. */
int32_t model_availability_at(const struct model_availability *a, int64_t t_ns);

/* The first time after `t_ns` at which it changes; INT64_MAX: never.  About log n. */
int64_t model_availability_next(const struct model_availability *a, int64_t t_ns);

/* What a recording comes to, over its own length. */
struct model_availability_facts {
    double any_frac, most_frac; /* of the time with a node; with `most` nodes */
    double mean_nodes;
    int32_t up_runs, down_runs;    /* unbroken times with a node, and without */
    double up_mean_s, down_mean_s; /* of these runs; NaN: there is none */
    double up_median_s;            /* of rank ceil(n / 2) */
    int64_t losses;                /* nodes lost, one by one: the sum of all falls */
};
struct model_availability_facts
model_availability_facts(const struct model_availability *a);

/* Whether a file whose text begins so is meant as one of the forms below. */
bool model_availability_recognise(const char *text, size_t size);

/* Reads a file of the forms of docs/traces.md, "Spot": JSON with `metadata.gap_seconds`
 * and `data`; CSV of times in milliseconds with add and remove; text of `date time
 * count` (sorted by time first).  Plain, gzip or zstd.
 *   SP_EIO     it can't be read.
 *   SP_EINPUT  file:line, what was found, what was expected. */
SP_CHECKED enum sp_status model_availability_read(const char *path,
                                                  struct sp_arena *arena,
                                                  struct model_availability **a,
                                                  struct sp_err *err);

#endif
