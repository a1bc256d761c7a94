#include "plan/candidate.h"

#include <string.h>

#include "base/hash.h"

static const struct plan_shape *shape_of(const struct plan_evaluate_options *o,
                                         const struct plan_candidate *c)
{
    return c->shape == SP_NO_ID ? NULL : &o->shapes[c->shape];
}

int32_t plan_candidate_policy(const struct plan_evaluate_options *o,
                              const struct plan_candidate *c)
{
    const struct plan_shape *shape = shape_of(o, c);

    return shape != NULL ? shape->policy : c->policy;
}

static void fix_nodes(struct model_policy *policy, const int32_t *nodes,
                      struct sp_arena *arena)
{
    struct model_node_type *types =
        sp_arena_array(arena, (size_t)policy->n_types, sizeof *types);

    memcpy(types, policy->types, (size_t)policy->n_types * sizeof *types);
    for (int32_t t = 0; t < policy->n_types; t++) {
        if (types[t].listed)
            continue;
        if (types[t].kind == MODEL_OPTION_SPOT) { /* held, and replaced when lost */
            types[t].fixed = false;
            types[t].min = types[t].max = nodes[t];
            continue;
        }
        types[t].fixed = true;
        types[t].min = types[t].max = types[t].count = nodes[t];
    }
    policy->types = types;
}

/* The workloads as the shape bundles them, with rows of units of their own. */
static void set_units(struct model_policy *policy, const struct plan_shape *shape,
                      const int32_t *units, struct sp_arena *arena)
{
    struct model_plan *plans =
        sp_arena_array(arena, (size_t)policy->n_plans, sizeof *plans);

    memcpy(plans, shape->plans, (size_t)policy->n_plans * sizeof *plans);
    for (int32_t w = 0; w < policy->n_plans; w++) {
        size_t n = (size_t)plans[w].n_units;
        struct model_unit *own = sp_arena_array(arena, n + 1, sizeof *own);

        if (n > 0)
            memcpy(own, plans[w].units, n * sizeof *own);
        plans[w].units = own;
    }
    for (int32_t i = 0; i < shape->n_pools; i++) {
        struct model_unit *u = &plans[shape->pools[i].plan].units[shape->pools[i].unit];

        u->count_kind = MODEL_COUNT_GIVEN;
        u->count = units[i];
    }
    policy->plans = plans;
}

struct model_scenario *plan_candidate_scenario(const struct plan_evaluate_options *o,
                                               const struct plan_candidate *c,
                                               const char *name, struct sp_arena *arena)
{
    struct model_scenario *sc = sp_arena_alloc(arena, sizeof *sc);
    struct model_policy *policy = sp_arena_alloc(arena, sizeof *policy);

    *sc = *o->scenario;
    *policy = sc->policies[plan_candidate_policy(o, c)];
    policy->name = name;
    sc->n_policies = 1;
    sc->policies = policy;
    sc->baseline = 0;
    if (c->shape == SP_NO_ID)
        return sc;
    fix_nodes(policy, c->nodes, arena);
    set_units(policy, shape_of(o, c), c->units, arena);
    return sc;
}

/* ---- the same and not ---- */

static int32_t n_units(const struct plan_evaluate_options *o,
                       const struct plan_candidate *c)
{
    return c->shape == SP_NO_ID ? 0 : o->shapes[c->shape].n_pools;
}

static int32_t n_nodes(const struct plan_evaluate_options *o,
                       const struct plan_candidate *c)
{
    return c->shape == SP_NO_ID
               ? 0
               : o->scenario->policies[o->shapes[c->shape].policy].n_types;
}

uint64_t plan_candidate_key(const struct plan_evaluate_options *o,
                            const struct plan_candidate *c)
{
    uint64_t key[3] = {(uint64_t)(uint32_t)c->shape << 32 |
                       (uint32_t)(c->shape == SP_NO_ID ? c->policy : 0)};

    if (n_units(o, c) > 0)
        key[1] = sp_hash64(c->units, (size_t)n_units(o, c) * sizeof *c->units);
    if (n_nodes(o, c) > 0)
        key[2] = sp_hash64(c->nodes, (size_t)n_nodes(o, c) * sizeof *c->nodes);
    return sp_hash64(key, sizeof key);
}

static bool equal(const int32_t *a, const int32_t *b, int32_t n)
{
    return n == 0 || memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

bool plan_candidate_equal(const struct plan_evaluate_options *o,
                          const struct plan_candidate *a,
                          const struct plan_candidate *b)
{
    if (a->shape != b->shape)
        return false;
    if (a->shape == SP_NO_ID)
        return a->policy == b->policy;
    return equal(a->units, b->units, n_units(o, a)) &&
           equal(a->nodes, b->nodes, n_nodes(o, a));
}

static const int32_t *copy(const int32_t *of, int32_t n, struct sp_arena *arena)
{
    int32_t *own = sp_arena_array(arena, (size_t)n + 1, sizeof *own);

    if (n > 0)
        memcpy(own, of, (size_t)n * sizeof *own);
    return own;
}

struct plan_candidate plan_candidate_copy(const struct plan_evaluate_options *o,
                                          const struct plan_candidate *c,
                                          struct sp_arena *arena)
{
    struct plan_candidate own = *c;

    own.units = copy(c->units, n_units(o, c), arena);
    own.nodes = copy(c->nodes, n_nodes(o, c), arena);
    if (c->shape != SP_NO_ID)
        own.policy = o->shapes[c->shape].policy;
    return own;
}
