/* model/profile.h: what is read from a profile's file, what is refused and how, and
 * that printing and reading give the same records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "profile_text.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

static const char good[] =
    "stageplan_profile: 1\n"                                                /* 1 */
    "created: 2026-11-22T20:10:00Z\n"                                       /* 2 */
    "tool: stageplan 0.1.0\n"                                               /* 3 */
    "mode: full\n"                                                          /* 4 */
    "campaigns: 3\n"                                                        /* 5 */
    "seed: 1\n"                                                             /* 6 */
    "machine: { cpu: \"AMD EPYC\", pressure: \"0.03\" }\n"                  /* 7 */
    "devices:\n"                                                            /* 8 */
    "  - { name: cpu, kind: cpu, model: \"AMD EPYC\", cores: 2 }\n"         /* 9 */
    "  - { name: gpu0, kind: gpu, model: H100, catalog: H100-SXM5-80GB }\n" /* 10 */
    "kernels:\n"                                                            /* 11 */
    "  - name: jpeg_decode\n"                                               /* 12 */
    "    device: cpu\n"                                                     /* 13 */
    "    item: one image, 4:2:0, quality 85\n"                              /* 14 */
    "    axis: megapixels\n"                                                /* 15 */
    "    calls: per-item\n"                                                 /* 16 */
    "    bound: compute\n"                                                  /* 17 */
    "    basis: measured\n"                                                 /* 18 */
    "    library: libjpeg-turbo 2.1.5\n"                                    /* 19 */
    "    code_path: avx2\n"                                                 /* 20 */
    "    parameters: { quality: \"85\" }\n"                                 /* 21 */
    "    work: { flop: 1e9, flop_fixed: 1, bytes: 3e6, bytes_fixed: 2 }\n"  /* 22 */
    "    table:\n"                                                          /* 23 */
    "      - { x: 0.3, seconds: 0.0007, sd: 0.012, blocks: 24, rejected: 3 }\n"
    "      - { x: 1.2, seconds: 0.0027, sd: 0.01, blocks: 9, converged: false, why: "
    "canary }\n" /* 25 */
    "    fits:\n"
    "      - form: linear\n"                                /* 27 */
    "        coefficients: [1e-05, 0.00226]\n"              /* 28 */
    "        covariance: [[4e-12, 1e-10], [1e-10, 1e-8]]\n" /* 29 */
    "        rms: 0.01\n"
    "        max: 0.02\n"
    "        aicc: -31.2\n" /* 32 */
    "    features:\n"
    "      names: [bytes, megapixels]\n"                                /* 34 */
    "      least: [20000, 0.3]\n"                                       /* 35 */
    "      most: [400000, 1.2]\n"                                       /* 36 */
    "      coefficients: [2e-4, 8e-9, 1e-4]\n"                          /* 37 */
    "      covariance: [[1e-10, 0, 0], [0, 1e-20, 0], [0, 0, 1e-10]]\n" /* 38 */
    "      r2: 0.98\n"
    "      cv: 0.025\n"
    "    item_cv: 0.163\n" /* 41 */
    "    uncertainty: { within: 0.004, between: 0.008, floor: 0.03, sd: 0.03 }\n"
    "    scaling: { kind: usl, cores: [1, 2], speedup: [1, 1.98], sd: [0, 0.02], "
    "sigma: 0.01, kappa: 0, covariance: [[1e-4, 0], [0, 0]] }\n" /* 43 */
    "    converged: false\n"
    "    why: one point\n"
    "  - name: triad\n" /* 46 */
    "    device: gpu0\n"
    "    table: [{ x: 1, seconds: 1e-5 }]\n" /* 48 */
    "    scaling: { kind: bandwidth, cores: [1, 2], speedup: [1, 2], most: .inf }\n"
    "notes:\n"
    "  - \"cuda: no driver (libcuda.so.1 is not there)\"\n"
    "complete: true\n"; /* 52 */

/* `good` with the first `from` replaced (NULL: nothing; "" with to NULL: cut before
 * it). */
