/* The bill by part and resource, side by side, with the floor below; the steps from one
 * bill to another. */
#include "report/terminal_why.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/story.h"
#include "report/terminal_why_parts.h"
#include "report/text.h"
#include "report/waterfall.h"

enum { LABEL = REPORT_COMPARE_LABEL, NONE = MODEL_RESOURCES, HOURS = 7, STEPS = 4 };
enum { ROWS = MODEL_PARTS * (MODEL_RESOURCES + 1) };

/* A row is told where it is so much of some policy's bill; the others are summed up. */
static const double least_row_frac = 0.005;
static const double least_step_frac = 0.01; /* of the first bill */

struct why {
    struct report_compare c;
    struct report_parts *parts; /* by policy */
    bool *known;                /* whether its bill is taken apart; by policy */
    bool any;
    bool told[MODEL_PARTS][MODEL_RESOURCES + 1];
    int decimals; /* of amounts */
    int usd;      /* columns of the widest amount */
};

static const char *usd_text(const struct why *y, double usd)
{
    return report_format_decimals(usd, y->decimals,
                                  sp_arena_alloc(y->c.page->arena, REPORT_FIGURE));
}

/* Cents, or more digits where some bill is less than a dollar, or than a cent. */
static int decimals_of(const struct why *y)
{
    double least = INFINITY;

    for (int32_t p = 0; p < y->c.r->n_policies; p++)
        if (y->known[p] && y->parts[p].all_usd > 0)
            least = fmin(least, y->parts[p].all_usd);
    return least >= 1 ? 2 : least >= 0.01 ? 4 : 6;
}

static double floor_of(const struct model_policy_result *p)
{
    return p->cost.known && p->cost.floor_usd.mean > 0 ? p->cost.floor_usd.mean : NAN;
}

/* ---- what is told ---- */

static bool counts(const struct report_parts *b, int part, int resource)
{
    if (b->all_usd > 0)
        return b->usd[part][resource] >= least_row_frac * b->all_usd;
    return resource < NONE && b->hours[part][resource] > 0; /* nodes for nothing */
}

static void widen(struct why *y, double usd)
{
    int width = report_text_width(usd_text(y, usd));

    y->usd = width > y->usd ? width : y->usd;
}

static void look_at(struct why *y, int32_t policy)
{
    const struct report_parts *b = &y->parts[policy];

    widen(y, floor_of(&y->c.r->policies[policy]));
    if (!y->known[policy])
        return;
    y->any = true;
    for (int part = 0; part < MODEL_PARTS; part++)
        for (int r = 0; r <= NONE; r++) {
            y->told[part][r] = y->told[part][r] || counts(b, part, r);
            widen(y, b->usd[part][r]);
        }
}

static double rest_usd(const struct why *y, int32_t policy)
{
    double usd = 0;

    for (int part = 0; part < MODEL_PARTS; part++)
        for (int r = 0; r <= NONE; r++)
            usd += y->told[part][r] ? 0 : y->parts[policy].usd[part][r];
    return usd;
}

/* ---- rows ---- */

/* An amount and what belongs to it, each in its column. */
static void print_pair(const struct why *y, const char *usd, const char *other)
{
    report_compare_value(
        &y->c, sp_arena_printf(y->c.page->arena, "%*s %*s", y->usd, usd, HOURS, other),
        REPORT_PLAIN);
}

static const char *part_label(const struct why *y, int part, int resource)
{
    static const char *const of[] = {
        [MODEL_GPU] = ", GPU", [MODEL_CPU] = ", CPU", [MODEL_MEMORY] = ", mem"};

    if (resource == NONE)
        return model_part_name((enum model_part)part);
    return sp_arena_printf(y->c.page->arena, "%s%s",
                           model_part_name((enum model_part)part), of[resource]);
}

static void print_part(const struct why *y, int part, int resource)
{
    report_compare_label(&y->c, part_label(y, part, resource));
    for (int32_t p = y->c.from; p < y->c.to; p++) {
        const struct report_parts *b = &y->parts[p];
        double hours = resource < NONE ? b->hours[part][resource] : NAN;
        char buf[REPORT_FIGURE];

        if (!y->known[p] || (b->usd[part][resource] == 0 && !(hours > 0)))
            print_pair(y, "-", "");
        else
            print_pair(y, usd_text(y, b->usd[part][resource]),
                       resource < NONE ? report_format_number_in(hours, HOURS, buf)
                                       : "");
    }
    report_page_end_line(y->c.page);
}

