/* Stands in for measured kernels until model/iteration_profile.c is merged. */
#include "model/iteration.h"

#include "base/status.h"

enum sp_status model_iteration_profile(const struct model_profile_options *o,
                                       struct sp_arena *arena,
                                       struct model_iteration **it, struct sp_err *err)
{
    (void)arena, (void)it;
    return sp_fail(err, SP_EINPUT, "%s: profiles are not read yet", o->shown);
}
