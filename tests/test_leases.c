/* Leases by themselves, a unit a node: who is bought, noticed, lost, repaired and paid
 * for, and when.  Timelines are done by hand; what is drawn is checked against the
 * distribution it is drawn from. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/availability.h"
#include "sim/leases.h"

enum { EV_NODE, EV_MARKET, EV_CLOCK, LOG = 4096, TYPES = 3 };

/* ---- the owner: one unit on each node that it buys ---- */

struct rig {
    struct sp_arena *arena;
    struct model_policy policy;
    struct sim_event_queue *queue;
    struct sim_nodes *nodes;
    struct sim_ledger *ledger;
    struct sim_leases *leases;
    int32_t shape;
    bool unit[8192]; /* on the node */
    bool asks_again; /* who lost its node buys another in that instant */
    int32_t again;
    int64_t lost, noticed;
    char log[LOG];
};

static void say(struct rig *g, int64_t now_ns, const char *what, const char *who)
{
    size_t n = strlen(g->log);

    snprintf(g->log + n, LOG - n, "%s%g %s%s", n > 0 ? "; " : "", sp_s_from_ns(now_ns),
             what, who);
}

static const char *numbered(int32_t node)
{
    static char text[4][16];
    static int at;

    at = (at + 1) % 4;
    snprintf(text[at], sizeof text[at], " %d", (int)node);
    return text[at];
}

static const char *const why_names[] = {"preempted", "interrupted", "failed", "moved"};

static void ready(void *self, int32_t node, int64_t now_ns)
{
    say(self, now_ns, "ready", numbered(node));
}

static void notice(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                   int64_t now_ns)
{
    struct rig *g = self;

    g->noticed++;
    say(g, now_ns, why_names[why], numbered(node));
    if (gone_ns < INT64_MAX)
        say(g, gone_ns, "is its end", "");
}

static void lost(void *self, int32_t node, enum sim_loss why, int64_t now_ns)
{
    struct rig *g = self;

    g->lost++;
    say(g, now_ns, "lost", numbered(node));
    if (why == SIM_LOSS_FAILED)
        say(g, now_ns, "failed", "");
    if (!g->unit[node])
        return;
    g->unit[node] = false;
    sim_leases_use(g->leases, node, -1, now_ns);
    g->again += g->asks_again;
}

static void room(void *self, int64_t now_ns)
{
    say(self, now_ns, "room", "");
}

static struct rig *rig_new(struct model_node_type *types, int32_t n, uint64_t key)
{
    struct sp_arena *arena = sp_arena_new();
    struct rig *g = sp_arena_alloc(arena, sizeof *g);
    struct sim_leases_client client = {
        .self = g, .ready = ready, .notice = notice, .lost = lost, .room = room};
    const struct model_amounts needs = {.mcpu = 8000, .mgpu = 1000};

    g->arena = arena;
    g->policy = (struct model_policy){.name = "policy",
                                      .placement = "first-fit",
                                      .n_types = n,
                                      .types = types,
                                      .n_plans = 1};
    g->queue = sim_event_queue_new(arena);
    g->nodes = sim_nodes_new(arena, &g->policy, NULL, 1);
    g->ledger = sim_ledger_new(arena, &g->policy);
    g->leases =
        sim_leases_new(arena, g->queue, &g->policy, g->nodes, g->ledger, &client,
                       (struct sim_leases_events){EV_NODE, EV_MARKET}, key);
    g->shape = sim_nodes_shape(g->nodes, &needs, -1);
    sim_leases_start(g->leases);
    return g;
}

static void put_unit(struct rig *g, int32_t node, int64_t now_ns)
{
    g->unit[node] = true;
    sim_leases_use(g->leases, node, 1, now_ns);
}

static int32_t buy(struct rig *g, int64_t now_ns)
{
    int32_t type = sim_leases_choose(g->leases, g->shape), node;

    if (type == SP_NO_ID) {
        say(g, now_ns, "none", "");
        return SP_NO_ID;
    }
    node = sim_leases_buy(g->leases, type, g->shape, now_ns);
    say(g, now_ns, g->policy.types[type].name, numbered(node));
    put_unit(g, node, now_ns);
    return node;
}

