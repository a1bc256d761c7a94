/* Figures of a jobs workload, of teams and of what was bought, made by hand: invented,
 * yet consistent: the groups' jobs add up, shares of waits sum to 1, teams' money and
 * the lines without team sum to the bill. */
#ifndef TESTS_JOBS_FIXTURE_H
#define TESTS_JOBS_FIXTURE_H

#include "base/arena.h"
#include "model/result.h"

enum { FIXTURE_JOB_SIZES = 3, FIXTURE_JOBS = 1200 };

struct fixture_jobs {
    struct sp_arena *arena;
    const char *name; /* put before every name, or NULL */
    int32_t n_runs;   /* half widths from 2 on */
    int32_t n_teams;  /* at least 1; 1: the team without name */
    bool pooled;      /* waits are shorter, but the last team's are longer */
    bool endless;     /* with a curve, and no job is done */
};

/* 1200 jobs: 1180 done, 5 in flight, 15 refused. */
struct model_jobs_result *fixture_jobs_new(const struct fixture_jobs *fixture);

/* Gives `p`, whose bill is filled, lines and shares of the bill by team, free GPUs,
 * nodes bought and lost. */
void fixture_teams_fill(const struct fixture_jobs *fixture,
                        struct model_policy_result *p);

#endif
