#!/bin/sh
# stageplan plan from outside: exit codes, what it says and writes, and that the plan that
# it writes is what 'stageplan run' says of it, to the micro-dollar.
set -u
LC_ALL=C
export LC_ALL
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
. "$SRCDIR/tests/e2e_lib.sh"

# Exactly one GPU node and three CPU nodes for 60 s: (32 + 3 x 4) / 60 USD and two
# micro-dollars a lease at most.
cat >"$dir/small.yaml" <<'EOF'
scenario: small
until: 60s
fleet:
  gpu-node: { cpu: 64, gpu: 8, memory: 512Gi, price: 32 USD/h }
  cpu-node: { cpu: 64, memory: 256Gi, price: 4 USD/h }
workloads:
  embed:
    kind: pipeline
    source: { rate: 128/s, arrivals: constant, for: 60s }
    stages:
      preprocess: { cpu: 1, time: 2s }
      infer: { gpu: 1, batch: 8, time: { fixed: 10ms, per_item: 30ms } }
EOF
# Names that YAML, shells and spreadsheets mean something by; three ways to buy; chance.
cat >"$dir/names.yaml" <<'EOF'
scenario: "spot: #1, {x}"
until: 300s
fleet:
  "gpu.node x":
    cpu: 8
    gpu: 1
    options:
      - { option: spot, price: 1 USD/h, max: 4, interruptions: { rate: 20/h, notice: 10s } }
      - { option: on-demand, price: 3 USD/h }
  "=cpu()": { cpu: 16, price: 0.8 USD/h, option: reserved }
workloads:
  "em: bed, 'x' \"q\"":
    kind: pipeline
    source: { rate: 20/s, for: 300s }
    stages:
      "pre/p": { cpu: 1, time: { dist: exponential, mean: 500ms } }
      "- in": { gpu: 1, batch: 8, linger: 1s, time: { fixed: 10ms, per_item: 30ms } }
plan:
  targets: { latency_p90: 20s }
EOF

# same NAME: the plan in NAME.json is what run says of NAME-plan.yaml
same() {
    name="$1: the plan that was written is the plan"
    (cd "$dir" && "$STAGEPLAN" run "$1-plan.yaml" -q --json "$1-run.json" >out 2>err) ||
        fail "run failed"
    jq -c '.plan.best | [.usd.mean, .time_s.mean]' "$dir/$1.json" >"$dir/want"
    jq -c '.policies[] | select(.name == "plan") | [.cost.usd, .time_s]' \
        "$dir/$1-run.json" >"$dir/have"
    [ -s "$dir/have" ] || fail "no policy 'plan'"
    cmp -s "$dir/want" "$dir/have" ||
        fail "planned $(cat "$dir/want"), run $(cat "$dir/have")"
}

check "workload and prices are enough" 0 plan small.yaml -n 2 --json small.json \
    --write small-plan.yaml
err_empty
out_has "=> 1 gpu-node and 3 cpu-node: 44.00 USD/h"
out_has "Complete: "
check "the same with two runs at a time" 0 plan small.yaml -n 2 -j 2 --json two.json
sed 's/"path": "[^"]*"//' "$dir/small.json" >"$dir/want"
sed 's/"path": "[^"]*"//' "$dir/two.json" >"$dir/have"
name="-j 2 gives the same bytes"
cmp -s "$dir/want" "$dir/have" || fail "they differ"
check "hostile names" 0 plan names.yaml -n 3 -q --json names.json --write names-plan.yaml
err_empty
if command -v jq >/dev/null; then
    same small
    same names
fi
check "the plan that was written can be planned again" 0 plan small-plan.yaml -n 2
out_has "=> 1 gpu-node and 3 cpu-node: 44.00 USD/h"
check "policies stand beside it" 0 run small-plan.yaml --brief

