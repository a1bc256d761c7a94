/* Nodes over time: a row for each, booting, ready, by type, and how each lease ended.
 * With more nodes than rows every k-th is drawn, and the picture says so. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { ROWS_MOST = 80 };

/* Ends worth a mark; others are those of the run and of idle nodes. */
static const struct mark {
    const char *ended, *title;
    int point;
    const char *rgb;
} marks[] = {
    {"taken back", "taken back by the cloud", 2, "#b2182b"},
    {"failed", "failed", 3, "#000000"},
    {"moved", "given up for a cheaper option", 8, "#4d4d4d"},
    {"idle", "ended as idle", 6, "#4d4d4d"},
};
enum { MARKS = sizeof marks / sizeof marks[0] };

static const struct model_timeline *timeline_of(const struct report_plots *p,
                                                int32_t id)
{
    return &p->r->policies[id].timeline;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return timeline_of(p, id)->n_leases > 0;
}

/* ---- rows: a node and its use; in the order in which they were first asked for ----
 */

struct rows {
    int32_t n, every;
    int32_t *row_of; /* by lease; -1: not drawn */
};

/* By node and use: the row, counted from 1. */
static int32_t *row_table(const struct report_plots *p, int32_t id)
{
    const struct model_timeline *t = timeline_of(p, id);
    int32_t most = 0;

    for (int32_t i = 0; i < t->n_leases; i++)
        most = t->leases[i].node > most ? t->leases[i].node : most;
    return sp_arena_array(p->arena,
                          ((size_t)most + 1) * (size_t)p->r->policies[id].n_nodes,
                          sizeof(int32_t));
}

static struct rows rows_of(const struct report_plots *p, int32_t id)
{
    const struct model_timeline *t = timeline_of(p, id);
    const size_t uses = (size_t)p->r->policies[id].n_nodes;
    struct rows rows = {.every = 1};
    int32_t *row = sp_arena_array(p->arena, (size_t)t->n_leases, sizeof *row);
    int32_t *table = row_table(p, id), n = 0;

    for (int32_t i = 0; i < t->n_leases; i++) {
        const struct model_lease *l = &t->leases[i];
        int32_t *at = &table[(size_t)l->node * uses + (size_t)l->use];

        if (*at == 0)
            *at = ++n;
        row[i] = *at - 1;
    }
    while ((n + rows.every - 1) / rows.every > ROWS_MOST)
        rows.every++;
    for (int32_t i = 0; i < t->n_leases; i++)
        row[i] = row[i] % rows.every == 0 ? row[i] / rows.every : -1;
    rows.n = (n + rows.every - 1) / rows.every;
    rows.row_of = row;
    return rows;
}

static struct report_time_unit unit_of(const struct model_timeline *t)
{
    int64_t last = 0;

    for (int32_t i = 0; i < t->n_leases; i++)
        last = t->leases[i].end_ns > last ? t->leases[i].end_ns : last;
    return report_time_unit_of((double)last / 1e9);
}

static int mark_of(const struct model_lease *lease)
{
    for (int m = 0; m < MARKS; m++)
        if (lease->ended != NULL && strcmp(lease->ended, marks[m].ended) == 0)
            return m;
    return MARKS;
}

/* ---- data ---- */

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_policy_result *x = &p->r->policies[id];
    const struct model_timeline *t = &x->timeline;
    const struct rows rows = rows_of(p, id);
    const double per = 1e9 * unit_of(t).seconds;

    report_plot_data_head(p, "nodes over time, first replication", out);
    for (int32_t i = 0; i < x->n_nodes; i++)
        report_plot_data_name(p, i, x->nodes[i].type, out);
    fprintf(out,
            "# row, node, type; asked for, ready, end (%s); how it ended, by number:",
            unit_of(t).name);
    for (int m = 0; m < MARKS; m++)
        fprintf(out, " %d %s,", m, marks[m].ended);
    fprintf(out, " %d otherwise\n", MARKS);
    for (int32_t i = 0; i < t->n_leases; i++) {
        const struct model_lease *l = &t->leases[i];
        const int64_t ready = l->ready_ns >= 0 ? l->ready_ns : l->end_ns;

        if (rows.row_of[i] < 0)
            continue;
        fprintf(out, "%" PRId32 " %" PRId32 " %" PRId32 " %.17g %.17g %.17g %d\n",
                rows.row_of[i], l->node, l->use, (double)l->requested_ns / per,
                (double)ready / per, (double)l->end_ns / per, mark_of(l));
    }
}

/* ---- script ---- */

static bool uses_type(const struct report_plots *p, int32_t id, const struct rows *rows,
                      int32_t use)
{
    const struct model_timeline *t = timeline_of(p, id);

    for (int32_t i = 0; i < t->n_leases; i++)
        if (rows->row_of[i] >= 0 && t->leases[i].use == use)
            return true;
    return false;
}

