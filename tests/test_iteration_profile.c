/* model/iteration.h, measured kernels: a small folder by hand arithmetic, what is
 * refused in one, and real folders by sums of their rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iteration_laws.h"
#include "model/iteration.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Two layers, eight wide. */
static const struct model_llm small = {.name = "small",
                                       .layers = 2,
                                       .hidden = 8,
                                       .heads = 2,
                                       .kv_heads = 1,
                                       .head_dim = 4,
                                       .ffn = 16,
                                       .gated = true,
                                       .experts = 1,
                                       .experts_per_token = 1,
                                       .vocabulary = 100,
                                       .weight_bits = 16,
                                       .kv_bits = 16};

/* Norms take 1 us a token, the products of a layer 2 + 3 + 4 + 5 us, the ends 7 + 0.5.
 */
#define DENSE                                                                          \
    "layer,tokens,time_us\nlayernorm,1,1\nlayernorm,101,101\nqkv_proj,1,2\n"           \
    "o_proj,1,3\ngate_up_proj,1,4\ndown_proj,1,5\ndown_proj,101,5\nembedding,1,7\n"    \
    "qkv_proj,101,2\no_proj,101,3\ngate_up_proj,101,4\nembedding,101,7\n"              \
    "final_layernorm,1,0.5\nfinal_layernorm,101,0.5\n"
/* The head takes 9 us + 1 a row, the sampler 1. */
#define ROWS                                                                           \
    "layer,sequences,time_us\nlm_head,1,10\nlm_head,11,20\nsampler,1,1\nsampler,11,"   \
    "1\n"
#define ATTENTION_HEAD "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n"
#define DECODES                                                                        \
    "0,0,1,10,1\n0,0,1,110,11\n0,0,4,10,2\n0,0,4,110,42\n0,0,8,10,4\n0,0,8,60,24\n"
#define ATTENTION                                                                      \
    ATTENTION_HEAD DECODES "16,0,0,0,20\n16,0,4,10,30\n16,0,4,110,50\n"                \
                           "16,100,0,0,40\n16,100,4,10,50\n16,100,4,110,70\n"
/* The same with the mean key in place of the context, as newer profilers write it. */
#define KEYED                                                                          \
    "layer,prefill_chunk,prefill_key,n_decode,kv_decode,decode_q_len,time_us\n"        \
    "a,0,0,1,10,1,1\na,0,0,1,110,1,11\na,0,0,4,10,1,2\na,0,0,4,110,1,42\n"             \
    "a,0,0,8,10,1,4\na,0,0,8,60,1,24\na,0,0,8,60,2,99\n"                               \
    "a,16,8,0,0,1,20\na,16,8,4,10,1,30\na,16,8,4,110,1,50\n"                           \
    "a,16,108,0,0,1,40\na,16,108,4,10,1,50\na,16,108,4,110,1,70\n"
#define SKEW                                                                           \
    "pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha,n_samples\n"               \
    "0,n<=4,sr<=40%,kvB<=1k,kp=0,0.5,3\n16,n<=4,sr<=40%,kvB<=1k,kp=0,1.0,3\n"
#define META "skew_fit:\n  per_tp:\n    1:\n      alpha_default: 0.25\n"
#define MOE                                                                            \
    "ep,tokens,activated_experts,time_us\n1,1,2,100\n1,3,2,100\n1,3,4,200\n2,1,2,7\n"

/* Files by name; text NULL: not there. */
struct file {
    const char *name, *text;
};
enum { FILES = 6 };
struct folder {
    struct file files[FILES];
};

static struct folder whole(void)
{
    return (struct folder){{{"dense.csv", DENSE},
                            {"per_sequence.csv", ROWS},
                            {"attention.csv", ATTENTION},
                            {"skew_fit.csv", SKEW},
                            {"meta.yaml", META},
                            {"moe.csv", NULL}}};
}

static struct folder with(const char *name, const char *text)
{
    struct folder f = whole();

    for (int i = 0; i < FILES; i++)
        if (strcmp(f.files[i].name, name) == 0)
            f.files[i].text = text;
    return f;
}

