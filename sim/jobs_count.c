/* What is counted of jobs: by group, over the window, and for ever. */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "sim/batches.h"
#include "sim/jobs_rows.h"

enum { SLOWDOWN_UNIT = 1000000, SLOWDOWN_LEAST_S = 10 };

/* ---- groups ---- */

static const struct model_names *teams_of(const struct model_jobs *m)
{
    return m->n_classes > 0 ? &m->teams : &m->summary.teams;
}

/* "1 GPU", "2-8 GPUs", "> 8 GPUs", "no GPU", "part of a GPU". */
static const char *size_name(struct sim_jobs *w, int32_t size)
{
    int64_t to = w->m->size_class_mgpu[size];
    int64_t from = size == 0 ? -1 : w->m->size_class_mgpu[size - 1];
    long long first = from < 0 ? 0 : (long long)from / 1000 + 1,
              last = (long long)to / 1000;

    if (to == 0)
        return "no GPU";
    if (to == INT64_MAX)
        return from < 0 ? "any size"
                        : sp_arena_printf(w->arena, "> %g GPUs", (double)from / 1000);
    if (to == 999)
        return "part of a GPU";
    if (from == 999) /* all that is less than a whole one */
        from = 0;
    if (to < 1000)
        return sp_arena_printf(w->arena, "<= %g GPU", (double)to / 1000);
    if (from < 0)
        return sp_arena_printf(w->arena, "<= %lld GPU%s", last, last == 1 ? "" : "s");
    if (from % 1000 != 0 || to % 1000 != 0)
        return sp_arena_printf(w->arena, "> %g to %g GPUs", (double)from / 1000,
                               (double)to / 1000);
    if (first == last)
        return sp_arena_printf(w->arena, "%lld GPU%s", last, last == 1 ? "" : "s");
    return sp_arena_printf(w->arena, "%lld-%lld GPUs", first, last);
}

static int32_t size_of(const struct sim_jobs *w, int64_t mgpu)
{
    int32_t i = 0;

    while (i < w->m->n_size_classes - 1 && mgpu > w->m->size_class_mgpu[i])
        i++;
    return i;
}

static void curve_init(struct sim_jobs *w)
{
    bool forever = w->m->forever || w->m->summary.never > 0;

    for (int32_t i = 0; i < w->m->n_classes; i++)
        forever = forever || w->m->classes[i].forever;
    for (int32_t t = 0; forever && t < w->env.policy->n_types; t++) {
        const struct model_node_type *type = &w->env.policy->types[t];

        if (type->fixed && !type->listed)
            w->curve.fleet_mgpu += type->count * type->has.mgpu;
    }
    for (int32_t n = 0; forever && n < w->env.policy->n_nodes; n++)
        w->curve.fleet_mgpu +=
            w->env.policy->types[w->env.policy->nodes[n].type].has.mgpu;
}

void sim_jobs_count_init(struct sim_jobs *w)
{
    const struct model_names *teams = teams_of(w->m);

    w->n_teams = teams->n > 1 ? teams->n : 0;
    w->n_groups = 1 + w->n_teams + w->m->n_size_classes;
    w->groups = sp_arena_array(w->arena, (size_t)w->n_groups, sizeof *w->groups);
    w->groups[0].name = "all";
    for (int32_t i = 0; i < w->n_teams; i++)
        w->groups[1 + i].name = teams->name[i];
    for (int32_t i = 0; i < w->m->n_size_classes; i++)
        w->groups[1 + w->n_teams + i].name = size_name(w, i);
    w->first_arrival_ns = w->last_done_ns = -1;
    if (w->env.follow_means)
        sim_means_init(&w->means, w->arena);
    curve_init(w);
}

/* The groups of a job: all, its team's, its size's. */
struct groups {
    int32_t n;
    struct sim_jobs_group *of[3];
};

static struct groups groups_of(struct sim_jobs *w, int32_t team, int64_t mgpu)
{
    struct groups g = {.n = 1, .of = {&w->groups[0]}};

    if (w->n_teams > 0)
        g.of[g.n++] = &w->groups[1 + team];
    if (w->m->n_size_classes > 0)
        g.of[g.n++] = &w->groups[1 + w->n_teams + size_of(w, mgpu)];
    return g;
}

