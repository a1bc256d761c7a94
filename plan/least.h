/* What an item takes at least, however many nodes there are: why a latency is out of
 * reach. */
#ifndef PLAN_LEAST_H
#define PLAN_LEAST_H

#include "model/goals.h"
#include "model/scenario.h"

/* Seconds of service alone of an item of mean size on its way, without any waiting, on
 * the fastest node type that some policy lets it use: what a latency goal can't be
 * below in the mean.  NaN: not known, or the goal is of no latency. */
double plan_least_s(const struct model_scenario *sc, const struct model_goal *goal);

/* "; in the mean service alone takes 2.15 s, whatever the fleet": where that is more
 * than the goal allows, else "". */
const char *plan_least_text(const struct model_scenario *sc,
                            const struct model_goal *goal, struct sp_arena *arena);

#endif
