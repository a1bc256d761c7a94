/* Where members go: every node is looked at, every time. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "tests/twin_jobs_rows.h"

/* ---- what fits ---- */

static int32_t gpus_of(const struct twin *t, int32_t type)
{
    return (int32_t)(t->policy->types[type].has.mgpu / 1000);
}

bool twin_node_holds(const struct twin *t, const struct twin_node *n,
                     const struct model_amounts *needs, int64_t allowed)
{
    int32_t whole = 0, most = 0;

    if (!n->used || !(allowed >> n->type & 1))
        return false;
    for (int32_t g = 0; g < gpus_of(t, n->type); g++) {
        whole += n->dev[g] == 1000;
        most = n->dev[g] > most ? n->dev[g] : most;
    }
    if (needs->mgpu >= 1000 ? whole < needs->mgpu / 1000 : most < needs->mgpu)
        return false;
    return n->mcpu >= needs->mcpu && n->memory >= needs->memory_bytes;
}

static struct twin_node empty_node(const struct twin *t, int32_t type)
{
    const struct model_node_type *nt = &t->policy->types[type];
    struct twin_node n = {.used = true, .type = type, .mcpu = nt->has.mcpu};

    n.memory = nt->has.memory_bytes > 0 ? nt->has.memory_bytes : INT64_MAX;
    for (int32_t g = 0; g < gpus_of(t, type); g++)
        n.dev[g] = 1000;
    return n;
}

bool twin_type_holds(const struct twin *t, int32_t type,
                     const struct model_amounts *needs, int64_t allowed)
{
    struct twin_node n = empty_node(t, type);

    return twin_node_holds(t, &n, needs, allowed);
}

/* ---- which node ---- */

static int64_t free_mgpu(const struct twin *t, const struct twin_node *n)
{
    int64_t sum = 0;

    for (int32_t g = 0; g < gpus_of(t, n->type); g++)
        sum += n->dev[g];
    return sum;
}

/* Lower is better; what is equal goes to the type listed first, then the lower number.
 */
static void key_of(const struct twin *t, const struct twin_node *n, bool gpu,
                   double key[2])
{
    const char *rule = t->policy->placement;
    double scarce = gpu ? (double)free_mgpu(t, n) : (double)n->mcpu;
    double other = gpu ? (double)n->mcpu : (double)free_mgpu(t, n);

    key[0] = key[1] = 0;
    if (strcmp(rule, "cpu-avoids-gpu") == 0) {
        key[0] = !gpu && gpus_of(t, n->type) > 0;
    } else if (strcmp(rule, "best-fit") == 0) {
        key[0] = scarce;
        key[1] = other;
    } else if (strcmp(rule, "worst-fit") == 0) {
        key[0] = -scarce;
        key[1] = -other;
    } else {
        sp_assert(strcmp(rule, "first-fit") == 0);
    }
}

/* The best of the nodes with room whose place in `which` is `wanted`. */
static int32_t best_node(const struct twin *t, const struct twin_room *room,
                         const struct model_amounts *needs, int64_t allowed,
                         const bool *which, bool wanted, uint64_t draw)
{
    int32_t best = SP_NO_ID;
    double best_key[2] = {0, 0};

    if (twin_is_scored(t))
        return twin_scored_node(t, room, needs, allowed, which, wanted, draw);
    for (int32_t type = 0; type < t->policy->n_types; type++)
        for (int32_t i = 0; i < room->n_nodes; i++) {
            const struct twin_node *n = &room->node[i];
            double key[2];

            if (n->type != type || which[i] != wanted ||
                !twin_node_holds(t, n, needs, allowed))
                continue;
            key_of(t, n, needs->mgpu > 0, key);
            if (best == SP_NO_ID || key[0] < best_key[0] ||
                (key[0] == best_key[0] && key[1] < best_key[1])) {
                best = i;
                memcpy(best_key, key, sizeof key);
            }
        }
    return best;
}

/* ---- buying ---- */

static int32_t held(const struct twin_room *room, int32_t type)
{
    int32_t n = 0;

    for (int32_t i = 0; i < room->n_nodes; i++)
        n += room->node[i].used && room->node[i].type == type;
    return n;
}

