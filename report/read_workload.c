/* A workload: of any kind, serving, jobs. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/read_parts.h"

/* ---- serving ---- */

/* Rows that no figure asks for are left aside: a later version may have more. */
static void take_latency(const struct report_latency_row *rows, int32_t n,
                         const char *prompts, const struct report_latency *l,
                         void *record)
{
    const struct model_stat none = {NAN, NAN};
    struct model_times times = {
        .mean_s = none, .p50_s = none, .p90_s = none, .p99_s = none, .max_s = none};

    for (int32_t i = 0; i < n; i++)
        if (strcmp(rows[i].prompts, prompts) == 0 &&
            strcmp(rows[i].figure, l->figure) == 0)
            times = rows[i].times;
    memcpy((char *)record + l->at, &times, sizeof times);
}

static void read_latencies(struct report_read *r, int64_t row,
                           struct model_serving_result *s)
{
    int32_t n;
    struct report_latency_row *rows =
        report_read_rows(r, &report_table_latencies, row, &n, NULL);
    struct report_class_row *classes =
        report_read_rows(r, &report_table_classes, row, &s->n_classes, NULL);

    for (int i = 0; i < REPORT_LATENCIES; i++)
        take_latency(rows, n, "all", &report_latencies[i], s);
    s->classes = sp_arena_array(r->arena, (size_t)s->n_classes + 1, sizeof *s->classes);
    for (int32_t c = 0; c < s->n_classes; c++) {
        s->classes[c] = classes[c].c;
        for (int i = 0; i < REPORT_CLASS_LATENCIES; i++)
            take_latency(rows, n, classes[c].prompts, &report_class_latencies[i],
                         &s->classes[c]);
    }
}

static void read_pools(struct report_read *r, int64_t row,
                       struct model_serving_result *s)
{
    int32_t n;
    struct report_gpu_row *gpus;

    s->pools = report_read_rows(r, &report_table_pools, row, &s->n_pools, NULL);
    gpus = report_read_rows(r, &report_table_gpus, row, &n, NULL);
    for (int32_t i = 0; i < n; i++) {
        report_read_check_id(r, &report_table_gpus, "pool", gpus[i].pool, 0,
                             s->n_pools);
        if (report_read_failed(r))
            return;
        s->pools[gpus[i].pool].gpu = &gpus[i].gpu;
    }
}

static void read_attainment(struct report_read *r, int64_t row,
                            struct model_serving_result *s)
{
    struct report_attainment_row *rows =
        report_read_rows(r, &report_table_attainment, row, &s->n_buckets, NULL);

    s->finished =
        sp_arena_array(r->arena, (size_t)s->n_buckets + 1, sizeof *s->finished);
    s->met = sp_arena_array(r->arena, (size_t)s->n_buckets + 1, sizeof *s->met);
    for (int32_t b = 0; b < s->n_buckets; b++) {
        report_read_check_id(r, &report_table_attainment, "bucket", rows[b].bucket, b,
                             (int64_t)b + 1);
        s->finished[b] = rows[b].finished;
        s->met[b] = rows[b].met;
    }
}

/* ---- jobs ---- */

static void read_groups(struct report_read *r, int64_t row, struct model_jobs_result *j)
{
    int32_t n;
    struct report_group_row *groups =
        report_read_rows(r, &report_table_groups, row, &j->n_groups, NULL);
    struct report_cause_row *causes;

    if (j->n_groups == 0 && !report_read_failed(r))
        report_reader_refuse(r->reader, "jobs_group",
                             "there is no row, expected that of all jobs");
    j->groups = sp_arena_array(r->arena, (size_t)j->n_groups + 1, sizeof *j->groups);
    for (int32_t i = 0; i < j->n_groups; i++) {
        int32_t expected = i == 0            ? REPORT_GROUP_ALL
                           : j->n_sizes == 0 ? groups[i].kind
                                             : REPORT_GROUP_SIZE;

        if (groups[i].kind != expected || (i > 0 && expected == REPORT_GROUP_ALL))
            report_reader_refuse(r->reader, "jobs_group",
                                 "column kind: found another order than all, teams, "
                                 "sizes");
        j->groups[i] = groups[i].g;
        j->n_teams += groups[i].kind == REPORT_GROUP_TEAM;
        j->n_sizes += groups[i].kind == REPORT_GROUP_SIZE;
    }
    causes = report_read_rows(r, &report_table_causes, row, &n, NULL);
    for (int32_t i = 0; i < j->n_groups; i++)
        for (int c = 0; c < MODEL_CAUSES; c++)
            j->groups[i].wait_frac[c] = NAN;
    for (int32_t i = 0; i < n; i++) {
        report_read_check_id(r, &report_table_causes, "position", causes[i].group, 0,
                             j->n_groups);
        if (!report_read_failed(r))
            j->groups[causes[i].group].wait_frac[causes[i].cause] = causes[i].wait_frac;
    }
}

