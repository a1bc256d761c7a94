#!/bin/sh
# stageplan trace info, from outside: exit codes, what goes where, and the messages.
set -u
LC_ALL=C
export LC_ALL
unset NO_COLOR

if [ ! -x "${STAGEPLAN:-}" ]; then
    echo "skipped: no stageplan binary (STAGEPLAN names it)"
    exit 77
fi

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/  out| /' "$dir/out"
    sed 's/^/  err| /' "$dir/err"
    failures=$((failures + 1))
}

# run WANTED_CODE ARGUMENTS...: in $dir, so that paths in messages are short
run() {
    wanted=$1
    shift
    (cd "$dir" && "$STAGEPLAN" "$@" >out 2>err)
    code=$?
    name="stageplan $*"
    [ "$code" -eq "$wanted" ] || fail "$name: exit $code, expected $wanted"
}

out_has() { grep -qF -e "$1" "$dir/out" || fail "$name: no '$1' on stdout"; }
err_is() {
    printf '%s\n' "stageplan: $1" >"$dir/want"
    cmp -s "$dir/want" "$dir/err" || fail "$name: stderr is not '$1'"
    [ ! -s "$dir/out" ] || fail "$name: a failure wrote to stdout"
}

printf 'arrival_s,bytes,frames\n0,100,7\n0.5,200,300\n2,0,9\n' >"$dir/good.csv"
printf 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109' >"$dir/azure.csv"

run 0 trace info good.csv
out_has 'format      csv, plain, 49 bytes'
out_has 'rows        3 in 2 s'
out_has 'frames                     7     105.3         9       300       300       300'
out_has 'odd         rows with bytes 0: 1'
[ ! -s "$dir/err" ] || fail "$name: wrote to stderr"
grep -q "$(printf '\033')" "$dir/out" && fail "$name: escapes in a pipe"
[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$dir/out")" -le 80 ] ||
    fail "$name: wider than 80 columns"

run 0 trace info azure.csv
out_has 'azure-2023, plain'
out_has 'lines end with CR LF'
run 0 trace info --format azure-2023 azure.csv
run 0 trace info --json good.csv
out_has '"rows": 3'
out_has '"span_s": 2'
cp "$dir/out" "$dir/first"
run 0 trace info good.csv --json
cmp -s "$dir/first" "$dir/out" || fail "$name: a second run prints something else"

run 0 trace --help
out_has 'usage: stageplan trace'
for format in auto csv azure-2023 azure-2024 burstgpt mooncake serving-jsonl; do
    out_has "$format"
done

# the scenario's parser and the reader know the same formats
cat >"$dir/words.yaml" <<'EOF'
scenario: words
fleet: { node: { cpu: 1, price: 1, count: 1 } }
workloads:
  w:
    kind: pipeline
    source: { trace: good.csv, format: FORMAT }
    stages: { only: { cpu: 1, time: 1s } }
policies:
  p: { w: { bundle: together, size: { items_per_s: 1 } } }
EOF
names=$("$STAGEPLAN" trace info --format nonsense "$dir/good.csv" 2>&1 |
    sed 's/.*expected one of //; s/;.*//; s/,//g')
[ "$(echo "$names" | wc -w)" -ge 7 ] || fail "formats: only '$names'"
for format in $names; do
    sed "s/FORMAT/$format/" "$dir/words.yaml" >"$dir/one.yaml"
    (cd "$dir" && "$STAGEPLAN" run one.yaml >out 2>err)
    grep -q "format:" "$dir/err" && fail "format $format: unknown to the scenario"
done
sed "s/FORMAT/nonsense/" "$dir/words.yaml" >"$dir/one.yaml"
(cd "$dir" && "$STAGEPLAN" run one.yaml >out 2>err)
for format in $(sed -n 's/.*expected one of //p' "$dir/err" | sed 's/;.*//; s/,//g'); do
    case " $names " in
    *" $format "*) ;;
    *) fail "format $format: unknown to the reader" ;;
    esac
done

if command -v gzip >/dev/null; then
    gzip -c "$dir/good.csv" >"$dir/good.dat"
    run 0 trace info good.dat
    out_has 'csv, gzip'
    out_has '(49 unpacked)'
    head -c 40 "$dir/good.dat" >"$dir/short.gz"
    run 2 trace info short.gz
    err_is 'short.gz: truncated gzip data: the file ends at byte 40 in the middle of a compressed frame'
fi

