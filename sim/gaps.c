/* A line's buckets are runs of its index, its sum of floors is the classic one by
 * Euclid's algorithm.
 */
#include "sim/gaps.h"

#include "base/status.h"
#include "model/iteration.h"

/* Sum of floor((a i + b) / m), i = 0 .. n - 1, for 0 <= a, b and 0 < m.  Each round
 * swaps a and m as Euclid does, so there are O(log m) of them. */
static sp_i128 floor_sum(sp_i128 n, sp_i128 m, sp_i128 a, sp_i128 b)
{
    sp_i128 sum = 0;

    while (n > 0) {
        sp_i128 top;

        sum += a / m * (n * (n - 1) / 2) + b / m * n;
        a %= m;
        b %= m;
        top = a * n + b;
        n = top / m;
        b = top % m;
        top = m;
        m = a;
        a = top;
    }
    return sum;
}

/* The same where every number, and a n + b, is below 2^63: divisions of 64 bits. */
static sp_i128 floor_sum_short(int64_t n, int64_t m, int64_t a, int64_t b)
{
    sp_i128 sum = 0;

    while (n > 0) {
        int64_t top, old = m;

        sum += sp_i128_mul(a / m, n) * (n - 1) / 2 + sp_i128_mul(b / m, n);
        a %= m;
        b %= m;
        top = a * n + b;
        n = top / m;
        b = top % m;
        m = a;
        a = old;
    }
    return sum;
}

sp_i128 sim_gaps_floor_sum(int64_t first, int64_t step, int64_t count, int bits)
{
    const int64_t unit = (int64_t)1 << bits;
    sp_i128 whole;

    if (count <= 0)
        return 0;
    if (step == 0)
        return sp_i128_mul(first >> bits, count);
    if (step < 0) { /* from its last term on */
        first += step * (count - 1);
        step = -step;
    }
    whole = sp_i128_mul(first >> bits, count) +
            sp_i128_mul(step >> bits, count) * (count - 1) / 2;
    first &= unit - 1;
    step &= unit - 1;
    if (count < (int64_t)1 << (62 - bits))
        return whole + floor_sum_short(count, unit, step, first);
    return whole + floor_sum(count, unit, step, first);
}

/* The first time, in nanoseconds, past the bucket of `ns`. */
static int64_t bucket_end(int64_t ns)
{
    int shift;

    if (ns < 256)
        return ns + 1;
    shift = 63 - __builtin_clzll((uint64_t)ns) - SIM_HIST_SUB_BITS;
    return ((ns >> shift) + 1) << shift;
}

/* A line that does not fall. */
static void fill_buckets(struct sim_histogram *h, int64_t first, int64_t step,
                         int64_t count, int64_t times)
{
    for (int64_t i = 0; i < count;) {
        int64_t ns = (first + i * step) >> MODEL_TICK_BITS, next = count;

        if (step > 0) {
            sp_i128 end = (sp_i128)bucket_end(ns) << MODEL_TICK_BITS;
            sp_i128 past = (end - first + step - 1) / step;

            next = past < count ? (int64_t)past : count;
        }
        h->buckets[sim_histogram_bucket(ns)] += (uint64_t)((next - i) * times);
        i = next;
    }
}

void sim_gaps_add_line(struct sim_histogram *h, int64_t first, int64_t step,
                       int64_t count, int64_t times)
{
    int64_t last = first + step * (count - 1), least, most;

    if (count <= 0 || times <= 0)
        return;
    sp_assert(first >= 0 && last >= 0);
    least = step < 0 ? last : first;
    most = step < 0 ? first : last;
    fill_buckets(h, least, step < 0 ? -step : step, count, times);
    least >>= MODEL_TICK_BITS;
    most >>= MODEL_TICK_BITS;
    h->min_ns = least < h->min_ns ? least : h->min_ns;
    h->max_ns = most > h->max_ns ? most : h->max_ns;
    h->count += (uint64_t)(count * times);
    h->sum_ns += sim_gaps_floor_sum(first, step, count, MODEL_TICK_BITS) * times;
}
