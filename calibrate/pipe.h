/* Stages in real threads with bounded queues between them, or all of an item's stages
 * in a row in one thread (fused): runs items through and takes the times.
 *
 * The source is never at a loss: a free worker of the first stage takes the next item.
 * A worker that finds the next queue full waits with the item in its hands.
 */
#ifndef CALIBRATE_PIPE_H
#define CALIBRATE_PIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "calibrate/validate.h"

struct cal_pipe;

/* Makes each worker's state of its kernel (all of a stage with the same inputs) and
 * runs each once.  On the heap.
 *   SP_EIO  a kernel could not be made ready. */
SP_CHECKED enum sp_status cal_pipe_open(const struct cal_pipeline *pipeline,
                                        uint64_t seed, bool realtime,
                                        struct cal_pipe **pipe, struct sp_err *err);
void cal_pipe_close(struct cal_pipe *pipe); /* NULL is fine */

/* Chooses the work of n items: how many calls of a stage's kernel each of them takes.
 * The same seed gives the same. */
void cal_pipe_choose(struct cal_pipe *pipe, int32_t n, uint64_t seed);

/* Calls of item i at a stage, after cal_pipe_choose(). */
int32_t cal_pipe_calls(const struct cal_pipe *pipe, int32_t stage, int32_t item);

/* The stage alone, in one thread: seconds that each of the first n (of the chosen)
 * items takes, into samples_s.  *waited_s, if not NULL, grows by the time that the
 * thread was kept waiting for a CPU.
 *   SP_EIO  the thread could not be made. */
SP_CHECKED enum sp_status cal_pipe_alone(struct cal_pipe *pipe, int32_t stage,
                                         int32_t n, double *samples_s, double *waited_s,
                                         struct sp_err *err);

/* What was seen of all chosen items; the arrays are the caller's, n long. */
struct cal_passage {
    int64_t *entered_ns, *left_ns;    /* by item */
    double busy_frac[CAL_STAGES_MAX]; /* of the stage's workers' time, from the first
                                       * item's entering to the last's leaving */
    double mean_s[CAL_STAGES_MAX];    /* of an item at the stage */
    int64_t passed[CAL_STAGES_MAX];   /* items that each stage has worked on */
    double wall_s, waited_s;
};

/* All chosen items through the pipeline.
 *   SP_EIO  a thread could not be made. */
SP_CHECKED enum sp_status cal_pipe_run(struct cal_pipe *pipe,
                                       struct cal_passage *passage, struct sp_err *err);

#endif
