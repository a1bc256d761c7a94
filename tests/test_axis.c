/* --vary: what every way of writing values becomes, and the message that each mistake
 * gets. */
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

#include "base/rng.h"
#include "study/axis.h"
#include "tests/near.h"

#define N(rows) (sizeof rows / sizeof rows[0])

enum { NUMBERS_MAX = 8 };

/* ---- good rows ---- */

static const struct good {
    const char *name;
    const char *text;
    const char *file;   /* what stands in it; the text then ends with '@' */
    const char *values; /* joined by '|' */
    double numbers[NUMBERS_MAX];
    const char *unit; /* NULL: "" */
    bool relative;
} goods[] = {
    {.name = "a_list", .text = "a.b=1,2,4", .values = "1|2|4", .numbers = {1, 2, 4}},
    {.name = "one_value", .text = "a=1", .values = "1", .numbers = {1}},
    {.name = "a_list_of_words_has_no_numbers",
     .text = "a=fifo,backfill",
     .values = "fifo|backfill",
     .numbers = {NAN, NAN}},
    {.name = "numbers_and_words_mixed_have_no_unit",
     .text = "a=1s,auto",
     .values = "1s|auto",
     .numbers = {1, NAN}},
    {.name = "values_stand_as_written",
     .text = "a=010,1e3,+2.50,-0",
     .values = "010|1e3|+2.50|-0",
     .numbers = {10, 1000, 2.5, -0.0}},
    {.name = "units_become_the_first_ones",
     .text = "a=500ms,2s,1m",
     .values = "500ms|2s|1m",
     .numbers = {500, 2000, 60000},
     .unit = "ms"},
    {.name = "sizes_too",
     .text = "a=1GiB,512MiB",
     .values = "1GiB|512MiB",
     .numbers = {1, 0.5},
     .unit = "GiB"},
    {.name = "units_that_do_not_meet_have_no_number",
     .text = "a=1s,1GiB",
     .values = "1s|1GiB",
     .numbers = {1, NAN}},
    {.name = "a_number_without_unit_is_in_the_first_ones",
     .text = "a=3 USD/h,4",
     .values = "3 USD/h|4",
     .numbers = {3, 4},
     .unit = " USD/h"},
    {.name = "hexadecimal_inf_and_nan_are_words",
     .text = "a=0x10,inf,nan,infinity,1e999",
     .values = "0x10|inf|nan|infinity|1e999",
     .numbers = {NAN, NAN, NAN, NAN, NAN}},
    {.name = "an_equals_sign_may_stand_in_a_value",
     .text = "a=x=1,y=2",
     .values = "x=1|y=2",
     .numbers = {NAN, NAN}},
    {.name = "hostile_words_are_words",
     .text = "a=\"=cmd()\",<script>,\xf0\x9f\x92\xa9,'; drop table--",
     .values = "\"=cmd()\"|<script>|\xf0\x9f\x92\xa9|'; drop table--",
     .numbers = {NAN, NAN, NAN, NAN}},
    {.name = "whole_numbers",
     .text = "a=2..5",
     .values = "2|3|4|5",
     .numbers = {2, 3, 4, 5}},
    {.name = "whole_numbers_below_zero",
     .text = "a=-1..1",
     .values = "-1|0|1",
     .numbers = {-1, 0, 1}},
    {.name = "steps_have_both_ends",
     .text = "a=0..1/5",
     .values = "0|0.25|0.5|0.75|1",
     .numbers = {0, 0.25, 0.5, 0.75, 1}},
    {.name = "one_step_is_the_lower_end",
     .text = "a=0.5..2/1",
     .values = "0.5",
     .numbers = {0.5}},
    {.name = "steps_are_as_a_person_writes_them",
     .text = "a=0.1..0.7/7",
     .values = "0.1|0.2|0.3|0.4|0.5|0.6|0.7",
     .numbers = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}},
    {.name = "steps_with_units_are_in_the_upper_one",
     .text = "a=500ms..2s/4",
     .values = "0.5s|1s|1.5s|2s",
     .numbers = {0.5, 1, 1.5, 2},
     .unit = "s"},
    {.name = "a_rate_has_a_slash_too",
     .text = "a=10/s..40/s/4",
     .values = "10/s|20/s|30/s|40/s",
     .numbers = {10, 20, 30, 40},
     .unit = "/s"},
    {.name = "a_lower_bound_may_lack_its_unit",
     .text = "a=10..40 USD/h/2",
     .values = "10 USD/h|40 USD/h",
     .numbers = {10, 40},
     .unit = " USD/h"},
    {.name = "rates_by_the_minute",
     .text = "a=600/min..20/s/2",
     .values = "10/s|20/s",
     .numbers = {10, 20},
     .unit = "/s"},
    {.name = "hundreds_and_billionths",
     .text = "a=0.0001..1200/2",
     .values = "0.0001|1200",
     .numbers = {0.0001, 1200}},
    {.name = "percent",
     .text = "a=80%..90%/3",
     .values = "80%|85%|90%",
     .numbers = {80, 85, 90},
     .unit = "%"},
    {.name = "logarithmic_steps",
     .text = "a=log:0.01..100/5",
     .values = "0.01|0.1|1|10|100",
     .numbers = {0.01, 0.1, 1, 10, 100}},
    {.name = "logarithmic_steps_between_whole_numbers_are_whole",
     .text = "a=log:1..8/4",
     .values = "1|2|4|8",
     .numbers = {1, 2, 4, 8}},
    {.name = "rounded_steps_that_meet_are_one",
     .text = "a=log:1..3/7",
     .values = "1|2|3",
     .numbers = {1, 2, 3}},
    {.name = "factors",
     .text = "a=*0.8,1,1.2",
     .values = "*0.8|*1|*1.2",
     .numbers = {0.8, 1, 1.2},
     .relative = true},
    {.name = "factors_in_steps",
     .text = "a=*1..2/3",
     .values = "*1|*1.5|*2",
     .numbers = {1, 1.5, 2},
     .relative = true},
    {.name = "factors_in_logarithmic_steps",
     .text = "a=*log:0.5..2/3",
     .values = "*0.5|*1|*2",
     .numbers = {0.5, 1, 2},
     .relative = true},
    {.name = "a_file",
     .text = "a=@",
     .file = "# comment\n\n 1 \r\n2,5\n../x\n\t#no\n3",
     .values = "1|2,5|../x|3",
     .numbers = {1, NAN, NAN, 3}},
    {.name = "a_file_that_a_spreadsheet_wrote",
     .text = "a=@",
     .file = "\xef\xbb\xbf"
             "1\r\n2\r\n",
     .values = "1|2",
     .numbers = {1, 2}},
    {.name = "a_file_of_factors",
     .text = "a=*@",
     .file = "1\n2\n",
     .values = "*1|*2",
     .numbers = {1, 2},
     .relative = true},
    {.name = "a_path_of_a_trace_is_a_word_of_a_list",
     .text = "a=../x.csv,../y.csv",
     .values = "../x.csv|../y.csv",
     .numbers = {NAN, NAN}},
};

