/* base/path.h: folders of files, and files named from a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/path.h"

static struct folder_row {
    const char *name, *path, *want;
} folders[] = {
    {"a_name_alone_has_no_folder", "x.yaml", ""},
    {"nothing_has_no_folder", "", ""},
    {"what_is_before_the_last_slash", "a/b/x.yaml", "a/b/"},
    {"the_root_is_a_folder", "/x.yaml", "/"},
    {"a_folder_is_its_own", "a/", "a/"},
};

static struct from_row {
    const char *name, *folder, *file, *want;
} froms[] = {
    {"no_folder_is_here", "", "x.csv", "x.csv"},
    {"null_is_no_folder", NULL, "x.csv", "x.csv"},
    {"a_slash_comes_between", "a", "x.csv", "a/x.csv"},
    {"but_no_second_one", "a/", "b/x.csv", "a/b/x.csv"},
    {"from_the_root", "/", "x.csv", "/x.csv"},
    {"an_absolute_name_stays", "a/", "/b/x.csv", "/b/x.csv"},
};
enum {
    N_FOLDERS = sizeof folders / sizeof folders[0],
    N_FROMS = sizeof froms / sizeof froms[0]
};

static void folder_of_a_path(void **state)
{
    const struct folder_row *row = *state;
    struct sp_arena *arena = sp_arena_new();

    assert_string_equal(sp_path_folder(arena, row->path), row->want);
    sp_arena_free(arena);
}

static void name_from_a_folder(void **state)
{
    const struct from_row *row = *state;
    struct sp_arena *arena = sp_arena_new();

    assert_string_equal(sp_path_from(arena, row->folder, row->file), row->want);
    sp_arena_free(arena);
}

static void the_program_lies_in_its_folder(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *folder = sp_path_program(arena);

    (void)state;
    assert_non_null(folder);
    assert_int_equal(folder[0], '/');
    assert_int_equal(access(sp_path_from(arena, folder, "test_path"), X_OK), 0);
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_FOLDERS + N_FROMS + 1] = {
        [N_FOLDERS + N_FROMS] = cmocka_unit_test(the_program_lies_in_its_folder),
    };

    for (size_t i = 0; i < N_FOLDERS; i++)
        tests[i] = (struct CMUnitTest){.name = folders[i].name,
                                       .test_func = folder_of_a_path,
                                       .initial_state = &folders[i]};
    for (size_t i = 0; i < N_FROMS; i++)
        tests[N_FOLDERS + i] = (struct CMUnitTest){.name = froms[i].name,
                                                   .test_func = name_from_a_folder,
                                                   .initial_state = &froms[i]};
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
