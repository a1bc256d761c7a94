/* sim/nodes.h: every strategy finds what a scan of all nodes finds, on the same
 * devices, however members and nodes come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "naive_nodes.h"
#include "sim/placement.h"
#include "sim/ranking.h"

enum {
    TYPES = 4,
    NODES = 40,
    SHAPES = 9,
    STEPS = 400,
    MEMBERS = 4000,
    STRATEGIES = 10
};

static int32_t pick(struct sp_rng *r, int32_t n)
{
    return (int32_t)(sp_rng_uniform(r) * n);
}

/* ---- random clusters ---- */

struct pair {
    struct sp_rng r;
    struct sp_arena *arena;
    struct model_policy policy;
    struct sim_mix mix;
    struct sim_nodes *ns;
    struct naive_nodes naive;
    struct naive_member shapes[SHAPES];
    int32_t shape[SHAPES];
    struct {
        struct sim_hold hold;
        int32_t shape;
    } members[MEMBERS];
    int32_t n_members, on[NODES];
    int32_t found, none;
};

/* Few different amounts, so that many nodes are alike. */
static struct model_amounts random_amounts(struct sp_rng *r)
{
    static const int64_t mgpu[] = {0, 100, 250, 500, 700, 1000, 2000, 4000};

    return (struct model_amounts){1000 * pick(r, 9), mgpu[pick(r, 8)],
                                  pick(r, 3) == 0 ? pick(r, 5) : 0};
}

static void random_fleet(struct pair *p)
{
    struct model_policy *policy = &p->policy;

    policy->n_types = 1 + pick(&p->r, TYPES);
    policy->types =
        sp_arena_array(p->arena, (size_t)policy->n_types, sizeof *policy->types);
    for (int32_t t = 0; t < policy->n_types; t++)
        policy->types[t].has =
            (struct model_amounts){8000 + 8000 * pick(&p->r, 3), 2000 * pick(&p->r, 5),
                                   pick(&p->r, 2) == 0 ? -1 : 8};
    policy->n_nodes = pick(&p->r, NODES / 2);
    policy->nodes = sp_arena_array(p->arena, NODES, sizeof *policy->nodes);
    for (int32_t i = 0; i < policy->n_nodes; i++)
        policy->nodes[i] = (struct model_node){"n", pick(&p->r, policy->n_types),
                                               pick(&p->r, 2) == 0 ? i * 7 % 31 : -1};
}

static void random_mix(struct pair *p)
{
    struct sim_target targets[2 * SHAPES];
    int32_t n = 1 + pick(&p->r, 2 * SHAPES);

    for (int32_t i = 0; i < n; i++) {
        struct model_amounts a = random_amounts(&p->r);

        targets[i] = (struct sim_target){a.mcpu, a.mgpu, pick(&p->r, 3) == 0 ? 5 : -1,
                                         1 + pick(&p->r, 100)};
    }
    p->mix = sim_mix_new(p->arena, targets, n);
}

static void add_node(struct pair *p, int32_t type)
{
    int32_t id = sim_nodes_add(p->ns, type);

    assert_true(id < NODES);
    naive_nodes_add(&p->naive, id, type);
    p->on[id] = 0;
}

static void pair_init(struct pair *p, const char *placement, uint64_t seed)
{
    *p = (struct pair){.r = sp_rng_from_key(seed), .arena = sp_arena_new()};
    random_fleet(p);
    random_mix(p);
    p->policy.placement = placement;
    p->ns = sim_nodes_new(p->arena, &p->policy, &p->mix, seed);
    p->naive = naive_nodes_new(p->arena, &p->policy, &p->mix, seed, NODES);
    for (int32_t i = 0; i < p->policy.n_nodes; i++)
        add_node(p, p->policy.nodes[i].type);
    for (int32_t i = 0; i < SHAPES; i++) {
        p->shapes[i].needs = random_amounts(&p->r);
        p->shapes[i].allowed_types = pick(&p->r, 3) == 0 ? 5 : -1;
        p->shape[i] =
            sim_nodes_shape(p->ns, &p->shapes[i].needs, p->shapes[i].allowed_types);
    }
}

/* ---- what happens ---- */

