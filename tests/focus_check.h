/* FinOps FOCUS 1.2's rules for a cost and usage file, from the specification and not
 * from our writer: columns, their order, types, where null may stand, allowed values,
 * and what must hold between columns. */
#ifndef TESTS_FOCUS_CHECK_H
#define TESTS_FOCUS_CHECK_H

#include <stdint.h>

#include "base/arena.h"

enum { FOCUS_ACCOUNTS_MAX = 16 };

/* BilledCost by billing account, in micro-dollars. */
struct focus_sums {
    int n;
    struct {
        const char *account, *name;
        int64_t uusd, list_uusd, rows;
    } of[FOCUS_ACCOUNTS_MAX];
};

/* NULL where `text` (a CSV file) keeps the rules, else the first that it breaks, with
 * its row; in `arena`, as the sums (may be NULL). */
const char *focus_check(struct sp_arena *arena, const char *text,
                        struct focus_sums *sums);

#endif
