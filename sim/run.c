/* One replication of one policy: the loop over events and the ledger's check. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/units.h"
#include "sim/mser.h"
#include "sim/run_rows.h"

enum { STUCK_TICKS = 10000, UNMOVED_EVENTS = 1000000, INSTANT_EVENTS = 100000000 };

/* ---- the loop ---- */

static bool all_done(const struct sim_run_now *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (!r->works[i].kind->done(r->works[i].self))
            return false;
    return true;
}

static const struct sim_run_work *work_of(const struct sim_run_now *r, int32_t kind)
{
    return &r->works[(kind - SIM_EV_FIRST_WORKLOAD) / SIM_WORKLOAD_EVENTS];
}

/* Events that only watch or move nodes: after them the run looks at itself. */
static bool watches(const struct sim_run_now *r, const struct sim_event *ev)
{
    return ev->kind < SIM_EV_FIRST_WORKLOAD ||
           (work_of(r, ev->kind)->kind->watches >>
                (ev->kind - SIM_EV_FIRST_WORKLOAD) % SIM_WORKLOAD_EVENTS &
            1) != 0;
}

static bool works_move(const struct sim_run_now *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->moving(r->works[i].self))
            return true;
    return false;
}

static bool moving(const struct sim_run_now *r)
{
    return sim_cluster_moving(r->cluster) || works_move(r);
}

static void deadlocked(struct sim_run_now *r)
{
    r->end = MODEL_END_DEADLOCK;
    r->end_text = "";
    for (int32_t i = 0; i < r->n_works; i++) {
        const char *text = r->works[i].kind->stuck_text(r->works[i].self, r->arena);

        r->end_text =
            sp_arena_printf(r->arena, "%s%s%s", r->end_text,
                            *r->end_text != '\0' && *text != '\0' ? "; " : "", text);
    }
}

static bool runs_for_ever(const struct sim_run_now *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->runs_for_ever != NULL &&
            r->works[i].kind->runs_for_ever(r->works[i].self))
            return true;
    return false;
}

static void reach_horizon(struct sim_run_now *r, int64_t until_ns)
{
    r->end = MODEL_END_HORIZON;
    r->now_ns = until_ns;
}

static bool told_to_stop(struct sim_run_now *r)
{
    struct sim_progress now = {.policy = r->policy->name,
                               .replication = r->replication,
                               .n_replications = r->options->replications,
                               .time_ns = r->now_ns,
                               .events = r->events};

    if (r->options->progress == NULL)
        return false;
    for (int32_t i = 0; i < r->n_works; i++)
        now.items_done += r->works[i].kind->items_done(r->works[i].self);
    return r->options->progress(r->options->progress_self, &now);
}

/* Only a node's timer is left to fire and nothing else can happen: the time of a
 * deadlock is when the last thing moved, not when the last idle node would have gone
 * back. */
static bool stands_still(const struct sim_run_now *r, const struct sim_event *ev)
{
    if ((ev->kind != SIM_EV_NODE && ev->kind != SIM_EV_MARKET) || moving(r))
        return false;
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->autoscales(r->works[i].self))
            return false;
    return true;
}

/* A timer that only watches fired: if it has watched nothing for long, nothing will
 * come.  A unit that it asked for and that has no node moves nothing; nor do nodes that
 * are lost and bought again, and the units on them that start again, for ever. */
static bool stuck(struct sim_run_now *r, const struct sim_event *ev)
{
    if (r->unmoved > UNMOVED_EVENTS)
        return true;
    if (works_move(r) || sim_cluster_booting(r->cluster) > 0)
        r->stuck = 0;
    else if (watches(r, ev))
        r->stuck++;
    return r->stuck > STUCK_TICKS;
}

static void hash_event(struct sim_run_now *r, const struct sim_event *ev)
{
    uint64_t row[3] = {r->digest, (uint64_t)ev->time_ns,
                       (uint64_t)(uint32_t)ev->kind << 32 | (uint32_t)ev->subject};

    r->digest = sp_hash64(row, sizeof row);
}

static void verify(const struct sim_run_now *r)
{
    sim_event_queue_verify(r->queue);
    sim_cluster_verify(r->cluster);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->verify(r->works[i].self);
}

static enum sp_status status(const struct sim_run_now *r, struct sp_err *err)
{
    enum sp_status s = sim_cluster_status(r->cluster, err);

    for (int32_t i = 0; i < r->n_works && s == SP_OK; i++)
        s = r->works[i].kind->status(r->works[i].self, err);
    return s;
}

