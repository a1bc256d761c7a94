/* The list of inputs while it is made.  Internal to report/inputs*.c. */
#ifndef REPORT_INPUTS_PARTS_H
#define REPORT_INPUTS_PARTS_H

#include "report/inputs.h"

struct report_list_row {
    struct report_input input;
    int32_t n_policies; /* that use it */
};

struct report_list {
    struct sp_arena *arena;
    const struct model_scenario *scenario;
    const char *group, *thing; /* put before every name */
    const char *basis, *source;
    const char *policy; /* whose inputs are being listed; NULL: everybody's */
    int32_t n, room;
    struct report_list_row *rows;
};

/* An input that other policies have too becomes one row with theirs. */
void report_list_number(struct report_list *l, const char *name, double value,
                        const char *unit);
void report_list_text(struct report_list *l, const char *name, const char *text);
void report_list_dist(struct report_list *l, const char *name,
                      const struct model_dist *d, const char *unit);

/* Those above 0. */
void report_list_amounts(struct report_list *l, const struct model_amounts *a);

/* How nodes of a type are lost and come back. */
void report_list_add_loss(struct report_list *l, const struct model_node_type *t);

/* A calibrated kernel of a time. */
void report_list_add_kernel(struct report_list *l, const struct model_plan *plan,
                            const struct model_kernel_use *use);

/* A jobs workload below its source. */
void report_list_add_jobs(struct report_list *l, const struct model_plan *plan);

/* How what waits is ordered, and quotas; of policies that have either. */
void report_list_add_sharing(struct report_list *l, const struct model_policy *p);

#endif
