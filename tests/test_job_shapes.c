/* What jobs of a trace ask for, counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "traces/job_shapes.h"

static struct model_job asks(int32_t members, int64_t mcpu, int64_t mgpu,
                             int64_t memory_bytes, uint64_t models)
{
    return (struct model_job){
        .members = members, .needs = {mcpu, mgpu, memory_bytes}, .models = models};
}

struct listed {
    struct sp_arena *arena;
    int32_t n;
    struct model_job_shape *shape;
};

static struct listed list_of(const struct model_job *jobs, int32_t n)
{
    struct listed l = {.arena = sp_arena_new()};
    struct trace_job_shapes *s = trace_job_shapes_new();

    for (int32_t i = 0; i < n; i++)
        trace_job_shapes_add(s, &jobs[i]);
    l.n = trace_job_shapes_list(s, l.arena, &l.shape);
    trace_job_shapes_free(s);
    return l;
}

static void the_most_frequent_come_first_and_ties_in_their_order(void **state)
{
    const struct model_job jobs[] = {
        asks(1, 1000, 500, 0, 0),  asks(1, 2000, 1000, 0, 0), asks(2, 2000, 1000, 0, 0),
        asks(1, 2000, 1000, 0, 1), asks(2, 2000, 1000, 0, 0), asks(1, 2000, 1000, 0, 1),
        asks(0, -1, 16000, -1, 0),
    };
    struct listed l = list_of(jobs, 7);

    (void)state;
    assert_int_equal(l.n, 5);
    assert_int_equal(l.shape[0].members, 2);
    assert_int_equal(l.shape[0].jobs, 2);
    assert_int_equal(l.shape[1].models, 1);
    assert_int_equal(l.shape[1].jobs, 2);
    assert_int_equal(l.shape[2].needs.mgpu, 500);
    assert_int_equal(l.shape[2].jobs, 1);
    assert_int_equal(l.shape[3].needs.mgpu, 1000);
    assert_int_equal(l.shape[4].needs.mgpu, 16000);
    assert_int_equal(l.shape[4].needs.mcpu, -1);
    assert_int_equal(l.shape[4].members, 0);
    sp_arena_free(l.arena);
}

static void memory_is_the_most_that_one_asks_for(void **state)
{
    const struct model_job jobs[] = {
        asks(1, 1000, 500, -1, 0), asks(1, 1000, 500, 7, 0), asks(1, 1000, 500, 3, 0)};
    struct listed l = list_of(jobs, 3);

    (void)state;
    assert_int_equal(l.n, 1);
    assert_int_equal(l.shape[0].jobs, 3);
    assert_int_equal(l.shape[0].needs.memory_bytes, 7);
    sp_arena_free(l.arena);
}

static void no_jobs_have_no_shapes(void **state)
{
    struct listed l = list_of(NULL, 0);

    (void)state;
    assert_int_equal(l.n, 0);
    sp_arena_free(l.arena);
}

/* Of more than there is room for, those with two jobs stay. */
static void the_rare_ones_are_left_out(void **state)
{
    enum { N = TRACE_JOB_SHAPES_MAX + 100 };
    struct sp_arena *arena = sp_arena_new();
    struct model_job *jobs = sp_arena_array(arena, N + 100, sizeof *jobs);
    struct listed l;

    (void)state;
    for (int32_t i = 0; i < N; i++)
        jobs[i] = asks(1, i, 0, 0, 0);
    for (int32_t i = 0; i < 100; i++)
        jobs[N + i] = asks(1, N - 100 + i, 0, 0, 0);
    l = list_of(jobs, N + 100);
    assert_int_equal(l.n, TRACE_JOB_SHAPES_MAX);
    assert_int_equal(l.shape[0].needs.mcpu, N - 100);
    assert_int_equal(l.shape[99].jobs, 2);
    assert_int_equal(l.shape[100].jobs, 1);
    assert_int_equal(l.shape[l.n - 1].needs.mcpu, TRACE_JOB_SHAPES_MAX - 101);
    sp_arena_free(l.arena);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_frequent_come_first_and_ties_in_their_order),
        cmocka_unit_test(memory_is_the_most_that_one_asks_for),
        cmocka_unit_test(no_jobs_have_no_shapes),
        cmocka_unit_test(the_rare_ones_are_left_out),
    };

    return cmocka_run_group_tests_name("job_shapes", tests, NULL, NULL);
}
