/* The words of sweeps, and which are the same. */
#include "model/sweep.h"

#include <string.h>

#include "base/hash.h"

static const char *const design_names[MODEL_DESIGNS] = {
    [MODEL_DESIGN_GRID] = "grid",       [MODEL_DESIGN_ZIP] = "zip",
    [MODEL_DESIGN_LATIN] = "latin",     [MODEL_DESIGN_SOBOL] = "sobol",
    [MODEL_DESIGN_INDICES] = "indices", [MODEL_DESIGN_ONE_AT_A_TIME] = "one-at-a-time",
};

static const char *const axis_kind_names[MODEL_AXIS_KINDS] = {
    [MODEL_AXIS_VALUES] = "values",
    [MODEL_AXIS_RANGE] = "range",
    [MODEL_AXIS_LOG] = "log",
};

const char *model_axis_kind_name(enum model_axis_kind kind)
{
    return axis_kind_names[kind];
}

const char *model_design_name(enum model_design design)
{
    return design_names[design];
}

/* ---- fingerprints ---- */

static uint64_t add(uint64_t hash, const void *data, size_t size)
{
    const uint64_t pair[2] = {hash, sp_hash64(data, size)};

    return sp_hash64(pair, sizeof pair);
}

static uint64_t add_int(uint64_t hash, int64_t value)
{
    return add(hash, &value, sizeof value);
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return add(hash, text, strlen(text));
}

static uint64_t add_texts(uint64_t hash, const char *const *texts, int32_t n)
{
    hash = add_int(hash, n);
    for (int32_t i = 0; i < n; i++)
        hash = add_text(hash, texts[i]);
    return hash;
}

/* The bounds are in the text; what a file of values holds is not. */
static uint64_t add_axis(uint64_t hash, const struct model_axis *axis)
{
    hash = add_text(add_text(hash, axis->path), axis->text);
    hash = add_int(hash, axis->kind);
    for (int32_t i = 0; axis->kind == MODEL_AXIS_VALUES && i < axis->n; i++)
        hash = add_text(hash, axis->values[i]);
    return hash;
}

uint64_t model_sweep_fingerprint(const struct model_sweep *s)
{
    uint64_t hash = add_text(0, s->version);

    for (int32_t i = 0; i < s->n_files; i++)
        hash = add_int(i > 0 ? add_text(hash, s->files[i].file) : hash,
                       (int64_t)s->files[i].xxh64);
    hash = add_int(hash, s->n_sets);
    for (int32_t i = 0; i < s->n_sets; i++)
        hash = add_text(add_text(hash, s->sets[i].path), s->sets[i].value);
    hash = add_int(hash, s->design);
    hash = add_int(hash, s->n_axes);
    for (int32_t i = 0; i < s->n_axes; i++)
        hash = add_axis(hash, &s->axes[i]);
    hash = add_int(hash, s->samples);
    hash = add_int(hash, s->n_points);
    hash = add_int(hash, (int64_t)s->seed);
    hash = add_int(hash, s->replications);
    hash = add_texts(hash, s->policies, s->n_policies);
    hash = add_int(hash, s->baseline);
    return add_texts(hash, s->workloads, s->n_workloads);
}
