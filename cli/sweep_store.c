/* A batch of points, and the line that tells how far it is. */
#include "cli/sweep_store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"

/* Committed after a fifth of a second; or, where the disk is slow, when a commit takes
 * a twentieth of the time. */
enum { BATCH_POINTS = 20000, BATCH_COMMITS = 20 };
#define BATCH_S 0.2

void cli_sweep_store_begin(struct cli_sweep_store *store, const struct cli_sweep *job,
                           struct report_sweep_writer *writer, int64_t first,
                           bool quiet, struct sp_err *err)
{
    *store = (struct cli_sweep_store){.job = job,
                                      .writer = writer,
                                      .began_s = sp_clock_s(),
                                      .arena = sp_arena_new(),
                                      .first = first,
                                      .done = first,
                                      .err = err};
    store->last_s = store->began_s;
    store->wait_s = BATCH_S;
    cli_progress_begin(&store->progress, !quiet);
    cli_progress_heed_stop(&store->progress);
}

/* ---- committing ---- */

static void commit(struct cli_sweep_store *store)
{
    const double from_s = sp_clock_s();

    if (store->n > 0 && !store->failed) {
        store->failed = report_sweep_open_points(store->writer) != SP_OK;
        for (int32_t i = 0; i < store->n && !store->failed; i++)
            report_sweep_add(store->writer, &store->points[i]);
        if (!store->failed)
            store->failed = report_sweep_close_points(store->writer) != SP_OK;
    }
    sp_arena_free(store->arena);
    store->arena = sp_arena_new();
    store->points = NULL;
    store->n = store->room = 0;
    store->last_s = sp_clock_s();
    store->wait_s = fmax(BATCH_S, BATCH_COMMITS * (store->last_s - from_s));
}

static void commit_if_due(struct cli_sweep_store *store)
{
    if (store->n >= BATCH_POINTS ||
        (store->n > 0 && sp_clock_s() - store->last_s >= store->wait_s))
        commit(store);
}

/* ---- the line ---- */

/* "12345 of 1000000 points, 8431/s, 1m 57s left" */
static void show(struct cli_sweep_store *store)
{
    const int64_t all = store->job->sweep.n_points, ran = store->done - store->first;
    const double s = sp_clock_s() - store->began_s;
    char line[160], left[32] = "-";

    if (!cli_progress_due(&store->progress, 1))
        return;
    if (ran > 0)
        sp_format_duration((double)(all - store->done) * s / (double)ran, left,
                           sizeof left);
    snprintf(line, sizeof line, "sweep: %lld of %lld points (%.0f%%), %.3g/s, %s left",
             (long long)store->done, (long long)all,
             100 * (double)store->done / (double)all, (double)ran / s, left);
    cli_progress_line(&store->progress, line);
}

/* ---- points ---- */

static bool stop(struct cli_sweep_store *store)
{
    store->stopped = true;
    return false;
}

/* The scenario is wrong there: those before are kept. */
static bool refuse(struct cli_sweep_store *store, const struct study_point *p)
{
    store->status = sp_fail(
        store->err, p->status, "%s: %s",
        cli_sweep_point_text(&store->job->sweep, p->point, p->texts, store->arena),
        p->text);
    return stop(store);
}

static void keep(struct cli_sweep_store *store, const struct study_point *p)
{
    store->points = sp_arena_more(store->arena, store->points, store->n, &store->room,
                                  sizeof *store->points);
    store->points[store->n++] =
        (struct report_sweep_point){.point = p->point,
                                    .n_axes = p->n_axes,
                                    .n_runs = p->n_runs,
                                    .n_workloads = p->n_workloads,
                                    .numbers = p->numbers,
                                    .texts = p->texts,
                                    .runs = p->runs,
                                    .workloads = p->workloads,
                                    .reason = p->text};
    store->done++;
}

bool cli_sweep_store_point(void *self, int64_t item, const struct study_bytes *bytes)
{
    struct cli_sweep_store *store = self;
    struct study_point p;

    if (store->stopped)
        return false;
    if (!study_point_read(bytes, store->arena, &p) || p.point != item) {
        store->status = sp_fail(store->err, SP_EIO,
                                "point %lld: what came of it can't be read: another "
                                "build of stageplan made it",
                                (long long)item);
        return stop(store);
    }
    if (p.given_up)
        return stop(store);
    if (p.status != SP_OK)
        return refuse(store, &p);
    keep(store, &p);
    commit_if_due(store);
    show(store);
    return store->failed || cli_interrupted() ? stop(store) : true;
}

bool cli_sweep_store_wait(void *self)
{
    struct cli_sweep_store *store = self;

    commit_if_due(store);
    show(store);
    return !store->stopped && !store->failed && !cli_interrupted();
}

enum sp_status cli_sweep_store_end(struct cli_sweep_store *store)
{
    commit(store);
    sp_arena_free(store->arena);
    cli_progress_end(&store->progress);
    return store->status;
}
