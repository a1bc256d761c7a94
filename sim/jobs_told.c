/* What jobs say to people. */
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "sim/explain.h"
#include "sim/jobs_rows.h"

enum { REFUSED_NAMED = 3 };

const char *sim_jobs_refused_text(struct sim_jobs *w, const struct sim_job_split *split,
                                  int32_t reason)
{
    return sp_arena_printf(w->arena, "%d x %s, %s",
                           (int)(split->members + (split->rest.mgpu > 0)),
                           sim_explain_amounts(w->arena, &split->needs),
                           model_drop_name((enum model_drop)reason));
}

void sim_jobs_tell_refused(struct sim_jobs *w, const struct model_job *job,
                           const struct sim_job_split *split, int32_t reason)
{
    char quoted[80], line[32] = "";

    w->n_refused++;
    if (w->n_refused > REFUSED_NAMED || w->env.follow_means)
        return;
    if (job->line > 0)
        snprintf(line, sizeof line, " (line %lld)", (long long)job->line);
    w->refused = sp_arena_printf(
        w->arena, "%s%s%s%s: %s", w->refused == NULL ? "" : w->refused,
        w->refused == NULL ? "" : "; ", sp_text_quote(job->name, quoted, sizeof quoted),
        line, sim_jobs_refused_text(w, split, reason));
}

/* The job that waits for longest, or NULL. */
static const struct sim_job *first_waiting(const struct sim_jobs *w)
{
    const struct sim_job *first = NULL;

    for (int32_t i = 0; i < w->n_jobs; i++)
        if (w->jobs[i].state == SIM_JOB_WAITING &&
            (first == NULL || w->jobs[i].number < first->number))
            first = &w->jobs[i];
    return first;
}

const char *sim_jobs_stuck_text(const void *self, struct sp_arena *arena)
{
    const struct sim_jobs *w = self;
    const struct sim_job *first = first_waiting(w);

    if (first == NULL)
        return "";
    return sp_arena_printf(
        arena,
        "%lld job%s of '%s' wait%s for a place, the first is job %lld (%g GPUs)%s",
        (long long)w->n_waiting, w->n_waiting == 1 ? "" : "s", w->plan->workload,
        w->n_waiting == 1 ? "s" : "", (long long)first->number,
        (double)first->mgpu / 1000,
        w->n_forever > 0 ? ", and what runs never ends" : "");
}

const char *sim_jobs_unplaced_text(const void *self, struct sp_arena *arena)
{
    const struct sim_jobs *w = self;

    if (w->n_waiting == 0 || w->n_ending > 0 || !w->source_done)
        return NULL; /* they wait for what ends, as jobs do */
    return sp_arena_printf(arena, "%lld job%s of '%s'", (long long)w->n_waiting,
                           w->n_waiting == 1 ? "" : "s", w->plan->workload);
}
