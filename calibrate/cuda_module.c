/* Where the kernels' fat binary is; functions by name. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "calibrate/cuda_parts.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/stageplan"
#endif

enum { FATBIN_BYTES_MAX = 64 << 20 };

bool cal_symbols_find(void *library, const struct cal_symbol *symbols, size_t n,
                      void *functions, const char **missing)
{
    for (size_t i = 0; i < n; i++) {
        void *address = dlsym(library, symbols[i].name);

        /* A function's address comes as an object's: POSIX says that this is fine. */
        memcpy((char *)functions + i * sizeof address, &address, sizeof address);
        if (address == NULL && symbols[i].needed) {
            *missing = symbols[i].name;
            return false;
        }
    }
    return true;
}

static enum sp_status load(const char *path, struct sp_arena *arena, const void **image,
                           struct sp_err *err)
{
    FILE *in = fopen(path, "rb");
    char *bytes;
    long size;

    if (in == NULL)
        return sp_fail(err, SP_EINPUT, "the device kernels %s can't be read: %s", path,
                       strerror(errno));
    if (fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 16 ||
        size > FATBIN_BYTES_MAX || fseek(in, 0, SEEK_SET) != 0) {
        fclose(in);
        return sp_fail(err, SP_EINPUT, "%s holds no device kernels", path);
    }
    bytes = sp_arena_alloc(arena, (size_t)size + 1);
    if (fread(bytes, 1, (size_t)size, in) != (size_t)size) {
        fclose(in);
        return sp_fail(err, SP_EINPUT, "the device kernels %s can't be read", path);
    }
    fclose(in);
    *image = bytes;
    return SP_OK;
}

enum sp_status cal_cuda_fatbin(struct sp_arena *arena, const void **image,
                               struct sp_err *err)
{
    const char *named = getenv("STAGEPLAN_FATBIN");
    const char *folder = sp_path_program(arena), *beside = NULL;

    if (named != NULL && named[0] != '\0')
        return load(named, arena, image, err);
    if (folder != NULL)
        beside = sp_path_from(arena, folder, "calibrate/device/kernels.fatbin");
    if (beside != NULL && access(beside, R_OK) == 0)
        return load(beside, arena, image, err);
    if (access(PKGDATADIR "/kernels.fatbin", R_OK) == 0)
        return load(PKGDATADIR "/kernels.fatbin", arena, image, err);
    return sp_fail(
        err, SP_EINPUT,
        "no device kernels (%s/kernels.fatbin): built without the CUDA toolkit",
        PKGDATADIR);
}
