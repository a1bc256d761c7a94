/* What was measured, before anything is fitted: the plain records that CPU campaigns,
 * the device worker and tests hand to the fitting.
 */
#ifndef CALIBRATE_MEASURED_H
#define CALIBRATE_MEASURED_H

#include <stdbool.h>
#include <stdint.h>

#include "model/profile.h"

/* One kernel at one x in one campaign. */
struct cal_estimate {
    double s;         /* of a call: calibrate/estimate.h, enum cal_centre */
    double half_frac; /* half-width of s, relative */
    double best_s;    /* least clean sample */
    double mean_s;    /* plain mean of all samples: for comparison, never used */
    int32_t blocks;   /* accepted */
    int32_t by_canary, by_scheduler, by_clock; /* blocks rejected, and why */
    bool converged;
    const char *why; /* it did not converge, or NULL */
};

struct cal_point {
    double x;
    int32_t n; /* campaigns, those without any accepted block left out */
    struct cal_estimate *estimates;
};

/* Speed of `cores` at once against one, measured back to back. */
struct cal_scaling_point {
    int32_t cores;
    int32_t n;
    double *speedup; /* of each campaign */
};

/* One distinct input: its time and features. */
struct cal_item {
    double x, s;
    double features[MODEL_FEATURES_MAX];
};

struct cal_measured {
    const char *name, *item, *axis, *library, *code_path;
    int32_t device; /* index in the list of devices */
    enum model_calls calls;
    enum model_bound bound;
    struct model_work work;
    int32_t n_params;
    const struct model_fact *params;
    int32_t n_points;
    struct cal_point *points; /* x rising */
    int32_t n_scaling;
    struct cal_scaling_point *scaling; /* cores rising from 1 */
    int32_t n_features;
    const char *const *features;
    int32_t n_items;
    struct cal_item *items;
    bool quiet;          /* the machine was its own in every campaign */
    const char *skipped; /* why nothing was measured; NULL: it was */
};

/* Everything: what a profile is made of. */
struct cal_campaigns {
    const char *created, *tool, *mode;
    int32_t campaigns;
    uint64_t seed;
    int32_t n_facts;
    struct model_fact *facts;
    int32_t n_devices;
    struct model_profile_device *devices;
    int32_t n_measured;
    struct cal_measured *measured;
    int32_t n_notes;
    const char **notes;
};

#endif
