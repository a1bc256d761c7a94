/* A kernel of a profile's file. */
#include "model/profile_parts.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const struct model_range positive = {.min = 1e-30, .max = 1e30};
static const struct model_range not_negative = {.min = 0,
                                                .max = MODEL_PROFILE_COEF_MAX};
static const struct model_range any = {.min = -1e30, .max = 1e30};

enum { QUOTED_BYTES = 80 };

/* ---- words ---- */

static enum sp_status read_name(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_read_name(r, node, "name", &k->name);
}

static enum sp_status read_calls(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "calls", model_profile_calls, &place);

    k->calls = (enum model_calls)place;
    return status;
}

static enum sp_status read_bound(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "bound", model_profile_bounds, &place);

    k->bound = (enum model_bound)place;
    return status;
}

static enum sp_status read_basis(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    static const enum model_basis bases[] = {MODEL_BASIS_MEASURED,
                                             MODEL_BASIS_DATASHEET};
    const char *const names[] = {model_basis_name(bases[0]), model_basis_name(bases[1]),
                                 NULL};
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status = model_profile_word(r, node, "basis", names, &place);

    if (status == SP_OK)
        k->basis = bases[place];
    return status;
}

static enum sp_status read_params(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_profile_facts(r, node, "parameters", &k->n_params, &k->params);
}

/* ---- maps of numbers ---- */

#define NUMBER(key, type, field, least, most, text)                                    \
    {                                                                                  \
        .name = (key), .kind = MODEL_KEY_NUMBER, .offset = offsetof(type, field),      \
        .min = (least), .max = (most), .unless = "0", .help = (text)                   \
    }

static const struct model_key work_keys[] = {
    NUMBER("flop", struct model_work, flop, 0, 1e30, "operations, each x"),
    NUMBER("flop_fixed", struct model_work, flop_fixed, 0, 1e30, "of every call"),
    NUMBER("bytes", struct model_work, bytes, 0, 1e30, "moved, each x"),
    NUMBER("bytes_fixed", struct model_work, bytes_fixed, 0, 1e30, "of every call"),
    {.name = NULL},
};

static enum sp_status read_work(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_keys_read(r, node, "work", work_keys, &k->work);
}

static const struct model_key uncertainty_keys[] = {
    NUMBER("within", struct model_kernel, sd_within, 0, MODEL_PROFILE_SD_MAX,
           "campaigns"),
    NUMBER("between", struct model_kernel, sd_between, 0, MODEL_PROFILE_SD_MAX,
           "campaigns"),
    NUMBER("floor", struct model_kernel, sd_floor, 0, MODEL_PROFILE_SD_MAX,
           "of the environment"),
    NUMBER("sd", struct model_kernel, sd_frac, 0, MODEL_PROFILE_SD_MAX,
           "the one that counts"),
    {.name = NULL},
};

static enum sp_status read_uncertainty(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    return model_keys_read(r, node, "uncertainty", uncertainty_keys, record);
}

/* ---- the table ---- */

#define AT(field) offsetof(struct model_profile_point, field)
static const struct model_key point_keys[] = {
    {.name = "x",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(x),
     .min = 0,
     .max = 1e30,
     .required = true,
     .help = "how much of the axis"},
    {.name = "seconds",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(s),
     .min = 1e-15,
     .max = 1e9,
     .required = true,
     .help = "of a call"},
    NUMBER("sd", struct model_profile_point, sd_frac, 0, MODEL_PROFILE_SD_MAX,
           "of it, relative"),
    {.name = "blocks",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(blocks),
     .min = 0,
     .max = 2e9,
     .unless = "0",
     .help = "that counted"},
    {.name = "rejected",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(rejected),
     .min = 0,
     .max = 2e9,
     .unless = "0",
     .help = "that did not"},
    {.name = "converged",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(converged),
     .unless = "true",
     .help = "to the half-width asked for"},
    {.name = "why", .kind = MODEL_KEY_TEXT, .offset = AT(why), .help = "it did not"},
    {.name = NULL},
};
#undef AT

