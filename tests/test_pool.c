#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/rng.h"

/* Some items take longer, so that they don't finish in their order. */
enum { N_MOST = 2000, LONG_NS = 2000000 };

static struct row {
    const char *name;
    int64_t n;
    int32_t threads;
    int64_t ahead;
    int64_t long_each; /* every so many items one takes long; 0: none does */
    int64_t stop_at;   /* done() of this item says to stop; 0: of none */
} rows[] = {
    {"nothing_to_do", 0, 4, 8, 0, 0},
    {"one_item", 1, 4, 8, 0, 0},
    {"alone", 300, 1, 1, 0, 0},
    {"two_threads", 2000, 2, 64, 50, 0},
    {"seven_threads", 2000, 7, 64, 50, 0},
    {"more_threads_than_items", 3, 16, 8, 1, 0},
    {"as_many_threads_as_items", 7, 7, 7, 2, 0},
    {"one_ahead_is_one_at_a_time", 200, 4, 1, 0, 0},
    {"two_ahead", 200, 4, 2, 10, 0},
    {"fewer_ahead_than_threads", 200, 7, 3, 10, 0},
    {"far_ahead", 2000, 3, 5000, 50, 0},
    {"so_far_that_nobody_is_woken_for_each", 2000, 2, 2048, 50, 0},
    {"stop_at_the_second_alone", 300, 1, 8, 0, 1},
    {"stop_at_the_second", 300, 3, 8, 0, 1},
    {"stop_in_the_middle_alone", 300, 1, 8, 0, 100},
    {"stop_in_the_middle", 300, 3, 8, 20, 100},
    {"stop_at_the_last", 300, 3, 8, 20, 299},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

struct seen {
    const struct row *row;
    pthread_t caller;
    atomic_int begun[N_MOST];
    atomic_llong n_begun, n_told, most_ahead;
    atomic_bool waited;
    uint64_t bytes; /* of all that was told, in the order in which it was */
};

static uint64_t item_value(int64_t i)
{
    struct sp_rng rng = sp_rng_from_key((uint64_t)i);

    return sp_rng_next(&rng);
}

static void note_ahead(struct seen *seen, long long ahead)
{
    long long most = atomic_load(&seen->most_ahead);

    while (ahead > most &&
           !atomic_compare_exchange_weak(&seen->most_ahead, &most, ahead))
        ;
}

static void *work(void *self, int64_t i)
{
    struct seen *seen = self;
    const struct row *row = seen->row;
    uint64_t *given = sp_xcalloc(1, sizeof *given);

    atomic_fetch_add(&seen->begun[i], 1);
    atomic_fetch_add(&seen->n_begun, 1);
    note_ahead(seen, i + 1 - atomic_load(&seen->n_told)); /* never more than it was */
    if (row->long_each > 0 && i % row->long_each == 0)
        nanosleep(&(struct timespec){.tv_nsec = LONG_NS}, NULL);
    *given = item_value(i);
    return given;
}

static bool done(void *self, int64_t i, void *result)
{
    struct seen *seen = self;
    uint64_t *given = result;

    assert_true(pthread_equal(pthread_self(), seen->caller));
    assert_int_equal(i, atomic_load(&seen->n_told));
    assert_int_equal(atomic_load(&seen->begun[i]), 1);
    seen->bytes = sp_mix_keys(seen->bytes, *given);
    free(given);
    atomic_fetch_add(&seen->n_told, 1);
    return seen->row->stop_at == 0 || i < seen->row->stop_at;
}

/* What a plain loop would have made of the first n. */
static uint64_t bytes_of(int64_t n)
{
    uint64_t bytes = 0;

    for (int64_t i = 0; i < n; i++)
        bytes = sp_mix_keys(bytes, item_value(i));
    return bytes;
}

static void each_is_told_once_and_in_order(void **state)
{
    const struct row *row = *state;
    struct seen *seen = sp_xcalloc(1, sizeof *seen);
    const struct sp_pool_work pool = {.n = row->n,
                                      .threads = row->threads,
                                      .ahead = row->ahead,
                                      .work = work,
                                      .done = done,
                                      .self = seen};
    int64_t told;

    seen->row = row;
    seen->caller = pthread_self();
    told = sp_pool_run(&pool);
    assert_int_equal(told, atomic_load(&seen->n_told));
    assert_int_equal(told, atomic_load(&seen->n_begun));
    assert_true(atomic_load(&seen->most_ahead) <= row->ahead);
    assert_true(seen->bytes == bytes_of(told));
    if (row->stop_at == 0) {
        assert_int_equal(told, row->n);
    } else { /* those under way are told, too */
        assert_true(told > row->stop_at);
        assert_true(told <= row->stop_at + (row->threads == 1 ? 1 : row->ahead));
    }
    free(seen);
}

/* Items that end no sooner than somebody has waited for them. */
static void *work_until_waited_for(void *self, int64_t i)
{
    struct seen *seen = self;

    for (int turn = 0; turn < 5000 && !atomic_load(&seen->waited); turn++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return work(self, i);
}

static bool wait_and_stop(void *self)
{
    struct seen *seen = self;

    assert_true(pthread_equal(pthread_self(), seen->caller));
    atomic_store(&seen->waited, true);
    return false;
}

static void one_who_waits_can_stop_it(void **state)
{
    static const struct row plain = {.name = "stopped"};
    struct seen *seen = sp_xcalloc(1, sizeof *seen);
    const struct sp_pool_work pool = {.n = 1000,
                                      .threads = 3,
                                      .ahead = 5,
                                      .work = work_until_waited_for,
                                      .done = done,
                                      .wait = wait_and_stop,
                                      .self = seen};
    int64_t told;

    (void)state;
    seen->row = &plain;
    seen->caller = pthread_self();
    told = sp_pool_run(&pool);
    assert_true(atomic_load(&seen->waited));
    assert_in_range(told, 1, 5); /* what was begun when it was stopped */
    assert_int_equal(told, atomic_load(&seen->n_begun));
    assert_true(seen->bytes == bytes_of(told));
    free(seen);
}

static void alone_it_is_asked_after_each_item(void **state)
{
    static const struct row plain = {.name = "alone"};
    struct seen *seen = sp_xcalloc(1, sizeof *seen);
    const struct sp_pool_work pool = {.n = 1000,
                                      .threads = 1,
                                      .ahead = 1,
                                      .work = work,
                                      .done = done,
                                      .wait = wait_and_stop,
                                      .self = seen};

    (void)state;
    seen->row = &plain;
    seen->caller = pthread_self();
    assert_int_equal(sp_pool_run(&pool), 1);
    free(seen);
}

static void there_is_a_core_to_run_on(void **state)
{
    (void)state;
    assert_true(sp_pool_cores() >= 1);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(one_who_waits_can_stop_it),
        cmocka_unit_test(alone_it_is_asked_after_each_item),
        cmocka_unit_test(there_is_a_core_to_run_on),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = each_is_told_once_and_in_order,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
