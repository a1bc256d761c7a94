/* The table of a profile: what stands in it, and that it fits whatever the texts are.
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

#include "report/profile_print.h"

static char *printed(const struct model_profile *profile)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(report_profile_print(out, profile, NULL), SP_OK);
    fclose(out);
    return text;
}

static void assert_fits(const char *text)
{
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t n = strcspn(line, "\n");

        if (n > 80)
            fail_msg("%zu columns: %.*s", n, (int)n, line);
        for (size_t i = 0; i < n; i++)
            assert_true(line[i] >= ' ' && line[i] != 127);
    }
}

static void assert_shows(const char *text, const char *what)
{
    if (strstr(text, what) == NULL)
        fail_msg("no '%s' in\n%s", what, text);
}

static struct model_profile_point points[] = {
    {.x = 1,
     .s = 0.000704,
     .sd_frac = 0.012,
     .blocks = 24,
     .rejected = 3,
     .converged = true},
    {.x = 2,
     .s = 1.5,
     .sd_frac = NAN,
     .blocks = 7,
     .rejected = 30,
     .why = "half-width 2.1 %, expected 1.0 %"},
};

static void points_fits_and_notes_are_shown(void **state)
{
    int32_t cores[] = {1, 2};
    double speedup[] = {1, 1.98}, sd[] = {0, 0.02};
    struct model_fit fit = {
        .form = model_form_find("linear"), .coef = {1e-5, 0.00226}, .max_frac = 0.015};
    struct model_profile_device device = {.name = "cpu", .model = "A CPU", .cores = 2};
    const char *notes[] = {"cuda: no driver"};
    struct model_kernel kernel = {.name = "jpeg_decode",
                                  .device = "cpu",
                                  .axis = "megapixels",
                                  .n_points = 2,
                                  .points = points,
                                  .n_fits = 1,
                                  .fits = &fit,
                                  .item_cv = 0.163,
                                  .sd_within = 0.004,
                                  .sd_between = 0.008,
                                  .sd_floor = 0.03,
                                  .sd_frac = 0.03,
                                  .scaling = {.kind = MODEL_SCALING_USL,
                                              .n = 2,
                                              .cores = cores,
                                              .speedup = speedup,
                                              .sd = sd,
                                              .sigma = 0.01}};
    struct model_profile profile = {.created = "2026-11-22T20:10:00Z",
                                    .tool = "stageplan 0.1.0",
                                    .mode = "quick",
                                    .campaigns = 1,
                                    .seed = 7,
                                    .n_devices = 1,
                                    .devices = &device,
                                    .n_kernels = 1,
                                    .kernels = &kernel,
                                    .n_notes = 1,
                                    .notes = notes};
    char *text;

    (void)state;
    text = printed(&profile);
    assert_fits(text);
    assert_shows(text, "Calibration, quick, 2026-11-22T20:10:00Z: 1 campaign, seed 7");
    assert_shows(text, "cpu: A CPU, 2 CPUs\n");
    assert_shows(text, "jpeg_decode on cpu\n");
    assert_shows(text, "704 us     1.2%       24        3 yes\n");
    assert_shows(text, "1.5 s        -        7       30 not-converged\n");
    assert_shows(text, "half-width 2.1 %, expected 1.0 %\n");
    assert_shows(text, "linear: a + b x (a 1e-05, b 0.00226), off by 1.5% at most");
    assert_shows(text, "   0.163; ");
    assert_shows(text, "1.980");
    assert_shows(text, "; known to +-\n   3.0% (sd): ");
    assert_shows(text, "within the campaign 0.4%");
    assert_null(
        strstr(text, "between them 0.8%")); /* of one campaign nothing is known */
    assert_shows(text, "floor 3.0%");
    assert_shows(text, "note: cuda: no driver\n");
    free(text);
}

