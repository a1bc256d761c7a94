/* Jobs on timelines worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/units.h"
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_wait_run_and_are_billed),
    };

    return cmocka_run_group_tests_name("jobs_by_hand", tests, NULL, NULL);
}
