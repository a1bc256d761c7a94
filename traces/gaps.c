/* Mean and variance in exact sums. */
#include "traces/gaps.h"

#include <math.h>

#include "base/units.h"

struct trace_gaps trace_gaps_of(int64_t events, int64_t span_ns, sp_i128 squares_ns2)
{
    struct trace_gaps g = {.rate_per_s = NAN, .mean_s = NAN, .cv = NAN};
    int64_t gaps = events - 1;
    double variance_s2;

    if (span_ns == 0)
        return g;
    g.mean_s = sp_s_from_ns(span_ns) / (double)gaps;
    g.rate_per_s = (double)gaps / sp_s_from_ns(span_ns);
    if (gaps < 2)
        return g;
    variance_s2 =
        sp_double_from_i128(squares_ns2 - sp_i128_mul(span_ns, span_ns) / gaps) /
        (double)(gaps - 1) * 1e-18;
    g.cv = sqrt(fmax(variance_s2, 0)) / g.mean_s;
    return g;
}
