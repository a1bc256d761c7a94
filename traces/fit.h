/* The generator that resembles a trace: which process its arrivals follow, which law
 * its lengths, and how far each is from the trace.
 *
 * Distances are Kolmogorov and Smirnov's: the largest difference between the share of
 * rows (of gaps) at or below a value and the law's probability of one.  They tell how
 * much is wrong, not whether chance explains it: in a trace of a million rows every
 * difference is significant and most do not matter.
 *
 * A time in steps of r stands for any within r/2 of it, and a gap counts as spread
 * evenly over the probabilities of those.
 *
 * Arrivals.  The gamma's shape is that of largest likelihood, or, where rows arrive at
 * the same time, 1 / CV^2 (a gap of 0 has no logarithm).  A diurnal rate is fitted by
 * the first harmonic of the arrival times over whole periods: amplitude 2R/n and the
 * phase of the resultant R.  Lengths.  The lognormal of largest likelihood of the rows
 * above 0; distances at the bins' tops of a histogram within 1/128 of a length.
 *
 * Three passes over the file, constant memory.
 */
#ifndef TRACES_FIT_H
#define TRACES_FIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "model/scenario.h"

enum { TRACE_FIT_QUANTILES = 100, TRACE_FIT_ROWS_MIN = 10, TRACE_FIT_SIZES = 2 };

/* Distances: up to GOOD a law is proposed as it is, up to FAIR with a word of warning,
 * beyond the trace's own values are. */
#define TRACE_FIT_GOOD 0.05
#define TRACE_FIT_FAIR 0.10

enum trace_fit_law { TRACE_FIT_CONSTANT, TRACE_FIT_LOGNORMAL, TRACE_FIT_EMPIRICAL };

struct trace_fit_length {
    char name[MODEL_NAME_MAX + 1];
    enum trace_fit_law law; /* what is proposed */
    double mean, cv;        /* of the rows */
    int64_t zeros;
    /* The lognormal, with standard errors; NaN where all lengths are the same or 0. */
    double mu, sigma, fit_mean, fit_mean_se, fit_cv, fit_cv_se, distance;
    int64_t quantiles[TRACE_FIT_QUANTILES]; /* of the levels (i + 1/2) / their number */
};

struct trace_fit_arrivals {
    enum model_source_kind kind; /* what is proposed */
    double rate_per_s, rate_se;
    double gap_cv;        /* of the gaps */
    double cv, cv_se;     /* of the gamma */
    bool by_moments;      /* not by likelihood */
    int64_t simultaneous; /* gaps of 0 */
    int64_t
        resolution_ns; /* all times are multiples of it: a power of ten, at most 1 s */
    double poisson_distance, gamma_distance;
    int64_t periods; /* whole ones within the span; 0: nothing below is set */
    double period_s, amplitude, amplitude_se, peak_s, peak_se_s, diurnal_distance;
    /* Counts in the widest windows of which there are ten: their index of dispersion,
     * and what the proposed process has.  NaN: none. */
    double window_s, dispersion, dispersion_expected;
};

struct trace_fit {
    const char *path; /* the caller's */
    int64_t rows, span_ns;
    struct trace_fit_arrivals arrivals;
    int32_t n_sizes; /* prompt_tokens and output_tokens, those that there are */
    struct trace_fit_length sizes[TRACE_FIT_SIZES];
    double correlation; /* of the two logarithms; NaN: not two */
};

/* Reads the trace; a diurnal rate is looked for with this period.
 *   SP_EINPUT  fewer than TRACE_FIT_ROWS_MIN rows, or all at one time.
 * Else fails as trace_info_read() does. */
SP_CHECKED enum sp_status trace_fit_read(const char *path, const char *format,
                                         double period_s, struct trace_fit *fit,
                                         struct sp_err *err);

/* For people: the fits, the command line that makes such a trace, and the same for a
 * scenario. */
void trace_fit_print(const struct trace_fit *fit, FILE *out);

#endif
