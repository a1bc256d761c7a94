/* What a kernel is on each node type that a policy may run it on: as measured, or
 * carried over to another GPU by the datasheets. */
#include <string.h>

#include "base/text.h"
#include "model/llm.h"
#include "model/profile.h"
#include "model/scenario_parts.h"

enum { QUOTED_BYTES = 80 };

/* A place where a kernel is used: a stage, or a fused unit as a whole. */
struct site {
    const struct model_kernel_note *note;
    const struct model_policy *policy;
    const struct model_unit *unit;
    struct model_amounts needs;
    const char *what; /* "the stage", "the unit" */
    struct model_time *time;
};

static const struct model_kernel_note *find_note(const struct model_reader *r,
                                                 const struct model_kernel_use *use)
{
    const struct model_kernel_note *note = r->kernels;

    while (note->use != use)
        note = note->next;
    return note;
}

static enum sp_status refuse_site(struct model_reader *r, const struct site *site,
                                  const char *why)
{
    const struct model_kernel *k = site->note->use->kernel;
    char name[QUOTED_BYTES], on[QUOTED_BYTES];

    return model_read_fail(r, model_yaml_get(site->note->map, "kernel"),
                           "kernel: %s was measured on %s, %s",
                           sp_text_quote(k->name, name, sizeof name),
                           sp_text_quote(k->device, on, sizeof on), why);
}

/* The GPU's datasheet row by its name, which has been checked or is a profile's. */
static enum sp_status find_gpu(struct model_reader *r, const struct site *site,
                               const char *name, struct model_gpu **gpu)
{
    struct sp_err found = {0};

    *gpu = sp_arena_alloc(r->arena, sizeof **gpu);
    if (model_gpu_find(name, r->arena, *gpu, &found) != SP_OK)
        return refuse_site(
            r, site,
            sp_arena_printf(r->arena, "whose datasheet is not known: %s", found.text));
    return SP_OK;
}

static enum sp_status refuse_gpu(struct model_reader *r, const struct site *site,
                                 const struct model_node_type *type)
{
    const struct model_kernel *k = site->note->use->kernel;
    const struct model_profile_device *device =
        &site->note->use->profile->devices[k->device_id];
    char name[QUOTED_BYTES], gpu[QUOTED_BYTES];

    sp_text_quote(type->name, name, sizeof name);
    if (type->gpu_model == NULL)
        return refuse_site(
            r, site,
            sp_arena_printf(r->arena,
                            "a %s, and which GPU the nodes %s have is not known; "
                            "expected 'gpu_model' or 'type' there",
                            sp_text_quote(device->catalog, gpu, sizeof gpu), name));
    return refuse_site(
        r, site,
        sp_arena_printf(r->arena,
                        "a GPU (%s) without datasheet, so its times say nothing of the "
                        "%s of the nodes %s",
                        sp_text_quote(device->model, gpu, sizeof gpu), type->gpu_model,
                        name));
}

/* The kernel as it runs on the GPUs of a node type.  Where neither the profile nor the
 * fleet knows its GPUs they are taken to be the same. */
static enum sp_status on_gpu(struct model_reader *r, const struct site *site,
                             const struct model_node_type *type,
                             const struct model_kernel **kernel)
{
    const struct model_kernel *k = site->note->use->kernel;
    const char *catalog = site->note->use->profile->devices[k->device_id].catalog;
    struct model_gpu *from, *to;
    struct sp_err found = {0};

    *kernel = k;
    if (catalog == NULL && type->gpu_model == NULL)
        return SP_OK;
    if (catalog == NULL || type->gpu_model == NULL)
        return refuse_gpu(r, site, type);
    if (find_gpu(r, site, catalog, &from) != SP_OK ||
        find_gpu(r, site, type->gpu_model, &to) != SP_OK)
        return SP_EINPUT;
    if (strcmp(from->name, to->name) == 0)
        return SP_OK;
    if (model_kernel_transfer(k, from, to, r->arena, kernel, &found) != SP_OK)
        return refuse_site(r, site,
                           sp_arena_printf(r->arena, "and the nodes have %s: %s",
                                           to->name, found.text));
    return SP_OK;
}

static enum sp_status check_device(struct model_reader *r, const struct site *site,
                                   bool on_gpu)
{
    if (on_gpu && site->needs.mgpu == 0)
        return refuse_site(
            r, site,
            sp_arena_printf(r->arena, "a GPU, and %s has none; expected 'gpu' there",
                            site->what));
    if (!on_gpu && site->needs.mcpu == 0)
        return refuse_site(
            r, site,
            sp_arena_printf(r->arena, "a CPU, and %s has none; expected 'cpu' there",
                            site->what));
    return SP_OK;
}

static enum sp_status resolve(struct model_reader *r, const struct site *site)
{
    struct model_kernel_use *use = site->note->use;
    const struct model_kernel *k = use->kernel;
    const bool is_gpu = use->profile->devices[k->device_id].is_gpu;
    const struct model_policy *p = site->policy;
    const struct model_kernel **by_type =
        sp_arena_array(r->arena, (size_t)p->n_types, sizeof *by_type);

    if (check_device(r, site, is_gpu) != SP_OK)
        return SP_EINPUT;
    for (int32_t t = 0; t < p->n_types; t++) {
        const struct model_node_type *type = &p->types[t];

        if ((site->unit->allowed_types >> t & 1) == 0 ||
            (is_gpu && type->has.mgpu == 0))
            continue;
        by_type[t] = k;
        if (is_gpu && on_gpu(r, site, type, &by_type[t]) != SP_OK)
            return SP_EINPUT;
        if (by_type[t]->basis == MODEL_BASIS_DATASHEET)
            site->time->basis = MODEL_BASIS_DATASHEET;
    }
    use->n_types = p->n_types;
    use->by_type = by_type;
    return SP_OK;
}

static enum sp_status resolve_unit(struct model_reader *r,
                                   const struct model_policy *policy,
                                   struct model_plan *plan, struct model_unit *unit)
{
    struct site site = {.policy = policy, .unit = unit};

    for (int32_t i = 0; i < unit->n_slots; i++) {
        struct model_stage *s = &plan->stages[unit->slots[i].stage];

        if (s->time.kernel == NULL)
            continue;
        site.note = find_note(r, s->time.kernel);
        site.needs = s->slot_needs;
        site.what = "the stage";
        site.time = &s->time;
        if (resolve(r, &site) != SP_OK)
            return SP_EINPUT;
    }
    if (!unit->has_fused_time || unit->fused_time.kernel == NULL)
        return SP_OK;
    site.note = find_note(r, unit->fused_time.kernel);
    site.needs = model_unit_needs(plan, unit);
    site.what = "the unit";
    site.time = &unit->fused_time;
    return resolve(r, &site);
}

enum sp_status model_kernels_resolve(struct model_reader *r,
                                     const struct model_policy *policy,
                                     struct model_plan *plan)
{
    for (int32_t u = 0; plan->kind == MODEL_KIND_PIPELINE && u < plan->n_units; u++)
        if (resolve_unit(r, policy, plan, &plan->units[u]) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}
