/* Everything on the CPU: making kernels ready, campaigns, and what is kept of them. */
#include "calibrate/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "calibrate/campaign.h"
#include "calibrate/circumstances.h"
#include "calibrate/cores.h"

#define PROBE_S      0.15
#define CANARY       "canary"
#define CANARY_CHAIN "canary_multiplies_per_ns"
#define CANARY_ADDS  "canary_adds_per_ns"
#define PAUSE_STEP_S 0.2

enum {
    CORE_COUNTS_MOST = 16,
    FACTS_MOST = 48,
    ITEMS_LEAST = 8 /* fewer say nothing of how items differ */
};

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

/* One kernel while it is measured. */
struct row {
    const struct cal_kernel *kernel;
    int32_t first, n;        /* its series */
    int32_t first_cores, nc; /* its core counts */
    struct cal_load *loads;  /* one for each core, or NULL */
    int32_t n_loads;
    const char *skipped;
};

struct bench {
    const struct cal_measure_options *options;
    struct sp_arena *arena;
    struct cal_campaigns *c;
    struct cal_machine *machine;
    struct cal_cpu_rig rig;
    struct cal_world world;
    struct cal_reference reference;
    struct cal_campaign campaign;
    int32_t cores_most;
    int32_t n_rows, n_series, n_cores, series_room, cores_room;
    struct row *rows;
    struct cal_series *series;
    struct cal_cores *cores;

    /* of campaign k and series i: [k * n_series + i]; of core count i likewise */
    struct cal_estimate *estimates;
    double *speedups;
    double **items_s; /* each with room for the series' inputs */
    struct cal_circumstances *circumstances;
    int32_t done; /* campaigns */
    bool pinned;
};

/* ---- notes ---- */

static void add_note(struct bench *b, const char *text)
{
    struct cal_campaigns *c = b->c;

    c->notes = sp_arena_grow(b->arena, c->notes, (size_t)c->n_notes,
                             (size_t)c->n_notes + 1, sizeof *c->notes);
    c->notes[c->n_notes++] = text;
}

/* ---- making ready ---- */

static enum sp_status tell(struct bench *b, const char *kernel, struct sp_err *err)
{
    b->campaign.now.kernel = kernel;
    if (b->options->progress != NULL &&
        b->options->progress(b->options->progress_self, &b->campaign.now))
        return sp_fail(err, SP_ELIMIT, "calibration was stopped");
    return SP_OK;
}

/* A state with its load; a library that refuses is the kernel's end, not ours. */
static enum sp_status open_load(struct bench *b, struct row *row, double x,
                                struct cal_load *load, struct sp_err *err)
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

static enum sp_status open_series(struct bench *b, struct row *row, double x,
                                  struct sp_err *err)
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
static enum sp_status open_cores(struct bench *b, struct row *row, struct sp_err *err)
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

static enum sp_status open_row(struct bench *b, const struct cal_kernel *kernel,
                               struct sp_err *err)
{
    struct row *row = &b->rows[b->n_rows++];
    enum sp_status status = SP_OK;

    *row =
        (struct row){.kernel = kernel, .first = b->n_series, .first_cores = b->n_cores};
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
static void drop_skipped(struct bench *b)
{
    struct row *row = &b->rows[b->n_rows - 1];

    if (row->skipped == NULL)
        return;
    for (int32_t i = row->first; i < b->n_series; i++)
        row->kernel->close(b->series[i].load.state);
    b->n_series = row->first;
    b->n_cores = row->first_cores;
    row->n = row->nc = 0;
}

static enum sp_status open_all(struct bench *b, struct sp_err *err)
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

static void close_all(struct bench *b)
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

static const char *fact_of(const struct model_fact *facts, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0)
            return facts[i].value;
    return NULL;
}

struct cal_speed cal_measure_reference(const struct model_profile *p)
{
    struct cal_machine *machine = cal_machine_new();
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device here;
    const char *cpu = fact_of(p->facts, p->n_facts, "cpu");
    const char *code = fact_of(p->facts, p->n_facts, CANARY);
    const char *chain = fact_of(p->facts, p->n_facts, CANARY_CHAIN);
    const char *adds = fact_of(p->facts, p->n_facts, CANARY_ADDS);
    struct cal_speed speed = {0};

