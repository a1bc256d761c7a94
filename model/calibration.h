/* What calibrated kernels rest on, as records of a result: measured points beside the
 * form fitted to them, and what is needed for a roofline.  Texts of the profile are
 * referred to, not copied.
 */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include "model/profile.h"
#include "model/result.h"

/* One kernel of a profile that is called `name`.  Intervals are 1.96 standard
 * deviations of a point.  flop and bytes are those of the kernel's own `work`, at the
 * largest x measured.  Peaks: of a GPU with a row of the datasheets that row's (flop
 * where the kernel says which rate counts); else the most that a kernel of the profile
 * reached on the device at its largest x. */
struct model_kernel_curve model_kernel_curve_of(struct sp_arena *arena,
                                                const struct model_profile *profile,
                                                const char *name,
                                                const struct model_kernel *kernel);

struct model_calibration model_calibration_of(struct sp_arena *arena,
                                              const struct model_profile *profile,
                                              const char *name);

/* Fills result->calibrations and result->curves with every kernel of a profile. */
void model_calibration_show(struct sp_arena *arena, const struct model_profile *profile,
                            const char *name, struct model_result *result);

/* The same with the kernels that policies of the scenario take their times from, each
 * once, in the scenario's order; and the profiles that they are of. */
void model_calibration_collect(struct sp_arena *arena,
                               const struct model_scenario *scenario,
                               struct model_result *result);

#endif