static char *changed(const char *from, const char *to, struct sp_arena *arena)
{
    const char *at = from == NULL ? good : strstr(good, from);

    sp_assert(at != NULL);
    if (to == NULL)
        return sp_arena_printf(arena, "%.*s", (int)(at - good), good);
    return sp_arena_printf(arena, "%.*s%s%s", (int)(at - good), good, to,
                           at + (from == NULL ? 0 : strlen(from)));
}

/* `to` NULL: the file ends before `from`.  `want` NULL: it is read; else the first line
 * of the message. */
static struct row {
    const char *name, *from, *to, *want;
} rows[] = {
    {"as_it_is", NULL, "", NULL},
    {"without_optional_parts", "    item_cv: 0.163\n", "", NULL},
    {"no_coefficient_is_too_small", "[1e-05, 0.00226]", "[0, 0.00226]", NULL},
    {"no_limit_of_a_rate",
     "linear\n        coefficients: [1e-05, 0.00226]\n        "
     "covariance: [[4e-12, 1e-10], [1e-10, 1e-8]]",
     "roofline\n        coefficients: [0, 1e12, .inf]\n        "
     "covariance: [[0, 0, 0], [0, 1, 0], [0, 0, 0]]",
     NULL},
    {"perfect_correlation", "[[4e-12, 1e-10], [1e-10, 1e-8]]",
     "[[4e-12, 2e-10], [2e-10, 1e-8]]", NULL},
    {"asymmetry_of_rounding", "[1e-10, 1e-8]", "[1.0000000000001e-10, 1e-8]", NULL},
    {"seed_of_64_bits", "seed: 1\n", "seed: 18446744073709551615\n", NULL},
    /* no profile at all */
    {"empty_map", good, "{}",
     "FILE:1:1: this is no profile: it has no key "
     "'stageplan_profile'"},
    {"a_scenario", "stageplan_profile: 1", "scenario: 1",
     "FILE:1:1: this is no profile: it has no key 'stageplan_profile'"},
    {"a_list", good, "[1, 2]",
     "FILE:1:1: found a list, expected a profile: a map with "
     "the key 'stageplan_profile'"},
    {"newer_version", "stageplan_profile: 1", "stageplan_profile: 2\nnew: thing",
     "FILE:1:20: a profile of version 2, expected one of at most 1: it was written by "
     "a "
     "newer stageplan"},
    {"version_that_is_none", "stageplan_profile: 1", "stageplan_profile: one",
     "FILE:1:20: stageplan_profile: found 'one' (not a number), expected a whole "
     "number "
     "from 1 to 1000000000"},
    /* cut short */
    {"cut_between_kernels", "  - name: triad", NULL,
     "FILE:45:10: the file ends here, cut short: expected 'complete: true' as its last "
     "line"},
    {"cut_before_the_last_line", "complete", NULL,
     "FILE:51:5: the file ends here, cut short: expected 'complete: true' as its last "
     "line"},
    {"cut_in_the_last_line", "ue\n", NULL, "FILE:52:11: complete: expected true"},
    {"cut_in_a_table", "0.0027, sd", NULL, ""},
    /* keys */
    {"unknown_key", "seed:", "sed:",
     "FILE:6:1: unknown key of a profile 'sed', did you "
     "mean 'seed'?"},
    {"unknown_key_of_a_kernel", "    axis:", "    axes:",
     "FILE:15:5: unknown key of a kernel 'axes', did you mean 'axis'?"},
    {"unknown_key_of_a_point", "blocks: 24", "block: 24",
     "FILE:24:47: unknown key of a point 'block', did you mean 'blocks'?"},
    {"unknown_key_of_a_fit", "rms", "mean_square",
     "FILE:30:9: unknown key of a fit "
     "'mean_square', expected one of 'form', 'coefficients', 'covariance', 'rms', "
     "'max', 'aicc'"},
    {"unknown_key_of_scaling", "sigma:", "delta:",
     "FILE:43:77: unknown key of scaling "
     "'delta', expected one of 'kind', 'cores', 'speedup', 'sd', 'sigma', 'kappa', "
     "'covariance', 'most', 'most_sd'"},
    {"missing_key", "    device: cpu\n", "",
     "FILE:12:5: a kernel needs the key "
     "'device': one of the profile's"},
    {"unknown_word", "bound: compute", "bound: computing",
     "FILE:17:12: unknown bound 'computing', did you mean 'compute'?"},
    {"unknown_form", "form: linear", "form: cubic",
     "FILE:27:15: unknown form 'cubic', "
     "expected one of 'constant', 'linear', 'floor', 'roofline'"},
    /* numbers */
    {"nan", "seconds: 0.0007", "seconds: .nan",
     "FILE:24:28: seconds: found '.nan' (not "
     "a finite number), expected a number from 1e-15 to 1000000000"},
    {"negative_time", "seconds: 0.0007", "seconds: -0.0007",
     "FILE:24:28: seconds: found "
     "'-0.0007' (negative), expected a number from 1e-15 to 1000000000"},
    {"time_of_nothing", "seconds: 0.0007", "seconds: 0",
     "FILE:24:28: seconds: found "
     "'0' (too small), expected a number from 1e-15 to 1000000000"},
    {"infinite_x", "x: 0.3", "x: .inf",
     "FILE:24:14: x: found '.inf' (not a finite number), "
     "expected a number from 0 to 1e+30"},
    {"negative_coefficient", "[1e-05, 0.00226]", "[1e-05, -0.00226]",
     "FILE:28:31: b: found '-0.00226' (negative), expected a number from 0 to 1e+30"},
    {"negative_seed", "seed: 1\n", "seed: -1\n",
     "FILE:6:7: seed: found '-1', expected a "
     "whole number from 0 to 18446744073709551615"},
    {"seed_of_65_bits", "seed: 1\n", "seed: 18446744073709551616\n",
     "FILE:6:7: seed: found '18446744073709551616', expected a whole number from 0 to "
     "18446744073709551615"},
    {"x_twice", "x: 1.2", "x: 0.3",
     "FILE:25:14: x: found 0.3 after "
     "0.3, expected rising x"},
    {"falling_x", "x: 1.2", "x: 0.1",
     "FILE:25:14: x: found 0.1 after "
     "0.3, expected rising x"},
    {"second_point_without_axis", "    axis: megapixels\n", "",
     "FILE:24:9: table: a second point and no axis, expected one point"},
    {"empty_table", "[{ x: 1, seconds: 1e-5 }]", "[]",
     "FILE:48:12: table: found 0 elements, expected 1 to 256"},
    {"too_many_cores", "cores: 2 }", "cores: 1000001 }",
     "FILE:9:55: cores: found "
     "'1000001' (too large), expected a whole number from 0 to 1000000"},
    /* fits */
    {"too_few_coefficients", "[1e-05, 0.00226]", "[1e-05]",
     "FILE:28:23: coefficients: found 1 elements, expected 2"},
    {"covariance_of_another_size", "[[4e-12, 1e-10], [1e-10, 1e-8]]", "[[4e-12]]",
     "FILE:29:21: covariance: found 1 elements, expected 2"},
    {"ragged_covariance", "[1e-10, 1e-8]", "[1e-10]",
     "FILE:29:38: covariance: found 1 elements, expected 2"},
    {"asymmetric", "[1e-10, 1e-8]", "[2e-10, 1e-8]",
     "FILE:29:39: covariance: found "
     "2e-10 in row 2, column 1 and 1e-10 in row 1, column 2, expected a symmetric "
     "matrix"},
    {"negative_variance", "[[4e-12, 1e-10], [1e-10, 1e-8]]", "[[-4e-12, 0], [0, 1e-8]]",
     "FILE:29:23: covariance: found -4e-12 on the diagonal, "
     "expected a variance of at least 0"},
    {"indefinite", "[[4e-12, 1e-10], [1e-10, 1e-8]]",
     "[[4e-12, 2.1e-10], [2.1e-10, "
     "1e-8]]",
     "FILE:29:21: covariance: not positive semi-definite, expected variances "
     "and correlations within -1 and 1"},
    {"covariance_without_variance", "[[4e-12, 1e-10], [1e-10, 1e-8]]",
     "[[0, 1e-300], [1e-300, 1e-8]]",
     "FILE:29:21: covariance: not positive semi-definite, expected variances and "
     "correlations within -1 and 1"},
    {"form_without_a_time", "[1e-05, 0.00226]", "[0, 0]",
     "FILE:28:23: coefficients: "
     "linear gives 0 s at x = 0.3, expected a time above 0 at both ends of the table"},
    {"rate_of_nothing", "linear\n        coefficients: [1e-05, 0.00226]",
     "roofline\n        coefficients: [0, 0, 1]",
     "FILE:28:27: p: found '0' (too small), expected a number from 1e-30 to 1e+30 or "
     ".inf"},
    /* features */
    {"most_below_least", "most: [400000, 1.2]", "most: [400000, 0.2]",
     "FILE:36:22: most: found 0.2, expected at least 0.3, which is the least"},
    {"least_of_another_length", "least: [20000, 0.3]", "least: [20000]",
     "FILE:35:14: least: found 1 elements, expected 2"},
    {"feature_coefficients_of_another_length", "[2e-4, 8e-9, 1e-4]", "[2e-4, 8e-9]",
     "FILE:37:21: coefficients: found 2 elements, expected 3"},
    {"feature_twice", "[bytes, megapixels]", "[bytes, bytes]",
     "FILE:34:22: names: the feature is there twice"},
    {"too_many_features", "[bytes, megapixels]", "[a, b, c, d]",
     "FILE:34:14: names: found 4 elements, expected 1 to 3"},
    /* scaling */
    {"speedup_of_another_length", "speedup: [1, 1.98]", "speedup: [1]",
     "FILE:43:51: speedup: found 1 elements, expected 2"},
    {"cores_not_from_one", "cores: [1, 2], speedup: [1, 1.98]",
     "cores: [2, 4], speedup: [1, 1.98]",
     "FILE:43:35: cores: found 2 first, expected "
     "1"},
    {"falling_cores", "cores: [1, 2], speedup: [1, 1.98]",
     "cores: [1, 1], speedup: [1, 1.98]",
     "FILE:43:38: cores: found 1 after 1, expected rising numbers"},
    {"law_without_sigma", "sigma: 0.01, ", "",
     "FILE:43:14: a scaling of kind usl needs "
     "the key 'sigma'"},
    {"sigma_of_a_bandwidth", "most: .inf", "most: .inf, sigma: 0",
     "FILE:49:77: a scaling of kind bandwidth has no 'sigma'"},
    /* devices and names */
    {"unknown_device", "    device: gpu0", "    device: gpu1",
     "FILE:47:13: unknown device 'gpu1', did you mean 'gpu0'?"},
    {"device_twice", "name: gpu0", "name: cpu",
     "FILE:10:13: device 'cpu' is there twice"},
    {"kernel_twice", "name: triad\n    device: gpu0",
     "name: jpeg_decode\n    device: "
     "cpu",
     "FILE:46:11: kernel 'jpeg_decode' of device 'cpu' is there twice"},
    {"kernel_of_two_devices", "name: triad", "name: jpeg_decode", NULL},
    {"cpu_without_cores", ", cores: 2 }", " }",
     "FILE:9:5: a device of kind cpu needs the key 'cores'"},
    {"datasheet_that_is_not_there", "H100-SXM5-80GB", "H100-SXM6-80GB",
     "FILE:10:52: catalog: unknown GPU 'H100-SXM6-80GB', did you mean "
     "'H100-SXM5-80GB'?"},
    {"datasheet_of_a_cpu", ", cores: 2", ", cores: 2, catalog: L4",
     "FILE:9:67: catalog: a row of the GPU datasheets, and the device is of kind cpu"},
    {"name_with_a_line_break", "name: triad", "name: \"tri\\nad\"",
     "FILE:46:11: name: "
     "found a line break or tab, expected printable text"},
    {"control_character", "tool: stageplan 0.1.0", "tool: \"\\e[31mred\"",
     "FILE:3:7: found a control character, expected printable text"},
    {"alias", "tool: stageplan 0.1.0", "tool: &a x\nmodel: *a", ""},
};

