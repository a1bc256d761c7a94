/* Rules of thumb, each a function that may add a warning. */
#include "traces/job_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "traces/paper.h"

struct check {
    const struct trace_job_study *study;
    const struct trace_job_info *info;
    struct sp_arena *arena;
    struct trace_warnings w;
};

/* One text; line 0: of the file. */
static void warn(struct check *c, int64_t line, const char *fmt, ...) SP_PRINTF(3, 4);

static void warn(struct check *c, int64_t line, const char *fmt, ...)
{
    char text[1024], at[TRACE_NUMBER] = "";
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (line > 0)
        snprintf(at, sizeof at, ":%" PRId64, line);
    c->w.text =
        sp_arena_more(c->arena, c->w.text, c->w.n, &c->w.room, sizeof *c->w.text);
    c->w.text[c->w.n++] =
        sp_arena_printf(c->arena, "%s%s: %s", c->study->path, at, text);
}

/* What is counted: GPUs, or CPUs where no job asks for a GPU. */
struct count {
    const char *unit;
    double fleet, asked, peak, mean;
    double work_s; /* of the jobs that end: units x seconds */
};

static struct count count_of(const struct trace_job_info *info)
{
    sp_i128 asked = info->of_cpus ? info->asked_mcpu : info->asked_mgpu;
    sp_i128 work = info->of_cpus ? info->mcpu_ns : info->mgpu_ns;

    return (struct count){
        .unit = info->of_cpus ? "CPUs" : "GPUs",
        .fleet = (double)(info->of_cpus ? info->fleet_mcpu : info->fleet_mgpu) / 1000,
        .asked = sp_double_from_i128(asked) / 1000,
        .peak = (double)info->demand->all.peak_mgpu / 1000,
        .mean = info->demand->all.mean_mgpu / 1000,
        .work_s = sp_double_from_i128(work) / 1000 / (double)SP_NS_PER_S,
    };
}

/* ---- times that do not reproduce the load ---- */

/* What runs at most is a small part of what is asked for in all, although that is about
 * the fleet: then the jobs are what was there at one time, and their times something
 * else.  Of a longer trace all jobs together ask for many times the fleet. */
static bool times_mislead(struct check *c, const struct count *n)
{
    const struct trace_job_facts *facts = c->study->facts;
    bool openb = facts != NULL && strcmp(facts->format, "openb") == 0 &&
                 (facts->has & TRACE_JOB_HAS_ARRIVAL) != 0;
    double share = n->asked / n->fleet;
    char a[TRACE_NUMBER], b[TRACE_NUMBER], d[TRACE_NUMBER], e[TRACE_NUMBER];
    char of_fleet[64] = "";

    if (n->fleet > 0 ? share < 0.5 || share > 2 : !openb)
        return false;
    if (n->peak > n->asked / 10)
        return false;
    if (n->fleet > 0)
        snprintf(of_fleet, sizeof of_fleet, ", %.0f %% of the fleet", 100 * share);
    warn(c, 0,
         "its times do not reproduce the load: replayed, they run %s %s at most and "
         "%s in the mean over %s, but all jobs together ask for %s%s; take the order "
         "of arrival, not the times (duration: forever)",
         trace_figure(n->peak, a), n->unit, trace_figure(n->mean, b),
         trace_duration(c->info->demand->length_ns, d), trace_figure(n->asked, e),
         of_fleet);
    return true;
}

/* What is known of a format's files and cannot be seen in them. */
static const struct {
    const char *format, *text;
} known[] = {
    {"philly-csv", "jobs that succeeded only, without times of their start: what they "
                   "waited for is not known, and the load is less than it was"},
};

static void check_known(struct check *c)
{
    for (size_t i = 0; c->study->facts != NULL && i < sizeof known / sizeof known[0];
         i++)
        if (strcmp(known[i].format, c->study->facts->format) == 0)
            warn(c, 0, "%s", known[i].text);
    if (c->study->facts != NULL && strcmp(c->study->facts->format, "swf") == 0 &&
        c->study->facts->waited == 0)
        warn(c, 0,
             "it says of no job that it waited: what stands for submission may be the "
             "start, and the queue is then in the times already");
}

