/* Kinds of units: told apart by all that matters for where they may go and when; and
 * whether one could ever be placed. */
#include <string.h>

#include "base/hash.h"
#include "base/status.h"
#include "sim/cluster_rows.h"

/* ---- names ---- */

static bool same_amounts(const struct model_amounts *a, const struct model_amounts *b)
{
    return a->mcpu == b->mcpu && a->mgpu == b->mgpu &&
           a->memory_bytes == b->memory_bytes;
}

static bool same_kind(const struct sim_cluster_kind *a,
                      const struct sim_cluster_kind *b)
{
    return a->workload == b->workload && a->owner == b->owner &&
           same_amounts(&a->needs, &b->needs) && a->members == b->members &&
           same_amounts(&a->rest, &b->rest) && a->gang == b->gang &&
           a->allowed_types == b->allowed_types && a->team == b->team &&
           a->priority == b->priority && a->preemptible == b->preemptible &&
           a->client == b->client;
}

/* Of all but the client: addresses may not decide anything. */
static uint64_t name_of(const struct sim_cluster_kind *k, uint64_t salt)
{
    const int64_t all[] = {
        k->workload,           k->owner,       k->needs.mcpu,    k->needs.mgpu,
        k->needs.memory_bytes, k->members,     k->rest.mcpu,     k->rest.mgpu,
        k->rest.memory_bytes,  k->gang,        k->allowed_types, k->team,
        k->priority,           k->preemptible, (int64_t)salt};

    return sp_hash64(all, sizeof all);
}

/* ---- making ---- */

static int32_t bucket_of(struct sim_cluster *c, int32_t team, int32_t priority)
{
    for (int32_t i = 0; i < c->n_buckets; i++)
        if (c->buckets[i].team == team && c->buckets[i].priority == priority)
            return i;
    c->buckets = sp_arena_more(c->arena, c->buckets, c->n_buckets, &c->buckets_room,
                               sizeof *c->buckets);
    c->buckets[c->n_buckets] =
        (struct sim_bucket){.team = team, .priority = priority, .first = SP_NO_ID};
    return c->n_buckets++;
}

static bool has_rest(const struct sim_cluster_kind *spec)
{
    return spec->rest.mcpu > 0 || spec->rest.mgpu > 0 || spec->rest.memory_bytes > 0;
}

static bool is_share(const struct model_amounts *a)
{
    return a->mgpu > 0 && a->mgpu < 1000;
}

static int32_t shape_of(struct sim_cluster *c, const struct model_amounts *needs,
                        int64_t allowed_types)
{
    int32_t shape = sim_nodes_shape(c->nodes, needs, allowed_types);

    if (c->plan != NULL)
        sim_plan_shape(c->plan, shape, needs, allowed_types);
    return shape;
}

/* What the node of all members is looked for by.  Whole devices add up; of shares a
 * node must be tried. */
static void sum_shape(struct sim_cluster *c, struct sim_kind *k)
{
    const struct sim_cluster_kind *s = &k->spec;
    int64_t n = k->members - (k->rest_shape != SP_NO_ID);
    struct model_amounts sum = {.mcpu = k->total[MODEL_CPU],
                                .memory_bytes = k->total[MODEL_MEMORY]};

    k->trial_pack = is_share(&s->needs) || is_share(&s->rest);
    if (!is_share(&s->needs))
        sum.mgpu += n * s->needs.mgpu;
    if (!is_share(&s->rest))
        sum.mgpu += s->rest.mgpu;
    if (sum.mgpu == 0)
        sum.mgpu = is_share(&s->needs) ? s->needs.mgpu : s->rest.mgpu;
    k->sum_shape = shape_of(c, &sum, s->allowed_types);
}

static void fill_kind(struct sim_cluster *c, struct sim_kind *k)
{
    const struct sim_cluster_kind *s = &k->spec;
    int32_t n = s->members > 0 ? s->members : 1;

    k->members = n + has_rest(s);
    k->shape = shape_of(c, &s->needs, s->allowed_types);
    k->rest_shape = SP_NO_ID;
    if (has_rest(s))
        k->rest_shape = shape_of(c, &s->rest, s->allowed_types);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        k->total[r] = n * sim_amount(&s->needs, r) + sim_amount(&s->rest, r);
    k->queue = c->policy->has_teams ? s->team : 0;
    k->priority = s->priority;
    if (c->policy->has_teams)
        k->priority += c->policy->teams[s->team].priority;
    k->bucket = SP_NO_ID;
    if (s->preemptible)
        k->bucket = bucket_of(c, s->team, k->priority);
    if (k->members > 1 && s->gang == MODEL_GANG_STRICT_PACK)
        sum_shape(c, k);
}

