/* A profile as the YAML that model_profile_read() takes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/profile_parts.h"

/* ---- values ---- */

/* The shortest of 15 to 17 digits that reads as the same number. */
static void print_number(FILE *out, double v)
{
    char text[40];

    if (isinf(v) || isnan(v)) {
        fputs(isnan(v) ? ".nan" : v > 0 ? ".inf" : "-.inf", out);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (!(strtod(text, NULL) < v || strtod(text, NULL) > v))
            break;
    }
    fputs(text, out);
}

/* Words that every reader of YAML takes for text. */
static bool is_plain(const char *text)
{
    static const char *const special[] = {"true", "false", "yes", "no", "on",
                                          "off",  "null",  "y",   "n"};
    const char first = text[0];

    if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')))
        return false;
    for (const char *p = text; *p != '\0'; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
              (*p >= '0' && *p <= '9') || strchr("_.+-/", *p) != NULL))
            return false;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (strcasecmp(text, special[i]) == 0)
            return false;
    return strlen(text) <= MODEL_NAME_MAX;
}

/* One character, its bytes in `one`; returns how many it took. */
static size_t take_char(const char *p, char one[5])
{
    for (size_t n = 1; n <= 4 && p[n - 1] != '\0'; n++) {
        memcpy(one, p, n);
        one[n] = '\0';
        if (sp_text_is_clean(one))
            return n;
    }
    strcpy(one, "?");
    return 1;
}