static void is_read_or_refused(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *profile = NULL;
    struct sp_err err = {0};
    enum sp_status status =
        profile_from(changed(row->from, row->to, arena), arena, &profile, &err);

    err.text[strcspn(err.text, "\n")] = '\0';
    if (row->want == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        assert_non_null(profile);
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_null(profile);
        assert_memory_equal(err.text, "FILE:", 5);
        if (row->want[0] != '\0') /* else libfyaml's own words */
            assert_string_equal(err.text, row->want);
    }
    sp_arena_free(arena);
}

/* ---- limits ---- */

static void limits_are_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *profile = NULL;
    struct sp_err err = {0};
    char *text = sp_arena_strdup(arena, "[");

    (void)state;
    for (int i = 0; i <= MODEL_PROFILE_POINTS_MAX; i++)
        text = sp_arena_printf(arena, "%s%s{ x: %d, seconds: 1 }", text,
                               i > 0 ? ", " : "", i);
    text = changed("[{ x: 1, seconds: 1e-5 }]", sp_arena_printf(arena, "%s]", text),
                   arena);
    assert_int_equal(profile_from(text, arena, &profile, &err), SP_EINPUT);
    assert_memory_equal(
        err.text, "FILE:48:12: table: found 257 elements, expected 1 to 256\n", 57);

    err = (struct sp_err){0};
    text = sp_arena_alloc(arena, MODEL_PROFILE_TEXT_MAX + 2);
    memset(text, 'x', MODEL_PROFILE_TEXT_MAX + 1);
    assert_int_equal(
        profile_from(changed("stageplan 0.1.0", text, arena), arena, &profile, &err),
        SP_EINPUT);
    assert_memory_equal(err.text,
                        "FILE:3:7: a text of 2001 bytes, expected at most 2000\n", 54);
    sp_arena_free(arena);
}

