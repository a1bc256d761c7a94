/* The plan on one device: select, check, measure group by group, tell. */
#include "calibrate/device_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "calibrate/device_block.h"
#include "calibrate/device_rows.h"

enum { ROWS_MAX = 64, FAILURES_MAX = 3, PROBE_SIDE = 512 };

/* A row, on this device. */
struct job {
    const struct cal_row *row;
    const char *skipped; /* why it is not measured, or NULL */
    int32_t n;
    struct cal_device_series series[CAL_ROW_POINTS_MAX];
    double clock; /* of a sustained row: the device's at its end */
};

struct run {
    struct cal_rig rig;
    const struct cal_device_plan *plan;
    struct cal_block_rules rules;
    struct sp_rng rng;
    int32_t n_jobs;
    struct job jobs[ROWS_MAX];
    int32_t campaign, failures; /* in a row */
    double until_s;
};

/* ---- what is known of a row ---- */

bool cal_device_plan_about(const char *name, struct cal_measured *m)
{
    const struct cal_row *row = cal_row_find(name);

    if (row == NULL)
        return false;
    m->name = row->name;
    m->item = row->item;
    m->axis = row->axis;
    m->calls = MODEL_CALLS_PER_TASK;
    m->bound = row->bound;
    return true;
}

const char *cal_device_plan_name(int32_t index)
{
    return index >= 0 && index < cal_n_rows ? cal_rows[index].name : NULL;
}

/* ---- telling ---- */

/* "gpu0: check of gemm_f32", "gpu0: gemm_f32 at 64". */
static void say_doing(struct run *r, const char *what, const char *kernel, double x,
                      double done_frac)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%s: %s%s", r->plan->name, what, kernel);

    if (!isnan(x))
        snprintf(text + n, sizeof text - (size_t)n, " at %.0f", x);
    r->plan->say(r->plan->self, &(struct cal_line){.kind = CAL_LINE_DOING,
                                                   .text = text,
                                                   .done_frac = done_frac});
}

static void say_device(struct run *r)
{
    struct cal_rig *rig = &r->rig;
    struct cal_line line = {.kind = CAL_LINE_DEVICE, .device = rig->info.is};
    struct model_fact *facts;
    int32_t n = line.device.n_facts;

    facts = sp_arena_array(rig->arena, (size_t)n + 2, sizeof *facts);
    for (int32_t i = 0; i < n; i++)
        facts[i] = line.device.facts[i];
    if (!isnan(rig->hottest_c))
        facts[n++] = (struct model_fact){
            "hottest", sp_arena_printf(rig->arena, "%.0f C", rig->hottest_c)};
    if (!rig->info.holds)
        facts[n++] = (struct model_fact){
            "queue", "can't be held: the host's pace is in the times"};
    line.device.facts = facts;
    line.device.n_facts = n;
    line.device.name = r->plan->name;
    line.device.is_gpu = true;
    if (line.device.catalog == NULL)
        line.device.catalog =
            cal_device_catalog(line.device.model, rig->info.memory_bytes);
    r->plan->say(r->plan->self, &line);
}

static void describe(struct run *r, struct job *job, struct cal_measured *m)
{
    const struct cal_row *row = job->row;
    struct model_fact *params =
        sp_arena_array(r->rig.arena, CAL_ROW_PARAMS_MAX, sizeof *params);
    double aside = NAN;

    if (row->about != NULL)
        row->about(&r->rig, row, &m->work, params, &m->n_params);
    for (int32_t i = 0; i < job->n && row->aside != NULL; i++)
        if (job->series[i].n_aside > 0)
            aside = cal_device_series_aside(&job->series[i]);
    if (!isnan(aside))
        params[m->n_params++] = (struct model_fact){
            row->aside, sp_arena_printf(r->rig.arena, "%.3f", aside)};
    if (row->sustained && job->clock > 0)
        params[m->n_params++] = (struct model_fact){
            "clock", sp_arena_printf(r->rig.arena, "%.3f", job->clock)};
    m->params = params;
    m->library = row->library ? r->rig.info.gemm : r->rig.info.library;
    m->code_path = row->library ? NULL : r->rig.info.code_path;
}

