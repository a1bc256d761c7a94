/* Jobs that arrive, ask for a place and wait. */
#include <string.h>

#include "base/units.h"
#include "sim/explain.h"
#include "sim/jobs_rows.h"

/* ---- rows ---- */

static int32_t row_new(struct sim_jobs *w)
{
    int32_t id = w->free_job;

    if (id != SP_NO_ID) {
        w->free_job = w->jobs[id].next_free;
        return id;
    }
    if (w->n_jobs >= MODEL_ACTIVE_MAX) {
        (void)sp_fail(&w->err, SP_ELIMIT,
                      "workload '%s': more than %d jobs at a time; expected fewer jobs "
                      "that wait",
                      w->plan->workload, MODEL_ACTIVE_MAX);
        return SP_NO_ID;
    }
    id = w->n_jobs;
    w->jobs = sp_arena_more(w->arena, w->jobs, id, &w->jobs_room, sizeof *w->jobs);
    w->jobs[id].slot =
        sim_event_queue_slot_new(w->env.queue, w->env.first_kind + SIM_JOBS_JOB, id);
    w->n_jobs++;
    return id;
}

/* The ledger's rows of a team of the policy: the first job of it makes them. */
static int32_t owner_of(struct sim_jobs *w, int32_t team)
{
    if (w->owner[team] == SP_NO_ID) {
        w->owner[team] = sim_ledger_owner_new(w->env.ledger, w->env.workload, team);
        w->stage[team] = sim_ledger_stage_new(
            w->env.ledger, w->owner[team], NULL,
            (struct model_amounts){.memory_bytes = w->asks_memory ? 1 : 0});
    }
    return w->owner[team];
}

/* ---- kinds of units ---- */

struct wanted {
    struct sim_job_split split;
    const struct model_job *job;
    int32_t team; /* of the policy */
};

static int32_t kind_on(struct sim_jobs *w, const struct wanted *want, int64_t types)
{
    return sim_cluster_kind_new(
        w->env.cluster,
        &(struct sim_cluster_kind){.workload = w->env.workload,
                                   .owner = owner_of(w, want->team),
                                   .needs = want->split.needs,
                                   .members = want->split.members,
                                   .rest = want->split.rest,
                                   .gang = w->m->gang,
                                   .allowed_types = types,
                                   .team = want->team,
                                   .priority = want->job->priority,
                                   .preemptible = want->job->preemptible > 0,
                                   .client = &w->client});
}

/* Of `types` the options that are listed first. */
static int64_t first_options(const struct sim_jobs *w, int64_t types)
{
    int64_t first = 0;

    for (int32_t t = 0; t < w->env.policy->n_types && t < 63; t++)
        if (w->env.policy->types[t].group_rank == 0)
            first |= INT64_C(1) << t;
    return (types & first) != 0 ? types & first : types;
}

/* Of `types` those that no cloud takes back, if there are any. */
static int64_t safe_options(const struct sim_jobs *w, int64_t types)
{
    int64_t safe = 0;

    for (int32_t t = 0; t < w->env.policy->n_types && t < 63; t++)
        if (!w->env.policy->types[t].loss.taken_back &&
            w->env.policy->types[t].loss.availability == NULL)
            safe |= INT64_C(1) << t;
    return (types & safe) != 0 ? types & safe : types;
}

static bool waits_for_deadline(const struct sim_jobs *w, const struct sim_job *j)
{
    return w->m->fallback == MODEL_FALLBACK_DEADLINE && j->deadline_ns >= 0;
}

/* ---- how long it takes ---- */

static int64_t overhead_ns(const struct sim_jobs *w, const struct sim_job *j)
{
    return j->first_run_ns < 0 ? w->m->start_ns : w->m->restart_ns;
}

static int64_t span_ns(const struct sim_jobs *w, const struct sim_job *j,
                       int64_t work_ns)
{
    struct sim_stint s = {.every_ns = j->every_ns,
                          .cost_ns = w->m->checkpoint_cost_ns,
                          .speed = SIM_SPEED_ONE};

    return sim_stint_span_ns(&s, work_ns);
}

