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

/* Of a kernel whose operations per byte rise with x: whether operations take the longer
 * at x.  A line grows by operations and stands still by bytes that are read once. */
static bool operations_bind(const struct model_work *work, const struct model_fit *fit,
                            double x)
{
    const double *c = fit->coef;
    double flop = work->flop_fixed + work->flop * x;
    double bytes = work->bytes_fixed + work->bytes * x;

    if (strcmp(fit->form->name, "roofline") == 0)
        return flop / c[1] > bytes / c[2];
    if (work->flop * work->bytes_fixed <= work->flop_fixed * work->bytes)
        return false;
    if (strcmp(fit->form->name, "floor") == 0)
        return c[2] * x > c[1];
    return strcmp(fit->form->name, "linear") == 0 && c[1] * x > c[0];
}

double cal_fit_floor_of(const struct model_kernel *k, bool quiet)
{
    double squares = 0;

    if (k->bound != MODEL_BOUND_ROOFLINE || k->n_fits == 0)
        return cal_fit_floor(k->bound, quiet);
    for (int32_t i = 0; i < k->n_points; i++) {
        bool compute = operations_bind(&k->work, &k->fits[0], k->points[i].x);
        double floor =
            cal_fit_floor(compute ? MODEL_BOUND_COMPUTE : MODEL_BOUND_MEMORY, quiet);

        squares += floor * floor / k->n_points;
    }
    return sqrt(squares);
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
