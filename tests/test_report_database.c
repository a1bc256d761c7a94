/* report/database.h: one transaction, ours only, and every figure to be queried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/database.h"
#include "tests/database_help.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

static void write_run(struct help_place *p, const struct fixture_options *options)
{
    struct sp_err err = {0};

    if (report_database_write(p->path, fixture_result_new(p->arena, options),
                              "2026-11-22T10:00:00Z", &err) != SP_OK)
        fail_msg("%s", err.text);
}

static void change(struct help_place *p, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* The first value of the first row as text; "NULL". */
static const char *asked(struct help_place *p, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *text = "no row";

    assert_int_equal(sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW) {
        text = (const char *)sqlite3_column_text(statement, 0);
        text = sp_arena_strdup(p->arena, text != NULL ? text : "NULL");
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}

static void figures_can_be_queried(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"SELECT count(*) FROM runs", "1"},
        {"SELECT created_at FROM runs", "2026-11-22T10:00:00Z"},
        {"SELECT version||' '||scenario||' '||seed FROM runs", "0.1.0 practical 7"},
        {"SELECT xxh64 FROM inputs WHERE file='scenario.yaml'", "0123456789abcdef"},
        {"SELECT group_concat(name) FROM (SELECT name FROM policies ORDER BY position)",
         "monolithic,disaggregated"},
        {"SELECT sum(uusd) FROM cost_lines WHERE policy_id=1", "56888889"},
        {"SELECT uusd FROM policies WHERE id=1", "56888889"},
        {"SELECT peak FROM nodes WHERE policy_id=2 AND type='cpu-node'", "28"},
        {"SELECT busy_of_provisioned FROM resources WHERE policy_id=1 AND "
         "resource='gpu'",
         "0.125"},
        {"SELECT ledger_provisioned FROM resources WHERE policy_id=1 AND "
         "resource='gpu'",
         "51200000000000000"},
        /* 16384 GiB over 200 s: past what 64 bits hold */
        {"SELECT ledger_provisioned FROM resources WHERE policy_id=1 AND"
         " resource='memory'",
         "3518437208883200000000000"},
        {"SELECT items_done FROM workloads WHERE policy_id=1", "99990"},
        {"SELECT count(*) FROM stages", "4"},
        {"SELECT name||' '||tasks_lost FROM stages WHERE tasks_lost<>0", "infer 17"},
        {"SELECT count(*) FROM series", "240"},
        {"SELECT count(*) FROM queue_series", "80"},
        {"SELECT name FROM stages WHERE bottleneck=1 AND workload_id=1", "infer"},
        {"SELECT time_s_half95 FROM policies", "NULL"},
        {"SELECT id FROM assumptions ORDER BY id", "A-net-fifo"},
        {"SELECT count(*) FROM warnings", "1"},
        {"SELECT baseline||' '||usd_ratio FROM v_comparison", "monolithic 0.234375"},
        {"SELECT busy_frac FROM v_stage_utilization WHERE policy='monolithic' AND"
         " stage='infer'",
         "1.0"},
        {"SELECT round(sum(share), 9) FROM v_cost_by_stage WHERE policy='monolithic'",
         "1.0"},
        {"SELECT not_busy_frac FROM v_idle WHERE policy='monolithic' AND "
         "resource='gpu'",
         "0.875"},
        {"SELECT gpu_busy FROM v_policy WHERE policy='disaggregated'", "1.0"},
        {"SELECT count(*) FROM v_fleet", "3"},
        {"SELECT max(busy_frac) FROM v_utilization WHERE policy='monolithic' AND"
         " resource='gpu'",
         "0.125"},
        {"PRAGMA user_version", "6"},
        {"PRAGMA application_id", "1397771342"},
        {"PRAGMA integrity_check", "ok"},
        {"PRAGMA foreign_key_check", "no row"},
        {"SELECT count(*) FROM pragma_table_list WHERE schema='main' AND type='table'"
         " AND strict=0 AND name NOT LIKE 'sqlite%'",
         "0"},
    };
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(asked(p, rows[i].sql), rows[i].want) != 0)
            fail_msg("%s: %s, expected %s", rows[i].sql, asked(p, rows[i].sql),
                     rows[i].want);
    assert_int_equal(help_folder_count(p->folder), 1);
}

