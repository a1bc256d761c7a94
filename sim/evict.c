/* Victims: whose place is taken for a unit that goes first.
 *
 * Placed units that may be evicted are in buckets by team and priority, the last placed
 * first, so victims come out in order without a search, and what a bucket holds in sum
 * says early that all of them would not do. */
#include <stdlib.h>

#include "base/status.h"
#include "sim/cluster_rows.h"

/* Who asks, and which buckets it may take from. */
struct search {
    struct sim_cluster *c;
    int32_t unit, kind;
    bool fits, admitted;       /* with the victims so far */
    int32_t *victims, n, room; /* in c->list */
};

enum whose { NOBODYS, OTHERS, OWN };

static bool reclaims(const struct sim_cluster *c, const struct sim_kind *k,
                     const struct sim_bucket *b)
{
    enum model_evict rule = c->policy->teams[k->spec.team].reclaim;

    if (rule == MODEL_EVICT_NEVER ||
        (rule == MODEL_EVICT_LOWER_PRIORITY && b->priority >= k->priority))
        return false;
    return sim_quota_borrows(c->quota, b->team, NULL) &&
           !sim_quota_borrows(c->quota, k->spec.team, k->total);
}

/* Whether units of a bucket may be taken for the kind, as things stand. */
static enum whose whose(const struct sim_cluster *c, const struct sim_kind *k,
                        const struct sim_bucket *b)
{
    enum model_evict own = c->policy->scheduling.evict;

    if (b->first == SP_NO_ID)
        return NOBODYS;
    if (c->policy->has_teams && b->team != k->spec.team)
        return reclaims(c, k, b) ? OTHERS : NOBODYS;
    if (c->policy->has_teams)
        own = c->policy->teams[k->spec.team].evict;
    return own == MODEL_EVICT_LOWER_PRIORITY && b->priority < k->priority ? OWN
                                                                          : NOBODYS;
}

static int64_t free_of(const struct sim_cluster *c, const struct sim_kind *k, int r)
{
    int64_t sum = 0;

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct sim_nodes_free *f = sim_nodes_free(c->nodes, t);

        if (!sim_nodes_type_allowed(c->nodes, t, k->shape))
            continue;
        if (r == MODEL_MEMORY && f->unlimited > 0)
            return INT64_MAX / 2;
        sum += r == MODEL_GPU ? f->mgpu : r == MODEL_CPU ? f->mcpu : f->memory_bytes;
    }
    return sum;
}

bool sim_evict_may_ever(const struct sim_cluster *c)
{
    if (!c->policy->has_teams)
        return c->policy->scheduling.evict == MODEL_EVICT_LOWER_PRIORITY;
    for (int32_t i = 0; i < c->policy->n_teams; i++)
        if (c->policy->teams[i].evict == MODEL_EVICT_LOWER_PRIORITY ||
            c->policy->teams[i].reclaim != MODEL_EVICT_NEVER)
            return true;
    return false;
}

bool sim_evict_may_help(const struct sim_cluster *c, int32_t kind)
{
    const struct sim_kind *k = &c->kinds[kind];
    int64_t held[MODEL_RESOURCES] = {0};
    bool any = false;

    if (k->evict_tried == c->changes + 1)
        return false;
    for (int32_t i = 0; i < c->n_buckets; i++) {
        if (whose(c, k, &c->buckets[i]) == NOBODYS)
            continue;
        any = true;
        for (int r = 0; r < MODEL_RESOURCES; r++)
            held[r] += c->buckets[i].held[r];
    }
    for (int r = 0; r < MODEL_RESOURCES && any; r++)
        any = k->total[r] <= held[r] + free_of(c, k, r);
    return any;
}

/* ---- one victim after the other ---- */

static bool finds_room(struct search *s)
{
    int32_t found;

    if (!sim_gang_enough_free(s->c, &s->c->kinds[s->kind]))
        return false;
    if (!sim_gang_take(s->c, s->kind, (uint64_t)s->c->units[s->unit].number, &found))
        return false;
    sim_gang_undo(s->c, s->kind);
    return true;
}

/* Whether there is room now that a victim left, where there was none before. */
static bool room_after(struct search *s, int32_t victim)
{
    const struct sim_cluster *c = s->c;
    const struct sim_kind *k = &c->kinds[s->kind];
    const struct sim_asked *v = &c->units[victim];

    if (k->members > 1)
        return finds_room(s);
    for (int32_t i = 0; i < c->kinds[v->kind].members; i++) {
        int32_t node = c->seats[v->seats + i].hold.node;

        if (sim_nodes_is_open(c->nodes, node) &&
            sim_nodes_fits(c->nodes, node, k->shape))
            return true;
    }
    return false;
}

static bool admitted(const struct search *s)
{
    const struct sim_kind *k = &s->c->kinds[s->kind];

    return sim_quota_admits(s->c->quota, k->spec.team, k->total);
}

