/* report/terminal_why.h: what the bill was for, how far it is from the floor, what the
 * steps to the other bill are, on cells worked out by hand:
 *
 *   even policies   GPU: 10 h of work 20, 60 h stranded 120; CPU: 100 h of work 10, 50
 * h idle 5; memory 0.10; rounding 0.50: 155.60 USD; floor 31.12, which is a fifth of it
 *   odd policies    GPU: 10 h of work 20, 1 h boot 2; CPU: 100 h of work 8: 30 USD;
 *                   floor 25
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/parts.h"
#include "report/terminal.h"
#include "report/text.h"
#include "tests/result_fixture.h"

#define USD INT64_C(1000000)
enum { NONE = MODEL_RESOURCES };

struct amount {
    enum model_part part;
    int32_t resource;
    double hours;
    int64_t uusd;
};
static const struct amount even[] = {
    {MODEL_PART_WORK, MODEL_GPU, 10, 20 * USD},
    {MODEL_PART_WORK, MODEL_CPU, 60, 6 * USD},
    {MODEL_PART_WORK, MODEL_CPU, 40, 4 * USD}, /* of another stage */
    {MODEL_PART_IDLE, MODEL_CPU, 50, 5 * USD},
    {MODEL_PART_STRANDED, MODEL_GPU, 60, 120 * USD},
    {MODEL_PART_UNUSED, MODEL_MEMORY, 7, USD / 10},
    {MODEL_PART_ROUNDING, NONE, NAN, USD / 2},
};
static const struct amount odd[] = {
    {MODEL_PART_WORK, MODEL_GPU, 10, 20 * USD},
    {MODEL_PART_WORK, MODEL_CPU, 100, 8 * USD},
    {MODEL_PART_BOOT, MODEL_GPU, 1, 2 * USD},
};
#define COUNT(rows) ((int32_t)(sizeof(rows) / sizeof(rows)[0]))

/* `times` what is paid. */
static void set_bill(struct sp_arena *arena, struct model_cost *cost,
                     const struct amount *rows, int32_t n, double floor_usd,
                     int64_t times)
{
    int64_t sum = 0;

    cost->n_cells = n;
    cost->cells = sp_arena_array(arena, (size_t)n, sizeof *cost->cells);
    for (int32_t i = 0; i < n; i++) {
        int64_t uusd = rows[i].uusd * times;

        cost->cells[i] = (struct model_cost_cell){.part = rows[i].part,
                                                  .resource = rows[i].resource,
                                                  .hours = rows[i].hours,
                                                  .uusd = uusd,
                                                  .list_uusd = uusd,
                                                  .mean_usd = (double)uusd / 1e6,
                                                  .mean_list_usd = (double)uusd / 1e6};
        sum += uusd;
    }
    cost->known = true;
    cost->uusd = sum;
    cost->usd = model_stat_one((double)sum / 1e6);
    cost->floor_usd = model_stat_one(floor_usd * (double)times);
}

static struct model_result *
by_hand(struct sp_arena *arena, const struct fixture_options *fixture, int64_t times)
{
    struct model_result *r = fixture_result_new(arena, fixture);

    for (int32_t p = 0; p < r->n_policies; p++)
        if (p % 2 == 0)
            set_bill(arena, &r->policies[p].cost, even, COUNT(even), 31.12, times);
        else
            set_bill(arena, &r->policies[p].cost, odd, COUNT(odd), 25, times);
    return r;
}

static char *printed(struct sp_arena *arena, const struct model_result *r,
                     const struct report_terminal_options *options)
{
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(report_terminal_print(out, r, options, NULL), SP_OK);
    fclose(out);
    copy = sp_arena_strdup(arena, text);
    free(text);
    return copy;
}

/* The part between the heading and the first policy's. */
static char *why_of(struct sp_arena *arena, const struct model_result *r,
                    const struct report_terminal_options *options)
{
    char *text = strstr(printed(arena, r, options), "-- why "), *end;

    if (text == NULL)
        return NULL;
    end = strstr(text + 3, "\n-- ");
    assert_non_null(end);
    *end = '\0';
    return text;
}

static void has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" is missing in:\n%s", wanted, text);
}

