/* Curves through measured points: linear between them (GSL), and how they go on. */
#include <stdlib.h>

#include "base/gsl.h"
#include "model/iteration_parts.h"

struct model_bracket model_bracket_find(const double *xs, int32_t n, double x,
                                        enum model_clamp clamp)
{
    int32_t low = 0, high = n - 1;

    if (n == 1 || (x <= xs[0] && ((clamp & MODEL_CLAMP_LOW) != 0 || x == xs[0])))
        return (struct model_bracket){0, 0};
    if (x >= xs[n - 1] && ((clamp & MODEL_CLAMP_HIGH) != 0 || x == xs[n - 1]))
        return (struct model_bracket){n - 1, 0};
    while (high - low > 1) {
        int32_t mid = low + (high - low) / 2;

        if (x >= xs[mid])
            low = mid;
        else
            high = mid;
    }
    return (struct model_bracket){low, (x - xs[low]) / (xs[low + 1] - xs[low])};
}

double model_curve_at(const struct model_curve *c, double x, enum model_clamp clamp)
{
    struct model_bracket b;

    if (c->n > 1 && x >= c->x[0] && x <= c->x[c->n - 1])
        return sp_gsl_linear(c->x, c->y, (size_t)c->n, x);
    b = model_bracket_find(c->x, c->n, x, clamp);
    return b.w == 0 ? c->y[b.at] : c->y[b.at] * (1 - b.w) + c->y[b.at + 1] * b.w;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

void model_curve_add(struct model_curve *sum, const struct model_curve *part,
                     double factor, struct sp_arena *arena)
{
    size_t room = (size_t)sum->n + (size_t)part->n;
    struct model_curve both = {.x = sp_arena_array(arena, room, sizeof *both.x),
                               .y = sp_arena_array(arena, room, sizeof *both.y)};
    double *xs = sp_arena_array(arena, room, sizeof *xs);

    for (int32_t i = 0; i < sum->n; i++)
        xs[i] = sum->x[i];
    for (int32_t i = 0; i < part->n; i++)
        xs[sum->n + i] = part->x[i];
    qsort(xs, room, sizeof *xs, by_value);
    for (size_t i = 0; i < room; i++) {
        if (both.n > 0 && xs[i] == both.x[both.n - 1])
            continue;
        both.x[both.n] = xs[i];
        both.y[both.n++] =
            (sum->n > 0 ? model_curve_at(sum, xs[i], MODEL_CLAMP_LOW) : 0) +
            (part->n > 0 ? factor * model_curve_at(part, xs[i], MODEL_CLAMP_LOW) : 0);
    }
    *sum = both;
}
