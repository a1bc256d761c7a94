/* Rows of a workload: of any kind, serving, jobs. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/database_parts.h"

/* ---- serving ---- */

static void add_latency(struct report_database *d, int64_t workload,
                        const char *prompts, const struct report_latency *l,
                        const void *record)
{
    struct report_latency_row row = {.prompts = prompts, .figure = l->figure};

    memcpy(&row.times, (const char *)record + l->at, sizeof row.times);
    report_database_put(d, &report_table_latencies, workload, 0, &row);
}

static void add_class(struct report_database *d, int64_t workload, int32_t id,
                      const struct model_serving_result *s)
{
    const struct model_serving_class *c = &s->classes[id];
    struct report_class_row row = {.c = *c};
    char prompts[48];

    if (c->up_to_tokens < INT64_MAX)
        snprintf(prompts, sizeof prompts, "up to %" PRId64, c->up_to_tokens);
    else
        snprintf(prompts, sizeof prompts, "above %" PRId64,
                 id > 0 ? s->classes[id - 1].up_to_tokens : 0);
    row.prompts = prompts;
    report_database_put(d, &report_table_classes, workload, id, &row);
    for (int i = 0; i < REPORT_CLASS_LATENCIES; i++)
        add_latency(d, workload, prompts, &report_class_latencies[i], c);
}

static void add_attainment(struct report_database *d, int64_t workload,
                           const struct model_serving_result *s)
{
    for (int32_t b = 0; b < s->n_buckets; b++) {
        struct report_attainment_row row = {
            .bucket = b,
            .from_s = b * s->bucket_s,
            .to_s = (b + 1) * s->bucket_s,
            .finished = s->finished[b],
            .met = s->met[b],
        };

        report_database_put(d, &report_table_attainment, workload, 0, &row);
    }
}

static void add_serving(struct report_database *d, int64_t workload,
                        const struct model_serving_result *s)
{
    struct model_serving_result row = *s;

    if (!s->has_slo)
        row.slo_ttft_s = row.slo_tpot_s = row.slo_e2e_s = NAN;
    report_database_put(d, &report_table_serving, workload, 0, &row);
    for (int i = 0; i < REPORT_LATENCIES; i++)
        add_latency(d, workload, "all", &report_latencies[i], s);
    for (int32_t i = 0; i < s->n_classes; i++)
        add_class(d, workload, i, s);
    report_database_put_all(d, &report_table_pools, workload, s->pools, s->n_pools);
    for (int32_t i = 0; i < s->n_pools; i++) {
        struct report_gpu_row gpu = {.pool = i};

        if (s->pools[i].gpu == NULL)
            continue;
        gpu.gpu = *s->pools[i].gpu;
        report_database_put(d, &report_table_gpus, workload, 0, &gpu);
    }
    add_attainment(d, workload, s);
}

/* ---- jobs ---- */

static void add_group(struct report_database *d, int64_t workload, int32_t id,
                      const struct model_jobs_result *j)
{
    struct report_group_row row = {.kind = id == 0            ? REPORT_GROUP_ALL
                                           : id <= j->n_teams ? REPORT_GROUP_TEAM
                                                              : REPORT_GROUP_SIZE,
                                   .g = j->groups[id]};

    report_database_put(d, &report_table_groups, workload, id, &row);
    for (int32_t c = 0; c < MODEL_CAUSES; c++) {
        struct report_cause_row cause = {id, c, row.g.wait_frac[c]};

        report_database_put(d, &report_table_causes, workload, 0, &cause);
    }
}

static void add_jobs(struct report_database *d, int64_t workload,
                     const struct model_jobs_result *j)
{
    const struct model_job_curve *c = &j->curve;

    report_database_put(d, &report_table_jobs, workload, 0, j);
    for (int32_t i = 0; i < j->n_groups; i++)
        add_group(d, workload, i, j);
    for (int32_t i = 0; i < c->n; i++) {
        struct report_curve_row row = {i, c->arrived_pct[i], c->allocated_pct[i],
                                       c->fragment_pct[i]};

        report_database_put(d, &report_table_allocation, workload, 0, &row);
    }
}

/* ---- any kind ---- */

static void add_cdfs(struct report_database *d, int64_t workload,
                     const struct model_workload_result *w)
{
    int32_t position = 0;

    for (int32_t i = 0; i < w->n_cdfs; i++) {
        const struct model_cdf *c = &w->cdfs[i];
        struct report_cdf_row row = {c->what};

        report_database_put(d, &report_table_cdfs, workload, i, &row);
        for (int32_t k = 0; k < c->n; k++) {
            struct report_cdf_point_row point = {i, c->s[k], c->frac[k]};

            report_database_put(d, &report_table_cdf_points, workload, position++,
                                &point);
        }
    }
}

int64_t report_database_add_workload(struct report_database *d, int64_t policy,
                                     int32_t id, const struct model_workload_result *w)
{
    int64_t row = report_database_put(d, &report_table_workloads, policy, id, w);

    if (w->serving != NULL)
        add_serving(d, row, w->serving);
    if (w->jobs != NULL)
        add_jobs(d, row, w->jobs);
    report_database_put_all(d, &report_table_stages, row, w->stages, w->n_stages);
    report_database_put_all(d, &report_table_kernels, row, w->kernels, w->n_kernels);
    add_cdfs(d, row, w);
    return row;
}
