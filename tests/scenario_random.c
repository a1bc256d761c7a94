/* The generator: a fleet, a graph, a source, then partitions of the graph as policies.
 */
#include "tests/scenario_random.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "model/feasible.h"
#include "model/sizing.h"
#include "tests/losses_random.h"

enum { TRIES = 2000, TYPES = 4, POLICIES = 3 };

static const int64_t S = INT64_C(1000000000), KIB = 1024;

struct maker {
    const struct scenario_random *how;
    struct sp_arena *arena;
    struct sp_rng rng;
    bool grid, moves; /* times are whole seconds; data has bytes and places */
};

/* ---- chance ---- */

static int32_t below(struct maker *m, int32_t n)
{
    return (int32_t)(sp_rng_next(&m->rng) % (uint64_t)n);
}

static int32_t between(struct maker *m, int32_t low, int32_t high)
{
    return low + below(m, high - low + 1);
}

static bool chance(struct maker *m, double p)
{
    return sp_rng_uniform(&m->rng) < p;
}

static struct model_dist constant(double v)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = v};
}

/* A time of `low` to `high` seconds. */
static struct model_dist time_dist(struct maker *m, int32_t low, int32_t high)
{
    double mean =
        m->grid ? between(m, low, high) : low + (high - low) * sp_rng_uniform(&m->rng);

    if (m->grid || mean <= 0 || m->how->constant || chance(m, 0.3))
        return constant(mean);
    switch (below(m, 4)) {
    case 0:
        return (struct model_dist){.kind = MODEL_DIST_EXPONENTIAL, .a = mean};
    case 1:
        return model_dist_lognormal(mean, 0.7);
    case 2:
        return (struct model_dist){.kind = MODEL_DIST_UNIFORM, .a = 0, .b = 2 * mean};
    default:
        return model_dist_gamma(mean, 1.3);
    }
}

static int64_t duration_ns(struct maker *m, int32_t low, int32_t high)
{
    return m->grid ? between(m, low, high) * S
                   : (int64_t)((low + (high - low) * sp_rng_uniform(&m->rng)) * 1e9);
}

/* ---- fleet ---- */

static void make_type(struct maker *m, struct model_node_type *t, int32_t i)
{
    static const char *const names[] = {"alder", "birch", "cedar", "doum"};

    *t = (struct model_node_type){
        .name = names[i],
        .option = "on-demand",
        .has_price = true,
        .price_basis = MODEL_BASIS_ASSUMED,
        .price_source = "scenario",
        .uusd_per_h = between(m, 1, 40) * 250000,
        .has = {.mcpu = between(m, 2, 12) * 1000, .memory_bytes = -1},
        .billing_minimum_ns = 60 * S,
        .boot_s = constant(0),
        .store_bytes = -1,
        .cpu_speed = 1,
        .idle_timeout_ns = duration_ns(m, 0, 60)};
    if (chance(m, 0.5))
        t->has.mgpu = between(m, 1, 4) * 1000;
    if (chance(m, 0.5))
        t->has.memory_bytes = between(m, 4, 32) * KIB;
    if (chance(m, 0.3)) {
        t->billing = MODEL_BILLING_HOUR;
        t->billing_minimum_ns = 0;
    }
    if (chance(m, 0.3))
        t->cpu_speed = m->how->constant ? 1 : between(m, 1, 4) * 0.5;
    if (m->moves && chance(m, 0.6))
        t->nic_bytes_per_s = between(m, 1, 8) * 100.0;
    if (m->moves && chance(m, 0.5))
        t->store_bytes = between(m, 1, 12) * KIB;
    if (t->store_bytes >= 0 && chance(m, 0.5))
        t->spill_bytes_per_s = between(m, 1, 8) * 50.0;
    t->fixed = chance(m, 0.5);
    if (t->fixed) {
        t->count = t->min = t->max = between(m, 1, 6);
        t->idle_timeout_ns = 0;
        if (chance(m, 0.2))
            t->option = "owned";
        return;
    }
    t->boot_s = chance(m, 0.3) ? constant(0) : time_dist(m, 1, 40);
    t->min = below(m, 2);
    t->max = chance(m, 0.2) ? 1000000 : between(m, 1, 8);
}

/* ---- stages ---- */

