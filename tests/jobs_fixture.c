/* Waits of hours, completion 4 h later. */
#include "tests/jobs_fixture.h"

#include <math.h>

enum { DONE = 1180 };

static struct model_stat stat_of(const struct fixture_jobs *f, double mean)
{
    return (struct model_stat){mean, f->n_runs > 1 ? fabs(mean) / 50 : NAN};
}

static struct model_times times_of(const struct fixture_jobs *f, int64_t n,
                                   double mean_s)
{
    static const struct model_stat none = {NAN, NAN};

    if (n == 0)
        return (struct model_times){
            0, none, none, none, none, none, MODEL_INTERVAL_NONE, MODEL_INTERVAL_NONE};
    return (struct model_times){.count = n,
                                .mean_s = stat_of(f, mean_s),
                                .p50_s = stat_of(f, mean_s / 4),
                                .p90_s = stat_of(f, 3 * mean_s),
                                .p99_s = stat_of(f, 8 * mean_s),
                                .max_s = stat_of(f, 20 * mean_s)};
}

static const char *named(const struct fixture_jobs *f, const char *name)
{
    return f->name == NULL ? name : sp_arena_printf(f->arena, "%s%s", f->name, name);
}

static const char *team_name(const struct fixture_jobs *f, int32_t id)
{
    static const char *const names[] = {"vision", "speech", "search"};

    if (f->n_teams == 1)
        return "-";
    return named(f, id < 3 ? names[id] : sp_arena_printf(f->arena, "team-%d", (int)id));
}

/* ---- groups ---- */

static struct model_job_group group_of(const struct fixture_jobs *f, const char *name,
                                       double share, double wait_s)
{
    int64_t done = f->endless ? 0 : (int64_t)lround(DONE * share);
    struct model_job_group g = {
        .name = name,
        .arrived = (int64_t)lround(FIXTURE_JOBS * share),
        .done = done,
        .queue = times_of(f, done, wait_s),
        .completion = times_of(f, done, wait_s + 4 * 3600),
        .wait = times_of(f, done, wait_s * 1.25),
        .slowdown_mean = stat_of(f, f->endless ? NAN : 12.5),
        .slowdown_p50 = stat_of(f, f->endless ? NAN : 1.5),
        .slowdown_p90 = stat_of(f, f->endless ? NAN : 30),
        .slowdown_p99 = stat_of(f, f->endless ? NAN : 250),
        .gpu_h = stat_of(f, 10000 * share),
    };
    static const double parts[2][MODEL_CAUSES] = {
        {0.625, 0.0625, 0.125, 0.0625, 0.125, 0, 0},
        {0, 0.125, 0.5, 0.125, 0.125, 0.0625, 0.0625}};

    for (int c = 0; c < MODEL_CAUSES; c++)
        g.wait_frac[c] = f->endless ? NAN : parts[f->pooled][c];
    return g;
}

static double team_wait_s(const struct fixture_jobs *f, int32_t id)
{
    if (f->pooled)
        return id == f->n_teams - 1 ? 7200 : 720;
    return id == f->n_teams - 1 ? 600 : 56520;
}

static void fill_groups(const struct fixture_jobs *f, struct model_jobs_result *j)
{
    static const char *const sizes[] = {"1 GPU", "2-8 GPUs", "more than 8 GPUs"};
    static const double shares[] = {0.75, 0.2, 0.05};
    double wait_s = 0;

    j->n_teams = f->n_teams;
    j->n_sizes = FIXTURE_JOB_SIZES;
    j->n_groups = 1 + j->n_teams + j->n_sizes;
    j->groups = sp_arena_array(f->arena, (size_t)j->n_groups, sizeof *j->groups);
    for (int32_t t = 0; t < f->n_teams; t++) {
        wait_s += team_wait_s(f, t) / f->n_teams;
        j->groups[1 + t] =
            group_of(f, team_name(f, t), 1.0 / f->n_teams, team_wait_s(f, t));
    }
    j->groups[0] = group_of(f, "all", 1, wait_s);
    for (int32_t i = 0; i < j->n_sizes; i++)
        j->groups[1 + j->n_teams + i] =
            group_of(f, sizes[i], shares[i], wait_s * (i + 1) / 2);
}

