/* The CUDA driver behind calibrate/device.h, found at run time: opening it, its memory,
 * its devices. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/cuda_api.h"
#include "calibrate/cuda_device.h"
#include "calibrate/cuda_parts.h"

enum { VERSION_LEAST = 11000 };

static const struct cal_symbol symbols[] = {
#define X(needed, name, parameters) {#name, needed},
    CAL_CUDA_FUNCTIONS(X)
#undef X
};
_Static_assert(sizeof(struct cal_cuda_api) ==
                   sizeof symbols / sizeof symbols[0] * sizeof(void *),
               "a pointer a symbol");

/* ---- what the driver says ---- */

/* "CUDA_ERROR_OUT_OF_MEMORY: out of memory", in buf (returned). */
static char *words(const struct cal_cuda_api *cu, int code, char *buf, size_t size)
{
    const char *name = NULL, *text = NULL;

    if (cu->cuGetErrorName == NULL || cu->cuGetErrorName(code, &name) != 0 ||
        name == NULL) {
        snprintf(buf, size, "error %d", code);
        return buf;
    }
    if (cu->cuGetErrorString != NULL)
        (void)cu->cuGetErrorString(code, &text);
    snprintf(buf, size, "%s%s%s", name, text != NULL ? ": " : "",
             text != NULL ? text : "");
    return buf;
}

enum sp_status cal_cuda_check(struct cal_device *d, int code, const char *what,
                              struct sp_err *err)
{
    char text[200];

    if (code == CAL_CU_SUCCESS)
        return SP_OK;
    return sp_fail(err, SP_EIO, "%s: %s", what, words(&d->cu, code, text, sizeof text));
}

/* ---- opening ---- */

static enum cal_device_state state_of(int code)
{
    switch (code) {
    case CAL_CU_STUB_LIBRARY:
        return CAL_DEVICE_STUB;
    case CAL_CU_INSUFFICIENT_DRIVER:
    case CAL_CU_SYSTEM_DRIVER_MISMATCH:
        return CAL_DEVICE_OLD_DRIVER;
    case CAL_CU_NO_DEVICE:
        return CAL_DEVICE_NO_DEVICE;
    default:
        return CAL_DEVICE_BROKEN;
    }
}

/* Asks for version and devices. */
static enum cal_device_state begin(struct cal_device *d, const char **why)
{
    char text[200];
    int code = d->cu.cuInit(0);

    if (code == CAL_CU_SUCCESS)
        code = d->cu.cuDriverGetVersion(&d->version);
    if (code == CAL_CU_SUCCESS && d->version < VERSION_LEAST) {
        *why = sp_arena_printf(d->arena, "it is of CUDA %d.%d, expected %d.%d or newer",
                               d->version / 1000, d->version % 1000 / 10,
                               VERSION_LEAST / 1000, VERSION_LEAST % 1000 / 10);
        return CAL_DEVICE_OLD_DRIVER;
    }
    if (code == CAL_CU_SUCCESS)
        code = d->cu.cuDeviceGetCount(&d->count);
    if (code == CAL_CU_SUCCESS && d->count > 0)
        return CAL_DEVICE_OK;
    if (code == CAL_CU_SUCCESS)
        code = CAL_CU_NO_DEVICE;
    *why = sp_arena_strdup(d->arena, words(&d->cu, code, text, sizeof text));
    return state_of(code);
}

static void leave(struct cal_device *d)
{
    if (d->workspace != 0)
        d->cu.cuMemFree_v2(d->workspace);
    d->workspace = 0;
    cal_cublaslt_close(d->lt);
    d->lt = NULL;
    d->n_functions = 0;
    if (d->module != NULL)
        d->cu.cuModuleUnload(d->module);
    d->module = NULL;
    if (d->context != NULL)
        d->cu.cuDevicePrimaryCtxRelease_v2(d->device);
    d->context = NULL;
}

static void close_device(struct cal_device *d)
{
    if (d == NULL)
        return;
    leave(d);
    cal_nvml_close(d->nvml);
    dlclose(d->library);
    free(d);
}

static enum cal_device_state open_device(struct sp_arena *arena,
                                         struct cal_device **device, const char **why)
{
    const char *named = getenv(cal_cuda.env), *missing = NULL, *no_nvml = NULL;
    void *library =
        dlopen(named != NULL && named[0] != '\0' ? named : cal_cuda.library, RTLD_NOW);
    enum cal_device_state state;
    struct cal_device *d;

