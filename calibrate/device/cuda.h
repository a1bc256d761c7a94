/* The words of kernels.inc in CUDA C++. */
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define KERNEL           extern "C" __global__
#define DEVICE           static __device__ __forceinline__
#define GLOBAL
#define LOCAL
#define SHARED(t, x, n)  __shared__ t x[n]
#define AXIS(of, axis)   ((int)((axis) == 0 ? of.x : (axis) == 1 ? of.y : of.z))
#define THREAD(axis)     AXIS(threadIdx, axis)
#define THREADS(axis)    AXIS(blockDim, axis)
#define BLOCK(axis)      AXIS(blockIdx, axis)
#define BLOCKS(axis)     AXIS(gridDim, axis)
#define BARRIER()        __syncthreads()
#define INSIDE(i, n)     ((i) < (n))
#define EXP(x)           __expf(x)
#define SQRT(x)          sqrtf(x)
#define I64              long long
#define U8               unsigned char
#define HAVE_HALF        1
#define HALF             __half
#define HALF_AT(p, i)    __half2float((p)[i])
#define HAVE_BF16        1
#define BF16             __nv_bfloat16
#define BF16_AT(p, i)    __bfloat162float((p)[i])
#define CYCLES()         clock64()
#define NANOSECONDS()    global_timer()

static __device__ __forceinline__ long long global_timer(void)
{
    long long ns;

    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(ns) : : "memory");
    return ns;
}
