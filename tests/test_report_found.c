/* report/found.h: a search on a terminal and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ctype.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/found.h"
#include "report/text.h"
#include "tests/report_help.h"

static struct model_found_run run_of(double rate, double attained, double late)
{
    return (struct model_found_run){.rate_per_s = rate,
                                    .attained = attained,
                                    .late = late,
                                    .ttft_p99_s = {0.862, NAN},
                                    .tpot_p99_s = {0.135, NAN},
                                    .usd_per_million_tokens = {26.2 / rate, NAN},
                                    .gpus = 16,
                                    .usd_per_h = 196};
}

static struct model_found_run none(void)
{
    struct model_found_run r = run_of(NAN, NAN, NAN);

    r.ttft_p99_s.mean = r.tpot_p99_s.mean = r.gpus = r.usd_per_h = NAN;
    return r;
}

enum { POLICIES = 4 };

static struct model_found_policy policy_of(const char *name,
                                           struct model_found_run passes,
                                           struct model_found_run fails, int32_t runs)
{
    return (struct model_found_policy){
        .name = name, .passes = passes, .fails = fails, .runs = runs};
}

/* A bracket; a lower one; no rate that passes; no rate that fails. */
static void fill(struct model_found *f, struct model_found_policy *p,
                 struct model_scenario *sc, const char *name)
{
    *sc = (struct model_scenario){.name = name};
    p[0] = policy_of("colocated", run_of(40, 0.9023, 0), run_of(40.2, 0.89996, 12), 13);
    p[1] = policy_of(name, run_of(20, 0.91, 0), run_of(20.1, 0.85, 0), 12);
    p[2] = policy_of("never", none(), run_of(0.001, 0.3, 0), 15);
    p[3] = policy_of("always", run_of(4e5, 1, 0), none(), 15);
    *f = (struct model_found){.what = "max_rate",
                              .workload = name,
                              .attain_frac = 0.9,
                              .precision_frac = 0.01,
                              .slo_ttft_s = 1,
                              .slo_tpot_s = 0.1,
                              .slo_e2e_s = NAN,
                              .rate_per_s = 2,
                              .seed = 7,
                              .replications = 1,
                              .scenario = sc,
                              .version = "0.1.0",
                              .n_policies = POLICIES,
                              .policies = p};
}

/* As the published compaction: 88 nodes of teams of their own, 68 of a pool, judged by
 * ten seeds; one policy without such nodes, one that no fleet helps. */
static void fill_nodes(struct model_found *f, struct model_found_policy *p,
                       struct model_scenario *sc, const char *name)
{
    fill(f, p, sc, name);
    f->what = "min_nodes";
    f->node_type = name;
    f->goal = (struct model_found_goal){.figure = "mean queue wait", .target = 177007};
    f->replications = 10;
    p[0] =
        (struct model_found_policy){.name = "static",
                                    .fewer = {87, 190000, 3, 0.6, 0.5, 870, 0, NULL},
                                    .least = {88, 177007, 10, 0.6, 0.5, 880, 0, NULL},
                                    .nodes = 88,
                                    .runs = 3};
    p[1] =
        (struct model_found_policy){.name = name,
                                    .fewer = {67, 201600, 0, 0.8, 0.7, 670, 0, NULL},
                                    .least = {68, 172800, 9, 0.75, 0.7, 680, 0, NULL},
                                    .more = {69, 180000, 8, 0.75, 0.7, 690, 0, NULL},
                                    .nodes = 88,
                                    .runs = 8};
    p[2] = (struct model_found_policy){.name = "elastic"};
    p[3] = (struct model_found_policy){.name = "hopeless",
                                       .fewer = {4096, NAN, 0, NAN, NAN, NAN, 0, NULL},
                                       .nodes = 1,
                                       .runs = 13};
}

static char *printed_as(struct sp_arena *arena, const char *name, bool partial,
                        bool nodes, const struct report_terminal_options *options)
{
    struct model_found_policy policies[POLICIES];
    struct model_found f;
    struct model_scenario sc;
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (nodes ? fill_nodes : fill)(&f, policies, &sc, name);
    f.partial = partial;
    assert_int_equal(report_found_print(out, &f, options, NULL), SP_OK);
    fclose(out);
    copy = sp_arena_strdup(arena, text);
    free(text);
    return copy;
}

static char *printed(struct sp_arena *arena, const char *name, bool partial,
                     const struct report_terminal_options *options)
{
    return printed_as(arena, name, partial, false, options);
}

