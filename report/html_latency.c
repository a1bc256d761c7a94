/* How long things took: cumulative distributions, and what shorter times cost. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/svg.h"
#include "report/text.h"

enum { HEIGHT = 230, WORKLOADS = 4, TIPS = 20, DOT_COLUMNS = 24 };
static const double left = 46, right = 470, top = 8, bottom = 196;
static const double log_from = 30; /* a log scale where the times span more */

static const struct model_cdf *cdf_of(const struct report_html *h, int32_t policy,
                                      int32_t workload, const char *what)
{
    const struct model_policy_result *p = &h->r->policies[policy];

    if (workload >= p->n_workloads)
        return NULL;
    for (int32_t i = 0; i < p->workloads[workload].n_cdfs; i++) {
        const struct model_cdf *c = &p->workloads[workload].cdfs[i];

        if (c->n > 0 && strcmp(c->what, what) == 0)
            return c;
    }
    return NULL;
}

struct frame {
    double lo_s, hi_s;
    bool log;
};

static double share(const struct frame *f, double s)
{
    double at = f->log ? log(fmax(s, f->lo_s) / f->lo_s) / log(f->hi_s / f->lo_s)
                       : (s - f->lo_s) / (f->hi_s - f->lo_s);

    return fmin(fmax(at, 0), 1);
}

static double x_of(const struct frame *f, double s)
{
    return left + (right - left) * share(f, s);
}

static double y_of(double frac)
{
    return bottom - (bottom - top) * frac;
}

/* The time that `frac` took at most. */
static double time_at(const struct model_cdf *c, double frac)
{
    for (int32_t i = 0; i < c->n; i++)
        if (c->frac[i] >= frac)
            return c->s[i];
    return c->s[c->n - 1];
}

static bool frame_of(const struct report_html *h, int32_t workload, const char *what,
                     struct frame *f)
{
    *f = (struct frame){INFINITY, 0, false};
    for (int32_t p = 0; p < h->n_charted; p++) {
        const struct model_cdf *c = cdf_of(h, p, workload, what);

        if (c == NULL)
            continue;
        f->lo_s = fmin(f->lo_s, time_at(c, 0.01));
        f->hi_s = fmax(f->hi_s, c->s[c->n - 1]);
    }
    if (!(f->hi_s > 0))
        return false;
    f->log = f->lo_s > 0 && f->hi_s / f->lo_s > log_from;
    if (!f->log)
        *f = (struct frame){0, report_svg_axis_of(0, f->hi_s, 4).hi, false};
    return true;
}

static void draw_frame(struct report_html *h, const struct frame *f)
{
    for (int i = 0; i <= 4; i++) {
        double at = i / 4.0, y = y_of(at), x = left + (right - left) * at;
        double s = f->log ? f->lo_s * pow(f->hi_s / f->lo_s, at)
                          : f->lo_s + (f->hi_s - f->lo_s) * at;

        report_svg_line(h, left, y, right, y, "grid");
        report_svg_text(h, left - 5, y + 4, "tick e",
                        sp_arena_printf(h->arena, "%d %%", 25 * i));
        report_svg_line(h, x, top, x, bottom, "grid");
        report_svg_text(h, x, bottom + 18,
                        i == 0   ? "tick"
                        : i == 4 ? "tick e"
                                 : "tick m",
                        report_html_figure(h, report_format_seconds, s));
    }
}

static void draw_line(struct report_html *h, const struct frame *f,
                      const struct model_cdf *c, int32_t policy)
{
    int32_t every = (c->n + REPORT_HTML_POINTS - 1) / REPORT_HTML_POINTS;
    double was = 0;

    report_svg_path(h, sp_arena_printf(h->arena, "l%d", (int)policy));
    for (int32_t i = 0; i < c->n; i += every) {
        int32_t k = i + every >= c->n ? c->n - 1 : i;

        report_svg_to(h, i == 0, x_of(f, c->s[k]), y_of(was));
        report_svg_to(h, false, x_of(f, c->s[k]), y_of(c->frac[k]));
        was = c->frac[k];
    }
    report_svg_to(h, false, right, y_of(1));
    report_svg_path_end(h);
}

