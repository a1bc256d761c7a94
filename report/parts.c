#include "report/parts.h"

#include <math.h>

#include "base/units.h"

static bool has_hours(const struct model_cost_cell *c)
{
    return c->resource >= 0 && c->resource < MODEL_RESOURCES && !isnan(c->hours);
}

/* What an hour of the cell's resource on its node type costs at list, USD; NaN where no
 * cell says. */
static double list_usd_per_h(const struct model_cost *cost,
                             const struct model_cost_cell *like)
{
    double hours = 0, usd = 0;

    for (int32_t i = 0; i < cost->n_cells; i++) {
        const struct model_cost_cell *c = &cost->cells[i];

        if (c->node != like->node || c->resource != like->resource || !has_hours(c))
            continue;
        hours += c->hours;
        usd += sp_usd_from_uusd(c->list_uusd);
    }
    return hours > 0 && usd > 0 ? usd / hours : NAN;
}

bool report_parts_of(const struct model_policy_result *p, struct report_parts *parts)
{
    *parts = (struct report_parts){.all_usd = 0};
    if (!p->cost.known || p->cost.n_cells == 0)
        return false;
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];
        double price = list_usd_per_h(&p->cost, c);

        parts->usd[c->part][c->resource] += c->mean_usd;
        parts->all_usd += c->mean_usd;
        if (has_hours(c))
            parts->hours[c->part][c->resource] +=
                isnan(price) ? c->hours : c->mean_list_usd / price;
    }
    return true;
}
