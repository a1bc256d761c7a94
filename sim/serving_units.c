/* Replicas as units of the cluster: asked for, placed, started, lost, drained and given
 * back; autoscaling. */
#include "base/units.h"
#include "sim/draw.h"
#include "sim/serving_rows.h"

enum { SALT_STARTUP = 0x73746172, SALT_FAILURE = 0x6661696c };

/* ---- asking ---- */

/* The lowest free row of the pool, or a new one: its number is the highest so far. */
static int32_t row_new(struct sim_serving *w, struct sim_serving_pool *p)
{
    int32_t id, slot;

    for (int32_t i = 0; i < p->n_rows && p->n_free > 0; i++)
        if (w->replicas[p->rows[i]].state == SIM_REPLICA_FREE) {
            p->n_free--;
            return p->rows[i];
        }
    w->replicas = sp_arena_more(w->arena, w->replicas, w->n_replicas, &w->replicas_room,
                                sizeof *w->replicas);
    id = w->n_replicas++;
    /* steps of an instant go in the order of these slots: that of the numbers */
    slot =
        sim_event_queue_slot_new(w->env.queue, w->env.first_kind + SIM_SERVE_STEP, id);
    w->replicas[id] = (struct sim_serving_replica){.pool = p->id,
                                                   .step_slot = slot,
                                                   .unit_slot = SP_NO_ID,
                                                   .failure_slot = SP_NO_ID,
                                                   .step_ns = INT64_MAX,
                                                   .thread = SP_NO_ID,
                                                   .busy_from_ns = -1};
    p->rows =
        sp_arena_more(w->arena, p->rows, p->n_rows, &p->rows_room, sizeof *p->rows);
    p->rows[p->n_rows++] = id;
    return id;
}

void sim_serving_units_ask(struct sim_serving *w, int32_t pool, int32_t n)
{
    struct sim_serving_pool *p = &w->pools[pool];

    for (int32_t i = 0; i < n; i++) {
        int32_t id = row_new(w, p);
        struct sim_serving_replica *r = &w->replicas[id];

        r->state = SIM_REPLICA_ASKED;
        r->node = SP_NO_ID;
        p->asked++;
        r->cluster_unit =
            sim_cluster_ask(w->env.cluster, p->cluster_kind, id, w->now_ns);
    }
}

void sim_serving_units_start(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct model_unit *unit = w->pools[i].unit;

        if (unit->count_kind == MODEL_COUNT_AUTOSCALED)
            sim_serving_scale_start(w, i);
        else
            sim_serving_units_ask(w, i, unit->count);
    }
}

/* ---- up ---- */

static int32_t slot_once(struct sim_serving *w, int32_t *slot,
                         enum sim_serving_event_kind kind, int32_t replica)
{
    if (*slot == SP_NO_ID)
        *slot = sim_event_queue_slot_new(w->env.queue,
                                         w->env.first_kind + (int32_t)kind, replica);
    return *slot;
}

static uint64_t draw_key(const struct sim_serving *w, const struct sim_serving_pool *p,
                         uint64_t salt)
{
    return sp_mix_keys(w->env.key ^ salt, (uint64_t)p->id << 32 | p->started);
}

static void make_engine(struct sim_serving *w, struct sim_serving_replica *r)
{
    struct sim_serving_pool *p = &w->pools[r->pool];
    int32_t hash_tokens = w->m->hash_block_tokens;

    if (hash_tokens == 0 && w->plan->source.kind == MODEL_SOURCE_TRACE)
        hash_tokens = w->env.trace->hash_block_tokens;
    r->engine =
        sim_replica_new(&(struct sim_replica_env){.arena = w->arena,
                                                  .requests = w->requests,
                                                  .pool = p->m,
                                                  .hash_block_tokens = hash_tokens,
                                                  .store = p->store,
                                                  .stats = &p->stats,
                                                  .client = w->engines,
                                                  .span_limit = w->env.span_limit,
                                                  .stepped_ns = &w->stepped_ns});
}

static struct sim_serving_list *list_of(struct sim_serving *w, int32_t pool)
{
    return w->pools[pool].m->role == MODEL_ROLE_DECODE ? &w->decodes : &w->prompts;
}

