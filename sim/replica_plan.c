/* What the next iteration is: running sequences take their blocks (and preempt for
 * them), waiting requests are admitted, chunks of prompts are cut.
 */
#include "sim/replica_rows.h"

/* ---- what a prompt finds ---- */

struct found {
    int64_t whole;  /* tokens to compute, found ones included */
    int64_t tokens; /* of them found */
    int32_t groups; /* held by hash */
    int64_t own;    /* blocks of its own, found again */
    int32_t stored; /* blocks of the trace found in the store */
};

/* Full blocks of the prompt that the trace names, which leave a token to compute. */
static int32_t nameable(const struct sim_replica *r, const struct sim_request *row,
                        int64_t whole)
{
    int64_t full;

    if (r->hash_tokens == 0)
        return 0;
    full = (whole - 1 < row->prompt ? whole - 1 : row->prompt) / r->hash_tokens;
    return (int32_t)(full < row->n_hashes ? full : row->n_hashes);
}

/* By name: what decides whether it fits, as that never gets better while a batch only
 * decodes. */
static struct found find_named(struct sim_replica *r, const struct sim_wait *w)
{
    const struct sim_request *row = sim_requests_at(r->env.requests, w->request);
    int32_t names;
    struct found f = {.whole = (int64_t)row->prompt + row->generated};

    if (r->env.store != NULL && r->env.hash_block_tokens > 0 && row->n_hashes > 0) {
        f.stored = sim_prefix_store_match(
            r->env.store, sim_seq_hashes(r, w->request, row->n_hashes), row->n_hashes);
        names = nameable(r, row, f.whole);
        f.tokens = (int64_t)(f.stored < names ? f.stored : names) * r->hash_tokens;
    }
    if (r->hash_blocks > 0) {
        names = nameable(r, row, f.whole);
        f.groups = sim_kv_match(r->kv, sim_seq_hashes(r, w->request, names), names);
        f.tokens = (int64_t)f.groups * r->hash_tokens;
    }
    return f;
}

/* All of it fits the free blocks, of which those found and `kept` are not counted. */
static bool fits_free(struct sim_replica *r, int32_t request, const struct found *f,
                      int64_t kept)
{
    int64_t need = sim_blocks_of(r, f->whole) - (int64_t)f->groups * r->hash_blocks;
    int64_t found_free = sim_kv_match_free_blocks(
        r->kv, sim_seq_hashes(r, request, f->groups), f->groups);

    return need <= sim_kv_free(r->kv) - found_free - kept;
}

/* Whole prompts beside decodes: prompts come first, the decodes' blocks are kept. */
static bool prompts_lead(const struct sim_replica *r)
{
    return r->batching->mixes && !r->batching->chunks;
}

/* A preempted sequence's own blocks join those groups that it had held: they count
 * where that is more than what is found by name, and fits as well. */
static void find_own(struct sim_replica *r, const struct sim_wait *w, struct found *f,
                     int64_t kept)
{
    const struct sim_seq *s = &r->seqs[w->seq];
    struct found own = *f;
    int64_t before, full;

    if (f->groups < s->own_from)
        return;
    before = (int64_t)s->own_from * r->hash_blocks;
    full = s->context / r->block - before; /* with all their tokens */
    own.own = sim_kv_find_own(r->kv, &s->h);
    own.own = own.own < full ? own.own : full;
    own.groups = s->own_from;
    own.tokens = (before + own.own) * r->block;
    if (own.own > 0 && own.tokens > f->tokens && fits_free(r, w->request, &own, kept))
        *f = own;
}

static bool has_place(const struct sim_replica *r)
{
    return r->n_running + r->n_reserved < r->max_seqs;
}

bool sim_plan_admits(struct sim_replica *r)
{
    int32_t decodes = r->n_decode + r->n_joining;
    struct found f;
    int64_t kept = 0;

    if (r->n_waiting == 0 || !has_place(r) || (r->batching->drains && decodes > 0) ||
        (r->batching->chunks && decodes >= r->budget))
        return false;
    f = find_named(r, &r->waiting[0]);
    if (prompts_lead(r) && r->n_decode > 0)
        kept = r->residues[sim_decode_residue(r, r->span.taken)];
    return fits_free(r, r->waiting[0].request, &f, kept);
}

/* ---- chunks ---- */

