/* stageplan calibrate: kernels measured on this machine, fitted, written as a profile.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "base/units.h"
#include "calibrate/fit.h"
#include "calibrate/import.h"
#include "calibrate/measure.h"
#include "calibrate/worker.h"
#include "cli/cli.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "config.h"
#include "model/calibration.h"
#include "report/file.h"
#include "report/profile_print.h"

#define DEFAULT_OUT "profile.yaml"

static const struct cli_option options[] = {
    {"out", 'o', "FILE", "write the profile here (default: " DEFAULT_OUT ")"},
    {"quick", 'q', NULL, "one short campaign over fewer points: under a minute"},
    {"kernel", 'k', "NAME", "measure this kernel of the CPU alone; may be repeated"},
    {"cpu", 0, NULL, "the CPU alone, no accelerators"},
    {"gpu", 0, NULL, "accelerators alone, not the CPU"},
    {"campaigns", 'n', "N", "repeat everything so often (default: 3; --quick: 1)"},
    {"cores", 0, "N", "measure up to N CPUs at once (default: all we may use)"},
    {"budget", 0, "TIME",
     "of the CPU's campaigns in all, without the pauses between them (default: 3s for "
     "each kernel, point and campaign; --quick: 25s in all)"},
    {"pause", 0, "TIME", "between campaigns (default: 30s)"},
    {"seed", 0, "N", "of the kernels' inputs and of the order of blocks (default: 1)"},
    {"reference", 0, "FILE",
     "canaries' best from this profile (default: the file to be written, if there is "
     "one of this CPU)"},
    {"import", 0, "CSV",
     "make the profile of this table of measurements made elsewhere; measure nothing"},
    {"list", 'l', NULL, "list the kernels and measure nothing"},
    {"show", 0, "FILE", "print this profile's table and measure nothing"},
    {"plot", 0, "DIR", "with --show: draw its fits and its roofline with gnuplot"},
    {0},
};

/* ---- progress ---- */

static bool on_cpu(void *self, const struct cal_progress *now)
{
    struct cli_progress *p = self;
    char line[160];

    if (cli_progress_due(p, 0)) {
        snprintf(line, sizeof line,
                 "%3.0f %% %s: %d of %d known, %d blocks rejected, %s",
                 100 * now->done_frac, now->doing, now->converged, now->series,
                 now->rejected, now->kernel);
        cli_progress_line(p, line);
    }
    return cli_interrupted();
}

static bool on_device(void *self, const char *doing, double done_frac)
{
    struct cli_progress *p = self;
    char line[160], quoted[80];

    if (cli_progress_due(p, 0)) {
        snprintf(line, sizeof line, "%3.0f %% devices: %s", 100 * done_frac,
                 sp_text_quote(doing, quoted, sizeof quoted));
        cli_progress_line(p, line);
    }
    return cli_interrupted();
}

/* ---- --list, --show ---- */

static int list_kernels(void)
{
    for (int32_t i = 0; cal_kernels[i] != NULL; i++) {
        const struct cal_kernel *k = cal_kernels[i];
        char least[32], most[32];

        printf("%-18s ", k->name);
        cli_print_wrapped(19, k->help);
        printf("%19sone item: ", "");
        cli_print_wrapped(29, k->item);
        if (*k->axis != '\0')
            printf("%19s%s: %s to %s, %d points\n", "", k->axis,
                   model_axis_format(k->axis, k->x[0], least, sizeof least),
                   model_axis_format(k->axis, k->x[k->n_points - 1], most, sizeof most),
                   k->n_points);
    }
    return CLI_OK;
}

static enum sp_status plot_profile(const char *folder, struct sp_arena *arena,
                                   const struct model_profile *profile,
                                   struct sp_err *err)
{
    struct model_result result = {.name = profile->path,
                                  .path = profile->path,
                                  .version = PACKAGE_VERSION,
                                  .baseline = SP_NO_ID};
    enum sp_status s;