static double share_price(const struct model_node_type *nt,
                          const struct model_amounts *needs)
{
    double share =
        fmax((double)needs->mcpu / (double)nt->has.mcpu,
             nt->has.mgpu > 0 ? (double)needs->mgpu / (double)nt->has.mgpu : 0);

    if (nt->has.memory_bytes > 0)
        share = fmax(share, (double)needs->memory_bytes / (double)nt->has.memory_bytes);
    return share * (double)nt->uusd_per_h;
}

static int32_t type_to_buy(const struct twin *t, const struct twin_room *room,
                           const struct model_amounts *needs, int64_t allowed)
{
    int32_t best = SP_NO_ID;
    bool seen[64] = {false}; /* groups: the first option that can be had speaks */

    for (int32_t k = 0; k < t->policy->n_types; k++) {
        const struct model_node_type *nt = &t->policy->types[k];
        const struct model_node_type *bt = best < 0 ? NULL : &t->policy->types[best];
        bool wastes = nt->has.mgpu > 0 && needs->mgpu == 0;

        if (nt->fixed || held(room, k) >= nt->max || seen[nt->group_id] ||
            !twin_type_holds(t, k, needs, allowed))
            continue;
        seen[nt->group_id] = true;
        if (bt == NULL || wastes < (bt->has.mgpu > 0 && needs->mgpu == 0) ||
            (wastes == (bt->has.mgpu > 0 && needs->mgpu == 0) &&
             share_price(nt, needs) < share_price(bt, needs)))
            best = k;
    }
    return best;
}

static int32_t buy_node(const struct twin *t, struct twin_room *room, int32_t type)
{
    int32_t id = room->n_free[type] > 0 ? room->free_list[type][--room->n_free[type]]
                                        : room->n_nodes++;
    double boot_s = t->policy->types[type].fixed ? 0 : t->policy->types[type].boot_s.a;

    sp_assert(id < TWIN_NODES);
    room->node[id] = empty_node(t, type);
    room->node[id].booting = boot_s > 0;
    room->node[id].ready_ns = t->now_ns + (int64_t)llround(boot_s * 1e9);
    room->node[id].idle_since_ns = t->now_ns;
    return id;
}

/* ---- members ---- */

void twin_hold(struct twin_node *n, const struct twin_seat *s, int sign)
{
    n->mcpu -= sign * s->needs.mcpu;
    if (n->memory != INT64_MAX)
        n->memory -= sign * s->needs.memory_bytes;
    n->units += sign;
    for (int32_t g = 0; g < TWIN_GPUS; g++)
        if (s->whole >> g & 1)
            n->dev[g] -= sign * 1000;
    if (s->device != SP_NO_ID)
        n->dev[s->device] -= sign * (int32_t)s->needs.mgpu;
    if (s->needs.mgpu >= 1000)
        n->whole[s->needs.mgpu / 1000] += sign;
    else
        n->shares += s->needs.mgpu > 0 ? sign : 0;
}

static void seat_on(const struct twin *t, struct twin_room *room, struct twin_job *j,
                    int32_t node, const struct model_amounts *needs)
{
    struct twin_node *n = &room->node[node];
    struct twin_seat *s = &j->seat[j->n_seats++];
    int64_t whole = needs->mgpu / 1000;

    *s = (struct twin_seat){.node = node, .device = SP_NO_ID, .needs = *needs};
    if (twin_is_scored(t)) {
        struct sim_hold hold = twin_scored_devices(t, room, node, needs, j->allowed);

        s->device = hold.device;
        s->whole = hold.whole;
    } else {
        for (int32_t g = 0; g < gpus_of(t, n->type) && whole > 0; g++)
            if (n->dev[g] == 1000) {
                s->whole |= UINT64_C(1) << g;
                whole--;
            }
        for (int32_t g = 0; g < gpus_of(t, n->type); g++)
            if (needs->mgpu % 1000 > 0 && n->dev[g] >= needs->mgpu &&
                (s->device == SP_NO_ID || n->dev[g] < n->dev[s->device]))
                s->device = g;
    }
    twin_hold(n, s, 1);
}

void twin_unplace(const struct twin *t, struct twin_room *room,
                  const struct twin_job *j)
{
    (void)t;
    for (int32_t i = 0; i < j->n_seats; i++)
        twin_hold(&room->node[j->seat[i].node], &j->seat[i], -1);
    twin_use(room, j, -1);
}

