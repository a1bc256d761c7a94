/* SVG elements, one function each. */
#include "report/svg.h"

#include <math.h>

/* One decimal, without ".0" and without "-0". */
static void put(FILE *out, double v)
{
    long tenths = lround(10 * v);

    if (tenths < 0) {
        fputc('-', out);
        tenths = -tenths;
    }
    fprintf(out, "%ld", tenths / 10);
    if (tenths % 10 != 0)
        fprintf(out, ".%ld", tenths % 10);
}

static void put_attribute(FILE *out, const char *name, double v)
{
    fprintf(out, " %s=\"", name);
    put(out, v);
    fputc('"', out);
}

void report_svg_figure(struct report_html *h, const char *title, const char *text)
{
    fputs("<figure><figcaption><b>", h->out);
    report_html_sentence(h, title);
    fputs("</b> ", h->out);
    report_html_sentence(h, text);
    fputs("</figcaption>\n", h->out);
}

void report_svg_figure_end(struct report_html *h)
{
    fputs("</figure>\n", h->out);
}

void report_svg_open(struct report_html *h, double height, const char *label,
                     const char *attributes)
{
    fputs("<svg class=\"chart\" role=\"img\" tabindex=\"0\" viewBox=\"0 0 ", h->out);
    put(h->out, REPORT_SVG_WIDTH);
    fputc(' ', h->out);
    put(h->out, height);
    fprintf(h->out, "\"%s aria-label=\"", attributes);
    report_html_attribute(h, label);
    fputs("\">\n", h->out);
    h->n_charts++;
}

void report_svg_close(struct report_html *h)
{
    fputs("</svg>\n", h->out);
}

void report_svg_text(struct report_html *h, double x, double y, const char *class_name,
                     const char *text)
{
    fputs("<text", h->out);
    put_attribute(h->out, "x", x);
    put_attribute(h->out, "y", y);
    fprintf(h->out, " class=\"%s\">", class_name);
    report_html_text(h, text);
    fputs("</text>\n", h->out);
}

/* Ends an element, with its tooltip where it has one. */
static void end(struct report_html *h, const char *name, const char *class_name,
                const char *tip)
{
    if (tip == NULL) {
        fprintf(h->out, " class=\"%s\"/>\n", class_name);
        return;
    }
    fprintf(h->out, " class=\"%s t\"><title>", class_name);
    report_html_text(h, tip);
    fprintf(h->out, "</title></%s>\n", name);
}

void report_svg_rect(struct report_html *h, double x, double y, double width,
                     double height, const char *class_name, const char *tip)
{
    fputs("<rect", h->out);
    put_attribute(h->out, "x", x);
    put_attribute(h->out, "y", y);
    put_attribute(h->out, "width", fmax(width, 0));
    put_attribute(h->out, "height", fmax(height, 0));
    end(h, "rect", class_name, tip);
}

void report_svg_line(struct report_html *h, double x1, double y1, double x2, double y2,
                     const char *class_name)
{
    fputs("<line", h->out);
    put_attribute(h->out, "x1", x1);
    put_attribute(h->out, "y1", y1);
    put_attribute(h->out, "x2", x2);
    put_attribute(h->out, "y2", y2);
    end(h, "line", class_name, NULL);
}

void report_svg_dot(struct report_html *h, double x, double y, double radius,
                    const char *class_name, const char *tip)
{
    fputs("<circle", h->out);
    put_attribute(h->out, "cx", x);
    put_attribute(h->out, "cy", y);
    put_attribute(h->out, "r", radius);
    end(h, "circle", class_name, tip);
}

void report_svg_path(struct report_html *h, const char *class_name)
{
    fprintf(h->out, "<path class=\"%s\" d=\"", class_name);
}

void report_svg_to(struct report_html *h, bool first, double x, double y)
{
    fputc(first ? 'M' : 'L', h->out);
    put(h->out, x);
    fputc(' ', h->out);
    put(h->out, y);
}

void report_svg_block(struct report_html *h, double x, double y, double width,
                      double height)
{
    report_svg_to(h, true, x, y);
    fputc('h', h->out);
    put(h->out, width);
    fputc('v', h->out);
    put(h->out, height);
    fputc('h', h->out);
    put(h->out, -width);
    fputc('z', h->out);
}

void report_svg_path_end(struct report_html *h)
{
    fputs("\"/>\n", h->out);
}

void report_svg_legend(struct report_html *h)
{
    fputs("<ul class=\"legend\">", h->out);
}

void report_svg_legend_item(struct report_html *h, const char *class_name,
                            const char *text)
{
    fprintf(h->out,
            "<li><svg class=\"sw\" viewBox=\"0 0 22 12\" aria-hidden=\"true\">"
            "<path class=\"%s\" d=\"%s\"/></svg>",
            class_name, class_name[0] == 'l' ? "M0 6H22" : "M0 0H22V12H0z");
    report_html_name(h, text);
    fputs("</li>", h->out);
}

void report_svg_legend_end(struct report_html *h)
{
    fputs("</ul>\n", h->out);
}

struct report_svg_axis report_svg_axis_of(double lo, double hi, int n)
{
    static const double nice[] = {1, 2, 2.5, 5, 10};
    struct report_svg_axis a = {.lo = lo, .n = n};
    double rough = (hi - lo) / n, power;

    if (!(rough > 0) || !isfinite(rough))
        return (struct report_svg_axis){lo, lo + 1, 1.0 / n, n};
    power = pow(10, floor(log10(rough)));
    a.step = 10 * power;
    for (int i = 4; i >= 0; i--)
        if (nice[i] * power >= rough * (1 - 1e-9))
            a.step = nice[i] * power;
    a.hi = lo + n * a.step;
    return a;
}
