/* A sweep from its tables: what was asked for and the points at once, figures one at a
 * time. */
#include "report/sweep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/read_parts.h"
#include "report/schema.h"
#include "report/tables_sweep.h"
#include "report/utc.h"

struct stored {
    struct report_sweep sweep; /* first: what callers hold */
    struct report_read read;
    int64_t id;
};

/* ---- the list ---- */

#define LIST_COLUMNS                                                                   \
    "id, coalesce(run_id, 0), created_at, scenario, design, points, replications, "    \
    "coalesce((SELECT max(point) + 1 FROM sweep_points p WHERE p.sweep_id = "          \
    "sweeps.id), 0), (SELECT count(*) FROM sweep_names n WHERE n.sweep_id = "          \
    "sweeps.id AND n.kind = 'policy')"

static const char *copy(struct sp_arena *arena, struct report_row *row, int column)
{
    return sp_arena_strdup(arena, report_row_text(row, column));
}

static struct report_stored_sweep *list(struct report_reader *reader,
                                        struct sp_arena *arena, int32_t *n)
{
    struct report_row *row =
        report_reader_rows(reader, "sweeps", LIST_COLUMNS, "ORDER BY id");
    struct report_stored_sweep *sweeps = NULL;
    int32_t room = 0;

    *n = 0;
    report_rows_begin(row, 0);
    while (report_rows_next(row)) {
        struct report_stored_sweep *s;

        sweeps = sp_arena_more(arena, sweeps, *n, &room, sizeof *sweeps);
        s = &sweeps[(*n)++];
        s->sweep = report_row_int(row, 0, 1, INT64_MAX);
        s->run = report_row_int(row, 1, 0, INT64_MAX);
        s->created_at = copy(arena, row, 2);
        s->scenario = copy(arena, row, 3);
        s->design = copy(arena, row, 4);
        s->points = report_row_int(row, 5, 0, INT64_MAX);
        s->replications = (int32_t)report_row_int(row, 6, 1, INT32_MAX);
        s->points_done = report_row_int(row, 7, 0, INT64_MAX);
        s->n_policies = (int32_t)report_row_int(row, 8, 0, INT32_MAX);
    }
    return sweeps;
}

enum sp_status report_sweeps_list(const char *path, struct sp_arena *arena,
                                  struct report_stored_sweep **sweeps, int32_t *n,
                                  struct sp_err *err)
{
    struct report_reader *reader;
    enum sp_status s = report_reader_open(path, &report_schema, &reader, err);

    if (s != SP_OK)
        return s;
    *sweeps = list(reader, arena, n);
    return report_reader_close(reader, SP_OK, err);
}

/* ---- what was asked for ---- */

static void read_names(struct stored *s)
{
    struct model_sweep *m = &s->sweep.sweep;
    int32_t n;
    const struct report_sweep_name_row *rows =
        report_read_rows(&s->read, &report_table_sweep_names, s->id, &n, NULL);
    const char **policies =
        sp_arena_array(s->sweep.arena, (size_t)n + 1, sizeof *policies);
    const char **workloads =
        sp_arena_array(s->sweep.arena, (size_t)n + 1, sizeof *workloads);

    m->n_policies = m->n_workloads = 0;
    for (int32_t i = 0; i < n; i++)
        if (rows[i].kind == REPORT_SWEEP_POLICY)
            policies[m->n_policies++] = rows[i].name;
        else
            workloads[m->n_workloads++] = rows[i].name;
    m->policies = policies;
    m->workloads = workloads;
    report_read_check_id(&s->read, &report_table_sweeps, "baseline", m->baseline,
                         SP_NO_ID, m->n_policies);
    if (m->n_policies == 0)
        report_reader_refuse(s->read.reader, "sweep_names", "no policies");
}

