/* calibrate/queue.h: order, room, closing, and that nothing is lost or doubled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "calibrate/queue.h"

/* ---- one thread ---- */

static void items_leave_in_the_order_in_which_they_came(void **state)
{
    struct cal_queue *q = cal_queue_new(3);
    int64_t next_in = 0, next_out = 0, item;

    (void)state;
    /* round the ring several times, with every number of items in it */
    for (int turn = 0; turn < 10; turn++) {
        for (int i = 0; i <= turn % 3; i++)
            assert_true(cal_queue_push(q, next_in++));
        assert_int_equal(cal_queue_len(q), turn % 3 + 1);
        for (int i = 0; i <= turn % 3; i++) {
            assert_true(cal_queue_pop(q, &item));
            assert_int_equal(item, next_out++);
        }
        assert_int_equal(cal_queue_len(q), 0);
    }
    cal_queue_free(q);
}

static void a_closed_queue_hands_out_what_it_has_and_takes_nothing(void **state)
{
    struct cal_queue *q = cal_queue_new(2);
    int64_t item = 99;

    (void)state;
    assert_true(cal_queue_push(q, 7));
    cal_queue_close(q);
    cal_queue_close(q);
    assert_false(cal_queue_push(q, 8));
    assert_true(cal_queue_pop(q, &item));
    assert_int_equal(item, 7);
    assert_false(cal_queue_pop(q, &item));
    assert_int_equal(item, 7);
    cal_queue_free(q);
}

static void freeing_none_is_fine(void **state)
{
    (void)state;
    cal_queue_free(NULL);
}

/* ---- several ---- */

enum { MOST_THREADS = 4, ITEMS_EACH = 2000 };

struct crowd {
    struct cal_queue *q;
    size_t capacity;
    int32_t producers;
    int32_t started; /* producers that have their number */
    pthread_mutex_t lock;
    int32_t seen[MOST_THREADS * ITEMS_EACH];
    bool too_many, out_of_order;
};

static void *produce(void *arg)
{
    struct crowd *c = arg;
    int64_t first;

    pthread_mutex_lock(&c->lock);
    first = (int64_t)c->started++ * ITEMS_EACH;
    pthread_mutex_unlock(&c->lock);
    for (int64_t i = 0; i < ITEMS_EACH; i++)
        if (!cal_queue_push(c->q, first + i))
            return c;
    return NULL;
}

/* One consumer meets each producer's items in their order, whoever else takes some. */
static void *consume(void *arg)
{
    struct crowd *c = arg;
    int64_t last[MOST_THREADS] = {-1, -1, -1, -1}, item;

    while (cal_queue_pop(c->q, &item)) {
        int64_t who = item / ITEMS_EACH;

        pthread_mutex_lock(&c->lock);
        c->seen[item]++;
        c->too_many |= cal_queue_len(c->q) > c->capacity;
        c->out_of_order |= item <= last[who];
        pthread_mutex_unlock(&c->lock);
        last[who] = item;
    }
    return NULL;
}

static struct row {
    const char *name;
    int32_t producers, consumers;
    size_t capacity;
} rows[] = {
    {"one_to_one_through_a_single_place", 1, 1, 1},
    {"one_to_one_through_some_places", 1, 1, 7},
    {"four_producers_one_consumer", 4, 1, 3},
    {"one_producer_four_consumers", 1, 4, 3},
    {"four_to_four_through_a_single_place", 4, 4, 1},
    {"four_to_four_with_room_for_all", 4, 4, MOST_THREADS *ITEMS_EACH},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static void every_item_arrives_once_in_its_producers_order(void **state)
{
    const struct row *row = *state;
    struct crowd *c = sp_xcalloc(1, sizeof *c);
    pthread_t producers[MOST_THREADS], consumers[MOST_THREADS];

    c->q = cal_queue_new(row->capacity);
    c->capacity = row->capacity;
    pthread_mutex_init(&c->lock, NULL);
    for (int32_t i = 0; i < row->consumers; i++)
        assert_int_equal(pthread_create(&consumers[i], NULL, consume, c), 0);
    for (int32_t i = 0; i < row->producers; i++)
        assert_int_equal(pthread_create(&producers[i], NULL, produce, c), 0);
    for (int32_t i = 0; i < row->producers; i++) {
        void *refused = c;

        pthread_join(producers[i], &refused);
        assert_null(refused);
    }
    cal_queue_close(c->q);
    for (int32_t i = 0; i < row->consumers; i++)
        pthread_join(consumers[i], NULL);
    for (int32_t i = 0; i < MOST_THREADS * ITEMS_EACH; i++)
        assert_int_equal(c->seen[i], i < row->producers * ITEMS_EACH);
    assert_false(c->too_many);
    assert_false(c->out_of_order);
    pthread_mutex_destroy(&c->lock);
    cal_queue_free(c->q);
    free(c);
}

static void *push_one(void *q)
{
    return cal_queue_push(q, 1) ? q : NULL;
}

static void *pop_one(void *q)
{
    int64_t item;

    return cal_queue_pop(q, &item) ? q : NULL;
}

/* Threads that wait for room in a full queue, or for items in an empty one. */
static void closing_wakes_all_who_wait(void **state)
{
    struct cal_queue *full = cal_queue_new(1), *empty = cal_queue_new(1);
    pthread_t pushers[MOST_THREADS], poppers[MOST_THREADS];

    (void)state;
    assert_true(cal_queue_push(full, 0));
    for (int i = 0; i < MOST_THREADS; i++) {
        assert_int_equal(pthread_create(&pushers[i], NULL, push_one, full), 0);
        assert_int_equal(pthread_create(&poppers[i], NULL, pop_one, empty), 0);
    }
    cal_queue_close(full);
    cal_queue_close(empty);
    for (int i = 0; i < MOST_THREADS; i++) {
        void *got = full;

        pthread_join(pushers[i], &got);
        assert_null(got);
        got = empty;
        pthread_join(poppers[i], &got);
        assert_null(got);
    }
    assert_int_equal(cal_queue_len(full), 1);
    cal_queue_free(full);
    cal_queue_free(empty);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 4] = {
        cmocka_unit_test(items_leave_in_the_order_in_which_they_came),
        cmocka_unit_test(a_closed_queue_hands_out_what_it_has_and_takes_nothing),
        cmocka_unit_test(freeing_none_is_fine),
        cmocka_unit_test(closing_wakes_all_who_wait),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 4] = (struct CMUnitTest){
            .name = rows[i].name,
            .test_func = every_item_arrives_once_in_its_producers_order,
            .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("cal_queue", tests, NULL, NULL);
}
