/* A replica as its owner sees it: requests come, iterations end, it may be lost. */
#include "sim/replica.h"

#include <stdlib.h>

#include "sim/replica_rows.h"

static void clear_batch(struct sim_replica *r)
{
    r->n_seqs = r->n_running = r->n_reserved = r->n_requests = 0;
    r->n_waiting = r->n_decode = r->n_fresh = r->n_joining = r->n_chunks = 0;
    r->n_told = 0;
    r->free_seq = r->oldest = r->newest = r->begun = SP_NO_ID;
    r->outstanding = r->base_sum = 0;
    r->wake_ns = r->next_ns = INT64_MAX;
    r->span.runs = false;
    r->grown = (struct sim_kv_holding){.own = 0};
    for (int32_t i = 0; i < r->block; i++)
        r->residues[i] = 0;
}

struct sim_replica *sim_replica_new(const struct sim_replica_env *env)
{
    const struct model_pool *pool = env->pool;
    struct sim_replica *r = sp_arena_alloc(env->arena, sizeof *r);
    struct sim_kv_shape shape = {
        .blocks = pool->kv_blocks,
        .caching = pool->prefix == MODEL_PREFIX_GPU,
    };

    r->env = *env;
    r->batching = sim_batching_find(pool->scheduling);
    r->order = sim_order_find(pool->order);
    sp_assert(r->batching != NULL && r->order != NULL);
    sp_assert(!r->batching->chunks || r->batching->mixes);
    sp_assert((pool->prefix == MODEL_PREFIX_STORE) == (env->store != NULL));
    r->role_seat = pool->role == MODEL_ROLE_DECODE;
    r->block = pool->block_size;
    r->budget = pool->max_num_batched_tokens;
    r->max_seqs = pool->max_num_seqs < r->budget ? pool->max_num_seqs : r->budget;
    r->hash_tokens = env->hash_block_tokens;
    if (shape.caching && env->hash_block_tokens % r->block == 0)
        r->hash_blocks = env->hash_block_tokens / r->block;
    shape.hash_blocks = r->hash_blocks;
    r->kv = sim_kv_cache_new(env->arena, shape);
    r->residues = sp_arena_array(env->arena, (size_t)r->block, sizeof *r->residues);
    clear_batch(r);
    return r;
}

/* ---- requests come ---- */

bool sim_replica_fits(const struct model_pool *pool, int64_t prompt, int64_t output)
{
    int64_t tokens = pool->role == MODEL_ROLE_PREFILL ? prompt : prompt + output - 1;

    return (tokens + pool->block_size - 1) / pool->block_size <= pool->kv_blocks;
}

/* Something came or went: what is idle begins, a span is let end with the iteration in
 * progress; one with chunks ends by itself.  `after`: after the steps of this instant,
 * so that what begins now has begun. */
static void look_again(struct sim_replica *r, int64_t now_ns, bool after)
{
    if (r->stepping)
        return;
    if (!r->span.runs) {
        if (now_ns < r->wake_ns)
            r->wake_ns = r->next_ns = now_ns;
    } else if (r->n_chunks == 0) {
        after = after && r->next_ns > now_ns;
        sim_span_cut(r, sim_span_in_progress(&r->span, now_ns + after));
    }
}

static bool after_steps(const struct sim_replica *r, int64_t now_ns)
{
    return r->env.stepped_ns != NULL && *r->env.stepped_ns == now_ns;
}

/* Blocks are as they are at this instant. */
static void take_until(struct sim_replica *r, int64_t now_ns, bool after)
{
    after = after && r->next_ns > now_ns;
    if (r->span.runs && r->span.taken < r->span.count)
        sim_span_take(r, sim_span_in_progress(&r->span, now_ns + after));
}

void sim_replica_submit(struct sim_replica *r, int32_t request, int64_t now_ns)
{
    struct sim_request *row = sim_requests_at(r->env.requests, request);
    struct sim_wait wait = {r->order->key(row), row->number, request, SP_NO_ID};
    bool after = after_steps(r, now_ns);

    row->submitted_ns = now_ns;
    row->seat[r->role_seat] = SP_NO_ID;
    sim_waiting_push(r, wait);
    r->n_requests++;
    r->outstanding += row->prompt + 1;
    if (r->waiting[0].request != request || r->stepping)
        return;
    if (!r->span.runs) {
        look_again(r, now_ns, after);
    } else if (r->n_chunks == 0 && r->n_running + r->n_reserved < r->max_seqs) {
        take_until(r, now_ns, after);
        if (sim_plan_admits(r))
            look_again(r, now_ns, after);
    }
}

