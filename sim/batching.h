/* Rules by which a replica fills an iteration, and by which requests wait: descriptors.
 *
 * In every rule all sequences that decode do so together, one token each, in each
 * iteration that decodes at all.  So a batch of decoding sequences is two numbers and a
 * heap, whatever its size.
 */
#ifndef SIM_BATCHING_H
#define SIM_BATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/request.h"

struct sim_batching {
    const char *name;
    const char *help; /* one line */
    bool chunks; /* a prompt may be computed in several iterations, the budget's rest
                  * each time; else whole: prompts go in while their sum is within the
                  * budget, one that is longer than the budget goes alone */
    bool mixes; /* an iteration may prefill and decode at once; else prompts go first and
                 * decodes wait for an iteration without prefill.  With chunks, decodes
                 * take their tokens of the budget before the prompts; with whole prompts
                 * after them, all or none: where they don't all fit they wait */
    bool drains; /* prompts go in only when no sequence decodes (request-level batching)
                  */
};

extern const struct sim_batching sim_batchings[];
extern const int32_t sim_n_batchings;
const struct sim_batching *sim_batching_find(const char *name); /* NULL: none */

struct sim_order {
    const char *name;
    const char *help;
    /* Requests wait in the order of (key, number); a preempted one goes back to where
     * its key puts it. */
    int64_t (*key)(const struct sim_request *r);
    bool by_priority; /* the victim of a preemption is the sequence with the highest
                       * (key, number) instead of the newest admitted */
};

extern const struct sim_order sim_orders[];
extern const int32_t sim_n_orders;
const struct sim_order *sim_order_find(const char *name);

#endif
