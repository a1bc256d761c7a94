/* A kernel of a profile's file: what it is, and what was measured of it. */
#include "model/profile_parts.h"

#include <string.h>

#include "base/text.h"

enum { QUOTED_BYTES = 80 };

/* ---- words ---- */

static enum sp_status read_name(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_read_name(r, node, "name", &k->name);
}

static enum sp_status read_calls(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "calls", model_profile_calls, &place);

    k->calls = (enum model_calls)place;
    return status;
}

static enum sp_status read_bound(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "bound", model_profile_bounds, &place);

    k->bound = (enum model_bound)place;
    return status;
}

static enum sp_status read_basis(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    static const enum model_basis bases[] = {MODEL_BASIS_MEASURED,
                                             MODEL_BASIS_DATASHEET};
    const char *const names[] = {model_basis_name(bases[0]), model_basis_name(bases[1]),
                                 NULL};
    struct model_kernel *k = record;
    int32_t place = 0;
    enum sp_status status = model_profile_word(r, node, "basis", names, &place);

    if (status == SP_OK)
        k->basis = bases[place];
    return status;
}

static enum sp_status read_params(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_profile_facts(r, node, "parameters", &k->n_params, &k->params);
}

/* ---- maps of numbers ---- */

static const struct model_key work_keys[] = {
    MODEL_PROFILE_NUMBER("flop", struct model_work, flop, 0, 1e30,
                         "operations, each x"),
    MODEL_PROFILE_NUMBER("flop_fixed", struct model_work, flop_fixed, 0, 1e30,
                         "of every call"),
    MODEL_PROFILE_NUMBER("bytes", struct model_work, bytes, 0, 1e30, "moved, each x"),
    MODEL_PROFILE_NUMBER("bytes_fixed", struct model_work, bytes_fixed, 0, 1e30,
                         "of every call"),
    {.name = NULL},
};

static enum sp_status read_work(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;

    return model_keys_read(r, node, "work", work_keys, &k->work);
}

static const struct model_key uncertainty_keys[] = {
    MODEL_PROFILE_NUMBER("within", struct model_kernel, sd_within, 0,
                         MODEL_PROFILE_SD_MAX, "campaigns"),
    MODEL_PROFILE_NUMBER("between", struct model_kernel, sd_between, 0,
                         MODEL_PROFILE_SD_MAX, "campaigns"),
    MODEL_PROFILE_NUMBER("floor", struct model_kernel, sd_floor, 0,
                         MODEL_PROFILE_SD_MAX, "of the environment"),
    MODEL_PROFILE_NUMBER("sd", struct model_kernel, sd_frac, 0, MODEL_PROFILE_SD_MAX,
                         "the one that counts"),
    {.name = NULL},
};

static enum sp_status read_uncertainty(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    return model_keys_read(r, node, "uncertainty", uncertainty_keys, record);
}

/* ---- the table ---- */

#define AT(field) offsetof(struct model_profile_point, field)
static const struct model_key point_keys[] = {
    {.name = "x",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(x),
     .min = 0,
     .max = 1e30,
     .required = true,
     .help = "how much of the axis"},
    {.name = "seconds",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(s),
     .min = 1e-15,
     .max = 1e9,
     .required = true,
     .help = "of a call"},
    MODEL_PROFILE_NUMBER("sd", struct model_profile_point, sd_frac, 0,
                         MODEL_PROFILE_SD_MAX, "of it, relative"),
    {.name = "blocks",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(blocks),
     .min = 0,
     .max = 2e9,
     .unless = "0",
     .help = "that counted"},
    {.name = "rejected",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(rejected),
     .min = 0,
     .max = 2e9,
     .unless = "0",
     .help = "that did not"},
    {.name = "converged",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(converged),
     .unless = "true",
     .help = "to the half-width asked for"},
    {.name = "why", .kind = MODEL_KEY_TEXT, .offset = AT(why), .help = "it did not"},
    {.name = NULL},
};
#undef AT

