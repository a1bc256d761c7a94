/* sim/ and the twin of jobs agree job by job, to the nanosecond, on random cases of
 * every order, passing rule and placement.
 *
 * JOBS_SEED=n runs that case alone and prints it; STAGEPLAN_SLOW=1 runs many more.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/items.h"
#include "sim/run.h"
#include "tests/twin_jobs.h"
#include "tests/twin_jobs_case.h"

enum { N_QUICK = 3000, N_SLOW = 100000 };

/* ---- comparing ---- */

struct comparison {
    bool differs;
    FILE *out;
};

static void same_i(struct comparison *c, const char *what, int32_t i, int64_t twin,
                   int64_t sim)
{
    if (twin == sim)
        return;
    c->differs = true;
    if (c->out != NULL)
        fprintf(c->out, "  %s [%d]: twin %lld, sim %lld\n", what, (int)i,
                (long long)twin, (long long)sim);
}

static void same_d(struct comparison *c, const char *what, int32_t i, double twin,
                   double sim)
{
    if (fabs(twin - sim) <= 1e-9 * fabs(twin) || (isnan(twin) && isnan(sim)))
        return;
    c->differs = true;
    if (c->out != NULL)
        fprintf(c->out, "  %s [%d]: twin %.17g, sim %.17g\n", what, (int)i, twin, sim);
}

struct rows {
    struct model_item_row *row;
    bool *there;
};

static void keep_row(void *self, const struct model_item_row *row)
{
    struct rows *rows = self;

    rows->row[row->item] = *row;
    rows->there[row->item] = true;
}

/* Numbers of nodes that come and go depend on which of several that went at one instant
 * went last; of fixed ones they are the fleet's. */
static bool fixed_fleet(const struct model_policy *p)
{
    for (int32_t t = 0; t < p->n_types; t++)
        if (!p->types[t].fixed)
            return false;
    return true;
}

static void compare_job(struct comparison *c, int32_t i, bool nodes,
                        const struct twin_job_result *a, const struct model_item_row *b)
{
    same_i(c, "dropped", i, a->dropped, b->dropped);
    if (a->dropped != SP_NO_ID)
        return;
    same_i(c, "started", i, a->started_ns, b->started_ns);
    same_i(c, "done", i, a->done_ns, b->left_ns);
    same_i(c, "preempted", i, a->preempted, b->preemptions);
    if (nodes)
        same_i(c, "first node", i, a->first_node, b->first_node);
    for (int k = 0; k < MODEL_CAUSES; k++)
        same_i(c, model_cause_name((enum model_cause)k), i, a->wait_ns[k],
               b->wait_ns[k]);
}

static void compare(struct comparison *c, const struct jobs_case *jc,
                    const struct twin_jobs_result *a, const struct rows *b,
                    const struct model_policy_result *p)
{
    for (int32_t i = 0; i < jc->n; i++) {
        bool left = a->jobs[i].done_ns >= 0 || a->jobs[i].dropped != SP_NO_ID;

        same_i(c, "row", i, left, b->there[i]);
        if (left && b->there[i])
            compare_job(c, i, fixed_fleet(&jc->sc->policies[0]), &a->jobs[i],
                        &b->row[i]);
    }
    same_i(c, "stuck", 0, a->stuck, p->end == MODEL_END_DEADLOCK);
    if (a->stuck)
        return;
    same_d(c, "end", 0, sp_s_from_ns(a->end_ns), p->time_s.mean);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        same_d(c, "allocated", r, (double)a->allocated[r],
               (double)p->ledger[r].allocated);
        same_d(c, "busy", r, (double)a->busy[r], (double)p->ledger[r].busy);
    }
    for (int32_t t = 0; t < jc->sc->policies[0].n_types; t++)
        for (int32_t i = 0; i < p->n_nodes; i++)
            if (strcmp(p->nodes[i].type, jc->sc->policies[0].types[t].name) == 0)
                same_d(c, "held", t, (double)a->held_ns[t] / (double)SP_NS_PER_H,
                       p->nodes[i].hours.mean);
    same_d(c, "lost", 0, (double)a->lost_gpu_ns / 1000 / (double)SP_NS_PER_H,
           p->workloads[0].jobs->lost_gpu_h.mean);
}

