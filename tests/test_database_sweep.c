/* report/database_sweep.h: a sweep's rows are what was given, in order and whole; a
 * column for each figure, under its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/figure.h"
#include "report/database.h"
#include "report/database_read.h"
#include "report/database_sweep.h"
#include "report/tables_sweep.h"
#include "tests/database_help.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

#define STAMP   "2026-11-22T10:00:00Z"
#define HOSTILE "=cmd|'/C calc'!A0 \"'; DROP TABLE sweeps;--\n<script>\xf0\x9f\x92\xa5"

static const char *asked(struct help_place *p, const char *sql)
{
    return help_database_asked(p->arena, p->path, sql);
}

static void assert_asked(struct help_place *p, const char *sql, const char *want)
{
    const char *found = asked(p, sql);

    if (strcmp(found, want) != 0)
        fail_msg("%s: %s, expected %s", sql, found, want);
}

/* ---- a sweep by hand: 3 points of 2 axes, 2 policies, 2 replications ---- */

enum { N_POLICIES = 2, N_RUNS = 4, N_WORKLOADS = 2, N_AXES = 2, N_POINTS = 3 };

static const char *const policies[] = {"split", HOSTILE};
static const char *const workloads[] = {"chat", "batch"};
static const char *count_values[] = {"1", "2", "4"};
static double count_numbers[] = {1, 2, 4};
static const struct model_axis axes[N_AXES] = {
    {.path = "fleet.gpu-node.count",
     .text = "1,2,4",
     .kind = MODEL_AXIS_VALUES,
     .unit = "",
     .low = NAN,
     .high = NAN,
     .n = 3,
     .values = count_values,
     .numbers = count_numbers},
    {.path = "chat.source.rate",
     .text = "log:1/s..9/s",
     .kind = MODEL_AXIS_LOG,
     .unit = "/s",
     .low = 1,
     .high = 9},
};
static const struct model_set sets[] = {{"until", "10m"}, {"fleet.x.price", HOSTILE}};
static const struct model_input_file files[] = {{"a.yaml", 0x0123456789abcdef},
                                                {"t.csv", 7}};

static struct model_sweep sweep_of(uint64_t fingerprint)
{
    return (struct model_sweep){.scenario = HOSTILE,
                                .path = "a.yaml",
                                .n_files = 2,
                                .files = files,
                                .n_sets = 2,
                                .sets = sets,
                                .design = MODEL_DESIGN_LATIN,
                                .n_axes = N_AXES,
                                .axes = axes,
                                .samples = N_POINTS,
                                .n_points = N_POINTS,
                                .seed = UINT64_C(0xf000000000000001),
                                .replications = 2,
                                .n_policies = N_POLICIES,
                                .baseline = 1,
                                .policies = policies,
                                .n_workloads = N_WORKLOADS,
                                .workloads = workloads,
                                .version = "0.7",
                                .fingerprint = fingerprint};
}

struct rows {
    double numbers[N_AXES];
    const char *texts[N_AXES];
    struct model_sweep_run runs[N_RUNS];
    struct model_sweep_workload workloads[N_RUNS * N_WORKLOADS];
};

/* A figure's value says which it is: 1000 x point + 100 x run + 10 x workload + its
 * number in the table / 64; every seventh is not measured. */
static double value_of(int64_t point, int run, int workload, int figure)
{
    return figure % 7 == 6
               ? NAN
               : (double)(1000 * point + 100 * run + 10 * workload) + figure / 64.0;
}

static void fill(const struct model_figure *table, void *record, int64_t point, int run,
                 int workload)
{
    for (int i = 0; table[i].name != NULL; i++) {
        double value = value_of(point, run, workload, i);

        memcpy((char *)record + table[i].at, &value, sizeof value);
    }
}

