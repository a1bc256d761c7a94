/* report/database_read.h: what is read back is what was written, to the byte; nothing
 * in a file is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/database.h"
#include "report/database_read.h"
#include "report/json.h"
#include "report/tables.h"
#include "report/tables_sweep.h"
#include "report/terminal.h"
#include "report/workbook.h"
#include "tests/database_help.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

#define N_OF(array) (sizeof(array) / sizeof(array)[0])
#define STAMP       "2026-11-22T10:00:00Z"
enum { STAMP_S = 1795341600 };

static void write_result(struct help_place *p, const struct model_result *r)
{
    struct sp_err err = {0};

    if (report_database_write(p->path, r, STAMP, &err) != SP_OK)
        fail_msg("%s", err.text);
}

static struct report_context *read_back(struct help_place *p, int64_t run)
{
    struct report_context *c = NULL;
    struct sp_err err = {0};

    if (report_database_read(p->path, run, p->arena, &c, &err) != SP_OK)
        fail_msg("%s", err.text);
    return c;
}

/* ---- to the byte ---- */

static char *json_of(struct help_place *p, const struct model_result *r)
{
    const char *path = help_path(p->arena, p->folder, "result.json");

    assert_int_equal(report_json_write(path, r, NULL), SP_OK);
    return help_file_read(p->arena, path, NULL);
}

static char *text_of(struct help_place *p, const struct model_result *r)
{
    char *text = NULL, *copy;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(
        report_terminal_print(
            out, r, &(struct report_terminal_options){.assumptions = 1}, NULL),
        SP_OK);
    fclose(out);
    copy = sp_arena_strdup(p->arena, text);
    free(text);
    return copy;
}

static char *workbook_of(struct help_place *p, const struct model_result *r,
                         int64_t created, size_t *size)
{
    const char *path = help_path(p->arena, p->folder, "result.xlsx");
    const struct report_context c = {.result = r, .created_s = created};

    assert_int_equal(report_workbook_write(path, &c, NULL), SP_OK);
    return help_file_read(p->arena, path, size);
}

/* Valid UTF-8, as all that a scenario can say. */
#define HOSTILE                                                                        \
    "=cmd|'/C calc'!A0 \"'; DROP TABLE "                                               \
    "runs;--\n\t<script>\xe2\x80\xae\xf0\x9f\x92\xa5"

static const struct fixture_options round_rows[] = {
    {0},
    {.n_runs = 5},
    {.n_policies = 9},
    {.n_policies = 1},
    {.no_price = true},
    {.deadlock = true},
    {.partial = true},
    {.empty = true},
    {.serving = true, .n_runs = 3},
    {.serving = true, .no_slo = true},
    {.jobs = true, .explained = "12:00:00 arrives"},
    {.jobs = true, .endless = true, .n_runs = 2},
    {.jobs = true, .n_teams = 1},
    {.kernels = true},
    {.name = HOSTILE},
    {.name = HOSTILE, .jobs = true},
    {.name = HOSTILE, .serving = true},
};

static void assert_alike(size_t row, const char *is, const char *was)
{
    size_t at = 0;

    while (is[at] != '\0' && is[at] == was[at])
        at++;
    if (is[at] != was[at])
        fail_msg("row %zu, byte %zu: \"%.200s\", expected \"%.200s\"", row, at, is + at,
                 was + at);
}

static void reports_of_a_stored_run_have_the_same_bytes(void **state)
{
    struct help_place *p = *state;

    for (size_t i = 0; i < N_OF(round_rows); i++) {
        struct model_result *r = fixture_result_new(p->arena, &round_rows[i]);
        struct report_context *c;
        size_t was_size, is_size;
        char *was, *is;

        for (int32_t k = 0; k < r->n_policies; k++)
            if (!r->policies[k].cost.known) { /* as the simulator leaves it */
                r->policies[k].cost.n_lines = 0;
                r->policies[k].cost.floor_usd = model_stat_one(NAN);
            }
        write_result(p, r);
        c = read_back(p, (int64_t)i + 1);
        assert_int_equal(c->created_s, STAMP_S);
        assert_alike(i, json_of(p, c->result), json_of(p, r));
        assert_alike(i, text_of(p, c->result), text_of(p, r));
        was = workbook_of(p, r, STAMP_S, &was_size);
        is = workbook_of(p, c->result, c->created_s, &is_size);
        assert_int_equal(is_size, was_size);
        assert_memory_equal(is, was, was_size);
    }
}

/* ---- every member ---- */

