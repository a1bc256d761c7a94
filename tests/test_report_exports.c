/* report/focus.h, report/trace_json.h, report/openmetrics.h: each file keeps its
 * format's rules (checkers of our own, shown to see broken files) and says what the
 * result says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "model/csv.h"
#include "report/focus.h"
#include "report/focus_months.h"
#include "report/openmetrics.h"
#include "report/trace_json.h"
#include "report/utc.h"
#include "tests/exports_fixture.h"
#include "tests/focus_check.h"
#include "tests/near.h"
#include "tests/openmetrics_check.h"
#include "tests/report_help.h"
#include "tests/trace_json_check.h"

#define N_ROWS(rows) (sizeof rows / sizeof rows[0])
#define DAY          86400.0
/* Quotes, a line break, a formula, markup, right to left, an emoji, no UTF-8. */
#define HOSTILE "=cmd|' /C calc'!A0\"\\,;\n<script>\xe2\x80\xae\xf0\x9f\x98\x80\xff"

typedef enum sp_status writer(const char *path, const struct report_context *c,
                              struct sp_err *err);

static char *written(struct sp_arena *arena, writer *write,
                     const struct report_context *c)
{
    char *folder = help_folder_new(arena), *text;
    const char *path = help_path(arena, folder, "out");
    struct sp_err err = {0};

    if (write(path, c, &err) != SP_OK)
        fail_msg("%s", err.text);
    text = help_file_read(arena, path, NULL);
    help_folder_remove(folder);
    return text;
}

static const struct fixture {
    const char *name;
    struct fixture_exports f;
} fixtures[] = {
    {"two_policies", {.seed = 1}},
    {"replications", {.seed = 2, .options = {.n_runs = 5}}},
    {"nine_policies", {.seed = 3, .options = {.n_policies = 9}}},
    {"teams", {.seed = 4, .options = {.jobs = true, .n_teams = 3}}},
    {"one_team_without_name", {.seed = 5, .options = {.jobs = true, .n_teams = 1}}},
    {"serving", {.seed = 6, .options = {.serving = true}}},
    {"kernels", {.seed = 7, .options = {.kernels = true}}},
    {"hostile_names", {.seed = 8, .options = {.name = HOSTILE}}},
    {"hostile_jobs", {.seed = 9, .options = {.name = HOSTILE, .jobs = true}}},
    {"hostile_serving", {.seed = 10, .options = {.name = HOSTILE, .serving = true}}},
    {"three_months", {.seed = 11, .run_s = 75 * DAY}},
    {"a_century", {.seed = 12, .run_s = 36500 * DAY}},
    {"part_of_a_second", {.seed = 13, .run_s = 0.25}},
    {"a_price_is_not_known", {.seed = 14, .options = {.no_price = true}}},
    {"nothing_ran", {.options = {.empty = true}}},
};

/* ---- FOCUS ---- */

static void focus_rows_keep_the_rules_and_sum_to_the_bill(void **state)
{
    const struct fixture *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = fixture_exports_new(arena, &row->f);
    const struct model_result *r = c->result;
    struct focus_sums sums;
    const char *broken =
        focus_check(arena, written(arena, report_focus_write, c), &sums);
    int with_bill = 0;

    if (broken != NULL)
        fail_msg("%s", broken);
    for (int32_t i = 0; i < r->n_policies; i++) {
        const struct model_cost *cost = &r->policies[i].cost;
        int64_t list = 0;

        if (cost->n_cells == 0)
            continue;
        for (int32_t k = 0; k < cost->n_cells; k++)
            list += cost->cells[k].list_uusd;
        assert_int_equal(sums.of[with_bill].uusd, cost->uusd);
        assert_int_equal(sums.of[with_bill].list_uusd, list);
        with_bill++;
    }
    assert_int_equal(sums.n, with_bill);
    assert_true(row->f.options.no_price || row->f.options.empty || with_bill > 0);
    assert_true((report_focus_missing(arena, r) != NULL) ==
                (with_bill < r->n_policies));
    sp_arena_free(arena);
}

