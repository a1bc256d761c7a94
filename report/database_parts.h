/* What the files that fill the database share.  Internal to report/database*.c. */
#ifndef REPORT_DATABASE_PARTS_H
#define REPORT_DATABASE_PARTS_H

#include "report/database.h"
#include "report/store.h"

/* One statement per table, prepared at their first use. */
enum report_table {
    REPORT_IN_RUNS,
    REPORT_IN_INPUTS,
    REPORT_IN_POLICIES,
    REPORT_IN_NODES,
    REPORT_IN_RESOURCES,
    REPORT_IN_WORKLOADS,
    REPORT_IN_STAGES,
    REPORT_IN_COST_LINES,
    REPORT_IN_SERIES,
    REPORT_IN_QUEUE_SERIES,
    REPORT_IN_COMPARISONS,
    REPORT_IN_ASSUMPTIONS,
    REPORT_IN_WARNINGS,
    REPORT_IN_ITEMS,
    REPORT_IN_ITEMS_MANY,
    REPORT_IN_SERVING,
    REPORT_IN_LATENCIES,
    REPORT_IN_CLASSES,
    REPORT_IN_POOLS,
    REPORT_IN_ATTAINMENT,
    REPORT_IN_SERVED_COMPARISONS,
    REPORT_IN_JOBS,
    REPORT_IN_JOBS_GROUP,
    REPORT_IN_JOBS_CAUSE,
    REPORT_IN_JOBS_ALLOCATION,
    REPORT_IN_TEAM,
    REPORT_IN_FRAGMENTATION,
    REPORT_IN_BOUGHT,
    REPORT_IN_EXPLAINED,
    REPORT_IN_JOBS_COMPARISONS,
    REPORT_IN_TEAM_WAITS,
    REPORT_IN_JOB_ITEMS,
    REPORT_IN_JOB_ITEMS_MANY,
    REPORT_IN_KERNELS,
    REPORT_TABLES
};

struct report_database {
    struct report_store *store;
    struct sp_arena *arena;
    const struct model_result *result; /* the run added last */
    int64_t *policy_row;               /* by policy id */
    int64_t **workload_row;            /* by policy and workload id */
    struct report_insert *inserts[REPORT_TABLES];
};

struct report_insert *report_database_into(struct report_database *d,
                                           enum report_table t);

void report_database_put_text(struct report_database *d, struct report_insert *to,
                              const char *text);
void report_database_put_stat(struct report_insert *to, struct model_stat stat);

/* The figures of a serving workload whose row is `workload`; its comparisons. */
void report_database_add_serving(struct report_database *d, int64_t workload,
                                 const struct model_serving_result *serving);
void report_database_add_served(struct report_database *d,
                                const struct model_comparison *comparison);

/* The same of a jobs workload. */
void report_database_add_jobs(struct report_database *d, int64_t workload,
                              const struct model_jobs_result *jobs);
void report_database_add_jobs_compared(struct report_database *d,
                                       const struct model_comparison *comparison);

/* What a workload's stages asked of calibrated kernels. */
void report_database_add_kernels(struct report_database *d, int64_t workload,
                                 const struct model_workload_result *w);

/* Teams, free GPUs, what was bought and what befell a job, of the policy whose row is
 * `policy`. */
void report_database_add_shared(struct report_database *d, int64_t policy,
                                const struct model_policy_result *p);

#endif
