/* The figures a platform is judged by, side by side. */
#include "report/compare_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "report/format.h"
#include "report/text.h"

#define AT(member) offsetof(struct model_serving_result, member)
static const struct row {
    const char *label;
    size_t at; /* of a struct model_stat in the record */
    char *(*format)(double v, char *buf);
    bool slo; /* only where some policy's requests have one */
} rows[] = {
    {"TTFT p50", AT(ttft.p50_s), report_format_seconds, false},
    {"TTFT p99", AT(ttft.p99_s), report_format_seconds, false},
    {"TPOT p50", AT(tpot.p50_s), report_format_seconds, false},
    {"TPOT p99", AT(tpot.p99_s), report_format_seconds, false},
    {"E2E p99", AT(e2e.p99_s), report_format_seconds, false},
    {"SLO attained", AT(slo_attained), report_format_percent, true},
    {"goodput/s", AT(goodput_per_s), report_format_number, true},
    {"tokens/s per GPU", AT(tokens_per_s_per_gpu), report_format_number, false},
    {"USD/M tokens", AT(usd_per_million_tokens), report_format_usd, false},
};
#undef AT
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const struct model_serving_result *served(const struct model_result *r,
                                                 int32_t policy, int32_t workload)
{
    return workload < r->policies[policy].n_workloads
               ? r->policies[policy].workloads[workload].serving
               : NULL;
}

bool report_compare_is_serving(const struct model_result *r, int32_t workload)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        if (served(r, p, workload) != NULL)
            return true;
    return false;
}

static bool has_slo(const struct model_result *r, int32_t workload)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        if (served(r, p, workload) != NULL && served(r, p, workload)->has_slo)
            return true;
    return false;
}

static const char *label_of(const struct report_compare *c, const char *label,
                            bool named)
{
    return named ? sp_arena_printf(c->page->arena, "  %s", label) : label;
}

static void print_row(const struct report_compare *c, int32_t workload,
                      const struct row *row, bool named)
{
    report_compare_label(c, label_of(c, row->label, named));
    for (int32_t p = c->from; p < c->to; p++) {
        const struct model_serving_result *s = served(c->r, p, workload);
        const char *value = "-";

        if (s != NULL) {
            const void *at = (const char *)s + row->at;

            value = report_compare_stat(c, *(const struct model_stat *)at, row->format);
        }
        report_compare_value(c, value, REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

/* Requests done per second. */
static void print_rate(const struct report_compare *c, int32_t workload, bool named)
{
    report_compare_label(c, label_of(c, "requests/s", named));
    for (int32_t p = c->from; p < c->to; p++) {
        const struct model_policy_result *x = &c->r->policies[p];

        report_compare_value(c,
                             workload < x->n_workloads
                                 ? report_compare_stat(c, x->workloads[workload].per_s,
                                                       report_format_number)
                                 : "-",
                             REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

static const struct model_workload_result *workload_of(const struct report_compare *c,
                                                       int32_t policy, int32_t workload)
{
    const struct model_policy_result *p = &c->r->policies[policy];

    return workload < p->n_workloads ? &p->workloads[workload] : NULL;
}

/* Requests that no figure of latency counts, where some policy drops one. */
static void print_dropped(const struct report_compare *c, int32_t workload, bool named)
{
    bool some = false;

    for (int32_t p = 0; p < c->r->n_policies; p++) {
        const struct model_workload_result *w = workload_of(c, p, workload);

        some = some || (w != NULL && w->dropped > 0);
    }
    if (!some)
        return;
    report_compare_label(c, label_of(c, "dropped", named));
    for (int32_t p = c->from; p < c->to; p++) {
        const struct model_workload_result *w = workload_of(c, p, workload);

        report_compare_value(
            c,
            w != NULL ? sp_arena_printf(c->page->arena, "%" PRId64, w->dropped) : "-",
            REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

void report_compare_serving(const struct report_compare *c, int32_t workload,
                            bool named)
{
    print_rate(c, workload, named);
    print_dropped(c, workload, named);
    for (int i = 0; i < N_ROWS; i++)
        if (!rows[i].slo || has_slo(c->r, workload))
            print_row(c, workload, &rows[i], named);
}

/* ---- what it means ---- */

static void print_slo(struct report_page *page, const struct model_result *r,
                      int32_t workload)
{
    for (int32_t p = 0; p < r->n_policies; p++) {
        const struct model_serving_result *s = served(r, p, workload);
        const char *text = "";

        if (s == NULL || !s->has_slo)
            continue;
        text = report_page_limit(page, text, "TTFT", s->slo_ttft_s);
        text = report_page_limit(page, text, "TPOT", s->slo_tpot_s);
        text = report_page_limit(page, text, "E2E", s->slo_e2e_s);
        report_page_wrap(
            page, 0, "",
            sp_arena_printf(
                page->arena, "SLO of %s: %s%s",
                report_page_name(page, r->policies[p].workloads[workload].name, 40),
                text,
                s->slo_attain_frac > 0
                    ? sp_arena_printf(page->arena, ", by %s of the requests",
                                      report_page_figure(page, report_format_percent,
                                                         s->slo_attain_frac))
                    : ""),
            REPORT_DIM);
        return;
    }
}

void report_compare_serving_words(struct report_page *page,
                                  const struct model_result *r)
{
    int32_t n = r->n_policies > 0 ? r->policies[0].n_workloads : 0, n_serving = 0;
    bool slo = false;

    for (int32_t w = 0; w < n; w++) {
        n_serving += report_compare_is_serving(r, w);
        slo = slo || has_slo(r, w);
    }
    if (n_serving == 0)
        return;
    report_page_end_line(page);
    report_page_wrap(
        page, 0, "",
        sp_arena_printf(
            page->arena,
            "TTFT: arrival to first token. TPOT: (last - first token) / (n "
            "- 1). E2E: arrival to last token. %sTokens: prompt and output, "
            "of requests done; per GPU of replicas up.",
            slo ? "Attained: of the requests done or dropped, those that "
                  "met the SLO; goodput: those per second. "
                : ""),
        REPORT_DIM);
    for (int32_t w = 0; w < n; w++)
        print_slo(page, r, w);
}
