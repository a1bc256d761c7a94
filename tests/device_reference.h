/* The device kernels once more: one thread, plain loops, double.  Each result comes
 * with how far a float result may be from it: (operations on the way) x 2^-23 x the sum
 * of the magnitudes added up, the bound for sums in any order (Higham, Accuracy and
 * Stability of Numerical Algorithms, section 4.2).
 */
#ifndef TESTS_DEVICE_REFERENCE_H
#define TESTS_DEVICE_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

enum { DEVICE_ARRAYS_MAX = 4 };

struct device_array {
    char type; /* f float, h binary16, b bfloat16, u byte, l 64-bit */
    size_t n;
    void *data; /* as on the device */
};

struct device_expected {
    double value, tolerance;
};

/* What the kernel makes of in[1..] (in[0] is its result), sizes n and float f, in
 * out[0 .. in[0].n - 1].  NULL: no such kernel. */
typedef void device_reference(const struct device_array *in, const int32_t *n, double f,
                              struct device_expected *out);
device_reference *device_reference_find(const char *kernel);

/* The arrays that the kernel takes, result first, without their data; how many. */
int device_arrays(const char *kernel, const int32_t *n,
                  struct device_array arrays[DEVICE_ARRAYS_MAX]);

size_t device_type_bytes(char type);
/* Element i as a number. */
double device_element(const struct device_array *a, size_t i);

#endif
