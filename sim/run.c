/* One replication of one policy: the loop over events, the window and the ledger's
 * check. */
#include "sim/run_parts.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "base/units.h"
#include "sim/cluster.h"
#include "sim/event_queue.h"
#include "sim/explain.h"
#include "sim/jobs.h"
#include "sim/mser.h"
#include "sim/network.h"
#include "sim/pipeline.h"
#include "sim/samples.h"
#include "sim/series.h"
#include "sim/serving.h"
#include "sim/timeline.h"
#include "sim/workload.h"

enum {
    EV_PLACE,
    EV_NODE,
    EV_MARKET,
    EV_FIRST_WORKLOAD,
    STUCK_TICKS = 10000,
    UNMOVED_EVENTS = 1000000,
    INSTANT_EVENTS = 100000000
};

struct window {
    int64_t from_ns, to_ns; /* asked for; to -1: the end */
    bool open, closed;
    int64_t opened_ns, closed_ns;
    sp_i128 base[3][MODEL_RESOURCES], end[3][MODEL_RESOURCES];
};

struct work {
    const struct sim_workload_kind *kind;
    void *self;
};

struct run {
    const struct model_scenario *scenario;
    const struct model_policy *policy;
    const struct sim_options *options;
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    struct sim_ledger *ledger;
    struct sim_cluster *cluster;
    struct sim_network *network;
    struct sim_cpu_use *cpu_use;   /* NULL: nobody asks */
    struct sim_timeline *timeline; /* first replication; else NULL */
    int32_t n_works;
    struct work *works;
    struct model_arrivals *traces;
    struct model_job_stream *job_streams;
    struct window window;
    struct sim_series series;
    struct sim_samples samples; /* first replication */
    int64_t now_ns, next_mark_ns;
    uint64_t events, digest, freed;
    int64_t instant_ns; /* time of the last look, and the events until then */
    uint64_t instant_events;
    int32_t stuck, unmoved, policy_id, replication;
    enum model_end end;
    const char *end_text, *unplaced_text;
};

enum { PROVISIONED, ALLOCATED, BUSY };

const struct sim_workload_kind *sim_workload_kind(enum model_kind kind)
{
    static const struct sim_workload_kind *const kinds[] = {
        [MODEL_KIND_PIPELINE] = &sim_pipeline_kind,
        [MODEL_KIND_SERVING] = &sim_serving_kind,
        [MODEL_KIND_JOBS] = &sim_jobs_kind,
    };

    return kinds[kind];
}

/* ---- what is integrated ---- */

static sp_i128 integral(const struct run *r, int what, int res, int64_t t)
{
    sp_i128 sum = 0;

    if (what == PROVISIONED)
        return sim_level_integral(sim_cluster_provisioned(r->cluster, res), t);
    if (what == ALLOCATED)
        return sim_level_integral(sim_cluster_allocated(r->cluster, res), t);
    for (int32_t i = 0; i < r->n_works; i++)
        sum += r->works[i].kind->busy(r->works[i].self, res, t);
    return sum;
}

static void take_integrals(const struct run *r, sp_i128 to[3][MODEL_RESOURCES],
                           int64_t t)
{
    for (int what = 0; what < 3; what++)
        for (int res = 0; res < MODEL_RESOURCES; res++)
            to[what][res] = integral(r, what, res, t);
}

/* ---- marks in time: buckets and the window ---- */

static void record_bucket(struct run *r)
{
    sp_i128 channels[SIM_SERIES_CHANNELS];

    for (int what = 0; what < 3; what++)
        for (int res = 0; res < MODEL_RESOURCES; res++)
            channels[what * MODEL_RESOURCES + res] =
                integral(r, what, res, r->series.next_ns);
    channels[9] = 0;
    for (int32_t i = 0; i < r->n_works; i++)
        channels[9] +=
            r->works[i].kind->queue_integral(r->works[i].self, r->series.next_ns);
    sim_series_record(&r->series, channels);
}

