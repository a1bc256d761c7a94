#!/bin/sh
# Workbooks in real spreadsheet programs: what they calculate is what was stored, and a
# changed price gives what a new run at that price gives.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
for tool in unzip zip; do
    command -v $tool >/dev/null || { echo "not tested: no $tool"; exit 77; }
done
programs=
command -v ssconvert >/dev/null && programs="gnumeric"
command -v soffice >/dev/null && programs="$programs office"
[ -n "$programs" ] || { echo "not tested: neither ssconvert nor soffice"; exit 77; }
for missing in gnumeric office; do
    case " $programs " in
    *" $missing "*) ;;
    *) echo "not tested with $missing: it is not there" ;;
    esac
done
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
values=$PWD/tests/book_values
failures=0

fail() {
    echo "FAILED $1: $2"
    failures=$((failures + 1))
}

# LibreOffice trusts stored values unless it is told to calculate.
mkdir -p "$dir/profile/user"
cat >"$dir/profile/user/registrymodifications.xcu" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
END

# recalculate PROGRAM NAME: $dir/NAME.xlsx with every formula calculated anew, as values
# in $dir/NAME.PROGRAM
recalculate() {
    rm -rf "$dir/out"
    mkdir "$dir/out"
    case $1 in
    gnumeric) timeout 120 ssconvert --recalc "$dir/$2.xlsx" "$dir/out/$2.xlsx" ;;
    office)
        timeout 180 soffice "-env:UserInstallation=file://$dir/profile" --headless \
            --convert-to xlsx --outdir "$dir/out" "$dir/$2.xlsx"
        ;;
    esac >"$dir/log" 2>&1
    [ -s "$dir/out/$2.xlsx" ] || { fail "$2" "$1 made no workbook of it"; tail -n 3 "$dir/log"; }
    "$values" "$dir/out/$2.xlsx" >"$dir/$2.$1"
}

# run NAME SCENARIO OPTIONS...: a workbook, and its stored values in $dir/NAME.stored
run() {
    run_name=$1
    shift
    "$STAGEPLAN" run -q "$@" --xlsx "$dir/$run_name.xlsx" >"$dir/log" 2>&1 ||
        { fail "$run_name" "exit $?"; tail -n 3 "$dir/log"; }
    "$values" "$dir/$run_name.xlsx" >"$dir/$run_name.stored"
}

# edit FROM TO CELL VALUE: a copy with another value in the named cell.
edit() {
    rm -rf "$dir/parts"
    mkdir "$dir/parts"
    unzip -q "$dir/$1.xlsx" -d "$dir/parts"
    edit_cell=$(sed -n "s|.*<definedName name=\"$3\">'Assumptions'!\\\$\\([A-Z]*\\)\\\$\\([0-9]*\\)<.*|\\1\\2|p" \
        "$dir/parts/xl/workbook.xml")
    [ -n "$edit_cell" ] || fail "$2" "no cell is named $3"
    sed -i "s|\\(<c r=\"$edit_cell\"[^>]*><v>\\)[^<]*|\\1$4|" "$dir/parts/xl/worksheets/sheet2.xml"
    rm -f "$dir/$2.xlsx"
    (cd "$dir/parts" && zip -q -r "../$2.xlsx" .)
}

