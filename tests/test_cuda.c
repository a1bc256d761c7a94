/* The CUDA backend, from the parent through the real worker to the fake driver: the
 * states of a driver told apart, failures of each kind, the gate, and the whole plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calibrate/device_plan.h"
#include "calibrate/kernels.h"
#include "calibrate/worker.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

enum { NOTES_MAX = 3 };

static char worker[4096], fatbin[] = "/tmp/stageplan-fatbin-XXXXXX";

static struct row {
    const char *name, *cuda; /* FAKE_CUDA */
    const char *driver;      /* instead of the fake one */
    const char *module;      /* instead of the fat binary */
    int32_t devices;
    const char *notes[NOTES_MAX];
} rows[] = {
    {"no_library",
     "",
     "/nonexistent/libcuda.so.1",
     NULL,
     0,
     {"cuda: no driver (/nonexistent/libcuda.so.1: cannot open shared object file: No "
      "such file or directory)"}},
    {"a_library_that_is_no_driver",
     "",
     "libm.so.6",
     NULL,
     0,
     {"cuda: driver too old (it has no cuInit)"}},
    {"stub_library",
     "stub",
     NULL,
     NULL,
     0,
     {"cuda: stub library (CUDA_ERROR_STUB_LIBRARY: CUDA driver is a stub library)"}},
    {"old_driver",
     "old",
     NULL,
     NULL,
     0,
     {"cuda: driver too old (it is of CUDA 10.2, expected 11.0 or newer)"}},
    {"driver_that_says_it_is_old",
     "error=35@cuInit",
     NULL,
     NULL,
     0,
     {"cuda: driver too old (error 35)"}},
    {"no_device",
     "no-device",
     NULL,
     NULL,
     0,
     {"cuda: no device (CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected)"}},
    {"unknown_error",
     "error=999@cuInit",
     NULL,
     NULL,
     0,
     {"cuda: driver error (error 999)"}},
    {"no_module",
     "",
     NULL,
     "/nonexistent/kernels.fatbin",
     0,
     {"cuda: gpu0: the device kernels /nonexistent/kernels.fatbin can't be read: No "
      "such file or directory"}},
    {"no_module_for_the_device",
     "no-binary",
     NULL,
     NULL,
     0,
     {"cuda: gpu0: the device kernels are not compiled for sm_90 "
      "(CUDA_ERROR_NO_BINARY_FOR_GPU: no kernel image is available for execution on "
      "the device)"}},
    {"module_too_new",
     "error=222@cuModuleLoadData",
     NULL,
     NULL,
     0,
     {"cuda: gpu0: driver too old for the device kernels "
      "(CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the provided PTX was compiled with an "
      "unsupported toolchain.)"}},
    {"no_context",
     "error=101@cuDevicePrimaryCtxRetain",
     NULL,
     NULL,
     0,
     {"cuda: gpu0: cuDevicePrimaryCtxRetain: CUDA_ERROR_INVALID_DEVICE: invalid device "
      "ordinal"}},
    {"no_memory",
     "oom",
     NULL,
     NULL,
     0,
     {"cuda: gpu0: cuMemAlloc_v2: CUDA_ERROR_OUT_OF_MEMORY: out of memory"}},
    {"times_that_are_none",
     "garbage-time",
     NULL,
     NULL,
     0,
     {"cuda: gpu0: cuEventElapsedTime: nan ms, expected a time"}},
    {"launches_fail",
     "error=719@cuLaunchKernel:60",
     NULL,
     NULL,
     1,
     {"cuda: gpu0: given up after 3 failures in a row: launch of clock_probe: "
      "CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure"}},
    {"crash_in_a_check",
     "crash@cuMemcpyDtoHAsync_v2:5",
     NULL,
     NULL,
     1,
     {"cuda: the worker was ended by SIGSEGV after 0 kernels, at 'gpu0: check of "
      "softmax'"}},
    {"hang_in_a_check",
     "hang@cuMemcpyDtoHAsync_v2:5",
     NULL,
     NULL,
     1,
     {"cuda: the worker said nothing for 5 s and was stopped after 0 kernels, at "
      "'gpu0: check of softmax'"}},
};

