/* A serving workload's figures made by hand: invented, yet consistent: USD per million
 * tokens are the bill over the tokens of requests done. */
#ifndef TESTS_SERVING_FIXTURE_H
#define TESTS_SERVING_FIXTURE_H

#include "base/arena.h"
#include "model/result.h"

enum { FIXTURE_SERVING_BUCKETS = 20 };

struct fixture_serving {
    struct sp_arena *arena;
    const char *model, *iteration, *pool_names[2];
    int32_t n_runs; /* half widths from 2 on */
    bool split;     /* a prefill and a decode pool; else one for both */
    bool no_slo;
    int64_t requests, done;
    double usd; /* the bill, all of it this workload's */
};

struct model_serving_result *fixture_serving_new(const struct fixture_serving *fixture);

#endif
