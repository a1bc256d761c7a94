/* The laws of docs/design.md section 3, read off the results of random scenarios.
 *
 * Each test is one law; it fails with the seed and the policy that broke it, and
 * LAWS_SEED=n prints that scenario.  Where the engine keeps whole numbers the check is
 * exact; where the result holds their quotients as doubles it allows for the rounding
 * of a few operations (1e-12), which is far below one item, one nanosecond or one
 * micro-dollar in these sizes. STAGEPLAN_SLOW=1 runs more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/units.h"
#include "sim/run.h"
#include "cell_laws.h"
#include "tests/scenario_random.h"

enum { N_SMALL = 600, N_LARGE = 60, SLOW_FACTOR = 20 };

/* ---- running ---- */

struct world {
    const struct model_scenario *sc;
    const struct model_result *result;
    struct sp_arena *arena;
    uint64_t seed;
    int32_t *deadlocks; /* or what else a test counts */
};

static const struct model_policy *policy_of(const struct world *w, int32_t p)
{
    return &w->sc->policies[p];
}

#define BROKEN(w, p, ...)                                                              \
    do {                                                                               \
        print_error("LAWS_SEED=%llu policy %s: ", (unsigned long long)(w)->seed,       \
                    policy_of(w, p)->name);                                            \
        fail_msg(__VA_ARGS__);                                                         \
    } while (0)

static struct model_result *run(const struct model_scenario *sc, bool verify,
                                struct sp_arena *arena)
{
    struct sim_options options = {.seed = sc->seed,
                                  .replications = 1,
                                  .version = "test",
                                  .verify = verify,
                                  .digest = true};
    struct model_result *result;
    struct sp_err err = {0};

    if (sim_run(sc, &options, arena, &result, &err) != SP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)sc->seed, err.text);
    return result;
}

typedef void law(const struct world *w, int32_t policy);

static uint64_t how_many(uint64_t quick)
{
    const char *slow = getenv("STAGEPLAN_SLOW");

    return slow != NULL && *slow == '1' ? quick * SLOW_FACTOR : quick;
}

static int32_t hold_in(struct scenario_random how, uint64_t n, bool verify, law *holds)
{
    int32_t deadlocks = 0;
    const char *one = getenv("LAWS_SEED");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;

    n = one != NULL ? first : how_many(n);
    for (how.seed = first; how.seed <= n; how.seed++) {
        struct world w = {
            .arena = sp_arena_new(), .seed = how.seed, .deadlocks = &deadlocks};

        w.sc = scenario_random_new(&how, w.arena);
        if (one != NULL)
            scenario_random_print(stderr, w.sc);
        w.result = run(w.sc, verify, w.arena);
        for (int32_t p = 0; p < w.sc->n_policies; p++)
            holds(&w, p);
        sp_arena_free(w.arena);
    }
    return deadlocks;
}

/* Small ones with everything in them, verified after every event, and large ones. */
static void holds_everywhere(law *holds)
{
    hold_in((struct scenario_random){.scaled = true}, N_SMALL, true, holds);
    hold_in(
        (struct scenario_random){.scaled = true, .items_min = 1000, .items_max = 4000},
        N_LARGE, false, holds);
    hold_in((struct scenario_random){.scaled = true, .losses = true}, N_SMALL / 2, true,
            holds);
}

