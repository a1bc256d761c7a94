/* For every shape the best of all nodes by score, kept up to date as nodes change: the
 * highest score wins, then the lowest tie rank, then the lowest id.
 *
 * A shape has a winner tree over the nodes, and it is brought up to date when somebody
 * asks: the nodes that changed since it was last asked for are scored anew, each once,
 * and what changed climbs the tree.  So a change costs, in the long run, one score and
 * at most log2(nodes) comparisons per shape that is asked for, whatever the number of
 * nodes; a shape's first time costs a score per node.
 *
 * Five bytes a node and shape (nodes rounded up to a power of two), within the bytes
 * given, but for eight shapes at least: beyond, the shape asked for longest ago loses
 * its tree.
 */
#ifndef SIM_RANKING_H
#define SIM_RANKING_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct sim_ranking;

struct sim_ranking_source {
    void *self;
    /* 0 to 100, or -1: the shape can't be there.  May change only with a call of
     * sim_ranking_changed(). */
    int32_t (*score)(void *self, int32_t node, int32_t shape);
};

struct sim_ranking *sim_ranking_new(struct sp_arena *arena,
                                    struct sim_ranking_source source, int64_t bytes);

/* A node of the next id, or one whose id is used again. */
void sim_ranking_add(struct sim_ranking *r, int32_t node, uint32_t tie_rank);
void sim_ranking_changed(struct sim_ranking *r, int32_t node);

/* The best node, or SP_NO_ID. */
int32_t sim_ranking_best(struct sim_ranking *r, int32_t shape);

/* Nodes scored and comparisons so far. */
uint64_t sim_ranking_steps(const struct sim_ranking *r);

/* Recomputes the trees; aborts on a difference. */
void sim_ranking_verify(const struct sim_ranking *r);

#endif