bool sim_replica_reserve(struct sim_replica *r, int32_t request, int64_t now_ns)
{
    const struct sim_request *row = sim_requests_at(r->env.requests, request);
    int64_t blocks = sim_blocks_of(
        r, (int64_t)row->prompt + (row->generated > 1 ? row->generated - 1 : 0));
    int32_t id;

    sp_assert(r->env.pool->role == MODEL_ROLE_DECODE);
    if (r->n_running + r->n_reserved >= r->max_seqs)
        return false;
    take_until(r, now_ns, true);
    if (blocks > sim_kv_free(r->kv))
        return false;
    look_again(r, now_ns, true);
    id = sim_seq_new(r, request);
    r->seqs[id].state = SEQ_RESERVED;
    r->seqs[id].reserved_ns = now_ns;
    sim_kv_take(r->kv, &r->seqs[id].h, blocks);
    r->n_reserved++;
    r->n_requests++;
    r->outstanding++;
    return true;
}

static int32_t seat_of(const struct sim_replica *r, int32_t request)
{
    int32_t id = sim_requests_at(r->env.requests, request)->seat[r->role_seat];

    sp_assert(id >= 0 && id < r->n_seqs && r->seqs[id].request == request);
    return id;
}

void sim_replica_join(struct sim_replica *r, int32_t request, int64_t now_ns)
{
    const struct sim_request *row = sim_requests_at(r->env.requests, request);
    int32_t id = seat_of(r, request);
    struct sim_seq *s = &r->seqs[id];
    bool after = s->reserved_ns == now_ns || after_steps(r, now_ns);

    sp_assert(s->state == SEQ_RESERVED && row->generated >= 1);
    s->state = SEQ_JOINING;
    s->first = true;
    s->generated = row->generated;
    s->last = sim_tick_of(row->last_token_ns);
    r->joining = sp_arena_more(r->env.arena, r->joining, r->n_joining, &r->joining_room,
                               sizeof *r->joining);
    r->joining[r->n_joining++] = id;
    take_until(r, now_ns, after);
    look_again(r, now_ns, after);
}

static void release(struct sim_replica *r, int32_t request, int64_t now_ns, bool after)
{
    int32_t id = seat_of(r, request);

    take_until(r, now_ns, after);
    if (r->seqs[id].state == SEQ_RESERVED)
        r->n_reserved--;
    sim_seq_release(r, id, false);
    sim_seq_free(r, id);
    r->n_requests--;
    r->outstanding--;
    if (r->n_waiting > 0 || r->span.runs) /* what its iterations hold changes, too */
        look_again(r, now_ns, after);
}

void sim_replica_release(struct sim_replica *r, int32_t request, int64_t now_ns)
{
    enum sim_seq_state state = r->seqs[seat_of(r, request)].state;

    sp_assert(state == SEQ_HELD || state == SEQ_RESERVED);
    release(r, request, now_ns, after_steps(r, now_ns));
}

void sim_replica_cancel(struct sim_replica *r, int32_t request, int64_t now_ns)
{
    sp_assert(r->seqs[seat_of(r, request)].state == SEQ_RESERVED);
    release(r, request, now_ns, true);
}

/* ---- iterations end ---- */

static void tell(const struct sim_replica *r,
                 void (*what)(void *self, int32_t request, int64_t now_ns),
                 int32_t request, int64_t now_ns)
{
    if (what != NULL)
        what(r->env.client.self, request, now_ns);
}

/* Out of the running ones for good; it was told of, if at all, after this. */
static void leave(struct sim_replica *r, int32_t id, int64_t now_ns)
{
    struct sim_request *row = sim_requests_at(r->env.requests, r->seqs[id].request);

    row->generated = r->seqs[id].generated;
    row->last_token_ns = now_ns;
    sim_seq_release(r, id, false);
    sim_seq_free(r, id);
    r->n_requests--;
    r->outstanding--;
}

