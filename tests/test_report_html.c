/* report/html.h: what is written stays what it was, text stays text, and a page stays
 * small; report/html_text.c, report/svg.h and base/sha256.h by rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "report/html.h"
#include "report/html_parts.h"
#include "report/svg.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

enum { CREATED_S = 1795305600, MOST_BYTES = 2000000 };

/* ---- what a function of html_text.c writes ---- */

typedef void (*writer)(struct report_html *h, const char *text);

static const struct text_row {
    const char *name, *text, *want;
    writer write;
} text_rows[] = {
    {"plain_text_is_itself", "a b", "a b", report_html_text},
    {"empty_text_is_nothing", "", "", report_html_text},
    {"no_text_is_nothing", NULL, "", report_html_text},
    {"markup_is_text", "<script>x&y</script>", "&lt;script&gt;x&amp;y&lt;/script&gt;",
     report_html_text},
    {"entities_are_text", "&lt;", "&amp;lt;", report_html_text},
    {"newline_stays_in_text", "a\nb", "a\nb", report_html_text},
    {"attribute_keeps_its_quotes_out", "\"><b id='x'", "&quot;&gt;&lt;b id=&#39;x&#39;",
     report_html_attribute},
    {"bad_utf8_is_replaced",
     "a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b",
     report_html_text},
    {"emoji_stays", "\xf0\x9f\x9a\x80", "\xf0\x9f\x9a\x80", report_html_text},
    {"name_is_isolated", "a<b", "<bdi>a&lt;b</bdi>", report_html_name},
    {"sentence_isolates_names", "'a' costs less than 'b c', in all",
     "<bdi class=\"q\">a</bdi> costs less than <bdi class=\"q\">b c</bdi>, in all",
     report_html_sentence},
    {"sentence_knows_an_apostrophe", "the baseline's pace, nodes' hours",
     "the baseline&#39;s pace, nodes&#39; hours", report_html_sentence},
    {"sentence_without_an_end_of_its_quote", "see 'a", "see &#39;a",
     report_html_sentence},
    {"name_with_markup_in_a_sentence", "Choose '<img src=x>': it is",
     "Choose <bdi class=\"q\">&lt;img src=x&gt;</bdi>: it is", report_html_sentence},
};
enum { TEXT_ROWS = sizeof text_rows / sizeof text_rows[0] };

static void text_is_written_as_wanted(void **state)
{
    const struct text_row *row = *state;
    struct report_html h = {.arena = sp_arena_new()};
    char *text = NULL;
    size_t size = 0;

    h.out = open_memstream(&text, &size);
    row->write(&h, row->text);
    fclose(h.out);
    assert_string_equal(text, row->want);
    free(text);
    sp_arena_free(h.arena);
}

/* ---- money ---- */

static const struct usd_row {
    const char *name;
    double usd;
    const char *want;
} usd_rows[] = {
    {"nothing", 0, "0.00"},
    {"cents", 12.345, "12.35"},
    {"no_comma_below_a_thousand", 999.99, "999.99"},
    {"comma_from_a_thousand", 1000, "1,000.00"},
    {"two_commas", 1234567.891, "1,234,567.89"},
    {"a_minus_is_a_minus", -1234.5, "\u22121,234.50"},
    {"small_amounts_have_digits", 0.0735, "0.0735"},
    {"smaller_ones_more", 0.000012, "0.000012"},
    {"not_known", NAN, "-"},
};
enum { USD_ROWS = sizeof usd_rows / sizeof usd_rows[0] };

static void money_is_written_as_wanted(void **state)
{
    const struct usd_row *row = *state;
    char buf[64];

    assert_string_equal(report_html_usd(row->usd, buf), row->want);
}

/* ---- axes ---- */

static const struct axis_row {
    const char *name;
    double lo, hi;
    double want_step;
} axis_rows[] = {
    {"one_takes_quarters", 0, 1, 0.25}, {"a_hundred_takes_25", 0, 100, 25},
    {"170_takes_50", 0, 170.67, 50},    {"just_above_takes_the_next", 0, 100.1, 50},
    {"small", 0, 0.003, 0.001},         {"nothing_takes_one", 0, 0, 0.25},
    {"from_below", -10, 30, 10},
};
enum { AXIS_ROWS = sizeof axis_rows / sizeof axis_rows[0] };

