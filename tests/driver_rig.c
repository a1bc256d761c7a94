#include "tests/driver_rig.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct cal_memory {
    cu_ptr at;
};

void driver_load(struct driver *d, const char *path)
{
    *d = (struct driver){.library = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (d->library == NULL) {
        fprintf(stderr, "can't load the fake driver: %s\n", dlerror());
        exit(99);
    }
#define X(name, parameters)                                                            \
    *(void **)&d->name = dlsym(d->library, #name);                                     \
    if (d->name == NULL) {                                                             \
        fprintf(stderr, "the fake driver lacks %s\n", #name);                          \
        exit(99);                                                                      \
    }
    DRIVER_FUNCTIONS(X)
#undef X
}

int driver_start(struct driver *d)
{
    void *context = NULL;
    int code = d->cuInit(0);

    if (code == 0)
        code = d->cuDevicePrimaryCtxRetain(&context, 0);
    if (code == 0)
        code = d->cuCtxSetCurrent(context);
    if (code == 0)
        code = d->cuModuleLoadData(&d->module, "// nothing to look into");
    return code;
}

static bool has(void *self, const char *kernel)
{
    struct driver *d = self;
    void *function;

    return d->cuModuleGetFunction(&function, d->module, kernel) == 0;
}

static cal_memory *alloc(void *self, size_t bytes)
{
    struct driver *d = self;
    cal_memory *memory = sp_xcalloc(1, sizeof *memory);

    if (d->cuMemAlloc_v2(&memory->at, bytes) == 0)
        return memory;
    free(memory);
    return NULL;
}

static void free_memory(void *self, cal_memory *memory)
{
    struct driver *d = self;

    d->cuMemFree_v2(memory->at);
    free(memory);
}

static bool put(void *self, cal_memory *to, const void *from, size_t bytes)
{
    struct driver *d = self;

    return d->cuMemcpyHtoDAsync_v2(to->at, from, bytes, NULL) == 0 &&
           d->cuStreamSynchronize(NULL) == 0;
}

static bool get(void *self, void *to, cal_memory *from, size_t bytes)
{
    struct driver *d = self;

    return d->cuMemcpyDtoHAsync_v2(to, from->at, bytes, NULL) == 0 &&
           d->cuStreamSynchronize(NULL) == 0;
}

static bool launch(void *self, const char *kernel, const struct cal_grid *grid,
                   const struct cal_arg *args, int32_t n_args)
{
    struct driver *d = self;
    void *function, *at[12];
    struct cal_arg copy[12];

    for (int32_t i = 0; i < n_args; i++) {
        copy[i] = args[i];
        at[i] = args[i].kind == CAL_ARG_MEMORY ? (void *)&args[i].of.memory->at
                                               : (void *)&copy[i].of;
    }
    return d->cuModuleGetFunction(&function, d->module, kernel) == 0 &&
           d->cuLaunchKernel(function, grid->blocks[0], grid->blocks[1],
                             grid->blocks[2], grid->threads[0], grid->threads[1],
                             grid->threads[2], 0, NULL, at, NULL) == 0 &&
           d->cuStreamSynchronize(NULL) == 0;
}

struct device_rig driver_rig(struct driver *d)
{
    return (struct device_rig){.self = d,
                               .has = has,
                               .alloc = alloc,
                               .free = free_memory,
                               .put = put,
                               .get = get,
                               .launch = launch};
}
