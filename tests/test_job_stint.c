/* The arithmetic of checkpoints: by hand at every edge, against a stepper that goes
 * from nanosecond to nanosecond, and how jobs are split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/job_split.h"
#include "sim/job_stint.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NEVER      INT64_MAX

/* ---- by hand ---- */

/* Ready at 100; where it is not said otherwise 10 to start, then 95 of work with a
 * checkpoint of 5 after every 30: work 110-140, 145-175, 180-210, 215-220. */
static const struct sim_stint usual = {.began_ns = 100,
                                       .work_from_ns = 110,
                                       .left_ns = 95,
                                       .every_ns = 30,
                                       .cost_ns = 5,
                                       .speed = SIM_SPEED_ONE,
                                       .stop_ns = NEVER};

static struct lost {
    const char *name;
    int64_t left_ns, every_ns, speed, stop_ns; /* 0: as usual */
    int64_t now_ns;
    int64_t worked, useful, left;
} losses[] = {
    {"at_its_begin_nothing_was_done", .now_ns = 100, .left = 95},
    {"in_its_start_up", .now_ns = 105, .left = 95},
    {"when_work_begins", .now_ns = 110, .left = 95},
    {"a_moment_into_work", .now_ns = 111, .worked = 1, .left = 95},
    {"just_before_a_checkpoint", .now_ns = 140, .worked = 30, .left = 95},
    {"in_a_checkpoint", .now_ns = 143, .worked = 30, .left = 95},
    {"a_moment_before_it_is_written", .now_ns = 144, .worked = 30, .left = 95},
    {"when_it_is_written", .now_ns = 145, .worked = 30, .useful = 30, .left = 65},
    {"a_moment_later", .now_ns = 146, .worked = 31, .useful = 30, .left = 65},
    {"in_the_second", .now_ns = 176, .worked = 60, .useful = 30, .left = 65},
    {"a_moment_before_the_end", .now_ns = 219, .worked = 94, .useful = 90, .left = 5},
    {"at_the_end", .now_ns = 220, .worked = 95, .useful = 95},
    {"no_checkpoint_at_the_end", .left_ns = 90, .now_ns = 210, .worked = 90,
     .useful = 90},
    {"a_moment_before_that", .left_ns = 90, .now_ns = 209, .worked = 89, .useful = 60,
     .left = 30},
    {"work_shorter_than_the_interval", .left_ns = 30, .now_ns = 139, .worked = 29,
     .left = 30},
    {"no_checkpoints", .every_ns = -1, .now_ns = 200, .worked = 90, .left = 95},
    {"what_never_ends_keeps_its_checkpoints_only", .left_ns = NEVER, .now_ns = 255,
     .worked = 125, .useful = 120, .left = NEVER},
    /* At half the speed 30 of work take 60: 110-170, written 175. */
    {"half_the_speed", .speed = SIM_SPEED_ONE / 2, .now_ns = 177, .worked = 62,
     .useful = 60, .left = 65},
    /* At 0.7 of the speed 30 take 42.86: 110-153, written 158; 60 take 85.71, so the
     * second is written 86 + 10 after the begin, at 206. */
    {"seven_tenths_before_the_second", .speed = 700000000, .now_ns = 205, .worked = 86,
     .useful = 43, .left = 65},
    {"seven_tenths_at_the_second", .speed = 700000000, .now_ns = 206, .worked = 86,
     .useful = 86, .left = 35},
    /* Stopped at 150, in the second stretch: written at 155. */
    {"stopped_and_not_yet_written", .stop_ns = 150, .now_ns = 154, .worked = 35,
     .useful = 30, .left = 65},
    {"stopped_and_written", .stop_ns = 150, .now_ns = 155, .worked = 35, .useful = 35,
     .left = 60},
    {"before_it_stops", .stop_ns = 150, .now_ns = 149, .worked = 34, .useful = 30,
     .left = 65},
    {"stopped_at_seven_tenths", /* 25 of time are 17.5 of work: 17 count */
     .speed = 700000000, .stop_ns = 135, .now_ns = 140, .worked = 25, .useful = 25,
     .left = 78},
};