# ---- what stands beside it: by hand ----
# Of fleets that cost less than 48 USD/h only this one does, so the next has a CPU node
# more; 44 of 48 are 8.3 % less.
check "the second is named" 0 plan small.yaml -n 2 --frontier
squeezed=$(tr -s ' \n' '  ' <"$dir/out")
has() {
    case $squeezed in
    *"$1"*) ;;
    *) fail "no '$1' in: $squeezed" ;;
    esac
}
has "Second of those run: 1 gpu-node and 4 cpu-node (preprocess | infer), 0.8000 USD a run; the plan: cheaper by 8.3 %."
has "Binds: embed: done of what arrives at least 99 % (one cpu-node fewer misses it by"
[ "$(sed -n '/- frontier -/,$p' "$dir/out" | grep -c 'gpu-node.*: preprocess')" -eq 1 ] ||
    fail "the frontier has points that gain nothing"
sed 's/preprocess:/"a + b":/' "$dir/small.yaml" >"$dir/plus.yaml"
check "a stage's name is no bundling" 0 plan plus.yaml -n 2 --set plan.partitions=as-written
squeezed=$(tr -s ' \n' '  ' <"$dir/out")
has "disaggregated: every stage is a unit of its own ('a + b' | infer)"
if command -v jq >/dev/null; then
    name="counts of a fixed fleet are numbers, spot or not"
    jq -e '[.plan | .. | .nodes? // empty | .[].count] | length > 4 and all(. >= 0)' \
        "$dir/names.json" >/dev/null || fail "they are not"
fi

# ---- a ratio: 8 items in 250 ms keep 64 of 2 s busy; 95 % of that is 60.8 ----
check "a ratio by hand" 0 plan small.yaml -n 2 --ratio preprocess:infer
out_has "=> preprocess:infer: 60.88 for each keep it"
out_has "By the mean times alone it takes 60.80 for each."
check "a ratio the other way round" 0 plan small.yaml -n 2 --ratio infer:preprocess
out_has "By the mean times alone it takes 0.0148 for each."
out_has "Fewer are enough: the"

# ---- a goal that can't be met ----
# 2 s and a batch of one in 40 ms; 0.7333 USD of 0.01 are 7233 % more.
check "below the time of service" 3 plan small.yaml -n 2 -t latency_p99=1s
squeezed=$(tr -s ' \n' '  ' <"$dir/out")
has "in the mean service alone takes 2.04 s, whatever the fleet"
check "a budget below the cheapest" 3 plan small.yaml -n 2 -t budget=0.01USD
squeezed=$(tr -s ' \n' '  ' <"$dir/out")
has "the cheapest fleet found that meets everything else misses it by 7233."
has "=> closest: 1 gpu-node and 3 cpu-node: 44.00 USD/h"
check "a fleet at just the price meets it" 0 plan small.yaml -n 2 -t cost_per_h=44USD/h
cat >"$dir/jobs.yaml" <<'EOF'
scenario: jobs
until: 48h
fleet:
  g: { cpu: 64, gpu: 8, price: 16 USD/h }
  h: { cpu: 32, gpu: 4, price: 7 USD/h }
workloads:
  pool:
    kind: jobs
    source: { rate: 6/h, for: 48h }
    jobs:
      small: { share: 80, gpu: 1, duration: { dist: exponential, mean: 1h } }
      big: { share: 20, gpu: 8, duration: { dist: exponential, mean: 2h } }
plan: { targets: { queue_p90: 1h } }
EOF
# None waits from some fleet on, and nothing is better than that.
check "the frontier of a wait ends at none" 0 plan jobs.yaml -n 2 --frontier
[ "$(grep -c '^  0 s .* yes$' "$dir/out")" -le 1 ] || fail "more than one fleet without a wait"
check "of fleets that do not do the work, the one that does most is near" 3 plan jobs.yaml \
    -n 2 --set plan.nodes.g=0..2 --set plan.nodes.h=0..1 -t queue_mean=1s
