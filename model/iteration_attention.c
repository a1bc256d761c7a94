/* attention.csv: reading it into nested curves, and looking them up. */
#include <math.h>
#include <stdlib.h>

#include "base/median.h"

#include "model/iteration_kernels.h"

enum { CHUNK, CONTEXT, DECODES, DECODE_CONTEXT, TIME, Q_LEN };

/* kv_prefill is the context before the chunk; newer files give prefill_key, the mean
 * number of keys a token of the chunk sees: half the chunk more. */
enum { KEY_COLUMN = 2 };
static const struct model_record_column columns[] = {
    {.name = "prefill_chunk", .slot = CHUNK, .min = 0, .max = 1e9},
    {.name = "kv_prefill", .slot = CONTEXT, .optional = true, .min = 0, .max = 1e9},
    {.name = "prefill_key", .slot = CONTEXT, .optional = true, .min = 0, .max = 1e9},
    {.name = "n_decode", .slot = DECODES, .whole = true, .min = 0, .max = 1e6},
    {.name = "kv_decode", .slot = DECODE_CONTEXT, .whole = true, .min = 0, .max = 1e9},
    {.name = "time_us", .slot = TIME, .min = 0, .max = 1e9},
    {.name = "decode_q_len", .slot = Q_LEN, .optional = true, .min = 0, .max = 1e6},
    {.name = NULL},
};

static int by_place(const void *a, const void *b)
{
    const struct model_record *p = a, *q = b;

    for (int k = CHUNK; k <= DECODE_CONTEXT; k++)
        if (p->v[k] != q->v[k])
            return p->v[k] > q->v[k] ? 1 : -1;
    return (p->line > q->line) - (p->line < q->line);
}

/* Rows with equal places as one, with their median. */
static int32_t merge(struct model_record *rows, int32_t n, struct sp_arena *scratch)
{
    double *same = sp_arena_array(scratch, (size_t)n, sizeof *same);
    int32_t kept = 0;

    qsort(rows, (size_t)n, sizeof *rows, by_place);
    for (int32_t i = 0; i < n;) {
        int32_t k = 0;

        for (; i + k < n; k++) {
            bool equal = true;

            for (int c = CHUNK; c <= DECODE_CONTEXT; c++)
                equal = equal && rows[i + k].v[c] == rows[i].v[c];
            if (!equal)
                break;
            same[k] = rows[i + k].v[TIME];
        }
        rows[kept] = rows[i];
        rows[kept++].v[TIME] = sp_median(same, k);
        i += k;
    }
    return kept;
}

/* Rows from `from` on that agree with it in column `k` (and all before): how many. */
static int32_t run_of(const struct model_record *rows, int32_t from, int32_t to, int k)
{
    int32_t n = 1;

    while (from + n < to && rows[from + n].v[k] == rows[from].v[k])
        n++;
    return n;
}

static int32_t count_runs(const struct model_record *rows, int32_t n, int k)
{
    int32_t runs = 0;

    for (int32_t i = 0; i < n; i += run_of(rows, i, n, k))
        runs++;
    return runs;
}

static struct model_ramp ramp_of(const struct model_record *rows, int32_t n,
                                 struct sp_arena *arena)
{
    int64_t *x = sp_arena_array(arena, (size_t)n, sizeof *x);
    double *ticks = sp_arena_array(arena, (size_t)n, sizeof *ticks);

    for (int32_t i = 0; i < n; i++) {
        x[i] = (int64_t)rows[i].v[DECODE_CONTEXT];
        ticks[i] = rows[i].v[TIME];
    }
    return (struct model_ramp){n, x, ticks};
}

static struct model_attention_batch batch_of(const struct model_record *rows, int32_t n,
                                             struct sp_arena *arena)
{
    int32_t runs = count_runs(rows, n, DECODES), at = 0;
    struct model_attention_batch b = {
        .n = runs,
        .decodes = sp_arena_array(arena, (size_t)runs, sizeof *b.decodes),
        .ramps = sp_arena_array(arena, (size_t)runs, sizeof *b.ramps)};

    for (int32_t i = 0; i < runs; i++) {
        int32_t of_run = run_of(rows, at, n, DECODES);

        b.decodes[i] = rows[at].v[DECODES];
        b.ramps[i] = ramp_of(rows + at, of_run, arena);
        at += of_run;
    }
    return b;
}

static struct model_attention_slice slice_of(const struct model_record *rows, int32_t n,
                                             struct sp_arena *arena)
{
    int32_t runs = count_runs(rows, n, CONTEXT), at = 0;
    struct model_attention_slice s = {
        .n = runs,
        .context = sp_arena_array(arena, (size_t)runs, sizeof *s.context),
        .batches = sp_arena_array(arena, (size_t)runs, sizeof *s.batches)};

    for (int32_t i = 0; i < runs; i++) {
        int32_t of_run = run_of(rows, at, n, CONTEXT);

        s.context[i] = rows[at].v[CONTEXT];
        s.batches[i] = batch_of(rows + at, of_run, arena);
        at += of_run;
    }
    return s;
}

static void nest(const struct model_record *rows, int32_t n, struct sp_arena *arena,
                 struct model_attention *a)
{
    int32_t runs = count_runs(rows, n, CHUNK), at = 0;