/* Rows of a FOCUS file by name of column, for what is looked up below. */
static const char *field(struct sp_arena *arena, const char *text, int32_t row,
                         const char *column)
{
    struct model_csv csv;
    struct model_csv_field *head, *fields;
    int32_t n, m, at = 0;

    model_csv_init(&csv, "focus", text, arena);
    assert_int_equal(model_csv_next(&csv, &head, &n, NULL), SP_OK);
    for (; row >= 0; row--)
        assert_int_equal(model_csv_next(&csv, &fields, &m, NULL), SP_OK);
    while (at < n && strcmp(head[at].text, column) != 0)
        at++;
    assert_true(at < n && m == n);
    return fields[at].text;
}

/* One node type, one cell of 100 USD, in the way given. */
static struct report_context *one_cell(struct sp_arena *arena, const char *option,
                                       enum model_part part, double run_s)
{
    struct report_context *c = fixture_exports_new(
        arena, &(struct fixture_exports){.run_s = run_s, .options = {.n_policies = 1}});
    struct model_policy_result *p = &c->result->policies[0];

    p->nodes[0].option = option;
    p->nodes[0].usd_per_h = 20;
    p->nodes[0].list_usd_per_h = 32;
    p->cost.n_cells = 1;
    p->cost.uusd = 100000000;
    p->cost.cells[0] = (struct model_cost_cell){.part = part,
                                                .resource = MODEL_GPU,
                                                .workload = "embed",
                                                .stage = "infer",
                                                .hours = 37.5,
                                                .uusd = 100000000,
                                                .list_uusd = 160000000};
    return c;
}

/* 100 USD at 20 USD an hour are 5 node-hours, at list 160 USD. */
static void focus_fields_by_way_of_buying(void **state)
{
    static const struct {
        const char *option;
        enum model_part part;
        const char *column, *want;
    } rows[] = {
        {"on-demand", MODEL_PART_WORK, "PricingCategory", "Standard"},
        {"on-demand", MODEL_PART_WORK, "BilledCost", "100.000000"},
        {"on-demand", MODEL_PART_WORK, "EffectiveCost", "100.000000"},
        {"on-demand", MODEL_PART_WORK, "ListCost", "160.000000"},
        {"on-demand", MODEL_PART_WORK, "ListUnitPrice", "32"},
        {"on-demand", MODEL_PART_WORK, "ContractedCost", "100.000000"},
        {"on-demand", MODEL_PART_WORK, "ContractedUnitPrice", "20"},
        {"on-demand", MODEL_PART_WORK, "PricingQuantity", "5"},
        {"on-demand", MODEL_PART_WORK, "PricingUnit", "Hours"},
        {"on-demand", MODEL_PART_WORK, "ConsumedQuantity", "37.5"},
        {"on-demand", MODEL_PART_WORK, "ConsumedUnit", "GPU-Hours"},
        {"on-demand", MODEL_PART_WORK, "CommitmentDiscountId", ""},
        {"on-demand", MODEL_PART_WORK, "x_IsIdle", "false"},
        {"on-demand", MODEL_PART_STRANDED, "x_IsIdle", "true"},
        {"on-demand", MODEL_PART_STRANDED, "x_Part", "stranded"},
        {"on-demand", MODEL_PART_STRANDED, "ConsumedQuantity", "37.5"},
        {"on-demand", MODEL_PART_WORK, "InvoiceIssuerName", "stageplan (simulated)"},
        {"on-demand", MODEL_PART_WORK, "ChargePeriodStart", "2026-11-01T00:00:00Z"},
        {"on-demand", MODEL_PART_WORK, "ChargePeriodEnd", "2026-11-01T00:03:20Z"},
        {"on-demand", MODEL_PART_WORK, "BillingPeriodEnd", "2026-12-01T00:00:00Z"},
        {"owned", MODEL_PART_WORK, "PricingCategory", "Standard"},
        {"spot", MODEL_PART_WORK, "PricingCategory", "Dynamic"},
        {"spot", MODEL_PART_WORK, "ContractedCost", "100.000000"},
        {"reserved", MODEL_PART_WORK, "PricingCategory", "Committed"},
        {"reserved", MODEL_PART_WORK, "ContractedCost", "160.000000"},
        {"reserved", MODEL_PART_WORK, "BilledCost", "100.000000"},
        {"reserved", MODEL_PART_WORK, "CommitmentDiscountStatus", "Used"},
        {"reserved", MODEL_PART_WORK, "CommitmentDiscountQuantity", "5"},
        {"reserved", MODEL_PART_WORK, "CapacityReservationStatus", "Used"},
        {"reserved", MODEL_PART_WORK, "ConsumedQuantity", "37.5"},
        {"reserved", MODEL_PART_IDLE, "CommitmentDiscountStatus", "Unused"},
        {"reserved", MODEL_PART_UNUSED, "CommitmentDiscountStatus", "Unused"},
        {"reserved", MODEL_PART_UNUSED, "CapacityReservationStatus", "Unused"},
        {"reserved", MODEL_PART_UNUSED, "ConsumedQuantity", ""},
        {"reserved", MODEL_PART_UNUSED, "BilledCost", "100.000000"},
    };

    (void)state;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        char *text = written(arena, report_focus_write,
                             one_cell(arena, rows[i].option, rows[i].part, 0));
        const char *got = field(arena, text, 0, rows[i].column);

        if (focus_check(arena, text, NULL) != NULL || strcmp(got, rows[i].want) != 0)
            fail_msg("%s %s: %s: '%s', expected '%s' (%s)", rows[i].option,
                     model_part_name(rows[i].part), rows[i].column, got, rows[i].want,
                     focus_check(arena, text, NULL));
        sp_arena_free(arena);
    }
}

