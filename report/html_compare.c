/* Policies side by side: a row for each figure that some policy has. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "report/alike.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/lookup.h"
#include "report/month.h"

enum { GROUPS = 24 };

/* ---- rows of a policy's figures ---- */

/* One value; `data` names what the panel works out anew, or is NULL. */
struct cell {
    const char *text, *data;
};

struct row {
    const char *label, *note;
    struct model_stat (*of)(const struct report_html *h, int32_t policy);
    report_html_format format;
    const char *data; /* "usd": data-v="usd POLICY" */
};

static const struct model_policy_result *policy_of(const struct report_html *h,
                                                   int32_t p)
{
    return &h->r->policies[p];
}

static struct model_stat none(void)
{
    return (struct model_stat){NAN, NAN};
}

static struct model_stat scaled(struct model_stat s, double by)
{
    return (struct model_stat){s.mean * by, s.half95 * fabs(by)};
}

static struct model_stat usd(const struct report_html *h, int32_t p)
{
    return policy_of(h, p)->cost.known ? policy_of(h, p)->cost.usd : none();
}

static struct model_stat usd_month(const struct report_html *h, int32_t p)
{
    return scaled(usd(h, p), report_runs_per_month(h->r, REPORT_HOURS_PER_MONTH));
}

static struct model_stat saving(const struct report_html *h, int32_t p)
{
    const struct model_comparison *k = report_comparison_of(h->r, p);

    if (k == NULL || !policy_of(h, p)->cost.known)
        return none();
    return (struct model_stat){1 - k->usd_ratio.mean, k->usd_ratio.half95};
}

static struct model_stat saved_month(const struct report_html *h, int32_t p)
{
    const struct model_comparison *k = report_comparison_of(h->r, p);

    if (k == NULL || k->outcome == MODEL_OUTCOME_NONE)
        return none();
    return model_stat_one(usd_month(h, h->r->baseline).mean - usd_month(h, p).mean);
}

static bool only_pipelines(const struct report_html *h)
{
    for (int32_t w = 0; w < policy_of(h, 0)->n_workloads; w++)
        if (policy_of(h, 0)->workloads[w].serving != NULL ||
            policy_of(h, 0)->workloads[w].jobs != NULL)
            return false;
    return true;
}

static struct model_stat usd_per_1k(const struct report_html *h, int32_t p)
{
    return policy_of(h, p)->cost.known && only_pipelines(h)
               ? policy_of(h, p)->cost.usd_per_1k_items
               : none();
}

static struct model_stat floor_usd(const struct report_html *h, int32_t p)
{
    return policy_of(h, p)->cost.known ? policy_of(h, p)->cost.floor_usd : none();
}

static struct model_stat gap(const struct report_html *h, int32_t p)
{
    return model_stat_one(usd(h, p).mean / floor_usd(h, p).mean);
}

static struct model_stat time_of(const struct report_html *h, int32_t p)
{
    return policy_of(h, p)->time_s;
}

#define SHARE(name, resource, member)                                                  \
    static struct model_stat name(const struct report_html *h, int32_t p)              \
    {                                                                                  \
        const struct model_resource_use *u = &policy_of(h, p)->resources[resource];    \
                                                                                       \
        return u->provisioned_h.mean > 0 ? u->member : none();                         \
    }
SHARE(gpu_busy, MODEL_GPU, busy_of_provisioned)
SHARE(cpu_busy, MODEL_CPU, busy_of_provisioned)
SHARE(gpu_allocated, MODEL_GPU, allocated_of_provisioned)
SHARE(cpu_allocated, MODEL_CPU, allocated_of_provisioned)
SHARE(gpu_hours, MODEL_GPU, provisioned_h)
#undef SHARE

static char *format_times(double v, char *buf)
{
    if (isnan(v))
        return report_format_number(v, buf);
    snprintf(buf, REPORT_FIGURE, fabs(v) < 100 ? "%.2f\u00D7" : "%.4g\u00D7", v);
    return buf;
}

