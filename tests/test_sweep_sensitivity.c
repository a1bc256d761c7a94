/* What a figure of a sweep depends on: indices and tornadoes from arrays of values, by
 * hand and in closed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_parts.h"
#include "report/sweep_depends_plot.h"
#include "report/sweep_print.h"
#include "report/sweep_sensitivity.h"
#include "study/axis.h"
#include "study/design.h"
#include "tests/near.h"

enum { POLICIES = 2, VALUES_MAX = 50000, AXES = 3 };

/* ---- the rig: a sweep whose values are a function of the point ---- */

struct rig {
    struct sp_arena *arena;
    struct model_axis axes[AXES];
    struct report_sweep s;
    double values[VALUES_MAX]; /* [(point * POLICIES + policy) * replications + r] */
    bool fails;
};

static const char *const policies[POLICIES] = {"base", "other"};

static bool give_values(void *self, struct model_figure_of of, double *values)
{
    const struct rig *g = self;

    if (g->fails)
        return false;
    if (strcmp(of.figure->name, "usd") == 0)
        memcpy(values, g->values,
               (size_t)(g->s.n_points * POLICIES * g->s.sweep.replications) *
                   sizeof *values);
    return true;
}

static struct model_figure_of usd(void)
{
    struct model_figure_of of = {SP_NO_ID, NULL};
    struct sp_err err = {0};

    if (model_figure_parse("usd", NULL, 0, &of, &err) != SP_OK)
        fail_msg("%s", err.text);
    return of;
}

static struct report_sweep_measure measure(int32_t policy, bool difference)
{
    return (struct report_sweep_measure){usd(), policy, difference};
}

typedef double function(const double *x, int32_t policy, int32_t replication);

/* Axes 0..1 each, but for what `texts` says. */
static struct rig *rig_new(enum model_design design, int64_t samples, int32_t reps,
                           const char *const texts[AXES], function *f)
{
    struct rig *g = calloc(1, sizeof *g);
    struct model_coordinate at[AXES];
    struct study_design *d;
    struct sp_err err = {0};

    assert_non_null(g);
    g->arena = sp_arena_new();
    for (int32_t a = 0; a < AXES; a++)
        assert_int_equal(study_axis_parse(texts[a], g->arena, &g->axes[a], &err),
                         SP_OK);
    g->s = (struct report_sweep){.arena = g->arena, .values = give_values, .self = g};
    g->s.sweep = (struct model_sweep){.scenario = "s",
                                      .version = "v",
                                      .design = design,
                                      .n_axes = AXES,
                                      .axes = g->axes,
                                      .samples = samples,
                                      .seed = 3,
                                      .replications = reps,
                                      .n_policies = POLICIES,
                                      .policies = policies};
    if (study_design_new(g->arena, &g->s.sweep, &d, &err) != SP_OK)
        fail_msg("%s", err.text);
    g->s.n_points = g->s.sweep.n_points;
    assert_true(g->s.n_points * POLICIES * reps <= VALUES_MAX);
    g->s.numbers =
        sp_arena_array(g->arena, (size_t)g->s.n_points * AXES, sizeof(double));
    g->s.texts = sp_arena_array(g->arena, (size_t)g->s.n_points * AXES, sizeof(char *));
    for (int64_t p = 0; p < g->s.n_points; p++) {
        double x[AXES];

        study_design_point(d, p, g->arena, at);
        for (int32_t a = 0; a < AXES; a++) {
            x[a] = g->s.numbers[p * AXES + a] = at[a].number;
            g->s.texts[p * AXES + a] = at[a].text;
        }
        for (int32_t k = 0; k < POLICIES; k++)
            for (int32_t r = 0; r < reps; r++)
                g->values[(p * POLICIES + k) * reps + r] = f(x, k, r);
    }
    return g;
}

static void rig_free(struct rig *g)
{
    sp_arena_free(g->arena);
    free(g);
}

static const char *const units[AXES] = {"a.one=0..1.0", "a.two=0..1.0", "b=0..1.0"};

/* ---- indices ---- */

/* Shares of the base 1, 4 and 0 of 5; of the other's 1, 0 and 9 of 10; of their
 * difference 0, 4 and 9 of 13.  Replications differ by what their mean does not have.
 */
