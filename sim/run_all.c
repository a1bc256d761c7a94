/* Every policy, every replication; then the comparison. */
#include <math.h>
#include <stdio.h>

#include "model/calibration.h"
#include "model/catalog_used.h"
#include "model/inputs.h"
#include "model/serving.h"
#include "model/warnings.h"
#include "sim/precision.h"

static void compare_all(const struct sim_rounds *rounds, struct sp_arena *arena,
                        struct model_result *r)
{
    r->comparisons =
        sp_arena_array(arena, (size_t)rounds->n_policies + 1, sizeof *r->comparisons);
    if (r->baseline == SP_NO_ID)
        return;
    for (int32_t p = 0; p < rounds->n_policies; p++) {
        struct model_comparison *c = &r->comparisons[r->n_comparisons];

        if (p == r->baseline || rounds->policies[p].n == 0)
            continue;
        c->policy = p;
        c->baseline = r->baseline;
        sim_compare(rounds->policies[p].runs, rounds->policies[r->baseline].runs,
                    r->n_runs, arena, c);
        r->n_comparisons++;
    }
}

static void warn(struct model_result *r, const char *text)
{
    r->warnings[r->n_warnings++] = text;
}

/* Iterations that take no time make every figure of a server look good. */
static void warn_of_no_time(struct model_result *r, const struct model_policy_result *p,
                            struct sp_arena *arena)
{
    for (int32_t w = 0; w < p->n_workloads; w++) {
        const struct model_serving_result *s = p->workloads[w].serving;

        for (int32_t i = 0; s != NULL && i < s->n_pools; i++)
            if (s->pools[i].iterations > 0 && s->pools[i].busy_frac.mean == 0)
                warn(r, sp_arena_printf(arena,
                                        "policy '%s': iterations of '%s' take no time",
                                        p->name, s->pools[i].name));
    }
}

/* What the scenario itself says of a policy. */
static void warn_of_policy(struct model_result *r, const struct model_policy *policy,
                           struct sp_arena *arena)
{
    int32_t n = 0;
    const char *const *texts = model_policy_warnings(policy, arena, &n);
    const size_t had = (size_t)r->n_warnings;

    if (n == 0)
        return;
    r->warnings =
        sp_arena_grow(arena, r->warnings, had, had + (size_t)n, sizeof *r->warnings);
    for (int32_t i = 0; i < n; i++)
        warn(r, texts[i]);
}

static void warn_of_refused(struct model_result *r, const struct model_policy_result *p,
                            struct sp_arena *arena)
{
    for (int32_t w = 0; w < p->n_workloads; w++) {
        const struct model_jobs_result *j = p->workloads[w].jobs;

        if (j != NULL && j->refused > 0)
            warn(r, sp_arena_printf(
                        arena, "policy '%s': %lld job%s of '%s' can never run: %s%s",
                        p->name, (long long)j->refused, j->refused == 1 ? "" : "s",
                        p->workloads[w].name, j->refused_text,
                        j->refused > 3 ? "; ..." : ""));
    }
}

static int32_t warnings_at_most(const struct model_result *r)
{
    int32_t n = 1;

    for (int32_t i = 0; i < r->n_policies; i++)
        n += 4 + r->policies[i].n_workloads * (MODEL_POOLS_MAX + 1);
    return n;
}