static void draw_tips(struct report_html *h, const struct frame *f,
                      const struct model_cdf *c, int32_t policy)
{
    for (int i = 1; i <= TIPS; i++) {
        double frac = i < TIPS ? (double)i / TIPS : 0.99, s = time_at(c, frac);

        report_svg_dot(
            h, x_of(f, s), y_of(frac), 5, "hit",
            sp_arena_printf(h->arena, "%s: %.0f %% within %s",
                            h->r->policies[policy].name, 100 * frac,
                            report_html_figure(h, report_format_seconds, s)));
    }
}

static void list(struct report_html *h, int32_t workload, const char *what)
{
    static const double fracs[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
    const char *heads[REPORT_HTML_CHARTED + 1] = {"share"};

    for (int32_t p = 0; p < h->n_charted; p++)
        heads[p + 1] = h->r->policies[p].name;
    report_html_data(h, heads, h->n_charted + 1);
    for (size_t i = 0; i < sizeof fracs / sizeof *fracs; i++) {
        report_html_head(h, sp_arena_printf(h->arena, "%.4g %%", 100 * fracs[i]));
        for (int32_t p = 0; p < h->n_charted; p++) {
            const struct model_cdf *c = cdf_of(h, p, workload, what);

            report_html_cell(h, c == NULL ? "\u2013"
                                          : report_html_figure(h, report_format_seconds,
                                                               time_at(c, fracs[i])));
        }
        fputs("</tr>\n", h->out);
    }
    report_html_data_end(h);
}

static const char *title_of(const char *what)
{
    static const char *const titles[][2] = {
        {"latency", "Latency"},
        {"ttft", "Time to first token (TTFT)"},
        {"tpot", "Time per output token (TPOT)"},
        {"e2e", "End to end (E2E)"},
        {"queue", "Time in the queue"},
        {"completion", "Completion, from arrival to done"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i][0], what) == 0)
            return titles[i][1];
    return what;
}

static void draw(struct report_html *h, int32_t workload, const char *what)
{
    const char *name = h->r->policies[0].workloads[workload].name;
    struct frame f;

    if (!frame_of(h, workload, what, &f))
        return;
    report_svg_figure(h,
                      h->r->policies[0].n_workloads > 1
                          ? sp_arena_printf(h->arena, "%s, '%s'.", title_of(what), name)
                          : sp_arena_printf(h->arena, "%s.", title_of(what)),
                      f.log ? "Share done within a time; log scale."
                            : "Share done within a time.");
    report_svg_open(h, HEIGHT,
                    sp_arena_printf(h->arena,
                                    "%s: share done within a time, by "
                                    "policy; the data are in the table below",
                                    title_of(what)),
                    "");
    draw_frame(h, &f);
    for (int32_t p = 0; p < h->n_charted; p++)
        if (cdf_of(h, p, workload, what) != NULL)
            draw_line(h, &f, cdf_of(h, p, workload, what), p);
    for (int32_t p = 0; p < h->n_charted; p++)
        if (cdf_of(h, p, workload, what) != NULL)
            draw_tips(h, &f, cdf_of(h, p, workload, what), p);
    report_svg_close(h);
    list(h, workload, what);
    report_svg_figure_end(h);
}

/* Every distribution that some policy has. */
static void draw_all(struct report_html *h)
{
    static const char *const kinds[] = {"latency", "ttft",  "tpot",
                                        "e2e",     "queue", "completion"};
    int32_t n = h->r->policies[0].n_workloads;

    for (int32_t w = 0; w < n && w < WORKLOADS; w++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            draw(h, w, kinds[k]);
    report_html_more(h, n - WORKLOADS, "workloads");
}

/* ---- trade-off ---- */

/* What a planner waits for: the time that cost is weighed against. */
static double time_that_counts(const struct report_html *h, int32_t policy)
{
    const struct model_policy_result *p = &h->r->policies[policy];
    const struct model_workload_result *w;

    if (p->n_workloads == 0)
        return NAN;
    w = &p->workloads[0];
    if (w->serving != NULL)
        return w->serving->e2e.p99_s.mean;
    if (w->jobs != NULL)
        return w->jobs->n_groups > 0 ? w->jobs->groups[0].completion.mean_s.mean : NAN;
    return w->latency.p99_s.mean;
}

static const char *time_name(const struct report_html *h)
{
    const struct model_workload_result *w = &h->r->policies[0].workloads[0];

    return w->serving != NULL ? "E2E p99"
           : w->jobs != NULL  ? "mean completion"
                              : "latency p99";
}

static bool is_known(const struct report_html *h, int32_t p)
{
    return h->r->policies[p].cost.known && !isnan(h->r->policies[p].cost.usd.mean) &&
           !isnan(time_that_counts(h, p));
}

/* Where labels are already. */
struct labels {
    int n;
    double x[REPORT_HTML_CHARTED], y[REPORT_HTML_CHARTED];
};

/* A height for a label at x that keeps clear of the others. */
static double clear_y(struct labels *l, double x, double y)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < l->n; i++)
            if (fabs(l->x[i] - x) < 170 && fabs(l->y[i] - y) < 17) {
                y = l->y[i] + 18;
                moved = true;
            }
    }
    l->x[l->n] = x;
    l->y[l->n++] = y;
    return y;
}