/* ---- the worker on a fake driver ---- */

static void set_environment(const char *cuda, const char *nvml, const char *driver,
                            const char *module)
{
    const char *fake_nvml = getenv("FAKE_NVML_LIBRARY");

    setenv("STAGEPLAN_WORKER", worker, 1);
    setenv("STAGEPLAN_CUDA_DRIVER",
           driver != NULL ? driver : getenv("FAKE_CUDA_LIBRARY"), 1);
    setenv("STAGEPLAN_NVML",
           nvml != NULL && fake_nvml != NULL ? fake_nvml : "/nonexistent", 1);
    setenv("STAGEPLAN_FATBIN", module != NULL ? module : fatbin, 1);
    setenv("STAGEPLAN_CUBLASLT", "none", 1);
    setenv("STAGEPLAN_EMULATED", "small", 1);
    setenv("FAKE_CUDA", cuda, 1);
    setenv("FAKE_NVML", nvml != NULL ? nvml : "", 1);
}

static void measure(struct sp_arena *arena, struct cal_campaigns *c, double silence_s)
{
    static const char *const backends[] = {"cuda", NULL};
    const struct cal_worker_options options = {.backends = backends,
                                               .quick = true,
                                               .seed = 1,
                                               .campaigns = 1,
                                               .silence_s = silence_s,
                                               .limit_s = 300};

    *c = (struct cal_campaigns){.mode = "quick"};
    assert_int_equal(cal_worker_measure(&options, arena, c, NULL), SP_OK);
}

static const struct cal_measured *find(const struct cal_campaigns *c, const char *name)
{
    for (int32_t i = 0; i < c->n_measured; i++)
        if (strcmp(c->measured[i].name, name) == 0)
            return &c->measured[i];
    return NULL;
}

static bool can_run(void)
{
    const char *fake = getenv("FAKE_CUDA_LIBRARY");

    return fake != NULL && access(fake, R_OK) == 0 && access(worker, X_OK) == 0;
}

static void driver_leaves_these_notes(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;
    int32_t n = 0;

    if (!can_run())
        skip();
    set_environment(row->cuda, NULL, row->driver, row->module);
    measure(arena, &c, strncmp(row->cuda, "hang", 4) == 0 ? 5 : 120);
    for (; n < c.n_notes && n < NOTES_MAX && row->notes[n] != NULL; n++)
        assert_string_equal(c.notes[n], row->notes[n]);
    assert_int_equal(n, c.n_notes);
    assert_true(n == NOTES_MAX || row->notes[n] == NULL);
    assert_int_equal(c.n_devices, row->devices);
    sp_arena_free(arena);
}

/* ---- the gate ---- */

static const struct gate_row {
    const char *name, *library, *nvml; /* "old": of NVML; FAKE_NVML */
    const char *why;                   /* of triad; NULL: it converged */
    int32_t by_clock, by_scheduler;    /* of 8 blocks or more */
} gates[] = {
    {"a_calm_device_converges", "", "", NULL, 0, 0},
    {"a_throttled_device_does_not", "", "throttle",
     "12 of 12 blocks with a clock at 100 % of its best: hardware thermal", 12, 0},
    {"nor_one_that_others_use", "", "busy",
     "12 of 12 blocks while others computed there", 0, 12},
    {"idle_is_no_reason", "", "idle", NULL, 0, 0},
    {"an_old_library_has_the_reasons_by_another_name", "old", "throttle",
     "12 of 12 blocks with a clock at 100 % of its best: hardware thermal", 12, 0},
};

