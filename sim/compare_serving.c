/* SLO (as far as it is asked for) and cost decide who wins; where there is no SLO,
 * cost, TTFT and TPOT do.  Each latency that differs is told with its reason, whoever
 * it speaks for. */
#include "sim/compare_serving.h"

#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "sim/compare_why.h"
#include "sim/compare_words.h"
#include "sim/run_parts.h"

/* Below these a difference is called none: shares of requests, money, latencies (whose
 * quantiles are known to 1/256). */
static const double same_share = 0.005, same_cost = 0.005, same_latency = 0.02;
static const double drowns_share = 0.05; /* of requests, more than under the other */
enum { TEXT = 48 };

struct pair {
    const struct model_policy_result *a, *b; /* means over the replications */
    const struct model_serving_comparison *c;
    struct sim_served served_a, served_b;
    bool one_run;
    struct sp_arena *arena;
};

/* ---- ratios ---- */

typedef double (*figure_fn)(const struct model_serving_result *s);

static double ttft_of(const struct model_serving_result *s)
{
    return s->ttft.p99_s.mean;
}

static double tpot_of(const struct model_serving_result *s)
{
    return s->tpot.p99_s.mean;
}

static double e2e_of(const struct model_serving_result *s)
{
    return s->e2e.p99_s.mean;
}

static double goodput_of(const struct model_serving_result *s)
{
    return s->goodput_per_s.mean;
}

static double usd_of(const struct model_serving_result *s)
{
    return s->usd_per_million_tokens.mean;
}

struct runs {
    const struct model_policy_result *a, *b;
    int32_t n, workload;
    bool drawn; /* sim_pairs_draw() */
    double *scratch, *under;
};

static struct model_stat ratio(const struct runs *r, figure_fn of)
{
    for (int32_t i = 0; i < r->n; i++) {
        r->scratch[i] = of(r->a[i].workloads[r->workload].serving);
        r->under[i] = of(r->b[i].workloads[r->workload].serving);
    }
    return sim_ratio_of_runs(r->scratch, r->under, r->n, r->drawn);
}

static struct model_stat attained_difference(const struct runs *r)
{
    for (int32_t i = 0; i < r->n; i++)
        r->scratch[i] = r->a[i].workloads[r->workload].serving->slo_attained.mean -
                        r->b[i].workloads[r->workload].serving->slo_attained.mean;
    return sim_stat_of_runs(r->scratch, r->n, r->drawn);
}

void sim_compare_serving(const struct model_policy_result *a,
                         const struct model_policy_result *b, int32_t n,
                         struct sp_arena *arena, struct model_comparison *c)
{
    struct runs r = {.a = a, .b = b, .n = n, .drawn = sim_pairs_draw(a, b, n)};

    r.scratch = sp_arena_array(arena, (size_t)n, sizeof *r.scratch);
    r.under = sp_arena_array(arena, (size_t)n, sizeof *r.under);
    c->n_serving = 0;
    c->serving = sp_arena_array(arena, (size_t)a->n_workloads, sizeof *c->serving);
    for (int32_t w = 0; w < a->n_workloads && w < b->n_workloads; w++) {
        if (a->workloads[w].serving == NULL || b->workloads[w].serving == NULL)
            continue;
        r.workload = w;
        c->serving[c->n_serving++] = (struct model_serving_comparison){
            .workload = w,
            .ttft_p99_ratio = ratio(&r, ttft_of),
            .tpot_p99_ratio = ratio(&r, tpot_of),
            .e2e_p99_ratio = ratio(&r, e2e_of),
            .goodput_ratio = ratio(&r, goodput_of),
            .usd_per_million_ratio = ratio(&r, usd_of),
            .undone_difference = sim_undone_of_runs(a, b, n, w, r.scratch),
            .attained_difference = attained_difference(&r),
        };
    }
}

/* ---- who wins ---- */

/* Share of requests that is asked for; 0 where it is not known. */
static double asked(const struct pair *p)
{
    return p->served_a.s->slo_attain_frac;
}

/* Both do what is asked: more of it is worth nothing. */
static bool both_meet(const struct pair *p)
{
    return asked(p) > 0 && p->served_a.s->slo_attained.mean >= asked(p) &&
           p->served_b.s->slo_attained.mean >= asked(p);
}