    if (library == NULL) {
        *why = sp_arena_strdup(arena, dlerror());
        return CAL_DEVICE_NO_DRIVER;
    }
    d = sp_xcalloc(1, sizeof *d);
    *d = (struct cal_device){.library = library, .arena = arena, .device = -1};
    if (!cal_symbols_find(library, symbols, sizeof symbols / sizeof symbols[0], &d->cu,
                          &missing)) {
        *why = sp_arena_printf(arena, "it has no %s", missing);
        state = CAL_DEVICE_OLD_DRIVER;
    } else {
        state = begin(d, why);
    }
    if (state != CAL_DEVICE_OK) {
        close_device(d);
        return state;
    }
    d->nvml = cal_nvml_open(arena, &no_nvml);
    *device = d;
    return CAL_DEVICE_OK;
}

static int32_t count(struct cal_device *d)
{
    return d->count;
}

/* ---- memory ---- */

static enum sp_status enter(struct cal_device *d, struct sp_err *err)
{
    return CAL_CUDA_CALL(d, cuCtxSetCurrent, (d->context), err);
}

static cal_memory *alloc_memory(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    cal_memory *memory;
    cal_cu_ptr at = 0;

    if (CAL_CUDA_CALL(d, cuMemAlloc_v2, (&at, bytes), err) != SP_OK)
        return NULL;
    memory = sp_xcalloc(1, sizeof *memory);
    memory->at = at;
    return memory;
}

static void free_memory(struct cal_device *d, cal_memory *memory)
{
    if (memory == NULL)
        return;
    d->cu.cuMemFree_v2(memory->at);
    free(memory);
}

static void *host_alloc(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    void *at = NULL;

    if (CAL_CUDA_CALL(d, cuMemHostAlloc, (&at, bytes, CAL_CU_HOST_ALLOC_DEVICEMAP),
                      err) != SP_OK)
        return NULL;
    return at;
}

static void host_free(struct cal_device *d, void *memory)
{
    if (memory != NULL)
        d->cu.cuMemFreeHost(memory);
}

/* ---- a device ---- */

static int attribute(struct cal_device *d, int which)
{
    int value = 0;

    return d->cu.cuDeviceGetAttribute(&value, which, d->device) == 0 ? value : 0;
}

static void describe(struct cal_device *d, struct cal_device_info *info)
{
    struct model_fact *facts = sp_arena_array(d->arena, 6, sizeof *facts);
    char name[128] = "", pci[32] = "";
    const char *driver = NULL;
    size_t bytes = 0;
    int32_t n = 0;

    (void)d->cu.cuDeviceGetName(name, sizeof name - 1, d->device);
    (void)d->cu.cuDeviceTotalMem_v2(&bytes, d->device);
    if (d->cu.cuDeviceGetPCIBusId != NULL)
        (void)d->cu.cuDeviceGetPCIBusId(pci, sizeof pci - 1, d->device);
    if (d->nvml != NULL) {
        (void)cal_nvml_select(d->nvml, pci);
        driver = cal_nvml_driver(d->nvml, d->arena);
    }
    info->memory_bytes = (int64_t)bytes;
    info->l2_bytes = attribute(d, CAL_CU_ATTRIBUTE_L2_BYTES);
    info->threads_most = attribute(d, CAL_CU_ATTRIBUTE_MAX_THREADS);
    info->units = attribute(d, CAL_CU_ATTRIBUTE_UNITS);
    info->code_path =
        sp_arena_printf(d->arena, "sm_%d%d", attribute(d, CAL_CU_ATTRIBUTE_CC_MAJOR),
                        attribute(d, CAL_CU_ATTRIBUTE_CC_MINOR));
    info->library = sp_arena_printf(d->arena, "CUDA driver %d.%d", d->version / 1000,
                                    d->version % 1000 / 10);
    facts[n++] = (struct model_fact){
        "memory", sp_arena_printf(d->arena, "%.1f GiB", (double)bytes / (1 << 30))};
    facts[n++] =
        (struct model_fact){"l2", sp_arena_printf(d->arena, "%.1f MiB",
                                                  (double)info->l2_bytes / (1 << 20))};
    facts[n++] = (struct model_fact){"multiprocessors",
                                     sp_arena_printf(d->arena, "%d", (int)info->units)};
    if (pci[0] != '\0')
        facts[n++] = (struct model_fact){"pci", sp_arena_strdup(d->arena, pci)};
    facts[n++] = (struct model_fact){"driver", driver != NULL ? driver : info->library};
    if (d->nvml == NULL)
        facts[n++] = (struct model_fact){
            "nvml", "not there: temperature and other processes not looked at"};
    info->is = (struct model_profile_device){.is_gpu = true,
                                             .model = sp_arena_strdup(d->arena, name),
                                             .n_facts = n,
                                             .facts = facts};
}

