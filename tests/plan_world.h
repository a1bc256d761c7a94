/* A scenario given as text, ready to be planned for. */
#ifndef TESTS_PLAN_WORLD_H
#define TESTS_PLAN_WORLD_H

#include <stdbool.h>

#include "plan/search.h"

struct plan_world {
    struct sp_arena *arena; /* all of it, and what is planned */
    struct model_scenario *sc;
    struct model_goals goals;
    struct sim_options run; /* seed 7, the scenario's replications */
};

/* A text that can't be read ends the process with its message. */
struct plan_world *plan_world_new(const char *text);
void plan_world_free(struct plan_world *w);

/* With a precision of 1 % and up to 100,000 runs; a failure ends the process. */
struct plan_world_how {
    int32_t threads; /* 0: one */
    bool frontier;
    const char *ratio;
    double busy_frac;
    int64_t runs_max; /* 0: 100,000 */
};
const struct model_planned *plan_world_search(struct plan_world *w,
                                              struct plan_world_how how);

/* Nodes of a type, units of a name in a planned fleet; 0: none. */
int32_t plan_world_nodes(const struct model_planned_fleet *f, const char *type);
int32_t plan_world_units(const struct model_planned_fleet *f, const char *unit);

/* Everything that was planned, as text: equal where all figures are to the last bit. */
const char *plan_world_print(const struct model_planned *p, struct sp_arena *arena);

#endif
