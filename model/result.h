/* What came out, once, in one struct: every report is a view of this.
 *
 * A result holds, for each policy, the figures of `n_runs` replications.  Where a
 * figure is a struct model_stat it has one value per replication behind it; `half95` is
 * the half width of the 95 % confidence interval by Student's t (NaN with one
 * replication); of a policy with calibrated kernels, whose parameters each replication
 * draws, of the interval of one more replication.  NaN means "not measured". Everything
 * lives in the arena given to the simulation.
 */
#ifndef MODEL_RESULT_H
#define MODEL_RESULT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/wide.h"
#include "model/llm.h"
#include "model/scenario.h"

/* "gpu", "cpu", "memory": the keys of the JSON and of the tables. */
const char *model_resource_name(enum model_resource r);

/* Why a run ended: results, not errors. */
enum model_end {
    MODEL_END_DONE, /* all work done */
    MODEL_END_HORIZON,
    MODEL_END_DEADLOCK,    /* nothing can move: `end_text` names the stages */
    MODEL_END_INTERRUPTED, /* Ctrl-C: everything is partial */
    MODEL_END_EVENT_LIMIT,
};
const char *model_end_name(enum model_end end); /* "done", "horizon", ... */

struct model_stat {
    double mean, half95;
};

/* A figure with one value behind it. */
static inline struct model_stat model_stat_one(double value)
{
    return (struct model_stat){value, NAN};
}

/* A cumulative distribution of times, first replication: frac[i] of them took at most
 * s[i] seconds; both rise, the last frac is 1. */
struct model_cdf {
    const char *what; /* "latency", "ttft", "tpot", "e2e", "queue", "completion" */
    int32_t n;
    double *s, *frac;
};

/* What the intervals of a figure are made of, or why it has none. */
enum model_interval {
    MODEL_INTERVAL_NONE,      /* nothing was asked for but replications */
    MODEL_INTERVAL_BATCHES,   /* batch means of one run (sim/batches.h) */
    MODEL_INTERVAL_FEW,       /* too few values in one run */
    MODEL_INTERVAL_DEPENDENT, /* batches of one run depend on each other */
};

/* A distribution of times in seconds.  Quantiles come from a log-linear histogram whose
 * relative error is at most 1/256 (docs/design.md); mean and max are exact. */
struct model_times {
    int64_t count;
    struct model_stat mean_s, p50_s, p90_s, p99_s, max_s;
    enum model_interval mean_from, p99_from; /* within one run */
};

struct model_node_use {
    const char *type, *option;
    const char *group;        /* what the fleet calls it; options of it share this */
    const char *catalog_type; /* or NULL */
    const char *gpu_model;    /* or NULL */
    struct model_amounts has; /* of one node */
    int32_t peak;             /* most nodes held at a time, over the replications */
    struct model_stat mean;   /* time average over the run */
    struct model_stat hours;  /* node-hours held */
    struct model_stat billed_hours;
    struct model_stat usd;
    double usd_per_h;      /* the price used; NaN where there is none */
    double list_usd_per_h; /* the same node on demand, before discounts, where that is
                            * known; else usd_per_h */
    enum model_basis price_basis;
    const char *price_source; /* "catalog karpenter-aws-prices 2026-07-20", "none" */
    const char *price_date;   /* "2026-07-20"; "": not known */
};

/* Over the window (see model_policy_result.window_*). */
struct model_resource_use {
    struct model_stat provisioned_h, allocated_h, busy_h; /* CPU-h, GPU-h, GiB-h */
    struct model_stat stranded_h; /* of provisioned - allocated: see model_ledger */
    struct model_stat busy_of_provisioned, allocated_of_provisioned; /* 0..1 */
};

