/* Figures by hand: 100,000 items in 200 s; 32 GPU nodes, or 4 GPU nodes and 28 CPU
 * nodes. */
#include "tests/result_fixture.h"

#include <math.h>

#include "model/inputs.h"
#include "tests/jobs_fixture.h"
#include "tests/serving_fixture.h"

enum { GPU_NODE, CPU_NODE };
enum { PREPROCESS, INFER, N_STAGES };

#define GIB (INT64_C(1) << 30)
static const double run_s = 200, items = 100000;

struct maker {
    struct sp_arena *arena;
    const struct fixture_options *o;
    struct model_result *r;
    struct model_scenario *scenario;
};

static const char *name_of(const struct maker *m, const char *usual, int32_t i)
{
    if (m->o->name == NULL)
        return usual;
    return sp_arena_printf(m->arena, "%s%s%d", m->o->name, usual, (int)i);
}

static struct model_stat stat_of(const struct maker *m, double mean)
{
    return (struct model_stat){mean, m->r->n_runs > 1 ? mean / 50 : NAN};
}

static struct model_times times_of(const struct maker *m, double mean_s)
{
    return (struct model_times){.count = 100000,
                                .mean_s = stat_of(m, mean_s),
                                .p50_s = stat_of(m, 0.9 * mean_s),
                                .p90_s = stat_of(m, 2 * mean_s),
                                .p99_s = stat_of(m, 3 * mean_s),
                                .max_s = stat_of(m, 5 * mean_s)};
}

/* ---- scenario ---- */

static void fill_types(const struct maker *m, struct model_policy *p)
{
    p->n_types = 2;
    p->types = sp_arena_array(m->arena, 2, sizeof *p->types);
    for (int i = 0; i < 2; i++)
        p->types[i] = (struct model_node_type){
            .name = name_of(m, i == GPU_NODE ? "gpu-node" : "cpu-node", i),
            .has = {64000, i == GPU_NODE ? 8000 : 0, (i == GPU_NODE ? 512 : 256) * GIB},
            .has_price = i == CPU_NODE || !m->o->no_price,
            .uusd_per_h = i == GPU_NODE ? 32000000 : 4000000,
            .price_basis = i == GPU_NODE ? MODEL_BASIS_LIST_PRICE : MODEL_BASIS_ASSUMED,
            .price_source = i == GPU_NODE ? "catalog 2026-07-20" : "scenario",
            .price_date = i == GPU_NODE ? "2026-07-20" : "",
            .option = "on-demand",
            .billing_minimum_ns = INT64_C(60000000000),
            .store_bytes = -1,
            .cpu_speed = 1,
            .fixed = true,
            .count = i == GPU_NODE ? 32 : 28,
        };
}

static void fill_plan(const struct maker *m, struct model_policy *p)
{
    struct model_plan *plan = sp_arena_array(m->arena, 1, sizeof *plan);
    struct model_stage *s = sp_arena_array(m->arena, N_STAGES, sizeof *s);

    s[PREPROCESS] = (struct model_stage){
        .name = name_of(m, "preprocess", 0),
        .slot_needs = {1000, 0, 0},
        .batch = 1,
        .time = {.fixed = {.kind = MODEL_DIST_LOGNORMAL, .a = 0.58, .b = 0.4724},
                 .basis = MODEL_BASIS_MEASURED},
        .gather_in = 1,
        .gather_out = 1,
        .keep_frac = 1,
        .output_bytes = 614400,
        .linger_ns = -1,
    };
    s[INFER] = (struct model_stage){
        .name = name_of(m, "infer", 1),
        .n_from = 1,
        .slot_needs = {0, 1000, 0},
        .batch = 8,
        .gather_in = 1,
        .gather_out = 1,
        .keep_frac = 1,
        .linger_ns = -1,
        .time = {.fixed = {.a = 0.005}, .per_item = {.a = 0.03}},
    };
    *plan = (struct model_plan){.workload = name_of(m, "embed", 0),
                                .source = {.kind = MODEL_SOURCE_FIXED, .items = 100000},
                                .n_stages = N_STAGES,
                                .stages = s,
                                .rule = "downstream-first"};
    p->n_plans = 1;
    p->plans = plan;
}

