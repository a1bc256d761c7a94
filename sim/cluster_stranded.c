/* Stranded capacity: free room of ready nodes that no unit of the policy can use, as
 * another resource of the node has run out (docs/design.md, "Stranded").
 *
 * What is stranded on a node depends on what is free there and on the shapes that were
 * ever asked for, of which the least demanding suffice.  A node is looked at once for
 * each instant in which its room changed: when time has moved on, or somebody asks. */
#include "sim/cluster_rows.h"

struct shape_list {
    int32_t n, room;
    struct sim_room *need; /* none fits wherever another one does */
};

struct on_node {
    struct sim_level of[MODEL_RESOURCES];
    bool touched;
};

struct sim_stranded {
    struct shape_list *needs; /* [type * MODEL_RESOURCES + r]: of those that need r */
    struct on_node *nodes;
    int32_t n_nodes;
    int32_t *touched, n_touched, touched_room; /* at touched_ns, not looked at yet */
    int64_t touched_ns;
    struct sim_level sum[MODEL_RESOURCES];
};

struct sim_stranded *sim_stranded_new(struct sp_arena *arena,
                                      const struct model_policy *policy)
{
    struct sim_stranded *s = sp_arena_alloc(arena, sizeof *s);

    s->needs = sp_arena_array(arena, (size_t)policy->n_types * MODEL_RESOURCES,
                              sizeof *s->needs);
    return s;
}

/* ---- one node ---- */

static bool needs_resource(const struct sim_room *need, int r)
{
    switch (r) {
    case MODEL_GPU:
        return need->whole_gpus > 0 || need->share_mgpu > 0;
    case MODEL_CPU:
        return need->mcpu > 0;
    default:
        return need->memory_bytes > 0;
    }
}

static bool enough_of(const struct sim_room *has, const struct sim_room *need, int r)
{
    switch (r) {
    case MODEL_GPU:
        return has->whole_gpus >= need->whole_gpus &&
               has->share_mgpu >= need->share_mgpu;
    case MODEL_CPU:
        return has->mcpu >= need->mcpu;
    default:
        return has->memory_bytes >= need->memory_bytes;
    }
}

static int64_t free_of(const struct sim_node_state *n, int r)
{
    switch (r) {
    case MODEL_GPU:
        return n->free_mgpu;
    case MODEL_CPU:
        return n->free_mcpu;
    default:
        return n->free_memory == INT64_MAX ? 0 : n->free_memory;
    }
}

/* Whether some shape has enough of r, and none has of all; the one that fits is tried
 * first the next time. */
static bool is_stranded(struct shape_list *list, const struct sim_room *has, int r)
{
    bool enough = false;

    for (int32_t i = 0; i < list->n; i++) {
        struct sim_room need = list->need[i];

        if (sim_room_fits(has, &need)) {
            list->need[i] = list->need[0];
            list->need[0] = need;
            return false;
        }
        enough = enough || enough_of(has, &need, r);
    }
    return enough;
}

static bool can_strand(const struct sim_cluster *c, int32_t node)
{
    return node < c->n_node_rows && c->first_on_node[node] != SP_NO_ID &&
           sim_leases_life(c->leases, node) == SIM_NODE_READY;
}

static void look_at(struct sim_cluster *c, int32_t node, int64_t now_ns)
{
    struct sim_stranded *s = c->stranded;
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    struct shape_list *needs = &s->needs[n->type * MODEL_RESOURCES];
    bool can = can_strand(c, node);
    struct sim_room has = {0};

    if (can)
        has = sim_nodes_room(n);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        struct sim_level *level = &s->nodes[node].of[r];
        int64_t free = can ? free_of(n, r) : 0;
        int64_t now = free > 0 && is_stranded(&needs[r], &has, r) ? free : 0;

        if (now == level->n)
            continue;
        sim_level_add(&s->sum[r], now_ns, now - level->n);
        sim_level_add(level, now_ns, now - level->n);
    }
}

/* ---- when ---- */

static void look(struct sim_cluster *c)
{
    struct sim_stranded *s = c->stranded;

    for (int32_t i = 0; i < s->n_touched; i++) {
        s->nodes[s->touched[i]].touched = false;
        look_at(c, s->touched[i], s->touched_ns);
    }
    s->n_touched = 0;
}

void sim_stranded_pass_to(struct sim_cluster *c, int64_t now_ns)
{
    if (c->stranded->n_touched > 0 && now_ns > c->stranded->touched_ns)
        look(c);
}

static struct on_node *row_of(struct sim_cluster *c, int32_t node)
{
    struct sim_stranded *s = c->stranded;

    if (node >= s->n_nodes) {
        int32_t want = 2 * node + 16;

        s->nodes = sp_arena_grow(c->arena, s->nodes, (size_t)s->n_nodes, (size_t)want,
                                 sizeof *s->nodes);
        s->n_nodes = want;
    }
    return &s->nodes[node];
}

