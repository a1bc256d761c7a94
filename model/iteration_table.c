/* Iteration times from a table: phase,batch,tokens,ms. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/median.h"
#include "base/text.h"
#include "model/iteration_parts.h"

struct decode_grid {
    int32_t n_batch, n_tokens;
    double *batch;            /* rising */
    int64_t *tokens;          /* rising; context of each sequence */
    double *ticks;            /* [batch][tokens] */
    struct model_ramp *ramps; /* one per batch */
};

struct table {
    const char *shown;
    struct model_curve prefill; /* ticks by tokens; n 0: no such rows */
    struct decode_grid decode;  /* n_batch 0: no such rows */
    enum model_mixed mixed;
    double mixed_factor;
    enum model_beyond beyond;
};

/* ---- asking ---- */

static enum model_clamp ends(const struct table *t)
{
    return t->beyond == MODEL_BEYOND_CLAMP ? MODEL_CLAMP_BOTH : MODEL_CLAMP_NONE;
}

static enum sp_status refuse_beyond(const struct table *t, const char *what,
                                    double found, double from, double to,
                                    struct sp_err *err)
{
    return sp_fail(
        err, SP_EINPUT,
        "%s knows %s from %.0f to %.0f, an iteration has %.6g: more rows, or "
        "'beyond: clamp' or 'beyond: extend', would tell",
        t->shown, what, from, to, found);
}

static enum sp_status check_axis(const struct table *t, const char *what, double x,
                                 double from, double to, bool *beyond,
                                 struct sp_err *err)
{
    if (x >= from && x <= to)
        return SP_OK;
    if (t->beyond == MODEL_BEYOND_FAIL)
        return refuse_beyond(t, what, x, from, to, err);
    *beyond = true;
    return SP_OK;
}

static enum sp_status table_line(const void *self, const struct model_batch *b,
                                 struct model_line *line,
                                 struct model_iteration_time *time, struct sp_err *err)
{
    const struct table *t = self;
    const struct decode_grid *g = &t->decode;
    bool clamp = t->beyond == MODEL_BEYOND_CLAMP, beyond = false;
    int64_t n = b->decodes;
    struct model_walk walk = {.x = b->decode_context,
                              .scale = n,
                              .dx = n,
                              .clamp = clamp,
                              .clamp_low = clamp};
    struct model_bracket at;
    enum sp_status status;

    if (g->n_batch == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s has no rows of phase decode, and sequences decode",
                       t->shown);
    status = check_axis(t, "decode batches", (double)n, g->batch[0],
                        g->batch[g->n_batch - 1], &beyond, err);
    if (status == SP_OK && g->n_tokens > 1)
        status = check_axis(t, "decode contexts", (double)b->decode_context / (double)n,
                            (double)g->tokens[0], (double)g->tokens[g->n_tokens - 1],
                            &beyond, err);
    if (status != SP_OK)
        return status;
    at = model_bracket_find(g->batch, g->n_batch, (double)n, ends(t));
    *line = (struct model_line){0, 0, INT64_MAX};
    for (int32_t i = 0; i <= (at.w != 0); i++) {
        walk.weight = i == 0 ? 1 - at.w : at.w;
        if (g->n_tokens > 1)
            model_line_add(line, model_ramp_line(&g->ramps[at.at + i], &walk));
        else
            model_line_add(line,
                           (struct model_line){
                               model_ticks_round(walk.weight * g->ticks[at.at + i]), 0,
                               INT64_MAX});
    }
    *time = (struct model_iteration_time){.beyond = beyond};
    return SP_OK;
}

static enum sp_status prefill_ticks(const struct table *t, double tokens, double *ticks,
                                    bool *beyond, struct sp_err *err)
{
    const struct model_curve *c = &t->prefill;
    enum sp_status status;

    if (c->n == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s has no rows of phase prefill, and prompts are computed",
                       t->shown);
    status =
        check_axis(t, "prefill tokens", tokens, c->x[0], c->x[c->n - 1], beyond, err);
    if (status == SP_OK)
        *ticks = model_curve_at(c, tokens, ends(t));
    return status;
}

static enum sp_status table_mixed(const void *self, const struct model_batch *b,
                                  struct model_iteration_time *time, struct sp_err *err)
{
    const struct table *t = self;
    bool by_tokens = t->mixed == MODEL_MIXED_TOKENS && b->decodes > 0;
    double ticks = 0, decode = 0;
    struct model_line line;
    bool beyond = false;
    enum sp_status status =
        prefill_ticks(t, (double)b->prefill_tokens + (by_tokens ? b->decodes : 0),
                      &ticks, &beyond, err);

