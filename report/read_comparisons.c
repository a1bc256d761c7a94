/* Pairs of policies. */
#include <inttypes.h>

#include "report/read_parts.h"

static int32_t find_row(const int64_t *rows, int32_t n, int64_t row)
{
    for (int32_t i = 0; i < n; i++)
        if (rows[i] == row)
            return i;
    return SP_NO_ID;
}

/* The number of the workload whose row a comparison names, of the kind that it
 * compares.
 */
static int32_t find_workload(struct report_read *r, const struct report_table *t,
                             const struct model_comparison *c, int64_t row)
{
    const struct model_policy_result *p = &r->result->policies[c->policy],
                                     *b = &r->result->policies[c->baseline];
    int32_t id = find_row(r->workload_row[c->policy], p->n_workloads, row);
    bool jobs = t != &report_table_served;

    if (id != SP_NO_ID && id < b->n_workloads &&
        (jobs ? p->workloads[id].jobs != NULL && b->workloads[id].jobs != NULL
              : p->workloads[id].serving != NULL && b->workloads[id].serving != NULL))
        return id;
    report_reader_refuse(r->reader, t->name,
                         "column workload_id: found %" PRId64
                         ", expected a workload of "
                         "both policies",
                         row);
    return 0;
}

static void read_served(struct report_read *r, int64_t row, struct model_comparison *c)
{
    struct report_served_row *rows =
        report_read_rows(r, &report_table_served, row, &c->n_serving, NULL);

    c->serving = sp_arena_array(r->arena, (size_t)c->n_serving + 1, sizeof *c->serving);
    for (int32_t i = 0; i < c->n_serving; i++) {
        c->serving[i] = rows[i].c;
        c->serving[i].workload =
            find_workload(r, &report_table_served, c, rows[i].workload_id);
    }
}

static void read_jobs(struct report_read *r, int64_t row, struct model_comparison *c)
{
    struct report_jobs_compared_row *rows =
        report_read_rows(r, &report_table_jobs_compared, row, &c->n_jobs, NULL);
    int32_t n, from = 0;
    struct report_team_wait_row *waits =
        report_read_rows(r, &report_table_team_waits, row, &n, NULL);

    c->jobs = sp_arena_array(r->arena, (size_t)c->n_jobs + 1, sizeof *c->jobs);
    for (int32_t i = 0; i < c->n_jobs; i++) {
        struct model_jobs_comparison *k = &c->jobs[i];
        int32_t to = from;

        *k = rows[i].c;
        k->workload =
            find_workload(r, &report_table_jobs_compared, c, rows[i].workload_id);
        while (to < n && waits[to].workload_id == rows[i].workload_id)
            to++;
        k->n_teams = to - from;
        k->teams = sp_arena_array(r->arena, (size_t)k->n_teams + 1, sizeof *k->teams);
        for (int32_t t = 0; t < k->n_teams; t++)
            k->teams[t] = waits[from + t].w;
        from = to;
    }
    if (from < n && !report_read_failed(r))
        find_workload(r, &report_table_team_waits, c, -1);
}

void report_read_comparisons(struct report_read *r)
{
    struct model_result *result = r->result;

    result->comparisons = sp_arena_array(r->arena, (size_t)result->n_policies + 1,
                                         sizeof *result->comparisons);
    for (int32_t p = 0; p < result->n_policies && !report_read_failed(r); p++) {
        struct report_comparison_row *row =
            report_read_one(r, &report_table_comparisons, r->policy_row[p]);
        struct model_comparison *c = &result->comparisons[result->n_comparisons];

        if (row == NULL)
            continue;
        *c = row->c;
        c->policy = p;
        c->baseline = find_row(r->policy_row, result->n_policies, row->baseline_id);
        if (c->baseline == SP_NO_ID) {
            report_reader_refuse(r->reader, "comparisons",
                                 "column baseline_id: found %" PRId64
                                 ", expected a policy of the run",
                                 row->baseline_id);
            return;
        }
        result->n_comparisons++;
        read_served(r, r->policy_row[p], c);
        read_jobs(r, r->policy_row[p], c);
    }
}
