/* model/iteration.h: tables, fits and rooflines against hand arithmetic, and the laws.
 */
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

#include "iteration_laws.h"
#include "model/iteration.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Ticks to milliseconds. */
static double ms_of(int64_t ticks)
{
    return ldexp((double)ticks, -MODEL_TICK_BITS) * 1e-6;
}

/* To 10 ps: slopes are rounded to ticks of 2^-20 ns, at most one off for each token of
 * context, of which there are fewer than 10,000 here. */
static void assert_ms(double found, double want)
{
    if (!(fabs(found - want) <= 1e-8 + 1e-12 * want))
        fail_msg("found %.12f ms, expected %.12f", found, want);
}

static double ask(const struct model_iteration *it, struct model_batch b)
{
    struct model_iteration_time time;
    struct sp_err err = {0};

    if (model_iteration_time(it, &b, &time, &err) != SP_OK)
        fail_msg("%s", err.text);
    return ms_of(time.ticks);
}

static struct model_batch decodes(int32_t n, int64_t each)
{
    return (struct model_batch){.decodes = n,
                                .decode_context = n * each,
                                .decode_least = each,
                                .decode_most = each};
}

static struct model_batch prompt(int64_t tokens)
{
    struct model_batch b = {0};

    laws_add_chunk(&b, tokens, 0, true);
    return b;
}

static struct model_batch both(struct model_batch a, int64_t tokens)
{
    laws_add_chunk(&a, tokens, 0, true);
    return a;
}

/* ---- fits ---- */

/* OPT-13B on one A100-80G as DistServe publishes it (ms). */
static const struct model_fit_options opt_13b = {
    .prefill = {18.1e-3, 0.1019e-3, 7.12e-9},
    .decode = {19.9e-3, 6.27e-7, 0.0385e-3},
    .decode_large = {7.17e-3, 5.80e-7, 0.158e-3},
    .threshold = 95,
};

static void fit_is_distserves_formula_by_hand(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_iteration *it = NULL;
    struct model_batch two = {0};

    (void)state;
    assert_int_equal(model_iteration_fit(&opt_13b, arena, &it, NULL), SP_OK);
    laws_add_chunk(&two, 512, 0, true);
    laws_add_chunk(&two, 300, 0, true);
    /* 18.1 + 0.1019 x 812 + 7.12e-6 x (512^2 + 300^2) */
    assert_ms(ask(it, two), 103.35006528);
    /* 19.9 + 6.27e-4 x 5000 + 0.0385 x 10 */
    assert_ms(ask(it, decodes(10, 500)), 23.42);
    /* 94: 19.9 + 6.27e-4 x 9400 + 0.0385 x 94; 95: 7.17 + 5.8e-4 x 9500 + 0.158 x 95 */
    assert_ms(ask(it, decodes(94, 100)), 29.4128);
    assert_ms(ask(it, decodes(95, 100)), 27.69);
    /* Both: the sum less the smaller constant. */
    assert_ms(ask(it, both(decodes(10, 500), 512)),
              18.1 + 0.1019 * 512 + 7.12e-6 * 262144 + 23.42 - 18.1);
    sp_arena_free(arena);
}

static void chunks_of_a_prompt_come_to_the_whole_prompt(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_iteration *it = NULL;
    struct model_batch first = {0}, second = {0};

    (void)state;
    assert_int_equal(model_iteration_fit(&opt_13b, arena, &it, NULL), SP_OK);
    laws_add_chunk(&first, 300, 0, false);
    laws_add_chunk(&second, 212, 300, true);
    assert_ms(ask(it, first) + ask(it, second) - 18.1, ask(it, prompt(512)));
    sp_arena_free(arena);
}

static void mixed_rules_are_the_sum_the_longer_and_by_tokens(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_fit_options o = {.prefill = {0, 1e-3, 0}, .decode = {0, 0, 5e-3}};
    struct model_iteration *it = NULL;

    (void)state;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, both(decodes(4, 9), 10)), 30);
    o.mixed = MODEL_MIXED_MAX;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, both(decodes(4, 9), 10)), 20);
    o.mixed = MODEL_MIXED_TOKENS;
    o.mixed_factor = 1.5;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, both(decodes(4, 9), 10)), 21);
    assert_ms(ask(it, prompt(10)), 10);
    sp_arena_free(arena);
}

