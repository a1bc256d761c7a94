/* Which catalogs a scenario's nodes come from, and how old their prices are. */
#ifndef MODEL_CATALOG_USED_H
#define MODEL_CATALOG_USED_H

#include "base/arena.h"
#include "model/scenario.h"

/* "built-in, prices of 2026-01-15 to 2026-07-20; own.csv, prices undated", in `arena`:
 * each catalog that some node type of a policy is a row of, in the order of the
 * policies, with the dates of the prices that were taken from it.  NULL: none was used.
 */
const char *model_catalog_used(struct sp_arena *arena,
                               const struct model_scenario *scenario);

#endif
