/* Nodes for the members of a gang: all of them or none. */
#include "base/rng.h"
#include "base/status.h"
#include "sim/cluster_rows.h"

/* ---- room of one node, sums over nodes ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int32_t sim_gang_room(const struct sim_cluster *c, int32_t node, int32_t shape,
                      int32_t most)
{
    const struct sim_room *need = sim_nodes_need(c->nodes, shape);
    const struct sim_node_state *s = sim_nodes_state(c->nodes, node);
    int64_t n = most, devices = 0;

    if (!sim_nodes_is_open(c->nodes, node) || !sim_nodes_fits(c->nodes, node, shape))
        return 0;
    if (most == 1)
        return 1;
    if (need->mcpu > 0)
        n = least(n, s->free_mcpu / need->mcpu);
    if (need->memory_bytes > 0)
        n = least(n, s->free_memory / need->memory_bytes);
    for (int32_t g = 0; g < s->gpus && need->whole_gpus > 0; g++)
        devices += s->device_mgpu[g] == 1000;
    if (need->whole_gpus > 0)
        n = least(n, devices / need->whole_gpus);
    for (int32_t g = 0; g < s->gpus && need->share_mgpu > 0; g++)
        devices += s->device_mgpu[g] / need->share_mgpu;
    if (need->share_mgpu > 0)
        n = least(n, devices);
    return (int32_t)n;
}

static bool enough(const struct sim_cluster *c, int32_t shape,
                   const int64_t amount[MODEL_RESOURCES])
{
    struct sim_nodes_free sum = {0};

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct sim_nodes_free *f = sim_nodes_free(c->nodes, t);

        if (!sim_nodes_type_allowed(c->nodes, t, shape))
            continue;
        sum.mcpu += f->mcpu;
        sum.mgpu += f->mgpu;
        sum.memory_bytes += f->memory_bytes;
        sum.unlimited += f->unlimited;
    }
    return sum.mcpu >= amount[MODEL_CPU] && sum.mgpu >= amount[MODEL_GPU] &&
           (sum.unlimited > 0 || sum.memory_bytes >= amount[MODEL_MEMORY]);
}

bool sim_gang_enough_free(const struct sim_cluster *c, const struct sim_kind *k)
{
    return enough(c, k->shape, k->total);
}

bool sim_gang_enough_for_one(const struct sim_cluster *c, const struct sim_kind *k)
{
    int64_t one[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        one[r] = sim_amount(&k->spec.needs, r);
    return enough(c, k->shape, one);
}

/* ---- holds ---- */

int32_t sim_cluster_seat_shape(const struct sim_kind *k, int32_t member)
{
    return k->rest_shape != SP_NO_ID && member == k->members - 1 ? k->rest_shape
                                                                 : k->shape;
}

static void take_on(struct sim_cluster *c, const struct sim_kind *k, int32_t node)
{
    int32_t shape = sim_cluster_seat_shape(k, c->n_holds);
    struct sim_hold hold = sim_nodes_take(c->nodes, node, shape);

    c->holds =
        sp_arena_more(c->arena, c->holds, c->n_holds, &c->holds_room, sizeof *c->holds);
    c->holds[c->n_holds++] = hold;
}

static void give_down_to(struct sim_cluster *c, const struct sim_kind *k, int32_t n)
{
    sim_nodes_trial(c->nodes, true);
    while (c->n_holds > n) {
        c->n_holds--;
        sim_nodes_give(c->nodes, &c->holds[c->n_holds],
                       sim_cluster_seat_shape(k, c->n_holds));
    }
    sim_nodes_trial(c->nodes, false);
}

void sim_gang_undo(struct sim_cluster *c, int32_t kind)
{
    give_down_to(c, &c->kinds[kind], 0);
}

void sim_gang_lift_seat(struct sim_cluster *c, const struct sim_asked *u,
                        int32_t member)
{
    sim_nodes_trial(c->nodes, true);
    sim_nodes_give(c->nodes, &c->seats[u->seats + member].hold,
                   sim_cluster_seat_shape(&c->kinds[u->kind], member));
    sim_nodes_trial(c->nodes, false);
}

void sim_gang_drop_seat(struct sim_cluster *c, const struct sim_asked *u,
                        int32_t member)
{
    sim_nodes_retake(c->nodes, &c->seats[u->seats + member].hold,
                     sim_cluster_seat_shape(&c->kinds[u->kind], member));
}

void sim_gang_lift(struct sim_cluster *c, int32_t unit)
{
    const struct sim_asked *u = &c->units[unit];

    for (int32_t i = c->kinds[u->kind].members - 1; i >= 0; i--)
        sim_gang_lift_seat(c, u, i);
}

void sim_gang_drop(struct sim_cluster *c, int32_t unit)
{
    const struct sim_asked *u = &c->units[unit];

    for (int32_t i = 0; i < c->kinds[u->kind].members; i++)
        sim_gang_drop_seat(c, u, i);
}

