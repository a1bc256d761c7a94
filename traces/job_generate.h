/* Made-up jobs: arrivals of a process, kinds drawn by their shares.
 *
 * Arrivals, kinds and each kind's durations are drawn from streams of their own, named
 * from (seed, what it is): the same recipe gives the same jobs, byte for byte, and
 * another law for one kind's durations leaves all else as it was.  Constant memory. */
#ifndef TRACES_JOB_GENERATE_H
#define TRACES_JOB_GENERATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "model/dist.h"
#include "model/job.h"
#include "traces/generate.h"

enum { TRACE_JOB_KINDS_MAX = 64 };

/* One kind: the job that it makes, but for name, arrival and duration. */
struct trace_job_made {
    double share;
    struct model_job job;
    struct model_dist duration_s; /* constant, exponential or lognormal */
    bool forever;
    double estimate; /* over the duration; NaN: none */
};

struct trace_job_recipe;

/* A recipe without kinds; lives in the arena. */
struct trace_job_recipe *trace_job_recipe_new(struct sp_arena *arena);

/* Adds the kind that "gpu=8 duration=lognormal:1h,2 team=vision share=3" describes.
 *   SP_EINPUT  what was found, what was expected; more than TRACE_JOB_KINDS_MAX. */
SP_CHECKED enum sp_status trace_job_recipe_add(struct trace_job_recipe *recipe,
                                               const char *text, struct sp_err *err);

/* Bits of enum trace_job_has: what its jobs have besides arrival and duration. */
unsigned trace_job_recipe_has(const struct trace_job_recipe *recipe);
struct model_names trace_job_recipe_teams(const struct trace_job_recipe *recipe);
struct model_names trace_job_recipe_models(const struct trace_job_recipe *recipe);

struct trace_job_generator {
    const struct trace_job_recipe *recipe; /* the caller's */
    struct trace_generator times;
    struct sp_rng kinds, durations[TRACE_JOB_KINDS_MAX];
    double share_sum;
    int64_t made;
    char name[32];
};

/* `arrivals` has the process, its end and the seed; both must live as long. */
struct trace_job_generator trace_job_generator_of(const struct trace_job_recipe *recipe,
                                                  const struct trace_recipe *arrivals);

/* The next job; false when the process is over.  The name is good until the next. */
bool trace_job_generator_next(struct trace_job_generator *g, struct model_job *job);

#endif
