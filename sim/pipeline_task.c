/* The life of a task: it takes a slot and items, fetches what is elsewhere, is served,
 * and hands its output on, or is held back, retried, or made to wait for its gang. */
#include "base/units.h"
#include "sim/draw.h"
#include "sim/pipeline_rows.h"
#include "sim/schedule.h"

enum { SALT_FAIL = 0x6661696c };

/* ---- rows ---- */

static int32_t task_new(struct sim_pipeline *p)
{
    int32_t id = p->free_task;

    if (id != SP_NO_ID) {
        p->free_task = p->tasks[id].next;
        return id;
    }
    p->tasks =
        sp_arena_more(p->arena, p->tasks, p->n_tasks, &p->tasks_room, sizeof *p->tasks);
    id = p->n_tasks++;
    p->tasks[id].slot =
        sim_event_queue_slot_new(p->env.queue, p->env.first_kind + SIM_PIPE_TASK, id);
    return id;
}

void sim_task_free(struct sim_pipeline *p, int32_t id)
{
    p->tasks[id].state = SIM_TASK_FREE;
    p->tasks[id].next = p->free_task;
    p->free_task = id;
}

/* Puts a task at the end of a list of blocked ones. */
void sim_task_push(struct sim_pipeline *p, struct sim_queue *q, int32_t id)
{
    p->tasks[id].next = SP_NO_ID;
    if (q->last == SP_NO_ID)
        q->first = id;
    else
        p->tasks[q->last].next = id;
    q->last = id;
}

int32_t sim_task_pop(struct sim_pipeline *p, struct sim_queue *q)
{
    int32_t id = q->first;

    q->first = p->tasks[id].next;
    if (q->first == SP_NO_ID)
        q->last = SP_NO_ID;
    return id;
}

bool sim_task_unlist(struct sim_pipeline *p, struct sim_queue *q, int32_t id)
{
    int32_t before = SP_NO_ID, at = q->first;

    while (at != SP_NO_ID && at != id) {
        before = at;
        at = p->tasks[at].next;
    }
    if (at == SP_NO_ID)
        return false;
    if (before == SP_NO_ID)
        q->first = p->tasks[id].next;
    else
        p->tasks[before].next = p->tasks[id].next;
    if (q->last == id)
        q->last = before;
    return true;
}

/* ---- start ---- */

void sim_task_step_pending(struct sim_pipeline *p, const struct sim_task *t, int sign)
{
    if (p->stores_used)
        p->stages[t->stage].pending_bytes +=
            sign * sim_output_bytes(p, &p->stages[t->stage], t->head, t->n_items);
}

void sim_task_reserve(struct sim_pipeline *p, struct sim_task *t, int sign)
{
    const struct sim_stage *first = &p->stages[t->stage],
                           *s = sim_stage_emitter(p, first);

    if (sign > 0) {
        t->reserved_items = sim_stage_output_items(s, t->n_items);
        t->reserved_bytes =
            p->stores_used ? sim_output_bytes(p, first, t->head, t->n_items) : 0;
    }
    for (int32_t e = 0; e < s->n_to; e++) {
        struct sim_stage *to = &p->stages[s->to[e]];

        to->reserved_items += sign * t->reserved_items;
        if (sign < 0 && to->m->buffer > 0) /* it may bring less than it was promised */
            p->relieved |= UINT64_C(1) << to->id;
    }
    if (p->stores_used) {
        sim_network_store_add(p->env.network, t->node, sign * t->reserved_bytes);
        p->store_relieved = p->store_relieved || sign < 0;
    }
}

int32_t sim_stage_choose_unit(const struct sim_pipeline *p, const struct sim_stage *s)
{
    const struct sim_pool *pool = &p->pools[s->pool];
    const struct sim_bitset *can_run = &pool->can_run[s->local];

    if (p->locality && s->queue.first != SP_NO_ID) {
        int32_t node = p->items[s->queue.first].node;

        for (int32_t u = node != SP_NO_ID && node < pool->n_on_node
                             ? pool->on_node[node]
                             : SP_NO_ID;
             u != SP_NO_ID; u = pool->units[u].next_on_node)
            if (sim_bitset_has(can_run, u))
                return u;
    }
    return sim_bitset_first(can_run);
}

