/* From a run to a month.
 *
 * A run simulates some work for some time.  A month is as many runs as fit in it at the
 * baseline's pace: hours_per_month / (the baseline's time in hours); every policy is
 * charged for that many runs, so that all do the same work in a month.  Where policies
 * take equally long (a horizon) that is what each spends in a month.  Cloud calculators
 * take 730 hours a month. */
#ifndef REPORT_MONTH_H
#define REPORT_MONTH_H

#include "model/result.h"

#define REPORT_HOURS_PER_MONTH 730.0

/* Runs in a month of so many hours; NaN where nothing took any time. */
double report_runs_per_month(const struct model_result *result, double hours_per_month);

#endif
