/* The built-in catalog of instance types and of the GPUs in them: facts with a date and
 * a source per row, carried in model/instances.csv and model/gpus.csv and compiled in.
 * model/instances-sources.md says what each source is. */
#ifndef MODEL_CATALOG_H
#define MODEL_CATALOG_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/csv.h"

struct model_instance {
    const char *name, *provider, *region, *gpu_model; /* gpu_model "" for CPU nodes */
    double vcpu, memory_gib;          /* NaN where the source does not say */
    double gpu_count, gpu_memory_gib; /* gpu_count 0 for CPU nodes; memory of one GPU */
    double network_gbps;              /* NaN unknown */
    double ondemand_usd_h, spot_usd_h;  /* NaN unknown: never free */
    const char *price_date, *spot_date; /* "2026-07-20", "undated" or "" */
    const char *arch, *spot_basis, *spot_interrupt_band;
    const char *spec_source, *price_source, *notes;
};

struct model_catalog {
    int32_t n;
    struct model_instance *rows; /* in file order */
    const char *origin;          /* "built-in" or the path */
};

/* The columns of the CSV, in its order; ends with a NULL name.  Every fact of a row can
 * be reached through it. */
extern const struct model_column model_instance_columns[];

/* The built-in rows, parsed into `arena`. */
void model_catalog_builtin(struct sp_arena *arena, struct model_catalog *catalog);

/* The user's own CSV: the same columns, by header name; name, vcpu and memory_gib are
 * required.  SP_EINPUT names file, line and column; SP_EIO: it can't be read. */
SP_CHECKED enum sp_status model_catalog_read(const char *path, struct sp_arena *arena,
                                             struct model_catalog *catalog,
                                             struct sp_err *err);

/* Row called `name`, or NULL; *nearest (if not NULL) gets the nearest known name or
 * NULL. */
const struct model_instance *model_catalog_find(const struct model_catalog *catalog,
                                                const char *name, const char **nearest);

/* Datasheet facts of a GPU model: dense peak rates, one GPU.  NaN unknown or not
 * offered. */
struct model_gpu_facts {
    const char *model, *vendor, *arch, *compute_capability;
    double memory_gb_nominal, memory_gib_usable;
    double mem_bandwidth_gbs; /* 10^9 bytes per second */
    double bf16_dense_tflops, fp16_dense_tflops,
        fp8_dense_tflops; /* 10^12 per second */
    double int8_dense_tops, fp4_dense_tflops, fp32_tflops;
    double tdp_w;
    const char *pcie;
    double pcie_gbs_per_direction, nvlink_gbs_bidirectional; /* 0: none */
    double mig_max_instances;              /* 0: can't be partitioned */
    const char *mig_profiles, *confidence; /* "A" .. "C", see the sources */
    const char *sources, *notes;
};

struct model_gpus {
    int32_t n;
    struct model_gpu_facts *rows;
};

extern const struct model_column model_gpu_columns[];

void model_gpus_builtin(struct sp_arena *arena, struct model_gpus *gpus);

/* Row of `model`, or NULL. */
const struct model_gpu_facts *model_gpus_find(const struct model_gpus *gpus,
                                              const char *model);

#endif
