/* Which replica a request goes to: rules as descriptors.  A rule sees only replicas
 * that are up and can take the request, as they are now; ties go to the lowest number.
 */
#ifndef SIM_ROUTER_H
#define SIM_ROUTER_H

#include <stdint.h>

#include "base/rng.h"
#include "sim/replica.h"

struct sim_router_state {
    int32_t last;      /* round robin: the number it stopped at; SP_NO_ID at first */
    struct sp_rng rng; /* random: a stream of its own */
};

/* At the beginning of a run; `key` is that of its stream of chance. */
struct sim_router_state sim_router_state(uint64_t key);

struct sim_router_choice {
    int32_t n;                           /* candidates, >= 1 */
    const int32_t *numbers;              /* rising */
    struct sim_replica *const *replicas; /* of each candidate */
    int32_t request;
    const struct sim_request *row;
    int64_t now_ns;
};

struct sim_router {
    const char *name;
    const char *help;
    /* Index of a candidate.  O(candidates). */
    int32_t (*choose)(struct sim_router_state *state,
                      const struct sim_router_choice *choice);
};

extern const struct sim_router sim_routers[];
extern const int32_t sim_n_routers;
const struct sim_router *sim_router_find(const char *name); /* NULL: none */

#endif
