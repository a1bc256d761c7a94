/* Laws by their names, empirical values sorted with their cumulative shares. */
#include "traces/lengths.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"
#include "traces/reader.h"

#define LENGTH_MAX 4294967295.0

struct weighted {
    double value, weight;
};

static int by_value(const void *a, const void *b)
{
    const struct weighted *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

/* Sorts the rows, adds up equal values and makes shares of weights. */
static enum sp_status make_empirical(const char *path, struct weighted *rows, size_t n,
                                     struct sp_arena *arena, struct model_dist *dist,
                                     struct sp_err *err)
{
    double *values = sp_arena_array(arena, n, sizeof *values);
    double *cdf = sp_arena_array(arena, n, sizeof *cdf);
    double total = 0, sum = 0;
    int32_t kept = 0;

    qsort(rows, n, sizeof *rows, by_value);
    for (size_t i = 0; i < n; i++)
        total += rows[i].weight;
    if (!(total > 0))
        return sp_fail(err, SP_EINPUT, "%s: no value has a weight above 0", path);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].weight <= 0)
            continue;
        sum += rows[i].weight;
        kept += kept == 0 || rows[i].value > values[kept - 1];
        values[kept - 1] = rows[i].value;
        cdf[kept - 1] = sum / total;
    }
    cdf[kept - 1] = 1;
    *dist = (struct model_dist){
        .kind = MODEL_DIST_EMPIRICAL, .n = kept, .values = values, .cdf = cdf};
    return SP_OK;
}

/* ---- a CSV ---- */

enum second { SECOND_NONE, SECOND_WEIGHT, SECOND_CUMULATIVE };

static enum sp_status read_number(const char *path, const struct model_csv_field *f,
                                  double max, double *number, struct sp_err *err)
{
    struct sp_err what = {0};

    if (sp_parse_number(f->text, 0, max, number, &what) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s", path, (int)f->line,
                       (int)f->column, what.text);
    return SP_OK;
}

/* What the first record says of the second column; *header: it is no row. */
static enum sp_status read_header(const char *path, const struct model_csv_field *f,
                                  int32_t n, enum second *second, bool *header,
                                  struct sp_err *err)
{
    *header = strcmp(f[0].text, "value") == 0;
    *second = SECOND_NONE;
    if (n == 2 && *header && strcmp(f[1].text, "weight") == 0)
        *second = SECOND_WEIGHT;
    else if (n == 2 && *header && strcmp(f[1].text, "cumulative") == 0)
        *second = SECOND_CUMULATIVE;
    else if (n != 1)
        return sp_fail(err, SP_EINPUT,
                       "%s:1: expected one column of values, or a header line "
                       "value,weight or value,cumulative",
                       path);
    return SP_OK;
}

/* Turns cumulative shares into weights: both columns rise, the last share is 1. */
static enum sp_status differences(const char *path, struct weighted *rows, size_t n,
                                  struct sp_err *err)
{
    double before = 0;

    for (size_t i = 0; i < n; i++) {
        double share = rows[i].weight;

        if (share > 1 || share < before ||
            (i > 0 && rows[i].value <= rows[i - 1].value))
            return sp_fail(err, SP_EINPUT,
                           "%s: row %zu: values and cumulative shares must rise, the "
                           "latter to 1",
                           path, i + 1);
        rows[i].weight = share - before;
        before = share;
    }
    if (before < 1 - 1e-6)
        return sp_fail(err, SP_EINPUT,
                       "%s: the last cumulative share is %g, expected 1", path, before);
    return SP_OK;
}

struct values {
    struct weighted *rows;
    size_t n, room;
    enum second second;
};

static enum sp_status read_rows(const char *path, struct model_csv *csv,
                                struct sp_arena *arena, struct values *v,
                                struct sp_err *err)
{
    struct model_csv_field *f;
    int32_t n_fields;
    bool first = true, header = false;

    for (;; first = false) {
        enum sp_status status = model_csv_next(csv, &f, &n_fields, err);

        if (status == SP_OK && n_fields == 0)
            break;
        if (status == SP_OK && first)
            status = read_header(path, f, n_fields, &v->second, &header, err);
        if (status != SP_OK)
            return status;
        if (first && header)
            continue;
        if (n_fields != 1 + (v->second != SECOND_NONE))
            return sp_fail(err, SP_EINPUT, "%s:%d: found %d columns, expected %d", path,
                           (int)f->line, (int)n_fields, 1 + (v->second != SECOND_NONE));
        if (v->n == v->room) {
            v->rows =
                sp_arena_grow(arena, v->rows, v->n, 2 * v->room + 64, sizeof *v->rows);
            v->room = 2 * v->room + 64;
        }
        v->rows[v->n].weight = 1;
        if (read_number(path, &f[0], LENGTH_MAX, &v->rows[v->n].value, err) != SP_OK ||
            (n_fields == 2 &&
             read_number(path, &f[1], 1e15, &v->rows[v->n].weight, err) != SP_OK))
            return SP_EINPUT;
        v->n++;
    }
    return SP_OK;
}

static enum sp_status lengths_of_csv(const char *path, struct sp_arena *arena,
                                     struct model_dist *dist, struct sp_err *err)
{
    struct values v = {.second = SECOND_NONE};
    struct model_csv csv;
    char *text;
    enum sp_status status = model_csv_load(path, arena, &text, err);