static const char PIPE[] = "a pipe, not a file with this text";

static void write_file(const char *folder, const struct file *file)
{
    char path[256];
    FILE *f;

    if (file->text == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, file->name);
    if (file->text == PIPE) {
        assert_int_equal(mkfifo(path, 0600), 0);
        return;
    }
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(file->text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Reads the folder's files from `sub` of a folder called "P", metadata above. */
static enum sp_status read_folder(const struct folder *f, const char *sub,
                                  struct model_folder_options o, struct sp_arena *arena,
                                  struct model_iteration **it, struct sp_err *err)
{
    char top[] = "test_profile_XXXXXX", inner[64], path[300];
    enum sp_status status;

    assert_non_null(mkdtemp(top));
    snprintf(inner, sizeof inner, "%s%s", top, sub);
    if (sub[0] != '\0')
        assert_int_equal(mkdir(inner, 0700), 0);
    for (int i = 0; i < FILES; i++)
        write_file(strcmp(f->files[i].name, "meta.yaml") == 0 ? top : inner,
                   &f->files[i]);
    o.path = top;
    o.shown = "P";
    o.llm = o.llm != NULL ? o.llm : &small;
    o.tensor_parallel = o.tensor_parallel > 0 ? o.tensor_parallel : 1;
    status = model_iteration_profile(&o, arena, it, err);
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s",
                 strcmp(f->files[i].name, "meta.yaml") == 0 ? top : inner,
                 f->files[i].name);
        unlink(path);
    }
    if (sub[0] != '\0')
        rmdir(inner);
    rmdir(top);
    return status;
}

static struct model_iteration *read_small(const struct folder *f,
                                          struct model_folder_options o,
                                          struct sp_arena *arena)
{
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    if (read_folder(f, "", o, arena, &it, &err) != SP_OK)
        fail_msg("%s", err.text);
    return it;
}

static double us_of(int64_t ticks)
{
    return ldexp((double)ticks, -MODEL_TICK_BITS) * 1e-3;
}

static void assert_us(const struct model_iteration *it, struct model_batch b,
                      double want)
{
    struct model_iteration_time time;
    struct sp_err err = {0};

    if (model_iteration_time(it, &b, &time, &err) != SP_OK)
        fail_msg("%s", err.text);
    /* Ticks, and half of one for each of at most 1,000 tokens of context. */
    if (fabs(us_of(time.ticks) - want) > 1e-6)
        fail_msg("found %.9f us, expected %.9f", us_of(time.ticks), want);
}

static struct model_batch contexts(int32_t n, const int64_t *each)
{
    struct model_batch b = {
        .decodes = n, .decode_least = each[0], .decode_most = each[0]};

    for (int32_t i = 0; i < n; i++) {
        b.decode_context += each[i];
        b.decode_least = each[i] < b.decode_least ? each[i] : b.decode_least;
        b.decode_most = each[i] > b.decode_most ? each[i] : b.decode_most;
    }
    return b;
}

static struct model_batch even(int32_t n, int64_t each)
{
    return (struct model_batch){.decodes = n,
                                .decode_context = n * each,
                                .decode_least = each,
                                .decode_most = each};
}

static struct model_batch plus(struct model_batch b, int64_t chunk, int64_t context,
                               bool ends)
{
    laws_add_chunk(&b, chunk, context, ends);
    return b;
}

static const struct model_batch nothing;

/* All that does not attend: two layers of 2 T + 14 us, 7.5, and the head. */
static double other_us(double tokens, double head_rows)
{
    return 2 * (2 * tokens + 14) + 7.5 + (head_rows > 0 ? 10 + head_rows : 0);
}

