/* The monotonic clock, for those who measure: calibrate/, and progress in cli/. Nothing
 * that a run depends on may look at it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Since some time in the past, the same one throughout a process. */
int64_t sp_clock_ns(void);
double sp_clock_s(void);

#endif
