/* Two policies that serve the same requests: ratios as pairs, and the sentence that
 * says what each is better at and why.
 *
 * The reasons are taken from the figures of the runs: what the policy that does worse
 * suffers and the other does not.  Where no figure shows one, none is given. */
#ifndef SIM_COMPARE_SERVING_H
#define SIM_COMPARE_SERVING_H

#include "base/arena.h"
#include "model/result.h"
#include "sim/leaning.h"

/* Fills c->serving.  a[i] and b[i] (the baseline's) are replication i of n. */
void sim_compare_serving(const struct model_policy_result *a,
                         const struct model_policy_result *b, int32_t n,
                         struct sp_arena *arena, struct model_comparison *c);

/* The verdict on the serving workloads of c->serving (n_serving >= 1); its
 * figures lean on *all, too. */
const char *sim_serving_verdict(const struct model_policy_result *a,
                                const struct model_policy_result *b, int32_t n,
                                const struct model_comparison *c,
                                struct sp_arena *arena, struct sim_leaning *all);

#endif
