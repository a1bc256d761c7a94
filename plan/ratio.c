/* How many units of one kind keep another busy. */
#include "plan/planned.h"

enum sp_status plan_ratio_of(struct plan_look *l, struct model_planned *out,
                             struct sp_err *err)
{
    (void)l;
    (void)out;
    return sp_fail(err, SP_EINPUT, "no ratios yet");
}
