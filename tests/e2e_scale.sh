#!/bin/sh
# A hundred times as many nodes, units and arrivals: the same answer in form, and in
# figures what a hundred fleets side by side would be.  What is over a limit is refused
# in one line that names the limit.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600
export LC_ALL SOURCE_DATE_EPOCH

. "$SRCDIR/tests/e2e_lib.sh"

# pipeline NODES: 16 slots of 1 s on each node, 15 items/s for it, evenly spaced.
pipeline() {
    cat <<END
scenario: grown
until: 20s
measure: { from: 5s, to: 20s }
fleet: { node: { cpu: 16, price: 3.60 USD/h, count: $1 } }
workloads:
  w:
    kind: pipeline
    source: { rate: $((15 * $1))/s, arrivals: constant, for: 20s }
    stages: { work: { cpu: 1, time: 1s } }
policies: { p: { w: { units: { u: { slots: { work: 1 }, count: $((16 * $1)) } } } } }
END
}

jobs() {
    cat <<END
scenario: grown
until: 6h
fleet: { node: { cpu: 64, gpu: 8, price: 20 USD/h, count: $1 } }
workloads:
  w:
    kind: jobs
    source: { rate: $((3 * $1))/h, for: 6h }
    per_gpu: { cpu: 8 }
    jobs: { one: { share: 4, gpu: 1, duration: 1h }, gang: { share: 1, gpu: 4, members: 2, duration: 30m } }
policies: { p: { scheduling: { order: fifo, passing: skip } } }
END
}

serving() {
    cat <<END
scenario: grown
fleet: { h100: { cpu: 96, gpu: 8, price: 98, gpu_model: H100-SXM5-80GB, count: $1 } }
workloads:
  w:
    kind: serving
    model: llama-3.1-8b
    source: { rate: $((8 * $1))/s, for: 20s, prompt_tokens: 500, output_tokens: 50 }
    slo: { ttft: 1s, tpot: 100ms }
    engine: { gpu: 1, cpu: 8, time: roofline }
policies: { p: { w: { router: round-robin, replicas: $((8 * $1)) } } }
END
}

# What a document says, without the values: its members' names.
members() { grep -o '"[A-Za-z0-9_]*":' "$1" | sort -u; }

for kind in pipeline jobs serving; do
    for nodes in 2 200; do
        $kind $nodes >"$dir/$kind-$nodes.yaml"
        check "$kind-$nodes" 0 run "$kind-$nodes.yaml" --json "$kind-$nodes.json"
        err_empty
        members "$dir/$kind-$nodes.json" >"$dir/members-$nodes"
    done
    cmp -s "$dir/members-2" "$dir/members-200" ||
        fail "the JSON has other members: $(diff "$dir/members-2" "$dir/members-200" | tr '\n' ' ')"
done

# By hand: 20 s of 2 and of 200 nodes at 3.60 USD/h are 0.04 and 4 USD (the least that is
# billed is a minute: 0.12 and 12), all slots 15/16 busy in the window.
# told NODES MEMBER VALUE: the first such member of the pipeline's JSON, to 1e-9.
told() {
    awk -v want="$3" -v member="\"$2\":" '
        $1 == member { off = $2 / want - 1; found = off < 1e-9 && off > -1e-9; exit }
        END { exit !found }' "$dir/pipeline-$1.json" || fail "$2 of $1 nodes is not $3"
}
name=closed_form
for nodes in 2 200; do
    told $nodes usd "$(awk "BEGIN { print 0.06 * $nodes }")"
    told $nodes busy_frac 0.9375
done

# ---- limits ----
limit() { # NAME TEXT SED
    sed "$3" "$dir/pipeline-2.yaml" >"$dir/over.yaml"
    check "$1" 2 run over.yaml
    err_has "$2"
}
limit nodes 'from 0 to 1000000' 's/price: 3.60 USD\/h, count: 2 /price: 1, count: 1000001 /'
limit units 'to 1000000' 's/work: 1 }, count: 32/work: 1 }, count: 1000001/'

[ "$failures" -eq 0 ]
