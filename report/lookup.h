/* Finding rows of a result by what they are about. */
#ifndef REPORT_LOOKUP_H
#define REPORT_LOOKUP_H

#include <stddef.h>
#include <string.h>

#include "model/result.h"

/* The policy that ratios are taken to: the baseline, or the first where it did not run.
 */
static inline int32_t report_baseline(const struct model_result *r)
{
    return r->baseline != SP_NO_ID ? r->baseline : 0;
}

/* Policy `policy` against the baseline; NULL: it is the baseline, or was not compared.
 */
static inline const struct model_comparison *
report_comparison_of(const struct model_result *r, int32_t policy)
{
    for (int32_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].policy == policy)
            return &r->comparisons[i];
    return NULL;
}

/* The nodes of a type under a policy, or NULL. */
static inline const struct model_node_use *
report_use_of(const struct model_policy_result *p, const char *type)
{
    for (int32_t i = 0; i < p->n_nodes; i++)
        if (strcmp(p->nodes[i].type, type) == 0)
            return &p->nodes[i];
    return NULL;
}

#endif