/* Less than half of the last decimal. */
static bool is_nothing(const struct why *y, double usd)
{
    return fabs(usd) < 0.5 * pow(10, -y->decimals);
}

static void print_rest(const struct why *y)
{
    bool some = false;

    for (int32_t p = 0; p < y->c.r->n_policies; p++)
        some = some || (y->known[p] && !is_nothing(y, rest_usd(y, p)));
    if (!some)
        return;
    report_compare_label(&y->c, "all else");
    for (int32_t p = y->c.from; p < y->c.to; p++)
        print_pair(y, y->known[p] ? usd_text(y, rest_usd(y, p)) : "-", "");
    report_page_end_line(y->c.page);
}

static bool has_floor(const struct why *y)
{
    for (int32_t p = 0; p < y->c.r->n_policies; p++)
        if (!isnan(floor_of(&y->c.r->policies[p])))
            return true;
    return false;
}

static void print_floor(const struct why *y)
{
    if (!has_floor(y))
        return;
    report_compare_label(&y->c, "floor, gap");
    for (int32_t p = y->c.from; p < y->c.to; p++) {
        const struct model_policy_result *x = &y->c.r->policies[p];

        print_pair(y, usd_text(y, floor_of(x)),
                   report_page_figure(y->c.page, report_format_percent,
                                      x->cost.usd.mean / floor_of(x) - 1));
    }
    report_page_end_line(y->c.page);
}

static void print_bill(const struct why *y)
{
    if (!y->any)
        return;
    report_compare_label(&y->c, "the bill is for");
    for (int32_t p = y->c.from; p < y->c.to; p++)
        print_pair(y, "USD", "hours");
    report_page_end_line(y->c.page);
    for (int part = 0; part < MODEL_PARTS; part++)
        for (int r = 0; r <= NONE; r++)
            if (y->told[part][r])
                print_part(y, part, r);
    print_rest(y);
    print_floor(y);
}

static void print_blocks(struct why *y)
{
    struct report_compare *c = &y->c;
    const int32_t n = c->r->n_policies;
    int32_t in_block = report_compare_in_block(c->page, c->r, y->usd + HOURS + 3);

    c->width = report_compare_width(c->page, in_block);
    for (c->from = 0; c->from < n; c->from = c->to) {
        c->to = c->from + in_block < n ? c->from + in_block : n;
        if (c->from > 0)
            report_page_end_line(c->page);
        report_compare_label(c, "");
        for (int32_t i = c->from; i < c->to; i++)
            report_compare_value(c, c->r->policies[i].name, REPORT_BOLD);
        report_page_end_line(c->page);
        report_why_bottlenecks(c);
        print_bill(y);
    }
}

/* ---- what the rows mean ---- */

static bool tells(const struct why *y, enum model_part part)
{
    for (int r = 0; r <= NONE; r++)
        if (y->told[part][r])
            return true;
    return false;
}

static void print_words(const struct why *y)
{
    static const struct {
        enum model_part part;
        const char *text;
    } words[] = {
        {MODEL_PART_REDONE, "Redone: work that was lost, and done again."},
        {MODEL_PART_IDLE, "Idle: allocated, without work."},
        {MODEL_PART_STRANDED,
         "Stranded: free, and useless, as another resource of the node had run out."},
        {MODEL_PART_UNUSED, "Unused: free, with room for a unit."},
    };
    const char *text = "";

    for (size_t i = 0; i < sizeof words / sizeof words[0] && y->any; i++)
        if (tells(y, words[i].part))
            text = sp_arena_printf(y->c.page->arena, "%s%s ", text, words[i].text);
    if (y->any && has_floor(y))
        text = sp_arena_printf(y->c.page->arena,
                               "%sFloor: no bill for the work that was done can be "
                               "lower.",
                               text);
    if (text[0] != '\0')
        report_page_wrap(y->c.page, 2, "", text, REPORT_DIM);
}

/* ---- from the baseline to the policy to choose ---- */

static const char *signed_usd(const struct why *y, int64_t uusd)
{
    return sp_arena_printf(y->c.page->arena, "%s%s", uusd > 0 ? "+" : "",
                           usd_text(y, sp_usd_from_uusd(uusd)));
}

