/* A validation as JSON, every round with it. */
#include "report/json_parts.h"
#include "report/validation_print.h"

static json_t *figure(const struct model_validation_figure *f)
{
    json_t *object = json_object();

    report_json_put(object, "measured", report_json_number(f->measured));
    report_json_put(object, "simulated", report_json_number(f->simulated));
    report_json_put(object, "error", report_json_number(f->error));
    return object;
}

static json_t *stage_of(const struct report_json *j,
                        const struct model_validation_stage *s)
{
    json_t *object = json_object();

    report_json_put(object, "kernel", report_json_text(j, s->kernel));
    report_json_put(object, "x", report_json_number(s->x));
    report_json_put(object, "calls", json_integer(s->calls));
    report_json_put(object, "calls_cv", report_json_number(s->cv));
    report_json_put(object, "threads", json_integer(s->workers));
    report_json_put(object, "queue", json_integer(s->queue));
    report_json_put(object, "isolated_mean_s", report_json_number(s->isolated_mean_s));
    report_json_put(object, "isolated_cv", report_json_number(s->isolated_cv));
    report_json_put(object, "together_mean_s", report_json_number(s->together_mean_s));
    report_json_put(object, "profile_s", report_json_number(s->profile_s));
    report_json_put(object, "busy", figure(&s->busy_frac));
    return object;
}

static json_t *round_of(const struct model_validation_round *r)
{
    json_t *object = json_object();

    report_json_put(object, "counts", json_boolean(r->counts));
    report_json_put(object, "items", json_integer((json_int_t)r->items));
    report_json_put(object, "items_per_s", report_json_number(r->per_s));
    report_json_put(object, "simulated_per_s", report_json_number(r->simulated_per_s));
    report_json_put(object, "rule_per_s", report_json_number(r->rule_per_s));
    report_json_put(object, "foreign_cores", report_json_number(r->foreign_cores));
    report_json_put(object, "waited", report_json_number(r->waited_frac));
    report_json_put(object, "canary_good", json_boolean(r->canary_good));
    report_json_put(object, "hand_off_s", report_json_number(r->hand_off_s));
    report_json_put(object, "push_s", report_json_number(r->push_s));
    return object;
}

static void put_figures(json_t *object, const struct model_validation_pipeline *p)
{
    report_json_put(object, "items_per_s", figure(&p->per_s));
    report_json_put(object, "error_se", report_json_number(p->error_se));
    report_json_put(object, "rule_per_s", report_json_number(p->rule_per_s));
    report_json_put(object, "rule_error", report_json_number(p->rule_error));
    report_json_put(object, "profile_per_s", report_json_number(p->profile_per_s));
    report_json_put(object, "profile_error", report_json_number(p->profile_error));
    report_json_put(object, "latency_p50_s", figure(&p->p50_s));
    report_json_put(object, "latency_p99_s", figure(&p->p99_s));
    report_json_put(object, "latency_mean_s", figure(&p->mean_s));
    report_json_put(object, "foreign_cores", report_json_number(p->foreign_cores));
}

static json_t *pipeline_of(const struct report_json *j,
                           const struct model_validation_pipeline *p)
{
    json_t *object = json_object(), *stages = json_array(), *rounds = json_array();

    report_json_put(object, "pipeline", report_json_text(j, p->name));
    report_json_put(object, "verdict",
                    report_json_text(j, model_verdict_name(p->verdict)));
    report_json_put(object, "why", report_json_text(j, p->why));
    for (int32_t s = 0; s < p->n_stages; s++)
        report_json_append(stages, stage_of(j, &p->stages[s]));
    for (int32_t i = 0; i < p->n_rounds; i++)
        report_json_append(rounds, round_of(&p->rounds[i]));
    if (p->n_stages > 0) {
        report_json_put(object, "fused", json_boolean(p->fused));
        report_json_put(object, "cpus_shared", json_boolean(p->shared));
        put_figures(object, p);
    }
    report_json_put(object, "stages", stages);
    report_json_put(object, "rounds", rounds);
    return object;
}

enum sp_status report_validation_write_json(const char *path,
                                            const struct model_validation *v,
                                            struct sp_err *err)
{
    struct report_json j = {.arena = sp_arena_new()};
    json_t *root = json_object(), *all = json_object(), *pipelines = json_array();
    enum sp_status status;

    report_json_put(root, "stageplan", report_json_text(&j, v->version));
    report_json_put(root, "profile", report_json_text(&j, v->profile));
    report_json_put(root, "profile_created", report_json_text(&j, v->created));
    report_json_put(root, "seed", json_integer((json_int_t)v->seed));
    report_json_put(all, "cpus", json_integer(v->cores));
    report_json_put(all, "rounds", json_integer(v->rounds));
    report_json_put(all, "quick", json_boolean(v->quick));
    report_json_put(all, "realtime", json_boolean(v->realtime));
    report_json_put(all, "partial", json_boolean(v->partial));
    for (int32_t i = 0; i < v->n; i++)
        report_json_append(pipelines, pipeline_of(&j, &v->pipelines[i]));
    report_json_put(all, "pipelines", pipelines);
    report_json_put(root, "validate", all);
    status = report_json_save(root, path, err);
    sp_arena_free(j.arena);
    return status;
}
