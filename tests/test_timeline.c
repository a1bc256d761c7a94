/* What is recorded of runs that hands can follow: every slice, link and lease. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/units.h"
#include "model/availability.h"
#include "model/jobs.h"
#include "model/timeline.h"
#include "sim/timeline.h"
#include "tests/by_hand.h"
#include "tests/jobs_build.h"
#include "tests/serving_build.h"

/* ---- in words ---- */

/* "node/thread stage kind from..to first+items" */
static void say_slice(const struct model_timeline *t, int32_t i, char *to, size_t size)
{
    const struct model_slice *s = &t->slices[i];

    snprintf(to, size, "%d/%d %s%s%d %s %g..%g %lldx%lld",
             (int)t->leases[s->lease].node, (int)s->thread,
             s->name != NULL ? s->name : "", s->name != NULL ? " " : "", (int)s->stage,
             model_slice_kind_name(s->kind), sp_s_from_ns(s->from_ns),
             sp_s_from_ns(s->to_ns), (long long)s->first_item, (long long)s->items);
}

static void slices_are(const struct model_timeline *t, const char *const *want)
{
    char got[160];
    int32_t n = 0;

    for (; want[n] != NULL && n < t->n_slices; n++) {
        say_slice(t, n, got, sizeof got);
        assert_string_equal(got, want[n]);
    }
    if (want[n] != NULL)
        fail_msg("no slice '%s'", want[n]);
    if (n < t->n_slices) {
        say_slice(t, n, got, sizeof got);
        fail_msg("a slice '%s'", got);
    }
}

static void links_are(const struct model_timeline *t, const char *want)
{
    char got[256] = "";

    for (int32_t i = 0; i < t->n_links; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d-%d",
                 i > 0 ? " " : "", (int)t->links[i].from, (int)t->links[i].to);
    assert_string_equal(got, want);
}

/* "node use requested ready end ended" */
static void leases_are(const struct model_timeline *t, const char *const *want)
{
    int32_t n = 0;

    for (; want[n] != NULL && n < t->n_leases; n++) {
        const struct model_lease *l = &t->leases[n];
        char got[160];

        snprintf(got, sizeof got, "%d/%d %g %g %g %s", (int)l->node, (int)l->use,
                 sp_s_from_ns(l->requested_ns), sp_s_from_ns(l->ready_ns),
                 sp_s_from_ns(l->end_ns), l->ended);
        assert_string_equal(got, want[n]);
    }
    assert_null(want[n]);
    assert_int_equal(n, t->n_leases);
}

static const struct model_timeline *record(const struct plan_build *b)
{
    struct plan_how how = {1, 1, .verify = true, .timeline_slices = 1000};

    return &plan_run(b, how)->policies[0].timeline;
}

/* ---- pipelines ---- */

/* Two nodes of one CPU joined by 1 GB/s.  `make` takes 1 s, its output 2 s on the wire,
 * `use` 1 s: it fetches and works in turns, and each task works on what the other stage
 * made of the same item. */
static void fetch_and_service_take_turns_and_are_linked(void **state)
{
    static const char *const want[] = {
        "0/0 0 service 0..1 0x1",  "0/0 0 service 1..2 1x1",
        "1/0 1 fetch 1..3 0x1",    "0/0 0 service 2..3 2x1",
        "1/0 1 service 3..4 0x1",  "1/0 1 fetch 4..6 1x1",
        "1/0 1 service 6..7 1x1",  "1/0 1 fetch 7..9 2x1",
        "1/0 1 service 9..10 2x1", NULL};
    static const char *const leases[] = {"0/0 0 0 10 end of run",
                                         "1/0 0 0 10 end of run", NULL};
    struct plan_build *b = *state;
    const struct model_timeline *t;

    plan_stage(b, "make", plan_constant(1))->output_bytes = 2e9;
    plan_stage(b, "use", plan_constant(1));
    plan_apart(b, 1);
    b->node->has.mcpu = 1000;
    b->node->count = 2;
    b->node->nic_bytes_per_s = 1e9;
    b->source->items = 3;
    t = record(b);
    slices_are(t, want);
    links_are(t, "0-4 1-6 3-8");
    leases_are(t, leases);
    assert_string_equal(t->sample, "everything");
}