static void serving_can_be_queried(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"SELECT model||' '||requests||' '||slo_ttft_s||' '||coalesce(slo_e2e_s, '-')"
         " FROM serving WHERE workload_id=1",
         "llama-3.1-70b 100000 0.5 -"},
        {"SELECT ttft_p50_s||' '||tpot_p99_s||' '||slo_attained||' '||goodput_per_s"
         " FROM v_serving WHERE policy='disaggregated'",
         "0.25 0.04 0.95 475.0"},
        {"SELECT round(usd_per_million_tokens*119.988, 6) FROM v_serving LIMIT 1",
         "56.888889"},
        {"SELECT group_concat(name||'='||role) FROM serving_pools WHERE workload_id=2",
         "preprocess=prefill,infer=decode"},
        {"SELECT coalesce(kv_blocks, 'no limit') FROM serving_pools WHERE "
         "workload_id=1",
         "no limit"},
        {"SELECT prefix_found_frac FROM v_serving_pool LIMIT 1", "0.366"},
        {"SELECT preemptions||' '||replicas_lost FROM serving_pools LIMIT 1", "12 1"},
        {"SELECT count(*) FROM serving_latencies WHERE workload_id=1", "16"},
        {"SELECT p99_s FROM serving_latencies WHERE workload_id=1 AND figure='ttft' AND"
         " prompts='up to 512'",
         "0.4"},
        {"SELECT count(*) FROM serving_latencies WHERE prompts='above 4096'", "6"},
        {"SELECT sum(met)||' of '||sum(finished) FROM attainment WHERE workload_id=1",
         "76300 of 95000"},
        {"SELECT dropped_kv_capacity||' '||dropped_zero_tokens FROM workloads", "4 3"},
        {"SELECT tpot_p99_ratio||' '||slo_attained_difference FROM serving_comparisons",
         "0.5 0.15"},
        {"PRAGMA foreign_key_check", "no row"},
        {"SELECT count(*) FROM pragma_table_list WHERE schema='main' AND type='table'"
         " AND strict=0 AND name NOT LIKE 'sqlite%'",
         "0"},
    };
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){.serving = true});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(asked(p, rows[i].sql), rows[i].want) != 0)
            fail_msg("%s: %s, expected %s", rows[i].sql, asked(p, rows[i].sql),
                     rows[i].want);
}

static void older_database_is_brought_up(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){0});
    help_database_age(p->arena, p->path, 1);
    write_run(p, &(struct fixture_options){.serving = true});
    assert_string_equal(asked(p, "PRAGMA user_version"), "6");
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "2");
    assert_string_equal(
        asked(p, "SELECT dropped_kv_capacity FROM workloads WHERE id=1"), "0");
    assert_string_equal(asked(p, "SELECT count(*) FROM v_serving"), "2");
    assert_string_equal(asked(p, "PRAGMA integrity_check"), "ok");
}

static void database_without_jobs_is_brought_up(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){.serving = true});
    help_database_age(p->arena, p->path, 2);
    write_run(p, &(struct fixture_options){.jobs = true});
    assert_string_equal(asked(p, "PRAGMA user_version"), "6");
    assert_string_equal(asked(p, "SELECT dropped_gang FROM workloads WHERE id=1"), "0");
    assert_string_equal(asked(p, "SELECT count(DISTINCT run_id) FROM v_jobs"), "1");
    assert_string_equal(asked(p, "SELECT count(*) FROM v_serving"), "2");
    assert_string_equal(asked(p, "PRAGMA integrity_check"), "ok");
}

static void database_without_kernels_is_brought_up(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){0});
    help_database_age(p->arena, p->path, 3);
    write_run(p, &(struct fixture_options){.kernels = true});
    assert_string_equal(asked(p, "PRAGMA user_version"), "6");
    assert_string_equal(asked(p, "SELECT count(DISTINCT run_id) FROM v_kernels"), "1");
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "2");
    assert_string_equal(asked(p, "PRAGMA integrity_check"), "ok");
}

