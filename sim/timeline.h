/* The recorder: leases, what went on at each place of their nodes, and whose output was
 * whose input; struct model_timeline comes of it.
 *
 * It only watches: nothing that it answers may change what happens.  Whoever has a
 * place on a node asks for a thread when it gets it, and tells of a slice when that has
 * ended.  A slice lies on the lease that its node has then; slices of no time are left
 * out.
 *
 * Memory is bounded by the cap.  When as many slices are kept as may be, only those of
 * every second node are kept on, then of every fourth: the nodes whose numbers are
 * multiples of k, and everything on them.  Where a type of node would have none left,
 * one node of each is kept, the lowest with slices, and then only what had ended when
 * the cap was reached again.  Leases are thinned likewise, by themselves: every slice's
 * lease stays.  docs/design.md, "What is recorded".
 */
#ifndef SIM_TIMELINE_H
#define SIM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/result.h"

struct sim_timeline;

/* Who has threads: a pool of units of a workload. */
static inline int32_t sim_timeline_owner(int32_t workload, int32_t pool)
{
    return workload * MODEL_STAGES_MAX + pool;
}

enum {
    SIM_TIMELINE_LEASES = 20000, /* kept where no slices are asked for */
    SIM_TIMELINE_INPUTS = 4      /* links kept of one slice */
};

/* Keeps at most `slices` slices and as many leases and links; 0: leases alone, at most
 * SIM_TIMELINE_LEASES. */
struct sim_timeline *sim_timeline_new(struct sp_arena *arena, int32_t slices);

/* ---- leases; a node has one at a time ---- */
void sim_timeline_lease(struct sim_timeline *t, int32_t node, int32_t use,
                        int64_t now_ns);
void sim_timeline_ready(struct sim_timeline *t, int32_t node, int64_t now_ns);
/* `ended` as in struct model_lease; it must outlive the result. */
void sim_timeline_end(struct sim_timeline *t, int32_t node, const char *ended,
                      int64_t now_ns);

/* ---- slices ---- */

/* A thread of the node for a while: the lowest free one that this owner has had on this
 * lease, else that nobody has; so those of a pool of units stay together.  SP_NO_ID:
 * the node is not among those kept. */
int32_t sim_timeline_take(struct sim_timeline *t, int32_t node, int32_t owner);
/* It is free again.  SP_NO_ID is fine. */
void sim_timeline_give(struct sim_timeline *t, int32_t node, int32_t thread);

/* Something that ended now. */
struct sim_slice {
    int32_t node, thread; /* thread as taken; SP_NO_ID: it is only counted */
    int32_t workload, stage;
    enum model_slice_kind kind;
    const char *name; /* copied; or NULL */
    int64_t from_ns, to_ns;
    int64_t over_ns; /* when that was over of which it is a part, now; 0: at to_ns */
    int64_t items, first_item;
    int32_t n_inputs;
    int64_t inputs[SIM_TIMELINE_INPUTS]; /* slices whose output it had; -1: none */
};

/* Returns what the slice is called among `inputs`; -1: it is not kept. */
int64_t sim_timeline_slice(struct sim_timeline *t, const struct sim_slice *s);

/* Adds an input to those of a slice that is about to be told, each once; beyond
 * SIM_TIMELINE_INPUTS they are left out. */
void sim_slice_input(struct sim_slice *s, int64_t input);

/* All of it, in the order that its header says, into `arena`.  Every lease has ended.
 */
struct model_timeline sim_timeline_result(struct sim_timeline *t,
                                          struct sp_arena *arena);

#endif
