/* What the machine was doing meanwhile: pressure, load, others' share of the CPUs.
 * Context of a campaign; decides whether it was quiet, never whether a sample counts.
 */
#ifndef CALIBRATE_CIRCUMSTANCES_H
#define CALIBRATE_CIRCUMSTANCES_H

#include <stdbool.h>
#include <stdint.h>

/* NaN: not known here. */
struct cal_circumstances {
    double pressure_frac; /* of the time somebody waited for a CPU */
    double load;          /* average of a minute, at the end */
    double steal_frac;    /* of the CPUs' time taken by the hypervisor */
    double foreign_cores; /* CPUs kept busy by others */
    double cpu_wall;      /* CPU time of this process by wall time */
};

/* A stretch of time under watch. */
struct cal_watch {
    int64_t began_ns;
    double own_s;
    double stalled_us; /* of the pressure file; NaN */
    double busy_s, steal_s, all_s;
};

void cal_watch_begin(struct cal_watch *watch);
struct cal_circumstances cal_watch_end(const struct cal_watch *watch);

/* Less than a twentieth of a core went to others. */
bool cal_circumstances_quiet(const struct cal_circumstances *is);

/* ---- the files, parsed: false where the text is something else ---- */

/* /proc/pressure/cpu: microseconds in which some task waited. */
bool cal_parse_pressure(const char *text, double *stalled_us);
/* /proc/loadavg */
bool cal_parse_load(const char *text, double *load);
/* /proc/stat, its first line: ticks of all CPUs. */
bool cal_parse_stat(const char *text, double *busy, double *steal, double *all);
/* cpu.max of a control group, "200000 100000" or "max 100000": CPUs, or INFINITY. */
bool cal_parse_quota(const char *text, double *cpus);

/* A file's beginning into buf, without the final newline; false where there is none. */
bool cal_slurp(const char *path, char *buf, int size);

#endif
