/* Mutants of the device kernels: one BARRIER() or INSIDE() of the source taken away,
 * and the cases of tests/device_cases.h run in a process of its own. */
#ifndef TESTS_KERNEL_MUTANTS_H
#define TESTS_KERNEL_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/driver_rig.h"

enum { MUTANTS_MAX = 100, MUTANT_CASES_MAX = 100 };

struct mutants {
    struct driver *driver;
    int n, lines[MUTANTS_MAX];
    unsigned char *reached;                      /* by line, of the library */
    bool reaches[MUTANTS_MAX][MUTANT_CASES_MAX]; /* by mutant and case */
};

/* A mutant for each line of $SRCDIR/calibrate/device/kernels.inc, comments left out,
 * that has the word.  The cases are run to see which of them come to which line, told
 * by the library's array of that name; a case that fails ends the program. */
void mutants_find(struct mutants *m, struct driver *d, const char *word,
                  const char *reached);

/* How many cases come to the line of mutant i. */
int mutant_cases(const struct mutants *m, int i);

/* Runs those cases until one fails, with a block's threads in that order.  True where
 * one failed, or the process ended in another way than by going through all; *said is
 * what it wrote. */
bool mutant_fails(const struct mutants *m, int i, const char *order, char *said,
                  size_t size);

#endif