static void start_histograms(struct sim_jobs *w, struct sim_jobs_group *g)
{
    if (g->has_histograms)
        return;
    g->has_histograms = true;
    sim_histogram_init(&g->queue, w->arena);
    sim_histogram_init(&g->completion, w->arena);
    sim_histogram_init(&g->wait, w->arena);
    sim_histogram_init(&g->slowdown, w->arena);
    if (w->env.follow_batches && g == &w->groups[0]) {
        sim_batches_follow(&g->queue, w->arena);
        sim_batches_follow(&g->completion, w->arena);
        sim_batches_follow(&g->wait, w->arena);
    }
}

/* ---- work ---- */

static void count_held(struct sim_jobs *w, const struct sim_job *j, sp_i128 held)
{
    struct groups g = groups_of(w, j->team, j->mgpu);

    for (int32_t i = 0; i < g.n; i++)
        g.of[i]->allocated += held;
}

void sim_jobs_count_overhead(struct sim_jobs *w, const struct sim_job *j, int64_t ns)
{
    if (ns == 0)
        return;
    w->overhead += (sp_i128)j->mgpu * ns;
    count_held(w, j, (sp_i128)j->mgpu * ns);
}

void sim_jobs_count_work(struct sim_jobs *w, const struct sim_job *j, int64_t worked_ns,
                         int64_t useful_ns)
{
    w->useful += (sp_i128)j->mgpu * useful_ns;
    w->lost += (sp_i128)j->mgpu * (worked_ns - useful_ns);
    count_held(w, j, (sp_i128)j->mgpu * worked_ns);
}

/* ---- the floor ---- */

static void work_out_floor(struct sim_jobs *w, const struct sim_job_split *split,
                           int32_t kind, int64_t types)
{
    if (kind >= w->n_floor_rate) {
        size_t want = 2 * (size_t)kind + 16;

        w->floor_rate = sp_arena_grow(w->arena, w->floor_rate, (size_t)w->n_floor_rate,
                                      want, sizeof *w->floor_rate);
        for (size_t i = (size_t)w->n_floor_rate; i < want; i++)
            w->floor_rate[i].uusd[0] = -1;
        w->n_floor_rate = (int32_t)want;
    }
    if (w->floor_rate[kind].uusd[0] < 0)
        w->floor_rate[kind] = sim_job_floor_rate(w->env.policy, w->speed, split, types);
}

void sim_jobs_count_floor(struct sim_jobs *w, const struct sim_job *j, int64_t work_ns)
{
    if (work_ns > 0)
        sim_job_floor_add(&w->floor, &w->floor_rate[j->any_kind], work_ns);
}

/* ---- arrivals and ends ---- */

void sim_jobs_count_arrival(struct sim_jobs *w, const struct model_job *job,
                            const struct sim_job_split *split, int32_t kind,
                            int64_t types)
{
    int64_t mgpu = sim_job_split_mgpu(split);
    struct groups g = groups_of(w, job->team, mgpu);

    for (int32_t i = 0; i < g.n; i++)
        g.of[i]->arrived++;
    work_out_floor(w, split, kind, types);
    w->curve.arrived_mgpu += mgpu;
}

static double slowdown_of(const struct sim_job *j, int64_t completion_ns)
{
    double run_s = fmax(sp_s_from_ns(j->work_ns), SLOWDOWN_LEAST_S);

    return fmax(sp_s_from_ns(completion_ns) / run_s, 1);
}