/* A value of its own for each member that has a column. */
static void fill(struct sp_arena *arena, const struct report_table *t, void *record,
                 int32_t *next)
{
    for (int32_t i = 0; i < t->n; i++) {
        const struct report_column *c = &t->columns[i];
        char *at = (char *)record + c->at;
        int64_t i64 = *next;
        int32_t i32 = *next;
        double real = *next + 0.1;
        const char *text = sp_arena_printf(arena, "t%d", (int)*next);
        sp_i128 wide = (sp_i128)1000000007 * 1000000007 * 1000003 * *next;

        *next += 12;
        switch (c->kind) {
        case REPORT_TEXT:
        case REPORT_TEXT_NULL:
        case REPORT_TEXT_EMPTY:
            memcpy(at, &text, sizeof text);
            break;
        case REPORT_COUNT32:
        case REPORT_ID32:
            memcpy(at, &i32, sizeof i32);
            break;
        case REPORT_BOOL:
            *(bool *)(void *)at = true;
            break;
        case REPORT_REAL:
            memcpy(at, &real, sizeof real);
            break;
        case REPORT_STAT:
            memcpy(at, &(struct model_stat){real, real + 1}, sizeof(struct model_stat));
            break;
        case REPORT_TIMES:
            memcpy(at,
                   &(struct model_times){i64,
                                         {real, real + 1},
                                         {real + 2, NAN},
                                         {real + 3, real + 4},
                                         {real + 5, real + 6},
                                         {real + 7, real + 8},
                                         MODEL_INTERVAL_NONE,
                                         MODEL_INTERVAL_NONE},
                   sizeof(struct model_times));
            break;
        case REPORT_WIDE:
            memcpy(at, &wide, sizeof wide);
            break;
        case REPORT_NAME:
        case REPORT_NAME_NULL:
            i32 = c->names->n - 1;
            memcpy(at, &i32, sizeof i32);
            break;
        default:
            memcpy(at, &i64, sizeof i64);
        }
    }
}

static bool same_member(const struct report_column *c, const char *a, const char *b)
{
    static const size_t sizes[] = {
        [REPORT_COUNT32] = 4, [REPORT_ID32] = 4,
        [REPORT_NAME] = 4,    [REPORT_NAME_NULL] = 4,
        [REPORT_COUNT64] = 8, [REPORT_ID64] = 8,
        [REPORT_INT64] = 8,   [REPORT_LIMIT64] = 8,
        [REPORT_UUSD] = 8,    [REPORT_WORD64] = 8,
        [REPORT_HEX64] = 8,   [REPORT_HEX64_NULL] = 8,
        [REPORT_BOOL] = 1,    [REPORT_REAL] = 8,
        [REPORT_STAT] = 16,   [REPORT_TIMES] = sizeof(struct model_times),
        [REPORT_WIDE] = 16,
    };
    const char *x, *y;

    if (c->kind == REPORT_TEXT || c->kind == REPORT_TEXT_NULL ||
        c->kind == REPORT_TEXT_EMPTY) {
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return strcmp(x, y) == 0;
    }
    if (c->kind == REPORT_TIMES) { /* one NaN is in it */
        const struct model_times *s = (const void *)a, *t = (const void *)b;

        return s->count == t->count && s->mean_s.half95 == t->mean_s.half95 &&
               isnan(t->p50_s.half95) && s->p50_s.mean == t->p50_s.mean &&
               s->p99_s.half95 == t->p99_s.half95 && s->max_s.mean == t->max_s.mean;
    }
    return memcmp(a, b, sizes[c->kind]) == 0;
}

static void assert_same(const struct report_table *t, const void *a, const void *b)
{
    for (int32_t i = 0; i < t->n; i++)
        if (!same_member(&t->columns[i], (const char *)a + t->columns[i].at,
                         (const char *)b + t->columns[i].at))
            fail_msg("%s.%s is read back otherwise", t->name, t->columns[i].name);
}

/* Arrays of what the simulator fills and no fixture has, ids in range. */
static struct model_result *full_result(struct sp_arena *arena, int32_t *next)
{
    struct model_result *r =
        fixture_result_new(arena, &(struct fixture_options){.kernels = true});
    struct model_policy_result *p = &r->policies[0];
    struct model_timeline *t = &p->timeline;
    struct model_workload_result *w = &p->workloads[0];
    struct model_kernel_curve *curves = sp_arena_array(arena, 2, sizeof *curves);
    struct model_calibration *calibrations =
        sp_arena_array(arena, 2, sizeof *calibrations);

