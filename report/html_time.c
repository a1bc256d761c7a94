/* How busy CPUs and GPUs were, over time: busy, idle, stranded and free, stacked up to
 * what was there. */
#include <math.h>

#include "report/format.h"
#include "report/svg.h"

enum { HEIGHT = 168, LAYERS = 4 };
static const double left = 46, right = 474, top = 8, bottom = 138;
static const char *const layer_class[LAYERS] = {"p-work", "p-idle", "p-stranded",
                                                "p-unused"};
static const char *const layer_name[LAYERS] = {"busy", "idle", "stranded", "free"};

/* A series at no more than REPORT_HTML_POINTS points. */
struct points {
    int n;
    double width_s; /* of one */
    double at[REPORT_HTML_POINTS][LAYERS];
    double all[REPORT_HTML_POINTS]; /* provisioned */
};

static double mean_of(const double *values, int32_t from, int32_t to)
{
    double sum = 0;

    for (int32_t i = from; i < to; i++)
        sum += values[i];
    return values != NULL && to > from ? sum / (to - from) : 0;
}

static struct points points_of(const struct model_series *s, enum model_resource res)
{
    int32_t every = (s->n + REPORT_HTML_POINTS - 1) / REPORT_HTML_POINTS;
    struct points p = {.width_s = s->bucket_s * (every > 0 ? every : 1)};

    if (s->provisioned[res] == NULL)
        return p;
    for (int32_t i = 0; i < s->n; i += every) {
        int32_t to = i + every < s->n ? i + every : s->n;
        double *at = p.at[p.n], all = mean_of(s->provisioned[res], i, to);
        double allocated = mean_of(s->allocated[res], i, to);

        at[0] = mean_of(s->busy[res], i, to);
        at[1] = fmax(allocated - at[0], 0);
        at[2] = s->stranded[res] != NULL ? mean_of(s->stranded[res], i, to) : 0;
        at[2] = fmin(at[2], fmax(all - allocated, 0));
        at[3] = fmax(all - allocated - at[2], 0);
        p.all[p.n++] = all;
    }
    return p;
}

static double most_of(const struct report_html *h, enum model_resource res)
{
    double most = 0;

    for (int32_t p = 0; p < h->n_charted; p++) {
        struct points s = points_of(&h->r->policies[p].series, res);

        for (int i = 0; i < s.n; i++)
            most = fmax(most, s.all[i]);
    }
    return most;
}

static double longest_s(const struct report_html *h)
{
    double most = 0;

    for (int32_t p = 0; p < h->n_charted; p++) {
        const struct model_series *s = &h->r->policies[p].series;

        most = fmax(most, s->n * s->bucket_s);
    }
    return most;
}

struct frame {
    struct report_svg_axis y;
    struct report_time_unit unit;
    double end_s;
};

static double x_of(const struct frame *f, double s)
{
    return left + (right - left) * s / f->end_s;
}

static double y_of(const struct frame *f, double v)
{
    return bottom - (bottom - top) * v / f->y.hi;
}

static void draw_layer(struct report_html *h, const struct frame *f,
                       const struct points *s, const double *below, int layer)
{
    report_svg_path(h, layer_class[layer]);
    for (int i = 0; i < s->n; i++) {
        double y = y_of(f, below[i] + s->at[i][layer]);

        report_svg_to(h, i == 0, x_of(f, i * s->width_s), y);
        report_svg_to(h, false, x_of(f, fmin((i + 1) * s->width_s, f->end_s)), y);
    }
    for (int i = s->n - 1; i >= 0; i--) {
        double y = y_of(f, below[i]);

        report_svg_to(h, false, x_of(f, fmin((i + 1) * s->width_s, f->end_s)), y);
        report_svg_to(h, false, x_of(f, i * s->width_s), y);
    }
    report_svg_path_end(h);
}

static void draw_tips(struct report_html *h, const struct frame *f,
                      const struct points *s)
{
    for (int i = 0; i < s->n; i++) {
        double from = x_of(f, i * s->width_s);
        double to = x_of(f, fmin((i + 1) * s->width_s, f->end_s));
        const char *tip = sp_arena_printf(
            h->arena, "%s %s: %s",
            report_html_figure(h, report_format_number,
                               i * s->width_s / f->unit.seconds),
            f->unit.name, report_html_figure(h, report_format_number, s->all[i]));

        for (int k = 0; k < LAYERS; k++)
            if (s->at[i][k] > 0 && s->all[i] > 0)
                tip = sp_arena_printf(h->arena, "%s, %s %.1f %%", tip, layer_name[k],
                                      100 * s->at[i][k] / s->all[i]);
        report_svg_rect(h, from, top, to - from, bottom - top, "hit", tip);
    }
}

