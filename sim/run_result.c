/* What came of one replication, as a result. */
#include <math.h>

#include "base/units.h"
#include "sim/floor.h"
#include "sim/run_rows.h"

static double hours(int res, sp_i128 integral_v)
{
    double unit = res == MODEL_MEMORY ? 1073741824.0 : 1000.0;

    return sp_double_from_i128(integral_v) / unit / (double)SP_NS_PER_H;
}

static void resource_result(const struct sim_run_now *r, int res,
                            struct model_resource_use *u)
{
    sp_i128 d[SIM_INTEGRALS];

    for (int what = 0; what < SIM_INTEGRALS; what++)
        d[what] = r->window.end[what][res] - r->window.base[what][res];
    u->provisioned_h = model_stat_one(hours(res, d[SIM_PROVISIONED]));
    u->allocated_h = model_stat_one(hours(res, d[SIM_ALLOCATED]));
    u->busy_h = model_stat_one(hours(res, d[SIM_BUSY]));
    u->stranded_h = model_stat_one(hours(res, d[SIM_STRANDED]));
    u->busy_of_provisioned = model_stat_one(
        d[SIM_PROVISIONED] > 0 ? (double)d[SIM_BUSY] / (double)d[SIM_PROVISIONED]
                               : NAN);
    u->allocated_of_provisioned = model_stat_one(
        d[SIM_PROVISIONED] > 0 ? (double)d[SIM_ALLOCATED] / (double)d[SIM_PROVISIONED]
                               : NAN);
}

static double list_usd_per_h(const struct model_node_type *type)
{
    if (type->has_list_price)
        return (double)type->list_uusd_per_h / 1e6;
    return type->has_price ? (double)type->uusd_per_h / 1e6 : NAN;
}

static void node_results(const struct sim_run_now *r, struct sp_arena *arena,
                         struct model_policy_result *p)
{
    p->n_nodes = r->policy->n_types;
    p->nodes = sp_arena_array(arena, (size_t)p->n_nodes, sizeof *p->nodes);
    for (int32_t t = 0; t < p->n_nodes; t++) {
        const struct model_node_type *type = &r->policy->types[t];
        const struct sim_ledger_type *l = sim_ledger_type(r->ledger, t);

        p->nodes[t] = (struct model_node_use){
            .type = type->name,
            .option = type->option,
            .group = type->group,
            .catalog_type = type->catalog_type,
            .gpu_model = type->gpu_model,
            .has = type->has,
            .peak = sim_cluster_peak(r->cluster, t),
            .mean = model_stat_one(
                r->now_ns > 0 ? (double)l->held_ns / (double)r->now_ns : NAN),
            .hours = model_stat_one((double)l->held_ns / (double)SP_NS_PER_H),
            .billed_hours = model_stat_one((double)l->billed_ns / (double)SP_NS_PER_H),
            .usd = model_stat_one((double)l->uusd / 1e6),
            .usd_per_h = type->has_price ? (double)type->uusd_per_h / 1e6 : NAN,
            .list_usd_per_h = list_usd_per_h(type),
            .price_basis = type->price_basis,
            .price_source = type->price_source,
            .price_date = type->price_date,
        };
    }
}

static void cost_result(const struct sim_run_now *r, struct sp_arena *arena,
                        struct model_policy_result *p)
{
    int64_t items = 0, idle = 0, unallocated = 0;
    struct model_cost *c = &p->cost;

    c->known = true;
    c->uusd = sim_ledger_total_uusd(r->ledger);
    sim_ledger_lines(r->ledger, arena, r->scenario->workloads, &c->lines, &c->n_lines);
    for (int32_t i = 0; i < c->n_lines; i++) {
        idle += c->lines[i].kind == MODEL_LINE_IDLE ? c->lines[i].uusd : 0;
        if (c->lines[i].kind >= MODEL_LINE_UNALLOCATED &&
            c->lines[i].kind < MODEL_LINE_UNALLOCATED + MODEL_RESOURCES)
            unallocated += c->lines[i].uusd;
    }
    for (int32_t i = 0; i < p->n_workloads; i++)
        items += p->workloads[i].done;
    sim_ledger_cells(r->ledger, arena, r->scenario->workloads, &c->cells, &c->n_cells);
    c->usd = model_stat_one((double)c->uusd / 1e6);
    c->usd_per_1k_items =
        model_stat_one(items > 0 ? (double)c->uusd / 1e3 / (double)items : NAN);
    c->floor_usd = model_stat_one(sim_floor_usd(r->scenario, r->policy, p));
    c->idle_usd = model_stat_one((double)idle / 1e6);
    c->unallocated_usd = model_stat_one((double)unallocated / 1e6);
}

