/* model/catalog.h: the built-in facts against their origin, and what is refused in a
 * CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "model/catalog.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Reads `text` as a file; what refuses names it "FILE". */
static enum sp_status read_text(const char *text, size_t size, struct sp_arena *arena,
                                struct model_catalog *catalog, struct sp_err *err)
{
    char path[] = "test_catalog_XXXXXX";
    int fd = mkstemp(path);
    enum sp_status status;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    close(fd);
    status = model_catalog_read(path, arena, catalog, err);
    unlink(path);
    if (status != SP_OK) {
        assert_memory_equal(err->text, path, strlen(path));
        memmove(err->text, err->text + strlen(path),
                strlen(err->text) - strlen(path) + 1);
    }
    return status;
}

#define HEAD                                                                           \
    "name,vcpu,memory_gib,gpu_model,gpu_count,ondemand_usd_h,price_date,notes\n"

/* `want` NULL: read, with `n` rows.  Else what stands behind the file's name. */
static struct row {
    const char *name, *text;
    int32_t n;
    const char *want;
} rows[] = {
    {"required_columns_are_enough", "name,vcpu,memory_gib\na,4,16\n", 1, NULL},
    {"columns_in_any_order", "memory_gib,name,vcpu\n16,a,4\nx,b,4", 0,
     ":3:1: memory_gib: found 'x' (not a number), expected a number from 0.001 to "
     "1000000"},
    {"no_rows", HEAD, 0, NULL},
    {"last_line_without_end", "name,vcpu,memory_gib\na,4,16", 1, NULL},
    {"crlf", "name,vcpu,memory_gib\r\na,4,16\r\nb,4,16\r\n", 2, NULL},
    {"byte_order_mark", "\xef\xbb\xbfname,vcpu,memory_gib\na,4,16\n", 1, NULL},
    {"unknown_amounts_may_be_empty", HEAD "a,,,,,,,\n", 1, NULL},
    {"quoted_field", HEAD "a,4,16,,,1,2026-02-28,\"one, \"\"two\"\"\"\n", 1, NULL},
    {"leap_day", HEAD "a,4,16,,,1,2024-02-29,\n", 1, NULL},
    {"slice_of_a_gpu", HEAD "a,4,16,L4,0.125,1,undated,\n", 1, NULL},
    {"empty_file", "", 0, ": empty, expected a header line"},
    {"missing_column", "name,vcpu\na,4\n", 0,
     ":1: column 'memory_gib' is missing from the header"},
    {"misspelt_column", "name,vcpus,memory_gib\n", 0,
     ":1:6: unknown column 'vcpus', did you mean 'vcpu'?"},
    {"unknown_column", "name,vcpu,memory_gib,colour\n", 0,
     ":1:22: unknown column 'colour', expected one like 'name'"},
    {"column_twice", "name,vcpu,vcpu,memory_gib\n", 0,
     ":1:11: vcpu: the column is there twice"},
    {"too_few_fields", "name,vcpu,memory_gib\na,4\n", 0,
     ":2: found 2 fields, expected 3 as the header has"},
    {"too_many_fields", "name,vcpu,memory_gib\na,4,16,9\n", 0,
     ":2: found 4 fields, expected 3 as the header has"},
    {"blank_line", "name,vcpu,memory_gib\n\na,4,16\n", 0,
     ":2: found 1 field, expected 3 as the header has"},
    {"nameless_row", "name,vcpu,memory_gib\n,4,16\n", 0,
     ":2: name: found nothing, expected a name"},
    {"name_twice", "name,vcpu,memory_gib\na,4,16\nb,4,16\na,8,16\n", 0,
     ":4: 'a' is there already, in line 2"},
    {"not_a_number", "name,vcpu,memory_gib\na,four,16\n", 0,
     ":2:3: vcpu: found 'four' (not a number), expected a number from 0.001 to "
     "1000000"},
    {"negative_price", HEAD "a,4,16,,,-1,,\n", 0,
     ":2:10: ondemand_usd_h: found '-1' (negative), expected a number from 0 to "
     "1000000"},
    {"nan", "name,vcpu,memory_gib\na,nan,16\n", 0,
     ":2:3: vcpu: found 'nan' (not a finite number), expected a number from 0.001 to "
     "1000000"},
    {"no_cpus", "name,vcpu,memory_gib\na,0,16\n", 0,
     ":2:3: vcpu: found '0' (too small), expected a number from 0.001 to 1000000"},
    {"too_many_gpus", HEAD "a,4,16,L4,65,1,,\n", 0,
     ":2:11: gpu_count: found '65' (too large), expected a number from 0 to 64"},
    {"model_without_number", HEAD "a,4,16,L4,,1,,\n", 0,
     ":2: gpu_model is 'L4' and gpu_count is not given or 0, expected both"},
    {"number_without_model", HEAD "a,4,16,,2,1,,\n", 0,
     ":2: gpu_count is 2 without gpu_model, expected both"},
    {"no_such_day", HEAD "a,4,16,,,1,2026-02-29,\n", 0,
     ":2:12: price_date: found '2026-02-29', expected a date such as 2026-07-20, "
     "'undated' "
     "or nothing"},
    {"american_date", HEAD "a,4,16,,,1,7/20/2026,\n", 0,
     ":2:12: price_date: found '7/20/2026', expected a date such as 2026-07-20, "
     "'undated' "
     "or nothing"},
    {"quote_in_a_field", "name,vcpu,memory_gib\na\"b,4,16\n", 0,
     ":2:2: a quote inside a field, expected the whole field in quotes"},
    {"text_after_a_quote", "name,vcpu,memory_gib\n\"a\"b,4,16\n", 0,
     ":2:4: text after the closing quote, expected ',' or the line's end"},
    {"open_quote", "name,vcpu,memory_gib\na,4,16\n\"b,4,16\nc,4,16\n", 0,
     ":3:1: a quoted field begins here and never ends"},
    {"line_break_in_a_name", "name,vcpu,memory_gib\n\"a\nb\",4,16\n", 0,
     ":2:1: found 'a\\x0ab', expected one line of printable UTF-8"},
    {"latin_1", "name,vcpu,memory_gib\n\xe4,4,16\n", 0,
     ":2:1: found '\\xe4', expected one line of printable UTF-8"},
    {"lone_carriage_return", "name,vcpu,memory_gib\na\rb,4,16\n", 0,
     ":2:2: a lone carriage return"},
};

