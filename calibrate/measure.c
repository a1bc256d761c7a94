/* Everything on the CPU: making kernels ready, and campaigns. */
#include "calibrate/measure.h"

#include <string.h>

#include "base/units.h"
#include "calibrate/circumstances.h"
#include "calibrate/cores.h"
#include "calibrate/measure_parts.h"

#define PROBE_S      0.15
#define PAUSE_STEP_S 0.2

enum { CORE_COUNTS_MOST = 16 };

struct cal_measure_options cal_measure_defaults(bool quick)
{
    return (struct cal_measure_options){.kernels = cal_kernels,
                                        .quick = quick,
                                        .campaigns = quick ? 1 : 3,
                                        .pause_s = quick ? 0 : 30,
                                        .half_frac = 0.01,
                                        .budget_s = quick ? 0.6 : 3,
                                        .total_s = quick ? 25 : 0,
                                        .seed = 1};
}

/* ---- making ready ---- */

static enum sp_status tell(struct cal_bench *b, const char *kernel, struct sp_err *err)
{
    b->campaign.now.kernel = kernel;
    if (b->options->progress != NULL &&
        b->options->progress(b->options->progress_self, &b->campaign.now))
        return sp_fail(err, SP_ELIMIT, "calibration was stopped");
    return SP_OK;
}

/* A state with its load; a library that refuses is the kernel's end, not ours. */
static enum sp_status open_load(struct cal_bench *b, struct cal_bench_row *row,
                                double x, struct cal_load *load, struct sp_err *err)
{
    struct cal_state *state = NULL;
    struct sp_err refusal = {0};
    enum sp_status status;

    if (row->kernel->open(row->kernel, x, b->options->seed, &state, &refusal) !=
        SP_OK) {
        row->skipped = sp_arena_strdup(b->arena, refusal.text);
        return SP_OK;
    }
    status = row->kernel->check != NULL ? row->kernel->check(state, err) : SP_OK;
    if (status == SP_OK && !cal_load_init(&b->world, row->kernel, state, load))
        status = sp_fail(err, SP_EIO, "the clock does not advance while %s runs",
                         row->kernel->name);
    if (status != SP_OK)
        row->kernel->close(state);
    return status;
}

static enum sp_status open_series(struct cal_bench *b, struct cal_bench_row *row,
                                  double x, struct sp_err *err)
{
    struct cal_series *s;
    struct cal_load load = {0};
    enum sp_status status = tell(b, row->kernel->name, err);

    if (status == SP_OK)
        status = open_load(b, row, x, &load, err);
    if (status != SP_OK || row->skipped != NULL)
        return status;
    b->series = sp_arena_more(b->arena, b->series, b->n_series, &b->series_room,
                              sizeof *b->series);
    s = &b->series[b->n_series++];
    *s = (struct cal_series){.kernel = row->kernel, .x = x, .load = load};
    s->items_s = sp_arena_array(b->arena, (size_t)load.items, sizeof *s->items_s);
    row->n++;
    return SP_OK;
}

/* States for several cores at once: the same input on each. */
static enum sp_status open_cores(struct cal_bench *b, struct cal_bench_row *row,
                                 struct sp_err *err)
{
    const struct cal_kernel *kernel = row->kernel;
    int32_t counts[CORE_COUNTS_MOST];
    int32_t n = cal_core_counts(b->cores_most, counts, CORE_COUNTS_MOST);
    enum sp_status status = SP_OK;

    row->loads = sp_arena_array(b->arena, (size_t)b->cores_most, sizeof *row->loads);
    for (int32_t i = 0; i < b->cores_most && status == SP_OK && row->skipped == NULL;
         i++) {
        struct cal_load *load = &row->loads[row->n_loads];

        status = open_load(b, row, kernel->scaling_x, load, err);
        load->items = 1;
        row->n_loads += status == SP_OK && row->skipped == NULL;
    }
    for (int32_t i = b->options->quick ? n - 1 : 1; i < n; i++) {
        b->cores = sp_arena_more(b->arena, b->cores, b->n_cores, &b->cores_room,
                                 sizeof *b->cores);
        b->cores[b->n_cores++] = (struct cal_cores){.kernel = kernel,
                                                    .x = kernel->scaling_x,
                                                    .cores = counts[i],
                                                    .loads = row->loads};
        row->nc++;
    }
    return status;
}

static enum sp_status open_row(struct cal_bench *b, const struct cal_kernel *kernel,
                               struct sp_err *err)
{
    struct cal_bench_row *row = &b->rows[b->n_rows++];
    enum sp_status status = SP_OK;

