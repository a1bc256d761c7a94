/* skew_fit.csv: a share per bin of chunk, batch, unevenness, longest context and
 * context of the prefills. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"
#include "model/iteration_kernels.h"

/* Bins (low, high]: the upper bounds, and the labels that the profiler gives them. */
struct bin {
    const char *label;
    int64_t most;
};
static const struct bin batch_bins[] = {
    {"n<=2", 2},     {"n<=4", 4},     {"n<=8", 8},
    {"n<=16", 16},   {"n<=32", 32},   {"n<=64", 64},
    {"n<=128", 128}, {"n<=256", 256}, {"n>256", INT64_MAX},
};
/* In percent of the way from the shortest to the longest. */
static const struct bin rate_bins[] = {
    {"sr<=5%", 5},   {"sr<=15%", 15},       {"sr<=40%", 40},
    {"sr<=70%", 70}, {"sr>70%", INT64_MAX},
};
static const struct bin most_bins[] = {
    {"kvB<=1k", 1024}, {"kvB<=4k", 4096}, {"kvB<=16k", 16384}, {"kvB>16k", INT64_MAX}};
static const struct bin prefill_bins[] = {
    {"kp=0", 0},      {"kp<=512", 512}, {"kp<=1k", 1024},     {"kp<=2k", 2048},
    {"kp<=4k", 4096}, {"kp<=8k", 8192}, {"kp>8k", INT64_MAX},
};
enum {
    BATCHES = sizeof batch_bins / sizeof batch_bins[0],
    RATES = sizeof rate_bins / sizeof rate_bins[0],
    MOSTS = sizeof most_bins / sizeof most_bins[0],
    PREFILLS = sizeof prefill_bins / sizeof prefill_bins[0],
    CELLS = BATCHES * RATES * MOSTS * PREFILLS,
    CHUNKS_MAX = 1000,
};

struct model_skew {
    double alpha_default;
    int32_t n;
    int64_t *chunk; /* rising */
    double *alpha;  /* [chunk][batch][rate][most][prefill]; NaN: not measured */
};

static int32_t cell_of(int32_t batch, int32_t rate, int32_t most, int32_t prefill)
{
    return ((batch * RATES + rate) * MOSTS + most) * PREFILLS + prefill;
}

static int32_t bin_of(const struct bin *bins, int64_t v)
{
    int32_t i = 0;

    while (v > bins[i].most)
        i++;
    return i;
}

static int32_t rate_of(const struct model_skew_query *q)
{
    int64_t from_least = q->context - q->decodes * q->least;
    int64_t span = q->decodes * (q->most - q->least);
    int32_t i = 0;

    while (rate_bins[i].most < INT64_MAX &&
           (__int128)100 * from_least > (__int128)rate_bins[i].most * span)
        i++;
    return i;
}

double model_skew_alpha(const struct model_skew *skew, const struct model_skew_query *q)
{
    int32_t low = 0, high = skew->n;
    double alpha;

    while (low < high) {
        int32_t mid = low + (high - low) / 2;

        if (skew->chunk[mid] < q->chunk)
            low = mid + 1;
        else
            high = mid;
    }
    /* Between measured chunks nothing is known but the average over all. */
    if (low == skew->n || skew->chunk[low] != q->chunk)
        return skew->alpha_default;
    alpha = skew->alpha[(size_t)low * CELLS +
                        (size_t)cell_of(bin_of(batch_bins, q->decodes), rate_of(q),
                                        bin_of(most_bins, q->most),
                                        q->prefills > 0
                                            ? bin_of(prefill_bins, (q->prefill_context +
                                                                    q->prefills - 1) /
                                                                       q->prefills)
                                            : 0)];
    return isnan(alpha) ? skew->alpha_default : alpha;
}

int64_t model_skew_count(const struct model_skew_query *q)
{
    int64_t most = most_bins[bin_of(most_bins, q->most)].most;

    return most == INT64_MAX ? INT64_MAX : most - q->most + 1;
}

/* ---- reading ---- */

static const struct {
    const char *column;
    const struct bin *bins;
    int32_t n;
} axes[] = {
    {"n_label", batch_bins, BATCHES},
    {"skew_rate_label", rate_bins, RATES},
    {"kv_big_label", most_bins, MOSTS},
    {"kp_label", prefill_bins, PREFILLS},
};
enum { AXES = 4, PC = AXES, ALPHA, COLUMNS };

struct row {
    int64_t chunk;
    int32_t cell, line;
    double alpha;
};

struct reading {
    const char *shown;
    struct model_csv csv;
    int32_t field[COLUMNS], n_fields; /* where each column is */
    int32_t n, room;
    struct row *rows;
};

static enum sp_status take_header(struct reading *rd, const struct model_csv_field *f,
                                  int32_t n, struct sp_err *err)
{
    const char *names[COLUMNS];

    for (int k = 0; k < AXES; k++)
        names[k] = axes[k].column;
    names[PC] = "pc";
    names[ALPHA] = "alpha";
    for (int k = 0; k < COLUMNS; k++) {
        rd->field[k] = -1;
        for (int32_t i = 0; i < n; i++)
            if (strcmp(f[i].text, names[k]) == 0)
                rd->field[k] = i;
        if (rd->field[k] < 0)
            return sp_fail(err, SP_EINPUT,
                           "%s:1: no column '%s', expected one in the header",
                           rd->shown, names[k]);
    }
    rd->n_fields = n;
    return SP_OK;
}

