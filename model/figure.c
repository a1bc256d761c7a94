/* The table of figures, and what a text names in it. */
#include "model/figure.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ---- the table ---- */

#define RUN(member, unit, help, better)                                                \
    {                                                                                  \
#member, unit, help, MODEL_BETTER_##better,                                    \
            offsetof(struct model_run_figures, member)                                 \
    }
#define WORK(member, unit, help, better)                                               \
    {                                                                                  \
#member, unit, help, MODEL_BETTER_##better,                                    \
            offsetof(struct model_workload_figures, member)                            \
    }

const struct model_figure model_figures_run[] = {
    RUN(usd, "USD", "cost", LOWER),
    RUN(usd_per_h, "USD/h", "cost per hour", LOWER),
    RUN(time_s, "s", "time", LOWER),
    RUN(floor_usd, "USD", "floor of the cost", NEITHER),
    RUN(idle_usd, "USD", "cost of what idles", LOWER),
    RUN(unallocated_usd, "USD", "cost of what nobody reserved", LOWER),
    RUN(gpu_busy_frac, "", "GPUs busy", HIGHER),
    RUN(gpu_allocated_frac, "", "GPUs allocated", HIGHER),
    RUN(cpu_busy_frac, "", "CPUs busy", HIGHER),
    RUN(cpu_allocated_frac, "", "CPUs allocated", HIGHER),
    RUN(gpu_nodes_peak, "nodes", "GPU nodes at the peak", LOWER),
    RUN(nodes_mean, "nodes", "nodes, mean", LOWER),
    RUN(nodes_lost, "nodes", "nodes lost", LOWER),
    RUN(events, "events", "events simulated", NEITHER),
    {0},
};

const struct model_figure model_figures_workload[] = {
    WORK(done, "items", "items done", HIGHER),
    WORK(dropped, "items", "items dropped", LOWER),
    WORK(in_flight, "items", "items in flight at the end", LOWER),
    WORK(per_s, "items/s", "throughput", HIGHER),
    WORK(keeps_up_frac, "", "keeps up with its source", HIGHER),
    WORK(usd_per_1k_items, "USD", "cost of 1,000 items", LOWER),
    WORK(latency_mean_s, "s", "latency mean", LOWER),
    WORK(latency_p50_s, "s", "latency p50", LOWER),
    WORK(latency_p90_s, "s", "latency p90", LOWER),
    WORK(latency_p99_s, "s", "latency p99", LOWER),
    WORK(busy_frac, "", "bottleneck busy", NEITHER),
    WORK(ttft_mean_s, "s", "TTFT mean", LOWER),
    WORK(ttft_p50_s, "s", "TTFT p50", LOWER),
    WORK(ttft_p90_s, "s", "TTFT p90", LOWER),
    WORK(ttft_p99_s, "s", "TTFT p99", LOWER),
    WORK(tpot_mean_s, "s", "TPOT mean", LOWER),
    WORK(tpot_p99_s, "s", "TPOT p99", LOWER),
    WORK(e2e_mean_s, "s", "end to end mean", LOWER),
    WORK(e2e_p99_s, "s", "end to end p99", LOWER),
    WORK(slo_attained, "", "SLO attained", HIGHER),
    WORK(goodput_per_s, "requests/s", "goodput", HIGHER),
    WORK(usd_per_million_tokens, "USD", "cost of a million tokens", LOWER),
    WORK(queue_mean_s, "s", "queue wait mean", LOWER),
    WORK(queue_p50_s, "s", "queue wait p50", LOWER),
    WORK(queue_p90_s, "s", "queue wait p90", LOWER),
    WORK(queue_p99_s, "s", "queue wait p99", LOWER),
    WORK(completion_mean_s, "s", "completion mean", LOWER),
    WORK(completion_p99_s, "s", "completion p99", LOWER),
    WORK(makespan_s, "s", "makespan", LOWER),
    WORK(deadlines_missed_frac, "", "deadlines missed", LOWER),
    {0},
};

double model_figure_value(struct model_figure_of of,
                          const struct model_run_figures *run,
                          const struct model_workload_figures *workloads)
{
    const char *row = of.workload == SP_NO_ID ? (const char *)run
                                              : (const char *)&workloads[of.workload];
    double value;

    memcpy(&value, row + of.figure->at, sizeof value);
    return value;
}

