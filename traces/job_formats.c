/* The array of job trace formats, and finding one. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "traces/format.h"
#include "traces/job_format.h"

static const struct trace_job_format *const formats[] = {
    &trace_job_openb,      &trace_job_dlrm,   &trace_job_pai,      &trace_job_philly,
    &trace_job_philly_csv, &trace_job_helios, &trace_job_tiresias, &trace_job_swf,
    &trace_job_gavel,      &trace_job_csv,
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

const struct trace_job_format *const *trace_job_formats(size_t *count)
{
    *count = N_FORMATS;
    return formats;
}

enum sp_status trace_job_format_find(const char *name,
                                     const struct trace_job_format **format,
                                     struct sp_err *err)
{
    const char *names[N_FORMATS], *nearest;
    char list[N_FORMATS * 24] = "", found[TRACE_QUOTE_SIZE];
    size_t used = 0;

    for (size_t i = 0; i < N_FORMATS; i++) {
        names[i] = formats[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *format = formats[i];
            return SP_OK;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, ", %s", names[i]);
    }
    nearest = sp_text_nearest(name, names, N_FORMATS);
    return sp_fail(err, SP_EINPUT,
                   "unknown format of a job trace '%s', expected one of auto%s%s%s%s",
                   trace_quote(name, strlen(name), found), list,
                   nearest != NULL ? "; did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

bool trace_job_has_column(const struct trace_job_sample *sample, char delimiter,
                          const char *name)
{
    const char *p = sample->line, *end = p + sample->line_size;
    struct trace_job_cell field = {0};

    while (p != NULL) {
        p = trace_job_field(delimiter, p, end, &field);
        if (field.size == strlen(name) && memcmp(field.text, name, field.size) == 0)
            return true;
    }
    return false;
}

static bool has_required(const struct trace_job_format *f,
                         const struct trace_job_sample *sample)
{
    if (f->headless)
        return false;
    for (int i = 0; i < f->n_columns; i++)
        if (f->columns[i].required &&
            !trace_job_has_column(sample, f->delimiter, f->columns[i].name))
            return false;
    return true;
}

const struct trace_job_format *
trace_job_format_sniff(const struct trace_job_sample *sample)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (formats[i]->sniff != NULL ? formats[i]->sniff(sample)
                                      : has_required(formats[i], sample))
            return formats[i];
    return NULL;
}
