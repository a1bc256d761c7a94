/* Random fleets, teams, rules and jobs. */
#include "tests/twin_jobs_case.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/units.h"
#include "model/jobs.h"

enum { TYPES = 4, TEAMS = 4, JOBS = 28 };

static const char *const names[] = {"a", "b", "c", "d"};
static const char *const team_names[] = {"-", "red", "green", "blue"};
static const char *const workload_names[] = {"train"};
static const char *const orders[] = {"largest-first", "fifo", "priority",
                                     "shortest-first", "fair-share"};
static const char *const passings[] = {"strict", "skip", "easy", "conservative"};
static const char *const placements[] = {
    "first-fit",   "best-fit",       "worst-fit",   "cpu-avoids-gpu",    "random",
    "dot-product", "gpu-clustering", "gpu-packing", "weighted-best-fit", "fgd"};

static int64_t upto(struct sp_rng *r, int64_t n)
{
    return (int64_t)(sp_rng_next(r) % (uint64_t)n);
}

static bool chance(struct sp_rng *r, int percent)
{
    return upto(r, 100) < percent;
}

static int64_t time_of(struct sp_rng *r, bool grid, int64_t most_s)
{
    return grid ? upto(r, most_s + 1) * SP_NS_PER_S : upto(r, most_s * SP_NS_PER_S);
}

static struct model_dist constant(double s)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = s};
}

static struct model_node_type node_type(struct sp_rng *r, int32_t id, bool elastic)
{
    int64_t gpus = chance(r, 75) ? 1 + upto(r, 4) : 0;

    return (struct model_node_type){
        .name = names[id],
        .group = names[id],
        .group_id = id,
        .kind = elastic ? MODEL_OPTION_ON_DEMAND : MODEL_OPTION_OWNED,
        .option = elastic ? "on-demand" : "owned",
        .team = SP_NO_ID,
        .gpu_model = names[id],
        .has = {.mcpu = 1000 * (2 + upto(r, 8)),
                .mgpu = 1000 * gpus,
                .memory_bytes = chance(r, 50) ? 1000 * (2 + upto(r, 8)) : -1},
        .has_price = true,
        .uusd_per_h = 100000 * (1 + upto(r, 20)),
        .boot_s = constant(elastic ? (double)upto(r, 5) : 0),
        .store_bytes = -1,
        .cpu_speed = 1,
        .fixed = !elastic,
        .count = elastic ? 0 : (int32_t)(1 + upto(r, 3)),
        .min = elastic && chance(r, 30) ? 1 : 0,
        .max = elastic ? (int32_t)(1 + upto(r, 4)) : 0,
        .idle_timeout_ns = upto(r, 6) * SP_NS_PER_S,
    };
}

static int64_t part(struct sp_rng *r, int64_t most)
{
    return chance(r, 40) ? -1 : 1000 * upto(r, most);
}

static void make_teams(struct sp_rng *r, struct model_policy *p, struct sp_arena *arena,
                       bool limited)
{
    p->n_teams = TEAMS;
    p->teams = sp_arena_array(arena, TEAMS, sizeof *p->teams);
    for (int32_t i = 0; i < TEAMS; i++) {
        struct model_team *t = &p->teams[i];

        *t = (struct model_team){.name = team_names[i], .weight = 1};
        for (int res = 0; res < MODEL_RESOURCES; res++) {
            bool quota = limited && res != MODEL_MEMORY && chance(r, 80);

            t->guarantee.amount[res] = quota ? 1000 * upto(r, 8) : -1;
            t->borrow_limit.amount[res] = quota ? part(r, 6) : -1;
            t->lend_limit.amount[res] = quota ? part(r, 6) : -1;
        }
        t->reclaim = (enum model_evict)upto(r, 3);
        t->evict = (enum model_evict)upto(r, 2);
        t->priority = chance(r, 20) ? (int32_t)upto(r, 3) : 0;
        t->weight = chance(r, 30) ? 2 : 1;
    }
}