struct model_stage_result {
    const char *name;
    const char *unit;            /* the unit kinds that run it, joined by "+" */
    struct model_stat slots;     /* time average of slots that exist */
    struct model_stat busy_frac; /* of slot-time, over the window */
    struct model_stat
        blocked_frac;             /* of slot-time, finished but held by backpressure */
    struct model_stat fetch_frac; /* of slot-time, waiting for input to arrive */
    struct model_times wait;      /* item ready at the stage until its task starts */
    struct model_times service;   /* of a task */
    struct model_stat queue_mean,
        queue_peak;                     /* items that wait, over the window / run */
    struct model_stat batch_mean;       /* items of a task */
    int64_t in, done, emitted, retried; /* items, first replication, whole run */
    int64_t dropped;
    int64_t lost; /* tasks lost with their nodes; their items went back to the queue */
    double mean_service_s; /* mean from the description, of a full batch; NaN unknown */
    bool bottleneck; /* the stage whose slots, or shared CPUs or GPUs, are busiest for
                        longest */
};

/* What a stage asked of a calibrated kernel, over all replications: the basis of its
 * service times. */
struct model_kernel_asked {
    const char *workload, *stage;
    bool fused; /* `stage` is the name of a fused unit with a time of its own */
    const char *kernel, *device, *profile; /* as the scenario names the profile */
    enum model_basis basis;                /* datasheet where some of it was transferred
                                            */
    const char *axis;                      /* "" : it has none */
    bool by_features;                      /* not by the axis */
    bool converged;                        /* its measurement; else why not, or NULL */
    const char *why;
    int64_t calls, extrapolated; /* calls of the kernel; outside of what was measured */
    double x_least, x_most;      /* asked for; NaN: by features, no axis, no call */
    double known_least, known_most; /* measured */
    double cores_most, known_cores; /* CPUs at work at once (NaN: not looked at);
                                     * measured */
    double slowdown_most, slowdown_low,
        slowdown_high; /* at cores_most: 95 % interval */
    double sd_frac;    /* of the kernel's times; enters the intervals where there are
                        * replications */
};

/* Beyond so many times the cores measured a slow-down is a guess. */
#define MODEL_CORES_REACH 2.0

/* Why calls were extrapolated: what they asked for lies outside of the table (or, by
 * features, may); more CPUs were at work than the measured ones tell of. */
static inline bool model_asked_beyond_work(const struct model_kernel_asked *k)
{
    return k->x_least < k->known_least || k->x_most > k->known_most ||
           (k->by_features && k->extrapolated > 0);
}
static inline bool model_asked_beyond_cores(const struct model_kernel_asked *k)
{
    return k->cores_most > MODEL_CORES_REACH * k->known_cores;
}

enum { MODEL_DROP_REASONS = 6 };
enum model_drop {
    MODEL_DROP_FILTERED,
    MODEL_DROP_RETRIES,
    MODEL_DROP_KV_CAPACITY, /* a request that no replica's KV cache can hold */
    MODEL_DROP_ZERO_TOKENS, /* a request without prompt or without output */
    MODEL_DROP_TOO_LARGE,   /* a job of which a member fits no node type it may use, or
                             * that its team's quota could never hold */
    MODEL_DROP_GANG,        /* a job whose members could never all be there at once */
};
const char *model_drop_name(enum model_drop reason);

/* ---- serving: docs/design.md, "Serving: what happens when", defines each figure ----
 */

/* Requests whose prompt has at most `up_to_tokens` tokens and more than the class
 * before; INT64_MAX: the last class. */
struct model_serving_class {
    int64_t up_to_tokens;
    struct model_times ttft, tpot, e2e;
    struct model_stat slo_attained; /* NaN without SLO */
};

