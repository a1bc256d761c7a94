/* Text into HTML: one function for content, one for attributes, both after cleaning. */
#include <math.h>
#include <string.h>

#include "report/alike.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/text.h"

static void escape(FILE *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        switch (text[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(text[i], out);
        }
}

void report_html_text(struct report_html *h, const char *text)
{
    const char *clean = report_text_clean(h->arena, text, REPORT_TEXT_CELL);

    escape(h->out, clean, strlen(clean));
}

void report_html_attribute(struct report_html *h, const char *text)
{
    const char *clean = report_text_clean(h->arena, text, REPORT_TEXT_LINE);

    escape(h->out, clean, strlen(clean));
}

void report_html_name(struct report_html *h, const char *name)
{
    fputs("<bdi>", h->out);
    report_html_text(h, name);
    fputs("</bdi>", h->out);
}

/* A quote that opens a name: at the start or after a blank or bracket. */
static bool opens(const char *start, const char *at)
{
    return *at == '\'' && (at == start || strchr(" (:", at[-1]) != NULL);
}

/* Where the name that opens here ends: its quote before a blank, a mark or the end. */
static const char *closes(const char *open)
{
    for (const char *p = open + 1; *p != '\0'; p++)
        if (*p == '\'' && p > open + 1 && strchr(" ,.:;)", p[1]) != NULL)
            return p;
    return NULL;
}

void report_html_sentence(struct report_html *h, const char *text)
{
    const char *clean = report_text_clean(h->arena, text, REPORT_TEXT_CELL);
    const char *from = clean, *end;

    for (const char *p = clean; *p != '\0'; p++) {
        if (!opens(clean, p) || (end = closes(p)) == NULL)
            continue;
        escape(h->out, from, (size_t)(p - from));
        fputs("<bdi class=\"q\">", h->out);
        escape(h->out, p + 1, (size_t)(end - p - 1));
        fputs("</bdi>", h->out);
        from = end + 1;
        p = end;
    }
    escape(h->out, from, strlen(from));
}

char *report_html_usd(double usd, char *buf)
{
    char plain[REPORT_FIGURE], *out = buf;
    const char *p = plain;
    size_t whole;

    report_format_usd(usd, plain);
    if (isnan(usd) || fabs(usd) >= 1e15)
        return strcpy(buf, plain);
    if (*p == '-') {
        memcpy(out, "\u2212", strlen("\u2212"));
        out += strlen("\u2212");
        p++;
    }
    whole = strcspn(p, ".");
    for (size_t i = 0; i < whole; i++) {
        *out++ = p[i];
        if ((whole - i) % 3 == 1 && i + 1 < whole)
            *out++ = ',';
    }
    strcpy(out, p + whole);
    return buf;
}

const char *report_html_figure(struct report_html *h, report_html_format format,
                               double v)
{
    char buf[REPORT_FIGURE];

    return sp_arena_strdup(h->arena, format(v, buf));
}

const char *report_html_stat(struct report_html *h, report_html_format format,
                             struct model_stat stat)
{
    const char *mean = report_html_figure(h, format, stat.mean);

    if (isnan(stat.mean))
        return "\u2013";
    if (isnan(stat.half95) || report_all_alike(h->r))
        return mean;
    return sp_arena_printf(h->arena, "%s \u00B1 %s", mean,
                           report_html_figure(h, format, stat.half95));
}
