/* Waves of runs: each brings its candidates up to 1, 2, 4, 8, ... replications, so that
 * one that misses is dropped early, and which runs a wave has follows from the rows
 * alone. */
#include "plan/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/units.h"
#include "model/feasible.h"

#include "model/stat.h"
#include "plan/candidate.h"
#include "sim/run_parts.h"

enum { HOPELESS = 4 };

struct plan_evaluator {
    struct sp_arena *arena;
    const struct plan_evaluate_options *o;
    const struct model_goals *goals;
    int32_t n, room;
    struct plan_evaluated **rows;
    int32_t table_size; /* a power of two, at least twice n */
    int32_t *table;     /* ids by key, SP_NO_ID free */
    int64_t runs;
};

struct plan_evaluator *plan_evaluator_new(struct sp_arena *arena,
                                          const struct plan_evaluate_options *options)
{
    struct plan_evaluator *e = sp_arena_alloc(arena, sizeof *e);

    *e = (struct plan_evaluator){.arena = arena, .o = options, .goals = options->goals};
    return e;
}

/* ---- what is known ---- */

static int32_t may_miss(const struct plan_evaluator *e)
{
    return e->o->replications - model_goal_runs_enough(e->o->replications);
}

static const struct model_workload_figures *workloads_of(const struct plan_evaluator *e,
                                                         const struct plan_evaluated *c,
                                                         int32_t run)
{
    return &c->workloads[(size_t)run * (size_t)e->o->scenario->n_workloads];
}

static double goal_miss(const struct plan_evaluator *e, const struct plan_evaluated *c,
                        int32_t run, int32_t goal)
{
    return model_goal_miss(&e->goals->goals[goal], &c->runs[run],
                           workloads_of(e, c, run));
}

static bool misses(const struct plan_evaluator *e, const struct plan_evaluated *c,
                   int32_t run)
{
    for (int32_t g = 0; g < e->goals->n; g++)
        if (!(goal_miss(e, c, run, g) <= 0))
            return true;
    return false;
}

static void count_misses(const struct plan_evaluator *e, struct plan_evaluated *c,
                         int32_t from)
{
    if (from == 0)
        c->n_missed = 0;
    for (int32_t k = from; k < c->n_runs; k++)
        c->n_missed += misses(e, c, k);
    c->lost = c->n_missed > may_miss(e);
}

void plan_evaluator_aim(struct plan_evaluator *e, const struct model_goals *goals)
{
    e->goals = goals;
    for (int32_t i = 0; i < e->n; i++)
        count_misses(e, e->rows[i], 0);
}

const struct model_goals *plan_evaluator_goals(const struct plan_evaluator *e)
{
    return e->goals;
}

const struct plan_evaluated *plan_evaluated_of(const struct plan_evaluator *e,
                                               int32_t id)
{
    return e->rows[id];
}

int64_t plan_evaluator_runs(const struct plan_evaluator *e)
{
    return e->runs;
}

int32_t plan_evaluator_candidates(const struct plan_evaluator *e)
{
    return e->n;
}