    if (status == SP_OK && b->decodes > 0 && !by_tokens) {
        status = table_line(self, b, &line, time, err);
        if (status == SP_OK) {
            decode = line.first > 0 ? (double)line.first : 0;
            beyond |= time->beyond;
        }
    }
    if (status != SP_OK)
        return status;
    if (ticks < 0)
        ticks = 0;
    if (by_tokens)
        ticks *= t->mixed_factor;
    else if (t->mixed == MODEL_MIXED_MAX)
        ticks = ticks > decode ? ticks : decode;
    else
        ticks += decode;
    *time = (struct model_iteration_time){.ticks = model_ticks_round(ticks),
                                          .beyond = beyond};
    return SP_OK;
}

static const struct model_iteration_ops table_ops = {table_mixed, table_line};

/* ---- reading ---- */

/* Pool adjacent violators: the nearest (least squares) non-decreasing values. */
static void make_monotone(double *v, int32_t n, int32_t stride,
                          struct sp_arena *scratch)
{
    double *mean = sp_arena_array(scratch, (size_t)n, sizeof *mean);
    int32_t *size = sp_arena_array(scratch, (size_t)n, sizeof *size), pools = 0;

    for (int32_t i = 0; i < n; i++) {
        mean[pools] = v[(size_t)i * (size_t)stride];
        size[pools++] = 1;
        for (; pools > 1 && mean[pools - 2] > mean[pools - 1]; pools--) {
            int32_t both = size[pools - 2] + size[pools - 1];

            mean[pools - 2] = (mean[pools - 2] * size[pools - 2] +
                               mean[pools - 1] * size[pools - 1]) /
                              both;
            size[pools - 2] = both;
        }
    }
    for (int32_t i = 0, k = 0; k < pools; k++)
        for (int32_t left = size[k]; left > 0; left--)
            v[(size_t)i++ * (size_t)stride] = mean[k];
}

/* Along one axis, then the other: isotonic regression keeps the order of its inputs, so
 * the second does not undo the first. */
static void make_grid_monotone(struct decode_grid *g, struct sp_arena *scratch)
{
    for (int32_t i = 0; i < g->n_batch; i++)
        make_monotone(g->ticks + (size_t)i * (size_t)g->n_tokens, g->n_tokens, 1,
                      scratch);
    for (int32_t k = 0; k < g->n_tokens; k++)
        make_monotone(g->ticks + k, g->n_batch, g->n_tokens, scratch);
}

static int32_t falls_of(const double *v, int32_t n, int32_t stride)
{
    int32_t falls = 0;

    for (int32_t i = 1; i < n; i++)
        falls += v[(size_t)i * (size_t)stride] < v[(size_t)(i - 1) * (size_t)stride];
    return falls;
}

/* Steps to more work, along either axis, that take less time. */
static int32_t table_falls(const struct table *t)
{
    const struct decode_grid *g = &t->decode;
    int32_t falls = falls_of(t->prefill.y, t->prefill.n, 1);

    for (int32_t i = 0; i < g->n_batch; i++)
        falls += falls_of(g->ticks + (size_t)i * (size_t)g->n_tokens, g->n_tokens, 1);
    for (int32_t k = 0; k < g->n_tokens; k++)
        falls += falls_of(g->ticks + k, g->n_batch, g->n_tokens);
    return falls;
}

/* What a reader should know of the table. */
static const char *table_text(const struct table *t, bool monotone,
                              struct sp_arena *arena)
{
    int32_t falls = table_falls(t);

    if (monotone)
        return sp_arena_printf(arena, "table %s (made monotone)", t->shown);
    if (falls == 0)
        return sp_arena_printf(arena, "table %s", t->shown);
    return sp_arena_printf(arena,
                           "table %s (not monotone: more work takes less time in "
                           "%" PRId32 " place%s)",
                           t->shown, falls, falls == 1 ? "" : "s");
}

enum { BATCH, TOKENS, MS };