/* Whether the device can tell that nobody else computes on it. */
static bool knows_others(struct run *r)
{
    struct cal_device_health now;

    r->rig.ops->health(r->rig.d, &now);
    return now.other_processes >= 0;
}

/* All of its points that have an estimate.  Only a device that tells of others, and
 * whose clock held, may be called quiet. */
static void add_points(struct run *r, struct job *job, struct cal_measured *m)
{
    m->points = sp_arena_array(r->rig.arena, (size_t)job->n, sizeof *m->points);
    m->quiet = knows_others(r);
    for (int32_t i = 0; i < job->n; i++) {
        struct cal_device_series *s = &job->series[i];

        if (s->n_estimates == 0)
            continue;
        m->points[m->n_points++] = (struct cal_point){
            .x = s->of.x, .n = s->n_estimates, .estimates = s->estimates};
        for (int32_t k = 0; k < s->n_estimates; k++)
            m->quiet = m->quiet && s->estimates[k].by_scheduler == 0 &&
                       s->estimates[k].by_clock == 0;
    }
}

static const char *why_empty(const struct job *job)
{
    for (int32_t i = 0; i < job->n; i++)
        if (job->series[i].out != NULL)
            return job->series[i].out;
    return "no sample of it was taken in its time";
}

static void say_kernel(struct run *r, struct job *job)
{
    struct cal_line line = {.kind = CAL_LINE_KERNEL, .on = r->plan->name};
    struct cal_measured *m = &line.kernel;

    if (!cal_device_plan_about(job->row->name, m))
        return;
    describe(r, job, m);
    m->skipped = job->skipped;
    if (m->skipped == NULL)
        add_points(r, job, m);
    if (m->skipped == NULL && m->n_points == 0)
        m->skipped = why_empty(job);
    r->plan->say(r->plan->self, &line);
}

/* ---- which rows, at which sizes ---- */

static const char *why_not(struct run *r, const struct cal_row *row)
{
    struct sp_err err = {0};

    for (int i = 0; i < 2 && row->needs[i] != NULL; i++)
        if (r->rig.ops->function(r->rig.d, row->needs[i], &err) == NULL)
            return sp_arena_strdup(r->rig.arena, err.text);
    if (row->library && r->rig.info.gemm == NULL)
        return r->rig.info.gemm_why != NULL ? r->rig.info.gemm_why : "no library";
    return NULL;
}

static void add_series(struct run *r, struct job *job)
{
    const struct cal_row *row = job->row;
    bool small = r->plan->small;

    for (int32_t i = 0; i < (small ? row->n_small : row->n); i++)
        if (small || !r->plan->quick || (row->quick >> i & 1) != 0)
            job->series[job->n++].of = (struct cal_sampling){
                .row = row, .x = small ? row->small[i] : row->x[i], .calls = 1};
}

static void list_jobs(struct run *r)
{
    for (int32_t i = 0; i < cal_n_rows && r->n_jobs < ROWS_MAX; i++) {
        struct job *job = &r->jobs[r->n_jobs];

        if (cal_rows[i].library && r->rig.ops->gemm == NULL)
            continue;
        job->row = &cal_rows[i];
        job->skipped = why_not(r, job->row);
        add_series(r, job);
        r->n_jobs++;
    }
}

static void wants_of(const struct run *r, const struct cal_device_series *s,
                     size_t want[CAL_POOLS])
{
    memset(want, 0, CAL_POOLS * sizeof *want);
    if (s->of.row->wants != NULL)
        s->of.row->wants(&r->rig, s->of.row, s->of.x, want);
}

static enum sp_status fill_rig(struct run *r, struct sp_err *err)
{
    size_t most[CAL_POOLS] = {0}, want[CAL_POOLS];

