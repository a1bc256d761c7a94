/* BurstGPT (HPMLL/BurstGPT, CC-BY 4.0): requests to a university's ChatGPT and GPT-4
 * services, in seconds.  The first two files have six columns,
 * "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type", the third has
 * Session ID and Elapsed time behind the first: so columns go by name, and those that
 * are not known are not read.
 *
 * A request that failed has 0 response tokens: it is passed on as it is, and whoever
 * serves it says what becomes of a request for nothing.
 */
#include <string.h>

#include "traces/format.h"
#include "traces/row.h"

static const struct {
    const char *name, *known_as;
    enum trace_column_kind kind;
    int32_t size;
} known[] = {
    {"Timestamp", "timestamp", TRACE_COLUMN_S, 0},
    {"Request tokens", "prompt_tokens", TRACE_COLUMN_SIZE, 0},
    {"Response tokens", "output_tokens", TRACE_COLUMN_SIZE, 1},
};
enum { N_KNOWN = sizeof known / sizeof known[0] };

static bool is_name(const struct trace_field *field, const char *name)
{
    return field->size == strlen(name) && memcmp(field->text, name, field->size) == 0;
}

/* Reads the header; *found gets a bit for each known column, and bit N_KNOWN where one
 * is there twice. */
static enum sp_status read_header(const char *header, size_t size,
                                  struct trace_layout *layout, unsigned *found,
                                  struct sp_err *err)
{
    const char *end = header + size, *p = header;
    struct trace_field field;

    *layout = (struct trace_layout){.n_sizes = 2, .zone = TRACE_ZONE_NONE};
    *found = 0;
    if (size > 0 && end[-1] == '\r')
        end--;
    while (p != NULL) {
        struct trace_column *c = &layout->columns[layout->n];
        int k = 0;

        if (layout->n++ == TRACE_COLUMNS_MAX)
            return sp_fail(err, SP_EINPUT, "found more than %d columns, expected fewer",
                           (int)TRACE_COLUMNS_MAX);
        p = trace_field_next(p, end, &field);
        while (k < N_KNOWN && !is_name(&field, known[k].name))
            k++;
        *c = (struct trace_column){.kind = TRACE_COLUMN_TEXT};
        if (k == N_KNOWN)
            continue;
        strcpy(c->name, known[k].name);
        strcpy(c->known_as, known[k].known_as);
        c->kind = known[k].kind;
        c->size = known[k].size;
        *found |= (*found & 1u << k) != 0 ? 1u << N_KNOWN : 1u << k;
    }
    return SP_OK;
}

static enum sp_status columns(const char *header, size_t size,
                              struct trace_layout *layout, struct sp_err *err)
{
    struct trace_layout l;
    unsigned found;
    enum sp_status status = read_header(header, size, &l, &found, err);

    if (status != SP_OK)
        return status;
    for (int k = 0; k < N_KNOWN; k++)
        if ((found & 1u << k) == 0)
            return sp_fail(err, SP_EINPUT,
                           "no column '%s', expected a header such as Timestamp,Model,"
                           "Request tokens,Response tokens,Total tokens,Log Type",
                           known[k].name);
    if ((found & 1u << N_KNOWN) != 0)
        return sp_fail(err, SP_EINPUT,
                       "one of the columns Timestamp, Request tokens "
                       "and Response tokens is there twice");
    *layout = l;
    return SP_OK;
}

static bool sniff(const char *header, size_t header_size, const char *row,
                  size_t row_size)
{
    struct trace_layout l;
    unsigned found;

    (void)row;
    (void)row_size;
    return read_header(header, header_size, &l, &found, NULL) == SP_OK &&
           (found & ((1u << N_KNOWN) - 1)) == (1u << N_KNOWN) - 1;
}

const struct trace_format trace_format_burstgpt = {
    .name = "burstgpt",
    .help = "BurstGPT (failed requests have output_tokens 0)",
    .sniff = sniff,
    .columns = columns,
    .row = trace_row_read,
};