/* 45 days from November 1: 30 of them in November, the same nodes all along. */
static void a_run_is_cut_where_months_end(void **state)
{
    static const struct {
        int32_t row;
        const char *column, *want;
    } rows[] = {
        {0, "BilledCost", "66.666666"},
        {0, "ChargePeriodEnd", "2026-12-01T00:00:00Z"},
        {0, "BillingPeriodEnd", "2026-12-01T00:00:00Z"},
        {0, "ConsumedQuantity", "25"},
        {1, "BilledCost", "33.333334"},
        {1, "ChargePeriodStart", "2026-12-01T00:00:00Z"},
        {1, "ChargePeriodEnd", "2026-12-16T00:00:00Z"},
        {1, "BillingPeriodEnd", "2027-01-01T00:00:00Z"},
    };
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = one_cell(arena, "on-demand", MODEL_PART_WORK, 45 * DAY);
    char *text = written(arena, report_focus_write, c);

    (void)state;
    assert_null(focus_check(arena, text, NULL));
    for (size_t i = 0; i < N_ROWS(rows); i++)
        assert_string_equal(field(arena, text, rows[i].row, rows[i].column),
                            rows[i].want);
    c->start_s = sp_seconds_from_date("2024-02-28", "00:00:00");
    text = written(arena, report_focus_write, c);
    assert_null(focus_check(arena, text, NULL));
    assert_string_equal(field(arena, text, 0, "ChargePeriodStart"),
                        "2024-02-28T00:00:00Z");
    assert_string_equal(field(arena, text, 0, "ChargePeriodEnd"),
                        "2024-03-01T00:00:00Z"); /* a leap year: two days of 45 */
    assert_string_equal(field(arena, text, 0, "BilledCost"), "4.444444");
    sp_arena_free(arena);
}

/* Nodes that are there in the second half alone cost in the second half alone. */
static void months_share_what_was_provisioned_in_them(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = one_cell(arena, "on-demand", MODEL_PART_WORK, 60 * DAY);
    struct model_policy_result *p = &c->result->policies[0];
    struct report_month_piece *months;

    (void)state;
    for (int b = 0; b < FIXTURE_BUCKETS / 2; b++)
        p->series.provisioned[MODEL_GPU][b] = 0;
    assert_int_equal(report_months_of(arena, p, report_utc_start(c), &months), 2);
    assert_int_equal(report_month_share(months, 0, MODEL_GPU, 100), 0);
    assert_int_equal(report_month_share(months, 1, MODEL_GPU, 100), 100);
    assert_int_equal(report_month_share(months, 0, MODEL_RESOURCES, 100), 50);
    sp_arena_free(arena);
}

