/* cal_fit_profile(): campaigns become a profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gsl.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"
#include "fit_rig.h"
#include "trace_files.h"

enum { CAMPAIGNS = 3, ITEMS = 32 };

/* One kernel with up to 8 points on one device, three campaigns. */
struct rig {
    struct sp_arena *arena;
    struct model_profile_device device;
    struct cal_estimate estimates[8][CAMPAIGNS];
    struct cal_point points[8];
    struct cal_scaling_point scaling[8];
    double speedup[8]; /* of one campaign */
    struct cal_item items[ITEMS];
    struct cal_measured measured;
    struct cal_campaigns all;
};

/* n points at 1, 2, 4, ...: a time of 1 ms x, the same in every campaign, half-width
 * 0.6 %. */
static void rig_init(struct rig *rig, int32_t n)
{
    *rig = (struct rig){.arena = sp_arena_new()};
    rig->device =
        (struct model_profile_device){.name = "cpu", .model = "test", .cores = 4};
    for (int32_t i = 0; i < n; i++) {
        rig->points[i] = (struct cal_point){
            .x = (double)(1 << i), .n = CAMPAIGNS, .estimates = rig->estimates[i]};
        for (int32_t k = 0; k < CAMPAIGNS; k++)
            rig->estimates[i][k] = (struct cal_estimate){.s = 1e-3 * (1 << i),
                                                         .half_frac = 0.006,
                                                         .blocks = 8,
                                                         .by_canary = 1,
                                                         .by_scheduler = 2,
                                                         .converged = true};
    }
    rig->measured = (struct cal_measured){.name = "kernel",
                                          .item = "a thing",
                                          .axis = "things",
                                          .bound = MODEL_BOUND_COMPUTE,
                                          .n_points = n,
                                          .points = rig->points,
                                          .scaling = rig->scaling,
                                          .items = rig->items};
    rig->all = (struct cal_campaigns){.created = "2026-11-22T20:10:00Z",
                                      .tool = "stageplan",
                                      .mode = "full",
                                      .campaigns = CAMPAIGNS,
                                      .seed = 9,
                                      .n_devices = 1,
                                      .devices = &rig->device,
                                      .n_measured = 1,
                                      .measured = &rig->measured};
}

static void rig_fini(struct rig *rig)
{
    sp_arena_free(rig->arena);
}

static const struct model_profile *fit(struct rig *rig)
{
    struct model_profile *profile;
    struct sp_err err = {SP_OK, ""};

    if (cal_fit_profile(&rig->all, rig->arena, &profile, &err) != SP_OK)
        fail_msg("%s", err.text);
    return profile;
}

static bool has_note(const struct model_profile *profile, const char *text)
{
    for (int32_t i = 0; i < profile->n_notes; i++)
        if (strstr(profile->notes[i], text) != NULL)
            return true;
    return false;
}

/* ---- campaigns ---- */

/* Times 1.00, 1.02, 1.07 ms: the median 1.02, deviations from the mean 1.03 of -0.03,
 * -0.01, 0.04, so an sd of sqrt(0.0026 / 2) = 0.036056 ms, 3.5349 % of the median. */
static void a_point_is_the_median_of_its_campaigns(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 1);
    rig.estimates[0][0].s = 1.07e-3;
    rig.estimates[0][1].s = 1.00e-3;
    rig.estimates[0][2].s = 1.02e-3;
    k = &fit(&rig)->kernels[0];
    assert_true(fabs(k->points[0].s - 1.02e-3) < 1e-15);
    assert_true(fabs(k->sd_between - 0.0353488) < 1e-6);
    assert_true(fabs(k->sd_within - 0.003) < 1e-12); /* half of the half-width */
    assert_true(fabs(k->points[0].sd_frac - 0.0353488) < 1e-6);
    assert_int_equal(k->points[0].blocks, 24);
    assert_int_equal(k->points[0].rejected, 9);
    rig_fini(&rig);
}

