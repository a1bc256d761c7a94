/* Rounds: canaries, each stage alone, the hand-off, the pipeline, canaries. */
#include "calibrate/validate.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/units.h"
#include "calibrate/canary.h"
#include "calibrate/circumstances.h"
#include "calibrate/flow.h"
#include "calibrate/gate.h"
#include "calibrate/hop.h"
#include "calibrate/machine.h"
#include "calibrate/pipe.h"

enum {
    PROBE_ITEMS = 24,
    ITEMS_MIN = 60,
    ITEMS_MAX = 20000,
    HOPS = 100,
    CORES_SEEN = 16,   /* canaries look at so many CPUs at most */
    LEARN_ROUNDS = 30, /* of canaries, before the first round */
    REST_NS = 150000000,
};
/* Under SCHED_FIFO: others get a twentieth of each second, whatever we ask for. */
#define BURST_S 0.45

/* What goes through all rounds of a pipeline. */
struct trial {
    const struct cal_pipeline *p;
    const struct cal_validate_options *o;
    struct cal_pipe *pipe;
    struct cal_machine *machine;
    struct cal_reference reference;
    struct sp_arena *arena;
    bool good; /* the canaries of this round, so far */
    int32_t n; /* items of a round */
    int32_t round;
};

/* ---- canaries, on each CPU that we may use ---- */

/* Between all that is timed: a neighbour may come at any time. */
static void look(struct trial *t)
{
    int32_t n = cal_machine_cores(t->machine);

    for (int32_t i = 0; cal_canary_has() && i < n && i < CORES_SEEN; i++) {
        struct cal_speed speed;

        if (!cal_machine_pin(t->machine, i))
            continue;
        speed = cal_canary_check(cal_gate_now_ns, NULL);
        t->good = cal_reference_good(&t->reference, speed) && t->good;
        cal_reference_learn(&t->reference, speed);
    }
    cal_machine_unpin(t->machine);
}

/* ---- parts of a round ---- */

static bool stopped(const struct trial *t, double part)
{
    return t->o->progress != NULL && t->o->progress(t->o->progress_self, t->p->name,
                                                    (t->round + part) / t->o->rounds);
}

/* Between bursts others get the CPUs: else the kernel would stop us. */
static void rest(const struct trial *t)
{
    struct timespec span = {.tv_nsec = REST_NS};

    if (t->o->realtime)
        nanosleep(&span, NULL);
}

