#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/input.h"
#include "base/rng.h"
#include "tests/trace_files.h"

/* Everything that an input gives, one block after the other; NULL where it fails. */
static char *read_all(const char *path, size_t *size, struct sp_err *err)
{
    struct sp_input *in = NULL;
    const char *begin = NULL, *end = NULL;
    char *all = sp_xcalloc(1, 1);
    size_t n = 0;

    if (sp_input_open(path, &in, err) != SP_OK) {
        free(all);
        return NULL;
    }
    do {
        if (sp_input_lines(in, &begin, &end, err) != SP_OK) {
            free(all);
            all = NULL;
            break;
        }
        assert_true(begin == end || end[-1] == '\n');
        all = sp_xrealloc(all, n + (size_t)(end - begin) + 1);
        memcpy(all + n, begin, (size_t)(end - begin));
        n += (size_t)(end - begin);
    } while (begin != end);
    sp_input_close(in);
    *size = n;
    return all;
}

static char *random_lines(size_t size, size_t line_max, uint64_t key)
{
    struct sp_rng rng = sp_rng_from_key(key);
    char *text = sp_xcalloc(size + 1, 1);
    size_t left = 0;

    for (size_t i = 0; i < size; i++) {
        if (left == 0)
            left = 1 + sp_rng_next(&rng) % line_max;
        text[i] = --left == 0 ? '\n' : (char)('a' + sp_rng_next(&rng) % 26);
    }
    if (size > 0)
        text[size - 1] = '\n';
    return text;
}

