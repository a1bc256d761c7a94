/* From prefill to decode: the line for a decode replica, its reservation, and the way
 * of the KV cache. */
#include <math.h>

#include "base/units.h"
#include "sim/serving_rows.h"

/* ---- rows ---- */

static int32_t handover_new(struct sim_serving *w, int32_t request)
{
    const struct sim_request *r = sim_requests_at(w->requests, request);
    int32_t id = w->free_handover;

    if (id != SP_NO_ID) {
        w->free_handover = w->handovers[id].next;
    } else {
        w->handovers = sp_arena_more(w->arena, w->handovers, w->n_handovers,
                                     &w->handovers_room, sizeof *w->handovers);
        id = w->n_handovers++;
        w->handovers[id].slot = sim_event_queue_slot_new(
            w->env.queue, w->env.first_kind + SIM_SERVE_TRANSFER, id);
    }
    w->handovers[id] =
        (struct sim_handover){.request = request,
                              .source = r->replica,
                              .dest = SP_NO_ID,
                              .slot = w->handovers[id].slot,
                              .next = SP_NO_ID,
                              .prev = SP_NO_ID,
                              .begin_ns = w->flights[request].scheduled_ns};
    w->flights[request].handover = id;
    return id;
}

static void handover_free(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];

    w->flights[h->request].handover = SP_NO_ID;
    h->state = SIM_HANDOVER_FREE;
    h->next = w->free_handover;
    w->free_handover = id;
}

/* ---- the line ---- */

/* Between two neighbours, SP_NO_ID where it is the first or the last. */
static void line_insert(struct sim_serving *w, int32_t id, int32_t prev, int32_t next)
{
    struct sim_handover *h = &w->handovers[id];

    h->state = SIM_HANDOVER_WAITS;
    h->prev = prev;
    h->next = next;
    *(prev == SP_NO_ID ? &w->line_first : &w->handovers[prev].next) = id;
    *(next == SP_NO_ID ? &w->line_last : &w->handovers[next].prev) = id;
    w->n_line++;
    sim_serving_wait(w, w->line_pool, 1);
    sim_serving_here(w, w->line_pool, 1);
}

static void line_append(struct sim_serving *w, int32_t id)
{
    line_insert(w, id, w->line_last, SP_NO_ID);
}

static void line_prepend(struct sim_serving *w, int32_t id)
{
    line_insert(w, id, SP_NO_ID, w->line_first);
}

static void line_remove(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];

    *(h->prev == SP_NO_ID ? &w->line_first : &w->handovers[h->prev].next) = h->next;
    *(h->next == SP_NO_ID ? &w->line_last : &w->handovers[h->next].prev) = h->prev;
    h->next = h->prev = SP_NO_ID;
    w->n_line--;
    sim_serving_wait(w, w->line_pool, -1);
    sim_serving_here(w, w->line_pool, -1);
}

/* ---- a decode replica with room ---- */

/* A replica in which preempted sequences wait takes none: they were there first. */
static bool has_room(const struct sim_serving *w, int32_t replica,
                     const struct sim_request *r)
{
    const struct model_pool *m = w->pools[w->replicas[replica].pool].m;
    struct sim_replica_load load;

    if (!sim_serving_pool_holds(w, w->replicas[replica].pool, r->prompt, r->output))
        return false;
    sim_replica_settle(w->replicas[replica].engine, w->now_ns + 1); /* after its step */
    load = sim_replica_load(w->replicas[replica].engine);
    return load.waiting == 0 && load.running < m->max_num_seqs &&
           (r->prompt + m->block_size - 1) / m->block_size <= load.kv_free;
}

/* Reserves room for the request's KV cache at a replica that the router picks;
 * SP_NO_ID: there is none. */
static int32_t reserve(struct sim_serving *w, int32_t request)
{
    const struct sim_request *r = sim_requests_at(w->requests, request);
    int32_t at, replica;

    sim_serving_list_clear(&w->some);
    for (int32_t i = 0; i < w->decodes.n; i++)
        if (has_room(w, w->decodes.numbers[i], r))
            sim_serving_list_push(w, &w->some, w->decodes.numbers[i]);
    while (w->some.n > 0) {
        at = sim_serving_choose(w, w->decode_router, &w->decode_state, &w->some,
                                request);
        replica = w->some.numbers[at];
        if (sim_replica_reserve(w->replicas[replica].engine, request, w->now_ns)) {
            sim_serving_follow(w, replica);
            sim_serving_here(w, w->replicas[replica].pool, 1);
            return replica;
        }
        sim_serving_list_remove(&w->some, replica);
    }
    return SP_NO_ID;
}

/* ---- the way ---- */

static int64_t kv_bytes(const struct sim_serving *w, int32_t request)
{
    return sim_requests_at(w->requests, request)->prompt *
           model_llm_kv_bytes(w->m->llm);
}

/* When the NICs are through with a transfer asked for now; within a node there are
 * none. */
