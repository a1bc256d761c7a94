/* What the user said, as records: a scenario is a fleet, workloads and policies to
 * compare.
 *
 * A record here has been checked (model/scenario_read.c): names are unique and refer to
 * something, numbers are in range, graphs are acyclic.  Policies come flattened: each
 * holds its own copy of the fleet and of every workload, with its overrides applied, so
 * the simulation never merges anything.  Everything lives in the scenario's arena.
 */
#ifndef MODEL_SCENARIO_H
#define MODEL_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/dist.h"

enum {
    MODEL_SIZES_MAX = 4, /* named sizes that an item carries besides its bytes */
    MODEL_STAGES_MAX = 64,
    MODEL_EDGES_MAX = 16, /* inputs or outputs of one stage */
    MODEL_GPUS_MAX = 64,  /* devices of one node */
    MODEL_NAME_MAX = 100, /* bytes of a name */
};

#define MODEL_ACTIVE_MAX                                                               \
    3000000 /* tasks, units and customers at a time, all workloads */
#define MODEL_COUNT_MAX INT64_C(1000000000000) /* items of a source: 1e12 */
#define MODEL_UNITS_MAX 1000000                /* units of one kind */
#define MODEL_NODES_MAX 1000000                /* nodes of one type */

/* Where a figure came from; printed with every report. */
enum model_basis {
    MODEL_BASIS_ASSUMED, /* the default: the scenario states it and nothing backs it */
    MODEL_BASIS_MEASURED,
    MODEL_BASIS_TRACE,
    MODEL_BASIS_DATASHEET,
    MODEL_BASIS_LIST_PRICE,
};
const char *model_basis_name(enum model_basis basis);

/* Amounts of the three resources. */
struct model_amounts {
    int64_t mcpu; /* thousandths of a CPU */
    int64_t
        mgpu; /* thousandths of a GPU: below 1000 a share of one device, else whole */
    int64_t memory_bytes; /* of a node type: -1 not limited */
};

/* ---- fleet ---- */

enum model_billing { MODEL_BILLING_SECOND, MODEL_BILLING_HOUR };

enum model_option {
    MODEL_OPTION_ON_DEMAND,
    MODEL_OPTION_OWNED,    /* the lease runs from start to end */
    MODEL_OPTION_RESERVED, /* likewise, at the reserved price */
    MODEL_OPTION_SPOT,     /* may be taken back */
};
const char *model_option_name(enum model_option option); /* "on-demand", ... */

struct model_availability; /* model/availability.h */

/* Nodes of an option are lost: taken back by the cloud, or broken. */
struct model_loss {
    bool taken_back;        /* by chance: a Poisson process of each node, */
    double per_hour;        /* with this rate */
    const char *basis_text; /* "advisor band 5-10 % a month", "stated" */
    const struct model_availability *availability; /* or by a record; NULL: none */
    int64_t availability_from_ns;                  /* time 0 of the run in the record */
    int64_t notice_ns;                             /* before a node is taken back; 0 */
    bool fails;                                    /* a node breaks, without notice, */
    struct model_dist fail_after_s;                /* so long after it was ready, */
    struct model_dist repair_s; /* a fixed one is ready again this much later */
};

/* A node type is one purchase option of what the fleet names: entries with several
 * options become a group of node types, alike but for what the option says. */
