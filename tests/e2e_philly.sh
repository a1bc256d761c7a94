#!/bin/sh
# Published: jobs of Microsoft's Philly clusters, October and November 2017, 68,503 of 11
# teams (msr-fiddle/philly-traces, CC-BY-4.0; nodes of 8 GPUs per team from
# S-Lab-System-Group/HeliosArtifact, divided by 4 and rounded up: 88).  Mean queue wait in
# seconds, each team on nodes of its own against all on one pool, under three disciplines;
# pools of other sizes; and the fewest pooled nodes that match the teams' own.  Jobs of the
# same second stand in order of their durations, as in the table that was published.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
data=${SHARED_DATA:-}/cluster/philly
[ -r "$data/philly_jobs_2017-09_11.csv.gz" ] || { echo "not tested: no $data"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

tr -d '\r' <"$data/philly_vc_nodes.csv" >"$dir/nodes.csv"
gzip -dc "$data/philly_jobs_2017-09_11.csv.gz" | tr -d '\r' >"$dir/all.csv"
{
    head -n 1 "$dir/all.csv"
    awk -F, 'FILENAME ~ /nodes/ { team[$1]; next }
        ($5 in team) && $1 >= "2017-10-01 00:00:00" && $1 <= "2017-11-30 23:59:00"' \
        "$dir/nodes.csv" "$dir/all.csv" | sort -s -t, -k1,1 -k2,2g
} >"$dir/jobs.csv"
[ "$(wc -l <"$dir/jobs.csv")" -eq 68504 ] || fail "not the 68,503 published jobs"

# scenario ORDER PASSING DIVISOR NODES
scenario() {
    own=$(awk -F, -v by="$3" 'NR > 1 { n = int(($2 + by - 1) / by)
        printf "%s%s: %d", (NR > 2 ? ", " : ""), $1, n }' "$dir/nodes.csv")
    quotas=$(awk -F, -v by="$3" 'NR > 1 { n = int(($2 + by - 1) / by)
        printf "%s%s: { guarantee: { gpu: %d }, static: true }", (NR > 2 ? ", " : ""), $1,
            8 * n }' "$dir/nodes.csv")
    cat >"$dir/philly.yaml" <<END
scenario: philly
fleet: { node: { cpu: 48, gpu: 8, price: 20 USD/h } }
workloads:
  train:
    kind: jobs
    source: { trace: jobs.csv }
    target: { wait: 177007s, quantile: mean }
policies:
  static:
    placement: best-fit
    fleet: { node: { per_team: { $own } } }
    scheduling: { order: $1, passing: $2 }
    teams: { $quotas }
  pool:
    placement: best-fit
    fleet: { node: { count: $4 } }
    scheduling: { order: $1, passing: $2 }
END
}

# wait POLICY: its mean queue wait of all jobs, in whole seconds.
wait_of() {
    awk -v want="$1" '/"policies": \[/ { inside = 1 } /"comparison":/ { inside = 0 }
        inside && /^   "name":/ { n++; name = $2; gsub(/[",]/, "", name) }
        inside && /"all": \{/ { all = 1 }
        all && /"queue_s": \{/ { queue = 1 }
        queue && /"mean":/ && name == want { printf "%.0f\n", $2; exit }
        /"completion_s"/ { all = queue = 0 }' "$dir/out.json"
}
# published ORDER PASSING DIVISOR NODES STATIC POOL
published() {
    scenario "$1" "$2" "$3" "$4"
    "$STAGEPLAN" run "$dir/philly.yaml" -q --json "$dir/out.json" >"$dir/out" 2>&1 ||
        { fail "$1 $2: $(head -n 1 "$dir/out")"; return; }
    [ "$(wait_of static) $(wait_of pool)" = "$5 $6" ] ||
        fail "$1 $2, $4 nodes: $(wait_of static) and $(wait_of pool) s, published $5 and $6"
}

published fifo strict 4 88 177007 4164
published fifo skip 4 88 56719 869
published shortest-first strict 4 88 17300 747
published fifo strict 5 76 254445 44918
published fifo skip 5 76 78489 6030
published shortest-first strict 5 76 25312 2633
published fifo strict 4 68 177007 171603

scenario fifo strict 4 88
"$STAGEPLAN" run "$dir/philly.yaml" --find min_nodes >"$dir/out" 2>&1 ||
    fail "min_nodes: $(head -n 1 "$dir/out")"
grep -q "=> 'pool' needs 68 nodes, 22.7 % fewer than the 88 of 'static'" "$dir/out" ||
    fail "min_nodes: $(tail -n 1 "$dir/out")"

[ "$failures" -eq 0 ]
