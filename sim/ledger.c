/* Billing and attribution of leases. */
#include "sim/ledger.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/id_table.h"

const double sim_ledger_rates[MODEL_RESOURCES] = {
    [MODEL_GPU] = 0.95,
    [MODEL_CPU] = 0.031611,
    [MODEL_MEMORY] = 0.004237,
};

struct stage_row {
    int32_t owner, line; /* line: the first row of the workload with this name */
    const char *name;    /* NULL: the workload's own */
    struct model_amounts slot_needs;
    int64_t uusd;
};

struct owner_row {
    int32_t workload, team;
    int64_t idle_uusd;
    sp_i128 allocated[MODEL_RESOURCES], busy[MODEL_RESOURCES];
};

/* Time of one owner or stage on one node, during its lease. */
struct booking {
    int32_t next; /* of the node */
    int32_t row;  /* of an owner, or ~row of a stage */
    sp_i128 amount_ns[MODEL_RESOURCES];
};

struct sim_ledger {
    struct sp_arena *arena;
    const struct model_policy *policy;
    struct sim_ledger_type *types;
    int32_t n_owners, owners_room, n_stages, stages_room;
    struct owner_row *owners;
    struct stage_row *stages;
    int64_t unallocated_uusd[MODEL_RESOURCES], rounding_uusd, total_uusd;
    bool memory_asked; /* by some stage: else memory carries no part of a price */
    struct model_ledger total[MODEL_RESOURCES];
    int32_t n_nodes, n_bookings, bookings_room, free_booking;
    int32_t *first; /* booking of a node, plus 1 */
    struct booking *bookings;
    struct sim_id_table booked; /* by node and row */
};

int64_t sim_amount(const struct model_amounts *a, int r)
{
    switch (r) {
    case MODEL_GPU:
        return a->mgpu;
    case MODEL_CPU:
        return a->mcpu;
    default:
        return a->memory_bytes > 0 ? a->memory_bytes : 0;
    }
}

struct sim_ledger *sim_ledger_new(struct sp_arena *arena,
                                  const struct model_policy *policy)
{
    struct sim_ledger *l = sp_arena_alloc(arena, sizeof *l);

    l->arena = arena;
    l->policy = policy;
    l->types = sp_arena_array(arena, (size_t)policy->n_types, sizeof *l->types);
    l->free_booking = SP_NO_ID;
    return l;
}

int32_t sim_ledger_owner_new(struct sim_ledger *l, int32_t workload, int32_t team)
{
    for (int32_t o = 0; o < l->n_owners; o++)
        if (l->owners[o].workload == workload && l->owners[o].team == team)
            return o;
    l->owners = sp_arena_more(l->arena, l->owners, l->n_owners, &l->owners_room,
                              sizeof *l->owners);
    l->owners[l->n_owners] = (struct owner_row){.workload = workload, .team = team};
    return l->n_owners++;
}

static int32_t workload_of(const struct sim_ledger *l, int32_t stage)
{
    return l->owners[l->stages[stage].owner].workload;
}

static bool same_line(const struct sim_ledger *l, int32_t stage, int32_t workload,
                      const char *name)
{
    const char *has = l->stages[stage].name;

    return workload_of(l, stage) == workload &&
           (has == NULL ? name == NULL : name != NULL && strcmp(has, name) == 0);
}

int32_t sim_ledger_stage_new(struct sim_ledger *l, int32_t owner, const char *name,
                             struct model_amounts slot_needs)
{
    int32_t line = 0;

    sp_assert(owner >= 0 && owner < l->n_owners);
    while (line < l->n_stages && !same_line(l, line, l->owners[owner].workload, name))
        line++;
    l->stages = sp_arena_more(l->arena, l->stages, l->n_stages, &l->stages_room,
                              sizeof *l->stages);
    l->stages[l->n_stages] = (struct stage_row){
        .owner = owner, .line = line, .name = name, .slot_needs = slot_needs};
    l->memory_asked = l->memory_asked || slot_needs.memory_bytes > 0;
    return l->n_stages++;
}

/* ---- bookings ---- */

static int32_t *first_of(struct sim_ledger *l, int32_t node)
{
    if (node >= l->n_nodes) {
        size_t want = (size_t)node * 2 + 16;

        l->first = sp_arena_grow(l->arena, l->first, (size_t)l->n_nodes, want,
                                 sizeof *l->first);
        l->n_nodes = (int32_t)want;
    }
    return &l->first[node];
}

