# SP_CXX: a C++17 compiler, for the tests that emulate a GPU; optional.  Sets the
# conditional HAVE_CXX and, where the address sanitizer links, ASAN_CXXFLAGS.
AC_DEFUN([SP_CXX],
[AC_REQUIRE([AC_PROG_CXX])
AC_LANG_PUSH([C++])
sp_saved_cxxflags=$CXXFLAGS
CXXFLAGS="$CXXFLAGS -std=c++17"
AC_CACHE_CHECK([whether $CXX compiles C++17], [sp_cv_cxx17],
               [AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <utility>
template <auto F> int call() { return F(); }
static int one() { return 1; }]], [[return call<one>() - 1;]])],
                               [sp_cv_cxx17=yes], [sp_cv_cxx17=no])])
CXXFLAGS="$CXXFLAGS -fsanitize=address"
AC_CACHE_CHECK([whether $CXX has the address sanitizer], [sp_cv_cxx_asan],
               [AC_LINK_IFELSE([AC_LANG_PROGRAM()],
                               [sp_cv_cxx_asan=yes], [sp_cv_cxx_asan=no])])
CXXFLAGS=$sp_saved_cxxflags
AC_LANG_POP([C++])
ASAN_CXXFLAGS=
AS_IF([test $sp_cv_cxx_asan = yes], [ASAN_CXXFLAGS=-fsanitize=address])
AC_SUBST([ASAN_CXXFLAGS])
AS_IF([test $sp_cv_cxx17 = no],
      [AC_MSG_NOTICE([no C++17 compiler: the tests of device kernels are left out])])
AM_CONDITIONAL([HAVE_CXX], [test $sp_cv_cxx17 = yes])])
