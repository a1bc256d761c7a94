/* Which points a design has: order, laws of each kind of sample, and that a point is a
 * function of its number alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/sobol.h"
#include "model/indices.h"
#include "study/axis.h"
#include "study/design.h"
#include "tests/ishigami.h"
#include "tests/near.h"

#define N(rows) (sizeof rows / sizeof rows[0])

enum { VARIES_MAX = 6 };

/* ---- the rig ---- */

struct rig {
    struct sp_arena *arena;
    struct model_sweep sweep;
    struct model_axis axes[MODEL_AXES_MAX + 1];
    struct study_design *design;
};

static void add_axis(struct rig *g, const char *text)
{
    struct sp_err err = {0};

    if (study_axis_parse(text, g->arena, &g->axes[g->sweep.n_axes++], &err) != SP_OK)
        fail_msg("%s", err.text);
}

/* varies[] ends with NULL. */
static enum sp_status build(struct rig *g, enum model_design design, int64_t samples,
                            uint64_t seed, const char *const *varies,
                            struct sp_err *err)
{
    *g = (struct rig){.arena = sp_arena_new()};
    g->sweep = (struct model_sweep){
        .design = design, .samples = samples, .seed = seed, .axes = g->axes};
    for (; *varies != NULL; varies++)
        add_axis(g, *varies);
    return study_design_new(g->arena, &g->sweep, &g->design, err);
}

static void must_build(struct rig *g, enum model_design design, int64_t samples,
                       uint64_t seed, const char *const *varies)
{
    struct sp_err err = {0};

    if (build(g, design, samples, seed, varies, &err) != SP_OK)
        fail_msg("%s", err.text);
}

static const char *point_text(struct rig *g, int64_t point)
{
    struct model_coordinate at[MODEL_AXES_MAX];
    const char *text = "";

    study_design_point(g->design, point, g->arena, at);
    for (int32_t a = 0; a < g->sweep.n_axes; a++)
        text = sp_arena_printf(g->arena, "%s%s%s", text, a > 0 ? " " : "",
                               at[a].text != NULL ? at[a].text : "-");
    return text;
}

/* ---- designs of listed values: every point by hand ---- */

static const struct listed {
    const char *name;
    enum model_design design;
    const char *varies[VARIES_MAX];
    const char *points; /* joined by '|' */
} listeds[] = {
    {"the_last_axis_of_a_grid_changes_fastest",
     MODEL_DESIGN_GRID,
     {"a=1,2", "b=x,y,z"},
     "1 x|1 y|1 z|2 x|2 y|2 z"},
    {"three_axes",
     MODEL_DESIGN_GRID,
     {"a=0,1", "b=0,1", "c=0,1"},
     "0 0 0|0 0 1|0 1 0|0 1 1|1 0 0|1 0 1|1 1 0|1 1 1"},
    {"one_axis", MODEL_DESIGN_GRID, {"a=3..5"}, "3|4|5"},
    {"no_axis_is_one_point_as_it_is", MODEL_DESIGN_GRID, {NULL}, ""},
    {"a_zip_goes_side_by_side",
     MODEL_DESIGN_ZIP,
     {"a=1,2,3", "b=x,y,z"},
     "1 x|2 y|3 z"},
    {"a_zip_of_one", MODEL_DESIGN_ZIP, {"a=1,2"}, "1|2"},
    {"a_zip_of_none", MODEL_DESIGN_ZIP, {NULL}, ""},
    {"each_low_and_high_alone",
     MODEL_DESIGN_ONE_AT_A_TIME,
     {"a=1,5,2", "b=0.5..2", "c=*0.8..1.2"},
     "- - -|1 - -|2 - -|- 0.5 -|- 2 -|- - *0.8|- - *1.2"},
    {"nothing_to_move", MODEL_DESIGN_ONE_AT_A_TIME, {NULL}, ""},
};

static void points_are_those_by_hand(void **state)
{
    const struct listed *row = *state;
    struct rig g;
    const char *all = "";

    must_build(&g, row->design, 0, 1, row->varies);
    for (int64_t p = 0; p < g.sweep.n_points; p++)
        all = sp_arena_printf(g.arena, "%s%s%s", all, p > 0 ? "|" : "",
                              point_text(&g, p));
    assert_string_equal(all, row->points);
    sp_arena_free(g.arena);
}