static enum sp_status take_label(const struct reading *rd,
                                 const struct model_csv_field *f, int axis,
                                 int32_t *bin, struct sp_err *err)
{
    char quoted[80];

    for (int32_t i = 0; i < axes[axis].n; i++)
        if (strcmp(axes[axis].bins[i].label, f->text) == 0) {
            *bin = i;
            return SP_OK;
        }
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s: found %s, expected one like '%s'",
                   rd->shown, f->line, f->column, axes[axis].column,
                   sp_text_quote(f->text, quoted, sizeof quoted),
                   axes[axis].bins[1].label);
}

static enum sp_status take_number(const struct reading *rd,
                                  const struct model_csv_field *f, const char *column,
                                  double least, double most, double *v,
                                  struct sp_err *err)
{
    struct sp_err why = {0};

    if (sp_parse_number(f->text, least, most, v, &why) == SP_OK)
        return SP_OK;
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s: %s", rd->shown, f->line, f->column,
                   column, why.text);
}

static enum sp_status take_row(struct reading *rd, const struct model_csv_field *f,
                               int32_t n, struct sp_arena *scratch, struct sp_err *err)
{
    int32_t bins[AXES];
    double chunk, alpha;
    enum sp_status status = SP_OK;

    if (n != rd->n_fields)
        return sp_fail(err, SP_EINPUT,
                       "%s:%d: found %d field%s, expected %d as the header has",
                       rd->shown, f[0].line, n, n == 1 ? "" : "s", rd->n_fields);
    for (int k = 0; k < AXES && status == SP_OK; k++)
        status = take_label(rd, &f[rd->field[k]], k, &bins[k], err);
    if (status == SP_OK)
        status = take_number(rd, &f[rd->field[PC]], "pc", 0, 1e9, &chunk, err);
    if (status == SP_OK)
        status =
            take_number(rd, &f[rd->field[ALPHA]], "alpha", -1000, 1000, &alpha, err);
    if (status != SP_OK)
        return status;
    rd->rows = sp_arena_more(scratch, rd->rows, rd->n, &rd->room, sizeof *rd->rows);
    rd->rows[rd->n++] = (struct row){
        (int64_t)chunk, cell_of(bins[0], bins[1], bins[2], bins[3]), f[0].line, alpha};
    return SP_OK;
}

static int by_chunk(const void *a, const void *b)
{
    const struct row *p = a, *q = b;

    if (p->chunk != q->chunk)
        return p->chunk > q->chunk ? 1 : -1;
    return (p->line > q->line) - (p->line < q->line);
}

static enum sp_status fill(const struct reading *rd, struct sp_arena *arena,
                           struct model_skew *skew, struct sp_err *err)
{
    int32_t chunks = 0, at = -1;

    if (rd->n == 0)
        return SP_OK;
    qsort(rd->rows, (size_t)rd->n, sizeof *rd->rows, by_chunk);
    for (int32_t i = 0; i < rd->n; i++)
        chunks += i == 0 || rd->rows[i].chunk != rd->rows[i - 1].chunk;
    if (chunks > CHUNKS_MAX)
        return sp_fail(err, SP_EINPUT, "%s: found %d distinct pc, expected at most %d",
                       rd->shown, chunks, CHUNKS_MAX);
    skew->chunk = sp_arena_array(arena, (size_t)chunks, sizeof *skew->chunk);
    skew->alpha = sp_arena_array(arena, (size_t)chunks * CELLS, sizeof *skew->alpha);
    for (size_t i = 0; i < (size_t)chunks * CELLS; i++)
        skew->alpha[i] = NAN;
    for (int32_t i = 0; i < rd->n; i++) {
        const struct row *r = &rd->rows[i];

        if (at < 0 || r->chunk != skew->chunk[at])
            skew->chunk[++at] = r->chunk;
        if (!isnan(skew->alpha[(size_t)at * CELLS + (size_t)r->cell]))
            return sp_fail(err, SP_EINPUT, "%s:%d: this bin is there already",
                           rd->shown, r->line);
        skew->alpha[(size_t)at * CELLS + (size_t)r->cell] = r->alpha;
    }
    skew->n = chunks;
    return SP_OK;
}

static enum sp_status read_rows(struct reading *rd, const char *path,
                                struct sp_arena *scratch, struct sp_err *err)
{
    char *text = NULL;
    enum sp_status status = model_csv_load(path, scratch, &text, err);

    if (status != SP_OK)
        return status;
    model_csv_init(&rd->csv, rd->shown, text, scratch);
    for (int32_t line = 0; status == SP_OK; line++) {
        struct model_csv_field *f = NULL;
        int32_t n = 0;

        status = model_csv_next(&rd->csv, &f, &n, err);
        if (status != SP_OK || n == 0)
            break;
        status =
            line == 0 ? take_header(rd, f, n, err) : take_row(rd, f, n, scratch, err);
    }
    return status;
}

enum sp_status model_skew_read(const char *path, const char *shown,
                               double alpha_default, struct sp_arena *arena,
                               struct model_skew **skew, struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct model_skew *found = sp_arena_alloc(arena, sizeof *found);
    struct reading *rd = sp_arena_alloc(scratch, sizeof *rd);
    enum sp_status status = SP_OK;

    *rd = (struct reading){.shown = shown};
    *found = (struct model_skew){.alpha_default = alpha_default};
    if (path != NULL)
        status = read_rows(rd, path, scratch, err);
    if (status == SP_OK)
        status = fill(rd, arena, found, err);
    if (status == SP_OK)
        *skew = found;
    sp_arena_free(scratch);
    return status;
}
