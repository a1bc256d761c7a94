#!/bin/sh
# Wrong input, from outside: exit 2, one message on stderr with file and line, nothing on
# stdout, no output file made or changed.  Names that look like formulas, commands or markup
# are not wrong: they run, and stay text wherever they end up.
set -u
LC_ALL=C
export LC_ALL

if [ ! -x "${STAGEPLAN:-}" ]; then
    echo "skipped: no stageplan binary (STAGEPLAN names it)"
    exit 77
fi
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
    echo "FAILED: $name: $1"
    sed 's/^/  out| /' "$dir/out" | head -5
    sed 's/^/  err| /' "$dir/err" | head -5
    failures=$((failures + 1))
}

# A scenario that runs, with traps: each test changes one thing of it.  $dir/scenario.yaml
good() {
    cat >"$dir/scenario.yaml" <<'EOF'
scenario: good
until: 60s
fleet:
  node: { cpu: 4, gpu: 1, memory: 16Gi, price: 1 USD/h }
workloads:
  work:
    kind: pipeline
    source: { items: 10 }
    stages:
      first: { cpu: 1, time: 1s }
      second: { gpu: 1, time: 100ms }
policies:
  apart: { work: { bundle: apart } }
EOF
}

# run FILE: all outputs asked for, beside a database that exists
run() {
    rm -rf "$dir/made"
    mkdir "$dir/made"
    cp "$dir/before.db" "$dir/results.db"
    (cd "$dir" && "$STAGEPLAN" run "$@" --db results.db --xlsx made/x.xlsx --json made/x.json \
        --plot made/plot >out 2>err)
}

# refused WHERE TEXT ARGUMENTS...: stderr is one message that begins with WHERE and has TEXT
refused() {
    where=$1 text=$2
    shift 2
    run "$@"
    code=$?
    [ "$code" -eq 2 ] || fail "exit $code, expected 2"
    [ ! -s "$dir/out" ] || fail "wrote to stdout"
    head -n 1 "$dir/err" | grep -q "^stageplan: $where" || fail "no 'stageplan: $where...'"
    grep -qF -e "$text" "$dir/err" || fail "the message hasn't '$text'"
    [ "$(grep -c '^stageplan: ' "$dir/err")" -eq 1 ] || fail "not one message"
    [ "$(wc -l <"$dir/err")" -le 3 ] || fail "more than a message with its line and caret"
    cmp -s "$dir/before.db" "$dir/results.db" || fail "the database changed"
    [ -z "$(ls "$dir/made")" ] || fail "made $(ls "$dir/made")"
}

name=good
printf '' >"$dir/before.db"
good
run scenario.yaml || fail "the good scenario doesn't run"
cp "$dir/results.db" "$dir/before.db"
[ -s "$dir/before.db" ] || fail "no database to be left alone"
[ -n "$(ls "$dir/made")" ] || fail "no outputs that could be missed"

# ---- each kind of mistake, one change of the good scenario ----

# wrong NAME LINE TEXT SED-COMMAND
wrong() {
    name=$1
    good
    sed -e "$4" "$dir/scenario.yaml" >"$dir/changed.yaml"
    cmp -s "$dir/scenario.yaml" "$dir/changed.yaml" && fail "nothing was changed"
    refused "changed\\.yaml:$2:" "$3" changed.yaml
}

wrong unknown_key_top 2 "did you mean 'until'" 's/^until/untill/'
wrong unknown_key_node 4 "did you mean 'memory'" 's/memory/memroy/'
wrong unknown_key_stage 10 "did you mean 'time'" 's/1, time: 1s/1, tmie: 1s/'
wrong wrong_unit_time 10 "expected" 's/time: 1s/time: 1parsec/'
wrong wrong_unit_memory 4 "expected" 's/16Gi/16Gs/'
wrong wrong_unit_price 4 "expected" 's/1 USD.h/1 EUR\/h/'
wrong no_unit 2 "expected" 's/60s/60/'
wrong negative 8 "expected" 's/items: 10/items: -10/'
wrong negative_time 10 "expected" 's/time: 1s/time: -1s/'
wrong nan_time 10 "expected" 's/time: 1s/time: nan/'
wrong nan_price 4 "expected" 's/1 USD.h/nan/'
wrong infinite_price 4 "expected" 's/1 USD.h/inf/'
wrong absurd_items 8 "1e30" 's/items: 10/items: 1e30/'
wrong absurd_cpu 4 "expected" 's/cpu: 4/cpu: 99999999999999999999/'
wrong absurd_time 10 "expected" 's/time: 1s/time: 400y/'
wrong absurd_memory 4 "expected" 's/16Gi/99999999Ei/'
wrong gpu_one_and_a_half 11 "1.5" 's/gpu: 1, time/gpu: 1.5, time/'
wrong cycle '1[01]' "cycle" 's/cpu: 1, time: 1s/cpu: 1, time: 1s, from: second/'
wrong missing_stage 11 "frist" 's/gpu: 1, time/from: frist, gpu: 1, time/'
wrong stage_in_no_unit 13 "second" \
    's/bundle: apart/units: { u: { slots: { first: 1 } } }/'
