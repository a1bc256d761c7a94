/* Rounds of blocks until enough is known. */
#include "calibrate/campaign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/median.h"

#define ROUND_PAUSE_S 0.005

static enum sp_status stopped(struct sp_err *err)
{
    return sp_fail(err, SP_ELIMIT, "calibration was stopped");
}

/* Tells where we are; true: stop. */
static bool told_to_stop(struct cal_campaign *c, const char *kernel, double spent_s)
{
    if (c->progress == NULL)
        return false;
    c->now.kernel = kernel;
    c->now.done_frac = c->all_s > 0 ? (c->done_s + spent_s) / c->all_s : 0;
    if (c->now.done_frac > 1)
        c->now.done_frac = 1;
    return c->progress(c->progress_self, &c->now);
}

/* ---- series ---- */

static void series_begin(struct cal_series *s)
{
    s->estimate = (struct cal_estimate){.s = (double)NAN,
                                        .half_frac = (double)INFINITY,
                                        .best_s = (double)INFINITY,
                                        .mean_s = (double)NAN};
    s->summary = (struct cal_summary){.s = (double)NAN, .half_frac = (double)INFINITY};
    s->by_cpu = s->taken = 0;
    s->samples.n = s->by_cpu_samples.n = 0;
    s->by_cpu_blocks = 0;
    s->spent_s = s->sum_s = 0;
    s->next_look = CAL_SERIES_LEAST;
    s->over = false;
    for (int32_t i = 0; i < s->load.items; i++)
        s->items_s[i] = (double)NAN;
}

/* Blocks that rest on CPU times are kept apart: they count where there are no others.
 */
static void count_block(struct cal_series *s, const struct cal_block *b)
{
    struct cal_estimate *e = &s->estimate;
    bool by_cpu = b->end == CAL_BLOCK_COUNTS && b->by_cpu > 0;

    e->blocks += b->end == CAL_BLOCK_COUNTS && !by_cpu;
    e->by_canary += b->end == CAL_BLOCK_BY_CANARY;
    e->by_scheduler += b->end == CAL_BLOCK_BY_SCHEDULER;
    e->by_clock += b->end == CAL_BLOCK_BY_CLOCK;
    if (by_cpu) {
        s->by_cpu_blocks++;
        s->by_cpu += b->by_cpu;
    }
    if (b->end == CAL_BLOCK_COUNTS && b->best_s < e->best_s)
        e->best_s = b->best_s;
    if (b->end != CAL_BLOCK_BY_CLOCK) {
        s->sum_s += b->sum_s;
        s->taken += b->taken;
    }
    s->spent_s += b->span_s;
}

/* Others make a computation slower, never faster, so its own time is at the low end of
 * what was seen.  Memory is shared by its nature: on a quiet machine, too, a copy's
 * time lies in the middle of what was seen, and the low end repeats worst. */
static enum cal_centre centre_of(const struct cal_kernel *kernel)
{
    return kernel->bound == MODEL_BOUND_COMPUTE || kernel->bound == MODEL_BOUND_ROOFLINE
               ? CAL_CENTRE_LOW
               : CAL_CENTRE_MEDIAN;
}

static void summarise(struct cal_series *s)
{
    s->summary = cal_summarise(s->samples.rows, s->samples.n, s->load.items,
                               centre_of(s->kernel), s->items_s);
}

/* Looks whether it is known well enough: at CAL_SERIES_LEAST blocks, then at an eighth
 * more each time. */
static bool converged(struct cal_series *s, double half_frac)
{
    if (s->estimate.blocks < s->next_look)
        return false;
    s->next_look = s->estimate.blocks + 1 + s->estimate.blocks / 8;
    summarise(s);
    return cal_summary_converged(&s->summary, s->load.items, half_frac);
}

/* Samples of the block go where blocks of its kind are. */
static void run_block(struct cal_campaign *c, struct cal_series *s)
{
    int32_t kept = s->samples.n;
    struct cal_block b = cal_block_run(c->world, c->reference, &s->load,
                                       s->estimate.blocks, &s->samples);

    cal_reference_learn(c->reference, b.before);
    cal_reference_learn(c->reference, b.after);
    for (int32_t i = kept; b.by_cpu > 0 && i < s->samples.n; i++) {
        struct cal_sample sample = s->samples.rows[i];

        sample.block = s->by_cpu_blocks;
        cal_samples_keep(&s->by_cpu_samples, sample);
    }
    if (b.by_cpu > 0)
        s->samples.n = kept;
    count_block(s, &b);
    c->now.rejected += b.end != CAL_BLOCK_COUNTS;
}

/* Where calls are long and inputs many a budget does not hold the four samples of each
 * that a half-width needs: twice that, as blocks drop some, but no more than three
 * budgets. */
