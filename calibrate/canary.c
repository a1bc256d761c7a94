/* Checks of the core's state, and the best of them. */
#include "calibrate/canary.h"

#include "base/status.h"

enum { CHECKS = 3, CHAIN_ROUNDS = 2048, ADDS_ROUNDS = 3072 };

#define GOOD_FRAC 0.97
#define JUMP_FRAC 1.05

static double faster(double a, double b)
{
    return a > b ? a : b;
}

/* Operations in the time between two readings; 0 where the clock stood still. */
static double per_ns(double operations, int64_t from_ns, int64_t to_ns)
{
    return to_ns > from_ns ? operations / (double)(to_ns - from_ns) : 0;
}

struct cal_speed cal_canary_check(int64_t (*now_ns)(void *self), void *self)
{
    struct cal_speed best = {0};
    volatile uint64_t sink;

    for (int i = 0; cal_canary_has() && i < CHECKS; i++) {
        int64_t start_ns = now_ns(self), between_ns, end_ns;

        sink = cal_canary_chain(3, 0x9e3779b97f4a7c15u, CHAIN_ROUNDS);
        between_ns = now_ns(self);
        sink = cal_canary_adds(1, ADDS_ROUNDS);
        end_ns = now_ns(self);
        (void)sink;
        best.multiplies_per_ns =
            faster(best.multiplies_per_ns,
                   per_ns((double)CHAIN_ROUNDS * CAL_CHAIN_STEP, start_ns, between_ns));
        best.adds_per_ns =
            faster(best.adds_per_ns,
                   per_ns((double)ADDS_ROUNDS * CAL_ADDS_STEP, between_ns, end_ns));
    }
    return best;
}

/* The best after `seen` followed `before`. */
static double learnt(double best, double before, double seen)
{
    if (best <= 0)
        return seen;
    if (seen <= best * JUMP_FRAC)
        return faster(best, seen);
    return before > best * JUMP_FRAC ? best * JUMP_FRAC : best;
}

void cal_reference_learn(struct cal_reference *r, struct cal_speed seen)
{
    struct cal_speed now = {
        learnt(r->best.multiplies_per_ns, r->before.multiplies_per_ns,
               seen.multiplies_per_ns),
        learnt(r->best.adds_per_ns, r->before.adds_per_ns, seen.adds_per_ns)};

    if (r->best.multiplies_per_ns > 0 &&
        (now.multiplies_per_ns > r->best.multiplies_per_ns ||
         now.adds_per_ns > r->best.adds_per_ns))
        r->raised++;
    r->best = now;
    r->before = seen;
}

bool cal_reference_good(const struct cal_reference *r, struct cal_speed seen)
{
    return seen.multiplies_per_ns >= GOOD_FRAC * r->best.multiplies_per_ns &&
           seen.adds_per_ns >= GOOD_FRAC * r->best.adds_per_ns;
}
