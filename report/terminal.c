/* The report on a terminal: header, comparison, then each policy down to its cost
 * lines. */
#include "report/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/units.h"
#include "report/alike.h"
#include "report/compare.h"
#include "report/format.h"
#include "report/page.h"
#include "report/terminal_jobs.h"
#include "report/terminal_kernels.h"
#include "report/terminal_serving.h"
#include "report/terminal_why.h"

static bool says_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strcasestr(value, "utf-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static int columns_of(FILE *out)
{
    struct winsize size;

    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct report_terminal_options report_terminal_options_for(FILE *out)
{
    bool terminal = isatty(fileno(out)) == 1;
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;

    return (struct report_terminal_options){
        .columns = terminal ? columns_of(out) : 0,
        .blocks = terminal && says_utf8(),
        .ascii_only = terminal && !says_utf8(),
        .colour = terminal && !dumb && (no_colour == NULL || no_colour[0] == '\0'),
    };
}

enum { HASH = 26, FILE_MOST = 74 }; /* columns of a hash and the blanks around */

static void print_header(struct report_page *page, const struct model_result *r)
{
    fprintf(page->out, "stageplan %s  ", report_page_name(page, r->version, 16));
    report_page_cell(page, r->name, page->columns - 20, REPORT_LEFT, REPORT_BOLD);
    fprintf(page->out, "\n  seed %" PRIu64 ", %" PRId32 " replication%s\n", r->seed,
            r->n_runs,
            r->n_runs == 1        ? ""
            : report_all_alike(r) ? "s, all alike: nothing in them is left to chance"
                                  : "s (means, +- 95 % confidence)");
    if (r->precision.asked_frac > 0)
        report_page_wrap(page, 2, "", report_format_precision(r, page->arena),
                         r->precision.reached ? REPORT_PLAIN : REPORT_BOLD);
    if (r->description != NULL)
        report_page_wrap(page, 2, "", r->description, REPORT_DIM);
    for (int32_t i = 0; i < r->n_files; i++) {
        int room = page->columns - HASH < FILE_MOST ? page->columns - HASH : FILE_MOST;

        fputs("  ", page->out);
        report_page_cell(page, report_page_path(page, r->files[i].file, room), room,
                         REPORT_LEFT, REPORT_PLAIN);
        fprintf(page->out, "  xxh64 %016" PRIx64 "\n", r->files[i].xxh64);
    }
    if (r->partial)
        report_page_wrap(page, 0, "PARTIAL: ",
                         "interrupted; every figure covers only what was simulated "
                         "before that.",
                         REPORT_ALARM);
}

static void print_verdicts(struct report_page *page, const struct model_result *r)
{
    if (r->n_comparisons > 0)
        report_page_end_line(page);
    for (int32_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].verdict != NULL)
            report_page_wrap(page, 0, "=> ", r->comparisons[i].verdict, REPORT_BOLD);
}

/* ---- stages ---- */

static const struct report_column stage_columns[] = {
    {"stage, *busiest", 15, REPORT_LEFT},
    {"unit", 11, REPORT_LEFT},
    {"slots", 6, REPORT_RIGHT},
    {"busy", 6, REPORT_RIGHT},
    {"", 8, REPORT_LEFT},
    {"wait", 8, REPORT_RIGHT},
    {"p99", 8, REPORT_RIGHT},
    {"queue", 7, REPORT_RIGHT},
};
enum { N_STAGE_COLUMNS = sizeof stage_columns / sizeof stage_columns[0] };

static void print_held_up(struct report_page *page, const struct model_stage_result *s)
{
    if (!(s->blocked_frac.mean >= 0.0005) && !(s->fetch_frac.mean >= 0.0005))
        return;
    report_page_wrap(
        page, 4, "",
        sp_arena_printf(
            page->arena, "of slot time %s held by backpressure, %s waiting for data",
            report_page_figure(page, report_format_percent, s->blocked_frac.mean),
            report_page_figure(page, report_format_percent, s->fetch_frac.mean)),
        REPORT_DIM);
}

static void print_lost(struct report_page *page, const struct model_stage_result *s)
{
    if (s->lost > 0)
        report_page_wrap(page, 4, "",
                         sp_arena_printf(page->arena,
                                         "%" PRId64
                                         " task%s lost with their nodes; the "
                                         "items went back to the queue",
                                         s->lost, s->lost == 1 ? "" : "s"),
                         REPORT_DIM);
}

static const char *number_in(struct report_page *page, double v, int column)
{
    return report_format_number_in(v, stage_columns[column].columns,
                                   sp_arena_alloc(page->arena, REPORT_FIGURE));
}

static void print_stage(struct report_page *page, const struct model_stage_result *s)
{
    const char *texts[N_STAGE_COLUMNS] = {
        s->name,
        s->unit,
        number_in(page, s->slots.mean, 2),
        report_page_figure(page, report_format_percent, s->busy_frac.mean),
        isnan(s->busy_frac.mean) ? "" : report_page_bar(page, s->busy_frac.mean, 8),
        report_page_figure(page, report_format_seconds, s->wait.mean_s.mean),
        report_page_figure(page, report_format_seconds, s->wait.p99_s.mean),
        number_in(page, s->queue_mean.mean, 7),
    };

    report_page_row(page, stage_columns, N_STAGE_COLUMNS, texts,
                    s->bottleneck ? '*' : ' ',
                    s->bottleneck ? REPORT_BOLD : REPORT_PLAIN);
    print_held_up(page, s);
    print_lost(page, s);
}

static void print_bound(struct report_page *page, const struct model_workload_result *w)
{
    const char *stage = w->bound_stage >= 0 && w->bound_stage < w->n_stages
                            ? w->stages[w->bound_stage].name
                            : "its source";

    if (isnan(w->bound_per_s))
        return;
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(page->arena,
                        "%s items/s done; the bound is %s items/s, set by %s",
                        report_page_figure(page, report_format_number, w->per_s.mean),
                        report_page_figure(page, report_format_number, w->bound_per_s),
                        report_page_name(page, stage, 40)),
        REPORT_PLAIN);
}

