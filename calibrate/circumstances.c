/* /proc and its kin. */
#include "calibrate/circumstances.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"

bool cal_slurp(const char *path, char *buf, int size)
{
    FILE *in = fopen(path, "re");
    size_t n;

    if (in == NULL)
        return false;
    n = fread(buf, 1, (size_t)size - 1, in);
    fclose(in);
    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\0'))
        n--;
    buf[n] = '\0';
    return n > 0;
}

/* Reads a number at *text and moves behind it. */
static bool take_number(const char **text, double *value)
{
    char *end;
    double found = strtod(*text, &end);

    if (end == *text || !isfinite(found) || found < 0)
        return false;
    *value = found;
    *text = end;
    return true;
}

bool cal_parse_pressure(const char *text, double *stalled_us)
{
    const char *total;

    if (strncmp(text, "some ", 5) != 0)
        return false;
    total = strstr(text, "total=");
    if (total == NULL || strcspn(text, "\n") < (size_t)(total - text))
        return false;
    total += strlen("total=");
    return take_number(&total, stalled_us);
}

bool cal_parse_load(const char *text, double *load)
{
    return take_number(&text, load);
}

/* "cpu USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL GUEST ...": guests are counted
 * among users. */
bool cal_parse_stat(const char *text, double *busy, double *steal, double *all)
{
    enum { IDLE = 3, IOWAIT = 4, STEAL = 7, N = 8 };
    double v[N], sum = 0;

    if (strncmp(text, "cpu ", 4) != 0)
        return false;
    text += 4;
    for (int i = 0; i < N; i++) {
        if (!take_number(&text, &v[i]))
            return false;
        sum += v[i];
    }
    *all = sum;
    *steal = v[STEAL];
    *busy = sum - v[IDLE] - v[IOWAIT] - v[STEAL];
    return true;
}

bool cal_parse_quota(const char *text, double *cpus)
{
    double quota, period;

    if (strncmp(text, "max", 3) == 0) {
        *cpus = (double)INFINITY;
        return true;
    }
    if (!take_number(&text, &quota) || !take_number(&text, &period) || quota <= 0 ||
        period <= 0)
        return false;
    *cpus = quota / period;
    return true;
}

static double own_s(void)
{
    struct rusage u;

    if (getrusage(RUSAGE_SELF, &u) != 0)
        return (double)NAN;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void look(struct cal_watch *w)
{
    char text[1024];
    double tick_s = 1 / (double)sysconf(_SC_CLK_TCK);

    w->began_ns = sp_clock_ns();
    w->own_s = own_s();
    if (!cal_slurp("/proc/pressure/cpu", text, sizeof text) ||
        !cal_parse_pressure(text, &w->stalled_us))
        w->stalled_us = (double)NAN;
    if (!cal_slurp("/proc/stat", text, sizeof text) ||
        !cal_parse_stat(text, &w->busy_s, &w->steal_s, &w->all_s))
        w->busy_s = w->steal_s = w->all_s = (double)NAN;
    w->busy_s *= tick_s;
    w->steal_s *= tick_s;
    w->all_s *= tick_s;
}

void cal_watch_begin(struct cal_watch *watch)
{
    look(watch);
}

struct cal_circumstances cal_watch_end(const struct cal_watch *then)
{
    struct cal_watch now;
    struct cal_circumstances is;
    char text[256];
    double wall_s, own;

    look(&now);
    wall_s = sp_s_from_ns(now.began_ns - then->began_ns);
    own = now.own_s - then->own_s;
    is.pressure_frac = (now.stalled_us - then->stalled_us) / 1e6 / wall_s;
    is.steal_frac = (now.steal_s - then->steal_s) / (now.all_s - then->all_s);
    is.foreign_cores = (now.busy_s - then->busy_s - own) / wall_s;
    if (is.foreign_cores < 0) /* ticks are coarse */
        is.foreign_cores = 0;
    is.cpu_wall = own / wall_s;
    if (!cal_slurp("/proc/loadavg", text, sizeof text) ||
        !cal_parse_load(text, &is.load))
        is.load = (double)NAN;
    return is;
}

bool cal_circumstances_quiet(const struct cal_circumstances *is)
{
    return is->foreign_cores < 0.05; /* false where it is not known */
}
