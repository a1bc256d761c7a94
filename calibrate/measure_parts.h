/* What the parts of cal_measure_cpu() share: measure.c fills the bench, measure_keep.c
 * makes records of it, measure_facts.c facts.
 */
#ifndef CALIBRATE_MEASURE_PARTS_H
#define CALIBRATE_MEASURE_PARTS_H

#include "calibrate/campaign.h"
#include "calibrate/circumstances.h"
#include "calibrate/cores.h"
#include "calibrate/machine.h"
#include "calibrate/measure.h"

/* One kernel while it is measured. */
struct cal_bench_row {
    const struct cal_kernel *kernel;
    int32_t first, n;        /* its series */
    int32_t first_cores, nc; /* its core counts */
    struct cal_load *loads;  /* one for each core, or NULL */
    int32_t n_loads;
    const char *skipped;
};

/* All of them, and what they are measured with. */
struct cal_bench {
    const struct cal_measure_options *options;
    struct sp_arena *arena;
    struct cal_campaigns *c;
    struct cal_machine *machine;
    struct cal_cpu_rig rig;
    struct cal_world world;
    struct cal_reference reference;
    struct cal_campaign campaign;
    int32_t cores_most;
    int32_t n_rows, n_series, n_cores, series_room, cores_room;
    struct cal_bench_row *rows;
    struct cal_series *series;
    struct cal_cores *cores;

    /* of campaign k and series i: [k * n_series + i]; of core count i likewise */
    struct cal_estimate *estimates;
    double *speedups;
    double **items_s; /* each with room for the series' inputs */
    struct cal_circumstances *circumstances;
    int32_t done; /* campaigns */
    bool pinned;
};

void cal_bench_note(struct cal_bench *b, const char *text); /* keeps the text */

/* After the last campaign: all of b->c. */
void cal_bench_keep(struct cal_bench *b);

/* b->c->facts: of the machine, the canaries and the campaigns. */
void cal_bench_facts(struct cal_bench *b);

#endif