static void fill_scenario(const struct maker *m, struct model_scenario *s, int32_t n)
{
    s->arena = m->arena;
    s->name = name_of(m, "practical", 0);
    s->path = "scenario.yaml";
    s->description = "Images are decoded on CPUs and embedded on GPUs.";
    s->seed = 7;
    s->replications = m->r->n_runs;
    s->until_ns = -1;
    s->n_policies = n;
    s->policies = sp_arena_array(m->arena, (size_t)n, sizeof *s->policies);
    for (int32_t i = 0; i < n; i++) {
        s->policies[i].name =
            name_of(m, i % 2 == 0 ? "monolithic" : "disaggregated", i);
        s->policies[i].placement = "cpu-avoids-gpu";
        fill_types(m, &s->policies[i]);
        fill_plan(m, &s->policies[i]);
    }
    s->n_inputs = 2;
    s->inputs = sp_arena_array(m->arena, 2, sizeof *s->inputs);
    s->inputs[0] = (struct model_input_file){"scenario.yaml", 0x0123456789abcdefu};
    s->inputs[1] =
        (struct model_input_file){name_of(m, "times.csv", 0), 0xfedcba9876543210u};
}

/* ---- result ---- */

static void fill_node(const struct maker *m, struct model_policy_result *p, int type,
                      int32_t count)
{
    const struct model_node_type *t = &m->scenario->policies[0].types[type];
    double hours = count * run_s / 3600;

    p->nodes[p->n_nodes++] = (struct model_node_use){
        .type = t->name,
        .option = t->option,
        .group = t->name,
        .has = t->has,
        .list_usd_per_h = t->has_price ? (double)t->uusd_per_h / 1e6 : NAN,
        .price_basis = t->price_basis,
        .price_source = t->price_source,
        .price_date = t->price_date,
        .peak = count,
        .mean = stat_of(m, count),
        .hours = stat_of(m, hours),
        .billed_hours = stat_of(m, hours),
        .usd = stat_of(m, t->has_price ? hours * (double)t->uusd_per_h / 1e6 : NAN),
        .usd_per_h = t->has_price ? (double)t->uusd_per_h / 1e6 : NAN,
    };
}

static void fill_resource(const struct maker *m, struct model_policy_result *p,
                          enum model_resource r, double amount, double allocated,
                          double busy)
{
    double h = run_s / 3600, unit = r == MODEL_MEMORY ? (double)GIB : 1000;

    p->resources[r] = (struct model_resource_use){
        .provisioned_h = stat_of(m, amount * h),
        .allocated_h = stat_of(m, allocated * h),
        .busy_h = stat_of(m, busy * h),
        .busy_of_provisioned = stat_of(m, amount > 0 ? busy / amount : NAN),
        .allocated_of_provisioned = stat_of(m, amount > 0 ? allocated / amount : NAN),
    };
    p->ledger[r] = (struct model_ledger){
        .provisioned = (sp_i128)(amount * unit) * 200000000000,
        .allocated = (sp_i128)(allocated * unit) * 200000000000,
        .busy = (sp_i128)(busy * unit) * 200000000000,
    };
}