static void make_time(struct maker *m, struct model_time *t, int32_t n_sizes,
                      int32_t batch)
{
    static const double x[] = {0, 2, 1e9}, s[] = {1, 3, 5};

    t->fixed = chance(m, 0.05) ? constant(0) : time_dist(m, 1, 9);
    t->per_item = constant(0);
    if (chance(m, 0.3))
        t->per_item = time_dist(m, 0, 2);
    if (m->how->constant)
        return;
    for (int32_t k = 0; k < n_sizes; k++)
        if (chance(m, 0.3))
            t->per_size_s[k] = m->grid ? 1 : 0.37;
    if (m->moves && chance(m, 0.2))
        t->per_byte_s = m->grid ? 1.0 / 128 : 0.003;
    if (chance(m, 0.1)) {
        struct model_table *table = sp_arena_alloc(m->arena, sizeof *table);

        *table = (struct model_table){.path = "table.csv", .n = 3, .x = x, .s = s};
        t->table = table;
        t->table_by = chance(m, 0.4)             ? MODEL_BY_ITEMS
                      : n_sizes > 0 && batch > 1 ? below(m, n_sizes)
                                                 : MODEL_BY_BYTES;
    }
}

static void make_flow(struct maker *m, struct model_stage *s)
{
    s->gather_in = s->gather_out = 1;
    s->keep_frac = 1;
    if (chance(m, 0.3)) {
        s->gather_in = between(m, 1, 3);
        s->gather_out = between(m, 1, 3);
    }
    s->batch = s->gather_in * (chance(m, 0.5) ? 1 : between(m, 1, 3));
    s->linger_ns = -1;
    if (chance(m, 0.5))
        s->linger_ns = chance(m, 0.3) ? 0 : duration_ns(m, 1, 20);
    if (chance(m, 0.3))
        s->buffer = s->batch + below(m, 4);
    s->barrier = chance(m, 0.08);
    if (m->how->lossless)
        return;
    if (chance(m, 0.15))
        s->keep_frac = 0.2 + 0.6 * sp_rng_uniform(&m->rng);
    if (chance(m, 0.2)) {
        s->fail_frac = 0.3;
        s->retries_max = below(m, 3);
        s->retry_delay_ns = chance(m, 0.3) ? 0 : duration_ns(m, 0, 10);
    }
}

static void make_stage(struct maker *m, struct model_plan *plan, int32_t id)
{
    static const char *const names[] = {"ash", "bay", "cob", "dew", "elm", "fir"};
    struct model_stage *s = &plan->stages[id];

    *s = (struct model_stage){.name = names[id], .line = id + 1};
    s->slot_needs.mcpu = chance(m, 0.5) ? 1000 : between(m, 1, 8) * 250;
    if (chance(m, 0.3)) {
        s->slot_needs.mgpu = chance(m, 0.5) ? 1000 : between(m, 1, 3) * 250;
        if (chance(m, 0.5))
            s->slot_needs.mcpu = 0;
    }
    if (chance(m, 0.4))
        s->slot_needs.memory_bytes = between(m, 1, 4) * 512;
    make_flow(m, s);
    make_time(m, &s->time, plan->n_sizes, s->batch);
    if (m->moves) {
        s->output_bytes = below(m, 3) * 150.0;
        s->output_factor = chance(m, 0.4) ? 0.5 * between(m, 1, 2) : 0;
        if (plan->n_sizes > 0 && chance(m, 0.3))
            s->output_per_size[0] = 16;
    }
}

static void make_edges(struct maker *m, struct model_plan *plan, bool chain)
{
    for (int32_t id = 1; id < plan->n_stages; id++) {
        struct model_stage *s = &plan->stages[id];
        int32_t first = chain ? id - 1 : below(m, id), second = below(m, id);

        if (!chain && chance(m, 0.1))
            continue; /* one more that the source feeds */
        s->from[s->n_from++] = first;
        if (!chain && second != first && chance(m, 0.5))
            s->from[s->n_from++] = second;
    }
}

static void make_routes(struct maker *m, struct model_plan *plan)
{
    for (int32_t id = 0; id < plan->n_stages; id++) {
        struct model_stage *s = &plan->stages[id];
        int32_t n = 0;

        for (int32_t to = id + 1; to < plan->n_stages; to++)
            for (int32_t e = 0; e < plan->stages[to].n_from; e++)
                if (plan->stages[to].from[e] == id)
                    s->route_to[n++] = to;
        if (n < 2 || !chance(m, 0.4))
            continue;
        s->has_route = true;
        s->n_route = n;
        for (int32_t i = 0; i < n; i++)
            s->route_share[i] = 1.0 / n;
    }
}