static void check_by_hand(const struct model_iteration *it)
{
    const int64_t skewed[] = {20, 20, 20, 100}, odd[] = {20, 100, 100, 100};

    /* a point; between contexts; between batches; the last point */
    assert_us(it, even(4, 110), other_us(4, 4) + 2 * 42);
    assert_us(it, even(4, 60), other_us(4, 4) + 2 * 22);
    assert_us(it, even(2, 60), other_us(2, 2) + 2 * (6 * 2. / 3 + 22 * 1. / 3));
    assert_us(it, even(8, 60), other_us(8, 8) + 2 * 24);
    /* below the first context a kernel takes what it does there */
    assert_us(it, even(4, 3), other_us(4, 4) + 2 * 2);
    /* prompts: a point, and half way from no chunk; no row where it does not end */
    assert_us(it, plus(nothing, 16, 0, true), other_us(16, 1) + 2 * 20);
    assert_us(it, plus(nothing, 16, 0, false), other_us(16, 0) + 2 * 20);
    assert_us(it, plus(nothing, 8, 0, true), other_us(8, 1) + 2 * 10);
    /* two chunks are looked up as one: key (10 (5 + 5) + 6 (0 + 3)) / 16 = 7.375 < 8 */
    assert_us(it, plus(plus(nothing, 10, 5, true), 6, 0, true),
              other_us(16, 2) + 2 * 20);
    /* both: 8 after 54 has the key 58, context 50 of the slice 16; half of 50, of 22 */
    assert_us(it, plus(even(4, 60), 8, 54, true), other_us(12, 5) + 2 * 36);
    /* uneven, mean 40: 14, of the longest 38; half of the way; mean 80, default alpha
     */
    assert_us(it, contexts(4, skewed), other_us(4, 4) + 2 * 26);
    assert_us(it, contexts(4, odd), other_us(4, 4) + 2 * (30 + 0.25 * 8));
    /* the chunk's own bin: all of the way, 30 + 20 (90 / 100); off the chunks: default
     */
    assert_us(it, plus(contexts(4, skewed), 16, 0, true), other_us(20, 5) + 2 * 48);
    assert_us(it, plus(contexts(4, skewed), 8, 0, true),
              other_us(12, 5) + 2 * (25 + 0.25 * (43 - 25)));
}

static void small_folder_is_its_sums_by_hand(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct folder f = whole();
    struct model_iteration *it =
        read_small(&f, (struct model_folder_options){0}, arena);
    struct model_iteration_reach reach = model_iteration_reach(it);

    (void)state;
    check_by_hand(it);
    assert_string_equal(model_iteration_text(it),
                        "kernels measured in P, for small on 1 GPU");
    assert_int_equal(reach.decodes, 8);
    assert_int_equal(reach.decode_context_each, 60);
    assert_int_equal(reach.prefill_tokens, 16);
    sp_arena_free(arena);
}

static void keys_in_place_of_contexts_say_the_same(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct folder f = with("attention.csv", KEYED);

    (void)state;
    check_by_hand(read_small(&f, (struct model_folder_options){0}, arena));
    sp_arena_free(arena);
}

static void without_a_correction_means_count(void **state)
{
    const int64_t skewed[] = {20, 20, 20, 100};
    struct sp_arena *arena = sp_arena_new();
    struct folder f = with("skew_fit.csv", NULL);

    (void)state;
    assert_us(read_small(&f, (struct model_folder_options){0}, arena),
              contexts(4, skewed), other_us(4, 4) + 2 * (14 + 0.25 * 24));
    f.files[4].text = NULL; /* nor a default */
    assert_us(read_small(&f, (struct model_folder_options){0}, arena),
              contexts(4, skewed), other_us(4, 4) + 2 * 14);
    sp_arena_free(arena);
}

/* 4 all-reduces of 10 us and 2 x 1/2 x 4 tokens x 8 x 2 B over 64 MB/s, 1 us. */
static void several_gpus_reduce_and_have_folders_of_their_own(void **state)
{
    static const char *const subs[] = {"", "/tp2", "/profile_tp2"};
    struct model_folder_options o = {
        .tensor_parallel = 2, .link_bytes_per_s = 64e6, .all_reduce_s = 10e-6};
    struct sp_arena *arena = sp_arena_new();
    struct folder f = whole();

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct model_iteration *it = NULL;
        struct sp_err err = {0};

        if (read_folder(&f, subs[i], o, arena, &it, &err) != SP_OK)
            fail_msg("%s", err.text);
        assert_us(it, even(4, 60), other_us(4, 4) + 2 * 22 + 44);
    }
    sp_arena_free(arena);
}