static void kernels_can_be_queried(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"SELECT stage||' '||kernel||' '||profile||' '||device||' '||basis||' '||axis"
         " FROM v_kernels WHERE policy='monolithic' AND extrapolated > 0",
         "preprocess jpeg_decode host cpu measured megapixels"},
        {"SELECT calls||' '||extrapolated||' '||extrapolated_frac||' '||asked_least||' "
         "'"
         "||asked_most||' '||measured_least||' '||measured_most FROM v_kernels",
         "100000 12500 0.125 0.5 12.0 0.25 8.0"},
        {"SELECT cores_most||' '||measured_cores||' '||slowdown_most||' '||slowdown_low"
         "||' '||slowdown_high||' '||sd_frac||' '||converged||' '||fused FROM kernels",
         "64.0 16.0 1.5 1.25 1.75 0.03 0 0"},
        {"SELECT count(*) FROM kernels WHERE by_features AND asked_least IS NULL", "2"},
        {"PRAGMA foreign_key_check", "no row"},
    };
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){.kernels = true});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(asked(p, rows[i].sql), rows[i].want) != 0)
            fail_msg("%s: %s, expected %s", rows[i].sql, asked(p, rows[i].sql),
                     rows[i].want);
}

static void jobs_can_be_queried(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"SELECT arrived||' '||done||' '||round(queue_mean_s) FROM v_jobs"
         " WHERE policy='disaggregated' AND kind='team' AND jobs_of='search'",
         "400 393 7200.0"},
        {"SELECT group_concat(jobs_of) FROM v_jobs WHERE policy='monolithic'",
         "all,vision,speech,search,1 GPU,2-8 GPUs,more than 8 GPUs"},
        {"SELECT sum(arrived) FROM jobs_group WHERE workload_id=1 AND kind='size'",
         "1200"},
        {"SELECT cause FROM v_waits_by_cause WHERE policy='monolithic' LIMIT 1",
         "quota"},
        {"SELECT count(*) FROM (SELECT sum(wait_frac) AS s FROM jobs_cause GROUP BY"
         " workload_id, position HAVING abs(s - 1) > 1e-12)",
         "0"},
        {"SELECT preempted||' '||interrupted||' '||failed||' '||moved||' '||deadlines"
         "||' '||deadlines_missed FROM jobs WHERE workload_id=2",
         "17 4 2 3 200 3"},
        {"SELECT lost_gpu_h||' '||overhead_gpu_h||' '||useful_gpu_h||' '||makespan_s"
         "||' '||floor_usd FROM jobs WHERE workload_id=2",
         "123.5 45.25 9831.25 432000.0 10.0"},
        {"SELECT count(*) FROM (SELECT policy_id, sum(allocated_uusd) AS a,"
         " sum(busy_uusd) AS b FROM v_team GROUP BY policy_id) v JOIN policies p ON"
         " p.id = v.policy_id WHERE a = p.uusd AND b = p.uusd",
         "2"},
        {"SELECT free_gpus = usable + unwanted + by_shape + by_cpu + by_memory FROM"
         " fragmentation",
         "1"},
        {"SELECT nodes||' '||type FROM bought WHERE position=0", "12 gpu-node"},
        {"SELECT nodes_taken_back||' '||nodes_failed||' '||launches_refused||' '||"
         "peak_gpus_demand FROM policies WHERE position=1",
         "4 2 1 300.0"},
        {"SELECT dropped_too_large||' '||dropped_gang FROM workloads", "12 3"},
        {"SELECT wait_difference_s||' '||wait_ratio||' '||completion_ratio FROM"
         " jobs_comparisons",
         "-3600.0 0.125 0.25"},
        {"SELECT team||' '||wait_s||' '||baseline_wait_s||' '||difference_s FROM"
         " team_waits WHERE difference_s > 0",
         "search 7200.0 600.0 6600.0"},
        {"SELECT text FROM explained WHERE policy_id=1", "12:00:00 arrives"},
        {"PRAGMA foreign_key_check", "no row"},
    };
    struct help_place *p = *state;

    write_run(p,
              &(struct fixture_options){.jobs = true, .explained = "12:00:00 arrives"});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(asked(p, rows[i].sql), rows[i].want) != 0)
            fail_msg("%s: %s, expected %s", rows[i].sql, asked(p, rows[i].sql),
                     rows[i].want);
}

static void allocation_of_jobs_that_never_end_is_there(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){.jobs = true, .endless = true});
    assert_string_equal(asked(p, "SELECT allocated_pct||' '||fragmented_pct FROM"
                                 " jobs_allocation WHERE asked_pct=130"),
                        "93.08 6.5");
    assert_string_equal(asked(p, "SELECT coalesce(wait_frac, '-') FROM jobs_cause"),
                        "-");
}

