/* From the values of a sweep's runs to indices and swings. */
#include "report/sweep_sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include "model/stat.h"

/* ---- values ---- */

/* The measure's, [point * replications + replication], to be freed; NULL: they can't be
 * had. */
static double *load(const struct report_sweep *s, const struct report_sweep_measure *m)
{
    const int64_t policies = s->sweep.n_policies, n = s->sweep.replications;
    double *all = sp_xcalloc((size_t)(s->n_points * policies * n) + 1, sizeof *all);

    for (int64_t i = 0; i < s->n_points * policies * n; i++)
        all[i] = NAN;
    if (!s->values(s->self, m->of, all)) {
        free(all);
        return NULL;
    }
    for (int64_t point = 0; point < s->n_points; point++)
        for (int64_t r = 0; r < n; r++) {
            double v = all[(point * policies + m->policy) * n + r];

            if (m->difference)
                v -= all[(point * policies + s->sweep.baseline) * n + r];
            all[point * n + r] = v; /* at or before what is read next */
        }
    return all;
}

/* ---- indices ---- */

bool report_sweep_indices_of(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             struct sp_arena *arena, struct model_indices *indices)
{
    const int32_t k = s->sweep.n_axes, reps = s->sweep.replications;
    const int64_t rows = s->n_points / (k + 2);
    double *values, *y;

    if (s->sweep.design != MODEL_DESIGN_INDICES || (values = load(s, m)) == NULL)
        return false;
    y = sp_xcalloc((size_t)(rows * (k + 2)) + 1, sizeof *y);
    for (int64_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < k + 2; i++)
            y[i * rows + row] =
                model_stat_of(&values[(row * (k + 2) + i) * reps], reps).mean;
    model_indices_of(rows, k, y, y + rows, y + 2 * rows, s->sweep.seed, arena, indices);
    free(y);
    free(values);
    return true;
}

/* ---- tornado ---- */

static struct model_stat change_of(const double *high, const double *low, int32_t n,
                                   double *scratch)
{
    for (int32_t r = 0; r < n; r++)
        scratch[r] = high[r] - low[r];
    return model_stat_of(scratch, n);
}

static bool is_shown(struct model_stat d)
{
    return isnan(d.half95) ? d.mean != 0 : model_stat_differs(d);
}

static bool turns_at(struct model_stat here, struct model_stat there)
{
    return here.mean * there.mean < 0 && is_shown(here) && is_shown(there);
}

static double width_of(const struct report_sweep_swing *s)
{
    return isnan(s->change.mean) ? -1 : fabs(s->change.mean);
}

static int by_width(const void *x, const void *y)
{
    const struct report_sweep_swing *a = x, *b = y;
    double wide_a = width_of(a), wide_b = width_of(b);

    if (wide_a != wide_b)
        return wide_a > wide_b ? -1 : 1;
    return (a->axis > b->axis) - (a->axis < b->axis);
}

bool report_sweep_tornado_of(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             struct sp_arena *arena,
                             struct report_sweep_tornado *tornado)
{
    const int32_t n = s->sweep.replications, axes = s->sweep.n_axes;
    double *values, *scratch;
    struct report_sweep_tornado t = {.n = 0};

    if (s->sweep.design != MODEL_DESIGN_ONE_AT_A_TIME || s->n_points == 0 ||
        (values = load(s, m)) == NULL)
        return false;
    scratch = sp_xcalloc((size_t)n, sizeof *scratch);
    t.here = model_stat_of(values, n);
    t.swings = sp_arena_array(arena, (size_t)axes + 1, sizeof *t.swings);
    for (int32_t a = 0; a < axes && 2 * (int64_t)a + 2 < s->n_points; a++) {
        const int64_t low = 1 + 2 * (int64_t)a, high = low + 1;
        struct report_sweep_swing w = {.axis = a,
                                       .low_text = s->texts[low * axes + a],
                                       .high_text = s->texts[high * axes + a],
                                       .low = model_stat_of(&values[low * n], n),
                                       .high = model_stat_of(&values[high * n], n)};

        w.change = change_of(&values[high * n], &values[low * n], n, scratch);
        w.turns =
            m->difference && (turns_at(t.here, w.low) || turns_at(t.here, w.high));
        t.swings[t.n++] = w;
    }
    qsort(t.swings, (size_t)t.n, sizeof *t.swings, by_width);
    *tornado = t;
    free(scratch);
    free(values);
    return true;
}

/* ---- order ---- */

struct ranked {
    int32_t input;
    double total;
};

static int by_total(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return (a->input > b->input) - (a->input < b->input);
}

int32_t *report_sweep_indices_order(const struct model_indices *indices,
                                    struct sp_arena *arena)
{
    const size_t n = (size_t)indices->n_inputs;
    struct ranked *list = sp_arena_array(arena, n + 1, sizeof *list);
    int32_t *order = sp_arena_array(arena, n + 1, sizeof *order);

    for (size_t i = 0; i < n; i++)
        list[i] = (struct ranked){(int32_t)i, indices->inputs[i].total.mean};
    qsort(list, n, sizeof *list, by_total);
    for (size_t i = 0; i < n; i++)
        order[i] = list[i].input;
    return order;
}