static void make_policy(struct sp_rng *r, struct model_policy *p,
                        struct sp_arena *arena)
{
    const char *passing = passings[upto(r, 4)];
    bool plans = strcmp(passing, "conservative") == 0;
    bool backfills = plans || strcmp(passing, "easy") == 0;
    bool fixed = backfills || chance(r, 50);

    *p = (struct model_policy){.name = "only", .n_plans = 1};
    p->has_teams = chance(r, 50);
    make_teams(r, p, arena, p->has_teams && !backfills);
    /* A plan goes by first fit; ties of scores and draws go by the nodes' numbers,
     * which are the fleet's own only where none comes and goes. */
    p->placement = placements[upto(r, fixed && !plans ? 10 : 4)];
    p->scheduling = (struct model_scheduling){
        .order = orders[upto(r, p->has_teams ? 5 : 4)],
        .passing = passing,
        .evict = (enum model_evict)upto(r, 2),
        .depth = chance(r, 30) ? 2 : 100,
    };
    p->n_types = 1 + (int32_t)upto(r, TYPES - 1);
    p->types = sp_arena_array(arena, TYPES, sizeof *p->types);
    for (int32_t i = 0; i < p->n_types; i++) {
        p->types[i] = node_type(r, i, !fixed && chance(r, 50));
        if (p->has_teams && chance(r, 15))
            p->types[i].team = 1 + (int32_t)upto(r, TEAMS - 1);
    }
}

static struct model_jobs *make_workload(struct sp_rng *r, const struct model_policy *p,
                                        struct sp_arena *arena, bool grid)
{
    struct model_jobs *m = sp_arena_alloc(arena, sizeof *m);
    int32_t *team_of = sp_arena_array(arena, TEAMS, sizeof *team_of);
    int64_t *types_of = sp_arena_array(arena, TYPES, sizeof *types_of);

    *m = (struct model_jobs){.deadline_ns = -1, .n_size_classes = 1};
    m->size_class_mgpu[0] = INT64_MAX;
    m->wait_target_s = m->target_quantile = NAN;
    m->gpus_per_member = chance(r, 30) ? (int32_t)(1 + upto(r, 3)) : 0;
    m->gang = (enum model_gang)upto(r, 4);
    m->checkpoint_ns = chance(r, 60) ? time_of(r, grid, 6) : 0;
    m->checkpoint_cost_ns = chance(r, 60) ? time_of(r, grid, 2) : 0;
    m->restart_ns = time_of(r, grid, 2);
    m->start_ns = chance(r, 50) ? time_of(r, grid, 2) : 0;
    m->n_speeds = chance(r, 40) ? p->n_types : 0;
    m->speeds = sp_arena_array(arena, TYPES, sizeof *m->speeds);
    for (int32_t i = 0; i < TYPES; i++) {
        m->speeds[i] =
            (struct model_job_speed){names[i], 0.25 * (double)(1 + upto(r, 8))};
        team_of[i] = i;
        types_of[i] = INT64_C(1) << i;
    }
    m->team_of = team_of;
    m->types_of = types_of;
    m->summary = (struct model_job_summary){
        .known = true, .teams = {TEAMS, team_names}, .models = {TYPES, names}};
    m->teams = m->summary.teams;
    m->models = m->summary.models;
    return m;
}

static int64_t gpus_of(struct sp_rng *r, bool shares)
{
    if (chance(r, 20))
        return 0;
    if (shares && chance(r, 40))
        return 100 * (1 + upto(r, 9));
    return 1000 * (1 + upto(r, chance(r, 80) ? 3 : 9));
}