static void lean_on_ratio(struct sim_leaning *l, struct model_stat r, double same)
{
    sim_lean_by(l, 1 - r.mean, same, r.half95);
}

static struct sim_leaning leaning_of(const struct pair *p)
{
    struct sim_leaning l = {.certain = true};

    if (!both_meet(p))
        sim_lean_by(&l, p->c->attained_difference.mean, same_share,
                    p->c->attained_difference.half95);
    /* they are in no latency, and without an SLO in no other figure */
    sim_lean_by(&l, -p->c->undone_difference.mean, drowns_share,
                p->c->undone_difference.half95);
    lean_on_ratio(&l, p->c->usd_per_million_ratio, same_cost);
    if (p->served_a.s->has_slo) /* what is within it is good enough */
        return l;
    lean_on_ratio(&l, p->c->ttft_p99_ratio, same_latency);
    lean_on_ratio(&l, p->c->tpot_p99_ratio, same_latency);
    return l;
}

static const char *headline(const struct pair *p)
{
    struct sim_leaning l = leaning_of(p);
    const char *doubt = p->one_run ? SIM_ONE_RUN
                        : sim_leaning_certain(&l)
                            ? ""
                            : " (within the error bars: not certain)";

    if (!l.better && !l.worse)
        return sp_arena_printf(p->arena, "no gain: '%s' %s '%s' does%s", p->a->name,
                               both_meet(p)             ? "meets the SLO as"
                               : p->served_a.s->has_slo ? "meets the SLO as often as"
                                                        : "serves as",
                               p->b->name, doubt);
    return sp_arena_printf(p->arena, "'%s' %s '%s'%s", p->a->name,
                           l.better && l.worse ? "is a trade against"
                           : l.better          ? "wins over"
                                               : "loses to",
                           p->b->name, doubt);
}

/* ---- clauses ---- */

/* A run that took no time has none. */
static const char *goodput_words(const struct pair *p)
{
    double a = p->served_a.s->goodput_per_s.mean, b = p->served_b.s->goodput_per_s.mean;

    return isnan(a) || isnan(b)
               ? ""
               : sp_arena_printf(
                     p->arena, ", goodput %.4g/s against %.4g/s%s", a, b,
                     sim_words_bar_ratio(p->c->goodput_ratio, SIM_NOT_SHOWN, p->arena));
}

static const char *slo_words(const struct pair *p)
{
    const struct model_serving_result *a = p->served_a.s, *b = p->served_b.s;

    if (!a->has_slo || isnan(a->slo_attained.mean) || isnan(b->slo_attained.mean))
        return "";
    return sp_arena_printf(
        p->arena, "%.1f %% of its requests meet the SLO against %.1f %%%s%s%s",
        100 * a->slo_attained.mean, 100 * b->slo_attained.mean,
        sim_words_bar_points(p->c->attained_difference, SIM_NOT_SHOWN, p->arena),
        asked(p) > 0
            ? sp_arena_printf(p->arena, " (asked for: %.4g %%)", 100 * asked(p))
            : "",
        goodput_words(p));
}

static const char *cost_words(const struct pair *p)
{
    double a = p->served_a.s->usd_per_million_tokens.mean;
    double b = p->served_b.s->usd_per_million_tokens.mean;
    const struct model_stat r = p->c->usd_per_million_ratio;

    if (isnan(a) || isnan(b) || isnan(r.mean))
        return "";
    if (sim_words_same(r, same_cost))
        return sp_arena_printf(p->arena, "the same %.4g USD per million tokens", a);
    if (sim_words_not_shown(r))
        return sp_arena_printf(p->arena,
                               "%.4g USD per million tokens against %.4g (%s%s)", a, b,
                               SIM_NOT_SHOWN, sim_words_change(r, p->arena));
    return sp_arena_printf(p->arena, "%.4g USD per million tokens against %.4g (%s %s)",
                           a, b, sim_words_by(r, p->arena),
                           r.mean < 1 ? "less" : "more");
}

static const char *seconds(const struct pair *p, double s)
{
    return sp_format_duration(s, sp_arena_alloc(p->arena, TEXT), TEXT);
}

struct latency {
    const char *name;
    figure_fn of;
    struct model_stat ratio;
    const char *(*why)(const struct sim_served *worse, const struct sim_served *better,
                       struct sp_arena *arena);
};