static void has_not(const char *text, const char *unwanted)
{
    if (strstr(text, unwanted) != NULL)
        fail_msg("\"%s\" is in:\n%s", unwanted, text);
}

/* ---- the bill ---- */

static void the_bill_is_taken_apart_as_by_hand(void **state)
{
    static const char *const wanted[] = {
        "\nthe bill is for       USD   hours                    USD   hours\n",
        "\nwork, GPU           20.00      10                  20.00      10\n",
        "\nwork, CPU           10.00     100                   8.00     100\n",
        "\nboot, GPU               -                           2.00       1\n",
        "\nidle, CPU            5.00      50                      -\n",
        "\nstranded, GPU      120.00      60                      -\n",
        "\nall else             0.60                           0.00\n", /* memory and
                                                                           rounding */
        "\nfloor, gap          31.12  400.0%                  25.00   20.0%\n",
    };
    struct sp_arena *arena = sp_arena_new();
    const char *text = why_of(arena, by_hand(arena, &(struct fixture_options){0}, 1),
                              &(struct report_terminal_options){0});

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        has(text, wanted[i]);
    has_not(text, "unused"); /* 0.06 % of the bill */
    has_not(text, "transfer");
    has(text, "Stranded: free, and");
    has_not(text, "Unused:");
    sp_arena_free(arena);
}

/* 155.60 to 30: stranded -120, idle -5, CPUs' work at 0.08 instead of 0.10 -2, boot +2;
 * memory and rounding -0.60. */
static void the_steps_add_up(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text = why_of(arena, by_hand(arena, &(struct fixture_options){0}, 1),
                              &(struct report_terminal_options){0});

    (void)state;
    has(text, "\n'monolithic' 155.60 USD to 'disaggregated' 30.00 USD: stranded "
              "-120.00, idle\n-5.00, node mix -2.00, boot +2.00, all else -0.60\n");
    sp_arena_free(arena);
}

/* To the policy to choose, else to the cheapest that is better in some figure. */
static void steps_lead_to_the_policy_to_choose(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r =
        by_hand(arena, &(struct fixture_options){.n_policies = 4}, 1);
    const struct report_terminal_options plain = {0};

    (void)state;
    assert_int_equal(r->n_comparisons, 3);
    for (int i = 0; i < 3; i++)
        r->comparisons[i].outcome = MODEL_OUTCOME_LOSES;
    r->policies[3].name = "last";
    has_not(why_of(arena, r, &plain), " USD to '");
    r->comparisons[1].outcome = MODEL_OUTCOME_TRADE; /* costs as much */
    has_not(why_of(arena, r, &plain), " USD to '");
    r->comparisons[2].outcome = MODEL_OUTCOME_TRADE;
    has(why_of(arena, r, &plain), "\n'monolithic' 155.60 USD to 'last' 30.00 USD: ");
    r->comparisons[0].outcome = MODEL_OUTCOME_WINS;
    has(why_of(arena, r, &plain),
        "\n'monolithic' 155.60 USD to 'disaggregated' 30.00 USD: ");
    sp_arena_free(arena);
}

static void a_price_that_is_not_known_is_no_number(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = by_hand(arena, &(struct fixture_options){0}, 1);
    const char *text;

    (void)state;
    r->policies[0].cost.known = false;
    text = why_of(arena, r, &(struct report_terminal_options){0});
    has(text, "\nwork, GPU               -                          20.00      10\n");
    has(text, "\nfloor, gap              -       -                  25.00   20.0%\n");
    has_not(text, "stranded");
    has_not(text, "USD to"); /* no steps */
    r->policies[1].cost.known = false;
    text = why_of(arena, r, &(struct report_terminal_options){0});
    has_not(text, "USD");
    has_not(text, "floor");
    has(text, "\nbottleneck");
    sp_arena_free(arena);
}

/* Nodes that cost nothing: their hours still say what they did. */
static void nodes_for_nothing_have_hours(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text = why_of(arena, by_hand(arena, &(struct fixture_options){0}, 0),
                              &(struct report_terminal_options){0});

    (void)state;
    has(text, "\nstranded, GPU        0.00      60                      -\n");
    has(text, "\nunused, mem          0.00       7                      -\n");
    has_not(text, "floor");
    sp_arena_free(arena);
}

