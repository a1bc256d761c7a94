/* What finding a node costs, by strategy.
 *
 * openb: the published experiment of Weng et al. (10,866 pods on 1213 nodes, none
 * leaves; SHARED_DATA has the files); and for each 20th pod a scan of all nodes from
 * the definitions (tests/naive_nodes.h), which must find the same node.  Time of the
 * thread; ours has all in it: adding nodes, taking room, the upkeep of the fragment
 * measure (for every strategy).
 *
 * Growth: a fleet nine tenths full, of which a member goes and one comes, sixteen
 * shapes; per member placed, with 100 to 10,000 nodes.
 */
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/rng.h"
#include "sim/placement.h"
#include "tests/naive_nodes.h"
#include "tests/openb.h"

enum { SCAN_EVERY = 20, SHAPES = 16, CHURN = 100000 };

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- openb ---- */

/* Seconds of a scan, the mean of those tried. */
static double scan_s(struct openb *o, const char *placement,
                     const struct openb_arrivals *a, uint64_t seed, const int32_t *want)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_policy policy = o->policy;
    struct naive_nodes ns;
    double sum = 0;
    int32_t scans = 0;

    policy.placement = placement;
    ns = naive_nodes_new(arena, &policy, &o->mix, seed, policy.n_nodes);
    for (int32_t i = 0; i < policy.n_nodes; i++)
        naive_nodes_add(&ns, i, policy.nodes[i].type);
    for (int32_t i = 0; i < a->n; i++) {
        const struct openb_pod *p = &o->pods[a->pod[i]];
        struct naive_member m = {p->needs, p->allowed_types};

        if (i % SCAN_EVERY == 0) {
            double start = cpu_s();

            sp_assert(naive_nodes_find(&ns, &m, (uint64_t)i) == want[i]);
            sum += cpu_s() - start;
            scans++;
        }
        if (want[i] != SP_NO_ID)
            naive_nodes_take(&ns, want[i], &m);
    }
    sp_arena_free(arena);
    return sum / scans;
}

static void openb_table(void)
{
    struct openb o;
    struct openb_arrivals a;
    int32_t *nodes;

    if (!openb_read(&o, "default"))
        return;
    a = openb_published(&o, OPENB_FIRST_SEED);
    nodes = sp_arena_array(o.arena, (size_t)a.n, sizeof *nodes);
    printf("openb, %d pods on %d nodes; a scan of all nodes for each %dth of them\n"
           "%-18s %10s %10s %10s %10s\n",
           (int)a.n, (int)o.policy.n_nodes, SCAN_EVERY, "", "CPU, s", "us a pod",
           "scan, us", "ratio");
    for (int32_t s = 0; s < sim_n_placements; s++) {
        const char *name = sim_placements[s].name;
        struct openb_curve run = openb_run(&o, name, &a, 42, nodes);
        double ours_us = run.cpu_s / a.n * 1e6;
        double scan_us = scan_s(&o, name, &a, 42, nodes) * 1e6;

        printf("%-18s %10.3f %10.2f %10.1f %10.1f\n", name, run.cpu_s, ours_us, scan_us,
               scan_us / ours_us);
    }
    printf("\n");
    sp_arena_free(o.arena);
}

/* ---- growth ---- */

struct fleet {
    struct sim_nodes *ns;
    struct sp_rng r;
    struct {
        struct sim_hold hold;
        int32_t shape;
    } * member;
    int32_t n;
    uint64_t draws;
};

static bool place(struct fleet *f)
{
    int32_t shape = (int32_t)(sp_rng_uniform(&f->r) * SHAPES);
    int32_t node = sim_nodes_find(f->ns, shape, f->draws++);

    if (node == SP_NO_ID)
        return false;
    f->member[f->n].hold = sim_nodes_take(f->ns, node, shape);
    f->member[f->n++].shape = shape;
    return true;
}

static void give(struct fleet *f)
{
    int32_t i = (int32_t)(sp_rng_uniform(&f->r) * f->n);

    sim_nodes_give(f->ns, &f->member[i].hold, f->member[i].shape);
    f->member[i] = f->member[--f->n];
}

static void add_shapes(struct fleet *f)
{
    static const int64_t mgpu[] = {0, 250, 500, 1000};

    for (int i = 0; i < SHAPES; i++) {
        struct model_amounts needs = {1000 + 500 * (i / 4), mgpu[i % 4], 0};

        sp_assert(sim_nodes_shape(f->ns, &needs, -1) == i);
    }
}

struct cost {
    double us, steps;
};

static struct cost churn(int32_t nodes, const char *placement)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type type = {.name = "node", .has = {32000, 8000, -1}};
    struct model_policy policy = {.placement = placement, .n_types = 1, .types = &type};
    struct sim_target half = {4000, 500, -1, 1};
    struct sim_mix mix = sim_mix_new(arena, &half, 1);
    struct fleet f = {.ns = sim_nodes_new(arena, &policy, &mix, 1),
                      .r = sp_rng_from_key(2)};
    struct cost c;
    uint64_t steps;
    double start;

    f.member = sp_arena_array(arena, 64 * (size_t)nodes, sizeof *f.member);
    for (int32_t i = 0; i < nodes; i++)
        sim_nodes_add(f.ns, 0);
    add_shapes(&f);
    while (f.n < 15 * nodes && place(&f)) /* of 1.75 CPUs and 0.44 GPUs in the mean */
        ;
    for (int i = 0; i < CHURN / 4; i++) {
        give(&f);
        place(&f);
    }
    steps = sim_nodes_search_steps(f.ns);
    start = cpu_s();
    for (int i = 0; i < CHURN; i++) {
        give(&f);
        place(&f);
    }
    c.us = (cpu_s() - start) / CHURN * 1e6;
    c.steps = (double)(sim_nodes_search_steps(f.ns) - steps) / CHURN;
    sp_arena_free(arena);
    return c;
}

static void growth_table(void)
{
    printf("a member goes and one comes; us, and steps of the search\n%-18s", "nodes");
    for (int32_t nodes = 100; nodes <= 10000; nodes *= 10)
        printf(" %10d %8s", (int)nodes, "steps");
    printf("\n");
    for (int32_t s = 0; s < sim_n_placements; s++) {
        printf("%-18s", sim_placements[s].name);
        for (int32_t nodes = 100; nodes <= 10000; nodes *= 10) {
            struct cost c = churn(nodes, sim_placements[s].name);

            printf(" %10.2f %8.1f", c.us, c.steps);
        }
        printf("\n");
    }
}

int main(void)
{
    openb_table();
    growth_table();
    return 0;
}
