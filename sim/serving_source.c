/* Requests come and leave: arrivals from a trace or a synthetic source, what is
 * rejected at the door, and what becomes of each. */
#include <math.h>

#include "base/units.h"
#include "sim/draw.h"
#include "sim/serving_rows.h"

enum { SALT_SIZES = 0x73697a65 };

/* ---- arrivals ---- */

static uint32_t tokens_of(const struct model_dist *d, struct sp_rng *r)
{
    uint32_t n = sim_size_from(sim_draw(d, r));

    return n < 1 ? 1 : n;
}

/* Tokens of a synthetic request: drawn from its own stream. */
static void draw_sizes(const struct sim_serving *w, struct model_arrival *a)
{
    uint64_t key = w->source_key + (uint64_t)w->arrivals.made;
    struct sp_rng r = sp_rng_from_key(key ^ SALT_SIZES);

    a->size[MODEL_PROMPT_TOKENS] = tokens_of(&w->m->prompt_tokens, &r);
    a->size[MODEL_OUTPUT_TOKENS] = tokens_of(&w->m->output_tokens, &r);
    if (w->plan->n_sizes > MODEL_PRIORITY)
        a->size[MODEL_PRIORITY] =
            sim_size_from(sim_draw(&w->plan->source.size[MODEL_PRIORITY], &r));
}

/* Why no replica could ever serve it; -1: one could. */
static int reason_to_reject(const struct sim_serving *w, int64_t prompt, int64_t output)
{
    if (prompt == 0 || output == 0)
        return MODEL_DROP_ZERO_TOKENS;
    if (prompt > MODEL_PROMPT_MAX || output > MODEL_PROMPT_MAX)
        return MODEL_DROP_KV_CAPACITY;
    for (int32_t i = 0; i < w->n_pools; i++)
        if (w->pools[i].m->role != MODEL_ROLE_DECODE &&
            sim_serving_pool_holds(w, i, prompt, output))
            return -1;
    return MODEL_DROP_KV_CAPACITY;
}

static void item_row(const struct sim_serving *w, int64_t number, int64_t arrived_ns,
                     int drop)
{
    if (w->env.items != NULL)
        w->env.items->row(w->env.items->self,
                          &(struct model_item_row){.item = number,
                                                   .policy = w->env.policy_id,
                                                   .workload = w->env.workload,
                                                   .arrived_ns = arrived_ns,
                                                   .left_ns = w->now_ns,
                                                   .dropped = drop});
}

static void customer_is_free(struct sim_serving *w);

static void reject(struct sim_serving *w, const struct model_arrival *a, int why)
{
    uint32_t prompt = a->size[MODEL_PROMPT_TOKENS];
    const struct sim_request gone = {.prompt = prompt > INT32_MAX ? INT32_MAX
                                                                  : (int32_t)prompt};

    w->dropped_by[why]++;
    w->prompt_dropped += a->size[MODEL_PROMPT_TOKENS];
    item_row(w, w->arrivals.made - 1, w->now_ns, why);
    sim_serving_count_left(w, &gone, SP_NO_ID, why);
    customer_is_free(w);
}

static void admit(struct sim_serving *w, struct model_arrival *a)
{
    int64_t number = w->arrivals.made++;
    int why =
        reason_to_reject(w, a->size[MODEL_PROMPT_TOKENS], a->size[MODEL_OUTPUT_TOKENS]);
    int32_t id;

    w->in++;
    w->prompt_in += a->size[MODEL_PROMPT_TOKENS];
    if (why >= 0) {
        reject(w, a, why);
        return;
    }
    a->time_ns = w->now_ns;
    id = sim_requests_add(w->requests, a, number);
    if (id >= w->flights_room) {
        int32_t want = 2 * id + 64;

        w->flights = sp_arena_grow(w->arena, w->flights, (size_t)w->flights_room,
                                   (size_t)want, sizeof *w->flights);
        w->flights_room = want;
    }
    w->flights[id] =
        (struct sim_serving_flight){.scheduled_ns = -1, .handover = SP_NO_ID};
    w->in_flight++;
    sim_serving_route(w, id);
}

static void schedule_next(struct sim_serving *w)
{
    if (sim_arrivals_next(&w->arrivals, w->now_ns, &w->next_arrival, &w->err))
        sim_event_queue_set(w->env.queue, w->arrival_slot, w->next_arrival.time_ns, 0);
    else
        w->source_done = true;
}

void sim_serving_arrival(struct sim_serving *w)
{
    if (w->plan->source.kind == MODEL_SOURCE_CLOSED) { /* its time is over */
        w->source_done = true;
        return;
    }
    if (w->plan->source.kind != MODEL_SOURCE_TRACE)
        draw_sizes(w, &w->next_arrival);
    admit(w, &w->next_arrival);
    schedule_next(w);
}

/* ---- closed loop ---- */

static void think(struct sim_serving *w, int32_t slot)
{
    int64_t at =
        w->now_ns + sp_ns_from_s(sim_draw(&w->plan->source.think_s, &w->arrivals.rng));

    sim_serving_set(w, slot, at);
}

void sim_serving_customer(struct sim_serving *w, int32_t slot)
{
    struct model_arrival a = {.time_ns = w->now_ns};

    if (!sim_arrivals_may(&w->arrivals, w->now_ns)) /* this customer goes home */
        return;
    w->customer_slots[w->free_customers++] = slot; /* somebody waits for this request */
    draw_sizes(w, &a);
    if (w->arrivals.made + 1 == w->plan->source.items)
        w->source_done = true;
    admit(w, &a);
}

static void customer_is_free(struct sim_serving *w)
{
    if (w->customers_room == 0)
        return;
    sp_assert(w->free_customers > 0);
    if (sim_arrivals_may(&w->arrivals, w->now_ns))
        think(w, w->customer_slots[--w->free_customers]);
}

static void start_customers(struct sim_serving *w)
{
    w->customers_room = w->plan->source.population;
    w->customer_slots =
        sp_arena_array(w->arena, (size_t)w->customers_room, sizeof *w->customer_slots);
    for (int32_t i = 0; i < w->customers_room; i++)
        think(w, sim_event_queue_slot_new(w->env.queue,
                                          w->env.first_kind + SIM_SERVE_CUSTOMER, i));
    if (w->plan->source.for_ns >= 0)
        sim_event_queue_set(w->env.queue, w->arrival_slot, w->plan->source.for_ns, 0);
}

void sim_serving_source_start(struct sim_serving *w)
{
    if (w->plan->source.kind == MODEL_SOURCE_CLOSED)
        start_customers(w);
    else
        schedule_next(w);
}

/* ---- leaving ---- */

void sim_serving_leave(struct sim_serving *w, int32_t request, int drop)
{
    const struct sim_request *r = sim_requests_at(w->requests, request);

    w->in_flight--;
    item_row(w, r->number, r->arrived_ns, drop);
    if (drop >= 0) {
        w->dropped_by[drop]++;
        w->prompt_dropped += r->prompt;
    } else {
        w->done++;
        w->prompt_done += r->prompt;
        w->output_done += r->output;
        if (w->means.mean != NULL)
            sim_means_add(&w->means, sp_s_from_ns(w->now_ns - r->arrived_ns),
                          w->now_ns);
    }
    sim_serving_count_left(w, r, request, drop);
    sim_requests_remove(w->requests, request);
    customer_is_free(w);
}
