/* A trace's facts on paper and as JSON. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "base/wide.h"
#include "traces/histogram.h"
#include "traces/info.h"

/* ---- for people ---- */

enum { NUMBER = 32, LABEL = 12 };

/* 1234567 as "1,234,567". */
static const char *grouped(int64_t value, char buf[NUMBER])
{
    char digits[NUMBER];
    int n = snprintf(digits, sizeof digits, "%" PRId64, value);
    char *p = buf;

    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return buf;
}

/* Four figures or more: 0.1808, 17.25, 1,154.7; "-" for what was not measured. */
static const char *figure(double value, char buf[NUMBER])
{
    int64_t tenths;
    size_t n;

    if (!isfinite(value))
        return "-";
    if (fabs(value) < 999.95 || fabs(value) >= 1e15) {
        snprintf(buf, NUMBER, "%.4g", value);
        return buf;
    }
    tenths = llround(value * 10);
    grouped(tenths / 10, buf);
    n = strlen(buf);
    if (tenths % 10 != 0 && value > 0 && value < 1e6 && n + 3 < NUMBER) {
        buf[n] = '.';
        buf[n + 1] = (char)('0' + tenths % 10);
        buf[n + 2] = '\0';
    }
    return buf;
}

/* At most 9 columns of a table: 1,234,567 or 1.235e+07. */
static const char *cell(int64_t value, char buf[NUMBER])
{
    if (value < 10000000)
        return grouped(value, buf);
    snprintf(buf, NUMBER, "%.4g", (double)value);
    return buf;
}

static const char *duration(int64_t ns, char buf[NUMBER])
{
    return sp_format_duration(sp_s_from_ns(ns), buf, NUMBER);
}

/* A name from outside, without the bytes that could drive a terminal. */
static void print_name(const char *name, FILE *out)
{
    for (; *name != '\0'; name++)
        fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name, out);
}

static void label(const char *text, FILE *out)
{
    fprintf(out, "%-*s", (int)LABEL, text);
}

static void print_head(const struct trace_info *info, FILE *out)
{
    char a[NUMBER], b[NUMBER];

    label("trace", out);
    print_name(info->path, out);
    fputc('\n', out);
    label("format", out);
    fprintf(out, "%s, %s, %s bytes", info->format->name, info->file.compression,
            grouped(info->file.stored_bytes, a));
    if (info->file.stored_bytes != info->file.text_bytes)
        fprintf(out, " (%s unpacked)", grouped(info->file.text_bytes, b));
    fputc('\n', out);
    label("xxh64", out);
    fprintf(out, "%016" PRIx64 "\n", info->xxh64);
    label("rows", out);
    fprintf(out, "%s in %s\n", grouped(info->rows, a), duration(info->span_ns, b));
}

static void print_rates(const struct trace_info *info, FILE *out)
{
    const struct trace_window *minute = &info->windows[TRACE_WINDOWS - 1];
    char a[NUMBER], b[NUMBER], c[NUMBER];

    label("rate", out);
    fprintf(out, "mean %s/s; most in a minute %s, from %s on\n",
            figure(info->rate_per_s, a), grouped(minute->peak_rows, b),
            duration(minute->peak_at_ns, c));
    label("gaps", out);
    fprintf(out, "mean %s s, CV %s, longest %s\n", figure(info->gap_mean_s, a),
            figure(info->gap_cv, b), duration(info->gap_max_ns, c));
    label("burstiness", out);
    for (int w = 0; w < TRACE_WINDOWS; w++)
        fprintf(out, "%s%s in %" PRId64 " s", w > 0 ? ", " : "",
                figure(info->windows[w].dispersion, a),
                info->windows[w].width_ns / SP_NS_PER_S);
    fprintf(out,
            "\n%-*svariance over mean of the rows per window (index of dispersion)\n",
            (int)LABEL, "");
}

