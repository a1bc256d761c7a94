/* A machine made up: a clock that goes as far as the kernels say, neighbours and
 * pushing-off by the script.  No time passes. */
#ifndef TESTS_SCRIPTED_WORLD_H
#define TESTS_SCRIPTED_WORLD_H

#include "base/rng.h"
#include "calibrate/campaign.h"

struct script {
    /* what the machine does; zeros are a machine of our own */
    double shared_every_s,
        shared_for_s;       /* a neighbour on the core, from time to time */
    double slow;            /* what takes so many times longer then */
    double pushed_off_frac; /* of the samples: 4 ms are lost */
    double spoilt_s;        /* CPU time that being pushed off costs: caches gone cold */
    double jump_frac;       /* of the samples: the clock leaps an hour */
    bool jump_back;
    bool stands_still; /* the clock */
    bool no_canary, spoilt_canary_together;
    double contention; /* each of several cores at once takes so many times longer */

    /* where it is */
    int64_t now_ns;
    struct cal_mark mark;
    struct sp_rng rng;
    int32_t together;      /* loads at once, now */
    const char *ran[4096]; /* kernels of runs, a row for each change */
    int32_t n_ran;
};

/* A kernel of the script: `items` inputs, the i-th taking s (1 + i) on average. */
struct cal_state {
    struct script *script;
    const char *name;
    double s;
    int32_t items;
    double noise;  /* of each call, relative, uniform in +-noise */
    double wander; /* of blocks: the level changes with time so much, at random */
    double drift;  /* of the level per second */
    int64_t calls; /* that were made */
};

struct cal_world script_world(struct script *script);

/* A series of `state`, made ready. */
struct cal_series script_series(struct script *script, const struct cal_kernel *kernel,
                                struct cal_state *state, double *items_s);

extern const struct cal_kernel script_kernel, script_kernel_of_two;

#endif
