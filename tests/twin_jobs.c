/* Jobs that arrive, run, lose their place and are done; nodes that boot and go. */
#include "tests/twin_jobs.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "tests/twin_jobs_rows.h"

/* ---- work and checkpoints ---- */

static int64_t wall(int64_t work_ns, double speed)
{
    return (int64_t)ceil((double)work_ns / speed);
}

/* Checkpoints written on the way to the end of so much work. */
static int64_t checkpoints(const struct twin *t, int64_t work_ns)
{
    int64_t every = t->jobs->checkpoint_ns;

    return every > 0 && work_ns > 0 ? (work_ns - 1) / every : 0;
}

static int64_t run_time(const struct twin *t, int64_t overhead_ns, int64_t work_ns,
                        double speed)
{
    return overhead_ns + wall(work_ns, speed) +
           checkpoints(t, work_ns) * t->jobs->checkpoint_cost_ns;
}

static int64_t overhead_of(const struct twin *t, const struct twin_job *j)
{
    return j->ran ? t->jobs->restart_ns : t->jobs->start_ns;
}

int64_t twin_expected_ns(const struct twin *t, const struct twin_job *j)
{
    bool runs = j->state == TWIN_RUNNING;

    if (j->estimate_left_ns == MODEL_NEVER)
        return INT64_MAX;
    return run_time(t, runs ? j->overhead_ns : overhead_of(t, j), j->estimate_left_ns,
                    runs ? j->speed : 1);
}

/* ---- waiting ---- */

void twin_tell(struct twin *t, struct twin_job *j, enum model_cause cause)
{
    bool spot =
        j->after_loss && cause != MODEL_CAUSE_QUOTA && cause != MODEL_CAUSE_START_UP;

    j->out->wait_ns[j->cause] += t->now_ns - j->cause_since_ns;
    j->cause_since_ns = t->now_ns;
    j->cause = spot ? MODEL_CAUSE_SPOT_LOSS : cause;
}

static void ask(struct twin *t, struct twin_job *j)
{
    j->state = TWIN_WAITING;
    j->cause = MODEL_CAUSE_HEAD_OF_LINE;
    j->cause_since_ns = t->now_ns;
    t->pass_wanted = true;
}

/* ---- running ---- */

static void begin(struct twin *t, struct twin_job *j)
{
    twin_tell(t, j, MODEL_CAUSE_START_UP);
    j->state = TWIN_RUNNING;
    j->run_ns = t->now_ns;
    j->overhead_ns = overhead_of(t, j);
    j->speed = INFINITY;
    for (int32_t i = 0; i < j->n_seats; i++) {
        int32_t type = t->room.node[j->seat[i].node].type;
        double s = model_job_speed(t->jobs, t->policy->types[type].gpu_model);

        j->speed = s < j->speed ? s : j->speed;
    }
    j->end_ns = j->left_ns == MODEL_NEVER
                    ? INT64_MAX
                    : t->now_ns + run_time(t, j->overhead_ns, j->left_ns, j->speed);
    j->run_order = t->run_order++;
    if (!j->ran)
        j->out->started_ns = t->now_ns;
    j->ran = true;
}

static bool all_ready(const struct twin *t, const struct twin_job *j)
{
    for (int32_t i = 0; i < j->n_seats; i++)
        if (t->room.node[j->seat[i].node].booting)
            return false;
    return true;
}

void twin_start(struct twin *t, struct twin_job *j)
{
    twin_tell(t, j, MODEL_CAUSE_START_UP);
    j->cause = MODEL_CAUSE_START_UP;
    j->state = TWIN_PLACED;
    j->placed_ns = t->now_ns;
    j->placed_order = t->placed_order++;
    if (j->out->first_node == SP_NO_ID)
        j->out->first_node = j->seat[0].node;
    if (all_ready(t, j))
        begin(t, j);
}

/* Time spent working until now, and how many checkpoints were written. */
static int64_t worked_ns(const struct twin *t, const struct twin_job *j,
                         int64_t *written)
{
    int64_t every = t->jobs->checkpoint_ns, cost = t->jobs->checkpoint_cost_ns;
    int64_t run = t->now_ns - j->run_ns - j->overhead_ns, k = 0;
    int64_t n = j->left_ns == MODEL_NEVER ? INT64_MAX : checkpoints(t, j->left_ns);

    *written = 0;
    if (run <= 0)
        return 0;
    if (every == 0)
        return run;
    while (k < n && wall((k + 1) * every, j->speed) + (k + 1) * cost <= run)
        k++;
    *written = k;
    if (k < n && wall((k + 1) * every, j->speed) + k * cost <= run)
        return wall((k + 1) * every, j->speed); /* it is writing the next */
    return run - k * cost;
}

