#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "study/link.h"

/* Ranks are threads of this program here, and messages lie in letter boxes. */
enum { RANKS_MOST = 5, LONG_NS = 1000000 };

struct box {
    struct study_message *letters;
    int64_t n, room;
};

struct world {
    pthread_mutex_t lock;
    struct box boxes[RANKS_MOST];
    int64_t unread[RANKS_MOST]; /* sent by that rank */
};

struct end {
    struct world *world;
    int32_t rank;
    bool mortal; /* is lost as soon as it was given a span */
    bool lost;   /* says nothing any more */
};

static bool post(void *self, int32_t to, int32_t kind, const void *data, size_t n)
{
    struct end *end = self;
    struct box *box = &end->world->boxes[to];
    void *copy;

    if (end->lost)
        return false;
    copy = sp_xcalloc(1, n + 1);
    if (n > 0)
        memcpy(copy, data, n);
    pthread_mutex_lock(&end->world->lock);
    if (box->n == box->room) {
        box->room = 2 * box->room + 4;
        box->letters =
            sp_xrealloc(box->letters, (size_t)box->room * sizeof *box->letters);
    }
    box->letters[box->n++] = (struct study_message){kind, end->rank, {n, copy}};
    end->world->unread[end->rank]++;
    pthread_mutex_unlock(&end->world->lock);
    return true;
}

static bool look(void *self, struct study_message *message)
{
    struct end *end = self;
    struct box *box = &end->world->boxes[end->rank];

    pthread_mutex_lock(&end->world->lock);
    if (box->n > 0) {
        *message = box->letters[0];
        box->n--;
        for (int64_t i = 0; i < box->n; i++)
            box->letters[i] = box->letters[i + 1];
        end->world->unread[message->from]--;
    }
    pthread_mutex_unlock(&end->world->lock);
    end->lost = end->mortal && message->kind == STUDY_SPAN;
    return !end->lost;
}

static bool all_read(void *self)
{
    struct end *end = self;
    bool all;

    pthread_mutex_lock(&end->world->lock);
    all = end->world->unread[end->rank] == 0;
    pthread_mutex_unlock(&end->world->lock);
    return all;
}

