/* Memory: copying (memcpy) and triad (a = b + s c), in cache and past it.  x is the
 * bytes of all arrays together, which a call goes through once. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

/* From the first-level cache to past the last level of most CPUs; the same points on
 * every machine, so that profiles can be put side by side. */
#define MEMORY_POINTS                                                                  \
    .n_points = 8, .x = {16 << 10, 64 << 10, 256 << 10, 1 << 20,                       \
                         4 << 20,  16 << 20, 48 << 20,  192 << 20},                    \
    .quick = 1u << 0 | 1u << 3 | 1u << 6, .scaling_x = 48 << 20

static const double SCALE = 3;

/* Two doubles at once, so that every compiler at -O2 makes the same of it. */
typedef double pair __attribute__((vector_size(16)));

struct cal_state {
    size_t words; /* of an array; even */
    uint64_t key;
    /* memcpy: a = b as words; triad: a = b + SCALE c as doubles */
    uint64_t *words_a, *words_b;
    double *a, *b, *c;
};

static void *array_new(size_t words)
{
    return cal_aligned_room(words * sizeof(uint64_t));
}

static int32_t memory_items(const struct cal_state *s)
{
    (void)s;
    return 1;
}

static void memory_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    free(s->words_a);
    free(s->words_b);
    free(s->a);
    free(s->b);
    free(s->c);
    free(s);
}

/* ---- memcpy ---- */

/* The word that belongs to a place: what a copy must hold there. */
static uint64_t word_at(uint64_t key, size_t i)
{
    return sp_mix64(key + i);
}

static enum sp_status copy_open(const struct cal_kernel *kernel, double x,
                                uint64_t seed, struct cal_state **state,
                                struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);

    (void)err;
    s->words = (size_t)x / (2 * sizeof(uint64_t));
    s->key = cal_item_key(kernel, seed, 0);
    s->words_a = array_new(s->words);
    s->words_b = array_new(s->words);
    for (size_t i = 0; i < s->words; i++) {
        s->words_a[i] = 0;
        s->words_b[i] = word_at(s->key, i);
    }
    *state = s;
    return SP_OK;
}

static void copy_run(struct cal_state *s, int64_t call)
{
    (void)call;
    memcpy(s->words_a, s->words_b, s->words * sizeof *s->words_a);
    __asm__ volatile("" : : "r"(s->words_a) : "memory");
}

static enum sp_status copy_check(struct cal_state *s, struct sp_err *err)
{
    for (size_t i = 0; i < s->words; i++)
        s->words_a[i] = ~word_at(s->key, i);
    copy_run(s, 0);
    for (size_t i = 0; i < s->words; i++)
        if (s->words_a[i] != word_at(s->key, i))
            return sp_fail(err, SP_EIO,
                           "memcpy: word %zu of %zu is %016llx, expected %016llx", i,
                           s->words, (unsigned long long)s->words_a[i],
                           (unsigned long long)word_at(s->key, i));
    return SP_OK;
}

static uint64_t copy_digest(const struct cal_state *s)
{
    return sp_hash64(s->words_a, s->words * sizeof *s->words_a);
}

static void copy_damage(struct cal_state *s)
{
    s->words_b[s->words - 1] ^= 1;
}

static const char *copy_library(struct sp_arena *arena)
{
    return sp_arena_strdup(arena, "the C library's memcpy");
}

/* ---- triad ---- */

/* Small whole numbers, so that every sum is exact in a double. */
static int64_t small_at(uint64_t key, size_t i)
{
    return (int64_t)(sp_mix64(key + i) & 0xffff) - 0x8000;
}

static enum sp_status triad_open(const struct cal_kernel *kernel, double x,
                                 uint64_t seed, struct cal_state **state,
                                 struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);

    (void)err;
    s->words = (size_t)x / (3 * sizeof(double)) & ~(size_t)1;
    s->key = cal_item_key(kernel, seed, 0);
    s->a = array_new(s->words);
    s->b = array_new(s->words);
    s->c = array_new(s->words);
    for (size_t i = 0; i < s->words; i++) {
        s->a[i] = 0;
        s->b[i] = (double)small_at(s->key, i);
        s->c[i] = (double)small_at(~s->key, i);
    }
    *state = s;
    return SP_OK;
}

static void triad_run(struct cal_state *s, int64_t call)
{
    pair *restrict a = (pair *)s->a;
    const pair *restrict b = (const pair *)s->b;
    const pair *restrict c = (const pair *)s->c;
    const pair scale = {SCALE, SCALE};
    size_t n = s->words / 2;

    (void)call;
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + scale * c[i];
    __asm__ volatile("" : : "r"(a) : "memory");
}

static enum sp_status triad_check(struct cal_state *s, struct sp_err *err)
{
    memset(s->a, 0xff, s->words * sizeof *s->a);
    triad_run(s, 0);
    for (size_t i = 0; i < s->words; i++) {
        int64_t want = small_at(s->key, i) + (int64_t)SCALE * small_at(~s->key, i);

        if (s->a[i] != (double)want)
            return sp_fail(err, SP_EIO,
                           "triad: element %zu of %zu is %g, expected %lld", i,
                           s->words, s->a[i], (long long)want);
    }
    return SP_OK;
}

static uint64_t triad_digest(const struct cal_state *s)
{
    return sp_hash64(s->a, s->words * sizeof *s->a);
}

static void triad_damage(struct cal_state *s)
{
    s->c[s->words - 1] += 1;
}

const struct cal_kernel cal_kernel_memcpy = {
    .name = "memcpy",
    .item = "a copy; bytes read and bytes written count",
    .axis = "bytes",
    .help = "moving data within a node: hand-over between processes, object stores",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_MEMORY,
    .threads = 1,
    MEMORY_POINTS,
    .work = {.bytes = 1},
    .open = copy_open,
    .close = memory_close,
    .items = memory_items,
    .run = copy_run,
    .check = copy_check,
    .library = copy_library,
    .code_path = cal_code_path_of_library,
    .digest = copy_digest,
    .damage = copy_damage,
};

const struct cal_kernel cal_kernel_triad = {
    .name = "triad",
    .item = "a = b + 3 c of doubles; the bytes of all three arrays count",
    .axis = "bytes",
    .help = "work that streams through memory: element-wise transforms, reductions",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_MEMORY,
    .threads = 1,
    MEMORY_POINTS,
    .work = {.flop = 2.0 / 24, .bytes = 1},
    .open = triad_open,
    .close = memory_close,
    .items = memory_items,
    .run = triad_run,
    .check = triad_check,
    .code_path = cal_code_path_of_ours,
    .digest = triad_digest,
    .damage = triad_damage,
};
