#!/bin/sh
# kill -9 at random moments of a sweep, again and again, then on to the end: the database
# holds what an undisturbed sweep has, to the last row.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"
command -v sqlite3 >/dev/null || { echo "not tested: there is no sqlite3"; exit 77; }
cp "$SRCDIR/tests/scenarios/tiny.yaml" "$dir"
kills=5
[ -n "${STAGEPLAN_SLOW:-}" ] && kills=50
ask() { sqlite3 "$dir/$1" "$2"; }
points=5000
sweep() { # sweep DATABASE: in $dir
    cd "$dir" && exec "$STAGEPLAN" sweep tiny.yaml --set workloads.w.source.items=300 \
        --vary "fleet.node.price=1..$points" --db "$1" -j 2 -q
}
ms() { echo $(($(date +%s%N) / 1000000)); }

from=$(ms)
(sweep whole.db >"$dir/out" 2>"$dir/err") || fail "the undisturbed sweep ended with $?"
took=$(($(ms) - from))
ask whole.db .dump >"$dir/whole.sql"
[ "$(ask whole.db 'SELECT count(*) FROM sweep_runs')" -eq $((2 * points)) ] ||
    fail "the undisturbed sweep is not whole"

# points_of DATABASE: how many points are there; nothing where it can't be read yet.
points_of() { ask "$1" 'SELECT points_done FROM v_sweeps' 2>/dev/null; }
# committed DATABASE PID HAD: waits for points beyond those that it had, or the sweep's end.
committed() {
    while kill -0 "$2" 2>/dev/null; do
        more=$(points_of "$1")
        [ "${more:-0}" -gt "$3" ] && return
        sleep 0.01
    done
}

# A database is killed three times, then brought to its end; moments are shares of the
# time that an undisturbed sweep takes for what is left, two in three of them after the
# first commit, however slow the machine.
left=$points
hit=0 midway=0 missed=0 number=0
while [ $hit -lt $kills ] && [ $missed -lt $((kills + 10)) ]; do
    number=$((number + 1))
    name=kill_$number
    wait_s=$(awk -v seed=$number -v ms=$((took * left / points)) 'BEGIN { srand(seed); rand()
        printf "%.3f", ms / 1000 * (0.1 + 0.5 * rand()) }')
    (sweep cut.db >"$dir/out" 2>"$dir/err") &
    pid=$!
    if [ $((number % 3)) -ne 0 ]; then
        committed cut.db $pid $((points - left))
        wait_s=$(awk -v s="$wait_s" 'BEGIN { printf "%.3f", s / 4 }')
    fi
    sleep "$wait_s"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    if [ $code -ne 137 ]; then
        missed=$((missed + 1)) # it was through
        [ $code -eq 0 ] || fail "exit $code, expected to be killed or to end"
    else
        hit=$((hit + 1))
        at=$(points_of cut.db)
        [ "${at:-0}" -lt $points ] || fail "killed, and yet all points are there"
        [ "${at:-0}" -gt 0 ] && midway=$((midway + 1))
        left=$((points - ${at:-0}))
        [ -z "$at" ] || [ "$(ask cut.db 'SELECT count(*) FROM sweep_runs')" -eq $((2 * at)) ] ||
            fail "points that are not whole"
    fi
    if [ $((number % 3)) -eq 0 ] || [ $hit -eq $kills ] || [ $code -eq 0 ]; then
        (sweep cut.db >"$dir/out" 2>"$dir/err") || fail "exit $? when it went on"
        [ "$(ask cut.db 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"
        ask cut.db .dump >"$dir/cut.sql"
        cmp -s "$dir/whole.sql" "$dir/cut.sql" || fail "other rows than of an undisturbed sweep"
        rm -f "$dir/cut.db" "$dir/cut.db-journal"
        left=$points
    fi
done
name=kills
[ $hit -eq $kills ] || fail "$hit kills came in time, expected $kills"
[ $((2 * midway)) -ge $kills ] || fail "$midway of $kills kills met a sweep that had points"
echo "$hit kills, $midway of them between the first point and the last; $missed too late"

[ "$failures" -eq 0 ]