static void print_moved(struct report_page *page, const struct model_workload_result *w)
{
    char moved[REPORT_FIGURE], spilled[REPORT_FIGURE];

    if (w->moved_bytes == 0 && w->spilled_bytes == 0)
        return;
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "%s moved between nodes, %s spilled",
            sp_format_bytes((double)w->moved_bytes, moved, REPORT_FIGURE),
            sp_format_bytes((double)w->spilled_bytes, spilled, REPORT_FIGURE)),
        REPORT_PLAIN);
}

/* " (5 filtered, 2 retries exhausted)" */
static const char *dropped_words(struct report_page *page,
                                 const struct model_workload_result *w)
{
    const char *text = "";

    for (int i = 0; i < MODEL_DROP_REASONS; i++)
        if (w->dropped_by[i] > 0)
            text = sp_arena_printf(page->arena, "%s%s%" PRId64 " %s", text,
                                   text[0] != '\0' ? ", " : "", w->dropped_by[i],
                                   model_drop_name((enum model_drop)i));
    return text[0] == '\0' ? "" : sp_arena_printf(page->arena, " (%s)", text);
}

static const char *things(const struct model_workload_result *w)
{
    return w->serving != NULL ? "requests" : w->jobs != NULL ? "jobs" : "items";
}

static void print_workload(struct report_page *page,
                           const struct model_policy_result *p, int32_t id,
                           bool explain)
{
    const struct model_workload_result *w = &p->workloads[id];
    const char *why = dropped_words(page, w);

    report_page_end_line(page);
    report_page_wrap(page, 2, "",
                     sp_arena_printf(page->arena,
                                     "%s (%s): %" PRId64 " %s in, %" PRId64
                                     " done, %" PRId64 " in flight, %" PRId64 " %s%s",
                                     report_page_name(page, w->name, 40), w->kind,
                                     w->in, things(w), w->done, w->in_flight,
                                     w->dropped,
                                     w->jobs != NULL ? "refused" : "dropped", why),
                     REPORT_PLAIN);
    if (w->interval != NULL)
        report_page_wrap(page, 4, "intervals: ", w->interval, REPORT_DIM);
    if (w->serving != NULL) {
        report_terminal_serving(page, w->serving, explain);
        return;
    }
    if (w->jobs != NULL) {
        report_terminal_jobs(page, p, id, explain);
        return;
    }
    print_bound(page, w);
    print_moved(page, w);
    report_page_head(page, stage_columns, N_STAGE_COLUMNS);
    for (int32_t i = 0; i < w->n_stages; i++) {
        print_stage(page, &w->stages[i]);
        report_terminal_extrapolated(page, w, w->stages[i].name);
    }
    report_terminal_kernels(page, w);
}

