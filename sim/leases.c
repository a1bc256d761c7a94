/* Leases: nodes bought, booted, idle and given back. */
#include "sim/leases.h"

#include "base/units.h"
#include "sim/draw.h"
#include "sim/leases_rows.h"

/* Repairs in a row after which nobody was placed: those who wait, wait for something
 * that no repair brings. */
enum { REPAIRS_UNUSED_MAX = 1000 };

struct sim_leases *sim_leases_new(struct sp_arena *arena, struct sim_event_queue *queue,
                                  const struct model_policy *policy,
                                  struct sim_nodes *nodes, struct sim_ledger *ledger,
                                  const struct sim_leases_client *client,
                                  struct sim_leases_events events, uint64_t key)
{
    struct sim_leases *l = sp_arena_alloc(arena, sizeof *l);

    l->arena = arena;
    l->queue = queue;
    l->policy = policy;
    l->nodes_free = nodes;
    l->ledger = ledger;
    l->client = *client;
    l->events = events;
    l->key = key;
    l->types = sp_arena_array(arena, (size_t)policy->n_types, sizeof *l->types);
    for (int32_t t = 0; t < policy->n_types; t++)
        sim_market_init(l, t);
    return l;
}

/* ---- leases ---- */

static struct sim_lease_node *node_row(struct sim_leases *l, int32_t id)
{
    while (l->n_nodes <= id) {
        l->nodes = sp_arena_more(l->arena, l->nodes, l->n_nodes, &l->nodes_room,
                                 sizeof *l->nodes);
        l->nodes[l->n_nodes] = (struct sim_lease_node){
            .slot = sim_event_queue_slot_new(l->queue, l->events.node, l->n_nodes),
            .fate_slot = SP_NO_ID};
        l->n_nodes++;
    }
    return &l->nodes[id];
}

static void step_provisioned(struct sim_leases *l, int32_t type, int64_t now_ns,
                             int sign)
{
    const struct model_amounts *has = &l->policy->types[type].has;
    struct sim_lease_type *t = &l->types[type];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        sim_level_add(&l->provisioned[r], now_ns, sign * sim_amount(has, r));
    sim_level_add(&t->held, now_ns, sign);
    t->peak = t->held.n > t->peak ? (int32_t)t->held.n : t->peak;
    if (has->mgpu > 0)
        l->gpu_nodes += sign;
    l->peak_gpu_nodes =
        l->gpu_nodes > l->peak_gpu_nodes ? l->gpu_nodes : l->peak_gpu_nodes;
}

static int64_t boot_ns(const struct sim_leases *l, const struct sim_lease_node *n)
{
    struct sp_rng r =
        sp_rng_from_key(sp_mix_keys(l->key + (uint64_t)n->type, (uint64_t)n->nth));

    return sp_ns_from_s(sim_draw(&l->policy->types[n->type].boot_s, &r));
}

void sim_lease_ready(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    l->nodes[id].life = SIM_NODE_READY;
    if (l->nodes[id].ready_ns < 0)
        l->nodes[id].ready_ns = now_ns;
    l->types[l->nodes[id].type].ready++;
    if (l->timeline != NULL)
        sim_timeline_ready(l->timeline, id, now_ns);
    sim_loss_draw_break(l, id, now_ns);
    sim_loss_arm(l, id, now_ns);
}

static bool on_its_way(const struct sim_lease_node *n)
{
    return n->life == SIM_NODE_BOOTING && (n->uses > 0 || !n->spare);
}

