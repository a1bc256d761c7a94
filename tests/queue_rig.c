/* See queue_rig.h. */
#include "tests/queue_rig.h"

#include <string.h>

#include "base/units.h"

enum { EV_PLACE, EV_NODE, EV_MARKET, EV_JOB };

static void ask(struct queue_rig *r, int32_t j, bool after_loss)
{
    struct sim_ask how = {
        .since_ns = sp_ns_from_s(r->jobs[j].at_s),
        .number = r->number[j],
        .work_ns = r->jobs[j].unknown ? INT64_MAX : sp_ns_from_s(r->jobs[j].runs_s),
        .after_loss = after_loss};

    r->asked_ns[j] = r->now_ns;
    r->unit[j] = sim_cluster_ask_as(r->cluster, r->kind[j], j, &how, r->now_ns);
}

/* The parts of the wait that ends now add up to it; counted with those before. */
static void count_wait(struct queue_rig *r, int32_t j)
{
    int64_t by[MODEL_CAUSES], sum = 0;

    sim_cluster_waited(r->cluster, r->unit[j], r->now_ns, by);
    for (int k = 0; k < MODEL_CAUSES; k++) {
        sp_assert(by[k] >= 0);
        sum += by[k];
        r->waited_ns[j][k] += by[k];
    }
    sp_assert(sum == r->now_ns - r->asked_ns[j]);
}

static void placed(void *self, int32_t j, int32_t unit, int32_t node, int64_t now_ns)
{
    struct queue_rig *r = self;

    sp_assert((r->unit[j] == unit || r->unit[j] == SP_NO_ID) && !r->running[j]);
    r->unit[j] = unit;
    r->running[j] = true;
    r->start_s[j] = sp_s_from_ns(now_ns);
    if (r->first_s[j] < 0)
        r->first_s[j] = r->start_s[j];
    r->n_members[j] = sim_cluster_members(r->cluster, unit);
    sp_assert(r->n_members[j] <= QUEUE_MEMBERS);
    for (int32_t m = 0; m < r->n_members[j]; m++)
        r->node[j][m] = sim_cluster_member(r->cluster, unit, m).node;
    sp_assert(r->node[j][0] == node);
    count_wait(r, j);
    sim_event_queue_set(r->queue, r->slot[j], now_ns + sp_ns_from_s(r->jobs[j].runs_s),
                        0);
}

static void lost(void *self, int32_t j, int32_t unit, enum sim_loss why, int64_t now_ns)
{
    struct queue_rig *r = self;

    sp_assert(r->running[j] && r->unit[j] == unit && why == SIM_LOSS_PREEMPTED);
    r->now_ns = now_ns;
    r->running[j] = false;
    r->evicted[j]++;
    sim_event_queue_clear(r->queue, r->slot[j]);
    ask(r, j, false);
}

static void make_policy(struct queue_rig *r, const struct queue_fleet *f)
{
    struct model_policy *p = &r->policy;

    *p = (struct model_policy){.name = "policy",
                               .placement = f->placement ? f->placement : "first-fit",
                               .scheduling = f->rules,
                               .has_teams = f->n_teams > 0,
                               .n_teams = f->n_teams,
                               .types = f->types,
                               .n_types = f->n_types};
    if (p->scheduling.depth == 0)
        p->scheduling.depth = QUEUE_JOBS;
    p->teams = sp_arena_array(r->arena, QUEUE_TEAMS, sizeof *p->teams);
    if (f->n_teams > 0)
        memcpy(p->teams, f->teams, (size_t)f->n_teams * sizeof *p->teams);
    if (f->types != NULL)
        return;
    p->types = sp_arena_array(r->arena, 1, sizeof *p->types);
    p->types[0] = (struct model_node_type){
        .name = "node",
        .option = "owned",
        .has = {1000 * (int64_t)f->cpus, 1000 * (int64_t)f->gpus, -1},
        .has_price = true,
        .uusd_per_h = 1000000,
        .store_bytes = -1,
        .cpu_speed = 1,
        .fixed = true,
        .count = f->nodes};
    p->n_types = 1;
}

static void make_job(struct queue_rig *r, int32_t j)
{
    const struct queue_job *q = &r->jobs[j];

    r->slot[j] = sim_event_queue_slot_new(r->queue, EV_JOB, j);
    r->unit[j] = r->node[j][0] = SP_NO_ID;
    r->number[j] = j;
    r->first_s[j] = r->start_s[j] = r->end_s[j] = -1;
    r->kind[j] = sim_cluster_kind_new(
        r->cluster, &(struct sim_cluster_kind){.needs = {q->mcpu, q->mgpu, 0},
                                               .members = q->members,
                                               .rest = {0, q->rest_mgpu, 0},
                                               .gang = q->gang,
                                               .allowed_types = -1,
                                               .team = q->team,
                                               .priority = q->priority,
                                               .preemptible = q->preemptible,
                                               .client = &r->client});
    r->refused[j] = sim_cluster_refuses(r->cluster, r->kind[j]);
    sim_event_queue_set(r->queue, r->slot[j], sp_ns_from_s(q->at_s), 0);
}

struct queue_rig *queue_rig_new(struct sp_arena *arena, const struct queue_fleet *fleet,
                                const struct queue_job *jobs, int32_t n)
{
    struct queue_rig *r = sp_arena_alloc(arena, sizeof *r);
    struct sim_cluster_events events = {EV_PLACE, EV_NODE, EV_MARKET};
    struct sim_ledger *ledger;

    sp_assert(n <= QUEUE_JOBS);
    r->arena = arena;
    r->jobs = jobs;
    r->n = n;
    make_policy(r, fleet);
    r->queue = sim_event_queue_new(arena);
    ledger = sim_ledger_new(arena, &r->policy);
    sim_ledger_owner_new(ledger, 0, 0);
    r->cluster = sim_cluster_new(arena, r->queue, &r->policy, ledger, events, 1);
    r->client = (struct sim_cluster_client){
        .self = r, .unit_placed = placed, .unit_lost = lost};
    sim_cluster_start(r->cluster);
    for (int32_t j = 0; j < n; j++)
        make_job(r, j);
    return r;
}

static void job_event(struct queue_rig *r, int32_t j)
{
    if (r->running[j]) {
        r->running[j] = false;
        r->end_s[j] = sp_s_from_ns(r->now_ns);
        r->done++;
        sim_cluster_release(r->cluster, r->unit[j], r->now_ns);
        r->unit[j] = SP_NO_ID;
    } else if (r->refused[j] == SP_NO_ID) {
        ask(r, j, false);
    }
}

bool queue_rig_step(struct queue_rig *r)
{
    struct sim_event ev;

    if (!sim_event_queue_pop(r->queue, &ev))
        return false;
    r->now_ns = ev.time_ns;
    if (ev.kind == EV_JOB)
        job_event(r, ev.subject);
    else
        sim_cluster_event(r->cluster, &ev);
    sim_cluster_verify(r->cluster);
    return true;
}

void queue_rig_run(struct queue_rig *r)
{
    while (queue_rig_step(r))
        ;
}