    for (int i = 0; i < p->n_nodes; i++)
        fill(arena, &report_table_nodes, &p->nodes[i], next);
    p->cost.cells = sp_arena_array(arena, 2, sizeof *p->cost.cells);
    p->cost.n_cells = 2;
    for (int i = 0; i < 2; i++) {
        fill(arena, &report_table_cells, &p->cost.cells[i], next);
        p->cost.cells[i].node = 0;
    }
    p->cost.cells[0].uusd = p->cost.uusd - p->cost.cells[1].uusd;
    p->cost.cells[1].resource = MODEL_RESOURCES;
    p->cost.floor_usd = (struct model_stat){1.25, 0.5};
    w->cdfs = sp_arena_array(arena, 2, sizeof *w->cdfs);
    w->n_cdfs = 2;
    w->cdfs[0] =
        (struct model_cdf){"latency", 2, (double[]){0.1, 0.3}, (double[]){0.5, 1}};
    w->cdfs[0].s = sp_arena_array(arena, 2, 8);
    w->cdfs[0].frac = sp_arena_array(arena, 2, 8);
    w->cdfs[0].s[0] = 0.1, w->cdfs[0].s[1] = 0.3;
    w->cdfs[0].frac[0] = 0.5, w->cdfs[0].frac[1] = 1;
    w->cdfs[1] = (struct model_cdf){.what = "queue"};
    t->n_leases = t->n_slices = t->n_links = 2;
    t->leases = sp_arena_array(arena, 2, sizeof *t->leases);
    t->slices = sp_arena_array(arena, 2, sizeof *t->slices);
    t->links = sp_arena_array(arena, 2, sizeof *t->links);
    t->all_leases = 20, t->all_slices = 30;
    t->sample = "nodes 0, 8, 16, ...: 1 in 8";
    for (int i = 0; i < 2; i++) {
        fill(arena, &report_table_leases, &t->leases[i], next);
        t->leases[i].use = 0;
        fill(arena, &report_table_slices, &t->slices[i], next);
        t->slices[i].lease = 1 - i;
        t->slices[i].workload = 0;
        t->slices[i].stage = i - 1;
        t->links[i] = (struct model_slice_link){i, 1 - i};
        fill(arena, &report_table_curves, &curves[i], next);
        fill(arena, &report_table_calibrations, &calibrations[i], next);
    }
    t->leases[1].ready_ns = -1;
    curves[1].points = sp_arena_array(arena, 1, sizeof *curves[1].points);
    curves[1].n = 1;
    curves[1].points[0] = (struct model_kernel_point){1.5, 0.25, 0.125, 0.5, true};
    r->n_curves = r->n_calibrations = 2;
    r->curves = curves;
    r->calibrations = calibrations;
    fill(arena, &report_table_stages, &w->stages[0], next);
    fill(arena, &report_table_kernels, &w->kernels[0], next);
    return r;
}

static void every_member_comes_back(void **state)
{
    struct help_place *p = *state;
    int32_t next = 5;
    struct model_result *r = full_result(p->arena, &next);
    const struct model_result *b;
    struct model_policy_result *x = &r->policies[0], *y;

    write_result(p, r);
    b = read_back(p, 0)->result;
    y = &b->policies[0];
    assert_string_equal(json_of(p, b), json_of(p, r));
    for (int i = 0; i < 2; i++) {
        assert_same(&report_table_cells, &x->cost.cells[i], &y->cost.cells[i]);
        assert_same(&report_table_leases, &x->timeline.leases[i],
                    &y->timeline.leases[i]);
        assert_same(&report_table_slices, &x->timeline.slices[i],
                    &y->timeline.slices[i]);
        assert_same(&report_table_links, &x->timeline.links[i], &y->timeline.links[i]);
        assert_same(&report_table_curves, &r->curves[i], &b->curves[i]);
        assert_same(&report_table_calibrations, &r->calibrations[i],
                    &b->calibrations[i]);
    }
    assert_same(&report_table_nodes, &x->nodes[0], &y->nodes[0]);
    assert_same(&report_table_stages, &x->workloads[0].stages[0],
                &y->workloads[0].stages[0]);
    assert_same(&report_table_kernels, &x->workloads[0].kernels[0],
                &y->workloads[0].kernels[0]);
    assert_int_equal(b->n_curves, 2);
    assert_int_equal(b->curves[0].n, 0);
    assert_true(b->curves[1].points[0].fitted_s == 0.5);
    assert_int_equal(y->workloads[0].n_cdfs, 2);
    assert_int_equal(y->workloads[0].cdfs[1].n, 0);
    assert_true(y->workloads[0].cdfs[0].s[1] == 0.3);
    assert_int_equal(y->timeline.n_links, 2);
    assert_string_equal(y->timeline.sample, x->timeline.sample);
}

/* Members that are arrays, or rows of a table of their own. */
struct hole {
    size_t at, size;
};
#define HOLE(record, member)                                                           \
    {                                                                                  \
        offsetof(struct record, member), sizeof((const struct record *)NULL)->member   \
    }

/* Padding between two members of which the second has 128 bits. */
#define AFTER(record, member, next)                                                    \
    {                                                                                  \
        offsetof(struct record, member) + sizeof((const struct record *)NULL)->member, \
            offsetof(struct record, next) - offsetof(struct record, member) -          \
                sizeof((const struct record *)NULL)->member                            \
    }

static size_t kind_size(enum report_kind kind)
{
    switch (kind) {
    case REPORT_COUNT32:
    case REPORT_ID32:
    case REPORT_NAME:
    case REPORT_NAME_NULL:
        return 4;
    case REPORT_BOOL:
        return 1;
    case REPORT_STAT:
    case REPORT_WIDE:
        return 16;
    case REPORT_TIMES:
        return sizeof(struct model_times);
    default:
        return 8;
    }
}