/* 4 experts, 1 a token: 3 tokens meet 4 (1 - 27/64) = 2.3125, 2 tokens 1.75. */
static void experts_have_a_table_of_their_own(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_llm moe = small;
    struct folder f = with("moe.csv", MOE);
    struct model_iteration *it;

    (void)state;
    moe.experts = 4;
    it = read_small(&f, (struct model_folder_options){.llm = &moe}, arena);
    assert_us(it, even(3, 10),
              other_us(3, 3) - 2 * 9 + 2 * (1. / 3 + 4. / 3) + 2 * 115.625);
    assert_us(it, even(2, 10),
              other_us(2, 2) - 2 * 9 + 2 * (2. / 3 + 2. / 3) + 2 * 100);
    sp_arena_free(arena);
}

static void beyond_fails_clamps_or_goes_on(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct folder f = whole();
    struct model_batch out = even(8, 160);
    struct model_iteration_time time;
    struct sp_err err = {0};
    struct model_iteration *it =
        read_small(&f, (struct model_folder_options){0}, arena);

    (void)state;
    assert_int_equal(model_iteration_time(it, &out, &time, &err), SP_EINPUT);
    assert_string_equal(
        err.text,
        "P was not measured for an iteration of 8 decodes (contexts 1280 in "
        "all, the longest 160) and 0 prompt tokens in 0 chunks (after 0 "
        "tokens): measure more, or 'beyond: clamp' or 'beyond: extend', would "
        "tell");
    it = read_small(&f, (struct model_folder_options){.beyond = MODEL_BEYOND_CLAMP},
                    arena);
    assert_us(it, out, other_us(8, 8) + 2 * 24);
    /* 32 see 16 keys each, as 16 after 8 do: 20 + 20 x 8 / 100 */
    assert_us(it, plus(nothing, 32, 0, true), other_us(32, 1) + 2 * 21.6);
    it = read_small(&f, (struct model_folder_options){.beyond = MODEL_BEYOND_EXTEND},
                    arena);
    assert_us(it, out, other_us(8, 8) + 2 * 64);
    assert_us(it, even(12, 60), other_us(12, 12) + 2 * 26);
    assert_us(it, plus(nothing, 32, 0, true), other_us(32, 1) + 2 * 43.2);
    assert_int_equal(model_iteration_time(it, &out, &time, NULL), SP_OK);
    assert_true(time.beyond);
    assert_int_equal(model_iteration_reach(it).decodes, 0);
    sp_arena_free(arena);
}

static void small_folders_obey_the_laws(void **state)
{
    const struct laws laws = {
        .decodes_most = 12, .context_most = 300, .tokens_most = 40};
    const struct model_gpu gpu = {.name = "G",
                                  .bytes_per_s = 1e9,
                                  .bf16_flop_per_s = 2e9,
                                  .link_bytes_per_s = 1e9};
    struct sp_arena *arena = sp_arena_new();
    struct folder f = whole();

    (void)state;
    for (int beyond = MODEL_BEYOND_FAIL; beyond <= MODEL_BEYOND_EXTEND; beyond++) {
        struct laws own = laws;

        own.may_refuse = beyond == MODEL_BEYOND_FAIL;
        laws_hold(read_small(&f,
                             (struct model_folder_options){
                                 .gpu = &gpu, .beyond = (enum model_beyond)beyond},
                             arena),
                  &own, (uint64_t)(41 + beyond), 4000);
    }
    sp_arena_free(arena);
}

/* ---- what is refused ---- */

