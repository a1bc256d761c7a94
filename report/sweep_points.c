/* Points in tables: along one axis, and those that nothing beats. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/sweep_parts.h"

enum { POINTS_MAX = 40, FRONT_MAX = 12, POLICIES_MAX = 4, POINT_COLUMNS = 26 };

/* ---- every point, where there are few ---- */

static const struct report_sweep_figure *
figure_called(const struct report_sweep_figure *figures, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(figures[i].of.figure->name, name) == 0)
            return &figures[i];
    return n > 0 ? &figures[0] : NULL;
}

static char lead_mark(const struct report_sweep *s, const struct report_sweep_figure *f,
                      int64_t at)
{
    static const char marks[REPORT_LEADS] = {
        [REPORT_LEAD_UNKNOWN] = ' ', [REPORT_LEAD_UNDONE] = ' ',
        [REPORT_LEAD_NONE] = '~',    [REPORT_LEAD_SAME] = '=',
        [REPORT_LEAD_BETTER] = '<',  [REPORT_LEAD_WORSE] = '>',
    };

    return report_sweep_undone(s, at) ? '!' : marks[report_sweep_lead(s, f, at)];
}

static void print_table(struct report_page *page, const struct report_sweep *s,
                        const struct report_sweep_figure *f, int32_t policies)
{
    struct report_column columns[1 + POLICIES_MAX] = {
        {"point", POINT_COLUMNS, REPORT_LEFT}};
    const int width = (page->columns - POINT_COLUMNS - 3) / policies - 1;

    for (int32_t p = 0; p < policies; p++)
        columns[1 + p] = (struct report_column){
            report_page_name(page, s->sweep.policies[p], width - 2),
            width > 22 ? 22 : width, REPORT_RIGHT};
    report_page_head(page, columns, 1 + policies);
    for (int64_t point = 0; point < s->n_points; point++) {
        const char *texts[1 + POLICIES_MAX];

        texts[0] = report_sweep_point_text(s, point, page->arena);
        for (int32_t p = 0; p < policies; p++) {
            const int64_t at = point * s->sweep.n_policies + p;

            texts[1 + p] =
                sp_arena_printf(page->arena, "%s %c",
                                report_sweep_stat(f->of, f->stats[at], page->arena),
                                lead_mark(s, f, at));
        }
        report_page_row(page, columns, 1 + policies, texts, ' ', REPORT_PLAIN);
    }
}

struct place {
    double number;
    int64_t point;
};

static int by_number(const void *x, const void *y)
{
    const struct place *a = x, *b = y;

    return (a->number > b->number) - (a->number < b->number);
}

/* Below or above the baseline as far as it is shown; of single runs as they came: 0
 * where neither. */
static int side_of(const struct report_sweep *s, const struct report_sweep_figure *f,
                   int64_t at)
{
    const enum report_sweep_lead lead = report_sweep_lead(s, f, at);
    const double d = f->difference[at].mean;

    if (s->sweep.replications < 2)
        return report_sweep_other_work(s, at) ? 0 : (d > 0) - (d < 0);
    return (lead == REPORT_LEAD_WORSE) - (lead == REPORT_LEAD_BETTER);
}

static void print_change(struct report_page *page, const struct report_sweep *s,
                         int32_t policy, int64_t from, int64_t to)
{
    report_page_wrap(
        page, 3, "",
        sp_arena_printf(
            page->arena, "break-even of %s and %s between %s and %s%s",
            report_page_name(page, s->sweep.policies[policy], 30),
            report_page_name(page, s->sweep.policies[s->sweep.baseline], 30),
            report_sweep_point_text(s, from, page->arena),
            report_sweep_point_text(s, to, page->arena),
            s->sweep.replications < 2 ? ", in one run each: no error bars" : ""),
        REPORT_BOLD);
}

/* Where a policy passes the baseline along the only axis, in the order of its numbers:
 * between two points on either side, with none or only undecided ones between. */