static void text_is_read_or_refused_with_its_place(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog catalog = {.n = -7};
    struct sp_err err = {0};
    enum sp_status status =
        read_text(row->text, strlen(row->text), arena, &catalog, &err);

    if (row->want == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        assert_int_equal(catalog.n, row->n);
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_string_equal(err.text, row->want);
        assert_int_equal(catalog.n, -7);
    }
    sp_arena_free(arena);
}

static void fields_arrive_where_they_belong(void **state)
{
    static const char text[] =
        "notes,name,vcpu,memory_gib,gpu_model,gpu_count,spot_usd_h\n"
        "\"a \"\"b\"\", c\",=x,1.5,0.5,L4,0.125,0\n"
        ",y,4,16,,,\n";
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c = {0};
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(read_text(text, sizeof text - 1, arena, &c, &err), SP_OK);
    assert_int_equal(c.n, 2);
    assert_string_equal(c.rows[0].notes, "a \"b\", c");
    assert_string_equal(c.rows[0].name, "=x");
    assert_true(c.rows[0].vcpu == 1.5 && c.rows[0].memory_gib == 0.5);
    assert_string_equal(c.rows[0].gpu_model, "L4");
    assert_true(c.rows[0].gpu_count == 0.125);
    assert_true(c.rows[0].spot_usd_h == 0);       /* zero means zero */
    assert_true(isnan(c.rows[0].ondemand_usd_h)); /* no such column */
    assert_string_equal(c.rows[0].price_date, "");
    assert_true(isnan(c.rows[1].spot_usd_h)); /* nothing there */
    assert_true(c.rows[1].gpu_count == 0);
    assert_string_equal(c.rows[1].gpu_model, "");
    sp_arena_free(arena);
}

static void broken_row_far_down_is_named(void **state)
{
    enum { N = 40000 };
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c = {0};
    struct sp_err err = {0};
    size_t size = 0;
    char *text = malloc(N * 24 + 100);

    (void)state;
    assert_non_null(text);
    size += (size_t)sprintf(text, "name,vcpu,memory_gib\n");
    for (int i = 2; i <= N; i++)
        size += (size_t)sprintf(text + size, "n%d,4,%s\n", i, i == N ? "1O" : "16");
    assert_int_equal(read_text(text, size, arena, &c, &err), SP_EINPUT);
    assert_memory_equal(err.text, ":40000:10: memory_gib: found '1O'", 32);
    free(text);
    sp_arena_free(arena);
}

