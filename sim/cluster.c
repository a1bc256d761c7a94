/* Units: asked for, waiting, placed on nodes (sim/nodes.h) that are leased
 * (sim/leases.h), and given back or lost. */
#include "sim/cluster.h"

#include <string.h>

#include "base/units.h"
#include "sim/cluster_rows.h"
#include "sim/leases.h"

/* ---- heaps ---- */

static bool unit_before(const void *self, int32_t a, int32_t b)
{
    const struct sim_cluster *c = self;
    const struct sim_asked *x = &c->units[a], *y = &c->units[b];

    if (c->order->by_work && x->work_ns != y->work_ns)
        return x->work_ns < y->work_ns;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns;
    return x->number != y->number ? x->number < y->number : x->serial < y->serial;
}

static void unit_moved(void *self, int32_t id, int32_t at)
{
    struct sim_cluster *c = self;

    c->units[id].at = at;
}

static bool kind_before(const void *self, int32_t a, int32_t b)
{
    const struct sim_cluster *c = self;

    return c->order->compare(c, a, b) < 0;
}

static void kind_moved(void *self, int32_t id, int32_t at)
{
    struct sim_cluster *c = self;

    c->kinds[id].at = at;
}

static bool leaves_before(const void *self, int32_t a, int32_t b)
{
    const struct sim_cluster *c = self;

    if (c->units[a].end_ns != c->units[b].end_ns)
        return c->units[a].end_ns < c->units[b].end_ns;
    return c->units[a].order < c->units[b].order;
}

struct sp_heap_rule sim_cluster_unit_rule(struct sim_cluster *c)
{
    return (struct sp_heap_rule){c->arena, c, unit_before, unit_moved};
}

struct sp_heap_rule sim_cluster_kind_rule(struct sim_cluster *c)
{
    return (struct sp_heap_rule){c->arena, c, kind_before, kind_moved};
}

struct sp_heap_rule sim_cluster_leaving_rule(struct sim_cluster *c)
{
    return (struct sp_heap_rule){c->arena, c, leaves_before, unit_moved};
}

int32_t sim_cluster_first_of(const struct sim_cluster *c, int32_t kind)
{
    return c->kinds[kind].units.ids[0];
}

/* ---- making ---- */

static void node_ready(void *self, int32_t node, int64_t now_ns);
static void node_noticed(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                         int64_t now_ns);
static void node_lost(void *self, int32_t node, enum sim_loss why, int64_t now_ns);
static void more_room(void *self, int64_t now_ns);
static void lease_ends(void *self, int32_t node, int64_t now_ns);

static void make_queues(struct sim_cluster *c)
{
    const struct model_policy *p = c->policy;

    c->n_queues = p->has_teams ? p->n_teams : 1;
    c->queues = sp_arena_array(c->arena, (size_t)c->n_queues, sizeof *c->queues);
    for (int32_t q = 0; q < c->n_queues; q++)
        c->queues[q] = (struct sim_queue){.closed_pass = -1, .first = SP_NO_ID};
    if (p->n_teams > 1) {
        size_t n = (size_t)p->n_teams;

        c->team_level =
            sp_arena_array(c->arena, n * MODEL_RESOURCES, sizeof *c->team_level);
        c->team_borrowed = sp_arena_array(c->arena, n, sizeof *c->team_borrowed);
        c->team_peak_mgpu = sp_arena_array(c->arena, n, sizeof *c->team_peak_mgpu);
    }
}

static void make_plan(struct sim_cluster *c)
{
    struct model_policy *first_fit;

    if (c->passing->reserves != SIM_RESERVES_PLAN)
        return;
    first_fit = sp_arena_alloc(c->arena, sizeof *first_fit);
    *first_fit = *c->policy;
    first_fit->placement = "first-fit";
    c->plan = sim_plan_new(c->arena, c, first_fit);
}