/* Where every input brings each item once, its copies may wait for each other. */
static void make_joins(struct maker *m, struct model_plan *plan)
{
    int32_t family[MODEL_STAGES_MAX];

    for (int32_t id = 0; id < plan->n_stages; id++) {
        struct model_stage *s = &plan->stages[id];
        const struct model_stage *from =
            s->n_from > 0 ? &plan->stages[s->from[0]] : NULL;
        int32_t in = from == NULL      ? -1
                     : from->has_route ? 1000 + id
                                       : family[s->from[0]];
        bool same = s->n_from > 1;

        for (int32_t e = 0; e < s->n_from; e++)
            same =
                same && !plan->stages[s->from[e]].has_route && family[s->from[e]] == in;
        if (same && chance(m, 0.8))
            s->join = MODEL_JOIN_ALL;
        else if (s->n_from > 1)
            in = 10000 + id;
        family[id] =
            s->gather_in != 1 || s->gather_out != 1 || s->keep_frac < 1 ? id : in;
    }
}

/* ---- source ---- */

static void make_source(struct maker *m, struct model_plan *plan)
{
    static const char *const size_names[] = {"frames", "tokens"};
    struct model_source *s = &plan->source;
    int32_t low = m->how->items_max > 0 ? m->how->items_min : 5;
    int32_t high = m->how->items_max > 0 ? m->how->items_max
                   : chance(m, 0.7)      ? 40
                                         : 200;

    *s = (struct model_source){.items = between(m, low, high),
                               .for_ns = -1,
                               .rate_per_s = m->grid ? 0.5 : 0.4,
                               .cv = 1.5,
                               .amplitude = 0.5,
                               .period_s = 100,
                               .trace_scale = 1,
                               .bytes = constant(0),
                               .think_s = constant(0)};
    plan->n_sizes = below(m, 3);
    for (int32_t k = 0; k < plan->n_sizes; k++) {
        plan->size_names[k] = size_names[k];
        s->size[k] = (struct model_dist){.kind = MODEL_DIST_UNIFORM, .a = 0, .b = 5};
    }
    if (m->moves)
        s->bytes = (struct model_dist){.kind = MODEL_DIST_UNIFORM, .a = 10, .b = 300};
    switch (below(m, m->how->scaled ? 6 : 4)) {
    case 0:
        break;
    case 1:
        s->kind = MODEL_SOURCE_CONSTANT;
        break;
    case 2:
        s->kind = MODEL_SOURCE_POISSON;
        break;
    case 3:
        s->kind = MODEL_SOURCE_CLOSED;
        s->population = between(m, 1, 8);
        s->think_s = time_dist(m, 0, 10);
        break;
    case 4:
        s->kind = MODEL_SOURCE_GAMMA;
        break;
    default:
        s->kind = MODEL_SOURCE_DIURNAL;
    }
    if (s->kind != MODEL_SOURCE_FIXED && chance(m, 0.2))
        s->for_ns = duration_ns(m, 1, 100);
}

/* ---- policies ---- */

static bool may_fuse(const struct model_plan *plan, const struct model_unit *u)
{
    for (int32_t i = 0; i < u->n_slots; i++) {
        int32_t id = u->slots[i].stage, next, consumers = 0;
        const struct model_stage *s = &plan->stages[id];

        if (s->gang || s->batch != plan->stages[u->slots[0].stage].batch ||
            (i > 0 && (s->barrier || s->buffer > 0)))
            return false;
        if (i == u->n_slots - 1)
            break;
        next = u->slots[i + 1].stage;
        for (int32_t to = 0; to < plan->n_stages; to++)
            for (int32_t e = 0; e < plan->stages[to].n_from; e++)
                consumers += plan->stages[to].from[e] == id;
        if (s->gather_in != 1 || s->gather_out != 1 || s->keep_frac < 1 ||
            s->has_route || consumers != 1 || plan->stages[next].n_from != 1 ||
            plan->stages[next].from[0] != id)
            return false;
    }
    return true;
}

/* Resources of its own: less than the sum over the slots, enough for each. */
static void share_resources(struct maker *m, const struct model_plan *plan,
                            struct model_unit *u)
{
    struct model_amounts most = {0, 0, 0};

