/* Blocks and their gate. */
#include "calibrate/device_block.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/median.h"
#include "calibrate/estimate.h"

enum { CALLS_MAX = 64 };

/* Median of a copy, and its half-width. */
static double summarise(const double *values, int32_t n, double *half_frac)
{
    double x[CAL_SERIES_BLOCKS_MAX], middle;

    memcpy(x, values, (size_t)n * sizeof *x);
    middle = sp_median(x, n);
    *half_frac = cal_half_frac(x, n, middle);
    return middle;
}

/* ---- rules ---- */

static const struct cal_block_rules full_rules = {.block_s = 0.012,
                                                  .sample_s = 0.0002,
                                                  .samples_least = 3,
                                                  .samples_most = 32,
                                                  .blocks_most = CAL_SERIES_BLOCKS_MAX,
                                                  .half_frac = 0.01,
                                                  .series_s = 1.5,
                                                  .call_s = 0.2,
                                                  .warm_up_s = 0.5,
                                                  .sustain_s = 10,
                                                  .campaign_s = 200};
static const struct cal_block_rules quick_rules = {.block_s = 0.002,
                                                   .sample_s = 0.0002,
                                                   .samples_least = 3,
                                                   .samples_most = 32,
                                                   .blocks_most = CAL_SERIES_BLOCKS_MAX,
                                                   .half_frac = 0.01,
                                                   .series_s = 0.1,
                                                   .call_s = 0.02,
                                                   .warm_up_s = 0.1,
                                                   .sustain_s = 1,
                                                   .campaign_s = 10};
/* By number, not by time: an emulated device takes as long as it takes. */
static const struct cal_block_rules patient_rules = {.samples_least = 2,
                                                     .samples_most = 2,
                                                     .blocks_most = 12,
                                                     .half_frac = 0.01,
                                                     .series_s = 1e9,
                                                     .call_s = 1e9,
                                                     .sustain_s = 0,
                                                     .campaign_s = 1e9};

struct cal_block_rules cal_block_rules(const struct cal_device_plan *plan)
{
    return plan->patient ? patient_rules : plan->quick ? quick_rules : full_rules;
}

/* ---- samples ---- */

static enum sp_status take_sample(struct cal_rig *rig,
                                  const struct cal_device_series *s,
                                  struct cal_sampled *got, struct sp_err *err)
{
    const struct cal_row *row = s->of.row;

    *got = (struct cal_sampled){NAN, NAN, false};
    return row->sample != NULL ? row->sample(rig, &s->of, got, err)
                               : cal_sample_held(rig, &s->of, got, err);
}

void cal_device_series_begin(struct cal_device_series *s)
{
    s->spent_s = s->sum_s = 0;
    s->best_s = INFINITY;
    s->n_values = s->n_doubtful = s->by_clock = s->by_host = s->by_others = 0;
    s->samples = 0;
    s->throttle = 0;
    s->worst_clock = 1;
}

enum sp_status cal_device_series_try(struct cal_rig *rig,
                                     const struct cal_block_rules *rules,
                                     struct cal_device_series *s, struct sp_err *err)
{
    struct cal_sampled got;
    double calls;

    s->of.calls = 1;
    for (int i = 0; i < 2; i++)
        if (take_sample(rig, s, &got, err) != SP_OK)
            return SP_EIO;
    s->call_s = got.s;
    calls = got.s > 0 ? ceil(rules->sample_s / got.s) : CALLS_MAX;
    s->of.calls = calls < 1 ? 1 : calls > CALLS_MAX ? CALLS_MAX : (int32_t)calls;
    return SP_OK;
}

/* ---- the gate ---- */

struct look {
    double clock; /* share of the best seen; 1 where it can't be told */
    struct cal_device_health health;
};

/* The best is raised when beaten, by no more than 5 % at a time. */
static enum sp_status look_at(struct cal_rig *rig, bool health_too, struct look *look,
                              struct sp_err *err)
{
    double clock;

