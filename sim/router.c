/* The table of routers.  Those that compare replicas do so by a cost: the least wins,
 * of equal ones the first. */
#include "sim/router.h"

#include <string.h>

#include "base/status.h"

struct sim_router_state sim_router_state(uint64_t key)
{
    return (struct sim_router_state){.last = SP_NO_ID, .rng = sp_rng_from_key(key)};
}

/* The next number after the last one, around. */
static int32_t round_robin(struct sim_router_state *state,
                           const struct sim_router_choice *choice)
{
    int32_t i = 0;

    while (i < choice->n && choice->numbers[i] <= state->last)
        i++;
    if (i == choice->n)
        i = 0;
    state->last = choice->numbers[i];
    return i;
}

static int32_t random_one(struct sim_router_state *state,
                          const struct sim_router_choice *choice)
{
    return (int32_t)(sp_rng_uniform(&state->rng) * choice->n);
}

static int32_t least_requests(struct sim_router_state *state,
                              const struct sim_router_choice *choice)
{
    int32_t best = 0, least = INT32_MAX;

    (void)state;
    for (int32_t i = 0; i < choice->n; i++) {
        int32_t requests = sim_replica_requests(choice->replicas[i]);

        if (requests < least) {
            least = requests;
            best = i;
        }
    }
    return best;
}

static int32_t least_outstanding_tokens(struct sim_router_state *state,
                                        const struct sim_router_choice *choice)
{
    int32_t best = 0;
    int64_t least = INT64_MAX;

    (void)state;
    for (int32_t i = 0; i < choice->n; i++) {
        int64_t tokens = sim_replica_outstanding_tokens(choice->replicas[i]);

        if (tokens < least) {
            least = tokens;
            best = i;
        }
    }
    return best;
}

/* Tokens to compute before this request's first one, and of equal ones the most room.
 * What runs takes blocks, and with them cached ones: it is settled first. */
static int32_t kv_aware(struct sim_router_state *state,
                        const struct sim_router_choice *choice)
{
    int32_t best = 0;
    int64_t least = INT64_MAX, most_free = -1;

    (void)state;
    for (int32_t i = 0; i < choice->n; i++) {
        struct sim_replica *replica = choice->replicas[i];
        struct sim_replica_load load;
        int64_t tokens;

        sim_replica_settle(replica, choice->now_ns);
        load = sim_replica_load(replica);
        tokens = choice->row->prompt -
                 sim_replica_match_tokens(replica, choice->request) +
                 load.outstanding_tokens;
        if (tokens < least || (tokens == least && load.kv_free > most_free)) {
            least = tokens;
            most_free = load.kv_free;
            best = i;
        }
    }
    return best;
}

const struct sim_router sim_routers[] = {
    {"round-robin", "replicas in turn", round_robin},
    {"random", "any replica, evenly", random_one},
    {"least-requests", "fewest requests running and waiting", least_requests},
    {"least-outstanding-tokens",
     "fewest prompt tokens without a first token, and 1 for each request",
     least_outstanding_tokens},
    {"kv-aware", "fewest prompt tokens not cached there, with its outstanding tokens",
     kv_aware},
};
const int32_t sim_n_routers = sizeof sim_routers / sizeof sim_routers[0];

const struct sim_router *sim_router_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_routers; i++)
        if (strcmp(sim_routers[i].name, name) == 0)
            return &sim_routers[i];
    return NULL;
}
