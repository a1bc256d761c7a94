/* Each test of the search is one sim_run() of one policy, in an arena of its own. */
#include "cli/find_rate.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/search.h"
#include "model/serving.h"

enum sp_status cli_find_rate_check(const struct model_scenario *sc, int32_t workload,
                                   struct sp_err *err)
{
    for (int32_t p = 0; p < sc->n_policies; p++) {
        const struct model_plan *plan = &sc->policies[p].plans[workload];
        const char *name = sc->workloads[workload];

        if (plan->kind != MODEL_KIND_SERVING)
            return sp_fail(err, SP_EINPUT,
                           "workload '%s' is no workload of kind serving", name);
        if (plan->source.kind == MODEL_SOURCE_FIXED ||
            plan->source.kind == MODEL_SOURCE_CLOSED)
            return sp_fail(err, SP_EINPUT,
                           "the source of workload '%s' has no rate, expected 'rate' "
                           "or 'trace'",
                           name);
        if (plan->serving->slo.ttft_ns < 0 && plan->serving->slo.tpot_ns < 0 &&
            plan->serving->slo.e2e_ns < 0)
            return sp_fail(err, SP_EINPUT,
                           "workload '%s' has no slo, expected one such as 'slo: { "
                           "ttft: 1s, tpot: 100ms }'",
                           name);
    }
    return SP_OK;
}

double cli_find_rate_of(const struct model_scenario *sc, int32_t workload)
{
    const struct model_source *s = &sc->policies[0].plans[workload].source;

    if (s->kind != MODEL_SOURCE_TRACE)
        return s->rate_per_s;
    return s->trace.known && s->trace.span_s > 0
               ? (double)s->trace.rows / s->trace.span_s
               : NAN;
}

static double s_or_nan(int64_t ns)
{
    return ns >= 0 ? sp_s_from_ns(ns) : NAN;
}

void cli_find_rate_begin(const struct cli_find_job *job, struct sp_arena *arena,
                         struct model_found *all)
{
    int32_t w = job->asked.workload;
    const struct model_slo *slo = &job->sc->policies[0].plans[w].serving->slo;

    (void)arena;
    all->attain_frac = slo->attain_frac;
    all->slo_ttft_s = s_or_nan(slo->ttft_ns);
    all->slo_tpot_s = s_or_nan(slo->tpot_ns);
    all->slo_e2e_s = s_or_nan(slo->e2e_ns);
    all->rate_per_s = cli_find_rate_of(job->sc, w);
}

/* ---- late ones ---- */

/* The longest that a request of mean length may take and meet the SLO; where that has
 * no limit on a part, what the part took. */
static double on_time_s(const struct model_serving_result *s, double done_per_s)
{
    double first = isnan(s->slo_ttft_s) ? s->ttft.mean_s.mean : s->slo_ttft_s;
    double tokens = s->output_tokens_per_s.mean / done_per_s;
    double rest = isnan(s->slo_tpot_s) ? s->e2e.mean_s.mean - s->ttft.mean_s.mean
                                       : s->slo_tpot_s * (tokens - 1);
    double parts = first + rest;

    if (!isnan(s->slo_e2e_s) && !(parts < s->slo_e2e_s))
        return s->slo_e2e_s;
    return parts;
}

/* Requests among those in flight at the end of a run that can no longer be on time;
 * `rate_per_s` have arrived. */
static double late_requests(const struct model_workload_result *w, double rate_per_s)
{
    double allowed = rate_per_s * on_time_s(w->serving, w->per_s.mean);
    double late;

    if (w->in_flight == 0)
        return 0;
    late = (double)w->in_flight - (allowed > 0 ? allowed : 0);
    return late > 0 ? late : 0;
}

double cli_find_attained(const struct model_workload_result *w, double rate_per_s,
                         double *late)
{
    double ended = (double)(w->done + w->dropped), n = late_requests(w, rate_per_s);

    if (late != NULL)
        *late = n;
    return ended > 0 ? w->serving->slo_attained.mean * ended / (ended + n) : NAN;
}

/* ---- one run ---- */

