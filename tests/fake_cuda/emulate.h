/* The words of calibrate/device/kernels.inc in C++: a grid emulated on one CPU thread.
 * Blocks run one after the other.  The threads of a block are coroutines that take
 * turns at barriers; kernels without barriers run as a plain loop.
 *
 * What it finds, beside wrong results: threads that wait at different barriers, or at
 * one while others have ended.  Memory of a block is allocated anew for each, full of
 * NaN, so that what is read before it is written shows, and what is read beyond its
 * end, under the address sanitizer.
 *
 * Not shown: warp intrinsics, tensor cores, memory ordering, and races that every order
 * of threads tried here hides.
 */
#ifndef TESTS_EMULATE_H
#define TESTS_EMULATE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum emu_order { EMU_FORWARD, EMU_BACKWARD, EMU_SHUFFLED };

/* Where the running thread is. */
struct emu_place {
    int thread[3], threads[3], block[3], blocks[3];
};
extern struct emu_place emu_at;

/* How the next grids run. */
struct emu_options {
    enum emu_order order; /* of the threads of a block between barriers */
    int mutant;           /* line whose BARRIER() or INSIDE() is taken away; 0: none */
    /* What CYCLES() and NANOSECONDS() say: now, and when asked again. */
    int64_t cycles[2], ns[2];
};
extern struct emu_options emu_options;

struct emu_grid {
    unsigned blocks[3], threads[3];
};

/* Runs a kernel over a grid: `call` with `args` once a thread.  False where its threads
 * part at barriers; emu_error() says how. */
bool emu_run(void (*call)(void *const *args), void *const *args, bool has_barriers,
             const struct emu_grid *grid);
const char *emu_error(void);

/* Whether the address sanitizer watches the kernels. */
extern "C" const bool emu_has_asan;

/* Lines where a barrier or a bounds test was reached since the program started. */
enum { EMU_LINES_MAX = 2048 };
extern unsigned char emu_barrier_lines[EMU_LINES_MAX], emu_inside_lines[EMU_LINES_MAX];

/* ---- what the words stand for ---- */

void emu_barrier(int line);
void *emu_shared(int line, size_t bytes);
int64_t emu_cycles(void), emu_ns(void);

static inline bool emu_inside(long long i, long long n, int line)
{
    emu_inside_lines[line] = 1;
    return i < n || (i == n && emu_options.mutant == line);
}

static inline float emu_float(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

/* binary16 to float: exact. */
static inline float emu_half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31;
    uint32_t fraction = h & 0x3ff;

    if (exponent == 0)
        return (sign != 0 ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
    exponent = exponent == 31 ? 255 : exponent + 112;
    return emu_float(sign | exponent << 23 | fraction << 13);
}

#define KERNEL extern "C"
#define DEVICE static inline
#define GLOBAL
#define LOCAL
#define SHARED(type, name, n)                                                          \
    type *name = static_cast<type *>(emu_shared(__LINE__, (n) * sizeof(type)))
#define THREAD(axis)  emu_at.thread[axis]
#define THREADS(axis) emu_at.threads[axis]
#define BLOCK(axis)   emu_at.block[axis]
#define BLOCKS(axis)  emu_at.blocks[axis]
#define BARRIER()     emu_barrier(__LINE__)
#define INSIDE(i, n)  emu_inside(i, n, __LINE__)
#define EXP(x)        expf(x)
#define SQRT(x)       sqrtf(x)
#define I64           int64_t
#define U8            unsigned char
#define HAVE_HALF     1
#define HALF          uint16_t
#define HALF_AT(p, i) emu_half((p)[i])
#define HAVE_BF16     1
#define BF16          uint16_t
#define BF16_AT(p, i) emu_float((uint32_t)(p)[i] << 16)
#define CYCLES()      emu_cycles()
#define NANOSECONDS() emu_ns()

#endif
