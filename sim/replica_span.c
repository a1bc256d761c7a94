/* The iterations that run: when each ends, what they have taken and done by a given
 * one, all in closed form over the lines of the time source.
 */
#include "sim/gaps.h"
#include "sim/replica_rows.h"

/* ---- when ---- */

sp_i128 sim_span_tick(const struct sim_span *span, int64_t count)
{
    int32_t i = span->n_segments - 1;

    while (i > 0 && span->segments[i].from >= count)
        i--;
    return span->segments[i].begin +
           model_line_ticks(&span->segments[i].line, count - span->segments[i].from);
}

/* The fewest iterations (>= 1) that end past `tick`; count + 1 if none does. */
static int64_t ends_past(const struct sim_span *span, sp_i128 tick)
{
    int32_t i = span->n_segments - 1;
    const struct sim_segment *seg;
    int64_t low = 1, high;

    while (i > 0 && span->segments[i].begin > tick)
        i--;
    seg = &span->segments[i];
    high = span->count - seg->from + 1;
    if (i + 1 < span->n_segments)
        high = span->segments[i + 1].from - seg->from + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (seg->begin + model_line_ticks(&seg->line, middle) > tick)
            high = middle;
        else
            low = middle + 1;
    }
    return seg->from + low;
}

int64_t sim_span_ended(const struct sim_span *span, int64_t now_ns)
{
    return ends_past(span, sim_tick_of(now_ns)) - 1;
}

int64_t sim_span_in_progress(const struct sim_span *span, int64_t now_ns)
{
    int64_t count = ends_past(span, sim_tick_of(now_ns - 1));

    sp_assert(count <= span->count);
    return count;
}

/* ---- beginning and cutting ---- */

static void span_ends_at(struct sim_replica *r, int64_t count)
{
    struct sim_span *span = &r->span;

    span->count = count;
    while (span->n_segments > 1 && span->segments[span->n_segments - 1].from >= count)
        span->n_segments--;
    r->next_ns = sim_ns_ceil(sim_span_tick(span, count));
}

void sim_span_cut(struct sim_replica *r, int64_t count)
{
    sp_assert(r->span.runs && count >= 1 && count <= r->span.count);
    sp_assert(count >= r->span.counted && count >= r->span.taken);
    span_ends_at(r, count);
}

static void segment_add(struct sim_span *span, int64_t from, sp_i128 begin,
                        const struct model_line *line,
                        const struct model_iteration_time *time)
{
    span->segments[span->n_segments++] = (struct sim_segment){
        .from = from,
        .begin = begin,
        .line = *line,
        .beyond = time->beyond,
        .compute_bound = time->compute_bound,
    };
}

/* An iteration with chunks; of its time, what its decodes alone would take. */
static enum sp_status mixed_begin(struct sim_replica *r, sp_i128 tick,
                                  struct sp_err *err)
{
    struct sim_span *span = &r->span;
    const struct model_iteration *it = r->env.pool->iteration;
    struct model_iteration_time time, alone = {.ticks = 0};
    struct model_batch decodes = {
        .decodes = span->batch.decodes,
        .decode_context = span->batch.decode_context,
        .decode_least = span->batch.decode_least,
        .decode_most = span->batch.decode_most,
    };
    enum sp_status status = model_iteration_time(it, &span->batch, &time, err);

    if (status == SP_OK && decodes.decodes > 0)
        status = model_iteration_time(it, &decodes, &alone, err);
    if (status != SP_OK)
        return status;
    span->decode_ticks = alone.ticks < time.ticks ? alone.ticks : time.ticks;
    segment_add(span, 0, tick, &(struct model_line){time.ticks, 0, 1}, &time);
    return SP_OK;
}

/* Iterations that only decode, line by line.  Where the source fails further on the
 * span ends there, and its first line fails then. */
static enum sp_status decode_begin(struct sim_replica *r, sp_i128 tick, int64_t *count,
                                   struct sp_err *err)
{
    struct sim_span *span = &r->span;
    struct model_batch b = span->batch;
    struct model_iteration_time time;
    struct model_line line;
    int64_t from = 0;