static struct report_sweep_point point_of(struct rows *r, int64_t point)
{
    *r = (struct rows){.numbers = {count_numbers[point], 1.5 * (double)point},
                       .texts = {count_values[point], point == 1 ? NULL : "1.5/s"}};
    if (point == 1)
        r->numbers[1] = NAN;
    for (int i = 0; i < N_RUNS; i++) {
        r->runs[i] = (struct model_sweep_run){
            .point = point, .policy = i / 2, .replication = i % 2};
        r->runs[i].figures.end = MODEL_END_HORIZON;
        fill(model_figures_run, &r->runs[i].figures, point, i, 0);
        for (int w = 0; w < N_WORKLOADS; w++) {
            r->workloads[i * N_WORKLOADS + w].workload = w;
            fill(model_figures_workload, &r->workloads[i * N_WORKLOADS + w].figures,
                 point, i, w);
        }
    }
    return (struct report_sweep_point){.point = point,
                                       .n_axes = N_AXES,
                                       .n_runs = N_RUNS,
                                       .n_workloads = N_WORKLOADS,
                                       .numbers = r->numbers,
                                       .texts = r->texts,
                                       .runs = r->runs,
                                       .workloads = r->workloads};
}

static struct report_sweep_writer *begin(struct help_place *p, uint64_t fingerprint,
                                         bool anew, struct report_sweep_at *at)
{
    const struct model_sweep sweep = sweep_of(fingerprint);
    struct report_sweep_writer *w = NULL;
    struct sp_err err = {0};

    if (report_sweep_begin(p->path, &sweep, NULL, STAMP, anew, &w, at, &err) != SP_OK)
        fail_msg("%s", err.text);
    return w;
}

static void add(struct report_sweep_writer *w, int64_t from, int64_t to)
{
    struct rows rows;

    assert_int_equal(report_sweep_open_points(w), SP_OK);
    for (int64_t i = from; i < to; i++) {
        struct report_sweep_point point = point_of(&rows, i);

        report_sweep_add(w, &point);
    }
}

static void end(struct report_sweep_writer *w)
{
    struct sp_err err = {0};

    if (report_sweep_end(w, SP_OK, &err) != SP_OK)
        fail_msg("%s", err.text);
}

static void write_all(struct help_place *p, uint64_t fingerprint)
{
    struct report_sweep_at at;
    struct report_sweep_writer *w = begin(p, fingerprint, false, &at);

    add(w, at.points, N_POINTS);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    end(w);
}

/* ---- what is in the tables ---- */

static void what_was_asked_for_can_be_queried(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"SELECT count(*)||' '||(SELECT count(*) FROM runs) FROM sweeps", "1 0"},
        {"SELECT run_id IS NULL FROM sweeps", "1"},
        {"SELECT design||' '||samples||' '||points||' '||seed||' '||replications||' '||"
         "baseline||' '||version||' '||path||' '||created_at||' '||fingerprint FROM "
         "sweeps",
         "latin 3 3 -1152921504606846975 2 1 0.7 a.yaml " STAMP " 000000000000002a"},
        {"SELECT group_concat(file||'='||xxh64) FROM sweep_files",
         "a.yaml=0123456789abcdef,t.csv=0000000000000007"},
        {"SELECT path||'='||value FROM sweep_sets WHERE position=0", "until=10m"},
        {"SELECT name FROM sweep_names WHERE kind='policy' AND position=0", "split"},
        {"SELECT group_concat(name) FROM sweep_names WHERE kind='workload'",
         "chat,batch"},
        {"SELECT group_concat(path||' '||kind||' '||unit||' '||coalesce(high, '-'), "
         "';') FROM sweep_axes",
         "fleet.gpu-node.count values  -;chat.source.rate log /s 9.0"},
        {"SELECT group_concat(axis||':'||number||'='||text) FROM sweep_values",
         "0:1.0=1,0:2.0=2,0:4.0=4"},
        {"SELECT axes||' '||points_done||' '||policies FROM v_sweeps",
         "fleet.gpu-node.count=1,2,4 chat.source.rate=log:1/s..9/s 3 2"},
        {"PRAGMA foreign_key_check", "no row"},
        {"PRAGMA integrity_check", "ok"},
    };
    struct help_place *p = *state;

    write_all(p, 42);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_asked(p, rows[i].sql, rows[i].want);
    assert_string_equal(asked(p, "SELECT scenario FROM sweeps"), HOSTILE);
    assert_string_equal(asked(p, "SELECT value FROM sweep_sets WHERE position=1"),
                        HOSTILE);
}

