# SP_MPI: sweeps over several machines, where asked for.  Sets the conditional HAVE_MPI,
# MPI_CFLAGS and MPI_LIBS, for one file (study/ranks_mpi.c) and for linking.
AC_DEFUN([SP_MPI],
[AC_ARG_VAR([MPI_CFLAGS], [C compiler flags for MPI, overriding those of mpicc])
AC_ARG_VAR([MPI_LIBS], [linker flags for MPI, overriding those of mpicc])
AC_ARG_WITH([mpi],
            [AS_HELP_STRING([--with-mpi@<:@=MPICC@:>@],
                            [run sweeps under mpirun, over many machines; as MPICC, or
                             mpicc, says (default: no)])],
            [], [with_mpi=no])
AS_IF([test "x$with_mpi" != xno], [_SP_MPI_FIND], [MPI_CFLAGS= MPI_LIBS=])
AM_CONDITIONAL([HAVE_MPI], [test "x$with_mpi" != xno])])

AC_DEFUN([_SP_MPI_FIND],
[AS_IF([test "x$with_mpi" = xyes], [sp_mpicc=mpicc], [sp_mpicc=$with_mpi])
AC_PATH_PROG([MPICC], [$sp_mpicc], [no])
AS_IF([test "x$MPI_CFLAGS$MPI_LIBS" = x && test "x$MPICC" != xno],
      [MPI_CFLAGS=`$MPICC --showme:compile 2>&AS_MESSAGE_LOG_FD`
       MPI_LIBS=`$MPICC --showme:link 2>&AS_MESSAGE_LOG_FD`])
AS_IF([test "x$MPI_CFLAGS$MPI_LIBS" = x],
      [PKG_CHECK_MODULES([MPI], [ompi-c], [],
                         [PKG_CHECK_MODULES([MPI], [mpich], [], [:])])])
sp_saved_cflags=$CFLAGS sp_saved_libs=$LIBS
CFLAGS="$CFLAGS $MPI_CFLAGS" LIBS="$LIBS $MPI_LIBS"
AC_MSG_CHECKING([whether a program with MPI links])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mpi.h>
#if MPI_VERSION < 3
#error too old
#endif]], [[MPI_Init(0, 0)]])],
               [AC_MSG_RESULT([yes])],
               [AC_MSG_RESULT([no])
                AC_MSG_ERROR([MPI was asked for, but with '$MPI_CFLAGS' and '$MPI_LIBS' (of $sp_mpicc or pkg-config) no program with MPI 3 links])])
CFLAGS=$sp_saved_cflags LIBS=$sp_saved_libs
AC_DEFINE([HAVE_MPI], [1], [Sweeps may run under mpirun])])
