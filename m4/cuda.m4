# SP_CUDA: whether and how to compile the CUDA kernels.  Nothing is linked with the toolkit
# and nothing of it runs: the result is a file of data, for the driver that a machine has.
#
# Sets the conditional HAVE_NVCC and CUDA_GENCODE: code for each architecture that is both
# wished and offered by nvcc itself, and PTX of the lowest for GPUs yet to come.
AC_DEFUN([SP_CUDA],
[AC_ARG_VAR([NVCC], [CUDA compiler])
AC_ARG_VAR([NVCCFLAGS], [CUDA compiler flags])
AC_ARG_VAR([CUDA_ARCHS],
           [architectures to compile CUDA kernels for, such as "80 90" (default: those of
            75 80 86 89 90 100 120 that nvcc offers)])
AC_ARG_WITH([cuda],
            [AS_HELP_STRING([--with-cuda@<:@=DIR@:>@],
                            [compile CUDA kernels, with the toolkit in DIR (default: where
                             there is one)])],
            [], [with_cuda=auto])
: ${NVCCFLAGS=-O3}
have_nvcc=no sp_cuda_why="asked not to" CUDA_GENCODE=
AS_IF([test "x$with_cuda" != xno], [_SP_CUDA_FIND])
AS_IF([test $have_nvcc = yes],
      [AC_MSG_NOTICE([CUDA kernels will be compiled for $sp_cuda_archs])],
      [test "x$with_cuda" != xno && test "x$with_cuda" != xauto],
      [AC_MSG_ERROR([CUDA was asked for, but $sp_cuda_why])],
      [AC_MSG_NOTICE([no CUDA kernels: $sp_cuda_why])])
AC_SUBST([CUDA_GENCODE])
AM_CONDITIONAL([HAVE_NVCC], [test $have_nvcc = yes])])

AC_DEFUN([_SP_CUDA_FIND],
[AS_CASE([$with_cuda],
         [yes | auto], [sp_cuda_path="$PATH${CUDA_HOME:+:$CUDA_HOME/bin}:/usr/local/cuda/bin"],
         [sp_cuda_path=$with_cuda/bin])
AC_PATH_PROG([NVCC], [nvcc], [no], [$sp_cuda_path])
AS_IF([test "x$NVCC" = xno], [sp_cuda_why="there is no nvcc in $sp_cuda_path"],
      [_SP_CUDA_TRY])])

AC_DEFUN([_SP_CUDA_TRY],
[AC_CACHE_CHECK([whether $NVCC compiles a kernel], [sp_cv_nvcc_works],
[cat >conftest.cu <<_ACEOF
#include <cuda_bf16.h>
#include <cuda_fp16.h>
extern "C" __global__ void one(float *p, __half *h) { p@<:@0@:>@ = __half2float(h@<:@0@:>@); }
_ACEOF
AS_IF([AM_RUN_LOG([$NVCC $NVCCFLAGS --ptx -o conftest.ptx conftest.cu])],
      [sp_cv_nvcc_works=yes], [sp_cv_nvcc_works=no])
rm -f conftest.cu conftest.ptx])
AS_IF([test $sp_cv_nvcc_works = yes], [_SP_CUDA_ARCHS],
      [sp_cuda_why="$NVCC compiles no kernel (config.log has its words)"])])

AC_DEFUN([_SP_CUDA_ARCHS],
[AC_CACHE_CHECK([architectures that $NVCC offers], [sp_cv_nvcc_archs],
[sp_cv_nvcc_archs=`$NVCC --list-gpu-code 2>&AS_MESSAGE_LOG_FD |
    sed -n 's/^sm_\(@<:@0-9@:>@*\)$/\1/p' | sort -n -u | tr '\n' ' '`])
sp_cuda_archs= sp_cuda_missing=
for sp_arch in ${CUDA_ARCHS:-75 80 86 89 90 100 120}; do
    AS_CASE([" $sp_cv_nvcc_archs "],
            [*" $sp_arch "*], [sp_cuda_archs="$sp_cuda_archs $sp_arch"],
            [sp_cuda_missing="$sp_cuda_missing $sp_arch"])
done
sp_cuda_archs=`echo $sp_cuda_archs | tr ' ' '\n' | sort -n -u`
sp_cuda_archs=`echo $sp_cuda_archs`
AS_IF([test "x$CUDA_ARCHS" != x && test "x$sp_cuda_missing" != x],
      [AC_MSG_ERROR([CUDA_ARCHS has$sp_cuda_missing, but $NVCC offers $sp_cv_nvcc_archs])])
AS_IF([test "x$sp_cuda_archs" = x],
      [sp_cuda_why="$NVCC offers none of the architectures that we know"],
      [have_nvcc=yes
       for sp_arch in $sp_cuda_archs; do
           CUDA_GENCODE="$CUDA_GENCODE -gencode arch=compute_$sp_arch,code=sm_$sp_arch"
       done
       sp_arch=`echo $sp_cuda_archs | sed 's/ .*//'`
       CUDA_GENCODE="$CUDA_GENCODE -gencode arch=compute_$sp_arch,code=compute_$sp_arch"])])
