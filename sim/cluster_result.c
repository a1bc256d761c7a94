/* What came of it: free GPUs and why they are, what teams held; and the slow way to all
 * that is kept. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/cluster_rows.h"

/* ---- fragmentation ---- */

enum use { USABLE, BY_SHAPE, BY_MEMORY, BY_CPU, UNWANTED };

/* What keeps a waiting kind off a node. */
static enum use use_of(const struct sim_cluster *c, const struct sim_node_state *n,
                       int32_t shape)
{
    const struct sim_room *need = sim_nodes_need(c->nodes, shape);
    int32_t whole = 0, most = 0;

    for (int32_t g = 0; g < n->gpus; g++) {
        whole += n->device_mgpu[g] == 1000;
        most = n->device_mgpu[g] > most ? n->device_mgpu[g] : most;
    }
    if (!sim_nodes_type_allowed(c->nodes, n->type, shape) || whole < need->whole_gpus ||
        most < need->share_mgpu)
        return BY_SHAPE;
    if (n->free_mcpu < need->mcpu)
        return BY_CPU;
    return n->free_memory < need->memory_bytes ? BY_MEMORY : USABLE;
}

/* The least that is in the way of any kind that wants GPUs. */
static enum use best_use(const struct sim_cluster *c, const struct sim_node_state *n)
{
    enum use best = UNWANTED;

    for (int32_t i = 0; i < c->n_waiting; i++) {
        const struct sim_kind *k = &c->kinds[c->waiting[i]];
        enum use use;

        if (k->spec.needs.mgpu == 0)
            continue;
        use = use_of(c, n, k->shape);
        if (use == USABLE)
            return use;
        if (best == UNWANTED || best == BY_SHAPE ||
            (best == BY_CPU && use == BY_MEMORY))
            best = use;
    }
    return best;
}

void sim_cluster_sample(struct sim_cluster *c, struct model_fragmentation *sum)
{
    sum->samples++;
    for (int32_t id = 0; id < sim_nodes_n(c->nodes); id++) {
        const struct sim_node_state *n;
        double gpus;

        if (!sim_nodes_is_open(c->nodes, id) ||
            sim_leases_life(c->leases, id) != SIM_NODE_READY)
            continue;
        n = sim_nodes_state(c->nodes, id);
        gpus = (double)n->free_mgpu / 1000;
        if (n->free_mgpu == 0)
            continue;
        sum->free_gpus += gpus;
        switch (best_use(c, n)) {
        case USABLE:
            sum->usable += gpus;
            break;
        case BY_SHAPE:
            sum->by_shape += gpus;
            break;
        case BY_CPU:
            sum->by_cpu += gpus;
            break;
        case BY_MEMORY:
            sum->by_memory += gpus;
            break;
        case UNWANTED:
            sum->unwanted += gpus;
            break;
        }
    }
}

double sim_cluster_fragment_mgpu(const struct sim_cluster *c)
{
    return sim_nodes_fragment_mgpu(c->nodes);
}

/* ---- teams ---- */

static struct model_stat hours(const struct sim_level *l, int64_t now_ns, double unit)
{
    double amount = sp_double_from_i128(sim_level_integral(l, now_ns)) / unit;

    return model_stat_one(amount / (double)SP_NS_PER_H);
}

static void team_result(const struct sim_cluster *c, int32_t team, int64_t now_ns,
                        struct model_team_result *t)
{
    static const double unit[MODEL_RESOURCES] = {
        [MODEL_GPU] = 1000, [MODEL_CPU] = 1000, [MODEL_MEMORY] = 1073741824.0};

    t->name = c->policy->teams[team].name;
    for (int r = 0; r < MODEL_RESOURCES; r++)
        t->allocated_h[r] =
            hours(&c->team_level[team * MODEL_RESOURCES + r], now_ns, unit[r]);
    t->borrowed_gpu_h = hours(&c->team_borrowed[team], now_ns, 1000);
    t->peak_gpus = (double)c->team_peak_mgpu[team] / 1000;
}

void sim_cluster_result(const struct sim_cluster *c, struct sp_arena *arena,
                        int64_t now_ns, struct model_policy_result *p)
{
    if (c->team_level != NULL && p->teams == NULL) {
        p->n_teams = c->policy->n_teams;
        p->teams = sp_arena_array(arena, (size_t)p->n_teams, sizeof *p->teams);
    }
    for (int32_t i = 0; c->team_level != NULL && i < p->n_teams; i++)
        team_result(c, i, now_ns, &p->teams[i]);
    p->peak_gpus_demand = (double)c->peak_asked_mgpu / 1000;
    p->explained = sim_explain_lines(c->explain, arena);
    sim_leases_result(c->leases, arena, p);
}

/* ---- the slow way ---- */

static const struct model_amounts *seat_needs(const struct sim_cluster *c, int32_t seat)
{
    int32_t unit = c->seats[seat].unit;

    return sim_cluster_member_needs(c, unit, seat - c->units[unit].seats);
}