static bool same(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

/* ---- 1: the ledger ---- */

static double hours(enum model_resource r, sp_i128 integral)
{
    return sp_double_from_i128(integral) / (r == MODEL_MEMORY ? 1073741824.0 : 1000.0) /
           (double)SP_NS_PER_H;
}

static int64_t amount(const struct model_amounts *a, enum model_resource r)
{
    int64_t v = r == MODEL_GPU ? a->mgpu : r == MODEL_CPU ? a->mcpu : a->memory_bytes;

    return v > 0 ? v : 0;
}

static void ledger_holds(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];

    for (enum model_resource e = 0; e <= MODEL_MEMORY; e++) {
        const struct model_ledger *l = &r->ledger[e];
        double provisioned_h = 0;

        if (l->busy < 0 || l->busy > l->allocated || l->allocated > l->provisioned)
            BROKEN(w, p, "resource %d: busy <= allocated <= provisioned is broken",
                   (int)e);
        if (!same(hours(e, l->provisioned), r->resources[e].provisioned_h.mean) ||
            !same(hours(e, l->allocated), r->resources[e].allocated_h.mean) ||
            !same(hours(e, l->busy), r->resources[e].busy_h.mean))
            BROKEN(w, p, "resource %d: leases and levels differ", (int)e);
        for (int32_t t = 0; t < policy_of(w, p)->n_types; t++)
            for (int32_t i = 0; i < r->n_nodes; i++)
                if (strcmp(r->nodes[i].type, policy_of(w, p)->types[t].name) == 0)
                    provisioned_h += r->nodes[i].hours.mean *
                                     (double)amount(&policy_of(w, p)->types[t].has, e) /
                                     (e == MODEL_MEMORY ? 1073741824.0 : 1000.0);
        if (!same(provisioned_h, r->resources[e].provisioned_h.mean))
            BROKEN(w, p, "resource %d: nodes held for %.17g h, provisioned %.17g h",
                   (int)e, provisioned_h, r->resources[e].provisioned_h.mean);
    }
}

/* What the stages' slots were busy with, counted by the pipeline, is what the nodes'
 * leases were busy with, counted by the ledger.  Only nodes that count the resource
 * count it, so CPUs and GPUs: a node always has CPUs, and a stage with GPUs runs on
 * nodes with GPUs. */
static void busy_slots_are_busy_resources(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];
    const struct model_plan *plan = &policy_of(w, p)->plans[0];

    for (enum model_resource e = MODEL_GPU; e <= MODEL_CPU; e++) {
        double busy = 0;

        for (int32_t s = 0; s < plan->n_stages; s++) {
            const struct model_stage_result *stage = &r->workloads[0].stages[s];

            if (stage->slots.mean > 0)
                busy += stage->busy_frac.mean * stage->slots.mean * r->time_s.mean *
                        (double)amount(&plan->stages[s].slot_needs, e) / 1000 / 3600;
        }
        if (fabs(busy - r->resources[e].busy_h.mean) > 1e-11 * (busy + 1e-3))
            BROKEN(w, p, "resource %d: slots busy %.17g h, nodes %.17g h", (int)e, busy,
                   r->resources[e].busy_h.mean);
    }
}

/* ---- 2: items ---- */

static void items_hold(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];
    const struct model_workload_result *work = &r->workloads[0];

    if (work->in != work->done + work->in_flight + work->dropped ||
        work->dropped != work->dropped_by[0] + work->dropped_by[1])
        BROKEN(w, p, "in %lld, done %lld, in flight %lld, dropped %lld",
               (long long)work->in, (long long)work->done, (long long)work->in_flight,
               (long long)work->dropped);
    if (r->end == MODEL_END_DONE && work->in_flight != 0)
        BROKEN(w, p, "done with %lld items in flight", (long long)work->in_flight);
    if (work->latency.count != work->done)
        BROKEN(w, p, "%lld latencies of %lld items", (long long)work->latency.count,
               (long long)work->done);
}

/* Items that come into a stage are those that its producers emitted for it. */
static void edges_hold(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];
    const struct model_workload_result *work = &r->workloads[0];
    const struct model_plan *plan = &policy_of(w, p)->plans[0];

    if (r->end != MODEL_END_DONE)
        return;
    for (int32_t s = 0; s < plan->n_stages; s++) {
        const struct model_stage *m = &plan->stages[s];
        int64_t least = m->n_from == 0 ? work->in : INT64_MAX, sum = 0;
        bool routed = false;

        for (int32_t e = 0; e < m->n_from; e++) {
            int64_t n = work->stages[m->from[e]].emitted;

            routed |= plan->stages[m->from[e]].has_route;
            sum += n;
            least = n < least ? n : least;
        }
        if (m->join == MODEL_JOIN_ANY && m->n_from > 0)
            least = sum;
        if (work->stages[s].in > least ||
            (!routed && m->join == MODEL_JOIN_ANY && work->stages[s].in != least))
            BROKEN(w, p, "stage %s: %lld items came in, %lld were emitted for it",
                   m->name, (long long)work->stages[s].in, (long long)least);
        if (m->gather_in == 1 && m->gather_out == 1 && m->join == MODEL_JOIN_ANY &&
            work->stages[s].in != work->stages[s].emitted + work->stages[s].dropped)
            BROKEN(w, p, "stage %s: in %lld, emitted %lld, dropped %lld", m->name,
                   (long long)work->stages[s].in, (long long)work->stages[s].emitted,
                   (long long)work->stages[s].dropped);
    }
}

