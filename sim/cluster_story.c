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

static void add(struct text *t, const char *fmt, double value, const char *unit,
                bool plural)
{
    if (t->n > 0 && t->n < TEXT)
        t->n += (size_t)snprintf(t->s + t->n, TEXT - t->n, " + ");
    if (t->n < TEXT)
        t->n += (size_t)snprintf(t->s + t->n, TEXT - t->n, fmt, value, unit,
                                 plural && value != 1 ? "s" : "");
}

/* "1 GPU + 8 CPUs + 64 GiB" */
static struct text amounts_text(const int64_t amount[MODEL_RESOURCES])
{
    struct text t = {"nothing", 0};

    if (amount[MODEL_GPU] > 0)
        add(&t, "%.6g %s%s", (double)amount[MODEL_GPU] / 1000, "GPU", true);
    if (amount[MODEL_CPU] > 0)
        add(&t, "%.6g %s%s", (double)amount[MODEL_CPU] / 1000, "CPU", true);
    if (amount[MODEL_MEMORY] > 0)
        add(&t, "%.4g %s%s", (double)amount[MODEL_MEMORY] / 1073741824.0, "GiB", false);
    return t;
}

static struct text needs_text(const struct model_amounts *needs)
{
    int64_t amount[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount[r] = sim_amount(needs, r);
    return amounts_text(amount);
}

/* ---- asking ---- */

void sim_story_asks(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    bool rest = k->rest_shape != SP_NO_ID;
    struct text one = needs_text(&k->spec.needs), last = needs_text(&k->spec.rest);

    c->stories = sp_arena_more(c->arena, c->stories, c->n_stories, &c->stories_room,
                               sizeof *c->stories);
    c->stories[c->n_stories++] = unit;
    if (k->members == 1)
        sim_explain_say(c->explain, now_ns, "asks for %s", one.s);
    else
        sim_explain_say(c->explain, now_ns, "asks for %d members of %s%s%s",
                        (int)(k->members - rest), one.s, rest ? ", and one of " : "",
                        rest ? last.s : "");
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

static void free_for(const struct sim_cluster *c, const struct sim_kind *k,
                     int64_t amount[MODEL_RESOURCES])
{
    memset(amount, 0, MODEL_RESOURCES * sizeof *amount);
    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct sim_nodes_free *f = sim_nodes_free(c->nodes, t);

        if (!sim_nodes_type_allowed(c->nodes, t, k->shape))
            continue;
        amount[MODEL_GPU] += f->mgpu;
        amount[MODEL_CPU] += f->mcpu;
        amount[MODEL_MEMORY] += f->memory_bytes;
    }
}

static void says_quota(struct sim_cluster *c, const struct sim_kind *k, int64_t now_ns)
{
    const struct model_team *team = &c->policy->teams[k->spec.team];
    int64_t held[MODEL_RESOURCES], theirs[MODEL_RESOURCES];
    struct text has, may;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        held[r] = sim_quota_used(c->quota, k->spec.team, r);
        theirs[r] = team->guarantee.amount[r];
    }
    has = amounts_text(held);
    may = amounts_text(theirs);
    sim_explain_say(c->explain, now_ns,
                    "waits: quota: team %s holds %s, is guaranteed %s, and may borrow "
                    "no more now",
                    team->name, has.s, may.s);
}

static void says_room(struct sim_cluster *c, int32_t unit, enum model_cause cause,
                      int64_t now_ns)
{
    int32_t kind = c->units[unit].kind, found = 0;
    const struct sim_kind *k = &c->kinds[kind];
    int64_t amount[MODEL_RESOURCES];
    struct text one = needs_text(&k->spec.needs), sum;

    free_for(c, k, amount);
    sum = amounts_text(amount);
    if (cause == MODEL_CAUSE_GANG) {
        if (sim_gang_take(c, kind, (uint64_t)c->units[unit].number, &found))
            sim_gang_undo(c, kind);
        sim_explain_say(c->explain, now_ns, "waits: gang: room for %d of %d members",
                        (int)found, (int)k->members);
    } else if (cause == MODEL_CAUSE_CAPACITY) {
        sim_explain_say(c->explain, now_ns,
                        "waits: capacity: %s free in all on nodes that it may use, a "
                        "member needs %s",
                        sum.s, one.s);
    } else {
        sim_explain_say(
            c->explain, now_ns,
            "waits: fragmentation: %s free in all on nodes that it may use, "
            "but no node has %s",
            sum.s, one.s);
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

/* "node 3 (left: 2 GPUs + 8 CPUs)" */
static void add_node(const struct sim_cluster *c, int32_t node, struct text *where)
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    int64_t left[MODEL_RESOURCES] = {
        [MODEL_GPU] = n->free_mgpu,
        [MODEL_CPU] = n->free_mcpu,
        [MODEL_MEMORY] = n->free_memory == INT64_MAX ? 0 : n->free_memory,
    };
    struct text amounts = amounts_text(left);

    where->n += (size_t)snprintf(where->s + where->n, TEXT - where->n,
                                 "%s%s %d (left: %s)", where->n > 0 ? ", " : "",
                                 c->policy->types[n->type].name, (int)node, amounts.s);
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

    sim_explain_say(c->explain, now_ns, "placed on %s%s; %d node%s had room; %s%s: %s",
                    where.s, u->not_ready > 0 ? ", which still boots" : "", (int)n,
                    n == 1 ? "" : "s", c->plan != NULL ? "the plan goes by " : "", rule,
                    sim_placement_find(rule)->help);
}
