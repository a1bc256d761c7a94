/* Two policies side by side: ratios as pairs, and a sentence that says who wins and
 * why. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/stat.h"
#include "sim/compare_jobs.h"
#include "sim/compare_serving.h"
#include "sim/compare_words.h"
#include "sim/run_parts.h"

/* Below this, a difference is called none. */
static const double same_frac = 0.005;

static struct model_stat paired_ratio(const struct model_policy_result *a,
                                      const struct model_policy_result *b, int32_t n,
                                      struct sp_arena *arena,
                                      double (*of)(const struct model_policy_result *))
{
    double *over = sp_arena_array(arena, (size_t)n, sizeof *over);
    double *under = sp_arena_array(arena, (size_t)n, sizeof *under);

    for (int32_t i = 0; i < n; i++) {
        over[i] = of(&a[i]);
        under[i] = of(&b[i]);
    }
    return sim_ratio_of_runs(over, under, n, sim_pairs_draw(a, b, n));
}

static double usd_of(const struct model_policy_result *p)
{
    return p->cost.usd.mean;
}

static double time_of(const struct model_policy_result *p)
{
    return p->time_s.mean;
}

static double usd_per_item_of(const struct model_policy_result *p)
{
    return p->cost.usd_per_1k_items.mean;
}

static int64_t items_done(const struct model_policy_result *p)
{
    int64_t n = 0;

    for (int32_t w = 0; w < p->n_workloads; w++)
        n += p->workloads[w].done;
    return n;
}

/* In each of n pairs. */
static bool same_work(const struct model_policy_result *a,
                      const struct model_policy_result *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (items_done(&a[i]) != items_done(&b[i]))
            return false;
    return true;
}

/* Of the first run; NULL: nothing was done in it. */
static const char *bottleneck(const struct model_policy_result *p)
{
    const struct model_stage_result *worst = NULL;

    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t s = 0; s < p->workloads[w].n_stages; s++) {
            const struct model_stage_result *stage = &p->workloads[w].stages[s];

            if (stage->bottleneck &&
                (worst == NULL || stage->busy_frac.mean > worst->busy_frac.mean))
                worst = stage;
        }
    return worst == NULL ? NULL : worst->name;
}

/* A stage is not what bounds jobs and requests. */
static bool only_pipelines(const struct model_policy_result *p)
{
    for (int32_t w = 0; w < p->n_workloads; w++)
        if (p->workloads[w].serving != NULL || p->workloads[w].jobs != NULL)
            return false;
    return true;
}

static double gpu_busy(const struct model_policy_result *run)
{
    return run->resources[MODEL_GPU].busy_of_provisioned.mean;
}

/* "80.0 % of the time paid for, against 60.0 % (+20.0 points +- 1.2)"; NULL: no GPUs.
 */
static const char *gpu_words(const struct model_policy_result *a,
                             const struct model_policy_result *b, int32_t n,
                             struct sp_arena *arena)
{
    double *over = sp_arena_array(arena, (size_t)n, sizeof *over);
    double *under = sp_arena_array(arena, (size_t)n, sizeof *under);
    double *more = sp_arena_array(arena, (size_t)n, sizeof *more);

    for (int32_t i = 0; i < n; i++) {
        over[i] = gpu_busy(&a[i]);
        under[i] = gpu_busy(&b[i]);
        more[i] = over[i] - under[i];
        if (isnan(more[i]))
            return NULL;
    }
    return sp_arena_printf(
        arena, "%.1f %% of the time paid for, against %.1f %%%s",
        100 * model_stat_of(over, n).mean, 100 * model_stat_of(under, n).mean,
        sim_words_bar_points(sim_stat_of_runs(more, n, sim_pairs_draw(a, b, n)),
                             SIM_NOT_SHOWN, arena));
}

static const char *bottleneck_words(const struct model_policy_result *a,
                                    const struct model_policy_result *b,
                                    struct sp_arena *arena)
{
    const char *of_a = bottleneck(a), *of_b = bottleneck(b);