static int64_t through_nics_ns(struct sim_serving *w, const struct sim_handover *h)
{
    int32_t from = w->replicas[h->source].node, to = w->replicas[h->dest].node;

    if (from == to)
        return w->now_ns;
    return sim_network_transfer(w->env.network, from, to, kv_bytes(w, h->request),
                                w->now_ns);
}

static int64_t line_time_ns(const struct sim_serving *w, const struct sim_handover *h)
{
    double rate = w->m->transfer.bytes_per_s;

    return rate > 0 ? sp_ns_from_s((double)kv_bytes(w, h->request) / rate) : 0;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void moves(struct sim_serving *w, int32_t id, int64_t arrives_ns)
{
    struct sim_handover *h = &w->handovers[id];

    h->state = SIM_HANDOVER_MOVING;
    w->n_moving++;
    sim_serving_set(w, h->slot, arrives_ns);
}

/* All of it from now on. */
static void move_whole(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];
    int64_t sent_ns = later(through_nics_ns(w, h), w->now_ns + line_time_ns(w, h));

    moves(w, id, sp_ns_after(sent_ns, w->m->transfer.latency_ns));
}

/* Layer by layer since prefill began: the last layer leaves when it is computed, and
 * none before its own is. */
static void move_rest(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];
    int64_t layers = w->m->llm->layers, latency_ns = w->m->transfer.latency_ns;
    int64_t time_ns = later(line_time_ns(w, h), h->alone_ns);
    int64_t last_ns = sp_ns_after(h->ready_ns, (time_ns + layers - 1) / layers);
    int64_t all_ns = sp_ns_after(h->begin_ns + (h->ready_ns - h->begin_ns) / layers,
                                 later(time_ns, h->net_ns - h->begin_ns));

    moves(w, id, sp_ns_after(later(last_ns, all_ns), latency_ns));
}

/* ---- what happens ---- */

void sim_handover_ahead(struct sim_serving *w, int32_t request)
{
    w->ahead =
        sp_arena_more(w->arena, w->ahead, w->n_ahead, &w->ahead_room, sizeof *w->ahead);
    w->ahead[w->n_ahead++] = request;
}

static void reserve_ahead(struct sim_serving *w, int32_t request)
{
    struct sim_handover *h;
    int32_t dest, id;

    if (w->n_line > 0) /* others were first */
        return;
    if (w->flights[request].scheduled_ns != w->now_ns ||
        w->flights[request].handover != SP_NO_ID)
        return; /* it did not last till now */
    dest = reserve(w, request);
    if (dest == SP_NO_ID)
        return;
    id = handover_new(w, request);
    h = &w->handovers[id];
    h->state = SIM_HANDOVER_AHEAD;
    h->dest = dest;
    h->net_ns = through_nics_ns(w, h);
    h->alone_ns = sim_network_time_ns(w->env.network, w->replicas[h->source].node,
                                      w->replicas[dest].node, kv_bytes(w, request));
}

void sim_handover_forget(struct sim_serving *w, int32_t request)
{
    int32_t id = w->flights[request].handover;

    for (int32_t i = 0; i < w->n_ahead; i++)
        if (w->ahead[i] == request)
            w->ahead[i] = SP_NO_ID;
    if (id == SP_NO_ID || w->handovers[id].state != SIM_HANDOVER_AHEAD)
        return;
    w->back =
        sp_arena_more(w->arena, w->back, w->n_back, &w->back_room, sizeof *w->back);
    w->back[w->n_back++] = request;
}

/* What preempted prompts had reserved, after the steps of the instant. */
static void give_back(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_back; i++) {
        int32_t id = w->flights[w->back[i]].handover, dest;

        if (id == SP_NO_ID || w->handovers[id].state != SIM_HANDOVER_AHEAD)
            continue; /* that replica was lost meanwhile */
        dest = w->handovers[id].dest;
        sim_replica_cancel(w->replicas[dest].engine, w->back[i], w->now_ns);
        sim_serving_follow(w, dest);
        sim_serving_here(w, w->replicas[dest].pool, -1);
        handover_free(w, id);
        sim_serving_unit_check(w, dest);
    }
    w->n_back = 0;
}

/* How long it waited for a decode replica. */
static void count_held(struct sim_serving *w, int32_t id)
{
    const struct sim_handover *h = &w->handovers[id];
    int64_t held_ns = w->now_ns - h->ready_ns;

    if (!w->measuring)
        return;
    sim_histogram_add(&w->held_back, held_ns, 1);
    sim_histogram_add(&w->pools[w->replicas[h->dest].pool].wait, held_ns, 1);
}

void sim_handover_ready(struct sim_serving *w, int32_t request)
{
    int32_t id = w->flights[request].handover;

    if (id == SP_NO_ID)
        id = handover_new(w, request);
    w->handovers[id].ready_ns = w->now_ns;
    if (w->handovers[id].dest != SP_NO_ID) {
        count_held(w, id);
        move_rest(w, id);
        return;
    }
    line_append(w, id);
    w->look = true;
}

