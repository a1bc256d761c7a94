/* From rows to arrivals. */
#include "traces/arrivals.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/text.h"
#include "base/units.h"
#include "traces/reader.h"

#define SCALE_MIN 1e-9
#define SCALE_MAX 1e9

struct arrivals {
    struct trace_reader *reader;
    int32_t n_sizes;
    int32_t column[MODEL_SIZES_MAX]; /* index in a row's sizes */
    double scale;
    int64_t items_left, end_ns; /* INT64_MAX: not limited */
};

/* ---- scale ---- */

static int64_t scale_time(int64_t time_ns, double scale)
{
    enum { MANTISSA_BITS = 53, ROOM_BITS = 124 };
    int exponent;
    int64_t mantissa = (int64_t)ldexp(frexp(scale, &exponent), MANTISSA_BITS);
    int shift = MANTISSA_BITS - exponent; /* scale = mantissa / 2^shift, exactly */
    sp_u128 top = (sp_u128)time_ns, bottom, quotient;

    for (; shift > 0 && mantissa % 2 == 0; shift--)
        mantissa /= 2;
    if (shift > 0 && top >> (ROOM_BITS - shift) != 0)
        return INT64_MAX;
    top <<= shift;
    bottom = (sp_u128)mantissa;
    quotient = (2 * top + bottom) / (2 * bottom);
    return quotient <= (sp_u128)SP_NS_MAX ? (int64_t)quotient : INT64_MAX;
}

int64_t trace_scale_time(int64_t time_ns, double scale)
{
    return scale == 1.0 ? time_ns : scale_time(time_ns, scale);
}

/* ---- stream ---- */

/* The first row that is past a limit ends the stream. */
static bool past_end(struct arrivals *a, enum sp_status *status, struct sp_err *err)
{
    a->items_left = 0;
    if (a->end_ns == INT64_MAX)
        *status =
            sp_fail(err, SP_EINPUT,
                    "line %" PRId64 " of the trace: scaled by %g it arrives more than "
                    "100 years after the first row",
                    trace_reader_line(a->reader), a->scale);
    return false;
}

static bool next(void *self, struct model_arrival *arrival, enum sp_status *status,
                 struct sp_err *err)
{
    struct arrivals *a = self;
    struct trace_row row;
    int64_t time_ns;

    if (a->items_left <= 0) {
        *status = SP_OK;
        return false;
    }
    if (!trace_reader_next(a->reader, &row, status, err))
        return false;
    time_ns = trace_scale_time(row.time_ns, a->scale);
    if (time_ns >= a->end_ns)
        return past_end(a, status, err);
    a->items_left--;
    arrival->time_ns = time_ns;
    arrival->bytes = row.bytes;
    for (int32_t i = 0; i < a->n_sizes; i++)
        arrival->size[i] = row.size[a->column[i]];
    arrival->n_hashes = row.n_hashes;
    arrival->hashes = row.hashes;
    return true;
}

static void close_arrivals(void *self)
{
    struct arrivals *a = self;

    if (a != NULL)
        trace_reader_close(a->reader);
    free(a);
}

/* ---- opening ---- */

/* Names those that there are. */
static enum sp_status no_such_size(const char *path, const char *name,
                                   const struct trace_layout *layout,
                                   struct sp_err *err)
{
    const char *names[TRACE_COLUMNS_MAX], *nearest;
    char list[TRACE_COLUMNS_MAX * (MODEL_NAME_MAX + 3)];
    size_t used = 0, n = 0;