int64_t sim_jobs_estimate_left_ns(const struct sim_job *j)
{
    int64_t done;

    if (j->estimate_ns == MODEL_NEVER)
        return INT64_MAX;
    done = j->work_ns == MODEL_NEVER ? 0 : j->work_ns - j->left_ns;
    return j->estimate_ns > done ? j->estimate_ns - done : 0;
}

/* How long it is expected to hold its next place. */
static int64_t expected_ns(const struct sim_jobs *w, const struct sim_job *j)
{
    int64_t left = sim_jobs_estimate_left_ns(j);

    return left == INT64_MAX ? INT64_MAX
                             : sp_ns_after(overhead_ns(w, j), span_ns(w, j, left));
}

/* When its safety net closes: the time left is what it needs, and two restarts and the
 * margin. */
static int64_t net_ns(const struct sim_jobs *w, const struct sim_job *j)
{
    int64_t need = j->first_run_ns < 0 ? w->m->start_ns : 0, at;

    if (j->left_ns == MODEL_NEVER)
        return 0;
    need = sp_ns_after(need, span_ns(w, j, j->left_ns));
    need = sp_ns_after(need, sp_ns_after(w->m->restart_ns, w->m->restart_ns));
    at = j->deadline_ns - sp_ns_after(need, w->m->fallback_margin_ns);
    return at > 0 ? at : 0;
}

/* ---- asking ---- */

void sim_jobs_ask(struct sim_jobs *w, int32_t id, bool after_loss)
{
    struct sim_job *j = &w->jobs[id];
    struct sim_ask ask = {.since_ns = j->arrival_ns,
                          .number = j->asked,
                          .work_ns = expected_ns(w, j),
                          .after_loss = after_loss,
                          .explain = j->name != NULL};

    if (waits_for_deadline(w, j) && !j->late) {
        int64_t net = net_ns(w, j);

        j->late = net <= w->now_ns;
        if (!j->late) {
            sim_event_queue_set(w->env.queue, j->slot, net, 0);
            w->n_timers++;
        }
    }
    j->state = SIM_JOB_WAITING;
    j->lost_place = after_loss;
    w->n_waiting++;
    sim_level_add(&w->waiting, w->now_ns, 1);
    j->unit = sim_cluster_ask_as(w->env.cluster, j->late ? j->late_kind : j->kind, id,
                                 &ask, w->now_ns);
}

void sim_jobs_wait_ends(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];
    int64_t by_cause_ns[MODEL_CAUSES];

    sim_cluster_waited(w->env.cluster, j->unit, w->now_ns, by_cause_ns);
    for (int c = 0; c < MODEL_CAUSES; c++)
        j->wait_ns[c] += by_cause_ns[c];
    sim_jobs_count_overhead(w, j, by_cause_ns[MODEL_CAUSE_START_UP]);
    w->n_waiting--;
    sim_level_add(&w->waiting, w->now_ns, -1);
    if (sim_event_queue_pending(w->env.queue, j->slot)) {
        sim_event_queue_clear(w->env.queue, j->slot);
        w->n_timers--;
    }
}

static bool boots(const struct sim_jobs *w, const struct sim_job *j)
{
    int64_t by_cause_ns[MODEL_CAUSES];

    sim_cluster_waited(w->env.cluster, j->unit, w->now_ns, by_cause_ns);
    return by_cause_ns[MODEL_CAUSE_START_UP] > 0;
}

void sim_jobs_net_closes(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];

    w->n_timers--;
    j->late = true;
    if (boots(w, j))
        return; /* it has nodes and stays there */
    sim_jobs_wait_ends(w, id);
    sim_cluster_release(w->env.cluster, j->unit, w->now_ns);
    sim_explain_say(j->name != NULL ? w->env.explain : NULL, w->now_ns,
                    "can wait no longer to meet its deadline");
    sim_jobs_ask(w, id, j->lost_place);
}

/* ---- arriving ---- */