void sim_handover_call(struct sim_serving *w)
{
    bool wanted = (w->look && w->n_line > 0) || w->n_ahead > 0 || w->n_back > 0 ||
                  w->n_held > 0 || w->drained;

    if (wanted && !sim_event_queue_pending(w->env.queue, w->line_slot))
        sim_event_queue_set(w->env.queue, w->line_slot, w->now_ns, 3);
    w->look = false;
}

static void look_for_line(struct sim_serving *w)
{
    while (w->line_first != SP_NO_ID) {
        int32_t id = w->line_first, request = w->handovers[id].request;
        int32_t dest = reserve(w, request);

        if (dest == SP_NO_ID) {
            sim_serving_wake(w, true, request);
            return;
        }
        line_remove(w, id);
        w->handovers[id].dest = dest;
        count_held(w, id);
        move_whole(w, id);
    }
}

/* What steps led to at once, now that all of the instant are over. */
static void let_follow(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_held; i++)
        sim_event_queue_set(w->env.queue, w->held[i], w->now_ns, 0);
    w->n_held = 0;
    if (w->drained)
        sim_serving_units_check(w);
    w->drained = false;
}

void sim_handover_look(struct sim_serving *w)
{
    if (w->n_held > 0 || w->drained) {
        let_follow(w);
        sim_event_queue_set(w->env.queue, w->line_slot, w->now_ns, 3);
        return;
    }
    give_back(w);
    look_for_line(w);
    for (int32_t i = 0; i < w->n_ahead; i++)
        if (w->ahead[i] != SP_NO_ID)
            reserve_ahead(w, w->ahead[i]);
    w->n_ahead = 0;
}

void sim_handover_arrived(struct sim_serving *w, int32_t id)
{
    struct sim_handover h = w->handovers[id];
    struct sim_request *r = sim_requests_at(w->requests, h.request);
    struct sim_serving_pool *from = &w->pools[w->replicas[h.source].pool];

    w->n_moving--;
    w->transfers++;
    w->transfer_bytes += kv_bytes(w, h.request);
    from->done++;
    sim_serving_here(w, from->id, -1);
    w->pools[w->replicas[h.dest].pool].in++;
    if (w->measuring) {
        sim_histogram_add(&w->transfer, w->now_ns - h.ready_ns, 1);
        sim_histogram_add(&from->service, w->now_ns - w->flights[h.request].here_ns, 1);
    }
    handover_free(w, id);
    sim_record_handover(w, &h);
    r->replica = h.dest;
    w->flights[h.request].here_ns = w->now_ns;
    sim_replica_release(w->replicas[h.source].engine, h.request, w->now_ns);
    sim_serving_follow(w, h.source);
    sim_replica_join(w->replicas[h.dest].engine, h.request, w->now_ns);
    sim_serving_follow(w, h.dest);
    sim_serving_unit_check(w, h.source);
}

static void stop_moving(struct sim_serving *w, struct sim_handover *h)
{
    if (h->state != SIM_HANDOVER_MOVING)
        return;
    w->n_moving--;
    sim_event_queue_clear(w->env.queue, h->slot);
    for (int32_t i = 0; i < w->n_held; i++)
        if (w->held[i] == h->slot)
            w->held[i--] = w->held[--w->n_held];
}

/* Its cache was sent in vain once too often. */
static void give_up(struct sim_serving *w, int32_t id)
{
    struct sim_handover h = w->handovers[id];
    struct sim_serving_pool *from = &w->pools[w->replicas[h.source].pool];

    handover_free(w, id);
    sim_replica_release(w->replicas[h.source].engine, h.request, w->now_ns);
    sim_serving_follow(w, h.source);
    sim_serving_here(w, from->id, -1);
    from->dropped++;
    w->output_lost += sim_requests_at(w->requests, h.request)->generated;
    sim_serving_leave(w, h.request, MODEL_DROP_RETRIES);
    sim_serving_unit_check(w, h.source);
}

void sim_handover_dest_lost(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];
    struct sim_request *r = sim_requests_at(w->requests, h->request);

    stop_moving(w, h);
    sim_serving_here(w, w->replicas[h->dest].pool, -1);
    h->dest = SP_NO_ID;
    if (h->state ==
        SIM_HANDOVER_AHEAD) { /* it joins the line when its prompt is done */
        handover_free(w, id);
        return;
    }
    if (++r->attempts > w->m->retries_max) {
        give_up(w, id);
        return;
    }
    line_prepend(w, id);
    w->look = true;
}

void sim_handover_drop(struct sim_serving *w, int32_t id)
{
    struct sim_handover *h = &w->handovers[id];
    int32_t dest = h->dest;

    stop_moving(w, h);
    if (h->state == SIM_HANDOVER_WAITS)
        line_remove(w, id);
    if (dest != SP_NO_ID) {
        sim_replica_release(w->replicas[dest].engine, h->request, w->now_ns);
        sim_serving_follow(w, dest);
        sim_serving_here(w, w->replicas[dest].pool, -1);
        w->look = true;
    }
    handover_free(w, id);
    if (dest != SP_NO_ID)
        sim_serving_unit_check(w, dest);
}
