/* Tasks whose unit is lost with its node: what they worked at goes back to the queues,
 * what they had finished is kept (assumption A-loss-data). */
#include "sim/pipeline_rows.h"
#include "sim/schedule.h"

/* Whether the task's work has to be done again. */
static bool at_work(const struct sim_task *t)
{
    return t->state == SIM_TASK_FETCHING || t->state == SIM_TASK_SERVING ||
           t->state == SIM_TASK_AT_BARRIER;
}

static bool holds_slot(const struct sim_task *t)
{
    return at_work(t) || t->state == SIM_TASK_BLOCKED;
}

/* Its slot is free, what it reserved is given back, its time is booked. */
static void stop(struct sim_pipeline *p, struct sim_task *t)
{
    struct sim_stage *s = &p->stages[t->stage];

    sim_event_queue_clear(p->env.queue, t->slot);
    if (t->state == SIM_TASK_FETCHING) {
        sim_level_add(&s->fetching, p->now_ns, -1);
        sim_task_book_fetch(p, t);
        sim_record_fetch(p, t, p->now_ns);
    } else if (t->state == SIM_TASK_SERVING) {
        sim_task_book(p, t, p->now_ns);
        sim_task_book_redone(p, t, p->now_ns - t->phase_ns);
    } else {
        sim_level_add(&s->at_barrier, p->now_ns, -1);
        sim_task_book_redone(p, t, t->served_ns);
    }
    if (!s->plain)
        sim_task_step_pending(p, t, -1);
    if (p->rule->reserves)
        sim_task_reserve(p, t, -1);
    sim_task_release_slot(p, t);
    s->lost++;
}

/* Ends the task; its items are at the head of the queue, as they came. */
static void lose(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];

    stop(p, t);
    sim_stage_requeue(p, &p->stages[t->stage], t->head, t->n_items);
    sim_task_free(p, id);
}

/* Its output waits on, for buffers alone, outside of the fleet and without a slot.  It
 * is handed on later in the instant, when the unit is gone: its stage may end by that.
 */
static void detach(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage];

    sim_level_add(&s->blocked_slots, p->now_ns, -1);
    sim_task_book_blocked(p, t);
    sim_record_blocked(p, t, p->now_ns);
    sim_record_task_ends(p, t);
    sim_unit_give(p, &p->pools[s->pool], t->unit, s->local);
    for (int32_t item = t->head; item != SP_NO_ID; item = p->items[item].next)
        p->items[item].node = SP_NO_ID;
    sim_store_forget(p, id);
    t->unit = SP_NO_ID;
}

/* Tasks in the order in which they started. */
static bool before(const struct sim_pipeline *p, int32_t a, int32_t b)
{
    const struct sim_task *x = &p->tasks[a], *y = &p->tasks[b];

    return x->from_ns != y->from_ns ? x->from_ns < y->from_ns : a < b;
}

/* Of those marked, the one that started last. */
static int32_t last_of(const struct sim_pipeline *p,
                       bool (*marked)(const struct sim_task *), int32_t stage,
                       int32_t pool, int32_t unit)
{
    int32_t last = SP_NO_ID;

    for (int32_t id = 0; id < p->n_tasks; id++) {
        const struct sim_task *t = &p->tasks[id];

        if (marked(t) && (stage == SP_NO_ID || t->stage == stage) &&
            (unit == SP_NO_ID || t->unit == unit) &&
            (pool == SP_NO_ID || p->stages[t->stage].pool == pool) &&
            (last == SP_NO_ID || before(p, last, id)))
            last = id;
    }
    return last;
}

/* A step of which one is lost is lost whole: its tasks work together. */
static void lose_step(struct sim_pipeline *p, struct sim_stage *s)
{
    int32_t id;

    s->gang_left = 0;
    s->gang_done = (struct sim_queue){SP_NO_ID, SP_NO_ID};
    while ((id = last_of(p, at_work, s->id, SP_NO_ID, SP_NO_ID)) != SP_NO_ID)
        lose(p, id);
}

void sim_tasks_lose(struct sim_pipeline *p, const struct sim_pool *pool, int32_t unit)
{
    int32_t id;

    while ((id = last_of(p, holds_slot, SP_NO_ID, pool->id, unit)) != SP_NO_ID) {
        struct sim_stage *s = &p->stages[p->tasks[id].stage];

        if (p->tasks[id].state == SIM_TASK_BLOCKED)
            detach(p, id);
        else if (s->m->gang)
            lose_step(p, s);
        else
            lose(p, id);
    }
}
