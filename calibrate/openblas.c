/* The wrapper around OpenBLAS, with prototypes of our own. */
#include "calibrate/openblas.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum sp_status cal_openblas_open(struct cal_openblas *blas, struct sp_err *err)
{
    const char *named = getenv("STAGEPLAN_OPENBLAS");
    const char *file = named != NULL ? named : "libopenblas.so.0";
    struct cal_openblas found = {0};
    void (*set_threads)(int) = NULL;
    const struct {
        const char *name;
        void *to; /* a pointer to a function */
    } wanted[] = {
        {"openblas_get_config", &found.config},
        {"openblas_get_corename", &found.corename},
        {"openblas_set_num_threads", &set_threads},
        {"cblas_sgemm", &found.sgemm},
    };

    /* Once loaded it stays: its threads do not bear to be unloaded often. */
    found.handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (found.handle == NULL)
        return sp_fail(err, SP_EIO, "OpenBLAS is not there: %s", dlerror());
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        void *symbol = dlsym(found.handle, wanted[i].name);

        if (symbol == NULL) {
            dlclose(found.handle);
            return sp_fail(err, SP_EIO, "%s: no function %s, expected OpenBLAS", file,
                           wanted[i].name);
        }
        memcpy(wanted[i].to, &symbol, sizeof symbol);
    }
    set_threads(1);
    *blas = found;
    return SP_OK;
}

void cal_openblas_close(struct cal_openblas *blas)
{
    if (blas->handle != NULL)
        dlclose(blas->handle);
    blas->handle = NULL;
}
