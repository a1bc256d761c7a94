#include "replica_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the time source ---- */

static int64_t decode_ticks(const struct model_iteration *it,
                            const struct model_batch *b)
{
    int64_t past = b->decode_context - it->kink;

    if (b->decodes == 0)
        return 0;
    return it->decode + it->each * b->decodes + it->context * b->decode_context +
           (it->kink > 0 && past > 0 ? it->bend * past : 0);
}

enum sp_status model_iteration_time(const struct model_iteration *it,
                                    const struct model_batch *b,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    if (it->fails_past > 0 && b->decode_context > it->fails_past)
        return sp_fail(err, SP_EINPUT, "past what is known");
    time->ticks = decode_ticks(it, b);
    if (b->prefills > 0)
        time->ticks +=
            it->prompt + it->token * b->prefill_tokens + it->pair * b->prefill_pairs;
    time->beyond = b->decode_context > 5000;
    time->compute_bound = b->prefills > 0;
    return SP_OK;
}

enum sp_status model_iteration_line(const struct model_iteration *it,
                                    const struct model_batch *b,
                                    struct model_line *line,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    const int64_t ends[] = {it->kink, it->fails_past, 5000};
    enum sp_status status = model_iteration_time(it, b, time, err);

    if (status != SP_OK)
        return status;
    *line = (struct model_line){
        .first = time->ticks, .step = it->context * b->decodes, .count = INT64_MAX};
    if (it->kink > 0 && b->decode_context >= it->kink)
        line->step += it->bend * b->decodes;
    for (int i = 0; i < 3; i++) /* up to the last at or before each end */
        if (ends[i] > 0 && b->decode_context <= ends[i]) {
            int64_t count = (ends[i] - b->decode_context) / b->decodes + 1;

            line->count = count < line->count ? count : line->count;
        }
    if (it->line_most > 0 && line->count > it->line_most)
        line->count = it->line_most;
    return SP_OK;
}

/* ---- the rig ---- */

struct rig {
    const struct rig_options *o;
    struct rig_result *result;
    struct sim_requests *requests;
    struct sim_replica *replicas[2];
    struct model_pool pools[2];
    int32_t *handover; /* prefilled, first come first served */
    int32_t n_handover;
    int32_t *ahead; /* scheduled, with overlap */
    int32_t n_ahead;
    int64_t *arrives_ns; /* of transfers, by id; -1 none */
    bool *reserved;      /* by id */
    int32_t left;
};

static void note(struct rig *g, enum rig_kind kind, int32_t request, int64_t now_ns)
{
    struct rig_result *to = g->result;

    to->events = sp_arena_more(to->arena, to->events, to->n_events, &to->room,
                               sizeof *to->events);
    to->events[to->n_events++] = (struct rig_event){
        kind,
        request == SP_NO_ID ? -1
                            : (int32_t)sim_requests_at(g->requests, request)->number,
        now_ns};
}

static bool reserve(struct rig *g, int32_t request, int64_t now_ns)
{
    g->reserved[request] = sim_replica_reserve(g->replicas[1], request, now_ns);
    return g->reserved[request];
}

static void on_scheduled(void *self, int32_t request, int64_t now_ns)
{
    struct rig *g = self;

    note(g, RIG_SCHEDULED, request, now_ns);
    if (g->o->split && g->o->overlap)
        g->ahead[g->n_ahead++] = request;
}

static void on_first(void *self, int32_t request, int64_t now_ns)
{
    note(self, RIG_FIRST, request, now_ns);
}

static void ahead_forget(struct rig *g, int32_t request)
{
    int32_t n = 0;

    for (int32_t i = 0; i < g->n_ahead; i++)
        if (g->ahead[i] != request)
            g->ahead[n++] = g->ahead[i];
    g->n_ahead = n;
}

static void on_done(void *self, int32_t request, int64_t now_ns)
{
    struct rig *g = self;

    note(g, RIG_DONE, request, now_ns);
    ahead_forget(g, request);
    if (g->reserved[request]) { /* asked for, and its first token was all */
        struct sim_request *row = sim_requests_at(g->requests, request);

        if (row->output == 1)
            sim_replica_release(g->replicas[1], request, now_ns);
        g->reserved[request] = false;
    }
    sim_requests_remove(g->requests, request);
    g->left--;
}

