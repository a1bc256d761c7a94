/* Lines from the input, rows from the format, and the checks that need more than a row.
 */
#include "traces/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/input.h"
#include "base/units.h"

struct trace_reader {
    struct sp_input *input;
    const struct trace_format *format;
    struct trace_layout layout;
    struct trace_row_state state;
    const char *text, *end;            /* whole lines not yet read */
    const struct trace_column *prompt; /* the tokens that hashes name, or NULL */
    int64_t line, first_ns, last_ns;
    bool has_first, has_bom, ended;
    struct sp_err what; /* of the row that is broken */
};

void trace_reader_close(struct trace_reader *r)
{
    if (r == NULL)
        return;
    sp_input_close(r->input);
    trace_hashes_fini(&r->state.hashes);
    free(r);
}

static const char *path_of(const struct trace_reader *r)
{
    return sp_input_path(r->input);
}

static void skip_bom(struct trace_reader *r)
{
    r->has_bom = r->end - r->text >= 3 && memcmp(r->text, "\xef\xbb\xbf", 3) == 0;
    if (r->has_bom)
        r->text += 3;
}

/* The format asked for, or the one that the first two lines look like. */
static enum sp_status choose_format(struct trace_reader *r, const char *name,
                                    const char *header_end, struct sp_err *err)
{
    const char *row = header_end + 1;
    const char *row_end =
        row < r->end ? memchr(row, '\n', (size_t)(r->end - row)) : row;
    char found[TRACE_QUOTE_SIZE];

    if (name != NULL && strcmp(name, "auto") != 0)
        return trace_format_find(name, &r->format, err);
    r->format = trace_format_sniff(r->text, (size_t)(header_end - r->text), row,
                                   (size_t)(row_end - row));
    if (r->format == NULL)
        return sp_fail(err, SP_EINPUT,
                       "%s:1: no known trace format begins like this: found '%s', "
                       "expected a header line, or a JSON object a line with a "
                       "timestamp or arrival_time_ns",
                       path_of(r),
                       trace_quote(r->text, (size_t)(header_end - r->text), found));
    return SP_OK;
}

static enum sp_status read_header(struct trace_reader *r, const char *format,
                                  struct sp_err *err)
{
    struct sp_err what = {0};
    const char *header_end;
    enum sp_status status = sp_input_lines(r->input, &r->text, &r->end, err);

    if (status != SP_OK)
        return status;
    skip_bom(r);
    if (r->text == r->end)
        return sp_fail(err, SP_EINPUT, "%s: the file is empty, expected a header line",
                       path_of(r));
    header_end = memchr(r->text, '\n', (size_t)(r->end - r->text));
    if (header_end - r->text >= SP_INPUT_LINE_MAX)
        return sp_fail(
            err, SP_EINPUT,
            "%s:1: the first line is longer than %d bytes: this is not a trace "
            "in text form",
            path_of(r), (int)SP_INPUT_LINE_MAX);
    status = choose_format(r, format, header_end, err);
    if (status != SP_OK)
        return status;
    if (r->format->columns(r->text, (size_t)(header_end - r->text), &r->layout,
                           &what) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s:1: %s", path_of(r), what.text);
    if (!r->format->headless) {
        r->text = header_end + 1;
        r->line = 1;
    }
    r->prompt = trace_layout_size(&r->layout, "prompt_tokens");
    return SP_OK;
}

/* Makes sure that a line is at hand; *any says whether there was one. */
static enum sp_status more_lines(struct trace_reader *r, bool *any, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    if (r->text == r->end)
        status = sp_input_lines(r->input, &r->text, &r->end, err);
    *any = status == SP_OK && r->text != r->end;
    return status;
}

enum sp_status trace_reader_open(const char *path, const char *format,
                                 struct trace_reader **reader, struct sp_err *err)
{
    struct trace_reader *r = sp_xcalloc(1, sizeof *r);
    enum sp_status status = sp_input_open(path, &r->input, err);
    bool any = false;

