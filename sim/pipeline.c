/* Building a pipeline's rows from its plan, and routing its events. */
#include "sim/pipeline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "sim/batches.h"
#include "sim/pipeline_rows.h"
#include "sim/schedule.h"

enum { SALT_SOURCE = 0x736f7572, SALT_STAGE = 0x73746167 };

/* ---- building ---- */

/* Whether a service time depends on nothing but what is drawn for `fixed`. */
static bool is_fixed_only(const struct model_plan *plan,
                          const struct model_policy *policy,
                          const struct model_stage *m, bool fused)
{
    const struct model_time *t = &m->time;

    if (fused || t->per_item.kind != MODEL_DIST_CONSTANT || t->per_item.a > 0 ||
        t->per_byte_s > 0 || t->table != NULL || t->kernel != NULL)
        return false;
    for (int32_t i = 0; i < plan->n_sizes; i++)
        if (t->per_size_s[i] > 0)
            return false;
    for (int32_t i = 0; i < policy->n_types; i++)
        if (m->slot_needs.mgpu == 0 && policy->types[i].cpu_speed != 1)
            return false;
    return true;
}

/* Its output is what went in, and nothing can hold it back. */
static bool is_plain(const struct sim_pipeline *p, const struct sim_stage *s)
{
    const struct model_stage *m = s->m;

    for (int32_t e = 0; e < s->n_to; e++)
        if (p->stages[s->to[e]].m->buffer > 0)
            return false;
    return s->pieces == 1 && m->gather_in == 1 && m->gather_out == 1 &&
           m->keep_frac >= 1 && m->fail_frac <= 0 && !m->gang &&
           !p->pools[s->pool].m->fused && !p->stores_used;
}

/* Whether a slot that gets free simply takes the next item that waits, if there is one.
 */
static bool is_simple(const struct sim_pipeline *p, const struct sim_stage *s)
{
    return s->plain && p->pools[s->pool].n_stages == 1 && !p->pools[s->pool].shares &&
           s->m->batch == 1 && !s->m->barrier && s->m->buffer == 0 && !p->locality &&
           !p->rule->reserves && !p->rule->global;
}

/* What can be known of a stage before the run, so that the run need not ask again. */
static void precompute(struct sim_pipeline *p, struct sim_stage *s)
{
    bool fixed_only =
        is_fixed_only(p->plan, p->env.policy, s->m, p->pools[s->pool].m->fused);

    s->const_ns = -1;
    if (fixed_only && s->m->time.fixed.kind == MODEL_DIST_CONSTANT)
        s->const_ns = sp_ns_from_s(s->m->time.fixed.a);
    else
        s->draw_only = fixed_only;
    s->plain = is_plain(p, s);
    s->simple = is_simple(p, s);
    s->kernel = sim_kernel_new(
        p, s->m->time.kernel,
        p->pools[s->pool].m->has_fused_time ? SIM_KERNEL_SHARES : SIM_KERNEL_OF_STAGE);
}

static void connect(struct sim_pipeline *p)
{
    for (int32_t i = 0; i < p->n_stages; i++) {
        const struct model_stage *m = p->stages[i].m;

        p->stages[i].inputs_left = m->n_from;
        p->stages[i].entry = m->n_from == 0;
        p->stages[i].pull = m->n_from == 0 && p->plan->source.pull;
        for (int32_t e = 0; e < m->n_from; e++) {
            struct sim_stage *from = &p->stages[m->from[e]];

            from->to[from->n_to++] = i;
        }
    }
}

/* ---- where copies of an item can meet ---- */

struct fan {         /* where one item goes at once */
    int32_t from, n; /* SP_NO_ID: the source */
    const int32_t *to;
};

/* Edge fan->to[e] leads into `stage` by its input `in`.  ancestors[s] has s itself. */
static bool leads(const struct fan *fan, int32_t e, int32_t stage, int32_t in,
                  const uint64_t *ancestors)
{
    return (ancestors[in] >> fan->to[e] & 1) != 0 ||
           (fan->from == in && fan->to[e] == stage);
}

