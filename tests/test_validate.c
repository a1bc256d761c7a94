/* Real threads and queues with kernels that only count: what must hold on a machine of
 * any speed.  Items in = items out, in order where one thread serves a stage, the same
 * work alone, apart and fused; never a standstill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "calibrate/flow.h"
#include "calibrate/hop.h"
#include "calibrate/pipe.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

/* ---- a kernel that counts ---- */

/* Of all states of a stage (the kernel's x) together. */
static struct tally {
    atomic_llong calls, sum; /* sum of the numbers of the calls */
    atomic_int open;
} tallies[CAL_STAGES_MAX]; /* a kernel has no other way to tell */

struct cal_state {
    struct tally *tally;
};

enum { UNLUCKY_SEED = 666 };

static enum sp_status counter_open(const struct cal_kernel *kernel, double x,
                                   uint64_t seed, struct cal_state **state,
                                   struct sp_err *err)
{
    (void)kernel;
    if (seed == UNLUCKY_SEED && x == 1)
        return sp_fail(err, SP_EIO, "no luck");
    *state = sp_xcalloc(1, sizeof **state);
    (*state)->tally = &tallies[(int)x];
    atomic_fetch_add(&(*state)->tally->open, 1);
    return SP_OK;
}

static void counter_close(struct cal_state *state)
{
    if (state != NULL)
        atomic_fetch_sub(&state->tally->open, 1);
    free(state);
}

static void counter_run(struct cal_state *state, int64_t call)
{
    atomic_fetch_add(&state->tally->calls, 1);
    atomic_fetch_add(&state->tally->sum, call);
}

static const struct cal_kernel counter = {.name = "counter",
                                          .open = counter_open,
                                          .close = counter_close,
                                          .run = counter_run};

static void clear(void)
{
    for (int s = 0; s < CAL_STAGES_MAX; s++) {
        atomic_store(&tallies[s].calls, 0);
        atomic_store(&tallies[s].sum, 0);
    }
}

static void all_closed(void)
{
    for (int s = 0; s < CAL_STAGES_MAX; s++)
        assert_int_equal(atomic_load(&tallies[s].open), 0);
}

/* ---- rows ---- */

static struct row {
    const char *name;
    int32_t n, workers[4], queue[4], items;
    bool fused;
    double cv;
} rows[] = {
    {"one_stage", 1, {1}, {0}, 50, false, 0},
    {"two_stages_queue_of_one", 2, {1, 1}, {0, 1}, 500, false, 0},
    {"one_item", 2, {3, 2}, {0, 1}, 1, false, 0},
    {"more_producers_than_room", 2, {7, 1}, {0, 1}, 700, false, 0},
    {"more_consumers_than_items", 3, {1, 9, 1}, {0, 2, 1}, 5, false, 0},
    {"four_stages", 4, {2, 3, 1, 2}, {0, 1, 4, 1}, 900, false, 0.8},
    {"four_stages_in_order", 4, {1, 1, 1, 1}, {0, 3, 1, 2}, 900, false, 0.8},
    {"fused", 3, {3, 0, 0}, {0, 0, 0}, 400, true, 0.8},
    {"fused_one_thread", 2, {1, 0}, {0, 0}, 40, true, 0},
};
enum { FOUR_STAGES = 5 };

static struct cal_pipeline pipeline_of(const struct row *row)
{
    struct cal_pipeline p = {.name = row->name, .n = row->n, .fused = row->fused};

    for (int32_t s = 0; s < row->n; s++)
        p.stages[s] = (struct cal_stage){.kernel = &counter,
                                         .x = s,
                                         .calls = 3,
                                         .cv = row->cv,
                                         .workers = row->workers[s],
                                         .queue = row->queue[s]};
    return p;
}

/* A stage has done its calls for all items, each once: item i begins at call 3 i. */
static void check_work(const struct cal_pipe *pipe, int32_t stage, int32_t items)
{
    long long calls = 0, sum = 0;

    for (int32_t i = 0; i < items; i++) {
        int32_t n = cal_pipe_calls(pipe, stage, i);

        calls += n;
        sum += (long long)n * 3 * i + (long long)n * (n - 1) / 2;
    }
    assert_int_equal(atomic_load(&tallies[stage].calls), calls);
    assert_int_equal(atomic_load(&tallies[stage].sum), sum);
}

