/* Appending a sweep's rows. */
#include "report/database_sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "report/database_parts.h"
#include "report/schema.h"
#include "report/tables_sweep.h"

struct report_sweep_writer {
    struct report_database *d;
    struct sp_arena *arena;
    const char *path;
    int64_t sweep, next; /* its number; the point to come */
    enum sp_status status;
    struct sp_err err; /* of ours; the database has its own */
};

#define POINTS_SQL "SELECT max(point) + 1 FROM sweep_points WHERE sweep_id = ?"
#define LAST_SQL   "SELECT max(id) FROM sweeps WHERE fingerprint = "

/* ---- how far it is ---- */

static enum sp_status find(struct report_reader *r, uint64_t fingerprint,
                           struct report_sweep_at *at)
{
    struct report_row *ids =
        report_reader_rows(r, "sweeps", "id, fingerprint", "ORDER BY id");
    struct report_row *points =
        report_reader_rows(r, "sweep_points", "max(point) + 1", "WHERE sweep_id = ?");
    char wanted[24];

    snprintf(wanted, sizeof wanted, "%016" PRIx64, fingerprint);
    report_rows_begin(ids, 0);
    while (report_rows_next(ids))
        if (strcmp(report_row_text(ids, 1), wanted) == 0)
            at->sweep = report_row_int(ids, 0, 1, INT64_MAX);
    report_rows_begin(points, at->sweep);
    if (report_rows_next(points) && !report_row_null(points, 0))
        at->points = report_row_int(points, 0, 1, MODEL_POINTS_MAX);
    return SP_OK;
}

enum sp_status report_sweep_find(const char *path, uint64_t fingerprint,
                                 struct report_sweep_at *at, struct sp_err *err)
{
    struct report_sweep_at found = {0};
    struct report_reader *r = NULL;
    struct stat st;
    enum sp_status s = SP_OK;

    if (stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > 0)) {
        s = report_reader_open(path, &report_schema, &r, err);
        if (s != SP_OK)
            return s;
        s = report_reader_close(r, find(r, fingerprint, &found), err);
    }
    if (s == SP_OK)
        *at = found;
    return s;
}

/* The same inside of a transaction. */
static struct report_sweep_at ask(struct report_sweep_writer *w, uint64_t fingerprint)
{
    struct report_store *store = w->d->store;
    struct report_sweep_at at = {0};

    at.sweep = report_store_ask(
        store, sp_arena_printf(w->arena, LAST_SQL "'%016" PRIx64 "'", fingerprint), 0);
    if (at.sweep > 0)
        at.points = report_store_ask(store, POINTS_SQL, at.sweep);
    return at;
}

/* ---- what is asked for ---- */

static void add_names(struct report_sweep_writer *w, int64_t sweep, int32_t kind,
                      const char *const *names, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        struct report_sweep_name_row row = {kind, i, names[i]};

        report_database_put(w->d, &report_table_sweep_names, sweep, 0, &row);
    }
}

static void add_axis(struct report_sweep_writer *w, int64_t sweep, int32_t position,
                     const struct model_axis *axis)
{
    report_database_put(w->d, &report_table_sweep_axes, sweep, position, axis);
    for (int32_t i = 0; axis->kind == MODEL_AXIS_VALUES && i < axis->n; i++) {
        struct report_sweep_value_row row = {position, i, axis->numbers[i],
                                             axis->values[i]};

        report_database_put(w->d, &report_table_sweep_values, sweep, 0, &row);
    }
}

static int64_t add_sweep(struct report_sweep_writer *w, const struct model_sweep *s,
                         const struct model_result *base, const char *created_at)
{
    const struct report_sweep_row row = {created_at, *s};
    const int64_t run =
        base != NULL ? report_database_add_run(w->d, base, created_at) : 0;
    const int64_t sweep = report_database_put(w->d, &report_table_sweeps, run, 0, &row);

    report_database_put_all(w->d, &report_table_sweep_files, sweep, s->files,
                            s->n_files);
    report_database_put_all(w->d, &report_table_sweep_sets, sweep, s->sets, s->n_sets);
    add_names(w, sweep, REPORT_SWEEP_POLICY, s->policies, s->n_policies);
    add_names(w, sweep, REPORT_SWEEP_WORKLOAD, s->workloads, s->n_workloads);
    for (int32_t i = 0; i < s->n_axes; i++)
        add_axis(w, sweep, i, &s->axes[i]);
    return sweep;
}

