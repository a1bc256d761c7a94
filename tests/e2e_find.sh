#!/bin/sh
# stageplan run --find, from outside: what it refuses, and rates and fleets that follow
# from arithmetic.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; head -n 12 "$dir/out" "$dir/err"; failures=$((failures + 1)); }

# One request at a time: a prompt takes 100 ms, each of ten further tokens 10 ms, so a
# replica serves 5/s; requests come evenly.  Past that rate the queue grows by a
# constant, and the last requests miss a TTFT of 110 ms.
cat >"$dir/rate.yaml" <<'END'
scenario: rate
fleet: { node: { cpu: 8, gpu: 2, memory: 1Ti, price: 3.6 USD/h, count: 1 } }
workloads:
  chat:
    kind: serving
    model: llama-3.1-8b
    source: { rate: 2/s, arrivals: constant, for: 200s, prompt_tokens: 100, output_tokens: 11 }
    slo: { ttft: 110ms, attain: 100% }
    engine:
      gpu: 1
      max_num_seqs: 1
      num_gpu_blocks: 1000
      time: { fit: { prefill: [100ms, 0s, 0s], decode: [10ms, 0s, 0s] } }
policies:
  one: { chat: { router: round-robin, replicas: 1 } }
  two: { chat: { router: round-robin, replicas: 2 } }
END
awk '/^  chat:/ { inside = 1 } /^policies:/ { inside = 0; printf "%s", copy }
    inside { line = $0; sub(/^  chat:/, "  code:", line); copy = copy line "\n" }
    /^  (one|two):/ { sub(/ } }$/, " }, code: { replicas: 1 } }") } { print }' \
    "$dir/rate.yaml" | sed 's/gpu: 2,/gpu: 4,/' >"$dir/several.yaml"
sed 's/rate: 2.s, arrivals: constant, for: 200s/items: 9/' "$dir/rate.yaml" >"$dir/no-rate.yaml"
grep -v '^    slo:' "$dir/rate.yaml" >"$dir/no-slo.yaml"

# refused TEXT ARGUMENTS...: exit 2, one line on stderr, nothing on stdout.
refused() {
    text=$1
    shift
    (cd "$dir" && "$STAGEPLAN" run "$@" >out 2>err </dev/null)
    code=$?
    [ "$code" -eq 2 ] || fail "$*: exit $code, expected 2"
    grep -qF -e "$text" "$dir/err" || fail "$*: no '$text' on stderr"
    [ "$(wc -l <"$dir/err")" -eq 1 ] && [ ! -s "$dir/out" ] || fail "$*: more than one line"
}

practical=$SRCDIR/examples/practical/scenario.yaml
refused "--find best: expected one of: max_rate, min_nodes" rate.yaml --find best
refused "did you mean max_rate?" rate.yaml --find max-rate
refused "no workload of kind serving" "$practical" --find max_rate
refused "'embed' is no workload of kind serving" "$practical" --find max_rate:embed
refused "did you mean 'chat'?" rate.yaml --find max_rate:chta
refused "has no slo, expected one such as 'slo: {" no-slo.yaml --find max_rate
refused "several workloads serve (chat, code), expected one of them named, such as max_rate:" \
    several.yaml --find max_rate
refused "goes to --json alone" rate.yaml --find max_rate --db x.db
refused "goes to --json alone" rate.yaml --find max_rate --items --db x.db
refused "has no rate, expected 'rate' or 'trace'" no-rate.yaml --find max_rate
[ ! -e "$dir/x.db" ] || fail "a refusal left a database"

# rate KEY N: the N-th number of that key in found.json.
rate() { sed -n "s/.*\"$1\": \([0-9.e+-]*\),*\$/\1/p" "$dir/found.json" | sed -n "$2p"; }
between() { awk -v low="$1" -v x="$2" -v high="$3" 'BEGIN { exit !(low <= x && x <= high) }'; }
find_rate() {
    (cd "$dir" && "$STAGEPLAN" run "$@" --json found.json >out 2>err </dev/null) ||
        fail "$*: exit $?"
    [ ! -s "$dir/err" ] || fail "$*: stderr is not empty"
    awk 'length($0) > 80 { exit 1 }' "$dir/out" || fail "$*: longer than 80 columns"
}

find_rate rate.yaml --find max_rate
between 4.95 "$(rate max_rate_per_s 1)" 5 || fail "one replica: $(rate max_rate_per_s 1)"
between 9.9 "$(rate max_rate_per_s 2)" 10 || fail "two replicas: $(rate max_rate_per_s 2)"
grep -q "=> 'two' carries 2x the rate of 'one', per GPU 2x" "$dir/out" ||
    fail "no verdict of 2x"
cp "$dir/found.json" "$dir/first.json"
find_rate rate.yaml --find max_rate:chat
cmp -s "$dir/found.json" "$dir/first.json" || fail "the same search found something else"

# Half of the requests may miss it: the later half of a queue that grows evenly.  Of the
# 200 r requests, number i waits i (0.2 s - 1/r); number 100 r may wait 1 s: r = 5.05/s.
find_rate rate.yaml --find max_rate --policy one --set slo.attain=50% --set slo.ttft=1100ms
between 5 "$(rate max_rate_per_s 1)" 5.05 || fail "half: $(rate max_rate_per_s 1)"