/* When all of the task's input is on its node. */
static int64_t fetch_input(struct sim_pipeline *p, const struct sim_task *t)
{
    int64_t there_ns = p->now_ns;

    for (int32_t id = t->head; id != SP_NO_ID; id = p->items[id].next) {
        const struct sim_item *it = &p->items[id];
        int64_t at = p->now_ns;

        if (it->node == SP_NO_ID || it->bytes == 0)
            continue;
        if (it->stored == 2)
            at = sim_network_unspill(p->env.network, it->node, it->bytes, at);
        if (it->node != t->node) {
            at = sim_network_transfer(p->env.network, it->node, t->node, it->bytes, at);
            p->moved_bytes += it->bytes;
        }
        there_ns = at > there_ns ? at : there_ns;
    }
    return there_ns;
}

static void begin_phase(struct sim_pipeline *p, struct sim_task *t)
{
    struct sim_stage *s = &p->stages[t->phase];

    t->state = SIM_TASK_SERVING;
    t->phase_ns = p->now_ns;
    s->serving++;
    sim_level_add(&s->busy[t->node_type], p->now_ns, 1);
    if (p->env.cpu_use != NULL)
        sim_cpu_use_add(p->env.cpu_use, t->node, s->m->slot_needs.mcpu);
    sim_event_queue_set(p->env.queue, t->slot, p->now_ns + sim_service_ns(p, s, t), 0);
    if (s->draw_only)
        sim_service_ahead(p, s);
}

/* Puts n items of the stage's queue to work in a slot of `unit`. */
static void start_on(struct sim_pipeline *p, struct sim_stage *s, int32_t unit,
                     int32_t n)
{
    struct sim_pool *pool = &p->pools[s->pool];
    int32_t id = task_new(p), node = pool->units[unit].node;
    struct sim_task *t = &p->tasks[id];
    int64_t there_ns;

    t->stage = t->phase = s->id;
    t->unit = unit;
    t->node = node;
    t->n_items = n;
    t->from_ns = p->now_ns;
    t->fused_factor = 1;
    t->head = sim_stage_take(p, s, n);
    t->node_type = sim_cluster_node_type(p->env.cluster, node);
    sim_record_task_begins(p, t);
    sim_unit_take(p, pool, unit, s->local);
    s->running++;
    s->tasks++;
    s->task_items += n;
    if (p->rule->reserves)
        sim_task_reserve(p, t, 1);
    if (!s->plain)
        sim_task_step_pending(p, t, 1);
    if (pool->m->fused)
        t->fused_factor = sim_fused_factor(p, pool, t);
    there_ns = p->locality ? fetch_input(p, t) : p->now_ns;
    if (there_ns > p->now_ns) {
        t->state = SIM_TASK_FETCHING;
        sim_level_add(&s->fetching, p->now_ns, 1);
        sim_event_queue_set(p->env.queue, t->slot, there_ns, 0);
    } else {
        begin_phase(p, t);
    }
}

static int32_t next_batch(const struct sim_stage *s)
{
    return (int32_t)(s->waiting.n < s->m->batch ? s->waiting.n : s->m->batch);
}

void sim_task_start(struct sim_pipeline *p, struct sim_stage *s)
{
    start_on(p, s, sim_stage_choose_unit(p, s), next_batch(s));
}

void sim_gang_start(struct sim_pipeline *p, struct sim_stage *s)
{
    sp_assert(s->gang_left == 0 && s->gang_done.first == SP_NO_ID);
    while (s->waiting.n > 0) {
        int32_t unit = sim_bitset_first(&p->pools[s->pool].can_run[s->local]);

        if (unit == SP_NO_ID)
            break;
        start_on(p, s, unit, next_batch(s));
        s->gang_left++;
    }
}

/* ---- the end ---- */

