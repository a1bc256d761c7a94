/* OpenBLAS, loaded when a kernel needs it and kept apart: linked, its start would cost
 * every command some milliseconds and a thread per core, and which of two libraries
 * with the same names (GSL brings its own BLAS) answers would depend on the order of
 * linking.
 */
#ifndef CALIBRATE_OPENBLAS_H
#define CALIBRATE_OPENBLAS_H

#include "base/status.h"

struct cal_openblas {
    void *handle;                  /* NULL: not open */
    const char *(*config)(void);   /* version and how it was built */
    const char *(*corename)(void); /* the code path it chose */
    void (*sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                  const float *a, int lda, const float *b, int ldb, float beta,
                  float *c, int ldc); /* as cblas_sgemm */
};

/* cblas.h's names for what sgemm() is told. */
enum { CAL_BLAS_ROW_MAJOR = 101, CAL_BLAS_NO_TRANS = 111 };

/* Opens it, for one thread per call; any number may be open.  The environment variable
 * STAGEPLAN_OPENBLAS names another file than libopenblas.so.0.
 *   SP_EIO  it is not there, or lacks a function: which. */
SP_CHECKED enum sp_status cal_openblas_open(struct cal_openblas *blas,
                                            struct sp_err *err);
void cal_openblas_close(struct cal_openblas *blas);

#endif
