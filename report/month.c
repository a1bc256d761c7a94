#include "report/month.h"

#include <math.h>

#include "report/lookup.h"

double report_runs_per_month(const struct model_result *r, double hours_per_month)
{
    double time_s;

    if (r->n_policies == 0)
        return NAN;
    time_s = r->policies[report_baseline(r)].time_s.mean;
    return time_s > 0 ? hours_per_month * 3600 / time_s : NAN;
}
