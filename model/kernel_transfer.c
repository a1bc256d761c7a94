/* A kernel measured on one GPU as it would run on another.
 *
 * Assumption A-kernel-transfer: what binds a term of a kernel's time reaches the same
 * share of the datasheet's rate on both GPUs, and overheads stay as they are (they are
 * the driver's and the host's).  Error, of Llama-2-70B and BLOOM-176B from A100 to H100
 * (Splitwise's table, Patel et al., ISCA 2024; tests/test_import.c): tokens, by memory,
 * rms 0.13; prompts, by operations, rms 0.24, those of the H100 taking longer.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/llm.h"
#include "model/profile.h"

/* Factors on the time of what is done: old rate / new rate. */
struct factors {
    double flop, bytes, link;
    enum model_bound bound; /* COMPUTE, MEMORY, LATENCY or LINK; of a ROOFLINE too */
    bool roofline, operations;
    double constant_frac; /* share of a line's constant that is work */
};

/* ---- rates ---- */

static const struct format {
    const char *name, *also;
    size_t rate; /* of struct model_gpu */
} formats[] = {
    {"fp32", "f32", offsetof(struct model_gpu, fp32_flop_per_s)},
    {"bf16", "bf16", offsetof(struct model_gpu, bf16_flop_per_s)},
    {"fp16", "f16", offsetof(struct model_gpu, fp16_flop_per_s)},
    {"fp8", "f8", offsetof(struct model_gpu, fp8_flop_per_s)},
    {"int8", "int8", offsetof(struct model_gpu, int8_op_per_s)},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

struct pair {
    const struct model_kernel *k;
    const struct model_gpu *from, *to;
};

static enum sp_status refuse(const struct pair *p, struct sp_err *err, const char *what)
{
    char quoted[80];

    return sp_fail(err, SP_EINPUT, "kernel %s can't be scaled from %s to %s: %s",
                   sp_text_quote(p->k->name, quoted, sizeof quoted), p->from->name,
                   p->to->name, what);
}

static enum sp_status ratio(const struct pair *p, const char *what, double old_rate,
                            double new_rate, double *factor, struct sp_err *err)
{
    bool lacks_old = !(old_rate > 0);
    char message[200];

    if (!lacks_old && new_rate > 0) {
        *factor = old_rate / new_rate;
        return SP_OK;
    }
    snprintf(message, sizeof message, "the datasheet of %s has no rate of %s",
             lacks_old ? p->from->name : p->to->name, what);
    return refuse(p, err, message);
}

static double rate_of(const struct model_gpu *gpu, const struct format *format)
{
    double rate;

    memcpy(&rate, (const char *)gpu + format->rate, sizeof rate);
    return rate;
}

static const char *parameter(const struct model_kernel *k, const char *name)
{
    for (int32_t i = 0; i < k->n_params; i++)
        if (strcmp(k->params[i].name, name) == 0)
            return k->params[i].value;
    return NULL;
}

static const char *format_of(const struct model_kernel *k)
{
    const char *rate = parameter(k, MODEL_TRANSFER_RATE);

    return rate != NULL ? rate : parameter(k, MODEL_TRANSFER_FORMAT);
}

static enum sp_status find_format(const struct pair *p, const struct format **format,
                                  struct sp_err *err)
{
    const char *value = format_of(p->k);
    char message[200], quoted[80];

    if (value == NULL)
        return refuse(
            p, err,
            "its parameters lack 'rate' or 'format', expected fp32, bf16, fp16, fp8 or "
            "int8");
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, value) == 0 ||
            strcmp(formats[i].also, value) == 0) {
            *format = &formats[i];
            return SP_OK;
        }
    snprintf(message, sizeof message,
             "its format is %s, expected fp32, bf16, fp16, fp8 or int8",
             sp_text_quote(value, quoted, sizeof quoted));
    return refuse(p, err, message);
}

double model_kernel_peak_flop_per_s(const struct model_kernel *k,
                                    const struct model_gpu *gpu)
{
    const struct pair p = {.k = k, .from = gpu, .to = gpu};
    const struct format *format = NULL;

    if (find_format(&p, &format, NULL) != SP_OK || !(rate_of(gpu, format) > 0))
        return NAN;
    return rate_of(gpu, format);
}

