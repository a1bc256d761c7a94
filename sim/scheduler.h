/* Who is placed next: the table of orders, the table of what a failure does to those
 * behind, and the pass that puts them to use (docs/design.md, "Scheduling").
 */
#ifndef SIM_SCHEDULER_H
#define SIM_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

struct sim_cluster;

struct sim_queue_order {
    const char *name;
    const char *help;  /* one line */
    bool by_work;      /* within a kind the least expected time goes first */
    bool fair_between; /* between queues the least share goes first */
    /* Of the first units of two kinds: < 0, a goes before b; never 0. */
    int (*compare)(const struct sim_cluster *c, int32_t kind_a, int32_t kind_b);
};

enum sim_closes { SIM_CLOSES_QUEUE, SIM_CLOSES_KIND };
enum sim_reserves { SIM_RESERVES_NOTHING, SIM_RESERVES_HEAD, SIM_RESERVES_PLAN };

struct sim_passing {
    const char *name;
    const char *help;
    enum sim_closes closes; /* what a failure closes */
    enum sim_reserves reserves;
};

extern const struct sim_queue_order sim_queue_orders[];
extern const int32_t sim_n_queue_orders;
extern const struct sim_passing sim_passings[];
extern const int32_t sim_n_passings;

/* The rule called `name`, or NULL.  NULL is the default's name. */
const struct sim_queue_order *sim_queue_order_find(const char *name);
const struct sim_passing *sim_passing_find(const char *name);

/* One pass over what waits. */
void sim_scheduler_pass(struct sim_cluster *c, int64_t now_ns);

#endif
