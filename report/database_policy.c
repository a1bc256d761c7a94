/* Rows of a policy. */
#include <math.h>

#include "report/database_parts.h"

static const struct model_stat unknown = {NAN, NAN};

/* Money that is not known is none. */
static int64_t add_row(struct report_database *d, int64_t run, int32_t id,
                       const struct model_policy_result *p)
{
    struct model_policy_result row = *p;

    if (!p->cost.known) {
        row.cost.uusd = REPORT_NO_UUSD;
        row.cost.usd = row.cost.usd_per_1k_items = unknown;
        row.cost.idle_usd = row.cost.unallocated_usd = row.cost.floor_usd = unknown;
    }
    return report_database_put(d, &report_table_policies, run, id, &row);
}

static void add_resources(struct report_database *d, int64_t policy,
                          const struct model_policy_result *p)
{
    for (int32_t r = 0; r < MODEL_RESOURCES; r++) {
        struct report_resource_row row = {r, p->resources[r], p->ledger[r]};

        report_database_put(d, &report_table_resources, policy, 0, &row);
    }
}

static double at(const double *values, int32_t i)
{
    return values != NULL ? values[i] : NAN;
}

static void add_series(struct report_database *d, int64_t policy,
                       const struct model_series *s)
{
    for (int32_t r = 0; r < MODEL_RESOURCES; r++)
        for (int32_t b = 0; b < s->n; b++) {
            struct report_series_row row = {
                .resource = r,
                .bucket = b,
                .from_s = b * s->bucket_s,
                .to_s = (b + 1) * s->bucket_s,
                .provisioned = at(s->provisioned[r], b),
                .allocated = at(s->allocated[r], b),
                .busy = at(s->busy[r], b),
                .stranded = at(s->stranded[r], b),
            };

            report_database_put(d, &report_table_series, policy, 0, &row);
        }
    for (int32_t b = 0; b < s->n; b++) {
        struct report_queued_row row = {b, (b + 1) * s->bucket_s, at(s->queued, b)};

        report_database_put(d, &report_table_queued, policy, 0, &row);
    }
}

static void add_timeline(struct report_database *d, int64_t policy,
                         const struct model_timeline *t)
{
    report_database_put_all(d, &report_table_leases, policy, t->leases, t->n_leases);
    report_database_put_all(d, &report_table_slices, policy, t->slices, t->n_slices);
    report_database_put_all(d, &report_table_links, policy, t->links, t->n_links);
}

static void add_shared(struct report_database *d, int64_t policy,
                       const struct model_policy_result *p)
{
    for (int32_t i = 0; i < p->n_teams; i++) {
        struct model_team_result row = p->teams[i];

        if (!p->cost.known)
            row.allocated_uusd = row.busy_uusd = REPORT_NO_UUSD;
        report_database_put(d, &report_table_teams, policy, i, &row);
    }
    if (p->fragmentation.samples > 0)
        report_database_put(d, &report_table_fragmentation, policy, 0,
                            &p->fragmentation);
    report_database_put_all(d, &report_table_bought, policy, p->bought, p->n_bought);
    for (int32_t i = 0; i < p->explained.n; i++) {
        struct report_line_row row = {p->explained.lines[i]};

        report_database_put(d, &report_table_explained, policy, i, &row);
    }
}

void report_database_add_policy(struct report_database *d, int64_t run, int32_t id)
{
    const struct model_policy_result *p = &d->result->policies[id];
    int64_t row = add_row(d, run, id, p);

    d->policy_row[id] = row;
    d->workload_row[id] =
        sp_arena_array(d->arena, (size_t)p->n_workloads, sizeof(int64_t));
    report_database_put_all(d, &report_table_nodes, row, p->nodes, p->n_nodes);
    add_resources(d, row, p);
    for (int32_t i = 0; i < p->n_workloads; i++)
        d->workload_row[id][i] =
            report_database_add_workload(d, row, i, &p->workloads[i]);
    if (p->cost.known) {
        report_database_put_all(d, &report_table_cost_lines, row, p->cost.lines,
                                p->cost.n_lines);
        report_database_put_all(d, &report_table_cells, row, p->cost.cells,
                                p->cost.n_cells);
    }
    add_series(d, row, &p->series);
    add_timeline(d, row, &p->timeline);
    add_shared(d, row, p);
}
