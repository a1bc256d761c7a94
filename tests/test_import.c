/* calibrate/import.h: medians and spreads by hand, what is refused and where, and what
 * becomes of a published table. */
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

#include "calibrate/import.h"
#include "model/llm.h"
#include "profile_text.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Imports `text`; the file's name in a message becomes "FILE". */
static enum sp_status import_text(const char *text, struct sp_arena *arena,
                                  struct model_profile **profile, struct sp_err *err)
{
    char *path = sp_arena_strdup(arena, "/tmp/stageplan-test-XXXXXX");
    const struct cal_import import = {path, "2026-11-22T20:10:00Z", "test"};
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "wb");
    enum sp_status status;

    sp_assert(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
    status = cal_import_profile(&import, arena, profile, err);
    unlink(path);
    if (status != SP_OK && strncmp(err->text, path, strlen(path)) == 0) {
        char *rest = sp_arena_strdup(arena, err->text + strlen(path));

        snprintf(err->text, sizeof err->text, "FILE%s", rest);
    }
    return status;
}

#define HEAD "model,gpu,tokens,ms\n"

/* want NULL: read. */
static struct row {
    const char *name, *text, *want;
} rows[] = {
    {"one_row", HEAD "m,L4,512,20\n", NULL},
    {"columns_in_any_order", "ms,x,gpu,model\n20,512,L4,m\n", NULL},
    {"last_line_without_end", HEAD "m,L4,512,20", NULL},
    {"crlf", "model,gpu,batch,ms\r\nm,L4,1,20\r\n", NULL},
    {"zero_tokens", HEAD "m,L4,0,20\n", NULL},
    {"no_spread_told", "model,gpu,batch,ms,sd,repeats\nm,L4,1,20,,\n", NULL},
    {"empty_file", "", "FILE: empty, expected a header line"},
    {"no_rows", HEAD, "FILE: no rows, expected measurements"},
    {"no_times", "model,gpu,tokens\nm,L4,512\n",
     "FILE:1: no known set of columns, expected model, gpu, one of tokens, batch and "
     "x, "
     "and ms (milliseconds)"},
    {"seconds_are_not_guessed", "model,gpu,tokens,s\nm,L4,512,1\n",
     "FILE:1: no known set of columns, expected model, gpu, one of tokens, batch and "
     "x, "
     "and ms (milliseconds)"},
    {"column_that_tells_rows_apart", "model,gpu,tokens,precision,ms\nm,L4,512,fp8,20\n",
     "FILE:1:18: unknown column 'precision', which may tell rows apart: expected one "
     "of "
     "model, gpu, tokens, batch, x, ms, tensor_parallel, operator, kernel, phase, sd, "
     "repeats"},
    {"misspelt_column", "model,gpu,tokens,ms,phse\nm,L4,512,20,a\n",
     "FILE:1:21: unknown column 'phse', did you mean 'phase'?"},
    {"two_axes", "model,gpu,tokens,batch,ms\nm,L4,512,1,20\n",
     "FILE:1:18: unknown column 'batch', which may tell rows apart: expected one of "
     "model, gpu, tokens, batch, x, ms, tensor_parallel, operator, kernel, phase, sd, "
     "repeats"},
    {"column_twice", "model,gpu,tokens,ms,ms\nm,L4,512,20,20\n",
     "FILE:1:21: the column 'ms' is there twice"},
    {"too_few_fields", HEAD "m,L4,512,20\nm,L4,512\n",
     "FILE:3: found 3 fields, expected 4 as the header has"},
    {"blank_line", HEAD "m,L4,512,20\n\nm,L4,512,20\n",
     "FILE:3: found 1 field, expected 4 as the header has"},
    {"no_number", HEAD "m,L4,512,20\nm,L4,512,fast\n",
     "FILE:3:10: ms: found 'fast' (not a number), expected a number from 1e-09 to "
     "1000000000000"},
    {"no_time_at_all", HEAD "m,L4,512,\n",
     "FILE:2:10: ms: found nothing, expected a number from 1e-09 to "
     "1000000000000"},
    {"time_of_zero", HEAD "m,L4,512,0\n",
     "FILE:2:10: ms: found '0' (too small), expected a number from 1e-09 to "
     "1000000000000"},
    {"negative_tokens", HEAD "m,L4,-1,20\n",
     "FILE:2:6: tokens: found '-1' (negative), expected a number from 0 to "
     "1e+15"},
    {"nan", HEAD "m,L4,nan,20\n",
     "FILE:2:6: tokens: found 'nan' (not a finite number), expected a number from 0 to "
     "1e+15"},
    {"half_a_repeat", "model,gpu,x,ms,repeats\nm,L4,1,20,0.5\n",
     "FILE:2:11: repeats: found '0.5' (too small), expected a number from 1 to "
     "1000000"},
    {"negative_sd", "model,gpu,x,ms,sd\nm,L4,1,20,-1\n",
     "FILE:2:11: sd: found '-1' (negative), expected a number from 0 to 1000000000000"},
    {"nameless_model", HEAD "m,L4,512,20\n,L4,512,20\n",
     "FILE:3:1: model: a name of 0 bytes, expected 1 to 100"},
    {"nameless_gpu", HEAD "m,,512,20\n",
     "FILE:2:3: gpu: a name of 0 bytes, expected 1 to 100"},
    {"name_that_is_too_long",
     "model,gpu,x,ms,phase\nm,L4,1,20,"
     "0123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678\n",
     "FILE:2:1: model: a name of 101 bytes, expected 1 to 100"},
    {"open_quote", HEAD "\"m,L4,512,20\n",
     "FILE:2:1: a quoted field begins here and never ends"},
    {"control_character", HEAD "m\x01,L4,512,20\n",
     "FILE:2:1: found 'm\\x01', expected one line of printable UTF-8"},
};