/* Bytes that neither a column nor a hole has, but for padding: less than eight in a row
 * up to a multiple of four. */
static void check_covered(const struct report_table *t, size_t size,
                          const struct hole *holes, size_t n)
{
    static char covered[4096];
    size_t bare = 0;

    assert_true(size <= sizeof covered);
    memset(covered, 0, sizeof covered);
    for (int32_t i = 0; i < t->n; i++)
        memset(covered + t->columns[i].at, 1, kind_size(t->columns[i].kind));
    for (size_t i = 0; i < n; i++)
        memset(covered + holes[i].at, 1, holes[i].size);
    for (size_t i = 0; i < size; i++) {
        bare = covered[i] ? 0 : bare + 1;
        if (bare > 7 && !(i == size - 1 && size % 16 == 0 && bare == 8))
            fail_msg("%s: no column holds what is at byte %zu", t->name, i);
    }
}

static void no_member_is_without_a_column(void **state)
{
    static const struct hole run[] = {
        HOLE(report_run_row, r.n_files),       HOLE(report_run_row, r.files),
        HOLE(report_run_row, r.n_inputs),      HOLE(report_run_row, r.inputs),
        HOLE(report_run_row, r.n_curves),      HOLE(report_run_row, r.n_calibrations),
        HOLE(report_run_row, r.calibrations),  HOLE(report_run_row, r.curves),
        HOLE(report_run_row, r.n_policies),    HOLE(report_run_row, r.policies),
        HOLE(report_run_row, r.n_comparisons), HOLE(report_run_row, r.comparisons),
        HOLE(report_run_row, r.n_assumptions), HOLE(report_run_row, r.assumptions),
        HOLE(report_run_row, r.n_warnings),    HOLE(report_run_row, r.warnings),
    };
    static const struct hole policy[] = {
        HOLE(model_policy_result, same_kernels),
        HOLE(model_policy_result, n_nodes),
        HOLE(model_policy_result, nodes),
        HOLE(model_policy_result, resources),
        HOLE(model_policy_result, ledger),
        AFTER(model_policy_result, resources, ledger),
        HOLE(model_policy_result, n_workloads),
        HOLE(model_policy_result, workloads),
        HOLE(model_policy_result, cost.n_lines),
        HOLE(model_policy_result, cost.lines),
        HOLE(model_policy_result, cost.n_cells),
        HOLE(model_policy_result, cost.cells),
        HOLE(model_policy_result, n_teams),
        HOLE(model_policy_result, teams),
        HOLE(model_policy_result, fragmentation),
        HOLE(model_policy_result, n_bought),
        HOLE(model_policy_result, bought),
        HOLE(model_policy_result, explained),
        HOLE(model_policy_result, series.n),
        HOLE(model_policy_result, series.provisioned),
        HOLE(model_policy_result, series.allocated),
        HOLE(model_policy_result, series.busy),
        HOLE(model_policy_result, series.stranded),
        HOLE(model_policy_result, series.queued),
        HOLE(model_policy_result, timeline.n_leases),
        HOLE(model_policy_result, timeline.n_slices),
        HOLE(model_policy_result, timeline.n_links),
        HOLE(model_policy_result, timeline.leases),
        HOLE(model_policy_result, timeline.slices),
        HOLE(model_policy_result, timeline.links),
    };
    static const struct hole workload[] = {
        HOLE(model_workload_result, serving),   HOLE(model_workload_result, jobs),
        HOLE(model_workload_result, n_stages),  HOLE(model_workload_result, stages),
        HOLE(model_workload_result, n_kernels), HOLE(model_workload_result, kernels),
        HOLE(model_workload_result, n_cdfs),    HOLE(model_workload_result, cdfs),
    };
    static const struct hole serving[] = {
        HOLE(model_serving_result, ttft),      HOLE(model_serving_result, tpot),
        HOLE(model_serving_result, itl),       HOLE(model_serving_result, e2e),
        HOLE(model_serving_result, queue),     HOLE(model_serving_result, transfer),
        HOLE(model_serving_result, held_back), HOLE(model_serving_result, n_classes),
        HOLE(model_serving_result, classes),   HOLE(model_serving_result, n_pools),
        HOLE(model_serving_result, pools),     HOLE(model_serving_result, n_buckets),
        HOLE(model_serving_result, finished),  HOLE(model_serving_result, met),
    };
    static const struct hole classes[] = {
        HOLE(report_class_row, c.ttft),
        HOLE(report_class_row, c.tpot),
        HOLE(report_class_row, c.e2e),
    };
    static const struct hole pool[] = {HOLE(model_serving_pool, gpu)};
    static const struct hole jobs[] = {
        HOLE(model_jobs_result, n_groups), HOLE(model_jobs_result, groups),
        HOLE(model_jobs_result, n_teams),  HOLE(model_jobs_result, n_sizes),
        HOLE(model_jobs_result, curve),
    };
    static const struct hole group[] = {HOLE(report_group_row, g.wait_frac)};
    static const struct hole curve[] = {
        HOLE(model_kernel_curve, n),
        HOLE(model_kernel_curve, points),
    };
    static const struct hole comparison[] = {
        HOLE(report_comparison_row, c.policy),
        HOLE(report_comparison_row, c.baseline),
        HOLE(report_comparison_row, c.n_serving),
        HOLE(report_comparison_row, c.serving),
        HOLE(report_comparison_row, c.n_jobs),
        HOLE(report_comparison_row, c.jobs),
    };
    static const struct hole served[] = {HOLE(report_served_row, c.workload)};
    static const struct hole jobs_compared[] = {
        HOLE(report_jobs_compared_row, c.workload),
        HOLE(report_jobs_compared_row, c.n_teams),
        HOLE(report_jobs_compared_row, c.teams),
    };
    static const struct hole resource[] = {AFTER(report_resource_row, use, ledger)};
    static const struct hole sweep[] = {
        HOLE(report_sweep_row, s.n_files),     HOLE(report_sweep_row, s.files),
        HOLE(report_sweep_row, s.n_sets),      HOLE(report_sweep_row, s.sets),
        HOLE(report_sweep_row, s.n_axes),      HOLE(report_sweep_row, s.axes),
        HOLE(report_sweep_row, s.n_policies),  HOLE(report_sweep_row, s.policies),
        HOLE(report_sweep_row, s.n_workloads), HOLE(report_sweep_row, s.workloads),
    };
    static const struct hole sweep_axis[] = {
        HOLE(model_axis, n),
        HOLE(model_axis, values),
        HOLE(model_axis, numbers),
    };
    static const struct hole sweep_run[] = {
        HOLE(report_sweep_run_row, figures.end),
        HOLE(report_sweep_run_row, figures.refused), /* in `dropped` of its workload */
    };
#define BY(table, holes)                                                               \
    {                                                                                  \
        &report_table_##table, holes, N_OF(holes)                                      \
    }
    static const struct {
        const struct report_table *table;
        const struct hole *holes;
        size_t n;
    } rows[] = {
        BY(runs, run),
        BY(policies, policy),
        BY(workloads, workload),
        BY(serving, serving),
        BY(classes, classes),
        BY(pools, pool),
        BY(jobs, jobs),
        BY(groups, group),
        BY(curves, curve),
        BY(comparisons, comparison),
        BY(resources, resource),
        BY(served, served),
        BY(jobs_compared, jobs_compared),
        BY(sweeps, sweep),
        BY(sweep_axes, sweep_axis),
        BY(sweep_runs, sweep_run),
    };
    int n_tables = 0;

    (void)state;
    while (report_tables[n_tables] != NULL)
        n_tables++;
    for (int i = 0; i < n_tables || report_sweep_tables[i - n_tables] != NULL; i++) {
        const struct report_table *t =
            i < n_tables ? report_tables[i] : report_sweep_tables[i - n_tables];
        const struct hole *holes = NULL;
        size_t n = 0;

        for (size_t k = 0; k < N_OF(rows); k++)
            if (rows[k].table == t)
                holes = rows[k].holes, n = rows[k].n;
        check_covered(t, t->size, holes, n);
    }
}