# No limit but on TPOT, which holds at any rate: it is those late at the horizon of 100 s
# that miss.  500 are done, 100 (r - 5) wait; 50 (r - 5) + 0.3 r of them may yet be on
# time: as many as come in the mean TTFT of those done, 0.1 s + 50 s (1 - 5/r), and ten
# tokens of 20 ms.  A tenth late of all that count is r = 6.15/s.
sed 's/slo: {.*/slo: { tpot: 20ms, attain: 90% }/' "$dir/rate.yaml" >"$dir/tpot.yaml"
find_rate tpot.yaml --find max_rate --policy one --set until=100s
between 6.06 "$(rate max_rate_per_s 1)" 6.18 || fail "horizon: $(rate max_rate_per_s 1)"
grep -q "late at" "$dir/out" || fail "nobody is late at the horizon"

# No rate is low enough, none too high.
find_rate rate.yaml --find max_rate --policy one --set slo.ttft=50ms
grep -q "not even the lowest rate tried" "$dir/out" || fail "a TTFT below the service time"

# ---- min_nodes ----

# 1000 items of 1 s, a unit a node, units for 20 min at most: 1000 s / n on n nodes, so
# a deadline of 205 s takes 5 (200 s; 4 take 250 s).  The policy `fast` needs half of
# the time of an item: 3 nodes (167 s; 2 take 250 s).
cat >"$dir/nodes.yaml" <<'END'
scenario: nodes
fleet:
  node: { cpu: 4, gpu: 1, price: 2 USD/h, count: 9 }
  spare: { cpu: 4, price: 1 USD/h, count: 1 }
workloads:
  work:
    kind: pipeline
    source: { items: 1000 }
    stages: { step: { cpu: 1, gpu: 1, time: 1s } }
policies:
  slow: { work: { bundle: apart, size: { deadline: 205s } } }
  fast: { work: { bundle: apart, size: { deadline: 205s }, stages: { step: { time: 500ms } } } }
END
sed 's/, size: { deadline: 205s }//; s/bundle: apart/units: { unit: { slots: { step: 1 }, count: 1 } }/' \
    "$dir/nodes.yaml" >"$dir/no-deadline.yaml"
sed 's/count: 9/min: 0, max: 9/; s/count: 1 }$/min: 0, max: 2 }/' "$dir/nodes.yaml" >"$dir/elastic.yaml"

refused "several node types have a fixed count (node, spare), expected one of them named" \
    nodes.yaml --find min_nodes
refused "no such workload or node type" nodes.yaml --find min_nodes:rack
refused "no such workload or node type" nodes.yaml --find min_nodes:node:node
refused "no workload with something to meet" no-deadline.yaml --find min_nodes:node
refused "workload 'work' has no deadline, expected one such as 'size: {" no-deadline.yaml \
    --find min_nodes:work:node
refused "node type with a fixed 'count'" elastic.yaml --find min_nodes
refused "node type 'node' has no fixed 'count'" elastic.yaml --find min_nodes:node
refused "--explain" nodes.yaml --find min_nodes:node --explain job-1
refused "--precision: has no effect on --find" nodes.yaml --find min_nodes:work:node \
    --precision 1%
refused "--replications-max: has no effect on --find" nodes.yaml \
    --find min_nodes:work:node --set precision=1% --replications-max 20
(cd "$dir" && "$STAGEPLAN" run nodes.yaml --find min_nodes:work:node -q --set precision=1% \
    >out 2>err) || fail "a scenario with a precision can't be searched"
grep -q "'precision' has no effect on --find" "$dir/err" ||
    fail "a precision that has no effect on a search is not told"
refused "has no workload of kind jobs" nodes.yaml --explain job-1

find_rate nodes.yaml --find min_nodes:node
[ "$(rate min_nodes 1) $(rate min_nodes 2)" = "5 3" ] ||
    fail "nodes: $(rate min_nodes 1) and $(rate min_nodes 2), expected 5 and 3"
grep -q "slow: 5 nodes meet it (3m 20s), 4 nodes miss it (4m 10s), 6 nodes meet it" \
    "$dir/out" || fail "no fleets beside the least"
grep -q "=> 'fast' needs 3 nodes, 40.0 % fewer than the 5 of 'slow'" "$dir/out" ||
    fail "no verdict of 3 and 5"
cp "$dir/found.json" "$dir/first.json"
find_rate nodes.yaml --find min_nodes:work:node
cmp -s "$dir/found.json" "$dir/first.json" || fail "the same search found something else"

# One node more can be bought: 4 fixed ones do, and the verdict does not hide the fifth.
# 5 nodes for 200 s under both policies: the same cost.
sed 's/^  fast: .*/  buys: { fleet: { node: { options: [ { option: reserved, count: 9 }, { option: on-demand, max: 1 } ] } }, work: { bundle: apart, size: { deadline: 205s } } }/' \
    "$dir/nodes.yaml" >"$dir/buys.yaml"
find_rate buys.yaml --find min_nodes:node
tr -s ' \n' ' ' <"$dir/out" |
    grep -q "=> 'buys' needs 4 nodes and 1 that it buys (mean) against 5 nodes of 'slow', and costs the same (one run each: no error bar)" ||
    fail "a node that is bought besides is not told"

# A replica serves 5/s: 12/s take three.  Replicas for which there is no node wait.
sed 's/gpu: 2/gpu: 1/; s/rate: 2/rate: 12/; s/replicas: 2/replicas: 4/; s/count: 1/count: 4/' "$dir/rate.yaml" \
    >"$dir/replicas.yaml"
find_rate replicas.yaml --find min_nodes --policy two
grep -q "one: no number found: even 16384 nodes miss it (0.04%)" "$dir/out" ||
    fail "one replica carries 12/s on many nodes"
[ "$(rate min_nodes 1)" = 3 ] || fail "replicas: $(rate min_nodes 1) nodes, expected 3"

[ "$failures" -eq 0 ]
