/* What figures depend on, on a terminal: indices or tornadoes. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "model/stat.h"
#include "report/format.h"
#include "report/sweep_parts.h"
#include "report/sweep_sensitivity.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

enum { INPUTS_MAX = 12 };

static const char *measure_name(struct report_page *page, const struct report_sweep *s,
                                const struct report_sweep_measure *m)
{
    const char *figure = report_sweep_figure_name(s, m->of, page->arena);
    const char *policy = report_page_name(page, s->sweep.policies[m->policy], 30);

    if (!m->difference)
        return sp_arena_printf(page->arena, "%s of %s", figure, policy);
    return sp_arena_printf(
        page->arena, "%s: %s less %s", figure, policy,
        report_page_name(page, s->sweep.policies[s->sweep.baseline], 30));
}

/* ---- indices ---- */

static const struct report_column index_columns[] = {
    {"input", 34, REPORT_LEFT},
    {"share alone", 20, REPORT_RIGHT},
    {"with all others", 20, REPORT_RIGHT},
};

static const char *share_text(struct report_page *page, struct model_stat share)
{
    char mean[REPORT_FIGURE], half[REPORT_FIGURE];

    if (isnan(share.mean))
        return "-";
    report_format_percent(share.mean, mean);
    if (isnan(share.half95))
        return sp_arena_printf(page->arena, "%s", mean);
    report_format_percent(share.half95, half);
    return sp_arena_printf(page->arena, "%s +- %s", mean, half);
}

/* Inputs that do nothing at all are one line. */
static const char *without_effect(struct report_page *page,
                                  const struct report_sweep *s, const char *list,
                                  int32_t axis)
{
    return sp_arena_printf(page->arena, "%s%s%s", list, *list != '\0' ? ", " : "",
                           report_sweep_axis_name(s, axis, page->arena));
}

static void print_without_effect(struct report_page *page, const char *list)
{
    if (*list != '\0')
        report_page_wrap(page, 3, "no effect: ", list, REPORT_DIM);
}

static void print_more(struct report_page *page, int32_t n)
{
    if (n > INPUTS_MAX)
        report_page_wrap(page, 3, "",
                         sp_arena_printf(page->arena,
                                         "and %" PRId32 " more that matter less",
                                         n - INPUTS_MAX),
                         REPORT_DIM);
}

static void print_index_rows(struct report_page *page, const struct report_sweep *s,
                             const struct model_indices *x)
{
    const int32_t *order = report_sweep_indices_order(x, page->arena);
    const char *none = "";
    int32_t n = 0;

    report_page_head(page, index_columns, COUNT(index_columns));
    for (int32_t i = 0; i < x->n_inputs; i++) {
        const struct model_index *at = &x->inputs[order[i]];
        const char *texts[] = {report_sweep_axis_name(s, order[i], page->arena),
                               share_text(page, at->first),
                               share_text(page, at->total)};

        if (at->total.mean == 0)
            none = without_effect(page, s, none, order[i]);
        else if (n++ < INPUTS_MAX)
            report_page_row(page, index_columns, COUNT(index_columns), texts, ' ',
                            REPORT_PLAIN);
    }
    print_more(page, n);
    print_without_effect(page, none);
}

static void print_indices(struct report_page *page, const struct report_sweep *s,
                          const struct report_sweep_measure *m)
{
    struct model_indices x;

    if (!report_sweep_indices_of(s, m, page->arena, &x))
        return;
    report_page_rule(page, measure_name(page, s, m));
    if (!(x.variance > 0)) {
        report_page_wrap(page, 3, "",
                         x.n < 2 ? "fewer than two rows have a value: no indices"
                                 : "nothing that was varied changes it",
                         REPORT_PLAIN);
        return;
    }
    report_page_wrap(
        page, 3, "",
        sp_arena_printf(page->arena,
                        "mean %s, standard deviation %s over %" PRId64 " rows",
                        report_sweep_value(m->of, x.mean, page->arena),
                        report_sweep_value(m->of, sqrt(x.variance), page->arena), x.n),
        REPORT_DIM);
    print_index_rows(page, s, &x);
}