static void fits_that_would_be_negative_stay_at_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_fit_options o = {.decode = {1e-3, -1e-6, 0}};
    struct laws laws = {.decodes_most = 40, .context_most = 2000, .tokens_most = 100};
    struct model_iteration *it = NULL;

    (void)state;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, decodes(1, 400)), 0.6);
    assert_ms(ask(it, decodes(1, 4000)), 0);
    laws_hold(it, &laws, 11, 2000);
    o.decode[1] = NAN;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_EINPUT);
    sp_arena_free(arena);
}

/* A second per token of context: 2^61 ticks are 2,199.02 s. */
static void no_iteration_is_longer_than_the_clock_can_hold(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_fit_options o = {.decode = {0, 1, 0}};
    struct model_batch in = decodes(1, 2000), out = decodes(1, 2200);
    struct model_iteration *it = NULL;
    struct model_iteration_time time;
    struct model_line line;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_iteration_fit(&o, arena, &it, NULL), SP_OK);
    assert_int_equal(model_iteration_line(it, &in, &line, &time, NULL), SP_OK);
    assert_int_equal(line.count, 200);
    assert_int_equal(model_iteration_time(it, &out, &time, &err), SP_EINPUT);
    assert_string_equal(strstr(err.text, "an iteration takes"),
                        "an iteration takes more than 2,199 s, the longest there is");
    sp_arena_free(arena);
}

static void fits_obey_the_laws(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct laws laws = {.decodes_most = 300, .context_most = 5000, .tokens_most = 4096};
    struct model_iteration *it = NULL;

    (void)state;
    assert_int_equal(model_iteration_fit(&opt_13b, arena, &it, NULL), SP_OK);
    laws_hold(it, &laws, 12, 3000);
    sp_arena_free(arena);
}

/* ---- tables ---- */

static enum sp_status read_table(const char *text, struct model_table_options o,
                                 struct sp_arena *arena, struct model_iteration **it,
                                 struct sp_err *err)
{
    char path[] = "test_iteration_XXXXXX";
    int fd = mkstemp(path);
    enum sp_status status;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    o.path = path;
    o.shown = "t.csv";
    status = model_iteration_table(&o, arena, it, err);
    unlink(path);
    return status;
}

#define HEAD "phase,batch,tokens,ms\n"
#define GRID                                                                           \
    HEAD "prefill,1,100,10\nprefill,1,300,50\n"                                        \
         "decode,1,100,5\ndecode,1,500,7\ndecode,8,100,12\ndecode,8,500,30\n"

/* What is asked: `tokens` of prompts and `n` decodes with `each` context; `want` ms, or
 * the message. */
