/* The sheet Latency: percentiles of every kind of time by workload and policy, what was
 * asked for, and distributions as curves; their points are below. */
#include <math.h>
#include <string.h>

#include "report/workbook_tables.h"

enum { POINTS_MOST = 200, CHART_WIDTH = 620, CHART_HEIGHT = 320, CHARTS_MOST = 24 };

/* ---- percentiles ---- */

enum {
    P_POLICY,
    P_WORKLOAD,
    P_WHAT,
    P_COUNT,
    P_MEAN,
    P_MEAN_95,
    P_P50,
    P_P90,
    P_P99,
    P_P99_95,
    P_MAX,
    P_SLO,
    P_COLUMNS
};

static void write_times(struct report_place *at, const char *policy,
                        const char *workload, const char *what,
                        const struct model_times *t, double slo_s)
{
    const double figures[] = {
        t->mean_s.mean, t->mean_s.half95, t->p50_s.mean, t->p90_s.mean,
        t->p99_s.mean,  t->p99_s.half95,  t->max_s.mean, slo_s};

    if (t->count == 0)
        return;
    report_sheet_text(at->s, at->row, P_POLICY, policy, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, P_WORKLOAD, workload, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, P_WHAT, what, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, P_COUNT, (double)t->count, REPORT_LOOK_COUNT);
    for (int i = 0; i < (int)(sizeof figures / sizeof figures[0]); i++)
        report_sheet_number(at->s, at->row, P_MEAN + i, figures[i], REPORT_LOOK_CALC);
    at->row++;
}

static void write_workload(struct report_place *at, const char *policy,
                           const struct model_workload_result *x)
{
    const struct model_serving_result *v = x->serving;

    if (v != NULL) {
        double ttft = v->has_slo ? v->slo_ttft_s : NAN;
        double tpot = v->has_slo ? v->slo_tpot_s : NAN;
        double e2e = v->has_slo ? v->slo_e2e_s : NAN;

        write_times(at, policy, x->name, "time to first token", &v->ttft, ttft);
        write_times(at, policy, x->name, "time per output token", &v->tpot, tpot);
        write_times(at, policy, x->name, "between tokens", &v->itl, NAN);
        write_times(at, policy, x->name, "end to end", &v->e2e, e2e);
        write_times(at, policy, x->name, "queue", &v->queue, NAN);
    } else if (x->jobs != NULL && x->jobs->n_groups > 0) {
        write_times(at, policy, x->name, "queue", &x->jobs->groups[0].queue, NAN);
        write_times(at, policy, x->name, "completion", &x->jobs->groups[0].completion,
                    NAN);
    } else {
        write_times(at, policy, x->name, "latency of an item", &x->latency, NAN);
    }
}

static void write_percentiles(struct report_place *at)
{
    static const char *const heads[P_COLUMNS] = {
        "policy",   "workload",    "time of", "how many",
        "mean (s)", "+- 95 %",     "p50 (s)", "p90 (s)",
        "p99 (s)",  "p99 +- 95 %", "max (s)", "asked for: at most (s)"};

    report_place_start(at, "Percentiles, as simulated", heads, P_COLUMNS);
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        for (int32_t k = 0; k < at->w->r->policies[i].n_workloads; k++)
            write_workload(at, at->w->r->policies[i].name,
                           &at->w->r->policies[i].workloads[k]);
    at->row++;
}

/* ---- the SLO ---- */

static bool has_slo(const struct model_workload_result *x)
{
    return x->serving != NULL && x->serving->has_slo;
}

static bool any_slo(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++)
            if (has_slo(&r->policies[i].workloads[k]))
                return true;
    return false;
}

