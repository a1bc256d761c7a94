/* A fit on paper, as a command line and as a piece of a scenario. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "traces/fit.h"

enum { TEXT = 32, LABEL = 15 };

static void label(const char *text, FILE *out)
{
    fprintf(out, "%-*s", (int)LABEL, text);
}

/* ---- words ---- */

static const char *verdict(double distance)
{
    return distance <= TRACE_FIT_GOOD   ? "fits well"
           : distance <= TRACE_FIT_FAIR ? "fits roughly"
                                        : "fits badly";
}

static void print_process(const char *name, double distance, FILE *out)
{
    fprintf(out, "%s: %s (D = %.3f)\n", name, verdict(distance), distance);
}

/* How far a process of this kind is from the gaps; NaN for an even one. */
static double distance_of(const struct trace_fit_arrivals *a)
{
    switch (a->kind) {
    case MODEL_SOURCE_DIURNAL:
        return a->diurnal_distance;
    case MODEL_SOURCE_GAMMA:
        return a->gamma_distance;
    case MODEL_SOURCE_POISSON:
        return a->poisson_distance;
    default:
        return NAN;
    }
}

static void print_drift(const struct trace_fit_arrivals *a, FILE *out)
{
    if (!(a->dispersion > 2 * a->dispersion_expected + 1))
        return;
    label("", out);
    fprintf(out,
            "but counts in %g s vary by %.3g (index of dispersion), %.3g expected:\n"
            "%*sthe rate drifts; where that matters replay the trace itself\n",
            a->window_s, a->dispersion, a->dispersion_expected, (int)LABEL, "");
}

static void print_swing(const struct trace_fit_arrivals *a, FILE *out)
{
    char period[TEXT], peak[TEXT];

    sp_format_duration(a->period_s, period, TEXT);
    label("", out);
    if (a->periods == 0) {
        fprintf(out, "shorter than %s: no swing can be told from it\n", period);
        return;
    }
    sp_format_duration(a->peak_s, peak, TEXT);
    fprintf(out, "swings by %.3f +- %.3f in %s, most %s after the first row\n",
            a->amplitude, a->amplitude_se, period, peak);
}

static void print_arrivals(const struct trace_fit_arrivals *a, FILE *out)
{
    char text[80];

    label("arrivals", out);
    fprintf(out, "%.4g +- %.2g/s, gaps with CV %.4g\n", a->rate_per_s, a->rate_se,
            a->gap_cv);
    if (a->resolution_ns >= 1000000)
        fprintf(out, "%*stimes come in steps of %g s\n", (int)LABEL, "",
                sp_s_from_ns(a->resolution_ns));
    label("", out);
    if (a->kind == MODEL_SOURCE_CONSTANT)
        fputs("constant: all gaps are the same\n", out);
    else
        print_process("poisson", a->poisson_distance, out);
    if (a->cv > 0) {
        label("", out);
        snprintf(text, sizeof text, "gamma, CV %.4g +- %.2g%s", a->cv, a->cv_se,
                 a->by_moments ? " by moments" : "");
        print_process(text, a->gamma_distance, out);
    }
    print_swing(a, out);
    if (a->kind == MODEL_SOURCE_DIURNAL) {
        label("", out);
        print_process("poisson that swings", a->diurnal_distance, out);
    }
    print_drift(a, out);
    if (distance_of(a) > TRACE_FIT_FAIR)
        fprintf(out, "%*sno process fits: replay the trace itself\n", (int)LABEL, "");
}

static void print_length(const struct trace_fit_length *l, FILE *out)
{
    label(l->name, out);
    fprintf(out, "mean %.5g, CV %.4g", l->mean, l->cv);
    if (l->zeros > 0)
        fprintf(out, "; %" PRId64 " are 0 and left out of the fit", l->zeros);
    fputc('\n', out);
    label("", out);
    if (l->law == TRACE_FIT_CONSTANT)
        fputs("always the same\n", out);
    else if (isnan(l->distance))
        fputs("too few above 0 for a fit\n", out);
    else
        fprintf(out,
                "lognormal, mean %.5g +- %.2g, CV %.4g +- %.2g:\n%*s%s (D = %.3f)%s\n",
                l->fit_mean, l->fit_mean_se, l->fit_cv, l->fit_cv_se, (int)LABEL, "",
                verdict(l->distance), l->distance,
                l->law == TRACE_FIT_EMPIRICAL ? ": use the trace's own lengths" : "");
}

/* ---- the command line ---- */

