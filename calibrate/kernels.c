/* The table of kernels. */
#include "calibrate/kernels.h"

#include <stddef.h>
#include <string.h>

const struct cal_kernel *const cal_kernels[] = {
    &cal_kernel_jpeg_decode,
    &cal_kernel_resize,
    &cal_kernel_bpe_tokenise,
    &cal_kernel_zstd_decompress,
    &cal_kernel_json_parse,
    &cal_kernel_hash,
    &cal_kernel_memcpy,
    &cal_kernel_triad,
    &cal_kernel_sgemm,
    &cal_kernel_handoff,
    NULL,
};

const struct cal_kernel *cal_kernel_find(const char *name)
{
    for (int32_t i = 0; cal_kernels[i] != NULL; i++)
        if (strcmp(cal_kernels[i]->name, name) == 0)
            return cal_kernels[i];
    return NULL;
}