static struct model_job make_job(struct sp_rng *r, const struct model_jobs *m,
                                 bool grid)
{
    struct model_job j = {.estimate_ns = -1, .deadline_ns = -1, .checkpoint_ns = -1};

    j.duration_ns = time_of(r, grid, chance(r, 80) ? 10 : 40);
    if (chance(r, 30))
        j.estimate_ns = time_of(r, grid, 20);
    j.needs.mgpu = gpus_of(r, m->gang != MODEL_GANG_STRICT_PACK);
    j.needs.mcpu = 500 * upto(r, 9);
    j.needs.memory_bytes = chance(r, 50) ? 500 * upto(r, 7) : 0;
    j.members = chance(r, 60) ? 1 : (int32_t)(1 + upto(r, 4));
    if (j.needs.mgpu >= 1000 && chance(r, 30))
        j.members = 0;
    j.team = (int32_t)upto(r, TEAMS);
    j.priority = (int32_t)upto(r, 3);
    j.preemptible = (int8_t)chance(r, 60);
    j.models = chance(r, 20) ? 1 + (uint64_t)upto(r, 3) : 0;
    return j;
}

/* What the fragment measure is of. */
static void count_shapes(struct model_jobs *m, const struct model_job *jobs, int32_t n,
                         struct sp_arena *arena)
{
    struct model_job_summary *to = &m->summary;

    to->shapes = sp_arena_array(arena, (size_t)n, sizeof *to->shapes);
    for (int32_t i = 0; i < n; i++) {
        const struct model_job *j = &jobs[i];
        int32_t k = 0;

        while (k < to->n_shapes &&
               (to->shapes[k].members != j->members ||
                to->shapes[k].models != j->models ||
                memcmp(&to->shapes[k].needs, &j->needs, sizeof j->needs) != 0))
            k++;
        if (k == to->n_shapes)
            to->shapes[to->n_shapes++] =
                (struct model_job_shape){j->members, j->needs, j->models, 0};
        to->shapes[k].jobs++;
    }
}

struct jobs_case jobs_case_random(uint64_t seed, struct sp_arena *arena)
{
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(seed, 0x6a6f6273));
    struct jobs_case c = {.n = 2 + (int32_t)upto(&r, JOBS - 1)};
    bool grid = chance(&r, 60);
    struct model_policy *p;
    struct model_plan *plan;
    int64_t at = 0;

    c.sc = sp_arena_alloc(arena, sizeof *c.sc);
    *c.sc = (struct model_scenario){.arena = arena,
                                    .name = "random",
                                    .path = "random",
                                    .until_ns = -1,
                                    .n_workloads = 1,
                                    .n_policies = 1};
    c.sc->workloads = sp_arena_alloc(arena, sizeof workload_names);
    memcpy(c.sc->workloads, workload_names, sizeof workload_names);
    c.sc->policies = p = sp_arena_alloc(arena, sizeof *p);
    make_policy(&r, p, arena);
    p->plans = plan = sp_arena_alloc(arena, sizeof *plan);
    *plan = (struct model_plan){.workload = "train",
                                .kind = MODEL_KIND_JOBS,
                                .rule = "downstream-first",
                                .size_deadline_ns = -1};
    plan->jobs = make_workload(&r, p, arena, grid);
    plan->source = (struct model_source){.kind = MODEL_SOURCE_TRACE,
                                         .items = -1,
                                         .for_ns = -1,
                                         .trace_path = "jobs",
                                         .trace_scale = 1};
    c.jobs = sp_arena_array(arena, JOBS + 2, sizeof *c.jobs);
    for (int32_t i = 0; i < c.n; i++) {
        c.jobs[i] = make_job(&r, plan->jobs, grid);
        at += chance(&r, 40) ? 0 : time_of(&r, grid, 6);
        c.jobs[i].arrival_ns = at;
        c.jobs[i].number = i;
        c.jobs[i].name = sp_arena_printf(arena, "job-%" PRId32, i);
    }
    count_shapes(plan->jobs, c.jobs, c.n, arena);
    return c;
}

