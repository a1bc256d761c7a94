/* What was fitted to a kernel's times: forms, features, scaling. */
#include "model/profile_parts.h"

#include <math.h>
#include <string.h>

static const struct model_range positive = {.min = 1e-30, .max = 1e30};
static const struct model_range not_negative = {.min = 0,
                                                .max = MODEL_PROFILE_COEF_MAX};
static const struct model_range any = {.min = -1e30, .max = 1e30};

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
    MODEL_PROFILE_NUMBER("rms", struct model_fit, rms_frac, 0, MODEL_PROFILE_RMS_MAX,
                         "of the relative residuals"),
    MODEL_PROFILE_NUMBER("max", struct model_fit, max_frac, 0, MODEL_PROFILE_RMS_MAX,
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

enum sp_status model_profile_read_fits(struct model_reader *r,
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

static const struct model_key features_keys[] = {
    MODEL_PROFILE_READ("names", read_feature_names, "of an item"),
    MODEL_PROFILE_READ("least", read_least, "of each that was measured"),
    MODEL_PROFILE_READ("most", read_most, "of each that was measured"),
    MODEL_PROFILE_READ("coefficients", read_feature_coefs,
                       "a constant, then one of each"),
    MODEL_PROFILE_READ("covariance", read_feature_cov, "of the coefficients"),
    {.name = "r2",
     .kind = MODEL_KEY_NUMBER,
     .offset = offsetof(struct model_features, r2),
     .min = -1e30,
     .max = 1,
     .unless = "0",
     .help = "share of the spread that they explain"},
    MODEL_PROFILE_NUMBER("cv", struct model_features, cv, 0, 100, "of what they leave"),
    {.name = NULL},
};

enum sp_status model_profile_read_features(struct model_reader *r,
                                           const struct model_yaml_node *node,
                                           void *record)
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
    MODEL_PROFILE_READ("kind", read_scaling_kind, "none, usl or bandwidth"),
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
    MODEL_PROFILE_NUMBER("sigma", struct model_scaling, sigma, 0, 1e6, "of the law"),
    MODEL_PROFILE_NUMBER("kappa", struct model_scaling, kappa, 0, 1e6, "of the law"),
    {.name = "covariance",
     .kind = MODEL_KEY_READ,
     .read = read_scaling_cov,
     .help = "of sigma and kappa"},
    {.name = "most",
     .kind = MODEL_KEY_READ,
     .read = read_most_speedup,
     .help = "of a bandwidth: the most speed-up"},
    MODEL_PROFILE_NUMBER("most_sd", struct model_scaling, most_sd, 0, 1e6, "of it"),
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

enum sp_status model_profile_read_scaling(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          void *record)
{
    struct model_kernel *k = record;
    enum sp_status status =
        model_keys_read(r, node, "scaling", scaling_keys, &k->scaling);

    return status == SP_OK ? check_scaling(r, node, &k->scaling) : status;
}
