/* Sobol's sequence: its first points as published (Bratley and Fox, 1988), the law that
 * makes it what it is, and any point at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/sobol.h"

#define N(rows) (sizeof rows / sizeof rows[0])

static void first_points_are_those_published(void **state)
{
    static const double points[][2] = {{0.5, 0.5},     {0.75, 0.25},   {0.25, 0.75},
                                       {0.375, 0.375}, {0.875, 0.875}, {0.625, 0.125},
                                       {0.125, 0.625}};
    struct sp_arena *arena = sp_arena_new();
    struct sp_sobol *s = sp_sobol_new(arena, 2, N(points));
    double u[2];

    (void)state;
    for (size_t i = 0; i < N(points); i++) {
        sp_sobol_at(s, (int64_t)i, u);
        assert_true(u[0] == points[i][0] && u[1] == points[i][1]);
    }
    sp_arena_free(arena);
}

/* With the origin, which is left out here, the first 2^k points have one in each of 2^k
 * equal cells of every dimension. */
static void every_dimension_fills_every_cell_once(void **state)
{
    enum { CELLS = 1024 };
    struct sp_arena *arena = sp_arena_new();
    struct sp_sobol *s = sp_sobol_new(arena, SP_SOBOL_DIMENSIONS_MAX, CELLS - 1);
    static int32_t in[SP_SOBOL_DIMENSIONS_MAX][CELLS];
    double u[SP_SOBOL_DIMENSIONS_MAX];

    (void)state;
    for (int32_t i = 0; i < CELLS - 1; i++) {
        sp_sobol_at(s, i, u);
        for (int32_t d = 0; d < SP_SOBOL_DIMENSIONS_MAX; d++) {
            assert_true(u[d] > 0 && u[d] < 1);
            in[d][(int32_t)(u[d] * CELLS)]++;
        }
    }
    for (int32_t d = 0; d < SP_SOBOL_DIMENSIONS_MAX; d++)
        for (int32_t c = 0; c < CELLS; c++)
            assert_int_equal(in[d][c], c > 0);
    sp_arena_free(arena);
}

/* Around the distance at which states are kept (256), with lengths that end there. */
static void a_point_does_not_depend_on_those_asked_for_before(void **state)
{
    static const int64_t lengths[] = {1, 255, 256, 257, 1000};
    struct sp_arena *arena = sp_arena_new();
    struct sp_sobol *all = sp_sobol_new(arena, 5, 1000);

    (void)state;
    for (size_t k = 0; k < N(lengths); k++) {
        struct sp_sobol *s = sp_sobol_new(arena, 5, lengths[k]);
        double here[5], there[5];

        for (int64_t i = lengths[k] - 1; i >= 0; i -= i > 260 ? 97 : 1) {
            sp_sobol_at(s, i, here);
            sp_sobol_at(all, i, there);
            assert_memory_equal(here, there, sizeof here);
        }
    }
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_points_are_those_published),
        cmocka_unit_test(every_dimension_fills_every_cell_once),
        cmocka_unit_test(a_point_does_not_depend_on_those_asked_for_before),
    };

    return cmocka_run_group_tests_name("sobol", tests, NULL, NULL);
}
