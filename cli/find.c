/* The searches, and the parts of the option. */
#include "cli/find.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/find_rate.h"
#include "model/serving.h"

const struct cli_search cli_searches[] = {
    {.name = "max_rate",
     .help = "the highest request rate that still meets the SLO",
     .check = cli_find_rate_check,
     .find = cli_find_rate,
     .precision_frac = 0.01},
    {0},
};

/* ---- what is asked for ---- */

static const struct cli_search *search_of(const char *name, size_t n)
{
    for (const struct cli_search *s = cli_searches; s->name != NULL; s++)
        if (strlen(s->name) == n && strncmp(s->name, name, n) == 0)
            return s;
    return NULL;
}

static enum sp_status fail_unknown(const char *text, struct sp_err *err)
{
    const char *names[8];
    char list[256] = "";
    size_t n = 0;

    for (const struct cli_search *s = cli_searches; s->name != NULL; s++) {
        names[n++] = s->name;
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
                 n > 1 ? ", " : "", s->name);
    }
    return sp_fail(
        err, SP_EINPUT, "--find %s: expected one of: %s%s%s%s", text, list,
        sp_text_nearest(text, names, n) != NULL ? " (did you mean " : "",
        sp_text_nearest(text, names, n) != NULL ? sp_text_nearest(text, names, n) : "",
        sp_text_nearest(text, names, n) != NULL ? "?)" : "");
}

static enum sp_status named_workload(const char *text, const char *name,
                                     const struct model_scenario *sc, int32_t *workload,
                                     struct sp_err *err)
{
    const char *nearest = sp_text_nearest(name, sc->workloads, (size_t)sc->n_workloads);

    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (strcmp(sc->workloads[w], name) == 0) {
            *workload = w;
            return SP_OK;
        }
    return sp_fail(err, SP_EINPUT, "--find %s: the scenario has no such workload%s%s%s",
                   text, nearest != NULL ? ", did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

/* The only serving workload. */
static enum sp_status only_workload(const char *text, const struct model_scenario *sc,
                                    int32_t *workload, struct sp_err *err)
{
    int32_t found = SP_NO_ID, n = 0;
    char names[512] = "";

    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (sc->policies[0].plans[w].kind == MODEL_KIND_SERVING) {
            found = w;
            n++;
            if (strlen(names) + strlen(sc->workloads[w]) + 4 < sizeof names)
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                         n > 1 ? ", " : "", sc->workloads[w]);
        }
    if (n == 0)
        return sp_fail(err, SP_EINPUT,
                       "--find %s: the scenario has no workload of kind serving", text);
    if (n > 1)
        return sp_fail(err, SP_EINPUT,
                       "--find %s: several workloads serve (%s), expected one of them "
                       "named, such as %s:%s",
                       text, names, text, sc->workloads[found]);
    *workload = found;
    return SP_OK;
}

enum sp_status cli_find_parse(const char *text, const struct model_scenario *sc,
                              const struct cli_search **search, int32_t *workload,
                              struct sp_err *err)
{
    size_t n = strcspn(text, ":");
    const struct cli_search *found = search_of(text, n);
    struct sp_err why = {0};
    enum sp_status s;

    if (found == NULL)
        return fail_unknown(text, err);
    s = text[n] == ':' ? named_workload(text, text + n + 1, sc, workload, err)
                       : only_workload(text, sc, workload, err);
    if (s != SP_OK)
        return s;
    s = found->check(sc, *workload, &why);
    if (s != SP_OK)
        return sp_fail(err, s, "--find %s: %s", text, why.text);
    *search = found;
    return SP_OK;
}

/* ---- the search ---- */

static double s_or_nan(int64_t ns)
{
    return ns >= 0 ? sp_s_from_ns(ns) : NAN;
}

static struct model_found *found_new(const struct cli_find_job *job,
                                     struct sp_arena *arena)
{
    struct model_found *f = sp_arena_alloc(arena, sizeof *f);
    const struct model_scenario *sc = job->sc;
    const struct model_slo *slo = &sc->policies[0].plans[job->workload].serving->slo;

    *f = (struct model_found){
        .what = job->search->name,
        .workload = sc->workloads[job->workload],
        .attain_frac = slo->attain_frac,
        .precision_frac = job->search->precision_frac,
        .slo_ttft_s = s_or_nan(slo->ttft_ns),
        .slo_tpot_s = s_or_nan(slo->tpot_ns),
        .slo_e2e_s = s_or_nan(slo->e2e_ns),
        .rate_per_s = cli_find_rate_of(sc, job->workload),
        .seed = job->o->seed,
        .replications = job->o->replications,
        .scenario = sc,
        .version = job->o->version,
    };
    f->policies = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *f->policies);
    return f;
}

enum sp_status cli_find_run(const struct cli_find_job *job, struct sp_arena *arena,
                            struct model_found **found, struct sp_err *err)
{
    static const struct model_found_run none = {
        .rate_per_s = NAN,
        .attained = NAN,
        .late = NAN,
        .ttft_p99_s = {NAN, NAN},
        .tpot_p99_s = {NAN, NAN},
        .usd_per_million_tokens = {NAN, NAN},
        .gpus = NAN,
        .usd_per_h = NAN,
    };
    const struct model_scenario *sc = job->sc;
    struct model_found *f = found_new(job, arena);

    for (int32_t p = 0; p < sc->n_policies && !f->partial; p++) {
        struct model_found_policy *row = &f->policies[f->n_policies];
        enum sp_status s;

        if (job->o->policies != NULL && !job->o->policies[p])
            continue;
        *row = (struct model_found_policy){
            .name = sc->policies[p].name, .passes = none, .fails = none};
        s = job->search->find(job, p, f, row, err);
        if (s != SP_OK)
            return s;
        if (p == sc->baseline)
            f->baseline = f->n_policies;
        f->n_policies++;
    }
    *found = f;
    return SP_OK;
}
