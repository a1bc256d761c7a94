/* Queues, delivery, and when a stage has seen all of its input. */
#include "base/rng.h"
#include "sim/pipeline_rows.h"
#include "sim/schedule.h"

static const uint64_t salt_route = 0x726f757465;

/* ---- queue of records ---- */

static void step_waiting(struct sim_pipeline *p, struct sim_stage *s, int64_t delta)
{
    sim_level_add(&s->waiting, p->now_ns, delta);
    if (s->waiting.n > s->peak_waiting)
        s->peak_waiting = s->waiting.n;
}

int64_t sim_stage_full(const struct sim_stage *s)
{
    return s->m->gang ? s->slots.n * s->m->batch : s->m->batch;
}

/* Wakes the stage when its batch has waited long enough; now is dealt with by settling.
 */
void sim_linger_arm(struct sim_pipeline *p, struct sim_stage *s)
{
    int64_t due_ns;

    if (s->linger_slot == SP_NO_ID)
        return;
    if (s->input_done || s->queue.first == SP_NO_ID ||
        s->waiting.n >= sim_stage_full(s)) {
        sim_event_queue_clear(p->env.queue, s->linger_slot);
        return;
    }
    due_ns = p->items[s->queue.first].ready_ns + s->m->linger_ns;
    if (due_ns == s->linger_due_ns &&
        sim_event_queue_pending(p->env.queue, s->linger_slot))
        return;
    s->linger_due_ns = due_ns;
    if (due_ns > p->now_ns)
        sim_event_queue_set(p->env.queue, s->linger_slot, due_ns, 0);
    else
        sim_event_queue_clear(p->env.queue, s->linger_slot);
}

void sim_stage_item_waits(struct sim_pipeline *p, struct sim_stage *s, int32_t first,
                          int32_t last)
{
    for (int32_t id = first; id != SP_NO_ID; id = p->items[id].next)
        p->items[id].ready_ns = p->now_ns;
    sim_items_append(p, &s->queue, first, last);
    step_waiting(p, s, 1);
    if (s->draw_only && s->queue.first == first)
        sim_service_ahead(p, s);
    if (s->linger_slot != SP_NO_ID)
        sim_linger_arm(p, s);
    sim_dirty(p, s);
}

void sim_stage_enqueue(struct sim_pipeline *p, struct sim_stage *s, int32_t item)
{
    p->items[item].next = SP_NO_ID;
    p->items[item].attempt = 0;
    if (s->pieces > 1) {
        sim_join_item(p, s, item);
        return;
    }
    s->in++;
    sim_stage_item_waits(p, s, item, item);
}

/* Items of a failed task go back to the head of the queue. */
void sim_stage_requeue(struct sim_pipeline *p, struct sim_stage *s, int32_t head,
                       int32_t n_items)
{
    int32_t last = head;

    for (int32_t id = head; id != SP_NO_ID; id = p->items[id].next) {
        p->items[id].ready_ns = p->now_ns;
        last = id;
    }
    p->items[last].next = s->queue.first;
    s->queue.first = head;
    if (s->queue.last == SP_NO_ID)
        s->queue.last = last;
    step_waiting(p, s, n_items);
    sim_linger_arm(p, s);
    sim_dirty(p, s);
}

int32_t sim_stage_take(struct sim_pipeline *p, struct sim_stage *s, int32_t n)
{
    int32_t head = s->queue.first, last = SP_NO_ID;

    for (int32_t left = n * s->pieces; left > 0; left--) {
        if (s->queue.first == SP_NO_ID) { /* a fixed set is made as it is needed */
            int32_t made = sim_source_make_virtual(p, s);

            sim_items_append(p, &s->queue, made, made);
            if (head == SP_NO_ID)
                head = made;
            if (last != SP_NO_ID)
                p->items[last].next = made;
        }
        last = s->queue.first;
        if (s->pull)
            sim_source_item_taken(p, last);
        s->queue.first = p->items[last].next;
        if (s->queue.first == SP_NO_ID)
            s->queue.last = SP_NO_ID;
        if (p->measuring && (s->pieces == 1 || left % s->pieces == 0))
            sim_histogram_add(&s->wait, p->now_ns - p->items[last].ready_ns, 1);
    }
    p->items[last].next = SP_NO_ID;
    step_waiting(p, s, -n);
    if (s->linger_slot != SP_NO_ID)
        sim_linger_arm(p, s);
    if (s->m->buffer > 0)
        p->relieved |= UINT64_C(1) << s->id;
    return head;
}

/* Whether the stage has a batch that may start now, slots aside. */
bool sim_batch_ready(const struct sim_pipeline *p, const struct sim_stage *s)
{
    int64_t n = s->waiting.n;

    if (n == 0 || (s->m->barrier && !s->input_done))
        return false;
    if (n >= sim_stage_full(s) || s->input_done)
        return true;
    if (s->m->linger_ns < 0 || s->queue.first == SP_NO_ID)
        return false;
    return s->linger_slot == SP_NO_ID ||
           !sim_event_queue_pending(p->env.queue, s->linger_slot);
}

/* ---- delivery ---- */

int32_t sim_route_of(const struct sim_stage *from, uint64_t key)
{
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(from->draw_key ^ salt_route, key));
    double u = sp_rng_uniform(&r);
    const struct model_stage *m = from->m;
    int32_t i = 0;

    for (; i < m->n_route - 1 && u >= m->route_share[i]; i++)
        u -= m->route_share[i];
    return m->route_to[i];
}

bool sim_buffer_takes(const struct sim_stage *to, int64_t there, int64_t n)
{
    int64_t full = to->m->batch;

    if (to->m->gang && to->slots.n > 0)
        full *= to->slots.n;
    return to->m->buffer == 0 || n == 0 || there < full || there + n <= to->m->buffer;
}

