/* What tasks and units did when, told to the timeline.  It watches and changes nothing.
 */
#include "sim/pipeline_rows.h"

/* ---- items ---- */

void sim_record_items(struct sim_pipeline *p, int32_t old_room)
{
    if (p->env.timeline == NULL)
        return;
    p->made_by = sp_arena_grow(p->arena, p->made_by, (size_t)old_room,
                               (size_t)p->items_room, sizeof *p->made_by);
}

void sim_record_output_on(struct sim_pipeline *p, const struct sim_task *t,
                          int32_t head)
{
    for (int32_t id = head; id != SP_NO_ID; id = p->items[id].next)
        p->made_by[id] = t->slice;
}

/* The number of the source item that an item comes of; -1: of several. */
static int64_t number_of(const struct sim_pipeline *p, int32_t item)
{
    int32_t family = p->items[item].family;

    return p->families_used ? p->families[family].index : family;
}

/* ---- tasks ---- */

void sim_record_begins_on(struct sim_pipeline *p, struct sim_task *t)
{
    t->slice = -1;
    t->thread = sim_timeline_take(
        p->env.timeline, t->node,
        sim_timeline_owner(p->env.workload, p->stages[t->stage].pool));
}

void sim_record_ends_on(struct sim_pipeline *p, const struct sim_task *t)
{
    if (t->unit != SP_NO_ID)
        sim_timeline_give(p->env.timeline, t->node, t->thread);
}

static struct sim_slice slice_of(const struct sim_pipeline *p, const struct sim_task *t,
                                 enum model_slice_kind kind, int64_t from_ns,
                                 int64_t to_ns)
{
    return (struct sim_slice){.node = t->node,
                              .thread = t->thread,
                              .workload = p->env.workload,
                              .stage = t->phase,
                              .kind = kind,
                              .from_ns = from_ns,
                              .to_ns = to_ns,
                              .items = t->n_items,
                              .first_item =
                                  t->head == SP_NO_ID ? -1 : number_of(p, t->head)};
}

void sim_record_fetch_on(struct sim_pipeline *p, const struct sim_task *t,
                         int64_t now_ns)
{
    struct sim_slice s = slice_of(p, t, MODEL_SLICE_FETCH, t->from_ns, now_ns);

    sim_timeline_slice(p->env.timeline, &s);
}

void sim_record_service_on(struct sim_pipeline *p, struct sim_task *t, int64_t now_ns)
{
    struct sim_slice s = slice_of(p, t, MODEL_SLICE_SERVICE, t->phase_ns, now_ns);

    if (t->phase != t->stage)
        sim_slice_input(&s, t->slice);
    else
        for (int32_t id = t->head; id != SP_NO_ID; id = p->items[id].next)
            sim_slice_input(&s, p->made_by[id]);
    t->slice = sim_timeline_slice(p->env.timeline, &s);
}

void sim_record_blocked_on(struct sim_pipeline *p, const struct sim_task *t,
                           int64_t now_ns)
{
    struct sim_slice s;

    if (t->unit == SP_NO_ID)
        return;
    s = slice_of(p, t, MODEL_SLICE_BLOCKED, t->phase_ns, now_ns);
    sim_timeline_slice(p->env.timeline, &s);
}

/* ---- units ---- */

void sim_record_unit_starts(struct sim_pipeline *p, const struct sim_pool *pool,
                            struct sim_unit *u)
{
    if (p->env.timeline != NULL)
        u->thread = sim_timeline_take(p->env.timeline, u->node,
                                      sim_timeline_owner(p->env.workload, pool->id));
}

void sim_record_unit_started(struct sim_pipeline *p, const struct sim_pool *pool,
                             struct sim_unit *u)
{
    if (p->env.timeline == NULL)
        return;
    sim_timeline_slice(p->env.timeline,
                       &(struct sim_slice){.node = u->node,
                                           .thread = u->thread,
                                           .workload = p->env.workload,
                                           .stage = pool->stages[0],
                                           .kind = MODEL_SLICE_START_UP,
                                           .from_ns = u->placed_ns,
                                           .to_ns = p->now_ns,
                                           .first_item = -1});
    sim_timeline_give(p->env.timeline, u->node, u->thread);
}
