/* Two short loops that show in what state the core is: a chain of dependent multiplies
 * (its clock) and a run of independent adds (whether another hardware thread shares its
 * issue slots).  Both are assembly, whole loops aligned to 64 bytes, so they are the
 * same in every build; on CPUs other than x86-64 and aarch64 there are none.
 *
 * What they read is compared with the best ever read on this machine, the reference.
 */
#ifndef CALIBRATE_CANARY_H
#define CALIBRATE_CANARY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this CPU has canaries, and what code they are: goes with a reference, which
 * is good for the same code only. */
bool cal_canary_has(void);
const char *cal_canary_code(void); /* "x86-64.1" */

enum { CAL_CHAIN_STEP = 16, CAL_ADDS_STEP = 32 }; /* operations of one time round */

/* x times k, CAL_CHAIN_STEP x `rounds` times over, each product waiting for the one
 * before.  rounds >= 1.  0 where there is no canary. */
uint64_t cal_canary_chain(uint64_t x, uint64_t k, int64_t rounds);

/* The sum of CAL_ADDS_STEP x `rounds` times k, in sums that don't wait for each other.
 * rounds >= 1.  0 where there is no canary. */
uint64_t cal_canary_adds(uint64_t k, int64_t rounds);

struct cal_speed {
    double multiplies_per_ns, adds_per_ns; /* both 0: there is no canary */
};

/* One check: the best of three times (about 26 us of chain, 6 us of adds on a CPU of
 * 3.7 GHz).  now_ns() is the clock. */
struct cal_speed cal_canary_check(int64_t (*now_ns)(void *self), void *self);

/* ---- the reference ---- */

struct cal_reference {
    struct cal_speed best;
    struct cal_speed before; /* the check before this one */
    int32_t raised;          /* how often */
};

/* Takes the first check as it is.  A speed that beats the best by 5 % at most becomes
 * the best; one that beats it by more raises it by 5 %, and only where the check before
 * beat it as well (a clock that stumbles does so once). */
void cal_reference_learn(struct cal_reference *reference, struct cal_speed seen);

/* Whether both speeds are within 3 % of the reference, or there is no canary.  Faster
 * is fine: it will be learnt. */
bool cal_reference_good(const struct cal_reference *reference, struct cal_speed seen);

#endif
