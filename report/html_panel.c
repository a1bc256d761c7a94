/* The panel "what if": its controls, and the figures that its script reckons with.
 *
 * Money is summed up from the cells of the bill by node type and part, each cell
 * rounded to the micro-dollar as report/waterfall.c does, so at the prices of the run
 * the panel gives the same bill and the same steps. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/month.h"
#include "report/text.h"
#include "report/whatif.h"

enum { TYPES = 60 }; /* that have a control; prices of others stay */

/* Node types at a price: options of different policies that cost the same are one. */
struct prices {
    const struct model_node_use *types[TYPES];
    int n;
};

static bool same(const struct model_node_use *a, const struct model_node_use *b)
{
    return strcmp(a->type, b->type) == 0 && strcmp(a->option, b->option) == 0 &&
           a->usd_per_h == b->usd_per_h;
}

static int type_of(const struct prices *all, const struct model_node_use *use)
{
    for (int i = 0; i < all->n; i++)
        if (same(all->types[i], use))
            return i;
    return -1;
}

static struct prices prices_of(const struct report_html *h)
{
    struct prices all = {.n = 0};

    for (int32_t p = 0; p < h->r->n_policies; p++)
        for (int32_t i = 0; i < h->r->policies[p].n_nodes; i++) {
            const struct model_node_use *use = &h->r->policies[p].nodes[i];

            if (use->usd_per_h > 0 && type_of(&all, use) < 0 && all.n < TYPES)
                all.types[all.n++] = use;
        }
    return all;
}

static bool any_known(const struct report_html *h)
{
    for (int32_t p = 0; p < h->r->n_policies; p++)
        if (h->r->policies[p].cost.known && h->r->policies[p].cost.n_cells > 0)
            return true;
    return false;
}

/* ---- controls ---- */

struct control {
    const char *id, *unit, *note;
    double value, min, max, step;
};

static void write_control(struct report_html *h, const struct control *c,
                          const char *label, bool is_name)
{
    fprintf(h->out, "<div class=\"control\"><label for=\"%s\">", c->id);
    if (is_name)
        report_html_name(h, label);
    else
        report_html_text(h, label);
    fprintf(h->out,
            " <small>%s</small></label><input type=\"range\" data-for=\"%s\" "
            "aria-label=\"",
            c->note, c->id);
    report_html_attribute(h, label);
    fprintf(h->out,
            ", slider\" min=\"%.10g\" max=\"%.10g\" step=\"%.10g\" value=\"%.10g\">"
            "<span class=\"number\"><input type=\"number\" id=\"%s\" min=\"%.10g\" "
            "max=\"%.10g\" step=\"any\" value=\"%.10g\"> %s</span></div>\n",
            c->min, c->max, c->step, c->value, c->id, c->min,
            c->id[0] == 'p' ? 1e9 : c->max, c->value, c->unit);
}

static void write_prices(struct report_html *h, const struct prices *all)
{
    for (int i = 0; i < all->n; i++) {
        const struct model_node_use *use = all->types[i];
        struct control c = {
            .id = sp_arena_printf(h->arena, "p%d", i),
            .unit = "USD/h",
            .note = sp_arena_printf(
                h->arena, "%s, %s%s", use->option, model_basis_name(use->price_basis),
                use->price_date[0] != '\0'
                    ? sp_arena_printf(h->arena, ", %s", use->price_date)
                    : ""),
            .value = use->usd_per_h,
            .max = 3 * use->usd_per_h,
            .step = use->usd_per_h / 100,
        };

        write_control(h, &c, use->type, true);
    }
}

static void write_others(struct report_html *h, bool on_demand)
{
    static const struct control discount = {"discount", "%", "on-demand prices", 0, 0,
                                            100,        1};
    static const struct control share = {"share", "%", "of on-demand nodes", 0, 0,
                                         100,     1};
    const struct control less = {
        "less", "%", "against on-demand", 100 * REPORT_RESERVED_DISCOUNT, 0, 100, 1};
    const struct control hours = {
        "hours", "h", "that the fleet runs", REPORT_HOURS_PER_MONTH, 1, 744, 1};

    if (on_demand) {
        write_control(h, &discount, "Discount", false);
        write_control(h, &share, "Reserved share", false);
        write_control(h, &less, "Reserved discount", false);
    }
    write_control(h, &hours, "Hours per month", false);
}