static void too_many_kernels_are_told(void **state)
{
    static const char one[] =
        "  - { name: k%04d, device: cpu, table: [{ x: 1, seconds: 1 }] }\n";
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *profile = NULL;
    struct sp_err err = {0};
    size_t room = 1000 + 1025 * sizeof one, used;
    char *text = sp_arena_alloc(arena, room);

    (void)state;
    used =
        (size_t)snprintf(text, room,
                         "stageplan_profile: 1\nmode: full\n"
                         "devices: [{ name: cpu, kind: cpu, cores: 1 }]\nkernels:\n");
    for (int i = 0; i < 1024; i++)
        used += (size_t)snprintf(text + used, room - used, one, i);
    snprintf(text + used, room - used, "complete: true\n");
    assert_int_equal(profile_from(text, arena, &profile, &err), SP_OK);
    assert_int_equal(profile->n_kernels, 1024);
    used += (size_t)snprintf(text + used, room - used, one, 1024);
    snprintf(text + used, room - used, "complete: true\n");
    assert_int_equal(profile_from(text, arena, &profile, &err), SP_EINPUT);
    assert_memory_equal(
        err.text, "FILE:5:3: kernels: found 1025 elements, expected 0 to 1024\n", 59);
    sp_arena_free(arena);
}

/* ---- damage ---- */

