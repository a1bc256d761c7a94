#!/bin/sh
# The manual says what the program does: every option of every command is in stageplan.1 and
# the other way round, and every key that the scenario's parser knows is in the two
# descriptions of the file; and README.md shows the output that there is.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

# differ WHAT: lines of "want" that "have" lacks are failures.
differ() {
    sort -u "$dir/want" -o "$dir/want"
    sort -u "$dir/have" -o "$dir/have"
    [ -s "$dir/want" ] || fail "$1: nothing to look for"
    for word in $(comm -23 "$dir/want" "$dir/have"); do
        fail "$1: $word"
    done
}

options() { grep -oE -e '(^|[^[:alnum:]-])(-[a-z],|--[a-z][a-z0-9-]*)' | sed 's/^[^-]*//; s/,$//'; }
plain_roff() { sed 's/\\-/-/g; s/\\f.//g; s/^\.[A-Z]* *//; s/[",]/ /g' "$1"; }

# ---- options ----
commands=$("$STAGEPLAN" --help | awk '/^  [a-z]/ { print $1 }')
[ -n "$commands" ] || fail "stageplan --help names no command"
{
    echo --version
    for command in $commands; do
        "$STAGEPLAN" "$command" --help | sed -n '4,$s/^  \( *\)\(-.\{26\}\).*/\2/p'
    done
} | options >"$dir/help"
grep '^\.\(TP\|B\|BR\|BI\) ' "$SRCDIR/docs/stageplan.1" >"$dir/bold"
plain_roff "$dir/bold" | sed -E 's/(^| )-([a-z]) +/\1-\2, /g' | options >"$dir/man"

cp "$dir/help" "$dir/want"
cp "$dir/man" "$dir/have"
differ "an option of --help that stageplan.1 lacks"
cp "$dir/man" "$dir/want"
cp "$dir/help" "$dir/have"
differ "an option in stageplan.1 that --help lacks"
for command in $commands; do
    grep -q "^\.SS stageplan $command" "$SRCDIR/docs/stageplan.1" ||
        fail "stageplan.1 has no section on '$command'"
done

# ---- keys of the scenario ----
sed -n 's/.*{\.name = "\([a-z_]*\)".*/\1/p; s/.*\.also = "\([a-z_]*\)".*/\1/p' \
    "$SRCDIR"/model/scenario_*.c | sort -u >"$dir/keys"
[ "$(wc -l <"$dir/keys")" -ge 70 ] ||
    fail "only $(wc -l <"$dir/keys") keys found in the parser's tables, expected 70 or more"

cp "$dir/keys" "$dir/want"
# words in back quotes, and keys within them
grep -o '`[^`]*`' "$SRCDIR/docs/scenario.md" | grep -oE '[a-z_]+' >"$dir/have"
differ "a key that docs/scenario.md lacks"
cp "$dir/keys" "$dir/want"
grep '^\.' "$SRCDIR/docs/stageplan-scenario.5" >"$dir/bold"
plain_roff "$dir/bold" | grep -oE '[a-z_]+' >"$dir/have"
differ "a key that stageplan-scenario.5 lacks"

# ---- targets of a plan ----
sed -n 's/^ *\(RUN\|LEAST\|MOST\)(\([A-Z]*, \)\{0,1\}"\([a-z0-9_]*\)".*/\3/p' \
    "$SRCDIR"/model/goal_kinds.c | sort -u >"$dir/keys"
[ "$(wc -l <"$dir/keys")" -ge 25 ] ||
    fail "only $(wc -l <"$dir/keys") targets found, expected 25 or more"
cp "$dir/keys" "$dir/want"
grep -o '`[^`]*`' "$SRCDIR/docs/scenario.md" | grep -oE '[a-z0-9_]+' >"$dir/have"
differ "a target that docs/scenario.md lacks"
cp "$dir/keys" "$dir/want"
grep '^\.' "$SRCDIR/docs/stageplan-scenario.5" >"$dir/bold"
plain_roff "$dir/bold" | grep -oE '[a-z0-9_]+' >"$dir/have"
differ "a target that stageplan-scenario.5 lacks"

# ---- keys of a profile ----
sed -n 's/.*{*\.name = "\([a-z0-9_]*\)".*/\1/p; s/^ *MODEL_PROFILE_\(NUMBER\|READ\)("\([a-z0-9_]*\)".*/\2/p' \
    "$SRCDIR"/model/profile_read*.c | sort -u >"$dir/keys"
[ "$(wc -l <"$dir/keys")" -ge 50 ] ||
    fail "only $(wc -l <"$dir/keys") keys of a profile found, expected 50 or more"
cp "$dir/keys" "$dir/want"
grep -oE '[a-z0-9_]+' "$SRCDIR/docs/calibration.md" >"$dir/have"
differ "a key of a profile that docs/calibration.md lacks"
cp "$dir/keys" "$dir/want"
grep '^\.' "$SRCDIR/docs/stageplan-profile.5" >"$dir/bold"
plain_roff "$dir/bold" | grep -oE '[a-z0-9_]+' >"$dir/have"
differ "a key that stageplan-profile.5 lacks"

# ---- the pages format without a complaint ----
if command -v man >/dev/null && command -v groff >/dev/null; then
    for page in stageplan.1 stageplan-profile.5 stageplan-scenario.5; do
        man --warnings -l "$SRCDIR/docs/$page" >"$dir/page" 2>"$dir/warnings"
        [ ! -s "$dir/warnings" ] || fail "$page: $(head -n 1 "$dir/warnings")"
        [ -s "$dir/page" ] || fail "$page: formats to nothing"
    done
