/* `kind: jobs`: rigid jobs from a trace or of stated kinds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/scenario_parts.h"

/* The record while it is read. */
struct jobs_keys {
    struct model_jobs jobs; /* first: functions of rows see it */
    const char *gang, *fallback;
    struct model_dist unused; /* of `duration`, which only ever says forever */
};

/* ---- keys with a grammar of their own ---- */

enum sp_status model_duration_read(struct model_reader *r,
                                   const struct model_yaml_node *node, bool *forever,
                                   struct model_dist *dist)
{
    *forever = node->kind == MODEL_YAML_SCALAR && strcmp(node->text, "forever") == 0;
    if (*forever)
        return SP_OK;
    return model_dist_read(r, node, "duration", MODEL_SECONDS, dist);
}

/* Durations come from the trace, or from each kind of job. */
static enum sp_status read_forever(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct jobs_keys *keys = record;

    if (model_duration_read(r, node, &keys->jobs.forever, &keys->unused) != SP_OK)
        return SP_EINPUT;
    if (!keys->jobs.forever)
        return model_read_fail(
            r, node,
            "duration: of all jobs it can only be forever; else the trace has it, or "
            "each kind of 'jobs'");
    return SP_OK;
}

static enum sp_status read_estimate(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct model_jobs *jobs = record;

    jobs->has_estimate = true;
    return model_dist_read(r, node, "estimate", MODEL_PIECES, &jobs->estimate);
}

#define AT(field) offsetof(struct model_jobs, field)

static const struct model_key per_gpu_keys[] = {
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(mcpu_per_gpu),
     .help = "for each GPU"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(memory_per_gpu),
     .help = "for each GPU"},
    {.name = NULL},
};

static enum sp_status read_per_gpu(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    return model_keys_read(r, node, "per_gpu", per_gpu_keys, record);
}

static const struct model_key checkpoint_keys[] = {
    {.name = "every",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(checkpoint_ns),
     .min = 1e-3,
     .help = "of work"},
    {.name = "cost",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(checkpoint_cost_ns),
     .help = "of writing one"},
    {.name = "on_notice",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(checkpoint_on_notice),
     .help = "where the notice is long enough"},
    {.name = NULL},
};

static enum sp_status read_checkpoint(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    struct model_jobs *jobs = record;

    if (model_keys_read(r, node, "checkpoint", checkpoint_keys, record) != SP_OK)
        return SP_EINPUT;
    if (jobs->checkpoint_ns == 0 && !jobs->checkpoint_on_notice)
        return model_read_fail(r, model_read_owner(node),
                               "checkpoint: never taken, expected 'every' or "
                               "'on_notice: true'");
    return SP_OK;
}

