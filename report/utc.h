/* Instants of a run on the calendar (UTC): time 0 is an instant that the reader
 * chooses, so that a simulated bill has months. */
#ifndef REPORT_UTC_H
#define REPORT_UTC_H

#include <stdbool.h>
#include <stdint.h>

#include "report/context.h"

enum { REPORT_UTC = 32 };

/* "2026-11-01T00:00:00Z" of Unix time, into buf, returned. */
char *report_utc_text(int64_t unix_s, char buf[static REPORT_UTC]);

/* The Unix time of such a text, and of nothing else; false: it is none. */
bool report_utc_read(const char *text, int64_t *unix_s);

/* The first second of the month that is `months` after that of `unix_s`. */
int64_t report_utc_month(int64_t unix_s, int months);

/* Where time 0 of the run is: c->start_s, else the first of the month in which the
 * report was made. */
int64_t report_utc_start(const struct report_context *c);

#endif
