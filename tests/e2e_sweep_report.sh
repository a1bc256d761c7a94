#!/bin/sh
# Reports of a sweep: what JSON and CSV say is what SQL says of the stored runs; pictures
# are drawn; what is of a run alone is refused.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"
command -v sqlite3 >/dev/null || { echo "not tested: no sqlite3"; exit 77; }

cat >"$dir/two.yaml" <<'END'
scenario: two <stages>
until: 60s
fleet:
  gpu-node: { cpu: 16, gpu: 2, price: 8 USD/h, max: 40, count: 4 }
  cpu-node: { cpu: 16, price: 1 USD/h, count: 2 }
workloads:
  w:
    kind: pipeline
    source: { rate: 20/s, arrivals: poisson }
    stages:
      prep: { cpu: 1, time: { dist: lognormal, mean: 1s, cv: 0.5 } }
      infer: { gpu: 1, time: { dist: lognormal, mean: 100ms, cv: 0.3 } }
policies:
  "=together": { w: { units: { c: { slots: { prep: 8, infer: 1 }, count: 4 } } } }
  apart: { w: { units: { p: { slots: { prep: 1 }, count: 32 }, g: { slots: { infer: 1 }, count: 3 } } } }
END
sed -i 's/, max: 40//' "$dir/two.yaml"

check sweep 0 sweep two.yaml --vary workloads.w.source.rate=10..40/s/4 \
    --vary fleet.gpu-node.price=4,8 -n 3 --db two.db -j 2
check files 0 report two.db --json two.json --csv tables --plot plots
out_has 'json: two.json'
err_empty

sql() { sqlite3 "$dir/two.db" "$1"; }
json() { sqlite3 :memory: "SELECT json_extract(readfile('$dir/two.json'), '$1')"; }

# same NAME A B: two numbers to 1e-12.
same() {
    awk -v a="$2" -v b="$3" 'BEGIN { off = a - b; exit !(a != "" && b != "" &&
        off <= 1e-12 * (b < 0 ? -b : b) + 1e-15 && -off <= 1e-12 * (b < 0 ? -b : b) + 1e-15) }' ||
        fail "$1: found $2, expected $3"
}

