#!/bin/sh
# Under the thread sanitizer: the pool, ranks, and sweeps of every kind of workload, four
# points at a time, which give the same database as one at a time.
echo 'int main(void) { return 0; }' >no_race.c
cc -fsanitize=thread no_race.c -o no_race && ./no_race ||
    { echo "no thread sanitizer"; exit 77; }
set -e
"$SOURCE/configure" -q --enable-sanitize=thread --enable-werror CFLAGS='-O1 -g'
make "-j$JOBS" stageplan
for name in test_arena test_pool test_workers test_ranks; do
    [ -x "$BUILD/tests/$name" ] || continue # without cmocka there are none
    make "-j$JOBS" "tests/$name"
    "tests/$name"
done

command -v sqlite3 >/dev/null || { echo "no sqlite3"; exit 77; }
SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export SOURCE_DATE_EPOCH
# sweep SCENARIO VALUES: of `until`, of the same runs by threads and without
sweep() {
    echo "$1, until $2"
    rm -f four.db one.db
    ./stageplan sweep "$SRCDIR/$1" --vary "until=$2" -n 1 -q -j 4 --db four.db
    "$STAGEPLAN" sweep "$SRCDIR/$1" --vary "until=$2" -n 1 -q -j 1 --db one.db
    sqlite3 four.db .dump >four.sql
    sqlite3 one.db .dump >one.sql
    cmp four.sql one.sql
}
sweep examples/calibrated/scenario.yaml 100ms,200ms,300ms,400ms # kernels, drawn times
sweep examples/distserve/scenario.yaml 2s,3s,4s,5s              # prefill and decode apart
sweep examples/image-generation/scenario.yaml 2s,3s,4s,5s
sweep examples/resnet-ingest/scenario.yaml 2s,3s,4s,5s # a catalog, an LRU cache
sweep examples/split-or-not/scenario.yaml 2s,3s,4s,5s
sweep examples/team-pool/scenario.yaml 1h,2h,3h,4h # jobs
sweep examples/retinanet-control/scenario.yaml 2s,3s,4s,5s
sweep tests/scenarios/serving.yaml 2s,3s,4s,5s # with tables
sweep tests/scenarios/options.yaml 2s,3s,4s,5s # spot