    model_calibration_show(arena, profile, profile->path, &result);
    s = cli_outputs_plot(folder, &(struct report_context){.result = &result}, err);
    if (s == SP_OK)
        printf("\nplots       %s\n", folder);
    return s;
}

static enum sp_status show_profile(const struct cli_parsed *parsed,
                                   struct sp_arena *arena, struct sp_err *err)
{
    struct model_profile *profile;
    enum sp_status s =
        model_profile_read(cli_value(parsed, "show"), arena, &profile, err);

    if (s == SP_OK)
        s = report_profile_print(stdout, profile, err);
    if (s == SP_OK && cli_given(parsed, "plot"))
        s = plot_profile(cli_value(parsed, "plot"), arena, profile, err);
    return s;
}

/* ---- options ---- */

struct job {
    const struct cli_parsed *parsed;
    struct cal_measure_options measure;
    bool quick, cpu, devices;
    const char *out;
    struct cli_progress progress;
};

static enum sp_status read_time(const struct cli_parsed *parsed, const char *name,
                                double least_s, double *value_s, struct sp_err *err)
{
    const char *text = cli_value(parsed, name);
    struct sp_err why = {0};
    double s;

    if (text == NULL)
        return SP_OK;
    if (sp_parse_duration_s(text, &s, &why) != SP_OK)
        return sp_fail(err, SP_EINPUT, "--%s %s: %s", name, text, why.text);
    if (s < least_s || s > 24 * 3600)
        return sp_fail(err, SP_EINPUT, "--%s %s: expected %g ms to a day", name, text,
                       least_s * 1e3);
    *value_s = s;
    return SP_OK;
}

static enum sp_status read_numbers(struct job *job, struct sp_err *err)
{
    struct cal_measure_options *m = &job->measure;
    int64_t campaigns = m->campaigns, cores = m->cores_most, seed = (int64_t)m->seed;
    enum sp_status s =
        cli_read_count(job->parsed, "campaigns", 1, CAL_CAMPAIGNS_MAX, &campaigns, err);

    if (s == SP_OK)
        s = cli_read_count(job->parsed, "cores", 1, 4096, &cores, err);
    if (s == SP_OK)
        s = cli_read_count(job->parsed, "seed", 0, INT64_MAX, &seed, err);
    if (s == SP_OK)
        s = read_time(job->parsed, "budget", 0.01, &m->total_s, err);
    if (s == SP_OK)
        s = read_time(job->parsed, "pause", 0, &m->pause_s, err);
    m->campaigns = (int32_t)campaigns;
    m->cores_most = (int32_t)cores;
    m->seed = (uint64_t)seed;
    return s;
}

static enum sp_status unknown_kernel(const char *name, struct sp_arena *arena,
                                     struct sp_err *err)
{
    const char *names[MODEL_PROFILE_KERNELS_MAX], *nearest, *all = "";
    char quoted[80];
    size_t n = 0;

    for (; cal_kernels[n] != NULL; n++) {
        names[n] = cal_kernels[n]->name;
        all = sp_arena_printf(arena, "%s%s%s", all, n > 0 ? ", " : "", names[n]);
    }
    sp_text_quote(name, quoted, sizeof quoted);
    nearest = sp_text_nearest(name, names, n);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT,
                       "--kernel: there is no kernel %s, did you mean '%s'?", quoted,
                       nearest);
    return sp_fail(err, SP_EINPUT,
                   "--kernel: there is no kernel %s, expected one of %s", quoted, all);
}

static enum sp_status choose_kernels(struct job *job, struct sp_arena *arena,
                                     struct sp_err *err)
{
    const struct cal_kernel **chosen =
        sp_arena_array(arena, (size_t)job->parsed->n_options + 1, sizeof *chosen);
    int32_t n = 0;

