/* A sweep: one scenario at many points, each a set of overrides; and what came of each
 * run there.  docs/design.md, "Sweeps".
 *
 * An *axis* is a path of the scenario and the values that it takes; a *point* has one
 * value of each axis; a *run* is a point under one policy in one replication.  Points
 * are numbered by the design alone, so a sweep that was cut off goes on where it
 * stopped.
 */
#ifndef MODEL_SWEEP_H
#define MODEL_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "model/figure.h"

enum { MODEL_AXES_MAX = 40, MODEL_AXIS_VALUES_MAX = 1000000 };
#define MODEL_POINTS_MAX INT64_C(100000000)

enum model_axis_kind {
    MODEL_AXIS_VALUES, /* a list: as written, from a range with steps, from a file */
    MODEL_AXIS_RANGE,  /* all numbers low .. high, uniform */
    MODEL_AXIS_LOG,    /* the same, uniform in the logarithm */
};
enum { MODEL_AXIS_KINDS = 3 };
const char *model_axis_kind_name(enum model_axis_kind kind); /* "values", ... */

struct model_axis {
    const char *path; /* "fleet.gpu-node.price" */
    const char *text; /* as the user wrote the values: "1..8" */
    enum model_axis_kind kind;
    bool whole;       /* of a range: whole numbers only */
    bool relative;    /* values are factors of what stands in the scenario */
    const char *unit; /* what stands behind the number in the value: "ms", "%", "" */
    double low, high; /* of a range, in that unit; else NaN */
    int32_t n;        /* MODEL_AXIS_VALUES */
    const char **values;
    double *numbers; /* of the values in the first one's unit; NaN: no number */
};

enum model_design {
    MODEL_DESIGN_GRID,    /* every combination; the last axis changes fastest */
    MODEL_DESIGN_ZIP,     /* the i-th value of every axis together */
    MODEL_DESIGN_LATIN,   /* Latin hypercube of `samples` points */
    MODEL_DESIGN_SOBOL,   /* the first `samples` points of Sobol's sequence, shifted */
    MODEL_DESIGN_INDICES, /* Saltelli's: samples x (axes + 2), for Sobol' indices */
    MODEL_DESIGN_ONE_AT_A_TIME, /* as it is, then each axis low and high alone */
};
enum { MODEL_DESIGNS = 6 };
const char *model_design_name(enum model_design design); /* "grid", ... */

/* One value of a point. */
struct model_coordinate {
    double number;    /* NaN: it is no number; with one-at-a-time also "as it is" */
    const char *text; /* as it is set in the scenario; NULL: left as it is */
};

/* What is asked for; every number below follows from it. */
struct model_sweep {
    const char *scenario, *path; /* name, file */
    int32_t n_files;
    const struct model_input_file *files;
    int32_t n_sets;
    const struct model_set *sets; /* of the command line, under all points */
    enum model_design design;
    int32_t n_axes;
    const struct model_axis *axes;
    int64_t samples; /* 0 where the design has none */
    int64_t n_points;
    uint64_t seed; /* of the runs and, by a stream of its own, of the design */
    int32_t replications;
    int32_t n_policies, baseline;
    const char *const *policies; /* names of those that are run */
    int32_t n_workloads;
    const char *const *workloads;
    const char *version;
    uint64_t fingerprint; /* of all above: two sweeps with the same are the same */
};

/* What `fingerprint` is of the rest: of the contents of the files, but not of where the
 * scenario lies. */
uint64_t model_sweep_fingerprint(const struct model_sweep *sweep);

/* A run's row.  `outcome` SP_OK, or SP_EINFEASIBLE: the fleet of that point can't do
 * it, and every figure is NaN. */
struct model_sweep_run {
    int64_t point;
    int32_t policy, replication;
    enum sp_status outcome;
    struct model_run_figures figures;
};

struct model_sweep_workload {
    int32_t workload;
    struct model_workload_figures figures;
};

#endif