static void fill_stages(const struct maker *m, struct model_workload_result *w,
                        bool split)
{
    const struct model_stage *said = m->scenario->policies[0].plans[0].stages;

    w->n_stages = N_STAGES;
    w->stages = sp_arena_array(m->arena, N_STAGES, sizeof *w->stages);
    for (int i = 0; i < N_STAGES; i++)
        w->stages[i] = (struct model_stage_result){
            .name = said[i].name,
            .unit = name_of(m,
                            !split            ? "container"
                            : i == PREPROCESS ? "prep"
                                              : "gpu",
                            i),
            .slots = stat_of(m, i == PREPROCESS ? 2048 : 32),
            .busy_frac = stat_of(m, i == PREPROCESS ? 0.5 : 1),
            .blocked_frac = stat_of(m, i == PREPROCESS ? 0.25 : 0),
            .fetch_frac = stat_of(m, 0),
            .wait = times_of(m, i == PREPROCESS ? 1.5 : 0.25),
            .service = times_of(m, i == PREPROCESS ? 2 : 0.245),
            .queue_mean = stat_of(m, 750),
            .queue_peak = stat_of(m, 1500),
            .batch_mean = stat_of(m, i == PREPROCESS ? 1 : 7.9),
            .in = 100000,
            .done = 99990,
            .emitted = 99990,
            .lost = split && i == INFER ? 17 : 0,
            .mean_service_s = i == PREPROCESS ? 2 : 0.245,
            .bottleneck = i == INFER,
        };
}

/* The first stage asks for more than was measured, the second runs on another GPU. */
static void fill_kernels(const struct maker *m, struct model_workload_result *w)
{
    w->n_kernels = 2;
    w->kernels = sp_arena_array(m->arena, 2, sizeof *w->kernels);
    w->kernels[0] = (struct model_kernel_asked){
        .workload = w->name,
        .stage = w->stages[PREPROCESS].name,
        .kernel = name_of(m, "jpeg_decode", 0),
        .device = "cpu",
        .profile = name_of(m, "host", 0),
        .basis = MODEL_BASIS_MEASURED,
        .axis = name_of(m, "megapixels", 0),
        .calls = 100000,
        .extrapolated = 12500,
        .x_least = 0.5,
        .x_most = 12,
        .known_least = 0.25,
        .known_most = 8,
        .cores_most = 64,
        .known_cores = 16,
        .slowdown_most = 1.5,
        .slowdown_low = 1.25,
        .slowdown_high = 1.75,
        .sd_frac = 0.03,
        .why = "the core was never quiet",
    };
    w->kernels[1] = (struct model_kernel_asked){
        .workload = w->name,
        .stage = w->stages[INFER].name,
        .kernel = name_of(m, "gemm_bf16", 0),
        .device = "gpu0",
        .profile = name_of(m, "host", 0),
        .basis = MODEL_BASIS_DATASHEET,
        .axis = "m",
        .by_features = true,
        .calls = 12500,
        .x_least = NAN,
        .x_most = NAN,
        .known_least = NAN,
        .known_most = NAN,
        .cores_most = NAN,
        .known_cores = 1,
        .slowdown_most = NAN,
        .slowdown_low = NAN,
        .slowdown_high = NAN,
        .sd_frac = 0.153,
        .converged = true,
    };
}

static void fill_workload(const struct maker *m, struct model_policy_result *p,
                          bool split)
{
    p->n_workloads = 1;
    p->workloads = sp_arena_array(m->arena, 1, sizeof *p->workloads);
    p->workloads[0] = (struct model_workload_result){
        .name = m->scenario->policies[0].plans[0].workload,
        .kind = "pipeline",
        .in = 100000,
        .done = 99990,
        .in_flight = 3,
        .dropped = 7,
        .dropped_by = {5, 2},
        .per_s = stat_of(m, items / run_s),
        .latency = times_of(m, 4),
        .bound_per_s = 1024,
        .bound_stage = INFER,
        .moved_bytes = split ? 61440000000 : 0,
    };
    fill_stages(m, &p->workloads[0], split);
    if (m->o->kernels)
        fill_kernels(m, &p->workloads[0]);
}

