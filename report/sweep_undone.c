/* Which policies did not do the work of a point, so that what they cost is not
 * compared.
 *
 * Of a workload a policy does, in the mean of its runs, less than the rest where
 *   - of what arrived less is dealt with (keeps_up_frac) than at the best point of the
 *     sweep: there is always something in flight at the end, of everybody; or
 *   - less is done than under another policy at the same point: requests that it
 *     refused, users of a closed loop who wait.
 * By MODEL_UNDONE_FRAC, as targets do (model/goals.h).
 */
#include <math.h>

#include "model/goals.h"
#include "report/sweep.h"

static bool is_less(double value, double best)
{
    return value < (1 - MODEL_UNDONE_FRAC) * best;
}

/* Of all points. */
static void mark_behind(struct report_sweep *s, const struct report_sweep_figure *f)
{
    const int64_t cells = s->n_points * s->sweep.n_policies;
    double best = NAN;

    for (int64_t at = 0; at < cells; at++)
        best = fmax(best, f->stats[at].mean);
    for (int64_t at = 0; at < cells; at++)
        s->undone[at] = s->undone[at] || is_less(f->stats[at].mean, best);
}

/* Of the policies at a point. */
static void mark_less(struct report_sweep *s, const struct report_sweep_figure *f)
{
    const int32_t n = s->sweep.n_policies;

    for (int64_t point = 0; point < s->n_points; point++) {
        double best = NAN;

        for (int32_t p = 0; p < n; p++)
            best = fmax(best, f->stats[point * n + p].mean);
        for (int32_t p = 0; p < n; p++)
            s->undone[point * n + p] =
                s->undone[point * n + p] || is_less(f->stats[point * n + p].mean, best);
    }
}

bool report_sweep_find_undone(struct report_sweep *s)
{
    typedef void mark_fn(struct report_sweep * s, const struct report_sweep_figure *f);
    static const struct {
        const char *figure;
        mark_fn *mark;
    } signs[] = {{"keeps_up_frac", mark_behind}, {"done", mark_less}};
    bool had = true;

    s->undone = sp_arena_array(
        s->arena, (size_t)(s->n_points * s->sweep.n_policies) + 1, sizeof *s->undone);
    for (int32_t w = 0; w < s->sweep.n_workloads; w++)
        for (size_t i = 0; i < sizeof signs / sizeof signs[0] && had; i++) {
            struct sp_arena *scratch = sp_arena_new();
            struct report_sweep_figure f;

            had = report_sweep_figure_if_any(s, model_figure_named(signs[i].figure, w),
                                             scratch, &f);
            if (had && f.stats != NULL)
                signs[i].mark(s, &f);
            sp_arena_free(scratch);
        }
    return had;
}