run 2 trace
err_is "trace: what to do is missing, expected 'info FILE', 'fit FILE', 'convert FILE' or 'generate'; try 'stageplan trace --help'"
run 2 trace info good.csv --rate 5/s
err_is "trace info: --rate does not go with it; try 'stageplan trace --help'"
run 2 trace inof good.csv
err_is "trace: unknown command 'inof', did you mean 'info'?"
run 2 trace info
err_is "trace info: found 0 files, expected one; try 'stageplan trace --help'"
run 2 trace info good.csv azure.csv
err_is "trace info: found 2 files, expected one; try 'stageplan trace --help'"
run 2 trace info --format azure-2032 good.csv
err_is "unknown trace format 'azure-2032', expected one of auto, azure-2023, azure-2024, burstgpt, mooncake, serving-jsonl, csv; did you mean 'azure-2023'?"
run 1 trace info missing.csv
err_is 'missing.csv: can'\''t be opened: No such file or directory'

# ---- info of what is no trace of requests ----
narrow() {
    [ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$dir/out")" -le 80 ] ||
        fail "$name: wider than 80 columns"
}
printf 'arrival_s,duration_s,gpus,team\n0,60,1,red\n30,60,8,blue\n600,30,1,red\n' >"$dir/jobs.csv"
printf 'node,cpus,gpus,gpu_model,memory_gib\nn1,64,4,A100,256\nn2,32,0,,128\n' >"$dir/nodes.csv"
printf '{"metadata": {"gap_seconds": 60}, "data": [0, 2, 2, 1]}' >"$dir/spot.json"
printf 'minute,red_run_gpus,red_pend_gpus,blue_run_gpus\n0,3,1,0\n1,0,0,4\n' >"$dir/demand.csv"
run 0 trace info jobs.csv
out_has 'format      jobs, csv, plain, 68 bytes'
out_has 'jobs        3 in 10m, 3 with GPUs'
out_has "sum of the teams'"
out_has 'GPUs wanted'
out_has 'jobs.csv: does not say'
narrow
run 0 trace info jobs.csv --fleet nodes.csv
out_has "jobs.csv:3: a job has members that fit on no node of the fleet and never runs:"
run 0 trace info nodes.csv
out_has 'sum         2 nodes, 4 GPUs, 96 CPUs'
narrow
run 0 trace info spot.json
out_has 'there       any 75.0 % of the time, all 2 50.0 %, mean 1.25'
narrow
run 0 trace info demand.csv
tr -s ' ' <"$dir/out" >"$dir/squeezed"
grep -qx "sum of the teams' 4 8 8 8" "$dir/squeezed" || fail "$name: not the teams' peaks"
grep -qx 'of their sum 4 4 4 4 4' "$dir/squeezed" || fail "$name: not the peak of the sum"
narrow
for file in jobs.csv nodes.csv spot.json demand.csv; do
    run 0 trace info --json $file
    out_has '"kind": "'
done
run 2 trace info nodes.csv --fleet nodes.csv
err_is "trace info: --fleet goes with a trace of jobs only; try 'stageplan trace --help'"
run 2 trace info jobs.csv --fleet jobs.csv
grep -q '^stageplan: jobs.csv:1: not a list of nodes' "$dir/err" || fail "$name: $(cat "$dir/err")"
printf 'node,cpus,gpus\nn1,64,4\nn1,64,4\n' >"$dir/twice.csv"
run 2 trace info twice.csv
err_is "twice.csv:3:1: found 'n1', expected each node once"

# ---- generate ----
run 0 trace generate --rate 20/s --requests 2000 --prompt-tokens lognormal:1000,0.8 --output-tokens 7
cp "$dir/out" "$dir/made.csv"
out_has 'arrival_s,prompt_tokens,output_tokens'
[ "$(wc -l <"$dir/out")" -eq 2001 ] || fail "$name: $(wc -l <"$dir/out") lines, expected 2001"
run 0 trace generate --rate 20/s --requests 2000 --prompt-tokens lognormal:1000,0.8 \
    --output-tokens 7 --seed 1 -o again.csv
[ ! -s "$dir/out" ] || fail "$name: wrote to stdout beside the file"
cmp -s "$dir/made.csv" "$dir/again.csv" || fail "$name: the same seed makes another trace"
run 0 trace generate --rate 20/s --requests 2000 --prompt-tokens lognormal:1000,0.8 \
    --output-tokens 7 --seed 2
