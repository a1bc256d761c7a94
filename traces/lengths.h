/* Where the lengths of made-up requests come from: a law, a file of values, or the rows
 * of a trace.  What is loaded lives in the caller's arena. */
#ifndef TRACES_LENGTHS_H
#define TRACES_LENGTHS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/dist.h"
#include "model/scenario.h"

/* Reads how a length is drawn, as it is written on a command line:
 *   512                  always so many
 *   lognormal:1155,0.9   mean and coefficient of variation
 *   empirical:FILE       the values of a CSV, below
 *   trace:FILE           the column `name` of a trace's rows, each as likely
 * Values are 0 (from files; else 1) .. 2^32 - 1.
 * The CSV has one column of values (equally likely; the header "value" may lack), or
 * two under the header "value,weight" or "value,cumulative" (values then rise, and so
 * does the probability of a value or one below it, to 1).  Only these values are drawn.
 *   SP_EINPUT  it is none of these, or the file is wrong.   SP_EIO  it can't be read.
 */
SP_CHECKED enum sp_status trace_lengths_parse(const char *text, const char *name,
                                              struct sp_arena *arena,
                                              struct model_dist *dist,
                                              struct sp_err *err);

/* Sizes of all rows of a trace. */
struct trace_length_rows {
    int64_t n;
    int32_t n_sizes;
    char names[MODEL_SIZES_MAX][MODEL_NAME_MAX + 1];
    const uint32_t *sizes; /* n_sizes for each row */
};

/* Reads those of `names` that the trace has (at least one): 4 bytes each in memory. */
SP_CHECKED enum sp_status
trace_lengths_of_trace(const char *path, const char *const *names, int32_t n_names,
                       struct sp_arena *arena, struct trace_length_rows *rows,
                       struct sp_err *err);

#endif