    if (status != SP_OK)
        return status;
    model_csv_init(&csv, path, text, arena);
    status = read_rows(path, &csv, arena, &v, err);
    if (status == SP_OK && v.n == 0)
        status = sp_fail(err, SP_EINPUT, "%s: no values", path);
    if (status == SP_OK && v.second == SECOND_CUMULATIVE)
        status = differences(path, v.rows, v.n, err);
    return status == SP_OK ? make_empirical(path, v.rows, v.n, arena, dist, err)
                           : status;
}

/* ---- a trace ---- */

/* Those of `names` that the trace has: their names in *rows, where they are in
 * columns[]. */
static void pick_columns(const struct trace_layout *layout, const char *const *names,
                         int32_t n_names, struct trace_length_rows *rows,
                         int32_t *columns)
{
    for (int32_t i = 0; i < n_names; i++) {
        const struct trace_column *c = trace_layout_size(layout, names[i]);

        if (c == NULL)
            continue;
        strcpy(rows->names[rows->n_sizes], c->known_as);
        columns[rows->n_sizes++] = c->size;
    }
}

enum sp_status trace_lengths_of_trace(const char *path, const char *const *names,
                                      int32_t n_names, struct sp_arena *arena,
                                      struct trace_length_rows *rows,
                                      struct sp_err *err)
{
    struct trace_length_rows r = {0};
    int32_t columns[MODEL_SIZES_MAX];
    uint32_t *sizes = NULL;
    size_t n = 0, room = 0;
    struct trace_reader *reader;
    struct trace_row row;
    enum sp_status status = trace_reader_open(path, NULL, &reader, err);

    sp_assert(n_names <= MODEL_SIZES_MAX);
    if (status != SP_OK)
        return status;
    pick_columns(trace_reader_layout(reader), names, n_names, &r, columns);
    if (r.n_sizes == 0)
        status =
            sp_fail(err, SP_EINPUT, "%s: the trace has no size '%s'", path, names[0]);
    while (status == SP_OK && trace_reader_next(reader, &row, &status, err)) {
        if (n + (size_t)r.n_sizes > room) {
            size_t want = 2 * room + 1024;

            sizes = sp_arena_grow(arena, sizes, n, want, sizeof *sizes);
            room = want;
        }
        for (int32_t i = 0; i < r.n_sizes; i++)
            sizes[n++] = row.size[columns[i]];
        r.n++;
    }
    trace_reader_close(reader);
    r.sizes = sizes;
    if (status == SP_OK)
        *rows = r;
    return status;
}

static enum sp_status values_of_trace(const char *path, const char *name,
                                      struct sp_arena *arena, struct model_dist *dist,
                                      struct sp_err *err)
{
    struct trace_length_rows rows;
    struct weighted *values;
    enum sp_status status = trace_lengths_of_trace(path, &name, 1, arena, &rows, err);

    if (status != SP_OK)
        return status;
    values = sp_arena_array(arena, (size_t)rows.n, sizeof *values);
    for (int64_t i = 0; i < rows.n; i++)
        values[i] = (struct weighted){rows.sizes[i], 1};
    return make_empirical(path, values, (size_t)rows.n, arena, dist, err);
}

/* ---- on a command line ---- */

static const char *const forms =
    "a whole number, lognormal:MEAN,CV, empirical:FILE or trace:FILE";

static enum sp_status parse_lognormal(const char *text, const char *name,
                                      struct model_dist *dist, struct sp_err *err)
{
    char quoted[80], mean_text[64];
    const char *comma = strchr(text, ',');
    double mean = 0, cv = 0;
    struct sp_err what = {0};

    if (comma == NULL || comma - text >= (ptrdiff_t)sizeof mean_text)
        return sp_fail(err, SP_EINPUT, "%s: found lognormal:%s, expected %s", name,
                       sp_text_quote(text, quoted, sizeof quoted), forms);
    snprintf(mean_text, sizeof mean_text, "%.*s", (int)(comma - text), text);
    if (sp_parse_number(mean_text, 1e-3, LENGTH_MAX, &mean, &what) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s: the lognormal's mean: %s", name, what.text);
    if (sp_parse_number(comma + 1, 1e-6, 100, &cv, &what) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s: the lognormal's CV: %s", name, what.text);
    *dist = model_dist_lognormal(mean, cv);
    return SP_OK;
}

static const char *after(const char *text, const char *stem)
{
    size_t n = strlen(stem);

    return strncmp(text, stem, n) == 0 ? text + n : NULL;
}

enum sp_status trace_lengths_parse(const char *text, const char *name,
                                   struct sp_arena *arena, struct model_dist *dist,
                                   struct sp_err *err)
{
    const char *rest;
    char quoted[80];
    int64_t whole = 0;

    if ((rest = after(text, "lognormal:")) != NULL)
        return parse_lognormal(rest, name, dist, err);
    if ((rest = after(text, "empirical:")) != NULL)
        return lengths_of_csv(rest, arena, dist, err);
    if ((rest = after(text, "trace:")) != NULL)
        return values_of_trace(rest, name, arena, dist, err);
    if (sp_parse_count(text, 1, UINT32_MAX, &whole, NULL) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s: found %s, expected %s", name,
                       sp_text_quote(text, quoted, sizeof quoted), forms);
    *dist = (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = (double)whole};
    return SP_OK;
}