static void sample(struct run *r)
{
    struct model_fragmentation one = {0};

    sim_cluster_sample(r->cluster, &one);
    sim_samples_add(&r->samples, &one);
}

static void open_window(struct run *r, int64_t t)
{
    r->window.open = true;
    r->window.opened_ns = t;
    take_integrals(r, r->window.base, t);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->measure(r->works[i].self, true, t);
}

static void close_window(struct run *r, int64_t t)
{
    r->window.closed = true;
    r->window.closed_ns = t;
    take_integrals(r, r->window.end, t);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->measure(r->works[i].self, false, t);
}

static int64_t next_mark(const struct run *r)
{
    int64_t t = r->series.next_ns;

    if (r->replication == 0 && r->samples.next_ns < t)
        t = r->samples.next_ns;
    if (!r->window.open && r->window.from_ns < t)
        t = r->window.from_ns;
    if (!r->window.closed && r->window.to_ns >= 0 && r->window.to_ns < t)
        t = r->window.to_ns;
    return t;
}

/* Everything that happens between events, up to and including time `to_ns`. */
static void pass_marks(struct run *r, int64_t to_ns)
{
    while ((r->next_mark_ns = next_mark(r)) <= to_ns) {
        int64_t t = r->next_mark_ns;

        if (!r->window.open && r->window.from_ns <= t)
            open_window(r, t);
        if (!r->window.closed && r->window.to_ns >= 0 && r->window.to_ns <= t)
            close_window(r, t);
        if (r->series.next_ns == t)
            record_bucket(r);
        if (r->replication == 0 && r->samples.next_ns == t)
            sample(r);
    }
}

/* ---- the loop ---- */

static bool all_done(const struct run *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (!r->works[i].kind->done(r->works[i].self))
            return false;
    return true;
}

static const struct work *work_of(const struct run *r, int32_t kind)
{
    return &r->works[(kind - EV_FIRST_WORKLOAD) / SIM_WORKLOAD_EVENTS];
}

/* Events that only watch or move nodes: after them the run looks at itself. */
static bool watches(const struct run *r, const struct sim_event *ev)
{
    return ev->kind < EV_FIRST_WORKLOAD ||
           (work_of(r, ev->kind)->kind->watches >>
                (ev->kind - EV_FIRST_WORKLOAD) % SIM_WORKLOAD_EVENTS &
            1) != 0;
}

static bool works_move(const struct run *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->moving(r->works[i].self))
            return true;
    return false;
}

static bool moving(const struct run *r)
{
    return sim_cluster_moving(r->cluster) || works_move(r);
}

static void deadlocked(struct run *r)
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

static bool runs_for_ever(const struct run *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->runs_for_ever != NULL &&
            r->works[i].kind->runs_for_ever(r->works[i].self))
            return true;
    return false;
}

static void reach_horizon(struct run *r, int64_t until_ns)
{
    r->end = MODEL_END_HORIZON;
    r->now_ns = until_ns;
}

static bool told_to_stop(struct run *r)
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
static bool stands_still(const struct run *r, const struct sim_event *ev)
{
    if ((ev->kind != EV_NODE && ev->kind != EV_MARKET) || moving(r))
        return false;
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->works[i].kind->autoscales(r->works[i].self))
            return false;
    return true;
}

/* A timer that only watches fired: if it has watched nothing for long, nothing will
 * come.  A unit that it asked for and that has no node moves nothing; nor do nodes that
 * are lost and bought again, and the units on them that start again, for ever. */
static bool stuck(struct run *r, const struct sim_event *ev)
{
    if (r->unmoved > UNMOVED_EVENTS)
        return true;
    if (works_move(r) || sim_cluster_booting(r->cluster) > 0)
        r->stuck = 0;
    else if (watches(r, ev))
        r->stuck++;
    return r->stuck > STUCK_TICKS;
}

