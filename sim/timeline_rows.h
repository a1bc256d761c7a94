/* The rows of a recorder: shared by the files sim/timeline*.c and by nobody else. */
#ifndef SIM_TIMELINE_ROWS_H
#define SIM_TIMELINE_ROWS_H

#include "sim/timeline.h"

/* Serials count what there was, kept or not, so rows that are kept lie in rising order
 * of theirs. */
struct sim_lease_row {
    int64_t serial;
    struct model_lease lease;
};

struct sim_slice_row {
    int64_t serial, lease;
    int64_t told_ns;
    int32_t node;
    int32_t name; /* where it begins among the names, or -1 */
    struct model_slice slice;
};

struct sim_slice_link_row {
    int64_t from, to; /* serials of slices */
    int32_t nth;      /* of the links to the same slice */
};

struct sim_timeline_node {
    int64_t lease;   /* serial of that which it has, or -1: none, or not kept */
    int32_t use;     /* of its leases */
    bool chosen;     /* its slices are kept, when only those of a few nodes are */
    uint64_t *taken; /* threads, as bits */
    int32_t *owner;  /* of threads, + 1; 0: nobody has had it */
    int32_t n_words;
};

struct sim_timeline {
    struct sp_arena *arena;
    bool slices_asked;
    int32_t cap;
    int32_t highest, n_uses; /* of nodes; of leases; so far */

    /* Slices kept: those on nodes that are multiples of `every`, a power of two; then,
     * `few`, those on chosen nodes; then of these what was told before until_ns.
     * Leases: those of nodes that are multiples of lease_every, and of nodes whose
     * slices are kept; then those requested before leases_until_ns.  INT64_MAX: not
     * yet. */
    int32_t every, lease_every;
    bool few;
    int64_t until_ns, leases_until_ns;

    int64_t all_leases, all_slices;
    struct sim_lease_row *leases;
    int32_t n_leases, leases_room;
    struct sim_slice_row *slices;
    int32_t n_slices, slices_room;
    struct sim_slice_link_row *links;
    int32_t n_links, links_room;
    char *names; /* of jobs, one after the other; those of one job once */
    int32_t names_used, names_room, last_name;
    struct sim_timeline_node *nodes;
    int32_t nodes_room;
};

/* Whether slices of a node are kept, if only for a while. */
static inline bool sim_timeline_has(const struct sim_timeline *t, int32_t node)
{
    if (!t->slices_asked)
        return false;
    return t->few ? node < t->nodes_room && t->nodes[node].chosen
                  : (node & (t->every - 1)) == 0;
}

/* Whether a slice, or lease, of a node that is told now is kept. */
static inline bool sim_timeline_keeps(const struct sim_timeline *t, int32_t node)
{
    return t->until_ns == INT64_MAX && sim_timeline_has(t, node);
}

static inline bool sim_timeline_keeps_lease(const struct sim_timeline *t, int32_t node)
{
    return t->leases_until_ns == INT64_MAX &&
           ((node & (t->lease_every - 1)) == 0 || sim_timeline_has(t, node));
}

/* The row of a serial, or -1. */
int32_t sim_timeline_find_lease(const struct sim_timeline *t, int64_t serial);
int32_t sim_timeline_find_slice(const struct sim_timeline *t, int64_t serial);

/* ---- timeline_sample.c ---- */
/* Where there are as many slices (leases) as may be, makes room for one of a node at
 * `now_ns`; it may be that the node's are kept no more. */
void sim_timeline_slice_room(struct sim_timeline *t, int32_t node, int64_t now_ns);
void sim_timeline_lease_room(struct sim_timeline *t, int32_t node, int64_t now_ns);
/* What is kept, in words. */
const char *sim_timeline_sample(const struct sim_timeline *t, struct sp_arena *arena);

#endif
