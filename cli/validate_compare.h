/* One pipeline of validate: run, predicted, judged, as records. */
#ifndef CLI_VALIDATE_COMPARE_H
#define CLI_VALIDATE_COMPARE_H

#include "base/arena.h"
#include "base/status.h"
#include "calibrate/validate.h"
#include "model/profile.h"
#include "model/validation.h"

/* The name of the first of the row's kernels that the profile has not, or NULL. */
const char *cli_validate_lacks(const struct cal_pipeline_row *row,
                               const struct model_profile *profile);

/* Seconds that an item takes at a stage by the profile; NaN where it can't say. */
double cli_validate_profile_s(const struct model_profile *profile,
                              const struct cal_stage *stage);

/* Runs the pipeline, predicts every round and judges.  *out lives in `arena`.
 *   SP_ELIMIT  interrupted; SP_EIO as cal_validate_run(). */
SP_CHECKED enum sp_status
cli_validate_compare(const struct cal_pipeline *pipeline, int32_t cores,
                     const struct cal_validate_options *o,
                     const struct model_profile *profile, struct sp_arena *arena,
                     struct model_validation_pipeline *out, struct sp_err *err);

#endif