    *row = (struct cal_bench_row){
        .kernel = kernel, .first = b->n_series, .first_cores = b->n_cores};
    for (int32_t i = 0; i < kernel->n_points && status == SP_OK && row->skipped == NULL;
         i++)
        if (!b->options->quick || (kernel->quick >> i & 1) != 0)
            status = open_series(b, row, kernel->x[i], err);
    if (status == SP_OK && row->skipped == NULL && kernel->scaling_x > 0 &&
        kernel->threads <= 1 && b->cores_most > 1)
        status = open_cores(b, row, err);
    return status;
}

/* A skipped kernel's series and core counts are taken out again: they are the last. */
static void drop_skipped(struct cal_bench *b)
{
    struct cal_bench_row *row = &b->rows[b->n_rows - 1];

    if (row->skipped == NULL)
        return;
    for (int32_t i = row->first; i < b->n_series; i++)
        row->kernel->close(b->series[i].load.state);
    b->n_series = row->first;
    b->n_cores = row->first_cores;
    row->n = row->nc = 0;
}

static enum sp_status open_all(struct cal_bench *b, struct sp_err *err)
{
    enum sp_status status = SP_OK;
    int32_t n = 0;

    while (b->options->kernels[n] != NULL)
        n++;
    b->rows = sp_arena_array(b->arena, (size_t)n + 1, sizeof *b->rows);
    b->campaign.now.doing = "preparing";
    for (int32_t i = 0; i < n && status == SP_OK; i++) {
        status = open_row(b, b->options->kernels[i], err);
        if (status == SP_OK)
            drop_skipped(b);
    }
    return status;
}

static void close_all(struct cal_bench *b)
{
    for (int32_t i = 0; i < b->n_series; i++) {
        b->series[i].kernel->close(b->series[i].load.state);
        cal_samples_fini(&b->series[i].samples);
        cal_samples_fini(&b->series[i].by_cpu_samples);
    }
    for (int32_t i = 0; i < b->n_rows; i++)
        for (int32_t k = 0; k < b->rows[i].n_loads; k++)
            b->rows[i].kernel->close(b->rows[i].loads[k].state);
}

/* ---- the reference ---- */

static void probe(struct cal_bench *b)
{
    int64_t end_ns = b->world.now_ns(b->world.self) + sp_ns_from_s(PROBE_S);

    do
        cal_reference_learn(&b->reference, b->world.canary(b->world.self));
    while (b->world.now_ns(b->world.self) < end_ns);
}

/* No block of a campaign counted, and canaries were why: the reference is of a machine
 * that this one is no more. */
static bool unreached(const struct cal_bench *b)
{
    int64_t blocks = 0, by_canary = 0;

    for (int32_t i = 0; i < b->n_series; i++) {
        blocks += b->series[i].estimate.blocks;
        by_canary += b->series[i].estimate.by_canary;
    }
    return blocks == 0 && by_canary > 0 && b->options->reference.adds_per_ns > 0;
}

static void forget_reference(struct cal_bench *b)
{
    b->reference = (struct cal_reference){0};
    probe(b);
    cal_bench_note(
        b, "canaries: the earlier reference was never reached, a new one was taken");
}

/* ---- campaigns ---- */

static void keep_results(struct cal_bench *b)
{
    int32_t k = b->done;

    for (int32_t i = 0; i < b->n_series; i++) {
        const struct cal_series *s = &b->series[i];
        double *items_s =
            sp_arena_array(b->arena, (size_t)s->load.items, sizeof *items_s);

        memcpy(items_s, s->items_s, (size_t)s->load.items * sizeof *items_s);
        b->items_s[k * b->n_series + i] = items_s;
        b->estimates[k * b->n_series + i] = s->estimate;
    }
    for (int32_t i = 0; i < b->n_cores; i++)
        b->speedups[k * b->n_cores + i] = b->cores[i].speedup;
    b->done++;
}

static void make_room(struct cal_bench *b)
{
    size_t n = (size_t)b->options->campaigns;
    size_t series = n * (size_t)b->n_series, cores = n * (size_t)b->n_cores;

    b->estimates = sp_arena_array(b->arena, series + 1, sizeof *b->estimates);
    b->items_s = sp_arena_array(b->arena, series + 1, sizeof *b->items_s);
    b->speedups = sp_arena_array(b->arena, cores + 1, sizeof *b->speedups);
    b->circumstances = sp_arena_array(b->arena, n, sizeof *b->circumstances);
}

