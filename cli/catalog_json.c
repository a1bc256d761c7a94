/* The catalog as JSON, through jansson. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/catalog.h"

static json_t *number_or_null(double v)
{
    if (!isfinite(v))
        return json_null();
    return v == floor(v) && fabs(v) < 1e15 ? json_integer((json_int_t)v) : json_real(v);
}

/* Members of `row` by its columns; an empty text is null too. */
static json_t *object_of(const void *row, const struct model_column *columns)
{
    json_t *object = json_object();

    for (; columns->name != NULL; columns++) {
        const char *member = (const char *)row + columns->offset, *text;
        double number;

        if (columns->kind == MODEL_COLUMN_NUMBER) {
            memcpy(&number, member, sizeof number);
            json_object_set_new(object, columns->name, number_or_null(number));
        } else {
            memcpy(&text, member, sizeof text);
            json_object_set_new(object, columns->name,
                                *text != '\0' ? json_string(text) : json_null());
        }
    }
    return object;
}

static json_t *instance(const struct model_instance *r)
{
    json_t *object = object_of(r, model_instance_columns);

    json_object_set_new(object, "usd_per_gpu_h",
                        number_or_null(cli_catalog_usd_per_gpu_h(r)));
    json_object_set_new(object, "usd_per_vcpu_h",
                        number_or_null(cli_catalog_usd_per_vcpu_h(r)));
    json_object_set_new(object, "vcpu_per_gpu",
                        number_or_null(cli_catalog_vcpu_per_gpu(r)));
    return object;
}

/* Takes `root` over.  What stdout refuses is noticed in main(). */
static void print(json_t *root)
{
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(root);
}

void cli_catalog_show_json(const struct model_instance *r,
                           const struct model_gpu_facts *gpu, const char *origin)
{
    json_t *root = instance(r);

    json_object_set_new(root, "catalog", json_string(origin));
    json_object_set_new(root, "gpu",
                        gpu != NULL ? object_of(gpu, model_gpu_columns) : json_null());
    print(root);
}

void cli_catalog_list_json(const struct model_instance *const *rows, int32_t n,
                           const char *origin)
{
    json_t *root = json_object(), *types = json_array();

    for (int32_t i = 0; i < n; i++)
        json_array_append_new(types, instance(rows[i]));
    json_object_set_new(root, "catalog", json_string(origin));
    json_object_set_new(root, "types", types);
    print(root);
}