static void loses_what_was_not_written(void **state)
{
    const struct lost *row = *state;
    struct sim_stint s = usual;
    struct sim_stint_sum sum;

    s.left_ns = row->left_ns != 0 ? row->left_ns : s.left_ns;
    s.every_ns = row->every_ns < 0 ? 0 : s.every_ns;
    s.speed = row->speed != 0 ? row->speed : s.speed;
    s.stop_ns = row->stop_ns != 0 ? row->stop_ns : s.stop_ns;
    sum = sim_stint_lost(&s, row->now_ns);
    assert_int_equal(sum.worked_ns, row->worked);
    assert_int_equal(sum.useful_ns, row->useful);
    assert_int_equal(sum.left_ns, row->left);
    assert_int_equal(sim_stint_worked_ns(&s, row->now_ns), row->worked);
}

static void ends_after_work_and_checkpoints(void **state)
{
    struct sim_stint s = usual;

    (void)state;
    assert_int_equal(sim_stint_end_ns(&s), 110 + 95 + 3 * 5);
    s.left_ns = 90;
    assert_int_equal(sim_stint_end_ns(&s), 110 + 90 + 2 * 5);
    s.left_ns = 0;
    assert_int_equal(sim_stint_end_ns(&s), 110);
    s.left_ns = NEVER;
    assert_true(sim_stint_end_ns(&s) == NEVER);
    assert_true(sim_stint_leave_ns(&s) == NEVER);
    s.stop_ns = 150;
    assert_int_equal(sim_stint_leave_ns(&s), 155);
    s = usual;
    s.every_ns = 0;
    s.speed = 700000000;
    assert_int_equal(sim_stint_end_ns(&s), 110 + 136); /* 95 / 0.7 = 135.7 */
}

static void works_between_start_and_checkpoints(void **state)
{
    static const int64_t at[] = {100, 110, 111, 139, 140, 143, 145, 146, 219, 220};
    static const bool works[] = {false, false, true, true, false,
                                 false, false, true, true, false};

    (void)state;
    for (size_t i = 0; i < N_OF(at); i++)
        assert_true(sim_stint_works(&usual, at[i]) == works[i]);
}

static void stops_at_once_or_where_it_writes(void **state)
{
    (void)state;
    assert_int_equal(sim_stint_stop_ns(&usual, 120), 120);
    assert_int_equal(sim_stint_stop_ns(&usual, 140), 140);
    assert_int_equal(sim_stint_stop_ns(&usual, 143), 140);
    assert_int_equal(sim_stint_stop_ns(&usual, 145), 140); /* just written */
    assert_int_equal(sim_stint_stop_ns(&usual, 146), 146);
}

/* A century of work at a nanosecond's checkpoint interval: no sum overflows. */
static void long_work_saturates(void **state)
{
    struct sim_stint s = {.left_ns = INT64_C(3000000000000000000),
                          .every_ns = 1,
                          .cost_ns = INT64_C(3000000000000000000),
                          .speed = 1,
                          .stop_ns = NEVER};

    (void)state;
    assert_true(sim_stint_end_ns(&s) > s.left_ns);
    /* a nanosecond of work takes a second, and the first checkpoint a lifetime */
    assert_true(sim_stint_lost(&s, INT64_C(4000000000000000000)).useful_ns ==
                1000000000);
    assert_true(sim_job_speed(1e-30) == 1 && sim_job_speed(0.7) == 700000000);
}

/* ---- against a stepper ---- */

/* Work done is `num` per ns where the reference GPU does `den`; all whole numbers. */
struct stepper {
    int64_t left, worked, kept, writing; /* kept: work by the last checkpoint */
    int64_t useful;                      /* time of work that it holds */
};

static int64_t time_of(int64_t work, int64_t num, int64_t den)
{
    return (work * den + num - 1) / num;
}