static void axis_holds_its_values(void **state)
{
    const struct axis_row *row = *state;
    struct report_svg_axis a = report_svg_axis_of(row->lo, row->hi, 4);

    assert_true(fabs(a.step - row->want_step) < 1e-12);
    assert_true(a.hi >= row->hi);
    assert_true(fabs(a.hi - (a.lo + 4 * a.step)) < 1e-9);
}

/* ---- SHA-256: examples of NIST, and lengths around a block, by sha256sum ---- */

static const struct sha_row {
    const char *name;
    int n; /* letters 'a'; -1: `text` */
    const char *text, *want;
} sha_rows[] = {
    {"empty", 0, NULL, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"abc", -1, "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="},
    {"two_blocks", -1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="},
    {"a_times_55", 55, NULL, "n0OQ+NMMLdkuyfCVtl4rmumwqSWlJY4kHJ8ekQ9zQxg="},
    {"a_times_56", 56, NULL, "s1Q5pKxvCUi21vnjxq8PX1kM4g8b3nCQ73lwaG7Gc4o="},
    {"a_times_63", 63, NULL, "fT50oF19sVvOStnsBljqmOPwbu7PFrTG//LaRX3cLzQ="},
    {"a_times_64", 64, NULL, "/+BU/nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs="},
    {"a_times_65", 65, NULL, "Y1NhxIu56rFBmOduqKt/GkFoXWrWKqkUbTAdTxfrCuA="},
    {"a_times_119", 119, NULL, "MeulHDE6XAgiat8Y1KNZz9/Y0ugWsT9K+VL36mWE3Ps="},
    {"a_times_120", 120, NULL, "Lz0zVDLHC1gK8Ojhs2dKfAINaDql9zqq7f3FWvkEwhw="},
    {"a_times_1000", 1000, NULL, "Qe3s5C1j6Nm/UVqbppMuHCDLyfWl0TRkWttdsblzfqM="},
};
enum { SHA_ROWS = sizeof sha_rows / sizeof sha_rows[0] };

static void digest_is_right(void **state)
{
    const struct sha_row *row = *state;
    char letters[1000], text[SP_BASE64_SHA256];

    memset(letters, 'a', sizeof letters);
    if (row->n < 0)
        sp_sha256_base64(row->text, strlen(row->text), text);
    else
        sp_sha256_base64(letters, (size_t)row->n, text);
    assert_string_equal(text, row->want);
}

/* ---- pages ---- */

static char *page_of(struct help_place *p, const struct model_result *r)
{
    struct report_context c = {.result = r, .created_s = CREATED_S};
    const char *path = help_path(p->arena, p->folder, "page.html");
    struct sp_err err = {0};

    if (report_html_write(path, &c, &err) != SP_OK)
        fail_msg("%s", err.text);
    return help_file_read(p->arena, path, NULL);
}

static int count(const char *text, const char *what)
{
    int n = 0;

    for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what))
        n++;
    return n;
}

static void same_result_gives_the_same_bytes(void **state)
{
    struct help_place *p = *state;
    const struct fixture_options o = {.n_runs = 3};
    const struct model_result *r = fixture_result_new(p->arena, &o);
    char *first = page_of(p, r);

    assert_string_equal(first, page_of(p, r));
}

/* Elements that a page has because of us, whatever its names are. */
static void hostile_names_add_no_element(void **state)
{
    static const char *const names[] = {"<script>window.hit=1</script>",
                                        "\"><img src=x onerror=hit()>",
                                        "</title></style></script><b>",
                                        "' onload='hit()",
                                        "<!--",
                                        "]]>&#60;b&#62;"};
    struct help_place *p = *state;
    const struct fixture_options plain = {.name = "plain", .serving = true};
    const char *usual = page_of(p, fixture_result_new(p->arena, &plain));

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct fixture_options o = {.name = names[i], .serving = true};
        const char *page = page_of(p, fixture_result_new(p->arena, &o));

        assert_int_equal(count(page, "<script"), count(usual, "<script"));
        assert_int_equal(count(page, "</script"), count(usual, "</script"));
        assert_int_equal(count(page, "<img"), 0);
        assert_int_equal(count(page, "<!--"), 0);
        assert_int_equal(count(page, "<b>"), count(usual, "<b>"));
        assert_int_equal(count(page, "</title"), count(usual, "</title"));
    }
}