/* All lines in one, so that it does not matter where they break. */
static void unwrap(char *text)
{
    for (char *p; (p = strstr(text, "\n  ")) != NULL;) {
        *p = ' ';
        memmove(p + 1, p + 3, strlen(p + 3) + 1);
    }
}

static void the_fewest_nodes_are_told_with_their_neighbours(void **state)
{
    static const char *const wanted[] = {
        "mean queue wait is at most 49.17 h, in nine of ten runs",
        "pool                    68       88      48 h      75.0%    70.0%       "
        "680.00",
        "static: 88 nodes meet it (49.17 h; 10 of 10 runs meet it), 87 nodes miss it",
        "pool: 68 nodes meet it (48 h; 9 of 10 runs meet it), 67 nodes miss it "
        "(56 h; 0 of 10 runs meet it), 69 nodes miss it (50 h; 8 of 10 runs meet "
        "it); 8 fleets tried",
        "elastic: has no fixed nodes of type pool",
        "hopeless: no number found: even 4096 nodes miss it (not all work is done; 0 "
        "of ",
        "=> 'pool' needs 68 nodes, 22.7 % fewer than the 88 of 'static'",
    };
    struct sp_arena *arena = sp_arena_new();
    char *text =
        printed_as(arena, "pool", false, true, &(struct report_terminal_options){0});

    (void)state;
    unwrap(text);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", wanted[i], text);
    assert_null(strstr(text, "=> 'elastic'"));
    assert_null(strstr(text, "nan"));
    sp_arena_free(arena);
}

static void brackets_and_what_they_come_to_are_told(void **state)
{
    static const char *const wanted[] = {
        "max_rate of split: the highest rate at which 90.0% of the requests meet TTFT",
        "colocated            40    2.500    90.2%   862 ms   135 ms   196.00   "
        "0.6550\n",
        "never                 -        -        -        -        -        -        "
        "-\n",
        "colocated: between 40 req/s and 40.20 req/s (met by 89.99%, 12 of them late "
        "at\n",
        "split: between 20 req/s and 20.10 req/s (met by 85.00%); 12 runs",
        "never: not even the lowest rate tried meets it, 0.0010 req/s (met by "
        "30.00%);\n",
        "always: no limit found; 400000 req/s, the highest rate tried, still meet it",
        "=> 'split' carries 0.5x the rate of 'colocated', per GPU 0.5x, USD per",
        "million\n   tokens 2x (one run each: no error bar)\n",
        "=> 'always' carries 10000x the rate of 'colocated'",
    };
    struct sp_arena *arena = sp_arena_new();
    const char *text =
        printed(arena, "split", false, &(struct report_terminal_options){0});

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", wanted[i], text);
    assert_null(strstr(text, "=> 'never'"));
    assert_null(strstr(text, "PARTIAL"));
    assert_null(strstr(text, "nan"));
    assert_non_null(
        strstr(printed(arena, "split", true, &(struct report_terminal_options){0}),
               "PARTIAL: "));
    sp_arena_free(arena);
}

static void fits_80_columns_whatever_things_are_called(void **state)
{
    static const char *const names[] = {
        "a-name-without-any-place-to-break-it-that-goes-on-and-on-and-on-and-on-and-",
        "\u540d\u524d\u306f\u3068\u3066\u3082\u9577\u3044\u3001\u672c\u5f53",
        "\033[2J\033[31mred\r\n\b\x7F", "%s%n%d"};
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
        char *text = printed_as(arena, names[i / 2], true, i % 2 == 0,
                                &(struct report_terminal_options){.blocks = i % 4 > 1});
        char *line;

        while ((line = strsep(&text, "\n")) != NULL) {
            if (report_text_width(line) > REPORT_TERMINAL_COLUMNS)
                fail_msg("%d columns: %s", report_text_width(line), line);
            for (const char *p = line; *p != '\0'; p++)
                assert_true((unsigned char)*p >= 0x20 && *p != 0x7F);
        }
    }
    sp_arena_free(arena);
}

