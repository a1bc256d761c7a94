/* Calibrated kernels in the list of inputs: which, of what profile, asked for what. */
#include <math.h>

#include "model/inputs_parts.h"
#include "model/profile.h"

/* "2", "0.5 x frames + 1", "bytes" */
static const char *amount_text(struct model_input_list *l,
                               const struct model_plan *plan,
                               const struct model_item_amount *a)
{
    const char *text = "";

    for (int32_t i = -1; i < plan->n_sizes; i++) {
        const double per = i < 0 ? a->per_byte : a->per_size[i];
        const char *name = i < 0 ? "bytes" : plan->size_names[i];

        if (!(per > 0))
            continue;
        text = sp_arena_printf(l->arena, "%s%s", text, text[0] != '\0' ? " + " : "");
        text = per == 1 ? sp_arena_printf(l->arena, "%s%s", text, name)
                        : sp_arena_printf(l->arena, "%s%g x %s", text, per, name);
    }
    if (text[0] == '\0')
        return sp_arena_printf(l->arena, "%g", a->fixed);
    return a->fixed > 0 ? sp_arena_printf(l->arena, "%s + %g", text, a->fixed) : text;
}

static void add_amounts(struct model_input_list *l, const struct model_plan *plan,
                        const struct model_kernel_use *use)
{
    const struct model_features *f = &use->kernel->features;

    if (!use->by_features && use->kernel->axis[0] != '\0')
        model_list_text(l, sp_arena_printf(l->arena, "kernel: %s", use->kernel->axis),
                        amount_text(l, plan, &use->x));
    for (int32_t i = 0; use->by_features && i < f->n; i++)
        model_list_text(l, sp_arena_printf(l->arena, "kernel: %s", f->names[i]),
                        amount_text(l, plan, &use->features[i]));
}

static void add_facts(struct model_input_list *l, const struct model_kernel_use *use)
{
    const struct model_kernel *k = use->kernel;
    const struct model_profile_device *device = &use->profile->devices[k->device_id];

    model_list_text(l, "kernel: measured on",
                    sp_arena_printf(l->arena, "%s (%s)", k->device, device->model));
    if (k->library != NULL)
        model_list_text(l, "kernel: library", k->library);
    if (k->code_path != NULL)
        model_list_text(l, "kernel: code path", k->code_path);
    model_list_number(l, "kernel: sd of its times, as measured", k->sd_frac, "share");
    if (k->item_cv > 0 && !use->by_features)
        model_list_number(l, "kernel: cv of items", k->item_cv, "");
    if (k->features.cv > 0 && use->by_features)
        model_list_number(l, "kernel: cv of items", k->features.cv, "");
}

void model_list_add_kernel(struct model_input_list *l, const struct model_plan *plan,
                           const struct model_kernel_use *use)
{
    const char *usual = l->source;

    l->source = use->kernel->source != NULL
                    ? use->kernel->source
                    : sp_arena_printf(l->arena, "profile %s of %s", use->profile_name,
                                      use->profile->created);
    model_list_text(l, "kernel", use->kernel->name);
    add_amounts(l, plan, use);
    if (use->times != 1)
        model_list_number(l, "kernel: times", use->times, "");
    if (use->kernel->scaling.kind != MODEL_SCALING_NONE)
        model_list_text(l, "kernel: contention", use->contention ? "yes" : "no");
    add_facts(l, use);
    l->source = usual;
}
