/* calibrate/jpeg_reference.h: the bound against the tables in a real file, colours
 * against published values, and that what is off is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "calibrate/jpeg_reference.h"

/* The k-th quantisation table of a JPEG file: segments DB, 8-bit steps. */
static const unsigned char *table_in(const unsigned char *file, size_t size, int k)
{
    for (size_t at = 2; at + 4 < size && file[at] == 0xff && file[at + 1] != 0xda;) {
        size_t length = (size_t)file[at + 2] << 8 | file[at + 3];

        if (file[at + 1] == 0xdb)
            for (size_t t = at + 4; t + 65 <= at + 2 + length; t += 65)
                if (file[t] == k)
                    return file + t + 1;
        at += 2 + length;
    }
    return NULL;
}

static void bounds_are_of_the_tables_that_files_have(void **state)
{
    static const int qualities[] = {10, 50, 75, 85, 95};
    unsigned char pixels[16 * 16 * 3] = {0};
    tjhandle encoder = tjInitCompress();

    (void)state;
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        unsigned char *file = NULL;
        unsigned long size = 0;

        assert_int_equal(tjCompress2(encoder, pixels, 16, 0, 16, TJPF_RGB, &file, &size,
                                     TJSAMP_420, qualities[i], 0),
                         0);
        for (int colour = 0; colour < 2; colour++) {
            const unsigned char *steps = table_in(file, size, colour);
            double sum = 0;

            assert_non_null(steps);
            for (int k = 0; k < 64; k++)
                sum += steps[k] * (double)steps[k];
            assert_true(fabs(cal_jpeg_rms_most(colour != 0, qualities[i]) -
                             (sqrt(sum / 256) + 1.5)) < 1e-12);
        }
        tjFree(file);
    }
    tjDestroy(encoder);
}

/* Uniform planes and the pixels that they give, by ITU-T T.871's matrix. */
static struct row {
    const char *name;
    unsigned char ycc[3], rgb[3];
    enum sp_status want;
} rows[] = {
    {"grey_is_its_light", {100, 128, 128}, {100, 100, 100}, SP_OK},
    {"red", {76, 85, 255}, {254, 0, 0}, SP_OK},
    {"green", {150, 44, 21}, {0, 255, 1}, SP_OK},
    {"blue", {29, 255, 107}, {0, 0, 254}, SP_OK},
    {"white", {255, 128, 128}, {255, 255, 255}, SP_OK},
    {"two_levels_off_are_rounding", {100, 128, 128}, {102, 98, 100}, SP_OK},
    {"three_levels_off_are_not", {100, 128, 128}, {100, 103, 100}, SP_EIO},
    {"red_and_blue_changed_over", {76, 85, 255}, {0, 0, 254}, SP_EIO},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static void uniform_planes_give_these_pixels_or_not(void **state)
{
    const struct row *row = *state;
    unsigned char pixels[16 * 12 * 3];
    struct cal_image image = {16, 12, pixels};
    struct cal_planes *planes = cal_planes_new(&image);

    memset(planes->y, row->ycc[0], 16 * 12);
    memset(planes->cb, row->ycc[1], 8 * 6);
    memset(planes->cr, row->ycc[2], 8 * 6);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = row->rgb[i % 3];
    assert_int_equal(cal_planes_give(planes, &image, NULL), row->want);
    cal_planes_free(planes);
}

/* One sample of colour, 16 above its neighbours: the four pixels of its own get 9/16 of
 * it and more, those beside them 3/16 of a neighbour's share; 1.402 of that in red. */
static void colours_are_enlarged_by_the_triangle_filter(void **state)
{
    static const int parts[4] = {3, 9, 9, 3}; /* of 12, along one side */
    unsigned char pixels[16 * 12 * 3];
    struct cal_image image = {16, 12, pixels};
    struct cal_planes *planes = cal_planes_new(&image);

    (void)state;
    memset(planes->y, 100, 16 * 12);
    memset(planes->cb, 128, 8 * 6);
    memset(planes->cr, 128, 8 * 6);
    planes->cr[2 * 8 + 3] =
        128 + 64; /* pixels 6 and 7, 4 and 5; neighbours 5..8, 3..6 */
    memset(pixels, 100, sizeof pixels);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            unsigned char *rgb = pixels + 3 * ((3 + y) * 16 + 5 + x);
            double red = 64.0 * (parts[x] / 12.0) * (parts[y] / 12.0);

            rgb[0] = (unsigned char)lround(100 + 1.402 * red);
            rgb[1] = (unsigned char)lround(100 - 0.714136 * red);
        }
    assert_int_equal(cal_planes_give(planes, &image, NULL), SP_OK);
    cal_planes_free(planes);
}

/* Light alone, off by d everywhere: an rms of d. */
static void planes_farther_from_the_source_than_the_bound_are_told(void **state)
{
    unsigned char pixels[16 * 16 * 3];
    struct cal_image image = {16, 16, pixels};
    struct cal_planes *planes = cal_planes_new(&image);
    int most = (int)cal_jpeg_rms_most(false, 85);
    struct sp_err err = {0};

    (void)state;
    memset(pixels, 100, sizeof pixels);
    memset(planes->cb, 128, 64);
    memset(planes->cr, 128, 64);
    memset(planes->y, 100 + most, 256);
    assert_int_equal(cal_planes_near(planes, &image, 85, &err), SP_OK);
    memset(planes->y, 100 + most + 1, 256);
    assert_int_equal(cal_planes_near(planes, &image, 85, &err), SP_EIO);
    assert_memory_equal(err.text, "Y differs from the source by ", 29);
    cal_planes_free(planes);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(bounds_are_of_the_tables_that_files_have),
        cmocka_unit_test(colours_are_enlarged_by_the_triangle_filter),
        cmocka_unit_test(planes_farther_from_the_source_than_the_bound_are_told),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = uniform_planes_give_these_pixels_or_not,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("jpeg_reference", tests, NULL, NULL);
}