void report_html_panel(struct report_html *h)
{
    struct prices all = prices_of(h);
    bool on_demand = false;

    if (all.n == 0 || !any_known(h))
        return;
    for (int i = 0; i < all.n; i++)
        on_demand = on_demand || report_is_on_demand(all.types[i]->option);
    report_html_section(h, "whatif", "What if prices were other?");
    fputs(
        "<p class=\"nojs note\">With JavaScript, prices can be moved here, and the "
        "page works out what that would change.</p>\n"
        "<form id=\"panel\" class=\"js\" autocomplete=\"off\">\n<p class=\"note\">Move "
        "a price: costs, savings and the charts of costs follow. Hours held, times and "
        "who got what stay as simulated, and so does the floor: what a price changes "
        "in what is bought, or when, needs a new run, and so does any other "
        "input.</p>\n<div class=\"controls\">\n",
        h->out);
    write_prices(h, &all);
    write_others(h, on_demand);
    fputs(
        "</div>\n<p class=\"act\"><button type=\"button\" id=\"restore\">Reset to the "
        "run</button> <output id=\"now\" role=\"status\"></output></p>\n</form>\n",
        h->out);
    report_html_section_end(h);
}

/* ---- data ---- */

/* A JSON string that can stand in a script element. */
static void put_string(struct report_html *h, const char *text)
{
    const char *p = report_text_clean(h->arena, text, REPORT_TEXT_LINE);

    fputc('"', h->out);
    for (; *p != '\0'; p++)
        if (strchr("<>&\"\\", *p) != NULL || (unsigned char)*p < 0x20)
            fprintf(h->out, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            fputc(*p, h->out);
    fputc('"', h->out);
}

static void put_number(struct report_html *h, double v)
{
    if (isfinite(v))
        fprintf(h->out, "%.17g", v);
    else
        fputs("null", h->out);
}

static bool moves_list(const struct model_node_use *use)
{
    return report_is_on_demand(use->option) || use->list_usd_per_h == use->usd_per_h;
}

/* Whose price a list price moves with, as in the workbook: its own, where it is on
 * demand or not less than the list says; else that on demand of its group, where
 * somebody used that, else nobody's: -1. */
static int list_of(const struct prices *all, int type)
{
    const struct model_node_use *use = all->types[type];

    if (moves_list(use))
        return type;
    for (int i = 0; i < all->n; i++)
        if (moves_list(all->types[i]) && use->group != NULL &&
            all->types[i]->group != NULL &&
            strcmp(all->types[i]->group, use->group) == 0 &&
            all->types[i]->list_usd_per_h == use->list_usd_per_h)
            return i;
    return -1;
}

static void put_types(struct report_html *h, const struct prices *all)
{
    fputs("\"types\":[", h->out);
    for (int i = 0; i < all->n; i++) {
        const struct model_node_use *use = all->types[i];

        fputs(i > 0 ? ",{\"price\":" : "{\"price\":", h->out);
        put_number(h, use->usd_per_h);
        fprintf(h->out, ",\"ondemand\":%s,\"list\":%d}",
                report_is_on_demand(use->option) ? "true" : "false", list_of(all, i));
    }
    fputs("]", h->out);
}

/* Sums over cells of one type (the last: without a control) and part; of work by
 * resource besides. */
struct sums {
    int64_t paid[MODEL_PARTS], list[MODEL_PARTS];
    int64_t work[MODEL_RESOURCES]; /* means, at list */
    double hours[MODEL_RESOURCES],
        usd[MODEL_RESOURCES]; /* first replication, at list */
};

static void add_cell(struct sums *s, const struct model_cost_cell *c)
{
    int64_t list = sp_uusd_from_usd(c->mean_list_usd);

    s->paid[c->part] += sp_uusd_from_usd(c->mean_usd);
    s->list[c->part] += list;
    if (c->part != MODEL_PART_WORK || c->resource >= MODEL_RESOURCES)
        return;
    s->work[c->resource] += list;
    s->hours[c->resource] += c->hours;
    s->usd[c->resource] += sp_usd_from_uusd(c->list_uusd);
}

static void put_integers(struct report_html *h, const char *name, const int64_t *values,
                         int n)
{
    fprintf(h->out, ",\"%s\":[", name);
    for (int i = 0; i < n; i++)
        fprintf(h->out, "%s%" PRId64, i > 0 ? "," : "", values[i]);
    fputc(']', h->out);
}

static void put_numbers(struct report_html *h, const char *name, const double *values,
                        int n)
{
    fprintf(h->out, ",\"%s\":[", name);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            fputc(',', h->out);
        put_number(h, values[i]);
    }
    fputc(']', h->out);
}

