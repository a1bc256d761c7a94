/* The workload: arrivals, routers, handovers, figures. */
#include "tests/twin_serving.h"

#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "model/result.h"
#include "tests/array_trace.h"
#include "tests/twin_serving_rows.h"

/* ---- an array as a trace ---- */

struct model_trace_opener serving_trace_opener(const struct serving_trace *trace)
{
    struct model_arrival *rows =
        sp_arena_array(trace->arena, (size_t)trace->n, sizeof *rows);
    struct array_trace *array = sp_arena_alloc(trace->arena, sizeof *array);

    for (int32_t i = 0; i < trace->n; i++) {
        const struct serving_request *q = &trace->rows[i];

        rows[i] = (struct model_arrival){.time_ns = q->time_ns,
                                         .size = {q->prompt, q->output, q->priority},
                                         .n_hashes = q->n_hashes,
                                         .hashes = q->hashes};
    }
    *array =
        (struct array_trace){trace->arena, trace->n, rows, trace->hash_block_tokens};
    return array_trace_opener(array);
}

/* ---- figures ---- */

int64_t tw_ceil_ns(sp_i128 tick)
{
    return (int64_t)((tick + ((1 << MODEL_TICK_BITS) - 1)) >> MODEL_TICK_BITS);
}

void tw_run_token(struct tw_run *run, struct tw_request *q, sp_i128 tick)
{
    if (q->generated == 1)
        q->r->first_ns = tw_ceil_ns(tick);
    else
        sim_histogram_add(&run->r->itl,
                          (int64_t)((tick - q->last_tick) >> MODEL_TICK_BITS), 1);
    q->r->last_ns = tw_ceil_ns(tick);
    q->last_tick = tick;
}

static bool within(int64_t limit_ns, int64_t ns)
{
    return limit_ns < 0 || ns <= limit_ns;
}

static int32_t class_of(const struct tw_run *run, const struct tw_request *q)
{
    int32_t c = 0;

    while (c < run->m->n_classes - 1 && q->row->prompt > run->m->class_tokens[c])
        c++;
    return c;
}

void tw_run_done(struct tw_run *run, struct tw_request *q)
{
    struct twin_serving_result *r = run->r;
    const struct model_slo *slo = &run->m->slo;
    int64_t gaps = (int64_t)q->row->output - 1;
    int64_t ttft = q->r->first_ns - q->r->arrived_ns;
    int64_t e2e = q->r->last_ns - q->r->arrived_ns;
    int64_t tpot = gaps == 0 ? 0 : (q->r->last_ns - q->r->first_ns) / gaps;
    int32_t c = class_of(run, q);

    q->r->left_ns = r->end_ns = run->now_ns;
    r->done++;
    r->prompt_tokens += q->row->prompt;
    r->output_tokens += q->row->output;
    sim_histogram_add(&r->ttft, ttft, 1);
    sim_histogram_add(&r->class_ttft[c], ttft, 1);
    sim_histogram_add(&r->e2e, e2e, 1);
    sim_histogram_add(&r->class_e2e[c], e2e, 1);
    sim_histogram_add(&r->queue, q->r->scheduled_ns - q->r->arrived_ns, 1);
    if (gaps > 0) {
        sim_histogram_add(&r->tpot, tpot, 1);
        sim_histogram_add(&r->class_tpot[c], tpot, 1);
    }
    q->r->good = within(slo->ttft_ns, ttft) && within(slo->e2e_ns, e2e) &&
                 (gaps == 0 || within(slo->tpot_ns, tpot));
    r->good += q->r->good;
    r->class_done[c]++;
    r->class_good[c] += q->r->good;
}

/* ---- routers ---- */

static int64_t unfound(const struct tw_run *run, const struct tw_replica *r,
                       const struct tw_request *q)
{
    int64_t most = (int64_t)q->row->prompt - 1, n;

    if (r->pool->prefix == MODEL_PREFIX_STORE) {
        n = tw_store_match(r->store, q->row);
        while (n * run->hash_tokens > most)
            n--;
        return q->row->prompt - n * run->hash_tokens;
    }
    return q->row->prompt -
           tw_kv_find(&r->kv, q, most, false).named * (int64_t)r->pool->block_size;
}