wrong duplicate_stage 11 "first" 's/ second:/ first:/'
wrong duplicate_key 3 "until" 's/^fleet:/until: 30s\nfleet:/'
wrong unit_that_fits_nowhere '[0-9]*' "largest node" 's/cpu: 1, time/cpu: 5, time/'
wrong newline_in_name 1 "line break" 's/^scenario: good/scenario: "two\\nlines"/'
wrong escape_in_name 1 "control character" 's/^scenario: good/scenario: "\\e[31mred"/'
wrong bomb 1 "alias" '1s/.*/scenario: [\&a [x,x,x,x], \&b [*a,*a,*a,*a], [*b,*b,*b,*b]]/'
open=$(printf '%0300d' 0 | sed 's/0/[/g') close=$(printf '%0300d' 0 | sed 's/0/]/g')
wrong deep 1 "nested more than" "1s/.*/scenario: $open$close/"
wrong not_utf8 1 "" '1s/good/b\xe4d/'

name=set_of_what_is_not_there
good
refused "" "did you mean 'node'" scenario.yaml --set fleet.noed.price=3
name=set_of_a_wrong_value
refused "" "expected" scenario.yaml --set fleet.node.price=cheap

# Times that add up to more than a run can count: ten services of 90 years.
name=past_a_century
good
sed -e '/^until/d' -e 's/1s }/788400h }/' -e 's/items: 10/items: 100/' \
    "$dir/scenario.yaml" >"$dir/changed.yaml"
refused "" "passes 100 years" changed.yaml

# A loop that takes no time: told after a hundred million events, which take some seconds.
if [ -n "${STAGEPLAN_SLOW:-}" ]; then
    name=time_stands_still
    sed -e 's/items: 10/population: 2, think: 0/' -e 's/1s }/0 }/' -e 's/100ms }/0 }/' \
        "$dir/scenario.yaml" >"$dir/changed.yaml"
    refused "" "time stands still at 0 s" changed.yaml
fi

# ---- every file of tests/bad ----

for file in "$SRCDIR"/tests/bad/*.yaml; do
    name=$(basename "$file")
    cp "$SRCDIR"/tests/bad/*.csv "$SRCDIR"/tests/bad/*.profile "$file" "$dir"
    refused "\\($name:[0-9]\\|$name: \\|[a-z]*\\.\\(csv\\|profile\\):\\)" "" "$name"
done

# ---- traces ----

# trace NAME WHERE TEXT: $dir/trace.csv is wrong
trace() {
    name=trace_$1
    good
    sed -e 's/items: 10/trace: trace.csv/' "$dir/scenario.yaml" >"$dir/changed.yaml"
    refused "$2" "$3" changed.yaml
}

: >"$dir/trace.csv"
trace empty 'trace\.csv: ' 'empty'
echo arrival_s >"$dir/trace.csv"
trace no_rows 'trace\.csv: ' 'no rows'
rows() { awk -v n="$1" 'BEGIN { print "arrival_s"; for (i = 2; i <= n; i++) print i }'; }
rows 50000 | sed '40000s/.*/40000x/' >"$dir/trace.csv"
trace row_40000_broken 'trace\.csv:40000: ' '40000x'
rows 50000 | sed '40000s/.*/7/' >"$dir/trace.csv"
trace goes_backwards 'trace\.csv:40000: ' 'backwards'
rows 50000 | sed '40000s/.*/nan/' >"$dir/trace.csv"
trace not_a_number 'trace\.csv:40000: ' 'nan'
rows 50000 | gzip -c | head -c 50000 >"$dir/trace.csv"
trace truncated_gzip 'trace\.csv: ' 'truncated gzip'
rm "$dir/trace.csv"
trace missing 'changed\.yaml:8:' 'No such file'

# ---- names that are text ----

name=hostile_names
cat >"$dir/hostile.yaml" <<'EOF'
scenario: "=cmd|' /C calc'!A0"
description: '<script>alert(1)</script> "; DROP TABLE run; --'
fleet:
  '+node"''`touch pwned`': { cpu: 4, gpu: 1, price: 1 }