/* What teams held is the cluster's to say; their money is the ledger's. */
static void team_results(const struct sim_run_now *r, struct sp_arena *arena,
                         struct model_policy_result *p)
{
    int32_t n = r->policy->n_teams > 0 ? r->policy->n_teams : 1;
    struct sim_ledger_team *teams = sp_arena_array(r->arena, (size_t)n, sizeof *teams);

    sim_cluster_result(r->cluster, arena, r->now_ns, p);
    sim_ledger_teams(r->ledger, n, teams);
    for (int32_t i = 0; i < p->n_teams; i++) {
        p->teams[i].busy_uusd = teams[i].busy_uusd;
        p->teams[i].allocated_uusd = teams[i].busy_uusd + teams[i].idle_uusd;
        for (int res = 0; res < MODEL_RESOURCES; res++)
            p->teams[i].busy_h[res] = model_stat_one(hours(res, teams[i].busy[res]));
    }
}

static void series_result(const struct sim_run_now *r, struct sp_arena *arena,
                          struct model_series *s)
{
    static const double unit[MODEL_RESOURCES] = {1000, 1000, 1};
    const int32_t queued = SIM_INTEGRALS * MODEL_RESOURCES;
    double *rows =
        sp_arena_array(arena, (size_t)r->series.n * SIM_SERIES_CHANNELS, sizeof *rows);

    *s = (struct model_series){.n = r->series.n,
                               .bucket_s = sp_s_from_ns(r->series.width_ns)};
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        s->provisioned[res] = rows + (SIM_PROVISIONED * MODEL_RESOURCES + res) * s->n;
        s->allocated[res] = rows + (SIM_ALLOCATED * MODEL_RESOURCES + res) * s->n;
        s->busy[res] = rows + (SIM_BUSY * MODEL_RESOURCES + res) * s->n;
        s->stranded[res] = rows + (SIM_STRANDED * MODEL_RESOURCES + res) * s->n;
    }
    s->queued = rows + queued * s->n;
    for (int32_t c = 0; c < SIM_SERIES_CHANNELS; c++)
        for (int32_t i = 0; i < s->n; i++)
            rows[c * s->n + i] = sim_series_mean(&r->series, i, c) /
                                 (c < queued ? unit[c % MODEL_RESOURCES] : 1);
}

void sim_run_collect(const struct sim_run_now *r, struct sp_arena *arena,
                     struct model_policy_result *p)
{
    *p = (struct model_policy_result){
        .name = r->policy->name,
        .end = r->end,
        .end_text = r->end_text != NULL ? sp_arena_strdup(arena, r->end_text) : NULL,
        .unplaced_text =
            r->unplaced_text != NULL ? sp_arena_strdup(arena, r->unplaced_text) : NULL,
        .same_kernels = r->scenario->calibration_draw >= 0,
        .time_s = model_stat_one(sp_s_from_ns(r->now_ns)),
        .window_from_s = sp_s_from_ns(r->window.opened_ns),
        .window_to_s = sp_s_from_ns(r->window.closed_ns),
        .n_workloads = r->n_works,
        .n_gpu_nodes_peak = sim_cluster_peak_gpu_nodes(r->cluster),
        .events = r->events,
        .digest = r->digest,
    };
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        resource_result(r, res, &p->resources[res]);
        p->ledger[res] = sim_ledger_total(r->ledger, res);
    }
    p->workloads = sp_arena_array(arena, (size_t)r->n_works, sizeof *p->workloads);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->result(r->works[i].self, arena, r->window.opened_ns,
                                 r->window.closed_ns, &p->workloads[i]);
    sim_run_intervals(r, arena, p);
    node_results(r, arena, p);
    cost_result(r, arena, p);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->price(r->works[i].self, &p->cost, r->n_works == 1,
                                &p->workloads[i]);
    team_results(r, arena, p);
    p->fragmentation = sim_samples_mean(&r->samples);
    if (r->replication == 0) /* the others would only take memory */
        series_result(r, arena, &p->series);
    p->timeline = r->timeline != NULL ? sim_timeline_result(r->timeline, arena)
                                      : (struct model_timeline){.sample = "nothing"};
}
