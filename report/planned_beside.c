/* Beside the plan: the runner-up, the scenario's own policies, a step more and fewer.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/planned_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- which bundling wins ---- */

static const char *const bundling_words[] = {
    [REPORT_BUNDLING_NONE] = "",
    [REPORT_BUNDLING_APART] = "disaggregated: every stage is a unit of its own",
    [REPORT_BUNDLING_ALL] = "monolithic: all stages of a workload are in one unit",
    [REPORT_BUNDLING_BETWEEN] = "in between: some stages are bundled, some apart",
};

/* The cheapest that meets the targets and is bundled so; NULL: none is known. */
static const struct model_planned_fleet *cheapest(const struct model_planned *p,
                                                  enum report_bundling bundling)
{
    const struct model_planned_fleet *found = NULL;

    for (int32_t i = -1; i < p->n_written; i++) {
        const struct model_planned_fleet *f = i < 0 ? &p->runner_up : &p->written[i];

        if (f->partition != NULL && f->met && f->usd.mean > p->best.usd.mean &&
            report_planned_bundling(f) == bundling &&
            (found == NULL || f->usd.mean < found->usd.mean))
            found = f;
    }
    return found;
}

static const char *loser_of(struct report_page *page, const struct model_planned *p,
                            enum report_bundling loser)
{
    const struct model_planned_fleet *other = cheapest(p, loser);

    if (other == NULL)
        return ".";
    return sp_arena_printf(
        page->arena, "; %s loses here: %s with %s costs %.1f %% more.",
        loser == REPORT_BUNDLING_APART ? "disaggregation" : "bundling",
        report_planned_what(page, other), report_planned_nodes(page, other, 30),
        100 * (other->usd.mean / p->best.usd.mean - 1));
}

static void print_bundling(struct report_page *page, const struct model_planned *p)
{
    enum report_bundling is = report_planned_bundling(&p->best);
    enum report_bundling loser =
        is == REPORT_BUNDLING_APART ? REPORT_BUNDLING_ALL : REPORT_BUNDLING_APART;

    if (is == REPORT_BUNDLING_NONE)
        return;
    report_page_wrap(page, 2, "Bundling: ",
                     sp_arena_printf(page->arena, "%s (%s)%s", bundling_words[is],
                                     report_planned_what(page, &p->best),
                                     p->feasible ? loser_of(page, p, loser) : "."),
                     REPORT_PLAIN);
}

/* ---- the next best ---- */

/* Of jobs there are nodes alone. */
static const char *in_brackets(struct report_page *page,
                               const struct model_planned_fleet *f)
{
    if (f->policy == NULL && f->n_units == 0)
        return "";
    return sp_arena_printf(page->arena, " (%s)", report_planned_what(page, f));
}

static void print_next(struct report_page *page, const struct model_planned *p,
                       const char *head, const struct model_planned_fleet *next,
                       struct model_stat usd_more)
{
    if (!p->feasible || next->partition == NULL)
        return;
    report_page_wrap(
        page, 2, head,
        sp_arena_printf(page->arena, "%s%s, %s USD a run; the plan: %s.",
                        report_planned_nodes(page, next, 40), in_brackets(page, next),
                        report_planned_stat(page, next->usd, report_format_usd),
                        report_planned_cheaper(page, p->best.usd.mean, usd_more)),
        REPORT_PLAIN);
}

static bool same_fleet(const struct model_planned_fleet *a,
                       const struct model_planned_fleet *b)
{
    bool same = strcmp(a->partition, b->partition) == 0 && a->n_nodes == b->n_nodes;

    for (int32_t i = 0; same && i < a->n_nodes; i++)
        same = strcmp(a->nodes[i].type, b->nodes[i].type) == 0 &&
               a->nodes[i].count == b->nodes[i].count;
    return same;
}

/* Of dearer fleets only those that the search came by were run: "of those run". */
static void print_runner_up(struct report_page *page, const struct model_planned *p)
{
    const struct model_planned_fleet *second = &p->second, *other = &p->runner_up;
    bool same = second->partition != NULL && other->partition != NULL &&
                same_fleet(second, other);

    print_next(page, p, "Second of those run: ", second, p->second_usd);
    if (!same)
        print_next(page, p, "Cheapest other mix: ", other, p->runner_up_usd);
}

/* ---- policies as written ---- */

static const struct report_column written_columns[] = {
    {"policy as written", 22, REPORT_LEFT},
    {"USD a run", 20, REPORT_RIGHT},
    {"USD/h", 10, REPORT_RIGHT},
    {"to the plan", 12, REPORT_RIGHT},
    {"met", 4, REPORT_LEFT},
};