void sim_task_release_slot(struct sim_pipeline *p, struct sim_task *t)
{
    struct sim_stage *s = &p->stages[t->stage];

    sim_record_task_ends(p, t);
    if (t->unit != SP_NO_ID)
        sim_unit_give(p, &p->pools[s->pool], t->unit, s->local);
    s->running--;
    if (p->rule->global)
        sim_dirty_all(p);
    p->dirty_pools |= UINT64_C(1) << s->pool;
}

static void hand_on(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage], *last = &p->stages[t->phase];
    int32_t head = t->head;

    if (p->rule->reserves)
        sim_task_reserve(p, t, -1);
    last->done += t->n_items;
    sim_record_output(p, t, head);
    sim_task_release_slot(p, t);
    sim_task_free(p, id);
    sim_output_deliver(p, last, head);
    sim_stage_check_complete(p, s);
}

/* Items have passed the inner borders of a fused task once it has not failed. */
static void count_inner(struct sim_pipeline *p, const struct sim_task *t)
{
    const struct sim_pool *pool = &p->pools[p->stages[t->stage].pool];

    for (int32_t i = 0; pool->m->fused && i + 1 < pool->n_stages; i++) {
        p->stages[pool->stages[i]].done += t->n_items;
        p->stages[pool->stages[i]].emitted += t->n_items;
        p->stages[pool->stages[i + 1]].in += t->n_items;
    }
}

static void finish_or_block(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage], *blocker;

    sim_task_step_pending(p, t, -1);
    count_inner(p, t);
    sim_make_output(p, t);
    if (sim_output_fits(p, t, &blocker)) {
        hand_on(p, id);
        return;
    }
    if (p->rule->global) /* its input is no longer about */
        sim_dirty_all(p);
    t->state = SIM_TASK_BLOCKED;
    t->phase_ns = p->now_ns;
    sim_level_add(&s->blocked_slots, p->now_ns, 1);
    if (blocker != NULL)
        sim_task_push(p, &blocker->blocked, id);
    else
        sim_store_wait(p, id);
}

void sim_task_unblock(struct sim_pipeline *p, int32_t id)
{
    if (p->tasks[id].unit != SP_NO_ID) {
        sim_level_add(&p->stages[p->tasks[id].stage].blocked_slots, p->now_ns, -1);
        sim_task_book_blocked(p, &p->tasks[id]);
        sim_record_blocked(p, &p->tasks[id], p->now_ns);
    }
    hand_on(p, id);
}

/* Takes off the items that have failed too often; the rest is left at t->head. */
static void drop_worn_out(struct sim_pipeline *p, struct sim_task *t, int32_t max)
{
    struct sim_stage *s = &p->stages[t->stage];
    struct sim_queue keep = {SP_NO_ID, SP_NO_ID};
    int32_t id = t->head;

    for (int32_t left = t->n_items; left > 0; left--) {
        bool worn = ++p->items[id].attempt > max;

        t->n_items -= worn;
        s->dropped += worn;
        if (worn)
            sim_join_copy_lost(p, s, p->items[id].key);
        for (int32_t i = 0; i < s->pieces; i++) {
            int32_t next = p->items[id].next;

            if (worn) {
                sim_item_leave(p, id, MODEL_DROP_RETRIES);
            } else {
                sim_items_append(p, &keep, id, id);
            }
            id = next;
        }
    }
    t->head = keep.first;
}

static void retry(struct sim_pipeline *p, int32_t id, const struct model_stage *culprit)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage];

    sim_task_book_redone(p, t, t->served_ns);
    sim_task_step_pending(p, t, -1);
    if (p->rule->reserves)
        sim_task_reserve(p, t, -1);
    sim_task_release_slot(p, t);
    drop_worn_out(p, t, culprit->retries_max);
    s->retried += t->n_items;
    if (t->n_items == 0) {
        sim_task_free(p, id);
        sim_stage_check_complete(p, s);
        return;
    }
    t->state = SIM_TASK_RETRYING;
    s->retrying++;
    sim_event_queue_set(p->env.queue, t->slot, p->now_ns + culprit->retry_delay_ns, 0);
}

