#!/bin/sh
# stageplan sweep, from outside: what goes into the database, the same bytes at any -j,
# going on after an interrupt, a full disk, two at once; and one error for what is wrong.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"
command -v sqlite3 >/dev/null || { echo "not tested: there is no sqlite3"; exit 77; }
cp "$SRCDIR/tests/scenarios/tiny.yaml" "$SRCDIR/tests/scenarios/small.yaml" "$dir"
ask() { sqlite3 "$dir/$1" "$2"; }
is() { # is NAME FOUND WANTED
    name=$1
    [ "$2" = "$3" ] || fail "found '$2', expected '$3'"
}
# refused NAME CODE TEXT ARGUMENTS...: one line on stderr, nothing on stdout.
refused() {
    refused_name=$1 refused_code=$2 refused_text=$3
    shift 3
    check "$refused_name" "$refused_code" sweep "$@"
    err_has "$refused_text"
    [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "expected one line on stderr"
    [ ! -s "$dir/out" ] || fail "a refusal wrote to stdout"
}
price='--vary fleet.node.price=1,2,3'
items='--vary workloads.w.source.items=10..14'

# ---- what is wrong is said once, and nothing is written ----
refused nothing_to_vary 2 'expected --vary path=values' tiny.yaml --db no.db
refused no_database 2 'expected --db FILE' tiny.yaml $price
refused no_scenario 2 'expected one scenario file, found 0' $price --db no.db
refused path_slip 2 "did you mean 'price'?" tiny.yaml --vary fleet.node.prise=1,2 --db no.db
refused path_is_said_with_the_point 2 'point 0 (fleet.nod.price=1)' tiny.yaml \
    --vary fleet.nod.price=1,2 --db no.db
refused value_refused 2 'point 2 (fleet.node.price=dear)' tiny.yaml \
    --vary fleet.node.price=1,2,dear --db no.db
refused value_of_a_later_axis 2 'point 1 (fleet.node.price=1 until=soon)' tiny.yaml \
    --vary fleet.node.price=1,2 --vary until=1h,soon --db no.db
refused seed_is_no_axis 2 'expected --seed' tiny.yaml --vary seed=1,2 --db no.db
refused precision_is_no_axis 2 'has no effect on a sweep' tiny.yaml --vary precision=1%,2% --db no.db
refused range_in_a_grid 2 'expected a number of steps' tiny.yaml \
    --vary fleet.node.price=0.5..2 --db no.db
refused design_slip 2 "did you mean 'latin'?" tiny.yaml $price --design latn --db no.db
refused samples_missing 2 'expected --samples' tiny.yaml $price --design latin --db no.db
refused policy_slip 2 "did you mean 'one'?" tiny.yaml $price --policy oen --db no.db
refused no_threads 2 'from 1 to 1024' tiny.yaml $price -j 0 --db no.db
refused no_folder 1 'none/x.db' tiny.yaml $price --db none/x.db
refused database_is_the_scenario 2 'SQLite' tiny.yaml $price --db tiny.yaml
refused other_database 2 'no SQLite database' tiny.yaml $price --db small.yaml
[ ! -e "$dir/no.db" ] || fail "a refusal left a database"

# ---- a grid ----
check grid 0 sweep tiny.yaml $price $items -n 2 --db grid.db -j 2
err_empty
out_has '15 points (grid), 2 policies, 2 replications: 60 runs'
is rows "$(ask grid.db 'SELECT count(*) FROM sweep_runs')" 60
is rows_of_workloads "$(ask grid.db 'SELECT count(*) FROM sweep_workloads')" 60
is last_axis_is_fastest "$(ask grid.db "SELECT coordinates FROM v_sweep WHERE point = 6 LIMIT 1")" \
    'fleet.node.price=2 workloads.w.source.items=11'
is items_are_done "$(ask grid.db 'SELECT count(*) FROM sweep_workloads w JOIN sweep_points p
    ON p.point = w.point AND p.axis = 1 WHERE w.done = p.number')" 60
# the price of a node is paid by all of its time: three times the price, three times the bill
is bill_goes_with_the_price "$(ask grid.db 'SELECT count(*) FROM sweep_runs a, sweep_runs b
    WHERE a.point + 10 = b.point AND a.policy = b.policy AND a.replication = b.replication
    AND abs(b.usd - 3 * a.usd) < 3e-6 AND a.time_s = b.time_s')" 20

# ---- a point has what a run of it has ----
check run_of_a_point 0 run tiny.yaml --set fleet.node.price=2 --set workloads.w.source.items=12 -n 2 \
    --db run.db -q
is point_is_the_run "$(ask run.db "ATTACH '$dir/grid.db' AS s; SELECT count(*) FROM policies p
    JOIN s.v_sweep v ON v.policy = p.name AND v.point = 7 WHERE abs(p.usd - v.usd) < 1e-9
    AND abs(p.time_s - v.time_s) < 1e-9")" 2

# ---- the run of the scenario as it stands comes first ----
check base_is_reported 0 report grid.db --run 1 --brief
out_has 'tiny'
is base_of_the_sweep "$(ask grid.db 'SELECT run_id FROM sweeps')" 1
check run_as_it_stands 0 run tiny.yaml -n 2 --json run.json -q
check base_as_json 0 report grid.db --run 1 --json base.json -q
cmp -s "$dir/run.json" "$dir/base.json" || fail "the run as it stands is not what run gives"

# ---- the same bytes at any -j, but for SQLite's counters of changes ----
long='--vary fleet.node.price=1..40 --vary workloads.w.source.items=10..19'
for j in 1 2 7; do
    check "threads_$j" 0 sweep tiny.yaml $long --db "j$j.db" -q -j $j
    ask "j$j.db" .dump >"$dir/j$j.sql"
    cmp -s "$dir/j1.sql" "$dir/j$j.sql" || fail "other contents than with -j 1"
    cmp -l "$dir/j1.db" "$dir/j$j.db" | awk '!($1 >= 25 && $1 <= 28 || $1 >= 93 && $1 <= 96) {
        exit 1 }' || fail "other bytes than with -j 1"