/* ---- older versions ---- */

static void older_databases_are_read_and_stay_as_they_are(void **state)
{
    static const struct {
        int32_t version;
        struct fixture_options options;
    } rows[] = {
        {5, {.jobs = true}},     {5, {0}},
        {4, {.kernels = true}},  {4, {.jobs = true}},
        {4, {.serving = true}},  {3, {.jobs = true}},
        {2, {.serving = true}},  {1, {0}},
        {1, {.no_price = true}},
    };
    struct help_place *p = *state;

    for (size_t i = 0; i < N_OF(rows); i++) {
        const struct model_result *r = fixture_result_new(p->arena, &rows[i].options);
        const struct model_result *b;
        size_t before, after;
        char *was, *is;

        unlink(p->path);
        write_result(p, r);
        help_database_age(p->arena, p->path, rows[i].version);
        was = help_file_read(p->arena, p->path, &before);
        b = read_back(p, 0)->result;
        is = help_file_read(p->arena, p->path, &after);
        assert_int_equal(before, after);
        assert_memory_equal(was, is, after);
        assert_int_equal(help_folder_count(p->folder), 1);
        assert_int_equal(b->policies[0].cost.known, r->policies[0].cost.known);
        if (b->policies[0].cost.known)
            assert_true(b->policies[0].cost.uusd == r->policies[0].cost.uusd);
        assert_true(b->policies[1].ledger[0].busy == r->policies[1].ledger[0].busy);
        assert_true(b->policies[0].series.bucket_s == r->policies[0].series.bucket_s);
        assert_int_equal(b->baseline, r->baseline);
        if (rows[i].version < 5) { /* which brought these */
            assert_int_equal(b->policies[0].cost.n_cells, 0);
            assert_true(isnan(b->policies[0].cost.floor_usd.mean));
        }
        assert_non_null(strstr(text_of(p, b), r->policies[1].name));
        json_of(p, b);
        workbook_of(p, b, 0, NULL);
        unlink(help_path(p->arena, p->folder, "result.json"));
        unlink(help_path(p->arena, p->folder, "result.xlsx"));
    }
}