/* ---- what a text names ---- */

enum { NAMES_MAX = 64 };

static const struct model_figure *find(const struct model_figure *table,
                                       const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static size_t add_names(const struct model_figure *table, const char **names, size_t n)
{
    for (; table->name != NULL && n < NAMES_MAX; table++)
        names[n++] = table->name;
    return n;
}

/* "did you mean" for a figure; `of_run` and `of_workload` say which could stand there.
 */
static enum sp_status no_such_figure(const char *text, const char *name, bool of_run,
                                     bool of_workload, struct sp_err *err)
{
    const char *names[NAMES_MAX] = {0}, *nearest;
    size_t n = of_run ? add_names(model_figures_run, names, 0) : 0;
    char quoted[120];

    n = of_workload ? add_names(model_figures_workload, names, n) : n;
    nearest = sp_text_nearest(name, names, n);
    sp_text_quote(text, quoted, sizeof quoted);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT, "%s: no such figure, did you mean '%s'?", quoted,
                       nearest);
    return sp_fail(err, SP_EINPUT,
                   "%s: no such figure, expected FIGURE or WORKLOAD.FIGURE, such as %s",
                   quoted, of_run ? "usd or time_s" : "latency_p99_s or per_s");
}

static enum sp_status no_such_workload(const char *text, const char *name,
                                       const char *const *workloads,
                                       int32_t n_workloads, struct sp_err *err)
{
    const char *nearest = sp_text_nearest(name, workloads, (size_t)n_workloads);
    char quoted[120], meant[120];

    sp_text_quote(text, quoted, sizeof quoted);
    if (nearest == NULL)
        nearest = workloads[0];
    return sp_fail(err, SP_EINPUT, "%s: no such workload, did you mean %s?", quoted,
                   sp_text_quote(nearest, meant, sizeof meant));
}

/* A name alone: of the run, or of the one workload. */
static enum sp_status parse_alone(const char *text, const char *const *workloads,
                                  int32_t n_workloads, struct model_figure_of *of,
                                  struct sp_err *err)
{
    const struct model_figure *figure = find(model_figures_run, text);
    char quoted[120], first[120];

    if (figure != NULL) {
        *of = (struct model_figure_of){SP_NO_ID, figure};
        return SP_OK;
    }
    figure = find(model_figures_workload, text);
    if (figure == NULL)
        return no_such_figure(text, text, true, true, err);
    if (n_workloads != 1)
        return sp_fail(
            err, SP_EINPUT,
            "%s: a figure of a workload, of which there are %d, expected "
            "WORKLOAD.%s, the first workload is %s",
            sp_text_quote(text, quoted, sizeof quoted), (int)n_workloads, figure->name,
            n_workloads > 0 ? sp_text_quote(workloads[0], first, sizeof first)
                            : "none");
    *of = (struct model_figure_of){0, figure};
    return SP_OK;
}

/* Names of workloads may hold dots, those of figures don't: the last one parts them. */
enum sp_status model_figure_parse(const char *text, const char *const *workloads,
                                  int32_t n_workloads, struct model_figure_of *of,
                                  struct sp_err *err)
{
    const char *dot = strrchr(text, '.');
    const struct model_figure *figure;
    char name[MODEL_NAME_MAX + 1];

    if (dot == NULL)
        return parse_alone(text, workloads, n_workloads, of, err);
    snprintf(name, sizeof name, "%.*s", (int)(dot - text), text);
    for (int32_t w = 0; w < n_workloads; w++) {
        if (strlen(workloads[w]) != (size_t)(dot - text) ||
            strncmp(workloads[w], text, (size_t)(dot - text)) != 0)
            continue;
        figure = find(model_figures_workload, dot + 1);
        if (figure == NULL)
            return no_such_figure(text, dot + 1, false, true, err);
        *of = (struct model_figure_of){w, figure};
        return SP_OK;
    }
    if (n_workloads == 0)
        return no_such_figure(text, dot + 1, true, false, err);
    return no_such_workload(text, name, workloads, n_workloads, err);
}

struct model_figure_of model_figure_named(const char *name, int32_t workload)
{
    const struct model_figure *f =
        find(workload == SP_NO_ID ? model_figures_run : model_figures_workload, name);

    sp_assert(f != NULL);
    return (struct model_figure_of){workload, f};
}