static struct row {
    const char *name, *text;
    enum model_mixed mixed;
    enum model_beyond beyond;
    int32_t n;
    int64_t each, tokens;
    double want;
    const char *message;
} rows[] = {
    {"prefill_at_a_point", GRID, .tokens = 100, .want = 10},
    {"prefill_between_points", GRID, .tokens = 150, .want = 20},
    {"decode_at_a_point", GRID, .n = 8, .each = 500, .want = 30},
    {"decode_between_contexts", GRID, .n = 1, .each = 200, .want = 5.5},
    {"decode_between_batches", GRID, .n = 2, .each = 100, .want = 6},
    {"decode_between_both", GRID, .n = 2, .each = 300, .want = 6 + 15. / 7},
    {"both_is_the_sum", GRID, .n = 2, .each = 100, .tokens = 100, .want = 16},
    {"both_is_the_longer", GRID, MODEL_MIXED_MAX, .n = 2, .each = 100, .tokens = 100,
     .want = 10},
    {"both_is_by_tokens", GRID, MODEL_MIXED_TOKENS, .n = 5, .each = 100, .tokens = 100,
     .want = 11},
    {"rows_in_any_order", HEAD "decode,2,9,4\ndecode,1,9,2\n", .n = 2, .each = 9,
     .want = 4},
    {"repeated_rows_count_as_their_median",
     HEAD "decode,1,9,2\ndecode,1,9,100\ndecode,1,9,3\n", .n = 1, .each = 9, .want = 3},
    {"one_context_means_that_it_does_not_matter", HEAD "decode,1,9,2\ndecode,3,9,4\n",
     .n = 2, .each = 12345, .want = 3},
    {"context_beyond_fails", GRID, .n = 1, .each = 501,
     .message =
         "t.csv knows decode contexts from 100 to 500, an iteration has 501: more "
         "rows, or 'beyond: clamp' or 'beyond: extend', would tell"},
    {"context_below_fails", GRID, .n = 2, .each = 99,
     .message =
         "t.csv knows decode contexts from 100 to 500, an iteration has 99: more "
         "rows, or 'beyond: clamp' or 'beyond: extend', would tell"},
    {"batch_beyond_fails", GRID, .n = 9, .each = 200,
     .message =
         "t.csv knows decode batches from 1 to 8, an iteration has 9: more rows, "
         "or 'beyond: clamp' or 'beyond: extend', would tell"},
    {"tokens_beyond_fail", GRID, .tokens = 301,
     .message =
         "t.csv knows prefill tokens from 100 to 300, an iteration has 301: more "
         "rows, or 'beyond: clamp' or 'beyond: extend', would tell"},
    {"tokens_of_1e12_fail", GRID, .tokens = 1000000000,
     .message = "t.csv knows prefill tokens from 100 to 300, an iteration has 1e+09: "
                "more rows, or 'beyond: clamp' or 'beyond: extend', would tell"},
    {"clamped_above", GRID, .beyond = MODEL_BEYOND_CLAMP, .n = 20, .each = 9000,
     .want = 30},
    {"clamped_below", GRID, .beyond = MODEL_BEYOND_CLAMP, .n = 1, .each = 3, .want = 5},
    {"clamped_prefill", GRID, .beyond = MODEL_BEYOND_CLAMP, .tokens = 9, .want = 10},
    {"extended_context", GRID, .beyond = MODEL_BEYOND_EXTEND, .n = 1, .each = 700,
     .want = 8},
    {"extended_batch", GRID, .beyond = MODEL_BEYOND_EXTEND, .n = 15, .each = 100,
     .want = 19},
    {"extended_down", GRID, .beyond = MODEL_BEYOND_EXTEND, .n = 8, .each = 50,
     .want = 9.75},
    {"extended_never_below_nothing", GRID, .beyond = MODEL_BEYOND_EXTEND, .tokens = 1,
     .want = 0},
    {"extended_prefill", GRID, .beyond = MODEL_BEYOND_EXTEND, .tokens = 500,
     .want = 90},
    {"no_decode_rows", HEAD "prefill,1,9,2\n", .n = 1, .each = 9,
     .message = "t.csv has no rows of phase decode, and sequences decode"},
    {"no_prefill_rows", HEAD "decode,1,9,2\n", .tokens = 9,
     .message = "t.csv has no rows of phase prefill, and prompts are computed"},
    {"hole", HEAD "decode,1,9,2\ndecode,1,20,2\ndecode,2,9,2\n",
     .message =
         "t.csv:4: a hole in the decode rows: batch 2 has no row with 20 tokens, "
         "expected one for every batch and context"},
    {"hole_at_the_front", HEAD "decode,1,20,2\ndecode,2,9,2\ndecode,2,20,2\n",
     .message = "t.csv:2: a hole in the decode rows: batch 1 has no row with 9 tokens, "
                "expected one for every batch and context"},
    {"negative_time", HEAD "decode,1,9,-2\n",
     .message = "t.csv:2:12: ms: found '-2' (negative), expected a number from 0 to "
                "1000000"},
    {"tokens_of_1e12", HEAD "prefill,1,1e12,2\n",
     .message =
         "t.csv:2:11: tokens: found '1e12' (too large), expected a number from 0 to "
         "1000000000"},
    {"half_a_token", HEAD "prefill,1,1.5,2\n",
     .message = "t.csv:2:11: tokens: found '1.5', expected a whole number"},
    {"batch_zero", HEAD "decode,0,9,2\n",
     .message = "t.csv:2:8: batch: found '0' (too small), expected a number from 1 to "
                "1000000"},
    {"prefill_of_several", HEAD "prefill,2,9,2\n",
     .message =
         "t.csv:2: batch: found 2 in a prefill row, expected 1 (tokens are those "
         "of all prompts of the iteration)"},
    {"unknown_phase", HEAD "prefil,1,9,2\n",
     .message = "t.csv:2: phase: found 'prefil', expected 'prefill' or 'decode'"},
    {"unknown_column", "phase,batch,tokens,millis\n",
     .message = "t.csv:1:20: unknown column 'millis', expected one like 'phase'"},
    {"missing_column", "phase,batch,ms\ndecode,1,2\n",
     .message = "t.csv:1: no column 'tokens', expected one in the header"},
    {"column_twice", "phase,batch,tokens,ms,ms\n",
     .message = "t.csv:1:23: column 'ms' is there twice or under two names"},
    {"short_row", HEAD "decode,1,9\n",
     .message = "t.csv:2: found 3 fields, expected 4 as the header has"},
    {"empty_file", "", .message = "t.csv: empty, expected a header line"},
    {"no_rows", HEAD, .message = "t.csv: no rows below the header"},
};

