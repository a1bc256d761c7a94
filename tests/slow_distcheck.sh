#!/bin/sh
# "make distcheck": the distribution holds all it needs to configure out of tree from
# read-only sources, build without a warning, pass its short tests, install and uninstall.
# So with CUDA as it is found, and, without the tests, without it and asked for.
# In a clone: every file that git knows is in the distribution, but for those of git and CI.
set -e
cd "$BUILD"
rm -f stageplan-*.tar.xz
make distcheck DISTCHECK_CONFIGURE_FLAGS=--enable-werror TESTS="$SHORT_TESTS" \
    AM_MAKEFLAGS="-j$JOBS"
tar -tJf stageplan-*.tar.xz | sed 's|^[^/]*/||' | sort >slow/distributed
rm -f stageplan-*.tar.xz

built_with() {
    make distcheck DISTCHECK_CONFIGURE_FLAGS="--enable-werror $1" TESTS= check_PROGRAMS= \
        check_DATA= AM_MAKEFLAGS="-j$JOBS"
    rm -f stageplan-*.tar.xz
}
built_with --without-cuda
nvcc=$(sed -n 's|^NVCC = \(/.*\)/bin/nvcc$|\1|p' Makefile)
[ -z "$nvcc" ] || built_with "--with-cuda=$nvcc"

# Asked for where it is not: an error that says so, and at once.
mkdir -p slow/cuda
if (cd slow/cuda && "$SOURCE/configure" -q --with-cuda=/nowhere >said 2>&1); then
    echo "configure --with-cuda=/nowhere was happy"
    exit 1
fi
grep 'error: CUDA was asked for, but there is no nvcc in /nowhere/bin' slow/cuda/said

if git -C "$SRCDIR" ls-files >slow/known 2>/dev/null; then
    grep -v -e '^\.ci/' -e '^\.gitignore$' slow/known | sort >slow/wanted
    comm -23 slow/wanted slow/distributed >slow/forgotten
    sed 's/^/not in the distribution: /' slow/forgotten
    [ ! -s slow/forgotten ]
fi