static void is_read_or_refused(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *profile = NULL;
    struct sp_err err = {0};
    enum sp_status status = import_text(row->text, arena, &profile, &err);

    assert_string_equal(err.text, row->want == NULL ? "" : row->want);
    assert_int_equal(status, row->want == NULL ? SP_OK : SP_EINPUT);
    assert_true((profile != NULL) == (row->want == NULL));
    sp_arena_free(arena);
}

static bool is_near(double found, double want)
{
    return fabs(found - want) <= 1e-13 * fabs(want);
}

static const struct model_kernel *kernel(const struct model_profile *p,
                                         const char *name, const char *device)
{
    const struct model_kernel *k = NULL;
    struct sp_err err = {0};

    if (model_profile_find(p, name, device, &k, &err) != SP_OK)
        fail_msg("%s", err.text);
    return k;
}

/* Of 10, 14, 11, 30, 12 the median is 12 and the median of 2, 2, 1, 18, 0 is 2; of 20
 * and 22 it is 21, and of 1 and 1 it is 1. */
static void repeats_give_median_and_spread(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const double unit = 1.2533141373155003 * 1.482602218505602;
    struct model_profile *p = NULL;
    const struct model_kernel *k;

    (void)state;
    assert_int_equal(import_text(HEAD "m,L4,8,20\nm,L4,1,10\nm,L4,1,14\nm,L4,1,11\n"
                                      "m,L4,1,30\nm,L4,8,22\nm,L4,1,12\nm,L4,64,50\n",
                                 arena, &p, NULL),
                     SP_OK);
    assert_int_equal(p->n_kernels, 1);
    k = &p->kernels[0];
    assert_int_equal(k->n_points, 3);
    assert_true(k->points[0].x == 1 && k->points[1].x == 8 && k->points[2].x == 64);
    assert_true(is_near(k->points[0].s, 12e-3));
    assert_true(is_near(k->points[1].s, 21e-3));
    assert_true(is_near(k->points[2].s, 50e-3));
    assert_true(is_near(k->points[0].sd_frac, unit * 2 / sqrt(5) / 12));
    assert_true(is_near(k->points[1].sd_frac, unit * 1 / sqrt(2) / 21));
    assert_true(k->points[2].sd_frac == 0);
    assert_int_equal(k->points[0].blocks, 5);
    assert_int_equal(k->points[2].blocks, 1);
    /* of the three spreads the middle one; it is below the floor of 8 % */
    assert_true(is_near(k->sd_within, unit / sqrt(2) / 21));
    assert_true(k->sd_floor == 0.08);
    assert_true(is_near(k->sd_frac, fmax(k->sd_within, 0.08)));
    sp_arena_free(arena);
}

/* 4 ms of 16 measurements are 1 ms of their mean; of two such rows 1 / sqrt(2). */
static void spread_that_is_told_counts(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *p = NULL;
    const struct model_kernel *k;

    (void)state;
    assert_int_equal(import_text("model,gpu,batch,ms,sd,repeats\nm,L4,1,20,4,16\n"
                                 "m,L4,2,40,4,16\nm,L4,2,40,4,16\nm,L4,4,80,8,\n",
                                 arena, &p, NULL),
                     SP_OK);
    k = &p->kernels[0];
    assert_true(is_near(k->points[0].sd_frac, 1.0 / 20));
    assert_true(is_near(k->points[1].sd_frac, sqrt(0.5) / 40));
    assert_true(is_near(k->points[2].sd_frac, 8.0 / 80));
    assert_int_equal(k->points[0].blocks, 16);
    assert_int_equal(k->points[1].blocks, 32);
    assert_int_equal(k->points[2].blocks, 1);
    sp_arena_free(arena);
}

