/* A scenario as read is not yet one that can be run: traces must be summed up (by whom
 * can read them), and then each policy sized and checked. */
#ifndef MODEL_PREPARE_H
#define MODEL_PREPARE_H

#include "base/status.h"
#include "model/scenario.h"

/* Sizes a policy's plans and checks that it can work at all; after the summaries of its
 * traces were filled.  Twice does no harm.
 *   SP_EINPUT       a mean time that sizing needs is not known: "file:line: ...".
 *   SP_EINFEASIBLE  it can never work: model_size_plan(), model_feasible_check(). */
SP_CHECKED enum sp_status model_policy_prepare(const struct model_scenario *sc,
                                               struct model_policy *policy,
                                               struct sp_err *err);

#endif
