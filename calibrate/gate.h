/* The gate of a sample: did the thread wait for a CPU, was it pushed off one?  From
 * /proc/thread-self/schedstat and getrusage(RUSAGE_THREAD), which need no rights; where
 * one of them is missing the gate says so and works with the other.
 */
#ifndef CALIBRATE_GATE_H
#define CALIBRATE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/world.h"

/* Of one thread: opened and used in it. */
struct cal_gate {
    int fd; /* of schedstat, or -1 */
};

void cal_gate_open(struct cal_gate *gate);
void cal_gate_close(struct cal_gate *gate);

struct cal_mark cal_gate_mark(struct cal_gate *gate);

/* What it looks at: "run-queue wait, switches", "switches". */
const char *cal_gate_text(const struct cal_gate *gate);

/* sp_clock_ns() for a world; `self` is not looked at. */
int64_t cal_gate_now_ns(void *self);

/* "RUN WAIT SLICES", nanoseconds: WAIT; false where the text is something else. */
bool cal_gate_parse_schedstat(const char *text, int64_t *wait_ns);

#endif
