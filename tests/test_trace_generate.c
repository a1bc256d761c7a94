#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "tests/trace_files.h"
#include "traces/generate.h"
#include "traces/reader.h"
#include "traces/write.h"

#define PI 3.14159265358979323846

static struct trace_recipe poisson(uint64_t seed)
{
    return (struct trace_recipe){
        .arrivals = MODEL_SOURCE_POISSON,
        .rate_per_s = 10,
        .requests = 1000,
        .for_ns = -1,
        .seed = seed,
        .n_sizes = 2,
        .names = {"prompt_tokens", "output_tokens"},
        .sizes = {model_dist_lognormal(1000, 0.8), model_dist_lognormal(200, 0.5)}};
}

/* Sums that tell two lots of rows apart. */
struct sums {
    int64_t n, time_ns, first, second;
};

static struct sums sums_of(const struct trace_recipe *recipe)
{
    struct trace_generator g = trace_generator_of(recipe);
    struct trace_row row;
    struct sums s = {0};
    int64_t last_ns = 0;

    while (trace_generator_next(&g, &row)) {
        assert_true(row.time_ns >= last_ns);
        last_ns = row.time_ns;
        s.n++;
        s.time_ns += row.time_ns;
        s.first += row.size[0] * s.n;
        s.second += row.size[1] * s.n;
    }
    return s;
}

static void the_seed_decides_everything(void **state)
{
    struct trace_recipe one = poisson(1), two = poisson(2);
    struct sums a = sums_of(&one), b = sums_of(&one), c = sums_of(&two);

    (void)state;
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(a.n, c.n);
    assert_int_not_equal(a.time_ns, c.time_ns);
    assert_int_not_equal(a.first, c.first);
    assert_int_not_equal(a.second, c.second);
}

static void another_law_leaves_the_rest_alone(void **state)
{
    struct trace_recipe one = poisson(1), two = poisson(1);
    struct sums a, b;

    (void)state;
    two.sizes[0] = (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = 512};
    two.arrivals = MODEL_SOURCE_CONSTANT;
    a = sums_of(&one);
    b = sums_of(&two);
    assert_int_equal(a.second, b.second);
    assert_int_not_equal(a.first, b.first);
}

static void a_constant_rate_is_exact(void **state)
{
    struct trace_recipe r = {.arrivals = MODEL_SOURCE_CONSTANT,
                             .rate_per_s = 3,
                             .requests = -1,
                             .for_ns = 1000 * SP_NS_PER_S};
    struct trace_generator g = trace_generator_of(&r);
    struct trace_row row;
    int64_t n = 0;

    (void)state;
    for (; trace_generator_next(&g, &row); n++) /* n / 3 s, to the nearest nanosecond */
        assert_int_equal(row.time_ns, (2 * n * SP_NS_PER_S + 3) / 6);
    assert_int_equal(n, 3000); /* that at 1000 s is too late */
}

static void limits_hold_together(void **state)
{
    struct trace_recipe r = poisson(3);

    (void)state;
    r.requests = 7;
    assert_int_equal(sums_of(&r).n, 7);
    r.for_ns = 1;
    assert_int_equal(sums_of(&r).n, 0);
    r.for_ns = SP_NS_MAX;
    r.rate_per_s = 1e-9; /* 31 years a gap: a century ends it */
    assert_in_range(sums_of(&r).n, 0, 7);
}

/* n arrivals in a time that would hold n on the mean: their number is off by less than
 * four standard errors, which are sqrt(n) times the CV of the gaps. */
