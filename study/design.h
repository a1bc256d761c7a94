/* Which points a design has.  A point is a pure function of (design, axes, samples,
 * seed, number): nobody keeps a list of a million of them.
 *
 *   latin          gsl_rng permutations, one for each axis, and a draw within each cell
 *   sobol          gsl_qrng_sobol (40 dimensions at most) with a random shift modulo 1
 *                  (Cranley and Patterson, 1976), so that no point is at an end
 *   indices        the same in twice as many dimensions (20 axes at most): rows A, B,
 *                  then A with column i of B, for each i; point = row * (axes + 2) + k
 *   one-at-a-time  point 0 as it is, 1 + 2 i axis i low, 2 + 2 i axis i high (a list:
 *                  its first and last value)
 */
#ifndef STUDY_DESIGN_H
#define STUDY_DESIGN_H

#include "base/arena.h"
#include "base/status.h"
#include "model/sweep.h"

struct study_design; /* what is worked out once: permutations, shifts */

/* Checks that axes and design go together and fills sweep->n_points.
 *   SP_EINPUT  a range in a grid, lists of different length zipped, two axes of one
 *              path, no samples, too many axes or points. */
SP_CHECKED enum sp_status study_design_new(struct sp_arena *arena,
                                           struct model_sweep *sweep,
                                           struct study_design **design,
                                           struct sp_err *err);

/* Point `point` of sweep->n_points into at[n_axes], texts in `arena`.  Any thread. */
void study_design_point(const struct study_design *design, int64_t point,
                        struct sp_arena *arena, struct model_coordinate *at);

#endif