struct model_node_type {
    const char *name;
    const char *group;  /* the fleet's name for it; equal to name where alone */
    int32_t group_id;   /* options of the same nodes share it; teams' nodes and kinds of
                         * listed nodes that the fleet calls alike do not */
    int32_t group_rank; /* among those of its group_id: 0, 1, ... in the order listed */
    int32_t team;       /* whose it is (model_policy.teams); SP_NO_ID: everybody's */
    enum model_option kind;
    struct model_loss loss;
    int64_t return_after_ns; /* a node of this type that stands in for an option listed
                              * before it is given up so long after that one can be
                              * had again; -1: never */
    int32_t launch_max;      /* elastic: nodes requested per launch_every_ns; 0: no
                              * limit */
    int64_t launch_every_ns;
    bool listed;              /* its nodes are in model_policy.nodes */
    const char *catalog_type; /* the catalog row it came from, or NULL */
    const char *catalog;      /* that catalog: "built-in" or its path; or NULL */
    struct model_amounts has;
    const char *gpu_model; /* as model_gpu_find() knows it, or NULL */
    bool has_price;
    int64_t uusd_per_h;
    bool has_list_price;     /* what the same node costs on demand is known, and */
    int64_t list_uusd_per_h; /* before discounts is this */
    enum model_basis price_basis;
    const char
        *price_source;      /* "catalog karpenter-aws-prices 2026-07-20", "scenario" */
    const char *price_date; /* "2026-07-20"; "": not known */
    const char *option;     /* model_option_name(kind) */
    enum model_billing billing;
    int64_t billing_minimum_ns; /* 60 s by default where billed by the second */
    struct model_dist boot_s;   /* elastic nodes only; fixed ones are ready at 0 */
    double nic_bytes_per_s;     /* each direction; 0: not limited */
    int64_t store_bytes;        /* object store; -1: not limited */
    double spill_bytes_per_s;   /* > 0: past the limit data spills to a disk this fast;
                                 * 0: the producer waits */
    double cpu_speed; /* service times of stages without GPU are divided by it; 1 */
    bool fixed;       /* count nodes from 0 to the end; else bought and given back */
    int32_t count;    /* fixed: how many */
    int32_t min, max; /* elastic: kept at least, held at most */
    int64_t idle_timeout_ns; /* elastic: an empty node goes back after this long */
};

/* ---- pipeline ---- */

/* Seconds of service of one task (one batch of n items):
 *
 *   fixed + sum over items (per_item + sum over k per_size_s[k] * size_k
 *                           + per_byte_s * bytes)  + table(x)
 *
 * `fixed` is drawn once a task, `per_item` once an item.  table is linear between its
 * points and by `table_by` reads x: the items of the batch or a sum of sizes over them;
 * x outside the table is an error of the run, never an extrapolation. */
enum { MODEL_BY_ITEMS = -1, MODEL_BY_BYTES = -2 }; /* else the index of a size */

struct model_table {
    const char *path;
    int32_t n;
    const double *x, *s; /* x strictly rising */
};

/* What an item has of something: fixed + per_byte * bytes + sum per_size[k] * size_k.
 */
struct model_item_amount {
    double fixed, per_byte, per_size[MODEL_SIZES_MAX];
};

struct model_profile; /* model/profile.h */
struct model_kernel;

/* A calibrated kernel as a stage's `time` names it.  A task takes, besides what else
 * its time says,
 *
 *   times * slowdown * sum over items of (t(x_i) * spread_i)   kernel called per item
 *   times * slowdown * t(sum of x_i) * spread                  called per task
 *
 * with t from the profile's table or form (model_kernel_at()), or from the items'
 * features, spread lognormal of mean 1, drawn with the item's (the first item's) own
 * generator, and slowdown by the CPUs in use on the node when the task starts. */
struct model_kernel_use {
    const char *profile_name; /* as the scenario calls it */
    const struct model_profile *profile;
    const struct model_kernel *kernel; /* as measured */
    int32_t n_types;
    const struct model_kernel *const
        *by_type; /* by node type of the policy, transferred where its GPU is
                   * another; NULL entries: the kernel can't run there */
    struct model_item_amount x;
    bool by_features;
    struct model_item_amount features[3]; /* MODEL_FEATURES_MAX */
    bool contention;
    double times;
};

struct model_time {
    const struct model_kernel_use *kernel; /* or NULL */
    struct model_dist fixed, per_item;     /* seconds */
    double per_size_s[MODEL_SIZES_MAX];
    double per_byte_s;
    const struct model_table *table; /* or NULL */
    int32_t table_by;
    enum model_basis basis;
};

enum model_join { MODEL_JOIN_ANY, MODEL_JOIN_ALL };

