/* The twin: the semantics of docs/design.md sections 4 to 6 a second time, slow and
 * naive.
 *
 * Plain arrays scanned from one end to the other, events in a list whose least (time,
 * priority, order of setting) is searched for, an item a record of its own, integrals
 * by stepping from event to event.  It was written from the page, not from sim/, and
 * shares with sim/ only what is a contract of its own: which key seeds which draw, how
 * a variate is drawn from a key (sim/draw.h), and the records of model/.  So a figure
 * on which both agree to the last nanosecond is wrong only where the page is, or where
 * both went wrong in the same way.
 *
 * Left out: ray-budgets, autoscaling, traces, windows (it measures the whole run), and
 * calibrated kernels, which test_kernels.c checks by hand and against theory.
 */
#ifndef TESTS_TWIN_H
#define TESTS_TWIN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/result.h"
#include "model/scenario.h"

struct twin_stage_result {
    int64_t in, done, emitted, dropped, retried;
    int64_t waits, tasks,
        task_items;     /* items that began a task; tasks; items of those */
    sp_i128 wait_ns;    /* sum of the waits of those items */
    sp_i128 waiting_ns; /* integral of the items that wait */
    sp_i128 left_ns;    /* waits until the end of the items that still wait then */
    sp_i128 busy_ns, blocked_ns, fetching_ns, slot_ns;
    int64_t peak_waiting;
};

struct twin_workload_result {
    int64_t in, done, in_flight, dropped_by[MODEL_DROP_REASONS];
    int64_t latencies, latency_max_ns;
    sp_i128 latency_ns;
    int64_t moved_bytes, spilled_bytes;
    int32_t n_stages;
    struct twin_stage_result stages[MODEL_STAGES_MAX];
};

enum { TWIN_TYPES_MAX = 8, TWIN_WORKLOADS_MAX = 4 };

struct twin_result {
    enum model_end end;
    int64_t end_ns, uusd;
    sp_i128 held_ns[TWIN_TYPES_MAX];
    int64_t billed_ns[TWIN_TYPES_MAX], type_uusd[TWIN_TYPES_MAX];
    struct model_ledger ledger[MODEL_RESOURCES];
    int32_t n_workloads;
    struct twin_workload_result workloads[TWIN_WORKLOADS_MAX];
};

/* Replication 0 of one policy.  With `log` every event is written to it. */
void twin_run(const struct model_scenario *scenario, const struct model_policy *policy,
              uint64_t seed, void *log, struct twin_result *result);

#endif