    for (int32_t i = 0; i < layout->n; i++)
        if (layout->columns[i].kind == TRACE_COLUMN_SIZE) {
            names[n] = layout->columns[i].known_as;
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     n > 0 ? ", " : "", names[n]);
            n++;
        }
    if (n == 0)
        return sp_fail(err, SP_EINPUT, "%s: the trace has no size '%s', nor any other",
                       path, name);
    nearest = sp_text_nearest(name, names, n);
    return sp_fail(err, SP_EINPUT,
                   "%s: the trace has no size '%s', expected one of %s%s%s%s", path,
                   name, list, nearest != NULL ? "; did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

static enum sp_status pick_sizes(const struct trace_request *request,
                                 struct arrivals *a, struct sp_err *err)
{
    const struct trace_layout *layout = trace_reader_layout(a->reader);

    a->n_sizes = request->n_sizes;
    for (int32_t i = 0; i < request->n_sizes; i++) {
        const struct trace_column *c =
            trace_layout_size(layout, request->size_names[i]);

        if (c == NULL)
            return no_such_size(request->path, request->size_names[i], layout, err);
        a->column[i] = c->size;
    }
    return SP_OK;
}

enum sp_status trace_open(const struct trace_request *request,
                          struct model_arrivals *arrivals, struct sp_err *err)
{
    struct arrivals *a;
    enum sp_status status;

    sp_assert(request->n_sizes >= 0 && request->n_sizes <= MODEL_SIZES_MAX);
    if (!(request->scale >= SCALE_MIN && request->scale <= SCALE_MAX))
        return sp_fail(
            err, SP_EINPUT,
            "%s: the trace's scale is %g, expected a number from 1e-9 to 1e9",
            request->path, request->scale);
    a = sp_xcalloc(1, sizeof *a);
    a->scale = request->scale;
    a->items_left = request->items >= 0 ? request->items : INT64_MAX;
    a->end_ns = request->for_ns >= 0 ? request->for_ns : INT64_MAX;
    status = trace_reader_open(request->path, request->format, &a->reader, err);
    if (status == SP_OK)
        status = pick_sizes(request, a, err);
    if (status != SP_OK) {
        close_arrivals(a);
        return status;
    }
    *arrivals = (struct model_arrivals){
        .self = a,
        .next = next,
        .close = close_arrivals,
        .hash_block_tokens = trace_reader_layout(a->reader)->hash_block_tokens};
    return SP_OK;
}

/* ---- as a scenario asks for it ---- */

static enum sp_status open_plan(const char *folder, const struct model_plan *plan,
                                struct model_arrivals *arrivals, struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct trace_request request = {
        .path = sp_path_from(scratch, folder, plan->source.trace_path),
        .format = plan->source.trace_format,
        .n_sizes = plan->n_sizes,
        .size_names = plan->size_names,
        .scale = plan->source.trace_scale,
        .items = plan->source.items,
        .for_ns = plan->source.for_ns};
    enum sp_status status = trace_open(&request, arrivals, err);

    sp_arena_free(scratch);
    return status;
}

static enum sp_status opener_open(void *self, const struct model_plan *plan,
                                  struct model_arrivals *arrivals, struct sp_err *err)
{
    return open_plan(self, plan, arrivals, err);
}

struct model_trace_opener trace_opener(char *folder)
{
    return (struct model_trace_opener){.self = folder, .open = opener_open};
}

enum sp_status trace_summary(const char *folder, const struct model_plan *plan,
                             struct model_trace_summary *summary, struct sp_err *err)
{
    struct model_trace_summary s = {.known = true};
    sp_i128 sizes[MODEL_SIZES_MAX] = {0}, bytes = 0;
    struct model_arrivals arrivals;
    struct model_arrival a = {0};
    enum sp_status status = open_plan(folder, plan, &arrivals, err);

    if (status != SP_OK)
        return status;
    while (arrivals.next(arrivals.self, &a, &status, err)) {
        s.rows++;
        bytes += a.bytes;
        for (int32_t i = 0; i < plan->n_sizes; i++)
            sizes[i] += a.size[i];
    }
    arrivals.close(arrivals.self);
    if (status != SP_OK)
        return status;
    s.span_s = sp_s_from_ns(a.time_ns);
    if (s.rows > 0) {
        s.mean_bytes = sp_double_from_i128(bytes) / (double)s.rows;
        for (int32_t i = 0; i < plan->n_sizes; i++)
            s.mean_size[i] = sp_double_from_i128(sizes[i]) / (double)s.rows;
    }
    *summary = s;
    return SP_OK;
}
