/* Leases: nodes bought, booted, idle and given back. */
#include "sim/leases.h"

#include <math.h>

#include "base/units.h"
#include "sim/draw.h"

struct node {
    int32_t type, slot; /* slot: boot, then idle timer */
    enum sim_node_life life;
    int64_t from_ns; /* lease began */
    int32_t uses;    /* units on it, data pinned to it */
};

struct type {
    struct sim_level held;
    int32_t ready, peak, booted;
};

struct sim_leases {
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    const struct model_policy *policy;
    struct sim_nodes *nodes_free; /* what is free on them */
    struct sim_ledger *ledger;
    struct sim_leases_client client;
    struct sim_leases_events events;
    uint64_t key;
    struct type *types;
    struct node *nodes;
    int32_t n_nodes, nodes_room;
    bool closed; /* the run is over: nothing is set any more */
    int32_t booting, gpu_nodes, peak_gpu_nodes;
    struct sim_level provisioned[MODEL_RESOURCES];
    struct sp_err err;
};

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
    return l;
}

/* ---- leases ---- */

static struct node *node_row(struct sim_leases *l, int32_t id)
{
    while (l->n_nodes <= id) {
        l->nodes = sp_arena_more(l->arena, l->nodes, l->n_nodes, &l->nodes_room,
                                 sizeof *l->nodes);
        l->nodes[l->n_nodes] = (struct node){
            .slot = sim_event_queue_slot_new(l->queue, l->events.node, l->n_nodes)};
        l->n_nodes++;
    }
    return &l->nodes[id];
}

static void step_provisioned(struct sim_leases *l, int32_t type, int64_t now_ns,
                             int sign)
{
    const struct model_amounts *has = &l->policy->types[type].has;
    struct type *t = &l->types[type];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        sim_level_add(&l->provisioned[r], now_ns, sign * sim_amount(has, r));
    sim_level_add(&t->held, now_ns, sign);
    t->peak = t->held.n > t->peak ? (int32_t)t->held.n : t->peak;
    if (has->mgpu > 0)
        l->gpu_nodes += sign;
    l->peak_gpu_nodes =
        l->gpu_nodes > l->peak_gpu_nodes ? l->gpu_nodes : l->peak_gpu_nodes;
}

static void becomes_ready(struct sim_leases *l, int32_t id)
{
    l->nodes[id].life = SIM_NODE_READY;
    l->types[l->nodes[id].type].ready++;
}

static int64_t boot_ns(struct sim_leases *l, int32_t type)
{
    const struct model_node_type *t = &l->policy->types[type];
    struct sp_rng r;

    if (t->fixed)
        return 0;
    r = sp_rng_from_key(
        sp_mix_keys(l->key + (uint64_t)type, (uint64_t)l->types[type].booted++));
    return sp_ns_from_s(sim_draw(&t->boot_s, &r));
}

static int32_t lease_node(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct model_node_type *t = &l->policy->types[type];
    int32_t id = sim_nodes_add(l->nodes_free, type);
    struct node *n = node_row(l, id);
    int64_t boot;

    *n = (struct node){
        .type = type, .slot = n->slot, .life = SIM_NODE_BOOTING, .from_ns = now_ns};
    if (!t->has_price)
        sp_fail(
            &l->err, SP_EINPUT,
            "node type '%s' has no price, and this run needs it: give 'price:' in the "
            "scenario (the catalog's source publishes none)",
            t->name);
    boot = boot_ns(l, type);
    step_provisioned(l, type, now_ns, 1);
    if (boot == 0) {
        becomes_ready(l, id);
    } else {
        l->booting++;
        sim_event_queue_set(l->queue, n->slot, now_ns + boot, 0);
    }
    return id;
}

static void end_lease(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct node *n = &l->nodes[id];

    if (n->life == SIM_NODE_BOOTING)
        l->booting--;
    else
        l->types[n->type].ready--;
    sim_event_queue_clear(l->queue, n->slot);
    step_provisioned(l, n->type, now_ns, -1);
    sim_ledger_close(l->ledger, id, n->type, n->from_ns, now_ns);
    sim_nodes_remove(l->nodes_free, id);
    n->life = SIM_NODE_GONE;
}

void sim_leases_start(struct sim_leases *l)
{
    for (int32_t t = 0; t < l->policy->n_types; t++) {
        const struct model_node_type *nt = &l->policy->types[t];

        for (int32_t i = 0; i < (nt->fixed ? nt->count : nt->min); i++)
            lease_node(l, t, 0);
    }
}