    for (int32_t j = 0; j < r->n_jobs; j++)
        for (int32_t i = 0; i < r->jobs[j].n && r->jobs[j].skipped == NULL; i++) {
            wants_of(r, &r->jobs[j].series[i], want);
            for (int p = 0; p < CAL_POOLS; p++)
                most[p] = most[p] < want[p] ? want[p] : most[p];
        }
    for (int p = 0; p < CAL_POOLS && r->rig.shapes.pool_most > 0; p++)
        most[p] = most[p] < r->rig.shapes.pool_most ? most[p] : r->rig.shapes.pool_most;
    say_doing(r, "buffers", "", NAN, 0);
    if (cal_rig_fill(&r->rig, most, err) != SP_OK)
        return SP_EIO;
    for (int32_t j = 0; j < r->n_jobs; j++)
        for (int32_t i = 0; i < r->jobs[j].n; i++) {
            wants_of(r, &r->jobs[j].series[i], want);
            for (int p = 0; p < CAL_POOLS; p++)
                if (want[p] > r->rig.pool_bytes[p])
                    r->jobs[j].series[i].out =

                        r->rig.shapes.pool_most > 0
                            ? "left out on a slow device"
                            : "the device has too little memory for it";
        }
    return SP_OK;
}

/* ---- a slow device gets smaller matrices ---- */

static double probe_speed(struct run *r)
{
    enum { BYTES = PROBE_SIDE * PROBE_SIDE * 4 };
    struct cal_rig *rig = &r->rig;
    cal_memory *m[3] = {NULL, NULL, NULL};
    bool ok = !r->plan->small && rig->ops->function(rig->d, "gemm_f32", NULL) != NULL;
    double s = NAN;

    for (int i = 0; i < 3 && ok; i++)
        ok = (m[i] = rig->ops->alloc(rig->d, BYTES, NULL)) != NULL;
    if (ok) {
        const struct cal_arg args[] = {CAL_MEM(m[0]),        CAL_MEM(m[1]),
                                       CAL_MEM(m[2]),        CAL_I32(PROBE_SIDE),
                                       CAL_I32(PROBE_SIDE),  CAL_I32(PROBE_SIDE),
                                       {.kind = CAL_ARG_END}};

        for (int i = 0; i < 2 && ok; i++)
            ok = rig->ops->record(rig->streams[0], rig->begin[0], NULL) == SP_OK &&
                 cal_rig_launch(rig, "gemm_f32", 0, args, NULL) == SP_OK &&
                 rig->ops->record(rig->streams[0], rig->end[0], NULL) == SP_OK &&
                 rig->ops->finish(rig->streams[0], NULL) == SP_OK &&
                 rig->ops->elapsed(rig->d, rig->begin[0], rig->end[0], &s, NULL) ==
                     SP_OK;
    }
    for (int i = 0; i < 3; i++)
        if (m[i] != NULL)
            rig->ops->free(rig->d, m[i]);
    return ok && s > 0 ? 2.0 * PROBE_SIDE * PROBE_SIDE * PROBE_SIDE / s : NAN;
}

/* ---- measuring ---- */

/* Notes a failure of the device; false: it fails again and again. */
static bool failed(struct run *r, struct job *job, struct sp_err *err)
{
    job->skipped = sp_arena_strdup(r->rig.arena, err->text);
    return ++r->failures < FAILURES_MAX;
}

static enum sp_status give_up(const struct run *r, struct sp_err *err,
                              const struct sp_err *last)
{
    return sp_fail(err, SP_EIO, "given up after %d failures in a row: %s",
                   (int)r->failures, last->text);
}

static enum sp_status check_jobs(struct run *r, struct sp_err *err)
{
    for (int32_t j = 0; j < r->n_jobs; j++) {
        struct job *job = &r->jobs[j];
        struct sp_err found = {0};

        if (job->skipped == NULL && job->row->check != NULL) {
            say_doing(r, "check of ", job->row->name, NAN, 0);
            switch (job->row->check(&r->rig, job->row, &found)) {
            case SP_OK:
                r->failures = 0;
                break;
            case SP_EINPUT:
                job->skipped = sp_arena_strdup(r->rig.arena, found.text);
                break;
            default:
                if (!failed(r, job, &found)) {
                    say_kernel(r, job);
                    return give_up(r, err, &found);
                }
            }
        }
        if (job->skipped != NULL)
            say_kernel(r, job);
    }
    return SP_OK;
}

