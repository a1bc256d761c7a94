/* base/arena.h: memory comes zeroed and aligned, and goes all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rng.h"

static bool is_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return true;
}

/* Every block keeps its own byte until the end: none overlaps another. */
static void blocks_are_zeroed_aligned_and_apart(void **state)
{
    enum { N = 2000 };
    static unsigned char *blocks[N];
    static size_t sizes[N];
    struct sp_arena *arena = sp_arena_new();
    struct sp_rng r = sp_rng_from_key(1);

    (void)state;
    for (size_t i = 0; i < N; i++) {
        sizes[i] = sp_rng_next(&r) % (i % 50 == 0 ? 70000 : 300);
        blocks[i] = sp_arena_alloc(arena, sizes[i]);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(blocks[i], sizes[i]));
        memset(blocks[i], (int)(i % 255 + 1), sizes[i]);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            if (blocks[i][k] != i % 255 + 1)
                fail_msg("block %zu was overwritten", i);
    sp_arena_free(arena);
}

static void empty_blocks_have_addresses_of_their_own(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    void *a = sp_arena_alloc(arena, 0), *b = sp_arena_array(arena, 0, 8);

    (void)state;
    assert_non_null(a);
    assert_true(a != b);
    sp_arena_free(arena);
    sp_arena_free(NULL);
}

/* From nothing through the small sizes into large chunks, which are given back in
 * between. */
/* 100,000 rows of 24 bytes pass every way in which an arena grows: small, large,
 * mapped. */
static void a_slab_keeps_its_rows_while_it_doubles(void **state)
{
    enum { ROWS = 100000 };
    struct row {
        int64_t a, b, c;
    } *rows = NULL;
    struct sp_arena *arena = sp_arena_new();
    int32_t room = 0;

    (void)state;
    for (int32_t n = 0; n < ROWS; n++) {
        struct row *before = rows;
        bool full = n == room;

        rows = sp_arena_more(arena, rows, n, &room, sizeof *rows);
        assert_true(room > n && (full || rows == before));
        assert_true(rows[n].a == 0 && rows[n].c == 0);
        rows[n] = (struct row){n, -n, 2 * n};
    }
    for (int32_t n = 0; n < ROWS; n++)
        assert_true(rows[n].a == n && rows[n].b == -n && rows[n].c == 2 * n);
    sp_arena_free(arena);
}

static void growing_keeps_the_old_and_zeroes_the_new(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    uint32_t *a = NULL, *b = NULL;
    size_t count = 0;

    (void)state;
    for (size_t want = 1; want <= 1 << 17; want *= 2) {
        a = sp_arena_grow(arena, a, count, want, sizeof *a);
        b = sp_arena_grow(arena, b, count, want, sizeof *b);
        for (size_t i = 0; i < count; i++)
            assert_true(a[i] == i && b[i] == ~(uint32_t)i);
        assert_true(is_zero((unsigned char *)(a + count), (want - count) * sizeof *a));
        count = want;
        for (size_t i = 0; i < count; i++) {
            a[i] = (uint32_t)i;
            b[i] = ~(uint32_t)i;
        }
    }
    sp_arena_free(arena);
}

static void texts_are_copied(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char text[] = "gpu-node";
    char *copy = sp_arena_strdup(arena, text);

    (void)state;
    text[0] = 'x';
    assert_string_equal(copy, "gpu-node");
    assert_string_equal(sp_arena_printf(arena, "%s:%d%s", copy, 7, ""), "gpu-node:7");
    assert_string_equal(sp_arena_printf(arena, "%s", ""), "");
    sp_arena_free(arena);
}

/* Runs `body` in a process of its own; its exit code, with what it said in `text`. */
static int exit_code_of(void (*body)(void), char *text, size_t size)
{
    int ends[2], status = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(ends[1]);
    n = read(ends[0], text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_for_too_many(void)
{
    volatile size_t many = SIZE_MAX / 4;

    sp_arena_array(sp_arena_new(), many, 8);
}

static void ask_for_too_much(void)
{
    volatile size_t much = SIZE_MAX / 2;

    sp_arena_alloc(sp_arena_new(), much);
}

static void no_memory_ends_the_process_and_says_how_much(void **state)
{
    char text[200];

    (void)state;
    assert_int_equal(exit_code_of(ask_for_too_much, text, sizeof text), 1);
    assert_non_null(strstr(text, "out of memory: 9223372036854775807 bytes"));
    assert_int_equal(exit_code_of(ask_for_too_many, text, sizeof text), 1);
    assert_non_null(strstr(text, "out of memory"));
}

static void what_was_adopted_lives_on_and_both_go_on_growing(void **state)
{
    struct sp_arena *all = sp_arena_new();
    char *texts[20];
    int32_t *rows[20];

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct sp_arena *one = sp_arena_new();
        const size_t n = (size_t)1 << i; /* small, lone and mapped blocks */

        texts[i] = sp_arena_printf(one, "text %d", i);
        rows[i] = sp_arena_array(one, n, sizeof *rows[i]);
        rows[i][n - 1] = i;
        sp_arena_adopt(all, one);
        rows[i] = sp_arena_grow(all, rows[i], n, 2 * n, sizeof *rows[i]);
        rows[i][2 * n - 1] = -i;
    }
    for (int i = 0; i < 20; i++) {
        const size_t n = (size_t)1 << i;
        char want[16];

        snprintf(want, sizeof want, "text %d", i);
        assert_string_equal(texts[i], want);
        assert_int_equal(rows[i][2 * n - 1], -i);
        if (i > 0)
            assert_int_equal(rows[i][n - 1], i);
        sp_arena_give_back(all, rows[i], 2 * n, sizeof *rows[i]);
    }
    sp_arena_adopt(all, sp_arena_new());
    sp_arena_adopt(all, NULL);
    sp_arena_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(empty_blocks_have_addresses_of_their_own),
        cmocka_unit_test(a_slab_keeps_its_rows_while_it_doubles),
        cmocka_unit_test(growing_keeps_the_old_and_zeroes_the_new),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(what_was_adopted_lives_on_and_both_go_on_growing),
        cmocka_unit_test(no_memory_ends_the_process_and_says_how_much),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
