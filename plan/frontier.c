/* Cost against time: the cheapest fleet for each of a ladder of targets. */
#include "plan/planned.h"

void plan_frontier_of(struct plan_look *l, struct model_planned *out)
{
    (void)l;
    (void)out;
}
