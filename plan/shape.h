/* Ways to bundle the stages of a pipeline in units: partitions of the stage graph.
 *
 * A shape is a policy of the scenario with, for each pipeline, a partition of its
 * stages into units, and the slots of each stage in a unit: as many as keep up with the
 * unit's scarcest stage (as `bundle: together`), and neighbours of that ratio.  Serving
 * and jobs stay as the policy has them.
 */
#ifndef PLAN_SHAPE_H
#define PLAN_SHAPE_H

#include "base/arena.h"
#include "model/scenario.h"

enum { PLAN_SHAPES_MAX = 4096 };

struct plan_shape {
    int32_t policy;           /* of the scenario, whose placement and rules it keeps */
    bool as_written;          /* units as the policy has them */
    const char *name;         /* "preprocess | infer": blocks by |, stages by + */
    struct model_plan *plans; /* one per workload; counts of units 1, to be chosen */
    int32_t n_pools;          /* units whose count is to be chosen, over all plans */
    struct {
        int32_t plan, unit;
    } * pools;
};

/* Policies as written first.  Then, of the baseline, all of them where there are at most
 * `most`, else the two ends, what is one merge away from apart, and so on as far as
 * `most` reaches, told by *all = false.  Stages of a block are connected in the graph,
 * but for the one of all stages.  A block that fits on no node type is left out.
 *
 * Blocks of several stages also come in other proportions: one slot of the scarcest
 * stage and of the others as many as keep up, rounded down; 2, 4, 8 and 16 slots of it;
 * and as many as fill the largest node (64 at most). */
struct plan_shape *plan_shapes_of(const struct model_scenario *sc, bool as_written,
                                  int32_t most, struct sp_arena *arena, int32_t *n,
                                  bool *all);

#endif