struct model_serving_pool {
    const char *name;            /* also the name of its stage */
    const char *role;            /* "both", "prefill", "decode" */
    const char *iteration;       /* where iteration times come from */
    const char *kv_text;         /* how the KV capacity came about */
    int32_t gpus;                /* of a replica */
    const struct model_gpu *gpu; /* its GPUs; NULL: not known */
    int64_t kv_blocks;           /* of a replica; INT64_MAX: not limited */
    int32_t block_size;
    struct model_stat replicas;         /* up, time average */
    struct model_stat busy_frac;        /* of their time: an iteration running */
    struct model_stat compute_frac;     /* of busy time: bound by computing */
    struct model_stat decode_frac;      /* of busy time: for decoding */
    struct model_stat flop_utilization; /* model FLOP / peak FLOP of busy time; NaN: the
                                         * GPU or the model's shape is not known */
    struct model_stat kv_used_frac;     /* of capacity, mean over busy time */
    struct model_stat kv_peak_frac;     /* of one replica */
    struct model_stat batch_mean;       /* sequences per decoding iteration */
    struct model_stat tokens_per_s_per_gpu; /* prompt and output tokens computed, per
                                             * GPU of replicas up */
    struct model_times queue; /* submitted here until first scheduled; of a
                               * decode pool: in line for a place there */
    int64_t iterations, prefill_tokens, decode_tokens, recomputed_tokens, preemptions;
    bool prefix_caching;
    int64_t prefix_blocks, prefix_found_blocks, prefix_tokens, prefix_found_tokens;
    int64_t beyond; /* iterations outside of what the time source knows */
    int64_t lost;   /* replicas lost */
};

struct model_serving_result {
    const char *model;
    double weight_bytes;       /* of the model in its number format; 0: not known */
    int64_t requests, retried; /* arrived; attempts begun anew after a loss */
    struct model_times ttft, tpot, itl, e2e, queue;
    bool has_slo;
    double slo_ttft_s, slo_tpot_s, slo_e2e_s; /* NaN: not asked for */
    double slo_attain_frac; /* share of requests that must meet it; 0: not known */
    struct model_stat goodput_per_s, slo_attained;
    struct model_stat prompt_tokens_per_s, output_tokens_per_s; /* of requests done */
    struct model_stat tokens_per_s_per_gpu;   /* both, per GPU of replicas up */
    struct model_stat usd_per_million_tokens; /* both */
    struct model_stat usd_per_million_prompt_tokens, usd_per_million_output_tokens;
    int32_t n_classes;
    struct model_serving_class *classes;
    int32_t n_pools;
    struct model_serving_pool *pools;
    /* KV transfers; all 0 where prefill and decode are not apart. */
    int64_t transfers, transfer_bytes;
    struct model_times
        transfer; /* prompt done until the decode replica has its cache */
    struct model_times held_back; /* of that, waiting for room in the decode pool */
    /* Attainment over time, first replication: requests done (or dropped) in each
     * bucket and how many of them met the SLO. */
    int32_t n_buckets;
    double bucket_s;
    int64_t *finished, *met;
};

/* ---- jobs: docs/design.md, "Jobs: what happens when", defines each figure ---- */

/* Why something waits for a place.  Every instant of a wait has one cause. */
enum model_cause {
    MODEL_CAUSE_QUOTA,         /* its team's quota, with all it may borrow */
    MODEL_CAUSE_HEAD_OF_LINE,  /* not its turn: another one is first */
    MODEL_CAUSE_CAPACITY,      /* less is free, in sum, than one member needs */
    MODEL_CAUSE_FRAGMENTATION, /* enough in sum, but no node has room for a member */
    MODEL_CAUSE_GANG,          /* room for some members, not for all */
    MODEL_CAUSE_SPOT_LOSS,     /* its nodes were lost, and it has none again yet */
    MODEL_CAUSE_START_UP,      /* its nodes boot */
};
enum { MODEL_CAUSES = 7 };
const char *model_cause_name(enum model_cause cause); /* "quota", ... */

/* Figures of a group of jobs: all, those of a team, of a size class. */
struct model_job_group {
    const char *name; /* "all", the team's, "1 GPU", "2-8 GPUs" */
    int64_t arrived, done;
    struct model_times queue;      /* arrival until it first runs; of jobs done */
    struct model_times completion; /* arrival until done (JCT) */
    struct model_times wait;       /* all of the time it did not run */
    struct model_stat slowdown_mean, slowdown_p50, slowdown_p90, slowdown_p99;
    /* completion / max(run time on the reference GPU, 10 s), at least 1 */
    struct model_stat gpu_h;        /* allocated */
    double wait_frac[MODEL_CAUSES]; /* of the mean wait, of jobs done; sum 1; NaN where
                                       nobody waited */
};

