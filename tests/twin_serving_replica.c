/* A replica, iteration by iteration. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "tests/twin_serving_rows.h"

void tw_list_add(struct tw_list *l, struct tw_request *q)
{
    l->q[l->n++] = q;
}

void tw_list_drop(struct tw_list *l, const struct tw_request *q)
{
    int32_t at = 0;

    while (l->q[at] != q)
        at++;
    for (l->n--; at < l->n; at++)
        l->q[at] = l->q[at + 1];
}

static int64_t blocks_of(const struct tw_replica *r, int64_t tokens)
{
    return (tokens + r->pool->block_size - 1) / r->pool->block_size;
}

bool tw_replica_fits(const struct tw_replica *r, const struct serving_request *q,
                     bool whole)
{
    int64_t tokens = whole ? (int64_t)q->prompt + q->output - 1 : (int64_t)q->prompt;

    return blocks_of(r, tokens) <= r->pool->kv_blocks;
}

/* ---- waiting ---- */

static int64_t key_of(const struct tw_replica *r, const struct tw_request *q)
{
    if (strcmp(r->pool->order, "shortest-prompt") == 0)
        return q->row->prompt;
    return strcmp(r->pool->order, "priority") == 0 ? q->row->priority : 0;
}

static bool goes_before(const struct tw_replica *r, const struct tw_request *a,
                        const struct tw_request *b)
{
    int64_t x = key_of(r, a), y = key_of(r, b);

    return x != y ? x < y : a->number < b->number;
}

static struct tw_request *first_waiting(const struct tw_replica *r)
{
    struct tw_request *first = NULL;

    for (int32_t i = 0; i < r->waiting.n; i++)
        if (first == NULL || goes_before(r, r->waiting.q[i], first))
            first = r->waiting.q[i];
    return first;
}

void tw_replica_wake(struct tw_replica *r)
{
    r->look = r->look || !r->busy;
}

void tw_replica_submit(struct tw_replica *r, struct tw_request *q)
{
    q->submitted_ns = r->run->now_ns;
    q->target = q->row->prompt;
    tw_list_add(&r->waiting, q);
    tw_replica_wake(r);
}

void tw_replica_join(struct tw_replica *r, struct tw_request *q)
{
    r->reserved--;
    q->decoding = true;
    q->computed = q->row->prompt + q->generated - 1;
    q->target = q->computed;
    q->before = 0;
    q->given = 0;
    q->last_tick = (sp_i128)q->r->last_ns << MODEL_TICK_BITS;
    tw_list_add(&r->running, q);
    tw_replica_wake(r);
}

int64_t tw_replica_requests(const struct tw_replica *r)
{
    return r->running.n + r->waiting.n + r->reserved + r->held;
}

int64_t tw_replica_outstanding(const struct tw_replica *r)
{
    int64_t sum = tw_replica_requests(r);

    for (int32_t i = 0; i < r->waiting.n; i++)
        sum += r->waiting.q[i]->generated == 0 ? r->waiting.q[i]->row->prompt : 0;
    for (int32_t i = 0; i < r->running.n; i++)
        sum += r->running.q[i]->generated == 0 ? r->running.q[i]->row->prompt : 0;
    return sum;
}

/* ---- the next iteration ---- */

struct filling {
    int64_t budget;
    int64_t kept; /* free blocks that decodes will take, if they run */
    bool preempted, prompts;
};

static struct tw_request *victim_of(const struct tw_replica *r)
{
    struct tw_request *last = r->running.q[r->running.n - 1];

    if (strcmp(r->pool->order, "priority") != 0)
        return last;
    for (int32_t i = 0; i < r->running.n; i++)
        if (goes_before(r, last, r->running.q[i]))
            last = r->running.q[i];
    return last;
}

static void preempt(struct tw_replica *r, struct tw_request *q, struct filling *f)
{
    f->budget += q->given;
    f->preempted = true;
    q->given = 0;
    tw_kv_release(&r->kv, q, true);
    q->before = q->computed > q->before ? q->computed : q->before;
    q->computed = 0;
    q->decoding = false;
    q->target = q->row->prompt + q->generated;
    tw_list_drop(&r->running, q);
    tw_list_add(&r->waiting, q);
    r->r->preemptions++;
    tw_run_preempted(r->run, q);
}

static int32_t place_of(const struct tw_list *l, const struct tw_request *q)
{
    int32_t at = 0;

    while (at < l->n && l->q[at] != q)
        at++;
    return at;
}