static void print_text(FILE *out, const char *text)
{
    size_t used = 0;
    char one[5];

    if (text == NULL)
        text = "";
    if (is_plain(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    while (*text != '\0') {
        size_t n = 1;

        if (*text == '\n' || *text == '\t') {
            strcpy(one, *text == '\n' ? "\\n" : "\\t");
        } else {
            n = take_char(text, one);
            if (one[0] == '"' || one[0] == '\\')
                memcpy(one, one[0] == '"' ? "\\\"" : "\\\\", 3);
        }
        if (used + n > MODEL_PROFILE_TEXT_MAX)
            break;
        fputs(one, out);
        used += n;
        text += n;
    }
    fputc('"', out);
}

static void print_line(FILE *out, const char *indent, const char *key, const char *text)
{
    if (text == NULL)
        return;
    fprintf(out, "%s%s: ", indent, key);
    print_text(out, text);
    fputc('\n', out);
}

static void print_numbers(FILE *out, const double *values, int32_t n)
{
    fputc('[', out);
    for (int32_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", out);
        print_number(out, values[i]);
    }
    fputc(']', out);
}

static void print_matrix(FILE *out, const double *values, int32_t n, int32_t stride)
{
    fputc('[', out);
    for (int32_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", out);
        print_numbers(out, values + i * stride, n);
    }
    fputc(']', out);
}

/* "key: number", with what separates it from the one before. */
static void print_part(FILE *out, const char *before, const char *key, double v)
{
    fprintf(out, "%s%s: ", before, key);
    print_number(out, v);
}

static bool is_repeated(const struct model_fact *facts, int32_t i)
{
    for (int32_t j = 0; j < i; j++)
        if (strcmp(facts[j].name, facts[i].name) == 0)
            return true;
    return false;
}

/* "{ a: b, c: d }"; a name that is there twice counts once. */
static void print_facts(FILE *out, const struct model_fact *facts, int32_t n)
{
    fputc('{', out);
    for (int32_t i = 0; i < n; i++) {
        if (is_repeated(facts, i))
            continue;
        fputs(i > 0 ? ", " : " ", out);
        print_text(out, facts[i].name);
        fputs(": ", out);
        print_text(out, facts[i].value);
    }
    fputs(n > 0 ? " }" : "}", out);
}

/* ---- parts ---- */

static void print_device(FILE *out, const struct model_profile_device *d)
{
    fputs("  - { name: ", out);
    print_text(out, d->name);
    fprintf(out, ", kind: %s, model: ", d->is_gpu ? "gpu" : "cpu");
    print_text(out, d->model);
    if (d->catalog != NULL) {
        fputs(", catalog: ", out);
        print_text(out, d->catalog);
    }
    if (d->cores > 0)
        fprintf(out, ", cores: %d", d->cores);
    if (d->n_facts > 0) {
        fputs(", facts: ", out);
        print_facts(out, d->facts, d->n_facts);
    }
    fputs(" }\n", out);
}

static void print_work(FILE *out, const struct model_work *w)
{
    if (!(w->flop_fixed > 0 || w->flop > 0 || w->bytes_fixed > 0 || w->bytes > 0))
        return;
    print_part(out, "    work: { ", "flop", w->flop);
    print_part(out, ", ", "flop_fixed", w->flop_fixed);
    print_part(out, ", ", "bytes", w->bytes);
    print_part(out, ", ", "bytes_fixed", w->bytes_fixed);
    fputs(" }\n", out);
}

static void print_why(FILE *out, const char *why)
{
    if (why == NULL)
        return;
    fputs(", why: ", out);
    print_text(out, why);
}

static void print_table(FILE *out, const struct model_kernel *k)
{
    fputs("    table:\n", out);
    for (int32_t i = 0; i < k->n_points; i++) {
        const struct model_profile_point *p = &k->points[i];

        print_part(out, "      - { ", "x", p->x);
        print_part(out, ", ", "seconds", p->s);
        print_part(out, ", ", "sd", p->sd_frac);
        fprintf(out, ", blocks: %d, rejected: %d, converged: %s", p->blocks,
                p->rejected, p->converged ? "true" : "false");
        print_why(out, p->why);
        fputs(" }\n", out);
    }
}

static void print_fits(FILE *out, const struct model_kernel *k)
{
    if (k->n_fits > 0)
        fputs("    fits:\n", out);
    for (int32_t i = 0; i < k->n_fits; i++) {
        const struct model_fit *f = &k->fits[i];

        fprintf(out, "      - { form: %s, coefficients: ", f->form->name);
        print_numbers(out, f->coef, f->form->n);
        fputs(", covariance: ", out);
        print_matrix(out, &f->cov[0][0], f->form->n, MODEL_FORM_COEFS_MAX);
        print_part(out, ", ", "rms", f->rms_frac);
        print_part(out, ", ", "max", f->max_frac);
        print_part(out, ", ", "aicc", f->aicc);
        fputs(" }\n", out);
    }
}

static void print_features(FILE *out, const struct model_features *f)
{
    if (f->n == 0)
        return;
    fputs("    features:\n      names: [", out);
    for (int32_t i = 0; i < f->n; i++) {
        fputs(i > 0 ? ", " : "", out);
        print_text(out, f->names[i]);
    }
    fputs("]\n      least: ", out);
    print_numbers(out, f->least, f->n);
    fputs("\n      most: ", out);
    print_numbers(out, f->most, f->n);
    fputs("\n      coefficients: ", out);
    print_numbers(out, f->coef, f->n + 1);
    fputs("\n      covariance: ", out);
    print_matrix(out, &f->cov[0][0], f->n + 1, MODEL_FEATURES_MAX + 1);
    print_part(out, "\n      ", "r2", f->r2);
    print_part(out, "\n      ", "cv", f->cv);
    fputc('\n', out);
}

static void print_uncertainty(FILE *out, const struct model_kernel *k)
{
    print_part(out, "    uncertainty: { ", "within", k->sd_within);
    print_part(out, ", ", "between", k->sd_between);
    print_part(out, ", ", "floor", k->sd_floor);
    print_part(out, ", ", "sd", k->sd_frac);
    fputs(" }\n", out);
}

static void print_scaling(FILE *out, const struct model_scaling *s)
{
    if (s->kind == MODEL_SCALING_NONE)
        return;
    fprintf(out, "    scaling: { kind: %s, cores: [", model_profile_scalings[s->kind]);
    for (int32_t i = 0; i < s->n; i++)
        fprintf(out, "%s%d", i > 0 ? ", " : "", s->cores[i]);
    fputs("], speedup: ", out);
    print_numbers(out, s->speedup, s->n);
    fputs(", sd: ", out);
    print_numbers(out, s->sd, s->n);
    if (s->kind == MODEL_SCALING_USL) {
        print_part(out, ", ", "sigma", s->sigma);
        print_part(out, ", ", "kappa", s->kappa);
        fputs(", covariance: ", out);
        print_matrix(out, &s->cov[0][0], 2, 2);
    } else {
        print_part(out, ", ", "most", s->most);
        print_part(out, ", ", "most_sd", s->most_sd);
    }
    fputs(" }\n", out);
}

static void print_kernel(FILE *out, const struct model_kernel *k)
{
    print_line(out, "  - ", "name", k->name);
    print_line(out, "    ", "device", k->device);
    print_line(out, "    ", "item", k->item);
    print_line(out, "    ", "axis", k->axis);
    print_line(out, "    ", "calls", model_profile_calls[k->calls]);
    print_line(out, "    ", "bound", model_profile_bounds[k->bound]);
    print_line(out, "    ", "basis", model_basis_name(k->basis));
    print_line(out, "    ", "source", k->source);
    print_line(out, "    ", "library", k->library);
    print_line(out, "    ", "code_path", k->code_path);
    if (k->n_params > 0) {
        fputs("    parameters: ", out);
        print_facts(out, k->params, k->n_params);
        fputc('\n', out);
    }
    print_work(out, &k->work);
    print_table(out, k);
    print_fits(out, k);
    print_features(out, &k->features);
    print_part(out, "    ", "item_cv", k->item_cv);
    fputc('\n', out);
    print_uncertainty(out, k);
    print_scaling(out, &k->scaling);
    fprintf(out, "    converged: %s\n", k->converged ? "true" : "false");
    print_line(out, "    ", "why", k->why);
}

static void print_notes(FILE *out, const struct model_profile *p)
{
    fputs(p->n_notes > 0 ? "notes:\n" : "notes: []\n", out);
    for (int32_t i = 0; i < p->n_notes && i < MODEL_PROFILE_NOTES_MAX; i++) {
        fputs("  - ", out);
        print_text(out, p->notes[i]);
        fputc('\n', out);
    }
}

void model_profile_print(FILE *out, const struct model_profile *profile)
{
    fprintf(out, "%s: %d\n", MODEL_PROFILE_KEY, (int)MODEL_PROFILE_VERSION);
    print_line(out, "", "created", profile->created);
    print_line(out, "", "tool", profile->tool);
    print_line(out, "", "mode", profile->mode);
    fprintf(out, "campaigns: %d\nseed: %llu\nmachine: ", profile->campaigns,
            (unsigned long long)profile->seed);
    print_facts(out, profile->facts, profile->n_facts);
    fputs("\ndevices:\n", out);
    for (int32_t i = 0; i < profile->n_devices; i++)
        print_device(out, &profile->devices[i]);
    fputs(profile->n_kernels > 0 ? "kernels:\n" : "kernels: []\n", out);
    for (int32_t i = 0; i < profile->n_kernels; i++)
        print_kernel(out, &profile->kernels[i]);
    print_notes(out, profile);
    fprintf(out, "%s: true\n", MODEL_PROFILE_LAST_KEY);
}
