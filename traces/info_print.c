/* A trace's facts on paper and as JSON. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "base/wide.h"
#include "traces/histogram.h"
#include "traces/info.h"
#include "traces/paper.h"

/* ---- for people ---- */

/* At most 9 columns of a table: 1,234,567 or 1.235e+07. */
static const char *cell(int64_t value, char buf[TRACE_NUMBER])
{
    if (value < 10000000)
        return trace_grouped(value, buf);
    snprintf(buf, TRACE_NUMBER, "%.4g", (double)value);
    return buf;
}

static void print_head(const struct trace_info *info, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    trace_label("trace", out);
    trace_print_name(info->path, out);
    fputc('\n', out);
    trace_label("format", out);
    fprintf(out, "%s, %s, %s bytes", info->format->name, info->file.compression,
            trace_grouped(info->file.stored_bytes, a));
    if (info->file.stored_bytes != info->file.text_bytes)
        fprintf(out, " (%s unpacked)", trace_grouped(info->file.text_bytes, b));
    fputc('\n', out);
    trace_label("xxh64", out);
    fprintf(out, "%016" PRIx64 "\n", info->xxh64);
    trace_label("rows", out);
    fprintf(out, "%s in %s\n", trace_grouped(info->rows, a),
            trace_duration(info->span_ns, b));
}

static void print_rates(const struct trace_info *info, FILE *out)
{
    const struct trace_window *minute = &info->windows[TRACE_WINDOWS - 1];
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER];

    trace_label("rate", out);
    fprintf(out, "mean %s/s; most in a minute %s, from %s on\n",
            trace_figure(info->rate_per_s, a), trace_grouped(minute->peak_rows, b),
            trace_duration(minute->peak_at_ns, c));
    trace_label("gaps", out);
    fprintf(out, "mean %s s, CV %s, longest %s\n", trace_figure(info->gap_mean_s, a),
            trace_figure(info->gap_cv, b), trace_duration(info->gap_max_ns, c));
    trace_label("burstiness", out);
    for (int w = 0; w < TRACE_WINDOWS; w++)
        fprintf(out, "%s%s in %" PRId64 " s", w > 0 ? ", " : "",
                trace_figure(info->windows[w].dispersion, a),
                info->windows[w].width_ns / SP_NS_PER_S);
    fprintf(out,
            "\n%-*svariance over mean of the rows per window (index of dispersion)\n",
            (int)TRACE_LABEL, "");
}

static void print_sizes(const struct trace_info *info, FILE *out)
{
    if (info->n_sizes == 0)
        return;
    fprintf(out, "\n%-18s %9s %9s %9s %9s %9s %9s\n", "size", "min", "mean", "p50",
            "p90", "p99", "max");
    for (int32_t i = 0; i < info->n_sizes; i++) {
        const struct trace_size_info *s = &info->sizes[i];
        char b[6][TRACE_NUMBER];

        trace_print_name(s->name, out);
        fprintf(out, "%*s %9s %9s %9s %9s %9s %9s\n",
                strlen(s->name) < 18 ? (int)(18 - strlen(s->name)) : 0, "",
                cell(s->min, b[0]),
                s->mean < 1e6 ? trace_figure(s->mean, b[1])
                              : cell(llround(s->mean), b[1]),
                cell(s->p50, b[2]), cell(s->p90, b[3]), cell(s->p99, b[4]),
                cell(s->max, b[5]));
    }
    fputs("quantiles are exact below 256 and within 0.4 % above\n", out);
}

static void print_cache(const char *name, const struct trace_prefix *p,
                        const struct trace_prefix_hits *hits, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    fprintf(out, "%-18s %9s %9s\n", name, trace_percent(hits->blocks, p->blocks, a),
            trace_percent(hits->tokens, p->tokens, b));
}

static void print_prefix(const struct trace_prefix *p, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    if (p->block_tokens == 0)
        return;
    fprintf(out, "\n%s blocks of %d prompt tokens, %s%s distinct\n",
            trace_grouped(p->blocks, a), (int)p->block_tokens,
            p->overflow ? "at least " : "", trace_grouped(p->distinct, b));
    fprintf(out, "%-18s %9s %9s\n", "prefix cache", "blocks", "tokens");
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        print_cache(trace_grouped(p->caches[i].capacity, a), p, &p->caches[i], out);
    if (!p->overflow)
        print_cache("not limited", p, &p->unlimited, out);
    fputs("hits of one LRU cache for all: the leading blocks that are there\n", out);
}

static void oddity(bool is_so, const char *text, int64_t n, FILE *out, int *found)
{
    char number[TRACE_NUMBER];

    if (!is_so)
        return;
    trace_label((*found)++ == 0 ? "odd" : "", out);
    if (n >= 0)
        fprintf(out, "%s: %s\n", text, trace_grouped(n, number));
    else
        fprintf(out, "%s\n", text);
}

static void print_oddities(const struct trace_info *info, FILE *out)
{
    const struct trace_file_facts *f = &info->file;
    int64_t ended = info->rows - f->lacks_newline;
    char text[MODEL_NAME_MAX + 64], a[TRACE_NUMBER];
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
                 trace_duration(info->gap_max_ns, a), info->gap_max_line);
        oddity(true, text, -1, out, &found);
    }
    for (int32_t i = 0; i < info->n_sizes; i++) {
        snprintf(text, sizeof text, "rows with %s 0", info->sizes[i].name);
        oddity(info->sizes[i].zeros > 0, text, info->sizes[i].zeros, out, &found);
    }
    if (found == 0)
        fprintf(out, "%-*snothing\n", (int)TRACE_LABEL, "odd");
}

