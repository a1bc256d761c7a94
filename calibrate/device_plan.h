/* What is measured on a device, and the measuring: one plan for every backend.
 *
 * Kernels are checked once against a reference made on the host, then measured in
 * blocks between two looks at the device's clock, in rounds over the kernels of a
 * group.  What a backend or a device lacks is skipped with the reason.
 */
#ifndef CALIBRATE_DEVICE_PLAN_H
#define CALIBRATE_DEVICE_PLAN_H

#include "calibrate/device.h"
#include "calibrate/worker_line.h"

/* Models measured so far: of devices that are alike one is measured. */
enum { CAL_MODELS_MAX = 16 };
struct cal_models {
    int32_t n;
    struct {
        const char *model, *name; /* "NVIDIA L4", "gpu0" */
        int64_t memory_bytes;
    } of[CAL_MODELS_MAX];
};

struct cal_device_plan {
    bool quick;
    /* For an emulated device, which takes as long as it takes: blocks are counted, not
     * timed; `small` sizes, too. */
    bool patient, small;
    double seconds; /* for measuring, about, from when kernels are built and checked;
                     * 0: as the campaigns need */
    uint64_t seed;
    int32_t campaigns;
    const char *name;          /* of the device in what is said: "gpu0" */
    struct cal_models *models; /* NULL: each device is measured */
    /* Takes each line as it comes: the device, kernels after each campaign (estimates
     * so far), notes, what is being done. */
    void (*say)(void *self, const struct cal_line *line);
    void *self;
};

/* Fills name, item, axis, calls and bound of the row called `name`; false: none is. */
bool cal_device_plan_about(const char *name, struct cal_measured *m);

/* Names of the rows in order, NULL past the end. */
const char *cal_device_plan_name(int32_t index);

/* Selects device i and measures it.
 *   SP_EIO, SP_EINPUT  it can't be selected, or it failed for good: what was said until
 *                      then is good. */
SP_CHECKED enum sp_status cal_device_plan_run(const struct cal_device_ops *ops,
                                              struct cal_device *d, int32_t i,
                                              const struct cal_device_plan *plan,
                                              struct sp_arena *arena,
                                              struct sp_err *err);

/* Row of the GPU datasheets that a device is, by its name and memory; NULL where not
 * sure.  docs/calibration.md has the table. */
const char *cal_device_catalog(const char *model, int64_t memory_bytes);

#endif
