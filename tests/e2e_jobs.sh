#!/bin/sh
# Jobs through the binary: figures by hand in every output, one job's story, names that
# never came.
set -u
LC_ALL=C
export LC_ALL
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
fail() { echo "FAILED: $1"; head -n 60 "$dir/out" "$dir/err"; failures=$((failures + 1)); }

# One GPU: `long` has it for 100 s, `late` waits 90 s of them and runs for 50 s, `wide`
# fits nowhere.  150 s at 3.6 USD/h are 0.15 USD, of which a GPU-h and 8 CPU-h at
# OpenCost's rates give the GPU 0.95 / (0.95 + 8 x 0.031611) = 0.78977: long holds 100 s
# of it, 0.0790 USD, late 50 s, 0.0395, and the CPUs' 0.0315 are nobody's.
cat >"$dir/jobs.csv" <<'END'
job,arrival_s,duration_s,gpu,team
long,0,100,1,a
late,10,50,1,b
wide,20,10,4,b
END
cat >"$dir/hand.yaml" <<'END'
scenario: by-hand
fleet: { node: { cpu: 8, gpu: 1, price: 3.6 USD/h, count: 1 } }
workloads: { train: { kind: jobs, source: { trace: jobs.csv } } }
policies:
  fifo: { scheduling: { order: fifo } }
  shortest: { scheduling: { order: shortest-first } }
END
plan() {
    (cd "$dir" && "$STAGEPLAN" run "$@" >out 2>err </dev/null) || fail "$*: exit $?"
    [ ! -s "$dir/err" ] || fail "$*: stderr is not empty"
    awk 'length($0) > 80 { exit 1 }' "$dir/out" || fail "$*: longer than 80 columns"
}
# said TEXT: on one line of the report, blanks squeezed.
said() { tr -s ' ' <"$dir/out" | grep -qF -e "$1" || fail "'$1' is missing"; }

plan hand.yaml --explain late --db hand.db --items --json hand.json --xlsx hand.xlsx
said "train (jobs): 3 jobs in, 2 done, 0 in flight, 1 refused (1 larger than any"
said " makespan 2m 30s, first arrival to last job done"
said " all 3 45 s 0 s 1m 30s 1m 30s 1m 30s"
said " b 2 1m 30s 1m 30s 1m 30s 1m 30s 1m 30s"
said " all 2 2m 1m 40s 2m 20s 2m 20s 1.900"
said " a 0.0790 0.0790 0.0278 100.0% 0 1"
said " b 0.0395 0.0395 0.0139 100.0% 0 1"
said " unallocated 0.0315 0.0315"
said " the bill 0.1500 0.1500"
said "=> no gain: 'shortest' runs its jobs as 'fifo' does (one run: no error bar): the"
said " same queue wait (45 s), the same completion (2m), the same cost."
said "warning: jobs.csv:4: a job has members that fit on no node of the fleet"
said "-- job late under fifo ---"
said " 00:00:10 arrives as job 1"
said " 00:01:40 runs"
said " 00:02:30 done"
grep -q '"deadlines_missed": 0' "$dir/hand.json" || fail "no jobs in the JSON"

plan hand.yaml --explain wide -b
said " 00:00:20 is refused, as it could never run: 1 x 4 GPUs, larger than any node"
plan hand.yaml --explain nobody -b
[ "$(grep -c "no job called 'nobody' arrived" "$dir/out")" -eq 2 ] ||
    fail "a name that never came is not told of both policies"

# `low` works from 0 and writes a checkpoint at 600 s, in 10 s; what it works from 610
# until `high` takes its place at 1000 is lost: 390 s.
cat >"$dir/evicted.csv" <<'END'
job,arrival_s,duration_s,gpu,priority,checkpoint_s
low,0,3600,1,0,600
high,1000,300,1,5,0
END
sed 's/jobs.csv }/evicted.csv }, checkpoint: { every: 1000h, cost: 10s }/
    s/fifo }/priority, preemption: lower-priority }/' "$dir/hand.yaml" >"$dir/evicted.yaml"
