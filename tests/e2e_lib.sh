# What end-to-end scripts share; read by them, with . (dot).  Leaves 77 where there is no
# binary; makes a folder, $dir, that goes when the script ends.
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
failures=0
name=

fail() {
    echo "FAILED $name: $1"
    head -n 12 "$dir/out" | sed 's/^/  out| /'
    head -n 12 "$dir/err" | sed 's/^/  err| /'
    failures=$((failures + 1))
}

# check NAME CODE ARGUMENTS...: in $dir; keeps stdout and stderr, compares the exit code.
check() {
    name=$1 wanted=$2
    shift 2
    (cd "$dir" && "$STAGEPLAN" "$@" >out 2>err </dev/null)
    code=$?
    [ "$code" -eq "$wanted" ] || fail "exit $code, expected $wanted"
}
out_has() { grep -qF -e "$1" "$dir/out" || fail "no '$1' on stdout"; }
err_has() { grep -qF -e "$1" "$dir/err" || fail "no '$1' on stderr"; }
err_empty() { [ ! -s "$dir/err" ] || fail "stderr is not empty"; }
