/* Statistics of a sweep's figures, point by point. */
#include "report/sweep.h"

#include <math.h>
#include <stdlib.h>

#include "model/stat.h"

static size_t cells_of(const struct report_sweep *s)
{
    return (size_t)s->n_points * (size_t)s->sweep.n_policies;
}

/* ---- one figure ---- */

struct pairs {
    int32_t n;
    double *difference; /* scratch of n */
};

static void compare(const double *a, const double *base, const struct pairs *pairs,
                    struct model_stat *difference, struct model_stat *ratio)
{
    for (int32_t i = 0; i < pairs->n; i++)
        pairs->difference[i] = a[i] - base[i];
    *difference = model_stat_of(pairs->difference, pairs->n);
    *ratio = model_stat_ratio(a, base, pairs->n);
}

static void compare_all(const struct report_sweep *s, const double *values,
                        const struct pairs *pairs, struct report_sweep_figure *f)
{
    const int32_t n = s->sweep.n_policies, base = s->sweep.baseline;

    for (int64_t point = 0; point < s->n_points; point++)
        for (int32_t p = 0; p < n; p++) {
            const size_t at = (size_t)(point * n + p);

            f->difference[at] = f->ratio[at] = (struct model_stat){NAN, NAN};
            if (p != base)
                compare(&values[at * (size_t)pairs->n],
                        &values[(size_t)(point * n + base) * (size_t)pairs->n], pairs,
                        &f->difference[at], &f->ratio[at]);
        }
}

static void work_out(const struct report_sweep *s, const double *values,
                     struct sp_arena *arena, struct report_sweep_figure *f)
{
    const int32_t n = s->sweep.replications;
    struct pairs pairs = {.n = n};

    f->stats = sp_arena_array(arena, cells_of(s) + 1, sizeof *f->stats);
    for (size_t i = 0; i < cells_of(s); i++)
        f->stats[i] = model_stat_of(&values[i * (size_t)n], n);
    if (s->sweep.baseline == SP_NO_ID)
        return;
    f->difference = sp_arena_array(arena, cells_of(s) + 1, sizeof *f->difference);
    f->ratio = sp_arena_array(arena, cells_of(s) + 1, sizeof *f->ratio);
    pairs.difference = sp_xcalloc((size_t)n, sizeof *pairs.difference);
    compare_all(s, values, &pairs, f);
    free(pairs.difference);
}

/* All values, to be freed; NULL: they can't be had. */
static double *load(const struct report_sweep *s, struct model_figure_of of)
{
    const size_t n = cells_of(s) * (size_t)s->sweep.replications;
    double *values = sp_xcalloc(n + 1, sizeof *values);

    for (size_t i = 0; i < n; i++)
        values[i] = NAN;
    if (s->values(s->self, of, values))
        return values;
    free(values);
    return NULL;
}

bool report_sweep_figure_of(const struct report_sweep *s, struct model_figure_of of,
                            struct sp_arena *arena, struct report_sweep_figure *figure)
{
    double *values = load(s, of);

    *figure = (struct report_sweep_figure){.of = of};
    if (values == NULL)
        return false;
    work_out(s, values, arena, figure);
    free(values);
    return true;
}

/* ---- which there are ---- */

bool report_sweep_figure_if_any(const struct report_sweep *s, struct model_figure_of of,
                                struct sp_arena *arena,
                                struct report_sweep_figure *figure)
{
    const size_t n = cells_of(s) * (size_t)s->sweep.replications;
    double *values = load(s, of);
    bool any = false;

    *figure = (struct report_sweep_figure){.of = of};
    if (values == NULL)
        return false;
    for (size_t i = 0; i < n && !any; i++)
        any = !isnan(values[i]);
    if (any)
        work_out(s, values, arena, figure);
    free(values);
    return true;
}

struct report_sweep_figure *report_sweep_figures(const struct report_sweep *s,
                                                 struct sp_arena *arena, int32_t *n)
{
    struct report_sweep_figure *list = NULL;
    int32_t room = 0;

    *n = 0;
    for (int32_t w = SP_NO_ID; w < s->sweep.n_workloads; w++) {
        const struct model_figure *f =
            w == SP_NO_ID ? model_figures_run : model_figures_workload;

        for (; f->name != NULL; f++) {
            list = sp_arena_more(arena, list, *n, &room, sizeof *list);
            if (!report_sweep_figure_if_any(s, (struct model_figure_of){w, f}, arena,
                                            &list[*n]))
                return NULL;
            *n += list[*n].stats != NULL;
        }
    }
    return list;
}

/* ---- who leads ---- */

bool report_sweep_undone(const struct report_sweep *s, int64_t at)
{
    return s->undone != NULL && s->undone[at];
}

bool report_sweep_other_work(const struct report_sweep *s, int64_t at)
{
    const int32_t n = s->sweep.n_policies, base = s->sweep.baseline;

    return report_sweep_undone(s, at) ||
           (base != SP_NO_ID && report_sweep_undone(s, at / n * n + base));
}

enum report_sweep_lead report_sweep_lead(const struct report_sweep *s,
                                         const struct report_sweep_figure *figure,
                                         int64_t at)
{
    const enum model_better better = figure->of.figure->better;
    struct model_stat d;

    if (figure->difference == NULL || better == MODEL_BETTER_NEITHER)
        return REPORT_LEAD_UNKNOWN;
    d = figure->difference[at];
    if (isnan(d.mean) || isnan(d.half95))
        return REPORT_LEAD_UNKNOWN;
    if (report_sweep_other_work(s, at))
        return REPORT_LEAD_UNDONE;
    if (d.mean == 0 && d.half95 == 0)
        return REPORT_LEAD_SAME;
    if (!model_stat_differs(d))
        return REPORT_LEAD_NONE;
    return (d.mean < 0) == (better == MODEL_BETTER_LOWER) ? REPORT_LEAD_BETTER
                                                          : REPORT_LEAD_WORSE;
}

/* ---- the front ---- */

struct place {
    int64_t at;
    double a, b; /* the less the better */
};

static double as_less(const struct report_sweep_figure *f, int64_t at)
{
    return f->of.figure->better == MODEL_BETTER_HIGHER ? -f->stats[at].mean
                                                       : f->stats[at].mean;
}

static int by_first(const void *x, const void *y)
{
    const struct place *a = x, *b = y;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    if (a->b != b->b)
        return a->b < b->b ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

int64_t *report_sweep_front(const struct report_sweep *s,
                            const struct report_sweep_figure *a,
                            const struct report_sweep_figure *b, struct sp_arena *arena,
                            int64_t *n)
{
    const int64_t cells = (int64_t)cells_of(s);
    struct place *places = sp_xcalloc((size_t)cells + 1, sizeof *places);
    int64_t known = 0, *front;
    double least = INFINITY;

    for (int64_t at = 0; at < cells; at++) {
        struct place p = {at, as_less(a, at), as_less(b, at)};

        if (!isnan(p.a) && !isnan(p.b) && !report_sweep_undone(s, at))
            places[known++] = p;
    }
    qsort(places, (size_t)known, sizeof *places, by_first);
    front = sp_arena_array(arena, (size_t)known + 1, sizeof *front);
    *n = 0;
    for (int64_t i = 0; i < known; i++)
        if (places[i].b < least) {
            least = places[i].b;
            front[(*n)++] = places[i].at;
        }
    free(places);
    return front;
}
