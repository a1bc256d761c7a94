/* The catalogs' columns, and their rows from text. */
#include "model/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/embedded.h"
#include "model/scenario.h"

#define TEXT(member)                                                                   \
    {                                                                                  \
        .name = #member, .kind = MODEL_COLUMN_TEXT, .offset = offsetof(ROW, member)    \
    }
#define NEEDED_TEXT(member)                                                            \
    {                                                                                  \
        .name = #member, .kind = MODEL_COLUMN_TEXT, .offset = offsetof(ROW, member),   \
        .required = true                                                               \
    }
#define DATE(member)                                                                   \
    {                                                                                  \
        .name = #member, .kind = MODEL_COLUMN_DATE, .offset = offsetof(ROW, member)    \
    }
#define NUMBER(member, needed, least, most)                                            \
    {                                                                                  \
        .name = #member, .kind = MODEL_COLUMN_NUMBER, .offset = offsetof(ROW, member), \
        .required = needed, .min = least, .max = most                                  \
    }

#define ROW struct model_instance
const struct model_column model_instance_columns[] = {
    NEEDED_TEXT(name),
    TEXT(provider),
    TEXT(region),
    NUMBER(vcpu, true, 0.001, 1e6),
    NUMBER(memory_gib, true, 0.001, 1e6),
    TEXT(gpu_model),
    NUMBER(gpu_count, false, 0, MODEL_GPUS_MAX),
    NUMBER(gpu_memory_gib, false, 0.001, 1e5),
    NUMBER(network_gbps, false, 0, 1e6),
    NUMBER(ondemand_usd_h, false, 0, 1e6),
    NUMBER(spot_usd_h, false, 0, 1e6),
    DATE(price_date),
    TEXT(arch),
    DATE(spot_date),
    TEXT(spot_basis),
    TEXT(spot_interrupt_band),
    TEXT(spec_source),
    TEXT(price_source),
    TEXT(notes),
    {.name = NULL},
};
#undef ROW

#define ROW struct model_gpu_facts
const struct model_column model_gpu_columns[] = {
    NEEDED_TEXT(model),
    TEXT(vendor),
    TEXT(arch),
    TEXT(compute_capability),
    NUMBER(memory_gb_nominal, false, 0, 1e5),
    NUMBER(memory_gib_usable, false, 0, 1e5),
    NUMBER(mem_bandwidth_gbs, false, 0, 1e6),
    NUMBER(bf16_dense_tflops, false, 0, 1e6),
    NUMBER(fp16_dense_tflops, false, 0, 1e6),
    NUMBER(fp8_dense_tflops, false, 0, 1e6),
    NUMBER(int8_dense_tops, false, 0, 1e6),
    NUMBER(fp4_dense_tflops, false, 0, 1e6),
    NUMBER(fp32_tflops, false, 0, 1e6),
    NUMBER(tdp_w, false, 0, 1e5),
    TEXT(pcie),
    NUMBER(pcie_gbs_per_direction, false, 0, 1e5),
    NUMBER(nvlink_gbs_bidirectional, false, 0, 1e5),
    NUMBER(mig_max_instances, false, 0, 100),
    TEXT(mig_profiles),
    TEXT(confidence),
    TEXT(sources),
    TEXT(notes),
    {.name = NULL},
};
#undef ROW

/* What no column can see alone: a GPU has a model and a number of it. */
static enum sp_status check_instance(const void *row, struct sp_err *err)
{
    const struct model_instance *r = row;

    if (r->gpu_model[0] != '\0' && !(r->gpu_count > 0))
        return sp_fail(
            err, SP_EINPUT,
            "gpu_model is '%s' and gpu_count is not given or 0, expected both",
            r->gpu_model);
    if (r->gpu_model[0] == '\0' && r->gpu_count > 0)
        return sp_fail(err, SP_EINPUT,
                       "gpu_count is %g without gpu_model, expected both",
                       r->gpu_count);
    return SP_OK;
}

static enum sp_status read_instances(const char *name, const char *text,
                                     struct sp_arena *arena,
                                     struct model_catalog *catalog, struct sp_err *err)
{
    struct model_csv csv;
    void *rows = NULL;
    int32_t n = 0;
    enum sp_status status;

    model_csv_init(&csv, name, text, arena);
    status =
        model_csv_read_rows(&csv, model_instance_columns, sizeof(struct model_instance),
                            check_instance, &rows, &n, err);
    if (status != SP_OK)
        return status;
    *catalog = (struct model_catalog){.n = n, .rows = rows, .origin = name};
    for (int32_t i = 0; i < n; i++)
        if (!(catalog->rows[i].gpu_count > 0))
            catalog->rows[i].gpu_count = 0;
    return SP_OK;
}

void model_catalog_builtin(struct sp_arena *arena, struct model_catalog *catalog)
{
    struct sp_err err = {0};

    if (read_instances("built-in", model_instances_csv, arena, catalog, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
}

enum sp_status model_catalog_read(const char *path, struct sp_arena *arena,
                                  struct model_catalog *catalog, struct sp_err *err)
{
    char *text = NULL;
    enum sp_status status = model_csv_load(path, arena, &text, err);

    if (status != SP_OK)
        return status;
    return read_instances(sp_arena_strdup(arena, path), text, arena, catalog, err);
}

static const char *nearest_name(const struct model_catalog *catalog, const char *name)
{
    const char **names = sp_xcalloc((size_t)catalog->n, sizeof *names);
    const char *nearest;

    for (int32_t i = 0; i < catalog->n; i++)
        names[i] = catalog->rows[i].name;
    nearest = sp_text_nearest(name, names, (size_t)catalog->n);
    free(names);
    return nearest;
}

const struct model_instance *model_catalog_find(const struct model_catalog *catalog,
                                                const char *name, const char **nearest)
{
    for (int32_t i = 0; i < catalog->n; i++)
        if (strcmp(catalog->rows[i].name, name) == 0) {
            if (nearest != NULL)
                *nearest = catalog->rows[i].name;
            return &catalog->rows[i];
        }
    if (nearest != NULL)
        *nearest = nearest_name(catalog, name);
    return NULL;
}

void model_gpus_builtin(struct sp_arena *arena, struct model_gpus *gpus)
{
    struct sp_err err = {0};
    struct model_csv csv;
    void *rows = NULL;

    model_csv_init(&csv, "built-in GPUs", model_gpus_csv, arena);
    if (model_csv_read_rows(&csv, model_gpu_columns, sizeof(struct model_gpu_facts),
                            NULL, &rows, &gpus->n, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    gpus->rows = rows;
}

const struct model_gpu_facts *model_gpus_find(const struct model_gpus *gpus,
                                              const char *model)
{
    for (int32_t i = 0; i < gpus->n; i++)
        if (strcmp(gpus->rows[i].model, model) == 0)
            return &gpus->rows[i];
    return NULL;
}
