/* Lines as they are said. */
#include "sim/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

struct sim_explain {
    struct sp_arena *arena;
    const char **lines;
    int32_t n, room;
    const char *last; /* without its time */
};

struct sim_explain *sim_explain_new(struct sp_arena *arena)
{
    struct sim_explain *e = sp_arena_alloc(arena, sizeof *e);

    e->arena = arena;
    return e;
}

/* "1 d 02:03:04.5" */
static const char *clock_text(struct sp_arena *arena, int64_t now_ns)
{
    int64_t s = now_ns / SP_NS_PER_S, ms = now_ns % SP_NS_PER_S / 1000000;
    const char *days =
        s >= 86400 ? sp_arena_printf(arena, "%lld d ", (long long)(s / 86400)) : "";
    const char *part = ms > 0 ? sp_arena_printf(arena, ".%03d", (int)ms) : "";

    return sp_arena_printf(arena, "%s%02d:%02d:%02d%s", days, (int)(s / 3600 % 24),
                           (int)(s / 60 % 60), (int)(s % 60), part);
}

void sim_explain_say(struct sim_explain *e, int64_t now_ns, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    if (e == NULL)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (e->last != NULL && strcmp(e->last, text) == 0)
        return;
    e->last = sp_arena_strdup(e->arena, text);
    e->lines = sp_arena_more(e->arena, e->lines, e->n, &e->room, sizeof *e->lines);
    e->lines[e->n++] =
        sp_arena_printf(e->arena, "%s %s", clock_text(e->arena, now_ns), text);
}

static const char *and_so_much(struct sp_arena *arena, const char *text, double n,
                               const char *unit, const char *plural)
{
    return sp_arena_printf(arena, "%s%s%.6g %s%s", text, text[0] != '\0' ? " + " : "",
                           n, unit, n == 1 ? "" : plural);
}

const char *sim_explain_amounts(struct sp_arena *arena, const struct model_amounts *a)
{
    const char *text = "";

    if (a->mgpu > 0)
        text = and_so_much(arena, text, (double)a->mgpu / 1000, "GPU", "s");
    if (a->mcpu > 0)
        text = and_so_much(arena, text, (double)a->mcpu / 1000, "CPU", "s");
    if (a->memory_bytes > 0)
        text =
            and_so_much(arena, text, (double)a->memory_bytes / 1073741824.0, "GiB", "");
    return text[0] != '\0' ? text : "nothing";
}

struct model_explained sim_explain_lines(const struct sim_explain *e,
                                         struct sp_arena *arena)
{
    struct model_explained x = {.n = e->n};

    x.lines = sp_arena_array(arena, (size_t)e->n, sizeof *x.lines);
    for (int32_t i = 0; i < e->n; i++)
        x.lines[i] = sp_arena_strdup(arena, e->lines[i]);
    return x;
}