/* "stranded -117.94, node mix -12.73, all else +0.02" */
static const char *steps_words(const struct why *y, const struct report_waterfall *w)
{
    bool told[REPORT_STEPS] = {false};
    const char *text = "";
    int64_t rest = w->to_uusd - w->from_uusd;

    for (int k = 0; k < STEPS; k++) {
        int most = -1;

        for (int s = 0; s < REPORT_STEPS; s++)
            if (!told[s] && (most < 0 || llabs(w->uusd[s]) > llabs(w->uusd[most])))
                most = s;
        if (w->uusd[most] == 0 ||
            (double)llabs(w->uusd[most]) < least_step_frac * (double)w->from_uusd)
            break;
        told[most] = true;
        rest -= w->uusd[most];
        text = sp_arena_printf(y->c.page->arena, "%s%s%s %s", text,
                               text[0] != '\0' ? ", " : "",
                               report_step_name((enum report_step_kind)most),
                               signed_usd(y, w->uusd[most]));
    }
    if (text[0] == '\0')
        return sp_arena_printf(y->c.page->arena, "in all %s", signed_usd(y, rest));
    if (is_nothing(y, sp_usd_from_uusd(rest)))
        return text;
    return sp_arena_printf(y->c.page->arena, "%s, all else %s", text,
                           signed_usd(y, rest));
}

static int32_t cheapest(const struct model_result *r, enum model_outcome outcome)
{
    int32_t found = SP_NO_ID;

    for (int32_t i = 0; i < r->n_comparisons; i++) {
        int32_t p = r->comparisons[i].policy;

        if (r->comparisons[i].outcome == outcome && r->policies[p].cost.known &&
            (found == SP_NO_ID ||
             r->policies[p].cost.usd.mean < r->policies[found].cost.usd.mean))
            found = p;
    }
    return found;
}

/* The one to choose; where none is better in all that counts the cheapest that is
 * better in some; else the only other one. */
static int32_t policy_to(const struct why *y)
{
    const struct model_result *r = y->c.r;
    int32_t to = report_story_of(y->c.page->arena, r)->choice;

    if (to == SP_NO_ID)
        to = cheapest(r, MODEL_OUTCOME_TRADE);
    return to == SP_NO_ID && r->n_comparisons == 1 ? r->comparisons[0].policy : to;
}

static void print_steps(const struct why *y)
{
    const struct model_result *r = y->c.r;
    int32_t to = policy_to(y);
    struct report_waterfall w;

    if (to == SP_NO_ID || r->baseline == SP_NO_ID ||
        !report_waterfall_make(r, r->baseline, to, &w) || w.from_uusd == w.to_uusd)
        return;
    report_page_wrap(
        y->c.page, 0, "",
        sp_arena_printf(y->c.page->arena, "'%s' %s USD to '%s' %s USD: %s",
                        report_page_name(y->c.page, r->policies[w.from].name, 24),
                        usd_text(y, sp_usd_from_uusd(w.from_uusd)),
                        report_page_name(y->c.page, r->policies[w.to].name, 24),
                        usd_text(y, sp_usd_from_uusd(w.to_uusd)), steps_words(y, &w)),
        REPORT_PLAIN);
}

void report_terminal_why(struct report_page *page, const struct model_result *r)
{
    struct why y = {.c = {.page = page, .r = r}, .usd = 6};
    bool blocks;

    if (r->n_policies == 0)
        return;
    y.parts = sp_arena_array(page->arena, (size_t)r->n_policies, sizeof *y.parts);
    y.known = sp_arena_array(page->arena, (size_t)r->n_policies, sizeof *y.known);
    for (int32_t p = 0; p < r->n_policies; p++)
        y.known[p] = report_parts_of(page->arena, &r->policies[p], &y.parts[p]);
    y.decimals = decimals_of(&y);
    for (int32_t p = 0; p < r->n_policies; p++)
        look_at(&y, p);
    blocks = y.any || report_why_any_bottleneck(&y.c);
    if (blocks || report_why_has_time(r))
        report_page_rule(page, "why");
    if (blocks)
        print_blocks(&y);
    print_words(&y);
    print_steps(&y);
    if (blocks && report_why_has_time(r))
        report_page_end_line(page);
    if (report_why_has_time(r))
        report_why_over_time(page, r);
}