static void fill_curve(const struct fixture_jobs *f, struct model_job_curve *c)
{
    enum { POINTS = 131 };

    c->n = POINTS;
    c->arrived_pct = sp_arena_array(f->arena, POINTS, sizeof(double));
    c->allocated_pct = sp_arena_array(f->arena, POINTS, sizeof(double));
    c->fragment_pct = sp_arena_array(f->arena, POINTS, sizeof(double));
    for (int i = 0; i < POINTS; i++) {
        c->arrived_pct[i] = i;
        c->allocated_pct[i] = i < 93 ? i : 93.08;
        c->fragment_pct[i] = f->pooled ? NAN : i / 20.0;
    }
}

struct model_jobs_result *fixture_jobs_new(const struct fixture_jobs *f)
{
    struct model_jobs_result *j = sp_arena_alloc(f->arena, sizeof *j);

    *j = (struct model_jobs_result){
        .preempted = f->pooled ? 17 : 0,
        .interrupted = f->pooled ? 4 : 0,
        .failed = 2,
        .moved = f->pooled ? 3 : 0,
        .lost_gpu_h = stat_of(f, 123.5),
        .overhead_gpu_h = stat_of(f, 45.25),
        .useful_gpu_h = stat_of(f, f->endless ? 0 : 9831.25),
        .makespan_s = stat_of(f, f->endless ? NAN : 5 * 86400),
        .deadlines = 200,
        .deadlines_missed = f->pooled ? 3 : 21,
        .floor_usd = stat_of(f, 10),
    };
    fill_groups(f, j);
    if (f->endless)
        fill_curve(f, &j->curve);
    return j;
}

/* ---- teams ---- */

/* The lines as a jobs workload has them; then teams get equal parts of what is busy or
 * idle, the first one what does not divide. */
static void fill_team(const struct fixture_jobs *f, int32_t id, int64_t busy,
                      int64_t idle, struct model_team_result *t)
{
    int64_t n = f->n_teams, first = id == 0;

    *t = (struct model_team_result){
        .name = team_name(f, id),
        .busy_uusd = busy / n + first * (busy % n),
        .borrowed_gpu_h = stat_of(f, f->pooled ? 100 + id : 0),
        .peak_gpus = 64 + id,
    };
    t->allocated_uusd = t->busy_uusd + idle / n + first * (idle % n);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        t->allocated_h[r] = stat_of(f, 10000.0 / f->n_teams);
        t->busy_h[r] = stat_of(f, 8000.0 / f->n_teams);
    }
}

static void fill_lines(const struct fixture_jobs *f, struct model_policy_result *p)
{
    int64_t tenth = p->cost.uusd / 10;
    const char *name = p->workloads[0].name;
    const struct model_cost_line lines[] = {
        {name, NULL, MODEL_LINE_BUSY, 4 * tenth},
        {name, NULL, MODEL_LINE_IDLE, 2 * tenth},
        {NULL, NULL, MODEL_LINE_UNALLOCATED_GPU, 2 * tenth},
        {NULL, NULL, MODEL_LINE_UNALLOCATED_CPU, tenth},
        {NULL, NULL, MODEL_LINE_ROUNDING, p->cost.uusd - 9 * tenth},
    };

    p->cost.n_lines = sizeof lines / sizeof lines[0];
    p->cost.lines = sp_arena_alloc(f->arena, sizeof lines);
    for (int32_t i = 0; i < p->cost.n_lines; i++)
        p->cost.lines[i] = lines[i];
}

void fixture_teams_fill(const struct fixture_jobs *f, struct model_policy_result *p)
{
    int64_t tenth = p->cost.uusd / 10;

    fill_lines(f, p);
    p->n_teams = f->n_teams > 1 ? f->n_teams : 0;
    p->teams = sp_arena_array(f->arena, (size_t)f->n_teams, sizeof *p->teams);
    for (int32_t i = 0; i < f->n_teams; i++)
        fill_team(f, i, 4 * tenth, 2 * tenth, &p->teams[i]);
    p->fragmentation = (struct model_fragmentation){
        .samples = 40,
        .free_gpus = 24,
        .usable = 2,
        .unwanted = 6,
        .by_shape = 9,
        .by_cpu = 5,
        .by_memory = 2,
    };
    p->n_bought = 2;
    p->bought = sp_arena_array(f->arena, 2, sizeof *p->bought);
    p->bought[0] = (struct model_bought){
        named(f, "gpu-node"),
        "cheapest for 1 GPU + 8 CPUs: 0.90 USD/h; next gpu-b 1.20", 12};
    p->bought[1] = (struct model_bought){named(f, "cpu-node"), "kept at least", 3};
    p->nodes_taken_back = f->pooled ? 4 : 0;
    p->nodes_failed = 2;
    p->launches_refused = f->pooled ? 1 : 0;
    p->peak_gpus_demand = 300;
}
