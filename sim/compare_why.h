/* Why one policy's TTFT or TPOT is worse than another's, from the figures of both. */
#ifndef SIM_COMPARE_WHY_H
#define SIM_COMPARE_WHY_H

#include "base/arena.h"
#include "model/result.h"

/* A policy's figures of one serving workload, means over the replications. */
struct sim_served {
    const char *policy;
    const struct model_serving_result *s;
};

/* Up to two reasons joined by "and", or NULL where no figure shows one. */
const char *sim_why_ttft(const struct sim_served *worse,
                         const struct sim_served *better, struct sp_arena *arena);
const char *sim_why_tpot(const struct sim_served *worse,
                         const struct sim_served *better, struct sp_arena *arena);

#endif