# same NAME A B RELATIVE ABSOLUTE SHEETS: formulas of A have the values that they have in
# B, on the sheets that the pattern names.
same() {
    same_told=$(awk -F'\t' -v relative="$4" -v absolute="$5" -v sheets="$6" '
        function number(x) { return x ~ /^-?[0-9.]+([eE][-+]?[0-9]+)?$/ }
        function size(x) { return x < 0 ? -x : x }
        NR == FNR { other[$1 FS $2] = $4; next }
        $3 != "f" || $1 !~ sheets { next }
        { n++ }
        !(($1 FS $2) in other) { print $1 "!" $2 " is missing"; next }
        {
            a = $4; b = other[$1 FS $2]
            if (number(a) && number(b)) {
                if (size(a - b) > absolute + relative * size(a))
                    print $1 "!" $2 ": " a " and " b
            } else if (a != b)
                print $1 "!" $2 ": " a " and " b
        }
        END { if (n == 0) print "no formula was compared" }' "$dir/$3" "$dir/$2")
    [ -z "$same_told" ] || { fail "$1" "$2 and $3 differ"; echo "$same_told" | head -n 12; }
}

no_errors() {
    errors=$(grep -E 'ERROR|#(REF|NAME|VALUE|DIV/0|N/A|NUM)' "$dir/$1")
    [ -z "$errors" ] || { fail "$1" "formulas went wrong"; echo "$errors" | head -n 5; }
}

# Cells of Cost that must be 0 and are not.
checks() {
    awk -F'\t' '$1 == "Cost" && $4 ~ /^check/ { row[substr($2, 2)] = 1 }
        { r = $2; sub(/^[A-Z]+/, "", r) }
        $1 == "Cost" && $3 == "f" && row[r] && $4 != 0 { print $1 "!" $2 }' "$dir/$1"
}

# ---- as they are ----

for example in practical split-or-not team-pool calibrated; do
    run $example "$SRCDIR/examples/$example/scenario.yaml"
    for program in $programs; do
        recalculate $program $example
        same $example $example.stored $example.$program 1e-9 1e-9 .
        no_errors $example.$program
    done
done

# A price of 0: the bill follows a new one, where it went needs a new run, and says so.
cat >"$dir/prices.yaml" <<'END'
scenario: prices
fleet:
  free: { cpu: 4, price: 0, count: 1 }
  paid: { cpu: 4, gpu: 1, price: 2 USD/h, count: 1 }
workloads:
  w:
    kind: pipeline
    source: { rate: 2/s, items: 100 }
    stages: { a: { cpu: 1, time: 1s }, b: { gpu: 1, time: 300ms } }
policies:
  apart: { w: { units: { a: { slots: { a: 2 }, on: [free] }, b: { slots: { b: 1 } } } } }
  paid: { w: { units: { a: { slots: { a: 2 }, on: [paid] }, b: { slots: { b: 1 } } } } }
END
run prices "$dir/prices.yaml"
edit prices priced price_free 1
run priced_anew "$dir/prices.yaml" --set fleet.free.price=1
for program in $programs; do
    recalculate $program prices
    same prices prices.stored prices.$program 1e-9 1e-9 .
    no_errors prices.$program
    recalculate $program priced
    # A bill of 16,000 micro-dollars, each lease rounded to one.
    same priced priced.$program priced_anew.stored 1e-4 1e-3 '^Fleet$'
    no_errors priced.$program
    [ -n "$(checks priced.$program)" ] || fail priced "no check says that a new run is needed"
done

if [ -n "${STAGEPLAN_SLOW:-}" ]; then
    for example in distserve diurnal-chat five-times image-generation one-pool resnet-ingest \
        retinanet-control stable-diffusion; do
        run $example "$SRCDIR/examples/$example/scenario.yaml"
        for program in $programs; do
            recalculate $program $example
            same $example $example.stored $example.$program 1e-9 1e-9 .
            no_errors $example.$program
        done
    done
fi

# ---- another price, another discount: as a new run has it ----

practical=$SRCDIR/examples/practical/scenario.yaml
money='^(Summary|Fleet|Cost|Allocation)$'
run price "$practical" --set fleet.gpu-node.price=40
edit practical price_now price_gpu_node 40
run less "$practical" --set fleet.gpu-node.discount=0.25 --set fleet.cpu-node.discount=0.25
edit practical less_now discount 0.25
for program in $programs; do
    recalculate $program price_now
    same price price_now.$program price.stored 2e-6 1e-3 "$money"
    recalculate $program less_now
    same discount less_now.$program less.stored 2e-6 1e-3 "$money"
    no_errors less_now.$program
done

# The price on demand is the list price of spot nodes, too; a price less a discount moves
# the list price with it.
cp "$SRCDIR/tests/scenarios/options.yaml" "$dir"
run options "$dir/options.yaml"
run options_dear "$dir/options.yaml" --set fleet.g.price=12
edit options options_dear_now price_g_on_demand 12
run options_list "$dir/options.yaml" --set fleet.c.price=3
edit options options_list_now price_c 2.7
for program in $programs; do
    recalculate $program options_dear_now
    same options_dear options_dear_now.$program options_dear.stored 2e-6 1e-4 "$money"
    recalculate $program options_list_now
    same options_list options_list_now.$program options_list.stored 2e-6 1e-4 "$money"
done

# ---- hours per month, what is reserved ----

# cell FILE SHEET CELL
cell() { awk -F'\t' -v s="$2" -v c="$3" '$1 == s && $2 == c { print $4 }' "$dir/$1"; }
# ratio NAME A B EXPECTED: of two numbers
ratio() {
    awk -v a="$2" -v b="$3" -v e="$4" \
        'BEGIN { exit !(b > 0 && a / b > e - 1e-9 && a / b < e + 1e-9) }' ||
        fail "$1" "$2 / $3 is not $4"
}
month=$(awk -F'\t' '$1 == "Policies" && $4 == "USD per month" { print $2; exit }' "$dir/practical.stored")
month=$(echo "$month" | awk '{ n = substr($0, 2); print substr($0, 1, 1) n + 1 }')
edit practical half_month hours_per_month 365
edit practical reserved reserved_share 0.5
for program in $programs; do
    recalculate $program half_month
    ratio hours_per_month "$(cell half_month.$program Policies "$month")" \
        "$(cell practical.stored Policies "$month")" 0.5
    recalculate $program reserved
    ratio reserved "$(cell reserved.$program Policies "$month")" \
        "$(cell practical.stored Policies "$month")" 0.85
    no_errors reserved.$program
done

# ---- a line that somebody overwrites is found out ----

[ -z "$(checks practical.stored)" ] || fail checks "they are not 0 to begin with"
rm -rf "$dir/parts"
mkdir "$dir/parts"
unzip -q "$dir/practical.xlsx" -d "$dir/parts"
number=$(tr '>' '\n' <"$dir/parts/xl/workbook.xml" | grep '<sheet name' | grep -n '"Cost"' | cut -d: -f1)
sheet=$dir/parts/xl/worksheets/sheet$number.xml
line=$(awk -F'\t' '$1 == "Cost" && $4 == "busy" { print substr($2, 2); exit }' "$dir/practical.stored")
sed -i "s|\\(<c r=\"E$line\"[^>]*>\\)<f>[^<]*</f><v>[^<]*|\\1<v>12345|" "$sheet"
(cd "$dir/parts" && zip -q -r ../tampered.xlsx .)
grep -q 'operator="notEqual"><formula>0</formula>' "$sheet" || fail checks "no cell turns red"
for program in $programs; do
    recalculate $program tampered
    [ -n "$(checks tampered.$program)" ] || fail tampered "$program: the check stays 0"
done

[ $failures -eq 0 ]
