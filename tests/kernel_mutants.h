/* Mutants of the device kernels: one BARRIER() or INSIDE() of the source taken away,
 * and the cases of tests/device_cases.h run in a process of its own. */
#ifndef TESTS_KERNEL_MUTANTS_H
#define TESTS_KERNEL_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/driver_rig.h"

enum { MUTANTS_MAX = 100 };

/* Lines of $SRCDIR/calibrate/device/kernels.inc, comments left out, with the word.
 * How many. */
int mutant_lines(const char *word, int lines[MUTANTS_MAX]);

/* Runs the cases until one fails, with the line's mutant (0: none) and a block's
 * threads in that order.  True where one failed, or the process ended in another way
 * than by going through all; *said is what it wrote. */
bool mutant_fails(struct driver *d, int line, const char *order, char *said,
                  size_t size);

#endif
