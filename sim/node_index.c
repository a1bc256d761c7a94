/* A treap whose priorities are hashes of the node ids: its shape depends on what is in
 * it and on nothing else. */
#include "sim/node_index.h"

#include <string.h>

#include "base/rng.h"

/* The most that any node of a subtree has free of each; these may be different nodes.
 * CPUs and GPUs are what units want together, so the most CPUs are also known among the
 * nodes with 2^i whole GPUs (-1: no such node).  Whole numbers of 32 bits, rounded up
 * and at most INT32_MAX: so eight of them are compared at a time. */
enum { MCPU, MEMORY, WHOLE, SHARE, MCPU_WITH_GPUS, GPU_STEPS = 4, MOSTS = 8 };

struct most {
    int32_t of[MOSTS];
};

struct row {
    struct sim_node_key key;
    struct sim_room room;
    struct most own, most; /* of itself, of its subtree */
    int32_t left, right;
    bool in;
};

struct sim_node_index {
    struct sp_arena *arena;
    struct row *rows;
    int32_t capacity, root;
    uint64_t steps;
};

struct sim_node_index *sim_node_index_new(struct sp_arena *arena)
{
    struct sim_node_index *ix = sp_arena_alloc(arena, sizeof *ix);

    ix->arena = arena;
    ix->root = SP_NO_ID;
    return ix;
}

static bool before(struct sim_node_key a, int32_t a_id, struct sim_node_key b,
                   int32_t b_id)
{
    if (a.first != b.first)
        return a.first < b.first;
    if (a.second != b.second)
        return a.second < b.second;
    return a_id < b_id;
}

static int32_t clipped(int64_t a)
{
    return a < INT32_MAX ? (int32_t)a : INT32_MAX;
}

/* In units of 2^20 bytes. */
static int32_t memory_up(int64_t bytes)
{
    return clipped((bytes >> 20) + ((bytes & ((1 << 20) - 1)) != 0));
}

static void raise(struct most *most, const struct most *by)
{
    for (int i = 0; i < MOSTS; i++)
        most->of[i] = by->of[i] > most->of[i] ? by->of[i] : most->of[i];
}

static struct most of_room(const struct sim_room *room)
{
    struct most most;
    int32_t mcpu = clipped(room->mcpu);

    most.of[MCPU] = mcpu;
    most.of[MEMORY] = memory_up(room->memory_bytes);
    most.of[WHOLE] = room->whole_gpus;
    most.of[SHARE] = room->share_mgpu;
    for (int i = 0; i < GPU_STEPS; i++)
        most.of[MCPU_WITH_GPUS + i] = room->whole_gpus >= 1 << i ? mcpu : -1;
    return most;
}

static struct most maxima(const struct sim_node_index *ix, int32_t id)
{
    const struct row *r = &ix->rows[id];
    struct most most = r->own;

    if (r->left != SP_NO_ID)
        raise(&most, &ix->rows[r->left].most);
    if (r->right != SP_NO_ID)
        raise(&most, &ix->rows[r->right].most);
    return most;
}

/* Whether some node of the subtree might have room: false is certain. */
static bool may_fit(const struct most *most, const struct sim_room *need)
{
    int32_t mcpu = clipped(need->mcpu);
    int i = 0;

    if (most->of[MCPU] < mcpu || most->of[MEMORY] < memory_up(need->memory_bytes) ||
        most->of[WHOLE] < need->whole_gpus || most->of[SHARE] < need->share_mgpu)
        return false;
    if (need->whole_gpus == 0)
        return true;
    while (i + 1 < GPU_STEPS && need->whole_gpus >= 2 << i)
        i++;
    return most->of[MCPU_WITH_GPUS + i] >= mcpu;
}

static uint64_t priority(int32_t id)
{
    return sp_mix64((uint64_t)id);
}

/* Splits the subtree at `id` in what is before (key, at) and the rest. */
static void split(struct sim_node_index *ix, int32_t id, struct sim_node_key key,
                  int32_t at, int32_t *low, int32_t *high)
{
    if (id == SP_NO_ID) {
        *low = *high = SP_NO_ID;
        return;
    }
    if (before(ix->rows[id].key, id, key, at)) {
        split(ix, ix->rows[id].right, key, at, &ix->rows[id].right, high);
        *low = id;
    } else {
        split(ix, ix->rows[id].left, key, at, low, &ix->rows[id].left);
        *high = id;
    }
    ix->rows[id].most = maxima(ix, id);
}

static int32_t join(struct sim_node_index *ix, int32_t low, int32_t high)
{
    if (low == SP_NO_ID)
        return high;
    if (high == SP_NO_ID)
        return low;
    if (priority(low) > priority(high)) {
        ix->rows[low].right = join(ix, ix->rows[low].right, high);
        ix->rows[low].most = maxima(ix, low);
        return low;
    }
    ix->rows[high].left = join(ix, low, ix->rows[high].left);
    ix->rows[high].most = maxima(ix, high);
    return high;
}

static int32_t insert(struct sim_node_index *ix, int32_t root, int32_t id)
{
    struct row *r = &ix->rows[id];

    if (root == SP_NO_ID || priority(id) > priority(root)) {
        split(ix, root, r->key, id, &r->left, &r->right);
        r->most = maxima(ix, id);
        return id;
    }
    if (before(r->key, id, ix->rows[root].key, root))
        ix->rows[root].left = insert(ix, ix->rows[root].left, id);
    else
        ix->rows[root].right = insert(ix, ix->rows[root].right, id);
    ix->rows[root].most = maxima(ix, root);
    return root;
}

