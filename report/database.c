/* Opening and closing; rows by tables; what belongs to the run as a whole. */
#include "report/database.h"

#include <stdlib.h>
#include <string.h>

#include "report/database_parts.h"
#include "report/schema.h"

enum { ROWS_PER_SCRATCH = 4096 };

/* ---- rows ---- */

static struct report_insert *insert_into(struct report_database *d,
                                         const struct report_table *t)
{
    int n;
    char *columns;
    const char *into;
    struct report_insert *insert;

    for (int i = d->n_inserts - 1; i >= 0; i--)
        if (d->inserts[i].table == t)
            return d->inserts[i].insert;
    sp_assert(d->n_inserts < REPORT_INSERTS_MAX);
    columns = report_table_columns(t, &n);
    into = sp_arena_printf(
        d->arena, "%s(%s%s%s%s%s)", t->name, t->parent != NULL ? t->parent : "",
        t->parent != NULL ? ", " : "", t->position != NULL ? t->position : "",
        t->position != NULL ? ", " : "", columns);
    free(columns);
    insert = report_store_insert(d->store, into,
                                 n + (t->parent != NULL) + (t->position != NULL), 1);
    d->inserts[d->n_inserts].table = t;
    d->inserts[d->n_inserts++].insert = insert;
    return insert;
}

int64_t report_database_put(struct report_database *d, const struct report_table *t,
                            int64_t parent, int32_t position, const void *record)
{
    struct report_insert *to = insert_into(d, t);

    if (t->parent != NULL && parent != 0)
        report_insert_int(to, parent);
    else if (t->parent != NULL)
        report_insert_null(to);
    if (t->position != NULL)
        report_insert_int(to, position);
    report_columns_put(to, t, record, d->scratch);
    parent = report_insert_done(to);
    if (++d->n_scratch == ROWS_PER_SCRATCH) {
        sp_arena_free(d->scratch);
        d->scratch = sp_arena_new();
        d->n_scratch = 0;
    }
    return parent;
}

void report_database_put_all(struct report_database *d, const struct report_table *t,
                             int64_t parent, const void *records, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        report_database_put(d, t, parent, i,
                            (const char *)records + (size_t)i * t->size);
}

/* ---- comparisons ---- */

static void add_jobs_compared(struct report_database *d,
                              const struct model_comparison *c,
                              const struct model_jobs_comparison *k)
{
    int64_t policy = d->policy_row[c->policy];
    int64_t workload = d->workload_row[c->policy][k->workload];
    struct report_jobs_compared_row row = {workload, *k};

    report_database_put(d, &report_table_jobs_compared, policy, 0, &row);
    for (int32_t t = 0; t < k->n_teams; t++) {
        struct report_team_wait_row wait = {workload, t, k->teams[t]};

        report_database_put(d, &report_table_team_waits, policy, 0, &wait);
    }
}

static void add_comparison(struct report_database *d, const struct model_comparison *c)
{
    int64_t policy = d->policy_row[c->policy];
    struct report_comparison_row row = {d->policy_row[c->baseline], *c};

    report_database_put(d, &report_table_comparisons, policy, 0, &row);
    for (int32_t i = 0; i < c->n_serving; i++) {
        const struct model_serving_comparison *s = &c->serving[i];
        struct report_served_row served = {d->workload_row[c->policy][s->workload], *s};

        report_database_put(d, &report_table_served, policy, 0, &served);
    }
    for (int32_t i = 0; i < c->n_jobs; i++)
        add_jobs_compared(d, c, &c->jobs[i]);
}

/* ---- the run ---- */

static void add_curves(struct report_database *d, int64_t run)
{
    const struct model_result *r = d->result;
    int32_t position = 0;

    report_database_put_all(d, &report_table_curves, run, r->curves, r->n_curves);
    for (int32_t i = 0; i < r->n_curves; i++)
        for (int32_t k = 0; k < r->curves[i].n; k++) {
            struct report_kernel_point_row row = {i, r->curves[i].points[k]};

            report_database_put(d, &report_table_kernel_points, run, position++, &row);
        }
}

static void add_notes(struct report_database *d, int64_t run)
{
    const struct model_result *r = d->result;

    report_database_put_all(d, &report_table_files, run, r->files, r->n_files);
    report_database_put_all(d, &report_table_inputs, run, r->inputs, r->n_inputs);
    report_database_put_all(d, &report_table_assumptions, run, r->assumptions,
                            r->n_assumptions);
    for (int32_t i = 0; i < r->n_warnings; i++) {
        struct report_warning_row row = {r->warnings[i]};

        report_database_put(d, &report_table_warnings, run, i, &row);
    }
    report_database_put_all(d, &report_table_calibrations, run, r->calibrations,
                            r->n_calibrations);
    add_curves(d, run);
}

int64_t report_database_add_run(struct report_database *d, const struct model_result *r,
                                const char *created_at)
{
    struct report_run_row row = {.created_at = created_at, .r = *r};
    int64_t run;

    d->result = r;
    d->policy_row = sp_arena_array(d->arena, (size_t)r->n_policies, sizeof(int64_t));
    d->workload_row =
        sp_arena_array(d->arena, (size_t)r->n_policies, sizeof(int64_t *));
    run = report_database_put(d, &report_table_runs, 0, 0, &row);
    for (int32_t i = 0; i < r->n_policies; i++)
        report_database_add_policy(d, run, i);
    for (int32_t i = 0; i < r->n_comparisons; i++)
        add_comparison(d, &r->comparisons[i]);
    add_notes(d, run);
    return run;
}

/* ---- opening and closing ---- */

enum sp_status report_database_check(const char *path, struct sp_err *err)
{
    return report_store_check(path, &report_schema, err);
}

enum sp_status report_database_open(const char *path, struct report_database **database,
                                    struct sp_err *err)
{
    struct report_store *store = NULL;
    enum sp_status status = report_store_open(path, &report_schema, &store, err);

    if (status != SP_OK)
        return status;
    *database = sp_xcalloc(1, sizeof **database);
    (*database)->store = store;
    (*database)->arena = sp_arena_new();
    (*database)->scratch = sp_arena_new();
    return SP_OK;
}

enum sp_status report_database_close(struct report_database *d, enum sp_status status,
                                     struct sp_err *err)
{
    status = report_store_close(d->store, status, err);
    sp_arena_free(d->scratch);
    sp_arena_free(d->arena);
    free(d);
    return status;
}

enum sp_status report_database_write(const char *path,
                                     const struct model_result *result,
                                     const char *created_at, struct sp_err *err)
{
    struct report_database *d = NULL;
    enum sp_status status = report_database_open(path, &d, err);

    if (status != SP_OK)
        return status;
    report_database_add_run(d, result, created_at);
    return report_database_close(d, SP_OK, err);
}