static double linear(const double *x, int32_t policy, int32_t r)
{
    const double chance = r == 0 ? 10 : -10;

    return policy == 0 ? 7 + x[0] + 2 * x[1] + chance : x[0] + 3 * x[2] + chance;
}

/* A quasi-random sample errs less than its bootstrap interval says; twice that is 4
 * standard errors. */
static void check_shares(const struct model_indices *x, const double shares[AXES])
{
    for (int32_t i = 0; i < AXES; i++) {
        assert_near(x->inputs[i].first.mean, shares[i],
                    2 * x->inputs[i].first.half95 + 1e-12);
        assert_near(x->inputs[i].total.mean, shares[i],
                    2 * x->inputs[i].total.half95 + 1e-12);
        assert_true(x->inputs[i].first.half95 < 0.15);
    }
}

static void indices_are_of_policies_and_of_their_difference(void **state)
{
    static const struct {
        int32_t policy;
        bool difference;
        double shares[AXES], variance;
    } rows[] = {{0, false, {0.2, 0.8, 0}, 5 / 12.},
                {1, false, {0.1, 0, 0.9}, 10 / 12.},
                {1, true, {0, 4 / 13., 9 / 13.}, 13 / 12.}};
    struct rig *g = rig_new(MODEL_DESIGN_INDICES, 512, 2, units, linear);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct report_sweep_measure m =
            measure(rows[i].policy, rows[i].difference);
        struct model_indices x;

        assert_true(report_sweep_indices_of(&g->s, &m, g->arena, &x));
        assert_int_equal(x.n, 512);
        assert_int_equal(x.n_inputs, AXES);
        check_shares(&x, rows[i].shares);
        /* of 1,024 values of kurtosis below 3: 4 sqrt(2 / 1024) */
        assert_near(x.variance, rows[i].variance, 0.18 * rows[i].variance);
    }
    rig_free(g);
}

static void rows_that_are_not_all_there_do_not_count(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_INDICES, 64, 1, units, linear);
    const struct report_sweep_measure m = measure(0, false);
    struct model_indices x;

    (void)state;
    g->s.n_points = 40 * (AXES + 2) + AXES + 1;
    assert_true(report_sweep_indices_of(&g->s, &m, g->arena, &x));
    assert_int_equal(x.n, 40);
    g->values[(7 * (AXES + 2) + 3) * POLICIES] = NAN; /* infeasible */
    assert_true(report_sweep_indices_of(&g->s, &m, g->arena, &x));
    assert_int_equal(x.n, 39);
    g->s.n_points = AXES + 1;
    assert_true(report_sweep_indices_of(&g->s, &m, g->arena, &x));
    assert_int_equal(x.n, 0);
    assert_true(isnan(x.inputs[0].first.mean));
    rig_free(g);
}

/* ---- tornado ---- */

static const char *const moves[AXES] = {"price=*0.5..2", "count=1,5,9", "words=x,y"};

/* Per replication 100, 104 as it is; the base price 10 a unit of price with a slope
 * that replications differ in, count -1 each, words nothing. */
static double by_hand(const double *x, int32_t policy, int32_t r)
{
    double price = isnan(x[0]) ? 1 : x[0], count = isnan(x[1]) ? 3 : x[1];

    if (policy == 0)
        return (r == 0 ? 100 : 104) + (10 + r) * (price - 1) - (count - 3);
    return (r == 0 ? 102 : 106) + 2 * (count - 3);
}

/* Student's t of one degree of freedom at 97.5 %: tan(0.475 pi). */
static const double t1 = 12.706204736174707;

