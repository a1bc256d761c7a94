/* Figures of traces on paper and as JSON. */
#include "traces/paper.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"

/* ---- for people ---- */

/* 1234567 as "1,234,567". */
const char *trace_grouped(int64_t value, char buf[TRACE_NUMBER])
{
    char digits[TRACE_NUMBER];
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
const char *trace_figure(double value, char buf[TRACE_NUMBER])
{
    int64_t tenths;
    size_t n;

    if (!isfinite(value))
        return "-";
    if (fabs(value) < 999.95 || fabs(value) >= 1e15) {
        snprintf(buf, TRACE_NUMBER, "%.4g", value);
        return buf;
    }
    tenths = llround(value * 10);
    trace_grouped(tenths / 10, buf);
    n = strlen(buf);
    if (tenths % 10 != 0 && value > 0 && value < 1e6 && n + 3 < TRACE_NUMBER) {
        buf[n] = '.';
        buf[n + 1] = (char)('0' + tenths % 10);
        buf[n + 2] = '\0';
    }
    return buf;
}

const char *trace_duration(int64_t ns, char buf[TRACE_NUMBER])
{
    return sp_format_duration(sp_s_from_ns(ns), buf, TRACE_NUMBER);
}

/* A name from outside, without the bytes that could drive a terminal. */
void trace_print_name(const char *name, FILE *out)
{
    for (; *name != '\0'; name++)
        fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name, out);
}

void trace_label(const char *text, FILE *out)
{
    fprintf(out, "%-*s", (int)TRACE_LABEL, text);
}

/* "36.64 %" of `whole`; "-" of nothing. */
double trace_gpus(double mgpu)
{
    return mgpu / 1000;
}

double trace_gpu_h(sp_i128 mgpu_ns)
{
    return sp_double_from_i128(mgpu_ns) / ((double)SP_NS_PER_H * 1000);
}

const char *trace_percent(int64_t part, int64_t whole, char buf[TRACE_NUMBER])
{
    if (whole <= 0)
        return "-";
    snprintf(buf, TRACE_NUMBER, "%.2f %%", 100 * (double)part / (double)whole);
    return buf;
}

void trace_print_bars(const double *values, int32_t n, struct trace_info_style style,
                      FILE *out)
{
    static const char *const blocks[] = {" ",      "\u2581", "\u2582",
                                         "\u2583", "\u2584", "\u2585",
                                         "\u2586", "\u2587", "\u2588"};
    static const char *const ascii[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
    double most = 0;

    for (int32_t i = 0; i < n; i++)
        most = values[i] > most ? values[i] : most;
    if (style.colour)
        fputs("\033[36m", out);
    for (int32_t i = 0; i < n; i++) {
        int level = most > 0 ? (int)ceil(values[i] * 8 / most) : 0;

        fputs(style.utf8 ? blocks[level] : ascii[level], out);
    }
    if (style.colour)
        fputs("\033[0m", out);
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

void trace_put_string(const char *text, FILE *out)
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

void trace_put_number(const char *before, double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, "%s%.17g", before, value);
    else
        fprintf(out, "%snull", before);
}

void trace_put_integer(const char *before, int64_t value, FILE *out)
{
    fprintf(out, "%s%" PRId64, before, value);
}
