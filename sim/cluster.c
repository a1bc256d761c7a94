/* Units and where they go: asked for, placed on nodes (sim/nodes.h) that are leased
 * (sim/leases.h), and given back. */
#include "sim/cluster.h"
#include "sim/explain.h"

#include "base/units.h"
#include "sim/leases.h"
#include "sim/nodes.h"

enum unit_state { UNIT_FREE, UNIT_WAITING, UNIT_PLACED };

struct unit {
    int32_t kind, cookie, next, prev; /* in the kind's queue, or on the node */
    enum unit_state state;
    struct sim_hold hold;
    int64_t from_ns, asked_ns; /* placed */
    bool told;                 /* its owner knows that the node is ready */
};

struct kind {
    struct sim_cluster_kind spec;
    int32_t shape;
    int32_t first, last, waiting; /* queue of units */
};

struct sim_cluster {
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    const struct model_policy *policy;
    struct sim_ledger *ledger;
    struct sim_cluster_events events;
    struct sim_nodes *nodes;
    struct sim_leases *leases;
    struct kind *kinds;
    int32_t *order; /* kinds, largest needs first */
    struct unit *units;
    int32_t *first_on_node; /* units, the last placed first */
    int32_t n_kinds, n_units, units_room, free_unit, n_node_rows;
    bool closed; /* the run is over: nothing is set any more */
    int32_t place_slot;
    struct sim_level allocated[MODEL_RESOURCES];
};

static void node_ready(void *self, int32_t node, int64_t now_ns);
static void node_notice(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                        int64_t now_ns);
static void node_lost(void *self, int32_t node, enum sim_loss why, int64_t now_ns);
static void more_room(void *self, int64_t now_ns);

struct sim_cluster *sim_cluster_new(struct sp_arena *arena,
                                    struct sim_event_queue *queue,
                                    const struct model_policy *policy,
                                    struct sim_ledger *ledger,
                                    struct sim_cluster_events events, uint64_t boot_key)
{
    struct sim_cluster *c = sp_arena_alloc(arena, sizeof *c);
    struct sim_leases_client client = {.self = c,
                                       .ready = node_ready,
                                       .notice = node_notice,
                                       .lost = node_lost,
                                       .room = more_room};
    struct sim_mix mix = sim_mix_of_policy(arena, policy);

    c->arena = arena;
    c->queue = queue;
    c->policy = policy;
    c->ledger = ledger;
    c->events = events;
    c->free_unit = SP_NO_ID;
    c->nodes = sim_nodes_new(arena, policy, &mix, boot_key);
    c->leases = sim_leases_new(
        arena, queue, policy, c->nodes, ledger, &client,
        (struct sim_leases_events){.node = events.node, .market = events.market},
        boot_key);
    c->place_slot = sim_event_queue_slot_new(queue, events.place, SP_NO_ID);
    return c;
}

int32_t sim_cluster_kind_new(struct sim_cluster *c, const struct sim_cluster_kind *spec)
{
    int32_t id = c->n_kinds++;
    struct kind *k;

    c->kinds = sp_arena_grow(c->arena, c->kinds, (size_t)id, (size_t)id + 1, sizeof *k);
    k = &c->kinds[id];
    *k = (struct kind){.spec = *spec, .first = SP_NO_ID, .last = SP_NO_ID};
    k->shape = sim_nodes_shape(c->nodes, &spec->needs, spec->allowed_types);
    if (c->order != NULL) {
        c->order = sp_arena_grow(c->arena, c->order, (size_t)id, (size_t)id + 1,
                                 sizeof *c->order);
        c->order[id] = id;
    }
    return id;
}

/* Amounts of `needs` as a node of this type counts them. */
static void step_allocated(struct sim_cluster *c, const struct unit *u, int64_t now_ns,
                           int sign)
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, u->hold.node);

    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (sim_amount(&n->has, r) > 0)
            sim_level_add(&c->allocated[r], now_ns,
                          sign * sim_amount(&c->kinds[u->kind].spec.needs, r));
}