static void every_kind_of_result_has_a_page(void **state)
{
    static const struct fixture_options kinds[] = {
        {.n_policies = 1},
        {.n_runs = 5},
        {.no_price = true},
        {.deadlock = true},
        {.partial = true},
        {.serving = true},
        {.jobs = true},
        {.kernels = true},
        {.empty = true},
        {.n_policies = 9},
        {.jobs = true, .endless = true},
    };
    struct help_place *p = *state;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *page = page_of(p, fixture_result_new(p->arena, &kinds[i]));

        assert_non_null(strstr(page, "The decision"));
        assert_non_null(strstr(page, "</html>"));
        assert_null(strstr(page, "nan"));
        assert_null(strstr(page, "(null)"));
        assert_int_equal(count(page, "<section"), count(page, "</section>"));
        assert_int_equal(count(page, "<table"), count(page, "</table>"));
        assert_int_equal(count(page, "<figure>"), count(page, "</figure>"));
    }
}

static void fill_timeline(struct sp_arena *arena, struct model_policy_result *p)
{
    struct model_timeline *t = &p->timeline;

    t->n_leases = 10000;
    t->n_slices = 20000;
    t->all_leases = t->n_leases;
    t->all_slices = t->n_slices;
    t->sample = "everything";
    t->leases = sp_arena_array(arena, (size_t)t->n_leases, sizeof *t->leases);
    t->slices = sp_arena_array(arena, (size_t)t->n_slices, sizeof *t->slices);
    for (int32_t i = 0; i < t->n_leases; i++)
        t->leases[i] = (struct model_lease){
            .node = i, .end_ns = INT64_C(604800000000000), .ended = "end of run"};
    for (int32_t i = 0; i < t->n_slices; i++) /* as broken up as it can be */
        t->slices[i] = (struct model_slice){.lease = i % 24,
                                            .thread = 0,
                                            .stage = 0,
                                            .kind = MODEL_SLICE_JOB,
                                            .from_ns = i * INT64_C(30000000000),
                                            .to_ns = i * INT64_C(30000000000) +
                                                     INT64_C(20000000000)};
}

static void fill_series(struct sp_arena *arena, struct model_series *s)
{
    s->n = 1000;
    s->bucket_s = 604.8;
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        s->provisioned[r] = sp_arena_array(arena, 1000, sizeof(double));
        s->allocated[r] = sp_arena_array(arena, 1000, sizeof(double));
        s->busy[r] = sp_arena_array(arena, 1000, sizeof(double));
        s->stranded[r] = sp_arena_array(arena, 1000, sizeof(double));
        for (int i = 0; i < 1000; i++) {
            s->provisioned[r][i] = 80000 + 7.1 * i;
            s->allocated[r][i] = 60000 + 3.3 * i;
            s->busy[r][i] = 50000 + 1.7 * i;
            s->stranded[r][i] = 1000 + 0.3 * i;
        }
    }
}

/* Two nodes for 100 s; of 2 slices the sample kept one, on the first, until 50 s. */
static void what_a_sample_left_out_is_not_drawn_as_idle(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = fixture_result_new(p->arena, &(struct fixture_options){0});
    struct model_lease leases[] = {
        {.node = 0, .end_ns = INT64_C(100000000000), .ended = "end of run"},
        {.node = 1, .end_ns = INT64_C(100000000000), .ended = "end of run"}};
    struct model_slice slice = {.stage = 0, .to_ns = INT64_C(50000000000)};
    char *page;

    r->policies[0].timeline = (struct model_timeline){.n_leases = 2,
                                                      .all_leases = 2,
                                                      .leases = leases,
                                                      .n_slices = 1,
                                                      .all_slices = 2,
                                                      .slices = &slice,
                                                      .sample = "node 0, until 50 s"};
    page = page_of(p, r);
    /* both rows and the legend */
    assert_int_equal(count(page, "class=\"unknown\""), 3);
    assert_int_equal(count(page, "from 0 s to 1m 40s, end of run; places busy 100.0%"),
                     1);
    assert_int_equal(count(page, "from 0 s to 1m 40s, end of run; places busy -"), 1);
    assert_int_equal(count(page, "(node 0, until 50 s)"), 1);
    r->policies[0].timeline.all_slices = 1;
    page = page_of(p, r);
    assert_int_equal(count(page, "class=\"unknown\""), 0);
    assert_int_equal(count(page, "places busy 50.0%"), 1);
    assert_int_equal(count(page, "places busy 0.0%"), 1);
}