static void chunk_add(struct sim_replica *r, int32_t id, int64_t tokens)
{
    const struct sim_seq *s = &r->seqs[id];
    int64_t held = sim_blocks_of(r, s->context);
    struct sim_chunk chunk = {
        .seq = id,
        .tokens = tokens,
        .ends = s->context + tokens == (int64_t)s->prompt + s->generated,
    };

    sp_assert(tokens > 0);
    r->chunks = sp_arena_more(r->env.arena, r->chunks, r->n_chunks, &r->chunks_room,
                              sizeof *r->chunks);
    r->chunks[r->n_chunks++] = chunk;
    sim_kv_take(r->kv, &r->seqs[id].h, sim_blocks_of(r, s->context + tokens) - held);
    if (!chunk.ends)
        r->begun = id;
    else if (r->begun == id)
        r->begun = SP_NO_ID;
}

/* Blocks that are full after the chunk can be found from now on. */
static void chunk_name(struct sim_replica *r, const struct sim_chunk *chunk)
{
    struct sim_seq *s = &r->seqs[chunk->seq];
    int64_t end = s->context + chunk->tokens;
    const uint64_t *hashes;
    int32_t full;

    if (r->hash_blocks == 0 || s->own_rest)
        return;
    end = end < s->prompt ? end : s->prompt;
    full = (int32_t)(end / r->hash_tokens);
    full = full < s->n_hashes ? full : s->n_hashes;
    hashes = sim_seq_hashes(r, s->request, full);
    while (s->h.groups < full && !s->own_rest)
        s->own_rest = !sim_kv_name(r->kv, &s->h, hashes[s->h.groups]);
}

/* ---- 1. running sequences ---- */

static void told_add(struct sim_replica *r, int32_t request, bool preempted)
{
    r->told =
        sp_arena_more(r->env.arena, r->told, r->n_told, &r->told_room, sizeof *r->told);
    r->told[r->n_told++] = (struct sim_told){request, preempted};
}

static void preempt(struct sim_replica *r, int32_t id, bool has_token)
{
    struct sim_seq *s = &r->seqs[id];
    struct sim_request *row = sim_requests_at(r->env.requests, s->request);

    if (s->state == SEQ_DECODE) {
        sim_decode_leave(r, id);
        sim_decode_settle_blocks(r, id, s->context + (has_token ? 1 : 0));
    } else { /* the one begun; its chunk, if it had one, was the only one */
        r->begun = SP_NO_ID;
        r->n_chunks = 0;
    }
    s->lost = s->context > s->lost ? s->context : s->lost;
    s->own_rest = false;
    sim_seq_release(r, id, true);
    sim_running_remove(r, id);
    s->state = SEQ_WAITING;
    row->generated = s->generated;
    row->last_token_ns = s->generated > 0 ? sim_ns_ceil(s->last) : -1;
    sim_waiting_push(r, (struct sim_wait){s->key, s->number, s->request, id});
    told_add(r, s->request, true);
    r->env.stats->counts.preemptions++;
}

static int32_t victim(const struct sim_replica *r)
{
    int32_t worst = r->newest;

    if (!r->order->by_priority)
        return worst;
    for (int32_t id = r->oldest; id != SP_NO_ID; id = r->seqs[id].next) {
        const struct sim_seq *s = &r->seqs[id], *w = &r->seqs[worst];

        if (s->key != w->key ? s->key > w->key : s->number > w->number)
            worst = id;
    }
    return worst;
}

/* Tokens of the begun prompt's next chunk: decodes have theirs first. */
static int64_t begun_tokens(const struct sim_replica *r)
{
    const struct sim_seq *s = &r->seqs[r->begun];
    int64_t rest = (int64_t)s->prompt + s->generated - s->context;
    int64_t left = (int64_t)r->budget - r->n_decode;

    return rest < left ? rest : left;
}

/* Makes room for `id`'s next token or chunk; false: it was preempted itself, and *next
 * comes after it. */
static bool make_room(struct sim_replica *r, int32_t id, int32_t *next)
{
    for (;;) {
        const struct sim_seq *s = &r->seqs[id];
        int64_t rank = s->rank, context, more;
        int32_t out;

        if (s->state == SEQ_DECODE) {
            context = s->base + r->decoded;
            more = 1;
        } else {
            context = s->context;
            more = begun_tokens(r);
        }
        if (sim_blocks_of(r, context + more) - sim_blocks_of(r, context) <=
            sim_kv_free(r->kv))
            return true;
        out = victim(r);
        *next = r->seqs[id].next;
        preempt(r, out, r->seqs[out].rank < rank);
        if (out == id)
            return false;
    }
}

