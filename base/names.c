/* An open-addressed table of numbers beside the list of names. */
#include "base/names.h"

#include <string.h>

#include "base/hash.h"
#include "base/status.h"

struct sp_names {
    struct sp_arena *arena;
    const char **name;
    size_t *size;
    uint64_t *hash;
    int32_t n, name_room, size_room, hash_room;
    int32_t *slot;  /* number + 1; 0: free */
    size_t n_slots; /* a power of two, more than twice n */
};

enum { SLOTS_FIRST = 64 };

struct sp_names *sp_names_new(struct sp_arena *arena)
{
    struct sp_names *names = sp_arena_alloc(arena, sizeof *names);

    names->arena = arena;
    names->n_slots = SLOTS_FIRST;
    names->slot = sp_arena_array(arena, names->n_slots, sizeof *names->slot);
    return names;
}

/* The slot that holds the name, or the free one where it would go. */
static size_t slot_of(const struct sp_names *names, const char *name, size_t size,
                      uint64_t hash)
{
    size_t at = hash & (names->n_slots - 1);

    for (; names->slot[at] != 0; at = (at + 1) & (names->n_slots - 1)) {
        int32_t id = names->slot[at] - 1;

        if (names->hash[id] == hash && names->size[id] == size &&
            memcmp(names->name[id], name, size) == 0)
            break;
    }
    return at;
}

static void double_slots(struct sp_names *names)
{
    sp_arena_give_back(names->arena, names->slot, names->n_slots, sizeof *names->slot);
    names->n_slots *= 2;
    names->slot = sp_arena_array(names->arena, names->n_slots, sizeof *names->slot);
    for (int32_t id = 0; id < names->n; id++)
        names->slot[slot_of(names, names->name[id], names->size[id], names->hash[id])] =
            id + 1;
}

int32_t sp_names_find(const struct sp_names *names, const char *name, size_t size)
{
    return names->slot[slot_of(names, name, size, sp_hash64(name, size))] - 1;
}

int32_t sp_names_add(struct sp_names *names, const char *name, size_t size,
                     int32_t most)
{
    uint64_t hash = sp_hash64(name, size);
    size_t at = slot_of(names, name, size, hash);
    char *copy;

    if (names->slot[at] != 0)
        return names->slot[at] - 1;
    if (names->n >= most)
        return SP_NO_ID;
    copy = sp_arena_alloc(names->arena, size + 1);
    memcpy(copy, name, size);
    names->name = sp_arena_more(names->arena, names->name, names->n, &names->name_room,
                                sizeof *names->name);
    names->size = sp_arena_more(names->arena, names->size, names->n, &names->size_room,
                                sizeof *names->size);
    names->hash = sp_arena_more(names->arena, names->hash, names->n, &names->hash_room,
                                sizeof *names->hash);
    names->name[names->n] = copy;
    names->size[names->n] = size;
    names->hash[names->n] = hash;
    names->slot[at] = ++names->n;
    if ((size_t)names->n * 2 >= names->n_slots)
        double_slots(names);
    return names->n - 1;
}

int32_t sp_names_count(const struct sp_names *names)
{
    return names->n;
}

const char *const *sp_names_all(const struct sp_names *names)
{
    return names->name;
}