/* ---- what does not go together ---- */

static const struct bad {
    const char *name;
    enum model_design design;
    int64_t samples;
    const char *varies[VARIES_MAX];
    const char *message;
} bads[] = {
    {"a_range_in_a_grid",
     MODEL_DESIGN_GRID,
     0,
     {"a=1,2", "b=0.5..2"},
     "--vary 'b': found '0.5..2', expected a number of steps, such as 0.5..2/5, for "
     "design grid"},
    {"a_logarithmic_range_in_a_zip",
     MODEL_DESIGN_ZIP,
     0,
     {"b=log:1..2"},
     "expected a number of steps, such as log:1..2/5, for design zip"},
    {"lists_of_different_length",
     MODEL_DESIGN_ZIP,
     0,
     {"a=1,2,3", "b=1,2"},
     "--vary 'b': found 2 values, expected 3 as of the first axis, for design zip"},
    {"a_path_twice", MODEL_DESIGN_GRID, 0, {"a=1", "b=1", "a=2"}, "it is varied twice"},
    {"a_path_twice_in_samples",
     MODEL_DESIGN_LATIN,
     4,
     {"a=1..2", "a=2..3"},
     "it is varied twice"},
    {"no_samples", MODEL_DESIGN_LATIN, 0, {"a=1..2"}, "latin: expected --samples N"},
    {"less_than_no_samples",
     MODEL_DESIGN_SOBOL,
     -1,
     {"a=1..2"},
     "sobol: expected --samples N"},
    {"samples_of_a_grid", MODEL_DESIGN_GRID, 4, {"a=1..2"}, "design grid has none"},
    {"samples_one_at_a_time",
     MODEL_DESIGN_ONE_AT_A_TIME,
     4,
     {"a=1..2"},
     "design one-at-a-time has none"},
    {"nothing_to_sample",
     MODEL_DESIGN_INDICES,
     4,
     {NULL},
     "expected something to --vary"},
    {"too_many_samples",
     MODEL_DESIGN_LATIN,
     MODEL_POINTS_MAX + 1,
     {"a=1..2"},
     "more than 100000000 points"},
    {"as_many_samples_as_there_are_numbers",
     MODEL_DESIGN_INDICES,
     INT64_MAX,
     {"a=1..2"},
     "more than 100000000 points"},
    {"too_many_rows",
     MODEL_DESIGN_INDICES,
     MODEL_POINTS_MAX / 3 + 1,
     {"a=1..2"},
     "more than 100000000 points"},
    {"too_large_a_grid",
     MODEL_DESIGN_GRID,
     0,
     {"a=1..1000", "b=1..1000", "c=1..101"},
     "more than 100000000 points"},
    {"a_grid_whose_size_is_no_number",
     MODEL_DESIGN_GRID,
     0,
     {"a=1..100000", "b=1..100000", "c=1..100000", "d=1..100000", "e=1..100000"},
     "more than 100000000 points"},
};

static void a_mistake_gets_its_message(void **state)
{
    const struct bad *row = *state;
    struct sp_err err = {0};
    struct rig g;

    assert_int_equal(build(&g, row->design, row->samples, 1, row->varies, &err),
                     SP_EINPUT);
    if (strstr(err.text, row->message) == NULL)
        fail_msg("found \"%s\", expected \"%s\"", err.text, row->message);
    sp_arena_free(g.arena);
}

static void as_many_axes_as_the_design_can_have(void **state)
{
    static const struct {
        enum model_design design;
        int32_t most;
    } rows[] = {{MODEL_DESIGN_GRID, MODEL_AXES_MAX},
                {MODEL_DESIGN_LATIN, MODEL_AXES_MAX},
                {MODEL_DESIGN_SOBOL, SP_SOBOL_DIMENSIONS_MAX},
                {MODEL_DESIGN_INDICES, SP_SOBOL_DIMENSIONS_MAX / 2}};
    static const char *const none[] = {NULL};

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        const int64_t samples = rows[i].design == MODEL_DESIGN_GRID ? 0 : 8;
        struct sp_err err = {0};
        struct rig g;

        must_build(&g, MODEL_DESIGN_GRID, 0, 1, none);
        g.sweep.design = rows[i].design;
        g.sweep.samples = samples;
        for (int32_t a = 0; a < rows[i].most; a++)
            add_axis(&g, sp_arena_printf(g.arena, "a%d=1", (int)a));
        assert_int_equal(study_design_new(g.arena, &g.sweep, &g.design, &err), SP_OK);
        add_axis(&g, "more=1");
        assert_int_equal(study_design_new(g.arena, &g.sweep, &g.design, &err),
                         SP_EINPUT);
        assert_non_null(strstr(err.text, "expected at most"));
        sp_arena_free(g.arena);
    }
}

