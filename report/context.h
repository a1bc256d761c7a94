/* What a report is made from: a result, when it was made, and what other runs of the
 * same database say.  Every writer takes one of these and a path. */
#ifndef REPORT_CONTEXT_H
#define REPORT_CONTEXT_H

#include <stdint.h>

#include "model/result.h"

/* An input that another run has otherwise; the texts where it is no number, else NULL;
 * NaN and NULL where one of them lacks it.  Where it is not the same change for all
 * policies that have the input, the name ends with theirs: "unit w: count (apart)". */
struct report_change {
    const char *group, *name, *unit;
    double here, there;
    const char *here_text, *there_text;
};

/* Another run of the same scenario (by its name), with the same policies. */
struct report_other {
    int64_t run;
    uint64_t seed;
    int32_t
        n_changes; /* against this run; the scenario file's fingerprint not counted */
    const struct report_change *changes;
    const struct model_stat *usd, *time_s; /* by policy id of this run */
};

struct report_context {
    const struct model_result *result;
    int64_t created_s; /* Unix time: the only date in a report; of a stored run the one
                        * that is stored */
    int64_t start_s;  /* Unix time of the run's time 0, where a report has dates of what
                       * was simulated; 0: see report/utc.h */
    int32_t n_others; /* 0 for a run that is reported as it is made */
    const struct report_other *others;
};

#endif
