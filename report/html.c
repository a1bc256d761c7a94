/* The document: its head, its sections in order, its end. */
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/sha256.h"
#include "report/embedded.h"
#include "report/file.h"
#include "report/html_parts.h"

/* ---- pieces ---- */

void report_html_section(struct report_html *h, const char *id, const char *title)
{
    fprintf(h->out,
            "<section id=\"%s\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">%s</h2>\n",
            id, id, id, title);
}

void report_html_section_end(struct report_html *h)
{
    fputs("</section>\n", h->out);
}

void report_html_paragraph(struct report_html *h, const char *class_name,
                           const char *text)
{
    fprintf(h->out, "<p class=\"%s\">", class_name);
    report_html_sentence(h, text);
    fputs("</p>\n", h->out);
}

void report_html_table(struct report_html *h, const char *class_name,
                       const char *caption)
{
    fprintf(h->out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
            "<table class=\"%s\"><caption class=\"sr\">%s</caption>\n",
            caption, class_name, caption);
}

void report_html_table_end(struct report_html *h)
{
    fputs("</table></div>\n", h->out);
}

void report_html_data(struct report_html *h, const char *const *heads, int n)
{
    fputs("<details class=\"data\"><summary>Data of this chart</summary>", h->out);
    report_html_table(h, "figures", "Data of the chart above");
    fputs("<thead><tr>", h->out);
    for (int i = 0; i < n; i++) {
        fputs(i == 0 ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">", h->out);
        report_html_name(h, heads[i]);
        fputs("</th>", h->out);
    }
    fputs("</tr></thead><tbody>\n", h->out);
}

void report_html_data_end(struct report_html *h)
{
    fputs("</tbody>", h->out);
    report_html_table_end(h);
    fputs("</details>\n", h->out);
}

void report_html_head(struct report_html *h, const char *text)
{
    fputs("<tr><th scope=\"row\">", h->out);
    report_html_name(h, text);
    fputs("</th>", h->out);
}

void report_html_cell(struct report_html *h, const char *text)
{
    fputs("<td class=\"n\">", h->out);
    report_html_text(h, text);
    fputs("</td>", h->out);
}

void report_html_more(struct report_html *h, int64_t left_out, const char *what)
{
    if (left_out > 0)
        fprintf(h->out,
                "<p class=\"note\">\u2026 and %" PRId64 " more %s, which the database "
                "and the workbook have.</p>\n",
                left_out, what);
}

/* ---- head ---- */

static void write_head(struct report_html *h)
{
    char css[SP_BASE64_SHA256], js[SP_BASE64_SHA256];

    sp_sha256_base64(report_page_css, strlen(report_page_css), css);
    sp_sha256_base64(report_page_js, strlen(report_page_js), js);
    fprintf(
        h->out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
        "form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"generator\" content=\"stageplan ",
        css, js);
    report_html_attribute(h, h->r->version);
    fputs("\">\n<title>", h->out);
    report_html_text(h, h->r->name);
    fprintf(h->out, " \u2013 Stageplan</title>\n<style>%s</style>\n</head>\n<body>\n",
            report_page_css);
}

static const char *date_of(struct report_html *h, const char *format)
{
    time_t created = h->context->created_s;
    char stamp[40];
    struct tm utc;

    gmtime_r(&created, &utc);
    strftime(stamp, sizeof stamp, format, &utc);
    return sp_arena_strdup(h->arena, stamp);
}

static void write_top(struct report_html *h)
{
    fputs(
        "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
        "<header class=\"top\"><div class=\"bar\"><p class=\"brand\">Stageplan</p>"
        "<button type=\"button\" id=\"theme\" class=\"js\" aria-pressed=\"false\">Dark "
        "theme</button></div>\n<h1>",
        h->out);
    report_html_name(h, h->r->name);
    fputs("</h1>\n", h->out);
    if (h->r->description != NULL) {
        fputs("<p class=\"about\">", h->out);
        report_html_name(h, h->r->description);
        fputs("</p>\n", h->out);
    }
    fprintf(h->out,
            "<p class=\"meta\"><time datetime=\"%s\">%s</time> \u00B7 %" PRId32
            " %s \u00B7 %" PRId32 " replication%s \u00B7 seed %" PRIu64
            " \u00B7 stageplan ",
            date_of(h, "%Y-%m-%dT%H:%M:%SZ"), date_of(h, "%Y-%m-%d"), h->r->n_policies,
            h->r->n_policies == 1 ? "policy" : "policies", h->r->n_runs,
            h->r->n_runs == 1 ? "" : "s", h->r->seed);
    report_html_text(h, h->r->version);
    fputs("</p>\n</header>\n", h->out);
}

static void write_body(struct report_html *h)
{
    write_top(h);
    fputs("<main id=\"main\">\n", h->out);
    report_html_decision(h);
    if (h->r->n_policies > 0) {
        report_html_compare(h);
        report_html_panel(h);
        report_html_cost(h);
        report_html_time(h);
        report_html_latency(h);
        report_html_nodes(h);
        report_html_stages(h);
    }
    report_html_inputs(h);
    report_html_notes(h);
    fputs("</main>\n<footer><p>Made by stageplan ", h->out);
    report_html_text(h, h->r->version);
    fprintf(h->out,
            " on %s. This file holds all it needs and loads nothing.</p></footer>\n"
            "<div id=\"tip\" role=\"status\" hidden></div>\n",
            date_of(h, "%Y-%m-%d %H:%M UTC"));
    report_html_panel_data(h);
    fprintf(h->out, "<script>%s</script>\n</body>\n</html>\n", report_page_js);
}

enum sp_status report_html_write(const char *path, const struct report_context *context,
                                 struct sp_err *err)
{
    struct report_html h = {.context = context, .r = context->result};
    struct report_file *file;
    enum sp_status s = report_file_open(path, &file, err);

    if (s != SP_OK)
        return s;
    h.arena = sp_arena_new();
    h.out = report_file_stream(file);
    h.story = report_story_of(h.arena, h.r);
    h.n_charted =
        h.r->n_policies < REPORT_HTML_CHARTED ? h.r->n_policies : REPORT_HTML_CHARTED;
    write_head(&h);
    write_body(&h);
    s = report_file_close(file, SP_OK, err);
    sp_arena_free(h.arena);
    return s;
}