/* ---- fleet ---- */

static const struct report_column fleet_columns[] = {
    {"node type", 20, REPORT_LEFT}, {"option", 9, REPORT_LEFT},
    {"peak", 7, REPORT_RIGHT},      {"mean", 7, REPORT_RIGHT},
    {"billed h", 9, REPORT_RIGHT},  {"USD/h", 8, REPORT_RIGHT},
    {"USD", 12, REPORT_RIGHT},
};
enum { N_FLEET_COLUMNS = sizeof fleet_columns / sizeof fleet_columns[0] };

static void print_fleet(struct report_page *page, const struct model_policy_result *p)
{
    report_page_end_line(page);
    report_page_head(page, fleet_columns, N_FLEET_COLUMNS);
    for (int32_t i = 0; i < p->n_nodes; i++) {
        const struct model_node_use *n = &p->nodes[i];
        const char *texts[N_FLEET_COLUMNS] = {
            n->type,
            n->option,
            report_page_figure(page, report_format_number, n->peak),
            report_page_figure(page, report_format_number, n->mean.mean),
            report_page_figure(page, report_format_number, n->billed_hours.mean),
            report_page_figure(page, report_format_usd, n->usd_per_h),
            report_page_figure(page, report_format_usd, n->usd.mean),
        };

        report_page_row(page, fleet_columns, N_FLEET_COLUMNS, texts, ' ', REPORT_PLAIN);
    }
}

/* ---- cost lines ---- */

enum { bar_columns = 13 };
static const struct report_column cost_columns[] = {
    {"cost of", 18, REPORT_LEFT},   {"workload / stage", 23, REPORT_LEFT},
    {"USD", 13, REPORT_RIGHT},      {"share", 7, REPORT_RIGHT},
    {"", bar_columns, REPORT_LEFT},
};
enum { N_COST_COLUMNS = sizeof cost_columns / sizeof cost_columns[0] };

static const char *subject_of(struct report_page *page,
                              const struct model_cost_line *line)
{
    if (line->workload == NULL)
        return "";
    if (line->stage == NULL)
        return line->workload;
    return sp_arena_printf(page->arena, "%s / %s",
                           report_page_name(page, line->workload, 10), line->stage);
}

static void print_cost_line(struct report_page *page,
                            const struct model_cost_line *line, int64_t total_uusd)
{
    double share = total_uusd != 0 ? (double)line->uusd / (double)total_uusd : NAN;
    const char *texts[N_COST_COLUMNS] = {
        model_line_kind_name(line->kind),
        subject_of(page, line),
        report_page_figure(page, report_format_usd, sp_usd_from_uusd(line->uusd)),
        report_page_figure(page, report_format_percent, share),
        isnan(share) ? "" : report_page_bar(page, share, bar_columns),
    };

    report_page_row(page, cost_columns, N_COST_COLUMNS, texts, ' ', REPORT_PLAIN);
}

