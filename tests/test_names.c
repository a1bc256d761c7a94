#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/status.h"

static void numbers_are_in_the_order_of_first_appearance(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_names *names = sp_names_new(arena);

    (void)state;
    assert_int_equal(sp_names_find(names, "b", 1), SP_NO_ID);
    assert_int_equal(sp_names_add(names, "b", 1, 9), 0);
    assert_int_equal(sp_names_add(names, "a", 1, 9), 1);
    assert_int_equal(sp_names_add(names, "b", 1, 9), 0);
    assert_int_equal(sp_names_find(names, "a", 1), 1);
    assert_int_equal(sp_names_count(names), 2);
    assert_string_equal(sp_names_all(names)[0], "b");
    sp_arena_free(arena);
}

static void names_are_bytes_of_their_size(void **state)
{
    static const struct {
        const char *name;
        size_t size;
    } all[] = {{"", 0}, {"a", 1}, {"a\0b", 3}, {"a\0c", 3}, {"ab", 2}, {"\0", 1}};

    struct sp_arena *arena = sp_arena_new();
    struct sp_names *names = sp_names_new(arena);

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int32_t i = 0; i < 6; i++)
            assert_int_equal(sp_names_add(names, all[i].name, all[i].size, 6), i);
    sp_arena_free(arena);
}

static void a_full_table_takes_no_more_but_finds_what_it_has(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_names *names = sp_names_new(arena);

    (void)state;
    assert_int_equal(sp_names_add(names, "a", 1, 0), SP_NO_ID);
    assert_int_equal(sp_names_add(names, "a", 1, 1), 0);
    assert_int_equal(sp_names_add(names, "b", 1, 1), SP_NO_ID);
    assert_int_equal(sp_names_add(names, "a", 1, 1), 0);
    assert_int_equal(sp_names_find(names, "b", 1), SP_NO_ID);
    assert_int_equal(sp_names_count(names), 1);
    sp_arena_free(arena);
}

static void a_hundred_thousand_names_keep_their_numbers(void **state)
{
    enum { N = 100000 };
    struct sp_arena *arena = sp_arena_new();
    struct sp_names *names = sp_names_new(arena);
    char name[20];

    (void)state;
    for (int32_t i = 0; i < N; i++)
        assert_int_equal(
            sp_names_add(names, name, (size_t)snprintf(name, 20, "node-%d", i), N), i);
    for (int32_t i = 0; i < N; i++) {
        size_t size = (size_t)snprintf(name, 20, "node-%d", i);

        assert_int_equal(sp_names_find(names, name, size), i);
        assert_string_equal(sp_names_all(names)[i], name);
    }
    assert_int_equal(sp_names_find(names, "node-100000", 11), SP_NO_ID);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_in_the_order_of_first_appearance),
        cmocka_unit_test(names_are_bytes_of_their_size),
        cmocka_unit_test(a_full_table_takes_no_more_but_finds_what_it_has),
        cmocka_unit_test(a_hundred_thousand_names_keep_their_numbers),
    };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