static void json_has_the_rates_and_nulls(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "found.json");
    struct model_found_policy policies[POLICIES];
    struct model_found f;
    struct model_scenario sc;
    double rate = 0, attain = 0, per_gpu = 0, misses = 0;
    const char *what, *name;
    json_t *root;

    (void)state;
    fill(&f, policies, &sc, "a\"b\n");
    assert_int_equal(report_found_write_json(path, &f, NULL), SP_OK);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(
        json_unpack(root,
                    "{s:{s:s, s:{s:F, s:n}, s:[{s:F, s:{s:F}, s:{s:F}}, {s:s}, {s:n, "
                    "s:n, s:{}}, {s:n}]}}",
                    "find", "what", &what, "slo", "attain", &attain, "e2e_s",
                    "policies", "max_rate_per_s", &rate, "meets", "rate_per_s_per_gpu",
                    &per_gpu, "misses", "rate_per_s", &misses, "policy", &name,
                    "max_rate_per_s", "meets", "misses", "misses"),
        0);
    assert_string_equal(what, "max_rate");
    assert_string_equal(name, "a\"b\n");
    assert_true(rate == 40 && attain == 0.9 && per_gpu == 2.5 && misses == 40.2);
    json_decref(root);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void json_has_the_fleets_and_nulls(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "found.json"), *type, *figure;
    struct model_found_policy policies[POLICIES];
    struct model_found f;
    struct model_scenario sc;
    int least = 0, fewer = 0, more = 0, met = 0;
    double target = 0, wait = 0;
    json_t *root;

    (void)state;
    fill_nodes(&f, policies, &sc, "pool");
    assert_int_equal(report_found_write_json(path, &f, NULL), SP_OK);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(
        json_unpack(root,
                    "{s:{s:s, s:{s:s, s:F}, s:[{s:n}, {s:i, s:{s:i, s:F}, s:{s:i}, "
                    "s:{s:i}}, {s:n, s:n}, {s:n, s:{s:n}}]}}",
                    "find", "node_type", &type, "goal", "figure", &figure, "at_most",
                    &target, "policies", "more", "min_nodes", &least, "least",
                    "runs_that_meet", &met, "figure", &wait, "fewer", "nodes", &fewer,
                    "more", "nodes", &more, "min_nodes", "least", "least", "fewer",
                    "figure"),
        0);
    assert_string_equal(type, "pool");
    assert_string_equal(figure, "mean queue wait");
    assert_true(least == 68 && fewer == 67 && more == 69 && met == 9);
    assert_true(target == 177007 && wait == 172800);
    json_decref(root);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

/* One blank for each run of blanks and ends of lines. */
static const char *squeezed(char *text)
{
    size_t n = 0;

    for (const char *p = text; *p != '\0'; p++)
        if (!isspace((unsigned char)*p))
            text[n++] = *p;
        else if (n > 0 && text[n - 1] != ' ')
            text[n++] = ' ';
    text[n] = '\0';
    return text;
}

/* Nodes are bought besides, so bills are compared: 8 and 12 USD against 10 and 10 are
 * the same but for 12.706205 x 2 / 10; 5 against 10, 50 % in each pair. */
static void bills_of_fleets_are_compared_as_pairs(void **state)
{
    static const double ten[] = {10, 10}, apart[] = {8, 12}, half[] = {5, 5};
    static const struct {
        const double *usd;
        const char *says;
    } rows[] = {
        {apart, "'pool' needs 68 nodes and 2 that it buys (mean) against 88 nodes of "
                "'static'; no difference in cost shown (+0.0 % +- 254.1) (nodes: with "
                "these 2 seeds)"},
        {half, "of 'static', and costs 50.0 % less (nodes: with these 2 seeds)"},
        {ten, "of 'static', and costs the same (nodes: with these 2 seeds)"},
        {NULL, "of 'static' (nodes: with these 2 seeds)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_found_policy policies[POLICIES];
        struct model_found f;
        struct model_scenario sc;
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        fill_nodes(&f, policies, &sc, "pool");
        f.replications = 2;
        policies[0].least.run_usd = ten;
        policies[1].least.run_usd = rows[i].usd;
        policies[1].least.bought = 2;
        assert_int_equal(
            report_found_print(out, &f, &(struct report_terminal_options){0}, NULL),
            SP_OK);
        fclose(out);
        if (strstr(squeezed(sp_arena_strdup(arena, text)), rows[i].says) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", rows[i].says, text);
        free(text);
        sp_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_and_what_they_come_to_are_told),
        cmocka_unit_test(fits_80_columns_whatever_things_are_called),
        cmocka_unit_test(json_has_the_rates_and_nulls),
        cmocka_unit_test(the_fewest_nodes_are_told_with_their_neighbours),
        cmocka_unit_test(json_has_the_fleets_and_nulls),
        cmocka_unit_test(bills_of_fleets_are_compared_as_pairs),
    };

    return cmocka_run_group_tests_name("report_found", tests, NULL, NULL);
}
