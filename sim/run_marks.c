/* What a run looks at as time passes: integrals at bucket boundaries, the window,
 * samples. */
#include "sim/run_rows.h"

enum { QUEUED = SIM_INTEGRALS * MODEL_RESOURCES }; /* the series' last channel */

/* ---- what is integrated ---- */

sp_i128 sim_run_integral(const struct sim_run_now *r, int what, int res, int64_t t)
{
    sp_i128 sum = 0;

    if (what == SIM_PROVISIONED)
        return sim_level_integral(sim_cluster_provisioned(r->cluster, res), t);
    if (what == SIM_ALLOCATED)
        return sim_level_integral(sim_cluster_allocated(r->cluster, res), t);
    if (what == SIM_STRANDED)
        return sim_level_integral(sim_cluster_stranded(r->cluster, res), t);
    for (int32_t i = 0; i < r->n_works; i++)
        sum += r->works[i].kind->busy(r->works[i].self, res, t);
    return sum;
}

static void take_integrals(const struct sim_run_now *r,
                           sp_i128 to[SIM_INTEGRALS][MODEL_RESOURCES], int64_t t)
{
    for (int what = 0; what < SIM_INTEGRALS; what++)
        for (int res = 0; res < MODEL_RESOURCES; res++)
            to[what][res] = sim_run_integral(r, what, res, t);
}

/* ---- marks in time: buckets and the window ---- */

static void record_bucket(struct sim_run_now *r)
{
    sp_i128 channels[SIM_SERIES_CHANNELS];

    for (int what = 0; what < SIM_INTEGRALS; what++)
        for (int res = 0; res < MODEL_RESOURCES; res++)
            channels[what * MODEL_RESOURCES + res] =
                sim_run_integral(r, what, res, r->series.next_ns);
    channels[QUEUED] = 0;
    for (int32_t i = 0; i < r->n_works; i++)
        channels[QUEUED] +=
            r->works[i].kind->queue_integral(r->works[i].self, r->series.next_ns);
    sim_series_record(&r->series, channels);
}

static void sample(struct sim_run_now *r)
{
    struct model_fragmentation one = {0};

    sim_cluster_sample(r->cluster, &one);
    sim_samples_add(&r->samples, &one);
}

static void open_window(struct sim_run_now *r, int64_t t)
{
    r->window.open = true;
    r->window.opened_ns = t;
    take_integrals(r, r->window.base, t);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->measure(r->works[i].self, true, t);
}

static void close_window(struct sim_run_now *r, int64_t t)
{
    r->window.closed = true;
    r->window.closed_ns = t;
    take_integrals(r, r->window.end, t);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->measure(r->works[i].self, false, t);
}

static int64_t next_mark(const struct sim_run_now *r)
{
    int64_t t = r->series.next_ns;

    if (r->replication == 0 && r->samples.next_ns < t)
        t = r->samples.next_ns;
    if (sim_run_rates_next(r) < t)
        t = sim_run_rates_next(r);
    if (!r->window.open && r->window.from_ns < t)
        t = r->window.from_ns;
    if (!r->window.closed && r->window.to_ns >= 0 && r->window.to_ns < t)
        t = r->window.to_ns;
    return t;
}

/* Everything that happens between events, up to and including time `to_ns`. */
void sim_run_pass_marks(struct sim_run_now *r, int64_t to_ns)
{
    while ((r->next_mark_ns = next_mark(r)) <= to_ns) {
        int64_t t = r->next_mark_ns;

        if (!r->window.open && r->window.from_ns <= t)
            open_window(r, t);
        if (!r->window.closed && r->window.to_ns >= 0 && r->window.to_ns <= t)
            close_window(r, t);
        if (sim_run_rates_next(r) == t)
            sim_run_rates_record(r);
        if (r->series.next_ns == t)
            record_bucket(r);
        if (r->replication == 0 && r->samples.next_ns == t)
            sample(r);
    }
}

void sim_run_end_window(struct sim_run_now *r)
{
    sim_run_pass_marks(r, r->now_ns);
    if (!r->window.open)
        open_window(r, r->now_ns);
    if (!r->window.closed)
        close_window(r, r->now_ns);
}