/* Handles what happens up to `until_s`; those that lost their nodes buy at the end of
 * the instant. */
static void run_until(struct rig *g, double until_s)
{
    int32_t clock = sim_event_queue_slot_new(g->queue, EV_CLOCK, SP_NO_ID);
    struct sim_event ev;

    sim_event_queue_set(g->queue, clock, sp_ns_from_s(until_s), 3);
    while (sim_event_queue_pop(g->queue, &ev) && ev.kind != EV_CLOCK) {
        sim_leases_event(g->leases, &ev);
        for (; g->again > 0; g->again--)
            buy(g, ev.time_ns);
        sim_nodes_verify(g->nodes);
    }
}

static void rig_free(struct rig *g)
{
    sp_arena_free(g->arena);
}

/* ---- node types: 8 CPUs and a GPU, ready at once, gone a minute after they are idle
 * ----
 */

static struct model_dist constant(double s)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = s};
}

static struct model_node_type type_of(const char *name, int32_t rank, int32_t max,
                                      int64_t uusd_per_h)
{
    return (struct model_node_type){.name = name,
                                    .group = "node",
                                    .group_rank = rank,
                                    .return_after_ns = -1,
                                    .has = {.mcpu = 8000, .mgpu = 1000},
                                    .has_price = true,
                                    .uusd_per_h = uusd_per_h,
                                    .max = max,
                                    .boot_s = {.kind = MODEL_DIST_CONSTANT},
                                    .idle_timeout_ns = 60 * SP_NS_PER_S};
}

static const int64_t record_at[] = {0, 100 * SP_NS_PER_S, 300 * SP_NS_PER_S};
static const int32_t record_nodes[] = {2, 0, 1};
static const struct model_availability record = {.n = 3,
                                                 .at_ns = record_at,
                                                 .nodes = record_nodes,
                                                 .length_ns = 1000 * SP_NS_PER_S,
                                                 .most = 2};

/* ---- timelines: "room" comes with every lease that ends, and when an option can be
 * had again ---- */

enum act { NOTHING, BUY, LEAVES }; /* a unit leaves its node */

struct step {
    double at_s;
    enum act act;
    int32_t node;
};

static struct row {
    const char *name;
    struct model_node_type types[TYPES];
    bool asks_again;
    struct step steps[6];
    double until_s;
    const char *want;
    double held_s[TYPES];
    int64_t uusd;
} rows[24];

static int n_rows;

static struct row *row(const char *name)
{
    rows[n_rows].name = name;
    rows[n_rows].types[0] = type_of("spot", 0, 10, 3600000);
    rows[n_rows].types[0].kind = MODEL_OPTION_SPOT;
    return &rows[n_rows++];
}

/* 1 USD/h more for on-demand; prices of 3.6 USD/h are 1000 uusd a second. */
static void add_on_demand(struct row *r)
{
    r->types[1] = type_of("on-demand", 1, 10, 7200000);
}

