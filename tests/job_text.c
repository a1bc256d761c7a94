#include "tests/job_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "tests/trace_files.h"

struct out {
    char *text;
    size_t size, used;
};

static void put(struct out *o, const char *fmt, ...) SP_PRINTF(2, 3);

static void put(struct out *o, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(o->text + o->used, o->size - o->used, fmt, args);
    va_end(args);
    sp_assert(n >= 0 && (size_t)n < o->size - o->used);
    o->used += (size_t)n;
}

static void put_job(struct out *o, const struct model_job_stream *stream,
                    const struct model_job *j, bool names)
{
    put(o, "%s @%.9g", j->name, sp_s_from_ns(j->arrival_ns));
    if (j->duration_ns == MODEL_NEVER)
        put(o, " never");
    else
        put(o, " %.15g", sp_s_from_ns(j->duration_ns));
    if (j->members != 1)
        put(o, " x%d", (int)j->members);
    put(o, " gpu=%" PRId64, j->needs.mgpu);
    if (j->needs.mcpu >= 0)
        put(o, " cpu=%" PRId64, j->needs.mcpu);
    if (j->needs.memory_bytes >= 0)
        put(o, " mem=%" PRId64, j->needs.memory_bytes);
    if (j->team != 0 && names)
        put(o, " team=%s", trace_jobs_teams(stream).name[j->team]);
    if (j->estimate_ns >= 0)
        put(o, " est=%.15g", sp_s_from_ns(j->estimate_ns));
    if (j->deadline_ns >= 0)
        put(o, " due=%.15g", sp_s_from_ns(j->deadline_ns));
    if (j->priority != MODEL_PRIORITY_UNSAID)
        put(o, " prio=%d", (int)j->priority);
    if (j->preemptible >= 0)
        put(o, " pre=%d", j->preemptible);
    for (int i = 0, n = 0; i < MODEL_JOB_MODELS_MAX && names; i++)
        if ((j->models >> i & 1) != 0)
            put(o, "%s%s", n++ == 0 ? " on=" : "|", trace_jobs_models(stream).name[i]);
    if (j->checkpoint_ns >= 0)
        put(o, " ckpt=%.15g", sp_s_from_ns(j->checkpoint_ns));
    put(o, "\n");
}

static enum sp_status put_all(struct model_job_stream *stream, bool names, char *text,
                              size_t size, struct sp_err *err)
{
    struct out o = {.text = text, .size = size};
    enum sp_status status = SP_OK;
    struct model_job job;
    int64_t n = 0;

    text[0] = '\0';
    while (stream->next(stream->self, &job, &status, err)) {
        sp_assert(job.number == n++);
        put_job(&o, stream, &job, names);
    }
    return status;
}

enum sp_status job_text_of(struct model_job_stream *stream, char *text, size_t size,
                           struct sp_err *err)
{
    enum sp_status status = put_all(stream, false, text, size, err);

    stream->close(stream->self);
    return status;
}

enum sp_status job_text_of_file(const char *file, struct trace_job_request request,
                                char *text, size_t size, struct trace_job_facts *facts,
                                struct sp_err *err)
{
    char *path = file_of_text(file);
    struct model_job_stream stream;
    enum sp_status status;

    text[0] = '\0';
    request.path = path;
    status = trace_jobs_open(&request, &stream, err);
    if (status == SP_OK) {
        status = put_all(&stream, true, text, size, err);
        *facts = *trace_jobs_facts(&stream);
        stream.close(stream.self);
    }
    if (status != SP_OK && err != NULL && strncmp(err->text, path, strlen(path)) == 0)
        memmove(err->text, err->text + strlen(path),
                strlen(err->text + strlen(path)) + 1);
    file_drop(path);
    return status;
}
