/* A policy and what stands directly below it. */
#include <inttypes.h>
#include <math.h>

#include "report/read_parts.h"

static void read_resources(struct report_read *r, int64_t row,
                           struct model_policy_result *p)
{
    int32_t n;
    struct report_resource_row *rows =
        report_read_rows(r, &report_table_resources, row, &n, NULL);

    if (n != MODEL_RESOURCES && !report_read_failed(r))
        report_reader_refuse(r->reader, "resources",
                             "found %" PRId32 " rows of policy '%.64s', expected %d", n,
                             p->name, MODEL_RESOURCES);
    for (int32_t i = 0; i < n; i++) {
        p->resources[rows[i].resource] = rows[i].use;
        p->ledger[rows[i].resource] = rows[i].ledger;
    }
}

/* ---- money ---- */

static void check_sum(struct report_read *r, const struct report_table *t,
                      const struct model_policy_result *p, sp_i128 sum)
{
    if (sum != p->cost.uusd)
        report_reader_refuse(r->reader, t->name,
                             "policy '%.64s': the rows do not add up to the bill of "
                             "%" PRId64 " micro-dollars",
                             p->name, p->cost.uusd);
}

static void read_cost(struct report_read *r, int64_t row, struct model_policy_result *p)
{
    struct model_cost *c = &p->cost;
    sp_i128 lines = 0, cells = 0;

    c->lines = report_read_rows(r, &report_table_cost_lines, row, &c->n_lines, NULL);
    c->cells = report_read_rows(r, &report_table_cells, row, &c->n_cells, NULL);
    for (int32_t i = 0; i < c->n_lines; i++)
        lines += c->lines[i].uusd;
    for (int32_t i = 0; i < c->n_cells; i++) {
        cells += c->cells[i].uusd;
        report_read_check_id(r, &report_table_cells, "node", c->cells[i].node, 0,
                             p->n_nodes);
    }
    if (c->n_lines > 0)
        check_sum(r, &report_table_cost_lines, p, lines);
    if (c->n_cells > 0)
        check_sum(r, &report_table_cells, p, cells);
}

/* ---- over time ---- */

static double *numbers(struct report_read *r, int32_t n)
{
    return sp_arena_array(r->arena, (size_t)n + 1, sizeof(double));
}

/* The buckets of a resource follow each other, of all three from 0 to n - 1. */
/* Nobody stored it: older versions knew none. */
static bool all_nan(const double *values, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            return false;
    return true;
}

static void read_series(struct report_read *r, int64_t row,
                        struct model_policy_result *p)
{
    int32_t n, n_queued;
    struct report_series_row *rows =
        report_read_rows(r, &report_table_series, row, &n, NULL);
    struct report_queued_row *queued =
        report_read_rows(r, &report_table_queued, row, &n_queued, NULL);
    struct model_series *s = &p->series;

    if (n != MODEL_RESOURCES * (int64_t)n_queued && !report_read_failed(r))
        report_reader_refuse(r->reader, "series",
                             "found %" PRId32 " rows of policy '%.64s', expected %d of "
                             "each of the %" PRId32 " in queue_series",
                             n, p->name, MODEL_RESOURCES, n_queued);
    if (n_queued > 0 && !(s->bucket_s > 0 && isfinite(s->bucket_s)))
        report_reader_refuse(r->reader, "policies",
                             "column series_bucket_s: found %g, expected more than 0",
                             s->bucket_s);
    if (report_read_failed(r))
        return;
    s->n = n_queued;
    s->queued = numbers(r, n_queued);
    for (int i = 0; i < MODEL_RESOURCES; i++) {
        s->provisioned[i] = numbers(r, n_queued);
        s->allocated[i] = numbers(r, n_queued);
        s->busy[i] = numbers(r, n_queued);
        s->stranded[i] = numbers(r, n_queued);
    }
    for (int32_t i = 0; i < n; i++) {
        int32_t b = i % n_queued;

        report_read_check_id(r, &report_table_series, "bucket", rows[i].bucket, b,
                             (int64_t)b + 1);
        s->provisioned[rows[i].resource][b] = rows[i].provisioned;
        s->allocated[rows[i].resource][b] = rows[i].allocated;
        s->busy[rows[i].resource][b] = rows[i].busy;
        s->stranded[rows[i].resource][b] = rows[i].stranded;
    }
    for (int i = 0; i < MODEL_RESOURCES; i++)
        if (all_nan(s->stranded[i], n_queued))
            s->stranded[i] = NULL;
    for (int32_t b = 0; b < n_queued; b++) {
        report_read_check_id(r, &report_table_queued, "bucket", queued[b].bucket, b,
                             (int64_t)b + 1);
        s->queued[b] = queued[b].queued;
    }
}