/* Of jobs that never end: what was allocated when so much had been asked for. */
struct model_job_curve {
    int32_t n;
    double *arrived_pct;   /* GPUs asked for by then, of the fleet's */
    double *allocated_pct; /* GPUs allocated, of the fleet's */
    double *fragment_pct;  /* GPUs that the fragmentation-gradient measure counts, of
                            * the fleet's; NaN: it was not computed */
};

struct model_jobs_result {
    int32_t n_groups; /* "all", then teams, then size classes */
    struct model_job_group *groups;
    int32_t n_teams, n_sizes;               /* of the groups */
    int64_t preempted, interrupted, failed; /* times that jobs lost their nodes, first
                                             * replication, whole run */
    int64_t moved;                          /* given up for a cheaper option */
    struct model_stat lost_gpu_h;           /* work done that had to be done again */
    struct model_stat overhead_gpu_h;    /* held without work: starting, checkpoints */
    struct model_stat useful_gpu_h;      /* work that was done once and counts */
    struct model_stat makespan_s;        /* first arrival until the last job was done */
    int64_t deadlines, deadlines_missed; /* jobs done that had one */
    int64_t refused;                     /* jobs that could never run: in dropped_by */
    const char *refused_text;            /* the first few by name, or NULL */
    struct model_job_curve curve;
    /* What no bill of these jobs can be below, work done so far of those in flight
     * (docs/design.md, "Jobs: what happens when"); NaN where a price is not known. */
    struct model_stat floor_usd;
};

struct model_workload_result {
    const char *name, *kind;
    struct model_serving_result *serving; /* NULL for other kinds */
    struct model_jobs_result *jobs;       /* NULL for other kinds */
    /* Source items, first replication, whole run: in = done + in_flight + dropped. */
    int64_t in, done, in_flight, dropped, dropped_by[MODEL_DROP_REASONS];
    struct model_stat per_s; /* source items done per second, over the window */
    const char *interval;    /* "95 %, batch means of one run", "none: ..."; NULL: of
                              * replications, or there are none */
    struct model_times
        latency; /* source item's arrival until its last descendant leaves */
    int32_t n_stages;
    struct model_stage_result *stages; /* as in the plan */
    double bound_per_s;  /* throughput bound by bottleneck analysis of the units; NaN
                            none */
    int32_t bound_stage; /* stage id of that bound, or SP_NO_ID */
    int64_t moved_bytes, spilled_bytes; /* first replication */
    int32_t n_kernels;
    struct model_kernel_asked *kernels; /* calibrated kernels of its stages */
    int32_t n_cdfs;                     /* 0 where nothing was done */
    struct model_cdf *cdfs;             /* those of its kind, of what was done in the
                                         * window */
};

/* Of what was dropped, what this fleet could never have done: too large for any node or
 * replica, or a gang for all of them. */
static inline int64_t model_refused(const struct model_workload_result *w)
{
    return w->dropped_by[MODEL_DROP_KV_CAPACITY] + w->dropped_by[MODEL_DROP_TOO_LARGE] +
           w->dropped_by[MODEL_DROP_GANG];
}

/* Money of the first replication, in micro-dollars: the lines sum to `uusd` exactly. */
enum model_line_kind {
    MODEL_LINE_BUSY, /* of a stage */
    MODEL_LINE_IDLE, /* allocated to a unit of the workload and not busy */
    /* Paid for, reserved by no unit: UNALLOCATED + resource. */
    MODEL_LINE_UNALLOCATED,
    MODEL_LINE_UNALLOCATED_GPU = MODEL_LINE_UNALLOCATED + MODEL_GPU,
    MODEL_LINE_UNALLOCATED_CPU = MODEL_LINE_UNALLOCATED + MODEL_CPU,
    MODEL_LINE_UNALLOCATED_MEMORY = MODEL_LINE_UNALLOCATED + MODEL_MEMORY,
    MODEL_LINE_ROUNDING, /* billed beyond the time held (minimum, whole hours) */
};
const char *model_line_kind_name(enum model_line_kind kind);

