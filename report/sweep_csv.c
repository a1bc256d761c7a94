/* Points, axes and what was asked for, as CSV. */
#include <inttypes.h>
#include <math.h>

#include "report/csv_out_parts.h"
#include "report/file.h"
#include "report/sweep_out.h"

struct out {
    const char *folder;
    const struct report_sweep *s;
    struct sp_arena *arena;
    struct report_sweep_figure *figures;
    int32_t n;
};

typedef void (*table)(struct report_csv *csv, const struct out *o);

/* ---- points ---- */

/* Of a workload the name stands before the figure's, as --figure takes it. */
static const char *column(const struct out *o, const struct report_sweep_figure *f,
                          const char *end)
{
    if (f->of.workload == SP_NO_ID)
        return sp_arena_printf(o->arena, "%s%s", f->of.figure->name, end);
    return sp_arena_printf(o->arena, "%s.%s%s", o->s->sweep.workloads[f->of.workload],
                           f->of.figure->name, end);
}

static void points_head(struct report_csv *csv, const struct out *o)
{
    report_csv_text(csv, "point");
    for (int32_t a = 0; a < o->s->sweep.n_axes; a++)
        report_csv_text(csv, o->s->sweep.axes[a].path);
    report_csv_text(csv, "policy");
    report_csv_text(csv, "infeasible");
    report_csv_text(csv, "undone");
    for (int32_t i = 0; i < o->n; i++) {
        report_csv_text(csv, column(o, &o->figures[i], ""));
        report_csv_text(csv, column(o, &o->figures[i], "_half95"));
        if (o->figures[i].difference == NULL)
            continue;
        report_csv_text(csv, column(o, &o->figures[i], "_difference"));
        report_csv_text(csv, column(o, &o->figures[i], "_difference_half95"));
    }
    report_csv_end(csv);
}

static bool has_run(const struct out *o, int64_t at)
{
    for (int32_t i = 0; i < o->n; i++)
        if (!isnan(o->figures[i].stats[at].mean))
            return true;
    return false;
}

static void points_row(struct report_csv *csv, const struct out *o, int64_t point,
                       int32_t policy)
{
    const struct model_sweep *m = &o->s->sweep;
    const int64_t at = point * m->n_policies + policy;

    report_csv_int(csv, point);
    for (int32_t a = 0; a < m->n_axes; a++) {
        const size_t i = (size_t)(point * m->n_axes + a);

        if (!isnan(o->s->numbers[i]) && m->axes[a].unit[0] == '\0' &&
            !m->axes[a].relative)
            report_csv_real(csv, o->s->numbers[i]);
        else
            report_csv_text(csv, o->s->texts[i]);
    }
    report_csv_text(csv, m->policies[policy]);
    report_csv_text(csv, o->s->reasons != NULL && !has_run(o, at) ? o->s->reasons[point]
                                                                  : NULL);
    report_csv_bool(csv, report_sweep_undone(o->s, at));
    for (int32_t i = 0; i < o->n; i++) {
        report_csv_stat(csv, o->figures[i].stats[at]);
        if (o->figures[i].difference != NULL)
            report_csv_stat(csv, o->figures[i].difference[at]);
    }
    report_csv_end(csv);
}

static void points(struct report_csv *csv, const struct out *o)
{
    points_head(csv, o);
    for (int64_t point = 0; point < o->s->n_points; point++)
        for (int32_t p = 0; p < o->s->sweep.n_policies; p++)
            points_row(csv, o, point, p);
}

/* ---- axes, and what was asked for ---- */

static void axes(struct report_csv *csv, const struct out *o)
{
    fputs("path,values,unit,relative\n", csv->out);
    for (int32_t a = 0; a < o->s->sweep.n_axes; a++) {
        const struct model_axis *axis = &o->s->sweep.axes[a];

        report_csv_text(csv, axis->path);
        report_csv_text(csv, axis->text);
        report_csv_text(csv, axis->unit);
        report_csv_bool(csv, axis->relative);
        report_csv_end(csv);
    }
}

static void say(struct report_csv *csv, const char *item, const char *name,
                const char *value)
{
    report_csv_text(csv, item);
    report_csv_text(csv, name);
    report_csv_text(csv, value);
    report_csv_end(csv);
}

static void sweep(struct report_csv *csv, const struct out *o)
{
    const struct model_sweep *m = &o->s->sweep;

    say(csv, "item", "name", "value");
    say(csv, "stageplan", "", m->version);
    say(csv, "scenario", "", m->scenario);
    say(csv, "made", "", o->s->created_at);
    say(csv, "design", "", model_design_name(m->design));
    say(csv, "seed", "", sp_arena_printf(o->arena, "%" PRIu64, m->seed));
    say(csv, "replications", "",
        sp_arena_printf(o->arena, "%" PRId32, m->replications));
    say(csv, "points", "done", sp_arena_printf(o->arena, "%" PRId64, o->s->n_points));
    say(csv, "points", "asked", sp_arena_printf(o->arena, "%" PRId64, m->n_points));
    say(csv, "baseline", "", m->baseline == SP_NO_ID ? NULL : m->policies[m->baseline]);
    for (int32_t i = 0; i < m->n_sets; i++)
        say(csv, "set", m->sets[i].path, m->sets[i].value);
    for (int32_t i = 0; i < m->n_files; i++)
        say(csv, "input", m->files[i].file,
            sp_arena_printf(o->arena, "%016" PRIx64, m->files[i].xxh64));
}

/* ---- files ---- */

static enum sp_status write_table(const struct out *o, const char *name, table rows,
                                  struct sp_err *err)
{
    struct report_file *file;
    struct report_csv csv;
    enum sp_status s = report_file_open(
        sp_arena_printf(o->arena, "%s/%s.csv", o->folder, name), &file, err);

    if (s != SP_OK)
        return s;
    report_csv_init(&csv, report_file_stream(file));
    rows(&csv, o);
    report_csv_fini(&csv);
    return report_file_close(file, SP_OK, err);
}

enum sp_status report_sweep_csv_write(const char *folder, const struct report_sweep *s,
                                      struct sp_err *err)
{
    struct out o = {.folder = folder, .s = s, .arena = sp_arena_new()};
    enum sp_status status = SP_OK;

    o.figures = report_sweep_figures(s, o.arena, &o.n);
    if (o.figures != NULL) {
        status = report_folder_make(folder, err);
        if (status == SP_OK)
            status = write_table(&o, "points", points, err);
        if (status == SP_OK)
            status = write_table(&o, "axes", axes, err);
        if (status == SP_OK)
            status = write_table(&o, "sweep", sweep, err);
    }
    sp_arena_free(o.arena);
    return status;
}
