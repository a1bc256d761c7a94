/* Rows of a measured table made into a profile. */
#include "calibrate/import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/median.h"
#include "calibrate/estimate.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"
#include "calibrate/import_parts.h"
#include "model/llm.h"

struct building {
    const struct cal_import *import;
    struct sp_arena *arena;
    struct cal_import_rows rows;
    struct model_profile *profile;
    struct cal_notes notes;
    double *scratch; /* as long as the rows */
};

static int by_kernel_and_x(const void *a, const void *b)
{
    const struct cal_import_row *p = a, *q = b;

    if (p->kernel != q->kernel)
        return p->kernel < q->kernel ? -1 : 1;
    if (p->x < q->x || p->x > q->x)
        return p->x < q->x ? -1 : 1;
    return p->order < q->order ? -1 : 1;
}

/* ---- a point ---- */

/* sd of the median of n values by their own scatter, in their unit. */
static double scatter(const struct cal_import_row *rows, int32_t n, double median,
                      double *scratch)
{
    for (int32_t i = 0; i < n; i++)
        scratch[i] = rows[i].s;
    return n < 2 ? 0 : cal_median_sd(scratch, n, median);
}

/* sd of the mean of rows of which each tells its own. */
static double told(const struct cal_import_row *rows, int32_t n)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        if (!isnan(rows[i].sd_s))
            sum += rows[i].sd_s * rows[i].sd_s / rows[i].repeats;
    return sqrt(sum) / n;
}

static struct model_profile_point point_of(const struct cal_import_row *rows, int32_t n,
                                           double *scratch)
{
    struct model_profile_point p = {.x = rows[0].x, .converged = true};
    double repeats = 0;

    for (int32_t i = 0; i < n; i++) {
        scratch[i] = rows[i].s;
        repeats += rows[i].repeats;
    }
    p.s = sp_median(scratch, n);
    p.sd_frac = fmin(fmax(scatter(rows, n, p.s, scratch), told(rows, n)) / p.s, 100);
    p.blocks = (int32_t)fmin(repeats, 2e9);
    return p;
}

/* ---- a kernel ---- */

/* Rows from `first` that have the same kernel, and with `x` the same x. */
static int32_t run_of(const struct cal_import_rows *rows, int32_t first, bool x)
{
    const struct cal_import_row *row = &rows->rows[first];
    int32_t n = 1;

    while (first + n < rows->n && row[n].kernel == row->kernel &&
           !(x && row[n].x > row->x))
        n++;
    return n;
}

static enum sp_status make_points(struct building *b, int32_t first, int32_t n,
                                  struct model_kernel *k, struct sp_err *err)
{
    const struct cal_import_row *rows = b->rows.rows;

    k->points = sp_arena_array(b->arena, MODEL_PROFILE_POINTS_MAX, sizeof *k->points);
    for (int32_t at = first, same; at < first + n; at += same) {
        same = run_of(&b->rows, at, true);
        if (k->n_points == MODEL_PROFILE_POINTS_MAX)
            return sp_fail(err, SP_EINPUT, "%s:%d: kernel '%s' has more than %d points",
                           b->import->path, b->rows.kernels[rows[at].kernel].line,
                           k->name, (int)MODEL_PROFILE_POINTS_MAX);
        k->points[k->n_points++] = point_of(&rows[at], same, b->scratch);
    }
    return SP_OK;
}

static void fit(struct building *b, struct model_kernel *k)
{
    double x[MODEL_PROFILE_POINTS_MAX], s[MODEL_PROFILE_POINTS_MAX];
    double sd[MODEL_PROFILE_POINTS_MAX];

    for (int32_t i = 0; i < k->n_points; i++) {
        x[i] = k->points[i].x;
        s[i] = k->points[i].s;
        sd[i] = k->points[i].sd_frac;
    }
    k->fits = sp_arena_array(b->arena, MODEL_PROFILE_FITS_MAX, sizeof *k->fits);
    k->n_fits =
        cal_fit_forms(&k->work, x, s, sd, k->n_points, k->fits, MODEL_PROFILE_FITS_MAX);
    k->sd_within = sp_median(sd, k->n_points);
    k->sd_floor = cal_fit_floor(k->bound, false);
    k->sd_frac = fmax(k->sd_within, k->sd_floor);
    if (k->n_fits == 0)
        cal_note(&b->notes,
                 "%s: no form could be fitted to %d point%s: times outside of them are "
                 "not known",
                 k->name, k->n_points, k->n_points == 1 ? "" : "s");
}

