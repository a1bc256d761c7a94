/* Every input of a run as a list: name, value, unit, basis, source and date, for the
 * reports that show what the figures rest on (struct model_input in model/result.h).
 * An input that several policies share is one row.
 */
#ifndef MODEL_INPUTS_H
#define MODEL_INPUTS_H

#include <stdbool.h>

#include "model/result.h"

#define MODEL_PRICE_UNIT "USD/h"

/* Whether an input is the price of a node type: of nothing else is that the unit. */
bool model_input_is_price(const struct model_input *input);

/* The list, in `arena`; its length in *n.  Names and texts as the user wrote them. */
struct model_input *model_inputs_collect(struct sp_arena *arena,
                                         const struct model_scenario *scenario,
                                         uint64_t seed, int32_t n_runs, int32_t *n);

#endif