/* Whether two copies made at `fan` can come into the stage by different inputs. */
static bool meet_at(const struct fan *fan, const struct model_stage *m, int32_t stage,
                    const uint64_t *ancestors)
{
    for (int32_t i = 0; i < m->n_from; i++)
        for (int32_t j = 0; j < m->n_from; j++)
            for (int32_t e = 0; e < fan->n && i != j; e++)
                for (int32_t f = 0; f < fan->n; f++)
                    if (e != f && leads(fan, e, stage, m->from[i], ancestors) &&
                        leads(fan, f, stage, m->from[j], ancestors))
                        return true;
    return false;
}

/* Marks the stages that merge streams (`join: any`) in which an item may come twice.
 * Where it can't, behind a route, the item keeps its key, and a join further down finds
 * it. */
static void find_meetings(struct sim_pipeline *p)
{
    uint64_t ancestors[MODEL_STAGES_MAX];
    int32_t entries[MODEL_STAGES_MAX], n_entries = 0;

    for (int32_t s = 0; s < p->n_stages; s++) {
        const struct model_stage *m = p->stages[s].m;

        ancestors[s] = UINT64_C(1) << s;
        for (int32_t e = 0; e < m->n_from; e++)
            ancestors[s] |= ancestors[m->from[e]];
        if (p->stages[s].entry)
            entries[n_entries++] = s;
    }
    for (int32_t s = 0; s < p->n_stages; s++) {
        struct sim_stage *st = &p->stages[s];
        struct fan source = {SP_NO_ID, n_entries, entries};

        if (st->m->n_from < 2 || st->m->join != MODEL_JOIN_ANY)
            continue;
        st->copies_meet = meet_at(&source, st->m, s, ancestors);
        for (int32_t x = 0; x < s; x++) {
            struct fan fan = {x, p->stages[x].n_to, p->stages[x].to};

            if (!p->stages[x].m->has_route && meet_at(&fan, st->m, s, ancestors))
                st->copies_meet = true;
        }
    }
}

/* The only stage that the source feeds, or SP_NO_ID. */
static int32_t find_entry(const struct sim_pipeline *p)
{
    int32_t entry = SP_NO_ID, n = 0;

    for (int32_t i = 0; i < p->n_stages; i++)
        if (p->stages[i].entry) {
            entry = i;
            n++;
        }
    return n == 1 ? entry : SP_NO_ID;
}

static void build_stage(struct sim_pipeline *p, int32_t id)
{
    struct sim_stage *s = &p->stages[id];
    const struct model_stage *m = &p->plan->stages[id];

    s->m = m;
    s->id = id;
    s->pool = SP_NO_ID;
    s->pieces = m->join == MODEL_JOIN_ALL && m->n_from > 1 ? m->n_from : 1;
    s->draw_key =
        sp_mix_keys(p->env.key ^ SALT_STAGE, sp_rng_stream_key(0, 0, m->name));
    s->mixed_key = sp_mix64(s->draw_key);
    s->linger_slot = SP_NO_ID;
    if (m->linger_ns > 0 && (m->batch > 1 || m->gang))
        s->linger_slot = sim_event_queue_slot_new(
            p->env.queue, p->env.first_kind + SIM_PIPE_LINGER, id);
    s->queue = s->blocked = s->gang_done = (struct sim_queue){SP_NO_ID, SP_NO_ID};
    s->busy = sp_arena_array(p->arena, (size_t)p->env.policy->n_types, sizeof *s->busy);
    s->ledger_stage =
        sim_ledger_stage_new(p->env.ledger, p->env.owner, m->name, m->slot_needs);
    sim_histogram_init(&s->wait, p->arena);
    sim_histogram_init(&s->service, p->arena);
}