static void draw_frame(struct report_html *h, const struct frame *f)
{
    for (int i = 0; i <= f->y.n; i++) {
        double y = y_of(f, i * f->y.step);

        report_svg_line(h, left, y, right, y, "grid");
        report_svg_text(h, left - 5, y + 4, "tick e",
                        report_html_figure(h, report_format_number, i * f->y.step));
    }
    for (int i = 0; i <= 4; i++) {
        const char *text = report_html_figure(h, report_format_number,
                                              f->end_s * i / 4 / f->unit.seconds);

        report_svg_text(h, left + (right - left) * i / 4, bottom + 18,
                        i == 0   ? "tick"
                        : i == 4 ? "tick e"
                                 : "tick m",
                        i == 4 ? sp_arena_printf(h->arena, "%s %s", text, f->unit.name)
                               : text);
    }
}

static void list(struct report_html *h, const struct frame *f, const struct points *s)
{
    const char *heads[LAYERS + 2] = {
        sp_arena_printf(h->arena, "from, %s", f->unit.name), "all"};

    for (int k = 0; k < LAYERS; k++)
        heads[k + 2] = layer_name[k];
    report_html_data(h, heads, LAYERS + 2);
    for (int i = 0; i < s->n; i++) {
        report_html_head(h, report_html_figure(h, report_format_number,
                                               i * s->width_s / f->unit.seconds));
        report_html_cell(h, report_html_figure(h, report_format_number, s->all[i]));
        for (int k = 0; k < LAYERS; k++)
            report_html_cell(h,
                             report_html_figure(h, report_format_number, s->at[i][k]));
        fputs("</tr>\n", h->out);
    }
    report_html_data_end(h);
}

static void draw(struct report_html *h, const struct frame *f, int32_t policy,
                 enum model_resource res)
{
    const struct model_policy_result *p = &h->r->policies[policy];
    const char *what = res == MODEL_GPU ? "GPUs" : "CPUs";
    struct points s = points_of(&p->series, res);
    double below[REPORT_HTML_POINTS] = {0};

    if (s.n == 0)
        return;
    report_svg_figure(
        h, sp_arena_printf(h->arena, "%s of '%s'.", what, p->name),
        sp_arena_printf(h->arena, "Busy %s of what was there.",
                        report_html_stat(h, report_format_percent,
                                         p->resources[res].busy_of_provisioned)));
    report_svg_open(h, HEIGHT,
                    sp_arena_printf(h->arena,
                                    "%s over time, %s; the data are in the "
                                    "table below",
                                    what, p->name),
                    "");
    draw_frame(h, f);
    for (int k = 0; k < LAYERS; k++) {
        draw_layer(h, f, &s, below, k);
        for (int i = 0; i < s.n; i++)
            below[i] += s.at[i][k];
    }
    draw_tips(h, f, &s);
    report_svg_close(h);
    list(h, f, &s);
    report_svg_figure_end(h);
}

void report_html_time(struct report_html *h)
{
    struct frame f = {.end_s = longest_s(h)};

    if (!(f.end_s > 0))
        return;
    f.unit = report_time_unit_of(f.end_s);
    report_html_section(h, "time", "How busy it was");
    report_html_paragraph(h, "note",
                          "First replication. Idle: allocated, and not at work. "
                          "Stranded: of no use to any unit, as another resource of the "
                          "node had run out. Free: a unit would have had room.");
    report_svg_legend(h);
    for (int k = 0; k < LAYERS; k++)
        report_svg_legend_item(h, layer_class[k], layer_name[k]);
    report_svg_legend_end(h);
    fputs("<div class=\"charts\">\n", h->out);
    for (int res = MODEL_GPU; res <= MODEL_CPU; res++) {
        double most = most_of(h, (enum model_resource)res);

        f.y = report_svg_axis_of(0, most, 4);
        for (int32_t p = 0; p < h->n_charted && most > 0; p++)
            draw(h, &f, p, (enum model_resource)res);
    }
    fputs("</div>\n", h->out);
    report_html_more(h, h->r->n_policies - h->n_charted, "policies");
    report_html_section_end(h);
}