struct model_stage {
    const char *name;
    int32_t line; /* of the scenario file, for messages; 0 unknown */
    int32_t n_from;
    int32_t from[MODEL_EDGES_MAX]; /* stage ids; none: fed by the source */
    enum model_join join;
    struct model_amounts slot_needs; /* of one slot */
    struct model_time time;
    int32_t batch;     /* items of a full task, >= 1 */
    int64_t linger_ns; /* longest wait for a full batch; -1: until the input ends */
    /* What a task emits.  out per in items: expand 5 is 5/1, gather {in: 4, out: 10}
     * 10/4. A task that holds a number of items that `gather_in` does not divide (the
     * end of the input) emits floor(out * n / in), at least 1. */
    int32_t gather_in, gather_out;
    double keep_frac; /* a filter: each item emitted is kept with this chance; 1 all */
    /* Bytes of an emitted item: fixed + factor * (bytes of the items that went in,
     * divided among those that come out) + sum per_size * size. */
    double output_bytes, output_factor, output_per_size[MODEL_SIZES_MAX];
    bool has_route;  /* else a copy goes to every consumer */
    int32_t n_route; /* consumers in stage order, with their shares (sum 1) */
    int32_t route_to[MODEL_EDGES_MAX];
    double route_share[MODEL_EDGES_MAX];
    bool gang;           /* all slots of the pool start and end a step together */
    bool barrier;        /* starts only when all of its input is complete */
    int32_t buffer;      /* items that may wait at its input; 0: not limited */
    double fail_frac;    /* chance that a task fails at its end */
    int32_t retries_max; /* then its items are dropped */
    int64_t retry_delay_ns;
};

enum model_source_kind {
    MODEL_SOURCE_FIXED,    /* all items at time 0 */
    MODEL_SOURCE_CONSTANT, /* evenly spaced */
    MODEL_SOURCE_POISSON,
    MODEL_SOURCE_GAMMA,   /* renewal, gamma gaps with cv `cv` */
    MODEL_SOURCE_DIURNAL, /* Poisson whose rate is rate*(1 +
                             amplitude*cos(2pi(t-peak)/period)) */
    MODEL_SOURCE_CLOSED,  /* `population` customers: think, submit one item, wait for it
                           */
    MODEL_SOURCE_TRACE,
};

/* What a pass over a trace found; filled before the run by whoever opened it. */
struct model_trace_summary {
    bool known;
    int64_t rows;
    double span_s, mean_size[MODEL_SIZES_MAX], mean_bytes;
};

struct model_source {
    enum model_source_kind kind;
    int64_t items; /* how many at most; -1 not limited */
    bool pull; /* FIXED: an item arrives when the stage that the source feeds takes it;
                * exactly one does */
    int64_t for_ns;  /* none arrives at or after this time; -1 not limited */
    int64_t from_ns; /* of a trace of jobs: this time of it, before scaling, is 0, and
                      * what arrives earlier is left out; 0: all */
    double rate_per_s, cv, amplitude, period_s, peak_s;
    int32_t population;
    struct model_dist think_s;
    const char *trace_path, /* as written, from the scenario's folder; NULL: no trace.
                             * With jobs' own_times the kind is another's */
        *trace_format;
    double trace_scale; /* rate: times of a trace are divided by it (rate_per_s has it
                         * in already); 1 unless given */
    struct model_trace_summary trace;
    struct model_dist bytes; /* of a synthetic item; traces bring their own */
    struct model_dist size[MODEL_SIZES_MAX];
};

struct model_autoscale {
    const char
        *rule; /* name of a rule, e.g. "hpa", "ray-actor-pool"; see sim/autoscaler.h */
    const char *metric; /* "utilization", "queue" (waiting per unit), "ongoing" (waiting
                         * or in service, per unit) */
    int32_t min, max;
    double target;        /* of the metric; for ray-actor-pool the scale-up threshold */
    int64_t look_back_ns; /* ray-serve: the metric is its mean over this long */
    double up_factor, down_factor; /* ray-serve: part of the way to go at a time */
    double down_threshold;         /* ray-actor-pool: scale-down threshold */
    int64_t interval_ns, up_window_ns, down_window_ns;
    double tolerance;     /* hpa: no action while |ratio - 1| <= tolerance */
    double max_up_frac;   /* hpa: at most this part of the current number ... */
    int32_t max_up_units; /* ... or this many more per interval, whichever is more */
};

struct model_slots {
    int32_t stage;
    int32_t
        cap; /* tasks of the stage at a time in one unit; 0: for model_size_plan() */
};

