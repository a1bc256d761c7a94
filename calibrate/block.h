/* A block: a canary, samples for 12 ms (up to 96 ms until three are clean), a canary.
 * The first and those after a disturbed one are dropped: caches were others'.  It
 * counts if both canaries are good and three samples or more are left.
 */
#ifndef CALIBRATE_BLOCK_H
#define CALIBRATE_BLOCK_H

#include "calibrate/estimate.h"
#include "calibrate/kernel.h"
#include "calibrate/world.h"

enum { CAL_CLEAN_LEAST = 3 };

/* What a block runs. */
struct cal_load {
    const struct cal_kernel *kernel;
    struct cal_state *state;
    int32_t items;     /* inputs taken in turn; 1: always the first */
    int32_t stride;    /* inputs that there are */
    int32_t next_item; /* of the next sample */
    int64_t calls;     /* of one input, in a sample */
    bool is_long; /* calls too long to stay undisturbed: where a sample is not clean
                   * its CPU time is taken instead */
};

enum cal_block_end {
    CAL_BLOCK_COUNTS,
    CAL_BLOCK_BY_CANARY,    /* the core was slow or shared */
    CAL_BLOCK_BY_SCHEDULER, /* too few clean samples */
    CAL_BLOCK_BY_CLOCK,     /* it stood still, or jumped */
};

struct cal_block {
    enum cal_block_end end;
    int64_t taken, clean, by_cpu; /* samples; clean ones; those of them by CPU time */
    double sum_s, best_s; /* of a call: over all taken; least clean (INFINITY) */
    double clean_s;       /* time in clean samples */
    double span_s;        /* from canary to canary; 12 ms where the clock is wrong */
    struct cal_speed before, after;
};

/* Samples that grow; rows live on the heap. */
struct cal_samples {
    struct cal_sample *rows;
    int32_t n, room;
};
void cal_samples_keep(struct cal_samples *samples, struct cal_sample sample);
void cal_samples_fini(struct cal_samples *samples);

/* Makes *load ready: runs the kernel until it is warm and finds out how many calls make
 * a sample of 0.1 ms.
 *   false: the clock does not advance. */
bool cal_load_init(const struct cal_world *world, const struct cal_kernel *kernel,
                   struct cal_state *state, struct cal_load *load);

/* Runs one; clean samples are added, as of block `number`, where it counts. */
struct cal_block cal_block_run(const struct cal_world *world,
                               const struct cal_reference *reference,
                               struct cal_load *load, int32_t number,
                               struct cal_samples *samples);

/* Blocks at the same time, load i on core (first_core + i) modulo the cores there are,
 * all started together. */
struct cal_together {
    int32_t n, first_core;
    struct cal_load *loads;
    const struct cal_reference *reference;
    struct cal_block *blocks;
    double *median_s; /* of the clean samples of each; NaN */
};

/* Block i of a job, in the thread that is on its core. */
void cal_together_run(const struct cal_world *world, struct cal_together *job,
                      int32_t i);

#endif
