#!/bin/sh
# stageplan run --find, from outside: what it refuses, and a rate that follows from
# arithmetic.
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
refused "--find best: expected one of: max_rate" rate.yaml --find best
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

[ "$failures" -eq 0 ]
