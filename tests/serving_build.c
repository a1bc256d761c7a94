/* Records with defaults, and a trace opener over an array. */
#include "tests/serving_build.h"

#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/run.h"
#include "tests/array_trace.h"

static const char *const work[] = {"chat", "other"};

static struct model_dist constant(double value)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = value};
}

struct serving_build serving_new(struct sp_arena *arena)
{
    struct serving_build b = {.arena = arena};

    b.sc = sp_arena_alloc(arena, sizeof *b.sc);
    *b.sc = (struct model_scenario){.arena = arena,
                                    .name = "built",
                                    .path = "built",
                                    .until_ns = -1,
                                    .n_workloads = 1,
                                    .n_policies = 1};
    b.sc->workloads = sp_arena_alloc(arena, sizeof work);
    memcpy(b.sc->workloads, work, sizeof work);
    b.sc->policies = b.policy = sp_arena_alloc(arena, sizeof *b.policy);
    *b.policy = (struct model_policy){
        .name = "only", .placement = "first-fit", .n_types = 1, .n_plans = 1};
    b.policy->types = b.node = sp_arena_array(arena, 4, sizeof *b.node);
    *b.node = (struct model_node_type){
        .name = "node",
        .option = "owned",
        .has = {.mcpu = 1000000, .mgpu = 8000, .memory_bytes = -1},
        .has_price = true,
        .uusd_per_h = 8000000,
        .boot_s = constant(0),
        .store_bytes = -1,
        .cpu_speed = 1,
        .fixed = true,
        .count = 1,
    };
    b.policy->plans = b.plan = sp_arena_array(arena, 2, sizeof *b.plan);
    *b.plan = (struct model_plan){.workload = "chat",
                                  .kind = MODEL_KIND_SERVING,
                                  .rule = "downstream-first",
                                  .size_deadline_ns = -1,
                                  .n_sizes = 2};
    b.plan->stages = sp_arena_array(arena, MODEL_POOLS_MAX, sizeof *b.plan->stages);
    b.plan->units = sp_arena_array(arena, MODEL_POOLS_MAX, sizeof *b.plan->units);
    b.plan->serving = b.serving = sp_arena_alloc(arena, sizeof *b.serving);
    *b.serving = (struct model_serving){.llm = model_llm_find("llama-3.1-8b"),
                                        .slo = {-1, -1, -1, 0.99},
                                        .prompt_tokens = constant(10),
                                        .output_tokens = constant(5),
                                        .router = "least-requests",
                                        .decode_router = "least-requests",
                                        .retries_max = 3};
    b.serving->pools = sp_arena_array(arena, MODEL_POOLS_MAX, sizeof *b.serving->pools);
    b.source = &b.plan->source;
    *b.source = (struct model_source){
        .kind = MODEL_SOURCE_FIXED, .items = 1, .for_ns = -1, .trace_scale = 1};
    return b;
}

struct model_iteration *serving_times(struct sp_arena *arena, double prefill_s,
                                      double decode_s)
{
    const struct model_fit_options o = {.prefill = {0, prefill_s, 0},
                                        .decode = {decode_s, 0, 0}};
    struct model_iteration *it = NULL;
    struct sp_err err = {0};

    if (model_iteration_fit(&o, arena, &it, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    return it;
}

struct model_unit *serving_unit(struct serving_build *b)
{
    return &b->plan->units[b->plan->n_units - 1];
}

struct model_pool *serving_pool(struct serving_build *b, enum model_role role,
                                int32_t count)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    int32_t id = b->serving->n_pools++;

    b->plan->n_stages++;
    b->plan->n_units++;
    b->plan->stages[id] =
        (struct model_stage){.name = names[id],
                             .slot_needs = {.mcpu = 1000, .mgpu = 1000},
                             .batch = 1,
                             .gather_in = 1,
                             .gather_out = 1,
                             .keep_frac = 1};
    b->plan->units[id] = (struct model_unit){.name = names[id],
                                             .n_slots = 1,
                                             .slots = {{id, 1}},
                                             .count = count,
                                             .startup_s = constant(0),
                                             .allowed_types = -1};
    b->serving->pools[id] =
        (struct model_pool){.name = names[id],
                            .role = role,
                            .gpus = 1,
                            .iteration = serving_times(b->arena, 1e-3, 10e-3),
                            .scheduling = "chunked-prefill",
                            .order = "fcfs",
                            .max_num_batched_tokens = 1000,
                            .max_num_seqs = 100,
                            .block_size = 10,
                            .kv_blocks = INT64_MAX,
                            .kv_text = "not limited"};
    return &b->serving->pools[id];
}

/* ---- an array as a trace ---- */

static struct array_trace trace_of(const struct serving_build *b,
                                   const struct serving_trace *trace)
{
    int32_t n = trace != NULL ? trace->n : 0;
    struct model_arrival *rows = sp_arena_array(b->arena, (size_t)n, sizeof *rows);

    for (int32_t i = 0; i < n; i++)
        rows[i] = (struct model_arrival){
            .time_ns = sp_ns_from_s(trace->rows[i].s),
            .size = {trace->rows[i].prompt, trace->rows[i].output}};
    return (struct array_trace){.arena = b->arena, .n = n, .rows = rows};
}

void serving_trace(struct serving_build *b, const struct serving_trace *trace)
{
    *b->source = array_trace_source(trace->n);
}

/* ---- running ---- */

const struct model_result *serving_run(const struct serving_build *b,
                                       struct serving_how how)
{
    struct array_trace trace = trace_of(b, how.trace);
    struct model_trace_opener traces = array_trace_opener(&trace);
    struct sim_options o = {.seed = how.seed,
                            .replications = 1,
                            .verify = !how.lax,
                            .timeline_slices = how.timeline_slices,
                            .digest = true,
                            .span_limit = how.span_limit,
                            .items = how.items,
                            .traces = &traces,
                            .version = "test"};
    struct model_result *r = NULL;
    struct sp_err err = {.status = SP_OK};

    if (sim_run(b->sc, &o, b->arena, &r, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "the run failed: %s", err.text);
    return r;
}