    while (from < *count && span->n_segments < SPAN_SEGMENTS) {
        enum sp_status status = model_iteration_line(r->env.pool->iteration, &b, &line,
                                                     &time, from == 0 ? err : NULL);

        if (status != SP_OK && from == 0)
            return status;
        if (status != SP_OK)
            break;
        line.count = line.count < *count - from ? line.count : *count - from;
        segment_add(span, from, tick, &line, &time);
        tick += model_line_ticks(&line, line.count);
        from += line.count;
        b.decode_context += line.count * b.decodes;
        b.decode_least += line.count;
        b.decode_most += line.count;
    }
    *count = from;
    return SP_OK;
}

enum sp_status sim_span_begin(struct sim_replica *r, sp_i128 tick, int64_t count,
                              struct sp_err *err)
{
    enum sp_status status;

    r->span.n_segments = 0;
    if (r->n_chunks > 0)
        status = mixed_begin(r, tick, err);
    else
        status = decode_begin(r, tick, &count, err);
    if (status != SP_OK)
        return status;
    r->span.runs = true;
    span_ends_at(r, count);
    return SP_OK;
}

/* ---- blocks ---- */

void sim_span_take(struct sim_replica *r, int64_t count)
{
    struct sim_span *span = &r->span;

    if (count <= span->taken)
        return;
    if (span->decodes > 0)
        sim_kv_take(r->kv, &r->grown,
                    sim_decode_takes(r, count) - sim_decode_takes(r, span->taken));
    span->taken = count;
}

/* Iterations t of a segment that are j apart from the beginning of a round of residues:
 * how many such j, and the sums over them of j, of the blocks held in the first round,
 * and of j times these. */
struct places {
    int64_t n, j;
    sp_i128 held, moment;
};

static void place_add(struct places *p, int64_t j, int64_t held)
{
    p->n++;
    p->j += j;
    p->held += held;
    p->moment += sp_i128_mul(j, held);
}

/* Sum over `rounds` rounds q and the places j of (held + q * more) * (time + (j + q *
 * round) * step): round after round each place holds so much more. */
static sp_i128 places_sum(const struct places *p, int64_t rounds, int64_t round,
                          int64_t more, sp_i128 time, int64_t step)
{
    sp_i128 one, two, held, moment;

    if (rounds == 1)
        return p->held * time + p->moment * step;
    one = sp_i128_mul(rounds, rounds - 1) / 2;
    two = one * (2 * rounds - 1) / 3;
    held = rounds * p->held + one * more * p->n;
    moment = rounds * p->moment + one * (round * p->held + more * p->j) +
             two * round * more * p->n;
    return held * time + moment * step;
}

/* Blocks held times time, iterations from .. to - 1, all of one segment: places that
 * come once more than others make a sum of their own. */
static sp_i128 block_ticks(const struct sim_replica *r, const struct sim_segment *seg,
                           int64_t from, int64_t to)
{
    const struct sim_span *span = &r->span;
    int64_t round = r->block, n = span->decodes, held = span->used, residue = 0;
    int64_t rounds = (to - from) / round, rest = (to - from) % round;
    sp_i128 time = seg->line.first + sp_i128_mul(seg->line.step, from - seg->from), sum;
    struct places often = {0}, others = {0};

    if (n == 0) /* one iteration, with prompts alone */
        return held * time;
    held += sim_decode_takes(r, from);
    residue = sim_decode_residue(r, from);
    for (int64_t j = 0; j < (rounds > 0 ? round : rest); j++) {
        held += r->residues[residue];
        residue = residue == 0 ? round - 1 : residue - 1;
        place_add(j < rest ? &often : &others, j, held);
    }
    sum = places_sum(&often, rounds + 1, round, n, time, seg->line.step);
    if (rounds > 0)
        sum += places_sum(&others, rounds, round, n, time, seg->line.step);
    return sum;
}

/* ---- statistics ---- */

/* The first decoding iteration of a span: a sequence's last token may be older than
 * the iteration's beginning. */