static void check_figures(struct help_place *p, const char *table, const char *where,
                          const struct model_figure *figures, int64_t point, int run,
                          int workload)
{
    for (int i = 0; figures[i].name != NULL; i++) {
        double want = value_of(point, run, workload, i);
        const char *found =
            asked(p, sp_arena_printf(p->arena, "SELECT coalesce(%s, 'NULL') FROM %s %s",
                                     figures[i].name, table, where));

        if (isnan(want))
            assert_string_equal(found, "NULL");
        else if (strtod(found, NULL) != want)
            fail_msg("%s.%s %s: %s, expected %g", table, figures[i].name, where, found,
                     want);
    }
}

static void every_figure_stands_in_its_column(void **state)
{
    struct help_place *p = *state;

    write_all(p, 42);
    assert_asked(p, "SELECT count(*) FROM sweep_runs", "12");
    assert_asked(p, "SELECT count(*) FROM sweep_workloads", "24");
    check_figures(p, "sweep_runs", "WHERE point=2 AND policy=1 AND replication=0",
                  model_figures_run, 2, 2, 0);
    check_figures(p, "sweep_workloads",
                  "WHERE point=1 AND policy=0 AND replication=1 AND workload=1",
                  model_figures_workload, 1, 1, 1);
}

static void views_say_where_a_point_is_and_means(void **state)
{
    struct help_place *p = *state;

    write_all(p, 42);
    assert_asked(p, "SELECT count(*)||' '||sum(runs) FROM v_sweep", "6 12");
    assert_asked(p, "SELECT coordinates FROM v_sweep WHERE point=2 AND policy='split'",
                 "fleet.gpu-node.count=4 chat.source.rate=1.5/s");
    assert_asked(p, "SELECT coordinates FROM v_sweep WHERE point=1 AND policy='split'",
                 "fleet.gpu-node.count=2 chat.source.rate=as it is");
    /* of replications 0 and 1: 2000 and 2100 */
    assert_asked(p,
                 "SELECT usd||' '||\"end\" FROM v_sweep WHERE point=2 AND "
                 "policy='split'",
                 "2050.0 horizon");
    assert_asked(p, "SELECT count(*) FROM v_sweep_workload", "12");
    assert_asked(p,
                 "SELECT done FROM v_sweep_workload WHERE point=2 AND "
                 "policy='split' AND workload='batch'",
                 "2060.0");
}

static void what_is_infeasible_has_no_figures(void **state)
{
    struct help_place *p = *state;
    struct report_sweep_at at;
    struct report_sweep_writer *w = begin(p, 1, false, &at);
    struct rows rows;
    struct report_sweep_point point = point_of(&rows, 0);

    point.reason = "a unit needs 8 GPUs";
    for (int i = 2; i < N_RUNS; i++) { /* the second policy */
        rows.runs[i].outcome = SP_EINFEASIBLE;
        for (const struct model_figure *f = model_figures_run; f->name != NULL; f++)
            memcpy((char *)&rows.runs[i].figures + f->at, &(double){NAN},
                   sizeof(double));
    }
    assert_int_equal(report_sweep_open_points(w), SP_OK);
    report_sweep_add(w, &point);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    end(w);
    assert_asked(p,
                 "SELECT count(*) FROM sweep_runs WHERE \"end\" IS NULL AND usd IS "
                 "NULL AND events IS NULL",
                 "2");
    assert_asked(p, "SELECT count(*) FROM sweep_workloads", "4");
    assert_asked(p, "SELECT group_concat(\"end\", ' ') FROM v_sweep",
                 "horizon infeasible");
    assert_asked(p, "SELECT point||' '||text FROM sweep_reasons",
                 "0 a unit needs 8 GPUs");
}

/* ---- going on ---- */

static struct report_sweep_at found(struct help_place *p, uint64_t fingerprint)
{
    struct report_sweep_at at = {-1, -1};
    struct sp_err err = {0};

    if (report_sweep_find(p->path, fingerprint, &at, &err) != SP_OK)
        fail_msg("%s", err.text);
    return at;
}