static struct stepper step(const struct sim_stint *s, int64_t num, int64_t den,
                           int64_t now_ns)
{
    struct stepper t = {.left = s->left_ns};
    int64_t k = 1;

    for (int64_t at = s->work_from_ns; at < now_ns; at++) {
        bool stopped = at >= s->stop_ns;
        int64_t next = s->every_ns > 0 && k * s->every_ns < s->left_ns
                           ? time_of(k * s->every_ns, num, den)
                           : time_of(s->left_ns, num, den);

        if (!stopped && t.worked < next) {
            t.worked++;
            if (t.worked < next || next == time_of(s->left_ns, num, den))
                continue;
        } else {
            t.writing++;
        }
        if (t.writing == s->cost_ns) {
            t.kept = stopped ? t.worked * num / den : k * s->every_ns;
            t.useful = t.worked;
            t.writing = 0;
            k++;
            if (stopped)
                break;
        }
    }
    if (t.worked == time_of(s->left_ns, num, den)) {
        t.kept = s->left_ns;
        t.useful = t.worked;
    }
    t.left = s->left_ns - t.kept;
    return t;
}

static void agrees_with_a_stepper(void **state)
{
    static const int64_t num[] = {1, 1, 2, 7}, den[] = {1, 2, 1, 10};
    struct sp_rng r = sp_rng_from_key(4);

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int v = (int)(sp_rng_next(&r) % 4);
        struct sim_stint s = {.began_ns = 3,
                              .work_from_ns = 3 + (int64_t)(sp_rng_next(&r) % 4),
                              .left_ns = 1 + (int64_t)(sp_rng_next(&r) % 60),
                              .every_ns = (int64_t)(sp_rng_next(&r) % 12),
                              .cost_ns = (int64_t)(sp_rng_next(&r) % 4),
                              .speed = SIM_SPEED_ONE / den[v] * num[v],
                              .stop_ns = NEVER};
        int64_t now, end = sim_stint_end_ns(&s);
        struct sim_stint_sum sum;
        struct stepper want;

        s.every_ns *= num[v]; /* at least a nanosecond each */
        end = sim_stint_end_ns(&s);
        now = s.began_ns + (int64_t)(sp_rng_next(&r) % (uint64_t)(end + 2 - 3));
        if (sp_rng_next(&r) % 2 == 0 && s.work_from_ns < end) {
            int64_t stop = s.work_from_ns + (int64_t)(sp_rng_next(&r) %
                                                      (uint64_t)(end - s.work_from_ns));

            if (sim_stint_works(&s, stop) && stop + s.cost_ns < end)
                s.stop_ns = stop;
        }
        if (s.cost_ns == 0)
            s.cost_ns = 1;
        end = sim_stint_end_ns(&s);
        if (s.stop_ns != NEVER &&
            (!sim_stint_works(&s, s.stop_ns) || sim_stint_leave_ns(&s) >= end))
            s.stop_ns = NEVER;
        if (s.stop_ns != NEVER && now > sim_stint_leave_ns(&s))
            now = sim_stint_leave_ns(&s);
        if (now > end)
            now = end;
        sum = sim_stint_lost(&s, now);
        want = step(&s, num[v], den[v], now);
        assert_int_equal(sum.worked_ns, want.worked);
        assert_int_equal(sum.useful_ns, want.useful);
        assert_int_equal(sum.left_ns, want.left);
        if (s.stop_ns == NEVER)
            assert_true(
                (step(&s, num[v], den[v], end).left == 0) &&
                (end == s.work_from_ns || step(&s, num[v], den[v], end - 1).left > 0));
    }
}

/* ---- splitting ---- */

static struct split {
    const char *name;
    int64_t mgpu, mcpu, memory; /* of the job */
    int32_t members, per_member;
    int32_t want_members;
    struct model_amounts needs, rest;
} splits[] = {
    {"members_as_given", 2000, 3000, 7, 4, 0, 4, {3000, 2000, 7}, {0, 0, 0}},
    {"a_total_that_fits_a_node", 8000, 3000, 7, 0, 0, 1, {3000, 8000, 7}, {0, 0, 0}},
    {"a_total_of_two_nodes", 16000, 3000, 8, 0, 0, 2, {1500, 8000, 4}, {0, 0, 0}},
    {"a_rest", 19000, 19000, 38, 0, 0, 2, {8000, 8000, 16}, {3000, 3000, 6}},
    {"the_rest_is_rounded_up",
     9000,
     1000,
     100,
     0,
     0,
     1,
     {888, 8000, 88},
     {112, 1000, 12}},
    {"so_many_a_member", 9000, 9000, 9, 0, 4, 2, {4000, 4000, 4}, {1000, 1000, 1}},
    {"a_share_is_one_member", 500, 1000, 1, 0, 4, 1, {1000, 500, 1}, {0, 0, 0}},
    {"cpus_alone_are_one_member", 0, 99000, 1, 0, 4, 1, {99000, 0, 1}, {0, 0, 0}},
    {"what_it_does_not_say_goes_with_gpus",
     2000,
     -1,
     -1,
     3,
     0,
     3,
     {9000, 2000, 20},
     {0, 0, 0}},
    {"also_with_a_share", 500, -1, -1, 1, 0, 1, {2250, 500, 5}, {0, 0, 0}},
    {"nothing_is_nothing", 2000, 0, 0, 1, 0, 1, {0, 2000, 0}, {0, 0, 0}},
};

