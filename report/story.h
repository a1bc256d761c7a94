/* What a result says, in sentences: the decision, what drives it, what it rests on.
 * Every report that speaks to people (workbook, page, terminal) says it in these words.
 */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "base/arena.h"
#include "model/result.h"

struct report_story {
    const char *decision; /* "'disaggregated' costs 76.6 % less than 'monolithic' ...",
                           * or that nothing is gained, or not shown; a sentence */
    int32_t choice; /* the cheapest policy that is not worse off; SP_NO_ID: none is
                     * better than the baseline */
    int32_t n_drivers;
    const char **drivers; /* largest steps of the waterfall first: "stranded: 146.29 USD
                           * less: ..." ; at most 4 */
    int32_t n_rests;
    const char **rests; /* by basis: "2 prices by list price (2026-07-20)", "service
                         * times assumed: preprocess, infer" */
};

/* In `arena`. */
struct report_story *report_story_of(struct sp_arena *arena,
                                     const struct model_result *result);

#endif
