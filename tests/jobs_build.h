/* Scenarios of jobs built in memory, for tests of the simulation: no YAML, no files.
 *
 * jobs_new() makes one policy with one node of 8 GPUs and a workload of literal jobs,
 * none yet; tests change the records where they differ.  Everything lives in the arena.
 */
#ifndef TESTS_JOBS_BUILD_H
#define TESTS_JOBS_BUILD_H

#include <stdint.h>

#include "base/arena.h"
#include "model/items.h"
#include "model/job.h"
#include "model/jobs.h"
#include "model/result.h"
#include "model/scenario.h"

enum { JOBS_TYPES = 8, JOBS_TEAMS = 4, JOBS_CLASSES = 8 };

struct jobs_build {
    struct sp_arena *arena;
    struct model_scenario *sc;
    struct model_policy *policy;
    struct model_node_type *node; /* the first type */
    struct model_plan *plan;
    struct model_jobs *jobs;
    struct model_source *source;
    int32_t n_rows, room;
    struct model_job *rows;
};

struct jobs_build jobs_new(struct sp_arena *arena);

/* A literal job: one member of so many GPUs; the row is good until the next one. */
struct model_job *jobs_add(struct jobs_build *b, double arrival_s, double duration_s,
                           double gpus);

/* One more node type, like the last. */
struct model_node_type *jobs_type(struct jobs_build *b, const char *name);

/* One more team, without quota; its id in the stream's names and in the policy. */
int32_t jobs_team(struct jobs_build *b, const char *name);

/* Jobs from a generator: Poisson arrivals for so long.  The class has one member of one
 * GPU. */
void jobs_poisson(struct jobs_build *b, double per_s, double for_s);
struct model_job_class *jobs_class(struct jobs_build *b, double share,
                                   struct model_dist duration_s);

struct jobs_how {
    uint64_t seed;
    int32_t replications; /* 0: 1 */
    bool verify;
    int32_t timeline_slices;
    const char *explain; /* the job whose story is told; NULL: none */
};

struct jobs_ran {
    const struct model_result *result;
    const struct model_policy_result *policy; /* the first */
    const struct model_workload_result *work; /* of it */
    const struct model_jobs_result *jobs;
    int32_t n_rows;
    struct model_item_row *row; /* by job; arrived_ns -1: it has none */
};

/* Runs; a failure ends the process with its message.  Of generated jobs at most
 * `n_rows` rows are kept. */
struct jobs_ran jobs_run(struct jobs_build *b, struct jobs_how how);
struct jobs_ran jobs_run_rows(struct jobs_build *b, struct jobs_how how,
                              int32_t n_rows);

#endif
