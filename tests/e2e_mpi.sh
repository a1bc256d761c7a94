#!/bin/sh
# stageplan sweep under mpirun: the same database at 1, 2 and 4 ranks as with -j 1; what
# is wrong is said once; a rank that is killed costs nothing but time.  Of a build without
# MPI: one of several processes refuses.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
TERM=xterm # with colours, where what mpirun gives a rank is taken for a terminal
export TERM
# mpirun, as root, too, and with more ranks than cores
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export LC_ALL SOURCE_DATE_EPOCH OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
unset OMPI_COMM_WORLD_SIZE PMI_SIZE PMIX_RANK

. "$SRCDIR/tests/e2e_lib.sh"
cat >"$dir/least.yaml" <<'END'
scenario: least
fleet: { node: { cpu: 4, price: 2 USD/h, count: 2 } }
workloads:
  w:
    kind: pipeline
    source: { rate: 4/s, items: 20 }
    stages: { a: { cpu: 1, time: { dist: exponential, mean: 300ms } } }
policies:
  two: { w: { units: { u: { slots: { a: 2 } } } } }
  one: { w: { units: { u: { slots: { a: 1 } } } } }
END
few='--vary fleet.node.price=1..10 --vary workloads.w.source.items=10..29'
many='--vary fleet.node.price=1..240 --vary workloads.w.source.items=210..259'

verdict() {
    [ "$failures" -eq 0 ] && echo "$1"
    exit "$((failures > 0))"
}

if ! "$STAGEPLAN" --version | grep -q 'built with MPI'; then
    OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3
    export OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK
    check without_mpi_one_of_several_refuses 1 sweep least.yaml $few --db no.db
    err_has '4 processes were started together'
    err_has 'configured --with-mpi'
    [ ! -e "$dir/no.db" ] || fail "it wrote a database"
    verdict "this build is without MPI: it refuses to be one of several processes"
fi
for tool in mpirun sqlite3; do
    command -v $tool >/dev/null || { echo "not tested: there is no $tool"; exit 77; }
done

# ranks NAME CODE N ARGUMENTS...: mpirun of N ranks, as check() does.
ranks() {
    name=$1 wanted=$2 n=$3
    shift 3
    (cd "$dir" && timeout 120 mpirun --oversubscribe -n "$n" "$STAGEPLAN" "$@" \
        >out 2>err </dev/null)
    code=$?
    [ "$code" -eq "$wanted" ] || fail "exit $code, expected $wanted"
}
ours() { # lines on stderr that are ours, not mpirun's
    [ "$(grep -c '^stageplan: ' "$dir/err")" -eq "$1" ] || fail "expected $1 line(s) of ours"
}
dump() { sqlite3 "$dir/$1" .dump >"$dir/$1.sql" && echo "$dir/$1.sql"; }
same() { cmp -s "$(dump "$1")" "$(dump "$2")" || fail "$1 and $2 are not the same"; }

# ---- the same database and report at any number of ranks ----
check alone 0 sweep least.yaml $few -n 2 -j 1 --db alone.db
sed 's/alone\.db/X/' "$dir/out" >"$dir/alone.out"
for n in 1 2 4; do
    ranks "ranks_$n" 0 "$n" sweep least.yaml $few -n 2 -j 1 --db "ranks$n.db"
    err_empty
    sed "s/ranks$n\.db/X/" "$dir/out" | cmp -s - "$dir/alone.out" || fail "another summary"
    same "ranks$n.db" alone.db
done
ranks threads_of_ranks 0 2 sweep least.yaml $few -n 2 -j 3 --db threads.db
same threads.db alone.db
check report_alone 0 report alone.db
sed 's/alone\.db/X/' "$dir/out" >"$dir/alone.report"
check report_of_ranks 0 report ranks4.db
sed 's/ranks4\.db/X/' "$dir/out" | cmp -s - "$dir/alone.report" || fail "another report"
ranks nothing_left 0 3 sweep least.yaml $few -n 2 --db ranks2.db
err_has 'nothing is run'
ours 1
same ranks2.db alone.db

# ---- what is wrong is said once, whatever the rank ----
ranks unknown_option 2 3 sweep least.yaml $few --db no.db --vari a
ours 1
ranks no_such_path 2 3 sweep least.yaml --vary fleet.nod.price=1,2 --db no.db
err_has "'nod'"
ours 1
ranks help 0 3 sweep --help
[ "$(grep -c '^usage' "$dir/out")" -eq 1 ] || fail "help was not shown once"
ranks no_folder 1 2 sweep least.yaml $few --db none/x.db
ours 1
[ ! -e "$dir/no.db" ] || fail "a refusal left a database"

