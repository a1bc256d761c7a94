/* Units of a pool: asked for, placed, started, taken and given back. */
#include "base/units.h"
#include "sim/draw.h"
#include "sim/pipeline_rows.h"
#include "sim/schedule.h"

enum { SALT_STARTUP = 0x73746172 };

/* ---- what a unit can run ---- */

static bool fits(const struct sim_unit *u, const struct model_amounts *needs)
{
    return needs->mcpu <= u->free_mcpu && needs->mgpu <= u->free_mgpu &&
           needs->memory_bytes <= u->free_memory;
}

static bool can_run(const struct sim_pipeline *p, const struct sim_pool *pool,
                    int32_t unit, int32_t local)
{
    const struct sim_unit *u = &pool->units[unit];

    if (u->state != SIM_UNIT_UP)
        return false;
    if (pool->m->fused)
        return local == 0 && u->running == 0;
    return pool->running[unit * pool->n_stages + local] < pool->caps[local] &&
           (!pool->shares || fits(u, &p->stages[pool->stages[local]].m->slot_needs));
}

static void refresh(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    for (int32_t l = 0; l < pool->n_stages; l++) {
        if (can_run(p, pool, unit, l))
            sim_bitset_add(&pool->can_run[l], unit);
        else
            sim_bitset_remove(&pool->can_run[l], unit);
    }
}

static void move_shared(struct sim_pipeline *p, struct sim_pool *pool,
                        struct sim_unit *u, int32_t local, int sign)
{
    const struct model_amounts *needs = &p->stages[pool->stages[local]].m->slot_needs;

    u->free_mcpu -= sign * needs->mcpu;
    u->free_mgpu -= sign * needs->mgpu;
    u->free_memory -= sign * needs->memory_bytes;
}

/* One more or one fewer task of a stage, where only its cap can bind. */
static bool only_caps_bind(const struct sim_pool *pool)
{
    return !pool->shares && !pool->m->fused;
}

void sim_unit_take(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit,
                   int32_t local)
{
    struct sim_unit *u = &pool->units[unit];

    int32_t running = ++pool->running[unit * pool->n_stages + local];

    u->running++;
    if (only_caps_bind(pool)) {
        if (running == pool->caps[local])
            sim_bitset_remove(&pool->can_run[local], unit);
        return;
    }
    if (pool->shares)
        move_shared(p, pool, u, local, 1);
    refresh(p, pool, unit);
}

/* Slots of each stage that exist: a fused unit has one for the whole chain. */
static void step_slots(struct sim_pipeline *p, struct sim_pool *pool, int sign)
{
    const struct sim_level *first = &p->stages[pool->stages[0]].slots;
    bool had_some = first->n > 0;

    for (int32_t l = 0; l < pool->n_stages; l++)
        sim_level_add(&p->stages[pool->stages[l]].slots, p->now_ns,
                      sign * (pool->m->fused ? 1 : pool->caps[l]));
    if (!had_some && pool->first_up_ns < 0)
        pool->first_up_ns = p->now_ns;
    if (first->n == 0)
        pool->last_gone_ns = p->now_ns;
}

/* ---- on the node ---- */

static void chain_on_node(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    struct sim_unit *u = &pool->units[unit];

    if (u->node >= pool->n_on_node) {
        int32_t want = 2 * u->node + 16;

        pool->on_node = sp_arena_grow(p->arena, pool->on_node, (size_t)pool->n_on_node,
                                      (size_t)want, sizeof *pool->on_node);
        for (int32_t i = pool->n_on_node; i < want; i++)
            pool->on_node[i] = SP_NO_ID;
        pool->n_on_node = want;
    }
    u->prev_on_node = SP_NO_ID;
    u->next_on_node = pool->on_node[u->node];
    if (u->next_on_node != SP_NO_ID)
        pool->units[u->next_on_node].prev_on_node = unit;
    pool->on_node[u->node] = unit;
}

