#!/bin/sh
# The sources are quiet under clang, and every example gives the same bytes of result as
# with the compiler of the build folder.
command -v clang >/dev/null || { echo "no clang"; exit 77; }
set -e
"$SOURCE/configure" -q CC=clang CXX=clang++ --enable-werror
make "-j$JOBS"
make "-j$JOBS" check TESTS=

# Does what the lines of ./check before the first run say (tests/e2e_examples.sh has their
# meaning) and leaves the run's arguments in $arguments; empty: what it needs isn't there.
prepare() {
    arguments=
    while IFS= read -r line; do
        case $line in
        'needs '*)
            eval "[ -e ${line#needs } ]" || return 0
            ;;
        'link '*)
            eval "set -- ${line#link }"
            mkdir -p "$(dirname "$1")"
            ln -s "$2" "$1"
            ;;
        'make '*)
            line=${line#make }
            eval "${line#* }" >"${line%% *}"
            ;;
        'run '*)
            arguments=${line#run }
            return 0
            ;;
        esac
    done <check
}

compared=0 here=$PWD
for check in "$SRCDIR"/examples/*/check; do
    folder=$(dirname "$check")
    rm -rf "$here/example"
    cp -R "$folder" "$here/example"
    chmod -R u+w "$here/example"
    cd "$here/example"
    prepare
    if [ -z "$arguments" ]; then
        echo "not compared: $folder"
    else
        eval "set -- $arguments"
        "$STAGEPLAN" run -q --digest --json "$here/gcc.json" "$@"
        "$here/stageplan" run -q --digest --json "$here/clang.json" "$@"
        cmp "$here/gcc.json" "$here/clang.json"
        echo "same bytes: $folder"
        compared=$((compared + 1))
    fi
    cd "$here"
done
[ "$compared" -gt 0 ]