/* ---- the node of the next member ---- */

/* What has no room for a member of a shape has none later, so of the nodes that hold
 * some only the last can take another like it; the rest may fit on any. */
static int32_t packed(const struct sim_cluster *c, const struct sim_kind *k)
{
    bool rest = sim_cluster_seat_shape(k, c->n_holds) != k->shape;

    for (int32_t i = c->n_holds - 1; i >= 0; i--) {
        if (sim_nodes_fits(c->nodes, c->holds[i].node,
                           sim_cluster_seat_shape(k, c->n_holds)))
            return c->holds[i].node;
        if (!rest)
            break;
    }
    return SP_NO_ID;
}

static void close_held(struct sim_cluster *c)
{
    for (int32_t i = 0; i < c->n_holds; i++)
        if (sim_nodes_is_open(c->nodes, c->holds[i].node))
            sim_nodes_close(c->nodes, c->holds[i].node);
}

static void open_held(struct sim_cluster *c)
{
    sim_nodes_trial(c->nodes, true);
    for (int32_t i = 0; i < c->n_holds; i++)
        if (!sim_nodes_is_open(c->nodes, c->holds[i].node))
            sim_nodes_open(c->nodes, c->holds[i].node);
    sim_nodes_trial(c->nodes, false);
}

/* Nodes that hold a member are closed while those of one that spreads are found. */
static int32_t spread(struct sim_cluster *c, const struct sim_kind *k, uint64_t draw)
{
    int32_t shape = sim_cluster_seat_shape(k, c->n_holds);
    int32_t node = sim_nodes_find(c->nodes, shape, draw);

    if (node != SP_NO_ID || k->spec.gang == MODEL_GANG_STRICT_SPREAD)
        return node;
    open_held(c);
    node = sim_nodes_find(c->nodes, shape, draw);
    close_held(c);
    return node;
}

static bool spreads(const struct sim_kind *k)
{
    return k->members > 1 && (k->spec.gang == MODEL_GANG_SPREAD ||
                              k->spec.gang == MODEL_GANG_STRICT_SPREAD);
}

static int32_t next_node(struct sim_cluster *c, const struct sim_kind *k, uint64_t draw)
{
    int32_t node;

    if (spreads(k))
        return spread(c, k, draw);
    node = packed(c, k);
    return node != SP_NO_ID
               ? node
               : sim_nodes_find(c->nodes, sim_cluster_seat_shape(k, c->n_holds), draw);
}

/* ---- nodes that would be bought ---- */

/* A node of the type that would be bought for the shape; it is bought later, if all
 * members find a place.  SP_NO_ID: none can be had. */
static int32_t try_node(struct sim_cluster *c, int32_t shape)
{
    int32_t type = sim_leases_choose_beside(c->leases, shape, c->bought_of);
    int32_t node;

    if (type == SP_NO_ID)
        return SP_NO_ID;
    sim_nodes_trial(c->nodes, true);
    node = sim_nodes_add(c->nodes, type);
    sim_nodes_trial(c->nodes, false);
    c->bought = sp_arena_more(c->arena, c->bought, c->n_bought, &c->bought_room,
                              sizeof *c->bought);
    c->bought_node = sp_arena_more(c->arena, c->bought_node, c->n_bought,
                                   &c->bought_node_room, sizeof *c->bought_node);
    c->bought[c->n_bought] = type;
    c->bought_node[c->n_bought++] = node;
    c->bought_of[type]++;
    return node;
}

/* The nodes that were tried go, the last first: bought ones then get the same ids. */
static void untry_nodes(struct sim_cluster *c)
{
    for (int32_t i = c->n_bought - 1; i >= 0; i--) {
        sim_nodes_remove(c->nodes, c->bought_node[i]);
        c->bought_of[c->bought[i]]--;
    }
}

/* Buys them and seats the members as they were in the trial. */
static void buy_tried(struct sim_cluster *c, const struct sim_kind *k, int64_t now_ns)
{
    int32_t n = c->n_holds;

    give_down_to(c, k, 0);
    untry_nodes(c);
    for (int32_t i = 0; i < c->n_bought; i++) {
        int32_t node = sim_leases_buy(c->leases, c->bought[i], k->shape, now_ns);

        sp_assert(node == c->bought_node[i]);
    }
    for (; c->n_holds < n; c->n_holds++)
        sim_nodes_retake(c->nodes, &c->holds[c->n_holds],
                         sim_cluster_seat_shape(k, c->n_holds));
}

/* ---- all members ---- */

/* On nodes bought for it alone, those tried last first. */
static int32_t among_bought(struct sim_cluster *c, const struct sim_kind *k)
{
    int32_t shape = sim_cluster_seat_shape(k, c->n_holds);

    if (k->spec.gang != MODEL_GANG_STRICT_SPREAD)
        for (int32_t i = c->n_bought - 1; i >= 0; i--)
            if (sim_nodes_fits(c->nodes, c->bought_node[i], shape))
                return c->bought_node[i];
    return try_node(c, shape);
}