static const char *replace_first(struct sp_arena *arena, const char *text,
                                 const char *old, const char *new)
{
    const char *at = strstr(text, old);

    if (at == NULL)
        fail_msg("there is no '%s' to break", old);
    return sp_arena_printf(arena, "%.*s%s%s", (int)(at - text), text, new,
                           at + strlen(old));
}

/* The file with one field of the first row replaced; column NULL: as it is. */
static const char *with_field(struct sp_arena *arena, const char *text,
                              const char *column, const char *value)
{
    struct model_csv csv;
    struct model_csv_field *fields;
    const char *out = "";
    int32_t n, at = -1;

    model_csv_init(&csv, "focus", text, arena);
    for (int row = 0; row < 2; row++) {
        assert_int_equal(model_csv_next(&csv, &fields, &n, NULL), SP_OK);
        for (int32_t i = 0; i < n; i++) {
            const char *say = fields[i].text;
            char *quotes = sp_arena_alloc(arena, 2 * strlen(say) + 200), *q = quotes;

            if (row == 0 && strcmp(say, column) == 0)
                at = i;
            else if (row == 1 && i == at)
                say = value;
            for (; *say != '\0'; say++) {
                if (*say == '"')
                    *q++ = '"';
                *q++ = *say;
            }
            *q = '\0';
            out = sp_arena_printf(arena, "%s%s\"%s\"", out, i > 0 ? "," : "", quotes);
        }
        out = sp_arena_printf(arena, "%s\n", out);
    }
    assert_true(at >= 0);
    return out;
}

static void broken_focus_rows_are_seen(void **state)
{
    static const struct {
        const char *column, *value, *want;
        bool reserved;
    } rows[] = {
        {"BilledCost", "", "BilledCost: is null", false},
        {"BilledCost", "1,5", "no decimal", false},
        {"BilledCost", "$15", "no decimal", false},
        {"BillingAccountId", "", "is null", false},
        {"BillingAccountType", "", "partner", false},
        {"BillingCurrency", "dollars", "ISO 4217", false},
        {"BillingPeriodStart", "2026-11-01", "no instant", false},
        {"BillingPeriodStart", "2026-11-01T00:00:00+00:00", "no instant", false},
        {"BillingPeriodStart", "2026-10-01T00:00:00Z", "calendar month", false},
        {"BillingPeriodEnd", "2026-11-30T23:59:59Z", "calendar month", false},
        {"ChargePeriodStart", "2026-10-31T23:59:59Z", "within", false},
        {"ChargePeriodEnd", "2026-12-01T00:00:01Z", "within", false},
        {"ChargePeriodEnd", "2026-11-01T00:00:00Z", "not after", false},
        {"ChargePeriodEnd", "2026-02-30T00:00:00Z", "no instant", false},
        {"ChargeCategory", "usage", "allowed", false},
        {"ChargeClass", "Regular", "allowed", false},
        {"ChargeFrequency", "Daily", "allowed", false},
        {"ConsumedQuantity", "", "ConsumedQuantity", false},
        {"ConsumedQuantity", "-1", "positive", false},
        {"ConsumedUnit", "", "partner", false},
        {"ContractedCost", "99", "unit price", false},
        {"ContractedUnitPrice", "20.01", "unit price", false},
        {"ContractedUnitPrice", "", "null for usage", false},
        {"ListCost", "160.001", "unit price", false},
        {"ListUnitPrice", "-32", "negative", false},
        {"PricingQuantity", "", "null", false},
        {"PricingUnit", "", "partner", false},
        {"PricingCategory", "Spot", "allowed", false},
        {"PricingCategory", "", "null of usage", false},
        {"PricingCategory", "Committed", "disagree", false},
        {"CommitmentDiscountStatus", "Unused", "ConsumedQuantity", false},
        {"CommitmentDiscountName", "a", "without its id", false},
        {"CapacityReservationStatus", "Used", "partner", false},
        {"InvoiceIssuerName", "", "is null", false},
        {"ProviderName", "", "is null", false},
        {"PublisherName", "", "is null", false},
        {"ServiceCategory", "GPU", "allowed", false},
        {"ServiceName", "", "is null", false},
        {"ServiceSubcategory", "Relational", "Compute", false},
        {"SkuPriceId", "", "SkuPriceId", false},
        {"SkuPriceDetails", "[1]", "JSON", false},
        {"SkuPriceDetails", "{\"a\":{\"b\":1}}", "JSON", false},
        {"Tags", "{\"a\":[1]}", "JSON", false},
        {"Tags", "policy=a", "JSON", false},
        {"ResourceId", "", "without its id", false},
        {"SubAccountId", "", "SubAccount", false},
        {"RegionName", "Frankfurt", "partner", false},
        {"CommitmentDiscountId", "", "disagree", true},
        {"CommitmentDiscountStatus", "", "partner", true},
        {"CommitmentDiscountQuantity", "0", "positive", true},
        {"CommitmentDiscountUnit", "", "partner", true},
        {"PricingCategory", "Standard", "disagree", true},
        {"CapacityReservationStatus", "", "partner", true},
    };

    (void)state;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        char *text =
            written(arena, report_focus_write,
                    one_cell(arena, rows[i].reserved ? "reserved" : "on-demand",
                             MODEL_PART_WORK, 0));
        const char *broken = focus_check(
            arena, with_field(arena, text, rows[i].column, rows[i].value), NULL);

        assert_null(focus_check(arena, text, NULL));
        if (broken == NULL || strstr(broken, rows[i].want) == NULL)
            fail_msg("%s = '%s': found '%s', expected '%s'", rows[i].column,
                     rows[i].value, broken != NULL ? broken : "nothing", rows[i].want);
        sp_arena_free(arena);
    }
}

