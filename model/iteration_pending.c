/* Stands in for the sources of iteration times until they are merged. */
#include "model/iteration.h"

#include "base/status.h"

struct model_iteration {
    int unused;
};

static enum sp_status pending(struct sp_arena *arena, struct model_iteration **it)
{
    *it = sp_arena_alloc(arena, sizeof **it);
    return SP_OK;
}

enum sp_status model_iteration_table(const struct model_table_options *o,
                                     struct sp_arena *arena,
                                     struct model_iteration **it, struct sp_err *err)
{
    (void)o, (void)err;
    return pending(arena, it);
}

enum sp_status model_iteration_fit(const struct model_fit_options *o,
                                   struct sp_arena *arena, struct model_iteration **it,
                                   struct sp_err *err)
{
    (void)o, (void)err;
    return pending(arena, it);
}

enum sp_status model_iteration_profile(const struct model_profile_options *o,
                                       struct sp_arena *arena,
                                       struct model_iteration **it, struct sp_err *err)
{
    (void)o, (void)err;
    return pending(arena, it);
}

struct model_roofline_options model_roofline_defaults(void)
{
    return (struct model_roofline_options){
        .compute_frac = 0.5, .memory_frac = 0.8, .link_frac = 0.8};
}

enum sp_status model_iteration_roofline(const struct model_roofline_options *o,
                                        struct sp_arena *arena,
                                        struct model_iteration **it, struct sp_err *err)
{
    (void)o, (void)err;
    return pending(arena, it);
}
