/* How well campaigns on this machine, as busy as it is, agree with each other: the
 * estimate of each against the plain mean of the same samples.  One point of each
 * kernel of the CPU.
 *
 *   bench_calibrate [CAMPAIGNS [PAUSE_S [KERNEL...]]]      8 campaigns, 5 s apart */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gsl.h"
#include "calibrate/measure.h"

enum { KERNELS_MOST = 64, CAMPAIGNS_MOST = CAL_CAMPAIGNS_MAX };

struct spread {
    double mean, cv, low, high;
};

static struct spread spread_of(const double *v, int32_t n)
{
    struct spread is = {.low = (double)INFINITY, .high = -(double)INFINITY};
    double squares = 0;

    for (int32_t i = 0; i < n; i++) {
        is.mean += v[i] / n;
        is.low = fmin(is.low, v[i]);
        is.high = fmax(is.high, v[i]);
    }
    for (int32_t i = 0; i < n; i++)
        squares += (v[i] - is.mean) * (v[i] - is.mean);
    is.cv = n > 1 ? sqrt(squares / (n - 1)) / is.mean : (double)NAN;
    return is;
}

static void print_point(const struct cal_measured *m, const struct cal_point *p)
{
    double ours[CAMPAIGNS_MOST], mean[CAMPAIGNS_MOST];
    int32_t converged = 0, blocks = 0, rejected = 0;
    struct spread a, b;

    for (int32_t i = 0; i < p->n; i++) {
        const struct cal_estimate *e = &p->estimates[i];

        ours[i] = e->s;
        mean[i] = e->mean_s;
        converged += e->converged;
        blocks += e->blocks;
        rejected += e->by_canary + e->by_scheduler + e->by_clock;
    }
    a = spread_of(ours, p->n);
    b = spread_of(mean, p->n);
    printf("%-16s %10.4g %9.2f  %2d/%-2d %5d %6d %7.2f %7.1f %8.1f %8.1f\n", m->name,
           p->x, a.mean * 1e6, converged, p->n, blocks, rejected, 100 * a.cv,
           100 * (a.high - a.low) / a.mean, 100 * b.cv, 100 * (b.mean / a.mean - 1));
}

static bool wanted(const char *name, char **names)
{
    for (char **n = names; *n != NULL; n++)
        if (strcmp(*n, name) == 0)
            return true;
    return *names == NULL;
}

/* Copies of the kernels with one point alone, that of the scaling, on one core. */
static void one_point_each(struct cal_kernel *copies, const struct cal_kernel **list,
                           char **names)
{
    int32_t n = 0;

    for (int32_t i = 0; cal_kernels[i] != NULL && n < KERNELS_MOST; i++) {
        if (!wanted(cal_kernels[i]->name, names))
            continue;
        copies[n] = *cal_kernels[i];
        if (copies[n].scaling_x > 0)
            copies[n].x[0] = copies[n].scaling_x;
        copies[n].n_points = 1;
        copies[n].quick = 1;
        copies[n].scaling_x = 0;
        list[n] = &copies[n];
        n++;
    }
    list[n] = NULL;
}

static bool tell(void *self, const struct cal_progress *now)
{
    const char **last = self;

    if (*last == NULL || strcmp(*last, now->doing) != 0)
        fprintf(stderr, "%s\n", now->doing);
    *last = now->doing;
    return false;
}

int main(int argc, char **argv)
{
    static struct cal_kernel copies[KERNELS_MOST];
    static const struct cal_kernel *list[KERNELS_MOST + 1];
    struct cal_measure_options o = cal_measure_defaults(false);
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    struct sp_err err = {0};
    const char *last = NULL;

    sp_gsl_quiet();
    one_point_each(copies, list, argc > 3 ? argv + 3 : argv + argc);
    o.kernels = list;
    o.quick = true;
    o.campaigns = argc > 1 ? atoi(argv[1]) : 8;
    o.pause_s = argc > 2 ? atof(argv[2]) : 5;
    o.progress = tell;
    o.progress_self = &last;
    if (o.campaigns < 1 || o.campaigns > CAMPAIGNS_MOST) {
        fprintf(stderr, "campaigns: expected 1 to %d\n", (int)CAMPAIGNS_MOST);
        return 2;
    }
    if (cal_measure_cpu(&o, arena, &c, &err) != SP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("calibrate: campaigns against each other (CV and range of the estimate, CV "
           "and bias of the plain mean; %%)\n");
    for (int32_t i = 0; i < c.n_facts; i++)
        printf("  %s: %s\n", c.facts[i].name, c.facts[i].value);
    printf("%-16s %10s %9s %6s %5s %6s %7s %7s %8s %8s\n", "kernel", "x", "us", "conv.",
           "blks", "reject", "CV", "range", "mean CV", "bias");
    for (int32_t i = 0; i < c.n_measured; i++)
        for (int32_t k = 0; k < c.measured[i].n_points; k++)
            print_point(&c.measured[i], &c.measured[i].points[k]);
    for (int32_t i = 0; i < c.n_notes; i++)
        printf("note: %s\n", c.notes[i]);
    sp_arena_free(arena);
    return 0;
}
