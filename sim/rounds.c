/* Tasks of a pool; what reaches out of a run - items, progress - is brought to the
 * caller's thread. */
#include "sim/rounds.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/pool.h"

/* One run, done; in the heap until it is told. */
struct told {
    struct sp_arena *arena;
    struct model_policy_result run;
    enum sp_status status;
    struct sp_err err;
    int64_t n_items, items_room; /* rows kept for the caller's thread */
    struct model_item_row *items;
};

struct round {
    struct sim_rounds *all;
    int32_t from, to; /* replications */
    pthread_t caller;
    atomic_bool stop;
    pthread_mutex_t lock;       /* of the two below */
    struct sim_progress latest; /* of the run under way that will be told first */
    int64_t latest_task, n_told, n_tasks;
    enum sp_status status;
    struct sp_err *err;
};

/* One run, under way. */
struct task {
    struct round *round;
    int64_t number;
    struct told *told;
};

static bool in_callers_thread(const struct round *r)
{
    return pthread_equal(pthread_self(), r->caller) != 0;
}

/* ---- what reaches out of a run ---- */

static void keep_item(void *self, const struct model_item_row *row)
{
    struct task *t = self;
    const struct model_item_sink *sink = t->round->all->options->items;
    struct told *told = t->told;

    if (in_callers_thread(t->round)) {
        sink->row(sink->self, row);
        return;
    }
    if (told->n_items == told->items_room) {
        told->items_room = told->items_room == 0 ? 1024 : 2 * told->items_room;
        told->items =
            sp_xrealloc(told->items, (size_t)told->items_room * sizeof *told->items);
    }
    told->items[told->n_items++] = *row;
}

/* Asks the user; in the caller's thread. */
static bool told_to_stop(struct round *r, const struct sim_progress *now)
{
    const struct sim_options *o = r->all->options;

    if (o->progress != NULL && o->progress(o->progress_self, now))
        atomic_store(&r->stop, true);
    return atomic_load(&r->stop);
}

static bool on_progress(void *self, const struct sim_progress *now)
{
    const struct task *t = self;
    struct round *r = t->round;
    struct sim_progress of_all = *now;

    of_all.n_replications = r->to;
    of_all.runs = (int32_t)r->n_tasks;
    pthread_mutex_lock(&r->lock);
    of_all.runs_done = (int32_t)r->n_told;
    if (t->number <= r->latest_task || r->latest_task < r->n_told) {
        r->latest = of_all;
        r->latest_task = t->number;
    }
    pthread_mutex_unlock(&r->lock);
    return in_callers_thread(r) ? told_to_stop(r, &of_all) : atomic_load(&r->stop);
}

/* While the caller's thread waits for others. */
static bool ask(struct round *r)
{
    struct sim_progress now;

    pthread_mutex_lock(&r->lock);
    now = r->latest;
    now.runs_done = (int32_t)r->n_told;
    pthread_mutex_unlock(&r->lock);
    return !told_to_stop(r, &now);
}

static bool wait_for_others(void *self)
{
    return ask(self);
}

/* ---- a run ---- */

static void *do_run(void *self, int64_t i)
{
    struct round *r = self;
    const struct sim_rounds *all = r->all;
    const int32_t span = r->to - r->from, id = (int32_t)(i / span);
    struct told *told = sp_xcalloc(1, sizeof *told);
    struct task task = {.round = r, .number = i, .told = told};
    struct model_item_sink items = {.self = &task, .row = keep_item};
    struct sim_options options = *all->options;

    options.replications = r->to;
    options.items = options.items != NULL ? &items : NULL;
    options.progress = on_progress;
    options.progress_self = &task;
    told->arena = sp_arena_new();
    told->status = sim_run_one(
        &(struct sim_run_one){.scenario = all->scenario,
                              .policy =
                                  &all->scenario->policies[all->policies[id].policy],
                              .options = &options,
                              .policy_id = id,
                              .replication = r->from + (int32_t)(i % span)},
        told->arena, &told->run, &told->err);
    return told;
}

