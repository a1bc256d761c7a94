/* See losses_random.h. */
#include "tests/losses_random.h"

#include <stdbool.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/availability.h"

enum { SALT = 0x6c6f7373 };

struct maker {
    struct sp_rng rng;
    struct sp_arena *arena;
    int64_t step_ns;
};

static int32_t between(struct maker *m, int32_t low, int32_t high)
{
    return low + (int32_t)(sp_rng_next(&m->rng) % (uint64_t)(high - low + 1));
}

static bool chance(struct maker *m, double p)
{
    return sp_rng_uniform(&m->rng) < p;
}

static double steps_s(struct maker *m, int32_t low, int32_t high)
{
    return between(m, low, high) * sp_s_from_ns(m->step_ns);
}

static struct model_dist some_dist(struct maker *m, int32_t low, int32_t high)
{
    return (struct model_dist){.kind = chance(m, 0.5) ? MODEL_DIST_CONSTANT
                                                      : MODEL_DIST_EXPONENTIAL,
                               .a = steps_s(m, low, high)};
}

static const struct model_availability *some_record(struct maker *m)
{
    struct model_availability *a = sp_arena_alloc(m->arena, sizeof *a);
    int32_t n = between(m, 2, 6);
    int64_t *at = sp_arena_array(m->arena, (size_t)n, sizeof *at), t = 0;
    int32_t *nodes = sp_arena_array(m->arena, (size_t)n, sizeof *nodes);

    *a = (struct model_availability){.n = n, .at_ns = at, .nodes = nodes};
    for (int32_t i = 0; i < n; i++) {
        at[i] = t;
        t += between(m, 3, 40) * m->step_ns;
        do
            nodes[i] = between(m, 0, 6);
        while (i > 0 && nodes[i] == nodes[i - 1]);
        a->most = nodes[i] > a->most ? nodes[i] : a->most;
    }
    a->length_ns = t;
    return a;
}

static void make_losses(struct maker *m, struct model_node_type *t)
{
    struct model_loss *loss = &t->loss;

    loss->notice_ns = chance(m, 0.5) ? 0 : between(m, 1, 6) * m->step_ns;
    loss->taken_back = chance(m, 0.5);
    loss->per_hour = 3600 / steps_s(m, 20, 100);
    if (!t->fixed && chance(m, 0.4)) {
        loss->availability = some_record(m);
        loss->availability_from_ns = between(m, 0, 50) * m->step_ns;
    }
    loss->fails = chance(m, 0.5);
    loss->fail_after_s = some_dist(m, 30, 90);
    loss->repair_s = some_dist(m, 1, 30);
    if (!t->fixed && chance(m, 0.3)) {
        t->launch_max = between(m, 1, 3);
        t->launch_every_ns = between(m, 1, 20) * m->step_ns;
    }
}

void losses_random(struct model_node_type *types, int32_t n, uint64_t seed,
                   int64_t step_ns, struct sp_arena *arena)
{
    struct maker m = {.rng = sp_rng_from_key(sp_mix_keys(seed, SALT)),
                      .arena = arena,
                      .step_ns = step_ns};
    bool grouped = chance(&m, 0.5);

    for (int32_t i = 0; i < n; i++) {
        struct model_node_type *t = &types[i];

        if (chance(&m, 0.8))
            make_losses(&m, t);
        if (!grouped || t->fixed)
            continue;
        t->group = "options";
        t->group_rank = i;
        t->return_after_ns = chance(&m, 0.3) ? -1 : between(&m, 0, 20) * step_ns;
    }
}
