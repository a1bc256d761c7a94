/* Sources: fixed sets, arrival processes, closed loops, traces.  A source has at most
 * one event pending, whatever its length. */
#include <math.h>

#include "base/units.h"
#include "sim/draw.h"
#include "sim/pipeline_rows.h"

enum { SALT_SIZES = 0x73697a65 };
enum { NOT_YET = -1 }; /* arrival of an item that nobody took */

/* Sizes of item `index` of a synthetic source: drawn from the item's own stream. */
static void draw_sizes(const struct sim_pipeline *p, uint64_t key,
                       struct model_arrival *a)
{
    const struct model_source *m = &p->plan->source;
    struct sp_rng r = sp_rng_from_key(key ^ SALT_SIZES);
    double bytes = sim_draw(&m->bytes, &r);

    a->bytes = bytes < 0x1p60 ? llround(fmax(bytes, 0)) : INT64_C(1) << 60;
    for (int32_t i = 0; i < p->plan->n_sizes; i++)
        a->size[i] = sim_size_from(sim_draw(&m->size[i], &r));
}

static int32_t make_item(struct sim_pipeline *p, const struct model_arrival *a)
{
    int32_t id = sim_item_new(p);
    struct sim_item *it = &p->items[id];

    *it = (struct sim_item){.arrival_ns = a->time_ns,
                            .ready_ns = a->time_ns,
                            .bytes = a->bytes,
                            .family = (int32_t)p->arrivals.made,
                            .node = SP_NO_ID,
                            .next = SP_NO_ID};
    it->key = p->source_key + (uint64_t)p->arrivals.made++;
    for (int32_t i = 0; i < MODEL_SIZES_MAX; i++)
        it->size[i] = a->size[i];
    if (p->families_used) {
        int32_t family = sim_family_new(p, p->arrivals.made - 1, a->time_ns);

        p->items[id].family = family;
    }
    return id;
}

static struct model_arrival synthetic(const struct sim_pipeline *p, int64_t time_ns)
{
    struct model_arrival a = {.time_ns = time_ns};

    if (p->source_has_sizes)
        draw_sizes(p, p->source_key + (uint64_t)p->arrivals.made, &a);
    return a;
}

int32_t sim_source_make_virtual(struct sim_pipeline *p, struct sim_stage *s)
{
    struct model_arrival a = synthetic(p, s->pull ? NOT_YET : 0);

    sp_assert(s->virtual_items > 0);
    s->virtual_items--;
    return make_item(p, &a);
}

void sim_source_item_taken(struct sim_pipeline *p, int32_t item)
{
    struct sim_item *it = &p->items[item];

    if (it->arrival_ns != NOT_YET) /* it failed before, or its node was lost */
        return;
    it->arrival_ns = it->ready_ns = p->now_ns;
    if (p->families_used)
        p->families[it->family].arrival_ns = p->now_ns;
}

void sim_source_fill(struct sim_pipeline *p, struct sim_stage *s)
{
    while (s->virtual_items > 0 && s->waiting.n - s->virtual_items < s->m->batch) {
        int32_t made = sim_source_make_virtual(p, s);

        p->items[made].next = SP_NO_ID;
        if (s->queue.last == SP_NO_ID)
            s->queue.first = made;
        else
            p->items[s->queue.last].next = made;
        s->queue.last = made;
    }
}

/* One source item enters every stage that the source feeds. */
static void admit(struct sim_pipeline *p, const struct model_arrival *a)
{
    int32_t item = make_item(p, a), left = 0;

    p->in++;
    p->in_flight++;
    if (p->entry_stage != SP_NO_ID) {
        sim_stage_enqueue(p, &p->stages[p->entry_stage], item);
        return;
    }
    for (int32_t s = 0; s < p->n_stages; s++)
        left += p->stages[s].entry;
    for (int32_t s = 0; s < p->n_stages; s++) {
        int32_t one = item;

        if (!p->stages[s].entry)
            continue;
        if (--left > 0) {
            one = sim_item_new(p);
            p->items[one] = p->items[item];
            p->families[p->items[item].family].live++;
        }
        sim_stage_enqueue(p, &p->stages[s], one);
        if (left == 0)
            return;
    }
}

