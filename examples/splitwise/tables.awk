# Splitwise's perf_model.csv as a table of iteration times: phase,batch,tokens,ms.
#
#   awk -v model=llama2-70b -v hardware=h100-80gb [-v simulator=1] -f tables.awk FILE
#
# Medians of the repeats.  A prompt iteration by its tokens (prompt size x batch size).  A
# decode iteration by its sequences, at prompt size 512; with `simulator` by what
# splitwise-sim reads there: the number of sequences is looked up among tokens, which begin
# at 128, and the line through the first two goes on below.
BEGIN { FS = "," }
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
$at["model"] == model && $at["hardware"] == hardware && $at["tensor_parallel"] == 8 {
    tokens = $at["prompt_size"] * $at["batch_size"]
    add("p" tokens, $at["prompt_time"])
    if (simulator)
        add("t" tokens, $at["token_time"])
    else if ($at["prompt_size"] == 512)
        add("t" $at["batch_size"], $at["token_time"])
}
function add(key, value) { times[key, ++count[key]] = value + 0 }
function median(key,    n, i, j, v) {
    n = count[key]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && times[key, j - 1] > times[key, j]; j--) {
            v = times[key, j]; times[key, j] = times[key, j - 1]; times[key, j - 1] = v
        }
    return (times[key, int((n + 1) / 2)] + times[key, int(n / 2) + 1]) / 2
}
# Rising numbers of the keys that begin with `letter`.
function axis(letter, xs,    key, n, i, j, v) {
    n = 0
    for (key in count)
        if (substr(key, 1, 1) == letter) {
            v = substr(key, 2) + 0
            for (j = n++; j > 0 && xs[j] > v; j--) xs[j + 1] = xs[j]
            xs[j + 1] = v
        }
    return n
}
END {
    print "phase,batch,tokens,ms"
    n = axis("p", xs)
    for (i = 1; i <= n; i++) printf "prefill,1,%d,%.9g\n", xs[i], median("p" xs[i])
    n = axis("t", ys)
    if (simulator) {
        a = median("t" ys[1]); b = median("t" ys[2])
        for (batch = 1; batch <= 128; batch += 127)
            printf "decode,%d,1,%.9g\n", batch, a + (b - a) * (batch - ys[1]) / (ys[2] - ys[1])
        i = 1
        while (ys[i] <= 128) i++
        for (; i <= n; i++) printf "decode,%d,1,%.9g\n", ys[i], median("t" ys[i])
    } else
        for (i = 1; i <= n; i++) printf "decode,%d,1,%.9g\n", ys[i], median("t" ys[i])
}
