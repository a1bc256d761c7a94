/* Side by side. */
#include "report/compare.h"

#include <math.h>
#include <string.h>

#include "report/alike.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/lookup.h"
#include "report/text.h"

enum { LABEL = REPORT_COMPARE_LABEL, BAR_MIN = 5, BAR_MAX = 16, WIDTH_MOST = 31 };

typedef char *(*format_fn)(double v, char *buf);

const char *report_compare_stat(const struct report_compare *c, struct model_stat stat,
                                format_fn format)
{
    const char *value = report_page_figure(c->page, format, stat.mean), *both;

    if (isnan(stat.half95) || isnan(stat.mean) || report_all_alike(c->r))
        return value;
    both = sp_arena_printf(c->page->arena, "%s %s%s", value,
                           report_page_plus_minus(c->page),
                           report_page_figure(c->page, format, stat.half95));
    return report_text_width(both) < c->width ? both : value;
}

void report_compare_label(const struct report_compare *c, const char *label)
{
    report_page_cell(c->page, label, LABEL, REPORT_LEFT, REPORT_PLAIN);
}

void report_compare_value(const struct report_compare *c, const char *value,
                          enum report_style style)
{
    fputc(' ', c->page->out);
    report_page_cell(c->page, value, c->width - 1, REPORT_LEFT, style);
}

static void print_share(const struct report_compare *c, struct model_stat stat)
{
    const char *value = report_compare_stat(c, stat, report_format_percent);
    int used = report_text_width(value), room;

    if (used < 6 && !isnan(stat.mean))
        value = sp_arena_printf(c->page->arena, "%6s", value), used = 6;
    room = c->width - 2 - used;
    if (room > BAR_MAX)
        room = BAR_MAX;
    if (!isnan(stat.mean) && room >= BAR_MIN)
        value = sp_arena_printf(c->page->arena, "%s %s", value,
                                report_page_bar(c->page, stat.mean, room));
    report_compare_value(c, value, REPORT_PLAIN);
}

static const char *nodes_text(const struct report_compare *c,
                              const struct model_node_use *use)
{
    struct sp_arena *arena = c->page->arena;
    const char *peak, *both;

    if (use == NULL)
        return "-";
    peak = sp_arena_printf(arena, "%d", (int)use->peak);
    if (isnan(use->mean.mean) || fabs(use->mean.mean - use->peak) < 0.005 * use->peak)
        return peak;
    both = sp_arena_printf(
        arena, "%s (mean %s)", peak,
        report_page_figure(c->page, report_format_number, use->mean.mean));
    return report_text_width(both) < c->width ? both : peak;
}

static void print_nodes_row(const struct report_compare *c, const char *type)
{
    report_compare_label(c, type);
    for (int32_t i = c->from; i < c->to; i++)
        report_compare_value(c, nodes_text(c, report_use_of(&c->r->policies[i], type)),
                             REPORT_PLAIN);
    report_page_end_line(c->page);
}

/* A row for each type that any policy used, in order of appearance. */
static void print_nodes(const struct report_compare *c)
{
    for (int32_t i = 0; i < c->r->n_policies; i++) {
        const struct model_policy_result *p = &c->r->policies[i];

        for (int32_t n = 0; n < p->n_nodes; n++) {
            bool seen = false;

            for (int32_t before = 0; before < i && !seen; before++)
                seen = report_use_of(&c->r->policies[before], p->nodes[n].type) != NULL;
            if (!seen)
                print_nodes_row(c, p->nodes[n].type);
        }
    }
}

static bool any_provisioned(const struct model_result *r, enum model_resource resource)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].resources[resource].provisioned_h.mean > 0)
            return true;
    return false;
}

static void print_resource(const struct report_compare *c, enum model_resource resource,
                           const char *allocated, const char *busy)
{
    if (!any_provisioned(c->r, resource))
        return;
    report_compare_label(c, allocated);
    for (int32_t i = c->from; i < c->to; i++)
        print_share(c, c->r->policies[i].resources[resource].allocated_of_provisioned);
    report_page_end_line(c->page);
    report_compare_label(c, busy);
    for (int32_t i = c->from; i < c->to; i++)
        print_share(c, c->r->policies[i].resources[resource].busy_of_provisioned);
    report_page_end_line(c->page);
}

/* ---- rows that are one figure of a policy ---- */

static struct model_stat time_of(const struct model_policy_result *p)
{
    return p->time_s;
}

static struct model_stat gpu_nodes_of(const struct model_policy_result *p)
{
    return (struct model_stat){p->n_gpu_nodes_peak, NAN};
}

static struct model_stat usd_of(const struct model_policy_result *p)
{
    return p->cost.known ? p->cost.usd : (struct model_stat){NAN, NAN};
}

static struct model_stat usd_per_1k_of(const struct model_policy_result *p)
{
    return p->cost.known ? p->cost.usd_per_1k_items : (struct model_stat){NAN, NAN};
}

static void
print_figures(const struct report_compare *c, const char *label, format_fn format,
              struct model_stat (*figure)(const struct model_policy_result *p))
{
    report_compare_label(c, label);
    for (int32_t i = c->from; i < c->to; i++)
        report_compare_value(c,
                             report_compare_stat(c, figure(&c->r->policies[i]), format),
                             REPORT_PLAIN);
    report_page_end_line(c->page);
}

/* ---- rows of a workload ---- */

static struct model_stat per_s_of(const struct model_workload_result *w)
{
    return w->per_s;
}

static struct model_stat p50_of(const struct model_workload_result *w)
{
    return w->latency.p50_s;
}

