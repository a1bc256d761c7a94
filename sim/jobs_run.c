/* Jobs that run: started, stopped, lost, done. */
#include "base/units.h"
#include "sim/explain.h"
#include "sim/jobs_rows.h"

static const char *const why_text[] = {
    [SIM_LOSS_PREEMPTED] = "preempted",
    [SIM_LOSS_INTERRUPTED] = "taken back",
    [SIM_LOSS_FAILED] = "a node broke",
    [SIM_LOSS_MOVED] = "moves to a cheaper option",
};

static struct sim_explain *story_of(const struct sim_jobs *w, const struct sim_job *j)
{
    return j->name != NULL ? w->env.explain : NULL;
}

/* ---- busy time ----
 *
 * A stint that works without a break is a level from its begin to its end; the others
 * are worked out one by one when somebody asks. */

static bool unbroken(const struct sim_stint *s)
{
    return s->work_from_ns == s->began_ns && s->stop_ns == INT64_MAX &&
           (s->every_ns == 0 || s->every_ns >= s->left_ns);
}

static void step_busy(struct sim_jobs *w, const struct sim_job *j, int64_t at_ns,
                      int sign)
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        sim_level_add(&w->busy[r], at_ns, sign * j->counted[r]);
}

static void list_in(struct sim_jobs *w, int32_t id)
{
    w->closed_form = sp_arena_more(w->arena, w->closed_form, w->n_closed_form,
                                   &w->closed_form_room, sizeof *w->closed_form);
    w->jobs[id].closed_form = w->n_closed_form;
    w->closed_form[w->n_closed_form++] = id;
}

static void list_out(struct sim_jobs *w, int32_t id)
{
    int32_t at = w->jobs[id].closed_form, last = w->closed_form[--w->n_closed_form];

    w->closed_form[at] = last;
    w->jobs[last].closed_form = at;
    w->jobs[id].closed_form = SP_NO_ID;
}

static void busy_begins(struct sim_jobs *w, int32_t id)
{
    if (unbroken(&w->jobs[id].stint))
        step_busy(w, &w->jobs[id], w->now_ns, 1);
    else
        list_in(w, id);
}

/* It will stop to write: from now on it is worked out. */
static void busy_will_stop(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];

    if (j->closed_form != SP_NO_ID)
        return;
    step_busy(w, j, j->stint.began_ns, -1);
    list_in(w, id);
}

