/* Warm-up by MSER (White, 1997; batched as MSER-5): the cut that minimises the standard
 * error of the mean of what is left. */
#ifndef SIM_MSER_H
#define SIM_MSER_H

#include <stdint.h>

#include "base/arena.h"

/* Means of successive equal batches of values, in bounded memory: when there are too
 * many, neighbours make one and batches are twice as long from then on. */
enum { SIM_MEANS = 4096 };

struct sim_means {
    int32_t n;
    double *mean; /* NULL: not followed */
    int64_t *ends_ns;
    double sum;
    int64_t batch, count;
};

void sim_means_init(struct sim_means *m, struct sp_arena *arena);
void sim_means_add(struct sim_means *m, double value, int64_t now_ns);

/* How many of the n batch means to cut, 0 .. n/2.  A cut at n/2 says that no steady
 * state was found.  O(n). */
int32_t sim_mser_cut(const double *means, int32_t n);

#endif