static struct row {
    const char *name;
    int32_t ranks, threads;
    int64_t first, end;
    int64_t long_each; /* every so many items one takes long; 0: none does */
    int64_t stop_at;   /* done() of this item says to stop; 0: of none */
} rows[] = {
    {"no_items", 3, 2, 0, 0, 0, 0},
    {"one_item", 3, 2, 0, 1, 0, 0},
    {"fewer_items_than_ranks", 5, 2, 0, 3, 0, 0},
    {"alone", 1, 2, 0, 1000, 100, 0},
    {"two_ranks", 2, 1, 0, 20000, 500, 0},
    {"two_ranks_of_threads", 2, 3, 0, 20000, 500, 0},
    {"five_ranks", 5, 2, 0, 20000, 500, 0},
    {"more_items_than_may_wait", 2, 1, 0, 200000, 0, 0},
    {"from_the_middle", 3, 2, 777, 20000, 500, 0},
    {"all_are_long", 3, 2, 0, 100, 1, 0},
    {"stopped", 3, 2, 0, 200000, 500, 100},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

struct study {
    const struct row *row;
    struct world *world;
    struct end ends[RANKS_MOST];
    atomic_llong begun;
    int64_t told;
    uint64_t bytes;
    bool impatient; /* wait() says to stop */
};

static uint64_t value_of(int64_t item)
{
    return sp_mix64((uint64_t)item);
}

/* Item i gives 8 + i % 3000 bytes. */
static struct study_bytes work(void *self, int64_t item)
{
    struct study *study = self;
    const uint64_t value = value_of(item);
    struct study_bytes bytes = {sizeof value + (size_t)(item % 3000), NULL};

    atomic_fetch_add(&study->begun, 1);
    if (study->row->long_each > 0 && item % study->row->long_each == 0)
        nanosleep(&(struct timespec){.tv_nsec = LONG_NS}, NULL);
    bytes.data = sp_xcalloc(1, bytes.n);
    memcpy(bytes.data, &value, sizeof value);
    return bytes;
}

static bool done(void *self, int64_t item, const struct study_bytes *bytes)
{
    struct study *study = self;
    uint64_t value;

    assert_int_equal(item, study->row->first + study->told);
    assert_int_equal(bytes->n, sizeof value + (size_t)(item % 3000));
    memcpy(&value, bytes->data, sizeof value);
    assert_true(value == value_of(item));
    study->bytes = sp_mix_keys(study->bytes, value);
    study->told++;
    return study->row->stop_at == 0 || item < study->row->stop_at;
}

static bool wait(void *self)
{
    const struct study *study = self;

    return !study->impatient;
}

struct part {
    struct study *study;
    int32_t rank;
    pthread_t thread;
    int64_t told;
};

static void *take_part(void *self)
{
    struct part *part = self;
    struct study *study = part->study;
    const struct study_work w = {.first = study->row->first,
                                 .end = study->row->end,
                                 .work = work,
                                 .done = done,
                                 .wait = wait,
                                 .self = study};
    const struct study_link link = {.rank = part->rank,
                                    .n = study->row->ranks,
                                    .send = post,
                                    .receive = look,
                                    .all_received = all_read,
                                    .self = &study->ends[part->rank]};

    if (part->rank == 0)
        part->told = study_link_lead(&link, &w, study->row->threads);
    else
        study_link_follow(&link, &w, study->row->threads);
    return NULL;
}

static struct study *study_of(const struct row *row)
{
    struct study *study = sp_xcalloc(1, sizeof *study);

    study->row = row;
    study->world = sp_xcalloc(1, sizeof *study->world);
    pthread_mutex_init(&study->world->lock, NULL);
    for (int32_t i = 0; i < row->ranks; i++)
        study->ends[i] = (struct end){.world = study->world, .rank = i};
    return study;
}

static void study_free(struct study *study)
{
    for (int32_t i = 0; i < RANKS_MOST; i++) {
        for (int64_t k = 0; k < study->world->boxes[i].n; k++)
            free(study->world->boxes[i].letters[k].bytes.data);
        free(study->world->boxes[i].letters);
    }
    pthread_mutex_destroy(&study->world->lock);
    free(study->world);
    free(study);
}

/* What rank 0, this thread, says was told. */
static int64_t run(struct study *study)
{
    struct part parts[RANKS_MOST];

    for (int32_t i = study->row->ranks - 1; i >= 0; i--) {
        parts[i] = (struct part){.study = study, .rank = i};
        if (i > 0)
            assert_int_equal(
                pthread_create(&parts[i].thread, NULL, take_part, &parts[i]), 0);
    }
    take_part(&parts[0]);
    for (int32_t i = 1; i < study->row->ranks; i++)
        pthread_join(parts[i].thread, NULL);
    return parts[0].told;
}

static void each_is_told_once_and_in_order(void **state)
{
    const struct row *row = *state;
    struct study *study = study_of(row);
    uint64_t bytes = 0;
    int64_t told;

    told = run(study);
    assert_int_equal(told, study->told);
    if (row->stop_at > 0) {
        assert_int_equal(told, row->stop_at - row->first + 1);
        assert_true(atomic_load(&study->begun) < row->end - row->first);
    } else {
        assert_int_equal(told, row->end - row->first);
        assert_int_equal(told, atomic_load(&study->begun));
    }
    for (int64_t i = 0; i < told; i++)
        bytes = sp_mix_keys(bytes, value_of(row->first + i));
    assert_true(study->bytes == bytes);
    for (int32_t i = 0; i < row->ranks; i++)
        assert_int_equal(study->world->boxes[i].n, 0); /* nothing was left unread */
    study_free(study);
}

/* Several runs one after the other: no message of one is taken for the next one's. */
static void ranks_may_run_again(void **state)
{
    static const struct row row = {"again", 3, 2, 0, 500, 7, 90};
    struct study *study = study_of(&row);

    (void)state;
    for (int turn = 0; turn < 10; turn++) {
        study->told = 0;
        assert_int_equal(run(study), 91);
    }
    study_free(study);
}

/* mpirun then tells rank 0 to stop, and kills it a second later. */
static void a_lost_rank_does_not_hold_up_one_who_is_told_to_stop(void **state)
{
    static const struct row row = {"lost", 3, 1, 0, 100000000, 0, 0};
    struct study *study = study_of(&row);
    double began_s;

    (void)state;
    study->ends[1].mortal = true;
    study->impatient = true;
    began_s = sp_clock_s();
    assert_in_range(run(study), 0, row.end - 1);
    assert_true(sp_clock_s() - began_s < 5); /* for ever, if it waited */
    study_free(study);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 2] = {
        cmocka_unit_test(ranks_may_run_again),
        cmocka_unit_test(a_lost_rank_does_not_hold_up_one_who_is_told_to_stop),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 2] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = each_is_told_once_and_in_order,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("ranks", tests, NULL, NULL);
}