static enum sp_status read_table(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    enum sp_status status =
        model_profile_list(r, node, "table", 1, MODEL_PROFILE_POINTS_MAX);

    if (status != SP_OK)
        return status;
    if (k->axis[0] == '\0' && node->n > 1)
        return model_read_fail(r, node->items[1],
                               "table: a second point and no axis, expected one point");
    k->points = sp_arena_array(r->arena, (size_t)node->n, sizeof *k->points);
    for (; status == SP_OK && k->n_points < node->n; k->n_points++) {
        struct model_profile_point *p = &k->points[k->n_points];

        status = model_profile_element(r, node->items[k->n_points], "a point",
                                       point_keys, p);
        if (status == SP_OK && k->n_points > 0 && !(p->x > p[-1].x))
            return model_read_fail(r, model_yaml_get(node->items[k->n_points], "x"),
                                   "x: found %.15g after %.15g, expected rising x",
                                   p->x, p[-1].x);
    }
    return status;
}

/* ---- fits ---- */

static enum sp_status read_form(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    const char *names[MODEL_PROFILE_FITS_MAX + 1] = {NULL};
    struct model_fit *fit = record;
    int32_t n = 0, place = 0;
    enum sp_status status;

    for (; model_form_at(n) != NULL && n < MODEL_PROFILE_FITS_MAX; n++)
        names[n] = model_form_at(n)->name;
    status = model_profile_word(r, node, "form", names, &place);
    fit->form = model_form_at(place);
    return status;
}

/* Rates are in a denominator, and without limit where the other one always binds. */
static enum sp_status read_coefs(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    const struct model_range rate = {.min = 1 / MODEL_PROFILE_COEF_MAX,
                                     .max = MODEL_PROFILE_COEF_MAX,
                                     .infinite = true};
    struct model_fit *fit = record;
    const struct model_form *form = fit->form;
    enum sp_status status =
        model_profile_list(r, node, "coefficients", form->n, form->n);

    for (int32_t i = 0; status == SP_OK && i < form->n; i++) {
        bool is_rate =
            strcmp(form->coefs[i], "p") == 0 || strcmp(form->coefs[i], "q") == 0;

        status = model_profile_number(r, node->items[i], form->coefs[i],
                                      is_rate ? &rate : &not_negative, &fit->coef[i]);
    }
    return status;
}

static enum sp_status read_fit_cov(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_fit *fit = record;

    return model_profile_covariance(r, node, fit->form->n, MODEL_FORM_COEFS_MAX,
                                    &fit->cov[0][0]);
}

static enum sp_status read_aicc(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    const struct model_range range = {.min = -1e30, .max = 1e30, .infinite = true};
    struct model_fit *fit = record;

    return model_profile_number(r, node, "aicc", &range, &fit->aicc);
}

static const struct model_key fit_keys[] = {
    {.name = "form",
     .kind = MODEL_KEY_READ,
     .read = read_form,
     .required = true,
     .help = "constant, linear, floor or roofline"},
    {.name = "coefficients",
     .kind = MODEL_KEY_READ,
     .read = read_coefs,
     .required = true,
     .help = "of the form"},
    {.name = "covariance",
     .kind = MODEL_KEY_READ,
     .read = read_fit_cov,
     .required = true,
     .help = "of the coefficients"},
    NUMBER("rms", struct model_fit, rms_frac, 0, MODEL_PROFILE_RMS_MAX,
           "of the relative residuals"),
    NUMBER("max", struct model_fit, max_frac, 0, MODEL_PROFILE_RMS_MAX,
           "of the relative residuals"),
    {.name = "aicc",
     .kind = MODEL_KEY_READ,
     .read = read_aicc,
     .help = "by which it was chosen"},
    {.name = NULL},
};

