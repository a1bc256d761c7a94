/* Candidates as the plan tells them. */
#ifndef PLAN_PLANNED_H
#define PLAN_PLANNED_H

#include "model/planned.h"
#include "model/result.h"
#include "plan/search_parts.h"

/* A row in words and figures; `detailed`: with how busy its units are, by one run more.
 */
void plan_planned_fleet(const struct plan_look *l, int32_t id, bool detailed,
                        struct model_planned_fleet *out);

/* "refuses 3 of what comes: ...", in the look's arena; NULL: it refuses nothing. */
const char *plan_planned_refused(const struct plan_look *l,
                                 const struct model_planned_fleet *fleet);

/* A figure over the runs of a row. */
struct model_stat plan_planned_value(const struct plan_look *l,
                                     const struct plan_evaluated *row,
                                     struct model_figure_of of);

/* One of `ask->goals`, at which the evaluator must aim. */
struct model_planned_goal plan_planned_goal(const struct plan_look *l,
                                            const struct plan_evaluated *row,
                                            int32_t goal_id);

/* The first replication of a candidate with all of its figures, in `arena`; false where
 * it can't be run. */
bool plan_planned_detail(const struct plan_look *l, const struct plan_candidate *c,
                         struct sp_arena *arena, struct model_policy_result *p);

/* ---- bindings.c, steps.c, frontier.c, ratio.c ---- */

/* What of the best fleet is nearest to full, and which target to its limit. */
void plan_bindings_of(const struct plan_look *l, int32_t id, struct model_planned *out);

/* One more and one fewer of everything. */
void plan_steps_of(struct plan_look *l, int32_t id, struct model_planned *out);

/* Cost against time or latency: the cheapest fleet for each of a ladder of targets. */
void plan_frontier_of(struct plan_look *l, int32_t best, struct model_planned *out);

/* How many units of one kind keep another busy.
 *   SP_EINPUT  `ask->ratio` names nothing of the scenario. */
SP_CHECKED enum sp_status plan_ratio_of(struct plan_look *l, struct model_planned *out,
                                        struct sp_err *err);

#endif