/* Whether a is a better choice than b, which has a lower number. */
static bool is_better(struct tw_run *run, const char *rule, struct tw_request *q,
                      struct tw_replica *a, struct tw_replica *b)
{
    int64_t x, y;

    if (strcmp(rule, "least-requests") == 0)
        return tw_replica_requests(a) < tw_replica_requests(b);
    if (strcmp(rule, "least-outstanding-tokens") == 0)
        return tw_replica_outstanding(a) < tw_replica_outstanding(b);
    sp_assert(strcmp(rule, "kv-aware") == 0);
    x = unfound(run, a, q) + tw_replica_outstanding(a);
    y = unfound(run, b, q) + tw_replica_outstanding(b);
    return x != y ? x < y : tw_kv_free(&a->kv) > tw_kv_free(&b->kv);
}

struct candidates {
    int32_t n;
    struct tw_replica **r; /* rising numbers */
};

static struct tw_replica *choose(struct tw_run *run, bool decode, struct tw_request *q,
                                 const struct candidates *c)
{
    const char *rule = decode ? run->m->decode_router : run->m->router;
    struct tw_replica *best = c->r[0];

    if (strcmp(rule, "round-robin") == 0) {
        for (int32_t i = c->n - 1; i >= 0; i--)
            if (c->r[i]->number > run->last[decode])
                best = c->r[i];
        run->last[decode] = best->number;
        return best;
    }
    for (int32_t i = 1; i < c->n; i++)
        if (is_better(run, rule, q, c->r[i], best))
            best = c->r[i];
    return best;
}

/* ---- handover ---- */

/* Tokens in its cache when it comes to the decode replica. */
static int64_t moved_context(const struct tw_request *q)
{
    return q->row->prompt + (q->generated > 0 ? q->generated - 1 : 0);
}

static int64_t moved_blocks(const struct tw_replica *r, const struct tw_request *q)
{
    return (moved_context(q) + r->pool->block_size - 1) / r->pool->block_size;
}

static bool has_place(const struct tw_replica *r, const struct tw_request *q)
{
    return r->pool->role == MODEL_ROLE_DECODE && tw_replica_fits(r, q->row, true) &&
           tw_kv_free(&r->kv) >= moved_blocks(r, q) &&
           r->waiting.n == 0 && /* preempted ones go first */
           r->running.n + r->reserved < r->pool->max_num_seqs;
}

/* Picks a decode replica and takes its place there. */
static bool pick(struct tw_run *run, struct tw_request *q)
{
    struct candidates c = {
        .r = sp_arena_array(run->arena, (size_t)run->n_replicas, sizeof(void *))};

    for (int32_t i = 0; i < run->n_replicas; i++)
        if (has_place(&run->replicas[i], q))
            c.r[c.n++] = &run->replicas[i];
    if (c.n == 0)
        return false;
    q->to = choose(run, true, q, &c);
    q->to->reserved++;
    q->there = sp_arena_alloc(run->arena, sizeof *q->there);
    q->there->number = q->number;
    q->there->row = q->row;
    q->there->r = q->r;
    q->there->here_before = true; /* its prompt is not one of this pool */
    tw_kv_take(&q->to->kv, q->there, moved_blocks(q->to, q));
    return true;
}