static bool has_mark(const struct report_plots *p, int32_t id, const struct rows *rows,
                     int mark)
{
    const struct model_timeline *t = timeline_of(p, id);

    for (int32_t i = 0; i < t->n_leases; i++)
        if (rows->row_of[i] >= 0 && mark_of(&t->leases[i]) == mark)
            return true;
    return false;
}

static bool any_boots(const struct report_plots *p, int32_t id, const struct rows *rows)
{
    const struct model_timeline *t = timeline_of(p, id);

    for (int32_t i = 0; i < t->n_leases; i++)
        if (rows->row_of[i] >= 0 && t->leases[i].ready_ns != t->leases[i].requested_ns)
            return true;
    return false;
}

static const char *type_title(const struct report_plots *p,
                              const struct model_node_use *node)
{
    const char *text =
        node->option != NULL && *node->option != '\0'
            ? sp_arena_printf(p->arena, "%s, %s", node->type, node->option)
            : node->type;

    return report_plot_quoted(p->arena, text, REPORT_PLOT_LEGEND);
}

static void write_plot(const struct report_plots *p, int32_t id,
                       const struct rows *rows, FILE *out)
{
    static const char *const rgb[] = {"#08306b", "#6baed6", "#e69f00", "#009e73",
                                      "#cc79a7", "#737373", "#000000", "#a6761d"};
    const char *stem = report_plot_stem(p, &report_plot_gantt, id);
    const struct model_policy_result *x = &p->r->policies[id];

    fputs("plot ", out);
    for (int32_t i = 0; i < x->n_nodes; i++)
        if (uses_type(p, id, rows, i))
            fprintf(out,
                    "'%s.dat' using ($3==%" PRId32 "?$5:NaN):1:5:6:($1-0.4):($1+0.4) "
                    "with boxxyerror fs solid 1 noborder lc rgb '%s' title %s, ",
                    stem, i, rgb[i % 8], type_title(p, &x->nodes[i]));
    if (any_boots(p, id, rows))
        fprintf(
            out,
            "'%s.dat' using ($5>$4?$4:NaN):1:4:5:($1-0.4):($1+0.4) with boxxyerror "
            "fs pattern 4 border lc rgb '#d55e00' lc rgb '#d55e00' title 'booting', ",
            stem);
    for (int m = 0; m < MARKS; m++)
        if (has_mark(p, id, rows, m))
            fprintf(out,
                    "'%s.dat' using ($7==%d?$6:NaN):1 with points pt %d ps 0.9 lw 1.5 "
                    "lc rgb '%s' title '%s', ",
                    stem, m, marks[m].point, marks[m].rgb, marks[m].title);
    fputs("NaN notitle\n", out);
}

static const char *sample_of(const struct report_plots *p, int32_t id,
                             const struct rows *rows)
{
    const struct model_timeline *t = timeline_of(p, id);
    const bool all = t->all_leases <= t->n_leases;

    if (rows->every == 1 && all)
        return sp_arena_printf(
            p->arena, "all %" PRId32 " nodes, in the order they were asked for",
            rows->n);
    return sp_arena_printf(
        p->arena, "%" PRId32 " nodes%s%s%s%s", rows->n,
        rows->every > 1 ? sp_arena_printf(p->arena, ", 1 in %" PRId32, rows->every)
                        : "",
        all ? "" : " of this sample: ", all ? "" : t->sample, "");
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct rows rows = rows_of(p, id);
    struct report_panel panel = {.height = 190 + (rows.n < 12 ? 12 : rows.n) * 12,
                                 .rows = 1,
                                 .columns = 1,
                                 .legend_frac = 0.24};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_gantt, id),
            .title = sp_arena_printf(p->arena, "Nodes over time: %s",
                                     report_plot_policy_name(p, id)),
            .subtitle = sp_arena_printf(p->arena, "%s; scenario %s, first replication",
                                        sample_of(p, id, &rows), p->r->name),
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fprintf(out,
            "unset grid\nset grid x lc rgb '#d8d8d8' lt 1\nset xlabel 'time (%s)'\n"
            "set ylabel 'nodes'\n"
            "set yrange [%" PRId32 ".5:-0.5]\nset xrange [0:*]\n%s",
            unit_of(timeline_of(p, id)).name, rows.n - 1,
            rows.n <= 12 ? "set ytics 1\n" : "");
    write_plot(p, id, &rows, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_gantt = {
    .stem = "gantt",
    .count = report_plot_count_policies,
    .applies = applies,
    .name = report_plot_policy_name,
    .data = write_data,
    .script = write_script,
};