    *a = (struct model_attention){
        .n = runs,
        .chunk = sp_arena_array(arena, (size_t)runs, sizeof *a->chunk),
        .slices = sp_arena_array(arena, (size_t)runs, sizeof *a->slices)};
    for (int32_t i = 0; i < runs; i++) {
        int32_t of_run = run_of(rows, at, n, CHUNK);

        a->chunk[i] = rows[at].v[CHUNK];
        a->slices[i] = slice_of(rows + at, of_run, arena);
        at += of_run;
    }
}

/* One layout of rows whatever the file's: the context of a chunk, no context where
 * nothing decodes or is prefilled, one token per decode. */
static int32_t straighten(struct model_records *records, double factor)
{
    bool keys = records->header[CONTEXT] == KEY_COLUMN;
    int32_t kept = 0;

    for (int32_t i = 0; i < records->n; i++) {
        struct model_record *r = &records->rows[i];

        if (r->v[Q_LEN] > 1)
            continue;
        if (keys)
            r->v[CONTEXT] = fmax(0, r->v[CONTEXT] - r->v[CHUNK] / 2);
        if (r->v[CHUNK] == 0)
            r->v[CONTEXT] = 0;
        if (r->v[DECODES] == 0)
            r->v[DECODE_CONTEXT] = 0;
        r->v[TIME] = model_ticks(r->v[TIME] * 1e-6) * factor;
        records->rows[kept++] = *r;
    }
    return kept;
}

enum sp_status model_attention_read(const char *path, const char *shown, double factor,
                                    struct sp_arena *arena, struct model_attention *a,
                                    struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct model_records records;
    int32_t n = 0;
    enum sp_status status =
        model_records_read(&(struct model_records_request){path, shown, columns, false},
                           scratch, &records, err);

    if (status == SP_OK && records.header[CONTEXT] < 0)
        status =
            sp_fail(err, SP_EINPUT,
                    "%s:1: no column 'kv_prefill' or 'prefill_key', expected one in "
                    "the header",
                    shown);
    if (status == SP_OK)
        n = straighten(&records, factor);
    if (status == SP_OK && n == 0)
        status = sp_fail(err, SP_EINPUT, "%s: no rows with decode_q_len 1", shown);
    if (status == SP_OK)
        nest(records.rows, merge(records.rows, n, scratch), arena, a);
    sp_arena_free(scratch);
    return status;
}

const struct model_attention_batch *
model_attention_decodes(const struct model_attention *a)
{
    return a->chunk[0] == 0 ? &a->slices[0].batches[0] : NULL;
}

/* ---- looking up: linear on every axis, the innermost first ---- */

static double ramp_at(const struct model_ramp *r, double x, bool clamp, bool *beyond)
{
    int32_t low = 0, high = r->n - 1;

    *beyond |= x > (double)r->x[high];
    if (r->n == 1 || x <= (double)r->x[0])
        return r->ticks[0];
    if (clamp && x >= (double)r->x[high])
        return r->ticks[high];
    while (high - low > 1) {
        int32_t mid = low + (high - low) / 2;

        if (x >= (double)r->x[mid])
            low = mid;
        else
            high = mid;
    }
    return r->ticks[low] + (r->ticks[low + 1] - r->ticks[low]) *
                               (x - (double)r->x[low]) /
                               (double)(r->x[low + 1] - r->x[low]);
}

static double batch_at(const struct model_attention_batch *b,
                       const struct model_attention_query *q, bool *beyond)
{
    struct model_bracket at =
        model_bracket_find(b->decodes, b->n, q->decodes, model_clamp_kernel(q->clamp));
    double v;

    if (q->decodes == 0)
        return b->decodes[0] == 0 ? b->ramps[0].ticks[0] : 0;
    *beyond |= q->decodes > b->decodes[b->n - 1];
    v = ramp_at(&b->ramps[at.at], q->context, q->clamp, beyond);
    return at.w == 0
               ? v
               : v * (1 - at.w) +
                     ramp_at(&b->ramps[at.at + 1], q->context, q->clamp, beyond) * at.w;
}

static double slice_at(const struct model_attention *a, int32_t i,
                       const struct model_attention_query *q, bool *beyond)
{
    const struct model_attention_slice *s = &a->slices[i];
    double context = a->chunk[i] > 0 ? fmax(0, q->key - a->chunk[i] / 2) : 0, v;
    struct model_bracket at =
        model_bracket_find(s->context, s->n, context, model_clamp_kernel(q->clamp));

    *beyond |= context > s->context[s->n - 1];
    v = batch_at(&s->batches[at.at], q, beyond);
    return at.w == 0
               ? v
               : v * (1 - at.w) + batch_at(&s->batches[at.at + 1], q, beyond) * at.w;
}

double model_attention_at(const struct model_attention *a,
                          const struct model_attention_query *q, bool *beyond)
{
    struct model_bracket at =
        model_bracket_find(a->chunk, a->n, q->chunk, model_clamp_kernel(q->clamp));
    double v = slice_at(a, at.at, q, beyond);

    *beyond |= q->chunk > a->chunk[a->n - 1];
    return at.w == 0 ? v : v * (1 - at.w) + slice_at(a, at.at + 1, q, beyond) * at.w;
}