/* ---- samples ---- */

static const char *const unit_axes[] = {"a=0..1.0", "b=0..1.0", "c=0..1.0", NULL};

static void a_latin_hypercube_has_one_point_in_each_cell_of_each_axis(void **state)
{
    static const int64_t sizes[] = {1, 2, 7, 64, 1000};

    (void)state;
    for (size_t k = 0; k < N(sizes); k++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            const int64_t n = sizes[k];
            int32_t in[3][1000] = {{0}};
            struct model_coordinate at[3];
            struct rig g;

            must_build(&g, MODEL_DESIGN_LATIN, n, seed, unit_axes);
            assert_int_equal(g.sweep.n_points, n);
            for (int64_t p = 0; p < n; p++) {
                study_design_point(g.design, p, g.arena, at);
                for (int32_t a = 0; a < 3; a++)
                    in[a][(int32_t)(at[a].number * (double)n)]++;
            }
            for (int32_t a = 0; a < 3; a++)
                for (int64_t c = 0; c < n; c++)
                    assert_int_equal(in[a][c], 1);
            sp_arena_free(g.arena);
        }
}

/* Of a list of 3 in 12 samples each stands 4 times, with words and with numbers. */
static void a_latin_hypercube_of_lists_has_each_value_as_often(void **state)
{
    static const char *const varies[] = {"a=x,y,z", "b=1..4", NULL};
    struct rig g;
    int32_t words[3] = {0}, numbers[5] = {0};
    struct model_coordinate at[2];

    (void)state;
    must_build(&g, MODEL_DESIGN_LATIN, 12, 3, varies);
    for (int64_t p = 0; p < 12; p++) {
        study_design_point(g.design, p, g.arena, at);
        words[at[0].text[0] - 'x']++;
        numbers[(int32_t)at[1].number]++;
    }
    for (int32_t i = 0; i < 3; i++)
        assert_int_equal(words[i], 4);
    for (int32_t i = 1; i <= 4; i++)
        assert_int_equal(numbers[i], 3);
    sp_arena_free(g.arena);
}

/* Order: under the hypothesis of uniform permutations the correlation of two columns
 * of 1,000 has standard deviation 1/sqrt(999) = 0.032; 4 of them. */
static void axes_of_a_latin_hypercube_have_nothing_to_do_with_each_other(void **state)
{
    enum { POINTS = 1000 };
    struct model_coordinate at[3];
    double sum[3] = {0};
    struct rig g;

    (void)state;
    must_build(&g, MODEL_DESIGN_LATIN, POINTS, 9, unit_axes);
    for (int64_t p = 0; p < POINTS; p++) {
        study_design_point(g.design, p, g.arena, at);
        for (int32_t a = 0; a < 3; a++)
            sum[a] += (at[a].number - 0.5) * (at[(a + 1) % 3].number - 0.5) * 12;
    }
    for (int32_t a = 0; a < 3; a++)
        assert_near(sum[a] / POINTS, 0, 4 * 0.032);
    sp_arena_free(g.arena);
}

/* The shift of an axis follows from point 0, whose unshifted numbers are 0.5. */
static void a_sobol_design_is_the_sequence_shifted(void **state)
{
    enum { POINTS = 300 };
    struct rig g, other;
    struct model_coordinate at[3], first[3], theirs[3];
    struct sp_sobol *sequence;
    double u[3];

    (void)state;
    must_build(&g, MODEL_DESIGN_SOBOL, POINTS, 5, unit_axes);
    must_build(&other, MODEL_DESIGN_SOBOL, POINTS, 6, unit_axes);
    sequence = sp_sobol_new(g.arena, 3, POINTS);
    study_design_point(g.design, 0, g.arena, first);
    for (int64_t p = 0; p < POINTS; p++) {
        study_design_point(g.design, p, g.arena, at);
        sp_sobol_at(sequence, p, u);
        for (int32_t a = 0; a < 3; a++) {
            double x = u[a] - 0.5 + first[a].number;

            assert_near(at[a].number, x - floor(x), 2e-9); /* of 9 digits */
            assert_true(at[a].number > 0 && at[a].number < 1);
        }
    }
    study_design_point(other.design, 0, g.arena, theirs);
    for (int32_t a = 0; a < 3; a++) {
        assert_true(fabs(first[a].number - theirs[a].number) > 1e-6);
        assert_true(fabs(first[a].number - first[(a + 1) % 3].number) > 1e-6);
    }
    sp_arena_free(g.arena);
    sp_arena_free(other.arena);
}