/* The form joins the table at its ends: it must give a time there. */
static enum sp_status check_joins(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_kernel *k,
                                  const struct model_fit *fit)
{
    for (int end = 0; end < 2; end++) {
        double x = k->points[end == 0 ? 0 : k->n_points - 1].x;
        double s = fit->form->at(&k->work, fit->coef, x);

        if (!(s > 0 && isfinite(s)))
            return model_read_fail(r, model_yaml_get(node, "coefficients"),
                                   "coefficients: %s gives %g s at x = %.6g, expected "
                                   "a time above 0 at both ends of the table",
                                   fit->form->name, s, x);
    }
    return SP_OK;
}

static enum sp_status read_fits(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    enum sp_status status =
        model_profile_list(r, node, "fits", 0, MODEL_PROFILE_FITS_MAX);

    if (status != SP_OK)
        return status;
    k->fits = sp_arena_array(r->arena, (size_t)node->n, sizeof *k->fits);
    for (; status == SP_OK && k->n_fits < node->n; k->n_fits++) {
        struct model_fit *fit = &k->fits[k->n_fits];

        status =
            model_profile_element(r, node->items[k->n_fits], "a fit", fit_keys, fit);
        if (status == SP_OK)
            status = check_joins(r, node->items[k->n_fits], k, fit);
    }
    return status;
}

/* ---- features ---- */

static enum sp_status read_feature_names(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         void *record)
{
    struct model_features *f = record;
    enum sp_status status = model_profile_list(r, node, "names", 1, MODEL_FEATURES_MAX);

    for (int32_t i = 0; status == SP_OK && i < node->n; i++) {
        status = model_read_name(r, node->items[i], "names", &f->names[i]);
        if (status == SP_OK && model_read_find(f->names[i], f->names, i) != SP_NO_ID)
            return model_read_fail(r, node->items[i],
                                   "names: the feature is there twice");
    }
    f->n = node->n;
    return status;
}

static enum sp_status read_least(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_features *f = record;

    return model_profile_numbers(r, node, "least", f->n, &any, f->least);
}

static enum sp_status read_most(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_features *f = record;
    enum sp_status status = model_profile_numbers(r, node, "most", f->n, &any, f->most);

    for (int32_t i = 0; status == SP_OK && i < f->n; i++)
        if (!(f->most[i] >= f->least[i]))
            return model_read_fail(r, node->items[i],
                                   "most: found %.6g, expected at least %.6g, which is "
                                   "the least",
                                   f->most[i], f->least[i]);
    return status;
}

static enum sp_status read_feature_coefs(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         void *record)
{
    struct model_features *f = record;

    return model_profile_numbers(r, node, "coefficients", f->n + 1, &any, f->coef);
}

static enum sp_status read_feature_cov(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    struct model_features *f = record;

    return model_profile_covariance(r, node, f->n + 1, MODEL_FEATURES_MAX + 1,
                                    &f->cov[0][0]);
}

#define READ(key, function, text)                                                      \
    {                                                                                  \
        .name = (key), .kind = MODEL_KEY_READ, .read = (function), .required = true,   \
        .help = (text)                                                                 \
    }
static const struct model_key features_keys[] = {
    READ("names", read_feature_names, "of an item"),
    READ("least", read_least, "of each that was measured"),
    READ("most", read_most, "of each that was measured"),
    READ("coefficients", read_feature_coefs, "a constant, then one of each"),
    READ("covariance", read_feature_cov, "of the coefficients"),
    {.name = "r2",
     .kind = MODEL_KEY_NUMBER,
     .offset = offsetof(struct model_features, r2),
     .min = -1e30,
     .max = 1,
     .unless = "0",
     .help = "share of the spread that they explain"},
    NUMBER("cv", struct model_features, cv, 0, 100, "of what they leave"),
    {.name = NULL},
};

static enum sp_status read_features(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_keys_read(r, node, "features", features_keys, &k->features);
}

/* ---- scaling ---- */

