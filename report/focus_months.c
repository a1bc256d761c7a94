/* Shares follow what was provisioned over time: nodes bought late cost late. */
#include "report/focus_months.h"

#include <math.h>

#include "report/utc.h"

/* Of a resource, provisioned before `s` seconds into the run, in amount times s. */
static double provisioned_until(const struct model_series *series, const double *amount,
                                double s)
{
    double sum = 0;

    for (int32_t b = 0; b < series->n && b * series->bucket_s < s; b++)
        sum += amount[b] * fmin(series->bucket_s, s - b * series->bucket_s);
    return sum;
}

static double until_frac(const struct model_policy_result *p, int resource, double s,
                         double all_s)
{
    const double *amount =
        resource < MODEL_RESOURCES ? p->series.provisioned[resource] : NULL;
    double all;

    if (s >= all_s)
        return 1;
    all = amount != NULL ? provisioned_until(&p->series, amount, all_s) : 0;
    if (!(all > 0))
        return s / all_s;
    return fmin(provisioned_until(&p->series, amount, s) / all, 1);
}

int32_t report_months_of(struct sp_arena *arena, const struct model_policy_result *p,
                         int64_t start_s, struct report_month_piece **pieces)
{
    int64_t run_s = isfinite(p->time_s.mean) ? (int64_t)ceil(p->time_s.mean) : 0;
    int64_t end_s = start_s + (run_s > 0 ? run_s : 1), at_s = start_s;
    struct report_month_piece *list = NULL;
    int32_t n = 0, room = 0;

    while (at_s < end_s) {
        struct report_month_piece m = {
            .month_from_s = report_utc_month(at_s, 0),
            .month_to_s = report_utc_month(at_s, 1),
            .from_s = at_s,
        };

        m.to_s = m.month_to_s < end_s ? m.month_to_s : end_s;
        for (int r = 0; r <= MODEL_RESOURCES; r++)
            m.until_frac[r] =
                until_frac(p, r, (double)(m.to_s - start_s), (double)(end_s - start_s));
        list = sp_arena_more(arena, list, n, &room, sizeof *list);
        list[n++] = m;
        at_s = m.to_s;
    }
    *pieces = list;
    return n;
}

/* Money until the end of a piece; i -1: before the first. */
static int64_t uusd_until(const struct report_month_piece *pieces, int32_t i,
                          int32_t resource, int64_t uusd)
{
    double frac = i < 0 ? 0 : pieces[i].until_frac[resource];

    return frac >= 1 ? uusd : (int64_t)floor((double)uusd * frac);
}

int64_t report_month_share(const struct report_month_piece *pieces, int32_t i,
                           int32_t resource, int64_t uusd)
{
    return uusd_until(pieces, i, resource, uusd) -
           uusd_until(pieces, i - 1, resource, uusd);
}

double report_month_part(const struct report_month_piece *pieces, int32_t i,
                         int32_t resource, double quantity)
{
    double before = i > 0 ? pieces[i - 1].until_frac[resource] : 0;

    return quantity * (pieces[i].until_frac[resource] - before);
}