/* Three tasks of 2 s on two slots: the third on the lower thread.  (Below, `use` stays
 * on its own although that of `make` is free.) */
static void a_task_takes_the_lowest_free_thread_of_its_pool(void **state)
{
    static const char *const want[] = {"0/0 0 service 0..2 0x1",
                                       "0/1 0 service 0..2 1x1",
                                       "0/0 0 service 2..4 2x1", NULL};
    struct plan_build *b = *state;

    plan_stage(b, "work", plan_constant(2));
    plan_apart(b, 2);
    b->source->items = 3;
    slices_are(record(b), want);
}

/* `use` takes 3 s and one item waits before it: what `make` finished at 3 s has no room
 * until 4 s. */
static void what_has_no_room_is_blocked(void **state)
{
    static const char *const want[] = {
        "0/0 0 service 0..1 0x1",  "0/0 0 service 1..2 1x1",
        "0/1 1 service 1..4 0x1",  "0/0 0 service 2..3 2x1",
        "0/0 0 blocked 3..4 2x1",  "0/1 1 service 4..7 1x1",
        "0/1 1 service 7..10 2x1", NULL};
    struct plan_build *b = *state;
    const struct model_timeline *t;

    plan_stage(b, "make", plan_constant(1));
    plan_stage(b, "use", plan_constant(3))->buffer = 1;
    plan_apart(b, 1);
    b->source->items = 3;
    t = record(b);
    slices_are(t, want);
    links_are(t, "0-2 1-5 3-6");
}

/* A batch is one slice that comes of both tasks before it. */
static void a_batch_has_a_link_from_each_input(void **state)
{
    static const char *const want[] = {"0/0 0 service 0..1 0x1",
                                       "0/1 0 service 0..1 1x1",
                                       "0/2 1 service 1..3 0x2", NULL};
    struct plan_build *b = *state;
    const struct model_timeline *t;

    plan_stage(b, "make", plan_constant(1));
    plan_stage(b, "use", plan_constant(2))->batch = 2;
    plan_apart(b, 2);
    b->source->items = 2;
    t = record(b);
    slices_are(t, want);
    links_are(t, "0-2 1-2");
}

/* The node boots for 10 s, then the unit starts for 5 s. */
static void nodes_boot_then_units_start(void **state)
{
    static const char *const want[] = {"0/0 0 start-up 10..15 -1x0",
                                       "0/0 0 service 15..18 0x1", NULL};
    static const char *const leases[] = {"0/0 0 10 18 end of run", NULL};
    struct plan_build *b = *state;
    const struct model_timeline *t;

    plan_stage(b, "work", plan_constant(3));
    plan_apart(b, 1);
    b->plan->units[0].startup_s = plan_constant(5);
    b->node->fixed = false;
    b->node->max = 1;
    b->node->boot_s = plan_constant(10);
    t = record(b);
    slices_are(t, want);
    leases_are(t, leases);
}

/* One node until 70 s, and again from 100 s. */
static const struct model_availability *gone_between(struct sp_arena *arena)
{
    struct model_availability *a = sp_arena_alloc(arena, sizeof *a);
    int64_t *at = sp_arena_array(arena, 3, sizeof *at);
    int32_t *nodes = sp_arena_array(arena, 3, sizeof *nodes);

    at[1] = 70 * SP_NS_PER_S;
    at[2] = 100 * SP_NS_PER_S;
    nodes[0] = nodes[2] = 1;
    *a = (struct model_availability){.n = 3,
                                     .at_ns = at,
                                     .nodes = nodes,
                                     .length_ns = 365 * 86400 * SP_NS_PER_S,
                                     .most = 1};
    return a;
}

/* Two items of 50 s: the second is lost at 70 s with its node, and begins again on the
 * next lease of the same number. */
