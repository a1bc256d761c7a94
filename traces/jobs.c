/* From the jobs of a file to a stream in order of arrival: a first pass sees whether
 * the file is in order, a second one streams it or sorts it. */
#include "traces/jobs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/units.h"
#include "traces/arrivals.h"
#include "traces/format.h"
#include "traces/job_format.h"
#include "traces/job_reader.h"
#include "traces/job_table.h"

#define SCALE_MIN 1e-9
#define SCALE_MAX 1e9

struct jobs {
    char *path;
    struct trace_job_reader *reader; /* of the pass; of a table, for its names */
    struct trace_job_table table;
    bool in_memory;
    int64_t at; /* in the table */
    struct trace_job_facts facts;
    int64_t first_ns; /* the first arrival on the file's clock */
    double scale;
    int64_t jobs_left, from_ns, end_ns; /* INT64_MAX: not limited */
    int64_t number;
};

/* ---- the first pass ---- */

/* Reads all jobs; keeps them where `keep`.  *in_order: no arrival before the one
 * above. */
static enum sp_status survey(struct jobs *j, bool keep, bool *in_order,
                             struct sp_err *err)
{
    int64_t last_ns = INT64_MIN, latest_ns = 0;
    enum sp_status status = SP_OK;
    struct model_job job;

    *in_order = true;
    j->first_ns = INT64_MAX;
    while (trace_job_reader_next(j->reader, &job, &status, err)) {
        *in_order = *in_order && job.arrival_ns >= last_ns;
        last_ns = job.arrival_ns;
        if (job.arrival_ns < j->first_ns)
            j->first_ns = job.arrival_ns;
        if (job.arrival_ns > latest_ns)
            latest_ns = job.arrival_ns;
        if (keep)
            trace_job_table_add(&j->table, &job);
    }
    j->facts = trace_job_reader_facts(j->reader);
    j->facts.sorted = !*in_order;
    if (status != SP_OK)
        return status;
    if (j->facts.rows == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s: the trace is empty: found no job that ran (%" PRId64
                       " that did not), expected at least one",
                       j->path, j->facts.never_ran);
    if (latest_ns - j->first_ns > SP_NS_MAX)
        return sp_fail(err, SP_EINPUT,
                       "%s: found arrivals more than 100 years apart, expected less",
                       j->path);
    return SP_OK;
}

static enum sp_status reopen(struct jobs *j, const char *format, struct sp_err *err)
{
    trace_job_reader_close(j->reader);
    j->reader = NULL;
    return trace_job_reader_open(j->path, format, &j->reader, err);
}

/* Whether a file can be read twice. */
static bool is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static enum sp_status load(struct jobs *j, const char *format, struct sp_err *err)
{
    bool keep = !is_regular(j->path), in_order = true;
    enum sp_status status = trace_job_reader_open(j->path, format, &j->reader, err);

    if (status == SP_OK)
        status = survey(j, keep, &in_order, err);
    if (status == SP_OK && !keep)
        status = reopen(j, format, err);
    if (status == SP_OK && !keep && !in_order)
        status = survey(j, keep = true, &in_order, err);
    if (status != SP_OK)
        return status;
    j->in_memory = keep;
    if (keep)
        trace_job_table_sort(&j->table);
    return SP_OK;
}

/* ---- the stream ---- */

static bool next_of_file(struct jobs *j, struct model_job *job, enum sp_status *status,
                         struct sp_err *err)
{
    *status = SP_OK;
    if (!j->in_memory)
        return trace_job_reader_next(j->reader, job, status, err);
    if (j->at == j->table.n)
        return false;
    *job = j->table.jobs[j->at++];
    return true;
}

static bool next(void *self, struct model_job *job, enum sp_status *status,
                 struct sp_err *err)
{
    struct jobs *j = self;

    *status = SP_OK;
    if (j->jobs_left <= 0)
        return false;
    do {
        if (!next_of_file(j, job, status, err)) {
            j->jobs_left = 0;
            return false;
        }
        job->arrival_ns -= j->first_ns;
    } while (job->arrival_ns < j->from_ns);
    job->arrival_ns = trace_scale_time(job->arrival_ns - j->from_ns, j->scale);
    j->jobs_left--;
    if (job->arrival_ns < j->end_ns) {
        job->number = j->number++;
        return true;
    }
    j->jobs_left = 0;
    if (j->end_ns == INT64_MAX)
        *status = sp_fail(err, SP_EINPUT,
                          "%s:%" PRId64 ": scaled by %g the job arrives more than 100 "
                          "years after the first",
                          j->path, job->line, j->scale);
    return false;
}

static void close_jobs(void *self)
{
    struct jobs *j = self;

    trace_job_reader_close(j->reader);
    trace_job_table_fini(&j->table);
    free(j->path);
    free(j);
}

enum sp_status trace_jobs_open(const struct trace_job_request *request,
                               struct model_job_stream *stream, struct sp_err *err)
{
    struct jobs *j;
    enum sp_status status;

    if (!(request->scale >= SCALE_MIN && request->scale <= SCALE_MAX))
        return sp_fail(
            err, SP_EINPUT,
            "%s: the trace's scale is %g, expected a number from 1e-9 to 1e9",
            request->path, request->scale);
    j = sp_xcalloc(1, sizeof *j);
    j->path = sp_xcalloc(strlen(request->path) + 1, 1);
    memcpy(j->path, request->path, strlen(request->path));
    j->scale = request->scale;
    j->jobs_left = request->jobs >= 0 ? request->jobs : INT64_MAX;
    j->from_ns = request->from_ns;
    j->end_ns = request->for_ns >= 0 ? request->for_ns : INT64_MAX;
    status = load(j, request->format, err);
    if (status != SP_OK) {
        close_jobs(j);
        return status;
    }
    *stream = (struct model_job_stream){.self = j, .next = next, .close = close_jobs};
    return SP_OK;
}

/* ---- what is known of it ---- */

enum sp_status trace_jobs_recognize(const char *path, const char *format,
                                    bool *are_jobs, struct sp_err *err)
{
    const struct trace_job_format *of_jobs;
    const struct trace_format *of_requests;
    bool named = format != NULL && strcmp(format, "auto") != 0;
    bool jobs = named && trace_job_format_find(format, &of_jobs, NULL) == SP_OK;

    if (named && (!jobs || trace_format_find(format, &of_requests, NULL) != SP_OK)) {
        *are_jobs = jobs;
        return SP_OK;
    }
    if (is_regular(path))
        return trace_job_reader_sniff(path, are_jobs, err);
    *are_jobs = false;
    return SP_OK;
}

const struct trace_job_facts *trace_jobs_facts(const struct model_job_stream *stream)
{
    const struct jobs *j = stream->self;

    return &j->facts;
}

struct model_names trace_jobs_teams(const struct model_job_stream *stream)
{
    const struct jobs *j = stream->self;

    return trace_job_reader_teams(j->reader);
}

struct model_names trace_jobs_models(const struct model_job_stream *stream)
{
    const struct jobs *j = stream->self;

    return trace_job_reader_models(j->reader);
}
