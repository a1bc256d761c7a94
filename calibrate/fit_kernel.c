/* One kernel: its campaigns combined, its fits, its spreads. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/median.h"
#include "base/units.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"

/* A half-width is two standard deviations (docs/calibration.md, step 5). */
#define SD_OF_HALF 0.5
/* Relative sd that a speed-up has at least: two rates of 0.7 % each. */
#define SPEEDUP_SD_LEAST 0.01

void cal_note(struct cal_notes *notes, const char *fmt, ...)
{
    va_list args, again;
    int length;
    char *text;

    va_start(args, fmt);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, fmt, args);
    sp_assert(length >= 0);
    text = sp_arena_alloc(notes->arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    va_end(args);
    notes->rows = sp_arena_more(notes->arena, notes->rows, notes->n, &notes->room,
                                sizeof *notes->rows);
    notes->rows[notes->n++] = text;
}

static const char *copy(struct sp_arena *arena, const char *text)
{
    return text != NULL ? sp_arena_strdup(arena, text) : NULL;
}

/* ---- a point ---- */

/* What campaigns say of a point. */
struct combined {
    struct model_profile_point point;
    double within, between; /* relative; within NaN: no campaign could tell */
};

static bool usable(const struct cal_estimate *e)
{
    return isfinite(e->s) && e->s > 0;
}

static const char *first_reason(const struct cal_point *p)
{
    for (int32_t k = 0; k < p->n; k++)
        if (!p->estimates[k].converged && p->estimates[k].why != NULL)
            return p->estimates[k].why;
    return "no reason given";
}

/* Converged is what converged in every campaign. */
static void judge(const struct cal_point *p, int32_t campaigns, struct sp_arena *arena,
                  struct model_profile_point *point)
{
    int32_t good = 0;

    for (int32_t k = 0; k < p->n; k++)
        good += p->estimates[k].converged && usable(&p->estimates[k]);
    point->converged = good >= campaigns;
    if (point->converged)
        return;
    if (good == p->n)
        point->why = sp_arena_printf(arena, "in %d of %d campaigns no block counts",
                                     (int)(campaigns - p->n), (int)campaigns);
    else if (campaigns > 1)
        point->why = sp_arena_printf(
            arena, "in %d of %d campaigns%s: %s", (int)(campaigns - good),
            (int)campaigns, campaigns - good > 1 ? ", in the first of them" : "",
            first_reason(p));
    else
        point->why = sp_arena_strdup(arena, first_reason(p));
}

/* Median of the campaigns, and their sd around it; false where none is usable. */
static bool combine(const struct cal_point *p, int32_t campaigns, double unknown,
                    struct sp_arena *arena, struct combined *out)
{
    double *s = sp_arena_array(arena, (size_t)p->n, sizeof *s);
    double *half = sp_arena_array(arena, (size_t)p->n, sizeof *half);
    int32_t n = 0, n_half = 0;

    *out = (struct combined){.point = {.x = p->x}, .within = NAN};
    for (int32_t k = 0; k < p->n; k++) {
        const struct cal_estimate *e = &p->estimates[k];

        out->point.rejected += e->by_canary + e->by_scheduler + e->by_clock;
        if (!usable(e))
            continue;
        out->point.blocks += e->blocks;
        s[n++] = e->s;
        if (isfinite(e->half_frac) && e->half_frac >= 0)
            half[n_half++] = e->half_frac;
    }
    if (n == 0)
        return false;
    out->point.s = sp_median(s, n);
    out->between = fmin(cal_fit_sd(s, n) / out->point.s, MODEL_PROFILE_SD_MAX);
    if (n_half > 0)
        out->within = SD_OF_HALF * sp_median(half, n_half);
    out->point.sd_frac = fmax(isnan(out->within) ? unknown : out->within, out->between);
    judge(p, campaigns, arena, &out->point);
    return true;
}

/* ---- the table ---- */