static void check_passage(const struct row *row, const struct cal_passage *p)
{
    bool one_each = true;

    for (int32_t s = 0; s < row->n; s++) {
        assert_int_equal(p->passed[s], row->items);
        assert_true(p->busy_frac[s] >= 0 && p->busy_frac[s] <= 1);
        one_each = one_each && row->workers[row->fused ? 0 : s] == 1;
    }
    for (int32_t i = 0; i < row->items; i++) {
        assert_true(p->entered_ns[i] > 0 && p->left_ns[i] >= p->entered_ns[i]);
        if (i > 0 && one_each)
            assert_true(p->left_ns[i] >= p->left_ns[i - 1] &&
                        p->entered_ns[i] >= p->entered_ns[i - 1]);
    }
}

static void items_pass_once_and_in_order(void **state)
{
    const struct row *row = *state;
    struct cal_pipeline pipeline = pipeline_of(row);
    struct cal_passage p = {.entered_ns =
                                sp_xcalloc((size_t)row->items, sizeof(int64_t)),
                            .left_ns = sp_xcalloc((size_t)row->items, sizeof(int64_t))};
    struct cal_pipe *pipe = NULL;

    assert_int_equal(cal_pipe_open(&pipeline, 1, false, &pipe, NULL), SP_OK);
    for (uint64_t round = 0; round < 3; round++) {
        cal_pipe_choose(pipe, row->items, round);
        clear();
        assert_int_equal(cal_pipe_run(pipe, &p, NULL), SP_OK);
        check_passage(row, &p);
        for (int32_t s = 0; s < row->n; s++)
            check_work(pipe, s, row->items);
    }
    cal_pipe_close(pipe);
    all_closed();
    free(p.entered_ns);
    free(p.left_ns);
}

static void alone_it_is_the_same_work(void **state)
{
    const struct row *row = &rows[FOUR_STAGES];
    struct cal_pipeline pipeline = pipeline_of(row);
    struct cal_pipe *pipe = NULL;
    double samples[100];

    (void)state;
    assert_int_equal(cal_pipe_open(&pipeline, 1, false, &pipe, NULL), SP_OK);
    cal_pipe_choose(pipe, 100, 5);
    for (int32_t s = 0; s < row->n; s++) {
        clear();
        assert_int_equal(cal_pipe_alone(pipe, s, 100, samples, NULL, NULL), SP_OK);
        check_work(pipe, s, 100);
        for (int i = 0; i < 100; i++)
            assert_true(samples[i] >= 0);
    }
    cal_pipe_close(pipe);
}

/* Gamma with mean 25 and cv 0.8 of 20,000 items.  The mean's sd is 0.8 / sqrt(20000) =
 * 0.57 %: five of them.  At least one call lifts the mean by less than 0.1 % (under 1 %
 * of the items have less than one).  The variance's relative sd is sqrt((2 + 6 cv^2) /
 * n) = 1.7 %, the cv's half of that; rounding adds at most 0.25 to a variance of 400:
 * 5 % is more than five sd. */
static void work_varies_as_asked(void **state)
{
    enum { ITEMS = 20000 };
    struct cal_pipeline pipeline = {
        .n = 2,
        .stages = {
            {.kernel = &counter, .x = 0, .calls = 25, .cv = 0.8, .workers = 1},
            {.kernel = &counter, .x = 1, .calls = 25, .workers = 1, .queue = 1}}};
    struct cal_pipe *pipe = NULL;
    double sum = 0, squares = 0, mean;

    (void)state;
    assert_int_equal(cal_pipe_open(&pipeline, 1, false, &pipe, NULL), SP_OK);
    cal_pipe_choose(pipe, ITEMS, 3);
    for (int32_t i = 0; i < ITEMS; i++) {
        double calls = cal_pipe_calls(pipe, 0, i);

        assert_true(calls >= 1);
        sum += calls;
        squares += calls * calls;
        assert_int_equal(cal_pipe_calls(pipe, 1, i), 25);
    }
    mean = sum / ITEMS;
    assert_true(fabs(mean - 25) < 25 * (5 * 0.0057 + 0.001));
    assert_true(fabs(sqrt(squares / ITEMS - mean * mean) / mean - 0.8) < 0.8 * 0.05);
    cal_pipe_close(pipe);
}