static void print_chart(const struct trace_info *info, struct trace_info_style style,
                        FILE *out)
{
    double rows[TRACE_SERIES_MAX], most = 1;
    char a[TRACE_NUMBER];

    for (int32_t i = 0; i < info->n_series; i++) {
        rows[i] = (double)info->series[i];
        most = rows[i] > most ? rows[i] : most;
    }
    fputc('\n', out);
    trace_print_bars(rows, info->n_series, style, out);
    fprintf(out, "\nrows over time, %s a column", trace_duration(info->series_ns, a));
    fprintf(out, ", tallest %s\n", trace_grouped((int64_t)most, a));
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

static void json_head(const struct trace_info *info, FILE *out)
{
    fputs("{\n  \"file\": ", out);
    trace_put_string(info->path, out);
    fprintf(out, ",\n  \"format\": \"%s\",\n  \"compression\": \"%s\"",
            info->format->name, info->file.compression);
    fprintf(out, ",\n  \"xxh64\": \"%016" PRIx64 "\"", info->xxh64);
    trace_put_integer(",\n  \"bytes\": ", info->file.stored_bytes, out);
    trace_put_integer(",\n  \"text_bytes\": ", info->file.text_bytes, out);
    trace_put_integer(",\n  \"rows\": ", info->rows, out);
    trace_put_number(",\n  \"span_s\": ", sp_s_from_ns(info->span_ns), out);
    trace_put_number(",\n  \"rate_per_s\": ", info->rate_per_s, out);
    trace_put_number(",\n  \"gap_s\": { \"mean\": ", info->gap_mean_s, out);
    trace_put_number(", \"cv\": ", info->gap_cv, out);
    trace_put_number(", \"max\": ", sp_s_from_ns(info->gap_max_ns), out);
    trace_put_integer(", \"max_line\": ", info->gap_max_line, out);
    fputs(" }", out);
}

static void json_windows(const struct trace_info *info, FILE *out)
{
    fputs(",\n  \"windows\": [", out);
    for (int w = 0; w < TRACE_WINDOWS; w++) {
        const struct trace_window *v = &info->windows[w];

        trace_put_number(w > 0 ? ",\n    { \"window_s\": " : "\n    { \"window_s\": ",
                         sp_s_from_ns(v->width_ns), out);
        trace_put_integer(", \"whole\": ", v->n, out);
        trace_put_number(", \"dispersion\": ", v->dispersion, out);
        trace_put_integer(", \"peak_rows\": ", v->peak_rows, out);
        trace_put_number(", \"peak_at_s\": ", sp_s_from_ns(v->peak_at_ns), out);
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
        trace_put_string(s->name, out);
        trace_put_integer(", \"min\": ", s->min, out);
        trace_put_number(", \"mean\": ", s->mean, out);
        trace_put_integer(", \"p50\": ", s->p50, out);
        trace_put_integer(", \"p90\": ", s->p90, out);
        trace_put_integer(", \"p99\": ", s->p99, out);
        trace_put_integer(", \"max\": ", s->max, out);
        trace_put_integer(", \"zeros\": ", s->zeros, out);
        fputs(" }", out);
    }
    fputs(info->n_sizes > 0 ? "\n  ]" : "]", out);
    trace_put_number(",\n  \"quantile_error\": ", TRACE_QUANTILE_ERROR, out);
}

static void json_hits(const char *before, const struct trace_prefix *p,
                      const struct trace_prefix_hits *hits, FILE *out)
{
    fputs(before, out);
    if (hits->capacity >= 0)
        trace_put_integer("{ \"capacity\": ", hits->capacity, out);
    else
        fputs("{ \"capacity\": null", out);
    trace_put_number(", \"block_hit_frac\": ", (double)hits->blocks / (double)p->blocks,
                     out);
    trace_put_number(", \"token_hit_frac\": ", (double)hits->tokens / (double)p->tokens,
                     out);
    fputs(" }", out);
}

static void json_prefix(const struct trace_prefix *p, FILE *out)
{
    if (p->block_tokens == 0)
        return;
    trace_put_integer(",\n  \"prefix\": { \"block_tokens\": ", p->block_tokens, out);
    trace_put_integer(", \"blocks\": ", p->blocks, out);
    if (p->overflow)
        fputs(", \"distinct\": null", out);
    else
        trace_put_integer(", \"distinct\": ", p->distinct, out);
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

    trace_put_integer(",\n  \"odd\": { \"crlf_rows\": ", f->crlf_rows, out);
    trace_put_integer(", \"quoted_or_padded_rows\": ", f->odd_rows, out);
    trace_put_integer(", \"simultaneous_rows\": ", info->simultaneous, out);
    trace_put_integer(", \"repeated_rows\": ", info->repeated, out);
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
    trace_put_number(",\n  \"series\": { \"bucket_s\": ", sp_s_from_ns(info->series_ns),
                     out);
    fputs(", \"rows\": [", out);
    for (int32_t i = 0; i < info->n_series; i++)
        trace_put_integer(i > 0 ? ", " : "", info->series[i], out);
    fputs("] }\n}\n", out);
}