done

# ---- going on ----
check finished_runs_nothing 0 sweep tiny.yaml $long --db j1.db
err_has 'has all of its 400 points: nothing is run'
out_has '400 points'
ask j1.db .dump | cmp -s - "$dir/j1.sql" || fail "a finished sweep was written to"
check from_elsewhere_it_is_the_same 0 sweep ./tiny.yaml $long --db j1.db -j 1
err_has 'nothing is run'
check new 0 sweep tiny.yaml $long --db j1.db --new -q
is new_has_its_own "$(ask j1.db 'SELECT group_concat(points_done) FROM v_sweeps')" '400,400'
check precision_has_no_effect_and_is_told 0 sweep tiny.yaml $price --db precise.db -q --set precision=1%
err_has "'precision' has no effect on a sweep"
check other_seed_is_another 0 sweep tiny.yaml $price --db j1.db -q --seed 5
is another_sweep "$(ask j1.db 'SELECT count(*) FROM sweeps')" 3

# killed NAME SIGNAL: a sweep of some seconds, ended by a signal once it has points
slow='--vary workloads.w.source.items=1000..1999 --vary fleet.node.price=1..4'
ended() {
    name=$1
    (cd "$dir" && exec "$STAGEPLAN" sweep tiny.yaml $slow --db "$name.db" -j 1 >out 2>err) &
    pid=$!
    tries=0
    while [ "$(ask "$name.db" 'SELECT points_done > 0 FROM v_sweeps' 2>/dev/null)" != 1 ] &&
        [ $tries -lt 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -s "$2" $pid
    wait $pid
    code=$?
}
for signal in INT TERM; do
    ended "interrupted_$signal" $signal
    [ $code -eq 1 ] || fail "exit $code, expected 1"
    err_has 'of 4000 points in'
    err_has 'the same command goes on from there'
    at=$(ask "interrupted_$signal.db" 'SELECT points_done FROM v_sweeps')
    [ "$at" -gt 0 ] && [ "$at" -lt 4000 ] || fail "$at points, expected some of 4000"
    err_has "with $at of 4000 points"
    is whole_points "$(ask "interrupted_$signal.db" "SELECT count(*) FROM sweep_runs")" $((2 * at))
done

# ---- a disk that is full loses nothing that was there ----
(cd "$dir" && "$STAGEPLAN" sweep tiny.yaml $long --db full.db -q --policy two >out 2>err)
ask full.db .dump >"$dir/full.sql"
blocks=$(($(wc -c <"$dir/full.db") / 512 - 16))
rm "$dir/full.db"
(cd "$dir" && trap '' XFSZ && ulimit -f $blocks &&
    "$STAGEPLAN" sweep tiny.yaml $long --db full.db -q --policy two >out 2>err)
code=$? name=full_disk
[ $code -eq 1 ] || fail "exit $code, expected 1"
err_has "full.db: can't be written"
is still_whole "$(ask full.db 'PRAGMA integrity_check')" ok
check goes_on_with_room 0 sweep tiny.yaml $long --db full.db -q --policy two
ask full.db .dump | cmp -s - "$dir/full.sql" || fail "other contents than without a full disk"

# ---- two at once ----
(cd "$dir" && "$STAGEPLAN" sweep tiny.yaml $slow --db two.db -q --policy two -j 1 2>err2) &
pid=$!
check other_sweep_waits 0 sweep tiny.yaml $price --db two.db -q
(cd "$dir" && "$STAGEPLAN" sweep tiny.yaml $slow --db two.db -q --policy two -j 1 >out 2>err)
code=$?
wait $pid
other=$? name=two_at_once
cat "$dir/err2" >>"$dir/err"
[ $((code + other)) -eq 1 ] || fail "exit $code and $other, expected one of them to stop"
err_has 'another process goes on with sweep'
is points_once "$(ask two.db "SELECT count(*) || ' ' || count(DISTINCT point) FROM sweep_runs r
    WHERE sweep_id = (SELECT id FROM sweeps WHERE points = 4000) AND policy = 0")" '4000 4000'

# ---- what is infeasible is a result ----
check infeasible 0 sweep tiny.yaml --vary fleet.node.count=0,1,2 --db none.db
is infeasible_rows "$(ask none.db "SELECT group_concat(\"end\", ' ') FROM v_sweep")" \
    'infeasible infeasible done done done done'
is reasons_of_all "$(ask none.db "SELECT count(*) FROM sweep_reasons
    WHERE text LIKE '%policy ''two''%; %policy ''one''%'")" 1
is infeasible_reason "$(ask none.db "SELECT count(*) FROM sweep_reasons WHERE text LIKE '%no nodes%'")" 1
check one_policy_cannot 0 sweep tiny.yaml --vary policies.two.w.units.u.slots.a=2,9 --db half.db
check one_policy_cannot_csv 0 report half.db -q --csv half.csv
is reason_where_it_did_not_run "$(sed 's/,\("[^"]*"\|\),.*/ \1/; s/"[^"]*"/no/' "$dir/half.csv/points.csv" |
    tail -n +2 | tr '\n' ';')" "0,2,two ;0,2,one ;1,9,two no;1,9,one ;"
check infeasible_base 0 sweep tiny.yaml --vary fleet.node.count=1,2 --set fleet.node.count=0 --db base.db
err_has "can't be run, points may"
is no_base "$(ask base.db 'SELECT run_id IS NULL FROM sweeps')" 1

[ "$failures" -eq 0 ]