static struct counts {
    const char *name;
    enum model_bound bound;
    bool quiet;
    double half, shift; /* of every estimate; of campaign 0 */
    double within, between, sd;
} counts[] = {
    {"floor_of_compute", MODEL_BOUND_COMPUTE, false, 0.01, 0, 0.005, 0, 0.03},
    {"floor_of_compute_quiet", MODEL_BOUND_COMPUTE, true, 0.01, 0, 0.005, 0, 0.01},
    {"floor_of_memory", MODEL_BOUND_MEMORY, false, 0.01, 0, 0.005, 0, 0.08},
    {"floor_of_memory_quiet", MODEL_BOUND_MEMORY, true, 0.01, 0, 0.005, 0, 0.03},
    {"floor_of_latency", MODEL_BOUND_LATENCY, true, 0.01, 0, 0.005, 0, 0.01},
    {"floor_of_a_link", MODEL_BOUND_LINK, true, 0.01, 0, 0.005, 0, 0.03},
    {"floor_of_either", MODEL_BOUND_ROOFLINE, false, 0.01, 0, 0.005, 0, 0.08},
    {"floor_of_the_unknown", MODEL_BOUND_UNKNOWN, false, 0.01, 0, 0.005, 0, 0.08},
    {"within_above_the_floor", MODEL_BOUND_COMPUTE, false, 0.1, 0, 0.05, 0, 0.05},
    /* 1.3, 1, 1: an sd of 0.3 / sqrt 3 */
    {"between_above_the_floor", MODEL_BOUND_COMPUTE, false, 0.01, 0.3, 0.005,
     0.17320508, 0.17320508},
    /* a half-width that could not be told is no certainty: the floor of a busy machine
     */
    {"no_half_width", MODEL_BOUND_COMPUTE, true, INFINITY, 0, 0.03, 0, 0.03},
};

static void the_largest_of_three_spreads_counts(void **state)
{
    const struct counts *t = *state;
    struct rig rig;
    const struct model_kernel *k;

    rig_init(&rig, 2);
    rig.measured.bound = t->bound;
    rig.measured.quiet = t->quiet;
    for (int32_t i = 0; i < 2; i++) {
        for (int32_t c = 0; c < CAMPAIGNS; c++)
            rig.estimates[i][c].half_frac = t->half;
        rig.estimates[i][0].s *= 1 + t->shift;
    }
    k = &fit(&rig)->kernels[0];
    assert_true(fabs(k->sd_within - t->within) < 1e-8);
    assert_true(fabs(k->sd_between - t->between) < 1e-8);
    assert_true(fabs(k->sd_frac - t->sd) < 1e-8);
    assert_true(k->bound == t->bound && k->basis == MODEL_BASIS_MEASURED);
    rig_fini(&rig);
}

/* 0.75 ms until 3 and 0.25 ms x from there, of a product that reads its weights once:
 * memory binds the points 1 and 2, operations the rest. */
static void a_roofline_has_the_floor_of_the_side_that_each_point_is_on(void **state)
{
    static const struct model_work product = {
        .flop = 2e6, .bytes_fixed = 4e6, .bytes = 8e3};
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    for (int32_t n = 6; n <= 8; n++) {
        double squares = 0;

        rig_init(&rig, n);
        rig.measured.bound = MODEL_BOUND_ROOFLINE;
        rig.measured.work = product;
        for (int32_t i = 0; i < n; i++) {
            double x = rig.points[i].x;

            for (int32_t c = 0; c < CAMPAIGNS; c++)
                rig.estimates[i][c].s = 2.5e-4 * fmax(3, x);
            squares += x > 3 ? 0.03 * 0.03 : 0.08 * 0.08;
        }
        k = &fit(&rig)->kernels[0];
        assert_true(fabs(k->sd_floor - sqrt(squares / n)) < 1e-8);
        assert_true(k->sd_frac == k->sd_floor);
        rig_fini(&rig);
    }
}

/* ---- what did not converge ---- */

static void not_converged_is_told_with_its_reason(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 3);
    rig.estimates[1][2].converged = false;
    rig.estimates[1][2].why = "half-width 3.0 %, expected 1.0 %";
    k = &fit(&rig)->kernels[0];
    assert_true(k->points[0].converged && k->points[0].why == NULL);
    assert_false(k->points[1].converged);
    assert_string_equal(k->points[1].why,
                        "in 1 of 3 campaigns: half-width 3.0 %, expected 1.0 %");
    assert_false(k->converged);
    assert_string_equal(k->why,
                        "things 2: in 1 of 3 campaigns: half-width 3.0 %, expected "
                        "1.0 %");
    rig_fini(&rig);
}