static void saltellis_rows_are_a_b_and_a_with_each_column_of_b(void **state)
{
    enum { ROWS = 50, AXES = 3 };
    struct model_coordinate a[AXES], b[AXES], ab[AXES];
    struct rig g;

    (void)state;
    must_build(&g, MODEL_DESIGN_INDICES, ROWS, 2, unit_axes);
    assert_int_equal(g.sweep.n_points, ROWS * (AXES + 2));
    for (int64_t row = 0; row < ROWS; row++) {
        study_design_point(g.design, row * (AXES + 2), g.arena, a);
        study_design_point(g.design, row * (AXES + 2) + 1, g.arena, b);
        for (int32_t i = 0; i < AXES; i++) {
            study_design_point(g.design, row * (AXES + 2) + 2 + i, g.arena, ab);
            assert_true(a[i].number != b[i].number);
            for (int32_t k = 0; k < AXES; k++)
                assert_true(ab[k].number == (k == i ? b[k].number : a[k].number));
        }
    }
    sp_arena_free(g.arena);
}

/* 3 axes, 1,024 rows: a quasi-random sample errs less than a random one, whose interval
 * the bootstrap gives, so twice that (4 standard errors) is room enough. */
static void the_design_finds_ishigamis_indices(void **state)
{
    enum { ROWS = 1024, INPUTS = ISHIGAMI_INPUTS };
    static const char *const varies[] = {"a=-3.141592653589793..3.141592653589793",
                                         "b=-3.141592653589793..3.141592653589793",
                                         "c=-3.141592653589793..3.141592653589793",
                                         NULL};
    static const double first[] = ISHIGAMI_FIRST, total[] = ISHIGAMI_TOTAL;
    static double y[INPUTS + 2][ROWS];
    struct model_indices found;
    struct rig g;

    (void)state;
    must_build(&g, MODEL_DESIGN_INDICES, ROWS, 1, varies);
    for (int64_t p = 0; p < g.sweep.n_points; p++) {
        struct model_coordinate at[INPUTS];
        double x[INPUTS];

        study_design_point(g.design, p, g.arena, at);
        for (int32_t i = 0; i < INPUTS; i++)
            x[i] = at[i].number;
        y[p % (INPUTS + 2)][p / (INPUTS + 2)] = ishigami(x);
    }
    model_indices_of(ROWS, INPUTS, y[0], y[1], y[2], 1, g.arena, &found);
    for (int32_t i = 0; i < INPUTS; i++) {
        const struct model_index *at = &found.inputs[i];

        assert_near(at->first.mean, first[i], 2 * at->first.half95);
        assert_near(at->total.mean, total[i], 2 * at->total.half95);
        assert_true(at->first.half95 < 0.15 && at->total.half95 < 0.15);
    }
    sp_arena_free(g.arena);
}

/* ---- a point is a function of its number ---- */

enum { THREADS = 4, POINTS = 600, AXES = 3 };

struct reader {
    struct rig *g;
    int64_t step; /* coprime to the number of points */
    char texts[POINTS][AXES * 32];
};

static void *read_all(void *self)
{
    struct reader *r = self;
    struct sp_arena *arena = sp_arena_new();
    const int64_t n = r->g->sweep.n_points;

    for (int64_t i = 0; i < n; i++) {
        int64_t p = i * r->step % n;
        struct model_coordinate at[AXES];
        size_t used = 0;

        study_design_point(r->g->design, p, arena, at);
        for (int32_t a = 0; a < AXES; a++)
            used += (size_t)snprintf(r->texts[p] + used, sizeof r->texts[p] - used,
                                     "%s %.17g ", at[a].text != NULL ? at[a].text : "-",
                                     at[a].number);
    }
    sp_arena_free(arena);
    return NULL;
}

