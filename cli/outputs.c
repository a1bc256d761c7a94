/* Database first, then the table of files, one after the other. */
#include "cli/outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/path.h"
#include "base/units.h"
#include "report/csv_out.h"
#include "report/database.h"
#include "report/file.h"
#include "report/focus.h"
#include "report/html.h"
#include "report/json.h"
#include "report/openmetrics.h"
#include "report/plot.h"
#include "report/text.h"
#include "report/trace_json.h"
#include "report/utc.h"
#include "report/workbook.h"

enum { TIMELINE_SLICES = 20000 };

/* ---- the table ---- */

/* Of --plot alone. */
static bool is_stdout(const char *path)
{
    return strcmp(path, "-") == 0;
}

static enum sp_status write_workbook(const char *path, const struct report_context *c,
                                     struct sp_err *err)
{
    return report_workbook_write(path, c, err);
}

static enum sp_status write_json(const char *path, const struct report_context *c,
                                 struct sp_err *err)
{
    return report_json_write(path, c->result, err);
}

static enum sp_status check_plots(const char *path, struct sp_err *err)
{
    return is_stdout(path) ? SP_OK : report_folder_check(path, err);
}

enum sp_status cli_outputs_plot(const char *path, const struct report_context *c,
                                struct sp_err *err)
{
    bool drawn = true;
    enum sp_status s;

    if (is_stdout(path)) /* cli_outputs_show() */
        return SP_OK;
    s = report_plot_write(path, c, "gnuplot", &drawn, err);
    if (s == SP_OK && !drawn)
        fprintf(
            stderr,
            "stageplan: gnuplot not found: the scripts and data in %s wait for it\n",
            path);
    return s;
}

static enum sp_status write_focus(const char *path, const struct report_context *c,
                                  struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    const char *missing = report_focus_missing(arena, c->result);
    enum sp_status s = report_focus_write(path, c, err);

    if (s == SP_OK && missing != NULL)
        fprintf(stderr, "stageplan: %s: no rows of %s, whose bill is not known\n", path,
                report_text_clean(arena, missing, REPORT_TEXT_LINE));
    sp_arena_free(arena);
    return s;
}

static const struct output {
    const char *option; /* one of CLI_OUTPUT_OPTIONS */
    const char *what;   /* it is called when it is there: "workbook: x.xlsx" */
    /* Before a run; NULL: nothing to look at. */
    enum sp_status (*check)(const char *path, struct sp_err *err);
    enum sp_status (*write)(const char *path, const struct report_context *c,
                            struct sp_err *err);
} table[] = {
    {"xlsx", "workbook", report_file_check, write_workbook},
    {"json", "json", report_file_check, write_json},
    {"html", "page", report_file_check, report_html_write},
    {"plot", "plots", check_plots, cli_outputs_plot},
    {"focus", "FOCUS rows", report_file_check, write_focus},
    {"timeline", "timeline", report_file_check, report_trace_json_write},
    {"metrics", "metrics", report_file_check, report_openmetrics_write},
    {"csv", "tables", report_folder_check, report_csv_out_write},
};
enum { N_TABLE = sizeof table / sizeof table[0] };
_Static_assert((int)N_TABLE <= (int)CLI_OUTPUTS_MAX,
               "struct cli_outputs has a path for each row");

struct cli_outputs cli_outputs_asked(const struct cli_parsed *parsed)
{
    struct cli_outputs o = {.db = cli_value(parsed, "db"),
                            .start = cli_value(parsed, "start"),
                            .want_items = cli_given(parsed, "items")};

    for (int i = 0; i < N_TABLE; i++)
        o.path[i] = cli_value(parsed, table[i].option);
    return o;
}

bool cli_outputs_any(const struct cli_outputs *o, const char *except)
{
    for (int i = 0; i < N_TABLE; i++)
        if (o->path[i] != NULL && strcmp(table[i].option, except) != 0)
            return true;
    return false;
}

const char *cli_outputs_path(const struct cli_outputs *o, const char *option)
{
    for (int i = 0; i < N_TABLE; i++)
        if (strcmp(table[i].option, option) == 0)
            return o->path[i];
    return NULL;
}

/* The year is one of which a century later is still a date. */
static enum sp_status read_start(const char *text, int64_t *start_s, struct sp_err *err)
{
    int64_t s = sp_seconds_from_date(text, "00:00:00");

    if (s <= 0 || strcmp(text, "2100") >= 0)
        return sp_fail(err, SP_EINPUT,
                       "--start %s: expected a date such as 2026-11-01, 1970-01-02 to "
                       "2099-12-31",
                       text);
    *start_s = s;
    return SP_OK;
}

int32_t cli_outputs_timeline_slices(const struct cli_outputs *o)
{
    static const char *const drawn[] = {"xlsx", "plot", "html", "timeline"};
    bool any = o->db != NULL;

    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++)
        any = any || cli_outputs_path(o, drawn[i]) != NULL;
    return any ? TIMELINE_SLICES : 0;
}

/* ---- one path for two ---- */

/* What two spellings of a path share: links resolved as far as there is something. */
static const char *plain_path(struct sp_arena *arena, const char *path)
{
    char *real = realpath(path, NULL), *folder;
    const char *slash = strrchr(path, '/'), *plain;

    if (real != NULL) {
        plain = sp_arena_printf(arena, "%s", real);
        free(real);
        return plain;
    }
    folder = sp_path_folder(arena, path);
    real = realpath(*folder != '\0' ? folder : ".", NULL);
    plain = real != NULL ? sp_arena_printf(arena, "%s/%s", real,
                                           slash != NULL ? slash + 1 : path)
                         : path;
    free(real);
    return plain;
}