/* Each campaign has its reason, and a profile has room for one: it says whose it is. */
static void the_reason_told_is_that_of_the_first_campaign_that_failed(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 1);
    rig.estimates[0][1].converged = rig.estimates[0][2].converged = false;
    rig.estimates[0][1].why = "7 blocks, expected 8";
    rig.estimates[0][2].why = "half-width 3.0 %, expected 1.0 %";
    k = &fit(&rig)->kernels[0];
    assert_string_equal(
        k->points[0].why,
        "in 2 of 3 campaigns, in the first of them: 7 blocks, expected 8");
    rig_fini(&rig);
}

static void a_campaign_without_a_block_is_missed(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 2);
    rig.points[0].n = 2;
    k = &fit(&rig)->kernels[0];
    assert_false(k->points[0].converged);
    assert_string_equal(k->points[0].why, "in 1 of 3 campaigns no block counts");
    assert_true(k->points[1].converged);
    assert_false(k->converged);
    rig_fini(&rig);
}

static void a_point_without_a_time_is_left_out_and_told(void **state)
{
    struct rig rig;
    const struct model_profile *profile;

    (void)state;
    rig_init(&rig, 3);
    rig.points[1].n = 0;
    profile = fit(&rig);
    assert_int_equal(profile->kernels[0].n_points, 2);
    assert_true(profile->kernels[0].points[1].x == 4);
    assert_true(has_note(profile, "kernel on cpu: nothing was measured at things 2"));
    assert_false(profile->kernels[0].converged);
    rig_fini(&rig);
}

static void estimates_that_are_no_times_do_not_count(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 1);
    rig.estimates[0][0].s = NAN;
    rig.estimates[0][1].s = -1;
    k = &fit(&rig)->kernels[0];
    assert_true(k->points[0].s == 1e-3);
    assert_false(k->converged);
    rig_fini(&rig);
}

static void what_was_skipped_is_a_note_and_nothing_at_all_an_error(void **state)
{
    struct rig rig;
    struct cal_measured two[2];
    const struct model_profile *profile;
    struct model_profile *none = NULL;
    struct sp_err err = {SP_OK, ""};
    static const char *notes[1] = {"cuda: no driver"};

    (void)state;
    rig_init(&rig, 2);
    two[0] = two[1] = rig.measured;
    two[0].name = "jpeg_decode";
    two[0].skipped = "the library is not there";
    rig.all.measured = two;
    rig.all.n_measured = 2;
    rig.all.n_notes = 1;
    rig.all.notes = notes;
    profile = fit(&rig);
    assert_int_equal(profile->n_kernels, 1);
    assert_string_equal(profile->kernels[0].name, "kernel");
    assert_true(has_note(profile, "cuda: no driver"));
    assert_true(has_note(profile, "jpeg_decode on cpu: the library is not there"));
    two[1].n_points = 0;
    assert_int_equal(cal_fit_profile(&rig.all, rig.arena, &none, &err), SP_EINPUT);
    assert_string_equal(
        err.text,
        "nothing was measured: cuda: no driver; jpeg_decode on cpu: the library is not "
        "there; kernel on cpu: nothing was measured, expected one kernel or more");
    assert_null(none);
    rig_fini(&rig);
}

/* ---- the table ---- */

static void a_time_that_falls_is_kept_and_told(void **state)
{
    struct rig rig;
    const struct model_profile *profile;

    (void)state;
    rig_init(&rig, 4);
    for (int32_t c = 0; c < CAMPAIGNS; c++) {
        rig.estimates[1][c].s = 238e-6; /* the reference's matrix product */
        rig.estimates[2][c].s = 201e-6;
        rig.estimates[0][c].s = 202e-6;
        rig.estimates[3][c].s = 200.5e-6; /* within its noise of 0.3 % */
    }
    profile = fit(&rig);
    assert_true(profile->kernels[0].points[1].s == 238e-6);
    assert_true(profile->kernels[0].points[2].s == 201e-6);
    assert_int_equal(profile->n_notes, 1);
    assert_string_equal(profile->notes[0],
                        "kernel on cpu: the time falls from 238 us at things 2 to "
                        "201 us at 4; the table is kept as it was measured");
    rig_fini(&rig);
}

