#include "plan/least.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/serving.h"
#include "model/sizing.h"

/* ---- pipelines ---- */

/* In the batch that takes least: an item's batch may be as small as one. */
static double stage_s(const struct model_policy *policy, struct model_plan *plan,
                      int32_t stage)
{
    struct model_stage *s = &plan->stages[stage];
    const bool affine = s->time.table == NULL && s->time.kernel == NULL;
    const int32_t batch = s->batch;
    double least = INFINITY;

    for (s->batch = 1; s->batch <= (affine ? 1 : batch); s->batch++)
        for (int32_t t = 0; t < policy->n_types; t++)
            least = fmin(least, model_stage_time_on_s(plan, stage, policy->types, t));
    s->batch = batch;
    return isfinite(least) ? least : NAN;
}

/* The longest way through the stages that every item takes. */
static double pipeline_s(const struct model_policy *policy,
                         const struct model_plan *plan)
{
    double until_s[MODEL_STAGES_MAX], longest = 0;
    struct model_stage stages[MODEL_STAGES_MAX];
    struct model_plan own = *plan;
    struct model_flow flow;

    memcpy(stages, plan->stages, (size_t)plan->n_stages * sizeof *stages);
    own.stages = stages;
    model_plan_flow(plan, &flow);
    for (int32_t s = 0; s < own.n_stages; s++) {
        double from = 0;

        if (flow.visits[s] < 1 - 1e-9) /* some pass it by */
            return NAN;
        for (int32_t i = 0; i < stages[s].n_from; i++)
            from = fmax(from, until_s[stages[s].from[i]]);
        until_s[s] = from + stage_s(policy, &own, s);
        if (isnan(until_s[s]))
            return NAN;
        longest = fmax(longest, until_s[s]);
    }
    return longest;
}

/* ---- serving ---- */

static double iteration_s(const struct model_pool *pool,
                          const struct model_batch *batch)
{
    struct model_iteration_time time;

    if (model_iteration_time(pool->iteration, batch, &time, NULL) != SP_OK)
        return NAN;
    return (double)time.ticks / (1 << MODEL_TICK_BITS) * 1e-9;
}

/* Of a prompt of mean length, in as many iterations as it takes, alone: only traces
 * name what prompts share. */
static double prompt_s(const struct model_pool *pool, const struct model_plan *plan)
{
    const double tokens = floor(model_dist_mean(&plan->serving->prompt_tokens));
    double sum = 0;

    for (double done = 0; done < tokens; done += pool->max_num_batched_tokens) {
        const double chunk = fmin(tokens - done, pool->max_num_batched_tokens);
        const struct model_batch batch = {
            .prefills = 1,
            .prefill_tokens = (int64_t)chunk,
            .prefill_context = (int64_t)done,
            .prefill_pairs = (int64_t)(chunk * done + chunk * (chunk + 1) / 2),
            .prefill_ends = done + chunk >= tokens,
            .prefill_squares = (int64_t)(chunk * chunk)};

        sum += iteration_s(pool, &batch);
    }
    return sum;
}

static double decode_s(const struct model_pool *pool, const struct model_plan *plan)
{
    const int64_t context =
        (int64_t)fmax(1, floor(model_dist_mean(&plan->serving->prompt_tokens)));

    return iteration_s(pool, &(struct model_batch){.decodes = 1,
                                                   .decode_context = context,
                                                   .decode_least = context,
                                                   .decode_most = context});
}

/* Of a prompt where `prompt`, else of a token of the answer: in the quickest pool. */
static double serving_s(const struct model_plan *plan, bool prompt)
{
    double least = INFINITY;

    for (int32_t p = 0; p < plan->serving->n_pools; p++) {
        const struct model_pool *pool = &plan->serving->pools[p];
        const enum model_role other = prompt ? MODEL_ROLE_DECODE : MODEL_ROLE_PREFILL;

        if (pool->role != other)
            least = fmin(least, prompt ? prompt_s(pool, plan) : decode_s(pool, plan));
    }
    return isfinite(least) ? least : NAN;
}

/* ---- of a goal ---- */

static double policy_s(const struct model_policy *policy, const struct model_goal *goal)
{
    const struct model_plan *plan = &policy->plans[goal->of.workload];
    const char *of = goal->kind->figure;

    if (plan->kind == MODEL_KIND_PIPELINE && strncmp(of, "latency_", 8) == 0)
        return pipeline_s(policy, plan);
    if (plan->kind != MODEL_KIND_SERVING || plan->source.kind == MODEL_SOURCE_TRACE)
        return NAN;
    if (strncmp(of, "ttft_", 5) == 0)
        return serving_s(plan, true);
    if (strncmp(of, "tpot_", 5) == 0)
        return serving_s(plan, false);
    return NAN;
}

/* Of work that ends: its last item takes its way, too. */
static double run_s(const struct model_policy *policy, int32_t n_workloads)
{
    double longest = NAN;

    for (int32_t w = 0; w < n_workloads; w++)
        if (policy->plans[w].kind == MODEL_KIND_PIPELINE)
            longest = fmax(longest, pipeline_s(policy, &policy->plans[w]));
    return longest;
}

double plan_least_s(const struct model_scenario *sc, const struct model_goal *goal)
{
    double least = INFINITY;

    if (!goal->kind->at_most ||
        (goal->of.workload == SP_NO_ID && strcmp(goal->kind->figure, "time_s") != 0))
        return NAN;
    for (int32_t p = 0; p < sc->n_policies; p++)
        least = fmin(least, goal->of.workload == SP_NO_ID
                                ? run_s(&sc->policies[p], sc->n_workloads)
                                : policy_s(&sc->policies[p], goal));
    return isfinite(least) ? least : NAN;
}

const char *plan_least_text(const struct model_scenario *sc,
                            const struct model_goal *goal, struct sp_arena *arena)
{
    const double least = plan_least_s(sc, goal);
    char text[32];

    if (!(least > goal->value))
        return "";
    return sp_arena_printf(arena,
                           "; in the mean service alone takes %s, whatever the fleet",
                           sp_format_duration(least, text, (int)sizeof text));
}
