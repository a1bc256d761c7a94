/* The bill as FinOps FOCUS 1.2 rows (a CSV file): docs/exports.md says what stands in
 * each column.
 *
 * A row is a cell of a policy's bill (struct model_cost_cell) in one calendar month.
 * Each policy has a billing account of its own: the sum of BilledCost over an account
 * is the bill of that policy's first replication, to the micro-dollar.  A policy whose
 * bill is not taken apart (a price is not known) has no rows.
 */
#ifndef REPORT_FOCUS_H
#define REPORT_FOCUS_H

#include "report/context.h"

/*   SP_EIO  it can't be written. */
SP_CHECKED enum sp_status report_focus_write(const char *path,
                                             const struct report_context *c,
                                             struct sp_err *err);

/* The names of policies without rows, "a, b"; NULL: all have some. */
const char *report_focus_missing(struct sp_arena *arena, const struct model_result *r);

#endif