/* The fake's clock falls to 0.7 after some busy time: what is measured then says so. */
static void a_clock_that_falls_is_told_with_its_reason(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;
    const struct cal_measured *m;
    const struct cal_estimate *e;

    (void)state;
    if (!can_run())
        skip();
    set_environment("slow-clock=60,noise=0,compute=2e4", NULL, NULL, NULL);
    measure(arena, &c, 120);
    assert_int_equal(c.n_notes, 0);
    m = find(&c, "launch");
    assert_non_null(m);
    assert_true(m->points[0].estimates[0].converged);
    m = find(&c, "share_gemm_gemm");
    assert_non_null(m);
    e = &m->points[0].estimates[0];
    assert_false(e->converged);
    assert_string_equal(e->why, "12 of 12 blocks with a clock at 70 % of its best");
    assert_int_equal(e->by_clock, 12);
    assert_true(e->s > 0);
    sp_arena_free(arena);
}

static void gate_judges_blocks(void **state)
{
    const struct gate_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;
    const struct cal_estimate *e;
    char old[4096];

    if (!can_run() || getenv("FAKE_NVML_LIBRARY") == NULL)
        skip();
    set_environment("noise=0,compute=2e4", row->nvml, NULL, NULL);
    if (strcmp(row->library, "old") == 0) {
        snprintf(old, sizeof old, "%.*sold.so",
                 (int)strlen(getenv("FAKE_NVML_LIBRARY")) - 3,
                 getenv("FAKE_NVML_LIBRARY"));
        setenv("STAGEPLAN_NVML", old, 1);
    }
    measure(arena, &c, 120);
    assert_int_equal(c.n_notes, 0);
    assert_non_null(find(&c, "triad"));
    e = &find(&c, "triad")->points[0].estimates[0];
    assert_int_equal(e->by_clock, row->by_clock);
    assert_int_equal(e->by_scheduler, row->by_scheduler);
    assert_int_equal(e->converged, row->why == NULL);
    if (row->why != NULL)
        assert_string_equal(e->why, row->why);
    sp_arena_free(arena);
}

/* ---- wrong results ---- */

static void kernels_with_wrong_results_are_not_timed(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;

    (void)state;
    if (!can_run())
        skip();
    set_environment("garbage-data,compute=3e5", NULL, NULL, NULL);
    measure(arena, &c, 120);
    assert_int_equal(c.n_notes, 0);
    assert_non_null(find(&c, "triad"));
    assert_non_null(find(&c, "triad")->skipped);
    assert_memory_equal(find(&c, "triad")->skipped,
                        "wrong result: element 0 of triad is -2.87", 41);
    assert_non_null(find(&c, "gemm_bf16")->skipped);
    assert_non_null(find(&c, "copy_to_host")->skipped);
    assert_null(find(&c, "launch")->skipped);
    sp_arena_free(arena);
}

/* ---- the whole plan ---- */

static double point_s(const struct cal_campaigns *c, const char *name, int32_t i)
{
    const struct cal_measured *m = find(c, name);

    assert_non_null(m);
    assert_true(i < m->n_points);
    return m->points[i].estimates[0].s;
}

static double parameter(const struct cal_campaigns *c, const char *kernel,
                        const char *name)
{
    const struct cal_measured *m = find(c, kernel);

    assert_non_null(m);
    for (int32_t i = 0; i < m->n_params; i++)
        if (strcmp(m->params[i].name, name) == 0)
            return atof(m->params[i].value);
    fail_msg("%s has no parameter %s", kernel, name);
    return 0;
}

static void assert_near(double found, double expected, double within_frac)
{
    if (!(fabs(found / expected - 1) <= within_frac))
        fail_msg("found %g, expected %g within %g", found, expected, within_frac);
}

/* All that can be measured is, and agrees with what the fake device is made of: 2.5 us
 * a launch, 2e12 bytes/s of memory, 1.5 us and 25e9 bytes/s a copy (each direction for
 * itself), 0.1 us a look at its clock; times spread by 0.4 %. */
