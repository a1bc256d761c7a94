/* What the tables of report/csv_out*.c share.  Internal to them. */
#ifndef REPORT_CSV_OUT_PARTS_H
#define REPORT_CSV_OUT_PARTS_H

#include "report/context.h"
#include "report/csv_text.h"

struct report_csv_table {
    const char *name;    /* of the file, without ".csv" */
    const char *columns; /* the header */
    void (*rows)(struct report_csv *csv, const struct report_context *c);
};

/* Those of policies; NULL as name ends the list. */
extern const struct report_csv_table report_csv_policy_tables[];

/* The header's part and the fields of a struct model_stat: mean and half width. */
#define REPORT_CSV_STAT(name) name "," name "_half95"
void report_csv_stat(struct report_csv *csv, struct model_stat stat);

/* Of a struct model_times: how many, mean, quantiles, longest. */
#define REPORT_CSV_TIMES(name)                                                         \
    name "_count," name "_mean_s," name "_p50_s," name "_p90_s," name "_p99_s," name   \
         "_max_s"
void report_csv_times(struct report_csv *csv, const struct model_times *t);

#endif