static void busy_ends(struct sim_jobs *w, int32_t id, int64_t worked_ns)
{
    struct sim_job *j = &w->jobs[id];

    if (j->closed_form == SP_NO_ID) {
        step_busy(w, j, w->now_ns, -1);
        return;
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        w->busy_done[r] += (sp_i128)j->counted[r] * worked_ns;
    list_out(w, id);
}

sp_i128 sim_jobs_busy(const void *self, int r, int64_t now_ns)
{
    const struct sim_jobs *w = self;
    sp_i128 sum = w->busy_done[r] + sim_level_integral(&w->busy[r], now_ns);

    for (int32_t i = 0; i < w->n_closed_form; i++) {
        const struct sim_job *j = &w->jobs[w->closed_form[i]];

        sum += (sp_i128)j->counted[r] * sim_stint_worked_ns(&j->stint, now_ns);
    }
    return sum;
}

/* ---- a stint begins ---- */

/* What the nodes of its members count of them, and the speed of the slowest. */
static int64_t look_at_nodes(struct sim_jobs *w, struct sim_job *j)
{
    const struct sim_cluster *c = w->env.cluster;
    int32_t n = sim_cluster_members(c, j->unit);
    int64_t slowest = INT64_MAX;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        j->counted[r] = 0;
    for (int32_t m = 0; m < n; m++) {
        int32_t type = sim_cluster_node_type(c, sim_cluster_member(c, j->unit, m).node);
        const struct model_amounts *needs = sim_cluster_member_needs(c, j->unit, m);

        if (w->speed[type] < slowest)
            slowest = w->speed[type];
        for (int r = 0; r < MODEL_RESOURCES; r++)
            if (sim_amount(&w->env.policy->types[type].has, r) > 0)
                j->counted[r] += sim_amount(needs, r);
    }
    return slowest;
}

static void set_due(struct sim_jobs *w, const struct sim_job *j)
{
    int64_t end = sim_stint_end_ns(&j->stint), leave = sim_stint_leave_ns(&j->stint);

    if (leave < end)
        end = leave;
    if (end != INT64_MAX)
        sim_event_queue_set(w->env.queue, j->slot, end, 0);
}

static void tell_expected(struct sim_jobs *w, const struct sim_job *j)
{
    int64_t left = sim_jobs_estimate_left_ns(j);

    sim_cluster_expect(
        w->env.cluster, j->unit,
        left == INT64_MAX
            ? INT64_MAX
            : sp_ns_after(j->stint.work_from_ns, sim_stint_span_ns(&j->stint, left)));
}

static void unit_placed(void *self, int32_t id, int32_t unit, int32_t node,
                        int64_t now_ns)
{
    struct sim_jobs *w = self;
    struct sim_job *j = &w->jobs[id];
    bool first = j->first_run_ns < 0;

    sp_assert(j->state == SIM_JOB_WAITING && j->unit == unit);
    w->now_ns = now_ns;
    sim_jobs_wait_ends(w, id);
    if (j->first_node == SP_NO_ID)
        j->first_node = node;
    if (first)
        j->first_run_ns = now_ns;
    j->state = SIM_JOB_RUNNING;
    j->stint = (struct sim_stint){
        .began_ns = now_ns,
        .work_from_ns = sp_ns_after(now_ns, first ? w->m->start_ns : w->m->restart_ns),
        .left_ns = j->left_ns,
        .every_ns = j->every_ns,
        .cost_ns = w->m->checkpoint_cost_ns,
        .speed = look_at_nodes(w, j),
        .stop_ns = INT64_MAX};
    *(j->left_ns == MODEL_NEVER ? &w->n_forever : &w->n_ending) += 1;
    busy_begins(w, id);
    sim_record_stint_begins(w, j);
    set_due(w, j);
    tell_expected(w, j);
    sim_explain_say(story_of(w, j), now_ns, first ? "runs" : "runs again");
}

/* ---- a stint ends ---- */

static void times(const struct model_amounts *needs, int64_t ns,
                  sp_i128 amount_ns[MODEL_RESOURCES])
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = (sp_i128)sim_amount(needs, r) * ns;
}

/* Books a stint's time of work, what of it is done again, and its start. */
static void book_time(struct sim_jobs *w, const struct sim_job *j, int64_t worked_ns,
                      int64_t redone_ns)
{
    const struct sim_cluster *c = w->env.cluster;
    int64_t worked_from_ns =
        w->now_ns < j->stint.work_from_ns ? w->now_ns : j->stint.work_from_ns;
    int64_t start_ns = worked_from_ns - j->stint.began_ns;
    int32_t n = worked_ns > 0 || start_ns > 0 ? sim_cluster_members(c, j->unit) : 0;
    int32_t team = w->m->team_of[j->team];

    for (int32_t m = 0; m < n; m++) {
        const struct model_amounts *needs = sim_cluster_member_needs(c, j->unit, m);
        int32_t node = sim_cluster_member(c, j->unit, m).node;
        sp_i128 amount_ns[MODEL_RESOURCES];

        times(needs, worked_ns, amount_ns);
        if (worked_ns > 0)
            sim_ledger_busy_amounts(w->env.ledger, node, w->stage[team], amount_ns);
        times(needs, redone_ns, amount_ns);
        if (redone_ns > 0)
            sim_ledger_redone_amounts(w->env.ledger, node, w->stage[team], amount_ns);
        if (start_ns > 0)
            sim_ledger_waited(w->env.ledger, node, w->owner[team], MODEL_PART_BOOT,
                              needs, start_ns);
    }
}

/* Of a job that never ends the floor is of what it has worked. */
static void count_endless(struct sim_jobs *w, const struct sim_job *j,
                          int64_t useful_ns)
{
    if (j->work_ns == MODEL_NEVER)
        sim_jobs_count_floor(
            w, j, (int64_t)((sp_i128)useful_ns * j->stint.speed / SIM_SPEED_ONE));
}

