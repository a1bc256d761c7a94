/* What can be bought: the options of a group in the order listed, their maximum, the
 * record of what a cloud had, the launch rate, and going back to an earlier option. */
#include <math.h>

#include "base/units.h"
#include "sim/leases_rows.h"

enum { NO_LIMIT = INT32_MAX };

static const struct model_node_type *type_at(const struct sim_leases *l, int32_t t)
{
    return &l->policy->types[t];
}

static bool same_group(const struct model_node_type *a, const struct model_node_type *b)
{
    return a == b ||
           (a->group != NULL && b->group != NULL && a->group_id == b->group_id);
}

static bool has_options(const struct sim_leases *l, int32_t type)
{
    for (int32_t t = 0; t < l->policy->n_types; t++)
        if (t != type && same_group(type_at(l, t), type_at(l, type)))
            return true;
    return false;
}

/* ---- room ---- */

static void look_at_record(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct model_loss *loss = &type_at(l, type)->loss;
    struct sim_lease_type *t = &l->types[type];

    if (loss->availability == NULL)
        return;
    t->there = sim_record_nodes(loss, now_ns);
    t->stays = sim_record_stays(loss, now_ns);
}

static int32_t most_of(const struct model_node_type *t)
{
    return t->fixed ? t->count : t->max;
}

int32_t sim_market_room(const struct sim_leases *l, int32_t type)
{
    const struct sim_lease_type *t = &l->types[type];
    int64_t left = most_of(type_at(l, type)) - t->held.n;

    if (left > t->there - t->held.n)
        left = t->there - t->held.n;
    if (left > t->stays - t->standing - t->moved)
        left = t->stays - t->standing - t->moved;
    return left > 0 ? (int32_t)left : 0;
}

/* When the i-th of the last launches stops counting: now or earlier where it has. */
static int64_t counts_until_ns(const struct sim_leases *l, int32_t type, int64_t i)
{
    return l->types[type].launched_ns[i] + type_at(l, type)->launch_every_ns;
}

/* When the next launch is allowed after so many more now: now or earlier where it is.
 */
static int64_t launch_after_ns(const struct sim_leases *l, int32_t type, int32_t more)
{
    const struct model_node_type *nt = type_at(l, type);
    const struct sim_lease_type *t = &l->types[type];

    if (nt->launch_max == 0 || t->launches + more < nt->launch_max)
        return 0;
    if (more >= nt->launch_max)
        return INT64_MAX;
    return counts_until_ns(l, type, (t->launches + more) % nt->launch_max);
}

static int64_t launch_ns(const struct sim_leases *l, int32_t type)
{
    return launch_after_ns(l, type, 0);
}

/* Launches allowed now. */
static int32_t launches_left(const struct sim_leases *l, int32_t type)
{
    const struct model_node_type *nt = type_at(l, type);
    const struct sim_lease_type *t = &l->types[type];
    int32_t left = nt->launch_max;

    if (nt->launch_max == 0)
        return NO_LIMIT;
    for (int64_t i = 0; i < nt->launch_max && i < t->launches; i++)
        left -= counts_until_ns(l, type, i) > l->now_ns;
    return left;
}

static bool can_be_had(const struct sim_leases *l, int32_t type)
{
    int32_t more = l->beside != NULL ? l->beside[type] : 0;

    return sim_market_room(l, type) > more &&
           launch_after_ns(l, type, more) <= l->now_ns;
}

bool sim_market_here(const struct sim_leases *l)
{
    for (int32_t t = 0; t < l->policy->n_types; t++)
        if (l->types[t].wanted && can_be_had(l, t))
            return true;
    return false;
}

bool sim_market_comes(const struct sim_leases *l)
{
    for (int32_t i = 0; i < l->policy->n_types; i++) {
        const struct sim_lease_type *t = &l->types[i];
        int32_t most = most_of(type_at(l, i));

        most = t->reach < most ? t->reach : most;
        if (t->wanted && t->standing + t->moved < most)
            return true;
    }
    return false;
}

/* ---- options that are there again ---- */

/* Nodes of the group that are on their way out for an earlier option. */
static int32_t moves_of(const struct sim_leases *l, const struct model_node_type *nt)
{
    int32_t n = 0;

    for (int32_t t = 0; t < l->policy->n_types; t++)
        if (same_group(type_at(l, t), nt))
            n += l->types[t].moved;
    return n;
}