static struct model_stat p99_of(const struct model_workload_result *w)
{
    return w->latency.p99_s;
}

static void
print_workload_row(const struct report_compare *c, int32_t workload, const char *label,
                   format_fn format,
                   struct model_stat (*figure)(const struct model_workload_result *w))
{
    report_compare_label(c, label);
    for (int32_t i = c->from; i < c->to; i++) {
        const struct model_policy_result *p = &c->r->policies[i];

        report_compare_value(
            c,
            workload < p->n_workloads
                ? report_compare_stat(c, figure(&p->workloads[workload]), format)
                : "-",
            REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

static void print_workload(const struct report_compare *c, int32_t workload, bool named)
{
    if (named)
        report_page_wrap(c->page, 0, "", c->r->policies[0].workloads[workload].name,
                         REPORT_DIM);
    if (report_compare_is_serving(c->r, workload)) {
        report_compare_serving(c, workload, named);
        return;
    }
    if (report_compare_is_jobs(c->r, workload)) {
        report_compare_jobs(c, workload, named);
        return;
    }
    print_workload_row(c, workload, named ? "  items/s" : "items/s",
                       report_format_number, per_s_of);
    print_workload_row(c, workload, named ? "  latency p50" : "latency p50",
                       report_format_seconds, p50_of);
    print_workload_row(c, workload, named ? "  latency p99" : "latency p99",
                       report_format_seconds, p99_of);
}

/* ---- ratios ---- */

static char *format_ratio(double v, char *buf)
{
    if (isnan(v))
        return report_format_number(v, buf);
    snprintf(buf, REPORT_FIGURE, fabs(v) < 100 ? "%.3fx" : "%.4gx", v);
    return buf;
}

static void print_ratios(const struct report_compare *c, const char *label, bool money)
{
    report_compare_label(c, label);
    for (int32_t i = c->from; i < c->to; i++) {
        const struct model_comparison *k = report_comparison_of(c->r, i);

        report_compare_value(
            c,
            k == NULL ? "baseline"
                      : report_compare_stat(c, money ? k->usd_ratio : k->time_ratio,
                                            format_ratio),
            REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

static void print_names(const struct report_compare *c)
{
    report_compare_label(c, "");
    for (int32_t i = c->from; i < c->to; i++)
        report_compare_value(c, c->r->policies[i].name, REPORT_BOLD);
    report_page_end_line(c->page);
}

static void print_ends(const struct report_compare *c)
{
    bool all_done = true;

    for (int32_t i = 0; i < c->r->n_policies; i++)
        all_done = all_done && c->r->policies[i].end == MODEL_END_DONE;
    if (all_done)
        return;
    report_compare_label(c, "ended");
    for (int32_t i = c->from; i < c->to; i++) {
        enum model_end end = c->r->policies[i].end;

        report_compare_value(
            c, end == MODEL_END_DEADLOCK ? "DEADLOCK" : model_end_name(end),
            end == MODEL_END_DEADLOCK ? REPORT_ALARM : REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

/* Items of pipelines can be added up; with requests and jobs they can't. */
static bool only_pipelines(const struct model_result *r)
{
    for (int32_t w = 0; w < r->policies[0].n_workloads; w++)
        if (report_compare_is_serving(r, w) || report_compare_is_jobs(r, w))
            return false;
    return true;
}

static void print_block(const struct report_compare *c)
{
    report_page_end_line(c->page);
    print_names(c);
    print_ends(c);
    print_nodes(c);
    if (any_provisioned(c->r, MODEL_GPU))
        print_figures(c, "GPU nodes", report_format_number, gpu_nodes_of);
    print_resource(c, MODEL_GPU, "GPU allocated", "GPU busy");
    print_resource(c, MODEL_CPU, "CPU allocated", "CPU busy");
    print_figures(c, "time", report_format_seconds, time_of);
    for (int32_t w = 0; w < c->r->policies[0].n_workloads; w++)
        print_workload(c, w, c->r->policies[0].n_workloads > 1);
    print_figures(c, "USD", report_format_usd, usd_of);
    if (only_pipelines(c->r))
        print_figures(c, "USD per 1k items", report_format_usd, usd_per_1k_of);
    if (c->r->n_comparisons > 0) {
        print_ratios(c, "cost ratio", true);
        print_ratios(c, "time ratio", false);
    }
}

int32_t report_compare_in_block(const struct report_page *page,
                                const struct model_result *r, int32_t least)
{
    int32_t usual = r->n_runs > 1 ? 20 : 15;
    int32_t most = (page->columns - LABEL) / (least > usual ? least : usual);
    int32_t n_blocks = (r->n_policies + most - 1) / most;

    return n_blocks > 0 ? (r->n_policies + n_blocks - 1) / n_blocks : 1;
}

int report_compare_width(const struct report_page *page, int32_t in_block)
{
    int width = (page->columns - LABEL) / in_block;

    return page->columns > REPORT_TERMINAL_COLUMNS && width > WIDTH_MOST ? WIDTH_MOST
                                                                         : width;
}

void report_compare_print(struct report_page *page, const struct model_result *r)
{
    const int32_t in_block = report_compare_in_block(page, r, 0);
    struct report_compare c = {
        .page = page, .r = r, .width = report_compare_width(page, in_block)};

    for (c.from = 0; c.from < r->n_policies; c.from = c.to) {
        c.to = c.from + in_block < r->n_policies ? c.from + in_block : r->n_policies;
        print_block(&c);
    }
    report_compare_serving_words(page, r);
}
