/* A ratio and its half width, in percent. */
#include "sim/compare_words.h"

#include <math.h>

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