static enum sp_status read_speeds(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct model_jobs *jobs = record;
    const struct model_key key = {
        .name = "speeds", .kind = MODEL_KEY_NUMBER, .min = 0.001, .max = 1000};

    if (model_read_kind(r, node, MODEL_YAML_MAP, "speeds") != SP_OK)
        return SP_EINPUT;
    if (node->n == 0 || node->n > MODEL_SPEEDS_MAX)
        return model_read_fail(r, model_read_owner(node),
                               "speeds: found %d GPU models, expected 1 to %d",
                               (int)node->n, (int)MODEL_SPEEDS_MAX);
    jobs->n_speeds = node->n;
    jobs->speeds = sp_arena_array(r->arena, (size_t)node->n, sizeof *jobs->speeds);
    for (int32_t i = 0; i < node->n; i++)
        if (model_read_name(r, node->keys[i], "speeds", &jobs->speeds[i].gpu_model) !=
                SP_OK ||
            model_key_parse(r, node->items[i], &key, &jobs->speeds[i].speed) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

/* CPU only; a share of a GPU; one; a node of eight; more. */
static void usual_size_classes(struct model_jobs *jobs)
{
    static const int64_t usual[] = {0, 999, 1000, 8000, INT64_MAX};

    jobs->n_size_classes = sizeof usual / sizeof usual[0];
    memcpy(jobs->size_class_mgpu, usual, sizeof usual);
}

static enum sp_status read_size_classes(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    const struct model_key key = {.name = "size_classes",
                                  .kind = MODEL_KEY_THOUSANDTHS};
    struct model_jobs *jobs = record;
    int64_t *bound = jobs->size_class_mgpu;

    if (model_read_kind(r, node, MODEL_YAML_SEQ, "size_classes") != SP_OK)
        return SP_EINPUT;
    if (node->n > MODEL_JOB_SIZES_MAX - 1)
        return model_read_fail(r, node,
                               "size_classes: found %d bounds, expected at most %d",
                               (int)node->n, (int)MODEL_JOB_SIZES_MAX - 1);
    for (int32_t i = 0; i < node->n; i++) {
        if (model_key_parse(r, node->items[i], &key, &bound[i]) != SP_OK)
            return SP_EINPUT;
        if (i > 0 && bound[i] <= bound[i - 1])
            return model_read_fail(r, node->items[i],
                                   "size_classes: %g after %g, expected numbers of "
                                   "GPUs that rise",
                                   (double)bound[i] / 1000,
                                   (double)bound[i - 1] / 1000);
    }
    jobs->n_size_classes = node->n + 1;
    bound[node->n] = INT64_MAX;
    return SP_OK;
}

static enum sp_status read_quantile(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    const struct model_key key = {.name = "quantile", .kind = MODEL_KEY_FRACTION};
    struct model_jobs *jobs = record;

    if (node->kind == MODEL_YAML_SCALAR && strcmp(node->text, "mean") == 0) {
        jobs->target_quantile = NAN;
        return SP_OK;
    }
    return model_key_parse(r, node, &key, &jobs->target_quantile);
}

static const struct model_key target_keys[] = {
    {.name = "wait",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(wait_target_s),
     .required = true,
     .help = "what the waits must meet"},
    {.name = "quantile",
     .kind = MODEL_KEY_READ,
     .read = read_quantile,
     .help = "of the waits, or mean"},
    {.name = NULL},
};

static enum sp_status read_target(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    return model_keys_read(r, node, "target", target_keys, record);
}

/* ---- the workload ---- */

#undef AT
#define AT(field) offsetof(struct jobs_keys, jobs.field)

static const struct model_key jobs_keys[] = {
    {.name = "kind", .kind = MODEL_KEY_NOTE, .help = "jobs"},
    {.name = "source",
     .kind = MODEL_KEY_NOTE,
     .required = true,
     .help = "where its jobs come from"},
    {.name = "jobs", .kind = MODEL_KEY_NOTE, .help = "kinds of generated jobs"},
    {.name = "team", .kind = MODEL_KEY_NOTE, .help = "of jobs that name none"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of jobs that name none"},
    {.name = "preemptible", .kind = MODEL_KEY_NOTE, .help = "of jobs that don't say"},
    {.name = "per_gpu",
     .kind = MODEL_KEY_READ,
     .read = read_per_gpu,
     .help = "CPU and memory of jobs that don't say"},
    {.name = "deadline",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(deadline_ns),
     .min = 1e-3,
     .help = "after arrival, of jobs that name none"},
    {.name = "duration",
     .kind = MODEL_KEY_READ,
     .read = read_forever,
     .help = "forever: no job ends"},
    {.name = "estimate",
     .kind = MODEL_KEY_READ,
     .read = read_estimate,
     .help = "estimate / duration"},
    {.name = "gpus_per_member",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(gpus_per_member),
     .min = 1,
     .max = MODEL_GPUS_MAX,
     .help = "how totals are split"},
    {.name = "gang",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct jobs_keys, gang),
     .words = model_gang_words,
     .unless = "pack",
     .help = "where its members go"},
    {.name = "checkpoint",
     .kind = MODEL_KEY_READ,
     .read = read_checkpoint,
     .help = "what of its work is kept"},
    {.name = "restart",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(restart_ns),
     .help = "before work goes on after a loss"},
    {.name = "start",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(start_ns),
     .help = "before work begins"},
    {.name = "speeds",
     .kind = MODEL_KEY_READ,
     .read = read_speeds,
     .help = "of GPU models"},
    {.name = "fallback",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct jobs_keys, fallback),
     .words = model_fallback_words,
     .unless = "at-once",
     .help = "when a dearer option is asked for"},
    {.name = "fallback_margin",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(fallback_margin_ns),
     .help = "time kept in hand"},
    {.name = "size_classes",
     .kind = MODEL_KEY_READ,
     .read = read_size_classes,
     .help = "bounds of GPUs"},
    {.name = "target",
     .kind = MODEL_KEY_READ,
     .read = read_target,
     .help = "of the waits, for --find"},
    {.name = NULL},
};

static enum sp_status check_jobs(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct jobs_keys *keys)
{
    const struct model_yaml_node *margin = model_yaml_get(map, "fallback_margin");
    const struct model_yaml_node *restart = model_yaml_get(map, "restart");

    if (margin != NULL && keys->jobs.fallback != MODEL_FALLBACK_DEADLINE)
        return model_read_fail(r, margin->key,
                               "'fallback_margin' goes with fallback: deadline");
    (void)restart;
    return SP_OK;
}

/* What the generator draws from, where there is no trace. */
static enum sp_status read_classes(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct model_plan *plan,
                                   struct model_jobs *jobs)
{
    const struct model_yaml_node *classes = model_yaml_get(map, "jobs");
    const bool trace = plan->source.trace_path != NULL;

    if (trace && classes != NULL)
        return model_read_fail(r, classes->key,
                               "'jobs' does not go with a trace, which brings its own");
    if (!trace && classes == NULL)
        return model_read_fail(
            r, model_read_owner(map),
            "a jobs workload needs a trace at its source, or the key "
            "'jobs'");
    return trace ? SP_OK : model_job_classes_read(r, classes, jobs);
}

/* ---- demand ---- */

/* Of the policy's fixed GPUs. */
static enum sp_status read_demand(struct model_reader *r,
                                  const struct model_yaml_node *source,
                                  const struct model_policy *policy,
                                  struct model_jobs *jobs)
{
    const struct model_yaml_node *node = model_yaml_get(source, "demand");
    const struct model_key key = {.name = "demand", .kind = MODEL_KEY_MULTIPLE};
    double share = 0, mgpu = 0;

    if (node == NULL)
        return SP_OK;
    if (model_key_parse(r, node, &key, &share) != SP_OK)
        return SP_EINPUT;
    if (share <= 0)
        return model_read_fail(r, node, "demand: found 0, expected more");
    if (policy == NULL)
        return SP_OK;
    for (int32_t t = 0; t < policy->n_types; t++)
        if (policy->types[t].fixed)
            mgpu += (double)policy->types[t].has.mgpu * policy->types[t].count;
    if (mgpu <= 0)
        return model_read_fail(r, node,
                               "demand: is of the GPUs of a fixed fleet, and policy "
                               "'%s' has none",
                               policy->name);
    jobs->demand_mgpu = llround(mgpu * share);
    return SP_OK;
}

static enum sp_status check_entry(struct model_reader *r,
                                  const struct model_yaml_node *over)
{
    static const char *const fixed[] = {"kind", "source", "jobs"};

    if (over == NULL)
        return SP_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (model_yaml_get(over, fixed[i]) != NULL)
            return model_read_fail(r, model_yaml_get(over, fixed[i])->key,
                                   "'%s' is the same under all policies, expected it "
                                   "at the workload only",
                                   fixed[i]);
    return SP_OK;
}

enum sp_status model_jobs_read(struct model_reader *r,
                               const struct model_yaml_node *workload,
                               const struct model_yaml_node *over,
                               const struct model_policy *policy,
                               struct model_plan *plan)
{
    struct jobs_keys keys = {.jobs = {.deadline_ns = -1,
                                      .preemptible = true,
                                      .wait_target_s = NAN,
                                      .target_quantile = 0.9}};
    const struct model_yaml_node *source, *map;

    if (check_entry(r, over) != SP_OK)
        return SP_EINPUT;
    map = model_yaml_merge(r->arena, workload, over, NULL);
    usual_size_classes(&keys.jobs);
    plan->preemptible = true;
    plan->jobs = sp_arena_alloc(r->arena, sizeof *plan->jobs);
    *plan->jobs = keys.jobs; /* the source fills some of it */
    source = model_yaml_get(map, "source");
    if (source != NULL && (model_source_read(r, source, plan) != SP_OK ||
                           read_demand(r, source, policy, plan->jobs) != SP_OK))
        return SP_EINPUT;
    keys.jobs = *plan->jobs;
    if (model_owner_read(r, map, NULL, plan) != SP_OK)
        return SP_EINPUT;
    keys.jobs.priority = plan->priority;
    keys.jobs.preemptible = plan->preemptible;
    if (model_keys_read(r, map, "a jobs workload", jobs_keys, &keys) != SP_OK)
        return SP_EINPUT;
    keys.jobs.gang = (enum model_gang)model_word_index(model_gang_words, keys.gang);
    keys.jobs.fallback =
        (enum model_fallback)model_word_index(model_fallback_words, keys.fallback);
    if (check_jobs(r, map, &keys) != SP_OK ||
        read_classes(r, map, plan, &keys.jobs) != SP_OK)
        return SP_EINPUT;
    *plan->jobs = keys.jobs;
    return SP_OK;
}
