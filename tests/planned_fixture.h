/* A plan made by hand, for tests of what is told of one: the practical example of 4 GPU
 * and 28 CPU nodes, with all that a plan can have, and names that may be hostile. */
#ifndef TESTS_PLANNED_FIXTURE_H
#define TESTS_PLANNED_FIXTURE_H

#include "base/arena.h"
#include "model/planned.h"

enum fixture_plan {
    FIXTURE_PLAN_FULL,
    FIXTURE_PLAN_BARE,       /* nothing but a fleet */
    FIXTURE_PLAN_INFEASIBLE, /* what comes closest */
    FIXTURE_PLAN_NOTHING,    /* infeasible, and not even that */
    FIXTURE_PLAN_RATIO,      /* the ratio finder's answer */
    FIXTURE_PLANS
};

/* `name` stands for every name of the user's; NULL: plain ones. */
struct model_planned *fixture_planned(struct sp_arena *arena, enum fixture_plan which,
                                      const char *name);

#endif
