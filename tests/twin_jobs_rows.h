/* The rows of the twin of jobs; only tests/twin_jobs*.c include this. */
#ifndef TESTS_TWIN_JOBS_ROWS_H
#define TESTS_TWIN_JOBS_ROWS_H

#include "sim/mix.h"
#include "sim/nodes.h"
#include "tests/twin_jobs.h"

enum { TWIN_NODES = 64, TWIN_JOBS = 64, TWIN_MEMBERS = 16, TWIN_GPUS = 8 };

struct twin_node {
    bool used, booting;
    int32_t type, units;
    int64_t ready_ns, idle_since_ns, idle_order;
    int64_t mcpu, memory;                 /* free; memory INT64_MAX: not limited */
    int32_t dev[TWIN_GPUS];               /* free thousandths */
    int32_t shares, whole[TWIN_GPUS + 1]; /* members of so many GPUs */
};

struct twin_seat {
    int32_t node, device;
    uint64_t whole;
    struct model_amounts needs;
};

enum twin_state {
    TWIN_FUTURE,
    TWIN_WAITING,
    TWIN_PLACED, /* some node boots */
    TWIN_RUNNING,
    TWIN_DONE,
    TWIN_REFUSED,
};

struct twin_job {
    const struct model_job *job;
    enum twin_state state;
    int32_t id, team, priority;
    bool preemptible, after_loss;
    struct model_amounts needs, rest;
    int32_t members; /* that need `needs` */
    bool has_rest;
    int64_t allowed;
    int64_t number;
    int32_t n_seats;
    struct twin_seat seat[TWIN_MEMBERS];
    int64_t placed_ns, placed_order;
    int64_t run_ns, end_ns, run_order; /* told to start; done */
    int64_t overhead_ns;
    double speed;
    int64_t left_ns, estimate_left_ns; /* work, on the reference GPU */
    bool ran;
    enum model_cause cause;
    int64_t cause_since_ns;
    struct twin_job_result *out;
};

/* All that a question "would it fit" needs to copy. */
struct twin_room {
    struct twin_node node[TWIN_NODES];
    int64_t used[16][MODEL_RESOURCES]; /* by team */
    int32_t n_nodes;
    int32_t free_list[8][TWIN_NODES], n_free[8]; /* numbers given back, by type */
};

struct twin {
    const struct model_policy *policy;
    const struct model_jobs *jobs;
    uint64_t seed; /* of placement */
    struct sim_mix mix;
    struct sp_arena *arena;
    int64_t now_ns, placed_order, run_order, idle_order, next_number;
    struct twin_room room;
    int32_t n;
    struct twin_job *job;
    bool pass_wanted;
    struct twin_jobs_result *out;
};

/* ---- twin_jobs_place.c ---- */

void twin_needs(const struct twin_job *j, struct model_amounts *needs);
/* Puts all members on nodes of `room`; false, and nothing changed, where one finds
 * none. With `buy`, nodes that lack are bought (as TWIN_NODES rows of `room` that are
 * not used yet; made real by the caller). */
bool twin_place(const struct twin *t, struct twin_room *room, struct twin_job *j,
                bool buy);
/* A seat is taken (sign 1) or given back (-1). */
void twin_hold(struct twin_node *n, const struct twin_seat *s, int sign);
void twin_unplace(const struct twin *t, struct twin_room *room,
                  const struct twin_job *j);
bool twin_node_holds(const struct twin *t, const struct twin_node *n,
                     const struct model_amounts *needs, int64_t allowed);
bool twin_type_holds(const struct twin *t, int32_t type,
                     const struct model_amounts *needs, int64_t allowed);
enum model_cause twin_room_cause(const struct twin *t, const struct twin_job *j);

/* ---- twin_jobs_scored.c: strategies with scores, and those that draw ---- */

bool twin_is_scored(const struct twin *t);
/* The best of the nodes with room whose place in `which` is `wanted`; `draw` as in
 * docs/design.md. */
int32_t twin_scored_node(const struct twin *t, const struct twin_room *room,
                         const struct model_amounts *needs, int64_t allowed,
                         const bool *which, bool wanted, uint64_t draw);
struct sim_hold twin_scored_devices(const struct twin *t, const struct twin_room *room,
                                    int32_t node, const struct model_amounts *needs,
                                    int64_t allowed);

/* ---- twin_jobs_quota.c ---- */

bool twin_admits(const struct twin *t, const struct twin_room *room,
                 const struct twin_job *j);
bool twin_borrows(const struct twin *t, const struct twin_room *room, int32_t team,
                  const struct twin_job *j);
double twin_share(const struct twin *t, const struct twin_room *room,
                  const struct twin_job *j);
void twin_use(struct twin_room *room, const struct twin_job *j, int sign);

/* ---- twin_jobs_pass.c ---- */

void twin_pass(struct twin *t);
/* Evicts others so that j has its place, if that can be. */
bool twin_evict_for(struct twin *t, struct twin_job *j);
/* When a placed job is expected to leave; INT64_MAX: never. */
int64_t twin_leaves_ns(const struct twin *t, const struct twin_job *j);
/* Whether a goes before b, both waiting. */
bool twin_before(const struct twin *t, const struct twin_job *a,
                 const struct twin_job *b);

/* ---- twin_jobs_plan.c ---- */

/* The pass of conservative backfill. */
void twin_plan(struct twin *t);

/* ---- twin_jobs.c ---- */

void twin_start(struct twin *t, struct twin_job *j); /* it has its seats now */
void twin_evict(struct twin *t, struct twin_job *j);
void twin_tell(struct twin *t, struct twin_job *j, enum model_cause cause);
/* How long the job is expected to hold a place from now on, had it one. */
int64_t twin_expected_ns(const struct twin *t, const struct twin_job *j);

#endif
