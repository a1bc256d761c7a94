/* What replicas did when, told to the timeline: each has a thread of its node for as
 * long as it is there. */
#include "sim/serving_rows.h"

static int64_t tell(struct sim_serving *w, const struct sim_serving_replica *r,
                    enum model_slice_kind kind, int64_t from_ns)
{
    struct sim_slice s = {.node = r->node,
                          .thread = r->thread,
                          .workload = w->env.workload,
                          .stage = r->pool,
                          .kind = kind,
                          .from_ns = from_ns,
                          .to_ns = w->now_ns,
                          .first_item = -1};

    if (kind == MODEL_SLICE_BUSY)
        sim_slice_input(&s, r->input);
    return sim_timeline_slice(w->env.timeline, &s);
}

void sim_record_replica_placed(struct sim_serving *w, struct sim_serving_replica *r)
{
    r->slice = r->input = -1;
    if (w->env.timeline != NULL)
        r->thread = sim_timeline_take(w->env.timeline, r->node,
                                      sim_timeline_owner(w->env.workload, r->pool));
}

void sim_record_replica_started(struct sim_serving *w,
                                const struct sim_serving_replica *r)
{
    if (w->env.timeline != NULL)
        tell(w, r, MODEL_SLICE_START_UP, r->starts_ns);
}

void sim_record_busy(struct sim_serving *w, struct sim_serving_replica *r)
{
    if (w->env.timeline != NULL)
        r->slice = tell(w, r, MODEL_SLICE_BUSY, r->busy_from_ns);
    r->input = -1;
}

void sim_record_replica_leaves(struct sim_serving *w, struct sim_serving_replica *r)
{
    if (w->env.timeline != NULL && r->node != SP_NO_ID)
        sim_timeline_give(w->env.timeline, r->node, r->thread);
    r->thread = SP_NO_ID;
}

/* Only then did one span end before the other began: links are between such. */
void sim_record_handover(struct sim_serving *w, const struct sim_handover *h)
{
    const struct sim_serving_replica *from = &w->replicas[h->source];
    struct sim_serving_replica *to = &w->replicas[h->dest];

    if (w->env.timeline != NULL && from->busy_from_ns < 0 && to->busy_from_ns < 0)
        to->input = from->slice;
}
