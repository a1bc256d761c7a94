/* The list of inputs while it is made.  Internal to model/inputs*.c. */
#ifndef MODEL_INPUTS_PARTS_H
#define MODEL_INPUTS_PARTS_H

#include "model/inputs.h"

struct model_list_row {
    struct model_input input;
    int32_t n_policies; /* that use it */
};

struct model_input_list {
    struct sp_arena *arena;
    const struct model_scenario *scenario;
    const char *group, *thing;         /* put before every name */
    const char *basis, *source, *date; /* date NULL: not known */
    const char *policy; /* whose inputs are being listed; NULL: everybody's */
    int32_t n, room;
    struct model_list_row *rows;
};

/* An input that other policies have too becomes one row with theirs. */
void model_list_number(struct model_input_list *l, const char *name, double value,
                       const char *unit);
void model_list_text(struct model_input_list *l, const char *name, const char *text);
void model_list_dist(struct model_input_list *l, const char *name,
                     const struct model_dist *d, const char *unit);

/* Those above 0. */
void model_list_amounts(struct model_input_list *l, const struct model_amounts *a);

/* How nodes of a type are lost and come back. */
void model_list_add_loss(struct model_input_list *l, const struct model_node_type *t);

/* A calibrated kernel of a time. */
void model_list_add_kernel(struct model_input_list *l, const struct model_plan *plan,
                           const struct model_kernel_use *use);

/* A jobs workload below its source. */
void model_list_add_jobs(struct model_input_list *l, const struct model_plan *plan);

/* How what waits is ordered, and quotas; of policies that have either. */
void model_list_add_sharing(struct model_input_list *l, const struct model_policy *p);

#endif