    for (int32_t i = 0; i < u->n_slots; i++) {
        const struct model_amounts *n = &plan->stages[u->slots[i].stage].slot_needs;

        most.mcpu = n->mcpu > most.mcpu ? n->mcpu : most.mcpu;
        most.mgpu = n->mgpu > most.mgpu ? n->mgpu : most.mgpu;
        most.memory_bytes =
            n->memory_bytes > most.memory_bytes ? n->memory_bytes : most.memory_bytes;
    }
    most.mcpu += below(m, 3) * 1000;
    if (most.mgpu >= 1000)
        most.mgpu = most.mgpu / 1000 * 1000 + below(m, 2) * 1000;
    most.memory_bytes += below(m, 3) * 512;
    u->own_needs = true;
    u->needs = most;
}

static void make_autoscale(struct maker *m, struct model_unit *u)
{
    bool hpa = chance(m, 0.5);

    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale =
        (struct model_autoscale){.rule = hpa ? "hpa" : "ray-actor-pool-2.57",
                                 .metric = chance(m, 0.5) ? "utilization" : "queue",
                                 .min = 1,
                                 .max = between(m, 2, 5),
                                 .target = hpa ? 0.8 : 1.75,
                                 .down_threshold = 0.5,
                                 .interval_ns = between(m, 1, 5) * S,
                                 .down_window_ns = 10 * S,
                                 .tolerance = 0.1,
                                 .max_up_frac = 1,
                                 .max_up_units = 4};
    u->count = 0;
}

static void make_unit(struct maker *m, struct model_plan *plan, int32_t n_types,
                      const int32_t *part, int32_t which)
{
    static const char *const names[] = {"U1", "U2", "U3", "U4", "U5", "U6"};
    struct model_unit *u = &plan->units[plan->n_units];

    *u = (struct model_unit){.name = names[plan->n_units],
                             .line = 50 + which,
                             .count_kind = MODEL_COUNT_GIVEN,
                             .count = between(m, 1, 4),
                             .startup_s = constant(0),
                             .allowed_types = -1};
    for (int32_t id = 0; id < plan->n_stages; id++)
        if (part[id] == which)
            u->slots[u->n_slots++] =
                (struct model_slots){.stage = id, .cap = between(m, 1, 3)};
    if (u->n_slots == 0)
        return;
    plan->n_units++;
    if (may_fuse(plan, u) && chance(m, 0.5)) {
        u->fused = true;
        for (int32_t i = 0; i < u->n_slots; i++)
            u->slots[i].cap = 1;
        u->has_fused_time = chance(m, 0.3);
        if (u->has_fused_time)
            make_time(m, &u->fused_time, plan->n_sizes,
                      plan->stages[u->slots[0].stage].batch);
    } else if (chance(m, 0.4)) {
        for (int32_t i = 0; i < u->n_slots; i++)
            if (plan->stages[u->slots[i].stage].gang)
                return;
        share_resources(m, plan, u);
    }
    if (chance(m, 0.3))
        u->startup_s = time_dist(m, 1, 15);
    if (chance(m, 0.2))
        u->allowed_types = between(m, 1, (1 << n_types) - 1);
    if (m->how->scaled && chance(m, 0.4) && !u->fused)
        make_autoscale(m, u);
}

/* All together, all apart, or a partition at random. */
static void make_units(struct maker *m, struct model_plan *plan, int32_t n_types,
                       int32_t which)
{
    int32_t part[MODEL_STAGES_MAX];

    for (int32_t id = 0; id < plan->n_stages; id++)
        part[id] = which == 0 ? 0 : which == 1 ? id : below(m, plan->n_stages);
    plan->units = sp_arena_array(m->arena, (size_t)plan->n_stages, sizeof *plan->units);
    plan->n_units = 0;
    for (int32_t k = 0; k < plan->n_stages; k++)
        make_unit(m, plan, n_types, part, k);
}

static void make_policy(struct maker *m, const struct model_plan *plan,
                        struct model_policy *p, int32_t which)
{
    static const char *const names[] = {"together", "apart", "between"};
    static const char *const placements[] = {"cpu-avoids-gpu", "first-fit", "best-fit",
                                             "worst-fit"};
    static const char *const rules[] = {"downstream-first", "upstream-first", "fifo",
                                        "reserve-output", "ray-budgets"};

    p->name = names[which];
    p->line = 100 + which;
    p->placement = placements[below(m, 4)];
    p->n_plans = 1;
    p->plans = sp_arena_alloc(m->arena, sizeof *p->plans);
    p->plans[0] = *plan;
    p->plans[0].rule =
        m->how->rule != NULL ? m->how->rule : rules[below(m, m->how->scaled ? 5 : 4)];
    make_units(m, &p->plans[0], p->n_types, which);
}