bool plan_evaluated_met(const struct plan_evaluated *c)
{
    return c->why_not == NULL && c->n_runs > 0 && !c->lost &&
           c->n_runs - c->n_missed >= model_goal_runs_enough(c->n_runs);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double plan_evaluated_miss(const struct plan_evaluator *e,
                           const struct plan_evaluated *c, int32_t goal)
{
    double *miss, decides;

    if (c->n_runs == 0)
        return INFINITY;
    miss = sp_xcalloc((size_t)c->n_runs, sizeof *miss);
    for (int32_t k = 0; k < c->n_runs; k++)
        miss[k] = goal_miss(e, c, k, goal);
    qsort(miss, (size_t)c->n_runs, sizeof *miss, rising);
    decides = miss[model_goal_runs_enough(c->n_runs) - 1];
    free(miss);
    return decides;
}

double plan_evaluated_total_miss(const struct plan_evaluator *e,
                                 const struct plan_evaluated *c)
{
    double sum = 0;

    if (c->n_runs == 0)
        return INFINITY;
    for (int32_t g = 0; g < e->goals->n; g++)
        sum += fmax(0, plan_evaluated_miss(e, c, g));
    return sum;
}

struct model_stat plan_evaluated_usd(const struct plan_evaluated *c)
{
    double *usd = sp_xcalloc((size_t)c->n_runs + 1, sizeof *usd);
    struct model_stat stat;

    for (int32_t k = 0; k < c->n_runs; k++)
        usd[k] = c->runs[k].usd;
    stat = model_stat_of(usd, c->n_runs);
    free(usd);
    return stat;
}

struct model_stat plan_evaluated_difference(const struct plan_evaluated *a,
                                            const struct plan_evaluated *b)
{
    int32_t n = a->n_runs < b->n_runs ? a->n_runs : b->n_runs;
    double *usd = sp_xcalloc((size_t)n + 1, sizeof *usd);
    struct model_stat stat;

    for (int32_t k = 0; k < n; k++)
        usd[k] = a->runs[k].usd - b->runs[k].usd;
    stat = model_stat_of(usd, n);
    free(usd);
    return stat;
}

/* ---- rows ---- */

static void put(struct plan_evaluator *e, int32_t id)
{
    uint32_t mask = (uint32_t)e->table_size - 1;
    uint32_t at = (uint32_t)plan_candidate_key(e->o, &e->rows[id]->candidate) & mask;

    while (e->table[at] != SP_NO_ID)
        at = (at + 1) & mask;
    e->table[at] = id;
}

static void enlarge(struct plan_evaluator *e)
{
    if (2 * (e->n + 1) <= e->table_size)
        return;
    e->table_size = e->table_size == 0 ? 64 : 2 * e->table_size;
    e->table = sp_arena_array(e->arena, (size_t)e->table_size, sizeof *e->table);
    memset(e->table, 0xff, (size_t)e->table_size * sizeof *e->table);
    for (int32_t i = 0; i < e->n; i++)
        put(e, i);
}

int32_t plan_evaluator_find(const struct plan_evaluator *e,
                            const struct plan_candidate *c)
{
    uint32_t mask = (uint32_t)e->table_size - 1, at;

    if (e->table_size == 0)
        return SP_NO_ID;
    for (at = (uint32_t)plan_candidate_key(e->o, c) & mask; e->table[at] != SP_NO_ID;
         at = (at + 1) & mask)
        if (plan_candidate_equal(e->o, c, &e->rows[e->table[at]]->candidate))
            return e->table[at];
    return SP_NO_ID;
}

/* What can't work needs no run to be known. */
static const char *why_not(const struct plan_evaluator *e,
                           const struct plan_candidate *c)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *sc =
        plan_candidate_scenario(e->o, c, "planned", arena);
    struct sp_err err = {0};
    const char *text = NULL;

    if (model_feasible_check(sc, sc->policies, &err) != SP_OK)
        text = sp_arena_strdup(e->arena, err.text);
    sp_arena_free(arena);
    return text;
}

static int32_t row_of(struct plan_evaluator *e, const struct plan_candidate *c)
{
    int32_t id = plan_evaluator_find(e, c);
    struct plan_evaluated *row;

    if (id != SP_NO_ID)
        return id;
    enlarge(e);
    row = sp_arena_alloc(e->arena, sizeof *row);
    row->candidate = plan_candidate_copy(e->o, c, e->arena);
    row->why_not = why_not(e, c);
    e->rows = sp_arena_more(e->arena, e->rows, e->n, &e->room, sizeof *e->rows);
    e->rows[e->n] = row;
    put(e, e->n);
    return e->n++;
}

static void make_room(const struct plan_evaluator *e, struct plan_evaluated *row)
{
    size_t n = (size_t)e->o->replications, works = (size_t)e->o->scenario->n_workloads;

    if (row->runs != NULL)
        return;
    row->runs = sp_arena_array(e->arena, n, sizeof *row->runs);
    row->workloads = sp_arena_array(e->arena, n * works, sizeof *row->workloads);
}

/* ---- a wave ---- */

struct task {
    int32_t id, replication;
};

struct told { /* by a run */
    enum sp_status status;
    struct sp_err err;
    bool interrupted;
    struct model_run_figures run;
    struct model_workload_figures workloads[];
};

struct wave {
    struct plan_evaluator *e;
    const struct task *tasks;
    bool stopped;
    enum sp_status status;
    struct sp_err *err;
};

/* A run that has not ended at several times its deadline misses it, however late it
 * would be: it need not be run to its end. */
static void cut_hopeless(const struct plan_evaluator *e, const struct plan_candidate *c,
                         struct model_scenario *sc)
{
    for (int32_t g = 0; g < e->goals->n && c->shape != SP_NO_ID; g++) {
        const struct model_goal *goal = &e->goals->goals[g];
        double until_s = HOPELESS * goal->value;

        if (goal->of.workload != SP_NO_ID ||
            strcmp(goal->kind->figure, "time_s") != 0 || !goal->kind->at_most ||
            until_s * 1e9 >= (double)SP_NS_MAX)
            continue;
        if (sc->until_ns < 0 || sp_s_from_ns(sc->until_ns) > until_s)
            sc->until_ns = sp_ns_from_s(until_s);
    }
}