struct sim_cluster *sim_cluster_new(struct sp_arena *arena,
                                    struct sim_event_queue *queue,
                                    const struct model_policy *policy,
                                    struct sim_ledger *ledger,
                                    struct sim_cluster_events events, uint64_t boot_key)
{
    struct sim_cluster *c = sp_arena_alloc(arena, sizeof *c);
    struct sim_leases_client client = {.self = c,
                                       .ready = node_ready,
                                       .notice = node_noticed,
                                       .lost = node_lost,
                                       .ends = lease_ends,
                                       .room = more_room};
    struct sim_mix mix = sim_mix_of_policy(arena, policy);

    c->arena = arena;
    c->queue = queue;
    c->policy = policy;
    c->ledger = ledger;
    c->events = events;
    c->free_unit = SP_NO_ID;
    for (int i = 0; i < SIM_SEAT_STEPS; i++)
        c->free_seats[i] = SP_NO_ID;
    c->order = sim_queue_order_find(policy->scheduling.order);
    c->passing = sim_passing_find(policy->scheduling.passing);
    sp_assert(c->order != NULL && c->passing != NULL);
    c->nodes = sim_nodes_new(arena, policy, &mix, boot_key);
    make_plan(c);
    c->quota = sim_quota_new(arena, policy);
    c->stranded = sim_stranded_new(arena, policy);
    c->again = sim_evict_again_new(arena, policy);
    c->explain = sim_explain_new(arena);
    c->bought_of = sp_arena_array(arena, (size_t)policy->n_types, sizeof *c->bought_of);
    for (int32_t t = 0; t < policy->n_types; t++) {
        c->elastic = c->elastic || !policy->types[t].fixed;
        c->asks = c->asks || c->elastic || policy->types[t].loss.fails;
    }
    c->leases = sim_leases_new(
        arena, queue, policy, c->nodes, ledger, &client,
        (struct sim_leases_events){.node = events.node, .market = events.market},
        boot_key);
    c->place_slot = sim_event_queue_slot_new(queue, events.place, SP_NO_ID);
    make_queues(c);
    return c;
}

void sim_cluster_record(struct sim_cluster *c, struct sim_timeline *timeline)
{
    sim_leases_record(c->leases, timeline);
}

void sim_cluster_start(struct sim_cluster *c)
{
    sim_leases_start(c->leases);
}

struct sim_explain *sim_cluster_explain(const struct sim_cluster *c)
{
    return c->explain;
}

/* ---- seats: rows of 1, 2, 4, ... ---- */

static int32_t seat_step(int32_t members)
{
    int32_t step = 0;

    while ((INT32_C(1) << step) < members)
        step++;
    return step;
}

static int32_t take_seats(struct sim_cluster *c, int32_t members)
{
    int32_t step = seat_step(members), id = c->free_seats[step];

    if (id != SP_NO_ID) {
        c->free_seats[step] = c->seats[id].next;
        return id;
    }
    id = c->n_seats;
    c->n_seats += INT32_C(1) << step;
    if (c->n_seats > c->seats_room) {
        int32_t want = 2 * c->n_seats + 16;

        c->seats = sp_arena_grow(c->arena, c->seats, (size_t)id, (size_t)want,
                                 sizeof *c->seats);
        c->seats_room = want;
    }
    return id;
}

static void give_seats(struct sim_cluster *c, int32_t seats, int32_t members)
{
    int32_t step = seat_step(members);

    c->seats[seats].next = c->free_seats[step];
    c->free_seats[step] = seats;
}

/* ---- the seats of a node ---- */

static int32_t *first_on(struct sim_cluster *c, int32_t node)
{
    if (node >= c->n_node_rows) {
        int32_t want = 2 * node + 16;

        c->first_on_node =
            sp_arena_grow(c->arena, c->first_on_node, (size_t)c->n_node_rows,
                          (size_t)want, sizeof *c->first_on_node);
        for (int32_t i = c->n_node_rows; i < want; i++)
            c->first_on_node[i] = SP_NO_ID;
        c->n_node_rows = want;
    }
    return &c->first_on_node[node];
}

static void chain(struct sim_cluster *c, int32_t seat)
{
    int32_t *first = first_on(c, c->seats[seat].hold.node);

    c->seats[seat].prev = SP_NO_ID;
    c->seats[seat].next = *first;
    if (*first != SP_NO_ID)
        c->seats[*first].prev = seat;
    *first = seat;
}