/* The token that ends a prompt. */
static void prompt_token(struct sim_replica *r, int32_t id, int64_t now_ns)
{
    struct sim_seq *s = &r->seqs[id];
    struct sim_request *row = sim_requests_at(r->env.requests, s->request);

    row->generated = ++s->generated;
    row->last_token_ns = now_ns;
    s->last = r->clock;
    if (!s->first)
        r->outstanding -= s->prompt;
    s->first = true;
    if (s->generated > 1)
        return;
    row->first_token_ns = now_ns;
    tell(r, r->env.client.first_token, s->request, now_ns);
}

static void decodes_end(struct sim_replica *r, int64_t now_ns)
{
    while (r->n_decode > 0 && r->finish[0].finish == r->decoded) {
        int32_t id = r->finish[0].seq, request = r->seqs[id].request;

        sim_decode_leave(r, id);
        sim_decode_settle_blocks(r, id, r->seqs[id].context);
        sim_running_remove(r, id);
        leave(r, id, now_ns);
        tell(r, r->env.client.done, request, now_ns);
    }
}

/* A prompt that is computed: gone, held, or decoding from now on. */
static void prompt_ends(struct sim_replica *r, int32_t id, int64_t now_ns)
{
    struct sim_seq *s = &r->seqs[id];
    int32_t request = s->request;

    if (s->generated == s->output) {
        sim_running_remove(r, id);
        leave(r, id, now_ns);
        tell(r, r->env.client.done, request, now_ns);
    } else if (r->env.pool->role == MODEL_ROLE_PREFILL) {
        sim_running_remove(r, id);
        s->state = SEQ_HELD;
        tell(r, r->env.client.prefilled, request, now_ns);
    } else {
        sim_decode_enter(r, id, s->context);
    }
}

static void chunks_end(struct sim_replica *r, int64_t now_ns)
{
    int32_t n = r->n_chunks;

    for (int32_t i = 0; i < n; i++) {
        r->seqs[r->chunks[i].seq].context += r->chunks[i].tokens;
        if (r->chunks[i].ends)
            prompt_token(r, r->chunks[i].seq, now_ns);
    }
    decodes_end(r, now_ns);
    for (int32_t i = 0; i < n; i++)
        if (r->chunks[i].ends)
            prompt_ends(r, r->chunks[i].seq, now_ns);
}

static void span_end(struct sim_replica *r, int64_t now_ns)
{
    struct sim_span *span = &r->span;

    sim_span_take(r, span->count);
    sim_span_count(r, span->count);
    r->clock = sim_span_tick(span, span->count);
    span->runs = false;
    if (span->decodes > 0) {
        r->decoded += span->count;
        r->last_decode = r->clock;
        for (int32_t i = 0; i < r->n_fresh; i++)
            r->seqs[r->fresh[i]].fresh = false;
        r->n_fresh = 0;
    }
    chunks_end(r, now_ns);
}

/* Who was preempted or scheduled for the iteration that begins. */
static void tell_begun(struct sim_replica *r, int64_t now_ns)
{
    for (int32_t i = 0; i < r->n_told; i++) {
        struct sim_told told = r->told[i];
        struct sim_request *row = sim_requests_at(r->env.requests, told.request);

        if (!told.preempted && row->scheduled_ns < 0)
            row->scheduled_ns = now_ns;
        tell(r, told.preempted ? r->env.client.preempted : r->env.client.scheduled,
             told.request, now_ns);
    }
    r->n_told = 0;
}

enum sp_status sim_replica_step(struct sim_replica *r, int64_t now_ns,
                                struct sp_err *err)
{
    sp_i128 tick = sim_tick_of(now_ns);
    enum sp_status status;

    sp_assert(now_ns == r->next_ns);
    r->stepping = true;
    r->left = false;
    if (r->span.runs) {
        span_end(r, now_ns);
        tick = r->clock;
    }
    r->wake_ns = r->next_ns = INT64_MAX;
    status = sim_plan_next(r, tick, err);
    r->stepping = false;
    if (status != SP_OK)
        return status;
    tell_begun(r, now_ns);
    if (r->left && r->env.client.freed != NULL)
        r->env.client.freed(r->env.client.self, now_ns);
    return SP_OK;
}

void sim_replica_settle(struct sim_replica *r, int64_t now_ns)
{
    if (!r->span.runs)
        return;
    take_until(r, now_ns, false);
    if (r->span.counted < r->span.count) {
        int64_t ended = sim_span_ended(&r->span, now_ns);

        /* of several that end within this nanosecond the first: the others have not
         * begun, as requests may still come */
        sim_span_count(r, ended < r->span.taken ? ended : r->span.taken);
    }
}

