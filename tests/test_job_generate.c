#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "traces/job_generate.h"
#include "traces/jobs.h"

enum { MANY = 40000 };

/* ---- kinds from text ---- */

static struct row {
    const char *name, *text, *error;
} rows[] = {
    {"a_gpu_and_a_duration_are_enough", "gpu=8 duration=1h", NULL},
    {"a_cpu_will_do", "cpu=500m duration=never", NULL},
    {"blanks_do_not_count", "  gpu=1   duration=0  ", NULL},
    {"every_key_is_known",
     "share=2 gpu=0.5 cpu=4 memory=16Gi members=3 duration=exponential:10m "
     "estimate=1.5 "
     "deadline=1h team=a priority=-5 preemptible=true gpu_models=A100|T4 "
     "checkpoint=30m",
     NULL},
    {"a_duration_is_needed", "gpu=8",
     "found no duration, expected one such as duration=1h, duration=exponential:1h, "
     "duration=lognormal:1h,2 or duration=never"},
    {"something_is_needed", "duration=1h",
     "found nothing that the jobs need, expected gpu=8 or cpu=4"},
    {"a_slip_is_told", "gpus=8 duration=1h", "found 'gpus', did you mean 'gpu'?"},
    {"a_word_alone_is_refused", "gpu duration=1h", "found 'gpu' without '='"},
    {"escapes_are_not_shown", "\033[2J=8 duration=1h",
     "found '\\x1b[2J', expected KEY=VALUE such as gpu=8"},
    {"a_key_twice_is_refused", "gpu=8 gpu=4 duration=1h", "found 'gpu' twice"},
    {"one_and_a_half_gpus_are_refused", "gpu=1.5 duration=1h",
     "gpu: found 1.500, expected a share of one GPU or a whole number"},
    {"a_unit_is_needed", "gpu=1 duration=5",
     "duration: found '5' (no unit), expected a duration such as 90s, 250ms, 1h30m or "
     "PT1H30M"},
    {"a_law_has_two_numbers", "gpu=1 duration=lognormal:1h",
     "duration: found no such law, expected lognormal:MEAN,CV"},
    {"a_mean_is_above_nought", "gpu=1 duration=lognormal:0,2",
     "duration: found a mean of 0, expected more"},
    {"preemptible_is_true_or_false", "gpu=1 duration=1h preemptible=maybe",
     "preemptible: column preemptible: found 'maybe', expected true or false"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void is_read_or_refused(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};
    enum sp_status status =
        trace_job_recipe_add(trace_job_recipe_new(arena), row->text, &err);

    assert_string_equal(err.text, row->error != NULL ? row->error : "");
    assert_int_equal(status, row->error != NULL ? SP_EINPUT : SP_OK);
    sp_arena_free(arena);
}

/* ---- jobs ---- */

static struct trace_job_recipe *recipe_of(struct sp_arena *arena, const char *a,
                                          const char *b)
{
    struct trace_job_recipe *r = trace_job_recipe_new(arena);
    struct sp_err err = {0};

    assert_int_equal(trace_job_recipe_add(r, a, &err), SP_OK);
    assert_int_equal(trace_job_recipe_add(r, b, &err), SP_OK);
    return r;
}

static const struct trace_recipe arrivals = {.arrivals = MODEL_SOURCE_POISSON,
                                             .rate_per_s = 0.5,
                                             .requests = MANY,
                                             .for_ns = -1,
                                             .seed = 4};

/* A kind's part of MANY jobs is binomial: within four standard errors of its share; the
 * mean of its n durations likewise, whose standard error is CV times the mean /
 * sqrt(n). */
static void shares_and_durations_are_as_asked(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_recipe *r =
        recipe_of(arena, "gpu=8 members=2 duration=exponential:1h share=3 team=a",
                  "gpu=0.25 duration=lognormal:10m,1 estimate=2 gpu_models=T4");
    struct trace_job_generator g = trace_job_generator_of(r, &arrivals);
    double sum_s[2] = {0}, share = 0.75;
    struct model_job job;
    int64_t n[2] = {0}, last_ns = -1;

    (void)state;
    while (trace_job_generator_next(&g, &job)) {
        int kind = job.needs.mgpu == 250;

        assert_int_equal(job.needs.mgpu, kind == 0 ? 8000 : 250);
        assert_int_equal(job.members, kind == 0 ? 2 : 1);
        assert_int_equal(job.team, kind == 0 ? 1 : 0);
        assert_int_equal(job.models, kind == 0 ? 0 : 1);
        assert_int_equal(job.number, n[0] + n[1]);
        assert_true(job.arrival_ns >= last_ns);
        if (kind == 1)
            assert_true(llabs(job.estimate_ns - 2 * job.duration_ns) <= 2000);
        else
            assert_int_equal(job.estimate_ns, -1);
        last_ns = job.arrival_ns;
        n[kind]++;
        sum_s[kind] += sp_s_from_ns(job.duration_ns);
    }
    assert_int_equal(n[0] + n[1], MANY);
    assert_true(fabs((double)n[0] - MANY * share) <
                4 * sqrt(MANY * share * (1 - share)));
    assert_true(fabs(sum_s[0] / (double)n[0] - 3600) < 4 * 3600 / sqrt((double)n[0]));
    assert_true(fabs(sum_s[1] / (double)n[1] - 600) < 4 * 600 / sqrt((double)n[1]));
    assert_string_equal(trace_job_recipe_teams(r).name[1], "a");
    assert_string_equal(trace_job_recipe_models(r).name[0], "T4");
    assert_int_equal(trace_job_recipe_has(r),
                     TRACE_JOB_HAS_GPU | TRACE_JOB_HAS_DURATION | TRACE_JOB_HAS_TEAM |
                         TRACE_JOB_HAS_ESTIMATE | TRACE_JOB_HAS_MODELS);
    sp_arena_free(arena);
}

/* Arrivals, kinds and the other kind's durations stay where they were. */
static void another_law_for_one_kind_changes_no_other(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_recipe *r[2] = {
        recipe_of(arena, "gpu=8 duration=exponential:1h",
                  "gpu=1 duration=lognormal:1h,1"),
        recipe_of(arena, "gpu=8 duration=lognormal:2h,3",
                  "gpu=1 duration=lognormal:1h,1"),
    };
    struct trace_job_generator g[2] = {trace_job_generator_of(r[0], &arrivals),
                                       trace_job_generator_of(r[1], &arrivals)};
    struct model_job a, b;
    int differ = 0;

    (void)state;
    while (trace_job_generator_next(&g[0], &a)) {
        assert_true(trace_job_generator_next(&g[1], &b));
        assert_int_equal(a.arrival_ns, b.arrival_ns);
        assert_int_equal(a.needs.mgpu, b.needs.mgpu);
        differ += a.duration_ns != b.duration_ns;
        assert_true(a.needs.mgpu == 8000 || a.duration_ns == b.duration_ns);
    }
    assert_true(differ > MANY / 3);
    sp_arena_free(arena);
}

static void jobs_that_never_end_do_not(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_recipe *r =
        recipe_of(arena, "gpu=8 duration=never estimate=2", "gpu=1 duration=5s");
    struct trace_job_generator g = trace_job_generator_of(r, &arrivals);
    struct model_job job;

    (void)state;
    while (trace_job_generator_next(&g, &job)) {
        assert_true(job.duration_ns ==
                    (job.needs.mgpu == 8000 ? MODEL_NEVER : 5 * SP_NS_PER_S));
        assert_int_equal(job.estimate_ns, -1);
    }
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(shares_and_durations_are_as_asked),
        cmocka_unit_test(another_law_for_one_kind_changes_no_other),
        cmocka_unit_test(jobs_that_never_end_do_not),
    };
    enum { N_FIXED = sizeof fixed / sizeof fixed[0] };
    struct CMUnitTest tests[N_FIXED + N_ROWS];

    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < N_ROWS; i++)
        tests[N_FIXED + i] = (struct CMUnitTest){.name = rows[i].name,
                                                 .test_func = is_read_or_refused,
                                                 .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("job_generate", tests, NULL, NULL);
}