static void unchain(struct sim_cluster *c, int32_t seat)
{
    const struct sim_seat *s = &c->seats[seat];

    if (s->prev != SP_NO_ID)
        c->seats[s->prev].next = s->next;
    else
        *first_on(c, s->hold.node) = s->next;
    if (s->next != SP_NO_ID)
        c->seats[s->next].prev = s->prev;
}

/* ---- the units of a bucket ---- */

static void join_bucket(struct sim_cluster *c, int32_t unit)
{
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    struct sim_bucket *b;

    if (k->bucket == SP_NO_ID)
        return;
    b = &c->buckets[k->bucket];
    c->units[unit].prev = SP_NO_ID;
    c->units[unit].next = b->first;
    if (b->first != SP_NO_ID)
        c->units[b->first].prev = unit;
    b->first = unit;
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b->held[r] += k->total[r];
    sim_evict_again_joins(c, unit);
}

static void leave_bucket(struct sim_cluster *c, int32_t unit)
{
    const struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];
    struct sim_bucket *b;

    if (k->bucket == SP_NO_ID)
        return;
    b = &c->buckets[k->bucket];
    sim_evict_again_leaves(c, unit);
    if (u->prev != SP_NO_ID)
        c->units[u->prev].next = u->next;
    else
        b->first = u->next;
    if (u->next != SP_NO_ID)
        c->units[u->next].prev = u->prev;
    for (int r = 0; r < MODEL_RESOURCES; r++)
        b->held[r] -= k->total[r];
}

/* ---- amounts ---- */

static void step_team(struct sim_cluster *c, int32_t team,
                      const int64_t amount[MODEL_RESOURCES], int64_t now_ns, int sign)
{
    struct sim_level *gpu, *borrowed;
    int64_t guarantee, over;

    if (c->team_level == NULL)
        return;
    for (int r = 0; r < MODEL_RESOURCES; r++)
        sim_level_add(&c->team_level[team * MODEL_RESOURCES + r], now_ns,
                      sign * amount[r]);
    gpu = &c->team_level[team * MODEL_RESOURCES + MODEL_GPU];
    borrowed = &c->team_borrowed[team];
    guarantee = c->policy->teams[team].guarantee.amount[MODEL_GPU];
    over = c->policy->has_teams && guarantee >= 0 && gpu->n > guarantee
               ? gpu->n - guarantee
               : 0;
    if (over != borrowed->n)
        sim_level_add(borrowed, now_ns, over - borrowed->n);
    if (gpu->n > c->team_peak_mgpu[team])
        c->team_peak_mgpu[team] = gpu->n;
}

static const struct model_amounts *seat_needs(const struct sim_kind *k, int32_t member)
{
    return sim_cluster_seat_shape(k, member) == k->shape ? &k->spec.needs
                                                         : &k->spec.rest;
}

/* What a member takes, as its node counts it. */
static void counted(const struct sim_cluster *c, const struct sim_kind *k,
                    int32_t member, int32_t node, int64_t amount[MODEL_RESOURCES])
{
    const struct sim_node_state *n = sim_nodes_state(c->nodes, node);
    const struct model_amounts *needs = seat_needs(k, member);

    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount[r] = sim_amount(&n->has, r) > 0 ? sim_amount(needs, r) : 0;
}