static void broken_focus_headers_are_seen(void **state)
{
    static const char *const rows[][3] = {
        {"BilledCost,", "Cost,", "no column of FOCUS"},
        {"x_Policy", "Policy", "no column of FOCUS"},
        {"x_Policy", "x_policy", "no column of FOCUS"},
        {"EffectiveCost", "x_EffectiveCost", "own column"},
        {"BillingAccountId,BillingAccountName", "BillingAccountName,BillingAccountId",
         "order"},
        {"x_Stage", "x_Seed", "twice"},
        {"InvoiceIssuerName", "InvoiceId", "InvoiceIssuerName: is missing"},
    };
    struct sp_arena *arena = sp_arena_new();
    char *text =
        written(arena, report_focus_write, one_cell(arena, "spot", MODEL_PART_WORK, 0));

    (void)state;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const char *broken = focus_check(
            arena, replace_first(arena, text, rows[i][0], rows[i][1]), NULL);

        if (broken == NULL || strstr(broken, rows[i][2]) == NULL)
            fail_msg("%s: found '%s', expected '%s'", rows[i][1],
                     broken != NULL ? broken : "nothing", rows[i][2]);
    }
    sp_arena_free(arena);
}

/* ---- the trace ---- */

static void trace_keeps_the_rules_and_has_every_slice(void **state)
{
    const struct fixture *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = fixture_exports_new(arena, &row->f);
    struct trace_json_counts counts;
    const char *broken =
        trace_json_check(arena, written(arena, report_trace_json_write, c), &counts);
    int64_t slices = 0, links = 0, lost = 0, processes = 0;

    if (broken != NULL)
        fail_msg("%s", broken);
    for (int32_t i = 0; i < c->result->n_policies; i++) {
        const struct model_timeline *t = &c->result->policies[i].timeline;

        processes += 1 + t->n_leases;
        slices += t->n_slices;
        links += t->n_links;
        for (int32_t k = 0; k < t->n_leases; k++) {
            slices += t->leases[k].ready_ns >= 0; /* ready */
            slices += (t->leases[k].ready_ns < 0 ? t->leases[k].end_ns
                                                 : t->leases[k].ready_ns) >
                      t->leases[k].requested_ns; /* boot */
            lost += strcmp(t->leases[k].ended, "taken back") == 0 ||
                    strcmp(t->leases[k].ended, "failed") == 0;
        }
    }
    assert_int_equal(counts.slices, slices);
    assert_int_equal(counts.flows, links);
    assert_int_equal(counts.instants, lost);
    assert_int_equal(counts.processes, processes);
    assert_true(row->f.options.empty || links > 0);
    sp_arena_free(arena);
}

