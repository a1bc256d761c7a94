/* A stint: one stay of a job on its nodes, from when all of them were ready.
 *
 * First comes what does no work (`ready until work_from_ns`), then work, with a
 * checkpoint written after every `every_ns` of it but not at the end.  Nothing happens
 * event by event: what has come of a stint by an instant is worked out from these few
 * numbers, however many checkpoints it had.
 *
 * Work is counted in time on the reference GPU, exact integers throughout: x of it
 * takes ceil(x / speed), and the k-th checkpoint is written ceil(k every / speed) + k
 * cost after work began.
 */
#ifndef SIM_JOB_STINT_H
#define SIM_JOB_STINT_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_SPEED_ONE = 1000000000 }; /* speeds are billionths of the reference GPU's */

struct sim_stint {
    int64_t began_ns, work_from_ns;
    int64_t left_ns;  /* work to do when it began; INT64_MAX: it never ends */
    int64_t every_ns; /* of work between checkpoints; 0: none are written */
    int64_t cost_ns;  /* of writing one */
    int64_t speed;    /* >= 1 */
    int64_t stop_ns;  /* here it stops to write one more; INT64_MAX: it does not */
};

/* What has come of it. */
struct sim_stint_sum {
    int64_t worked_ns; /* of its time, work (lost or not); the rest did none */
    int64_t useful_ns; /* of that, work that no later stint has to do again */
    int64_t left_ns;   /* work to do for the next one */
};

/* The speed as a whole number of billionths, at least one. */
int64_t sim_job_speed(double speed);

/* Time that work takes: ceil(work / speed); at most a century and a half. */
int64_t sim_work_time_ns(int64_t work_ns, int64_t speed);

/* How long work takes with the checkpoints on the way; as above. */
int64_t sim_stint_span_ns(const struct sim_stint *s, int64_t work_ns);

/* When the work is done, had it never to stop; INT64_MAX: never. */
int64_t sim_stint_end_ns(const struct sim_stint *s);

/* When the place is given up after the checkpoint of stop_ns; INT64_MAX: never. */
int64_t sim_stint_leave_ns(const struct sim_stint *s);

/* Whether it does work at an instant, neither starting nor writing a checkpoint.  One
 * that begins or ends then does not count. */
bool sim_stint_works(const struct sim_stint *s, int64_t now_ns);

/* When it stops working, if asked at `now_ns`, after work began and before it ends, to
 * write a checkpoint: at once, but where it writes one or has just written one: when it
 * began to. */
int64_t sim_stint_stop_ns(const struct sim_stint *s, int64_t now_ns);

/* As if the place were lost now; a checkpoint written at this very instant counts. */
struct sim_stint_sum sim_stint_lost(const struct sim_stint *s, int64_t now_ns);

/* The time of work until now. */
int64_t sim_stint_worked_ns(const struct sim_stint *s, int64_t now_ns);

#endif
