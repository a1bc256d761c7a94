/* Waits decide by how long they are beside the whole stay of a job: ten seconds less of
 * waiting before ten hours of work is no gain.  Jobs that a policy refuses or never
 * ends are in no wait, and are told. */
#include "sim/compare_jobs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/stat.h"
#include "sim/compare_words.h"
#include "sim/run_parts.h"

/* Below these a difference is called none: of money, of mean stays (a wait: as a share
 * of the baseline's mean stay), of deadlines and of jobs. */
static const double same_cost = 0.005, same_stay = 0.01, same_share = 0.005;
static const double same_packing = 0.00005; /* of the GPUs: the last digit told */
static const double undone_share = 0.05;    /* of jobs, more than under the other */
enum { TEXT = 48, TEAMS_TOLD = 3 };

struct pair {
    const struct model_policy_result *a, *b; /* means over the replications */
    const struct model_workload_result *of_a, *of_b;
    const struct model_jobs_comparison *c;
    bool one_run;
    struct sp_arena *arena;
};

/* ---- figures as pairs ---- */

typedef double (*figure_fn)(const struct model_jobs_result *j);

static double wait_of(const struct model_jobs_result *j)
{
    return j->groups[0].queue.mean_s.mean;
}

static double completion_of(const struct model_jobs_result *j)
{
    return j->groups[0].completion.mean_s.mean;
}

static double missed_of(const struct model_jobs_result *j)
{
    return j->deadlines > 0 ? (double)j->deadlines_missed / (double)j->deadlines : NAN;
}

struct runs {
    const struct model_policy_result *a, *b;
    int32_t n, workload;
    bool drawn; /* sim_pairs_draw() */
    double *scratch, *under;
};

static const struct model_jobs_result *
jobs_of(const struct runs *r, const struct model_policy_result *runs, int32_t i)
{
    return runs[i].workloads[r->workload].jobs;
}

static struct model_stat ratio(const struct runs *r, figure_fn of)
{
    for (int32_t i = 0; i < r->n; i++) {
        r->scratch[i] = of(jobs_of(r, r->a, i));
        r->under[i] = of(jobs_of(r, r->b, i));
    }
    return sim_ratio_of_runs(r->scratch, r->under, r->n, r->drawn);
}

static struct model_stat difference(const struct runs *r, figure_fn of)
{
    for (int32_t i = 0; i < r->n; i++)
        r->scratch[i] = of(jobs_of(r, r->a, i)) - of(jobs_of(r, r->b, i));
    return sim_stat_of_runs(r->scratch, r->n, r->drawn);
}

static bool same_jobs(const struct runs *r)
{
    for (int32_t i = 0; i < r->n; i++)
        if (r->a[i].workloads[r->workload].done != r->b[i].workloads[r->workload].done)
            return false;
    return true;
}

/* The bill of a workload that is alone on its fleet, for the same jobs or, where they
 * differ, for an hour of work. */
static struct model_stat usd_ratio(const struct runs *r,
                                   const struct model_comparison *c)
{
    if (r->a->n_workloads > 1)
        return model_stat_one(NAN);
    for (int32_t i = 0; i < r->n; i++) {
        double over = r->a[i].cost.usd.mean / jobs_of(r, r->a, i)->useful_gpu_h.mean;
        double under = r->b[i].cost.usd.mean / jobs_of(r, r->b, i)->useful_gpu_h.mean;

        r->scratch[i] = isfinite(over) ? over : NAN; /* of no work at all */
        r->under[i] = isfinite(under) ? under : NAN;
    }
    return same_jobs(r) ? c->usd_ratio
                        : sim_ratio_of_runs(r->scratch, r->under, r->n, r->drawn);
}

/* At the end of the curve, when all jobs have come. */
static double allocated_of(const struct model_jobs_result *j)
{
    return j->curve.n > 0 ? j->curve.allocated_pct[j->curve.n - 1] / 100 : NAN;
}

static double mean_of(const struct runs *r, const struct model_policy_result *runs,
                      figure_fn of)
{
    for (int32_t i = 0; i < r->n; i++)
        r->scratch[i] = of(jobs_of(r, runs, i));
    return model_stat_of(r->scratch, r->n).mean;
}

