/* The CUDA driver behind calibrate/device.h, found at run time. */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/cuda_api.h"
#include "calibrate/cuda_parts.h"

enum {
    VERSION_LEAST = 11000,
    NAMES_MAX = 32,
    ARGS_MAX = 16,
    FLAG_BYTES = 64,
    WORKSPACE_BYTES = 32 << 20,
};
static const double GATE_S = 0.1;

struct cal_memory {
    cal_cu_ptr at;
};

struct cal_stream {
    struct cal_device *d;
    void *stream, *event; /* the event tells whether the gate was reached */
    volatile int
        *flag; /* pinned, seen by the device: [0] go on, [1] the gate ran out */
    cal_cu_ptr flag_at;
    bool held;
};

struct cal_event {
    void *event;
};

struct cal_function {
    const char *name;
    void *function;
};

struct cal_device {
    void *library;
    struct cal_cuda_api cu;
    struct sp_arena *arena;
    int version, count;
    int device; /* the current one, -1: none */
    void *context, *module;
    struct cal_nvml *nvml;
    struct cal_cublaslt *lt;
    cal_cu_ptr workspace;
    int64_t gate_spins; /* that take GATE_S; 0: streams can't be held */
    int n_functions;
    struct cal_function functions[NAMES_MAX];
};

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

static enum sp_status check(struct cal_device *d, int code, const char *what,
                            struct sp_err *err)
{
    char text[200];

    if (code == CAL_CU_SUCCESS)
        return SP_OK;
    return sp_fail(err, SP_EIO, "%s: %s", what, words(&d->cu, code, text, sizeof text));
}

/* check(d, d->cu.cuFoo(..), "cuFoo", err) */
#define CALL(d, name, args, err) check(d, (d)->cu.name args, #name, err)

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
    return CALL(d, cuCtxSetCurrent, (d->context), err);
}

static cal_memory *alloc_memory(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    cal_memory *memory;
    cal_cu_ptr at = 0;

    if (CALL(d, cuMemAlloc_v2, (&at, bytes), err) != SP_OK)
        return NULL;
    memory = sp_xcalloc(1, sizeof *memory);
    memory->at = at;
    return memory;
}

static void free_memory(struct cal_device *d, cal_memory *memory)
{
    d->cu.cuMemFree_v2(memory->at);
    free(memory);
}

static void *host_alloc(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    void *at = NULL;

    if (CALL(d, cuMemHostAlloc, (&at, bytes, CAL_CU_HOST_ALLOC_DEVICEMAP), err) !=
        SP_OK)
        return NULL;
    return at;
}

static void host_free(struct cal_device *d, void *memory)
{
    d->cu.cuMemFreeHost(memory);
}

/* ---- streams ---- */

static void stream_free(struct cal_device *d, struct cal_stream *s)
{
    if (s->stream != NULL)
        d->cu.cuStreamDestroy_v2(s->stream);
    if (s->event != NULL)
        d->cu.cuEventDestroy_v2(s->event);
    if (s->flag != NULL)
        d->cu.cuMemFreeHost((void *)(uintptr_t)s->flag);
    free(s);
}

static struct cal_stream *stream_new(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = sp_xcalloc(1, sizeof *s);
    void *flag = NULL;

    s->d = d;
    if (CALL(d, cuStreamCreate, (&s->stream, CAL_CU_STREAM_NON_BLOCKING), err) ==
            SP_OK &&
        CALL(d, cuEventCreate, (&s->event, CAL_CU_EVENT_DEFAULT), err) == SP_OK &&
        CALL(d, cuMemHostAlloc, (&flag, FLAG_BYTES, CAL_CU_HOST_ALLOC_DEVICEMAP),
             err) == SP_OK) {
        s->flag = flag;
        s->flag[0] = s->flag[1] = 0;
        if (CALL(d, cuMemHostGetDevicePointer_v2, (&s->flag_at, flag, 0), err) == SP_OK)
            return s;
    }
    stream_free(d, s);
    return NULL;
}

static enum sp_status to_device(struct cal_stream *s, cal_memory *to, const void *from,
                                size_t bytes, struct sp_err *err)
{
    return CALL(s->d, cuMemcpyHtoDAsync_v2, (to->at, from, bytes, s->stream), err);
}

