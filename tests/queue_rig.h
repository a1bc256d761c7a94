/* Jobs of known length on a fixed fleet, straight on sim/cluster.h: who starts when,
 * where, and why it waited.  Everything is verified after each event, and the parts of
 * every wait are checked to add up to it. */
#ifndef TESTS_QUEUE_RIG_H
#define TESTS_QUEUE_RIG_H

#include "sim/cluster.h"

enum { QUEUE_JOBS = 128, QUEUE_MEMBERS = 16, QUEUE_TEAMS = 4 };

/* Times in seconds; memory is not limited. */
struct queue_job {
    double at_s, runs_s;
    int32_t mgpu, mcpu, members; /* members 0: one */
    int32_t rest_mgpu;
    enum model_gang gang;
    int32_t priority, team;
    bool preemptible, unknown; /* unknown: nobody expects an end */
};

struct queue_fleet {
    int32_t nodes, gpus, cpus;     /* of each of the nodes */
    struct model_node_type *types; /* instead, where not NULL */
    int32_t n_types;
    struct model_scheduling rules;
    const char *placement; /* NULL: first-fit */
    const struct model_team *teams;
    int32_t n_teams; /* 0: no quotas */
};

struct queue_rig {
    struct sp_arena *arena;
    struct model_policy policy;
    struct sim_event_queue *queue;
    struct sim_cluster *cluster;
    struct sim_cluster_client client;
    const struct queue_job *jobs;
    int32_t n, done;
    int64_t now_ns;
    int32_t slot[QUEUE_JOBS], kind[QUEUE_JOBS], unit[QUEUE_JOBS]; /* unit SP_NO_ID */
    int64_t number[QUEUE_JOBS], asked_ns[QUEUE_JOBS];
    bool running[QUEUE_JOBS];
    double first_s[QUEUE_JOBS], start_s[QUEUE_JOBS], end_s[QUEUE_JOBS]; /* -1: never */
    int32_t evicted[QUEUE_JOBS], n_members[QUEUE_JOBS];
    int32_t node[QUEUE_JOBS][QUEUE_MEMBERS];
    int64_t waited_ns[QUEUE_JOBS][MODEL_CAUSES];
    int32_t refused[QUEUE_JOBS];
};

/* `jobs` is kept. */
struct queue_rig *queue_rig_new(struct sp_arena *arena, const struct queue_fleet *fleet,
                                const struct queue_job *jobs, int32_t n);

/* Handles one event of the instant that is next; false: there is none. */
bool queue_rig_step(struct queue_rig *r);
void queue_rig_run(struct queue_rig *r);

#endif
