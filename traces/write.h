/* Rows written as our own CSV (docs/traces.md): what the reader reads again. */
#ifndef TRACES_WRITE_H
#define TRACES_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "traces/format.h"

struct trace_writer {
    FILE *out; /* the caller's; whether all was written is asked with ferror() */
    bool bytes;
    int32_t n_sizes;
    const char *names[TRACE_COLUMNS_MAX]; /* of the sizes; the caller's */
    int32_t hash_block_tokens;            /* 0: no column of hash ids */
};

void trace_write_header(const struct trace_writer *w);

/* Times are written as seconds with as many decimals as they need, at most 9. */
void trace_write_row(const struct trace_writer *w, const struct trace_row *row);

#endif