/* 120 jobs between 70 items of another kind: whole blocks of rows and odd ones. */
static void jobs_and_items_have_rows_in_one_table(void **state)
{
    enum { ITEMS = 70, JOBS = 120 };
    struct help_place *p = *state;
    struct model_item_row rows[ITEMS + JOBS];
    struct report_database *d = NULL;

    for (int i = 0; i < ITEMS + JOBS; i++) {
        bool job = i >= 10 && i < 10 + JOBS;

        rows[i] = (struct model_item_row){
            .item = i, .arrived_ns = i, .left_ns = i + 100, .dropped = SP_NO_ID};
        if (job) {
            rows[i].team = i % 2 == 0 ? "vision" : "-";
            rows[i].started_ns = i % 3 == 0 ? -1 : i + 7;
            rows[i].mgpu = 500 * (i % 4);
            rows[i].preemptions = i % 5;
            rows[i].first_node = i % 3 == 0 ? SP_NO_ID : 3;
            for (int c = 0; c < MODEL_CAUSES; c++)
                rows[i].wait_ns[c] = 10 * i + c;
        }
    }
    assert_int_equal(report_database_open(p->path, &d, NULL), SP_OK);
    report_database_add_run(
        d, fixture_result_new(p->arena, &(struct fixture_options){.jobs = true}), "x");
    report_database_add_items(d, rows, ITEMS + JOBS);
    assert_int_equal(report_database_close(d, SP_OK, NULL), SP_OK);
    assert_string_equal(asked(p, "SELECT count(*)||' '||count(team) FROM items"),
                        "190 120");
    assert_string_equal(asked(p, "SELECT count(*) FROM items WHERE item < 10 AND "
                                 "started_ns IS NULL AND gpus IS NULL AND preemptions"
                                 " IS NULL"),
                        "10");
    assert_string_equal(asked(p, "SELECT team||' '||started_ns||' '||gpus||' '||"
                                 "preemptions FROM items WHERE item=11"),
                        "- 18 1.5 1");
    assert_string_equal(asked(p, "SELECT coalesce(started_ns, 'never')||' '||gpus FROM"
                                 " items WHERE item=129"),
                        "never 0.5");
    assert_string_equal(asked(p, "SELECT first_node||' '||waited_quota_ns||' '||"
                                 "waited_capacity_ns||' '||waited_spot_loss_ns||' '||"
                                 "waited_start_up_ns FROM items WHERE item=11"),
                        "3 110 112 115 116");
}

static void older_database_stays_as_it_was_where_the_run_fails(void **state)
{
    struct help_place *p = *state;
    struct report_database *d = NULL;

    write_run(p, &(struct fixture_options){0});
    change(p,
           "PRAGMA user_version=1"); /* so that the step fails: its tables are there */
    assert_int_equal(report_database_open(p->path, &d, NULL), SP_EIO);
    assert_string_equal(asked(p, "PRAGMA user_version"), "1");
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "1");
}

static void runs_are_appended(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){0});
    write_run(p, &(struct fixture_options){.n_runs = 10, .n_policies = 9});
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "2");
    assert_string_equal(asked(p, "SELECT count(*) FROM policies"), "11");
    assert_string_equal(asked(p, "SELECT time_s_half95 FROM policies WHERE run_id=2"),
                        "4.0");
    change(p, "PRAGMA foreign_keys=ON; DELETE FROM runs WHERE id=1");
    assert_string_equal(asked(p, "SELECT count(*) FROM policies"), "9");
    assert_string_equal(asked(p, "SELECT count(*) FROM v_comparison"), "8");
}

static void hostile_names_stay_text(void **state)
{
    static const char *const names[] = {"'); DROP TABLE runs; --", "\"", "=1+1\n", "?1",
                                        "\u540d"};
    struct help_place *p = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        write_run(p, &(struct fixture_options){.name = names[i],
                                               .serving = i % 2,
                                               .jobs = i % 2 == 0,
                                               .explained = names[i]});
        assert_string_equal(
            asked(p, "SELECT name FROM policies ORDER BY id DESC LIMIT 1 OFFSET 1"),
            sp_arena_printf(p->arena, "%smonolithic0", names[i]));
    }
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "5");
}

