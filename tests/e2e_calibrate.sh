#!/bin/sh
# stageplan calibrate, from outside: what it refuses, what a short calibration leaves behind,
# and that a failed or interrupted one leaves nothing.  No time is looked at.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; head -n 12 "$dir/out" "$dir/err"; failures=$((failures + 1)); }

calibrate() { (cd "$dir" && "$STAGEPLAN" calibrate "$@" >out 2>err </dev/null); }

# refused CODE TEXT ARGUMENTS...: this exit code, exactly this line on stderr, nothing else.
refused() {
    code=$1
    text=$2
    shift 2
    calibrate "$@"
    found=$?
    [ "$found" -eq "$code" ] || fail "$*: exit $found, expected $code"
    [ "$(cat "$dir/err")" = "stageplan: $text" ] || fail "$*: expected '$text'"
    [ ! -s "$dir/out" ] || fail "$*: something on stdout"
    [ ! -e "$dir/profile.yaml" ] || fail "$*: a profile was written"
}

try="try 'stageplan calibrate --help'"
refused 2 "calibrate: unknown option '--fast'; $try" --fast
refused 2 "calibrate: found an operand, expected options alone; $try" profile.yaml
refused 2 "calibrate: option '--kernel' needs an argument; $try" --kernel
refused 2 "calibrate: --show does not go with --list; $try" --list --show x.yaml
refused 2 "calibrate: --import does not go with --show; $try" --import x.csv --show x.yaml
refused 2 "calibrate: --quick does not go with --import; $try" --import x.csv --quick
refused 2 "--kernel: there is no kernel 'hahs', did you mean 'hash'?" --kernel hahs
refused 2 "--gpu and --kernel: kernels are named of the CPU, which --gpu leaves out" \
    --gpu --kernel hash
refused 2 "--campaigns 0: found '0' (too small), expected a whole number from 1 to 100" --campaigns 0
refused 2 "--cores x: found 'x' (not a number), expected a whole number from 1 to 4096" --cores x
refused 2 "--budget 1ms: expected 10 ms to a day" --budget 1ms
refused 2 "--budget 1: found '1' (no unit), expected a duration such as 90s, 250ms, 1h30m or PT1H30M" \
    --budget 1
refused 1 "nowhere/p.yaml: can't be written: No such file or directory" \
    --quick --kernel hash -o nowhere/p.yaml
refused 1 "nowhere.yaml: No such file or directory" --show nowhere.yaml
refused 1 "nowhere.yaml: No such file or directory" \
    --quick --kernel hash --reference nowhere.yaml
refused 1 "nowhere.csv: can't be opened: No such file or directory" --import nowhere.csv
calibrate --kernel nothing-like-it
grep -q "there is no kernel 'nothing-like-it', expected one of .*hash" "$dir/err" ||
    fail "an unknown kernel: no list of those there are"

calibrate --list || fail "--list: exit $?"
grep -q '^hash ' "$dir/out" || fail "--list: no hash"
[ ! -s "$dir/err" ] || fail "--list: stderr is not empty"
awk 'length($0) > 80 { exit 1 }' "$dir/out" || fail "--list: longer than 80 columns"
calibrate --help || fail "--help: exit $?"
grep -q '^usage: stageplan calibrate \[options\]' "$dir/out" || fail "--help: no usage"

# devices whose worker can't be started: told, and nothing is written where that was all
(cd "$dir" && STAGEPLAN_WORKER=/nonexistent "$STAGEPLAN" calibrate --gpu --quick >out 2>err </dev/null)
[ $? -eq 1 ] || fail "--gpu without a worker: expected exit 1"
grep -q "^stageplan: nothing was measured: cuda: the worker /nonexistent can't be started" \
    "$dir/err" || fail "--gpu without a worker: not told"
[ ! -e "$dir/profile.yaml" ] || fail "--gpu without a worker: a profile was written"

