#include "report/bill.h"

bool report_is_shared(const struct model_policy_result *p)
{
    for (int32_t i = 0; i < p->n_workloads; i++)
        if (p->workloads[i].jobs != NULL)
            return true;
    return p->n_teams > 0;
}

static void add_line(struct report_bill *b, const struct model_cost_line *line)
{
    switch (line->kind) {
    case MODEL_LINE_BUSY:
        break;
    case MODEL_LINE_IDLE:
        b->idle_uusd += line->uusd;
        break;
    case MODEL_LINE_ROUNDING:
        b->rounding_uusd += line->uusd;
        break;
    case MODEL_LINE_UNALLOCATED_GPU:
    case MODEL_LINE_UNALLOCATED_CPU:
    case MODEL_LINE_UNALLOCATED_MEMORY:
        b->unallocated_uusd += line->uusd;
        break;
    }
}

struct report_bill report_bill_of(const struct model_policy_result *p)
{
    struct report_bill b = {0};

    for (int32_t i = 0; i < p->cost.n_lines; i++)
        add_line(&b, &p->cost.lines[i]);
    b.allocated_sum_uusd = b.unallocated_uusd + b.rounding_uusd;
    b.busy_sum_uusd = b.allocated_sum_uusd + b.idle_uusd;
    for (int32_t i = 0; i < p->n_teams; i++) {
        b.allocated_sum_uusd += p->teams[i].allocated_uusd;
        b.busy_sum_uusd += p->teams[i].busy_uusd;
    }
    return b;
}
