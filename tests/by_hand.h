/* Tests of small deterministic scenarios through sim_run(), against arithmetic on
 * paper.
 *
 * Each has a plan of its own, and every row of the simulation is verified the slow way
 * after every event.  Times are exact integers of nanoseconds, so figures agree to the
 * rounding of a double.
 */
#ifndef TESTS_BY_HAND_H
#define TESTS_BY_HAND_H

#include "plan_build.h"

/* Setup and teardown: *state is a struct plan_build. */
int hand_fresh(void **state);
int hand_gone(void **state);
#define HAND(test) cmocka_unit_test_setup_teardown(test, hand_fresh, hand_gone)

/* The policies' results of one run. */
const struct model_policy_result *hand_run(const struct plan_build *b);

/* Fails unless they agree to 1e-12 of `want`: some ten roundings of 1.1e-16 each, far
 * below any difference of a nanosecond in these scenarios. */
void hand_is(double got, double want);

#endif
