/* What-if arithmetic that the workbook (by formulas) and the page (by its script) have
 * in common: a node on demand costs
 *
 *   price x (1 - discount) x (1 - reserved share x reserved discount)
 *
 * and any other its price; docs/design.md, "What-if".  Discount and reserved share are
 * 0 until somebody moves them.
 */
#ifndef REPORT_WHATIF_H
#define REPORT_WHATIF_H

#include <stdbool.h>
#include <string.h>

#include "model/scenario.h"

/* Off the price of reserved hours, to begin with: typical of a one-year commitment. */
#define REPORT_RESERVED_DISCOUNT 0.30

/* Whether discount and reservation act on a price of this purchase option. */
static inline bool report_is_on_demand(const char *option)
{
    return strcmp(option, model_option_name(MODEL_OPTION_ON_DEMAND)) == 0;
}

#endif
