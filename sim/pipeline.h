/* The pipeline workload: items flow through stages, stages run in units of pools.
 *
 * What happens at one instant (docs/design.md, "Pipelines: what happens when"):
 *   1. the event's own effect (an arrival joins a queue, a task ends, a unit is up,
 * ...);
 *   2. then, until nothing changes: producers held back by a full buffer or store
 * deliver, stages in order; then pools in order start tasks, each time the stage that
 * the scheduling rule picks, on the lowest-numbered unit that can run it (a unit on the
 * node that holds the input comes first where NICs are limited).
 */
#ifndef SIM_PIPELINE_H
#define SIM_PIPELINE_H

#include "sim/workload.h"

/* Event kinds; the subject is a row of the pipeline. */
enum sim_pipeline_event_kind {
    SIM_PIPE_ARRIVAL,
    SIM_PIPE_CUSTOMER, /* a closed-loop customer stops thinking */
    SIM_PIPE_TASK,     /* a task's fetch, service phase or retry delay ends */
    SIM_PIPE_LINGER,   /* a stage's batch has waited long enough */
    SIM_PIPE_UNIT,     /* a unit has started up */
    SIM_PIPE_AUTOSCALE,
};

extern const struct sim_workload_kind sim_pipeline_kind;

#endif
