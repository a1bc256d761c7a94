/* What the environment says of how this process was started.
 */
#ifndef STUDY_LAUNCHED_H
#define STUDY_LAUNCHED_H

#include <stdint.h>

/* How many processes mpirun, or a batch system, started together with this one, itself
 * included; 1 where none says so. */
int32_t study_launched(void);

#endif