/* ---- what the cases reach ---- */

enum seen {
    SEEN_DONE,
    SEEN_REFUSED,
    SEEN_PREEMPTED,
    SEEN_LOST_WORK,
    SEEN_STUCK,
    SEEN_CAUSE,
    SEEN_N = SEEN_CAUSE + MODEL_CAUSES
};

static void see(int32_t seen[SEEN_N], const struct jobs_case *jc,
                const struct twin_jobs_result *a)
{
    for (int32_t i = 0; i < jc->n; i++) {
        seen[SEEN_DONE] += a->jobs[i].done_ns >= 0;
        seen[SEEN_REFUSED] += a->jobs[i].dropped != SP_NO_ID;
        seen[SEEN_PREEMPTED] += a->jobs[i].preempted > 0;
        for (int k = 0; k < MODEL_CAUSES; k++)
            seen[SEEN_CAUSE + k] += a->jobs[i].wait_ns[k] > 0;
    }
    seen[SEEN_LOST_WORK] += a->lost_gpu_ns > 0;
    seen[SEEN_STUCK] += a->stuck;
}

/* ---- running ---- */

static bool agrees(uint64_t seed, int32_t seen[SEEN_N], FILE *out)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_case jc = jobs_case_random(seed, arena);
    struct twin_jobs_result *twin = sp_arena_alloc(arena, sizeof *twin);
    struct rows rows = {.row = sp_arena_array(arena, (size_t)jc.n, sizeof *rows.row),
                        .there =
                            sp_arena_array(arena, (size_t)jc.n, sizeof *rows.there)};
    struct model_job_opener jobs = jobs_case_opener(&jc);
    struct model_item_sink items = {&rows, keep_row};
    struct sim_options options = {.seed = seed,
                                  .replications = 1,
                                  .jobs = &jobs,
                                  .items = &items,
                                  .version = "test",
                                  .verify = true};
    struct comparison c = {.out = out};
    struct model_result *result;
    struct sp_err err = {0};

    if (out != NULL)
        jobs_case_print(out, &jc);
    twin_jobs_run(&jc.sc->policies[0], jc.jobs, jc.n,
                  sp_rng_stream_key(seed, 0, "boot"), arena, twin);
    if (sim_run(jc.sc, &options, arena, &result, &err) != SP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    compare(&c, &jc, twin, &rows, &result->policies[0]);
    if (seen != NULL)
        see(seen, &jc, twin);
    sp_arena_free(arena);
    return !c.differs;
}

static void agrees_on_random_cases(void **state)
{
    int32_t n = getenv("STAGEPLAN_SLOW") != NULL ? N_SLOW : N_QUICK;
    int32_t seen[SEEN_N] = {0};
    const char *only = getenv("JOBS_SEED");

    (void)state;
    if (only != NULL) {
        assert_true(agrees(strtoull(only, NULL, 10), NULL, stderr));
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        if (!agrees((uint64_t)i, seen, NULL)) {
            fprintf(stderr, "JOBS_SEED=%d differs:\n", (int)i);
            (void)agrees((uint64_t)i, NULL, stderr);
            fail();
        }
    }
    for (int i = 0; i < SEEN_N; i++)
        if (i != SEEN_CAUSE + MODEL_CAUSE_SPOT_LOSS && i != SEEN_STUCK)
            assert_true(seen[i] > n / 100);
    assert_int_equal(seen[SEEN_STUCK], 0); /* whoever could never run is refused */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_random_cases),
    };

    return cmocka_run_group_tests_name("twin_jobs", tests, NULL, NULL);
}