/* ---- teams ---- */

/* The group of that team, or SP_NO_ID: teams of two policies need not be the same. */
static int32_t team_named(const struct model_jobs_result *j, const char *name)
{
    for (int32_t g = 1; g <= j->n_teams; g++)
        if (strcmp(j->groups[g].name, name) == 0)
            return g;
    return SP_NO_ID;
}

typedef double (*group_fn)(const struct model_job_group *g);

static double group_wait(const struct model_job_group *g)
{
    return g->queue.mean_s.mean;
}

static double group_completion(const struct model_job_group *g)
{
    return g->completion.mean_s.mean;
}

/* Waits are of jobs done: of a team that is starved they may be short. */
static double group_done(const struct model_job_group *g)
{
    return g->arrived > 0 ? (double)g->done / (double)g->arrived : NAN;
}

/* A team's figure under both, each of its rows a run; returned are the differences. */
static struct model_stat team_pairs(const struct runs *r, group_fn of, int32_t of_a,
                                    int32_t of_b, double *over, double *under)
{
    for (int32_t i = 0; i < r->n; i++) {
        over[i] = of(&jobs_of(r, r->a, i)->groups[of_a]);
        under[i] = of(&jobs_of(r, r->b, i)->groups[of_b]);
        r->scratch[i] = over[i] - under[i];
    }
    return sim_stat_of_runs(r->scratch, r->n, r->drawn);
}

static void compare_teams(const struct runs *r, struct sp_arena *arena,
                          struct model_jobs_comparison *k)
{
    const struct model_jobs_result *a = jobs_of(r, r->a, 0), *b = jobs_of(r, r->b, 0);
    double *over = sp_arena_array(arena, (size_t)r->n, sizeof *over);
    double *under = sp_arena_array(arena, (size_t)r->n, sizeof *under);

    k->teams = sp_arena_array(arena, (size_t)a->n_teams, sizeof *k->teams);
    for (int32_t t = 1; t <= a->n_teams; t++) {
        int32_t other = team_named(b, a->groups[t].name);
        struct model_team_wait *team = &k->teams[k->n_teams];

        if (other == SP_NO_ID)
            continue;
        k->n_teams++;
        team->name = a->groups[t].name;
        team->difference_s = team_pairs(r, group_wait, t, other, over, under);
        team->wait_s = model_stat_of(over, r->n).mean;
        team->baseline_wait_s = model_stat_of(under, r->n).mean;
        team->completion_difference_s =
            team_pairs(r, group_completion, t, other, over, under);
        team->completion_s = model_stat_of(over, r->n).mean;
        team->baseline_completion_s = model_stat_of(under, r->n).mean;
        team->done_difference = team_pairs(r, group_done, t, other, over, under);
        team->done_frac = model_stat_of(over, r->n).mean;
        team->baseline_done_frac = model_stat_of(under, r->n).mean;
    }
}

void sim_compare_jobs(const struct model_policy_result *a,
                      const struct model_policy_result *b, int32_t n,
                      struct sp_arena *arena, struct model_comparison *c)
{
    struct runs r = {.a = a, .b = b, .n = n, .drawn = sim_pairs_draw(a, b, n)};

    r.scratch = sp_arena_array(arena, (size_t)n, sizeof *r.scratch);
    r.under = sp_arena_array(arena, (size_t)n, sizeof *r.under);
    c->n_jobs = 0;
    c->jobs = sp_arena_array(arena, (size_t)a->n_workloads, sizeof *c->jobs);
    for (int32_t w = 0; w < a->n_workloads && w < b->n_workloads; w++) {
        struct model_jobs_comparison *k = &c->jobs[c->n_jobs];

        if (a->workloads[w].jobs == NULL || b->workloads[w].jobs == NULL)
            continue;
        r.workload = w;
        *k = (struct model_jobs_comparison){
            .workload = w,
            .usd_ratio = usd_ratio(&r, c),
            .same_jobs = same_jobs(&r),
            .wait_difference_s = difference(&r, wait_of),
            .completion_difference_s = difference(&r, completion_of),
            .wait_ratio = ratio(&r, wait_of),
            .completion_ratio = ratio(&r, completion_of),
            .undone_difference = sim_undone_of_runs(a, b, n, w, r.scratch),
            .missed_difference = difference(&r, missed_of),
            .missed_frac = mean_of(&r, r.a, missed_of),
            .baseline_missed_frac = mean_of(&r, r.b, missed_of),
            .allocated_frac = mean_of(&r, r.a, allocated_of),
            .baseline_allocated_frac = mean_of(&r, r.b, allocated_of),
            .allocated_difference = difference(&r, allocated_of),
        };
        compare_teams(&r, arena, k);
        c->n_jobs++;
    }
}