/* ---- buying ---- */

static bool wants_gpu(const struct sim_room *need)
{
    return need->whole_gpus > 0 || need->share_mgpu > 0;
}

/* Price of the part of a node that a member takes: its dominant share. */
static double cost_of_share(const struct model_node_type *t,
                            const struct sim_room *need)
{
    struct model_amounts needs = {.mcpu = need->mcpu,
                                  .mgpu = INT64_C(1000) * need->whole_gpus +
                                          need->share_mgpu,
                                  .memory_bytes = need->memory_bytes};
    double share = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        double has = (double)sim_amount(&t->has, r);

        if (has > 0)
            share = fmax(share, (double)sim_amount(&needs, r) / has);
    }
    return t->has_price ? share * (double)t->uusd_per_h : INFINITY;
}

int32_t sim_leases_choose(const struct sim_leases *l, int32_t shape)
{
    return sim_leases_choose_beside(l, shape, NULL);
}

int32_t sim_leases_choose_beside(const struct sim_leases *l, int32_t shape,
                                 const int32_t *taken)
{
    const struct sim_room *need = sim_nodes_need(l->nodes_free, shape);
    int32_t best = SP_NO_ID;

    for (int32_t t = 0; t < l->policy->n_types; t++) {
        const struct model_node_type *nt = &l->policy->types[t];
        const struct model_node_type *bt =
            best != SP_NO_ID ? &l->policy->types[best] : NULL;
        bool wastes = nt->has.mgpu > 0 && !wants_gpu(need);
        bool best_wastes = bt != NULL && bt->has.mgpu > 0 && !wants_gpu(need);

        if (nt->fixed || l->types[t].held.n + (taken ? taken[t] : 0) >= nt->max ||
            !sim_nodes_type_holds(l->nodes_free, t, shape))
            continue;
        if (bt == NULL || wastes < best_wastes ||
            (wastes == best_wastes &&
             cost_of_share(nt, need) < cost_of_share(bt, need)))
            best = t;
    }
    return best;
}

int32_t sim_leases_buy(struct sim_leases *l, int32_t type, int32_t shape,
                       int64_t now_ns)
{
    (void)shape;
    return lease_node(l, type, now_ns);
}

/* ---- idle nodes ---- */

/* A node without units or data: elastic ones wait for their time to go. */
static void emptied(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    const struct node *n = &l->nodes[id];
    const struct model_node_type *t = &l->policy->types[n->type];

    if (!l->closed && !t->fixed && n->life == SIM_NODE_READY && n->uses == 0)
        sim_event_queue_set(l->queue, n->slot, now_ns + t->idle_timeout_ns, 2);
}

void sim_leases_use(struct sim_leases *l, int32_t id, int32_t delta, int64_t now_ns)
{
    struct node *n = &l->nodes[id];

    n->uses += delta;
    if (n->uses == 0)
        emptied(l, id, now_ns);
    else if (n->life == SIM_NODE_READY && n->uses == delta)
        sim_event_queue_clear(l->queue, n->slot); /* an idle timer */
}

void sim_leases_event(struct sim_leases *l, const struct sim_event *ev)
{
    int32_t id = ev->subject;
    struct node *n = &l->nodes[id];

    if (n->life == SIM_NODE_READY) { /* it was the idle timer */
        if (n->uses == 0 && l->types[n->type].held.n > l->policy->types[n->type].min)
            end_lease(l, id, ev->time_ns);
        return;
    }
    l->booting--;
    becomes_ready(l, id);
    emptied(l, id, ev->time_ns);
    l->client.ready(l->client.self, id, ev->time_ns);
}

void sim_leases_close(struct sim_leases *l)
{
    l->closed = true;
}

void sim_leases_finish(struct sim_leases *l, int64_t now_ns)
{
    for (int32_t id = 0; id < l->n_nodes; id++)
        if (l->nodes[id].life != SIM_NODE_GONE)
            end_lease(l, id, now_ns);
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
    return l->booting > 0;
}

int32_t sim_leases_booting(const struct sim_leases *l)
{
    return l->booting;
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

void sim_leases_result(const struct sim_leases *l, struct sp_arena *arena,
                       struct model_policy_result *p)
{
    (void)l;
    (void)arena;
    (void)p;
}
