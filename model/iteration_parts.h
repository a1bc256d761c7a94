/* What the sources of iteration times share: integer lines, curves through measured
 * points, tables of numbers.  For model/iteration*.c only.
 *
 * Exactness: a time that depends on the context is a sum of ramps; a ramp's values at
 * its knots and its slope between them are rounded to ticks once, from nothing but the
 * batch's size, so that a span and its iterations one by one read the same integers.
 */
#ifndef MODEL_ITERATION_PARTS_H
#define MODEL_ITERATION_PARTS_H

#include "model/iteration.h"

/* No iteration is longer: 2^61 ticks are 2,199 s. */
#define MODEL_TICKS_MAX (INT64_C(1) << 61)

struct model_iteration_ops {
    /* A batch with prefills. */
    enum sp_status (*mixed)(const void *self, const struct model_batch *batch,
                            struct model_iteration_time *time, struct sp_err *err);
    /* A batch that only decodes.  line->first may be negative, and the line may fall
     * below 0 or pass MODEL_TICKS_MAX: the caller cuts it. */
    enum sp_status (*line)(const void *self, const struct model_batch *batch,
                           struct model_line *line, struct model_iteration_time *time,
                           struct sp_err *err);
};

struct model_iteration {
    const struct model_iteration_ops *ops;
    const void *self;
    const char *text;
    struct model_iteration_reach reach;
    enum model_source_of_time kind;
    bool knows_bound; /* compute_bound means something */
};

struct model_iteration *model_iteration_new(struct sp_arena *arena,
                                            const struct model_iteration *as);

/* Seconds to ticks, unrounded; ticks to an integer, within +-MODEL_TICKS_MAX. */
double model_ticks(double s);
int64_t model_ticks_round(double ticks);

/* ---- lines ---- */

/* Adds a line; the sum holds as long as both do. */
void model_line_add(struct model_line *sum, struct model_line part);

/* How many iterations `d + i * step` stays on the side of 0 that d is on (> 0, or
 * not). */
int64_t model_side_count(int64_t d, int64_t step);

/* Values over whole numbers, linear between knots. */
struct model_ramp {
    int32_t n;
    const int64_t *x;    /* rising */
    const double *ticks; /* at the knots */
};

/* Where on a ramp, and how it goes on. */
struct model_walk {
    int64_t x;      /* place times `scale` */
    int64_t scale;  /* >= 1: knots are at scale * ramp->x */
    int64_t dx;     /* growth of x per iteration, > 0 */
    double weight;  /* of the values */
    bool clamp;     /* beyond the last knot its value goes on, not the last segment */
    bool clamp_low; /* the same before the first knot */
};
struct model_line model_ramp_line(const struct model_ramp *ramp,
                                  const struct model_walk *walk);
bool model_ramp_beyond(const struct model_ramp *ramp, int64_t x, int64_t scale);

/* ---- curves ---- */

/* Beyond the ends the last segment goes on, unless the end's value stays. */
enum model_clamp { /* bits */
                   MODEL_CLAMP_NONE = 0,
                   MODEL_CLAMP_LOW = 1,
                   MODEL_CLAMP_HIGH = 2,
                   MODEL_CLAMP_BOTH = 3,
};

/* Of kernels: below its first point one takes what it does there; beyond its last one,
 * too, with `high`. */
static inline enum model_clamp model_clamp_kernel(bool high)
{
    return high ? MODEL_CLAMP_BOTH : MODEL_CLAMP_LOW;
}

/* A curve over a count, in ticks; linear between points (GSL). */
struct model_curve {
    int32_t n;
    double *x, *y;
};

double model_curve_at(const struct model_curve *curve, double x,
                      enum model_clamp clamp);

/* Where x lies among n rising values: between at and at + 1 (of one value: at), with
 * the weight of the latter. */
struct model_bracket {
    int32_t at;
    double w;
};
struct model_bracket model_bracket_find(const double *xs, int32_t n, double x,
                                        enum model_clamp clamp);

/* sum += factor * curve, at all points of both (linear before, clamped and extended as
 * a sum of the two would be). */
void model_curve_add(struct model_curve *sum, const struct model_curve *part,
                     double factor, struct sp_arena *arena);

/* ---- tables of numbers ---- */

enum { MODEL_RECORD_NUMBERS = 6 };

struct model_record {
    const char *text; /* of the text column, in the caller's arena; NULL without */
    double v[MODEL_RECORD_NUMBERS]; /* NaN where the column is missing */
    int32_t line;
};

struct model_record_column {
    const char *name; /* NULL ends a list; of several columns with the same slot the
                       * header may have any one */
    int32_t slot;     /* in v; -1: the text */
    bool whole;       /* must be a whole number */
    bool optional;    /* the header need not have it */
    double min, max;
};

struct model_records {
    int32_t n;
    struct model_record *rows;            /* in file order */
    int32_t header[MODEL_RECORD_NUMBERS]; /* for a slot, which column filled it: its
                                           * place in the list; -1: none */
};

/* Reads a CSV by the names in its header; columns it does not know are skipped where
 * `strict` is false.  Messages name `shown`.  The rows live in `arena`. */
struct model_records_request {
    const char *path, *shown;
    const struct model_record_column *columns;
    bool strict;
};
SP_CHECKED enum sp_status model_records_read(const struct model_records_request *r,
                                             struct sp_arena *arena,
                                             struct model_records *records,
                                             struct sp_err *err);

/* Rows of text column `name` as a curve x = v[0], y = v[1] * factor: sorted, of rows
 * with equal x the median.  n 0: no such rows. */
struct model_curve model_records_curve(const struct model_records *records,
                                       const char *name, double factor,
                                       struct sp_arena *arena);

#endif
