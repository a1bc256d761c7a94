/* Charts as inline SVG: coordinates of a box REPORT_SVG_WIDTH wide, looks by class (the
 * page's styles), tooltips as <title>.  Figures are written with one decimal, so the
 * same chart is the same bytes. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "report/html_parts.h"

#define REPORT_SVG_WIDTH 480.0

/* "<figure>": title and what the chart shows, then whatever comes. */
void report_svg_figure(struct report_html *h, const char *title, const char *text);
void report_svg_figure_end(struct report_html *h);

/* A chart of this height; `label` says it to those who can't see it.  `attributes` are
 * ours, written as they are: " data-cost" */
void report_svg_open(struct report_html *h, double height, const char *label,
                     const char *attributes);
void report_svg_close(struct report_html *h);

void report_svg_text(struct report_html *h, double x, double y, const char *class_name,
                     const char *text);

/* `tip` NULL: none. */
void report_svg_rect(struct report_html *h, double x, double y, double width,
                     double height, const char *class_name, const char *tip);
void report_svg_line(struct report_html *h, double x1, double y1, double x2, double y2,
                     const char *class_name);
void report_svg_dot(struct report_html *h, double x, double y, double radius,
                    const char *class_name, const char *tip);

/* A path: points one after the other, or rectangles. */
void report_svg_path(struct report_html *h, const char *class_name);
void report_svg_to(struct report_html *h, bool first, double x, double y);
void report_svg_block(struct report_html *h, double x, double y, double width,
                      double height);
void report_svg_path_end(struct report_html *h);

/* A legend: swatches of these classes with their names. */
void report_svg_legend(struct report_html *h);
void report_svg_legend_item(struct report_html *h, const char *class_name,
                            const char *text);
void report_svg_legend_end(struct report_html *h);

/* An axis from `lo` to `hi` in `n` steps of 1, 2, 2.5 or 5 times a power of ten, which
 * holds what it was made for. */
struct report_svg_axis {
    double lo, hi, step;
    int n;
};
struct report_svg_axis report_svg_axis_of(double lo, double hi, int n);

#endif