static void hash_event(struct run *r, const struct sim_event *ev)
{
    uint64_t row[3] = {r->digest, (uint64_t)ev->time_ns,
                       (uint64_t)(uint32_t)ev->kind << 32 | (uint32_t)ev->subject};

    r->digest = sp_hash64(row, sizeof row);
}

static void verify(const struct run *r)
{
    sim_event_queue_verify(r->queue);
    sim_cluster_verify(r->cluster);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->verify(r->works[i].self);
}

static enum sp_status status(const struct run *r, struct sp_err *err)
{
    enum sp_status s = sim_cluster_status(r->cluster, err);

    for (int32_t i = 0; i < r->n_works && s == SP_OK; i++)
        s = r->works[i].kind->status(r->works[i].self, err);
    return s;
}

/* Workloads share the stores of the nodes: what one frees the others may be waiting
 * for. */
static void share_stores(struct run *r, int64_t now_ns)
{
    while (sim_network_store_freed(r->network) != r->freed) {
        r->freed = sim_network_store_freed(r->network);
        for (int32_t i = 0; i < r->n_works; i++)
            r->works[i].kind->store_freed(r->works[i].self, now_ns);
    }
}

/* True when all work is done. */
static bool handle(struct run *r, const struct sim_event *ev)
{
    bool done = true;

    if (ev->kind < EV_FIRST_WORKLOAD)
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
static bool goes_on(struct run *r)
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
static bool next_event(struct run *r, int64_t until_ns, struct sim_event *ev)
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
        pass_marks(r, ev->time_ns);
    r->now_ns = ev->time_ns;
    r->events++;
    if (r->options->digest)
        hash_event(r, ev);
    return true;
}

/* Past a century sums of times no longer hold. */
static enum sp_status time_ends(const struct run *r, struct sp_err *err)
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
static enum sp_status time_goes_on(struct run *r, struct sp_err *err)
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

static enum sp_status loop(struct run *r, struct sp_err *err)
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

/* ---- set-up ---- */

static enum sp_status open_jobs(struct run *r, int32_t i, struct sp_err *err)
{
    const struct model_job_opener *jobs = r->options->jobs;

    sp_assert(jobs != NULL);
    return jobs->open(
        jobs->self, &r->policy->plans[i],
        sp_rng_stream_key(r->options->seed, (uint32_t)r->replication, "job trace"),
        &r->job_streams[i], err);
}

static enum sp_status open_traces(struct run *r, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    for (int32_t i = 0; i < r->n_works && s == SP_OK; i++) {
        const struct model_plan *plan = &r->policy->plans[i];

        if (plan->kind == MODEL_KIND_JOBS) {
            if (plan->jobs->n_classes == 0)
                s = open_jobs(r, i, err);
        } else if (plan->source.kind == MODEL_SOURCE_TRACE) {
            sp_assert(r->options->traces != NULL);
            s = r->options->traces->open(r->options->traces->self, plan, &r->traces[i],
                                         err);
        }
    }
    return s;
}

static void close_traces(struct run *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->traces[i].next != NULL && r->traces[i].close != NULL)
            r->traces[i].close(r->traces[i].self);
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->job_streams[i].next != NULL && r->job_streams[i].close != NULL)
            r->job_streams[i].close(r->job_streams[i].self);
}

static bool contends(const struct model_time *t)
{
    return t->kernel != NULL && t->kernel->contention;
}

/* Whether some kernel is slowed down by the CPUs at work beside it. */
static bool has_contention(const struct model_policy *p)
{
    for (int32_t w = 0; w < p->n_plans; w++) {
        const struct model_plan *plan = &p->plans[w];

        for (int32_t s = 0; s < plan->n_stages; s++)
            if (contends(&plan->stages[s].time))
                return true;
        for (int32_t u = 0; u < plan->n_units; u++)
            if (plan->units[u].has_fused_time && contends(&plan->units[u].fused_time))
                return true;
    }
    return false;
}

static struct sim_cpu_use *cpu_use_new(const struct run *r)
{
    struct sim_cpu_use *u;

