/* A calibration profile as text: what `stageplan calibrate` prints on stdout. */
#ifndef REPORT_PROFILE_PRINT_H
#define REPORT_PROFILE_PRINT_H

#include <stdio.h>

#include "base/status.h"
#include "model/profile.h"

/* Every kernel with its measured points, what was fitted to them and how well it is
 * known; then the notes.  At most 80 columns, no control character of a text reaches
 * the terminal.
 *   SP_EIO  `out` could not take it all. */
SP_CHECKED enum sp_status report_profile_print(FILE *out,
                                               const struct model_profile *profile,
                                               struct sp_err *err);

#endif
