/* Which nodes are kept when there is more than there is room for. */
#include <string.h>

#include "base/units.h"
#include "sim/timeline_rows.h"

/* ---- leaving out ---- */

/* Names of slices that are kept move to a place of their own. */
static void keep_names(struct sim_timeline *t)
{
    char *old = t->names;
    int32_t old_room = t->names_room, last = -1, moved = -1;

    if (old == NULL)
        return;
    t->names = sp_arena_array(t->arena, (size_t)old_room, 1);
    t->names_used = 0;
    for (int32_t i = 0; i < t->n_slices; i++) {
        struct sim_slice_row *s = &t->slices[i];

        if (s->name < 0)
            continue;
        if (s->name != last) {
            size_t size = strlen(old + s->name) + 1;

            last = s->name;
            moved = t->names_used;
            memcpy(t->names + moved, old + last, size);
            t->names_used += (int32_t)size;
        }
        s->name = moved;
    }
    t->last_name = moved;
    sp_arena_give_back(t->arena, old, (size_t)old_room, 1);
}

static void keep_links(struct sim_timeline *t)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->n_links; i++)
        if (sim_timeline_find_slice(t, t->links[i].from) >= 0 &&
            sim_timeline_find_slice(t, t->links[i].to) >= 0)
            t->links[n++] = t->links[i];
    t->n_links = n;
}

static void keep_nodes(struct sim_timeline *t)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->n_slices; i++)
        if (sim_timeline_keeps(t, t->slices[i].node))
            t->slices[n++] = t->slices[i];
    t->n_slices = n;
    n = 0;
    for (int32_t i = 0; i < t->n_leases; i++)
        if (sim_timeline_keeps(t, t->leases[i].lease.node))
            t->leases[n++] = t->leases[i];
    t->n_leases = n;
    keep_links(t);
    keep_names(t);
}

/* Nothing more is kept, and of what is only that which had ended before now. */
static void keep_until(struct sim_timeline *t, int64_t now_ns)
{
    int32_t n = 0;

    t->until_ns = now_ns;
    for (int32_t i = 0; i < t->n_slices; i++)
        if (t->slices[i].told_ns < now_ns)
            t->slices[n++] = t->slices[i];
    t->n_slices = n;
    keep_links(t);
}

/* ---- which ---- */

/* The lowest node of those on which something is kept. */
static int32_t lowest(const struct sim_timeline *t)
{
    int32_t low = INT32_MAX;

    for (int32_t i = 0; i < t->n_slices; i++)
        low = t->slices[i].node < low ? t->slices[i].node : low;
    for (int32_t i = 0; i < t->n_leases && t->n_slices == 0; i++)
        low = t->leases[i].lease.node < low ? t->leases[i].lease.node : low;
    return low;
}

static bool any_on_multiples(const struct sim_timeline *t, int32_t every)
{
    for (int32_t i = 0; i < t->n_slices; i++)
        if ((t->slices[i].node & (every - 1)) == 0)
            return true;
    return t->n_slices == 0;
}

void sim_timeline_make_room(struct sim_timeline *t, const int32_t *n, int32_t node,
                            int64_t now_ns)
{
    while (*n == t->cap && sim_timeline_keeps(t, node)) {
        if (t->only != SP_NO_ID) {
            keep_until(t, now_ns);
            return;
        }
        if (t->every > t->highest / 2 || !any_on_multiples(t, 2 * t->every))
            t->only = lowest(t);
        else
            t->every *= 2;
        keep_nodes(t);
    }
}

/* ---- in words ---- */

static const char *single(const struct sim_timeline *t, int32_t node,
                          struct sp_arena *arena)
{
    char until[32];

    if (t->until_ns == INT64_MAX)
        return sp_arena_printf(arena, "node %d alone; everything on it", (int)node);
    sp_format_duration(sp_s_from_ns(t->until_ns), until, sizeof until);
    return sp_arena_printf(arena, "node %d alone, until %s: what had ended by then",
                           (int)node, until);
}

static const char *nodes(const struct sim_timeline *t, struct sp_arena *arena)
{
    int32_t k = t->every;

    if (t->only != SP_NO_ID || k > t->highest)
        return single(t, t->only != SP_NO_ID ? t->only : 0, arena);
    return sp_arena_printf(arena, "nodes 0, %d%s: 1 in %d; everything on them", (int)k,
                           2 * (int64_t)k > t->highest ? "" : ", ...", (int)k);
}

const char *sim_timeline_sample(const struct sim_timeline *t, struct sp_arena *arena)
{
    bool all = t->every == 1 && t->only == SP_NO_ID;

    if (all)
        return t->slices_asked ? "everything" : "leases alone";
    return t->slices_asked
               ? nodes(t, arena)
               : sp_arena_printf(arena, "leases alone, of %s", nodes(t, arena));
}