static enum sp_status of_operations(const struct pair *p, struct factors *f,
                                    double *old_rate, struct sp_err *err)
{
    const struct format *format = NULL;
    enum sp_status status = find_format(p, &format, err);

    if (status != SP_OK)
        return status;
    *old_rate = rate_of(p->from, format);
    return ratio(p, format->name, *old_rate, rate_of(p->to, format), &f->flop, err);
}

static enum sp_status of_memory(const struct pair *p, struct factors *f,
                                struct sp_err *err)
{
    return ratio(p, "memory", p->from->bytes_per_s, p->to->bytes_per_s, &f->bytes, err);
}

/* ---- terms ---- */

static double of_bound(const struct factors *f, enum model_bound bound)
{
    return bound == MODEL_BOUND_COMPUTE  ? f->flop
           : bound == MODEL_BOUND_MEMORY ? f->bytes
           : bound == MODEL_BOUND_LINK   ? f->link
                                         : 1;
}

/* On what each coefficient of a form is multiplied. */
static void coef_factors(const struct model_form *form, const struct factors *f,
                         double *times)
{
    double by_bound = of_bound(f, f->bound);

    if (strcmp(form->name, "roofline") == 0) {
        times[0] = 1;
        times[1] = 1 / f->flop; /* rates */
        times[2] = 1 / (f->bound == MODEL_BOUND_LINK ? f->link : f->bytes);
        return;
    }
    for (int32_t i = 0; i < form->n; i++)
        times[i] = form->n > 1 && i == 0 ? 1 : by_bound;
    if (strcmp(form->name, "linear") == 0)
        times[0] += f->constant_frac * (by_bound - 1);
    if (strcmp(form->name, "floor") == 0 && f->roofline) {
        times[1] = f->bytes;
        times[2] = f->flop;
    }
}

static void move_fit(const struct factors *f, struct model_fit *fit)
{
    double times[MODEL_FORM_COEFS_MAX] = {1, 1, 1, 1};

    coef_factors(fit->form, f, times);
    for (int32_t i = 0; i < fit->form->n; i++) {
        fit->coef[i] *= times[i];
        for (int32_t j = 0; j < fit->form->n; j++)
            fit->cov[i][j] *= times[i] * times[j];
    }
}

static void move_features(const struct factors *f, struct model_features *features)
{
    double by_bound = of_bound(f, f->bound);

    for (int32_t i = 1; i <= features->n; i++)
        features->coef[i] *= by_bound;
    for (int32_t i = 0; i <= features->n; i++)
        for (int32_t j = 0; j <= features->n; j++)
            features->cov[i][j] *= (i > 0 ? by_bound : 1) * (j > 0 ? by_bound : 1);
}

/* Points keep what the first form leaves over of them. */
static void move_points(const struct factors *f, const struct model_kernel *k,
                        struct model_kernel *moved)
{
    for (int32_t i = 0; i < k->n_points; i++) {
        double x = k->points[i].x;

        if (k->n_fits == 0)
            moved->points[i].s *= of_bound(f, f->bound);
        else
            moved->points[i].s *=
                moved->fits[0].form->at(&k->work, moved->fits[0].coef, x) /
                k->fits[0].form->at(&k->work, k->fits[0].coef, x);
    }
}

/* ---- the kernel ---- */

/* Which of the two takes the longer at the old GPU's rates, at the table's middle. */
static enum model_bound what_binds(const struct pair *p, double flop_per_s)
{
    const struct model_work *w = &p->k->work;
    double x = p->k->points[p->k->n_points / 2].x;

    return (w->flop_fixed + w->flop * x) / flop_per_s >=
                   (w->bytes_fixed + w->bytes * x) / p->from->bytes_per_s
               ? MODEL_BOUND_COMPUTE
               : MODEL_BOUND_MEMORY;
}

static bool has_work(const struct model_work *w)
{
    return w->flop_fixed + w->flop + w->bytes_fixed + w->bytes > 0;
}

/* How much of the constant of a line is work that is done whatever x is: by the
 * kernel's work, at the old datasheet's rate.  Where that is not known a curve over
 * what is bound by memory is taken to begin with what is always read (weights), not
 * with overhead. */