static void step_allocated(struct sim_cluster *c, const struct sim_kind *k,
                           int32_t seats, int64_t now_ns, int sign)
{
    int64_t sum[MODEL_RESOURCES] = {0}, one[MODEL_RESOURCES];

    for (int32_t i = 0; i < k->members; i++) {
        counted(c, k, i, c->seats[seats + i].hold.node, one);
        for (int r = 0; r < MODEL_RESOURCES; r++)
            sum[r] += one[r];
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (sum[r] != 0)
            sim_level_add(&c->allocated[r], now_ns, sign * sum[r]);
    step_team(c, k->spec.team, sum, now_ns, sign);
    sim_quota_use(c->quota, k->spec.team, k->total, sign);
    sim_evict_again_team(c, k->spec.team);
    c->changes++;
}

/* Books the time of a member on its node: all of it, what of it the node booted, and
 * what of it the unit waited for its nodes. */
static void book_member(struct sim_cluster *c, const struct sim_asked *u,
                        int32_t member, int64_t now_ns)
{
    const struct sim_kind *k = &c->kinds[u->kind];
    int32_t node = c->seats[u->seats + member].hold.node;
    int64_t ready_ns = sim_leases_ready_ns(c->leases, node);
    int64_t waited_ns = (u->told ? u->told_ns : now_ns) - u->placed_ns;
    int64_t amount[MODEL_RESOURCES];
    sp_i128 amount_ns[MODEL_RESOURCES];

    counted(c, k, member, node, amount);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = (sp_i128)amount[r] * (now_ns - u->placed_ns);
    sim_ledger_allocated(c->ledger, node, k->spec.owner, amount_ns);
    if (waited_ns > 0)
        sim_ledger_waited(c->ledger, node, k->spec.owner, MODEL_PART_BOOT,
                          seat_needs(k, member), waited_ns);
    if (ready_ns < 0)
        ready_ns = now_ns;
    if (ready_ns <= u->placed_ns)
        return;
    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = (sp_i128)amount[r] * (ready_ns - u->placed_ns);
    sim_ledger_in_boot(c->ledger, node, amount_ns);
}

/* ---- waiting ---- */

static struct sim_clock *clock_of(struct sim_cluster *c, const struct sim_asked *u)
{
    struct sim_kind *k = &c->kinds[u->kind];

    return u->first_in_queue ? &c->queues[k->queue].clock : &k->clock;
}

static void want_pass(struct sim_cluster *c, int64_t now_ns)
{
    if (!c->closed && !sim_event_queue_pending(c->queue, c->place_slot))
        sim_event_queue_set(c->queue, c->place_slot, now_ns, 1);
}

static bool is_strict(const struct sim_cluster *c)
{
    return c->passing->closes == SIM_CLOSES_QUEUE;
}

static void begin_waiting(struct sim_cluster *c, int32_t kind, int64_t now_ns)
{
    struct sim_kind *k = &c->kinds[kind];

    c->waiting = sp_arena_more(c->arena, c->waiting, c->n_waiting, &c->waiting_room,
                               sizeof *c->waiting);
    k->waiting_at = c->n_waiting;
    c->waiting[c->n_waiting++] = kind;
    k->no_room = false;
    k->full_pass = -1;
    k->witness = SP_NO_ID;
    c->changes++;
    sim_clock_set(&k->clock, MODEL_CAUSE_HEAD_OF_LINE, now_ns);
}

static void end_waiting(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];
    int32_t last = c->waiting[--c->n_waiting];

    c->waiting[k->waiting_at] = last;
    c->kinds[last].waiting_at = k->waiting_at;
    k->waiting_at = SP_NO_ID;
}

void sim_cluster_unshut(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];
    struct sp_heap_rule rule = sim_cluster_kind_rule(c);

    if (k->at == SP_NO_ID && k->units.n > 0)
        sp_heap_push(&c->queues[k->queue].kinds, &rule, kind);
}

void sim_cluster_shut(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];
    struct sp_heap_rule rule = sim_cluster_kind_rule(c);

    if (k->at != SP_NO_ID)
        sp_heap_remove(&c->queues[k->queue].kinds, &rule, k->at);
}

/* Puts a unit among those of its kind that wait; the kind's place may change. */
static void push_unit(struct sim_cluster *c, int32_t unit)
{
    int32_t kind = c->units[unit].kind;
    struct sim_kind *k = &c->kinds[kind];
    struct sp_heap_rule units = sim_cluster_unit_rule(c);
    struct sp_heap_rule kinds = sim_cluster_kind_rule(c);

    sp_heap_push(&k->units, &units, unit);
    if (k->at != SP_NO_ID && c->units[unit].at == 0)
        sp_heap_update(&c->queues[k->queue].kinds, &kinds, k->at);
}

