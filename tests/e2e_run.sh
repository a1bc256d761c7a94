#!/bin/sh
# stageplan run, from outside: exit codes, what goes where, what is left behind.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH
unset NO_COLOR

. "$SRCDIR/tests/e2e_lib.sh"
json_check=$PWD/tests/json_check
practical=$SRCDIR/examples/practical/scenario.yaml
escape=$(printf '\033')

# refused NAME CODE TEXT ARGUMENTS...: one line on stderr, nothing on stdout.
refused() {
    refused_name=$1 refused_code=$2 refused_text=$3
    shift 3
    check "$refused_name" "$refused_code" "$@"
    err_has "$refused_text"
    [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "expected one line on stderr"
    [ ! -s "$dir/out" ] || fail "a refusal wrote to stdout"
}

fits() {
    awk 'length($0) > 80 { exit 1 }' "$dir/out" || fail "a line is longer than 80 columns"
}
same() { cmp -s "$dir/$1" "$dir/$2" || fail "$1 and $2 differ"; }
rows() { sqlite3 "$dir/$1" "$2"; }

cp "$SRCDIR/tests/scenarios/small.yaml" "$dir"
cat >"$dir/stuck.yaml" <<'END'
scenario: stuck
fleet: { node: { cpu: 4, object_store: 4Mi, price: 1, count: 1 } }
workloads:
  w:
    kind: pipeline
    source: { items: 100 }
    stages:
      read: { cpu: 1, time: 1s, output: 1Mi }
      pair: { cpu: 1, time: 1s, gather: { in: 8, out: 1 } }
policies: { p: { w: { units: { u: { slots: { read: 2, pair: 1 } } } } } }
END
sed 's/items: 400/items: 1000000000000/' "$dir/small.yaml" >"$dir/endless.yaml"

# ---- help ----
check help 0 --help
out_has 'usage: stageplan COMMAND'
err_empty
fits
for command in $(awk '/^  [a-z]/ { print $1 }' "$dir/out"); do
    check "help_of_$command" 0 "$command" --help
    out_has "usage: stageplan $command"
    err_empty
    fits
done
check version 0 --version
grep -qx 'stageplan [0-9]*\.[0-9]*\.[0-9]*' "$dir/out" || fail "no version"

# ---- what is asked for wrongly ----
refused no_command 2 'try --help'
refused unknown_command 2 "did you mean 'run'?" rnu
refused no_scenario 2 'expected one scenario file, found 0' run
refused two_scenarios 2 'expected one scenario file, found 2' run a b
refused unknown_option 2 "unknown option '--sead'" run --sead 1 small.yaml
refused option_without_value 2 "'--seed' needs an argument" run small.yaml --seed
refused seed_negative 2 '(negative)' run small.yaml --seed -1
refused seed_word 2 '(not a number)' run small.yaml --seed one
refused replications_zero 2 'whole number from 1 to 10000' run small.yaml -n 0
refused policy_slip 2 "did you mean 'less'?" run small.yaml --policy lest
refused set_without_value 2 'expected path=value' run small.yaml --set fleet.node
refused set_unknown_key 2 "did you mean 'price'?" run small.yaml --set fleet.node.prise=1
refused set_bad_value 2 "found 'free'" run small.yaml --set fleet.node.price=free
refused set_out_of_range 2 'count' run small.yaml --set fleet.node.count=-1
refused scenario_missing 1 'none.yaml: No such file' run none.yaml
refused unit_too_large 2 "needs 8 cpu, and the largest node it may run on, 'n', has 4 cpu" \
    run "$SRCDIR/tests/bad/infeasible_unit_large.yaml"

# ---- outputs that can't be written are refused before the run, which would not end ----
refused db_in_no_folder 1 'none/x.db' run endless.yaml --db none/x.db
refused xlsx_in_no_folder 1 'none/x.xlsx' run endless.yaml --xlsx none/x.xlsx
refused json_is_a_folder 1 '/' run endless.yaml --json /
refused db_is_no_database 2 'no SQLite database' run endless.yaml --db small.yaml
check db_that_is_none_is_left_alone 0 run -q small.yaml

# ---- a run ----
check run 0 run small.yaml
err_empty
fits
out_has 'seed 1, 1 replication'
out_has 'small.yaml'
grep -q "$escape" "$dir/out" && fail "an escape sequence went into a pipe"
check quiet 0 run -q small.yaml
[ ! -s "$dir/out" ] || fail "quiet and yet something on stdout"
err_empty
check brief 0 run small.yaml --brief
out_has 'cost ratio'
grep -q '^-- apart' "$dir/out" && fail "details of a policy"
check baseline_comes_along 0 run small.yaml --policy less
grep -q '^  *apart  *less$' "$dir/out" || fail "expected the baseline beside the policy"

# one node for the whole run, at 2 and at 6 USD/h: the bill is price x time
check set 0 run -q small.yaml --json two.json --policy apart
check set 0 run -q small.yaml --json six.json --policy apart --set 'fleet.node.price=6 USD/h'
for file in two six; do
    grep -o '"uusd": [0-9]*' "$dir/$file.json" | tail -n 1 | grep -o '[0-9]*' >"$dir/$file"
done
awk -v two="$(cat "$dir/two")" -v six="$(cat "$dir/six")" 'BEGIN {
    exit !(two > 0 && six >= 3 * two - 3 && six <= 3 * two + 3) }' ||
    fail "three times the price gives $(cat "$dir/six") for $(cat "$dir/two") micro-dollars"

