/* Stages, and all that the result rests on. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/html_parts.h"

/* ---- stages ---- */

static void write_stage(struct report_html *h, const struct model_workload_result *w,
                        const struct model_stage_result *s)
{
    report_html_head(h, s->name);
    fputs("<td>", h->out);
    if (s->bottleneck)
        fputs("<strong>bottleneck</strong> ", h->out);
    report_html_name(h, w->name);
    fputs("</td><td>", h->out);
    report_html_name(h, s->unit);
    fputs("</td>", h->out);
    report_html_cell(h, report_html_stat(h, report_format_number, s->slots));
    report_html_cell(h, report_html_stat(h, report_format_percent, s->busy_frac));
    report_html_cell(h, report_html_stat(h, report_format_percent, s->blocked_frac));
    report_html_cell(h, report_html_stat(h, report_format_seconds, s->service.mean_s));
    report_html_cell(h, report_html_stat(h, report_format_seconds, s->wait.mean_s));
    report_html_cell(h, report_html_stat(h, report_format_seconds, s->wait.p99_s));
    report_html_cell(h, report_html_stat(h, report_format_number, s->queue_mean));
    report_html_cell(h, sp_arena_printf(h->arena, "%" PRId64, s->done));
    fputs("</tr>\n", h->out);
}

static void head_of(struct report_html *h, const char *const *heads, int n, int texts)
{
    fputs("<thead><tr>", h->out);
    for (int i = 0; i < n; i++)
        fprintf(h->out, "<th scope=\"col\"%s>%s</th>", i < texts ? "" : " class=\"n\"",
                heads[i]);
    fputs("</tr></thead><tbody>\n", h->out);
}

static int32_t write_policy_stages(struct report_html *h,
                                   const struct model_policy_result *p, int32_t room)
{
    int32_t n = 0;

    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t s = 0; s < p->workloads[w].n_stages; s++) {
            if (n == room)
                return n;
            if (n++ == 0) {
                fputs(
                    "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"11\"><span>",
                    h->out);
                report_html_name(h, p->name);
                fputs("</span></th></tr>\n", h->out);
            }
            write_stage(h, &p->workloads[w], &p->workloads[w].stages[s]);
        }
    return n;
}

void report_html_stages(struct report_html *h)
{
    static const char *const heads[] = {
        "stage",         "workload", "unit",      "slots",    "busy", "blocked",
        "service, mean", "wait",     "wait, p99", "in queue", "done"};
    int32_t all = 0, told = 0;

    for (int32_t p = 0; p < h->r->n_policies; p++)
        for (int32_t w = 0; w < h->r->policies[p].n_workloads; w++)
            all += h->r->policies[p].workloads[w].n_stages;
    if (all == 0)
        return;
    report_html_section(h, "stages", "Stages");
    report_html_table(h, "figures", "Stages by policy");
    head_of(h, heads, 11, 3);
    for (int32_t p = 0; p < h->r->n_policies && told < REPORT_HTML_STAGES; p++)
        told += write_policy_stages(h, &h->r->policies[p], REPORT_HTML_STAGES - told);
    fputs("</tbody>", h->out);
    report_html_table_end(h);
    report_html_more(h, all - told, "stages");
    report_html_section_end(h);
}

/* ---- inputs ---- */

static void write_input(struct report_html *h, const struct model_input *i)
{
    fputs("<tr><td>", h->out);
    report_html_name(h, i->group);
    fputs("</td><th scope=\"row\">", h->out);
    report_html_name(h, i->name);
    fputs("</th><td class=\"n\">", h->out);
    if (isnan(i->number))
        report_html_name(h, i->text);
    else
        report_html_text(h, report_html_figure(h, report_format_number, i->number));
    fputs("</td><td>", h->out);
    report_html_text(h, i->unit);
    fputs("</td><td>", h->out);
    report_html_text(h, i->basis);
    fputs("</td><td>", h->out);
    report_html_name(h, i->source);
    fputs("</td><td>", h->out);
    report_html_text(h, i->date);
    fputs("</td><td>", h->out);
    report_html_name(h, i->used_by);
    fputs("</td></tr>\n", h->out);
}

void report_html_inputs(struct report_html *h)
{
    static const char *const heads[] = {"where", "input",  "value", "unit",
                                        "basis", "source", "date",  "used by"};
    int32_t n =
        h->r->n_inputs < REPORT_HTML_INPUTS ? h->r->n_inputs : REPORT_HTML_INPUTS;

    if (n == 0)
        return;
    report_html_section(h, "inputs", "What it rests on");
    fputs(
        "<p class=\"filter js\"><label for=\"filter\">Show inputs with</label> <input "
        "id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> "
        "<span id=\"found\" role=\"status\"></span></p>\n",
        h->out);
    report_html_table(h, "figures inputs", "Inputs");
    head_of(h, heads, 8, 8);
    for (int32_t i = 0; i < n; i++)
        write_input(h, &h->r->inputs[i]);
    fputs("</tbody>", h->out);
    report_html_table_end(h);
    report_html_more(h, h->r->n_inputs - n, "inputs");
    report_html_section_end(h);
}