    for (int i = 0; i < job->parsed->n_options; i++) {
        const char *name = job->parsed->options[i].value;
        const struct cal_kernel *kernel;
        bool again = false;

        if (strcmp(job->parsed->options[i].option->name, "kernel") != 0)
            continue;
        kernel = cal_kernel_find(name);
        if (kernel == NULL)
            return unknown_kernel(name, arena, err);
        for (int32_t k = 0; k < n; k++)
            again = again || chosen[k] == kernel;
        if (!again)
            chosen[n++] = kernel;
    }
    if (n > 0)
        job->measure.kernels = chosen;
    return SP_OK;
}

/* --cpu and --gpu say what alone is wanted; naming kernels asks for the CPU. */
static enum sp_status choose_hardware(struct job *job, struct sp_err *err)
{
    bool cpu = cli_given(job->parsed, "cpu"), gpu = cli_given(job->parsed, "gpu");
    bool kernels = cli_given(job->parsed, "kernel");

    if (gpu && kernels)
        return sp_fail(err, SP_EINPUT,
                       "--gpu and --kernel: kernels are named of the CPU, which --gpu "
                       "leaves out");
    job->cpu = cpu || !gpu;
    job->devices = gpu || (!cpu && !kernels);
    return SP_OK;
}

/* Reading a pipe or a terminal waits for its writer, which may be us. */
static bool is_regular_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* A file that is named must be a profile; the one to be overwritten may be anything. */
static enum sp_status find_reference(struct job *job, struct sp_arena *arena,
                                     struct sp_err *err)
{
    const char *path = cli_value(job->parsed, "reference");
    struct model_profile *earlier;
    enum sp_status s;

    if (path == NULL && !is_regular_file(job->out))
        return SP_OK;
    s = model_profile_read(path != NULL ? path : job->out, arena, &earlier,
                           path != NULL ? err : NULL);
    if (s == SP_OK)
        job->measure.reference = cal_measure_reference(earlier);
    return path != NULL ? s : SP_OK;
}

static enum sp_status read_job(struct job *job, struct sp_arena *arena,
                               struct sp_err *err)
{
    enum sp_status s;

    job->quick = cli_given(job->parsed, "quick");
    job->measure = cal_measure_defaults(job->quick);
    job->out = cli_value(job->parsed, "out");
    if (job->out == NULL)
        job->out = DEFAULT_OUT;
    s = read_numbers(job, err);
    if (s == SP_OK)
        s = choose_kernels(job, arena, err);
    if (s == SP_OK)
        s = choose_hardware(job, err);
    if (s == SP_OK)
        s = report_file_check(job->out, err);
    if (s == SP_OK)
        s = find_reference(job, arena, err);
    return s;
}

/* ---- measuring ---- */

static enum sp_status measure_devices(struct job *job, struct sp_arena *arena,
                                      struct cal_campaigns *c, struct sp_err *err)
{
    static const char *const backends[] = {"cuda", "opencl", NULL};
    struct cal_worker_options o = {.backends = backends,
                                   .quick = job->quick,
                                   .seed = job->measure.seed,
                                   .campaigns = job->measure.campaigns,
                                   .silence_s = job->quick ? 20 : 60,
                                   .limit_s = job->quick ? 40 : 1800,
                                   .plan_s = job->quick ? 8 : 0,
                                   .progress = on_device,
                                   .progress_self = &job->progress};

    return cal_worker_measure(&o, arena, c, err);
}

static enum sp_status measure(struct job *job, struct sp_arena *arena,
                              struct cal_campaigns *c, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    job->measure.progress = on_cpu;
    job->measure.progress_self = &job->progress;
    c->campaigns = job->measure.campaigns;
    c->seed = job->measure.seed;
    cli_progress_begin(&job->progress, true);
    cli_progress_heed_stop(&job->progress);
    if (job->cpu)
        s = cal_measure_cpu(&job->measure, arena, c, err);
    else
        cal_measure_machine(arena, c);
    if (s == SP_OK && job->devices)
        s = measure_devices(job, arena, c, err);
    cli_progress_end(&job->progress);
    return s;
}

static const char *now_utc(struct sp_arena *arena)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[32];

    gmtime_r(&now, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return sp_arena_strdup(arena, text);
}

