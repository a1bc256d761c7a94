/* Jobs against theory, through sim_run(): priorities, shortest first, checkpoints
 * against losses, work that no order makes or destroys.
 *
 * A figure is the mean of RUNS independent replications.  It must be within its own
 * 99.99 % confidence interval (Student's t, 9 degrees of freedom; there are some 40
 * figures) of the closed form, and that interval must be narrower than the row's `most`
 * (relative).  Seeds are fixed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/units.h"
#include "tests/jobs_build.h"

enum { RUNS = 10, SEED = 20261122, TEAMS_MAX = 3 };

static const double wide_over_t95 = 6.593683 / 2.262157; /* 9 degrees of freedom */
static const struct jobs_how runs = {.seed = SEED, .replications = RUNS};

static void near(const char *what, struct model_stat got, double want, double most)
{
    double half = got.half95 * wide_over_t95;

    if (!(half <= most * want))
        fail_msg("%s: interval %.3g is wider than %.3g of %.6g", what, half, most,
                 want);
    if (!(fabs(got.mean - want) <= half))
        fail_msg("%s: %.6g +- %.3g (99.99 %%), expected %.6g", what, got.mean, half,
                 want);
}

static struct model_dist exponential(double mean)
{
    return (struct model_dist){.kind = MODEL_DIST_EXPONENTIAL, .a = mean};
}

static struct model_dist constant(double value)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = value};
}

/* `jobs` arrivals in each replication, about; the first tenth is not measured. */
static void poisson_for(struct jobs_build *b, double per_s, double jobs)
{
    jobs_poisson(b, per_s, jobs / per_s);
    b->sc->measure = MODEL_MEASURE_WINDOW;
    b->sc->measure_from_ns = sp_ns_from_s(0.1 * jobs / per_s);
    b->sc->measure_to_ns = -1;
}

static const struct model_job_group *team_of(const struct jobs_ran *r, int32_t team)
{
    return &r->jobs->groups[1 + team];
}

/* ---- priorities ---- */

/* Classes of jobs of one GPU on c GPUs, the first goes first; class k is team k. */
static struct priorities {
    const char *name;
    int32_t c, n;
    double rho[TEAMS_MAX]; /* of all servers */
    bool preempts;
    double jobs, most;
} priorities[] = {
    {"cobham_one_server", 1, 2, {0.3, 0.5}, false, 120000, 0.12},
    {"cobham_three_classes_on_three_servers",
     3,
     3,
     {0.2, 0.3, 0.3},
     false,
     120000,
     0.15},
    {"preemptive_resume_one_server", 1, 2, {0.3, 0.5}, true, 120000, 0.12},
    {"preemptive_resume_three_classes", 1, 3, {0.2, 0.3, 0.3}, true, 120000, 0.12},
    {"preemptive_resume_on_four_servers", 4, 2, {0.4, 0.4}, true, 120000, 0.12},
};

/* Chance that a customer waits: Erlang's C by the recursion of his B. */
static double erlang_c(int32_t c, double rho)
{
    double load = c * rho, blocked = 1;

    for (int32_t k = 1; k <= c; k++)
        blocked = load * blocked / (k + load * blocked);
    return blocked / (1 - rho * (1 - blocked));
}

/* Cobham, Operations Research 2 (1954), 70-76: M/M/c, equal mean services of 1 s. */
static double cobham_wait_s(const struct priorities *p, int32_t k)
{
    double before = 0, with, all = 0;

    for (int32_t i = 0; i < p->n; i++) {
        all += p->rho[i];
        before += i < k ? p->rho[i] : 0;
    }
    with = before + p->rho[k];
    return erlang_c(p->c, all) / p->c / ((1 - before) * (1 - with));
}

/* Jobs in an M/M/c: classes 0..k see nothing of those after them where these give way
 * at once and lose nothing. */
static double number_in_system(int32_t c, double rho)
{
    return rho == 0 ? 0 : c * rho + erlang_c(c, rho) * rho / (1 - rho);
}

static double resume_completion_s(const struct priorities *p, int32_t k)
{
    double before = 0;

    for (int32_t i = 0; i < k; i++)
        before += p->rho[i];
    return (number_in_system(p->c, before + p->rho[k]) -
            number_in_system(p->c, before)) /
           (p->rho[k] * p->c);
}

