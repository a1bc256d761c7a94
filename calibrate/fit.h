/* From what was measured to a profile: combination of campaigns, forms, features,
 * scaling, spreads.  Pure: no clock, no file.
 */
#ifndef CALIBRATE_FIT_H
#define CALIBRATE_FIT_H

#include "calibrate/measured.h"

/* Fits everything.  Measured kernels with `skipped`, or without a point, become notes.
 *   SP_EINPUT  nothing was measured at all. */
SP_CHECKED enum sp_status cal_fit_profile(const struct cal_campaigns *c,
                                          struct sp_arena *arena,
                                          struct model_profile **profile,
                                          struct sp_err *err);

/* ---- its parts ---- */

/* x > 0 and rising, s > 0, sd_frac of each point (NULL or 0: not known); `work` may be
 * NULL.  The squares of ln(s / form) are least; coefficients are kept >= 0, one that is
 * held at 0 has no variance.  Covariance is of the estimates, in the points' sd or,
 * where they fit worse than that, in the residuals' (whichever is more). SP_EINPUT
 * fewer points than coefficients and one more; x or s out of range; a kink without two
 * points on each side, a roofline of one intensity. */
SP_CHECKED enum sp_status cal_fit_form(const struct model_form *form,
                                       const struct model_work *work, const double *x,
                                       const double *s, const double *sd_frac,
                                       int32_t n, struct model_fit *fit,
                                       struct sp_err *err);

/* Every form that can be fitted and judged, best first by AICc (docs/calibration.md,
 * "Fitting"); returns how many: 0 where nothing is known beyond the points. */
int32_t cal_fit_forms(const struct model_work *work, const double *x, const double *s,
                      const double *sd_frac, int32_t n, struct model_fit *fits,
                      int32_t room);

/* t = a + sum b_k f_k over items, relative least squares; `names` are not copied.
 *   SP_EINPUT  fewer than 4 items more than features, or they are collinear. */
SP_CHECKED enum sp_status cal_fit_features(const struct cal_item *items, int32_t n,
                                           const char *const *names, int32_t n_features,
                                           struct model_features *features,
                                           struct sp_err *err);

/* Universal Scalability Law by least squares of (S - S(n)) / sd, from Gunther's linear
 * form: sigma with two or three core counts, kappa from four.  sd NULL or 0: 1 % of S.
 * Sets kind, sigma, kappa and cov alone; so does cal_fit_bandwidth with kind, most and
 * most_sd.
 *   SP_EINPUT  cores don't rise from 1, fewer than two; a speed-up out of range. */
SP_CHECKED enum sp_status cal_fit_usl(const int32_t *cores, const double *speedup,
                                      const double *sd, int32_t n,
                                      struct model_scaling *scaling,
                                      struct sp_err *err);

/* S(n) = min(n, most): `most` is INFINITY unless the speed-up stands still. */
SP_CHECKED enum sp_status cal_fit_bandwidth(const int32_t *cores, const double *speedup,
                                            const double *sd, int32_t n,
                                            struct model_scaling *scaling,
                                            struct sp_err *err);

#endif