int32_t sim_lease_new(struct sim_leases *l, int32_t type, enum sim_lease_how how,
                      int64_t now_ns)
{
    const struct model_node_type *t = &l->policy->types[type];
    int32_t id = sim_nodes_add(l->nodes_free, type);
    struct sim_lease_node *n = node_row(l, id);
    int64_t boot;

    *n = (struct sim_lease_node){.type = type,
                                 .slot = n->slot,
                                 .fate_slot = n->fate_slot,
                                 .life = SIM_NODE_BOOTING,
                                 .spare = how == SIM_LEASE_SPARE,
                                 .from_ns = now_ns,
                                 .ready_ns = -1,
                                 .order = l->n_leases++,
                                 .nth = l->types[type].leased++,
                                 .stands_in = SP_NO_ID,
                                 .reason = SP_NO_ID,
                                 .taken_ns = INT64_MAX,
                                 .breaks_ns = INT64_MAX,
                                 .gone_ns = INT64_MAX};
    if (!t->has_price)
        sp_fail(
            &l->err, SP_EINPUT,
            "node type '%s' has no price, and this run needs it: give 'price:' in the "
            "scenario (the catalog's source publishes none)",
            t->name);
    boot = how == SIM_LEASE_AT_ONCE ? 0 : boot_ns(l, n);
    if (l->timeline != NULL)
        sim_timeline_lease(l->timeline, id, type, now_ns);
    step_provisioned(l, type, now_ns, 1);
    l->types[type].standing++;
    sim_loss_draw_taken(l, id, now_ns);
    if (boot == 0) {
        sim_lease_ready(l, id, now_ns);
    } else {
        l->booting += on_its_way(n);
        sim_event_queue_set(l->queue, n->slot, now_ns + boot, 0);
        sim_loss_arm(l, id, now_ns);
    }
    sim_market_changed(l, type, now_ns);
    return id;
}

/* The counts that follow its life no longer have it. */
static void uncount(struct sim_leases *l, const struct sim_lease_node *n)
{
    struct sim_lease_type *t = &l->types[n->type];

    if (n->life == SIM_NODE_BOOTING)
        l->booting -= on_its_way(n);
    else if (n->life == SIM_NODE_BROKEN)
        l->broken--;
    else
        t->ready--;
    t->standing -= n->life != SIM_NODE_DRAINING;
    t->stand_ins -= n->life != SIM_NODE_DRAINING && n->stands_in != SP_NO_ID;
    t->moved -= n->life == SIM_NODE_DRAINING && n->gone_ns == INT64_MAX;
}

void sim_lease_end(struct sim_leases *l, int32_t id, const char *ended, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];

    uncount(l, n);
    sim_event_queue_clear(l->queue, n->slot);
    if (n->fate_slot != SP_NO_ID)
        sim_event_queue_clear(l->queue, n->fate_slot);
    step_provisioned(l, n->type, now_ns, -1);
    if (l->timeline != NULL)
        sim_timeline_end(l->timeline, id, ended, now_ns);
    if (l->client.ends != NULL)
        l->client.ends(l->client.self, id, now_ns);
    sim_ledger_booted(l->ledger, id,
                      (n->ready_ns < 0 ? now_ns : n->ready_ns) - n->from_ns);
    sim_ledger_close(l->ledger, id, n->type, n->from_ns, now_ns);
    n->life = SIM_NODE_GONE;
    if (n->uses == 0)
        sim_nodes_remove(l->nodes_free, id);
    else
        sim_nodes_close(l->nodes_free, id); /* its number stays its data's */
    sim_market_changed(l, n->type, now_ns);
}

void sim_leases_record(struct sim_leases *l, struct sim_timeline *timeline)
{
    l->timeline = timeline;
}

/* The nodes of lists first, so that their numbers are those of the list. */
void sim_leases_start(struct sim_leases *l)
{
    for (int32_t t = 0; t < l->policy->n_types; t++)
        sim_market_open(l, t);
    for (int32_t i = 0; i < l->policy->n_nodes; i++)
        sim_lease_new(l, l->policy->nodes[i].type, SIM_LEASE_AT_ONCE, 0);
    for (int32_t t = 0; t < l->policy->n_types; t++) {
        const struct model_node_type *nt = &l->policy->types[t];
        int32_t n = nt->listed ? 0 : nt->fixed ? nt->count : nt->min;

        for (int32_t i = 0; i < n && sim_market_room(l, t) > 0; i++)
            sim_lease_new(l, t, nt->fixed ? SIM_LEASE_AT_ONCE : SIM_LEASE_BOOTS, 0);
    }
}

void sim_lease_wake_all(struct sim_leases *l, int64_t now_ns)
{
    if (l->closed)
        return;
    l->refused = false;
    for (int32_t t = 0; t < l->policy->n_types; t++)
        l->types[t].wanted = false;
    l->client.room(l->client.self, now_ns);
}

void sim_lease_wake(struct sim_leases *l, int64_t now_ns)
{
    if (l->refused && sim_market_here(l))
        sim_lease_wake_all(l, now_ns);
}

/* ---- idle nodes ---- */

