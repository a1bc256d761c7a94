/* Tables of a sheet, one below the other.  Internal to report/workbook*.c. */
#ifndef REPORT_WORKBOOK_TABLES_H
#define REPORT_WORKBOOK_TABLES_H

#include <stddef.h>

#include "report/workbook_parts.h"

struct report_place {
    const struct report_workbook *w;
    struct report_sheet *s;
    int row; /* the next free one */
};

/* A column that is a figure of a record: a struct model_stat, `at` bytes into it. */
struct report_stat_column {
    const char *head;
    size_t at;
    enum report_look look;
};

/* Title and heads of a table; the place is its first row, after. */
void report_place_start(struct report_place *at, const char *title,
                        const char *const *heads, int n);

/* Means of n figures of a record, from `column` on, in the row of the place.  Returns
 * the column after them. */
int report_place_stats(const struct report_place *at, int column, const void *record,
                       const struct report_stat_column *columns, int n);

/* Adds the heads of `count` columns to the n that there are; returns how many. */
int report_place_heads(const char **heads, int n,
                       const struct report_stat_column *columns, int count);

#endif
