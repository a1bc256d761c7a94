/* What is counted of requests as they leave, the window, and the workload's result. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "sim/serving_rows.h"

/* ---- counting ---- */

static void tally_init(struct sim_serving_tally *t, struct sp_arena *arena)
{
    sim_histogram_init(&t->ttft, arena);
    sim_histogram_init(&t->tpot, arena);
    sim_histogram_init(&t->e2e, arena);
}

static void tally_reset(struct sim_serving_tally *t)
{
    sim_histogram_reset(&t->ttft);
    sim_histogram_reset(&t->tpot);
    sim_histogram_reset(&t->e2e);
    t->done = t->dropped = t->good = 0;
}

void sim_serving_result_init(struct sim_serving *w)
{
    size_t n = (size_t)w->m->n_classes;

    tally_init(&w->all, w->arena);
    w->classes = sp_arena_array(w->arena, n, sizeof *w->classes);
    for (size_t i = 0; i < n; i++)
        tally_init(&w->classes[i], w->arena);
    sim_histogram_init(&w->queue, w->arena);
    sim_histogram_init(&w->transfer, w->arena);
    sim_histogram_init(&w->held_back, w->arena);
    w->attain.width_ns = SP_NS_PER_S;
    w->attain.finished =
        sp_arena_array(w->arena, SIM_ATTAIN_BUCKETS, sizeof *w->attain.finished);
    w->attain.met = sp_arena_array(w->arena, SIM_ATTAIN_BUCKETS, sizeof *w->attain.met);
}

static void attain_double(struct sim_attain *a)
{
    for (int32_t i = 0; i < SIM_ATTAIN_BUCKETS / 2; i++) {
        a->finished[i] = a->finished[2 * i] + a->finished[2 * i + 1];
        a->met[i] = a->met[2 * i] + a->met[2 * i + 1];
    }
    for (int32_t i = SIM_ATTAIN_BUCKETS / 2; i < SIM_ATTAIN_BUCKETS; i++)
        a->finished[i] = a->met[i] = 0;
    a->width_ns *= 2;
    a->n = (a->n + 1) / 2;
}

static void attain_add(struct sim_attain *a, int64_t now_ns, bool good)
{
    int32_t at;

    while (now_ns / a->width_ns >= SIM_ATTAIN_BUCKETS)
        attain_double(a);
    at = (int32_t)(now_ns / a->width_ns);
    a->n = at >= a->n ? at + 1 : a->n;
    a->finished[at]++;
    a->met[at] += good;
}

static bool has_slo(const struct model_slo *s)
{
    return s->ttft_ns >= 0 || s->tpot_ns >= 0 || s->e2e_ns >= 0;
}

/* Every limit that is asked for holds; the time per token exactly, not rounded. */
static bool is_good(const struct model_slo *s, const struct sim_request *r)
{
    return (s->ttft_ns < 0 || r->first_token_ns - r->arrived_ns <= s->ttft_ns) &&
           (s->tpot_ns < 0 || r->last_token_ns - r->first_token_ns <=
                                  sp_i128_mul(s->tpot_ns, r->output - 1)) &&
           (s->e2e_ns < 0 || r->last_token_ns - r->arrived_ns <= s->e2e_ns);
}

static void tally_add(struct sim_serving_tally *t, const struct sim_request *r,
                      bool dropped, bool good)
{
    t->dropped += dropped;
    t->good += good;
    if (dropped)
        return;
    t->done++;
    sim_histogram_add(&t->ttft, r->first_token_ns - r->arrived_ns, 1);
    sim_histogram_add(&t->e2e, r->last_token_ns - r->arrived_ns, 1);
    if (r->output > 1)
        sim_histogram_add(&t->tpot,
                          (r->last_token_ns - r->first_token_ns) / (r->output - 1), 1);
}

static struct sim_serving_tally *class_of(struct sim_serving *w, int64_t prompt)
{
    int32_t i = 0;

    while (i < w->m->n_classes - 1 && prompt > w->m->class_tokens[i])
        i++;
    return w->m->n_classes > 0 ? &w->classes[i] : NULL;
}

void sim_serving_count_left(struct sim_serving *w, const struct sim_request *r,
                            int32_t request, int drop)
{
    bool good = drop < 0 && is_good(&w->m->slo, r);
    struct sim_serving_tally *class = class_of(w, r->prompt);

    attain_add(&w->attain, w->now_ns, good);
    if (!w->measuring)
        return;
    tally_add(&w->all, r, drop >= 0, good);
    if (class != NULL)
        tally_add(class, r, drop >= 0, good);
    if (drop >= 0)
        return;
    sim_histogram_add(&w->queue, w->flights[request].scheduled_ns - r->arrived_ns, 1);
    w->prompt_measured += r->prompt;
    w->output_measured += r->output;
}

/* ---- the window ---- */