static void the_whole_plan_finds_what_the_device_is_made_of(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;

    (void)state;
    if (!can_run())
        skip();
    set_environment("compute=3e5", NULL, NULL, NULL);
    measure(arena, &c, 120);
    assert_int_equal(c.n_notes, 0);
    assert_int_equal(c.n_devices, 1);
    assert_string_equal(c.devices[0].model, "Fake GPU");
    assert_null(c.devices[0].catalog);
    for (int32_t i = 0; cal_device_plan_name(i) != NULL; i++) {
        const struct cal_measured *m = find(&c, cal_device_plan_name(i));

        assert_non_null(m);
        if (strncmp(m->name, "cublaslt_", 9) == 0) {
            assert_string_equal(m->skipped, "cuBLASLt is not there");
            continue;
        }
        assert_null(m->skipped);
        assert_true(m->n_points >= 1);
    }
    assert_near(point_s(&c, "launch", 0), 2.6e-6, 0.02);
    assert_near(point_s(&c, "triad", 2), 2.6e-6 + 1024 * 1024 / 2e12, 0.02);
    assert_near(point_s(&c, "copy_to_device", 2), 1.6e-6 + 262144 / 25e9, 0.02);
    assert_near(point_s(&c, "copy_to_host", 1), 1.6e-6 + 65536 / 25e9, 0.02);
    assert_near(point_s(&c, "copy_both_ways", 2), 1.6e-6 + 262144 / 25e9, 0.02);
    assert_near(parameter(&c, "copy_both_ways", "duplex_factor"), 0.5, 0.02);
    assert_near(parameter(&c, "copy_beside_gemm", "overlap"), 1, 0.02);
    assert_near(parameter(&c, "gemm_sustained", "burst_time"), 1, 0.02);
    assert_true(find(&c, "gemm_f16")->points[0].estimates[0].converged);
    sp_arena_free(arena);
}

/* Full sizes, of which the fake device only tells the time.  Two GEMMs that each want
 * all of its arithmetic take twice as long; a GEMM of 4096 rows and columns is bound by
 * arithmetic, 2 m n k / 160e12 s. */
static void kernels_that_share_a_device_slow_each_other_down(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;
    const struct cal_measured *gemm;

    (void)state;
    if (!can_run())
        skip();
    set_environment("memory=80e9,compute=1e6,noise=0", NULL, NULL, NULL);
    setenv("STAGEPLAN_EMULATED", "full", 1);
    measure(arena, &c, 120);
    assert_int_equal(c.n_notes, 0);
    gemm = find(&c, "gemm_bf16");
    assert_non_null(gemm);
    assert_true(gemm->points[gemm->n_points - 1].x == 4096);
    assert_near(gemm->points[gemm->n_points - 1].estimates[0].s,
                2 * pow(4096, 3) / 160e12, 0.01);
    assert_true(gemm->work.flop == 2 * pow(4096, 2));
    assert_near(parameter(&c, "share_gemm_gemm", "slow_down"), 2, 0.1);
    assert_true(parameter(&c, "share_gemm_attention", "slow_down") < 1.5);
    sp_arena_free(arena);
}

static void of_devices_that_are_alike_one_is_measured(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c;

    (void)state;
    if (!can_run())
        skip();
    set_environment("devices=2,compute=2e4", NULL, NULL, NULL);
    measure(arena, &c, 120);
    assert_int_equal(c.n_devices, 1);
    assert_int_equal(c.n_notes, 1);
    assert_string_equal(c.notes[0],
                        "cuda: gpu1: another Fake GPU as gpu0: not measured");
    sp_arena_free(arena);
}

/* ---- names ---- */