static enum sp_status read_table(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_kernel *k = record;
    enum sp_status status =
        model_profile_list(r, node, "table", 1, MODEL_PROFILE_POINTS_MAX);

    if (status != SP_OK)
        return status;
    if (k->axis[0] == '\0' && node->n > 1)
        return model_read_fail(r, node->items[1],
                               "table: a second point and no axis, expected one point");
    k->points = sp_arena_array(r->arena, (size_t)node->n, sizeof *k->points);
    for (; status == SP_OK && k->n_points < node->n; k->n_points++) {
        struct model_profile_point *p = &k->points[k->n_points];

        status = model_profile_element(r, node->items[k->n_points], "a point",
                                       point_keys, p);
        if (status == SP_OK && k->n_points > 0 && !(p->x > p[-1].x))
            return model_read_fail(r, model_yaml_get(node->items[k->n_points], "x"),
                                   "x: found %.15g after %.15g, expected rising x",
                                   p->x, p[-1].x);
    }
    return status;
}

/* ---- the kernel ---- */

#define AT(field) offsetof(struct model_kernel, field)
static const struct model_key kernel_keys[] = {
    MODEL_PROFILE_READ("name", read_name, "how scenarios name it"),
    {.name = "device",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(device),
     .required = true,
     .help = "one of the profile's"},
    {.name = "item",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(item),
     .unless = "",
     .help = "what one item is"},
    {.name = "axis",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(axis),
     .unless = "",
     .help = "what x counts"},
    {.name = "calls",
     .kind = MODEL_KEY_READ,
     .read = read_calls,
     .help = "per-item or per-task"},
    {.name = "bound", .kind = MODEL_KEY_READ, .read = read_bound, .help = "by what"},
    {.name = "basis",
     .kind = MODEL_KEY_READ,
     .read = read_basis,
     .help = "measured or datasheet"},
    {.name = "source",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(source),
     .help = "where the table came from"},
    {.name = "library",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(library),
     .help = "and its version"},
    {.name = "code_path",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(code_path),
     .help = "that it chose"},
    {.name = "parameters",
     .kind = MODEL_KEY_READ,
     .read = read_params,
     .help = "of the kernel, as text"},
    {.name = "work",
     .kind = MODEL_KEY_READ,
     .read = read_work,
     .help = "operations and bytes of a call"},
    MODEL_PROFILE_READ("table", read_table, "the measured points"),
    {.name = "fits",
     .kind = MODEL_KEY_READ,
     .read = model_profile_read_fits,
     .help = "best first"},
    {.name = "features",
     .kind = MODEL_KEY_READ,
     .read = model_profile_read_features,
     .help = "of items, and the time by them"},
    MODEL_PROFILE_NUMBER("item_cv", struct model_kernel, item_cv, 0, 100,
                         "of items at the same x"),
    {.name = "uncertainty",
     .kind = MODEL_KEY_READ,
     .read = read_uncertainty,
     .help = "of its times together"},
    {.name = "scaling",
     .kind = MODEL_KEY_READ,
     .read = model_profile_read_scaling,
     .help = "over cores"},
    {.name = "converged",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(converged),
     .unless = "true",
     .help = "every point"},
    {.name = "why", .kind = MODEL_KEY_TEXT, .offset = AT(why), .help = "it did not"},
    {.name = NULL},
};
#undef AT

static enum sp_status find_device(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_profile *profile,
                                  struct model_kernel *k)
{
    const char *names[MODEL_PROFILE_DEVICES_MAX];

    for (int32_t i = 0; i < profile->n_devices; i++)
        names[i] = profile->devices[i].name;
    k->device_id = model_read_find(k->device, names, profile->n_devices);
    if (k->device_id == SP_NO_ID)
        return model_read_unknown(r, model_yaml_get(node, "device"), "device", names,
                                  profile->n_devices);
    k->device = names[k->device_id];
    return SP_OK;
}

enum sp_status model_profile_read_kernel(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         const struct model_profile *profile,
                                         struct model_kernel *kernel)
{
    enum sp_status status;

    kernel->basis = MODEL_BASIS_MEASURED;
    status = model_profile_element(r, node, "a kernel", kernel_keys, kernel);
    return status == SP_OK ? find_device(r, node, profile, kernel) : status;
}