static void unchain_from_node(struct sim_pool *pool, int32_t unit)
{
    const struct sim_unit *u = &pool->units[unit];

    if (u->prev_on_node == SP_NO_ID)
        pool->on_node[u->node] = u->next_on_node;
    else
        pool->units[u->prev_on_node].next_on_node = u->next_on_node;
    if (u->next_on_node != SP_NO_ID)
        pool->units[u->next_on_node].prev_on_node = u->prev_on_node;
}

/* ---- life ---- */

static int32_t unit_row(struct sim_pipeline *p, struct sim_pool *pool)
{
    int32_t id = sim_bitset_first(&pool->free_rows);

    if (id != SP_NO_ID) {
        sim_bitset_remove(&pool->free_rows, id);
        return id;
    }
    if (pool->n_units == pool->units_room) {
        int32_t old = pool->units_room, want = old == 0 ? 16 : 2 * old;

        pool->units = sp_arena_grow(p->arena, pool->units, (size_t)old, (size_t)want,
                                    sizeof *pool->units);
        pool->running =
            sp_arena_grow(p->arena, pool->running, (size_t)(old * pool->n_stages),
                          (size_t)(want * pool->n_stages), sizeof *pool->running);
        pool->time = sp_arena_grow(p->arena, pool->time, (size_t)(old * pool->n_stages),
                                   (size_t)(want * pool->n_stages), sizeof *pool->time);
        for (int32_t l = 0; l < pool->n_stages; l++)
            sim_bitset_grow(&pool->can_run[l], p->arena, want);
        sim_bitset_grow(&pool->free_rows, p->arena, want);
        pool->units_room = want;
    }
    id = pool->n_units++;
    pool->units[id].slot = SP_NO_ID;
    return id;
}

void sim_units_ask(struct sim_pipeline *p, struct sim_pool *pool, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        int32_t id = unit_row(p, pool);
        struct sim_unit *u = &pool->units[id];

        *u = (struct sim_unit){.state = SIM_UNIT_ASKED,
                               .slot = u->slot,
                               .node = SP_NO_ID,
                               .next_on_node = SP_NO_ID};
        pool->asked++;
        u->cluster_unit =
            sim_cluster_ask(p->env.cluster, pool->cluster_kind, id, p->now_ns);
    }
}

static void unit_is_up(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    struct sim_unit *u = &pool->units[unit];

    u->state = SIM_UNIT_UP;
    u->free_mcpu = pool->needs.mcpu;
    u->free_mgpu = pool->needs.mgpu;
    u->free_memory = pool->needs.memory_bytes;
    pool->up++;
    chain_on_node(p, pool, unit);
    step_slots(p, pool, 1);
    refresh(p, pool, unit);
    for (int32_t l = 0; l < pool->n_stages; l++) /* a gang's step now takes more */
        if (p->stages[pool->stages[l]].m->gang) {
            sim_linger_arm(p, &p->stages[pool->stages[l]]);
            if (p->stages[pool->stages[l]].m->buffer > 0) /* and its buffer */
                p->relieved |= UINT64_C(1) << pool->stages[l];
        }
    if (p->rule->global)
        sim_dirty_all(p);
    p->dirty_pools |= UINT64_C(1) << pool->id;
}

void sim_units_placed(void *self, int32_t cookie, int32_t cluster_unit, int32_t node,
                      int64_t now_ns)
{
    struct sim_pool_client *client = self;
    struct sim_pipeline *p = client->pipeline;
    struct sim_pool *pool = &p->pools[client->pool];
    struct sim_unit *u = &pool->units[cookie];
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(
        p->env.key ^ SALT_STARTUP, (uint64_t)pool->id << 32 | pool->started++));
    int64_t startup_ns = sp_ns_from_s(sim_draw(&pool->m->startup_s, &r));

    (void)cluster_unit;
    p->now_ns = now_ns;
    u->node = node;
    sim_network_node(p->env.network, node, sim_cluster_node_type(p->env.cluster, node));
    if (startup_ns == 0) {
        unit_is_up(p, pool, cookie);
        sim_settle(p);
        return;
    }
    u->state = SIM_UNIT_STARTING;
    u->placed_ns = now_ns;
    sim_record_unit_starts(p, pool, u);
    if (u->slot == SP_NO_ID)
        u->slot = sim_event_queue_slot_new(
            p->env.queue, p->env.first_kind + SIM_PIPE_UNIT, pool->id << 22 | cookie);
    sim_event_queue_set(p->env.queue, u->slot, now_ns + startup_ns, 0);
}

