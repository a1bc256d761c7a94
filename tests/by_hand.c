#include "by_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

int hand_fresh(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_build *b = sp_arena_alloc(arena, sizeof *b);

    *b = plan_new(arena);
    *state = b;
    return 0;
}

int hand_gone(void **state)
{
    sp_arena_free(((struct plan_build *)*state)->arena);
    return 0;
}

const struct model_policy_result *hand_run(const struct plan_build *b)
{
    return plan_run(b, (struct plan_how){1, 1, .verify = true})->policies;
}

void hand_is(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}
