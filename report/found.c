/* The table of rates, and the sentences below it. */
#include "report/found.h"

#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/found_parts.h"
#include "report/page.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct report_column columns[] = {
    {"policy", 14, REPORT_LEFT},   {"req/s", 8, REPORT_RIGHT},
    {"per GPU", 8, REPORT_RIGHT},  {"attained", 8, REPORT_RIGHT},
    {"TTFT p99", 8, REPORT_RIGHT}, {"TPOT p99", 8, REPORT_RIGHT},
    {"USD/h", 8, REPORT_RIGHT},    {"USD/Mtok", 8, REPORT_RIGHT},
};

static const char *number(struct report_page *page, double v)
{
    return report_format_number_in(v, 8, sp_arena_alloc(page->arena, REPORT_FIGURE));
}

static void print_row(struct report_page *page, const struct model_found_policy *p)
{
    const struct model_found_run *r = &p->passes;
    const char *texts[COUNT(columns)] = {
        p->name,
        number(page, r->rate_per_s),
        number(page, r->gpus > 0 ? r->rate_per_s / r->gpus : NAN),
        report_page_figure(page, report_format_percent, r->attained),
        report_page_figure(page, report_format_seconds, r->ttft_p99_s.mean),
        report_page_figure(page, report_format_seconds, r->tpot_p99_s.mean),
        report_page_figure(page, report_format_usd, r->usd_per_h),
        report_page_figure(page, report_format_usd, r->usd_per_million_tokens.mean),
    };

    report_page_row(page, columns, COUNT(columns), texts, ' ', REPORT_PLAIN);
}

/* ---- sentences ---- */

/* Rounded down, with a digit more than elsewhere: 89.996 % is no 90 %. */
static const char *share(struct report_page *page, double frac)
{
    return isnan(frac)
               ? "none"
               : sp_arena_printf(page->arena, "%.2f%%", floor(1e4 * frac) / 100);
}

static const char *late_words(struct report_page *page, const struct model_found_run *r)
{
    if (!(r->late > 0))
        return "";
    return sp_arena_printf(page->arena, ", %s of them late at the end",
                           report_page_figure(page, report_format_number, r->late));
}

static void print_bracket(struct report_page *page, const struct model_found_policy *p)
{
    const char *name = report_page_name(page, p->name, 40), *text;
    const char *passes =
        report_page_figure(page, report_format_number, p->passes.rate_per_s);
    const char *fails =
        report_page_figure(page, report_format_number, p->fails.rate_per_s);
    const char *missed =
        sp_arena_printf(page->arena, "%s req/s (met by %s%s)", fails,
                        share(page, p->fails.attained), late_words(page, &p->fails));

    if (isnan(p->passes.rate_per_s) && isnan(p->fails.rate_per_s))
        text = sp_arena_printf(page->arena, "%s: no run was completed", name);
    else if (isnan(p->passes.rate_per_s))
        text = sp_arena_printf(page->arena,
                               "%s: not even the lowest rate tried meets it, %s", name,
                               missed);
    else if (isnan(p->fails.rate_per_s))
        text = sp_arena_printf(page->arena,
                               "%s: no limit found; %s req/s, the highest rate tried, "
                               "still meet it",
                               name, passes);
    else
        text = sp_arena_printf(page->arena, "%s: between %s req/s and %s", name, passes,
                               missed);
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(page->arena, "%s; %" PRId32 " runs", text, p->runs),
        REPORT_PLAIN);
}

static const char *more_or_less(struct report_page *page, double ratio)
{
    if (fabs(ratio - 1) < 0.005)
        return "the same";
    return sp_arena_printf(page->arena, ratio < 1000 ? "%.3gx" : "%.0fx", ratio);
}

/* " ratio WORDS", or nothing where it is not known. */
static const char *part(struct report_page *page, double a, double b, const char *words)
{
    if (!(a > 0) || !(b > 0))
        return "";
    return sp_arena_printf(page->arena, "%s%s", words, more_or_less(page, a / b));
}

/* The same of figures with intervals, as if these were apart: the same seeds at other
 * rates are no pairs. */
static const char *usd_words(struct report_page *page, struct model_stat a,
                             struct model_stat b)
{
    const double ratio = a.mean / b.mean;
    const double half = ratio * hypot(a.half95 / a.mean, b.half95 / b.mean);
    const char *text = part(page, a.mean, b.mean, ", USD per million tokens ");

