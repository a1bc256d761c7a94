/* The rows of a jobs workload; only sim/jobs*.c include this.
 *
 * A row is a job that waits or runs; rows are used again.  Figures of jobs that are
 * done go to groups at once, so memory follows the jobs that are there, not the trace.
 */
#ifndef SIM_JOBS_ROWS_H
#define SIM_JOBS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/job.h"
#include "model/jobs.h"
#include "sim/arrivals.h"
#include "sim/histogram.h"
#include "sim/job_floor.h"
#include "sim/job_split.h"
#include "sim/job_stint.h"
#include "sim/jobs.h"
#include "sim/level.h"
#include "sim/mser.h"

enum sim_job_state { SIM_JOB_FREE, SIM_JOB_WAITING, SIM_JOB_RUNNING };

struct sim_job {
    int64_t number, line;
    int64_t arrival_ns, asked;        /* asked: its number among those who ask */
    int64_t first_run_ns;             /* -1: it has not run */
    int64_t work_ns;                  /* on the reference GPU; MODEL_NEVER */
    int64_t left_ns;                  /* of it, for the next stint or that which runs */
    int64_t estimate_ns;              /* of the work; MODEL_NEVER: nobody knows */
    int64_t deadline_ns;              /* an instant; -1 none */
    int64_t mgpu;                     /* of all members */
    int64_t counted[MODEL_RESOURCES]; /* what its nodes count of all members; running */
    int64_t wait_ns[MODEL_CAUSES];
    struct sim_stint stint;
    int64_t every_ns;
    int32_t kind, late_kind;  /* of its unit; after its safety net has closed */
    int32_t any_kind;         /* on all nodes that it may use: names its floor */
    int32_t unit, slot, team; /* team: of the stream's names */
    int32_t closed_form;      /* its place in sim_jobs.closed_form, or SP_NO_ID */
    int32_t losses, first_node, next_free;
    int32_t place; /* first of the timeline's, or SP_NO_ID */
    char *label;   /* its name there; kept with the row */
    int32_t label_room;
    int64_t lost_ns;  /* of the last stay on nodes: time of work that came to nothing */
    const char *name; /* of jobs that are explained; else NULL */
    uint8_t state;
    bool late;          /* its safety net has closed */
    bool lost_place;    /* it asks again after its nodes were lost */
    enum sim_loss give; /* why it stops at stint.stop_ns */
};

/* A node on which a job is, for the timeline. */
struct sim_job_place {
    int32_t node, thread, next;
};

/* What is added up of a group of jobs. */
struct sim_jobs_group {
    const char *name;
    int64_t arrived, done;
    sp_i128 allocated; /* thousandths of GPUs x ns */
    sp_i128 wait_ns[MODEL_CAUSES];
    struct sim_histogram queue, completion, wait,
        slowdown; /* slowdown: in millionths */
    double slowdown_sum;
    bool has_histograms;
};

/* Of jobs that never end: what was allocated when so much had arrived. */
struct sim_jobs_curve {
    int32_t n, room;
    int64_t fleet_mgpu, arrived_mgpu;
    int64_t *at; /* allocated, in thousandths */
    double *arrived_pct, *fragment_pct;
};

struct sim_jobs {
    struct sim_workload_env env;
    struct sp_arena *arena;
    const struct model_plan *plan;
    const struct model_jobs *m;
    struct sim_cluster_client client;

    /* source */
    struct sim_arrivals arrivals; /* of a generator */
    uint64_t draw_key;
    double share_sum;
    struct model_job next;
    char next_name[2 * MODEL_NAME_MAX];
    int32_t arrival_slot;
    bool source_done;
    struct sp_err err;

    /* rows */
    struct sim_job *jobs;
    int32_t n_jobs, jobs_room, free_job;
    struct sim_job_place *places; /* where a timeline is kept */
    int32_t n_places, places_room, free_place;
    int64_t n_waiting, n_ending, n_forever, n_timers; /* n_ending, n_forever: running */
    int32_t *closed_form, n_closed_form, closed_form_room;
    int32_t *owner,
        *stage;       /* of the ledger, by the policy's team; SP_NO_ID: none yet */
    bool asks_memory; /* some job does, as far as is known beforehand */
    int64_t *speed;   /* of node types */

