/* What each policy costs: its bill stacked by what it was paid for, the interval of the
 * whole, and the floor that no bill can be below. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"

static const struct look {
    const char *rgb;
    int pattern; /* 0: solid */
} looks[MODEL_PARTS] = {
    [MODEL_PART_WORK] = {"#08306b", 0},     [MODEL_PART_REDONE] = {"#7f0000", 2},
    [MODEL_PART_TRANSFER] = {"#006d2c", 4}, [MODEL_PART_BLOCKED] = {"#807dba", 5},
    [MODEL_PART_BOOT] = {"#e6ab02", 0},     [MODEL_PART_IDLE] = {"#6baed6", 0},
    [MODEL_PART_STRANDED] = {"#d95f0e", 0}, [MODEL_PART_UNUSED] = {"#dcdcdc", 0},
    [MODEL_PART_ROUNDING] = {"#737373", 1},
};

static const struct model_cost *cost_of(const struct report_plots *p, int32_t policy)
{
    return &p->r->policies[policy].cost;
}

static bool taken_apart(const struct model_cost *c)
{
    return c->known && c->n_cells > 0;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    (void)id;
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (taken_apart(cost_of(p, i)))
            return true;
    return false;
}

/* ---- data ---- */

static double part_usd(const struct model_cost *c, int part)
{
    double usd = 0;

    for (int32_t i = 0; i < c->n_cells; i++)
        if ((int)c->cells[i].part == part)
            usd += c->cells[i].mean_usd;
    return taken_apart(c) ? usd : NAN;
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    char figure[REPORT_FIGURE];

    (void)id;
    report_plot_data_head(p, "cost by policy in USD, means over the replications", out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        report_plot_data_name(p, i, p->r->policies[i].name, out);
    fputs("# policy;", out);
    for (int k = 0; k < MODEL_PARTS; k++)
        fprintf(out, " %s,", model_part_name((enum model_part)k));
    fputs(" total, half width of its 95 % interval, floor (USD); total as text\n", out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_cost *c = cost_of(p, i);
        const bool known = taken_apart(c);

        fprintf(out, "%" PRId32, i);
        for (int k = 0; k < MODEL_PARTS; k++)
            report_plot_value(out, part_usd(c, k));
        report_plot_value(out, known ? c->usd.mean : NAN);
        report_plot_value(out, known ? c->usd.half95 : NAN);
        report_plot_value(out, known ? c->floor_usd.mean : NAN);
        fprintf(out, " %s\n", known ? report_format_usd(c->usd.mean, figure) : "?");
    }
}

/* ---- script ---- */

static const char *no_price(const struct report_plots *p, int32_t policy)
{
    return taken_apart(cost_of(p, policy)) ? NULL : "no price";
}

static bool any_part(const struct report_plots *p, int part)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (part_usd(cost_of(p, i), part) > 0)
            return true;
    return false;
}

static bool any_floor(const struct report_plots *p)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (cost_of(p, i)->floor_usd.mean > 0)
            return true;
    return false;
}

/* From the top of the stack down, each part over the one before. */
static void write_bars(const struct report_plots *p, FILE *out)
{
    fputs("plot ", out);
    for (int k = MODEL_PARTS - 1; k >= 0; k--) {
        if (!any_part(p, k))
            continue;
        fprintf(out, "'cost.dat' using 1:(sum [c=2:%d] column(c)) with boxes fs ",
                k + 2);
        if (looks[k].pattern > 0)
            fprintf(out, "pattern %d border lc rgb '%s'", looks[k].pattern,
                    looks[k].rgb);
        else
            fputs("solid 1 noborder", out);
        fprintf(out, " lc rgb '%s' title '%s', ", looks[k].rgb,
                model_part_name((enum model_part)k));
    }
    if (any_floor(p))
        fprintf(out,
                "'cost.dat' using ($1-0.42):%d:(0.84):(0) with vectors nohead lw 2.5 "
                "dt '-' lc rgb '#000000' title 'floor: no bill is lower', ",
                MODEL_PARTS + 4);
    if (p->r->n_runs > 1)
        fprintf(
            out,
            "'cost.dat' using 1:($%d-$%d):(0):(2*$%d) with vectors heads size screen "
            "0.006,90 lw 1.5 lc rgb '#000000' title '95 %% interval', ",
            MODEL_PARTS + 2, MODEL_PARTS + 3, MODEL_PARTS + 3);
    fprintf(out,
            "'cost.dat' using 1:(%s$%d):(stringcolumn(%d)) with labels offset 0,0.9 "
            "noenhanced notitle\n",
            p->r->n_runs > 1 ? sp_arena_printf(p->arena, "$%d+", MODEL_PARTS + 3) : "",
            MODEL_PARTS + 2, MODEL_PARTS + 5);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    struct report_panel panel = {.height = 560,
                                 .rows = 1,
                                 .columns = 1,
                                 .legend_frac = 0.2,
                                 .left = 104,
                                 .under = report_plot_policy_tics_px(p)};

    (void)id;
    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = "cost",
            .title = sp_arena_printf(p->arena, "Cost by policy: %s", p->r->name),
            .subtitle = "USD of the run, by what it was paid for; mean of the "
                        "replications",
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fputs("set ylabel 'USD'\nset yrange [0:*]\nset offsets 0,0,graph 0.08,0\n"
          "set boxwidth 0.6\n",
          out);
    report_plot_policy_tics(p, no_price, out);
    write_bars(p, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_cost = {
    .stem = "cost",
    .count = report_plot_count_one,
    .applies = applies,
    .data = write_data,
    .script = write_script,
};
