/* Values that are equal have a half width of exactly 0. */
#include "report/alike.h"

static bool varies(struct model_stat stat)
{
    return stat.half95 > 0;
}

static bool workload_varies(const struct model_workload_result *w)
{
    return varies(w->per_s) || varies(w->latency.mean_s) || varies(w->latency.max_s) ||
           (w->serving != NULL && varies(w->serving->ttft.mean_s)) ||
           (w->jobs != NULL && varies(w->jobs->groups[0].completion.mean_s));
}

bool report_all_alike(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++) {
        const struct model_policy_result *p = &r->policies[i];

        if (varies(p->time_s) || varies(p->cost.usd))
            return false;
        for (int32_t w = 0; w < p->n_workloads; w++)
            if (workload_varies(&p->workloads[w]))
                return false;
    }
    return r->n_runs > 1;
}
