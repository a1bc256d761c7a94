/* Jobs on timelines worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/availability.h"
#include "tests/jobs_build.h"

#define S(x) ((int64_t)((x)*1e9))

static const struct jobs_how once = {.seed = 1, .verify = true};

static void close_to(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fabs(want)))
        fail_msg("got %.17g, want %.17g", got, want);
}

/* One node of 8 GPUs at 8 USD/h.  Job 0: 8 GPUs from 0 to 3600 s.  Job 1 (4 GPUs)
 * arrives at 600 s, waits until 3600 and works 1800 s; job 2 (4 GPUs) arrives at 1200
 * and works 3600 s beside it.  Work: 8 + 2 + 4 = 14 GPU-h of 16. */
static void jobs_wait_run_and_are_billed(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    const struct model_job_group *all;
    struct jobs_ran r;

    (void)state;
    jobs_add(&b, 0, 3600, 8);
    jobs_add(&b, 600, 1800, 4);
    jobs_add(&b, 1200, 3600, 4);
    r = jobs_run(&b, once);
    assert_int_equal(r.policy->end, MODEL_END_DONE);
    assert_true(r.row[0].started_ns == 0 && r.row[0].left_ns == S(3600));
    assert_true(r.row[1].started_ns == S(3600) && r.row[1].left_ns == S(5400));
    assert_true(r.row[2].started_ns == S(3600) && r.row[2].left_ns == S(7200));
    assert_true(r.row[1].mgpu == 4000 && r.row[1].preemptions == 0);
    all = &r.jobs->groups[0];
    assert_true(all->arrived == 3 && all->done == 3 && all->queue.count == 3);
    close_to(all->queue.mean_s.mean, (0 + 3000 + 2400) / 3.0);
    close_to(all->wait.mean_s.mean, (0 + 3000 + 2400) / 3.0);
    close_to(all->completion.mean_s.mean, (3600 + 4800 + 6000) / 3.0);
    close_to(all->slowdown_mean.mean, (1 + 4800 / 1800. + 6000 / 3600.) / 3);
    close_to(all->gpu_h.mean, 14);
    close_to(r.jobs->useful_gpu_h.mean, 14);
    assert_true(r.jobs->lost_gpu_h.mean == 0 && r.jobs->overhead_gpu_h.mean == 0);
    close_to(r.jobs->makespan_s.mean, 7200);
    close_to(r.jobs->floor_usd.mean, 14);
    assert_true(r.policy->cost.uusd == 16000000);
    assert_int_equal(r.policy->cost.n_lines, 2);
    assert_int_equal(r.policy->cost.lines[0].kind, MODEL_LINE_BUSY);
    assert_string_equal(r.policy->cost.lines[0].workload, "train");
    assert_null(r.policy->cost.lines[0].stage);
    assert_true(r.policy->ledger[MODEL_GPU].busy == (sp_i128)14 * 1000 * S(3600));
    assert_true(r.work->in == 3 && r.work->done == 3 && r.work->in_flight == 0);
    sp_arena_free(arena);
}

/* ---- losses ---- */

/* One GPU, taken at 100 s by a job that goes first: it starts until 110 and works until
 * 160.  The other (100 s of work, 10 to start, 7 to restart, a checkpoint of 5 after
 * each 30) had begun at 0: work 10-40, written 45, work 45-75, written 80, work 80-100
 * lost.  It is back at 160, works 167-197, writes until 202 and works until 212. */
static void preempted_job_goes_back_to_its_checkpoint(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct model_job *low, *high;
    struct jobs_ran r;

    (void)state;
    b.node->has.mgpu = 1000;
    b.policy->scheduling.order = "priority";
    b.policy->scheduling.evict = MODEL_EVICT_LOWER_PRIORITY;
    b.jobs->start_ns = S(10);
    b.jobs->restart_ns = S(7);
    b.jobs->checkpoint_ns = S(30);
    b.jobs->checkpoint_cost_ns = S(5);
    low = jobs_add(&b, 0, 100, 1);
    low->preemptible = 1;
    high = jobs_add(&b, 100, 50, 1);
    high->priority = 1;
    high->checkpoint_ns = 0;
    r = jobs_run(&b, once);
    assert_true(r.row[1].started_ns == S(100) && r.row[1].left_ns == S(160));
    assert_int_equal(r.row[0].preemptions, 1);
    assert_true(r.row[0].left_ns == S(212));
    assert_true(r.row[0].started_ns == 0);
    assert_true(r.row[0].wait_ns[MODEL_CAUSE_CAPACITY] == S(60));
    assert_int_equal(r.jobs->preempted, 1);
    close_to(r.jobs->lost_gpu_h.mean, 20 / 3600.);
    close_to(r.jobs->useful_gpu_h.mean, (100 + 50) / 3600.);
    /* two starts, a restart, three checkpoints */
    close_to(r.jobs->overhead_gpu_h.mean, (10 + 10 + 7 + 15) / 3600.);
    close_to(r.jobs->groups[0].wait.mean_s.mean, 30);
    assert_true(r.jobs->groups[0].wait_frac[MODEL_CAUSE_CAPACITY] == 1);
    sp_arena_free(arena);
}