static void give(struct tw_replica *r, struct tw_request *q, int64_t tokens,
                 struct filling *f)
{
    q->given = tokens;
    f->budget -= tokens;
    tw_kv_take(&r->kv, q, blocks_of(r, q->computed + tokens) - q->n_blocks);
    if (!q->decoding)
        tw_kv_name(&r->kv, q, q->computed + tokens);
}

/* The running ones as they stand now. */
static struct tw_list copy_of(const struct tw_replica *r)
{
    struct tw_list order = {
        .q = sp_arena_array(r->run->arena, (size_t)r->running.n + 1, sizeof *order.q)};

    for (int32_t i = 0; i < r->running.n; i++)
        tw_list_add(&order, r->running.q[i]);
    return order;
}

/* Preempts one; false: it was q itself. */
static bool make_room(struct tw_replica *r, const struct tw_request *q,
                      struct filling *f)
{
    struct tw_request *v = victim_of(r);

    f->kept -= v->keeps;
    v->keeps = 0;
    preempt(r, v, f);
    return v != q;
}

static bool is_running(const struct tw_replica *r, const struct tw_request *q)
{
    return place_of(&r->running, q) < r->running.n;
}

/* Tokens that sequences after it will decode: they have theirs before a prompt. */
static int64_t decodes_to_come(const struct tw_replica *r)
{
    int64_t n = 0;

    for (int32_t i = 0; i < r->running.n; i++)
        n += r->running.q[i]->decoding && r->running.q[i]->given == 0;
    return n;
}

/* What a victim returned is budget again, also for the one it went for. */
static void run_one(struct tw_replica *r, struct tw_request *q, struct filling *f)
{
    int64_t want, need;

    do {
        want = f->budget - decodes_to_come(r);
        if (q->decoding || q->target - q->computed < want)
            want = q->decoding ? 1 : q->target - q->computed;
        need = blocks_of(r, q->computed + want) - q->n_blocks;
        if (want <= 0)
            return;
        if (need <= tw_kv_free(&r->kv)) {
            give(r, q, want, f);
            return;
        }
    } while (make_room(r, q, f));
}

static void fill_running(struct tw_replica *r, struct filling *f)
{
    struct tw_list order = copy_of(r);

    for (int32_t i = 0; i < order.n; i++)
        if (is_running(r, order.q[i]))
            run_one(r, order.q[i], f);
}

/* `mixed`: the decodes' blocks are kept free, before it is known whether they run. */
static void keep_for_decodes(struct tw_replica *r, struct filling *f)
{
    struct tw_list order = copy_of(r);

    for (int32_t i = 0; i < order.n; i++) {
        struct tw_request *q = order.q[i];
        int64_t need = blocks_of(r, q->computed + 1) - q->n_blocks;
        bool stays = is_running(r, q);

        while (stays && tw_kv_free(&r->kv) - f->kept < need)
            stays = make_room(r, q, f);
        if (!stays)
            continue;
        q->keeps = need;
        f->kept += need;
    }
}

/* `mixed`: they run where all of them fit beside the prompts, and without any. */
static void decode_where_they_fit(struct tw_replica *r, struct filling *f)
{
    struct tw_list order = copy_of(r);
    int64_t decodes = 0;

    f->kept = 0;
    for (int32_t i = 0; i < order.n; i++)
        decodes += order.q[i]->given == 0;
    if (f->prompts && decodes > f->budget)
        return;
    for (int32_t i = 0; i < order.n; i++)
        if (order.q[i]->given == 0)
            give(r, order.q[i], 1, f);
}

static int64_t stored_tokens(const struct tw_replica *r, const struct tw_request *q)
{
    int64_t tokens = r->run->hash_tokens, n = tw_store_match(r->store, q->row);

    while (n * tokens > q->row->prompt || n * tokens > q->target - 1)
        n--;
    return n * tokens;
}

/* All that it has to compute, but what is found, fits the free blocks. */
static bool fits(const struct tw_replica *r, const struct tw_request *q,
                 const struct tw_found *found, const struct filling *f)
{
    return blocks_of(r, q->target) - found->held <= tw_kv_free(&r->kv) - f->kept;
}

/* By name or, where that is more and fits as well, what it had before. */
static struct tw_found find(const struct tw_replica *r, const struct tw_request *q,
                            const struct filling *f)
{
    struct tw_found by_name = tw_kv_find(&r->kv, q, q->target - 1, false);
    struct tw_found had = tw_kv_find(&r->kv, q, q->target - 1, true);

    if (had.own > 0 && had.named + had.own > by_name.named && fits(r, q, &had, f))
        return had;
    return by_name;
}

static int64_t found_tokens(const struct tw_replica *r, const struct tw_request *q,
                            const struct tw_found *found)
{
    if (r->pool->prefix == MODEL_PREFIX_STORE)
        return stored_tokens(r, q);
    return (found->named + found->own) * (int64_t)r->pool->block_size;
}

