/* Every second sample is forgotten. */
#include "sim/samples.h"

#include "base/units.h"

enum { FIRST_STEP_NS = 1000000 };

void sim_samples_init(struct sim_samples *s)
{
    *s = (struct sim_samples){.step_ns = FIRST_STEP_NS, .next_ns = FIRST_STEP_NS};
}

/* The k-th, from 0, is of time (k + 1) steps: the odd ones stay. */
static void halve(struct sim_samples *s)
{
    for (int32_t i = 0; i < SIM_SAMPLES / 2; i++)
        s->at[i] = s->at[2 * i + 1];
    s->n = SIM_SAMPLES / 2;
    s->step_ns *= 2;
}

void sim_samples_add(struct sim_samples *s, const struct model_fragmentation *one)
{
    s->at[s->n++] = *one;
    if (s->n == SIM_SAMPLES)
        halve(s);
    s->next_ns = s->next_ns < SP_NS_MAX - s->step_ns ? s->next_ns + s->step_ns
                                                     : INT64_MAX; /* no run sees it */
}

struct model_fragmentation sim_samples_mean(const struct sim_samples *s)
{
    struct model_fragmentation m = {.samples = s->n};

    for (int32_t i = 0; i < s->n; i++) {
        m.free_gpus += s->at[i].free_gpus / s->n;
        m.usable += s->at[i].usable / s->n;
        m.unwanted += s->at[i].unwanted / s->n;
        m.by_shape += s->at[i].by_shape / s->n;
        m.by_cpu += s->at[i].by_cpu / s->n;
        m.by_memory += s->at[i].by_memory / s->n;
    }
    return m;
}