static void what_was_committed_is_gone_on_with(void **state)
{
    struct help_place *p = *state;
    struct report_sweep_at at = {0};
    struct report_sweep_writer *w;
    const char *whole;
    struct sp_err err = {0};

    assert_int_equal(found(p, 42).sweep, 0); /* no file */
    write_all(p, 42);
    whole = asked(p, "SELECT group_concat(point||' '||policy||' '||usd, ';') FROM "
                     "(SELECT * FROM sweep_runs ORDER BY point, policy)");
    unlink(p->path);
    w = begin(p, 42, false, &at);
    assert_int_equal(at.sweep, 1);
    assert_int_equal(at.points, 0);
    add(w, 0, 1);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    add(w, 1, 2); /* and is cut off */
    assert_int_equal(report_sweep_end(w, SP_EIO, &err), SP_EIO);
    assert_int_equal(found(p, 42).points, 1);
    w = begin(p, 42, false, &at);
    assert_int_equal(at.sweep, 1);
    assert_int_equal(at.points, 1);
    add(w, 1, 3);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    end(w);
    assert_string_equal(
        asked(p, "SELECT group_concat(point||' '||policy||' '||usd, ';') FROM "
                 "(SELECT * FROM sweep_runs ORDER BY point, policy)"),
        whole);
    assert_int_equal(found(p, 42).points, 3);
    assert_int_equal(found(p, 43).sweep, 0);
}

static void anew_and_another_begin_their_own(void **state)
{
    struct help_place *p = *state;
    struct report_sweep_at at = {0};

    write_all(p, 42);
    end(begin(p, 42, true, &at));
    assert_int_equal(at.sweep, 2);
    assert_int_equal(at.points, 0);
    end(begin(p, 7, false, &at));
    assert_int_equal(at.sweep, 3);
    assert_int_equal(found(p, 42).sweep, 2); /* the last one counts */
    assert_int_equal(found(p, 42).points, 0);
}

static void of_two_that_go_on_with_one_sweep_the_later_stops(void **state)
{
    struct help_place *p = *state;
    struct report_sweep_at at = {0};
    struct report_sweep_writer *a = begin(p, 42, false, &at), *b;
    struct sp_err err = {0};

    b = begin(p, 42, false, &at);
    assert_int_equal(at.sweep, 1);
    add(a, 0, 2);
    assert_int_equal(report_sweep_close_points(a), SP_OK);
    assert_int_equal(report_sweep_open_points(b), SP_EIO);
    assert_int_equal(report_sweep_end(b, SP_OK, &err), SP_EIO);
    assert_non_null(strstr(err.text, "another process goes on with sweep 1 (found 2 "
                                     "points, expected 0)"));
    add(a, 2, 3);
    assert_int_equal(report_sweep_close_points(a), SP_OK);
    end(a);
    assert_asked(p, "SELECT count(*) FROM sweep_runs", "12");
}

static void others_write_between_transactions(void **state)
{
    struct help_place *p = *state;
    struct report_sweep_at at = {0};
    struct report_sweep_writer *w = begin(p, 42, false, &at);
    struct sp_err err = {0};

    add(w, 0, 1);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    assert_int_equal(report_database_write(
                         p->path,
                         fixture_result_new(p->arena, &(struct fixture_options){0}),
                         STAMP, &err),
                     SP_OK);
    add(w, 1, 2);
    assert_int_equal(report_sweep_close_points(w), SP_OK);
    end(w);
    assert_asked(p, "SELECT count(*) FROM runs", "1");
    assert_int_equal(found(p, 42).points, 2);
}

static void base_run_is_reported_as_any_run(void **state)
{
    struct help_place *p = *state;
    const struct model_sweep sweep = sweep_of(9);
    const struct model_result *base =
        fixture_result_new(p->arena, &(struct fixture_options){0});
    struct report_sweep_writer *w = NULL;
    struct report_sweep_at at = {0};
    struct report_context *c = NULL;

    assert_int_equal(
        report_sweep_begin(p->path, &sweep, base, STAMP, false, &w, &at, NULL), SP_OK);
    end(w);
    assert_asked(p, "SELECT run_id FROM sweeps", "1");
    assert_int_equal(report_database_read(p->path, 0, p->arena, &c, NULL), SP_OK);
    assert_string_equal(c->result->name, base->name);
    help_database_change(p->path, "PRAGMA foreign_keys=ON; DELETE FROM runs");
    assert_asked(p, "SELECT run_id IS NULL FROM sweeps", "1");
    write_all(p, 42);
    help_database_change(p->path, "PRAGMA foreign_keys=ON; DELETE FROM sweeps");
    assert_asked(p, "SELECT count(*) FROM sweep_workloads", "0");
    assert_asked(p, "SELECT count(*) FROM sweep_names", "0");
}

