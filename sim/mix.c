/* From plans to targets. */
#include "sim/mix.h"

#include <stdlib.h>

#include "base/status.h"
#include "model/jobs.h"

#define MIX_FRAC      0.95
#define JOBS_OF_CLASS 1000.0

/* Memory-blind: amounts first, then where it may run. */
static int by_needs(const struct sim_target *a, const struct sim_target *b)
{
    if (a->mcpu != b->mcpu)
        return a->mcpu > b->mcpu ? -1 : 1;
    if (a->mgpu != b->mgpu)
        return a->mgpu > b->mgpu ? -1 : 1;
    if (a->allowed_types != b->allowed_types)
        return (uint64_t)a->allowed_types > (uint64_t)b->allowed_types ? -1 : 1;
    return 0;
}

static int needs_order(const void *a, const void *b)
{
    return by_needs(a, b);
}

static int weight_order(const void *a, const void *b)
{
    const struct sim_target *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return by_needs(x, y);
}

static int32_t merge_equal(struct sim_target *t, int32_t n)
{
    int32_t kept = 0;

    qsort(t, (size_t)n, sizeof *t, needs_order);
    for (int32_t i = 0; i < n; i++) {
        if (!(t[i].weight > 0))
            continue;
        if (kept > 0 && by_needs(&t[kept - 1], &t[i]) == 0)
            t[kept - 1].weight += t[i].weight;
        else
            t[kept++] = t[i];
    }
    return kept;
}

struct sim_mix sim_mix_new(struct sp_arena *arena, struct sim_target *targets,
                           int32_t n)
{
    struct sim_target *kept = sp_arena_array(arena, SIM_MIX_MAX, sizeof *kept);
    struct sim_mix mix = {0, kept};
    double all = 0, sum = 0;

    if (n == 0) /* there is no array to sort */
        return mix;
    for (int32_t i = 0; i < n; i++)
        if (targets[i].mgpu == 0)
            targets[i].allowed_types = -1;
    n = merge_equal(targets, n);
    qsort(targets, (size_t)n, sizeof *targets, weight_order);
    for (int32_t i = 0; i < n; i++)
        all += targets[i].weight;
    while (mix.n < n && mix.n < SIM_MIX_MAX && sum < MIX_FRAC * all) {
        kept[mix.n] = targets[mix.n];
        sum += kept[mix.n++].weight;
    }
    return mix;
}

/* ---- plans ---- */

struct list {
    struct sp_arena *arena;
    struct sim_target *rows;
    int32_t n, room;
};

static void add(struct list *l, struct model_amounts needs, int64_t allowed_types,
                double weight)
{
    l->rows = sp_arena_more(l->arena, l->rows, l->n, &l->room, sizeof *l->rows);
    l->rows[l->n++] = (struct sim_target){.mcpu = needs.mcpu,
                                          .mgpu = needs.mgpu,
                                          .allowed_types = allowed_types,
                                          .weight = weight};
}

/* Node types that any of the GPU models allows. */
static int64_t types_of(const struct model_jobs *j, uint64_t models)
{
    int64_t types = 0;

    if (models == 0 || j->types_of == NULL)
        return -1;
    for (int m = 0; m < MODEL_JOB_MODELS_MAX; m++)
        if (models >> m & 1)
            types |= j->types_of[m];
    return types;
}

static void add_members(struct list *l, const struct model_jobs *j,
                        struct model_amounts needs, int64_t types, double weight)
{
    if (needs.mcpu < 0)
        needs.mcpu = j->mcpu_per_gpu * needs.mgpu / 1000;
    add(l, needs, types, weight);
}

/* Most GPUs that a member of a job may have. */
static int64_t member_mgpu(const struct model_policy *policy,
                           const struct model_jobs *j, int64_t types)
{
    int64_t most = 1000 * (int64_t)j->gpus_per_member;

    for (int32_t t = 0; t < policy->n_types && j->gpus_per_member == 0; t++)
        if ((t >= 63 || (types >> t & 1) != 0) && policy->types[t].has.mgpu > most)
            most = policy->types[t].has.mgpu;
    return most > 0 ? most : INT64_MAX;
}

/* Jobs of `members` members; of a total full members and the rest. */
static void add_jobs(struct list *l, const struct model_policy *policy,
                     const struct model_jobs *j, struct model_amounts needs,
                     int32_t members, uint64_t models, double jobs)
{
    int64_t types = types_of(j, models), most = member_mgpu(policy, j, types);

    if (members > 0 || needs.mgpu <= most) {
        add_members(l, j, needs, types, jobs * (members > 0 ? members : 1));
    } else {
        int64_t full = needs.mgpu / most, rest = needs.mgpu % most;
        double of_full = (double)most / (double)needs.mgpu;
        struct model_amounts a = {needs.mcpu, most, 0};

        if (needs.mcpu > 0)
            a.mcpu = (int64_t)((double)needs.mcpu * of_full);
        add_members(l, j, a, types, jobs * (double)full);
        a.mgpu = rest;
        if (needs.mcpu > 0)
            a.mcpu = needs.mcpu - full * a.mcpu;
        if (rest > 0)
            add_members(l, j, a, types, jobs);
    }
}

static void add_plan_of_jobs(struct list *l, const struct model_policy *policy,
                             const struct model_jobs *j)
{
    double shares = 0;

    for (int32_t i = 0; i < j->n_classes; i++)
        shares += j->classes[i].share;
    for (int32_t i = 0; i < j->n_classes; i++) {
        const struct model_job_class *c = &j->classes[i];

        add_jobs(l, policy, j, c->needs, c->members, c->models,
                 c->share / shares * JOBS_OF_CLASS);
    }
    for (int32_t i = 0; i < j->summary.n_shapes && j->n_classes == 0; i++) {
        const struct model_job_shape *s = &j->summary.shapes[i];

        add_jobs(l, policy, j, s->needs, s->members, s->models, (double)s->jobs);
    }
}

static int32_t units_of(const struct model_unit *u)
{
    int32_t n = u->count_kind == MODEL_COUNT_AUTOSCALED ? u->autoscale.min : u->count;

    return n > 0 ? n : 1;
}

struct sim_mix sim_mix_of_policy(struct sp_arena *arena,
                                 const struct model_policy *policy)
{
    struct list l = {.arena = arena};

    for (int32_t p = 0; p < policy->n_plans; p++) {
        const struct model_plan *plan = &policy->plans[p];

        if (plan->jobs != NULL)
            add_plan_of_jobs(&l, policy, plan->jobs);
        for (int32_t u = 0; u < plan->n_units && plan->jobs == NULL; u++)
            add(&l, model_unit_needs(plan, &plan->units[u]),
                plan->units[u].allowed_types, units_of(&plan->units[u]));
    }
    return sim_mix_new(arena, l.rows, l.n);
}
