/* One table says which columns there are, in their order, and how each is written. */
#include "traces/job_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "traces/jobs.h"

struct names {
    struct model_names teams, models;
};

/* value / 10^decimals, without trailing zeros. */
static void put_decimal(FILE *out, int64_t value, int decimals)
{
    int64_t unit = 1, rest;

    for (int i = 0; i < decimals; i++)
        unit *= 10;
    fprintf(out, "%" PRId64, value / unit);
    rest = value % unit;
    if (rest == 0)
        return;
    for (; rest % 10 == 0; rest /= 10)
        decimals--;
    fprintf(out, ".%0*" PRId64, decimals, rest);
}

static void put_ns(FILE *out, int64_t ns)
{
    enum { DECIMALS = 9 };

    if (ns >= 0)
        put_decimal(out, ns, DECIMALS);
}

/* In quotes where a comma or a blank would be misread; quotes are in no name. */
static void put_name(FILE *out, const char *name)
{
    fprintf(out, strpbrk(name, ", \t") != NULL ? "\"%s\"" : "%s", name);
}

static void put_job(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_name(out, j->name);
}

static void put_arrival(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_ns(out, j->arrival_ns);
}

static void put_duration(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    if (j->duration_ns == MODEL_NEVER)
        fputs("never", out);
    else
        put_ns(out, j->duration_ns);
}

static void put_members(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    fprintf(out, "%d", (int)j->members);
}

static void put_gpu(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_decimal(out, j->needs.mgpu, 3);
}

static void put_cpu(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    if (j->needs.mcpu >= 0)
        put_decimal(out, j->needs.mcpu, 3);
}

static void put_memory(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    if (j->needs.memory_bytes >= 0)
        fprintf(out, "%" PRId64, j->needs.memory_bytes);
}

static void put_team(FILE *out, const struct model_job *j, const struct names *n)
{
    if (j->team > 0)
        put_name(out, n->teams.name[j->team]);
}

static void put_estimate(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_ns(out, j->estimate_ns);
}

static void put_deadline(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_ns(out, j->deadline_ns);
}

static void put_priority(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    if (j->priority != MODEL_PRIORITY_UNSAID)
        fprintf(out, "%d", (int)j->priority);
}

static void put_preemptible(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    if (j->preemptible >= 0)
        fputs(j->preemptible != 0 ? "true" : "false", out);
}

/* A list with a comma or a blank in a name is quoted as a whole. */
static void put_models(FILE *out, const struct model_job *j, const struct names *n)
{
    bool quoted = false;
    int written = 0;

    for (int32_t i = 0; i < n->models.n; i++)
        if ((j->models >> i & 1) != 0)
            quoted = quoted || strpbrk(n->models.name[i], ", \t") != NULL;
    fputs(quoted ? "\"" : "", out);
    for (int32_t i = 0; i < n->models.n; i++)
        if ((j->models >> i & 1) != 0)
            fprintf(out, "%s%s", written++ > 0 ? "|" : "", n->models.name[i]);
    fputs(quoted ? "\"" : "", out);
}

static void put_checkpoint(FILE *out, const struct model_job *j, const struct names *n)
{
    (void)n;
    put_ns(out, j->checkpoint_ns);
}

static const struct {
    const char *name;
    unsigned has; /* one of these bits; 0: always */
    void (*put)(FILE *out, const struct model_job *job, const struct names *names);
} columns[] = {
    {"job", 0, put_job},
    {"arrival_s", 0, put_arrival},
    {"duration_s", 0, put_duration},
    {"members", 0, put_members},
    {"gpu", 0, put_gpu},
    {"cpu", TRACE_JOB_HAS_CPU, put_cpu},
    {"memory_bytes", TRACE_JOB_HAS_MEMORY, put_memory},
    {"team", TRACE_JOB_HAS_TEAM, put_team},
    {"estimate_s", TRACE_JOB_HAS_ESTIMATE, put_estimate},
    {"deadline_s", TRACE_JOB_HAS_DEADLINE, put_deadline},
    {"priority", TRACE_JOB_HAS_PRIORITY, put_priority},
    {"preemptible", TRACE_JOB_HAS_PREEMPTIBLE, put_preemptible},
    {"gpu_models", TRACE_JOB_HAS_MODELS, put_models},
    {"checkpoint_s", TRACE_JOB_HAS_CHECKPOINT, put_checkpoint},
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static bool is_written(const struct trace_job_writer *w, int column)
{
    return columns[column].has == 0 || (columns[column].has & w->has) != 0;
}

void trace_job_write_header(const struct trace_job_writer *w)
{
    for (int i = 0; i < N_COLUMNS; i++)
        if (is_written(w, i))
            fprintf(w->out, "%s%s", i > 0 ? "," : "", columns[i].name);
    fputc('\n', w->out);
}

void trace_job_write(const struct trace_job_writer *w, const struct model_job *job,
                     struct model_names teams, struct model_names models)
{
    const struct names names = {teams, models};

    for (int i = 0; i < N_COLUMNS; i++) {
        if (!is_written(w, i))
            continue;
        if (i > 0)
            fputc(',', w->out);
        columns[i].put(w->out, job, &names);
    }
    fputc('\n', w->out);
}