static void draw_dot(struct report_html *h, int32_t p, double usd_hi,
                     const struct frame *f, struct labels *labels)
{
    double usd = h->r->policies[p].cost.usd.mean, s = time_that_counts(h, p);
    double x = left + (right - left) * usd / usd_hi;
    double y = bottom - (bottom - top) * share(f, s);
    const char *name = h->r->policies[p].name;

    report_svg_dot(h, x, y, 7, sp_arena_printf(h->arena, "d%d", (int)p),
                   sp_arena_printf(h->arena, "%s: %s USD, %s %s", name,
                                   report_html_figure(h, report_html_usd, usd),
                                   time_name(h),
                                   report_html_figure(h, report_format_seconds, s)));
    report_svg_text(h, x > 300 ? x - 11 : x + 11, clear_y(labels, x, y + 5),
                    x > 300 ? "step e" : "step",
                    report_text_fit(h->arena,
                                    report_text_clean(h->arena, name, REPORT_TEXT_LINE),
                                    DOT_COLUMNS, "\u2026"));
}

static void draw_trade(struct report_html *h)
{
    struct frame f = {0, 0, false};
    double most = 0;
    struct report_svg_axis x;
    struct labels labels = {.n = 0};
    int n = 0;

    for (int32_t p = 0; p < h->n_charted; p++)
        if (is_known(h, p)) {
            f.hi_s = fmax(f.hi_s, time_that_counts(h, p));
            most = fmax(most, h->r->policies[p].cost.usd.mean);
            n++;
        }
    if (n < 2 || !(f.hi_s > 0) || !(most > 0))
        return;
    x = report_svg_axis_of(0, 1.02 * most, 4);
    f.hi_s = report_svg_axis_of(0, 1.02 * f.hi_s, 4).hi;
    report_svg_figure(h, "Cost against time.",
                      sp_arena_printf(h->arena,
                                      "USD per run as simulated (across) and %s (up): "
                                      "lower left is better.",
                                      time_name(h)));
    report_svg_open(h, HEIGHT,
                    "Cost against time by policy, both of which are in the "
                    "comparison",
                    "");
    for (int i = 0; i <= 4; i++) {
        double at = i / 4.0, gx = left + (right - left) * at, gy = y_of(at);

        report_svg_line(h, gx, top, gx, bottom, "grid");
        report_svg_line(h, left, gy, right, gy, "grid");
        report_svg_text(h, left - 5, gy + 4, "tick e",
                        report_html_figure(h, report_format_seconds, f.hi_s * at));
        report_svg_text(h, gx, bottom + 18,
                        i == 0   ? "tick"
                        : i == 4 ? "tick e"
                                 : "tick m",
                        report_html_figure(h, report_format_number, i * x.step));
    }
    for (int32_t p = 0; p < h->n_charted; p++)
        if (is_known(h, p))
            draw_dot(h, p, x.hi, &f, &labels);
    report_svg_close(h);
    report_svg_figure_end(h);
}

void report_html_latency(struct report_html *h)
{
    if (h->r->policies[0].n_workloads == 0)
        return;
    report_html_section(h, "latency", "How long it takes");
    report_svg_legend(h);
    for (int32_t p = 0; p < h->n_charted; p++)
        report_svg_legend_item(h, sp_arena_printf(h->arena, "l%d", (int)p),
                               h->r->policies[p].name);
    report_svg_legend_end(h);
    fputs("<div class=\"charts\">\n", h->out);
    draw_all(h);
    draw_trade(h);
    fputs("</div>\n", h->out);
    report_html_section_end(h);
}
