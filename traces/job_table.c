/* Jobs in an array that doubles, names in an arena. */
#include "traces/job_table.h"

#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void trace_job_table_add(struct trace_job_table *t, const struct model_job *job)
{
    if (t->arena == NULL)
        t->arena = sp_arena_new();
    if (t->n == t->room) {
        t->room = t->room > 0 ? 2 * t->room : ROOM_FIRST;
        t->jobs = sp_xrealloc(t->jobs, (size_t)t->room * sizeof *t->jobs);
    }
    t->jobs[t->n] = *job;
    t->jobs[t->n].number = t->n;
    t->jobs[t->n].name = sp_arena_strdup(t->arena, job->name);
    t->n++;
}

static int by_arrival(const void *a, const void *b)
{
    const struct model_job *x = a, *y = b;

    if (x->arrival_ns != y->arrival_ns)
        return x->arrival_ns < y->arrival_ns ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

void trace_job_table_sort(struct trace_job_table *t)
{
    if (t->n > 1)
        qsort(t->jobs, (size_t)t->n, sizeof *t->jobs, by_arrival);
    for (int64_t i = 0; i < t->n; i++)
        t->jobs[i].number = i;
}

void trace_job_table_fini(struct trace_job_table *t)
{
    sp_arena_free(t->arena);
    free(t->jobs);
    *t = (struct trace_job_table){0};
}