static void read_axes(struct stored *s)
{
    struct model_sweep *m = &s->sweep.sweep;
    struct model_axis *axes =
        report_read_rows(&s->read, &report_table_sweep_axes, s->id, &m->n_axes, NULL);
    int32_t n;
    const struct report_sweep_value_row *rows =
        report_read_rows(&s->read, &report_table_sweep_values, s->id, &n, NULL);

    m->axes = axes;
    for (int32_t i = 0; i < n; i++) {
        struct model_axis *axis;

        report_read_check_id(&s->read, &report_table_sweep_values, "axis", rows[i].axis,
                             0, m->n_axes);
        if (report_read_failed(&s->read))
            return;
        axis = &axes[rows[i].axis];
        if (axis->n == 0) {
            axis->values =
                sp_arena_array(s->sweep.arena, (size_t)n, sizeof *axis->values);
            axis->numbers =
                sp_arena_array(s->sweep.arena, (size_t)n, sizeof *axis->numbers);
        }
        axis->values[axis->n] = rows[i].text;
        axis->numbers[axis->n++] = rows[i].number;
    }
}

static void read_asked(struct stored *s)
{
    struct model_sweep *m = &s->sweep.sweep;
    const struct report_sweep_row *row;
    struct report_table by_id = report_table_sweeps;

    by_id.parent = "id";
    row = report_read_one(&s->read, &by_id, s->id);
    if (row == NULL)
        return;
    *m = row->s;
    s->sweep.created_at = row->created_at;
    if (!report_utc_read(row->created_at, &s->sweep.created_s))
        report_reader_refuse(s->read.reader, "sweeps",
                             "column created_at: expected a time such as "
                             "2026-11-22T10:36:25Z");
    m->files =
        report_read_rows(&s->read, &report_table_sweep_files, s->id, &m->n_files, NULL);
    m->sets =
        report_read_rows(&s->read, &report_table_sweep_sets, s->id, &m->n_sets, NULL);
    read_names(s);
    read_axes(s);
}

/* ---- points ---- */

static int64_t count_points(struct stored *s)
{
    struct report_row *row =
        report_reader_rows(s->read.reader, "sweep_points",
                           "coalesce(max(point) + 1, 0)", "WHERE sweep_id = ?");
    int64_t n = 0;

    report_rows_begin(row, s->id);
    if (report_rows_next(row))
        n = report_row_int(row, 0, 0, s->sweep.sweep.n_points);
    return n;
}

/* Every coordinate of points 0 to n_points - 1, each once. */
static void read_points(struct stored *s)
{
    struct report_sweep *w = &s->sweep;
    struct report_row *row;
    const size_t n_axes = (size_t)w->sweep.n_axes;
    size_t at = 0;

    w->n_points = count_points(s);
    w->numbers =
        sp_arena_array(w->arena, (size_t)w->n_points * n_axes + 1, sizeof *w->numbers);
    w->texts =
        sp_arena_array(w->arena, (size_t)w->n_points * n_axes + 1, sizeof *w->texts);
    if (n_axes == 0)
        return;
    row =
        report_reader_rows(s->read.reader, "sweep_points", "point, axis, number, text",
                           "WHERE sweep_id = ? ORDER BY point, axis");
    report_rows_begin(row, s->id);
    while (report_rows_next(row)) {
        const int64_t point = (int64_t)(at / n_axes), axis = (int64_t)(at % n_axes);

        report_row_int(row, 0, point, point);
        report_row_int(row, 1, axis, axis);
        if (report_read_failed(&s->read) || point >= w->n_points)
            return;
        w->numbers[at] = report_row_real(row, 2);
        if (!report_row_null(row, 3))
            w->texts[at] = copy(w->arena, row, 3);
        at++;
    }
    if (at != (size_t)w->n_points * n_axes)
        report_reader_refuse(s->read.reader, "sweep_points",
                             "the last point is not whole");
}

static void read_reasons(struct stored *s)
{
    struct report_sweep *w = &s->sweep;
    int32_t n;
    const struct report_sweep_reason_row *rows =
        report_read_rows(&s->read, &report_table_sweep_reasons, s->id, &n, NULL);

    if (n == 0)
        return;
    w->reasons = sp_arena_array(w->arena, (size_t)w->n_points + 1, sizeof *w->reasons);
    for (int32_t i = 0; i < n; i++) {
        report_read_check_id(&s->read, &report_table_sweep_reasons, "point",
                             rows[i].point, 0, w->n_points);
        if (report_read_failed(&s->read))
            return;
        w->reasons[rows[i].point] = rows[i].text;
    }
}