static void place(struct pair *p, uint64_t draw)
{
    int32_t k = pick(&p->r, SHAPES);
    int32_t want =
        p->naive.n == 0 ? SP_NO_ID : naive_nodes_find(&p->naive, &p->shapes[k], draw);
    struct sim_hold expected, hold;

    assert_int_equal(sim_nodes_find(p->ns, p->shape[k], draw), want);
    p->none += want == SP_NO_ID;
    if (want == SP_NO_ID || p->n_members == MEMBERS)
        return;
    expected = naive_nodes_take(&p->naive, want, &p->shapes[k]);
    hold = sim_nodes_take(p->ns, want, p->shape[k]);
    assert_int_equal(hold.node, want);
    assert_int_equal(hold.device, expected.device);
    assert_true(hold.whole == expected.whole);
    p->members[p->n_members].hold = hold;
    p->members[p->n_members++].shape = k;
    p->on[want]++;
    p->found++;
}

static void give(struct pair *p, int32_t i)
{
    struct sim_hold h = p->members[i].hold;
    int32_t k = p->members[i].shape;

    sim_nodes_give(p->ns, &h, p->shape[k]);
    naive_nodes_give(&p->naive, &h, &p->shapes[k]);
    p->on[h.node]--;
    p->members[i] = p->members[--p->n_members];
}

/* Gone for a moment and back on the same devices. */
static void give_and_retake(struct pair *p, int32_t i)
{
    struct sim_hold h = p->members[i].hold;
    int32_t k = p->shape[p->members[i].shape];

    sim_nodes_give(p->ns, &h, k);
    sim_nodes_find(p->ns, k, 0);
    sim_nodes_retake(p->ns, &h, k);
}

static void change_node(struct pair *p)
{
    int32_t id = p->naive.n > 0 ? pick(&p->r, p->naive.n) : 0;
    struct naive_node *n = &p->naive.nodes[id];

    if (p->naive.n < NODES && pick(&p->r, 3) == 0) {
        add_node(p, pick(&p->r, p->policy.n_types));
    } else if (!n->used) {
        add_node(p, n->type); /* some removed one of its type, the last first */
    } else if (p->on[id] == 0 && pick(&p->r, 2) == 0) {
        sim_nodes_remove(p->ns, id);
        n->used = n->open = false;
    } else if (n->open) {
        sim_nodes_close(p->ns, id);
        n->open = false;
    } else {
        sim_nodes_open(p->ns, id);
        n->open = true;
    }
}

static void live(struct pair *p, int32_t steps)
{
    for (int32_t step = 0; step < steps; step++) {
        int32_t what = pick(&p->r, 20);

        if (what < 11)
            place(p, (uint64_t)step);
        else if (what < 17 && p->n_members > 0)
            give(p, pick(&p->r, p->n_members));
        else if (what == 17 && p->n_members > 0)
            give_and_retake(p, pick(&p->r, p->n_members));
        else if (what == 18)
            change_node(p);
        if (step % 20 == 0) {
            double fragment = naive_nodes_fragment_mgpu(&p->naive);

            sim_nodes_verify(p->ns);
            assert_true(fabs(sim_nodes_fragment_mgpu(p->ns) - fragment) <=
                        1e-9 * (1 + fragment));
        }
    }
}

struct row {
    const char *placement;
};

static void strategy_finds_what_a_scan_finds(void **state)
{
    const struct row *row = *state;
    int32_t found = 0, none = 0;
    int32_t clusters = getenv("STAGEPLAN_SLOW") != NULL ? 2000 : 60;

    for (int32_t i = 0; i < clusters; i++) {
        struct pair *p = sp_xcalloc(1, sizeof *p);

        pair_init(p, row->placement, (uint64_t)i + 1);
        live(p, STEPS);
        found += p->found;
        none += p->none;
        sp_arena_free(p->arena);
        free(p);
    }
    assert_true(found > 50 * clusters && none > 10 * clusters); /* both are tried */
}

/* ---- rankings ---- */

enum { RANKED = 100, RANKED_SHAPES = 30 };

struct ranked {
    int32_t score[RANKED_SHAPES][RANKED];
};

static int32_t score_of(void *self, int32_t node, int32_t shape)
{
    return ((struct ranked *)self)->score[shape][node];
}

static int32_t scan(const struct ranked *k, const uint32_t *tie_rank, int32_t n,
                    int32_t shape)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < n; i++)
        if (k->score[shape][i] >= 0 &&
            (best == SP_NO_ID || k->score[shape][i] > k->score[shape][best] ||
             (k->score[shape][i] == k->score[shape][best] &&
              tie_rank[i] < tie_rank[best])))
            best = i;
    return best;
}

