#include "traces/kind.h"

#include <string.h>

#include "base/input.h"
#include "model/availability.h"
#include "model/node_list.h"
#include "traces/demand_file.h"
#include "traces/format.h"
#include "traces/job_format.h"

static size_t without_cr(const char *text, const char *end)
{
    return (size_t)(end - text) - (end > text && end[-1] == '\r');
}

static bool is_job_trace(const char *text, size_t size)
{
    const char *end = text + size, *newline = memchr(text, '\n', size);
    struct trace_job_sample sample = {.line = text, .row = ""};

    if (newline == NULL)
        return false;
    sample.line_size = without_cr(text, newline);
    if (newline + 1 < end) {
        const char *row_end = memchr(newline + 1, '\n', (size_t)(end - newline - 1));

        sample.row = newline + 1;
        sample.row_size = without_cr(newline + 1, row_end);
    }
    return trace_job_format_sniff(&sample) != NULL;
}

static const struct {
    enum trace_kind kind;
    bool (*recognise)(const char *text, size_t size);
} kinds[] = {
    {TRACE_KIND_AVAILABILITY, model_availability_recognise},
    {TRACE_KIND_NODES, model_node_list_recognise},
    {TRACE_KIND_DEMAND, trace_demand_recognise},
    {TRACE_KIND_JOBS, is_job_trace},
};

static enum trace_kind kind_of_text(const char *text, size_t size)
{
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].recognise(text, size))
            return kinds[i].kind;
    return TRACE_KIND_REQUESTS;
}

enum sp_status trace_kind_of(const char *path, const char *format,
                             enum trace_kind *kind, struct sp_err *err)
{
    bool named = format != NULL && strcmp(format, "auto") != 0;
    const struct trace_job_format *jobs;
    const struct trace_format *requests;
    const char *begin, *end;
    struct sp_input *input;
    enum sp_status status;

    if (named && trace_format_find(format, &requests, NULL) != SP_OK) {
        *kind = trace_job_format_find(format, &jobs, NULL) == SP_OK
                    ? TRACE_KIND_JOBS
                    : TRACE_KIND_REQUESTS;
        return SP_OK;
    }
    if (named && trace_job_format_find(format, &jobs, NULL) != SP_OK) {
        *kind = TRACE_KIND_REQUESTS;
        return SP_OK;
    }
    status = sp_input_open(path, &input, err);
    if (status != SP_OK)
        return status;
    status = sp_input_lines(input, &begin, &end, err);
    if (status == SP_OK)
        *kind = kind_of_text(begin, (size_t)(end - begin));
    sp_input_close(input);
    return status;
}
