/* Streamed statistics of a trace.  Sums are exact integers; doubles come at the end. */
#include "traces/info.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/units.h"
#include "base/wide.h"
#include "traces/gaps.h"
#include "traces/histogram.h"
#include "traces/windows.h"

static const int64_t widths_ns[TRACE_WINDOWS] = {SP_NS_PER_S, 10 * SP_NS_PER_S,
                                                 60 * SP_NS_PER_S};

enum { SERIES_WIDTH_NS = 1000000 }; /* at first; doubled as the trace goes on */

struct pass {
    struct trace_info *info;
    struct trace_layout layout;
    int64_t last_ns;
    struct trace_row last_row;
    uint64_t last_hashes; /* fingerprint of its hash ids */
    sp_i128 gap_squares;  /* ns^2: at most span^2, below 2^124 */
    struct trace_windows windows[TRACE_WINDOWS];
    struct trace_histogram *bytes, *sizes; /* sizes[n_sizes] */
    struct trace_prefix_pass *prefix;      /* NULL: no hashes */
    const struct trace_column *prompt;     /* of the tokens that they name, or NULL */
};

/* ---- rate over time ---- */

static void add_to_series(struct trace_info *info, int64_t time_ns)
{
    while (time_ns / info->series_ns >= TRACE_SERIES_MAX) {
        for (int i = 0; i < TRACE_SERIES_MAX / 2; i++)
            info->series[i] = info->series[2 * i] + info->series[2 * i + 1];
        memset(info->series + TRACE_SERIES_MAX / 2, 0, sizeof info->series / 2);
        info->series_ns *= 2;
    }
    info->series[time_ns / info->series_ns]++;
}

/* ---- rows ---- */

static uint64_t fingerprint(const struct trace_row *row)
{
    return row->n_hashes == 0
               ? 0
               : sp_hash64(row->hashes, (size_t)row->n_hashes * sizeof *row->hashes);
}

static bool same_row(const struct pass *p, const struct trace_row *row)
{
    return row->bytes == p->last_row.bytes && fingerprint(row) == p->last_hashes &&
           memcmp(row->size, p->last_row.size,
                  (size_t)p->layout.n_sizes * sizeof row->size[0]) == 0;
}

static void add_gap(struct pass *p, const struct trace_row *row, int64_t line)
{
    struct trace_info *info = p->info;
    int64_t gap = row->time_ns - p->last_ns;

    p->gap_squares += sp_i128_mul(gap, gap);
    if (gap > info->gap_max_ns) {
        info->gap_max_ns = gap;
        info->gap_max_line = line;
    }
    if (gap == 0) {
        info->simultaneous++;
        info->repeated += same_row(p, row);
    }
}

static void add_row(struct pass *p, const struct trace_row *row, int64_t line)
{
    struct trace_info *info = p->info;

    if (info->rows++ > 0)
        add_gap(p, row, line);
    p->last_ns = row->time_ns;
    p->last_row = *row;
    p->last_hashes = fingerprint(row);
    for (int w = 0; w < TRACE_WINDOWS; w++)
        trace_windows_add(&p->windows[w], row->time_ns);
    add_to_series(info, row->time_ns);
    if (p->layout.has_bytes)
        trace_histogram_add(p->bytes, row->bytes);
    for (int32_t i = 0; i < p->layout.n_sizes; i++)
        trace_histogram_add(&p->sizes[i], row->size[i]);
    if (p->prefix != NULL)
        trace_prefix_add(p->prefix, row->hashes, row->n_hashes,
                         p->prompt != NULL ? (int64_t)row->size[p->prompt->size] : -1);
}

/* ---- the end ---- */

static void finish_window(struct trace_windows *counts, int64_t span_ns,
                          struct trace_window *w)
{
    *w = (struct trace_window){.width_ns = counts->width_ns,
                               .n = span_ns / counts->width_ns,
                               .dispersion = trace_windows_end(counts, span_ns)};
    w->peak_rows = counts->peak_rows;
    w->peak_at_ns = counts->peak_window * counts->width_ns;
}

static void finish_gaps(const struct pass *p, struct trace_info *info)
{
    struct trace_gaps g = trace_gaps_of(info->rows, info->span_ns, p->gap_squares);

    info->rate_per_s = g.rate_per_s;
    info->gap_mean_s = g.mean_s;
    info->gap_cv = g.cv;
}

static void finish_size(const struct trace_histogram *h, const char *name,
                        struct trace_size_info *s)
{
    *s = (struct trace_size_info){
        .min = h->min,
        .max = h->max,
        .zeros = h->zeros,
        .mean = trace_histogram_mean(h),
        .p50 = trace_histogram_quantile(h, 500),
        .p90 = trace_histogram_quantile(h, 900),
        .p99 = trace_histogram_quantile(h, 990),
    };
    strcpy(s->name, name);
}

static void finish_sizes(const struct pass *p, struct trace_info *info)
{
    if (p->layout.has_bytes)
        finish_size(p->bytes, "bytes", &info->sizes[info->n_sizes++]);
    for (int32_t i = 0; i < p->layout.n; i++) {
        const struct trace_column *c = &p->layout.columns[i];

        if (c->kind == TRACE_COLUMN_SIZE)
            finish_size(&p->sizes[c->size], c->known_as, &info->sizes[info->n_sizes++]);
    }
}

static void finish(struct pass *p)
{
    struct trace_info *info = p->info;

    info->span_ns = p->last_ns;
    info->n_series = (int32_t)(info->span_ns / info->series_ns) + 1;
    for (int w = 0; w < TRACE_WINDOWS; w++)
        finish_window(&p->windows[w], info->span_ns, &info->windows[w]);
    finish_gaps(p, info);
    finish_sizes(p, info);
    if (p->prefix != NULL)
        info->prefix = trace_prefix_result(p->prefix);
}

static enum sp_status read_rows(struct trace_reader *reader, struct pass *p,
                                struct sp_err *err)
{
    struct trace_row row;
    enum sp_status status;

    p->layout = *trace_reader_layout(reader);
    p->bytes = sp_xcalloc(1, sizeof *p->bytes);
    p->sizes = sp_xcalloc((size_t)p->layout.n_sizes, sizeof *p->sizes);
    if (p->layout.hash_block_tokens > 0)
        p->prefix = trace_prefix_new(p->layout.hash_block_tokens);
    p->prompt = trace_layout_size(&p->layout, "prompt_tokens");
    while (trace_reader_next(reader, &row, &status, err))
        add_row(p, &row, trace_reader_line(reader));
    if (status == SP_OK)
        finish(p);
    free(p->bytes);
    free(p->sizes);
    trace_prefix_free(p->prefix);
    return status;
}

enum sp_status trace_info_read(const char *path, const char *format,
                               struct trace_info *info, struct sp_err *err)
{
    struct trace_info found = {.path = path, .series_ns = SERIES_WIDTH_NS};
    struct pass *p;
    struct trace_reader *reader;
    enum sp_status status = trace_reader_open(path, format, &reader, err);

    if (status != SP_OK)
        return status;
    p = sp_xcalloc(1, sizeof *p);
    p->info = &found;
    for (int w = 0; w < TRACE_WINDOWS; w++)
        p->windows[w].width_ns = widths_ns[w];
    found.format = trace_reader_format(reader);
    status = read_rows(reader, p, err);
    found.file = trace_reader_facts(reader);
    free(p);
    trace_reader_close(reader);
    if (status == SP_OK)
        status = sp_hash64_file(path, &found.xxh64, err);
    if (status == SP_OK)
        *info = found;
    return status;
}
