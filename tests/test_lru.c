#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/lru.h"
#include "base/rng.h"

/* Letters used one after the other: which were there. */
static struct row {
    const char *name;
    int64_t capacity;
    const char *used, *there; /* '1' where the letter was there */
    int32_t len;
} rows[] = {
    {"an_empty_cache_has_nothing", 3, "", "", 0},
    {"the_first_use_misses", 3, "aa", "01", 1},
    {"as_many_as_it_holds_stay", 3, "abcabc", "000111", 3},
    {"one_more_than_it_holds_all_miss", 3, "abcdabcd", "00000000", 3},
    {"the_oldest_goes_first", 2, "abcba", "00010", 2},
    {"a_use_makes_young_again", 2, "abacab", "001010", 2},
    {"without_limit_none_goes", INT64_MAX, "abcdeabcde", "0000011111", 5},
    {"a_cache_of_one_holds_the_last", 1, "aabba", "01010", 1},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void hits_are_as_by_hand(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_lru *lru = sp_lru_new(arena, row->capacity);

    for (size_t i = 0; row->used[i] != '\0'; i++) {
        assert_int_equal(sp_lru_has(lru, (uint64_t)row->used[i]), row->there[i] == '1');
        assert_int_equal(sp_lru_touch(lru, (uint64_t)row->used[i]),
                         row->there[i] == '1');
        sp_lru_verify(lru);
    }
    assert_int_equal(sp_lru_len(lru), row->len);
    sp_arena_free(arena);
}

/* An array with the youngest in front. */
struct naive {
    uint64_t keys[300];
    int32_t n, capacity;
};

static bool naive_touch(struct naive *list, uint64_t key)
{
    int32_t at = 0;
    bool there;

    while (at < list->n && list->keys[at] != key)
        at++;
    there = at < list->n;
    if (!there && list->n < list->capacity)
        list->n++;
    if (!there)
        at = list->n - 1;
    memmove(list->keys + 1, list->keys, (size_t)at * sizeof list->keys[0]);
    list->keys[0] = key;
    return there;
}

static void agrees_with_a_naive_list(void **state)
{
    static const int32_t capacities[] = {1, 2, 3, 17, 64, 65, 128, 300};
    struct sp_rng rng = sp_rng_from_key(51);

    (void)state;
    for (size_t c = 0; c < sizeof capacities / sizeof capacities[0]; c++) {
        struct naive list = {.capacity = capacities[c]};
        struct sp_arena *arena = sp_arena_new();
        struct sp_lru *lru = sp_lru_new(arena, capacities[c]);
        int hits = 0;

        for (int i = 0; i < 20000; i++) {
            /* Few keys, wide apart: 2 bits of 64 are set by the multiplication. */
            uint64_t key = sp_rng_next(&rng) % (uint64_t)(2 * capacities[c] + 1) *
                           UINT64_C(0x8000000000000001);
            bool there = naive_touch(&list, key);

            hits += there;
            assert_int_equal(sp_lru_touch(lru, key), there);
            assert_int_equal(sp_lru_len(lru), list.n);
            if (i % 97 == 0)
                sp_lru_verify(lru);
        }
        assert_true(hits > 4000 && hits < 16000);
        for (int32_t i = 0; i < list.n; i++)
            assert_true(sp_lru_has(lru, list.keys[i]));
        sp_arena_free(arena);
    }
}

int main(void)
{
    enum { OTHERS = 1 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(agrees_with_a_naive_list),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = hits_are_as_by_hand,
                                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("lru", tests, NULL, NULL);
}