out_has "=> closest: 2 g"
check "no node for a stage" 3 plan small.yaml -n 2 --set plan.nodes.gpu-node=0
out_has "INFEASIBLE: stage infer has room on no node that may be held"
cp "$dir/small.yaml" "$dir/told.yaml"
echo 'plan: { targets: { latency_p99: 1s } }' >>"$dir/told.yaml"
check "--target counts, with the workload's name or without" 0 plan told.yaml -n 2 \
    -t embed.latency_p99=10s
check "a target told twice" 2 plan small.yaml -t latency_p99=10s -t embed.latency_p99=1s
err_has "latency_p99: it is told twice, with the workload's name and without"
check "infeasible" 3 plan small.yaml -n 2 -t latency_p99=1s --json no.json --write no.yaml
out_has "INFEASIBLE: "
out_has "latency p99 at most 1 s"
err_has "no.yaml is not written: there is no plan"
[ ! -e "$dir/no.yaml" ] || fail "no.yaml was written"
grep -q '"feasible": false' "$dir/no.json" || fail "no.json does not say so"

# ---- Ctrl-C: the best so far, told as such ----
sed 's/60s/4h/g; s/128\/s/512\/s/' "$dir/small.yaml" >"$dir/long.yaml"
name="an interrupted search"
(cd "$dir" && exec "$STAGEPLAN" plan long.yaml --json long.json >out 2>err) &
pid=$!
sleep 2
kill -INT "$pid"
wait "$pid"
code=$?
[ "$code" -eq 1 ] || fail "exit $code, expected 1"
out_has "PARTIAL: interrupted"
grep -q '"interrupted": true' "$dir/long.json" || fail "long.json does not say so"

# ---- wrong input ----
# 60,000 tokens of 128 KiB are more than an L4 has left: it would be done at once
cat >"$dir/long.yaml" <<'END'
scenario: long
fleet: { l4: { type: g6.xlarge }, h100: { type: p5.4xlarge } }
workloads:
  chat:
    kind: serving
    model: llama-3.1-8b
    source: { rate: 1/s, items: 20, prompt_tokens: 60000, output_tokens: 10 }
    engine: { gpu: 1, cpu: 4, time: roofline }
policies:
  l4: { chat: { pools: { server: { on: l4 } } } }
  h100: { chat: { pools: { server: { on: h100 } } } }
plan: { targets: { deadline: 30m } }
END
check "who refuses all requests is not fast" 0 plan long.yaml
out_has "=> 1 h100: "
check "who refuses is told so" 3 plan long.yaml -p l4
out_has "20 of what comes: no node or replica of the fleet could ever hold"

check "no file" 2 plan
err_has "expected one scenario file, found 0"
check "an unknown target" 2 plan small.yaml -t embed.latency_p98=2s
err_has "--set plan.targets.embed.latency_p98=2s: unknown target of a pipeline workload"
check "a target without a value" 2 plan small.yaml -t deadline
err_has "--target deadline: expected path=value, such as deadline=1h"
check "a target of a wrong unit" 2 plan small.yaml -t latency_p99=2USD
err_has "latency_p99: "
check "no such policy" 2 plan small.yaml -p monolithic
err_has "--policy monolithic"
check "busy without ratio" 2 plan small.yaml --busy 90%
err_has "--busy goes with --ratio"
check "no share" 2 plan small.yaml --precision 0
err_has "--precision 0: expected more than 0"
check "a plan over the scenario" 2 plan small.yaml --write small.yaml
err_has "that is the scenario, expected another file"
check "a folder that is not there" 1 plan small.yaml --write nowhere/plan.yaml
check "run wants policies" 2 run small.yaml
err_has "'stageplan plan'"
sed 's/, price: 4 USD.h//' "$dir/small.yaml" >"$dir/free.yaml"
check "a price is missing" 2 plan free.yaml
err_has "cpu-node"

[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
echo "all passed"