static void the_best_form_is_first(void **state)
{
    struct rig rig;
    const struct model_kernel *k;

    (void)state;
    rig_init(&rig, 8);
    k = &fit(&rig)->kernels[0];
    assert_true(k->n_fits >= 2);
    assert_string_equal(k->fits[0].form->name, "linear");
    assert_true(fabs(k->fits[0].coef[1] / 1e-3 - 1) < 1e-6);
    assert_true(k->fits[0].aicc <= k->fits[1].aicc);
    assert_true(k->converged && k->why == NULL);
    rig_fini(&rig);
}

static void without_an_axis_or_with_one_point_there_is_no_form(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, 1);
    assert_int_equal(fit(&rig)->kernels[0].n_fits, 0);
    rig.measured.axis = "";
    assert_int_equal(fit(&rig)->kernels[0].n_fits, 0);
    rig_fini(&rig);
}

/* ---- items ---- */

/* Items at the point 1, 1 ms each, with a spread of `cv`. */
static void make_items(struct rig *rig, struct sp_rng *r, double cv)
{
    rig->measured.n_items = ITEMS;
    for (int32_t i = 0; i < ITEMS; i++) {
        double *f = rig->items[i].features;

        f[0] = 100 + 80 * sp_rng_uniform(r);
        f[1] = 3;
        rig->items[i].x = 1;
        rig->items[i].s = 1e-3 * (1 + cv * fit_normal(r));
    }
}

/* Squared, as variances are what is unbiased: 0.15^2 + noise^2 - noise^2.  The point is
 * known to 0.3 %, one of its 32 items in three campaigns to 0.3 sqrt(32 / 3) = 0.98 %.
 */
static void noise_is_taken_out_of_the_spread_of_items(void **state)
{
    const double noise = 0.003 * sqrt(32 / 3.0);
    struct sp_rng r = sp_rng_from_key(41);
    struct fit_tally small = {0};

    (void)state;
    for (int32_t d = 0; d < FIT_DRAWS; d++) {
        struct rig rig;
        const struct model_kernel *k;

        rig_init(&rig, 1);
        make_items(&rig, &r, hypot(0.05, noise));
        k = &fit(&rig)->kernels[0];
        fit_tally_add(&small, k->item_cv * k->item_cv, 0.05 * 0.05, 0, 0);
        rig_fini(&rig);
    }
    fit_assert_unbiased(&small, "spread of items, squared");
}

static void what_is_noise_alone_is_no_spread_of_items(void **state)
{
    struct sp_rng r = sp_rng_from_key(42);
    struct rig rig;

    (void)state;
    rig_init(&rig, 1);
    make_items(&rig, &r, 0.005); /* half of the noise */
    assert_true(fit(&rig)->kernels[0].item_cv == 0);
    rig.measured.n_items = 1;
    assert_true(fit(&rig)->kernels[0].item_cv == 0);
    rig.measured.n_items = 0;
    assert_true(fit(&rig)->kernels[0].item_cv == 0);
    rig_fini(&rig);
}

/* Relative deviations +-0.1 at x = 1 and +-0.2 at x = 2, each from its own mean:
 * (2 x 0.01 + 2 x 0.04) / 2 = 0.05 with 1 + 1 degrees of freedom. */
static void items_are_compared_with_those_of_the_same_x(void **state)
{
    static const struct cal_item items[4] = {
        {.x = 1, .s = 0.9}, {.x = 2, .s = 8}, {.x = 1, .s = 1.1}, {.x = 2, .s = 12}};
    static const double none[4] = {0}, some[4] = {0.1, 0.1, 0.1, 0.1};

    (void)state;
    assert_true(fabs(cal_fit_item_cv(items, none, 4) - sqrt(0.05)) < 1e-12);
    assert_true(fabs(cal_fit_item_cv(items, some, 4) - sqrt(0.04)) < 1e-12);
    assert_true(cal_fit_item_cv(items, none, 0) == 0);
}