/* Whether an option comes before that of a node, which it could take the place of. */
static bool stood_in_for(const struct sim_leases *l, const struct sim_lease_node *n,
                         int32_t option)
{
    const struct model_node_type *nt = type_at(l, n->type), *ot = type_at(l, option);

    return !ot->fixed && same_group(ot, nt) && ot->group_rank < nt->group_rank &&
           sim_nodes_type_holds(l->nodes_free, option, n->stands_in);
}

/* Since when a node that stands in could be replaced; INT64_MAX: it can't. */
static int64_t replaceable_ns(const struct sim_leases *l,
                              const struct sim_lease_node *n)
{
    int64_t since_ns = INT64_MAX;

    if (n->stands_in == SP_NO_ID || n->life != SIM_NODE_READY)
        return INT64_MAX;
    for (int32_t o = 0; o < l->policy->n_types; o++)
        if (l->types[o].had_since_ns < since_ns && stood_in_for(l, n, o))
            since_ns = l->types[o].had_since_ns;
    return since_ns;
}

static bool may_return(const struct sim_leases *l, int32_t type)
{
    const struct model_node_type *nt = type_at(l, type);

    return l->types[type].stand_ins > 0 && nt->return_after_ns >= 0;
}

/* The node that has stood in for longest of those that may return by now, or SP_NO_ID;
 * *due_ns: when the next one may. */
static int32_t first_to_return(const struct sim_leases *l, int32_t type, int64_t now_ns,
                               int64_t *due_ns)
{
    int32_t best = SP_NO_ID;

    *due_ns = INT64_MAX;
    for (int32_t id = 0; id < l->n_nodes && may_return(l, type); id++) {
        int64_t at_ns;

        if (l->nodes[id].type != type)
            continue;
        at_ns = replaceable_ns(l, &l->nodes[id]);
        if (at_ns == INT64_MAX)
            continue;
        at_ns += type_at(l, type)->return_after_ns;
        if (at_ns > now_ns)
            *due_ns = at_ns < *due_ns ? at_ns : *due_ns;
        else if (best == SP_NO_ID || l->nodes[id].order < l->nodes[best].order)
            best = id;
    }
    return best;
}

/* How many nodes of the type may go now for options before it. */
static int64_t room_to_return(const struct sim_leases *l, int32_t type)
{
    const struct model_node_type *nt = type_at(l, type);
    int64_t n = 0;

    for (int32_t o = 0; o < l->policy->n_types; o++) {
        int32_t room, left;

        if (type_at(l, o)->fixed || !same_group(type_at(l, o), nt) ||
            type_at(l, o)->group_rank >= nt->group_rank)
            continue;
        room = sim_market_room(l, o);
        left = launches_left(l, o);
        n += room < left ? room : left;
    }
    return n - moves_of(l, nt);
}

/* As many nodes move as the earlier options have room for. */
static void move_back(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    int64_t due_ns;
    int32_t id;

    while (may_return(l, type) && room_to_return(l, type) > 0 &&
           (id = first_to_return(l, type, now_ns, &due_ns)) != SP_NO_ID)
        sim_loss_notice(l, id, SIM_LOSS_MOVED, INT64_MAX, now_ns);
}

/* ---- events ---- */

/* When a node may return: now, if there is room for it. */
static int64_t return_ns(const struct sim_leases *l, int32_t type, int64_t now_ns)
{
    int64_t due_ns;
    int32_t id;

    if (!may_return(l, type))
        return INT64_MAX;
    id = first_to_return(l, type, now_ns, &due_ns);
    return id != SP_NO_ID && room_to_return(l, type) > 0 ? now_ns : due_ns;
}

static void arm(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct sim_lease_type *t = &l->types[type];
    int64_t at_ns, other_ns;

    if (t->market_slot == SP_NO_ID || l->closed)
        return;
    at_ns = sim_record_event_ns(&type_at(l, type)->loss, now_ns);
    other_ns = launch_ns(l, type);
    if (other_ns > now_ns && other_ns < at_ns)
        at_ns = other_ns;
    other_ns = return_ns(l, type, now_ns);
    if (other_ns < at_ns)
        at_ns = other_ns;
    if (at_ns < SP_NS_FAR)
        sim_event_queue_set(l->queue, t->market_slot, at_ns, 1);
    else
        sim_event_queue_clear(l->queue, t->market_slot);
}

