/* Alibaba's openb cluster and pods (cluster-trace-gpu-v2023) as a policy and arrivals,
 * and a run of the published experiment: pods arrive, none leaves, and what fits
 * nowhere is left out.  Files from SHARED_DATA/cluster/openb. */
#ifndef TESTS_OPENB_H
#define TESTS_OPENB_H

#include <stdbool.h>

#include "sim/mix.h"
#include "sim/nodes.h"

enum { OPENB_PCT_MAX = 130, OPENB_FIRST_SEED = 42, OPENB_SEEDS = 10 };

struct openb_pod {
    const char *name;
    struct model_amounts needs;
    int64_t allowed_types;
};

struct openb {
    struct sp_arena *arena;
    struct model_policy policy; /* types, and nodes in the order of the list */
    int64_t mgpu;               /* of the cluster */
    int32_t n_pods;
    struct openb_pod *pods;
    struct sim_mix mix; /* of the pods of the trace */
};

/* False, with a message, where there is no such folder.  Exits where a file there is
 * not as expected. */
bool openb_read(struct openb *o, const char *trace);

/* Tie ranks as the published program had them, of its run of a strategy ("fgd",
 * "bestfit"); nodes that are in no rank file go last. */
void openb_read_ranks(struct openb *o, const char *strategy);

/* Rows of o->pods. */
struct openb_arrivals {
    int32_t n;
    int32_t *pod;
};

/* The published order of the default trace. */
struct openb_arrivals openb_published(struct openb *o, uint64_t seed);
/* Drawn the same way, by our own generator. */
struct openb_arrivals openb_drawn(struct openb *o, uint64_t seed);

/* Golden placements: the node of each arrival. */
struct openb_arrivals openb_golden(struct openb *o, const char *file, int32_t **nodes);

/* By whole percent of arrived GPUs, of the cluster: means over the arrivals that round
 * to it; NaN where there is none. */
struct openb_curve {
    double allocated_pct[OPENB_PCT_MAX + 1];
    double fragment_pct[OPENB_PCT_MAX + 1];
    double fragment_of_idle_pct[OPENB_PCT_MAX + 1];
    double last_allocated_pct;
    double cpu_s; /* time of the placements */
    uint64_t steps;
    int32_t unplaced;
};

/* `nodes` gets the node of each arrival, or is NULL. */
struct openb_curve openb_run(struct openb *o, const char *placement,
                             const struct openb_arrivals *a, uint64_t seed,
                             int32_t *nodes);

/* A published curve (a row of expected_*.csv.gz); columns that are empty are NaN. */
struct openb_expected {
    char workload[64], policy[32];
    int32_t seed;
    double pct[OPENB_PCT_MAX + 1];
};
struct openb_expected *openb_read_expected(struct openb *o, const char *file,
                                           int32_t *n);

#endif