    cal_machine_device(machine, arena, &here);
    if (cpu != NULL && code != NULL && chain != NULL && adds != NULL &&
        strcmp(cpu, here.model) == 0 && strcmp(code, cal_canary_code()) == 0) {
        speed.multiplies_per_ns = strtod(chain, NULL);
        speed.adds_per_ns = strtod(adds, NULL);
    }
    if (!(speed.multiplies_per_ns > 0 && speed.multiplies_per_ns < 1e3) ||
        !(speed.adds_per_ns > 0 && speed.adds_per_ns < 1e3))
        speed = (struct cal_speed){0};
    sp_arena_free(arena);
    cal_machine_free(machine);
    return speed;
}

static void probe(struct bench *b)
{
    int64_t end_ns = b->world.now_ns(b->world.self) + sp_ns_from_s(PROBE_S);

    do
        cal_reference_learn(&b->reference, b->world.canary(b->world.self));
    while (b->world.now_ns(b->world.self) < end_ns);
}

/* No block of a campaign counted, and canaries were why: the reference is of a machine
 * that this one is no more. */
static bool unreached(const struct bench *b)
{
    int64_t blocks = 0, by_canary = 0;

    for (int32_t i = 0; i < b->n_series; i++) {
        blocks += b->series[i].estimate.blocks;
        by_canary += b->series[i].estimate.by_canary;
    }
    return blocks == 0 && by_canary > 0 && b->options->reference.adds_per_ns > 0;
}

static void forget_reference(struct bench *b)
{
    b->reference = (struct cal_reference){0};
    probe(b);
    add_note(b,
             "canaries: the earlier reference was never reached, a new one was taken");
}

/* ---- campaigns ---- */

static void keep_results(struct bench *b)
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

static void make_room(struct bench *b)
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
static void pin_where_quiet(struct bench *b)
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

static enum sp_status one_campaign(struct bench *b, struct sp_err *err)
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

static enum sp_status pause_between(struct bench *b, struct sp_err *err)
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

static enum sp_status all_campaigns(struct bench *b, struct sp_err *err)
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

/* ---- what is kept ---- */

static void point_of(struct bench *b, int32_t i, struct cal_point *point)
{
    *point = (struct cal_point){.x = b->series[i].x};
    point->estimates =
        sp_arena_array(b->arena, (size_t)b->done, sizeof *point->estimates);
    for (int32_t k = 0; k < b->done; k++)
        if (b->estimates[k * b->n_series + i].blocks > 0)
            point->estimates[point->n++] = b->estimates[k * b->n_series + i];
}

static void points_of(struct bench *b, const struct row *row, struct cal_measured *m)
{
    char x[32];

    m->points = sp_arena_array(b->arena, (size_t)row->n + 1, sizeof *m->points);
    for (int32_t i = 0; i < row->n; i++) {
        struct cal_point *point = &m->points[m->n_points];

        point_of(b, row->first + i, point);
        m->n_points += point->n > 0;
        if (point->n == 0)
            add_note(b, sp_arena_printf(
                            b->arena, "%s at %s %s: not measured (%s)",
                            row->kernel->name, row->kernel->axis,
                            model_axis_format(row->kernel->axis, point->x, x, sizeof x),
                            b->series[row->first + i].estimate.why));
    }
    if (m->n_points == 0)
        m->skipped = "no block of samples counts at any point";
}

/* Median over the campaigns that saw input `item` of series i; NaN. */
static double item_s(const struct bench *b, int32_t i, int32_t item)
{
    double values[CAL_CAMPAIGNS_MAX];
    int32_t n = 0;

    for (int32_t k = 0; k < b->done; k++) {
        double s = b->items_s[k * b->n_series + i][item];

        if (!isnan(s))
            values[n++] = s;
    }
    return n > 0 ? cal_median(values, n) : (double)NAN;
}

