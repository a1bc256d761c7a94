/* model/calibration.h: a profile of four kernels, their records by hand.
 *
 *   pack    cpu, linear 1 + 2 x: 3 at 1, 22 at 10 (fitted 21); 50 flop x, 10 bytes x
 *   stream  cpu, 80 bytes a second at its largest x; a cache's 1000 before
 *   gemm    gpu0, an H100 by the datasheet, bf16
 *   hash    cpu, one point, work not known
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/calibration.h"
#include "tests/near.h"
#include "tests/profile_text.h"

static const char text[] =
    "stageplan_profile: 1\n"
    "created: \"2026-11-22T21:45:15Z\"\n"
    "tool: \"stageplan 0.1.0\"\n"
    "mode: full\n"
    "campaigns: 1\n"
    "seed: 1\n"
    "devices:\n"
    "  - { name: cpu, kind: cpu, model: \"Some CPU\", cores: 2 }\n"
    "  - { name: gpu0, kind: gpu, model: \"NVIDIA H100 80GB HBM3\", catalog: "
    "H100-SXM5-80GB, facts: { driver: \"580.1\" } }\n"
    "kernels:\n"
    "  - name: pack\n"
    "    device: cpu\n"
    "    item: \"one\"\n"
    "    axis: m\n"
    "    calls: per-item\n"
    "    bound: compute\n"
    "    basis: measured\n"
    "    work: { flop: 50, flop_fixed: 0, bytes: 10, bytes_fixed: 0 }\n"
    "    table:\n"
    "      - { x: 1, seconds: 3, sd: 0.01, blocks: 10, rejected: 0, converged: true }\n"
    "      - { x: 10, seconds: 22, sd: 0.02, blocks: 10, rejected: 0, converged: "
    "false, "
    "why: \"it was noisy\" }\n"
    "    fits:\n"
    "      - { form: linear, coefficients: [1, 2], covariance: [[0, 0], [0, 0]], rms: "
    "0.03, max: 0.05, aicc: 1 }\n"
    "    uncertainty: { within: 0.01, between: 0.01, floor: 0.01, sd: 0.02 }\n"
    "    converged: false\n"
    "    why: \"it was noisy\"\n"
    "  - name: stream\n"
    "    device: cpu\n"
    "    item: \"one\"\n"
    "    axis: bytes\n"
    "    calls: per-item\n"
    "    bound: memory\n"
    "    basis: measured\n"
    "    work: { flop: 0, flop_fixed: 0, bytes: 2, bytes_fixed: 0 }\n"
    "    table:\n"
    "      - { x: 500, seconds: 1, sd: 0.01, blocks: 10, rejected: 0, converged: true "
    "}\n"
    "      - { x: 4000, seconds: 100, sd: 0.01, blocks: 10, rejected: 0, converged: "
    "true "
    "}\n"
    "    uncertainty: { within: 0.01, between: 0.01, floor: 0.01, sd: 0.01 }\n"
    "    converged: true\n"
    "  - name: gemm\n"
    "    device: gpu0\n"
    "    item: \"one\"\n"
    "    axis: m\n"
    "    calls: per-task\n"
    "    bound: compute\n"
    "    basis: measured\n"
    "    parameters: { format: bf16 }\n"
    "    work: { flop: 1e6, flop_fixed: 5, bytes: 1e3, bytes_fixed: 7 }\n"
    "    table:\n"
    "      - { x: 8, seconds: 0.5, sd: 0.01, blocks: 10, rejected: 0, converged: true "
    "}\n"
    "    uncertainty: { within: 0.01, between: 0.01, floor: 0.01, sd: 0.01 }\n"
    "    converged: true\n"
    "  - name: hash\n"
    "    device: cpu\n"
    "    item: \"one\"\n"
    "    axis: \"\"\n"
    "    calls: per-item\n"
    "    bound: compute\n"
    "    basis: measured\n"
    "    table:\n"
    "      - { x: 0, seconds: 0.25, sd: 0.01, blocks: 10, rejected: 0, converged: true "
    "}\n"
    "    uncertainty: { within: 0.01, between: 0.01, floor: 0.01, sd: 0.01 }\n"
    "    converged: true\n"
    "complete: true\n";

struct shown {
    struct sp_arena *arena;
    struct model_profile *profile;
    struct model_result r;
};

static int set_up(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct shown *s = sp_arena_alloc(arena, sizeof *s);
    struct sp_err err = {0};

    *s = (struct shown){.arena = arena};
    if (profile_from(text, arena, &s->profile, &err) != SP_OK)
        fail_msg("%s", err.text);
    model_calibration_show(arena, s->profile, "host", &s->r);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct shown *s = *state;

    sp_arena_free(s->arena);
    return 0;
}

static void points_stand_beside_their_fit(void **state)
{
    const struct shown *s = *state;
    const struct model_kernel_curve *c = &s->r.curves[0];

    assert_int_equal(s->r.n_curves, 4);
    assert_string_equal(c->kernel, "pack");
    assert_string_equal(c->profile, "host");
    assert_string_equal(c->form, "a + b x (a 1, b 2)");
    assert_int_equal(c->n, 2);
    assert_near(c->points[0].x, 1, 0);
    assert_near(c->points[0].fitted_s, 3, 0);
    assert_near(c->points[1].measured_s, 22, 0);
    assert_near(c->points[1].half95_s, 1.96 * 0.44, 1e-12);
    assert_near(c->points[1].fitted_s, 21, 0);
    assert_true(c->points[0].converged && !c->points[1].converged);
    assert_near(c->off_frac, 1 / 22.0, 1e-12);
}

static void work_is_that_of_the_largest_call(void **state)
{
    const struct shown *s = *state;

    assert_near(s->r.curves[0].flop, 500, 0);
    assert_near(s->r.curves[0].bytes, 100, 0);
    assert_true(isnan(s->r.curves[1].flop)); /* it does none that count */
    assert_near(s->r.curves[1].bytes, 8000, 0);
    assert_near(s->r.curves[2].flop, 8e6 + 5, 1e-6);
    assert_near(s->r.curves[2].bytes, 8e3 + 7, 1e-9);
    assert_true(isnan(s->r.curves[3].flop) && isnan(s->r.curves[3].bytes));
}