static const struct row money[] = {
    {"Cost per run, USD", NULL, usd, report_html_usd, "usd"},
    {"Cost per month, USD", NULL, usd_month, report_html_usd, "month"},
    {"Saving", NULL, saving, report_format_percent, "save"},
    {"Saving per month, USD", NULL, saved_month, report_html_usd, "saved"},
    {"USD per 1,000 items", NULL, usd_per_1k, report_html_usd, "unit"},
    {"Floor, USD", "no bill for this work can be lower", floor_usd, report_html_usd,
     "stays"},
    {"Bill over floor", NULL, gap, format_times, "stays"},
};
static const struct row use[] = {
    {"Time", NULL, time_of, report_format_seconds, NULL},
    {"GPU busy", NULL, gpu_busy, report_format_percent, NULL},
    {"GPU allocated", NULL, gpu_allocated, report_format_percent, NULL},
    {"CPU busy", NULL, cpu_busy, report_format_percent, NULL},
    {"CPU allocated", NULL, cpu_allocated, report_format_percent, NULL},
    {"GPU-hours held", NULL, gpu_hours, report_format_number, NULL},
};

/* ---- rows of a workload's figures ---- */

struct work_row {
    const char *label;
    struct model_stat (*of)(const struct model_workload_result *w);
    report_html_format format;
    const char *data;
};

#define WORK(name, kind, expression)                                                   \
    static struct model_stat name(const struct model_workload_result *w)               \
    {                                                                                  \
        return (kind) ? (expression) : (struct model_stat){NAN, NAN};                  \
    }
#define PIPELINE (w->serving == NULL && w->jobs == NULL)
#define SERVING  (w->serving != NULL)
#define JOBS     (w->jobs != NULL && w->jobs->n_groups > 0)
WORK(per_s, w->jobs == NULL, w->per_s)
WORK(p50, PIPELINE, w->latency.p50_s)
WORK(p99, PIPELINE, w->latency.p99_s)
WORK(ttft, SERVING, w->serving->ttft.p99_s)
WORK(tpot, SERVING, w->serving->tpot.p99_s)
WORK(e2e, SERVING, w->serving->e2e.p99_s)
WORK(slo, SERVING && w->serving->has_slo, w->serving->slo_attained)
WORK(goodput, SERVING && w->serving->has_slo, w->serving->goodput_per_s)
WORK(tokens, SERVING, w->serving->tokens_per_s_per_gpu)
WORK(per_token, SERVING, w->serving->usd_per_million_tokens)
WORK(wait_mean, JOBS, w->jobs->groups[0].queue.mean_s)
WORK(wait_p99, JOBS, w->jobs->groups[0].queue.p99_s)
WORK(completion, JOBS, w->jobs->groups[0].completion.mean_s)
WORK(jobs_done, JOBS, model_stat_one((double)w->jobs->groups[0].done))
WORK(makespan, JOBS, w->jobs->makespan_s)
WORK(lost, JOBS && w->jobs->lost_gpu_h.mean > 0, w->jobs->lost_gpu_h)
WORK(missed, JOBS && w->jobs->deadlines > 0,
     model_stat_one((double)w->jobs->deadlines_missed))
WORK(dropped, w->dropped > 0, model_stat_one((double)w->dropped))
#undef WORK

static const struct work_row work[] = {
    {"Done per second", per_s, report_format_number, NULL},
    {"Latency p50", p50, report_format_seconds, NULL},
    {"Latency p99", p99, report_format_seconds, NULL},
    {"SLO attained", slo, report_format_percent, NULL},
    {"Goodput per second", goodput, report_format_number, NULL},
    {"TTFT p99", ttft, report_format_seconds, NULL},
    {"TPOT p99", tpot, report_format_seconds, NULL},
    {"E2E p99", e2e, report_format_seconds, NULL},
    {"Tokens/s per GPU", tokens, report_format_number, NULL},
    {"USD per million tokens", per_token, report_html_usd, "unit"},
    {"Jobs done", jobs_done, report_format_number, NULL},
    {"Queue wait, mean", wait_mean, report_format_seconds, NULL},
    {"Queue wait p99", wait_p99, report_format_seconds, NULL},
    {"Completion, mean", completion, report_format_seconds, NULL},
    {"Makespan", makespan, report_format_seconds, NULL},
    {"Deadlines missed", missed, report_format_number, NULL},
    {"Lost GPU-hours", lost, report_format_number, NULL},
    {"Dropped", dropped, report_format_number, NULL},
};