static void lift(struct search *s, int32_t victim)
{
    const struct sim_kind *v = &s->c->kinds[s->c->units[victim].kind];

    sim_gang_lift(s->c, victim);
    sim_quota_use(s->c->quota, v->spec.team, v->total, -1);
}

static void drop(struct search *s, int32_t victim)
{
    const struct sim_kind *v = &s->c->kinds[s->c->units[victim].kind];

    sim_gang_drop(s->c, victim);
    sim_quota_use(s->c->quota, v->spec.team, v->total, 1);
}

static bool take_victim(struct search *s, int32_t victim)
{
    lift(s, victim);
    s->victims =
        sp_arena_more(s->c->arena, s->victims, s->n, &s->room, sizeof *s->victims);
    s->victims[s->n++] = victim;
    s->fits = s->fits || room_after(s, victim);
    s->admitted = s->admitted || admitted(s);
    return s->fits && s->admitted;
}

/* Of the next victims of all buckets: the lowest priority, then the last placed. */
static int32_t next_bucket(const struct sim_cluster *c, const int32_t *next)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < c->n_buckets; i++) {
        const struct sim_bucket *b = &c->buckets[i];

        if (next[i] == SP_NO_ID)
            continue;
        if (best == SP_NO_ID || b->priority < c->buckets[best].priority ||
            (b->priority == c->buckets[best].priority &&
             c->units[next[i]].order > c->units[next[best]].order))
            best = i;
    }
    return best;
}

/* Takes victims until there is enough; those of other teams only while these borrow. */
static bool take_from(struct search *s, int32_t *next, bool others)
{
    struct sim_cluster *c = s->c;
    int32_t b;

    while ((b = next_bucket(c, next)) != SP_NO_ID) {
        int32_t victim = next[b];

        next[b] = c->units[victim].next;
        if (others && !sim_quota_borrows(c->quota, c->buckets[b].team, NULL)) {
            next[b] = SP_NO_ID;
            continue;
        }
        if (take_victim(s, victim))
            return true;
    }
    return false;
}

static bool take_enough(struct search *s)
{
    struct sim_cluster *c = s->c;
    size_t n = (size_t)c->n_buckets;
    int32_t *of[2]; /* others' first, then own */
    bool ok;

    for (int g = 0; g < 2; g++)
        of[g] = sp_xcalloc(n, sizeof *of[g]);
    for (int32_t i = 0; i < c->n_buckets; i++) {
        enum whose w = whose(c, &c->kinds[s->kind], &c->buckets[i]);

        of[0][i] = w == OTHERS ? c->buckets[i].first : SP_NO_ID;
        of[1][i] = w == OWN ? c->buckets[i].first : SP_NO_ID;
    }
    ok = take_from(s, of[0], true) || take_from(s, of[1], false);
    for (int g = 0; g < 2; g++)
        free(of[g]);
    return ok;
}

/* From the last but one back to the first: each without which it still suffices stays.
 */
static void put_back_spare(struct search *s)
{
    for (int32_t i = s->n - 2; i >= 0; i--) {
        drop(s, s->victims[i]);
        if (admitted(s) && finds_room(s))
            s->victims[i] = SP_NO_ID;
        else
            lift(s, s->victims[i]);
    }
}

/* Puts everything back as it was. */
static void restore(struct search *s)
{
    for (int32_t i = s->n - 1; i >= 0; i--)
        if (s->victims[i] != SP_NO_ID)
            drop(s, s->victims[i]);
}

static void tell_victims(struct search *s, int64_t now_ns)
{
    struct sim_cluster *c = s->c;
    uint64_t *serial = sp_xcalloc((size_t)s->n, sizeof *serial);

    for (int32_t i = 0; i < s->n; i++)
        if (s->victims[i] != SP_NO_ID)
            serial[i] = c->units[s->victims[i]].serial;
    for (int32_t i = 0; i < s->n; i++) {
        int32_t v = s->victims[i];

        if (v != SP_NO_ID && c->units[v].serial == serial[i] &&
            c->units[v].life == SIM_UNIT_PLACED)
            sim_cluster_take_away(c, v, SIM_LOSS_PREEMPTED, now_ns);
    }
    free(serial);
}

bool sim_evict_for(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct search s = {.c = c, .unit = unit, .kind = c->units[unit].kind};
    bool ok;

    s.victims = c->victims;
    s.room = c->victims_room;
    s.admitted = admitted(&s);
    s.fits = finds_room(&s);
    ok = take_enough(&s);
    c->victims = s.victims;
    c->victims_room = s.room;
    if (ok)
        put_back_spare(&s);
    restore(&s);
    if (ok)
        tell_victims(&s, now_ns);
    else
        c->kinds[s.kind].evict_tried = c->changes + 1;
    return ok;
}
