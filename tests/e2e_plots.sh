#!/bin/sh
# --plot, from outside: what is drawn, again by hand, as text, without gnuplot.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"
practical=$SRCDIR/examples/practical/scenario.yaml
host=$SRCDIR/examples/calibrated/host.yaml

# Without gnuplot: a message, scripts, data, and no picture.
mkdir "$dir/nothing"
(PATH=$dir/nothing && export PATH && cd "$dir" && "$STAGEPLAN" run "$practical" --plot bare >out 2>err)
code=$?
name="no gnuplot"
[ "$code" -eq 0 ] || fail "exit $code, expected 0"
err_has 'gnuplot not found: the scripts and data in bare wait for it'
out_has 'plots: bare'
for stem in cost waterfall-2-disaggregated utilization-1-monolithic latency-1-embed gantt-1-monolithic; do
    [ -s "$dir/bare/$stem.gp" ] && [ -s "$dir/bare/$stem.dat" ] || fail "no script or data of $stem"
done
[ -z "$(find "$dir/bare" -name '*.png' -o -name '*.svg')" ] || fail "a picture without gnuplot"
(PATH=$dir/nothing && export PATH && cd "$dir" && "$STAGEPLAN" run "$practical" --plot - >out 2>err)
name="no gnuplot, as text"
err_has 'gnuplot not found'
out_has 'disaggregated'

# The bill of the data is the report's: 32 nodes of 32 USD/h for 10 minutes.
name="cost by hand"
awk '$1 == "0" { exit !($11 > 170.666 && $11 < 170.667) }' "$dir/bare/cost.dat" || fail "not 170.67"

check "options that do not go together" 2 calibrate --list --plot x
err_has '--plot does not go with --list'
check "a plot of nothing" 2 calibrate --plot x
err_has '--plot goes with --show'
printf 'a file\n' >"$dir/taken"
check "a folder that can't be made" 1 run "$practical" --plot taken
err_has 'taken'

if ! command -v gnuplot >/dev/null; then
    echo "not tested: drawing, no gnuplot here"
    [ "$failures" -eq 0 ] || exit 1
    exit 0
fi

check "all plots" 0 run "$practical" --plot drawn
err_empty
(cd "$dir/bare" && for script in *.gp; do LC_ALL=C.UTF-8 gnuplot "$script" || exit 1; done) >"$dir/out" 2>"$dir/err" ||
    fail "gnuplot refuses its script"
name="drawn by hand"
[ "$(find "$dir/bare" -name '*.svg' | wc -l)" -eq "$(find "$dir/drawn" -name '*.svg' | wc -l)" ] ||
    fail "not as many SVGs"
for picture in "$dir"/drawn/*.png; do # (an SVG begins with the stroke of the one drawn before it)
    cmp -s "$picture" "$dir/bare/$(basename "$picture")" || fail "$(basename "$picture") differs"
done
for file in "$dir"/bare/*.gp "$dir"/bare/*.dat; do
    cmp -s "$file" "$dir/drawn/$(basename "$file")" || fail "$(basename "$file") differs"
done
[ "$(find "$dir/drawn" -name '.*.part.*' | wc -l)" -eq 0 ] || fail "parts are left"
if command -v xmllint >/dev/null; then
    xmllint --noout --nonet "$dir"/drawn/*.svg >"$dir/out" 2>"$dir/err" || fail "an SVG is not well-formed"
fi

check "a profile" 0 calibrate --show "$host" --plot profile
err_empty
out_has 'plots       profile'
[ -s "$dir/profile/fit-1-jpeg-decode-cpu.svg" ] || fail "no fit"
[ -s "$dir/profile/roofline.png" ] || fail "no roofline"

check "as text" 0 run "$practical" --plot -
err_empty
out_has 'Cost by policy (USD of the run): practical'
out_has '170.67'
out_has 'What moves the bill (USD): monolithic to disaggregated'
grep -q 'plots: -' "$dir/out" && fail "'-' is no folder"
[ -z "$(awk 'length($0) > 80' "$dir/out")" ] || fail "more than 80 columns"
[ ! -e "$dir/-" ] || fail "a file called -"

# A stored run is drawn as it was, and runs that differ in an input make a line.
check "stored" 0 run "$practical" --db runs.db --quiet
check "stored, drawn" 0 report runs.db --plot stored
for file in "$dir"/drawn/*.dat "$dir"/drawn/*.gp; do
    cmp -s "$file" "$dir/stored/$(basename "$file")" || fail "$(basename "$file") differs"
done
check "stored, as text" 0 report runs.db --plot -
out_has 'Cost by policy (USD of the run): practical'
grep -q 'plots: -' "$dir/out" && fail "'-' is no folder"
check "another time" 0 run "$practical" --set workloads.embed.stages.infer.time.fixed=20ms --db runs.db --quiet
check "two runs, drawn" 0 report runs.db --plot lines
[ -n "$(find "$dir/lines" -name 'sweep-1-*.svg')" ] || fail "no line over the time"

# A gnuplot that dies leaves no picture and an error.
mkdir "$dir/bin"
printf '#!/bin/sh\nprintf half >.cost.part.svg\nkill -9 $$\n' >"$dir/bin/gnuplot"
chmod +x "$dir/bin/gnuplot"
(PATH=$dir/bin:$PATH && export PATH && cd "$dir" && "$STAGEPLAN" run "$practical" --plot killed >out 2>err)
code=$?
name="killed"
[ "$code" -eq 1 ] || fail "exit $code, expected 1"
err_has 'killed by signal 9'
[ -z "$(find "$dir/killed" -name '*.png' -o -name '*.svg')" ] || fail "a picture is left"

[ "$failures" -eq 0 ] || {
    echo "$failures failures"
    exit 1
}
exit 0
