/* A sweep as its reports see it: points, and one figure at a time over all of them.
 *
 * A million points fit in memory as coordinates and the figure at hand; nothing is kept
 * of a figure but what the caller keeps.  What a figure's values are comes through a
 * function: from the database, or from a test's array.
 */
#ifndef REPORT_SWEEP_H
#define REPORT_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/sweep.h"

struct report_sweep {
    struct sp_arena *arena;
    int64_t id;        /* in its database */
    int64_t created_s; /* Unix time */
    const char *created_at;
    struct model_sweep sweep;
    int64_t n_points;     /* that are there: fewer than sweep.n_points where it was cut
                           * off */
    double *numbers;      /* [point * n_axes + axis]; NaN: no number, or as it is */
    const char **texts;   /* likewise; NULL: as it is */
    const char **reasons; /* by point: why it is infeasible, or NULL; NULL: all are
                           * feasible */
    bool *undone; /* [point * n_policies + policy]: it did not do the work of the point
                   * (sweep_undone.c); NULL: nobody looked */
    /* Fills values[(point * n_policies + policy) * replications + replication] of all
     * points; NaN where a run has no such figure.  False: it failed, and close tells.
     */
    bool (*values)(void *self, struct model_figure_of of, double *values);
    void *self;
};

/* One figure over the sweep; arrays by [point * n_policies + policy]. */
struct report_sweep_figure {
    struct model_figure_of of;
    struct model_stat *stats;
    /* Against the baseline at the same point, replication by replication; of the
     * baseline itself NaN.  NULL: there is none. */
    struct model_stat *difference; /* policy - baseline */
    struct model_stat *ratio;      /* policy / baseline */
};

/* Works it out, in `arena` (which may be given up before the sweep).  False: its values
 * can't be had.  O(runs). */
bool report_sweep_figure_of(const struct report_sweep *s, struct model_figure_of of,
                            struct sp_arena *arena, struct report_sweep_figure *figure);

/* The same where a run has such a value; stats is NULL where none has. */
bool report_sweep_figure_if_any(const struct report_sweep *s, struct model_figure_of of,
                                struct sp_arena *arena,
                                struct report_sweep_figure *figure);

/* All that have a value at some point, in the tables' order: of the run, then of each
 * workload.  NULL: their values can't be had. */
struct report_sweep_figure *report_sweep_figures(const struct report_sweep *s,
                                                 struct sp_arena *arena, int32_t *n);

/* How a policy does at a point against the baseline in a figure with a better side. */
enum report_sweep_lead {
    REPORT_LEAD_UNKNOWN, /* no value, or no interval */
    REPORT_LEAD_UNDONE,  /* one of the two did not do the work */
    REPORT_LEAD_NONE,    /* no difference shown */
    REPORT_LEAD_SAME,    /* in every pair */
    REPORT_LEAD_BETTER,
    REPORT_LEAD_WORSE,
};
enum { REPORT_LEADS = 6 };
enum report_sweep_lead report_sweep_lead(const struct report_sweep *s,
                                         const struct report_sweep_figure *figure,
                                         int64_t at);

/* Whether the policy did not do the work of its point; false where nobody looked. */
bool report_sweep_undone(const struct report_sweep *s, int64_t at);

/* Whether it or the baseline at its point did not: then they did not do the same. */
bool report_sweep_other_work(const struct report_sweep *s, int64_t at);

/* Fills `undone` from the figures.  False: they can't be had. */
bool report_sweep_find_undone(struct report_sweep *s);

/* Points of which no other policy and point is at least as good in both figures and
 * better in one, by means, of those that did the work; ordered by the first: [point *
 * n_policies + policy]. */
int64_t *report_sweep_front(const struct report_sweep *s,
                            const struct report_sweep_figure *a,
                            const struct report_sweep_figure *b, struct sp_arena *arena,
                            int64_t *n);

/* ---- from a database ---- */

struct report_stored_sweep {
    int64_t sweep, run; /* run 0: without */
    const char *created_at, *scenario, *design;
    int64_t points, points_done;
    int32_t n_policies, replications;
};

/* The sweeps of a database, oldest first, in `arena`.
 *   SP_EINPUT, SP_EIO  as report_database_runs(). */
SP_CHECKED enum sp_status report_sweeps_list(const char *path, struct sp_arena *arena,
                                             struct report_stored_sweep **sweeps,
                                             int32_t *n, struct sp_err *err);

/* Sweep `id`, or the last one for 0; the file stays open until it is closed.
 *   SP_EINPUT, SP_EIO  likewise; or there is no such sweep. */
SP_CHECKED enum sp_status report_sweep_open(const char *path, int64_t id,
                                            struct report_sweep **sweep,
                                            struct sp_err *err);

/* Frees all of it; `status`, or what reading its figures met. */
SP_CHECKED enum sp_status report_sweep_close(struct report_sweep *sweep,
                                             enum sp_status status, struct sp_err *err);

#endif