/* "misses embed: latency p99 at most 2 s (by 14.0 %)", the worst of them. */
static const char *miss_of(struct report_page *page, const struct model_planned *p,
                           const struct model_planned_fleet *f)
{
    int32_t worst = SP_NO_ID;

    if (f->why_not != NULL)
        return f->why_not;
    for (int32_t g = 0; g < p->goals->n && f->goals != NULL; g++)
        if (lround(f->goals[g].met_frac * f->n_runs) <
                model_goal_runs_enough(f->n_runs) &&
            (worst == SP_NO_ID || f->goals[g].miss > f->goals[worst].miss))
            worst = g;
    if (worst == SP_NO_ID)
        return "a target is missed";
    if (!isfinite(f->goals[worst].miss))
        return sp_arena_printf(page->arena, "misses %s: too much is not done",
                               p->goals->goals[worst].text);
    return sp_arena_printf(
        page->arena, "misses %s by %.*f %%", p->goals->goals[worst].text,
        f->goals[worst].miss < 0.1 ? 2 : 1, 100 * f->goals[worst].miss);
}

static const char *against(struct report_page *page, const struct model_planned *p,
                           const struct model_planned_fleet *f)
{
    double ratio = f->usd.mean / p->best.usd.mean;

    if (!isfinite(ratio))
        return "-";
    return sp_arena_printf(page->arena, "%+.1f %%", 100 * (ratio - 1));
}

static void print_written(struct report_page *page, const struct model_planned *p)
{
    struct report_column columns[COUNT(written_columns)];

    if (p->n_written == 0)
        return;
    memcpy(columns, written_columns, sizeof columns);
    if (!p->feasible)
        columns[3].head = "to closest";
    report_page_end_line(page);
    report_page_head(page, columns, COUNT(columns));
    for (int32_t i = 0; i < p->n_written; i++) {
        const struct model_planned_fleet *f = &p->written[i];
        bool ran = f->n_runs > 0;
        const char *texts[COUNT(written_columns)] = {
            f->policy != NULL ? f->policy : "-",
            ran ? report_planned_stat(page, f->usd, report_format_usd) : "-",
            ran ? report_page_figure(page, report_format_usd, f->usd_per_h.mean) : "-",
            ran ? against(page, p, f) : "-",
            f->met ? "yes" : "NO",
        };

        report_page_row(page, columns, COUNT(columns), texts, ' ', REPORT_PLAIN);
        if (!f->met)
            report_page_wrap(page, 4, "", miss_of(page, p, f), REPORT_DIM);
    }
}

void report_planned_beside(struct report_page *page, const struct model_planned *p)
{
    if (report_planned_bundling(&p->best) != REPORT_BUNDLING_NONE ||
        (p->feasible &&
         (p->runner_up.partition != NULL || p->second.partition != NULL)))
        report_page_end_line(page);
    print_bundling(page, p);
    print_runner_up(page, p);
    print_written(page, p);
}

/* ---- steps ---- */

static const struct report_column step_columns[] = {
    {"all else as planned", 32, REPORT_LEFT},
    {"USD a run", 24, REPORT_RIGHT},
    {"targets", 7, REPORT_LEFT},
};

static const char *signed_usd(struct report_page *page, struct model_stat usd)
{
    const char *text;

    if (fabs(usd.mean) < 5e-6) /* the bill's own rounding */
        usd = (struct model_stat){0, NAN};
    text = report_planned_stat(page, usd, report_format_usd);
    if (!(usd.mean > 0))
        return text;
    return sp_arena_printf(page->arena, "+%s", text);
}

/* A step that can't be taken was never run, so it has missed nothing. */
static const char *step_result(const struct model_planned_step *s)
{
    if (s->fleet.why_not != NULL)
        return "can't";
    return s->met ? "met" : "MISSED";
}

void report_planned_steps(struct report_page *page, const struct model_planned *p)
{
    if (p->n_steps == 0)
        return;
    report_page_end_line(page);
    report_page_head(page, step_columns, COUNT(step_columns));
    for (int32_t i = 0; i < p->n_steps; i++) {
        const struct model_planned_step *s = &p->steps[i];
        const char *texts[COUNT(step_columns)] = {
            s->what,
            signed_usd(page, s->usd),
            step_result(s),
        };

        report_page_row(page, step_columns, COUNT(step_columns), texts, ' ',
                        REPORT_PLAIN);
        if (s->text != NULL && s->text[0] != '\0')
            report_page_wrap(page, 4, "", s->text, REPORT_DIM);
    }
}