static void peaks_of_a_cpu_are_the_most_that_was_reached(void **state)
{
    const struct shown *s = *state;
    const int of_cpu[] = {0, 1, 3};

    for (int i = 0; i < 3; i++) {
        assert_near(s->r.curves[of_cpu[i]].peak_flop_per_s, 500 / 22.0, 1e-12);
        assert_near(s->r.curves[of_cpu[i]].peak_bytes_per_s, 80, 0);
        assert_string_equal(s->r.curves[of_cpu[i]].peak_source, "measured");
    }
}

static void peaks_of_a_gpu_are_the_datasheets(void **state)
{
    const struct shown *s = *state;
    const struct model_kernel_curve *c = &s->r.curves[2];

    assert_string_equal(c->peak_source, "datasheet");
    /* NVIDIA's H100 SXM5: 989.4 TFLOP/s of bf16 without sparsity, 3.35 TB/s */
    assert_near(c->peak_flop_per_s, 989.4e12, 1e12);
    assert_near(c->peak_bytes_per_s, 3.35e12, 1e10);
}

static void what_was_not_measured_is_nan(void **state)
{
    const struct shown *s = *state;
    const struct model_kernel_curve *c = &s->r.curves[3];

    assert_true(isnan(c->points[0].x)); /* it has no axis */
    assert_true(isnan(c->points[0].fitted_s) && isnan(c->off_frac));
    assert_string_equal(c->form, "");
}

static void a_profile_says_what_it_was_measured_on(void **state)
{
    const struct shown *s = *state;

    assert_int_equal(s->r.n_calibrations, 1);
    assert_string_equal(s->r.calibrations[0].name, "host");
    assert_string_equal(s->r.calibrations[0].machine,
                        "cpu: Some CPU (2 cores); gpu0: NVIDIA H100 80GB HBM3");
    assert_string_equal(s->r.calibrations[0].driver, "580.1");
    assert_string_equal(s->r.calibrations[0].date, "2026-11-22T21:45:15Z");
}

/* Two policies, three stages: two kernels, one of them twice, and none. */
static void a_scenario_has_the_kernels_that_it_names_once(void **state)
{
    const struct shown *s = *state;
    struct model_kernel_use pack = {.profile_name = "mine",
                                    .profile = s->profile,
                                    .kernel = &s->profile->kernels[0]},
                            hash = pack;
    struct model_stage stages[3] = {{.time.kernel = &hash}, {.time.kernel = &pack}};
    struct model_plan plans[2] = {{.n_stages = 3, .stages = stages},
                                  {.n_stages = 1, .stages = stages + 1}};
    struct model_policy policies[2] = {{.n_plans = 2, .plans = plans},
                                       {.n_plans = 1, .plans = plans}};
    const struct model_scenario scenario = {.n_policies = 2, .policies = policies};
    struct model_result r = {0};

    hash.kernel = &s->profile->kernels[3];
    model_calibration_collect(s->arena, &scenario, &r);
    assert_int_equal(r.n_curves, 2);
    assert_string_equal(r.curves[0].kernel, "hash");
    assert_string_equal(r.curves[1].kernel, "pack");
    assert_int_equal(r.n_calibrations, 1);
    assert_string_equal(r.calibrations[0].name, "mine");
    policies[0].n_plans = policies[1].n_plans = 0;
    model_calibration_collect(s->arena, &scenario, &r);
    assert_true(r.n_curves == 0 && r.n_calibrations == 0);
}

int main(void)
{
#define OF_THE_PROFILE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        OF_THE_PROFILE(points_stand_beside_their_fit),
        OF_THE_PROFILE(work_is_that_of_the_largest_call),
        OF_THE_PROFILE(peaks_of_a_cpu_are_the_most_that_was_reached),
        OF_THE_PROFILE(peaks_of_a_gpu_are_the_datasheets),
        OF_THE_PROFILE(what_was_not_measured_is_nan),
        OF_THE_PROFILE(a_profile_says_what_it_was_measured_on),
        OF_THE_PROFILE(a_scenario_has_the_kernels_that_it_names_once),
    };

    return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
