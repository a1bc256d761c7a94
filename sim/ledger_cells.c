/* The bill taken apart: what each share of a lease was paid for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/ledger_rows.h"

/* ---- one lease ---- */

/* Cells of a row on nodes of a type. */
static struct sim_ledger_cells *cells_of(struct sim_ledger *l, int32_t type,
                                         int32_t row)
{
    uint64_t key = (uint64_t)(uint32_t)type << 32 | (uint32_t)row;
    int32_t id = sim_id_table_find(&l->cells_of, key);

    if (id != SP_NO_ID)
        return &l->cells[id];
    l->cells =
        sp_arena_more(l->arena, l->cells, l->n_cells, &l->cells_room, sizeof *l->cells);
    l->cells[l->n_cells] = (struct sim_ledger_cells){.type = type, .row = row};
    sim_id_table_put(&l->cells_of, l->arena, key, l->n_cells);
    return &l->cells[l->n_cells++];
}

/* The part of a row's time that has no other. */
static enum model_part rest_of(int32_t row)
{
    if (row == SIM_NOBODYS)
        return MODEL_PART_UNUSED;
    return row >= 0 ? MODEL_PART_IDLE : MODEL_PART_WORK;
}

/* A booking's time by part; an owner's is what its stages left of it. */
static void booking_parts(const struct sim_booking *b, int r, sp_i128 ns[MODEL_PARTS])
{
    enum model_part rest = rest_of(b->row);

    ns[rest] = b->amount_ns[r];
    if (b->row < 0) {
        ns[MODEL_PART_REDONE] = b->of_ns[SIM_OF_REDONE][r];
        ns[rest] -= ns[MODEL_PART_REDONE];
    }
    for (int p = 0; b->row >= 0 && p < SIM_OF_PARTS; p++) {
        ns[MODEL_PART_TRANSFER + p] = b->of_ns[p][r];
        ns[rest] -= b->of_ns[p][r];
    }
    sp_assert(ns[rest] >= 0);
}

/* The same of what is allocated to nobody. */
static void nobodys_parts(const struct sim_ledger *l, const struct sim_attribution *a,
                          int r, sp_i128 ns[MODEL_PARTS])
{
    const struct sim_ledger_node *n = &l->nodes[a->node];
    const struct model_amounts *has = &l->policy->types[a->type].has;

    ns[MODEL_PART_BOOT] = (sp_i128)sim_amount(has, r) * n->boot_ns - n->in_boot_ns[r];
    ns[MODEL_PART_STRANDED] = a->use[r].stranded;
    ns[MODEL_PART_UNUSED] = a->use[r].provisioned - a->use[r].allocated -
                            a->use[r].stranded - ns[MODEL_PART_BOOT];
    sp_assert(ns[MODEL_PART_BOOT] >= 0 && ns[MODEL_PART_UNUSED] >= 0);
}

/* By part, all 0 of a resource that the node does not count. */
static void parts_of(const struct sim_ledger *l, const struct sim_attribution *a,
                     const struct sim_booking *b, int r, sp_i128 ns[MODEL_PARTS])
{
    memset(ns, 0, MODEL_PARTS * sizeof *ns);
    if (a->use[r].provisioned == 0)
        return;
    if (b != NULL)
        booking_parts(b, r, ns);
    else
        nobodys_parts(l, a, r, ns);
}

static void add_time(struct sim_ledger *l, const struct sim_attribution *a,
                     const struct sim_booking *b)
{
    struct sim_ledger_cells *to =
        cells_of(l, a->type, b != NULL ? b->row : SIM_NOBODYS);
    sp_i128 ns[MODEL_PARTS];

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        parts_of(l, a, b, r, ns);
        for (int p = 0; p < MODEL_PARTS; p++)
            to->of[p][r].amount_ns += ns[p];
    }
}

void sim_ledger_cells_time(struct sim_ledger *l, const struct sim_attribution *a)
{
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next)
        add_time(l, a, &l->bookings[i]);
    add_time(l, a, NULL);
}

