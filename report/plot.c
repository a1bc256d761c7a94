/* Scripts, data, and the process that draws. */
#include "report/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/units.h"
#include "report/file.h"
#include "report/format.h"
#include "report/plot_parts.h"
#include "report/text.h"

enum { TITLE_COLUMNS = REPORT_PLOT_TITLE, TIC_COLUMNS = 20, WIDTH = 1100 };

extern char **environ;

/* Whether a byte means only itself in a string of gnuplot. */
static bool means_itself(char c)
{
    return isalnum((unsigned char)c) != 0 || strchr(" .,:;?-+_/()=", c) != NULL;
}

/* Every byte that could mean something in a string or on a command line is written as
 * its octal number, which is read after both were taken apart.  (Within single quotes a
 * doubled quote stands for one, but not as the first character.)  Letters that the
 * usual fonts don't have are gone, which pngcairo draws as boxes as large as the
 * picture. */
const char *report_plot_quoted(const struct report_plots *p, const char *text,
                               int columns)
{
    const char *clean = report_text_clean(p->arena, text, REPORT_TEXT_PLAIN);
    const char *from = report_text_fit(p->arena, clean, columns, "...");
    char *to = sp_arena_alloc(p->arena, 4 * strlen(from) + 3), *out = to;

    *out++ = '"';
    for (; *from != '\0'; from++)
        if (means_itself(*from))
            *out++ = *from;
        else
            out += sprintf(out, "\\%03o", (unsigned char)*from);
    *out = '"';
    return to;
}

const char *report_plot_tic(const struct report_plots *p, const char *text)
{
    char *doubled = sp_arena_alloc(p->arena, 2 * strlen(text) + 1), *out = doubled;

    for (; *text != '\0'; text++) {
        if (*text == '%')
            *out++ = '%';
        *out++ = *text;
    }
    return report_plot_quoted(p, doubled, TIC_COLUMNS);
}

const char *report_plot_stem(const struct report_plots *p, const char *what, int32_t id,
                             const char *name)
{
    enum { LONGEST = 40 };
    char *stem =
        sp_arena_printf(p->arena, "%s-%d-%.*s", what, (int)id + 1, LONGEST, name);

    for (char *c = stem; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80)
            *c = '-';
    return stem;
}

static const char *stem_of(const struct report_plots *p, int32_t policy)
{
    return report_plot_stem(p, "utilization", policy, p->r->policies[policy].name);
}

/* ---- files ---- */

static enum sp_status write_file(const struct report_plots *p, const char *name,
                                 void (*write)(const struct report_plots *p,
                                               int32_t policy, FILE *out),
                                 int32_t policy, struct sp_err *err)
{
    struct report_file *file = NULL;
    const char *path = sp_arena_printf(p->arena, "%s/%s", p->folder, name);
    enum sp_status status = report_file_open(path, &file, err);

    if (status != SP_OK)
        return status;
    write(p, policy, report_file_stream(file));
    return report_file_close(file, SP_OK, err);
}

void report_plot_head(const struct report_plots *p, const char *stem, int height,
                      FILE *out)
{
    fprintf(out, "# stageplan %s\n",
            report_text_clean(p->arena, p->r->version, REPORT_TEXT_ASCII));
    fprintf(out,
            "reset\nset encoding utf8\n"
            "set terminal pngcairo noenhanced size %d,%d font 'sans,11'\n"
            "set output '%s.png'\n",
            WIDTH, height, stem);
    fputs("set border 3 lc rgb '#606060'\nset tics nomirror out\n"
          "set grid y lc rgb '#e0e0e0'\nset style fill solid 1 noborder\n",
          out);
}

/* ---- utilization ---- */

static double length_s(const struct model_series *s)
{
    return s->n * s->bucket_s;
}

static void write_point(const struct model_series *s, double time, int32_t bucket,
                        FILE *out)
{
    fprintf(out, "%.17g", time);
    for (int r = MODEL_GPU; r <= MODEL_CPU; r++)
        fprintf(out, " %.17g %.17g %.17g", s->provisioned[r][bucket],
                s->allocated[r][bucket], s->busy[r][bucket]);
    fprintf(out, " %.17g\n", s->queued[bucket]);
}

static void write_series_data(const struct report_plots *p, int32_t policy, FILE *out)
{
    const struct model_series *s = &p->r->policies[policy].series;
    double per = report_time_unit_of(length_s(s)).seconds;

    fputs("# from, GPUs: provisioned allocated busy, CPUs: provisioned allocated busy, "
          "items queued\n",
          out);
    for (int32_t b = 0; b < s->n; b++)
        write_point(s, b * s->bucket_s / per, b, out);
    write_point(s, length_s(s) / per, s->n - 1, out);
}

