/* Where a request goes: the replicas that could take it, the router's choice among
 * them, and the gateway at which it waits while there is none. */
#include <string.h>

#include "sim/serving_rows.h"

bool sim_serving_pool_holds(const struct sim_serving *w, int32_t pool, int64_t prompt,
                            int64_t output)
{
    const struct model_pool *m = w->pools[pool].m;

    if (!sim_replica_fits(m, prompt, output))
        return false;
    if (m->role != MODEL_ROLE_PREFILL || output == 1)
        return true;
    for (int32_t i = 0; i < w->n_pools; i++)
        if (w->pools[i].m->role == MODEL_ROLE_DECODE &&
            sim_replica_fits(w->pools[i].m, prompt, output))
            return true;
    return false;
}

/* ---- lists of replicas that take requests ---- */

static void make_room(struct sim_serving *w, struct sim_serving_list *l)
{
    int32_t want = 2 * l->room + 16;

    if (l->n < l->room)
        return;
    l->numbers = sp_arena_grow(w->arena, l->numbers, (size_t)l->room, (size_t)want,
                               sizeof *l->numbers);
    l->engines = sp_arena_grow(w->arena, l->engines, (size_t)l->room, (size_t)want,
                               sizeof *l->engines);
    l->room = want;
}

void sim_serving_list_push(struct sim_serving *w, struct sim_serving_list *l,
                           int32_t replica)
{
    make_room(w, l);
    l->numbers[l->n] = replica;
    l->engines[l->n++] = w->replicas[replica].engine;
}

void sim_serving_list_add(struct sim_serving *w, struct sim_serving_list *l,
                          int32_t replica)
{
    int32_t at;

    sim_serving_list_push(w, l, replica);
    for (at = l->n - 1; at > 0 && l->numbers[at - 1] > replica; at--) {
        l->numbers[at] = l->numbers[at - 1];
        l->engines[at] = l->engines[at - 1];
    }
    l->numbers[at] = replica;
    l->engines[at] = w->replicas[replica].engine;
}

void sim_serving_list_remove(struct sim_serving_list *l, int32_t replica)
{
    int32_t at = 0;

    while (at < l->n && l->numbers[at] != replica)
        at++;
    sp_assert(at < l->n);
    l->n--;
    memmove(l->numbers + at, l->numbers + at + 1,
            (size_t)(l->n - at) * sizeof *l->numbers);
    memmove(l->engines + at, l->engines + at + 1,
            (size_t)(l->n - at) * sizeof *l->engines);
}

void sim_serving_list_clear(struct sim_serving_list *l)
{
    l->n = 0;
}

int32_t sim_serving_choose(struct sim_serving *w, const struct sim_router *router,
                           struct sim_router_state *state,
                           const struct sim_serving_list *l, int32_t request)
{
    bool after = w->stepped_ns == w->now_ns; /* what begins then has begun */
    struct sim_router_choice choice = {.n = l->n,
                                       .numbers = l->numbers,
                                       .replicas = l->engines,
                                       .request = request,
                                       .row = sim_requests_at(w->requests, request),
                                       .now_ns = w->now_ns + after};
    int32_t at = router->choose(state, &choice);

    sp_assert(at >= 0 && at < l->n);
    return at;
}

/* ---- prompts ---- */

/* Whether every pool that takes prompts could hold this one. */
static bool all_hold(const struct sim_serving *w, const struct sim_request *r)
{
    for (int32_t i = 0; i < w->n_pools; i++)
        if (w->pools[i].m->role != MODEL_ROLE_DECODE &&
            !sim_serving_pool_holds(w, i, r->prompt, r->output))
            return false;
    return true;
}

/* Those that are up and could hold it. */
static const struct sim_serving_list *candidates(struct sim_serving *w,
                                                 const struct sim_request *r)
{
    if (all_hold(w, r))
        return &w->prompts;
    sim_serving_list_clear(&w->some);
    for (int32_t i = 0; i < w->prompts.n; i++) {
        int32_t replica = w->prompts.numbers[i];

        if (sim_serving_pool_holds(w, w->replicas[replica].pool, r->prompt, r->output))
            sim_serving_list_push(w, &w->some, replica);
    }
    return &w->some;
}

static void submit(struct sim_serving *w, int32_t request, int32_t replica)
{
    struct sim_request *r = sim_requests_at(w->requests, request);
    struct sim_serving_pool *p = &w->pools[w->replicas[replica].pool];

    r->replica = replica;
    r->submitted_ns = w->now_ns;
    w->flights[request].waiting = true;
    p->in++;
    sim_serving_wait(w, p->id, 1);
    sim_serving_here(w, p->id, 1);
    sim_replica_submit(w->replicas[replica].engine, request, w->now_ns);
    sim_serving_follow(w, replica);
}

static bool try_to_route(struct sim_serving *w, int32_t request)
{
    const struct sim_serving_list *l =
        candidates(w, sim_requests_at(w->requests, request));

    if (l->n == 0)
        return false;
    submit(w, request,
           l->numbers[sim_serving_choose(w, w->router, &w->router_state, l, request)]);
    return true;
}

/* ---- the gateway ---- */

static void wait_at_gate(struct sim_serving *w, int32_t request)
{
    struct sim_request *r = sim_requests_at(w->requests, request);

    r->replica = r->link = SP_NO_ID;
    if (w->gate_last == SP_NO_ID)
        w->gate_first = request;
    else
        sim_requests_at(w->requests, w->gate_last)->link = request;
    w->gate_last = request;
    w->n_gate++;
}

void sim_serving_route(struct sim_serving *w, int32_t request)
{
    bool opens = w->n_gate > 0 && sim_event_queue_pending(w->env.queue, w->gate_slot);

    if (!opens && try_to_route(w, request)) /* nobody overtakes */
        return;
    wait_at_gate(w, request);
    sim_serving_wait(w, w->gate_pool, 1);
    sim_serving_here(w, w->gate_pool, 1);
    sim_serving_wake(w, false, request);
}

void sim_serving_open_gate(struct sim_serving *w)
{
    int32_t id = w->gate_first;

    w->gate_first = w->gate_last = SP_NO_ID;
    w->n_gate = 0;
    while (id != SP_NO_ID) {
        int32_t next = sim_requests_at(w->requests, id)->link;

        sim_serving_wait(w, w->gate_pool, -1);
        sim_serving_here(w, w->gate_pool, -1);
        if (!try_to_route(w, id)) {
            wait_at_gate(w, id);
            sim_serving_wait(w, w->gate_pool, 1);
            sim_serving_here(w, w->gate_pool, 1);
        }
        id = next;
    }
}

bool sim_serving_waited_for(const struct sim_serving *w, int32_t pool)
{
    int32_t id = w->gate_first;
    const struct sim_request *r;

    if (w->pools[pool].m->role == MODEL_ROLE_DECODE) { /* only the first can go */
        if (w->n_line == 0)
            return false;
        r = sim_requests_at(w->requests, w->handovers[w->line_first].request);
        return sim_serving_pool_holds(w, pool, r->prompt, r->output);
    }
    for (; id != SP_NO_ID; id = r->link) {
        r = sim_requests_at(w->requests, id);
        if (sim_serving_pool_holds(w, pool, r->prompt, r->output))
            return true;
    }
    return false;
}
