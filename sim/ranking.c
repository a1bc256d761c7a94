/* Winner trees as arrays: leaf i is node i, inner node i has the children 2i and 2i+1.
 * Changes are numbered; a ring keeps the latest, and each node knows its last, so a
 * node that changed twice is scored once. */
#include "sim/ranking.h"

#include <stdbool.h>
#include <string.h>

enum { TREES_MIN = 8, CAPACITY_MIN = 64 };

struct tree {
    int32_t shape;   /* SP_NO_ID: unused */
    uint64_t seen;   /* changes before this one are in it */
    uint64_t asked;  /* when it was last asked for */
    int8_t *score;   /* [capacity], of nodes */
    int32_t *winner; /* [capacity], of inner nodes; [1] is the root */
};

struct sim_ranking {
    struct sp_arena *arena;
    struct sim_ranking_source source;
    int64_t bytes;
    int32_t n, capacity; /* nodes; a power of two */
    uint32_t *tie_rank;
    uint64_t *last_change; /* of a node: its number */
    int32_t *ring;         /* node of change i at i mod capacity */
    uint64_t changes, asks, steps;
    struct tree *trees;
    int32_t n_trees, trees_room;
    int32_t *tree_of; /* by shape */
    int32_t shapes_room;
};

struct sim_ranking *sim_ranking_new(struct sp_arena *arena,
                                    struct sim_ranking_source source, int64_t bytes)
{
    struct sim_ranking *r = sp_arena_alloc(arena, sizeof *r);

    r->arena = arena;
    r->source = source;
    r->bytes = bytes;
    return r;
}

/* ---- nodes ---- */

static void *resized(struct sim_ranking *r, void *old, int32_t want, size_t size)
{
    return sp_arena_grow(r->arena, old, (size_t)r->capacity, (size_t)want, size);
}

static void drop_tree(struct sim_ranking *r, struct tree *t)
{
    size_t n = (size_t)r->capacity;

    r->tree_of[t->shape] = SP_NO_ID;
    sp_arena_give_back(r->arena, t->score, n, sizeof *t->score);
    sp_arena_give_back(r->arena, t->winner, n, sizeof *t->winner);
    *t = (struct tree){.shape = SP_NO_ID};
}

/* Trees of another size are made anew when they are asked for. */
static void grow(struct sim_ranking *r)
{
    int32_t want = r->capacity == 0 ? CAPACITY_MIN : 2 * r->capacity;

    while (r->n_trees > 0)
        drop_tree(r, &r->trees[--r->n_trees]);
    r->tie_rank = resized(r, r->tie_rank, want, sizeof *r->tie_rank);
    r->last_change = resized(r, r->last_change, want, sizeof *r->last_change);
    r->ring = resized(r, r->ring, want, sizeof *r->ring);
    r->capacity = want;
}

void sim_ranking_changed(struct sim_ranking *r, int32_t node)
{
    r->last_change[node] = r->changes;
    r->ring[r->changes++ & (uint64_t)(r->capacity - 1)] = node;
}

void sim_ranking_add(struct sim_ranking *r, int32_t node, uint32_t tie_rank)
{
    sp_assert(node <= r->n);
    if (node == r->capacity)
        grow(r);
    if (node == r->n)
        r->n++;
    else
        sp_assert(r->tie_rank[node] == tie_rank);
    r->tie_rank[node] = tie_rank;
    sim_ranking_changed(r, node);
}

/* ---- trees ---- */

static int32_t better(const struct sim_ranking *r, const struct tree *t, int32_t a,
                      int32_t b)
{
    if (t->score[a] != t->score[b])
        return t->score[a] > t->score[b] ? a : b;
    if (t->score[a] >= 0 && r->tie_rank[a] != r->tie_rank[b])
        return r->tie_rank[a] < r->tie_rank[b] ? a : b;
    return a < b ? a : b;
}

static int32_t winner_at(const struct sim_ranking *r, const struct tree *t, int32_t i)
{
    return i < r->capacity ? t->winner[i] : i - r->capacity;
}

static int32_t winner_below(const struct sim_ranking *r, const struct tree *t,
                            int32_t i)
{
    return better(r, t, winner_at(r, t, 2 * i), winner_at(r, t, 2 * i + 1));
}

static bool rescore(struct sim_ranking *r, struct tree *t, int32_t node)
{
    int8_t score = (int8_t)r->source.score(r->source.self, node, t->shape);
    bool other = score != t->score[node];

    r->steps++;
    t->score[node] = score;
    return other;
}

