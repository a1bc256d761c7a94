/* A replication under way: shared by the files sim/run*.c and by nobody else. */
#ifndef SIM_RUN_ROWS_H
#define SIM_RUN_ROWS_H

#include "sim/cluster.h"
#include "sim/event_queue.h"
#include "sim/network.h"
#include "sim/run_parts.h"
#include "sim/samples.h"
#include "sim/series.h"
#include "sim/timeline.h"
#include "sim/workload.h"

enum { SIM_EV_PLACE, SIM_EV_NODE, SIM_EV_MARKET, SIM_EV_FIRST_WORKLOAD };

/* What is integrated over time. */
enum { SIM_PROVISIONED, SIM_ALLOCATED, SIM_BUSY, SIM_STRANDED, SIM_INTEGRALS };

struct sim_run_window {
    int64_t from_ns, to_ns; /* asked for; to -1: the end */
    bool open, closed;
    int64_t opened_ns, closed_ns;
    sp_i128 base[SIM_INTEGRALS][MODEL_RESOURCES], end[SIM_INTEGRALS][MODEL_RESOURCES];
};

struct sim_run_work {
    const struct sim_workload_kind *kind;
    void *self;
};

struct sim_run_now {
    const struct model_scenario *scenario;
    const struct model_policy *policy;
    const struct sim_options *options;
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    struct sim_ledger *ledger;
    struct sim_cluster *cluster;
    struct sim_network *network;
    struct sim_cpu_use *cpu_use;   /* NULL: nobody asks */
    struct sim_timeline *timeline; /* first replication; else NULL */
    int32_t n_works;
    struct sim_run_work *works;
    struct model_arrivals *traces;
    struct model_job_stream *job_streams;
    struct sim_run_window window;
    struct sim_series series;
    struct sim_samples samples;  /* first replication */
    struct sim_run_rates *rates; /* NULL: no intervals within the run */
    int64_t now_ns, next_mark_ns;
    uint64_t events, digest, freed;
    int64_t instant_ns; /* time of the last look, and the events until then */
    uint64_t instant_events;
    int32_t stuck, unmoved, policy_id, replication;
    enum model_end end;
    const char *end_text, *unplaced_text;
};

/* ---- run_marks.c ---- */
/* Of a resource's what, from 0 to t_ns, which is not before the last event. */
sp_i128 sim_run_integral(const struct sim_run_now *r, int what, int res, int64_t t_ns);
/* Everything that happens between events, up to and including time `to_ns`. */
void sim_run_pass_marks(struct sim_run_now *r, int64_t to_ns);
/* The window is open and closed by the end of the run. */
void sim_run_end_window(struct sim_run_now *r);

/* ---- run_intervals.c: intervals of one long run ---- */
/* Items done at even times of the window: when there are too many every second is
 * forgotten and the steps double.  NULL where nothing of the kind is told. */
struct sim_run_rates *sim_run_rates_new(const struct sim_run_now *r);
int64_t sim_run_rates_next(const struct sim_run_now *r); /* INT64_MAX: none */
void sim_run_rates_record(struct sim_run_now *r);
/* Adds intervals of throughputs, and says what intervals are made of. */
void sim_run_intervals(const struct sim_run_now *r, struct sp_arena *arena,
                       struct model_policy_result *p);

/* ---- run_setup.c ---- */
SP_CHECKED enum sp_status sim_run_open_traces(struct sim_run_now *r,
                                              struct sp_err *err);
void sim_run_close_traces(struct sim_run_now *r);
void sim_run_build(struct sim_run_now *r, uint64_t seed, bool follow_means);

/* ---- run_result.c ---- */
/* Into *p, which lives in `arena`; after the books are closed. */
void sim_run_collect(const struct sim_run_now *r, struct sp_arena *arena,
                     struct model_policy_result *p);

#endif
