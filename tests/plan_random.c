#include "tests/plan_random.h"

#include <stdbool.h>

#include "base/rng.h"

struct maker {
    struct sp_rng rng;
    struct sp_arena *arena;
    int64_t n_types, n_stages;
    bool ends, gpu;
};

static int64_t pick(struct maker *m, int64_t from, int64_t to)
{
    return from + (int64_t)(sp_rng_next(&m->rng) % (uint64_t)(to - from + 1));
}

static const char *one_of(struct maker *m, const char *const *words, int64_t n)
{
    return words[pick(m, 0, n - 1)];
}

static const char *node_text(struct maker *m, int64_t i)
{
    static const char *const billing[] = {"billing: { per: second, minimum: 0s }",
                                          "billing: { per: second, minimum: 0s }",
                                          "billing: { per: second, minimum: 60s }",
                                          "billing: { per: hour }"};
    const char *bill = one_of(m, billing, 4);
    long long cents = (long long)pick(m, 50, 400), cpu = (long long)pick(m, 2, 4);
    long long gpu = (long long)(i == 0 && m->gpu ? pick(m, 1, 2) : 0);
    const char *speed = pick(m, 0, 3) == 0 ? ", cpu_speed: 1.5" : "";

    if (i > 0 && pick(m, 0, 3) == 0)
        return sp_arena_printf(
            m->arena,
            "  n%lld: { cpu: %lld, gpu: %lld, %s%s, options: [{ option: reserved, "
            "price: %.2f USD/h, count: 1 }, { option: on-demand, price: %.2f USD/h }] "
            "}\n",
            (long long)i, cpu, gpu, bill, speed, (double)cents * 0.006,
            (double)cents / 100);
    return sp_arena_printf(
        m->arena, "  n%lld: { cpu: %lld, gpu: %lld, price: %.2f USD/h, %s%s }\n",
        (long long)i, cpu, gpu, (double)cents / 100, bill, speed);
}

static const char *stage_text(struct maker *m, int64_t i)
{
    static const char *const cpus[] = {"cpu: 1", "cpu: 1", "cpu: 2"};
    static const char *const gpus[] = {"gpu: 1", "gpu: 1, cpu: 1", "gpu: 0.5"};
    bool gpu = m->gpu && (i == m->n_stages - 1 || pick(m, 0, 3) == 0);
    const char *needs = gpu ? one_of(m, gpus, 3) : one_of(m, cpus, 3);
    long long ms = (long long)pick(m, 2, 12) * 100;

    if (pick(m, 0, 2) == 0)
        return sp_arena_printf(
            m->arena,
            "      s%lld: { %s, time: { dist: exponential, mean: %lldms } }\n",
            (long long)i, needs, ms);
    if (pick(m, 0, 3) == 0)
        return sp_arena_printf(
            m->arena, "      s%lld: { %s, batch: 2, linger: 500ms, time: %lldms }\n",
            (long long)i, needs, ms);
    return sp_arena_printf(m->arena, "      s%lld: { %s, time: %lldms }\n",
                           (long long)i, needs, ms);
}

static const char *source_text(struct maker *m)
{
    if (m->ends)
        return sp_arena_printf(m->arena, "{ items: %lld }", (long long)pick(m, 15, 40));
    return sp_arena_printf(m->arena, "{ rate: %.1f/s, arrivals: %s }",
                           (double)pick(m, 5, 40) / 10,
                           pick(m, 0, 1) == 0 ? "constant" : "poisson");
}

static const char *targets_text(struct maker *m)
{
    if (m->ends)
        return pick(m, 0, 3) == 0 ? "    deadline: 1h\n"
                                  : sp_arena_printf(m->arena, "    deadline: %llds\n",
                                                    (long long)pick(m, 4, 25));
    switch (pick(m, 0, 3)) {
    case 0:
        return sp_arena_printf(m->arena, "    w: { latency_p90: %.1fs }\n",
                               (double)pick(m, 10, 60) / 10);
    case 1:
        return "    w: { keeps_up: 90% }\n";
    default:
        return "    w: { keeps_up: 95% }\n";
    }
}

static const char *nodes_text(struct maker *m)
{
    const char *text = "";

    for (int64_t i = 0; i < m->n_types; i++)
        text = sp_arena_printf(m->arena, "%s%sn%lld: 0..%lld", text, i > 0 ? ", " : "",
                               (long long)i, (long long)(m->n_types == 1 ? 4 : 3 - i));
    return text;
}