/* An interrupted run is kept only where it is the first: partial figures beat none. */
static void keep_run(struct round *r, struct sim_rounds_policy *p, struct told *told)
{
    const bool interrupted = told->run.end == MODEL_END_INTERRUPTED;

    r->all->stopped = r->all->stopped || interrupted;
    if (interrupted && p->n > 0)
        return;
    p->runs = sp_arena_more(r->all->arena, p->runs, p->n, &p->room, sizeof *p->runs);
    p->runs[p->n++] = told->run;
    sp_arena_adopt(r->all->arena, told->arena);
    told->arena = NULL;
}

static void hand_over_items(const struct round *r, const struct told *told)
{
    const struct model_item_sink *sink = r->all->options->items;

    for (int64_t i = 0; i < told->n_items; i++)
        sink->row(sink->self, &told->items[i]);
}

/* Of a policy whose run was interrupted no later one is kept: they would not be
 * numbered as they are. */
static bool next_of(const struct round *r, const struct sim_rounds_policy *p, int64_t i)
{
    const int32_t replication = r->from + (int32_t)(i % (r->to - r->from));

    return replication == p->n &&
           (p->n == 0 || p->runs[p->n - 1].end != MODEL_END_INTERRUPTED);
}

static bool tell_run(void *self, int64_t i, void *result)
{
    struct round *r = self;
    struct told *told = result;
    struct sim_rounds_policy *p = &r->all->policies[i / (r->to - r->from)];

    if (told->status != SP_OK && r->status == SP_OK) {
        r->status = told->status;
        if (r->err != NULL)
            *r->err = told->err;
        atomic_store(&r->stop, true);
    }
    if (r->status == SP_OK && next_of(r, p, i)) {
        hand_over_items(r, told);
        keep_run(r, p, told);
    }
    sp_arena_free(told->arena);
    free(told->items);
    free(told);
    pthread_mutex_lock(&r->lock);
    r->n_told = i + 1;
    pthread_mutex_unlock(&r->lock);
    return ask(r) && !r->all->stopped;
}

/* ---- a round ---- */

static struct sim_progress at_first(const struct sim_rounds *r, int32_t from,
                                    int32_t to)
{
    return (struct sim_progress){.policy =
                                     r->scenario->policies[r->policies[0].policy].name,
                                 .replication = from,
                                 .n_replications = to,
                                 .runs = (to - from) * r->n_policies};
}

enum sp_status sim_rounds_add(struct sim_rounds *all, int32_t to, struct sp_err *err)
{
    const int32_t from = all->asked, threads = all->options->threads;
    struct round r = {.all = all,
                      .from = from,
                      .to = to,
                      .caller = pthread_self(),
                      .n_tasks = (int64_t)(to - from) * all->n_policies,
                      .latest_task = -1,
                      .status = SP_OK,
                      .err = err};
    struct sp_pool_work work = {.n = r.n_tasks,
                                .threads = threads > 1 ? threads : 1,
                                .ahead = r.n_tasks,
                                .work = do_run,
                                .done = tell_run,
                                .wait = wait_for_others,
                                .self = &r};

    if (r.n_tasks <= 0 || all->stopped)
        return SP_OK;
    r.latest = at_first(all, from, to);
    if (work.threads > work.n)
        work.threads = (int32_t)work.n;
    all->asked = to;
    pthread_mutex_init(&r.lock, NULL);
    if (sp_pool_run(&work) < work.n)
        all->stopped = true;
    pthread_mutex_destroy(&r.lock);
    return r.status;
}

static bool wanted(const struct sim_options *o, int32_t policy)
{
    return o->policies == NULL || o->policies[policy];
}

void sim_rounds_init(struct sim_rounds *r, const struct model_scenario *scenario,
                     const struct sim_options *options, struct sp_arena *arena)
{
    *r = (struct sim_rounds){.scenario = scenario, .options = options, .arena = arena};
    r->policies =
        sp_arena_array(arena, (size_t)scenario->n_policies, sizeof *r->policies);
    for (int32_t p = 0; p < scenario->n_policies; p++)
        if (wanted(options, p))
            r->policies[r->n_policies++].policy = p;
}

int32_t sim_rounds_pairs(const struct sim_rounds *r)
{
    int32_t n = r->asked;

    for (int32_t p = 0; p < r->n_policies; p++)
        if (r->policies[p].n > 0 && r->policies[p].n < n)
            n = r->policies[p].n;
    return n;
}