static double constant_frac(const struct pair *p, enum model_bound bound,
                            double flop_per_s)
{
    const struct model_work *w = &p->k->work;
    double fixed_s = 0;

    if (p->k->n_fits == 0 || !(p->k->fits[0].coef[0] > 0))
        return 0;
    if (!has_work(w))
        return bound == MODEL_BOUND_MEMORY ? 1 : 0;
    if (bound == MODEL_BOUND_MEMORY)
        fixed_s = w->bytes_fixed / p->from->bytes_per_s;
    else if (bound == MODEL_BOUND_COMPUTE)
        fixed_s = w->flop_fixed / flop_per_s;
    return fmin(fixed_s / p->k->fits[0].coef[0], 1);
}

/* Of compute and memory the one that does not bind is scaled, too, where a form has a
 * term of it: always the bytes, the operations where their format is known. */
static enum sp_status find_factors(const struct pair *p, struct factors *f,
                                   struct sp_err *err)
{
    enum model_bound bound = p->k->bound;
    bool device = bound == MODEL_BOUND_COMPUTE || bound == MODEL_BOUND_MEMORY ||
                  bound == MODEL_BOUND_ROOFLINE;
    bool operations =
        device && (bound != MODEL_BOUND_MEMORY || format_of(p->k) != NULL);
    double flop_per_s = 0;
    enum sp_status status = SP_OK;

    *f = (struct factors){.flop = 1, .bytes = 1, .link = 1, .bound = bound};
    f->roofline = bound == MODEL_BOUND_ROOFLINE;
    f->operations = f->roofline || bound == MODEL_BOUND_COMPUTE;
    if (bound == MODEL_BOUND_UNKNOWN)
        return refuse(p, err,
                      "it is not known what binds it (its 'bound' in the "
                      "profile)");
    if (bound == MODEL_BOUND_ROOFLINE && !has_work(&p->k->work))
        return refuse(p, err, "its work is not known");
    if (operations)
        status = of_operations(p, f, &flop_per_s, err);
    if (status == SP_OK && device)
        status = of_memory(p, f, err);
    if (status == SP_OK && bound == MODEL_BOUND_LINK)
        status = ratio(p, "the link to the host", p->from->host_bytes_per_s,
                       p->to->host_bytes_per_s, &f->link, err);
    if (status == SP_OK && bound == MODEL_BOUND_ROOFLINE)
        f->bound = what_binds(p, flop_per_s);
    if (status == SP_OK)
        f->constant_frac = constant_frac(p, f->bound, flop_per_s);
    return status;
}

enum sp_status model_kernel_transfer(const struct model_kernel *k,
                                     const struct model_gpu *from,
                                     const struct model_gpu *to, struct sp_arena *arena,
                                     const struct model_kernel **moved,
                                     struct sp_err *err)
{
    const struct pair p = {k, from, to};
    struct factors f;
    enum sp_status status = find_factors(&p, &f, err);
    struct model_kernel *made;

    if (status != SP_OK)
        return status;
    made = sp_arena_alloc(arena, sizeof *made);
    *made = *k;
    made->points = sp_arena_array(arena, (size_t)k->n_points, sizeof *made->points);
    memcpy(made->points, k->points, (size_t)k->n_points * sizeof *made->points);
    made->fits = sp_arena_array(arena, (size_t)k->n_fits, sizeof *made->fits);
    for (int32_t i = 0; i < k->n_fits; i++) {
        made->fits[i] = k->fits[i];
        move_fit(&f, &made->fits[i]);
    }
    move_features(&f, &made->features);
    move_points(&f, k, made);
    made->basis = MODEL_BASIS_DATASHEET;
    made->sd_frac =
        hypot(k->sd_frac, f.operations ? MODEL_TRANSFER_FLOP_SD : MODEL_TRANSFER_SD);
    made->source = sp_arena_printf(arena, "%s%smeasured on %s, scaled to %s",
                                   k->source != NULL ? k->source : "",
                                   k->source != NULL ? "; " : "", from->name, to->name);
    *moved = made;
    return SP_OK;
}
