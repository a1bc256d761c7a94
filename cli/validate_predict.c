/* The scenario as text, its runs, and what they come to. */
#include "cli/validate_predict.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/scenario.h"
#include "sim/run.h"

bool cli_predict_shares(const struct cli_predict *what)
{
    int32_t threads = 0;

    for (int32_t s = 0; s < what->n && !what->fused; s++)
        threads += what->stages[s].workers;
    return threads > what->cores;
}

/* ---- the scenario ---- */

/* Items that may wait before a stage; see the header for threads that share CPUs. */
static int32_t buffer_of(const struct cli_predict *what, int32_t stage)
{
    return what->stages[stage].queue +
           (cli_predict_shares(what) ? what->stages[stage - 1].workers : 0);
}

static void print_stage(FILE *out, const struct cli_predict *what, int32_t stage)
{
    const struct cli_predict_stage *s = &what->stages[stage];

    fprintf(out, "      s%d:\n        cpu: 1\n", (int)stage);
    if (stage > 0 && !what->fused)
        fprintf(out, "        buffer: %d\n", (int)buffer_of(what, stage));
    fprintf(out,
            "        time:\n          per_item: %.9fs\n"
            "          fixed:\n            dist: empirical\n            values: [",
            s->extra_s);
    for (int32_t i = 0; i < s->n_samples; i++)
        fprintf(out, "%s%.9fs", i > 0 ? ", " : "", s->samples_s[i]);
    fprintf(out, "]\n");
}

static void print_slots(FILE *out, const struct cli_predict *what)
{
    fprintf(out, "slots: {");
    for (int32_t s = 0; s < what->n; s++)
        fprintf(out, "%ss%d: %d", s > 0 ? ", " : " ", (int)s,
                (int)(what->fused ? 1 : what->stages[s].workers));
    fprintf(out, " }");
}

static void print_units(FILE *out, const struct cli_predict *what)
{
    if (what->fused) {
        fprintf(out, "        all: { fused: true, cpu: 1, count: %d, ",
                (int)what->stages[0].workers);
        print_slots(out, what);
        fprintf(out, " }\n");
        return;
    }
    if (cli_predict_shares(what)) {
        fprintf(out, "        all: { cpu: %d, ", (int)what->cores);
        print_slots(out, what);
        fprintf(out, " }\n");
        return;
    }
    for (int32_t s = 0; s < what->n; s++)
        fprintf(out, "        u%d: { slots: { s%d: 1 }, count: %d }\n", (int)s, (int)s,
                (int)what->stages[s].workers);
}

const char *cli_predict_scenario(const struct cli_predict *what, struct sp_arena *arena)
{
    char *text = NULL, *copy;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        sp_bug(__FILE__, __LINE__, "no memory for a scenario");
    fprintf(out,
            "scenario: validate\n"
            "fleet:\n"
            "  node: { cpu: %d, count: 1, price: 0 }\n"
            "workloads:\n"
            "  items:\n"
            "    kind: pipeline\n"
            "    source: { items: %d, pull: true }\n"
            "    stages:\n",
            (int)what->cores, (int)what->items);
    for (int32_t s = 0; s < what->n; s++)
        print_stage(out, what, s);
    fprintf(out,
            "policies:\n"
            "  only:\n"
            "    items:\n"
            "      rule: %s\n"
            "      units:\n",
            cli_predict_shares(what) ? "reserve-output" : "downstream-first");
    print_units(out, what);
    if (fclose(out) != 0)
        sp_bug(__FILE__, __LINE__, "no memory for a scenario");
    copy = sp_arena_strdup(arena, text);
    free(text);
    return copy;
}

/* ---- runs ---- */

struct rows {
    int32_t n, room;
    int64_t *entered_ns, *left_ns;
};

static void keep(void *self, const struct model_item_row *row)
{
    struct rows *rows = self;

    sp_assert(rows->n < rows->room);
    rows->entered_ns[rows->n] = row->arrived_ns;
    rows->left_ns[rows->n++] = row->left_ns;
}

static void add(struct cal_flow *sum, const struct cal_flow *x, double weight)
{
    sum->per_s += weight * x->per_s;
    sum->mean_s += weight * x->mean_s;
    sum->p50_s += weight * x->p50_s;
    sum->p99_s += weight * x->p99_s;
}

/* One run; its figures are added to *sum with `weight`. */
static enum sp_status run_once(const struct model_scenario *sc, struct rows *rows,
                               uint64_t seed, double weight, struct cli_predicted *sum,
                               struct sp_err *err)
{
    struct model_item_sink sink = {rows, keep};
    struct sim_options o = {
        .seed = seed, .replications = 1, .items = &sink, .version = ""};
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = NULL;
    enum sp_status status;
    struct cal_flow flow;

    rows->n = 0;
    status = sim_run(sc, &o, arena, &r, err);
    if (status == SP_OK) {
        const struct model_workload_result *w = &r->policies[0].workloads[0];

        flow = cal_flow_of(rows->entered_ns, rows->left_ns, rows->n);
        add(&sum->flow, &flow, weight);
        for (int32_t s = 0; s < w->n_stages; s++)
            sum->busy_frac[s] += weight * w->stages[s].busy_frac.mean;
    }
    sp_arena_free(arena);
    return status;
}

enum sp_status cli_predict_run(const struct cli_predict *what,
                               struct cli_predicted *predicted, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = NULL;
    struct cli_predicted sum = {0};
    struct rows rows = {
        .room = what->items,
        .entered_ns =
            sp_arena_array(arena, (size_t)what->items, sizeof *rows.entered_ns),
        .left_ns = sp_arena_array(arena, (size_t)what->items, sizeof *rows.left_ns),
    };
    enum sp_status status = model_scenario_parse(
        "(pipeline)", cli_predict_scenario(what, arena), arena, &sc, err);

    for (int32_t i = 0; i < what->replications && status == SP_OK; i++)
        status = run_once(sc, &rows, what->seed + (uint64_t)i, 1.0 / what->replications,
                          &sum, err);
    if (status == SP_OK)
        *predicted = sum;
    sp_arena_free(arena);
    return status;
}

double cli_predict_rule(const double *mean_s, const int32_t *workers, int32_t n,
                        bool fused, int32_t cores)
{
    double sum_s = 0, least = INFINITY;

    for (int32_t s = 0; s < n; s++) {
        sum_s += mean_s[s];
        least = fmin(least, workers[s] / mean_s[s]);
    }
    return fmin(fused ? workers[0] / sum_s : least, cores / sum_s);
}
