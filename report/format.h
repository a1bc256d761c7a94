/* Figures for people: rounded here and nowhere else.  NaN ("not measured") prints as
 * "-". Each writes into `buf` and returns it. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "base/arena.h"
#include "model/result.h"

enum { REPORT_FIGURE = 48 }; /* bytes that hold any of them */

/* Four digits that matter: "1024", "12.35", "0.01235", "1.5e+16". */
char *report_format_number(double v, char *buf);

/* The same for a column of `width`, 5 or more: with fewer digits where it would be cut.
 */
char *report_format_number_in(double v, int width, char *buf);

/* "12.5%" of a share 0..1. */
char *report_format_percent(double frac, char *buf);

/* "1234.50", "0.0735", "0.000012": cents, and as many digits as a small amount needs.
 */
char *report_format_usd(double usd, char *buf);

/* "1234.50": so many decimals, for columns of amounts of which the large ones count. */
char *report_format_decimals(double v, int decimals, char *buf);

/* "1h 30m", "245 ms", as sp_format_duration(). */
char *report_format_seconds(double s, char *buf);

/* "reached after 35 replications", "not reached: cost under 'apart' +- 2.3 % after 200
 * replications"; of a result that asks for a precision. */
char *report_format_precision(const struct model_result *r, struct sp_arena *arena);

/* The largest unit of time in which `longest_s` is still more than three. */
struct report_time_unit {
    const char *name; /* "s", "min", "h", "days" */
    double seconds;
};
struct report_time_unit report_time_unit_of(double longest_s);

#endif
