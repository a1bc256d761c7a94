/* The machine that we are on: its identity, and its cores to pin threads to.  The one
 * user of hwloc.
 */
#ifndef CALIBRATE_MACHINE_H
#define CALIBRATE_MACHINE_H

#include "base/arena.h"
#include "model/profile.h"

struct cal_machine;

/* Looks at the machine.  Never fails: what can't be found out is not told. */
struct cal_machine *cal_machine_new(void);
void cal_machine_free(struct cal_machine *machine); /* NULL is fine */

/* CPUs (hardware threads) that this process may use: those it is bound to, at most what
 * its control group grants, rounded up; >= 1. */
int32_t cal_machine_cores(const struct cal_machine *machine);

/* Binds the calling thread to CPU i (modulo those there are; threads of different cores
 * come first); false where that is not possible. */
bool cal_machine_pin(const struct cal_machine *machine, int32_t i);
/* Undoes it. */
void cal_machine_unpin(const struct cal_machine *machine);

/* The CPU as a device of a profile, called "cpu": its facts are caches, NUMA nodes,
 * memory. */
void cal_machine_device(const struct cal_machine *machine, struct sp_arena *arena,
                        struct model_profile_device *device);

/* Facts of the system: kernel, hypervisor, governor, frequency driver, compiler.
 * Returns how many were written, at most `room`. */
int32_t cal_machine_facts(const struct cal_machine *machine, struct sp_arena *arena,
                          struct model_fact *facts, int32_t room);

#endif