/* First replication: 10 h for 20 USD, so an hour is 2 USD at list; 30 USD at list in
 * the mean are 15 h, of which a cell that the first one lacks has 3.  Paid: half. */
static void hours_are_means_like_the_money(void **state)
{
    struct model_cost_cell cells[] = {
        {.part = MODEL_PART_WORK,
         .resource = MODEL_GPU,
         .hours = 10,
         .uusd = 10 * USD,
         .list_uusd = 20 * USD,
         .mean_usd = 12,
         .mean_list_usd = 24},
        {.part = MODEL_PART_REDONE,
         .resource = MODEL_GPU,
         .hours = 0,
         .mean_usd = 3,
         .mean_list_usd = 6},
        {.part = MODEL_PART_WORK, /* another type, at 4 USD */
         .resource = MODEL_GPU,
         .node = 1,
         .hours = 1,
         .uusd = 4 * USD,
         .list_uusd = 4 * USD,
         .mean_usd = 8,
         .mean_list_usd = 8},
    };
    struct model_policy_result p = {
        .n_nodes = 2, .cost = {.known = true, .n_cells = 3, .cells = cells}};
    struct sp_arena *arena = sp_arena_new();
    struct report_parts b;

    (void)state;
    assert_true(report_parts_of(arena, &p, &b));
    assert_true(fabs(b.hours[MODEL_PART_WORK][MODEL_GPU] - (12 + 2)) < 1e-12);
    assert_true(fabs(b.hours[MODEL_PART_REDONE][MODEL_GPU] - 3) < 1e-12);
    assert_true(b.usd[MODEL_PART_WORK][MODEL_GPU] == 20 && b.all_usd == 23);
    p.cost.n_cells = 0;
    assert_false(report_parts_of(arena, &p, &b));
    sp_arena_free(arena);
}

/* ---- what holds it up ---- */

static void bottlenecks_are_told_with_their_share(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = fixture_result_new(arena, &(struct fixture_options){0});
    struct model_workload_result *w = &r->policies[0].workloads[0];
    const struct report_terminal_options plain = {0};

    (void)state;
    has(why_of(arena, r, &plain),
        "\nbottleneck         infer                          infer\n"
        "  busy             100.0% of slots                100.0% of slots\n");
    w->stages[1].busy_frac.mean = 0.6; /* slots to spare: the CPUs it shares are not */
    r->policies[0].resources[MODEL_CPU].busy_h = model_stat_one(99);
    r->policies[0].resources[MODEL_CPU].allocated_h = model_stat_one(100);
    r->policies[0].resources[MODEL_GPU].busy_h = model_stat_one(70);
    r->policies[0].resources[MODEL_GPU].allocated_h = model_stat_one(100);
    has(why_of(arena, r, &plain), "  busy             99.0% of its CPUs ");
    w->stages[0].unit = "apart"; /* nothing is shared */
    has(why_of(arena, r, &plain), "  busy             60.0% of slots ");
    w->stages[1].bottleneck = false;
    has(why_of(arena, r, &plain), "\nbottleneck         -                   ");
    sp_arena_free(arena);
}

static void jobs_wait_for_what_they_wait_for_most(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r =
        fixture_result_new(arena, &(struct fixture_options){.jobs = true});
    struct model_job_group *all = &r->policies[0].workloads[0].jobs->groups[0];
    const struct report_terminal_options plain = {0};

    (void)state;
    for (int c = 0; c < MODEL_CAUSES; c++)
        all->wait_frac[c] = c == MODEL_CAUSE_GANG    ? 0.625
                            : c == MODEL_CAUSE_QUOTA ? 0.375
                                                     : 0;
    has(why_of(arena, r, &plain), "\njobs wait for      62.5% gang ");
    all->wait.mean_s.mean = 0;
    has(why_of(arena, r, &plain), "\njobs wait for      -  ");
    sp_arena_free(arena);
}

/* ---- over time ---- */

