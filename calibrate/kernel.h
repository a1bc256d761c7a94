/* A kernel that can be run on a CPU of this machine and measured: one row says what it
 * is, how to make its input from a seed, how to run it and how to tell that its result
 * is right.
 *
 * A state belongs to one thread.  Nothing is read from files.
 */
#ifndef CALIBRATE_KERNEL_H
#define CALIBRATE_KERNEL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/profile.h"

enum { CAL_POINTS_MAX = 24, CAL_PARAMS_MAX = 8 };

struct cal_state; /* each kernel has its own kind */

struct cal_kernel {
    const char *name; /* "jpeg_decode" */
    const char *item; /* "one image, 4:2:0, quality 85" */
    const char *axis; /* what x counts: "megapixels"; "" : one point, x is 1 */
    const char *help; /* one line: which stage it stands for */
    enum model_calls calls;
    enum model_bound bound;
    int32_t threads; /* a call keeps busy: 1, of a hand-off 2 */
    int32_t n_points;
    double x[CAL_POINTS_MAX]; /* rising */
    uint32_t quick;           /* bit i: point i is measured by --quick, too */
    double scaling_x; /* the point measured over 1..n cores; 0: the kernel is not */
    struct model_work work;
    int32_t n_params;
    struct model_fact params[CAL_PARAMS_MAX];
    int32_t n_features;
    const char *features[MODEL_FEATURES_MAX];

    /* Makes the input of calls of x, on the heap.
     *   SP_EIO  a library refused. */
    enum sp_status (*open)(const struct cal_kernel *kernel, double x, uint64_t seed,
                           struct cal_state **state, struct sp_err *err);
    void (*close)(struct cal_state *state); /* NULL is fine */

    /* How many inputs there are: call i takes input i mod items (which may stand for
     * several that are alike). */
    int32_t (*items)(const struct cal_state *state);
    /* One call.  What it computes stays in the state, so nothing is optimised away. */
    void (*run)(struct cal_state *state, int64_t call);
    /* Runs and compares the result with a reference made in another way.
     *   SP_EIO  it is wrong: says what was found and what was expected. */
    enum sp_status (*check)(struct cal_state *state, struct sp_err *err);
    /* Features of an input, in the order of `features`; NULL: none. */
    void (*features_of)(const struct cal_state *state, int32_t item, double *features);

    /* Library and version, chosen code path ("AVX2", "SkylakeX"); may be NULL, and may
     * return NULL.  Text lives in `arena`. */
    const char *(*library)(struct sp_arena *arena);
    const char *(*code_path)(struct sp_arena *arena);

    /* For tests.  Hash of the last run's result: the same for the same seed and call on
     * every machine where the arithmetic is exact, else on this one. */
    uint64_t (*digest)(const struct cal_state *state);
    /* For tests: damages what check() looks at, such that it must find it. */
    void (*damage)(struct cal_state *state);
};

/* All of them, NULL-ended. */
extern const struct cal_kernel *const cal_kernels[];

/* By name, or NULL. */
const struct cal_kernel *cal_kernel_find(const char *name);

#endif