# of a rank: another file there, or none
mkdir -p "$dir/other" && sed 's/300ms/301ms/' "$dir/least.yaml" >"$dir/other/least.yaml"
name=another_scenario_on_one_rank
(cd "$dir" && timeout 60 mpirun --oversubscribe \
    -n 2 -wdir "$dir" "$STAGEPLAN" sweep least.yaml $few --db no.db : \
    -n 1 -wdir "$dir/other" "$STAGEPLAN" sweep least.yaml $few --db no.db \
    >out 2>err </dev/null)
[ $? -eq 2 ] || fail "expected exit 2"
err_has 'rank 2, on '
err_has 'is another one here than on rank 0'
ours 1
name=no_scenario_on_one_rank
mkdir -p "$dir/empty"
(cd "$dir" && timeout 60 mpirun --oversubscribe \
    -n 1 -wdir "$dir" "$STAGEPLAN" sweep least.yaml $few --db no.db : \
    -n 1 -wdir "$dir/empty" "$STAGEPLAN" sweep least.yaml $few --db no.db \
    >out 2>err </dev/null)
[ $? -ne 0 ] || fail "it went on"
err_has 'rank 1, on '
ours 1
[ ! -e "$dir/no.db" ] && [ ! -e "$dir/other/no.db" ] || fail "a refusal left a database"

# ---- a rank is killed ----
points() {
    sqlite3 -cmd '.timeout 2000' "$dir/$1" 'SELECT count(*) FROM sweep_runs' 2>/dev/null ||
        echo 0
}
# The process that is rank $1 of what was started with RANKS_OF=$2.
process_of() {
    for process in /proc/[0-9]*; do
        [ "$(cat "$process/comm" 2>/dev/null)" = "$(basename "$STAGEPLAN" | cut -c 1-15)" ] &&
            cat "$process/environ" 2>/dev/null | tr '\0' '\n' >"$dir/environ" &&
            grep -qx "RANKS_OF=$2" "$dir/environ" &&
            grep -qx "OMPI_COMM_WORLD_RANK=$1" "$dir/environ" &&
            echo "${process#/proc/}"
    done
}
# killed NAME RANK: the sweep to killed.db by 3 ranks, of which one is killed as soon as
# more is in the database than there was.
killed() {
    name=$1
    had=$(points killed.db)
    (cd "$dir" && RANKS_OF=$dir exec timeout 120 mpirun --oversubscribe -n 3 "$STAGEPLAN" \
        sweep least.yaml $many -j 1 --db killed.db >out 2>err </dev/null) &
    mpirun=$!
    turns=0 process=
    while [ -z "$process" ] && [ "$turns" -lt 100 ]; do
        sleep 0.05
        process=$(process_of "$2" "$dir")
        turns=$((turns + 1))
    done
    [ -n "$process" ] || fail "rank $2 was not there to be killed"
    while [ "$(points killed.db)" -le "$had" ] && [ "$turns" -lt 2400 ]; do
        sleep 0.02
        turns=$((turns + 1))
    done
    kill -9 "$process" || fail "rank $2 had ended before it was killed"
    wait "$mpirun"
    code=$?
    [ "$code" -ne 0 ] || fail "exit 0, though a rank was killed"
    has=$(points killed.db)
    [ "$has" -gt "$had" ] && [ "$has" -lt "$all" ] ||
        fail "$has runs in the database, expected more than $had and fewer than $all"
    [ "$(sqlite3 "$dir/killed.db" 'PRAGMA integrity_check')" = ok ] || fail "it is damaged"
}
check undisturbed 0 sweep least.yaml $many -j 2 --db undisturbed.db
all=$(points undisturbed.db)
killed rank_1_is_killed 1
err_has 'a rank was lost, or mpirun was told to end: stopped with '
err_has 'of 12000 points in killed.db; the same command goes on from there'
ours 1
killed rank_0_is_killed 0
ranks goes_on 0 2 sweep least.yaml $many -j 1 --db killed.db
err_has 'goes on with sweep 1 of killed.db'
same killed.db undisturbed.db

verdict "1, 2 and 4 ranks write what one process writes; killed ranks are made up for"