static void check_slice(struct report_read *r, const struct model_policy_result *p,
                        const struct model_slice *s)
{
    int32_t stages;

    report_read_check_id(r, &report_table_slices, "lease", s->lease, 0,
                         p->timeline.n_leases);
    report_read_check_id(r, &report_table_slices, "workload", s->workload, 0,
                         p->n_workloads);
    if (report_read_failed(r))
        return;
    stages = p->workloads[s->workload].n_stages;
    report_read_check_id(r, &report_table_slices, "stage", s->stage, SP_NO_ID, stages);
    if (s->from_ns > s->to_ns)
        report_reader_refuse(r->reader, "slices",
                             "column to_ns: found %" PRId64
                             ", expected at least %" PRId64,
                             s->to_ns, s->from_ns);
}

static void read_timeline(struct report_read *r, int64_t row,
                          struct model_policy_result *p)
{
    struct model_timeline *t = &p->timeline;

    t->leases = report_read_rows(r, &report_table_leases, row, &t->n_leases, NULL);
    t->slices = report_read_rows(r, &report_table_slices, row, &t->n_slices, NULL);
    t->links = report_read_rows(r, &report_table_links, row, &t->n_links, NULL);
    for (int32_t i = 0; i < t->n_leases; i++)
        report_read_check_id(r, &report_table_leases, "node_use", t->leases[i].use, 0,
                             p->n_nodes);
    for (int32_t i = 0; i < t->n_slices && !report_read_failed(r); i++)
        check_slice(r, p, &t->slices[i]);
    for (int32_t i = 0; i < t->n_links; i++) {
        report_read_check_id(r, &report_table_links, "from_slice", t->links[i].from, 0,
                             t->n_slices);
        report_read_check_id(r, &report_table_links, "to_slice", t->links[i].to, 0,
                             t->n_slices);
    }
}

/* ---- teams, and what they share ---- */

static void read_shared(struct report_read *r, int64_t row,
                        struct model_policy_result *p)
{
    struct model_fragmentation *f =
        report_read_one(r, &report_table_fragmentation, row);
    struct report_line_row *lines;

    p->teams = report_read_rows(r, &report_table_teams, row, &p->n_teams, NULL);
    if (f != NULL)
        p->fragmentation = *f;
    p->bought = report_read_rows(r, &report_table_bought, row, &p->n_bought, NULL);
    lines = report_read_rows(r, &report_table_explained, row, &p->explained.n, NULL);
    p->explained.lines = sp_arena_array(r->arena, (size_t)p->explained.n + 1,
                                        sizeof *p->explained.lines);
    for (int32_t i = 0; i < p->explained.n; i++)
        p->explained.lines[i] = lines[i].text;
}

void report_read_policy(struct report_read *r, int32_t id)
{
    struct model_policy_result *p = &r->result->policies[id];
    int64_t row = r->policy_row[id];

    p->nodes = report_read_rows(r, &report_table_nodes, row, &p->n_nodes, NULL);
    read_resources(r, row, p);
    p->workloads = report_read_rows(r, &report_table_workloads, row, &p->n_workloads,
                                    &r->workload_row[id]);
    for (int32_t i = 0; i < p->n_workloads && !report_read_failed(r); i++)
        report_read_workload(r, r->workload_row[id][i], &p->workloads[i]);
    read_cost(r, row, p);
    read_series(r, row, p);
    read_timeline(r, row, p);
    read_shared(r, row, p);
}
