/* The fleet with its prices, its units and how busy they are, targets, what binds. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/planned_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const char *usd(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_usd, v);
}

/* ---- nodes ---- */

static const struct report_column node_columns[] = {
    {"node type", 22, REPORT_LEFT}, {"option", 9, REPORT_LEFT},
    {"nodes", 6, REPORT_RIGHT},     {"USD/h each", 11, REPORT_RIGHT},
    {"USD/h", 10, REPORT_RIGHT},    {"USD/month", 12, REPORT_RIGHT},
};

/* What the runs were billed is not always the price by the hour. */
static void print_billed(struct report_page *page,
                         const struct model_planned_fleet *fleet, double usd_per_h)
{
    const double by = fleet->usd_per_h.mean / usd_per_h - 1;

    if (fabs(by) > 5e-5 && isfinite(by))
        report_page_wrap(
            page, 2, "",
            sp_arena_printf(page->arena,
                            "The runs were billed %.*f %% %s than that: whole seconds, "
                            "minutes or hours, nodes that are lost or replaced.",
                            fabs(by) < 0.001 ? 2 : 1, 100 * fabs(by),
                            by > 0 ? "more" : "less"),
            REPORT_DIM);
}

static void print_nodes(struct report_page *page,
                        const struct model_planned_fleet *fleet)
{
    double sum = 0;
    int32_t n = 0, kinds = 0;

    report_page_head(page, node_columns, COUNT(node_columns));
    for (int32_t i = 0; i < fleet->n_nodes; i++) {
        const struct model_planned_nodes *x = &fleet->nodes[i];
        bool fixed = x->count >= 0 && fleet->policy == NULL;
        double all = fixed ? x->count * x->usd_per_h : NAN;
        const char *texts[COUNT(node_columns)] = {
            x->type,
            x->option,
            report_planned_count(page, x->count),
            usd(page, x->usd_per_h),
            usd(page, all),
            report_planned_month_usd(page, all),
        };

        if (x->count == 0)
            continue;
        report_page_row(page, node_columns, COUNT(node_columns), texts, ' ',
                        REPORT_PLAIN);
        sum += all;
        n += x->count;
        kinds++;
    }
    if (fleet->policy != NULL)
        report_page_wrap(page, 2, "",
                         sp_arena_printf(page->arena,
                                         "Policy '%s' as written; nodes at their peak, "
                                         "paid for as they were held.",
                                         report_page_name(page, fleet->policy, 40)),
                         REPORT_DIM);
    else if (kinds > 1)
        report_page_row(page, node_columns, COUNT(node_columns),
                        (const char *const[]){"all", "", report_planned_count(page, n),
                                              "", usd(page, sum),
                                              report_planned_month_usd(page, sum)},
                        ' ', REPORT_BOLD);
    if (fleet->policy == NULL)
        print_billed(page, fleet, sum);
}

/* ---- units ---- */

enum { BAR = 8 };
static const struct report_column unit_columns[] = {
    {"unit", 16, REPORT_LEFT},  {"workload", 12, REPORT_LEFT},
    {"slots", 22, REPORT_LEFT}, {"units", 7, REPORT_RIGHT},
    {"busy", 7, REPORT_RIGHT},  {"", BAR, REPORT_LEFT},
};

static void print_units(struct report_page *page,
                        const struct model_planned_fleet *fleet)
{
    report_page_end_line(page);
    report_page_head(page, unit_columns, COUNT(unit_columns));
    for (int32_t i = 0; i < fleet->n_units; i++) {
        const struct model_planned_unit *u = &fleet->units[i];
        const char *texts[COUNT(unit_columns)] = {
            u->unit,
            u->workload,
            u->slots != NULL ? u->slots : "",
            report_planned_count(page, u->count),
            report_page_figure(page, report_format_percent, u->busy_frac),
            isnan(u->busy_frac) ? "" : report_page_bar(page, u->busy_frac, BAR),
        };

        report_page_row(page, unit_columns, COUNT(unit_columns), texts, ' ',
                        REPORT_PLAIN);
    }
}

void report_planned_fleet(struct report_page *page,
                          const struct model_planned_fleet *fleet)
{
    report_page_end_line(page);
    print_nodes(page, fleet);
    if (fleet->n_units > 0)
        print_units(page, fleet);
}

/* ---- targets ---- */

static const struct report_column target_columns[] = {
    {"target", 43, REPORT_LEFT},
    {"figure", 18, REPORT_RIGHT},
    {"runs", 9, REPORT_RIGHT},
    {"met", 4, REPORT_LEFT},
};

static const char *figure_of(struct report_page *page, const struct model_goal *goal,
                             struct model_stat value)
{
    const char *text = report_planned_figure(page, goal->kind, value.mean);
    struct model_stat shown = value;

    if (isnan(value.mean) || !(value.half95 > 1e-9 * fabs(value.mean)))
        return text;
    shown.mean = value.half95;
    return sp_arena_printf(page->arena, "%s %s %s", text, report_page_plus_minus(page),
                           report_planned_figure(page, goal->kind, shown.mean));
}

