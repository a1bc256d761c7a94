/* CPUs at work on each node: of the tasks of all pipelines that are being served.
 *
 * What slows a calibrated kernel down where several cores work at once.  One belongs to
 * a run in which some kernel asks for it; the cluster has not heard of it.
 */
#ifndef SIM_CPU_USE_H
#define SIM_CPU_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sim_cpu_use {
    struct sp_arena *arena;
    int32_t n, room;
    int64_t *mcpu; /* by node */
};

/* A task of `mcpu` begins (or, negative, ends) to be served on the node. */
static inline void sim_cpu_use_add(struct sim_cpu_use *u, int32_t node, int64_t mcpu)
{
    while (node >= u->n) {
        u->mcpu = sp_arena_more(u->arena, u->mcpu, u->n, &u->room, sizeof *u->mcpu);
        u->mcpu[u->n++] = 0;
    }
    u->mcpu[node] += mcpu;
    sp_assert(u->mcpu[node] >= 0);
}

/* Whether all that began has ended. */
static inline bool sim_cpu_use_is_zero(const struct sim_cpu_use *u)
{
    for (int32_t i = 0; i < u->n; i++)
        if (u->mcpu[i] != 0)
            return false;
    return true;
}

static inline int64_t sim_cpu_use_mcpu(const struct sim_cpu_use *u, int32_t node)
{
    return node < u->n ? u->mcpu[node] : 0;
}

#endif
