/* Rounding for people. */
#include "report/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

static char *not_measured(char *buf)
{
    snprintf(buf, REPORT_FIGURE, "-");
    return buf;
}

char *report_format_number(double v, char *buf)
{
    double size = fabs(v);
    int decimals = size >= 1000  ? 0
                   : size >= 100 ? 1
                   : size >= 10  ? 2
                   : size >= 1   ? 3
                                 : 4;

    if (isnan(v))
        return not_measured(buf);
    if (v == rint(v) && size < 1e6)
        snprintf(buf, REPORT_FIGURE, "%.0f", v);
    else if (size >= 1e15 || size < 0.001)
        snprintf(buf, REPORT_FIGURE, "%.3g", v);
    else
        snprintf(buf, REPORT_FIGURE, "%.*f", decimals, v);
    return buf;
}

char *report_format_number_in(double v, int width, char *buf)
{
    report_format_number(v, buf);
    for (int digits = 1; digits >= 0 && strlen(buf) > (size_t)width; digits--)
        snprintf(buf, REPORT_FIGURE, "%.*e", digits, v);
    return buf;
}

char *report_format_percent(double frac, char *buf)
{
    if (isnan(frac))
        return not_measured(buf);
    snprintf(buf, REPORT_FIGURE, "%.1f%%", 100 * frac);
    return buf;
}

char *report_format_decimals(double v, int decimals, char *buf)
{
    if (isnan(v))
        return not_measured(buf);
    if (fabs(v) >= 1e15)
        snprintf(buf, REPORT_FIGURE, "%.3g", v);
    else /* a zero has no sign */
        snprintf(buf, REPORT_FIGURE, "%.*f", decimals,
                 fabs(v) < 0.5 * pow(10, -decimals) ? 0 : v);
    return buf;
}

char *report_format_usd(double usd, char *buf)
{
    double size = fabs(usd);

    if (isnan(usd))
        return not_measured(buf);
    if (size >= 1e15)
        snprintf(buf, REPORT_FIGURE, "%.3g", usd);
    else
        snprintf(buf, REPORT_FIGURE, "%.*f",
                 size == 0 || size >= 1 ? 2
                 : size >= 0.01         ? 4
                                        : 6,
                 usd);
    return buf;
}

char *report_format_seconds(double s, char *buf)
{
    if (isnan(s))
        return not_measured(buf);
    return sp_format_duration(s, buf, REPORT_FIGURE);
}

struct report_time_unit report_time_unit_of(double longest_s)
{
    static const struct report_time_unit units[] = {
        {"s", 1}, {"min", 60}, {"h", 3600}, {"days", 86400}};
    size_t i = 0;

    while (i < 3 && longest_s > 3 * units[i + 1].seconds)
        i++;
    return units[i];
}

char *report_format_precision(const struct model_result *r, struct sp_arena *arena)
{
    const struct model_precision *p = &r->precision;
    const char *asked = sp_arena_printf(arena, "%.3g", 100 * p->asked_frac), *why = "";

    if (p->reached)
        return sp_arena_printf(arena,
                               "precision of %s %%: reached after %d replications",
                               asked, (int)r->n_runs);
    if (p->worst == NULL)
        return sp_arena_printf(
            arena, "precision of %s %%: not reached, nothing was run", asked);
    if (p->drawn)
        why = " (how well kernels were measured: more replications don't narrow it)";
    return sp_arena_printf(
        arena, "precision of %s %%: not reached: %s %s after %d replications%s", asked,
        p->worst,
        isinf(p->worst_frac)
            ? "has no interval"
            : sp_arena_printf(arena, "+- %.2g %%", 100 * p->worst_frac),
        (int)r->n_runs, why);
}