/* After the bill: USD per million tokens divide it. */
static void fill_serving(const struct maker *m, struct model_policy_result *p,
                         bool split)
{
    struct model_workload_result *w = &p->workloads[0];
    struct fixture_serving f = {
        .arena = m->arena,
        .model = name_of(m, "llama-3.1-70b", 0),
        .iteration = name_of(m, "table times.csv", 1),
        .pool_names = {w->stages[PREPROCESS].name, w->stages[INFER].name},
        .n_runs = m->r->n_runs,
        .split = split,
        .no_slo = m->o->no_slo,
        .requests = w->in,
        .done = w->done,
        .usd = p->cost.usd.mean,
    };

    w->kind = "serving";
    w->dropped_by[MODEL_DROP_FILTERED] = w->dropped_by[MODEL_DROP_RETRIES] = 0;
    w->dropped_by[MODEL_DROP_KV_CAPACITY] = 4;
    w->dropped_by[MODEL_DROP_ZERO_TOKENS] = 3;
    w->serving = fixture_serving_new(&f);
}

/* After the bill, whose lines teams share. */
static void fill_jobs(const struct maker *m, struct model_policy_result *p, bool pooled)
{
    struct model_workload_result *w = &p->workloads[0];
    struct fixture_jobs f = {
        .arena = m->arena,
        .name = m->o->name,
        .n_runs = m->r->n_runs,
        .n_teams = m->o->n_teams > 0 ? m->o->n_teams : 3,
        .pooled = pooled,
        .endless = m->o->endless,
    };

    *w = (struct model_workload_result){
        .name = w->name,
        .kind = "jobs",
        .in = FIXTURE_JOBS,
        .done = m->o->endless ? 0 : 1180,
        .in_flight = m->o->endless ? 1185 : 5,
        .dropped = 15,
        .per_s = stat_of(m, m->o->endless ? 0 : 1180 / run_s),
        .latency = times_of(m, 4 * 3600),
        .bound_per_s = NAN,
        .bound_stage = SP_NO_ID,
    };
    w->dropped_by[MODEL_DROP_TOO_LARGE] = 12;
    w->dropped_by[MODEL_DROP_GANG] = 3;
    w->jobs = fixture_jobs_new(&f);
    fixture_teams_fill(&f, p);
    if (m->o->explained != NULL) {
        p->explained.n = 1;
        p->explained.lines = sp_arena_alloc(m->arena, sizeof *p->explained.lines);
        p->explained.lines[0] = m->o->explained;
    }
}

static void fill_cost(const struct maker *m, struct model_policy_result *p,
                      int64_t uusd)
{
    const struct model_workload_result *w = &p->workloads[0];
    int64_t tenth = uusd / 10;
    const struct model_cost_line lines[] = {
        {w->name, w->stages[PREPROCESS].name, MODEL_LINE_BUSY, 3 * tenth},
        {w->name, w->stages[INFER].name, MODEL_LINE_BUSY, tenth},
        {w->name, NULL, MODEL_LINE_IDLE, 2 * tenth},
        {NULL, NULL, MODEL_LINE_UNALLOCATED_GPU, 3 * tenth},
        {NULL, NULL, MODEL_LINE_ROUNDING, uusd - 9 * tenth},
    };
    double usd = (double)uusd / 1e6;

    p->cost = (struct model_cost){.n_lines = sizeof lines / sizeof lines[0]};
    p->cost.lines = sp_arena_alloc(m->arena, sizeof lines);
    for (int32_t i = 0; i < p->cost.n_lines; i++)
        p->cost.lines[i] = lines[i];
    p->cost.known = !m->o->no_price;
    p->cost.uusd = uusd;
    p->cost.usd = stat_of(m, p->cost.known ? usd : NAN);
    p->cost.usd_per_1k_items = stat_of(m, p->cost.known ? usd / 99.99 : NAN);
    p->cost.idle_usd = stat_of(m, p->cost.known ? 2 * (double)tenth / 1e6 : NAN);
    p->cost.unallocated_usd = stat_of(m, p->cost.known ? 3 * (double)tenth / 1e6 : NAN);
}

