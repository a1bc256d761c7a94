/* The rules of OpenMetrics text 1.0, from its specification and not from our writer. */
#ifndef TESTS_OPENMETRICS_CHECK_H
#define TESTS_OPENMETRICS_CHECK_H

#include "base/arena.h"

/* NULL where `text` keeps the rules, else the first that it breaks, with its line. */
const char *openmetrics_check(struct sp_arena *arena, const char *text);

/* The value of the sample that is written as `series` (name and labels); NaN: none. */
double openmetrics_value(const char *text, const char *series);

#endif