/* Books the time that it has been starting up. */
static void book_start(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    const struct sim_unit *u = &pool->units[unit];

    sim_ledger_waited(p->env.ledger, u->node, p->env.owner, MODEL_PART_BOOT,
                      &pool->needs, p->now_ns - u->placed_ns);
}

void sim_units_started(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    book_start(p, pool, unit);
    sim_record_unit_started(p, pool, &pool->units[unit]);
    unit_is_up(p, pool, unit);
}

/* What a task holds that waits for its input, or for room for its output. */
static const struct model_amounts *
held_by_task(const struct sim_pipeline *p, const struct sim_pool *pool, int32_t local)
{
    return pool->m->fused ? &pool->needs
                          : &p->stages[pool->stages[local]].m->slot_needs;
}

/* Books the unit's slot-time in the ledger, on the node that it is on. */
static void book_time(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    struct sim_ledger *ledger = p->env.ledger;
    int32_t node = pool->units[unit].node;

    for (int32_t l = 0; l < pool->n_stages; l++) {
        struct sim_slot_time *t = &pool->time[unit * pool->n_stages + l];
        int32_t stage = p->stages[pool->stages[l]].ledger_stage;

        sim_ledger_busy(ledger, node, stage, t->busy);
        if (t->redone > 0)
            sim_ledger_redone(ledger, node, stage, t->redone);
        if (t->fetching > 0)
            sim_ledger_waited(ledger, node, p->env.owner, MODEL_PART_TRANSFER,
                              held_by_task(p, pool, l), t->fetching);
        if (t->blocked > 0)
            sim_ledger_waited(ledger, node, p->env.owner, MODEL_PART_BLOCKED,
                              held_by_task(p, pool, l), t->blocked);
        *t = (struct sim_slot_time){0};
    }
}

/* The row is free; its place in the cluster is the caller's to give back. */
static void put_away(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    struct sim_unit *u = &pool->units[unit];

    if (u->state == SIM_UNIT_UP || u->state == SIM_UNIT_DRAINING ||
        u->state == SIM_UNIT_LOST) {
        book_time(p, pool, unit);
        pool->up -= u->state == SIM_UNIT_UP;
        unchain_from_node(pool, unit);
        step_slots(p, pool, -1);
    } else if (u->state == SIM_UNIT_STARTING) {
        sim_record_unit_started(p, pool, u);
    }
    if (u->state == SIM_UNIT_STARTING)
        book_start(p, pool, unit);
    if (u->slot != SP_NO_ID)
        sim_event_queue_clear(p->env.queue, u->slot);
    pool->asked -= u->state != SIM_UNIT_DRAINING && u->state != SIM_UNIT_LOST;
    u->state = SIM_UNIT_FREE;
    refresh(p, pool, unit);
    sim_bitset_add(&pool->free_rows, unit);
}

static void give_back(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit)
{
    int32_t cluster_unit = pool->units[unit].cluster_unit;

    put_away(p, pool, unit);
    sim_cluster_release(p->env.cluster, cluster_unit, p->now_ns);
}

void sim_unit_give(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit,
                   int32_t local)
{
    struct sim_unit *u = &pool->units[unit];

    pool->running[unit * pool->n_stages + local]--;
    u->running--;
    if (only_caps_bind(pool) && u->state == SIM_UNIT_UP) {
        sim_bitset_add(&pool->can_run[local], unit);
        return;
    }
    if (pool->shares)
        move_shared(p, pool, u, local, -1);
    if (u->state == SIM_UNIT_DRAINING && u->running == 0)
        give_back(p, pool, unit);
    else
        refresh(p, pool, unit);
}