static void one_kernel_for_each_name_and_gpu(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *p = NULL;
    const struct model_kernel *k;

    (void)state;
    assert_int_equal(import_text("model,gpu,batch,phase,operator,tensor_parallel,ms\n"
                                 "m,L4,1,decode,mlp,2,1\nm,L4,1,prefill,mlp,2,2\n"
                                 "m,home-made,1,decode,mlp,2,3\nm,L4,1,decode,,4,4\n",
                                 arena, &p, NULL),
                     SP_OK);
    assert_int_equal(p->n_kernels, 4);
    assert_true(kernel(p, "m/tp2/mlp/decode", "L4")->points[0].s == 1e-3);
    assert_true(kernel(p, "m/tp2/mlp/prefill", NULL)->points[0].s == 2e-3);
    k = kernel(p, "m/tp2/mlp/decode", "home-made");
    assert_true(k->points[0].s == 3e-3);
    assert_string_equal(k->device, "home-made");
    assert_int_equal(k->device_id, 1);
    assert_true(kernel(p, "m/tp4/decode", NULL)->points[0].s == 4e-3);
    assert_int_equal(p->n_devices, 2);
    assert_string_equal(p->devices[0].catalog, "L4");
    assert_null(p->devices[1].catalog);
    assert_true(p->devices[0].is_gpu && p->devices[1].is_gpu);
    assert_string_equal(p->mode, "import");
    assert_string_equal(p->created, "2026-11-22T20:10:00Z");
    assert_int_equal(k->basis, MODEL_BASIS_MEASURED);
    assert_int_equal(k->calls, MODEL_CALLS_PER_TASK);
    assert_string_equal(k->axis, "batch");
    assert_non_null(strstr(k->source, "/tmp/stageplan-test-"));
    assert_string_equal(p->notes[0],
                        "home-made is no row of the GPU datasheets: its kernels can't "
                        "be scaled to other hardware");
    /* and it says of each of the four that one point is no curve */
    assert_int_equal(p->n_notes, 5);
    sp_arena_free(arena);
}

/* 5 ms + 0.1 ms a token, exactly: printed, read, and asked inside and outside. */
static void what_was_imported_gives_times(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *made = NULL, *p = NULL;
    const struct model_kernel_draw none = {0};
    struct sp_err err = {0};
    const struct model_kernel *k;

    (void)state;
    assert_int_equal(import_text(HEAD "m,L4,10,6\nm,L4,50,10\nm,L4,100,15\n"
                                      "m,L4,200,25\nm,L4,400,45\nm,L4,800,85\n",
                                 arena, &made, &err),
                     SP_OK);
    if (profile_from(profile_printed(made, arena), arena, &p, &err) != SP_OK)
        fail_msg("%s", err.text);
    k = kernel(p, "m", NULL);
    assert_true(is_near(model_kernel_at(k, &none, 100).s, 15e-3));
    assert_false(model_kernel_at(k, &none, 100).extrapolated);
    /* between 100 and 400 log-log: the geometric mean of 15 and 25 at sqrt(2e4) */
    assert_true(is_near(model_kernel_at(k, &none, sqrt(20000)).s, sqrt(15e-3 * 25e-3)));
    assert_string_equal(k->fits[0].form->name, "linear");
    assert_true(model_kernel_at(k, &none, 8000).extrapolated);
    assert_true(fabs(model_kernel_at(k, &none, 8000).s / 805e-3 - 1) < 1e-6);
    assert_true(fabs(model_kernel_at(k, &none, 0).s / 5e-3 - 1) < 1e-6);
    sp_arena_free(arena);
}

static void too_many_points_are_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile *p = NULL;
    struct sp_err err = {0};
    char text[8000] = HEAD;

    (void)state;
    for (int i = 0; i < 257; i++) {
        size_t used = strlen(text);

        snprintf(text + used, sizeof text - used, "m,L4,%d,20\n", i);
    }
    assert_int_equal(import_text(text, arena, &p, &err), SP_EINPUT);
    assert_string_equal(err.text, "FILE:2: kernel 'm' has more than 256 points");
    sp_arena_free(arena);
}

/* ---- a published table ---- */

static const char *splitwise(struct sp_arena *arena)
{
    const char *data = getenv("SHARED_DATA");
    const char *path =
        sp_arena_printf(arena, "%s/llm/splitwise_perf_model.csv", data ? data : "");

    if (data == NULL || access(path, R_OK) != 0) {
        fprintf(stderr, "skipped: no %s\n", path);
        return NULL;
    }
    return path;
}