static void file_that_is_no_text_or_not_there_is_told(void **state)
{
    static const char nul[] = "name,vcpu,memory_gib\na\0b,4,16\n";
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c = {0};
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(read_text(nul, sizeof nul - 1, arena, &c, &err), SP_EINPUT);
    assert_string_equal(err.text, ": byte 23 is NUL, expected text");
    err = (struct sp_err){0};
    assert_int_equal(model_catalog_read("no/such.csv", arena, &c, &err), SP_EIO);
    assert_string_equal(err.text,
                        "no/such.csv: can't be opened: No such file or directory");
    err = (struct sp_err){0};
    assert_int_equal(model_catalog_read(".", arena, &c, &err), SP_EIO);
    sp_arena_free(arena);
}

/* Nothing a file holds may crash the reader, nor get past it as a number that is none.
 */
static void random_changes_are_read_or_refused(void **state)
{
    static const char base[] =
        HEAD "a,4,16,L4,1,0.5,2026-07-20,\"n, \"\"x\"\"\"\nb,8,32,,0,,,\n";
    static const char odd[] = "\",\n\r-.eEnai0123456789_ \xc3\xff";
    struct sp_rng r = sp_rng_from_key(77);
    int accepted = 0;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_catalog c = {0};
        struct sp_err err = {0};
        char text[sizeof base];
        uint64_t changes = 1 + sp_rng_next(&r) % 3;

        memcpy(text, base, sizeof base);
        for (uint64_t k = 0; k < changes; k++)
            text[sp_rng_next(&r) % (sizeof base - 1)] =
                odd[sp_rng_next(&r) % (sizeof odd - 1)];
        if (read_text(text, sizeof base - 1, arena, &c, &err) == SP_OK) {
            accepted++;
            for (int32_t k = 0; k < c.n; k++) {
                assert_true(isnan(c.rows[k].vcpu) || c.rows[k].vcpu > 0);
                assert_true(c.rows[k].gpu_count >= 0 && c.rows[k].gpu_count <= 64);
                assert_false(c.rows[k].ondemand_usd_h < 0 ||
                             isinf(c.rows[k].ondemand_usd_h));
            }
        } else {
            assert_int_equal(err.status, SP_EINPUT);
            assert_null(strchr(err.text, '\n'));
        }
        sp_arena_free(arena);
    }
    assert_in_range(accepted, 40, 3000);
}

/* ---- the built-in facts ---- */

static void built_in_rows_are_those_that_were_collected(void **state)
{
    static const struct {
        const char *provider;
        int n;
    } want[] = {{"aws", 40},    {"gcp", 26},      {"azure", 21},
                {"lambda", 12}, {"coreweave", 9}, {"nebius", 8}};
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c;
    int n[6] = {0}, with_gpu = 0;

    (void)state;
    model_catalog_builtin(arena, &c);
    assert_string_equal(c.origin, "built-in");
    assert_int_equal(c.n, 116);
    for (int32_t i = 0; i < c.n; i++) {
        for (int k = 0; k < 6; k++)
            n[k] += strcmp(c.rows[i].provider, want[k].provider) == 0;
        with_gpu += c.rows[i].gpu_count > 0;
    }
    for (int k = 0; k < 6; k++)
        assert_int_equal(n[k], want[k].n);
    assert_int_equal(with_gpu, 79);
    sp_arena_free(arena);
}

static void built_in_row_holds_its_facts(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c;
    const char *nearest = NULL;
    const struct model_instance *r;

    (void)state;
    model_catalog_builtin(arena, &c);
    r = model_catalog_find(&c, "Standard_ND96isr_H100_v5", &nearest);
    assert_non_null(r);
    assert_string_equal(nearest, r->name);
    assert_true(r->vcpu == 96 && r->memory_gib == 1900 && r->gpu_count == 8);
    assert_true(r->ondemand_usd_h == 98.32 && isnan(r->spot_usd_h));
    assert_string_equal(r->gpu_model, "H100-SXM5-80GB");
    assert_string_equal(r->price_date, "2026-06-18");
    assert_null(model_catalog_find(&c, "g5.xlrage", &nearest));
    assert_string_equal(nearest, "g5.xlarge");
    assert_null(model_catalog_find(&c, "something else", &nearest));
    assert_null(nearest);
    assert_null(model_catalog_find(&c, "", NULL));
    sp_arena_free(arena);
}