/* What has come of it until now; `in_flight`: nothing takes it away, the run ends. */
static void stint_ends(struct sim_jobs *w, int32_t id, bool in_flight)
{
    struct sim_job *j = &w->jobs[id];
    struct sim_stint_sum sum = sim_stint_lost(&j->stint, w->now_ns);

    book_time(w, j, sum.worked_ns, in_flight ? 0 : sum.worked_ns - sum.useful_ns);
    busy_ends(w, id, sum.worked_ns);
    sim_record_stint_ends(w, j);
    sim_jobs_count_work(w, j, sum.worked_ns, in_flight ? sum.worked_ns : sum.useful_ns);
    count_endless(w, j, in_flight ? sum.worked_ns : sum.useful_ns);
    sim_jobs_count_overhead(w, j, w->now_ns - j->stint.began_ns - sum.worked_ns);
    *(j->left_ns == MODEL_NEVER ? &w->n_forever : &w->n_ending) -= 1;
    j->left_ns = sum.left_ns;
    j->lost_ns = sum.worked_ns - sum.useful_ns;
    if (sim_event_queue_pending(w->env.queue, j->slot)) /* it is not why we are here */
        sim_event_queue_clear(w->env.queue, j->slot);
}

static void row_free(struct sim_jobs *w, int32_t id)
{
    w->jobs[id].state = SIM_JOB_FREE;
    w->jobs[id].next_free = w->free_job;
    w->free_job = id;
}

/* Its stint is over and all work done; its place is given back by the caller. */
static void job_done(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];

    sim_explain_say(story_of(w, j), w->now_ns, "done");
    sim_jobs_count_done(w, j);
    row_free(w, id);
}

static bool is_over(const struct sim_jobs *w, const struct sim_job *j)
{
    return sim_stint_end_ns(&j->stint) <= w->now_ns;
}

/* It has lost its place, or gives it up, and asks for another one. */
static void asks_again(struct sim_jobs *w, int32_t id, enum sim_loss why)
{
    struct sim_job *j = &w->jobs[id];

    char lost[48];

    w->lost_by[why]++;
    j->losses++;
    sim_explain_say(
        story_of(w, j), w->now_ns, "%s: %s; of its work %s has to be done again",
        why == SIM_LOSS_MOVED ? "leaves its nodes" : "loses its nodes", why_text[why],
        j->lost_ns > 0 ? sp_format_duration(sp_s_from_ns(j->lost_ns), lost, sizeof lost)
                       : "nothing");
    j->lost_ns = 0;
    sim_jobs_ask(w, id, why == SIM_LOSS_INTERRUPTED || why == SIM_LOSS_FAILED);
}

static void gives_up(struct sim_jobs *w, int32_t id, enum sim_loss why)
{
    int32_t unit = w->jobs[id].unit;

    stint_ends(w, id, false);
    sim_cluster_release(w->env.cluster, unit, w->now_ns);
    asks_again(w, id, why);
}

static void unit_lost(void *self, int32_t id, int32_t unit, enum sim_loss why,
                      int64_t now_ns)
{
    struct sim_jobs *w = self;
    struct sim_job *j = &w->jobs[id];

    w->now_ns = now_ns;
    sp_assert(j->state != SIM_JOB_FREE && j->unit == unit);
    if (j->state == SIM_JOB_WAITING) {
        if (j->first_node == SP_NO_ID)
            j->first_node = sim_cluster_member(w->env.cluster, unit, 0).node;
        sim_jobs_wait_ends(w, id);
        asks_again(w, id, why);
        return;
    }
    stint_ends(w, id, false);
    if (is_over(w, j))
        job_done(w, id);
    else
        asks_again(w, id, why);
}

void sim_jobs_due(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];
    int32_t unit = j->unit;

    if (!is_over(w, j)) {
        gives_up(w, id, j->give);
        return;
    }
    stint_ends(w, id, false);
    sim_cluster_release(w->env.cluster, unit, w->now_ns);
    job_done(w, id);
}

