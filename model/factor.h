/* Values as factors: "*1.2" is 1.2 times the number that stands in the scenario.
 *
 * A number may have a unit, "32 USD/h", which stays; times such as "1h30m" become
 * seconds.  Products have 15 digits.
 */
#ifndef MODEL_FACTOR_H
#define MODEL_FACTOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

/* Whether `text` is meant as a factor: a star and what a number begins with. */
bool model_factor_is(const char *text);

/* The number behind the star, 0 .. 1e9.
 *   SP_EINPUT  "found '*1x', expected a factor such as *1.2". */
SP_CHECKED enum sp_status model_factor_read(const char *text, double *factor,
                                            struct sp_err *err);

/* The number in `text` times the factor, in `arena`; NULL where there is none.  Of a
 * factor another: "*1.2" times 2 is "*2.4". */
const char *model_factor_times(struct sp_arena *arena, const char *text, double factor);

#endif
