/* Rows by tables, then the run itself and what stands directly below it. */
#include "report/database_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read_parts.h"
#include "report/schema.h"
#include "report/utc.h"

/* ---- rows ---- */

bool report_read_failed(const struct report_read *r)
{
    return report_reader_failed(r->reader);
}

static struct report_row *rows_of(struct report_read *r, const struct report_table *t)
{
    char *columns, rest[160];
    int n;
    struct report_row *row;

    for (int i = 0; i < r->n_rows; i++)
        if (r->rows[i].table == t)
            return r->rows[i].row;
    sp_assert(r->n_rows < REPORT_READS_MAX);
    columns = report_table_columns(t, &n);
    snprintf(rest, sizeof rest, "WHERE %s = ?%s%s",
             t->parent != NULL ? t->parent : "id",
             t->position != NULL || t->order != NULL ? " ORDER BY " : "",
             t->position != NULL ? t->position
             : t->order != NULL  ? t->order
                                 : "");
    row = report_reader_rows(
        r->reader, t->name,
        sp_arena_printf(r->arena, "%s, %s, %s", t->has_id ? "id" : "0",
                        t->position != NULL ? t->position : "0", columns),
        rest);
    free(columns);
    r->rows[r->n_rows].table = t;
    r->rows[r->n_rows++].row = row;
    return row;
}

void *report_read_rows(struct report_read *r, const struct report_table *t,
                       int64_t parent, int32_t *n, int64_t **ids)
{
    struct report_row *row = rows_of(r, t);
    char *records = NULL;
    int64_t *id = NULL;
    int32_t room = 0, have = 0;

    report_rows_begin(row, parent);
    while (report_rows_next(row)) {
        if (have == INT32_MAX) {
            report_reader_refuse(r->reader, t->name, "too many rows");
            break;
        }
        if (have == room) {
            int32_t want = room == 0 ? 4 : room > INT32_MAX / 2 ? INT32_MAX : 2 * room;

            records = sp_arena_grow(r->arena, records, (size_t)have * t->size,
                                    (size_t)want * t->size, 1);
            if (ids != NULL)
                id =
                    sp_arena_grow(r->arena, id, (size_t)have, (size_t)want, sizeof *id);
            room = want;
        }
        if (t->position != NULL)
            report_row_int(row, 1, have, have);
        if (ids != NULL)
            id[have] = report_row_int(row, 0, 1, INT64_MAX);
        report_columns_get(row, 2, t, records + (size_t)have * t->size, r->arena);
        have++;
    }
    *n = report_read_failed(r) ? 0 : have;
    if (ids != NULL)
        *ids = id;
    return records;
}

void *report_read_one(struct report_read *r, const struct report_table *t,
                      int64_t parent)
{
    int32_t n;
    void *records = report_read_rows(r, t, parent, &n, NULL);

    if (n > 1)
        report_reader_refuse(r->reader, t->name, "found %" PRId32 " rows, expected one",
                             n);
    return n == 0 ? NULL : records;
}

void report_read_check_id(struct report_read *r, const struct report_table *t,
                          const char *column, int64_t id, int64_t least, int64_t n)
{
    if (id < least || id >= n)
        report_reader_refuse(r->reader, t->name,
                             "column %s: found %" PRId64 ", expected %" PRId64
                             " to %" PRId64,
                             column, id, least, n - 1);
}

/* ---- the run ---- */

static void read_curves(struct report_read *r, int64_t run)
{
    struct model_result *result = r->result;
    struct report_kernel_point_row *points;
    struct model_kernel_curve *curves;
    int32_t n, from = 0;

    result->calibrations = report_read_rows(r, &report_table_calibrations, run,
                                            &result->n_calibrations, NULL);
    curves = report_read_rows(r, &report_table_curves, run, &result->n_curves, NULL);
    result->curves = curves;
    points = report_read_rows(r, &report_table_kernel_points, run, &n, NULL);
    for (int32_t i = 0; i < result->n_curves; i++) {
        int32_t to = from;

        while (to < n && points[to].curve == i)
            to++;
        curves[i].n = to - from;
        curves[i].points =
            sp_arena_array(r->arena, (size_t)(to - from), sizeof *curves[i].points);
        for (int32_t k = from; k < to; k++)
            curves[i].points[k - from] = points[k].point;
        from = to;
    }
    if (from < n)
        report_read_check_id(r, &report_table_kernel_points, "curve",
                             points[from].curve, 0, 0);
}

static void read_notes(struct report_read *r, int64_t run)
{
    struct model_result *result = r->result;
    struct report_warning_row *warnings;

    result->files =
        report_read_rows(r, &report_table_files, run, &result->n_files, NULL);
    result->inputs =
        report_read_rows(r, &report_table_inputs, run, &result->n_inputs, NULL);
    result->assumptions = report_read_rows(r, &report_table_assumptions, run,
                                           &result->n_assumptions, NULL);
    warnings =
        report_read_rows(r, &report_table_warnings, run, &result->n_warnings, NULL);
    result->warnings = sp_arena_array(r->arena, (size_t)result->n_warnings + 1,
                                      sizeof *result->warnings);
    for (int32_t i = 0; i < result->n_warnings; i++)
        result->warnings[i] = warnings[i].text;
    read_curves(r, run);
}