/* ---- writing ---- */

static void write_value(struct report_html *h, int32_t p, const char *data,
                        report_html_format format, struct model_stat stat)
{
    fputs("<td class=\"n\"", h->out);
    if (data != NULL && !isnan(stat.mean)) {
        fprintf(h->out, " data-v=\"%s %d\"", data, (int)p);
        if (strcmp(data, "unit") == 0 || strcmp(data, "save") == 0)
            fprintf(h->out, " data-n=\"%.17g\"", stat.mean);
    }
    fprintf(h->out, ">%s</td>", report_html_stat(h, format, stat));
}

static void group(struct report_html *h, const char *title, bool is_name)
{
    fprintf(h->out, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\"><span>",
            (int)h->r->n_policies + 1);
    if (is_name)
        report_html_name(h, title);
    else
        report_html_text(h, title);
    fputs("</span></th></tr>\n", h->out);
}

static void write_row(struct report_html *h, const struct row *row)
{
    bool some = false;

    for (int32_t p = 0; p < h->r->n_policies; p++)
        some = some || isfinite(row->of(h, p).mean);
    if (!some)
        return;
    fprintf(h->out, "<tr><th scope=\"row\">%s", row->label);
    if (row->note != NULL)
        fprintf(h->out, " <small>%s</small>", row->note);
    fputs("</th>", h->out);
    for (int32_t p = 0; p < h->r->n_policies; p++)
        write_value(h, p, row->data, row->format, row->of(h, p));
    fputs("</tr>\n", h->out);
}

static struct model_stat of_work(const struct report_html *h,
                                 const struct work_row *row, int32_t p,
                                 int32_t workload)
{
    return workload < policy_of(h, p)->n_workloads
               ? row->of(&policy_of(h, p)->workloads[workload])
               : none();
}

static void write_work_row(struct report_html *h, const struct work_row *row,
                           int32_t workload)
{
    bool some = false, alone = policy_of(h, 0)->n_workloads == 1;

    for (int32_t p = 0; p < h->r->n_policies; p++)
        some = some || isfinite(of_work(h, row, p, workload).mean);
    if (!some)
        return;
    fprintf(h->out, "<tr><th scope=\"row\">%s</th>", row->label);
    for (int32_t p = 0; p < h->r->n_policies; p++)
        write_value(h, p, row->data == NULL || alone ? row->data : "stays", row->format,
                    of_work(h, row, p, workload));
    fputs("</tr>\n", h->out);
}

/* Nodes held, a row for each type that some policy used. */
static void write_nodes_row(struct report_html *h, const char *type)
{
    report_html_head(h, type);
    for (int32_t p = 0; p < h->r->n_policies; p++) {
        const struct model_node_use *u = report_use_of(policy_of(h, p), type);

        if (u == NULL)
            report_html_cell(h, "\u2013");
        else if (isnan(u->mean.mean) || fabs(u->mean.mean - u->peak) < 0.005 * u->peak)
            report_html_cell(h, sp_arena_printf(h->arena, "%" PRId32, u->peak));
        else
            report_html_cell(h,
                             sp_arena_printf(h->arena, "%" PRId32 " (mean %s)", u->peak,
                                             report_html_figure(h, report_format_number,
                                                                u->mean.mean)));
    }
    fputs("</tr>\n", h->out);
}

static void write_nodes(struct report_html *h)
{
    int32_t told = 0;

    for (int32_t p = 0; p < h->r->n_policies; p++)
        for (int32_t i = 0; i < policy_of(h, p)->n_nodes; i++) {
            bool seen = false;

            for (int32_t b = 0; b < p && !seen; b++)
                seen = report_use_of(policy_of(h, b), policy_of(h, p)->nodes[i].type) !=
                       NULL;
            if (seen || told > GROUPS)
                continue;
            if (told++ == 0)
                group(h, "Nodes, at most at a time", false);
            if (told <= GROUPS)
                write_nodes_row(h, policy_of(h, p)->nodes[i].type);
        }
}