static void a_node_taken_back_and_leased_again_has_two_leases(void **state)
{
    static const char *const want[] = {"0/0 0 service 0..50 0x1",
                                       "0/0 0 service 50..70 1x1",
                                       "0/0 0 service 100..150 1x1", NULL};
    static const char *const leases[] = {"0/0 0 0 70 taken back",
                                         "0/0 100 100 150 end of run", NULL};
    struct plan_build *b = *state;
    const struct model_timeline *t;

    b->node->option = "spot";
    b->node->kind = MODEL_OPTION_SPOT;
    b->node->fixed = false;
    b->node->max = 10;
    b->node->loss.availability = gone_between(b->arena);
    plan_stage(b, "work", plan_constant(50));
    plan_apart(b, 1);
    b->source->items = 2;
    t = record(b);
    slices_are(t, want);
    leases_are(t, leases);
    assert_int_equal(t->slices[1].lease, 0);
    assert_int_equal(t->slices[2].lease, 1);
}

/* Slices are those of the first replication, of the pass that counts. */
static void only_one_run_is_recorded(void **state)
{
    struct plan_build *b = *state;
    struct plan_how how = {1, 1, .verify = true, .timeline_slices = 1000};
    const struct model_timeline *one, *of_three, *of_two_passes;

    plan_stage(b, "work", plan_exponential(1));
    plan_apart(b, 2);
    b->source->items = 40;
    one = &plan_run(b, how)->policies[0].timeline;
    how.replications = 3;
    of_three = &plan_run(b, how)->policies[0].timeline;
    b->sc->measure = MODEL_MEASURE_MSER;
    of_two_passes = &plan_run(b, how)->policies[0].timeline;
    assert_int_equal(one->all_slices, 40);
    assert_int_equal(of_three->all_slices, 40);
    assert_int_equal(of_two_passes->all_slices, 40);
    assert_memory_equal(one->slices, of_three->slices, 40 * sizeof *one->slices);
    assert_memory_equal(one->slices, of_two_passes->slices, 40 * sizeof *one->slices);
}

/* ---- serving ---- */

/* Two requests with a pause: 20 tokens of prompt and 4 iterations of 10 ms each; the
 * replica loads for half a second first. */
static void a_replica_is_busy_while_it_iterates(void **state)
{
    static const struct serving_arrival rows[] = {{1, 20, 5}, {2, 20, 5}};
    const struct serving_trace trace = {2, rows};
    static const char *const want[] = {"0/0 0 start-up 0..0.5 -1x0",
                                       "0/0 0 busy 1..1.06 -1x0",
                                       "0/0 0 busy 2..2.06 -1x0", NULL};
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    struct serving_how how = {.seed = 1, .trace = &trace, .timeline_slices = 100};

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1)->load_ns = SP_NS_PER_S / 2;
    serving_trace(&b, &trace);
    slices_are(&serving_run(&b, how)->policies[0].timeline, want);
    sp_arena_free(arena);
}

/* ---- jobs ---- */

/* Two jobs of 8 GPUs, one after the other, on one node; each starts for 5 s. */
static void a_job_is_a_slice_on_its_node_with_its_name(void **state)
{
    static const char *const want[] = {
        "0/0 first -1 start-up 0..5 0x1", "0/0 first -1 job 5..15 0x1",
        "0/0 second -1 start-up 15..20 1x1", "0/0 second -1 job 20..40 1x1", NULL};
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran ran;

    (void)state;
    jobs_add(&b, 0, 10, 8)->name = "first";
    jobs_add(&b, 1, 20, 8)->name = "second";
    b.jobs->start_ns = 5 * SP_NS_PER_S;
    ran = jobs_run(&b, (struct jobs_how){.seed = 1, .timeline_slices = 100});
    slices_are(&ran.policy->timeline, want);
    sp_arena_free(arena);
}

/* ---- the recorder by itself ---- */

/* One slice a second on each of `n` nodes, turn by turn. */
static struct model_timeline of_nodes(struct sp_arena *arena, int32_t cap, int32_t n,
                                      int32_t rounds)
{
    struct sim_timeline *t = sim_timeline_new(arena, cap);

    for (int32_t i = 0; i < n; i++) {
        sim_timeline_lease(t, i, 0, 0);
        sim_timeline_ready(t, i, 0);
    }
    for (int32_t at = 0; at < rounds; at++)
        for (int32_t i = 0; i < n; i++) {
            struct sim_slice s = {.node = i,
                                  .thread = sim_timeline_take(t, i, 0),
                                  .from_ns = at * SP_NS_PER_S,
                                  .to_ns = (at + 1) * SP_NS_PER_S};

            sim_timeline_slice(t, &s);
            sim_timeline_give(t, i, s.thread);
        }
    for (int32_t i = 0; i < n; i++)
        sim_timeline_end(t, i, "end of run", rounds * SP_NS_PER_S);
    return sim_timeline_result(t, arena);
}

