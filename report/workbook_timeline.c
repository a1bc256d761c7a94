/* The sheet Timeline: when nodes were there, as lying bars; a stated sample of them
 * where there were many. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/workbook_tables.h"

enum { LEASES_MOST = 60, TYPES_MOST = 6, POLICIES_TOLD = 8 };

/* Columns of the table; one for the time each type is there, for its colour. */
enum {
    G_NODE,
    G_TYPE,
    G_OPTION,
    G_REQUESTED,
    G_READY,
    G_END,
    G_ENDED,
    G_BOOTING,
    G_USES,
    G_COLUMNS = G_USES + TYPES_MOST
};

static const uint32_t colours[TYPES_MOST] = {0x1F4E79, 0x9DC3E6, 0x7F7F7F,
                                             0x2E75B6, 0xFFC000, 0x264478};

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static double longest_s(const struct model_result *r)
{
    double longest = 0;

    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].timeline.n_leases; k++)
            longest = fmax(longest, seconds(r->policies[i].timeline.leases[k].end_ns));
    return longest;
}

/* Node types beyond the last colour share it. */
static int colour_of(const struct model_lease *l)
{
    return l->use < TYPES_MOST ? l->use : TYPES_MOST - 1;
}

static void write_lease(struct report_place *at, const struct model_policy_result *p,
                        const struct model_lease *l, double per)
{
    double requested = seconds(l->requested_ns) / per, end = seconds(l->end_ns) / per;
    double ready = l->ready_ns >= 0 ? seconds(l->ready_ns) / per : NAN;
    double booted = isnan(ready) ? end : ready;
    const double times[] = {requested, ready, end};

    report_sheet_text(at->s, at->row, G_NODE,
                      sp_arena_printf(at->w->arena, "node %" PRId32, l->node),
                      REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, G_TYPE, p->nodes[l->use].type, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, G_OPTION, p->nodes[l->use].option,
                      REPORT_LOOK_TEXT);
    for (int i = 0; i < 3; i++)
        report_sheet_number(at->s, at->row, G_REQUESTED + i, times[i],
                            REPORT_LOOK_CALC);
    report_sheet_text(at->s, at->row, G_ENDED, l->ended, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, G_BOOTING, booted - requested,
                        REPORT_LOOK_CALC);
    report_sheet_number(at->s, at->row, G_USES + colour_of(l), end - booted,
                        REPORT_LOOK_CALC);
    at->row++;
}

static void write_chart(const struct report_place *at, int32_t policy, int head,
                        int last, const char *unit)
{
    const struct model_policy_result *p = &at->w->r->policies[policy];
    int uses = p->n_nodes < TYPES_MOST ? p->n_nodes : TYPES_MOST, n = 0;
    struct report_chart_series series[2 + TYPES_MOST];
    struct report_chart chart = {
        .title = sp_arena_printf(at->w->arena, "Nodes of %s", p->name),
        .x_title = "",
        .y_title = sp_arena_printf(at->w->arena, "time (%s)", unit),
        .data_sheet = "Timeline",
        .first_row = head + 1,
        .last_row = last,
        .x_column = G_NODE,
        .series = series,
        .kind = REPORT_CHART_STACKED_BARS,
        .width = 900,
        .height = 170 + 14 * (last - head),
    };

    series[n++] = (struct report_chart_series){
        .name = " ", .column = G_REQUESTED, .hidden = true};
    series[n++] = (struct report_chart_series){
        .name = "boots", .column = G_BOOTING, .rgb = 0xED7D31};
    for (int i = 0; i < uses; i++)
        series[n++] = (struct report_chart_series){.name_row = head,
                                                   .name_column = G_USES + i,
                                                   .column = G_USES + i,
                                                   .rgb = colours[i]};
    chart.n_series = n;
    report_sheet_chart(at->s, at->row, 0, &chart);
}

static void write_use_heads(const struct report_place *at, int row,
                            const struct model_policy_result *p)
{
    for (int i = 0; i < TYPES_MOST; i++)
        if (i < p->n_nodes)
            report_sheet_text(at->s, row, G_USES + i,
                              i == TYPES_MOST - 1 && p->n_nodes > TYPES_MOST
                                  ? "other types"
                                  : p->nodes[i].type,
                              REPORT_LOOK_HEAD);
}

static const char *title_of(const struct report_place *at,
                            const struct model_policy_result *p, int32_t shown)
{
    const struct model_timeline *t = &p->timeline;

    return sp_arena_printf(
        at->w->arena, "%s: %" PRId32 " of %" PRId64 " leases%s; recorded: %s", p->name,
        shown, t->all_leases,
        shown < t->n_leases ? ", evenly chosen in the order of requests" : "",
        t->sample != NULL ? t->sample : "everything");
}

static void write_policy(struct report_place *at, int32_t policy)
{
    const struct model_policy_result *p = &at->w->r->policies[policy];
    const struct report_time_unit unit = report_time_unit_of(longest_s(at->w->r));
    const char *const heads[G_USES] = {
        "node",
        "type",
        "option",
        sp_arena_printf(at->w->arena, "requested (%s)", unit.name),
        sp_arena_printf(at->w->arena, "ready (%s)", unit.name),
        sp_arena_printf(at->w->arena, "end (%s)", unit.name),
        "ended by",
        sp_arena_printf(at->w->arena, "boots for (%s)", unit.name)};
    int32_t all = p->timeline.n_leases, n = all < LEASES_MOST ? all : LEASES_MOST;
    int head;

    report_place_start(at, title_of(at, p, n), heads, G_USES);
    head = at->row - 1;
    write_use_heads(at, head, p);
    for (int32_t i = 0; i < n; i++)
        write_lease(at, p, &p->timeline.leases[(int64_t)i * all / n], unit.seconds);
    at->row++;
    write_chart(at, policy, head, at->row - 2, unit.name);
    at->row += report_chart_rows(170 + 14 * n) + 1;
}

void report_write_timeline(struct report_workbook *w)
{
    static const double widths[] = {16, 24, 12, 13, 13, 13, 16,
                                    13, 16, 16, 16, 16, 16, 16};
    struct report_place at = {.w = w, .row = 3};
    int told = 0;

    for (int32_t i = 0; i < w->r->n_policies; i++) {
        if (w->r->policies[i].timeline.n_leases == 0 || told == POLICIES_TOLD)
            continue;
        if (told++ == 0) {
            at.s = report_book_sheet(w->book, "Timeline", widths, G_COLUMNS, 0);
            report_write_title(at.s, "Timeline",
                               "Nodes from their request to their end, first "
                               "replication; orange: they boot.");
        }
        write_policy(&at, i);
    }
}
