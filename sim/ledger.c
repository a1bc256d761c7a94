/* Billing and attribution of leases. */
#include "sim/ledger.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/ledger_rows.h"

const double sim_ledger_rates[MODEL_RESOURCES] = {
    [MODEL_GPU] = 0.95,
    [MODEL_CPU] = 0.031611,
    [MODEL_MEMORY] = 0.004237,
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
    l->owners[l->n_owners] =
        (struct sim_ledger_owner){.workload = workload, .team = team};
    return l->n_owners++;
}

int32_t sim_ledger_workload_of(const struct sim_ledger *l, int32_t stage)
{
    return l->owners[l->stages[stage].owner].workload;
}

static bool same_line(const struct sim_ledger *l, int32_t stage, int32_t workload,
                      const char *name)
{
    const char *has = l->stages[stage].name;

    return sim_ledger_workload_of(l, stage) == workload &&
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
    l->stages[l->n_stages] = (struct sim_ledger_stage){
        .owner = owner, .line = line, .name = name, .slot_needs = slot_needs};
    l->memory_asked = l->memory_asked || slot_needs.memory_bytes > 0;
    return l->n_stages++;
}

/* ---- bookings ---- */

static struct sim_ledger_node *node_of(struct sim_ledger *l, int32_t node)
{
    if (node >= l->n_nodes) {
        size_t want = (size_t)node * 2 + 16;

        l->nodes = sp_arena_grow(l->arena, l->nodes, (size_t)l->n_nodes, want,
                                 sizeof *l->nodes);
        l->n_nodes = (int32_t)want;
    }
    return &l->nodes[node];
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
static struct sim_booking *booking_of(struct sim_ledger *l, int32_t node, int32_t row)
{
    uint64_t key = booking_key(node, row);
    int32_t id = sim_id_table_find(&l->booked, key);

    if (id == SP_NO_ID) {
        struct sim_ledger_node *n = node_of(l, node);

        id = booking_new(l);
        l->bookings[id] = (struct sim_booking){.next = n->first - 1, .row = row};
        n->first = id + 1;
        sim_id_table_put(&l->booked, l->arena, key, id);
    }
    return &l->bookings[id];
}

static void forget_node(struct sim_ledger *l, int32_t node)
{
    int32_t id = node_of(l, node)->first - 1;

    while (id != SP_NO_ID) {
        int32_t next = l->bookings[id].next;

        sim_id_table_remove(&l->booked, booking_key(node, l->bookings[id].row));
        l->bookings[id].next = l->free_booking;
        l->free_booking = id;
        id = next;
    }
    l->nodes[node] = (struct sim_ledger_node){0};
}

static void add_amounts(sp_i128 to[MODEL_RESOURCES],
                        const sp_i128 amount_ns[MODEL_RESOURCES])
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        to[r] += amount_ns[r];
}

static void slot_amounts(const struct sim_ledger *l, int32_t stage, sp_i128 ns,
                         sp_i128 amount_ns[MODEL_RESOURCES])
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = ns * sim_amount(&l->stages[stage].slot_needs, r);
}

void sim_ledger_allocated(struct sim_ledger *l, int32_t node, int32_t owner,
                          const sp_i128 amount_ns[MODEL_RESOURCES])
{
    sp_assert(owner >= 0 && owner < l->n_owners);
    add_amounts(booking_of(l, node, owner)->amount_ns, amount_ns);
}

void sim_ledger_busy_amounts(struct sim_ledger *l, int32_t node, int32_t stage,
                             const sp_i128 amount_ns[MODEL_RESOURCES])
{
    sp_assert(stage >= 0 && stage < l->n_stages);
    add_amounts(booking_of(l, node, ~stage)->amount_ns, amount_ns);
}

void sim_ledger_busy(struct sim_ledger *l, int32_t node, int32_t stage, sp_i128 ns)
{
    sp_i128 amount_ns[MODEL_RESOURCES];

    slot_amounts(l, stage, ns, amount_ns);
    sim_ledger_busy_amounts(l, node, stage, amount_ns);
}