/* ---- tornado ---- */

static const struct report_column swing_columns[] = {
    {"input", 18, REPORT_LEFT},       {"from .. to", 18, REPORT_LEFT},
    {"at the low", 10, REPORT_RIGHT}, {"at the high", 11, REPORT_RIGHT},
    {"change", 18, REPORT_RIGHT},
};

static void print_swing(struct report_page *page, const struct report_sweep *s,
                        const struct report_sweep_measure *m,
                        const struct report_sweep_swing *w)
{
    const bool shown = isnan(w->change.half95) || model_stat_differs(w->change);
    const char *texts[] = {report_sweep_axis_name(s, w->axis, page->arena),
                           sp_arena_printf(page->arena, "%s .. %s",
                                           report_page_name(page, w->low_text, 40),
                                           report_page_name(page, w->high_text, 40)),
                           report_sweep_value(m->of, w->low.mean, page->arena),
                           report_sweep_value(m->of, w->high.mean, page->arena),
                           isnan(w->change.mean) ? "-"
                           : shown ? report_sweep_stat(m->of, w->change, page->arena)
                                   : "not shown"};

    report_page_row(page, swing_columns, COUNT(swing_columns), texts,
                    w->turns ? '!' : ' ', REPORT_PLAIN);
}

static void print_tornado(struct report_page *page, const struct report_sweep *s,
                          const struct report_sweep_measure *m)
{
    struct report_sweep_tornado t;
    const char *none = "";
    bool turns = false;
    int32_t n = 0;

    if (!report_sweep_tornado_of(s, m, page->arena, &t) || t.n == 0)
        return;
    report_page_rule(page, measure_name(page, s, m));
    report_page_wrap(page, 3,
                     "as it is: ", report_sweep_stat(m->of, t.here, page->arena),
                     REPORT_DIM);
    report_page_head(page, swing_columns, COUNT(swing_columns));
    for (int32_t i = 0; i < t.n; i++) {
        const struct report_sweep_swing *w = &t.swings[i];

        if (w->change.mean == 0 && w->low.mean == t.here.mean)
            none = without_effect(page, s, none, w->axis);
        else if (n++ < INPUTS_MAX)
            print_swing(page, s, m, w);
        turns = turns || w->turns;
    }
    print_more(page, n);
    print_without_effect(page, none);
    if (turns)
        report_page_wrap(page, 1, "! ", "turns who is better", REPORT_DIM);
}

/* ---- all of it ---- */

static void print_figure(struct report_page *page, const struct report_sweep *s,
                         struct model_figure_of of,
                         void (*print)(struct report_page *page,
                                       const struct report_sweep *s,
                                       const struct report_sweep_measure *m))
{
    for (int32_t p = 0; p < s->sweep.n_policies; p++)
        print(page, s, &(struct report_sweep_measure){of, p, false});
    for (int32_t p = 0; p < s->sweep.n_policies && s->sweep.baseline != SP_NO_ID; p++)
        if (p != s->sweep.baseline)
            print(page, s, &(struct report_sweep_measure){of, p, true});
}

void report_sweep_print_depends(struct report_page *page, const struct report_sweep *s,
                                const struct report_sweep_figure *figures, int32_t n)
{
    const bool indices = s->sweep.design == MODEL_DESIGN_INDICES;

    if (!indices && s->sweep.design != MODEL_DESIGN_ONE_AT_A_TIME)
        return;
    for (int32_t i = 0; i < n; i++)
        print_figure(page, s, figures[i].of, indices ? print_indices : print_tornado);
    if (indices)
        report_page_wrap(page, 1, "",
                         "share of the variance that comes from an input alone, and "
                         "with what it does together with others (Sobol' indices of "
                         "first order and total, 95 % intervals by bootstrap)",
                         REPORT_DIM);
}