static void make_rows(void)
{
    struct row *r = row("the_first_option_that_can_be_had_is_bought");

    add_on_demand(r);
    r->types[0].max = 1;
    r->types[1].max = 1;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {10, BUY, 0}, {20, BUY, 0}},
           3 * sizeof *r->steps);
    r->until_s = 30;
    r->want = "0 spot 0; 10 on-demand 1; 20 none";
    r->held_s[0] = 30;
    r->held_s[1] = 20;
    r->uusd = 30000 + 40000;

    r = row("an_idle_node_goes_after_its_timeout_and_who_was_refused_looks_again");
    r->types[0].max = 1;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {10, BUY, 0}, {20, LEAVES, 0}},
           3 * sizeof *r->steps);
    r->until_s = 200;
    r->want = "0 spot 0; 10 none; 80 room";
    r->held_s[0] = 80;
    r->uusd = 80000;

    r = row("a_record_takes_nodes_back_with_notice_and_gives_again");
    r->types[0].loss.availability = &record;
    r->types[0].loss.notice_ns = 10 * SP_NS_PER_S;
    memcpy(r->steps,
           (struct step[]){{0, BUY, 0}, {5, BUY, 0}, {6, BUY, 0}, {150, BUY, 0}},
           4 * sizeof *r->steps);
    r->until_s = 400;
    /* held 100 s and 95 s; who was refused at 6 and again at 150 hears at 300 */
    r->want = "0 spot 0; 5 spot 1; 6 none; 90 interrupted 1; 100 is its end; 90 "
              "interrupted 0; 100 is its end; 100 lost 1; 100 room; 100 lost 0; "
              "100 room; 150 none; 300 room";
    r->held_s[0] = 195;
    r->uusd = 195000;

    r = row("the_newest_goes_first");
    r->types[0].loss.availability = &record;
    r->types[0].loss.availability_from_ns =
        950 * SP_NS_PER_S; /* 1, 2 from 50, 0 from 150 */
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {50, BUY, 0}}, 2 * sizeof *r->steps);
    r->until_s = 200;
    r->want = "0 spot 0; 50 room; 50 spot 1; 150 lost 1; 150 room; 150 lost 0; 150 "
              "room";
    r->held_s[0] = 250;
    r->uusd = 250000;

    r = row("who_lost_its_node_falls_back_and_returns_when_the_first_option_is_there_"
            "again");
    add_on_demand(r);
    r->types[0].loss.availability = &record;
    r->types[0].loss.notice_ns = 10 * SP_NS_PER_S;
    r->types[1].return_after_ns = 50 * SP_NS_PER_S;
    r->asks_again = true;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {360, BUY, 0}, {380, LEAVES, 1}},
           3 * sizeof *r->steps);
    r->until_s = 500;
    /* spot 0..100, on-demand 100..380 (its unit left), spot 360..500 */
    r->want = "0 spot 0; 90 interrupted 0; 100 is its end; 100 lost 0; 100 room; "
              "100 on-demand 1; 300 room; 350 moved 1; 360 spot 0; 380 room";
    r->held_s[0] = 240;
    r->held_s[1] = 280;
    r->uusd = 240000 + 560000;

    r = row("only_as_many_return_as_the_first_option_has_room_for");
    add_on_demand(r);
    r->types[0].loss.availability = &record;
    r->types[1].return_after_ns = 0;
    r->asks_again = true;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {0, BUY, 0}}, 2 * sizeof *r->steps);
    r->until_s = 400;
    r->want = "0 spot 0; 0 spot 1; 100 lost 1; 100 room; 100 lost 0; 100 room; 100 "
              "on-demand 2; 100 on-demand 3; 300 room; 300 moved 2";
    r->held_s[0] = 200;
    r->held_s[1] = 600;
    r->uusd = 200000 + 1200000;

    r = row("launches_are_limited_per_time");
    r->types[0].launch_max = 2;
    r->types[0].launch_every_ns = 60 * SP_NS_PER_S;
    memcpy(r->steps,
           (struct step[]){{0, BUY, 0},
                           {10, BUY, 0},
                           {10, BUY, 0},
                           {60, BUY, 0},
                           {65, BUY, 0},
                           {70, BUY, 0}},
           6 * sizeof *r->steps);
    r->until_s = 100;
    /* 60: that of 0 is a minute ago; 70: that of 10 */
    r->want = "0 spot 0; 10 spot 1; 10 none; 60 room; 60 spot 2; 65 none; 70 room; 70 "
              "spot 3";
    r->held_s[0] = 100 + 90 + 40 + 30;
    r->uusd = 260000;

    r = row("the_minimum_is_there_whatever_the_launch_rate_and_is_kept");
    r->types[0].min = 3;
    r->types[0].launch_max = 1;
    r->types[0].launch_every_ns = 50 * SP_NS_PER_S;
    r->types[0].boot_s = constant(20);
    r->types[0].loss.fails = true;
    r->types[0].loss.fail_after_s = constant(100);
    r->until_s = 190;
    /* ready at 20, all break at 120; replaced at 120 and 170, which is ready at 190 */
    r->want = "20 ready 0; 20 ready 1; 20 ready 2; 120 lost 0; 120 failed; 120 "
              "room; 120 lost 1; 120 failed; 120 room; 120 lost 2; 120 failed; 120 "
              "room; 140 ready 0; 170 room; 190 ready 2";
    r->held_s[0] = 360 + 70 + 20;
    r->uusd = 450000;

    r = row("a_fixed_node_that_breaks_is_paid_for_and_there_again_after_its_repair");
    r->types[0].fixed = true;
    r->types[0].count = 1;
    r->types[0].loss.fails = true;
    r->types[0].loss.fail_after_s = constant(100);
    r->types[0].loss.repair_s = constant(30);
    r->until_s = 270;
    r->want = "100 lost 0; 100 failed; 130 room; 230 lost 0; 230 failed; 260 room";
    r->held_s[0] = 270;
    r->uusd = 270000;

    r = row("a_node_that_is_taken_back_while_it_boots_is_lost_at_once");
    r->types[0].boot_s = constant(300);
    r->types[0].loss.availability = &record;
    r->types[0].loss.notice_ns = 10 * SP_NS_PER_S;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}}, sizeof *r->steps);
    r->until_s = 400;
    r->want = "0 spot 0; 90 lost 0; 90 room; 300 room";
    r->held_s[0] = 90;
    r->uusd = 90000;

    r = row("a_noticed_node_goes_when_its_last_unit_has_left");
    r->types[0].loss.availability = &record;
    r->types[0].loss.notice_ns = 60 * SP_NS_PER_S;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {0, BUY, 0}, {70, LEAVES, 1}},
           3 * sizeof *r->steps);
    r->until_s = 200;
    r->want = "0 spot 0; 0 spot 1; 40 interrupted 1; 100 is its end; 40 "
              "interrupted 0; 100 is its end; 70 room; 100 lost 0; 100 room";
    r->held_s[0] = 100 + 70;
    r->uusd = 170000;

    r = row("nothing_is_launched_that_would_be_noticed_at_once");
    r->types[0].loss.availability = &record;
    r->types[0].loss.notice_ns = 120 * SP_NS_PER_S;
    memcpy(r->steps, (struct step[]){{0, BUY, 0}, {305, BUY, 0}}, 2 * sizeof *r->steps);
    r->until_s = 400;
    r->want = "0 none; 300 room; 305 spot 0";
    r->held_s[0] = 95;
    r->uusd = 95000;
}