static uint64_t booking_key(int32_t node, int32_t row)
{
    return (uint64_t)(uint32_t)node << 32 | (uint32_t)row;
}

static int32_t booking_new(struct sim_ledger *l)
{
    int32_t id = l->free_booking;

    if (id != SP_NO_ID) {
        l->free_booking = l->bookings[id].next;
        return id;
    }
    l->bookings = sp_arena_more(l->arena, l->bookings, l->n_bookings, &l->bookings_room,
                                sizeof *l->bookings);
    return l->n_bookings++;
}

/* The booking of a row on a node: an empty one where there was none. */
static struct booking *booking_of(struct sim_ledger *l, int32_t node, int32_t row)
{
    uint64_t key = booking_key(node, row);
    int32_t id = sim_id_table_find(&l->booked, key), *first;

    if (id == SP_NO_ID) {
        first = first_of(l, node);
        id = booking_new(l);
        l->bookings[id] = (struct booking){.next = *first - 1, .row = row};
        *first = id + 1;
        sim_id_table_put(&l->booked, l->arena, key, id);
    }
    return &l->bookings[id];
}

static void forget_bookings(struct sim_ledger *l, int32_t node)
{
    int32_t id = *first_of(l, node) - 1;

    while (id != SP_NO_ID) {
        int32_t next = l->bookings[id].next;

        sim_id_table_remove(&l->booked, booking_key(node, l->bookings[id].row));
        l->bookings[id].next = l->free_booking;
        l->free_booking = id;
        id = next;
    }
    l->first[node] = 0;
}

void sim_ledger_allocated(struct sim_ledger *l, int32_t node, int32_t owner,
                          const sp_i128 amount_ns[MODEL_RESOURCES])
{
    struct booking *b = booking_of(l, node, owner);

    sp_assert(owner >= 0 && owner < l->n_owners);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b->amount_ns[r] += amount_ns[r];
}

void sim_ledger_busy_amounts(struct sim_ledger *l, int32_t node, int32_t stage,
                             const sp_i128 amount_ns[MODEL_RESOURCES])
{
    struct booking *b = booking_of(l, node, ~stage);

    sp_assert(stage >= 0 && stage < l->n_stages);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b->amount_ns[r] += amount_ns[r];
}

void sim_ledger_busy(struct sim_ledger *l, int32_t node, int32_t stage, sp_i128 ns)
{
    sp_i128 amount_ns[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = ns * sim_amount(&l->stages[stage].slot_needs, r);
    sim_ledger_busy_amounts(l, node, stage, amount_ns);
}

/* ---- bills ---- */

int64_t sim_ledger_billed_ns(const struct model_node_type *type, int64_t held_ns)
{
    int64_t step = type->billing == MODEL_BILLING_HOUR ? SP_NS_PER_H : SP_NS_PER_S;
    int64_t ns =
        held_ns > type->billing_minimum_ns ? held_ns : type->billing_minimum_ns;

    return held_ns == 0 ? 0 : (ns + step - 1) / step * step;
}

int64_t sim_ledger_uusd(int64_t uusd_per_h, int64_t billed_ns)
{
    return (int64_t)(((sp_i128)uusd_per_h * billed_ns + SP_NS_PER_H / 2) / SP_NS_PER_H);
}

/* Weights of a node's resources in its price: they add up to 1. */
static void price_weights(const struct sim_ledger *l, const struct model_amounts *has,
                          double w[MODEL_RESOURCES])
{
    static const double unit[MODEL_RESOURCES] = {
        [MODEL_GPU] = 1000, [MODEL_CPU] = 1000, [MODEL_MEMORY] = 1073741824.0};
    double sum = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        w[r] = sim_ledger_rates[r] * (double)sim_amount(has, r) / unit[r];
        if (r == MODEL_MEMORY && !l->memory_asked)
            w[r] = 0;
        sum += w[r];
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        w[r] = sum > 0 ? w[r] / sum : 0;
}

/* Resource-time of one lease in one resource, and law 1 for it. */
struct lease_use {
    sp_i128 provisioned, allocated, busy;
};

/* A lease, and how its cost is split: a booking of a stage carries its busy time, one
 * of an owner (once that is taken off) its idle time; the rest is unallocated. */
struct attribution {
    int32_t first; /* of the lease's bookings */
    int64_t held_ns, uusd;
    double weight[MODEL_RESOURCES];
    struct lease_use use[MODEL_RESOURCES];
};

static void count_booking(struct sim_ledger *l, struct attribution *a,
                          const struct booking *b)
{
    struct owner_row *o = &l->owners[b->row >= 0 ? b->row : l->stages[~b->row].owner];

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        if (a->use[r].provisioned == 0)
            continue; /* a resource that this node does not count */
        *(b->row >= 0 ? &a->use[r].allocated : &a->use[r].busy) += b->amount_ns[r];
        *(b->row >= 0 ? &o->allocated[r] : &o->busy[r]) += b->amount_ns[r];
    }
}