/* What the table is fitted and judged by, in arrays. */
struct arrays {
    double *x, *s, *sd_frac, *within;
};

static void note_falls(const struct model_kernel *k, struct cal_notes *notes)
{
    char x[2][32], s[2][32];

    for (int32_t i = 1; i < k->n_points; i++) {
        const struct model_profile_point *a = &k->points[i - 1], *b = &k->points[i];

        if (b->s < a->s * (1 - 2 * hypot(a->sd_frac, b->sd_frac)))
            cal_note(notes,
                     "%s on %s: the time falls from %s at %s %s to %s at %s; the "
                     "table is kept as it was measured",
                     k->name, k->device, sp_format_duration(a->s, s[0], sizeof s[0]),
                     k->axis, model_axis_format(k->axis, a->x, x[0], sizeof x[0]),
                     sp_format_duration(b->s, s[1], sizeof s[1]),
                     model_axis_format(k->axis, b->x, x[1], sizeof x[1]));
    }
}

static double rms(double sum, int32_t n)
{
    return n > 0 ? sqrt(sum / n) : 0;
}

static void combine_points(const struct cal_measured *m, int32_t campaigns,
                           struct cal_notes *notes, struct model_kernel *k,
                           struct arrays *at)
{
    double within = 0, between = 0;
    double unknown = cal_fit_floor(m->bound, false);
    int32_t n = 0;
    char x[32];

    for (int32_t i = 0; i < m->n_points; i++) {
        struct combined c;

        if (!combine(&m->points[i], campaigns, unknown, notes->arena, &c)) {
            cal_note(notes, "%s on %s: nothing was measured at %s %s", k->name,
                     k->device, k->axis,
                     model_axis_format(k->axis, m->points[i].x, x, sizeof x));
            continue;
        }
        k->points[n] = c.point;
        at->x[n] = c.point.x;
        at->s[n] = c.point.s;
        at->sd_frac[n] = c.point.sd_frac;
        at->within[n] = isnan(c.within) ? unknown : c.within;
        within += at->within[n] * at->within[n];
        between += c.between * c.between;
        if (!c.point.converged && k->why == NULL)
            k->why = k->axis[0] != '\0'
                         ? sp_arena_printf(
                               notes->arena, "%s %s: %s", k->axis,
                               model_axis_format(k->axis, c.point.x, x, sizeof x),
                               c.point.why)
                         : c.point.why;
        n++;
    }
    k->n_points = n;
    k->converged = n == m->n_points && k->why == NULL;
    if (!k->converged && k->why == NULL)
        k->why = "nothing was measured at some points";
    k->sd_within = rms(within, n);
    k->sd_between = rms(between, n);
}

static void know(const struct cal_measured *m, struct model_kernel *k)
{
    k->sd_floor = cal_fit_floor_of(k, m->quiet);
    k->sd_frac = fmax(fmax(k->sd_within, k->sd_between), k->sd_floor);
}

/* Forms that miss what was measured by orders of magnitude are none; a profile with
 * one could not be read. */
static bool is_sane(const struct model_fit *fit)
{
    const double most = MODEL_PROFILE_COEF_MAX;
    bool sane = fit->rms_frac <= MODEL_PROFILE_RMS_MAX &&
                fit->max_frac <= MODEL_PROFILE_RMS_MAX;

    for (int32_t i = 0; i < fit->form->n; i++) {
        sane = sane && (fit->coef[i] <= most || isinf(fit->coef[i]));
        for (int32_t j = 0; j < fit->form->n; j++)
            sane = sane && fabs(fit->cov[i][j]) <= most * most;
    }
    return sane;
}

static int32_t keep_sane(struct model_fit *fits, int32_t n)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < n; i++)
        if (is_sane(&fits[i]))
            fits[kept++] = fits[i];
    return kept;
}

static void fit_table(const struct arrays *at, struct sp_arena *arena,
                      struct model_kernel *k)
{
    int32_t room = 0;

