/* Every writer of report/: whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/database.h"
#include "report/file.h"
#include "report/focus.h"
#include "report/html.h"
#include "report/json.h"
#include "report/openmetrics.h"
#include "report/plot.h"
#include "report/terminal.h"
#include "report/trace_json.h"
#include "report/workbook.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

typedef enum sp_status (*write_fn)(const char *path, const struct model_result *r,
                                   struct sp_err *err);

static enum sp_status write_text(const char *path, const struct model_result *r,
                                 struct sp_err *err)
{
    const struct report_terminal_options plain = {0};
    struct report_file *file = NULL;
    enum sp_status status = report_file_open(path, &file, err);

    if (status != SP_OK)
        return status;
    status = report_terminal_print(report_file_stream(file), r, &plain, err);
    return report_file_close(file, status, err);
}

static enum sp_status write_database(const char *path, const struct model_result *r,
                                     struct sp_err *err)
{
    return report_database_write(path, r, "2026-11-22", err);
}

static enum sp_status write_workbook(const char *path, const struct model_result *r,
                                     struct sp_err *err)
{
    const struct report_context c = {.result = r, .created_s = 1700000000};

    return report_workbook_write(path, &c, err);
}

static enum sp_status write_plots(const char *path, const struct model_result *r,
                                  struct sp_err *err)
{
    const struct report_context c = {.result = r, .created_s = 1700000000};
    bool drawn;

    return report_plot_write(path, &c, "no-such-gnuplot", &drawn, err);
}

/* Writers that take a context. */
typedef enum sp_status (*report_fn)(const char *path, const struct report_context *c,
                                    struct sp_err *err);

static enum sp_status write_report(report_fn write, const char *path,
                                   const struct model_result *r, struct sp_err *err)
{
    const struct report_context c = {.result = r, .created_s = 1700000000};

    return write(path, &c, err);
}

static enum sp_status write_html(const char *path, const struct model_result *r,
                                 struct sp_err *err)
{
    return write_report(report_html_write, path, r, err);
}

static enum sp_status write_focus(const char *path, const struct model_result *r,
                                  struct sp_err *err)
{
    return write_report(report_focus_write, path, r, err);
}

static enum sp_status write_timeline(const char *path, const struct model_result *r,
                                     struct sp_err *err)
{
    return write_report(report_trace_json_write, path, r, err);
}

static enum sp_status write_metrics(const char *path, const struct model_result *r,
                                    struct sp_err *err)
{
    return write_report(report_openmetrics_write, path, r, err);
}

static struct writer {
    const char *name;
    write_fn write;
    size_t too_small[3]; /* disks on which it can't end, 0 ends */
} writers[] = {
    {"terminal", write_text, {1, 1000, 4000}},
    {"json", report_json_write, {1, 1000, 8000}},
    {"database", write_database, {1, 8000, 60000}},
    /* The last would hold the zip but not the largest of its parts. */
    {"workbook", write_workbook, {1, 8000, 45000}},
    {"page", write_html, {1, 1000, 60000}},
    {"focus", write_focus, {1, 200, 500}},
    {"timeline", write_timeline, {1, 500, 1000}},
    {"metrics", write_metrics, {1, 500, 4000}},
    {"plots", write_plots, {1, 1000, 2000}},
};
enum { N_WRITERS = sizeof writers / sizeof writers[0] };

struct job {
    const struct writer *writer;
    const char *path;
    const struct model_result *result;
};

static enum sp_status do_job(void *context)
{
    const struct job *job = context;
    struct sp_err err = {0};

    return job->writer->write(job->path, job->result, &err);
}

static void missing_folder_is_refused(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};

    assert_int_equal(w->write("/proc/no-such-folder/x",
                              fixture_result_new(arena, &(struct fixture_options){0}),
                              &err),
                     SP_EIO);
    assert_non_null(strstr(err.text, "/proc/no-such-folder/x"));
    sp_arena_free(arena);
}

static void full_device_is_an_error_and_stays_a_device(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena;
    struct sp_err err = {0};
    struct stat st;

    if (stat("/dev/full", &st) != 0)
        skip();
    arena = sp_arena_new();
    assert_int_equal(w->write("/dev/full",
                              fixture_result_new(arena, &(struct fixture_options){0}),
                              &err),
                     SP_EIO);
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    sp_arena_free(arena);
}

