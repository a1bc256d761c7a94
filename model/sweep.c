/* The words of sweeps. */
#include "model/sweep.h"

static const char *const design_names[MODEL_DESIGNS] = {
    [MODEL_DESIGN_GRID] = "grid",       [MODEL_DESIGN_ZIP] = "zip",
    [MODEL_DESIGN_LATIN] = "latin",     [MODEL_DESIGN_SOBOL] = "sobol",
    [MODEL_DESIGN_INDICES] = "indices", [MODEL_DESIGN_ONE_AT_A_TIME] = "one-at-a-time",
};

static const char *const axis_kind_names[MODEL_AXIS_KINDS] = {
    [MODEL_AXIS_VALUES] = "values",
    [MODEL_AXIS_RANGE] = "range",
    [MODEL_AXIS_LOG] = "log",
};

const char *model_axis_kind_name(enum model_axis_kind kind)
{
    return axis_kind_names[kind];
}

const char *model_design_name(enum model_design design)
{
    return design_names[design];
}