static void devices_are_found_in_the_datasheets_by_name(void **state)
{
    static const struct {
        const char *model;
        double gib;
        const char *row;
    } names[] = {
        {"NVIDIA H100 80GB HBM3", 79.6, "H100-SXM5-80GB"},
        {"NVIDIA H100 PCIe", 79.6, "H100-PCIE-80GB"},
        {"NVIDIA H100 PCIe", 94, NULL},
        {"NVIDIA H200", 140.4, "H200-SXM-141GB"},
        {"NVIDIA A100-SXM4-40GB", 39.4, "A100-SXM4-40GB"},
        {"NVIDIA A10", 22.5, "A10"},
        {"NVIDIA A10G", 22.3, "A10G"},
        {"Tesla T4", 14.6, "T4"},
        {"NVIDIA L4", 22, "L4"},
        {"NVIDIA L40", 44, NULL},
        {"NVIDIA GeForce RTX 4090", 24, "RTX-4090"},
        {"NVIDIA GeForce RTX 4090 Laptop GPU", 16, NULL},
        {"Fake GPU", 1, NULL},
        {"", 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *row =
            cal_device_catalog(names[i].model, (int64_t)(names[i].gib * (1 << 30)));

        if (names[i].row == NULL)
            assert_null(row);
        else
            assert_string_equal(row, names[i].row);
    }
}

/* ---- a stage on the device, in this process ---- */

/* What fails, and what is said; what was there by then is given back. */
static struct refusal_row {
    const char *name, *cuda, *module, *why;
} refusals[] = {
    {"stage_without_kernels", "", "/nonexistent", "the device kernels /nonexistent"},
    {"stage_without_a_stream", "error=2@cuStreamCreate", NULL, "cuStreamCreate"},
    {"stage_without_memory", "error=2@cuMemAlloc_v2", NULL, "cuMemAlloc_v2"},
    {"stage_without_pinned_memory", "error=2@cuMemHostAlloc:3", NULL, "cuMemHostAlloc"},
};

static void stage_is_refused(void **state)
{
    const struct refusal_row *row = *state;
    struct cal_state *s = NULL;
    struct sp_err err = {0};

    if (!can_run())
        skip();
    set_environment(row->cuda, NULL, NULL, row->module);
    assert_int_not_equal(
        cal_kernel_device_resize.open(&cal_kernel_device_resize, 1, 1, &s, &err),
        SP_OK);
    assert_non_null(strstr(err.text, row->why));
    assert_null(s);
}

/* ---- */

static int set_up(void **state)
{
    const char *program = getenv("STAGEPLAN");
    int fd = mkstemp(fatbin);

    (void)state;
    snprintf(worker, sizeof worker, "%s-worker", program != NULL ? program : "");
    if (fd < 0 || write(fd, "// nothing to look into\n", 24) != 24)
        return -1;
    return close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(fatbin);
}

int main(void)
{
    enum {
        OTHERS = 6,
        GATES = sizeof gates / sizeof gates[0],
        REFUSALS = sizeof refusals / sizeof refusals[0]
    };
    struct CMUnitTest tests[N_ROWS + GATES + OTHERS + REFUSALS] = {
        cmocka_unit_test(devices_are_found_in_the_datasheets_by_name),
        cmocka_unit_test(a_clock_that_falls_is_told_with_its_reason),
        cmocka_unit_test(kernels_with_wrong_results_are_not_timed),
        cmocka_unit_test(the_whole_plan_finds_what_the_device_is_made_of),
        cmocka_unit_test(kernels_that_share_a_device_slow_each_other_down),
        cmocka_unit_test(of_devices_that_are_alike_one_is_measured),
    };

    for (size_t i = 0; i < GATES; i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){.name = gates[i].name,
                                .test_func = gate_judges_blocks,
                                .initial_state = (void *)(uintptr_t)&gates[i]};
    for (size_t i = 0; i < N_ROWS; i++)
        tests[OTHERS + GATES + i] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = driver_leaves_these_notes,
                                .initial_state = &rows[i]};
    for (size_t i = 0; i < REFUSALS; i++)
        tests[OTHERS + GATES + N_ROWS + i] =
            (struct CMUnitTest){.name = refusals[i].name,
                                .test_func = stage_is_refused,
                                .initial_state = &refusals[i]};
    return cmocka_run_group_tests_name("cuda", tests, set_up, tear_down);
}
