#!/bin/sh
# A scenario whose times are a profile's, from the files to every report: what was asked of
# the kernel, and that it is extrapolated, is told in each; --set changes what is asked.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }
# told FILE TEXT: the text stands in the file, blanks and line breaks aside
told() {
    tr -s ' \n' '  ' <"$dir/$1" | grep -qF -e "$2" || fail "$1 does not say: $2"
}

cp "$SRCDIR/tests/scenarios/kernels.yaml" "$dir"
cat >"$dir/scenario.yaml" <<'END'
scenario: kernels
profiles: { host: kernels.yaml }
fleet: { node: { cpu: 2, price: 1 USD/h, count: 1 } }
workloads:
  work:
    kind: pipeline
    source: { items: 10, bytes: 1M }
    stages: { read: { time: { kernel: line, bytes: bytes } } }
policies: { one: { work: { bundle: apart } } }
END

"$STAGEPLAN" run "$dir/scenario.yaml" --json "$dir/json" --db "$dir/db" \
    >"$dir/terminal" 2>"$dir/err" || fail "run: $(cat "$dir/err")"
told terminal "kernels.yaml"
told terminal "extrapolated: its figures rest on times outside of what was measured, of read"
told terminal "extrapolated: 100.0% of its 10 calls of line"
told terminal "kernel of read: line on cpu of profile host, measured"
told terminal "bytes 1000000 asked, 1000 to 100000 measured"
told terminal "warning: policy 'one': stage 'read': 10 of 10 calls of kernel 'line' lie"
told terminal "A-kernel-draws"
told json '"extrapolated": 10'
told json '"asked_most": 1000000.0'
told json '"file": "kernels.yaml"'
# the texts of a row stand one after the other in the file
grep -qa "readlinecpuhostmeasuredbytes" "$dir/db" || fail "the database has no row of the kernel"

"$STAGEPLAN" run "$dir/scenario.yaml" --set stages.read.time.bytes=100k >"$dir/terminal" 2>&1 ||
    fail "--set: $(cat "$dir/terminal")"
grep -q "extrapolated" "$dir/terminal" && fail "told to be extrapolated within the table"
told terminal "bytes 100000 asked, 1000 to 100000 measured"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
