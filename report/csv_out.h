/* A folder of CSV files, one per table: docs/exports.md names them and their columns.
 *
 * The folder is made where there is none.  Every table is written, those without rows
 * as a header alone, so that nothing of an earlier run stays behind under these names.
 * Each file is there whole or not at all; run.csv, which says what the run was and how
 * many rows each table has, comes last.
 */
#ifndef REPORT_CSV_OUT_H
#define REPORT_CSV_OUT_H

#include "report/context.h"

/*   SP_EIO  the folder can't be made, a file can't be written. */
SP_CHECKED enum sp_status report_csv_out_write(const char *folder,
                                               const struct report_context *c,
                                               struct sp_err *err);

#endif
