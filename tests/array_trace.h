/* A literal array as the trace of a source. */
#ifndef TESTS_ARRAY_TRACE_H
#define TESTS_ARRAY_TRACE_H

#include <stdint.h>

#include "base/arena.h"
#include "model/arrivals.h"

struct array_trace {
    struct sp_arena *arena; /* of the passes over it */
    int32_t n;
    const struct model_arrival *rows; /* by time, never falling */
    int32_t hash_block_tokens;        /* 0: no hashes */
};

/* Every opening is a pass of its own; *trace is the caller's, for as long. */
struct model_trace_opener array_trace_opener(struct array_trace *trace);

/* A source that has a trace of so many rows. */
struct model_source array_trace_source(int32_t rows);

#endif