static void unknown_cost_is_null(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){.no_price = true});
    assert_string_equal(asked(p, "SELECT count(uusd)+count(usd) FROM policies"), "0");
    assert_string_equal(asked(p, "SELECT count(*) FROM cost_lines"), "0");
    assert_string_equal(asked(p, "SELECT usd_per_h FROM nodes WHERE type='gpu-node'"),
                        "NULL");
}

/* ---- other people's files ---- */

static void check_refused(struct help_place *p, const char *why)
{
    struct report_database *d = NULL;
    struct sp_err err = {0}, checked = {0};
    size_t before = 0, after = 0;
    char *was = help_file_read(p->arena, p->path, &before), *is;
    int entries = help_folder_count(p->folder);

    assert_int_equal(report_database_check(p->path, &checked), SP_EINPUT);
    assert_int_equal(report_database_open(p->path, &d, &err), SP_EINPUT);
    assert_null(d);
    if (strstr(err.text, why) == NULL || strstr(err.text, p->path) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    assert_string_equal(err.text, checked.text);
    is = help_file_read(p->arena, p->path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(was, is, before);
    assert_int_equal(help_folder_count(p->folder), entries);
}

static void text_file_is_refused_untouched(void **state)
{
    struct help_place *p = *state;

    help_file_write(p->path, "dear diary", 10);
    check_refused(p, "is no SQLite database");
}

static void long_foreign_file_is_refused_untouched(void **state)
{
    static char bytes[20000];
    struct help_place *p = *state;

    memset(bytes, 'x', sizeof bytes);
    help_file_write(p->path, bytes, sizeof bytes);
    check_refused(p, "is no SQLite database");
}

static void database_of_another_application_is_refused_untouched(void **state)
{
    struct help_place *p = *state;

    change(p, "CREATE TABLE t(a); INSERT INTO t VALUES(1); PRAGMA application_id=42;");
    check_refused(p, "another application (id 42)");
}

static void database_without_an_application_is_refused_untouched(void **state)
{
    struct help_place *p = *state;

    change(p, "CREATE TABLE runs(a); PRAGMA journal_mode=WAL;");
    check_refused(p, "another application (id 0)");
}

static void newer_version_is_refused_untouched(void **state)
{
    struct help_place *p = *state;

    write_run(p, &(struct fixture_options){0});
    change(p, "PRAGMA user_version=7");
    check_refused(p, "version 7");
}

static void empty_file_is_a_fresh_database(void **state)
{
    struct help_place *p = *state;

    help_file_write(p->path, "", 0);
    write_run(p, &(struct fixture_options){0});
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "1");
}

/* ---- dying in the middle ---- */

enum { N_ITEMS = 400000 };

static struct model_item_row *items_new(struct sp_arena *arena, int64_t n)
{
    struct model_item_row *items = sp_arena_array(arena, (size_t)n, sizeof *items);

    for (int64_t i = 0; i < n; i++)
        items[i] = (struct model_item_row){.item = i,
                                           .policy = (int32_t)(i % 2),
                                           .arrived_ns = 1000 * i,
                                           .left_ns = i % 10 == 9 ? -1 : 1000 * i + 5,
                                           .dropped = i % 10 == 9 ? MODEL_DROP_RETRIES
                                                                  : SP_NO_ID};
    return items;
}

/* In a process of its own: a run and `n` items, then death before the commit. */
static void die_before_the_commit(struct help_place *p, int64_t n)
{
    int state = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct report_database *d = NULL;

        if (report_database_open(p->path, &d, NULL) != SP_OK)
            _exit(1);
        report_database_add_run(
            d, fixture_result_new(p->arena, &(struct fixture_options){0}), "x");
        report_database_add_items(d, items_new(p->arena, n), n);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &state, 0), pid);
    assert_true(WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL);
}

static void killed_run_leaves_the_file_byte_for_byte(void **state)
{
    struct help_place *p = *state;
    size_t before = 0, after = 0;
    char *was, *is;

    write_run(p, &(struct fixture_options){0});
    was = help_file_read(p->arena, p->path, &before);
    die_before_the_commit(p, 10);
    is = help_file_read(p->arena, p->path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(was, is, before);
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "1");
    write_run(p, &(struct fixture_options){0});
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "2");
}

