/* What the environment says of how this process was started.
 */
#ifndef STUDY_LAUNCHED_H
#define STUDY_LAUNCHED_H

#include <stdbool.h>
#include <stdint.h>

/* How many processes mpirun, or a batch system, started together with this one, itself
 * included; 1 where none says so. */
int32_t study_launched(void);

/* Whether a launcher started this process, be it the only one: what it writes goes
 * through a terminal of the launcher's then, which says nothing of where it ends. */
bool study_is_launched(void);

#endif