static enum sp_status status_of(const char *text, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *profile = NULL;
    enum sp_status status = profile_from(text, arena, &profile, err);

    assert_true((profile != NULL) == (status == SP_OK));
    sp_arena_free(arena);
    return status;
}

static void cut_anywhere_it_is_refused(void **state)
{
    const size_t size = sizeof good - 1;
    char text[sizeof good];

    (void)state;
    for (size_t cut = 0; cut < size - 1; cut++) { /* the last newline may be missing */
        struct sp_err err = {0};

        memcpy(text, good, cut);
        text[cut] = '\0';
        if (status_of(text, &err) != SP_EINPUT)
            fail_msg("read although cut after %zu bytes", cut);
        assert_memory_equal(err.text, "FILE:", 5);
    }
}

/* Some are still profiles; none does harm (under the sanitizers), and what is refused
 * is refused with a place. */
static void damaged_anywhere_it_is_read_or_refused(void **state)
{
    static const char marks[] = "0123456789-.,:[]{}\"'#&*!|> \n\te~/xa";
    struct sp_rng rng = sp_rng_from_key(5);
    int refused = 0;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct sp_err err = {0};
        char text[sizeof good];

        memcpy(text, good, sizeof good);
        for (int k = 0; k <= i % 3; k++)
            text[sp_rng_next(&rng) % (sizeof good - 1)] =
                marks[sp_rng_next(&rng) % (sizeof marks - 1)];
        if (status_of(text, &err) == SP_OK)
            continue;
        assert_memory_equal(err.text, "FILE:", 5);
        refused++;
    }
    assert_true(refused > 1000);
}

