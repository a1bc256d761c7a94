/* Sizing, then the checks. */
#include "model/prepare.h"

#include "model/feasible.h"
#include "model/sizing.h"

/* Says where in the file a plan stands that can't be sized. */
static enum sp_status size_plan(const struct model_scenario *sc,
                                const struct model_policy *policy,
                                struct model_plan *plan, struct sp_err *err)
{
    struct sp_err why = {0};
    enum sp_status s = model_size_plan(plan, policy->types, policy->n_types, &why);

    if (s == SP_OK)
        return SP_OK;
    return sp_fail(err, s, "%s:%d: %s", sc->path, (int)plan->line, why.text);
}

enum sp_status model_policy_prepare(const struct model_scenario *sc,
                                    struct model_policy *policy, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    for (int32_t w = 0; w < policy->n_plans && s == SP_OK; w++)
        s = size_plan(sc, policy, &policy->plans[w], err);
    return s == SP_OK ? model_feasible_check(sc, policy, err) : s;
}
