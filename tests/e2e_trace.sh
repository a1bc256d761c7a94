#!/bin/sh
# stageplan trace info, from outside: exit codes, what goes where, and the messages.
set -u
LC_ALL=C
export LC_ALL
unset NO_COLOR

if [ ! -x "${STAGEPLAN:-}" ]; then
    echo "skipped: no stageplan binary (STAGEPLAN names it)"
    exit 77
fi

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/  out| /' "$dir/out"
    sed 's/^/  err| /' "$dir/err"
    failures=$((failures + 1))
}

# run WANTED_CODE ARGUMENTS...: in $dir, so that paths in messages are short
run() {
    wanted=$1
    shift
    (cd "$dir" && "$STAGEPLAN" "$@" >out 2>err)
    code=$?
    name="stageplan $*"
    [ "$code" -eq "$wanted" ] || fail "$name: exit $code, expected $wanted"
}

out_has() { grep -qF -e "$1" "$dir/out" || fail "$name: no '$1' on stdout"; }
err_is() {
    printf '%s\n' "stageplan: $1" >"$dir/want"
    cmp -s "$dir/want" "$dir/err" || fail "$name: stderr is not '$1'"
    [ ! -s "$dir/out" ] || fail "$name: a failure wrote to stdout"
}

printf 'arrival_s,bytes,frames\n0,100,7\n0.5,200,300\n2,0,9\n' >"$dir/good.csv"
printf 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109' >"$dir/azure.csv"

run 0 trace info good.csv
out_has 'format      csv, plain, 49 bytes'
out_has 'rows        3 in 2 s'
out_has 'frames                     7     105.3         9       300       300       300'
out_has 'odd         rows with bytes 0: 1'
[ ! -s "$dir/err" ] || fail "$name: wrote to stderr"
grep -q "$(printf '\033')" "$dir/out" && fail "$name: escapes in a pipe"
[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$dir/out")" -le 80 ] ||
    fail "$name: wider than 80 columns"

run 0 trace info azure.csv
out_has 'azure-2023, plain'
out_has 'lines end with CR LF'
run 0 trace info --format azure-2023 azure.csv
run 0 trace info --json good.csv
out_has '"rows": 3'
out_has '"span_s": 2'
cp "$dir/out" "$dir/first"
run 0 trace info good.csv --json
cmp -s "$dir/first" "$dir/out" || fail "$name: a second run prints something else"

run 0 trace --help
out_has 'usage: stageplan trace'
for format in auto csv azure-2023 azure-2024 burstgpt mooncake serving-jsonl; do
    out_has "$format"
done

# the scenario's parser and the reader know the same formats
cat >"$dir/words.yaml" <<'EOF'
scenario: words
fleet: { node: { cpu: 1, price: 1, count: 1 } }
workloads:
  w:
    kind: pipeline
    source: { trace: good.csv, format: FORMAT }
    stages: { only: { cpu: 1, time: 1s } }
policies:
  p: { w: { bundle: together, size: { items_per_s: 1 } } }
EOF
names=$("$STAGEPLAN" trace info --format nonsense "$dir/good.csv" 2>&1 |
    sed 's/.*expected one of //; s/;.*//; s/,//g')
[ "$(echo "$names" | wc -w)" -ge 7 ] || fail "formats: only '$names'"
for format in $names; do
    sed "s/FORMAT/$format/" "$dir/words.yaml" >"$dir/one.yaml"
    (cd "$dir" && "$STAGEPLAN" run one.yaml >out 2>err)
    grep -q "format:" "$dir/err" && fail "format $format: unknown to the scenario"
done
sed "s/FORMAT/nonsense/" "$dir/words.yaml" >"$dir/one.yaml"
(cd "$dir" && "$STAGEPLAN" run one.yaml >out 2>err)
for format in $(sed -n 's/.*expected one of //p' "$dir/err" | sed 's/;.*//; s/,//g'); do
    case " $names " in
    *" $format "*) ;;
    *) fail "format $format: unknown to the reader" ;;
    esac
done

if command -v gzip >/dev/null; then
    gzip -c "$dir/good.csv" >"$dir/good.dat"
    run 0 trace info good.dat
    out_has 'csv, gzip'
    out_has '(49 unpacked)'
    head -c 40 "$dir/good.dat" >"$dir/short.gz"
    run 2 trace info short.gz
    err_is 'short.gz: truncated gzip data: the file ends at byte 40 in the middle of a compressed frame'
fi

run 2 trace
err_is "trace: what to do is missing, expected 'info FILE'; try 'stageplan trace --help'"
run 2 trace inof good.csv
err_is "trace: unknown command 'inof', did you mean 'info'?"
run 2 trace info
err_is "trace info: found 0 files, expected one; try 'stageplan trace --help'"
run 2 trace info good.csv azure.csv
err_is "trace info: found 2 files, expected one; try 'stageplan trace --help'"
run 2 trace info --format azure-2032 good.csv
err_is "unknown trace format 'azure-2032', expected one of auto, azure-2023, azure-2024, burstgpt, mooncake, serving-jsonl, csv; did you mean 'azure-2023'?"
run 1 trace info missing.csv
err_is 'missing.csv: can'\''t be opened: No such file or directory'

: >"$dir/empty.csv"
run 2 trace info empty.csv
err_is 'empty.csv: the file is empty, expected a header line'
echo 'arrival_s,frames' >"$dir/header.csv"
run 2 trace info header.csv
err_is 'header.csv: the trace is empty: a header line and no rows, expected at least one row'
printf 'arrival_s,frames\n1,2\n0.25,3\n' >"$dir/back.csv"
run 2 trace info back.csv
err_is 'back.csv:3: column arrival_s: the time goes backwards: found one 0.750000000 s before the row above, expected rows sorted by time'
awk 'BEGIN { print "arrival_s,frames"
    for (line = 2; line <= 50000; line++)
        print line == 40000 ? line ",-3" : line ",7" }' >"$dir/long.csv"
run 2 trace info long.csv
err_is "long.csv:40000: column frames: found '-3', expected a whole number, 0 or more"

[ "$failures" -eq 0 ]