fi
# ---- docs/database.md names every view and its columns ----
if command -v sqlite3 >/dev/null; then
    "$STAGEPLAN" run "$SRCDIR/examples/practical/scenario.yaml" --db "$dir/views.db" -q
    sqlite3 "$dir/views.db" "SELECT v.name || '.' || c.name FROM sqlite_schema v,
        pragma_table_info(v.name) c WHERE v.type = 'view'" >"$dir/want"
    awk '/^### / { view = $2 } view != "" && /^`/ { n = split($0, word, "`")
        for (i = 2; i < n; i += 2) print view "." word[i] }' \
        "$SRCDIR/docs/database.md" >"$dir/have"
    cp "$dir/want" "$dir/views"
    cp "$dir/have" "$dir/named"
    differ "a column of a view that docs/database.md lacks"
    cp "$dir/named" "$dir/want"
    cp "$dir/views" "$dir/have"
    differ "a column in docs/database.md that no view has"
fi
# ---- README.md shows what is printed, and links to what is there ----
readme=$SRCDIR/README.md
for link in $(grep -o '](\([^)#:]*\))' "$readme" | sed 's/](\(.*\))/\1/'); do
    [ -e "$SRCDIR/$link" ] || fail "README.md links to $link, which isn't there"
done
# its scenarios in the order in which they stand there
awk -v dir="$dir" '/^```yaml/ { inside = 1; n++; next } /^```/ { inside = 0 }
    inside { print >(dir (n == 1 ? "/captions.yaml" : n == 2 ? "/chat.yaml" : "/pool.yaml")) }' "$readme"
(cd "$SRCDIR" && "$STAGEPLAN" run examples/practical/scenario.yaml --brief \
    --db "$dir/practical.db" --xlsx "$dir/practical.xlsx") | sed "s|$dir/|out/|" >"$dir/printed"
command -v sqlite3 >/dev/null || { echo "not tested: README.md: there is no sqlite3"; exit 77; }
(cd "$dir" && "$STAGEPLAN" run captions.yaml --replications 10 --brief) >>"$dir/printed"
(cd "$dir" && "$STAGEPLAN" run chat.yaml --brief) >>"$dir/printed"
(cd "$dir" && "$STAGEPLAN" run chat.yaml --find max_rate) >>"$dir/printed"
(cd "$dir" && "$STAGEPLAN" run pool.yaml --brief -n 5) >>"$dir/printed"
(cd "$dir" && "$STAGEPLAN" run pool.yaml --find min_nodes) >>"$dir/printed"
(cd "$dir" && "$STAGEPLAN" run pool.yaml --explain sweep-121) |
    sed -n '/^-- job sweep-121 under spot /,$p' >>"$dir/printed"
# the command that makes jobs.csv, as it stands there
sed -n '/^    stageplan trace generate --rate 7/,/^$/p' "$readme" |
    sed 's/stageplan/"$STAGEPLAN"/' >"$dir/generate.sh"
(cd "$dir" && sh generate.sh) || fail "README.md: the command that generates jobs"
(cd "$dir" && "$STAGEPLAN" trace info jobs.csv) |
    sed -n '/^GPUs wanted/,/^of their sum/p' >>"$dir/printed"
# a sweep up to the ends of its figures, a plan up to its targets
(cd "$dir" && "$STAGEPLAN" sweep captions.yaml --replications 3 --db what-if.db \
    --vary fleet.gpu-node.price=0.2,0.4,0.8,1.6,3.2) |
    sed '/^-- cost, USD ---/,$d' | sed '$d' >>"$dir/printed"
(cd "$SRCDIR" && "$STAGEPLAN" plan examples/plan-practical/scenario.yaml) |
    sed '/^  target /,$d' | sed '$d' >>"$dir/printed"
# the report of the database, and the questions to it, as they stand there
mkdir "$dir/out" && mv "$dir/practical.db" "$dir/out/"
sed -n 's|^\$ stageplan report |"$STAGEPLAN" report |p' "$readme" >"$dir/report.sh"
[ -s "$dir/report.sh" ] || fail "README.md reports no database"
(cd "$dir" && . ./report.sh) | sed -n '/^[a-zA-Z ]*: [a-z]*\.[a-z]*$/p' >>"$dir/printed"
sed -n 's|^\$ sqlite3 -box |sqlite3 -box |p' "$readme" >"$dir/ask.sh"
[ "$(wc -l <"$dir/ask.sh")" -ge 4 ] || fail "README.md asks the database less than four questions"
(cd "$dir" && . ./ask.sh) >>"$dir/printed"
# the lines of its blocks, but for commands, what quickstart says, and counts of tests
awk '/^```text/ { inside = 1; next } /^```/ { inside = 0 } inside' "$readme" |
    grep -v -e '^\$ ' -e '^quickstart: ' -e '^\[\.\.\.\]$' -e '^[0-9]* passed, ' >"$dir/shown"
sed -i 's/^stageplan [0-9.]*  /stageplan VERSION  /' "$dir/printed" "$dir/shown"
cmp -s "$dir/printed" "$dir/shown" || {
    fail "README.md shows other output than is printed:"
    diff "$dir/printed" "$dir/shown" | head -n 20
}

[ "$failures" -eq 0 ]