/* A spot node (no boot) that the record takes back at 100 s, 20 s after its notice, and
 * gives again at 300; checkpoints take 5 s, restarts 7. */
static struct notice {
    const char *name;
    bool on_notice;
    double checkpoint_s, work_s;
    double done_s; /* of the only job */
    double lost_s, overhead_s;
    int64_t interrupted;
} notices[] = {
    /* work 0-60, written 65, 65-100 lost; 40 are left, from 307 */
    {"without_it_goes_back_to_its_checkpoint", false, 60, 100, 347, 35, 5 + 7, 1},
    /* works until 95 (90 of work), written at 100: 10 left, from 307 */
    {"it_writes_one_just_in_time", true, 60, 100, 317, 0, 5 + 5 + 7, 1},
    {"without_checkpoints_all_is_lost", false, 0, 150, 457, 100, 7, 1},
    {"a_checkpoint_on_notice_only", true, 0, 150, 300 + 7 + 55, 0, 5 + 7, 1},
    /* done at 65 + 35 = 100, as the node goes */
    {"done_in_the_instant_of_the_loss", true, 60, 95, 100, 0, 5, 0},
    /* work 0-45, written 50, 50-95, written 100: it writes one anyway */
    {"it_is_writing_anyway", true, 45, 135, 300 + 7 + 45, 0, 5 + 5 + 7, 1},
};

static struct model_availability *record_of_spot(struct sp_arena *arena)
{
    static const int64_t at_ns[] = {0, S(100), S(300)};
    static const int32_t nodes[] = {1, 0, 1};
    struct model_availability *a = sp_arena_alloc(arena, sizeof *a);

    *a = (struct model_availability){.path = "record",
                                     .form = "events",
                                     .n = 3,
                                     .at_ns = at_ns,
                                     .nodes = nodes,
                                     .length_ns = S(100000),
                                     .most = 1};
    return a;
}

static void notice_is_used(void **state)
{
    const struct notice *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    b.node->fixed = false;
    b.node->count = 0;
    b.node->max = 1;
    b.node->kind = MODEL_OPTION_SPOT;
    b.node->option = "spot";
    b.node->loss.availability = record_of_spot(arena);
    b.node->loss.notice_ns = S(20);
    b.jobs->restart_ns = S(7);
    b.jobs->checkpoint_ns = sp_ns_from_s(row->checkpoint_s);
    b.jobs->checkpoint_cost_ns = S(5);
    b.jobs->checkpoint_on_notice = row->on_notice;
    jobs_add(&b, 0, row->work_s, 8);
    r = jobs_run(&b, once);
    assert_true(r.row[0].left_ns == S(row->done_s));
    assert_int_equal(r.jobs->interrupted, row->interrupted);
    close_to(r.jobs->lost_gpu_h.mean, 8 * row->lost_s / 3600);
    close_to(r.jobs->overhead_gpu_h.mean, 8 * row->overhead_s / 3600);
    close_to(r.jobs->useful_gpu_h.mean, 8 * row->work_s / 3600);
    sp_arena_free(arena);
}

/* ---- what can never run, what never ends ---- */

static void refused_jobs_are_named_and_counted(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    jobs_add(&b, 0, 10, 9); /* no node has nine */
    jobs_add(&b, 0, 10, 8);
    jobs_add(&b, 1, 10, 8)->members = 2; /* there is one node only */
    r = jobs_run(&b, once);
    assert_int_equal(r.policy->end, MODEL_END_DONE);
    assert_true(r.work->in == 3 && r.work->done == 1 && r.work->dropped == 2);
    assert_true(r.work->dropped_by[MODEL_DROP_TOO_LARGE] == 1);
    assert_true(r.work->dropped_by[MODEL_DROP_GANG] == 1);
    assert_true(r.row[0].dropped == MODEL_DROP_TOO_LARGE && r.row[0].left_ns == 0);
    assert_true(r.row[2].dropped == MODEL_DROP_GANG);
    assert_int_equal(r.result->n_warnings, 1);
    assert_non_null(strstr(r.result->warnings[0], "2 jobs of 'train' can never run"));
    assert_non_null(strstr(r.result->warnings[0], "'job-0'"));
    assert_non_null(strstr(r.result->warnings[0], "'job-2'"));
    sp_arena_free(arena);
}

/* 8 GPUs; jobs of 2, 3, 2, 1 GPUs that never end: all placed is done. */
static void jobs_that_never_end_are_done_when_placed(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    const struct model_job_curve *c;
    struct jobs_ran r;

    (void)state;
    b.jobs->forever = true;
    jobs_add(&b, 1, 5, 2);
    jobs_add(&b, 2, 5, 3);
    jobs_add(&b, 3, 5, 2);
    jobs_add(&b, 4, 5, 1);
    r = jobs_run(&b, once);
    assert_int_equal(r.policy->end, MODEL_END_DONE);
    close_to(r.policy->time_s.mean, 4);
    assert_true(r.work->done == 0 && r.work->in_flight == 4);
    c = &r.jobs->curve;
    assert_int_equal(c->n, 4);
    close_to(c->arrived_pct[0], 25);
    close_to(c->arrived_pct[1], 62.5);
    close_to(c->allocated_pct[1], 62.5);
    close_to(c->allocated_pct[3], 100);
    sp_arena_free(arena);
}