static void draw_failure(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sim_serving_pool *p = &w->pools[r->pool];
    int64_t up_ns;

    if (!p->m->has_failures)
        return;
    up_ns =
        sp_ns_from_s(sim_draw_of_key(&p->m->failure_s, draw_key(w, p, SALT_FAILURE)));
    if (up_ns >= SP_NS_MAX - w->now_ns) /* never */
        return;
    sim_event_queue_set(w->env.queue,
                        slot_once(w, &r->failure_slot, SIM_SERVE_FAILURE, replica),
                        w->now_ns + up_ns, 0);
}

static void comes_up(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sim_serving_pool *p = &w->pools[r->pool];

    r->state = SIM_REPLICA_UP;
    p->up++;
    sim_level_add(&p->slots, w->now_ns, 1);
    if (r->engine == NULL)
        make_engine(w, r);
    draw_failure(w, replica);
    sim_serving_list_add(w, list_of(w, r->pool), replica);
    sim_event_queue_set(w->env.queue, w->gate_slot, w->now_ns, 1);
}

/* From the node being ready until the replica is up: its startup, then its weights. */
static int64_t start_ns(const struct sim_serving *w, const struct sim_serving_pool *p)
{
    int64_t startup_ns = sp_ns_from_s(
        sim_draw_of_key(&p->unit->startup_s, draw_key(w, p, SALT_STARTUP)));

    return p->m->load_ns < SP_NS_MAX - startup_ns ? startup_ns + p->m->load_ns
                                                  : SP_NS_MAX;
}

/* Loads the weights, on a node that is ready. */
static void starts(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sim_serving_pool *p = &w->pools[r->pool];
    int64_t startup_ns;

    p->started++;
    startup_ns = start_ns(w, p);
    if (startup_ns == 0) {
        comes_up(w, replica);
        return;
    }
    r->state = SIM_REPLICA_STARTING;
    r->starts_ns = w->now_ns;
    w->n_starting++;
    sim_event_queue_set(w->env.queue,
                        slot_once(w, &r->unit_slot, SIM_SERVE_UNIT, replica),
                        w->now_ns + startup_ns, 0);
}

/* Books the time that it has been starting up. */
static void book_start(struct sim_serving *w, int32_t replica)
{
    const struct sim_serving_replica *r = &w->replicas[replica];

    sim_ledger_waited(w->env.ledger, r->node, w->env.owner, MODEL_PART_BOOT,
                      &w->pools[r->pool].needs, w->now_ns - r->starts_ns);
}

/* The cluster calls, in the midst of an instant. */
static void called(struct sim_serving *w, int64_t now_ns)
{
    w->now_ns = now_ns;
    if (sim_event_queue_past(w->env.queue, 2))
        w->stepped_ns = now_ns;
}

void sim_serving_unit_placed(void *self, int32_t cookie, int32_t unit, int32_t node,
                             int64_t now_ns)
{
    struct sim_serving *w = self;
    struct sim_serving_replica *r = &w->replicas[cookie];

    (void)unit;
    called(w, now_ns);
    r->node = node;
    r->node_type = sim_cluster_node_type(w->env.cluster, node);
    sim_network_node(w->env.network, node, r->node_type);
    sim_record_replica_placed(w, r);
    starts(w, cookie);
    sim_serving_act(w);
}

void sim_serving_unit_up(struct sim_serving *w, int32_t replica)
{
    w->n_starting--;
    book_start(w, replica);
    sim_record_replica_started(w, &w->replicas[replica]);
    comes_up(w, replica);
}

/* ---- going ---- */

static void note_peak(struct sim_serving *w, const struct sim_serving_replica *r)
{
    struct sim_serving_pool *p = &w->pools[r->pool];
    int64_t peak = sim_replica_load(r->engine).kv_peak;

    p->kv_peak = peak > p->kv_peak ? peak : p->kv_peak;
}

/* It takes and runs nothing any more; its busy time until now stays to be booked. */
static void goes_down(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sim_serving_pool *p = &w->pools[r->pool];

    note_peak(w, r);
    sim_serving_follow(w, replica); /* idle now */
    sp_assert(r->busy_from_ns < 0 && r->step_ns == INT64_MAX);
    if (r->state == SIM_REPLICA_UP) {
        p->up--;
        sim_serving_list_remove(list_of(w, r->pool), replica);
    }
    sim_level_add(&p->slots, w->now_ns, -1);
    if (r->failure_slot != SP_NO_ID)
        sim_event_queue_clear(w->env.queue, r->failure_slot);
}

