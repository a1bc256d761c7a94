/* The wrapper around GSL. */
#include "base/gsl.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

static void xoshiro_set(void *state, unsigned long seed)
{
    *(struct sp_rng *)state = sp_rng_from_key(seed);
}

static unsigned long xoshiro_get(void *state)
{
    return sp_rng_next(state);
}

static double xoshiro_get_double(void *state)
{
    return sp_rng_uniform(state);
}

static const gsl_rng_type xoshiro256pp = {
    .name = "xoshiro256++",
    .max = UINT64_MAX,
    .min = 0,
    .size = sizeof(struct sp_rng),
    .set = xoshiro_set,
    .get = xoshiro_get,
    .get_double = xoshiro_get_double,
};

/* A gsl_rng whose state is the caller's: nothing is allocated per draw. */
static gsl_rng view(struct sp_rng *r)
{
    return (gsl_rng){.type = &xoshiro256pp, .state = r};
}

void sp_gsl_quiet(void)
{
    gsl_set_error_handler_off();
}

double sp_gsl_gamma(struct sp_rng *r, double shape, double scale)
{
    gsl_rng g = view(r);

    return gsl_ran_gamma(&g, shape, scale);
}

/* By inversion rather than gsl_ran_lognormal's rejection: one uniform, monotone in it.
 */
double sp_gsl_lognormal(struct sp_rng *r, double mu, double sigma)
{
    return exp(mu + sigma * gsl_cdf_ugaussian_Pinv(sp_rng_uniform(r)));
}

double sp_gsl_weibull(struct sp_rng *r, double scale, double shape)
{
    gsl_rng g = view(r);

    return gsl_ran_weibull(&g, scale, shape);
}

double sp_gsl_gamma_function(double x)
{
    return gsl_sf_gamma(x);
}

double sp_gsl_psi(double x)
{
    return gsl_sf_psi(x);
}

double sp_gsl_psi_1(double x)
{
    return gsl_sf_psi_1(x);
}

double sp_gsl_gamma_cdf(double x, double shape, double scale)
{
    return gsl_cdf_gamma_P(x, shape, scale);
}

double sp_gsl_normal_cdf(double x)
{
    return gsl_cdf_ugaussian_P(x);
}

double sp_gsl_student_t_quantile(double p, double nu)
{
    return gsl_cdf_tdist_Pinv(p, nu);
}

double sp_gsl_normal_quantile(double p)
{
    return gsl_cdf_ugaussian_Pinv(p);
}

/* GSL's linear interpolator needs no preparation: a view on the caller's points, so
 * that nothing is allocated. */
double sp_gsl_linear(const double *x, const double *y, size_t n, double at)
{
    const gsl_interp view_of = {
        .type = gsl_interp_linear, .xmin = x[0], .xmax = x[n - 1], .size = n};

    return gsl_interp_eval(&view_of, x, y, at, NULL);
}