/* Whether one slot of every stage could find the unit's resources too small. */
static bool shares_resources(const struct model_plan *plan, const struct model_unit *m)
{
    struct model_amounts sum = {0}, needs = model_unit_needs(plan, m);

    for (int32_t i = 0; i < m->n_slots; i++) {
        const struct model_amounts *slot = &plan->stages[m->slots[i].stage].slot_needs;

        sum.mcpu += slot->mcpu * m->slots[i].cap;
        sum.mgpu += slot->mgpu * m->slots[i].cap;
        sum.memory_bytes += slot->memory_bytes * m->slots[i].cap;
    }
    return sum.mcpu > needs.mcpu || sum.mgpu > needs.mgpu ||
           sum.memory_bytes > needs.memory_bytes;
}

/* The unit's stages, in the plan's order, with their caps. */
static void build_pool_stages(struct sim_pipeline *p, struct sim_pool *pool)
{
    const struct model_unit *m = pool->m;

    pool->stages = sp_arena_array(p->arena, (size_t)m->n_slots, sizeof *pool->stages);
    pool->caps = sp_arena_array(p->arena, (size_t)m->n_slots, sizeof *pool->caps);
    for (int32_t s = 0; s < p->n_stages; s++)
        for (int32_t i = 0; i < m->n_slots; i++)
            if (m->slots[i].stage == s) {
                p->stages[s].pool = pool->id;
                p->stages[s].local = pool->n_stages;
                p->stages[s].fused_inner = m->fused && pool->n_stages > 0;
                pool->stages[pool->n_stages] = s;
                pool->caps[pool->n_stages++] = m->slots[i].cap;
            }
    pool->can_run =
        sp_arena_array(p->arena, (size_t)pool->n_stages, sizeof *pool->can_run);
    for (int32_t l = 0; l < pool->n_stages; l++)
        sim_bitset_init(&pool->can_run[l], p->arena, 1);
    sim_bitset_init(&pool->free_rows, p->arena, 1);
}

static void build_pool(struct sim_pipeline *p, int32_t id)
{
    struct sim_pool *pool = &p->pools[id];
    struct sim_pool_client *client = sp_arena_alloc(p->arena, sizeof *client);

    pool->m = &p->plan->units[id];
    pool->id = id;
    pool->tick_slot = SP_NO_ID;
    pool->first_up_ns = pool->last_gone_ns = -1;
    pool->needs = model_unit_needs(p->plan, pool->m);
    pool->shares = shares_resources(p->plan, pool->m) && !pool->m->fused;
    build_pool_stages(p, pool);
    if (pool->m->has_fused_time)
        pool->kernel = sim_kernel_new(p, pool->m->fused_time.kernel, SIM_KERNEL_WHOLE);
    client->pipeline = p;
    client->pool = id;
    client->client = (struct sim_cluster_client){.self = client,
                                                 .unit_placed = sim_units_placed,
                                                 .unit_notice = sim_units_notice,
                                                 .unit_lost = sim_units_lost};
    pool->client = client;
    pool->cluster_kind = sim_cluster_kind_new(
        p->env.cluster,
        &(struct sim_cluster_kind){.workload = p->env.workload,
                                   .owner = p->env.owner,
                                   .needs = pool->needs,
                                   .allowed_types = pool->m->allowed_types,
                                   .team = p->plan->team,
                                   .priority = p->plan->priority,
                                   .preemptible = p->plan->preemptible,
                                   .client = &client->client});
}

/* Source items are followed through expansions, groups and copies only where there are
 * any. */
static bool needs_families(const struct sim_pipeline *p)
{
    for (int32_t i = 0; i < p->n_stages; i++) {
        const struct sim_stage *s = &p->stages[i];

        if (s->m->gather_in != 1 || s->m->gather_out != 1 || s->pieces > 1 ||
            (s->n_to > 1 && !s->m->has_route))
            return true;
    }
    return p->entry_stage == SP_NO_ID;
}

static void look_at_fleet(struct sim_pipeline *p)
{
    for (int32_t t = 0; t < p->env.policy->n_types; t++) {
        const struct model_node_type *type = &p->env.policy->types[t];

        p->stores_used = p->stores_used || type->store_bytes >= 0;
        p->locality =
            p->locality || type->nic_bytes_per_s > 0 || type->spill_bytes_per_s > 0;
    }
}

