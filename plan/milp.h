/* Mixed-integer linear programs, by GLPK: the only file that knows it is milp.c.
 *
 *   min sum c[j] x[j]   with   low[i] <= sum a[i][j] x[j] <= high[i],
 *                              0 <= lower[j] <= x[j] <= upper[j], some x whole
 */
#ifndef PLAN_MILP_H
#define PLAN_MILP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct plan_milp;

struct plan_milp *plan_milp_new(struct sp_arena *arena);

/* Ids count from 0; INFINITY is no limit. */
int32_t plan_milp_column(struct plan_milp *p, const char *name, double cost,
                         double lower, double upper, bool whole);
int32_t plan_milp_row(struct plan_milp *p, const char *name, double low, double high);
void plan_milp_set(struct plan_milp *p, int32_t row, int32_t column, double a);

enum plan_milp_end {
    PLAN_MILP_OPTIMAL,
    PLAN_MILP_STOPPED, /* at `nodes_max`: x is the best found, bound is still one */
    PLAN_MILP_INFEASIBLE,
};

struct plan_milp_answer {
    enum plan_milp_end end;
    double cost;   /* of x; INFINITY where there is none */
    double bound;  /* no solution costs less, the solver's tolerance taken off */
    double *x;     /* by column, whole ones exactly whole */
    double *duals; /* of the rows, of the linear relaxation: cost of one more unit */
};

/* `nodes_max`: of the branch-and-bound tree; deterministic, no clock. */
struct plan_milp_answer plan_milp_solve(struct plan_milp *p, int64_t nodes_max,
                                        struct sp_arena *arena);

#endif
