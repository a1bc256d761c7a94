/* What would change the answer: one thing at a time, others as they are.
 *
 * Prices act through the bill's cells, so their effect is exact without another run (as
 * long as nobody decides by price what to buy).  Other inputs come from other runs of
 * the database that differ from this one in exactly one input.
 */
#ifndef REPORT_SENSITIVITY_H
#define REPORT_SENSITIVITY_H

#include "base/arena.h"
#include "report/context.h"

#define REPORT_PRICE_SWING 0.20 /* what reports move prices by, down and up */

struct report_swing {
    const char *input; /* "price of gpu-node", "stage infer: per item" */
    const char *unit;
    bool measured;            /* from other runs; else a price, by the cells */
    double low, here, high;   /* of the input; low or high NaN: no run has it */
    double usd_low, usd_high; /* saving of `policy` against the baseline then */
};

struct report_sensitivity {
    int32_t policy; /* against the baseline */
    double usd;     /* its saving as it is (negative: it costs more) */
    int32_t n;
    struct report_swing *swings; /* the widest first */
};

/* Prices are moved by `frac` down and up (0.2: 20 %).  NULL where there is no
 * comparison or no price is known.  In `arena`. */
struct report_sensitivity *report_sensitivity_of(struct sp_arena *arena,
                                                 const struct report_context *context,
                                                 int32_t policy, double frac);

#endif