static void read_only_folder_is_refused_and_stays_empty(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena;
    char *folder;
    struct sp_err err = {0};

    if (geteuid() == 0) /* may write anywhere */
        skip();
    arena = sp_arena_new();
    folder = help_folder_new(arena);
    assert_int_equal(chmod(folder, 0555), 0);
    assert_int_equal(w->write(help_path(arena, folder, "x"),
                              fixture_result_new(arena, &(struct fixture_options){0}),
                              &err),
                     SP_EIO);
    assert_int_equal(help_folder_count(folder), 0);
    chmod(folder, 0755);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void full_disk_leaves_nothing_behind(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct job job = {w, help_path(arena, folder, "x"),
                      fixture_result_new(arena, &(struct fixture_options){0})};

    for (int i = 0; i < 3; i++) {
        if (help_with_full_disk(w->too_small[i], do_job, &job) != SP_EIO)
            fail_msg("a disk of %zu bytes went unnoticed", w->too_small[i]);
        if (strcmp(w->name, "plots") != 0)
            assert_int_equal(help_folder_count(folder), 0);
    }
    assert_int_equal(do_job(&job), SP_OK);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

/* In a process whose disk is full: whether the message tells so. */
static enum sp_status say_why(void *context)
{
    const struct job *job = context;
    struct sp_err err = {0};
    enum sp_status s = job->writer->write(job->path, job->result, &err);

    return s == SP_EIO && strstr(err.text, "too large") != NULL ? SP_OK : SP_EINPUT;
}

static void full_disk_is_named_as_the_reason(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct job job = {w, help_path(arena, folder, "x"),
                      fixture_result_new(arena, &(struct fixture_options){0})};

    /* SQLite has words of its own, and the terminal's report knows no file. */
    if (w->write != write_database && w->write != write_text)
        assert_int_equal(help_with_full_disk(w->too_small[1], say_why, &job), SP_OK);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void full_disk_leaves_the_old_file(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena), *before, *after;
    struct job job = {w, help_path(arena, folder, "x"),
                      fixture_result_new(arena, &(struct fixture_options){0})};
    size_t size = 0, now = 0;

    assert_int_equal(do_job(&job), SP_OK);
    before = help_file_read(arena, job.path, &size);
    assert_int_equal(help_with_full_disk(w->too_small[1], do_job, &job), SP_EIO);
    after = help_file_read(arena, job.path, &now);
    assert_int_equal(now, size);
    assert_memory_equal(after, before, size);
    assert_int_equal(help_folder_count(folder), 1);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void same_result_gives_same_bytes(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct model_result *r = fixture_result_new(arena, &(struct fixture_options){0});
    const char *a = help_path(arena, folder, "a"), *b = help_path(arena, folder, "b");
    size_t size = 0, other = 0;
    char *bytes;

    assert_int_equal(w->write(a, r, NULL), SP_OK);
    sleep(w->write == write_workbook ? 2 : 0); /* a zip knows even seconds */
    assert_int_equal(w->write(b, r, NULL), SP_OK);
    bytes = help_file_read(arena, a, &size);
    assert_memory_equal(bytes, help_file_read(arena, b, &other), size);
    assert_int_equal(size, other);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void link_is_followed_and_stays_a_link(void **state)
{
    const struct writer *w = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *link = help_path(arena, folder, "link");
    struct stat st;

    help_file_write(help_path(arena, folder, "target"), "", 0);
    assert_int_equal(symlink("target", link), 0);
    assert_int_equal(
        w->write(link, fixture_result_new(arena, &(struct fixture_options){0}), NULL),
        SP_OK);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(link, &st), 0);
    assert_true(st.st_size > 0);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void check_says_before_the_run_and_leaves_no_trace(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(report_file_check(help_path(arena, folder, "x"), NULL), SP_OK);
    assert_int_equal(report_database_check(help_path(arena, folder, "x"), NULL), SP_OK);
    assert_int_equal(help_folder_count(folder), 0);
    assert_int_equal(report_file_check("/proc/none/x", &err), SP_EIO);
    assert_int_equal(report_database_check("/proc/none/x", NULL), SP_EIO);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction function;
    } promises[] = {
        {"missing_folder_is_refused", missing_folder_is_refused},
        {"full_device_is_an_error_and_stays_a_device",
         full_device_is_an_error_and_stays_a_device},
        {"read_only_folder_is_refused_and_stays_empty",
         read_only_folder_is_refused_and_stays_empty},
        {"full_disk_leaves_nothing_behind", full_disk_leaves_nothing_behind},
        {"full_disk_is_named_as_the_reason", full_disk_is_named_as_the_reason},
        {"full_disk_leaves_the_old_file", full_disk_leaves_the_old_file},
        {"same_result_gives_same_bytes", same_result_gives_same_bytes},
        {"link_is_followed_and_stays_a_link", link_is_followed_and_stays_a_link},
    };
    enum { N_PROMISES = sizeof promises / sizeof promises[0], N_SINGLE_FILE = 3 };
    static char names[N_PROMISES * N_WRITERS][80];
    struct CMUnitTest tests[N_PROMISES * N_WRITERS + 1] = {
        cmocka_unit_test(check_says_before_the_run_and_leaves_no_trace)};
    size_t n = 1;

    for (int i = 0; i < N_PROMISES * N_WRITERS; i++) {
        struct writer *w = &writers[i % N_WRITERS];

        if (w->write == write_plots && i / N_WRITERS >= N_PROMISES - N_SINGLE_FILE)
            continue; /* it writes a folder */
        snprintf(names[i], sizeof names[i], "%s: %s", w->name,
                 promises[i / N_WRITERS].name);
        tests[n++] = (struct CMUnitTest){.name = names[i],
                                         .test_func = promises[i / N_WRITERS].function,
                                         .initial_state = w};
    }
    return _cmocka_run_group_tests("report_file", tests, n, NULL, NULL);
}