/* ---- who wins ---- */

/* The baseline's mean stay: what waits are measured by. */
static double stay_s(const struct pair *p)
{
    double s = completion_of(p->of_b->jobs);

    return s > 0 ? s : NAN;
}

static bool fewer_done(const struct model_team_wait *t)
{
    return t->baseline_done_frac - t->done_frac >= undone_share;
}

static struct sim_leaning leaning_of(const struct pair *p)
{
    const struct model_jobs_comparison *c = p->c;
    struct sim_leaning l = {.certain = true};

    sim_lean_by(&l, 1 - c->usd_ratio.mean, same_cost, c->usd_ratio.half95);
    sim_lean_by(&l, -c->wait_difference_s.mean / stay_s(p), same_stay,
                c->wait_difference_s.half95 / stay_s(p));
    sim_lean_by(&l, 1 - c->completion_ratio.mean, same_stay,
                c->completion_ratio.half95);
    sim_lean_by(&l, -c->missed_difference.mean, same_share,
                c->missed_difference.half95);
    sim_lean_by(&l, -c->undone_difference.mean, undone_share,
                c->undone_difference.half95);
    for (int32_t t = 0; t < c->n_teams; t++)
        l.worse = l.worse || fewer_done(&c->teams[t]);
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
        return sp_arena_printf(p->arena, "no gain: '%s' runs its jobs as '%s' does%s",
                               p->a->name, p->b->name, doubt);
    return sp_arena_printf(p->arena, "'%s' %s '%s'%s", p->a->name,
                           l.better && l.worse ? "is a trade against"
                           : l.better          ? "wins over"
                                               : "loses to",
                           p->b->name, doubt);
}

/* ---- clauses ---- */

static const char *seconds(const struct pair *p, double s)
{
    return sp_format_duration(s, sp_arena_alloc(p->arena, TEXT), TEXT);
}

static const char *instead(const struct pair *p, const char *what, figure_fn of,
                           struct model_stat difference)
{
    double a = of(p->of_a->jobs), b = of(p->of_b->jobs);

    if (isnan(a) || isnan(b))
        return "";
    if (fabs(a - b) < same_stay * stay_s(p) &&
        !(difference.half95 > same_stay * stay_s(p)))
        return sp_arena_printf(p->arena, "the same %s (%s)", what, seconds(p, a));
    return sp_arena_printf(p->arena, "%s %s instead of %s%s", what, seconds(p, a),
                           seconds(p, b),
                           sim_words_bar_s(difference, SIM_NOT_SHOWN, p->arena));
}

static const char *cost_words(const struct pair *p)
{
    const struct model_stat r = p->c->usd_ratio;
    const char *basis = p->c->same_jobs ? "cost" : "cost of an hour of work";

    if (isnan(r.mean))
        return "";
    if (sim_words_same(r, same_cost))
        return sp_arena_printf(p->arena, "the same %s", basis);
    if (sim_words_not_shown(r))
        return sp_arena_printf(p->arena, "no difference in %s shown (%s)", basis,
                               sim_words_change(r, p->arena));
    return sp_arena_printf(p->arena, "%s %s %s", basis, sim_words_by(r, p->arena),
                           r.mean < 1 ? "lower" : "higher");
}

static const char *missed_words(const struct pair *p)
{
    const double a = p->c->missed_frac, b = p->c->baseline_missed_frac;

    if (isnan(a) || isnan(b))
        return "";
    if (a == 0 && b == 0)
        return "no deadline missed by either";
    return sp_arena_printf(
        p->arena, "%.1f %% of the deadlines missed against %.1f %%%s", 100 * a, 100 * b,
        sim_words_bar_points(p->c->missed_difference, SIM_NOT_SHOWN, p->arena));
}

