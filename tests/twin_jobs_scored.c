/* Strategies with scores, by tests/naive_nodes.h. */
#include <string.h>

#include "base/status.h"
#include "tests/naive_nodes.h"
#include "tests/twin_jobs_rows.h"

bool twin_is_scored(const struct twin *t)
{
    static const char *const keyed[] = {"first-fit", "best-fit", "worst-fit",
                                        "cpu-avoids-gpu"};

    for (size_t i = 0; i < sizeof keyed / sizeof keyed[0]; i++)
        if (strcmp(t->policy->placement, keyed[i]) == 0)
            return false;
    return true;
}

static struct naive_nodes naive_of(const struct twin *t, const struct twin_room *room,
                                   const bool *which, bool wanted,
                                   struct sp_arena *arena)
{
    struct naive_nodes ns =
        naive_nodes_new(arena, t->policy, &t->mix, t->seed, TWIN_NODES);

    for (int32_t i = 0; i < room->n_nodes; i++) {
        const struct twin_node *n = &room->node[i];
        struct naive_node *to;

        naive_nodes_add(&ns, i, n->type);
        to = &ns.nodes[i];
        to->used = n->used;
        to->open = n->used && (which == NULL || which[i] == wanted);
        to->free_mcpu = n->mcpu;
        to->free_memory = n->memory == INT64_MAX ? -1 : n->memory;
        to->shares = n->shares;
        for (int32_t g = 0; g < TWIN_GPUS; g++) {
            to->free_mgpu[g] = n->dev[g];
            to->whole[g + 1] = n->whole[g + 1];
        }
    }
    return ns;
}

int32_t twin_scored_node(const struct twin *t, const struct twin_room *room,
                         const struct model_amounts *needs, int64_t allowed,
                         const bool *which, bool wanted, uint64_t draw)
{
    struct sp_arena *arena = sp_arena_new();
    struct naive_nodes ns = naive_of(t, room, which, wanted, arena);
    struct naive_member m = {*needs, allowed};
    int32_t node = ns.n == 0 ? SP_NO_ID : naive_nodes_find(&ns, &m, draw);

    sp_arena_free(arena);
    return node;
}

struct sim_hold twin_scored_devices(const struct twin *t, const struct twin_room *room,
                                    int32_t node, const struct model_amounts *needs,
                                    int64_t allowed)
{
    struct sp_arena *arena = sp_arena_new();
    struct naive_nodes ns = naive_of(t, room, NULL, true, arena);
    struct naive_member m = {*needs, allowed};
    struct sim_hold hold = naive_nodes_take(&ns, node, &m);

    sp_arena_free(arena);
    return hold;
}