/* The row is free; its place in the cluster is the caller's to give back. */
static void put_away(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sim_serving_pool *p = &w->pools[r->pool];

    if (r->state == SIM_REPLICA_UP || r->state == SIM_REPLICA_DRAINING)
        goes_down(w, replica);
    if (r->state == SIM_REPLICA_STARTING) {
        w->n_starting--;
        book_start(w, replica);
        sim_event_queue_clear(w->env.queue, r->unit_slot);
        sim_record_replica_started(w, r);
    }
    if (r->node != SP_NO_ID)
        sim_ledger_busy(w->env.ledger, r->node, p->ledger_stage, r->busy_ns);
    r->busy_ns = 0;
    sim_record_replica_leaves(w, r);
    p->asked -= r->state != SIM_REPLICA_DRAINING;
    p->n_free++;
    r->state = SIM_REPLICA_FREE;
}

static void give_back(struct sim_serving *w, int32_t replica)
{
    put_away(w, replica);
    sim_cluster_release(w->env.cluster, w->replicas[replica].cluster_unit, w->now_ns);
}

void sim_serving_unit_check(struct sim_serving *w, int32_t replica)
{
    const struct sim_serving_replica *r = &w->replicas[replica];

    if (r->state == SIM_REPLICA_DRAINING && sim_replica_load(r->engine).requests == 0)
        give_back(w, replica);
}

void sim_serving_units_check(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_replicas; i++)
        sim_serving_unit_check(w, i);
}

static void drain(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];

    r->state = SIM_REPLICA_DRAINING;
    w->pools[r->pool].up--;
    w->pools[r->pool].asked--;
    sim_serving_list_remove(list_of(w, r->pool), replica);
    sim_serving_unit_check(w, replica);
}

void sim_serving_units_drain(struct sim_serving *w, int32_t pool, int32_t n)
{
    static const enum sim_replica_state order[] = {
        SIM_REPLICA_ASKED, SIM_REPLICA_STARTING, SIM_REPLICA_UP};
    struct sim_serving_pool *p = &w->pools[pool];

    for (int s = 0; s < 3; s++)
        for (int32_t i = p->n_rows - 1; i >= 0 && n > 0; i--) {
            int32_t replica = p->rows[i];

            if (w->replicas[replica].state != order[s])
                continue;
            if (order[s] == SIM_REPLICA_UP)
                drain(w, replica);
            else
                give_back(w, replica);
            n--;
        }
}

/* ---- lost ---- */

static void lost_request(struct sim_serving *w, int32_t request)
{
    struct sim_request *r = sim_requests_at(w->requests, request);
    struct sim_serving_flight *f = &w->flights[request];
    struct sim_serving_pool *p = &w->pools[w->replicas[r->replica].pool];

    if (f->handover != SP_NO_ID)
        sim_handover_drop(w, f->handover);
    if (f->waiting)
        sim_serving_wait(w, p->id, -1);
    sim_serving_here(w, p->id, -1);
    w->output_lost += r->generated;
    r->attempts++;
    r->generated = 0;
    r->scheduled_ns = r->first_token_ns = -1;
    *f = (struct sim_serving_flight){.scheduled_ns = -1, .handover = SP_NO_ID};
    if (r->attempts > w->m->retries_max) {
        p->dropped++;
        r->replica = SP_NO_ID;
        sim_serving_leave(w, request, MODEL_DROP_RETRIES);
        return;
    }
    p->retried++;
    w->retried++;
    sim_serving_route(w, request);
}

/* Whether only its decode side is lost, its prompt being held where it was computed. */
static bool lost_at_dest(const struct sim_serving *w, int32_t request, int32_t replica)
{
    int32_t handover = w->flights[request].handover;

    return handover != SP_NO_ID && w->handovers[handover].dest == replica;
}

static int32_t take_lost(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    int32_t want = sim_replica_load(r->engine).requests;

    if (want > w->lost_room) {
        w->lost_ids = sp_arena_grow(w->arena, w->lost_ids, (size_t)w->lost_room,
                                    2 * (size_t)want, sizeof *w->lost_ids);
        w->lost_room = 2 * want;
    }
    note_peak(w, r);
    return sim_replica_lose(r->engine, w->now_ns, w->lost_ids);
}

