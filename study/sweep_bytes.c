/* A head, then the arrays one behind the other, then the texts, each with its NUL. */
#include "study/sweep_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Sizes of the records tell builds apart that would not understand each other. */
struct head {
    uint32_t magic;
    uint32_t run_bytes, workload_bytes;
    int32_t status, given_up;
    int32_t n_axes, n_runs, n_workloads;
    int64_t point;
    int64_t text_bytes; /* of all texts */
};

#define MAGIC UINT32_C(0x53505031) /* "SPP1" */
enum { NO_TEXT = 1, TEXT = 2 };    /* the byte before a text */

static size_t array_bytes(const struct head *h)
{
    const size_t runs = (size_t)h->n_runs;

    return (size_t)h->n_axes * sizeof(double) + runs * sizeof(struct model_sweep_run) +
           runs * (size_t)h->n_workloads * sizeof(struct model_sweep_workload);
}

/* ---- writing ---- */

static size_t text_room(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 2;
}

static char *put_text(char *to, const char *text)
{
    const size_t n = text_room(text);

    *to = text == NULL ? NO_TEXT : TEXT;
    if (text != NULL)
        memcpy(to + 1, text, n - 1);
    return to + n;
}

static char *put(char *to, const void *from, size_t n)
{
    if (n > 0)
        memcpy(to, from, n);
    return to + n;
}

struct study_bytes study_point_write(const struct study_point *p)
{
    struct head h = {.magic = MAGIC,
                     .run_bytes = sizeof *p->runs,
                     .workload_bytes = sizeof *p->workloads,
                     .status = (int32_t)p->status,
                     .given_up = p->given_up,
                     .n_axes = p->n_axes,
                     .n_runs = p->n_runs,
                     .n_workloads = p->n_workloads,
                     .point = p->point,
                     .text_bytes = (int64_t)text_room(p->text)};
    const size_t runs = (size_t)p->n_runs;
    struct study_bytes bytes;
    char *to;

    for (int32_t a = 0; a < p->n_axes; a++)
        h.text_bytes += (int64_t)text_room(p->texts[a]);
    bytes.n = sizeof h + array_bytes(&h) + (size_t)h.text_bytes;
    bytes.data = sp_xcalloc(bytes.n, 1);
    to = put(bytes.data, &h, sizeof h);
    to = put(to, p->numbers, (size_t)p->n_axes * sizeof *p->numbers);
    to = put(to, p->runs, runs * sizeof *p->runs);
    to = put(to, p->workloads, runs * (size_t)p->n_workloads * sizeof *p->workloads);
    to = put_text(to, p->text);
    for (int32_t a = 0; a < p->n_axes; a++)
        to = put_text(to, p->texts[a]);
    return bytes;
}

/* ---- reading ---- */

static const void *get(const char **from, size_t n, struct sp_arena *arena)
{
    void *copy = sp_arena_alloc(arena, n);

    if (n > 0)
        memcpy(copy, *from, n);
    *from += n;
    return copy;
}

/* False: no text ends before `end`. */
static bool get_text(const char **from, const char *end, struct sp_arena *arena,
                     const char **text)
{
    size_t n;

    *text = NULL;
    if (*from >= end || (**from != TEXT && **from != NO_TEXT))
        return false;
    if (*(*from)++ == NO_TEXT)
        return true;
    n = strnlen(*from, (size_t)(end - *from));
    if (*from + n == end)
        return false;
    *text = sp_arena_strdup(arena, *from);
    *from += n + 1;
    return true;
}

static bool good_head(const struct head *h, size_t n)
{
    return h->magic == MAGIC && h->run_bytes == sizeof(struct model_sweep_run) &&
           h->workload_bytes == sizeof(struct model_sweep_workload) && h->n_axes >= 0 &&
           h->n_axes <= MODEL_AXES_MAX && h->n_runs >= 0 && h->n_workloads >= 0 &&
           h->text_bytes >= 0 && (size_t)h->n_runs <= n &&
           (size_t)h->n_workloads <= n && (size_t)h->text_bytes <= n &&
           n == sizeof *h + array_bytes(h) + (size_t)h->text_bytes;
}

bool study_point_read(const struct study_bytes *bytes, struct sp_arena *arena,
                      struct study_point *point)
{
    const char *from = bytes->data, *end = from + bytes->n;
    struct study_point p;
    struct head h;
    size_t runs;

    if (bytes->n < sizeof h)
        return false;
    memcpy(&h, from, sizeof h);
    if (!good_head(&h, bytes->n))
        return false;
    from += sizeof h;
    runs = (size_t)h.n_runs;
    p = (struct study_point){.point = h.point,
                             .status = (enum sp_status)h.status,
                             .given_up = h.given_up != 0,
                             .n_axes = h.n_axes,
                             .n_runs = h.n_runs,
                             .n_workloads = h.n_workloads};
    p.numbers = get(&from, (size_t)h.n_axes * sizeof *p.numbers, arena);
    p.runs = get(&from, runs * sizeof *p.runs, arena);
    p.workloads = get(&from, runs * (size_t)h.n_workloads * sizeof *p.workloads, arena);
    p.texts = sp_arena_array(arena, (size_t)h.n_axes + 1, sizeof *p.texts);
    if (!get_text(&from, end, arena, &p.text))
        return false;
    for (int32_t a = 0; a < h.n_axes; a++)
        if (!get_text(&from, end, arena, &p.texts[a]))
            return false;
    if (from != end)
        return false;
    *point = p;
    return true;
}