/* 40 buckets in 40 columns: 32 of 256 GPUs are an eighth; edges rise by sixths. */
static void utilization_is_drawn_over_time(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = fixture_result_new(arena, &(struct fixture_options){0});
    const char *text = why_of(arena, r, &(struct report_terminal_options){0});

    (void)state;
    has(text, "\nGPUs busy, 0 s to 3m 20s                                     start   "
              "peak    end\n");
    has(text, "\nmonolithic         ______............................______   0.0%  "
              "12.5%   0.0%\n");
    has(text, "\ndisaggregated      _.:=+*############################*+=:._   0.0% "
              "100.0%   0.0%\n");
    r->policies[1].series.n = 20; /* half as long */
    has(why_of(arena, r, &(struct report_terminal_options){0}),
        "\ndisaggregated      _.:=+*##############                       0.0% 100.0% "
        "100.0%\n");
    for (int p = 0; p < 2; p++) {
        r->policies[p].resources[MODEL_GPU].provisioned_h = model_stat_one(0);
        r->policies[p].series.n = 1;
    }
    has(why_of(arena, r, &(struct report_terminal_options){0}), "\nCPUs busy, 0 s to ");
    for (int p = 0; p < 2; p++)
        r->policies[p].series.n = 0;
    has_not(why_of(arena, r, &(struct report_terminal_options){0}), "busy, 0 s");
    sp_arena_free(arena);
}

static void blocks_only_where_they_can_be_shown(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r =
        fixture_result_new(arena, &(struct fixture_options){0});
    const char *plain = printed(arena, r, &(struct report_terminal_options){0});

    (void)state;
    has(printed(arena, r, &(struct report_terminal_options){.blocks = true}),
        "\u2581\u2582\u2583\u2585\u2586\u2587\u2588\u2588");
    for (const char *p = plain; *p != '\0'; p++)
        assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
    sp_arena_free(arena);
}

/* ---- at any width ---- */

static void has_no_control_characters(const char *text)
{
    uint32_t code;

    while ((code = report_text_next(&text)) != 0)
        if (code != '\n' && (code < 0x20 || (code >= 0x7F && code < 0xA0) ||
                             (code >= 0x202A && code <= 0x202E)))
            fail_msg("control character %x", (unsigned)code);
}

static void fits(const char *text, int columns)
{
    for (const char *line = text; *line != '\0';) {
        char copy[2048];
        size_t n = strcspn(line, "\n");

        assert_true(n < sizeof copy);
        memcpy(copy, line, n);
        copy[n] = '\0';
        if (report_text_width(copy) > columns)
            fail_msg("%d columns, not %d: %s", report_text_width(copy), columns, copy);
        line += n + (line[n] == '\n');
    }
}

static void every_width_shows_every_figure(void **state)
{
    static const int widths[] = {60, 61, 79, 80, 81, 100, 133, 200};
    static const char *const names[] = {
        NULL, "a name that goes on and on and on and on and on and on and on and on ",
        "\u540d\u524d\u306f\u3068\u3066\u3082\u9577\u3044\u3001\u672c\u5f53\u306b",
        "\033[2J\033[31mred\r\n\b\x7F \u202Etxet %s%n \xFF\U0001F600 <script>"};
    enum { NAMES = sizeof names / sizeof names[0] };
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (int bits = 0; bits < 64; bits++)
        for (size_t n = 0; n < NAMES; n++)
            for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
                const struct fixture_options fixture = {.name = names[n],
                                                        .n_policies = bits & 1 ? 9 : 2,
                                                        .n_runs = bits & 2 ? 10 : 1,
                                                        .serving = (bits & 12) == 4,
                                                        .jobs = bits & 8,
                                                        .endless = (bits & 12) == 12,
                                                        .kernels = bits & 1,
                                                        .explained =
                                                            bits & 8 ? names[n] : NULL};
                const struct report_terminal_options options = {
                    .columns = widths[w], .blocks = bits & 16, .assumptions = bits & 2};
                const struct model_result *r =
                    by_hand(arena, &fixture, bits & 32 ? 1000000 : 1);
                const char *text = printed(arena, r, &options);

                fits(text, widths[w]);
                has_no_control_characters(text);
                has(text, bits & 32 ? " 120000000.00      60" : " 120.00      60");
                has(text, bits & 32 ? " 31120000.00  400.0%" : " 31.12  400.0%");
                has(text, bits & 32 ? " 2000000.00       1" : " 2.00       1");
            }
    sp_arena_free(arena);
}