plan evicted.yaml -p fifo --explain low
said " 00:16:40 loses its nodes: preempted; of its work 6m 30s has to be done again"
said " 00:21:40 runs again"
said " most GPUs asked for at a time, placed and waiting: 2"
plan evicted.yaml -p fifo --explain high -b
said " 00:16:40 1 placed unit is evicted for it"

# Every kind of workload in one database, with a row for each of their items.
cat >"$dir/all.yaml" <<'END'
scenario: all-kinds
until: 10m
fleet:
  node: { cpu: 64, gpu: 8, gpu_model: H100-SXM, price: 20 USD/h, options: [ { option: spot, max: 1 }, { option: on-demand } ] }
workloads:
  chat:
    kind: serving
    team: product
    model: llama-3.1-8b
    source: { rate: 1/s, for: 5m, prompt_tokens: 100, output_tokens: 10 }
    slo: { ttft: 2s }
    engine: { gpu: 1, cpu: 4, time: roofline }
  embed: { kind: pipeline, team: search, source: { items: 10 }, stages: { infer: { gpu: 1, time: 1s } } }
  train:
    kind: jobs
    source: { items: 3 }
    jobs: { tune: { team: research, gpu: 1, duration: 1m } }
policies:
  pool: { teams: { product: {}, search: {}, research: {} }, chat: { replicas: 1 }, embed: { bundle: apart } }
  alone: { chat: { replicas: 1 }, embed: { bundle: apart } }
END
plan all.yaml --db all.db --items

[ "$failures" -eq 0 ] || exit 1
command -v sqlite3 >/dev/null || { echo "rows not looked at: no sqlite3 here"; exit 0; }
asked() {
    got=$(sqlite3 "$dir/hand.db" "$2" | tr '\n' ' ')
    [ "$got" = "$1 " ] || { echo "FAILED: $2: $got, expected $1"; failures=1; }
}
items="FROM items JOIN workloads w ON w.id = workload_id JOIN policies p ON p.id = policy_id
    WHERE p.name = 'fifo' ORDER BY item"
asked "0|a|0|100 1|b|100|150 2|b||20" \
    "SELECT item, team, started_ns / 1000000000, left_ns / 1000000000 $items"
asked "0 90 0" "SELECT (waited_capacity_ns + waited_head_of_line_ns) / 1000000000 $items"
asked "150000|150000 150000|150000" \
    "SELECT sum(allocated_uusd), sum(busy_uusd) FROM v_team GROUP BY policy_id"
# Full guarantee without borrowing is static: for jobs of one GPU the nodes of each team,
# quotas, and `static` are the same to the last digit; what is not lent is not warned of.
cat >"$dir/static.yaml" <<'END'
scenario: static
fleet: { node: { cpu: 64, gpu: 8, price: 20 USD/h, option: owned, count: 3 } }
workloads:
  jobs:
    kind: jobs
    source: { rate: 12/h, items: 1000 }
    jobs:
      x: { team: a, share: 2, gpu: 1, cpu: 1, duration: { dist: lognormal, mean: 1h, cv: 1 } }
      y: { team: b, share: 1, gpu: 1, cpu: 1, duration: { dist: lognormal, mean: 3h, cv: 1 } }
policies:
  nodes:
    fleet: { node: { per_team: { a: 1, b: 2 } } }
    teams: { a: {}, b: {} }
    scheduling: { order: fifo, passing: strict }
  quotas:
    teams: { a: { guarantee: { gpu: 8 }, borrow_limit: 0 }, b: { guarantee: { gpu: 16 }, borrow_limit: 0 } }
    scheduling: { order: fifo, passing: strict }
  static:
    teams: { a: { guarantee: { gpu: 8 }, static: true }, b: { guarantee: { gpu: 16 }, static: true } }
    scheduling: { order: fifo, passing: strict }
END
plan static.yaml
awk '/^=>/ { exit }
     /^queue wait|^completion|^time  |^makespan|^GPU allocated/ {
         n = split($0, v, /  +/)
         if (n < 4 || v[2] != v[3] || v[3] != v[4]) { print; bad = 1 } else good++ }
     END { exit bad || good < 5 }' "$dir/out" || fail "static is not static"
grep -q "may have to wait for its guarantee" "$dir/out" && fail "warns of what nobody can borrow"

[ "$failures" -eq 0 ]