workloads:
  '@SUM(1+1)*':
    kind: pipeline
    source: { items: 10 }
    stages:
      '-2+3+cmd|''x''!A': { cpu: 1, time: 1s }
      '"; system("touch pwned"); "': { gpu: 1, time: 1s }
policies:
  '=HYPERLINK("http://x","y")': { '@SUM(1+1)*': { bundle: apart } }
  '`touch pwned` <script>x</script>': { '@SUM(1+1)*': { bundle: together } }
EOF
rm -f "$dir/results.db" "$dir/before.db"
printf '' >"$dir/before.db"
run hostile.yaml || fail "doesn't run"
[ ! -s "$dir/err" ] || fail "wrote to stderr"
[ -z "$(find "$dir" -name pwned)" ] || fail "a name was run as a command"

# What JSON holds is the names, letter by letter: check_values finds a policy by name only.
grep -qF '"name": "=HYPERLINK(\"http://x\",\"y\")"' "$dir/made/x.json" || fail "JSON: name"
grep -qF '"scenario": "=cmd|'"' /C calc'"'!A0"' "$dir/made/x.json" || fail "JSON: scenario"

if command -v sqlite3 >/dev/null; then
    sqlite3 "$dir/results.db" .dump >"$dir/dump"
    grep -qF "=cmd|'' /C calc''!A0" "$dir/dump" || fail "database: the scenario's name"
    grep -qF '=HYPERLINK("http://x","y")' "$dir/dump" || fail "database: the policy's name"
    grep -qF 'CREATE TABLE run' "$dir/dump" || fail "database: a table is gone"
    [ "$(sqlite3 "$dir/results.db" 'PRAGMA integrity_check')" = ok ] || fail "database: damaged"
fi

if command -v unzip >/dev/null; then
    mkdir "$dir/book"
    (cd "$dir/book" && unzip -q ../made/x.xlsx) || fail "workbook: not a zip file"
    cat "$dir"/book/xl/worksheets/*.xml | grep -o '<f>[^<]*</f>' >"$dir/formulas"
    [ -s "$dir/formulas" ] || fail "workbook: no formulas to look at"
    grep -iE 'cmd\||hyperlink\(|script>|touch pwned' "$dir/formulas" &&
        fail "workbook: a name is a formula, or part of one"
    for text in '=cmd|' '=HYPERLINK(' '@SUM(1+1)*' '-2+3+cmd|' '&lt;script&gt;'; do
        grep -qF -e "$text" "$dir/book/xl/sharedStrings.xml" ||
            fail "workbook: '$text' is no string cell"
    done
    grep -qiE '<script|type="[^"]*hyperlink' -r "$dir/book" && fail "workbook: markup, or a link"
    grep -oE 'definedName name="[^"]*"' "$dir/book/xl/workbook.xml" |
        grep -vE '"[A-Za-z_][A-Za-z0-9_.]*"$' && fail "workbook: a cell's name is no name"
    cat "$dir"/book/xl/charts/*.xml | grep -oE '<c:f>[^<]*' |
        grep -vE "<c:f>'?[A-Z][a-z]+'?!" && fail "workbook: a chart refers to something else"
    grep -hoE '<formula[12]>[^<]*' "$dir"/book/xl/worksheets/*.xml |
        grep -iE 'cmd|hyperlink|script' && fail "workbook: a name in a rule"
fi

# A gnuplot script takes double-quoted text with backquotes to the shell.
for script in "$dir"/made/plot/*.gp; do
    grep -nF '`' "$script" | grep -v "'[^']*\`[^']*'" && fail "$script: backquotes run"
    grep -nE '^ *(system|!)' "$script" && fail "$script: a command"
done
if command -v gnuplot >/dev/null; then
    (cd "$dir/made/plot" && for script in *.gp; do LC_ALL=C.UTF-8 gnuplot "$script"; done) >/dev/null 2>"$dir/err" ||
        fail "gnuplot refuses its script"
    [ -z "$(find "$dir" -name pwned)" ] || fail "gnuplot ran a name"
    if command -v xmllint >/dev/null; then
        xmllint --noout --nonet "$dir"/made/plot/*.svg 2>"$dir/err" ||
            fail "a name breaks an SVG"
    fi
    grep -liE '<script' "$dir"/made/plot/*.svg && fail "a name is markup in an SVG"
fi

[ "$failures" -eq 0 ] || {
    echo "$failures failures"
    exit 1
}
exit 0