static void add_counts(struct sim_replica_counts *to,
                       const struct sim_replica_counts *c)
{
    to->iterations += c->iterations;
    to->decode_iterations += c->decode_iterations;
    to->prefill_tokens += c->prefill_tokens;
    to->decode_tokens += c->decode_tokens;
    to->output_tokens += c->output_tokens;
    to->recomputed_tokens += c->recomputed_tokens;
    to->preemptions += c->preemptions;
    to->prefix_tokens += c->prefix_tokens;
    to->prefix_found_tokens += c->prefix_found_tokens;
    to->prefix_blocks += c->prefix_blocks;
    to->prefix_found_blocks += c->prefix_found_blocks;
    to->beyond += c->beyond;
    to->busy_ticks += c->busy_ticks;
    to->compute_ticks += c->compute_ticks;
    to->decode_ticks += c->decode_ticks;
    to->pairs += c->pairs;
    to->rows += c->rows;
    to->kv_block_ticks += c->kv_block_ticks;
}

struct sim_replica_counts sim_serving_counts(const struct sim_serving_pool *p)
{
    struct sim_replica_counts sum = p->before;

    add_counts(&sum, &p->stats.counts);
    return sum;
}

void sim_serving_settle(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_replicas; i++)
        if (w->replicas[i].engine != NULL)
            sim_replica_settle(w->replicas[i].engine, w->now_ns);
}

static struct sim_serving_mark mark(const struct sim_serving *w,
                                    const struct sim_serving_pool *p)
{
    struct sim_serving_mark m = {.waiting = sim_level_integral(&p->waiting, w->now_ns),
                                 .slots = sim_level_integral(&p->slots, w->now_ns)};

    for (int32_t t = 0; t < w->env.policy->n_types; t++)
        m.busy += sim_level_integral(&p->busy[t], w->now_ns);
    return m;
}

static void begin_window(struct sim_serving *w)
{
    tally_reset(&w->all);
    for (int32_t i = 0; i < w->m->n_classes; i++)
        tally_reset(&w->classes[i]);
    sim_histogram_reset(&w->queue);
    sim_histogram_reset(&w->transfer);
    sim_histogram_reset(&w->held_back);
    w->prompt_measured = w->output_measured = 0;
    for (int32_t i = 0; i < w->n_pools; i++) {
        struct sim_serving_pool *p = &w->pools[i];

        add_counts(&p->before, &p->stats.counts);
        p->stats.counts = (struct sim_replica_counts){0};
        sim_histogram_reset(&p->stats.gaps);
        sim_histogram_reset(&p->wait);
        sim_histogram_reset(&p->service);
        p->from = mark(w, p);
    }
}

static void end_window(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_pools; i++) {
        struct sim_serving_pool *p = &w->pools[i];

        p->to = mark(w, p);
        p->measured.counts = p->stats.counts;
        sim_histogram_reset(&p->measured.gaps);
        sim_histogram_merge(&p->measured.gaps, &p->stats.gaps);
    }
}

void sim_serving_measure(void *self, bool on, int64_t now_ns)
{
    struct sim_serving *w = self;

    w->now_ns = now_ns;
    sim_serving_settle(w);
    if (on)
        begin_window(w);
    else if (w->measuring)
        end_window(w);
    w->measuring = on;
}

/* ---- the result ---- */

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
}

/* ---- the price of tokens ---- */

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether the workload pays a line: alone on the fleet all of them; beside others what
 * is its own, busy and idle, and nothing of what nobody reserved. */
static bool is_ours(const struct model_cost_line *l, const char *workload, bool sole)
{
    return sole || same(l->workload, workload);
}

struct money {
    double all, prefill, decode; /* USD; the last two of busy lines */
};

/* A pool's busy money by its own busy time of prefill and decode: so an expensive pool
 * counts for what it costs. */
static void add_busy(const struct sim_serving *w, const struct model_cost_line *l,
                     struct money *m)
{
    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];
        struct sim_replica_counts c = sim_serving_counts(p);
        double decode = sp_i128_ratio(c.decode_ticks, c.busy_ticks);

        if (!same(l->stage, p->m->name) || c.busy_ticks == 0)
            continue;
        m->decode += decode * (double)l->uusd / 1e6;
        m->prefill += (1 - decode) * (double)l->uusd / 1e6;
    }
}

static struct model_stat per_million(double usd, sp_i128 tokens)
{
    return model_stat_one(tokens > 0 ? usd / sp_double_from_i128(tokens) * 1e6 : NAN);
}

void sim_serving_price(const void *self, const struct model_cost *cost, bool sole,
                       struct model_workload_result *r)
{
    const struct sim_serving *w = self;
    struct money m = {0};

    for (int32_t i = 0; i < cost->n_lines; i++) {
        const struct model_cost_line *l = &cost->lines[i];

        if (!is_ours(l, w->plan->workload, sole))
            continue;
        m.all += (double)l->uusd / 1e6;
        if (l->kind == MODEL_LINE_BUSY && same(l->workload, w->plan->workload))
            add_busy(w, l, &m);
    }
    r->serving->usd_per_million_tokens =
        per_million(m.all, w->prompt_done + w->output_done);
    if (m.prefill + m.decode <= 0)
        return;
    r->serving->usd_per_million_prompt_tokens =
        per_million(m.all * m.prefill / (m.prefill + m.decode), w->prompt_done);
    r->serving->usd_per_million_output_tokens =
        per_million(m.all * m.decode / (m.prefill + m.decode), w->output_done);
}
