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

/* ---- min_nodes ---- */

static json_t *fleet_of(const struct model_found_fleet *x)
{
    json_t *object;

    if (x->nodes == 0)
        return json_null();
    object = json_object();
    report_json_put(object, "nodes", json_integer(x->nodes));
    report_json_put(object, "figure", report_json_number(x->figure));
    report_json_put(object, "runs_that_meet", json_integer(x->met));
    report_json_put(object, "gpu_allocated", report_json_number(x->gpu_allocated));
    report_json_put(object, "gpu_busy", report_json_number(x->gpu_busy));
    report_json_put(object, "usd", report_json_number(x->usd));
    report_json_put(object, "bought_mean", report_json_number(x->bought));
    return object;
}

static json_t *policy_nodes(const struct report_json *j,
                            const struct model_found_policy *p)
{
    json_t *object = json_object();

    report_json_put(object, "policy", report_json_text(j, p->name));
    report_json_put(object, "min_nodes",
                    p->least.nodes > 0 ? json_integer(p->least.nodes) : json_null());
    report_json_put(object, "scenario_nodes", json_integer(p->nodes));
    report_json_put(object, "fewer", fleet_of(&p->fewer));
    report_json_put(object, "least", fleet_of(&p->least));
    report_json_put(object, "more", fleet_of(&p->more));
    report_json_put(object, "fleets_tried", json_integer(p->runs));
    return object;
}

static json_t *nodes_of(const struct report_json *j, const struct model_found *f)
{
    static const char *const units[] = {[MODEL_FOUND_SECONDS] = "s",
                                        [MODEL_FOUND_SHARE] = "share",
                                        [MODEL_FOUND_COUNT] = "count"};
    json_t *object = json_object(), *policies = json_array(), *goal = json_object();

    report_json_put(object, "what", report_json_text(j, f->what));
    report_json_put(object, "workload", report_json_text(j, f->workload));
    report_json_put(object, "node_type", report_json_text(j, f->node_type));
    report_json_put(goal, "figure", report_json_text(j, f->goal.figure));
    report_json_put(goal, "unit", report_json_text(j, units[f->goal.unit]));
    report_json_put(goal, f->goal.at_least ? "at_least" : "at_most",
                    report_json_number(f->goal.target));
    report_json_put(goal, "percentile_over_runs", report_json_number(0.9));
    report_json_put(object, "goal", goal);
    for (int32_t i = 0; i < f->n_policies; i++)
        report_json_append(policies, policy_nodes(j, &f->policies[i]));
    report_json_put(object, "policies", policies);
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
    report_json_put(root, "find",
                    f->node_type != NULL ? nodes_of(&j, f) : found_of(&j, f));
    status = report_json_save(root, path, err);
    sp_arena_free(j.arena);
    return status;
}