void sim_ledger_redone_amounts(struct sim_ledger *l, int32_t node, int32_t stage,
                               const sp_i128 amount_ns[MODEL_RESOURCES])
{
    sp_assert(stage >= 0 && stage < l->n_stages);
    add_amounts(booking_of(l, node, ~stage)->of_ns[SIM_OF_REDONE], amount_ns);
}

void sim_ledger_redone(struct sim_ledger *l, int32_t node, int32_t stage, sp_i128 ns)
{
    sp_i128 amount_ns[MODEL_RESOURCES];

    slot_amounts(l, stage, ns, amount_ns);
    sim_ledger_redone_amounts(l, node, stage, amount_ns);
}

void sim_ledger_waited(struct sim_ledger *l, int32_t node, int32_t owner,
                       enum model_part part, const struct model_amounts *amounts,
                       sp_i128 ns)
{
    struct sim_booking *b = booking_of(l, node, owner);

    sp_assert(owner >= 0 && owner < l->n_owners && part >= MODEL_PART_TRANSFER &&
              part <= MODEL_PART_BOOT);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b->of_ns[part - MODEL_PART_TRANSFER][r] += ns * sim_amount(amounts, r);
}

void sim_ledger_booted(struct sim_ledger *l, int32_t node, int64_t boot_ns)
{
    node_of(l, node)->boot_ns = boot_ns;
}

void sim_ledger_in_boot(struct sim_ledger *l, int32_t node,
                        const sp_i128 amount_ns[MODEL_RESOURCES])
{
    add_amounts(node_of(l, node)->in_boot_ns, amount_ns);
}

void sim_ledger_stranded(struct sim_ledger *l, int32_t node,
                         const sp_i128 amount_ns[MODEL_RESOURCES])
{
    add_amounts(node_of(l, node)->stranded_ns, amount_ns);
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

static void count_booking(struct sim_ledger *l, struct sim_attribution *a,
                          const struct sim_booking *b)
{
    struct sim_ledger_owner *o =
        &l->owners[b->row >= 0 ? b->row : l->stages[~b->row].owner];

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        if (a->use[r].provisioned == 0)
            continue; /* a resource that this node does not count */
        *(b->row >= 0 ? &a->use[r].allocated : &a->use[r].busy) += b->amount_ns[r];
        *(b->row >= 0 ? &o->allocated[r] : &o->busy[r]) += b->amount_ns[r];
    }
}

static void count_lease(struct sim_ledger *l, struct sim_attribution *a,
                        const struct model_amounts *has)
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        a->use[r] = (struct sim_lease_use){
            .provisioned = (sp_i128)sim_amount(has, r) * a->held_ns,
            .stranded = l->nodes[a->node].stranded_ns[r]};
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next)
        count_booking(l, a, &l->bookings[i]);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct sim_lease_use *u = &a->use[r];

        sp_assert(u->busy <= u->allocated && u->allocated <= u->provisioned);
        sp_assert(u->stranded <= u->provisioned - u->allocated);
        l->total[r].provisioned += u->provisioned;
        l->total[r].allocated += u->allocated;
        l->total[r].busy += u->busy;
        l->total[r].stranded += u->stranded;
    }
}

/* Takes the busy time of stages off the time of their owners: what is left is idle. */
static void leave_idle(struct sim_ledger *l, const struct sim_attribution *a)
{
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next) {
        const struct sim_booking *b = &l->bookings[i];
        struct sim_booking *of;

        if (b->row >= 0)
            continue;
        of = &l->bookings[sim_id_table_find(
            &l->booked, booking_key(a->node, l->stages[~b->row].owner))];
        for (int r = 0; r < MODEL_RESOURCES; r++)
            of->amount_ns[r] -= b->amount_ns[r];
    }
}

double sim_ledger_part_of(const struct sim_attribution *a, int r, sp_i128 amount_ns)
{
    if (a->use[r].provisioned == 0)
        return 0;
    return a->weight[r] * (double)amount_ns / (double)a->use[r].provisioned;
}

static double booking_part(const struct sim_attribution *a, const struct sim_booking *b)
{
    double part = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        part += sim_ledger_part_of(a, r, b->amount_ns[r]);
    return part;
}

