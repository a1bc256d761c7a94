/* The real world behind struct cal_world: this thread's counters and clock, and threads
 * pinned to the machine's cores.
 */
#ifndef CALIBRATE_CORES_H
#define CALIBRATE_CORES_H

#include "calibrate/gate.h"
#include "calibrate/machine.h"

/* What stands behind a world: belongs to the thread that opened it. */
struct cal_cpu_rig {
    struct cal_gate gate;
    const struct cal_machine *machine;
};

void cal_cpu_rig_open(struct cal_cpu_rig *rig, const struct cal_machine *machine);
void cal_cpu_rig_close(struct cal_cpu_rig *rig);

/* The world as this thread sees it; `rig` must outlive it. */
struct cal_world cal_cpu_rig_world(struct cal_cpu_rig *rig);

#endif
