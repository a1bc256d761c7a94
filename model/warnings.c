/* See warnings.h. */
#include "model/warnings.h"

#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/wide.h"
#include "model/jobs.h"
#include "model/profile.h"
#include "model/result.h"

struct list {
    const struct model_policy *policy;
    struct sp_arena *arena;
    const char **texts;
    int32_t n;
    char name[80]; /* of the policy, quoted */
};

static void add(struct list *l, const char *text)
{
    l->texts = sp_arena_grow(l->arena, l->texts, (size_t)l->n, (size_t)l->n + 1,
                             sizeof *l->texts);
    l->texts[l->n++] = sp_arena_printf(l->arena, "policy %s: %s", l->name, text);
}

/* "8 GPUs", "512 GiB of memory" */
static const char *show(struct list *l, sp_i128 amount, enum model_resource r)
{
    static const char *const units[] = {
        [MODEL_GPU] = "GPUs", [MODEL_CPU] = "CPUs", [MODEL_MEMORY] = "GiB of memory"};
    const double per = r == MODEL_MEMORY ? 0x1p30 : 1000;

    return sp_arena_printf(l->arena, "%.6g %s", sp_double_from_i128(amount) / per,
                           units[r]);
}

/* ---- quotas against the fleet ---- */

/* All that the fleet can ever have; false: without limit. */
static bool fleet_has(const struct model_policy *p, enum model_resource r, sp_i128 *sum)
{
    *sum = 0;
    for (int32_t t = 0; t < p->n_types; t++) {
        const struct model_node_type *type = &p->types[t];
        const int64_t has[] = {[MODEL_GPU] = type->has.mgpu,
                               [MODEL_CPU] = type->has.mcpu,
                               [MODEL_MEMORY] = type->has.memory_bytes};

        if (type->max > 0 && has[r] < 0)
            return false;
        *sum += sp_i128_mul(has[r], type->max);
    }
    return true;
}

static void check_sum(struct list *l, enum model_resource r)
{
    const struct model_policy *p = l->policy;
    sp_i128 guaranteed = 0, has;

    for (int32_t i = 0; i < p->n_teams; i++)
        if (p->teams[i].guarantee.amount[r] > 0)
            guaranteed += p->teams[i].guarantee.amount[r];
    if (!fleet_has(p, r, &has) || guaranteed <= has)
        return;
    add(l, sp_arena_printf(l->arena,
                           "its teams are guaranteed %s in all, and its fleet has at "
                           "most %s",
                           show(l, guaranteed, r), show(l, has, r)));
}

/* ---- teams ---- */

/* Of a trace that names teams, nobody is taken to be of the one without name. */
static bool has_jobs(const struct model_jobs *jobs, int32_t team)
{
    const struct model_names *names = &jobs->summary.teams;

    if (jobs->team_of == NULL)
        return false;
    for (int32_t i = 0; i < jobs->n_classes; i++)
        if (jobs->team_of[jobs->classes[i].team] == team)
            return true;
    for (int32_t i = names->n > 1; i < names->n && jobs->n_classes == 0; i++)
        if (jobs->team_of[i] == team)
            return true;
    return false;
}

static bool has_members(const struct model_policy *p, int32_t team)
{
    for (int32_t t = 0; t < p->n_types; t++)
        if (p->types[t].team == team)
            return true;
    for (int32_t w = 0; w < p->n_plans; w++) {
        const struct model_jobs *jobs = p->plans[w].jobs;

        if (jobs != NULL ? has_jobs(jobs, team) : p->plans[w].team == team)
            return true;
    }
    return false;
}

static bool has_guarantee(const struct model_team *team)
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (team->guarantee.amount[r] > 0)
            return true;
    return false;
}

/* Whether another team with members may hold some of what this one is guaranteed. */
static bool others_borrow(const struct model_policy *p, int32_t team)
{
    const struct model_team *t = &p->teams[team];

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        if (t->guarantee.amount[r] <= 0 || t->lend_limit.amount[r] == 0)
            continue;
        for (int32_t i = 0; i < p->n_teams; i++)
            if (i != team && p->teams[i].guarantee.amount[r] >= 0 &&
                p->teams[i].borrow_limit.amount[r] != 0 && has_members(p, i))
                return true;
    }
    return false;
}

static void check_team(struct list *l, int32_t id)
{
    const struct model_team *team = &l->policy->teams[id];
    char quoted[80];

    if (!has_guarantee(team))
        return;
    sp_text_quote(team->name, quoted, sizeof quoted);
    if (!has_members(l->policy, id))
        add(l, sp_arena_printf(l->arena,
                               "team %s has a guarantee, and no work belongs to it",
                               quoted));
    else if (team->reclaim == MODEL_EVICT_NEVER && others_borrow(l->policy, id))
        add(l, sp_arena_printf(l->arena,
                               "team %s may have to wait for its guarantee: others may "
                               "borrow it, and it does not reclaim",
                               quoted));
}

/* ---- jobs ---- */

static void check_models(struct list *l, const struct model_plan *plan)
{
    const struct model_jobs *jobs = plan->jobs;
    const struct model_names *models;
    char workload[80], model[80];

    if (jobs == NULL || jobs->types_of == NULL)
        return;
    models = jobs->n_classes > 0 ? &jobs->models : &jobs->summary.models;
    for (int32_t i = 0; i < models->n; i++)
        if (jobs->types_of[i] == 0)
            add(l, sp_arena_printf(
                       l->arena, "jobs of %s ask for GPU %s, which no node has",
                       sp_text_quote(plan->workload, workload, sizeof workload),
                       sp_text_quote(models->name[i], model, sizeof model)));
}

/* ---- kernels ---- */

static void check_kernel(struct list *l, const char *name,
                         const struct model_kernel_use *use)
{
    const struct model_profile_device *device;
    char stage[80], model[80];

    if (use == NULL)
        return;
    device = &use->profile->devices[use->kernel->device_id];
    if (device->is_gpu && device->catalog == NULL)
        add(l, sp_arena_printf(
                   l->arena,
                   "the times of %s were measured on %s, and that the nodes have such "
                   "a GPU is not known",
                   sp_text_quote(name, stage, sizeof stage),
                   sp_text_quote(device->model, model, sizeof model)));
}

static void check_kernels(struct list *l, const struct model_plan *plan)
{
    if (plan->kind != MODEL_KIND_PIPELINE)
        return;
    for (int32_t s = 0; s < plan->n_stages; s++)
        check_kernel(l, plan->stages[s].name, plan->stages[s].time.kernel);
    for (int32_t u = 0; u < plan->n_units; u++)
        if (plan->units[u].has_fused_time)
            check_kernel(l, plan->units[u].name, plan->units[u].fused_time.kernel);
}

const char *const *model_policy_warnings(const struct model_policy *policy,
                                         struct sp_arena *arena, int32_t *n)
{
    struct list l = {.policy = policy, .arena = arena};

    sp_text_quote(policy->name, l.name, sizeof l.name);
    for (enum model_resource r = 0; policy->has_teams && r <= MODEL_MEMORY; r++)
        check_sum(&l, r);
    for (int32_t i = 0; policy->has_teams && i < policy->n_teams; i++)
        check_team(&l, i);
    for (int32_t w = 0; w < policy->n_plans; w++)
        check_models(&l, &policy->plans[w]);
    for (int32_t w = 0; w < policy->n_plans; w++)
        check_kernels(&l, &policy->plans[w]);
    *n = l.n;
    return l.texts;
}
