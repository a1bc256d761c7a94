/* Tables of numbers from CSV files, by the names in their headers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/median.h"
#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"
#include "model/iteration_parts.h"

enum { FIELDS_MAX = 64, ROWS_PER_ARENA = 4096, TEXT_MAX = 64 };

struct reading {
    const struct model_records_request *r;
    struct model_csv csv;
    struct sp_arena *arena;                                 /* where rows stay */
    const struct model_record_column *of_field[FIELDS_MAX]; /* NULL: skipped */
    int32_t n_fields, room;
    struct model_records out;
};

static const struct model_record_column *
column_called(const struct model_record_column *columns, const char *name)
{
    for (; columns->name != NULL; columns++)
        if (strcmp(columns->name, name) == 0)
            return columns;
    return NULL;
}

static enum sp_status refuse_column(const struct reading *rd,
                                    const struct model_csv_field *field,
                                    struct sp_err *err)
{
    const char *names[FIELDS_MAX], *nearest;
    char quoted[80];
    size_t n = 0;

    for (const struct model_record_column *c = rd->r->columns; c->name != NULL; c++)
        names[n++] = c->name;
    nearest = sp_text_nearest(field->text, names, n);
    sp_text_quote(field->text, quoted, sizeof quoted);
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: unknown column %s, %s '%s'%s",
                   rd->r->shown, field->line, field->column, quoted,
                   nearest != NULL ? "did you mean" : "expected one like",
                   nearest != NULL ? nearest : names[0], nearest != NULL ? "?" : "");
}

static enum sp_status take_header(struct reading *rd,
                                  const struct model_csv_field *fields, int32_t n,
                                  struct sp_err *err)
{
    bool text_seen = false;

    if (n > FIELDS_MAX)
        return sp_fail(err, SP_EINPUT, "%s:1: found %d columns, expected at most %d",
                       rd->r->shown, n, FIELDS_MAX);
    for (int32_t i = 0; i < n; i++) {
        const struct model_record_column *c =
            column_called(rd->r->columns, fields[i].text);

        rd->of_field[i] = c;
        if (c == NULL && rd->r->strict)
            return refuse_column(rd, &fields[i], err);
        if (c == NULL)
            continue;
        if (c->slot < 0 ? text_seen : rd->out.header[c->slot] >= 0)
            return sp_fail(err, SP_EINPUT,
                           "%s:%d:%d: column '%s' is there twice or under two names",
                           rd->r->shown, fields[i].line, fields[i].column, c->name);
        if (c->slot < 0)
            text_seen = true;
        else
            rd->out.header[c->slot] = (int32_t)(c - rd->r->columns);
    }
    rd->n_fields = n;
    for (const struct model_record_column *c = rd->r->columns; c->name != NULL; c++)
        if (!c->optional && (c->slot < 0 ? !text_seen : rd->out.header[c->slot] < 0))
            return sp_fail(err, SP_EINPUT,
                           "%s:%d: no column '%s', expected one in the header",
                           rd->r->shown, fields[0].line, c->name);
    return SP_OK;
}

static enum sp_status take_text(struct reading *rd, const struct model_csv_field *field,
                                struct model_record *row, struct sp_err *err)
{
    const struct model_record *before = row - 1;
    char quoted[80];

    if (field->text[0] == '\0' || strlen(field->text) > TEXT_MAX)
        return sp_fail(err, SP_EINPUT,
                       "%s:%d:%d: found %s, expected a name of at most %d bytes",
                       rd->r->shown, field->line, field->column,
                       sp_text_quote(field->text, quoted, sizeof quoted), TEXT_MAX);
    /* Rows of a name mostly stand together: one copy for all of them. */
    row->text = rd->out.n > 0 && strcmp(before->text, field->text) == 0
                    ? before->text
                    : sp_arena_strdup(rd->arena, field->text);
    return SP_OK;
}

static enum sp_status take_number(struct reading *rd,
                                  const struct model_record_column *c,
                                  const struct model_csv_field *field, double *v,
                                  struct sp_err *err)
{
    struct sp_err why = {0};
    char quoted[80];

    if (sp_parse_number(field->text, c->min, c->max, v, &why) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s: %s", rd->r->shown, field->line,
                       field->column, c->name, why.text);
    if (c->whole && *v != floor(*v))
        return sp_fail(err, SP_EINPUT,
                       "%s:%d:%d: %s: found %s, expected a whole number", rd->r->shown,
                       field->line, field->column, c->name,
                       sp_text_quote(field->text, quoted, sizeof quoted));
    return SP_OK;
}