static void read_run(struct report_read *r, int64_t run, struct report_context *c)
{
    struct report_run_row *row = report_read_one(r, &report_table_runs, run);
    struct model_result *result;

    if (row == NULL)
        return;
    r->result = result = &row->r;
    c->result = result;
    if (!report_utc_read(row->created_at, &c->created_s))
        report_reader_refuse(r->reader, "runs",
                             "column created_at: expected a time such as "
                             "2026-11-22T10:36:25Z");
    result->policies = report_read_rows(r, &report_table_policies, run,
                                        &result->n_policies, &r->policy_row);
    r->workload_row = sp_arena_array(r->arena, (size_t)result->n_policies + 1,
                                     sizeof *r->workload_row);
    if (result->n_policies == 0)
        report_reader_refuse(r->reader, "policies",
                             "run %" PRId64 " has none, expected one at least", run);
    report_read_check_id(r, &report_table_runs, "baseline", result->baseline, SP_NO_ID,
                         result->n_policies);
    for (int32_t i = 0; i < result->n_policies && !report_read_failed(r); i++)
        report_read_policy(r, i);
    report_read_comparisons(r);
    read_notes(r, run);
}

/* ---- which run ---- */

static void list_runs(struct report_reader *reader, struct sp_arena *arena,
                      struct report_stored_run **runs, int32_t *n)
{
    struct report_row *row =
        report_reader_rows(reader, "runs",
                           "id, created_at, scenario, seed, replications, partial,"
                           " (SELECT count(*) FROM policies WHERE run_id = runs.id)",
                           "ORDER BY id");
    int32_t room = 0;

    *n = 0;
    *runs = NULL;
    report_rows_begin(row, 0);
    while (report_rows_next(row)) {
        *runs = sp_arena_more(arena, *runs, *n, &room, sizeof **runs);
        (*runs)[(*n)++] = (struct report_stored_run){
            .run = report_row_int(row, 0, 1, INT64_MAX),
            .created_at = sp_arena_strdup(arena, report_row_text(row, 1)),
            .scenario = sp_arena_strdup(arena, report_row_text(row, 2)),
            .seed = (uint64_t)report_row_int(row, 3, INT64_MIN, INT64_MAX),
            .n_runs = (int32_t)report_row_int(row, 4, 0, INT32_MAX),
            .partial = report_row_int(row, 5, 0, 1) == 1,
            .n_policies = (int32_t)report_row_int(row, 6, 0, INT32_MAX),
        };
    }
}

enum sp_status report_database_runs(const char *path, struct sp_arena *arena,
                                    struct report_stored_run **runs, int32_t *n,
                                    struct sp_err *err)
{
    struct report_reader *reader = NULL;
    enum sp_status s = report_reader_open(path, &report_schema, &reader, err);

    if (s != SP_OK)
        return s;
    list_runs(reader, arena, runs, n);
    return report_reader_close(reader, SP_OK, err);
}

/* "1 to 3", or "one of 1, 2, 5". */
static const char *name_runs(struct sp_arena *arena,
                             const struct report_stored_run *runs, int32_t n)
{
    enum { MOST = 12 };
    const char *text = "one of";

    if (n == 1)
        return sp_arena_printf(arena, "the only one, %" PRId64, runs[0].run);
    if (n > 2 && runs[n - 1].run - runs[0].run == n - 1)
        return sp_arena_printf(arena, "%" PRId64 " to %" PRId64, runs[0].run,
                               runs[n - 1].run);
    if (n > MOST)
        return sp_arena_printf(arena,
                               "one of the %" PRId32 " from %" PRId64 " to %" PRId64, n,
                               runs[0].run, runs[n - 1].run);
    for (int32_t i = 0; i < n; i++)
        text = sp_arena_printf(arena, "%s%s %" PRId64, text, i > 0 ? "," : "",
                               runs[i].run);
    return text;
}

static enum sp_status choose_run(const char *path, struct sp_arena *arena,
                                 const struct report_stored_run *runs, int32_t n,
                                 int64_t *run, struct sp_err *err)
{
    if (n == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s: holds no run, expected one of 'stageplan run --db'", path);
    if (*run == 0)
        *run = runs[n - 1].run;
    for (int32_t i = 0; i < n; i++)
        if (runs[i].run == *run)
            return SP_OK;
    return sp_fail(err, SP_EINPUT, "%s: has no run %" PRId64 ", expected %s", path,
                   *run, name_runs(arena, runs, n));
}

enum sp_status report_database_read(const char *path, int64_t run,
                                    struct sp_arena *arena,
                                    struct report_context **context, struct sp_err *err)
{
    struct report_read r = {.arena = arena};
    struct report_context *c = sp_arena_alloc(arena, sizeof *c);
    struct report_stored_run *runs;
    int32_t n;
    enum sp_status s = report_reader_open(path, &report_schema, &r.reader, err);

    if (s != SP_OK)
        return s;
    list_runs(r.reader, arena, &runs, &n);
    if (!report_read_failed(&r))
        s = choose_run(path, arena, runs, n, &run, err);
    if (s == SP_OK && !report_read_failed(&r))
        read_run(&r, run, c);
    if (s == SP_OK && !report_read_failed(&r))
        report_read_others(&r, runs, n, run, c);
    s = report_reader_close(r.reader, s, err);
    if (s == SP_OK)
        *context = c;
    return s;
}