static void any_order_in_any_thread_gives_the_same_points(void **state)
{
    static const char *const varies[] = {"a=x,y,z", "b=1..40/10", "c=1..20", NULL};
    static const char *const zipped[] = {"a=1..600", "b=601..1200", "c=1..2/600", NULL};
    static const int64_t steps[THREADS] = {1, 7, 11, 599};
    static const struct {
        enum model_design design;
        int64_t samples;
        const char *const *varies;
    } rows[] = {
        {MODEL_DESIGN_GRID, 0, varies},      {MODEL_DESIGN_ZIP, 0, zipped},
        {MODEL_DESIGN_LATIN, 600, varies},   {MODEL_DESIGN_SOBOL, 600, varies},
        {MODEL_DESIGN_INDICES, 120, varies}, {MODEL_DESIGN_INDICES, 120, unit_axes},
        {MODEL_DESIGN_LATIN, 600, unit_axes}};
    static struct reader readers[THREADS];

    (void)state;
    for (size_t k = 0; k < N(rows); k++) {
        pthread_t threads[THREADS];
        struct rig g, again;
        struct reader *first = &readers[0];

        must_build(&g, rows[k].design, rows[k].samples, 8, rows[k].varies);
        must_build(&again, rows[k].design, rows[k].samples, 8, rows[k].varies);
        assert_int_equal(g.sweep.n_points, POINTS);
        for (int32_t t = 0; t < THREADS; t++) {
            memset(&readers[t], 0, sizeof readers[t]);
            readers[t].g = t == THREADS - 1 ? &again : &g;
            readers[t].step = steps[t];
            assert_int_equal(pthread_create(&threads[t], NULL, read_all, &readers[t]),
                             0);
        }
        for (int32_t t = 0; t < THREADS; t++)
            assert_int_equal(pthread_join(threads[t], NULL), 0);
        for (int32_t t = 1; t < THREADS; t++)
            assert_memory_equal(first->texts, readers[t].texts, sizeof first->texts);
        sp_arena_free(g.arena);
        sp_arena_free(again.arena);
    }
}

/* Samples that one doubles: the points of the shorter design are those that the longer
 * one begins with, where the sequence has such a law. */
static void a_longer_sequence_begins_with_the_shorter_one(void **state)
{
    static const enum model_design designs[] = {MODEL_DESIGN_SOBOL,
                                                MODEL_DESIGN_INDICES};

    (void)state;
    for (size_t k = 0; k < N(designs); k++) {
        struct rig few, many;

        must_build(&few, designs[k], 20, 4, unit_axes);
        must_build(&many, designs[k], 40, 4, unit_axes);
        for (int64_t p = 0; p < few.sweep.n_points; p++)
            assert_string_equal(point_text(&few, p), point_text(&many, p));
        sp_arena_free(few.arena);
        sp_arena_free(many.arena);
    }
}

int main(void)
{
    static struct CMUnitTest tests[64] = {
        cmocka_unit_test(as_many_axes_as_the_design_can_have),
        cmocka_unit_test(a_latin_hypercube_has_one_point_in_each_cell_of_each_axis),
        cmocka_unit_test(a_latin_hypercube_of_lists_has_each_value_as_often),
        cmocka_unit_test(axes_of_a_latin_hypercube_have_nothing_to_do_with_each_other),
        cmocka_unit_test(a_sobol_design_is_the_sequence_shifted),
        cmocka_unit_test(saltellis_rows_are_a_b_and_a_with_each_column_of_b),
        cmocka_unit_test(the_design_finds_ishigamis_indices),
        cmocka_unit_test(any_order_in_any_thread_gives_the_same_points),
        cmocka_unit_test(a_longer_sequence_begins_with_the_shorter_one),
    };
    size_t n = 9;

    for (size_t i = 0; i < N(listeds); i++)
        tests[n++] =
            (struct CMUnitTest){.name = listeds[i].name,
                                .test_func = points_are_those_by_hand,
                                .initial_state = (void *)(uintptr_t)&listeds[i]};
    for (size_t i = 0; i < N(bads); i++)
        tests[n++] = (struct CMUnitTest){.name = bads[i].name,
                                         .test_func = a_mistake_gets_its_message,
                                         .initial_state = (void *)(uintptr_t)&bads[i]};
    return _cmocka_run_group_tests("design", tests, n, NULL, NULL);
}