int32_t sim_cluster_kind_new(struct sim_cluster *c, const struct sim_cluster_kind *spec)
{
    uint64_t salt = 0, name;
    int32_t id;
    struct sim_kind *k;

    sp_assert(spec->team >= 0 && (!c->policy->has_teams || spec->team < c->n_queues));
    while ((id = sim_id_table_find(&c->kind_names, name = name_of(spec, salt))) !=
           SP_NO_ID) {
        if (same_kind(&c->kinds[id].spec, spec))
            return id;
        salt++;
    }
    c->kinds =
        sp_arena_more(c->arena, c->kinds, c->n_kinds, &c->kinds_room, sizeof *c->kinds);
    id = c->n_kinds++;
    k = &c->kinds[id];
    *k = (struct sim_kind){.spec = *spec,
                           .at = SP_NO_ID,
                           .waiting_at = SP_NO_ID,
                           .witness = SP_NO_ID,
                           .full_pass = -1};
    fill_kind(c, k);
    sim_id_table_put(&c->kind_names, c->arena, name, id);
    return id;
}

/* ---- what could never be ---- */

struct fleet_room {
    int64_t members;   /* that all nodes could hold of `needs` */
    int64_t with_rest; /* the most of them beside a rest; -1: no node holds one */
    int64_t nodes;     /* that could hold one */
    int64_t on_one;    /* the most on one node, -1 or with the rest beside them */
    bool rest_alone;   /* some node could hold the rest that could hold no other */
};

/* Members of `needs` on an empty node of the type, beside a rest or not; at most
 * `most`.  -1: the rest itself has no room. */
static int64_t on_empty(const struct sim_cluster *c, const struct sim_kind *k,
                        int32_t type, bool rest)
{
    const struct model_amounts *has = &c->policy->types[type].has;
    const struct model_amounts *n = &k->spec.needs, *r = &k->spec.rest;
    int64_t most = k->members, mcpu = has->mcpu, memory = has->memory_bytes;
    int64_t devices = has->mgpu / 1000, part = 0;

    if (rest && !sim_nodes_type_holds(c->nodes, type, k->rest_shape))
        return -1;
    if (rest) {
        mcpu -= r->mcpu;
        memory -= has->memory_bytes > 0 && r->memory_bytes > 0 ? r->memory_bytes : 0;
        devices -= is_share(r) ? 1 : r->mgpu / 1000;
        part = is_share(r) && is_share(n) ? (1000 - r->mgpu) / n->mgpu : 0;
    }
    if (n->mcpu > 0 && mcpu / n->mcpu < most)
        most = mcpu / n->mcpu;
    if (has->memory_bytes > 0 && n->memory_bytes > 0 && memory / n->memory_bytes < most)
        most = memory / n->memory_bytes;
    if (n->mgpu >= 1000 && devices / (n->mgpu / 1000) < most)
        most = devices / (n->mgpu / 1000);
    if (is_share(n) && devices * (1000 / n->mgpu) + part < most)
        most = devices * (1000 / n->mgpu) + part;
    return most;
}

static void add_type(const struct sim_cluster *c, const struct sim_kind *k,
                     int32_t type, struct fleet_room *sum)
{
    const struct model_node_type *t = &c->policy->types[type];
    int64_t count = t->fixed ? t->count : t->max;
    bool holds = sim_nodes_type_holds(c->nodes, type, k->shape);
    int64_t each = holds ? on_empty(c, k, type, false) : 0;
    int64_t one = each;

    if (count == 0 || !sim_nodes_type_allowed(c->nodes, type, k->shape))
        return;
    sum->members += count * each;
    sum->nodes += holds ? count : 0;
    if (k->rest_shape != SP_NO_ID) {
        int64_t beside = on_empty(c, k, type, true);

        if (!holds && beside > 0)
            beside = 0;
        one = beside;
        if (beside >= 0 && beside - each > sum->with_rest)
            sum->with_rest = beside - each;
        if (!holds && beside >= 0)
            sum->rest_alone = true;
    }
    if (one > sum->on_one)
        sum->on_one = one;
}

static bool all_could_be(const struct sim_kind *k, const struct fleet_room *sum)
{
    bool rest = k->rest_shape != SP_NO_ID;
    int64_t n = k->members - rest;

    if (k->members == 1)
        return true;
    if (k->spec.gang == MODEL_GANG_STRICT_PACK)
        return sum->on_one >= n;
    if (k->spec.gang == MODEL_GANG_STRICT_SPREAD)
        return sum->nodes >= k->members || (sum->nodes >= n && sum->rest_alone);
    return sum->members + (rest ? sum->with_rest : 0) >= n;
}

static bool fits_some_type(const struct sim_cluster *c, int32_t shape)
{
    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct model_node_type *nt = &c->policy->types[t];

        if ((nt->fixed ? nt->count : nt->max) > 0 &&
            sim_nodes_type_holds(c->nodes, t, shape))
            return true;
    }
    return false;
}

int32_t sim_cluster_refuses(struct sim_cluster *c, int32_t kind)
{
    const struct sim_kind *k = &c->kinds[kind];
    struct fleet_room sum = {.with_rest = INT64_MIN, .on_one = -1};

    if (!fits_some_type(c, k->shape) ||
        (k->rest_shape != SP_NO_ID && !fits_some_type(c, k->rest_shape)) ||
        !sim_quota_could_admit(c->quota, k->spec.team, k->total))
        return MODEL_DROP_TOO_LARGE;
    for (int32_t t = 0; t < c->policy->n_types; t++)
        add_type(c, k, t, &sum);
    return all_could_be(k, &sum) ? SP_NO_ID : MODEL_DROP_GANG;
}