static double budget_of(const struct cal_campaign *c, const struct cal_series *s)
{
    double sample_s =
        s->taken > 0 ? s->sum_s / (double)s->taken * (double)s->load.calls : 0;
    double needs_s = 2 * CAL_SAMPLES_OF_INPUT * s->load.items * sample_s;

    return fmin(fmax(c->budget_s, needs_s), 3 * c->budget_s);
}

static void series_block(struct cal_campaign *c, struct cal_series *s)
{
    run_block(c, s);
    s->estimate.converged = converged(s, c->half_frac);
    c->now.converged += s->estimate.converged;
    s->over = s->estimate.converged || s->spent_s >= budget_of(c, s);
}

/* Where no block counts by the wall clock, those by CPU time do. */
static void choose_clock(struct cal_series *s)
{
    struct cal_samples wall = s->samples;

    if (s->estimate.blocks > 0 || s->by_cpu_blocks == 0) {
        s->estimate.by_scheduler += s->by_cpu_blocks;
        s->by_cpu = 0;
        return;
    }
    s->estimate.blocks = s->by_cpu_blocks;
    s->samples = s->by_cpu_samples;
    s->by_cpu_samples = wall;
}

/* A half-width in per cent, with as many digits as show that it is above the wanted
 * one.
 */
static const char *above(double half_frac, double wanted_frac, char *text, size_t size)
{
    int digits = 1;

    while (digits < 4 && half_frac < wanted_frac + 0.5 * pow(0.1, digits + 2))
        digits++;
    snprintf(text, size, "%.*f %%", digits, 100 * half_frac);
    return text;
}

static const char *why_not(const struct cal_series *s, double half_frac,
                           struct sp_arena *arena)
{
    const struct cal_estimate *e = &s->estimate;
    int32_t rejected = e->by_canary + e->by_scheduler + e->by_clock;
    char reached[96], above_text[24];

    if (e->blocks == 0)
        snprintf(reached, sizeof reached, "no block counts");
    else if (s->summary.inputs < s->load.items)
        snprintf(reached, sizeof reached, "%d of %d inputs seen", s->summary.inputs,
                 s->load.items);
    else if (e->blocks < CAL_SERIES_LEAST)
        snprintf(reached, sizeof reached, "%d blocks, expected %d", e->blocks,
                 CAL_SERIES_LEAST);
    else if (!isfinite(e->half_frac))
        snprintf(reached, sizeof reached,
                 "%d samples of %d inputs, expected %d or more", s->samples.n,
                 s->load.items, CAL_SAMPLES_OF_INPUT * s->load.items);
    else
        snprintf(reached, sizeof reached, "half-width %s, expected %.1f %%",
                 above(e->half_frac, half_frac, above_text, sizeof above_text),
                 100 * half_frac);
    if (rejected == 0)
        return sp_arena_strdup(arena, reached);
    return sp_arena_printf(arena,
                           "%s; rejected %d by canary, %d by scheduler, %d by clock",
                           reached, e->by_canary, e->by_scheduler, e->by_clock);
}

static void series_end(const struct cal_campaign *c, struct cal_series *s,
                       struct sp_arena *arena)
{
    struct cal_estimate *e = &s->estimate;

    choose_clock(s);
    summarise(s);
    e->s = s->summary.s;
    e->half_frac = s->summary.half_frac;
    e->converged = cal_summary_converged(&s->summary, s->load.items, c->half_frac);
    e->mean_s = s->taken > 0 ? s->sum_s / (double)s->taken : (double)NAN;
    if (!e->converged)
        e->why = why_not(s, c->half_frac, arena);
    cal_samples_fini(&s->samples);
    cal_samples_fini(&s->by_cpu_samples);
}

static void shuffle(struct sp_rng *rng, int32_t *order, int32_t n)
{
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t j = (int32_t)(sp_rng_uniform(rng) * (i + 1)), kept = order[i];

        order[i] = order[j];
        order[j] = kept;
    }
}

static double spent_s(const struct cal_campaign *c, const struct cal_series *series,
                      int32_t n)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += series[i].over || series[i].spent_s > c->budget_s ? c->budget_s
                                                                 : series[i].spent_s;
    return sum;
}

/* A block of each series that is not over; false: told to stop. */
static bool one_round(struct cal_campaign *c, struct cal_series *series, int32_t n,
                      int32_t *order, bool *all_over)
{
    *all_over = true;
    shuffle(&c->rng, order, n);
    for (int32_t i = 0; i < n; i++) {
        struct cal_series *s = &series[order[i]];

        if (s->over)
            continue;
        if (told_to_stop(c, s->kernel->name, spent_s(c, series, n)))
            return false;
        series_block(c, s);
        *all_over = *all_over && s->over;
    }
    return true;
}

