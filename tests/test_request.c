/* sim/request.h against arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"
#include "model/serving.h"
#include "sim/request.h"

enum { MOST_HASHES = 100 };

/* The i-th hash of the request with this number. */
static uint64_t hash_of(int64_t number, int32_t i)
{
    return sp_mix_keys((uint64_t)number, (uint64_t)i);
}

static int32_t add(struct sim_requests *r, int64_t number, int32_t n_hashes)
{
    uint64_t hashes[MOST_HASHES];
    struct model_arrival a = {
        .time_ns = 1000 + number, .n_hashes = n_hashes, .hashes = hashes};
    int32_t id;

    for (int32_t i = 0; i < n_hashes; i++)
        hashes[i] = hash_of(number, i);
    a.size[MODEL_PROMPT_TOKENS] = (uint32_t)(number % 1000 + 1);
    a.size[MODEL_OUTPUT_TOKENS] = (uint32_t)(number % 7 + 1);
    id = sim_requests_add(r, &a, number);
    for (int32_t i = 0; i < n_hashes; i++)
        hashes[i] = 0; /* they were copied */
    return id;
}

static void a_new_row_has_what_arrived_and_nothing_has_happened(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_requests *r = sim_requests_new(arena);
    struct model_arrival a = {.time_ns = 5, .size = {100000000, 1, UINT32_MAX}};
    const struct sim_request *row;

    (void)state;
    a.n_hashes = 3; /* without hashes they count for nothing */
    row = sim_requests_at(r, sim_requests_add(r, &a, 17));
    assert_true(row->number == 17 && row->arrived_ns == 5);
    assert_true(row->prompt == 100000000 && row->output == 1);
    assert_int_equal(row->priority, INT32_MAX);
    assert_true(row->scheduled_ns == -1 && row->first_token_ns == -1);
    assert_true(row->submitted_ns == -1 && row->last_token_ns == -1);
    assert_true(row->generated == 0 && row->attempts == 0 && row->n_hashes == 0);
    assert_true(row->replica == SP_NO_ID && row->link == SP_NO_ID);
    sim_requests_verify(r);
    sp_arena_free(arena);
}

/* Lengths around the ends of pieces, parts from and up to every place. */
static void any_part_of_the_hashes_comes_back(void **state)
{
    static const int32_t lengths[] = {0, 1, 14, 15, 16, 29, 30, 31, 45, MOST_HASHES};
    struct sp_arena *arena = sp_arena_new();
    struct sim_requests *r = sim_requests_new(arena);

    (void)state;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        int32_t n = lengths[l], id = add(r, (int64_t)l, n);

        assert_int_equal(sim_requests_at(r, id)->n_hashes, n);
        for (int32_t from = 0; from <= n; from++)
            for (int32_t count = 0; count <= n - from; count++) {
                uint64_t got[MOST_HASHES + 1];

                got[count] = 42; /* nothing is written past the end */
                sim_requests_hashes(r, id, from, count, got);
                for (int32_t i = 0; i < count; i++)
                    assert_true(got[i] == hash_of((int64_t)l, from + i));
                assert_true(got[count] == 42);
            }
        sim_requests_verify(r);
    }
    sp_arena_free(arena);
}

static void rows_and_hashes_stay_whole_while_others_come_and_go(void **state)
{
    enum { SLOTS = 60, STEPS = 20000 };
    struct sp_arena *arena = sp_arena_new();
    struct sim_requests *r = sim_requests_new(arena);
    struct sp_rng rng = sp_rng_from_key(3);
    int32_t ids[SLOTS], highest = 0;
    int64_t numbers[SLOTS], live = 0;

    (void)state;
    for (int32_t i = 0; i < SLOTS; i++)
        numbers[i] = -1;
    for (int64_t step = 0; step < STEPS; step++) {
        int32_t at = (int32_t)(sp_rng_uniform(&rng) * SLOTS);

        if (numbers[at] >= 0) {
            const struct sim_request *row = sim_requests_at(r, ids[at]);
            uint64_t got[MOST_HASHES];

            assert_true(row->number == numbers[at]);
            assert_int_equal(row->prompt, numbers[at] % 1000 + 1);
            sim_requests_hashes(r, ids[at], 0, row->n_hashes, got);
            for (int32_t i = 0; i < row->n_hashes; i++)
                assert_true(got[i] == hash_of(numbers[at], i));
            sim_requests_remove(r, ids[at]);
            numbers[at] = -1;
            live--;
        } else {
            ids[at] = add(r, step, (int32_t)(sp_rng_uniform(&rng) * MOST_HASHES));
            numbers[at] = step;
            live++;
            highest = ids[at] > highest ? ids[at] : highest;
        }
        assert_int_equal(sim_requests_live(r), live);
        if (step % 16 == 0)
            sim_requests_verify(r);
    }
    assert_true(highest < SLOTS); /* numbers of rows that left are used again */
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_row_has_what_arrived_and_nothing_has_happened),
        cmocka_unit_test(any_part_of_the_hashes_comes_back),
        cmocka_unit_test(rows_and_hashes_stay_whole_while_others_come_and_go),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