static bool is_explained(const struct sim_jobs *w, const struct model_job *job)
{
    return w->env.explain != NULL && strcmp(job->name, w->env.explain_name) == 0;
}

static void fill_row(struct sim_jobs *w, struct sim_job *j, const struct wanted *want)
{
    const struct model_job *job = want->job;
    int32_t slot = j->slot, label_room = j->label_room;
    char *label = j->label;

    *j = (struct sim_job){
        .number = job->number,
        .line = job->line,
        .arrival_ns = w->now_ns,
        .asked = sim_cluster_number(w->env.cluster),
        .first_run_ns = -1,
        .work_ns = job->duration_ns,
        .left_ns = job->duration_ns,
        .estimate_ns = job->estimate_ns >= 0 ? job->estimate_ns : job->duration_ns,
        .deadline_ns =
            job->deadline_ns < 0 ? -1 : sp_ns_after(w->now_ns, job->deadline_ns),
        .mgpu = sim_job_split_mgpu(&want->split),
        .every_ns = job->checkpoint_ns >= 0 ? job->checkpoint_ns : w->m->checkpoint_ns,
        .slot = slot,
        .team = job->team,
        .closed_form = SP_NO_ID,
        .first_node = SP_NO_ID,
        .place = SP_NO_ID,
        .label = label,
        .label_room = label_room};
    sim_record_job(w, j, job->name);
    if (is_explained(w, job))
        j->name = sp_arena_strdup(w->arena, job->name);
}

static void drop(struct sim_jobs *w, const struct wanted *want, int32_t reason)
{
    w->dropped_by[reason]++;
    sim_jobs_tell_refused(w, want->job, &want->split, reason);
    if (is_explained(w, want->job)) {
        sim_explain_say(w->env.explain, w->now_ns, "arrives as job %lld",
                        (long long)want->job->number);
        sim_explain_say(w->env.explain, w->now_ns,
                        "is refused, as it could never run: %s",
                        sim_jobs_refused_text(w, &want->split, reason));
    }
    if (w->env.items != NULL)
        w->env.items->row(
            w->env.items->self,
            &(struct model_item_row){.item = want->job->number,
                                     .policy = w->env.policy_id,
                                     .workload = w->env.workload,
                                     .arrived_ns = w->now_ns,
                                     .left_ns = w->now_ns,
                                     .dropped = reason,
                                     .team = w->env.policy->teams[want->team].name,
                                     .started_ns = -1,
                                     .mgpu = sim_job_split_mgpu(&want->split),
                                     .first_node = SP_NO_ID});
}

static void admit(struct sim_jobs *w, const struct wanted *want, int32_t kind,
                  int64_t types)
{
    int32_t id = row_new(w);
    struct sim_job *j;

    if (id == SP_NO_ID)
        return;
    j = &w->jobs[id];
    fill_row(w, j, want);
    j->kind = j->late_kind = j->any_kind = kind;
    if (waits_for_deadline(w, j)) {
        j->kind = kind_on(w, want, first_options(w, types));
        j->late_kind = kind_on(w, want, safe_options(w, types));
    }
    sim_explain_say(j->name != NULL ? w->env.explain : NULL, w->now_ns,
                    "arrives as job %lld", (long long)j->number);
    sim_jobs_ask(w, id, false);
}

void sim_jobs_arrive(struct sim_jobs *w, const struct model_job *job)
{
    struct wanted want = {.job = job, .team = w->m->team_of[job->team]};
    int64_t types = sim_job_types(w->env.policy, w->m, job, want.team);
    int32_t kind, reason;

    want.split = sim_job_split(w->env.policy, w->m, job, types);
    kind = kind_on(w, &want, types);
    reason = sim_cluster_refuses(w->env.cluster, kind);
    w->in++;
    if (w->first_arrival_ns < 0)
        w->first_arrival_ns = w->now_ns;
    sim_jobs_count_arrival(w, job, &want.split, kind, types);
    if (reason == SP_NO_ID)
        admit(w, &want, kind, types);
    else
        drop(w, &want, reason);
}
