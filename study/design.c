/* One function a design, by a table: which share of its way each axis has gone. */
#include "study/design.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/sobol.h"
#include "base/text.h"
#include "study/axis.h"

struct study_design {
    const struct model_sweep *sweep;
    const struct sp_sobol *sobol;
    double *shift;     /* of each dimension, in 0..1 */
    int32_t **permute; /* [axis][sample] */
};

/* ---- what is worked out once ---- */

static struct sp_rng stream(const struct model_sweep *s, const char *name)
{
    return sp_rng_from_key(sp_rng_stream_key(s->seed, 0, name));
}

static void make_shift(struct study_design *d, struct sp_arena *arena, int32_t n)
{
    struct sp_rng r = stream(d->sweep, "design shift");

    d->sobol = sp_sobol_new(arena, n, d->sweep->samples);
    d->shift = sp_arena_array(arena, (size_t)n, sizeof *d->shift);
    for (int32_t i = 0; i < n; i++)
        d->shift[i] = sp_rng_uniform(&r);
}

static void make_sobol(struct study_design *d, struct sp_arena *arena)
{
    make_shift(d, arena, d->sweep->n_axes);
}

static void make_indices(struct study_design *d, struct sp_arena *arena)
{
    make_shift(d, arena, 2 * d->sweep->n_axes);
}

/* Fisher and Yates. */
static void make_latin(struct study_design *d, struct sp_arena *arena)
{
    const struct model_sweep *s = d->sweep;
    struct sp_rng r = stream(s, "design permutations");

    d->permute = sp_arena_array(arena, (size_t)s->n_axes, sizeof *d->permute);
    for (int32_t a = 0; a < s->n_axes; a++) {
        int32_t *p = sp_arena_array(arena, (size_t)s->samples, sizeof *p);

        for (int32_t i = 0; i < (int32_t)s->samples; i++) {
            int32_t j = (int32_t)(sp_rng_uniform(&r) * (i + 1));

            p[i] = p[j];
            p[j] = i;
        }
        d->permute[a] = p;
    }
}

/* ---- points ---- */

static struct model_coordinate value_at(const struct model_axis *axis, int64_t i)
{
    return (struct model_coordinate){axis->numbers[i], axis->values[i]};
}

static void grid_point(const struct study_design *d, int64_t point,
                       struct sp_arena *arena, struct model_coordinate *at)
{
    const struct model_sweep *s = d->sweep;

    (void)arena;
    for (int32_t a = s->n_axes - 1; a >= 0; a--) {
        at[a] = value_at(&s->axes[a], point % s->axes[a].n);
        point /= s->axes[a].n;
    }
}

static void zip_point(const struct study_design *d, int64_t point,
                      struct sp_arena *arena, struct model_coordinate *at)
{
    (void)arena;
    for (int32_t a = 0; a < d->sweep->n_axes; a++)
        at[a] = value_at(&d->sweep->axes[a], point);
}

static void latin_point(const struct study_design *d, int64_t point,
                        struct sp_arena *arena, struct model_coordinate *at)
{
    const struct model_sweep *s = d->sweep;
    const uint64_t cells = sp_rng_stream_key(s->seed, 0, "design cells");

    for (int32_t a = 0; a < s->n_axes; a++) {
        struct sp_rng r = sp_rng_from_key(
            sp_mix_keys(sp_mix_keys(cells, (uint64_t)a), (uint64_t)point));
        double u = (d->permute[a][point] + sp_rng_uniform(&r)) / (double)s->samples;

        at[a] = study_axis_at(&s->axes[a], u, arena);
    }
}

static double shifted(const struct study_design *d, const double *u, int32_t i)
{
    double x = u[i] + d->shift[i];

    return x - floor(x);
}

static void sobol_point(const struct study_design *d, int64_t point,
                        struct sp_arena *arena, struct model_coordinate *at)
{
    double u[SP_SOBOL_DIMENSIONS_MAX];

    sp_sobol_at(d->sobol, point, u);
    for (int32_t a = 0; a < d->sweep->n_axes; a++)
        at[a] = study_axis_at(&d->sweep->axes[a], shifted(d, u, a), arena);
}

/* Of a row's points the first is A, the second B, then A with each column of B. */
static void indices_point(const struct study_design *d, int64_t point,
                          struct sp_arena *arena, struct model_coordinate *at)
{
    const struct model_sweep *s = d->sweep;
    const int32_t n = s->n_axes, k = (int32_t)(point % (n + 2));
    double u[SP_SOBOL_DIMENSIONS_MAX];

    sp_sobol_at(d->sobol, point / (n + 2), u);
    for (int32_t a = 0; a < n; a++) {
        bool from_b = k == 1 || k == a + 2;

        at[a] = study_axis_at(&s->axes[a], shifted(d, u, from_b ? n + a : a), arena);
    }
}

static void one_point(const struct study_design *d, int64_t point,
                      struct sp_arena *arena, struct model_coordinate *at)
{
    const struct model_sweep *s = d->sweep;

    for (int32_t a = 0; a < s->n_axes; a++)
        at[a] = (struct model_coordinate){NAN, NULL};
    if (point > 0) {
        int32_t a = (int32_t)((point - 1) / 2);

        at[a] = study_axis_at(&s->axes[a], (point - 1) % 2 == 0 ? 0 : 1, arena);
    }
}

/* ---- the table ---- */

struct kind {
    bool listed;  /* axes must be lists of values */
    bool sampled; /* has samples */
    int32_t axes_max;
    int64_t (*points)(const struct model_sweep *s);               /* -1: too many */
    void (*make)(struct study_design *d, struct sp_arena *arena); /* or NULL */
    void (*point)(const struct study_design *d, int64_t point, struct sp_arena *arena,
                  struct model_coordinate *at);
};