/* Words with a digit, as they stand between blanks. */
static void has_figures_of(struct sp_arena *arena, const char *text, const char *wanted)
{
    char *copy = sp_arena_strdup(arena, wanted), *word;
    char *spaced = sp_arena_strdup(arena, text);

    for (char *p = strchr(spaced, '\n'); p != NULL; p = strchr(p, '\n'))
        *p = ' ';
    while ((word = strsep(&copy, " \n")) != NULL)
        if (strpbrk(word, "0123456789") != NULL &&
            strstr(spaced, sp_arena_printf(arena, " %s ", word)) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", word, text);
}

static void no_width_loses_a_figure_of_any_table(void **state)
{
    static const int widths[] = {60, 70, 200};
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (int bits = 0; bits < 16; bits++) {
        const struct fixture_options fixture = {.n_policies = bits & 1 ? 9 : 2,
                                                .n_runs = bits & 2 ? 10 : 1,
                                                .serving = (bits & 12) == 4,
                                                .jobs = bits & 8,
                                                .endless = (bits & 12) == 12,
                                                .kernels = bits & 1};
        const struct model_result *r = by_hand(arena, &fixture, 1);
        const char *usual =
            printed(arena, r, &(struct report_terminal_options){.columns = 80});

        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
            has_figures_of(
                arena,
                printed(arena, r,
                        &(struct report_terminal_options){.columns = widths[w]}),
                usual);
    }
    sp_arena_free(arena);
}

static void a_wide_terminal_has_all_policies_side_by_side(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r =
        by_hand(arena, &(struct fixture_options){.n_policies = 9}, 1);
    const char *line =
        strstr(why_of(arena, r, &(struct report_terminal_options){.columns = 200}),
               "\nwork, G");
    int n = 0;

    (void)state;
    for (line++; *line != '\n'; line++)
        n += strncmp(line, "20.00", 5) == 0;
    assert_int_equal(n, 9);
    sp_arena_free(arena);
}

static void a_terminal_says_how_wide_it_is(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
    FILE *terminal, *file = tmpfile();
    struct winsize size = {.ws_row = 24, .ws_col = 132};

    (void)state;
    assert_int_equal(report_terminal_options_for(file).columns, 0);
    fclose(file);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0);
    terminal = fdopen(slave, "w");
    assert_int_equal(report_terminal_options_for(terminal).columns, 132);
    fclose(terminal);
    close(master);
}

/* ---- what goes without saying ---- */

static void brief_says_no_more_than_the_comparison(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = by_hand(arena, &(struct fixture_options){0}, 1);
    const char *text;

    (void)state;
    r->catalog = "built-in, prices of 2026-07-20";
    text = printed(arena, r, &(struct report_terminal_options){.brief = true});
    has_not(text, "-- why");
    has_not(text, "catalog");
    text = printed(arena, r, &(struct report_terminal_options){0});
    has(text, "\ncatalog: built-in, prices of 2026-07-20\n");
    sp_arena_free(arena);
}

static void a_run_that_never_began_says_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r =
        fixture_result_new(arena, &(struct fixture_options){.empty = true});

    (void)state;
    assert_null(why_of(arena, r, &(struct report_terminal_options){0}));
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bill_is_taken_apart_as_by_hand),
        cmocka_unit_test(the_steps_add_up),
        cmocka_unit_test(steps_lead_to_the_policy_to_choose),
        cmocka_unit_test(a_price_that_is_not_known_is_no_number),
        cmocka_unit_test(nodes_for_nothing_have_hours),
        cmocka_unit_test(hours_are_means_like_the_money),
        cmocka_unit_test(bottlenecks_are_told_with_their_share),
        cmocka_unit_test(jobs_wait_for_what_they_wait_for_most),
        cmocka_unit_test(utilization_is_drawn_over_time),
        cmocka_unit_test(blocks_only_where_they_can_be_shown),
        cmocka_unit_test(every_width_shows_every_figure),
        cmocka_unit_test(no_width_loses_a_figure_of_any_table),
        cmocka_unit_test(a_wide_terminal_has_all_policies_side_by_side),
        cmocka_unit_test(a_terminal_says_how_wide_it_is),
        cmocka_unit_test(brief_says_no_more_than_the_comparison),
        cmocka_unit_test(a_run_that_never_began_says_nothing),
    };

    return cmocka_run_group_tests_name("terminal_why", tests, NULL, NULL);
}