static enum sp_status take_row(struct reading *rd, const struct model_csv_field *fields,
                               int32_t n, struct sp_err *err)
{
    struct model_record *row;
    enum sp_status status = SP_OK;

    if (n != rd->n_fields)
        return sp_fail(
            err, SP_EINPUT, "%s:%d: found %d field%s, expected %d as the header has",
            rd->r->shown, fields[0].line, n, n == 1 ? "" : "s", rd->n_fields);
    rd->out.rows = sp_arena_more(rd->arena, rd->out.rows, rd->out.n, &rd->room,
                                 sizeof *rd->out.rows);
    row = &rd->out.rows[rd->out.n];
    *row = (struct model_record){.line = fields[0].line};
    for (int k = 0; k < MODEL_RECORD_NUMBERS; k++)
        row->v[k] = NAN;
    for (int32_t i = 0; i < n && status == SP_OK; i++)
        if (rd->of_field[i] != NULL)
            status = rd->of_field[i]->slot < 0
                         ? take_text(rd, &fields[i], row, err)
                         : take_number(rd, rd->of_field[i], &fields[i],
                                       &row->v[rd->of_field[i]->slot], err);
    rd->out.n++;
    return status;
}

static enum sp_status read_all(struct reading *rd, struct sp_err *err)
{
    enum sp_status status = SP_OK;
    bool ended = false;

    for (int32_t line = 0; status == SP_OK && !ended;) {
        rd->csv.arena = sp_arena_new();
        for (int32_t i = 0; i < ROWS_PER_ARENA && status == SP_OK && !ended; i++) {
            struct model_csv_field *fields = NULL;
            int32_t n = 0;

            status = model_csv_next(&rd->csv, &fields, &n, err);
            ended = n == 0;
            if (status != SP_OK || ended || (n == 1 && fields[0].text[0] == '\0'))
                continue;
            status = line++ == 0 ? take_header(rd, fields, n, err)
                                 : take_row(rd, fields, n, err);
        }
        sp_arena_free(rd->csv.arena);
    }
    if (status == SP_OK && rd->n_fields == 0)
        return sp_fail(err, SP_EINPUT, "%s: empty, expected a header line",
                       rd->r->shown);
    if (status == SP_OK && rd->out.n == 0)
        return sp_fail(err, SP_EINPUT, "%s: no rows below the header", rd->r->shown);
    return status;
}

enum sp_status model_records_read(const struct model_records_request *r,
                                  struct sp_arena *arena, struct model_records *records,
                                  struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct reading *rd = sp_arena_alloc(scratch, sizeof *rd);
    struct sp_err why = {0};
    char *text = NULL;
    enum sp_status status = model_csv_load(r->path, scratch, &text, &why);

    if (status != SP_OK) {
        size_t n = strlen(r->path);
        bool named = strncmp(why.text, r->path, n) == 0;

        status = sp_fail(err, status, "%s%s", named ? r->shown : "",
                         why.text + (named ? n : 0));
    } else {
        *rd = (struct reading){.r = r, .arena = arena};
        for (int k = 0; k < MODEL_RECORD_NUMBERS; k++)
            rd->out.header[k] = -1;
        model_csv_init(&rd->csv, r->shown, text, scratch);
        status = read_all(rd, err);
        if (status == SP_OK)
            *records = rd->out;
    }
    sp_arena_free(scratch);
    return status;
}

struct point {
    double x, y;
};

static int by_x(const void *a, const void *b)
{
    const struct point *p = a, *q = b;

    return (p->x > q->x) - (p->x < q->x);
}

struct model_curve model_records_curve(const struct model_records *records,
                                       const char *name, double factor,
                                       struct sp_arena *arena)
{
    struct point *points = sp_arena_array(arena, (size_t)records->n, sizeof *points);
    double *same = sp_arena_array(arena, (size_t)records->n, sizeof *same);
    struct model_curve curve = {0};
    int32_t n = 0;

    for (int32_t i = 0; i < records->n; i++)
        if (strcmp(records->rows[i].text, name) == 0)
            points[n++] =
                (struct point){records->rows[i].v[0], records->rows[i].v[1] * factor};
    qsort(points, (size_t)n, sizeof *points, by_x);
    curve.x = sp_arena_array(arena, (size_t)n, sizeof *curve.x);
    curve.y = sp_arena_array(arena, (size_t)n, sizeof *curve.y);
    for (int32_t i = 0; i < n;) {
        int32_t k = 0;

        for (; i + k < n && points[i + k].x == points[i].x; k++)
            same[k] = points[i + k].y;
        curve.x[curve.n] = points[i].x;
        curve.y[curve.n++] = sp_median(same, k);
        i += k;
    }
    return curve;
}
