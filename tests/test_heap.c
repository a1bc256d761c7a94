/* base/heap.h: rows leave in order whatever was pushed, moved or taken out before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/rng.h"
#include "base/status.h"

enum { ROWS = 200 };

struct rows {
    int32_t key[ROWS], at[ROWS];
};

static bool before(const void *self, int32_t a, int32_t b)
{
    const struct rows *r = self;

    return r->key[a] != r->key[b] ? r->key[a] < r->key[b] : a < b;
}

static void moved(void *self, int32_t id, int32_t at)
{
    struct rows *r = self;

    r->at[id] = at;
}

static int32_t least(const struct rows *r)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < ROWS; i++)
        if (r->at[i] != SP_NO_ID && (best == SP_NO_ID || before(r, i, best)))
            best = i;
    return best;
}

static void rows_know_their_place_and_the_least_is_first(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct rows r;
    struct sp_heap h = {0};
    struct sp_heap_rule rule = {arena, &r, before, moved};
    struct sp_rng rng = sp_rng_from_key(3);

    (void)state;
    for (int32_t i = 0; i < ROWS; i++)
        r.at[i] = SP_NO_ID;
    for (int step = 0; step < 20000; step++) {
        int32_t id = (int32_t)(sp_rng_uniform(&rng) * ROWS);
        int32_t key = (int32_t)(sp_rng_uniform(&rng) * 50);

        if (r.at[id] == SP_NO_ID) {
            r.key[id] = key;
            sp_heap_push(&h, &rule, id);
        } else if (key % 2 == 0) {
            r.key[id] = key;
            sp_heap_update(&h, &rule, r.at[id]);
        } else {
            sp_heap_remove(&h, &rule, r.at[id]);
        }
        sp_heap_verify(&h, &rule);
        for (int32_t i = 0; i < h.n; i++)
            assert_int_equal(r.at[h.ids[i]], i);
        assert_int_equal(h.n > 0 ? h.ids[0] : SP_NO_ID, least(&r));
    }
    sp_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_know_their_place_and_the_least_is_first),
    };

    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
