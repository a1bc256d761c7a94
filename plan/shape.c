/* Partitions by merging: from every stage apart, two blocks that an edge joins become
 * one, breadth first, until all of a workload's stages are together. */
#include "plan/shape.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "model/sizing.h"

/* The block of each stage, numbered in the order of their first stages. */
struct partition {
    int8_t block[MODEL_STAGES_MAX];
};

/* Partitions of one workload, the most apart first. */
struct partitions {
    int32_t n, room;
    struct partition *rows;
    bool all;
};

struct builder {
    struct sp_arena *arena;
    const struct model_scenario *sc;
    const struct model_node_type *types; /* any number of each may be held */
    int32_t n_types, most;
    struct plan_shape *shapes;
    int32_t n, room;
    bool all;
};

/* ---- partitions ---- */

static struct partition apart(int32_t n_stages)
{
    struct partition p = {{0}};

    for (int32_t s = 0; s < n_stages; s++)
        p.block[s] = (int8_t)s;
    return p;
}

/* Blocks a and b made one, numbered anew. */
static struct partition merged(const struct partition *p, int32_t n_stages, int a,
                               int b)
{
    struct partition m = *p;
    int8_t number[MODEL_STAGES_MAX], next = 0;

    memset(number, -1, sizeof number);
    for (int32_t s = 0; s < n_stages; s++) {
        int block = m.block[s] == b ? a : m.block[s];

        if (number[block] < 0)
            number[block] = next++;
        m.block[s] = number[block];
    }
    return m;
}

static void add_partition(struct partitions *list, struct partition p, int32_t most,
                          struct sp_arena *arena)
{
    for (int32_t i = 0; i < list->n; i++)
        if (memcmp(&list->rows[i], &p, sizeof p) == 0)
            return;
    if (list->n == most) {
        list->all = false;
        return;
    }
    list->rows =
        sp_arena_more(arena, list->rows, list->n, &list->room, sizeof *list->rows);
    list->rows[list->n++] = p;
}

static void add_merges(struct partitions *list, int32_t from,
                       const struct model_plan *plan, int32_t most,
                       struct sp_arena *arena)
{
    for (int32_t s = 0; s < plan->n_stages; s++)
        for (int32_t e = 0; e < plan->stages[s].n_from; e++) {
            const struct partition p = list->rows[from];
            int a = p.block[plan->stages[s].from[e]], b = p.block[s];

            if (a != b)
                add_partition(list, merged(&p, plan->n_stages, a, b), most, arena);
        }
}

static struct partitions partitions_of(const struct model_plan *plan, int32_t most,
                                       struct sp_arena *arena)
{
    struct partitions list = {.all = true};

    if (plan->kind != MODEL_KIND_PIPELINE) { /* one, of no stages: as it is */
        add_partition(&list, (struct partition){{0}}, most, arena);
        return list;
    }
    add_partition(&list, apart(plan->n_stages), most, arena);
    if (plan->n_stages > 1) /* the other end, whatever `most` */
        add_partition(&list, (struct partition){{0}}, most, arena);
    for (int32_t i = 0; i < list.n; i++)
        add_merges(&list, i, plan, most, arena);
    return list;
}

/* ---- units of a block ---- */

static const struct model_unit *unit_of(const struct model_plan *plan, int32_t stage)
{
    for (int32_t u = 0; u < plan->n_units; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++)
            if (plan->units[u].slots[i].stage == stage)
                return &plan->units[u];
    return NULL;
}

static const char *joined(struct sp_arena *arena, const char *a, const char *between,
                          const char *b)
{
    return a == NULL ? b : sp_arena_printf(arena, "%s%s%s", a, between, b);
}

static struct model_unit block_unit(const struct builder *b,
                                    const struct model_plan *plan,
                                    const struct partition *p, int block)
{
    struct model_unit unit = {.count_kind = MODEL_COUNT_GIVEN, .count = 1};

    for (int32_t s = 0; s < plan->n_stages; s++) {
        const struct model_unit *had = unit_of(plan, s);

        if (p->block[s] != block)
            continue;
        unit.name = joined(b->arena, unit.name, "+", plan->stages[s].name);
        unit.slots[unit.n_slots++] = (struct model_slots){.stage = s};
        if (had == NULL)
            continue;
        unit.line = had->line;
        unit.startup_s = had->startup_s;
        unit.allowed_types |= had->allowed_types;
    }
    if (unit.allowed_types == 0)
        unit.allowed_types = INT64_MAX;
    return unit;
}