static void on_prefilled(void *self, int32_t request, int64_t now_ns)
{
    struct rig *g = self;

    note(g, RIG_PREFILLED, request, now_ns);
    if (g->reserved[request])
        g->arrives_ns[request] = now_ns + g->o->transfer_ns;
    else
        g->handover[g->n_handover++] = request;
}

/* A prompt that goes back gives up its place ahead. */
static void on_preempted(void *self, int32_t request, int64_t now_ns)
{
    struct rig *g = self;

    note(g, RIG_PREEMPTED, request, now_ns);
    ahead_forget(g, request);
    if (g->reserved[request] && sim_requests_at(g->requests, request)->generated == 0) {
        sim_replica_release(g->replicas[1], request, now_ns);
        g->reserved[request] = false;
    }
}

static void on_freed(void *self, int64_t now_ns)
{
    note(self, RIG_FREED, SP_NO_ID, now_ns);
}

static void setup(struct rig *g)
{
    const struct rig_options *o = g->o;

    for (int i = 0; i < (o->split ? 2 : 1); i++) {
        struct sim_replica_env env = {
            .arena = g->result->arena,
            .requests = g->requests,
            .pool = &g->pools[i],
            .hash_block_tokens = o->hash_tokens,
            .stats = &g->result->stats[i],
            .client = {.self = g,
                       .scheduled = on_scheduled,
                       .first_token = on_first,
                       .done = on_done,
                       .prefilled = on_prefilled,
                       .preempted = on_preempted,
                       .freed = on_freed},
            .span_limit = o->span_limit,
        };

        g->pools[i] = o->pool;
        g->pools[i].iteration = (struct model_iteration *)(uintptr_t)&o->it;
        if (o->split)
            g->pools[i].role = i == 0 ? MODEL_ROLE_PREFILL : MODEL_ROLE_DECODE;
        if (i == 1)
            g->pools[i].kv_blocks = o->decode_kv_blocks;
        if (o->pool.prefix == MODEL_PREFIX_STORE)
            env.store = sim_prefix_store_new(env.arena, o->pool.prefix_blocks);
        if (i == 0)
            env.client.freed = NULL; /* not needed there */
        sim_histogram_init(&g->result->stats[i].gaps, env.arena);
        g->replicas[i] = sim_replica_new(&env);
    }
}

static int32_t arrive(struct rig *g, int32_t number)
{
    const struct rig_request *q = &g->o->requests[number];
    struct model_arrival a = {
        .time_ns = q->at_ns, .n_hashes = q->n_hashes, .hashes = q->hashes};
    int32_t id;

    a.size[MODEL_PROMPT_TOKENS] = q->prompt;
    a.size[MODEL_OUTPUT_TOKENS] = q->output;
    a.size[MODEL_PRIORITY] = q->priority;
    id = sim_requests_add(g->requests, &a, number);
    sim_replica_submit(g->replicas[0], id, q->at_ns);
    return id;
}

