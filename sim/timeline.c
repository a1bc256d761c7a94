/* What is told of is kept or counted. */
#include "sim/timeline.h"

#include <string.h>

#include "sim/timeline_rows.h"

struct sim_timeline *sim_timeline_new(struct sp_arena *arena, int32_t slices)
{
    struct sim_timeline *t = sp_arena_alloc(arena, sizeof *t);

    t->arena = arena;
    t->slices_asked = slices > 0;
    t->cap = slices > 0 ? slices : SIM_TIMELINE_LEASES;
    t->every = t->lease_every = 1;
    t->highest = SP_NO_ID;
    t->until_ns = t->leases_until_ns = INT64_MAX;
    t->last_name = -1;
    return t;
}

/* ---- rows by serial ---- */

int32_t sim_timeline_find_lease(const struct sim_timeline *t, int64_t serial)
{
    int32_t low = 0, high = t->n_leases;

    while (low < high) {
        int32_t mid = low + (high - low) / 2;

        if (t->leases[mid].serial < serial)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n_leases && t->leases[low].serial == serial ? low : -1;
}

int32_t sim_timeline_find_slice(const struct sim_timeline *t, int64_t serial)
{
    int32_t low = 0, high = t->n_slices;

    while (low < high) {
        int32_t mid = low + (high - low) / 2;

        if (t->slices[mid].serial < serial)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n_slices && t->slices[low].serial == serial ? low : -1;
}

/* ---- nodes ---- */

static struct sim_timeline_node *node_at(struct sim_timeline *t, int32_t node)
{
    if (node >= t->nodes_room) {
        int32_t want = 2 * node + 16;

        t->nodes = sp_arena_grow(t->arena, t->nodes, (size_t)t->nodes_room,
                                 (size_t)want, sizeof *t->nodes);
        for (int32_t i = t->nodes_room; i < want; i++)
            t->nodes[i].lease = -1;
        t->nodes_room = want;
    }
    return &t->nodes[node];
}

static void more_threads(struct sim_timeline *t, struct sim_timeline_node *n)
{
    size_t had = (size_t)n->n_words, want = 2 * had + 1;

    n->taken = sp_arena_grow(t->arena, n->taken, had, want, sizeof *n->taken);
    n->owner = sp_arena_grow(t->arena, n->owner, 64 * had, 64 * want, sizeof *n->owner);
    n->n_words = (int32_t)want;
}

/* The lowest free thread that this owner had, or that nobody had (owner 0). */
static int32_t free_thread(const struct sim_timeline_node *n, int32_t owner)
{
    for (int32_t w = 0; w < n->n_words; w++)
        for (uint64_t left = ~n->taken[w]; left != 0; left &= left - 1) {
            int32_t thread = 64 * w + __builtin_ctzll(left);

            if (n->owner[thread] == owner)
                return thread;
        }
    return SP_NO_ID;
}

int32_t sim_timeline_take(struct sim_timeline *t, int32_t node, int32_t owner)
{
    struct sim_timeline_node *n;
    int32_t thread;

    if (!sim_timeline_keeps(t, node))
        return SP_NO_ID;
    n = node_at(t, node);
    thread = free_thread(n, owner + 1);
    if (thread == SP_NO_ID)
        thread = free_thread(n, 0);
    if (thread == SP_NO_ID) {
        thread = 64 * n->n_words;
        more_threads(t, n);
    }
    n->owner[thread] = owner + 1;
    n->taken[thread / 64] |= UINT64_C(1) << thread % 64;
    return thread;
}

void sim_timeline_give(struct sim_timeline *t, int32_t node, int32_t thread)
{
    if (thread != SP_NO_ID)
        t->nodes[node].taken[thread / 64] &= ~(UINT64_C(1) << thread % 64);
}

/* ---- leases ---- */

void sim_timeline_lease(struct sim_timeline *t, int32_t node, int32_t use,
                        int64_t now_ns)
{
    int64_t serial = t->all_leases++;

    t->highest = node > t->highest ? node : t->highest;
    t->n_uses = use >= t->n_uses ? use + 1 : t->n_uses;
    if (sim_timeline_keeps_lease(t, node))
        sim_timeline_lease_room(t, node, now_ns);
    if (!sim_timeline_keeps_lease(t, node))
        return;
    t->leases = sp_arena_more(t->arena, t->leases, t->n_leases, &t->leases_room,
                              sizeof *t->leases);
    t->leases[t->n_leases++] = (struct sim_lease_row){.serial = serial,
                                                      .lease = {.node = node,
                                                                .use = use,
                                                                .requested_ns = now_ns,
                                                                .ready_ns = -1,
                                                                .end_ns = -1}};
    node_at(t, node)->lease = serial;
    t->nodes[node].use = use;
}

/* The row of the lease that a node has, or NULL: it is not kept. */
static struct model_lease *lease_of(struct sim_timeline *t, int32_t node)
{
    int32_t row = node < t->nodes_room && t->nodes[node].lease >= 0
                      ? sim_timeline_find_lease(t, t->nodes[node].lease)
                      : -1;

    return row >= 0 ? &t->leases[row].lease : NULL;
}

void sim_timeline_ready(struct sim_timeline *t, int32_t node, int64_t now_ns)
{
    struct model_lease *l = lease_of(t, node);

    if (l != NULL && l->ready_ns < 0)
        l->ready_ns = now_ns;
}

static void forget_owners(struct sim_timeline_node *n)
{
    n->lease = -1;
    for (int32_t i = 0; i < 64 * n->n_words; i++)
        n->owner[i] = 0;
}

void sim_timeline_end(struct sim_timeline *t, int32_t node, const char *ended,
                      int64_t now_ns)
{
    struct model_lease *l = lease_of(t, node);

    if (l == NULL)
        return;
    l->end_ns = now_ns;
    l->ended = ended;
    forget_owners(&t->nodes[node]);
}

/* ---- slices ---- */

void sim_slice_input(struct sim_slice *s, int64_t input)
{
    if (input < 0 || s->n_inputs == SIM_TIMELINE_INPUTS)
        return;
    for (int32_t i = 0; i < s->n_inputs; i++)
        if (s->inputs[i] == input)
            return;
    s->inputs[s->n_inputs++] = input;
}

/* Where the name is among the names; that of the slice before it is not copied again.
 */
static int32_t keep_name(struct sim_timeline *t, const char *name)
{
    int32_t size;

    if (name == NULL)
        return -1;
    if (t->last_name >= 0 && strcmp(t->names + t->last_name, name) == 0)
        return t->last_name;
    size = (int32_t)strlen(name) + 1;
    if (size > t->names_room - t->names_used) {
        int32_t want = 2 * (t->names_used + size) + 256;

        t->names =
            sp_arena_grow(t->arena, t->names, (size_t)t->names_room, (size_t)want, 1);
        t->names_room = want;
    }
    t->last_name = t->names_used;
    memcpy(t->names + t->last_name, name, (size_t)size);
    t->names_used += size;
    return t->last_name;
}

static void keep_links(struct sim_timeline *t, const struct sim_slice *s, int64_t to)
{
    int32_t nth = 0;

    for (int32_t i = 0; i < s->n_inputs; i++) {
        if (sim_timeline_find_slice(t, s->inputs[i]) < 0)
            continue;
        t->links = sp_arena_more(t->arena, t->links, t->n_links, &t->links_room,
                                 sizeof *t->links);
        t->links[t->n_links++] =
            (struct sim_slice_link_row){.from = s->inputs[i], .to = to, .nth = nth++};
    }
}

int64_t sim_timeline_slice(struct sim_timeline *t, const struct sim_slice *s)
{
    int64_t serial = t->all_slices, told_ns = s->over_ns > 0 ? s->over_ns : s->to_ns;

    if (s->to_ns <= s->from_ns)
        return -1;
    t->all_slices++;
    if (sim_timeline_keeps(t, s->node))
        sim_timeline_slice_room(t, s->node, told_ns);
    if (!sim_timeline_keeps(t, s->node))
        return -1;
    sp_assert(s->thread != SP_NO_ID && t->nodes[s->node].lease >= 0);
    t->slices = sp_arena_more(t->arena, t->slices, t->n_slices, &t->slices_room,
                              sizeof *t->slices);
    t->slices[t->n_slices++] =
        (struct sim_slice_row){.serial = serial,
                               .lease = t->nodes[s->node].lease,
                               .told_ns = told_ns,
                               .node = s->node,
                               .name = keep_name(t, s->name),
                               .slice = {.thread = s->thread,
                                         .workload = s->workload,
                                         .stage = s->stage,
                                         .kind = s->kind,
                                         .from_ns = s->from_ns,
                                         .to_ns = s->to_ns,
                                         .items = s->items,
                                         .first_item = s->first_item}};
    keep_links(t, s, serial);
    return serial;
}
