/* Why nodes were bought, in words with prices. */
#include <math.h>

#include "sim/leases_rows.h"

static int64_t amount_of(const struct sim_room *need, int r)
{
    switch (r) {
    case MODEL_GPU:
        return INT64_C(1000) * need->whole_gpus + need->share_mgpu;
    case MODEL_CPU:
        return need->mcpu;
    default:
        return need->memory_bytes;
    }
}

/* Price of the part of a node that a member takes: its dominant share. */
double sim_reason_cost(const struct sim_leases *l, int32_t type, int32_t shape)
{
    const struct model_node_type *t = &l->policy->types[type];
    const struct sim_room *need = sim_nodes_need(l->nodes_free, shape);
    double share = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        double has = (double)sim_amount(&t->has, r);

        if (has > 0)
            share = fmax(share, (double)amount_of(need, r) / has);
    }
    return t->has_price ? share * (double)t->uusd_per_h : INFINITY;
}

int32_t sim_reason_count(struct sim_leases *l, const struct sim_lease_reason *why)
{
    for (int32_t i = 0; i < l->n_reasons; i++) {
        struct sim_lease_reason *r = &l->reasons[i];

        if (r->type == why->type && r->shape == why->shape &&
            r->runner == why->runner && r->passed == why->passed) {
            r->nodes += why->nodes;
            return i;
        }
    }
    l->reasons = sp_arena_more(l->arena, l->reasons, l->n_reasons, &l->reasons_room,
                               sizeof *l->reasons);
    l->reasons[l->n_reasons] = *why;
    return l->n_reasons++;
}

/* ---- in words ---- */

/* "1 GPU + 8 CPUs + 64 GiB" */
static const char *shape_text(const struct sim_leases *l, struct sp_arena *arena,
                              int32_t shape)
{
    const struct sim_room *need = sim_nodes_need(l->nodes_free, shape);
    double gpus = (double)amount_of(need, MODEL_GPU) / 1000;
    double cpus = (double)need->mcpu / 1000;
    const char *text = "";

    if (gpus > 0)
        text = sp_arena_printf(arena, "%g GPU%s", gpus, gpus > 1 ? "s" : "");
    if (cpus > 0 || (gpus <= 0 && need->memory_bytes <= 0))
        text = sp_arena_printf(arena, "%s%s%g CPU%s", text, *text != '\0' ? " + " : "",
                               cpus, cpus == 1 ? "" : "s");
    if (need->memory_bytes > 0)
        text = sp_arena_printf(arena, "%s%s%.4g GiB", text, *text != '\0' ? " + " : "",
                               (double)need->memory_bytes / 1073741824.0);
    return text;
}

static bool wastes(const struct sim_leases *l, const struct sim_lease_reason *r,
                   int32_t type)
{
    return l->policy->types[type].has.mgpu > 0 &&
           amount_of(sim_nodes_need(l->nodes_free, r->shape), MODEL_GPU) == 0;
}

static const char *price_text(const struct sim_leases *l, struct sp_arena *arena,
                              int32_t type, int32_t shape)
{
    double uusd = sim_reason_cost(l, type, shape);

    if (!isfinite(uusd))
        return "no price";
    return sp_arena_printf(arena, "%.4g USD/h", uusd / 1e6);
}

/* What it is among those that could be bought. */
static const char *place_text(const struct sim_leases *l,
                              const struct sim_lease_reason *r)
{
    if (r->runner != SP_NO_ID)
        return "cheapest";
    if (!l->types[r->type].grouped)
        return "the only one";
    return r->passed == SP_NO_ID ? "the first option" : "the next option";
}

static const char *reason_text(const struct sim_leases *l, struct sp_arena *arena,
                               const struct sim_lease_reason *r)
{
    const struct model_node_type *types = l->policy->types;
    const char *text;

    if (r->shape == SP_NO_ID)
        return "replaces a node of the minimum that was lost";
    text = sp_arena_printf(arena, "%s for %s: its share is %s", place_text(l, r),
                           shape_text(l, arena, r->shape),
                           price_text(l, arena, r->type, r->shape));
    if (r->runner != SP_NO_ID)
        text = sp_arena_printf(arena, "%s; next %s %s%s", text, types[r->runner].name,
                               price_text(l, arena, r->runner, r->shape),
                               wastes(l, r, r->runner) && !wastes(l, r, r->type)
                                   ? " (has GPUs that it would not use)"
                                   : "");
    if (r->passed != SP_NO_ID)
        text = sp_arena_printf(arena, "%s; stands in for %s, which could not be had",
                               text, types[r->passed].name);
    return text;
}

int64_t sim_leases_from_ns(const struct sim_leases *l, int32_t node)
{
    return l->nodes[node].from_ns;
}

int64_t sim_leases_ready_ns(const struct sim_leases *l, int32_t node)
{
    return l->nodes[node].ready_ns;
}

const char *sim_leases_why(const struct sim_leases *l, int32_t node,
                           struct sp_arena *arena)
{
    int32_t reason = l->nodes[node].reason;

    return reason == SP_NO_ID ? NULL : reason_text(l, arena, &l->reasons[reason]);
}

void sim_leases_result(const struct sim_leases *l, struct sp_arena *arena,
                       struct model_policy_result *p)
{
    p->n_bought = l->n_reasons;
    p->bought = sp_arena_array(arena, (size_t)l->n_reasons, sizeof *p->bought);
    for (int32_t i = 0; i < l->n_reasons; i++)
        p->bought[i] =
            (struct model_bought){.type = l->policy->types[l->reasons[i].type].name,
                                  .reason = reason_text(l, arena, &l->reasons[i]),
                                  .nodes = l->reasons[i].nodes};
    p->nodes_taken_back = l->taken_back;
    p->nodes_failed = l->failed;
    p->launches_refused = l->launches_refused;
}