/* The node of one member, or SP_NO_ID. */
static int32_t node_for(const struct twin *t, const struct twin_room *room,
                        const struct twin_job *j, const struct model_amounts *needs)
{
    bool mine[TWIN_NODES] = {false};
    uint64_t draw = (uint64_t)j->number;
    int32_t node;

    if (j->n_seats > 0)
        draw = sp_mix_keys(draw, (uint64_t)j->n_seats);

    for (int32_t i = 0; i < j->n_seats; i++)
        mine[j->seat[i].node] = true;
    switch (t->jobs->gang) {
    case MODEL_GANG_PACK:
        for (int32_t i = j->n_seats - 1; i >= 0; i--)
            if (twin_node_holds(t, &room->node[j->seat[i].node], needs, j->allowed))
                return j->seat[i].node;
        break;
    case MODEL_GANG_SPREAD:
        node = best_node(t, room, needs, j->allowed, mine, false, draw);
        return node != SP_NO_ID
                   ? node
                   : best_node(t, room, needs, j->allowed, mine, true, draw);
    case MODEL_GANG_STRICT_SPREAD:
    case MODEL_GANG_STRICT_PACK:
        break;
    }
    return best_node(t, room, needs, j->allowed, mine, false, draw);
}

static bool place_one(const struct twin *t, struct twin_room *room, struct twin_job *j,
                      const struct model_amounts *needs, bool buy)
{
    int32_t node = node_for(t, room, j, needs);

    if (node == SP_NO_ID && buy) {
        int32_t type = type_to_buy(t, room, needs, j->allowed);

        if (type != SP_NO_ID)
            node = buy_node(t, room, type);
    }
    if (node == SP_NO_ID)
        return false;
    seat_on(t, room, j, node, needs);
    return true;
}

static const struct model_amounts *member(const struct twin_job *j, int32_t i)
{
    return i < j->members ? &j->needs : &j->rest;
}

static bool place_strict_pack(const struct twin *t, struct twin_room *room,
                              struct twin_job *j, bool buy)
{
    struct model_amounts sum = {0, 0, 0};
    bool none[TWIN_NODES] = {false};
    int32_t node, n = j->members + j->has_rest;

    for (int32_t i = 0; i < n; i++) {
        sum.mcpu += member(j, i)->mcpu;
        sum.mgpu += member(j, i)->mgpu;
        sum.memory_bytes += member(j, i)->memory_bytes;
    }
    node = best_node(t, room, &sum, j->allowed, none, false, (uint64_t)j->number);
    if (node == SP_NO_ID && buy) {
        int32_t type = type_to_buy(t, room, &sum, j->allowed);

        if (type != SP_NO_ID)
            node = buy_node(t, room, type);
    }
    for (int32_t i = 0; i < n && node != SP_NO_ID; i++)
        seat_on(t, room, j, node, member(j, i));
    return node != SP_NO_ID;
}

bool twin_place(const struct twin *t, struct twin_room *room, struct twin_job *j,
                bool buy)
{
    struct twin_room before = *room;
    bool ok = true;

    j->n_seats = 0;
    if (t->jobs->gang == MODEL_GANG_STRICT_PACK)
        ok = place_strict_pack(t, room, j, buy);
    else
        for (int32_t i = 0; i < j->members + j->has_rest && ok; i++)
            ok = place_one(t, room, j, member(j, i), buy);
    if (ok) {
        twin_use(room, j, 1);
        return true;
    }
    *room = before;
    j->n_seats = 0;
    return false;
}

/* Why a job that the quota admits has no room. */
enum model_cause twin_room_cause(const struct twin *t, const struct twin_job *j)
{
    struct model_amounts sum = {0, 0, 0};
    bool fits = false;

    for (int32_t i = 0; i < t->room.n_nodes; i++) {
        const struct twin_node *n = &t->room.node[i];

        if (!n->used || !(j->allowed >> n->type & 1))
            continue;
        sum.mcpu += n->mcpu;
        sum.mgpu += free_mgpu(t, n);
        if (n->memory == INT64_MAX || sum.memory_bytes == INT64_MAX)
            sum.memory_bytes = INT64_MAX;
        else
            sum.memory_bytes += n->memory;
        fits = fits || twin_node_holds(t, n, &j->needs, j->allowed);
    }
    if (fits)
        return MODEL_CAUSE_GANG;
    if (sum.mcpu < j->needs.mcpu || sum.mgpu < j->needs.mgpu ||
        sum.memory_bytes < j->needs.memory_bytes)
        return MODEL_CAUSE_CAPACITY;
    return MODEL_CAUSE_FRAGMENTATION;
}
