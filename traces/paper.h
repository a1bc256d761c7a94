/* How traces' figures are written, for people and as JSON. */
#ifndef TRACES_PAPER_H
#define TRACES_PAPER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/wide.h"

enum {
    TRACE_NUMBER = 32, /* room for a figure */
    TRACE_LABEL = 12,  /* columns of a label */
};

/* How the text is dressed. */
struct trace_info_style {
    bool chart; /* a line that shows the rate over time */
    bool utf8;  /* blocks in that line, else ASCII */
    bool colour;
};

/* 1234567 as "1,234,567". */
const char *trace_grouped(int64_t value, char buf[TRACE_NUMBER]);

/* Four figures or more: 0.1808, 17.25, 1,154.7; "-" for what was not measured. */
const char *trace_figure(double value, char buf[TRACE_NUMBER]);

const char *trace_duration(int64_t ns, char buf[TRACE_NUMBER]);

/* GPUs and GPU-hours of thousandths, for people. */
double trace_gpus(double mgpu);
double trace_gpu_h(sp_i128 mgpu_ns);

/* "36.64 %" of `whole`; "-" of nothing. */
const char *trace_percent(int64_t part, int64_t whole, char buf[TRACE_NUMBER]);

/* A name from outside, without the bytes that could drive a terminal. */
void trace_print_name(const char *name, FILE *out);

/* A label at the start of a line. */
void trace_label(const char *text, FILE *out);

/* A bar of eight heights for each value, the tallest full; 0 is blank. */
void trace_print_bars(const double *values, int32_t n, struct trace_info_style style,
                      FILE *out);

/* A string in quotes; what is not UTF-8 becomes U+FFFD. */
void trace_put_string(const char *text, FILE *out);

/* `before`, and the number: %.17g, null for what is not finite. */
void trace_put_number(const char *before, double value, FILE *out);
void trace_put_integer(const char *before, int64_t value, FILE *out);

#endif