static void write_slo(struct report_place *at, const char *policy,
                      const struct model_workload_result *x)
{
    enum { ATTAINED = 3, ASKED = 5, MET = 6 };
    const struct model_serving_result *v = x->serving;
    double asked = v->slo_attain_frac > 0 ? v->slo_attain_frac : NAN;
    const char *a = report_cell_at(at->w->arena, at->row, ATTAINED);
    const char *b = report_cell_at(at->w->arena, at->row, ASKED);

    report_sheet_text(at->s, at->row, 0, policy, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, 1, x->name, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, 2, v->goodput_per_s.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(at->s, at->row, ATTAINED, v->slo_attained.mean,
                        REPORT_LOOK_PERCENT);
    report_sheet_number(at->s, at->row, ATTAINED + 1, v->slo_attained.half95,
                        REPORT_LOOK_PERCENT);
    report_sheet_number(at->s, at->row, ASKED, asked, REPORT_LOOK_PERCENT);
    if (!isnan(asked) && !isnan(v->slo_attained.mean)) {
        report_sheet_formula(
            at->s, at->row, MET,
            sp_arena_printf(at->w->arena, "=IF(%s>=%s,\"met\",\"MISSED\")", a, b), 0,
            v->slo_attained.mean >= asked ? "met" : "MISSED", REPORT_LOOK_TEXT);
        report_sheet_flag(at->s, at->row, MET, "met");
    }
    at->row++;
}

static void write_slos(struct report_place *at)
{
    static const char *const heads[] = {"policy",  "workload",  "goodput/s", "attained",
                                        "+- 95 %", "asked for", "so"};

    if (!any_slo(at->w->r))
        return;
    report_place_start(at, "The SLO, as simulated", heads, 7);
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        for (int32_t k = 0; k < at->w->r->policies[i].n_workloads; k++)
            if (has_slo(&at->w->r->policies[i].workloads[k]))
                write_slo(at, at->w->r->policies[i].name,
                          &at->w->r->policies[i].workloads[k]);
    at->row++;
}

/* ---- distributions ---- */

/* One kind of time of one workload: a chart with a curve for each policy. */
struct curve {
    const char *workload, *what;
};

static const struct model_cdf *cdf_of(const struct model_policy_result *p,
                                      const struct curve *of)
{
    for (int32_t k = 0; k < p->n_workloads; k++)
        for (int32_t i = 0; i < p->workloads[k].n_cdfs; i++)
            if (strcmp(p->workloads[k].name, of->workload) == 0 &&
                strcmp(p->workloads[k].cdfs[i].what, of->what) == 0)
                return &p->workloads[k].cdfs[i];
    return NULL;
}

static bool known_curve(const struct curve *all, int n, const struct curve *of)
{
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].workload, of->workload) == 0 &&
            strcmp(all[i].what, of->what) == 0)
            return true;
    return false;
}

static int find_curves(const struct model_result *r, struct curve all[CHARTS_MOST])
{
    int n = 0;

    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++)
            for (int32_t c = 0; c < r->policies[i].workloads[k].n_cdfs; c++) {
                const struct model_workload_result *x = &r->policies[i].workloads[k];
                const struct curve of = {x->name, x->cdfs[c].what};

                if (n < CHARTS_MOST && x->cdfs[c].n > 0 && !known_curve(all, n, &of))
                    all[n++] = of;
            }
    return n;
}

static const char *words_of(const char *what)
{
    static const char *const words[][2] = {
        {"latency", "Latency of items"},   {"ttft", "Time to first token"},
        {"tpot", "Time per output token"}, {"e2e", "End to end"},
        {"queue", "Time in the queue"},    {"completion", "Completion time"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], what) == 0)
            return words[i][1];
    return "Times";
}

static const uint32_t colours[] = {0x1F4E79, 0xED7D31, 0x9DC3E6, 0x7F7F7F,
                                   0x2E75B6, 0xFFC000, 0x264478, 0x9E480E};
enum { COLOURS = sizeof colours / sizeof colours[0] };

/* Every point of a short curve, evenly chosen ones of a long one, the last always. */
static int32_t point_at(const struct model_cdf *c, int32_t i, int32_t n)
{
    return n < 2 ? 0 : (int32_t)((int64_t)i * (c->n - 1) / (n - 1));
}

/* Two columns: seconds and share; returns the rows below the head. */
static int write_points(const struct report_place *at, int column,
                        const struct model_cdf *c)
{
    int32_t n = c->n < POINTS_MOST ? c->n : POINTS_MOST;

    for (int32_t i = 0; i < n; i++) {
        int32_t k = point_at(c, i, n);

        report_sheet_number(at->s, at->row + 1 + i, column, c->s[k], REPORT_LOOK_CALC);
        report_sheet_number(at->s, at->row + 1 + i, column + 1, c->frac[k],
                            REPORT_LOOK_PERCENT);
    }
    return n;
}