int64_t sim_replica_next_ns(const struct sim_replica *r)
{
    return r->next_ns;
}

/* ---- loss ---- */

/* What had come out of the sequences that run. */
static void lose_running(struct sim_replica *r)
{
    const struct sim_span *span = &r->span;
    int64_t ended = span->runs ? span->counted : 0;
    int64_t now_ns = ended > 0 ? sim_ns_ceil(sim_span_tick(span, ended)) : 0;

    for (int32_t i = 0; i < r->n_decode; i++) {
        const struct sim_seq *s = &r->seqs[r->finish[i].seq];
        struct sim_request *row = sim_requests_at(r->env.requests, s->request);
        int64_t more = span->decodes > 0 ? ended : 0;

        row->generated = (int32_t)(s->output - (s->finish - r->decoded - more));
        row->last_token_ns = more > 0   ? now_ns
                             : s->fresh ? sim_ns_ceil(s->last)
                                        : sim_ns_ceil(r->last_decode);
    }
    for (int32_t i = 0; i < r->n_chunks && ended > 0; i++) {
        const struct sim_seq *s = &r->seqs[r->chunks[i].seq];
        struct sim_request *row = sim_requests_at(r->env.requests, s->request);

        if (!r->chunks[i].ends)
            continue;
        row->generated = s->generated + 1;
        row->last_token_ns = now_ns;
        if (s->generated == 0)
            row->first_token_ns = now_ns;
    }
}

struct numbered {
    int64_t number;
    int32_t id;
};

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct numbered *)a)->number;
    int64_t y = ((const struct numbered *)b)->number;

    return (x > y) - (x < y);
}

/* All that are here, in the order of their numbers. */
static int32_t requests_here(const struct sim_replica *r, int32_t *ids)
{
    struct numbered *all = sp_xcalloc((size_t)r->n_requests + 1, sizeof *all);
    int32_t n = 0;

    for (int32_t i = 0; i < r->n_waiting; i++)
        all[n++] = (struct numbered){r->waiting[i].number, r->waiting[i].request};
    for (int32_t i = 0; i < r->n_seqs; i++)
        if (r->seqs[i].state != SEQ_FREE && r->seqs[i].state != SEQ_WAITING)
            all[n++] = (struct numbered){r->seqs[i].number, r->seqs[i].request};
    sp_assert(n == r->n_requests);
    qsort(all, (size_t)n, sizeof *all, by_number);
    for (int32_t i = 0; i < n; i++)
        ids[i] = all[i].id;
    free(all);
    return n;
}

int32_t sim_replica_lose(struct sim_replica *r, int64_t now_ns, int32_t *ids)
{
    int32_t n;

    sp_assert(!r->stepping);
    sim_replica_settle(r, now_ns);
    lose_running(r);
    n = requests_here(r, ids);
    sim_kv_clear(r->kv);
    clear_batch(r);
    return n;
}

/* ---- questions ---- */

struct sim_replica_load sim_replica_load(const struct sim_replica *r)
{
    return (struct sim_replica_load){
        .waiting = r->n_waiting,
        .running = r->n_running + r->n_reserved,
        .requests = r->n_requests,
        .outstanding_tokens = r->outstanding,
        .kv_free = sim_kv_free(r->kv),
        .kv_used = sim_kv_used(r->kv),
        .kv_peak = sim_kv_peak(r->kv),
    };
}

int32_t sim_replica_requests(const struct sim_replica *r)
{
    return r->n_requests;
}

int64_t sim_replica_outstanding_tokens(const struct sim_replica *r)
{
    return r->outstanding;
}

int64_t sim_replica_match_tokens(struct sim_replica *r, int32_t request)
{
    const struct sim_request *row = sim_requests_at(r->env.requests, request);
    int32_t n;

    if (r->hash_tokens == 0)
        return 0;
    n = (row->prompt - 1) / r->hash_tokens;
    n = n < row->n_hashes ? n : row->n_hashes;
    if (r->env.store != NULL)
        n = sim_prefix_store_match(r->env.store, sim_seq_hashes(r, request, n), n);
    else if (r->hash_blocks > 0)
        n = sim_kv_match(r->kv, sim_seq_hashes(r, request, n), n);
    else
        n = 0;
    return (int64_t)n * r->hash_tokens;
}

bool sim_replica_busy(const struct sim_replica *r)
{
    return r->span.runs;
}
