/* A real pipeline of calibrated kernels on this machine: threads and bounded queues, or
 * all stages in one thread after the other (fused).  Measured in rounds, each with the
 * stages' isolated times first; nothing is predicted here.
 */
#ifndef CALIBRATE_VALIDATE_H
#define CALIBRATE_VALIDATE_H

#include "calibrate/canary.h"
#include "calibrate/kernel.h"

enum { CAL_STAGES_MAX = 4 };

/* A kernel of a profile, with its x. */
struct cal_part {
    const char *kernel; /* NULL ends a list */
    double x;
};

struct cal_stage {
    const struct cal_kernel *kernel;
    double x;
    const struct cal_part *parts; /* of a device: what it is in a profile, one after the
                                   * other; NULL: the CPU's kernel of this name */
    int32_t calls;                /* of the kernel for one item */
    double cv;       /* > 0: the number of calls is drawn anew for each item, mean
                      * `calls`, geometric-like: work that varies */
    int32_t workers; /* threads */
    int32_t queue;   /* items that may wait before it; of the first stage: unused */
};

struct cal_pipeline {
    const char *name, *text;
    int32_t n;
    struct cal_stage stages[CAL_STAGES_MAX];
    bool fused; /* each worker of stage 0 runs all stages in a row */
};

/* What was seen of a stage in a round. */
struct cal_stage_seen {
    double isolated_mean_s, isolated_cv; /* alone, just before */
    int32_t n_samples;
    const double *samples_s; /* isolated service times of items */
    double busy_frac;        /* of its workers' time, in the pipeline */
    double together_mean_s;  /* what an item took there; with more threads than CPUs
                              * their turns are in it */
};

struct cal_round {
    double items_per_s;
    double p50_s, p99_s, mean_s; /* an item's way from entering to leaving */
    double hand_off_s;           /* a queue's hop to a thread that sleeps, from the
                                  * push until the pop returns; median, alone */
    double push_s;               /* of that, what keeps the giver busy */
    double foreign_cores;        /* CPU used by others, mean over the round */
    double waited_frac;          /* of the time of our threads, able to run and not
                                  * running; NaN where they are more than the cores */
    bool canary_good;
    double wall_s;
    int64_t items;
    struct cal_stage_seen stages[CAL_STAGES_MAX];
};

struct cal_validate_options {
    int32_t rounds;
    double round_s;
    uint64_t seed;
    struct cal_speed reference; /* best canaries known of this machine, or 0 */
    bool realtime;              /* under SCHED_FIFO, in bursts of less than 0.6 s */
    bool (*progress)(void *self, const char *doing, double done_frac);
    void *progress_self;
};

/* Runs `rounds` rounds.  rounds[] lives in `arena`.
 *   SP_ELIMIT progress() stopped it; SP_EIO a kernel could not be made ready, or a
 *             thread not be started. */
SP_CHECKED enum sp_status cal_validate_run(const struct cal_pipeline *pipeline,
                                           const struct cal_validate_options *options,
                                           struct sp_arena *arena,
                                           struct cal_round *rounds,
                                           struct sp_err *err);

/* Threads that a pipeline works with. */
int32_t cal_pipeline_threads(const struct cal_pipeline *pipeline);

/* What a stage is in a profile where it runs on a device, or NULL; its name is that of
 * the built-in table. */
const struct cal_part *cal_stage_parts(const char *kernel);

/* A pipeline of the built-in table: kernels by name. */
struct cal_pipeline_stage {
    const char *kernel; /* NULL: no more stages */
    double x;
    int32_t calls;
    double cv;
    int32_t workers; /* 0: one for each CPU */
    int32_t queue;
};

struct cal_pipeline_row {
    const char *name, *text;
    bool fused;
    struct cal_pipeline_stage stages[CAL_STAGES_MAX];
};

/* All of them; `name` NULL ends the table. */
extern const struct cal_pipeline_row cal_pipelines[];

/* A row as a pipeline on `cores` CPUs; false where this build has not all of its
 * kernels: *lacks is the name of the first. */
bool cal_pipeline_make(const struct cal_pipeline_row *row, int32_t cores,
                       struct cal_pipeline *pipeline, const char **lacks);

#endif