/* ---- figures ---- */

/* Where a row's value goes; false: its ids are out of range. */
static bool place_of(struct stored *s, struct report_row *row, size_t *at)
{
    const struct model_sweep *m = &s->sweep.sweep;
    int64_t point = report_row_int(row, 0, 0, s->sweep.n_points - 1);
    int64_t policy = report_row_int(row, 1, 0, m->n_policies - 1);
    int64_t replication = report_row_int(row, 2, 0, m->replications - 1);

    if (report_read_failed(&s->read))
        return false;
    *at = (size_t)((point * m->n_policies + policy) * m->replications + replication);
    return true;
}

/* The name of a figure is one of model/figure.c's: no text of a user's. */
static bool read_values(void *self, struct model_figure_of of, double *values)
{
    struct stored *s = self;
    const bool of_run = of.workload == SP_NO_ID;
    const char *table = of_run ? "sweep_runs" : "sweep_workloads";
    char columns[160], rest[80];
    struct report_row *row;
    size_t at;

    snprintf(columns, sizeof columns, "point, policy, replication, %s",
             of.figure->name);
    snprintf(rest, sizeof rest, "WHERE sweep_id = ?");
    if (!of_run)
        snprintf(rest, sizeof rest, "WHERE sweep_id = ? AND workload = %d",
                 (int)of.workload);
    row = report_reader_rows(s->read.reader, table, columns, rest);
    report_rows_begin(row, s->id);
    while (report_rows_next(row)) {
        if (!place_of(s, row, &at))
            return false;
        values[at] = report_row_real(row, 3);
    }
    return !report_read_failed(&s->read);
}

/* ---- opening ---- */

static enum sp_status choose(const char *path, struct sp_arena *arena, int64_t *id,
                             struct sp_err *err)
{
    struct report_stored_sweep *sweeps;
    const char *names = "";
    int32_t n;
    enum sp_status s = report_sweeps_list(path, arena, &sweeps, &n, err);

    if (s != SP_OK)
        return s;
    if (n == 0)
        return sp_fail(err, SP_EINPUT, "%s: no sweep is in it", path);
    if (*id == 0)
        *id = sweeps[n - 1].sweep;
    for (int32_t i = 0; i < n; i++) {
        if (sweeps[i].sweep == *id)
            return SP_OK;
        if (i < 10)
            names = sp_arena_printf(arena, "%s%s%lld", names, i > 0 ? ", " : "",
                                    (long long)sweeps[i].sweep);
    }
    return sp_fail(err, SP_EINPUT, "%s: no sweep %lld is in it, expected one of %s%s",
                   path, (long long)*id, names, n > 10 ? ", ..." : "");
}

enum sp_status report_sweep_open(const char *path, int64_t id,
                                 struct report_sweep **sweep, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct stored *s = sp_arena_alloc(arena, sizeof *s);
    enum sp_status status = choose(path, arena, &id, err);

    s->sweep.arena = s->read.arena = arena;
    s->sweep.id = s->id = id;
    s->sweep.values = read_values;
    s->sweep.self = s;
    if (status == SP_OK)
        status = report_reader_open(path, &report_schema, &s->read.reader, err);
    if (status != SP_OK) {
        sp_arena_free(arena);
        return status;
    }
    read_asked(s);
    if (!report_read_failed(&s->read))
        read_points(s);
    if (!report_read_failed(&s->read))
        read_reasons(s);
    *sweep = &s->sweep;
    if (!report_read_failed(&s->read) && report_sweep_find_undone(&s->sweep))
        return SP_OK;
    return report_sweep_close(&s->sweep, SP_OK, err);
}

enum sp_status report_sweep_close(struct report_sweep *sweep, enum sp_status status,
                                  struct sp_err *err)
{
    struct stored *s = (struct stored *)sweep;
    struct sp_arena *arena = sweep->arena;

    status = report_reader_close(s->read.reader, status, err);
    sp_arena_free(arena);
    return status;
}