static void every_built_in_row_has_sources_and_a_known_gpu(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog c;
    struct model_gpus g;

    (void)state;
    model_catalog_builtin(arena, &c);
    model_gpus_builtin(arena, &g);
    for (int32_t i = 0; i < c.n; i++) {
        const struct model_instance *r = &c.rows[i];

        assert_true(r->spec_source[0] != '\0' && r->price_source[0] != '\0');
        assert_true(r->gpu_model[0] == '\0' ||
                    model_gpus_find(&g, r->gpu_model) != NULL);
        assert_false(r->spot_usd_h > r->ondemand_usd_h);
        /* a price without a date says so in words */
        assert_true(isnan(r->ondemand_usd_h) || r->price_date[0] != '\0' ||
                    strstr(r->notes, "undated") != NULL);
    }
    sp_arena_free(arena);
}

static void gpus_hold_dense_rates(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_gpus g;
    const struct model_gpu_facts *r;

    (void)state;
    model_gpus_builtin(arena, &g);
    assert_int_equal(g.n, 24);
    r = model_gpus_find(&g, "H100-SXM5-80GB");
    assert_non_null(r);
    assert_true(r->bf16_dense_tflops == 989.5 && r->mem_bandwidth_gbs == 3350);
    assert_true(r->tdp_w == 700 && r->mig_max_instances == 7);
    assert_string_equal(r->confidence, "A");
    r = model_gpus_find(&g, "T4");
    assert_non_null(r);
    assert_true(isnan(r->bf16_dense_tflops) && r->fp16_dense_tflops == 65);
    assert_null(model_gpus_find(&g, "T"));
    for (int32_t i = 0; i < g.n; i++)
        assert_true(strlen(g.rows[i].confidence) == 1 &&
                    strchr("ABC", g.rows[i].confidence[0]) != NULL);
    sp_arena_free(arena);
}

static int same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static int same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* All facts but the notes, which are ours to add to. */
static void built_in_facts_equal_the_collected_table(void **state)
{
    const char *folder = getenv("SHARED_DATA");
    struct sp_arena *arena = sp_arena_new();
    struct model_catalog ours, theirs;
    char path[4096];

    (void)state;
    snprintf(path, sizeof path, "%s/catalog/instances.csv",
             folder != NULL ? folder : "");
    if (folder == NULL || access(path, R_OK) != 0) {
        sp_arena_free(arena);
        print_message("no SHARED_DATA/catalog/instances.csv: not compared\n");
        skip();
    }
    model_catalog_builtin(arena, &ours);
    assert_int_equal(model_catalog_read(path, arena, &theirs, NULL), SP_OK);
    assert_int_equal(ours.n, theirs.n);
    for (int32_t i = 0; i < ours.n; i++)
        for (const struct model_column *c = model_instance_columns; c->name != NULL;
             c++) {
            const char *a = (const char *)&ours.rows[i] + c->offset;
            const char *b = (const char *)&theirs.rows[i] + c->offset;

            if (c->kind == MODEL_COLUMN_NUMBER)
                assert_true(same_number(*(const double *)(const void *)a,
                                        *(const double *)(const void *)b));
            else if (strcmp(c->name, "notes") != 0)
                assert_true(same_text(*(const char *const *)(const void *)a,
                                      *(const char *const *)(const void *)b));
        }
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 9 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(fields_arrive_where_they_belong),
        cmocka_unit_test(broken_row_far_down_is_named),
        cmocka_unit_test(file_that_is_no_text_or_not_there_is_told),
        cmocka_unit_test(random_changes_are_read_or_refused),
        cmocka_unit_test(built_in_rows_are_those_that_were_collected),
        cmocka_unit_test(built_in_row_holds_its_facts),
        cmocka_unit_test(every_built_in_row_has_sources_and_a_known_gpu),
        cmocka_unit_test(gpus_hold_dense_rates),
        cmocka_unit_test(built_in_facts_equal_the_collected_table),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = text_is_read_or_refused_with_its_place,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
