/* Lines of the worker: what is written is read back the same, and whatever else may
 * come is refused with what was found and what was expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/worker_line.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

#define WORK   "\"work\":{\"flop_fixed\":0,\"flop\":1,\"bytes_fixed\":0,\"bytes\":2}"
#define COUNTS "\"blocks\":8,\"by_canary\":0,\"by_scheduler\":1,\"by_clock\":2"
#define ESTIMATE(s)                                                                    \
    "{\"s\":" s ",\"half_frac\":0.01,\"best_s\":1e-3,\"mean_s\":null," COUNTS          \
    ",\"converged\":false,\"why\":\"w\"}"
#define POINT(x, s) "{\"x\":" x ",\"estimates\":[" ESTIMATE(s) "]}"
#define KERNEL(name, skipped, points)                                                  \
    "{\"kernel\":{\"name\":" name ",\"device\":\"gpu0\",\"skipped\":" skipped          \
    ",\"quiet\":true," WORK ",\"parameters\":{\"a\":\"b\"},\"points\":" points "}}"
#define TRIAD(points) KERNEL("\"triad\"", "null", points)

static struct row {
    const char *line, *error; /* NULL: it is fine */
} rows[] = {
    {"{\"hello\":{\"protocol\":1,\"backend\":\"cuda\"}}", NULL},
    {"{\"done\":{}}", NULL},
    {"{\"note\":{\"text\":\"\"}}", NULL},
    {"{\"state\":{\"is\":\"stub library\",\"why\":null}}", NULL},
    {"{\"doing\":{\"what\":\"x\",\"done_frac\":1}}", NULL},
    {TRIAD("[" POINT("1", "1e-3") "," POINT("2", "1e6") "]"), NULL},
    {KERNEL("\"triad\"", "\"no memory\"", "[]"), NULL},

    {"", "it is no JSON"},
    {"{", "it is no JSON"},
    {"{\"done\":{}} x", "it is no JSON"},
    {"{\"note\":{\"text\":\"a\",\"text\":\"b\"}}", "it is no JSON"},
    {"{\"note\":{\"text\":\"\\u0000\"}}", "it is no JSON"},
    {"{\"note\":{\"text\":\"\xff\"}}", "it is no JSON"},
    {"[]", "the line is an array, expected an object"},
    {"7", "it is no JSON"},
    {"{}", "it is of no known kind"},
    {"{\"other\":{}}", "it is of no known kind"},
    {"{\"note\":[]}", "note is an array, expected an object"},
    {"{\"note\":{}}", "text is nothing, expected a text"},
    {"{\"note\":{\"text\":5}}", "text is a number, expected a text"},
    {"{\"note\":{\"text\":\"a\\u001b[2J\"}}",
     "text is 'a\\x1b[2J', expected printable text"},
    {"{\"hello\":{\"protocol\":\"1\"}}", "protocol is a text, expected a whole number"},
    {"{\"hello\":{\"protocol\":-1}}", "protocol is -1, expected 0 to 2147483647"},
    {"{\"state\":{\"is\":\"fine\"}}", "is is 'fine', expected the state of a device"},
    {"{\"doing\":{\"what\":\"x\",\"done_frac\":1.5}}",
     "done_frac is 1.5, expected 0 to 1"},
    {"{\"device\":{\"name\":\"\",\"model\":\"m\",\"facts\":{}}}",
     "name is empty, expected a device's"},
    {"{\"device\":{\"name\":\"g\",\"model\":\"m\",\"facts\":{\"a\":1}}}",
     "a is a number, expected a text"},
    {"{\"device\":{\"name\":\"g\",\"model\":\"m\",\"facts\":3}}",
     "facts is a number, expected an object of texts"},
    {KERNEL("\"format_disk\"", "null", "[]"),
     "name is 'format_disk', expected a kernel of the plan"},
    {KERNEL("7", "null", "[]"), "name is a number, expected a text"},
    {TRIAD("[]"), "points has 0, expected 1 to 24"},
    {TRIAD("{}"), "points is an object, expected an array"},
    {TRIAD("[3]"), "a point is a number, expected an object"},
    {TRIAD("[{\"x\":1}]"), "estimates is nothing, expected an array"},
    {TRIAD("[{\"x\":1,\"estimates\":[]}]"), "estimates has 0, expected 1 to 100"},
    {TRIAD("[{\"x\":1,\"estimates\":[0]}]"),
     "an estimate is a number, expected an object"},
    {TRIAD("[" POINT("1", "-1") "]"), "s is -1, expected 1e-12 to 1e+06 s"},
    {TRIAD("[" POINT("1", "0") "]"), "s is 0, expected 1e-12 to 1e+06 s"},
    {TRIAD("[" POINT("1", "1e-20") "]"), "s is 1e-20, expected 1e-12 to 1e+06 s"},
    {TRIAD("[" POINT("1", "1e7") "]"), "s is 1e+07, expected 1e-12 to 1e+06 s"},
    {TRIAD("[" POINT("1", "null") "]"), "s is null, expected a number of seconds"},
    {TRIAD("[" POINT("1", "NaN") "]"), "it is no JSON"},
    {TRIAD("[" POINT("1", "1e999") "]"), "it is no JSON"},
    {TRIAD("[" POINT("1", "true") "]"),
     "s is a truth value, expected a number of seconds"},
    {TRIAD("[" POINT("-4", "1") "]"), "x is -4, expected 1e-12 to 1e+15"},
    {TRIAD("[" POINT("1e300", "1") "]"), "x is 1e+300, expected 1e-12 to 1e+15"},
    {TRIAD("[" POINT("2", "1") "," POINT("2", "1") "]"),
     "x is 2 after 2, expected rising"},
    {KERNEL("\"triad\"", "\"why\"", "[" POINT("1", "1") "]"),
     "points has 1, expected none where the kernel is skipped"},
};

