/* What the engine's two inner parts cost: an event, and a unit placed.
 *
 * HOLD: N events pending; the next one is taken and its slot set again, an exponential
 * time later.  Against a plain binary heap of the same 16-byte keys (pop, then push),
 * in the same run; both must pop the same sequence.  Then the same with one more slot,
 * drawn at random, rescheduled every other time (the heap leaves the old entry and
 * skips it when it comes up). Increments and slots come from tables; events start from
 * the equilibrium of the times left, which for the exponential is the exponential, and
 * run warm.  CPU time of the thread, the median of the rounds, in which the two take
 * turns.
 *
 * Placement: units come and go on a fleet that is nearly full, through sim/cluster.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "base/units.h"
#include "base/wide.h"
#include "sim/cluster.h"

enum { ROUNDS = 5, TABLE = 1 << 15, SLOT_BITS = 22, ORDER_BITS = 40 };

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
}

/* ---- the increments, the same for both ---- */

struct tables {
    int64_t gap_ns[TABLE];
    uint32_t pick[TABLE];
};

static void fill(struct tables *t)
{
    struct sp_rng r = sp_rng_from_key(1);

    for (int i = 0; i < TABLE; i++) {
        t->gap_ns[i] = 1 + (int64_t)(1e9 * sp_rng_exponential(&r));
        t->pick[i] = (uint32_t)(sp_rng_next(&r) >> 32);
    }
}

/* What one hold does besides: which slot is rescheduled (or -1), and when to. */
struct plan {
    const struct tables *t;
    int32_t n;
    bool reschedules;
    uint64_t at;
};

static inline int64_t gap(struct plan *p)
{
    return p->t->gap_ns[p->at++ & (TABLE - 1)];
}

static inline int32_t other(const struct plan *p)
{
    uint32_t pick = p->t->pick[p->at & (TABLE - 1)];

    return p->reschedules && (pick & 1)
               ? (int32_t)((uint64_t)pick * (uint32_t)p->n >> 32)
               : -1;
}

static inline uint64_t mixed(uint64_t hash, int64_t time_ns, int32_t slot)
{
    return hash * 31 + (uint64_t)time_ns + ((uint64_t)slot << 40);
}

/* ---- a plain binary heap ---- */

struct heap {
    sp_u128 *key; /* time, order of setting, slot */
    int64_t n;
    uint64_t order, *newest; /* newest[slot]: order of what counts */
};

static void heap_push(struct heap *h, int64_t time_ns, int32_t slot)
{
    sp_u128 key =
        (sp_u128)(uint64_t)time_ns << 64 | h->order << SLOT_BITS | (uint32_t)slot;
    int64_t i = h->n++;

    h->newest[slot] = h->order++;
    for (; i > 0 && key < h->key[(i - 1) / 2]; i = (i - 1) / 2)
        h->key[i] = h->key[(i - 1) / 2];
    h->key[i] = key;
}

static sp_u128 heap_pop(struct heap *h)
{
    sp_u128 top = h->key[0], last = h->key[--h->n];
    int64_t i = 0;

    for (int64_t child = 1; child < h->n; child = 2 * i + 1) {
        child += child + 1 < h->n && h->key[child + 1] < h->key[child];
        if (last <= h->key[child])
            break;
        h->key[i] = h->key[child];
        i = child;
    }
    h->key[i] = last;
    return top;
}

static uint64_t heap_holds(struct heap *h, struct plan *p, int64_t holds)
{
    uint64_t hash = 0;

    while (holds > 0) {
        sp_u128 top = heap_pop(h);
        int64_t now_ns = (int64_t)(top >> 64);
        int32_t slot = (int32_t)((uint64_t)top & ((1u << SLOT_BITS) - 1)), also;

        if (h->newest[slot] != (uint64_t)top >> SLOT_BITS)
            continue; /* rescheduled meanwhile */
        also = other(p);
        hash = mixed(hash, now_ns, slot);
        heap_push(h, now_ns + gap(p), slot);
        if (also >= 0)
            heap_push(h, now_ns + gap(p), also);
        holds--;
    }
    return hash;
}

/* ---- ours ---- */