static void items_of(struct bench *b, const struct row *row, struct cal_measured *m)
{
    int32_t room = 0;

    for (int32_t i = 0; i < row->n; i++) {
        const struct cal_series *s = &b->series[row->first + i];

        if (row->kernel->n_features == 0 && s->load.items < ITEMS_LEAST)
            continue;
        for (int32_t item = 0; item < s->load.items; item++) {
            struct cal_item is = {.x = s->x, .s = item_s(b, row->first + i, item)};

            if (isnan(is.s))
                continue;
            if (row->kernel->features_of != NULL)
                row->kernel->features_of(s->load.state, item, is.features);
            m->items =
                sp_arena_more(b->arena, m->items, m->n_items, &room, sizeof *m->items);
            m->items[m->n_items++] = is;
        }
    }
}

static void scaling_point(struct bench *b, int32_t i, struct cal_scaling_point *point)
{
    *point = (struct cal_scaling_point){.cores = b->cores[i].cores};
    point->speedup = sp_arena_array(b->arena, (size_t)b->done, sizeof *point->speedup);
    for (int32_t k = 0; k < b->done; k++)
        if (!isnan(b->speedups[k * b->n_cores + i]))
            point->speedup[point->n++] = b->speedups[k * b->n_cores + i];
}

static void scaling_of(struct bench *b, const struct row *row, struct cal_measured *m)
{
    struct cal_scaling_point *one;

    if (row->nc == 0)
        return;
    m->scaling = sp_arena_array(b->arena, (size_t)row->nc + 1, sizeof *m->scaling);
    one = &m->scaling[m->n_scaling++];
    *one = (struct cal_scaling_point){.cores = 1, .n = b->done};
    one->speedup = sp_arena_array(b->arena, (size_t)b->done, sizeof *one->speedup);
    for (int32_t k = 0; k < b->done; k++)
        one->speedup[k] = 1;
    for (int32_t i = 0; i < row->nc; i++) {
        struct cal_scaling_point *point = &m->scaling[m->n_scaling];

        scaling_point(b, row->first_cores + i, point);
        m->n_scaling += point->n > 0;
        if (point->n == 0)
            add_note(b, sp_arena_printf(b->arena,
                                        "%s on %d cores: not measured (%d pairs of "
                                        "blocks rejected)",
                                        row->kernel->name, point->cores,
                                        b->cores[row->first_cores + i].rejected));
    }
    if (m->n_scaling == 1)
        m->n_scaling = 0;
}

static void note_cpu_time(struct bench *b, const struct row *row)
{
    const char *axis = row->kernel->axis;
    char x[32];

    for (int32_t i = 0; i < row->n; i++)
        if (b->series[row->first + i].by_cpu > 0) {
            add_note(
                b, sp_arena_printf(b->arena,
                                   "%s from %s %s on: hardly a call stays "
                                   "undisturbed here, CPU time was taken instead of "
                                   "wall time",
                                   row->kernel->name, axis,
                                   model_axis_format(axis, b->series[row->first + i].x,
                                                     x, sizeof x)));
            return;
        }
}

static void measured_of(struct bench *b, const struct row *row, struct cal_measured *m)
{
    const struct cal_kernel *k = row->kernel;

    *m = (struct cal_measured){.name = k->name,
                               .item = k->item,
                               .axis = k->axis,
                               .calls = k->calls,
                               .bound = k->bound,
                               .work = k->work,
                               .n_params = k->n_params,
                               .params = k->params,
                               .n_features = k->n_features,
                               .features = k->features,
                               .skipped = row->skipped,
                               .quiet = b->done > 0};
    if (row->skipped != NULL)
        return;
    if (k->library != NULL)
        m->library = k->library(b->arena);
    if (k->code_path != NULL)
        m->code_path = k->code_path(b->arena);
    for (int32_t i = 0; i < b->done; i++)
        m->quiet = m->quiet && cal_circumstances_quiet(&b->circumstances[i]);
    points_of(b, row, m);
    items_of(b, row, m);
    scaling_of(b, row, m);
    note_cpu_time(b, row);
}

