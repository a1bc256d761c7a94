/* calibrate/input_text.h, input_image.h: what kernels are fed with is what it is said
 * to be, the same for the same key, and within its room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/arena.h"
#include "calibrate/input_image.h"
#include "calibrate/input_text.h"

/* ---- text ---- */

static void words_are_letters_and_the_same_for_a_key(void **state)
{
    struct cal_words *a = cal_words_new(3000, 1), *b = cal_words_new(3000, 1);
    struct cal_words *c = cal_words_new(3000, 2);
    int32_t differ = 0;

    (void)state;
    for (int32_t i = 0; i < a->n; i++) {
        size_t length = strlen(a->text[i]);

        assert_in_range(length, 1, CAL_WORD_MAX - 1);
        assert_int_equal(strspn(a->text[i], "abcdefghijklmnopqrstuvwxyz"), length);
        assert_string_equal(a->text[i], b->text[i]);
        differ += strcmp(a->text[i], c->text[i]) != 0;
    }
    assert_true(differ > a->n / 2);
    cal_words_free(a);
    cal_words_free(b);
    cal_words_free(c);
    cal_words_free(NULL);
}

/* Shares of the first k words are H(k)/H(n); of 200,000 draws none is farther off than
 * five standard deviations of the binomial. */
static void words_are_drawn_by_zipfs_law(void **state)
{
    enum { N = 1000, DRAWS = 200000 };
    static const int32_t upto[] = {1, 2, 10, 100, 999};
    struct cal_words *words = cal_words_new(N, 3);
    struct sp_rng rng = sp_rng_from_key(4);
    int32_t drawn[N] = {0};
    double all = 0;

    (void)state;
    for (int32_t k = 1; k <= N; k++)
        all += 1.0 / k;
    for (int32_t i = 0; i < DRAWS; i++)
        drawn[(cal_words_draw(words, &rng) - words->text[0]) / CAL_WORD_MAX]++;
    for (size_t i = 0; i < sizeof upto / sizeof upto[0]; i++) {
        double share = 0, p = 0;

        for (int32_t k = 0; k < upto[i]; k++) {
            share += (double)drawn[k] / DRAWS;
            p += 1.0 / (k + 1) / all;
        }
        assert_true(fabs(share - p) < 5 * sqrt(p * (1 - p) / DRAWS));
    }
    cal_words_free(words);
}

static void text_fills_its_room_and_no_more(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 100, 1001};
    struct cal_words *words = cal_words_new(100, 1);

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct sp_rng rng = sp_rng_from_key(9);
        char text[1010];

        memset(text, '\0', sizeof text);
        text[sizes[i]] = '#';
        cal_text_fill(words, &rng, text, sizes[i]);
        assert_int_equal(strlen(text), sizes[i] + 1);
        assert_int_equal(text[sizes[i]], '#');
    }
    cal_words_free(words);
}

/* English prose goes to between a half and a quarter of its size by zstd at level 3;
 * ours must, too. */
static void text_is_as_compressible_as_prose(void **state)
{
    enum { SIZE = 1 << 20 };
    struct cal_words *words = cal_words_new(4096, 1);
    struct sp_rng rng = sp_rng_from_key(2);
    char *text = sp_xcalloc(SIZE, 1), *packed = sp_xcalloc(ZSTD_COMPRESSBOUND(SIZE), 1);
    size_t n;

    (void)state;
    cal_text_fill(words, &rng, text, SIZE);
    n = ZSTD_compress(packed, ZSTD_COMPRESSBOUND(SIZE), text, SIZE, 3);
    assert_in_range(n, SIZE / 4, SIZE / 2);
    free(text);
    free(packed);
    cal_words_free(words);
}

static void whole_numbers_stay_below_their_bound_and_reach_all(void **state)
{
    struct sp_rng rng = sp_rng_from_key(1);
    int32_t seen[7] = {0};

    (void)state;
    for (int32_t i = 0; i < 7000; i++)
        seen[cal_draw_below(&rng, 7)]++; /* the sanitizer minds the bound */
    for (int32_t i = 0; i < 7; i++)      /* five standard deviations: 5 x 29 */
        assert_in_range(seen[i], 1000 - 146, 1000 + 146);
    assert_int_equal(cal_draw_below(&rng, 1), 0);
}

/* ---- images ---- */

static void sides_are_those_of_common_pictures(void **state)
{
    static const struct {
        double megapixels;
        int32_t width, height;
    } rows[] = {
        {1e-6, 16, 12},         {0.0768, 320, 240},     {0.3072, 640, 480},
        {0.786432, 1024, 768},  {1, 1152, 864},         {1.92, 1600, 1200},
        {3.145728, 2048, 1536}, {7.990272, 3264, 2448},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cal_image image = {0};

        cal_image_size(rows[i].megapixels, &image);
        assert_int_equal(image.width, rows[i].width);
        assert_int_equal(image.height, rows[i].height);
        assert_int_equal(cal_image_bytes(&image), rows[i].width * rows[i].height * 3);
    }
}

static void pictures_are_the_same_for_a_key_and_fill_their_room(void **state)
{
    struct cal_image a, b;
    double sum = 0;

    (void)state;
    cal_image_size(0.02, &a);
    cal_image_size(0.02, &b);
    a.rgb = cal_image_room(&a);
    b.rgb = cal_image_room(&b);
    cal_image_fill(&a, 1);
    memset(b.rgb, 0xff, cal_image_bytes(&b));
    cal_image_fill(&b, 1);
    assert_memory_equal(a.rgb, b.rgb, cal_image_bytes(&a));
    cal_image_fill(&b, 2);
    assert_memory_not_equal(a.rgb, b.rgb, cal_image_bytes(&a));
    for (size_t i = 0; i < cal_image_bytes(&a); i++)
        sum += a.rgb[i];
    sum /= (double)cal_image_bytes(&a);
    assert_true(sum > 64 && sum < 192); /* neither black nor white */
    free(a.rgb);
    free(b.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_letters_and_the_same_for_a_key),
        cmocka_unit_test(words_are_drawn_by_zipfs_law),
        cmocka_unit_test(text_fills_its_room_and_no_more),
        cmocka_unit_test(text_is_as_compressible_as_prose),
        cmocka_unit_test(whole_numbers_stay_below_their_bound_and_reach_all),
        cmocka_unit_test(sides_are_those_of_common_pictures),
        cmocka_unit_test(pictures_are_the_same_for_a_key_and_fill_their_room),
    };

    return cmocka_run_group_tests_name("kernel_inputs", tests, NULL, NULL);
}