enum model_count_kind {
    MODEL_COUNT_GIVEN,
    MODEL_COUNT_SIZED, /* bottleneck analysis for size_items_per_s or size_deadline_ns
                        */
    MODEL_COUNT_AUTOSCALED,
};

struct model_unit {
    const char *name;
    int32_t line;
    int32_t n_slots;
    struct model_slots slots[MODEL_STAGES_MAX];
    bool
        own_needs; /* the user gave the unit's resources; else the sum over its slots */
    struct model_amounts needs;
    enum model_count_kind count_kind;
    int32_t count; /* for SIZED filled by model_size_plan() */
    struct model_autoscale autoscale;
    bool fused; /* one task runs all stages of the unit in a row, holding all of it */
    bool has_fused_time;
    struct model_time fused_time; /* whole task; the stages' own times share it out */
    struct model_dist startup_s;  /* from node ready to unit started */
    int64_t allowed_types;        /* bit i: may run on node type i (first 63 types) */
};

enum model_kind { MODEL_KIND_PIPELINE, MODEL_KIND_SERVING, MODEL_KIND_JOBS };

struct model_serving; /* model/serving.h */
struct model_jobs;    /* model/jobs.h */

/* One workload as one policy runs it.  Of a serving workload, each pool of replicas is
 * a stage and a unit of the same index. */
struct model_plan {
    const char *workload;
    enum model_kind kind;
    struct model_serving *serving; /* MODEL_KIND_SERVING, else NULL */
    struct model_jobs *jobs;       /* MODEL_KIND_JOBS, else NULL */
    int32_t line;
    int32_t team; /* of its units (jobs bring their own), id in the policy's teams */
    int32_t priority; /* of its units; higher goes first */
    bool preemptible; /* its units may be taken for others */
    struct model_source source;
    int32_t n_sizes;
    const char *size_names[MODEL_SIZES_MAX];
    int32_t n_stages;
    struct model_stage *stages; /* in topological order */
    const char *rule;           /* scheduling rule, see sim/schedule.h */
    /* Target of sized units: 0 / -1 where not given. */
    double size_items_per_s;
    int64_t size_deadline_ns;
    double headroom_frac; /* extra capacity over the bottleneck analysis; 0 */
    int32_t n_units;
    struct model_unit *units;
};

enum { MODEL_RESOURCES = 3 };
enum model_resource { MODEL_GPU, MODEL_CPU, MODEL_MEMORY };

/* Amounts of one quota; -1: that resource is not limited. */
struct model_quota {
    int64_t amount[MODEL_RESOURCES];
};

/* Whose running units a team (or, without teams, anyone) may have evicted. */
enum model_evict { MODEL_EVICT_NEVER, MODEL_EVICT_LOWER_PRIORITY, MODEL_EVICT_ANY };

/* Kueue's ClusterQueue; all teams form one cohort. */
struct model_team {
    const char *name;
    struct model_quota guarantee;    /* nominalQuota */
    struct model_quota borrow_limit; /* beyond it, of what others leave; -1: all */
    struct model_quota lend_limit;   /* of the guarantee, to others; -1: all */
    enum model_evict reclaim; /* of those who borrow, while within the guarantee */
    enum model_evict evict;   /* within the team: NEVER or LOWER_PRIORITY */
    double weight;            /* fair share */
    int32_t priority;         /* added to that of its jobs */
};

/* How what waits is ordered, and what may pass what; see sim/scheduler.h. */
struct model_scheduling {
    const char *order;      /* "fifo", "priority", "shortest-first", "fair-share",
                               "largest-first" */
    const char *passing;    /* "strict", "skip", "easy", "conservative" */
    enum model_evict evict; /* without teams: NEVER or LOWER_PRIORITY */
    int32_t depth;          /* of those waiting, how many `conservative` plans */
};

/* A node of a list, in the list's order. */
struct model_node {
    const char *name;
    int32_t type;
    int32_t tie_rank; /* its place among equals, lower first; -1: drawn */
};