static void add_fact(struct cal_campaigns *c, const char *name, const char *value)
{
    sp_assert(c->n_facts < FACTS_MOST);
    c->facts[c->n_facts++] = (struct model_fact){.name = name, .value = value};
}

/* "0.03, 0.12": a number of each campaign, "unknown" where it is not known. */
static const char *each_campaign(const struct bench *b, size_t offset)
{
    char text[CAL_CAMPAIGNS_MAX * 16] = "", *end = text;

    for (int32_t i = 0; i < b->done; i++) {
        const char *row = (const char *)&b->circumstances[i];
        double value;

        memcpy(&value, row + offset, sizeof value);
        if (i > 0)
            end += sprintf(end, ", ");
        if (isfinite(value))
            end += snprintf(end, 14, "%.3g", value);
        else
            end += sprintf(end, "unknown");
    }
    return sp_arena_strdup(b->arena, text);
}

static void facts_of(struct bench *b)
{
    struct cal_campaigns *c = b->c;
    struct sp_arena *arena = b->arena;

    c->facts = sp_arena_array(arena, FACTS_MOST, sizeof *c->facts);
    c->n_facts = cal_machine_facts(b->machine, arena, c->facts, FACTS_MOST - 16);
    add_fact(c, "gate", cal_gate_text(&b->rig.gate));
    add_fact(c, "pinned", b->pinned ? "yes" : "no");
    add_fact(c, CANARY, cal_canary_code());
    if (cal_canary_has()) {
        add_fact(c, CANARY_CHAIN,
                 sp_arena_printf(arena, "%.5f", b->reference.best.multiplies_per_ns));
        add_fact(c, CANARY_ADDS,
                 sp_arena_printf(arena, "%.4f", b->reference.best.adds_per_ns));
    }
    add_fact(c, "pressure",
             each_campaign(b, offsetof(struct cal_circumstances, pressure_frac)));
    add_fact(c, "foreign_cores",
             each_campaign(b, offsetof(struct cal_circumstances, foreign_cores)));
    add_fact(c, "load", each_campaign(b, offsetof(struct cal_circumstances, load)));
    add_fact(c, "steal",
             each_campaign(b, offsetof(struct cal_circumstances, steal_frac)));
    add_fact(c, "cpu_wall",
             each_campaign(b, offsetof(struct cal_circumstances, cpu_wall)));
}

void cal_measure_machine(struct sp_arena *arena, struct cal_campaigns *c)
{
    struct cal_machine *machine = cal_machine_new();

    c->facts = sp_arena_array(arena, FACTS_MOST, sizeof *c->facts);
    c->n_facts = cal_machine_facts(machine, arena, c->facts, FACTS_MOST);
    cal_machine_free(machine);
}

static void collect(struct bench *b)
{
    struct cal_campaigns *c = b->c;

    c->campaigns = b->options->campaigns;
    c->seed = b->options->seed;
    facts_of(b);
    c->devices = sp_arena_array(b->arena, 1, sizeof *c->devices);
    c->n_devices = 1;
    cal_machine_device(b->machine, b->arena, &c->devices[0]);
    c->measured = sp_arena_array(b->arena, (size_t)b->n_rows + 1, sizeof *c->measured);
    c->n_measured = b->n_rows;
    for (int32_t i = 0; i < b->n_rows; i++)
        measured_of(b, &b->rows[i], &c->measured[i]);
    if (!cal_canary_has())
        add_note(b, "canaries: none for this CPU, a slow or shared core goes unseen");
}

/* ---- all of it ---- */

static void set_campaign(struct bench *b)
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

static void bench_begin(struct bench *b)
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
    struct bench b = {.options = options, .arena = arena, .c = c};
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
        collect(&b);
    close_all(&b);
    cal_machine_unpin(b.machine);
    cal_cpu_rig_close(&b.rig);
    cal_machine_free(b.machine);
    return status;
}
