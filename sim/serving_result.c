/* A serving workload's result: its stages, pools, latencies and rates. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "sim/cdf.h"
#include "sim/serving_rows.h"

static bool has_slo(const struct model_slo *s)
{
    return s->ttft_ns >= 0 || s->tpot_ns >= 0 || s->e2e_ns >= 0;
}

static double s_of_ticks(sp_i128 ticks)
{
    return sp_double_from_i128(ticks) / (double)(INT64_C(1) << MODEL_TICK_BITS) / 1e9;
}

static void stage_result(const struct sim_serving *w, const struct sim_serving_pool *p,
                         int64_t window_ns, struct model_stage_result *r)
{
    const struct sim_replica_counts *c = &p->measured.counts;
    sp_i128 slot_ns = p->to.slots - p->from.slots;

    *r = (struct model_stage_result){
        .name = w->plan->stages[p->id].name,
        .unit = p->unit->name,
        .slots = model_stat_one(sp_i128_ratio(slot_ns, window_ns)),
        .busy_frac = model_stat_one(sp_i128_ratio(p->to.busy - p->from.busy, slot_ns)),
        .blocked_frac = model_stat_one(slot_ns == 0 ? NAN : 0),
        .fetch_frac = model_stat_one(slot_ns == 0 ? NAN : 0),
        .wait = sim_histogram_times(&p->wait),
        .service = sim_histogram_times(&p->service),
        .queue_mean =
            model_stat_one(sp_i128_ratio(p->to.waiting - p->from.waiting, window_ns)),
        .queue_peak = model_stat_one((double)p->peak_waiting),
        .batch_mean =
            model_stat_one(sp_i128_ratio(c->decode_tokens, c->decode_iterations)),
        .in = p->in,
        .done = p->done,
        .emitted = p->done,
        .retried = p->retried,
        .dropped = p->dropped,
        .mean_service_s = NAN,
    };
}

/* Operations of the peak rate that the model's weights are computed at. */
static double peak_flop_per_s(const struct sim_serving *w, const struct model_gpu *gpu)
{
    if (gpu == NULL)
        return NAN;
    return w->m->llm->weight_bits <= 8 && !isnan(gpu->fp8_flop_per_s)
               ? gpu->fp8_flop_per_s
               : gpu->bf16_flop_per_s;
}

static double flop_utilization(const struct sim_serving *w,
                               const struct sim_serving_pool *p)
{
    const struct sim_replica_counts *c = &p->measured.counts;
    double flop, peak = peak_flop_per_s(w, p->m->gpu) * p->m->gpus;

    if (w->m->llm == NULL || c->busy_ticks == 0)
        return NAN;
    flop = model_llm_dense_flop(w->m->llm,
                                (double)(c->prefill_tokens + c->decode_tokens)) +
           model_llm_head_flop(w->m->llm, (double)c->rows) +
           model_llm_attention_flop(w->m->llm, sp_double_from_i128(c->pairs));
    return flop / (peak * s_of_ticks(c->busy_ticks));
}

static void kv_result(const struct sim_serving_pool *p, int64_t peak,
                      struct model_serving_pool *r)
{
    const struct sim_replica_counts *c = &p->measured.counts;
    bool limited = p->m->kv_blocks != INT64_MAX;

    r->kv_used_frac = model_stat_one(
        limited ? sp_i128_ratio(c->kv_block_ticks, c->busy_ticks * p->m->kv_blocks)
                : NAN);
    r->kv_peak_frac =
        model_stat_one(limited ? (double)peak / (double)p->m->kv_blocks : NAN);
}

static const char *role_name(enum model_role role)
{
    static const char *const names[] = {[MODEL_ROLE_BOTH] = "both",
                                        [MODEL_ROLE_PREFILL] = "prefill",
                                        [MODEL_ROLE_DECODE] = "decode"};

    return names[role];
}