/* Ramps up, holds, ramps down; the nodes are there all along. */
static void fill_series(const struct maker *m, struct model_policy_result *p)
{
    struct model_series *s = &p->series;

    s->n = FIXTURE_BUCKETS;
    s->bucket_s = run_s / FIXTURE_BUCKETS;
    s->queued = sp_arena_array(m->arena, FIXTURE_BUCKETS, sizeof(double));
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        double amount = p->resources[r].provisioned_h.mean * 3600 / run_s;
        double share = p->resources[r].allocated_of_provisioned.mean;

        s->provisioned[r] = sp_arena_array(m->arena, FIXTURE_BUCKETS, sizeof(double));
        s->allocated[r] = sp_arena_array(m->arena, FIXTURE_BUCKETS, sizeof(double));
        s->busy[r] = sp_arena_array(m->arena, FIXTURE_BUCKETS, sizeof(double));
        for (int b = 0; b < FIXTURE_BUCKETS; b++) {
            double edge = fmin(b, FIXTURE_BUCKETS - 1 - b);

            s->provisioned[r][b] = amount;
            s->allocated[r][b] = amount > 0 ? amount * share : 0;
            s->busy[r][b] = s->allocated[r][b] * fmin(edge / 6, 1);
            s->queued[b] = 100 * (FIXTURE_BUCKETS - b);
        }
    }
}

static void fill_policy(const struct maker *m, struct model_policy_result *p,
                        int32_t id)
{
    bool split = id % 2 == 1;

    p->name = m->scenario->policies[id].name;
    p->time_s = stat_of(m, run_s);
    p->window = "whole run";
    p->window_to_s = run_s;
    p->events = 123456;
    p->cost.usd = p->cost.usd_per_1k_items = (struct model_stat){NAN, NAN};
    p->cost.idle_usd = p->cost.unallocated_usd = (struct model_stat){NAN, NAN};
    if (m->o->empty)
        return;
    p->nodes = sp_arena_array(m->arena, 2, sizeof *p->nodes);
    fill_node(m, p, GPU_NODE, split ? 4 : 32);
    if (split)
        fill_node(m, p, CPU_NODE, 28);
    p->n_gpu_nodes_peak = split ? 4 : 32;
    fill_resource(m, p, MODEL_GPU, split ? 32 : 256, 32, 32);
    fill_resource(m, p, MODEL_CPU, 2048, 2048, 1024);
    fill_resource(m, p, MODEL_MEMORY, split ? 9216 : 16384, 0, 0);
    fill_workload(m, p, split);
    fill_cost(m, p, split ? 13333333 : 56888889);
    if (m->o->serving)
        fill_serving(m, p, split);
    if (m->o->jobs)
        fill_jobs(m, p, split);
    fill_series(m, p);
}

static void fill_serving_comparison(const struct maker *m, struct model_comparison *c)
{
    c->n_serving = 1;
    c->serving = sp_arena_alloc(m->arena, sizeof *c->serving);
    *c->serving = (struct model_serving_comparison){
        .ttft_p99_ratio = stat_of(m, 2),
        .tpot_p99_ratio = stat_of(m, 0.5),
        .e2e_p99_ratio = stat_of(m, 0.6),
        .goodput_ratio = stat_of(m, 1.1875),
        .usd_per_million_ratio = c->usd_ratio,
        .attained_difference = stat_of(m, 0.15),
    };
}

static void fill_jobs_comparison(const struct maker *m, struct model_comparison *c)
{
    const struct model_policy_result *a = &m->r->policies[c->policy],
                                     *b = &m->r->policies[0];
    const struct model_jobs_result *j = a->workloads[0].jobs;
    struct model_jobs_comparison *k = sp_arena_alloc(m->arena, sizeof *k);

    *k = (struct model_jobs_comparison){
        .usd_ratio = c->usd_ratio,
        .wait_difference_s = stat_of(m, -3600),
        .wait_ratio = stat_of(m, 0.125),
        .completion_ratio = stat_of(m, 0.25),
        .missed_difference = stat_of(m, -0.09),
        .n_teams = j->n_teams,
    };
    k->teams = sp_arena_array(m->arena, (size_t)k->n_teams, sizeof *k->teams);
    for (int32_t t = 0; t < k->n_teams; t++) {
        double x = j->groups[1 + t].queue.mean_s.mean;
        double y = b->workloads[0].jobs->groups[1 + t].queue.mean_s.mean;

        k->teams[t] = (struct model_team_wait){.name = j->groups[1 + t].name,
                                               .wait_s = x,
                                               .baseline_wait_s = y,
                                               .difference_s = stat_of(m, x - y)};
    }
    c->n_jobs = 1;
    c->jobs = k;
}