static void write_panel(const char *stem, int first, const char *words, FILE *out)
{
    static const struct {
        const char *name, *rgb;
    } layers[] = {
        {"provisioned", "#d9d9d9"}, {"allocated", "#9dc3e6"}, {"busy", "#1f4e79"}};

    fprintf(out, "set ylabel '%s'\nplot ", words);
    for (int i = 0; i < 3; i++)
        fprintf(out, "%s'%s.dat' using 1:%d with fillsteps lc rgb '%s' title '%s'",
                i > 0 ? ", " : "", stem, first + i, layers[i].rgb, layers[i].name);
    fputc('\n', out);
}

static bool has_gpus(const struct model_series *s)
{
    for (int32_t b = 0; b < s->n; b++)
        if (s->provisioned[MODEL_GPU][b] > 0)
            return true;
    return false;
}

static void write_series_script(const struct report_plots *p, int32_t policy, FILE *out)
{
    const struct model_policy_result *x = &p->r->policies[policy];
    const char *stem = stem_of(p, policy);
    bool gpus = has_gpus(&x->series);

    report_plot_head(p, stem, gpus ? 750 : 420, out);
    fprintf(out, "set multiplot layout %d,1 title %s font ',14' noenhanced\n",
            gpus ? 2 : 1, report_plot_quoted(p, x->name, TITLE_COLUMNS));
    fputs("set yrange [0:*]\nset key outside top right horizontal\n"
          "set autoscale xfix\n",
          out);
    if (gpus)
        write_panel(stem, 2, "GPUs", out);
    if (gpus)
        fputs("unset key\n", out);
    fprintf(out, "set xlabel 'time (%s)'\n",
            report_time_unit_of(length_s(&x->series)).name);
    write_panel(stem, 5, "CPUs", out);
    fputs("unset multiplot\nunset output\n", out);
}

/* ---- cost ---- */

enum { COST_KINDS = MODEL_LINE_ROUNDING + 1 };

static void write_cost_data(const struct report_plots *p, int32_t none, FILE *out)
{
    (void)none;
    fputs("# policy, USD:", out);
    for (int k = 0; k < COST_KINDS; k++)
        fprintf(out, "%s %s", k > 0 ? "," : "",
                model_line_kind_name((enum model_line_kind)k));
    fputc('\n', out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_cost *c = &p->r->policies[i].cost;
        int64_t uusd[COST_KINDS] = {0};

        for (int32_t l = 0; l < c->n_lines && c->known; l++)
            uusd[c->lines[l].kind] += c->lines[l].uusd;
        fprintf(out, "%d", (int)i);
        for (int k = 0; k < COST_KINDS; k++)
            fprintf(out, " %.17g", sp_usd_from_uusd(uusd[k]));
        fputc('\n', out);
    }
}