static void waiting_for_what_never_ends_is_a_deadlock(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    b.jobs->forever = true;
    jobs_add(&b, 1, 5, 5);
    jobs_add(&b, 2, 5, 4);
    r = jobs_run(&b, once);
    assert_int_equal(r.policy->end, MODEL_END_DEADLOCK);
    assert_string_equal(r.policy->end_text,
                        "1 job of 'train' waits for a place, the first is job 1 (4 "
                        "GPUs), and what runs never ends");
    close_to(r.policy->time_s.mean, 2);
    close_to(r.jobs->curve.allocated_pct[r.jobs->curve.n - 1], 62.5);
    sp_arena_free(arena);
}

/* Whether one of the lines of the story has all of this, and comes after `from`. */
static int32_t told(const struct model_explained *e, int32_t from, const char *time,
                    const char *text)
{
    for (int32_t i = from; i < e->n; i++)
        if (strstr(e->lines[i], time) == e->lines[i] && strstr(e->lines[i], text))
            return i + 1;
    fail_msg("nothing says '%s' at %s", text, time);
    return 0;
}

static void the_story_of_one_job_is_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    const struct model_explained *e;
    int32_t at;

    (void)state;
    jobs_add(&b, 0, 3600, 8);
    jobs_add(&b, 600, 60, 8);
    jobs_add(&b, 600, 60, 8);
    e = &jobs_run(&b, (struct jobs_how){.seed = 1, .explain = "job-1"})
             .policy->explained;
    at = told(e, 0, "00:10:00", "arrives");
    at = told(e, at, "00:10:00", "capacity");
    at = told(e, at, "01:00:00", "node");
    at = told(e, at, "01:00:00", "runs");
    at = told(e, at, "01:01:00", "done");
    assert_int_equal(at, e->n);
    sp_arena_free(arena);
}

/* At twice the speed 100 s of work take 50; a gang is as slow as its slowest node. */
/* What never ends goes on until the horizon, whoever waits for it. */
static void what_never_ends_goes_on_until_the_horizon(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    b.jobs->forever = true;
    b.sc->until_ns = S(100);
    jobs_add(&b, 0, 10, 8);
    jobs_add(&b, 5, 10, 8);
    r = jobs_run(&b, once);
    assert_int_equal(r.policy->end, MODEL_END_HORIZON);
    assert_int_equal(r.work->in_flight, 2);
    close_to(r.policy->time_s.mean, 100);
    close_to(r.jobs->useful_gpu_h.mean, 8 * 100 / 3600.);
    close_to(r.jobs->floor_usd.mean, 8 * 100 / 3600.); /* at 1 USD a GPU-hour */
    sp_arena_free(arena);
}

static void gangs_run_at_the_slowest_speed(void **state)
{
    static struct model_job_speed speeds[] = {{"A100-80GB", 2}, {"H100", 4}};
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct model_node_type *t;
    struct jobs_ran r;

    (void)state;
    b.jobs->n_speeds = 2;
    b.jobs->speeds = speeds;
    b.node->gpu_model = "A100-80GB";
    t = jobs_type(&b, "fast");
    t->gpu_model = "H100";
    t = jobs_type(&b, "sold out");
    t->gpu_model = "H100";
    t->uusd_per_h = 1000000;
    t->fixed = false;
    t->max = 0;
    jobs_add(&b, 0, 100, 8)->members = 2;
    jobs_add(&b, 60, 100, 4);
    r = jobs_run(&b, once);
    assert_true(r.row[0].left_ns == S(50));
    assert_true(r.row[1].left_ns == S(60 + 50)); /* first fit: the slow node */
    /* the floor: 100 s at four times the speed for the same price; what can't be had
     * makes it no lower */
    close_to(r.jobs->floor_usd.mean, (2 * 8 + 4) * 25 / 3600.);
    sp_arena_free(arena);
}

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
    enum { OTHERS = 7 };
    struct CMUnitTest tests[N_OF(notices) + OTHERS] = {
        cmocka_unit_test(jobs_wait_run_and_are_billed),
        cmocka_unit_test(preempted_job_goes_back_to_its_checkpoint),
        cmocka_unit_test(refused_jobs_are_named_and_counted),
        cmocka_unit_test(jobs_that_never_end_are_done_when_placed),
        cmocka_unit_test(waiting_for_what_never_ends_is_a_deadlock),
        cmocka_unit_test(what_never_ends_goes_on_until_the_horizon),
        cmocka_unit_test(gangs_run_at_the_slowest_speed),
        cmocka_unit_test(the_story_of_one_job_is_told),
    };

    for (size_t i = 0; i < N_OF(notices); i++)
        tests[OTHERS + i] = (struct CMUnitTest){.name = notices[i].name,
                                                .test_func = notice_is_used,
                                                .initial_state = &notices[i]};
    return cmocka_run_group_tests_name("jobs_by_hand", tests, NULL, NULL);
}