void sim_market_changed(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    struct sim_lease_type *t = &l->types[type];

    l->now_ns = now_ns;
    if (!can_be_had(l, type))
        t->had_since_ns = INT64_MAX;
    else if (t->had_since_ns == INT64_MAX)
        t->had_since_ns = now_ns;
    for (int32_t o = 0; o < l->policy->n_types; o++)
        if (o == type || (t->grouped && same_group(type_at(l, o), type_at(l, type))))
            arm(l, o, now_ns);
}

void sim_market_init(struct sim_leases *l, int32_t type)
{
    const struct model_node_type *nt = type_at(l, type);
    struct sim_lease_type *t = &l->types[type];

    t->there = t->stays = t->reach = NO_LIMIT;
    t->had_since_ns = INT64_MAX;
    t->grouped = has_options(l, type);
    t->market_slot = SP_NO_ID;
    if (nt->launch_max > 0)
        t->launched_ns =
            sp_arena_array(l->arena, (size_t)nt->launch_max, sizeof *t->launched_ns);
    if (nt->loss.availability != NULL)
        t->reach = sim_record_reach(&nt->loss);
    if (nt->loss.availability != NULL || nt->launch_max > 0 || t->grouped)
        t->market_slot = sim_event_queue_slot_new(l->queue, l->events.market, type);
}

void sim_market_open(struct sim_leases *l, int32_t type)
{
    look_at_record(l, type, 0);
    sim_market_changed(l, type, 0);
}

/* The newest node that has not been noticed. */
static int32_t newest(const struct sim_leases *l, int32_t type)
{
    int32_t best = SP_NO_ID;

    for (int32_t id = 0; id < l->n_nodes; id++) {
        const struct sim_lease_node *n = &l->nodes[id];
        bool stands = n->life == SIM_NODE_BOOTING || n->life == SIM_NODE_READY ||
                      n->life == SIM_NODE_BROKEN ||
                      (n->life == SIM_NODE_DRAINING && n->gone_ns == INT64_MAX);

        if (n->type == type && stands &&
            (best == SP_NO_ID || n->order > l->nodes[best].order))
            best = id;
    }
    return best;
}

/* The record has fewer nodes, now or a notice from now: the newest go. */
static void take_back(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct model_loss *loss = &type_at(l, type)->loss;
    struct sim_lease_type *t = &l->types[type];

    while (t->standing + t->moved > t->stays)
        sim_loss_notice(l, newest(l, type), SIM_LOSS_INTERRUPTED,
                        sim_record_fewer_ns(loss, t->standing + t->moved, now_ns),
                        now_ns);
}

void sim_market_event(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct sim_lease_type *t = &l->types[type];
    bool had = t->had_since_ns < INT64_MAX, kept;

    l->now_ns = now_ns;
    look_at_record(l, type, now_ns);
    if (type_at(l, type)->loss.availability != NULL)
        take_back(l, type, now_ns);
    move_back(l, type, now_ns);
    kept = sim_market_keep_min(l, type, now_ns);
    sim_market_changed(l, type, now_ns);
    if (kept || (!had && t->had_since_ns < INT64_MAX))
        sim_lease_wake_all(l, now_ns);
    else
        sim_lease_wake(l, now_ns);
}

/* ---- buying ---- */

static void launched(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct model_node_type *nt = type_at(l, type);
    struct sim_lease_type *t = &l->types[type];

    if (nt->launch_max == 0)
        return;
    t->launched_ns[t->launches % nt->launch_max] = now_ns;
    t->launches++;
}

bool sim_market_keep_min(struct sim_leases *l, int32_t type, int64_t now_ns)
{
    const struct model_node_type *nt = type_at(l, type);
    int32_t least = nt->fixed ? nt->count : nt->min;
    bool any = false;

    l->now_ns = now_ns;
    while (!l->closed && l->types[type].standing < least && can_be_had(l, type)) {
        launched(l, type, now_ns);
        sim_lease_new(l, type, SIM_LEASE_SPARE, now_ns);
        sim_reason_count(
            l, &(struct sim_lease_reason){type, SP_NO_ID, SP_NO_ID, SP_NO_ID, 1});
        any = true;
    }
    return any;
}

