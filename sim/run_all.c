/* Every policy, every replication; then the comparison. */
#include <math.h>
#include <stdio.h>

#include "model/catalog_used.h"
#include "model/calibration.h"
#include "model/inputs.h"
#include "model/serving.h"
#include "model/warnings.h"
#include "sim/run_parts.h"

static bool wanted(const struct sim_options *o, int32_t policy)
{
    return o->policies == NULL || o->policies[policy];
}

/* Runs a policy's replications into runs[0..n-1]; *done counts those that were
 * completed. An interrupted one is kept only where it is the first: partial figures
 * beat none. */
static enum sp_status run_policy(const struct model_scenario *sc, int32_t policy,
                                 int32_t id, const struct sim_options *o,
                                 struct sp_arena *arena,
                                 struct model_policy_result *runs, int32_t *done,
                                 struct sp_err *err)
{
    for (*done = 0; *done < o->replications; (*done)++) {
        struct sim_run_one one = {.scenario = sc,
                                  .policy = &sc->policies[policy],
                                  .options = o,
                                  .policy_id = id,
                                  .replication = *done};
        enum sp_status s = sim_run_one(&one, arena, &runs[*done], err);

        if (s != SP_OK)
            return s;
        if (runs[*done].end == MODEL_END_INTERRUPTED) {
            *done += *done == 0;
            return SP_OK;
        }
    }
    return SP_OK;
}

static void compare_all(const struct model_scenario *sc, const struct sim_options *o,
                        struct model_policy_result **runs, const int32_t *index,
                        struct sp_arena *arena, struct model_result *r)
{
    r->comparisons =
        sp_arena_array(arena, (size_t)sc->n_policies, sizeof *r->comparisons);
    if (index[sc->baseline] == SP_NO_ID)
        return;
    for (int32_t p = 0; p < sc->n_policies; p++) {
        struct model_comparison *c = &r->comparisons[r->n_comparisons];

        if (p == sc->baseline || !wanted(o, p) || index[p] == SP_NO_ID)
            continue;
        c->policy = index[p];
        c->baseline = index[sc->baseline];
        sim_compare(runs[p], runs[sc->baseline], r->n_runs, arena, c);
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

enum sp_status sim_run(const struct model_scenario *sc, const struct sim_options *o,
                       struct sp_arena *arena, struct model_result **result,
                       struct sp_err *err)
{
    struct model_result *r = sp_arena_alloc(arena, sizeof *r);
    size_t n = (size_t)sc->n_policies;
    struct model_policy_result **runs = sp_arena_array(arena, n, sizeof *runs);
    int32_t *index = sp_arena_array(arena, n, sizeof *index);

    *r = (struct model_result){.name = sc->name,
                               .description = sc->description,
                               .path = sc->path,
                               .n_files = sc->n_inputs,
                               .files = sc->inputs,
                               .version = o->version,
                               .seed = o->seed,
                               .n_runs = o->replications};
    r->assumptions = sim_assumptions(sc, arena, &r->n_assumptions);
    r->policies = sp_arena_array(arena, n, sizeof *r->policies);
    for (int32_t p = 0; p < sc->n_policies; p++) {
        enum sp_status s;
        int32_t done = 0;

        index[p] = SP_NO_ID;
        if (!wanted(o, p) || r->partial)
            continue;
        runs[p] = sp_arena_array(arena, (size_t)o->replications, sizeof **runs);
        s = run_policy(sc, p, r->n_policies, o, arena, runs[p], &done, err);
        if (s != SP_OK)
            return s;
        r->partial =
            done < o->replications || runs[p][done - 1].end == MODEL_END_INTERRUPTED;
        r->n_runs = done < r->n_runs ? done : r->n_runs;
        index[p] = r->n_policies;
        sim_aggregate(runs[p], done, arena, &r->policies[r->n_policies++]);
    }
    for (int32_t p = 0; p < sc->n_policies; p++)
        if (wanted(o, p) && index[p] == SP_NO_ID)
            r->not_run = r->not_run == NULL
                             ? sc->policies[p].name
                             : sp_arena_printf(arena, "%s, %s", r->not_run,
                                               sc->policies[p].name);
    r->baseline = index[sc->baseline];
    r->inputs = model_inputs_collect(arena, sc, r->seed, r->n_runs, &r->n_inputs);
    r->catalog = model_catalog_used(arena, sc);
    model_calibration_collect(arena, sc, r);
    compare_all(sc, o, runs, index, arena, r);
    add_warnings(r, sc->measure, arena);
    sim_warn_of_kernels(r, arena);
    for (int32_t p = 0; p < sc->n_policies; p++)
        if (index[p] != SP_NO_ID)
            warn_of_policy(r, &sc->policies[p], arena);
    *result = r;
    return SP_OK;
}