static const char *joined(const struct pair *p, const char *text, const char *clause)
{
    if (clause[0] == '\0')
        return text;
    return text[0] == '\0' ? clause : sp_arena_printf(p->arena, "%s, %s", text, clause);
}

static const char *figures(const struct pair *p)
{
    const char *text = instead(p, "queue wait", wait_of, p->c->wait_difference_s);

    text =
        joined(p, text,
               instead(p, "completion", completion_of, p->c->completion_difference_s));
    text = joined(p, text, cost_words(p));
    return joined(p, text, missed_words(p));
}

/* The cause of most of the waiting, or SP_NO_ID where there is none to speak of. */
static int main_cause(const struct pair *p, const struct model_workload_result *w)
{
    const struct model_job_group *g = &w->jobs->groups[0];
    int most = 0;

    if (!(g->wait.mean_s.mean >= same_stay * stay_s(p)))
        return SP_NO_ID;
    for (int c = 1; c < MODEL_CAUSES; c++)
        if (g->wait_frac[c] > g->wait_frac[most])
            most = c;
    return most;
}

static const char *cause_words(const struct pair *p,
                               const struct model_workload_result *w, const char *name)
{
    int cause = main_cause(p, w);

    if (cause == SP_NO_ID)
        return "";
    return sp_arena_printf(p->arena,
                           " Under '%s' %.0f %% of the waiting is caused by %s.", name,
                           100 * w->jobs->groups[0].wait_frac[cause],
                           model_cause_name((enum model_cause)cause));
}

/* Nothing where it is the same cause for both. */
static const char *why_words(const struct pair *p)
{
    if (!(fabs(p->c->wait_difference_s.mean) >= same_stay * stay_s(p)) ||
        main_cause(p, p->of_a) == main_cause(p, p->of_b))
        return "";
    return sp_arena_printf(p->arena, "%s%s", cause_words(p, p->of_b, p->b->name),
                           cause_words(p, p->of_a, p->a->name));
}

/* ---- teams that lose ---- */

static bool waits_longer(const struct pair *p, const struct model_team_wait *t)
{
    return t->difference_s.mean >= same_stay * stay_s(p);
}

/* A team may wait no longer until its jobs first run, and lose by evictions. */
static bool takes_longer(const struct pair *p, const struct model_team_wait *t)
{
    return t->completion_difference_s.mean >= same_stay * stay_s(p);
}

static bool loses(const struct pair *p, const struct model_team_wait *t)
{
    return fewer_done(t) || waits_longer(p, t) || takes_longer(p, t);
}

/* By what losers are told: those that get less done first. */
static double loss_s(const struct model_team_wait *t)
{
    if (fewer_done(t))
        return INFINITY;
    return fmax(t->difference_s.mean, t->completion_difference_s.mean);
}

/* Of those that lose and are not told yet, the one that loses most. */
static const struct model_team_wait *next_loser(const struct pair *p, const bool *told)
{
    const struct model_team_wait *worst = NULL;

    for (int32_t t = 0; t < p->c->n_teams; t++) {
        const struct model_team_wait *team = &p->c->teams[t];

        if (!told[t] && loses(p, team) &&
            (worst == NULL || loss_s(team) > loss_s(worst)))
            worst = team;
    }
    return worst;
}

/* " Team c waits longer: 2h instead of 5m." */
static const char *team_words(const struct pair *p, const struct model_team_wait *t)
{
    bool waits = waits_longer(p, t);
    const struct model_stat *d = waits ? &t->difference_s : &t->completion_difference_s;

    if (fewer_done(t))
        return sp_arena_printf(
            p->arena, " Team '%s' has %.1f %% of its jobs done instead of %.1f %%%s.",
            t->name, 100 * t->done_frac, 100 * t->baseline_done_frac,
            sim_words_bar_points(t->done_difference, "not certain: ", p->arena));
    return sp_arena_printf(
        p->arena, " Team '%s' %s %s instead of %s%s.", t->name,
        waits ? "waits longer:" : "is done later: completion",
        seconds(p, waits ? t->wait_s : t->completion_s),
        seconds(p, waits ? t->baseline_wait_s : t->baseline_completion_s),
        sim_words_bar_s(*d, "not certain: ", p->arena));
}

