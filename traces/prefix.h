/* What a prefix cache of LRU blocks would have saved: every request touches or inserts
 * all blocks of its prompt in order, and hits are those of its leading run (a block
 * stands for all before it, so one behind a miss is of no use).  One cache for all
 * requests, which are served at once and one after the other: what a trace allows, not
 * what a server reaches.
 *
 * Memory grows with the distinct blocks, up to TRACE_PREFIX_DISTINCT_MAX (0.5 GB).
 */
#ifndef TRACES_PREFIX_H
#define TRACES_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

enum { TRACE_PREFIX_CACHES = 5, TRACE_PREFIX_DISTINCT_MAX = 1 << 24 };

struct trace_prefix_hits {
    int64_t capacity; /* blocks; -1 not limited */
    int64_t blocks, tokens;
};

struct trace_prefix {
    int32_t block_tokens; /* 0: the trace has no hashes, and nothing else is set */
    int64_t blocks, tokens, distinct;
    struct trace_prefix_hits unlimited, caches[TRACE_PREFIX_CACHES];
    /* More distinct blocks than are counted: distinct and unlimited are too low. */
    bool overflow;
};

struct trace_prefix_pass;

struct trace_prefix_pass *trace_prefix_new(int32_t block_tokens);
void trace_prefix_free(struct trace_prefix_pass *pass); /* NULL is fine */

/* One request: its blocks in order, and the tokens of its prompt (-1 not known: then a
 * hit counts a block's tokens, and so does a block). */
void trace_prefix_add(struct trace_prefix_pass *pass, const uint64_t *hashes, int32_t n,
                      int64_t tokens);

struct trace_prefix trace_prefix_result(const struct trace_prefix_pass *pass);

#endif
