/* Who is at a replica: the rows of sequences, the heap of waiting requests, the running
 * ones in the order of admission, and the decoding ones by what a batch needs to know.
 */
#include "sim/replica_rows.h"

#include <string.h>

int32_t sim_seq_new(struct sim_replica *r, int32_t request)
{
    struct sim_request *row = sim_requests_at(r->env.requests, request);
    int32_t id = r->free_seq;

    if (id != SP_NO_ID) {
        r->free_seq = r->seqs[id].next;
    } else {
        r->seqs = sp_arena_more(r->env.arena, r->seqs, r->n_seqs, &r->seqs_room,
                                sizeof *r->seqs);
        id = r->n_seqs++;
    }
    r->seqs[id] = (struct sim_seq){
        .request = request,
        .prompt = row->prompt,
        .output = row->output,
        .n_hashes = row->n_hashes,
        .generated = row->generated,
        .number = row->number,
        .key = r->order->key(row),
        .last = sim_tick_of(row->last_token_ns),
    };
    row->seat[r->role_seat] = id;
    return id;
}

void sim_seq_free(struct sim_replica *r, int32_t id)
{
    r->seqs[id].state = SEQ_FREE;
    r->seqs[id].next = r->free_seq;
    r->free_seq = id;
}

/* ---- waiting ---- */

static bool waits_before(const struct sim_wait *a, const struct sim_wait *b)
{
    return a->key != b->key ? a->key < b->key : a->number < b->number;
}