static void pull_unit(struct sim_cluster *c, int32_t unit)
{
    int32_t kind = c->units[unit].kind, at = c->units[unit].at;
    struct sim_kind *k = &c->kinds[kind];
    struct sp_heap_rule units = sim_cluster_unit_rule(c);
    struct sp_heap_rule kinds = sim_cluster_kind_rule(c);

    if (k->units.n == 1) /* while the heap of kinds can still compare it */
        sim_cluster_shut(c, kind);
    sp_heap_remove(&k->units, &units, at);
    if (k->at != SP_NO_ID && at == 0)
        sp_heap_update(&c->queues[k->queue].kinds, &kinds, k->at);
}

void sim_cluster_set_aside(struct sim_cluster *c, int32_t unit)
{
    c->aside =
        sp_arena_more(c->arena, c->aside, c->n_aside, &c->aside_room, sizeof *c->aside);
    c->aside[c->n_aside++] = unit;
    pull_unit(c, unit);
}

void sim_cluster_put_back(struct sim_cluster *c, int32_t unit)
{
    push_unit(c, unit);
}

/* ---- placed ---- */

static void tell_placed(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    const struct sim_cluster_client *client = c->kinds[u->kind].spec.client;

    u->told = true;
    u->told_ns = now_ns;
    client->unit_placed(client->self, u->cookie, unit, c->seats[u->seats].hold.node,
                        now_ns);
}

static bool follows_ends(const struct sim_cluster *c)
{
    return c->passing->reserves != SIM_RESERVES_NOTHING;
}

void sim_cluster_expect(struct sim_cluster *c, int32_t unit, int64_t end_ns)
{
    struct sim_asked *u = &c->units[unit];
    struct sp_heap_rule rule = sim_cluster_leaving_rule(c);

    sp_assert(u->life == SIM_UNIT_PLACED);
    if (follows_ends(c) && u->at != SP_NO_ID)
        sp_heap_remove(&c->leaving, &rule, u->at);
    u->end_ns = end_ns;
    if (follows_ends(c) && end_ns != INT64_MAX)
        sp_heap_push(&c->leaving, &rule, unit);
}

static void forget_aside(struct sim_cluster *c, int32_t unit)
{
    int32_t i = 0;

    while (c->aside[i] != unit)
        i++;
    for (c->n_aside--; i < c->n_aside; i++)
        c->aside[i] = c->aside[i + 1];
}

static void stop_waiting(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    struct sim_kind *k = &c->kinds[u->kind];

    sim_clock_read(clock_of(c, u), now_ns, 1, u->waited_ns);
    if (u->first_in_queue) {
        u->first_in_queue = false;
        c->queues[k->queue].first = SP_NO_ID;
    }
    if (u->at != SP_NO_ID)
        pull_unit(c, unit);
    else
        forget_aside(c, unit);
    if (--k->n_waiting == 0)
        end_waiting(c, u->kind);
    if (u->explain)
        sim_story_ends(c, unit);
}

/* Seats the members on the nodes of c->holds. */
static void seat_members(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];

    sp_assert(c->n_holds == k->members);
    u->seats = take_seats(c, k->members);
    u->not_ready = 0;
    for (int32_t i = 0; i < k->members; i++) {
        struct sim_seat *s = &c->seats[u->seats + i];
        int32_t node = c->holds[i].node;
        bool ready = sim_leases_life(c->leases, node) == SIM_NODE_READY;

        *s = (struct sim_seat){.hold = c->holds[i], .unit = unit, .ready = ready};
        u->not_ready += !ready;
        chain(c, u->seats + i);
        sim_stranded_touch(c, node, now_ns);
        sim_leases_use(c->leases, node, 1, now_ns);
    }
}

void sim_cluster_seat(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];

    stop_waiting(c, unit, now_ns);
    u->life = SIM_UNIT_PLACED;
    u->placed_ns = now_ns;
    u->order = c->placements++;
    u->end_ns = INT64_MAX;
    u->at = SP_NO_ID;
    seat_members(c, unit, now_ns);
    join_bucket(c, unit);
    step_allocated(c, k, u->seats, now_ns, 1);
    if (u->work_ns < INT64_MAX - now_ns)
        sim_cluster_expect(c, unit, now_ns + u->work_ns);
    if (u->explain)
        sim_story_placed(c, unit, now_ns);
    if (u->not_ready == 0)
        tell_placed(c, unit, now_ns);
}