static void print_sizes(const struct trace_info *info, FILE *out)
{
    if (info->n_sizes == 0)
        return;
    fprintf(out, "\n%-18s %9s %9s %9s %9s %9s %9s\n", "size", "min", "mean", "p50",
            "p90", "p99", "max");
    for (int32_t i = 0; i < info->n_sizes; i++) {
        const struct trace_size_info *s = &info->sizes[i];
        char b[6][NUMBER];

        print_name(s->name, out);
        fprintf(out, "%*s %9s %9s %9s %9s %9s %9s\n",
                strlen(s->name) < 18 ? (int)(18 - strlen(s->name)) : 0, "",
                cell(s->min, b[0]),
                s->mean < 1e6 ? figure(s->mean, b[1]) : cell(llround(s->mean), b[1]),
                cell(s->p50, b[2]), cell(s->p90, b[3]), cell(s->p99, b[4]),
                cell(s->max, b[5]));
    }
    fputs("quantiles are exact below 256 and within 0.4 % above\n", out);
}

/* "36.64 %" of `whole`; "-" of nothing. */
static const char *percent(int64_t part, int64_t whole, char buf[NUMBER])
{
    if (whole <= 0)
        return "-";
    snprintf(buf, NUMBER, "%.2f %%", 100 * (double)part / (double)whole);
    return buf;
}

static void print_cache(const char *name, const struct trace_prefix *p,
                        const struct trace_prefix_hits *hits, FILE *out)
{
    char a[NUMBER], b[NUMBER];

    fprintf(out, "%-18s %9s %9s\n", name, percent(hits->blocks, p->blocks, a),
            percent(hits->tokens, p->tokens, b));
}

static void print_prefix(const struct trace_prefix *p, FILE *out)
{
    char a[NUMBER], b[NUMBER];

    if (p->block_tokens == 0)
        return;
    fprintf(out, "\n%s blocks of %d prompt tokens, %s%s distinct\n",
            grouped(p->blocks, a), (int)p->block_tokens, p->overflow ? "at least " : "",
            grouped(p->distinct, b));
    fprintf(out, "%-18s %9s %9s\n", "prefix cache", "blocks", "tokens");
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        print_cache(grouped(p->caches[i].capacity, a), p, &p->caches[i], out);
    if (!p->overflow)
        print_cache("not limited", p, &p->unlimited, out);
    fputs("hits of one LRU cache for all: the leading blocks that are there\n", out);
}

static void oddity(bool is_so, const char *text, int64_t n, FILE *out, int *found)
{
    char number[NUMBER];

    if (!is_so)
        return;
    label((*found)++ == 0 ? "odd" : "", out);
    if (n >= 0)
        fprintf(out, "%s: %s\n", text, grouped(n, number));
    else
        fprintf(out, "%s\n", text);
}

static void print_oddities(const struct trace_info *info, FILE *out)
{
    const struct trace_file_facts *f = &info->file;
    int64_t ended = info->rows - f->lacks_newline;
    char text[MODEL_NAME_MAX + 64], a[NUMBER];
    int found = 0;

    fputc('\n', out);
    oddity(f->has_bom, "begins with a byte order mark", -1, out, &found);
    oddity(f->crlf_rows > 0 && f->crlf_rows == ended, "lines end with CR LF", -1, out,
           &found);
    oddity(f->crlf_rows > 0 && f->crlf_rows < ended,
           "rows that end with CR LF, unlike the others", f->crlf_rows, out, &found);
    oddity(f->lacks_newline, "no newline at the end of the last row", -1, out, &found);
    oddity(f->odd_rows > 0, "rows with quotes or blanks around a field", f->odd_rows,
           out, &found);
    oddity(info->simultaneous > 0, "rows at the same time as the row above",
           info->simultaneous, out, &found);
    oddity(info->repeated > 0, "of these equal to the row above", info->repeated, out,
           &found);
    if (info->rows > 10 && info->gap_max_ns > info->span_ns / 10) {
        snprintf(text, sizeof text, "a gap of %s before line %" PRId64,
                 duration(info->gap_max_ns, a), info->gap_max_line);
        oddity(true, text, -1, out, &found);
    }
    for (int32_t i = 0; i < info->n_sizes; i++) {
        snprintf(text, sizeof text, "rows with %s 0", info->sizes[i].name);
        oddity(info->sizes[i].zeros > 0, text, info->sizes[i].zeros, out, &found);
    }
    if (found == 0)
        fprintf(out, "%-*snothing\n", (int)LABEL, "odd");
}