enum sp_status cal_campaign_run(struct cal_campaign *c, struct cal_series *series,
                                int32_t n, struct sp_arena *arena, struct sp_err *err)
{
    int32_t *order = sp_xcalloc((size_t)n + 1, sizeof *order);
    bool all_over = n == 0, going = true;

    c->now.series = n;
    c->now.converged = 0;
    for (int32_t i = 0; i < n; i++) {
        order[i] = i;
        series_begin(&series[i]);
    }
    while (going && !all_over) {
        going = one_round(c, series, n, order, &all_over);
        c->world->pause(c->world->self, ROUND_PAUSE_S);
    }
    for (int32_t i = 0; i < n; i++)
        series_end(c, &series[i], arena);
    free(order);
    c->done_s += n * c->budget_s;
    return going ? SP_OK : stopped(err);
}

/* ---- cores ---- */

int32_t cal_core_counts(int32_t most, int32_t *counts, int32_t room)
{
    int32_t n = 0;

    for (int32_t cores = 1; cores < most && n < room - 1; cores *= 2)
        counts[n++] = cores;
    counts[n++] = most;
    return n;
}

/* Whether the clean samples of a block fill enough of it that the others ran
 * meanwhile. */
static bool filled(const struct cal_block *b)
{
    return b->end == CAL_BLOCK_COUNTS && b->clean_s >= b->span_s / 3;
}

/* One core, then all of them; the speed-up, or NaN where a block does not count. */
static double pair_of_blocks(struct cal_campaign *c, struct cal_cores *k, int32_t turn,
                             struct cal_block *blocks, double *median_s, double *took_s)
{
    struct cal_together alone = {.n = 1,
                                 .first_core = turn % k->cores,
                                 .loads = &k->loads[turn % k->cores],
                                 .reference = c->reference,
                                 .blocks = blocks,
                                 .median_s = median_s};
    struct cal_together all = alone;
    double alone_s, speedup = 0;
    bool counts;

    c->world->together(c->world->self, &alone);
    alone_s = median_s[0];
    counts = blocks[0].end == CAL_BLOCK_COUNTS;
    *took_s = blocks[0].span_s;
    all.n = k->cores;
    all.first_core = 0;
    all.loads = k->loads;
    c->world->together(c->world->self, &all);
    *took_s += blocks[0].span_s;
    for (int32_t i = 0; i < k->cores; i++) {
        counts = counts && filled(&blocks[i]);
        speedup += alone_s / median_s[i];
    }
    return counts ? speedup : (double)NAN;
}

static enum sp_status measure_cores(struct cal_campaign *c, struct cal_cores *k,
                                    double *values, double *scratch, int32_t most,
                                    struct sp_err *err)
{
    struct cal_block *blocks = sp_xcalloc((size_t)k->cores, sizeof *blocks);
    double *median_s = sp_xcalloc((size_t)k->cores, sizeof *median_s);
    double spent = 0, took_s;
    bool stop = false;

    for (int32_t turn = 0; turn < most && spent < c->budget_s; turn++) {
        double speedup;

        stop = told_to_stop(c, k->kernel->name, spent);
        if (stop)
            break;
        speedup = pair_of_blocks(c, k, turn, blocks, median_s, &took_s);
        spent += took_s;
        if (isnan(speedup)) {
            k->rejected++;
            c->now.rejected++;
            continue;
        }
        values[k->pairs++] = speedup;
        memcpy(scratch, values, (size_t)k->pairs * sizeof *scratch);
        k->speedup = sp_median(scratch, k->pairs);
        k->half_frac = cal_half_frac(scratch, k->pairs, k->speedup);
        if (k->pairs >= CAL_BLOCKS_LEAST && k->half_frac <= c->half_frac)
            break;
    }
    free(median_s);
    free(blocks);
    return stop ? stopped(err) : SP_OK;
}

enum sp_status cal_campaign_cores(struct cal_campaign *c, struct cal_cores *cores,
                                  int32_t n, struct sp_err *err)
{
    enum { PAIRS_MOST = 1000 };
    double *values = sp_xcalloc(PAIRS_MOST, sizeof *values);
    double *scratch = sp_xcalloc(PAIRS_MOST, sizeof *scratch);
    enum sp_status status = SP_OK;

    for (int32_t i = 0; i < n && status == SP_OK; i++) {
        struct cal_cores *k = &cores[i];

        k->speedup = (double)NAN;
        k->half_frac = (double)INFINITY;
        k->pairs = k->rejected = 0;
        status = measure_cores(c, k, values, scratch, PAIRS_MOST, err);
        c->done_s += c->budget_s;
    }
    free(scratch);
    free(values);
    return status;
}
