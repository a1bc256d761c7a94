/* What calibration measured: service-time models of kernels on named hardware, with
 * their uncertainty.  docs/calibration.md is the format of the file.
 *
 * A kernel's table holds the measured points; within them times come from the table
 * (log-log interpolation), outside from the chosen form, joined to the table's end, and
 * such a time is marked extrapolated.  Three spreads are kept apart:
 *
 *   of items        how items differ: goes into the simulated service time
 *   of parameters   how well the kernel's times are known: goes into the interval of
 *                   the answer, by a draw per replication
 *   of environment  how campaigns on this machine differ: the floor of the second
 *
 * Everything lives in the arena it was read into.  Times are seconds.
 */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "model/scenario.h"

enum {
    MODEL_PROFILE_VERSION = 1,
    MODEL_FORM_COEFS_MAX = 4,
    MODEL_FEATURES_MAX = 3,
    MODEL_PROFILE_KERNELS_MAX = 1024,
    MODEL_PROFILE_POINTS_MAX = 256,
    MODEL_PROFILE_DEVICES_MAX = 32,
    MODEL_PROFILE_FITS_MAX = 8,
    MODEL_PROFILE_FACTS_MAX = 256,  /* of one list */
    MODEL_PROFILE_NOTES_MAX = 1024, /* more are not printed */
    MODEL_PROFILE_TEXT_MAX = 2000,  /* bytes of a text; of names MODEL_NAME_MAX */
};

#define MODEL_PROFILE_COEF_MAX 1e30  /* its square of a covariance */
#define MODEL_PROFILE_SD_MAX   100.0 /* relative */
#define MODEL_PROFILE_RMS_MAX  1e6   /* of a fit's relative residuals */

/* A line of identity or circumstance: "governor", "none".  Printed, never computed on.
 */
struct model_fact {
    const char *name, *value;
};

/* What kernels ran on. */
struct model_profile_device {
    const char *name;    /* "cpu", "gpu0": unique in the profile */
    bool is_gpu;         /* or another accelerator */
    const char *model;   /* as the hardware calls itself */
    const char *catalog; /* row of the GPU datasheets (model_gpu_find()), or NULL */
    int32_t cores;       /* of a CPU: that may be used; 0 of a GPU */
    int32_t n_facts;
    struct model_fact *facts;
};

enum model_calls {
    MODEL_CALLS_PER_ITEM, /* a task of b items takes the sum of b times t(x_i) */
    MODEL_CALLS_PER_TASK, /* t(sum of x_i) */
};

enum model_bound {
    MODEL_BOUND_UNKNOWN,
    MODEL_BOUND_COMPUTE,
    MODEL_BOUND_MEMORY,
    MODEL_BOUND_LATENCY,  /* launches, hand-offs: the same on any hardware */
    MODEL_BOUND_LINK,     /* copies between host and device */
    MODEL_BOUND_ROOFLINE, /* whichever of compute and memory is the longer, by `work` */
};

/* A measured point of the table. */
struct model_profile_point {
    double x, s;
    double sd_frac; /* of s between and within campaigns, relative, without the floor */
    int32_t blocks, rejected; /* of samples, over all campaigns */
    bool converged;
    const char *why; /* it did not, or NULL */
};

/* Work of a call of x: flop_fixed + flop x, bytes_fixed + bytes x; 0: not known. */
struct model_work {
    double flop_fixed, flop, bytes_fixed, bytes;
};

/* ---- forms: t as a function of x ---- */

struct model_form {
    const char *name; /* "constant", "linear", "floor", "roofline" */
    const char *text; /* "a + max(w, b x)" */
    int32_t n;        /* coefficients */
    const char *coefs[MODEL_FORM_COEFS_MAX]; /* their names */
    double (*at)(const struct model_work *work, const double *coef, double x);
    /* Derivatives by the coefficients; at the corner of a max() those of one side. */
    void (*slope)(const struct model_work *work, const double *coef, double x,
                  double *d);
};

/* Forms by index, NULL past the end; by name, or NULL. */
const struct model_form *model_form_at(int32_t index);
const struct model_form *model_form_find(const char *name);

/* A form fitted to the table by relative least squares. */
struct model_fit {
    const struct model_form *form;
    double coef[MODEL_FORM_COEFS_MAX];
    double cov[MODEL_FORM_COEFS_MAX][MODEL_FORM_COEFS_MAX];
    double rms_frac, max_frac; /* relative residuals */
    double aicc;               /* by which the form was chosen: the least */
};

