#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "tests/trace_files.h"
#include "traces/fit.h"
#include "traces/generate.h"
#include "traces/write.h"

#define HOUR_S 3600.0

/* Writes what a recipe gives to a new file. */
static char *file_of_recipe(const struct trace_recipe *recipe)
{
    char *path = file_of_text("");
    struct trace_generator g = trace_generator_of(recipe);
    struct trace_writer w = {.out = fopen(path, "w"), .n_sizes = recipe->n_sizes};
    struct trace_row row;

    for (int32_t i = 0; i < recipe->n_sizes; i++)
        w.names[i] = recipe->names[i];
    trace_write_header(&w);
    while (trace_generator_next(&g, &row))
        trace_write_row(&w, &row);
    assert_int_equal(fclose(w.out), 0);
    return path;
}

/* Known generators, which must be found again.  Every parameter lies within four
 * standard errors: those that the fit states, which are those of largest likelihood (or
 * of moments) to the first order in 1/n. */
static struct row {
    const char *name;
    enum model_source_kind kind;
    double rate_per_s, cv, amplitude, peak_s;
    int64_t requests;
    uint64_t seed;
    bool by_moments;
} rows[] = {
    {"a_poisson_process_is_found_again", MODEL_SOURCE_POISSON, 20, 1, 0, 0, 40000, 1,
     false},
    {"so_it_is_with_few_rows", MODEL_SOURCE_POISSON, 20, 1, 0, 0, 200, 2, false},
    {"regular_gamma_gaps_are_found_again", MODEL_SOURCE_GAMMA, 5, 0.3, 0, 0, 40000, 3,
     false},
    {"bursty_gamma_gaps_are_found_again", MODEL_SOURCE_GAMMA, 5, 1.4, 0, 0, 40000, 4,
     false},
    {"gaps_that_round_to_0_go_by_moments", MODEL_SOURCE_GAMMA, 5, 3, 0, 0, 40000, 5,
     true},
    {"a_swing_is_found_again", MODEL_SOURCE_DIURNAL, 4, 1, 0.5, 0.3 * HOUR_S, 60000, 6,
     false},
    {"a_full_swing_is_found_again", MODEL_SOURCE_DIURNAL, 4, 1, 0.9, 0.8 * HOUR_S,
     60000, 7, false},
    {"no_swing_is_seen_where_there_is_none", MODEL_SOURCE_POISSON, 4, 1, 0, 0, 60000, 8,
     false},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void assert_within(double found, double want, double se)
{
    if (!(fabs(found - want) <= 4 * se))
        fail_msg("found %g, expected %g within 4 times %g", found, want, se);
}

static void is_found_again(void **state)
{
    const struct row *row = *state;
    struct trace_recipe recipe = {
        .arrivals = row->kind,
        .rate_per_s = row->rate_per_s,
        .cv = row->cv,
        .amplitude = row->amplitude,
        .period_s = HOUR_S,
        .peak_s = row->peak_s,
        .requests = row->requests,
        .for_ns = -1,
        .seed = row->seed,
        .n_sizes = 2,
        .names = {"prompt_tokens", "output_tokens"},
        .sizes = {model_dist_lognormal(1500, 0.9), model_dist_lognormal(250, 0.4)}};
    char *path = file_of_recipe(&recipe);
    double n = (double)row->requests, chance = 1.63 / sqrt(n) + 1.0 / 4096;
    struct trace_fit fit;
    const struct trace_fit_arrivals *a = &fit.arrivals;

    assert_int_equal(trace_fit_read(path, NULL, HOUR_S, &fit, NULL), SP_OK);
    assert_int_equal(fit.rows, row->requests);
    assert_int_equal(a->kind, row->kind);
    assert_within(a->rate_per_s, row->rate_per_s, a->rate_se);
    if (row->kind == MODEL_SOURCE_DIURNAL) {
        assert_within(a->amplitude, row->amplitude, a->amplitude_se);
        /* The first row, from which a trace counts, came a gap after the start. */
        assert_within(a->peak_s, row->peak_s, a->peak_se_s + 1 / row->rate_per_s);
        assert_true(a->diurnal_distance < chance);
    } else {
        assert_within(a->cv, row->cv, a->cv_se);
        assert_int_equal(a->by_moments, row->by_moments);
        assert_true((row->kind == MODEL_SOURCE_POISSON ? a->poisson_distance
                                                       : a->gamma_distance) < chance);
    }
    assert_int_equal(fit.n_sizes, 2);
    assert_within(fit.sizes[0].fit_mean, 1500, fit.sizes[0].fit_mean_se);
    assert_within(fit.sizes[0].fit_cv, 0.9, fit.sizes[0].fit_cv_se);
    assert_within(fit.sizes[1].fit_mean, 250, fit.sizes[1].fit_mean_se);
    assert_within(fit.sizes[1].fit_cv, 0.4, fit.sizes[1].fit_cv_se);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fit.sizes[i].law, TRACE_FIT_LOGNORMAL);
        assert_true(fit.sizes[i].distance < chance);
    }
    assert_true(fabs(fit.correlation) < 4 / sqrt(n)); /* they are drawn apart */
    file_drop(path);
}

