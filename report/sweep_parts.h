/* What the files that report a sweep share.  Internal to report/sweep_*.c. */
#ifndef REPORT_SWEEP_PARTS_H
#define REPORT_SWEEP_PARTS_H

#include "report/page.h"
#include "report/sweep.h"

/* "embed: latency p99" or "cost"; with its unit, "cost, USD". */
const char *report_sweep_figure_name(const struct report_sweep *s,
                                     struct model_figure_of of, struct sp_arena *arena);

/* A value in its unit, for people: "12.35", "245 ms", "99.6%". */
const char *report_sweep_value(struct model_figure_of of, double value,
                               struct sp_arena *arena);

/* "12.35 +- 0.20"; without an interval, or one that rounds to nothing, the mean. */
const char *report_sweep_stat(struct model_figure_of of, struct model_stat stat,
                              struct sp_arena *arena);

/* "rate=512/s count=4": of a point, each axis by the end of its path. */
const char *report_sweep_point_text(const struct report_sweep *s, int64_t point,
                                    struct sp_arena *arena);
const char *report_sweep_axis_name(const struct report_sweep *s, int32_t axis,
                                   struct sp_arena *arena);

/* The figures that count where none were asked for: cost, time, and of each workload
 * the latency, the SLO or the wait that its kind is judged by; those that have values.
 * NULL: they can't be had. */
struct report_sweep_figure *report_sweep_main_figures(const struct report_sweep *s,
                                                      struct sp_arena *arena,
                                                      int32_t *n);

/* ---- sweep_points.c: tables of points ---- */

void report_sweep_print_points(struct report_page *page, const struct report_sweep *s,
                               const struct report_sweep_figure *figures, int32_t n);
void report_sweep_print_front(struct report_page *page, const struct report_sweep *s,
                              const struct report_sweep_figure *figures, int32_t n);

/* ---- sweep_depends.c ---- */

/* What each figure depends on: of designs made for that question, else nothing. */
void report_sweep_print_depends(struct report_page *page, const struct report_sweep *s,
                                const struct report_sweep_figure *figures, int32_t n);

#endif