/* ---- a scenario ---- */

static void make_plan(struct maker *m, struct model_plan *plan)
{
    *plan = (struct model_plan){.workload = "work",
                                .line = 1,
                                .size_deadline_ns = -1,
                                .rule = "downstream-first"};
    make_source(m, plan);
    plan->n_stages = between(m, 1, 6);
    plan->stages =
        sp_arena_array(m->arena, (size_t)plan->n_stages, sizeof *plan->stages);
    for (int32_t id = 0; id < plan->n_stages; id++)
        make_stage(m, plan, id);
    make_edges(m, plan, chance(m, 0.5));
    make_routes(m, plan);
    make_joins(m, plan);
    for (int32_t id = 0; id < plan->n_stages; id++)
        plan->stages[id].gang = chance(m, 0.08);
}

static bool is_feasible(const struct model_scenario *sc, struct model_policy *p)
{
    if (model_size_plan(&p->plans[0], p->types, p->n_types, NULL) != SP_OK)
        return false;
    return model_feasible_check(sc, p, NULL) == SP_OK;
}

static struct model_scenario *try(struct maker *m)
{
    struct model_scenario *sc = sp_arena_alloc(m->arena, sizeof *sc);
    struct model_policy p[POLICIES] = {{0}};
    struct model_plan plan;
    const char **workloads = sp_arena_array(m->arena, 1, sizeof *workloads);

    m->grid = chance(m, 0.5);
    m->moves = chance(m, 0.5);
    workloads[0] = "work";
    *sc = (struct model_scenario){.arena = m->arena,
                                  .name = "random",
                                  .description = "",
                                  .path = "random.yaml",
                                  .seed = m->how->seed,
                                  .replications = 1,
                                  .until_ns = -1,
                                  .measure_to_ns = -1,
                                  .n_workloads = 1,
                                  .workloads = workloads};
    if (!m->how->lossless && chance(m, 0.15))
        sc->until_ns = duration_ns(m, 5, 200);
    p[0].n_types = between(m, 1, TYPES);
    p[0].types = sp_arena_array(m->arena, TYPES, sizeof *p[0].types);
    for (int32_t i = 0; i < p[0].n_types; i++)
        make_type(m, &p[0].types[i], i);
    make_plan(m, &plan);
    sc->policies = sp_arena_array(m->arena, POLICIES, sizeof *sc->policies);
    for (int32_t i = 0; i < POLICIES; i++) {
        p[i].types = p[0].types;
        p[i].n_types = p[0].n_types;
        make_policy(m, &plan, &p[i], i);
        if (is_feasible(sc, &p[i]))
            sc->policies[sc->n_policies++] = p[i];
    }
    return sc->n_policies > 0 ? sc : NULL;
}

struct model_scenario *scenario_random_new(const struct scenario_random *how,
                                           struct sp_arena *arena)
{
    struct maker m = {.how = how, .arena = arena};

    for (uint64_t k = 0; k < TRIES; k++) {
        struct model_scenario *sc;

        m.rng = sp_rng_from_key(sp_mix_keys(how->seed, k));
        sc = try(&m);
        if (sc == NULL)
            continue;
        if (how->losses) { /* the policies share the types */
            losses_random(sc->policies[0].types, sc->policies[0].n_types, how->seed, S,
                          arena);
            sc->until_ns = sc->until_ns >= 0 ? sc->until_ns : 3000 * S;
        }
        return sc;
    }
    sp_bug(__FILE__, __LINE__, "no feasible scenario in %d tries", (int)TRIES);
}

/* ---- for people ---- */

static void print_dist(FILE *out, const char *name, const struct model_dist *d)
{
    static const char *const kinds[] = {"constant",  "exponential", "gamma",
                                        "lognormal", "weibull",     "uniform",
                                        "empirical"};

    fprintf(out, " %s: %s(%g, %g)", name, kinds[d->kind], d->a, d->b);
}

static void print_time(FILE *out, const struct model_time *t)
{
    print_dist(out, "fixed", &t->fixed);
    print_dist(out, "per_item", &t->per_item);
    fprintf(out, " per: %g %g bytes %g%s", t->per_size_s[0], t->per_size_s[1],
            t->per_byte_s, t->table == NULL ? "" : " table by ");
    if (t->table != NULL)
        fprintf(out, "%d", (int)t->table_by);
}