static void spreads_over_nodes(void **state)
{
    const struct split *row = *state;
    struct model_node_type types[2] = {{.has = {.mgpu = 8000}, .team = SP_NO_ID},
                                       {.has = {.mgpu = 16000}, .team = SP_NO_ID}};
    struct model_policy policy = {.n_types = 2, .types = types};
    struct model_jobs jobs = {
        .mcpu_per_gpu = 4500, .memory_per_gpu = 10, .gpus_per_member = row->per_member};
    struct model_job job = {.members = row->members,
                            .needs = {row->mcpu, row->mgpu, row->memory}};
    struct sim_job_split s = sim_job_split(&policy, &jobs, &job, 1);

    assert_int_equal(s.members, row->want_members);
    assert_int_equal(s.needs.mcpu, row->needs.mcpu);
    assert_int_equal(s.needs.mgpu, row->needs.mgpu);
    assert_int_equal(s.needs.memory_bytes, row->needs.memory_bytes);
    assert_int_equal(s.rest.mcpu, row->rest.mcpu);
    assert_int_equal(s.rest.mgpu, row->rest.mgpu);
    assert_int_equal(s.rest.memory_bytes, row->rest.memory_bytes);
}

static void models_and_teams_leave_node_types(void **state)
{
    struct model_node_type types[3] = {{.team = SP_NO_ID}, {.team = 1}, {.team = 2}};
    struct model_policy policy = {.n_types = 3, .types = types};
    int64_t types_of[MODEL_JOB_MODELS_MAX] = {3, 4};
    struct model_jobs jobs = {.types_of = types_of};
    struct model_job job = {.models = 0};

    (void)state;
    assert_int_equal(sim_job_types(&policy, &jobs, &job, 0), 1);
    assert_int_equal(sim_job_types(&policy, &jobs, &job, 2), 1 + 4);
    job.models = 1;
    assert_int_equal(sim_job_types(&policy, &jobs, &job, 1), 1 + 2);
    job.models = 2;
    assert_int_equal(sim_job_types(&policy, &jobs, &job, 1), 0);
    job.models = 3;
    assert_int_equal(sim_job_types(&policy, &jobs, &job, 2), 1 + 4);
}

int main(void)
{
    enum { OTHERS = 6 };
    struct CMUnitTest tests[N_OF(losses) + N_OF(splits) + OTHERS] = {
        cmocka_unit_test(ends_after_work_and_checkpoints),
        cmocka_unit_test(works_between_start_and_checkpoints),
        cmocka_unit_test(stops_at_once_or_where_it_writes),
        cmocka_unit_test(long_work_saturates),
        cmocka_unit_test(agrees_with_a_stepper),
        cmocka_unit_test(models_and_teams_leave_node_types),
    };
    size_t n = OTHERS;

    for (size_t i = 0; i < N_OF(losses); i++)
        tests[n++] = (struct CMUnitTest){.name = losses[i].name,
                                         .test_func = loses_what_was_not_written,
                                         .initial_state = &losses[i]};
    for (size_t i = 0; i < N_OF(splits); i++)
        tests[n++] = (struct CMUnitTest){.name = splits[i].name,
                                         .test_func = spreads_over_nodes,
                                         .initial_state = &splits[i]};
    return cmocka_run_group_tests_name("job_stint", tests, NULL, NULL);
}