static bool fits(const struct model_amounts *needs, const struct model_amounts *has)
{
    return needs->mcpu <= has->mcpu && needs->mgpu <= has->mgpu &&
           (has->memory_bytes < 0 || needs->memory_bytes <= has->memory_bytes);
}

static bool fits_somewhere(const struct builder *b, const struct model_plan *plan,
                           const struct model_unit *unit)
{
    const struct model_amounts needs = model_unit_needs(plan, unit);

    for (int32_t t = 0; t < b->n_types; t++)
        if ((unit->allowed_types >> t & 1) != 0 && fits(&needs, &b->types[t].has))
            return true;
    return false;
}

/* The plan with the blocks of `p` as its units; false where one fits on no node. */
static bool plan_as(struct builder *b, const struct model_plan *plan,
                    const struct partition *p, struct model_plan *as)
{
    struct sp_err why;
    int n = 0;

    for (int32_t s = 0; s < plan->n_stages; s++)
        n = p->block[s] >= n ? p->block[s] + 1 : n;
    *as = *plan;
    as->n_units = n;
    as->units = sp_arena_array(b->arena, (size_t)n, sizeof *as->units);
    for (int i = 0; i < n; i++)
        as->units[i] = block_unit(b, plan, p, i);
    as->size_items_per_s = 0;
    as->size_deadline_ns = -1;
    if (model_size_plan(as, b->types, b->n_types, &why) != SP_OK)
        return false;
    for (int i = 0; i < n; i++)
        if (!fits_somewhere(b, as, &as->units[i]))
            return false;
    return true;
}

/* ---- shapes ---- */

static bool is_chosen(const struct model_plan *plan, int32_t unit)
{
    return plan->kind != MODEL_KIND_JOBS &&
           plan->units[unit].count_kind != MODEL_COUNT_AUTOSCALED;
}

static void find_pools(struct plan_shape *shape, int32_t n_plans,
                       struct sp_arena *arena)
{
    int32_t n = 0;

    for (int32_t w = 0; w < n_plans; w++)
        n += shape->plans[w].n_units;
    shape->pools = sp_arena_array(arena, (size_t)n + 1, sizeof *shape->pools);
    for (int32_t w = 0; w < n_plans; w++)
        for (int32_t u = 0; u < shape->plans[w].n_units; u++)
            if (is_chosen(&shape->plans[w], u)) {
                shape->pools[shape->n_pools].plan = w;
                shape->pools[shape->n_pools++].unit = u;
            }
}

/* In quotes where it could be read as more than one name. */
static const char *name_of(struct sp_arena *arena, const char *name)
{
    char quoted[256];

    if (strpbrk(name, "+|;'") == NULL)
        return name;
    return sp_arena_strdup(arena, sp_text_quote(name, quoted, sizeof quoted));
}

/* "preprocess 64 + infer 1": of a unit with more than one slot. */
static const char *unit_text(struct sp_arena *arena, const struct model_plan *plan,
                             const struct model_unit *unit)
{
    const char *text = NULL;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        const char *name = name_of(arena, plan->stages[unit->slots[i].stage].name);

        text = joined(
            arena, text, " + ",
            unit->slots[i].cap == 1 && unit->n_slots == 1
                ? name
                : sp_arena_printf(arena, "%s %d", name, (int)unit->slots[i].cap));
    }
    return text;
}

static const char *shape_name(struct sp_arena *arena, const struct model_plan *plans,
                              int32_t n_plans)
{
    const char *name = NULL;

    for (int32_t w = 0; w < n_plans; w++) {
        const char *of = NULL;

        for (int32_t u = 0; u < plans[w].n_units; u++)
            of = joined(arena, of, " | ",
                        plans[w].kind == MODEL_KIND_PIPELINE
                            ? unit_text(arena, &plans[w], &plans[w].units[u])
                            : name_of(arena, plans[w].units[u].name));
        if (of != NULL)
            name = joined(arena, name, "; ", of);
    }
    return name != NULL ? name : "as it is";
}