void sim_waiting_push(struct sim_replica *r, struct sim_wait wait)
{
    int32_t at = r->n_waiting;

    r->waiting = sp_arena_more(r->env.arena, r->waiting, at, &r->waiting_room,
                               sizeof *r->waiting);
    r->n_waiting++;
    while (at > 0 && waits_before(&wait, &r->waiting[(at - 1) / 2])) {
        r->waiting[at] = r->waiting[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    r->waiting[at] = wait;
}

struct sim_wait sim_waiting_pop(struct sim_replica *r)
{
    struct sim_wait top = r->waiting[0], last = r->waiting[--r->n_waiting];
    int32_t at = 0;

    for (;;) {
        int32_t child = 2 * at + 1;

        if (child >= r->n_waiting)
            break;
        if (child + 1 < r->n_waiting &&
            waits_before(&r->waiting[child + 1], &r->waiting[child]))
            child++;
        if (!waits_before(&r->waiting[child], &last))
            break;
        r->waiting[at] = r->waiting[child];
        at = child;
    }
    r->waiting[at] = last;
    return top;
}

/* ---- running ---- */

void sim_running_add(struct sim_replica *r, int32_t id)
{
    struct sim_seq *s = &r->seqs[id];

    s->rank = r->ranks++;
    s->prev = r->newest;
    s->next = SP_NO_ID;
    if (r->newest != SP_NO_ID)
        r->seqs[r->newest].next = id;
    else
        r->oldest = id;
    r->newest = id;
    r->n_running++;
}

void sim_running_remove(struct sim_replica *r, int32_t id)
{
    const struct sim_seq *s = &r->seqs[id];

    if (s->prev != SP_NO_ID)
        r->seqs[s->prev].next = s->next;
    else
        r->oldest = s->next;
    if (s->next != SP_NO_ID)
        r->seqs[s->next].prev = s->prev;
    else
        r->newest = s->prev;
    r->n_running--;
}

/* ---- decoding: a heap by (finish, rank), and sums ---- */

static bool ends_before(const struct sim_finish *a, const struct sim_finish *b)
{
    return a->finish != b->finish ? a->finish < b->finish : a->rank < b->rank;
}

static void finish_put(struct sim_replica *r, int32_t at, struct sim_finish f)
{
    r->finish[at] = f;
    r->seqs[f.seq].at = at;
}

/* Puts f at `at` or nearer to the top. */
static void finish_up(struct sim_replica *r, int32_t at, struct sim_finish f)
{
    while (at > 0 && ends_before(&f, &r->finish[(at - 1) / 2])) {
        finish_put(r, at, r->finish[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    finish_put(r, at, f);
}

static void finish_remove(struct sim_replica *r, int32_t at)
{
    struct sim_finish last = r->finish[--r->n_decode];

    if (at == r->n_decode)
        return;
    for (;;) {
        int32_t child = 2 * at + 1;

        if (child >= r->n_decode)
            break;
        if (child + 1 < r->n_decode &&
            ends_before(&r->finish[child + 1], &r->finish[child]))
            child++;
        if (!ends_before(&r->finish[child], &last))
            break;
        finish_put(r, at, r->finish[child]);
        at = child;
    }
    finish_up(r, at, last);
}

static int64_t *residue_of(struct sim_replica *r, int64_t base)
{
    int64_t residue = base % r->block;

    return &r->residues[residue < 0 ? residue + r->block : residue];
}

void sim_decode_enter(struct sim_replica *r, int32_t id, int64_t context)
{
    struct sim_seq *s = &r->seqs[id];

    s->state = SEQ_DECODE;
    s->base = context - r->decoded;
    s->finish = r->decoded + s->output - s->generated;
    s->fresh = true;
    sp_assert(s->generated >= 1 && s->finish > r->decoded);
    r->fresh = sp_arena_more(r->env.arena, r->fresh, r->n_fresh, &r->fresh_room,
                             sizeof *r->fresh);
    r->fresh[r->n_fresh++] = id;
    r->finish = sp_arena_more(r->env.arena, r->finish, r->n_decode, &r->finish_room,
                              sizeof *r->finish);
    r->base_sum += s->base;
    ++*residue_of(r, s->base);
    if (r->n_decode == 0) {
        r->base_least = r->base_most = s->base;
        r->extremes_known = true;
    }
    r->base_least = s->base < r->base_least ? s->base : r->base_least;
    r->base_most = s->base > r->base_most ? s->base : r->base_most;
    r->grown.own += s->h.own; /* until it leaves */
    s->h.own = 0;
    finish_up(r, r->n_decode++, (struct sim_finish){s->finish, s->rank, id});
}

static void fresh_forget(struct sim_replica *r, int32_t id)
{
    for (int32_t i = 0; i < r->n_fresh; i++)
        if (r->fresh[i] == id) {
            memmove(r->fresh + i, r->fresh + i + 1,
                    (size_t)(--r->n_fresh - i) * sizeof *r->fresh);
            return;
        }
}

void sim_decode_leave(struct sim_replica *r, int32_t id)
{
    struct sim_seq *s = &r->seqs[id];

    finish_remove(r, s->at);
    r->base_sum -= s->base;
    --*residue_of(r, s->base);
    if (s->base == r->base_least || s->base == r->base_most)
        r->extremes_known = false;
    s->context = s->base + r->decoded;
    s->generated = (int32_t)(s->output - (s->finish - r->decoded));
    if (s->fresh)
        fresh_forget(r, id);
    else
        s->last = r->last_decode;
}

void sim_decode_extremes(struct sim_replica *r)
{
    if (r->extremes_known || r->n_decode == 0)
        return;
    r->base_least = INT64_MAX;
    r->base_most = INT64_MIN;
    for (int32_t i = 0; i < r->n_decode; i++) {
        int64_t base = r->seqs[r->finish[i].seq].base;

        r->base_least = base < r->base_least ? base : r->base_least;
        r->base_most = base > r->base_most ? base : r->base_most;
    }
    r->extremes_known = true;
}

/* ---- blocks ---- */

void sim_decode_settle_blocks(struct sim_replica *r, int32_t id, int64_t tokens)
{
    struct sim_seq *s = &r->seqs[id];
    int64_t own = sim_blocks_of(r, tokens) - (int64_t)s->h.groups * r->hash_blocks;

    r->grown.own -= own - s->h.own;
    s->h.own = own;
    sp_assert(own >= 0 && r->grown.own >= 0);
}

int64_t sim_decode_takes(const struct sim_replica *r, int64_t count)
{
    int64_t blocks = count / r->block * r->n_decode, residue = sim_decode_residue(r, 0);

    for (int64_t i = count % r->block; i > 0; i--) {
        blocks += r->residues[residue];
        residue = residue == 0 ? r->block - 1 : residue - 1;
    }
    return blocks;
}

int64_t sim_decode_lasts(const struct sim_replica *r, int64_t blocks)
{
    int64_t count = 1 + blocks / r->n_decode * r->block, left = blocks % r->n_decode;

    for (;;) {
        left -= r->residues[sim_decode_residue(r, count)];
        if (left < 0)
            return count;
        count++;
    }
}

const uint64_t *sim_seq_hashes(struct sim_replica *r, int32_t request, int32_t n)
{
    if (n == 0)
        return NULL;
    if (n > r->hashes_room) {
        r->hashes =
            sp_arena_grow(r->env.arena, r->hashes, 0, (size_t)n * 2, sizeof *r->hashes);
        r->hashes_room = 2 * n;
    }
    sim_requests_hashes(r->env.requests, request, 0, n, r->hashes);
    return r->hashes;
}

void sim_seq_release(struct sim_replica *r, int32_t id, bool again)
{
    struct sim_seq *s = &r->seqs[id];

    s->own_from = s->h.groups;
    sim_kv_release(r->kv, &s->h, sim_seq_hashes(r, s->request, s->h.groups), again);
    r->left = true;
}
