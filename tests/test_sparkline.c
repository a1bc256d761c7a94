/* report/sparkline.h: what each column shows, worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "report/sparkline.h"
#include "report/text.h"

enum { MOST = 16 };

/* `whole` 0 in a row: 1 everywhere. */
static struct row {
    const char *name;
    int n, columns;
    double part[MOST], whole[MOST];
    const char *plain, *blocks;
} rows[] = {
    {"levels_are_eighths",
     8,
     8,
     {0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875},
     {0},
     "_.:-=+*#",
     "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"},
    {"just_below_a_level_is_the_one_before",
     4,
     4,
     {0.1249, 0.4999, 0.8749, 0.9999},
     {0},
     "_-*#",
     "\u2581\u2584\u2587\u2588"},
    {"constant", 4, 4, {0.5, 0.5, 0.5, 0.5}, {0}, "====", "\u2585\u2585\u2585\u2585"},
    {"all", 2, 2, {1, 1}, {0}, "##", "\u2588\u2588"},
    {"all_zero", 3, 3, {0, 0, 0}, {0}, "___", "\u2581\u2581\u2581"},
    {"one_bucket_fills_the_line", 1, 5, {0.3}, {0}, ":::::", NULL},
    {"no_bucket_is_blank", 0, 3, {0}, {0}, "   ", "   "},
    {"nothing_provisioned_is_blank", 3, 3, {1, 0, 1}, {2, 0, 1}, "= #", NULL},
    {"not_measured_is_blank", 3, 3, {NAN, 1, NAN}, {0}, " # ", NULL},
    {"not_measured_does_not_count", 4, 2, {NAN, 1, 0.5, NAN}, {0}, "#=", NULL},
    {"more_than_there_is_is_all", 2, 2, {1.5, -1}, {0}, "#_", NULL},
    {"more_buckets_than_columns_are_means",
     6,
     2,
     {0, 0, 0.9, 1, 1, 0.9},
     {0},
     ":#", /* 0.3 and 0.967 */
     NULL},
    {"means_are_weighted_by_what_there_was",
     2,
     1,
     {1, 9},
     {1, 27},
     ":", /* 10 / 28; the mean of shares would be 2/3 */
     NULL},
    {"buckets_across_a_border_are_parted",
     3,
     2,
     {0, 1, 0},
     {0},
     "::", /* half of 1 in one and a half buckets: 1/3 */
     NULL},
    {"fewer_buckets_than_columns_repeat", 2, 6, {0, 1}, {0}, "___###", NULL},
    {"fewer_buckets_by_a_fraction", 2, 3, {0, 1}, {0}, "_=#", NULL},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void shows_what_it_should(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const double ones[MOST] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const struct report_share_series s = {row->n, row->part,
                                          row->whole[0] != 0 ? row->whole : ones};
    const char *blocks = report_sparkline(arena, &s, row->columns, true);

    assert_string_equal(report_sparkline(arena, &s, row->columns, false), row->plain);
    assert_int_equal(report_text_width(blocks), row->columns);
    if (row->blocks != NULL)
        assert_string_equal(blocks, row->blocks);
    sp_arena_free(arena);
}

/* However many buckets and columns: the mean of all columns is that of all buckets. */
static void nothing_is_lost_between_columns(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    double part[1000], whole[1000];
    const struct report_share_series s = {1000, part, whole};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        part[i] = i == 999; /* the last bucket alone is busy */
        whole[i] = 1;
    }
    for (int columns = 1; columns <= 200; columns++) {
        const char *text = report_sparkline(arena, &s, columns, false);

        assert_int_equal(strlen(text), (size_t)columns);
        assert_int_equal(strspn(text, "_."), (size_t)columns); /* at most 1/5 */
        assert_true((text[columns - 1] == '.') == (columns >= 125));
    }
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 1] = {
        cmocka_unit_test(nothing_is_lost_between_columns),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = shows_what_it_should,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("sparkline", tests, NULL, NULL);
}