static enum sp_status
write_profile(const char *path, const struct model_profile *profile, struct sp_err *err)
{
    struct report_file *file;
    enum sp_status s = report_file_open(path, &file, err);

    if (s != SP_OK)
        return s;
    model_profile_print(report_file_stream(file), profile);
    return report_file_close(file, SP_OK, err);
}

/* From hardware, or from a table. */
static enum sp_status make_profile(struct job *job, struct sp_arena *arena,
                                   struct model_profile **profile, struct sp_err *err)
{
    struct cal_campaigns c = {.created = now_utc(arena),
                              .tool = "stageplan " PACKAGE_VERSION,
                              .mode = job->quick ? "quick" : "full"};
    struct cal_import import = {
        .path = cli_value(job->parsed, "import"), .created = c.created, .tool = c.tool};
    enum sp_status s;

    if (import.path != NULL)
        return cal_import_profile(&import, arena, profile, err);
    s = measure(job, arena, &c, err);
    if (s == SP_OK)
        s = cal_fit_profile(&c, arena, profile, err);
    if (s == SP_EINPUT && err->status == SP_EINPUT)
        s = err->status = SP_EIO; /* nothing was measured: not the user's doing */
    return s;
}

static enum sp_status calibrate(struct job *job, struct sp_arena *arena,
                                struct sp_err *err)
{
    struct model_profile *profile;
    enum sp_status s = read_job(job, arena, err);

    if (s == SP_OK)
        s = make_profile(job, arena, &profile, err);
    if (s == SP_OK)
        s = write_profile(job->out, profile, err);
    if (s != SP_OK)
        return s;
    signal(SIGPIPE, SIG_DFL); /* the file is there: a closed pipe ends us in silence */
    s = report_profile_print(stdout, profile, err);
    printf("\nprofile     %s\n", job->out);
    return s;
}

/* Options that say to do something else than measure, and what goes with them. */
static bool options_agree(const struct cli_parsed *parsed)
{
    static const char *const tasks[][2] = {
        {"list", NULL}, {"show", "plot"}, {"import", "out"}};

    for (size_t t = 0; t < sizeof tasks / sizeof tasks[0]; t++) {
        if (!cli_given(parsed, tasks[t][0]))
            continue;
        for (int i = 0; i < parsed->n_options; i++) {
            const char *name = parsed->options[i].option->name;

            if (strcmp(name, tasks[t][0]) == 0 ||
                (tasks[t][1] != NULL && strcmp(name, tasks[t][1]) == 0))
                continue;
            cli_fail(CLI_USAGE,
                     "calibrate: --%s does not go with --%s; try 'stageplan calibrate "
                     "--help'",
                     name, tasks[t][0]);
            return false;
        }
    }
    return true;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct job job = {.parsed = &parsed};
    struct sp_err err = {0};
    struct sp_arena *arena;
    enum sp_status s;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    if (parsed.n_operands > 0)
        return cli_fail(CLI_USAGE,
                        "calibrate: found an operand, expected options alone; try "
                        "'stageplan calibrate --help'");
    if (!options_agree(&parsed))
        return CLI_USAGE;
    if (cli_given(&parsed, "plot") && !cli_given(&parsed, "show"))
        return cli_fail(CLI_USAGE, "calibrate: --plot goes with --show; try 'stageplan "
                                   "calibrate --help'");
    if (cli_given(&parsed, "list"))
        return list_kernels();
    arena = sp_arena_new();
    if (cli_given(&parsed, "show"))
        s = show_profile(&parsed, arena, &err);
    else
        s = calibrate(&job, arena, &err);
    sp_arena_free(arena);
    if (s != SP_OK && cli_interrupted())
        return cli_fail(CLI_FAILED, "calibrate: stopped, %s was not written", job.out);
    return s == SP_OK ? CLI_OK : cli_fail_err(&err);
}

const struct cli_command cli_cmd_calibrate = {
    .name = "calibrate",
    .operands = "",
    .help = "measure kernels on this machine's CPU and accelerators; write a profile",
    .options = options,
    .run = run,
};
