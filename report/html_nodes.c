/* Nodes over time: a row each, booting and ready, with how busy its places were. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/timeline.h"
#include "report/format.h"
#include "report/svg.h"
#include "report/text.h"

enum { BINS = REPORT_HTML_POINTS, LEVELS = 3, ROW = 14, NAME_COLUMNS = 16 };
static const double left = 120, right = 474;

struct lane {
    const struct model_lease *lease;
    int32_t threads;  /* that were used, at least 1 */
    int64_t known_ns; /* until then slices tell what went on; -1: of no time */
    double busy_ns[BINS];
};

static bool is_work(enum model_slice_kind kind)
{
    return kind == MODEL_SLICE_SERVICE || kind == MODEL_SLICE_BUSY ||
           kind == MODEL_SLICE_JOB;
}

/* A slice's time into the bins that it touches. */
static void add_slice(struct lane *lane, const struct model_slice *s, double bin_ns)
{
    int first = (int)((double)s->from_ns / bin_ns);

    if (s->thread >= lane->threads)
        lane->threads = s->thread + 1;
    for (int b = first; b < BINS && (double)s->to_ns > b * bin_ns; b++)
        lane->busy_ns[b] += fmin((double)s->to_ns, (b + 1) * bin_ns) -
                            fmax((double)s->from_ns, b * bin_ns);
}

static struct lane *lanes_of(struct report_html *h, const struct model_timeline *t,
                             int32_t n, double bin_ns)
{
    struct lane *lanes = sp_arena_array(h->arena, (size_t)n, sizeof *lanes);
    int64_t *known_ns = sp_arena_array(h->arena, (size_t)t->n_leases, sizeof *known_ns);

    model_timeline_known(t, known_ns);
    for (int32_t i = 0; i < n; i++) {
        lanes[i].lease = &t->leases[i];
        lanes[i].known_ns = known_ns[i];
        lanes[i].threads = 1;
    }
    for (int32_t i = 0; i < t->n_slices; i++)
        if (t->slices[i].lease < n && is_work(t->slices[i].kind))
            add_slice(&lanes[t->slices[i].lease], &t->slices[i], bin_ns);
    return lanes;
}

/* Runs of bins of one level are one block of the path. */
static void draw_level(struct report_html *h, const struct lane *lane, double y,
                       double bin_ns, int level)
{
    double width = (right - left) / BINS, full = bin_ns * lane->threads;
    int from = -1;

    report_svg_path(h, sp_arena_printf(h->arena, "b%d", level));
    for (int b = 0; b <= BINS; b++) {
        double frac = b < BINS ? lane->busy_ns[b] / full : 0;
        bool in = frac > 0.001 && (int)fmin(frac * LEVELS, LEVELS - 1) == level;

        if (in && from < 0)
            from = b;
        if (!in && from >= 0) {
            report_svg_block(h, left + from * width, y + 2, (b - from) * width,
                             ROW - 4);
            from = -1;
        }
    }
    report_svg_path_end(h);
}

/* Of the time that slices tell of; NaN where they tell of none. */
static double busy_of(const struct lane *lane)
{
    double sum = 0, held = (double)(lane->known_ns - lane->lease->requested_ns);

    for (int b = 0; b < BINS; b++)
        sum += lane->busy_ns[b];
    return held > 0 ? sum / held / lane->threads : NAN;
}

static void draw_lane(struct report_html *h, const struct model_policy_result *p,
                      const struct lane *lane, double y, double end_ns)
{
    const struct model_lease *l = lane->lease;
    const char *type = p->nodes[l->use].type;
    double per_ns = (right - left) / end_ns;
    double x = left + (double)l->requested_ns * per_ns;
    double to = left + (double)l->end_ns * per_ns;
    double ready = l->ready_ns < 0 ? to : left + (double)l->ready_ns * per_ns;
    double known = fmax(ready, left + (double)lane->known_ns * per_ns);
    const char *tip = sp_arena_printf(
        h->arena, "node %d, %s: from %s to %s, %s; places busy %s", (int)l->node, type,
        report_html_figure(h, report_format_seconds, sp_s_from_ns(l->requested_ns)),
        report_html_figure(h, report_format_seconds, sp_s_from_ns(l->end_ns)), l->ended,
        report_html_figure(h, report_format_percent, busy_of(lane)));

    report_svg_text(h, 0, y + 11, "lane",
                    report_text_fit(h->arena,
                                    report_text_clean(h->arena, type, REPORT_TEXT_LINE),
                                    NAME_COLUMNS, "\u2026"));
    report_svg_rect(h, x, y + 2, ready - x, ROW - 4, "p-boot", NULL);
    report_svg_rect(h, ready, y + 2, known - ready, ROW - 4, "held", NULL);
    if (to > known)
        report_svg_rect(h, known, y + 2, to - known, ROW - 4, "unknown", NULL);
    for (int level = 0; level < LEVELS; level++)
        draw_level(h, lane, y, end_ns / BINS, level);
    report_svg_rect(h, x, y, fmax(to - x, 2), ROW, "hit", tip);
}

