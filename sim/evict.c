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
    int32_t *victims, n, room; /* in c->victims */
    struct sim_evict_counts counts;
    int64_t gained; /* members that found room since the search began, */
    int32_t wanted; /* of those that had none then */
};

enum whose { NOBODYS, OTHERS, OWN };

static struct sim_claim claim_of(const struct sim_cluster *c, const struct sim_kind *k)
{
    struct sim_claim claim = {c->policy->scheduling.evict, MODEL_EVICT_NEVER};
    const struct model_team *t;

    if (!c->policy->has_teams)
        return claim;
    t = &c->policy->teams[k->spec.team];
    claim.own = t->evict;
    if (t->reclaim != MODEL_EVICT_NEVER &&
        !sim_quota_borrows(c->quota, k->spec.team, k->total))
        claim.others = t->reclaim;
    return claim;
}

/* Whether units of a bucket may be taken for the kind, as things stand. */
static enum whose whose(const struct sim_cluster *c, const struct sim_kind *k,
                        struct sim_claim claim, const struct sim_bucket *b)
{
    bool others = c->policy->has_teams && b->team != k->spec.team;
    enum model_evict rule = others ? claim.others : claim.own;

    if (b->first == SP_NO_ID || rule == MODEL_EVICT_NEVER ||
        (rule == MODEL_EVICT_LOWER_PRIORITY && b->priority >= k->priority))
        return NOBODYS;
    if (!others)
        return OWN;
    return sim_quota_borrows(c->quota, b->team, NULL) ? OTHERS : NOBODYS;
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
    struct sim_claim claim = claim_of(c, k);
    int64_t held[MODEL_RESOURCES] = {0};
    bool any = false;

    if (k->evict_tried == c->changes + 1 ||
        (claim.own == MODEL_EVICT_NEVER && claim.others == MODEL_EVICT_NEVER))
        return false;
    for (int32_t i = 0; i < c->n_buckets; i++) {
        if (whose(c, k, claim, &c->buckets[i]) == NOBODYS)
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

static bool finds_room(struct search *s, int32_t *found)
{
    *found = 0;
    if (!sim_gang_take(s->c, s->kind, (uint64_t)s->c->units[s->unit].number, found))
        return false;
    sim_gang_undo(s->c, s->kind);
    return true;
}

/* Members alike that are not all on one node have room where nodes have it in sum; so
 * has one that fits on a node.  The rest of a total, and shares of GPUs that must be
 * together, are tried. */
struct sim_evict_counts sim_evict_counts_of(const struct sim_kind *k)
{
    bool one = k->members == 1 || k->spec.gang == MODEL_GANG_STRICT_PACK;

    return (struct sim_evict_counts){
        .ok = one ? !k->trial_pack : k->rest_shape == SP_NO_ID,
        .one = one,
        .shape = one && k->members > 1 ? k->sum_shape : k->shape,
        .most = one || k->spec.gang == MODEL_GANG_STRICT_SPREAD ? 1 : k->members};
}

static void begin(struct search *s)
{
    const struct sim_kind *k = &s->c->kinds[s->kind];
    int32_t found;

    s->fits = finds_room(s, &found);
    s->counts = sim_evict_counts_of(k);
    s->wanted = s->fits ? 0 : s->counts.one ? 1 : k->members - found;
}

static bool fits_now(struct search *s)
{
    int32_t found;

    if (s->counts.ok || s->wanted == 0)
        return s->gained >= s->wanted;
    return sim_gang_enough_free(s->c, &s->c->kinds[s->kind]) && finds_room(s, &found);
}

static bool admitted(const struct search *s)
{
    const struct sim_kind *k = &s->c->kinds[s->kind];

    return sim_quota_admits(s->c->quota, k->spec.team, k->total);
}

static void count_room(struct search *s, const struct sim_seat *seat, int sign)
{
    if (s->counts.ok)
        s->gained += sign * sim_gang_room(s->c, seat->hold.node, s->counts.shape,
                                          s->counts.most);
}

/* Gives (sign -1) or takes the seats of a victim. */
static void move_victim(struct search *s, int32_t victim, int sign)
{
    struct sim_cluster *c = s->c;
    const struct sim_asked *u = &c->units[victim];
    const struct sim_kind *v = &c->kinds[u->kind];

    for (int32_t i = 0; i < v->members; i++) {
        int32_t member = sign > 0 ? i : v->members - 1 - i;
        const struct sim_seat *seat = &c->seats[u->seats + member];

        count_room(s, seat, -1);
        if (sign > 0)
            sim_gang_drop_seat(c, u, member);
        else
            sim_gang_lift_seat(c, u, member);
        count_room(s, seat, 1);
    }
    sim_quota_use(c->quota, v->spec.team, v->total, sign);
}

static void lift(struct search *s, int32_t victim)
{
    move_victim(s, victim, -1);
}

static void drop(struct search *s, int32_t victim)
{
    move_victim(s, victim, 1);
}

static bool take_victim(struct search *s, int32_t victim)
{
    lift(s, victim);
    s->victims =
        sp_arena_more(s->c->arena, s->victims, s->n, &s->room, sizeof *s->victims);
    s->victims[s->n++] = victim;
    s->fits = s->fits || fits_now(s);
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
    struct sim_claim claim = claim_of(c, &c->kinds[s->kind]);
    size_t n = (size_t)c->n_buckets;
    int32_t *of[2]; /* others' first, then own */
    bool ok;

    for (int g = 0; g < 2; g++)
        of[g] = sp_xcalloc(n, sizeof *of[g]);
    for (int32_t i = 0; i < c->n_buckets; i++) {
        enum whose w = whose(c, &c->kinds[s->kind], claim, &c->buckets[i]);

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
        if (admitted(s) && fits_now(s))
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

    int n = 0;

    for (int32_t i = 0; i < s->n; i++)
        if (s->victims[i] != SP_NO_ID) {
            serial[i] = c->units[s->victims[i]].serial;
            n++;
        }
    if (c->units[s->unit].explain)
        sim_explain_say(c->explain, now_ns, "%d placed unit%s evicted for it", n,
                        n == 1 ? " is" : "s are");
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
    struct sim_claim claim = claim_of(c, &c->kinds[s.kind]);
    int64_t lacks;
    bool ok;

    if (!sim_evict_again_may(c, s.kind, claim))
        return false;
    s.victims = c->victims;
    s.room = c->victims_room;
    s.admitted = admitted(&s);
    begin(&s);
    ok = take_enough(&s);
    c->victims = s.victims;
    c->victims_room = s.room;
    lacks = s.wanted - s.gained;
    if (ok)
        put_back_spare(&s);
    restore(&s);
    if (!ok && !s.fits && s.counts.ok)
        sim_evict_again_failed(c, s.kind, claim, lacks);
    if (ok)
        tell_victims(&s, now_ns);
    else
        c->kinds[s.kind].evict_tried = c->changes + 1;
    return ok;
}