/* Pinning steadies a quiet machine; on a busy one a pinned thread can't get out of the
 * way. */
static void pin_where_quiet(struct cal_bench *b)
{
    struct cal_circumstances now;
    struct cal_watch watch;

    cal_watch_begin(&watch);
    b->world.pause(b->world.self, 0.1);
    now = cal_watch_end(&watch);
    b->pinned = cal_circumstances_quiet(&now) && cal_machine_pin(b->machine, 0);
    if (!b->pinned)
        cal_machine_unpin(b->machine);
}

static enum sp_status one_campaign(struct cal_bench *b, struct sp_err *err)
{
    const struct cal_measure_options *o = b->options;
    struct cal_watch watch;
    enum sp_status status;

    b->campaign.now.doing =
        sp_arena_printf(b->arena, "campaign %d of %d", b->done + 1, o->campaigns);
    b->campaign.rng = sp_rng_from_key(
        sp_rng_stream_key(o->seed, (uint32_t)b->done, "calibrate.rounds"));
    cal_watch_begin(&watch);
    status = cal_campaign_run(&b->campaign, b->series, b->n_series, b->arena, err);
    b->circumstances[b->done] = cal_watch_end(&watch);
    cal_machine_unpin(b->machine);
    if (status == SP_OK)
        status = cal_campaign_cores(&b->campaign, b->cores, b->n_cores, err);
    return status;
}

static enum sp_status pause_between(struct cal_bench *b, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    b->campaign.now.doing = "pause between campaigns";
    for (double left_s = b->options->pause_s; left_s > 0 && status == SP_OK;
         left_s -= PAUSE_STEP_S) {
        b->world.pause(b->world.self, left_s < PAUSE_STEP_S ? left_s : PAUSE_STEP_S);
        status = tell(b, "", err);
    }
    return status;
}

static enum sp_status all_campaigns(struct cal_bench *b, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    while (b->done < b->options->campaigns && status == SP_OK) {
        if (b->done > 0)
            status = pause_between(b, err);
        if (status == SP_OK) {
            pin_where_quiet(b);
            status = one_campaign(b, err);
        }
        if (status == SP_OK && b->done == 0 && unreached(b)) {
            forget_reference(b);
            status = one_campaign(b, err);
        }
        if (status == SP_OK)
            keep_results(b);
    }
    return status;
}

/* ---- all of it ---- */

static void set_campaign(struct cal_bench *b)
{
    const struct cal_measure_options *o = b->options;
    int32_t parts = o->campaigns * (b->n_series + b->n_cores);
    double budget_s = o->total_s > 0 && parts > 0 ? o->total_s / parts : o->budget_s;

    b->campaign.world = &b->world;
    b->campaign.reference = &b->reference;
    b->campaign.half_frac = o->half_frac;
    b->campaign.budget_s =
        budget_s < o->budget_s || o->total_s <= 0 ? budget_s : o->budget_s;
    b->campaign.all_s = b->campaign.budget_s * parts;
    b->campaign.progress = o->progress;
    b->campaign.progress_self = o->progress_self;
}

static void bench_begin(struct cal_bench *b)
{
    int32_t cores;

    b->machine = cal_machine_new();
    cores = cal_machine_cores(b->machine);
    b->cores_most = b->options->cores_most > 0 && b->options->cores_most < cores
                        ? b->options->cores_most
                        : cores;
    cal_cpu_rig_open(&b->rig, b->machine);
    b->world = cal_cpu_rig_world(&b->rig);
    b->reference.best = b->options->reference;
    probe(b);
}

enum sp_status cal_measure_cpu(const struct cal_measure_options *options,
                               struct sp_arena *arena, struct cal_campaigns *c,
                               struct sp_err *err)
{
    struct cal_bench b = {.options = options, .arena = arena, .c = c};
    enum sp_status status;

    sp_assert(options->campaigns >= 1 && options->campaigns <= CAL_CAMPAIGNS_MAX);
    bench_begin(&b);
    status = open_all(&b, err);
    if (status == SP_OK) {
        make_room(&b);
        set_campaign(&b);
        status = all_campaigns(&b, err);
    }
    if (status == SP_OK)
        cal_bench_keep(&b);
    close_all(&b);
    cal_machine_unpin(b.machine);
    cal_cpu_rig_close(&b.rig);
    cal_machine_free(b.machine);
    return status;
}