static void killed_bulk_load_is_rolled_back(void **state)
{
    struct help_place *p = *state;
    const char *again;

    write_run(p, &(struct fixture_options){0});
    die_before_the_commit(p, N_ITEMS); /* more than the cache: pages reach the file */
    again = "SELECT (SELECT count(*) FROM runs)||' '||(SELECT count(*) FROM items)";
    assert_int_equal(report_database_check(p->path, NULL), SP_OK);
    write_run(p, &(struct fixture_options){0});
    assert_string_equal(asked(p, again), "2 0");
    assert_string_equal(asked(p, "PRAGMA integrity_check"), "ok");
}

static void killed_first_run_leaves_a_fresh_database(void **state)
{
    struct help_place *p = *state;

    for (int64_t n = 1; n <= N_ITEMS; n *= N_ITEMS) {
        die_before_the_commit(p, n);
        write_run(p, &(struct fixture_options){0});
        assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "1");
        unlink(p->path);
    }
}

static void refused_commit_leaves_the_file(void **state)
{
    struct help_place *p = *state;
    struct report_database *d = NULL;

    write_run(p, &(struct fixture_options){0});
    assert_int_equal(report_database_open(p->path, &d, NULL), SP_OK);
    report_database_add_run(
        d, fixture_result_new(p->arena, &(struct fixture_options){0}), "x");
    assert_int_equal(report_database_close(d, SP_ELIMIT, NULL), SP_ELIMIT);
    assert_string_equal(asked(p, "SELECT count(*) FROM runs"), "1");
}

static void rows_per_item_are_all_there(void **state)
{
    struct help_place *p = *state;
    struct report_database *d = NULL;

    assert_int_equal(report_database_open(p->path, &d, NULL), SP_OK);
    report_database_add_run(
        d, fixture_result_new(p->arena, &(struct fixture_options){0}), "x");
    report_database_add_items(d, items_new(p->arena, 0), 0);
    report_database_add_items(d, items_new(p->arena, 1237), 1237);
    assert_int_equal(report_database_close(d, SP_OK, NULL), SP_OK);
    assert_string_equal(asked(p, "SELECT count(*)||' '||sum(item) FROM items"),
                        "1237 764466");
    assert_string_equal(asked(p, "SELECT count(*) FROM items WHERE left_ns IS NULL AND"
                                 " dropped='retries exhausted'"),
                        "123");
    assert_string_equal(asked(p, "SELECT count(*) FROM items i JOIN workloads w ON"
                                 " w.id=i.workload_id WHERE w.policy_id=2"),
                        "618");
}

int main(void)
{
#define WITH_A_PLACE(f)                                                                \
    cmocka_unit_test_setup_teardown(f, help_place_set_up, help_place_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_A_PLACE(figures_can_be_queried),
        WITH_A_PLACE(serving_can_be_queried),
        WITH_A_PLACE(jobs_can_be_queried),
        WITH_A_PLACE(kernels_can_be_queried),
        WITH_A_PLACE(database_without_kernels_is_brought_up),
        WITH_A_PLACE(allocation_of_jobs_that_never_end_is_there),
        WITH_A_PLACE(jobs_and_items_have_rows_in_one_table),
        WITH_A_PLACE(database_without_jobs_is_brought_up),
        WITH_A_PLACE(older_database_is_brought_up),
        WITH_A_PLACE(older_database_stays_as_it_was_where_the_run_fails),
        WITH_A_PLACE(runs_are_appended),
        WITH_A_PLACE(hostile_names_stay_text),
        WITH_A_PLACE(unknown_cost_is_null),
        WITH_A_PLACE(text_file_is_refused_untouched),
        WITH_A_PLACE(long_foreign_file_is_refused_untouched),
        WITH_A_PLACE(database_of_another_application_is_refused_untouched),
        WITH_A_PLACE(database_without_an_application_is_refused_untouched),
        WITH_A_PLACE(newer_version_is_refused_untouched),
        WITH_A_PLACE(empty_file_is_a_fresh_database),
        WITH_A_PLACE(killed_run_leaves_the_file_byte_for_byte),
        WITH_A_PLACE(killed_bulk_load_is_rolled_back),
        WITH_A_PLACE(killed_first_run_leaves_a_fresh_database),
        WITH_A_PLACE(refused_commit_leaves_the_file),
        WITH_A_PLACE(rows_per_item_are_all_there),
    };

    return cmocka_run_group_tests_name("report_database", tests, NULL, NULL);
}