# ---- replications, seeds, bytes ----
check replications 0 run small.yaml --replications 5 --json five.json
fits
out_has '5 replications (means, +- 95 % confidence)'
out_has '+-'
grep -q '"half95"' "$dir/five.json" || fail "no half widths in the JSON"
check without_chance_nothing_boasts_of_a_bar 0 run "$practical" -n 2 --brief
out_has '2 replications, all alike: nothing in them is left to chance'
grep -q '+-' "$dir/out" && fail "an interval of runs that are all alike"
check one_run_has_no_interval 0 run small.yaml --json a.json
grep -q '+-' "$dir/out" && fail "an interval from one run"
grep -q '"half95"' "$dir/a.json" && fail "half widths from one run"
check again 0 run small.yaml --json b.json
same a.json b.json
check other_seed 0 run small.yaml --json c.json --seed 2
grep -v '"seed"' "$dir/a.json" >"$dir/a.rest"
grep -v '"seed"' "$dir/c.json" >"$dir/c.rest"
cmp -s "$dir/a.rest" "$dir/c.rest" && fail "another seed gives the same result"
check practical 0 run "$practical" --json practical.json
fits
name=json_shape
"$json_check" "$dir/a.json" "$dir/five.json" "$dir/practical.json" >"$dir/out" 2>&1 ||
    fail "not the promised shape"
echo '{"stageplan": "0"}' >"$dir/no.json"
"$json_check" "$dir/no.json" >/dev/null 2>&1 && fail "json_check finds nothing wrong"

