/* The serving workload: being built. */
#include "sim/serving.h"

const struct sim_workload_kind sim_serving_kind = {.name = "serving"};
