/* What jobs did when, told to the timeline: a slice on each node that one holds. */
#include <string.h>

#include "sim/jobs_rows.h"

void sim_record_job(struct sim_jobs *w, struct sim_job *j, const char *name)
{
    size_t size;

    if (w->env.timeline == NULL)
        return;
    size = strlen(name) + 1;
    if (size > (size_t)j->label_room) {
        j->label = sp_arena_alloc(w->arena, 2 * size);
        j->label_room = (int32_t)(2 * size);
    }
    memcpy(j->label, name, size);
}

/* ---- places ---- */

static int32_t place_new(struct sim_jobs *w)
{
    int32_t id = w->free_place;

    if (w->n_places > 0 && id != SP_NO_ID) {
        w->free_place = w->places[id].next;
        return id;
    }
    w->places = sp_arena_more(w->arena, w->places, w->n_places, &w->places_room,
                              sizeof *w->places);
    w->free_place = SP_NO_ID;
    return w->n_places++;
}

static bool is_on(const struct sim_jobs *w, const struct sim_job *j, int32_t node)
{
    for (int32_t p = j->place; p != SP_NO_ID; p = w->places[p].next)
        if (w->places[p].node == node)
            return true;
    return false;
}

void sim_record_stint_begins(struct sim_jobs *w, struct sim_job *j)
{
    int32_t members;

    if (w->env.timeline == NULL)
        return;
    members = sim_cluster_members(w->env.cluster, j->unit);
    for (int32_t m = 0; m < members; m++) {
        int32_t node = sim_cluster_member(w->env.cluster, j->unit, m).node, id;

        if (is_on(w, j, node))
            continue;
        id = place_new(w);
        w->places[id] = (struct sim_job_place){
            .node = node,
            .thread = sim_timeline_take(w->env.timeline, node,
                                        sim_timeline_owner(w->env.workload, 0)),
            .next = j->place};
        j->place = id;
    }
}

/* ---- slices ---- */

static void tell(struct sim_jobs *w, const struct sim_job *j,
                 const struct sim_job_place *at, enum model_slice_kind kind,
                 int64_t from_ns, int64_t to_ns)
{
    sim_timeline_slice(w->env.timeline, &(struct sim_slice){.node = at->node,
                                                            .thread = at->thread,
                                                            .workload = w->env.workload,
                                                            .stage = SP_NO_ID,
                                                            .kind = kind,
                                                            .name = j->label,
                                                            .from_ns = from_ns,
                                                            .to_ns = to_ns,
                                                            .over_ns = w->now_ns,
                                                            .items = 1,
                                                            .first_item = j->number});
}

void sim_record_stint_ends(struct sim_jobs *w, struct sim_job *j)
{
    int64_t works_ns =
        j->stint.work_from_ns < w->now_ns ? j->stint.work_from_ns : w->now_ns;

    while (j->place != SP_NO_ID && w->env.timeline != NULL) {
        int32_t id = j->place;
        struct sim_job_place at = w->places[id];

        tell(w, j, &at, MODEL_SLICE_START_UP, j->stint.began_ns, works_ns);
        tell(w, j, &at, MODEL_SLICE_JOB, works_ns, w->now_ns);
        sim_timeline_give(w->env.timeline, at.node, at.thread);
        j->place = at.next;
        w->places[id].next = w->free_place;
        w->free_place = id;
    }
}
