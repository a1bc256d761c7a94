/* Every modelling assumption, by the id under which it is made and reported. */
#include "sim/run_parts.h"

#include <string.h>

const struct model_assumption sim_assumptions[] = {
    {"A-lease-from-request",
     "A node is paid for from its request (boot included) until it is given back."},
    {"A-fixed-ready",
     "Nodes of a fixed fleet, and an elastic fleet's minimum as soon as it "
     "has booted, are there from the start and paid for until the end."},
    {"A-teardown",
     "When all work is done every node is given back in that instant; a pool "
     "gives its units back when its stages have seen all of their input."},
    {"A-cost-split", "A node's price is split among its GPUs, CPUs and memory in "
                     "proportion to OpenCost's "
                     "default rates (0.95 USD per GPU-h, 0.031611 per CPU-h, 0.004237 "
                     "per GiB-h); to GPUs and CPUs alone "
                     "where no stage states its memory."},
    {"A-net-fifo", "A NIC carries one transfer at a time in each direction at full "
                   "rate, first come first "
                   "served; data moves free of cost within a node and without limit "
                   "where no network is "
                   "given."},
    {"A-slot-fetch", "A task holds its slot while its input is fetched (no prefetch)."},
    {"A-store",
     "Outputs stay on the node that made them until the consuming task ends; each "
     "consumer's copy counts; inputs from the source take no room."},
    {"A-spill",
     "What does not fit a store is written to the disk at no cost in time; reading "
     "it back takes the disk's bandwidth, one read at a time."},
    {"A-source-free",
     "Items of the source come from outside the fleet at no cost in time."},
    {"A-sizes-add",
     "Sizes and bytes are shared out when an item expands and add up when "
     "items are gathered."},
    {"A-fail-at-end", "A task that fails has used all of its service time."},
    {"A-draws",
     "Service draws belong to items: an item needs the same time under every "
     "policy, whatever the order of service."},
    {"A-gpu-logical",
     "Shares of a GPU are admission control: no slow-down by neighbours."},
    /* From here on: of serving alone, see sim_count_assumptions(). */
    {"A-iter-batch",
     "An iteration's time depends on its batch alone (sums, the least and the most of "
     "its contexts), linearly between points that were measured; no jitter."},
    {"A-iter-serial",
     "Kernels and all-reduces of an iteration come one after the other; scheduling and "
     "sampling on the host take what `step` says and nothing else."},
    {"A-iter-parallel", "Tensor-parallel GPUs share weights, KV cache and work evenly; "
                        "an all-reduce moves "
                        "2 (P - 1) / P of the hidden states over each GPU's link."},
    {"A-iter-experts",
     "Tokens choose their experts evenly and independently of each other."},
    {"A-iter-roofline",
     "A roofline's efficiencies are the same for all shapes: by default 60 % of the "
     "operations and 80 % of the bytes per second that the datasheet states, as "
     "measured on A100 and H100."},
    {"A-serve-sync-scheduling", "A replica chooses an iteration's batch when the one "
                                "before has ended, not ahead of "
                                "it, with all requests that are there; routing and the "
                                "way of tokens to the client "
                                "take no time."},
    {"A-serve-known-load",
     "Routers know every replica's load at the instant they choose."},
    {"A-kv-overlap",
     "With overlap a KV cache moves layer by layer, evenly over the time of its "
     "prefill, and has its links from the first chunk on; a decode replica's blocks "
     "are "
     "reserved from then."},
    {"A-kv-fifo",
     "KV caches that wait for a decode replica go first come first served, "
     "and hold blocks where they were computed until they have moved."},
    {"A-retry-anew", "A request whose replica is lost begins anew with nothing of it "
                     "kept, at once; its "
                     "times count from its first arrival."},
    {"A-loss-known", "The loss of a replica is known at once; its node stays, and the "
                     "next one loads its weights there."},
};
enum { ALL = sizeof sim_assumptions / sizeof sim_assumptions[0] };

static bool serves(const struct model_scenario *sc)
{
    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans; w++)
            if (sc->policies[p].plans[w].kind == MODEL_KIND_SERVING)
                return true;
    return false;
}

int32_t sim_count_assumptions(const struct model_scenario *sc)
{
    int32_t n = 0;

    if (serves(sc))
        return ALL;
    while (strcmp(sim_assumptions[n].id, "A-iter-batch") != 0)
        n++;
    return n;
}