/* ---- load ---- */

static void check_load(struct check *c)
{
    const struct trace_job_info *info = c->info;
    const struct count n = count_of(info);
    double load = n.work_s / n.fleet / sp_s_from_ns(info->span_ns);
    char a[TRACE_NUMBER], b[TRACE_NUMBER], d[TRACE_NUMBER], asks[200];
    char share[TRACE_NUMBER];

    if (times_mislead(c, &n) || !(n.fleet > 0) || info->span_ns == 0)
        return;
    snprintf(share, sizeof share, load < 10 ? "%.3g" : "%.0f", 100 * load);
    snprintf(asks, sizeof asks,
             "its jobs ask for %s %% of the fleet's %s %s over the %s in which they "
             "arrive",
             share, trace_figure(n.fleet, a), n.unit, trace_duration(info->span_ns, b));
    if (load > 1)
        warn(c, 0, "%s: the queue grows to the end", asks);
    else if (n.peak <= n.fleet && info->never.jobs == 0)
        warn(c, 0,
             "%s, and never for more than %s at a time: hardly anything will wait for "
             "them",
             asks, trace_figure(n.peak, d));
}

/* ---- single jobs ---- */

/* "'job-1' (line 5), 'job-2' (line 9) and 3 more" */
static const char *name_found(const struct trace_job_found *f, char *buf, size_t size)
{
    int64_t named = f->jobs < TRACE_JOB_NAMED ? f->jobs : TRACE_JOB_NAMED;
    size_t n = 0;
    char quoted[64];

    for (int64_t i = 0; i < named; i++) {
        n += (size_t)snprintf(buf + n, size - n, "%s%s", i > 0 ? ", " : "",
                              sp_text_quote(f->name[i], quoted, sizeof quoted));
        if (f->line[i] > 0 && f->jobs > 1) /* else the text begins with it */
            n += (size_t)snprintf(buf + n, size - n, " (line %" PRId64 ")", f->line[i]);
    }
    if (f->jobs > named)
        snprintf(buf + n, size - n, " and %" PRId64 " more", f->jobs - named);
    return buf;
}

static void warn_found(struct check *c, const struct trace_job_found *f,
                       const char *one, const char *many)
{
    char names[400], n[TRACE_NUMBER];

    if (f->jobs == 1)
        warn(c, f->line[0], "%s: %s", one, name_found(f, names, sizeof names));
    else if (f->jobs > 1)
        warn(c, f->line[0], "%s %s: %s", trace_grouped(f->jobs, n), many,
             name_found(f, names, sizeof names));
}

static void check_jobs(struct check *c)
{
    const struct trace_job_info *info = c->info;

    warn_found(c, &info->oversized,
               "a job has members that fit on no node of the fleet and never runs",
               "jobs have members that fit on no node of the fleet and never run");
    warn_found(c, &info->homeless,
               "a job does not fit on the whole fleet at once and never runs",
               "jobs do not fit on the whole fleet at once and never run");
    warn_found(c, &info->zero_duration, "a job lasts no time", "jobs last no time");
    if (info->never.jobs < info->jobs)
        warn_found(c, &info->never, "a job never ends", "jobs never end");
}

/* ---- arrivals ---- */

/* A tenth of the span, or twenty times what all but one in a hundred stay below (of
 * exponential gaps the longest of a million is three times that). */
static void check_gaps(struct check *c)
{
    enum { TIMES_P99 = 20, FEW = 10, MANY = 200 };
    const struct trace_job_info *info = c->info;
    char a[TRACE_NUMBER], b[TRACE_NUMBER];
    bool of_span = info->jobs > FEW && info->gap_max_ns > info->span_ns / 10;
    bool of_rest = info->jobs > MANY && info->gap_p99_ns > 0 &&
                   info->gap_max_ns / TIMES_P99 > info->gap_p99_ns;

    if (of_span || of_rest)
        warn(c, info->gap_max_line,
             "nothing arrives for %s before this; 99 of 100 gaps are below %s",
             trace_duration(info->gap_max_ns, a), trace_duration(info->gap_p99_ns, b));
}