/* Whether the records at `head`, output of `from`, fit their consumers' buffers; else
 * *blocker is a consumer that has no room. */
static bool buffers_fit(const struct sim_pipeline *p, const struct sim_stage *from,
                        int32_t head, struct sim_stage **blocker)
{
    int64_t n[MODEL_EDGES_MAX] = {0};

    for (int32_t id = head; id != SP_NO_ID; id = p->items[id].next)
        for (int32_t e = 0; e < from->n_to; e++)
            if (!from->m->has_route ||
                sim_route_of(from, p->items[id].key) == from->to[e])
                n[e]++;
    for (int32_t e = 0; e < from->n_to; e++) {
        struct sim_stage *to = &p->stages[from->to[e]];

        if (!sim_buffer_takes(to, to->waiting.n, n[e])) {
            *blocker = to;
            return false;
        }
    }
    return true;
}

static bool any_buffer(const struct sim_pipeline *p, const struct sim_stage *from)
{
    for (int32_t e = 0; e < from->n_to; e++)
        if (p->stages[from->to[e]].m->buffer > 0)
            return true;
    return false;
}

static const struct sim_stage *last_stage(const struct sim_pipeline *p,
                                          const struct sim_task *t)
{
    return &p->stages[t->phase];
}

/* Room for a finished task's output: the consumers' buffers, then the node's store.  A
 * store that spills always has room.  *blocker NULL: the store. */
bool sim_output_fits(const struct sim_pipeline *p, const struct sim_task *t,
                     struct sim_stage **blocker)
{
    const struct sim_stage *from = last_stage(p, t);
    int64_t bytes = 0, left;

    *blocker = NULL;
    if (p->rule->reserves)
        return true;
    if (any_buffer(p, from) && !buffers_fit(p, from, t->head, blocker))
        return false;
    if (!p->stores_used || from->n_to == 0 || t->unit == SP_NO_ID ||
        sim_network_spills(p->env.network, t->node))
        return true;
    for (int32_t id = t->head; id != SP_NO_ID; id = p->items[id].next)
        bytes += p->items[id].bytes * (from->m->has_route ? 1 : from->n_to);
    left = sim_network_store_left(p->env.network, t->node);
    return bytes <= left;
}

/* The item's bytes go to the store of the node it is on, or past it to the disk. */
static void store_item(struct sim_pipeline *p, const struct sim_stage *from,
                       struct sim_item *it)
{
    if (it->node == SP_NO_ID || it->bytes == 0)
        return;
    it->producer = (int8_t)from->id;
    p->stages[from->id].out_bytes += it->bytes;
    sim_cluster_pin(p->env.cluster, it->node, 1, p->now_ns);
    it->stored = 1;
    if (p->stores_used && sim_network_spills(p->env.network, it->node) &&
        sim_network_store_left(p->env.network, it->node) < it->bytes) {
        it->stored = 2;
        p->spilled_bytes += it->bytes;
        return;
    }
    sim_network_store_add(p->env.network, it->node, it->bytes);
}

static int32_t copy_item(struct sim_pipeline *p, int32_t item)
{
    int32_t copy = sim_item_new(p);

    p->items[copy] = p->items[item];
    if (p->made_by != NULL)
        p->made_by[copy] = p->made_by[item];
    p->families[p->items[item].family].live++;
    return copy;
}

static void deliver_to(struct sim_pipeline *p, const struct sim_stage *from,
                       struct sim_stage *to, int32_t item)
{
    if (to->copies_meet)
        p->items[item].key = sp_mix_keys(p->items[item].key, (uint64_t)from->id);
    store_item(p, from, &p->items[item]);
    sim_stage_enqueue(p, to, item);
}

/* Hands records to the consumers of `from`, or out of the pipeline at a sink. */
void sim_output_deliver(struct sim_pipeline *p, const struct sim_stage *from,
                        int32_t head)
{
    while (head != SP_NO_ID) {
        int32_t item = head;

        head = p->items[item].next;
        if (from->n_to == 0) {
            sim_item_leave(p, item, -1);
            continue;
        }
        if (from->m->has_route) {
            deliver_to(p, from, &p->stages[sim_route_of(from, p->items[item].key)],
                       item);
            continue;
        }
        for (int32_t e = 0; e < from->n_to; e++)
            deliver_to(p, from, &p->stages[from->to[e]],
                       e + 1 < from->n_to ? copy_item(p, item) : item);
    }
}

/* ---- completion ---- */

void sim_stage_input_done(struct sim_pipeline *p, struct sim_stage *s)
{
    s->input_done = true;
    sim_linger_arm(p, s);
    if (s->partial > 0)
        sim_join_end(p, s);
    sim_dirty(p, s);
    sim_stage_check_complete(p, s);
}

/* A stage whose input has ended and that holds nothing is complete, and so is one input
 * of each of its consumers; a pool whose stages all are gives its units back. */
void sim_stage_check_complete(struct sim_pipeline *p, struct sim_stage *s)
{
    struct sim_pool *pool = &p->pools[s->pool];

    if (s->complete || !s->input_done || s->waiting.n > 0 || s->running > 0 ||
        s->retrying > 0)
        return;
    s->complete = true;
    p->n_complete++;
    for (int32_t e = 0; e < s->n_to; e++) {
        struct sim_stage *to = &p->stages[s->to[e]];

        if (--to->inputs_left == 0)
            sim_stage_input_done(p, to);
    }
    for (int32_t i = 0; i < pool->n_stages; i++)
        if (!p->stages[pool->stages[i]].complete)
            return;
    if (!pool->complete) {
        pool->complete = true;
        sim_pool_finish(p, pool);
    }
}
