/* Rooflines whose efficiencies were measured: of operations the fastest matrix product
 * of a profile, of memory the fastest of what streams through it, at its largest size
 * (smaller ones may come from a cache). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "model/iteration.h"
#include "model/llm.h"
#include "model/profile.h"
#include "model/scenario_parts.h"

enum { QUOTED_BYTES = 80 };

static const char *const products[] = {"cublaslt_bf16", "gemm_bf16", NULL};
static const char *const streams[] = {"triad", "attention_decode", NULL};

/* The best that was reached, and by what; 0: nothing was measured. */
struct reached {
    double per_s;
    const char *kernel;
};

static const struct model_kernel *on_device(const struct model_profile *p,
                                            const char *name, const char *device)
{
    for (int32_t i = 0; i < p->n_kernels; i++)
        if (strcmp(p->kernels[i].name, name) == 0 &&
            strcmp(p->kernels[i].device, device) == 0)
            return &p->kernels[i];
    return NULL;
}

static void raise(struct reached *best, double per_s, const char *kernel)
{
    if (per_s > best->per_s)
        *best = (struct reached){per_s, kernel};
}

static struct reached best_product(const struct model_profile *p, const char *device)
{
    struct reached best = {0};

    for (int n = 0; products[n] != NULL; n++) {
        const struct model_kernel *k = on_device(p, products[n], device);

        for (int32_t i = 0; k != NULL && i < k->n_points; i++)
            raise(&best,
                  (k->work.flop_fixed + k->work.flop * k->points[i].x) / k->points[i].s,
                  k->name);
    }
    return best;
}

static struct reached best_stream(const struct model_profile *p, const char *device)
{
    struct reached best = {0};

    for (int n = 0; streams[n] != NULL; n++) {
        const struct model_kernel *k = on_device(p, streams[n], device);
        const struct model_profile_point *last;

        if (k == NULL)
            continue;
        last = &k->points[k->n_points - 1];
        raise(&best, (k->work.bytes_fixed + k->work.bytes * last->x) / last->s,
              k->name);
    }
    return best;
}

static bool is_gpu(const struct model_profile_device *d, const struct model_gpu *gpu,
                   struct sp_arena *arena)
{
    struct model_gpu row;

    return d->is_gpu && d->catalog != NULL &&
           model_gpu_find(d->catalog, arena, &row, NULL) == SP_OK &&
           strcmp(row.name, gpu->name) == 0;
}

/* The first of the profile's devices that is such a GPU, or the one that is named. */
static enum sp_status find_device(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  const struct model_profile_use *use,
                                  const struct model_gpu *gpu, const char **device)
{
    const struct model_yaml_node *node = model_yaml_get(map, "device");
    const struct model_profile *p = use->profile;
    char name[QUOTED_BYTES];

    if (node != NULL && model_read_kind(r, node, MODEL_YAML_SCALAR, "device") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < p->n_devices; i++)
        if ((node == NULL || strcmp(node->text, p->devices[i].name) == 0) &&
            is_gpu(&p->devices[i], gpu, r->arena)) {
            *device = p->devices[i].name;
            return SP_OK;
        }
    sp_text_quote(use->name, name, sizeof name);
    if (node != NULL)
        return model_read_fail(r, node,
                               "device: profile %s has no %s of this name, on which "
                               "the pool runs",
                               name, gpu->name);
    return model_read_fail(r, model_yaml_get(map, "profile"),
                           "profile: %s was not measured on %s, on which the pool runs",
                           name, gpu->name);
}

static enum sp_status lacks(struct model_reader *r, const struct model_yaml_node *map,
                            const char *device, const char *what,
                            const char *const *kernels)
{
    char on[QUOTED_BYTES];

    return model_read_fail(r, model_yaml_get(map, "profile"),
                           "profile: it has neither %s nor %s on %s, expected one of "
                           "them, or '%s' here",
                           kernels[0], kernels[1], sp_text_quote(device, on, sizeof on),
                           what);
}

enum sp_status model_roofline_measured(struct model_reader *r,
                                       const struct model_yaml_node *map,
                                       const struct model_gpu *gpu,
                                       struct model_roofline_options *o)
{
    const struct model_yaml_node *node = model_yaml_get(map, "profile");
    const bool compute = model_yaml_get(map, "compute") == NULL;
    const bool memory = model_yaml_get(map, "memory") == NULL;
    const struct model_profile_use *use = NULL;
    struct reached product, stream;
    const char *device = NULL;

    if (node == NULL)
        return model_yaml_get(map, "device") == NULL
                   ? SP_OK
                   : model_read_fail(r, model_yaml_get(map, "device")->key,
                                     "'device' goes with 'profile'");
    if (model_profile_named(r, node->key, node, &use) != SP_OK ||
        find_device(r, map, use, gpu, &device) != SP_OK)
        return SP_EINPUT;
    product = best_product(use->profile, device);
    stream = best_stream(use->profile, device);
    if (compute && product.kernel == NULL)
        return lacks(r, map, device, "compute", products);
    if (memory && stream.kernel == NULL)
        return lacks(r, map, device, "memory", streams);
    if (compute)
        o->compute_frac = fmin(product.per_s / gpu->bf16_flop_per_s, 1);
    if (memory)
        o->memory_frac = fmin(stream.per_s / gpu->bytes_per_s, 1);
    if (compute || memory)
        o->measured = sp_arena_printf(
            r->arena, "%s%s%s of profile %s", compute ? product.kernel : "",
            compute && memory ? " and " : "", memory ? stream.kernel : "", use->name);
    return SP_OK;
}