static struct row {
    const char *name, *file, *text, *message;
} rows[] = {
    {"no_dense", "dense.csv", NULL,
     "P/dense.csv: can't be opened: No such file or "
     "directory"},
    {"no_attention", "attention.csv", NULL,
     "P/attention.csv: can't be opened: No such file or directory"},
    {"no_per_sequence", "per_sequence.csv", NULL,
     "P/per_sequence.csv: can't be opened: No such file or directory"},
    {"a_layer_is_missing", "dense.csv", "layer,tokens,time_us\nlayernorm,1,1\n",
     "P/dense.csv: no rows of layer qkv_proj, expected some for small"},
    {"unknown_layer", "dense.csv", "layer,tokens,time_us\nlayernrom,1,1\n",
     "P/dense.csv:2: layer: found 'layernrom', expected one like 'layernorm'"},
    {"unknown_row_layer", "per_sequence.csv", "layer,sequences,time_us\nhead,1,1\n",
     "P/per_sequence.csv:2: layer: found 'head', expected one like 'lm_head'"},
    {"negative_time", "dense.csv", "layer,tokens,time_us\nlayernorm,1,-1\n",
     "P/dense.csv:2:13: time_us: found '-1' (negative), expected a number from 0 to "
     "1000000000"},
    {"not_a_number", "dense.csv", "layer,tokens,time_us\nlayernorm,1,nan\n",
     "P/dense.csv:2:13: time_us: found 'nan' (not a finite number), expected a number "
     "from 0 "
     "to 1000000000"},
    {"hostile_name", "dense.csv", "layer,tokens,time_us\n\x1b[2J,1,1\n",
     "P/dense.csv:2:1: found '\\x1b[2J', expected one line of printable UTF-8"},
    {"no_context_column", "attention.csv",
     "prefill_chunk,n_decode,kv_decode,time_us\n0,1,1,1\n",
     "P/attention.csv:1: no column 'kv_prefill' or 'prefill_key', expected one in the "
     "header"},
    {"two_context_columns", "attention.csv",
     "prefill_chunk,kv_prefill,prefill_key,n_decode,kv_decode,time_us\n",
     "P/attention.csv:1:26: column 'prefill_key' is there twice or under two names"},
    {"no_decodes_alone", "attention.csv", ATTENTION_HEAD "16,0,0,0,20\n",
     "P/attention.csv: no rows with prefill_chunk 0 and decodes, expected some"},
    {"tokens_of_1e12", "attention.csv", ATTENTION_HEAD "0,0,1,1e12,20\n",
     "P/attention.csv:2:7: kv_decode: found '1e12' (too large), expected a number from "
     "0 to 1000000000"},
    {"unknown_bin", "skew_fit.csv",
     "pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha\n0,n<=3,sr<=5%,kvB<=1k,kp="
     "0,"
     "1\n",
     "P/skew_fit.csv:2:3: n_label: found 'n<=3', expected one like 'n<=4'"},
    {"bin_twice", "skew_fit.csv", SKEW "0,n<=4,sr<=40%,kvB<=1k,kp=0,0.6,3\n",
     "P/skew_fit.csv:4: this bin is there already"},
    {"no_alpha", "skew_fit.csv", "pc,n_label,skew_rate_label,kv_big_label,kp_label\n",
     "P/skew_fit.csv:1: no column 'alpha', expected one in the header"},
};

static void is_refused(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct folder f = with(row->file, row->text);
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    assert_int_not_equal(
        read_folder(&f, "", (struct model_folder_options){0}, arena, &it, &err), SP_OK);
    assert_string_equal(err.text, row->message);
    assert_null(it);
    sp_arena_free(arena);
}

/* Names, one after the other; the second refuses where `limit` says so. */
struct heard {
    char text[400];
    int n, limit;
};

static enum sp_status hear(void *self, const char *shown, const char *path,
                           struct sp_err *err)
{
    struct heard *h = self;

    assert_int_equal(access(path, R_OK), 0);
    if (++h->n == h->limit)
        return sp_fail(err, SP_EINPUT, "not %s", shown);
    snprintf(h->text + strlen(h->text), sizeof h->text - strlen(h->text), "%s ", shown);
    return SP_OK;
}

