/* What the parts of the demand share.  Internal to plan/demand*.c. */
#ifndef PLAN_DEMAND_PARTS_H
#define PLAN_DEMAND_PARTS_H

#include "plan/demand.h"

/* Standard deviations that are taken off of what is drawn. */
#define PLAN_DEMAND_SIGMAS 4.0

struct plan_demand_builder {
    struct sp_arena *arena;
    const struct model_scenario *sc;
    const struct model_policy *policy;
    const struct model_goals *goals;
    struct plan_demand *demand;
    int32_t room;
};

/* How much of what arrives the goals ask for, in source items. */
struct plan_wanted {
    double arrive, arrive_most; /* by chance, least and most; NaN: not known */
    double items;               /* that a fleet of fixed size must have the slots for */
    double floor;               /* that are done in any case, <= items */
};

/* Says of the workload why something is not counted; the first reason stays. */
void plan_demand_leave_out(struct plan_demand_builder *b, const char *workload,
                           const char *why);

/* A row with factors 1, of no stage. */
struct plan_demand_row *plan_demand_add_row(struct plan_demand_builder *b,
                                            int32_t workload);

double plan_demand_horizon_s(const struct model_scenario *sc); /* INFINITY: none */

/* So many items come in a run, in the mean and `sigmas` standard deviations; NaN: not
 * known. */
double plan_demand_arrivals(const struct model_scenario *sc,
                            const struct model_source *s, double sigmas);

/* ---- demand_wanted.c ---- */

/* `lead_s`: for so long before a window work may be done for what leaves in it, of
 * workload w. */
struct plan_wanted plan_demand_wanted(const struct plan_demand_builder *b, int32_t w,
                                      double lead_s);

/* Mean of the least values of a distribution that make up `share` of all, times share:
 * no set of so many has a smaller sum. */
double plan_demand_least_mean(const struct model_dist *d, double share);

/* ---- one for each kind of work ---- */

void plan_demand_pipeline(struct plan_demand_builder *b, int32_t w);
void plan_demand_serving(struct plan_demand_builder *b, int32_t w);
void plan_demand_jobs(struct plan_demand_builder *b, int32_t w);

#endif
