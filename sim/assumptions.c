/* Every modelling assumption, by the id under which it is made and reported, and what
 * must be in a scenario for it to be made. */
#include "sim/run_parts.h"

#include "model/jobs.h"
#include "model/profile.h"
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
       JOBS = 1 << 10,
       CHECKPOINTS = 1 << 11,
       KNOWN_TIMES = 1 << 12, /* jobs whose durations the scheduler knows */
       TEAMS = 1 << 13,       /* quotas */
       BY_CHANCE = 1 << 14,   /* nodes taken back */
       BY_RECORD = 1 << 15,
       BROKEN = 1 << 16,  /* nodes that fail */
       RETRIES = 1 << 17, /* replicas are lost, by themselves or with their nodes */
       ITEMS = 1 << 18,   /* pipelines on nodes that are lost */
       KERNELS = 1 << 19, /* calibrated ones */
       SPREAD = 1 << 20,  /* whose items differ */
       CONTENTION = 1 << 21,
       TRANSFER = 1 << 22, /* measured on other GPUs */
       ON_CPU = 1 << 23,   /* kernels measured on a CPU */
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
    {KERNELS,
     {"A-kernel-draws",
      "With several replications each draws what is not known exactly of a calibrated "
      "kernel (its level, lognormal of mean 1; its form outside of what was measured; "
      "its scaling), the same under all policies and independently of other kernels; "
      "intervals are those of one more such run. With one replication the estimates "
      "count. calibration_draw names one draw for all instead."}},
    {ON_CPU,
     {"A-kernel-cpu", "A kernel measured on a CPU takes as long on the CPUs of every "
                      "node, but for what "
                      "their cpu_speed says."}},
    {SPREAD,
     {"A-kernel-spread",
      "Items that are alike in what a kernel is told of them differ by a lognormal "
      "factor of mean 1, with the measured spread; it belongs to the item."}},
    {CONTENTION,
     {"A-kernel-contention",
      "A calibrated kernel is slowed down by the CPUs at work on its node when its "
      "task "
      "starts, its own among them, for all of the task, as copies of itself would slow "
      "it down; stages of all pipelines count, serving and jobs don't."}},
    {TRANSFER,
     {"A-kernel-transfer",
      "A kernel measured on another GPU takes its times scaled by the ratio of the "
      "datasheets' rates of operations, memory or link, whichever binds it; that adds "
      "15 % to its uncertainty (in squares), 25 % where operations bind."}},
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
    {RETRIES,
     {"A-retry-anew", "A request whose replica is lost begins anew with nothing of it "
                      "kept, at once; its "
                      "times count from its first arrival."}},
    {LOSSES,
     {"A-loss-known", "The loss of a replica is known at once; its node stays, and the "
                      "next one loads its weights there."}},
    {JOBS,
     {"A-job-rigid",
      "A job needs all of its members from its start to its end, neither more nor "
      "fewer; "
      "they start and end together, and a user does not give up while it waits."}},
    {JOBS,
     {"A-job-speed",
      "A job's time of work is its duration divided by the speed of its slowest node's "
      "GPU model; where its members lie, and who else is on the node, changes nothing: "
      "bandwidth within a gang is not modelled."}},
    {JOBS,
     {"A-job-busy",
      "The GPUs and CPUs of a job are busy while it works, all of what it asked for; "
      "start-up, restarts and checkpoints are allocated and idle."}},
    {KNOWN_TIMES,
     {"A-job-known",
      "Where a job has no estimate, rules that look at how long it will run know its "
      "true duration."}},
    {CHECKPOINTS,
     {"A-job-checkpoint",
      "Checkpoints come after equal spans of work and hold all of it; their times do "
      "not depend on the job's size, and what was done since the last one is lost with "
      "its nodes, whoever takes them."}},
    {TEAMS,
     {"A-quota-alike", "Quotas count GPUs, CPUs and memory, whatever the GPU's model "
                       "or the node type."}},
    {BY_CHANCE,
     {"A-spot-poisson",
      "The cloud takes nodes back one by one, independently, at a constant rate, "
      "whatever their price, age or zone; another can be had at once unless a limit "
      "says otherwise."}},
    {BY_RECORD,
     {"A-spot-record",
      "Nodes are there as the record says, whatever we do; between its samples "
      "availability stays as it was last seen. The cloud knows a fall as long before "
      "as "
      "its notice: it launches nothing that it would give notice to at once."}},
    {BROKEN,
     {"A-node-fails", "Nodes break independently of each other, without notice; that "
                      "is known at once."}},
    {ITEMS,
     {"A-loss-data",
      "What tasks had finished outlives their nodes: outputs in the store of a lost "
      "node, or waiting for room, are read as if it were still there. (An engine would "
      "compute them again, or have a copy.) A task that is lost begins again with the "
      "same draws."}},
    {ITEMS,
     {"A-gang-lost", "A step of a gang of which one unit is lost is lost whole."}},
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
           (pool->has_failures ? LOSSES | RETRIES : 0);
}