static enum sp_status make_kernel(struct building *b, int32_t first, int32_t n,
                                  struct sp_err *err)
{
    const struct cal_import_kernel *is = &b->rows.kernels[b->rows.rows[first].kernel];
    struct model_kernel *k = &b->profile->kernels[b->profile->n_kernels++];
    enum sp_status status;

    *k = (struct model_kernel){
        .name = is->name,
        .device = b->rows.gpus[is->gpu].name,
        .device_id = is->gpu,
        .item = "",
        .axis = is->axis,
        .calls = MODEL_CALLS_PER_TASK,
        .bound = is->bound,
        .basis = MODEL_BASIS_MEASURED,
        .source = sp_arena_printf(b->arena, "%s (%s)", b->import->path, b->rows.set),
        .converged = true,
    };
    if (is->format != NULL) {
        k->n_params = 1;
        k->params = sp_arena_alloc(b->arena, sizeof *k->params);
        k->params[0] = (struct model_fact){MODEL_TRANSFER_FORMAT, is->format};
    }
    status = make_points(b, first, n, k, err);
    if (status == SP_OK)
        fit(b, k);
    return status;
}

/* ---- the profile ---- */

static void make_devices(struct building *b)
{
    struct model_profile *p = b->profile;

    p->n_devices = b->rows.n_gpus;
    p->devices = sp_arena_array(b->arena, (size_t)p->n_devices, sizeof *p->devices);
    for (int32_t i = 0; i < p->n_devices; i++) {
        const struct cal_import_gpu *is = &b->rows.gpus[i];
        struct model_gpu gpu = {0};

        p->devices[i] = (struct model_profile_device){
            .name = is->name, .is_gpu = true, .model = is->name};
        if (model_gpu_find(is->datasheet != NULL ? is->datasheet : is->name, b->arena,
                           &gpu, NULL) == SP_OK)
            p->devices[i].catalog = gpu.name;
        else
            cal_note(&b->notes,
                     "%s is no row of the GPU datasheets: its kernels can't be scaled "
                     "to other hardware",
                     is->name);
    }
}

static enum sp_status make_facts(struct building *b, struct sp_err *err)
{
    struct model_profile *p = b->profile;
    uint64_t hash = 0;
    enum sp_status status = sp_hash64_file(b->import->path, &hash, err);

    p->n_facts = 2;
    p->facts = sp_arena_array(b->arena, 2, sizeof *p->facts);
    p->facts[0] = (struct model_fact){"imported", b->import->path};
    p->facts[1] = (struct model_fact){
        "xxh64", sp_arena_printf(b->arena, "%016llx", (unsigned long long)hash)};
    return status;
}

static enum sp_status make_profile(struct building *b, struct sp_err *err)
{
    struct model_profile *p = b->profile;
    enum sp_status status = make_facts(b, err);

    qsort(b->rows.rows, (size_t)b->rows.n, sizeof *b->rows.rows, by_kernel_and_x);
    b->scratch = sp_arena_array(b->arena, (size_t)b->rows.n, sizeof *b->scratch);
    p->kernels =
        sp_arena_array(b->arena, (size_t)b->rows.n_kernels, sizeof *p->kernels);
    make_devices(b);
    for (int32_t at = 0, n; status == SP_OK && at < b->rows.n; at += n) {
        n = run_of(&b->rows, at, false);
        status = make_kernel(b, at, n, err);
    }
    p->n_notes = b->notes.n;
    p->notes = b->notes.rows;
    return status;
}

enum sp_status cal_import_profile(const struct cal_import *import,
                                  struct sp_arena *arena,
                                  struct model_profile **profile, struct sp_err *err)
{
    struct building b = {.import = import, .arena = arena, .notes = {.arena = arena}};
    enum sp_status status = cal_import_rows_read(import->path, arena, &b.rows, err);

    if (status != SP_OK)
        return status;
    b.profile = sp_arena_alloc(arena, sizeof *b.profile);
    *b.profile = (struct model_profile){.path = import->path,
                                        .created = import->created,
                                        .tool = import->tool,
                                        .mode = "import",
                                        .campaigns = 1};
    status = make_profile(&b, err);
    if (status == SP_OK)
        *profile = b.profile;
    return status;
}