/* Time of an item by its features: t = coef[0] + sum coef[k + 1] * feature[k]. */
struct model_features {
    int32_t n; /* 0: none */
    const char *names[MODEL_FEATURES_MAX];
    double least[MODEL_FEATURES_MAX], most[MODEL_FEATURES_MAX]; /* measured range */
    double coef[MODEL_FEATURES_MAX + 1];
    double cov[MODEL_FEATURES_MAX + 1][MODEL_FEATURES_MAX + 1];
    double r2;
    double cv; /* of what the features leave unexplained */
};

enum model_scaling_kind {
    MODEL_SCALING_NONE,      /* measured on one core alone */
    MODEL_SCALING_USL,       /* S(n) = n / (1 + sigma (n - 1) + kappa n (n - 1)) */
    MODEL_SCALING_BANDWIDTH, /* S(n) = min(n, most) */
};

struct model_scaling {
    enum model_scaling_kind kind;
    int32_t n; /* points, the first at one core */
    int32_t *cores;
    double *speedup, *sd; /* S(n), absolute sd */
    double sigma, kappa;  /* USL; kappa 0 where fewer than four core counts */
    double cov[2][2];     /* of sigma and kappa */
    double most, most_sd; /* BANDWIDTH: INFINITY where no saturation was seen */
};

struct model_kernel {
    const char *name;   /* "jpeg_decode" */
    const char *device; /* name of one of the profile's */
    int32_t device_id;
    const char *item; /* what one item is */
    const char *axis; /* what x counts: "megapixels"; "" : nothing, one point */
    enum model_calls calls;
    enum model_bound bound;
    enum model_basis basis; /* measured; datasheet where it was transferred */
    const char *source;     /* of an import: where the table came from; or NULL */
    const char *library, *code_path; /* or NULL */
    int32_t n_params;
    struct model_fact *params; /* `rate`, `format`: model_kernel_transfer() */
    struct model_work work;
    int32_t n_points;
    struct model_profile_point *points; /* x rising */
    int32_t n_fits;
    struct model_fit *fits; /* the first is the one that counts */
    struct model_features features;
    double item_cv; /* spread of items at the same x, lognormal; 0: none */
    /* Relative sd of the kernel's times, all together (sd_frac: the one that counts,
     * max(within, between, floor)). */
    double sd_within, sd_between, sd_floor, sd_frac;
    struct model_scaling scaling;
    bool converged; /* every point */
    const char *why;
};

struct model_profile {
    const char *path;    /* as given */
    const char *created; /* ISO 8601, UTC */
    const char *tool;    /* "stageplan 0.1.0" */
    const char *mode;    /* "full", "quick", "import" */
    int32_t campaigns;
    uint64_t seed;
    uint64_t xxh64; /* of the file */
    int32_t n_facts;
    struct model_fact *facts; /* of the machine and the circumstances */
    int32_t n_devices;
    struct model_profile_device *devices;
    int32_t n_kernels;
    struct model_kernel *kernels;
    int32_t n_notes;
    const char **notes; /* what was skipped or went wrong, in sentences */
};

/* Reads and checks a profile.
 *   SP_EINPUT  it is no profile, of a newer version, cut short, or makes no sense:
 *              "file:line:col: what, expected what" with the line and a caret.
 *   SP_EIO     it can't be read. */
SP_CHECKED enum sp_status model_profile_read(const char *path, struct sp_arena *arena,
                                             struct model_profile **profile,
                                             struct sp_err *err);

/* Writes one, such that reading it gives the same records: doubles exactly, texts as
 * they are but for what is not printable, which becomes '?', and what is over
 * MODEL_PROFILE_TEXT_MAX, which is cut.  The stream's errors are the caller's to look
 * at. */
void model_profile_print(FILE *out, const struct model_profile *profile);

/* A value of an axis for people, into buf (returned): bytes as "48Mi", else "65536". */
char *model_axis_format(const char *axis, double x, char *buf, int size);

/* The kernel of this name; `device` NULL: the only one of that name.
 *   SP_EINPUT  none or several: the message says which there are. */
SP_CHECKED enum sp_status model_profile_find(const struct model_profile *profile,
                                             const char *name, const char *device,
                                             const struct model_kernel **kernel,
                                             struct sp_err *err);