static void a_tornado_is_as_by_hand(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    const struct report_sweep_measure m = measure(0, false);
    struct report_sweep_tornado t;

    (void)state;
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_int_equal(t.n, AXES);
    assert_near(t.here.mean, 102, 1e-12);
    assert_near(t.here.half95, t1 * 2, 1e-6); /* of 100, 104: sd 2.83 / sqrt 2 */
    /* price 0.5 to 2: 15 and 16.5, mean 15.75, sd 1.0607, / sqrt 2 = 0.75 */
    assert_int_equal(t.swings[0].axis, 0);
    assert_string_equal(t.swings[0].low_text, "*0.5");
    assert_string_equal(t.swings[0].high_text, "*2");
    assert_near(t.swings[0].change.mean, 15.75, 1e-12);
    assert_near(t.swings[0].change.half95, t1 * 0.75, 1e-6);
    assert_near(t.swings[0].low.mean, 102 - 10.5 / 2, 1e-12);
    assert_near(t.swings[0].high.mean, 102 + 10.5, 1e-12);
    /* count 1 to 9: -8 in both */
    assert_int_equal(t.swings[1].axis, 1);
    assert_near(t.swings[1].change.mean, -8, 1e-12);
    assert_near(t.swings[1].change.half95, 0, 1e-12);
    assert_int_equal(t.swings[2].axis, 2);
    assert_true(t.swings[2].change.mean == 0);
    for (int32_t i = 0; i < t.n; i++)
        assert_false(t.swings[i].turns);
    rig_free(g);
}

/* The other less the base: 2 as it is; 2 - (10 + r)(price - 1) + 3 (count - 3): at
 * price 2 -8 and -9 (shown: t 0.5 = 6.4), at 0.5 it stays; count 1 gives -4. */
static void what_turns_a_difference_is_told(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    const struct report_sweep_measure m = measure(1, true);
    struct report_sweep_tornado t;

    (void)state;
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_near(t.here.mean, 2, 1e-12);
    assert_near(t.here.half95, 0, 1e-12);
    assert_int_equal(t.swings[0].axis, 1); /* 24 against 15.75 */
    assert_near(t.swings[0].change.mean, 24, 1e-12);
    assert_near(t.swings[1].change.mean, -15.75, 1e-12);
    assert_true(t.swings[0].turns);
    assert_true(t.swings[1].turns);
    assert_false(t.swings[2].turns);
    rig_free(g);
}

static void what_chance_may_have_done_turns_nothing(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    const struct report_sweep_measure m = measure(1, true);
    struct report_sweep_tornado t;

    (void)state;
    g->values[(2 * POLICIES) * 2] -= 7; /* price 2: now -1 and -9 of the difference */
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_int_equal(t.swings[1].axis, 0);
    assert_near(t.swings[1].high.mean, -5, 1e-12);
    assert_false(t.swings[1].turns);
    rig_free(g);
}

static void one_replication_has_no_intervals(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 1, moves, by_hand);
    const struct report_sweep_measure m = measure(1, true);
    struct report_sweep_tornado t;

    (void)state;
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_near(t.swings[0].change.mean, 24, 1e-12);
    assert_true(isnan(t.here.half95) && isnan(t.swings[0].change.half95));
    assert_true(t.swings[0].turns);
    rig_free(g);
}

static void what_is_not_there_is_last_or_left_out(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 1, moves, by_hand);
    const struct report_sweep_measure m = measure(0, false);
    struct report_sweep_tornado t;

    (void)state;
    g->values[1 * POLICIES] = NAN; /* price low: infeasible */
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_int_equal(t.n, AXES);
    assert_int_equal(t.swings[AXES - 1].axis, 0);
    assert_true(isnan(t.swings[AXES - 1].change.mean));
    assert_true(!isnan(t.swings[AXES - 1].high.mean));
    g->s.n_points = 6; /* the last axis' high is not there */
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_int_equal(t.n, AXES - 1);
    g->s.n_points = 1;
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_int_equal(t.n, 0);
    g->s.n_points = 0;
    assert_false(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    rig_free(g);
}

static void another_design_or_no_values_give_nothing(void **state)
{
    struct rig *one = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 1, moves, by_hand);
    struct rig *rows = rig_new(MODEL_DESIGN_INDICES, 8, 1, units, linear);
    const struct report_sweep_measure m = measure(0, false);
    struct report_sweep_tornado t;
    struct model_indices x;

    (void)state;
    assert_false(report_sweep_indices_of(&one->s, &m, one->arena, &x));
    assert_false(report_sweep_tornado_of(&rows->s, &m, rows->arena, &t));
    one->fails = rows->fails = true;
    assert_false(report_sweep_indices_of(&rows->s, &m, rows->arena, &x));
    assert_false(report_sweep_tornado_of(&one->s, &m, one->arena, &t));
    rig_free(one);
    rig_free(rows);
}

