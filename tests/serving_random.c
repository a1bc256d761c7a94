/* The generator: a fleet, pools, engines, a source. */
#include "tests/serving_random.h"

#include "base/rng.h"
#include "base/status.h"
#include "base/units.h"
#include "tests/losses_random.h"

static const int64_t MS = 1000000;

struct maker {
    const struct serving_random *how;
    struct serving_build *b;
    struct sp_rng rng;
    bool grid; /* times are whole milliseconds */
};

/* ---- chance ---- */

static int32_t between(struct maker *m, int32_t low, int32_t high)
{
    return low + (int32_t)(sp_rng_next(&m->rng) % (uint64_t)(high - low + 1));
}

static bool chance(struct maker *m, double p)
{
    return sp_rng_uniform(&m->rng) < p;
}

static const char *one_of(struct maker *m, const char *const *names, int32_t n)
{
    return names[between(m, 0, n - 1)];
}

static double time_s(struct maker *m, double low, double high)
{
    double s = low + (high - low) * sp_rng_uniform(&m->rng);

    return m->grid ? (double)(int64_t)(s * 1e3 + 0.5) / 1e3 : s;
}

static struct model_dist constant(double v)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = v};
}

static struct model_dist time_dist(struct maker *m, double low, double high)
{
    if (chance(m, 0.5))
        return constant(time_s(m, low, high));
    return (struct model_dist){.kind = MODEL_DIST_EXPONENTIAL,
                               .a = time_s(m, low, high)};
}

static struct model_dist tokens_dist(struct maker *m, int32_t most)
{
    switch (between(m, 0, 2)) {
    case 0:
        return constant(between(m, 1, most));
    case 1:
        return (struct model_dist){
            .kind = MODEL_DIST_UNIFORM, .a = 0, .b = between(m, 1, most)};
    default:
        return (struct model_dist){.kind = MODEL_DIST_EXPONENTIAL,
                                   .a = between(m, 1, most)};
    }
}

/* ---- parts ---- */