/* The share that a lease's largest is, so far: of equal ones the first in the order of
 * stages, owners, resources. */
struct largest {
    int64_t share_uusd, place;
    int64_t *to;
};

enum { PLACE_OWNER = 1, PLACE_UNALLOCATED };

static void give_share(const struct sim_attribution *a, double part, int64_t *to,
                       int64_t place, int64_t *left, struct largest *most)
{
    int64_t share = (int64_t)floor((double)a->uusd * part);

    *to = share;
    *left -= share;
    if (most->to == NULL || share > most->share_uusd ||
        (share == most->share_uusd && place < most->place))
        *most = (struct largest){share, place, to};
}

/* Splits the cost into shares; what rounding leaves goes to the largest. */
static void share_out(struct sim_ledger *l, struct sim_attribution *a)
{
    int64_t left = a->uusd;
    struct largest most = {.to = NULL};

    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next) {
        struct sim_booking *b = &l->bookings[i];
        bool idle = b->row >= 0;

        give_share(a, booking_part(a, b), &b->share_uusd,
                   (idle ? (int64_t)PLACE_OWNER << 32 : 0) + (idle ? b->row : ~b->row),
                   &left, &most);
    }
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct sim_lease_use *u = &a->use[r];

        give_share(a, sim_ledger_part_of(a, r, u->provisioned - u->allocated),
                   &a->unallocated_uusd[r], ((int64_t)PLACE_UNALLOCATED << 32) + r,
                   &left, &most);
    }
    *most.to += left;
}

/* The shares go to lines. */
static void take_shares(struct sim_ledger *l, const struct sim_attribution *a)
{
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next) {
        const struct sim_booking *b = &l->bookings[i];

        *(b->row >= 0 ? &l->owners[b->row].idle_uusd : &l->stages[~b->row].uusd) +=
            b->share_uusd;
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        l->unallocated_uusd[r] += a->unallocated_uusd[r];
}

/* What of a bill is for the time held. */
static int64_t of_held_uusd(int64_t uusd, int64_t held_ns, int64_t billed_ns)
{
    return billed_ns == 0 ? 0 : (int64_t)((sp_i128)uusd * held_ns / billed_ns);
}

static int64_t list_price(const struct model_node_type *t)
{
    return t->has_list_price ? t->list_uusd_per_h : t->uusd_per_h;
}

void sim_ledger_close(struct sim_ledger *l, int32_t node, int32_t type, int64_t from_ns,
                      int64_t to_ns)
{
    const struct model_node_type *t = &l->policy->types[type];
    int64_t held = to_ns - from_ns, billed = sim_ledger_billed_ns(t, held);
    int64_t uusd = sim_ledger_uusd(t->uusd_per_h, billed);
    int64_t list = sim_ledger_uusd(list_price(t), billed);
    int64_t of_held = of_held_uusd(uusd, held, billed);
    int64_t list_of_held = of_held_uusd(list, held, billed);
    struct sim_attribution a = {.node = node,
                                .type = type,
                                .first = node_of(l, node)->first - 1,
                                .held_ns = held,
                                .uusd = of_held};

    price_weights(l, &t->has, a.weight);
    count_lease(l, &a, &t->has);
    leave_idle(l, &a);
    if (held > 0) {
        sim_ledger_cells_time(l, &a);
        share_out(l, &a);
        take_shares(l, &a);
        sim_ledger_cells_money(l, &a, list == uusd ? SIM_EITHER : SIM_AS_PAID);
        if (list != uusd) {
            a.uusd = list_of_held;
            share_out(l, &a);
            sim_ledger_cells_money(l, &a, SIM_AT_LIST);
        }
    }
    sim_ledger_cells_rounding(l, type, uusd - of_held, list - list_of_held);
    l->rounding_uusd += uusd - of_held;
    l->total_uusd += uusd;
    l->types[type].held_ns += held;
    l->types[type].billed_ns += billed;
    l->types[type].uusd += uusd;
    l->types[type].leases++;
    forget_node(l, node);
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