static void features_explain_what_they_can(void **state)
{
    static const char *const names[2] = {"bytes", "megapixels"};
    struct sp_rng r = sp_rng_from_key(43);
    struct rig rig;
    const struct model_profile *profile;
    const struct model_features *f;

    (void)state;
    rig_init(&rig, 1);
    make_items(&rig, &r, 0);
    rig.measured.n_features = 2;
    rig.measured.features = names;
    for (int32_t i = 0; i < ITEMS; i++)
        rig.items[i].s = 2e-4 + 5e-6 * rig.items[i].features[0];
    profile = fit(&rig);
    f = &profile->kernels[0].features;
    assert_int_equal(f->n, 1); /* megapixels are the same for all */
    assert_string_equal(f->names[0], "bytes");
    assert_true(fabs(f->coef[0] / 2e-4 - 1) < 1e-6);
    assert_true(fabs(f->coef[1] / 5e-6 - 1) < 1e-6);
    assert_true(f->cv == 0);
    assert_true(profile->kernels[0].item_cv > 0.05); /* without features */
    for (int32_t i = 0; i < ITEMS; i++)
        rig.items[i].features[1] = 2 * rig.items[i].features[0];
    profile = fit(&rig);
    assert_int_equal(profile->kernels[0].features.n, 0);
    assert_true(has_note(profile, "kernel on cpu: no features: the features are "
                                  "collinear"));
    rig_fini(&rig);
}

/* ---- cores ---- */

static void scaling_takes_the_law_of_what_binds(void **state)
{
    static double speedup[4][CAMPAIGNS] = {
        {1, 1, 1}, {1.9, 1.94, 1.92}, {2.4, 2.5, 2.45}, {2.5, 2.5, 2.5}};
    struct rig rig;
    const struct model_profile *profile;
    const struct model_scaling *m;

    (void)state;
    rig_init(&rig, 2);
    rig.measured.n_scaling = 4;
    for (int32_t i = 0; i < 4; i++)
        rig.scaling[i] = (struct cal_scaling_point){
            .cores = 1 << i, .n = CAMPAIGNS, .speedup = speedup[i]};
    profile = fit(&rig);
    m = &profile->kernels[0].scaling;
    assert_int_equal(m->kind, MODEL_SCALING_USL);
    assert_int_equal(m->n, 4);
    assert_true(m->cores[1] == 2 && m->speedup[1] == 1.92 && m->sd[0] == 0);
    assert_true(fabs(m->sd[1] - 0.02) < 1e-12);       /* of the campaigns */
    assert_true(fabs(m->sd[3] - 0.01 * 2.5) < 1e-12); /* no less than 1 % */
    assert_true(m->sigma >= 0 && m->kappa > 0 && m->cov[1][1] > 0);
    assert_true(has_note(profile, "scaling over cores rests on at most 4 core counts, "
                                  "expected 6 or more for a law that holds far beyond "
                                  "them: kernel"));
    rig.measured.bound = MODEL_BOUND_MEMORY;
    profile = fit(&rig);
    m = &profile->kernels[0].scaling;
    assert_int_equal(m->kind, MODEL_SCALING_BANDWIDTH);
    assert_true(m->most > 2.4 && m->most < 2.55 && m->most_sd > 0);
    assert_int_equal(profile->n_notes, 0);
    rig.measured.n_scaling = 1;
    assert_int_equal(fit(&rig)->kernels[0].scaling.kind, MODEL_SCALING_NONE);
    rig.measured.n_scaling = 0;
    assert_int_equal(fit(&rig)->kernels[0].scaling.kind, MODEL_SCALING_NONE);
    rig_fini(&rig);
}

/* ---- what is kept ---- */