static void pool_result(const struct sim_serving *w, const struct sim_serving_pool *p,
                        int64_t window_ns, struct model_serving_pool *r)
{
    const struct sim_replica_counts *c = &p->measured.counts;
    sp_i128 slot_ns = p->to.slots - p->from.slots;
    double gpu_s = sp_double_from_i128(slot_ns) / 1e9 * p->m->gpus;

    *r = (struct model_serving_pool){
        .name = p->m->name,
        .role = role_name(p->m->role),
        .iteration = model_iteration_text(p->m->iteration),
        .kv_text = p->m->kv_text,
        .gpus = p->m->gpus,
        .gpu = p->m->gpu,
        .kv_blocks = p->m->kv_blocks,
        .block_size = p->m->block_size,
        .replicas = model_stat_one(sp_i128_ratio(slot_ns, window_ns)),
        .busy_frac = model_stat_one(sp_i128_ratio(p->to.busy - p->from.busy, slot_ns)),
        .compute_frac =
            model_stat_one(model_iteration_knows_bound(p->m->iteration)
                               ? sp_i128_ratio(c->compute_ticks, c->busy_ticks)
                               : NAN),
        .decode_frac = model_stat_one(sp_i128_ratio(c->decode_ticks, c->busy_ticks)),
        .flop_utilization = model_stat_one(flop_utilization(w, p)),
        .batch_mean =
            model_stat_one(sp_i128_ratio(c->decode_tokens, c->decode_iterations)),
        .tokens_per_s_per_gpu = model_stat_one(
            gpu_s > 0 ? (double)(c->prefill_tokens + c->decode_tokens) / gpu_s : NAN),
        .queue = sim_histogram_times(&p->wait),
        .iterations = c->iterations,
        .prefill_tokens = c->prefill_tokens,
        .decode_tokens = c->decode_tokens,
        .recomputed_tokens = c->recomputed_tokens,
        .preemptions = c->preemptions,
        .prefix_caching = p->m->prefix != MODEL_PREFIX_NONE,
        .prefix_blocks = c->prefix_blocks,
        .prefix_found_blocks = c->prefix_found_blocks,
        .prefix_tokens = c->prefix_tokens,
        .prefix_found_tokens = c->prefix_found_tokens,
        .beyond = c->beyond,
        .lost = p->lost,
    };
    kv_result(p, p->kv_peak, r);
}

static double s_or_nan(int64_t ns)
{
    return ns < 0 ? NAN : sp_s_from_ns(ns);
}

static struct model_stat attained(const struct sim_serving *w,
                                  const struct sim_serving_tally *t)
{
    return model_stat_one(
        has_slo(&w->m->slo) ? sp_i128_ratio(t->good, t->done + t->dropped) : NAN);
}

static void class_results(const struct sim_serving *w, struct sp_arena *arena,
                          struct model_serving_result *r)
{
    r->n_classes = w->m->n_classes;
    r->classes = sp_arena_array(arena, (size_t)r->n_classes, sizeof *r->classes);
    for (int32_t i = 0; i < r->n_classes; i++)
        r->classes[i] = (struct model_serving_class){
            .up_to_tokens = i == r->n_classes - 1 ? INT64_MAX : w->m->class_tokens[i],
            .ttft = sim_histogram_times(&w->classes[i].ttft),
            .tpot = sim_histogram_times(&w->classes[i].tpot),
            .e2e = sim_histogram_times(&w->classes[i].e2e),
            .slo_attained = attained(w, &w->classes[i])};
}

static void attain_result(const struct sim_serving *w, struct sp_arena *arena,
                          struct model_serving_result *r)
{
    const struct sim_attain *a = &w->attain;
    size_t n = (size_t)a->n;

    if (!has_slo(&w->m->slo))
        return;
    r->n_buckets = a->n;
    r->bucket_s = sp_s_from_ns(a->width_ns);
    r->finished = sp_arena_array(arena, n, sizeof *r->finished);
    r->met = sp_arena_array(arena, n, sizeof *r->met);
    memcpy(r->finished, a->finished, n * sizeof *r->finished);
    memcpy(r->met, a->met, n * sizeof *r->met);
}

/* Gaps between tokens, over all pools. */
static struct model_times itl_of(const struct sim_serving *w)
{
    struct sp_arena *scratch = sp_arena_new();
    struct sim_histogram sum;
    struct model_times t;

    sim_histogram_init(&sum, scratch);
    for (int32_t i = 0; i < w->n_pools; i++)
        sim_histogram_merge(&sum, &w->pools[i].measured.gaps);
    t = sim_histogram_times(&sum);
    sp_arena_free(scratch);
    return t;
}

/* Of requests done within the window; by GPUs of replicas that were up. */
static void rates(const struct sim_serving *w, int64_t window_ns,
                  struct model_serving_result *r)
{
    double window_s = sp_s_from_ns(window_ns), gpu_s = 0;
    double prompt = (double)w->prompt_measured, output = (double)w->output_measured;