static void line_is_read_or_refused(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};
    struct cal_line line = {.kind = CAL_LINE_DONE, .text = "before"};
    enum sp_status status =
        cal_line_parse(row->line, strlen(row->line), arena, &line, &err);

    if (row->error == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_string_equal(err.text, row->error);
        assert_string_equal(line.text, "before");
    }
    sp_arena_free(arena);
}

/* ---- there and back ---- */

static void parse_printed(const struct cal_line *line, struct sp_arena *arena,
                          struct cal_line *back)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct sp_err err = {0};

    cal_line_print(out, line);
    fclose(out);
    assert_int_equal(text[size - 1], '\n');
    assert_null(memchr(text, '\n', size - 1));
    assert_int_equal(cal_line_parse(text, size - 1, arena, back, &err), SP_OK);
    free(text);
}

static void a_kernel_comes_back_as_it_was(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_estimate estimates[2] = {{.s = 1.0 / 3,
                                         .half_frac = 0.1,
                                         .best_s = 0.25,
                                         .mean_s = 7e-9,
                                         .blocks = 8,
                                         .by_canary = 1,
                                         .by_scheduler = 2,
                                         .by_clock = 3,
                                         .converged = true},
                                        {.s = 2,
                                         .half_frac = INFINITY,
                                         .best_s = NAN,
                                         .mean_s = NAN,
                                         .blocks = 1,
                                         .why = "1 block"}};
    struct cal_point points[2] = {{.x = 0.5, .n = 2, .estimates = estimates},
                                  {.x = 3, .n = 1, .estimates = estimates}};
    struct model_fact params[1] = {{"format", "bf16"}};
    struct cal_line line = {.kind = CAL_LINE_KERNEL,
                            .on = "gpu3",
                            .kernel = {.name = "gemm_bf16",
                                       .library = "L",
                                       .quiet = true,
                                       .work = {1, 2, 3, 4},
                                       .n_params = 1,
                                       .params = params,
                                       .n_points = 2,
                                       .points = points}},
                    back = {0};
    const struct cal_measured *m = &back.kernel;

    (void)state;
    parse_printed(&line, arena, &back);
    assert_int_equal(back.kind, CAL_LINE_KERNEL);
    assert_string_equal(back.on, "gpu3");
    assert_string_equal(m->name, "gemm_bf16");
    assert_string_equal(m->axis, "rows");
    assert_int_equal(m->bound, MODEL_BOUND_ROOFLINE);
    assert_int_equal(m->calls, MODEL_CALLS_PER_TASK);
    assert_string_equal(m->library, "L");
    assert_null(m->code_path);
    assert_true(m->quiet);
    assert_memory_equal(&m->work, &line.kernel.work, sizeof m->work);
    assert_int_equal(m->n_params, 1);
    assert_string_equal(m->params[0].value, "bf16");
    assert_int_equal(m->n_points, 2);
    assert_true(m->points[1].x == 3);
    assert_int_equal(m->points[0].n, 2);
    assert_true(m->points[0].estimates[0].s == 1.0 / 3);
    assert_true(m->points[0].estimates[0].mean_s == 7e-9);
    assert_int_equal(m->points[0].estimates[0].by_clock, 3);
    assert_true(m->points[0].estimates[0].converged);
    assert_true(isinf(m->points[0].estimates[1].half_frac));
    assert_true(isnan(m->points[0].estimates[1].best_s));
    assert_string_equal(m->points[0].estimates[1].why, "1 block");
    sp_arena_free(arena);
}

static void words_of_a_driver_are_made_fit_to_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char longest[2000];
    struct cal_line back = {0};

    (void)state;
    parse_printed(&(struct cal_line){.kind = CAL_LINE_NOTE, .text = "a\nb\xff"}, arena,
                  &back);
    assert_string_equal(back.text, "'a\\x0ab\\xff'");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    parse_printed(&(struct cal_line){.kind = CAL_LINE_NOTE, .text = longest}, arena,
                  &back);
    assert_true(strlen(back.text) < CAL_LINE_TEXT_MAX);
    assert_string_equal(back.text + strlen(back.text) - 5, "x...'");
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 2] = {
        cmocka_unit_test(a_kernel_comes_back_as_it_was),
        cmocka_unit_test(words_of_a_driver_are_made_fit_to_read),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 2] = (struct CMUnitTest){.name = rows[i].line,
                                           .test_func = line_is_read_or_refused,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("worker_line", tests, NULL, NULL);
}