/* Over a decade and more, and no zero in it: a scale of powers of ten. */
static bool wants_log(const struct report_workbook *w, const struct curve *of)
{
    double least = INFINITY, most = 0;

    for (int32_t i = 0; i < w->r->n_policies; i++) {
        const struct model_cdf *c = cdf_of(&w->r->policies[i], of);

        if (c == NULL || c->n == 0)
            continue;
        least = fmin(least, c->s[0]);
        most = fmax(most, c->s[c->n - 1]);
    }
    return least > 0 && most > 20 * least;
}

/* The points of a curve of every policy beside each other, and the chart of them. */
static void write_curve(struct report_place *at, const struct curve *of, int chart_row,
                        int chart_column)
{
    const struct report_workbook *w = at->w;
    struct report_chart_series *series =
        sp_arena_array(w->arena, (size_t)w->r->n_policies, sizeof *series);
    struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "%s: %s", words_of(of->what), of->workload),
        .x_title = "s",
        .y_title = "share that took at most so long",
        .y_format = "0%",
        .y_most = 1,
        .data_sheet = "Latency",
        .series = series,
        .kind = REPORT_CHART_SCATTER,
        .log_x = wants_log(w, of),
        .width = CHART_WIDTH,
        .height = CHART_HEIGHT,
    };
    int column = 0, most = 0;

    report_sheet_text(at->s, at->row++, 0, chart.title, REPORT_LOOK_SECTION);
    for (int32_t i = 0; i < w->r->n_policies && chart.n_series < COLOURS; i++) {
        const struct model_cdf *c = cdf_of(&w->r->policies[i], of);
        int n;

        if (c == NULL || c->n == 0)
            continue;
        report_sheet_text(at->s, at->row, column, "s", REPORT_LOOK_HEAD);
        report_sheet_text(at->s, at->row, column + 1, w->r->policies[i].name,
                          REPORT_LOOK_HEAD);
        n = write_points(at, column, c);
        series[chart.n_series] =
            (struct report_chart_series){.column = column + 1,
                                         .rgb = colours[chart.n_series],
                                         .dashed = chart.n_series % 2 == 1,
                                         .name_row = at->row,
                                         .name_column = column + 1,
                                         .first_row = at->row + 1,
                                         .last_row = at->row + n,
                                         .x_column = column};
        chart.n_series++;
        most = n > most ? n : most;
        column += 2;
    }
    report_sheet_chart(at->s, chart_row, chart_column, &chart);
    at->row += most + 3;
}

static void write_curves(struct report_place *at)
{
    struct curve all[CHARTS_MOST];
    int n = find_curves(at->w->r, all), top = at->row + 1;

    if (n == 0)
        return;
    report_sheet_text(at->s, at->row, 0, "Distributions, first replication",
                      REPORT_LOOK_SECTION);
    report_sheet_height(at->s, at->row, 1.7);
    at->row = top + (n + 1) / 2 * report_chart_rows(CHART_HEIGHT) + 1;
    for (int i = 0; i < n; i++)
        write_curve(at, &all[i], top + i / 2 * report_chart_rows(CHART_HEIGHT),
                    i % 2 * 6);
}

/* ---- the sheet ---- */

static bool any_times(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].n_workloads > 0)
            return true;
    return false;
}

void report_write_latency(struct report_workbook *w)
{
    static const double widths[] = {24, 18, 22, 13, 12, 12, 12, 12, 12, 12, 12, 14};
    struct report_place at = {.w = w, .row = 3};

    if (!any_times(w->r))
        return;
    at.s = report_book_sheet(w->book, "Latency", widths, P_COLUMNS, 0);
    report_write_title(at.s, "Latency",
                       "Percentiles are means over the replications; they don't follow "
                       "prices.");
    write_percentiles(&at);
    write_slos(&at);
    write_curves(&at);
}