    for (int32_t i = 0; i < w->n_pools; i++)
        gpu_s += sp_double_from_i128(w->pools[i].to.slots - w->pools[i].from.slots) /
                 1e9 * w->pools[i].m->gpus;
    r->prompt_tokens_per_s = model_stat_one(window_s > 0 ? prompt / window_s : NAN);
    r->output_tokens_per_s = model_stat_one(window_s > 0 ? output / window_s : NAN);
    r->tokens_per_s_per_gpu =
        model_stat_one(gpu_s > 0 ? (prompt + output) / gpu_s : NAN);
    r->goodput_per_s = model_stat_one(
        window_s > 0 && r->has_slo ? (double)w->all.good / window_s : NAN);
}

static struct model_serving_result *
serving_result(const struct sim_serving *w, struct sp_arena *arena, int64_t window_ns)
{
    struct model_serving_result *r = sp_arena_alloc(arena, sizeof *r);
    const struct model_slo *slo = &w->m->slo;

    *r = (struct model_serving_result){
        .model = w->m->llm != NULL ? w->m->llm->name : NULL,
        .weight_bytes =
            w->m->llm != NULL ? (double)model_llm_weight_bytes(w->m->llm) : 0,
        .requests = w->in,
        .retried = w->retried,
        .ttft = sim_histogram_times(&w->all.ttft),
        .tpot = sim_histogram_times(&w->all.tpot),
        .itl = itl_of(w),
        .e2e = sim_histogram_times(&w->all.e2e),
        .queue = sim_histogram_times(&w->queue),
        .has_slo = has_slo(slo),
        .slo_attain_frac = slo->attain_frac,
        .slo_ttft_s = s_or_nan(slo->ttft_ns),
        .slo_tpot_s = s_or_nan(slo->tpot_ns),
        .slo_e2e_s = s_or_nan(slo->e2e_ns),
        .slo_attained = attained(w, &w->all),
        .usd_per_million_tokens = model_stat_one(NAN),
        .usd_per_million_prompt_tokens = model_stat_one(NAN),
        .usd_per_million_output_tokens = model_stat_one(NAN),
        .n_pools = w->n_pools,
        .transfers = w->transfers,
        .transfer_bytes = w->transfer_bytes,
        .transfer = sim_histogram_times(&w->transfer),
        .held_back = sim_histogram_times(&w->held_back),
    };
    rates(w, window_ns, r);
    class_results(w, arena, r);
    attain_result(w, arena, r);
    r->pools = sp_arena_array(arena, (size_t)r->n_pools, sizeof *r->pools);
    for (int32_t i = 0; i < r->n_pools; i++)
        pool_result(w, &w->pools[i], window_ns, &r->pools[i]);
    return r;
}

/* The pool that was busiest, by the share of its replicas' time. */
static void mark_bottleneck(struct model_workload_result *r)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < r->n_stages; i++)
        if (r->stages[i].busy_frac.mean > 0 &&
            (best == SP_NO_ID ||
             r->stages[i].busy_frac.mean > r->stages[best].busy_frac.mean))
            best = i;
    if (best != SP_NO_ID)
        r->stages[best].bottleneck = true;
}

void sim_serving_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                        int64_t to_ns, struct model_workload_result *r)
{
    const struct sim_serving *w = self;
    const struct sim_cdf_source times[] = {
        {"ttft", &w->all.ttft}, {"tpot", &w->all.tpot}, {"e2e", &w->all.e2e}};
    double window_s = sp_s_from_ns(to_ns - from_ns);

    *r = (struct model_workload_result){
        .name = w->plan->workload,
        .kind = "serving",
        .in = w->in,
        .done = w->done,
        .in_flight = w->in_flight,
        .per_s = model_stat_one(window_s > 0 ? (double)w->all.done / window_s : NAN),
        .latency = sim_histogram_times(&w->all.e2e),
        .n_stages = w->n_pools,
        .bound_per_s = NAN,
        .bound_stage = SP_NO_ID,
        .moved_bytes = w->transfer_bytes,
    };
    for (int i = 0; i < MODEL_DROP_REASONS; i++) {
        r->dropped_by[i] = w->dropped_by[i];
        r->dropped += w->dropped_by[i];
    }
    r->stages = sp_arena_array(arena, (size_t)r->n_stages, sizeof *r->stages);
    for (int32_t i = 0; i < w->n_pools; i++)
        stage_result(w, &w->pools[i], to_ns - from_ns, &r->stages[i]);
    mark_bottleneck(r);
    r->serving = serving_result(w, arena, to_ns - from_ns);
    sim_cdf_fill(times, 3, arena, r);
}