static enum sp_status to_host(struct cal_stream *s, void *to, cal_memory *from,
                              size_t bytes, struct sp_err *err)
{
    return CALL(s->d, cuMemcpyDtoHAsync_v2, (to, from->at, bytes, s->stream), err);
}

static enum sp_status finish(struct cal_stream *s, struct sp_err *err)
{
    return CALL(s->d, cuStreamSynchronize, (s->stream), err);
}

/* ---- events ---- */

static struct cal_event *event_new(struct cal_device *d, struct sp_err *err)
{
    struct cal_event *e;
    void *event = NULL;

    if (CALL(d, cuEventCreate, (&event, CAL_CU_EVENT_DEFAULT), err) != SP_OK)
        return NULL;
    e = sp_xcalloc(1, sizeof *e);
    e->event = event;
    return e;
}

static void event_free(struct cal_device *d, struct cal_event *e)
{
    d->cu.cuEventDestroy_v2(e->event);
    free(e);
}

static enum sp_status record(struct cal_stream *s, struct cal_event *e,
                             struct sp_err *err)
{
    return CALL(s->d, cuEventRecord, (e->event, s->stream), err);
}

static enum sp_status elapsed(struct cal_device *d, struct cal_event *from,
                              struct cal_event *to, double *s, struct sp_err *err)
{
    float ms = 0;

    if (CALL(d, cuEventElapsedTime, (&ms, from->event, to->event), err) != SP_OK)
        return SP_EIO;
    if (!isfinite(ms))
        return sp_fail(err, SP_EIO, "cuEventElapsedTime: %g ms, expected a time",
                       (double)ms);
    *s = 1e-3 * (double)ms;
    return SP_OK;
}

/* ---- launches ---- */

static struct cal_function *function(struct cal_device *d, const char *name,
                                     struct sp_err *err)
{
    void *found = NULL;

    for (int i = 0; i < d->n_functions; i++)
        if (strcmp(d->functions[i].name, name) == 0)
            return &d->functions[i];
    if (CALL(d, cuModuleGetFunction, (&found, d->module, name), err) != SP_OK)
        return NULL;
    sp_assert(d->n_functions < NAMES_MAX);
    d->functions[d->n_functions] =
        (struct cal_function){sp_arena_strdup(d->arena, name), found};
    return &d->functions[d->n_functions++];
}

static enum sp_status launch(struct cal_stream *s, struct cal_function *f,
                             const struct cal_grid *grid, const struct cal_arg *args,
                             int32_t n_args, struct sp_err *err)
{
    struct cal_arg copies[ARGS_MAX];
    cal_cu_ptr memory[ARGS_MAX];
    void *at[ARGS_MAX];
    char what[64];

    sp_assert(n_args <= ARGS_MAX);
    for (int32_t i = 0; i < n_args; i++) {
        copies[i] = args[i];
        at[i] = &copies[i].of;
        if (args[i].kind == CAL_ARG_MEMORY) {
            memory[i] = args[i].of.memory->at;
            at[i] = &memory[i];
        }
    }
    snprintf(what, sizeof what, "launch of %s", f->name);
    return check(s->d,
                 s->d->cu.cuLaunchKernel(f->function, grid->blocks[0], grid->blocks[1],
                                         grid->blocks[2], grid->threads[0],
                                         grid->threads[1], grid->threads[2], 0,
                                         s->stream, at, NULL),
                 what, err);
}

static enum sp_status gemm(struct cal_stream *s, const char *format, cal_memory *c,
                           cal_memory *a, cal_memory *b, int32_t m, int32_t n,
                           int32_t k, struct sp_err *err)
{
    struct cal_device *d = s->d;
    const struct cal_cublaslt_gemm g = {.format = format,
                                        .a = a->at,
                                        .b = b->at,
                                        .c = c->at,
                                        .workspace = d->workspace,
                                        .workspace_bytes = WORKSPACE_BYTES,
                                        .m = m,
                                        .n = n,
                                        .k = k};

    return cal_cublaslt_multiply(d->lt, &g, s->stream, err);
}

