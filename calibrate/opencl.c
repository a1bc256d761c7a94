/* OpenCL behind calibrate/device.h: any device of any platform that the ICD loader
 * knows.  A queue is held by a barrier that waits for a user event. */
#include "calibrate/device.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/device_source.h"
#include "calibrate/opencl_parts.h"

enum { PLATFORMS_MAX = 16, TEXT_MAX = 256 };

enum sp_status cal_opencl_failed(struct sp_err *err, const char *what, cl_int code)
{
    return sp_fail(err, SP_EIO, "OpenCL: %s: error %d", what, (int)code);
}

/* ---- opening ---- */

static bool find_functions(void *library, struct cal_opencl_api *cl,
                           const char **missing)
{
    /* A function's address comes as an object's: POSIX says that this copy is fine. */
#define X(name, result, parameters)                                                    \
    {                                                                                  \
        void *address = dlsym(library, #name);                                         \
        memcpy(&cl->name, &address, sizeof address);                                   \
        if (address == NULL) {                                                         \
            *missing = #name;                                                          \
            return false;                                                              \
        }                                                                              \
    }
    CAL_OPENCL_FUNCTIONS(X)
#undef X
    return true;
}

static void list_devices(struct cal_device *d)
{
    cl_platform_id platforms[PLATFORMS_MAX];
    cl_uint n_platforms = 0;

    if (d->cl.clGetPlatformIDs(PLATFORMS_MAX, platforms, &n_platforms) != CL_SUCCESS)
        return;
    for (cl_uint p = 0; p < n_platforms && p < PLATFORMS_MAX; p++) {
        cl_uint n = 0, room = (cl_uint)(CAL_OPENCL_DEVICES_MAX - d->n_devices);

        if (room == 0 ||
            d->cl.clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, room,
                                 d->devices + d->n_devices, &n) != CL_SUCCESS)
            continue;
        for (cl_uint i = 0; i < n && i < room; i++)
            d->platforms[d->n_devices++] = platforms[p];
    }
}

static enum cal_device_state open_device(struct sp_arena *arena,
                                         struct cal_device **device, const char **why)
{
    const char *named = getenv(cal_opencl.env), *missing = NULL;
    struct cal_device *d;
    void *library = dlopen(named != NULL ? named : cal_opencl.library, RTLD_NOW);

    if (library == NULL) {
        *why = sp_arena_strdup(arena, dlerror());
        return CAL_DEVICE_NO_DRIVER;
    }
    d = sp_xcalloc(1, sizeof *d);
    d->library = library;
    d->arena = arena;
    if (!find_functions(library, &d->cl, &missing)) {
        *why = sp_arena_printf(arena, "it has no %s: OpenCL 1.2 is needed", missing);
        cal_opencl.close(d);
        return CAL_DEVICE_OLD_DRIVER;
    }
    list_devices(d);
    if (d->n_devices == 0) {
        *why = "no platform has a device";
        cal_opencl.close(d);
        return CAL_DEVICE_NO_DEVICE;
    }
    *device = d;
    return CAL_DEVICE_OK;
}

static void unpin(struct cal_device *d, struct cal_pinned *p)
{
    d->cl.clEnqueueUnmapMemObject(d->queue, p->mem, p->mapped, 0, NULL, NULL);
    d->cl.clFinish(d->queue);
    d->cl.clReleaseMemObject(p->mem);
    free(p);
}

static void leave(struct cal_device *d)
{
    while (d->functions != NULL) {
        struct cal_function *f = d->functions;

        d->functions = f->next;
        d->cl.clReleaseKernel(f->kernel);
        free(f);
    }
    while (d->pinned != NULL) {
        struct cal_pinned *p = d->pinned;

        d->pinned = p->next;
        unpin(d, p);
    }
    if (d->queue != NULL)
        d->cl.clReleaseCommandQueue(d->queue);
    if (d->program != NULL)
        d->cl.clReleaseProgram(d->program);
    if (d->context != NULL)
        d->cl.clReleaseContext(d->context);
    d->queue = NULL;
    d->program = NULL;
    d->context = NULL;
}

