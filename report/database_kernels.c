/* Rows of calibrated kernels. */
#include "report/database_parts.h"

static void add_kernel(struct report_database *d, int64_t workload, int32_t id,
                       const struct model_kernel_asked *k)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_KERNELS);
    const double figures[] = {k->x_least,       k->x_most,       k->known_least,
                              k->known_most,    k->cores_most,   k->known_cores,
                              k->slowdown_most, k->slowdown_low, k->slowdown_high,
                              k->sd_frac};

    report_insert_int(to, workload);
    report_insert_int(to, id);
    report_database_put_text(d, to, k->stage);
    report_insert_int(to, k->fused);
    report_database_put_text(d, to, k->kernel);
    report_database_put_text(d, to, k->device);
    report_database_put_text(d, to, k->profile);
    report_insert_text(to, model_basis_name(k->basis));
    report_database_put_text(d, to, k->axis);
    report_insert_int(to, k->by_features);
    report_insert_int(to, k->converged);
    report_insert_int(to, k->calls);
    report_insert_int(to, k->extrapolated);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        report_insert_real(to, figures[i]);
    report_insert_done(to);
}

void report_database_add_kernels(struct report_database *d, int64_t workload,
                                 const struct model_workload_result *w)
{
    for (int32_t i = 0; i < w->n_kernels; i++)
        add_kernel(d, workload, i, &w->kernels[i]);
}
