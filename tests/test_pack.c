/* Packing against trying every fleet and every way to fill it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "plan/pack.h"
#include "plan/pack_nodes.h"

enum { N_RANDOM = 400, TYPES = 2, KINDS = 3, NODES = 4, DEVICES = 2 };

/* ---- one node after another, one unit after another, every choice ---- */

struct room {
    int32_t type;
    int64_t mcpu, memory, device[DEVICES];
    int32_t n_devices;
};

struct naive {
    const struct plan_kind *kinds;
    int32_t n_kinds, n_nodes;
    struct room nodes[TYPES * NODES];
};

static bool place_all(struct naive *n, const int32_t *units);

/* The unit on this node, on every choice of devices; then the rest. */
static bool place_on(struct naive *n, int32_t k, int32_t at, const int32_t *units)
{
    struct room *r = &n->nodes[at], had = *r;
    const struct plan_kind *kind = &n->kinds[k];
    int64_t whole = kind->needs.mgpu / 1000;

    if ((kind->allowed_types >> r->type & 1) == 0 || r->mcpu < kind->needs.mcpu ||
        (r->memory >= 0 && r->memory < kind->needs.memory_bytes))
        return false;
    r->mcpu -= kind->needs.mcpu;
    r->memory -= r->memory >= 0 ? kind->needs.memory_bytes : 0;
    if (kind->needs.mgpu > 0 && kind->needs.mgpu < 1000) {
        for (int32_t d = 0; d < r->n_devices; d++)
            if (r->device[d] >= kind->needs.mgpu) {
                r->device[d] -= kind->needs.mgpu;
                if (place_all(n, units))
                    return true;
                r->device[d] += kind->needs.mgpu;
            }
        *r = had;
        return false;
    }
    for (int32_t d = 0; d < r->n_devices && whole > 0; d++)
        if (r->device[d] == 1000) {
            r->device[d] = 0;
            whole--;
        }
    if (whole == 0 && place_all(n, units))
        return true;
    *r = had;
    return false;
}

static bool place_all(struct naive *n, const int32_t *units)
{
    int32_t left[KINDS], k = 0;

    memcpy(left, units, sizeof left);
    while (k < n->n_kinds && left[k] == 0)
        k++;
    if (k == n->n_kinds)
        return true;
    left[k]--;
    for (int32_t at = 0; at < n->n_nodes; at++)
        if (place_on(n, k, at, left))
            return true;
    return false;
}

/* ---- cases ---- */

struct packing_case {
    struct model_node_type types[TYPES];
    int32_t n_types, n_kinds;
    int32_t least[TYPES], most[TYPES], units[KINDS];
    struct plan_kind kinds[KINDS];
};

static int32_t pick(struct sp_rng *rng, int32_t low, int32_t high)
{
    return low + (int32_t)(sp_rng_next(rng) % (uint64_t)(high - low + 1));
}

static struct packing_case case_random(uint64_t seed)
{
    struct sp_rng rng = sp_rng_from_key(seed);
    struct packing_case c = {.n_types = pick(&rng, 1, TYPES),
                             .n_kinds = pick(&rng, 1, KINDS)};

    for (int32_t t = 0; t < c.n_types; t++) {
        c.types[t] = (struct model_node_type){
            .name = "type",
            .uusd_per_h = 1000000 * pick(&rng, 1, 9),
            .has = {.mcpu = 1000 * pick(&rng, 1, 6),
                    .mgpu = 1000 * pick(&rng, 0, DEVICES),
                    .memory_bytes = pick(&rng, 0, 1) == 0 ? -1 : pick(&rng, 4, 12)}};
        c.least[t] = pick(&rng, 0, 4) == 0;
        c.most[t] = pick(&rng, 1, NODES);
    }
    for (int32_t k = 0; k < c.n_kinds; k++) {
        static const int64_t mgpu[] = {0, 0, 0, 300, 400, 500, 600, 1000, 2000};

        c.kinds[k] = (struct plan_kind){
            .needs = {.mcpu = 500 * pick(&rng, 0, 6),
                      .mgpu = mgpu[pick(&rng, 0, 8)],
                      .memory_bytes = pick(&rng, 0, 5)},
            .allowed_types =
                pick(&rng, 0, 3) == 0 ? (uint64_t)pick(&rng, 1, 3) : UINT64_MAX};
        c.units[k] = pick(&rng, 0, 4);
    }
    return c;
}

static bool holds(const struct packing_case *c, const int32_t *nodes)
{
    struct naive n = {.kinds = c->kinds, .n_kinds = c->n_kinds};

    for (int32_t t = 0; t < c->n_types; t++)
        for (int32_t i = 0; i < nodes[t]; i++) {
            const struct model_amounts *has = &c->types[t].has;

            n.nodes[n.n_nodes++] =
                (struct room){.type = t,
                              .mcpu = has->mcpu,
                              .memory = has->memory_bytes,
                              .device = {1000, 1000},
                              .n_devices = (int32_t)(has->mgpu / 1000)};
        }
    return place_all(&n, c->units);
}

static double usd_of(const struct packing_case *c, const int32_t *nodes)
{
    double usd = 0;

    for (int32_t t = 0; t < c->n_types; t++)
        usd += nodes[t] * (double)c->types[t].uusd_per_h / 1e6;
    return usd;
}