static void source_ends(struct sim_pipeline *p)
{
    if (p->source_done)
        return;
    p->source_done = true;
    for (int32_t s = 0; s < p->n_stages; s++)
        if (p->stages[s].entry)
            sim_stage_input_done(p, &p->stages[s]);
}

static void schedule_next(struct sim_pipeline *p)
{
    if (sim_arrivals_next(&p->arrivals, p->now_ns, &p->next_arrival, &p->err))
        sim_event_queue_set(p->env.queue, p->arrival_slot, p->next_arrival.time_ns, 0);
    else
        source_ends(p);
}

void sim_source_arrival(struct sim_pipeline *p)
{
    if (p->plan->source.kind == MODEL_SOURCE_CLOSED) { /* its time is over */
        source_ends(p);
        return;
    }
    if (p->source_has_sizes && p->plan->source.kind != MODEL_SOURCE_TRACE)
        p->next_arrival = synthetic(p, p->now_ns);
    admit(p, &p->next_arrival);
    schedule_next(p);
}

/* ---- closed loop: it ends with its last item, or when its time is over, whoever still
 * waits for an item then: what waits for a full batch must learn that none will come
 * ---- */

static void think(struct sim_pipeline *p, int32_t slot)
{
    int64_t at =
        p->now_ns + sp_ns_from_s(sim_draw(&p->plan->source.think_s, &p->arrivals.rng));

    sim_event_queue_set(p->env.queue, slot, at, 0);
}

void sim_source_customer(struct sim_pipeline *p, int32_t slot)
{
    struct model_arrival a;

    if (!sim_arrivals_may(&p->arrivals, p->now_ns)) /* this customer goes home */
        return;
    p->customer_slots[p->free_customers++] = slot; /* somebody waits for this item */
    a = synthetic(p, p->now_ns);
    admit(p, &a);
    if (p->arrivals.made == p->plan->source.items)
        source_ends(p);
}

void sim_source_item_left(struct sim_pipeline *p)
{
    sp_assert(p->free_customers > 0);
    if (sim_arrivals_may(&p->arrivals, p->now_ns))
        think(p, p->customer_slots[--p->free_customers]);
}

static void start_customers(struct sim_pipeline *p)
{
    p->customers_room = p->plan->source.population;
    p->customer_slots =
        sp_arena_array(p->arena, (size_t)p->customers_room, sizeof *p->customer_slots);
    for (int32_t i = 0; i < p->customers_room; i++)
        think(p, sim_event_queue_slot_new(p->env.queue,
                                          p->env.first_kind + SIM_PIPE_CUSTOMER, i));
    if (p->plan->source.for_ns >= 0)
        sim_event_queue_set(p->env.queue, p->arrival_slot, p->plan->source.for_ns, 0);
}

/* ---- start ---- */

static void start_fixed(struct sim_pipeline *p)
{
    struct sim_stage *entry =
        p->entry_stage != SP_NO_ID ? &p->stages[p->entry_stage] : NULL;
    int64_t n = p->plan->source.items;

    if (entry != NULL && entry->pieces == 1) { /* made when they are taken */
        p->in = n;
        p->in_flight = n;
        entry->in = n;
        entry->virtual_items = n;
        sim_level_add(&entry->waiting, 0, n);
        entry->peak_waiting = n;
        sim_dirty(p, entry);
    } else {
        for (int64_t i = 0; i < n; i++) {
            struct model_arrival a = synthetic(p, 0);

            admit(p, &a);
        }
    }
    source_ends(p);
}

void sim_source_start(struct sim_pipeline *p)
{
    switch (p->plan->source.kind) {
    case MODEL_SOURCE_FIXED:
        start_fixed(p);
        break;
    case MODEL_SOURCE_CLOSED:
        start_customers(p);
        break;
    default:
        schedule_next(p);
    }
}
