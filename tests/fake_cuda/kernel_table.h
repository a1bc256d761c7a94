/* The emulated kernels by name, and what a launch of each costs. */
#ifndef TESTS_KERNEL_TABLE_H
#define TESTS_KERNEL_TABLE_H

#include <stddef.h>

#include "tests/fake_cuda/emulate.h"

enum { FAKE_ARGS_MAX = 12 };

struct fake_work {
    double flop, half_flop, bytes; /* half_flop: in the 16-bit formats */
    double cycles;                 /* of a dependent chain, each thread */
};

struct fake_kernel {
    const char *name;
    void (*call)(void *const *args);
    bool has_barriers;
    int n_args;
    size_t sizes[FAKE_ARGS_MAX];
    bool pointers[FAKE_ARGS_MAX];
    struct fake_work (*work)(void *const *args);
};

/* Or NULL. */
const struct fake_kernel *fake_kernel_find(const char *name);

/* Whether a pointer that somebody gave is one of ours. */
bool fake_kernel_known(const struct fake_kernel *kernel);

#endif
