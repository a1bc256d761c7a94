/* Two bills by part and resource, and what lies between them. */
#include "report/waterfall.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

static const struct {
    const char *name, *text;
} words[REPORT_STEPS] = {
    [REPORT_STEP_VOLUME] = {"work done", "more or fewer busy hours, at the price an "
                                         "hour had before"},
    [REPORT_STEP_MIX] = {"node mix", "the same busy hours on nodes at other prices"},
    [REPORT_STEP_IDLE] = {"idle", "allocated, and nothing to do"},
    [REPORT_STEP_STRANDED] = {"stranded", "free, and of no use, as another resource of "
                                          "the node had run out"},
    [REPORT_STEP_UNUSED] = {"unused", "free, though a unit would have had room"},
    [REPORT_STEP_BLOCKED] = {"blocked", "work done that could not be handed on"},
    [REPORT_STEP_TRANSFER] = {"transfer", "slots that waited for data"},
    [REPORT_STEP_BOOT] = {"boot", "nodes that booted, units that started"},
    [REPORT_STEP_REDONE] = {"lost and redone", "work done twice after nodes or tasks "
                                               "were lost"},
    [REPORT_STEP_ROUNDING] = {"billing rounding", "billed beyond the time held"},
    [REPORT_STEP_PURCHASE] = {"spot and discounts", "paid below list price, or above"},
};

const char *report_step_name(enum report_step_kind kind)
{
    return words[kind].name;
}

const char *report_step_text(enum report_step_kind kind)
{
    return words[kind].text;
}

enum report_step_kind report_step_of(enum model_part part)
{
    static const enum report_step_kind steps[MODEL_PARTS] = {
        [MODEL_PART_WORK] = REPORT_STEP_MIX,
        [MODEL_PART_REDONE] = REPORT_STEP_REDONE,
        [MODEL_PART_TRANSFER] = REPORT_STEP_TRANSFER,
        [MODEL_PART_BLOCKED] = REPORT_STEP_BLOCKED,
        [MODEL_PART_BOOT] = REPORT_STEP_BOOT,
        [MODEL_PART_IDLE] = REPORT_STEP_IDLE,
        [MODEL_PART_STRANDED] = REPORT_STEP_STRANDED,
        [MODEL_PART_UNUSED] = REPORT_STEP_UNUSED,
        [MODEL_PART_ROUNDING] = REPORT_STEP_ROUNDING,
    };

    return steps[part];
}

/* A bill by step; work by resource besides, of the first replication, where hours and
 * money belong together. */
struct bill {
    int64_t paid_uusd;
    int64_t uusd[REPORT_STEPS];           /* at list; PURCHASE: paid less list */
    int64_t work_uusd[MODEL_RESOURCES];   /* means, at list */
    double hours[MODEL_RESOURCES];        /* of work */
    double usd_per_hour[MODEL_RESOURCES]; /* of work, at list; NaN: no hours */
};

static struct bill bill_of(const struct model_cost *cost)
{
    struct bill b = {0};
    double usd[MODEL_RESOURCES] = {0};

    for (int32_t i = 0; i < cost->n_cells; i++) {
        const struct model_cost_cell *c = &cost->cells[i];
        int64_t paid = sp_uusd_from_usd(c->mean_usd);
        int64_t list = sp_uusd_from_usd(c->mean_list_usd);

        b.paid_uusd += paid;
        b.uusd[report_step_of(c->part)] += list;
        b.uusd[REPORT_STEP_PURCHASE] += paid - list;
        if (c->part != MODEL_PART_WORK || c->resource >= MODEL_RESOURCES)
            continue;
        b.work_uusd[c->resource] += list;
        b.hours[c->resource] += c->hours;
        usd[c->resource] += sp_usd_from_uusd(c->list_uusd);
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b.usd_per_hour[r] = b.hours[r] > 0 ? usd[r] / b.hours[r] : NAN;
    return b;
}

/* Mean hours of work: money over the price of an hour; those of the first replication
 * where they cost nothing. */
static double mean_hours(const struct bill *b, int resource)
{
    double price = b->usd_per_hour[resource];

    return price > 0 ? (double)b->work_uusd[resource] / 1e6 / price
                     : b->hours[resource];
}

/* What the hours of work that `to` has more would have cost as `from` paid for them.  A
 * resource that one of them did not work with is all volume. */
static int64_t volume_uusd(const struct bill *from, const struct bill *to)
{
    int64_t sum = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        if (from->hours[r] > 0 && to->hours[r] > 0)
            sum += llround(mean_hours(to, r) * from->usd_per_hour[r] * 1e6) -
                   from->work_uusd[r];
        else
            sum += to->work_uusd[r] - from->work_uusd[r];
    }
    return sum;
}

bool report_waterfall_make(const struct model_result *r, int32_t from, int32_t to,
                           struct report_waterfall *w)
{
    const struct model_cost *a = &r->policies[from].cost, *b = &r->policies[to].cost;
    struct bill was, is;

    if (!a->known || !b->known || a->n_cells == 0 || b->n_cells == 0)
        return false;
    was = bill_of(a);
    is = bill_of(b);
    *w = (struct report_waterfall){
        .from = from, .to = to, .from_uusd = was.paid_uusd, .to_uusd = is.paid_uusd};
    for (int s = 0; s < REPORT_STEPS; s++)
        w->uusd[s] = is.uusd[s] - was.uusd[s];
    w->uusd[REPORT_STEP_VOLUME] = volume_uusd(&was, &is);
    w->uusd[REPORT_STEP_MIX] -= w->uusd[REPORT_STEP_VOLUME];
    return true;
}