struct model_policy {
    const char *name;
    int32_t line;
    const char *placement; /* name of a strategy, see sim/placement.h */
    struct model_scheduling scheduling;
    bool has_teams; /* quotas are in force; teams are queues of their own */
    int32_t
        n_teams; /* all that workloads name, also without quotas; at least one, "-" */
    struct model_team *teams;
    int32_t n_nodes; /* nodes from lists; 0: none */
    struct model_node *nodes;
    int32_t n_types;
    struct model_node_type *types;
    int32_t n_plans;
    struct model_plan *plans; /* one per workload, in the order of the file */
};

enum model_measure { MODEL_MEASURE_ALL, MODEL_MEASURE_WINDOW, MODEL_MEASURE_MSER };

struct model_input_file {
    const char *file;
    uint64_t xxh64;
};

/* A profile that the scenario names. */
struct model_profile_use {
    const char *name; /* "profile" where the scenario names one alone */
    const struct model_profile *profile;
};

struct model_goals;     /* model/goals.h */
struct model_yaml_node; /* model/yaml.h */

struct model_scenario {
    struct sp_arena *arena;
    const char *name, *description, *path;
    uint64_t seed;
    int32_t replications, replications_most;
    double precision_frac; /* 0: not asked for */
    int64_t calibration_draw; /* of what is not known exactly of calibrated kernels: 0
                               * the estimates, N the Nth draw in every replication; -1:
                               * each of several replications draws its own */
    int64_t until_ns; /* horizon; -1: until all work is done */
    enum model_measure measure;
    int64_t measure_from_ns, measure_to_ns; /* WINDOW; to -1: to the end */
    int32_t baseline; /* policy id that the others are compared with */
    int32_t n_workloads;
    const char **workloads;
    int32_t n_policies;
    struct model_policy *policies;
    int32_t n_inputs;
    struct model_input_file
        *inputs; /* every file that was read, with its fingerprint */
    int32_t n_profiles;
    struct model_profile_use *profiles;
    const struct model_goals *goals;    /* of its `plan` block, as far as written: see
                                         * model_goals_of(); NULL: there is none */
    const struct model_yaml_node *tree; /* of the file, with overrides */
    bool policies_implied; /* it has none; one with a unit for each stage stands there
                            */
};

/* One override from the command line: "--set path=value". */
struct model_set {
    const char *path, *value;
};

/* Reads and checks a scenario file.  *scenario lives in `arena`.  What follows from
 * means (counts by `size`, slots of `bundle: together`) is left to model_size_plan(),
 * which every plan must go through before a run, and after the summary of its trace has
 * been filled. SP_EINPUT  something is wrong with it: err->text is "file:line:col:
 * what, expected what", the line and a caret below it. SP_EIO     it can't be read. */
SP_CHECKED enum sp_status model_scenario_read(const char *path,
                                              const struct model_set *sets,
                                              int32_t n_sets, struct sp_arena *arena,
                                              struct model_scenario **scenario,
                                              struct sp_err *err);

/* The same of a scenario that is to be planned for: it may have no policies, also
 * without a `plan` block, and owned and reserved nodes no `count`, which is 0 then. */
SP_CHECKED enum sp_status
model_scenario_read_to_plan(const char *path, const struct model_set *sets,
                            int32_t n_sets, struct sp_arena *arena,
                            struct model_scenario **scenario, struct sp_err *err);

/* As model_scenario_read(), from memory; `path` is for messages, and files that it
 * names are looked for from there. */
SP_CHECKED enum sp_status model_scenario_parse(const char *path, const char *text,
                                               struct sp_arena *arena,
                                               struct model_scenario **scenario,
                                               struct sp_err *err);

/* Multiplies the arrival rate of a workload, by its number, in every policy: the same
 * scenario under another load.  Of a trace the times are divided.
 *   SP_EINPUT  its source has no rate (a fixed set, a closed loop). */
SP_CHECKED enum sp_status model_source_rescale(struct model_scenario *scenario,
                                               int32_t workload, double factor,
                                               struct sp_err *err);

/* Whether it brings no more at some time. */
bool model_source_ends(const struct model_source *source);

/* Sum of the needs of a unit's slots, or what the user gave. */
struct model_amounts model_unit_needs(const struct model_plan *plan,
                                      const struct model_unit *unit);

#endif