static double done_frac(const struct run *r, int group)
{
    return ((double)r->campaign * CAL_GROUPS + group) /
           ((double)r->plan->campaigns * CAL_GROUPS);
}

/* A first call of each size, rising, until one takes too long. */
static enum sp_status try_job(struct run *r, struct job *job, struct sp_err *err)
{
    const struct cal_device_series *before = NULL;

    for (int32_t i = 0; i < job->n; i++) {
        struct cal_device_series *s = &job->series[i];
        bool tried = s->call_s > 0;

        cal_device_series_begin(s);
        if (s->out != NULL)
            continue;
        if (!tried && sp_clock_s() > r->until_s) {
            s->out = "no time was left for it";
            continue;
        }
        if (!tried) {
            double likely_s = before != NULL && before->of.x > 0
                                  ? before->call_s * s->of.x / before->of.x
                                  : 0;

            if (likely_s > 20 * r->rules.call_s ||
                (before != NULL && before->call_s > r->rules.call_s)) {
                s->out = "a call takes too long";
                continue;
            }
            say_doing(r, "", job->row->name, s->of.x,
                      done_frac(r, (int)job->row->group));
            if (cal_device_series_try(&r->rig, &r->rules, s, err) != SP_OK)
                return SP_EIO;
        }
        before = s;
    }
    return SP_OK;
}

static enum sp_status sustain(struct run *r, struct job *job, struct sp_err *err)
{
    for (int32_t i = 0; i < job->n; i++)
        if (job->series[i].out == NULL) {
            say_doing(r, "", job->row->name, NAN, done_frac(r, CAL_GROUPS - 1));
            if (cal_device_series_sustain(&r->rig, r->rules.sustain_s, &job->series[i],
                                          &job->clock, err) != SP_OK)
                return SP_EIO;
        }
    return SP_OK;
}

static bool is_open(const struct run *r, const struct job *job, int group, int32_t i)
{
    return job->skipped == NULL && (int)job->row->group == group &&
           !job->row->sustained && job->series[i].out == NULL &&
           !cal_device_series_is_done(&job->series[i], &r->rules);
}

/* One block of each series that is open, in an order drawn anew. */
static enum sp_status one_round(struct run *r, int group, bool *any, struct sp_err *err)
{
    struct {
        struct job *job;
        struct cal_device_series *series;
    } turns[ROWS_MAX * CAL_ROW_POINTS_MAX];
    int32_t n = 0;
    struct sp_err found = {0};

    for (int32_t j = 0; j < r->n_jobs; j++)
        for (int32_t i = 0; i < r->jobs[j].n; i++)
            if (is_open(r, &r->jobs[j], group, i)) {
                turns[n].job = &r->jobs[j];
                turns[n++].series = &r->jobs[j].series[i];
            }
    *any = n > 0;
    for (; n > 0; n--) {
        int32_t k = (int32_t)(sp_rng_next(&r->rng) % (uint64_t)n);

        if (turns[k].job->skipped == NULL &&
            cal_device_series_block(&r->rig, &r->rules, turns[k].series, &found) !=
                SP_OK) {
            if (!failed(r, turns[k].job, &found))
                return give_up(r, err, &found);
            found = (struct sp_err){0};
        } else {
            r->failures = 0;
        }
        turns[k] = turns[n - 1];
    }
    return SP_OK;
}

static enum sp_status prepare_group(struct run *r, int group, struct sp_err *err)
{
    for (int32_t j = 0; j < r->n_jobs; j++) {
        struct job *job = &r->jobs[j];
        struct sp_err found = {0};

        if (job->skipped != NULL || (int)job->row->group != group)
            continue;
        if (try_job(r, job, &found) != SP_OK ||
            (job->row->sustained && sustain(r, job, &found) != SP_OK)) {
            if (!failed(r, job, &found))
                return give_up(r, err, &found);
        } else {
            r->failures = 0;
        }
    }
    return SP_OK;
}

