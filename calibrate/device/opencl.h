/* The words of kernels.inc in OpenCL C 1.2. */
#define KERNEL           __kernel
#define DEVICE           static inline
#define GLOBAL           __global
#define LOCAL            __local
#define SHARED(t, x, n)  __local t x[n]
#define THREAD(axis)     ((int)get_local_id(axis))
#define THREADS(axis)    ((int)get_local_size(axis))
#define BLOCK(axis)      ((int)get_group_id(axis))
#define BLOCKS(axis)     ((int)get_num_groups(axis))
#define BARRIER()        barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define INSIDE(i, n)     ((i) < (n))
#define EXP(x)           exp(x)
#define SQRT(x)          sqrt(x)
#define I64              long
#define U8               uchar
#define CYCLES()         0L
#define NANOSECONDS()    0L
/* Halves are loaded, never computed with: that needs no extension. */
#define HAVE_HALF        1
#define HALF             half
#define HALF_AT(p, i)    vload_half(i, p)
#define HAVE_BF16        1
#define BF16             ushort
#define BF16_AT(p, i)    as_float((uint)(p)[i] << 16)
