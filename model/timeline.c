/* Until when slices tell what went on. */
#include "model/timeline.h"

void model_timeline_known(const struct model_timeline *t, int64_t *until_ns)
{
    int64_t last_ns = 0;

    for (int32_t i = 0; i < t->n_leases; i++)
        until_ns[i] = t->n_slices == t->all_slices ? t->leases[i].end_ns : -1;
    if (t->n_slices == t->all_slices)
        return;
    for (int32_t i = 0; i < t->n_slices; i++)
        last_ns = t->slices[i].to_ns > last_ns ? t->slices[i].to_ns : last_ns;
    for (int32_t i = 0; i < t->n_slices; i++) {
        int32_t lease = t->slices[i].lease;

        until_ns[lease] =
            t->leases[lease].end_ns < last_ns ? t->leases[lease].end_ns : last_ns;
    }
}
