/* Spreads: of campaigns, of a kernel's times, of items. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"

double cal_fit_sd(const double *values, int32_t n)
{
    double mean = 0, sum = 0;

    if (n < 2)
        return 0;
    for (int32_t i = 0; i < n; i++)
        mean += values[i] / n;
    for (int32_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (n - 1));
}

/* ---- the floor ---- */

struct floor_row {
    enum model_bound bound;
    double loaded, quiet;
};

/* Canaries see a core's clock and its other hardware thread, not the neighbours of a
 * memory or a link: what binds there is known less well than its campaigns agree. */
static const struct floor_row floors[] = {
    {MODEL_BOUND_COMPUTE, 0.03, 0.01},  {MODEL_BOUND_LATENCY, 0.03, 0.01},
    {MODEL_BOUND_MEMORY, 0.08, 0.03},   {MODEL_BOUND_LINK, 0.08, 0.03},
    {MODEL_BOUND_ROOFLINE, 0.08, 0.03}, {MODEL_BOUND_UNKNOWN, 0.08, 0.03},
};

double cal_fit_floor(enum model_bound bound, bool quiet)
{
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++)
        if (floors[i].bound == bound)
            return quiet ? floors[i].quiet : floors[i].loaded;
    sp_bug(__FILE__, __LINE__, "no floor for bound %d", (int)bound);
}

/* ---- items ---- */

struct spread {
    double squares;  /* of relative differences from the mean of their x, less noise */
    int32_t freedom; /* items less means */
};

static void add_items_at(const struct cal_item *items, const double *noise_frac,
                         int32_t n, int32_t first, struct spread *spread)
{
    double x = items[first].x, mean = 0;
    int32_t count = 0;

    for (int32_t i = first; i < n; i++)
        if (items[i].x == x) {
            mean += items[i].s;
            count++;
        }
    mean /= count;
    for (int32_t i = first; i < n; i++)
        if (items[i].x == x)
            spread->squares += pow(items[i].s / mean - 1, 2) -
                               pow(noise_frac[i], 2) * (count - 1) / count;
    spread->freedom += count - 1;
}

static bool seen_before(const struct cal_item *items, int32_t i)
{
    for (int32_t k = 0; k < i; k++)
        if (items[k].x == items[i].x)
            return true;
    return false;
}

double cal_fit_item_cv(const struct cal_item *items, const double *noise_frac,
                       int32_t n)
{
    struct spread spread = {0};

    for (int32_t i = 0; i < n; i++)
        if (!seen_before(items, i))
            add_items_at(items, noise_frac, n, i, &spread);
    return spread.freedom > 0 && spread.squares > 0
               ? sqrt(spread.squares / spread.freedom)
               : 0;
}