static void book(struct twin *t, const struct twin_job *j, int64_t work_ns)
{
    for (int32_t i = 0; i < j->n_seats; i++) {
        const struct twin_seat *s = &j->seat[i];
        const struct model_amounts *has =
            &t->policy->types[t->room.node[s->node].type].has;
        int64_t held = t->now_ns - j->placed_ns;

        if (has->mgpu > 0) {
            t->out->allocated[MODEL_GPU] += (sp_i128)s->needs.mgpu * held;
            t->out->busy[MODEL_GPU] += (sp_i128)s->needs.mgpu * work_ns;
        }
        t->out->allocated[MODEL_CPU] += (sp_i128)s->needs.mcpu * held;
        t->out->busy[MODEL_CPU] += (sp_i128)s->needs.mcpu * work_ns;
        if (has->memory_bytes > 0) {
            t->out->allocated[MODEL_MEMORY] += (sp_i128)s->needs.memory_bytes * held;
            t->out->busy[MODEL_MEMORY] += (sp_i128)s->needs.memory_bytes * work_ns;
        }
    }
}

static void leave(struct twin *t, struct twin_job *j)
{
    int64_t written, work = 0;

    if (j->state == TWIN_RUNNING)
        work = worked_ns(t, j, &written);
    book(t, j, work);
    twin_unplace(t, &t->room, j);
    for (int32_t i = 0; i < j->n_seats; i++) {
        struct twin_node *n = &t->room.node[j->seat[i].node];

        n->idle_since_ns = t->now_ns;
        n->idle_order = t->idle_order++;
    }
    j->n_seats = 0;
    t->pass_wanted = true;
}

static void finish_job(struct twin *t, struct twin_job *j)
{
    leave(t, j);
    j->state = TWIN_DONE;
    j->out->done_ns = t->now_ns;
}

void twin_evict(struct twin *t, struct twin_job *j)
{
    int64_t written = 0, saved = 0, gpus = 0;

    if (j->state == TWIN_RUNNING && j->end_ns == t->now_ns) {
        finish_job(t, j); /* done in that very instant */
        return;
    }
    for (int32_t i = 0; i < j->n_seats; i++)
        gpus += j->seat[i].needs.mgpu;
    if (j->state == TWIN_RUNNING) {
        int64_t work = worked_ns(t, j, &written);

        saved = written * t->jobs->checkpoint_ns;
        t->out->lost_gpu_ns += (sp_i128)gpus * (work - wall(saved, j->speed));
    } else {
        j->out->wait_ns[MODEL_CAUSE_START_UP] += t->now_ns - j->cause_since_ns;
    }
    leave(t, j);
    if (j->left_ns != MODEL_NEVER)
        j->left_ns -= saved;
    if (j->estimate_left_ns != MODEL_NEVER)
        j->estimate_left_ns =
            j->estimate_left_ns > saved ? j->estimate_left_ns - saved : 0;
    j->out->preempted++;
    ask(t, j);
}

/* ---- arrival ---- */

static int32_t gpus_per_member(const struct twin *t, const struct twin_job *j)
{
    int32_t most = 0;

    if (t->jobs->gpus_per_member > 0)
        return t->jobs->gpus_per_member;
    for (int32_t k = 0; k < t->policy->n_types; k++)
        if (j->allowed >> k & 1 && t->policy->types[k].has.mgpu / 1000 > most)
            most = (int32_t)(t->policy->types[k].has.mgpu / 1000);
    return most;
}

static int64_t part_of(int64_t total, int64_t gpus, int64_t of, bool up)
{
    return (total * gpus + (up ? of - 1 : 0)) / of;
}

/* A total over nodes: members of n GPUs and the rest. */
static void split(const struct twin *t, struct twin_job *j)
{
    int64_t total = j->needs.mgpu / 1000, n = gpus_per_member(t, j);
    struct model_amounts all = j->needs;

    j->members = 1;
    j->has_rest = false;
    if (j->needs.mgpu < 1000 || n == 0 || total <= n)
        return;
    j->members = (int32_t)(total / n);
    j->has_rest = total % n > 0;
    j->needs.mgpu = n * 1000;
    j->needs.mcpu = part_of(all.mcpu, n, total, false);
    j->needs.memory_bytes = part_of(all.memory_bytes, n, total, false);
    j->rest = (struct model_amounts){0, 0, 0};
    if (j->has_rest)
        j->rest = (struct model_amounts){
            .mgpu = total % n * 1000,
            .mcpu = all.mcpu - j->members * j->needs.mcpu,
            .memory_bytes = all.memory_bytes - j->members * j->needs.memory_bytes};
}

/* Whether all members fit on the fleet as large as it may be, with nothing else on it.
 */
