/* The Gregorian calendar, as far as recorded times need it. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

/* Days since 1970-01-01 of a date, years 1970 to 2199; -1 for one that there is not
 * (February 30). */
int64_t sp_days_from_civil(int year, int month, int day);

/* Seconds since 1970-01-01 00:00:00 of "YYYY-MM-DD" and "HH:MM:SS"; -1 where either is
 * of another form, or not in the calendar (no leap seconds). */
int64_t sp_seconds_from_date(const char *date, const char *time);

#endif