void sim_stranded_touch(struct sim_cluster *c, int32_t node, int64_t now_ns)
{
    struct sim_stranded *s = c->stranded;
    struct on_node *row = row_of(c, node);

    sp_assert(s->n_touched == 0 || s->touched_ns == now_ns);
    if (row->touched)
        return;
    row->touched = true;
    s->touched_ns = now_ns;
    s->touched = sp_arena_more(c->arena, s->touched, s->n_touched, &s->touched_room,
                               sizeof *s->touched);
    s->touched[s->n_touched++] = node;
}

void sim_stranded_lease_ends(struct sim_cluster *c, int32_t node, int64_t now_ns)
{
    struct on_node *row = row_of(c, node);
    sp_i128 amount_ns[MODEL_RESOURCES];
    bool any = false;

    sim_stranded_pass_to(c, now_ns);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        amount_ns[r] = sim_level_integral(&row->of[r], now_ns);
        any = any || amount_ns[r] != 0;
        sim_level_add(&c->stranded->sum[r], now_ns, -row->of[r].n);
        row->of[r] = (struct sim_level){0, 0};
    }
    if (any)
        sim_ledger_stranded(c->ledger, node, amount_ns);
}

const struct sim_level *sim_cluster_stranded(struct sim_cluster *c, int r)
{
    look(c);
    return &c->stranded->sum[r];
}

/* ---- shapes ---- */

/* Where `need` has room: what of a device it takes whole it could take a share of. */
static struct sim_room least_room(const struct sim_room *need)
{
    struct sim_room room = *need;

    if (need->whole_gpus > 0)
        room.share_mgpu = 1000;
    return room;
}

/* Whether the list changed. */
static bool add_need(struct sim_cluster *c, struct shape_list *list,
                     const struct sim_room *need)
{
    struct sim_room least = least_room(need);
    int32_t kept = 0;

    for (int32_t i = 0; i < list->n; i++)
        if (sim_room_fits(&least, &list->need[i]))
            return false;
    for (int32_t i = 0; i < list->n; i++) {
        struct sim_room room = least_room(&list->need[i]);

        if (!sim_room_fits(&room, need))
            list->need[kept++] = list->need[i];
    }
    list->n = kept;
    list->need =
        sp_arena_more(c->arena, list->need, list->n, &list->room, sizeof *list->need);
    list->need[list->n++] = *need;
    return true;
}

void sim_stranded_shape(struct sim_cluster *c, int32_t shape, int64_t now_ns)
{
    const struct sim_room *need = sim_nodes_need(c->nodes, shape);
    bool changed = false;

    sim_stranded_pass_to(c, now_ns);
    for (int32_t t = 0; t < c->policy->n_types; t++)
        for (int r = 0; r < MODEL_RESOURCES; r++)
            if (needs_resource(need, r) && sim_nodes_type_holds(c->nodes, t, shape) &&
                add_need(c, &c->stranded->needs[t * MODEL_RESOURCES + r], need))
                changed = true;
    for (int32_t node = 0; changed && node < c->n_node_rows; node++)
        if (c->first_on_node[node] != SP_NO_ID)
            sim_stranded_touch(c, node, now_ns);
}

/* ---- the slow way ---- */

/* By all kinds that were asked for. */
static int64_t slow_way(const struct sim_cluster *c, int32_t node, int r)
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    struct sim_room has = sim_nodes_room(n);
    bool enough = false;

    for (int32_t i = 0; i < c->n_kinds; i++)
        for (int m = 0; m < 2; m++) {
            const struct sim_kind *k = &c->kinds[i];
            int32_t shape = m == 0 ? k->shape : k->rest_shape;
            const struct sim_room *need;

            if (!k->deployed || shape == SP_NO_ID)
                continue;
            need = sim_nodes_need(c->nodes, shape);
            if (!needs_resource(need, r) ||
                !sim_nodes_type_holds(c->nodes, n->type, shape))
                continue;
            if (sim_nodes_fits(c->nodes, node, shape))
                return 0;
            enough = enough || enough_of(&has, need, r);
        }
    return enough && can_strand(c, node) ? free_of(n, r) : 0;
}

void sim_stranded_verify(const struct sim_cluster *c)
{
    const struct sim_stranded *s = c->stranded;
    int64_t sum[MODEL_RESOURCES] = {0};

    for (int32_t node = 0; node < s->n_nodes; node++)
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            sum[r] += s->nodes[node].of[r].n;
            if (!s->nodes[node].touched && s->nodes[node].of[r].n != 0)
                sp_assert(s->nodes[node].of[r].n == slow_way(c, node, r));
            else if (!s->nodes[node].touched && can_strand(c, node))
                sp_assert(slow_way(c, node, r) == 0);
        }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        sp_assert(sum[r] == s->sum[r].n);
}
