/* Small random serving scenarios, built as records: one policy, one workload, its
 * requests as an array.  The same seed and family give the same case for ever.
 */
#ifndef TESTS_TWIN_SERVING_CASE_H
#define TESTS_TWIN_SERVING_CASE_H

#include <stdint.h>
#include <stdio.h>

#include "tests/plan_build.h"
#include "tests/twin_serving.h"

enum serving_family {
    SERVING_ONE,     /* one replica: rules, orders, budgets, a starved KV cache */
    SERVING_ROUTED,  /* several, by every router that needs no chance */
    SERVING_CACHED,  /* prefix caching, gpu and store */
    SERVING_SPLIT,   /* prefill and decode apart, with and without NICs */
    SERVING_OVERLAP, /* the same, layer by layer */
    SERVING_MIXED,   /* pools of different kinds side by side */
    SERVING_FAMILIES
};
extern const char *const serving_family_names[SERVING_FAMILIES];

struct serving_case {
    struct sp_arena *arena;
    struct plan_build b;
    struct model_serving *m;
    struct serving_trace trace;
};

/* A case without pools and requests, for hand-made ones. */
struct serving_case serving_case_new(struct sp_arena *arena);

/* A pool of `count` replicas, each on a node of its own; the caller fills in what
 * differs from: role both, chunked-prefill, fcfs, 8 sequences, 64 tokens, blocks of 4,
 * KV cache not limited, no prefix caching. */
struct model_pool *serving_case_pool(struct serving_case *c, int32_t count);

struct serving_case serving_case_random(enum serving_family family, uint64_t seed,
                                        struct sp_arena *arena);
void serving_case_print(FILE *out, const struct serving_case *c);

#endif
