/* Profiles as records. */
#include "model/calibration.h"

#include <math.h>
#include <string.h>

#include "model/llm.h"

/* ---- points and form ---- */

static const char *form_text(struct sp_arena *arena, const struct model_fit *fit)
{
    const char *text = sp_arena_printf(arena, "%s (", fit->form->text);

    for (int32_t i = 0; i < fit->form->n; i++)
        text = sp_arena_printf(arena, "%s%s%s %.3g", text, i > 0 ? ", " : "",
                               fit->form->coefs[i], fit->coef[i]);
    return sp_arena_printf(arena, "%s)", text);
}

static double fitted(const struct model_kernel *k, double x)
{
    if (k->n_fits == 0)
        return NAN;
    return k->fits[0].form->at(&k->work, k->fits[0].coef, x);
}

static void fill_points(struct sp_arena *arena, const struct model_kernel *k,
                        struct model_kernel_curve *c)
{
    c->n = k->n_points;
    c->points = sp_arena_array(arena, (size_t)k->n_points, sizeof *c->points);
    c->off_frac = k->n_fits > 0 ? 0 : NAN;
    for (int32_t i = 0; i < k->n_points; i++) {
        const struct model_profile_point *p = &k->points[i];

        c->points[i] = (struct model_kernel_point){.x = k->axis[0] != '\0' ? p->x : NAN,
                                                   .measured_s = p->s,
                                                   .half95_s = 1.96 * p->sd_frac * p->s,
                                                   .fitted_s = fitted(k, p->x),
                                                   .converged = p->converged};
        if (k->n_fits > 0)
            c->off_frac = fmax(c->off_frac, fabs(c->points[i].fitted_s / p->s - 1));
    }
}

/* ---- work and peaks ---- */

/* NaN: not known. */
static double flop_of(const struct model_kernel *k, const struct model_profile_point *p)
{
    const double flop = k->work.flop_fixed + k->work.flop * p->x;

    return flop > 0 ? flop : NAN;
}

static double bytes_of(const struct model_kernel *k,
                       const struct model_profile_point *p)
{
    const double bytes = k->work.bytes_fixed + k->work.bytes * p->x;

    return bytes > 0 ? bytes : NAN;
}

/* The most that kernels reached on the device at their largest x, which is that least
 * of a cache. */
static double reached(const struct model_profile *profile, int32_t device,
                      double (*work)(const struct model_kernel *k,
                                     const struct model_profile_point *p))
{
    double most = NAN;

    for (int32_t i = 0; i < profile->n_kernels; i++) {
        const struct model_kernel *k = &profile->kernels[i];
        const struct model_profile_point *p = &k->points[k->n_points - 1];

        if (k->device_id == device && k->n_points > 0 &&
            k->basis == MODEL_BASIS_MEASURED && k->bound != MODEL_BOUND_LINK)
            most = fmax(most, work(k, p) / p->s);
    }
    return most;
}

static void fill_peaks(struct sp_arena *arena, const struct model_profile *profile,
                       const struct model_kernel *k, struct model_kernel_curve *c)
{
    const struct model_profile_device *d = &profile->devices[k->device_id];
    struct model_gpu gpu;

    if (d->is_gpu && d->catalog != NULL &&
        model_gpu_find(d->catalog, arena, &gpu, NULL) == SP_OK) {
        c->peak_flop_per_s = model_kernel_peak_flop_per_s(k, &gpu);
        c->peak_bytes_per_s = gpu.bytes_per_s;
        c->peak_source = "datasheet";
        return;
    }
    c->peak_flop_per_s = reached(profile, k->device_id, flop_of);
    c->peak_bytes_per_s = reached(profile, k->device_id, bytes_of);
    if (!isnan(c->peak_flop_per_s) || !isnan(c->peak_bytes_per_s))
        c->peak_source = "measured";
}

struct model_kernel_curve model_kernel_curve_of(struct sp_arena *arena,
                                                const struct model_profile *profile,
                                                const char *name,
                                                const struct model_kernel *k)
{
    struct model_kernel_curve c = {.profile = name,
                                   .kernel = k->name,
                                   .device = k->device,
                                   .axis = k->axis,
                                   .form = "",
                                   .flop = NAN,
                                   .bytes = NAN,
                                   .peak_source = ""};

    fill_points(arena, k, &c);
    if (k->n_fits > 0)
        c.form = form_text(arena, &k->fits[0]);
    if (k->n_points > 0) {
        c.flop = flop_of(k, &k->points[k->n_points - 1]);
        c.bytes = bytes_of(k, &k->points[k->n_points - 1]);
    }
    fill_peaks(arena, profile, k, &c);
    return c;
}

