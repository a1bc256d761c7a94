/* What `stageplan validate` saw and predicted, as records for reports.
 *
 * Errors are predicted / measured - 1.  NaN means "not known".
 */
#ifndef MODEL_VALIDATION_H
#define MODEL_VALIDATION_H

#include <stdbool.h>
#include <stdint.h>

enum model_verdict {
    MODEL_VERDICT_PASS,
    MODEL_VERDICT_WARN,
    MODEL_VERDICT_FAIL,
    MODEL_VERDICT_INCONCLUSIVE, /* the machine was not its own */
    MODEL_VERDICT_SKIPPED,      /* it was not run */
};
const char *model_verdict_name(enum model_verdict verdict); /* "PASS", ... */

/* A figure that was measured and that the simulator predicted.  `error` is the median
 * over the rounds that count of the errors of each. */
struct model_validation_figure {
    double measured, simulated, error;
};

struct model_validation_stage {
    const char *kernel;
    double x, cv; /* cv: of the calls of an item, as asked for */
    int32_t calls, workers, queue;
    double isolated_mean_s, isolated_cv; /* median over the rounds that count */
    double together_mean_s; /* in the pipeline; NaN where threads share CPUs */
    double profile_s;       /* the same mean by the profile */
    struct model_validation_figure busy_frac;
};

struct model_validation_round {
    bool counts;
    double per_s, simulated_per_s, rule_per_s; /* rule: the bottleneck's */
    double foreign_cores, waited_frac, hand_off_s, push_s;
    bool canary_good;
    int64_t items;
};

enum { MODEL_VALIDATION_STAGES = 4 };

struct model_validation_pipeline {
    const char *name, *text;
    bool fused, shared; /* shared: more threads than CPUs */
    int32_t n_stages;
    struct model_validation_stage stages[MODEL_VALIDATION_STAGES];
    int32_t n_rounds, n_counting;
    struct model_validation_round *rounds;
    struct model_validation_figure per_s, mean_s, p50_s, p99_s;
    double rule_per_s, rule_error; /* isolated times of the same round */
    double profile_per_s,
        profile_error;    /* the same rule by the profile's times alone */
    double error_se;      /* of the simulator's error of per_s */
    double foreign_cores; /* median of all rounds */
    enum model_verdict verdict;
    const char *why;
};

struct model_validation {
    const char *version, *profile;
    const char *created; /* of the profile */
    int32_t cores, rounds;
    uint64_t seed;
    bool quick, realtime;
    bool partial; /* it was interrupted: the pipelines that were finished */
    int32_t n;
    struct model_validation_pipeline *pipelines;
};

/* Median of n values, by sorting a copy; NaN of none.  NaNs are left out. */
double model_validation_median(const double *values, int32_t n);

#endif
