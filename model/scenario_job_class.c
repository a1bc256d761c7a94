/* `jobs` of a workload: kinds of generated jobs. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/scenario_parts.h"

/* The record while it is read. */
struct class_keys {
    struct model_job_class class; /* first: functions of rows see it */
    struct model_jobs *jobs;
};

/* ---- names of teams and GPU models ---- */

/* The id of `name` among `names`, to which it is added; SP_NO_ID past `max`. */
static int32_t add_name(struct model_reader *r, struct model_names *names,
                        const char *name, int32_t max)
{
    int32_t found = model_read_find(name, names->name, names->n);
    const char **grown;

    if (found != SP_NO_ID || names->n == max)
        return found;
    grown = sp_arena_array(r->arena, (size_t)names->n + 1, sizeof *grown);
    for (int32_t i = 0; i < names->n; i++)
        grown[i] = names->name[i];
    grown[names->n] = name;
    *names = (struct model_names){.n = names->n + 1, .name = grown};
    return names->n - 1;
}

static enum sp_status read_team(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct class_keys *keys = record;
    int32_t of_policy = 0;

    if (model_team_id(r, node, &of_policy) != SP_OK)
        return SP_EINPUT;
    keys->class.team = add_name(r, &keys->jobs->teams, node->text, MODEL_JOB_TEAMS_MAX);
    sp_assert(keys->class.team != SP_NO_ID);
    return SP_OK;
}

static enum sp_status read_gpu_models(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    struct class_keys *keys = record;

    if (model_read_kind(r, node, MODEL_YAML_SEQ, "gpu_models") != SP_OK)
        return SP_EINPUT;
    if (node->n == 0)
        return model_read_fail(r, node,
                               "gpu_models: found none, expected one or more, or no "
                               "key: any");
    for (int32_t i = 0; i < node->n; i++) {
        const char *name = NULL;
        int32_t id;

        if (model_read_name(r, node->items[i], "gpu_models", &name) != SP_OK)
            return SP_EINPUT;
        id = add_name(r, &keys->jobs->models, name, MODEL_JOB_MODELS_MAX);
        if (id == SP_NO_ID)
            return model_read_fail(r, node->items[i],
                                   "gpu_models: more than %d in the workload",
                                   (int)MODEL_JOB_MODELS_MAX);
        keys->class.models |= UINT64_C(1) << id;
    }
    return SP_OK;
}

/* ---- one kind of job ---- */

static enum sp_status read_duration(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct model_job_class *class = record;

    return model_duration_read(r, node, &class->forever, &class->duration_s);
}

static enum sp_status read_estimate(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct model_job_class *class = record;

    class->has_estimate = true;
    return model_dist_read(r, node, "estimate", MODEL_PIECES, &class->estimate);
}

#define AT(field) offsetof(struct class_keys, class.field)

static const struct model_key class_keys[] = {
    {.name = "share",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(share),
     .max = 1e9,
     .unless = "1",
     .help = "of the jobs, beside the other kinds'"},
    {.name = "members",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(members),
     .min = 1,
     .max = MODEL_JOB_MEMBERS_MAX,
     .help = "of its gang"},
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_GPU,
     .offset = AT(needs.mgpu),
     .help = "of a member, or in all"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(needs.mcpu),
     .help = "likewise"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(needs.memory_bytes),
     .help = "likewise"},
    {.name = "duration",
     .kind = MODEL_KEY_READ,
     .read = read_duration,
     .help = "on the reference GPU, or forever"},
    {.name = "estimate",
     .kind = MODEL_KEY_READ,
     .read = read_estimate,
     .help = "estimate / duration"},
    {.name = "team", .kind = MODEL_KEY_READ, .read = read_team, .help = "whose it is"},
    {.name = "priority",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(priority),
     .min = -1e9,
     .max = 1e9,
     .help = "the highest first"},
    {.name = "preemptible",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(preemptible),
     .help = "may be taken for others"},
    {.name = "gpu_models",
     .kind = MODEL_KEY_READ,
     .read = read_gpu_models,
     .help = "on which it may run"},
    {.name = "deadline",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(deadline_ns),
     .min = 1e-3,
     .help = "after its arrival"},
    {.name = NULL},
};

/* CPU and memory where the kind does not say: for each GPU; one CPU without any. */
static void complete_needs(struct model_job_class *class, const struct model_jobs *jobs)
{
    struct model_amounts *needs = &class->needs;

    if (needs->mcpu < 0)
        needs->mcpu = jobs->mcpu_per_gpu * needs->mgpu / 1000;
    if (needs->memory_bytes < 0)
        needs->memory_bytes =
            (int64_t)((double)jobs->memory_per_gpu * (double)needs->mgpu / 1000);
    if (needs->mcpu == 0 && needs->mgpu == 0)
        needs->mcpu = 1000;
}

static enum sp_status read_class(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 struct model_jobs *jobs, struct model_job_class *class)
{
    struct class_keys keys = {.class = {.needs = {.mcpu = -1, .memory_bytes = -1},
                                        .line = map->line,
                                        .priority = jobs->priority,
                                        .preemptible = jobs->preemptible,
                                        .deadline_ns = jobs->deadline_ns,
                                        .estimate = jobs->estimate,
                                        .has_estimate = jobs->has_estimate,
                                        .forever = jobs->forever},
                              .jobs = jobs};

    if (model_read_name(r, map->key, "a kind of job", &keys.class.name) != SP_OK ||
        model_keys_read(r, map, "a kind of job", class_keys, &keys) != SP_OK)
        return SP_EINPUT;
    keys.class.line = map->key->line;
    if (!keys.class.forever && model_yaml_get(map, "duration") == NULL)
        return model_read_fail(r, model_read_owner(map),
                               "a kind of job needs the key 'duration': on the "
                               "reference GPU, or forever");
    if (keys.class.models != 0 && keys.class.needs.mgpu == 0)
        return model_read_fail(r, model_yaml_get(map, "gpu_models")->key,
                               "gpu_models: the job has no GPU, expected the key 'gpu' "
                               "with it");
    complete_needs(&keys.class, jobs);
    *class = keys.class;
    return SP_OK;
}

enum sp_status model_job_classes_read(struct model_reader *r,
                                      const struct model_yaml_node *node,
                                      struct model_jobs *jobs)
{
    double shares = 0;

    if (model_read_kind(r, node, MODEL_YAML_MAP, "jobs") != SP_OK)
        return SP_EINPUT;
    if (node->n == 0 || node->n > MODEL_JOB_CLASSES_MAX)
        return model_read_fail(r, model_read_owner(node),
                               "jobs: found %d kinds, expected 1 to %d", (int)node->n,
                               (int)MODEL_JOB_CLASSES_MAX);
    add_name(r, &jobs->teams, "-", MODEL_JOB_TEAMS_MAX);
    jobs->n_classes = node->n;
    jobs->classes = sp_arena_array(r->arena, (size_t)node->n, sizeof *jobs->classes);
    for (int32_t i = 0; i < node->n; i++) {
        if (read_class(r, node->items[i], jobs, &jobs->classes[i]) != SP_OK)
            return SP_EINPUT;
        shares += jobs->classes[i].share;
    }
    if (shares <= 0)
        return model_read_fail(r, model_read_owner(node),
                               "jobs: all shares are 0, expected one above");
    return SP_OK;
}
