/* See jobs.h. */
#include "model/jobs.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/catalog.h"

/* ---- GPU models ---- */

/* Whether `name` begins one row of the catalog only, which is `row`. */
static bool begins_only(const char *name, const char *row)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_gpus gpus;
    int32_t n = 0;
    bool is_row = false;

    model_gpus_builtin(arena, &gpus);
    for (int32_t i = 0; i < gpus.n; i++) {
        if (strncasecmp(gpus.rows[i].model, name, strlen(name)) != 0)
            continue;
        n++;
        is_row |= strcmp(gpus.rows[i].model, row) == 0;
    }
    sp_arena_free(arena);
    return n == 1 && is_row;
}

bool model_gpu_names_match(const char *wanted, const char *has)
{
    const size_t n = strlen(wanted);

    if (n == 0 || strncasecmp(wanted, has, n) != 0)
        return false;
    return has[n] == '\0' || has[n] == '-' || begins_only(wanted, has);
}

double model_job_speed(const struct model_jobs *jobs, const char *gpu_model)
{
    for (int32_t i = 0; gpu_model != NULL && i < jobs->n_speeds; i++)
        if (model_gpu_names_match(jobs->speeds[i].gpu_model, gpu_model))
            return jobs->speeds[i].speed;
    return 1;
}

/* ---- what ids mean ---- */

static const struct model_names *teams_of(const struct model_jobs *jobs)
{
    return jobs->n_classes > 0 ? &jobs->teams : &jobs->summary.teams;
}

static const struct model_names *models_of(const struct model_jobs *jobs)
{
    return jobs->n_classes > 0 ? &jobs->models : &jobs->summary.models;
}

static int32_t find_team(const struct model_policy *policy, const char *name)
{
    for (int32_t i = 0; i < policy->n_teams; i++)
        if (strcmp(policy->teams[i].name, name) == 0)
            return i;
    return SP_NO_ID;
}

/* A team that no quota names: nothing is guaranteed of what others have a guarantee
 * of, and all that they leave may be borrowed. */
static struct model_team new_team(const struct model_policy *policy, const char *name)
{
    struct model_team team = {.name = name,
                              .guarantee = {{-1, -1, -1}},
                              .borrow_limit = {{-1, -1, -1}},
                              .lend_limit = {{-1, -1, -1}},
                              .evict = policy->scheduling.evict,
                              .weight = 1};

    for (int32_t i = 0; i < policy->n_teams; i++)
        for (enum model_resource k = 0; k <= MODEL_MEMORY; k++)
            if (policy->teams[i].guarantee.amount[k] >= 0)
                team.guarantee.amount[k] = 0;
    return team;
}

/* Adds those of `names` that the policy does not know; the first is "-". */
static enum sp_status add_teams(struct model_policy *policy,
                                const struct model_names *names, const char *workload,
                                struct sp_arena *arena, struct sp_err *err)
{
    char quoted[80];

    for (int32_t i = 1; i < names->n; i++) {
        size_t n = (size_t)policy->n_teams;

        if (find_team(policy, names->name[i]) != SP_NO_ID)
            continue;
        if (policy->n_teams >= MODEL_JOB_TEAMS_MAX)
            return sp_fail(err, SP_EINPUT,
                           "workload %s: more than %d teams, those of the other "
                           "workloads and of the scenario counted",
                           sp_text_quote(workload, quoted, sizeof quoted),
                           (int)MODEL_JOB_TEAMS_MAX);
        policy->teams =
            sp_arena_grow(arena, policy->teams, n, n + 1, sizeof *policy->teams);
        policy->teams[n] = new_team(policy, names->name[i]);
        policy->n_teams++;
    }
    return SP_OK;
}

static const int32_t *map_teams(const struct model_policy *policy,
                                const struct model_plan *plan, struct sp_arena *arena)
{
    const struct model_names *names = teams_of(plan->jobs);
    int32_t *team_of = sp_arena_array(arena, (size_t)names->n + 1, sizeof *team_of);

    team_of[0] = plan->team;
    for (int32_t i = 1; i < names->n; i++)
        team_of[i] = find_team(policy, names->name[i]);
    return team_of;
}

static const int64_t *map_models(const struct model_policy *policy,
                                 const struct model_jobs *jobs, struct sp_arena *arena)
{
    const struct model_names *names = models_of(jobs);
    int64_t *types_of = sp_arena_array(arena, (size_t)names->n + 1, sizeof *types_of);

    for (int32_t i = 0; i < names->n; i++) {
        types_of[i] = 0;
        for (int32_t t = 0; t < policy->n_types; t++) {
            const char *has = policy->types[t].gpu_model;

            if (has != NULL && model_gpu_names_match(names->name[i], has))
                types_of[i] |= INT64_C(1) << t;
        }
    }
    return types_of;
}

enum sp_status model_jobs_resolve(struct model_scenario *scenario, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    for (int32_t p = 0; p < scenario->n_policies; p++) {
        struct model_policy *policy = &scenario->policies[p];

        for (int32_t w = 0; w < policy->n_plans && status == SP_OK; w++)
            if (policy->plans[w].kind == MODEL_KIND_JOBS)
                status = add_teams(policy, teams_of(policy->plans[w].jobs),
                                   policy->plans[w].workload, scenario->arena, err);
        for (int32_t w = 0; w < policy->n_plans && status == SP_OK; w++) {
            struct model_plan *plan = &policy->plans[w];

            if (plan->kind != MODEL_KIND_JOBS)
                continue;
            plan->jobs->team_of = map_teams(policy, plan, scenario->arena);
            plan->jobs->types_of = map_models(policy, plan->jobs, scenario->arena);
        }
    }
    return status;
}