    if (!has_contention(r->policy))
        return NULL;
    u = sp_arena_alloc(r->arena, sizeof *u);
    *u = (struct sim_cpu_use){.arena = r->arena};
    return u;
}

/* With one replication there is no interval that parameters could go into. */
static uint64_t kernel_key(const struct run *r, uint64_t seed)
{
    return r->options->replications > 1
               ? sp_rng_stream_key(seed, (uint32_t)r->replication, "kernel")
               : 0;
}

static void build(struct run *r, uint64_t seed, bool follow_means)
{
    struct sim_cluster_events events = {
        .place = EV_PLACE, .node = EV_NODE, .market = EV_MARKET};
    uint32_t rep = (uint32_t)r->replication;

    r->queue = sim_event_queue_new(r->arena);
    r->ledger = sim_ledger_new(r->arena, r->policy);
    r->network = sim_network_new(r->arena, r->policy);
    r->freed = 0;
    r->cpu_use = cpu_use_new(r);
    r->cluster = sim_cluster_new(r->arena, r->queue, r->policy, r->ledger, events,
                                 sp_rng_stream_key(seed, rep, "boot"));
    if (r->replication == 0 && !follow_means) {
        r->timeline = sim_timeline_new(r->arena, r->options->timeline_slices);
        sim_cluster_record(r->cluster, r->timeline);
    }
    for (int32_t i = 0; i < r->n_works; i++) {
        const struct model_plan *plan = &r->policy->plans[i];

        r->works[i].kind = sim_workload_kind(plan->kind);
        r->works[i].self = r->works[i].kind->make(&(struct sim_workload_env){
            .arena = r->arena,
            .queue = r->queue,
            .cluster = r->cluster,
            .network = r->network,
            .ledger = r->ledger,
            .policy = r->policy,
            .plan = plan,
            .policy_id = r->policy_id,
            .items = r->replication == 0 && !follow_means ? r->options->items : NULL,
            .workload = i,
            .owner = sim_ledger_owner_new(r->ledger, i, plan->team),
            .first_kind = EV_FIRST_WORKLOAD + i * SIM_WORKLOAD_EVENTS,
            .key = sp_mix_keys(sp_rng_stream_key(seed, rep, "workload"),
                               sp_rng_stream_key(0, 0, plan->workload)),
            .kernel_key = kernel_key(r, seed),
            .cpu_use = r->cpu_use,
            .trace = &r->traces[i],
            .jobs = &r->job_streams[i],
            .explain = r->options->explain != NULL && r->replication == 0
                           ? sim_cluster_explain(r->cluster)
                           : NULL,
            .explain_name = r->options->explain,
            .timeline = r->options->timeline_slices > 0 ? r->timeline : NULL,
            .follow_means = follow_means,
            .span_limit = r->options->span_limit,
            .verify = r->options->verify});
    }
    sim_series_init(&r->series, r->arena);
    sim_samples_init(&r->samples);
    sim_cluster_start(r->cluster);
    pass_marks(r, 0);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->start(r->works[i].self);
}

/* The books are closed twice, by two roads, and must agree to the last unit. */
static void check_books(const struct run *r)
{
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        struct model_ledger total = sim_ledger_total(r->ledger, res);

        sp_assert(total.provisioned == integral(r, PROVISIONED, res, r->now_ns));
        sp_assert(total.allocated == integral(r, ALLOCATED, res, r->now_ns));
        sp_assert(total.busy == integral(r, BUSY, res, r->now_ns));
    }
}