static struct jobs_build priorities_build(struct sp_arena *arena,
                                          const struct priorities *p)
{
    struct jobs_build b = jobs_new(arena);
    double all = 0;

    b.policy->scheduling.order = "priority";
    b.policy->scheduling.evict =
        p->preempts ? MODEL_EVICT_LOWER_PRIORITY : MODEL_EVICT_NEVER;
    b.jobs->checkpoint_ns = 1; /* no work is ever lost */
    b.node->has.mgpu = p->c * 1000;
    for (int32_t k = 0; k < p->n; k++) {
        struct model_job_class *c = jobs_class(&b, p->rho[k], exponential(1));

        all += p->rho[k];
        c->team = k == 0 ? 0 : jobs_team(&b, k == 1 ? "second" : "third");
        c->priority = -k;
        c->preemptible = true;
    }
    poisson_for(&b, all * p->c, p->jobs);
    return b;
}

static void priorities_are_as_in_theory(void **state)
{
    const struct priorities *p = *state;
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = priorities_build(arena, p);
    struct jobs_ran r = jobs_run(&b, runs);

    for (int32_t k = 0; k < p->n; k++) {
        const struct model_job_group *g = team_of(&r, k);

        if (p->preempts) {
            near("completion", g->completion.mean_s, resume_completion_s(p, k),
                 p->most);
            near("wait", g->wait.mean_s, resume_completion_s(p, k) - 1, 2 * p->most);
        } else {
            near("queue", g->queue.mean_s, cobham_wait_s(p, k), p->most);
            near("completion", g->completion.mean_s, cobham_wait_s(p, k) + 1, p->most);
        }
    }
    if (p->preempts)
        assert_true(r.jobs->preempted > 1000);
    else
        assert_true(r.jobs->preempted == 0);
    assert_true(r.jobs->lost_gpu_h.mean == 0 && r.jobs->overhead_gpu_h.mean == 0);
    sp_arena_free(arena);
}

/* ---- shortest first ---- */

/* One server, known durations that are constants: those of equal length wait for each
 * other, so each length is a class of Cobham's: W0 = rate x E[S^2] / 2. */
static void shortest_first_is_as_in_theory(void **state)
{
    static const double share[] = {0.5, 0.3, 0.2}, s[] = {0.5, 1, 2.5};
    const double rate = 0.8 / (0.5 * 0.5 + 0.3 * 1 + 0.2 * 2.5);
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    double before = 0, w0 = 0;
    struct jobs_ran r;

    (void)state;
    b.policy->scheduling.order = "shortest-first";
    b.node->has.mgpu = 1000;
    for (int32_t k = 0; k < 3; k++) {
        struct model_job_class *c = jobs_class(&b, share[k], constant(s[k]));

        c->team = k == 0 ? 0 : jobs_team(&b, k == 1 ? "middle" : "long");
        w0 += rate * share[k] * s[k] * s[k] / 2;
    }
    poisson_for(&b, rate, 120000);
    r = jobs_run(&b, runs);
    for (int32_t k = 0; k < 3; k++) {
        double with = before + rate * share[k] * s[k];

        near("queue", team_of(&r, k)->queue.mean_s, w0 / ((1 - before) * (1 - with)),
             0.12);
        before = with;
    }
    sp_arena_free(arena);
}

/* Phipps, Operations Research 4 (1956), 76-85: a job of length x waits W0 / (1 - load
 * of the shorter ones)^2; of exponential lengths with mean 1 the load of those shorter
 * than x is rate (1 - (1 + x) exp(-x)). */
static double phipps_exponential_s(double rate)
{
    const double step = 1e-3;
    double sum = 0;

    for (double x = step / 2; x < 60; x += step) {
        double left = 1 - rate * (1 - (1 + x) * exp(-x));

        sum += exp(-x) * step * rate / (left * left);
    }
    return sum;
}

static void shortest_first_of_many_lengths(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    b.policy->scheduling.order = "shortest-first";
    b.node->has.mgpu = 1000;
    jobs_class(&b, 1, exponential(1));
    poisson_for(&b, 0.8, 120000);
    r = jobs_run(&b, runs);
    near("queue", r.jobs->groups[0].queue.mean_s, phipps_exponential_s(0.8), 0.12);
    sp_arena_free(arena);
}

/* ---- conservation of work ---- */

/* On one server no order makes or destroys work: whoever goes first, and whether or not
 * others give way, the same jobs are done at the same time, and together they took the
 * same time. */