/* One row says nothing of scatter, and there was no campaign. */
static void an_imported_table_is_shown_as_one(void **state)
{
    struct model_profile_point rows[] = {
        {.x = 65536, .s = 0.25, .sd_frac = 0.01, .blocks = 5, .converged = true},
        {.x = 1e6, .s = 2, .blocks = 1, .converged = true}};
    struct model_profile_device device = {.name = "A100", .model = "A100"};
    struct model_kernel kernel = {.name = "copy",
                                  .device = "A100",
                                  .axis = "bytes",
                                  .n_points = 2,
                                  .points = rows,
                                  .sd_within = 0.01,
                                  .sd_floor = 0.08,
                                  .sd_frac = 0.08};
    struct model_profile profile = {.created = "2026-11-22T20:10:00Z",
                                    .tool = "stageplan 0.1.0",
                                    .mode = "import",
                                    .campaigns = 1,
                                    .n_devices = 1,
                                    .devices = &device,
                                    .n_kernels = 1,
                                    .kernels = &kernel};
    char *text;

    (void)state;
    text = printed(&profile);
    assert_fits(text);
    assert_shows(text, "Imported, 2026-11-22T20:10:00Z, by stageplan 0.1.0\n");
    assert_null(strstr(text, "1 campaign"));
    assert_shows(text, "    bytes 64Ki                 250 ms     1.0%        5");
    assert_shows(text, "    bytes 1000000                 2 s        -        1");
    assert_shows(text, "known to +- 8.0% (sd): within its rows 1.0%, floor 8.0%\n");
    free(text);
}

static void campaigns_that_can_differ_are_shown_to(void **state)
{
    struct model_profile_device device = {.name = "cpu", .model = "A CPU", .cores = 2};
    struct model_kernel kernel = {.name = "hash",
                                  .device = "cpu",
                                  .axis = "bytes",
                                  .n_points = 1,
                                  .points = points,
                                  .sd_within = 0.004,
                                  .sd_between = 0.04,
                                  .sd_floor = 0.03,
                                  .sd_frac = 0.04};
    struct model_profile profile = {.created = "",
                                    .tool = "",
                                    .mode = "full",
                                    .campaigns = 3,
                                    .n_devices = 1,
                                    .devices = &device,
                                    .n_kernels = 1,
                                    .kernels = &kernel};
    char *text;

    (void)state;
    text = printed(&profile);
    assert_shows(text,
                 "known to +- 4.0% (sd): within campaigns 0.4%, between them 4.0%,");
    free(text);
}

/* What came from a file may hold anything. */
static void hostile_texts_stay_within_their_lines(void **state)
{
    static char long_text[700];
    struct model_profile_device device = {.name = long_text, .model = "\x1b[31mred\n"};
    const char *notes[] = {long_text, "\x07 \xff\xfe", ""};
    struct model_kernel kernel = {.name = long_text,
                                  .device = "\x1b[2J",
                                  .axis = long_text,
                                  .n_points = 2,
                                  .points = points,
                                  .sd_frac = NAN};
    struct model_profile profile = {.created = "\n\n",
                                    .tool = long_text,
                                    .mode = "\t",
                                    .n_devices = 1,
                                    .devices = &device,
                                    .n_kernels = 1,
                                    .kernels = &kernel,
                                    .n_notes = 3,
                                    .notes = notes};
    char *text;

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    text = printed(&profile);
    for (const char *c = text; *c != '\0'; c++)
        assert_true((unsigned char)*c >= ' ' || *c == '\n');
    free(text);
}

static void full_device_is_told(void **state)
{
    struct model_profile profile = {.created = "", .tool = "", .mode = ""};
    struct sp_err err = {0};
    FILE *out = fopen("/dev/full", "w");

    (void)state;
    if (out == NULL)
        skip();
    setvbuf(out, NULL, _IONBF, 0);
    assert_int_equal(report_profile_print(out, &profile, &err), SP_EIO);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_imported_table_is_shown_as_one),
        cmocka_unit_test(campaigns_that_can_differ_are_shown_to),
        cmocka_unit_test(points_fits_and_notes_are_shown),
        cmocka_unit_test(hostile_texts_stay_within_their_lines),
        cmocka_unit_test(full_device_is_told),
    };

    return cmocka_run_group_tests_name("report_profile", tests, NULL, NULL);
}
