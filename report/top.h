/* Which rows of a long table to show. */
#ifndef REPORT_TOP_H
#define REPORT_TOP_H

#include <stdint.h>

/* Rows of a table for people; the rest goes into one line. */
enum { REPORT_TOP_ROWS = 8 };

/* The `most` heaviest of n rows, or all where they are no more than that, in their own
 * order, into ids (n of them at most); of equal ones the first.  NaN weighs nothing.
 * Returns how many. */
int32_t report_top_rows(const double *weights, int32_t n, int32_t most, int32_t *ids);

#endif