struct rate_search {
    struct model_scenario *sc;
    const struct sim_options *o;
    int32_t policy, workload;
    const struct model_source *sources; /* of each policy, as they were */
    double rate_per_s;                  /* of factor 1 */
    struct model_found *all;
    struct model_found_policy *found;
};

static struct model_found_run figures(const struct model_policy_result *p,
                                      const struct model_workload_result *w,
                                      double rate_per_s)
{
    const struct model_serving_result *s = w->serving;
    double window_h = (p->window_to_s - p->window_from_s) / 3600;
    double late, attained = cli_find_attained(w, rate_per_s, &late);

    return (struct model_found_run){
        .rate_per_s = rate_per_s,
        .attained = attained,
        .late = late,
        .ttft_p99_s = s->ttft.p99_s,
        .tpot_p99_s = s->tpot.p99_s,
        .usd_per_million_tokens = s->usd_per_million_tokens,
        .gpus = p->resources[MODEL_GPU].provisioned_h.mean / window_h,
        .usd_per_h = p->cost.known ? p->cost.usd.mean / p->time_s.mean * 3600 : NAN,
    };
}

static void restore(const struct rate_search *r)
{
    for (int32_t p = 0; p < r->sc->n_policies; p++)
        r->sc->policies[p].plans[r->workload].source = r->sources[p];
}

/* From the sources as they were, so that a rate is the same to the last bit whatever
 * was tried before it. */
static enum sp_status set_rate(const struct rate_search *r, double factor,
                               struct sp_err *err)
{
    restore(r);
    return model_source_rescale(r->sc, r->workload, factor, err);
}

static bool ended_well(enum model_end end)
{
    return end == MODEL_END_DONE || end == MODEL_END_HORIZON;
}

static enum sp_status run_once(struct rate_search *r, double factor,
                               struct sp_arena *arena, bool *passes, struct sp_err *err)
{
    bool *only = sp_arena_array(arena, (size_t)r->sc->n_policies, sizeof *only);
    struct sim_options o = *r->o;
    struct model_result *result = NULL;
    struct model_found_run run;
    enum sp_status s;

    only[r->policy] = true;
    o.policies = only;
    o.items = NULL;
    s = set_rate(r, factor, err);
    if (s == SP_OK)
        s = sim_run(r->sc, &o, arena, &result, err);
    if (s != SP_OK)
        return s;
    *passes = false;
    if (result->partial) {
        r->all->partial = true;
        return sp_fail(NULL, SP_ELIMIT, "interrupted");
    }
    sp_assert(result->policies[0].workloads[r->workload].serving != NULL);
    run = figures(&result->policies[0], &result->policies[0].workloads[r->workload],
                  r->rate_per_s * factor);
    *passes =
        ended_well(result->policies[0].end) && run.attained >= r->all->attain_frac;
    *(*passes ? &r->found->passes : &r->found->fails) = run;
    r->found->runs++;
    return SP_OK;
}

static enum sp_status test_rate(void *self, double factor, bool *passes,
                                struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    enum sp_status s = run_once(self, factor, arena, passes, err);

    sp_arena_free(arena);
    return s;
}

enum sp_status cli_find_rate(const struct cli_find_job *job, int32_t policy,
                             struct model_found *all, struct model_found_policy *found,
                             struct sp_err *err)
{
    struct model_scenario *sc = job->sc;
    struct sp_arena *arena = sp_arena_new();
    struct model_source *sources =
        sp_arena_array(arena, (size_t)sc->n_policies, sizeof *sources);
    struct rate_search r = {.sc = sc,
                            .o = job->o,
                            .policy = policy,
                            .workload = job->asked.workload,
                            .sources = sources,
                            .rate_per_s = all->rate_per_s,
                            .all = all,
                            .found = found};
    struct model_search search = {.test = test_rate,
                                  .self = &r,
                                  .precision_frac = job->asked.search->precision_frac};
    enum sp_status s;

    for (int32_t p = 0; p < sc->n_policies; p++)
        sources[p] = sc->policies[p].plans[r.workload].source;
    s = model_search_largest(&search, err);
    restore(&r);
    sp_arena_free(arena);
    return all->partial ? SP_OK : s;
}