/* Up to where somebody else wins as before. */
static void climb(struct sim_ranking *r, struct tree *t, int32_t node)
{
    for (int32_t i = (r->capacity + node) / 2; i > 0; i /= 2) {
        int32_t won = winner_below(r, t, i);

        r->steps++;
        if (won == t->winner[i] && won != node)
            return;
        t->winner[i] = won;
    }
}

static void rebuild(struct sim_ranking *r, struct tree *t)
{
    for (int32_t i = r->capacity - 1; i > 0; i--)
        t->winner[i] = winner_below(r, t, i);
    r->steps += (uint64_t)r->capacity;
}

static void catch_up_all(struct sim_ranking *r, struct tree *t)
{
    bool any = false;

    for (int32_t node = 0; node < r->n; node++)
        if (r->last_change[node] >= t->seen && rescore(r, t, node))
            any = true;
    if (any || t->seen == 0)
        rebuild(r, t);
}

static void catch_up(struct sim_ranking *r, struct tree *t)
{
    if (t->seen == 0 || (r->changes - t->seen) * 8 > (uint64_t)r->capacity) {
        catch_up_all(r, t);
    } else {
        for (uint64_t c = t->seen; c < r->changes; c++) {
            int32_t node = r->ring[c & (uint64_t)(r->capacity - 1)];

            if (r->last_change[node] == c && rescore(r, t, node))
                climb(r, t, node);
        }
    }
    t->seen = r->changes;
}

static int64_t trees_max(const struct sim_ranking *r)
{
    int64_t max = r->bytes / (5 * (int64_t)r->capacity);

    return max > TREES_MIN ? max : TREES_MIN;
}

/* A row for a tree: a new one, or that of the shape asked for longest ago. */
static struct tree *tree_row(struct sim_ranking *r)
{
    struct tree *oldest = r->trees;

    if (r->n_trees < trees_max(r)) {
        r->trees = sp_arena_more(r->arena, r->trees, r->n_trees, &r->trees_room,
                                 sizeof *r->trees);
        r->trees[r->n_trees] = (struct tree){.shape = SP_NO_ID};
        return &r->trees[r->n_trees++];
    }
    for (int32_t i = 1; i < r->n_trees; i++)
        if (r->trees[i].asked < oldest->asked)
            oldest = &r->trees[i];
    r->tree_of[oldest->shape] = SP_NO_ID;
    return oldest;
}

static struct tree *plant(struct sim_ranking *r, int32_t shape)
{
    struct tree *t = tree_row(r);
    size_t n = (size_t)r->capacity;

    if (t->score == NULL) {
        t->score = sp_arena_array(r->arena, n, sizeof *t->score);
        t->winner = sp_arena_array(r->arena, n, sizeof *t->winner);
    }
    memset(t->score, -1, n);
    t->shape = shape;
    t->seen = 0;
    r->tree_of[shape] = (int32_t)(t - r->trees);
    return t;
}

static struct tree *tree_of(struct sim_ranking *r, int32_t shape)
{
    if (shape >= r->shapes_room) {
        int32_t want = 2 * shape + 16;

        r->tree_of = sp_arena_grow(r->arena, r->tree_of, (size_t)r->shapes_room,
                                   (size_t)want, sizeof *r->tree_of);
        for (int32_t i = r->shapes_room; i < want; i++)
            r->tree_of[i] = SP_NO_ID;
        r->shapes_room = want;
    }
    return r->tree_of[shape] != SP_NO_ID ? &r->trees[r->tree_of[shape]]
                                         : plant(r, shape);
}

int32_t sim_ranking_best(struct sim_ranking *r, int32_t shape)
{
    struct tree *t;
    int32_t best;

    if (r->n == 0)
        return SP_NO_ID;
    t = tree_of(r, shape);
    catch_up(r, t);
    t->asked = ++r->asks;
    best = t->winner[1];
    return t->score[best] >= 0 ? best : SP_NO_ID;
}

uint64_t sim_ranking_steps(const struct sim_ranking *r)
{
    return r->steps;
}

void sim_ranking_verify(const struct sim_ranking *r)
{
    for (int32_t i = 0; i < r->n_trees; i++) {
        const struct tree *t = &r->trees[i];

        sp_assert(r->tree_of[t->shape] == i);
        for (int32_t node = 0; node < r->n; node++)
            sp_assert(r->last_change[node] >= t->seen ||
                      t->score[node] ==
                          r->source.score(r->source.self, node, t->shape));
        for (int32_t k = 1; k < r->capacity; k++)
            sp_assert(t->winner[k] == winner_below(r, t, k));
    }
}