static void table_says(void **state)
{
    const struct row *row = *state;
    struct model_table_options o = {.mixed = row->mixed, .beyond = row->beyond};
    struct sp_arena *arena = sp_arena_new();
    struct model_iteration *it = NULL;
    struct model_iteration_time time = {0};
    struct sp_err err = {0};
    struct model_batch b =
        row->n > 0 ? decodes(row->n, row->each) : (struct model_batch){0};
    enum sp_status status = read_table(row->text, o, arena, &it, &err);

    if (row->tokens > 0)
        laws_add_chunk(&b, row->tokens, 0, true);
    if (status == SP_OK && b.decodes + b.prefills > 0)
        status = model_iteration_time(it, &b, &time, &err);
    if (row->message != NULL) {
        assert_int_equal(status, SP_EINPUT);
        assert_string_equal(err.text, row->message);
    } else {
        assert_int_equal(status, SP_OK);
        assert_ms(ms_of(time.ticks), row->want);
        assert_string_equal(model_iteration_text(it), "table t.csv");
    }
    sp_arena_free(arena);
}

static void beyond_is_told_and_reach_is_where_it_begins(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_table_options o = {.beyond = MODEL_BEYOND_EXTEND};
    struct model_iteration *it = NULL;
    struct model_iteration_time time;
    struct model_iteration_reach reach;
    struct model_batch in = decodes(8, 500), out = decodes(8, 501);

    (void)state;
    assert_int_equal(read_table(GRID, o, arena, &it, NULL), SP_OK);
    assert_int_equal(model_iteration_time(it, &in, &time, NULL), SP_OK);
    assert_false(time.beyond);
    assert_int_equal(model_iteration_time(it, &out, &time, NULL), SP_OK);
    assert_true(time.beyond);
    reach = model_iteration_reach(it);
    assert_true(reach.decodes == 0 && reach.decode_context_each == 0);
    o.beyond = MODEL_BEYOND_FAIL;
    assert_int_equal(read_table(GRID, o, arena, &it, NULL), SP_OK);
    reach = model_iteration_reach(it);
    assert_int_equal(reach.decodes, 8);
    assert_int_equal(reach.decode_context_each, 500);
    assert_int_equal(reach.prefill_tokens, 300);
    sp_arena_free(arena);
}

/* A row 5 3 | 4 4: pooled along contexts 4 4 | 4 4; with 6 2 below: 4 4, and columns.
 */
