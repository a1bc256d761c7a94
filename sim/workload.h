/* What the run knows of a workload, whatever its kind: a descriptor of functions.
 *
 * A workload asks the cluster for units, handles its own events and says what came of
 * it; it never sees prices (but the finished bill, at the end) or other workloads.
 */
#ifndef SIM_WORKLOAD_H
#define SIM_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/arrivals.h"
#include "model/items.h"
#include "model/job.h"
#include "model/result.h"
#include "sim/cluster.h"
#include "sim/cpu_use.h"
#include "sim/event_queue.h"
#include "sim/explain.h"
#include "sim/ledger.h"
#include "sim/network.h"
#include "sim/timeline.h"

enum { SIM_WORKLOAD_EVENTS = 8 }; /* event kinds of one workload, at most */

struct sim_workload_env {
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    struct sim_cluster *cluster;
    struct sim_network *network;
    struct sim_ledger *ledger;
    const struct model_policy *policy;
    const struct model_plan *plan;
    int32_t policy_id, workload;
    int32_t owner;      /* of the ledger: the workload and its plan's team */
    int32_t first_kind; /* of its events; the subject is a row of its own */
    uint64_t key; /* of (seed, replication, workload): every stream derives from it */
    uint64_t kernel_key; /* of (seed, replication): draws of what is not known exactly
                          * of calibrated kernels; 0: their estimates count */
    struct sim_cpu_use *cpu_use;         /* NULL: nobody asks */
    const struct model_arrivals *trace;  /* for MODEL_SOURCE_TRACE */
    const struct model_job_stream *jobs; /* of jobs from a trace */
    struct sim_explain *explain;         /* or NULL: no story is told */
    const char *explain_name;            /* of the job that it is about */
    const struct model_item_sink *items; /* or NULL */
    struct sim_timeline *timeline;       /* or NULL: slices are not recorded */
    bool follow_means;   /* keep the means that latency_means() returns */
    bool follow_batches; /* of the times told first (sim/batches.h) */
    int64_t span_limit;  /* see struct sim_options */
    bool verify;         /* the run asks verify() after every event */
};

/* Every function is required. */
struct sim_workload_kind {
    const char *name;
    uint32_t watches; /* bits of the event kinds (from first_kind) that only look, or
                       * come again whatever happens: a run in which nothing else does
                       * stands still */

    void *(*make)(const struct sim_workload_env *env); /* in env->arena */
    /* Asks for the units and schedules the first arrival.  After sim_cluster_start().
     */
    void (*start)(void *self);
    /* Handles an event; true when the workload is done after it. */
    bool (*event)(void *self, const struct sim_event *ev);
    /* Another workload may have freed room in a store that this one waits for. */
    void (*store_freed)(void *self, int64_t now_ns);
    /* The first failure (a broken trace row, a table left), or SP_OK. */
    enum sp_status (*status)(const void *self, struct sp_err *err);
    bool (*done)(const void *self);
    /* Whether anything of it can still happen by itself: if of no workload, and the
     * cluster stands still, the run is deadlocked. */
    bool (*moving)(const void *self);
    /* Whether a pool may still get more or fewer units by itself. */
    bool (*autoscales)(const void *self);
    /* Whether something runs that never ends: with a horizon that is no standstill.
     * NULL: never. */
    bool (*runs_for_ever)(const void *self);
    /* One sentence naming what can't move and what it waits for, into `arena`. */
    const char *(*stuck_text)(const void *self, struct sp_arena *arena);
    /* Kinds of units of which some wait for a node, in words; NULL where none does. */
    const char *(*unplaced_text)(const void *self, struct sp_arena *arena);
    /* Starts (true) or stops counting latencies; starting forgets earlier ones. */
    void (*measure)(void *self, bool on, int64_t now_ns);
    /* Exact integral of busy amounts of one resource until now, as nodes count it. */
    sp_i128 (*busy)(const void *self, int r, int64_t now_ns);
    /* Integral of the items that wait, in item-ns. */
    sp_i128 (*queue_integral)(const void *self, int64_t now_ns);
    int64_t (*items_done)(const void *self);
    /* Means of the latencies of successive equal batches of items, for MSER;
     * *batch_ends_ns the time of each batch's last item.  At most 4096; rows belong to
     * the workload. */
    int32_t (*latency_means)(const void *self, const double **means_s,
                             const int64_t **batch_ends_ns);
    /* Ends the run: books the time of what runs and gives the units back. */
    void (*finish)(void *self, int64_t now_ns);
    /* Its result over the window; from_ns and to_ns as measured. */
    void (*result)(const void *self, struct sp_arena *arena, int64_t from_ns,
                   int64_t to_ns, struct model_workload_result *r);
    /* Figures that need the workload's share of the bill, which is known last; the
     * bill's lines are in `cost`, `sole`: no other workload runs on the fleet. */
    void (*price)(const void *self, const struct model_cost *cost, bool sole,
                  struct model_workload_result *r);
    /* Recomputes what it counts the slow way; aborts on a difference. */
    void (*verify)(const void *self);
};

/* The descriptor of a kind of workload. */
const struct sim_workload_kind *sim_workload_kind(enum model_kind kind);

#endif
