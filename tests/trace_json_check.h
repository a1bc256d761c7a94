/* The rules of Chrome's trace form as Perfetto reads it, from its documentation and not
 * from our writer. */
#ifndef TESTS_TRACE_JSON_CHECK_H
#define TESTS_TRACE_JSON_CHECK_H

#include <stdint.h>

#include "base/arena.h"

struct trace_json_counts {
    int64_t slices, flows, counters, instants, processes, threads;
};

/* NULL where the file keeps the rules, else the first that it breaks. */
const char *trace_json_check(struct sp_arena *arena, const char *text,
                             struct trace_json_counts *counts);

#endif