static int by_batch_and_tokens(const void *a, const void *b)
{
    const struct model_record *p = a, *q = b;

    for (int k = BATCH; k <= TOKENS; k++)
        if (p->v[k] != q->v[k])
            return p->v[k] > q->v[k] ? 1 : -1;
    return (p->line > q->line) - (p->line < q->line);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int32_t distinct(double *v, int32_t n)
{
    int32_t kept = 0;

    qsort(v, (size_t)n, sizeof *v, by_value);
    for (int32_t i = 0; i < n; i++)
        if (kept == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    return kept;
}

/* Sorted rows of one phase, repeated ones as one with their median. */
static int32_t merge_repeated(struct model_record *rows, int32_t n,
                              struct sp_arena *scratch)
{
    double *same = sp_arena_array(scratch, (size_t)n, sizeof *same);
    int32_t kept = 0;

    qsort(rows, (size_t)n, sizeof *rows, by_batch_and_tokens);
    for (int32_t i = 0; i < n;) {
        int32_t k = 0;

        for (; i + k < n && rows[i + k].v[BATCH] == rows[i].v[BATCH] &&
               rows[i + k].v[TOKENS] == rows[i].v[TOKENS];
             k++)
            same[k] = rows[i + k].v[MS];
        rows[kept] = rows[i];
        rows[kept++].v[MS] = sp_median(same, k);
        i += k;
    }
    return kept;
}

/* The first place of the grid that no row fills; rows are sorted and distinct. */
static enum sp_status refuse_hole(const struct table *t,
                                  const struct model_record *rows, int32_t n,
                                  const double *tokens, int32_t n_tokens,
                                  struct sp_err *err)
{
    for (int32_t i = 0;; i++) {
        double want_batch =
            rows[i - i % n_tokens < n ? i - i % n_tokens : n - 1].v[BATCH];

        if (i < n && rows[i].v[TOKENS] == tokens[i % n_tokens] &&
            rows[i].v[BATCH] == want_batch)
            continue;
        return sp_fail(err, SP_EINPUT,
                       "%s:%d: a hole in the decode rows: batch %.0f has no row with "
                       "%.0f tokens, expected one for every batch and context",
                       t->shown, rows[i < n ? i : n - 1].line, want_batch,
                       tokens[i % n_tokens]);
    }
}

static enum sp_status take_decodes(struct table *t, struct model_record *rows,
                                   int32_t n, struct sp_arena *arena,
                                   struct sp_arena *scratch, struct sp_err *err)
{
    struct decode_grid *g = &t->decode;
    double *tokens = sp_arena_array(scratch, (size_t)n, sizeof *tokens);

    n = merge_repeated(rows, n, scratch);
    g->batch = sp_arena_array(arena, (size_t)n, sizeof *g->batch);
    for (int32_t i = 0; i < n; i++) {
        g->batch[i] = rows[i].v[BATCH];
        tokens[i] = rows[i].v[TOKENS];
    }
    g->n_batch = distinct(g->batch, n);
    g->n_tokens = distinct(tokens, n);
    if ((int64_t)g->n_batch * g->n_tokens != n)
        return refuse_hole(t, rows, n, tokens, g->n_tokens, err);
    g->tokens = sp_arena_array(arena, (size_t)g->n_tokens, sizeof *g->tokens);
    g->ticks = sp_arena_array(arena, (size_t)n, sizeof *g->ticks);
    g->ramps = sp_arena_array(arena, (size_t)g->n_batch, sizeof *g->ramps);
    for (int32_t k = 0; k < g->n_tokens; k++)
        g->tokens[k] = (int64_t)tokens[k];
    for (int32_t i = 0; i < n; i++)
        g->ticks[i] = model_ticks(rows[i].v[MS] * 1e-3);
    for (int32_t i = 0; i < g->n_batch; i++)
        g->ramps[i] = (struct model_ramp){g->n_tokens, g->tokens,
                                          g->ticks + (size_t)i * (size_t)g->n_tokens};
    return SP_OK;
}

static enum sp_status take_prefills(struct table *t, struct model_record *rows,
                                    int32_t n, struct sp_arena *arena,
                                    struct sp_arena *scratch, struct sp_err *err)
{
    for (int32_t i = 0; i < n; i++)
        if (rows[i].v[BATCH] != 1)
            return sp_fail(err, SP_EINPUT,
                           "%s:%d: batch: found %.0f in a prefill row, expected 1 "
                           "(tokens are those of all prompts of the iteration)",
                           t->shown, rows[i].line, rows[i].v[BATCH]);
    n = merge_repeated(rows, n, scratch);
    t->prefill = (struct model_curve){
        .n = n,
        .x = sp_arena_array(arena, (size_t)n, sizeof *t->prefill.x),
        .y = sp_arena_array(arena, (size_t)n, sizeof *t->prefill.y),
    };
    for (int32_t i = 0; i < n; i++) {
        t->prefill.x[i] = rows[i].v[TOKENS];
        t->prefill.y[i] = model_ticks(rows[i].v[MS] * 1e-3);
    }
    return SP_OK;
}

static const struct model_record_column columns[] = {
    {.name = "phase", .slot = -1},
    {.name = "batch", .slot = BATCH, .whole = true, .min = 1, .max = 1e6},
    {.name = "tokens", .slot = TOKENS, .whole = true, .min = 0, .max = 1e9},
    {.name = "ms", .slot = MS, .min = 0, .max = 1e6},
    {.name = NULL},
};

/* Puts prefill rows first, decode rows behind; *n of the former. */
static enum sp_status part_phases(const char *shown, struct model_records *records,
                                  struct sp_arena *scratch, int32_t *n,
                                  struct sp_err *err)
{
    struct model_record *parted =
        sp_arena_array(scratch, (size_t)records->n, sizeof *parted);
    int32_t front = 0, back = records->n;
    char quoted[80];

    for (int32_t i = 0; i < records->n; i++) {
        const struct model_record *r = &records->rows[i];

        if (strcmp(r->text, "prefill") == 0)
            parted[front++] = *r;
        else if (strcmp(r->text, "decode") == 0)
            parted[--back] = *r;
        else
            return sp_fail(err, SP_EINPUT,
                           "%s:%d: phase: found %s, expected 'prefill' or 'decode'",
                           shown, r->line,
                           sp_text_quote(r->text, quoted, sizeof quoted));
    }
    records->rows = parted;
    *n = front;
    return SP_OK;
}

static enum sp_status read_table(struct table *t, const struct model_table_options *o,
                                 struct sp_arena *arena, struct sp_arena *scratch,
                                 struct sp_err *err)
{
    struct model_records records;
    int32_t n = 0;
    enum sp_status status = model_records_read(
        &(struct model_records_request){o->path, o->shown, columns, true}, scratch,
        &records, err);

    if (status == SP_OK)
        status = part_phases(t->shown, &records, scratch, &n, err);
    if (status == SP_OK && n > 0)
        status = take_prefills(t, records.rows, n, arena, scratch, err);
    if (status == SP_OK && n < records.n)
        status = take_decodes(t, records.rows + n, records.n - n, arena, scratch, err);
    if (status == SP_OK && o->monotone) {
        make_monotone(t->prefill.y, t->prefill.n, 1, scratch);
        make_grid_monotone(&t->decode, scratch);
    }
    return status;
}

static struct model_iteration_reach reach_of(const struct table *t)
{
    const struct decode_grid *g = &t->decode;

    if (t->beyond != MODEL_BEYOND_FAIL)
        return (struct model_iteration_reach){0};
    return (struct model_iteration_reach){
        .decodes = g->n_batch > 0 ? (int32_t)g->batch[g->n_batch - 1] : 0,
        .decode_context_each = g->n_tokens > 1 ? g->tokens[g->n_tokens - 1] : 0,
        .prefill_tokens =
            t->prefill.n > 0 ? (int64_t)t->prefill.x[t->prefill.n - 1] : 0,
    };
}

enum sp_status model_iteration_table(const struct model_table_options *o,
                                     struct sp_arena *arena,
                                     struct model_iteration **it, struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct table *t = sp_arena_alloc(arena, sizeof *t);
    enum sp_status status;

    *t = (struct table){.shown = sp_arena_strdup(arena, o->shown),
                        .mixed = o->mixed,
                        .mixed_factor = o->mixed_factor > 0 ? o->mixed_factor : 1,
                        .beyond = o->beyond};
    status = read_table(t, o, arena, scratch, err);
    sp_arena_free(scratch);
    if (status != SP_OK)
        return status;
    *it = model_iteration_new(arena, &(struct model_iteration){
                                         .ops = &table_ops,
                                         .kind = MODEL_TIME_TABLE,
                                         .self = t,
                                         .text = table_text(t, o->monotone, arena),
                                         .reach = reach_of(t),
                                     });
    return SP_OK;
}