static void add_shape(struct builder *b, int32_t policy, const struct model_plan *plans,
                      bool as_written)
{
    const int32_t n_plans = b->sc->n_workloads;
    struct plan_shape shape = {.policy = policy, .as_written = as_written};

    if (b->n == b->most) {
        b->all = false;
        return;
    }
    shape.plans = sp_arena_array(b->arena, (size_t)n_plans, sizeof *shape.plans);
    memcpy(shape.plans, plans, (size_t)n_plans * sizeof *plans);
    shape.name = shape_name(b->arena, plans, n_plans);
    find_pools(&shape, n_plans, b->arena);
    b->shapes = sp_arena_more(b->arena, b->shapes, b->n, &b->room, sizeof *b->shapes);
    b->shapes[b->n++] = shape;
}

/* Every choice of one partition for each workload from `w` on. */
static void combine(struct builder *b, int32_t policy, const struct partitions *of,
                    int32_t w, struct model_plan *plans)
{
    const struct model_plan *had = b->sc->policies[policy].plans;

    if (w == b->sc->n_workloads) {
        add_shape(b, policy, plans, false);
        return;
    }
    for (int32_t i = 0; i < of[w].n; i++) {
        if (b->n == b->most) {
            b->all = false;
            return;
        }
        plans[w] = had[w];
        if (had[w].kind == MODEL_KIND_PIPELINE &&
            !plan_as(b, &had[w], &of[w].rows[i], &plans[w]))
            continue;
        combine(b, policy, of, w + 1, plans);
    }
}

/* ---- other ratios of slots ---- */

/* The stage whose slots the others keep up with: the least busy of those with GPU, or
 * of all. */
static int32_t anchor_of(const struct model_plan *plan, const struct model_unit *unit,
                         const double *slots)
{
    int32_t anchor = SP_NO_ID;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        int32_t s = unit->slots[i].stage;
        bool gpu = plan->stages[s].slot_needs.mgpu > 0;
        bool had = anchor != SP_NO_ID && plan->stages[anchor].slot_needs.mgpu > 0;

        if (slots[s] > 0 && (anchor == SP_NO_ID || (gpu && !had) ||
                             (gpu == had && slots[s] < slots[anchor])))
            anchor = s;
    }
    return anchor;
}

/* `times` slots of the anchor, of the others as many as keep up, rounded up or down.
 * False: nothing changes, or it fits nowhere. */
static bool scale_unit(const struct builder *b, const struct model_plan *plan,
                       struct model_unit *unit, int times, bool up)
{
    double slots[MODEL_STAGES_MAX];
    bool changed = false;
    int32_t anchor;

    model_plan_slots(plan, b->types, b->n_types, slots);
    anchor = anchor_of(plan, unit, slots);
    if (anchor == SP_NO_ID || unit->own_needs)
        return false;
    for (int32_t i = 0; i < unit->n_slots; i++) {
        double exact = times * slots[unit->slots[i].stage] / slots[anchor];
        double cap = up ? ceil(exact - 1e-9 * exact) : floor(exact + 1e-9 * exact);
        int32_t had = unit->slots[i].cap;

        unit->slots[i].cap = (int32_t)fmin(fmax(1, cap), MODEL_UNITS_MAX);
        changed = changed || unit->slots[i].cap != had;
    }
    model_unit_fill_needs(plan, unit);
    return changed && fits_somewhere(b, plan, unit);
}

enum { TIMES_MAX = 64 };

/* The container that fills a node: the largest multiple that fits on one. */
static int largest_times(const struct builder *b, const struct model_plan *plan,
                         const struct model_unit *unit)
{
    for (int times = TIMES_MAX; times > 1; times--) {
        struct model_unit scaled = *unit;

        if (scale_unit(b, plan, &scaled, times, true))
            return times;
    }
    return 1;
}

