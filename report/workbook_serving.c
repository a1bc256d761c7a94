/* The sheet Serving: requests by policy, pools, classes of prompts, and the SLO over
 * time.  USD per million tokens follow the prices: the bill at today's prices over the
 * tokens that the bill of the run was divided by. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "base/status.h"
#include "report/format.h"
#include "report/workbook_tables.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* One serving workload of one policy. */
struct served {
    int32_t policy;
    const struct model_policy_result *p;
    const struct model_workload_result *x;
    const struct model_serving_result *s;
};

static void each(struct report_place *at,
                 void (*write)(struct report_place *at, const struct served *of))
{
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        for (int32_t k = 0; k < at->w->r->policies[i].n_workloads; k++) {
            const struct model_policy_result *p = &at->w->r->policies[i];
            const struct served of = {i, p, &p->workloads[k], p->workloads[k].serving};

            if (of.s != NULL)
                write(at, &of);
        }
}

static bool any_serving(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++)
            if (r->policies[i].workloads[k].serving != NULL)
                return true;
    return false;
}

static int write_names(const struct report_place *at, const struct served *of)
{
    report_sheet_text(at->s, at->row, 0, of->p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, 1, of->x->name, REPORT_LOOK_TEXT);
    return 2;
}

/* ---- requests ---- */

#define AT(member) offsetof(struct model_serving_result, member)
static const struct report_stat_column request_columns[] = {
    {"TTFT p50 (s)", AT(ttft.p50_s), REPORT_LOOK_NUMBER},
    {"TTFT p90 (s)", AT(ttft.p90_s), REPORT_LOOK_NUMBER},
    {"TTFT p99 (s)", AT(ttft.p99_s), REPORT_LOOK_NUMBER},
    {"TPOT p50 (s)", AT(tpot.p50_s), REPORT_LOOK_UUSD},
    {"TPOT p90 (s)", AT(tpot.p90_s), REPORT_LOOK_UUSD},
    {"TPOT p99 (s)", AT(tpot.p99_s), REPORT_LOOK_UUSD},
    {"E2E p50 (s)", AT(e2e.p50_s), REPORT_LOOK_NUMBER},
    {"E2E p90 (s)", AT(e2e.p90_s), REPORT_LOOK_NUMBER},
    {"E2E p99 (s)", AT(e2e.p99_s), REPORT_LOOK_NUMBER},
    {"queue p99 (s)", AT(queue.p99_s), REPORT_LOOK_NUMBER},
    {"KV held back p99 (s)", AT(held_back.p99_s), REPORT_LOOK_NUMBER},
    {"SLO attained", AT(slo_attained), REPORT_LOOK_PERCENT},
    {"goodput/s", AT(goodput_per_s), REPORT_LOOK_NUMBER},
    {"prompt tokens/s", AT(prompt_tokens_per_s), REPORT_LOOK_NUMBER},
    {"output tokens/s", AT(output_tokens_per_s), REPORT_LOOK_NUMBER},
    {"tokens/s per GPU", AT(tokens_per_s_per_gpu), REPORT_LOOK_NUMBER},
};
#undef AT
enum {
    R_MODEL = 2,
    R_REQUESTS,
    R_DONE,
    R_DROPPED,
    R_STATS,
    R_ATTAINED = R_STATS + 11,
    R_USD = R_STATS + 16,
    R_USD_PROMPT,
    R_USD_OUTPUT,
    R_TOKENS, /* millions that the bill is divided by */
    R_TOKENS_PROMPT,
    R_TOKENS_OUTPUT,
    R_COLUMNS
};

/* Millions of tokens by which the bill of the run was divided.  Without a price: those
 * of the requests done, all of the bill being this workload's. */
static double divisor(const struct served *of, struct model_stat usd_per_million,
                      double tokens_per_s)
{
    if (of->p->cost.known && usd_per_million.mean > 0)
        return of->p->cost.usd.mean / usd_per_million.mean;
    if (of->p->n_workloads > 1)
        return NAN;
    return tokens_per_s * (of->p->window_to_s - of->p->window_from_s) / 1e6;
}

static void write_usd(struct report_place *at, const struct served *of, int usd,
                      int tokens, double by)
{
    const struct report_workbook *w = at->w;

    report_sheet_number(at->s, at->row, tokens, by, REPORT_LOOK_NUMBER);
    report_write_quotient(w, at->s, at->row, usd,
                          report_policy_cell(w, REPORT_COST, of->policy, COST_USD),
                          report_cell_at(w->arena, at->row, tokens),
                          report_live_usd(of->p) / by, REPORT_LOOK_UUSD);
}

/* ---- for other sheets ---- */

enum { FIRST_REQUEST = 5 }; /* below the title of the sheet, of the table, and heads */