    if (of_a == NULL || of_b == NULL || !only_pipelines(a))
        return "";
    if (strcmp(of_a, of_b) == 0)
        return sp_arena_printf(arena, "'%s' is the bottleneck either way", of_a);
    return sp_arena_printf(arena, "the bottleneck is '%s' instead of '%s'", of_a, of_b);
}

/* Why the costs differ, as far as the figures say it. */
static const char *reason(const struct model_policy_result *a,
                          const struct model_policy_result *b, int32_t n,
                          struct sp_arena *arena)
{
    const char *gpus = gpu_words(a, b, n, arena);
    const char *bound = bottleneck_words(a, b, arena);

    if (gpus == NULL)
        return bound;
    return sp_arena_printf(arena, "GPUs are busy %s%s%s", gpus,
                           bound[0] != '\0' ? "; " : "", bound);
}

static const char *time_words(struct model_stat ratio, struct sp_arena *arena)
{
    if (isnan(ratio.mean))
        return "nor is there of times";
    if (sim_words_same(ratio, same_frac))
        return "in the same time";
    if (sim_words_not_shown(ratio))
        return sp_arena_printf(arena, "no difference in time shown (%s)",
                               sim_words_change(ratio, arena));
    return sp_arena_printf(arena, "in %s %s time", sim_words_by(ratio, arena),
                           ratio.mean < 1 ? "less" : "more");
}

static const char *cost_words(const char *name, const char *baseline,
                              struct model_stat ratio, const char *basis,
                              struct sp_arena *arena)
{
    if (sim_words_same(ratio, same_frac))
        return sp_arena_printf(arena, "no gain: '%s' costs the same%s as '%s'", name,
                               basis, baseline);
    if (sim_words_not_shown(ratio))
        return sp_arena_printf(arena,
                               "no difference shown: '%s' costs %s%s against '%s'",
                               name, sim_words_change(ratio, arena), basis, baseline);
    return sp_arena_printf(arena,
                           ratio.mean < 1
                               ? "'%s' is cheaper by %s%s than '%s'"
                               : "'%s' loses: it is dearer by %s%s than '%s'",
                           name, sim_words_by(ratio, arena), basis, baseline);
}

static double p99_of(const struct model_policy_result *p)
{
    return p->workloads[0].latency.p99_s.mean;
}

/* Where the time of the whole says nothing (work that comes at its own pace), the
 * latency of an item does: said where the 99th percentiles of a lone workload differ by
 * a twentieth. */
static const char *latency_words(const struct model_policy_result *a,
                                 const struct model_policy_result *b, int32_t n,
                                 double time_ratio, struct sp_arena *arena)
{
    struct model_stat ratio;

    if (a->n_workloads != 1 || fabs(time_ratio - 1) >= same_frac)
        return "";
    ratio = paired_ratio(a, b, n, arena, p99_of);
    if (!(fabs(ratio.mean - 1) >= 0.05) || isinf(ratio.mean))
        return "";
    if (sim_words_not_shown(ratio))
        return sp_arena_printf(arena, ", no difference in p99 latency shown (%s)",
                               sim_words_change(ratio, arena));
    return sp_arena_printf(
        arena, ", p99 latency %.2f%s x", ratio.mean,
        ratio.half95 >= 0.005 ? sp_arena_printf(arena, " +- %.2f", ratio.half95) : "");
}

/* The policy that deadlocked in some replication, or NULL. */
static const char *deadlocked(const struct model_policy_result *a,
                              const struct model_policy_result *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (a[i].end == MODEL_END_DEADLOCK)
            return a->name;
        if (b[i].end == MODEL_END_DEADLOCK)
            return b->name;
    }
    return NULL;
}