struct model_cost_line {
    const char *workload, *stage; /* NULL where the line has none */
    enum model_line_kind kind;
    int64_t uusd;
};

/* What a part of the bill was paid for. */
enum model_part {
    MODEL_PART_WORK,     /* busy, and the work counted */
    MODEL_PART_REDONE,   /* busy, with work that was lost and done again: failures,
                          * interruptions, evictions, retries */
    MODEL_PART_TRANSFER, /* a slot waited for its input to arrive */
    MODEL_PART_BLOCKED,  /* a slot was done and could not hand over its output */
    MODEL_PART_BOOT,     /* the node booted, or a unit on it started up */
    MODEL_PART_IDLE,     /* allocated, and none of these */
    MODEL_PART_STRANDED, /* allocated to nobody, and of no use to any unit of the
                          * policy, as another resource of the node had run out */
    MODEL_PART_UNUSED,   /* allocated to nobody, though a unit could have used it */
    MODEL_PART_ROUNDING, /* billed beyond the time held */
};
enum { MODEL_PARTS = 9 };
const char *model_part_name(enum model_part part); /* "work", "redone", ... */

/* The bill taken apart: money of one part, resource, node type, stage and team.  Over a
 * policy's cells uusd sums to the bill; over those of a node type to what its nodes
 * cost; by workload, stage and kind of line to the lines (work and redone: busy;
 * transfer, blocked, idle and what of boot is a workload's: idle; stranded, unused and
 * the rest of boot: unallocated): exactly, to the micro-dollar. */
struct model_cost_cell {
    enum model_part part;
    int32_t resource;             /* enum model_resource; MODEL_RESOURCES: of none */
    int32_t node;                 /* of the policy's nodes */
    const char *workload, *stage; /* NULL where the cell has none */
    const char *team;             /* NULL: nobody's, or there are no teams */
    double hours;                 /* CPU-h, GPU-h, GiB-h of it, first replication; NaN:
                                   * of no resource */
    int64_t uusd;                 /* as paid, first replication */
    int64_t list_uusd;            /* the same at list_usd_per_h */
    double mean_usd, mean_list_usd; /* over the replications; cells that a replication
                                     * lacks count as 0 */
};

struct model_cost {
    bool known;   /* false: some node type that was used has no price */
    int64_t uusd; /* first replication */
    struct model_stat usd, usd_per_1k_items, idle_usd, unallocated_usd;
    int32_t n_lines;
    struct model_cost_line *lines;
    int32_t n_cells; /* 0 where a price is not known */
    struct model_cost_cell *cells;
    /* What no bill for this work can be below, whatever is deployed how:
     * docs/design.md, "Floor".  NaN where a price is not known. */
    struct model_stat floor_usd;
};

/* Ledger totals of the first replication, whole run, exact (laws 1 and 3). */
struct model_ledger {
    sp_i128 provisioned, allocated, busy; /* thousandths or bytes, times nanoseconds */
    sp_i128 stranded; /* of provisioned - allocated: of no use to any unit of the policy
                       * (waiting or not), as another resource of the node had run out;
                       * MODEL_PART_STRANDED is its money */
};

/* Utilization over time, first replication: means over buckets of equal width. */
struct model_series {
    int32_t n; /* buckets */
    double bucket_s;
    /* [resource][bucket]; amounts in CPUs, GPUs, bytes */
    double *provisioned[MODEL_RESOURCES], *allocated[MODEL_RESOURCES];
    double *busy[MODEL_RESOURCES], *stranded[MODEL_RESOURCES]; /* NULL: not known */
    double *queued; /* items waiting at all stages, mean over the bucket */
};

/* ---- what happened when, first replication: for timelines and Gantt charts ---- */