static void act(struct rig *g, const struct step *s)
{
    int64_t now_ns = sp_ns_from_s(s->at_s);

    if (s->act == BUY) {
        buy(g, now_ns);
    } else if (s->act == LEAVES) {
        assert_true(g->unit[s->node]);
        g->unit[s->node] = false;
        sim_leases_use(g->leases, s->node, -1, now_ns);
    }
}

static void timeline_is_as_by_hand(void **state)
{
    struct row *r = *state;
    int32_t n = r->types[1].name != NULL ? 2 : 1;
    struct rig *g = rig_new(r->types, n, 1);

    g->asks_again = r->asks_again;
    for (int i = 0; i < 6 && r->steps[i].act != NOTHING; i++) {
        run_until(g, r->steps[i].at_s);
        act(g, &r->steps[i]);
    }
    run_until(g, r->until_s);
    assert_string_equal(g->log, r->want);
    sim_leases_close(g->leases);
    sim_leases_finish(g->leases, sp_ns_from_s(r->until_s));
    for (int32_t t = 0; t < n; t++)
        assert_true((double)sim_ledger_type(g->ledger, t)->held_ns / 1e9 ==
                    r->held_s[t]);
    assert_int_equal(sim_ledger_total_uusd(g->ledger), r->uusd);
    rig_free(g);
}

/* ---- what is drawn ---- */

/* Of n nodes at `per_hour` each is taken back within t hours with chance 1 - exp(-rt):
 * the number is binomial, within 4.5 standard deviations but once in 150,000 (and the
 * seed is fixed).  Notice comes two minutes before. */
static void poisson_takes_nodes_back_at_its_rate(void **state)
{
    enum { N = 4000 };
    static const double hours[] = {0.25, 1, 3};
    const double per_hour = 0.4;
    struct model_node_type t = type_of("spot", 0, N, 3600000);
    struct rig *g;

    (void)state;
    t.loss = (struct model_loss){
        .taken_back = true, .per_hour = per_hour, .notice_ns = 120 * SP_NS_PER_S};
    g = rig_new(&t, 1, 7);
    for (int i = 0; i < N; i++)
        assert_true(buy(g, 0) != SP_NO_ID);
    for (size_t i = 0; i < 3; i++) {
        double p = 1 - exp(-per_hour * hours[i]), sd = sqrt(N * p * (1 - p));

        run_until(g, 3600 * hours[i] - 120);
        assert_true(fabs((double)g->noticed - N * p) < 4.5 * sd);
        run_until(g, 3600 * hours[i]);
        assert_true(fabs((double)g->lost - N * p) < 4.5 * sd);
        assert_true(g->noticed >= g->lost);
    }
    rig_free(g);
}