/* ---- 3: money ---- */

static void bill_holds(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];
    int64_t lines = 0;
    double usd = 0;

    for (int32_t i = 0; i < r->cost.n_lines; i++) {
        lines += r->cost.lines[i].uusd;
        if (r->cost.lines[i].uusd < 0)
            BROKEN(w, p, "line %d is %lld uusd", (int)i,
                   (long long)r->cost.lines[i].uusd);
    }
    if (lines != r->cost.uusd)
        BROKEN(w, p, "the lines sum to %lld, the bill is %lld", (long long)lines,
               (long long)r->cost.uusd);
    for (int32_t i = 0; i < r->n_nodes; i++) {
        usd += r->nodes[i].usd.mean;
        if (r->nodes[i].billed_hours.mean < r->nodes[i].hours.mean * (1 - 1e-12))
            BROKEN(w, p, "type %s: billed for less than it was held", r->nodes[i].type);
    }
    if (llround(usd * 1e6) != r->cost.uusd)
        BROKEN(w, p, "the nodes cost %.17g USD, the bill is %lld uusd", usd,
               (long long)r->cost.uusd);
}

static void cells_hold(const struct world *w, int32_t p)
{
    char text[256];
    const char *what = cell_laws_broken(&w->result->policies[p], text);

    if (what != NULL)
        BROKEN(w, p, "%s", what);
}

/* ---- 4: the same bytes ---- */

static void second_run_is_the_same(const struct world *w, int32_t p)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *a = &w->result->policies[p],
                                     *b = &run(w->sc, false, arena)->policies[p];
    const struct model_workload_result *wa = &a->workloads[0], *wb = &b->workloads[0];

    if ((a->digest == 0 && a->events > 0) || a->digest != b->digest ||
        a->events != b->events ||
        memcmp(&a->time_s.mean, &b->time_s.mean, sizeof a->time_s.mean) != 0 ||
        memcmp(a->ledger, b->ledger, sizeof a->ledger) != 0 ||
        a->cost.uusd != b->cost.uusd ||
        memcmp(&wa->latency, &wb->latency, sizeof wa->latency) != 0)
        BROKEN(w, p, "a second run gave digest %016llx after %016llx",
               (unsigned long long)b->digest, (unsigned long long)a->digest);
    sp_arena_free(arena);
}

/* ---- 5: bounds ---- */

static bool is_chain(const struct model_plan *plan)
{
    for (int32_t s = 0; s < plan->n_stages; s++)
        if (plan->stages[s].n_from != (s > 0) ||
            (s > 0 && plan->stages[s].from[0] != s - 1))
            return false;
    return true;
}

/* Constant times on nodes of speed 1: an item is served for at least this long. */
static double least_latency_s(const struct model_policy *policy)
{
    const struct model_plan *plan = &policy->plans[0];
    double sum = 0;

    for (int32_t u = 0; u < plan->n_units; u++) {
        const struct model_unit *unit = &plan->units[u];

        if (unit->fused && unit->has_fused_time)
            sum += unit->fused_time.fixed.a + unit->fused_time.per_item.a;
        for (int32_t i = 0; i < unit->n_slots && !(unit->fused && unit->has_fused_time);
             i++)
            sum += plan->stages[unit->slots[i].stage].time.fixed.a +
                   plan->stages[unit->slots[i].stage].time.per_item.a;
    }
    return sum;
}

