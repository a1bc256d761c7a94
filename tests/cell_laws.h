/* The laws of the bill by part, for any result of one replication. */
#ifndef TESTS_CELL_LAWS_H
#define TESTS_CELL_LAWS_H

#include "model/result.h"

/* What is broken, in words; NULL: nothing.  The cells sum to the lines, the types, the
 * teams and the bill to the micro-dollar, their hours to the ledger's; none is
 * negative; what is stranded is unallocated; no bill is below its floor. */
const char *cell_laws_broken(const struct model_policy_result *p, char text[256]);

/* Money of cells of one part; `resource` -1: all of them. */
int64_t cell_uusd(const struct model_policy_result *p, enum model_part part,
                  int resource);
double cell_hours(const struct model_policy_result *p, enum model_part part,
                  int resource);

#endif