/* Whether one file would take the other's place; a device or a pipe takes both. */
static bool same_file(struct sp_arena *arena, const char *a, const char *b)
{
    struct stat at_a, at_b;

    if (stat(a, &at_a) != 0 || stat(b, &at_b) != 0)
        return strcmp(plain_path(arena, a), plain_path(arena, b)) == 0;
    return S_ISREG(at_a.st_mode) && at_a.st_dev == at_b.st_dev &&
           at_a.st_ino == at_b.st_ino;
}

static bool is_folder(int i)
{
    return table[i].check != report_file_check;
}

/* Two folders may be one: no two of their files have the same name. */
static enum sp_status refuse_twice(const struct cli_outputs *o, struct sp_arena *arena,
                                   struct sp_err *err)
{
    for (int i = 0; i < N_TABLE; i++)
        for (int k = -1; k < i && o->path[i] != NULL; k++) {
            const char *other = k < 0 ? o->db : o->path[k];

            if (other != NULL && !(k >= 0 && is_folder(i) && is_folder(k)) &&
                same_file(arena, o->path[i], other))
                return sp_fail(err, SP_EINPUT,
                               "--%s %s: --%s goes there, too, expected another file",
                               table[i].option, o->path[i],
                               k < 0 ? "db" : table[k].option);
        }
    return SP_OK;
}

enum sp_status cli_outputs_refuse_input(const struct cli_outputs *o, const char *what,
                                        const char *path, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    enum sp_status s = SP_OK;

    for (int i = -1; i < N_TABLE && s == SP_OK; i++) {
        const char *out = i < 0 ? o->db : o->path[i];

        if (out != NULL && same_file(arena, out, path))
            s = sp_fail(err, SP_EINPUT,
                        "--%s %s: is the %s itself, expected another file",
                        i < 0 ? "db" : table[i].option, out, what);
    }
    sp_arena_free(arena);
    return s;
}

enum sp_status cli_outputs_check(const struct cli_outputs *o, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    if (o->want_items && o->db == NULL)
        return sp_fail(err, SP_EINPUT,
                       "--items: rows go to a database, expected --db, too");
    if (o->start != NULL) {
        int64_t start_s;

        s = read_start(o->start, &start_s, err);
    }
    if (s == SP_OK) {
        struct sp_arena *arena = sp_arena_new();

        s = refuse_twice(o, arena, err);
        sp_arena_free(arena);
    }
    if (s == SP_OK && o->db != NULL)
        s = report_database_check(o->db, err);
    for (int i = 0; i < N_TABLE && s == SP_OK; i++)
        if (o->path[i] != NULL && table[i].check != NULL)
            s = table[i].check(o->path[i], err);
    return s;
}

/* ---- items ---- */

void cli_outputs_keep_item(void *self, const struct model_item_row *row)
{
    struct cli_outputs *o = self;

    if (o->n_items == o->items_room) {
        o->items_room = o->items_room == 0 ? 4096 : 2 * o->items_room;
        o->items = sp_xrealloc(o->items, (size_t)o->items_room * sizeof *o->items);
    }
    o->items[o->n_items++] = *row;
}

void cli_outputs_fini(struct cli_outputs *o)
{
    free(o->items);
    *o = (struct cli_outputs){0};
}

/* ---- writing ---- */

int64_t cli_outputs_now_s(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t s;

    if (fixed != NULL &&
        sp_parse_count(fixed, 0, INT64_C(253402300799), &s, NULL) == SP_OK)
        return s;
    return time(NULL);
}

static enum sp_status write_database(const struct cli_outputs *o,
                                     const struct model_result *r, const char *stamp,
                                     struct sp_err *err)
{
    struct report_database *d;
    enum sp_status s = report_database_open(o->db, &d, err);

    if (s != SP_OK)
        return s;
    report_database_add_run(d, r, stamp);
    if (o->n_items > 0)
        report_database_add_items(d, o->items, o->n_items);
    return report_database_close(d, SP_OK, err);
}

enum sp_status cli_outputs_write(const struct cli_outputs *o,
                                 const struct report_context *c, struct sp_err *err)
{
    struct report_context context = *c;
    char stamp[REPORT_UTC];
    enum sp_status s = SP_OK;

    report_utc_text(c->created_s, stamp);
    if (o->start != NULL)
        s = read_start(o->start, &context.start_s, err);
    if (s == SP_OK && o->db != NULL)
        s = write_database(o, c->result, stamp, err);
    for (int i = 0; i < N_TABLE && s == SP_OK; i++)
        if (o->path[i] != NULL)
            s = table[i].write(o->path[i], &context, err);
    return s;
}

void cli_outputs_print(const struct cli_outputs *o)
{
    if (o->db != NULL)
        printf("database: %s\n", o->db);
    for (int i = 0; i < N_TABLE; i++)
        if (o->path[i] != NULL &&
            !(table[i].write == cli_outputs_plot && is_stdout(o->path[i])))
            printf("%s: %s\n", table[i].what, o->path[i]);
}

enum sp_status cli_outputs_show(const struct cli_outputs *o,
                                const struct report_context *c, struct sp_err *err)
{
    const struct report_plot_terminal terminal = report_plot_terminal_for(stdout);
    const char *path = cli_outputs_path(o, "plot");
    bool drawn = true;
    enum sp_status s;

    if (path == NULL || !is_stdout(path))
        return SP_OK;
    s = report_plot_print(stdout, &terminal, c, "gnuplot", &drawn, err);
    if (s == SP_OK && !drawn)
        fputs("stageplan: gnuplot not found: nothing is drawn\n", stderr);
    return s;
}
