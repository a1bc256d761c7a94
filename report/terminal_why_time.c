/* Utilization over time: one line for each policy, all of them on one axis. */
#include <math.h>

#include "report/format.h"
#include "report/sparkline.h"
#include "report/terminal_why_parts.h"

enum { NAME = REPORT_COMPARE_LABEL, SHARE = 6, FIGURES = 3 * (1 + SHARE) };

struct axis {
    struct report_page *page;
    enum model_resource resource;
    double longest_s;
    int columns; /* of the longest */
};

static struct report_share_series series_of(const struct model_policy_result *p,
                                            enum model_resource r)
{
    return (struct report_share_series){p->series.n, p->series.busy[r],
                                        p->series.provisioned[r]};
}

static double length_s(const struct model_policy_result *p)
{
    return p->series.n * p->series.bucket_s;
}

/* The first share, the largest, the last: of what was provisioned at all. */
static void shares_of(const struct report_share_series *s, double *shares)
{
    shares[0] = shares[1] = shares[2] = NAN;
    for (int32_t i = 0; i < s->n; i++) {
        double v = report_share_at(s, i);

        if (isnan(v))
            continue;
        if (isnan(shares[0]))
            shares[0] = v;
        shares[1] = fmax(shares[1], v);
        shares[2] = v;
    }
}

static void print_figure(struct report_page *page, const char *text,
                         enum report_style style)
{
    fputc(' ', page->out);
    report_page_cell(page, text, SHARE, REPORT_RIGHT, style);
}

/* "GPUs busy, 0 s to 29d 9h, run 1 of 10" */
static const char *head_words(const struct axis *a, const struct model_result *r)
{
    const char *text = sp_arena_printf(
        a->page->arena, "%s busy, 0 s to %s",
        a->resource == MODEL_GPU ? "GPUs" : "CPUs",
        report_page_figure(a->page, report_format_seconds, a->longest_s));

    if (r->n_runs == 1)
        return text;
    return sp_arena_printf(a->page->arena, "%s, run 1 of %d", text, (int)r->n_runs);
}

static void print_head(const struct axis *a, const struct model_result *r)
{
    static const char *const heads[] = {"start", "peak", "end"};

    report_page_cell(a->page, head_words(a, r), NAME + 1 + a->columns, REPORT_LEFT,
                     REPORT_DIM);
    for (int i = 0; i < 3; i++)
        print_figure(a->page, heads[i], REPORT_DIM);
    report_page_end_line(a->page);
}

static void print_line(const struct axis *a, const struct model_policy_result *p)
{
    const struct report_share_series s = series_of(p, a->resource);
    int columns = (int)lround(a->columns * length_s(p) / a->longest_s);
    double shares[3];

    shares_of(&s, shares);
    report_page_cell(a->page, p->name, NAME, REPORT_LEFT, REPORT_PLAIN);
    fputc(' ', a->page->out);
    report_page_cell(a->page,
                     report_sparkline(a->page->arena, &s, columns > 0 ? columns : 1,
                                      a->page->options->blocks),
                     a->columns, REPORT_LEFT, REPORT_PLAIN);
    for (int i = 0; i < 3; i++)
        print_figure(a->page,
                     report_page_figure(a->page, report_format_percent, shares[i]),
                     REPORT_PLAIN);
    report_page_end_line(a->page);
}

static bool has_gpus(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].resources[MODEL_GPU].provisioned_h.mean > 0)
            return true;
    return false;
}

static double longest_s(const struct model_result *r)
{
    double longest = 0;

    for (int32_t i = 0; i < r->n_policies; i++)
        longest = fmax(longest, length_s(&r->policies[i]));
    return longest;
}

bool report_why_has_time(const struct model_result *r)
{
    return longest_s(r) > 0;
}

void report_why_over_time(struct report_page *page, const struct model_result *r)
{
    struct axis a = {.page = page,
                     .resource = has_gpus(r) ? MODEL_GPU : MODEL_CPU,
                     .longest_s = longest_s(r),
                     .columns = page->columns - NAME - 1 - FIGURES};

    print_head(&a, r);
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].series.n > 0)
            print_line(&a, &r->policies[i]);
}
