/* sim/compare_jobs.h: who wins, by what, and which team pays for it; both ways round.
 * And every figure of jobs and teams over replications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/compare_jobs.h"
#include "sim/run_parts.h"

enum { RUNS = 2, TEAMS = 4, GROUPS = 1 + TEAMS };

/* A policy of one workload with 1000 jobs; a zero member: what `usual` has. */
struct side {
    double completion_h, usd, useful_gpu_h;
    double wait_h[RUNS];
    double team_wait_h[TEAMS]; /* teams a, b, c, d */
    double again_h;            /* what jobs of team a wait for again after evictions */
    int64_t starved;           /* jobs of team b that are not done, of 1000 */
    int64_t deadlines, missed;
    int64_t in_flight, dropped;
    double allocated_pct; /* jobs never end */
    int cause;            /* of all waiting */
    const char *last_team;
};

static const struct side usual = {
    .wait_h = {1, 1},
    .completion_h = 5,
    .usd = 1000,
    .useful_gpu_h = 400,
    .team_wait_h = {1, 1, 1, 1},
    .cause = MODEL_CAUSE_CAPACITY,
};

#define USUAL .cause = 0

static const struct row {
    const char *name;
    struct side a, b;
    const char *says[5];
    const char *never; /* NULL: nothing to avoid */
} rows[] = {
    {"pool_wins_at_the_same_cost_and_the_team_that_loses_is_named",
     {.wait_h = {0.2, 0.2}, .completion_h = 4.2, .team_wait_h = {0.1, 0.1, 0.5, 0.1}},
     {.wait_h = {15.7, 15.7},
      .completion_h = 19.7,
      .team_wait_h = {20, 30, 0.01, 12.5},
      .cause = MODEL_CAUSE_HEAD_OF_LINE},
     {"'new' wins over 'old': queue wait 12m instead of 15h 42m, completion 4h 12m "
      "instead of 19h 42m, the same cost. Team 'c' waits longer: 30m instead of 36 s. "
      "Under 'old' 100 % of the waiting is caused by head of line. Under 'new' 100 % "
      "of the "
      "waiting "
      "is caused by capacity."},
     "Team 'a'"},
    {"the_same_figures_the_other_way_round_lose",
     {.wait_h = {15.7, 15.7},
      .completion_h = 19.7,
      .team_wait_h = {20, 30, 0.01, 12.5}},
     {.wait_h = {0.2, 0.2}, .completion_h = 4.2, .team_wait_h = {0.1, 0.1, 0.5, 0.1}},
     {"'new' loses to 'old': queue wait 15h 42m instead of 12m",
      "Team 'b' waits longer: 1d 6h instead of 6m. Team 'a' waits longer: 20h instead "
      "of "
      "6m. Team 'd' waits longer: 12h 30m instead of 6m."},
     "Team 'c'"},
    {"a_team_that_waits_again_after_evictions_is_named_though_its_queue_is_shorter",
     {.wait_h = {0.2, 0.2}, .team_wait_h = {0.5, 1, 1, 1}, .again_h = 2.5},
     {USUAL},
     {"'new' wins over 'old': queue wait 12m instead of 1h, the same completion (5h), "
      "the same cost. Team 'a' is done later: completion 7h instead of 5h."},
     "waits longer"},
    {"a_team_that_is_starved_is_named_though_what_it_has_done_waited_less",
     {.wait_h = {0.2, 0.2}, .team_wait_h = {1, 0.01, 1, 1}, .starved = 995},
     {.starved = 800},
     {"'new' is a trade against 'old': queue wait 12m instead of 1h",
      "Team 'b' has 0.5 % of its jobs done instead of 20.0 %."},
     "wins"},
    {"equal_is_no_gain",
     {USUAL},
     {USUAL},
     {"no gain: 'new' runs its jobs as 'old' does: the same queue wait (1h), the same "
      "completion (5h), the same cost."},
     "waits longer"},
    {"a_wait_that_is_nothing_beside_the_work_is_no_gain",
     {.wait_h = {0.001, 0.001}},
     {.wait_h = {0.002, 0.002}},
     {"no gain: ", "the same queue wait (3.6 s)"},
     "wins"},
    {"sooner_and_dearer_is_a_trade",
     {.wait_h = {0.5, 0.5}, .usd = 1200},
     {USUAL},
     {"'new' is a trade against 'old': queue wait 30m instead of 1h, the same "
      "completion (5h), cost 20.0 % higher."},
     "wins"},
    {"cheaper_and_as_soon_wins",
     {.usd = 700},
     {USUAL},
     {"'new' wins over 'old': the same queue wait (1h), the same completion (5h), cost "
      "30.0 % lower."},
     "waits longer"},
    {"what_replications_do_not_agree_on_is_not_certain",
     {.wait_h = {0.2, 1.6}},
     {USUAL},
     {"'new' wins over 'old' (within the error bars: not certain): queue wait 54m "
      "instead of 1h (no difference shown: -6m +- 8h 5"}, /* 12.7 x 0.7 h */
     NULL},
    {"a_wait_that_is_the_same_by_its_mean_alone_is_not_called_that",
     {.wait_h = {0.2, 1.8}},
     {USUAL},
     {"no gain: 'new' runs its jobs as 'old' does (within the error bars: not certain)",
      "queue wait 1h instead of 1h (no difference shown: "}, /* 12.7 x 0.8 h */
     "the same queue wait"},
    {"deadlines_count",
     {.deadlines = 100},
     {.deadlines = 100, .missed = 7},
     {"'new' wins over 'old'", "0.0 % of the deadlines missed against 7.0 %."},
     NULL},
    {"where_fewer_are_done_cost_is_by_the_hour_of_work",
     {.in_flight = 200, .useful_gpu_h = 200},
     {USUAL},
     {"'new' loses to 'old': ", "cost of an hour of work 100.0 % higher",
      "'new' left 200 of 1000 jobs undone at the end of the first run."},
     "wins"},
    {"refusing_what_the_other_runs_loses",
     {.dropped = 100},
     {USUAL},
     {"'new' loses to 'old': ", "'new' refused 100 of 1000 in the first run."},
     "wins"},
    {"jobs_that_both_refuse_are_not_told",
     {.dropped = 100},
     {.dropped = 100},
     {"no gain: "},
     "refused"},
    {"without_price_nothing_is_said_of_cost",
     {.wait_h = {0.5, 0.5}, .usd = NAN},
     {.usd = NAN},
     {"'new' wins over 'old': queue wait 30m instead of 1h, the same completion (5h)."},
     "cost"},
    {"only_teams_of_both_are_compared",
     {.team_wait_h = {1, 1, 1, 9}, .last_team = "e"},
     {USUAL},
     {"no gain: "},
     "waits longer"},
    {"more_teams_than_are_told_are_counted",
     {.team_wait_h = {2, 3, 4, 5}},
     {USUAL},
     {"Team 'd' waits longer: 5h instead of 1h. Team 'c' waits longer: 4h instead of "
      "1h. Team 'b' waits longer: 3h instead of 1h. 1 more team loses."},
     "Team 'a'"},
    {"jobs_that_never_end_are_judged_by_what_is_allocated",
     {.allocated_pct = 95.39},
     {.allocated_pct = 93.08},
     {"'new' packs better than 'old': 95.39 % of the GPUs are allocated when all jobs "
      "have come, against 93.08 %."},
     "wait"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void assert_near(double value, double wanted, double within)
{
    if (!(fabs(value - wanted) <= within))
        fail_msg("%.17g, expected %.17g", value, wanted);
}

/* ---- records ---- */

static struct model_times times_of(int64_t n, double h)
{
    const struct model_stat s = {n > 0 ? 3600 * h : NAN, NAN};

    return (struct model_times){
        n, s, s, s, s, s, MODEL_INTERVAL_NONE, MODEL_INTERVAL_NONE};
}

static void fill_group(struct model_job_group *g, const char *name, int64_t done,
                       double wait_h, double completion_h, const struct side *o)
{
    *g = (struct model_job_group){
        .name = name,
        .arrived = 1000,
        .done = done,
        .queue = times_of(done, wait_h),
        .wait = times_of(done, wait_h),
        .completion = times_of(done, completion_h),
    };
    g->wait_frac[o->cause] = 1;
}

static struct side with_usual(struct side o)
{
    if (o.wait_h[0] == 0)
        memcpy(o.wait_h, usual.wait_h, sizeof o.wait_h);
    if (o.team_wait_h[0] == 0)
        memcpy(o.team_wait_h, usual.team_wait_h, sizeof o.team_wait_h);
    o.completion_h = o.completion_h == 0 ? usual.completion_h : o.completion_h;
    o.usd = o.usd == 0 ? usual.usd : o.usd;
    o.useful_gpu_h = o.useful_gpu_h == 0 ? usual.useful_gpu_h : o.useful_gpu_h;
    o.cause = o.cause == 0 ? usual.cause : o.cause;
    o.last_team = o.last_team == NULL ? "d" : o.last_team;
    return o;
}

static struct model_jobs_result *jobs_new(struct sp_arena *arena, const struct side *o,
                                          int run, int64_t done)
{
    const char *const names[TEAMS] = {"a", "b", "c", o->last_team};
    struct model_jobs_result *j = sp_arena_alloc(arena, sizeof *j);

    *j = (struct model_jobs_result){.n_groups = GROUPS, .n_teams = TEAMS};
    j->groups = sp_arena_array(arena, GROUPS, sizeof *j->groups);
    fill_group(&j->groups[0], "all", done, o->wait_h[run], o->completion_h, o);
    for (int t = 0; t < TEAMS; t++)
        fill_group(&j->groups[1 + t], names[t], done - (t == 1 ? o->starved : 0),
                   o->team_wait_h[t], 4 + o->team_wait_h[t] + (t == 0 ? o->again_h : 0),
                   o);
    j->useful_gpu_h = model_stat_one(o->useful_gpu_h);
    j->deadlines = o->deadlines;
    j->deadlines_missed = o->missed;
    if (o->allocated_pct > 0) {
        j->curve.n = 1;
        j->curve.allocated_pct = sp_arena_array(arena, 1, sizeof(double));
        j->curve.allocated_pct[0] = o->allocated_pct;
    }
    return j;
}

static void fill_runs(struct sp_arena *arena, const char *name, struct side o,
                      struct model_policy_result *runs)
{
    o = with_usual(o);
    for (int i = 0; i < RUNS; i++) {
        struct model_workload_result *w = sp_arena_alloc(arena, sizeof *w);
        int64_t done = o.allocated_pct > 0 ? 0 : 1000 - o.in_flight - o.dropped;

        *w = (struct model_workload_result){.name = "train",
                                            .kind = "jobs",
                                            .in = 1000,
                                            .done = done,
                                            .in_flight = o.in_flight,
                                            .dropped = o.dropped,
                                            .jobs = jobs_new(arena, &o, i, done)};
        runs[i] = (struct model_policy_result){.name = name,
                                               .n_workloads = 1,
                                               .workloads = w,
                                               .time_s = model_stat_one(3600)};
        runs[i].cost.usd = model_stat_one(o.usd);
        runs[i].cost.known = !isnan(o.usd);
    }
}

static void says_what_it_must(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result a[RUNS], b[RUNS];
    struct model_comparison c = {0};

    fill_runs(arena, "new", row->a, a);
    fill_runs(arena, "old", row->b, b);
    sim_compare(a, b, RUNS, arena, &c);
    for (int i = 0; i < 5 && row->says[i] != NULL; i++)
        if (strstr(c.verdict, row->says[i]) == NULL)
            fail_msg("\"%s\" is missing in: %s", row->says[i], c.verdict);
    if (row->never != NULL && strstr(c.verdict, row->never) != NULL)
        fail_msg("\"%s\" is in: %s", row->never, c.verdict);
    sp_arena_free(arena);
}

/* Differences of (0.2, 1.6) and (1, 1) hours: -0.8 and +0.6, mean -0.1 h, half width
 * t(0.975, 1) x 0.7 h with t = 12.706. */
static void figures_are_compared_as_pairs(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result a[RUNS], b[RUNS];
    struct model_comparison c = {0};

    (void)state;
    fill_runs(arena, "new", (struct side){.wait_h = {0.2, 1.6}, .usd = 800}, a);
    fill_runs(arena, "old", (struct side){0}, b);
    sim_compare(a, b, RUNS, arena, &c);
    assert_int_equal(c.n_jobs, 1);
    assert_near(c.jobs[0].wait_difference_s.mean, -360, 1e-9);
    assert_near(c.jobs[0].wait_difference_s.half95, 12.706 * 0.7 * 3600, 1);
    assert_near(c.jobs[0].wait_ratio.mean, 0.9, 1e-12);
    assert_near(c.jobs[0].completion_ratio.mean, 1, 1e-12);
    assert_near(c.jobs[0].usd_ratio.mean, 0.8, 1e-12);
    assert_true(isnan(c.jobs[0].missed_difference.mean));
    assert_int_equal(c.jobs[0].n_teams, TEAMS);
    sp_arena_free(arena);
}

/* Bills of a workload among others are not its own. */
static void beside_other_workloads_the_bill_is_told_of_all(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result a[RUNS], b[RUNS];
    struct model_comparison c = {0};

    (void)state;
    fill_runs(arena, "new", (struct side){.usd = 500}, a);
    fill_runs(arena, "old", (struct side){0}, b);
    for (int i = 0; i < RUNS; i++)
        for (int side = 0; side < 2; side++) {
            struct model_policy_result *p = side == 0 ? &a[i] : &b[i];
            struct model_workload_result *w = sp_arena_array(arena, 2, sizeof *w);

            w[0] = p->workloads[0];
            w[1] = (struct model_workload_result){.name = "embed", .kind = "pipeline"};
            p->workloads = w;
            p->n_workloads = 2;
        }
    sim_compare(a, b, RUNS, arena, &c);
    assert_true(isnan(c.jobs[0].usd_ratio.mean));
    assert_non_null(strstr(c.verdict, "train: no gain: 'new' runs its jobs as 'old'"));
    assert_non_null(strstr(c.verdict, " All in all: 'new' is cheaper by 50.0 % than"));
    sp_arena_free(arena);
}

static void all_stats_are_means_over_replications(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result runs[RUNS], p;
    struct model_job_group *g;

    (void)state;
    fill_runs(arena, "new", (struct side){0}, runs);
    for (int i = 0; i < RUNS; i++) {
        struct model_jobs_result *j = runs[i].workloads[0].jobs;
        const struct model_stat s = model_stat_one(1 + 2 * i); /* 1 and 3: mean 2 */
        const struct model_times t = {
            1000, s, s, s, s, s, MODEL_INTERVAL_NONE, MODEL_INTERVAL_NONE};
        struct model_team_result *team = sp_arena_alloc(arena, sizeof *team);

        j->lost_gpu_h = j->overhead_gpu_h = j->useful_gpu_h = j->makespan_s =
            j->floor_usd = s;
        for (int k = 0; k < GROUPS; k++) {
            g = &j->groups[k];
            g->queue = g->completion = g->wait = t;
            g->slowdown_mean = g->slowdown_p50 = g->slowdown_p90 = g->slowdown_p99 = s;
            g->gpu_h = s;
        }
        *team = (struct model_team_result){.name = "a",
                                           .allocated_h = {s, s, s},
                                           .busy_h = {s, s, s},
                                           .borrowed_gpu_h = s,
                                           .peak_gpus = 10 - i};
        runs[i].n_teams = 1;
        runs[i].teams = team;
    }
    sim_aggregate(runs, RUNS, arena, &p);
    g = &p.workloads[0].jobs->groups[TEAMS];
    const struct model_stat all[] = {
        p.workloads[0].jobs->lost_gpu_h,
        p.workloads[0].jobs->overhead_gpu_h,
        p.workloads[0].jobs->useful_gpu_h,
        p.workloads[0].jobs->makespan_s,
        p.workloads[0].jobs->floor_usd,
        g->queue.mean_s,
        g->queue.p50_s,
        g->queue.p90_s,
        g->queue.p99_s,
        g->queue.max_s,
        g->completion.p90_s,
        g->wait.mean_s,
        g->slowdown_mean,
        g->slowdown_p50,
        g->slowdown_p90,
        g->slowdown_p99,
        g->gpu_h,
        p.teams[0].allocated_h[MODEL_MEMORY],
        p.teams[0].busy_h[MODEL_GPU],
        p.teams[0].borrowed_gpu_h,
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_near(all[i].mean, 2, 1e-12);
        assert_true(all[i].half95 > 0);
    }
    assert_near(p.teams[0].peak_gpus, 10, 0);
    sp_arena_free(arena);
}

/* Waits of 0, 10 and 30 s, shares of which nobody knows, 50 and 90 % for quota: 5 and
 * 27 of 40 s.  The rest is for capacity. */
static void causes_are_shares_of_the_mean_wait(void **state)
{
    static const double waits_s[] = {0, 10, 30}, quota_frac[] = {NAN, 0.5, 0.9};
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result runs[3], two[RUNS], p;
    const struct model_job_group *g;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct model_job_group *of;

        fill_runs(arena, "new", (struct side){0}, two);
        runs[i] = two[0];
        of = &runs[i].workloads[0].jobs->groups[0];
        of->wait.mean_s = model_stat_one(waits_s[i]);
        for (int c = 0; c < MODEL_CAUSES; c++)
            of->wait_frac[c] = quota_frac[i] - quota_frac[i];
        of->wait_frac[MODEL_CAUSE_QUOTA] = quota_frac[i];
        of->wait_frac[MODEL_CAUSE_CAPACITY] = 1 - quota_frac[i];
    }
    sim_aggregate(runs, 3, arena, &p);
    g = &p.workloads[0].jobs->groups[0];
    assert_near(g->wait_frac[MODEL_CAUSE_QUOTA], 32.0 / 40, 1e-12);
    assert_near(g->wait_frac[MODEL_CAUSE_CAPACITY], 8.0 / 40, 1e-12);
    sim_aggregate(runs, 1, arena, &p);
    assert_true(isnan(p.workloads[0].jobs->groups[0].wait_frac[MODEL_CAUSE_QUOTA]));
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 4] = {
        cmocka_unit_test(figures_are_compared_as_pairs),
        cmocka_unit_test(beside_other_workloads_the_bill_is_told_of_all),
        cmocka_unit_test(all_stats_are_means_over_replications),
        cmocka_unit_test(causes_are_shares_of_the_mean_wait),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 4] = (struct CMUnitTest){
            .name = rows[i].name,
            .test_func = says_what_it_must,
            .initial_state = (void *)(uintptr_t)&rows[i],
        };
    return cmocka_run_group_tests_name("compare_jobs", tests, NULL, NULL);
}
