/* The table of plots, and their scripts and data as files. */
#include "report/plot.h"

#include <string.h>

#include "base/arena.h"
#include "report/file.h"
#include "report/gnuplot.h"
#include "report/plot_parts.h"

static const struct report_plot_family *const families[] = {
    &report_plot_cost,    &report_plot_waterfall,   &report_plot_tradeoff,
    &report_plot_tornado, &report_plot_utilization, &report_plot_latency,
    &report_plot_serving, &report_plot_jobs,        &report_plot_gantt,
    &report_plot_fit,     &report_plot_roofline,    &report_plot_sweep,
    &report_plot_grid,
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static enum sp_status write_file(const struct report_plots *p, const char *name,
                                 report_plot_writer write, int32_t id,
                                 struct sp_err *err)
{
    struct report_file *file = NULL;
    const char *path = sp_arena_printf(p->arena, "%s/%s", p->folder, name);
    enum sp_status status = report_file_open(path, &file, err);

    if (status != SP_OK)
        return status;
    write(p, id, report_file_stream(file));
    return report_file_close(file, SP_OK, err);
}

static enum sp_status add_plot(struct report_plots *p,
                               const struct report_plot_family *family, int32_t id,
                               struct sp_err *err)
{
    const char *stem = report_plot_stem(p, family, id);
    enum sp_status status =
        write_file(p, sp_arena_printf(p->arena, "%s.dat", stem), family->data, id, err);

    if (status == SP_OK)
        status = write_file(p, sp_arena_printf(p->arena, "%s.gp", stem), family->script,
                            id, err);
    p->stems[p->n_stems++] = stem;
    return status;
}

static enum sp_status write_plots(struct report_plots *p,
                                  const struct report_plot_family *const *list, int n,
                                  struct sp_err *err)
{
    enum sp_status status = SP_OK;
    size_t most = 0;

    for (int f = 0; f < n; f++)
        most += (size_t)list[f]->count(p);
    p->stems = sp_arena_array(p->arena, most + 1, sizeof *p->stems);
    for (int f = 0; f < n; f++)
        for (int32_t i = 0; i < list[f]->count(p) && status == SP_OK; i++)
            if (list[f]->applies(p, i))
                status = add_plot(p, list[f], i, err);
    return status;
}

enum sp_status report_plot_write_families(struct report_plots *p,
                                          const struct report_plot_family *const *list,
                                          int n, const char *gnuplot, bool *drawn,
                                          struct sp_err *err)
{
    enum sp_status status = report_folder_make(p->folder, err);

    if (status == SP_OK)
        status = write_plots(p, list, n, err);
    *drawn = p->n_stems == 0;
    if (status == SP_OK && p->n_stems > 0)
        status = report_gnuplot_draw(
            &(struct report_gnuplot_scripts){p->folder, p->n_stems, p->stems}, gnuplot,
            p->arena, drawn, err);
    return status;
}

enum sp_status report_plot_write(const char *folder, const struct report_context *c,
                                 const char *gnuplot, bool *drawn, struct sp_err *err)
{
    struct report_plots p = {
        .arena = sp_arena_new(), .folder = folder, .context = c, .r = c->result};
    enum sp_status status =
        report_plot_write_families(&p, families, FAMILIES, gnuplot, drawn, err);

    sp_arena_free(p.arena);
    return status;
}