static double all_tokens(const struct served *of)
{
    const struct model_serving_result *s = of->s;

    return divisor(of, s->usd_per_million_tokens,
                   s->prompt_tokens_per_s.mean + s->output_tokens_per_s.mean);
}

int report_serving_row(const struct report_workbook *w, int32_t policy)
{
    int row = FIRST_REQUEST, found = -1, n = 0;

    for (int32_t i = 0; i <= policy; i++)
        for (int32_t k = 0; k < w->r->policies[i].n_workloads; k++)
            if (w->r->policies[i].workloads[k].serving != NULL) {
                n += i == policy;
                found = row++;
            }
    return n == 1 ? found : -1;
}

const char *report_serving_usd(const struct report_workbook *w, int32_t policy,
                               double *usd)
{
    const struct model_policy_result *p = &w->r->policies[policy];
    int row = report_serving_row(w, policy);

    *usd = NAN;
    for (int32_t k = 0; k < p->n_workloads; k++)
        if (p->workloads[k].serving != NULL) {
            const struct served of = {policy, p, &p->workloads[k],
                                      p->workloads[k].serving};

            *usd = report_live_usd(p) / all_tokens(&of);
        }
    return row < 0 ? NULL
                   : sp_arena_printf(w->arena, "Serving!%s",
                                     report_cell_fixed(w->arena, row, R_USD));
}

static void write_request_row(struct report_place *at, const struct served *of)
{
    const struct model_serving_result *s = of->s;

    write_names(at, of);
    report_sheet_text(at->s, at->row, R_MODEL, s->model, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, R_REQUESTS, (double)s->requests,
                        REPORT_LOOK_COUNT);
    report_sheet_number(at->s, at->row, R_DONE, (double)of->x->done, REPORT_LOOK_COUNT);
    report_sheet_number(at->s, at->row, R_DROPPED, (double)of->x->dropped,
                        REPORT_LOOK_COUNT);
    report_place_stats(at, R_STATS, s, request_columns, COUNT(request_columns));
    write_usd(at, of, R_USD, R_TOKENS, all_tokens(of));
    write_usd(at, of, R_USD_PROMPT, R_TOKENS_PROMPT,
              divisor(of, s->usd_per_million_prompt_tokens, NAN));
    write_usd(at, of, R_USD_OUTPUT, R_TOKENS_OUTPUT,
              divisor(of, s->usd_per_million_output_tokens, NAN));
    at->row++;
}

static void write_percentile_chart(const struct report_place *at, const char *title,
                                   int first, int last, int column, int chart_column)
{
    const struct report_chart_series series[] = {
        {.name = "p50", .column = column, .rgb = 0x9DC3E6},
        {.name = "p90", .column = column + 1, .rgb = 0x2E75B6},
        {.name = "p99", .column = column + 2, .rgb = 0x1F4E79}};
    const struct report_chart chart = {.title = title,
                                       .x_title = "",
                                       .y_title = "s",
                                       .data_sheet = "Serving",
                                       .first_row = first,
                                       .last_row = last,
                                       .x_column = 0,
                                       .n_series = 3,
                                       .series = series,
                                       .kind = REPORT_CHART_COLUMNS,
                                       .width = 480,
                                       .height = 280};

    report_sheet_chart(at->s, at->row, chart_column, &chart);
}

static void write_requests(struct report_place *at)
{
    enum { CHART_ROWS = 15 };
    const char *heads[R_COLUMNS] = {"policy",   "workload", "model",
                                    "requests", "done",     "dropped"};
    int first,
        n = report_place_heads(heads, R_STATS, request_columns, COUNT(request_columns));

    heads[n++] = "USD per million tokens";
    heads[n++] = "USD per million prompt tokens";
    heads[n++] = "USD per million output tokens";
    heads[n++] = "million tokens that the bill is divided by";
    heads[n++] = "the same, prompt";
    heads[n++] = "the same, output";
    report_place_start(at, "Requests", heads, n);
    report_sheet_height(at->s, at->row - 1, 3.2);
    first = at->row;
    sp_assert(first == FIRST_REQUEST);
    each(at, write_request_row);
    report_sheet_share_bars(at->s, first, at->row - 1, R_ATTAINED);
    at->row++;
    write_percentile_chart(at, "Time to first token (TTFT)", first, at->row - 2,
                           R_STATS, 0);
    write_percentile_chart(at, "Time per output token (TPOT)", first, at->row - 2,
                           R_STATS + 3, 4);
    write_percentile_chart(at, "End to end (E2E)", first, at->row - 2, R_STATS + 6, 10);
    at->row += CHART_ROWS;
}

/* ---- pools ---- */