static void write_ends(struct report_html *h)
{
    bool all_done = true;

    for (int32_t p = 0; p < h->r->n_policies; p++)
        all_done = all_done && policy_of(h, p)->end == MODEL_END_DONE;
    if (all_done)
        return;
    fputs("<tr><th scope=\"row\">Ended</th>", h->out);
    for (int32_t p = 0; p < h->r->n_policies; p++) {
        bool stuck = policy_of(h, p)->end == MODEL_END_DEADLOCK;

        fprintf(h->out, "<td class=\"n%s\">%s</td>", stuck ? " bad" : "",
                stuck ? "DEADLOCK" : model_end_name(policy_of(h, p)->end));
    }
    fputs("</tr>\n", h->out);
}

static void write_names(struct report_html *h)
{
    fputs("<thead><tr><td></td>", h->out);
    for (int32_t p = 0; p < h->r->n_policies; p++) {
        fprintf(h->out, "<th scope=\"col\" class=\"n%s\">",
                p == h->story->choice ? " chosen" : "");
        report_html_name(h, policy_of(h, p)->name);
        if (p == h->story->choice)
            fputs(" <small>chosen</small>", h->out);
        else if (p == h->r->baseline)
            fputs(" <small>baseline</small>", h->out);
        fputs("</th>", h->out);
    }
    fputs("</tr></thead>\n<tbody>\n", h->out);
}

/* Whether something has an interval from within its one run. */
static bool has_batches(const struct model_result *r)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t w = 0; w < r->policies[p].n_workloads; w++)
            if (r->policies[p].workloads[w].interval != NULL &&
                strncmp(r->policies[p].workloads[w].interval, "none", 4) != 0)
                return true;
    return false;
}

static void verdicts(struct report_html *h)
{
    int32_t n = h->r->n_comparisons < REPORT_HTML_NOTES ? h->r->n_comparisons
                                                        : REPORT_HTML_NOTES;

    if (n == 0)
        return;
    fputs("<ul class=\"verdicts\">\n", h->out);
    for (int32_t i = 0; i < n; i++)
        if (h->r->comparisons[i].verdict != NULL) {
            fputs("<li>", h->out);
            report_html_sentence(h, h->r->comparisons[i].verdict);
            fputs("</li>\n", h->out);
        }
    fputs("</ul>\n", h->out);
}

void report_html_compare(struct report_html *h)
{
    report_html_section(h, "compare", "Policies side by side");
    report_html_table(h, "figures compare", "Policies side by side");
    write_names(h);
    group(h, "Money", false);
    for (size_t i = 0; i < sizeof money / sizeof *money; i++)
        write_row(h, &money[i]);
    group(h, "Time and use", false);
    write_ends(h);
    for (size_t i = 0; i < sizeof use / sizeof *use; i++)
        write_row(h, &use[i]);
    for (int32_t w = 0; w < policy_of(h, 0)->n_workloads && w < GROUPS; w++) {
        group(h, policy_of(h, 0)->workloads[w].name, true);
        for (size_t i = 0; i < sizeof work / sizeof *work; i++)
            write_work_row(h, &work[i], w);
    }
    write_nodes(h);
    fputs("</tbody>", h->out);
    report_html_table_end(h);
    fprintf(
        h->out,
        "<p class=\"note\">A month is as many runs as fit into <span "
        "data-v=\"hours\">%.0f</span> hours at the baseline's pace: all policies do "
        "the same work.%s</p>\n",
        REPORT_HOURS_PER_MONTH,
        report_all_alike(h->r)
            ? " All replications are alike: nothing in them is left to chance."
        : h->r->n_runs > 1 ? " \u00B1: 95 % confidence interval over the replications."
        : has_batches(h->r)
            ? " \u00B1: 95 % confidence interval, by batch means of the one run."
            : "");
    verdicts(h);
    report_html_section_end(h);
}