const char *plan_random_pipeline(uint64_t seed, struct sp_arena *arena)
{
    struct maker m = {.arena = arena};
    const char *fleet = "", *stages = "", *targets;

    m.rng = sp_rng_from_key(seed);
    m.n_types = pick(&m, 1, 2);
    m.n_stages = pick(&m, 1, 3);
    m.ends = pick(&m, 0, 1) == 0;
    m.gpu = pick(&m, 0, 2) > 0;
    for (int64_t i = 0; i < m.n_types; i++)
        fleet = sp_arena_printf(arena, "%s%s", fleet, node_text(&m, i));
    for (int64_t i = 0; i < m.n_stages; i++)
        stages = sp_arena_printf(arena, "%s%s", stages, stage_text(&m, i));
    targets = targets_text(&m);
    return sp_arena_printf(
        arena,
        "scenario: random\nreplications: %lld\n%sfleet:\n%sworkloads:\n  w:\n"
        "    kind: pipeline\n    source: %s\n    stages:\n%splan:\n  targets:\n%s"
        "  nodes: { %s }\n",
        (long long)pick(&m, 1, 3), m.ends ? "" : "until: 40s\n", fleet, source_text(&m),
        stages, targets, nodes_text(&m));
}

/* ---- serving ---- */

/* Iterations of 20 ms and 1 ms for each prompt token of a hundred or each sequence. */
const char *plan_random_serving(uint64_t seed, struct sp_arena *arena)
{
    struct maker m = {.arena = arena, .gpu = true};
    const char *fleet;
    const char *target;

    m.rng = sp_rng_from_key(seed + 1000);
    m.n_types = 1;
    fleet = node_text(&m, 0);
    target = pick(&m, 0, 1) == 0 ? sp_arena_printf(arena, "ttft_p90: %lldms",
                                                   (long long)pick(&m, 5, 40) * 100)
                                 : sp_arena_printf(arena, "slo_attained: %lld%%",
                                                   (long long)pick(&m, 70, 95));
    return sp_arena_printf(
        arena,
        "scenario: random serving\nreplications: %lld\nuntil: 60s\nfleet:\n%s"
        "workloads:\n  w:\n    kind: serving\n    model: llama-3.1-8b\n"
        "    source: { rate: %.1f/s, prompt_tokens: { dist: uniform, min: 100, max: "
        "900 }, output_tokens: %lld }\n"
        "    slo: { ttft: 1s, tpot: 100ms }\n"
        "    engine: { gpu: 1, num_gpu_blocks: 400, max_num_seqs: %lld, "
        "max_num_batched_tokens: 1024, time: { fit: { prefill: [20ms, 400us, 0s], "
        "decode: [20ms, 0s, 2ms] } } }\n"
        "plan:\n  targets: { w: { %s } }\n  nodes: { n0: 0..4 }\n",
        (long long)pick(&m, 1, 3), fleet, (double)pick(&m, 5, 50) / 10,
        (long long)pick(&m, 5, 60), (long long)pick(&m, 4, 16), target);
}

/* ---- jobs ---- */

const char *plan_random_jobs(uint64_t seed, struct sp_arena *arena)
{
    struct maker m = {.arena = arena, .gpu = true};
    const char *fleet = "", *small, *large;

    m.rng = sp_rng_from_key(seed + 2000);
    m.n_types = pick(&m, 1, 2);
    for (int64_t i = 0; i < m.n_types; i++)
        fleet = sp_arena_printf(arena, "%s%s", fleet, node_text(&m, i));
    small = sp_arena_printf(arena,
                            "      small: { share: 3, cpu: 1, duration: { dist: "
                            "exponential, mean: %llds } }\n",
                            (long long)pick(&m, 10, 60));
    large = pick(&m, 0, 1) == 0
                ? ""
                : sp_arena_printf(arena,
                                  "      large: { gpu: 1, cpu: 1, duration: %llds }\n",
                                  (long long)pick(&m, 20, 90));
    return sp_arena_printf(
        arena,
        "scenario: random jobs\nreplications: %lld\n%sfleet:\n%sworkloads:\n  w:\n"
        "    kind: jobs\n    source: { rate: %.2f/s, items: %lld }\n    jobs:\n%s%s"
        "plan:\n  targets: { w: { %s: %llds } }\n  nodes: { %s }\n",
        (long long)pick(&m, 1, 3), pick(&m, 0, 1) == 0 ? "until: 10m\n" : "", fleet,
        (double)pick(&m, 2, 20) / 100, (long long)pick(&m, 15, 40), small, large,
        pick(&m, 0, 1) == 0 ? "queue_p90" : "makespan", (long long)pick(&m, 60, 600),
        nodes_text(&m));
}