#define AT(member) offsetof(struct model_serving_pool, member)
static const struct report_stat_column pool_columns[] = {
    {"replicas up", AT(replicas), REPORT_LOOK_NUMBER},
    {"busy", AT(busy_frac), REPORT_LOOK_PERCENT},
    {"of busy: decoding", AT(decode_frac), REPORT_LOOK_PERCENT},
    {"of busy: compute-bound", AT(compute_frac), REPORT_LOOK_PERCENT},
    {"model FLOP utilization", AT(flop_utilization), REPORT_LOOK_PERCENT},
    {"KV used, mean", AT(kv_used_frac), REPORT_LOOK_PERCENT},
    {"KV used, peak", AT(kv_peak_frac), REPORT_LOOK_PERCENT},
    {"sequences per decoding iteration", AT(batch_mean), REPORT_LOOK_NUMBER},
    {"tokens/s per GPU", AT(tokens_per_s_per_gpu), REPORT_LOOK_NUMBER},
    {"queue p99 (s)", AT(queue.p99_s), REPORT_LOOK_NUMBER},
};
#undef AT
static const char *const pool_count_heads[] = {
    "iterations",          "prefill tokens",
    "decode tokens",       "tokens recomputed",
    "preemptions",         "prefix blocks asked for",
    "prefix blocks found", "iterations beyond what the time source knows",
    "replicas lost"};
enum { POOL_TEXTS = 5, POOL_COLUMNS = POOL_TEXTS + 10 + 9 + 2 };

static void write_pool(struct report_place *at, const struct served *of,
                       const struct model_serving_pool *p)
{
    const int64_t counts[] = {
        p->iterations,          p->prefill_tokens, p->decode_tokens,
        p->recomputed_tokens,   p->preemptions,    p->prefix_blocks,
        p->prefix_found_blocks, p->beyond,         p->lost};
    int column = write_names(at, of);

    report_sheet_text(at->s, at->row, column++, p->name, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, column++, p->role, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, column++, p->gpus, REPORT_LOOK_COUNT);
    column = report_place_stats(at, column, p, pool_columns, COUNT(pool_columns));
    for (int i = 0; i < COUNT(counts); i++)
        report_sheet_number(at->s, at->row, column++, (double)counts[i],
                            REPORT_LOOK_COUNT);
    report_sheet_text(at->s, at->row, column++, p->iteration, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, column, p->kv_text, REPORT_LOOK_TEXT);
    at->row++;
}

static void write_pool_rows(struct report_place *at, const struct served *of)
{
    for (int32_t i = 0; i < of->s->n_pools; i++)
        write_pool(at, of, &of->s->pools[i]);
}

static void write_pools(struct report_place *at)
{
    const char *heads[POOL_COLUMNS] = {"policy", "workload", "pool", "role",
                                       "GPUs of a replica"};
    int first,
        n = report_place_heads(heads, POOL_TEXTS, pool_columns, COUNT(pool_columns));

    for (int i = 0; i < COUNT(pool_count_heads); i++)
        heads[n++] = pool_count_heads[i];
    heads[n++] = "iteration times from";
    heads[n++] = "KV capacity";
    report_place_start(at, "Pools of replicas", heads, n);
    report_sheet_height(at->s, at->row - 1, 4.2);
    first = at->row;
    each(at, write_pool_rows);
    for (int c = 1; c <= 6; c++)
        report_sheet_share_bars(at->s, first, at->row - 1, POOL_TEXTS + c);
    at->row++;
}

/* ---- classes of prompts ---- */

#define AT(member) offsetof(struct model_serving_class, member)
static const struct report_stat_column class_columns[] = {
    {"TTFT p50 (s)", AT(ttft.p50_s), REPORT_LOOK_NUMBER},
    {"TTFT p99 (s)", AT(ttft.p99_s), REPORT_LOOK_NUMBER},
    {"TPOT p50 (s)", AT(tpot.p50_s), REPORT_LOOK_UUSD},
    {"TPOT p99 (s)", AT(tpot.p99_s), REPORT_LOOK_UUSD},
    {"E2E p50 (s)", AT(e2e.p50_s), REPORT_LOOK_NUMBER},
    {"E2E p99 (s)", AT(e2e.p99_s), REPORT_LOOK_NUMBER},
    {"SLO attained", AT(slo_attained), REPORT_LOOK_PERCENT},
};
#undef AT
enum { CLASS_COLUMNS = 4 + 7 };