/* A node from its request to its end. */
struct model_lease {
    int32_t node; /* its number: leases that follow each other may share it */
    int32_t use;  /* of the policy's nodes */
    int64_t requested_ns, ready_ns; /* ready_ns -1: it never was */
    int64_t end_ns;
    const char *ended; /* "end of run", "idle", "taken back", "failed", "moved" */
};

enum model_slice_kind {
    MODEL_SLICE_SERVICE,  /* a task is served */
    MODEL_SLICE_FETCH,    /* waits for its input to arrive */
    MODEL_SLICE_BLOCKED,  /* can't hand over its output */
    MODEL_SLICE_START_UP, /* a unit starts */
    MODEL_SLICE_BUSY,     /* a replica has iterations running */
    MODEL_SLICE_JOB,      /* a job runs */
};
enum { MODEL_SLICE_KINDS = 6 };
const char *model_slice_kind_name(enum model_slice_kind kind); /* "service", ... */

/* Something that went on at a place.  Slices of one thread don't overlap. */
struct model_slice {
    int32_t lease;           /* of the timeline's */
    int32_t thread;          /* a place on that node, from 0 */
    int32_t workload, stage; /* stage SP_NO_ID: of a job */
    enum model_slice_kind kind;
    const char *name; /* of a job; else NULL */
    int64_t from_ns, to_ns;
    int64_t items, first_item; /* how many; the number of one of them, or -1 */
};

/* The output of one slice was the input of another: ids of slices, from ended before
 * to began. */
struct model_slice_link {
    int32_t from, to;
};

struct model_timeline {
    int32_t n_leases, n_slices, n_links;
    struct model_lease *leases; /* by requested_ns, then node */
    struct model_slice *slices; /* by from_ns, then lease and thread */
    struct model_slice_link *links;
    int64_t all_leases, all_slices; /* that there were: more than n_ where sampled */
    const char *sample; /* "everything"; "every lease; slices of nodes 0, 8, ..., 1 in
                         * 8: everything there"; "leases alone"; never NULL.  What a
                         * lease without slices means: model/timeline.h */
};

/* A team's part of the bill, in micro-dollars of the first replication: on allocation
 * basis `allocated` (what its units held), on usage basis `busy` (of that, what
 * worked).  Over the teams, sum(allocated) + unallocated + rounding = the bill, and
 * sum(busy) + idle + unallocated + rounding = the bill: exactly. */
struct model_team_result {
    const char *name;
    int64_t allocated_uusd, busy_uusd;
    struct model_stat allocated_h[MODEL_RESOURCES], busy_h[MODEL_RESOURCES];
    struct model_stat borrowed_gpu_h; /* held beyond its guarantee */
    double peak_gpus;                 /* held at a time */
};

/* GPUs free on nodes that are ready, and why no waiting unit can use them; means over
 * samples at even times of the first replication, in GPUs. */
struct model_fragmentation {
    int32_t samples;
    double free_gpus; /* in all, whether or not anything waits */
    double usable;    /* a waiting unit would fit (quota or its turn keeps it out) */
    double unwanted;  /* nothing waits */
    double by_shape;  /* too few whole devices, or too small a share, on the node; or
                       * a GPU model that nobody waiting may use */
    double by_cpu, by_memory;
};

/* Why a node type was bought, and how often. */
struct model_bought {
    const char *type;
    const char *reason; /* "cheapest for 1 GPU + 8 CPUs: 0.90 USD/h; next gpu-b 1.20" */
    int64_t nodes;
};

/* What happened to the job that --explain names. */
struct model_explained {
    int32_t n;
    const char **lines; /* "12:04:10 waits: capacity: ..." */
};