static void book_allocated(struct sim_cluster *c, const struct unit *u, int64_t now_ns)
{
    const struct sim_cluster_kind *spec = &c->kinds[u->kind].spec;
    sp_i128 amount_ns[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = (sp_i128)sim_amount(&spec->needs, r) * (now_ns - u->from_ns);
    sim_ledger_allocated(c->ledger, u->hold.node, spec->owner, amount_ns);
}

/* ---- the units of a node ---- */

static int32_t *first_on(struct sim_cluster *c, int32_t node)
{
    if (node >= c->n_node_rows) {
        int32_t want = 2 * node + 16;

        c->first_on_node =
            sp_arena_grow(c->arena, c->first_on_node, (size_t)c->n_node_rows,
                          (size_t)want, sizeof *c->first_on_node);
        for (int32_t i = c->n_node_rows; i < want; i++)
            c->first_on_node[i] = SP_NO_ID;
        c->n_node_rows = want;
    }
    return &c->first_on_node[node];
}

static void chain(struct sim_cluster *c, int32_t id)
{
    struct unit *u = &c->units[id];
    int32_t *first = first_on(c, u->hold.node);

    u->prev = SP_NO_ID;
    u->next = *first;
    if (*first != SP_NO_ID)
        c->units[*first].prev = id;
    *first = id;
}

static void unchain(struct sim_cluster *c, int32_t id)
{
    struct unit *u = &c->units[id];

    if (u->prev != SP_NO_ID)
        c->units[u->prev].next = u->next;
    else
        *first_on(c, u->hold.node) = u->next;
    if (u->next != SP_NO_ID)
        c->units[u->next].prev = u->prev;
}

/* ---- placing ---- */

static void queue_remove(struct sim_cluster *c, struct kind *k, int32_t id)
{
    struct unit *u = &c->units[id];

    if (u->prev != SP_NO_ID)
        c->units[u->prev].next = u->next;
    else
        k->first = u->next;
    if (u->next != SP_NO_ID)
        c->units[u->next].prev = u->prev;
    else
        k->last = u->prev;
    k->waiting--;
}

static void tell_placed(struct sim_cluster *c, int32_t id, int64_t now_ns)
{
    const struct unit *u = &c->units[id];
    const struct sim_cluster_client *client = c->kinds[u->kind].spec.client;

    c->units[id].told = true;
    client->unit_placed(client->self, u->cookie, id, u->hold.node, now_ns);
}

static void place_on(struct sim_cluster *c, int32_t id, int32_t node, int64_t now_ns)
{
    struct unit *u = &c->units[id];

    u->state = UNIT_PLACED;
    u->from_ns = now_ns;
    u->hold = sim_nodes_take(c->nodes, node, c->kinds[u->kind].shape);
    chain(c, id);
    step_allocated(c, u, now_ns, 1);
    sim_leases_use(c->leases, node, 1, now_ns);
    if (sim_leases_life(c->leases, node) == SIM_NODE_READY)
        tell_placed(c, id, now_ns);
}

static void place_kind(struct sim_cluster *c, struct kind *k, int64_t now_ns)
{
    while (k->first != SP_NO_ID) {
        int32_t id = k->first;
        int32_t node = sim_nodes_find(c->nodes, k->shape, (uint64_t)id);

        if (node == SP_NO_ID) {
            int32_t type = sim_leases_choose(c->leases, k->shape);

            if (type == SP_NO_ID)
                return;
            node = sim_leases_buy(c->leases, type, k->shape, now_ns);
        }
        queue_remove(c, k, id);
        place_on(c, id, node, now_ns);
    }
}

static bool larger(const struct kind *a, const struct kind *b)
{
    if (a->spec.needs.mgpu != b->spec.needs.mgpu)
        return a->spec.needs.mgpu > b->spec.needs.mgpu;
    if (a->spec.needs.memory_bytes != b->spec.needs.memory_bytes)
        return a->spec.needs.memory_bytes > b->spec.needs.memory_bytes;
    return a->spec.needs.mcpu > b->spec.needs.mcpu;
}

void sim_cluster_start(struct sim_cluster *c)
{
    c->order = sp_arena_array(c->arena, (size_t)c->n_kinds, sizeof *c->order);
    for (int32_t k = 0; k < c->n_kinds; k++) {
        int32_t at = k;

        for (; at > 0 && larger(&c->kinds[k], &c->kinds[c->order[at - 1]]); at--)
            c->order[at] = c->order[at - 1];
        c->order[at] = k;
    }
    sim_leases_start(c->leases);
}

int32_t sim_cluster_ask(struct sim_cluster *c, int32_t kind, int32_t cookie,
                        int64_t now_ns)
{
    struct kind *k = &c->kinds[kind];
    int32_t id = c->free_unit;

    if (id != SP_NO_ID) {
        c->free_unit = c->units[id].next;
    } else {
        c->units = sp_arena_more(c->arena, c->units, c->n_units, &c->units_room,
                                 sizeof *c->units);
        id = c->n_units++;
    }
    c->units[id] = (struct unit){.kind = kind,
                                 .cookie = cookie,
                                 .state = UNIT_WAITING,
                                 .hold = {.node = SP_NO_ID, .device = SP_NO_ID},
                                 .prev = k->last,
                                 .next = SP_NO_ID};
    if (k->last != SP_NO_ID)
        c->units[k->last].next = id;
    else
        k->first = id;
    k->last = id;
    k->waiting++;
    if (!sim_event_queue_pending(c->queue, c->place_slot))
        sim_event_queue_set(c->queue, c->place_slot, now_ns, 1);
    return id;
}

static bool anyone_waits(const struct sim_cluster *c)
{
    for (int32_t k = 0; k < c->n_kinds; k++)
        if (c->kinds[k].waiting > 0)
            return true;
    return false;
}

static void leave_node(struct sim_cluster *c, int32_t id, int64_t now_ns)
{
    struct unit *u = &c->units[id];
    int32_t node = u->hold.node;

    unchain(c, id);
    sim_nodes_give(c->nodes, &u->hold, c->kinds[u->kind].shape);
    step_allocated(c, u, now_ns, -1);
    book_allocated(c, u, now_ns);
    sim_leases_use(c->leases, node, -1, now_ns);
    if (!c->closed && anyone_waits(c) &&
        !sim_event_queue_pending(c->queue, c->place_slot))
        sim_event_queue_set(c->queue, c->place_slot, now_ns, 1);
}

void sim_cluster_release(struct sim_cluster *c, int32_t id, int64_t now_ns)
{
    struct unit *u = &c->units[id];

    if (u->state == UNIT_WAITING)
        queue_remove(c, &c->kinds[u->kind], id);
    else
        leave_node(c, id, now_ns);
    u->state = UNIT_FREE;
    u->next = c->free_unit;
    c->free_unit = id;
}

void sim_cluster_pin(struct sim_cluster *c, int32_t node, int32_t delta, int64_t now_ns)
{
    sim_leases_use(c->leases, node, delta, now_ns);
}

/* Tells a node's units that it is ready, in the order in which they were placed.  What
 * one of them starts may end other work and give units of this node back: look anew
 * each time. */
static void node_ready(void *self, int32_t id, int64_t now_ns)
{
    struct sim_cluster *c = self;
    int32_t u = SP_NO_ID;

    do {
        int32_t next = *first_on(c, id);

        u = SP_NO_ID;
        for (; next != SP_NO_ID; next = c->units[next].next)
            if (!c->units[next].told) /* the list runs from the last to the first */
                u = next;
        if (u != SP_NO_ID)
            tell_placed(c, u, now_ns);
    } while (u != SP_NO_ID);
}

/* The units on a node when something begins that may move them: they are copied. */
static int32_t units_on(struct sim_cluster *c, int32_t node, int32_t **ids)
{
    int32_t n = 0, at;

    for (int32_t u = *first_on(c, node); u != SP_NO_ID; u = c->units[u].next)
        n++;
    *ids = sp_arena_array(c->arena, (size_t)n, sizeof **ids);
    at = n;
    for (int32_t u = *first_on(c, node); u != SP_NO_ID; u = c->units[u].next)
        (*ids)[--at] = u;
    return n;
}

static void node_notice(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                        int64_t now_ns)
{
    struct sim_cluster *c = self;
    int32_t *ids, n = units_on(c, node, &ids);

    for (int32_t i = 0; i < n; i++) {
        const struct unit *u = &c->units[ids[i]];
        const struct sim_cluster_client *client = c->kinds[u->kind].spec.client;

        if (u->state == UNIT_PLACED && u->hold.node == node &&
            client->unit_notice != NULL)
            client->unit_notice(client->self, u->cookie, ids[i], why, gone_ns, now_ns);
    }
}

static void leave_node(struct sim_cluster *c, int32_t id, int64_t now_ns);

static void node_lost(void *self, int32_t node, enum sim_loss why, int64_t now_ns)
{
    struct sim_cluster *c = self;

    while (*first_on(c, node) != SP_NO_ID) {
        int32_t id = *first_on(c, node);
        const struct sim_cluster_client *client =
            c->kinds[c->units[id].kind].spec.client;

        client->unit_lost(client->self, c->units[id].cookie, id, why, now_ns);
        leave_node(c, id, now_ns);
        c->units[id].state = UNIT_FREE;
        c->units[id].next = c->free_unit;
        c->free_unit = id;
    }
}

static void more_room(void *self, int64_t now_ns)
{
    struct sim_cluster *c = self;

    if (!c->closed && anyone_waits(c) &&
        !sim_event_queue_pending(c->queue, c->place_slot))
        sim_event_queue_set(c->queue, c->place_slot, now_ns, 1);
}

void sim_cluster_event(struct sim_cluster *c, const struct sim_event *ev)
{
    if (ev->kind == c->events.place) {
        for (int32_t i = 0; i < c->n_kinds; i++)
            place_kind(c, &c->kinds[c->order[i]], ev->time_ns);
        return;
    }
    sim_leases_event(c->leases, ev);
}

void sim_cluster_close(struct sim_cluster *c)
{
    c->closed = true;
    sim_leases_close(c->leases);
}

void sim_cluster_finish(struct sim_cluster *c, int64_t now_ns)
{
    for (int32_t node = 0; node < c->n_node_rows; node++)
        while (c->first_on_node[node] != SP_NO_ID)
            sim_cluster_release(c, c->first_on_node[node], now_ns);
    sim_leases_finish(c->leases, now_ns);
}

/* ---- answers ---- */

enum sp_status sim_cluster_status(const struct sim_cluster *c, struct sp_err *err)
{
    return sim_leases_status(c->leases, err);
}

bool sim_cluster_moving(const struct sim_cluster *c)
{
    return sim_leases_moving(c->leases) ||
           sim_event_queue_pending(c->queue, c->place_slot);
}

int32_t sim_cluster_booting(const struct sim_cluster *c)
{
    return sim_leases_booting(c->leases);
}

int32_t sim_cluster_waiting(const struct sim_cluster *c, int32_t kind)
{
    return c->kinds[kind].waiting;
}

int32_t sim_cluster_node_type(const struct sim_cluster *c, int32_t node)
{
    return sim_nodes_state(c->nodes, node)->type;
}

int32_t sim_cluster_ready(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_ready(c->leases, type);
}

int32_t sim_cluster_peak(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_peak(c->leases, type);
}

int32_t sim_cluster_peak_gpu_nodes(const struct sim_cluster *c)
{
    return sim_leases_peak_gpu_nodes(c->leases);
}

const struct sim_level *sim_cluster_provisioned(const struct sim_cluster *c, int r)
{
    return sim_leases_provisioned(c->leases, r);
}

const struct sim_level *sim_cluster_allocated(const struct sim_cluster *c, int r)
{
    return &c->allocated[r];
}

const struct sim_level *sim_cluster_held(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_held(c->leases, type);
}

double sim_cluster_fragment_mgpu(const struct sim_cluster *c)
{
    return sim_nodes_fragment_mgpu(c->nodes);
}

uint64_t sim_cluster_search_steps(const struct sim_cluster *c)
{
    return sim_nodes_search_steps(c->nodes);
}

void sim_cluster_verify(const struct sim_cluster *c)
{
    for (int32_t node = 0; node < c->n_node_rows; node++) {
        const struct sim_node_state *n;
        int64_t mcpu = 0, mgpu = 0;

        if (c->first_on_node[node] == SP_NO_ID)
            continue;
        n = sim_nodes_state(c->nodes, node);
        for (int32_t u = c->first_on_node[node]; u != SP_NO_ID; u = c->units[u].next) {
            sp_assert(c->units[u].state == UNIT_PLACED &&
                      c->units[u].hold.node == node);
            mcpu += c->kinds[c->units[u].kind].spec.needs.mcpu;
            mgpu += c->kinds[c->units[u].kind].spec.needs.mgpu;
        }
        sp_assert(mcpu + n->free_mcpu == n->has.mcpu);
        sp_assert(mgpu + n->free_mgpu == n->has.mgpu);
    }
    sim_nodes_verify(c->nodes);
}

/* ---- interim ---- */

int32_t sim_cluster_refuses(struct sim_cluster *c, int32_t kind)
{
    (void)c;
    (void)kind;
    return SP_NO_ID;
}

int64_t sim_cluster_number(struct sim_cluster *c)
{
    return c->n_units;
}

int32_t sim_cluster_ask_as(struct sim_cluster *c, int32_t kind, int32_t cookie,
                           const struct sim_ask *ask, int64_t now_ns)
{
    int32_t id = sim_cluster_ask(c, kind, cookie, now_ns);

    (void)ask;
    c->units[id].from_ns = now_ns;
    c->units[id].asked_ns = now_ns;
    return id;
}

int32_t sim_cluster_members(const struct sim_cluster *c, int32_t unit)
{
    (void)c;
    (void)unit;
    return 1;
}

struct sim_hold sim_cluster_member(const struct sim_cluster *c, int32_t unit,
                                   int32_t member)
{
    (void)member;
    return c->units[unit].hold;
}

const struct model_amounts *sim_cluster_member_needs(const struct sim_cluster *c,
                                                     int32_t unit, int32_t member)
{
    (void)member;
    return &c->kinds[c->units[unit].kind].spec.needs;
}

void sim_cluster_waited(const struct sim_cluster *c, int32_t unit, int64_t now_ns,
                        int64_t by_cause_ns[MODEL_CAUSES])
{
    const struct unit *u = &c->units[unit];

    for (int i = 0; i < MODEL_CAUSES; i++)
        by_cause_ns[i] = 0;
    by_cause_ns[MODEL_CAUSE_CAPACITY] =
        (u->state == UNIT_PLACED ? u->from_ns : now_ns) - u->asked_ns;
    by_cause_ns[MODEL_CAUSE_START_UP] =
        u->state == UNIT_PLACED ? now_ns - u->from_ns : 0;
}

void sim_cluster_expect(struct sim_cluster *c, int32_t unit, int64_t end_ns)
{
    (void)c;
    (void)unit;
    (void)end_ns;
}

void sim_explain_say(struct sim_explain *e, int64_t now_ns, const char *fmt, ...)
{
    (void)e;
    (void)now_ns;
    (void)fmt;
}
