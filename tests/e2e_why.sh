#!/bin/sh
# What the bill is for, as the examples' reports show it, adds up to the bill that they
# show, for every policy; and no bill is below its floor.  Needs no run: the examples'
# own test says that these are the reports.
set -u
LC_ALL=C
export LC_ALL
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
failures=0
all=0

# Lines "POLICY SUM BILL FLOOR ROWS" of a report: a column ends where the heading "USD"
# of it ends, the first row "USD" of the comparison has the bills ("+-": no bill).
columns() {
    awk '
    /^-- why / { why = 1 }
    why && /^-- / && !/^-- why / { exit }
    !why && /^USD / { for (i = 2; i <= NF; i++) if ($i !~ /^\+-/) bill[++bills] = $i }
    why && /^the bill is for / {
        from = policies
        for (at = 1; (k = index(substr($0, at), "USD")) > 0; at += k + 2)
            end[++policies] = at + k + 1
        table = 1
        next
    }
    table && !/^[a-z]/ { table = 0 }
    table {
        for (p = from + 1; p <= policies; p++) {
            text = substr($0, 1, end[p])
            sub(/.* /, "", text)
            if (/^floor, gap /) { floors[p] = text; continue }
            rows[p]++
            if (text != "-") sum[p] += text
        }
    }
    END {
        for (p = 1; p <= policies; p++)
            printf "%d %.6f %s %s %d\n", p, sum[p], bill[p], floors[p] == "" ? "-" : floors[p], rows[p]
    }' "$1"
}

for report in "$SRCDIR"/examples/*/expected.txt; do
    name=$(basename "$(dirname "$report")")
    columns "$report" >"${TMPDIR:-/tmp}/why.$$"
    while read -r policy sum bill floor rows; do
        all=$((all + 1))
        # a row is rounded by half of its last digit, so is the bill
        awk -v s="$sum" -v b="$bill" -v f="$floor" -v n="$rows" 'BEGIN {
            digits = b ~ /\./ ? length(b) - index(b, ".") : 0
            digits = digits > 4 ? 4 : digits
            off = (n + 1) * 0.5 * 10 ^ -(b >= 1 ? 2 : digits)
            d = s - b
            exit !((d < 0 ? -d : d) <= off && (f == "-" || f <= b + off)) }' || {
            echo "FAILED: $name: policy $policy: rows sum to $sum, the bill is $bill, the floor $floor"
            failures=$((failures + 1))
        }
    done <"${TMPDIR:-/tmp}/why.$$"
    rm -f "${TMPDIR:-/tmp}/why.$$"
done
[ "$all" -ge 40 ] || {
    echo "FAILED: only $all policies' bills found in the examples, expected 40 or more"
    failures=$((failures + 1))
}
[ "$failures" -eq 0 ]