static void *run_one(void *self, int64_t i)
{
    const struct wave *w = self;
    const struct plan_evaluate_options *o = w->e->o;
    const struct plan_evaluated *row = w->e->rows[w->tasks[i].id];
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc =
        plan_candidate_scenario(o, &row->candidate, "planned", arena);
    struct sim_options run = *o->run;
    struct model_policy_result p = {0};
    struct told *told =
        sp_xcalloc(1, sizeof *told + (size_t)sc->n_workloads * sizeof *told->workloads);
    const struct sim_run_one one = {.scenario = sc,
                                    .policy = sc->policies,
                                    .options = &run,
                                    .replication = w->tasks[i].replication};

    cut_hopeless(w->e, &row->candidate, sc);
    run.replications = o->replications;
    run.policies = NULL;
    run.items = NULL;
    run.explain = NULL;
    run.timeline_slices = 0;
    told->status = sim_run_one(&one, arena, &p, &told->err);
    if (told->status == SP_OK) {
        told->interrupted = p.end == MODEL_END_INTERRUPTED;
        model_figures_take(&p, &told->run, told->workloads);
    }
    sp_arena_free(arena);
    return told;
}

static void keep(struct wave *w, const struct task *task, const struct told *told)
{
    struct plan_evaluator *e = w->e;
    struct plan_evaluated *row = e->rows[task->id];
    size_t works = (size_t)e->o->scenario->n_workloads;

    if (told->status == SP_EINFEASIBLE) {
        row->why_not = sp_arena_strdup(e->arena, told->err.text);
    } else if (told->status != SP_OK) {
        w->status = sp_fail(w->err, told->status, "%s", told->err.text);
    } else if (told->interrupted) {
        w->stopped = true;
    } else if (!w->stopped && row->why_not == NULL) {
        sp_assert(row->n_runs == task->replication);
        row->runs[row->n_runs] = told->run;
        memcpy(&row->workloads[(size_t)row->n_runs * works], told->workloads,
               works * sizeof *told->workloads);
        count_misses(e, row, row->n_runs++);
    }
}

static bool told_one(void *self, int64_t i, void *result)
{
    struct wave *w = self;

    w->e->runs++;
    if (w->status == SP_OK)
        keep(w, &w->tasks[i], result);
    free(result);
    return w->status == SP_OK && !w->stopped;
}

static bool goes_on(void *self)
{
    struct wave *w = self;
    const struct plan_evaluate_options *o = w->e->o;

    if (o->stop != NULL && o->stop(o->stop_self, w->e->runs))
        w->stopped = true;
    return !w->stopped;
}

/* ---- waves ---- */

/* How many replications a row has after the next wave. */
static int32_t next_level(const struct plan_evaluated *row, int32_t replications)
{
    int32_t level = row->n_runs == 0 ? 1 : 2 * row->n_runs;

    if (row->why_not != NULL || row->lost)
        return row->n_runs;
    return level < replications ? level : replications;
}

/* The runs of the next wave: rows in order, no row twice. */
static int64_t wave_of(struct plan_evaluator *e, const int32_t *ids, int32_t n,
                       int32_t replications, struct task *tasks, int64_t most)
{
    int64_t count = 0;

    for (int32_t i = 0; i < n; i++) {
        struct plan_evaluated *row = e->rows[ids[i]];
        int32_t level = next_level(row, replications);
        bool again = false;

        for (int64_t j = count - 1; j >= 0 && !again; j--)
            again = tasks[j].id == ids[i];
        for (int32_t k = row->n_runs; k < level && !again && count < most; k++)
            tasks[count++] = (struct task){ids[i], k};
        make_room(e, row);
    }
    return count;
}

static enum sp_status run_wave(struct plan_evaluator *e, const struct task *tasks,
                               int64_t n, bool *stopped, struct sp_err *err)
{
    struct wave w = {.e = e, .tasks = tasks, .status = SP_OK, .err = err};
    const struct sp_pool_work work = {.n = n,
                                      .threads = e->o->threads,
                                      .ahead = 4 * (int64_t)e->o->threads,
                                      .work = run_one,
                                      .done = told_one,
                                      .wait = goes_on,
                                      .self = &w};

    if (goes_on(&w))
        sp_pool_run(&work);
    *stopped = w.stopped;
    return w.status;
}

enum sp_status plan_evaluate(struct plan_evaluator *e,
                             const struct plan_candidate *candidates, int32_t n,
                             int32_t replications, int32_t *ids, bool *enough,
                             struct sp_err *err)
{
    struct task *tasks =
        sp_xcalloc((size_t)n * (size_t)replications + 1, sizeof *tasks);
    enum sp_status status = SP_OK;
    bool stopped = false;
    int64_t wave, want = 1;

    sp_assert(replications <= e->o->replications);
    for (int32_t i = 0; i < n; i++)
        ids[i] = row_of(e, &candidates[i]);
    while (status == SP_OK && !stopped && want > 0) {
        int64_t left = e->o->runs_max - e->runs;

        want = wave_of(e, ids, n, replications, tasks, (int64_t)n * replications);
        wave = want < left ? want : left;
        stopped = wave < want;
        if (wave > 0 && status == SP_OK) {
            bool ended;

            status = run_wave(e, tasks, wave, &ended, err);
            stopped |= ended;
        }
    }
    free(tasks);
    *enough = !stopped;
    return status;
}