    *look = (struct look){.clock = 1, .health = {NAN, NAN, 0, -1}};
    if (cal_rig_clock(rig, &clock, err) != SP_OK)
        return SP_EIO;
    if (!isnan(clock)) {
        if (rig->clock_best == 0)
            rig->clock_best = clock;
        else if (clock > rig->clock_best)
            rig->clock_best = fmin(clock, rig->clock_best * 1.05);
        look->clock = clock / rig->clock_best;
    }
    if (health_too)
        rig->ops->health(rig->d, &look->health);
    if (health_too && !isnan(look->health.temperature_c) &&
        !(rig->hottest_c >= look->health.temperature_c))
        rig->hottest_c = look->health.temperature_c;
    return SP_OK;
}

static void keep(double *list, int32_t *n, double value)
{
    if (*n < CAL_SERIES_BLOCKS_MAX)
        list[(*n)++] = value;
}

/* Files the block where it belongs. */
static void judge(struct cal_device_series *s, const struct look looks[2], double value,
                  bool enough)
{
    double clock = fmin(looks[0].clock, looks[1].clock);
    const struct cal_device_health *health = &looks[1].health;

    if (!enough) {
        s->by_host++;
        return;
    }
    if (clock >= 1 - CAL_CLOCK_SLACK && health->throttle == 0 &&
        health->other_processes <= 0) {
        keep(s->values, &s->n_values, value);
        return;
    }
    keep(s->doubtful, &s->n_doubtful, value);
    if (clock < 1 - CAL_CLOCK_SLACK || health->throttle != 0)
        s->by_clock++;
    else
        s->by_others++;
    s->worst_clock = fmin(s->worst_clock, clock);
    s->throttle |= health->throttle;
}

/* Samples of a block into x[]; returns how many are good. */
static enum sp_status fill_block(struct cal_rig *rig,
                                 const struct cal_block_rules *rules,
                                 struct cal_device_series *s, double *x, int32_t *n,
                                 struct sp_err *err)
{
    double until_s = sp_clock_s() + rules->block_s;
    struct cal_sampled got;

    *n = 0;
    if (take_sample(rig, s, &got, err) != SP_OK) /* the first is dropped */
        return SP_EIO;
    for (int32_t i = 0; i < rules->samples_most; i++) {
        if (i >= rules->samples_least && sp_clock_s() > until_s)
            break;
        if (take_sample(rig, s, &got, err) != SP_OK)
            return SP_EIO;
        if (!got.held || !(got.s > 0))
            continue;
        x[(*n)++] = got.s;
        s->best_s = fmin(s->best_s, got.s);
        s->sum_s += got.s;
        s->samples++;
        if (!isnan(got.aside) && s->n_aside < CAL_SERIES_ASIDE_MAX)
            s->aside[s->n_aside++] = got.aside;
    }
    return SP_OK;
}

enum sp_status cal_device_series_block(struct cal_rig *rig,
                                       const struct cal_block_rules *rules,
                                       struct cal_device_series *s, struct sp_err *err)
{
    double begin_s = sp_clock_s(), x[CAL_SERIES_BLOCKS_MAX];
    struct look looks[2];
    int32_t n = 0;
    bool enough;

    if (look_at(rig, false, &looks[0], err) != SP_OK ||
        fill_block(rig, rules, s, x, &n, err) != SP_OK ||
        look_at(rig, true, &looks[1], err) != SP_OK)
        return SP_EIO;
    enough = n >= rules->samples_least;
    judge(s, looks, sp_median(x, n), enough);
    s->spent_s += sp_clock_s() - begin_s;
    return SP_OK;
}

/* ---- the estimate ---- */

static bool is_known(const struct cal_device_series *s,
                     const struct cal_block_rules *rules)
{
    double half_frac;

    if (s->n_values < CAL_BLOCKS_LEAST)
        return false;
    (void)summarise(s->values, s->n_values, &half_frac);
    return half_frac <= rules->half_frac;
}

bool cal_device_series_is_done(const struct cal_device_series *s,
                               const struct cal_block_rules *rules)
{
    int32_t blocks = s->n_values + s->n_doubtful + s->by_host;

    return s->spent_s >= rules->series_s || blocks >= rules->blocks_most ||
           is_known(s, rules);
}

