/* The cut: one pass from the back with running sums.  The means: halved when full. */
#include "sim/mser.h"

#include <math.h>

int32_t sim_mser_cut(const double *means, int32_t n)
{
    double mean = 0, m2 = 0, best = INFINITY;
    int32_t cut = 0;

    for (int32_t i = n - 1; i >= 0; i--) {
        int32_t count = n - i;
        double delta = means[i] - mean, error;

        mean += delta / count; /* Welford */
        m2 += delta * (means[i] - mean);
        error = m2 / ((double)count * count);
        if (i <= n / 2 && error <= best) {
            best = error;
            cut = i;
        }
    }
    return cut;
}

enum { FIRST_BATCH = 5 }; /* MSER-5 */

void sim_means_init(struct sim_means *m, struct sp_arena *arena)
{
    *m = (struct sim_means){.batch = FIRST_BATCH};
    m->mean = sp_arena_array(arena, SIM_MEANS, sizeof *m->mean);
    m->ends_ns = sp_arena_array(arena, SIM_MEANS, sizeof *m->ends_ns);
}

void sim_means_add(struct sim_means *m, double value, int64_t now_ns)
{
    m->sum += value;
    if (++m->count < m->batch)
        return;
    if (m->n == SIM_MEANS) { /* halve: neighbours make one */
        for (int32_t i = 0; i < SIM_MEANS / 2; i++) {
            m->mean[i] = (m->mean[2 * i] + m->mean[2 * i + 1]) / 2;
            m->ends_ns[i] = m->ends_ns[2 * i + 1];
        }
        m->n = SIM_MEANS / 2;
        m->batch *= 2;
        return; /* this batch goes on to the doubled size */
    }
    m->mean[m->n] = m->sum / (double)m->count;
    m->ends_ns[m->n++] = now_ns;
    m->sum = 0;
    m->count = 0;
}
