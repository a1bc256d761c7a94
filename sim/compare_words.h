/* What is said of a difference: never a number without its error bar.
 *
 *   "is cheaper by 41.0 % +- 2.1 than"      the interval is clear of 0
 *   "no difference shown ... (-3.0 % +- 8.2)"  it is not
 *   "costs the same"                        the mean is, and its interval is as narrow
 *   "is cheaper by 41.0 % than"             one run: said so once, SIM_ONE_RUN
 *
 * A number stands alone where its interval is narrower than its last digit.
 */
#ifndef SIM_COMPARE_WORDS_H
#define SIM_COMPARE_WORDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/result.h"

#define SIM_ONE_RUN   " (one run: no error bar)"
#define SIM_NOT_SHOWN "no difference shown: "

/* "41.0 % +- 2.1" of a ratio, or "41.0 %" where there is no interval: how far it is
 * from 1, without sign. */
const char *sim_words_by(struct model_stat ratio, struct sp_arena *arena);

/* "-3.0 % +- 8.2": with its sign. */
const char *sim_words_change(struct model_stat ratio, struct sp_arena *arena);

/* "2.1x +- 0.3 lower", "12 % +- 4 higher". */
const char *sim_words_factor(struct model_stat ratio, struct sp_arena *arena);

/* Whether its interval has 1 in it: then nothing is shown. */
bool sim_words_not_shown(struct model_stat ratio);

/* Whether it is 1 as far as `same` goes, and its interval is no wider than that. */
bool sim_words_same(struct model_stat ratio, double same);

/* The bar of two figures that stand beside each other, " (+3.0 % +- 8.2)", told of a
 * ratio in percent, of a difference of shares in points, of one of times as a duration;
 * `doubt`, such as "no difference shown: ", goes before it where 0 is within.  Nothing
 * where there is no interval, or none wider than its last digit. */
const char *sim_words_bar_ratio(struct model_stat ratio, const char *doubt,
                                struct sp_arena *arena);
const char *sim_words_bar_points(struct model_stat difference, const char *doubt,
                                 struct sp_arena *arena);
const char *sim_words_bar_s(struct model_stat difference, const char *doubt,
                            struct sp_arena *arena);

#endif
