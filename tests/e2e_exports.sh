#!/bin/sh
# stageplan run --focus --timeline --metrics --csv, from outside: files that keep their
# formats' rules, sums that are the bill, messages where a file can't be written.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
exports_check=$PWD/tests/exports_check
failures=0
name=

fail() {
    echo "FAILED $name: $1"
    head -n 12 "$dir/out" | sed 's/^/  out| /'
    head -n 12 "$dir/err" | sed 's/^/  err| /'
    failures=$((failures + 1))
}
# check NAME CODE ARGUMENTS...: in $dir; keeps stdout and stderr, compares the exit code.
check() {
    name=$1 wanted=$2
    shift 2
    (cd "$dir" && "$STAGEPLAN" "$@" >out 2>err </dev/null)
    code=$?
    [ "$code" -eq "$wanted" ] || fail "exit $code, expected $wanted"
}
out_has() { grep -qF -e "$1" "$dir/out" || fail "no '$1' on stdout"; }
err_has() { grep -qF -e "$1" "$dir/err" || fail "no '$1' on stderr"; }
# keeps KIND FILE: what the checker prints is in $dir/checked.
keeps() {
    "$exports_check" "$1" "$dir/$2" >"$dir/checked" ||
        fail "$2 breaks a rule: $(tail -n 1 "$dir/checked")"
}

cat >"$dir/small.yaml" <<'YAML'
scenario: "=small, <b>\"x\"</b>"
seed: 3
fleet:
  big: { cpu: 8, gpu: 2, price: 8 USD/h, count: 2, option: reserved }
  spare: { cpu: 16, price: 1 USD/h, min: 0, max: 4, boot: 20s, idle: 30s }
workloads:
  w:
    kind: pipeline
    source: { rate: 4/s, items: 600 }
    stages:
      "@first": { cpu: 1, time: { dist: lognormal, mean: 1s, cv: 0.7 } }
      last: { from: "@first", gpu: 1, batch: 4, time: { fixed: 20ms, per_item: 100ms } }
YAML
cat >"$dir/plain.yaml" <<'YAML'
scenario: plain
fleet: { node: { cpu: 4, gpu: 1, price: 2 USD/h, count: 2 } }
workloads:
  w:
    kind: pipeline
    source: { rate: 2/s, items: 400 }
    stages:
      a: { cpu: 1, time: { dist: lognormal, mean: 1s, cv: 0.7 } }
YAML

exports="--focus f.csv --timeline t.json --metrics m.om --csv tables"

# every_rule SCENARIO: all four files, and the bill against the tables'.
every_rule() {
    rm -rf "$dir/tables"
    check "every rule: $1" 0 run "$1" $exports --quiet
    keeps timeline t.json
    keeps metrics m.om
    keeps focus f.csv
    if grep -q "no rows of" "$dir/err"; then return; fi
    awk -F ' ' '{ print $NF }' "$dir/checked" | sort >"$dir/focus_sums"
    "$STAGEPLAN" run "$1" --quiet --json "$dir/r.json" 2>/dev/null
    awk -F, 'FNR == 1 { for (i = 1; i <= NF; i++) if ($i == "usd") c = i; next }
             { n[$1]++ ; d = $c; split(d, a, "."); u[$1] += a[1] * 1000000 + a[2] }
             END { for (p in u) printf "%d.%06d\n", u[p] / 1000000, u[p] % 1000000 }' \
        "$dir/tables/cells.csv" | sort >"$dir/cell_sums"
    [ -s "$dir/focus_sums" ] || fail "no account in the FOCUS rows"
}
every_rule "$SRCDIR/examples/practical/scenario.yaml"
every_rule "$SRCDIR/examples/team-pool/scenario.yaml"
every_rule "$SRCDIR/examples/spot-deadline/scenario.yaml"
every_rule "$SRCDIR/examples/vllm-llama-8b/scenario.yaml"

check "same bytes" 0 run plain.yaml $exports --quiet
cp "$dir/f.csv" "$dir/f1.csv"; cp "$dir/t.json" "$dir/t1.json"; cp "$dir/m.om" "$dir/m1.om"
check "same bytes again" 0 run plain.yaml $exports --quiet
for pair in f1.csv:f.csv t1.json:t.json m1.om:m.om; do
    cmp -s "$dir/${pair%:*}" "$dir/${pair#*:}" || fail "${pair#*:} differs from run to run"
done
check "what was written is said" 0 run plain.yaml $exports
out_has "FOCUS rows: f.csv"
out_has "timeline: t.json"
out_has "metrics: m.om"
out_has "tables: tables"
[ "$(tail -n 1 "$dir/m.om")" = "# EOF" ] || fail "m.om does not end with # EOF"

check "time 0 is a date" 0 run plain.yaml --quiet --start 2027-02-28 --csv tables
grep -qF "run,time 0,2027-02-28T00:00:00Z" "$dir/tables/run.csv" || fail "no time 0"
check "time 0 by default" 0 run plain.yaml --quiet --csv tables
grep -qF "run,time 0,2026-11-01T00:00:00Z" "$dir/tables/run.csv" || fail "no time 0"
for bad in tomorrow 2026-02-30 2026-1-1 2100-01-01 1970-01-01 ""; do
    check "--start $bad" 2 run plain.yaml --focus f.csv --start "$bad"
    err_has "expected a date such as 2026-11-01"
done

# what can't be written is told before the run, and nothing stands under the name
touch "$dir/file"
for option in focus timeline metrics; do
    check "no such folder: --$option" 1 run plain.yaml --$option no/such/x
    err_has "no/such/x: can't be written"
done
check "a file where a folder should be" 1 run plain.yaml --csv file
err_has "file: is no folder"
check "no such folder: --csv" 1 run plain.yaml --csv no/such/x
err_has "no/such/x: can't be made"
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$dir/locked" && chmod a-w "$dir/locked"
    for option in focus timeline metrics csv; do
        check "a folder that is read-only: --$option" 1 run plain.yaml --$option locked/x
        [ -z "$(ls "$dir/locked")" ] || fail "something was left in it"
    done
fi
# a disk that is full: no file may be longer than 512 bytes
for option in focus timeline metrics; do
    name="a full disk: --$option"
    mkdir "$dir/full"
    (ulimit -f 1; trap '' XFSZ; cd "$dir" &&
        "$STAGEPLAN" run plain.yaml --quiet --$option full/x >out 2>err)
    [ $? -eq 1 ] || fail "not refused"
    err_has "full/x: can't be written"
    [ -z "$(ls "$dir/full")" ] || fail "something was left behind: $(ls "$dir/full")"
    rm -r "$dir/full"
done

[ "$failures" -eq 0 ] && echo "exports: all as expected"
exit $((failures > 0))