/* The common case: items go out as they came in, and nothing can hold them back. */
static void plain_output(struct sim_pipeline *p, struct sim_task *t,
                         struct sim_stage *s)
{
    s->emitted += t->n_items;
    if (s->n_to == 0)
        return;
    for (int32_t id = t->head; id != SP_NO_ID; id = p->items[id].next) {
        struct sim_item *it = &p->items[id];
        double bytes_in = (double)it->bytes;

        sim_item_unstore(p, it);
        it->node = t->node;
        it->bytes = sim_bytes_out(p, s, it, bytes_in);
    }
}

/* The stage at which the task fails, or NULL: the first of a fused task's stages that
 * does; its `retries` then hold for the task. */
static const struct model_stage *failure(const struct sim_pipeline *p,
                                         const struct sim_task *t)
{
    const struct sim_pool *pool = &p->pools[p->stages[t->stage].pool];

    for (int32_t s = t->stage; s != SP_NO_ID;) {
        const struct sim_stage *at = &p->stages[s];
        struct sp_rng r =
            sp_rng_from_key(sim_draw_key(at, &p->items[t->head]) ^ SALT_FAIL);

        if (at->m->fail_frac > 0 && sp_rng_uniform(&r) < at->m->fail_frac)
            return at->m;
        s = pool->m->fused && at->local + 1 < pool->n_stages
                ? pool->stages[at->local + 1]
                : SP_NO_ID;
    }
    return NULL;
}

static void task_ends(struct sim_pipeline *p, int32_t id)
{
    const struct model_stage *culprit = failure(p, &p->tasks[id]);

    if (culprit != NULL)
        retry(p, id, culprit);
    else
        finish_or_block(p, id);
}

static void gang_task_ends(struct sim_pipeline *p, int32_t id)
{
    struct sim_stage *s = &p->stages[p->tasks[id].stage];

    p->tasks[id].state = SIM_TASK_AT_BARRIER;
    sim_task_push(p, &s->gang_done, id);
    sim_level_add(&s->at_barrier, p->now_ns, 1);
    if (--s->gang_left > 0)
        return;
    sim_level_add(&s->at_barrier, p->now_ns, -s->at_barrier.n);
    for (int32_t at = s->gang_done.first; at != SP_NO_ID;) {
        int32_t next = p->tasks[at].next;

        task_ends(p, at);
        at = next;
    }
    s->gang_done = (struct sim_queue){SP_NO_ID, SP_NO_ID};
}

/* Whether settling would begin with this very slot taking the next item of its queue:
 * the stage is simple, so no other slot of it was free while items waited, and nothing
 * comes before its pool. */
static bool goes_on(const struct sim_pipeline *p, const struct sim_task *t,
                    const struct sim_stage *s)
{
    return s->simple && s->waiting.n > 0 && p->relieved == 0 &&
           (p->dirty_pools & ((UINT64_C(1) << s->pool) - 1)) == 0 &&
           p->pools[s->pool].units[t->unit].state == SIM_UNIT_UP;
}

/* The slot keeps its task row and takes the next item. */
static void take_next(struct sim_pipeline *p, struct sim_task *t, struct sim_stage *s)
{
    t->head = sim_stage_take(p, s, 1);
    t->from_ns = p->now_ns;
    s->tasks++;
    s->task_items++;
    begin_phase(p, t);
}

/* A plain task ends. */
static void end_plain(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage];

    plain_output(p, t, s);
    if (!s->simple) {
        hand_on(p, id);
        return;
    }
    s->done += t->n_items;
    sim_record_output(p, t, t->head);
    sim_output_deliver(p, s, t->head);
    if (goes_on(p, t, s)) {
        take_next(p, t, s);
        return;
    }
    sim_task_release_slot(p, t);
    sim_task_free(p, id);
    sim_stage_check_complete(p, s);
}

static struct sim_slot_time *time_of(const struct sim_pipeline *p,
                                     const struct sim_task *t,
                                     const struct sim_stage *s)
{
    const struct sim_pool *pool = &p->pools[s->pool];

    return &pool->time[t->unit * pool->n_stages + s->local];
}

