/* How several cores slow each other down: model_kernel_slowdown() against arithmetic
 * done by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/profile.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

enum { POINTS_MAX = 4 };

static struct row {
    const char *name;
    enum model_scaling_kind kind;
    int32_t cores[POINTS_MAX]; /* 0 ends */
    double speedup[POINTS_MAX];
    double sigma, kappa, cov[3]; /* cov: of sigma, of both, of kappa */
    double most, most_sd;
    double z_sigma, z_kappa;
    double at, want;
    bool extrapolated;
} rows[] = {
    {.name = "alone", .at = 1, .want = 1},
    {.name = "nothing_measured", .at = 4, .want = 1, .extrapolated = true},
#define USL2                                                                           \
    .kind = MODEL_SCALING_USL, .cores = {1, 2}, .speedup = {1, 1.9},                   \
    .sigma = 2 / 1.9 - 1
    {.name = "one_core", USL2, .at = 1, .want = 1},
    {.name = "two_cores_as_measured", USL2, .at = 2, .want = 2 / 1.9},
    {.name = "halfway", USL2, .at = 1.5, .want = 1 + 0.1 / 1.9 / 2},
    {.name = "twice_the_cores_by_the_law", USL2, .at = 4, .want = 1 + 3 * 0.1 / 1.9},
    {.name = "beyond_twice",
     USL2,
     .at = 4.5,
     .want = 1 + 3.5 * 0.1 / 1.9,
     .extrapolated = true},
    /* sigma + 0.02 */
    {.name = "drawn_sigma_within_the_table",
     USL2,
     .cov = {4e-4},
     .z_sigma = 1,
     .at = 2,
     .want = 1.02 + 0.1 / 1.9},
    {.name = "drawn_sigma_beyond",
     USL2,
     .cov = {4e-4},
     .z_sigma = 1,
     .at = 3,
     .want = 1.04 + 0.2 / 1.9},
    {.name = "drawn_sigma_is_not_negative",
     USL2,
     .cov = {4e-4},
     .z_sigma = -10,
     .at = 3,
     .want = 1},
    /* l = (0.02; 0.01, 0.02): sigma 0.1 + 0.02, kappa 0.05 + 0.01 + 0.02 */
    {.name = "both_are_drawn_together",
     .kind = MODEL_SCALING_USL,
     .cores = {1},
     .speedup = {1},
     .sigma = 0.1,
     .kappa = 0.05,
     .cov = {4e-4, 2e-4, 5e-4},
     .z_sigma = 1,
     .z_kappa = 1,
     .at = 2,
     .want = 1 + 0.12 + 2 * 0.08},
    {.name = "kappa_is_not_negative",
     .kind = MODEL_SCALING_USL,
     .cores = {1},
     .speedup = {1},
     .sigma = 0.1,
     .kappa = 0.05,
     .cov = {4e-4, 2e-4, 5e-4},
     .z_kappa = -9,
     .at = 2,
     .want = 1.1},
    /* the law says 1 + 0.1 * 3 = 1.3 at 4 cores, measured 1.25: joined there */
    {.name = "law_is_joined_to_the_last_point",
     .kind = MODEL_SCALING_USL,
     .cores = {1, 2, 4},
     .speedup = {1, 1.8, 3.2},
     .sigma = 0.1,
     .at = 8,
     .want = 1.25 / 1.3 * 1.7},
    {.name = "between_points_the_table",
     .kind = MODEL_SCALING_USL,
     .cores = {1, 2, 4},
     .speedup = {1, 1.8, 3.2},
     .sigma = 0.1,
     .at = 3,
     .want = (2 / 1.8 + 1.25) / 2},
    {.name = "more_than_the_cores_is_noise",
     .kind = MODEL_SCALING_USL,
     .cores = {1, 2},
     .speedup = {1, 2.05},
     .at = 2,
     .want = 1},
#define WIDE                                                                           \
    .kind = MODEL_SCALING_BANDWIDTH, .cores = {1, 2, 4}, .speedup = {1, 2, 3},         \
    .most = 3, .most_sd = 0.3
    {.name = "below_the_bandwidth", WIDE, .at = 2, .want = 1},
    {.name = "at_the_bandwidth", WIDE, .at = 4, .want = 4.0 / 3},
    {.name = "above_the_bandwidth", WIDE, .at = 8, .want = 8.0 / 3},
    {.name = "far_above_the_bandwidth", WIDE, .at = 9, .want = 3, .extrapolated = true},
    {.name = "drawn_bandwidth", WIDE, .z_sigma = 1, .at = 8, .want = 8 / 3.3},
    {.name = "bandwidth_is_at_least_one_core",
     WIDE,
     .z_sigma = -99,
     .at = 8,
     .want = 8},
    {.name = "bandwidth_without_limit",
     .kind = MODEL_SCALING_BANDWIDTH,
     .cores = {1, 2},
     .speedup = {1, 2},
     .most = INFINITY,
     .at = 4,
     .want = 1},
    {.name = "bandwidth_without_limit_far_off",
     .kind = MODEL_SCALING_BANDWIDTH,
     .cores = {1, 2},
     .speedup = {1, 2},
     .most = INFINITY,
     .z_sigma = 2,
     .at = 5,
     .want = 1,
     .extrapolated = true},
};