static int32_t erase(struct sim_node_index *ix, int32_t root, int32_t id)
{
    sp_assert(root != SP_NO_ID);
    if (root == id)
        return join(ix, ix->rows[id].left, ix->rows[id].right);
    if (before(ix->rows[id].key, id, ix->rows[root].key, root))
        ix->rows[root].left = erase(ix, ix->rows[root].left, id);
    else
        ix->rows[root].right = erase(ix, ix->rows[root].right, id);
    ix->rows[root].most = maxima(ix, root);
    return root;
}

void sim_node_index_remove(struct sim_node_index *ix, int32_t id)
{
    if (id >= ix->capacity || !ix->rows[id].in)
        return;
    ix->root = erase(ix, ix->root, id);
    ix->rows[id].in = false;
}

/* The room of node `id` changed: the maxima from it up to `at` follow, as far as they
 * do change; whether that of `at` did. */
static bool refresh(struct sim_node_index *ix, int32_t at, int32_t id)
{
    struct most most;

    if (at != id && !refresh(ix,
                             before(ix->rows[id].key, id, ix->rows[at].key, at)
                                 ? ix->rows[at].left
                                 : ix->rows[at].right,
                             id))
        return false;
    most = maxima(ix, at);
    if (memcmp(&most, &ix->rows[at].most, sizeof most) == 0) /* no padding in it */
        return false;
    ix->rows[at].most = most;
    return true;
}

static bool same_room(const struct sim_room *a, const struct sim_room *b)
{
    return a->mcpu == b->mcpu && a->memory_bytes == b->memory_bytes &&
           a->whole_gpus == b->whole_gpus && a->share_mgpu == b->share_mgpu;
}

static bool in_place(struct sim_node_index *ix, int32_t id, struct sim_node_key key,
                     struct sim_room room)
{
    struct row *r;

    if (id >= ix->capacity)
        return false;
    r = &ix->rows[id];
    if (!r->in || r->key.first != key.first || r->key.second != key.second)
        return false;
    if (same_room(&r->room, &room))
        return true;
    r->room = room;
    r->own = of_room(&room);
    refresh(ix, ix->root, id);
    return true;
}

void sim_node_index_put(struct sim_node_index *ix, int32_t id, struct sim_node_key key,
                        struct sim_room room)
{
    struct row *r;

    if (in_place(ix, id, key, room))
        return;

    if (id >= ix->capacity) {
        int32_t want = 2 * id + 16;

        ix->rows = sp_arena_grow(ix->arena, ix->rows, (size_t)ix->capacity,
                                 (size_t)want, sizeof *ix->rows);
        ix->capacity = want;
    }
    sim_node_index_remove(ix, id);
    r = &ix->rows[id];
    *r = (struct row){.key = key,
                      .room = room,
                      .own = of_room(&room),
                      .left = SP_NO_ID,
                      .right = SP_NO_ID,
                      .in = true};
    ix->root = insert(ix, ix->root, id);
}

/* In the subtree at `id`, leaving out what is before (its key, from). */
static int32_t first_in(struct sim_node_index *ix, int32_t id,
                        const struct sim_room *need, int32_t from)
{
    while (id != SP_NO_ID) {
        const struct row *r = &ix->rows[id];
        int32_t found;

        ix->steps++;
        if (!may_fit(&r->most, need))
            return SP_NO_ID;
        if (id >= from) {
            found = first_in(ix, r->left, need, from);
            if (found != SP_NO_ID)
                return found;
            if (sim_room_fits(&r->room, need))
                return id;
        }
        id = r->right;
    }
    return SP_NO_ID;
}

int32_t sim_node_index_first(struct sim_node_index *ix, const struct sim_room *need)
{
    return first_in(ix, ix->root, need, 0);
}

int32_t sim_node_index_first_from(struct sim_node_index *ix,
                                  const struct sim_room *need, int32_t from)
{
    return first_in(ix, ix->root, need, from);
}

bool sim_node_index_says(const struct sim_node_index *ix, int32_t id,
                         const struct sim_room *room)
{
    return id < ix->capacity && ix->rows[id].in && same_room(&ix->rows[id].room, room);
}

uint64_t sim_node_index_steps(const struct sim_node_index *ix)
{
    return ix->steps;
}

static void verify_subtree(const struct sim_node_index *ix, int32_t id)
{
    const struct row *r;
    struct most most;

    if (id == SP_NO_ID)
        return;
    r = &ix->rows[id];
    sp_assert(r->in);
    for (int side = 0; side < 2; side++) {
        int32_t child = side == 0 ? r->left : r->right;

        if (child == SP_NO_ID)
            continue;
        sp_assert(priority(child) <= priority(id));
        sp_assert(before(ix->rows[child].key, child, r->key, id) == (side == 0));
        verify_subtree(ix, child);
    }
    most = maxima(ix, id);
    sp_assert(memcmp(&most, &r->most, sizeof most) == 0); /* no padding in it */
}

void sim_node_index_verify(const struct sim_node_index *ix)
{
    verify_subtree(ix, ix->root);
}