static void print_cost(struct report_page *page, const struct model_policy_result *p)
{
    report_page_end_line(page);
    if (!p->cost.known) {
        report_page_wrap(page, 2, "",
                         "cost unknown: a node type that was used has no price",
                         REPORT_ALARM);
        return;
    }
    report_page_head(page, cost_columns, N_COST_COLUMNS);
    for (int32_t i = 0; i < p->cost.n_lines; i++)
        print_cost_line(page, &p->cost.lines[i], p->cost.uusd);
}

static void print_end(struct report_page *page, const struct model_policy_result *p)
{
    const char *window = sp_arena_printf(
        page->arena, "utilization over %s (%s to %s)",
        p->window != NULL ? p->window : "-",
        report_page_figure(page, report_format_seconds, p->window_from_s),
        report_page_figure(page, report_format_seconds, p->window_to_s));

    if (p->end == MODEL_END_DEADLOCK)
        report_page_wrap(page, 0, "DEADLOCK: ",
                         p->end_text != NULL ? p->end_text : "nothing can move",
                         REPORT_ALARM);
    else if (p->end != MODEL_END_DONE)
        report_page_wrap(page, 2, "ended: ",
                         p->end_text != NULL ? p->end_text : model_end_name(p->end),
                         REPORT_BOLD);
    report_page_wrap(page, 2, "", window, REPORT_DIM);
    report_terminal_rests_on(page, p);
}

static void print_policy(struct report_page *page, const struct model_result *r,
                         int32_t id)
{
    const struct model_policy_result *p = &r->policies[id];

    report_page_rule(page, p->name);
    print_end(page, p);
    for (int32_t i = 0; i < p->n_workloads; i++)
        print_workload(page, p, i, id == 0);
    print_fleet(page, p);
    report_terminal_capacity(page, p);
    print_cost(page, p);
    report_terminal_teams(page, p, id == 0);
}

/* ---- notes ---- */

static void print_assumption_ids(struct report_page *page, const struct model_result *r)
{
    char *ids = sp_arena_strdup(page->arena, "");

    for (int32_t i = 0; i < r->n_assumptions; i++)
        ids = sp_arena_printf(page->arena, "%s%s%s", ids, i > 0 ? ", " : "",
                              r->assumptions[i].id);
    report_page_wrap(page, 0, "assumptions: ", ids, REPORT_DIM);
}

static void print_notes(struct report_page *page, const struct model_result *r)
{
    bool assumptions =
        r->n_assumptions > 0 && (page->options->assumptions || !page->options->brief);

    if (r->n_warnings > 0 || assumptions)
        report_page_rule(page, "notes");
    for (int32_t i = 0; i < r->n_warnings; i++)
        report_page_wrap(page, 0, "warning: ", r->warnings[i], REPORT_PLAIN);
    if (!assumptions)
        return;
    if (r->catalog != NULL && !page->options->brief)
        report_page_wrap(page, 0, "catalog: ", r->catalog, REPORT_DIM);
    if (!page->options->assumptions) {
        print_assumption_ids(page, r);
        return;
    }
    for (int32_t i = 0; i < r->n_assumptions; i++)
        report_page_wrap(page, 0, "",
                         sp_arena_printf(page->arena, "%s: %s", r->assumptions[i].id,
                                         r->assumptions[i].text),
                         REPORT_PLAIN);
}

enum sp_status report_terminal_print(FILE *out, const struct model_result *r,
                                     const struct report_terminal_options *options,
                                     struct sp_err *err)
{
    struct report_page page;

    report_page_open(&page, options);
    print_header(&page, r);
    report_compare_print(&page, r);
    print_verdicts(&page, r);
    if (!options->brief)
        report_terminal_why(&page, r);
    for (int32_t i = 0; i < r->n_policies && !options->brief; i++)
        print_policy(&page, r, i);
    print_notes(&page, r);
    if (options->explain != NULL)
        report_terminal_explained(&page, r, options->explain);
    return report_page_close(&page, out, err);
}