name=json
[ "$(json '$.points_done')" = 8 ] || fail "points_done is not 8"
[ "$(json '$.points[5].at[0].text')" = 30/s ] || fail "point 5 is not at 30/s"
for point in 0 3 7; do
    for policy in 0 1; do
        at="\$.points[$point].results[$policy]"
        where="WHERE point = $point AND policy = $policy"
        same "usd of $point, $policy" "$(json "$at.run.usd.mean")" \
            "$(sql "SELECT printf('%.17g', avg(usd)) FROM sweep_runs $where")"
        same "p99 of $point, $policy" "$(json "$at.workloads[0].figures.latency_p99_s.mean")" \
            "$(sql "SELECT printf('%.17g', avg(latency_p99_s)) FROM sweep_workloads $where")"
    done
    # Paired: the mean of differences, and Student's t of three (4.302652729911275).
    pairs="FROM sweep_workloads a JOIN sweep_workloads b USING (sweep_id, point, replication)
        WHERE a.policy = 1 AND b.policy = 0 AND point = $point"
    d="a.latency_mean_s - b.latency_mean_s"
    at="\$.points[$point].results[1].workloads[0].figures.latency_mean_s.difference"
    same "difference at $point" "$(json "$at.mean")" \
        "$(sql "SELECT printf('%.17g', avg($d)) $pairs")"
    half=$(sql "SELECT printf('%.17g', 4.302652729911275 * sqrt((sum(x * x) - 3 * avg(x) * avg(x)) / 2 / 3))
        FROM (SELECT $d AS x $pairs)")
    awk -v a="$(json "$at.half95")" -v b="$half" 'BEGIN { r = a / b - 1; exit !(r < 1e-6 && r > -1e-6) }' ||
        fail "half width at $point: not $half"
done

name=csv
[ "$(wc -l <"$dir/tables/points.csv")" -eq 17 ] || fail "not 16 rows and a head"
grep -q "^0,10/s,4,\"'=together\"," "$dir/tables/points.csv" || fail "a name could be a formula"
name=plots
for stem in sweep-1-workloads-w-source-rate sweep-2-fleet-gpu-node-price grid-1-apart; do
    [ -s "$dir/plots/$stem.gp" ] && [ -s "$dir/plots/$stem.dat" ] || fail "no $stem"
    command -v gnuplot >/dev/null && { [ -s "$dir/plots/$stem.png" ] || fail "$stem is not drawn"; }
done
check again 0 report two.db --json again.json
cmp -s "$dir/two.json" "$dir/again.json" || fail "a second report has other bytes"

# ---- what is refused ----
for option in xlsx html focus timeline metrics; do
    check "refused_$option" 2 report two.db --$option out.x
    err_has "--$option: is of a run"
    [ ! -e "$dir/out.x" ] || fail "it was written"
done
check of_the_run 0 report two.db --run 1 --xlsx run.xlsx
check no_figure 2 report two.db --figure w.latency_p98_s
err_has "did you mean 'latency_p90_s'?"
check no_sweep 2 report two.db --sweep 7
err_has 'no sweep 7 is in it'

# ---- one at a time ----
check one 0 sweep two.yaml --vary workloads.w.source.rate=10..30/s \
    --vary 'fleet.gpu-node.price=*0.5..2' --design one-at-a-time -n 2 --db one.db
check one_plots 0 report one.db --plot tornado
err_empty
ls "$dir"/tornado/depends-*.gp >/dev/null 2>&1 || fail "no tornado"

# ---- who does not do the work is not compared: 30 s of 20 or 90 a second, 1 s each, on
# 32 slots or on 1 under `few`, on 100 under `many` ----
cat >"$dir/undone.yaml" <<'END'
scenario: undone
until: 30s
fleet: { node: { cpu: 50, price: 1 USD/h, count: 3 } }
workloads:
  w:
    kind: pipeline
    source: { rate: 20/s, arrivals: constant }
    stages: { a: { cpu: 1, time: 1s } }
policies:
  many: { w: { units: { u: { slots: { a: 1 }, count: 100 } } } }
  few: { w: { units: { u: { slots: { a: 1 }, count: 32 } } } }
END
check undone 0 sweep undone.yaml --vary workloads.w.source.rate=20,90 \
    --vary policies.few.w.units.u.count=1,32 -n 2 --db undone.db
out_has '0, the same at 1, not the same work at 3'
out_has '! few leaves over 5 % of the work undone at 3 points (the first is rate=20'
out_has 'rate=20 count=32                         0.0500                 0.0500 ='
out_has 'rate=90 count=32                         0.0500                 0.0500 !'
check undone_files 0 report undone.db -q --json undone.json --csv undone.csv
is_count() { [ "$(grep -c "$1" "$2")" -eq "$3" ] || fail "'$1' is not there $3 times"; }
is_count '"undone": true' "$dir/undone.json" 3
is_count ',few,,true,' "$dir/undone.csv/points.csv" 3
# ... and of single runs neither
check undone_once 0 sweep undone.yaml --vary workloads.w.source.rate=20,90 \
    --vary policies.few.w.units.u.count=1,32 --vary fleet.node.price=1,2 --db once.db
out_has 'costs less than many at 0 of 8 points, more at 0, not the same work at'
out_has '6, in one run each'
# ... of users who wait for their answer all is answered, and less is asked
sed 's|{ rate: 20/s.*}|{ population: 50, think: 0s }|' "$dir/undone.yaml" >"$dir/closed.yaml"
check undone_closed 0 sweep closed.yaml --vary fleet.node.price=1,2 -n 2 --db closed.db
out_has 'few leaves over 5 % of the work undone at 2 points'
! grep -q 'many leaves' "$dir/out" || fail "who does more is told to do less"

# ---- a range with whole ends is drawn from whole numbers, and says so ----
check drawn 0 sweep two.yaml --vary fleet.gpu-node.price=1..3 --vary fleet.cpu-node.price=1.0..3 \
    --design latin --samples 4 --db drawn.db
out_has 'gpu-node.price = 1..3, whole numbers'
out_has 'cpu-node.price = 1.0..3'

# ---- points in the middle that no policy can be run at, a policy that never can ----
cp "$SRCDIR/tests/scenarios/tiny.yaml" "$dir"
check rarely 0 sweep tiny.yaml --vary policies.two.w.units.u.slots.a=8,9 \
    --vary fleet.node.cpu=0.5,0.7,0.8,1,2 --db rare.db
check rarely_plots 0 report rare.db --plot rare
err_empty
grep -q 'varied, policies.two.w.units.u.slots.a=8; 2 runs' "$dir"/rare/sweep-*-cpu.gp ||
    fail "what was not varied is not said, or points are drawn that there are not"
grep -l "index 0" "$dir"/rare/*.gp && fail "a policy without a point is drawn"

[ "$failures" -eq 0 ]
