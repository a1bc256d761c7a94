/* First fit, with devices. */
#include "plan/pack_nodes.h"

#include <stdlib.h>
#include <string.h>

struct node {
    int32_t type;
    int32_t devices_at; /* of its first device in the row of all */
    int64_t free_mcpu, free_memory;
};

struct plan_filled {
    struct sp_arena *arena;
    const struct model_node_type *types;
    const struct plan_kind *kinds;
    int32_t n_kinds, n_nodes;
    struct node *nodes;
    int16_t *devices; /* free thousandths */
    int32_t *from;    /* by kind: nodes before this one have no room for it */
};

static int32_t devices_of(const struct model_node_type *type)
{
    return (int32_t)(type->has.mgpu / 1000);
}

/* The nodes of types with GPU, or of those without; gives the devices so far. */
static int32_t add_nodes(struct plan_filled *f, const int32_t *nodes, int32_t n_types,
                         bool gpu, int32_t devices)
{
    for (int32_t t = 0; t < n_types; t++) {
        const struct model_node_type *type = &f->types[t];

        if ((devices_of(type) > 0) != gpu)
            continue;
        for (int32_t i = 0; i < nodes[t]; i++) {
            f->nodes[f->n_nodes++] = (struct node){
                .type = t,
                .devices_at = devices,
                .free_mcpu = type->has.mcpu,
                .free_memory =
                    type->has.memory_bytes < 0 ? INT64_MAX : type->has.memory_bytes,
            };
            devices += devices_of(type);
        }
    }
    return devices;
}

/* Nodes without GPU come first: what needs none leaves the others to those who do. */
struct plan_filled *plan_filled_new(struct sp_arena *arena,
                                    const struct model_node_type *types,
                                    int32_t n_types, const int32_t *nodes,
                                    const struct plan_kind *kinds, int32_t n_kinds)
{
    struct plan_filled *f = sp_arena_alloc(arena, sizeof *f);
    int32_t n = 0, devices = 0;

    for (int32_t t = 0; t < n_types; t++) {
        n += nodes[t];
        devices += nodes[t] * devices_of(&types[t]);
    }
    *f = (struct plan_filled){
        .arena = arena, .types = types, .kinds = kinds, .n_kinds = n_kinds};
    f->nodes = sp_arena_array(arena, (size_t)n + 1, sizeof *f->nodes);
    f->devices = sp_arena_array(arena, (size_t)devices + 1, sizeof *f->devices);
    f->from = sp_arena_array(arena, (size_t)n_kinds + 1, sizeof *f->from);
    for (int32_t i = 0; i < devices; i++)
        f->devices[i] = 1000;
    devices = add_nodes(f, nodes, n_types, false, 0);
    add_nodes(f, nodes, n_types, true, devices);
    return f;
}

/* A share goes to the fullest device that has room, as the cluster does. */
static bool take_share(int16_t *devices, int32_t n, int64_t mgpu)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < n; i++)
        if (devices[i] >= mgpu && (best == SP_NO_ID || devices[i] < devices[best]))
            best = i;
    if (best != SP_NO_ID)
        devices[best] = (int16_t)(devices[best] - mgpu);
    return best != SP_NO_ID;
}

static bool take_whole(int16_t *devices, int32_t n, int64_t wanted)
{
    int64_t free = 0;

    for (int32_t i = 0; i < n; i++)
        free += devices[i] == 1000;
    if (free < wanted)
        return false;
    for (int32_t i = 0; i < n && wanted > 0; i++)
        if (devices[i] == 1000) {
            devices[i] = 0;
            wanted--;
        }
    return true;
}

static bool take_devices(int16_t *devices, int32_t n, int64_t mgpu)
{
    if (mgpu == 0)
        return true;
    return mgpu < 1000 ? take_share(devices, n, mgpu)
                       : take_whole(devices, n, mgpu / 1000);
}

static bool take(struct plan_filled *f, struct node *node, const struct plan_kind *k)
{
    if ((k->allowed_types >> node->type & 1) == 0 || k->needs.mcpu > node->free_mcpu ||
        k->needs.memory_bytes > node->free_memory ||
        !take_devices(&f->devices[node->devices_at], devices_of(&f->types[node->type]),
                      k->needs.mgpu))
        return false;
    node->free_mcpu -= k->needs.mcpu;
    if (node->free_memory != INT64_MAX)
        node->free_memory -= k->needs.memory_bytes;
    return true;
}

bool plan_filled_add(struct plan_filled *f, int32_t kind)
{
    for (; f->from[kind] < f->n_nodes; f->from[kind]++)
        if (take(f, &f->nodes[f->from[kind]], &f->kinds[kind]))
            return true;
    return false;
}

static bool needs_more(const struct plan_kind *a, const struct plan_kind *b)
{
    if (a->needs.mgpu != b->needs.mgpu)
        return a->needs.mgpu > b->needs.mgpu;
    if (a->needs.memory_bytes != b->needs.memory_bytes)
        return a->needs.memory_bytes > b->needs.memory_bytes;
    return a->needs.mcpu > b->needs.mcpu;
}

bool plan_filled_add_all(struct plan_filled *f, const int32_t *units)
{
    int32_t *order = sp_arena_array(f->arena, (size_t)f->n_kinds + 1, sizeof *order);

    for (int32_t k = 0; k < f->n_kinds; k++) {
        int32_t at = k;

        for (; at > 0 && needs_more(&f->kinds[k], &f->kinds[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
    for (int32_t i = 0; i < f->n_kinds; i++)
        for (int32_t u = 0; u < units[order[i]]; u++)
            if (!plan_filled_add(f, order[i]))
                return false;
    return true;
}

int32_t plan_pack_alone(const struct model_node_type *type, int32_t type_id,
                        const struct plan_kind *kind)
{
    int64_t n = INT32_MAX;
    const struct model_amounts *needs = &kind->needs;

    if ((kind->allowed_types >> type_id & 1) == 0)
        return 0;
    if (needs->mcpu > 0)
        n = type->has.mcpu / needs->mcpu;
    if (needs->memory_bytes > 0 && type->has.memory_bytes >= 0 &&
        type->has.memory_bytes / needs->memory_bytes < n)
        n = type->has.memory_bytes / needs->memory_bytes;
    if (needs->mgpu > 0) {
        int64_t by_gpu = needs->mgpu < 1000 ? devices_of(type) * (1000 / needs->mgpu)
                                            : devices_of(type) / (needs->mgpu / 1000);

        n = by_gpu < n ? by_gpu : n;
    }
    return (int32_t)n;
}
