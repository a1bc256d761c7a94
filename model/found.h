/* What a search over runs found, per policy: a record for reports. */
#ifndef MODEL_FOUND_H
#define MODEL_FOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "model/result.h"

/* The figures of one run that a search looked at. */
struct model_found_run {
    double rate_per_s; /* requests that arrive; NaN: there was no such run */
    double attained;   /* share of requests that met the SLO, those late at the end of
                        * the run being missed */
    double late;       /* how many those were */
    struct model_stat ttft_p99_s, tpot_p99_s, usd_per_million_tokens;
    double gpus; /* provisioned, mean over the window */
    double usd_per_h;
};

/* A fleet of so many nodes, run with every seed. */
struct model_found_fleet {
    int32_t nodes; /* 0: there was no such run */
    double figure; /* what was asked about, 90th percentile over the runs */
    int32_t met;   /* runs that met what is asked */
    double gpu_allocated, gpu_busy,
        usd;               /* means over the runs; shares of provisioned */
    double bought;         /* elastic nodes besides, mean over time and runs */
    const double *run_usd; /* by run, so that fleets are compared as pairs; NaN: no
                            * price; NULL: there was no such run */
};

enum model_found_unit { MODEL_FOUND_SECONDS, MODEL_FOUND_SHARE, MODEL_FOUND_COUNT };

/* What the smallest fleet must do. */
struct model_found_goal {
    const char *figure; /* "mean queue wait", "share of requests that meet the SLO" */
    enum model_found_unit unit;
    bool at_least; /* target, else at most */
    double target;
};

struct model_found_policy {
    const char *name;
    /* Of min_nodes: the least that meets the goal, one less, one more. */
    struct model_found_fleet fewer, least, more;
    int32_t nodes; /* that the scenario has; 0: the policy has no such nodes */
    struct model_found_run passes; /* the highest rate that met what was asked */
    struct model_found_run fails;  /* the lowest above it that did not */
    int32_t runs;                  /* simulated */
};

struct model_found {
    const char *what;      /* "max_rate", "min_nodes" */
    const char *node_type; /* whose number is searched for; NULL: of max_rate */
    struct model_found_goal goal;
    const char *workload;
    double attain_frac, precision_frac;
    double slo_ttft_s, slo_tpot_s, slo_e2e_s; /* NaN: not asked for */
    double rate_per_s;                        /* that the scenario has */
    uint64_t seed;
    int32_t replications;
    const struct model_scenario *scenario;
    const char *version;
    bool partial; /* interrupted */
    int32_t n_policies;
    struct model_found_policy *policies;
    int32_t baseline; /* index in policies */
};

#endif