/* What the parts of resources from..to bear of a lease's price, as a running sum. */
static double running_sum(const struct sim_ledger *l, const struct sim_attribution *a,
                          const struct sim_booking *b, int from, int to,
                          double sum[MODEL_RESOURCES][MODEL_PARTS])
{
    sp_i128 ns[MODEL_PARTS];
    double all = 0;

    for (int r = from; r <= to; r++) {
        parts_of(l, a, b, r, ns);
        for (int p = 0; p < MODEL_PARTS; p++)
            sum[r][p] = all += sim_ledger_part_of(a, r, ns[p]);
    }
    return all;
}

/* Splits a share among them: each gets what the sum of the shares up to it has more, in
 * whole micro-dollars, than the one before. */
static void add_money(struct sim_ledger *l, const struct sim_attribution *a,
                      const struct sim_booking *b, int from, int to,
                      enum sim_ledger_money money)
{
    int64_t uusd = b != NULL ? b->share_uusd : a->unallocated_uusd[from], given = 0;
    int32_t row = b != NULL ? b->row : SIM_NOBODYS;
    struct sim_ledger_cells *cells = cells_of(l, a->type, row);
    double sum[MODEL_RESOURCES][MODEL_PARTS];
    double all = running_sum(l, a, b, from, to, sum);

    for (int r = from; r <= to; r++)
        for (int p = 0; p < MODEL_PARTS; p++) {
            struct sim_ledger_cell *c = &cells->of[p][r];
            int64_t upto = given;

            if (all <= 0) /* a micro-dollar that rounding left */
                upto = p == (int)rest_of(row) ? uusd : given;
            else if (sum[r][p] > 0)
                upto = sum[r][p] >= all
                           ? uusd
                           : (int64_t)floor((double)uusd * (sum[r][p] / all));
            c->uusd += (money & SIM_AS_PAID) != 0 ? upto - given : 0;
            c->list_uusd += (money & SIM_AT_LIST) != 0 ? upto - given : 0;
            given = upto;
        }
    sp_assert(given == uusd);
}

void sim_ledger_cells_money(struct sim_ledger *l, const struct sim_attribution *a,
                            enum sim_ledger_money money)
{
    for (int32_t i = a->first; i != SP_NO_ID; i = l->bookings[i].next)
        add_money(l, a, &l->bookings[i], 0, MODEL_RESOURCES - 1, money);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        add_money(l, a, NULL, r, r, money);
}

void sim_ledger_cells_rounding(struct sim_ledger *l, int32_t type, int64_t uusd,
                               int64_t list_uusd)
{
    struct sim_ledger_cell *c;

    if (uusd == 0 && list_uusd == 0)
        return;
    c = &cells_of(l, type, SIM_NOBODYS)->of[MODEL_PART_ROUNDING][0];
    c->uusd += uusd;
    c->list_uusd += list_uusd;
}

/* ---- all of them ---- */

/* What tells cells apart, in their order. */
enum { KEY_TYPE, KEY_PART, KEY_RESOURCE, KEY_WORKLOAD, KEY_STAGE, KEY_TEAM, KEYS };

struct found {
    int32_t key[KEYS]; /* of workload, stage and team: -1 none */
    struct sim_ledger_cell sum;
};

static int by_key(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    for (int k = 0; k < KEYS; k++)
        if (x->key[k] != y->key[k])
            return x->key[k] < y->key[k] ? -1 : 1;
    return 0;
}

static void key_of(const struct sim_ledger *l, const struct sim_ledger_cells *c,
                   int32_t key[KEYS])
{
    int32_t owner = c->row;

    key[KEY_TYPE] = c->type;
    key[KEY_WORKLOAD] = key[KEY_STAGE] = key[KEY_TEAM] = -1;
    if (c->row == SIM_NOBODYS)
        return;
    if (c->row < 0) {
        const struct sim_ledger_stage *s = &l->stages[~c->row];

        owner = s->owner;
        key[KEY_STAGE] = s->name != NULL ? s->line : -1;
    }
    key[KEY_WORKLOAD] = l->owners[owner].workload;
    key[KEY_TEAM] = l->owners[owner].team;
}

/* Those with anything in them, sorted; the caller frees them. */
static struct found *find_cells(const struct sim_ledger *l, int32_t *n)
{
    struct found *all =
        sp_xcalloc((size_t)l->n_cells * MODEL_PARTS * MODEL_RESOURCES + 1, sizeof *all);

