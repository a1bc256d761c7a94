/* What a trace is: one pass, constant memory whatever its length (but see
 * traces/prefix.h).
 *
 * Windows count from the first row: window k holds the arrivals of [k w, (k + 1) w).
 * The index of dispersion of counts is their variance (unbiased) over their mean: 1 for
 * a Poisson process, more for a burstier one.  It takes whole windows only, empty ones
 * included; with fewer than two it is NaN.
 */
#ifndef TRACES_INFO_H
#define TRACES_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "traces/format.h"
#include "traces/paper.h"
#include "traces/prefix.h"
#include "traces/reader.h"

enum { TRACE_WINDOWS = 3, TRACE_SERIES_MAX = 64 };

struct trace_window {
    int64_t width_ns;
    int64_t n;          /* whole windows within the span */
    double dispersion;  /* NaN: fewer than two windows */
    int64_t peak_rows;  /* most rows of any window, the last piece included */
    int64_t peak_at_ns; /* where the first such window begins */
};

struct trace_size_info {
    char name[MODEL_NAME_MAX + 1];
    int64_t min, max, zeros;
    double mean;
    int64_t p50, p90, p99; /* exact below 256, else within TRACE_QUANTILE_ERROR */
};

struct trace_info {
    const char *path; /* the caller's */
    const struct trace_format *format;
    struct trace_file_facts file;
    uint64_t xxh64; /* of the stored bytes */
    int64_t rows;
    int64_t span_ns;                  /* first row to last */
    double rate_per_s;                /* gaps over span; NaN: no span */
    double gap_mean_s, gap_cv;        /* NaN: no gaps; CV by the unbiased variance */
    int64_t gap_max_ns, gap_max_line; /* the line that ends the longest gap; 0: none */
    int64_t simultaneous;             /* rows at the time of the row above */
    int64_t repeated; /* of these, rows equal to the row above in every column */
    struct trace_window windows[TRACE_WINDOWS]; /* 1 s, 10 s, 60 s */
    int32_t n_sizes;
    struct trace_size_info sizes[TRACE_COLUMNS_MAX]; /* bytes first where there are */
    struct trace_prefix prefix;                      /* of traces with hashes */
    int32_t n_series;
    int64_t series_ns;                /* width of a bucket */
    int64_t series[TRACE_SERIES_MAX]; /* rows per bucket */
};

/* Reads all of the trace and fills *info.  Fails as trace_reader_open() and
 * trace_reader_next() do. */
SP_CHECKED enum sp_status trace_info_read(const char *path, const char *format,
                                          struct trace_info *info, struct sp_err *err);

/* For people, at most 80 columns wide (a long file name apart). */
void trace_info_print(const struct trace_info *info, struct trace_info_style style,
                      FILE *out);

/* One JSON object, numbers with %.17g, null for NaN. */
void trace_info_print_json(const struct trace_info *info, FILE *out);

#endif