/* One by one, since blocks lack. */
static void squeeze(struct sim_replica *r)
{
    int32_t next;

    for (int32_t id = r->oldest; id != SP_NO_ID; id = next) {
        if (!make_room(r, id, &next))
            continue;
        if (r->seqs[id].state == SEQ_DECODE) {
            int64_t context = r->seqs[id].base + r->decoded;

            sim_decode_settle_blocks(r, id, context);
            sim_kv_take(r->kv, &r->seqs[id].h, context % r->block == 0);
        } else {
            chunk_add(r, id, begun_tokens(r));
        }
        next = r->seqs[id].next;
    }
}

/* Returns whether something was preempted. */
static bool run_sequences(struct sim_replica *r)
{
    int64_t before = r->env.stats->counts.preemptions, need = sim_decode_takes(r, 1);
    int64_t chunk = 0, decodes = need;

    if (r->begun != SP_NO_ID) {
        const struct sim_seq *s = &r->seqs[r->begun];

        chunk = begun_tokens(r);
        need += sim_blocks_of(r, s->context + chunk) - sim_blocks_of(r, s->context);
    }
    if (need > sim_kv_free(r->kv)) {
        squeeze(r);
    } else {
        sim_kv_take(r->kv, &r->grown, decodes);
        if (r->begun != SP_NO_ID)
            chunk_add(r, r->begun, chunk);
    }
    if (r->n_chunks > 0)
        chunk_name(r, &r->chunks[0]);
    return r->env.stats->counts.preemptions > before;
}

/* ---- 2. waiting requests ---- */

static void count_first_admission(struct sim_replica *r, const struct sim_request *row,
                                  const struct found *f)
{
    struct sim_replica_counts *c = &r->env.stats->counts;

    c->prefix_tokens += row->prompt;
    c->prefix_found_tokens += f->tokens;
    c->prefix_blocks += row->n_hashes;
    c->prefix_found_blocks += r->env.store != NULL ? f->stored : f->groups;
}

/* The row of the first that waits, which is admitted with what it found. */
static int32_t admit_row(struct sim_replica *r, const struct found *f)
{
    struct sim_wait w = sim_waiting_pop(r);
    const struct sim_request *row = sim_requests_at(r->env.requests, w.request);

    if (r->env.store != NULL && row->n_hashes > 0)
        (void)sim_prefix_store_use(
            r->env.store, sim_seq_hashes(r, w.request, row->n_hashes), row->n_hashes);
    if (w.seq == SP_NO_ID) {
        w.seq = sim_seq_new(r, w.request);
        if (row->generated > 0)
            r->seqs[w.seq].lost = f->whole - 1;
        count_first_admission(r, row, f);
        told_add(r, w.request, false);
    }
    return w.seq;
}

static void admit(struct sim_replica *r, const struct found *f, int64_t tokens)
{
    int32_t id = admit_row(r, f);
    struct sim_seq *s = &r->seqs[id];

    s->state = SEQ_PROMPT;
    s->context = f->tokens;
    sim_kv_hold_found(r->kv, &s->h, sim_seq_hashes(r, s->request, f->groups),
                      f->groups);
    sim_kv_hold_own(r->kv, &s->h, f->own);
    if (r->env.store != NULL) /* found outside: its blocks are to be filled here */
        sim_kv_take(r->kv, &s->h, sim_blocks_of(r, f->tokens));
    sim_running_add(r, id);
    chunk_add(r, id, tokens);
    chunk_name(r, &r->chunks[r->n_chunks - 1]);
}

static void admit_waiting(struct sim_replica *r, int64_t left, int64_t kept)
{
    while (r->n_waiting > 0 && has_place(r) && left > 0) {
        struct found f = find_named(r, &r->waiting[0]);
        int64_t tokens;

        if (!fits_free(r, r->waiting[0].request, &f, kept))
            return;
        if (r->waiting[0].seq != SP_NO_ID)
            find_own(r, &r->waiting[0], &f, kept);
        tokens = f.whole - f.tokens;
        if (r->batching->chunks)
            tokens = tokens < left ? tokens : left;
        else if (tokens > left && r->n_chunks > 0)
            return; /* whole, or as the only one */
        admit(r, &f, tokens);
        left -= tokens;
    }
}

/* ---- the iteration ---- */

static void join_arrived(struct sim_replica *r)
{
    for (int32_t i = 0; i < r->n_joining; i++) {
        int32_t id = r->joining[i];
        const struct sim_seq *s = &r->seqs[id];

        sim_running_add(r, id);
        sim_decode_enter(r, id, (int64_t)s->prompt + s->generated - 1);
        r->n_reserved--;
    }
    r->n_joining = 0;
}