static uint64_t queue_holds(struct sim_event_queue *q, struct plan *p, int64_t holds)
{
    uint64_t hash = 0;
    struct sim_event ev;

    for (; holds > 0; holds--) {
        int32_t also = other(p);

        sim_event_queue_pop(q, &ev);
        hash = mixed(hash, ev.time_ns, ev.slot);
        sim_event_queue_set(q, ev.slot, ev.time_ns + gap(p), 0);
        if (also >= 0)
            sim_event_queue_set(q, also, ev.time_ns + gap(p), 0);
    }
    return hash;
}

struct hold_ns {
    double queue, heap, floor;
};

/* The loop and its tables alone. */
static double floor_ns(struct plan *p, int64_t holds)
{
    double start = cpu_s();
    uint64_t hash = 0;
    volatile uint64_t keep;

    for (int64_t i = 0; i < holds; i++) {
        int32_t also = other(p);

        hash = mixed(hash, gap(p), also);
    }
    keep = hash;
    (void)keep;
    return (cpu_s() - start) / (double)holds * 1e9;
}

static struct hold_ns measure(const struct tables *t, int32_t n, bool reschedules,
                              int64_t holds)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan p = {t, n, reschedules, 0}, q_plan, h_plan;
    struct sim_event_queue *q = sim_event_queue_new(arena);
    struct heap h = {.key = sp_arena_array(arena, 4 * (size_t)n + 64, sizeof(sp_u128)),
                     .newest = sp_arena_array(arena, (size_t)n, sizeof(uint64_t))};
    double ours[ROUNDS], theirs[ROUNDS];
    struct hold_ns ns;

    for (int32_t i = 0; i < n; i++)
        sim_event_queue_slot_new(q, i & 7, i);
    for (int32_t i = 0; i < n; i++) {
        int64_t at = gap(&p);

        sim_event_queue_set(q, i, at, 0);
        heap_push(&h, at, i);
    }
    q_plan = h_plan = p;
    for (int round = -1; round < ROUNDS; round++) { /* -1 warms up */
        double a = cpu_s(), b;
        uint64_t mine = queue_holds(q, &q_plan, holds), other_hash;

        b = cpu_s();
        other_hash = heap_holds(&h, &h_plan, holds);
        sp_assert(mine == other_hash);
        if (round < 0)
            continue;
        theirs[round] = (cpu_s() - b) / (double)holds * 1e9;
        ours[round] = (b - a) / (double)holds * 1e9;
    }
    ns = (struct hold_ns){median(ours, ROUNDS), median(theirs, ROUNDS),
                          floor_ns(&q_plan, holds)};
    sp_arena_free(arena);
    return ns;
}

static void hold_table(bool reschedules)
{
    static const int32_t pending[] = {100, 10000, 1000000};
    static const int64_t holds[] = {4000000, 4000000, 2000000};
    struct tables *t = sp_xcalloc(1, sizeof *t);

    fill(t);
    printf("HOLD%s, ns per hold\n%-12s %10s %12s %8s %10s\n",
           reschedules ? " with half a reschedule" : "", "pending", "ours",
           "binary heap", "ratio", "loop alone");
    for (int i = 0; i < 3; i++) {
        struct hold_ns ns = measure(t, pending[i], reschedules, holds[i]);

        printf("%-12d %10.1f %12.1f %8.2f %10.1f\n", pending[i], ns.queue, ns.heap,
               ns.heap / ns.queue, ns.floor);
    }
    free(t);
}

/* ---- placement ---- */

enum { EV_PLACE, EV_NODE, EV_MARKET, KINDS = 6, CHURN = 200000 };

static void ignore_placed(void *self, int32_t cookie, int32_t unit, int32_t node,
                          int64_t now_ns)
{
    (void)cookie;
    (void)unit;
    (void)node;
    (void)now_ns;
    ++*(int64_t *)self;
}

struct fleet {
    struct sim_event_queue *queue;
    struct sim_cluster *cluster;
    struct sp_rng r;
    int64_t now_ns, placed;
    int32_t *unit, n_units;
};

static const struct model_amounts kinds[KINDS] = {
    {1000, 0, 0},  {4000, 0, 0},    {16000, 0, 0},
    {500, 250, 0}, {2000, 1000, 0}, {8000, 2000, 0},
};

