/* Records with defaults, and an opener over an array. */
#include "tests/jobs_build.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/run.h"
#include "tests/job_array.h"

static const char *const work[] = {"train"};

static struct model_node_type gpu_node(void)
{
    return (struct model_node_type){
        .name = "node",
        .group = "node",
        .team = SP_NO_ID,
        .option = "owned",
        .kind = MODEL_OPTION_OWNED,
        .return_after_ns = -1,
        .has = {.mgpu = 8000, .memory_bytes = -1},
        .has_price = true,
        .uusd_per_h = 8000000,
        .store_bytes = -1,
        .cpu_speed = 1,
        .fixed = true,
        .count = 1,
    };
}

static void no_quota(struct model_team *t, const char *name)
{
    *t = (struct model_team){.name = name,
                             .guarantee = {{-1, -1, -1}},
                             .borrow_limit = {{-1, -1, -1}},
                             .lend_limit = {{-1, -1, -1}},
                             .weight = 1};
}

static void name_teams(struct jobs_build *b)
{
    const char **names = sp_arena_array(b->arena, JOBS_TEAMS, sizeof *names);
    int32_t *team_of = sp_arena_array(b->arena, JOBS_TEAMS, sizeof *team_of);

    for (int32_t i = 0; i < b->policy->n_teams; i++) {
        names[i] = b->policy->teams[i].name;
        team_of[i] = i;
    }
    b->jobs->teams = (struct model_names){b->policy->n_teams, names};
    b->jobs->summary.teams = b->jobs->teams;
    b->jobs->team_of = team_of;
}

static struct model_jobs *default_jobs(struct sp_arena *arena)
{
    struct model_jobs *m = sp_arena_alloc(arena, sizeof *m);
    int64_t *types_of =
        sp_arena_array(arena, MODEL_JOB_MODELS_MAX + 1, sizeof *types_of);

    *m = (struct model_jobs){
        .deadline_ns = -1,
        .n_size_classes = 1,
        .size_class_mgpu = {INT64_MAX},
        .wait_target_s = NAN,
        .target_quantile = 0.9,
        .types_of = types_of,
        .summary = {.known = true},
    };
    m->classes = sp_arena_array(arena, JOBS_CLASSES, sizeof *m->classes);
    return m;
}

struct jobs_build jobs_new(struct sp_arena *arena)
{
    struct jobs_build b = {.arena = arena};

    b.sc = sp_arena_alloc(arena, sizeof *b.sc);
    *b.sc = (struct model_scenario){.arena = arena,
                                    .name = "built",
                                    .path = "built",
                                    .until_ns = -1,
                                    .measure_to_ns = -1,
                                    .n_workloads = 1,
                                    .n_policies = 1};
    b.sc->workloads = sp_arena_alloc(arena, sizeof work);
    memcpy(b.sc->workloads, work, sizeof work);
    b.sc->policies = b.policy = sp_arena_alloc(arena, sizeof *b.policy);
    *b.policy = (struct model_policy){
        .name = "only",
        .placement = "first-fit",
        .scheduling = {.order = "fifo", .passing = "strict", .depth = 100},
        .n_teams = 1,
        .n_types = 1,
        .n_plans = 1};
    b.policy->teams = sp_arena_array(arena, JOBS_TEAMS, sizeof *b.policy->teams);
    no_quota(&b.policy->teams[0], "-");
    b.policy->types = b.node = sp_arena_array(arena, JOBS_TYPES, sizeof *b.node);
    *b.node = gpu_node();
    b.policy->plans = b.plan = sp_arena_alloc(arena, sizeof *b.plan);
    b.jobs = default_jobs(arena);
    *b.plan = (struct model_plan){
        .workload = work[0],
        .kind = MODEL_KIND_JOBS,
        .jobs = b.jobs,
        .rule = "downstream-first",
        .size_deadline_ns = -1,
        .source = {
            .kind = MODEL_SOURCE_TRACE, .items = -1, .for_ns = -1, .trace_scale = 1}};
    b.source = &b.plan->source;
    name_teams(&b);
    return b;
}

