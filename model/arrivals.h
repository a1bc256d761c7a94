/* How the simulation pulls arrivals: through a struct of functions, so that a file, a
 * Poisson process and a literal array in a test look the same to it.  Constant memory.
 */
#ifndef MODEL_ARRIVALS_H
#define MODEL_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "model/scenario.h"

struct model_arrival {
    int64_t time_ns; /* since the start of the trace, never falling */
    int64_t bytes;
    uint32_t size[MODEL_SIZES_MAX]; /* in the order of the plan's size_names */
    /* Names of the successive blocks of the prompt, each standing for the block and all
     * before it (equal names: equal content so far); good until the next call.  NULL
     * where the trace has none. */
    int32_t n_hashes;
    const uint64_t *hashes;
};

struct model_arrivals {
    void *self;
    /* The next arrival; false at the end.  A failure (a broken row) sets *status and
     * *err and ends the stream. */
    bool (*next)(void *self, struct model_arrival *a, enum sp_status *status,
                 struct sp_err *err);
    void (*close)(void *self); /* may be NULL */
    int32_t hash_block_tokens; /* tokens that one of the hashes names; 0: no hashes */
};

/* Opens a new pass over the trace of a source: called once for each run, possibly from
 * several threads.  `self` is the opener's. */
struct model_trace_opener {
    void *self;
    enum sp_status (*open)(void *self, const struct model_plan *plan,
                           struct model_arrivals *arrivals, struct sp_err *err);
};

#endif