static void fill_comparisons(const struct maker *m)
{
    struct model_result *r = m->r;

    r->n_comparisons = r->n_policies - 1;
    r->comparisons =
        sp_arena_array(m->arena, (size_t)r->n_policies, sizeof *r->comparisons);
    for (int32_t i = 1; i < r->n_policies; i++) {
        bool split = i % 2 == 1, known = !m->o->no_price && !m->o->empty;

        r->comparisons[i - 1] = (struct model_comparison){
            .policy = i,
            .usd_ratio = stat_of(m, !known  ? NAN
                                    : split ? 0.234375
                                            : 1),
            .time_ratio = stat_of(m, 1),
            .gpu_nodes_ratio = split ? 0.125 : 1,
            .outcome = !known  ? MODEL_OUTCOME_NONE
                       : split ? MODEL_OUTCOME_WINS
                               : MODEL_OUTCOME_SAME,
            .certain = true,
            .verdict = sp_arena_printf(
                m->arena,
                "%s costs 76.6 %% less than %s and takes as long: its "
                "GPUs are busy 100.0 %% of the time instead of 12.5 %%.",
                r->policies[i].name, r->policies[0].name),
        };
        if (m->o->serving && known)
            fill_serving_comparison(m, &r->comparisons[i - 1]);
        if (m->o->jobs && !m->o->empty)
            fill_jobs_comparison(m, &r->comparisons[i - 1]);
    }
}

struct model_result *fixture_result_new(struct sp_arena *arena,
                                        const struct fixture_options *o)
{
    static const struct model_assumption assumptions[] = {
        {"A-net-fifo", "A transfer has the whole NIC to itself; others wait in turn."},
        {"A-spill-disk",
         "Spilled bytes are written and read once at the disk's speed."},
    };
    static const char *const warnings[] = {
        "the queue of infer was still growing at the end: the figures are no steady "
        "state",
    };
    struct model_scenario *scenario = sp_arena_alloc(arena, sizeof *scenario);
    struct model_result *r = sp_arena_alloc(arena, sizeof *r);
    struct maker m = {arena, o, r, scenario};

    r->version = "0.1.0";
    r->seed = 7;
    r->n_runs = o->n_runs > 0 ? o->n_runs : 1;
    r->partial = o->partial;
    r->n_policies = o->n_policies > 0 ? o->n_policies : 2;
    fill_scenario(&m, scenario, r->n_policies);
    r->name = scenario->name;
    r->description = scenario->description;
    r->path = scenario->path;
    r->n_files = scenario->n_inputs;
    r->files = scenario->inputs;
    r->inputs = model_inputs_collect(arena, scenario, r->seed, r->n_runs, &r->n_inputs);
    r->policies = sp_arena_array(arena, (size_t)r->n_policies, sizeof *r->policies);
    for (int32_t i = 0; i < r->n_policies; i++)
        fill_policy(&m, &r->policies[i], i);
    if (o->deadlock) {
        r->policies[r->n_policies - 1].end = MODEL_END_DEADLOCK;
        r->policies[r->n_policies - 1].end_text =
            "preprocess holds the object store that infer waits for";
    }
    fill_comparisons(&m);
    r->assumptions = assumptions;
    r->n_assumptions = sizeof assumptions / sizeof assumptions[0];
    r->warnings = sp_arena_alloc(arena, sizeof warnings);
    r->warnings[0] = warnings[0];
    r->n_warnings = 1;
    return r;
}