static void a_seed_gives_the_same_work(void **state)
{
    struct cal_pipeline pipeline = pipeline_of(&rows[FOUR_STAGES]);
    struct cal_pipe *pipe = NULL;
    int32_t first[200], other = 0;

    (void)state;
    assert_int_equal(cal_pipe_open(&pipeline, 1, false, &pipe, NULL), SP_OK);
    cal_pipe_choose(pipe, 200, 9);
    for (int32_t i = 0; i < 200; i++)
        first[i] = cal_pipe_calls(pipe, 1, i);
    cal_pipe_choose(pipe, 100, 10);
    cal_pipe_choose(pipe, 200, 9);
    for (int32_t i = 0; i < 200; i++) {
        assert_int_equal(cal_pipe_calls(pipe, 1, i), first[i]);
        other += cal_pipe_calls(pipe, 2, i) != first[i];
    }
    assert_true(other > 50); /* another stage draws its own */
    cal_pipe_close(pipe);
}

static void a_kernel_that_cannot_be_opened_is_told(void **state)
{
    struct cal_pipeline pipeline = pipeline_of(&rows[1]);
    struct cal_pipe *pipe = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(cal_pipe_open(&pipeline, UNLUCKY_SEED, false, &pipe, &err),
                     SP_EIO);
    assert_string_equal(err.text, "no luck");
    assert_null(pipe);
    all_closed();
}

static void a_hop_takes_some_time(void **state)
{
    struct cal_hop hop = {0};

    (void)state;
    assert_int_equal(cal_hop_measure(20, &hop, NULL), SP_OK);
    assert_true(hop.push_s > 0 && hop.hop_s > 0);
}

/* ---- flow ---- */

/* 20 items, one every 2 ms; each took 5 ms, the third-last 100 ms.  Two are cut at each
 * end: 16 in 32 ms. */
static void flow_of_even_items(void **state)
{
    int64_t entered[20], left[20];
    struct cal_flow f;

    (void)state;
    for (int i = 0; i < 20; i++) {
        int at = (7 * i) % 20; /* in any order */

        left[at] = 200000000 + 2000000 * i;
        entered[at] = left[at] - (i == 17 ? 100000000 : 5000000);
    }
    f = cal_flow_of(entered, left, 20);
    assert_true(fabs(f.per_s - 500) < 1e-9);
    assert_true(fabs(f.mean_s - (15 * 0.005 + 0.1) / 16) < 1e-12);
    assert_true(fabs(f.p50_s - 0.005) < 1e-12);
    assert_true(fabs(f.p99_s - 0.1) < 1e-12); /* rank ceil(15.84) */
    assert_true(isnan(cal_flow_of(entered, left, 2).per_s));
}

/* ---- the built-in pipelines ---- */

static void every_pipeline_has_its_kernels(void **state)
{
    struct cal_pipeline p;
    const char *lacks = NULL;

    (void)state;
    for (const struct cal_pipeline_row *row = cal_pipelines; row->name != NULL; row++) {
        if (!cal_pipeline_make(row, 3, &p, &lacks))
            fail_msg("%s lacks %s", row->name, lacks);
        assert_in_range(p.n, 2, CAL_STAGES_MAX);
        for (int32_t s = 0; s < p.n; s++) {
            const struct cal_kernel *k = p.stages[s].kernel;

            assert_true(p.stages[s].x >= k->x[0] &&
                        p.stages[s].x <= k->x[k->n_points - 1]);
            assert_true(p.stages[s].workers >= 1 && p.stages[s].calls >= 1);
            assert_true(s == 0 || p.fused || p.stages[s].queue >= 1);
        }
    }
}

int main(void)
{
    struct CMUnitTest tests[COUNT(rows) + 7] = {
        cmocka_unit_test(alone_it_is_the_same_work),
        cmocka_unit_test(work_varies_as_asked),
        cmocka_unit_test(a_seed_gives_the_same_work),
        cmocka_unit_test(a_kernel_that_cannot_be_opened_is_told),
        cmocka_unit_test(a_hop_takes_some_time),
        cmocka_unit_test(flow_of_even_items),
        cmocka_unit_test(every_pipeline_has_its_kernels),
    };

    alarm(300); /* a standstill ends the test */
    for (size_t i = 0; i < COUNT(rows); i++)
        tests[i + 7] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = items_pass_once_and_in_order,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