static enum sp_status read_scaling_kind(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    struct model_scaling *s = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "kind", model_profile_scalings, &place);

    s->kind = (enum model_scaling_kind)place;
    return status;
}

static enum sp_status read_cores(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    const struct model_key key = {
        .name = "cores", .kind = MODEL_KEY_COUNT32, .min = 1, .max = 1e6};
    struct model_scaling *s = record;
    enum sp_status status =
        model_profile_list(r, node, "cores", 1, MODEL_PROFILE_POINTS_MAX);

    if (status != SP_OK)
        return status;
    s->n = node->n;
    s->cores = sp_arena_array(r->arena, (size_t)s->n, sizeof *s->cores);
    s->speedup = sp_arena_array(r->arena, (size_t)s->n, sizeof *s->speedup);
    s->sd = sp_arena_array(r->arena, (size_t)s->n, sizeof *s->sd);
    for (int32_t i = 0; status == SP_OK && i < s->n; i++) {
        status = model_key_parse(r, node->items[i], &key, &s->cores[i]);
        if (status == SP_OK && i == 0 && s->cores[0] != 1)
            return model_read_fail(r, node->items[i],
                                   "cores: found %d first, expected 1", s->cores[0]);
        if (status == SP_OK && i > 0 && s->cores[i] <= s->cores[i - 1])
            return model_read_fail(r, node->items[i],
                                   "cores: found %d after %d, expected rising numbers",
                                   s->cores[i], s->cores[i - 1]);
    }
    return status;
}

static enum sp_status read_speedup(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_scaling *s = record;

    return model_profile_numbers(r, node, "speedup", s->n, &positive, s->speedup);
}

static enum sp_status read_scaling_sd(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    struct model_scaling *s = record;

    return model_profile_numbers(r, node, "sd", s->n, &not_negative, s->sd);
}

static enum sp_status read_scaling_cov(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    struct model_scaling *s = record;

    return model_profile_covariance(r, node, 2, 2, &s->cov[0][0]);
}

static enum sp_status read_most_speedup(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    const struct model_range range = {.min = 1, .max = 1e6, .infinite = true};
    struct model_scaling *s = record;

    return model_profile_number(r, node, "most", &range, &s->most);
}

static const struct model_key scaling_keys[] = {
    READ("kind", read_scaling_kind, "none, usl or bandwidth"),
    {.name = "cores",
     .kind = MODEL_KEY_READ,
     .read = read_cores,
     .help = "at once, the first 1"},
    {.name = "speedup",
     .kind = MODEL_KEY_READ,
     .read = read_speedup,
     .help = "at each number of cores"},
    {.name = "sd",
     .kind = MODEL_KEY_READ,
     .read = read_scaling_sd,
     .help = "of each speed-up"},
    NUMBER("sigma", struct model_scaling, sigma, 0, 1e6, "of the law"),
    NUMBER("kappa", struct model_scaling, kappa, 0, 1e6, "of the law"),
    {.name = "covariance",
     .kind = MODEL_KEY_READ,
     .read = read_scaling_cov,
     .help = "of sigma and kappa"},
    {.name = "most",
     .kind = MODEL_KEY_READ,
     .read = read_most_speedup,
     .help = "of a bandwidth: the most speed-up"},
    NUMBER("most_sd", struct model_scaling, most_sd, 0, 1e6, "of it"),
    {.name = NULL},
};