cmp -s "$dir/made.csv" "$dir/out" && fail "$name: another seed makes the same trace"
run 0 trace generate --arrivals diurnal --amplitude 50% --period 1h --peak 15m --rate 60/min --for 2h
run 0 trace generate --arrivals gamma --cv 2 --rate 5/s --for 10m --rows-of made.csv
out_has ',7'
run 2 trace generate --for 1h
err_is 'trace generate: --rate is missing, expected one such as 10/s'
run 2 trace generate --rate 5/s
err_is 'trace generate: the trace never ends, expected --for, --requests or both'
run 2 trace generate --rate 5/s --for 1h --arrivals gamma
err_is 'trace generate: --cv is missing, which goes with --arrivals gamma'
run 2 trace generate --rate 5/s --for 1h --cv 2
err_is 'trace generate: --cv goes with --arrivals gamma, found poisson'
run 2 trace generate --rate 5/s --for 1h --arrivals weekly
err_is "trace generate: --arrivals: found 'weekly', expected one of poisson, constant, gamma, diurnal"
run 2 trace generate --rate 5/s --for 1 --arrivals constant
grep -q "^stageplan: trace generate: --for: .*'1'" "$dir/err" || fail "$name: $(cat "$dir/err")"
run 2 trace generate --rate 5/s --for 1h --prompt-tokens 5 --rows-of made.csv
err_is 'trace generate: --prompt-tokens does not go with --rows-of, which brings all lengths'
run 2 trace generate --rate 5/s --for 1h extra
err_is "trace generate: found 1 files, expected none; try 'stageplan trace --help'"
run 2 trace generate --rate 1/h --for 1ms -o nothing.csv
[ ! -e "$dir/nothing.csv" ] || fail "$name: left a file behind"
run 1 trace generate --rate 5/s --for 1h -o none/such.csv
err_is "none/such.csv: can't be written: No such file or directory"
if [ -w /dev/full ]; then
    run 1 trace generate --rate 5/s --for 1h -o /dev/full
    err_is "/dev/full: can't be written"
fi

# ---- fit: the command line that it prints makes a trace that is fitted the same way ----
run 0 trace fit made.csv
out_has 'arrivals poisson'
out_has '--output-tokens 7'
out_has 'prompt_tokens: { dist: lognormal, mean: '
[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$dir/out")" -le 80 ] ||
    fail "$name: wider than 80 columns"
{
    printf '%s' "cd '$dir' && "
    sed -n "/^  stageplan trace generate/,/^$/s|^  stageplan|'$STAGEPLAN'|p; /^    --/p" "$dir/out"
} >"$dir/printed.sh"
sh "$dir/printed.sh" >"$dir/remade.csv" || fail "$name: its command line does not run"
run 0 trace fit remade.csv
out_has '--output-tokens 7'
run 0 trace generate --arrivals gamma --cv 1.7 --rate 5/s --requests 3000 -o times.csv
run 0 trace fit times.csv
{
    printf 'scenario: fitted\nfleet: { node: { cpu: 8, price: 1, count: 1 } }\nworkloads:\n'
    printf '  w:\n    kind: pipeline\n'
    sed -n '/^  source:/,$s/^/  /p' "$dir/out"
    printf '    stages: { only: { cpu: 1, time: 10ms } }\n'
    printf 'policies:\n  p: { w: { bundle: together, size: { items_per_s: 50 } } }\n'
} >"$dir/fitted.yaml"
run 0 run fitted.yaml --brief
run 2 trace fit good.csv
err_is 'good.csv: found 3 rows in 2 s, expected at least 10 at several times: nothing can be fitted'

# ---- convert: our CSV holds what the other form held ----
printf '{"timestamp":5,"input_length":600,"output_length":5,"hash_ids":[0,1]}\n{"timestamp":3005.5,"input_length":9,"output_length":1,"hash_ids":[7]}\n' >"$dir/moon.jsonl"
run 0 trace convert moon.jsonl
printf 'arrival_s,prompt_tokens,output_tokens,hash_ids_512\n0,600,5,0 1\n3.0005,9,1,7\n' >"$dir/want"
cmp -s "$dir/want" "$dir/out" || fail "$name: not as expected"
cp "$dir/out" "$dir/moon.csv"
run 0 trace convert moon.csv
cmp -s "$dir/want" "$dir/out" || fail "$name: not the same again"
run 0 trace info moon.jsonl
out_has '3 blocks of 512 prompt tokens, 3 distinct'
printf '{"timestamp":5,"input_length":600,"output_length":5}\n' >"$dir/bare.jsonl"
run 2 trace convert bare.jsonl -o bare.csv
err_is "bare.jsonl:1: the key 'hash_ids' is missing"
[ ! -e "$dir/bare.csv" ] || fail "$name: left a file behind"
run 2 trace info bare.jsonl
err_is "bare.jsonl:1: the key 'hash_ids' is missing"