static void monotone_is_by_pooling_neighbours(void **state)
{
    static const char *text = HEAD "prefill,1,1,3\nprefill,1,2,1\nprefill,1,3,8\n"
                                   "decode,1,10,5\ndecode,1,20,3\n"
                                   "decode,2,10,2\ndecode,2,20,4\n";
    struct sp_arena *arena = sp_arena_new();
    struct model_table_options o = {.monotone = true};
    struct model_iteration *it = NULL;

    (void)state;
    assert_int_equal(read_table(text, o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, prompt(1)), 2);
    assert_ms(ask(it, prompt(2)), 2);
    assert_ms(ask(it, prompt(3)), 8);
    /* along contexts: 4 4 / 2 4; along batches: 3 4 / 3 4 */
    assert_ms(ask(it, decodes(1, 10)), 3);
    assert_ms(ask(it, decodes(2, 10)), 3);
    assert_ms(ask(it, decodes(1, 20)), 4);
    assert_ms(ask(it, decodes(2, 20)), 4);
    assert_string_equal(model_iteration_text(it), "table t.csv (made monotone)");
    sp_arena_free(arena);
}

/* 3 to 1 in the prompts, 5 to 3 in a context, 5 to 2 in a batch; kept as they are. */
static void falls_of_a_table_are_told(void **state)
{
    static const char *text = HEAD "prefill,1,1,3\nprefill,1,2,1\nprefill,1,3,8\n"
                                   "decode,1,10,5\ndecode,1,20,3\n"
                                   "decode,2,10,2\ndecode,2,20,4\n";
    struct sp_arena *arena = sp_arena_new();
    struct model_table_options o = {.monotone = false};
    struct model_iteration *it = NULL;

    (void)state;
    assert_int_equal(read_table(text, o, arena, &it, NULL), SP_OK);
    assert_ms(ask(it, prompt(2)), 1);
    assert_string_equal(model_iteration_text(it),
                        "table t.csv (not monotone: more work takes less time in 3 "
                        "places)");
    sp_arena_free(arena);
}

/* A noisy grid of 6 batches x 7 contexts. */
static void write_noisy(char *text, size_t size, uint64_t seed)
{
    struct sp_rng rng = sp_rng_from_key(seed);
    size_t used = (size_t)snprintf(text, size, HEAD);

    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 7; k++)
            used += (size_t)snprintf(
                text + used, size - used, "decode,%d,%d,%.6f\n", 1 << i, 37 * k * k + 5,
                10 + i + 0.3 * k + 3 * (sp_rng_uniform(&rng) - 0.5));
    for (int k = 1; k < 9; k++)
        used += (size_t)snprintf(text + used, size - used, "prefill,1,%d,%.6f\n",
                                 100 * k * k, 5 * k + 4 * sp_rng_uniform(&rng));
}

static void tables_obey_the_laws(void **state)
{
    const struct laws laws = {
        .decodes_most = 50, .context_most = 1700, .tokens_most = 9000};
    struct sp_arena *arena = sp_arena_new();
    char text[8000];

    (void)state;
    for (int beyond = MODEL_BEYOND_FAIL; beyond <= MODEL_BEYOND_EXTEND; beyond++)
        for (int monotone = 0; monotone < 2; monotone++) {
            struct model_table_options o = {.beyond = (enum model_beyond)beyond,
                                            .monotone = monotone == 1};
            struct laws own = laws;
            struct model_iteration *it = NULL;

            own.may_refuse = beyond == MODEL_BEYOND_FAIL;
            own.monotone = monotone == 1 && beyond == MODEL_BEYOND_CLAMP;
            write_noisy(text, sizeof text, (uint64_t)(2 * beyond + monotone + 1));
            assert_int_equal(read_table(text, o, arena, &it, NULL), SP_OK);
            laws_hold(it, &own, (uint64_t)(21 + 2 * beyond + monotone), 3000);
        }
    sp_arena_free(arena);
}