static void *pipeline_make(const struct sim_workload_env *env)
{
    struct sim_pipeline *p = sp_arena_alloc(env->arena, sizeof *p);

    p->env = *env;
    p->plan = env->plan;
    p->arena = env->arena;
    p->rule = sim_rule_find(env->plan->rule);
    sp_assert(p->rule != NULL && env->plan->n_units >= 1 &&
              env->plan->n_units <= MODEL_STAGES_MAX);
    p->free_item = p->free_family = p->free_link = p->free_task = SP_NO_ID;
    p->source_key = sp_mix_keys(env->key, SALT_SOURCE);
    sim_arrivals_init(&p->arrivals, &env->plan->source, env->trace,
                      p->source_key ^ SALT_SOURCE);
    p->n_stages = env->plan->n_stages;
    p->stages = sp_arena_array(p->arena, (size_t)p->n_stages, sizeof *p->stages);
    p->n_pools = env->plan->n_units;
    p->pools = sp_arena_array(p->arena, (size_t)p->n_pools, sizeof *p->pools);
    look_at_fleet(p);
    for (int32_t s = 0; s < p->n_stages; s++)
        build_stage(p, s);
    connect(p);
    find_meetings(p);
    p->entry_stage = find_entry(p);
    for (int32_t u = 0; u < p->n_pools; u++)
        build_pool(p, u);
    for (int32_t s = 0; s < p->n_stages; s++)
        precompute(p, &p->stages[s]);
    sim_store_waits_init(p);
    p->families_used = needs_families(p);
    for (int32_t s = 0; s < p->n_stages; s++)
        p->joins_used = p->joins_used || p->stages[s].pieces > 1;
    p->source_has_sizes = p->plan->n_sizes > 0 ||
                          p->plan->source.bytes.kind != MODEL_DIST_CONSTANT ||
                          p->plan->source.bytes.a > 0;
    sim_histogram_init(&p->latency, p->arena);
    if (env->follow_batches)
        sim_batches_follow(&p->latency, p->arena);
    if (env->follow_means)
        sim_means_init(&p->means, p->arena);
    p->arrival_slot = sim_event_queue_slot_new(
        p->env.queue, env->first_kind + SIM_PIPE_ARRIVAL, SP_NO_ID);
    return p;
}

/* ---- running ---- */

static void pipeline_start(void *self)
{
    struct sim_pipeline *p = self;

    for (int32_t u = 0; u < p->n_pools; u++) {
        struct sim_pool *pool = &p->pools[u];

        if (pool->m->count_kind == MODEL_COUNT_AUTOSCALED)
            sim_pool_autoscale_start(p, pool);
        else
            sim_units_ask(p, pool, pool->m->count);
    }
    sim_source_start(p);
    sim_settle(p);
}

static bool pipeline_event(void *self, const struct sim_event *ev)
{
    struct sim_pipeline *p = self;

    p->now_ns = ev->time_ns;
    switch (ev->kind - p->env.first_kind) {
    case SIM_PIPE_TASK:
        sim_task_event(p, ev->subject);
        break;
    case SIM_PIPE_ARRIVAL:
        sim_source_arrival(p);
        break;
    case SIM_PIPE_CUSTOMER:
        sim_source_customer(p, ev->slot);
        break;
    case SIM_PIPE_LINGER:
        sim_dirty(p, &p->stages[ev->subject]);
        break;
    case SIM_PIPE_UNIT:
        sim_units_started(p, &p->pools[ev->subject >> 22],
                          ev->subject & ((1 << 22) - 1));
        break;
    case SIM_PIPE_AUTOSCALE:
        sim_pool_autoscale_tick(p, &p->pools[ev->subject]);
        break;
    default:
        sp_bug(__FILE__, __LINE__, "event of kind %d", ev->kind);
    }
    sim_settle(p);
    return p->n_complete == p->n_stages;
}

