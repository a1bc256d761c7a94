/* The story of units that are asked for with `explain`: what they ask for, why they
 * wait, and where they are placed and why there. */
#include <stdio.h>
#include <string.h>

#include "sim/cluster_rows.h"
#include "sim/placement.h"

enum { TEXT = 640, NODES_NAMED = 8 };

struct text {
    char s[TEXT];
    size_t n;
};

/* ---- asking ---- */

void sim_story_asks(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    bool rest = k->rest_shape != SP_NO_ID;
    const char *one = sim_explain_amounts(c->arena, &k->spec.needs);
    const char *last = sim_explain_amounts(c->arena, &k->spec.rest);

    c->stories = sp_arena_more(c->arena, c->stories, c->n_stories, &c->stories_room,
                               sizeof *c->stories);
    c->stories[c->n_stories++] = unit;
    if (k->members == 1)
        sim_explain_say(c->explain, now_ns, "asks for %s", one);
    else
        sim_explain_say(c->explain, now_ns, "asks for %d members of %s%s%s",
                        (int)(k->members - rest), one, rest ? ", and one of " : "",
                        rest ? last : "");
}

void sim_story_ends(struct sim_cluster *c, int32_t unit)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < c->n_stories; i++)
        if (c->stories[i] != unit)
            c->stories[kept++] = c->stories[i];
    c->n_stories = kept;
}

/* ---- waiting ---- */

static struct model_amounts free_for(const struct sim_cluster *c,
                                     const struct sim_kind *k)
{
    struct model_amounts sum = {0};

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct sim_nodes_free *f = sim_nodes_free(c->nodes, t);

        if (!sim_nodes_type_allowed(c->nodes, t, k->shape))
            continue;
        sum.mgpu += f->mgpu;
        sum.mcpu += f->mcpu;
        sum.memory_bytes += f->memory_bytes;
    }
    return sum;
}

/* Whether its team would keep to its guarantee with it: then others hold its share. */
static bool within_guarantee(const struct sim_cluster *c, const struct sim_kind *k)
{
    return !sim_quota_borrows(c->quota, k->spec.team, k->total);
}

static void says_quota(struct sim_cluster *c, const struct sim_kind *k, int64_t now_ns)
{
    const struct model_team *team = &c->policy->teams[k->spec.team];
    const struct model_amounts held = {
        .mcpu = sim_quota_used(c->quota, k->spec.team, MODEL_CPU),
        .mgpu = sim_quota_used(c->quota, k->spec.team, MODEL_GPU),
        .memory_bytes = sim_quota_used(c->quota, k->spec.team, MODEL_MEMORY)};
    const struct model_amounts theirs = {.mcpu = team->guarantee.amount[MODEL_CPU],
                                         .mgpu = team->guarantee.amount[MODEL_GPU],
                                         .memory_bytes =
                                             team->guarantee.amount[MODEL_MEMORY]};

    sim_explain_say(c->explain, now_ns,
                    "waits: quota: team %s holds %s and is guaranteed %s; %s",
                    team->name, sim_explain_amounts(c->arena, &held),
                    sim_explain_amounts(c->arena, &theirs),
                    within_guarantee(c, k)
                        ? "of that others have borrowed what it now needs"
                        : "it would have to borrow, and may not have so much more now");
}

/* Of node types that may grow: that they can't now. */
static const char *none_bought(const struct sim_cluster *c, const struct sim_kind *k)
{
    for (int32_t t = 0; t < c->policy->n_types; t++)
        if (!c->policy->types[t].fixed && sim_nodes_type_allowed(c->nodes, t, k->shape))
            return "; no node can be had for it now (max, launch rate, or what the "
                   "cloud has)";
    return "";
}

static void says_room(struct sim_cluster *c, int32_t unit, enum model_cause cause,
                      int64_t now_ns)
{
    int32_t kind = c->units[unit].kind, found = 0;
    const struct sim_kind *k = &c->kinds[kind];
    const struct model_amounts free = free_for(c, k);
    const char *one = sim_explain_amounts(c->arena, &k->spec.needs);
    const char *sum = sim_explain_amounts(c->arena, &free);

    if (cause == MODEL_CAUSE_GANG) {
        if (sim_gang_take(c, kind, (uint64_t)c->units[unit].number, &found))
            sim_gang_undo(c, kind);
        sim_explain_say(c->explain, now_ns, "waits: gang: room for %d of %d members",
                        (int)found, (int)k->members);
    } else if (cause == MODEL_CAUSE_CAPACITY) {
        sim_explain_say(c->explain, now_ns,
                        "waits: capacity: %s free in all on nodes that it may use, a "
                        "member needs %s%s",
                        sum, one, none_bought(c, k));
    } else {
        sim_explain_say(
            c->explain, now_ns,
            "waits: fragmentation: %s free in all on nodes that it may use, "
            "but no node has %s%s",
            sum, one, none_bought(c, k));
    }
}

