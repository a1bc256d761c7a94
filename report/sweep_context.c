/* The middle of a sweep, and what lies one or two axes from it. */
#include "report/sweep_context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    const struct report_sweep *s;
    struct sp_arena *arena;
    struct report_sweep_figure usd, time_s;
    int64_t here;
    struct report_context *c;
    struct report_other *others;
};

/* ---- the middle ---- */

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

/* The middle one of an axis' values; NaN where they are no numbers. */
static double middle_of(const struct report_sweep *s, int32_t axis)
{
    double *values = sp_xcalloc((size_t)s->n_points + 1, sizeof *values), middle = NAN;
    int64_t n = 0, distinct = 0;

    for (int64_t i = 0; i < s->n_points; i++) {
        double v = s->numbers[i * s->sweep.n_axes + axis];

        if (!isnan(v))
            values[n++] = v;
    }
    qsort(values, (size_t)n, sizeof *values, by_value);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || values[i] != values[distinct - 1])
            values[distinct++] = values[i];
    if (n > 0)
        middle = values[(distinct - 1) / 2];
    free(values);
    return middle;
}

static int32_t count_run(const struct builder *b, int64_t point)
{
    const int32_t n = b->s->sweep.n_policies;
    int32_t ran = 0;

    for (int32_t p = 0; p < n; p++)
        ran += !isnan(b->time_s.stats[point * n + p].mean);
    return ran;
}

/* Of the points at which the most policies could be run, the one that has the most axes
 * at their middle; SP_NO_ID: none could be run at any. */
static int64_t middle_point(const struct builder *b)
{
    const struct report_sweep *s = b->s;
    double middle[MODEL_AXES_MAX];
    int64_t best = SP_NO_ID;
    int32_t most = -1, most_run = 1;

    for (int32_t a = 0; a < s->sweep.n_axes; a++)
        middle[a] = middle_of(s, a);
    for (int64_t i = 0; i < s->n_points; i++) {
        const int32_t ran = count_run(b, i);
        int32_t at = 0;

        for (int32_t a = 0; a < s->sweep.n_axes; a++)
            at += s->numbers[i * s->sweep.n_axes + a] == middle[a];
        if (ran > most_run || (ran == most_run && at > most)) {
            most_run = ran;
            most = at;
            best = i;
        }
    }
    return best;
}

/* ---- the run that is reported ---- */

static struct model_result *result_of(struct builder *b)
{
    const struct model_sweep *m = &b->s->sweep;
    struct model_result *r = sp_arena_alloc(b->arena, sizeof *r);

    *r = (struct model_result){.name = m->scenario,
                               .path = m->path,
                               .version = m->version,
                               .seed = m->seed,
                               .n_files = m->n_files,
                               .files = m->files,
                               .baseline = m->baseline,
                               .n_runs = m->replications,
                               .partial = b->s->n_points < m->n_points,
                               .n_policies = m->n_policies};
    r->policies = sp_arena_array(b->arena, (size_t)m->n_policies, sizeof *r->policies);
    for (int32_t p = 0; p < m->n_policies; p++) {
        const int64_t at = b->here * m->n_policies + p;

        r->policies[p].name = m->policies[p];
        r->policies[p].cost.known = !isnan(b->usd.stats[at].mean);
        r->policies[p].cost.usd = b->usd.stats[at];
        r->policies[p].time_s = b->time_s.stats[at];
    }
    return r;
}

/* ---- the others ---- */

static bool same(const struct report_sweep *s, int64_t a, int64_t b, int32_t axis)
{
    const char *x = s->texts[a * s->sweep.n_axes + axis];
    const char *y = s->texts[b * s->sweep.n_axes + axis];

    return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

enum { OTHERS_NAMED = 3 };

/* "varied", and where the other axes stand meanwhile. */
static const char *group_of(const struct builder *b, int32_t axis)
{
    const int32_t n = b->s->sweep.n_axes;
    const char *text = "varied";

    if (n - 1 > OTHERS_NAMED)
        return "varied, the others in the middle";
    for (int32_t a = 0; a < n; a++) {
        const char *value = b->s->texts[b->here * n + a];

        if (a != axis)
            text =
                sp_arena_printf(b->arena, "%s, %s=%s", text, b->s->sweep.axes[a].path,
                                value != NULL ? value : "as it is");
    }
    return text;
}

static struct report_change change(const struct builder *b, int64_t point, int32_t axis)
{
    const struct model_axis *a = &b->s->sweep.axes[axis];
    const int32_t n = b->s->sweep.n_axes;
    const double here = b->s->numbers[b->here * n + axis];
    const double there = b->s->numbers[point * n + axis];
    const bool numbers = !isnan(here) && !isnan(there);

    return (struct report_change){
        .group = group_of(b, axis),
        .name = a->path,
        .unit = a->relative ? "times what stands there" : a->unit,
        .here = here,
        .there = there,
        .here_text = numbers ? NULL : b->s->texts[b->here * n + axis],
        .there_text = numbers ? NULL : b->s->texts[point * n + axis]};
}

static void add_other(struct builder *b, int64_t point)
{
    const int32_t n_axes = b->s->sweep.n_axes, n = b->s->sweep.n_policies;
    struct report_other o = {.run = point, .seed = b->s->sweep.seed};
    struct report_change *changes;

    for (int32_t a = 0; a < n_axes; a++)
        o.n_changes += !same(b->s, b->here, point, a);
    if (o.n_changes == 0 || o.n_changes > 2)
        return;
    changes = sp_arena_array(b->arena, (size_t)o.n_changes, sizeof *changes);
    for (int32_t a = 0, k = 0; a < n_axes; a++)
        if (!same(b->s, b->here, point, a))
            changes[k++] = change(b, point, a);
    o.changes = changes;
    o.usd = &b->usd.stats[point * n];
    o.time_s = &b->time_s.stats[point * n];
    b->others[b->c->n_others++] = o;
}

struct report_context *report_sweep_context(const struct report_sweep *s,
                                            struct sp_arena *arena)
{
    struct builder b = {.s = s, .arena = arena};

    if (s->n_points == 0 ||
        !report_sweep_figure_of(s, model_figure_named("usd", SP_NO_ID), arena,
                                &b.usd) ||
        !report_sweep_figure_of(s, model_figure_named("time_s", SP_NO_ID), arena,
                                &b.time_s))
        return NULL;
    b.here = middle_point(&b);
    if (b.here == SP_NO_ID)
        return NULL;
    b.c = sp_arena_alloc(arena, sizeof *b.c);
    b.c->created_s = s->created_s;
    b.c->result = result_of(&b);
    b.others = sp_arena_array(arena, REPORT_SWEEP_OTHERS_MAX, sizeof *b.others);
    for (int64_t i = 0; i < s->n_points && b.c->n_others < REPORT_SWEEP_OTHERS_MAX; i++)
        add_other(&b, i);
    b.c->others = b.others;
    return b.c;
}
