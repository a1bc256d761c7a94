/* What the CPU kernels share. */
#include "calibrate/kernel_util.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"

#define TEXT_OF(x)                #x
#define NAMED(name, major, minor) name " " TEXT_OF(major) "." TEXT_OF(minor)
#ifdef __clang__
#define COMPILER NAMED("clang", __clang_major__, __clang_minor__)
#else
#define COMPILER NAMED("gcc", __GNUC__, __GNUC_MINOR__)
#endif

#if defined __AVX512F__
#define TARGET "avx512f"
#elif defined __AVX2__
#define TARGET "avx2"
#elif defined __SSE2__
#define TARGET "sse2"
#elif defined __ARM_NEON
#define TARGET "neon"
#else
#define TARGET "baseline"
#endif

uint64_t cal_item_key(const struct cal_kernel *kernel, uint64_t seed, int32_t item)
{
    return sp_mix_keys(sp_rng_stream_key(seed, 0, kernel->name), (uint64_t)item);
}

void *cal_aligned_room(size_t bytes)
{
    enum { LINE = 64 };
    void *p = NULL;

    if (posix_memalign(&p, LINE, bytes) != 0)
        sp_bug(__FILE__, __LINE__, "out of memory: %zu bytes were asked for", bytes);
    return p;
}

void cal_fill_random(void *data, size_t size, uint64_t key)
{
    struct sp_rng rng = sp_rng_from_key(key);
    unsigned char *p = data;

    while (size > 0) {
        uint64_t word = sp_rng_next(&rng);
        size_t n = size < sizeof word ? size : sizeof word;

        memcpy(p, &word, n);
        p += n;
        size -= n;
    }
}

int32_t cal_texts_of(size_t size)
{
    const size_t all = 64 << 10;
    size_t n = all / (size > 0 ? size : 1) / CAL_TEXT_ITEMS * CAL_TEXT_ITEMS;

    return n < CAL_TEXT_ITEMS  ? CAL_TEXT_ITEMS
           : n > CAL_TEXTS_MAX ? CAL_TEXTS_MAX
                               : (int32_t)n;
}

static const char *cpu_offers(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return __builtin_cpu_supports("avx512bw") ? "avx2 avx512f avx512bw"
                                                  : "avx2 avx512f";
    if (__builtin_cpu_supports("avx2"))
        return "avx2";
#endif
    return "baseline";
}

const char *cal_code_path_of_library(struct sp_arena *arena)
{
    return sp_arena_printf(arena, "chosen when run; the CPU offers %s", cpu_offers());
}

const char *cal_code_path_of_ours(struct sp_arena *arena)
{
    return sp_arena_strdup(arena, COMPILER ", " TARGET);
}
