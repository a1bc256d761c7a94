/* What was kept, put in order. */
#include <stdlib.h>
#include <string.h>

#include "sim/timeline_rows.h"

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* ---- leases ---- */

static int by_request(const void *a, const void *b)
{
    const struct sim_lease_row *x = a, *y = b;
    int by = order(x->lease.requested_ns, y->lease.requested_ns);

    by = by != 0 ? by : order(x->lease.node, y->lease.node);
    return by != 0 ? by : order(x->serial, y->serial);
}

/* Rows are put in order and copied; returns where each went, by the place it had. */
static int32_t *put_leases(struct sim_timeline *t, struct sp_arena *arena,
                           struct model_timeline *m)
{
    size_t n = (size_t)t->n_leases;
    struct sim_lease_row *sorted = sp_arena_array(t->arena, n + 1, sizeof *sorted);
    int32_t *to = sp_arena_array(t->arena, n + 1, sizeof *to);

    if (n > 0)
        memcpy(sorted, t->leases, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_request);
    m->leases = sp_arena_array(arena, n, sizeof *m->leases);
    m->n_leases = t->n_leases;
    for (int32_t i = 0; i < t->n_leases; i++) {
        sp_assert(sorted[i].lease.ended != NULL);
        m->leases[i] = sorted[i].lease;
        to[sim_timeline_find_lease(t, sorted[i].serial)] = i;
    }
    return to;
}

/* ---- slices ---- */

static int by_begin(const void *a, const void *b)
{
    const struct sim_slice_row *x = a, *y = b;
    int by = order(x->slice.from_ns, y->slice.from_ns);

    by = by != 0 ? by : order(x->slice.lease, y->slice.lease);
    by = by != 0 ? by : order(x->slice.thread, y->slice.thread);
    return by != 0 ? by : order(x->serial, y->serial);
}

static int32_t *put_slices(struct sim_timeline *t, const int32_t *lease_to,
                           struct sp_arena *arena, struct model_timeline *m)
{
    size_t n = (size_t)t->n_slices;
    struct sim_slice_row *sorted = sp_arena_array(t->arena, n + 1, sizeof *sorted);
    int32_t *to = sp_arena_array(t->arena, n + 1, sizeof *to);
    char *names = sp_arena_array(arena, (size_t)t->names_used, 1);

    if (t->names_used > 0)
        memcpy(names, t->names, (size_t)t->names_used);
    for (int32_t i = 0; i < t->n_slices; i++) {
        struct sim_slice_row *s = &t->slices[i];

        s->slice.lease = lease_to[sim_timeline_find_lease(t, s->lease)];
        s->slice.name = s->name >= 0 ? names + s->name : NULL;
    }
    if (n > 0)
        memcpy(sorted, t->slices, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_begin);
    m->slices = sp_arena_array(arena, n, sizeof *m->slices);
    m->n_slices = t->n_slices;
    for (int32_t i = 0; i < t->n_slices; i++) {
        m->slices[i] = sorted[i].slice;
        to[sim_timeline_find_slice(t, sorted[i].serial)] = i;
    }
    return to;
}

/* ---- links ---- */

static int by_ends(const void *a, const void *b)
{
    const struct model_slice_link *x = a, *y = b;
    int by = order(x->from, y->from);

    return by != 0 ? by : order(x->to, y->to);
}

/* At most as many as slices: the first of each slice before the second of any. */
static void put_links(const struct sim_timeline *t, const int32_t *slice_to,
                      struct sp_arena *arena, struct model_timeline *m)
{
    int32_t n = t->n_links < t->n_slices ? t->n_links : t->n_slices;

    m->links = sp_arena_array(arena, (size_t)n, sizeof *m->links);
    for (int32_t nth = 0; nth < SIM_TIMELINE_INPUTS; nth++)
        for (int32_t i = 0; i < t->n_links && m->n_links < n; i++) {
            const struct sim_slice_link_row *l = &t->links[i];

            if (l->nth == nth)
                m->links[m->n_links++] = (struct model_slice_link){
                    .from = slice_to[sim_timeline_find_slice(t, l->from)],
                    .to = slice_to[sim_timeline_find_slice(t, l->to)]};
        }
    qsort(m->links, (size_t)m->n_links, sizeof *m->links, by_ends);
}

struct model_timeline sim_timeline_result(struct sim_timeline *t,
                                          struct sp_arena *arena)
{
    struct model_timeline m = {.all_leases = t->all_leases,
                               .all_slices = t->all_slices,
                               .sample = sim_timeline_sample(t, arena)};
    const int32_t *lease_to = put_leases(t, arena, &m);
    const int32_t *slice_to = put_slices(t, lease_to, arena, &m);

    put_links(t, slice_to, arena, &m);
    return m;
}
