#include "report/plot.h"
enum sp_status report_plot_print(FILE *out, const struct report_plot_terminal *terminal,
                                 const struct report_context *context,
                                 const char *gnuplot, bool *drawn, struct sp_err *err)
{
    (void)out;
    (void)terminal;
    (void)context;
    (void)gnuplot;
    (void)err;
    *drawn = false;
    return SP_OK;
}
