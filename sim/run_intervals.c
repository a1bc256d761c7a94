/* Intervals of one long run: throughput from counts in even steps of time, and words
 * for what intervals are made of. */
#include <math.h>

#include "base/units.h"
#include "sim/batches.h"
#include "sim/run_rows.h"

enum { FIRST_STEP_NS = 1000000 };

struct sim_run_rates {
    int64_t step_ns, next_ns;          /* next_ns INT64_MAX: the window is not open */
    int32_t n;                         /* steps; their ends are at[1 .. n] */
    int64_t *at[SIM_BATCHES_MOST + 1]; /* items done, by workload */
};

struct sim_run_rates *sim_run_rates_new(const struct sim_run_now *r)
{
    struct sim_run_rates *rates;

    if (!r->options->batches || r->options->replications > 1 ||
        r->scenario->measure == MODEL_MEASURE_ALL)
        return NULL;
    rates = sp_arena_alloc(r->arena, sizeof *rates);
    rates->step_ns = FIRST_STEP_NS;
    for (int32_t i = 0; i <= SIM_BATCHES_MOST; i++)
        rates->at[i] =
            sp_arena_array(r->arena, (size_t)r->n_works, sizeof *rates->at[i]);
    return rates;
}

/* The first one is the window's begin. */
int64_t sim_run_rates_next(const struct sim_run_now *r)
{
    const struct sim_run_rates *rates = r->rates;

    if (rates == NULL || !r->window.open || r->window.closed)
        return INT64_MAX;
    return rates->next_ns == 0 ? r->window.opened_ns : rates->next_ns;
}

static void halve(struct sim_run_rates *rates, int32_t n_works)
{
    rates->n /= 2;
    for (int32_t i = 1; i <= rates->n; i++)
        for (int32_t w = 0; w < n_works; w++)
            rates->at[i][w] = rates->at[2 * i][w];
    rates->step_ns *= 2;
}

void sim_run_rates_record(struct sim_run_now *r)
{
    struct sim_run_rates *rates = r->rates;
    const int64_t now_ns = sim_run_rates_next(r);

    rates->n += rates->next_ns != 0;
    for (int32_t w = 0; w < r->n_works; w++)
        rates->at[rates->n][w] = r->works[w].kind->items_done(r->works[w].self);
    if (rates->n == SIM_BATCHES_MOST)
        halve(rates, r->n_works);
    rates->next_ns =
        now_ns < SP_NS_MAX - rates->step_ns ? now_ns + rates->step_ns : INT64_MAX;
}

static void add_throughput(const struct sim_run_rates *rates, int32_t w,
                           struct model_workload_result *to)
{
    double per_s[SIM_BATCHES_MOST];
    enum model_interval from;

    for (int32_t i = 0; i < rates->n; i++)
        per_s[i] = (double)(rates->at[i + 1][w] - rates->at[i][w]) /
                   sp_s_from_ns(rates->step_ns);
    to->per_s.half95 = sim_batches_half95(per_s, rates->n, &from);
}

/* ---- words ---- */

struct words {
    struct sp_arena *arena;
    bool some;                   /* interval there is */
    const char *few, *dependent; /* figures without, or "" */
};

static void add(struct words *w, const char *name, const char *of,
                enum model_interval from)
{
    const char **to = from == MODEL_INTERVAL_FEW ? &w->few : &w->dependent;

    if (from == MODEL_INTERVAL_BATCHES || from == MODEL_INTERVAL_NONE) {
        w->some = w->some || from == MODEL_INTERVAL_BATCHES;
        return;
    }
    *to =
        sp_arena_printf(w->arena, "%s%s%s %s", *to, **to != '\0' ? ", " : "", name, of);
}

static void add_times(struct words *w, const char *name, const struct model_times *t)
{
    add(w, name, "mean", t->mean_from);
    add(w, name, "p99", t->p99_from);
}

static const char *words(const struct model_workload_result *of, struct sp_arena *arena)
{
    struct words w = {.arena = arena, .few = "", .dependent = ""};

    if (of->serving != NULL) {
        add_times(&w, "TTFT", &of->serving->ttft);
        add_times(&w, "TPOT", &of->serving->tpot);
        add_times(&w, "E2E", &of->serving->e2e);
    } else if (of->jobs != NULL) {
        add_times(&w, "queue wait", &of->jobs->groups[0].queue);
        add_times(&w, "completion", &of->jobs->groups[0].completion);
    } else {
        add_times(&w, "latency", &of->latency);
    }
    w.some = w.some || !isnan(of->per_s.half95);
    return sp_arena_printf(
        arena, "%s%s%s%s%s", w.some ? "95 %, batch means of one run" : "none",
        *w.few != '\0' ? "; the run is too short for that of " : "", w.few,
        *w.dependent != '\0' ? "; the run's batches are not independent in " : "",
        w.dependent);
}

void sim_run_intervals(const struct sim_run_now *r, struct sp_arena *arena,
                       struct model_policy_result *p)
{
    for (int32_t w = 0; w < r->n_works && r->rates != NULL; w++) {
        add_throughput(r->rates, w, &p->workloads[w]);
        p->workloads[w].interval = words(&p->workloads[w], arena);
    }
}
