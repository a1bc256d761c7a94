#!/bin/sh
# calibration_draw: draw 0 is the estimate; a draw is the same in every replication and
# under every seed, so intervals are those of chance alone; factors in --set.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

# time_of NAME OPTIONS...: seconds and half width of the first policy, into $dir/NAME
time_of() {
    name=$1
    shift
    "$STAGEPLAN" run "$SRCDIR/examples/calibrated/scenario.yaml" \
        --set source.items='*0.002' "$@" --json "$dir/json" >/dev/null 2>"$dir/err" ||
        fail "run: $(cat "$dir/err")"
    awk '/"time_s":/ { gsub(/[",:]/, " "); print $2; if (++n == 2) exit }' \
        "$dir/json" | paste -s -d ' ' - >"$dir/$name"
}

# holds WHAT EXPRESSION NAME...: an expression of awk in t1, h1, t2, h2, ...
holds() {
    what=$1 expression=$2
    shift 2
    names=
    for name in "$@"; do names="$names $dir/$name"; done
    # shellcheck disable=SC2086
    paste -d ' ' $names |
        awk "{ t1 = \$1; h1 = \$2; t2 = \$3; h2 = \$4; d = t1 - t2; if (d < 0) d = -d
               exit !($expression) }" || fail "$what: $(cat $names)"
}

time_of one --replications 1
time_of one_0 --replications 1 --set calibration_draw=0
cut -d ' ' -f 1 "$dir/one" >"$dir/a"
cut -d ' ' -f 1 "$dir/one_0" >"$dir/b"
cmp -s "$dir/a" "$dir/b" || fail "draw 0 of one replication is not the estimate"
time_of drawn --replications 5
time_of five --replications 5 --set calibration_draw=5
time_of five_9 --replications 5 --set calibration_draw=5 --seed 9
time_of six --replications 5 --set calibration_draw=6
holds "with a draw of its own each replication differs by more than chance" \
    "h1 > 5 * h2 && h2 > 0" drawn five
holds "another seed is the same draw" "d < h1 + h2" five five_9
holds "another draw is another answer" "d > 3 * (h1 + h2)" five six

# usd_of OPTIONS...: of both policies
usd_of() {
    "$STAGEPLAN" run "$SRCDIR/examples/calibrated/scenario.yaml" --replications 1 \
        --set source.items='*0.002' "$@" --json "$dir/json" >/dev/null 2>"$dir/err" ||
        fail "run: $(cat "$dir/err")"
    awk '/"usd":/ { gsub(/[",:]/, " "); print $2 }' "$dir/json" | head -n 1
}
once=$(usd_of)
thrice=$(usd_of --set fleet.gpu-node.price='*3')
awk "BEGIN { exit !($once > 0 && $thrice > 2.999 * $once && $thrice < 3.001 * $once) }" ||
    fail "the price times 3: a bill of $once, then $thrice"

if "$STAGEPLAN" run "$SRCDIR/examples/calibrated/scenario.yaml" \
    --set fleet.gpu-node.boot='*3' >"$dir/out" 2>"$dir/err"; then
    fail "a factor of nothing is taken"
fi
grep -q "nothing stands there, expected a number" "$dir/err" || fail "$(cat "$dir/err")"
exit "$((failures > 0))"
