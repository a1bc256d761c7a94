/* Samples of what is free, at even times of a run whose end is not known: when there
 * are too many every second one is forgotten and the step doubles.
 */
#ifndef SIM_SAMPLES_H
#define SIM_SAMPLES_H

#include <stdint.h>

#include "model/result.h"

enum { SIM_SAMPLES = 64 };

struct sim_samples {
    int64_t step_ns, next_ns;
    int32_t n;
    struct model_fragmentation at[SIM_SAMPLES]; /* each of one sample */
};

void sim_samples_init(struct sim_samples *s);

/* Keeps the sample of s->next_ns and moves on. */
void sim_samples_add(struct sim_samples *s, const struct model_fragmentation *one);

/* The means over those that are kept; `free_gpus` and all else 0 where there is none.
 */
struct model_fragmentation sim_samples_mean(const struct sim_samples *s);

#endif