/* " TPOT p99 is 2.1x lower (31 ms against 65 ms): why." */
static const char *latency_words(const struct pair *p, const struct latency *l)
{
    double a = l->of(p->served_a.s), b = l->of(p->served_b.s), r = l->ratio.mean;
    const char *why = NULL;

    if (!isfinite(r) || isnan(a) || isnan(b))
        return "";
    if (sim_words_same(l->ratio, same_latency))
        return sp_arena_printf(p->arena, " %s p99 is the same (%s).", l->name,
                               seconds(p, a));
    if (sim_words_not_shown(l->ratio))
        return sp_arena_printf(
            p->arena, " No difference in %s p99 shown (%s: %s against %s).", l->name,
            sim_words_change(l->ratio, p->arena), seconds(p, a), seconds(p, b));
    if (l->why != NULL)
        why = r < 1 ? l->why(&p->served_b, &p->served_a, p->arena)
                    : l->why(&p->served_a, &p->served_b, p->arena);
    return sp_arena_printf(p->arena, " %s p99 is %s (%s against %s)%s%s.", l->name,
                           sim_words_factor(l->ratio, p->arena), seconds(p, a),
                           seconds(p, b), why != NULL ? ": " : "",
                           why != NULL ? why : "");
}

/* What the figures leave out: requests that never got an answer. */
static const char *unserved_words(const struct pair *p,
                                  const struct model_policy_result *of)
{
    const struct model_workload_result *w = &of->workloads[p->c->workload];
    const char *text = "";

    if ((double)w->in_flight >= 0.01 * (double)w->in && w->in_flight > 0)
        text = sp_arena_printf(
            p->arena,
            " '%s' left %" PRId64 " of %" PRId64 " requests unanswered at the end%s.",
            of->name, w->in_flight, w->in, p->one_run ? "" : " of the first run");
    if ((double)w->dropped >= 0.001 * (double)w->in && w->dropped > 0)
        text = sp_arena_printf(
            p->arena, "%s '%s' dropped %" PRId64 " of %" PRId64 "%s.", text, of->name,
            w->dropped, w->in, p->one_run ? "" : " in the first run");
    return text;
}

static const char *sentence(const struct pair *p)
{
    const struct latency latencies[] = {
        {"TTFT", ttft_of, p->c->ttft_p99_ratio, sim_why_ttft},
        {"TPOT", tpot_of, p->c->tpot_p99_ratio, sim_why_tpot},
        {"E2E", e2e_of, p->c->e2e_p99_ratio, NULL},
    };
    const char *slo = slo_words(p), *cost = cost_words(p);
    const char *text =
        sp_arena_printf(p->arena, "%s%s%s%s%s.", headline(p),
                        slo[0] != '\0' || cost[0] != '\0' ? ": " : "", slo,
                        slo[0] != '\0' && cost[0] != '\0' ? ", " : "", cost);

    for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++)
        text = sp_arena_printf(p->arena, "%s%s", text, latency_words(p, &latencies[i]));
    return sp_arena_printf(p->arena, "%s%s%s", text, unserved_words(p, p->a),
                           unserved_words(p, p->b));
}

const char *sim_serving_verdict(const struct model_policy_result *a,
                                const struct model_policy_result *b, int32_t n,
                                const struct model_comparison *c,
                                struct sp_arena *arena, struct sim_leaning *all)
{
    struct model_policy_result mean_a, mean_b;
    const char *text = "";
    struct sim_leaning l;

    sim_aggregate(a, n, arena, &mean_a);
    sim_aggregate(b, n, arena, &mean_b);
    for (int32_t i = 0; i < c->n_serving; i++) {
        int32_t w = c->serving[i].workload;
        const struct pair p = {
            .a = &mean_a,
            .b = &mean_b,
            .c = &c->serving[i],
            .served_a = {mean_a.name, mean_a.workloads[w].serving},
            .served_b = {mean_b.name, mean_b.workloads[w].serving},
            .one_run = n == 1,
            .arena = arena,
        };

        if (a->n_workloads > 1)
            text = sp_arena_printf(arena, "%s%s%s: ", text, i > 0 ? " " : "",
                                   mean_a.workloads[w].name);
        text = sp_arena_printf(arena, "%s%s", text, sentence(&p));
        l = leaning_of(&p);
        sim_lean_with(all, &l);
    }
    return text;
}
