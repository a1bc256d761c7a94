/* The heaviest rows by counting, for each, those that are heavier: tables are short. */
#include "report/top.h"

#include <stdbool.h>

static bool goes_before(const double *weights, int32_t a, int32_t b)
{
    double x = weights[a] > 0 ? weights[a] : 0, y = weights[b] > 0 ? weights[b] : 0;

    return x > y || (x == y && a < b);
}

int32_t report_top_rows(const double *weights, int32_t n, int32_t most, int32_t *ids)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < n; i++) {
        int32_t before = 0;

        for (int32_t k = 0; k < n && n > most; k++)
            before += goes_before(weights, k, i);
        if (before < most)
            ids[kept++] = i;
    }
    return kept;
}