static void all_text_is_copied(void **state)
{
    char name[] = "kernel_x", device[] = "gpu7", fact[] = "value", axis[] = "tokens",
         note[] = "a note";
    struct model_fact facts[1] = {{fact, fact}};
    const char *notes[1] = {note};
    struct rig rig;
    const struct model_profile *p;

    (void)state;
    rig_init(&rig, 2);
    rig.measured.name = rig.measured.item = name;
    rig.measured.library = rig.measured.code_path = name;
    rig.measured.axis = axis;
    rig.measured.n_params = 1;
    rig.measured.params = facts;
    rig.device.name = device;
    rig.device.n_facts = 1;
    rig.device.facts = facts;
    rig.all.n_facts = 1;
    rig.all.facts = facts;
    rig.all.created = rig.all.tool = rig.all.mode = name;
    rig.all.n_notes = 1;
    rig.all.notes = notes;
    p = fit(&rig);
    memset(name, '#', sizeof name - 1);
    memset(device, '#', sizeof device - 1);
    memset(fact, '#', sizeof fact - 1);
    memset(axis, '#', sizeof axis - 1);
    memset(note, '#', sizeof note - 1);
    memset(rig.points, 0, sizeof rig.points);
    assert_string_equal(p->kernels[0].name, "kernel_x");
    assert_string_equal(p->kernels[0].item, "kernel_x");
    assert_string_equal(p->kernels[0].library, "kernel_x");
    assert_string_equal(p->kernels[0].code_path, "kernel_x");
    assert_string_equal(p->kernels[0].axis, "tokens");
    assert_string_equal(p->kernels[0].device, "gpu7");
    assert_string_equal(p->kernels[0].params[0].value, "value");
    assert_string_equal(p->devices[0].name, "gpu7");
    assert_string_equal(p->devices[0].facts[0].value, "value");
    assert_string_equal(p->facts[0].name, "value");
    assert_string_equal(p->notes[0], "a note");
    assert_string_equal(p->created, "kernel_x");
    assert_true(p->campaigns == 3 && p->seed == 9 && p->n_devices == 1);
    assert_true(p->kernels[0].points[1].x == 2);
    rig_fini(&rig);
}

/* ---- written and read ---- */

/* Whatever comes out of the fits, the reader of profiles takes: kernels of every bound,
 * over x from 1 to 1e8, with knees, features that nearly tell each other, speed-ups of
 * chance. */
static void make_any(struct rig *rig, struct sp_rng *r)
{
    static const char *const names[2] = {"bytes", "megapixels"};
    double unit = pow(10, 6 * sp_rng_uniform(r)), knee = pow(2, 7 * sp_rng_uniform(r));
    struct cal_measured *m = &rig->measured;

    rig_init(rig, 3 + (int32_t)(5 * sp_rng_uniform(r)));
    m->bound = (enum model_bound)(6 * sp_rng_uniform(r));
    m->work = (struct model_work){.flop = 2e3, .bytes_fixed = 4e4 * unit, .bytes = 30};
    for (int32_t i = 0; i < m->n_points; i++) {
        rig->points[i].x *= unit;
        for (int32_t k = 0; k < CAMPAIGNS; k++)
            rig->estimates[i][k].s =
                1e-4 * fmax(knee, 1 << i) * exp(0.05 * fit_normal(r));
    }
    make_items(rig, r, 0.1);
    m->n_features = 2;
    m->features = names;
    for (int32_t i = 0; i < ITEMS; i++) {
        double *f = rig->items[i].features;

        f[0] *= unit;
        f[1] = f[0] / unit * (1 + 1e-3 * fit_normal(r));
        rig->items[i].x = unit;
    }
    m->n_scaling = (int32_t)(6 * sp_rng_uniform(r));
    for (int32_t i = 0; i < m->n_scaling; i++) {
        rig->speedup[i] = pow(2, i * 1.2 * sp_rng_uniform(r));
        rig->scaling[i] = (struct cal_scaling_point){
            .cores = 1 << i, .n = 1, .speedup = &rig->speedup[i]};
    }
}

static void what_is_fitted_can_be_written_and_read(void **state)
{
    struct sp_rng r = sp_rng_from_key(44);
    int32_t fits = 0, features = 0, scaled = 0;

    (void)state;
    for (int32_t d = 0; d < 300; d++) {
        struct rig rig;
        const struct model_profile *made;
        struct model_profile *read;
        struct sp_err err = {SP_OK, ""};
        char *text = NULL, *path;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        make_any(&rig, &r);
        made = fit(&rig);
        model_profile_print(out, made);
        fclose(out);
        path = file_of_text(text);
        if (model_profile_read(path, rig.arena, &read, &err) != SP_OK)
            fail_msg("draw %d: %s", (int)d, err.text);
        fits += read->kernels[0].n_fits;
        features += read->kernels[0].features.n > 0;
        scaled += read->kernels[0].scaling.kind != MODEL_SCALING_NONE;
        assert_int_equal(read->kernels[0].n_fits, made->kernels[0].n_fits);
        for (int32_t i = 0; i < read->kernels[0].n_fits; i++)
            assert_memory_equal(read->kernels[0].fits[i].coef,
                                made->kernels[0].fits[i].coef,
                                sizeof made->kernels[0].fits[i].coef);
        file_drop(path);
        free(text);
        rig_fini(&rig);
    }
    assert_true(fits > 600 && features > 200 && scaled > 150);
}

