/* Rows of serving workloads. */
#include <inttypes.h>
#include <math.h>

#include "report/database_parts.h"

static void put_reals(struct report_insert *to, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_insert_real(to, values[i]);
}

static void put_ints(struct report_insert *to, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_insert_int(to, values[i]);
}

/* INT64_MAX stands for "no limit". */
static void put_limit(struct report_insert *to, int64_t value)
{
    if (value == INT64_MAX)
        report_insert_null(to);
    else
        report_insert_int(to, value);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- latencies, of all prompts and by class ---- */

static void add_latency(struct report_database *d, int64_t workload,
                        const char *prompts, const char *figure,
                        const struct model_times *t)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_LATENCIES);

    report_insert_int(to, workload);
    report_insert_text(to, prompts);
    report_insert_text(to, figure);
    report_insert_int(to, t->count);
    report_insert_real(to, t->mean_s.mean);
    report_insert_real(to, t->p50_s.mean);
    report_insert_real(to, t->p90_s.mean);
    report_database_put_stat(to, t->p99_s);
    report_insert_real(to, t->max_s.mean);
    report_insert_done(to);
}

static void add_latencies(struct report_database *d, int64_t workload,
                          const struct model_serving_result *s)
{
    static const char all[] = "all";

    add_latency(d, workload, all, "ttft", &s->ttft);
    add_latency(d, workload, all, "tpot", &s->tpot);
    add_latency(d, workload, all, "itl", &s->itl);
    add_latency(d, workload, all, "e2e", &s->e2e);
    add_latency(d, workload, all, "queue", &s->queue);
    add_latency(d, workload, all, "transfer", &s->transfer);
    add_latency(d, workload, all, "held back", &s->held_back);
}

static void add_class(struct report_database *d, int64_t workload, int32_t id,
                      const struct model_serving_result *s)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_CLASSES);
    const struct model_serving_class *c = &s->classes[id];
    const char *prompts =
        c->up_to_tokens < INT64_MAX
            ? sp_arena_printf(d->arena, "up to %" PRId64, c->up_to_tokens)
            : sp_arena_printf(d->arena, "above %" PRId64,
                              id > 0 ? s->classes[id - 1].up_to_tokens : 0);

    report_insert_int(to, workload);
    report_insert_int(to, id);
    put_limit(to, c->up_to_tokens);
    report_insert_real(to, c->slo_attained.mean);
    report_insert_text(to, prompts);
    report_insert_done(to);
    add_latency(d, workload, prompts, "ttft", &c->ttft);
    add_latency(d, workload, prompts, "tpot", &c->tpot);
    add_latency(d, workload, prompts, "e2e", &c->e2e);
}

/* ---- pools ---- */

static void add_pool(struct report_database *d, int64_t workload, int32_t id,
                     const struct model_serving_pool *p)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_POOLS);
    const double figures[] = {
        p->replicas.mean,     p->busy_frac.mean,        p->compute_frac.mean,
        p->decode_frac.mean,  p->flop_utilization.mean, p->kv_used_frac.mean,
        p->kv_peak_frac.mean, p->batch_mean.mean,       p->tokens_per_s_per_gpu.mean,
        p->queue.mean_s.mean, p->queue.p99_s.mean,
    };
    const int64_t counts[] = {
        p->iterations,
        p->prefill_tokens,
        p->decode_tokens,
        p->recomputed_tokens,
        p->preemptions,
        p->prefix_blocks,
        p->prefix_found_blocks,
        p->prefix_tokens,
        p->prefix_found_tokens,
        p->beyond,
        p->lost,
    };

    report_insert_int(to, workload);
    report_insert_int(to, id);
    report_database_put_text(d, to, p->name);
    report_database_put_text(d, to, p->role);
    report_database_put_text(d, to, p->iteration);
    report_database_put_text(d, to, p->kv_text);
    report_insert_int(to, p->gpus);
    put_limit(to, p->kv_blocks);
    report_insert_int(to, p->block_size);
    put_reals(to, figures, COUNT(figures));
    put_ints(to, counts, COUNT(counts));
    report_insert_done(to);
}

/* ---- the workload ---- */

static void add_attainment(struct report_database *d, int64_t workload,
                           const struct model_serving_result *s)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_ATTAINMENT);

    for (int32_t b = 0; b < s->n_buckets; b++) {
        report_insert_int(to, workload);
        report_insert_int(to, b);
        report_insert_real(to, b * s->bucket_s);
        report_insert_real(to, (b + 1) * s->bucket_s);
        report_insert_int(to, s->finished[b]);
        report_insert_int(to, s->met[b]);
        report_insert_done(to);
    }
}

static void add_row(struct report_database *d, int64_t workload,
                    const struct model_serving_result *s)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_SERVING);

    report_insert_int(to, workload);
    report_database_put_text(d, to, s->model);
    report_insert_int(to, s->requests);
    report_insert_int(to, s->retried);
    report_insert_real(to, s->has_slo ? s->slo_ttft_s : NAN);
    report_insert_real(to, s->has_slo ? s->slo_tpot_s : NAN);
    report_insert_real(to, s->has_slo ? s->slo_e2e_s : NAN);
    report_database_put_stat(to, s->goodput_per_s);
    report_database_put_stat(to, s->slo_attained);
    report_insert_real(to, s->prompt_tokens_per_s.mean);
    report_insert_real(to, s->output_tokens_per_s.mean);
    report_insert_real(to, s->tokens_per_s_per_gpu.mean);
    report_database_put_stat(to, s->usd_per_million_tokens);
    report_insert_real(to, s->usd_per_million_prompt_tokens.mean);
    report_insert_real(to, s->usd_per_million_output_tokens.mean);
    report_insert_int(to, s->transfers);
    report_insert_int(to, s->transfer_bytes);
    report_insert_real(to, s->bucket_s);
    report_insert_done(to);
}

void report_database_add_serving(struct report_database *d, int64_t workload,
                                 const struct model_serving_result *s)
{
    add_row(d, workload, s);
    add_latencies(d, workload, s);
    for (int32_t i = 0; i < s->n_classes; i++)
        add_class(d, workload, i, s);
    for (int32_t i = 0; i < s->n_pools; i++)
        add_pool(d, workload, i, &s->pools[i]);
    add_attainment(d, workload, s);
}

void report_database_add_served(struct report_database *d,
                                const struct model_comparison *c)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_SERVED_COMPARISONS);

    for (int32_t i = 0; i < c->n_serving; i++) {
        const struct model_serving_comparison *s = &c->serving[i];

        report_insert_int(to, d->policy_row[c->policy]);
        report_insert_int(to, d->workload_row[c->policy][s->workload]);
        report_database_put_stat(to, s->ttft_p99_ratio);
        report_database_put_stat(to, s->tpot_p99_ratio);
        report_database_put_stat(to, s->e2e_p99_ratio);
        report_database_put_stat(to, s->goodput_ratio);
        report_database_put_stat(to, s->usd_per_million_ratio);
        report_database_put_stat(to, s->attained_difference);
        report_insert_done(to);
    }
}