static void print_chart(const struct trace_info *info, struct trace_info_style style,
                        FILE *out)
{
    static const char *const blocks[] = {" ",      "\u2581", "\u2582",
                                         "\u2583", "\u2584", "\u2585",
                                         "\u2586", "\u2587", "\u2588"};
    static const char *const ascii[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
    int64_t most = 1;
    char a[NUMBER];

    for (int32_t i = 0; i < info->n_series; i++)
        most = info->series[i] > most ? info->series[i] : most;
    fprintf(out, "\n%s", style.colour ? "\033[36m" : "");
    for (int32_t i = 0; i < info->n_series; i++) {
        int level = (int)(((sp_i128)info->series[i] * 8 + most - 1) / most);

        fputs(style.utf8 ? blocks[level] : ascii[level], out);
    }
    fprintf(out, "%s\nrows over time, %s a column", style.colour ? "\033[0m" : "",
            duration(info->series_ns, a));
    fprintf(out, ", tallest %s\n", grouped(most, a));
}

void trace_info_print(const struct trace_info *info, struct trace_info_style style,
                      FILE *out)
{
    print_head(info, out);
    print_rates(info, out);
    if (style.chart)
        print_chart(info, style, out);
    print_sizes(info, out);
    print_prefix(&info->prefix, out);
    print_oddities(info, out);
}

/* ---- JSON ---- */

/* How many bytes of valid UTF-8 begin at p: 0 for none. */
static int utf8_length(const unsigned char *p)
{
    static const struct {
        unsigned char mask, lead;
        int length;
    } forms[] = {{0x80, 0x00, 1}, {0xe0, 0xc0, 2}, {0xf0, 0xe0, 3}, {0xf8, 0xf0, 4}};

    for (int i = 0; i < 4; i++) {
        if ((*p & forms[i].mask) != forms[i].lead)
            continue;
        for (int k = 1; k < forms[i].length; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static void json_string(const char *text, FILE *out)
{
    const unsigned char *p = (const unsigned char *)text;

    fputc('"', out);
    while (*p != '\0') {
        int n = utf8_length(p);

        if (n == 0)
            fputs("\\ufffd", out);
        else if (*p < 0x20 || *p == '"' || *p == '\\')
            fprintf(out, "\\u%04x", *p);
        else
            fwrite(p, 1, (size_t)n, out);
        p += n > 0 ? n : 1;
    }
    fputc('"', out);
}

static void json_number(const char *before, double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, "%s%.17g", before, value);
    else
        fprintf(out, "%snull", before);
}

static void json_integer(const char *before, int64_t value, FILE *out)
{
    fprintf(out, "%s%" PRId64, before, value);
}

static void json_head(const struct trace_info *info, FILE *out)
{
    fputs("{\n  \"file\": ", out);
    json_string(info->path, out);
    fprintf(out, ",\n  \"format\": \"%s\",\n  \"compression\": \"%s\"",
            info->format->name, info->file.compression);
    fprintf(out, ",\n  \"xxh64\": \"%016" PRIx64 "\"", info->xxh64);
    json_integer(",\n  \"bytes\": ", info->file.stored_bytes, out);
    json_integer(",\n  \"text_bytes\": ", info->file.text_bytes, out);
    json_integer(",\n  \"rows\": ", info->rows, out);
    json_number(",\n  \"span_s\": ", sp_s_from_ns(info->span_ns), out);
    json_number(",\n  \"rate_per_s\": ", info->rate_per_s, out);
    json_number(",\n  \"gap_s\": { \"mean\": ", info->gap_mean_s, out);
    json_number(", \"cv\": ", info->gap_cv, out);
    json_number(", \"max\": ", sp_s_from_ns(info->gap_max_ns), out);
    json_integer(", \"max_line\": ", info->gap_max_line, out);
    fputs(" }", out);
}

static void json_windows(const struct trace_info *info, FILE *out)
{
    fputs(",\n  \"windows\": [", out);
    for (int w = 0; w < TRACE_WINDOWS; w++) {
        const struct trace_window *v = &info->windows[w];

        json_number(w > 0 ? ",\n    { \"window_s\": " : "\n    { \"window_s\": ",
                    sp_s_from_ns(v->width_ns), out);
        json_integer(", \"whole\": ", v->n, out);
        json_number(", \"dispersion\": ", v->dispersion, out);
        json_integer(", \"peak_rows\": ", v->peak_rows, out);
        json_number(", \"peak_at_s\": ", sp_s_from_ns(v->peak_at_ns), out);
        fputs(" }", out);
    }
    fputs("\n  ]", out);
}

static void json_sizes(const struct trace_info *info, FILE *out)
{
    fputs(",\n  \"sizes\": [", out);
    for (int32_t i = 0; i < info->n_sizes; i++) {
        const struct trace_size_info *s = &info->sizes[i];

        fputs(i > 0 ? ",\n    { \"name\": " : "\n    { \"name\": ", out);
        json_string(s->name, out);
        json_integer(", \"min\": ", s->min, out);
        json_number(", \"mean\": ", s->mean, out);
        json_integer(", \"p50\": ", s->p50, out);
        json_integer(", \"p90\": ", s->p90, out);
        json_integer(", \"p99\": ", s->p99, out);
        json_integer(", \"max\": ", s->max, out);
        json_integer(", \"zeros\": ", s->zeros, out);
        fputs(" }", out);
    }
    fputs(info->n_sizes > 0 ? "\n  ]" : "]", out);
    json_number(",\n  \"quantile_error\": ", TRACE_QUANTILE_ERROR, out);
}

static void json_hits(const char *before, const struct trace_prefix *p,
                      const struct trace_prefix_hits *hits, FILE *out)
{
    fputs(before, out);
    if (hits->capacity >= 0)
        json_integer("{ \"capacity\": ", hits->capacity, out);
    else
        fputs("{ \"capacity\": null", out);
    json_number(", \"block_hit_frac\": ", (double)hits->blocks / (double)p->blocks,
                out);
    json_number(", \"token_hit_frac\": ", (double)hits->tokens / (double)p->tokens,
                out);
    fputs(" }", out);
}

static void json_prefix(const struct trace_prefix *p, FILE *out)
{
    if (p->block_tokens == 0)
        return;
    json_integer(",\n  \"prefix\": { \"block_tokens\": ", p->block_tokens, out);
    json_integer(", \"blocks\": ", p->blocks, out);
    if (p->overflow)
        fputs(", \"distinct\": null", out);
    else
        json_integer(", \"distinct\": ", p->distinct, out);
    fputs(",\n    \"caches\": [", out);
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        json_hits(i > 0 ? ",\n      " : "\n      ", p, &p->caches[i], out);
    if (!p->overflow)
        json_hits(",\n      ", p, &p->unlimited, out);
    fputs(" ] }", out);
}

static void json_oddities(const struct trace_info *info, FILE *out)
{
    const struct trace_file_facts *f = &info->file;

    json_integer(",\n  \"odd\": { \"crlf_rows\": ", f->crlf_rows, out);
    json_integer(", \"quoted_or_padded_rows\": ", f->odd_rows, out);
    json_integer(", \"simultaneous_rows\": ", info->simultaneous, out);
    json_integer(", \"repeated_rows\": ", info->repeated, out);
    fprintf(out, ", \"byte_order_mark\": %s, \"no_final_newline\": %s }",
            f->has_bom ? "true" : "false", f->lacks_newline ? "true" : "false");
}

void trace_info_print_json(const struct trace_info *info, FILE *out)
{
    json_head(info, out);
    json_windows(info, out);
    json_sizes(info, out);
    json_prefix(&info->prefix, out);
    json_oddities(info, out);
    json_number(",\n  \"series\": { \"bucket_s\": ", sp_s_from_ns(info->series_ns),
                out);
    fputs(", \"rows\": [", out);
    for (int32_t i = 0; i < info->n_series; i++)
        json_integer(i > 0 ? ", " : "", info->series[i], out);
    fputs("] }\n}\n", out);
}
