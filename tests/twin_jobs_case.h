/* Small random cases of jobs on a fleet: the same seed gives the same case.  Half of
 * them live on a grid of whole seconds, so that much happens at the same instant.
 */
#ifndef TESTS_TWIN_JOBS_CASE_H
#define TESTS_TWIN_JOBS_CASE_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "model/job.h"
#include "model/scenario.h"

struct jobs_case {
    struct model_scenario *sc; /* one policy, one jobs workload from a trace */
    struct model_job *jobs;
    int32_t n;
};

struct jobs_case jobs_case_random(uint64_t seed, struct sp_arena *arena);
void jobs_case_print(FILE *out, const struct jobs_case *c);

/* An opener over the case's jobs, which must outlive it. */
struct model_job_opener jobs_case_opener(struct jobs_case *c);

#endif