static int64_t chunk_tokens(const struct sim_replica *r)
{
    int64_t tokens = 0;

    for (int32_t i = 0; i < r->n_chunks; i++)
        tokens += r->chunks[i].tokens;
    return tokens;
}

/* Decodes, then chunks of what they leave. */
static bool choose_chunks(struct sim_replica *r)
{
    bool preempted = run_sequences(r);

    if (!preempted)
        admit_waiting(r, r->budget - r->n_decode - chunk_tokens(r), 0);
    return preempted;
}

/* Whole prompts, then the decodes if all of them fit what is left. */
static bool choose_beside(struct sim_replica *r, int64_t *decodes)
{
    bool preempted = false;
    int64_t kept;

    while ((kept = sim_decode_takes(r, 1)) > sim_kv_free(r->kv)) {
        preempt(r, victim(r), false);
        preempted = true;
    }
    if (!preempted)
        admit_waiting(r, r->budget, kept);
    *decodes = 0;
    if (r->n_chunks == 0 || r->n_decode <= r->budget - chunk_tokens(r)) {
        sim_kv_take(r->kv, &r->grown, kept);
        *decodes = r->n_decode;
    }
    return preempted;
}

/* Whole prompts, where they may be admitted now; else the decodes. */
static bool choose_either(struct sim_replica *r, int64_t *decodes)
{
    bool preempted = false;

    if (!r->batching->drains || r->n_decode == 0)
        admit_waiting(r, r->budget, 0);
    *decodes = 0;
    if (r->n_chunks == 0 && r->n_decode > 0) {
        preempted = run_sequences(r);
        *decodes = r->n_decode;
    }
    return preempted;
}

/* Returns whether something was preempted; sets the sequences that decode. */
static bool choose(struct sim_replica *r, int64_t *decodes)
{
    bool preempted;

    r->n_chunks = 0;
    if (prompts_lead(r))
        return choose_beside(r, decodes);
    if (!r->batching->mixes)
        return choose_either(r, decodes);
    preempted = choose_chunks(r);
    *decodes = r->n_decode;
    return preempted;
}

static void batch_prompts(struct sim_replica *r, struct model_batch *b)
{
    b->prefills = r->n_chunks;
    for (int32_t i = 0; i < r->n_chunks; i++) {
        int64_t c = r->chunks[i].tokens, context = r->seqs[r->chunks[i].seq].context;

        b->prefill_tokens += c;
        b->prefill_context += context;
        b->prefill_pairs += c * context + c * (c + 1) / 2;
        b->prefill_ends += r->chunks[i].ends;
        b->prefill_squares += c * c;
    }
}

static struct model_batch batch_of(struct sim_replica *r, int64_t decodes)
{
    struct model_batch b = {.decodes = (int32_t)decodes};

    if (decodes > 0) {
        sim_decode_extremes(r);
        b.decode_context = r->base_sum + decodes * r->decoded;
        b.decode_least = r->base_least + r->decoded;
        b.decode_most = r->base_most + r->decoded;
    }
    batch_prompts(r, &b);
    return b;
}

/* Iterations until something changes by itself: an end, or blocks that lack. */
static int64_t span_length(struct sim_replica *r, bool preempted)
{
    int64_t count, lasts;

    if (r->n_chunks > 0 || (preempted && sim_plan_admits(r)))
        return 1;
    count = r->finish[0].finish - r->decoded;
    if (r->env.span_limit > 0 && count > r->env.span_limit)
        count = r->env.span_limit;
    if (sim_kv_free(r->kv) / r->n_decode < count / r->block + 1) {
        lasts = sim_decode_lasts(r, sim_kv_free(r->kv));
        count = count < lasts ? count : lasts;
    }
    return count;
}

enum sp_status sim_plan_next(struct sim_replica *r, sp_i128 tick, struct sp_err *err)
{
    struct sim_span *span = &r->span;
    int64_t decodes;
    bool preempted;

    span->runs = false;
    join_arrived(r);
    do {
        preempted = choose(r, &decodes);
    } while (preempted && r->n_chunks == 0 && decodes == 0);
    if (r->n_chunks == 0 && decodes == 0)
        return SP_OK;
    span->decodes = decodes;
    span->counted = 0;
    span->taken = 1;
    span->used = sim_kv_used(r->kv) - (decodes > 0 ? sim_decode_takes(r, 1) : 0);
    span->batch = batch_of(r, decodes);
    return sim_span_begin(r, tick, span_length(r, preempted), err);
}