static void week_of_ten_thousand_nodes_stays_small(void **state)
{
    struct help_place *p = *state;
    const struct fixture_options o = {.n_policies = 9, .n_runs = 5, .jobs = true};
    struct model_result *r = fixture_result_new(p->arena, &o);
    struct model_input *inputs = sp_arena_array(p->arena, 20000, sizeof *inputs);
    const char **warnings = sp_arena_array(p->arena, 5000, sizeof *warnings);

    for (int i = 0; i < 20000; i++)
        inputs[i] = (struct model_input){.group = "fleet",
                                         .name = "node: price",
                                         .number = i,
                                         .unit = "USD/h",
                                         .basis = "assumed",
                                         .source = "scenario.yaml",
                                         .date = "",
                                         .used_by = "all policies"};
    for (int i = 0; i < 5000; i++)
        warnings[i] = "something a careful reader should know of this run";
    r->inputs = inputs;
    r->n_inputs = 20000;
    r->warnings = warnings;
    r->n_warnings = 5000;
    for (int32_t i = 0; i < r->n_policies; i++) {
        fill_timeline(p->arena, &r->policies[i]);
        fill_series(p->arena, &r->policies[i].series);
    }
    assert_in_range(strlen(page_of(p, r)), 100000, MOST_BYTES);
}

static void folder_that_is_not_there_is_told(void **state)
{
    struct help_place *p = *state;
    const struct fixture_options o = {.n_policies = 2};
    struct report_context c = {.result = fixture_result_new(p->arena, &o)};
    struct sp_err err = {0};
    const char *path = help_path(p->arena, p->folder, "none/page.html");

    assert_int_equal(report_html_write(path, &c, &err), SP_EIO);
    assert_non_null(strstr(err.text, "page.html"));
    assert_int_not_equal(access(path, F_OK), 0);
}

static void full_disk_is_told(void **state)
{
    struct help_place *p = *state;
    const struct fixture_options o = {.n_policies = 2};
    struct report_context c = {.result = fixture_result_new(p->arena, &o)};
    struct sp_err err = {0};

    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(report_html_write("/dev/full", &c, &err), SP_EIO);
}

#define PAGE(test)                                                                     \
    cmocka_unit_test_setup_teardown(test, help_place_set_up, help_place_tear_down)
#define ROWS(rows, n, test)                                                            \
    for (size_t i = 0; i < (n); i++)                                                   \
        tests[at++] = (struct CMUnitTest)                                              \
        {                                                                              \
            .name = rows[i].name, .test_func = test,                                   \
            .initial_state = (void *)(uintptr_t)&rows[i]                               \
        }

int main(void)
{
    static const struct CMUnitTest pages[] = {
        PAGE(same_result_gives_the_same_bytes),
        PAGE(hostile_names_add_no_element),
        PAGE(every_kind_of_result_has_a_page),
        PAGE(what_a_sample_left_out_is_not_drawn_as_idle),
        PAGE(week_of_ten_thousand_nodes_stays_small),
        PAGE(folder_that_is_not_there_is_told),
        PAGE(full_disk_is_told),
    };
    enum { PAGES = sizeof pages / sizeof pages[0] };
    struct CMUnitTest tests[PAGES + TEXT_ROWS + USD_ROWS + AXIS_ROWS + SHA_ROWS];
    size_t at = PAGES;

    memcpy(tests, pages, sizeof pages);
    ROWS(text_rows, TEXT_ROWS, text_is_written_as_wanted);
    ROWS(usd_rows, USD_ROWS, money_is_written_as_wanted);
    ROWS(axis_rows, AXIS_ROWS, axis_holds_its_values);
    ROWS(sha_rows, SHA_ROWS, digest_is_right);
    return cmocka_run_group_tests_name("report_html", tests, NULL, NULL);
}