/* As the cluster places them: first fit, by size. */
static bool holds_placed(const struct packing_case *c, const int32_t *nodes)
{
    struct sp_arena *arena = sp_arena_new();
    bool all = plan_filled_add_all(
        plan_filled_new(arena, c->types, c->n_types, nodes, c->kinds, c->n_kinds),
        c->units);

    sp_arena_free(arena);
    return all;
}

/* INFINITY: none of the fleets allowed holds them. */
static double least_of_all(const struct packing_case *c,
                           bool (*hold)(const struct packing_case *c,
                                        const int32_t *nodes))
{
    int32_t nodes[TYPES] = {0};
    double least = INFINITY;

    for (nodes[0] = c->least[0]; nodes[0] <= c->most[0]; nodes[0]++)
        for (nodes[1] = c->least[1]; nodes[1] <= c->most[1]; nodes[1]++)
            if (usd_of(c, nodes) < least && hold(c, nodes))
                least = usd_of(c, nodes);
    return least;
}

static void packs_on_the_cheapest_nodes_that_hold_them(void **state)
{
    int32_t fits = 0, dearer = 0, missed = 0, worse = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= N_RANDOM; seed++) {
        struct sp_arena *arena = sp_arena_new();
        const struct packing_case c = case_random(seed);
        const double least = least_of_all(&c, holds);
        const double least_placed = least_of_all(&c, holds_placed);
        struct plan_packed p;

        plan_pack(c.types, c.n_types, c.least, c.most, c.kinds, c.units, c.n_kinds,
                  arena, &p);
        if (p.bound_usd_per_h > least)
            fail_msg("seed %d: bound %g is above %g", (int)seed, p.bound_usd_per_h,
                     least);
        if (p.fits) {
            assert_true(holds(&c, p.nodes));
            assert_true(fabs(p.usd_per_h - usd_of(&c, p.nodes)) < 1e-9);
            assert_true(p.usd_per_h >= least - 1e-9);
            for (int32_t t = 0; t < c.n_types; t++)
                assert_in_range(p.nodes[t], c.least[t], c.most[t]);
        }
        fits += isfinite(least_placed);
        dearer += p.fits && p.usd_per_h > least_placed + 1e-9;
        missed += !p.fits && isfinite(least_placed);
        worse += least_placed > least;
        sp_arena_free(arena);
    }
    /* First fit itself is not always the best; of the fleets that it can use the
     * cheapest is found, but for one in a hundred. */
    assert_true(fits > N_RANDOM / 4 && worse * 20 < fits);
    assert_true(dearer * 100 <= fits && missed * 100 <= fits);
}

/* All have room as the cluster places them; a kind alone fills every node. */
static void fills_up_to_what_has_room(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_RANDOM; seed++) {
        struct packing_case c = case_random(seed);
        const double weight[KINDS] = {1, 2, 1};
        struct sp_arena *arena = sp_arena_new();
        struct plan_filled *f;

        for (int32_t k = 0; k < c.n_kinds; k++) {
            c.units[k] = 0; /* units that need nothing would never end */
            c.kinds[k].needs.mcpu += 500;
        }
        plan_pack_fill(c.types, c.n_types, c.most, c.kinds, weight, c.n_kinds, c.units);
        f = plan_filled_new(arena, c.types, c.n_types, c.most, c.kinds, c.n_kinds);
        assert_true(plan_filled_add_all(f, c.units));
        for (int32_t k = 0; k < c.n_kinds; k++) {
            int32_t alone = 0;

            for (int32_t t = 0; t < c.n_types; t++)
                alone += c.most[t] * plan_pack_alone(&c.types[t], t, &c.kinds[k]);
            assert_in_range(c.units[k], 0, alone);
            assert_true(c.n_kinds > 1 || c.units[k] == alone);
        }
        sp_arena_free(arena);
    }
}

/* The seed's example: 32 GPUs and 2048 CPUs. */
static void practical_example_is_4_and_28(void **state)
{
    const struct model_node_type types[] = {
        {.name = "gpu", .uusd_per_h = 32000000, .has = {64000, 8000, -1}},
        {.name = "cpu", .uusd_per_h = 4000000, .has = {64000, 0, -1}}};
    const struct plan_kind kinds[] = {{{1000, 0, 0}, UINT64_MAX},
                                      {{0, 1000, 0}, UINT64_MAX}};
    const int32_t least[] = {0, 0}, most[] = {1000, 1000}, units[] = {2048, 32};
    struct sp_arena *arena = sp_arena_new();
    struct plan_packed p;

    (void)state;
    plan_pack(types, 2, least, most, kinds, units, 2, arena, &p);
    assert_true(p.fits && p.nodes[0] == 4 && p.nodes[1] == 28);
    assert_true(p.usd_per_h == 240 && p.bound_usd_per_h <= 240 &&
                p.bound_usd_per_h > 239.99);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_on_the_cheapest_nodes_that_hold_them),
        cmocka_unit_test(fills_up_to_what_has_room),
        cmocka_unit_test(practical_example_is_4_and_28),
    };

    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