/* ---- what is read ---- */

static void every_field_is_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *p = NULL;
    const struct model_kernel *k;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(profile_from(good, arena, &p, &err), SP_OK);
    assert_string_equal(p->created, "2026-11-22T20:10:00Z");
    assert_string_equal(p->tool, "stageplan 0.1.0");
    assert_string_equal(p->mode, "full");
    assert_int_equal(p->campaigns, 3);
    assert_int_equal(p->seed, 1);
    assert_int_equal(p->xxh64, sp_hash64(good, sizeof good - 1));
    assert_int_equal(p->n_facts, 2);
    assert_string_equal(p->facts[1].name, "pressure");
    assert_string_equal(p->facts[1].value, "0.03");
    assert_int_equal(p->n_devices, 2);
    assert_false(p->devices[0].is_gpu);
    assert_int_equal(p->devices[0].cores, 2);
    assert_null(p->devices[0].catalog);
    assert_true(p->devices[1].is_gpu);
    assert_string_equal(p->devices[1].catalog, "H100-SXM5-80GB");
    assert_int_equal(p->n_notes, 1);
    assert_string_equal(p->notes[0], "cuda: no driver (libcuda.so.1 is not there)");
    assert_int_equal(p->n_kernels, 2);
    k = &p->kernels[0];
    assert_string_equal(k->name, "jpeg_decode");
    assert_int_equal(k->device_id, 0);
    assert_string_equal(k->item, "one image, 4:2:0, quality 85");
    assert_string_equal(k->axis, "megapixels");
    assert_int_equal(k->calls, MODEL_CALLS_PER_ITEM);
    assert_int_equal(k->bound, MODEL_BOUND_COMPUTE);
    assert_int_equal(k->basis, MODEL_BASIS_MEASURED);
    assert_null(k->source);
    assert_string_equal(k->library, "libjpeg-turbo 2.1.5");
    assert_string_equal(k->code_path, "avx2");
    assert_int_equal(k->n_params, 1);
    assert_true(k->work.flop == 1e9 && k->work.flop_fixed == 1 &&
                k->work.bytes == 3e6 && k->work.bytes_fixed == 2);
    assert_int_equal(k->n_points, 2);
    assert_true(k->points[0].x == 0.3 && k->points[0].s == 0.0007 &&
                k->points[0].sd_frac == 0.012 && k->points[0].converged);
    assert_int_equal(k->points[0].blocks, 24);
    assert_int_equal(k->points[0].rejected, 3);
    assert_false(k->points[1].converged);
    assert_string_equal(k->points[1].why, "canary");
    assert_int_equal(k->n_fits, 1);
    assert_ptr_equal(k->fits[0].form, model_form_find("linear"));
    assert_true(k->fits[0].coef[1] == 0.00226 && k->fits[0].cov[0][1] == 1e-10 &&
                k->fits[0].cov[1][1] == 1e-8 && k->fits[0].rms_frac == 0.01 &&
                k->fits[0].max_frac == 0.02 && k->fits[0].aicc == -31.2);
    assert_int_equal(k->features.n, 2);
    assert_true(k->features.least[0] == 20000 && k->features.most[1] == 1.2 &&
                k->features.coef[2] == 1e-4 && k->features.cov[2][2] == 1e-10 &&
                k->features.r2 == 0.98 && k->features.cv == 0.025);
    assert_true(k->item_cv == 0.163 && k->sd_within == 0.004 &&
                k->sd_between == 0.008 && k->sd_floor == 0.03 && k->sd_frac == 0.03);
    assert_int_equal(k->scaling.kind, MODEL_SCALING_USL);
    assert_int_equal(k->scaling.n, 2);
    assert_true(k->scaling.cores[1] == 2 && k->scaling.speedup[1] == 1.98 &&
                k->scaling.sd[1] == 0.02 && k->scaling.sigma == 0.01 &&
                k->scaling.kappa == 0 && k->scaling.cov[0][0] == 1e-4);
    assert_false(k->converged);
    assert_string_equal(k->why, "one point");
    k = &p->kernels[1];
    assert_string_equal(k->axis, "");
    assert_int_equal(k->device_id, 1);
    assert_true(k->converged && k->points[0].converged);
    assert_true(isinf(k->scaling.most));
    sp_arena_free(arena);
}