static void count_first_gaps(const struct sim_replica *r, sp_i128 end)
{
    struct sim_histogram *gaps = &r->env.stats->gaps;
    int64_t others = r->span.decodes - r->n_fresh;

    for (int32_t i = 0; i < r->n_fresh; i++)
        sim_histogram_add(
            gaps, (int64_t)((end - r->seqs[r->fresh[i]].last) >> MODEL_TICK_BITS), 1);
    if (others > 0)
        sim_histogram_add(gaps, (int64_t)((end - r->last_decode) >> MODEL_TICK_BITS),
                          (uint64_t)others);
}

static void count_chunks(const struct sim_replica *r, sp_i128 end)
{
    struct sim_replica_stats *stats = r->env.stats;

    for (int32_t i = 0; i < r->n_chunks; i++) {
        const struct sim_seq *s = &r->seqs[r->chunks[i].seq];
        int64_t again = s->lost - s->context;

        stats->counts.prefill_tokens += r->chunks[i].tokens;
        if (again > 0)
            stats->counts.recomputed_tokens +=
                again < r->chunks[i].tokens ? again : r->chunks[i].tokens;
        if (r->chunks[i].ends && s->generated > 0)
            sim_histogram_add(&stats->gaps,
                              (int64_t)((end - s->last) >> MODEL_TICK_BITS), 1);
    }
    stats->counts.pairs += r->span.batch.prefill_pairs;
    stats->counts.rows += r->span.batch.prefill_ends;
    stats->counts.output_tokens += r->span.batch.prefill_ends;
}

/* Tokens and pairs of decoding, iterations from .. to - 1. */
static void count_decodes(const struct sim_replica *r, int64_t from, int64_t to)
{
    struct sim_replica_counts *c = &r->env.stats->counts;
    int64_t n = r->span.decodes, k = to - from;

    c->decode_iterations += k;
    c->decode_tokens += n * k;
    c->output_tokens += n * k;
    c->rows += n * k;
    c->pairs += sp_i128_mul(k, r->span.batch.decode_context + n) +
                sp_i128_mul(n, k) * (from + to - 1) / 2;
}

/* Times and gaps, iterations from .. to - 1 of one segment. */
static void count_segment(const struct sim_replica *r, const struct sim_segment *seg,
                          int64_t from, int64_t to)
{
    struct sim_replica_counts *c = &r->env.stats->counts;
    sp_i128 before = model_line_ticks(&seg->line, from - seg->from);
    sp_i128 ticks = model_line_ticks(&seg->line, to - seg->from) - before;
    int64_t at = from;

    c->busy_ticks += ticks;
    c->compute_ticks += seg->compute_bound ? ticks : 0;
    c->beyond += seg->beyond ? to - from : 0;
    c->kv_block_ticks += block_ticks(r, seg, from, to);
    if (r->span.decodes == 0)
        return;
    c->decode_ticks += r->n_chunks > 0 ? r->span.decode_ticks : ticks;
    if (at == 0) {
        count_first_gaps(r, seg->begin + seg->line.first);
        at++;
    }
    sim_gaps_add_line(&r->env.stats->gaps,
                      seg->line.first + seg->line.step * (at - seg->from),
                      seg->line.step, to - at, r->span.decodes);
}

void sim_span_count(struct sim_replica *r, int64_t count)
{
    struct sim_span *span = &r->span;

    if (count <= span->counted)
        return;
    r->env.stats->counts.iterations += count - span->counted;
    if (span->decodes > 0)
        count_decodes(r, span->counted, count);
    if (r->n_chunks > 0)
        count_chunks(r, sim_span_tick(span, 1));
    for (int32_t i = 0; i < span->n_segments; i++) {
        const struct sim_segment *seg = &span->segments[i];
        int64_t end =
            i + 1 < span->n_segments ? span->segments[i + 1].from : span->count;
        int64_t from = seg->from > span->counted ? seg->from : span->counted;

        if (from < end && from < count)
            count_segment(r, seg, from, end < count ? end : count);
    }
    span->counted = count;
}