static const char *why_not(const struct cal_device_series *s,
                           const struct cal_estimate *e, struct sp_arena *arena)
{
    int blocks = s->n_values + s->n_doubtful + s->by_host;
    char reasons[96];

    if (s->by_clock > 0 && s->by_clock >= s->by_host + s->by_others) {
        cal_device_throttle_text(s->throttle, reasons, sizeof reasons);
        return sp_arena_printf(
            arena, "%d of %d blocks with a clock at %.0f %% of its best%s%s",
            (int)s->by_clock, blocks, 100 * s->worst_clock,
            reasons[0] != '\0' ? ": " : "", reasons);
    }
    if (s->by_others > s->by_host)
        return sp_arena_printf(arena, "%d of %d blocks while others computed there",
                               (int)s->by_others, blocks);
    if (s->by_host > s->n_values)
        return sp_arena_printf(arena, "%d of %d blocks not enqueued in time",
                               (int)s->by_host, blocks);
    if (e->blocks < CAL_BLOCKS_LEAST)
        return sp_arena_printf(arena, "%d blocks in its time, expected %d",
                               (int)e->blocks, CAL_BLOCKS_LEAST);
    return sp_arena_printf(arena, "half-width %.1f %% after %d blocks",
                           100 * e->half_frac, (int)e->blocks);
}

void cal_device_series_end(struct cal_device_series *s,
                           const struct cal_block_rules *rules, struct sp_arena *arena)
{
    bool doubtful = s->n_values == 0;
    int32_t n = doubtful ? s->n_doubtful : s->n_values;
    struct cal_estimate e = {.blocks = n,
                             .by_scheduler = s->by_host + s->by_others,
                             .by_clock = s->by_clock,
                             .best_s = s->best_s};
    struct cal_estimate *list;

    if (n == 0)
        return;
    e.s = summarise(doubtful ? s->doubtful : s->values, n, &e.half_frac);
    e.mean_s = s->sum_s / (double)s->samples;
    e.converged = !doubtful && is_known(s, rules);
    e.why = e.converged ? NULL : why_not(s, &e, arena);
    list = sp_arena_array(arena, (size_t)s->n_estimates + 1, sizeof *list);
    for (int32_t i = 0; i < s->n_estimates; i++)
        list[i] = s->estimates[i];
    list[s->n_estimates++] = e;
    s->estimates = list;
}

double cal_device_series_aside(struct cal_device_series *s)
{
    return sp_median(s->aside, s->n_aside);
}

enum { BURST = 8, LAST = 32 };

enum sp_status cal_device_series_sustain(struct cal_rig *rig, double sustain_s,
                                         struct cal_device_series *s, double *clock,
                                         struct sp_err *err)
{
    double begin_s = sp_clock_s(), burst[BURST], last, half_frac;
    struct cal_sampled got;
    struct look look;
    int64_t n = 0;

    do {
        if (take_sample(rig, s, &got, err) != SP_OK)
            return SP_EIO;
        if (!got.held || !(got.s > 0))
            continue;
        if (n < BURST)
            burst[n] = got.s;
        s->values[n++ % LAST] = got.s;
        s->best_s = fmin(s->best_s, got.s);
        s->sum_s += got.s;
        s->samples++;
    } while ((n < 2 * BURST || sp_clock_s() - begin_s < sustain_s) &&
             sp_clock_s() - begin_s < 2 * sustain_s + 1);
    s->n_values = (int32_t)(n < LAST ? n : LAST);
    if (n >= BURST) {
        last = summarise(s->values, s->n_values, &half_frac);
        s->aside[s->n_aside++] = sp_median(burst, BURST) / last;
    }
    s->spent_s += sp_clock_s() - begin_s;
    if (look_at(rig, true, &look, err) != SP_OK)
        return SP_EIO;
    if (look.health.other_processes > 0) {
        memcpy(s->doubtful, s->values, sizeof s->doubtful);
        s->by_others = s->n_doubtful = s->n_values;
        s->n_values = 0;
    }
    *clock = look.clock;
    return SP_OK;
}

enum sp_status cal_rig_warm_up(struct cal_rig *rig, double s, struct sp_err *err)
{
    double until_s = sp_clock_s() + s;
    struct look look;

    do {
        if (look_at(rig, false, &look, err) != SP_OK)
            return SP_EIO;
    } while (sp_clock_s() < until_s);
    return SP_OK;
}