/* The how-many-th node of a type lives as long, whatever else a policy does. */
static void fate_belongs_to_the_how_many_th_node_of_its_type(void **state)
{
    struct model_node_type types[2] = {type_of("spot", 0, 100, 3600000),
                                       type_of("on-demand", 0, 100, 3600000)};
    struct rig *a, *b;

    (void)state;
    types[1].group = "other";
    types[1].group_id = 1;
    types[1].min = 5;
    for (int i = 0; i < 2; i++)
        types[i].loss = (struct model_loss){.taken_back = true, .per_hour = 1};
    a = rig_new(types, 1, 3); /* the first type alone */
    b = rig_new(types, 2, 3);
    for (int i = 0; i < 20; i++) {
        buy(a, 0);
        buy(b, 0);
    }
    run_until(a, 36000);
    run_until(b, 36000);
    sim_leases_finish(a->leases, 36000 * SP_NS_PER_S);
    sim_leases_finish(b->leases, 36000 * SP_NS_PER_S);
    assert_true(sim_ledger_type(a->ledger, 0)->held_ns ==
                sim_ledger_type(b->ledger, 0)->held_ns);
    assert_true(sim_ledger_type(a->ledger, 0)->leases == 20);
    rig_free(a);
    rig_free(b);
}

/* ---- a record is never exceeded ---- */

static struct model_availability *random_record(struct sp_arena *arena,
                                                struct sp_rng *r)
{
    struct model_availability *a = sp_arena_alloc(arena, sizeof *a);
    int32_t n = 2 + (int32_t)(sp_rng_next(r) % 8);
    int64_t *at = sp_arena_array(arena, (size_t)n, sizeof *at), t = 0;
    int32_t *nodes = sp_arena_array(arena, (size_t)n, sizeof *nodes);

    for (int32_t i = 0; i < n; i++) {
        at[i] = t;
        t += (1 + (int64_t)(sp_rng_next(r) % 90)) * SP_NS_PER_S;
        do
            nodes[i] = (int32_t)(sp_rng_next(r) % 7);
        while (i > 0 && nodes[i] == nodes[i - 1]);
        a->most = nodes[i] > a->most ? nodes[i] : a->most;
    }
    *a = (struct model_availability){
        .n = n, .at_ns = at, .nodes = nodes, .length_ns = t, .most = a->most};
    return a;
}

/* Somebody always wants one more: as soon as the record has more nodes than are held
 * for at least a notice, there is one more. */
static void greedy_follows(uint64_t seed)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_rng r = sp_rng_from_key(seed);
    struct model_node_type t = type_of("spot", 0, 100, 3600000);
    struct model_availability *a = random_record(arena, &r);
    struct rig *g;

    t.loss.availability = a;
    t.loss.notice_ns = (int64_t)(sp_rng_next(&r) % 60) * SP_NS_PER_S;
    t.loss.availability_from_ns = (int64_t)(sp_rng_next(&r) % 200) * SP_NS_PER_S;
    g = rig_new(&t, 1, seed);
    for (int s = 0; s < 600; s++) {
        int64_t now_ns = s * SP_NS_PER_S, in_ns = now_ns + t.loss.availability_from_ns;
        int64_t held;
        int32_t stays;

        run_until(g, s);
        g->log[0] = '\0';
        while (buy(g, now_ns) != SP_NO_ID)
            g->log[0] = '\0';
        held = sim_leases_held(g->leases, 0)->n;
        assert_true(held <= model_availability_at(a, in_ns));
        stays = model_availability_at(a, in_ns);
        for (int64_t at = 0; at <= t.loss.notice_ns; at += SP_NS_PER_S)
            if (model_availability_at(a, in_ns + at) < stays)
                stays = model_availability_at(a, in_ns + at);
        assert_true(held >= stays);
    }
    rig_free(g);
    sp_arena_free(arena);
}

