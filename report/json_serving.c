/* A serving workload as JSON: keys in tables, so that a figure added to the result is
 * added here by a row. */
#include <math.h>
#include <stddef.h>

#include "report/json_parts.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* ---- requests ---- */

#define AT(member) offsetof(struct model_serving_result, member)
static const struct report_json_key serving_times[] = {
    {"ttft_s", AT(ttft)}, {"tpot_s", AT(tpot)},   {"itl_s", AT(itl)},
    {"e2e_s", AT(e2e)},   {"queue_s", AT(queue)},
};
static const struct report_json_key serving_stats[] = {
    {"goodput_per_s", AT(goodput_per_s)},
    {"slo_attained", AT(slo_attained)},
    {"tokens_per_s_per_gpu", AT(tokens_per_s_per_gpu)},
    {"usd_per_million_tokens", AT(usd_per_million_tokens)},
    {"usd_per_million_prompt_tokens", AT(usd_per_million_prompt_tokens)},
    {"usd_per_million_output_tokens", AT(usd_per_million_output_tokens)},
};
static const struct report_json_key token_stats[] = {
    {"prompt", AT(prompt_tokens_per_s)},
    {"output", AT(output_tokens_per_s)},
};
static const struct report_json_key transfer_times[] = {
    {"time_s", AT(transfer)},
    {"held_back_s", AT(held_back)},
};
#undef AT

/* ---- classes and pools ---- */

#define AT(member) offsetof(struct model_serving_class, member)
static const struct report_json_key class_times[] = {
    {"ttft_s", AT(ttft)}, {"tpot_s", AT(tpot)}, {"e2e_s", AT(e2e)}};
static const struct report_json_key class_stats[] = {
    {"slo_attained", AT(slo_attained)}};
#undef AT

#define AT(member) offsetof(struct model_serving_pool, member)
static const struct report_json_key pool_stats[] = {
    {"replicas", AT(replicas)},
    {"busy_frac", AT(busy_frac)},
    {"decode_of_busy", AT(decode_frac)},
    {"compute_bound_of_busy", AT(compute_frac)},
    {"flop_utilization", AT(flop_utilization)},
    {"kv_used_frac", AT(kv_used_frac)},
    {"kv_peak_frac", AT(kv_peak_frac)},
    {"batch_mean", AT(batch_mean)},
    {"tokens_per_s_per_gpu", AT(tokens_per_s_per_gpu)},
};
static const struct report_json_key pool_times[] = {{"queue_s", AT(queue)}};
static const struct report_json_key pool_counts[] = {
    {"kv_blocks", AT(kv_blocks)},
    {"iterations", AT(iterations)},
    {"prefill_tokens", AT(prefill_tokens)},
    {"decode_tokens", AT(decode_tokens)},
    {"recomputed_tokens", AT(recomputed_tokens)},
    {"preemptions", AT(preemptions)},
    {"prefix_blocks", AT(prefix_blocks)},
    {"prefix_found_blocks", AT(prefix_found_blocks)},
    {"prefix_tokens", AT(prefix_tokens)},
    {"prefix_found_tokens", AT(prefix_found_tokens)},
    {"iterations_beyond_what_is_known", AT(beyond)},
    {"replicas_lost", AT(lost)},
};
#undef AT

#define AT(member) offsetof(struct model_serving_comparison, member)
static const struct report_json_key comparison_stats[] = {
    {"ttft_p99_ratio", AT(ttft_p99_ratio)},
    {"tpot_p99_ratio", AT(tpot_p99_ratio)},
    {"e2e_p99_ratio", AT(e2e_p99_ratio)},
    {"goodput_ratio", AT(goodput_ratio)},
    {"usd_per_million_tokens_ratio", AT(usd_per_million_ratio)},
    {"slo_attained_difference", AT(attained_difference)},
    {"undone_difference", AT(undone_difference)},
};
#undef AT

static json_t *class_of(const struct report_json *j,
                        const struct model_serving_class *c)
{
    json_t *object = json_object();

    report_json_put(object, "prompt_tokens_up_to",
                    c->up_to_tokens == INT64_MAX ? json_null()
                                                 : json_integer(c->up_to_tokens));
    report_json_put_times(j, object, c, class_times, COUNT(class_times));
    report_json_put_stats(j, object, c, class_stats, COUNT(class_stats));
    return object;
}

