/* The device kernels for OpenCL; for compilers that can't include, the two files one
 * after the other are the same. */
#include "opencl.h"

#include "kernels.inc"