static void write_class_rows(struct report_place *at, const struct served *of)
{
    for (int32_t i = 0; i < of->s->n_classes; i++) {
        const struct model_serving_class *c = &of->s->classes[i];
        int column;

        if (c->e2e.count == 0)
            continue;
        column = write_names(at, of);
        report_sheet_text(
            at->s, at->row, column++,
            c->up_to_tokens == INT64_MAX
                ? sp_arena_printf(at->w->arena, "above %" PRId64,
                                  i > 0 ? of->s->classes[i - 1].up_to_tokens : 0)
                : sp_arena_printf(at->w->arena, "up to %" PRId64, c->up_to_tokens),
            REPORT_LOOK_TEXT);
        report_sheet_number(at->s, at->row, column++, (double)c->e2e.count,
                            REPORT_LOOK_COUNT);
        report_place_stats(at, column, c, class_columns, COUNT(class_columns));
        at->row++;
    }
}

static void write_classes(struct report_place *at)
{
    const char *heads[CLASS_COLUMNS] = {"policy", "workload", "prompt tokens",
                                        "requests"};
    int n = report_place_heads(heads, 4, class_columns, COUNT(class_columns));

    report_place_start(at, "By length of the prompt", heads, n);
    each(at, write_class_rows);
    at->row++;
}

/* ---- attainment over time ---- */

enum { T_POLICY, T_WORKLOAD, T_FROM, T_FINISHED, T_MET, T_MISSED, T_COLUMNS };

static double longest_s(const struct model_result *r)
{
    double longest = 0;

    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++) {
            const struct model_serving_result *s = r->policies[i].workloads[k].serving;

            if (s != NULL)
                longest = fmax(longest, s->n_buckets * s->bucket_s);
        }
    return longest;
}

static void write_time_chart(const struct report_place *at, const struct served *of,
                             int first)
{
    static const struct report_chart_series series[] = {
        {.name = "met the SLO", .column = T_MET, .rgb = 0x2E75B6},
        {.name = "missed it", .column = T_MISSED, .rgb = 0xED7D31}};
    const struct report_workbook *w = at->w;
    const struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "Requests ended: %s, %s", of->p->name,
                                 of->x->name),
        .x_title = sp_arena_printf(w->arena, "time (%s)",
                                   report_time_unit_of(longest_s(w->r)).name),
        .y_title = "requests",
        .data_sheet = "Serving",
        .first_row = first,
        .last_row = at->row - 1,
        .x_column = T_FROM,
        .n_series = 2,
        .series = series,
        .width = 560,
        .height = 280,
    };

    report_sheet_chart(at->s, first, T_COLUMNS + 1, &chart);
}

static void write_time_rows(struct report_place *at, const struct served *of)
{
    enum { CHART_ROWS = 15 };
    double per = report_time_unit_of(longest_s(at->w->r)).seconds;
    int first = at->row;

    if (!of->s->has_slo || of->s->n_buckets == 0)
        return;
    for (int32_t b = 0; b < of->s->n_buckets; b++, at->row++) {
        write_names(at, of);
        report_sheet_number(at->s, at->row, T_FROM, b * of->s->bucket_s / per,
                            REPORT_LOOK_NUMBER);
        report_sheet_number(at->s, at->row, T_FINISHED, (double)of->s->finished[b],
                            REPORT_LOOK_COUNT);
        report_sheet_number(at->s, at->row, T_MET, (double)of->s->met[b],
                            REPORT_LOOK_COUNT);
        report_sheet_number(at->s, at->row, T_MISSED,
                            (double)(of->s->finished[b] - of->s->met[b]),
                            REPORT_LOOK_COUNT);
    }
    write_time_chart(at, of, first);
    if (at->row < first + CHART_ROWS)
        at->row = first + CHART_ROWS;
}

static void write_times(struct report_place *at)
{
    const char *const heads[T_COLUMNS] = {
        "policy",
        "workload",
        sp_arena_printf(at->w->arena, "from (%s)",
                        report_time_unit_of(longest_s(at->w->r)).name),
        "requests ended",
        "met the SLO",
        "missed it"};

    report_place_start(at, "The SLO over time, first replication", heads, T_COLUMNS);
    each(at, write_time_rows);
}

void report_write_serving(struct report_workbook *w)
{
    static const double widths[] = {24, 18, 22, 14, 12, 12, 12, 12, 12, 12,
                                    12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
                                    12, 12, 14, 14, 14, 14, 14, 14};
    struct report_place at = {.w = w, .row = 3};

    if (!any_serving(w->r))
        return;
    at.s = report_book_sheet(w->book, "Serving", widths, COUNT(widths), 0);
    report_write_title(
        at.s, "Serving",
        "TTFT: arrival to first token. TPOT: (last - first token) / (n - 1). E2E: "
        "arrival to last token. USD per million tokens = bill at the prices on "
        "Assumptions / million tokens; a workload's share of the bill stays as "
        "simulated.");
    write_requests(&at);
    write_pools(&at);
    write_classes(&at);
    write_times(&at);
}
