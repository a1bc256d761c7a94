/* What was found, first and in words; and what a careful reader asks at the end. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/html_parts.h"
#include "report/lookup.h"
#include "report/month.h"

/* ---- figures that stand out ---- */

static void fact(struct report_html *h, const char *data, const char *value,
                 const char *name)
{
    fprintf(h->out, "<div><dt>");
    report_html_sentence(h, name);
    fprintf(h->out, "</dt><dd%s>%s</dd></div>\n", data, value);
}

static void facts_of_saving(struct report_html *h, int32_t policy)
{
    const struct model_comparison *k = report_comparison_of(h->r, policy);
    const struct model_policy_result *all = h->r->policies;
    double runs = report_runs_per_month(h->r, REPORT_HOURS_PER_MONTH);
    double saving;

    if (k == NULL || isnan(k->usd_ratio.mean))
        return;
    saving = all[k->baseline].cost.usd.mean - all[policy].cost.usd.mean;
    fact(h,
         sp_arena_printf(h->arena, " data-v=\"save %d\" data-n=\"%.17g\"", (int)policy,
                         1 - k->usd_ratio.mean),
         report_html_stat(
             h, report_format_percent,
             (struct model_stat){1 - k->usd_ratio.mean, k->usd_ratio.half95}),
         sp_arena_printf(h->arena, "saved against '%s'", all[k->baseline].name));
    if (isfinite(runs))
        fact(h, sp_arena_printf(h->arena, " data-v=\"saved %d\"", (int)policy),
             sp_arena_printf(h->arena, "%s USD",
                             report_html_figure(h, report_html_usd, saving * runs)),
             "saved per month");
}

static void facts(struct report_html *h)
{
    int32_t p = h->story->choice;

    if (p == SP_NO_ID || !h->r->policies[p].cost.known)
        return;
    fputs("<dl class=\"facts\">\n", h->out);
    facts_of_saving(h, p);
    fact(h, sp_arena_printf(h->arena, " data-v=\"usd %d\"", (int)p),
         sp_arena_printf(
             h->arena, "%s USD",
             report_html_stat(h, report_html_usd, h->r->policies[p].cost.usd)),
         sp_arena_printf(h->arena, "a run of '%s'", h->r->policies[p].name));
    fact(h, "", report_html_stat(h, report_format_seconds, h->r->policies[p].time_s),
         "simulated time");
    fputs("</dl>\n", h->out);
}

static void list(struct report_html *h, const char *title, const char **texts,
                 int32_t n)
{
    if (n == 0)
        return;
    fprintf(h->out, "<div><h3>%s</h3><ul>\n", title);
    for (int32_t i = 0; i < n; i++) {
        fputs("<li>", h->out);
        report_html_sentence(h, texts[i]);
        fputs("</li>\n", h->out);
    }
    fputs("</ul></div>\n", h->out);
}

void report_html_decision(struct report_html *h)
{
    report_html_section(h, "decision", "The decision");
    report_html_paragraph(h, "lead", h->story->decision);
    if (h->r->partial)
        report_html_paragraph(h, "alarm",
                              "Interrupted: every figure of this report is partial.");
    facts(h);
    fputs("<p class=\"as-was\" hidden>The sentences of this section are as simulated; "
          "figures follow the panel below.</p>\n<div class=\"columns\">\n",
          h->out);
    list(h, "What drives it", h->story->drivers, h->story->n_drivers);
    list(h, "What it rests on", h->story->rests, h->story->n_rests);
    fputs("</div>\n", h->out);
    if (h->r->n_warnings > 0)
        fprintf(h->out,
                "<p><a href=\"#warnings\">%" PRId32 " warning%s</a> should be read, "
                "too.</p>\n",
                h->r->n_warnings, h->r->n_warnings == 1 ? "" : "s");
    report_html_section_end(h);
}

/* ---- notes ---- */

static int32_t at_most(int32_t n, int32_t most)
{
    return n < most ? n : most;
}

static void assumptions(struct report_html *h)
{
    int32_t n = at_most(h->r->n_assumptions, REPORT_HTML_NOTES);

    if (n == 0)
        return;
    report_html_section(h, "assumptions", "What the model assumes");
    fputs("<dl class=\"assumptions\">\n", h->out);
    for (int32_t i = 0; i < n; i++) {
        fputs("<div><dt>", h->out);
        report_html_text(h, h->r->assumptions[i].id);
        fputs("</dt><dd>", h->out);
        report_html_sentence(h, h->r->assumptions[i].text);
        fputs("</dd></div>\n", h->out);
    }
    fputs("</dl>\n", h->out);
    report_html_section_end(h);
}

static void warnings(struct report_html *h)
{
    int32_t n = at_most(h->r->n_warnings, REPORT_HTML_NOTES);

    if (n == 0)
        return;
    report_html_section(h, "warnings", "Warnings");
    fputs("<ul class=\"warnings\">\n", h->out);
    for (int32_t i = 0; i < n; i++) {
        fputs("<li>", h->out);
        report_html_sentence(h, h->r->warnings[i]);
        fputs("</li>\n", h->out);
    }
    fputs("</ul>\n", h->out);
    report_html_more(h, h->r->n_warnings - n, "warnings");
    report_html_section_end(h);
}

/* A file's name as a shell takes it. */
static const char *quoted(struct report_html *h, const char *path)
{
    const char *out = "'";

    if (path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789_./+,=@%-")] == '\0' &&
        path[0] != '\0' && path[0] != '-')
        return path;
    for (const char *p = path; *p != '\0'; p++)
        out = *p == '\'' ? sp_arena_printf(h->arena, "%s'\\''", out)
                         : sp_arena_printf(h->arena, "%s%c", out, *p);
    return sp_arena_printf(h->arena, "%s'", out);
}

static void files(struct report_html *h)
{
    int32_t n = at_most(h->r->n_files, REPORT_HTML_NOTES);

    if (n == 0)
        return;
    report_html_table(h, "figures", "Files that were read");
    fputs("<thead><tr><th scope=\"col\">file that was read</th><th scope=\"col\" "
          "class=\"n\">XXH64</th></tr></thead><tbody>\n",
          h->out);
    for (int32_t i = 0; i < n; i++) {
        report_html_head(h, h->r->files[i].file);
        fprintf(h->out, "<td class=\"n\"><code>%016" PRIx64 "</code></td></tr>\n",
                h->r->files[i].xxh64);
    }
    fputs("</tbody>", h->out);
    report_html_table_end(h);
    report_html_more(h, h->r->n_files - n, "files");
}

static void again(struct report_html *h)
{
    report_html_section(h, "again", "How to make it again");
    fputs("<p>With the same files the same figures come out, byte for byte:</p>\n"
          "<pre><code>stageplan run ",
          h->out);
    report_html_text(h, quoted(h, h->r->path != NULL ? h->r->path : ""));
    fprintf(h->out,
            " --seed %" PRIu64 " --replications %" PRId32 " --html report.html"
            "</code></pre>\n<p class=\"note\">Values that were given with --set are "
            "among the inputs above, and have to be given again.",
            h->r->seed, h->r->n_runs);
    if (h->r->catalog != NULL) {
        fputs(" Catalog: ", h->out);
        report_html_text(h, h->r->catalog);
        fputc('.', h->out);
    }
    fputs("</p>\n", h->out);
    files(h);
    report_html_section_end(h);
}

void report_html_notes(struct report_html *h)
{
    assumptions(h);
    warnings(h);
    again(h);
}