static int64_t bytes_of(const struct tw_run *run, const struct tw_request *q)
{
    return moved_context(q) * model_llm_kv_bytes(run->m->llm);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the NICs have moved it, first come first served. */
static int64_t over_nics(struct tw_request *q, int64_t bytes, int64_t now_ns)
{
    double out = q->from->nic_bytes_per_s, in = q->to->nic_bytes_per_s;
    double rate = out == 0 || (in > 0 && in < out) ? in : out;
    int64_t start = now_ns, end;

    if (rate == 0)
        return now_ns;
    start = out > 0 ? later(start, q->from->nic_out_ns) : start;
    start = in > 0 ? later(start, q->to->nic_in_ns) : start;
    end = start + sp_ns_from_s((double)bytes / rate);
    q->from->nic_out_ns = q->to->nic_in_ns = end;
    return end;
}

static void move(struct tw_run *run, struct tw_request *q, bool layered)
{
    const struct model_transfer *t = &run->m->transfer;
    int64_t bytes = bytes_of(run, q), now = run->now_ns, layers = run->m->llm->layers;
    int64_t time =
        t->bytes_per_s > 0 ? sp_ns_from_s((double)bytes / t->bytes_per_s) : 0;
    int64_t at;

    if (layered)
        at = later(now + t->latency_ns + (time + layers - 1) / layers,
                   q->first_chunk_ns + (now - q->first_chunk_ns) / layers +
                       t->latency_ns + time);
    else
        at = later(over_nics(q, bytes, now), now + time) + t->latency_ns;
    run->transfers[run->n_transfers++] =
        (struct tw_transfer){at, run->stepping && at == now, q};
    run->r->transfers++;
    run->r->transfer_bytes += bytes;
    sim_histogram_add(&run->r->held_back, now - q->prefilled_ns, 1);
    sim_histogram_add(&run->r->transfer, at - q->prefilled_ns, 1);
}

static void look_at_line(struct tw_run *run)
{
    while (run->line.n > 0 && pick(run, run->line.q[0])) {
        struct tw_request *q = run->line.q[0];

        tw_list_drop(&run->line, q);
        move(run, q, false);
    }
}

/* What was picked ahead for preempted ones. */
static void give_back(struct tw_run *run)
{
    for (int32_t i = 0; i < run->back.n; i++) {
        struct tw_request *q = run->back.q[i];

        tw_kv_release(&q->to->kv, q->there, false);
        q->to->reserved--;
        tw_replica_wake(q->to);
        q->to = NULL;
    }
    run->back.n = 0;
}

/* When all of an instant have stepped: the line, then those whose prompt has begun,
 * while nobody is in line. */
static bool hand_over(struct tw_run *run)
{
    if (!run->look && run->ahead.n == 0 && run->back.n == 0)
        return false;
    run->look = false;
    give_back(run);
    look_at_line(run);
    for (int32_t i = 0; i < run->ahead.n && run->line.n == 0; i++)
        (void)pick(run, run->ahead.q[i]);
    run->ahead.n = 0;
    return true;
}

void tw_run_prefilled(struct tw_run *run, struct tw_replica *r, struct tw_request *q)
{
    q->from = r;
    q->prefilled_ns = run->now_ns;
    if (q->to != NULL)
        move(run, q, true);
    else
        tw_list_add(&run->line, q);
    run->look = true;
}

void tw_run_scheduled(struct tw_run *run, struct tw_replica *r, struct tw_request *q)
{
    q->first_chunk_ns = q->r->scheduled_ns = run->now_ns;
    sim_histogram_add(&r->r->queue, run->now_ns - q->submitted_ns, 1);
    if (run->m->transfer.overlap && r->pool->role == MODEL_ROLE_PREFILL &&
        q->row->output > 1)
        tw_list_add(&run->ahead, q);
}

/* What was picked ahead for it is given back, after the steps. */
void tw_run_preempted(struct tw_run *run, struct tw_request *q)
{
    for (int32_t i = 0; i < run->ahead.n; i++)
        if (run->ahead.q[i] == q)
            tw_list_drop(&run->ahead, q);
    if (q->to != NULL)
        tw_list_add(&run->back, q);
}

static void arrive_there(struct tw_run *run, struct tw_request *q)
{
    q->there->generated = q->generated;
    tw_replica_join(q->to, q->there);
    tw_kv_release(&q->from->kv, q, false);
    q->from->held--;
    tw_replica_wake(q->from);
    (void)run;
}

/* ---- arrivals ---- */

static bool can_decode(const struct tw_run *run, const struct serving_request *q)
{
    bool some = q->output == 1; /* which never gets there */

    for (int32_t i = 0; i < run->n_replicas; i++)
        some |= run->replicas[i].pool->role == MODEL_ROLE_DECODE &&
                tw_replica_fits(&run->replicas[i], q, true);
    return some;
}

static bool may_take(const struct tw_run *run, const struct tw_replica *r,
                     const struct serving_request *q)
{
    if (r->pool->role == MODEL_ROLE_BOTH)
        return tw_replica_fits(r, q, true);
    return r->pool->role == MODEL_ROLE_PREFILL && tw_replica_fits(r, q, false) &&
           can_decode(run, q);
}

static void drop(struct tw_run *run, struct twin_request_result *r, enum model_drop why)
{
    r->dropped = (int32_t)why;
    r->left_ns = run->r->end_ns = run->now_ns;
    run->r->dropped_by[why]++;
}

static void arrive(struct tw_run *run)
{
    const struct serving_request *row = &run->trace->rows[run->n_arrived];
    struct twin_request_result *result = &run->r->requests[run->n_arrived];
    struct candidates c = {
        .r = sp_arena_array(run->arena, (size_t)run->n_replicas, sizeof(void *))};
    struct tw_request *q;

    *result =
        (struct twin_request_result){run->now_ns, -1, SP_NO_ID, -1, -1, -1, false};
    run->r->in++;
    for (int32_t i = 0; i < run->n_replicas; i++)
        if (may_take(run, &run->replicas[i], row))
            c.r[c.n++] = &run->replicas[i];
    if (row->prompt == 0 || row->output == 0) {
        drop(run, result, MODEL_DROP_ZERO_TOKENS);
    } else if (c.n == 0) {
        drop(run, result, MODEL_DROP_KV_CAPACITY);
    } else {
        q = sp_arena_alloc(run->arena, sizeof *q);
        q->number = run->n_arrived;
        q->row = row;
        q->r = result;
        tw_replica_submit(choose(run, false, q, &c), q);
    }
    run->n_arrived++;
}

/* ---- the clock ---- */

static int64_t next_ns(const struct tw_run *run)
{
    int64_t next = INT64_MAX;

    if (run->n_arrived < run->trace->n)
        next = run->trace->rows[run->n_arrived].time_ns;
    for (int32_t i = 0; i < run->n_transfers; i++)
        if (run->transfers[i].at_ns < next)
            next = run->transfers[i].at_ns;
    for (int32_t i = 0; i < run->n_replicas; i++)
        if (run->replicas[i].busy && run->replicas[i].end_ns < next)
            next = run->replicas[i].end_ns;
    return next;
}

static bool next_arrival(struct tw_run *run)
{
    if (run->n_arrived == run->trace->n ||
        run->trace->rows[run->n_arrived].time_ns > run->now_ns)
        return false;
    arrive(run);
    return true;
}

static bool next_transfer(struct tw_run *run)
{
    for (int32_t i = 0; i < run->n_transfers; i++) {
        struct tw_request *q = run->transfers[i].q;

        if (run->transfers[i].at_ns > run->now_ns || run->transfers[i].held)
            continue;
        for (run->n_transfers--; i < run->n_transfers; i++)
            run->transfers[i] = run->transfers[i + 1];
        arrive_there(run, q);
        return true;
    }
    return false;
}

/* Of those due at this instant, the one with the lowest number. */
static bool next_step(struct tw_run *run)
{
    for (int32_t i = 0; i < run->n_replicas; i++) {
        struct tw_replica *r = &run->replicas[i];

        if (!(r->busy ? r->end_ns == run->now_ns : r->look))
            continue;
        run->stepping = true;
        tw_replica_step(r);
        run->stepping = false;
        return true;
    }
    return false;
}

/* All have stepped: what they led to at once. */
static bool let_follow(struct tw_run *run)
{
    bool some = false;

    for (int32_t i = 0; i < run->n_transfers; i++) {
        some |= run->transfers[i].held;
        run->transfers[i].held = false;
    }
    return some;
}

/* ---- making it ---- */

static const struct model_node_type *type_of(const struct model_policy *policy,
                                             int32_t unit)
{
    for (int32_t t = 0; t < policy->n_types; t++)
        if ((policy->plans->units[unit].allowed_types >> t & 1) != 0)
            return &policy->types[t];
    return &policy->types[0];
}

static void make_replica(struct tw_run *run, const struct model_policy *policy,
                         int32_t pool)
{
    struct tw_replica *r = &run->replicas[run->n_replicas];
    const struct model_pool *m = &run->m->pools[pool];
    size_t n = (size_t)run->trace->n + 1;

    *r = (struct tw_replica){.run = run,
                             .pool = m,
                             .r = &run->r->pools[pool],
                             .pool_id = pool,
                             .number = run->n_replicas++,
                             .nic_bytes_per_s = type_of(policy, pool)->nic_bytes_per_s};
    r->running.q = sp_arena_array(run->arena, n, sizeof(void *));
    r->waiting.q = sp_arena_array(run->arena, n, sizeof(void *));
    r->kv = (struct tw_kv){.arena = run->arena,
                           .capacity = m->kv_blocks,
                           .caching = m->prefix == MODEL_PREFIX_GPU,
                           .block_size = m->block_size};
    r->kv.group = run->hash_tokens / m->block_size;
}

static void make_pool(struct tw_run *run, const struct model_policy *policy,
                      int32_t pool)
{
    int32_t n_hashes = 0, first = run->n_replicas;
    struct tw_store *store = sp_arena_alloc(run->arena, sizeof *store);

    for (int32_t i = 0; i < run->trace->n; i++)
        n_hashes += run->trace->rows[i].n_hashes;
    store->room = run->m->pools[pool].prefix_blocks;
    store->hashes = sp_arena_array(run->arena, (size_t)n_hashes + 1, sizeof(uint64_t));
    sim_histogram_init(&run->r->pools[pool].queue, run->arena);
    for (int32_t i = 0; i < policy->plans->units[pool].count; i++)
        make_replica(run, policy, pool);
    for (int32_t i = first; i < run->n_replicas; i++)
        run->replicas[i].store = store;
}

static void make_figures(struct twin_serving_result *r, int32_t n_classes,
                         struct sp_arena *arena)
{
    struct sim_histogram *all[] = {&r->ttft,  &r->tpot,     &r->itl,      &r->e2e,
                                   &r->queue, &r->transfer, &r->held_back};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        sim_histogram_init(all[i], arena);
    for (int32_t c = 0; c < n_classes; c++) {
        sim_histogram_init(&r->class_ttft[c], arena);
        sim_histogram_init(&r->class_tpot[c], arena);
        sim_histogram_init(&r->class_e2e[c], arena);
    }
}

static void sum_up(struct tw_run *run)
{
    struct twin_serving_result *r = run->r;

    r->in_flight = r->in - r->done;
    for (int32_t i = 0; i < MODEL_DROP_REASONS; i++)
        r->in_flight -= r->dropped_by[i];
    for (int32_t i = 0; i < run->n_replicas; i++) {
        const struct tw_replica *one = &run->replicas[i];

        if (one->kv.peak > one->r->kv_peak)
            one->r->kv_peak = one->kv.peak;
    }
}

void twin_serving_run(const struct model_policy *policy,
                      const struct serving_trace *trace, struct sp_arena *arena,
                      void *log, struct twin_serving_result *result)
{
    const struct model_serving *m = policy->plans->serving;
    struct tw_run run = {.arena = arena,
                         .m = m,
                         .trace = trace,
                         .r = result,
                         .log = log,
                         .last = {-1, -1},
                         .hash_tokens = m->hash_block_tokens > 0
                                            ? m->hash_block_tokens
                                            : trace->hash_block_tokens};
    int32_t n = 0;

    *result = (struct twin_serving_result){
        .requests =
            sp_arena_array(arena, (size_t)trace->n + 1, sizeof *result->requests)};
    make_figures(result, m->n_classes, arena);
    for (int32_t p = 0; p < m->n_pools; p++)
        n += policy->plans->units[p].count;
    run.replicas = sp_arena_array(arena, (size_t)n + 1, sizeof *run.replicas);
    run.line.q = sp_arena_array(arena, (size_t)trace->n + 1, sizeof(void *));
    run.ahead.q = sp_arena_array(arena, (size_t)trace->n + 1, sizeof(void *));
    run.back.q = sp_arena_array(arena, (size_t)trace->n + 1, sizeof(void *));
    run.transfers = sp_arena_array(arena, (size_t)trace->n + 1, sizeof *run.transfers);
    for (int32_t p = 0; p < m->n_pools; p++)
        make_pool(&run, policy, p);
    while ((run.now_ns = next_ns(&run)) != INT64_MAX)
        while (next_arrival(&run) || next_transfer(&run) || next_step(&run) ||
               let_follow(&run) || hand_over(&run))
            ;
    sum_up(&run);
}