: >"$dir/empty.csv"
run 2 trace info empty.csv
err_is 'empty.csv: the file is empty, expected a header line'
echo 'arrival_s,frames' >"$dir/header.csv"
run 2 trace info header.csv
err_is 'header.csv: the trace is empty: a header line and no rows, expected at least one row'
printf 'arrival_s,frames\n1,2\n0.25,3\n' >"$dir/back.csv"
run 2 trace info back.csv
err_is 'back.csv:3: column arrival_s: the time goes backwards: found one 0.750000000 s before the row above, expected rows sorted by time'
awk 'BEGIN { print "arrival_s,frames"
    for (line = 2; line <= 50000; line++)
        print line == 40000 ? line ",-3" : line ",7" }' >"$dir/long.csv"
run 2 trace info long.csv
err_is "long.csv:40000: column frames: found '-3', expected a whole number, 0 or more"

# ---- convert: jobs ----
printf 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,creation_time,deletion_time,scheduled_time\np1,4000,1024,8,1000,V100M16|T4,LS,7,20,8\np0,500,1,1,460,,BE,5.5,,6\np2,500,1,1,1200,,BE,9,10,\n' >"$dir/pods.csv"
run 0 trace convert pods.csv
printf 'job,arrival_s,duration_s,members,gpu,cpu,memory_bytes,priority,preemptible,gpu_models\np0,0,never,1,0.46,0.5,1048576,0,true,\np1,1.5,12,1,8,4,1073741824,2,false,V100M16|T4\np2,3.5,1,1,1,0.5,1048576,0,true,\n' >"$dir/want"
cmp -s "$dir/want" "$dir/out" || fail "$name: not as expected"
printf '%s\n' 'stageplan: pods.csv: shares above one GPU, cut to one: 1' \
    'stageplan: pods.csv: jobs that never started, as long as they were there: 1' \
    'stageplan: pods.csv: its rows were not in order of arrival' >"$dir/want"
cmp -s "$dir/want" "$dir/err" || fail "$name: stderr not as expected"
cp "$dir/out" "$dir/jobs.csv"
run 0 trace convert --format csv jobs.csv
cmp -s "$dir/jobs.csv" "$dir/out" || fail "$name: not the same again"
[ ! -s "$dir/err" ] || fail "$name: wrote to stderr"
awk 'BEGIN { print "arrival_s,duration_s,gpu"
    for (line = 2; line <= 50000; line++)
        print line == 40000 ? line ",-3,1" : line ",7,1" }' >"$dir/long.csv"
run 2 trace convert long.csv -o bad.csv
err_is "long.csv:40000: column duration_s: found '-3', expected 0 or more seconds, at most 100 years"
[ ! -e "$dir/bad.csv" ] || fail "$name: left a file behind"
run 2 trace convert --format openb jobs.csv
err_is "jobs.csv:1: no column 'name' for a trace of format openb: found the header 'job,arrival_s,duration_s,members,gpu,cpu...'"

# ---- generate: jobs ----
run 0 trace generate --rate 60/h --for 3h --job 'gpu=8 duration=lognormal:1h,2 team=a share=3' \
    --job 'gpu=0.5 cpu=4 memory=16Gi duration=exponential:10m preemptible=true'
cp "$dir/out" "$dir/made.csv"
out_has 'job,arrival_s,duration_s,members,gpu,cpu,memory_bytes,team,preemptible'
run 0 trace convert made.csv
[ "$(cut -d, -f1,3- "$dir/out")" = "$(cut -d, -f1,3- "$dir/made.csv")" ] ||
    fail "$name: not the jobs that were made"
run 0 trace generate --rate 60/h --for 3h --job 'gpu=8 duration=lognormal:1h,2 team=a share=3' \
    --job 'gpu=0.5 cpu=4 memory=16Gi duration=exponential:10m preemptible=true' --seed 1
cmp -s "$dir/made.csv" "$dir/out" || fail "$name: the same seed makes other jobs"
run 2 trace generate --rate 1/s --for 10s --job 'gpu=8'
err_is "trace generate: --job: found no duration, expected one such as duration=1h, duration=exponential:1h, duration=lognormal:1h,2 or duration=never"
run 2 trace generate --rate 1/s --for 10s --job 'gpu=8 duration=1h' --prompt-tokens 5
err_is "trace generate: --job does not go with lengths of requests"

# the page's example is one
awk '/^### Our own CSV of jobs/ { on = 1 } on && /^```/ { n++; next } on && n == 1' \
    "$SRCDIR/docs/traces.md" >"$dir/page.csv"
run 0 trace convert page.csv
out_has 'notebook,12.5,never,1,0.25,4,17179869184,search,,,,,'

[ "$failures" -eq 0 ]
