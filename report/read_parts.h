/* What the files that read a stored run share.  Internal to report/database_read.c and
 * report/read_*.c. */
#ifndef REPORT_READ_PARTS_H
#define REPORT_READ_PARTS_H

#include "base/arena.h"
#include "report/database_read.h"
#include "report/store.h"
#include "report/tables.h"

enum { REPORT_READS_MAX = 64 };

struct report_read {
    struct sp_arena *arena;
    struct report_reader *reader;
    struct model_result *result;
    int64_t *policy_row;    /* by policy id */
    int64_t **workload_row; /* by policy and workload id */
    int n_rows;
    struct {
        const struct report_table *table;
        struct report_row *row;
    } rows[REPORT_READS_MAX];
};

/* The rows of a table below `parent` as an array of its records in the arena, how many
 * to *n; their ids to *ids unless it is NULL.  Positions must count from 0. */
void *report_read_rows(struct report_read *r, const struct report_table *table,
                       int64_t parent, int32_t *n, int64_t **ids);

/* The one row below `parent`, or NULL where there is none. */
void *report_read_one(struct report_read *r, const struct report_table *table,
                      int64_t parent);

/* Refuses ids that are not `least` to n - 1: those of `table`, in words. */
void report_read_check_id(struct report_read *r, const struct report_table *table,
                          const char *column, int64_t id, int64_t least, int64_t n);

/* Whether something was refused or failed: then what was read so far is not used. */
bool report_read_failed(const struct report_read *r);

void report_read_policy(struct report_read *r, int32_t id);
void report_read_workload(struct report_read *r, int64_t row,
                          struct model_workload_result *w);
void report_read_comparisons(struct report_read *r);

/* Fills the context's `others` from the n runs that there are. */
void report_read_others(struct report_read *r, const struct report_stored_run *runs,
                        int32_t n, int64_t run, struct report_context *c);

#endif
