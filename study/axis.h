/* --vary path=values: what an axis takes.
 *
 *   a,b,c        these, as they stand
 *   lo..hi       whole numbers lo, lo+1, ..., hi where both are whole and have no unit
 *                (in a sampled design: any of them); else any number between (sampled
 *                designs only)
 *   lo..hi/n     n values, evenly spaced, ends included
 *   log:lo..hi/n the same, evenly spaced in the logarithm; rounded where both are whole
 *   @FILE        a value per line; blank lines and lines with # are skipped
 *   *...         any of these as factors of the number that stands in the scenario
 *                there, or follows from the catalog where it is a price
 *
 * Bounds may have units, "100ms..2s"; values then are in the unit of the upper one, a
 * lower bound without a unit too.  Factors have none.
 * A value that holds a comma or ".." goes to a file.
 */
#ifndef STUDY_AXIS_H
#define STUDY_AXIS_H

#include "base/arena.h"
#include "base/status.h"
#include "model/sweep.h"

/* `text` is "path=values".  *axis lives in `arena`.
 *   SP_EINPUT  "--vary TEXT: what was found, what was expected".
 *   SP_EIO     the file can't be read. */
SP_CHECKED enum sp_status study_axis_parse(const char *text, struct sp_arena *arena,
                                           struct model_axis *axis, struct sp_err *err);

/* The value at a share 0 <= u <= 1 of a range's way, to 9 digits but for the end (of a
 * list: value floor(u n), at most the last), as text that, read back, is the number
 * told.  In `arena`. */
struct model_coordinate study_axis_at(const struct model_axis *axis, double u,
                                      struct sp_arena *arena);

#endif