static int32_t refused(struct twin *t, struct twin_job *j)
{
    struct twin_room room = {.n_nodes = 0};
    bool member = false, rest = !j->has_rest;
    struct twin alone = *t;

    for (int32_t k = 0; k < t->policy->n_types; k++) {
        member = member || twin_type_holds(t, k, &j->needs, j->allowed);
        rest = rest || twin_type_holds(t, k, &j->rest, j->allowed);
    }
    if (!member || !rest || !twin_admits(t, &room, j))
        return MODEL_DROP_TOO_LARGE;
    for (int32_t i = 0; i < t->room.n_nodes; i++)
        if (t->policy->types[t->room.node[i].type].fixed) {
            room.node[i] = t->room.node[i];
            room.n_nodes = i + 1;
        }
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_PLACED || t->job[i].state == TWIN_RUNNING) {
            struct twin_job only = t->job[i]; /* its seats on fixed nodes */

            only.n_seats = 0;
            for (int32_t s = 0; s < t->job[i].n_seats; s++)
                if (room.node[t->job[i].seat[s].node].used)
                    only.seat[only.n_seats++] = t->job[i].seat[s];
            twin_use(&room, &only, 1);
            twin_unplace(t, &room, &only);
        }
    if (twin_place(&alone, &room, j, true)) {
        j->n_seats = 0;
        return SP_NO_ID;
    }
    return MODEL_DROP_GANG;
}

static void arrive(struct twin *t, struct twin_job *j)
{
    const struct model_job *m = j->job;

    j->team = m->team;
    j->priority =
        m->priority + (t->policy->has_teams ? t->policy->teams[m->team].priority : 0);
    j->preemptible = m->preemptible == 1;
    j->allowed = 0;
    for (int32_t k = 0; k < t->policy->n_types; k++)
        if ((t->policy->types[k].team == SP_NO_ID ||
             t->policy->types[k].team == j->team) &&
            (m->models == 0 || (m->models >> k & 1)))
            j->allowed |= INT64_C(1) << k;
    j->needs = m->needs;
    if (m->members == 0)
        split(t, j);
    else
        j->members = m->members;
    j->left_ns = m->duration_ns;
    j->estimate_left_ns = m->estimate_ns >= 0 ? m->estimate_ns : m->duration_ns;
    j->out->dropped = refused(t, j);
    if (j->out->dropped != SP_NO_ID) {
        j->state = TWIN_REFUSED;
        return;
    }
    j->number = t->next_number++;
    ask(t, j);
}

/* ---- time ---- */

static void node_ready(struct twin *t, int32_t node)
{
    t->room.node[node].booting = false;
    t->room.node[node].idle_since_ns = t->now_ns;
    t->room.node[node].idle_order = t->idle_order++;
    for (int64_t order = 0; order < t->placed_order; order++)
        for (int32_t i = 0; i < t->n; i++)
            if (t->job[i].state == TWIN_PLACED && t->job[i].placed_order == order &&
                all_ready(t, &t->job[i]))
                begin(t, &t->job[i]);
}

static bool node_may_go(const struct twin *t, int32_t i)
{
    const struct twin_node *n = &t->room.node[i];

    return n->used && !n->booting && n->units == 0 && n->idle_since_ns >= 0 &&
           !t->policy->types[n->type].fixed;
}

static int64_t idle_until(const struct twin *t, int32_t i)
{
    return t->room.node[i].idle_since_ns +
           t->policy->types[t->room.node[i].type].idle_timeout_ns;
}

static int64_t next_time(const struct twin *t, bool *work)
{
    int64_t next = INT64_MAX;

    *work = false;
    for (int32_t i = 0; i < t->n; i++) {
        int64_t at = t->job[i].state == TWIN_FUTURE    ? t->job[i].job->arrival_ns
                     : t->job[i].state == TWIN_RUNNING ? t->job[i].end_ns
                                                       : INT64_MAX;

        next = at < next ? at : next;
        *work = *work || at != INT64_MAX;
    }
    for (int32_t i = 0; i < t->room.n_nodes; i++) {
        const struct twin_node *n = &t->room.node[i];
        int64_t at = !n->used            ? INT64_MAX
                     : n->booting        ? n->ready_ns
                     : node_may_go(t, i) ? idle_until(t, i)
                                         : INT64_MAX;

        if (n->used && n->booting)
            *work = true;
        if (at >= t->now_ns && at < next)
            next = at;
    }
    return next;
}

/* Of those whose time is up, the one that began first, or NULL. */
static struct twin_job *next_done(struct twin *t)
{
    struct twin_job *best = NULL;

    for (int32_t i = 0; i < t->n; i++) {
        struct twin_job *j = &t->job[i];

        if (j->state == TWIN_RUNNING && j->end_ns <= t->now_ns &&
            (best == NULL || j->run_order < best->run_order))
            best = j;
    }
    return best;
}

