/* Summaries are equal for all policies, so one pass serves them all. */
#include "cli/run_traces.h"

#include <string.h>

#include "base/path.h"
#include "model/jobs.h"
#include "traces/arrivals.h"
#include "traces/job_check.h"
#include "traces/jobs.h"

/* ---- summaries ---- */

static bool same_trace(const struct model_plan *a, const struct model_plan *b)
{
    return a->source.trace.known && a->source.kind == b->source.kind &&
           strcmp(a->workload, b->workload) == 0;
}

static enum sp_status sum_up_items(const char *folder, const struct model_plan *first,
                                   struct model_plan *plan, struct sp_err *err)
{
    if (same_trace(first, plan)) {
        plan->source.trace = first->source.trace;
        return SP_OK;
    }
    return trace_summary(folder, plan, &plan->source.trace, err);
}

/* The source of jobs is the same under all policies. */
static enum sp_status sum_up_jobs(const char *folder, struct sp_arena *arena,
                                  const struct model_plan *first,
                                  struct model_plan *plan, struct sp_err *err)
{
    if (first->jobs->summary.known) {
        plan->jobs->summary = first->jobs->summary;
        return SP_OK;
    }
    return trace_jobs_summary(folder, plan, arena, &plan->jobs->summary, err);
}

/* ---- the check of job traces ---- */

/* The fleet that a trace is held against: none where nodes can be bought. */
static int32_t kinds_of(const struct model_policy *policy, struct sp_arena *arena,
                        struct model_listed_kind **kinds)
{
    *kinds = sp_arena_array(arena, (size_t)policy->n_types, sizeof **kinds);
    for (int32_t t = 0; t < policy->n_types; t++) {
        const struct model_node_type *type = &policy->types[t];

        if (!type->fixed)
            return 0;
        (*kinds)[t] = (struct model_listed_kind){
            .has = type->has,
            .gpu_model = type->gpu_model != NULL ? type->gpu_model : "",
            .count = type->count};
    }
    return policy->n_types;
}

static enum sp_status check_jobs(const struct model_scenario *sc,
                                 const struct model_plan *plan, struct sp_arena *arena,
                                 struct cli_traces *traces, struct sp_err *err)
{
    const struct model_source *s = &plan->source;
    struct trace_job_request request = {
        .path = sp_path_from(arena, traces->folder, s->trace_path),
        .format = s->trace_format,
        .scale = plan->jobs->own_times ? 1 : s->trace_scale,
        .jobs = s->items,
        .from_ns = s->from_ns,
        .for_ns = plan->jobs->own_times ? -1 : s->for_ns};
    struct model_listed_kind *kinds;
    int32_t n_kinds = kinds_of(&sc->policies[sc->baseline], arena, &kinds);
    struct trace_warnings found = {0};
    enum sp_status status =
        trace_job_check_file(&request, n_kinds, kinds, arena, &found, err);
    const char **all;

    if (status != SP_OK || found.n == 0)
        return status;
    all = sp_arena_array(arena, (size_t)(traces->n_warnings + found.n), sizeof *all);
    for (int32_t i = 0; i < traces->n_warnings; i++)
        all[i] = traces->warnings[i];
    for (int32_t i = 0; i < found.n; i++)
        all[traces->n_warnings + i] = found.text[i];
    traces->warnings = all;
    traces->n_warnings += found.n;
    return SP_OK;
}

/* Jobs of a trace may come at times of their own. */
static bool reads_trace(const struct model_plan *plan)
{
    if (plan->kind == MODEL_KIND_JOBS)
        return plan->jobs->n_classes == 0;
    return plan->source.kind == MODEL_SOURCE_TRACE;
}

enum sp_status cli_traces_sum_up(struct model_scenario *sc, struct sp_arena *arena,
                                 struct cli_traces *traces, struct sp_err *err)
{
    *traces = (struct cli_traces){.folder = sp_path_folder(arena, sc->path)};
    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans; w++) {
            struct model_plan *plan = &sc->policies[p].plans[w];
            const struct model_plan *first = &sc->policies[0].plans[w];
            enum sp_status s;

            if (!reads_trace(plan))
                continue;
            s = plan->kind == MODEL_KIND_JOBS
                    ? sum_up_jobs(traces->folder, sc->arena, first, plan, err)
                    : sum_up_items(traces->folder, first, plan, err);
            if (s == SP_OK && plan->kind == MODEL_KIND_JOBS && p == 0)
                s = check_jobs(sc, plan, arena, traces, err);
            if (s != SP_OK)
                return s;
        }
    return model_jobs_resolve(sc, err);
}

/* ---- warnings ---- */

void cli_traces_warn(const struct cli_traces *traces, struct sp_arena *arena,
                     struct model_result *r)
{
    int32_t n = r->n_warnings + traces->n_warnings;
    const char **all = sp_arena_array(arena, (size_t)n, sizeof *all);

    if (traces->n_warnings == 0)
        return;
    memcpy(all, r->warnings, (size_t)r->n_warnings * sizeof *all);
    for (int32_t i = 0; i < traces->n_warnings; i++)
        all[r->n_warnings + i] = traces->warnings[i];
    r->warnings = all;
    r->n_warnings = n;
}
