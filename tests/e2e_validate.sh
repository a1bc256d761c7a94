#!/bin/sh
# stageplan validate, from outside: the list, what it refuses, pipelines left out, exit
# codes, and what is printed.  How good predictions are depends on the machine: no word
# of it here.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; head -n 20 "$dir/out" "$dir/err"; failures=$((failures + 1)); }

# run CODE ARGS...: fails unless it exits with CODE
run() {
    want=$1
    shift
    timeout 200 "$STAGEPLAN" validate "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ "$got" -eq "$want" ] || fail "validate $*: exit $got, expected $want"
}
says() { grep -q -e "$2" "$dir/$1" || fail "$1 does not say '$2'"; }

# kernel NAME AXIS X SECONDS: of a profile
kernel() {
    cat <<END
  - name: $1
    device: cpu
    item: one
    axis: $2
    calls: per-item
    bound: compute
    basis: measured
    table:
      - { x: $3, seconds: $4, sd: 0.01, blocks: 9, rejected: 0, converged: true }
    item_cv: 0
    uncertainty: { within: 0.01, between: 0.01, floor: 0.03, sd: 0.03 }
    scaling: { kind: none }
    converged: true
END
}
profile() {
    cat <<END
stageplan_profile: 1
created: 2026-11-22T20:10:00Z
tool: stageplan 0.1.0
mode: import
campaigns: 1
seed: 1
machine: { cpu: "made up" }
devices:
  - { name: cpu, kind: cpu, model: "made up", cores: 2 }
kernels:
END
    kernel zstd_decompress bytes 65536 0.00005
    kernel hash bytes 65536 0.000006
    echo "complete: true"
}
profile >"$dir/profile.yaml"

run 0 --list
says out '^varied-1 '
says out 'jpeg_decode -> sgemm'
[ ! -s "$dir/err" ] || fail "--list writes to stderr"

# ---- refused ----
run 2
says err 'expected one profile, found 0'
run 2 a b
says err 'expected one profile, found 2'
run 2 -p varied-2 "$dir/profile.yaml"
says err "no pipeline 'varied-2', did you mean 'varied-"
run 2 -p nonsense-at-all "$dir/profile.yaml"
says err 'expected one of jpeg-sgemm, '
run 2 --rounds 0 "$dir/profile.yaml"
says err '--rounds 0: '
run 2 --seed -1 "$dir/profile.yaml"
says err '--seed -1: '
run 1 "$dir/none.yaml"
says err 'none.yaml'
echo 'stageplan_profile: 99' >"$dir/newer.yaml"
run 2 "$dir/newer.yaml"
says err 'newer.yaml:1'
head -n 12 "$dir/profile.yaml" >"$dir/short.yaml"
run 2 "$dir/short.yaml"
says err 'short.yaml:'
run 1 --json "$dir/no/such/folder/x.json" "$dir/profile.yaml"
says err 'no/such/folder'

# ---- left out ----
run 2 -p jpeg-sgemm "$dir/profile.yaml"
says err 'nothing was validated'
says out '^ *jpeg-sgemm .* skipped'
says out 'left out: the profile has no kernel jpeg_decode of the CPU'

sed 's/name: hash/name: jpeg_decode/; s/x: 65536, seconds: 0.000006/x: 0.3072, seconds: 0.0008/' \
    "$dir/profile.yaml" >"$dir/jpeg.yaml"
run 2 -p jpeg-device "$dir/jpeg.yaml"
says out 'left out: the profile has no kernel copy_to_device of a device'

# ---- run: whatever the verdict is, 1 is for FAIL alone ----
timeout 200 "$STAGEPLAN" validate --rounds 1 --quick -p varied-1 -p jpeg-sgemm --json "$dir/v.json" \
    "$dir/profile.yaml" >"$dir/out" 2>"$dir/err"
got=$?
if grep -q '^=> FAIL' "$dir/out"; then want=1; else want=0; fi
[ "$got" -eq "$want" ] || fail "exit $got, expected $want"
says out '^=> [A-Z]*: '
says out 'zstd_decompress 65536 x 25'
says out 'latency p50 '
awk 'length > 80' "$dir/out" >"$dir/long"
[ ! -s "$dir/long" ] || fail "lines of more than 80 columns"
[ ! -s "$dir/err" ] || fail "progress in a pipe"
for key in '"pipeline": "varied-1"' '"simulated_per_s"' '"rule_error"' '"verdict": "skipped"' \
    '"foreign_cores"' '"isolated_mean_s"'; do
    grep -q "$key" "$dir/v.json" || fail "the JSON has no $key"
done

[ "$failures" -eq 0 ] || exit 1
echo "all as expected"
