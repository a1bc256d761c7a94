/* Pieces of the JSON tree that its files share.  Internal to report/json*.c, which
 * alone know jansson.  Every function that returns a json_t gives it to the caller. */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/result.h"
#include "report/sweep.h"

struct report_json {
    struct sp_arena *arena; /* for cleaned texts */
    const struct model_result *r;
};

void report_json_put(json_t *object, const char *key, json_t *value);
void report_json_append(json_t *array, json_t *value);

/* Clean UTF-8; null for NULL. */
json_t *report_json_text(const struct report_json *j, const char *value);

/* null where it is no finite number. */
json_t *report_json_number(double value);

/* The mean under `key`; its half width under "half95". */
void report_json_put_stat(const struct report_json *j, json_t *object, const char *key,
                          struct model_stat stat);

/* {"mean", "p50", "p90", "p99", "max", "count"} */
json_t *report_json_times(const struct report_json *j, const struct model_times *t);

/* A figure of a record, `at` bytes into it. */
struct report_json_key {
    const char *name;
    size_t at;
};

/* Puts n figures of a record: each a struct model_stat, a struct model_times, or an
 * int64_t, of which INT64_MAX ("not limited") becomes null. */
void report_json_put_stats(const struct report_json *j, json_t *object,
                           const void *record, const struct report_json_key *keys,
                           size_t n);
void report_json_put_times(const struct report_json *j, json_t *object,
                           const void *record, const struct report_json_key *keys,
                           size_t n);
void report_json_put_counts(json_t *object, const void *record,
                            const struct report_json_key *keys, size_t n);

/* ---- what a bill, its nodes and a run rest on ---- */

void report_json_put_prices(const struct report_json *j, json_t *object,
                            const struct model_node_use *n);
void report_json_put_resource(const struct report_json *j, json_t *object,
                              const struct model_policy_result *p,
                              enum model_resource r);
json_t *report_json_cells(const struct report_json *j,
                          const struct model_policy_result *p);
json_t *report_json_cdfs(const struct report_json *j,
                         const struct model_workload_result *w);
json_t *report_json_timeline(const struct report_json *j,
                             const struct model_timeline *t);

/* Inputs, catalog, calibrations: of the whole run. */
void report_json_put_basis(const struct report_json *j, json_t *root);

/* Writes the tree, which it takes, and a line break to a file: whole or not at all.
 * SP_EIO */
SP_CHECKED enum sp_status report_json_save(json_t *root, const char *path,
                                           struct sp_err *err);

/* The value of "serving" of a workload, and of a comparison. */
json_t *report_json_serving(const struct report_json *j,
                            const struct model_serving_result *s);
json_t *report_json_serving_comparisons(const struct report_json *j,
                                        const struct model_comparison *c);

/* The value of "kernels" of a workload. */
json_t *report_json_kernels(const struct report_json *j,
                            const struct model_workload_result *w);

/* The value of "jobs" of a workload, and of a comparison. */
json_t *report_json_jobs(const struct report_json *j,
                         const struct model_jobs_result *jobs);
json_t *report_json_jobs_comparisons(const struct report_json *j,
                                     const struct model_comparison *c);

/* The value of "depends_on" of a sweep: of each figure, of every policy and its
 * difference to the baseline ("less"), Sobol' indices or a tornado of the axes; empty
 * of designs that are not made for it. */
json_t *report_json_sweep_depends(const struct report_json *j,
                                  const struct report_sweep *s,
                                  const struct model_figure_of *figures, int32_t n);

/* Teams, free GPUs, what was bought and lost, into a policy's object. */
void report_json_put_shared(const struct report_json *j, json_t *object,
                            const struct model_policy_result *p);

#endif