/* ---- asking ---- */

int64_t sim_cluster_number(struct sim_cluster *c)
{
    return c->numbers++;
}

int32_t sim_cluster_ask(struct sim_cluster *c, int32_t kind, int32_t cookie,
                        int64_t now_ns)
{
    struct sim_ask ask = {
        .since_ns = now_ns, .number = sim_cluster_number(c), .work_ns = INT64_MAX};

    return sim_cluster_ask_as(c, kind, cookie, &ask, now_ns);
}

static int32_t unit_row(struct sim_cluster *c)
{
    int32_t id = c->free_unit;

    if (id != SP_NO_ID) {
        c->free_unit = c->units[id].next;
        return id;
    }
    c->units =
        sp_arena_more(c->arena, c->units, c->n_units, &c->units_room, sizeof *c->units);
    return c->n_units++;
}

/* A kind that is shut stays so: what it lacks, one more of it lacks, too. */
static bool stays_shut(const struct sim_cluster *c, int32_t kind, int32_t waited)
{
    const struct sim_kind *k = &c->kinds[kind];

    return waited > 0 && k->at == SP_NO_ID && !is_strict(c);
}

/* The first time that the kind is asked for. */
static void deploy(struct sim_cluster *c, int32_t kind, int64_t now_ns)
{
    struct sim_kind *k = &c->kinds[kind];

    if (k->deployed)
        return;
    k->deployed = true;
    sim_stranded_shape(c, k->shape, now_ns);
    if (k->rest_shape != SP_NO_ID)
        sim_stranded_shape(c, k->rest_shape, now_ns);
}

int32_t sim_cluster_ask_as(struct sim_cluster *c, int32_t kind, int32_t cookie,
                           const struct sim_ask *ask, int64_t now_ns)
{
    int32_t id = unit_row(c), waited = c->kinds[kind].waiting_at != SP_NO_ID;

    deploy(c, kind, now_ns);
    c->units[id] = (struct sim_asked){.life = SIM_UNIT_WAITS,
                                      .kind = kind,
                                      .cookie = cookie,
                                      .at = SP_NO_ID,
                                      .seats = SP_NO_ID,
                                      .after_loss = ask->after_loss,
                                      .explain = ask->explain,
                                      .since_ns = ask->since_ns,
                                      .number = ask->number,
                                      .work_ns = ask->work_ns,
                                      .asked_ns = now_ns,
                                      .end_ns = INT64_MAX,
                                      .serial = c->serials++};
    if (!waited)
        begin_waiting(c, kind, now_ns);
    sim_clock_read(&c->kinds[kind].clock, now_ns, -1, c->units[id].waited_ns);
    c->kinds[kind].n_waiting++;
    push_unit(c, id);
    if (!stays_shut(c, kind, waited))
        sim_cluster_unshut(c, kind);
    c->asked_mgpu += c->kinds[kind].total[MODEL_GPU];
    if (ask->explain)
        sim_story_asks(c, id, now_ns);
    want_pass(c, now_ns);
    return id;
}

/* ---- leaving ---- */

static void free_row(struct sim_cluster *c, int32_t unit)
{
    struct sim_asked *u = &c->units[unit];

    c->asked_mgpu -= c->kinds[u->kind].total[MODEL_GPU];
    u->life = SIM_UNIT_GONE;
    u->next = c->free_unit;
    c->free_unit = unit;
}

static void leave_nodes(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];

    sim_stranded_pass_to(c, now_ns);
    sim_cluster_expect(c, unit, INT64_MAX);
    leave_bucket(c, unit);
    step_allocated(c, k, u->seats, now_ns, -1);
    c->quota_freed = true;
    for (int32_t i = 0; i < k->members; i++) {
        const struct sim_seat *s = &c->seats[u->seats + i];
        int32_t node = s->hold.node;

        unchain(c, u->seats + i);
        sim_nodes_give(c->nodes, &s->hold, sim_cluster_seat_shape(k, i));
        sim_stranded_touch(c, node, now_ns);
        book_member(c, u, i, now_ns);
        sim_leases_use(c->leases, node, -1, now_ns);
    }
    give_seats(c, u->seats, k->members);
    if (c->n_waiting > 0)
        want_pass(c, now_ns);
}

