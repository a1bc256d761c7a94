/* One table says which figures count; each is looked up in model/figure.h. */
#include "sim/precision.h"

#include <math.h>
#include <string.h>

#include "model/figure.h"
#include "model/stat.h"

/* ---- which figures ---- */

struct counted {
    const char *name;
    int kind; /* enum model_kind; ANY: of the run */
    /* What half its interval is measured by: */
    enum { ITSELF, POINTS, OTHER } by;
    const char *other; /* OTHER: this figure */
};

enum { ANY = -1 };

/* Those of sim/compare*.c's verdicts.  Shares are in points: 99.5 % +- 1 point.  Waits
 * are measured by how long jobs stay, as there: nobody minds 2 ms +- 50 % in an hour.
 */
static const struct counted counted[] = {
    {"usd", ANY, ITSELF, NULL},
    {"time_s", ANY, ITSELF, NULL},
    {"usd_per_1k_items", MODEL_KIND_PIPELINE, ITSELF, NULL},
    {"latency_p99_s", MODEL_KIND_PIPELINE, ITSELF, NULL},
    {"ttft_p99_s", MODEL_KIND_SERVING, ITSELF, NULL},
    {"tpot_p99_s", MODEL_KIND_SERVING, ITSELF, NULL},
    {"e2e_p99_s", MODEL_KIND_SERVING, ITSELF, NULL},
    {"slo_attained", MODEL_KIND_SERVING, POINTS, NULL},
    {"goodput_per_s", MODEL_KIND_SERVING, ITSELF, NULL},
    {"usd_per_million_tokens", MODEL_KIND_SERVING, ITSELF, NULL},
    {"queue_mean_s", MODEL_KIND_JOBS, OTHER, "completion_mean_s"},
    {"completion_mean_s", MODEL_KIND_JOBS, ITSELF, NULL},
    {"deadlines_missed_frac", MODEL_KIND_JOBS, POINTS, NULL},
};
enum { COUNTED = sizeof counted / sizeof counted[0] };

/* ---- the figures of all runs ---- */

struct taken {
    struct model_run_figures run;
    struct model_workload_figures *workloads;
};

struct look {
    const struct sim_rounds *r;
    int32_t n;            /* pairs */
    struct taken **taken; /* [policy][replication] */
    bool *drawn;          /* by policy */
    int32_t baseline;     /* id, or SP_NO_ID */
    double *scratch, *under;
    double target;
    struct sim_precision found;
};

static void take(struct look *l, int32_t p)
{
    const struct sim_rounds_policy *of = &l->r->policies[p];
    const size_t n = (size_t)of->runs[0].n_workloads;

    l->taken[p] = sp_arena_array(l->r->arena, (size_t)l->n, sizeof **l->taken);
    for (int32_t i = 0; i < l->n; i++) {
        struct taken *t = &l->taken[p][i];

        t->workloads = sp_arena_array(l->r->arena, n, sizeof *t->workloads);
        model_figures_take(&of->runs[i], &t->run, t->workloads);
        l->drawn[p] = l->drawn[p] || sim_run_draws(&of->runs[i]);
    }
}

static double value(const struct look *l, int32_t p, int32_t i,
                    struct model_figure_of of)
{
    const struct taken *t = &l->taken[p][i];

    return model_figure_value(of, &t->run, t->workloads);
}

static double mean_of(const struct look *l, int32_t p, struct model_figure_of of)
{
    for (int32_t i = 0; i < l->n; i++)
        l->scratch[i] = value(l, p, i, of);
    return model_stat_of(l->scratch, l->n).mean;
}

/* ---- how well one is known ---- */

/* Half the interval by what it is measured by; NaN: there is no such figure. */
static double known_to(struct model_stat stat, double by)
{
    if (isnan(stat.mean))
        return NAN;
    if (isnan(stat.half95)) /* one replication alone has it */
        return INFINITY;
    if (stat.half95 <= 1e-9 * fabs(by))
        return 0;
    return stat.half95 / fabs(by);
}

/* Half of an interval of one more run, t s sqrt(1 + 1/n), never gets below 1.96 s: what
 * is left of it where n grows. */
static bool may_shrink(const struct look *l, double frac, bool drawn)
{
    return !drawn || frac / sqrt(1 + 1.0 / l->n) * 0.85 <= l->target;
}

static void note(struct look *l, double frac, bool drawn, const char *what)
{
    struct model_precision *told = &l->found.told;

    if (isnan(frac))
        return;
    told->reached = told->reached && frac <= l->target;
    l->found.hope = l->found.hope && (frac <= l->target || may_shrink(l, frac, drawn));
    if (told->worst != NULL && frac <= told->worst_frac)
        return;
    told->worst_frac = frac;
    told->worst = what;
    told->drawn = drawn;
}