static void settle(struct fleet *f)
{
    struct sim_event ev;

    while (sim_event_queue_pop(f->queue, &ev))
        sim_cluster_event(f->cluster, &ev);
}

static void one_goes_one_comes(struct fleet *f)
{
    int32_t i = (int32_t)(sp_rng_uniform(&f->r) * f->n_units);

    f->now_ns += 1000;
    sim_cluster_release(f->cluster, f->unit[i], f->now_ns);
    f->unit[i] = sim_cluster_ask(f->cluster, (int32_t)(sp_rng_uniform(&f->r) * KINDS),
                                 i, f->now_ns);
    settle(f);
}

/* Twelve units a node of these kinds, two of each, take 63 of 64 CPUs and 6.5 of 8
 * GPUs. */
static void fill_fleet(struct fleet *f, int32_t nodes)
{
    f->n_units = 0;
    for (int32_t i = 0; i < 11 * nodes; i++)
        f->unit[f->n_units++] = sim_cluster_ask(f->cluster, i % KINDS, i, 0);
    settle(f);
}

struct placing {
    double ns, steps;
};

static struct placing place(int32_t nodes, const char *placement)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type type = {.name = "node",
                                   .option = "owned",
                                   .has_price = true,
                                   .has = {64000, 8000, -1},
                                   .fixed = true,
                                   .count = nodes,
                                   .cpu_speed = 1};
    struct model_plan plan = {.workload = "units"};
    struct model_policy policy = {.name = "p",
                                  .placement = placement,
                                  .n_types = 1,
                                  .types = &type,
                                  .n_plans = 1,
                                  .plans = &plan};
    struct fleet f = {.queue = sim_event_queue_new(arena), .r = sp_rng_from_key(2)};
    struct sim_ledger *ledger = sim_ledger_new(arena, &policy);
    struct sim_cluster_client client = {.self = &f.placed,
                                        .unit_placed = ignore_placed};
    struct placing out;
    double start;
    uint64_t steps;

    f.unit = sp_arena_array(arena, 12 * (size_t)nodes, sizeof *f.unit);
    sim_ledger_owner_new(ledger, 0, 0);
    f.cluster =
        sim_cluster_new(arena, f.queue, &policy, ledger,
                        (struct sim_cluster_events){
                            .place = EV_PLACE, .node = EV_NODE, .market = EV_MARKET},
                        1);
    for (int k = 0; k < KINDS; k++)
        sim_cluster_kind_new(f.cluster, &(struct sim_cluster_kind){.needs = kinds[k],
                                                                   .allowed_types = -1,
                                                                   .client = &client});
    sim_cluster_start(f.cluster);
    fill_fleet(&f, nodes);
    for (int i = 0; i < CHURN / 4; i++)
        one_goes_one_comes(&f);
    f.placed = 0;
    steps = sim_cluster_search_steps(f.cluster);
    start = cpu_s();
    for (int i = 0; i < CHURN; i++)
        one_goes_one_comes(&f);
    out.ns = (cpu_s() - start) / (double)f.placed * 1e9;
    out.steps =
        (double)(sim_cluster_search_steps(f.cluster) - steps) / (double)f.placed;
    sp_arena_free(arena);
    return out;
}

static void placement_table(void)
{
    static const char *const names[] = {"first-fit", "best-fit", "worst-fit"};

    printf("placement on a fleet 9/10 full: a unit goes, one comes; per unit placed\n"
           "%-12s",
           "nodes");
    for (int s = 0; s < 3; s++)
        printf(" %10s ns %6s", names[s], "steps");
    printf("\n");
    for (int32_t nodes = 100; nodes <= 10000; nodes *= 10) {
        printf("%-12d", nodes);
        for (int s = 0; s < 3; s++) {
            struct placing p = place(nodes, names[s]);

            printf(" %13.0f %6.1f", p.ns, p.steps);
        }
        printf("\n");
    }
}

int main(void)
{
    hold_table(false);
    printf("\n");
    hold_table(true);
    printf("\n");
    placement_table();
    return 0;
}