void report_planned_targets(struct report_page *page, const struct model_planned *p,
                            const struct model_planned_fleet *fleet)
{
    bool implied = false;

    if (fleet->goals == NULL || fleet->n_runs == 0)
        return;
    report_page_end_line(page);
    report_page_head(page, target_columns, COUNT(target_columns));
    for (int32_t i = 0; i < p->goals->n; i++) {
        const struct model_goal *goal = &p->goals->goals[i];
        const struct model_planned_goal *g = &fleet->goals[i];
        int32_t met = (int32_t)lround(g->met_frac * fleet->n_runs);
        bool is_met = met >= model_goal_runs_enough(fleet->n_runs);
        const char *texts[COUNT(target_columns)] = {
            goal->text,
            figure_of(page, goal, g->value),
            sp_arena_printf(page->arena, "%" PRId32 " of %" PRId32, met, fleet->n_runs),
            is_met ? "yes" : "NO",
        };

        implied |= goal->implied;
        report_page_row(page, target_columns, COUNT(target_columns), texts,
                        goal->implied ? '*' : ' ', is_met ? REPORT_PLAIN : REPORT_BOLD);
    }
    if (implied)
        report_page_wrap(page, 2, "", "* follows from the scenario; no target says it.",
                         REPORT_DIM);
}

/* ---- what binds ---- */

static bool is_missed(const struct model_planned_fleet *f, int32_t goal)
{
    return f->goals != NULL && f->n_runs > 0 &&
           lround(f->goals[goal].met_frac * f->n_runs) <
               model_goal_runs_enough(f->n_runs);
}

/* "one l40s fewer misses it by 3.77 %; one l4 fewer: too much is not done" */
static const char *missed_by(struct report_page *page, const struct model_planned *p,
                             int32_t goal)
{
    const char *text = NULL;

    for (int32_t i = 0; i < p->n_steps; i++) {
        const struct model_planned_step *s = &p->steps[i];
        double miss;

        if (!s->fewer_nodes || s->fleet.why_not != NULL || !is_missed(&s->fleet, goal))
            continue;
        miss = s->fleet.goals[goal].miss;
        text = sp_arena_printf(page->arena, "%s%s%s", text != NULL ? text : "",
                               text != NULL ? "; " : "",
                               report_page_name(page, s->what, 40));
        text = isfinite(miss)
                   ? sp_arena_printf(page->arena, "%s misses it by %.*f %%", text,
                                     miss < 0.1 ? 2 : 1, 100 * miss)
                   : sp_arena_printf(page->arena, "%s: too much is not done", text);
    }
    return text;
}

/* What fewer nodes would miss; use alone binds nothing. */
static void print_binds(struct report_page *page, const struct model_planned *p)
{
    const char *room = NULL;
    bool fewer = false, any = false;

    for (int32_t i = 0; i < p->n_steps; i++) {
        const struct model_planned_step *s = &p->steps[i];

        fewer |= s->fewer_nodes;
        if (s->fewer_nodes && s->fleet.why_not != NULL)
            room = sp_arena_printf(page->arena, "%s: %s", s->what, s->fleet.why_not);
    }
    for (int32_t g = 0; g < p->goals->n; g++) {
        const char *by = missed_by(page, p, g);

        if (by == NULL)
            continue;
        any = true;
        report_page_wrap(
            page, 2, "Binds: ",
            sp_arena_printf(page->arena, "%s (%s)", p->goals->goals[g].text, by),
            REPORT_PLAIN);
    }
    if (!any && fewer)
        report_page_wrap(page, 2, "Binds: ",
                         room != NULL
                             ? room
                             : "no target; with a node fewer it takes longer and "
                               "costs more, or no less",
                         REPORT_PLAIN);
}

enum { BAR_BIND = 10, BIND_MOST = 8 };
static const struct report_column bind_columns[] = {
    {"how full", 41, REPORT_LEFT},
    {"is", 11, REPORT_RIGHT},
    {"of", 11, REPORT_RIGHT},
    {"", BAR_BIND, REPORT_LEFT},
};

static const char *in_unit(struct report_page *page, double v, const char *unit)
{
    const char *number;

    if (unit[0] == '\0' && fabs(v) <= 1.5)
        return report_page_figure(page, report_format_percent, v);
    if (unit[0] == 's' && unit[1] == '\0')
        return report_page_figure(page, report_format_seconds, v);
    number = report_page_figure(page, report_format_number, v);
    if (strcmp(unit, "items/s") == 0) /* as the target says it */
        return sp_arena_printf(page->arena, "%s/s", number);
    if (isnan(v) || unit[0] == '\0')
        return number;
    return sp_arena_printf(page->arena, "%s %s", number, unit);
}

void report_planned_bindings(struct report_page *page, const struct model_planned *p)
{
    if (p->n_bindings == 0)
        return;
    report_page_end_line(page);
    print_binds(page, p);
    report_page_head(page, bind_columns, COUNT(bind_columns));
    for (int32_t i = 0; i < p->n_bindings && i < BIND_MOST; i++) {
        const struct model_planned_binding *b = &p->bindings[i];
        double share = b->limit > 0 ? b->value / b->limit : NAN;
        const char *unit = b->unit != NULL ? b->unit : "";
        const char *texts[COUNT(bind_columns)] = {
            b->what,
            in_unit(page, b->value, unit),
            in_unit(page, b->limit, unit),
            isnan(share) ? "" : report_page_bar(page, share, BAR_BIND),
        };

        report_page_row(page, bind_columns, COUNT(bind_columns), texts, ' ',
                        REPORT_PLAIN);
    }
}