static void count_prefix(struct tw_replica *r, const struct tw_request *q,
                         int64_t found)
{
    r->r->prefix_tokens += q->row->prompt;
    r->r->prefix_found_tokens += found;
    r->r->prefix_blocks += q->row->n_hashes;
    if (r->pool->prefix == MODEL_PREFIX_STORE)
        r->r->prefix_found_blocks += tw_store_match(r->store, q->row);
    else if (r->run->hash_tokens > 0)
        r->r->prefix_found_blocks += found / r->run->hash_tokens;
}

static void admit(struct tw_replica *r, struct tw_request *q, int64_t tokens,
                  struct filling *f)
{
    struct tw_found there = find(r, q, f);
    int64_t found = found_tokens(r, q, &there);

    if (!q->here_before) {
        count_prefix(r, q, found);
        tw_run_scheduled(r->run, r, q);
    }
    q->here_before = true;
    if (r->pool->prefix == MODEL_PREFIX_STORE)
        tw_store_use(r->store, q->row);
    tw_kv_hold(&r->kv, q, &there);
    tw_list_drop(&r->waiting, q);
    tw_list_add(&r->running, q);
    q->computed = found;
    give(r, q, tokens, f);
    f->prompts = true;
}

/* Tokens of the first waiting request that would go into this iteration; 0: none. */
static int64_t may_enter(struct tw_replica *r, struct tw_request *q,
                         const struct filling *f)
{
    bool chunks = strcmp(r->pool->scheduling, "chunked-prefill") == 0;
    struct tw_found there = find(r, q, f);
    int64_t rest = q->target - found_tokens(r, q, &there);

    if (r->running.n + r->reserved >= r->pool->max_num_seqs || f->budget <= 0)
        return 0;
    if (!fits(r, q, &there, f))
        return 0;
    if (rest <= f->budget)
        return rest;
    if (chunks)
        return f->budget;
    return f->prompts ? 0 : rest;
}

static void fill_waiting(struct tw_replica *r, struct filling *f)
{
    for (;;) {
        struct tw_request *q = first_waiting(r);
        int64_t tokens = q == NULL ? 0 : may_enter(r, q, f);

        if (tokens == 0)
            return;
        admit(r, q, tokens, f);
    }
}

static void fill(struct tw_replica *r, struct filling *f)
{
    const char *rule = r->pool->scheduling;

    if (strcmp(rule, "prefill-first") == 0) {
        fill_waiting(r, f);
        if (!f->prompts)
            fill_running(r, f);
    } else if (strcmp(rule, "decode-first") == 0) {
        if (r->running.n > 0)
            fill_running(r, f);
        else
            fill_waiting(r, f);
    } else if (strcmp(rule, "mixed") == 0) {
        keep_for_decodes(r, f);
        if (!f->preempted)
            fill_waiting(r, f);
        decode_where_they_fit(r, f);
    } else {
        fill_running(r, f);
        if (!f->preempted)
            fill_waiting(r, f);
    }
}

/* ---- its time ---- */

static void add_decode(struct model_batch *b, int64_t context)
{
    if (b->decodes == 0 || context < b->decode_least)
        b->decode_least = context;
    if (context > b->decode_most)
        b->decode_most = context;
    b->decodes++;
    b->decode_context += context;
}

static void add_chunk(struct model_batch *b, const struct tw_request *q)
{
    b->prefills++;
    b->prefill_tokens += q->given;
    b->prefill_context += q->computed;
    b->prefill_pairs += q->given * q->computed + q->given * (q->given + 1) / 2;
    b->prefill_squares += q->given * q->given;
    b->prefill_ends += q->computed + q->given == q->target;
}

