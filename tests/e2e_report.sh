#!/bin/sh
# stageplan report: the same bytes as run's, and what it refuses.
set -u
LC_ALL=C
export LC_ALL
SOURCE_DATE_EPOCH=1795341600
export SOURCE_DATE_EPOCH
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

# refused CODE TEXT ARGUMENTS...
refused() {
    want=$1 text=$2
    shift 2
    "$STAGEPLAN" "$@" >"$dir/out" 2>"$dir/err"
    code=$?
    [ "$code" -eq "$want" ] || fail "$*: exit code $code, expected $want"
    grep -qF -e "$text" "$dir/err" || fail "$*: \"$(cat "$dir/err")\" does not say \"$text\""
    [ ! -s "$dir/out" ] || fail "$*: printed something"
}

# ---- the same bytes, of examples of every kind ----
for name in practical split-or-not team-pool stable-diffusion; do
    cd "$SRCDIR/examples/$name" || exit 99
    rm -rf "$dir"/run.* "$dir"/report.* "$dir"/*.plots
    "$STAGEPLAN" run scenario.yaml --db "$dir/$name.db" --json "$dir/run.json" \
        --xlsx "$dir/run.xlsx" --plot "$dir/run.plots" >"$dir/run.txt" 2>/dev/null ||
        fail "$name: run"
    cp "$dir/$name.db" "$dir/before"
    "$STAGEPLAN" report "$dir/$name.db" --json "$dir/report.json" --xlsx "$dir/report.xlsx" \
        --plot "$dir/report.plots" >/dev/null 2>&1 || fail "$name: report"
    "$STAGEPLAN" report "$dir/$name.db" >"$dir/report.txt" || fail "$name: report as text"
    grep -v -e '^database: ' -e '^workbook: ' -e '^json: ' -e '^plots: ' "$dir/run.txt" >"$dir/run.text"
    cmp "$dir/run.text" "$dir/report.txt" || fail "$name: the text differs"
    cmp "$dir/run.json" "$dir/report.json" || fail "$name: the JSON differs"
    cmp "$dir/run.xlsx" "$dir/report.xlsx" || fail "$name: the workbook differs"
    for file in "$dir"/run.plots/*.gp "$dir"/run.plots/*.dat; do
        cmp -s "$file" "$dir/report.plots/${file##*/}" || fail "$name: ${file##*/} differs"
    done
    cmp -s "$dir/before" "$dir/$name.db" || fail "$name: the database was changed"
done

# ---- which run ----
cd "$SRCDIR/examples/practical" || exit 99
"$STAGEPLAN" run scenario.yaml --seed 5 --db "$dir/practical.db" -q || fail "a second run"
"$STAGEPLAN" report "$dir/practical.db" --list >"$dir/list"
[ "$(wc -l <"$dir/list")" -eq 3 ] || fail "--list does not show two runs"
"$STAGEPLAN" report "$dir/practical.db" | grep -q 'seed 5' || fail "the last run is not the default"
"$STAGEPLAN" report --run 1 "$dir/practical.db" --brief | grep -q 'seed 1' || fail "--run 1"
[ -z "$("$STAGEPLAN" report "$dir/practical.db" --quiet)" ] || fail "--quiet prints"

# ---- other runs: which policy's input, and a scenario file that was edited ----
cat >"$dir/two.yaml" <<'END'
scenario: two
until: 10m
fleet: { g: { cpu: 4, gpu: 1, price: 8 USD/h } }
workloads:
  p:
    kind: pipeline
    source: { items: 100000, pull: true }
    stages: { a: { cpu: 1, time: 2s }, b: { gpu: 1, time: 100ms } }
policies:
  six: { p: { units: { w: { slots: { a: 4, b: 1 }, count: 6 } } } }
  three: { p: { units: { w: { slots: { a: 4, b: 1 }, count: 3 } } } }
END
for set in six.p.units.w.count=5 six.p.units.w.count=7 three.p.units.w.count=2 three.p.units.w.count=6; do
    "$STAGEPLAN" run "$dir/two.yaml" --db "$dir/two.db" -q --set policies.$set || fail "two: $set"
done
sed 's/price: 8/price: 9/' "$dir/two.yaml" >"$dir/dear.yaml"
"$STAGEPLAN" run "$dir/dear.yaml" --db "$dir/two.db" -q || fail "two: dear"
"$STAGEPLAN" run "$dir/two.yaml" --db "$dir/two.db" -q || fail "two"
"$STAGEPLAN" report "$dir/two.db" -q --plot "$dir/two.plots" 2>/dev/null || fail "two: report"
# blocks of x of all policies, those of the first
# shellcheck disable=SC2086 # a pattern
swept() { awk '/^# policy/ { n++ } !/^#/ && NF && n == 1 { printf "%s ", $1 }' "$dir"/two.plots/$1.dat; }
[ "$(swept 'sweep-*-unit-w--count*six*')" = "5 6 7 " ] || fail "two: six: $(ls "$dir/two.plots")"
[ "$(swept 'sweep-*-unit-w--count*three*')" = "2 3 6 " ] || fail "two: three"
[ "$(swept 'sweep-*-g--price')" = "8 9 " ] || fail "two: an edited file"

# ---- what is refused ----
refused 2 "has no run 3, expected one of 1, 2" report "$dir/practical.db" --run 3
refused 2 "--run 0" report "$dir/practical.db" --run 0
refused 2 "can't be opened" report "$dir/none.db"
refused 2 "expected one database, found 0" report
refused 2 "is the database itself" report "$dir/practical.db" --json "$dir/practical.db"
ln "$dir/practical.db" "$dir/link.xlsx"
refused 2 "is the database itself" report "$dir/practical.db" --xlsx "$dir/link.xlsx"
: >"$dir/empty.db"
refused 2 "is empty" report "$dir/empty.db"
refused 2 "is no SQLite database" report scenario.yaml
refused 1 "$dir/no/such.json" report "$dir/practical.db" --json "$dir/no/such.json"

# ---- no output is written over another, nor over what a run is made from ----
refused 2 "--html $dir/./both: --xlsx goes there, too" report "$dir/practical.db" \
    --xlsx "$dir/both" --html "$dir/./both"
[ ! -e "$dir/both" ] || fail "one path for two left a file"
cp scenario.yaml "$dir/mine.yaml"
refused 2 "is the scenario itself" run "$dir/mine.yaml" --json "$dir/mine.yaml"
cmp scenario.yaml "$dir/mine.yaml" || fail "the scenario is destroyed"
refused 2 "--json $dir/new.db: --db goes there, too" run scenario.yaml \
    --db "$dir/new.db" --json "$dir/new.db"
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/piped" &
reader=$!
timeout 20 "$STAGEPLAN" report "$dir/practical.db" --quiet --json "$dir/pipe" ||
    fail "a named pipe is not written to"
wait "$reader"
"$STAGEPLAN" report "$dir/practical.db" --quiet --json "$dir/straight.json" || fail "--json"
cmp "$dir/piped" "$dir/straight.json" || fail "what came through the pipe is not the file"
long=$(printf '%0255d' 0)
"$STAGEPLAN" report "$dir/practical.db" --quiet --json "$dir/$long" || fail "the longest name"

[ "$failures" -eq 0 ]