static void draw_axis(struct report_html *h, double y, double end_s)
{
    struct report_time_unit unit = report_time_unit_of(end_s);

    for (int i = 0; i <= 4; i++) {
        double x = left + (right - left) * i / 4;
        const char *text =
            report_html_figure(h, report_format_number, end_s * i / 4 / unit.seconds);

        report_svg_line(h, x, 0, x, y, "grid");
        report_svg_text(h, x, y + 16,
                        i == 0   ? "tick"
                        : i == 4 ? "tick e"
                                 : "tick m",
                        i == 4 ? sp_arena_printf(h->arena, "%s %s", text, unit.name)
                               : text);
    }
}

static void list(struct report_html *h, const struct model_policy_result *p,
                 const struct lane *lanes, int32_t n)
{
    static const char *const heads[] = {"node",  "type", "requested",  "ready",
                                        "ended", "why",  "places busy"};

    report_html_data(h, heads, 7);
    for (int32_t i = 0; i < n; i++) {
        const struct model_lease *l = lanes[i].lease;

        report_html_head(h, sp_arena_printf(h->arena, "%d", (int)l->node));
        fputs("<td>", h->out);
        report_html_name(h, p->nodes[l->use].type);
        fputs("</td>", h->out);
        report_html_cell(h, report_html_figure(h, report_format_seconds,
                                               sp_s_from_ns(l->requested_ns)));
        report_html_cell(
            h, report_html_figure(h, report_format_seconds,
                                  l->ready_ns < 0 ? NAN : sp_s_from_ns(l->ready_ns)));
        report_html_cell(
            h, report_html_figure(h, report_format_seconds, sp_s_from_ns(l->end_ns)));
        report_html_cell(h, l->ended);
        report_html_cell(
            h, report_html_figure(h, report_format_percent, busy_of(&lanes[i])));
        fputs("</tr>\n", h->out);
    }
    report_html_data_end(h);
}

static double end_of(const struct model_timeline *t)
{
    double end = 0;

    for (int32_t i = 0; i < t->n_leases; i++)
        end = fmax(end, (double)t->leases[i].end_ns);
    return end;
}

static bool is_sampled(const struct model_timeline *t)
{
    return t->n_slices < t->all_slices;
}

static void draw(struct report_html *h, const struct model_policy_result *p,
                 double end_ns)
{
    const struct model_timeline *t = &p->timeline;
    int32_t n = t->n_leases < REPORT_HTML_NODES ? t->n_leases : REPORT_HTML_NODES;
    struct lane *lanes;

    if (n == 0)
        return;
    lanes = lanes_of(h, t, n, end_ns / BINS);
    report_svg_figure(h, sp_arena_printf(h->arena, "Nodes of '%s'.", p->name),
                      n < t->all_leases || is_sampled(t)
                          ? sp_arena_printf(h->arena, "%d of %" PRId64 " leases (%s).",
                                            (int)n, t->all_leases, t->sample)
                          : "");
    report_svg_open(h, ROW * n + 24,
                    sp_arena_printf(h->arena,
                                    "When nodes of %s were held; the data are in "
                                    "the table below",
                                    p->name),
                    "");
    draw_axis(h, ROW * n, sp_s_from_ns((int64_t)end_ns));
    for (int32_t i = 0; i < n; i++)
        draw_lane(h, p, &lanes[i], ROW * i, end_ns);
    report_svg_close(h);
    list(h, p, lanes, n);
    report_svg_figure_end(h);
}

void report_html_nodes(struct report_html *h)
{
    double end_ns = 0;
    bool sampled = false;

    for (int32_t p = 0; p < h->n_charted; p++) {
        end_ns = fmax(end_ns, end_of(&h->r->policies[p].timeline));
        sampled = sampled || is_sampled(&h->r->policies[p].timeline);
    }
    if (!(end_ns > 0))
        return;
    report_html_section(h, "nodes", "Nodes over time");
    report_html_paragraph(h, "note",
                          "First replication. A row is a node from its request to its "
                          "end; the darker, the more of its places were at work.");
    report_svg_legend(h);
    report_svg_legend_item(h, "p-boot", "boots");
    report_svg_legend_item(h, "held", "ready, nothing at work");
    report_svg_legend_item(h, "b0", "up to a third");
    report_svg_legend_item(h, "b1", "up to two thirds");
    report_svg_legend_item(h, "b2", "more");
    if (sampled)
        report_svg_legend_item(h, "unknown", "held, and what went on is not recorded");
    report_svg_legend_end(h);
    fputs("<div class=\"charts\">\n", h->out);
    for (int32_t p = 0; p < h->n_charted; p++)
        draw(h, &h->r->policies[p], end_ns);
    fputs("</div>\n", h->out);
    report_html_section_end(h);
}
