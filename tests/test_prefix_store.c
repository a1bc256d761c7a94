/* sim/prefix_store.h: by hand, against an array, and on a published trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/id_table.h"
#include "sim/prefix_store.h"

/* Word by word: "ab2" uses the prompt ab and finds 2 blocks; "?ab2" only looks. */
static struct row {
    const char *name;
    int64_t blocks;
    const char *script;
} rows[] = {
    {"an_empty_store_finds_nothing", 3, "?a0 ab0"},
    {"what_was_used_is_found", 3, "abc0 abc3 ab2 ?abc3"},
    {"only_leading_blocks_count", 4, "abc0 ac2 ?xbc0 bxc1"},
    {"looking_puts_nothing_in", 3, "?ab0 ?ab0 ab0 ?ab2"},
    {"the_least_recently_used_leaves", 3, "a0 b0 c0 a1 d0 ?b0 ?a1 ?c1 ?d1"},
    {"looking_does_not_touch", 2, "a0 b0 ?a1 c0 ?a0 ?b1"},
    {"found_before_the_prompt_itself_pushes_it_out", 2, "ab0 ?ab2 abc2 ?a0 ?bc2"},
    {"a_prompt_longer_than_the_store_leaves_its_end", 2, "abcd0 ?a0 ?c1 ?d1 abcd0"},
    {"a_block_named_twice_counts_once", 2, "aab0 ?ab2 ?aab3"},
    {"without_room_nothing_stays", 0, "a0 a0 ?a0"},
    {"without_limit_everything_stays", INT64_MAX, "abcdefgh0 ijk0 abcdefgh8 ?ijk3"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void does_what_the_row_says(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sim_prefix_store *s = sim_prefix_store_new(arena, row->blocks);
    char *script = sp_arena_strdup(arena, row->script), *rest = NULL;

    for (char *word = strtok_r(script, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        bool look = word[0] == '?';
        uint64_t hashes[16];
        int32_t n = 0;

        for (word += look; word[n] >= 'a'; n++)
            hashes[n] = (uint64_t)word[n];
        assert_int_equal(look ? sim_prefix_store_match(s, hashes, n)
                              : sim_prefix_store_use(s, hashes, n),
                         atoi(word + n));
        sim_prefix_store_verify(s);
    }
    sp_arena_free(arena);
}

/* The same with an array: names in the order of last use, oldest first. */
struct naive {
    uint64_t names[64];
    int32_t n, limit;
};

static int32_t naive_at(const struct naive *v, uint64_t name)
{
    for (int32_t i = 0; i < v->n; i++)
        if (v->names[i] == name)
            return i;
    return -1;
}

static void naive_touch(struct naive *v, uint64_t name)
{
    int32_t at = naive_at(v, name);

    if (at < 0 && v->n == v->limit)
        at = 0;
    if (at >= 0)
        memmove(v->names + at, v->names + at + 1,
                (size_t)(--v->n - at) * sizeof *v->names);
    v->names[v->n++] = name;
}

static int32_t naive_use(struct naive *v, const uint64_t *names, int32_t n)
{
    int32_t found = 0;

    while (found < n && naive_at(v, names[found]) >= 0)
        found++;
    for (int32_t i = 0; i < n; i++)
        naive_touch(v, names[i]);
    return found;
}

static void agrees_with_an_array(void **state)
{
    static const int32_t limits[] = {1, 2, 7, 20, 64};
    struct sp_rng rng = sp_rng_from_key(19);

    (void)state;
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        struct sp_arena *arena = sp_arena_new();
        struct sim_prefix_store *s = sim_prefix_store_new(arena, limits[l]);
        struct naive v = {.limit = limits[l]};

        for (int32_t step = 0; step < 20000; step++) {
            uint64_t names[12], node = 1;
            int32_t n = (int32_t)(sp_rng_uniform(&rng) * 12);

            for (int32_t i = 0; i < n; i++) {
                names[i] = node;
                node = 2 * node + (sp_rng_uniform(&rng) < 0.2);
            }
            assert_int_equal(sim_prefix_store_use(s, names, n),
                             naive_use(&v, names, n));
            assert_int_equal(sim_prefix_store_blocks(s), v.n);
            if (step % 16 == 0)
                sim_prefix_store_verify(s);
        }
        sp_arena_free(arena);
    }
}

/* Names that fall on each other's places, put in and removed at random. */
static void the_table_keeps_every_name_while_others_come_and_go(void **state)
{
    enum { NAMES = 3000, STEPS = 60000 };
    struct sp_arena *arena = sp_arena_new();
    struct sim_id_table t = {0};
    struct sp_rng rng = sp_rng_from_key(23);
    bool *in = sp_arena_array(arena, NAMES, sizeof *in);
    int64_t n = 0;

    (void)state;
    assert_int_equal(sim_id_table_find(&t, 0), SP_NO_ID);
    for (int32_t step = 0; step < STEPS; step++) {
        int32_t id = (int32_t)(sp_rng_uniform(&rng) * NAMES);
        uint64_t name = (uint64_t)id << (id % 40); /* 0 is a name, too */

        if (id != 0 && id % 2 == 0)
            continue; /* only odd ones are sure to differ when shifted */
        assert_int_equal(sim_id_table_find(&t, name), in[id] ? id : SP_NO_ID);
        if (in[id])
            sim_id_table_remove(&t, name);
        else
            sim_id_table_put(&t, arena, name, id);
        in[id] = !in[id];
        n += in[id] ? 1 : -1;
        assert_int_equal(t.n, n);
        if (step % 64 == 0)
            sim_id_table_verify(&t);
    }
    sim_id_table_clear(&t);
    assert_int_equal(sim_id_table_find(&t, 0), SP_NO_ID);
    sp_arena_free(arena);
}

/* ---- Mooncake's conversation trace ---- */

enum { LONGEST = 1024 };

/* The numbers between the brackets after "hash_ids". */
static int32_t hash_ids(char *line, uint64_t *hashes)
{
    char *at = strstr(line, "\"hash_ids\"");
    int32_t n = 0;

    assert_non_null(at);
    at = strchr(at, '[');
    assert_non_null(at);
    for (at++; *at != ']';) {
        char *end;

        assert_true(n < LONGEST);
        hashes[n++] = strtoull(at, &end, 10);
        assert_true(end > at);
        at = end + strspn(end, ", ");
    }
    return n;
}

struct share {
    int64_t blocks; /* room of the store */
    double percent; /* of the trace's blocks that are found, as published */
};

/* Blocks found by a store of each size, in one pass over the trace. */
static void count_found(FILE *f, struct sp_arena *arena, const struct share *shares,
                        int32_t n_shares, int64_t *found, int64_t *all)
{
    struct sim_prefix_store *stores[8];
    uint64_t hashes[LONGEST];
    char *line = NULL;
    size_t size = 0;

    for (int32_t i = 0; i < n_shares; i++)
        stores[i] = sim_prefix_store_new(arena, shares[i].blocks);
    while (getline(&line, &size, f) > 0) {
        int32_t n = hash_ids(line, hashes);

        *all += n;
        for (int32_t i = 0; i < n_shares; i++)
            found[i] += sim_prefix_store_use(stores[i], hashes, n);
    }
    for (int32_t i = 0; i < n_shares; i++) {
        assert_int_equal(sim_prefix_store_blocks(stores[i]),
                         shares[i].blocks < 182790 ? shares[i].blocks : 182790);
        sim_prefix_store_verify(stores[i]);
    }
    free(line);
}

static FILE *trace_open(struct sp_arena *arena)
{
    const char *folder = getenv("SHARED_DATA");
    const char *path =
        sp_arena_printf(arena, "%s/llm/mooncake_fast25_conversation.jsonl",
                        folder != NULL ? folder : "");
    FILE *f = folder != NULL ? fopen(path, "r") : NULL;

    if (f == NULL)
        print_message("skipped: no %s (SHARED_DATA names the folder)\n", path);
    return f;
}

/* Shares that an independent count of the trace gives (FAST '25 trace,
 * mooncake_fast25_conversation.jsonl, 12,031 requests, 182,790 distinct blocks), to the
 * two digits that they are known to. */
static void mooncake_conversation_finds_the_known_shares(void **state)
{
    static const struct share shares[] = {
        {INT64_MAX, 36.64}, {1000, 4.45},   {10000, 21.12},
        {30000, 32.57},     {50000, 35.46}, {100000, 36.37},
    };
    enum { N = sizeof shares / sizeof shares[0] };
    struct sp_arena *arena = sp_arena_new();
    FILE *f = trace_open(arena);
    int64_t found[N] = {0}, all = 0;

    (void)state;
    if (f == NULL) {
        sp_arena_free(arena);
        skip();
    }
    count_found(f, arena, shares, N, found, &all);
    fclose(f);
    for (int32_t i = 0; i < N; i++) {
        double percent = 100.0 * (double)found[i] / (double)all;

        print_message("%lld blocks: %.4f %%\n", (long long)shares[i].blocks, percent);
        assert_true(percent >= shares[i].percent - 0.005 &&
                    percent <= shares[i].percent + 0.005);
    }
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(the_table_keeps_every_name_while_others_come_and_go),
        cmocka_unit_test(mooncake_conversation_finds_the_known_shares),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = does_what_the_row_says,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("prefix_store", tests, NULL, NULL);
}
