/* Everything about a replica that is kept up by steps, once more from its rows. */
#include <stdlib.h>

#include "base/status.h"
#include "sim/replica_rows.h"

struct tally {
    int32_t running, decoding, reserved, here;
    int64_t outstanding, base_sum, own;
    int64_t decode_held; /* blocks of decoding sequences by their contexts */
    int64_t decode_own;  /* of them in their holdings and groups */
    int64_t groups;      /* holdings of groups; one may have several holders */
};

static void verify_waiting(const struct sim_replica *r)
{
    for (int32_t i = 0; i < r->n_waiting; i++) {
        const struct sim_wait *w = &r->waiting[i], *up = &r->waiting[(i - 1) / 2];
        const struct sim_request *row = sim_requests_at(r->env.requests, w->request);

        sp_assert(w->number == row->number && w->key == r->order->key(row));
        sp_assert(i == 0 || up->key < w->key ||
                  (up->key == w->key && up->number <= w->number));
        if (w->seq != SP_NO_ID)
            sp_assert(r->seqs[w->seq].state == SEQ_WAITING &&
                      r->seqs[w->seq].request == w->request);
    }
}

static void tally_decode(const struct sim_replica *r, const struct sim_seq *s,
                         struct tally *t)
{
    int64_t context = s->base + r->decoded, residue = s->base % r->block;
    const struct sim_finish *f = &r->finish[s->at];
    int64_t taken = r->span.runs && r->span.decodes > 0 ? r->span.taken : 0;

    sp_assert(r->block > 0 &&
              r->residues[residue < 0 ? residue + r->block : residue] > 0);
    sp_assert(s->at < r->n_decode && r->seqs + f->seq == s);
    sp_assert(f->finish == s->finish && f->rank == s->rank);
    sp_assert(s->finish > r->decoded ||
              (r->span.runs == false && s->finish == r->decoded));
    sp_assert(context == (int64_t)s->prompt + s->output - (s->finish - r->decoded) - 1);
    t->decoding++;
    t->base_sum += s->base;
    t->decode_held += sim_blocks_of(r, context + taken);
    t->decode_own += s->h.own + (int64_t)s->h.groups * r->hash_blocks;
    if (r->extremes_known)
        sp_assert(s->base >= r->base_least && s->base <= r->base_most);
}

static void tally_row(const struct sim_replica *r, const struct sim_seq *s,
                      struct tally *t)
{
    if (s->state == SEQ_FREE)
        return;
    t->own += s->h.own;
    t->groups += s->h.groups;
    t->here += s->state != SEQ_WAITING; /* those are in the heap */
    t->running += s->state == SEQ_PROMPT || s->state == SEQ_DECODE;
    t->reserved += s->state == SEQ_RESERVED || s->state == SEQ_JOINING;
    if (s->state == SEQ_WAITING)
        sp_assert(s->h.own == 0 && s->h.groups == 0);
    else
        t->outstanding += 1 + (s->first || s->state == SEQ_RESERVED ? 0 : s->prompt);
    if (s->state == SEQ_DECODE)
        tally_decode(r, s, t);
}

static void verify_list(const struct sim_replica *r)
{
    int32_t before = SP_NO_ID, n = 0;

    for (int32_t id = r->oldest; id != SP_NO_ID; id = r->seqs[id].next) {
        const struct sim_seq *s = &r->seqs[id];

        sp_assert(s->state == SEQ_PROMPT || s->state == SEQ_DECODE);
        sp_assert(s->prev == before);
        sp_assert(before == SP_NO_ID || r->seqs[before].rank < s->rank);
        before = id;
        n++;
    }
    sp_assert(before == r->newest && n == r->n_running);
}

static void verify_heap(const struct sim_replica *r)
{
    int64_t sum = 0;

    for (int32_t i = 1; i < r->n_decode; i++) {
        const struct sim_finish *f = &r->finish[i], *up = &r->finish[(i - 1) / 2];

        sp_assert(up->finish < f->finish ||
                  (up->finish == f->finish && up->rank < f->rank));
    }
    for (int32_t i = 0; i < r->block; i++)
        sum += r->residues[i];
    sp_assert(sum == r->n_decode);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Blocks of the distinct groups that are held. */
static int64_t group_blocks(const struct sim_replica *r, int64_t holdings)
{
    uint64_t *all = sp_xcalloc((size_t)holdings + 1, sizeof *all);
    int64_t n = 0, distinct = 0;

    for (int32_t id = 0; id < r->n_seqs; id++) {
        const struct sim_seq *s = &r->seqs[id];

        if (s->state == SEQ_FREE || s->h.groups == 0)
            continue;
        sim_requests_hashes(r->env.requests, s->request, 0, s->h.groups, all + n);
        n += s->h.groups;
    }
    qsort(all, (size_t)n, sizeof *all, by_value);
    for (int64_t i = 0; i < n; i++)
        distinct += i == 0 || all[i] != all[i - 1];
    free(all);
    return distinct * r->hash_blocks;
}

static void verify_span(const struct sim_replica *r)
{
    const struct sim_span *span = &r->span;

    if (!span->runs) {
        sp_assert(r->next_ns == r->wake_ns);
        return;
    }
    sp_assert(span->count >= 1 && span->counted <= span->taken &&
              span->taken <= span->count && span->n_segments >= 1);
    sp_assert(span->decodes == 0 || span->decodes == r->n_decode);
    sp_assert(r->n_chunks == 0 || span->count == 1);
    sp_assert(r->next_ns == sim_ns_ceil(sim_span_tick(span, span->count)));
    for (int32_t i = 0; i < span->n_segments; i++)
        sp_assert(i == 0 ? span->segments[i].from == 0
                         : span->segments[i].from > span->segments[i - 1].from &&
                               span->segments[i].begin ==
                                   sim_span_tick(span, span->segments[i].from));
    if (span->decodes > 0 && r->n_decode > 0)
        sp_assert(span->decodes == 0 ||
                  span->count <= r->finish[0].finish - r->decoded);
}

void sim_replica_verify(const struct sim_replica *r)
{
    struct tally t = {0};

    verify_waiting(r);
    verify_list(r);
    verify_heap(r);
    for (int32_t id = 0; id < r->n_seqs; id++)
        tally_row(r, &r->seqs[id], &t);
    for (int32_t i = 0; i < r->n_waiting; i++) {
        const struct sim_wait *w = &r->waiting[i];
        bool first = w->seq != SP_NO_ID && r->seqs[w->seq].first;

        t.outstanding +=
            1 + (first ? 0 : sim_requests_at(r->env.requests, w->request)->prompt);
    }
    sp_assert(t.running == r->n_running && t.reserved == r->n_reserved);
    sp_assert(t.running + t.reserved <= r->max_seqs);
    sp_assert(t.here + r->n_waiting == r->n_requests);
    sp_assert(t.decoding == r->n_decode && t.outstanding == r->outstanding);
    sp_assert(t.base_sum == r->base_sum);
    sp_assert(t.decode_held == t.decode_own + r->grown.own);
    sp_assert(sim_kv_used(r->kv) == t.own + r->grown.own + group_blocks(r, t.groups));
    sim_kv_verify(r->kv);
    verify_span(r);
}