void sim_cluster_release(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    sp_assert(c->units[unit].life != SIM_UNIT_GONE);
    if (c->units[unit].life == SIM_UNIT_WAITS)
        stop_waiting(c, unit, now_ns);
    else
        leave_nodes(c, unit, now_ns);
    free_row(c, unit);
}

void sim_cluster_take_away(struct sim_cluster *c, int32_t unit, enum sim_loss why,
                           int64_t now_ns)
{
    const struct sim_asked *u = &c->units[unit];
    const struct sim_cluster_client *client = c->kinds[u->kind].spec.client;

    sp_assert(client->unit_lost != NULL);
    client->unit_lost(client->self, u->cookie, unit, why, now_ns);
    leave_nodes(c, unit, now_ns);
    free_row(c, unit);
}

void sim_cluster_pin(struct sim_cluster *c, int32_t node, int32_t delta, int64_t now_ns)
{
    sim_leases_use(c->leases, node, delta, now_ns);
}

/* ---- what becomes of nodes ---- */

/* Tells the units of a node that it is ready, in the order in which they were placed.
 * What one of them starts may end other work and give units of this node back: look
 * anew each time. */
static void node_ready(void *self, int32_t node, int64_t now_ns)
{
    struct sim_cluster *c = self;
    int32_t seat;

    sim_stranded_touch(c, node, now_ns);
    do {
        int32_t next = *first_on(c, node);

        seat = SP_NO_ID;
        for (; next != SP_NO_ID; next = c->seats[next].next)
            if (!c->seats[next].ready) /* the list runs from the last to the first */
                seat = next;
        if (seat != SP_NO_ID) {
            struct sim_asked *u = &c->units[c->seats[seat].unit];

            c->seats[seat].ready = true;
            if (--u->not_ready == 0)
                tell_placed(c, c->seats[seat].unit, now_ns);
        }
    } while (seat != SP_NO_ID);
}

/* The unit on the node that was placed first, of those placed after `order`. */
static int32_t next_on(struct sim_cluster *c, int32_t node, uint64_t from,
                       uint64_t before)
{
    int32_t unit = SP_NO_ID;

    for (int32_t s = *first_on(c, node); s != SP_NO_ID; s = c->seats[s].next) {
        uint64_t order = c->units[c->seats[s].unit].order;

        if (order >= from && order < before)
            unit = c->seats[s].unit;
    }
    return unit;
}

static void node_noticed(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                         int64_t now_ns)
{
    struct sim_cluster *c = self;
    uint64_t from = 0, before = c->placements;
    int32_t unit;

    sim_stranded_touch(c, node, now_ns);
    while ((unit = next_on(c, node, from, before)) != SP_NO_ID) {
        const struct sim_asked *u = &c->units[unit];
        const struct sim_cluster_client *client = c->kinds[u->kind].spec.client;

        from = u->order + 1;
        if (client->unit_notice != NULL)
            client->unit_notice(client->self, u->cookie, unit, why, gone_ns, now_ns);
    }
}

static void node_lost(void *self, int32_t node, enum sim_loss why, int64_t now_ns)
{
    struct sim_cluster *c = self;
    int32_t unit;

    while ((unit = next_on(c, node, 0, UINT64_MAX)) != SP_NO_ID)
        sim_cluster_take_away(c, unit, why, now_ns);
}

static void lease_ends(void *self, int32_t node, int64_t now_ns)
{
    sim_stranded_lease_ends(self, node, now_ns);
}

static void more_room(void *self, int64_t now_ns)
{
    struct sim_cluster *c = self;

    c->market_moved = true;
    if (c->n_waiting > 0)
        want_pass(c, now_ns);
}

