/* Units over their team's guarantee, and nodes that may hold more without victims. */
#include "sim/evict_again.h"

#include "base/status.h"
#include "sim/cluster_rows.h"

enum { NOTED = 1024 }; /* a kind that lags further behind tries again */

struct team {
    int64_t excess[MODEL_RESOURCES]; /* of its units that are over the guarantee */
    int32_t first_bucket;            /* SP_NO_ID: none yet */
    bool moved;                      /* what it holds changed since they were told */
};

struct sim_evict_again {
    struct sp_arena *arena;
    bool reclaims; /* some team does */
    struct team *teams;
    int32_t *moved, n_moved; /* teams */
    int32_t noted[NOTED];    /* nodes; the i-th of all is at i mod NOTED */
    int64_t n_noted;
    int32_t n_gained; /* of those that gained room lately, noted already */
};

struct sim_evict_again *sim_evict_again_new(struct sp_arena *arena,
                                            const struct model_policy *policy)
{
    struct sim_evict_again *a = sp_arena_alloc(arena, sizeof *a);
    size_t n = (size_t)policy->n_teams;

    a->arena = arena;
    for (int32_t t = 0; t < policy->n_teams && policy->has_teams; t++)
        a->reclaims = a->reclaims || policy->teams[t].reclaim != MODEL_EVICT_NEVER;
    if (!a->reclaims)
        return a;
    a->teams = sp_arena_array(arena, n, sizeof *a->teams);
    a->moved = sp_arena_array(arena, n, sizeof *a->moved);
    for (size_t t = 0; t < n; t++)
        a->teams[t].first_bucket = SP_NO_ID;
    return a;
}

/* ---- nodes ---- */

static void note(struct sim_evict_again *a, int32_t node)
{
    a->noted[a->n_noted++ % NOTED] = node;
}

static void note_gained(struct sim_cluster *c)
{
    struct sim_evict_again *a = c->again;
    const int32_t *gained;
    int32_t n = sim_nodes_gained(c->nodes, &gained);

    while (a->n_gained < n)
        note(a, gained[a->n_gained++]);
}

void sim_evict_again_note(struct sim_cluster *c)
{
    c->again->n_gained =
        0; /* all of them: one may have been closed when it was noted */
    note_gained(c);
    c->again->n_gained = 0;
}

/* ---- units over the guarantee ---- */

/* Whether the team would borrow if those over its guarantee, but for `kept`, left. */
static bool borrows_without(const struct sim_cluster *c, int32_t team, int32_t kept)
{
    int64_t less[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        less[r] = -c->again->teams[team].excess[r];
        if (kept != SP_NO_ID)
            less[r] += c->kinds[c->units[kept].kind].total[r];
    }
    return sim_quota_borrows(c->quota, team, less);
}

static void step_excess(struct sim_cluster *c, int32_t unit, int sign)
{
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    struct team *t = &c->again->teams[k->spec.team];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        t->excess[r] += sign * k->total[r];
    c->units[unit].excess = sign > 0;
}

/* The bucket of the one that is over by least: of the highest priority. */
static struct sim_bucket *last_bucket(const struct sim_cluster *c, int32_t team)
{
    struct sim_bucket *last = NULL;

    for (int32_t i = c->again->teams[team].first_bucket; i != SP_NO_ID;
         i = c->buckets[i].next_of_team) {
        struct sim_bucket *b = &c->buckets[i];

        if (b->deepest != SP_NO_ID && (last == NULL || b->priority > last->priority))
            last = b;
    }
    return last;
}

/* The one of a bucket that would be over next, or SP_NO_ID. */
static int32_t next_in(const struct sim_cluster *c, const struct sim_bucket *b)
{
    return b->deepest == SP_NO_ID ? b->first : c->units[b->deepest].next;
}

static struct sim_bucket *next_bucket(const struct sim_cluster *c, int32_t team)
{
    struct sim_bucket *next = NULL;

    for (int32_t i = c->again->teams[team].first_bucket; i != SP_NO_ID;
         i = c->buckets[i].next_of_team) {
        struct sim_bucket *b = &c->buckets[i];

        if (next_in(c, b) != SP_NO_ID && (next == NULL || b->priority < next->priority))
            next = b;
    }
    return next;
}

static void note_unit(struct sim_cluster *c, int32_t unit)
{
    const struct sim_asked *u = &c->units[unit];

    for (int32_t i = 0; i < c->kinds[u->kind].members; i++)
        note(c->again, c->seats[u->seats + i].hold.node);
}

/* As few are over as it takes; the nodes of those that were not are noted. */
static void settle(struct sim_cluster *c, int32_t team)
{
    struct sim_bucket *b;

    while ((b = last_bucket(c, team)) != NULL &&
           !borrows_without(c, team, b->deepest)) {
        int32_t unit = b->deepest;

        step_excess(c, unit, -1);
        b->deepest = c->units[unit].prev;
    }
    while (borrows_without(c, team, SP_NO_ID) && (b = next_bucket(c, team)) != NULL) {
        b->deepest = next_in(c, b);
        step_excess(c, b->deepest, 1);
        note_unit(c, b->deepest);
    }
}

