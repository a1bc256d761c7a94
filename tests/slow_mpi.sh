#!/bin/sh
# Built with MPI: the tests of ranks, under mpirun.
for tool in mpicc mpirun; do
    command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
set -e
"$SOURCE/configure" -q --with-mpi --enable-werror
make "-j$JOBS" stageplan
./stageplan --version | grep 'built with MPI'
SRCDIR=$SOURCE STAGEPLAN=$PWD/stageplan sh "$SOURCE/tests/e2e_mpi.sh"
for name in test_workers test_ranks; do
    [ -x "$BUILD/tests/$name" ] || continue # without cmocka there are none
    make "-j$JOBS" "tests/$name"
    "tests/$name"
done