static void count_lease(struct sim_ledger *l, struct attribution *a,
                        const struct model_amounts *has)
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        a->use[r].provisioned = (sp_i128)sim_amount(has, r) * a->held_ns;
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next)
        count_booking(l, a, &l->bookings[i]);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct lease_use *u = &a->use[r];

        sp_assert(u->busy <= u->allocated && u->allocated <= u->provisioned);
        l->total[r].provisioned += u->provisioned;
        l->total[r].allocated += u->allocated;
        l->total[r].busy += u->busy;
    }
}

/* Takes the busy time of stages off the time of their owners: what is left is idle. */
static void leave_idle(struct sim_ledger *l, int32_t node, const struct attribution *a)
{
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next) {
        const struct booking *b = &l->bookings[i];
        struct booking *of;

        if (b->row >= 0)
            continue;
        of = &l->bookings[sim_id_table_find(
            &l->booked, booking_key(node, l->stages[~b->row].owner))];
        for (int r = 0; r < MODEL_RESOURCES; r++)
            of->amount_ns[r] -= b->amount_ns[r];
    }
}

static double part_of(const struct attribution *a, const sp_i128 *amount_ns)
{
    double part = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (a->use[r].provisioned > 0)
            part += a->weight[r] * (double)amount_ns[r] / (double)a->use[r].provisioned;
    return part;
}

static double unallocated_part(const struct attribution *a, int r)
{
    const struct lease_use *u = &a->use[r];

    if (u->provisioned == 0)
        return 0;
    return a->weight[r] * (double)(u->provisioned - u->allocated) /
           (double)u->provisioned;
}

/* The line that a lease's largest share goes to, so far: of equal ones the first in
 * the order of stages, owners, resources. */
struct largest {
    int64_t share_uusd, place;
    int64_t *to;
};

enum { PLACE_OWNER = 1, PLACE_UNALLOCATED };

static void give_share(const struct attribution *a, double part, int64_t *to,
                       int64_t place, int64_t *left, struct largest *most)
{
    int64_t share = (int64_t)floor((double)a->uusd * part);

    *to += share;
    *left -= share;
    if (most->to == NULL || share > most->share_uusd ||
        (share == most->share_uusd && place < most->place))
        *most = (struct largest){share, place, to};
}

/* Splits the cost over the lines; what rounding leaves goes to the largest. */
static void attribute(struct sim_ledger *l, const struct attribution *a)
{
    int64_t left = a->uusd;
    struct largest most = {.to = NULL};

    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next) {
        const struct booking *b = &l->bookings[i];
        bool idle = b->row >= 0;
        int32_t row = idle ? b->row : ~b->row;

        give_share(a, part_of(a, b->amount_ns),
                   idle ? &l->owners[row].idle_uusd : &l->stages[row].uusd,
                   (idle ? (int64_t)PLACE_OWNER << 32 : 0) + row, &left, &most);
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        give_share(a, unallocated_part(a, r), &l->unallocated_uusd[r],
                   ((int64_t)PLACE_UNALLOCATED << 32) + r, &left, &most);
    *most.to += left;
}