/* What a worker may say and no device does: times and x of any order of magnitude, each
 * campaign its own. */
static void make_wild(struct rig *rig, struct sp_rng *r)
{
    rig_init(rig, 8);
    rig->measured.bound = (enum model_bound)(6 * sp_rng_uniform(r));
    rig->measured.work =
        (struct model_work){.flop_fixed = pow(10, 18 * sp_rng_uniform(r)),
                            .flop = pow(10, 18 * sp_rng_uniform(r)),
                            .bytes = pow(10, 18 * sp_rng_uniform(r))};
    for (int32_t i = 0; i < 8; i++) {
        rig->points[i].x = pow(10, -12 + 3.3 * i + 3 * sp_rng_uniform(r));
        for (int32_t k = 0; k < CAMPAIGNS; k++) {
            rig->estimates[i][k].s = pow(10, -12 + 18 * sp_rng_uniform(r));
            rig->estimates[i][k].half_frac = pow(10, -4 + 6 * sp_rng_uniform(r));
        }
    }
}

static void what_no_device_says_can_still_be_read(void **state)
{
    struct sp_rng r = sp_rng_from_key(45);

    (void)state;
    for (int32_t d = 0; d < 300; d++) {
        struct rig rig;
        struct model_profile *read;
        struct sp_err err = {SP_OK, ""};
        char *text = NULL, *path;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        make_wild(&rig, &r);
        model_profile_print(out, fit(&rig));
        fclose(out);
        path = file_of_text(text);
        if (model_profile_read(path, rig.arena, &read, &err) != SP_OK)
            fail_msg("draw %d: %s", (int)d, err.text);
        file_drop(path);
        free(text);
        rig_fini(&rig);
    }
}

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
    struct CMUnitTest tests[48] = {
        cmocka_unit_test(what_no_device_says_can_still_be_read),
        cmocka_unit_test(a_point_is_the_median_of_its_campaigns),
        cmocka_unit_test(not_converged_is_told_with_its_reason),
        cmocka_unit_test(a_campaign_without_a_block_is_missed),
        cmocka_unit_test(a_point_without_a_time_is_left_out_and_told),
        cmocka_unit_test(estimates_that_are_no_times_do_not_count),
        cmocka_unit_test(what_was_skipped_is_a_note_and_nothing_at_all_an_error),
        cmocka_unit_test(a_time_that_falls_is_kept_and_told),
        cmocka_unit_test(the_best_form_is_first),
        cmocka_unit_test(without_an_axis_or_with_one_point_there_is_no_form),
        cmocka_unit_test(a_roofline_has_the_floor_of_the_side_that_each_point_is_on),
        cmocka_unit_test(the_reason_told_is_that_of_the_first_campaign_that_failed),
        cmocka_unit_test(noise_is_taken_out_of_the_spread_of_items),
        cmocka_unit_test(what_is_noise_alone_is_no_spread_of_items),
        cmocka_unit_test(items_are_compared_with_those_of_the_same_x),
        cmocka_unit_test(features_explain_what_they_can),
        cmocka_unit_test(scaling_takes_the_law_of_what_binds),
        cmocka_unit_test(all_text_is_copied),
        cmocka_unit_test(what_is_fitted_can_be_written_and_read),
    };

    sp_gsl_quiet();
    for (size_t i = 0; i < ROWS(counts); i++)
        tests[17 + i] =
            (struct CMUnitTest){.name = counts[i].name,
                                .test_func = the_largest_of_three_spreads_counts,
                                .initial_state = &counts[i]};
    return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