/* Hands over as far as there is room; the transfer takes transfer_ns. */
static void hand_over(struct rig *g, int64_t now_ns)
{
    for (int32_t i = 0; i < g->n_ahead; i++)
        if (g->n_handover == 0) /* others were first */
            (void)reserve(g, g->ahead[i], now_ns);
    g->n_ahead = 0;
    while (g->n_handover > 0) {
        int32_t id = g->handover[0];

        if (!reserve(g, id, now_ns))
            return;
        g->arrives_ns[id] = now_ns + g->o->transfer_ns;
        memmove(g->handover, g->handover + 1,
                (size_t)--g->n_handover * sizeof *g->handover);
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void transfers_end(struct rig *g, int64_t now_ns)
{
    for (int32_t id = 0; id < g->o->n; id++)
        if (g->arrives_ns[id] == now_ns) {
            g->arrives_ns[id] = -1;
            sim_replica_release(g->replicas[0], id, now_ns);
            sim_replica_join(g->replicas[1], id, now_ns);
        }
}

static void lose(struct rig *g, int64_t now_ns)
{
    int32_t n = sim_replica_load(g->replicas[0]).requests;
    int32_t *ids = sp_arena_array(g->result->arena, (size_t)n + 1, sizeof *ids);

    n = sim_replica_lose(g->replicas[0], now_ns, ids);
    for (int32_t i = 0; i < n; i++) {
        struct sim_request *row = sim_requests_at(g->requests, ids[i]);

        note(g, RIG_LOST, ids[i], now_ns);
        note(g, RIG_LOST, ids[i], row->generated);
        note(g, RIG_LOST, ids[i], row->generated > 0 ? row->last_token_ns : 0);
        if (row->number % 2 == 0) { /* begins anew; else what came out is kept */
            row->generated = 0;
            row->scheduled_ns = row->first_token_ns = row->last_token_ns = -1;
        }
        if (row->generated == row->output) {
            sim_requests_remove(g->requests, ids[i]);
            g->left--;
            continue;
        }
        sim_replica_submit(g->replicas[0], ids[i], now_ns);
    }
}

static void check(struct rig *g)
{
    for (int i = 0; i < (g->o->split ? 2 : 1); i++) {
        struct sim_replica_load load = sim_replica_load(g->replicas[i]);

        sim_replica_verify(g->replicas[i]);
        sp_assert(load.kv_used <= g->pools[i].kv_blocks && load.kv_free >= 0);
    }
    sim_requests_verify(g->requests);
}

static void settle(struct rig *g, int64_t now_ns)
{
    for (int i = 0; i < (g->o->split ? 2 : 1); i++)
        sim_replica_settle(g->replicas[i], now_ns);
}

/* One instant: arrivals, transfers, then steps, the replica of prompts first. */
static bool instant(struct rig *g, int64_t now_ns, int32_t *arrived)
{
    const struct rig_options *o = g->o;

    if (o->lose_ns > 0 && now_ns == o->lose_ns)
        lose(g, now_ns);
    for (; *arrived < o->n && o->requests[*arrived].at_ns == now_ns; ++*arrived)
        (void)arrive(g, *arrived);
    if (o->split)
        transfers_end(g, now_ns);
    for (int i = 0; i < (o->split ? 2 : 1); i++)
        while (sim_replica_next_ns(g->replicas[i]) == now_ns) {
            g->result->steps++;
            g->result->status =
                sim_replica_step(g->replicas[i], now_ns, &g->result->err);
            if (g->result->status != SP_OK)
                return false;
        }
    if (o->split)
        hand_over(g, now_ns);
    return true;
}

static int64_t next_instant(const struct rig *g, int32_t arrived)
{
    const struct rig_options *o = g->o;
    int64_t next = sim_replica_next_ns(g->replicas[0]);

    if (o->split) {
        next = least(next, sim_replica_next_ns(g->replicas[1]));
        for (int32_t id = 0; id < o->n; id++)
            if (g->arrives_ns[id] >= 0)
                next = least(next, g->arrives_ns[id]);
    }
    return arrived < o->n ? least(next, o->requests[arrived].at_ns) : next;
}

static void loop(struct rig *g)
{
    const struct rig_options *o = g->o;
    struct sp_rng rng = sp_rng_from_key(o->settle_seed);
    int32_t arrived = 0;
    int64_t now_ns = 0;

    for (;;) {
        int64_t next = next_instant(g, arrived);

        if (o->lose_ns > now_ns)
            next = least(next, o->lose_ns);
        if (next == INT64_MAX || (o->stop_ns > 0 && next > o->stop_ns))
            break;
        if (o->settle_seed != 0)
            for (int i = (int)(sp_rng_next(&rng) % 4); i > 0 && now_ns < next; i--) {
                now_ns += (int64_t)(sp_rng_next(&rng) % (uint64_t)(next - now_ns + 1));
                settle(g, now_ns);
                if (o->verify)
                    check(g);
            }
        now_ns = next;
        if (!instant(g, now_ns, &arrived))
            break;
        if (o->verify)
            check(g);
    }
    g->result->end_ns = o->stop_ns > 0 ? o->stop_ns : now_ns;
    settle(g, g->result->end_ns);
}

struct rig_result *rig_run(const struct rig_options *o)
{
    struct rig g = {.o = o, .result = sp_xcalloc(1, sizeof *g.result), .left = o->n};
    struct sp_arena *arena = sp_arena_new();

    g.result->arena = arena;
    g.requests = sim_requests_new(arena);
    g.handover = sp_arena_array(arena, (size_t)o->n + 1, sizeof *g.handover);
    g.ahead = sp_arena_array(arena, (size_t)o->n + 1, sizeof *g.ahead);
    g.arrives_ns = sp_arena_array(arena, (size_t)o->n + 1, sizeof *g.arrives_ns);
    g.reserved = sp_arena_array(arena, (size_t)o->n + 1, sizeof *g.reserved);
    for (int32_t i = 0; i < o->n; i++)
        g.arrives_ns[i] = -1;
    setup(&g);
    loop(&g);
    g.result->kv_peak = sim_replica_load(g.replicas[0]).kv_peak;
    if (g.result->status == SP_OK && o->stop_ns == 0)
        sp_assert(g.left == 0 && sim_requests_live(g.requests) == 0);
    return g.result;
}

void rig_free(struct rig_result *result)
{
    sp_arena_free(result->arena);
    free(result);
}

int64_t rig_when(const struct rig_result *result, enum rig_kind kind, int32_t number,
                 int32_t nth)
{
    for (int32_t i = 0; i < result->n_events; i++) {
        const struct rig_event *e = &result->events[i];

        if (e->kind == kind && e->number == number && nth-- == 0)
            return e->ns;
    }
    return -1;
}

static bool same_counts(const struct sim_replica_counts *a,
                        const struct sim_replica_counts *b)
{
    const struct {
        const char *name;
        sp_i128 a, b;
    } pairs[] = {
#define PAIR(field) {#field, a->field, b->field}
        PAIR(iterations),
        PAIR(prefill_tokens),
        PAIR(decode_tokens),
        PAIR(output_tokens),
        PAIR(recomputed_tokens),
        PAIR(preemptions),
        PAIR(prefix_tokens),
        PAIR(prefix_found_tokens),
        PAIR(prefix_blocks),
        PAIR(prefix_found_blocks),
        PAIR(beyond),
        PAIR(busy_ticks),
        PAIR(compute_ticks),
        PAIR(decode_ticks),
        PAIR(pairs),
        PAIR(rows),
        PAIR(kv_block_ticks),
#undef PAIR
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].a != pairs[i].b) {
            fprintf(stderr, "%s: %.17g and %.17g\n", pairs[i].name,
                    sp_double_from_i128(pairs[i].a), sp_double_from_i128(pairs[i].b));
            return false;
        }
    return true;
}

static bool same_events(const struct rig_result *a, const struct rig_result *b)
{
    for (int32_t i = 0; i < a->n_events && i < b->n_events; i++) {
        const struct rig_event *x = &a->events[i], *y = &b->events[i];

        if (x->kind != y->kind || x->number != y->number || x->ns != y->ns) {
            fprintf(stderr, "event %d: %d of %d at %lld, %d of %d at %lld\n", i,
                    (int)x->kind, x->number, (long long)x->ns, (int)y->kind, y->number,
                    (long long)y->ns);
            return false;
        }
    }
    return a->n_events == b->n_events;
}

static bool same_gaps(const struct sim_histogram *a, const struct sim_histogram *b)
{
    return a->count == b->count && a->sum_ns == b->sum_ns && a->min_ns == b->min_ns &&
           a->max_ns == b->max_ns &&
           memcmp(a->buckets, b->buckets, SIM_HIST_BUCKETS * sizeof *a->buckets) == 0;
}

bool rig_same(const struct rig_result *a, const struct rig_result *b)
{
    if (!same_events(a, b) || a->status != b->status || a->kv_peak != b->kv_peak)
        return false;
    for (int i = 0; i < 2; i++) {
        if (!same_counts(&a->stats[i].counts, &b->stats[i].counts))
            return false;
        if (a->stats[i].gaps.buckets != NULL &&
            !same_gaps(&a->stats[i].gaps, &b->stats[i].gaps))
            return false;
    }
    return true;
}