void jobs_case_print(FILE *out, const struct jobs_case *c)
{
    const struct model_policy *p = &c->sc->policies[0];
    const struct model_jobs *m = p->plans[0].jobs;

    fprintf(out, "  order %s passing %s placement %s evict %d depth %d teams %d\n",
            p->scheduling.order, p->scheduling.passing, p->placement,
            (int)p->scheduling.evict, (int)p->scheduling.depth, p->has_teams);
    fprintf(out,
            "  gang %d per member %d checkpoint %.9g/%.9g restart %.9g start %.9g\n",
            (int)m->gang, (int)m->gpus_per_member, sp_s_from_ns(m->checkpoint_ns),
            sp_s_from_ns(m->checkpoint_cost_ns), sp_s_from_ns(m->restart_ns),
            sp_s_from_ns(m->start_ns));
    for (int32_t i = 0; i < p->n_types; i++) {
        const struct model_node_type *t = &p->types[i];

        fprintf(out,
                "  type %s cpu %" PRId64 " gpu %" PRId64 " mem %" PRId64
                " %s %d min %d max %d boot %g idle %g team %d speed %g price %" PRId64
                "\n",
                t->name, t->has.mcpu, t->has.mgpu, t->has.memory_bytes, t->option,
                (int)t->count, (int)t->min, (int)t->max, t->boot_s.a,
                sp_s_from_ns(t->idle_timeout_ns), (int)t->team,
                m->n_speeds > 0 ? m->speeds[i].speed : 1, t->uusd_per_h);
    }
    for (int32_t i = 0; i < TEAMS && p->has_teams; i++) {
        const struct model_team *t = &p->teams[i];

        fprintf(out,
                "  team %s gpu %" PRId64 "/%" PRId64 "/%" PRId64 " cpu %" PRId64
                "/%" PRId64 "/%" PRId64 " reclaim %d evict %d priority %d weight %g\n",
                t->name, t->guarantee.amount[0], t->borrow_limit.amount[0],
                t->lend_limit.amount[0], t->guarantee.amount[1],
                t->borrow_limit.amount[1], t->lend_limit.amount[1], (int)t->reclaim,
                (int)t->evict, (int)t->priority, t->weight);
    }
    for (int32_t i = 0; i < c->n; i++) {
        const struct model_job *j = &c->jobs[i];

        fprintf(out,
                "  job %d at %.9g for %.9g est %.9g gpu %" PRId64 " cpu %" PRId64
                " mem %" PRId64 " members %d team %d priority %d %s models %#" PRIx64
                "\n",
                (int)i, sp_s_from_ns(j->arrival_ns), sp_s_from_ns(j->duration_ns),
                j->estimate_ns < 0 ? -1 : sp_s_from_ns(j->estimate_ns), j->needs.mgpu,
                j->needs.mcpu, j->needs.memory_bytes, (int)j->members, (int)j->team,
                (int)j->priority, j->preemptible ? "preemptible" : "", j->models);
    }
}

/* ---- the stream ---- */

struct pass {
    const struct jobs_case *c;
    int32_t next;
};

static bool next_job(void *self, struct model_job *job, enum sp_status *status,
                     struct sp_err *err)
{
    struct pass *p = self;

    (void)status;
    (void)err;
    if (p->next == p->c->n)
        return false;
    *job = p->c->jobs[p->next++];
    return true;
}

static enum sp_status open_jobs(void *self, const struct model_plan *plan,
                                uint64_t seed, struct model_job_stream *stream,
                                struct sp_err *err)
{
    struct jobs_case *c = self;
    struct pass *p = sp_arena_alloc(c->sc->arena, sizeof *p);

    (void)plan;
    (void)seed;
    (void)err;
    *p = (struct pass){.c = c};
    *stream = (struct model_job_stream){.self = p, .next = next_job};
    return SP_OK;
}

struct model_job_opener jobs_case_opener(struct jobs_case *c)
{
    return (struct model_job_opener){.self = c, .open = open_jobs};
}