/* Gives back up to n units in the given state (and, if idle, without a task), the ones
 * that came last first. */
static int32_t give_back_in(struct sim_pipeline *p, struct sim_pool *pool, int32_t n,
                            enum sim_unit_state state)
{
    int32_t given = 0;

    for (int32_t u = pool->n_units - 1; u >= 0 && given < n; u--)
        if (pool->units[u].state == state && pool->units[u].running == 0) {
            give_back(p, pool, u);
            given++;
        }
    return given;
}

/* A unit that is up takes nothing new: DRAINING, it goes when its last task has ended.
 */
static void drain(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit,
                  enum sim_unit_state state)
{
    pool->units[unit].state = state;
    pool->up--;
    pool->asked--;
    refresh(p, pool, unit);
}

static int32_t drain_busy(struct sim_pipeline *p, struct sim_pool *pool, int32_t n)
{
    int32_t given = 0;

    for (int32_t u = pool->n_units - 1; u >= 0 && given < n; u--)
        if (pool->units[u].state == SIM_UNIT_UP) {
            drain(p, pool, u, SIM_UNIT_DRAINING);
            given++;
        }
    return given;
}

int32_t sim_units_give_back(struct sim_pipeline *p, struct sim_pool *pool, int32_t n,
                            bool busy_too)
{
    int32_t given = give_back_in(p, pool, n, SIM_UNIT_ASKED);

    given += give_back_in(p, pool, n - given, SIM_UNIT_STARTING);
    given += give_back_in(p, pool, n - given, SIM_UNIT_UP);
    if (busy_too)
        given += drain_busy(p, pool, n - given);
    return given;
}

/* ---- nodes that go ---- */

void sim_units_notice(void *self, int32_t cookie, int32_t cluster_unit,
                      enum sim_loss why, int64_t gone_ns, int64_t now_ns)
{
    struct sim_pool_client *client = self;
    struct sim_pipeline *p = client->pipeline;
    struct sim_pool *pool = &p->pools[client->pool];
    struct sim_unit *u = &pool->units[cookie];

    (void)cluster_unit;
    (void)why;
    (void)gone_ns;
    p->now_ns = now_ns;
    if (u->state == SIM_UNIT_FREE || u->state == SIM_UNIT_DRAINING)
        return;
    if (u->running > 0)
        drain(p, pool, cookie, SIM_UNIT_DRAINING);
    else
        give_back(p, pool, cookie);
    sim_units_ask(p, pool, 1);
    sim_settle(p);
}

/* A gang's step may have waited for this unit, or been lost; the others of the pool
 * have room as before. */
void sim_units_lost(void *self, int32_t cookie, int32_t cluster_unit, enum sim_loss why,
                    int64_t now_ns)
{
    struct sim_pool_client *client = self;
    struct sim_pipeline *p = client->pipeline;
    struct sim_pool *pool = &p->pools[client->pool];
    struct sim_unit *u = &pool->units[cookie];
    bool drained = u->state == SIM_UNIT_DRAINING;

    (void)cluster_unit;
    (void)why;
    p->now_ns = now_ns;
    if (drained)
        u->state = SIM_UNIT_LOST; /* else its last task would give it back */
    else if (u->state == SIM_UNIT_UP)
        drain(p, pool, cookie, SIM_UNIT_LOST);
    sim_tasks_lose(p, pool, cookie);
    put_away(p, pool, cookie);
    if (!drained)
        sim_units_ask(p, pool, 1);
    p->dirty_pools |= UINT64_C(1) << pool->id;
    if (p->rule->global)
        sim_dirty_all(p);
    sim_settle(p);
}

/* All stages of the pool are complete, or the run is over. */
void sim_pool_finish(struct sim_pipeline *p, struct sim_pool *pool)
{
    for (int32_t u = 0; u < pool->n_units; u++)
        if (pool->units[u].state != SIM_UNIT_FREE)
            give_back(p, pool, u);
    if (pool->tick_slot != SP_NO_ID)
        sim_event_queue_clear(p->env.queue, pool->tick_slot);
}
