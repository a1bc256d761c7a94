#!/bin/sh
# An OpenCL device, PoCL where CI runs, from enumeration to profile to simulation.  How much
# of the plan fits in its time depends on the machine: what is asked of it is that what was
# measured is in the profile, reads again, and can be simulated.
set -u
LC_ALL=C NO_COLOR=1
export LC_ALL NO_COLOR
[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
failures=0
fail() { echo "FAILED: $1"; failures=$((failures + 1)); }

"$STAGEPLAN" calibrate --gpu --quick -o gpu.yaml >out 2>err
code=$?
if [ "$code" -ne 0 ]; then
    cat err
    grep -q 'nothing was measured' err || { echo "FAILED: exit $code"; exit 1; }
    echo "skipped: no accelerator, or no time to measure it"
    exit 77
fi
grep -q 'name: gpu0, kind: gpu' gpu.yaml || fail "gpu.yaml has no gpu0"
grep -q 'backend: opencl' gpu.yaml || { echo "skipped: the accelerator is not OpenCL's"; exit 77; }
grep -q 'stageplan_profile: 1' gpu.yaml || fail "gpu.yaml is no profile"
"$STAGEPLAN" calibrate --show gpu.yaml >shown || fail "gpu.yaml can't be read again"
tail -n +2 shown >a
sed '/^profile  /,$d' out | tail -n +2 >b
sed -i '$d' b # the blank line before it
head -n "$(wc -l <b)" a | cmp -s - b || fail "--show tells other than calibrate did"

# The first kernel measured over bytes, at its first point: 1,000 calls on one GPU take
# 1,000 times as long.
awk '/^  - name: / { name = $3 } /^    axis: / { axis = $2 }
    /^      - \{ x: / && axis == "bytes" { sub(",", "", $4); print name, $4, $6; exit }' \
    gpu.yaml | tr -d , >point
read -r kernel bytes seconds <point || { echo "skipped: nothing was measured over bytes"; exit 77; }
cat >scenario.yaml <<END
scenario: measured
profiles: gpu.yaml
fleet: { node: { cpu: 1, gpu: 1, price: 1 USD/h, count: 1 } }
workloads:
  work:
    kind: pipeline
    source: { items: 1000 }
    stages: { step: { gpu: 1, time: { kernel: $kernel, bytes: $bytes } } }
policies: { only: { work: { units: { gpu: { slots: { step: 1 } } } } } }
END
"$STAGEPLAN" run scenario.yaml --json result.json >out 2>err || fail "run: $(cat err)"
grep -q "kernel of step: $kernel on gpu0 of profile profile, measured" out ||
    fail "the kernel is not told: $(cat out)"
# each is rounded to a nanosecond
awk -v s="$seconds" -F '[ ,]+' '/"time_s"/ { d = $3 - 1000 * s; print d; ok = d < 1e-6 && d > -1e-6 }
    END { exit !ok }' result.json >off || fail "1,000 calls of $seconds s are off by '$(cat off)' s"
[ "$failures" -eq 0 ]
