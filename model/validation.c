/* Names and medians. */
#include "model/validation.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

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

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double model_validation_median(const double *values, int32_t n)
{
    double *sorted = sp_xcalloc((size_t)n + 1, sizeof *sorted), median = NAN;
    int32_t kept = 0;

    for (int32_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            sorted[kept++] = values[i];
    qsort(sorted, (size_t)kept, sizeof *sorted, rising);
    if (kept > 0)
        median = (sorted[(kept - 1) / 2] + sorted[kept / 2]) / 2;
    free(sorted);
    return median;
}