static void broken_traces_are_seen(void **state)
{
    static const char *const rows[][3] = {
        {"\"traceEvents\"", "\"events\"", "traceEvents"},
        {"\"otherData\"", "\"other\"", "otherData"},
        {"{\"ph\":\"X\"", "{\"ph\":\"B\"", "phase"},
        {"{\"ph\":\"X\"", "{\"ph\":\"X", "line"},
        {"\"dur\":", "\"duration\":", "no dur"},
        {"\"ts\":", "\"time\":", "no ts"},
        {",\"dur\":", ",\"dur\":9", "overlap"},
        {"{\"ph\":\"s\"", "{\"ph\":\"f\"", "paired"},
        {"\"cat\":\"flow\",\"id\":1,", "\"cat\":\"flow\",\"id\":77777,", "paired"},
        {"\"name\":\"thread_name\"", "\"name\":\"thread\"", "metadata"},
        {"\"cat\":\"flow\",\"id\":1,\"ts\":", "\"cat\":\"flow\",\"id\":1,\"ts\":99999",
         "flow"},
        {"\"s\":\"p\"", "\"s\":\"x\"", "scope"},
        {"{\"busy\":", "{\"busy\":\"much\",\"x\":", "number"},
    };
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c =
        fixture_exports_new(arena, &(struct fixture_exports){.seed = 21});
    char *text = written(arena, report_trace_json_write, c);

    (void)state;
    assert_null(trace_json_check(arena, text, NULL));
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const char *broken = trace_json_check(
            arena, replace_first(arena, text, rows[i][0], rows[i][1]), NULL);

        if (broken == NULL || strstr(broken, rows[i][2]) == NULL)
            fail_msg("%s: found '%s', expected '%s'", rows[i][1],
                     broken != NULL ? broken : "nothing", rows[i][2]);
    }
    sp_arena_free(arena);
}

/* What a reader must be told: of what this is a sample, and what it rests on. */
static void trace_says_what_it_is(void **state)
{
    static const char *const rows[] = {
        "\"seed\":\"7\"",
        "\"scenario\":\"practical\"",
        "nodes 0, 8, 16, ...: 1 in 8; 5 of 40 nodes",
        "A-net-fifo A-spill-disk",
        "scenario.yaml 0123456789abcdef",
        "\"name\":\"monolithic: gpu-node 1 (",
        "\"node taken back\"",
    };
    struct sp_arena *arena = sp_arena_new();
    char *text =
        written(arena, report_trace_json_write,
                fixture_exports_new(arena, &(struct fixture_exports){.seed = 22}));

    (void)state;
    for (size_t i = 0; i < N_ROWS(rows); i++)
        if (strstr(text, rows[i]) == NULL)
            fail_msg("no '%s'", rows[i]);
    assert_null(strstr(text, "<script"));
    sp_arena_free(arena);
}

/* ---- OpenMetrics ---- */

static void metrics_keep_the_rules(void **state)
{
    const struct fixture *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = fixture_exports_new(arena, &row->f);
    const char *broken =
        openmetrics_check(arena, written(arena, report_openmetrics_write, c));

    if (broken != NULL)
        fail_msg("%s", broken);
    sp_arena_free(arena);
}

/* The fixture's own figures: 56.888889 USD, 100,000 latencies of which 1 % took at most
 * 0.2 s, each further 0.2 s another 1 %, mean 4 s. */