/* ---- profiles ---- */

static const char *machine_text(struct sp_arena *arena,
                                const struct model_profile *profile)
{
    const char *text = "";

    for (int32_t i = 0; i < profile->n_devices; i++) {
        const struct model_profile_device *d = &profile->devices[i];
        const char *cores = d->cores == 0
                                ? ""
                                : sp_arena_printf(arena, " (%d core%s)", (int)d->cores,
                                                  d->cores == 1 ? "" : "s");

        text = sp_arena_printf(arena, "%s%s%s: %s%s", text, i > 0 ? "; " : "", d->name,
                               d->model, cores);
    }
    return text;
}

static const char *driver_text(struct sp_arena *arena,
                               const struct model_profile *profile)
{
    const char *text = "";

    for (int32_t i = 0; i < profile->n_devices; i++)
        for (int32_t f = 0; f < profile->devices[i].n_facts; f++) {
            const char *value = profile->devices[i].facts[f].value;

            if (strcmp(profile->devices[i].facts[f].name, "driver") == 0 &&
                strstr(text, value) == NULL)
                text = sp_arena_printf(arena, "%s%s%s", text,
                                       text[0] != '\0' ? ", " : "", value);
        }
    return text;
}

struct model_calibration model_calibration_of(struct sp_arena *arena,
                                              const struct model_profile *profile,
                                              const char *name)
{
    return (struct model_calibration){.name = name,
                                      .file = profile->path,
                                      .machine = machine_text(arena, profile),
                                      .driver = driver_text(arena, profile),
                                      .date = profile->created};
}

/* ---- collecting ---- */

struct list {
    struct sp_arena *arena;
    int32_t n_calibrations, n_curves, calibrations_room, curves_room, kernels_room;
    struct model_calibration *calibrations;
    struct model_kernel_curve *curves;
    const struct model_kernel **kernels; /* of the curves */
};

static void add_profile(struct list *l, const struct model_profile *profile,
                        const char *name)
{
    for (int32_t i = 0; i < l->n_calibrations; i++)
        if (strcmp(l->calibrations[i].name, name) == 0)
            return;
    l->calibrations = sp_arena_more(l->arena, l->calibrations, l->n_calibrations,
                                    &l->calibrations_room, sizeof *l->calibrations);
    l->calibrations[l->n_calibrations++] =
        model_calibration_of(l->arena, profile, name);
}

static void add_kernel(struct list *l, const struct model_profile *profile,
                       const char *name, const struct model_kernel *kernel)
{
    for (int32_t i = 0; i < l->n_curves; i++)
        if (l->kernels[i] == kernel)
            return;
    add_profile(l, profile, name);
    l->kernels = sp_arena_more(l->arena, l->kernels, l->n_curves, &l->kernels_room,
                               sizeof *l->kernels);
    l->curves = sp_arena_more(l->arena, l->curves, l->n_curves, &l->curves_room,
                              sizeof *l->curves);
    l->kernels[l->n_curves] = kernel;
    l->curves[l->n_curves++] = model_kernel_curve_of(l->arena, profile, name, kernel);
}

static void add_use(struct list *l, const struct model_kernel_use *use)
{
    if (use != NULL)
        add_kernel(l, use->profile, use->profile_name, use->kernel);
}

static void add_plan(struct list *l, const struct model_plan *plan)
{
    for (int32_t s = 0; s < plan->n_stages; s++)
        add_use(l, plan->stages[s].time.kernel);
    for (int32_t u = 0; u < plan->n_units; u++)
        if (plan->units[u].has_fused_time)
            add_use(l, plan->units[u].fused_time.kernel);
}

static void give(const struct list *l, struct model_result *r)
{
    r->n_calibrations = l->n_calibrations;
    r->calibrations = l->calibrations;
    r->n_curves = l->n_curves;
    r->curves = l->curves;
}

void model_calibration_show(struct sp_arena *arena, const struct model_profile *profile,
                            const char *name, struct model_result *r)
{
    struct list l = {.arena = arena};

    add_profile(&l, profile, name);
    for (int32_t i = 0; i < profile->n_kernels; i++)
        add_kernel(&l, profile, name, &profile->kernels[i]);
    give(&l, r);
}

void model_calibration_collect(struct sp_arena *arena, const struct model_scenario *sc,
                               struct model_result *r)
{
    struct list l = {.arena = arena};

    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans; w++)
            add_plan(&l, &sc->policies[p].plans[w]);
    give(&l, r);
}