# However busy the machine is: a profile, or the word that no block counted.
short="--quick --kernel hash --budget 300ms --cores 1"
calibrate $short -o hash.yaml
code=$?
if [ "$code" -eq 0 ]; then
    [ ! -s "$dir/err" ] || fail "a short calibration: stderr is not empty"
    awk 'length($0) > 80 { exit 1 }' "$dir/out" || fail "the table: longer than 80 columns"
    grep -q '^profile     hash.yaml$' "$dir/out" || fail "not told where the profile is"
    grep -q '^ *bytes 64Ki  *[0-9.]* [num]*s ' "$dir/out" || grep -q 'not measured' "$dir/out" ||
        fail "no row of the table"
    grep -q '^stageplan_profile: 1$' "$dir/hash.yaml" || fail "the file is no profile"
    grep -q 'canary' "$dir/hash.yaml" || fail "no canary among the facts"
    sed '$d' "$dir/out" | sed '$d' >"$dir/first"
    calibrate --show hash.yaml || fail "--show: exit $?"
    cmp -s "$dir/first" "$dir/out" || fail "--show prints another table"
    # again, over it: its canaries are the reference
    calibrate $short -o hash.yaml --seed 2 || [ $? -eq 1 ] || fail "a second calibration: exit $?"
else
    [ "$code" -eq 1 ] || fail "a short calibration: exit $code, expected 0 or 1"
    echo "nothing was measured: $(cat "$dir/err")"
    [ ! -e "$dir/hash.yaml" ] || fail "nothing measured, but a file"
fi
ls "$dir" | grep -q tmp && fail "a temporary file was left"

# a file that is in the way and no profile is replaced, not believed
echo "not a profile" >"$dir/old.yaml"
calibrate $short -o old.yaml
code=$?
if [ "$code" -eq 0 ]; then
    grep -q '^stageplan_profile: 1$' "$dir/old.yaml" || fail "the old file is still there"
fi

# a profile to a pipe: it is not read before it is written
(cd "$dir" && timeout 60 "$STAGEPLAN" calibrate $short -o /dev/stdout 2>err </dev/null; echo $? >code) |
    cat >"$dir/out"
code=$(cat "$dir/code")
[ "$code" -eq 0 ] || [ "$code" -eq 1 ] || fail "-o /dev/stdout, a pipe: exit $code"

# Ctrl-C: nothing is written, what was there stays
echo "kept" >"$dir/kept.yaml"
(cd "$dir" && exec "$STAGEPLAN" calibrate --cpu --budget 1h -o kept.yaml >out 2>err </dev/null) &
pid=$!
# again and again: before it listens, the signal is lost
(while sleep 0.3; do kill -INT $pid 2>/dev/null; done) &
killer=$!
wait $pid
code=$?
kill $killer
[ "$code" -eq 1 ] || [ "$code" -eq 130 ] || fail "Ctrl-C: exit $code, expected 1"
[ "$code" -eq 130 ] || [ "$(cat "$dir/err")" = "stageplan: calibrate: stopped, kept.yaml was not written" ] ||
    fail "Ctrl-C: not told"
[ "$(cat "$dir/kept.yaml")" = kept ] || fail "Ctrl-C: the old file is gone"
ls "$dir" | grep -q tmp && fail "Ctrl-C: a temporary file was left"

# killed while a worker hangs: it goes, too
printf '#!/bin/sh\necho $$ >"%s/worker"\nexec sleep 600\n' "$dir" >"$dir/hangs"
chmod +x "$dir/hangs"
(cd "$dir" && STAGEPLAN_WORKER="$dir/hangs" exec "$STAGEPLAN" calibrate --gpu -o killed.yaml \
    >out 2>err </dev/null) &
pid=$!
while [ ! -s "$dir/worker" ] && kill -0 $pid 2>/dev/null; do sleep 0.1; done
kill -TERM $pid
wait $pid
[ "$(cat "$dir/err")" = "stageplan: calibrate: stopped, killed.yaml was not written" ] ||
    fail "TERM: not told"
kill -0 "$(cat "$dir/worker")" 2>/dev/null && fail "TERM: the worker is left behind"

exit $((failures > 0))