static void check_order(struct check *c)
{
    const struct trace_job_found *f = &c->info->disordered;
    char n[TRACE_NUMBER];

    if (f->jobs > 0)
        warn(c, f->line[0],
             "rows are not in order of arrival (%s times a later row comes earlier); "
             "they were sorted",
             trace_grouped(f->jobs, n));
}

/* ---- what the file does not say ---- */

static const struct {
    unsigned bit;
    const char *text;
} columns[] = {
    {TRACE_JOB_HAS_ARRIVAL, "times of arrival (a second apart, in the file's order)"},
    {TRACE_JOB_HAS_DURATION, "durations (no job ends)"},
    {TRACE_JOB_HAS_GPU, "GPUs (none)"},
    {TRACE_JOB_HAS_CPU, "CPUs (none, or the scenario's for each GPU)"},
    {TRACE_JOB_HAS_MEMORY, "memory (none, or the scenario's for each GPU)"},
    {TRACE_JOB_HAS_TEAM, "teams (all are of one)"},
    {TRACE_JOB_HAS_ESTIMATE, "estimates (the true duration, or the scenario's law)"},
    {TRACE_JOB_HAS_MODELS, "GPU models (any)"},
    {TRACE_JOB_HAS_PRIORITY, "priorities (the scenario's)"},
};

static void check_columns(struct check *c)
{
    char text[800] = "";
    size_t n = 0;

    if (c->study->facts == NULL)
        return;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if ((c->study->facts->has & columns[i].bit) == 0)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? ", " : "",
                                  columns[i].text);
    if (n > 0)
        warn(c, 0, "does not say, with what is taken instead: %s", text);
}

static void warn_rows(struct check *c, int64_t rows, const char *text)
{
    char n[TRACE_NUMBER];

    if (rows > 0)
        warn(c, 0, "%s %s", trace_grouped(rows, n), text);
}

static void check_rows(struct check *c)
{
    const struct trace_job_facts *facts = c->study->facts;

    if (facts == NULL)
        return;
    warn_rows(c, facts->never_ran, "rows never ran and are no jobs");
    warn_rows(c, facts->cut, "shares above a whole GPU were cut to one");
    warn_rows(c, facts->rounded, "numbers of GPUs were not whole and were rounded up");
    warn_rows(c, facts->estimated,
              "durations follow from a speed measured on fewer GPUs");
    warn_rows(c, facts->unstarted,
              "jobs never started: they are taken to run as long as they waited");
}

struct trace_warnings trace_job_check(const struct trace_job_study *study,
                                      const struct trace_job_info *info,
                                      struct sp_arena *arena)
{
    static void (*const rules[])(struct check * c) = {
        check_load,  check_jobs,    check_gaps, check_order,
        check_known, check_columns, check_rows,
    };
    struct check c = {.study = study, .info = info, .arena = arena};

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        rules[i](&c);
    return c.w;
}

enum sp_status trace_job_check_file(const struct trace_job_request *request,
                                    int32_t n_kinds,
                                    const struct model_listed_kind *kinds,
                                    struct sp_arena *arena,
                                    struct trace_warnings *warnings, struct sp_err *err)
{
    struct model_job_stream stream;
    struct trace_job_study study = {.path = request->path,
                                    .stream = &stream,
                                    .teams = trace_jobs_teams,
                                    .models = trace_jobs_models,
                                    .n_kinds = n_kinds,
                                    .kinds = kinds};
    struct trace_job_info *info;
    enum sp_status status = trace_jobs_open(request, &stream, err);

    if (status != SP_OK)
        return status;
    study.facts = trace_jobs_facts(&stream);
    status = trace_job_info_read(&study, arena, &info, err);
    if (status == SP_OK)
        *warnings = trace_job_check(&study, info, arena);
    stream.close(stream.self);
    return status;
}