/* A word for the shell; bytes that could drive a terminal become '?'. */
static void print_word(const char *text, FILE *out)
{
    bool plain = *text != '\0';

    for (const char *p = text; *p != '\0'; p++)
        plain =
            plain && (isalnum((unsigned char)*p) || strchr("/._-+:,=@", *p) != NULL);
    fputs(plain ? "" : "'", out);
    for (const char *p = text; *p != '\0'; p++)
        if (*p == '\'')
            fputs("'\\''", out);
        else
            fputc((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p, out);
    fputs(plain ? "" : "'", out);
}

static void print_rate_options(const struct trace_fit_arrivals *a, FILE *out)
{
    fprintf(out, "--rate %.6g/s", a->rate_per_s);
    switch (a->kind) {
    case MODEL_SOURCE_CONSTANT:
        fputs(" --arrivals constant", out);
        break;
    case MODEL_SOURCE_GAMMA:
        fprintf(out, " --arrivals gamma --cv %.6g", a->cv);
        break;
    case MODEL_SOURCE_DIURNAL:
        fprintf(
            out,
            " --arrivals diurnal \\\n    --amplitude %.6g --period %.9gs --peak %.6gs",
            a->amplitude, a->period_s, a->peak_s);
        break;
    default:
        fputs(" --arrivals poisson", out);
    }
}

/* As long as so many rows take at the trace's mean rate. */
static double length_s(const struct trace_fit *fit)
{
    return sp_s_from_ns(fit->span_ns) * (double)fit->rows / (double)(fit->rows - 1);
}

static bool own_lengths(const struct trace_fit *fit)
{
    bool all = fit->n_sizes == TRACE_FIT_SIZES;

    for (int32_t i = 0; i < fit->n_sizes; i++)
        all = all && fit->sizes[i].law == TRACE_FIT_EMPIRICAL;
    return all;
}

static void print_length_option(const struct trace_fit *fit,
                                const struct trace_fit_length *l, FILE *out)
{
    fprintf(out, " \\\n    --%s ",
            strcmp(l->name, "prompt_tokens") == 0 ? "prompt-tokens" : "output-tokens");
    if (l->law == TRACE_FIT_CONSTANT) {
        fprintf(out, "%.0f", l->mean);
    } else if (l->law == TRACE_FIT_LOGNORMAL) {
        fprintf(out, "lognormal:%.6g,%.6g", l->fit_mean, l->fit_cv);
    } else {
        fputs("trace:", out);
        print_word(fit->path, out);
    }
}

static void print_command(const struct trace_fit *fit, FILE *out)
{
    fputs("\nto make such a trace:\n\n  stageplan trace generate ", out);
    print_rate_options(&fit->arrivals, out);
    fprintf(out, " --for %.6gs", length_s(fit));
    if (own_lengths(fit)) {
        fputs(" \\\n    --rows-of ", out);
        print_word(fit->path, out);
    } else {
        for (int32_t i = 0; i < fit->n_sizes; i++)
            print_length_option(fit, &fit->sizes[i], out);
    }
    fputc('\n', out);
}

/* ---- the scenario ---- */

static void print_values(const struct trace_fit_length *l, FILE *out)
{
    enum { PER_LINE = 10 };

    fprintf(out, "    %s: # the trace's own: every percent of its rows\n", l->name);
    fputs("      dist: empirical\n      values: [", out);
    for (int i = 0; i < TRACE_FIT_QUANTILES; i++)
        fprintf(out, "%s%" PRId64,
                i == 0              ? ""
                : i % PER_LINE == 0 ? ",\n        "
                                    : ", ",
                l->quantiles[i]);
    fputs("]\n", out);
}

static void print_size(const struct trace_fit_length *l, FILE *out)
{
    if (l->law == TRACE_FIT_CONSTANT)
        fprintf(out, "    %s: %.0f\n", l->name, l->mean);
    else if (l->law == TRACE_FIT_LOGNORMAL)
        fprintf(out, "    %s: { dist: lognormal, mean: %.6g, cv: %.6g }\n", l->name,
                l->fit_mean, l->fit_cv);
    else
        print_values(l, out);
}

static void print_scenario(const struct trace_fit *fit, FILE *out)
{
    const struct trace_fit_arrivals *a = &fit->arrivals;

    fprintf(out, "\nin a scenario:\n\n  source:\n    rate: %.6g/s\n", a->rate_per_s);
    switch (a->kind) {
    case MODEL_SOURCE_CONSTANT:
        fputs("    arrivals: constant\n", out);
        break;
    case MODEL_SOURCE_GAMMA:
        fprintf(out, "    arrivals: gamma\n    cv: %.6g\n", a->cv);
        break;
    case MODEL_SOURCE_DIURNAL:
        fprintf(out,
                "    arrivals: diurnal\n    amplitude: %.6g\n    period: %.9gs\n"
                "    peak: %.6gs\n",
                a->amplitude, a->period_s, a->peak_s);
        break;
    default:
        fputs("    arrivals: poisson\n", out);
    }
    fprintf(out, "    for: %.6gs\n", length_s(fit));
    for (int32_t i = 0; i < fit->n_sizes; i++)
        print_size(&fit->sizes[i], out);
}

void trace_fit_print(const struct trace_fit *fit, FILE *out)
{
    char span[TEXT];

    label("trace", out);
    for (const char *p = fit->path; *p != '\0'; p++)
        fputc((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p, out);
    sp_format_duration(sp_s_from_ns(fit->span_ns), span, TEXT);
    fprintf(out, "\n%-*s%" PRId64 " in %s\n\n", (int)LABEL, "rows", fit->rows, span);
    print_arrivals(&fit->arrivals, out);
    for (int32_t i = 0; i < fit->n_sizes; i++)
        print_length(&fit->sizes[i], out);
    if (fabs(fit->correlation) > 0.1)
        fprintf(
            out,
            "%*sthe logarithms of the two correlate by %.2f: --rows-of keeps that,\n"
            "%*slaws of their own don't\n",
            (int)LABEL, "", fit->correlation, (int)LABEL, "");
    fprintf(
        out,
        "D is the largest difference between two shares: of rows at or below a value\n"
        "and the law's. Chance alone gives up to %.3f for so many rows.\n",
        1.36 / sqrt((double)fit->rows));
    print_command(fit, out);
    print_scenario(fit, out);
}
