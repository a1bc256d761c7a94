/* See fleet.h. */
#include "fleet.h"

#include <stddef.h>

#include "base/units.h"

enum { EV_PLACE, EV_NODE, EV_MARKET };

static void placed(void *self, int32_t cookie, int32_t unit, int32_t node,
                   int64_t now_ns)
{
    struct fleet *f = self;

    sp_assert(f->unit[cookie] == unit && f->node[cookie] == SP_NO_ID);
    f->node[cookie] = node;
    f->placed_ns[cookie] = now_ns;
}

struct model_node_type fleet_fixed(int32_t count, struct model_amounts has)
{
    return (struct model_node_type){.name = "fixed",
                                    .option = "owned",
                                    .has = has,
                                    .has_price = true,
                                    .uusd_per_h = 1000000,
                                    .store_bytes = -1,
                                    .cpu_speed = 1,
                                    .fixed = true,
                                    .count = count};
}

struct model_node_type fleet_elastic(int32_t min, int32_t max, struct model_amounts has)
{
    struct model_node_type t = fleet_fixed(0, has);

    t.name = "elastic";
    t.option = "on-demand";
    t.fixed = false;
    t.min = min;
    t.max = max;
    t.idle_timeout_ns = 60 * SP_NS_PER_S;
    return t;
}

struct fleet *fleet_new(struct sp_arena *arena, struct model_node_type *types,
                        int32_t n_types, const char *placement)
{
    struct fleet *f = sp_arena_alloc(arena, sizeof *f);

    f->arena = arena;
    f->policy =
        (struct model_policy){.name = "policy",
                              .placement = placement,
                              .n_types = n_types,
                              .types = types,
                              .n_plans = 1,
                              .plans = sp_arena_alloc(arena, sizeof *f->policy.plans)};
    f->queue = sim_event_queue_new(arena);
    f->ledger = sim_ledger_new(arena, &f->policy);
    sim_ledger_owner_new(f->ledger, 0, 0);
    f->cluster =
        sim_cluster_new(arena, f->queue, &f->policy, f->ledger,
                        (struct sim_cluster_events){
                            .place = EV_PLACE, .node = EV_NODE, .market = EV_MARKET},
                        1);
    f->client = (struct sim_cluster_client){.self = f, .unit_placed = placed};
    return f;
}

int32_t fleet_kind(struct fleet *f, struct model_amounts needs, int64_t allowed_types)
{
    return sim_cluster_kind_new(
        f->cluster, &(struct sim_cluster_kind){.needs = needs,
                                               .allowed_types = allowed_types,
                                               .client = &f->client});
}

void fleet_start(struct fleet *f)
{
    sim_cluster_start(f->cluster);
    sim_cluster_verify(f->cluster);
}

int32_t fleet_ask(struct fleet *f, int32_t kind)
{
    int32_t cookie = f->n_asked++;

    sp_assert(cookie < FLEET_UNITS);
    f->node[cookie] = SP_NO_ID;
    f->unit[cookie] = sim_cluster_ask(f->cluster, kind, cookie, f->now_ns);
    return cookie;
}

void fleet_release(struct fleet *f, int32_t cookie)
{
    sim_cluster_release(f->cluster, f->unit[cookie], f->now_ns);
    f->node[cookie] = SP_NO_ID;
    sim_cluster_verify(f->cluster);
}

void fleet_run(struct fleet *f, double until_s)
{
    int32_t clock = sim_event_queue_slot_new(f->queue, -1, SP_NO_ID);
    struct sim_event ev;

    sim_event_queue_set(f->queue, clock, sp_ns_from_s(until_s), 3);
    while (sim_event_queue_pop(f->queue, &ev) && ev.kind != -1) {
        f->now_ns = ev.time_ns;
        sim_cluster_event(f->cluster, &ev);
        sim_cluster_verify(f->cluster);
        sim_event_queue_verify(f->queue);
    }
    f->now_ns = sp_ns_from_s(until_s);
}

struct model_cost_line *fleet_finish(struct fleet *f, int32_t *n_lines)
{
    static const char *const work[] = {"work"};
    struct model_cost_line *lines;

    sim_cluster_finish(f->cluster, f->now_ns);
    sim_ledger_lines(f->ledger, f->arena, work, &lines, n_lines);
    return lines;
}