static enum sp_status measure_group(struct run *r, int group, struct sp_err *err)
{
    double told_s = sp_clock_s();
    enum sp_status status = prepare_group(r, group, err);
    bool any = true;

    while (status == SP_OK && any && sp_clock_s() < r->until_s) {
        status = one_round(r, group, &any, err);
        if (sp_clock_s() - told_s > 0.5) {
            say_doing(r, "in rounds", "", NAN, done_frac(r, group));
            told_s = sp_clock_s();
        }
    }
    for (int32_t j = 0; j < r->n_jobs; j++) {
        struct job *job = &r->jobs[j];

        if ((int)job->row->group != group)
            continue;
        for (int32_t i = 0; i < job->n && job->skipped == NULL; i++)
            cal_device_series_end(&job->series[i], &r->rules, r->rig.arena);
        say_kernel(r, job);
    }
    return status;
}

static enum sp_status measure_all(struct run *r, struct sp_err *err)
{
    enum sp_status status = SP_OK;
    const double end_s = sp_clock_s() + r->plan->seconds;

    for (r->campaign = 0; r->campaign < r->plan->campaigns && status == SP_OK;
         r->campaign++) {
        r->until_s = sp_clock_s() + r->rules.campaign_s;
        if (r->plan->seconds > 0 && !r->plan->patient)
            r->until_s = fmin(r->until_s, end_s);
        for (int group = 0; group < CAL_GROUPS && status == SP_OK; group++)
            status = measure_group(r, group, err);
    }
    return status;
}

static enum sp_status run_plan(struct run *r, struct sp_err *err)
{
    struct cal_rig *rig = &r->rig;
    enum sp_status status = cal_rig_open(rig, err);

    if (status == SP_OK)
        status = cal_rig_warm_up(rig, r->rules.warm_up_s, err);
    if (status != SP_OK)
        return status;
    say_device(r);
    rig->shapes = cal_shapes_of(r->plan, probe_speed(r));
    list_jobs(r);
    status = fill_rig(r, err);
    if (status == SP_OK)
        status = check_jobs(r, err);
    if (status == SP_OK)
        status = measure_all(r, err);
    say_device(r);
    return status;
}

/* Whether a device like it was measured before, which is told; else it is kept. */
static bool is_known(struct run *r)
{
    struct cal_models *models = r->plan->models;
    const struct cal_device_info *info = &r->rig.info;

    for (int32_t i = 0; models != NULL && i < models->n; i++)
        if (strcmp(models->of[i].model, info->is.model) == 0 &&
            models->of[i].memory_bytes == info->memory_bytes) {
            r->plan->say(r->plan->self,
                         &(struct cal_line){
                             .kind = CAL_LINE_NOTE,
                             .text = sp_arena_printf(
                                 r->rig.arena, "%s: another %s as %s: not measured",
                                 r->plan->name, info->is.model, models->of[i].name)});
            return true;
        }
    if (models != NULL && models->n < CAL_MODELS_MAX) {
        models->of[models->n].model = info->is.model;
        models->of[models->n].name = r->plan->name;
        models->of[models->n++].memory_bytes = info->memory_bytes;
    }
    return false;
}

enum sp_status cal_device_plan_run(const struct cal_device_ops *ops,
                                   struct cal_device *d, int32_t i,
                                   const struct cal_device_plan *plan,
                                   struct sp_arena *arena, struct sp_err *err)
{
    struct run *r = sp_arena_alloc(arena, sizeof *r);
    enum sp_status status;

    r->rig = (struct cal_rig){.ops = ops, .d = d, .plan = plan, .arena = arena};
    r->plan = plan;
    r->rules = cal_block_rules(plan);
    r->rng = sp_rng_from_key(sp_mix_keys(plan->seed, (uint64_t)i));
    say_doing(r, "select", "", NAN, 0);
    status = ops->select(d, i, &r->rig.info, err);
    if (status == SP_OK && !is_known(r)) {
        status = run_plan(r, err);
        cal_rig_close(&r->rig);
    }
    return status;
}