static bool happen(struct twin *t)
{
    struct twin_job *done;
    bool any = false;

    for (int32_t i = 0; i < t->room.n_nodes; i++)
        if (t->room.node[i].used && t->room.node[i].booting &&
            t->room.node[i].ready_ns <= t->now_ns) {
            node_ready(t, i);
            any = true;
        }
    while ((done = next_done(t)) != NULL) {
        finish_job(t, done);
        any = true;
    }
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_FUTURE && t->job[i].job->arrival_ns <= t->now_ns) {
            arrive(t, &t->job[i]);
            any = true;
        }
    return any;
}

static int32_t held(const struct twin *t, int32_t type)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->room.n_nodes; i++)
        n += t->room.node[i].used && t->room.node[i].type == type;
    return n;
}

/* Of those whose time is up, the one that was left first; SP_NO_ID: none. */
static int32_t next_to_go(const struct twin *t)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < t->room.n_nodes; i++)
        if (node_may_go(t, i) && idle_until(t, i) == t->now_ns &&
            (best == SP_NO_ID ||
             t->room.node[i].idle_order < t->room.node[best].idle_order))
            best = i;
    return best;
}

static void idle_nodes_go(struct twin *t)
{
    int32_t i;

    while ((i = next_to_go(t)) != SP_NO_ID) {
        int32_t type = t->room.node[i].type;

        t->room.node[i].idle_since_ns = -1; /* its timer has gone off */
        if (held(t, type) <= t->policy->types[type].min)
            continue;
        t->room.node[i].used = false;
        t->room.free_list[type][t->room.n_free[type]++] = i;
        t->pass_wanted = true;
    }
}

static void pass_time(struct twin *t, int64_t to_ns)
{
    for (int32_t i = 0; i < t->room.n_nodes; i++)
        if (t->room.node[i].used)
            t->out->held_ns[t->room.node[i].type] += to_ns - t->now_ns;
    t->now_ns = to_ns;
}

static bool all_over(const struct twin *t)
{
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state != TWIN_DONE && t->job[i].state != TWIN_REFUSED)
            return false;
    return true;
}

static void instant(struct twin *t)
{
    do {
        while (happen(t))
            ;
        if (t->pass_wanted)
            twin_pass(t);
    } while (t->pass_wanted || happen(t));
}

static void first_nodes(struct twin *t)
{
    for (int32_t k = 0; k < t->policy->n_types; k++) {
        const struct model_node_type *nt = &t->policy->types[k];

        for (int32_t i = 0; i < (nt->fixed ? nt->count : nt->min); i++) {
            int32_t id = t->room.n_nodes++;

            t->room.node[id] = (struct twin_node){.used = true, .type = k};
            t->room.node[id].mcpu = nt->has.mcpu;
            t->room.node[id].memory =
                nt->has.memory_bytes > 0 ? nt->has.memory_bytes : INT64_MAX;
            for (int32_t g = 0; g < nt->has.mgpu / 1000; g++)
                t->room.node[id].dev[g] = 1000;
            t->room.node[id].booting = !nt->fixed && nt->boot_s.a > 0;
            t->room.node[id].ready_ns = (int64_t)llround(nt->boot_s.a * 1e9);
        }
    }
}

void twin_jobs_run(const struct model_policy *policy, const struct model_job *jobs,
                   int32_t n, uint64_t seed, struct sp_arena *arena,
                   struct twin_jobs_result *result)
{
    struct twin *t = sp_arena_alloc(arena, sizeof *t);
    bool work = true;

    *t = (struct twin){.policy = policy,
                       .jobs = policy->plans[0].jobs,
                       .seed = seed,
                       .arena = arena,
                       .n = n,
                       .out = result};
    *result = (struct twin_jobs_result){
        .jobs = sp_arena_array(arena, (size_t)n, sizeof *result->jobs)};
    t->job = sp_arena_array(arena, (size_t)n, sizeof *t->job);
    sp_assert(n <= TWIN_JOBS);
    t->mix = sim_mix_of_policy(arena, policy);
    for (int32_t i = 0; i < n; i++) {
        t->job[i] =
            (struct twin_job){.job = &jobs[i], .id = i, .out = &result->jobs[i]};
        result->jobs[i] = (struct twin_job_result){.started_ns = -1,
                                                   .done_ns = -1,
                                                   .dropped = SP_NO_ID,
                                                   .first_node = SP_NO_ID};
    }
    first_nodes(t);
    while (!all_over(t)) {
        int64_t next = next_time(t, &work);

        if (!work)
            break;
        pass_time(t, next);
        instant(t);
        if (!all_over(t))
            idle_nodes_go(t);
        if (t->pass_wanted)
            instant(t);
    }
    result->stuck = !all_over(t);
    result->end_ns = t->now_ns;
}