/* The text with a file of its own at its '@'. */
static const char *with_file(struct sp_arena *arena, const char *text, const char *file,
                             size_t size, char *path)
{
    int fd;
    FILE *f;

    if (file == NULL)
        return text;
    strcpy(path, "/tmp/stageplan-test-XXXXXX");
    fd = mkstemp(path);
    f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    assert_non_null(f);
    assert_int_equal(fwrite(file, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return sp_arena_printf(arena, "%s%s", text, path);
}

static const char *joined(struct sp_arena *arena, const struct model_axis *axis)
{
    const char *all = "";

    for (int32_t i = 0; i < axis->n; i++)
        all = sp_arena_printf(arena, "%s%s%s", all, i > 0 ? "|" : "", axis->values[i]);
    return all;
}

static void values_are_those_wanted(void **state)
{
    const struct good *row = *state;
    struct sp_arena *arena = sp_arena_new();
    char path[64] = "";
    struct model_axis axis;
    struct sp_err err = {0};
    const char *text = with_file(arena, row->text, row->file,
                                 row->file != NULL ? strlen(row->file) : 0, path);

    if (study_axis_parse(text, arena, &axis, &err) != SP_OK)
        fail_msg("%s", err.text);
    unlink(path);
    assert_int_equal(axis.kind, MODEL_AXIS_VALUES);
    assert_string_equal(axis.values != NULL ? joined(arena, &axis) : "", row->values);
    for (int32_t i = 0; i < axis.n; i++)
        if (isnan(row->numbers[i]))
            assert_true(isnan(axis.numbers[i]));
        else
            assert_near(axis.numbers[i], row->numbers[i], 1e-15);
    assert_string_equal(axis.unit, row->unit != NULL ? row->unit : "");
    assert_int_equal(axis.relative, row->relative);
    assert_true(isnan(axis.low) == isnan(axis.high));
    assert_string_equal(axis.text, strchr(text, '=') + 1);
    assert_int_equal(strncmp(text, axis.path, strlen(axis.path)), 0);
    sp_arena_free(arena);
}

/* ---- bad rows ---- */

static const struct bad {
    const char *name;
    const char *text;
    const char *file;
    size_t size;         /* of the file where it holds a NUL */
    const char *message; /* of it, after "--vary ..." */
    enum sp_status status;
} bads[] = {
    {"nothing", "", .message = "found '', expected path=values"},
    {"no_equals_sign", "a.b", .message = "found 'a.b', expected path=values"},
    {"no_path", "=1", .message = "expected path=values"},
    {"no_values", "a=", .message = "expected path=values"},
    {"an_empty_value", "a=1,,2", .message = "expected a value between commas"},
    {"a_comma_at_the_end", "a=1,", .message = "expected a value between commas"},
    {"a_comma_at_the_start", "a=,1", .message = "expected a value between commas"},
    {"control_characters", "a=1\n2", .message = "without control characters"},
    {"an_escape_in_the_path", "a\033[31m=1", .message = "without control characters"},
    {"bytes_that_are_no_text", "a=\xff\xfe", .message = "without control characters"},
    {"no_upper_bound", "a=1..", .message = "after '..'"},
    {"no_lower_bound", "a=..2", .message = "before '..'"},
    {"words_as_bounds", "a=low..high", .message = "found 'low', expected a number"},
    {"three_dots", "a=0...5", .message = "expected two dots"},
    {"hexadecimal_bound", "a=0x1..5", .message = "expected a number"},
    {"infinite_bound", "a=0..1e999", .message = "expected a number"},
    {"bounds_the_wrong_way", "a=2..1", .message = "a lower bound below the upper one"},
    {"bounds_that_are_the_same", "a=1..1", .message = "a lower bound below"},
    {"same_in_other_units", "a=1000ms..1s", .message = "a lower bound below"},
    {"units_that_do_not_meet", "a=1GiB..2s", .message = "a unit of the same kind"},
    {"unknown_units", "a=1x..2y", .message = "a unit of the same kind"},
    {"no_steps", "a=1..2/0", .message = "found '0', expected from 1 to 1000000"},
    {"too_many_steps", "a=1..2/1000001", .message = "from 1 to 1000000 steps"},
    {"an_endless_number_of_steps", "a=1..2/99999999999999999999999",
     .message = "from 1 to 1000000 steps"},
    {"too_many_whole_numbers", "a=1..9999999999", .message = "or lo..hi/n"},
    {"log_of_zero", "a=log:0..1/3", .message = "a lower bound above 0"},
    {"log_of_less_than_zero", "a=log:-1..1/3", .message = "a lower bound above 0"},
    {"log_of_a_list", "a=log:1,2", .message = "a range, such as log:1..1000/4"},
    {"factors_that_are_words", "a=*x", .message = "numbers without units as factors"},
    {"factors_with_units", "a=*2s", .message = "numbers without units as factors"},
    {"a_range_of_factors_with_units", "a=*1s..2s/2",
     .message = "numbers without units as factors"},
    {"factors_twice", "a=**2", .message = "numbers without units as factors"},
    {"nothing_as_a_factor", "a=*", .message = "expected a value"},
    {"a_file_that_is_not_there", "a=@/nowhere/at/all", .message = "/nowhere/at/all",
     .status = SP_EIO},
    {"a_folder", "a=@/tmp", .message = "/tmp", .status = SP_EIO},
    {"an_empty_file", "a=@", .file = "", .message = "with a value per line"},
    {"a_file_of_comments", "a=@", .file = "# a\n\n#b\n",
     .message = "with a value per line"},
    {"a_file_with_a_nul", "a=@", .file = "1\n\0002\n", .size = 5,
     .message = "a text file with a value per line"},
    {"a_file_with_control_characters", "a=@", .file = "1\n\0332\n",
     .message = "without control characters"},
};

static void a_mistake_gets_its_message(void **state)
{
    const struct bad *row = *state;
    struct sp_arena *arena = sp_arena_new();
    char path[64] = "";
    struct model_axis axis;
    struct sp_err err = {0};
    size_t size = row->size > 0 ? row->size : row->file != NULL ? strlen(row->file) : 0;
    const char *text = with_file(arena, row->text, row->file, size, path);

    assert_int_equal(study_axis_parse(text, arena, &axis, &err),
                     row->status != SP_OK ? row->status : SP_EINPUT);
    unlink(path);
    if (strstr(err.text, row->message) == NULL)
        fail_msg("found \"%s\", expected \"%s\"", err.text, row->message);
    for (const char *c = err.text; *c != '\0'; c++)
        assert_true((unsigned char)*c >= ' ');
    sp_arena_free(arena);
}

static void a_long_text_gives_a_short_message(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    static char text[100000] = "a=";
    struct model_axis axis;
    struct sp_err err = {0};

    (void)state;
    memset(text + 2, 'x', sizeof text - 3);
    memcpy(text + 50000, "..", 2);
    assert_int_equal(study_axis_parse(text, arena, &axis, &err), SP_EINPUT);
    assert_true(strlen(err.text) < 500);
    sp_arena_free(arena);
}

/* ---- anywhere on the way ---- */

static void parse(const char *text, struct sp_arena *arena, struct model_axis *axis)
{
    struct sp_err err = {0};

    if (study_axis_parse(text, arena, axis, &err) != SP_OK)
        fail_msg("%s: %s", text, err.text);
}

static const struct way {
    const char *name, *text;
    double u;
    const char *value;
    double number;
} ways[] = {
    {"the_start", "a=0.5..2", 0, "0.5", 0.5},
    {"a_quarter", "a=0.5..2.5", 0.25, "1", 1},
    {"the_end_is_the_bound", "a=0.1..0.3", 1, "0.3", 0.3},
    {"halfway_in_the_logarithm", "a=log:0.1..10", 0.5, "1", 1},
    {"the_end_of_a_logarithm", "a=log:0.1..0.7", 1, "0.7", 0.7},
    {"whole_in_the_logarithm", "a=log:1..100", 0.52, "11", 11},
    {"a_unit", "a=500ms..2s", 0.5, "1.25s", 1.25},
    {"a_factor", "a=*0.8..1.2", 0.5, "*1", 1},
    {"first_of_a_list", "a=x,y,z", 0, "x", NAN},
    {"just_before_the_second", "a=4,5,6", 0.333, "4", 4},
    {"the_second", "a=4,5,6", 0.334, "5", 5},
    {"last_of_a_list", "a=4,5,6", 0.999, "6", 6},
    {"last_of_a_list_at_one", "a=4,5,6", 1, "6", 6},
};

static void a_share_of_the_way_is_a_value(void **state)
{
    const struct way *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_coordinate at;
    struct model_axis axis;

    parse(row->text, arena, &axis);
    at = study_axis_at(&axis, row->u, arena);
    assert_string_equal(at.text, row->value);
    if (isnan(row->number))
        assert_true(isnan(at.number));
    else
        assert_near(at.number, row->number, 1e-15);
    sp_arena_free(arena);
}

static void text_reads_back_as_the_number_told(void **state)
{
    static const char *const texts[] = {"a=1..3.7", "a=-2..2 USD/h", "a=log:1e-9..1e9",
                                        "a=*0.1..10", "a=1ns..3ns"};
    struct sp_rng r = sp_rng_from_key(4);

    (void)state;
    for (size_t k = 0; k < N(texts); k++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_axis axis;

        parse(texts[k], arena, &axis);
        for (int32_t i = 0; i < 500; i++) {
            struct model_coordinate at =
                study_axis_at(&axis, sp_rng_uniform(&r), arena);

            assert_true(strtod(at.text + axis.relative, NULL) == at.number);
            assert_true(at.number >= axis.low && at.number <= axis.high);
        }
        sp_arena_free(arena);
    }
}

/* Between 1 and 16, whole: as often in the lower octaves as in the upper ones. */
static void a_logarithmic_range_is_uniform_in_the_logarithm(void **state)
{
    enum { DRAWS = 4000 };
    struct sp_arena *arena = sp_arena_new();
    struct model_axis axis;
    int32_t below = 0;

    (void)state;
    parse("a=log:0.01..100", arena, &axis);
    assert_int_equal(axis.kind, MODEL_AXIS_LOG);
    for (int32_t i = 0; i < DRAWS; i++)
        below += study_axis_at(&axis, (i + 0.5) / DRAWS, arena).number < 1;
    assert_int_equal(below, DRAWS / 2);
    sp_arena_free(arena);
}

int main(void)
{
    static struct CMUnitTest tests[128] = {
        cmocka_unit_test(a_long_text_gives_a_short_message),
        cmocka_unit_test(text_reads_back_as_the_number_told),
        cmocka_unit_test(a_logarithmic_range_is_uniform_in_the_logarithm),
    };
    size_t n = 3;

    for (size_t i = 0; i < N(goods); i++)
        tests[n++] = (struct CMUnitTest){.name = goods[i].name,
                                         .test_func = values_are_those_wanted,
                                         .initial_state = (void *)(uintptr_t)&goods[i]};
    for (size_t i = 0; i < N(bads); i++)
        tests[n++] = (struct CMUnitTest){.name = bads[i].name,
                                         .test_func = a_mistake_gets_its_message,
                                         .initial_state = (void *)(uintptr_t)&bads[i]};
    for (size_t i = 0; i < N(ways); i++)
        tests[n++] = (struct CMUnitTest){.name = ways[i].name,
                                         .test_func = a_share_of_the_way_is_a_value,
                                         .initial_state = (void *)(uintptr_t)&ways[i]};
    return _cmocka_run_group_tests("axis", tests, n, NULL, NULL);
}
