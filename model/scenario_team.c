/* Teams, their quotas, and how what waits is scheduled. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/scenario_parts.h"

#define PRIORITY_MAX 1e9 /* as in Kubernetes */

/* ---- names ---- */

static void add_team(struct model_reader *r, const char *name)
{
    r->teams = sp_arena_grow(r->arena, r->teams, (size_t)r->n_teams,
                             (size_t)r->n_teams + 1, sizeof *r->teams);
    r->teams[r->n_teams++] = name;
}

enum sp_status model_team_id(struct model_reader *r, const struct model_yaml_node *node,
                             int32_t *id)
{
    const char *name = NULL;

    if (model_read_name(r, node, "team", &name) != SP_OK)
        return SP_EINPUT;
    if (r->n_teams == 0)
        add_team(r, "-");
    *id = model_read_find(name, r->teams, r->n_teams);
    if (*id != SP_NO_ID)
        return SP_OK;
    if (r->n_teams == MODEL_JOB_TEAMS_MAX)
        return model_read_fail(r, node, "more than %d teams", (int)MODEL_JOB_TEAMS_MAX);
    *id = r->n_teams;
    add_team(r, name);
    return SP_OK;
}

/* ---- whose a workload is ---- */

enum sp_status model_owner_read(struct model_reader *r,
                                const struct model_yaml_node *workload,
                                const struct model_yaml_node *over,
                                struct model_plan *plan)
{
    static const struct model_key keys[] = {
        {.name = "priority",
         .kind = MODEL_KEY_COUNT32,
         .offset = offsetof(struct model_plan, priority),
         .min = -PRIORITY_MAX,
         .max = PRIORITY_MAX,
         .help = "the highest first"},
        {.name = "preemptible",
         .kind = MODEL_KEY_BOOL,
         .offset = offsetof(struct model_plan, preemptible),
         .help = "may be taken for others"},
        {.name = NULL},
    };
    const struct model_yaml_node *maps[] = {workload, over};

    for (int i = 0; i < 2; i++) {
        const struct model_yaml_node *team;

        if (maps[i] == NULL)
            continue;
        team = model_yaml_get(maps[i], "team");
        if (team != NULL && model_team_id(r, team, &plan->team) != SP_OK)
            return SP_EINPUT;
        for (const struct model_key *key = keys; key->name != NULL; key++) {
            const struct model_yaml_node *node = model_yaml_get(maps[i], key->name);

            if (node != NULL &&
                model_key_parse(r, node, key, (char *)plan + key->offset) != SP_OK)
                return SP_EINPUT;
        }
    }
    return SP_OK;
}

/* ---- quotas ---- */

#define AT(field) offsetof(struct model_quota, field)

static const struct model_key quota_keys[] = {
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(amount[MODEL_GPU]),
     .help = "GPUs"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(amount[MODEL_CPU]),
     .help = "CPUs"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(amount[MODEL_MEMORY]),
     .help = "bytes"},
    {.name = NULL},
};

static const struct model_quota no_limit = {{-1, -1, -1}};

/* A map of amounts, or one word for all three. */
static enum sp_status read_limit(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 struct model_quota *quota)
{
    const char *what = node->key->text;
    char quoted[80];

    *quota = no_limit;
    if (node->kind == MODEL_YAML_MAP)
        return model_keys_read(r, node, what, quota_keys, quota);
    if (model_read_kind(r, node, MODEL_YAML_SCALAR, what) != SP_OK)
        return SP_EINPUT;
    if (strcmp(node->text, "unlimited") == 0)
        return SP_OK;
    if (strcmp(node->text, "0") == 0) {
        *quota = (struct model_quota){{0, 0, 0}};
        return SP_OK;
    }
    return model_read_fail(r, node,
                           "%s: found %s, expected 0, unlimited, or amounts such as "
                           "{ gpu: 8 }",
                           what, sp_text_quote(node->text, quoted, sizeof quoted));
}

static enum sp_status read_guarantee(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    struct model_team *team = record;

    return model_keys_read(r, node, "guarantee", quota_keys, &team->guarantee);
}

static enum sp_status read_borrow_limit(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    return read_limit(r, node, &((struct model_team *)record)->borrow_limit);
}

static enum sp_status read_lend_limit(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    return read_limit(r, node, &((struct model_team *)record)->lend_limit);
}

/* One of the words of evict; `any` where it may be. */
static enum sp_status read_evict(struct model_reader *r,
                                 const struct model_yaml_node *node, bool any,
                                 enum model_evict *evict)
{
    const struct model_key key = {
        .name = node->key->text, .kind = MODEL_KEY_WORD, .words = model_evict_words};
    const char *word = NULL;

    if (model_key_parse(r, node, &key, &word) != SP_OK)
        return SP_EINPUT;
    *evict = (enum model_evict)model_word_index(model_evict_words, word);
    if (*evict == MODEL_EVICT_ANY && !any)
        return model_read_fail(r, node,
                               "%s: found 'any', expected never or "
                               "lower-priority",
                               key.name);
    return SP_OK;
}