static void pipeline_store_freed(void *self, int64_t now_ns)
{
    struct sim_pipeline *p = self;

    if (!p->stores_used)
        return;
    p->now_ns = now_ns;
    p->store_relieved = true;
    sim_settle(p);
}

static enum sp_status pipeline_status(const void *self, struct sp_err *err)
{
    const struct sim_pipeline *p = self;

    if (p->err.status == SP_OK)
        return SP_OK;
    return sp_fail(err, p->err.status, "%s", p->err.text);
}

static bool pipeline_done(const void *self)
{
    const struct sim_pipeline *p = self;

    return p->n_complete == p->n_stages;
}

static bool pipeline_moving(const void *self)
{
    const struct sim_pipeline *p = self;

    if (!p->source_done && p->plan->source.kind != MODEL_SOURCE_CLOSED)
        return true;
    if (!p->source_done && (p->customers_room > p->free_customers ||
                            sim_event_queue_pending(p->env.queue, p->arrival_slot)))
        return true;
    for (int32_t s = 0; s < p->n_stages; s++) {
        const struct sim_stage *st = &p->stages[s];

        if (st->serving > 0 || st->fetching.n > 0 || st->retrying > 0 ||
            (st->linger_slot != SP_NO_ID &&
             sim_event_queue_pending(p->env.queue, st->linger_slot)))
            return true;
    }
    for (int32_t i = 0; i < p->n_pools; i++)
        for (int32_t u = 0; u < p->pools[i].n_units; u++)
            if (p->pools[i].units[u].state == SIM_UNIT_STARTING)
                return true;
    return false;
}

static bool pipeline_autoscales(const void *self)
{
    const struct sim_pipeline *p = self;

    for (int32_t i = 0; i < p->n_pools; i++)
        if (p->pools[i].tick_slot != SP_NO_ID && !p->pools[i].complete)
            return true;
    return false;
}

static const char *stuck_reason(const struct sim_pipeline *p, const struct sim_stage *s,
                                char *buf, size_t size)
{
    const struct sim_pool *pool = &p->pools[s->pool];

    if (pool->up == 0)
        snprintf(buf, size, "no unit '%s' is up (%d wait for a node)", pool->m->name,
                 sim_cluster_waiting(p->env.cluster, pool->cluster_kind));
    else if (s->m->gang && pool->up < pool->asked)
        snprintf(buf, size, "its gang needs all units '%s' (%d wait for a node)",
                 pool->m->name,
                 sim_cluster_waiting(p->env.cluster, pool->cluster_kind));
    else if (s->blocked_slots.n > 0)
        snprintf(buf, size,
                 "%lld finished tasks hold their slots: no room for their output",
                 (long long)s->blocked_slots.n);
    else if (sim_bitset_first(&pool->can_run[s->local]) == SP_NO_ID)
        snprintf(buf, size, "no unit '%s' has a free slot or the resources for it",
                 pool->m->name);
    else if (s->blocked.first != SP_NO_ID)
        snprintf(buf, size, "its buffer of %d is full", s->m->buffer);
    else if (s->partial > 0)
        snprintf(buf, size, "copies to join are missing");
    else
        snprintf(buf, size,
                 "its input never becomes a batch, or its output finds no room");
    return buf;
}

static const char *pipeline_stuck_text(const void *self, struct sp_arena *arena)
{
    const struct sim_pipeline *p = self;

    const char *text = "";
    char reason[256];

    for (int32_t i = 0; i < p->n_stages; i++) {
        const struct sim_stage *s = &p->stages[i];

        if (s->waiting.n == 0 && s->blocked_slots.n == 0 && s->partial == 0)
            continue;
        text = sp_arena_printf(
            arena, "%s%sstage '%s' of '%s' can't move (%lld items wait): %s", text,
            *text != '\0' ? "; " : "", s->m->name, p->plan->workload,
            (long long)s->waiting.n, stuck_reason(p, s, reason, sizeof reason));
    }
    return text;
}