void sim_cluster_event(struct sim_cluster *c, const struct sim_event *ev)
{
    sim_stranded_pass_to(c, ev->time_ns);
    if (ev->kind == c->events.place)
        sim_scheduler_pass(c, ev->time_ns);
    else {
        c->changes++; /* nodes may come and go */
        sim_leases_event(c->leases, ev);
    }
}

void sim_cluster_close(struct sim_cluster *c)
{
    c->closed = true;
    sim_leases_close(c->leases);
}

void sim_cluster_finish(struct sim_cluster *c, int64_t now_ns)
{
    for (int32_t node = 0; node < c->n_node_rows; node++)
        while (c->first_on_node[node] != SP_NO_ID)
            sim_cluster_release(c, c->seats[c->first_on_node[node]].unit, now_ns);
    sim_leases_finish(c->leases, now_ns);
}

/* ---- answers about a unit ---- */

int32_t sim_cluster_members(const struct sim_cluster *c, int32_t unit)
{
    return c->kinds[c->units[unit].kind].members;
}

struct sim_hold sim_cluster_member(const struct sim_cluster *c, int32_t unit,
                                   int32_t member)
{
    sp_assert(c->units[unit].life == SIM_UNIT_PLACED);
    return c->seats[c->units[unit].seats + member].hold;
}

const struct model_amounts *sim_cluster_member_needs(const struct sim_cluster *c,
                                                     int32_t unit, int32_t member)
{
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];

    return seat_needs(k, member);
}

static bool loss_hides(int cause)
{
    return cause != MODEL_CAUSE_QUOTA && cause != MODEL_CAUSE_START_UP;
}

void sim_cluster_waited(const struct sim_cluster *c, int32_t unit, int64_t now_ns,
                        int64_t by_cause_ns[MODEL_CAUSES])
{
    const struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];

    memcpy(by_cause_ns, u->waited_ns, sizeof u->waited_ns);
    if (u->life == SIM_UNIT_WAITS)
        sim_clock_read(u->first_in_queue ? &c->queues[k->queue].clock : &k->clock,
                       now_ns, 1, by_cause_ns);
    else
        by_cause_ns[MODEL_CAUSE_START_UP] =
            (u->told ? u->told_ns : now_ns) - u->placed_ns;
    if (!u->after_loss)
        return;
    for (int i = 0; i < MODEL_CAUSES; i++)
        if (loss_hides(i) && i != MODEL_CAUSE_SPOT_LOSS) {
            by_cause_ns[MODEL_CAUSE_SPOT_LOSS] += by_cause_ns[i];
            by_cause_ns[i] = 0;
        }
}

/* ---- answers ---- */

enum sp_status sim_cluster_status(const struct sim_cluster *c, struct sp_err *err)
{
    return sim_leases_status(c->leases, err);
}

bool sim_cluster_moving(const struct sim_cluster *c)
{
    return sim_leases_moving(c->leases) ||
           sim_event_queue_pending(c->queue, c->place_slot);
}

int32_t sim_cluster_booting(const struct sim_cluster *c)
{
    return sim_leases_booting(c->leases);
}

int32_t sim_cluster_waiting(const struct sim_cluster *c, int32_t kind)
{
    return c->kinds[kind].n_waiting;
}

int32_t sim_cluster_node_type(const struct sim_cluster *c, int32_t node)
{
    return sim_nodes_state(c->nodes, node)->type;
}

int32_t sim_cluster_ready(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_ready(c->leases, type);
}

int32_t sim_cluster_peak(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_peak(c->leases, type);
}

int32_t sim_cluster_peak_gpu_nodes(const struct sim_cluster *c)
{
    return sim_leases_peak_gpu_nodes(c->leases);
}

const struct sim_level *sim_cluster_provisioned(const struct sim_cluster *c, int r)
{
    return sim_leases_provisioned(c->leases, r);
}

const struct sim_level *sim_cluster_allocated(const struct sim_cluster *c, int r)
{
    return &c->allocated[r];
}

const struct sim_level *sim_cluster_held(const struct sim_cluster *c, int32_t type)
{
    return sim_leases_held(c->leases, type);
}

uint64_t sim_cluster_search_steps(const struct sim_cluster *c)
{
    return sim_nodes_search_steps(c->nodes);
}