static void finish(struct run *r)
{
    pass_marks(r, r->now_ns);
    if (!r->window.open)
        open_window(r, r->now_ns);
    if (!r->window.closed)
        close_window(r, r->now_ns);
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

/* ---- the result of one replication ---- */

static double hours(int res, sp_i128 integral_v)
{
    double unit = res == MODEL_MEMORY ? 1073741824.0 : 1000.0;

    return sp_double_from_i128(integral_v) / unit / (double)SP_NS_PER_H;
}

static void resource_result(const struct run *r, int res, struct model_resource_use *u)
{
    sp_i128 d[3];

    for (int what = 0; what < 3; what++)
        d[what] = r->window.end[what][res] - r->window.base[what][res];
    u->provisioned_h = model_stat_one(hours(res, d[PROVISIONED]));
    u->allocated_h = model_stat_one(hours(res, d[ALLOCATED]));
    u->busy_h = model_stat_one(hours(res, d[BUSY]));
    u->busy_of_provisioned = model_stat_one(
        d[PROVISIONED] > 0 ? (double)d[BUSY] / (double)d[PROVISIONED] : NAN);
    u->allocated_of_provisioned = model_stat_one(
        d[PROVISIONED] > 0 ? (double)d[ALLOCATED] / (double)d[PROVISIONED] : NAN);
}

static void node_results(const struct run *r, struct sp_arena *arena,
                         struct model_policy_result *p)
{
    p->n_nodes = r->policy->n_types;
    p->nodes = sp_arena_array(arena, (size_t)p->n_nodes, sizeof *p->nodes);
    for (int32_t t = 0; t < p->n_nodes; t++) {
        const struct model_node_type *type = &r->policy->types[t];
        const struct sim_ledger_type *l = sim_ledger_type(r->ledger, t);

        p->nodes[t] = (struct model_node_use){
            .type = type->name,
            .option = type->option,
            .group = type->group,
            .catalog_type = type->catalog_type,
            .gpu_model = type->gpu_model,
            .has = type->has,
            .peak = sim_cluster_peak(r->cluster, t),
            .mean = model_stat_one(
                r->now_ns > 0 ? (double)l->held_ns / (double)r->now_ns : NAN),
            .hours = model_stat_one((double)l->held_ns / (double)SP_NS_PER_H),
            .billed_hours = model_stat_one((double)l->billed_ns / (double)SP_NS_PER_H),
            .usd = model_stat_one((double)l->uusd / 1e6),
            .usd_per_h = type->has_price ? (double)type->uusd_per_h / 1e6 : NAN,
            .list_usd_per_h = type->has_price ? (double)type->uusd_per_h / 1e6 : NAN,
            .price_basis = type->price_basis,
            .price_source = type->price_source,
            .price_date = type->price_date,
        };
    }
}

static void cost_result(const struct run *r, struct sp_arena *arena,
                        struct model_policy_result *p)
{
    int64_t items = 0, idle = 0, unallocated = 0;
    struct model_cost *c = &p->cost;

    c->known = true;
    c->uusd = sim_ledger_total_uusd(r->ledger);
    sim_ledger_lines(r->ledger, arena, r->scenario->workloads, &c->lines, &c->n_lines);
    for (int32_t i = 0; i < c->n_lines; i++) {
        idle += c->lines[i].kind == MODEL_LINE_IDLE ? c->lines[i].uusd : 0;
        if (c->lines[i].kind >= MODEL_LINE_UNALLOCATED &&
            c->lines[i].kind < MODEL_LINE_UNALLOCATED + MODEL_RESOURCES)
            unallocated += c->lines[i].uusd;
    }
    for (int32_t i = 0; i < p->n_workloads; i++)
        items += p->workloads[i].done;
    c->usd = model_stat_one((double)c->uusd / 1e6);
    c->usd_per_1k_items =
        model_stat_one(items > 0 ? (double)c->uusd / 1e3 / (double)items : NAN);
    c->idle_usd = model_stat_one((double)idle / 1e6);
    c->unallocated_usd = model_stat_one((double)unallocated / 1e6);
}

/* What teams held is the cluster's to say; their money is the ledger's. */
static void team_results(const struct run *r, struct sp_arena *arena,
                         struct model_policy_result *p)
{
    int32_t n = r->policy->n_teams > 0 ? r->policy->n_teams : 1;
    struct sim_ledger_team *teams = sp_arena_array(r->arena, (size_t)n, sizeof *teams);

    sim_cluster_result(r->cluster, arena, r->now_ns, p);
    sim_ledger_teams(r->ledger, n, teams);
    for (int32_t i = 0; i < p->n_teams; i++) {
        p->teams[i].busy_uusd = teams[i].busy_uusd;
        p->teams[i].allocated_uusd = teams[i].busy_uusd + teams[i].idle_uusd;
        for (int res = 0; res < MODEL_RESOURCES; res++)
            p->teams[i].busy_h[res] = model_stat_one(hours(res, teams[i].busy[res]));
    }
}

static void series_result(const struct run *r, struct sp_arena *arena,
                          struct model_series *s)
{
    static const double unit[MODEL_RESOURCES] = {1000, 1000, 1};
    double *rows = sp_arena_array(arena, (size_t)r->series.n * 10, sizeof *rows);

    *s = (struct model_series){.n = r->series.n,
                               .bucket_s = sp_s_from_ns(r->series.width_ns)};
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        s->provisioned[res] = rows + (0 + res) * s->n;
        s->allocated[res] = rows + (3 + res) * s->n;
        s->busy[res] = rows + (6 + res) * s->n;
    }
    s->queued = rows + 9 * s->n;
    for (int32_t c = 0; c < 10; c++)
        for (int32_t i = 0; i < s->n; i++)
            rows[c * s->n + i] =
                sim_series_mean(&r->series, i, c) / (c < 9 ? unit[c % 3] : 1);
}