    if (k->axis[0] == '\0')
        return;
    while (model_form_at(room) != NULL)
        room++;
    k->fits = sp_arena_array(arena, (size_t)room, sizeof *k->fits);
    k->n_fits =
        cal_fit_forms(&k->work, at->x, at->s, at->sd_frac, k->n_points, k->fits, room);
    k->n_fits = keep_sane(k->fits, k->n_fits);
}

/* ---- items ---- */

/* Relative noise of one item's time: the point's is a mean over its items, and items
 * are medians over the campaigns. */
static double noise_at(const struct cal_measured *m, const struct model_kernel *k,
                       const struct arrays *at, int32_t campaigns, double x)
{
    int32_t here = 0;

    for (int32_t i = 0; i < m->n_items; i++)
        here += m->items[i].x == x;
    for (int32_t i = 0; i < k->n_points; i++)
        if (at->x[i] == x)
            return at->within[i] * sqrt((double)here / campaigns);
    return 0;
}

/* The features that differ between items: one that does not can't be told from the
 * constant.  Items with those features alone, in their order. */
static int32_t take_features(const struct cal_measured *m, struct sp_arena *arena,
                             struct cal_item *items, const char **names)
{
    int32_t n = 0;

    for (int32_t f = 0; f < m->n_features && f < MODEL_FEATURES_MAX; f++) {
        bool varies = false;

        for (int32_t i = 1; i < m->n_items; i++)
            varies = varies || m->items[i].features[f] != m->items[0].features[f];
        for (int32_t i = 0; varies && i < m->n_items; i++)
            items[i].features[n] = m->items[i].features[f];
        if (varies)
            names[n++] = sp_arena_strdup(arena, m->features[f]);
    }
    return n;
}

/* With the noise of the items' measurement taken out of what is left unexplained. */
static void fit_features(const struct cal_measured *m, double noise_square,
                         struct cal_notes *notes, struct model_kernel *k)
{
    struct cal_item *items =
        sp_arena_array(notes->arena, (size_t)m->n_items, sizeof *items);
    const char *names[MODEL_FEATURES_MAX];
    struct sp_err err = {SP_OK, ""};
    int32_t n;

    for (int32_t i = 0; i < m->n_items; i++)
        items[i] = (struct cal_item){.x = m->items[i].x, .s = m->items[i].s};
    n = take_features(m, notes->arena, items, names);
    if (n == 0)
        return;
    if (cal_fit_features(items, m->n_items, names, n, &k->features, &err) != SP_OK) {
        cal_note(notes, "%s on %s: no features: %s", k->name, k->device, err.text);
        return;
    }
    k->features.cv = sqrt(fmax(0, k->features.cv * k->features.cv - noise_square));
}

static void look_at_items(const struct cal_measured *m, const struct arrays *at,
                          int32_t campaigns, struct cal_notes *notes,
                          struct model_kernel *k)
{
    double *noise = sp_arena_array(notes->arena, (size_t)m->n_items, sizeof *noise);
    double square = 0;

    if (m->n_items == 0)
        return;
    for (int32_t i = 0; i < m->n_items; i++) {
        noise[i] = noise_at(m, k, at, campaigns, m->items[i].x);
        square += noise[i] * noise[i] / m->n_items;
    }
    k->item_cv = cal_fit_item_cv(m->items, noise, m->n_items);
    if (m->n_features > 0)
        fit_features(m, square, notes, k);
}

/* ---- cores ---- */

