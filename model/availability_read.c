/* Recorded availability from a file of any form. */
#include <string.h>

#include "model/availability_parts.h"
#include "model/csv.h"

enum { FILE_MIB_MAX = 64 };

static const struct model_availability_form *const forms[] = {
    &model_availability_ticks, &model_availability_events, &model_availability_samples};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

void model_steps_add(struct model_steps *s, int64_t at, int32_t nodes)
{
    if (s->n > 0 && s->at[s->n - 1] == at)
        s->n--;
    if (s->n > 0 && s->nodes[s->n - 1] == nodes)
        return;
    s->at = sp_arena_more(s->arena, s->at, s->n, &s->at_room, sizeof *s->at);
    s->nodes =
        sp_arena_more(s->arena, s->nodes, s->n, &s->nodes_room, sizeof *s->nodes);
    s->at[s->n] = at;
    s->nodes[s->n++] = nodes;
}

static const struct model_availability_form *form_of(const char *text, size_t size)
{
    for (int i = 0; i < N_FORMS; i++)
        if (forms[i]->recognise(text, size))
            return forms[i];
    return NULL;
}

bool model_availability_recognise(const char *text, size_t size)
{
    return form_of(text, size) != NULL;
}

/* What lasts no time at the end goes; the rest is copied out of the scratch arena. */
static struct model_availability *make(const char *path, const char *form,
                                       struct model_steps *s, int64_t length_ns,
                                       struct sp_arena *arena)
{
    struct model_availability *a = sp_arena_alloc(arena, sizeof *a);
    int64_t *at_ns;
    int32_t *nodes;

    while (s->n > 1 && s->at[s->n - 1] >= length_ns)
        s->n--;
    at_ns = sp_arena_array(arena, (size_t)s->n, sizeof *at_ns);
    nodes = sp_arena_array(arena, (size_t)s->n, sizeof *nodes);
    memcpy(at_ns, s->at, (size_t)s->n * sizeof *at_ns);
    memcpy(nodes, s->nodes, (size_t)s->n * sizeof *nodes);
    *a = (struct model_availability){.path = sp_arena_strdup(arena, path),
                                     .form = form,
                                     .n = s->n,
                                     .at_ns = at_ns,
                                     .nodes = nodes,
                                     .length_ns = length_ns};
    for (int32_t i = 0; i < s->n; i++)
        a->most = nodes[i] > a->most ? nodes[i] : a->most;
    return a;
}

static enum sp_status read_text(const char *path, struct model_steps *steps,
                                const char **form_name, int64_t *length_ns,
                                struct sp_err *err)
{
    const struct model_availability_form *form;
    char *text;
    enum sp_status status =
        model_text_load(path, FILE_MIB_MAX, steps->arena, &text, err);

    if (status != SP_OK)
        return status;
    form = form_of(text, strlen(text));
    if (form == NULL)
        return sp_fail(
            err, SP_EINPUT,
            "%s:1: not a recording of availability, expected JSON "
            "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [0, 1]}, lines "
            "'0,add,node1' or lines '2021-12-11, 11:11:30, 55'",
            path);
    *form_name = form->name;
    return form->read(path, text, steps, length_ns, err);
}

enum sp_status model_availability_read(const char *path, struct sp_arena *arena,
                                       struct model_availability **a,
                                       struct sp_err *err)
{
    struct model_steps steps = {.arena = sp_arena_new()};
    const char *form = NULL;
    int64_t length_ns = 0;
    enum sp_status status = read_text(path, &steps, &form, &length_ns, err);

    if (status == SP_OK)
        *a = make(path, form, &steps, length_ns, arena);
    sp_arena_free(steps.arena);
    return status;
}
