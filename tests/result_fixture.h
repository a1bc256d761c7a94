/* A result made by hand for the tests of report/: the practical example with invented,
 * yet consistent figures: lines of cost sum to the bill, the bill is hours times price.
 */
#ifndef TESTS_RESULT_FIXTURE_H
#define TESTS_RESULT_FIXTURE_H

#include "base/arena.h"
#include "model/result.h"

enum { FIXTURE_POLICIES_MAX = 9, FIXTURE_BUCKETS = 40 };

/* A zero member: what the practical example has. */
struct fixture_options {
    const char *name; /* given to scenario, stages, units, policies, types, workloads */
    int32_t n_policies; /* 2; odd ones are split up, even ones monolithic */
    int32_t n_runs;     /* 1; with more there are half widths */
    bool no_price;      /* of the GPU nodes */
    bool deadlock;      /* the last policy's end */
    bool partial;
    bool serving;          /* the workload is of that kind: one pool, or split in two */
    bool no_slo;           /* with serving */
    bool jobs;             /* the workload is of that kind, with teams */
    bool endless;          /* with jobs: none ends */
    int32_t n_teams;       /* with jobs: 3 */
    const char *explained; /* with jobs: a line of what happened to a job, or NULL */
    bool kernels;          /* service times are those of calibrated kernels */
    bool empty; /* no nodes, stages, lines or series: a run that never began */
};

struct model_result *fixture_result_new(struct sp_arena *arena,
                                        const struct fixture_options *options);

#endif