/* The median is known to 1/256; phases are rounded to nanoseconds. */
static void latency_is_at_least_the_service(const struct world *w, int32_t p)
{
    const struct model_times *latency = &w->result->policies[p].workloads[0].latency;
    double least_s = least_latency_s(policy_of(w, p)) - 1e-8;

    if (!is_chain(&policy_of(w, p)->plans[0]) || latency->count == 0)
        return;
    if (latency->mean_s.mean < least_s ||
        latency->p50_s.mean * (1 + 1.0 / 255) < least_s)
        BROKEN(w, p, "latency %.9g s, median %.9g s, service %.9g s",
               latency->mean_s.mean, latency->p50_s.mean, least_s);
}

/* Without groups and routes the flow of items is what the bound's means say. */
static bool flows_as_its_mean(const struct model_plan *plan)
{
    for (int32_t s = 0; s < plan->n_stages; s++)
        if (plan->stages[s].gather_in > 1 || plan->stages[s].has_route)
            return false;
    return true;
}

static void throughput_is_within_the_bound(const struct world *w, int32_t p)
{
    const struct model_workload_result *work = &w->result->policies[p].workloads[0];

    if (!flows_as_its_mean(&policy_of(w, p)->plans[0]) || isnan(work->bound_per_s))
        return;
    if (work->per_s.mean > work->bound_per_s * (1 + 1e-6))
        BROKEN(w, p, "%.9g items/s, bound %.9g", work->per_s.mean, work->bound_per_s);
}

/* ---- queues ---- */

/* Little: the integral of the items that wait is the sum of their waits.  In a run that
 * ends with its work done nobody waits any more. */
static void littles_law_holds(const struct world *w, int32_t p)
{
    const struct model_policy_result *r = &w->result->policies[p];
    const struct model_plan *plan = &policy_of(w, p)->plans[0];

    if (r->end != MODEL_END_DONE || r->time_s.mean == 0)
        return;
    for (int32_t s = 0; s < plan->n_stages; s++) {
        const struct model_stage_result *stage = &r->workloads[0].stages[s];
        double waits_s = stage->wait.count == 0
                             ? 0
                             : stage->wait.mean_s.mean * (double)stage->wait.count;

        if (!same(stage->queue_mean.mean * r->time_s.mean, waits_s))
            BROKEN(w, p, "stage %s: queue x time %.17g s, waits %.17g s", stage->name,
                   stage->queue_mean.mean * r->time_s.mean, waits_s);
        if (stage->busy_frac.mean + stage->blocked_frac.mean + stage->fetch_frac.mean >
            1 + 1e-12)
            BROKEN(w, p,
                   "stage %s: its slots are busy %.17g, blocked %.17g, fetching %.17g",
                   stage->name, stage->busy_frac.mean, stage->blocked_frac.mean,
                   stage->fetch_frac.mean);
    }
}

/* Tasks that start together at a stage. */
static int32_t step_of(const struct model_plan *plan, int32_t s)
{
    for (int32_t u = 0; u < plan->n_units && plan->stages[s].gang; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++)
            if (plan->units[u].slots[i].stage == s)
                return plan->units[u].count * plan->units[u].slots[i].cap;
    return 1;
}

/* Whether a stage may wait for more items than its buffer can hold beside what a
 * producer emits at once. */
static bool never_full(const struct model_plan *plan, int32_t s)
{
    const struct model_stage *m = &plan->stages[s];
    int32_t most = 1;

    for (int32_t e = 0; e < m->n_from; e++) {
        const struct model_stage *from = &plan->stages[m->from[e]];
        int32_t out = from->batch / from->gather_in * from->gather_out;

        out *= step_of(plan, m->from[e]);
        most = out > most ? out : most;
    }
    return m->n_from > 0 && m->buffer > 0 &&
           (m->barrier || m->buffer < step_of(plan, s) * m->batch - 1 + most);
}

/* A deadlock that no rule can help: a store too small for one task of every stage, a
 * batch that a closed loop never fills or a buffer does not hold, or units without a
 * node. */
static bool may_starve(const struct world *w, int32_t p)
{
    const struct model_policy *policy = policy_of(w, p);

    for (int32_t t = 0; t < policy->n_types; t++)
        if (policy->types[t].store_bytes >= 0 &&
            policy->types[t].spill_bytes_per_s == 0)
            return true;
    for (int32_t s = 0; s < policy->plans[0].n_stages; s++)
        if (never_full(&policy->plans[0], s))
            return true;
    return policy->plans[0].source.kind == MODEL_SOURCE_CLOSED ||
           strstr(w->result->policies[p].end_text, "wait for a node") != NULL;
}

