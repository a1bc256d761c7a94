/* Welford's sums. */
#include "model/stat.h"

#include <math.h>

#include "base/gsl.h"

struct model_stat model_stat_of(const double *values, int32_t n)
{
    double mean = 0, m2 = 0;
    int32_t count = 0;

    for (int32_t i = 0; i < n; i++) {
        double delta = values[i] - mean;

        if (isnan(values[i]))
            continue;
        count++;
        mean += delta / count;
        m2 += delta * (values[i] - mean);
    }
    if (count == 0)
        return (struct model_stat){NAN, NAN};
    if (count == 1)
        return (struct model_stat){mean, NAN};
    return (struct model_stat){mean, sp_gsl_student_t_quantile(0.975, count - 1) *
                                         sqrt(m2 / (count - 1) / count)};
}

bool model_stat_differs(struct model_stat difference)
{
    return fabs(difference.mean) > difference.half95;
}
