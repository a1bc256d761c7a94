/* What became of single source items, where rows per item are asked for: by default a
 * run keeps aggregates only, since writing a row costs more than simulating it. */
#ifndef MODEL_ITEMS_H
#define MODEL_ITEMS_H

#include <stdint.h>

#include "model/result.h"

struct model_item_row {
    int64_t item;                /* number of the source item, from 0 */
    int32_t policy, workload;    /* ids in the result */
    int64_t arrived_ns, left_ns; /* left_ns: when its last descendant left */
    int32_t dropped;             /* enum model_drop, or SP_NO_ID: done */
    /* Of jobs; `team` is NULL of other kinds, which leave the rest 0. */
    const char *team;    /* lives as long as the scenario */
    int64_t started_ns;  /* when it first ran; -1: never */
    int64_t mgpu;        /* of all of its members */
    int32_t preemptions; /* times that it lost its nodes, whatever took them */
    int32_t first_node;  /* of its first member, when first placed; SP_NO_ID: never */
    int64_t
        wait_ns[MODEL_CAUSES]; /* all of its time without running; the sum is exact */
};

/* Takes rows as items leave, in the order in which they leave; items that are in flight
 * at the end of the run have none. */
struct model_item_sink {
    void *self;
    void (*row)(void *self, const struct model_item_row *row);
};

#endif