static void print_type(FILE *out, const struct model_node_type *t)
{
    fprintf(out, "  %s: cpu %lldm gpu %lldm memory %lld %s %d..%d idle %gs", t->name,
            (long long)t->has.mcpu, (long long)t->has.mgpu,
            (long long)t->has.memory_bytes, t->fixed ? "fixed" : "elastic", (int)t->min,
            (int)t->max, (double)t->idle_timeout_ns / 1e9);
    print_dist(out, "boot", &t->boot_s);
    fprintf(out, " uusd_per_h %lld per %s nic %g store %lld spill %g speed %g\n",
            (long long)t->uusd_per_h,
            t->billing == MODEL_BILLING_HOUR ? "hour" : "second", t->nic_bytes_per_s,
            (long long)t->store_bytes, t->spill_bytes_per_s, t->cpu_speed);
}

static void print_stage(FILE *out, const struct model_stage *s)
{
    fprintf(out, "  %s: from [", s->name);
    for (int32_t e = 0; e < s->n_from; e++)
        fprintf(out, "%s%d", e == 0 ? "" : " ", (int)s->from[e]);
    fprintf(out,
            "]%s%s%s%s cpu %lldm gpu %lldm memory %lld batch %d linger %gs buffer %d"
            " in %d out %d keep %g",
            s->join == MODEL_JOIN_ALL ? " join all" : "", s->has_route ? " route" : "",
            s->gang ? " gang" : "", s->barrier ? " barrier" : "",
            (long long)s->slot_needs.mcpu, (long long)s->slot_needs.mgpu,
            (long long)s->slot_needs.memory_bytes, (int)s->batch,
            (double)s->linger_ns / 1e9, (int)s->buffer, (int)s->gather_in,
            (int)s->gather_out, s->keep_frac);
    fprintf(out, " output %g + %g in + %g size; fails %g max %d delay %gs;",
            s->output_bytes, s->output_factor, s->output_per_size[0], s->fail_frac,
            (int)s->retries_max, (double)s->retry_delay_ns / 1e9);
    print_time(out, &s->time);
    fprintf(out, "\n");
}

static void print_unit(FILE *out, const struct model_plan *plan,
                       const struct model_unit *u)
{
    fprintf(out, "    %s x %d%s%s:", u->name, (int)u->count, u->fused ? " fused" : "",
            u->count_kind == MODEL_COUNT_AUTOSCALED ? " autoscaled" : "");
    for (int32_t i = 0; i < u->n_slots; i++)
        fprintf(out, " %s %d", plan->stages[u->slots[i].stage].name,
                (int)u->slots[i].cap);
    if (u->own_needs)
        fprintf(out, " cpu %lldm gpu %lldm memory %lld", (long long)u->needs.mcpu,
                (long long)u->needs.mgpu, (long long)u->needs.memory_bytes);
    print_dist(out, "startup", &u->startup_s);
    if (u->has_fused_time)
        print_time(out, &u->fused_time);
    fprintf(out, " on %llx\n", (unsigned long long)u->allowed_types & 15);
}

void scenario_random_print(FILE *out, const struct model_scenario *sc)
{
    const struct model_plan *plan = &sc->policies[0].plans[0];
    const struct model_source *s = &plan->source;

    fprintf(out, "seed %llu until %gs\nfleet:\n", (unsigned long long)sc->seed,
            (double)sc->until_ns / 1e9);
    for (int32_t i = 0; i < sc->policies[0].n_types; i++)
        print_type(out, &sc->policies[0].types[i]);
    fprintf(out, "source: kind %d items %lld for %gs rate %g population %d",
            (int)s->kind, (long long)s->items, (double)s->for_ns / 1e9, s->rate_per_s,
            (int)s->population);
    print_dist(out, "think", &s->think_s);
    print_dist(out, "bytes", &s->bytes);
    fprintf(out, " sizes %d\nstages:\n", (int)plan->n_sizes);
    for (int32_t i = 0; i < plan->n_stages; i++)
        print_stage(out, &plan->stages[i]);
    for (int32_t p = 0; p < sc->n_policies; p++) {
        const struct model_plan *own = &sc->policies[p].plans[0];

        fprintf(out, "  policy %s: %s %s\n", sc->policies[p].name,
                sc->policies[p].placement, own->rule);
        for (int32_t u = 0; u < own->n_units; u++)
            print_unit(out, own, &own->units[u]);
    }
}