static void mean_and_cv(const double *x, int32_t n, double *mean, double *cv)
{
    double sum = 0, squares = 0;

    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    *mean = sum / n;
    for (int32_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    *cv = n > 1 && *mean > 0 ? sqrt(squares / (n - 1)) / *mean : 0;
}

static enum sp_status stages_alone(struct trial *t, struct cal_round *r,
                                   double *waited_s, double *ran_s, struct sp_err *err)
{
    for (int32_t s = 0; s < t->p->n; s++) {
        struct cal_stage_seen *seen = &r->stages[s];
        double *samples = sp_arena_array(t->arena, (size_t)t->n, sizeof *samples);

        if (stopped(t, (double)s / (t->p->n + 1)))
            return sp_fail(err, SP_ELIMIT, "interrupted");
        rest(t);
        if (cal_pipe_alone(t->pipe, s, t->n, samples, waited_s, err) != SP_OK)
            return SP_EIO;
        seen->samples_s = samples;
        seen->n_samples = t->n;
        look(t);
        mean_and_cv(samples, t->n, &seen->isolated_mean_s, &seen->isolated_cv);
        *ran_s += seen->isolated_mean_s * t->n;
    }
    return SP_OK;
}

static enum sp_status all_at_once(struct trial *t, struct cal_round *r,
                                  double *waited_s, double *ran_s, struct sp_err *err)
{
    struct cal_passage passage = {
        .entered_ns = sp_xcalloc((size_t)t->n, sizeof *passage.entered_ns),
        .left_ns = sp_xcalloc((size_t)t->n, sizeof *passage.left_ns),
    };
    enum sp_status status;
    struct cal_flow flow;

    rest(t);
    status = cal_pipe_run(t->pipe, &passage, err);
    if (status == SP_OK) {
        flow = cal_flow_of(passage.entered_ns, passage.left_ns, t->n);
        r->items_per_s = flow.per_s;
        r->mean_s = flow.mean_s;
        r->p50_s = flow.p50_s;
        r->p99_s = flow.p99_s;
        for (int32_t s = 0; s < t->p->n; s++) {
            r->stages[s].busy_frac = passage.busy_frac[s];
            r->stages[s].together_mean_s = passage.mean_s[s];
        }
        *waited_s += passage.waited_s;
        *ran_s += passage.wall_s * cal_pipeline_threads(t->p);
    }
    free(passage.entered_ns);
    free(passage.left_ns);
    return status;
}

static enum sp_status measure_round(struct trial *t, struct cal_round *r,
                                    struct sp_err *err)
{
    struct cal_circumstances is;
    struct cal_watch watch;
    int64_t began_ns;
    struct cal_hop hop = {0};
    double waited_s = 0, ran_s = 0;
    enum sp_status status;

    *r = (struct cal_round){.items = t->n};
    cal_pipe_choose(t->pipe, t->n, sp_mix_keys(t->o->seed, (uint64_t)t->round));
    t->good = true;
    look(t);
    began_ns = sp_clock_ns();
    cal_watch_begin(&watch);
    status = stages_alone(t, r, &waited_s, &ran_s, err);
    if (status == SP_OK)
        status = cal_hop_measure(HOPS, &hop, err);
    if (status == SP_OK && stopped(t, (double)t->p->n / (t->p->n + 1)))
        status = sp_fail(err, SP_ELIMIT, "interrupted");
    if (status == SP_OK)
        status = all_at_once(t, r, &waited_s, &ran_s, err);
    is = cal_watch_end(&watch);
    look(t);
    r->canary_good = t->good;
    r->foreign_cores = is.foreign_cores;
    r->wall_s = sp_s_from_ns(sp_clock_ns() - began_ns);
    r->waited_frac =
        cal_pipeline_threads(t->p) <= cal_machine_cores(t->machine) && ran_s > 0
            ? waited_s / ran_s
            : NAN;
    r->hand_off_s = hop.hop_s;
    r->push_s = hop.push_s;
    return status;
}

/* ---- how many items ---- */

/* So many that the busiest stage works for a round: of a fused pipeline all stages. */
static enum sp_status size_round(struct trial *t, struct sp_err *err)
{
    double samples[PROBE_ITEMS], mean, cv, slowest = 0, sum = 0;
    double round_s = t->o->realtime ? fmin(t->o->round_s, BURST_S) : t->o->round_s;

    cal_pipe_choose(t->pipe, PROBE_ITEMS, t->o->seed);
    for (int32_t s = 0; s < t->p->n; s++) {
        if (cal_pipe_alone(t->pipe, s, PROBE_ITEMS, samples, NULL, err) != SP_OK)
            return SP_EIO;
        mean_and_cv(samples, PROBE_ITEMS, &mean, &cv);
        sum += mean;
        slowest = fmax(slowest, mean);
    }
    if (t->p->fused)
        slowest = sum;
    t->n = (int32_t)fmin(fmax(round_s / fmax(slowest, 1e-9), ITEMS_MIN), ITEMS_MAX);
    return SP_OK;
}

enum sp_status cal_validate_run(const struct cal_pipeline *pipeline,
                                const struct cal_validate_options *options,
                                struct sp_arena *arena, struct cal_round *rounds,
                                struct sp_err *err)
{
    struct trial t = {.p = pipeline,
                      .o = options,
                      .reference = {.best = options->reference},
                      .arena = arena};
    enum sp_status status =
        cal_pipe_open(pipeline, options->seed, options->realtime, &t.pipe, err);

    if (status != SP_OK)
        return status;
    t.machine = cal_machine_new();
    for (int32_t i = 0; i < LEARN_ROUNDS; i++)
        look(&t);
    status = size_round(&t, err);
    for (t.round = 0; t.round < options->rounds && status == SP_OK; t.round++)
        status = measure_round(&t, &rounds[t.round], err);
    cal_machine_free(t.machine);
    cal_pipe_close(t.pipe);
    return status;
}