static void a_missing_file_is_named(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_table_options o = {.path = "no/such.csv", .shown = "such.csv"};
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_iteration_table(&o, arena, &it, &err), SP_EIO);
    assert_string_equal(err.text,
                        "such.csv: can't be opened: No such file or directory");
    assert_null(it);
    sp_arena_free(arena);
}

/* ---- rooflines ---- */

static const struct model_gpu gpu = {.name = "G",
                                     .bytes_per_s = 2e12,
                                     .bf16_flop_per_s = 400e12,
                                     .fp8_flop_per_s = 800e12,
                                     .link_bytes_per_s = 200e9};

static struct model_roofline_options bare(const char *llm)
{
    return (struct model_roofline_options){.llm = model_llm_find(llm),
                                           .gpu = &gpu,
                                           .tensor_parallel = 1,
                                           .compute_frac = 1,
                                           .memory_frac = 1,
                                           .link_frac = 1};
}

static struct model_iteration *roofline(struct model_roofline_options o,
                                        struct sp_arena *arena)
{
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    if (model_iteration_roofline(&o, arena, &it, &err) != SP_OK)
        fail_msg("%s", err.text);
    return it;
}

/* Llama-3.1-8B: a layer has 2 x 4096 x 128 x 40 + 3 x 4096 x 14336 = 218,103,808
 * weights; the head 4096 x 128256 = 525,336,576; 131,072 KV bytes a token. */
static void roofline_is_the_slower_of_operations_and_bytes_by_hand(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_iteration *it = roofline(bare("llama-3.1-8b"), arena);
    const double layers = 32 * 218103808.0, head = 525336576.0;
    struct model_iteration_time time;
    struct model_batch b = decodes(4, 1000), p = prompt(2048);

    (void)state;
    /* few tokens: bytes of all weights, and of 4,000 tokens of context */
    assert_ms(ask(it, b), (2 * layers + 2 * head + 131072. * 4000) / 2e12 * 1e3);
    assert_int_equal(model_iteration_time(it, &b, &time, NULL), SP_OK);
    assert_false(time.compute_bound);
    /* many: operations, one row of the head by its bytes; attention 4 x 32 x 32 x 128
     * for each of 2048 x 2049 / 2 pairs */
    assert_ms(ask(it, p), (2 * layers * 2048 + 524288. * 2098176) / 400e12 * 1e3 +
                              2 * head / 2e12 * 1e3);
    assert_int_equal(model_iteration_time(it, &p, &time, NULL), SP_OK);
    assert_true(time.compute_bound);
    assert_string_equal(model_iteration_text(it),
                        "roofline of llama-3.1-8b on G (compute 100 %, memory 100 %)");
    sp_arena_free(arena);
}

static void more_gpus_share_the_work_and_reduce(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_roofline_options o = bare("llama-3.1-8b");
    double one = ask(roofline(o, arena), decodes(4, 1000));

    (void)state;
    o.tensor_parallel = 4;
    o.all_reduce_s = 10e-6;
    /* 64 all-reduces: 10 us + 2 x 3/4 x 4 tokens x 4096 x 2 B / 200 GB/s each */
    assert_ms(ask(roofline(o, arena), decodes(4, 1000)),
              one / 4 + 64 * (10e-3 + 1.5 * 4 * 8192 / 200e9 * 1e3));
    sp_arena_free(arena);
}

static void overheads_and_efficiencies_count(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_roofline_options o = bare("llama-3.1-8b");
    double one = ask(roofline(o, arena), decodes(4, 1000));

    (void)state;
    o.memory_frac = 0.5;
    o.layer_s = 1e-5;
    o.step_s = 1e-3;
    assert_ms(ask(roofline(o, arena), decodes(4, 1000)), 2 * one + 0.32 + 1);
    sp_arena_free(arena);
}