static void reserved_output_never_deadlocks(const struct world *w, int32_t p)
{
    if (w->result->policies[p].end == MODEL_END_DEADLOCK && !may_starve(w, p))
        BROKEN(w, p, "deadlock: %s", w->result->policies[p].end_text);
}

static void deadlocks_are_counted(const struct world *w, int32_t p)
{
    *w->deadlocks +=
        w->result->policies[p].end == MODEL_END_DEADLOCK && !may_starve(w, p);
}

/* ---- the tests ---- */

#define EVERYWHERE(name, holds)                                                        \
    static void name(void **state)                                                     \
    {                                                                                  \
        (void)state;                                                                   \
        holds_everywhere(holds);                                                       \
    }

EVERYWHERE(busy_and_idle_are_allocated_and_the_rest_unallocated, ledger_holds)
EVERYWHERE(busy_slot_time_is_busy_node_time, busy_slots_are_busy_resources)
EVERYWHERE(items_in_are_done_in_flight_or_dropped, items_hold)
EVERYWHERE(what_a_stage_emits_comes_in_elsewhere, edges_hold)
EVERYWHERE(bill_is_the_sum_of_its_lines_and_of_its_leases, bill_holds)
EVERYWHERE(cells_sum_to_lines_types_teams_and_bill, cells_hold)
EVERYWHERE(same_seed_gives_the_same_bytes, second_run_is_the_same)
EVERYWHERE(integral_of_waiting_is_the_sum_of_waits, littles_law_holds)

static void no_latency_below_the_service_times(void **state)
{
    (void)state;
    hold_in((struct scenario_random){.constant = true}, N_SMALL, true,
            latency_is_at_least_the_service);
}

static void no_throughput_above_the_bound(void **state)
{
    (void)state;
    hold_in((struct scenario_random){.constant = true, .lossless = true}, N_SMALL, true,
            throughput_is_within_the_bound);
}

static void lost_tasks_are_counted(const struct world *w, int32_t p)
{
    const struct model_workload_result *work = &w->result->policies[p].workloads[0];

    for (int32_t s = 0; s < work->n_stages; s++)
        *w->deadlocks += work->stages[s].lost > 0;
}

/* Nothing holds in vain: tasks are lost in many of the scenarios with losses. */
static void nodes_are_lost_with_tasks_on_them(void **state)
{
    (void)state;
    assert_true(hold_in((struct scenario_random){.scaled = true, .losses = true},
                        N_SMALL, true, lost_tasks_are_counted) > N_SMALL / 4);
}

/* The same scenarios do deadlock under another rule: what reserve-output must prevent
 * is there. */
static void reserve_output_finishes(void **state)
{
    (void)state;
    assert_true(hold_in((struct scenario_random){.rule = "upstream-first"}, N_SMALL,
                        true, deadlocks_are_counted) > 0);
    hold_in((struct scenario_random){.rule = "reserve-output"}, N_SMALL, true,
            reserved_output_never_deadlocks);
    hold_in((struct scenario_random){.rule = "reserve-output", .losses = true}, N_SMALL,
            true, reserved_output_never_deadlocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_and_idle_are_allocated_and_the_rest_unallocated),
        cmocka_unit_test(busy_slot_time_is_busy_node_time),
        cmocka_unit_test(items_in_are_done_in_flight_or_dropped),
        cmocka_unit_test(what_a_stage_emits_comes_in_elsewhere),
        cmocka_unit_test(bill_is_the_sum_of_its_lines_and_of_its_leases),
        cmocka_unit_test(cells_sum_to_lines_types_teams_and_bill),
        cmocka_unit_test(same_seed_gives_the_same_bytes),
        cmocka_unit_test(integral_of_waiting_is_the_sum_of_waits),
        cmocka_unit_test(no_latency_below_the_service_times),
        cmocka_unit_test(no_throughput_above_the_bound),
        cmocka_unit_test(nodes_are_lost_with_tasks_on_them),
        cmocka_unit_test(reserve_output_finishes),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("laws", tests, NULL, NULL);
}
