/* Laws of jobs on random scenarios: every row recomputed after every event, and what
 * went in, where GPU time went and who pays add up exactly.  (The run itself asserts
 * that the books close by both roads.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cell_laws.h"

#include <math.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/jobs.h"
#include "sim/run.h"
#include "tests/losses_random.h"
#include "tests/twin_jobs_case.h"

enum { N_QUICK = 600, N_SLOW = 20000 };

struct rows {
    const struct model_scenario *sc;
    int64_t n, sum_wait_ns;
};

/* Causes of a wait add up to the time without running, which with none is the time
 * until it first ran. */
static void check_row(void *self, const struct model_item_row *row)
{
    struct rows *rows = self;
    int64_t wait = 0;

    for (int c = 0; c < MODEL_CAUSES; c++) {
        assert_true(row->wait_ns[c] >= 0);
        wait += row->wait_ns[c];
    }
    rows->n++;
    rows->sum_wait_ns += wait;
    if (row->dropped != SP_NO_ID) {
        assert_true(row->started_ns == -1 && wait == 0 &&
                    row->left_ns == row->arrived_ns);
        return;
    }
    assert_true(row->started_ns >= row->arrived_ns && row->left_ns >= row->started_ns);
    assert_true(wait >= row->started_ns - row->arrived_ns);
    assert_true(wait <= row->left_ns - row->arrived_ns);
    if (row->preemptions == 0)
        assert_true(wait == row->started_ns - row->arrived_ns);
    assert_true(row->first_node >= 0);
}

static double gpu_h(sp_i128 v)
{
    return sp_double_from_i128(v) / 1000 / (double)SP_NS_PER_H;
}

static void same(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * (1 + fabs(a))))
        fail_msg("%.17g is not %.17g", a, b);
}

static void check_groups(const struct model_jobs_result *j,
                         const struct model_workload_result *w)
{
    const struct model_job_group *all = &j->groups[0];
    int64_t arrived[2] = {0}, done[2] = {0};
    double held[2] = {0};

    assert_true(all->arrived == w->in && all->done == w->done);
    for (int32_t i = 1; i < j->n_groups; i++) {
        int by = i > j->n_teams;

        arrived[by] += j->groups[i].arrived;
        done[by] += j->groups[i].done;
        held[by] += j->groups[i].gpu_h.mean;
    }
    for (int by = 0; by < 2; by++) {
        assert_true(arrived[by] == all->arrived && done[by] == all->done);
        same(held[by], all->gpu_h.mean);
    }
}

static void check_money(const struct model_policy_result *p)
{
    int64_t allocated = 0, busy = 0, idle = 0, nobody = 0;
    char text[256];
    const char *broken = cell_laws_broken(p, text);

    if (broken != NULL)
        fail_msg("%s", broken);
    for (int32_t i = 0; i < p->n_teams; i++) {
        allocated += p->teams[i].allocated_uusd;
        busy += p->teams[i].busy_uusd;
    }
    for (int32_t i = 0; i < p->cost.n_lines; i++) {
        idle += p->cost.lines[i].kind == MODEL_LINE_IDLE ? p->cost.lines[i].uusd : 0;
        nobody +=
            p->cost.lines[i].kind >= MODEL_LINE_UNALLOCATED ? p->cost.lines[i].uusd : 0;
    }
    if (p->n_teams > 0) {
        assert_true(allocated + nobody == p->cost.uusd);
        assert_true(busy + idle + nobody == p->cost.uusd);
    }
}

/* What the cells say of the jobs' GPUs is what the jobs say. */
static void check_parts(const struct model_policy_result *p)
{
    const struct model_jobs_result *j = p->workloads[0].jobs;
    double waits_h = 0;

    if (p->n_workloads > 1)
        return;
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];

        if (c->resource == MODEL_GPU && c->workload != NULL &&
            (c->part == MODEL_PART_BOOT || c->part == MODEL_PART_IDLE))
            waits_h += c->hours;
    }
    same(cell_hours(p, MODEL_PART_REDONE, MODEL_GPU), j->lost_gpu_h.mean);
    same(cell_hours(p, MODEL_PART_WORK, MODEL_GPU), j->useful_gpu_h.mean);
    same(waits_h, j->overhead_gpu_h.mean);
    if (!isnan(j->floor_usd.mean))
        same(p->cost.floor_usd.mean, j->floor_usd.mean);
}

/* No bill is below the floor (each lease is rounded to a micro-dollar). */
static void check_floor(const struct model_policy_result *p)
{
    double floor_uusd = p->workloads[0].jobs->floor_usd.mean * 1e6;

    if (p->n_workloads == 1)
        assert_false(floor_uusd > (double)p->cost.uusd * (1 + 1e-9) + 1000);
}