static struct model_iteration_time time_of(const struct tw_replica *r,
                                           const struct model_batch *b)
{
    struct model_iteration_time t = {0};
    struct sp_err err = {0};

    if (model_iteration_time(r->pool->iteration, b, &t, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    return t;
}

static void count(struct tw_replica *r, const struct model_batch *b,
                  const struct model_iteration_time *t)
{
    struct model_batch alone = {.decodes = b->decodes,
                                .decode_context = b->decode_context,
                                .decode_least = b->decode_least,
                                .decode_most = b->decode_most};
    int64_t decode = b->decodes == 0 ? 0 : time_of(r, &alone).ticks;
    struct twin_pool_result *p = r->r;

    p->iterations++;
    p->decoding_iterations += b->decodes > 0;
    p->prefill_tokens += b->prefill_tokens;
    p->decode_tokens += b->decodes;
    p->beyond += t->beyond;
    p->pairs += b->prefill_pairs + b->decode_context + b->decodes;
    p->rows += b->prefill_ends + b->decodes;
    p->busy_ticks += t->ticks;
    p->compute_ticks += t->compute_bound ? t->ticks : 0;
    p->decode_ticks += decode < t->ticks ? decode : t->ticks;
    p->kv_block_s += (double)r->kv.used * ((double)t->ticks / 1048576.0 / 1e9);
    for (int32_t i = 0; i < r->running.n; i++) {
        const struct tw_request *q = r->running.q[i];
        int64_t again = q->before - q->computed;

        if (!q->decoding && again > 0)
            p->recomputed_tokens += again < q->given ? again : q->given;
    }
}

static void begin(struct tw_replica *r, sp_i128 tick)
{
    struct filling f = {.budget = r->pool->max_num_batched_tokens};
    struct model_batch b = {0};
    struct model_iteration_time t;

    for (int32_t i = 0; i < r->running.n; i++)
        r->running.q[i]->given = r->running.q[i]->keeps = 0;
    fill(r, &f);
    if (f.preempted && r->running.n == 0) { /* an empty one takes no time */
        f = (struct filling){.budget = r->pool->max_num_batched_tokens};
        fill(r, &f);
        f.preempted = true;
    }
    for (int32_t i = 0; i < r->running.n; i++) {
        const struct tw_request *q = r->running.q[i];

        if (q->given > 0 && q->decoding)
            add_decode(&b, q->computed);
        else if (q->given > 0)
            add_chunk(&b, q);
    }
    r->busy = b.decodes + b.prefills > 0;
    if (r->busy) {
        t = time_of(r, &b);
        count(r, &b, &t);
        r->begin_tick = tick;
        r->end_tick = tick + t.ticks;
        r->end_ns = tw_ceil_ns(r->end_tick);
        r->r->busy_ns += r->end_ns - r->run->now_ns;
        if (r->run->log != NULL)
            fprintf(r->run->log,
                    "%.3f us: replica %d: %d decodes of %lld, %d prompts of %lld, "
                    "%lld blocks, %.6f us\n",
                    (double)tick / 1048576.0 / 1e3, (int)r->number, (int)b.decodes,
                    (long long)b.decode_context, (int)b.prefills,
                    (long long)b.prefill_tokens, (long long)r->kv.used,
                    (double)t.ticks / 1048576.0 / 1e3);
    }
    r->run->look |= f.preempted;
}

/* ---- the end of one ---- */

static void leave(struct tw_replica *r, struct tw_request *q)
{
    tw_list_drop(&r->running, q);
    if (q->generated == q->row->output) {
        tw_kv_release(&r->kv, q, false);
        tw_run_done(r->run, q);
    } else {
        r->held++;
        tw_run_prefilled(r->run, r, q);
    }
}

/* One more token, or a chunk, for all that were in it. */
static void compute(struct tw_replica *r)
{
    for (int32_t i = 0; i < r->running.n; i++) {
        struct tw_request *q = r->running.q[i];

        q->computed += q->given;
        if (q->given == 0 || (!q->decoding && q->computed < q->target))
            continue;
        q->generated++;
        tw_run_token(r->run, q, r->end_tick);
    }
}

static void end(struct tw_replica *r)
{
    struct tw_list gone = {
        .q = sp_arena_array(r->run->arena, (size_t)r->running.n + 1, sizeof *gone.q)};
    bool prefill = r->pool->role == MODEL_ROLE_PREFILL;

    compute(r);
    for (int prompts = 0; prompts < 2; prompts++)
        for (int32_t i = 0; i < r->running.n; i++) {
            struct tw_request *q = r->running.q[i];

            if (q->given == 0 || q->decoding == (prompts == 1))
                continue;
            if (q->decoding ? q->generated == q->row->output
                            : q->computed == q->target &&
                                  (prefill || q->generated == q->row->output))
                tw_list_add(&gone, q);
        }
    for (int32_t i = 0; i < r->running.n; i++) {
        struct tw_request *q = r->running.q[i];

        q->decoding = q->decoding || q->computed == q->target;
        q->given = 0;
    }
    for (int32_t i = 0; i < gone.n; i++)
        leave(r, gone.q[i]);
    r->run->look |= gone.n > 0;
}

void tw_replica_step(struct tw_replica *r)
{
    sp_i128 tick = (sp_i128)r->run->now_ns << MODEL_TICK_BITS;

    r->look = false;
    if (r->busy) {
        r->busy = false;
        tick = r->end_tick;
        end(r);
    }
    begin(r, tick);
}
