#include "traces/kind.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/input.h"
#include "model/availability.h"
#include "model/node_list.h"
#include "traces/demand_file.h"
#include "traces/jobs.h"

static bool is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 || S_ISREG(st.st_mode); /* opening tells the former */
}

static const struct {
    enum trace_kind kind;
    bool (*recognise)(const char *text, size_t size);
} kinds[] = {
    {TRACE_KIND_AVAILABILITY, model_availability_recognise},
    {TRACE_KIND_NODES, model_node_list_recognise},
    {TRACE_KIND_DEMAND, trace_demand_recognise},
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

static enum sp_status kind_of_file(const char *path, enum trace_kind *kind,
                                   struct sp_err *err)
{
    const char *begin, *end;
    struct sp_input *input;
    enum sp_status status = sp_input_open(path, &input, err);

    if (status != SP_OK)
        return status;
    status = sp_input_lines(input, &begin, &end, err);
    if (status == SP_OK)
        *kind = kind_of_text(begin, (size_t)(end - begin));
    sp_input_close(input);
    return status;
}

enum sp_status trace_kind_of(const char *path, const char *format,
                             enum trace_kind *kind, struct sp_err *err)
{
    bool named = format != NULL && strcmp(format, "auto") != 0, are_jobs = false;
    enum trace_kind found = TRACE_KIND_REQUESTS;
    enum sp_status status = SP_OK;

    if (!named && is_regular(path))
        status = kind_of_file(path, &found, err);
    if (status == SP_OK && found == TRACE_KIND_REQUESTS)
        status = trace_jobs_recognize(path, format, &are_jobs, err);
    if (status == SP_OK)
        *kind = are_jobs ? TRACE_KIND_JOBS : found;
    return status;
}