    if (text[0] == '\0' || !(half >= 0.001 * ratio))
        return text;
    return sp_arena_printf(page->arena, ", USD per million tokens %.3gx %s %.2g", ratio,
                           report_page_plus_minus(page), half);
}

static const char *rate_words(struct report_page *page, double ratio, double precision)
{
    if (fabs(ratio - 1) <= precision)
        return "the same rate as";
    return sp_arena_printf(page->arena, "%s the rate of", more_or_less(page, ratio));
}

static void print_verdict(struct report_page *page, const struct model_found *f,
                          const struct model_found_policy *p)
{
    const struct model_found_policy *b = &f->policies[f->baseline];
    const struct model_found_run *x = &p->passes, *y = &b->passes;

    if (p == b || isnan(x->rate_per_s) || isnan(y->rate_per_s))
        return;
    report_page_wrap(
        page, 0, "=> ",
        sp_arena_printf(
            page->arena, "'%s' carries %s '%s'%s%s%s",
            report_page_name(page, p->name, 40),
            rate_words(page, x->rate_per_s / y->rate_per_s, f->precision_frac),
            report_page_name(page, b->name, 40),
            part(page, x->rate_per_s / x->gpus, y->rate_per_s / y->gpus, ", per GPU "),
            usd_words(page, x->usd_per_million_tokens, y->usd_per_million_tokens),
            isnan(p->fails.rate_per_s) || isnan(b->fails.rate_per_s)
                ? " (a limit was not found)"
            : f->replications == 1
                ? REPORT_FOUND_ONE_RUN
                : sp_arena_printf(page->arena,
                                  " (rates: to %s, with these %" PRId32 " seeds)",
                                  report_page_figure(page, report_format_percent,
                                                     f->precision_frac),
                                  f->replications)),
        REPORT_BOLD);
}

static void print_asked(struct report_page *page, const struct model_found *f)
{
    const char *slo = report_page_limit(page, "", "TTFT", f->slo_ttft_s);

    slo = report_page_limit(page, slo, "TPOT", f->slo_tpot_s);
    slo = report_page_limit(page, slo, "E2E", f->slo_e2e_s);
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena,
            "%s of %s: the highest rate at which %s of the requests meet "
            "%s; found to %s, each rate with the same seed. The scenario "
            "has %s req/s.",
            f->what, report_page_name(page, f->workload, 40),
            report_page_figure(page, report_format_percent, f->attain_frac), slo,
            report_page_figure(page, report_format_percent, f->precision_frac),
            report_page_figure(page, report_format_number, f->rate_per_s)),
        REPORT_DIM);
}

void report_found_head(struct report_page *page, const struct model_found *f,
                       const char *each)
{
    fprintf(page->out, "stageplan %s  ", report_page_name(page, f->version, 16));
    report_page_cell(page, f->scenario->name, 60, REPORT_LEFT, REPORT_BOLD);
    fprintf(page->out, "\n  seed %" PRIu64 ", %" PRId32 " replication%s a %s\n",
            f->seed, f->replications, f->replications == 1 ? "" : "s", each);
}

void report_found_partial(struct report_page *page, const struct model_found *f)
{
    if (f->partial)
        report_page_wrap(page, 0, "PARTIAL: ", "interrupted; brackets are wide.",
                         REPORT_ALARM);
}

static void print_all(struct report_page *page, const struct model_found *f)
{
    report_found_head(page, f, "rate");
    print_asked(page, f);
    report_found_partial(page, f);
    report_page_end_line(page);
    report_page_head(page, columns, COUNT(columns));
    for (int32_t i = 0; i < f->n_policies; i++)
        print_row(page, &f->policies[i]);
    report_page_end_line(page);
    for (int32_t i = 0; i < f->n_policies; i++)
        print_bracket(page, &f->policies[i]);
    report_page_wrap(
        page, 2, "",
        "Figures are those of the run at that rate; GPUs: provisioned, "
        "mean. Attainment need not fall evenly with the rate: higher rates "
        "that were not tried may meet it.",
        REPORT_DIM);
    report_page_end_line(page);
    for (int32_t i = 0; i < f->n_policies; i++)
        print_verdict(page, f, &f->policies[i]);
}

enum sp_status report_found_print(FILE *out, const struct model_found *f,
                                  const struct report_terminal_options *options,
                                  struct sp_err *err)
{
    struct report_page page;

    report_page_open(&page, options);
    if (f->node_type != NULL)
        report_found_nodes(&page, f);
    else
        print_all(&page, f);
    return report_page_close(&page, out, err);
}
