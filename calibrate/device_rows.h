/* The table of what is measured on a device: a row per kernel of the profile. */
#ifndef CALIBRATE_DEVICE_ROWS_H
#define CALIBRATE_DEVICE_ROWS_H

#include "calibrate/device_rig.h"

/* Rows of a group take turns; a group's kernels are told of when it is done. */
enum cal_group {
    CAL_GROUP_LAUNCH,
    CAL_GROUP_MEMORY,
    CAL_GROUP_COMPUTE,
    CAL_GROUP_LINK,
    CAL_GROUP_SHARED,
    CAL_GROUPS
};

struct cal_row;

/* What one sample gives. */
struct cal_sampled {
    double s; /* of one call */
    double
        aside; /* what the row derives beside it (overlap, slow-down); NaN: nothing */
    bool held; /* false: worthless, the host was too slow */
};

/* A row at one x, as far as sampling must know it. */
struct cal_sampling {
    const struct cal_row *row;
    double x;
    int32_t calls; /* of a sample, >= 1 */
};

enum { CAL_ROW_POINTS_MAX = 8, CAL_ROW_SMALL_MAX = 3, CAL_ROW_PARAMS_MAX = 8 };

struct cal_row {
    const char *name, *item, *axis;
    enum model_bound bound;
    enum cal_group group;
    const char *needs[2]; /* kernels of the device, NULL-ended where fewer */
    const char *format;   /* "f32", "f16", "bf16": of operands; or NULL */
    bool library;         /* of the device's own GEMM */
    int32_t n;
    double x[CAL_ROW_POINTS_MAX]; /* rising */
    uint32_t quick;               /* bit i: point i is measured by --quick, too */
    int32_t n_small;
    double small[CAL_ROW_SMALL_MAX];
    bool sustained;    /* measured last and without a pause */
    const char *aside; /* name of the parameter that holds the median of `aside` */

    /* Bytes that x takes of each pool.  NULL: none. */
    void (*wants)(const struct cal_rig *rig, const struct cal_row *row, double x,
                  size_t want[CAL_POOLS]);
    /* Work, and parameters into m->params (room for CAL_ROW_PARAMS_MAX). */
    void (*about)(const struct cal_rig *rig, const struct cal_row *row,
                  struct model_work *work, struct model_fact *params, int32_t *n);
    /* Enqueues one call. */
    enum sp_status (*enqueue)(struct cal_rig *rig, const struct cal_row *row, double x,
                              int stream, struct sp_err *err);
    /* Takes a sample: NULL means cal_sample_held(). */
    enum sp_status (*sample)(struct cal_rig *rig, const struct cal_sampling *of,
                             struct cal_sampled *got, struct sp_err *err);
    /* Compares with a reference at a small size; NULL: there is nothing to compare.
     *   SP_EINPUT  it is wrong: what was found, what was expected.
     *   SP_EIO     the device failed. */
    enum sp_status (*check)(struct cal_rig *rig, const struct cal_row *row,
                            struct sp_err *err);
};

extern const struct cal_row cal_rows[];
extern const int32_t cal_n_rows;

const struct cal_row *cal_row_find(const char *name);

/* ---- ways of taking a sample ---- */

/* `calls` calls enqueued while the stream is held; time between two events. */
enum sp_status cal_sample_held(struct cal_rig *rig, const struct cal_sampling *of,
                               struct cal_sampled *got, struct sp_err *err);
/* The host's clock around calls and the wait for their end. */
enum sp_status cal_sample_host(struct cal_rig *rig, const struct cal_sampling *of,
                               struct cal_sampled *got, struct sp_err *err);
/* The host's clock around the enqueuing alone. */
enum sp_status cal_sample_enqueue(struct cal_rig *rig, const struct cal_sampling *of,
                                  struct cal_sampled *got, struct sp_err *err);
/* Copies up and down at once. */
enum sp_status cal_sample_duplex(struct cal_rig *rig, const struct cal_sampling *of,
                                 struct cal_sampled *got, struct sp_err *err);
/* A copy beside GEMMs that take about as long. */
enum sp_status cal_sample_overlap(struct cal_rig *rig, const struct cal_sampling *of,
                                  struct cal_sampled *got, struct sp_err *err);
/* Kernel A while kernel B keeps the device busy, by the row's name. */
enum sp_status cal_sample_shared(struct cal_rig *rig, const struct cal_sampling *of,
                                 struct cal_sampled *got, struct sp_err *err);

/* The GEMM that shared and sustained rows run: the widest format there is. */
enum sp_status cal_enqueue_gemm(struct cal_rig *rig, double m, int stream,
                                struct sp_err *err);
enum sp_status cal_enqueue_attention(struct cal_rig *rig, double kv_bytes, int stream,
                                     struct sp_err *err);

/* ---- checks: calibrate/device_check.c ---- */

enum sp_status cal_check_triad(struct cal_rig *rig, const struct cal_row *row,
                               struct sp_err *err);
enum sp_status cal_check_silu_mul(struct cal_rig *rig, const struct cal_row *row,
                                  struct sp_err *err);
enum sp_status cal_check_gemm(struct cal_rig *rig, const struct cal_row *row,
                              struct sp_err *err);
enum sp_status cal_check_attention(struct cal_rig *rig, const struct cal_row *row,
                                   struct sp_err *err);
enum sp_status cal_check_softmax(struct cal_rig *rig, const struct cal_row *row,
                                 struct sp_err *err);
enum sp_status cal_check_rms_norm(struct cal_rig *rig, const struct cal_row *row,
                                  struct sp_err *err);
enum sp_status cal_check_resize(struct cal_rig *rig, const struct cal_row *row,
                                struct sp_err *err);
enum sp_status cal_check_copies(struct cal_rig *rig, const struct cal_row *row,
                                struct sp_err *err);

#endif