static const char *pipeline_unplaced_text(const void *self, struct sp_arena *arena)
{
    const struct sim_pipeline *p = self;

    const char *text = NULL;

    for (int32_t i = 0; i < p->n_pools; i++) {
        const struct sim_pool *pool = &p->pools[i];
        int32_t n = sim_cluster_waiting(p->env.cluster, pool->cluster_kind);

        if (n > 0)
            text = sp_arena_printf(arena, "%s%s%d of %d units '%s'",
                                   text != NULL ? text : "", text != NULL ? ", " : "",
                                   n, pool->asked, pool->m->name);
    }
    return text;
}

static void pipeline_finish(void *self, int64_t now_ns)
{
    struct sim_pipeline *p = self;

    p->now_ns = now_ns;
    sim_pipeline_measure(p, false, now_ns);
    sim_task_stage_finish(p, now_ns);
    for (int32_t i = 0; i < p->n_pools; i++)
        if (!p->pools[i].complete)
            sim_pool_finish(p, &p->pools[i]);
}

/* ---- verification ---- */

static void verify_stage(const struct sim_pipeline *p, const struct sim_stage *s)
{
    int64_t records = 0;
    int32_t tasks = 0, serving = 0;

    for (int32_t id = s->queue.first; id != SP_NO_ID; id = p->items[id].next)
        records++;
    sp_assert(records % s->pieces == 0);
    sp_assert(records / s->pieces + s->virtual_items == s->waiting.n);
    for (int32_t t = 0; t < p->n_tasks; t++) {
        const struct sim_task *task = &p->tasks[t];

        if (task->state == SIM_TASK_FREE)
            continue;
        serving += task->state == SIM_TASK_SERVING && task->phase == s->id;
        tasks += task->stage == s->id && task->state != SIM_TASK_RETRYING;
    }
    sp_assert(tasks == s->running && serving == s->serving);
    if (s->m->buffer > 0 && p->rule->reserves)
        sp_assert(s->reserved_items >= 0);
}

static void pipeline_verify(const void *self)
{
    const struct sim_pipeline *p = self;

    int64_t families = 0, free_families = 0;

    for (int32_t s = 0; s < p->n_stages; s++)
        verify_stage(p, &p->stages[s]);
    sp_assert(p->in == p->done + p->in_flight + p->dropped_by[0] + p->dropped_by[1]);
    if (!p->families_used) {
        int64_t made = p->in_flight;

        for (int32_t s = 0; s < p->n_stages; s++)
            made -= p->stages[s].virtual_items;
        sp_assert(made == p->live_items);
        return;
    }
    for (int32_t f = p->free_family; f != SP_NO_ID; f = p->families[f].next)
        free_families++;
    families = p->n_families - free_families;
    for (int32_t s = 0; s < p->n_stages; s++)
        families += p->stages[s].virtual_items;
    sp_assert(families >= p->in_flight);
}

/* Its cost per item is the policy's. */
static void pipeline_price(const void *self, const struct model_cost *cost, bool sole,
                           struct model_workload_result *r)
{
    (void)self;
    (void)cost;
    (void)sole;
    (void)r;
}

const struct sim_workload_kind sim_pipeline_kind = {
    .name = "pipeline",
    .watches = 1u << SIM_PIPE_AUTOSCALE | 1u << SIM_PIPE_UNIT,
    .make = pipeline_make,
    .start = pipeline_start,
    .event = pipeline_event,
    .store_freed = pipeline_store_freed,
    .status = pipeline_status,
    .done = pipeline_done,
    .moving = pipeline_moving,
    .autoscales = pipeline_autoscales,
    .stuck_text = pipeline_stuck_text,
    .unplaced_text = pipeline_unplaced_text,
    .measure = sim_pipeline_measure,
    .busy = sim_pipeline_busy,
    .queue_integral = sim_pipeline_queue_integral,
    .items_done = sim_pipeline_items_done,
    .latency_means = sim_pipeline_latency_means,
    .finish = pipeline_finish,
    .result = sim_pipeline_result,
    .price = pipeline_price,
    .verify = pipeline_verify,
};
