/* Step functions of the teams and of their sum, each closed when it changes. */
#include "traces/demand.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "traces/level_times.h"

enum { ALL = 0 };

#define SERIES_FIRST_NS INT64_C(1000000) /* doubled as time goes on */
#define LEVEL_MAX       INT64_C(1000000000000000)

struct level {
    struct trace_level_times *times; /* NULL: never met */
    int64_t since_ns, peak_at_ns;
    sp_i128 mgpu;
    int64_t peak_mgpu;
};

struct trace_demand {
    struct sp_arena *arena;
    struct level *levels; /* of index ALL: the sum; else team + 1 */
    int32_t n, room;
    int64_t series_ns;
    sp_i128 series[TRACE_DEMAND_SERIES_MAX]; /* mgpu ns */
};

struct trace_demand *trace_demand_new(struct sp_arena *arena)
{
    struct trace_demand *d = sp_arena_alloc(arena, sizeof *d);

    d->arena = arena;
    d->series_ns = SERIES_FIRST_NS;
    return d;
}

static struct level *level_of(struct trace_demand *d, int32_t index)
{
    while (d->n <= index) {
        d->levels =
            sp_arena_more(d->arena, d->levels, d->n, &d->room, sizeof *d->levels);
        d->levels[d->n++] = (struct level){.times = trace_level_times_new(d->arena)};
    }
    return &d->levels[index];
}

/* ---- demand over time ---- */

static void double_series(struct trace_demand *d)
{
    enum { HALF = TRACE_DEMAND_SERIES_MAX / 2 };

    for (int i = 0; i < HALF; i++)
        d->series[i] = d->series[2 * i] + d->series[2 * i + 1];
    for (int i = HALF; i < TRACE_DEMAND_SERIES_MAX; i++)
        d->series[i] = 0;
    d->series_ns *= 2;
}

static void add_to_series(struct trace_demand *d, int64_t from_ns, int64_t to_ns,
                          int64_t mgpu)
{
    while ((to_ns - 1) / d->series_ns >= TRACE_DEMAND_SERIES_MAX)
        double_series(d);
    while (from_ns < to_ns) {
        int64_t bucket = from_ns / d->series_ns, end_ns = (bucket + 1) * d->series_ns;

        end_ns = end_ns < to_ns ? end_ns : to_ns;
        d->series[bucket] += sp_i128_mul(mgpu, end_ns - from_ns);
        from_ns = end_ns;
    }
}

/* ---- levels ---- */

static int64_t clamped(sp_i128 mgpu)
{
    return mgpu < LEVEL_MAX ? (int64_t)mgpu : LEVEL_MAX;
}

/* What stood since the last change is written down. */
static void close_level(struct trace_demand *d, int32_t index, int64_t at_ns)
{
    struct level *level = level_of(d, index);
    int64_t mgpu = clamped(level->mgpu);

    sp_assert(at_ns >= level->since_ns && level->mgpu >= 0);
    if (at_ns == level->since_ns)
        return;
    trace_level_times_add(level->times, mgpu, at_ns - level->since_ns);
    if (mgpu > level->peak_mgpu) {
        level->peak_mgpu = mgpu;
        level->peak_at_ns = level->since_ns;
    }
    if (index == ALL)
        add_to_series(d, level->since_ns, at_ns, mgpu);
    level->since_ns = at_ns;
}

void trace_demand_change(struct trace_demand *d, int32_t team, int64_t at_ns,
                         int64_t mgpu)
{
    close_level(d, ALL, at_ns);
    close_level(d, team + 1, at_ns);
    d->levels[ALL].mgpu += mgpu;
    d->levels[team + 1].mgpu += mgpu;
}

/* ---- the end ---- */

static struct trace_demand_figures figures_of(const struct level *level)
{
    const struct trace_level_times *t = level->times;

    return (struct trace_demand_figures){
        .mean_mgpu =
            sp_i128_ratio(trace_level_times_integral(t), trace_level_times_total(t)),
        .p50_mgpu = trace_level_times_quantile(t, 500),
        .p95_mgpu = trace_level_times_quantile(t, 950),
        .p99_mgpu = trace_level_times_quantile(t, 990),
        .peak_mgpu = level->peak_mgpu,
        .peak_at_ns = level->peak_at_ns,
        .mgpu_ns = trace_level_times_integral(t),
    };
}

static void finish_series(const struct trace_demand *d, struct trace_demand_result *r)
{
    r->series_ns = d->series_ns;
    if (r->length_ns == 0)
        return;
    r->n_series = (int32_t)((r->length_ns - 1) / d->series_ns) + 1;
    for (int32_t i = 0; i < r->n_series; i++) {
        int64_t left_ns = r->length_ns - i * d->series_ns;

        r->series_mgpu[i] = sp_i128_ratio(
            d->series[i], left_ns < d->series_ns ? left_ns : d->series_ns);
    }
}

struct trace_demand_result *trace_demand_end(struct trace_demand *d, int64_t end_ns)
{
    struct trace_demand_result *r = sp_arena_alloc(d->arena, sizeof *r);

    level_of(d, ALL);
    for (int32_t i = 0; i < d->n; i++)
        close_level(d, i, end_ns);
    r->length_ns = end_ns;
    r->all = figures_of(&d->levels[ALL]);
    r->n_teams = d->n - 1;
    r->teams = sp_arena_array(d->arena, (size_t)r->n_teams, sizeof *r->teams);
    for (int32_t i = 0; i < r->n_teams; i++) {
        r->teams[i] = figures_of(&d->levels[i + 1]);
        r->sum_p95_mgpu += r->teams[i].p95_mgpu;
        r->sum_p99_mgpu += r->teams[i].p99_mgpu;
        r->sum_peak_mgpu += r->teams[i].peak_mgpu;
    }
    finish_series(d, r);
    return r;
}
