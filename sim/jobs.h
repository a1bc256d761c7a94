/* The jobs workload: rigid jobs arrive, ask the cluster for a gang of members, run with
 * checkpoints, lose their places and ask again; docs/design.md, "Jobs: what happens
 * when".
 */
#ifndef SIM_JOBS_H
#define SIM_JOBS_H

#include "sim/workload.h"

enum sim_jobs_event_kind {
    SIM_JOBS_ARRIVAL,
    SIM_JOBS_JOB, /* of a row: it is done, gives its place up, or must wait no longer */
    SIM_JOBS_KINDS,
};

extern const struct sim_workload_kind sim_jobs_kind;

#endif