enum sp_status report_sweep_begin(const char *path, const struct model_sweep *sweep,
                                  const struct model_result *base,
                                  const char *created_at, bool anew,
                                  struct report_sweep_writer **writer,
                                  struct report_sweep_at *at, struct sp_err *err)
{
    struct report_database *d = NULL;
    enum sp_status s = report_database_open(path, &d, err);
    struct report_sweep_writer *w;

    if (s != SP_OK)
        return s;
    w = sp_xcalloc(1, sizeof *w);
    w->d = d;
    w->arena = sp_arena_new();
    w->path = sp_arena_strdup(w->arena, path);
    if (!anew)
        *at = ask(w, sweep->fingerprint);
    if (anew || at->sweep == 0)
        *at = (struct report_sweep_at){add_sweep(w, sweep, base, created_at), 0};
    w->sweep = at->sweep;
    w->next = at->points;
    if (report_store_commit(d->store) != SP_OK)
        return report_sweep_end(w, SP_OK, err);
    *writer = w;
    return SP_OK;
}

/* ---- points ---- */

enum sp_status report_sweep_open_points(struct report_sweep_writer *w)
{
    int64_t there;

    if (w->status != SP_OK)
        return w->status;
    w->status = report_store_begin(w->d->store);
    if (w->status != SP_OK)
        return w->status;
    there = report_store_ask(w->d->store, POINTS_SQL, w->sweep);
    if (there != w->next)
        w->status =
            sp_fail(&w->err, SP_EIO,
                    "%s: another process goes on with sweep %" PRId64 " (found %" PRId64
                    " points, expected %" PRId64 "), so this one stops",
                    w->path, w->sweep, there, w->next);
    return w->status;
}

static void add_run(struct report_sweep_writer *w, const struct model_sweep_run *run)
{
    const struct report_sweep_run_row row = {
        .point = run->point,
        .policy = run->policy,
        .replication = run->replication,
        .end = run->outcome == SP_OK ? (int32_t)run->figures.end : REPORT_SWEEP_NO_END,
        .figures = run->figures};

    report_database_put(w->d, &report_table_sweep_runs, w->sweep, 0, &row);
}

static void add_workload(struct report_sweep_writer *w,
                         const struct model_sweep_run *run,
                         const struct model_sweep_workload *workload)
{
    const struct report_sweep_workload_row row = {.point = run->point,
                                                  .policy = run->policy,
                                                  .replication = run->replication,
                                                  .workload = workload->workload,
                                                  .figures = workload->figures};

    report_database_put(w->d, &report_table_sweep_workloads, w->sweep, 0, &row);
}

void report_sweep_add(struct report_sweep_writer *w, const struct report_sweep_point *p)
{
    sp_assert(p->point == w->next);
    w->next++;
    for (int32_t a = 0; a < p->n_axes; a++) {
        struct report_sweep_point_row row = {
            p->point, a, {.number = p->numbers[a], .text = p->texts[a]}};

        report_database_put(w->d, &report_table_sweep_points, w->sweep, 0, &row);
    }
    for (int32_t i = 0; i < p->n_runs; i++) {
        add_run(w, &p->runs[i]);
        for (int32_t k = 0; k < p->n_workloads && p->runs[i].outcome == SP_OK; k++)
            add_workload(w, &p->runs[i], &p->workloads[i * p->n_workloads + k]);
    }
    if (p->reason != NULL) {
        struct report_sweep_reason_row row = {p->point, p->reason};

        report_database_put(w->d, &report_table_sweep_reasons, w->sweep, 0, &row);
    }
}

enum sp_status report_sweep_close_points(struct report_sweep_writer *w)
{
    if (w->status == SP_OK)
        w->status = report_store_commit(w->d->store);
    return w->status;
}

enum sp_status report_sweep_end(struct report_sweep_writer *w, enum sp_status status,
                                struct sp_err *err)
{
    if (status == SP_OK && w->err.status != SP_OK)
        status = sp_fail(err, w->status, "%s", w->err.text);
    status = report_database_close(w->d, status, err);
    sp_arena_free(w->arena);
    free(w);
    return status;
}