/* What was at the replica, `n` ids in lost_ids, begins anew. */
static void begin_anew(struct sim_serving *w, int32_t replica, int32_t n)
{
    for (int32_t i = n - 1; i >= 0; i--) /* back to the head of the line, in order */
        if (lost_at_dest(w, w->lost_ids[i], replica)) {
            sim_handover_dest_lost(w, w->flights[w->lost_ids[i]].handover);
            w->lost_ids[i] = SP_NO_ID;
        }
    for (int32_t i = 0; i < n; i++)
        if (w->lost_ids[i] != SP_NO_ID)
            lost_request(w, w->lost_ids[i]);
}

void sim_serving_unit_lost(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    bool draining = r->state == SIM_REPLICA_DRAINING;
    int32_t n = take_lost(w, replica);

    w->pools[r->pool].lost++;
    if (draining) {
        give_back(w, replica);
    } else {
        goes_down(w, replica);
        starts(w, replica);
    }
    begin_anew(w, replica, n);
}

/* ---- nodes that go ---- */

void sim_serving_unit_notice(void *self, int32_t cookie, int32_t unit,
                             enum sim_loss why, int64_t gone_ns, int64_t now_ns)
{
    struct sim_serving *w = self;
    const struct sim_serving_replica *r = &w->replicas[cookie];
    int32_t pool = r->pool;

    (void)unit;
    (void)why;
    (void)gone_ns;
    if (r->state == SIM_REPLICA_FREE || r->state == SIM_REPLICA_DRAINING)
        return;
    called(w, now_ns);
    if (r->state == SIM_REPLICA_UP)
        drain(w, cookie);
    else
        give_back(w, cookie);
    sim_serving_units_ask(w, pool, 1);
    sim_serving_act(w);
}

void sim_serving_node_lost(void *self, int32_t cookie, int32_t unit, enum sim_loss why,
                           int64_t now_ns)
{
    struct sim_serving *w = self;
    struct sim_serving_replica *r = &w->replicas[cookie];
    bool draining = r->state == SIM_REPLICA_DRAINING;
    bool up = r->state == SIM_REPLICA_UP || draining;
    int32_t n, pool = r->pool;

    (void)unit;
    (void)why;
    called(w, now_ns);
    n = up ? take_lost(w, cookie) : 0;
    w->pools[pool].lost += up;
    put_away(w, cookie);
    if (!draining)
        sim_serving_units_ask(w, pool, 1);
    begin_anew(w, cookie, n);
    sim_serving_act(w);
}

/* ---- the end ---- */

/* What is still there at the end of the run leaves its engines: so the books of tokens
 * can be closed. */
static void clear_engine(struct sim_serving *w, int32_t replica)
{
    int32_t n = take_lost(w, replica);

    for (int32_t i = 0; i < n; i++) {
        int32_t request = w->lost_ids[i];

        if (w->flights[request].handover == SP_NO_ID ||
            w->handovers[w->flights[request].handover].source == replica)
            w->output_lost += sim_requests_at(w->requests, request)->generated;
    }
}

/* Output tokens made = of requests done + lost with replicas + of those in flight; all
 * prompts are accounted for. */
static void check_tokens(const struct sim_serving *w)
{
    sp_i128 made = 0, prompts = w->prompt_done + w->prompt_dropped;

    for (int32_t i = 0; i < w->n_pools; i++)
        made += sim_serving_counts(&w->pools[i]).output_tokens;
    sp_assert(made == w->output_done + w->output_lost);
    sp_assert(w->in_flight > 0 || w->prompt_in == prompts);
}

void sim_serving_units_finish(struct sim_serving *w)
{
    sim_serving_settle(w);
    for (int32_t i = 0; i < w->n_replicas; i++) {
        if (w->replicas[i].state == SIM_REPLICA_UP ||
            w->replicas[i].state == SIM_REPLICA_DRAINING)
            clear_engine(w, i);
        if (w->replicas[i].state != SIM_REPLICA_FREE)
            give_back(w, i);
    }
    sim_event_queue_clear(w->env.queue, w->gate_slot);
    sim_event_queue_clear(w->env.queue, w->line_slot);
    for (int32_t i = 0; i < w->n_pools; i++)
        if (w->pools[i].tick_slot != SP_NO_ID)
            sim_event_queue_clear(w->env.queue, w->pools[i].tick_slot);
    if (w->err.status == SP_OK)
        check_tokens(w);
}