static void print_changes(struct report_page *page, const struct report_sweep *s,
                          const struct report_sweep_figure *f)
{
    struct place *places =
        sp_arena_array(page->arena, (size_t)s->n_points + 1, sizeof *places);
    int64_t n = 0;

    for (int64_t i = 0; i < s->n_points; i++)
        if (!isnan(s->numbers[i]))
            places[n++] = (struct place){s->numbers[i], i};
    qsort(places, (size_t)n, sizeof *places, by_number);
    for (int32_t p = 0; p < s->sweep.n_policies; p++) {
        int64_t last = -1;
        int side = 0;

        for (int64_t i = 0; i < n && p != s->sweep.baseline; i++) {
            int now = side_of(s, f, places[i].point * s->sweep.n_policies + p);

            if (now == 0)
                continue;
            if (side != 0 && now != side)
                print_change(page, s, p, last, places[i].point);
            side = now;
            last = places[i].point;
        }
    }
}

void report_sweep_print_points(struct report_page *page, const struct report_sweep *s,
                               const struct report_sweep_figure *figures, int32_t n)
{
    const struct report_sweep_figure *f = figure_called(figures, n, "usd");
    int32_t policies =
        s->sweep.n_policies < POLICIES_MAX ? s->sweep.n_policies : POLICIES_MAX;

    if (f == NULL || s->n_points == 0 || s->n_points > POINTS_MAX)
        return;
    report_page_rule(page,
                     sp_arena_printf(page->arena, "%s at every point",
                                     report_sweep_figure_name(s, f->of, page->arena)));
    print_table(page, s, f, policies);
    if (policies < s->sweep.n_policies)
        report_page_wrap(page, 1, "",
                         sp_arena_printf(page->arena,
                                         "and %d more policies: --json and --csv "
                                         "have all",
                                         (int)(s->sweep.n_policies - policies)),
                         REPORT_DIM);
    if (f->difference == NULL)
        return;
    if (s->sweep.replications > 1 && s->sweep.n_policies > 1)
        report_page_wrap(page, 1, "",
                         "< better than the baseline, > worse, = the same, ~ no "
                         "difference shown (95 %, of paired runs)",
                         REPORT_DIM);
    if (s->sweep.n_axes == 1)
        print_changes(page, s, f);
}

/* ---- the front ---- */

static const struct report_column front_columns[] = {
    {"point", 28, REPORT_LEFT},
    {"policy", 16, REPORT_LEFT},
    {"", 0, REPORT_RIGHT},
    {"", 0, REPORT_RIGHT},
};

/* What is weighed against cost: the last that is asked for, usually a latency. */
static const struct report_sweep_figure *
other_of(const struct report_sweep_figure *figures, int32_t n)
{
    for (int32_t i = n - 1; i >= 0; i--)
        if (strcmp(figures[i].of.figure->name, "usd") != 0 &&
            figures[i].of.figure->better != MODEL_BETTER_NEITHER)
            return &figures[i];
    return NULL;
}

void report_sweep_print_front(struct report_page *page, const struct report_sweep *s,
                              const struct report_sweep_figure *figures, int32_t n)
{
    const struct report_sweep_figure *cost = figure_called(figures, n, "usd");
    const struct report_sweep_figure *other = other_of(figures, n);
    struct report_column columns[4];
    int64_t n_front, *front;

    if (cost == NULL || other == NULL || cost == other)
        return;
    front = report_sweep_front(s, cost, other, page->arena, &n_front);
    if (n_front < 2)
        return;
    memcpy(columns, front_columns, sizeof columns);
    columns[2] = (struct report_column){
        report_page_name(page, report_sweep_figure_name(s, cost->of, page->arena), 14),
        14, REPORT_RIGHT};
    columns[3] = (struct report_column){
        report_page_name(page, report_sweep_figure_name(s, other->of, page->arena), 16),
        16, REPORT_RIGHT};
    report_page_rule(page, "points that no other beats in both");
    report_page_head(page, columns, 4);
    for (int64_t i = 0; i < n_front && i < FRONT_MAX; i++) {
        const int64_t at = front[i];
        const char *texts[] = {
            report_sweep_point_text(s, at / s->sweep.n_policies, page->arena),
            s->sweep.policies[at % s->sweep.n_policies],
            report_sweep_value(cost->of, cost->stats[at].mean, page->arena),
            report_sweep_value(other->of, other->stats[at].mean, page->arena)};

        report_page_row(page, columns, 4, texts, ' ', REPORT_PLAIN);
    }
    if (n_front > FRONT_MAX)
        report_page_wrap(
            page, 3, "",
            sp_arena_printf(page->arena, "and %" PRId64 " more", n_front - FRONT_MAX),
            REPORT_DIM);
}
