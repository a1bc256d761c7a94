/* The bill by team: what is nobody's, and what all of it adds up to. */
#ifndef REPORT_BILL_H
#define REPORT_BILL_H

#include <stdbool.h>
#include <stdint.h>

#include "model/result.h"

/* Whether jobs or teams share a policy's fleet: only then there is something to say of
 * teams, of free GPUs and of what was bought. */
bool report_is_shared(const struct model_policy_result *p);

/* Micro-dollars of the first replication. */
struct report_bill {
    int64_t idle_uusd, unallocated_uusd, rounding_uusd; /* lines of the bill */
    int64_t allocated_sum_uusd; /* teams, unallocated and rounding */
    int64_t busy_sum_uusd;      /* teams, idle, unallocated and rounding */
};

struct report_bill report_bill_of(const struct model_policy_result *p);

#endif