/* Half of the rows are of 100 tokens, half of 10,000.  Both logarithms lie one standard
 * deviation from their mean, so at 100 the law has Phi(-1 + e) where the rows have 1/2,
 * e of rounding (ln(100.5/100) / sigma). */
static void two_lengths_are_no_lognormal(void **state)
{
    char *text = calloc(1000, 32), *path;
    int at = sprintf(text, "arrival_s,prompt_tokens,output_tokens\n");
    double sigma = log(100) / 2, e = log(100.5 / 100) / sigma;
    struct trace_fit fit;
    const struct trace_fit_length *l = &fit.sizes[0];

    (void)state;
    for (int i = 0; i < 1000; i++)
        at += sprintf(text + at, "%d,%d,7\n", i, i % 2 == 0 ? 100 : 10000);
    path = file_new(text, (size_t)at);
    free(text);
    assert_int_equal(trace_fit_read(path, NULL, HOUR_S, &fit, NULL), SP_OK);
    assert_true(fabs(l->mu - log(1000)) < 1e-9);
    assert_true(fabs(l->sigma - sigma) < 1e-9);
    assert_true(fabs(l->distance - (0.5 - erfc((1 - e) / sqrt(2)) / 2)) < 1e-3);
    assert_int_equal(l->law, TRACE_FIT_EMPIRICAL);
    assert_true(fabs(l->mean - 5050) < 1e-9);
    assert_int_equal(l->quantiles[0], 100);
    assert_int_equal(l->quantiles[49], 100);
    /* within a bin, 1/256 */
    assert_in_range(l->quantiles[50], 10000 - 40, 10000 + 40);
    assert_in_range(l->quantiles[99], 10000 - 40, 10000 + 40);
    assert_int_equal(fit.sizes[1].law, TRACE_FIT_CONSTANT);
    assert_true(fit.sizes[1].mean == 7);
    assert_int_equal(fit.arrivals.kind, MODEL_SOURCE_CONSTANT);
    assert_true(isnan(fit.correlation));
    file_drop(path);
}

/* Poisson times cut to whole seconds, ten to the second: gaps of 0 and 1 alone, and the
 * steps are seen for what they are. */
static void times_in_whole_seconds_are_seen(void **state)
{
    struct trace_recipe recipe = {.arrivals = MODEL_SOURCE_POISSON,
                                  .rate_per_s = 0.3,
                                  .requests = 20000,
                                  .for_ns = -1,
                                  .seed = 9};
    struct trace_generator g = trace_generator_of(&recipe);
    char *text = calloc(20001, 16), *path;
    int at = sprintf(text, "arrival_s\n");
    struct trace_row row;
    struct trace_fit fit;

    (void)state;
    while (trace_generator_next(&g, &row))
        at += sprintf(text + at, "%d\n", (int)(row.time_ns / SP_NS_PER_S));
    path = file_new(text, (size_t)at);
    free(text);
    assert_int_equal(trace_fit_read(path, NULL, HOUR_S, &fit, NULL), SP_OK);
    assert_int_equal(fit.arrivals.resolution_ns, SP_NS_PER_S);
    assert_true(fit.arrivals.simultaneous > 0 && fit.arrivals.by_moments);
    assert_true(fit.arrivals.poisson_distance < TRACE_FIT_GOOD);
    assert_int_equal(fit.n_sizes, 0);
    file_drop(path);
}

static void too_little_is_told(void **state)
{
    static const char *const texts[] = {
        "arrival_s\n1\n2\n3\n",
        "arrival_s\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n",
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        char *path = file_of_text(texts[i]), want[512];
        struct trace_fit fit = {.rows = 77};
        struct sp_err err = {0};

        assert_int_equal(trace_fit_read(path, NULL, HOUR_S, &fit, &err), SP_EINPUT);
        snprintf(want, sizeof want,
                 "%s: found %d rows in %d s, expected at least 10 at several times: "
                 "nothing can be fitted",
                 path, i == 0 ? 3 : 12, i == 0 ? 2 : 0);
        assert_string_equal(err.text, want);
        assert_int_equal(fit.rows, 77);
        file_drop(path);
    }
}

/* The hour of Azure's conversation service: two modes in its lengths, which no
 * lognormal has, and a rate that drifts. */
static void the_azure_hour_is_called_what_it_is(void **state)
{
    char *path = file_shared("llm/azure_llm_2023_conv.csv");
    struct trace_fit fit;

    (void)state;
    if (path == NULL)
        skip();
    assert_int_equal(trace_fit_read(path, NULL, 24 * HOUR_S, &fit, NULL), SP_OK);
    assert_int_equal(fit.arrivals.kind, MODEL_SOURCE_GAMMA);
    assert_int_equal(fit.arrivals.periods, 0);
    assert_true(fit.arrivals.window_s == 60 && fit.arrivals.dispersion > 16);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fit.sizes[i].law, TRACE_FIT_EMPIRICAL);
    free(path);
}

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(two_lengths_are_no_lognormal),
        cmocka_unit_test(times_in_whole_seconds_are_seen),
        cmocka_unit_test(too_little_is_told),
        cmocka_unit_test(the_azure_hour_is_called_what_it_is),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = is_found_again,
                                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_fit", tests, NULL, NULL);
}