static void record_is_followed_exactly(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++)
        greedy_follows(seed);
}

/* ---- whether anything may still come ---- */

static void losses_of_idle_nodes_keep_no_run_going(void **state)
{
    struct model_node_type t = type_of("spot", 0, 10, 3600000);
    struct rig *g;

    (void)state;
    t.min = 4;
    t.boot_s = constant(100);
    t.loss = (struct model_loss){.taken_back = true, .per_hour = 100};
    g = rig_new(&t, 1, 1);
    assert_true(sim_leases_moving(g->leases)); /* they boot for whoever comes */
    run_until(g, 3600);
    assert_true(g->lost > 50);
    assert_false(sim_leases_moving(g->leases));
    rig_free(g);
}

static void who_waits_for_a_record_waits_as_long_as_it_may_rise(void **state)
{
    struct model_node_type t = type_of("spot", 0, 10, 3600000);
    struct rig *g;

    (void)state;
    t.loss.availability = &record; /* 2, 0, 1 nodes */
    g = rig_new(&t, 1, 1);
    buy(g, 0);
    assert_false(sim_leases_moving(g->leases));
    buy(g, 0);
    assert_int_equal(buy(g, 0), SP_NO_ID);
    assert_false(sim_leases_moving(g->leases)); /* never 3 */
    run_until(g, 150);
    assert_int_equal(buy(g, 150 * SP_NS_PER_S), SP_NO_ID);
    assert_true(sim_leases_moving(g->leases)); /* from 300 */
    run_until(g, 300);
    assert_false(sim_leases_moving(g->leases)); /* nobody has asked since */
    rig_free(g);
}

static void who_waits_for_a_repair_is_told(void **state)
{
    struct model_node_type t = type_of("owned", 0, 10, 3600000);
    struct rig *g;

    (void)state;
    t.fixed = true;
    t.count = 1;
    t.loss = (struct model_loss){
        .fails = true, .fail_after_s = constant(50), .repair_s = constant(50)};
    g = rig_new(&t, 1, 1);
    run_until(g, 60);
    assert_false(sim_leases_moving(g->leases));
    assert_int_equal(sim_nodes_find(g->nodes, g->shape, 0), SP_NO_ID);
    assert_int_equal(buy(g, 60 * SP_NS_PER_S), SP_NO_ID);
    assert_true(sim_leases_moving(g->leases));
    run_until(g, 100);
    assert_string_equal(g->log, "50 lost 0; 50 failed; 60 none; 100 room");
    assert_int_equal(sim_nodes_find(g->nodes, g->shape, 0), 0);
    rig_free(g);
}

/* ---- data outlives its node ---- */

static void number_of_a_lost_node_is_its_datas_until_that_is_gone(void **state)
{
    struct model_node_type t = type_of("spot", 0, 10, 3600000);
    struct rig *g;
    int32_t node;

    (void)state;
    t.loss = (struct model_loss){.fails = true, .fail_after_s = constant(10)};
    g = rig_new(&t, 1, 1);
    node = buy(g, 0);
    sim_leases_use(g->leases, node, 1, 0); /* data */
    run_until(g, 20);
    assert_int_equal(sim_leases_life(g->leases, node), SIM_NODE_GONE);
    assert_int_equal(buy(g, 20 * SP_NS_PER_S), node + 1);
    sim_leases_use(g->leases, node, -1, 25 * SP_NS_PER_S);
    assert_int_equal(buy(g, 25 * SP_NS_PER_S), node);
    sim_leases_finish(g->leases, 30 * SP_NS_PER_S);
    /* 0..10, 20..30, 25..30 */
    assert_true(sim_ledger_type(g->ledger, 0)->held_ns == 25 * SP_NS_PER_S);
    rig_free(g);
}

/* ---- why ---- */

