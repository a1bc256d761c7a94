#include "report/parts.h"

#include <math.h>

#include "base/units.h"

static bool has_hours(const struct model_cost_cell *c)
{
    return c->resource >= 0 && c->resource < MODEL_RESOURCES && !isnan(c->hours);
}

/* What an hour of each resource of each node type costs at list, USD, by node and
 * resource; NaN where no cell says. */
static double *list_usd_per_h(struct sp_arena *arena,
                              const struct model_policy_result *p)
{
    size_t n = (size_t)p->n_nodes * MODEL_RESOURCES;
    double *usd = sp_arena_array(arena, n, sizeof *usd);
    double *hours = sp_arena_array(arena, n, sizeof *hours);

    for (size_t i = 0; i < n; i++)
        usd[i] = hours[i] = 0;
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];

        if (has_hours(c)) {
            usd[c->node * MODEL_RESOURCES + c->resource] +=
                sp_usd_from_uusd(c->list_uusd);
            hours[c->node * MODEL_RESOURCES + c->resource] += c->hours;
        }
    }
    for (size_t i = 0; i < n; i++)
        usd[i] = usd[i] > 0 && hours[i] > 0 ? usd[i] / hours[i] : NAN;
    return usd;
}

bool report_parts_of(struct sp_arena *scratch, const struct model_policy_result *p,
                     struct report_parts *parts)
{
    const double *price;

    *parts = (struct report_parts){.all_usd = 0};
    if (!p->cost.known || p->cost.n_cells == 0)
        return false;
    price = list_usd_per_h(scratch, p);
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];
        double *hours;

        parts->usd[c->part][c->resource] += c->mean_usd;
        parts->all_usd += c->mean_usd;
        if (!has_hours(c))
            continue;
        hours = &parts->hours[c->part][c->resource];
        if (isnan(price[c->node * MODEL_RESOURCES + c->resource]))
            *hours += c->hours;
        else
            *hours += c->mean_list_usd / price[c->node * MODEL_RESOURCES + c->resource];
    }
    return true;
}