static void metrics_say_what_the_result_says(void **state)
{
#define MONO "{scenario=\"practical\",policy=\"monolithic\""
    static const struct {
        const char *series;
        double want;
    } rows[] = {
        {"stageplan_bill_usd" MONO "}", 56.888889},
        {"stageplan_time_seconds" MONO "}", 200},
        {"stageplan_node_held_seconds_total" MONO
         ",node_type=\"gpu-node\",option=\"reserved\"}",
         6400},
        {"stageplan_resource_busy_ratio" MONO ",resource=\"gpu\"}", 0.125},
        {"stageplan_items_total" MONO ",workload=\"embed\",event=\"done\"}", 99990},
        {"stageplan_stage_queue_items" MONO ",workload=\"embed\",stage=\"infer\"}",
         750},
        {"stageplan_latency_seconds_bucket" MONO
         ",workload=\"embed\",what=\"latency\",le=\"0.15\"}",
         NAN}, /* nothing was that fast: the first bucket is the one it is in */
        {"stageplan_latency_seconds_bucket" MONO
         ",workload=\"embed\",what=\"latency\",le=\"0.2\"}",
         1000},
        {"stageplan_latency_seconds_bucket" MONO
         ",workload=\"embed\",what=\"latency\",le=\"1.5\"}",
         7000},
        {"stageplan_latency_seconds_bucket" MONO
         ",workload=\"embed\",what=\"latency\",le=\"20.0\"}",
         100000},
        {"stageplan_latency_seconds_bucket" MONO
         ",workload=\"embed\",what=\"latency\",le=\"+Inf\"}",
         100000},
        {"stageplan_latency_seconds_sum" MONO ",workload=\"embed\",what=\"latency\"}",
         400000},
        {"stageplan_latency_quantiles_seconds" MONO
         ",workload=\"embed\",what=\"latency\",quantile=\"0.99\"}",
         12},
        {"stageplan_warnings{scenario=\"practical\"}", 1},
    };
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c =
        fixture_exports_new(arena, &(struct fixture_exports){.seed = 23});
    char *text;

    (void)state;
    c->result->policies[0].nodes[0].option = "reserved";
    text = written(arena, report_openmetrics_write, c);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        double got = openmetrics_value(text, rows[i].series);

        if (isnan(rows[i].want) ? !isnan(got)
                                : !(fabs(got - rows[i].want) <= 1e-9 * rows[i].want))
            fail_msg("%s: %.17g, expected %.17g", rows[i].series, got, rows[i].want);
    }
    sp_arena_free(arena);
}

static void broken_metrics_are_seen(void **state)
{
    static const char *const rows[][3] = {
        {"# EOF\n", "", "without # EOF"},
        {"# EOF\n", "# EOF\n\n", "behind # EOF"},
        {"# EOF\n", "# EOF", "without # EOF"},
        {"# UNIT stageplan_bill_usd usd", "# UNIT stageplan_bill_usd eur", "suffix"},
        {"# TYPE stageplan_items counter", "# TYPE stageplan_items count", "no such"},
        {"stageplan_items_total{", "stageplan_items{", "_total"},
        {"stageplan_run_info{", "stageplan_run{", "_info"},
        {"# TYPE stageplan_bill_usd", "# TYPE stageplan_run", "one piece"},
        {"stageplan_bill_usd{scenario=\"practical\",policy=\"disaggregated\"",
         "stageplan_bill_usd{scenario=\"practical\",policy=\"monolithic\"", "twice"},
        {"policy=\"monolithic\"", "policy=\"mono\\lithic\"", "escaped"},
        {"policy=\"monolithic\"", "policy=\"mono\"lithic\"", "labels"},
        {"policy=\"monolithic\"", "policy=monolithic", "quoted"},
        {"policy=\"monolithic\"", "9policy=\"monolithic\"", "label"},
        {"policy=\"monolithic\"", "scenario=\"monolithic\"", "twice"},
        {",le=\"+Inf\"", ",le=\"9999999.0\"", "+Inf"},
        {",le=\"2.0\"", ",le=\"2\"", "canonical"},
        {",le=\"2.0\"", ",le=\"0.01\"", "rise"},
        {",le=\"2.0\"} ", ",le=\"2.0\"} 999999", "cumulative"},
        {",le=\"2.0\"", "", "without le"},
        {"quantile=\"0.5\"", "quantile=\"50\"", "0..1"},
        {"stageplan_time_seconds{", "stageplan_hours{", "outside"},
    };
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c =
        fixture_exports_new(arena, &(struct fixture_exports){.seed = 24});
    char *text = written(arena, report_openmetrics_write, c);

    (void)state;
    assert_null(openmetrics_check(arena, text));
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const char *broken = openmetrics_check(
            arena, replace_first(arena, text, rows[i][0], rows[i][1]));

        if (broken == NULL || strstr(broken, rows[i][2]) == NULL)
            fail_msg("%s: found '%s', expected '%s'", rows[i][1],
                     broken != NULL ? broken : "nothing", rows[i][2]);
    }
    sp_arena_free(arena);
}