static enum sp_status load_module(struct cal_device *d, struct sp_err *err)
{
    const void *image = NULL;
    char text[200];
    int code;

    if (cal_cuda_fatbin(d->arena, &image, err) != SP_OK)
        return SP_EINPUT;
    code = d->cu.cuModuleLoadData(&d->module, image);
    if (code == CAL_CU_UNSUPPORTED_PTX || code == CAL_CU_INSUFFICIENT_DRIVER)
        return sp_fail(err, SP_EIO, "driver too old for the device kernels (%s)",
                       words(&d->cu, code, text, sizeof text));
    if (code == CAL_CU_NO_BINARY)
        return sp_fail(err, SP_EIO,
                       "the device kernels are not compiled for sm_%d%d (%s)",
                       attribute(d, CAL_CU_ATTRIBUTE_CC_MAJOR),
                       attribute(d, CAL_CU_ATTRIBUTE_CC_MINOR),
                       words(&d->cu, code, text, sizeof text));
    return cal_cuda_check(d, code, "cuModuleLoadData", err);
}

static void open_library(struct cal_device *d, struct cal_device_info *info)
{
    const char *why = NULL;

    d->lt = cal_cublaslt_open(d->arena, &why);
    if (d->lt != NULL &&
        d->cu.cuMemAlloc_v2(&d->workspace, CAL_CUDA_WORKSPACE_BYTES) != 0) {
        cal_cublaslt_close(d->lt);
        d->lt = NULL;
        why = "no memory for the workspace of cuBLASLt";
    }
    info->gemm = d->lt != NULL ? cal_cublaslt_version(d->lt, d->arena) : NULL;
    info->gemm_why = why;
}

static enum sp_status select_device(struct cal_device *d, int32_t i,
                                    struct cal_device_info *info, struct sp_err *err)
{
    int device = 0;

    leave(d);
    if (CAL_CUDA_CALL(d, cuDeviceGet, (&device, i), err) != SP_OK)
        return SP_EIO;
    d->device = device;
    if (CAL_CUDA_CALL(d, cuDevicePrimaryCtxRetain, (&d->context, device), err) !=
            SP_OK ||
        CAL_CUDA_CALL(d, cuCtxSetCurrent, (d->context), err) != SP_OK)
        return SP_EIO;
    *info = (struct cal_device_info){0};
    describe(d, info);
    if (load_module(d, err) != SP_OK || cal_cuda_measure_gate(d, err) != SP_OK)
        return SP_EIO;
    info->holds = d->gate_spins > 0;
    open_library(d, info);
    return SP_OK;
}

static void health(struct cal_device *d, struct cal_device_health *now)
{
    cal_nvml_health(d->nvml, now);
}

const struct cal_device_ops cal_cuda = {
    .name = "cuda",
    .library = "libcuda.so.1",
    .env = "STAGEPLAN_CUDA_DRIVER",
    .open = open_device,
    .close = close_device,
    .count = count,
    .select = select_device,
    .enter = enter,
    .alloc = alloc_memory,
    .free = free_memory,
    .host_alloc = host_alloc,
    .host_free = host_free,
    .stream_new = cal_cuda_stream_new,
    .stream_free = cal_cuda_stream_free,
    .to_device = cal_cuda_to_device,
    .to_host = cal_cuda_to_host,
    .function = cal_cuda_function,
    .launch = cal_cuda_launch,
    .gemm = cal_cuda_gemm,
    .hold = cal_cuda_hold,
    .release = cal_cuda_release,
    .event = cal_cuda_event,
    .event_free = cal_cuda_event_free,
    .record = cal_cuda_record,
    .elapsed = cal_cuda_elapsed,
    .finish = cal_cuda_finish,
    .health = health,
};