    *n = 0;
    for (int32_t i = 0; i < l->n_cells; i++)
        for (int p = 0; p < MODEL_PARTS; p++)
            for (int r = 0; r < MODEL_RESOURCES; r++) {
                const struct sim_ledger_cell *c = &l->cells[i].of[p][r];
                struct found *f = &all[*n];

                if (c->amount_ns == 0 && c->uusd == 0 && c->list_uusd == 0)
                    continue;
                f->sum = *c;
                key_of(l, &l->cells[i], f->key);
                f->key[KEY_PART] = p;
                f->key[KEY_RESOURCE] = p == MODEL_PART_ROUNDING ? MODEL_RESOURCES : r;
                (*n)++;
            }
    qsort(all, (size_t)*n, sizeof *all, by_key);
    return all;
}

static int32_t merge_equal(struct found *all, int32_t n)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < n; i++) {
        if (kept == 0 || by_key(&all[kept - 1], &all[i]) != 0) {
            all[kept++] = all[i];
            continue;
        }
        all[kept - 1].sum.amount_ns += all[i].sum.amount_ns;
        all[kept - 1].sum.uusd += all[i].sum.uusd;
        all[kept - 1].sum.list_uusd += all[i].sum.list_uusd;
    }
    return kept;
}

/* Teams are told apart where there are any. */
static const char *team_name(const struct model_policy *p, int32_t team)
{
    if (team < 0 || team >= p->n_teams)
        return NULL;
    return p->n_teams > 1 || p->has_teams || strcmp(p->teams[team].name, "-") != 0
               ? p->teams[team].name
               : NULL;
}

static double hours(int32_t r, sp_i128 amount_ns)
{
    double unit = r == MODEL_MEMORY ? 1073741824.0 : 1000.0;

    if (r == MODEL_RESOURCES)
        return NAN;
    return sp_double_from_i128(amount_ns) / unit / (double)SP_NS_PER_H;
}

static struct model_cost_cell cell_of(const struct sim_ledger *l, const struct found *f,
                                      const char *const *workloads)
{
    int32_t workload = f->key[KEY_WORKLOAD], stage = f->key[KEY_STAGE];

    return (struct model_cost_cell){
        .part = (enum model_part)f->key[KEY_PART],
        .resource = f->key[KEY_RESOURCE],
        .node = f->key[KEY_TYPE],
        .workload = workload >= 0 ? workloads[workload] : NULL,
        .stage = stage >= 0 ? l->stages[stage].name : NULL,
        .team = team_name(l->policy, f->key[KEY_TEAM]),
        .hours = hours(f->key[KEY_RESOURCE], f->sum.amount_ns),
        .uusd = f->sum.uusd,
        .list_uusd = f->sum.list_uusd,
        .mean_usd = (double)f->sum.uusd / 1e6,
        .mean_list_usd = (double)f->sum.list_uusd / 1e6};
}

static void check_sums(const struct sim_ledger *l, const struct model_cost_cell *cells,
                       int32_t n)
{
    int64_t all = 0, idle = 0, busy = 0;

    for (int32_t t = 0, i = 0; t < l->policy->n_types; t++) {
        int64_t of_type = 0;

        for (; i < n && cells[i].node == t; i++)
            of_type += cells[i].uusd;
        sp_assert(of_type == l->types[t].uusd);
        all += of_type;
    }
    sp_assert(all == l->total_uusd);
    for (int32_t i = 0; i < n; i++) {
        if (cells[i].part <= MODEL_PART_REDONE)
            busy += cells[i].uusd;
        else if (cells[i].workload != NULL)
            idle += cells[i].uusd;
    }
    for (int32_t s = 0; s < l->n_stages; s++)
        busy -= l->stages[s].uusd;
    for (int32_t o = 0; o < l->n_owners; o++)
        idle -= l->owners[o].idle_uusd;
    sp_assert(busy == 0 && idle == 0);
}

void sim_ledger_cells(const struct sim_ledger *l, struct sp_arena *arena,
                      const char *const *workloads, struct model_cost_cell **cells,
                      int32_t *n_cells)
{
    int32_t n;
    struct found *all = find_cells(l, &n);

    n = merge_equal(all, n);
    *cells = sp_arena_array(arena, (size_t)n, sizeof **cells);
    for (int32_t i = 0; i < n; i++)
        (*cells)[i] = cell_of(l, &all[i], workloads);
    *n_cells = n;
    free(all);
    check_sums(l, *cells, n);
}
