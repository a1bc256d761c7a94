/* The sheet Log: how the run can be made again, what it assumed and warned of, which
 * cells respond to a change, and the runs it was set against. */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "report/format.h"
#include "report/workbook_tables.h"

enum { WIDE = 150, OTHERS_MOST = 200 };

static void write_fact(struct report_place *at, const char *name, const char *text)
{
    report_sheet_text(at->s, at->row, 0, name, REPORT_LOOK_NAME);
    report_sheet_paragraph(at->s, at->row, 1, 3, report_lines_of(text, WIDE), text,
                           REPORT_LOOK_WRAP);
    at->row++;
}

static void write_section(struct report_place *at, const char *title)
{
    report_sheet_text(at->s, at->row, 0, title, REPORT_LOOK_SECTION);
    report_sheet_height(at->s, at->row++, 1.7);
}

static void write_run(struct report_place *at)
{
    const struct model_result *r = at->w->r;
    time_t created = (time_t)at->w->context->created_s;
    char stamp[32];
    struct tm utc;

    gmtime_r(&created, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S UTC", &utc);
    write_section(at, "The run");
    write_fact(at, "scenario", r->name);
    write_fact(at, "file", r->path != NULL ? r->path : "-");
    write_fact(at, "stageplan", r->version);
    write_fact(at, "seed", sp_arena_printf(at->w->arena, "%" PRIu64, r->seed));
    write_fact(at, "replications",
               sp_arena_printf(at->w->arena, "%" PRId32, r->n_runs));
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t i = 0; i < r->policies[p].n_workloads; i++)
            if (r->policies[p].workloads[i].interval != NULL)
                write_fact(at,
                           sp_arena_printf(at->w->arena, "intervals of %s under %s",
                                           r->policies[p].workloads[i].name,
                                           r->policies[p].name),
                           r->policies[p].workloads[i].interval);
    if (r->precision.asked_frac > 0)
        write_fact(at, "precision", report_format_precision(r, at->w->arena));
    write_fact(at, "made", stamp);
    write_fact(at, "catalog", r->catalog != NULL ? r->catalog : "not used");
    if (r->partial)
        write_fact(at, "partial", "the run was interrupted");
    if (r->not_run != NULL)
        write_fact(at, "not run", r->not_run);
    for (int32_t i = 0; i < r->n_files; i++)
        write_fact(at, sp_arena_printf(at->w->arena, "%016" PRIx64, r->files[i].xxh64),
                   r->files[i].file);
    at->row++;
}

/* What follows a change of a yellow cell, and what doesn't. */
static void write_responses(struct report_place *at)
{
    static const char *const rows[][2] = {
        {"follow prices and discounts", "all USD per run and per month, savings, "
                                        "ratios of cost, USD per item, token and "
                                        "GPU-hour, Fleet, Cost with its steps, "
                                        "Allocation, Sensitivity of prices, charts "
                                        "of money"},
        {"follow hours_per_month", "all USD per month, and savings in it"},
        {"scaled", "95 % intervals: as large a share of the money as in the run"},
        {"need a new run",
         "times, utilization, nodes and hours, what was bought where prices decide "
         "that; "
         "money of a price that was 0 or missing, by stage and part; Teams and the "
         "columns that say 'of the run'"},
        {"as simulated", "sentences on Summary: decision, drivers, verdicts"},
    };

    write_section(at, "Which cells respond");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        write_fact(at, rows[i][0], rows[i][1]);
    at->row++;
}

static void write_assumptions(struct report_place *at)
{
    const struct model_result *r = at->w->r;

    if (r->n_assumptions == 0)
        return;
    write_section(at, "What the model assumes");
    for (int32_t i = 0; i < r->n_assumptions; i++)
        write_fact(at, r->assumptions[i].id, r->assumptions[i].text);
    at->row++;
}

static void write_warnings(struct report_place *at)
{
    const struct model_result *r = at->w->r;

    if (r->n_warnings == 0)
        return;
    write_section(at, "Warnings");
    for (int32_t i = 0; i < r->n_warnings; i++)
        write_fact(at, sp_arena_printf(at->w->arena, "%" PRId32, i + 1),
                   r->warnings[i]);
    at->row++;
}

/* ---- other runs ---- */

static const char *change_text(const struct report_workbook *w,
                               const struct report_change *c)
{
    const char *here = c->here_text, *there = c->there_text;

    if (here == NULL)
        here = isnan(c->here) ? "-" : sp_arena_printf(w->arena, "%g", c->here);
    if (there == NULL)
        there = isnan(c->there) ? "-" : sp_arena_printf(w->arena, "%g", c->there);
    return sp_arena_printf(w->arena, "%s: %s: %s instead of %s", c->group, c->name,
                           there, here);
}

static void write_other(struct report_place *at, const struct report_other *o)
{
    const char *text = o->n_changes == 0 ? "the same inputs" : "";

    for (int32_t i = 0; i < o->n_changes && i < 4; i++)
        text = sp_arena_printf(at->w->arena, "%s%s%s", text, i > 0 ? "; " : "",
                               change_text(at->w, &o->changes[i]));
    if (o->n_changes > 4)
        text = sp_arena_printf(at->w->arena, "%s; and %d more", text,
                               (int)o->n_changes - 4);
    write_fact(at,
               sp_arena_printf(at->w->arena, "run %" PRId64 ", seed %" PRIu64, o->run,
                               o->seed),
               text);
}

static void write_others(struct report_place *at)
{
    const struct report_context *c = at->w->context;

    if (c->n_others == 0)
        return;
    write_section(at, "Runs of the same database that it was set against");
    for (int32_t i = 0; i < c->n_others && i < OTHERS_MOST; i++)
        write_other(at, &c->others[i]);
    if (c->n_others > OTHERS_MOST)
        write_fact(at, "more",
                   sp_arena_printf(at->w->arena, "%d runs more",
                                   (int)c->n_others - OTHERS_MOST));
}

void report_write_log(struct report_workbook *w)
{
    static const double widths[] = {30, 60, 40, 40};
    struct report_place at = {.w = w, .row = 2};

    at.s = report_book_sheet(w->book, "Log", widths, 4, 0);
    report_write_title(at.s, "Log", NULL);
    write_run(&at);
    write_responses(&at);
    write_assumptions(&at);
    write_warnings(&at);
    write_others(&at);
}
