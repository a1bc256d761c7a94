/* A jobs workload as one policy runs it: rigid jobs from a trace or a generator, their
 * checkpoints, and how they spread over nodes.
 *
 * It has no stages and no units: each job asks the cluster for a gang of members
 * (sim/cluster.h) when it arrives.
 */
#ifndef MODEL_JOBS_H
#define MODEL_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/dist.h"
#include "model/job.h"
#include "model/scenario.h"

enum { MODEL_JOB_CLASSES_MAX = 64, MODEL_JOB_SIZES_MAX = 16, MODEL_SPEEDS_MAX = 63 };

/* Where the members of a gang go; Ray's words for placement groups. */
enum model_gang {
    MODEL_GANG_PACK,          /* on few nodes: a node that holds a member comes first */
    MODEL_GANG_SPREAD,        /* on nodes without a member first */
    MODEL_GANG_STRICT_PACK,   /* all on one node, or it waits */
    MODEL_GANG_STRICT_SPREAD, /* each on a node of its own, or it waits */
};

/* A kind of generated job: drawn for a job with chance share / sum of shares. */
struct model_job_class {
    const char *name;
    int32_t line;
    double share;
    int32_t members; /* 0: needs is a total, to be split */
    struct model_amounts needs;
    struct model_dist duration_s; /* on the reference GPU */
    bool forever;                 /* instead: it never ends */
    struct model_dist estimate;   /* estimate / duration; constant 1: known */
    bool has_estimate;
    int32_t team; /* id in model_jobs.teams */
    int32_t priority;
    bool preemptible;
    uint64_t models;     /* bits of model_jobs.models; 0: any */
    int64_t deadline_ns; /* -1 none */
};

struct model_job_speed {
    const char *gpu_model;
    double speed; /* work per time, of the reference GPU's */
};

/* When a job asks for a dearer purchase option than the first (node types of one group,
 * in the listed order). */
enum model_fallback {
    MODEL_FALLBACK_AT_ONCE,  /* as soon as the one before has nothing to give */
    MODEL_FALLBACK_DEADLINE, /* only when the deadline would be missed otherwise: time
                                left <= work left + 2 restarts + fallback_margin */
};

struct model_jobs {
    int32_t n_classes; /* 0: from a trace */
    struct model_job_class *classes;
    /* What jobs of a trace that does not say are taken to be. */
    int64_t mcpu_per_gpu, memory_per_gpu; /* CPU and memory for each GPU; 0 */
    int32_t priority;
    bool preemptible;
    int64_t deadline_ns;        /* -1 none; of all jobs that name none */
    bool forever;               /* no job ends, whatever the trace says */
    struct model_dist estimate; /* estimate / duration where the job gives none */
    bool has_estimate;          /* else the true duration is known */
    /* Of every job. */
    int32_t gpus_per_member; /* how totals are split; 0: the most that a node type that
                              * the job may use has */
    enum model_gang gang;
    int64_t checkpoint_ns;      /* of work between two checkpoints; 0: never */
    int64_t checkpoint_cost_ns; /* writing one: no work meanwhile */
    int64_t restart_ns;         /* loading one before work goes on, after each loss */
    int64_t start_ns;           /* before work begins, first start; 0 */
    bool checkpoint_on_notice;  /* where the notice is long enough for one */
    enum model_fallback fallback;
    int64_t fallback_margin_ns;
    /* From the trace in file order, shuffled (by the run's seed), or, with demand_mgpu,
     * shuffled and then drawn again with replacement from the file's order until the
     * next would take the sum of their GPUs past it. */
    bool shuffle;
    int64_t demand_mgpu; /* 0: no such limit */
    bool own_times;      /* arrival times come from the source's process, not from the
                            trace */
    int32_t n_speeds;
    struct model_job_speed *speeds; /* of GPU models; others 1 */
    /* Classes of size in reports: jobs of more than the bound before and at most this
     * many thousandths of GPUs; the last INT64_MAX. */
    int32_t n_size_classes;
    int64_t size_class_mgpu[MODEL_JOB_SIZES_MAX];
    double wait_target_s;             /* NaN: none: what --find min_nodes must meet */
    double target_quantile;           /* of the waits: 0.9; NaN: the mean */
    struct model_names teams, models; /* of the generator; of a trace in summary */
    struct model_job_summary summary; /* of the trace, filled before the run */
    /* Filled by model_jobs_resolve(): what ids in the stream's names mean. */
    const int32_t *team_of;  /* the policy's team of each team */
    const int64_t *types_of; /* node types that each GPU model allows, as bits */
};

/* After the summaries of all job traces are filled and before the first run: adds the
 * teams that traces name to every policy (no guarantee, no limit of what they borrow),
 * and fills team_of and types_of.
 *   SP_EINPUT  too many teams; a GPU model that no node type of the fleet has is no
 *              error: jobs that may run on no other are refused one by one. */
SP_CHECKED enum sp_status model_jobs_resolve(struct model_scenario *scenario,
                                             struct sp_err *err);

/* The speed of a GPU model for the workload; 1 where none is stated.  `gpu_model` may
 * be NULL. */
double model_job_speed(const struct model_jobs *jobs, const char *gpu_model);

/* Whether a GPU model as a trace names it ("V100", "V100M16") is that of a node type
 * (model_node_type.gpu_model): equal but for case, or its beginning up to a '-' (V100
 * is any V100-SXM2-32GB, A10 no A100-...), or the unique catalog name that it begins.
 */
bool model_gpu_names_match(const char *wanted, const char *has);

#endif