static void rates_are_as_asked(void **state)
{
    static const struct {
        enum model_source_kind kind;
        double cv;
    } rows[] = {{MODEL_SOURCE_POISSON, 1},
                {MODEL_SOURCE_GAMMA, 0.3},
                {MODEL_SOURCE_GAMMA, 1.8},
                {MODEL_SOURCE_DIURNAL, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trace_recipe r = {.arrivals = rows[i].kind,
                                 .rate_per_s = 25,
                                 .cv = rows[i].cv,
                                 .amplitude = 0.7,
                                 .period_s = 100,
                                 .peak_s = 30,
                                 .requests = -1,
                                 .for_ns = 2000 * SP_NS_PER_S,
                                 .seed = 11};

        assert_true(fabs((double)sums_of(&r).n - 50000) <
                    4 * rows[i].cv * sqrt(50000.0));
    }
}

/* Of a rate r (1 + a cos) the half period around the peak has the share 1/2 + a / pi.
 */
static void a_diurnal_rate_peaks_where_it_should(void **state)
{
    struct trace_recipe r = {.arrivals = MODEL_SOURCE_DIURNAL,
                             .rate_per_s = 50,
                             .amplitude = 0.6,
                             .period_s = 100,
                             .peak_s = 30,
                             .requests = -1,
                             .for_ns = 1000 * SP_NS_PER_S,
                             .seed = 12};
    struct trace_generator g = trace_generator_of(&r);
    struct trace_row row;
    double n = 0, near = 0, share = 0.5 + 0.6 / PI;

    (void)state;
    for (; trace_generator_next(&g, &row); n++)
        near += fabs(fmod(sp_s_from_ns(row.time_ns), 100) - 30) < 25;
    assert_true(n > 48000);
    assert_true(fabs(near / n - share) < 4 * sqrt(share * (1 - share) / n));
}

/* The CV of n gamma gaps: standard error of CV by moments, from that of the shape. */
static void gamma_gaps_have_the_cv_asked(void **state)
{
    (void)state;
    for (double cv = 0.25; cv < 3; cv *= 2) {
        struct trace_recipe r = {.arrivals = MODEL_SOURCE_GAMMA,
                                 .rate_per_s = 10,
                                 .cv = cv,
                                 .requests = 50000,
                                 .for_ns = -1,
                                 .seed = 13};
        struct trace_generator g = trace_generator_of(&r);
        double n = 50000, sum = 0, squares = 0, k = 1 / (cv * cv), se;
        struct trace_row row;
        int64_t last_ns = 0;

        while (trace_generator_next(&g, &row)) {
            double gap = sp_s_from_ns(row.time_ns - last_ns);

            sum += gap;
            squares += gap * gap;
            last_ns = row.time_ns;
        }
        se = sqrt(2 * k * (k + 1) / n) / (2 * k * sqrt(k));
        assert_true(fabs(sqrt(squares / n / (sum / n * sum / n) - 1) - cv) < 4 * se);
    }
}

/* ---- lengths ---- */

/* How a law is written, and what comes of it: its mean, or a message. */
static struct row {
    const char *name, *text, *file; /* file: "%s" in the text becomes its path */
    double mean, scv;
    const char *error; /* the whole of it; "%s" is the path */
} rows[] = {
    {"a_number_is_a_constant", "512", NULL, 512, 0, NULL},
    {"a_lognormal_by_mean_and_cv", "lognormal:1000,0.8", NULL, 1000, 0.64, NULL},
    {"values_are_equally_likely", "empirical:%s", "1\n2\n3\n3\n", 2.25, 0.6875 / 5.0625,
     NULL},
    {"a_header_may_name_the_values", "empirical:%s", "value\n4\n2\n", 3, 1.0 / 9, NULL},
    {"weights_count", "empirical:%s", "value,weight\n10,3\n20,1\n5,0\n", 12.5,
     18.75 / 156.25, NULL},
    {"cumulative_shares_do_too", "empirical:%s", "value,cumulative\n10,0.75\n20,1\n",
     12.5, 18.75 / 156.25, NULL},
    {"a_trace_gives_its_column", "trace:%s",
     "arrival_s,prompt_tokens,output_tokens\n0,10,7\n0,20,8\n", 15, 1.0 / 9, NULL},

    {"zero_is_refused", "0", NULL, 0, 0,
     "prompt_tokens: found '0', expected a whole number, lognormal:MEAN,CV, "
     "empirical:FILE or trace:FILE"},
    {"an_unknown_law_is_refused", "weibull:1,2", NULL, 0, 0,
     "prompt_tokens: found 'weibull:1,2', expected a whole number, lognormal:MEAN,CV, "
     "empirical:FILE or trace:FILE"},
    {"a_lognormal_needs_two_numbers", "lognormal:100", NULL, 0, 0,
     "prompt_tokens: found lognormal:'100', expected a whole number, "
     "lognormal:MEAN,CV, "
     "empirical:FILE or trace:FILE"},
    {"two_columns_need_a_header", "empirical:%s", "1,2\n", 0, 0,
     "%s:1: expected one column of values, or a header line value,weight or "
     "value,cumulative"},
    {"a_header_alone_is_refused", "empirical:%s", "value\n", 0, 0, "%s: no values"},
    {"shares_must_rise", "empirical:%s", "value,cumulative\n1,0.5\n2,0.4\n", 0, 0,
     "%s: row 2: values and cumulative shares must rise, the latter to 1"},
    {"shares_must_reach_1", "empirical:%s", "value,cumulative\n1,0.5\n2,0.9\n", 0, 0,
     "%s: the last cumulative share is 0.9, expected 1"},
    {"a_trace_without_the_column_is_refused", "trace:%s", "arrival_s,a\n0,1\n", 0, 0,
     "%s: the trace has no size 'prompt_tokens'"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void is_read_or_refused_as_stated(void **state)
{
    const struct row *row = *state;
    char *path = row->file != NULL ? file_of_text(row->file) : NULL;
    struct sp_arena *arena = sp_arena_new();
    struct model_dist dist;
    struct sp_err err = {0};
    char text[512], want[512];

    snprintf(text, sizeof text, "%s", row->text);
    if (strstr(text, "%s") != NULL)
        snprintf(strstr(text, "%s"), 256, "%s", path);
    (void)!trace_lengths_parse(text, "prompt_tokens", arena, &dist, &err);
    if (row->error != NULL) {
        bool placed = strncmp(row->error, "%s", 2) == 0;

        snprintf(want, sizeof want, "%s%s", placed ? path : "",
                 row->error + (placed ? 2 : 0));
        assert_string_equal(err.text, want);
    } else {
        assert_string_equal(err.text, "");
        assert_true(fabs(model_dist_mean(&dist) - row->mean) < 1e-9 * row->mean);
        assert_true(fabs(model_dist_scv(&dist) - row->scv) < 1e-9);
    }
    sp_arena_free(arena);
    file_drop(path);
}

/* Shares of drawn values against the weights, by four standard errors; and rows drawn
 * whole are rows of the trace, drawn apart all combinations. */
static void draws_have_the_shares_asked(void **state)
{
    char *path = file_of_text("arrival_s,prompt_tokens,output_tokens\n0,1,7\n0,2,8\n"
                              "0,2,8\n0,2,8\n");
    static const char *const names[] = {"prompt_tokens", "output_tokens"};
    struct sp_arena *arena = sp_arena_new();
    struct trace_length_rows whole;

    (void)state;
    assert_int_equal(trace_lengths_of_trace(path, names, 2, arena, &whole, NULL),
                     SP_OK);
    for (int apart = 0; apart < 2; apart++) {
        struct trace_recipe r = poisson(14);
        struct trace_generator g;
        struct trace_row row;
        double n = 40000, ones = 0, mixed = 0;

        r.requests = 40000;
        r.rows = apart ? NULL : &whole;
        for (int i = 0; i < 2; i++) {
            char law[512];

            snprintf(law, sizeof law, "trace:%s", path);
            assert_int_equal(
                trace_lengths_parse(law, names[i], arena, &r.sizes[i], NULL), SP_OK);
        }
        g = trace_generator_of(&r);
        while (trace_generator_next(&g, &row)) {
            assert_true(row.size[0] == 1 || row.size[0] == 2);
            assert_true(row.size[1] == 7 || row.size[1] == 8);
            ones += row.size[0] == 1;
            mixed += (row.size[0] == 1) != (row.size[1] == 7);
        }
        assert_true(fabs(ones / n - 0.25) < 4 * sqrt(0.25 * 0.75 / n));
        assert_true(fabs(mixed / n - (apart ? 0.375 : 0)) <=
                    (apart ? 4 * sqrt(0.375 * 0.625 / n) : 0));
    }
    sp_arena_free(arena);
    file_drop(path);
}

/* ---- writing ---- */

static void what_is_written_is_read_again(void **state)
{
    static const uint64_t hashes[] = {0, 9223372036854775807u, 5};
    struct trace_row in[] = {{.time_ns = 0, .bytes = 5, .size = {1, 2}},
                             {.time_ns = 100,
                              .bytes = 0,
                              .size = {4294967295u, 0},
                              .n_hashes = 3,
                              .hashes = hashes},
                             {.time_ns = 2000000000,
                              .bytes = INT64_C(1) << 60,
                              .size = {17, 3},
                              .n_hashes = 1,
                              .hashes = hashes}};
    char *path = file_of_text("");
    struct trace_writer w = {.out = fopen(path, "w"),
                             .bytes = true,
                             .n_sizes = 2,
                             .names = {"prompt_tokens", "a, b"},
                             .hash_block_tokens = 2147483};
    struct trace_reader *reader;
    struct trace_row row;
    enum sp_status status;

    (void)state;
    w.hash_block_tokens = 999999;
    trace_write_header(&w);
    for (int i = 0; i < 3; i++)
        trace_write_row(&w, &in[i]);
    in[2].n_hashes = 1;
    assert_int_equal(fclose(w.out), 0);
    assert_int_equal(trace_reader_open(path, "csv", &reader, NULL), SP_OK);
    assert_int_equal(trace_reader_layout(reader)->hash_block_tokens, 999999);
    assert_non_null(trace_layout_size(trace_reader_layout(reader), "a, b"));
    for (int i = 0; i < 3; i++) {
        struct sp_err err = {0};

        assert_true(trace_reader_next(reader, &row, &status, &err));
        assert_int_equal(row.time_ns, in[i].time_ns);
        assert_int_equal(row.bytes, in[i].bytes);
        assert_int_equal(row.size[0], in[i].size[0]);
        assert_int_equal(row.size[1], in[i].size[1]);
        assert_int_equal(row.n_hashes, in[i].n_hashes);
        for (int32_t k = 0; k < row.n_hashes; k++)
            assert_int_equal(row.hashes[k], hashes[k]);
    }
    assert_false(trace_reader_next(reader, &row, &status, NULL));
    assert_int_equal(status, SP_OK);
    trace_reader_close(reader);
    file_drop(path);
}

int main(void)
{
    enum { OTHERS = 9 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(the_seed_decides_everything),
        cmocka_unit_test(another_law_leaves_the_rest_alone),
        cmocka_unit_test(a_constant_rate_is_exact),
        cmocka_unit_test(limits_hold_together),
        cmocka_unit_test(rates_are_as_asked),
        cmocka_unit_test(a_diurnal_rate_peaks_where_it_should),
        cmocka_unit_test(gamma_gaps_have_the_cv_asked),
        cmocka_unit_test(draws_have_the_shares_asked),
        cmocka_unit_test(what_is_written_is_read_again),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = is_read_or_refused_as_stated,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_generate", tests, NULL, NULL);
}
