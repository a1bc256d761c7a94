/* The kernel's counters: /proc/stat, /proc/thread-self/schedstat, getrusage(). */
#include "calibrate/foreign.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"

int64_t cal_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SP_NS_PER_S + t.tv_nsec;
}

int64_t cal_foreign_busy_ticks(const char *line)
{
    /* user nice system idle iowait irq softirq steal; guests are in user and nice */
    int64_t t[8] = {0};
    int n = strncmp(line, "cpu ", 4) != 0
                ? 0
                : sscanf(line + 4,
                         "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64
                         "%" SCNd64 "%" SCNd64 "%" SCNd64,
                         &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);

    return n < 4 ? -1 : t[0] + t[1] + t[2] + t[5] + t[6] + t[7];
}

static double busy_s(void)
{
    FILE *in = fopen("/proc/stat", "re");
    int64_t ticks = -1;
    char line[512];

    if (in == NULL)
        return NAN;
    if (fgets(line, sizeof line, in) != NULL)
        ticks = cal_foreign_busy_ticks(line);
    fclose(in);
    return ticks < 0 ? NAN : (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double s_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

struct cal_foreign cal_foreign_now(void)
{
    struct rusage own;

    getrusage(RUSAGE_SELF, &own);
    return (struct cal_foreign){.busy_s = busy_s(),
                                .own_s = s_of(&own.ru_utime) + s_of(&own.ru_stime),
                                .now_ns = cal_now_ns()};
}

double cal_foreign_cores(const struct cal_foreign *then, const struct cal_foreign *now)
{
    double wall_s = sp_s_from_ns(now->now_ns - then->now_ns);
    double used_s = (now->busy_s - then->busy_s) - (now->own_s - then->own_s);

    if (isnan(used_s) || !(wall_s > 0))
        return NAN;
    return used_s > 0 ? used_s / wall_s : 0;
}

int64_t cal_foreign_waited_ns(void)
{
    FILE *in = fopen("/proc/thread-self/schedstat", "re");
    int64_t ran = 0, waited = 0;

    if (in == NULL)
        return 0;
    if (fscanf(in, "%" SCNd64 "%" SCNd64, &ran, &waited) != 2)
        waited = 0;
    fclose(in);
    return waited;
}
