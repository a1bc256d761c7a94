#!/bin/sh
# stageplan run --focus --timeline --metrics --csv, from outside: files that keep their
# formats' rules, sums that are the bill, messages where a file can't be written.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"
exports_check=$PWD/tests/exports_check

# keeps KIND FILE: what the checker prints is in $dir/checked.
keeps() {
    "$exports_check" "$1" "$dir/$2" >"$dir/checked" ||
        fail "$2 breaks a rule: $(tail -n 1 "$dir/checked")"
}

# Nodes bought in every way, some lost; teams; names that a spreadsheet would compute.
cat >"$dir/bought.yaml" <<'YAML'
scenario: "=2*21 <b>\"x\"</b>, 漢字"
seed: 3
fleet:
  held: { cpu: 8, gpu: 2, price: 8 USD/h, option: reserved, discount: 30%, count: 1 }
  node:
    cpu: 8
    gpu: 2
    options:
      - { option: spot, price: 1 USD/h, max: 2, interruptions: { rate: 0.5/h } }
      - { option: on-demand, price: 4 USD/h, max: 2 }
    boot: 90s
    idle_timeout: 5m
workloads:
  "@jobs":
    kind: jobs
    source: { rate: 6/h, for: 40d }
    checkpoint: { every: 10m, cost: 5s }
    jobs:
      "+small": { team: "-a", share: 60, gpu: 1, cpu: 2, duration: { dist: lognormal, mean: 20m, cv: 1 } }
      large: { team: b, share: 40, gpu: 2, cpu: 4, duration: { dist: lognormal, mean: 30m, cv: 1 } }
policies:
  "=first": { placement: first-fit }
  best: { placement: best-fit }
YAML
sed 's/scenario: small/scenario: plain/; s/count: 1 /count: 2 /' "$SRCDIR/tests/scenarios/small.yaml" \
    >"$dir/plain.yaml"

exports="--focus f.csv --timeline t.json --metrics m.om --csv tables"

# every_rule SCENARIO: all four files; each policy's FOCUS rows sum to its bill.
every_rule() {
    rm -rf "$dir/tables"
    check "every rule: $1" 0 run "$1" $exports --db "$dir/r.db" --quiet
    [ ! -s "$dir/err" ] || fail "stderr is not empty"
    keeps timeline t.json
    keeps metrics m.om
    keeps focus f.csv
    sed 's/.* //' "$dir/checked" >"$dir/focus_sums"
    sqlite3 "$dir/r.db" "SELECT printf('%d.%06d', uusd / 1000000, uusd % 1000000)
        FROM policies WHERE run_id = (SELECT max(run_id) FROM policies) ORDER BY position" \
        >"$dir/bills"
    [ -s "$dir/bills" ] || fail "no bill"
    cmp -s "$dir/focus_sums" "$dir/bills" || fail "the FOCUS rows' sums are not the bills"
    awk -F, 'NR > 1 { n++ } END { exit n < 2 }' "$dir/tables/cells.csv" || fail "no cells"
}
every_rule bought.yaml
grep -q ',Unused,' "$dir/f.csv" || fail "no unused commitment"
grep -q ',Dynamic,' "$dir/f.csv" || fail "no spot"
grep -q '2026-12-01T00:00:00Z,2026-12' "$dir/f.csv" ||
    grep -q '2027-01-01T00:00:00Z,2026-12-01T00:00:00Z' "$dir/f.csv" || fail "no second month"
grep -q "^\"'=first\"" "$dir/tables/policies.csv" || fail "a name may be computed"
every_rule "$SRCDIR/examples/practical/scenario.yaml"
every_rule "$SRCDIR/examples/team-pool/scenario.yaml"
every_rule "$SRCDIR/examples/split-or-not/scenario.yaml"
every_rule plain.yaml

check "same bytes" 0 run plain.yaml $exports --quiet
cp "$dir/f.csv" "$dir/f1.csv"; cp "$dir/t.json" "$dir/t1.json"; cp "$dir/m.om" "$dir/m1.om"
check "same bytes again" 0 run plain.yaml $exports --quiet
for pair in f1.csv:f.csv t1.json:t.json m1.om:m.om; do
    cmp -s "$dir/${pair%:*}" "$dir/${pair#*:}" || fail "${pair#*:} differs from run to run"
done
rm -f "$dir/stored.db"
check "a run that is stored" 0 run bought.yaml $exports --db stored.db --quiet
mkdir "$dir/first" && (cd "$dir" && mv f.csv t.json m.om tables first)
check "gives the same bytes" 0 report stored.db $exports --quiet
for file in f.csv t.json m.om tables; do
    diff -rq "$dir/first/$file" "$dir/$file" >"$dir/out" || fail "$file of the stored run differs"
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
for option in csv plot; do
    check "a file where a folder should be: --$option" 1 run plain.yaml --$option file
    err_has "file: is no folder"
    check "no such folder: --$option" 1 run plain.yaml --$option no/such/x
    err_has "no/such/x: can't be made"
    [ ! -s "$dir/out" ] || fail "--$option is refused after the run only"
done
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