/* The first option of the group of `first` that can be had for the shape; *passed: the
 * first that could be, were it there. */
static int32_t option_of(struct sim_leases *l, int32_t first, int32_t shape,
                         int32_t *passed)
{
    *passed = SP_NO_ID;
    for (int32_t o = first; o < l->policy->n_types; o++) {
        if (!same_group(type_at(l, o), type_at(l, first)) || type_at(l, o)->fixed ||
            !sim_nodes_type_holds(l->nodes_free, o, shape))
            continue;
        if (can_be_had(l, o))
            return o;
        l->types[o].wanted = true;
        if (*passed == SP_NO_ID)
            *passed = o;
    }
    return SP_NO_ID;
}

static bool leads_group(const struct sim_leases *l, int32_t type)
{
    for (int32_t t = 0; t < type && l->types[type].grouped; t++)
        if (same_group(type_at(l, t), type_at(l, type)))
            return false;
    return true;
}

static bool better(const struct sim_leases *l, int32_t a, int32_t b, int32_t shape)
{
    const struct sim_room *need = sim_nodes_need(l->nodes_free, shape);
    bool no_gpu = need->whole_gpus == 0 && need->share_mgpu == 0;
    bool a_wastes = no_gpu && type_at(l, a)->has.mgpu > 0;
    bool b_wastes = b != SP_NO_ID && no_gpu && type_at(l, b)->has.mgpu > 0;

    return b == SP_NO_ID || a_wastes < b_wastes ||
           (a_wastes == b_wastes &&
            sim_reason_cost(l, a, shape) < sim_reason_cost(l, b, shape));
}

/* The best type, with the next best and the option that it stands in for. */
static struct sim_lease_reason rank(struct sim_leases *l, int32_t shape)
{
    struct sim_lease_reason r = {SP_NO_ID, shape, SP_NO_ID, SP_NO_ID, 1};

    for (int32_t t = 0; t < l->policy->n_types; t++) {
        int32_t passed, option;

        if (!leads_group(l, t))
            continue;
        option = option_of(l, t, shape, &passed);
        if (option == SP_NO_ID)
            continue;
        if (better(l, option, r.type, shape)) {
            r.runner = r.type;
            r.type = option;
            r.passed = passed;
        } else if (better(l, option, r.runner, shape)) {
            r.runner = option;
        }
    }
    return r;
}

/* Whether nodes for it are bought at all: of a fixed fleet nothing is requested. */
static bool is_bought(const struct sim_leases *l, int32_t shape)
{
    for (int32_t t = 0; t < l->policy->n_types; t++)
        if (!type_at(l, t)->fixed && sim_nodes_type_holds(l->nodes_free, t, shape))
            return true;
    return false;
}

int32_t sim_leases_choose(struct sim_leases *l, int32_t shape)
{
    int32_t type = rank(l, shape).type;

    if (type == SP_NO_ID) {
        l->launches_refused += !l->refused && is_bought(l, shape);
        l->refused = true;
    }
    return type;
}

int32_t sim_leases_choose_beside(struct sim_leases *l, int32_t shape,
                                 const int32_t *taken)
{
    int32_t type;

    l->beside = taken;
    type = sim_leases_choose(l, shape);
    l->beside = NULL;
    return type;
}

int32_t sim_leases_buy(struct sim_leases *l, int32_t type, int32_t shape,
                       int64_t now_ns)
{
    struct sim_lease_reason r;
    int32_t id, reason;

    l->now_ns = now_ns;
    r = rank(l, shape);
    if (r.type != type) /* the owner has its own reason */
        r = (struct sim_lease_reason){type, shape, SP_NO_ID, SP_NO_ID, 1};
    l->launches_refused += r.passed != SP_NO_ID;
    launched(l, type, now_ns);
    reason = sim_reason_count(l, &r);
    id = sim_lease_new(l, type, SIM_LEASE_BOOTS, now_ns);
    l->nodes[id].reason = reason;
    if (r.passed != SP_NO_ID) {
        l->nodes[id].stands_in = shape;
        l->types[type].stand_ins++;
    }
    return id;
}
