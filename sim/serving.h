/* The serving workload: requests arrive, are routed to replicas of pools, and, where
 * prefill and decode are apart, their KV caches move between them.
 */
#ifndef SIM_SERVING_H
#define SIM_SERVING_H

#include "sim/workload.h"

enum sim_serving_event_kind {
    SIM_SERVE_ARRIVAL,
    SIM_SERVE_STEP,     /* a replica's iteration or span ends */
    SIM_SERVE_TRANSFER, /* a KV cache has arrived */
    SIM_SERVE_UNIT,     /* a replica has loaded its weights */
    SIM_SERVE_FAILURE,  /* a replica is lost */
    SIM_SERVE_AUTOSCALE,
    SIM_SERVE_GATE,     /* those who wait may go on: enum sim_serving_gate */
    SIM_SERVE_CUSTOMER, /* of a closed loop: comes with its next request */
    SIM_SERVE_KINDS,
};

extern const struct sim_workload_kind sim_serving_kind;

#endif