static void collect(const struct run *r, struct sp_arena *arena,
                    struct model_policy_result *p)
{
    *p = (struct model_policy_result){
        .name = r->policy->name,
        .end = r->end,
        .end_text = r->end_text != NULL ? sp_arena_strdup(arena, r->end_text) : NULL,
        .unplaced_text =
            r->unplaced_text != NULL ? sp_arena_strdup(arena, r->unplaced_text) : NULL,
        .time_s = model_stat_one(sp_s_from_ns(r->now_ns)),
        .window_from_s = sp_s_from_ns(r->window.opened_ns),
        .window_to_s = sp_s_from_ns(r->window.closed_ns),
        .n_workloads = r->n_works,
        .n_gpu_nodes_peak = sim_cluster_peak_gpu_nodes(r->cluster),
        .events = r->events,
        .digest = r->digest,
    };
    for (int res = 0; res < MODEL_RESOURCES; res++) {
        resource_result(r, res, &p->resources[res]);
        p->ledger[res] = sim_ledger_total(r->ledger, res);
    }
    p->workloads = sp_arena_array(arena, (size_t)r->n_works, sizeof *p->workloads);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->result(r->works[i].self, arena, r->window.opened_ns,
                                 r->window.closed_ns, &p->workloads[i]);
    node_results(r, arena, p);
    cost_result(r, arena, p);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->price(r->works[i].self, &p->cost, r->n_works == 1,
                                &p->workloads[i]);
    team_results(r, arena, p);
    p->fragmentation = sim_samples_mean(&r->samples);
    if (r->replication == 0) /* the others would only take memory */
        series_result(r, arena, &p->series);
    p->timeline = r->timeline != NULL ? sim_timeline_result(r->timeline, arena)
                                      : (struct model_timeline){.sample = "nothing"};
}

/* ---- one run, and the two passes of MSER ---- */

/* The latest warm-up that any workload's latencies ask for. */
static int64_t warm_up_ns(const struct run *r)
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
    struct run r = {.scenario = one_run->scenario,
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
    s = open_traces(&r, err);
    if (s == SP_OK) {
        build(&r, one_run->options->seed, pass->follow_means);
        s = loop(&r, err);
    }
    if (s == SP_OK) {
        finish(&r);
        if (pass->follow_means)
            pass->warm_up_ns = warm_up_ns(&r);
        collect(&r, arena, p);
    }
    close_traces(&r);
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