void sim_lease_emptied(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    const struct sim_lease_node *n = &l->nodes[id];
    const struct model_node_type *t = &l->policy->types[n->type];

    if (l->closed || n->uses > 0 || n->lost)
        return;
    if (n->life == SIM_NODE_DRAINING)
        sim_event_queue_set(l->queue, n->slot, now_ns, 2);
    else if (n->life == SIM_NODE_READY && !t->fixed)
        sim_event_queue_set(l->queue, n->slot, now_ns + t->idle_timeout_ns, 2);
}

void sim_leases_use(struct sim_leases *l, int32_t id, int32_t delta, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];

    l->booting -= on_its_way(n);
    n->uses += delta;
    l->booting += on_its_way(n);
    if (delta > 0)
        l->repairs_unused = 0;
    if (n->life == SIM_NODE_GONE) {
        if (n->uses == 0)
            sim_nodes_remove(l->nodes_free, id);
    } else if (n->uses == 0) {
        sim_lease_emptied(l, id, now_ns);
    } else if (n->uses == delta &&
               (n->life == SIM_NODE_READY || n->life == SIM_NODE_DRAINING)) {
        sim_event_queue_clear(l->queue, n->slot); /* an idle timer */
    }
}

/* The timer of a node without units: whether it goes. */
static void idle_long_enough(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    const struct sim_lease_node *n = &l->nodes[id];
    int32_t type = n->type;

    if (n->uses > 0 || (n->life == SIM_NODE_READY &&
                        l->types[type].standing <= l->policy->types[type].min))
        return;
    sim_lease_end(l, id, n->life == SIM_NODE_DRAINING ? sim_loss_ended(n->why) : "idle",
                  now_ns);
    sim_market_keep_min(l, type, now_ns);
    sim_lease_wake_all(l, now_ns); /* one may be bought in its place */
}

static void booted(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    l->booting -= on_its_way(&l->nodes[id]);
    sim_lease_ready(l, id, now_ns);
    sim_lease_emptied(l, id, now_ns);
    sim_market_changed(l, l->nodes[id].type, now_ns);
    l->client.ready(l->client.self, id, now_ns);
}

void sim_leases_event(struct sim_leases *l, const struct sim_event *ev)
{
    const struct sim_lease_node *n;

    if (ev->kind == l->events.market) {
        sim_market_event(l, ev->subject, ev->time_ns);
        return;
    }
    n = &l->nodes[ev->subject];
    if (ev->slot == n->fate_slot)
        sim_loss_event(l, ev->subject, ev->time_ns);
    else if (n->life == SIM_NODE_BOOTING)
        booted(l, ev->subject, ev->time_ns);
    else if (n->life == SIM_NODE_BROKEN)
        sim_loss_repaired(l, ev->subject, ev->time_ns);
    else
        idle_long_enough(l, ev->subject, ev->time_ns);
}

void sim_leases_close(struct sim_leases *l)
{
    l->closed = true;
}

void sim_leases_finish(struct sim_leases *l, int64_t now_ns)
{
    l->closed = true;
    for (int32_t id = 0; id < l->n_nodes; id++)
        if (l->nodes[id].life != SIM_NODE_GONE)
            sim_lease_end(l, id, "end of run", now_ns);
}

/* ---- answers ---- */

enum sp_status sim_leases_status(const struct sim_leases *l, struct sp_err *err)
{
    if (l->err.status == SP_OK)
        return SP_OK;
    return sp_fail(err, l->err.status, "%s", l->err.text);
}

enum sim_node_life sim_leases_life(const struct sim_leases *l, int32_t node)
{
    return l->nodes[node].life;
}

bool sim_leases_moving(const struct sim_leases *l)
{
    return sim_leases_booting(l) > 0;
}

int32_t sim_leases_booting(const struct sim_leases *l)
{
    bool comes =
        l->refused && ((l->broken > 0 && l->repairs_unused < REPAIRS_UNUSED_MAX) ||
                       sim_market_comes(l));

    return l->booting + comes;
}

int32_t sim_leases_ready(const struct sim_leases *l, int32_t type)
{
    return l->types[type].ready;
}

int32_t sim_leases_peak(const struct sim_leases *l, int32_t type)
{
    return l->types[type].peak;
}

int32_t sim_leases_peak_gpu_nodes(const struct sim_leases *l)
{
    return l->peak_gpu_nodes;
}

const struct sim_level *sim_leases_provisioned(const struct sim_leases *l, int r)
{
    return &l->provisioned[r];
}

const struct sim_level *sim_leases_held(const struct sim_leases *l, int32_t type)
{
    return &l->types[type].held;
}
