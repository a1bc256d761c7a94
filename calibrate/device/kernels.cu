/* The device kernels for CUDA. */
#include "cuda.h"

#include "kernels.inc"