static void work_is_conserved_whatever_the_order(void **state)
{
    static const char *const orders[] = {"fifo", "priority", "shortest-first",
                                         "largest-first"};
    double makespan = NAN, useful = NAN;

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct priorities p = {.c = 1, .n = 2, .rho = {0.3, 0.6}, .jobs = 2000};
        struct jobs_build b = priorities_build(arena, &p);
        struct jobs_ran r;

        b.policy->scheduling.order = orders[i / 2];
        b.policy->scheduling.evict =
            i % 2 == 0 ? MODEL_EVICT_NEVER : MODEL_EVICT_LOWER_PRIORITY;
        r = jobs_run(&b, (struct jobs_how){.seed = 3, .verify = true});
        assert_true(r.work->done > 1500 && r.work->done == r.work->in);
        assert_true(i == 3 ? r.jobs->preempted > 100
                           : i % 2 == 1 || r.jobs->preempted == 0);
        if (i > 0) {
            assert_true(r.jobs->makespan_s.mean == makespan);
            assert_true(r.jobs->useful_gpu_h.mean == useful);
        }
        makespan = r.jobs->makespan_s.mean;
        useful = r.jobs->useful_gpu_h.mean;
        sp_arena_free(arena);
    }
}

/* ---- checkpoints against losses ---- */

/* Nodes are taken back at random once in MTBF_S; a checkpoint takes COST_S, a restart
 * RESTART_S. */
enum { MTBF_S = 3600, COST_S = 60, RESTART_S = 120, WORK_S = 7200, N_TAUS = 4 };

static const int32_t taus_s[N_TAUS] = {150, 600, 1800, 7200};

/* Until w seconds in a row went well, each failure costing a restart that may fail,
 * too: M exp(R/M) (exp(w/M) - 1) (Daly, Future Generation Computer Systems 22 (2006),
 * 303-312, equation 13, exact for exponential failures). */
static double until_done_s(double w)
{
    return MTBF_S * exp((double)RESTART_S / MTBF_S) * expm1(w / MTBF_S);
}

/* Checkpoints between equal pieces, none at the end. */
static double daly_completion_s(int32_t tau)
{
    int32_t pieces = WORK_S / tau;

    return (pieces - 1) * until_done_s(tau + COST_S) + until_done_s(tau);
}

static struct model_stat spot_completion(int32_t tau, double *lost_h,
                                         double *overhead_h)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct model_stat completion;
    struct jobs_ran r;

    *b.node = (struct model_node_type){
        .name = "spot",
        .group = "spot",
        .team = SP_NO_ID,
        .option = "spot",
        .kind = MODEL_OPTION_SPOT,
        .loss = {.taken_back = true, .per_hour = 3600.0 / MTBF_S},
        .return_after_ns = -1,
        .has = {.mgpu = 1000, .memory_bytes = -1},
        .has_price = true,
        .uusd_per_h = 1000000,
        .boot_s = constant(0),
        .store_bytes = -1,
        .cpu_speed = 1,
        .max = 100000};
    b.jobs->checkpoint_ns = sp_ns_from_s(tau);
    b.jobs->checkpoint_cost_ns = sp_ns_from_s(COST_S);
    b.jobs->restart_ns = sp_ns_from_s(RESTART_S);
    jobs_class(&b, 1, constant(WORK_S));
    jobs_poisson(&b, 0.01, 2000 / 0.01);
    r = jobs_run(&b, runs);
    completion = r.jobs->groups[0].completion.mean_s;
    *lost_h = r.jobs->lost_gpu_h.mean;
    *overhead_h = r.jobs->overhead_gpu_h.mean;
    assert_true(r.jobs->interrupted > 1000 && r.jobs->preempted == 0);
    assert_true(r.work->done == r.work->in);
    sp_arena_free(arena);
    return completion;
}

/* Daly's optimum is sqrt(2 C M) (1 + ...) - C = 617 s here: of the four, 600 is best,
 * and by far; the exact expectation holds for each. */
static void checkpoints_waste_what_daly_says(void **state)
{
    double took_s[N_TAUS], lost_h, overhead_h, before_h = 0;

    (void)state;
    for (int i = 0; i < N_TAUS; i++) {
        struct model_stat s = spot_completion(taus_s[i], &lost_h, &overhead_h);

        near("completion", s, daly_completion_s(taus_s[i]), i == 3 ? 0.06 : 0.02);
        assert_true(lost_h > before_h); /* longer intervals lose more */
        before_h = lost_h;
        took_s[i] = s.mean;
    }
    assert_true(took_s[1] < 0.95 * took_s[0] && took_s[1] < 0.9 * took_s[2]);
}

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[N_OF(priorities) + OTHERS] = {
        cmocka_unit_test(shortest_first_is_as_in_theory),
        cmocka_unit_test(shortest_first_of_many_lengths),
        cmocka_unit_test(work_is_conserved_whatever_the_order),
        cmocka_unit_test(checkpoints_waste_what_daly_says),
    };

    for (size_t i = 0; i < N_OF(priorities); i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){.name = priorities[i].name,
                                .test_func = priorities_are_as_in_theory,
                                .initial_state = &priorities[i]};
    return cmocka_run_group_tests_name("jobs_theory", tests, NULL, NULL);
}