/* ---- finding ---- */

static struct find_row {
    const char *name, *kernel, *device, *want; /* want NULL: found */
} find_rows[] = {
    {"by_name", "triad", NULL, NULL},
    {"by_name_and_device", "triad", "gpu0", NULL},
    {"slip_of_the_finger", "jpeg_decod", NULL,
     "no kernel 'jpeg_decod' in P, did you mean 'jpeg_decode'? It has 'jpeg_decode' on "
     "'cpu', 'triad' on 'gpu0'"},
    {"not_there", "zstd", NULL,
     "no kernel 'zstd' in P, which has 'jpeg_decode' on "
     "'cpu', 'triad' on 'gpu0'"},
    {"on_another_device", "triad", "cpu",
     "kernel 'triad' was not measured on 'cpu' in "
     "P, expected 'triad' on 'gpu0'"},
};

static void is_found_or_what_there_is_is_told(void **state)
{
    const struct find_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *k = NULL;
    struct model_profile *p = NULL;
    struct sp_err err = {0};
    enum sp_status status;

    assert_int_equal(profile_from(good, arena, &p, &err), SP_OK);
    p->path = "P";
    status = model_profile_find(p, row->kernel, row->device, &k, &err);
    assert_string_equal(err.text, row->want == NULL ? "" : row->want);
    assert_int_equal(status, row->want == NULL ? SP_OK : SP_EINPUT);
    assert_true((k != NULL) == (row->want == NULL));
    if (k != NULL)
        assert_string_equal(k->name, row->kernel);
    sp_arena_free(arena);
}

static void several_of_a_name_need_the_device(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *k = NULL;
    struct model_profile *p = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(profile_from(changed("name: triad", "name: jpeg_decode", arena),
                                  arena, &p, &err),
                     SP_OK);
    p->path = "P";
    assert_int_equal(model_profile_find(p, "jpeg_decode", NULL, &k, &err), SP_EINPUT);
    assert_string_equal(err.text,
                        "kernel 'jpeg_decode' was measured more than once in P: "
                        "'jpeg_decode' on 'cpu', 'jpeg_decode' on 'gpu0'; expected the "
                        "device, too");
    assert_int_equal(model_profile_find(p, "jpeg_decode", "gpu0", &k, NULL), SP_OK);
    assert_int_equal(k->device_id, 1);
    sp_arena_free(arena);
}

int main(void)
{
    enum { FINDS = sizeof find_rows / sizeof find_rows[0], FIXED = 6 };
    struct CMUnitTest tests[N_ROWS + FINDS + FIXED] = {
        cmocka_unit_test(limits_are_told),
        cmocka_unit_test(too_many_kernels_are_told),
        cmocka_unit_test(cut_anywhere_it_is_refused),
        cmocka_unit_test(damaged_anywhere_it_is_read_or_refused),
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(several_of_a_name_need_the_device),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[FIXED + i] = (struct CMUnitTest){.name = rows[i].name,
                                               .test_func = is_read_or_refused,
                                               .initial_state = &rows[i]};
    for (size_t i = 0; i < FINDS; i++)
        tests[FIXED + N_ROWS + i] =
            (struct CMUnitTest){.name = find_rows[i].name,
                                .test_func = is_found_or_what_there_is_is_told,
                                .initial_state = &find_rows[i]};
    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