static int64_t grid_points(const struct model_sweep *s)
{
    int64_t n = 1;

    for (int32_t a = 0; a < s->n_axes; a++) {
        if (n > MODEL_POINTS_MAX / s->axes[a].n)
            return -1;
        n *= s->axes[a].n;
    }
    return n;
}

static int64_t zip_points(const struct model_sweep *s)
{
    return s->n_axes > 0 ? s->axes[0].n : 1;
}

static int64_t sampled_points(const struct model_sweep *s)
{
    return s->samples;
}

static int64_t indices_points(const struct model_sweep *s)
{
    return s->samples * (s->n_axes + 2);
}

static int64_t one_points(const struct model_sweep *s)
{
    return 1 + 2 * (int64_t)s->n_axes;
}

static const struct kind kinds[MODEL_DESIGNS] = {
    [MODEL_DESIGN_GRID] = {.listed = true,
                           .axes_max = MODEL_AXES_MAX,
                           .points = grid_points,
                           .point = grid_point},
    [MODEL_DESIGN_ZIP] = {.listed = true,
                          .axes_max = MODEL_AXES_MAX,
                          .points = zip_points,
                          .point = zip_point},
    [MODEL_DESIGN_LATIN] = {.sampled = true,
                            .axes_max = MODEL_AXES_MAX,
                            .points = sampled_points,
                            .make = make_latin,
                            .point = latin_point},
    [MODEL_DESIGN_SOBOL] = {.sampled = true,
                            .axes_max = SP_SOBOL_DIMENSIONS_MAX,
                            .points = sampled_points,
                            .make = make_sobol,
                            .point = sobol_point},
    [MODEL_DESIGN_INDICES] = {.sampled = true,
                              .axes_max = SP_SOBOL_DIMENSIONS_MAX / 2,
                              .points = indices_points,
                              .make = make_indices,
                              .point = indices_point},
    [MODEL_DESIGN_ONE_AT_A_TIME] = {.axes_max = MODEL_AXES_MAX,
                                    .points = one_points,
                                    .point = one_point},
};

/* ---- what goes together ---- */

static enum sp_status check_axis(const struct model_sweep *s, int32_t a,
                                 struct sp_err *err)
{
    const struct model_axis *axis = &s->axes[a];
    char path[120], text[120];

    sp_text_quote(axis->path, path, sizeof path);
    for (int32_t i = 0; i < a; i++)
        if (strcmp(s->axes[i].path, axis->path) == 0)
            return sp_fail(err, SP_EINPUT, "--vary %s: it is varied twice", path);
    if (kinds[s->design].listed && axis->kind != MODEL_AXIS_VALUES)
        return sp_fail(
            err, SP_EINPUT,
            "--vary %s: found %s, expected a number of steps, such as %s/5, for "
            "design %s",
            path, sp_text_quote(axis->text, text, sizeof text), axis->text,
            model_design_name(s->design));
    if (s->design == MODEL_DESIGN_ZIP && axis->n != s->axes[0].n)
        return sp_fail(err, SP_EINPUT,
                       "--vary %s: found %d values, expected %d as of the first axis, "
                       "for design zip",
                       path, (int)axis->n, (int)s->axes[0].n);
    return SP_OK;
}

static enum sp_status too_many(struct sp_err *err)
{
    return sp_fail(err, SP_EINPUT, "--vary: found more than %d points, expected fewer",
                   (int)MODEL_POINTS_MAX);
}

static enum sp_status check_sizes(const struct model_sweep *s, struct sp_err *err)
{
    const struct kind *kind = &kinds[s->design];

    if (s->n_axes > kind->axes_max)
        return sp_fail(
            err, SP_EINPUT, "--vary: found %d, expected at most %d for design %s",
            (int)s->n_axes, (int)kind->axes_max, model_design_name(s->design));
    if (kind->sampled && s->n_axes == 0)
        return sp_fail(err, SP_EINPUT, "--design %s: expected something to --vary",
                       model_design_name(s->design));
    if (kind->sampled && s->samples < 1)
        return sp_fail(err, SP_EINPUT, "--design %s: expected --samples N",
                       model_design_name(s->design));
    if (s->samples > MODEL_POINTS_MAX)
        return too_many(err);
    if (!kind->sampled && s->samples > 0)
        return sp_fail(err, SP_EINPUT,
                       "--samples: design %s has none, expected latin, sobol or "
                       "indices",
                       model_design_name(s->design));
    return SP_OK;
}

enum sp_status study_design_new(struct sp_arena *arena, struct model_sweep *sweep,
                                struct study_design **design, struct sp_err *err)
{
    const struct kind *kind = &kinds[sweep->design];
    enum sp_status s = check_sizes(sweep, err);
    struct study_design *d;

    for (int32_t a = 0; a < sweep->n_axes && s == SP_OK; a++)
        s = check_axis(sweep, a, err);
    if (s != SP_OK)
        return s;
    sweep->n_points = kind->points(sweep);
    if (sweep->n_points < 0 || sweep->n_points > MODEL_POINTS_MAX)
        return too_many(err);
    d = sp_arena_alloc(arena, sizeof *d);
    d->sweep = sweep;
    if (kind->make != NULL)
        kind->make(d, arena);
    *design = d;
    return SP_OK;
}

void study_design_point(const struct study_design *design, int64_t point,
                        struct sp_arena *arena, struct model_coordinate *at)
{
    sp_assert(point >= 0 && point < design->sweep->n_points);
    kinds[design->sweep->design].point(design, point, arena, at);
}
