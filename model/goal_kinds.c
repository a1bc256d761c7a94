/* The table of goals, and how one reads. */
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "model/goals.h"

/* ---- the table ---- */

#define RUN(key, figure, unit, help)                                                   \
    {                                                                                  \
        key, false, MODEL_KIND_PIPELINE, figure, MODEL_GOAL_##unit, true, help         \
    }
#define MOST(kind, key, figure, unit, help)                                            \
    {                                                                                  \
        key, true, MODEL_KIND_##kind, figure, MODEL_GOAL_##unit, true, help            \
    }
#define LEAST(kind, key, figure, unit, help)                                           \
    {                                                                                  \
        key, true, MODEL_KIND_##kind, figure, MODEL_GOAL_##unit, false, help           \
    }

const struct model_goal_kind model_goal_kinds[] = {
    RUN("deadline", "time_s", S, "all work done in"),
    RUN("budget", "usd", USD, "cost of the run"),
    RUN("cost_per_h", "usd_per_h", USD_PER_H, "cost per hour"),

    LEAST(PIPELINE, "rate", "per_s", PER_S, "rate"),
    LEAST(PIPELINE, "keeps_up", "keeps_up_frac", FRAC, "done of what arrives"),
    MOST(PIPELINE, "latency_mean", "latency_mean_s", S, "latency mean"),
    MOST(PIPELINE, "latency_p50", "latency_p50_s", S, "latency p50"),
    MOST(PIPELINE, "latency_p90", "latency_p90_s", S, "latency p90"),
    MOST(PIPELINE, "latency_p99", "latency_p99_s", S, "latency p99"),
    MOST(PIPELINE, "cost_per_1k_items", "usd_per_1k_items", USD, "cost of 1,000 items"),

    LEAST(SERVING, "rate", "goodput_per_s", PER_S, "goodput"),
    LEAST(SERVING, "slo_attained", "slo_attained", FRAC, "SLO attained"),
    MOST(SERVING, "ttft_mean", "ttft_mean_s", S, "TTFT mean"),
    MOST(SERVING, "ttft_p50", "ttft_p50_s", S, "TTFT p50"),
    MOST(SERVING, "ttft_p90", "ttft_p90_s", S, "TTFT p90"),
    MOST(SERVING, "ttft_p99", "ttft_p99_s", S, "TTFT p99"),
    MOST(SERVING, "tpot_mean", "tpot_mean_s", S, "TPOT mean"),
    MOST(SERVING, "tpot_p99", "tpot_p99_s", S, "TPOT p99"),
    MOST(SERVING, "e2e_mean", "e2e_mean_s", S, "end to end mean"),
    MOST(SERVING, "e2e_p99", "e2e_p99_s", S, "end to end p99"),
    MOST(SERVING, "cost_per_million_tokens", "usd_per_million_tokens", USD,
         "cost of a million tokens"),

    MOST(JOBS, "queue_mean", "queue_mean_s", S, "queue wait mean"),
    MOST(JOBS, "queue_p50", "queue_p50_s", S, "queue wait p50"),
    MOST(JOBS, "queue_p90", "queue_p90_s", S, "queue wait p90"),
    MOST(JOBS, "queue_p99", "queue_p99_s", S, "queue wait p99"),
    MOST(JOBS, "completion_mean", "completion_mean_s", S, "completion mean"),
    MOST(JOBS, "completion_p99", "completion_p99_s", S, "completion p99"),
    MOST(JOBS, "makespan", "makespan_s", S, "makespan"),
    MOST(JOBS, "deadlines_missed", "deadlines_missed_frac", FRAC, "deadlines missed"),
    {0},
};

bool model_goal_is_cost(const struct model_goal_kind *kind)
{
    return kind->unit == MODEL_GOAL_USD || kind->unit == MODEL_GOAL_USD_PER_H;
}

/* ---- in words ---- */

static void format_value(const struct model_goal_kind *kind, double value, char *buf,
                         int size)
{
    switch (kind->unit) {
    case MODEL_GOAL_S:
        sp_format_duration(value, buf, size);
        return;
    case MODEL_GOAL_PER_S:
        snprintf(buf, (size_t)size, "%.10g/s", value);
        return;
    case MODEL_GOAL_FRAC:
        snprintf(buf, (size_t)size, "%.10g %%", value * 100);
        return;
    case MODEL_GOAL_USD:
        snprintf(buf, (size_t)size, "%.10g USD", value);
        return;
    case MODEL_GOAL_USD_PER_H:
        snprintf(buf, (size_t)size, "%.10g USD/h", value);
        return;
    }
}

const char *model_goal_say(struct sp_arena *arena, const struct model_goal_kind *kind,
                           const char *workload, double value, double tolerance_frac)
{
    char number[64], within[64] = "";

    format_value(kind, value, number, sizeof number);
    if (tolerance_frac > 0)
        snprintf(within, sizeof within, ", within %.3g %%", tolerance_frac * 100);
    return sp_arena_printf(arena, "%s%s%s %s %s%s", workload != NULL ? workload : "",
                           workload != NULL ? ": " : "", kind->help,
                           kind->at_most ? "at most" : "at least", number, within);
}