static json_t *pool(const struct report_json *j, const struct model_serving_pool *p)
{
    json_t *object = json_object();

    report_json_put(object, "name", report_json_text(j, p->name));
    report_json_put(object, "role", report_json_text(j, p->role));
    report_json_put(object, "iteration_time", report_json_text(j, p->iteration));
    report_json_put(object, "kv_capacity", report_json_text(j, p->kv_text));
    report_json_put(object, "gpu_model",
                    p->gpu != NULL ? report_json_text(j, p->gpu->name) : json_null());
    report_json_put(object, "gpus_per_replica", json_integer(p->gpus));
    report_json_put(object, "block_size", json_integer(p->block_size));
    report_json_put_stats(j, object, p, pool_stats, COUNT(pool_stats));
    report_json_put_times(j, object, p, pool_times, COUNT(pool_times));
    report_json_put_counts(object, p, pool_counts, COUNT(pool_counts));
    return object;
}

static json_t *slo(const struct model_serving_result *s)
{
    json_t *object = json_object();

    report_json_put(object, "ttft_s", report_json_number(s->slo_ttft_s));
    report_json_put(object, "tpot_s", report_json_number(s->slo_tpot_s));
    report_json_put(object, "e2e_s", report_json_number(s->slo_e2e_s));
    report_json_put(
        object, "attain",
        report_json_number(s->slo_attain_frac > 0 ? s->slo_attain_frac : NAN));
    return object;
}

static json_t *integers(const int64_t *values, int32_t n)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < n; i++)
        report_json_append(array, json_integer(values[i]));
    return array;
}

static json_t *attainment(const struct model_serving_result *s)
{
    json_t *object = json_object();

    report_json_put(object, "bucket_s", report_json_number(s->bucket_s));
    report_json_put(object, "finished", integers(s->finished, s->n_buckets));
    report_json_put(object, "met", integers(s->met, s->n_buckets));
    return object;
}

static json_t *transfers(const struct report_json *j,
                         const struct model_serving_result *s)
{
    json_t *object = json_object();

    report_json_put(object, "count", json_integer(s->transfers));
    report_json_put(object, "bytes", json_integer(s->transfer_bytes));
    report_json_put_times(j, object, s, transfer_times, COUNT(transfer_times));
    return object;
}

json_t *report_json_serving(const struct report_json *j,
                            const struct model_serving_result *s)
{
    json_t *object = json_object(), *tokens = json_object();
    json_t *classes = json_array(), *pools = json_array();

    report_json_put(object, "model", report_json_text(j, s->model));
    report_json_put(object, "requests", json_integer(s->requests));
    report_json_put(object, "retried", json_integer(s->retried));
    report_json_put_times(j, object, s, serving_times, COUNT(serving_times));
    report_json_put(object, "slo", s->has_slo ? slo(s) : json_null());
    report_json_put_stats(j, object, s, serving_stats, COUNT(serving_stats));
    report_json_put_stats(j, tokens, s, token_stats, COUNT(token_stats));
    report_json_put(object, "tokens_per_s", tokens);
    for (int32_t i = 0; i < s->n_classes; i++)
        report_json_append(classes, class_of(j, &s->classes[i]));
    report_json_put(object, "classes", classes);
    for (int32_t i = 0; i < s->n_pools; i++)
        report_json_append(pools, pool(j, &s->pools[i]));
    report_json_put(object, "pools", pools);
    report_json_put(object, "transfers", transfers(j, s));
    report_json_put(object, "attainment", attainment(s));
    return object;
}

json_t *report_json_serving_comparisons(const struct report_json *j,
                                        const struct model_comparison *c)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < c->n_serving; i++) {
        const struct model_workload_result *w =
            &j->r->policies[c->policy].workloads[c->serving[i].workload];
        json_t *object = json_object();

        report_json_put(object, "workload", report_json_text(j, w->name));
        report_json_put_stats(j, object, &c->serving[i], comparison_stats,
                              COUNT(comparison_stats));
        report_json_append(array, object);
    }
    return array;
}
