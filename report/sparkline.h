/* A quantity over time in one line of text: eight levels from nothing to all. */
#ifndef REPORT_SPARKLINE_H
#define REPORT_SPARKLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* A share over time, in buckets of equal width: part[i] of whole[i]. */
struct report_share_series {
    int32_t n;
    const double *part, *whole;
};

/* The share of a bucket, kept to 0..1; NaN where there is nothing to have a share of,
 * or one of the two is not known. */
double report_share_at(const struct report_share_series *s, int32_t bucket);

/* `columns` (at least 1) characters: a column is the buckets that it covers, parts of
 * buckets by how much; with fewer buckets than columns a bucket takes several.  Its
 * level is the share of their sums; a blank where there is none.  With `blocks` U+2581
 * to U+2588, else '_' to '#'. */
const char *report_sparkline(struct sp_arena *arena,
                             const struct report_share_series *s, int columns,
                             bool blocks);

#endif