void sim_ledger_close(struct sim_ledger *l, int32_t node, int32_t type, int64_t from_ns,
                      int64_t to_ns)
{
    const struct model_node_type *t = &l->policy->types[type];
    int64_t held = to_ns - from_ns, billed = sim_ledger_billed_ns(t, held);
    int64_t uusd = sim_ledger_uusd(t->uusd_per_h, billed);
    int64_t of_held = billed == 0 ? 0 : (int64_t)((sp_i128)uusd * held / billed);
    struct attribution a = {
        .first = *first_of(l, node) - 1, .held_ns = held, .uusd = of_held};

    price_weights(l, &t->has, a.weight);
    count_lease(l, &a, &t->has);
    leave_idle(l, node, &a);
    if (held > 0)
        attribute(l, &a);
    l->rounding_uusd += uusd - of_held;
    l->total_uusd += uusd;
    l->types[type].held_ns += held;
    l->types[type].billed_ns += billed;
    l->types[type].uusd += uusd;
    l->types[type].leases++;
    forget_bookings(l, node);
}

const struct sim_ledger_type *sim_ledger_type(const struct sim_ledger *l, int32_t type)
{
    return &l->types[type];
}

struct model_ledger sim_ledger_total(const struct sim_ledger *l, int r)
{
    return l->total[r];
}

int64_t sim_ledger_total_uusd(const struct sim_ledger *l)
{
    return l->total_uusd;
}

void sim_ledger_teams(const struct sim_ledger *l, int32_t n_teams,
                      struct sim_ledger_team *teams)
{
    memset(teams, 0, (size_t)n_teams * sizeof *teams);
    for (int32_t o = 0; o < l->n_owners; o++) {
        const struct owner_row *row = &l->owners[o];

        sp_assert(row->team >= 0 && row->team < n_teams);
        teams[row->team].idle_uusd += row->idle_uusd;
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            teams[row->team].allocated[r] += row->allocated[r];
            teams[row->team].busy[r] += row->busy[r];
        }
    }
    for (int32_t s = 0; s < l->n_stages; s++)
        teams[l->owners[l->stages[s].owner].team].busy_uusd += l->stages[s].uusd;
}

/* ---- lines ---- */

struct lines {
    struct model_cost_line *out;
    int32_t n;
    int64_t sum;
};

static void add_line(struct lines *to, struct model_cost_line line)
{
    if (line.uusd != 0)
        to->out[to->n++] = line;
    to->sum += line.uusd;
}

static int64_t *busy_by_line(const struct sim_ledger *l, struct sp_arena *arena)
{
    int64_t *uusd = sp_arena_array(arena, (size_t)l->n_stages, sizeof *uusd);

    for (int32_t s = 0; s < l->n_stages; s++)
        uusd[l->stages[s].line] += l->stages[s].uusd;
    return uusd;
}

static int64_t *idle_by_workload(const struct sim_ledger *l, struct sp_arena *arena)
{
    int64_t *uusd = sp_arena_array(arena, (size_t)l->policy->n_plans, sizeof *uusd);

    for (int32_t o = 0; o < l->n_owners; o++)
        uusd[l->owners[o].workload] += l->owners[o].idle_uusd;
    return uusd;
}

void sim_ledger_lines(const struct sim_ledger *l, struct sp_arena *arena,
                      const char *const *workloads, struct model_cost_line **lines,
                      int32_t *n_lines)
{
    int32_t most = l->n_stages + l->policy->n_plans + MODEL_RESOURCES + 1;
    int64_t *busy = busy_by_line(l, arena), *idle = idle_by_workload(l, arena);
    struct lines to = {.out = sp_arena_array(arena, (size_t)most, sizeof *to.out)};

    for (int32_t s = 0; s < l->n_stages; s++)
        add_line(&to,
                 (struct model_cost_line){workloads[workload_of(l, s)],
                                          l->stages[s].name, MODEL_LINE_BUSY, busy[s]});
    for (int32_t w = 0; w < l->policy->n_plans; w++)
        add_line(&to, (struct model_cost_line){workloads[w], NULL, MODEL_LINE_IDLE,
                                               idle[w]});
    for (int r = 0; r < MODEL_RESOURCES; r++)
        add_line(&to,
                 (struct model_cost_line){
                     NULL, NULL, (enum model_line_kind)(MODEL_LINE_UNALLOCATED + r),
                     l->unallocated_uusd[r]});
    add_line(&to, (struct model_cost_line){NULL, NULL, MODEL_LINE_ROUNDING,
                                           l->rounding_uusd});
    sp_assert(to.sum == l->total_uusd);
    *lines = to.out;
    *n_lines = to.n;
}