/* ---- which run ---- */

static void a_run_is_chosen_by_its_number(void **state)
{
    struct help_place *p = *state;
    struct report_stored_run *runs;
    int32_t n;

    write_result(p, fixture_result_new(p->arena, &(struct fixture_options){0}));
    write_result(p,
                 fixture_result_new(p->arena, &(struct fixture_options){.jobs = true}));
    write_result(p,
                 fixture_result_new(p->arena, &(struct fixture_options){.n_runs = 4}));
    assert_int_equal(report_database_runs(p->path, p->arena, &runs, &n, NULL), SP_OK);
    assert_int_equal(n, 3);
    assert_int_equal(runs[2].n_runs, 4);
    assert_string_equal(runs[0].created_at, STAMP);
    assert_null(read_back(p, 1)->result->policies[0].workloads[0].jobs);
    assert_non_null(read_back(p, 2)->result->policies[0].workloads[0].jobs);
    assert_int_equal(read_back(p, 0)->result->n_runs, 4);
    assert_int_equal(help_folder_count(p->folder), 1);
}

static void other_runs_are_told_with_what_they_have_otherwise(void **state)
{
    struct help_place *p = *state;
    struct model_result *r =
        fixture_result_new(p->arena, &(struct fixture_options){.n_runs = 2});
    struct model_input *inputs = sp_arena_array(p->arena, 13, sizeof *inputs);
    struct report_context *c;

    for (int i = 0; i < 13; i++)
        inputs[i] = (struct model_input){.group = "fleet",
                                         .name = sp_arena_printf(p->arena, "k%d", i),
                                         .number = i,
                                         .unit = "USD/h",
                                         .basis = "assumed",
                                         .source = "",
                                         .date = "",
                                         .used_by = "all policies"};
    inputs[12].group = "run"; /* never counted */
    inputs[12].name = "seed";
    r->inputs = inputs;
    r->n_inputs = 13;
    write_result(p, r);
    inputs[12].number = 99;
    inputs[3].number = 30; /* run 2: one number otherwise */
    write_result(p, r);
    for (int i = 0; i < 12; i++)
        inputs[i].number = 100 + i; /* run 3: too much is */
    write_result(p, r);
    for (int i = 0; i < 12; i++)
        inputs[i].number = i;
    inputs[11].number = NAN; /* run 4: a text, and one is missing */
    inputs[11].text = "none";
    inputs[0].name = "new";
    write_result(p, r);
    c = read_back(p, 1);
    assert_int_equal(c->n_others, 2);
    assert_int_equal(c->others[0].run, 2);
    assert_int_equal(c->others[0].n_changes, 1);
    assert_string_equal(c->others[0].changes[0].name, "k3");
    assert_true(c->others[0].changes[0].here == 3 &&
                c->others[0].changes[0].there == 30);
    assert_string_equal(c->others[0].changes[0].unit, "USD/h");
    assert_true(c->others[0].usd[1].mean == r->policies[1].cost.usd.mean);
    assert_true(c->others[0].usd[1].half95 == r->policies[1].cost.usd.half95);
    assert_true(c->others[0].time_s[0].mean == r->policies[0].time_s.mean);
    assert_int_equal(c->others[1].run, 4);
    assert_int_equal(c->others[1].n_changes, 3);
    assert_string_equal(c->others[1].changes[0].name, "k0");
    assert_true(isnan(c->others[1].changes[0].there));
    assert_string_equal(c->others[1].changes[1].name, "k11");
    assert_string_equal(c->others[1].changes[1].there_text, "none");
    assert_string_equal(c->others[1].changes[2].name, "new");
    assert_true(isnan(c->others[1].changes[2].here));
}

/* ---- what is refused ---- */