static void add_warnings(struct model_result *r, enum model_measure measure,
                         struct sp_arena *arena)
{
    r->warnings =
        sp_arena_array(arena, (size_t)warnings_at_most(r), sizeof *r->warnings);
    if (r->partial)
        warn(r, r->not_run == NULL
                    ? "interrupted: every figure is partial"
                    : sp_arena_printf(
                          arena, "interrupted: every figure is partial; not run: %s",
                          r->not_run));
    for (int32_t i = 0; i < r->n_policies; i++) {
        const struct model_policy_result *p = &r->policies[i];

        if (p->end == MODEL_END_DEADLOCK)
            warn(r, sp_arena_printf(arena, "policy '%s' deadlocked at %g s: %s",
                                    p->name, p->time_s.mean, p->end_text));
        if (p->unplaced_text != NULL)
            warn(r, sp_arena_printf(arena,
                                    "policy '%s': at the end there was no node for %s: "
                                    "the fleet is too small",
                                    p->name, p->unplaced_text));
        if (p->window_to_s <= p->window_from_s && p->time_s.mean > 0)
            warn(r, sp_arena_printf(arena, "policy '%s' ended before its window began",
                                    p->name));
        if (measure == MODEL_MEASURE_MSER && p->window_from_s > 0.49 * p->time_s.mean)
            warn(r, sp_arena_printf(arena,
                                    "policy '%s': MSER found no steady state (it would "
                                    "cut half of the run or more)",
                                    p->name));
        warn_of_no_time(r, p, arena);
        warn_of_refused(r, p, arena);
    }
}

/* Policies that were begun are the first ones: ids in the result are those of the
 * rounds. */
static void put_together(const struct sim_rounds *rounds, struct sp_arena *arena,
                         struct model_result *r)
{
    const struct model_scenario *sc = rounds->scenario;

    r->n_runs = sim_rounds_pairs(rounds);
    r->partial = rounds->stopped;
    r->baseline = SP_NO_ID;
    r->policies =
        sp_arena_array(arena, (size_t)rounds->n_policies + 1, sizeof *r->policies);
    for (int32_t p = 0; p < rounds->n_policies; p++) {
        const struct sim_rounds_policy *of = &rounds->policies[p];
        const char *name = sc->policies[of->policy].name;

        if (of->n == 0) {
            r->not_run = r->not_run == NULL
                             ? name
                             : sp_arena_printf(arena, "%s, %s", r->not_run, name);
            continue;
        }
        sp_assert(p == r->n_policies);
        if (of->policy == sc->baseline)
            r->baseline = p;
        sim_aggregate(of->runs, of->n, arena, &r->policies[r->n_policies++]);
    }
}

static enum sp_status run_until_known(struct sim_rounds *r,
                                      struct model_precision *told, struct sp_err *err)
{
    const struct sim_options *o = r->options;
    int32_t n = sim_precision_first(o->replications, o->replications_most);
    enum sp_status s;

    while ((s = sim_rounds_add(r, n, err)) == SP_OK) {
        const struct sim_precision now =
            sim_precision_of(r, o->precision_frac, o->replications_most);

        *told = now.told;
        if (now.told.reached || !now.hope || n == o->replications_most)
            break;
        n = sim_precision_next(n, o->replications_most);
    }
    return s;
}

enum sp_status sim_run(const struct model_scenario *sc, const struct sim_options *o,
                       struct sp_arena *arena, struct model_result **result,
                       struct sp_err *err)
{
    struct model_result *r = sp_arena_alloc(arena, sizeof *r);
    struct model_precision precision = {0};
    struct sim_rounds rounds;
    enum sp_status s;

    sim_rounds_init(&rounds, sc, o, arena);
    s = o->precision_frac > 0 ? run_until_known(&rounds, &precision, err)
                              : sim_rounds_add(&rounds, o->replications, err);
    if (s != SP_OK)
        return s;
    *r = (struct model_result){.name = sc->name,
                               .description = sc->description,
                               .path = sc->path,
                               .n_files = sc->n_inputs,
                               .files = sc->inputs,
                               .version = o->version,
                               .seed = o->seed,
                               .precision = precision};
    r->assumptions = sim_assumptions(sc, arena, &r->n_assumptions);
    put_together(&rounds, arena, r);
    r->inputs = model_inputs_collect(arena, sc, r->seed, r->n_runs, &r->n_inputs);
    r->catalog = model_catalog_used(arena, sc);
    model_calibration_collect(arena, sc, r);
    compare_all(&rounds, arena, r);
    add_warnings(r, sc->measure, arena);
    sim_warn_of_kernels(r, arena);
    for (int32_t p = 0; p < r->n_policies; p++)
        warn_of_policy(r, &sc->policies[rounds.policies[p].policy], arena);
    *result = r;
    return SP_OK;
}