static void write_cost_script(const struct report_plots *p, int32_t none, FILE *out)
{
    static const char *const colours[COST_KINDS] = {
        [MODEL_LINE_BUSY] = "#1f4e79",
        [MODEL_LINE_IDLE] = "#ed7d31",
        [MODEL_LINE_UNALLOCATED_GPU] = "#a6a6a6",
        [MODEL_LINE_UNALLOCATED_CPU] = "#cfcfcf",
        [MODEL_LINE_UNALLOCATED_MEMORY] = "#e7e6e6",
        [MODEL_LINE_ROUNDING] = "#7f7f7f",
    };

    (void)none;
    report_plot_head(p, "cost", 520, out);
    fputs("set ylabel 'USD'\nset yrange [0:*]\nset key outside top right horizontal\n"
          "set style histogram rowstacked\nset style data histogram\nset boxwidth 0.6\n"
          "set xtics noenhanced (",
          out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(out, "%s%s %d", i > 0 ? ", " : "",
                report_plot_tic(
                    p, p->r->policies[i].cost.known
                           ? p->r->policies[i].name
                           : sp_arena_printf(p->arena, "? %s", p->r->policies[i].name)),
                (int)i);
    fprintf(out, ")\nset xtics %s\nset title %s\nplot ",
            p->r->n_policies > 4 ? "rotate by -30" : "norotate",
            report_plot_quoted(
                p,
                sp_arena_printf(p->arena, "Cost by policy: %s", p->r->name),
                TITLE_COLUMNS));
    for (int k = 0; k < COST_KINDS; k++)
        fprintf(out, "%s'cost.dat' using %d lc rgb '%s' title '%s'", k > 0 ? ", " : "",
                k + 2, colours[k], model_line_kind_name((enum model_line_kind)k));
    fputs("\nunset output\n", out);
}

/* ---- drawing ---- */

static enum sp_status add_plot(struct report_plots *p, const char *stem, int32_t policy,
                               report_plot_writer data, report_plot_writer script,
                               struct sp_err *err)
{
    const char *name = sp_arena_printf(p->arena, "%s.gp", stem);
    enum sp_status status =
        write_file(p, sp_arena_printf(p->arena, "%s.dat", stem), data, policy, err);

    if (status == SP_OK)
        status = write_file(p, name, script, policy, err);
    p->scripts[p->n_scripts++] = name;
    return status;
}

static enum sp_status write_plots(struct report_plots *p, struct sp_err *err)
{
    enum sp_status status = SP_OK;
    bool known = false;

    for (int32_t i = 0; i < p->r->n_policies && status == SP_OK; i++) {
        known = known || p->r->policies[i].cost.known;
        if (p->r->policies[i].series.n > 0)
            status = add_plot(p, stem_of(p, i), i, write_series_data,
                              write_series_script, err);
    }
    for (int32_t w = 0; p->r->n_policies > 0 && w < p->r->policies[0].n_workloads; w++)
        if (status == SP_OK && report_plot_serves(p, w))
            status = add_plot(
                p,
                report_plot_stem(p, "serving", w, p->r->policies[0].workloads[w].name),
                w, report_plot_serving_data, report_plot_serving_script, err);
    for (int32_t w = 0; p->r->n_policies > 0 && w < p->r->policies[0].n_workloads; w++)
        if (status == SP_OK && report_plot_has_jobs(p, w))
            status = add_plot(
                p, report_plot_stem(p, "jobs", w, p->r->policies[0].workloads[w].name),
                w, report_plot_jobs_data, report_plot_jobs_script, err);
    if (status == SP_OK && known)
        status = add_plot(p, "cost", 0, write_cost_data, write_cost_script, err);
    return status;
}

/* The environment with a locale of UTF-8, as the scripts are: in another, gnuplot warns
 * on stderr that it can't convert its own degree sign. */
static char **utf8_environment(struct sp_arena *arena)
{
    size_t n = 0, kept = 0;
    char **copy;

    while (environ[n] != NULL)
        n++;
    copy = sp_arena_array(arena, n + 2, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", strlen("LC_ALL=")) != 0)
            copy[kept++] = environ[i];
    copy[kept++] = sp_arena_strdup(arena, "LC_ALL=C.UTF-8");
    copy[kept] = NULL;
    return copy;
}

static int start_gnuplot(const struct report_plots *p, const char *gnuplot, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char **argv = sp_arena_array(p->arena, (size_t)p->n_scripts + 3, sizeof *argv);
    int error;

    argv[0] = sp_arena_strdup(p->arena, "gnuplot");
    argv[1] = sp_arena_strdup(p->arena, "-d"); /* no settings of the user's */
    for (int i = 0; i < p->n_scripts; i++)
        argv[i + 2] = sp_arena_strdup(p->arena, p->scripts[i]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addchdir_np(&actions, p->folder);
    error =
        posix_spawnp(pid, gnuplot, &actions, NULL, argv, utf8_environment(p->arena));
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static enum sp_status draw(const struct report_plots *p, const char *gnuplot,
                           bool *drawn, struct sp_err *err)
{
    int error, state = 0;
    pid_t pid = 0, got;

    *drawn = p->n_scripts == 0;
    if (p->n_scripts == 0)
        return SP_OK;
    error = start_gnuplot(p, gnuplot, &pid);
    if (error == ENOENT)
        return SP_OK;
    if (error != 0)
        return sp_fail(err, SP_EIO, "%s can't be started: %s", gnuplot,
                       strerror(error));
    while ((got = waitpid(pid, &state, 0)) < 0 && errno == EINTR)
        continue;
    if (got != pid || !WIFEXITED(state) || WEXITSTATUS(state) != 0)
        return sp_fail(err, SP_EIO,
                       "%s failed on the scripts in %s: see its message above", gnuplot,
                       p->folder);
    *drawn = true;
    return SP_OK;
}

enum sp_status report_plot_write(const char *folder, const struct model_result *r,
                                 const char *gnuplot, bool *drawn, struct sp_err *err)
{
    struct report_plots p = {.folder = folder, .r = r};
    enum sp_status status;
    int32_t n;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return sp_fail(err, SP_EIO, "%s: can't be made: %s", folder, strerror(errno));
    p.arena = sp_arena_new();
    n = r->n_policies > 0 ? r->policies[0].n_workloads : 0;
    p.scripts =
        sp_arena_array(p.arena, (size_t)(r->n_policies + n) + 1, sizeof *p.scripts);
    status = write_plots(&p, err);
    if (status == SP_OK)
        status = draw(&p, gnuplot, drawn, err);
    sp_arena_free(p.arena);
    return status;
}
