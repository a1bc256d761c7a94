/* What is kept of campaigns: the records that a profile is fitted to. */
#include <math.h>

#include "base/median.h"
#include "calibrate/measure_parts.h"

enum { ITEMS_LEAST = 8 /* fewer say nothing of how items differ */ };

void cal_bench_note(struct cal_bench *b, const char *text)
{
    struct cal_campaigns *c = b->c;

    c->notes = sp_arena_grow(b->arena, c->notes, (size_t)c->n_notes,
                             (size_t)c->n_notes + 1, sizeof *c->notes);
    c->notes[c->n_notes++] = text;
}

/* ---- points ---- */

static void point_of(struct cal_bench *b, int32_t i, struct cal_point *point)
{
    *point = (struct cal_point){.x = b->series[i].x};
    point->estimates =
        sp_arena_array(b->arena, (size_t)b->done, sizeof *point->estimates);
    for (int32_t k = 0; k < b->done; k++)
        if (b->estimates[k * b->n_series + i].blocks > 0)
            point->estimates[point->n++] = b->estimates[k * b->n_series + i];
}

static void points_of(struct cal_bench *b, const struct cal_bench_row *row,
                      struct cal_measured *m)
{
    char x[32];

    m->points = sp_arena_array(b->arena, (size_t)row->n + 1, sizeof *m->points);
    for (int32_t i = 0; i < row->n; i++) {
        struct cal_point *point = &m->points[m->n_points];

        point_of(b, row->first + i, point);
        m->n_points += point->n > 0;
        if (point->n == 0)
            cal_bench_note(b,
                           sp_arena_printf(b->arena, "%s at %s %s: not measured (%s)",
                                           row->kernel->name, row->kernel->axis,
                                           model_axis_format(row->kernel->axis,
                                                             point->x, x, sizeof x),
                                           b->series[row->first + i].estimate.why));
    }
    if (m->n_points == 0)
        m->skipped = "no block of samples counts at any point";
}

/* ---- items ---- */

/* Median over the campaigns that saw input `item` of series i; NaN. */
static double item_s(const struct cal_bench *b, int32_t i, int32_t item)
{
    double values[CAL_CAMPAIGNS_MAX];
    int32_t n = 0;

    for (int32_t k = 0; k < b->done; k++) {
        double s = b->items_s[k * b->n_series + i][item];

        if (!isnan(s))
            values[n++] = s;
    }
    return sp_median(values, n);
}

static void items_of(struct cal_bench *b, const struct cal_bench_row *row,
                     struct cal_measured *m)
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

/* ---- several cores ---- */

static void scaling_point(struct cal_bench *b, int32_t i,
                          struct cal_scaling_point *point)
{
    *point = (struct cal_scaling_point){.cores = b->cores[i].cores};
    point->speedup = sp_arena_array(b->arena, (size_t)b->done, sizeof *point->speedup);
    for (int32_t k = 0; k < b->done; k++)
        if (!isnan(b->speedups[k * b->n_cores + i]))
            point->speedup[point->n++] = b->speedups[k * b->n_cores + i];
}

static void scaling_of(struct cal_bench *b, const struct cal_bench_row *row,
                       struct cal_measured *m)
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
            cal_bench_note(b,
                           sp_arena_printf(b->arena,
                                           "%s on %d cores: not measured (%d pairs of "
                                           "blocks rejected)",
                                           row->kernel->name, point->cores,
                                           b->cores[row->first_cores + i].rejected));
    }
    if (m->n_scaling == 1)
        m->n_scaling = 0;
}

/* ---- a kernel ---- */

static void note_cpu_time(struct cal_bench *b, const struct cal_bench_row *row)
{
    const char *axis = row->kernel->axis;
    char x[32];

    for (int32_t i = 0; i < row->n; i++)
        if (b->series[row->first + i].by_cpu > 0) {
            cal_bench_note(
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

static void measured_of(struct cal_bench *b, const struct cal_bench_row *row,
                        struct cal_measured *m)
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

/* ---- all of it ---- */

void cal_bench_keep(struct cal_bench *b)
{
    struct cal_campaigns *c = b->c;

    c->campaigns = b->options->campaigns;
    c->seed = b->options->seed;
    cal_bench_facts(b);
    c->devices = sp_arena_array(b->arena, 1, sizeof *c->devices);
    c->n_devices = 1;
    cal_machine_device(b->machine, b->arena, &c->devices[0]);
    c->measured = sp_arena_array(b->arena, (size_t)b->n_rows + 1, sizeof *c->measured);
    c->n_measured = b->n_rows;
    for (int32_t i = 0; i < b->n_rows; i++)
        measured_of(b, &b->rows[i], &c->measured[i]);
    if (!cal_canary_has())
        cal_bench_note(
            b, "canaries: none for this CPU, a slow or shared core goes unseen");
}