static void verify_node(const struct sim_cluster *c, int32_t node)
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    int64_t mcpu = 0, mgpu = 0, memory = 0;
    uint64_t order = UINT64_MAX;

    for (int32_t s = c->first_on_node[node]; s != SP_NO_ID; s = c->seats[s].next) {
        const struct sim_asked *u = &c->units[c->seats[s].unit];

        sp_assert(u->life == SIM_UNIT_PLACED && c->seats[s].hold.node == node);
        sp_assert(u->order <= order);
        order = u->order;
        mcpu += seat_needs(c, s)->mcpu;
        mgpu += seat_needs(c, s)->mgpu;
        memory += sim_amount(seat_needs(c, s), MODEL_MEMORY);
    }
    sp_assert(mcpu + n->free_mcpu == n->has.mcpu);
    sp_assert(mgpu + n->free_mgpu == n->has.mgpu);
    sp_assert(n->free_memory == INT64_MAX ||
              memory + n->free_memory == n->has.memory_bytes);
}

static void verify_units(const struct sim_cluster *c)
{
    int32_t *placed = sp_xcalloc((size_t)c->n_kinds + 1, sizeof *placed);
    int32_t *waits = sp_xcalloc((size_t)c->n_kinds + 1, sizeof *waits);
    int64_t used[MODEL_RESOURCES] = {0}, asked_mgpu = 0;

    for (int32_t i = 0; i < c->n_units; i++) {
        const struct sim_asked *u = &c->units[i];
        const struct sim_kind *k = &c->kinds[u->kind];
        int32_t not_ready = 0;

        if (u->life == SIM_UNIT_GONE)
            continue;
        asked_mgpu += k->total[MODEL_GPU];
        waits[u->kind] += u->life == SIM_UNIT_WAITS;
        placed[u->kind] += u->life == SIM_UNIT_PLACED;
        if (u->life == SIM_UNIT_WAITS)
            sp_assert(u->at != SP_NO_ID && k->units.ids[u->at] == i);
        for (int32_t m = 0; u->life == SIM_UNIT_PLACED && m < k->members; m++) {
            sp_assert(c->seats[u->seats + m].unit == i);
            not_ready += !c->seats[u->seats + m].ready;
        }
        sp_assert(u->life != SIM_UNIT_PLACED ||
                  (not_ready == u->not_ready && u->told == (not_ready == 0)));
    }
    for (int32_t k = 0; k < c->n_kinds; k++) {
        sp_assert(waits[k] == c->kinds[k].n_waiting && waits[k] == c->kinds[k].units.n);
        for (int r = 0; r < MODEL_RESOURCES; r++)
            used[r] += placed[k] * c->kinds[k].total[r];
    }
    for (int32_t t = 0; t < (c->policy->n_teams > 0 ? c->policy->n_teams : 1); t++)
        for (int r = 0; r < MODEL_RESOURCES; r++)
            used[r] -= sim_quota_used(c->quota, t, r);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        sp_assert(used[r] == 0);
    sp_assert(asked_mgpu == c->asked_mgpu);
    free(placed);
    free(waits);
}

static void verify_heaps(const struct sim_cluster *c)
{
    struct sim_cluster *m = (struct sim_cluster *)(uintptr_t)c; /* rules want one */
    struct sp_heap_rule units = sim_cluster_unit_rule(m);
    struct sp_heap_rule kinds = sim_cluster_kind_rule(m);
    int32_t n = 0;

    for (int32_t k = 0; k < c->n_kinds; k++) {
        const struct sim_kind *kind = &c->kinds[k];

        sp_heap_verify(&kind->units, &units);
        n += kind->n_waiting > 0;
        sp_assert((kind->waiting_at != SP_NO_ID) == (kind->n_waiting > 0));
        if (kind->at != SP_NO_ID)
            sp_assert(c->queues[kind->queue].kinds.ids[kind->at] == k);
    }
    sp_assert(n == c->n_waiting);
    for (int32_t q = 0; q < c->n_queues; q++)
        sp_heap_verify(&c->queues[q].kinds, &kinds);
}

static void verify_buckets(const struct sim_cluster *c)
{
    for (int32_t b = 0; b < c->n_buckets; b++) {
        int64_t held[MODEL_RESOURCES] = {0};
        uint64_t order = UINT64_MAX;

        for (int32_t u = c->buckets[b].first; u != SP_NO_ID; u = c->units[u].next) {
            sp_assert(c->kinds[c->units[u].kind].bucket == b);
            sp_assert(c->units[u].order < order);
            order = c->units[u].order;
            for (int r = 0; r < MODEL_RESOURCES; r++)
                held[r] += c->kinds[c->units[u].kind].total[r];
        }
        sp_assert(memcmp(held, c->buckets[b].held, sizeof held) == 0);
    }
}

void sim_cluster_verify(const struct sim_cluster *c)
{
    for (int32_t node = 0; node < c->n_node_rows; node++)
        if (c->first_on_node[node] != SP_NO_ID)
            verify_node(c, node);
    verify_units(c);
    verify_heaps(c);
    verify_buckets(c);
    sim_evict_again_verify(c);
    sim_stranded_verify(c);
    sim_nodes_verify(c->nodes);
}