/* ---- times ---- */

/* One draw of what is not known exactly about a kernel: standard normal variates. */
struct model_kernel_draw {
    double level;        /* of all its times together */
    double shape;        /* of the form outside the table */
    double sigma, kappa; /* of the scaling */
};

/* The estimate itself: all 0, and a variate of 0 changes nothing (a generator never
 * gives it).  A replication's: from its own generator, four uniforms. */
struct model_kernel_draw model_kernel_draw(struct sp_rng *rng);

struct model_kernel_time {
    double s;
    bool extrapolated; /* x, a feature or a number of cores outside of what was measured
                        */
};

/* Time of one call of x >= 0 (any, where the axis is "").  NaN where x lies outside the
 * table and no form was fitted.  The level multiplies by exp(sd z - sd^2 / 2): mean 1.
 * So does the shape, outside the table alone, with the sd of log(form(x) / form(end))
 * by the delta method.  O(log points). */
struct model_kernel_time model_kernel_at(const struct model_kernel *k,
                                         const struct model_kernel_draw *draw,
                                         double x);

/* The same from an item's features (k->features.n > 0).  Where the sum gives nothing
 * above 0, that of the nearest measured features counts. */
struct model_kernel_time model_kernel_by_features(const struct model_kernel *k,
                                                  const struct model_kernel_draw *draw,
                                                  const double *features);

/* How many times longer a call takes where `cores` (>= 1, not whole) work at once:
 * n / S(n), never below 1.  Up to the most measured between points (linear in n / S(n),
 * as the law is for kappa 0); from there by the model joined to the last, beyond twice
 * the most measured marked extrapolated.  sigma and kappa (of BANDWIDTH: `most`, by
 * the variate `sigma`) are drawn by Cholesky and kept in their range. */
struct model_kernel_time model_kernel_slowdown(const struct model_kernel *k,
                                               const struct model_kernel_draw *draw,
                                               double cores);

/* 95 % interval of the same: low and high.  Past the last point of what showed no limit
 * it reaches to that of no further speed-up at all. */
void model_kernel_slowdown_interval(const struct model_kernel *k, double cores,
                                    double *low, double *high);

/* ---- hardware that is not at hand ---- */

/* `k`, measured on `from`, as it would run on `to`: each term of its time scaled by
 * the ratio of the datasheets' rates, basis datasheet, sd_frac widened by
 * MODEL_TRANSFER_SD in squares (MODEL_TRANSFER_FLOP_SD where operations bind or may:
 * that a newer part reaches the same share of a higher peak is the weaker guess).
 * Terms:
 *
 *   constant   a by the bound
 *   linear     b by the bound; a stays (launch, latency) but for work.*_fixed, which
 *              goes by the bound; where the work is not known all of a memory-bound a
 *              does (weights that are always read)
 *   floor      a stays, w and b by the bound; where that is roofline w as memory (the
 *              weights, read whatever x is), b as operations
 *   roofline   o stays, p as operations, q as memory
 *
 * Bound roofline of other forms: by whichever of work's operations and bytes takes
 * `from` the longer.  latency: nothing is scaled.  The table's points move by the ratio
 * of the first form's new times to its old ones; without a fit by the bound alone.
 *
 * Which of a GPU's rates of operations counts is the parameter `rate` of the kernel:
 * "fp32" (of the plain cores, whatever values are stored as), "bf16", "fp16", "fp8",
 * "int8" (of the tensor cores); without it the parameter `format`, by the same words or
 * "f32", "f16", "f8".  Only bounds compute and roofline need it.
 *
 *   SP_EINPUT  the kernel's bound, its format, or a rate of one of them is not known.
 */
#define MODEL_TRANSFER_SD      0.15
#define MODEL_TRANSFER_FLOP_SD 0.25
#define MODEL_TRANSFER_RATE    "rate"
#define MODEL_TRANSFER_FORMAT  "format"
struct model_gpu;
SP_CHECKED enum sp_status
model_kernel_transfer(const struct model_kernel *k, const struct model_gpu *from,
                      const struct model_gpu *to, struct sp_arena *arena,
                      const struct model_kernel **moved, struct sp_err *err);

/* The datasheet's rate of the operations that this kernel does, by the same parameters;
 * NaN where they don't say or it has no such rate. */
double model_kernel_peak_flop_per_s(const struct model_kernel *k,
                                    const struct model_gpu *gpu);

#endif