/* ---- notices ---- */

static void will_stop(struct sim_jobs *w, int32_t id, int64_t stop_ns,
                      enum sim_loss why)
{
    struct sim_job *j = &w->jobs[id];

    busy_will_stop(w, id);
    j->stint.stop_ns = stop_ns;
    j->give = why;
    set_due(w, j);
}

/* Its node will be gone: a checkpoint just in time, if that saves anything. */
static void noticed(struct sim_jobs *w, int32_t id, enum sim_loss why, int64_t gone_ns)
{
    struct sim_job *j = &w->jobs[id];
    int64_t stop_ns = gone_ns - w->m->checkpoint_cost_ns;

    if (!w->m->checkpoint_on_notice || stop_ns < w->now_ns ||
        sim_stint_end_ns(&j->stint) <= gone_ns ||
        sim_stint_leave_ns(&j->stint) <= gone_ns || j->stint.stop_ns <= w->now_ns)
        return;
    j->stint.stop_ns = INT64_MAX;
    if (sim_stint_works(&j->stint, stop_ns))
        will_stop(w, id, stop_ns, why);
    else
        set_due(w, j);
}

/* A cheaper option can be had again: a checkpoint now, then it moves. */
static void moves(struct sim_jobs *w, int32_t id)
{
    struct sim_job *j = &w->jobs[id];
    int64_t stop_ns;

    if (j->stint.stop_ns != INT64_MAX)
        return;
    if (w->now_ns <= j->stint.work_from_ns) {
        gives_up(w, id, SIM_LOSS_MOVED);
        return;
    }
    stop_ns = sim_stint_stop_ns(&j->stint, w->now_ns);
    if (sp_ns_after(stop_ns, w->m->checkpoint_cost_ns) < sim_stint_end_ns(&j->stint))
        will_stop(w, id, stop_ns, SIM_LOSS_MOVED);
}

static void unit_notice(void *self, int32_t id, int32_t unit, enum sim_loss why,
                        int64_t gone_ns, int64_t now_ns)
{
    struct sim_jobs *w = self;
    const struct sim_job *j = &w->jobs[id];

    w->now_ns = now_ns;
    sp_assert(j->state != SIM_JOB_FREE && j->unit == unit);
    if (j->state != SIM_JOB_RUNNING)
        return;
    if (why != SIM_LOSS_MOVED)
        noticed(w, id, why, gone_ns);
    else if (!j->late && (j->every_ns > 0 || w->m->checkpoint_on_notice))
        moves(w, id);
}

/* ---- begin and end of the run ---- */

void sim_jobs_run_init(struct sim_jobs *w)
{
    const struct model_policy *p = w->env.policy;

    w->client = (struct sim_cluster_client){.self = w,
                                            .unit_placed = unit_placed,
                                            .unit_notice = unit_notice,
                                            .unit_lost = unit_lost};
    w->speed = sp_arena_array(w->arena, (size_t)p->n_types, sizeof *w->speed);
    for (int32_t t = 0; t < p->n_types; t++)
        w->speed[t] = sim_job_speed(model_job_speed(w->m, p->types[t].gpu_model));
}

void sim_jobs_finish(void *self, int64_t now_ns)
{
    struct sim_jobs *w = self;

    w->now_ns = now_ns;
    sim_jobs_count_curve(w);
    for (int32_t id = 0; id < w->n_jobs; id++) {
        struct sim_job *j = &w->jobs[id];
        int64_t left = j->left_ns;

        if (j->state == SIM_JOB_FREE)
            continue;
        if (j->state == SIM_JOB_WAITING) {
            sim_jobs_wait_ends(w, id);
        } else {
            int64_t worked = sim_stint_worked_ns(&j->stint, now_ns);

            left -= (int64_t)((sp_i128)worked * j->stint.speed / SIM_SPEED_ONE);
            stint_ends(w, id, true);
        }
        if (j->work_ns != MODEL_NEVER)
            sim_jobs_count_floor(w, j, j->work_ns - (left > 0 ? left : 0));
        sim_cluster_release(w->env.cluster, j->unit, now_ns);
    }
}