    if (status == SP_OK)
        status = read_header(r, format, err);
    if (status == SP_OK)
        status = more_lines(r, &any, err);
    if (status == SP_OK && !any)
        status =
            sp_fail(err, SP_EINPUT,
                    "%s: the trace is empty: a header line and no rows, expected at "
                    "least one row",
                    path);
    if (status != SP_OK) {
        trace_reader_close(r);
        return status;
    }
    r->state =
        (struct trace_row_state){.minute = {'1', '9', '7', '0', '-', '0', '1', '-', '0',
                                            '1', ' ', '0', '0', ':', '0', '0'},
                                 .minute_ns = 0,
                                 .zone = r->layout.zone};
    *reader = r;
    return SP_OK;
}

static const char *time_column(const struct trace_reader *r)
{
    for (int32_t i = 0; i < r->layout.n; i++)
        if (trace_column_is_time(&r->layout.columns[i]))
            return r->layout.columns[i].name;
    return "";
}

/* Why settle_time() said no. */
static enum sp_status wrong_time(const struct trace_reader *r, int64_t time_ns,
                                 struct sp_err *err)
{
    if (time_ns < r->last_ns)
        return sp_fail(err, SP_EINPUT,
                       "%s:%" PRId64 ": column %s: the time goes backwards: found one "
                       "%.9f s before the row above, expected rows sorted by time",
                       path_of(r), r->line, time_column(r),
                       sp_s_from_ns(r->last_ns - time_ns));
    return sp_fail(err, SP_EINPUT,
                   "%s:%" PRId64
                   ": column %s: found a time more than 100 years after the "
                   "first row's",
                   path_of(r), r->line, time_column(r));
}

/* Makes the row's time relative; false: it is out of order. */
static inline bool settle_time(struct trace_reader *r, struct trace_row *row)
{
    if (!r->has_first) {
        r->first_ns = r->last_ns = row->time_ns;
        r->has_first = true;
    }
    if (row->time_ns < r->last_ns || row->time_ns - r->first_ns > SP_NS_MAX)
        return false;
    r->last_ns = row->time_ns;
    row->time_ns -= r->first_ns;
    return true;
}

/* Hands the row its hashes; false: not as many as the format's rule wants for so many
 * prompt tokens. */
static bool take_hashes(struct trace_reader *r, struct trace_row *row)
{
    int64_t block = r->layout.hash_block_tokens, tokens, most, least;

    row->n_hashes = r->state.hashes.n;
    row->hashes = row->n_hashes > 0 ? r->state.hashes.ids : NULL;
    if (r->prompt == NULL)
        return true;
    tokens = row->size[r->prompt->size];
    most =
        (tokens + (r->layout.hash_rule == TRACE_HASHES_FULL ? 0 : block - 1)) / block;
    least = r->layout.hash_rule == TRACE_HASHES_AT_MOST ? 0 : most;
    if (row->n_hashes >= least && row->n_hashes <= most)
        return true;
    sp_fail(&r->what, SP_EINPUT,
            "found %d hash ids for %" PRId64 " tokens in %s, expected %s%" PRId64
            ": one for each %" PRId64 " tokens%s",
            (int)row->n_hashes, tokens, r->prompt->name, least < most ? "at most " : "",
            most, block,
            r->layout.hash_rule == TRACE_HASHES_FULL ? ", whole blocks only" : "");
    return false;
}

/* The end of the lines at hand: false where there are no more. */
static bool advance(struct trace_reader *r, enum sp_status *status, struct sp_err *err)
{
    bool any = false;

    if (!r->ended)
        *status = more_lines(r, &any, err);
    r->ended = !any;
    return any;
}

static bool fail_row(struct trace_reader *r, bool parsed, int64_t time_ns,
                     enum sp_status *status, struct sp_err *err)
{
    r->ended = true;
    r->text = r->end;
    *status = parsed ? wrong_time(r, time_ns, err)
                     : sp_fail(err, SP_EINPUT, "%s:%" PRId64 ": %s", path_of(r),
                               r->line, r->what.text);
    return false;
}

bool trace_reader_next(struct trace_reader *r, struct trace_row *row,
                       enum sp_status *status, struct sp_err *err)
{
    const char *after;

    *status = SP_OK;
    if (r->text == r->end && !advance(r, status, err))
        return false;
    r->line++;
    row->bytes = 0;
    r->state.hashes.n = 0;
    after = r->format->row(&r->layout, &r->state, r->text, r->end, row, &r->what);
    row->n_hashes = 0;
    row->hashes = NULL;
    if (after == NULL || (r->layout.hash_block_tokens > 0 && !take_hashes(r, row)))
        return fail_row(r, false, 0, status, err);
    if (!settle_time(r, row))
        return fail_row(r, true, row->time_ns, status, err);
    r->text = after;
    return true;
}

const struct trace_layout *trace_reader_layout(const struct trace_reader *r)
{
    return &r->layout;
}

const struct trace_format *trace_reader_format(const struct trace_reader *r)
{
    return r->format;
}

int64_t trace_reader_line(const struct trace_reader *r)
{
    return r->line;
}

struct trace_file_facts trace_reader_facts(const struct trace_reader *r)
{
    return (struct trace_file_facts){
        .compression = sp_input_compression(r->input),
        .stored_bytes = sp_input_stored_bytes(r->input),
        .text_bytes = sp_input_text_bytes(r->input),
        .crlf_rows = r->state.crlf_rows,
        .odd_rows = r->state.odd_rows,
        .has_bom = r->has_bom,
        .lacks_newline = sp_input_lacks_newline(r->input),
    };
}
