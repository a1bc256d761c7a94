/* Hashing: XXH64 of a buffer in cache, as integrity checks and content addresses do. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/rng.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

enum { N_ITEMS = 4 };

struct cal_state {
    size_t size;
    unsigned char *data[N_ITEMS];
    uint64_t want[N_ITEMS]; /* by the plain implementation below */
    uint64_t result;
};

/* ---- the algorithm once more, straight from its specification (XXH64, seed 0) ---- */

static const uint64_t P1 = 0x9e3779b185ebca87u, P2 = 0xc2b2ae3d27d4eb4fu,
                      P3 = 0x165667b19e3779f9u, P4 = 0x85ebca77c2b2ae63u,
                      P5 = 0x27d4eb2f165667c5u;

static uint64_t rotate(uint64_t v, unsigned bits)
{
    return (v << bits) | (v >> (64 - bits));
}

static uint64_t little_endian(const unsigned char *p, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static uint64_t round_of(uint64_t acc, uint64_t lane)
{
    return rotate(acc + lane * P2, 31) * P1;
}

static uint64_t tail_of(uint64_t h, const unsigned char *p, size_t left)
{
    for (; left >= 8; left -= 8, p += 8)
        h = rotate(h ^ round_of(0, little_endian(p, 8)), 27) * P1 + P4;
    for (; left >= 4; left -= 4, p += 4)
        h = rotate(h ^ little_endian(p, 4) * P1, 23) * P2 + P3;
    for (; left >= 1; left--, p++)
        h = rotate(h ^ *p * P5, 11) * P1;
    h = (h ^ (h >> 33)) * P2;
    h = (h ^ (h >> 29)) * P3;
    return h ^ (h >> 32);
}

static uint64_t plain_xxh64(const unsigned char *p, size_t size)
{
    uint64_t acc[4] = {P1 + P2, P2, 0, 0 - P1};
    size_t left = size;
    uint64_t h = P5;

    for (; left >= 32; left -= 32, p += 32)
        for (int i = 0; i < 4; i++)
            acc[i] = round_of(acc[i], little_endian(p + 8 * i, 8));
    if (size >= 32) {
        h = rotate(acc[0], 1) + rotate(acc[1], 7) + rotate(acc[2], 12) +
            rotate(acc[3], 18);
        for (int i = 0; i < 4; i++)
            h = (h ^ round_of(0, acc[i])) * P1 + P4;
    }
    return tail_of(h + size, p, left);
}

/* ---- the kernel ---- */

static enum sp_status hash_open(const struct cal_kernel *kernel, double x,
                                uint64_t seed, struct cal_state **state,
                                struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);

    (void)err;
    s->size = (size_t)x;
    for (int32_t i = 0; i < N_ITEMS; i++) {
        s->data[i] = sp_xcalloc(s->size, 1);
        cal_fill_random(s->data[i], s->size, cal_item_key(kernel, seed, i));
        s->want[i] = plain_xxh64(s->data[i], s->size);
    }
    *state = s;
    return SP_OK;
}

static void hash_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    for (int32_t i = 0; i < N_ITEMS; i++)
        free(s->data[i]);
    free(s);
}

static int32_t hash_items(const struct cal_state *s)
{
    (void)s;
    return N_ITEMS;
}

static void hash_run(struct cal_state *s, int64_t call)
{
    s->result = XXH64(s->data[call % N_ITEMS], s->size, 0);
}

static enum sp_status hash_check(struct cal_state *s, struct sp_err *err)
{
    for (int32_t i = 0; i < N_ITEMS; i++) {
        hash_run(s, i);
        if (s->result != s->want[i])
            return sp_fail(err, SP_EIO,
                           "hash: input %d of %zu bytes gives %016llx, expected "
                           "%016llx",
                           i, s->size, (unsigned long long)s->result,
                           (unsigned long long)s->want[i]);
    }
    return SP_OK;
}

static const char *hash_library(struct sp_arena *arena)
{
    unsigned v = XXH_versionNumber();

    return sp_arena_printf(arena, "xxHash %u.%u.%u", v / 10000, v / 100 % 100, v % 100);
}

static const char *hash_code_path(struct sp_arena *arena)
{
    return sp_arena_strdup(arena, "XXH64: scalar by design");
}

static uint64_t hash_digest(const struct cal_state *s)
{
    return s->result;
}

static void hash_damage(struct cal_state *s)
{
    s->data[N_ITEMS - 1][s->size / 2] ^= 1;
}

const struct cal_kernel cal_kernel_hash = {
    .name = "hash",
    .item = "one buffer, XXH64",
    .axis = "bytes",
    .help = "integrity checks and content addresses of what is read or stored",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 6,
    .x = {1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20},
    .quick = 1u << 0 | 1u << 3 | 1u << 5,
    .scaling_x = 1 << 16,
    .work = {.bytes = 1},
    .n_params = 1,
    .params = {{"function", "XXH64"}},
    .open = hash_open,
    .close = hash_close,
    .items = hash_items,
    .run = hash_run,
    .check = hash_check,
    .library = hash_library,
    .code_path = hash_code_path,
    .digest = hash_digest,
    .damage = hash_damage,
};