/* ---- all of them ---- */

struct full_disk {
    writer *write;
    const struct report_context *c;
    const char *path;
};

static enum sp_status write_full(void *context)
{
    const struct full_disk *f = context;

    return f->write(f->path, f->c, NULL);
}

static writer *const writers[] = {report_focus_write, report_trace_json_write,
                                  report_openmetrics_write};

static void the_same_result_gives_the_same_bytes(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c =
        fixture_exports_new(arena, &(struct fixture_exports){.seed = 25});

    (void)state;
    for (size_t i = 0; i < N_ROWS(writers); i++)
        assert_string_equal(written(arena, writers[i], c),
                            written(arena, writers[i], c));
    sp_arena_free(arena);
}

static void a_full_disk_leaves_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c =
        fixture_exports_new(arena, &(struct fixture_exports){.seed = 26});

    (void)state;
    for (size_t i = 0; i < N_ROWS(writers); i++) {
        char *folder = help_folder_new(arena);
        struct full_disk f = {writers[i], c, help_path(arena, folder, "out")};

        assert_int_equal(help_with_full_disk(4096, write_full, &f), SP_EIO);
        assert_int_equal(help_folder_count(folder), 0);
        help_folder_remove(folder);
    }
    sp_arena_free(arena);
}

int main(void)
{
    static void (*const by_fixture[])(void **state) = {
        focus_rows_keep_the_rules_and_sum_to_the_bill,
        trace_keeps_the_rules_and_has_every_slice, metrics_keep_the_rules};
    static const char *const what[] = {"focus", "trace", "metrics"};
    struct CMUnitTest tests[60] = {
        cmocka_unit_test(focus_fields_by_way_of_buying),
        cmocka_unit_test(a_run_is_cut_where_months_end),
        cmocka_unit_test(months_share_what_was_provisioned_in_them),
        cmocka_unit_test(broken_focus_rows_are_seen),
        cmocka_unit_test(broken_focus_headers_are_seen),
        cmocka_unit_test(broken_traces_are_seen),
        cmocka_unit_test(trace_says_what_it_is),
        cmocka_unit_test(metrics_say_what_the_result_says),
        cmocka_unit_test(broken_metrics_are_seen),
        cmocka_unit_test(the_same_result_gives_the_same_bytes),
        cmocka_unit_test(a_full_disk_leaves_nothing),
    };
    struct sp_arena *arena = sp_arena_new();
    size_t n = 11;
    int failed;

    for (size_t w = 0; w < N_ROWS(what); w++)
        for (size_t i = 0; i < N_ROWS(fixtures); i++)
            tests[n++] = (struct CMUnitTest){
                .name = sp_arena_printf(arena, "%s_%s", what[w], fixtures[i].name),
                .test_func = by_fixture[w],
                .initial_state = (void *)(uintptr_t)&fixtures[i]};
    failed = _cmocka_run_group_tests("report_exports", tests, n, NULL, NULL);
    sp_arena_free(arena);
    return failed;
}
