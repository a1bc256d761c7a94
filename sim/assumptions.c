/* Every modelling assumption, by the id under which it is made and reported, and what
 * must be in a scenario for it to be made. */
#include "sim/run_parts.h"

#include "model/serving.h"

enum { /* bits */
       ALWAYS = 1,
       PIPELINE = 1 << 1,
       SERVING = 1 << 2,
       COMPOSED = 1 << 3, /* an iteration's time is put together of parts */
       PARALLEL = 1 << 4, /* of that, on several GPUs */
       ROOFLINE = 1 << 5,
       EXPERTS = 1 << 6,
       SPLIT = 1 << 7, /* prefill and decode apart */
       OVERLAP = 1 << 8,
       LOSSES = 1 << 9,
};

static const struct {
    int where;
    struct model_assumption what;
} rows[] = {
    {ALWAYS,
     {"A-lease-from-request",
      "A node is paid for from its request (boot included) until it is given back."}},
    {ALWAYS,
     {"A-fixed-ready",
      "Nodes of a fixed fleet, and an elastic fleet's minimum as soon as it "
      "has booted, are there from the start and paid for until the end."}},
    {ALWAYS,
     {"A-teardown",
      "When all work is done every node is given back in that instant; a pool "
      "gives its units back when its stages have seen all of their input."}},
    {ALWAYS,
     {"A-cost-split", "A node's price is split among its GPUs, CPUs and memory in "
                      "proportion to OpenCost's "
                      "default rates (0.95 USD per GPU-h, 0.031611 per CPU-h, 0.004237 "
                      "per GiB-h); to GPUs and CPUs alone "
                      "where no stage states its memory."}},
    {ALWAYS,
     {"A-net-fifo", "A NIC carries one transfer at a time in each direction at full "
                    "rate, first come first "
                    "served; data moves free of cost within a node and without limit "
                    "where no network is "
                    "given."}},
    {PIPELINE,
     {"A-slot-fetch",
      "A task holds its slot while its input is fetched (no prefetch)."}},
    {PIPELINE,
     {"A-store",
      "Outputs stay on the node that made them until the consuming task ends; each "
      "consumer's copy counts; inputs from the source take no room."}},
    {PIPELINE,
     {"A-spill",
      "What does not fit a store is written to the disk at no cost in time; reading "
      "it back takes the disk's bandwidth, one read at a time."}},
    {ALWAYS,
     {"A-source-free",
      "Items of the source come from outside the fleet at no cost in time."}},
    {PIPELINE,
     {"A-sizes-add",
      "Sizes and bytes are shared out when an item expands and add up when "
      "items are gathered."}},
    {PIPELINE,
     {"A-fail-at-end", "A task that fails has used all of its service time."}},
    {ALWAYS,
     {"A-draws",
      "Service draws belong to items: an item needs the same time under every "
      "policy, whatever the order of service."}},
    {PIPELINE,
     {"A-gpu-logical",
      "Shares of a GPU are admission control: no slow-down by neighbours."}},
    {SERVING,
     {"A-iter-batch",
      "An iteration's time depends on its batch alone (sums, the least and the most of "
      "its contexts), linearly between points that were measured; no jitter."}},
    {COMPOSED,
     {"A-iter-serial", "Kernels and all-reduces of an iteration come one after the "
                       "other; scheduling and "
                       "sampling on the host take what `step` says and nothing else."}},
    {PARALLEL,
     {"A-iter-parallel",
      "Tensor-parallel GPUs share weights, KV cache and work evenly; "
      "an all-reduce moves "
      "2 (P - 1) / P of the hidden states over each GPU's link."}},
    {EXPERTS,
     {"A-iter-experts",
      "Tokens choose their experts evenly and independently of each other."}},
    {ROOFLINE,
     {"A-iter-roofline",
      "A roofline's efficiencies are the same for all shapes: by default 60 % of the "
      "operations and 80 % of the bytes per second that the datasheet states, as "
      "measured on A100 and H100."}},
    {SERVING,
     {"A-serve-sync-scheduling",
      "A replica chooses an iteration's batch when the one "
      "before has ended, not ahead of "
      "it, with all requests that are there; routing and the "
      "way of tokens to the client "
      "take no time."}},
    {SERVING,
     {"A-serve-known-load",
      "Routers know every replica's load at the instant they choose."}},
    {OVERLAP,
     {"A-kv-overlap",
      "With overlap a KV cache moves layer by layer, evenly over the time of its "
      "prefill, and has its links from the first chunk on; a decode replica's blocks "
      "are "
      "reserved from then."}},
    {SPLIT,
     {"A-kv-fifo",
      "KV caches that wait for a decode replica go first come first served, "
      "and hold blocks where they were computed until they have moved."}},
    {LOSSES,
     {"A-retry-anew", "A request whose replica is lost begins anew with nothing of it "
                      "kept, at once; its "
                      "times count from its first arrival."}},
    {LOSSES,
     {"A-loss-known", "The loss of a replica is known at once; its node stays, and the "
                      "next one loads its weights there."}},
};
enum { ALL = sizeof rows / sizeof rows[0] };

static int of_pool(const struct model_serving *m, const struct model_pool *pool)
{
    enum model_source_of_time kind = model_iteration_kind(pool->iteration);
    bool composed = kind == MODEL_TIME_ROOFLINE || kind == MODEL_TIME_PROFILE;

    return (composed ? COMPOSED : 0) | (composed && pool->gpus > 1 ? PARALLEL : 0) |
           (composed && m->llm->experts > 1 ? EXPERTS : 0) |
           (kind == MODEL_TIME_ROOFLINE ? ROOFLINE : 0) |
           (pool->role == MODEL_ROLE_PREFILL ? SPLIT : 0) |
           (pool->has_failures ? LOSSES : 0);
}

static int of_plan(const struct model_plan *plan)
{
    int where = SERVING;

    if (plan->kind != MODEL_KIND_SERVING)
        return PIPELINE;
    for (int32_t i = 0; i < plan->serving->n_pools; i++)
        where |= of_pool(plan->serving, &plan->serving->pools[i]);
    if ((where & SPLIT) != 0 && plan->serving->transfer.overlap)
        where |= OVERLAP;
    return where;
}

const struct model_assumption *sim_assumptions(const struct model_scenario *sc,
                                               struct sp_arena *arena, int32_t *n)
{
    struct model_assumption *made = sp_arena_array(arena, ALL, sizeof *made);
    int where = ALWAYS;

    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans; w++)
            where |= of_plan(&sc->policies[p].plans[w]);
    *n = 0;
    for (int i = 0; i < ALL; i++)
        if ((rows[i].where & where) != 0)
            made[(*n)++] = rows[i].what;
    return made;
}
