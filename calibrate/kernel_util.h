/* What the CPU kernels share: keys of their inputs, random bytes, and what CPU they
 * meet.
 */
#ifndef CALIBRATE_KERNEL_UTIL_H
#define CALIBRATE_KERNEL_UTIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "calibrate/kernel.h"

/* Key of the generator that makes input `item` of this kernel under `seed`. */
uint64_t cal_item_key(const struct cal_kernel *kernel, uint64_t seed, int32_t item);

/* Room on the heap that starts with a cache line: give back with free().  Not zeroed.
 * Running out ends the process with the size asked for. */
void *cal_aligned_room(size_t bytes);

/* Incompressible bytes that belong to `key`. */
void cal_fill_random(void *data, size_t size, uint64_t key);

/* How many texts of this size to go through, so that a CPU does not learn by heart
 * which branches they take: 64 KiB of them, a multiple of CAL_TEXT_ITEMS.  Those that
 * are equal modulo CAL_TEXT_ITEMS count as one input. */
enum { CAL_TEXT_ITEMS = 4, CAL_TEXTS_MAX = 64 };
int32_t cal_texts_of(size_t size);

/* Code paths, for a kernel's row: of a library that chooses its code when it runs and
 * does not tell (so what the CPU offers: "avx2 avx512f"); of our own kernels, by whom
 * and for what they were compiled ("gcc 12.2, sse2"). */
const char *cal_code_path_of_library(struct sp_arena *arena);
const char *cal_code_path_of_ours(struct sp_arena *arena);

#endif