static const char *words(const struct look *l, struct model_figure_of of, int32_t p,
                         const char *against)
{
    const struct sim_rounds_policy *policy = &l->r->policies[p];
    const char *whose =
        of.workload == SP_NO_ID
            ? ""
            : sp_arena_printf(l->r->arena, " of '%s'",
                              policy->runs[0].workloads[of.workload].name);

    return sp_arena_printf(l->r->arena, "%s%s under '%s'%s", of.figure->help, whose,
                           policy->runs[0].name, against);
}

static void look_at(struct look *l, const struct counted *c, int32_t w, int32_t p)
{
    const struct model_figure_of of = model_figure_named(c->name, w);
    struct model_stat stat;
    double by = 1;

    for (int32_t i = 0; i < l->n; i++)
        l->scratch[i] = value(l, p, i, of);
    stat = sim_stat_of_runs(l->scratch, l->n, l->drawn[p]);
    if (c->by == ITSELF)
        by = stat.mean;
    else if (c->by == OTHER)
        by = mean_of(l, p, model_figure_named(c->other, w));
    note(l, known_to(stat, by), l->drawn[p], words(l, of, p, ""));
}

/* As a ratio to the baseline's, or, of what is no ratio, a difference. */
static void look_at_pairs(struct look *l, const struct counted *c, int32_t w, int32_t p)
{
    const struct model_figure_of of = model_figure_named(c->name, w);
    const bool drawn = l->drawn[p] || l->drawn[l->baseline];
    struct model_stat stat;
    double by = 1;

    for (int32_t i = 0; i < l->n; i++) {
        const double a = value(l, p, i, of), b = value(l, l->baseline, i, of);

        l->scratch[i] = c->by == ITSELF ? a : a - b;
        l->under[i] = b;
    }
    stat = c->by == ITSELF ? sim_ratio_of_runs(l->scratch, l->under, l->n, drawn)
                           : sim_stat_of_runs(l->scratch, l->n, drawn);
    if (c->by == ITSELF)
        by = stat.mean;
    else if (c->by == OTHER)
        by = mean_of(l, l->baseline, model_figure_named(c->other, w));
    note(l, known_to(stat, by), drawn, words(l, of, p, " against the baseline"));
}

static void look_at_policy(struct look *l, int32_t p)
{
    const struct model_scenario *sc = l->r->scenario;
    const struct model_policy *policy = &sc->policies[l->r->policies[p].policy];
    const bool paired = l->baseline != SP_NO_ID && p != l->baseline;

    for (size_t c = 0; c < COUNTED; c++)
        for (int32_t w = counted[c].kind == ANY ? SP_NO_ID : 0; w < policy->n_plans;
             w++) {
            if (w != SP_NO_ID && (int)policy->plans[w].kind != counted[c].kind)
                continue;
            look_at(l, &counted[c], w, p);
            if (paired)
                look_at_pairs(l, &counted[c], w, p);
            if (w == SP_NO_ID)
                break;
        }
}

struct sim_precision sim_precision_of(const struct sim_rounds *r, double frac,
                                      int32_t most)
{
    const size_t n_policies = (size_t)r->n_policies;
    struct look l = {.r = r,
                     .n = sim_rounds_pairs(r),
                     .baseline = SP_NO_ID,
                     .target = frac / (1 + frac)};

    l.found = (struct sim_precision){
        .told = {.asked_frac = frac, .most = most, .reached = !r->stopped},
        .hope = !r->stopped};
    l.taken = sp_arena_array(r->arena, n_policies, sizeof(struct taken *));
    l.drawn = sp_arena_array(r->arena, n_policies, sizeof *l.drawn);
    l.scratch = sp_arena_array(r->arena, (size_t)l.n, sizeof *l.scratch);
    l.under = sp_arena_array(r->arena, (size_t)l.n, sizeof *l.under);
    for (int32_t p = 0; p < r->n_policies; p++) {
        if (r->policies[p].n == 0)
            continue;
        if (r->policies[p].policy == r->scenario->baseline)
            l.baseline = p;
        take(&l, p);
    }
    for (int32_t p = 0; p < r->n_policies; p++)
        if (r->policies[p].n > 0)
            look_at_policy(&l, p);
    return l.found;
}

/* ---- rounds ---- */

static int32_t at_most(int32_t n, int32_t most)
{
    return n < most ? n : most;
}

int32_t sim_precision_first(int32_t asked, int32_t most)
{
    return at_most(asked > SIM_PRECISION_FIRST ? asked : SIM_PRECISION_FIRST, most);
}

int32_t sim_precision_next(int32_t n, int32_t most)
{
    return at_most(n < most ? n + (n + 1) / 2 : n, most);
}
