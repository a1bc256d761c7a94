/* Quantities with units: parsed here and nowhere else, and the named crossings between
 * a measured double and an exact integer.
 *
 * Every parser takes the whole text (blanks around it and before a unit allowed),
 * refuses NaN, infinity, negative numbers (but where a range is given that has some)
 * and numbers outside the stated range, and on failure (SP_EINPUT) writes into *err
 * "found '5x' (unknown unit 'x'), expected a duration such as 90s", without the place:
 * the caller puts that in front.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdint.h>

#include "base/status.h"
#include "base/wide.h"

#define SP_NS_PER_S INT64_C(1000000000)
#define SP_NS_PER_H (3600 * SP_NS_PER_S)
#define SP_NS_MAX                                                                      \
    (INT64_C(100) * 365 * 24 * SP_NS_PER_H) /* a century: the longest time */

/* Seconds to nanoseconds, to nearest, halves away from zero; clamps to [0, SP_NS_MAX]
 * (a draw of a wild distribution is the only way there). */
static inline int64_t sp_ns_from_s(double s)
{
    double ns = s * 1e9;
    int64_t whole;

    sp_assert(s == s);
    if (!(ns > 0))
        return 0;
    if (ns >= (double)SP_NS_MAX)
        return SP_NS_MAX;
    whole = (int64_t)ns; /* the remainder is exact, so there is one rounding only */
    return whole + (ns - (double)whole >= 0.5);
}

/* An instant after all that a run lives to see: a century and a half. */
#define SP_NS_FAR (SP_NS_MAX + SP_NS_MAX / 2)

/* The instant `span_ns` after `at_ns`, at most SP_NS_FAR.  Both 0..SP_NS_FAR. */
static inline int64_t sp_ns_after(int64_t at_ns, int64_t span_ns)
{
    return at_ns < SP_NS_FAR - span_ns ? at_ns + span_ns : SP_NS_FAR;
}

static inline double sp_s_from_ns(int64_t ns)
{
    return (double)ns / (double)SP_NS_PER_S;
}

/* USD to micro-dollars, to nearest.  |usd| <= 9e12. */
int64_t sp_uusd_from_usd(double usd);
double sp_usd_from_uusd(int64_t uusd);

/* "90s", "250ms", "1h30m", "2d", "1w", "15us", "10ns", "PT1H30M", "P1D".  "0" needs no
 * unit.  P1M and P1Y are refused as ambiguous.  0 .. a century. */
SP_CHECKED enum sp_status sp_parse_duration_s(const char *text, double *s,
                                              struct sp_err *err);

/* Kubernetes quantity of CPU or GPU: "64", "0.5", "500m": thousandths.  What is not a
 * whole number of thousandths is refused (Ray's 0.0001 can't be held exactly).  0 ..
 * 1e6 whole. */
SP_CHECKED enum sp_status sp_parse_thousandths(const char *text, int64_t *thousandths,
                                               struct sp_err *err);

/* "600Ki", "80GiB", "8GB", "512Gi", "1024", "1e9": bytes, rounded up; 0 .. 2^60. */
SP_CHECKED enum sp_status sp_parse_bytes(const char *text, int64_t *bytes,
                                         struct sp_err *err);

/* "25Gbit/s", "100 Gbps", "3GB/s", "500MiB/s": bytes per second, > 0 .. 1e18. */
SP_CHECKED enum sp_status sp_parse_bytes_per_s(const char *text, double *bytes_per_s,
                                               struct sp_err *err);

/* "32 USD/h", "$0.50/h", "4": USD per hour; 0 .. 1e6. */
SP_CHECKED enum sp_status sp_parse_usd_per_h(const char *text, double *usd_per_h,
                                             struct sp_err *err);

/* "100 USD", "$0.50", "4": USD; 0 .. 1e12. */
SP_CHECKED enum sp_status sp_parse_usd(const char *text, double *usd,
                                       struct sp_err *err);

/* "1024/s", "60/min", "1000/h", "5": per second; > 0 .. 1e12. */
SP_CHECKED enum sp_status sp_parse_per_s(const char *text, double *per_s,
                                         struct sp_err *err);

/* A whole number in min..max; "1_000_000" and "1e6" are fine where they are whole. */
SP_CHECKED enum sp_status sp_parse_count(const char *text, int64_t min, int64_t max,
                                         int64_t *count, struct sp_err *err);

/* A decimal number in min..max, in the C locale whatever the user's. */
SP_CHECKED enum sp_status sp_parse_number(const char *text, double min, double max,
                                          double *number, struct sp_err *err);

/* "0.3", "30%": 0 .. 1. */
SP_CHECKED enum sp_status sp_parse_fraction(const char *text, double *fraction,
                                            struct sp_err *err);

/* "1.3", "130%": 0 .. 1e6. */
SP_CHECKED enum sp_status sp_parse_multiple(const char *text, double *multiple,
                                            struct sp_err *err);

/* For people, into buf (returned): "1h 30m", "245 ms"; "1.5 GiB". */
char *sp_format_duration(double s, char *buf, int size);
char *sp_format_bytes(double bytes, char *buf, int size);

/* A size as one would write it in a scenario, and whole: "48Mi" where it is so many,
 * else its digits ("1500"; of no whole number seven). */
char *sp_format_size(double bytes, char *buf, int size);
/* The same without units: "65536", "0.786432". */
char *sp_format_count(double n, char *buf, int size);

#endif