static const char *verdict(const struct model_policy_result *a,
                           const struct model_policy_result *b, int32_t n,
                           const struct model_comparison *c, struct model_stat per_item,
                           struct sp_arena *arena)
{
    const bool same = same_work(a, b, n);
    struct model_stat cost = same ? c->usd_ratio : per_item;
    const char *basis = same ? "" : " per item done";
    const char *why = reason(a, b, n, arena);

    if (deadlocked(a, b, n) != NULL)
        return sp_arena_printf(arena, "no comparison: '%s' deadlocked",
                               deadlocked(a, b, n));
    if (isnan(cost.mean))
        return sp_arena_printf(arena, "no comparison of costs: '%s' has none, %s%s",
                               usd_of(b) > 0 ? a->name : b->name,
                               time_words(c->time_ratio, arena),
                               n == 1 ? SIM_ONE_RUN : "");
    return sp_arena_printf(arena, "%s, %s%s%s%s%s",
                           cost_words(a->name, b->name, cost, basis, arena),
                           time_words(c->time_ratio, arena),
                           latency_words(a, b, n, c->time_ratio.mean, arena),
                           n == 1 ? SIM_ONE_RUN : "", why[0] == '\0' ? "" : "; ", why);
}

static void lean_on_bill(struct sim_leaning *l, const struct model_comparison *c,
                         struct model_stat cost)
{
    sim_lean_by(l, 1 - cost.mean, same_frac, cost.half95);
    sim_lean_by(l, 1 - c->time_ratio.mean, same_frac, c->time_ratio.half95);
}

/* Serving and jobs first, where there are any: the rest's sentence is about the whole
 * fleet. */
static const char *all_verdicts(const struct model_policy_result *a,
                                const struct model_policy_result *b, int32_t n,
                                const struct model_comparison *c,
                                struct model_stat per_item, struct sp_arena *arena,
                                struct sim_leaning *all)
{
    const char *text = "";

    if (c->n_serving + c->n_jobs < a->n_workloads)
        lean_on_bill(all, c, same_work(a, b, n) ? c->usd_ratio : per_item);
    if (c->n_serving + c->n_jobs == 0 || deadlocked(a, b, n) != NULL)
        return verdict(a, b, n, c, per_item, arena);
    if (c->n_serving > 0)
        text = sim_serving_verdict(a, b, n, c, arena, all);
    if (c->n_jobs > 0)
        text = sp_arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? " " : "",
                               sim_jobs_verdict(a, b, n, c, arena, all));
    if (c->n_serving == a->n_workloads || (c->n_jobs == 1 && a->n_workloads == 1))
        return text;
    return sp_arena_printf(arena, "%s All in all: %s", text,
                           verdict(a, b, n, c, per_item, arena));
}

void sim_compare(const struct model_policy_result *a,
                 const struct model_policy_result *b, int32_t n, struct sp_arena *arena,
                 struct model_comparison *c)
{
    struct model_stat per_item = paired_ratio(a, b, n, arena, usd_per_item_of);
    struct sim_leaning l = {.certain = true};

    c->usd_ratio = c->time_ratio = (struct model_stat){NAN, NAN};
    if (deadlocked(a, b, n) == NULL) {
        c->usd_ratio = paired_ratio(a, b, n, arena, usd_of);
        c->time_ratio = paired_ratio(a, b, n, arena, time_of);
    }
    c->gpu_nodes_ratio = b->n_gpu_nodes_peak > 0
                             ? (double)a->n_gpu_nodes_peak / b->n_gpu_nodes_peak
                             : NAN;
    sim_compare_serving(a, b, n, arena, c);
    sim_compare_jobs(a, b, n, arena, c);
    c->verdict = all_verdicts(a, b, n, c, per_item, arena, &l);
    c->outcome = isnan(c->usd_ratio.mean) && c->n_serving + c->n_jobs == 0
                     ? MODEL_OUTCOME_NONE
                     : sim_leaning_outcome(&l);
    if (deadlocked(a, b, n) != NULL)
        c->outcome = MODEL_OUTCOME_NONE;
    c->certain = sim_leaning_certain(&l);
}
