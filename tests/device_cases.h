/* Device kernels against references in double, on any device that a rig can drive: the
 * fake driver, a real one, OpenCL.  Arrays are as long as they have to be and no
 * longer, results are full of NaN before.
 */
#ifndef TESTS_DEVICE_CASES_H
#define TESTS_DEVICE_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "calibrate/device_kernels.h"

struct device_rig {
    void *self;
    bool (*has)(void *self, const char *kernel);
    cal_memory *(*alloc)(void *self, size_t bytes); /* NULL: there is none */
    void (*free)(void *self, cal_memory *memory);
    /* All three have happened when they return; false where the device says no. */
    bool (*put)(void *self, cal_memory *to, const void *from, size_t bytes);
    bool (*get)(void *self, void *to, cal_memory *from, size_t bytes);
    bool (*launch)(void *self, const char *kernel, const struct cal_grid *grid,
                   const struct cal_arg *args, int32_t n_args);
};

struct device_case {
    const char *name, *kernel;
    int32_t n[6];             /* the kernel's whole numbers, in their order */
    uint32_t blocks, threads; /* of the first axis; 0: as cal_device_grid() says */
    int32_t uneven; /* inputs' sizes go from 2^-8 to 2^uneven; 0: from 0 to 1 */
};

extern const struct device_case device_cases[];
extern const int device_cases_n;

enum device_outcome { DEVICE_RIGHT, DEVICE_WRONG, DEVICE_LACKS_KERNEL };

/* Runs one; of a wrong one, says in `why` what was found. */
enum device_outcome device_case_run(const struct device_case *c,
                                    const struct device_rig *rig, char *why,
                                    size_t size);

#endif