/* What the nodes count: a job of GPUs only runs where there are some. */
static void check_time(const struct model_policy_result *p,
                       const struct model_jobs_result *j)
{
    same(j->useful_gpu_h.mean + j->lost_gpu_h.mean + j->overhead_gpu_h.mean,
         gpu_h(p->ledger[MODEL_GPU].allocated));
    same(j->useful_gpu_h.mean + j->lost_gpu_h.mean, gpu_h(p->ledger[MODEL_GPU].busy));
    same(j->groups[0].gpu_h.mean, gpu_h(p->ledger[MODEL_GPU].allocated));
}

enum seen {
    SEEN_LOST,
    SEEN_OVERHEAD,
    SEEN_INTERRUPTED,
    SEEN_FAILED,
    SEEN_HORIZON,
    SEEN_MOVED,
    SEEN_N
};

/* The first two types become options of one group: spot, of which there is little, and
 * one that stands in for it. */
static void two_options(struct model_policy *policy)
{
    struct model_node_type *t = policy->types;
    const char *second = t[1].name;

    t[0].group = "options";
    t[0].group_rank = 0;
    t[0].fixed = false;
    t[0].count = t[0].min = 0;
    t[0].max = 1;
    t[0].kind = MODEL_OPTION_SPOT;
    t[0].loss.taken_back = true;
    t[0].loss.per_hour = 60;
    t[1] = t[0];
    t[1].name = second;
    t[1].group_rank = 1;
    t[1].max = 3;
    t[1].kind = MODEL_OPTION_ON_DEMAND;
    t[1].loss.taken_back = false;
    t[1].return_after_ns = 2 * SP_NS_PER_S;
}

static void obey(uint64_t seed, int32_t seen[SEEN_N])
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_case jc = jobs_case_random(seed, arena);
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(seed, 0x6c617773));
    struct rows rows = {.sc = jc.sc};
    struct model_job_opener jobs = jobs_case_opener(&jc);
    struct model_item_sink items = {&rows, check_row};
    struct sim_options o = {.seed = seed,
                            .replications = 1,
                            .jobs = &jobs,
                            .items = &items,
                            .version = "test",
                            .verify = true};
    struct model_policy *policy = &jc.sc->policies[0];
    struct model_jobs *m = policy->plans[0].jobs;
    const struct model_policy_result *p;
    struct model_result *result;
    struct sp_err err = {0};

    if (sp_rng_uniform(&r) < 0.6) {
        losses_random(policy->types, policy->n_types, seed, SP_NS_PER_S, arena);
        if (policy->n_types > 1 && sp_rng_uniform(&r) < 0.3)
            two_options(policy);
        m->checkpoint_on_notice = sp_rng_uniform(&r) < 0.5;
    }
    if (sp_rng_uniform(&r) < 0.3)
        m->fallback = MODEL_FALLBACK_DEADLINE;
    if (sp_rng_uniform(&r) < 0.5)
        m->deadline_ns = (int64_t)(sp_rng_uniform(&r) * 60e9);
    jc.sc->until_ns = (int64_t)((0.1 + sp_rng_uniform(&r)) * 120e9);
    if (sim_run(jc.sc, &o, arena, &result, &err) != SP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    p = &result->policies[0];
    check_time(p, p->workloads[0].jobs);
    check_groups(p->workloads[0].jobs, &p->workloads[0]);
    check_money(p);
    check_parts(p);
    check_floor(p);
    assert_true(rows.n == p->workloads[0].done + p->workloads[0].dropped);
    seen[SEEN_LOST] += p->workloads[0].jobs->lost_gpu_h.mean > 0;
    seen[SEEN_OVERHEAD] += p->workloads[0].jobs->overhead_gpu_h.mean > 0;
    seen[SEEN_INTERRUPTED] += p->workloads[0].jobs->interrupted > 0;
    seen[SEEN_FAILED] += p->workloads[0].jobs->failed > 0;
    seen[SEEN_MOVED] += p->workloads[0].jobs->moved > 0;
    seen[SEEN_HORIZON] += p->workloads[0].in_flight > 0;
    sp_arena_free(arena);
}

static void random_scenarios_obey(void **state)
{
    int32_t n = getenv("STAGEPLAN_SLOW") != NULL ? N_SLOW : N_QUICK;
    int32_t seen[SEEN_N] = {0};
    const char *only = getenv("JOBS_SEED");

    (void)state;
    if (only != NULL) {
        obey(strtoull(only, NULL, 10), seen);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        obey((uint64_t)i, seen);
    for (int i = 0; i < SEEN_N; i++)
        assert_true(seen[i] > n / 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scenarios_obey),
    };

    return cmocka_run_group_tests_name("jobs_laws", tests, NULL, NULL);
}