static void combine_speedups(const struct cal_measured *m, struct sp_arena *arena,
                             struct model_scaling *out)
{
    out->cores = sp_arena_array(arena, (size_t)m->n_scaling, sizeof *out->cores);
    out->speedup = sp_arena_array(arena, (size_t)m->n_scaling, sizeof *out->speedup);
    out->sd = sp_arena_array(arena, (size_t)m->n_scaling, sizeof *out->sd);
    for (int32_t i = 0; i < m->n_scaling; i++) {
        const struct cal_scaling_point *p = &m->scaling[i];
        double *s = sp_arena_array(arena, (size_t)p->n + 1, sizeof *s);
        int32_t n = 0, k = out->n;

        for (int32_t c = 0; c < p->n; c++)
            if (isfinite(p->speedup[c]) && p->speedup[c] > 0)
                s[n++] = p->speedup[c];
        if (n == 0)
            continue;
        out->cores[k] = p->cores;
        out->speedup[k] = p->cores == 1 ? 1 : sp_median(s, n);
        out->sd[k] = p->cores == 1
                         ? 0
                         : fmax(cal_fit_sd(s, n), SPEEDUP_SD_LEAST * out->speedup[k]);
        out->n++;
    }
}

static void fit_scaling(const struct cal_measured *m, struct cal_notes *notes,
                        struct model_kernel *k)
{
    bool shared = m->bound == MODEL_BOUND_MEMORY || m->bound == MODEL_BOUND_LINK;
    struct model_scaling *is = &k->scaling;
    struct sp_err err = {SP_OK, ""};
    enum sp_status status;

    if (m->n_scaling < 1)
        return;
    combine_speedups(m, notes->arena, is);
    if (is->n < 2)
        status = SP_OK; /* one core alone says nothing of more */
    else if (shared)
        status = cal_fit_bandwidth(is->cores, is->speedup, is->sd, is->n, is, &err);
    else
        status = cal_fit_usl(is->cores, is->speedup, is->sd, is->n, is, &err);
    if (status != SP_OK)
        cal_note(notes, "%s on %s: %s", k->name, k->device, err.text);
    if (status != SP_OK || is->n < 2)
        *is = (struct model_scaling){.kind = MODEL_SCALING_NONE};
}

/* ---- all of it ---- */

static void copy_identity(const struct cal_measured *m, const char *device,
                          struct sp_arena *arena, struct model_kernel *k)
{
    *k = (struct model_kernel){
        .name = copy(arena, m->name),
        .device = copy(arena, device),
        .device_id = m->device,
        .item = copy(arena, m->item != NULL ? m->item : ""),
        .axis = copy(arena, m->axis != NULL ? m->axis : ""),
        .calls = m->calls,
        .bound = m->bound,
        .basis = MODEL_BASIS_MEASURED,
        .library = copy(arena, m->library),
        .code_path = copy(arena, m->code_path),
        .n_params = m->n_params,
        .work = m->work,
    };
    k->params = sp_arena_array(arena, (size_t)m->n_params, sizeof *k->params);
    for (int32_t i = 0; i < m->n_params; i++)
        k->params[i] = (struct model_fact){copy(arena, m->params[i].name),
                                           copy(arena, m->params[i].value)};
}

bool cal_fit_kernel(const struct cal_measured *m, const char *device, int32_t campaigns,
                    struct cal_notes *notes, struct model_kernel *k)
{
    size_t n = (size_t)m->n_points;
    struct arrays at = {.x = sp_arena_array(notes->arena, n * 4, sizeof *at.x)};

    if (m->skipped != NULL) {
        cal_note(notes, "%s on %s: %s", m->name, device, m->skipped);
        return false;
    }
    at.s = at.x + n;
    at.sd_frac = at.x + n * 2;
    at.within = at.x + n * 3;
    copy_identity(m, device, notes->arena, k);
    k->points = sp_arena_array(notes->arena, n, sizeof *k->points);
    combine_points(m, campaigns, notes, k, &at);
    if (k->n_points == 0) {
        if (m->n_points == 0)
            cal_note(notes, "%s on %s: nothing was measured", m->name, device);
        return false;
    }
    note_falls(k, notes);
    fit_table(&at, notes->arena, k);
    know(m, k);
    look_at_items(m, &at, campaigns, notes, k);
    fit_scaling(m, notes, k);
    return true;
}