static enum sp_status read_reclaim(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    return read_evict(r, node, true, &((struct model_team *)record)->reclaim);
}

static enum sp_status read_team_preemption(struct model_reader *r,
                                           const struct model_yaml_node *node,
                                           void *record)
{
    return read_evict(r, node, false, &((struct model_team *)record)->evict);
}

/* It neither borrows nor lends: a cluster of its own. */
static enum sp_status read_static(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    const struct model_key key = {.name = "static", .kind = MODEL_KEY_BOOL};
    struct model_team *team = record;
    bool is_static = false;

    if (model_key_parse(r, node, &key, &is_static) != SP_OK)
        return SP_EINPUT;
    if (is_static)
        team->borrow_limit = team->lend_limit = (struct model_quota){{0, 0, 0}};
    return SP_OK;
}

#undef AT
#define AT(field) offsetof(struct model_team, field)

/* Kueue's names are other names. */
static const struct model_key team_keys[] = {
    {.name = "guarantee",
     .also = "nominal_quota",
     .kind = MODEL_KEY_READ,
     .read = read_guarantee,
     .help = "its own amounts"},
    {.name = "borrow_limit",
     .also = "borrowing_limit",
     .kind = MODEL_KEY_READ,
     .read = read_borrow_limit,
     .help = "beyond the guarantee"},
    {.name = "lend_limit",
     .also = "lending_limit",
     .kind = MODEL_KEY_READ,
     .read = read_lend_limit,
     .help = "of the guarantee, to others"},
    {.name = "static",
     .kind = MODEL_KEY_READ,
     .read = read_static,
     .help = "neither borrows nor lends"},
    {.name = "reclaim",
     .also = "reclaim_within_cohort",
     .kind = MODEL_KEY_READ,
     .read = read_reclaim,
     .help = "whose units, of those who borrow"},
    {.name = "preemption",
     .also = "within_cluster_queue",
     .kind = MODEL_KEY_READ,
     .read = read_team_preemption,
     .help = "within the team"},
    {.name = "weight",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(weight),
     .min = 0.001,
     .max = 1e6,
     .help = "of its fair share"},
    {.name = "priority",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(priority),
     .min = -PRIORITY_MAX,
     .max = PRIORITY_MAX,
     .help = "added to that of its work"},
    {.name = NULL},
};

static enum sp_status check_static(struct model_reader *r,
                                   const struct model_yaml_node *map)
{
    static const char *const limits[] = {"borrow_limit", "borrowing_limit",
                                         "lend_limit", "lending_limit"};
    const struct model_yaml_node *node = model_yaml_get(map, "static");

    for (size_t i = 0; node != NULL && i < sizeof limits / sizeof limits[0]; i++)
        if (model_yaml_get(map, limits[i]) != NULL)
            return model_read_fail(r, model_yaml_get(map, limits[i])->key,
                                   "'%s' does not go with 'static', which is that "
                                   "limit at 0",
                                   limits[i]);
    return SP_OK;
}

/* A team without entry has no guarantee of what any team has one of. */
static void guarantee_nothing(struct model_policy *policy,
                              const struct model_yaml_node *map)
{
    bool limited[MODEL_RESOURCES] = {false};

    for (int32_t i = 0; i < policy->n_teams; i++)
        for (enum model_resource k = 0; k <= MODEL_MEMORY; k++)
            limited[k] |= policy->teams[i].guarantee.amount[k] >= 0;
    for (int32_t i = 0; i < policy->n_teams; i++)
        for (enum model_resource k = 0; k <= MODEL_MEMORY; k++)
            if (limited[k] && model_yaml_get(map, policy->teams[i].name) == NULL)
                policy->teams[i].guarantee.amount[k] = 0;
}

static void start_teams(const struct model_reader *r, struct model_policy *policy)
{
    policy->n_teams = r->n_teams;
    policy->teams = sp_arena_array(r->arena, (size_t)r->n_teams, sizeof *policy->teams);
    for (int32_t i = 0; i < r->n_teams; i++)
        policy->teams[i] = (struct model_team){.name = r->teams[i],
                                               .guarantee = no_limit,
                                               .borrow_limit = no_limit,
                                               .lend_limit = no_limit,
                                               .evict = policy->scheduling.evict,
                                               .weight = 1};
}

static enum sp_status read_teams(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 struct model_policy *policy)
{
    start_teams(r, policy);
    if (map == NULL)
        return SP_OK;
    policy->has_teams = true;
    for (int32_t i = 0; i < map->n; i++) {
        int32_t id = 0;

        if (model_team_id(r, map->keys[i], &id) != SP_OK ||
            model_keys_read(r, map->items[i], "a team", team_keys,
                            &policy->teams[id]) != SP_OK ||
            check_static(r, map->items[i]) != SP_OK)
            return SP_EINPUT;
    }
    guarantee_nothing(policy, map);
    return SP_OK;
}