/* The library stays loaded: drivers leave threads and exit handlers behind. */
static void close_device(struct cal_device *d)
{
    if (d == NULL)
        return;
    leave(d);
    free(d);
}

static int32_t count_devices(struct cal_device *d)
{
    return d->n_devices;
}

/* ---- the device that is used ---- */

static const char *device_text(struct cal_device *d, cl_device_info what)
{
    char text[TEXT_MAX] = "";

    if (d->cl.clGetDeviceInfo(d->device, what, sizeof text - 1, text, NULL) !=
        CL_SUCCESS)
        return "not known";
    return sp_arena_strdup(d->arena, text);
}

/* Of a cl_uint, cl_ulong or size_t: the width is told by the driver. */
static int64_t device_number(struct cal_device *d, cl_device_info what)
{
    union {
        cl_uint narrow;
        cl_ulong wide;
    } value = {0};
    size_t size = 0;

    if (d->cl.clGetDeviceInfo(d->device, what, sizeof value, &value, &size) !=
        CL_SUCCESS)
        return 0;
    if (size == sizeof value.narrow)
        return (int64_t)value.narrow;
    return value.wide > INT64_MAX ? INT64_MAX : (int64_t)value.wide;
}

static const char *platform_text(struct cal_device *d, int32_t i, cl_platform_info what)
{
    char text[TEXT_MAX] = "";

    if (d->cl.clGetPlatformInfo(d->platforms[i], what, sizeof text - 1, text, NULL) !=
        CL_SUCCESS)
        return "not known";
    return sp_arena_strdup(d->arena, text);
}