/* ---- as JSON ---- */

static json_t *depends(struct rig *g)
{
    const struct report_json j = {.arena = g->arena};
    const struct model_figure_of of = usd();

    return report_json_sweep_depends(&j, &g->s, &of, 1);
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    assert_non_null(value);
    return json_is_null(value) ? NAN : json_number_value(value);
}

static void json_has_the_same_numbers(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    const struct report_sweep_measure m = measure(1, true);
    json_t *all = depends(g), *last, *in;
    struct report_sweep_tornado t;

    (void)state;
    assert_int_equal(json_array_size(all), 3); /* base, other, other less base */
    last = json_array_get(all, 2);
    assert_string_equal(json_string_value(json_object_get(last, "policy")), "other");
    assert_string_equal(json_string_value(json_object_get(last, "less")), "base");
    assert_string_equal(json_string_value(json_object_get(last, "figure")), "usd");
    assert_true(report_sweep_tornado_of(&g->s, &m, g->arena, &t));
    assert_true(number(last, "here") == t.here.mean);
    in = json_array_get(json_object_get(last, "inputs"), 0);
    assert_string_equal(json_string_value(json_object_get(in, "path")), "count");
    assert_string_equal(json_string_value(json_object_get(in, "high")), "9");
    assert_true(number(in, "change") == t.swings[0].change.mean);
    assert_true(number(in, "change_half95") == t.swings[0].change.half95);
    assert_true(json_is_true(json_object_get(in, "turns")));
    json_decref(all);
    rig_free(g);
}

static void json_has_indices_and_null_where_nothing_varies(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_INDICES, 64, 1, units, linear);
    const struct report_sweep_measure m = measure(0, false);
    json_t *all = depends(g), *in;
    struct model_indices x;

    (void)state;
    assert_true(report_sweep_indices_of(&g->s, &m, g->arena, &x));
    in = json_array_get(json_object_get(json_array_get(all, 0), "inputs"), 1);
    assert_string_equal(json_string_value(json_object_get(in, "path")), "a.two");
    assert_true(number(in, "first") == x.inputs[1].first.mean);
    assert_true(number(in, "total_half95") == x.inputs[1].total.half95);
    json_decref(all);
    memset(g->values, 0, sizeof g->values);
    all = depends(g);
    in = json_array_get(json_object_get(json_array_get(all, 0), "inputs"), 1);
    assert_true(isnan(number(in, "first")));
    json_decref(all);
    g->s.sweep.design = MODEL_DESIGN_GRID;
    all = depends(g);
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
    rig_free(g);
}

/* ---- as a picture ---- */

/* Data and script with a head of its own, drawn by gnuplot where there is one: it must
 * take the script without a word. */