static void database_without_sweeps_is_brought_up(void **state)
{
    struct help_place *p = *state;
    struct report_context *c = NULL;

    assert_int_equal(report_database_write(
                         p->path,
                         fixture_result_new(p->arena, &(struct fixture_options){0}),
                         STAMP, NULL),
                     SP_OK);
    help_database_age(p->arena, p->path, 5);
    assert_int_equal(found(p, 42).sweep, 0);
    assert_asked(p, "PRAGMA user_version", "5");
    write_all(p, 42);
    assert_asked(p, "PRAGMA user_version", "6");
    assert_asked(p, "SELECT count(*) FROM v_sweep", "6");
    assert_int_equal(report_database_read(p->path, 1, p->arena, &c, NULL), SP_OK);
    assert_asked(p, "PRAGMA integrity_check", "ok");
}

static void what_is_no_database_of_ours_is_refused(void **state)
{
    struct help_place *p = *state;
    const struct model_sweep sweep = sweep_of(9);
    struct report_sweep_writer *w = NULL;
    struct report_sweep_at at = {5, 6};
    struct sp_err err = {0};

    help_file_write(p->path, "not a database", 14);
    assert_int_equal(report_sweep_find(p->path, 1, &at, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "no SQLite database"));
    assert_int_equal(
        report_sweep_begin(p->path, &sweep, NULL, STAMP, false, &w, &at, NULL),
        SP_EINPUT);
    assert_null(w);
    assert_int_equal(at.sweep, 5);
}

/* ---- the tables ---- */

static void columns_have_the_names_and_places_of_the_figures(void **state)
{
    static const struct {
        const struct report_table *table;
        const struct model_figure *figures;
        int32_t keys;
        size_t at;
    } rows[] = {
        {&report_table_sweep_runs, model_figures_run, 4,
         offsetof(struct report_sweep_run_row, figures)},
        {&report_table_sweep_workloads, model_figures_workload, 4,
         offsetof(struct report_sweep_workload_row, figures)},
    };

    (void)state;
    for (size_t t = 0; t < sizeof rows / sizeof rows[0]; t++) {
        const struct report_column *c = rows[t].table->columns + rows[t].keys;
        int32_t n = 0;

        for (const struct model_figure *f = rows[t].figures; f->name != NULL; f++) {
            assert_string_equal(c[n].name, f->name);
            assert_int_equal(c[n].at, rows[t].at + f->at);
            assert_int_equal(c[n++].kind, REPORT_REAL);
        }
        assert_int_equal(rows[t].table->n, rows[t].keys + n);
    }
}

#define WITH_A_PLACE(test)                                                             \
    cmocka_unit_test_setup_teardown(test, help_place_set_up, help_place_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_PLACE(what_was_asked_for_can_be_queried),
        WITH_A_PLACE(every_figure_stands_in_its_column),
        WITH_A_PLACE(views_say_where_a_point_is_and_means),
        WITH_A_PLACE(what_is_infeasible_has_no_figures),
        WITH_A_PLACE(what_was_committed_is_gone_on_with),
        WITH_A_PLACE(anew_and_another_begin_their_own),
        WITH_A_PLACE(of_two_that_go_on_with_one_sweep_the_later_stops),
        WITH_A_PLACE(others_write_between_transactions),
        WITH_A_PLACE(base_run_is_reported_as_any_run),
        WITH_A_PLACE(database_without_sweeps_is_brought_up),
        WITH_A_PLACE(what_is_no_database_of_ours_is_refused),
        cmocka_unit_test(columns_have_the_names_and_places_of_the_figures),
    };

    return cmocka_run_group_tests_name("database_sweep", tests, NULL, NULL);
}