struct model_job *jobs_add(struct jobs_build *b, double arrival_s, double duration_s,
                           double gpus)
{
    struct model_job *j;

    b->rows = sp_arena_more(b->arena, b->rows, b->n_rows, &b->room, sizeof *b->rows);
    j = &b->rows[b->n_rows++];
    *j = job_of(0, -1, llround(gpus * 1000), 0);
    j->arrival_ns = sp_ns_from_s(arrival_s);
    j->duration_ns = duration_s < 0 ? MODEL_NEVER : sp_ns_from_s(duration_s);
    j->name = sp_arena_printf(b->arena, "job-%d", (int)(b->n_rows - 1));
    return j;
}

struct model_node_type *jobs_type(struct jobs_build *b, const char *name)
{
    struct model_node_type *t = &b->policy->types[b->policy->n_types];

    sp_assert(b->policy->n_types < JOBS_TYPES);
    *t = t[-1];
    t->name = t->group = name;
    t->group_id = b->policy->n_types++;
    return t;
}

int32_t jobs_team(struct jobs_build *b, const char *name)
{
    int32_t id = b->policy->n_teams++;

    sp_assert(id < JOBS_TEAMS);
    no_quota(&b->policy->teams[id], name);
    name_teams(b);
    return id;
}

void jobs_poisson(struct jobs_build *b, double per_s, double for_s)
{
    *b->source = (struct model_source){.kind = MODEL_SOURCE_POISSON,
                                       .rate_per_s = per_s,
                                       .items = -1,
                                       .for_ns = sp_ns_from_s(for_s),
                                       .trace_scale = 1};
}

struct model_job_class *jobs_class(struct jobs_build *b, double share,
                                   struct model_dist duration_s)
{
    struct model_job_class *c = &b->jobs->classes[b->jobs->n_classes++];

    sp_assert(b->jobs->n_classes <= JOBS_CLASSES);
    *c = (struct model_job_class){.name = "class",
                                  .share = share,
                                  .members = 1,
                                  .needs = {.mgpu = 1000},
                                  .duration_s = duration_s,
                                  .deadline_ns = -1};
    return c;
}

/* ---- running ---- */

static enum sp_status open_rows(void *self, const struct model_plan *plan,
                                uint64_t seed, struct model_job_stream *stream,
                                struct sp_err *err)
{
    const struct jobs_build *b = self;
    struct job_array *a = sp_arena_alloc(b->arena, sizeof *a);

    (void)plan;
    (void)seed;
    (void)err;
    *a = (struct job_array){.jobs = b->rows, .n = b->n_rows};
    *stream = job_array_stream(a);
    return SP_OK;
}

static void keep_row(void *self, const struct model_item_row *row)
{
    struct jobs_ran *ran = self;

    if (row->item < ran->n_rows)
        ran->row[row->item] = *row;
}

struct jobs_ran jobs_run_rows(struct jobs_build *b, struct jobs_how how, int32_t n_rows)
{
    struct jobs_ran ran = {.n_rows = n_rows};
    struct model_job_opener jobs = {.self = b, .open = open_rows};
    struct model_item_sink items = {.self = &ran, .row = keep_row};
    struct sim_options o = {.seed = how.seed,
                            .replications = how.replications > 0 ? how.replications : 1,
                            .verify = how.verify,
                            .timeline_slices = how.timeline_slices,
                            .digest = true,
                            .jobs = &jobs,
                            .items = &items,
                            .explain = how.explain,
                            .version = "test"};
    struct model_result *r = NULL;
    struct sp_err err = {.status = SP_OK};

    ran.row = sp_arena_array(b->arena, (size_t)n_rows, sizeof *ran.row);
    for (int32_t i = 0; i < n_rows; i++)
        ran.row[i].arrived_ns = -1;
    if (sim_run(b->sc, &o, b->arena, &r, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "the run failed: %s", err.text);
    ran.result = r;
    ran.policy = &r->policies[0];
    ran.work = &ran.policy->workloads[0];
    ran.jobs = ran.work->jobs;
    return ran;
}

struct jobs_ran jobs_run(struct jobs_build *b, struct jobs_how how)
{
    return jobs_run_rows(b, how, b->n_rows);
}
