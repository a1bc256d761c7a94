/* Names and medians. */
#include "model/validation.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/median.h"

const char *model_verdict_name(enum model_verdict verdict)
{
    static const char *const names[] = {
        [MODEL_VERDICT_PASS] = "PASS",
        [MODEL_VERDICT_WARN] = "WARN",
        [MODEL_VERDICT_FAIL] = "FAIL",
        [MODEL_VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
        [MODEL_VERDICT_SKIPPED] = "skipped",
    };

    return names[verdict];
}

double model_validation_median(const double *values, int32_t n)
{
    double *known = sp_xcalloc((size_t)n + 1, sizeof *known), median;
    int32_t kept = 0;

    for (int32_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            known[kept++] = values[i];
    median = sp_median(known, kept);
    free(known);
    return median;
}