static void every_file_that_is_read_is_told(void **state)
{
    static const struct {
        const char *sub, *want;
    } places[] = {
        {"",
         "P/dense.csv P/per_sequence.csv P/attention.csv P/meta.yaml P/skew_fit.csv "},
        {"/tp1",
         "P/tp1/dense.csv P/tp1/per_sequence.csv P/tp1/attention.csv P/meta.yaml "
         "P/tp1/skew_fit.csv "},
    };
    const struct folder f = whole();

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (int limit = 0; limit <= 5; limit++) {
            struct heard h = {.limit = limit};
            struct sp_arena *arena = sp_arena_new();
            struct model_iteration *it = NULL;
            struct sp_err err = {0};
            enum sp_status status =
                read_folder(&f, places[i].sub,
                            (struct model_folder_options){.self = &h, .reads = hear},
                            arena, &it, &err);

            assert_int_equal(status, limit == 0 ? SP_OK : SP_EINPUT);
            if (limit == 0)
                assert_string_equal(h.text, places[i].want);
            else
                assert_memory_equal(err.text, "not P/", 6);
            sp_arena_free(arena);
        }
}

static void folders_that_lack_something_else_are_refused(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_llm moe = small;
    struct folder f = whole(), none = {{{"none", NULL}}};
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    (void)state;
    for (int i = 1; i < FILES; i++)
        none.files[i] = none.files[0];
    assert_int_equal(read_folder(&none, "",
                                 (struct model_folder_options){.tensor_parallel = 4},
                                 arena, &it, &err),
                     SP_EINPUT);
    assert_string_equal(err.text,
                        "P: found no dense.csv, expected one there, in tp4/ or "
                        "in profile_tp4/");
    err = (struct sp_err){0};
    moe.experts = 4;
    assert_int_equal(read_folder(&f, "", (struct model_folder_options){.llm = &moe},
                                 arena, &it, &err),
                     SP_EIO);
    assert_string_equal(err.text,
                        "P/moe.csv: can't be opened: No such file or directory");
    err = (struct sp_err){0};
    assert_int_equal(read_folder(&f, "",
                                 (struct model_folder_options){.tensor_parallel = 2},
                                 arena, &it, &err),
                     SP_EINPUT);
    assert_string_equal(
        err.text, "P: 2 GPUs and no bandwidth of the link between them, expected a "
                  "GPU that has one or the bandwidth itself");
    sp_arena_free(arena);
}

/* Opening one would wait for a writer. */
static void pipe_in_the_place_of_a_file_is_refused(void **state)
{
    static const char *const names[] = {"dense.csv", "attention.csv",
                                        "per_sequence.csv", "skew_fit.csv"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct folder f = with(names[i], PIPE);
        struct model_iteration *it = NULL;
        struct sp_err err = {0};

        assert_int_equal(
            read_folder(&f, "", (struct model_folder_options){0}, arena, &it, &err),
            SP_EINPUT);
        assert_string_equal(
            err.text, sp_arena_printf(arena, "P/%s: is no regular file", names[i]));
        sp_arena_free(arena);
    }
}

/* ---- measured folders ---- */

/* The time in the row of `path` that begins with `key` and a comma: all of a row but
 * its last field is its key here. */
static double row_us(const char *folder, const char *file, const char *key)
{
    char path[512], line[512];
    double us = NAN;
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ',')
            us = strtod(line + strlen(key) + 1, NULL);
    fclose(f);
    if (isnan(us))
        fail_msg("%s: no row %s", path, key);
    return us;
}

/* All that does not attend, of T tokens and R rows, both points of the grid. */
static double others_us(const char *folder, int tokens, int head_rows, int layers,
                        bool qk_norm)
{
    static const char *const names[] = {"layernorm",  "layernorm", "qkv_proj",
                                        "rotary_emb", "o_proj",    "gate_up_proj",
                                        "act_fn",     "down_proj", "qk_norm"};
    char key[64];
    double us = 0;

    for (int i = 0; i < (qk_norm ? 9 : 8); i++) {
        snprintf(key, sizeof key, "%s,%d", names[i], tokens);
        us += layers * row_us(folder, "dense.csv", key);
    }
    snprintf(key, sizeof key, "embedding,%d", tokens);
    us += row_us(folder, "dense.csv", key);
    snprintf(key, sizeof key, "final_layernorm,%d", tokens);
    us += row_us(folder, "dense.csv", key);
    snprintf(key, sizeof key, "lm_head,%d", head_rows);
    us += row_us(folder, "per_sequence.csv", key);
    snprintf(key, sizeof key, "sampler,%d", head_rows);
    return us + row_us(folder, "per_sequence.csv", key);
}