/* Sizes around those of the block and of a line, in every kind of file. */
static struct row {
    const char *name;
    size_t size, line_max;
} rows[] = {
    {"an_empty_file_has_no_lines", 0, 1},
    {"a_lone_newline_is_a_line", 1, 1},
    {"two_bytes_are_less_than_a_magic_number", 2, 2},
    {"a_small_file_comes_back", 1000, 40},
    {"a_block_less_one_byte_comes_back", SP_INPUT_BLOCK_BYTES - 1, 50},
    {"exactly_a_block_comes_back", SP_INPUT_BLOCK_BYTES, 50},
    {"exactly_a_block_and_the_magic_comes_back", SP_INPUT_BLOCK_BYTES + 4, 50},
    {"a_block_and_a_byte_comes_back", SP_INPUT_BLOCK_BYTES + 1, 50},
    {"many_blocks_come_back", 3 * SP_INPUT_BLOCK_BYTES + 12345, 200},
    {"lines_near_the_limit_come_back", 5000000, SP_INPUT_LINE_MAX},
    {"only_newlines_come_back", 300000, 1},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void comes_back_from_every_kind(void **state)
{
    const struct row *row = *state;
    char *text = random_lines(row->size, row->line_max, 3);

    for (int kind = 0; kind < FILE_KINDS; kind++) {
        struct sp_err err = {0};
        size_t packed_size, got;
        void *packed = file_pack((enum file_kind)kind, text, row->size, &packed_size);
        char *path = file_new(packed, packed_size), *back;

        back = read_all(path, &got, &err);
        assert_string_equal(err.text, "");
        assert_non_null(back);
        assert_int_equal(got, row->size);
        assert_memory_equal(back, text, got);
        free(back);
        free(packed);
        file_drop(path);
    }
    free(text);
}

static void a_missing_last_newline_is_supplied_and_told(void **state)
{
    char *path = file_of_text("a,b\n1,2");
    struct sp_input *in;
    const char *begin, *end;

    (void)state;
    assert_int_equal(sp_input_open(path, &in, NULL), SP_OK);
    assert_int_equal(sp_input_lines(in, &begin, &end, NULL), SP_OK);
    assert_int_equal(end - begin, 8);
    assert_memory_equal(begin, "a,b\n1,2\n", 8);
    assert_true(sp_input_lacks_newline(in));
    assert_string_equal(sp_input_compression(in), "plain");
    assert_int_equal(sp_input_stored_bytes(in), 7);
    assert_int_equal(sp_input_text_bytes(in), 7);
    assert_int_equal(sp_input_lines(in, &begin, &end, NULL), SP_OK);
    assert_ptr_equal(begin, end);
    sp_input_close(in);
    file_drop(path);
}

/* Two members (frames) one after the other are one text, as gzip -d and zstd -d have
 * it. */
static void members_are_joined(void **state)
{
    (void)state;
    for (int kind = FILE_GZIP; kind < FILE_KINDS; kind++) {
        size_t a_size, b_size, got;
        char *a = file_pack((enum file_kind)kind, "one\ntw", 6, &a_size);
        char *b = file_pack((enum file_kind)kind, "o\nthree\n", 8, &b_size);
        char *path, *back;

        a = sp_xrealloc(a, a_size + b_size);
        memcpy(a + a_size, b, b_size);
        path = file_new(a, a_size + b_size);
        back = read_all(path, &got, NULL);
        assert_non_null(back);
        assert_int_equal(got, 14);
        assert_memory_equal(back, "one\ntwo\nthree\n", 14);
        free(back);
        free(a);
        free(b);
        file_drop(path);
    }
}

/* Cut anywhere, compressed data is refused: never a shorter text, never a crash. */
static void every_truncation_is_refused(void **state)
{
    char *text = random_lines(2000, 30, 5);

    (void)state;
    for (int kind = FILE_GZIP; kind < FILE_KINDS; kind++) {
        size_t packed_size, got;
        void *packed = file_pack((enum file_kind)kind, text, 2000, &packed_size);

        for (size_t cut = 4; cut < packed_size; cut++) {
            struct sp_err err = {0};
            char *path = file_new(packed, cut), want[256];

            assert_null(read_all(path, &got, &err));
            snprintf(
                want, sizeof want,
                "%s: truncated %s data: the file ends at byte %zu in the middle of a "
                "compressed frame",
                path, file_kind_names[kind], cut);
            assert_string_equal(err.text, want);
            assert_int_equal(err.status, SP_EINPUT);
            file_drop(path);
        }
        free(packed);
    }
    free(text);
}

/* Damage is found, by the checksum at the latest.  Header fields that say nothing about
 * the content (time, system) are left out. */
static void every_damaged_byte_is_refused(void **state)
{
    static const size_t first[FILE_KINDS] = {0, 10, 4};
    char *text = random_lines(3000, 30, 6);

    (void)state;
    for (int kind = FILE_GZIP; kind < FILE_KINDS; kind++) {
        size_t packed_size, got;
        char *packed = file_pack((enum file_kind)kind, text, 3000, &packed_size);
        int unharmed = 0;

        for (size_t i = first[kind]; i < packed_size; i++) {
            struct sp_err err = {0};
            char *path, *back;

            packed[i] = (char)(packed[i] ^ 0x10);
            path = file_new(packed, packed_size);
            packed[i] = (char)(packed[i] ^ 0x10);
            back = read_all(path, &got, &err);
            /* A few bits have no meaning (unused ones of a zstd block): then the text
             * is whole. */
            if (back != NULL) {
                assert_int_equal(got, 3000);
                assert_memory_equal(back, text, got);
                unharmed++;
            } else {
                assert_int_equal(err.status, SP_EINPUT);
                assert_non_null(strstr(err.text, file_kind_names[kind]));
                assert_non_null(strstr(err.text, " byte "));
            }
            free(back);
            file_drop(path);
        }
        assert_true(unharmed <= 3);
        free(packed);
    }
    free(text);
}

static void bytes_after_the_last_member_are_refused(void **state)
{
    size_t packed_size, got;
    char *packed = file_pack(FILE_GZIP, "a\n", 2, &packed_size), want[256], *path;
    struct sp_err err = {0};

    (void)state;
    packed = sp_xrealloc(packed, packed_size + 7);
    memcpy(packed + packed_size, "garbage", 7);
    path = file_new(packed, packed_size + 7);
    assert_null(read_all(path, &got, &err));
    snprintf(want, sizeof want,
             "%s: damaged gzip data at byte %zu: incorrect header check", path,
             packed_size + 2);
    assert_string_equal(err.text, want);
    free(packed);
    file_drop(path);
}

static void a_line_without_end_is_refused(void **state)
{
    size_t size = 2 * SP_INPUT_BLOCK_BYTES + SP_INPUT_LINE_MAX, got;
    char *text = random_lines(size, 20, 8), want[256], *path;
    struct sp_err err = {0};

    (void)state;
    memset(text + 1000, 'x', size - 1000);
    text[999] = '\n';
    path = file_new(text, size);
    assert_null(read_all(path, &got, &err));
    snprintf(
        want, sizeof want,
        "%s: the line that begins at byte 1000 is longer than 1048576 bytes: this is "
        "not text in lines",
        path);
    assert_string_equal(err.text, want);
    free(text);
    file_drop(path);
}

static void a_missing_file_and_a_folder_are_io_errors(void **state)
{
    struct sp_err err = {0};
    size_t got;

    (void)state;
    assert_null(read_all("/nonexistent/trace.csv", &got, &err));
    assert_int_equal(err.status, SP_EIO);
    assert_string_equal(err.text,
                        "/nonexistent/trace.csv: can't be opened: No such file or "
                        "directory");
    err = (struct sp_err){0};
    assert_null(read_all("/", &got, &err));
    assert_int_equal(err.status, SP_EIO);
    assert_string_equal(err.text, "/: can't be read: Is a directory");
}

/* A child that writes a few bytes at a time: reads come back short. */
static void short_reads_change_nothing(void **state)
{
    char *text = random_lines(20000, 60, 9), path[64], *back;
    struct sp_rng rng = sp_rng_from_key(10);
    size_t got;
    int ends[2];
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        for (size_t at = 0, n; at < 20000; at += n) {
            n = 1 + sp_rng_next(&rng) % 99;
            n = n < 20000 - at ? n : 20000 - at;
            if (write(ends[1], text + at, n) != (ssize_t)n)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    back = read_all(path, &got, NULL);
    assert_non_null(back);
    assert_int_equal(got, 20000);
    assert_memory_equal(back, text, got);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    free(back);
    free(text);
}

static void a_whole_text_is_loaded_and_a_larger_one_refused(void **state)
{
    enum { MIB = 1 << 20 };
    static const size_t sizes[] = {0,       3,   5,      SP_INPUT_BLOCK_BYTES,
                                   MIB - 1, MIB, MIB + 1};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < FILE_KINDS; kind++) {
            char *text = random_lines(sizes[i], 2 * MIB, i + 1), *loaded = NULL;
            size_t packed_size, size = 0;
            void *packed =
                file_pack((enum file_kind)kind, text, sizes[i], &packed_size);
            char *path = file_new(packed, packed_size);
            struct sp_err err = {0};
            enum sp_status status = sp_input_load(path, 1, &loaded, &size, &err);

            if (sizes[i] <= MIB) {
                assert_int_equal(status, SP_OK);
                assert_int_equal(size, sizes[i]);
                assert_memory_equal(loaded, text, size + 1); /* and the NUL */
            } else {
                assert_int_equal(status, SP_EINPUT);
                assert_null(loaded);
                assert_string_equal(err.text + strlen(path), ": larger than 1 MiB");
            }
            free(loaded);
            free(text);
            free(packed);
            file_drop(path);
        }
}

int main(void)
{
    enum { OTHERS = 9 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(a_missing_last_newline_is_supplied_and_told),
        cmocka_unit_test(members_are_joined),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_damaged_byte_is_refused),
        cmocka_unit_test(bytes_after_the_last_member_are_refused),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(a_missing_file_and_a_folder_are_io_errors),
        cmocka_unit_test(short_reads_change_nothing),
        cmocka_unit_test(a_whole_text_is_loaded_and_a_larger_one_refused),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = comes_back_from_every_kind,
                                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
