/* A ratio, a share or a time and its half width. */
#include "sim/compare_words.h"

#include <math.h>

#include "base/units.h"
#include "model/stat.h"

static const char *bar(int decimals, double half, struct sp_arena *arena)
{
    return !(half >= 0.5 * pow(10, -decimals)) /* none, or less than is shown */
               ? ""
               : sp_arena_printf(arena, " +- %.*f", decimals, half);
}

const char *sim_words_by(struct model_stat ratio, struct sp_arena *arena)
{
    return sp_arena_printf(arena, "%.1f %%%s", 100 * fabs(ratio.mean - 1),
                           bar(1, 100 * ratio.half95, arena));
}

const char *sim_words_change(struct model_stat ratio, struct sp_arena *arena)
{
    return sp_arena_printf(arena, "%+.1f %%%s", 100 * (ratio.mean - 1),
                           bar(1, 100 * ratio.half95, arena));
}

const char *sim_words_factor(struct model_stat ratio, struct sp_arena *arena)
{
    const bool lower = ratio.mean < 1;
    const double factor = lower ? 1 / ratio.mean : ratio.mean;
    const double half = ratio.half95 / ratio.mean * factor; /* of 1/x: the same share */
    const char *way = lower ? "lower" : "higher";

    if (factor >= 100)
        return sp_arena_printf(arena, "%.0fx%s %s", factor, bar(0, half, arena), way);
    if (factor >= 1.5)
        return sp_arena_printf(arena, "%.1fx%s %s", factor, bar(1, half, arena), way);
    return sp_arena_printf(arena, "%.0f %%%s %s", 100 * fabs(ratio.mean - 1),
                           bar(0, 100 * ratio.half95, arena), way);
}

bool sim_words_not_shown(struct model_stat ratio)
{
    return ratio.half95 > fabs(ratio.mean - 1);
}

bool sim_words_same(struct model_stat ratio, double same)
{
    return fabs(ratio.mean - 1) < same && !(ratio.half95 > same);
}

static const char *in_brackets(struct model_stat difference, const char *doubt,
                               const char *text, struct sp_arena *arena)
{
    return sp_arena_printf(arena, " (%s%s)",
                           model_stat_differs(difference) ? "" : doubt, text);
}

static const char *bar_100(struct model_stat difference, const char *doubt,
                           const char *unit, struct sp_arena *arena)
{
    const char *half = bar(1, 100 * difference.half95, arena);

    if (half[0] == '\0' || isnan(difference.mean))
        return "";
    return in_brackets(
        difference, doubt,
        sp_arena_printf(arena, "%+.1f %s%s", 100 * difference.mean, unit, half), arena);
}

const char *sim_words_bar_ratio(struct model_stat ratio, const char *doubt,
                                struct sp_arena *arena)
{
    ratio.mean -= 1;
    return bar_100(ratio, doubt, "%", arena);
}

const char *sim_words_bar_points(struct model_stat difference, const char *doubt,
                                 struct sp_arena *arena)
{
    return bar_100(difference, doubt, "points", arena);
}

const char *sim_words_bar_s(struct model_stat difference, const char *doubt,
                            struct sp_arena *arena)
{
    enum { TEXT = 48 };
    char *by = sp_arena_alloc(arena, TEXT), *half = sp_arena_alloc(arena, TEXT);

    if (isnan(difference.mean) || !(difference.half95 > 1e-3 * fabs(difference.mean)))
        return "";
    sp_format_duration(fabs(difference.mean), by, TEXT);
    sp_format_duration(difference.half95, half, TEXT);
    return in_brackets(
        difference, doubt,
        sp_arena_printf(arena, "%s%s +- %s", difference.mean < 0 ? "-" : "+", by, half),
        arena);
}