static const char *loser_words(const struct pair *p)
{
    bool *told = sp_arena_array(p->arena, (size_t)p->c->n_teams, sizeof *told);
    const struct model_team_wait *team;
    const char *text = "";
    int32_t losers = 0, n = 0;

    for (int32_t t = 0; t < p->c->n_teams; t++)
        losers += loses(p, &p->c->teams[t]);
    if (p->c->n_teams < 2)
        return "";
    while (n < TEAMS_TOLD && (team = next_loser(p, told)) != NULL) {
        told[team - p->c->teams] = true;
        text = sp_arena_printf(p->arena, "%s%s", text, team_words(p, team));
        n++;
    }
    if (losers > n)
        text = sp_arena_printf(p->arena, "%s %" PRId32 " more team%s.", text,
                               losers - n, losers - n == 1 ? " loses" : "s lose");
    return text;
}

/* What the figures leave out. */
static const char *undone_words(const struct pair *p,
                                const struct model_workload_result *w, const char *name)
{
    const char *text = "";

    if (w->in_flight > 0 && (double)w->in_flight >= 0.01 * (double)w->in)
        text = sp_arena_printf(
            p->arena, " '%s' left %" PRId64 " of %" PRId64 " jobs undone at the end%s.",
            name, w->in_flight, w->in, p->one_run ? "" : " of the first run");
    if (w->dropped > 0 && p->of_a->dropped != p->of_b->dropped)
        text = sp_arena_printf(
            p->arena, "%s '%s' refused %" PRId64 " of %" PRId64 "%s.", text, name,
            w->dropped, w->in, p->one_run ? "" : " in the first run");
    return text;
}

/* Jobs that never end have no waits: what is allocated at the end decides. */
static const char *allocated_words(const struct pair *p)
{
    const double x = p->c->allocated_frac, y = p->c->baseline_allocated_frac;
    const struct model_stat d = p->c->allocated_difference;
    const char *how = d.half95 > fabs(d.mean)       ? "is not shown to pack better than"
                      : fabs(d.mean) < same_packing ? "packs as well as"
                      : d.mean > 0                  ? "packs better than"
                                                    : "packs worse than";

    if (isnan(d.mean))
        return NULL;
    return sp_arena_printf(p->arena,
                           "'%s' %s '%s'%s: %.2f %% of the GPUs are allocated when all "
                           "jobs have come, against %.2f %%%s",
                           p->a->name, how, p->b->name, p->one_run ? SIM_ONE_RUN : "",
                           100 * x, 100 * y,
                           sim_words_bar_points(d, SIM_NOT_SHOWN, p->arena));
}

static const char *sentence(const struct pair *p)
{
    const char *figure = figures(p), *allocated = allocated_words(p);

    if (p->of_a->done == 0 && p->of_b->done == 0 && allocated != NULL)
        return sp_arena_printf(p->arena, "%s.", allocated);
    return sp_arena_printf(p->arena, "%s%s%s.%s%s%s%s", headline(p),
                           figure[0] != '\0' ? ": " : "", figure, loser_words(p),
                           why_words(p), undone_words(p, p->of_a, p->a->name),
                           undone_words(p, p->of_b, p->b->name));
}

const char *sim_jobs_verdict(const struct model_policy_result *a,
                             const struct model_policy_result *b, int32_t n,
                             const struct model_comparison *c, struct sp_arena *arena,
                             struct sim_leaning *all)
{
    struct model_policy_result mean_a, mean_b;
    const char *text = "";
    struct sim_leaning l;

    sim_aggregate(a, n, arena, &mean_a);
    sim_aggregate(b, n, arena, &mean_b);
    for (int32_t i = 0; i < c->n_jobs; i++) {
        int32_t w = c->jobs[i].workload;
        const struct pair p = {
            .a = &mean_a,
            .b = &mean_b,
            .of_a = &mean_a.workloads[w],
            .of_b = &mean_b.workloads[w],
            .c = &c->jobs[i],
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