static struct measured {
    const char *folder, *csvs, *llm;
    int32_t gpus;
    bool qk_norm;
} measured[] = {
    {"llm/vllm_rtxpro6000_llama31_8b", "profile_tp1", "llama-3.1-8b", 1, false},
    {"llm/vllm_rtxpro6000_qwen3_32b", "profile_tp2", "qwen3-32b", 2, true},
};

static void measured_folder_is_the_sum_of_its_rows(void **state)
{
    const struct measured *m = *state;
    const char *data = getenv("SHARED_DATA");
    struct laws laws = {
        .decodes_most = 300, .context_most = 20000, .tokens_most = 2000};
    struct sp_arena *arena;
    struct model_folder_options o = {.llm = model_llm_find(m->llm),
                                     .tensor_parallel = m->gpus,
                                     .link_bytes_per_s = 16e9,
                                     .all_reduce_s = 40e-6,
                                     .beyond = MODEL_BEYOND_EXTEND};
    struct model_iteration *it = NULL;
    struct model_gpu gpu;
    struct sp_err err = {0};
    char folder[400], csvs[440];
    int layers = o.llm->layers;
    double reduce;

    snprintf(folder, sizeof folder, "%s/%s", data != NULL ? data : "", m->folder);
    snprintf(csvs, sizeof csvs, "%s/%s", folder, m->csvs);
    if (data == NULL || access(csvs, R_OK) != 0) {
        print_message("no SHARED_DATA/%s: not compared\n", m->folder);
        skip();
    }
    arena = sp_arena_new();
    assert_int_equal(model_gpu_find("RTX-PRO-6000-SE", arena, &gpu, NULL), SP_OK);
    o.gpu = &gpu;
    o.path = o.shown = folder;
    if (model_iteration_profile(&o, arena, &it, &err) != SP_OK)
        fail_msg("%s", err.text);
    /* two a layer: 40 us and, on 2 GPUs, all the bytes of the hidden states once */
    reduce =
        m->gpus == 1 ? 0 : 2 * layers * (40 + 128. * o.llm->hidden * 2 / 16e9 * 1e6);
    assert_us(it, even(128, 1024),
              others_us(csvs, 128, 128, layers, m->qk_norm) + reduce +
                  layers * row_us(csvs, "attention.csv", "0,0,128,1024"));
    reduce =
        m->gpus == 1 ? 0 : 2 * layers * (40 + 512. * o.llm->hidden * 2 / 16e9 * 1e6);
    assert_us(it, plus(nothing, 512, 0, true),
              others_us(csvs, 512, 1, layers, m->qk_norm) + reduce +
                  layers * row_us(csvs, "attention.csv", "512,0,0,0"));
    laws_hold(it, &laws, 51, 3000);
    sp_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(small_folder_is_its_sums_by_hand),
        cmocka_unit_test(keys_in_place_of_contexts_say_the_same),
        cmocka_unit_test(without_a_correction_means_count),
        cmocka_unit_test(several_gpus_reduce_and_have_folders_of_their_own),
        cmocka_unit_test(experts_have_a_table_of_their_own),
        cmocka_unit_test(beyond_fails_clamps_or_goes_on),
        cmocka_unit_test(small_folders_obey_the_laws),
        cmocka_unit_test(every_file_that_is_read_is_told),
        cmocka_unit_test(folders_that_lack_something_else_are_refused),
        cmocka_unit_test(pipe_in_the_place_of_a_file_is_refused),
    };
    enum { OTHERS = sizeof others / sizeof others[0], MEASURED = 2 };
    struct CMUnitTest tests[OTHERS + MEASURED + N_ROWS];

    memcpy(tests, others, sizeof others);
    for (size_t i = 0; i < MEASURED; i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){.name = measured[i].llm,
                                .test_func = measured_folder_is_the_sum_of_its_rows,
                                .initial_state = &measured[i]};
    for (size_t i = 0; i < N_ROWS; i++)
        tests[OTHERS + MEASURED + i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = is_refused, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("iteration_profile", tests, NULL, NULL);
}
