/* Building a serving workload's rows from its plan, and routing its events. */
#include "sim/serving.h"

#include "base/units.h"
#include "sim/serving_rows.h"

enum { SALT_SOURCE = 0x736f7572, SALT_ROUTER = 0x726f7574, SALT_DECODE = 0x6465636f };

/* ---- building ---- */

static void build_pool(struct sim_serving *w, int32_t id)
{
    struct sim_serving_pool *p = &w->pools[id];

    p->m = &w->m->pools[id];
    p->unit = &w->plan->units[id];
    p->id = id;
    p->tick_slot = SP_NO_ID;
    p->needs = model_unit_needs(w->plan, p->unit);
    p->busy = sp_arena_array(w->arena, (size_t)w->env.policy->n_types, sizeof *p->busy);
    p->ledger_stage =
        sim_ledger_stage_new(w->env.ledger, w->env.owner, p->m->name, p->needs);
    p->cluster_kind = sim_cluster_kind_new(
        w->env.cluster,
        &(struct sim_cluster_kind){.workload = w->env.workload,
                                   .owner = w->env.owner,
                                   .needs = p->needs,
                                   .allowed_types = p->unit->allowed_types,
                                   .team = w->plan->team,
                                   .priority = w->plan->priority,
                                   .preemptible = w->plan->preemptible,
                                   .client = &w->units});
    if (p->m->prefix == MODEL_PREFIX_STORE)
        p->store = sim_prefix_store_new(w->arena, p->m->prefix_blocks);
    sim_histogram_init(&p->stats.gaps, w->arena);
    sim_histogram_init(&p->measured.gaps, w->arena);
    sim_histogram_init(&p->wait, w->arena);
    sim_histogram_init(&p->service, w->arena);
    w->apart = w->apart || p->m->role == MODEL_ROLE_PREFILL;
    if (p->m->role != MODEL_ROLE_DECODE && w->gate_pool == SP_NO_ID)
        w->gate_pool = id;
    if (p->m->role == MODEL_ROLE_DECODE && w->line_pool == SP_NO_ID)
        w->line_pool = id;
}

static void build_clients(struct sim_serving *w)
{
    w->units = (struct sim_cluster_client){.self = w,
                                           .unit_placed = sim_serving_unit_placed,
                                           .unit_notice = sim_serving_unit_notice,
                                           .unit_lost = sim_serving_node_lost};
    w->engines = sim_serving_listener(w);
}

static void build_routers(struct sim_serving *w)
{
    w->router = sim_router_find(w->m->router);
    w->decode_router = sim_router_find(w->m->decode_router);
    sp_assert(w->router != NULL && w->decode_router != NULL);
    w->router_state.last = w->decode_state.last = SP_NO_ID;
    w->router_state.rng = sp_rng_from_key(sp_mix_keys(w->env.key, SALT_ROUTER));
    w->decode_state.rng = sp_rng_from_key(sp_mix_keys(w->env.key, SALT_DECODE));
}

static void *serving_make(const struct sim_workload_env *env)
{
    struct sim_serving *w = sp_arena_alloc(env->arena, sizeof *w);

    w->env = *env;
    w->plan = env->plan;
    w->m = env->plan->serving;
    w->arena = env->arena;
    sp_assert(env->plan->n_units == w->m->n_pools &&
              env->plan->n_stages == w->m->n_pools);
    w->gate_first = w->gate_last = w->line_first = w->line_last = SP_NO_ID;
    w->gate_pool = w->line_pool = w->free_handover = SP_NO_ID;
    w->stepped_ns = -1;
    w->requests = sim_requests_new(w->arena);
    w->source_key = sp_mix_keys(env->key, SALT_SOURCE);
    sim_arrivals_init(&w->arrivals, &w->plan->source, env->trace,
                      w->source_key ^ SALT_SOURCE);
    w->arrival_slot = sim_event_queue_slot_new(
        env->queue, env->first_kind + SIM_SERVE_ARRIVAL, SP_NO_ID);
    w->gate_slot = sim_event_queue_slot_new(
        env->queue, env->first_kind + SIM_SERVE_GATE, SIM_GATE_REPLICAS);
    w->line_slot = sim_event_queue_slot_new(
        env->queue, env->first_kind + SIM_SERVE_GATE, SIM_GATE_LINE);
    build_clients(w);
    build_routers(w);
    w->n_pools = w->m->n_pools;
    w->pools = sp_arena_array(w->arena, (size_t)w->n_pools, sizeof *w->pools);
    for (int32_t i = 0; i < w->n_pools; i++)
        build_pool(w, i);
    sim_serving_count_init(w);
    if (env->follow_means)
        sim_means_init(&w->means, w->arena);
    return w;
}

/* ---- running ---- */

void sim_serving_wait(struct sim_serving *w, int32_t pool, int64_t n)
{
    struct sim_serving_pool *p = &w->pools[pool];

    sim_level_add(&p->waiting, w->now_ns, n);
    p->peak_waiting = p->waiting.n > p->peak_waiting ? p->waiting.n : p->peak_waiting;
}