static struct model_kernel kernel_of(struct row *row)
{
    struct model_kernel k = {.name = "k"};
    struct model_scaling *s = &k.scaling;

    s->kind = row->kind;
    while (s->n < POINTS_MAX && row->cores[s->n] > 0)
        s->n++;
    s->cores = row->cores;
    s->speedup = row->speedup;
    s->sigma = row->sigma;
    s->kappa = row->kappa;
    s->cov[0][0] = row->cov[0];
    s->cov[0][1] = s->cov[1][0] = row->cov[1];
    s->cov[1][1] = row->cov[2];
    s->most = row->most;
    s->most_sd = row->most_sd;
    return k;
}

static bool is_near(double found, double want)
{
    return fabs(found - want) <= 1e-14 * want;
}

static void slows_down(void **state)
{
    struct row *row = *state;
    struct model_kernel k = kernel_of(row);
    const struct model_kernel_draw draw = {.sigma = row->z_sigma,
                                           .kappa = row->z_kappa};
    struct model_kernel_time found = model_kernel_slowdown(&k, &draw, row->at);

    assert_true(is_near(found.s, row->want));
    assert_int_equal(found.extrapolated, row->extrapolated);
}

static struct row *named(const char *name)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    fail();
    return NULL;
}

static void more_cores_are_never_faster(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        struct model_kernel k = kernel_of(&rows[i]);
        const struct model_kernel_draw none = {0};
        double before = 1;

        for (double cores = 1; cores < 20; cores += 0.125) {
            double now = model_kernel_slowdown(&k, &none, cores).s;

            assert_true(now >= before - 1e-14);
            before = now;
        }
    }
}

static void interval(const char *name, double cores, double low, double high)
{
    struct model_kernel k = kernel_of(named(name));
    double found_low = 0, found_high = 0;

    model_kernel_slowdown_interval(&k, cores, &found_low, &found_high);
    assert_true(is_near(found_low, low));
    assert_true(is_near(found_high, high));
}

static void intervals_are_those_of_the_law(void **state)
{
    const double half = 1.959963984540054 * 0.04; /* of sigma (n - 1), sd 0.02, n = 3 */

    (void)state;
    interval("drawn_sigma_beyond", 3, 1 + 0.2 / 1.9 - half, 1 + 0.2 / 1.9 + half);
    interval("drawn_sigma_beyond", 1, 1, 1);
    /* var = 1 * 4e-4 + 2 * 1 * 2 * 2e-4 + 4 * 5e-4 at two cores */
    interval("kappa_is_not_negative", 2, 1.2 - 1.959963984540054 * sqrt(32e-4),
             1.2 + 1.959963984540054 * sqrt(32e-4));
    interval("drawn_bandwidth", 8, 8 / (3 + 0.3 * 1.959963984540054),
             8 / (3 - 0.3 * 1.959963984540054));
}

static void without_a_limit_seen_it_may_begin_at_once(void **state)
{
    (void)state;
    interval("bandwidth_without_limit", 2, 1, 1);
    interval("bandwidth_without_limit", 6, 1, 3);
    interval("nothing_measured", 1, 1, 1);
    interval("nothing_measured", 4, 1, 4);
}

int main(void)
{
    enum { FIXED = 3 };
    struct CMUnitTest tests[N_ROWS + FIXED] = {
        cmocka_unit_test(more_cores_are_never_faster),
        cmocka_unit_test(intervals_are_those_of_the_law),
        cmocka_unit_test(without_a_limit_seen_it_may_begin_at_once),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[FIXED + i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = slows_down, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("kernel_scaling", tests, NULL, NULL);
}