/* Workloads share the stores of the nodes: what one frees the others may be waiting
 * for. */
static void share_stores(struct sim_run_now *r, int64_t now_ns)
{
    while (sim_network_store_freed(r->network) != r->freed) {
        r->freed = sim_network_store_freed(r->network);
        for (int32_t i = 0; i < r->n_works; i++)
            r->works[i].kind->store_freed(r->works[i].self, now_ns);
    }
}

/* True when all work is done. */
static bool handle(struct sim_run_now *r, const struct sim_event *ev)
{
    bool done = true;

    if (ev->kind < SIM_EV_FIRST_WORKLOAD)
        sim_cluster_event(r->cluster, ev);
    else
        done = work_of(r, ev->kind)->kind->event(work_of(r, ev->kind)->self, ev);
    if (r->n_works > 1)
        share_stores(r, ev->time_ns);
    sim_network_forget_freed(r->network);
    return done && all_done(r);
}

/* Every so often: whether the run goes on, as far as limits and the user are concerned.
 */
static bool goes_on(struct sim_run_now *r)
{
    if (r->options->event_limit > 0 && r->events >= r->options->event_limit) {
        r->end = MODEL_END_EVENT_LIMIT;
        return false;
    }
    if ((r->events & 0xffff) == 0 && told_to_stop(r)) {
        r->end = MODEL_END_INTERRUPTED;
        return false;
    }
    return true;
}

/* The next event within the horizon; false: the run is over, r->end says how. */
static bool next_event(struct sim_run_now *r, int64_t until_ns, struct sim_event *ev)
{
    if (!sim_event_queue_pop(r->queue, ev) || stands_still(r, ev)) {
        if (until_ns < INT64_MAX && runs_for_ever(r))
            reach_horizon(r, until_ns);
        else
            deadlocked(r);
        return false;
    }
    if (ev->time_ns > until_ns) {
        reach_horizon(r, until_ns);
        return false;
    }
    if (ev->time_ns >= r->next_mark_ns)
        sim_run_pass_marks(r, ev->time_ns);
    r->now_ns = ev->time_ns;
    r->events++;
    if (r->options->digest)
        hash_event(r, ev);
    return true;
}

/* Past a century sums of times no longer hold. */
static enum sp_status time_ends(const struct sim_run_now *r, struct sp_err *err)
{
    if (r->now_ns <= SP_NS_MAX)
        return SP_OK;
    return sp_fail(
        err, SP_EINPUT,
        "policy '%s': simulated time passes 100 years, the longest there is; "
        "expected shorter times, or 'until'",
        r->policy->name);
}

/* Work that takes no time and comes again at once never lets time go on. */
static enum sp_status time_goes_on(struct sim_run_now *r, struct sp_err *err)
{
    if (r->now_ns != r->instant_ns) {
        r->instant_ns = r->now_ns;
        r->instant_events = r->events;
    }
    if (r->events - r->instant_events < INSTANT_EVENTS)
        return SP_OK;
    return sp_fail(
        err, SP_EINPUT,
        "policy '%s': time stands still at %g s: %d million events in one instant; "
        "expected some time in what comes again (think, time, delay)",
        r->policy->name, sp_s_from_ns(r->now_ns), INSTANT_EVENTS / 1000000);
}

static enum sp_status loop(struct sim_run_now *r, struct sp_err *err)
{
    int64_t until_ns = r->scenario->until_ns >= 0 ? r->scenario->until_ns : INT64_MAX;
    bool limited = r->options->event_limit > 0;
    struct sim_event ev;

    r->end = MODEL_END_DONE;
    if (all_done(r))
        return status(r, err);
    while (next_event(r, until_ns, &ev)) {
        bool watching = watches(r, &ev);

        r->unmoved = watching ? r->unmoved + 1 : 0;
        if (time_ends(r, err) != SP_OK)
            return SP_EINPUT;
        if (handle(r, &ev))
            break;
        if (r->options->verify)
            verify(r);
        if ((r->events & 0xff) != 0 && !watching && !limited)
            continue;
        if (status(r, err) != SP_OK || time_goes_on(r, err) != SP_OK)
            return err != NULL ? err->status : SP_EINPUT;
        if (!goes_on(r))
            break;
        if (stuck(r, &ev)) {
            deadlocked(r);
            break;
        }
    }
    return status(r, err);
}

/* ---- the end ---- */