void sim_serving_here(struct sim_serving *w, int32_t pool, int64_t n)
{
    sim_level_add(&w->pools[pool].ongoing, w->now_ns, n);
}

static void follow_busy(struct sim_serving *w, struct sim_serving_replica *r, bool busy)
{
    struct sim_level *level = &w->pools[r->pool].busy[r->node_type];

    if (busy == (r->busy_from_ns >= 0))
        return;
    sim_level_add(level, w->now_ns, busy ? 1 : -1);
    if (!busy) {
        r->busy_ns += w->now_ns - r->busy_from_ns;
        sim_record_busy(w, r);
    }
    r->busy_from_ns = busy ? w->now_ns : -1;
}

void sim_serving_follow(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    int64_t next_ns = sim_replica_next_ns(r->engine);

    follow_busy(w, r, sim_replica_busy(r->engine));
    if (next_ns == r->step_ns)
        return;
    w->n_stepping += (next_ns != INT64_MAX) - (r->step_ns != INT64_MAX);
    r->step_ns = next_ns;
    if (next_ns == INT64_MAX)
        sim_event_queue_clear(w->env.queue, r->step_slot);
    else
        sim_event_queue_set_by_slot(w->env.queue, r->step_slot, next_ns, 2);
}

static void step(struct sim_serving *w, int32_t replica)
{
    struct sim_serving_replica *r = &w->replicas[replica];
    struct sp_err err;

    err.status = SP_OK; /* the text is 2 KiB: not cleared at every step */
    r->step_ns = INT64_MAX;
    w->n_stepping--;
    if (sim_replica_step(r->engine, w->now_ns, &err) != SP_OK) {
        sp_fail(&w->err, err.status, "'%s' of '%s' at %g s: %s",
                w->pools[r->pool].m->name, w->plan->workload, sp_s_from_ns(w->now_ns),
                err.text);
        return;
    }
    sim_serving_follow(w, replica);
    w->drained |=
        r->state == SIM_REPLICA_DRAINING && sim_replica_load(r->engine).requests == 0;
}

void sim_serving_set(struct sim_serving *w, int32_t slot, int64_t time_ns)
{
    if (!w->stepping || time_ns > w->now_ns) {
        sim_event_queue_set(w->env.queue, slot, time_ns, 0);
        return;
    }
    w->held =
        sp_arena_more(w->arena, w->held, w->n_held, &w->held_room, sizeof *w->held);
    w->held[w->n_held++] = slot;
}

static void serving_start(void *self)
{
    struct sim_serving *w = self;

    sim_serving_units_start(w);
    sim_serving_source_start(w);
    sim_serving_act(w);
}

static bool serving_event(void *self, const struct sim_event *ev)
{
    struct sim_serving *w = self;

    if (w->err.status != SP_OK)
        return false;
    w->now_ns = ev->time_ns;
    w->stepping = ev->kind - w->env.first_kind == SIM_SERVE_STEP;
    if (sim_event_queue_past(w->env.queue, 2))
        w->stepped_ns = w->now_ns;
    switch ((enum sim_serving_event_kind)(ev->kind - w->env.first_kind)) {
    case SIM_SERVE_STEP:
        step(w, ev->subject);
        break;
    case SIM_SERVE_ARRIVAL:
        sim_serving_arrival(w);
        break;
    case SIM_SERVE_CUSTOMER:
        sim_serving_customer(w, ev->slot);
        break;
    case SIM_SERVE_TRANSFER:
        sim_handover_arrived(w, ev->subject);
        break;
    case SIM_SERVE_UNIT:
        sim_serving_unit_up(w, ev->subject);
        break;
    case SIM_SERVE_FAILURE:
        sim_serving_unit_lost(w, ev->subject);
        break;
    case SIM_SERVE_GATE:
        if (ev->subject == SIM_GATE_LINE) {
            sim_handover_look(w);
        } else {
            sim_serving_open_gate(w);
            w->look = true;
        }
        break;
    case SIM_SERVE_AUTOSCALE:
        sim_serving_tick(w, ev->subject);
        break;
    case SIM_SERVE_KINDS:
        break;
    }
    if (w->err.status == SP_OK)
        sim_serving_act(w);
    w->stepping = false;
    return w->complete;
}

/* It keeps nothing in stores. */
static void serving_store_freed(void *self, int64_t now_ns)
{
    (void)self;
    (void)now_ns;
}

static enum sp_status serving_status(const void *self, struct sp_err *err)
{
    const struct sim_serving *w = self;

    if (w->err.status == SP_OK)
        return SP_OK;
    return sp_fail(err, w->err.status, "%s", w->err.text);
}

static bool serving_done(const void *self)
{
    const struct sim_serving *w = self;

    return w->complete;
}

/* Replicas that are lost and start again for ever do not keep a run going. */
static bool starts_for_somebody(const struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_replicas && w->n_starting > 0; i++)
        if (w->replicas[i].state == SIM_REPLICA_STARTING &&
            sim_serving_waited_for(w, w->replicas[i].pool))
            return true;
    return false;
}