static void add_scaled(struct builder *b, int32_t shape, int32_t w, int32_t u,
                       int times, bool up)
{
    const struct plan_shape had = b->shapes[shape];
    const int32_t n_plans = b->sc->n_workloads;
    struct model_plan *plans = sp_arena_array(b->arena, (size_t)n_plans, sizeof *plans);
    struct model_plan *plan = &plans[w];

    memcpy(plans, had.plans, (size_t)n_plans * sizeof *plans);
    plan->units = sp_arena_array(b->arena, (size_t)plan->n_units, sizeof *plan->units);
    memcpy(plan->units, had.plans[w].units,
           (size_t)plan->n_units * sizeof *plan->units);
    if (scale_unit(b, plan, &plan->units[u], times, up))
        add_shape(b, had.policy, plans, false);
}

/* Units of several stages in other proportions: rounded down, and containers two, four
 * and more times as large, up to a node's. */
static void add_ratios(struct builder *b, int32_t from, int32_t to)
{
    for (int32_t i = from; i < to; i++)
        for (int32_t w = 0; w < b->sc->n_workloads; w++) {
            const struct model_plan *plan = &b->shapes[i].plans[w];

            for (int32_t u = 0; u < plan->n_units; u++) {
                int largest;

                if (plan->kind != MODEL_KIND_PIPELINE || plan->units[u].n_slots < 2)
                    continue;
                largest = largest_times(b, plan, &plan->units[u]);
                add_scaled(b, i, w, u, 1, false);
                for (int times = 2; times <= 16; times *= 2)
                    add_scaled(b, i, w, u, times, true);
                if (largest > 16 || (largest & (largest - 1)) != 0)
                    add_scaled(b, i, w, u, largest, true);
            }
        }
}

/* ---- all of it ---- */

static bool any_pipeline(const struct model_scenario *sc)
{
    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (sc->policies[0].plans[w].kind == MODEL_KIND_PIPELINE)
            return true;
    return false;
}

/* Node types of a policy, any number of each. */
static void take_types(struct builder *b, const struct model_policy *policy)
{
    struct model_node_type *types =
        sp_arena_array(b->arena, (size_t)policy->n_types + 1, sizeof *types);

    memcpy(types, policy->types, (size_t)policy->n_types * sizeof *types);
    for (int32_t t = 0; t < policy->n_types; t++)
        types[t].max = MODEL_NODES_MAX;
    b->types = types;
    b->n_types = policy->n_types;
}

/* The bundling of the policy, its counts to be chosen. */
static void add_written(struct builder *b, int32_t policy)
{
    const struct model_policy *p = &b->sc->policies[policy];

    add_shape(b, policy, p->plans, true);
}

static void add_partitions(struct builder *b, int32_t policy)
{
    const struct model_scenario *sc = b->sc;
    struct partitions *of =
        sp_arena_array(b->arena, (size_t)sc->n_workloads, sizeof *of);
    struct model_plan *plans =
        sp_arena_array(b->arena, (size_t)sc->n_workloads, sizeof *plans);
    const int32_t from = b->n;

    for (int32_t w = 0; w < sc->n_workloads; w++) {
        of[w] = partitions_of(&sc->policies[policy].plans[w], b->most, b->arena);
        b->all = b->all && of[w].all;
    }
    combine(b, policy, of, 0, plans);
    add_ratios(b, from, b->n);
}

struct plan_shape *plan_shapes_of(const struct model_scenario *sc, bool as_written,
                                  int32_t most, struct sp_arena *arena, int32_t *n,
                                  bool *all)
{
    struct builder b = {.arena = arena, .sc = sc, .most = most, .all = true};

    sp_assert(most >= 1 && most <= PLAN_SHAPES_MAX);
    for (int32_t p = 0; p < sc->n_policies; p++) {
        take_types(&b, &sc->policies[p]);
        add_written(&b, p);
    }
    if (!as_written && any_pipeline(sc)) {
        take_types(&b, &sc->policies[sc->baseline]);
        add_partitions(&b, sc->baseline);
    }
    *n = b.n;
    *all = b.all;
    return b.shapes;
}
