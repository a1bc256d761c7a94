/* How good a prediction was, in a word.  Pure: figures in, a verdict out.
 *
 * A round is clean if others used no more than CAL_FOREIGN_CORES of the CPUs and the
 * canaries were good (under SCHED_FIFO: if our threads waited for a CPU no more than
 * that share of their time, since then others cannot push them off).  Where three or
 * more are clean only these count; where fewer are and most rounds are dirty nothing
 * can be said; else all rounds count.
 */
#ifndef CALIBRATE_VERDICT_H
#define CALIBRATE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/validation.h"

#define CAL_FOREIGN_CORES 0.03
#define CAL_PASS_FRAC     0.05
#define CAL_WARN_FRAC     0.15
enum { CAL_CLEAN_ROUNDS = 3 };

struct cal_verdict {
    enum model_verdict verdict;
    double error;    /* median over the rounds that count */
    double error_se; /* its standard error; NaN of one round */
    int32_t counting, clean;
    const char *why; /* a sentence without its full stop, in the arena */
};

/* Whether a round is clean. */
bool cal_round_is_clean(const struct model_validation_round *round, bool realtime);

/* Of the rounds' errors simulated_per_s / per_s - 1; sets each round's `counts`.
 *
 *   |median| <= max(5 %, 2 sd)  PASS
 *            <= 15 %            WARN
 *   else                        FAIL
 *
 * sd is the median's standard error, 1.2533 MADn(rounds) / sqrt(n): what rounds
 * scatter, measured and simulated together. */
struct cal_verdict cal_verdict_of(struct model_validation_round *rounds, int32_t n,
                                  bool realtime, struct sp_arena *arena);

#endif
