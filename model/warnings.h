/* What a careful reader of a policy should know before its figures are believed. */
#ifndef MODEL_WARNINGS_H
#define MODEL_WARNINGS_H

#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

/* Texts about a policy whose jobs have been resolved (model_jobs_resolve); *n of them,
 * in the arena:
 *
 *   - guarantees that add up to more than the fleet can ever have, per resource;
 *   - a team with a quota that no work and no nodes belong to;
 *   - a guarantee that may be lent away and not be had back at once;
 *   - a GPU model that jobs ask for and no node has;
 *   - a kernel measured on a GPU that nobody knows, on nodes whose GPU is not known. */
const char *const *model_policy_warnings(const struct model_policy *policy,
                                         struct sp_arena *arena, int32_t *n);

#endif