/* Books the service time since the phase began. */
void sim_task_book(struct sim_pipeline *p, struct sim_task *t, int64_t now_ns)
{
    struct sim_stage *s = &p->stages[t->phase];

    sim_record_service(p, t, now_ns);
    s->serving--;
    sim_level_add(&s->busy[t->node_type], now_ns, -1);
    if (p->env.cpu_use != NULL)
        sim_cpu_use_add(p->env.cpu_use, t->node, -s->m->slot_needs.mcpu);
    time_of(p, t, s)->busy += now_ns - t->phase_ns;
}

void sim_task_book_fetch(struct sim_pipeline *p, const struct sim_task *t)
{
    time_of(p, t, &p->stages[t->stage])->fetching += p->now_ns - t->from_ns;
}

void sim_task_book_blocked(struct sim_pipeline *p, const struct sim_task *t)
{
    time_of(p, t, &p->stages[t->stage])->blocked += p->now_ns - t->phase_ns;
}

void sim_task_book_redone(struct sim_pipeline *p, const struct sim_task *t,
                          int64_t served_ns)
{
    const struct sim_stage *s = &p->stages[t->phase];
    const struct sim_pool *pool = &p->pools[s->pool];

    time_of(p, t, s)->redone += served_ns;
    for (int32_t l = 0; pool->m->fused && l < s->local; l++) {
        struct sim_slot_time *before = &pool->time[t->unit * pool->n_stages + l];

        before->redone += before->phase_ns;
    }
}

static void phase_ends(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->phase];
    const struct sim_pool *pool = &p->pools[s->pool];

    sim_task_book(p, t, p->now_ns);
    if (p->measuring)
        sim_histogram_add(&s->service, p->now_ns - t->phase_ns, 1);
    if (!s->plain) {
        t->served_ns = p->now_ns - t->phase_ns;
        time_of(p, t, s)->phase_ns = t->served_ns;
    }
    if (!s->plain && pool->m->fused && s->local + 1 < pool->n_stages) {
        t->phase = pool->stages[s->local + 1];
        s = &p->stages[t->phase];
        s->tasks++;
        s->task_items += t->n_items;
        begin_phase(p, t);
    } else if (s->plain) {
        end_plain(p, id);
    } else if (s->m->gang) {
        gang_task_ends(p, id);
    } else {
        task_ends(p, id);
    }
}

void sim_task_event(struct sim_pipeline *p, int32_t id)
{
    struct sim_task *t = &p->tasks[id];
    struct sim_stage *s = &p->stages[t->stage];

    switch (t->state) {
    case SIM_TASK_FETCHING:
        sim_level_add(&s->fetching, p->now_ns, -1);
        sim_task_book_fetch(p, t);
        sim_record_fetch(p, t, p->now_ns);
        begin_phase(p, t);
        break;
    case SIM_TASK_SERVING:
        phase_ends(p, id);
        break;
    case SIM_TASK_RETRYING:
        s->retrying--;
        sim_stage_requeue(p, s, t->head, t->n_items);
        sim_task_free(p, id);
        break;
    default:
        sp_bug(__FILE__, __LINE__, "task %d has an event in state %d at %g s", id,
               (int)t->state, sp_s_from_ns(p->now_ns));
    }
}

/* The run ends: running tasks are booked up to now, those that wait recorded. */
void sim_task_stage_finish(struct sim_pipeline *p, int64_t now_ns)
{
    for (int32_t id = 0; id < p->n_tasks; id++) {
        struct sim_task *t = &p->tasks[id];

        if (t->state == SIM_TASK_SERVING) {
            sim_task_book(p, t, now_ns);
        } else if (t->state == SIM_TASK_FETCHING) {
            sim_task_book_fetch(p, t);
            sim_record_fetch(p, t, now_ns);
        } else if (t->state == SIM_TASK_BLOCKED) {
            if (t->unit != SP_NO_ID)
                sim_task_book_blocked(p, t);
            sim_record_blocked(p, t, now_ns);
        }
    }
}