static void check_refused(struct help_place *p, int64_t run, const char *why)
{
    struct report_context *c = NULL;
    struct sp_err err = {0};

    assert_int_equal(report_database_read(p->path, run, p->arena, &c, &err), SP_EINPUT);
    assert_null(c);
    if (strstr(err.text, why) == NULL || strstr(err.text, p->path) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void what_makes_no_sense_is_named(void **state)
{
    static const struct {
        const char *sql, *why;
        int64_t run;
    } rows[] = {
        {"", "has no run 7, expected the only one, 1", 7},
        {"PRAGMA user_version=7", "of version 7, expected 1 to 6", 0},
        {"PRAGMA application_id=77", "of another application", 0},
        {"DELETE FROM runs", "holds no run, expected one of 'stageplan run --db'", 0},
        {"UPDATE runs SET created_at='yesterday'", "table runs: column created_at", 0},
        {"UPDATE runs SET baseline=2",
         "table runs: column baseline: found 2, expected -1 to 1", 0},
        {"DELETE FROM policies", "table policies: run 1 has none", 0},
        {"UPDATE policies SET gpu_nodes_peak=-4",
         "table policies: column gpu_nodes_peak: found '-4', expected a whole number "
         "from 0 to 2147483647",
         0},
        {"UPDATE policies SET \"end\"='never'", "column end: found the text 'never'",
         0},
        {"UPDATE policies SET position=position+5",
         "table policies: column position: found '5', expected a whole number from 0 "
         "to "
         "0",
         0},
        {"UPDATE policies SET uusd=uusd+1",
         "table cost_lines: policy 'monolithic': the rows do not add up", 0},
        {"UPDATE policies SET series_bucket_s=-1",
         "series_bucket_s: found -1, expected more than 0", 0},
        {"DELETE FROM resources WHERE resource='gpu'",
         "table resources: found 2 rows of policy 'monolithic', expected 3", 0},
        {"UPDATE resources SET ledger_busy='1e9'",
         "column ledger_busy: found the text '1e9', expected a whole number of at most "
         "37 digits",
         0},
        {"DELETE FROM series WHERE bucket=3", "table series: found", 0},
        {"UPDATE series SET bucket=bucket+1 WHERE bucket=39",
         "table series: column "
         "bucket: found 40",
         0},
        {"UPDATE inputs SET xxh64='xyz'", "expected 16 hexadecimal digits", 0},
        {"UPDATE comparisons SET baseline_id=9", "expected a policy of the run", 0},
        {"UPDATE workloads SET bound_stage=99", "column bound_stage: found 99", 0},
        {"INSERT INTO leases VALUES(1,0,0,77,0,0,0,'')",
         "table leases: column node_use: found 77", 0},
        {"INSERT INTO slices VALUES(1,0,5,0,0,-1,'job',NULL,0,0,0,-1)",
         "table slices: column lease: found 5", 0},
        {"INSERT INTO slice_links VALUES(1,0,5,6)",
         "table slice_links: column from_slice: found 5", 0},
        {"INSERT INTO cdf_points VALUES(1,0,3,0.5,1)",
         "table cdf_points: column cdf: found 3", 0},
        {"DROP TABLE cost_cells", "table cost_cells: there is none", 0},
        {"DROP TABLE nodes; CREATE VIEW nodes AS SELECT * FROM stages",
         "table nodes: there is none, expected the table", 0},
    };
    struct help_place *p = *state;
    size_t size;
    char *good;

    write_result(p, fixture_result_new(p->arena, &(struct fixture_options){0}));
    good = help_file_read(p->arena, p->path, &size);
    for (size_t i = 0; i < N_OF(rows); i++) {
        help_file_write(p->path, good, size);
        help_database_change(p->path, rows[i].sql);
        check_refused(p, rows[i].run, rows[i].why);
    }
    help_file_write(p->path, "", 0);
    check_refused(p, 0, "is empty, expected a stageplan database");
    help_file_write(p->path,
                    "not a database, but long enough to be read as one: "
                    "................................................."
                    ".................",
                    117);
    check_refused(p, 0, "is no SQLite database");
    unlink(p->path);
    check_refused(p, 0, "can't be opened");
}

static void a_folder_that_cannot_be_written_is_no_hindrance(void **state)
{
    struct help_place *p = *state;

    write_result(p, fixture_result_new(p->arena, &(struct fixture_options){0}));
    assert_int_equal(chmod(p->path, 0400), 0);
    assert_int_equal(chmod(p->folder, 0500), 0);
    read_back(p, 0);
    assert_int_equal(chmod(p->folder, 0700), 0);
    assert_int_equal(help_folder_count(p->folder), 1);
}

/* ---- damage, column by column ---- */

/* Reads and reports; whatever happens, it is an error or a report. */
static void survive(struct help_place *p)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = NULL;
    struct sp_err err = {0};
    enum sp_status s = report_database_read(p->path, 0, arena, &c, &err);
    FILE *null = fopen("/dev/null", "w");

    if (s == SP_OK) {
        assert_int_equal(report_terminal_print(null, c->result,
                                               &(struct report_terminal_options){0},
                                               NULL),
                         SP_OK);
        assert_int_equal(report_json_write(help_path(arena, p->folder, "damaged.json"),
                                           c->result, NULL),
                         SP_OK);
    } else {
        assert_true(s == SP_EINPUT || s == SP_EIO);
        if (strstr(err.text, p->path) == NULL)
            fail_msg("\"%s\" does not name the file", err.text);
    }
    fclose(null);
    sp_arena_free(arena);
}

/* The same rows in tables without any constraint. */
static void loosen(struct help_place *p)
{
    int32_t n;
    const char **columns = help_database_columns(p->arena, p->path, &n);
    const char *table = "";
    char *sql = sp_arena_strdup(p->arena, "PRAGMA foreign_keys=OFF;"
                                          "PRAGMA legacy_alter_table=ON;");

    for (int32_t i = 0; i < n; i++) {
        const char *name = sp_arena_printf(p->arena, "%.*s",
                                           (int)strcspn(columns[i], "."), columns[i]);

        if (strcmp(name, table) == 0)
            continue;
        table = name;
        sql = sp_arena_printf(p->arena,
                              "%sCREATE TABLE loose AS SELECT * FROM %s; DROP TABLE %s;"
                              "ALTER TABLE loose RENAME TO %s;",
                              sql, table, table, table);
    }
    help_database_change(p->path, sql);
}

static void damage_all(struct help_place *p, const struct fixture_options *options,
                       int step)
{
    static const char *const values[] = {"NULL",  "'x'",    "-1", "9223372036854775807",
                                         "1e308", "x'00ff'"};
    int32_t n;
    const char **columns;
    size_t size;
    char *good;

    unlink(p->path);
    write_result(p, fixture_result_new(p->arena, options));
    loosen(p);
    columns = help_database_columns(p->arena, p->path, &n);
    assert_true(n > 400);
    good = help_file_read(p->arena, p->path, &size);
    for (int32_t i = 0; i < n; i++)
        for (size_t v = (size_t)(i % step); v < N_OF(values); v += (size_t)step) {
            int table = (int)strcspn(columns[i], ".");

            help_file_write(p->path, good, size);
            help_database_change(
                p->path,
                sp_arena_printf(p->arena,
                                "PRAGMA synchronous=OFF; PRAGMA journal_mode="
                                "MEMORY; UPDATE %.*s SET \"%s\"=%s",
                                table, columns[i], columns[i] + table + 1, values[v]));
            survive(p);
        }
}

/* Each column has each value in one of the three. */
static void no_value_of_a_column_crashes(void **state)
{
    damage_all(*state, &(struct fixture_options){.kernels = true}, 3);
    damage_all(*state, &(struct fixture_options){.serving = true}, 3);
    damage_all(*state, &(struct fixture_options){.jobs = true, .explained = "x"}, 3);
}

static void no_missing_row_crashes(void **state)
{
    struct help_place *p = *state;
    size_t size;
    char *good;

    write_result(p,
                 fixture_result_new(p->arena, &(struct fixture_options){.jobs = true}));
    loosen(p);
    good = help_file_read(p->arena, p->path, &size);
    for (int i = 0; report_tables[i] != NULL; i++)
        for (int first = 0; first < 2; first++) {
            help_file_write(p->path, good, size);
            help_database_change(p->path,
                                 sp_arena_printf(p->arena, "DELETE FROM %s%s",
                                                 report_tables[i]->name,
                                                 first ? " WHERE rowid=1" : ""));
            survive(p);
        }
}

static void no_cut_or_flipped_file_crashes(void **state)
{
    struct help_place *p = *state;
    size_t size;
    char *good, *bad;
    uint32_t random = 12345;

    write_result(
        p, fixture_result_new(p->arena, &(struct fixture_options){.serving = true}));
    good = help_file_read(p->arena, p->path, &size);
    for (size_t cut = 0; cut < size; cut += size / 60 + 1) {
        help_file_write(p->path, good, cut);
        survive(p);
    }
    bad = sp_arena_alloc(p->arena, size);
    for (int i = 0; i < 150; i++) {
        memcpy(bad, good, size);
        for (int k = 0; k < 20; k++) {
            random = random * 1664525 + 1013904223;
            bad[100 + random % (size - 100)] ^= (char)(1 + (random >> 16) % 255);
        }
        help_file_write(p->path, bad, size);
        survive(p);
    }
}

#define WITH_A_PLACE(test)                                                             \
    cmocka_unit_test_setup_teardown(test, help_place_set_up, help_place_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_PLACE(reports_of_a_stored_run_have_the_same_bytes),
        WITH_A_PLACE(every_member_comes_back),
        cmocka_unit_test(no_member_is_without_a_column),
        WITH_A_PLACE(older_databases_are_read_and_stay_as_they_are),
        WITH_A_PLACE(a_run_is_chosen_by_its_number),
        WITH_A_PLACE(other_runs_are_told_with_what_they_have_otherwise),
        WITH_A_PLACE(what_makes_no_sense_is_named),
        WITH_A_PLACE(a_folder_that_cannot_be_written_is_no_hindrance),
        WITH_A_PLACE(no_value_of_a_column_crashes),
        WITH_A_PLACE(no_missing_row_crashes),
        WITH_A_PLACE(no_cut_or_flipped_file_crashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