    /* what happened */
    int64_t now_ns, in, done, dropped_by[MODEL_DROP_REASONS], done_measured;
    int64_t first_arrival_ns, last_done_ns;
    int64_t lost_by[SIM_LOSS_MOVED + 1];
    int64_t deadlines, deadlines_missed;
    sp_i128 useful, lost, overhead; /* thousandths of GPUs x ns */
    struct sim_job_floor floor;     /* NaN: some job may run on nothing with a price */
    struct sim_job_floor *floor_rate; /* of kinds; [0] below 0: not worked out */
    int32_t n_floor_rate;
    bool measuring;
    sp_i128 busy_done[MODEL_RESOURCES]; /* of jobs in closed form, of earlier stints */
    struct sim_level busy[MODEL_RESOURCES], waiting;
    int32_t n_groups, n_teams;
    struct sim_jobs_group *groups;
    struct sim_means means;
    struct sim_jobs_curve curve;
    const char *refused; /* the first few, in words; or NULL */
    int64_t n_refused;
};

/* ---- jobs_source.c ---- */

void sim_jobs_source_init(struct sim_jobs *w);
/* Makes the next job known and sets its arrival. */
void sim_jobs_next(struct sim_jobs *w);

/* ---- jobs_ask.c ---- */

/* The job that arrives now: refused, or a row that asks. */
void sim_jobs_arrive(struct sim_jobs *w, const struct model_job *job);
/* Asks for a place for a row without one. */
void sim_jobs_ask(struct sim_jobs *w, int32_t id, bool after_loss);
/* Its unit waits no more: it was told to start, or is about to be given back. */
void sim_jobs_wait_ends(struct sim_jobs *w, int32_t id);
/* A waiting job's safety net closes. */
void sim_jobs_net_closes(struct sim_jobs *w, int32_t id);
/* How much work its estimate leaves; INT64_MAX: not known. */
int64_t sim_jobs_estimate_left_ns(const struct sim_job *j);

/* ---- jobs_run.c ---- */

void sim_jobs_run_init(struct sim_jobs *w);
void sim_jobs_due(struct sim_jobs *w, int32_t id); /* the event of a running job */
/* Time of work of jobs that run now, x what nodes count of them. */
sp_i128 sim_jobs_busy(const void *self, int r, int64_t now_ns);
void sim_jobs_finish(void *self, int64_t now_ns);

/* ---- jobs_record.c: for timelines; all do nothing where there is none ---- */

/* The row is this job's: its name is kept. */
void sim_record_job(struct sim_jobs *w, struct sim_job *j, const char *name);
/* A stint begins on the unit's nodes; it ends, before the unit leaves them. */
void sim_record_stint_begins(struct sim_jobs *w, struct sim_job *j);
void sim_record_stint_ends(struct sim_jobs *w, struct sim_job *j);

/* ---- jobs_count.c ---- */

void sim_jobs_count_init(struct sim_jobs *w);
void sim_jobs_count_arrival(struct sim_jobs *w, const struct model_job *job,
                            const struct sim_job_split *split, int32_t kind,
                            int64_t types);
/* Time that a job held its place without work; time that a stint worked, of which so
 * much counts. */
void sim_jobs_count_overhead(struct sim_jobs *w, const struct sim_job *j, int64_t ns);
void sim_jobs_count_work(struct sim_jobs *w, const struct sim_job *j, int64_t worked_ns,
                         int64_t useful_ns);
void sim_jobs_count_done(struct sim_jobs *w, const struct sim_job *j);
/* Work that a perfect autoscaler pays for. */
void sim_jobs_count_floor(struct sim_jobs *w, const struct sim_job *j, int64_t work_ns);
void sim_jobs_measure(void *self, bool on, int64_t now_ns);
/* What had come of all that arrived before now. */
void sim_jobs_count_curve(struct sim_jobs *w);

/* ---- jobs_told.c ---- */

/* "4 x 2 GPUs + 8 CPUs, gang larger than the fleet" */
const char *sim_jobs_refused_text(struct sim_jobs *w, const struct sim_job_split *split,
                                  int32_t reason);
void sim_jobs_tell_refused(struct sim_jobs *w, const struct model_job *job,
                           const struct sim_job_split *split, int32_t reason);
const char *sim_jobs_stuck_text(const void *self, struct sp_arena *arena);
const char *sim_jobs_unplaced_text(const void *self, struct sp_arena *arena);

/* ---- jobs_result.c ---- */

void sim_jobs_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                     int64_t to_ns, struct model_workload_result *r);

#endif