/* ---- scheduling ---- */

#undef AT
#define AT(field) offsetof(struct model_scheduling, field)

static enum sp_status read_preemption(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    return read_evict(r, node, false, &((struct model_scheduling *)record)->evict);
}

static const struct model_key scheduling_keys[] = {
    {.name = "order",
     .kind = MODEL_KEY_WORD,
     .offset = AT(order),
     .words = model_queue_words,
     .help = "which goes first"},
    {.name = "passing",
     .kind = MODEL_KEY_WORD,
     .offset = AT(passing),
     .words = model_passing_words,
     .help = "what may pass what can't start"},
    {.name = "preemption",
     .kind = MODEL_KEY_READ,
     .read = read_preemption,
     .help = "never or lower-priority"},
    {.name = "depth",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(depth),
     .min = 1,
     .max = 1e6,
     .unless = MODEL_PASSING_DEPTH_DEFAULT,
     .help = "of those waiting, how many are planned"},
    {.name = NULL},
};

static enum sp_status read_scheduling(struct model_reader *r,
                                      const struct model_yaml_node *node, bool plain,
                                      struct model_policy *policy)
{
    static const struct model_yaml_node nothing = {.kind = MODEL_YAML_MAP, .text = ""};
    const struct model_yaml_node *depth;

    policy->scheduling = (struct model_scheduling){
        .order = plain ? MODEL_QUEUE_PLAIN_DEFAULT : MODEL_QUEUE_DEFAULT,
        .passing = MODEL_PASSING_DEFAULT};
    if (model_keys_read(r, node != NULL ? node : &nothing, "scheduling",
                        scheduling_keys, &policy->scheduling) != SP_OK)
        return SP_EINPUT;
    depth = node != NULL ? model_yaml_get(node, "depth") : NULL;
    if (depth != NULL && strcmp(policy->scheduling.passing, "conservative") != 0)
        return model_read_fail(r, depth->key,
                               "'depth' goes with passing: conservative, found %s",
                               policy->scheduling.passing);
    return SP_OK;
}

/* What is reserved for the head of a queue knows nothing of quotas. */
static enum sp_status check_passing(struct model_reader *r,
                                    const struct model_yaml_node *scheduling,
                                    const struct model_policy *policy)
{
    const char *passing = policy->scheduling.passing;
    bool limited = false;

    for (int32_t i = 0; i < policy->n_teams; i++)
        for (enum model_resource k = 0; k <= MODEL_MEMORY; k++)
            limited |= policy->teams[i].guarantee.amount[k] >= 0;
    if (!limited || strcmp(passing, "strict") == 0 || strcmp(passing, "skip") == 0)
        return SP_OK;
    return model_read_fail(r, model_yaml_get(scheduling, "passing"),
                           "passing: %s does not go with guarantees of teams, expected "
                           "strict or skip",
                           passing);
}

/* Whether nothing of the scenario has jobs, teams or priorities. */
static bool is_plain(const struct model_reader *r)
{
    const struct model_scenario *s = r->scenario;

    for (int32_t p = 0; p < s->n_policies; p++)
        for (int32_t w = 0; w < s->policies[p].n_plans; w++)
            if (s->policies[p].plans[w].priority != 0)
                return false;
    return !r->has_jobs && r->n_teams == 1;
}

/* The names first, so that a team has the same id in every policy. */
static enum sp_status find_names(struct model_reader *r,
                                 const struct model_yaml_node *policies)
{
    if (r->n_teams == 0)
        add_team(r, "-");
    for (int32_t p = 0; p < policies->n; p++) {
        const struct model_yaml_node *teams =
            model_yaml_get(policies->items[p], "teams");
        int32_t id = 0;

        if (teams == NULL)
            continue;
        if (model_read_kind(r, teams, MODEL_YAML_MAP, "teams") != SP_OK)
            return SP_EINPUT;
        if (teams->n == 0)
            return model_read_fail(r, model_read_owner(teams),
                                   "teams: found none, expected one or more");
        for (int32_t i = 0; i < teams->n; i++)
            if (model_team_id(r, teams->keys[i], &id) != SP_OK)
                return SP_EINPUT;
    }
    return SP_OK;
}

enum sp_status model_teams_read(struct model_reader *r,
                                const struct model_yaml_node *policies)
{
    bool plain;

    if (find_names(r, policies) != SP_OK)
        return SP_EINPUT;
    plain = is_plain(r);
    for (int32_t p = 0; p < policies->n; p++) {
        const struct model_yaml_node *map = policies->items[p];
        struct model_policy *policy = &r->scenario->policies[p];

        if (read_scheduling(r, model_yaml_get(map, "scheduling"), plain, policy) !=
                SP_OK ||
            read_teams(r, model_yaml_get(map, "teams"), policy) != SP_OK ||
            check_passing(r, model_yaml_get(map, "scheduling"), policy) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}
