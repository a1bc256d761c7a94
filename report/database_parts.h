/* What the files that fill the database share.  Internal to report/database*.c. */
#ifndef REPORT_DATABASE_PARTS_H
#define REPORT_DATABASE_PARTS_H

#include "report/database.h"
#include "report/store.h"
#include "report/tables.h"

enum { REPORT_INSERTS_MAX = 64 };

struct report_database {
    struct report_store *store;
    struct sp_arena *arena;            /* until it is closed */
    struct sp_arena *scratch;          /* cleaned texts of the row at hand; */
    int32_t n_scratch;                 /* renewed after so many rows */
    const struct model_result *result; /* the run added last */
    int64_t *policy_row;               /* by policy id */
    int64_t **workload_row;            /* by policy and workload id */
    struct report_insert *items[4];    /* see database_items.c */
    int n_inserts;                     /* one per table, made at its first use */
    struct {
        const struct report_table *table;
        struct report_insert *insert;
    } inserts[REPORT_INSERTS_MAX];
};

/* A row of `table` below the row `parent`, where it has one; `position` counts where
 * the table has positions.  Its id. */
int64_t report_database_put(struct report_database *d, const struct report_table *table,
                            int64_t parent, int32_t position, const void *record);

/* n rows below `parent`, one after the other. */
void report_database_put_all(struct report_database *d,
                             const struct report_table *table, int64_t parent,
                             const void *records, int32_t n);

/* The policy `id` of the result, in the run whose row is `run`. */
void report_database_add_policy(struct report_database *d, int64_t run, int32_t id);

/* A workload of the policy whose row is `policy`; its row. */
int64_t report_database_add_workload(struct report_database *d, int64_t policy,
                                     int32_t id, const struct model_workload_result *w);

#endif
