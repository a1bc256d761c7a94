/* The forms that a kernel's time may have over x. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "model/profile.h"

static double constant_at(const struct model_work *work, const double *coef, double x)
{
    (void)work;
    (void)x;
    return coef[0];
}

static void constant_slope(const struct model_work *work, const double *coef, double x,
                           double *d)
{
    (void)work;
    (void)coef;
    (void)x;
    d[0] = 1;
}

static double linear_at(const struct model_work *work, const double *coef, double x)
{
    (void)work;
    return coef[0] + coef[1] * x;
}

static void linear_slope(const struct model_work *work, const double *coef, double x,
                         double *d)
{
    (void)work;
    (void)coef;
    d[0] = 1;
    d[1] = x;
}

static double floor_at(const struct model_work *work, const double *coef, double x)
{
    (void)work;
    return coef[0] + fmax(coef[1], coef[2] * x);
}

static void floor_slope(const struct model_work *work, const double *coef, double x,
                        double *d)
{
    bool flat = coef[1] >= coef[2] * x;

    (void)work;
    d[0] = 1;
    d[1] = flat ? 1 : 0;
    d[2] = flat ? 0 : x;
}

static double flop_of(const struct model_work *work, double x)
{
    return work->flop_fixed + work->flop * x;
}

static double bytes_of(const struct model_work *work, double x)
{
    return work->bytes_fixed + work->bytes * x;
}

static double roofline_at(const struct model_work *work, const double *coef, double x)
{
    return coef[0] + fmax(flop_of(work, x) / coef[1], bytes_of(work, x) / coef[2]);
}

static void roofline_slope(const struct model_work *work, const double *coef, double x,
                           double *d)
{
    double computing = flop_of(work, x) / coef[1], moving = bytes_of(work, x) / coef[2];
    bool by_flop = computing >= moving;

    d[0] = 1;
    d[1] = by_flop ? -computing / coef[1] : 0;
    d[2] = by_flop ? 0 : -moving / coef[2];
}

static const struct model_form forms[] = {
    {"constant", "a", 1, {"a"}, constant_at, constant_slope},
    {"linear", "a + b x", 2, {"a", "b"}, linear_at, linear_slope},
    {"floor", "a + max(w, b x)", 3, {"a", "w", "b"}, floor_at, floor_slope},
    {"roofline",
     "o + max(flop(x) / p, bytes(x) / q)",
     3,
     {"o", "p", "q"},
     roofline_at,
     roofline_slope},
};

const struct model_form *model_form_at(int32_t index)
{
    const int32_t n = sizeof forms / sizeof forms[0];

    return index >= 0 && index < n ? &forms[index] : NULL;
}

const struct model_form *model_form_find(const char *name)
{
    for (int32_t i = 0; model_form_at(i) != NULL; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}