static void put_sums(struct report_html *h, const struct sums *sums, int n)
{
    bool first = true;

    for (int i = 0; i <= n; i++) {
        static const struct sums nothing;

        if (memcmp(&sums[i], &nothing, sizeof nothing) == 0)
            continue;
        fprintf(h->out, "%s{\"type\":%d", first ? "" : ",", i < n ? i : -1);
        put_integers(h, "paid", sums[i].paid, MODEL_PARTS);
        put_integers(h, "list", sums[i].list, MODEL_PARTS);
        put_integers(h, "work", sums[i].work, MODEL_RESOURCES);
        put_numbers(h, "hours", sums[i].hours, MODEL_RESOURCES);
        put_numbers(h, "usd", sums[i].usd, MODEL_RESOURCES);
        fputc('}', h->out);
        first = false;
    }
}

/* A baseline can be where some other policy can. */
static bool can_be_compared(const struct model_result *r, int32_t policy)
{
    for (int32_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].outcome != MODEL_OUTCOME_NONE &&
            (r->comparisons[i].policy == policy ||
             r->comparisons[i].baseline == policy))
            return true;
    return r->n_policies == 1;
}

static void put_policy(struct report_html *h, const struct prices *all, int32_t policy)
{
    const struct model_policy_result *p = &h->r->policies[policy];
    struct sums *sums = sp_arena_array(h->arena, TYPES + 1, sizeof *sums);

    for (int32_t i = 0; p->cost.known && i < p->cost.n_cells; i++) {
        int type = type_of(all, &p->nodes[p->cost.cells[i].node]);

        add_cell(&sums[type < 0 ? all->n : type], &p->cost.cells[i]);
    }
    fputs("{\"name\":", h->out);
    put_string(h, p->name);
    fprintf(h->out, ",\"known\":%s,\"compared\":%s,\"sums\":[",
            p->cost.known && p->cost.n_cells > 0 ? "true" : "false",
            can_be_compared(h->r, policy) ? "true" : "false");
    put_sums(h, sums, all->n);
    fputs("]}", h->out);
}

void report_html_panel_data(struct report_html *h)
{
    struct prices all = prices_of(h);

    if (h->r->n_policies == 0 || all.n == 0 || !any_known(h))
        return;
    fprintf(h->out,
            "<script type=\"application/json\" id=\"data\">{\"base\":%" PRId32
            ",\"charted\":%" PRId32 ",\"runs\":",
            h->r->baseline, h->n_charted);
    put_number(h, report_runs_per_month(h->r, 1));
    fprintf(h->out, ",\"hours\":%.17g,\"less\":%.17g,", REPORT_HOURS_PER_MONTH,
            REPORT_RESERVED_DISCOUNT);
    put_types(h, &all);
    fputs(",\"parts\":[", h->out);
    for (int i = 0; i < MODEL_PARTS; i++) {
        if (i > 0)
            fputc(',', h->out);
        fprintf(h->out, "{\"name\":\"%s\",\"step\":%d}",
                model_part_name((enum model_part)i),
                (int)report_step_of((enum model_part)i));
    }
    fputs("],\"steps\":[", h->out);
    for (int i = 0; i < REPORT_STEPS; i++)
        fprintf(h->out, "%s\"%s\"", i > 0 ? "," : "",
                report_step_name((enum report_step_kind)i));
    fprintf(h->out, "],\"volume\":%d,\"mix\":%d,\"purchase\":%d,\"policies\":[",
            REPORT_STEP_VOLUME, REPORT_STEP_MIX, REPORT_STEP_PURCHASE);
    for (int32_t p = 0; p < h->r->n_policies; p++) {
        if (p > 0)
            fputs(",\n", h->out);
        put_policy(h, &all, p);
    }
    fputs("]}</script>\n", h->out);
}
