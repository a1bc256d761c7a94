/* Tasks that wait for room in the store of their node.  A store that frees up asks
 * those that wait for it, not all that wait for any: there may be thousands. */
#include "sim/pipeline_rows.h"

void sim_store_waits_init(struct sim_pipeline *p)
{
    p->store_waits = (struct sim_store_waits){
        .by_node = true, .lost = {SP_NO_ID, SP_NO_ID}, .all = {SP_NO_ID, SP_NO_ID}};
    for (int32_t s = 0; s < p->n_stages; s++)
        if (p->stages[s].m->buffer > 0)
            p->store_waits.by_node = false;
}

static struct sim_queue *queue_of(struct sim_pipeline *p, int32_t node)
{
    struct sim_store_waits *w = &p->store_waits;

    if (!w->by_node)
        return &w->all;
    if (node >= w->n_nodes) {
        int32_t want = 2 * node + 16;

        w->node = sp_arena_grow(p->arena, w->node, (size_t)w->n_nodes, (size_t)want,
                                sizeof *w->node);
        for (int32_t i = w->n_nodes; i < want; i++)
            w->node[i] = (struct sim_queue){SP_NO_ID, SP_NO_ID};
        w->n_nodes = want;
    }
    return &w->node[node];
}

void sim_store_wait(struct sim_pipeline *p, int32_t task)
{
    p->tasks[task].store_wait = p->store_waits.n_waits++;
    sim_task_push(p, queue_of(p, p->tasks[task].node), task);
}

void sim_store_forget(struct sim_pipeline *p, int32_t task)
{
    if (!sim_task_unlist(p, queue_of(p, p->tasks[task].node), task))
        return;
    sim_task_push(p, &p->store_waits.lost, task);
    p->store_relieved = true;
}

/* One more task for the scratch list; those it knows come in no order. */
static int32_t *room_for(struct sim_pipeline *p, int32_t n)
{
    struct sim_store_waits *w = &p->store_waits;

    if (n == w->found_room) {
        int32_t want = n == 0 ? 64 : 2 * n;

        w->found = sp_arena_grow(p->arena, w->found, (size_t)n, (size_t)want,
                                 sizeof *w->found);
        w->found_room = want;
    }
    return &w->found[n];
}

static int32_t take_all(struct sim_pipeline *p, struct sim_queue *q, int32_t n)
{
    while (q->first != SP_NO_ID)
        *room_for(p, n++) = sim_task_pop(p, q);
    return n;
}

/* Into the order in which they came to wait.  Each node's list is in it already, and
 * there are few. */
static void sort_found(const struct sim_pipeline *p, int32_t n)
{
    int32_t *found = p->store_waits.found;

    for (int32_t i = 1; i < n; i++) {
        int32_t task = found[i], at = i;

        for (; at > 0 && p->tasks[found[at - 1]].store_wait > p->tasks[task].store_wait;
             at--)
            found[at] = found[at - 1];
        found[at] = task;
    }
}

/* Takes the tasks that may have room now out of their lists; returns how many. */
static int32_t find_waiting(struct sim_pipeline *p)
{
    struct sim_store_waits *w = &p->store_waits;
    uint64_t freed = sim_network_store_freed(p->env.network);
    int32_t n = take_all(p, &w->lost, 0);

    if (!w->by_node) {
        n = take_all(p, &w->all, n);
        sort_found(p, n);
        return n;
    }
    for (uint64_t i = w->freed_seen; i < freed; i++) {
        int32_t node = sim_network_freed_node(p->env.network, i);

        if (node != SP_NO_ID && node < w->n_nodes)
            n = take_all(p, &w->node[node], n);
    }
    w->freed_seen = freed;
    sort_found(p, n);
    return n;
}

void sim_store_relieve(struct sim_pipeline *p)
{
    int32_t n = find_waiting(p);

    for (int32_t i = 0; i < n; i++) {
        int32_t id = p->store_waits.found[i];
        struct sim_stage *blocker;

        if (sim_output_fits(p, &p->tasks[id], &blocker))
            sim_task_unblock(p, id);
        else if (blocker != NULL)
            sim_task_push(p, &blocker->blocked, id);
        else
            sim_task_push(p, queue_of(p, p->tasks[id].node), id);
    }
}
