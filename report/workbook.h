/* The result as a workbook that goes on calculating.
 *
 * Prices, hours per month, a discount and what is reserved are named cells on
 * Assumptions that a reader may change; all money, savings and charts follow by formula
 * (workbook_parts.h says how).  Hours, times and shares stay as simulated.  Every
 * formula carries the value it has now, for readers that don't calculate.  A sheet with
 * nothing to say is left out.
 */
#ifndef REPORT_WORKBOOK_H
#define REPORT_WORKBOOK_H

#include "base/status.h"
#include "report/context.h"

/* Writes the file whole or not at all.  SP_EIO where it can't be written. */
SP_CHECKED enum sp_status report_workbook_write(const char *path,
                                                const struct report_context *context,
                                                struct sp_err *err);

#endif
