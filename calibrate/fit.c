/* A profile of what was measured. */
#include "calibrate/fit.h"

#include <stdio.h>
#include <string.h>

#include "calibrate/fit_parts.h"

enum { FEW_CORE_COUNTS = 6 }; /* R's package usl warns below it, too */

static struct model_fact *copy_facts(const struct model_fact *facts, int32_t n,
                                     struct sp_arena *arena)
{
    struct model_fact *copies = sp_arena_array(arena, (size_t)n, sizeof *copies);

    for (int32_t i = 0; i < n; i++)
        copies[i] = (struct model_fact){sp_arena_strdup(arena, facts[i].name),
                                        sp_arena_strdup(arena, facts[i].value)};
    return copies;
}

static const char *copy(const char *text, struct sp_arena *arena)
{
    return text != NULL ? sp_arena_strdup(arena, text) : NULL;
}

static void copy_devices(const struct cal_campaigns *c, struct sp_arena *arena,
                         struct model_profile *profile)
{
    profile->n_devices = c->n_devices;
    profile->devices =
        sp_arena_array(arena, (size_t)c->n_devices, sizeof *profile->devices);
    for (int32_t i = 0; i < c->n_devices; i++) {
        const struct model_profile_device *from = &c->devices[i];
        struct model_profile_device *to = &profile->devices[i];

        *to = *from;
        to->name = copy(from->name, arena);
        to->model = copy(from->model, arena);
        to->catalog = copy(from->catalog, arena);
        to->facts = copy_facts(from->facts, from->n_facts, arena);
    }
}

/* One sentence for all kernels, and how many core counts they have at most. */
static void note_few_cores(const struct model_profile *profile, struct cal_notes *notes)
{
    char names[512] = "";
    size_t used = 0;
    int32_t most = 0;

    for (int32_t i = 0; i < profile->n_kernels; i++) {
        const struct model_kernel *k = &profile->kernels[i];
        int written;

        if (k->scaling.kind != MODEL_SCALING_USL || k->scaling.n >= FEW_CORE_COUNTS)
            continue;
        most = k->scaling.n > most ? k->scaling.n : most;
        if (used >= sizeof names - 1)
            continue;
        written = snprintf(names + used, sizeof names - used, "%s%s",
                           used > 0 ? ", " : "", k->name);
        used += written > 0 ? (size_t)written : 0;
    }
    if (used >= sizeof names)
        memcpy(names + sizeof names - 4, "...", 4);
    if (most > 0)
        cal_note(notes,
                 "scaling over cores rests on at most %d core counts, expected %d or "
                 "more for a law that holds far beyond them: %s",
                 (int)most, FEW_CORE_COUNTS, names);
}

static const char *device_name(const struct cal_campaigns *c, int32_t device)
{
    sp_assert(device >= 0 && device < c->n_devices);
    return c->devices[device].name;
}

/* ": first; second": the reason may be any of them. */
static const char *all_notes(const struct cal_notes *notes)
{
    const char *all = "";

    for (int32_t i = 0; i < notes->n; i++)
        all = sp_arena_printf(notes->arena, "%s%s %s", all, i > 0 ? ";" : ":",
                              notes->rows[i]);
    return all;
}

enum sp_status cal_fit_profile(const struct cal_campaigns *c, struct sp_arena *arena,
                               struct model_profile **profile, struct sp_err *err)
{
    struct model_profile *made = sp_arena_alloc(arena, sizeof *made);
    struct cal_notes notes = {.arena = arena};

    *made = (struct model_profile){.path = "",
                                   .created = copy(c->created, arena),
                                   .tool = copy(c->tool, arena),
                                   .mode = copy(c->mode, arena),
                                   .campaigns = c->campaigns,
                                   .seed = c->seed,
                                   .n_facts = c->n_facts,
                                   .facts = copy_facts(c->facts, c->n_facts, arena)};
    copy_devices(c, arena, made);
    for (int32_t i = 0; i < c->n_notes; i++)
        cal_note(&notes, "%s", c->notes[i]);
    made->kernels = sp_arena_array(arena, (size_t)c->n_measured, sizeof *made->kernels);
    for (int32_t i = 0; i < c->n_measured; i++) {
        const struct cal_measured *m = &c->measured[i];
        const char *device = device_name(c, m->device);

        made->n_kernels += cal_fit_kernel(m, device, c->campaigns, &notes,
                                          &made->kernels[made->n_kernels]);
    }
    if (made->n_kernels == 0)
        return sp_fail(err, SP_EINPUT,
                       "nothing was measured%s, expected one kernel or more",
                       all_notes(&notes));
    note_few_cores(made, &notes);
    made->n_notes = notes.n;
    made->notes = notes.rows;
    *profile = made;
    return SP_OK;
}
