/* The largest load that still passes a test: doubled or halved until the answer
 * changes, then bisected (by geometric means) until the bracket is narrow enough.
 *
 * The test need not be monotone: what is found is one change from passing to failing,
 * told as the largest factor that passed and the least that failed, between which it
 * lies.
 */
#ifndef MODEL_SEARCH_H
#define MODEL_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { MODEL_SEARCH_STEPS = 14 }; /* doublings, or halvings, at most: 16384 */

struct model_search {
    /* In: whether a factor passes, in *passes.  An error ends the search. */
    enum sp_status (*test)(void *self, double factor, bool *passes, struct sp_err *err);
    void *self;
    double precision_frac; /* ends where fails <= passes * (1 + precision_frac) */
    /* Out: NaN where there was none. */
    double passes, fails;
    int32_t tests; /* made */
};

/* Starts at factor 1.
 *   the test's own errors; what was found before them stands in *search. */
SP_CHECKED enum sp_status model_search_largest(struct model_search *search,
                                               struct sp_err *err);

/* The smallest number that passes a test: doubled or halved until the answer changes,
 * then bisected until the number below it is known to fail.  As above, the test need
 * not be monotone. */
struct model_search_least {
    /* In: whether n, 1 or more, passes.  An error ends the search. */
    enum sp_status (*test)(void *self, int64_t n, bool *passes, struct sp_err *err);
    void *self;
    int64_t start,
        most; /* where it begins, what it does not pass; 1 <= start <= most */
    /* Out: 0 where there was none. */
    int64_t passes, fails;
    int32_t tests; /* made */
};

/*   the test's own errors; what was found before them stands in *search. */
SP_CHECKED enum sp_status model_search_smallest(struct model_search_least *search,
                                                struct sp_err *err);

#endif