static void published_columns_are_read_as_they_are(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct cal_import import = {splitwise(arena), "", "test"};
    struct model_profile *p = NULL, *again = NULL;
    struct sp_err err = {0};
    const struct model_kernel *k;

    (void)state;
    if (import.path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    assert_int_equal(cal_import_profile(&import, arena, &p, &err), SP_OK);
    /* llama2-70b at 2, 4 and 8 ways, bloom-176b at 8: two curves each on three GPUs */
    assert_int_equal(p->n_kernels, 24);
    assert_int_equal(p->n_devices, 3);
    k = kernel(p, "llama2-70b/tp8/prefill", "a100-80gb");
    assert_int_equal(k->n_points, 7); /* 128, 256, ... 8192 */
    assert_true(k->points[0].x == 128 && k->points[6].x == 8192);
    /* five measurements, each there three times: by sort(1) */
    assert_true(k->points[2].x == 512 && k->points[2].blocks == 15);
    assert_true(is_near(k->points[2].s, 94.31009995751084e-3));
    k = kernel(p, "llama2-70b/tp8/decode", "a100-80gb");
    assert_int_equal(k->n_points, 7); /* 1, 2, ... 64 */
    assert_true(k->points[6].x == 64 && k->points[6].blocks == 5);
    assert_true(is_near(k->points[6].s, 71.6051476655572e-3));
    assert_string_equal(p->devices[0].catalog, "A100-SXM4-80GB");
    if (profile_from(profile_printed(p, arena), arena, &again, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(again->n_kernels, 24);
    sp_arena_free(arena);
}

/* What the A100's kernels become by datasheet, against what was measured on the H100:
 * within the uncertainty that such a transfer claims. */
static void transfer_to_the_next_gpu_is_as_good_as_it_says(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct cal_import import = {splitwise(arena), "", "test"};
    double squares[2] = {0}, n[2] = {0}, outside[2] = {0};
    struct model_profile *p = NULL;
    struct model_gpu from, to;

    (void)state;
    if (import.path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    assert_int_equal(cal_import_profile(&import, arena, &p, NULL), SP_OK);
    assert_int_equal(model_gpu_find("A100-SXM4-80GB", arena, &from, NULL), SP_OK);
    assert_int_equal(model_gpu_find("H100-SXM5-80GB", arena, &to, NULL), SP_OK);
    for (int32_t i = 0; i < p->n_kernels; i++) {
        const struct model_kernel *k = &p->kernels[i], *moved = NULL, *there;
        int prompt = k->bound == MODEL_BOUND_COMPUTE;

        if (strcmp(k->device, "a100-80gb") != 0)
            continue;
        assert_int_equal(model_kernel_transfer(k, &from, &to, arena, &moved, NULL),
                         SP_OK);
        there = kernel(p, k->name, "h100-80gb");
        for (int32_t j = 0; j < k->n_points; j++) {
            double error = log(moved->points[j].s / there->points[j].s);

            assert_true(k->points[j].x == there->points[j].x);
            outside[prompt] += fabs(error) > 2 * moved->sd_frac;
            squares[prompt] += error * error;
            n[prompt]++;
        }
    }
    assert_true(n[0] == 28 && n[1] == 28);
    assert_true(outside[0] <= n[0] / 20 && outside[1] <= n[1] / 20);
    printf("from A100 to H100: by memory rms %.3f, by operations rms %.3f\n",
           sqrt(squares[0] / n[0]), sqrt(squares[1] / n[1]));
    assert_true(sqrt(squares[0] / n[0]) < MODEL_TRANSFER_SD);
    assert_true(sqrt(squares[1] / n[1]) < MODEL_TRANSFER_FLOP_SD);
    sp_arena_free(arena);
}

int main(void)
{
    enum { FIXED = 7 };
    struct CMUnitTest tests[N_ROWS + FIXED] = {
        cmocka_unit_test(repeats_give_median_and_spread),
        cmocka_unit_test(spread_that_is_told_counts),
        cmocka_unit_test(one_kernel_for_each_name_and_gpu),
        cmocka_unit_test(what_was_imported_gives_times),
        cmocka_unit_test(too_many_points_are_told),
        cmocka_unit_test(published_columns_are_read_as_they_are),
        cmocka_unit_test(transfer_to_the_next_gpu_is_as_good_as_it_says),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[FIXED + i] = (struct CMUnitTest){.name = rows[i].name,
                                               .test_func = is_read_or_refused,
                                               .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