static const char *device_type(struct cal_device *d)
{
    cl_device_type type = 0;

    d->cl.clGetDeviceInfo(d->device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    if (type & CL_DEVICE_TYPE_GPU)
        return "GPU";
    return type & CL_DEVICE_TYPE_CPU ? "CPU" : "accelerator";
}

static void describe(struct cal_device *d, int32_t i, struct cal_device_info *info)
{
    const struct model_fact facts[] = {
        {"backend", "opencl"},
        {"type", device_type(d)},
        {"platform", platform_text(d, i, CL_PLATFORM_NAME)},
        {"vendor", device_text(d, CL_DEVICE_VENDOR)},
        {"driver", device_text(d, CL_DRIVER_VERSION)},
        {"clock",
         sp_arena_printf(d->arena, "%lld MHz",
                         (long long)device_number(d, CL_DEVICE_MAX_CLOCK_FREQUENCY))},
    };
    const int32_t n = sizeof facts / sizeof facts[0];

    *info = (struct cal_device_info){
        .is = {.is_gpu = true, .model = device_text(d, CL_DEVICE_NAME), .n_facts = n},
        .memory_bytes = device_number(d, CL_DEVICE_GLOBAL_MEM_SIZE),
        .l2_bytes = device_number(d, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE),
        .threads_most = device_number(d, CL_DEVICE_MAX_WORK_GROUP_SIZE),
        .units = (int32_t)device_number(d, CL_DEVICE_MAX_COMPUTE_UNITS),
        .holds = true,
        .library = platform_text(d, i, CL_PLATFORM_VERSION)};
    info->is.facts = sp_arena_array(d->arena, (size_t)n, sizeof *info->is.facts);
    memcpy(info->is.facts, facts, sizeof facts);
}

/* The compiler's first words, for the message. */
static enum sp_status build_failed(struct cal_device *d, cl_int code,
                                   struct sp_err *err)
{
    enum { LOG_MAX = 65536, SHOWN = 500 };
    char *log = sp_xcalloc(1, LOG_MAX + 1);

    d->cl.clGetProgramBuildInfo(d->program, d->device, CL_PROGRAM_BUILD_LOG, LOG_MAX,
                                log, NULL);
    sp_fail(err, SP_EIO, "OpenCL: the kernels can't be built: error %d: %.*s",
            (int)code, (int)SHOWN, log);
    free(log);
    return SP_EIO;
}

static enum sp_status build(struct cal_device *d, struct sp_err *err)
{
    const char *source = cal_opencl_source;
    cl_int code = CL_SUCCESS;

    d->context = d->cl.clCreateContext(NULL, 1, &d->device, NULL, NULL, &code);
    if (d->context == NULL)
        return cal_opencl_failed(err, "no context", code);
    d->queue = d->cl.clCreateCommandQueue(d->context, d->device, 0, &code);
    if (d->queue == NULL)
        return cal_opencl_failed(err, "no queue", code);
    d->program = d->cl.clCreateProgramWithSource(d->context, 1, &source, NULL, &code);
    if (d->program == NULL)
        return cal_opencl_failed(err, "no program", code);
    code = d->cl.clBuildProgram(d->program, 1, &d->device, "-cl-std=CL1.2", NULL, NULL);
    if (code != CL_SUCCESS)
        return build_failed(d, code, err);
    return SP_OK;
}

static enum sp_status select_device(struct cal_device *d, int32_t i,
                                    struct cal_device_info *info, struct sp_err *err)
{
    sp_assert(i >= 0 && i < d->n_devices);
    leave(d);
    d->device = d->devices[i];
    describe(d, i, info);
    return build(d, err);
}

/* ---- memory ---- */

static cal_memory *alloc_memory(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    cal_memory *m = sp_xcalloc(1, sizeof *m);
    cl_int code = CL_SUCCESS;

    m->mem = d->cl.clCreateBuffer(d->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (m->mem != NULL)
        return m;
    free(m);
    sp_fail(err, SP_EIO, "OpenCL: no memory for %zu bytes: error %d", bytes, (int)code);
    return NULL;
}

static void free_memory(struct cal_device *d, cal_memory *m)
{
    if (m == NULL)
        return;
    d->cl.clReleaseMemObject(m->mem);
    free(m);
}

static void *pin_memory(struct cal_device *d, size_t bytes, struct sp_err *err)
{
    struct cal_pinned *p = sp_xcalloc(1, sizeof *p);
    cl_int code = CL_SUCCESS;

    p->mem = d->cl.clCreateBuffer(d->context, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR,
                                  bytes, NULL, &code);
    if (p->mem != NULL) {
        p->mapped = d->cl.clEnqueueMapBuffer(d->queue, p->mem, CL_TRUE,
                                             CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0,
                                             NULL, NULL, &code);
        if (p->mapped != NULL) {
            p->next = d->pinned;
            d->pinned = p;
            return p->mapped;
        }
        d->cl.clReleaseMemObject(p->mem);
    }
    free(p);
    sp_fail(err, SP_EIO, "OpenCL: no pinned memory for %zu bytes: error %d", bytes,
            (int)code);
    return NULL;
}

static void unpin_memory(struct cal_device *d, void *memory)
{
    for (struct cal_pinned **at = &d->pinned; *at != NULL; at = &(*at)->next)
        if ((*at)->mapped == memory) {
            struct cal_pinned *p = *at;

            *at = p->next;
            unpin(d, p);
            return;
        }
}

/* OpenCL tells nothing of clocks, heat or neighbours. */
static void health(struct cal_device *d, struct cal_device_health *now)
{
    (void)d;
    *now = (struct cal_device_health){
        .sm_clock_hz = NAN, .temperature_c = NAN, .other_processes = -1};
}

const struct cal_device_ops cal_opencl = {
    .name = "opencl",
    .library = "libOpenCL.so.1",
    .env = "STAGEPLAN_OPENCL",
    .open = open_device,
    .close = close_device,
    .count = count_devices,
    .select = select_device,
    .alloc = alloc_memory,
    .free = free_memory,
    .host_alloc = pin_memory,
    .host_free = unpin_memory,
    .stream_new = cal_opencl_stream_new,
    .stream_free = cal_opencl_stream_free,
    .to_device = cal_opencl_to_device,
    .to_host = cal_opencl_to_host,
    .function = cal_opencl_function,
    .launch = cal_opencl_launch,
    .hold = cal_opencl_hold,
    .release = cal_opencl_release,
    .event = cal_opencl_event,
    .event_free = cal_opencl_event_free,
    .record = cal_opencl_record,
    .elapsed = cal_opencl_elapsed,
    .finish = cal_opencl_finish,
    .health = health,
};
