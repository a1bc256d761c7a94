#!/bin/sh
# Every folder of examples/: the output is the one that its expected.txt shows, the README's
# excerpts are parts of it, and the values are those of publications and closed forms, which
# its check file states.
#
#   e2e_examples.sh [EXAMPLE]...            test (all of them by default)
#   e2e_examples.sh --update [EXAMPLE]...   rewrite expected.txt; read the diff
#   e2e_examples.sh --table                 the rows of docs/validation.md
#
# check: "run ARGUMENTS" (or "plan ARGUMENTS") runs stageplan in a copy of the example's folder
# (the first is what expected.txt holds), "says TEXT" is in its output with spaces and line ends alike,
# other lines are rows for check_values.  Before that, "link NAME TARGET" makes a symbolic
# link in the copy and "make NAME COMMAND" a file from a command's output.  $SHARED_DATA may
# stand in arguments; an example whose "needs FILE" isn't there is skipped.
set -u
LC_ALL=C NO_COLOR=1
export LC_ALL NO_COLOR

if [ ! -x "${STAGEPLAN:-}" ] || [ ! -x "${CHECK_VALUES:-}" ]; then
    echo "skipped: STAGEPLAN and CHECK_VALUES name the binaries"
    exit 77
fi
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
SHARED_DATA=${SHARED_DATA:-$SRCDIR/../shared/data}

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
mode=test
case ${1:-} in
--update | --table)
    mode=${1#--}
    shift
    ;;
esac

fail() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# What differs from build to build, or from machine to machine.
normalized() {
    sed -e '1s/^stageplan [^ ]*/stageplan VERSION/' \
        -e 's|^  [./].* \(xxh64 [0-9a-f]*\)$|  TRACE \1|' "$1"
}

# The rows since the last run, against its result.
evaluate() {
    [ -s "$dir/rows" ] || return 0
    "$CHECK_VALUES" "$dir/json" "$dir/rows" --table | sed "s/^| /| $example | /" >>"$dir/table"
    [ "$mode" != test ] ||
        "$CHECK_VALUES" "$dir/json" "$dir/rows" || fail "$example: values"
    : >"$dir/rows"
}

golden() {
    case $mode in
    update) cp "$dir/normal" "$SRCDIR/examples/$example/expected.txt" ;;
    test)
        diff -u expected.txt "$dir/normal" >"$dir/diff" || {
            sed 's/^/  | /' "$dir/diff"
            fail "$example: the output is not expected.txt"
        }
        ;;
    esac
}

# command_of COMMAND ARGUMENTS
command_of() {
    evaluate
    command=$1
    eval "set -- $2"
    "$STAGEPLAN" "$command" "$@" --json "$dir/json" >"$dir/out" 2>"$dir/err" || {
        sed 's/^/  err| /' "$dir/err"
        fail "$example: $command $*: exit status"
        return
    }
    [ -s "$dir/err" ] && fail "$example: $command $*: wrote to stderr"
    grep -v '^json: ' "$dir/out" >"$dir/plain"
    mv "$dir/plain" "$dir/out"
    tr -s ' \n' '  ' <"$dir/out" >"$dir/words"
    runs=$((runs + 1))
    normalized "$dir/out" >"$dir/normal"
    cat "$dir/normal" >>"$dir/outputs"
    [ "$runs" -gt 1 ] || golden
}

says() {
    grep -qF -e "$1" "$dir/words" || fail "$example: the output doesn't say: $1"
}

make_file() {
    name=${1%% *}
    mkdir -p "$(dirname "$name")"
    eval "${1#* }" >"$name" || fail "$example: make $1"
}

# Each line of a ```text block is a line of some run's output.
excerpts() {
    sed -n '/^```text$/,/^```$/p' README.md | grep -v '^```' >"$dir/excerpt"
    [ -s "$dir/excerpt" ] || fail "$example: README.md shows no output"
    while IFS= read -r line; do
        [ -z "$line" ] || grep -qxF -e "$line" "$dir/outputs" ||
            fail "$example: README.md shows what the output hasn't: $line"
    done <"$dir/excerpt"
}

check() {
    : >"$dir/rows"
    : >"$dir/outputs"
    runs=0
    while IFS= read -r line; do
        case $line in
        'needs '*)
            eval "set -- ${line#needs }"
            [ -r "$1" ] || {
                echo "skipped: $example: no $1"
                skipped=$((skipped + 1))
                return
            }
            ;;
        'link '*)
            eval "set -- ${line#link }"
            mkdir -p "$(dirname "$1")" && ln -s "$2" "$1" || fail "$example: $line"
            ;;
        'make '*) make_file "${line#make }" ;;
        'run '* | 'plan '*) command_of "${line%% *}" "${line#* }" ;;
        'says '*) [ "$mode" != test ] || says "${line#says }" ;;
        '' | '#'*) ;;
        *) printf '%s\n' "$line" >>"$dir/rows" ;;
        esac
    done <check
    evaluate
    [ "$runs" -gt 0 ] || fail "$example: check has no run"
    [ "$mode" != test ] || excerpts
}

# docs/validation.md shows the rows that these runs gave, and no others.
documented() {
    while IFS= read -r line; do
        grep -qxF -e "$line" "$SRCDIR/docs/validation.md" ||
            fail "docs/validation.md hasn't the row: $line"
    done <"$dir/table"
    [ "$skipped" -gt 0 ] && return
    for example in */; do
        grep "^| ${example%/} | " "$SRCDIR/docs/validation.md"
    done >"$dir/shown"
    [ "$(wc -l <"$dir/shown")" -eq "$(wc -l <"$dir/table")" ] ||
        fail "docs/validation.md has rows that no check file has"
}

skipped=0
all=$#
: >"$dir/table"
cd "$SRCDIR/examples" || exit 99
[ $# -gt 0 ] || set -- */
for example in "$@"; do
    example=${example%/}
    rm -rf "$dir/copy"
    cp -R "$SRCDIR/examples/$example" "$dir/copy" && cd "$dir/copy" &&
        chmod -R u+w . || exit 99
    for file in scenario.yaml README.md expected.txt check; do
        [ -r "$file" ] || [ "$mode" = update ] || fail "$example: no $file"
    done
    check
done
cd "$SRCDIR/examples" || exit 99
[ "$mode" != table ] || cat "$dir/table"
[ "$mode" != test ] || [ "$all" -gt 0 ] || documented

[ "$failures" -eq 0 ] || {
    echo "$failures failures"
    exit 1
}
[ "$skipped" -eq 0 ] || echo "$skipped examples skipped"
exit 0