static void eight_bit_weights_are_half_the_bytes_at_twice_the_rate(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_llm llm = *model_llm_find("llama-3.1-8b");
    struct model_roofline_options o = bare("llama-3.1-8b");
    double few = ask(roofline(o, arena), decodes(4, 0));
    double many = ask(roofline(o, arena), prompt(2048));

    (void)state;
    llm.weight_bits = 8;
    o.llm = &llm;
    assert_ms(ask(roofline(o, arena), decodes(4, 0)), few / 2);
    assert_ms(ask(roofline(o, arena), prompt(2048)), many / 2);
    sp_arena_free(arena);
}

/* One token of Mixtral meets 2 of 8 experts: its bytes are those of its active
 * parameters. */
static void experts_that_nobody_visits_are_not_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_llm *m = model_llm_find("mixtral-8x7b");
    struct model_iteration *it = roofline(bare("mixtral-8x7b"), arena);

    (void)state;
    assert_ms(ask(it, decodes(1, 0)), model_llm_active_parameters(m) * 2 / 2e12 * 1e3);
    sp_arena_free(arena);
}

static void rooflines_obey_the_laws(void **state)
{
    static const char *const models[] = {"llama-3.1-8b", "mixtral-8x7b", "opt-13b"};
    const struct laws laws = {.decodes_most = 600,
                              .context_most = 100000,
                              .tokens_most = 8192,
                              .monotone = true};
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct model_roofline_options o = model_roofline_defaults();

        o.llm = model_llm_find(models[i]);
        o.gpu = &gpu;
        o.tensor_parallel = 1 << i;
        laws_hold(roofline(o, arena), &laws, (uint64_t)(31 + i), 3000);
    }
    sp_arena_free(arena);
}

static void rooflines_without_facts_are_refused(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_gpu poor = gpu;
    struct model_roofline_options o = bare("opt-13b");
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    (void)state;
    o.memory_frac = 0;
    assert_int_equal(model_iteration_roofline(&o, arena, &it, &err), SP_EINPUT);
    assert_string_equal(
        err.text, "found the efficiency 0 of memory, expected one above 0, at most 1");
    o = bare("opt-13b");
    o.gpu = &poor;
    o.tensor_parallel = 2;
    poor.link_bytes_per_s = 0;
    err = (struct sp_err){0};
    assert_int_equal(model_iteration_roofline(&o, arena, &it, &err), SP_EINPUT);
    assert_string_equal(err.text, "G: the datasheet has no link between GPUs, expected "
                                  "one for 2 GPUs");
    poor.bf16_flop_per_s = NAN;
    assert_int_equal(model_iteration_roofline(&o, arena, &it, NULL), SP_EINPUT);
    sp_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(fit_is_distserves_formula_by_hand),
        cmocka_unit_test(chunks_of_a_prompt_come_to_the_whole_prompt),
        cmocka_unit_test(mixed_rules_are_the_sum_the_longer_and_by_tokens),
        cmocka_unit_test(fits_that_would_be_negative_stay_at_nothing),
        cmocka_unit_test(no_iteration_is_longer_than_the_clock_can_hold),
        cmocka_unit_test(fits_obey_the_laws),
        cmocka_unit_test(beyond_is_told_and_reach_is_where_it_begins),
        cmocka_unit_test(monotone_is_by_pooling_neighbours),
        cmocka_unit_test(falls_of_a_table_are_told),
        cmocka_unit_test(tables_obey_the_laws),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(roofline_is_the_slower_of_operations_and_bytes_by_hand),
        cmocka_unit_test(more_gpus_share_the_work_and_reduce),
        cmocka_unit_test(overheads_and_efficiencies_count),
        cmocka_unit_test(eight_bit_weights_are_half_the_bytes_at_twice_the_rate),
        cmocka_unit_test(experts_that_nobody_visits_are_not_read),
        cmocka_unit_test(rooflines_obey_the_laws),
        cmocka_unit_test(rooflines_without_facts_are_refused),
    };
    enum { OTHERS = sizeof others / sizeof others[0] };
    struct CMUnitTest tests[OTHERS + N_ROWS];

    memcpy(tests, others, sizeof others);
    for (size_t i = 0; i < N_ROWS; i++)
        tests[OTHERS + i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = table_says, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("iteration", tests, NULL, NULL);
}