/* ---- holding ---- */

static enum sp_status shut(struct cal_stream *s, int64_t spins, struct sp_err *err)
{
    struct cal_device *d = s->d;
    struct cal_function *gate = function(d, "gate", err);
    cal_memory flag = {s->flag_at};
    const struct cal_arg args[] = {{.kind = CAL_ARG_MEMORY, .of.memory = &flag},
                                   {.kind = CAL_ARG_I64, .of.i64 = spins}};
    const struct cal_grid one = {{1, 1, 1}, {1, 1, 1}};

    if (gate == NULL)
        return SP_EIO;
    s->flag[0] = s->flag[1] = 0;
    return launch(s, gate, &one, args, 2, err);
}

static enum sp_status hold(struct cal_stream *s, struct sp_err *err)
{
    s->held = s->d->gate_spins > 0;
    return s->held ? shut(s, s->d->gate_spins, err) : SP_OK;
}

static enum sp_status release(struct cal_stream *s, bool *held, struct sp_err *err)
{
    (void)err;
    *held = !s->held || s->flag[1] == 0;
    s->flag[0] = 1;
    s->held = false;
    return SP_OK;
}

/* Seconds that a shut gate of so many looks takes; *waits: the launch came back before
 * the gate was through. */
static enum sp_status time_gate(struct cal_stream *s, struct cal_event *from,
                                struct cal_event *to, int64_t spins, double *took_s,
                                bool *waits, struct sp_err *err)
{
    struct cal_device *d = s->d;

    if (record(s, from, err) != SP_OK || shut(s, spins, err) != SP_OK ||
        record(s, to, err) != SP_OK)
        return SP_EIO;
    *waits = d->cu.cuEventQuery(to->event) == CAL_CU_NOT_READY;
    if (finish(s, err) != SP_OK)
        return SP_EIO;
    return elapsed(d, from, to, took_s, err);
}

/* How many looks are GATE_S; none where launches block (CUDA_LAUNCH_BLOCKING). */
static enum sp_status measure_gate(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = stream_new(d, err);
    struct cal_event *from = event_new(d, err), *to = event_new(d, err);
    enum sp_status status = SP_EIO;
    int64_t spins = 2000;
    double took_s = 0;
    bool waits = true;

    d->gate_spins = 0;
    if (s != NULL && from != NULL && to != NULL)
        do {
            spins *= 4;
            status = time_gate(s, from, to, spins, &took_s, &waits, err);
        } while (status == SP_OK && took_s < 1e-3 && spins < INT64_C(1) << 32);
    if (status == SP_OK && waits && took_s > 0)
        d->gate_spins = (int64_t)((double)spins * GATE_S / took_s);
    if (s != NULL)
        stream_free(d, s);
    if (from != NULL)
        event_free(d, from);
    if (to != NULL)
        event_free(d, to);
    return status;
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
    return check(d, code, "cuModuleLoadData", err);
}

static void open_library(struct cal_device *d, struct cal_device_info *info)
{
    const char *why = NULL;

    d->lt = cal_cublaslt_open(d->arena, &why);
    if (d->lt != NULL && d->cu.cuMemAlloc_v2(&d->workspace, WORKSPACE_BYTES) != 0) {
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
    if (CALL(d, cuDeviceGet, (&device, i), err) != SP_OK)
        return SP_EIO;
    d->device = device;
    if (CALL(d, cuDevicePrimaryCtxRetain, (&d->context, device), err) != SP_OK ||
        CALL(d, cuCtxSetCurrent, (d->context), err) != SP_OK)
        return SP_EIO;
    *info = (struct cal_device_info){0};
    describe(d, info);
    if (load_module(d, err) != SP_OK || measure_gate(d, err) != SP_OK)
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
    .stream_new = stream_new,
    .stream_free = stream_free,
    .to_device = to_device,
    .to_host = to_host,
    .function = function,
    .launch = launch,
    .gemm = gemm,
    .hold = hold,
    .release = release,
    .event = event_new,
    .event_free = event_free,
    .record = record,
    .elapsed = elapsed,
    .finish = finish,
    .health = health,
};