static const struct sampled {
    const char *name;
    int32_t cap, nodes, rounds;
    int32_t want, leases; /* slices, leases */
    const char *sample;
} sampled[] = {
    {"all_fit", 32, 16, 2, 32, 16, "everything"},
    {"one_more_leaves_every_second_node", 31, 16, 2, 16, 16,
     "every lease; slices of nodes 0, 2, ..., 1 in 2: everything there"},
    {"until_they_fit", 16, 16, 6, 12, 16,
     "every lease; slices of nodes 0, 8, 1 in 8: everything there"},
    {"one_node_is_left", 16, 16, 16, 16, 16,
     "every lease; slices of node 0 alone: everything there"},
    {"then_it_is_cut", 16, 16, 17, 16, 16,
     "every lease; slices of node 0 alone, until 17 s: what had ended by then"},
    {"one_node_is_cut", 10, 1, 12, 10, 1,
     "every lease; slices of node 0 alone, until 11 s: what had ended by then"},
    {"leases_are_thinned_and_their_slices", 8, 16, 1, 8, 8,
     "leases of nodes 0, 2, ..., 1 in 2; slices of nodes 0, 2, ..., 1 in 2: "
     "everything there"},
    {"two_nodes_one_lease", 1, 2, 1, 1, 1,
     "leases of node 0; slices of node 0 alone: everything there"},
    {"leases_alone", 0, 3, 0, 0, 3, "leases alone"},
    {"leases_alone_thinned", 0, 20001, 0, 0, 10001,
     "leases of nodes 0, 2, ..., 1 in 2; no slices"},
};

static void sample_is_as_said(void **state)
{
    const struct sampled *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_timeline t = of_nodes(arena, row->cap, row->nodes, row->rounds);

    assert_string_equal(t.sample, row->sample);
    assert_int_equal(t.n_slices, row->want);
    assert_int_equal(t.all_slices, row->nodes * row->rounds);
    assert_int_equal(t.all_leases, row->nodes);
    assert_int_equal(t.n_leases, row->leases);
    sp_arena_free(arena);
}

/* Nodes 0 and 1 are of one type, 2 and 3 of another, and nothing is on 0: of each type
 * the lowest on which something is stays. */
static void each_type_of_node_keeps_one_at_work(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_timeline *t = sim_timeline_new(arena, 5);
    struct model_timeline m;

    (void)state;
    for (int32_t i = 0; i < 4; i++) {
        sim_timeline_lease(t, i, i / 2, 0);
        sim_timeline_ready(t, i, 0);
    }
    for (int32_t k = 0; k < 2; k++)
        for (int32_t i = 1; i < 4; i++)
            sim_timeline_slice(
                t, &(struct sim_slice){.node = i, .from_ns = k, .to_ns = k + 1});
    for (int32_t i = 0; i < 4; i++)
        sim_timeline_end(t, i, "end of run", 3);
    m = sim_timeline_result(t, arena);
    assert_string_equal(m.sample,
                        "every lease; slices of nodes 1 and 2 alone: everything there");
    assert_int_equal(m.n_leases, 4);
    assert_int_equal(m.n_slices, 4);
    for (int32_t i = 0; i < 4; i++)
        assert_int_equal(m.leases[m.slices[i].lease].node, i % 2 + 1);
    sp_arena_free(arena);
}

/* Of three leases one ended before the last slice, one after, one has none. */
static void no_slice_in_a_sample_is_not_idleness(void **state)
{
    struct model_lease leases[] = {{.end_ns = 5}, {.end_ns = 20}, {.end_ns = 20}};
    struct model_slice slices[] = {{.lease = 0, .to_ns = 4}, {.lease = 1, .to_ns = 9}};
    struct model_timeline t = {.n_leases = 3,
                               .n_slices = 2,
                               .leases = leases,
                               .slices = slices,
                               .all_leases = 3,
                               .all_slices = 2};
    int64_t until[3];

    (void)state;
    model_timeline_known(&t, until);
    assert_true(until[0] == 5 && until[1] == 20 && until[2] == 20);
    t.all_slices = 3;
    model_timeline_known(&t, until);
    assert_true(until[0] == 5 && until[1] == 9 && until[2] == -1);
}