static struct model_iteration *iteration(struct maker *m)
{
    struct model_fit_options o = {
        .prefill = {time_s(m, 0, 0.005), time_s(m, 0.001, 0.003), 0},
        .decode = {time_s(m, 0.001, 0.02), chance(m, 0.5) ? time_s(m, 0, 0.002) : 0,
                   chance(m, 0.5) ? time_s(m, 0, 0.003) : 0}};
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    if (chance(m, 0.3))
        o.mixed = MODEL_MIXED_MAX;
    if (model_iteration_fit(&o, m->b->arena, &it, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    return it;
}

static void scale(struct maker *m, struct model_unit *unit)
{
    static const char *const metrics[] = {"utilization", "queue"};

    unit->count_kind = MODEL_COUNT_AUTOSCALED;
    unit->autoscale =
        (struct model_autoscale){.rule = "hpa",
                                 .metric = one_of(m, metrics, 2),
                                 .min = between(m, 0, 1),
                                 .max = between(m, 1, 4),
                                 .target = 0.2 + 0.6 * sp_rng_uniform(&m->rng),
                                 .interval_ns = between(m, 20, 400) * MS,
                                 .up_window_ns = between(m, 0, 3) * 50 * MS,
                                 .down_window_ns = between(m, 0, 5) * 50 * MS,
                                 .tolerance = 0.1,
                                 .max_up_frac = 1,
                                 .max_up_units = between(m, 1, 4)};
}

static void make_pool(struct maker *m, enum model_role role)
{
    static const char *const rules[] = {"chunked-prefill", "mixed", "prefill-first",
                                        "decode-first"};
    static const char *const orders[] = {"fcfs", "fcfs", "shortest-prompt", "priority"};
    struct model_pool *p = serving_pool(m->b, role, between(m, 1, 3));
    struct model_unit *unit = serving_unit(m->b);

    p->iteration = iteration(m);
    p->scheduling = one_of(m, rules, 4);
    p->order = one_of(m, orders, 4);
    p->max_num_batched_tokens = between(m, 1, 5) * 8;
    p->max_num_seqs = between(m, 1, 12);
    p->block_size = between(m, 1, 9);
    if (chance(m, 0.8))
        p->kv_blocks = between(m, 60, 200) / p->block_size;
    if (m->how->steady)
        return;
    if (chance(m, 0.4))
        unit->startup_s = time_dist(m, 0, 0.3);
    if (chance(m, 0.3)) {
        p->has_failures = true;
        p->failure_s = time_dist(m, 0.3, 3);
    }
    if (chance(m, 0.3))
        scale(m, unit);
}

static void make_pools(struct maker *m)
{
    int32_t n = between(m, 1, 2);
    bool apart = chance(m, 0.6);

    for (int32_t i = 0; i < n; i++)
        make_pool(m, apart ? MODEL_ROLE_PREFILL : MODEL_ROLE_BOTH);
    if (apart && chance(m, 0.2))
        make_pool(m, MODEL_ROLE_BOTH);
    n = between(m, 1, 2);
    for (int32_t i = 0; apart && i < n; i++)
        make_pool(m, MODEL_ROLE_DECODE);
}

static void make_fleet(struct maker *m)
{
    struct model_node_type *t = m->b->node;

    t->count = m->how->steady ? 40 : between(m, 4, 12);
    t->has.mgpu = between(m, 1, 4) * 1000;
    if (chance(m, 0.4))
        t->nic_bytes_per_s = 131072.0 * between(m, 100, 5000);
    if (!m->how->steady && chance(m, 0.3)) {
        t->fixed = false;
        t->option = "on-demand";
        t->min = 0;
        t->max = 16;
        t->boot_s = constant(time_s(m, 0, 0.5));
        t->idle_timeout_ns = between(m, 0, 500) * MS;
    }
}

static void make_source(struct maker *m)
{
    struct model_source *s = m->b->source;
    int32_t most = m->how->items_max > 0 ? m->how->items_max : 60;

    s->items = between(m, 1, most);
    switch (between(m, 0, 3)) {
    case 0:
        s->kind = MODEL_SOURCE_FIXED;
        break;
    case 1:
        s->kind = MODEL_SOURCE_CONSTANT;
        s->rate_per_s = 1 / (0.005 * between(m, 1, 20));
        break;
    case 2:
        s->kind = MODEL_SOURCE_POISSON;
        s->rate_per_s = between(m, 5, 100);
        break;
    default:
        s->kind = MODEL_SOURCE_CLOSED;
        s->population = between(m, 1, 10);
        s->think_s = time_dist(m, 0, 0.1);
    }
    m->b->serving->prompt_tokens = tokens_dist(m, 60);
    m->b->serving->output_tokens = tokens_dist(m, 25);
}

static void make_serving(struct maker *m)
{
    static const char *const routers[] = {"round-robin", "random", "least-requests",
                                          "least-outstanding-tokens", "kv-aware"};
    struct model_serving *s = m->b->serving;

    s->router = one_of(m, routers, 5);
    s->decode_router = one_of(m, routers, 5);
    s->retries_max = between(m, 0, 3);
    s->slo = (struct model_slo){between(m, 10, 500) * MS, between(m, 5, 100) * MS,
                                chance(m, 0.5) ? -1 : between(m, 100, 2000) * MS, 0.9};
    s->n_classes = between(m, 0, 3);
    for (int32_t i = 0; i < s->n_classes; i++)
        s->class_tokens[i] = 10 * (i + 1);
    s->transfer = (struct model_transfer){
        .bytes_per_s = chance(m, 0.5) ? 131072.0 * between(m, 100, 5000) : 0,
        .latency_ns = chance(m, 0.5) ? between(m, 0, 50) * MS : 0,
        .overlap = chance(m, 0.5)};
}

/* The second workload: a copy of the first under its own name, or a pipeline. */
static void make_beside(struct maker *m)
{
    struct serving_build *b = m->b;
    struct model_plan *two = &b->policy->plans[1];

    b->sc->n_workloads = b->policy->n_plans = 2;
    *two = b->plan[0];
    two->workload = b->sc->workloads[1];
    if (chance(m, 0.5))
        return;
    two->kind = MODEL_KIND_PIPELINE;
    two->serving = NULL;
    two->n_stages = two->n_units = 1;
    two->stages = sp_arena_alloc(b->arena, sizeof *two->stages);
    two->units = sp_arena_alloc(b->arena, sizeof *two->units);
    two->stages[0] = (struct model_stage){.name = "s",
                                          .slot_needs = {.mcpu = 1000, .mgpu = 500},
                                          .batch = 1,
                                          .linger_ns = -1,
                                          .gather_in = 1,
                                          .gather_out = 1,
                                          .keep_frac = 1,
                                          .time.fixed = time_dist(m, 0.001, 0.1)};
    two->units[0] = (struct model_unit){.name = "s",
                                        .n_slots = 1,
                                        .slots = {{0, 1}},
                                        .count = 1,
                                        .startup_s = constant(0),
                                        .allowed_types = -1};
}

/* ---- coincidences ---- */

/* 0 or one of 10, 20, .. 10 n ms. */
static double tens_s(struct maker *m, int32_t n)
{
    return chance(m, 0.5) ? 0 : 0.01 * between(m, 1, n);
}

static void tie_pool(struct maker *m, int32_t id)
{
    struct model_pool *p = &m->b->serving->pools[id];
    struct model_unit *unit = &m->b->plan->units[id];
    struct model_fit_options o = {.prefill = {0.01 * between(m, 1, 2), 0, 0},
                                  .decode = {0.01 * between(m, 1, 2), 0, 0}};
    struct sp_err err = {0};

    if (chance(m, 0.5))
        o.mixed = MODEL_MIXED_MAX;
    if (model_iteration_fit(&o, m->b->arena, &p->iteration, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    unit->startup_s = constant(tens_s(m, 3));
    unit->autoscale.interval_ns = between(m, 1, 4) * 10 * MS;
    if (p->has_failures)
        p->failure_s = constant(0.05 * between(m, 1, 20));
}

/* All that takes time takes a few times 10 ms, or none. */
static void tie(struct maker *m)
{
    struct model_source *s = m->b->source;

    for (int32_t i = 0; i < m->b->serving->n_pools; i++)
        tie_pool(m, i);
    m->b->serving->transfer.bytes_per_s = m->b->node->nic_bytes_per_s = 0;
    m->b->serving->transfer.latency_ns =
        chance(m, 0.5) ? 0 : between(m, 1, 3) * 10 * MS;
    m->b->node->boot_s = constant(tens_s(m, 3));
    m->b->node->idle_timeout_ns = between(m, 0, 3) * 10 * MS;
    s->rate_per_s = s->kind == MODEL_SOURCE_CONSTANT ? 100 : s->rate_per_s;
    if (s->kind == MODEL_SOURCE_CLOSED)
        s->think_s = constant(tens_s(m, 3));
}

struct serving_build serving_random_new(const struct serving_random *how,
                                        struct sp_arena *arena)
{
    struct serving_build b = serving_new(arena);
    struct maker m = {.how = how, .b = &b, .rng = sp_rng_from_key(how->seed)};

    m.grid = chance(&m, 0.5);
    b.sc->seed = how->seed;
    make_fleet(&m);
    make_pools(&m);
    make_serving(&m);
    make_source(&m);
    if (!how->steady && chance(&m, 0.3))
        b.sc->until_ns = between(&m, 50, 3000) * MS;
    if (how->ties)
        tie(&m);
    if (how->beside)
        make_beside(&m);
    if (how->losses) {
        losses_random(b.node, b.policy->n_types, how->seed, 10 * MS, arena);
        b.sc->until_ns = b.sc->until_ns >= 0 ? b.sc->until_ns : 20000 * MS;
    }
    return b;
}

void serving_random_print(FILE *out, const struct serving_build *b)
{
    const struct model_serving *s = b->serving;

    fprintf(out, "seed %llu: %d nodes of %lld mgpu, nic %g\n",
            (unsigned long long)b->sc->seed, b->node->count,
            (long long)b->node->has.mgpu, b->node->nic_bytes_per_s);
    fprintf(out, "source kind %d, %lld items, rate %g; router %s, %s; overlap %d\n",
            (int)b->source->kind, (long long)b->source->items, b->source->rate_per_s,
            s->router, s->decode_router, s->transfer.overlap);
    for (int32_t i = 0; i < s->n_pools; i++) {
        const struct model_pool *p = &s->pools[i];
        const struct model_unit *u = &b->plan->units[i];

        fprintf(out,
                "pool %s: role %d, %d replicas (%d..%d), %s, %s, %d tokens, %d seqs, "
                "%lld blocks of %d, start %g, fails %d %g\n",
                p->name, (int)p->role, u->count, u->autoscale.min, u->autoscale.max,
                p->scheduling, p->order, p->max_num_batched_tokens, p->max_num_seqs,
                (long long)p->kv_blocks, p->block_size, u->startup_s.a, p->has_failures,
                p->failure_s.a);
    }
}