static void says_why(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];
    enum model_cause cause =
        u->first_in_queue ? c->queues[k->queue].clock.now : k->clock.now;

    if (u->said == (int32_t)cause + 1)
        return;
    u->said = (int32_t)cause + 1;
    switch (cause) {
    case MODEL_CAUSE_QUOTA:
        says_quota(c, k, now_ns);
        break;
    case MODEL_CAUSE_HEAD_OF_LINE:
        sim_explain_say(c->explain, now_ns, "waits: head of line: %s",
                        c->passing->reserves == SIM_RESERVES_NOTHING
                            ? "others of its queue are first"
                            : "it fits, but would delay others that are first");
        break;
    default:
        says_room(c, unit, cause, now_ns);
        break;
    }
}

void sim_story_waits(struct sim_cluster *c, int64_t now_ns)
{
    for (int32_t i = 0; i < c->n_stories; i++)
        says_why(c, c->stories[i], now_ns);
}

/* ---- placed ---- */

/* Of nodes requested in this instant: for what, and why of that type. */
static void says_bought(struct sim_cluster *c, int32_t node, int64_t now_ns)
{
    int32_t type = sim_nodes_state(c->nodes, node)->type;
    const char *why;

    if (sim_leases_from_ns(c->leases, node) != now_ns)
        return;
    why = sim_leases_why(c->leases, node, c->arena);
    if (why != NULL)
        sim_explain_say(c->explain, now_ns, "%s %d is bought now: %s",
                        c->policy->types[type].name, (int)node, why);
}

/* "node 3 (left: 2 GPUs + 8 CPUs)" */
static void add_node(const struct sim_cluster *c, int32_t node, struct text *where)
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    const struct model_amounts left = {
        .mcpu = n->free_mcpu,
        .mgpu = n->free_mgpu,
        .memory_bytes = n->free_memory == INT64_MAX ? 0 : n->free_memory};

    where->n +=
        (size_t)snprintf(where->s + where->n, TEXT - where->n, "%s%s %d (left: %s)",
                         where->n > 0 ? ", " : "", c->policy->types[n->type].name,
                         (int)node, sim_explain_amounts(c->arena, &left));
}

static struct text nodes_text(const struct sim_cluster *c, const struct sim_asked *u)
{
    struct text where = {"", 0};
    int32_t named = 0;

    for (int32_t i = 0; i < c->kinds[u->kind].members && where.n < TEXT; i++) {
        int32_t node = c->seats[u->seats + i].hold.node;

        if (i > 0 && node == c->seats[u->seats + i - 1].hold.node)
            continue;
        if (named++ == NODES_NAMED) {
            snprintf(where.s + where.n, TEXT - where.n, ", ...");
            break;
        }
        add_node(c, node, &where);
    }
    return where;
}

/* Nodes on which a member had room: those that have it now, and the unit's own. */
static int32_t nodes_with_room(const struct sim_cluster *c, const struct sim_asked *u)
{
    const struct sim_kind *k = &c->kinds[u->kind];
    int32_t n = 0;

    for (int32_t node = 0; node < sim_nodes_n(c->nodes); node++) {
        bool room = sim_nodes_is_open(c->nodes, node) &&
                    sim_nodes_fits(c->nodes, node, k->shape);

        for (int32_t i = 0; i < k->members && !room; i++)
            room = c->seats[u->seats + i].hold.node == node;
        n += room;
    }
    return n;
}

void sim_story_placed(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    const struct sim_asked *u = &c->units[unit];
    const char *rule = c->plan != NULL ? "first-fit" : c->policy->placement;
    struct text where = nodes_text(c, u);
    int32_t n = nodes_with_room(c, u);

    for (int32_t i = 0; i < c->kinds[u->kind].members; i++)
        says_bought(c, c->seats[u->seats + i].hold.node, now_ns);
    sim_explain_say(c->explain, now_ns, "placed on %s%s; %d node%s had room; %s%s: %s",
                    where.s, u->not_ready > 0 ? ", which still boots" : "", (int)n,
                    n == 1 ? "" : "s", c->plan != NULL ? "the plan goes by " : "", rule,
                    sim_placement_find(rule)->help);
}