static void measure_done(struct sim_jobs *w, const struct sim_job *j)
{
    struct groups g = groups_of(w, j->team, j->mgpu);
    int64_t completion = w->now_ns - j->arrival_ns, wait = 0;
    double slowdown = slowdown_of(j, completion);

    for (int c = 0; c < MODEL_CAUSES; c++)
        wait += j->wait_ns[c];
    w->done_measured++;
    if (w->means.mean != NULL)
        sim_means_add(&w->means, sp_s_from_ns(completion), w->now_ns);
    for (int32_t i = 0; i < g.n; i++) {
        start_histograms(w, g.of[i]);
        sim_histogram_add(&g.of[i]->queue, j->first_run_ns - j->arrival_ns, 1);
        sim_histogram_add(&g.of[i]->completion, completion, 1);
        sim_histogram_add(&g.of[i]->wait, wait, 1);
        sim_histogram_add(&g.of[i]->slowdown, llround(slowdown * SLOWDOWN_UNIT), 1);
        g.of[i]->slowdown_sum += slowdown;
        for (int c = 0; c < MODEL_CAUSES; c++)
            g.of[i]->wait_ns[c] += j->wait_ns[c];
    }
}

static void write_item(const struct sim_jobs *w, const struct sim_job *j)
{
    struct model_item_row row = {.item = j->number,
                                 .policy = w->env.policy_id,
                                 .workload = w->env.workload,
                                 .arrived_ns = j->arrival_ns,
                                 .left_ns = w->now_ns,
                                 .dropped = SP_NO_ID,
                                 .team =
                                     w->env.policy->teams[w->m->team_of[j->team]].name,
                                 .started_ns = j->first_run_ns,
                                 .mgpu = j->mgpu,
                                 .preemptions = j->losses,
                                 .first_node = j->first_node};

    for (int c = 0; c < MODEL_CAUSES; c++)
        row.wait_ns[c] = j->wait_ns[c];
    w->env.items->row(w->env.items->self, &row);
}

void sim_jobs_count_done(struct sim_jobs *w, const struct sim_job *j)
{
    struct groups g = groups_of(w, j->team, j->mgpu);

    w->done++;
    w->last_done_ns = w->now_ns;
    for (int32_t i = 0; i < g.n; i++)
        g.of[i]->done++;
    if (j->deadline_ns >= 0) {
        w->deadlines++;
        w->deadlines_missed += w->now_ns > j->deadline_ns;
    }
    sim_jobs_count_floor(w, j, j->work_ns);
    if (w->measuring)
        measure_done(w, j);
    if (w->env.items != NULL)
        write_item(w, j);
}

/* ---- the window ---- */

static void forget(struct sim_jobs_group *g)
{
    for (int c = 0; c < MODEL_CAUSES; c++)
        g->wait_ns[c] = 0;
    g->slowdown_sum = 0;
    if (!g->has_histograms)
        return;
    sim_histogram_reset(&g->queue);
    sim_histogram_reset(&g->completion);
    sim_histogram_reset(&g->wait);
    sim_histogram_reset(&g->slowdown);
}

void sim_jobs_measure(void *self, bool on, int64_t now_ns)
{
    struct sim_jobs *w = self;

    (void)now_ns;
    w->measuring = on;
    if (!on)
        return;
    w->done_measured = 0;
    for (int32_t i = 0; i < w->n_groups; i++)
        forget(&w->groups[i]);
}

/* ---- the curve ---- */

void sim_jobs_count_curve(struct sim_jobs *w)
{
    struct sim_jobs_curve *c = &w->curve;
    int32_t n = c->n, room = c->room;
    double pct;

    if (c->fleet_mgpu == 0 || c->arrived_mgpu == 0)
        return;
    pct = 100 * (double)c->arrived_mgpu / (double)c->fleet_mgpu;
    if (n > 0 && floor(pct) <= floor(c->arrived_pct[n - 1]))
        n--; /* the same percent: the later one counts */
    if (n == c->room) {
        c->at = sp_arena_more(w->arena, c->at, n, &c->room, sizeof *c->at);
        c->arrived_pct =
            sp_arena_more(w->arena, c->arrived_pct, n, &room, sizeof *c->arrived_pct);
        room = n;
        c->fragment_pct =
            sp_arena_more(w->arena, c->fragment_pct, n, &room, sizeof *c->fragment_pct);
    }
    c->arrived_pct[n] = pct;
    c->at[n] = sim_cluster_allocated(w->env.cluster, MODEL_GPU)->n;
    c->fragment_pct[n] =
        100 * sim_cluster_fragment_mgpu(w->env.cluster) / (double)c->fleet_mgpu;
    c->n = n + 1;
}