struct model_policy_result {
    const char *name;
    enum model_end end;        /* of the worst replication */
    const char *end_text;      /* one sentence where the end is not "done"; or NULL */
    const char *unplaced_text; /* units that never got a node, or NULL */
    bool same_kernels; /* calibration_draw: replications draw nothing of kernels */
    struct model_stat time_s; /* simulated, until the end */
    const char *window; /* "whole run", "measure: 60 s to 600 s", "after MSER warm-up of
                           42 s" */
    double window_from_s, window_to_s; /* first replication */
    int32_t n_nodes;
    struct model_node_use *nodes; /* one per node type that was used */
    struct model_resource_use resources[MODEL_RESOURCES];
    struct model_ledger ledger[MODEL_RESOURCES];
    int32_t n_workloads;
    struct model_workload_result *workloads;
    struct model_cost cost;
    int32_t n_teams; /* 0 where there is only one without name */
    struct model_team_result *teams;
    struct model_fragmentation fragmentation;
    int32_t n_bought;
    struct model_bought *bought;
    /* First replication: nodes that the cloud took back, that broke; times that an
     * option listed before, or any, could not be had. */
    int64_t nodes_taken_back, nodes_failed, launches_refused;
    double peak_gpus_demand; /* most GPUs asked for at a time: placed and waiting */
    struct model_explained explained;
    struct model_series series;
    struct model_timeline timeline; /* empty unless asked for */
    int32_t n_gpu_nodes_peak;
    uint64_t events; /* first replication */
    uint64_t digest; /* hash of the event log, first replication; 0 unless asked for */
};

/* A serving workload under two policies, replication by replication. */
struct model_serving_comparison {
    int32_t workload;
    struct model_stat ttft_p99_ratio, tpot_p99_ratio, e2e_p99_ratio; /* policy / base */
    struct model_stat goodput_ratio, usd_per_million_ratio;
    struct model_stat undone_difference; /* requests dropped, or unanswered at the end,
                                          * share of those that came */
    struct model_stat attained_difference; /* policy - baseline, -1..1 */
};

/* How long the jobs of a team waited under two policies, mean queue wait, and took:
 * those that lose their nodes wait again, which only their completion shows. */
struct model_team_wait {
    const char *name;
    double wait_s, baseline_wait_s;             /* means over the replications */
    struct model_stat difference_s;             /* policy - baseline, as pairs */
    double completion_s, baseline_completion_s; /* likewise */
    struct model_stat completion_difference_s;
    double done_frac, baseline_done_frac; /* of its jobs that arrived, likewise */
    struct model_stat done_difference;
};

/* A jobs workload under two policies, replication by replication. */
struct model_jobs_comparison {
    int32_t workload;
    struct model_stat usd_ratio; /* policy / baseline: of the whole bill where both did
                                  * the same jobs, else per useful GPU-hour; NaN where
                                  * other workloads share the bill */
    bool same_jobs;              /* whether both did, in every pair */
    struct model_stat wait_difference_s;            /* mean queue wait */
    struct model_stat completion_difference_s;      /* mean completion */
    struct model_stat wait_ratio, completion_ratio; /* of means */
    struct model_stat undone_difference; /* jobs refused, or undone at the end: share of
                                          * those that came */
    struct model_stat missed_difference; /* share of deadlines missed, policy -
                                          * baseline; NaN: there are none */
    double missed_frac, baseline_missed_frac; /* means over the replications */
    /* Of jobs that never end: the share of GPUs allocated when all have come, of both
     * and as pairs; NaN: there is no such curve. */
    double allocated_frac, baseline_allocated_frac;
    struct model_stat allocated_difference;
    int32_t n_teams; /* those of both, in the policy's order */
    struct model_team_wait *teams;
};

/* What the figures that count say of a policy against the baseline: cost and time of
 * pipelines, the SLO, cost and latencies of serving, cost, waits, completion and
 * deadlines of jobs. */
enum model_outcome {
    MODEL_OUTCOME_NONE, /* can't be compared: a deadlock, no price */
    MODEL_OUTCOME_SAME, /* no figure differs by more than counts as a difference */
    MODEL_OUTCOME_WINS, /* some are better, none is worse */
    MODEL_OUTCOME_LOSES,
    MODEL_OUTCOME_TRADE, /* some are better, some are worse */
};
enum { MODEL_OUTCOMES = 5 };
const char *model_outcome_name(enum model_outcome outcome); /* "none", "same", ... */

