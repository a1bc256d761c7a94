/* Which nodes are kept when there is more than there is room for. */
#include <stdlib.h>
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

static void drop_slices(struct sim_timeline *t)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->n_slices; i++)
        if (sim_timeline_has(t, t->slices[i].node))
            t->slices[n++] = t->slices[i];
    t->n_slices = n;
    keep_links(t);
    keep_names(t);
}

static void drop_leases(struct sim_timeline *t)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->n_leases; i++)
        if (sim_timeline_keeps_lease(t, t->leases[i].lease.node))
            t->leases[n++] = t->leases[i];
    t->n_leases = n;
}

/* No more slices are kept, and of those that are only what was told before now. */
static void cut_slices(struct sim_timeline *t, int64_t now_ns)
{
    int32_t n = 0;

    if (t->until_ns < INT64_MAX)
        return;
    t->until_ns = now_ns;
    for (int32_t i = 0; i < t->n_slices; i++)
        if (t->slices[i].told_ns < now_ns)
            t->slices[n++] = t->slices[i];
    t->n_slices = n;
    keep_links(t);
}

/* ---- which ---- */

/* Whether every type of node that has slices has some on multiples. */
static bool types_remain(const struct sim_timeline *t, int32_t every)
{
    size_t n = (size_t)t->n_uses;
    bool *there = sp_xcalloc(n, sizeof *there), all = true;

    for (int32_t i = 0; i < t->n_slices; i++)
        if ((t->slices[i].node & (every - 1)) == 0)
            there[t->nodes[t->slices[i].node].use] = true;
    for (int32_t i = 0; i < t->n_slices; i++)
        all = all && there[t->nodes[t->slices[i].node].use];
    free(there);
    return all;
}

/* Of each type the lowest node that has slices; the first where none has. */
static void choose_few(struct sim_timeline *t)
{
    size_t n = (size_t)t->n_uses;
    int32_t *low = sp_xcalloc(n, sizeof *low); /* node + 1 */

    t->few = true;
    for (int32_t i = 0; i < t->n_slices; i++) {
        int32_t node = t->slices[i].node, *of_use = &low[t->nodes[node].use];

        *of_use = *of_use == 0 || node < *of_use - 1 ? node + 1 : *of_use;
    }
    for (size_t u = 0; u < n; u++)
        if (low[u] > 0)
            t->nodes[low[u] - 1].chosen = true;
    if (t->n_slices == 0 && t->nodes_room > 0)
        t->nodes[0].chosen = true;
    free(low);
}

static void fewer_nodes(struct sim_timeline *t)
{
    if (t->every <= t->highest / 2 && types_remain(t, 2 * t->every))
        t->every *= 2;
    else
        choose_few(t);
    drop_slices(t);
}

void sim_timeline_slice_room(struct sim_timeline *t, int32_t node, int64_t now_ns)
{
    while (t->n_slices == t->cap && sim_timeline_keeps(t, node)) {
        if (t->few)
            cut_slices(t, now_ns);
        else
            fewer_nodes(t);
    }
}

void sim_timeline_lease_room(struct sim_timeline *t, int32_t node, int64_t now_ns)
{
    while (t->n_leases == t->cap && sim_timeline_keeps_lease(t, node)) {
        bool more = t->slices_asked && !t->few;

        if (t->lease_every <= t->highest) {
            t->lease_every *= 2;
            while (t->slices_asked && !t->few && t->every < t->lease_every)
                fewer_nodes(t);
        } else if (more) {
            fewer_nodes(t);
        } else {
            cut_slices(t, now_ns);
            t->leases_until_ns = now_ns;
            return;
        }
        drop_leases(t);
    }
}

/* ---- in words ---- */

static const char *multiples(const struct sim_timeline *t, int32_t every,
                             struct sp_arena *arena)
{
    if (every > t->highest)
        return "node 0";
    return sp_arena_printf(arena, "nodes 0, %d%s, 1 in %d", (int)every,
                           2 * (int64_t)every > t->highest ? "" : ", ...", (int)every);
}

/* "nodes 0 and 4 alone" */
static const char *chosen(const struct sim_timeline *t, struct sp_arena *arena)
{
    enum { NAMED = 8 };
    const char *text = "";
    int32_t n = 0, named = 0;

    for (int32_t i = 0; i < t->nodes_room; i++)
        n += t->nodes[i].chosen;
    for (int32_t i = 0; i < t->nodes_room && named < NAMED; i++)
        if (t->nodes[i].chosen) {
            named++;
            text = sp_arena_printf(arena, "%s%s%d", text,
                                   named == 1   ? ""
                                   : named == n ? " and "
                                                : ", ",
                                   (int)i);
        }
    return sp_arena_printf(arena, "node%s %s%s alone", n == 1 ? "" : "s", text,
                           n > NAMED ? ", ..." : "");
}

static const char *until(const char *text, int64_t ns, struct sp_arena *arena)
{
    char s[32];

    if (ns == INT64_MAX)
        return text;
    sp_format_duration(sp_s_from_ns(ns), s, sizeof s);
    return sp_arena_printf(arena, "%s, until %s", text, s);
}

static const char *leases_text(const struct sim_timeline *t, struct sp_arena *arena)
{
    const char *which = t->lease_every == 1
                            ? "every lease"
                            : sp_arena_printf(arena, "leases of %s",
                                              multiples(t, t->lease_every, arena));

    return until(which, t->leases_until_ns, arena);
}

static const char *slices_text(const struct sim_timeline *t, struct sp_arena *arena)
{
    const char *which = t->few ? chosen(t, arena) : multiples(t, t->every, arena);

    return sp_arena_printf(arena, "slices of %s: %s", until(which, t->until_ns, arena),
                           t->until_ns < INT64_MAX ? "what had ended by then"
                                                   : "everything there");
}

const char *sim_timeline_sample(const struct sim_timeline *t, struct sp_arena *arena)
{
    if (!t->slices_asked)
        return t->lease_every == 1 && t->leases_until_ns == INT64_MAX
                   ? "leases alone"
                   : sp_arena_printf(arena, "%s; no slices", leases_text(t, arena));
    if (t->every == 1 && !t->few)
        return "everything";
    return sp_arena_printf(arena, "%s; %s", leases_text(t, arena),
                           slices_text(t, arena));
}