static void settle_all(struct sim_cluster *c)
{
    struct sim_evict_again *a = c->again;

    for (int32_t i = 0; i < a->n_moved; i++) {
        a->teams[a->moved[i]].moved = false;
        settle(c, a->moved[i]);
    }
    a->n_moved = 0;
}

void sim_evict_again_team(struct sim_cluster *c, int32_t team)
{
    struct sim_evict_again *a = c->again;

    if (!a->reclaims || a->teams[team].moved)
        return;
    a->teams[team].moved = true;
    a->moved[a->n_moved++] = team;
}

static void know_bucket(struct sim_cluster *c, int32_t bucket)
{
    struct sim_bucket *b = &c->buckets[bucket];
    struct team *t = &c->again->teams[b->team];

    if (b->known)
        return;
    b->known = true;
    b->deepest = SP_NO_ID;
    b->next_of_team = t->first_bucket;
    t->first_bucket = bucket;
}

/* Before one that is over it is over, too. */
void sim_evict_again_joins(struct sim_cluster *c, int32_t unit)
{
    int32_t bucket = c->kinds[c->units[unit].kind].bucket;
    struct sim_bucket *b = &c->buckets[bucket];
    const struct sim_bucket *last;

    c->units[unit].excess = false;
    if (!c->again->reclaims)
        return;
    know_bucket(c, bucket);
    last = last_bucket(c, b->team);
    if (last == NULL || last->priority < b->priority)
        return;
    step_excess(c, unit, 1);
    if (b->deepest == SP_NO_ID)
        b->deepest = unit;
}

void sim_evict_again_leaves(struct sim_cluster *c, int32_t unit)
{
    struct sim_bucket *b = &c->buckets[c->kinds[c->units[unit].kind].bucket];

    if (!c->units[unit].excess)
        return;
    step_excess(c, unit, -1);
    if (b->deepest == unit)
        b->deepest = c->units[unit].prev;
}

/* ---- trying again ---- */

static bool is_victim(const struct sim_cluster *c, const struct sim_kind *k,
                      struct sim_claim claim, int32_t unit)
{
    const struct sim_asked *u = &c->units[unit];
    const struct sim_kind *v = &c->kinds[u->kind];
    bool others = c->policy->has_teams && v->spec.team != k->spec.team;
    enum model_evict rule = others ? claim.others : claim.own;

    return v->bucket != SP_NO_ID && (!others || u->excess) &&
           (rule == MODEL_EVICT_ANY ||
            (rule == MODEL_EVICT_LOWER_PRIORITY && v->priority < k->priority));
}

/* Gives, or takes again, the seats of victims on a node. */
static void move_victims(struct sim_cluster *c, const struct sim_kind *k, int32_t node,
                         int sign)
{
    int32_t seat = node < c->n_node_rows ? c->first_on_node[node] : SP_NO_ID;

    for (; seat != SP_NO_ID; seat = c->seats[seat].next) {
        int32_t unit = c->seats[seat].unit;
        const struct sim_asked *u = &c->units[unit];

        if (!is_victim(c, k, k->tried, unit))
            continue;
        if (sign > 0)
            sim_gang_drop_seat(c, u, seat - u->seats);
        else
            sim_gang_lift_seat(c, u, seat - u->seats);
    }
}

static int64_t room_without(struct sim_cluster *c, const struct sim_kind *k,
                            int32_t node)
{
    struct sim_evict_counts counts = sim_evict_counts_of(k);
    int64_t room;

    if (!sim_nodes_is_open(c->nodes, node))
        return 0;
    move_victims(c, k, node, -1);
    room = sim_gang_room(c, node, counts.shape, counts.most);
    move_victims(c, k, node, 1);
    return room;
}

void sim_evict_again_failed(struct sim_cluster *c, int32_t kind, struct sim_claim claim,
                            int64_t lacks)
{
    struct sim_kind *k = &c->kinds[kind];

    settle_all(c);
    note_gained(c);
    k->tried = claim;
    k->tried_lacks = lacks;
    k->tried_at = c->again->n_noted;
}

bool sim_evict_again_may(struct sim_cluster *c, int32_t kind, struct sim_claim claim)
{
    struct sim_evict_again *a = c->again;
    struct sim_kind *k = &c->kinds[kind];

    if (k->tried_lacks <= 0 ||
        (claim.others != MODEL_EVICT_NEVER && k->tried.others == MODEL_EVICT_NEVER))
        return true;
    settle_all(c);
    note_gained(c);
    if (a->n_noted - k->tried_at > NOTED)
        return true;
    while (k->tried_lacks > 0 && k->tried_at < a->n_noted)
        k->tried_lacks -= room_without(c, k, a->noted[k->tried_at++ % NOTED]);
    return k->tried_lacks <= 0;
}

void sim_evict_again_verify(const struct sim_cluster *c)
{
    const struct sim_evict_again *a = c->again;

    for (int32_t t = 0; t < c->policy->n_teams && a->reclaims; t++) {
        const struct sim_bucket *last = last_bucket(c, t), *next = next_bucket(c, t);

        if (a->teams[t].moved)
            continue;
        sp_assert(next == NULL || !borrows_without(c, t, SP_NO_ID));
        sp_assert(last == NULL || borrows_without(c, t, last->deepest));
        sp_assert(last == NULL || next == NULL || last->priority <= next->priority);
    }
}