static void read_curve(struct report_read *r, int64_t row, struct model_job_curve *c)
{
    struct report_curve_row *rows =
        report_read_rows(r, &report_table_allocation, row, &c->n, NULL);

    c->arrived_pct = sp_arena_array(r->arena, (size_t)c->n + 1, sizeof(double));
    c->allocated_pct = sp_arena_array(r->arena, (size_t)c->n + 1, sizeof(double));
    c->fragment_pct = sp_arena_array(r->arena, (size_t)c->n + 1, sizeof(double));
    for (int32_t i = 0; i < c->n; i++) {
        report_read_check_id(r, &report_table_allocation, "point", rows[i].point, i,
                             (int64_t)i + 1);
        c->arrived_pct[i] = rows[i].asked_pct;
        c->allocated_pct[i] = rows[i].allocated_pct;
        c->fragment_pct[i] = rows[i].fragmented_pct;
    }
}

/* ---- any kind ---- */

static void read_cdfs(struct report_read *r, int64_t row,
                      struct model_workload_result *w)
{
    struct report_cdf_row *cdfs =
        report_read_rows(r, &report_table_cdfs, row, &w->n_cdfs, NULL);
    int32_t n, from = 0;
    struct report_cdf_point_row *points =
        report_read_rows(r, &report_table_cdf_points, row, &n, NULL);

    w->cdfs = sp_arena_array(r->arena, (size_t)w->n_cdfs + 1, sizeof *w->cdfs);
    for (int32_t i = 0; i < w->n_cdfs; i++) {
        struct model_cdf *c = &w->cdfs[i];
        int32_t to = from;

        while (to < n && points[to].cdf == i)
            to++;
        c->what = cdfs[i].what;
        c->n = to - from;
        c->s = sp_arena_array(r->arena, (size_t)c->n + 1, sizeof(double));
        c->frac = sp_arena_array(r->arena, (size_t)c->n + 1, sizeof(double));
        for (int32_t k = 0; k < c->n; k++) {
            c->s[k] = points[from + k].s;
            c->frac[k] = points[from + k].frac;
        }
        from = to;
    }
    if (from < n)
        report_read_check_id(r, &report_table_cdf_points, "cdf", points[from].cdf, 0,
                             0);
}

void report_read_workload(struct report_read *r, int64_t row,
                          struct model_workload_result *w)
{
    w->serving = report_read_one(r, &report_table_serving, row);
    w->jobs = report_read_one(r, &report_table_jobs, row);
    w->stages = report_read_rows(r, &report_table_stages, row, &w->n_stages, NULL);
    report_read_check_id(r, &report_table_workloads, "bound_stage", w->bound_stage,
                         SP_NO_ID, w->n_stages);
    w->kernels = report_read_rows(r, &report_table_kernels, row, &w->n_kernels, NULL);
    read_cdfs(r, row, w);
    if (w->serving != NULL) {
        read_latencies(r, row, w->serving);
        read_pools(r, row, w->serving);
        read_attainment(r, row, w->serving);
    }
    if (w->jobs != NULL) {
        read_groups(r, row, w->jobs);
        read_curve(r, row, &w->jobs->curve);
    }
}