/* A job's name is its own, whatever the buffer says later, and lasts. */
static void names_are_copied(void **state)
{
    struct sp_arena *arena = sp_arena_new(), *result = sp_arena_new();
    struct sim_timeline *t = sim_timeline_new(arena, 100);
    struct model_timeline m;
    char name[16];

    (void)state;
    for (int32_t i = 0; i < 2; i++)
        sim_timeline_lease(t, i, 0, 0);
    for (int32_t i = 0; i < 150; i++) {
        snprintf(name, sizeof name, "job %d", (int)i);
        sim_timeline_slice(t,
                           &(struct sim_slice){.node = i % 2,
                                               .name = name,
                                               .thread = sim_timeline_take(t, i % 2, 0),
                                               .from_ns = i,
                                               .to_ns = i + 1,
                                               .first_item = i});
        sim_timeline_give(t, i % 2, 0);
    }
    for (int32_t i = 0; i < 2; i++)
        sim_timeline_end(t, i, "end of run", 150);
    m = sim_timeline_result(t, result);
    sp_arena_free(arena);
    assert_int_equal(m.n_slices, 75);
    for (int32_t i = 0; i < m.n_slices; i++) {
        snprintf(name, sizeof name, "job %d", (int)m.slices[i].first_item);
        assert_string_equal(m.slices[i].name, name);
    }
    sp_arena_free(result);
}

/* The first of each slice come first. */
static void links_are_no_more_than_slices(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_timeline *t = sim_timeline_new(arena, 100);
    struct model_timeline m;
    int64_t made[4];

    (void)state;
    sim_timeline_lease(t, 0, 0, 0);
    for (int32_t i = 0; i < 4; i++)
        made[i] = sim_timeline_slice(t, &(struct sim_slice){.thread = i, .to_ns = 1});
    for (int32_t i = 0; i < 2; i++) {
        struct sim_slice s = {.thread = i, .from_ns = 1 + i, .to_ns = 2 + i};

        for (int32_t k = 0; k < 4; k++)
            sim_slice_input(&s, made[k]);
        sim_slice_input(&s, made[0]); /* again */
        assert_int_equal(s.n_inputs, 4);
        sim_timeline_slice(t, &s);
    }
    sim_timeline_end(t, 0, "end of run", 3);
    m = sim_timeline_result(t, arena);
    links_are(&m, "0-4 0-5 1-4 1-5 2-4 2-5");
    sp_arena_free(arena);
}

int main(void)
{
    enum { ROWS = sizeof sampled / sizeof sampled[0] };
    struct CMUnitTest tests[ROWS + 14] = {
        HAND(fetch_and_service_take_turns_and_are_linked),
        HAND(a_task_takes_the_lowest_free_thread_of_its_pool),
        HAND(what_has_no_room_is_blocked),
        HAND(a_batch_has_a_link_from_each_input),
        HAND(nodes_boot_then_units_start),
        HAND(a_node_taken_back_and_leased_again_has_two_leases),
        HAND(only_one_run_is_recorded),
        cmocka_unit_test(a_replica_is_busy_while_it_iterates),
        cmocka_unit_test(a_job_is_a_slice_on_its_node_with_its_name),
        cmocka_unit_test(each_type_of_node_keeps_one_at_work),
        cmocka_unit_test(no_slice_in_a_sample_is_not_idleness),
        cmocka_unit_test(names_are_copied),
        cmocka_unit_test(links_are_no_more_than_slices),
    };
    const size_t n = 13;

    for (int i = 0; i < ROWS; i++)
        tests[n + (size_t)i] =
            (struct CMUnitTest){.name = sampled[i].name,
                                .test_func = sample_is_as_said,
                                .initial_state = (void *)(uintptr_t)&sampled[i]};
    sp_gsl_quiet();
    return _cmocka_run_group_tests("timeline", tests, n + ROWS, NULL, NULL);
}
