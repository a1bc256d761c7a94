#include "cell_laws.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

static const char *broken(char text[256], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *broken(char text[256], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(text, 256, format, args);
    va_end(args);
    return text;
}

static bool same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The kind of line that a cell is a part of. */
static int line_kind(const struct model_cost_cell *c)
{
    switch (c->part) {
    case MODEL_PART_WORK:
    case MODEL_PART_REDONE:
        return MODEL_LINE_BUSY;
    case MODEL_PART_ROUNDING:
        return MODEL_LINE_ROUNDING;
    default:
        return c->workload != NULL ? (int)MODEL_LINE_IDLE
                                   : (int)MODEL_LINE_UNALLOCATED + c->resource;
    }
}

static const char *lines_broken(const struct model_cost *cost, char text[256])
{
    int64_t all = 0;

    for (int32_t i = 0; i < cost->n_lines; i++) {
        const struct model_cost_line *l = &cost->lines[i];
        int64_t sum = 0;

        for (int32_t c = 0; c < cost->n_cells; c++)
            if (line_kind(&cost->cells[c]) == (int)l->kind &&
                same_name(cost->cells[c].workload, l->workload) &&
                same_name(cost->cells[c].stage, l->stage))
                sum += cost->cells[c].uusd;
        if (sum != l->uusd)
            return broken(text, "line %s of %s/%s: %" PRId64 ", its cells %" PRId64,
                          model_line_kind_name(l->kind),
                          l->workload != NULL ? l->workload : "-",
                          l->stage != NULL ? l->stage : "-", l->uusd, sum);
    }
    for (int32_t c = 0; c < cost->n_cells; c++)
        all += cost->cells[c].uusd;
    if (all != cost->uusd)
        return broken(text, "the bill is %" PRId64 ", its cells %" PRId64, cost->uusd,
                      all);
    return NULL;
}

static const char *types_broken(const struct model_policy_result *p, char text[256])
{
    for (int32_t t = 0; t < p->n_nodes; t++) {
        const struct model_node_use *n = &p->nodes[t];
        int64_t sum = 0;
        double list = 0;

        for (int32_t c = 0; c < p->cost.n_cells; c++)
            if (p->cost.cells[c].node == t) {
                sum += p->cost.cells[c].uusd;
                list += (double)p->cost.cells[c].list_uusd / 1e6;
            }
        if (sum != llround(n->usd.mean * 1e6))
            return broken(text, "type %s: %.6f USD, its cells %" PRId64, n->type,
                          n->usd.mean, sum);
        if (fabs(list - n->list_usd_per_h * n->billed_hours.mean) >
            1e-9 * list + 1e-6 * (1 + (double)p->events))
            return broken(text, "type %s: %.6f USD at list price, its cells %.6f",
                          n->type, n->list_usd_per_h * n->billed_hours.mean, list);
    }
    return NULL;
}

static const char *teams_broken(const struct model_policy_result *p, char text[256])
{
    for (int32_t t = 0; t < p->n_teams; t++) {
        int64_t busy = 0, allocated = 0;

        for (int32_t i = 0; i < p->cost.n_cells; i++) {
            const struct model_cost_cell *c = &p->cost.cells[i];

            if (!same_name(c->team, p->teams[t].name))
                continue;
            allocated += c->uusd;
            busy += c->part <= MODEL_PART_REDONE ? c->uusd : 0;
        }
        if (busy != p->teams[t].busy_uusd || allocated != p->teams[t].allocated_uusd)
            return broken(text, "team %s: its cells %" PRId64 ", %" PRId64,
                          p->teams[t].name, busy, allocated);
    }
    return NULL;
}

static double hours(int r, sp_i128 amount_ns)
{
    return sp_double_from_i128(amount_ns) /
           (r == MODEL_MEMORY ? 1073741824.0 : 1000.0) / (double)SP_NS_PER_H;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)) + 1e-12;
}

static const char *hours_broken(const struct model_policy_result *p, char text[256])
{
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct model_ledger *l = &p->ledger[r];
        double busy = 0, allocated = 0, all = 0, stranded = 0;

        for (int32_t i = 0; i < p->cost.n_cells; i++) {
            const struct model_cost_cell *c = &p->cost.cells[i];

            if (c->resource != r)
                continue;
            all += c->hours;
            allocated += c->workload != NULL ? c->hours : 0;
            busy += c->part <= MODEL_PART_REDONE ? c->hours : 0;
            stranded += c->part == MODEL_PART_STRANDED ? c->hours : 0;
        }
        if (!near(all, hours(r, l->provisioned)) ||
            !near(allocated, hours(r, l->allocated)) ||
            !near(busy, hours(r, l->busy)) || !near(stranded, hours(r, l->stranded)))
            return broken(text,
                          "resource %d: cells have %.17g h, %.17g allocated, %.17g "
                          "busy, %.17g stranded",
                          r, all, allocated, busy, stranded);
        if (l->stranded < 0 || l->stranded > l->provisioned - l->allocated)
            return broken(text, "resource %d: more stranded than unallocated", r);
    }
    return NULL;
}

static const char *cells_broken(const struct model_cost *cost, char text[256])
{
    for (int32_t i = 0; i < cost->n_cells; i++) {
        const struct model_cost_cell *c = &cost->cells[i];

        if (c->uusd < 0 || c->list_uusd < 0 || c->hours < 0)
            return broken(text, "cell %d is below 0", (int)i);
        if (c->uusd == 0 && c->list_uusd == 0 && !(c->hours > 0))
            return broken(text, "cell %d is empty", (int)i);
        if (isnan(c->hours) != (c->resource == MODEL_RESOURCES) ||
            (c->part == MODEL_PART_ROUNDING) != (c->resource == MODEL_RESOURCES))
            return broken(text, "cell %d: hours and resource do not agree", (int)i);
    }
    if (cost->floor_usd.mean > cost->usd.mean * (1 + 1e-9) + 1e-6)
        return broken(text, "the bill of %.9g USD is below its floor, %.9g",
                      cost->usd.mean, cost->floor_usd.mean);
    return NULL;
}

const char *cell_laws_broken(const struct model_policy_result *p, char text[256])
{
    const char *what = cells_broken(&p->cost, text);

    if (what == NULL)
        what = lines_broken(&p->cost, text);
    if (what == NULL)
        what = types_broken(p, text);
    if (what == NULL)
        what = teams_broken(p, text);
    return what != NULL ? what : hours_broken(p, text);
}

int64_t cell_uusd(const struct model_policy_result *p, enum model_part part,
                  int resource)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < p->cost.n_cells; i++)
        if (p->cost.cells[i].part == part &&
            (resource < 0 || p->cost.cells[i].resource == resource))
            sum += p->cost.cells[i].uusd;
    return sum;
}

double cell_hours(const struct model_policy_result *p, enum model_part part,
                  int resource)
{
    double sum = 0;

    for (int32_t i = 0; i < p->cost.n_cells; i++)
        if (p->cost.cells[i].part == part && p->cost.cells[i].resource == resource)
            sum += p->cost.cells[i].hours;
    return sum;
}
