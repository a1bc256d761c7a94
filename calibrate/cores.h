/* The real world behind struct cal_world: this thread's counters and clock, and threads
 * pinned to the machine's cores.
 */
#ifndef CALIBRATE_CORES_H
#define CALIBRATE_CORES_H

#include "calibrate/gate.h"
#include "calibrate/machine.h"

/* What stands behind a world: belongs to the thread that opened it. */
struct cal_here {
    struct cal_gate gate;
    const struct cal_machine *machine;
};

void cal_here_open(struct cal_here *here, const struct cal_machine *machine);
void cal_here_close(struct cal_here *here);

/* The world as this thread sees it; `here` must outlive it. */
struct cal_world cal_here_world(struct cal_here *here);

#endif