# ---- database and workbook ----
if command -v sqlite3 >/dev/null; then
    check db_once 0 run -q small.yaml --db runs.db
    check db_twice 0 run -q small.yaml --db runs.db --seed 2
    [ "$(rows runs.db 'SELECT group_concat(seed) FROM runs')" = 1,2 ] ||
        fail "expected two runs with seeds 1 and 2"
    [ "$(rows runs.db 'SELECT count(*) FROM policies')" = 4 ] || fail "expected 4 policies"

    # a writer that dies in the middle: at a limit on the file's size, then by SIGKILL
    before=$(rows runs.db 'SELECT max(id) FROM runs')
    blocks=$(($(wc -c <"$dir/runs.db") / 512 + 8))
    name=db_writer_dies
    (cd "$dir" && sh -c "ulimit -c 0; ulimit -f $blocks; \"\$STAGEPLAN\" run -q \
        small.yaml --db runs.db --seed 3; exit \$?") >"$dir/out" 2>"$dir/err" &&
        fail "expected a failure at the limit of the file's size"
    [ "$(rows runs.db 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"
    [ "$(rows runs.db 'SELECT max(id) FROM runs')" = "$before" ] || fail "half a run is there"
    name=db_writer_killed
    for delay in 0.005 0.01 0.015 0.02 0.03 0.05; do
        (cd "$dir" && exec "$STAGEPLAN" run -q small.yaml --db runs.db) 2>"$dir/err" &
        sleep $delay
        kill -KILL $! 2>/dev/null
        wait $! 2>/dev/null
    done
    [ "$(rows runs.db 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"
    [ "$(rows runs.db 'SELECT count(*) = 2 * (SELECT count(*) FROM runs) FROM policies')" = 1 ] ||
        fail "a run without its two policies"
    check db_goes_on 0 run -q small.yaml --db runs.db --seed 9
    [ "$(rows runs.db 'SELECT seed FROM runs ORDER BY id DESC LIMIT 1')" = 9 ] ||
        fail "the run after the kill is not there"
fi
check xlsx 0 run small.yaml --xlsx small.xlsx
out_has 'workbook: small.xlsx'
[ "$(head -c 2 "$dir/small.xlsx")" = PK ] || fail "no zip file"
check xlsx_again 0 run -q small.yaml --xlsx again.xlsx
same small.xlsx again.xlsx

# ---- how it ends ----
check deadlock_is_a_result 0 run stuck.yaml
fits
out_has DEADLOCK
out_has "stage 'read' of 'w'"
out_has "stage 'pair' of 'w'"
if [ -w /dev/full ]; then
    name=full_stdout
    "$STAGEPLAN" run "$dir/small.yaml" >/dev/full 2>"$dir/err"
    code=$?
    : >"$dir/out"
    [ "$code" -eq 1 ] || fail "exit $code, expected 1"
    err_has "can't be written"
fi

# a reader that closes the pipe early loses no file
name=closed_pipe
{ (cd "$dir" && "$STAGEPLAN" run small.yaml --json piped.json) 2>"$dir/err"; } | :
: >"$dir/out"
same a.json piped.json

# The signal is sent until it is heeded: a program that is still starting ignores it.
name=interrupt
(cd "$dir" && exec "$STAGEPLAN" run endless.yaml --json partial.json) >"$dir/out" 2>"$dir/err" &
pid=$!
sleep 1
tries=0
while kill -0 $pid 2>/dev/null && [ $tries -lt 120 ]; do
    kill -INT $pid 2>/dev/null
    sleep 0.5
    tries=$((tries + 1))
done
[ $tries -lt 120 ] || { kill -KILL $pid; fail "does not heed SIGINT"; }
wait $pid
code=$?
[ "$code" -eq 1 ] || fail "exit $code, expected 1"
out_has PARTIAL
grep -q '"partial": true' "$dir/partial.json" || fail "the JSON is not marked as partial"
[ ! -s "$dir/err" ] || fail "progress went to a file"

# ---- a server that takes no time ----
sed 's/time: roofline/time: { fit: { prefill: [0s, 0s, 0s], decode: [0s, 0s, 0s] } }/' \
    "$SRCDIR/tests/scenarios/serving.yaml" >"$dir/no-time.yaml"
check no_time_is_warned_of 0 run no-time.yaml --brief
out_has "warning: policy 'colocated': iterations of 'replicas' take no time"
err_empty

# ---- on a terminal ----
# on_terminal ENVIRONMENT... : the report of the practical example as a terminal gets it
on_terminal() {
    script -qec "env $* '$STAGEPLAN' run '$practical' --policy disaggregated 2>/dev/null" /dev/null \
        </dev/null >"$dir/out" 2>"$dir/err"
}
if command -v script >/dev/null; then
    name=terminal
    on_terminal TERM=xterm LC_ALL=C.UTF-8
    grep -q "$escape" "$dir/out" || fail "no colours on a terminal"
    sed "s/$escape\[[0-9;]*[A-Za-z]//g; s/\r//g" "$dir/out" >"$dir/plain"
    [ "$(LC_ALL=C.UTF-8 wc -L <"$dir/plain")" -le 80 ] || fail "wider than 80 columns"
    name=no_color
    on_terminal TERM=xterm NO_COLOR=1 LC_ALL=C.UTF-8
    grep -q "$escape\[[0-9;]*m" "$dir/out" && fail "colours in spite of NO_COLOR"
    name=dumb_terminal
    on_terminal TERM=dumb LC_ALL=C
    grep -q "$escape" "$dir/out" && fail "escape sequences on a dumb terminal"
    LC_ALL=C grep -q '[^ -~[:space:]]' "$dir/out" && fail "not ASCII in the C locale"

    name=progress
    script -qec "timeout -s INT 3 '$STAGEPLAN' run '$dir/endless.yaml' >/dev/null" /dev/null \
        </dev/null >"$dir/out" 2>"$dir/err"
    out_has 'M events'
    grep -q "$escape" "$dir/out" && fail "escape sequences, which a dumb terminal prints"
fi

# Jobs of a trace at times of their own, and a placement that knows what is to come: those
# that may run anywhere leave the V100s to those that need one, so nobody waits.
{
    echo "arrival_s,duration_s,gpus,gpu_models"
    for i in 1 2 3 4; do echo "0,3600,1,"; done
    for i in 1 2 3 4; do echo "0,3600,1,V100"; done
} >"$dir/jobs.csv"
cat >"$dir/jobs.yaml" <<'END'
scenario: jobs
fleet:
  a: { cpu: 8, gpu: 1, gpu_model: V100, price: 1 USD/h, option: owned, count: 4 }
  b: { cpu: 8, gpu: 1, gpu_model: T4, price: 1 USD/h, option: owned, count: 4 }
workloads:
  train:
    kind: jobs
    source: { trace: jobs.csv, rate: 1/s, arrivals: constant }
policies:
  looks-ahead: { placement: fgd }
END
check jobs_that_may_run_anywhere_leave_room 0 run jobs.yaml --brief
grep -q '^queue wait, mean *0 s' "$dir/out" || fail "somebody waited"
sed -i 's/fgd/first-fit/' "$dir/jobs.yaml"
check first_fit_takes_what_others_need 0 run jobs.yaml --brief
grep -q '^queue wait, mean *0 s' "$dir/out" && fail "nobody waited"

[ "$failures" -eq 0 ]