struct model_comparison {
    int32_t policy, baseline;                /* policy ids */
    struct model_stat usd_ratio, time_ratio; /* policy / baseline, as pairs */
    double gpu_nodes_ratio; /* peak GPU nodes; NaN where the baseline has none */
    int32_t n_serving;      /* serving workloads of both */
    struct model_serving_comparison *serving;
    int32_t n_jobs; /* jobs workloads of both */
    struct model_jobs_comparison *jobs;
    enum model_outcome outcome;
    bool certain;        /* no difference behind it is within its error bar */
    const char *verdict; /* what won, by how much and why, or that nothing did */
};

struct model_assumption {
    const char *id; /* "A-net-fifo" */
    const char *text;
};

/* An input and what it rests on. */
struct model_input {
    const char *group; /* "fleet", "workload embed", ... */
    const char *name;  /* "gpu-node: memory" */
    double number;     /* the value, or NaN where it is `text` */
    const char *text;
    const char *unit;                  /* "" where it has none */
    const char *basis, *source, *date; /* date "": not known */
    const char *used_by;               /* "all policies", or their names */
};

/* A point of a calibrated kernel's table beside the form fitted to it. */
struct model_kernel_point {
    double x;          /* NaN: the kernel has no axis */
    double measured_s; /* a call; half95_s: of it */
    double half95_s, fitted_s;
    bool converged;
};

/* A kernel of a profile that the scenario uses. */
struct model_kernel_curve {
    const char *profile, *kernel, *device;
    const char *axis; /* "" : it has none */
    const char *form; /* "a + b x (a 1e-05, b 2.1e-09)" */
    double off_frac;  /* largest |fitted / measured - 1|; NaN: no form */
    /* For a roofline: what a call at the largest x does, by the kernel's own account,
     * and what the device could at most; NaN: not known. */
    double flop, bytes;
    double peak_flop_per_s, peak_bytes_per_s;
    const char *peak_source; /* "datasheet", "measured", "" */
    int32_t n;
    struct model_kernel_point *points;
};

/* A profile that the scenario uses. */
struct model_calibration {
    const char *name, *file;
    const char *machine; /* CPU and devices, in words */
    const char *driver;  /* "" : none */
    const char *date;    /* of measuring, as in the profile */
};

/* Replications were added until figures were known well enough, or there were too many
 * (sim/precision.h says which figures). */
struct model_precision {
    double asked_frac; /* 0: that was not asked for, and the rest says nothing */
    int32_t most;      /* replications, at most */
    bool reached;
    bool drawn;        /* what is widest can't be known better: measured kernels */
    double worst_frac; /* half the interval of the figure known worst, of its mean */
    const char *worst; /* "cost under 'apart' against the baseline"; NULL: none has one
                        */
};

/* Self-contained: reports need nothing but this, and it can be stored and read back. */
struct model_result {
    const char *name, *description,
        *path;       /* of the scenario; description may be NULL */
    int32_t n_files; /* that were read, with their fingerprints */
    const struct model_input_file *files;
    int32_t baseline; /* policy id; SP_NO_ID: it was not run */
    int32_t n_inputs;
    const struct model_input *inputs; /* all that it rests on */
    const char *catalog; /* "built-in, prices of 2026-01-15 to 2026-07-20"; NULL: none
                          * was used */
    int32_t n_calibrations, n_curves;
    const struct model_calibration *calibrations;
    const struct model_kernel_curve *curves;
    const char *version;
    uint64_t seed;
    int32_t n_runs; /* replications completed by every policy */
    struct model_precision precision;
    bool partial;        /* interrupted */
    const char *not_run; /* names of policies that the interrupt left out, or NULL */
    int32_t n_policies;
    struct model_policy_result *policies;
    int32_t n_comparisons;
    struct model_comparison *comparisons; /* every policy but the baseline */
    int32_t n_assumptions;
    const struct model_assumption *assumptions;
    int32_t n_warnings;
    const char **warnings; /* what a careful reader should know */
};

#endif