static bool seat_all_on(struct sim_cluster *c, const struct sim_kind *k, int32_t node)
{
    while (c->n_holds < k->members) {
        if (!sim_nodes_fits(c->nodes, node, sim_cluster_seat_shape(k, c->n_holds))) {
            give_down_to(c, k, 0);
            return false;
        }
        take_on(c, k, node);
    }
    return true;
}

/* One node for all.  With shares of GPUs the sum says too little: nodes that cannot
 * hold all are closed until one is found. */
static bool pack_strictly(struct sim_cluster *c, const struct sim_kind *k,
                          uint64_t draw, bool buy)
{
    int32_t n_closed = 0, node;
    bool ok = false;

    while (!ok && (node = sim_nodes_find(c->nodes, k->sum_shape, draw)) != SP_NO_ID) {
        ok = seat_all_on(c, k, node);
        if (ok)
            break;
        sp_assert(k->trial_pack);
        sim_nodes_close(c->nodes, node);
        c->list =
            sp_arena_more(c->arena, c->list, n_closed, &c->list_room, sizeof *c->list);
        c->list[n_closed++] = node;
    }
    sim_nodes_trial(c->nodes, true);
    while (n_closed > 0)
        sim_nodes_open(c->nodes, c->list[--n_closed]);
    sim_nodes_trial(c->nodes, false);
    if (ok || !buy)
        return ok;
    node = try_node(c, k->sum_shape);
    return node != SP_NO_ID && seat_all_on(c, k, node);
}

/* Each member draws for itself. */
static uint64_t draw_of(uint64_t draw, int32_t member)
{
    return member == 0 ? draw : sp_mix_keys(draw, (uint64_t)member);
}

static bool one_by_one(struct sim_cluster *c, const struct sim_kind *k, uint64_t draw,
                       bool buy, int32_t *found)
{
    bool ok = true;

    while (c->n_holds < k->members) {
        int32_t node = next_node(c, k, draw_of(draw, c->n_holds));

        if (node == SP_NO_ID && buy)
            node = try_node(c, sim_cluster_seat_shape(k, c->n_holds));
        ok = node != SP_NO_ID;
        if (!ok)
            break;
        take_on(c, k, node);
        if (spreads(k) && sim_nodes_is_open(c->nodes, node))
            sim_nodes_close(c->nodes, node);
    }
    *found = c->n_holds;
    if (spreads(k))
        open_held(c);
    if (!ok)
        give_down_to(c, k, 0);
    return ok;
}

static bool all_members(struct sim_cluster *c, const struct sim_kind *k, uint64_t draw,
                        bool buy, int32_t *found)
{
    c->n_holds = c->n_bought = 0;
    *found = 0;
    if (k->members > 1 && k->spec.gang == MODEL_GANG_STRICT_PACK)
        return pack_strictly(c, k, draw, buy);
    return one_by_one(c, k, draw, buy, found);
}

bool sim_gang_take(struct sim_cluster *c, int32_t kind, uint64_t draw, int32_t *found)
{
    return all_members(c, &c->kinds[kind], draw, false, found);
}

static bool members_on_bought(struct sim_cluster *c, const struct sim_kind *k)
{
    bool one = k->members > 1 && k->spec.gang == MODEL_GANG_STRICT_PACK;
    int32_t node;

    if (one) {
        node = try_node(c, k->sum_shape);
        return node != SP_NO_ID && seat_all_on(c, k, node);
    }
    while (c->n_holds < k->members) {
        node = among_bought(c, k);
        if (node == SP_NO_ID) {
            give_down_to(c, k, 0);
            return false;
        }
        take_on(c, k, node);
    }
    return true;
}

/* What is tried on nodes that are not there yet becomes true, or never was. */
static bool settle_bought(struct sim_cluster *c, const struct sim_kind *k, bool ok,
                          int64_t now_ns)
{
    if (!ok)
        untry_nodes(c);
    else if (c->n_bought > 0)
        buy_tried(c, k, now_ns);
    return ok;
}

bool sim_gang_buy(struct sim_cluster *c, int32_t kind, uint64_t draw, int64_t now_ns)
{
    const struct sim_kind *k = &c->kinds[kind];
    int32_t found;

    if (k->members == 1)
        return sim_gang_buy_all(c, kind, now_ns); /* nothing that is there has room */
    return settle_bought(c, k, all_members(c, k, draw, true, &found), now_ns);
}

bool sim_gang_buy_all(struct sim_cluster *c, int32_t kind, int64_t now_ns)
{
    const struct sim_kind *k = &c->kinds[kind];

    c->n_holds = c->n_bought = 0;
    return settle_bought(c, k, members_on_bought(c, k), now_ns);
}