static void draws(struct rig *g, bool difference, const char *data_told,
                  const char *drawn)
{
    const struct report_sweep_measure m = measure(1, difference);
    char folder[] = "/tmp/stageplan-test-XXXXXX", *data = NULL;
    struct report_sweep_bars bars;
    size_t size = 0;
    FILE *out;

    assert_non_null(mkdtemp(folder));
    assert_true(report_sweep_bars_of(&g->s, &m, g->arena, &bars));
    out = open_memstream(&data, &size);
    report_sweep_bars_data(&g->s, &bars, g->arena, out);
    assert_int_equal(fclose(out), 0);
    if (strstr(data, data_told) == NULL)
        fail_msg("not told: %s in\n%s", data_told, data);
    out = fopen(sp_arena_printf(g->arena, "%s/x.dat", folder), "w");
    fputs(data, out);
    assert_int_equal(fclose(out), 0);
    out = fopen(sp_arena_printf(g->arena, "%s/x.gp", folder), "w");
    fputs("set terminal svg size 900,400\nset output 'x.svg'\n"
          "set datafile missing '?'\nset multiplot\n",
          out);
    report_sweep_bars_panel(&g->s, &m, &bars, "x", g->arena, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(system(sp_arena_printf(
                         g->arena,
                         "cd %s && if command -v gnuplot >/dev/null; then gnuplot "
                         "x.gp 2>err >&2 && ! grep . err && grep -qF -e '%s' x.svg; "
                         "fi; s=$?; cd / && rm -r %s; "
                         "exit $s",
                         folder, drawn, folder)),
                     0);
    free(data);
}

static void gnuplot_takes_pictures_of_both_kinds(void **state)
{
    struct rig *one = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    struct rig *rows = rig_new(MODEL_DESIGN_INDICES, 64, 1, units, linear);

    (void)state;
    /* count: here 2, low -4, high 20, no interval; change 24 */
    draws(one, true, "0 2 -4 0 20 0 24 0\n", "price: *0.5 .. *2<");
    draws(one, false, "# 0: count\n", "count: 1 .. 9");
    draws(rows, false, "# row; first order", "with all others");
    one->axes[1].path = "it's \"; system \"touch /tmp/x\"; # %s `ls`\n@a{/b}";
    draws(one, true, "0 2 -4", "system");
    rig_free(one);
    rig_free(rows);
}

static void there_is_no_picture_of_nothing(void **state)
{
    struct rig *g = rig_new(MODEL_DESIGN_INDICES, 8, 1, units, linear);
    const struct report_sweep_measure m = measure(0, false);
    struct report_sweep_bars bars;

    (void)state;
    memset(g->values, 0, sizeof g->values);
    assert_false(report_sweep_bars_of(&g->s, &m, g->arena, &bars));
    g->s.sweep.design = MODEL_DESIGN_GRID;
    assert_false(report_sweep_bars_of(&g->s, &m, g->arena, &bars));
    rig_free(g);
}

/* ---- on a terminal ---- */

static char *printed(struct rig *g)
{
    const struct report_terminal_options how = {.columns = 80};
    const struct report_sweep_asked asked = {0, NULL};
    struct sp_err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(report_sweep_print(out, &g->s, &asked, &how, &err), SP_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void the_terminal_tells_what_turns_and_what_does_nothing(void **state)
{
    static const char *const told[] = {
        "of base",      "other less base",  "as it is: 102.00 +- 25.41",
        "*0.5 .. *2",   "no effect: words", "! turns who is better",
        "96.00              -8.00\n"};
    struct rig *g = rig_new(MODEL_DESIGN_ONE_AT_A_TIME, 0, 2, moves, by_hand);
    char *text = printed(g);

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (strstr(text, told[i]) == NULL)
            fail_msg("not told: %s in\n%s", told[i], text);
    free(text);
    rig_free(g);
}

static void hostile_names_stay_on_their_lines(void **state)
{
    static char longest[400];
    int32_t n_notes = 0;
    struct rig *g = rig_new(MODEL_DESIGN_INDICES, 64, 1, units, linear);
    char *text;

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    g->axes[0].path = "=cmd()\n\033[31m<script>";
    g->axes[1].path = longest;
    g->axes[2].path = "\xf0\x9f\x92\xa9.\"quoted\"";
    text = printed(g);
    assert_null(strchr(text, '\033'));
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        assert_true(strlen(line) <= 3 * 80); /* bytes of 80 columns */
        n_notes += strstr(line, "share of the variance") != NULL;
    }
    assert_int_equal(n_notes, 1);
    free(text);
    rig_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_are_of_policies_and_of_their_difference),
        cmocka_unit_test(rows_that_are_not_all_there_do_not_count),
        cmocka_unit_test(a_tornado_is_as_by_hand),
        cmocka_unit_test(what_turns_a_difference_is_told),
        cmocka_unit_test(what_chance_may_have_done_turns_nothing),
        cmocka_unit_test(one_replication_has_no_intervals),
        cmocka_unit_test(what_is_not_there_is_last_or_left_out),
        cmocka_unit_test(another_design_or_no_values_give_nothing),
        cmocka_unit_test(json_has_the_same_numbers),
        cmocka_unit_test(json_has_indices_and_null_where_nothing_varies),
        cmocka_unit_test(gnuplot_takes_pictures_of_both_kinds),
        cmocka_unit_test(there_is_no_picture_of_nothing),
        cmocka_unit_test(the_terminal_tells_what_turns_and_what_does_nothing),
        cmocka_unit_test(hostile_names_stay_on_their_lines),
    };

    return cmocka_run_group_tests_name("sweep_sensitivity", tests, NULL, NULL);
}