/* The books are closed twice, by two roads, and must agree to the last unit. */
static void check_books(const struct sim_run_now *r)
{
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        struct model_ledger total = sim_ledger_total(r->ledger, res);

        sp_assert(total.provisioned ==
                  sim_run_integral(r, SIM_PROVISIONED, res, r->now_ns));
        sp_assert(total.allocated ==
                  sim_run_integral(r, SIM_ALLOCATED, res, r->now_ns));
        sp_assert(total.busy == sim_run_integral(r, SIM_BUSY, res, r->now_ns));
        sp_assert(total.stranded == sim_run_integral(r, SIM_STRANDED, res, r->now_ns));
    }
}

static void finish(struct sim_run_now *r)
{
    sim_run_end_window(r);
    sim_cluster_close(r->cluster);
    for (int32_t i = 0; i < r->n_works; i++) {
        const char *text = r->works[i].kind->unplaced_text(r->works[i].self, r->arena);

        if (text != NULL)
            r->unplaced_text = text;
        r->works[i].kind->finish(r->works[i].self, r->now_ns);
    }
    sim_cluster_finish(r->cluster, r->now_ns);
    sp_assert(r->cpu_use == NULL || sim_cpu_use_is_zero(r->cpu_use));
    check_books(r);
}

/* ---- one run, and the two passes of MSER ---- */

/* The latest warm-up that any workload's latencies ask for. */
static int64_t warm_up_ns(const struct sim_run_now *r)
{
    int64_t latest = 0;

    for (int32_t i = 0; i < r->n_works; i++) {
        const double *means;
        const int64_t *ends;
        int32_t n = r->works[i].kind->latency_means(r->works[i].self, &means, &ends);
        int32_t cut = sim_mser_cut(means, n);

        if (cut > 0 && ends[cut - 1] > latest)
            latest = ends[cut - 1];
    }
    return latest;
}

struct pass {
    int64_t from_ns, to_ns;
    bool follow_means;
    int64_t warm_up_ns; /* out */
};

static enum sp_status run_pass(const struct sim_run_one *one_run, struct pass *pass,
                               struct sp_arena *arena, struct model_policy_result *p,
                               struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct sim_run_now r = {.scenario = one_run->scenario,
                            .policy = one_run->policy,
                            .options = one_run->options,
                            .arena = scratch,
                            .n_works = one_run->policy->n_plans,
                            .policy_id = one_run->policy_id,
                            .replication = one_run->replication,
                            .window = {.from_ns = pass->from_ns, .to_ns = pass->to_ns}};
    enum sp_status s;

    r.works = sp_arena_array(scratch, (size_t)r.n_works, sizeof *r.works);
    r.traces = sp_arena_array(scratch, (size_t)r.n_works, sizeof *r.traces);
    r.job_streams = sp_arena_array(scratch, (size_t)r.n_works, sizeof *r.job_streams);
    s = sim_run_open_traces(&r, err);
    if (s == SP_OK) {
        sim_run_build(&r, one_run->options->seed, pass->follow_means);
        s = loop(&r, err);
    }
    if (s == SP_OK) {
        finish(&r);
        if (pass->follow_means)
            pass->warm_up_ns = warm_up_ns(&r);
        sim_run_collect(&r, arena, p);
    }
    sim_run_close_traces(&r);
    sp_arena_free(scratch);
    return s;
}

enum sp_status sim_run_one(const struct sim_run_one *one_run, struct sp_arena *arena,
                           struct model_policy_result *p, struct sp_err *err)
{
    const struct model_scenario *sc = one_run->scenario;
    struct pass pass = {.from_ns = 0, .to_ns = -1};
    enum sp_status s;

    if (sc->measure == MODEL_MEASURE_WINDOW) {
        pass.from_ns = sc->measure_from_ns;
        pass.to_ns = sc->measure_to_ns;
        s = run_pass(one_run, &pass, arena, p, err);
        if (s == SP_OK)
            p->window = sp_arena_printf(arena, "measure: %g s to %g s",
                                        p->window_from_s, p->window_to_s);
        return s;
    }
    pass.follow_means = sc->measure == MODEL_MEASURE_MSER;
    s = run_pass(one_run, &pass, arena, p, err);
    p->window = "whole run";
    if (s != SP_OK || !pass.follow_means)
        return s;
    pass = (struct pass){.from_ns = pass.warm_up_ns, .to_ns = -1};
    s = run_pass(one_run, &pass, arena, p, err);
    if (s == SP_OK)
        p->window = sp_arena_printf(arena, "the run after a warm-up of %g s (MSER)",
                                    p->window_from_s);
    return s;
}