static void reasons_are_told_with_prices(void **state)
{
    struct model_node_type types[3] = {type_of("spot", 0, 1, 900000),
                                       type_of("on-demand", 1, 10, 3000000),
                                       type_of("big", 0, 10, 4000000)};
    struct model_policy_result p = {0};
    struct rig *g;

    (void)state;
    types[2].group = "big";
    types[2].group_id = 1;
    types[2].has = (struct model_amounts){.mcpu = 16000, .mgpu = 2000};
    g = rig_new(types, 3, 1);
    for (int i = 0; i < 3; i++)
        buy(g, 0);
    assert_string_equal(g->log, "0 spot 0; 0 big 1; 0 big 2");
    sim_leases_result(g->leases, g->arena, &p);
    assert_int_equal(p.n_bought, 2);
    assert_string_equal(
        p.bought[0].reason,
        "cheapest for 1 GPU + 8 CPUs: its share is 0.9 USD/h; next big 2 USD/h");
    assert_string_equal(p.bought[1].type, "big");
    assert_int_equal(p.bought[1].nodes, 2);
    assert_string_equal(
        p.bought[1].reason,
        "cheapest for 1 GPU + 8 CPUs: its share is 2 USD/h; next on-demand 3 USD/h");
    rig_free(g);
}

static void a_stand_in_says_for_what(void **state)
{
    struct model_node_type types[2] = {type_of("spot", 0, 0, 900000),
                                       type_of("on-demand", 1, 10, 3000000)};
    struct model_policy_result p = {0};
    struct rig *g = rig_new(types, 2, 1);

    (void)state;
    buy(g, 0);
    sim_leases_result(g->leases, g->arena, &p);
    assert_int_equal(p.n_bought, 1);
    assert_string_equal(
        p.bought[0].reason,
        "the next option for 1 GPU + 8 CPUs: its share is 3 USD/h; stands in for spot, "
        "which could not be had");
    assert_int_equal(p.launches_refused, 1);
    rig_free(g);
}

/* ---- nodes of lists ---- */

static void nodes_of_lists_come_first_and_in_their_order(void **state)
{
    struct model_node_type types[2] = {type_of("a", 0, 0, 1), type_of("b", 0, 0, 1)};
    struct model_node list[] = {{.type = 1}, {.type = 0}, {.type = 1}};
    struct rig *g = rig_new(types, 0, 1);
    struct sim_leases_client client = {.self = g, .room = room};

    (void)state;
    for (int i = 0; i < 2; i++) {
        types[i].fixed = types[i].listed = true;
        types[i].count = 1 + i;
        types[i].group = NULL;
    }
    g->policy.n_types = 2;
    g->policy.n_nodes = 3;
    g->policy.nodes = list;
    g->nodes = sim_nodes_new(g->arena, &g->policy, NULL, 1);
    g->leases = sim_leases_new(g->arena, g->queue, &g->policy, g->nodes,
                               sim_ledger_new(g->arena, &g->policy), &client,
                               (struct sim_leases_events){EV_NODE, EV_MARKET}, 1);
    sim_leases_start(g->leases);
    for (int32_t i = 0; i < 3; i++)
        assert_int_equal(sim_nodes_state(g->nodes, i)->type, list[i].type);
    assert_int_equal(sim_nodes_n(g->nodes), 3);
    rig_free(g);
}

int main(void)
{
    struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 16] = {
        cmocka_unit_test(poisson_takes_nodes_back_at_its_rate),
        cmocka_unit_test(fate_belongs_to_the_how_many_th_node_of_its_type),
        cmocka_unit_test(record_is_followed_exactly),
        cmocka_unit_test(losses_of_idle_nodes_keep_no_run_going),
        cmocka_unit_test(who_waits_for_a_record_waits_as_long_as_it_may_rise),
        cmocka_unit_test(who_waits_for_a_repair_is_told),
        cmocka_unit_test(number_of_a_lost_node_is_its_datas_until_that_is_gone),
        cmocka_unit_test(reasons_are_told_with_prices),
        cmocka_unit_test(a_stand_in_says_for_what),
        cmocka_unit_test(nodes_of_lists_come_first_and_in_their_order),
    };
    size_t n = 10;

    make_rows();
    for (int i = 0; i < n_rows; i++)
        tests[n++] = (struct CMUnitTest){.name = rows[i].name,
                                         .test_func = timeline_is_as_by_hand,
                                         .initial_state = &rows[i]};
    return _cmocka_run_group_tests("leases", tests, n, NULL, NULL);
}
