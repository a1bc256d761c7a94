/* A search as JSON. */
#include "report/found.h"
#include "report/json_parts.h"

static json_t *run_of(const struct report_json *j, const struct model_found_run *r)
{
    json_t *object;

    if (!(r->rate_per_s > 0))
        return json_null();
    object = json_object();
    report_json_put(object, "rate_per_s", report_json_number(r->rate_per_s));
    report_json_put(object, "rate_per_s_per_gpu",
                    report_json_number(r->rate_per_s / r->gpus));
    report_json_put(object, "gpus", report_json_number(r->gpus));
    report_json_put(object, "slo_attained", report_json_number(r->attained));
    report_json_put(object, "late", report_json_number(r->late));
    report_json_put_stat(j, object, "ttft_p99_s", r->ttft_p99_s);
    report_json_put_stat(j, object, "tpot_p99_s", r->tpot_p99_s);
    report_json_put(object, "usd_per_h", report_json_number(r->usd_per_h));
    report_json_put_stat(j, object, "usd_per_million_tokens",
                         r->usd_per_million_tokens);
    return object;
}

static json_t *policy(const struct report_json *j, const struct model_found_policy *p)
{
    json_t *object = json_object();

    report_json_put(object, "policy", report_json_text(j, p->name));
    report_json_put(object, "max_rate_per_s", report_json_number(p->passes.rate_per_s));
    report_json_put(object, "meets", run_of(j, &p->passes));
    report_json_put(object, "misses", run_of(j, &p->fails));
    report_json_put(object, "runs", json_integer(p->runs));
    return object;
}

static json_t *slo(const struct model_found *f)
{
    json_t *object = json_object();

    report_json_put(object, "ttft_s", report_json_number(f->slo_ttft_s));
    report_json_put(object, "tpot_s", report_json_number(f->slo_tpot_s));
    report_json_put(object, "e2e_s", report_json_number(f->slo_e2e_s));
    report_json_put(object, "attain", report_json_number(f->attain_frac));
    return object;
}

static json_t *found_of(const struct report_json *j, const struct model_found *f)
{
    json_t *object = json_object(), *policies = json_array();

    report_json_put(object, "what", report_json_text(j, f->what));
    report_json_put(object, "workload", report_json_text(j, f->workload));
    report_json_put(object, "slo", slo(f));
    report_json_put(object, "precision", report_json_number(f->precision_frac));
    report_json_put(object, "scenario_rate_per_s", report_json_number(f->rate_per_s));
    for (int32_t i = 0; i < f->n_policies; i++)
        report_json_append(policies, policy(j, &f->policies[i]));
    report_json_put(object, "policies", policies);
    return object;
}

enum sp_status report_found_write_json(const char *path, const struct model_found *f,
                                       struct sp_err *err)
{
    const struct model_result r = {.n_runs = f->replications};
    struct report_json j = {.r = &r, .arena = sp_arena_new()};
    json_t *root = json_object();
    enum sp_status status;

    report_json_put(root, "stageplan", report_json_text(&j, f->version));
    report_json_put(root, "scenario", report_json_text(&j, f->scenario->name));
    report_json_put(root, "seed", json_integer((json_int_t)f->seed));
    report_json_put(root, "replications", json_integer(f->replications));
    report_json_put(root, "partial", json_boolean(f->partial));
    report_json_put(root, "find", found_of(&j, f));
    status = report_json_save(root, path, err);
    sp_arena_free(j.arena);
    return status;
}
