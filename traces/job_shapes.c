/* Shapes by their bytes in a table of names; sorted once. */
#include "traces/job_shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"

/* What makes two jobs alike; no padding. */
struct key {
    int64_t members, mcpu, mgpu;
    uint64_t models;
};

struct counted {
    struct model_job_shape shape;
    int32_t first; /* number by first appearance */
};

struct trace_job_shapes {
    struct sp_arena *arena;
    struct sp_names *keys;
    int32_t n, room;
    struct counted *rows;
};

struct trace_job_shapes *trace_job_shapes_new(void)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_shapes *s = sp_arena_alloc(arena, sizeof *s);

    *s = (struct trace_job_shapes){.arena = arena, .keys = sp_names_new(arena)};
    return s;
}

void trace_job_shapes_free(struct trace_job_shapes *s)
{
    if (s != NULL)
        sp_arena_free(s->arena);
}

void trace_job_shapes_add(struct trace_job_shapes *s, const struct model_job *job)
{
    struct key key = {job->members, job->needs.mcpu, job->needs.mgpu, job->models};
    int32_t id = sp_names_add(s->keys, (const char *)&key, sizeof key, INT32_MAX);
    struct model_job_shape *shape;

    if (id == s->n) {
        s->rows = sp_arena_more(s->arena, s->rows, s->n, &s->room, sizeof *s->rows);
        s->rows[s->n++] = (struct counted){.shape = {.members = job->members,
                                                     .needs = job->needs,
                                                     .models = job->models},
                                           .first = id};
    }
    shape = &s->rows[id].shape;
    shape->jobs++;
    if (job->needs.memory_bytes > shape->needs.memory_bytes)
        shape->needs.memory_bytes = job->needs.memory_bytes;
}

static int most_jobs_first(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;

    if (x->shape.jobs != y->shape.jobs)
        return x->shape.jobs > y->shape.jobs ? -1 : 1;
    return x->first < y->first ? -1 : 1;
}

int32_t trace_job_shapes_list(const struct trace_job_shapes *s, struct sp_arena *arena,
                              struct model_job_shape **shapes)
{
    int32_t n = s->n < TRACE_JOB_SHAPES_MAX ? s->n : TRACE_JOB_SHAPES_MAX;

    if (s->n > 1)
        qsort(s->rows, (size_t)s->n, sizeof *s->rows, most_jobs_first);
    *shapes = sp_arena_array(arena, (size_t)n, sizeof **shapes);
    for (int32_t i = 0; i < n; i++)
        (*shapes)[i] = s->rows[i].shape;
    return n;
}