/* Whether each job says how long it will run, as far as that is known before. */
static bool has_estimates(const struct model_jobs *jobs)
{
    for (int32_t i = 0; i < jobs->n_classes; i++)
        if (!jobs->classes[i].has_estimate)
            return jobs->has_estimate;
    return jobs->n_classes > 0 || jobs->has_estimate;
}

static int of_jobs(const struct model_jobs *jobs)
{
    return JOBS | (jobs->checkpoint_ns > 0 ? CHECKPOINTS : 0) |
           (has_estimates(jobs) ? 0 : KNOWN_TIMES);
}

static int of_time(const struct model_time *t)
{
    const struct model_kernel_use *use = t->kernel;
    double cv;

    if (use == NULL)
        return 0;
    cv = use->by_features ? use->kernel->features.cv : use->kernel->item_cv;
    return KERNELS |
           (use->profile->devices[use->kernel->device_id].is_gpu ? 0 : ON_CPU) |
           (cv > 0 ? SPREAD : 0) | (use->contention ? CONTENTION : 0) |
           (t->basis == MODEL_BASIS_DATASHEET ? TRANSFER : 0);
}

static int of_pipeline(const struct model_plan *plan)
{
    int where = PIPELINE;

    for (int32_t s = 0; s < plan->n_stages; s++)
        where |= of_time(&plan->stages[s].time);
    for (int32_t u = 0; u < plan->n_units; u++)
        if (plan->units[u].has_fused_time)
            where |= of_time(&plan->units[u].fused_time);
    return where;
}

static int of_plan(const struct model_plan *plan)
{
    int where = SERVING;

    if (plan->kind == MODEL_KIND_JOBS)
        return of_jobs(plan->jobs);
    if (plan->kind != MODEL_KIND_SERVING)
        return of_pipeline(plan);
    for (int32_t i = 0; i < plan->serving->n_pools; i++)
        where |= of_pool(plan->serving, &plan->serving->pools[i]);
    if ((where & SPLIT) != 0 && plan->serving->transfer.overlap)
        where |= OVERLAP;
    return where;
}

static int of_policy(const struct model_policy *p)
{
    int where = p->has_teams ? TEAMS : 0;

    for (int32_t t = 0; t < p->n_types; t++) {
        const struct model_loss *loss = &p->types[t].loss;

        where |= (loss->taken_back && loss->availability == NULL ? BY_CHANCE : 0) |
                 (loss->availability != NULL ? BY_RECORD : 0) |
                 (loss->fails ? BROKEN : 0);
    }
    for (int32_t w = 0; w < p->n_plans; w++)
        where |= of_plan(&p->plans[w]);
    if ((where & (BY_CHANCE | BY_RECORD | BROKEN)) != 0)
        where |= ((where & SERVING) != 0 ? RETRIES : 0) |
                 ((where & PIPELINE) != 0 ? ITEMS : 0);
    return where;
}

const struct model_assumption *sim_assumptions(const struct model_scenario *sc,
                                               struct sp_arena *arena, int32_t *n)
{
    struct model_assumption *made = sp_arena_array(arena, ALL, sizeof *made);
    int where = ALWAYS;

    for (int32_t p = 0; p < sc->n_policies; p++)
        where |= of_policy(&sc->policies[p]);
    *n = 0;
    for (int i = 0; i < ALL; i++)
        if ((rows[i].where & where) != 0)
            made[(*n)++] = rows[i].what;
    return made;
}