/* Room for eight trees of thirty, nodes that are added on the way, ranks that are equal
 * (then the lower id). */
static void ranking_forgets_shapes_and_loses_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct ranked *k = sp_arena_alloc(arena, sizeof *k);
    struct sim_ranking *r =
        sim_ranking_new(arena, (struct sim_ranking_source){k, score_of}, 0);
    struct sp_rng rng = sp_rng_from_key(7);
    uint32_t tie_rank[RANKED];
    int32_t n = 0;

    (void)state;
    assert_int_equal(sim_ranking_best(r, 3), SP_NO_ID);
    for (int32_t step = 0; step < 20000; step++) {
        int32_t node = n < RANKED && step % 50 == 0 ? n : pick(&rng, n);
        int32_t shape = pick(&rng, 2) == 0 ? pick(&rng, 5) : pick(&rng, RANKED_SHAPES);

        for (int32_t s = 0; s < RANKED_SHAPES; s++)
            k->score[s][node] = pick(&rng, 5) - 1;
        if (node == n) {
            tie_rank[n] = (uint32_t)pick(&rng, 10);
            sim_ranking_add(r, n, tie_rank[n]);
            n++;
        } else {
            sim_ranking_changed(r, node);
        }
        if (step % 3 == 0)
            assert_int_equal(sim_ranking_best(r, shape), scan(k, tie_rank, n, shape));
        if (step % 500 == 0)
            sim_ranking_verify(r);
    }
    sp_arena_free(arena);
}

/* One node changes between two questions: its score, and the way to the root. */
static void a_change_costs_about_log_n_steps(void **state)
{
    (void)state;
    for (int32_t n = 1000; n <= 100000; n *= 10) {
        struct sp_arena *arena = sp_arena_new();
        struct sp_rng rng = sp_rng_from_key(3);
        struct model_node_type type = {.has = {64000, 8000, -1}};
        struct model_policy policy = {
            .placement = "weighted-best-fit", .n_types = 1, .types = &type};
        struct sim_nodes *ns = sim_nodes_new(arena, &policy, NULL, 1);
        int32_t shape;
        uint64_t steps;

        for (int32_t i = 0; i < n; i++)
            sim_nodes_add(ns, 0);
        shape = sim_nodes_shape(ns, &(struct model_amounts){1000, 100, 0}, -1);
        sim_nodes_take(ns, sim_nodes_find(ns, shape, 0), shape);
        steps = sim_nodes_search_steps(ns);
        for (int32_t i = 0; i < 100; i++) {
            sim_nodes_take(ns, pick(&rng, n), shape);
            assert_int_not_equal(sim_nodes_find(ns, shape, 0), SP_NO_ID);
        }
        steps = sim_nodes_search_steps(ns) - steps;
        assert_true(steps >= 100 && (double)steps <= 101 * (2 + log2(n)));
        for (int32_t i = 0; i < 20; i++) { /* many changes of a node: one score */
            struct sim_hold h = sim_nodes_take(ns, 7, shape);

            if (i % 2 == 0)
                sim_nodes_give(ns, &h, shape);
        }
        steps = sim_nodes_search_steps(ns);
        sim_nodes_find(ns, shape, 0);
        assert_true((double)(sim_nodes_search_steps(ns) - steps) <= 2 + log2(n));
        sp_arena_free(arena);
    }
}

static void every_strategy_is_tried(void **state)
{
    (void)state;
    assert_int_equal(sim_n_placements, STRATEGIES);
}

int main(void)
{
    enum { OTHERS = 3 };
    struct CMUnitTest tests[OTHERS + STRATEGIES] = {
        cmocka_unit_test(ranking_forgets_shapes_and_loses_nothing),
        cmocka_unit_test(a_change_costs_about_log_n_steps),
        cmocka_unit_test(every_strategy_is_tried),
    };
    struct row rows[STRATEGIES];

    for (int32_t i = 0; i < STRATEGIES; i++) {
        rows[i].placement = sim_placements[i].name;
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].placement,
                                .test_func = strategy_finds_what_a_scan_finds,
                                .initial_state = &rows[i]};
    }
    return cmocka_run_group_tests_name("nodes", tests, NULL, NULL);
}