static bool serving_moving(const void *self)
{
    const struct sim_serving *w = self;

    if (w->n_stepping + w->n_moving > 0 || starts_for_somebody(w))
        return true;
    if (w->source_done)
        return false;
    return w->plan->source.kind != MODEL_SOURCE_CLOSED ||
           w->customers_room > w->free_customers ||
           sim_event_queue_pending(w->env.queue, w->arrival_slot);
}

static bool serving_autoscales(const void *self)
{
    const struct sim_serving *w = self;

    for (int32_t i = 0; i < w->n_pools; i++)
        if (w->pools[i].tick_slot != SP_NO_ID && !w->complete)
            return true;
    return false;
}

/* "no replica of 'x' is up (2 wait for a node)" for every pool of the roles. */
static const char *pools_text(const struct sim_serving *w, struct sp_arena *arena,
                              bool decode)
{
    const char *text = "";

    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];

        if ((p->m->role == MODEL_ROLE_DECODE) != decode)
            continue;
        text = sp_arena_printf(arena,
                               "%s%s%d replicas of '%s' are up (%d wait for a "
                               "node)",
                               text, *text != '\0' ? ", " : "", p->up, p->m->name,
                               sim_cluster_waiting(w->env.cluster, p->cluster_kind));
    }
    return text;
}

static const char *serving_stuck_text(const void *self, struct sp_arena *arena)
{
    const struct sim_serving *w = self;
    const char *text = "";

    if (w->n_gate > 0)
        text = sp_arena_printf(arena,
                               "%lld requests of '%s' wait for a replica that can take "
                               "them: %s",
                               (long long)w->n_gate, w->plan->workload,
                               pools_text(w, arena, false));
    if (w->n_line > 0)
        text = sp_arena_printf(
            arena, "%s%s%lld requests of '%s' wait for room in a decode replica: %s",
            text, *text != '\0' ? "; " : "", (long long)w->n_line, w->plan->workload,
            pools_text(w, arena, true));
    if (*text == '\0' && w->in_flight > 0)
        text = sp_arena_printf(arena, "%lld requests of '%s' can't go on",
                               (long long)w->in_flight, w->plan->workload);
    return text;
}

static const char *serving_unplaced_text(const void *self, struct sp_arena *arena)
{
    const struct sim_serving *w = self;
    const char *text = NULL;

    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];
        int32_t n = sim_cluster_waiting(w->env.cluster, p->cluster_kind);

        if (n > 0)
            text = sp_arena_printf(arena, "%s%s%d of %d replicas '%s'",
                                   text != NULL ? text : "", text != NULL ? ", " : "",
                                   n, p->asked, p->m->name);
    }
    return text;
}

static sp_i128 serving_busy(const void *self, int r, int64_t now_ns)
{
    const struct sim_serving *w = self;
    sp_i128 sum = 0;

    for (int32_t t = 0; t < w->env.policy->n_types; t++) {
        if (sim_amount(&w->env.policy->types[t].has, r) == 0)
            continue;
        for (int32_t i = 0; i < w->n_pools; i++)
            sum += sim_level_integral(&w->pools[i].busy[t], now_ns) *
                   sim_amount(&w->pools[i].needs, r);
    }
    return sum;
}

static sp_i128 serving_queue_integral(const void *self, int64_t now_ns)
{
    const struct sim_serving *w = self;
    sp_i128 sum = 0;

    for (int32_t i = 0; i < w->n_pools; i++)
        sum += sim_level_integral(&w->pools[i].waiting, now_ns);
    return sum;
}

static int64_t serving_items_done(const void *self)
{
    const struct sim_serving *w = self;

    return w->done;
}

static int32_t serving_latency_means(const void *self, const double **means_s,
                                     const int64_t **batch_ends_ns)
{
    const struct sim_serving *w = self;

    *means_s = w->means.mean;
    *batch_ends_ns = w->means.ends_ns;
    return w->means.n;
}

static void serving_finish(void *self, int64_t now_ns)
{
    struct sim_serving *w = self;

    w->now_ns = now_ns;
    if (w->measuring)
        sim_serving_measure(w, false, now_ns);
    if (!w->complete)
        sim_serving_units_finish(w);
}

const struct sim_workload_kind sim_serving_kind = {
    .name = "serving",
    .watches = 1u << SIM_SERVE_AUTOSCALE | 1u << SIM_SERVE_FAILURE |
               1u << SIM_SERVE_UNIT | 1u << SIM_SERVE_GATE,
    .make = serving_make,
    .start = serving_start,
    .event = serving_event,
    .store_freed = serving_store_freed,
    .status = serving_status,
    .done = serving_done,
    .moving = serving_moving,
    .autoscales = serving_autoscales,
    .stuck_text = serving_stuck_text,
    .unplaced_text = serving_unplaced_text,
    .measure = sim_serving_measure,
    .busy = serving_busy,
    .queue_integral = serving_queue_integral,
    .items_done = serving_items_done,
    .latency_means = serving_latency_means,
    .finish = serving_finish,
    .result = sim_serving_result,
    .price = sim_serving_price,
    .verify = sim_serving_verify,
};