/* What the kind needs, and nothing of the other's. */
static enum sp_status check_scaling(struct model_reader *r,
                                    const struct model_yaml_node *node,
                                    const struct model_scaling *s)
{
    static const struct {
        const char *key;
        bool of[3]; /* of a kind */
        bool needed;
    } rows[] = {{"cores", {false, true, true}, true},
                {"speedup", {false, true, true}, true},
                {"sd", {false, true, true}, false},
                {"sigma", {false, true, false}, true},
                {"kappa", {false, true, false}, false},
                {"covariance", {false, true, false}, false},
                {"most", {false, false, true}, true},
                {"most_sd", {false, false, true}, false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct model_yaml_node *found = model_yaml_get(node, rows[i].key);

        if (found != NULL && !rows[i].of[s->kind])
            return model_read_fail(r, found->key, "a scaling of kind %s has no '%s'",
                                   model_profile_scalings[s->kind], rows[i].key);
        if (found == NULL && rows[i].of[s->kind] && rows[i].needed)
            return model_read_fail(r, node, "a scaling of kind %s needs the key '%s'",
                                   model_profile_scalings[s->kind], rows[i].key);
    }
    return SP_OK;
}

static enum sp_status read_scaling(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    enum sp_status status =
        model_keys_read(r, node, "scaling", scaling_keys, &k->scaling);

    return status == SP_OK ? check_scaling(r, node, &k->scaling) : status;
}

/* ---- the kernel ---- */

#define AT(field) offsetof(struct model_kernel, field)
static const struct model_key kernel_keys[] = {
    READ("name", read_name, "how scenarios name it"),
    {.name = "device",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(device),
     .required = true,
     .help = "one of the profile's"},
    {.name = "item",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(item),
     .unless = "",
     .help = "what one item is"},
    {.name = "axis",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(axis),
     .unless = "",
     .help = "what x counts"},
    {.name = "calls",
     .kind = MODEL_KEY_READ,
     .read = read_calls,
     .help = "per-item or per-task"},
    {.name = "bound", .kind = MODEL_KEY_READ, .read = read_bound, .help = "by what"},
    {.name = "basis",
     .kind = MODEL_KEY_READ,
     .read = read_basis,
     .help = "measured or datasheet"},
    {.name = "source",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(source),
     .help = "where the table came from"},
    {.name = "library",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(library),
     .help = "and its version"},
    {.name = "code_path",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(code_path),
     .help = "that it chose"},
    {.name = "parameters",
     .kind = MODEL_KEY_READ,
     .read = read_params,
     .help = "of the kernel, as text"},
    {.name = "work",
     .kind = MODEL_KEY_READ,
     .read = read_work,
     .help = "operations and bytes of a call"},
    READ("table", read_table, "the measured points"),
    {.name = "fits", .kind = MODEL_KEY_READ, .read = read_fits, .help = "best first"},
    {.name = "features",
     .kind = MODEL_KEY_READ,
     .read = read_features,
     .help = "of items, and the time by them"},
    NUMBER("item_cv", struct model_kernel, item_cv, 0, 100, "of items at the same x"),
    {.name = "uncertainty",
     .kind = MODEL_KEY_READ,
     .read = read_uncertainty,
     .help = "of its times together"},
    {.name = "scaling",
     .kind = MODEL_KEY_READ,
     .read = read_scaling,
     .help = "over cores"},
    {.name = "converged",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(converged),
     .unless = "true",
     .help = "every point"},
    {.name = "why", .kind = MODEL_KEY_TEXT, .offset = AT(why), .help = "it did not"},
    {.name = NULL},
};
#undef AT

static enum sp_status find_device(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_profile *profile,
                                  struct model_kernel *k)
{
    const char *names[MODEL_PROFILE_DEVICES_MAX];

    for (int32_t i = 0; i < profile->n_devices; i++)
        names[i] = profile->devices[i].name;
    k->device_id = model_read_find(k->device, names, profile->n_devices);
    if (k->device_id == SP_NO_ID)
        return model_read_unknown(r, model_yaml_get(node, "device"), "device", names,
                                  profile->n_devices);
    k->device = names[k->device_id];
    return SP_OK;
}

enum sp_status model_profile_read_kernel(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         const struct model_profile *profile,
                                         struct model_kernel *kernel)
{
    enum sp_status status;

    kernel->basis = MODEL_BASIS_MEASURED;
    status = model_profile_element(r, node, "a kernel", kernel_keys, kernel);
    return status == SP_OK ? find_device(r, node, profile, kernel) : status;
}
