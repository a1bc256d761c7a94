/* OpenCL behind calibrate/device.h: any device of any platform that the ICD loader
 * knows.  A queue is held by a barrier that waits for a user event. */
#include "calibrate/device.h"

#include "config.h"

#ifdef HAVE_CL_CL_H
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/device_source.h"
#include "calibrate/opencl_api.h"

enum { DEVICES_MAX = 32, PLATFORMS_MAX = 16, TEXT_MAX = 256 };

/* Pinned memory is a buffer that is mapped for as long as it lives. */
struct pinned {
    cl_mem mem;
    void *mapped;
    struct pinned *next;
};

struct cal_device {
    void *library;
    struct cal_opencl_api cl;
    int32_t n_devices;
    cl_device_id devices[DEVICES_MAX];
    cl_platform_id platforms[DEVICES_MAX]; /* of each device */
    struct sp_arena *arena;                /* of the one selected */
    cl_device_id device;
    cl_context context;
    cl_program program;
    cl_command_queue queue; /* for mapping */
    struct pinned *pinned;
    struct cal_function *functions;
};

struct cal_memory {
    cl_mem mem;
};

struct cal_stream {
    struct cal_device *d;
    cl_command_queue queue;
    cl_event gate; /* the queue is held until it is complete; NULL: it is not */
};

struct cal_event {
    cl_event event; /* NULL: not recorded yet */
};

struct cal_function {
    cl_kernel kernel;
    const char *name;
    struct cal_function *next;
};

static enum sp_status failed(struct sp_err *err, const char *what, cl_int code)
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
        cl_uint n = 0, room = (cl_uint)(DEVICES_MAX - d->n_devices);

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
    const char *named = getenv("STAGEPLAN_OPENCL"), *missing = NULL;
    struct cal_device *d;
    void *library = dlopen(named != NULL ? named : cal_opencl.library, RTLD_NOW);

    if (library == NULL) {
        *why = sp_arena_strdup(arena, dlerror());
        return CAL_DEVICE_NO_DRIVER;
    }
    d = sp_xcalloc(1, sizeof *d);
    d->library = library;
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

static void unpin(struct cal_device *d, struct pinned *p)
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
        struct pinned *p = d->pinned;

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
    sp_arena_free(d->arena);
    d->arena = NULL;
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

static const char *device_number(struct cal_device *d, cl_device_info what,
                                 const char *unit)
{
    cl_ulong wide = 0; /* cl_uint or cl_ulong: little end first on all that we run on */

    d->cl.clGetDeviceInfo(d->device, what, sizeof wide, &wide, NULL);
    return sp_arena_printf(d->arena, "%llu%s", (unsigned long long)wide, unit);
}

static const char *platform_text(struct cal_device *d, int32_t i, cl_platform_info what)
{
    char text[TEXT_MAX] = "";

    if (d->cl.clGetPlatformInfo(d->platforms[i], what, sizeof text - 1, text, NULL) !=
        CL_SUCCESS)
        return "not known";
    return sp_arena_strdup(d->arena, text);
}

static const char *device_kind(struct cal_device *d)
{
    cl_device_type type = 0;

    d->cl.clGetDeviceInfo(d->device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    if (type & CL_DEVICE_TYPE_GPU)
        return "GPU";
    return type & CL_DEVICE_TYPE_CPU ? "CPU" : "accelerator";
}

static void describe(struct cal_device *d, int32_t i, struct model_profile_device *is)
{
    const struct model_fact facts[] = {
        {"backend", "opencl"},
        {"kind", device_kind(d)},
        {"platform", platform_text(d, i, CL_PLATFORM_NAME)},
        {"platform_version", platform_text(d, i, CL_PLATFORM_VERSION)},
        {"vendor", device_text(d, CL_DEVICE_VENDOR)},
        {"driver", device_text(d, CL_DRIVER_VERSION)},
        {"compute_units", device_number(d, CL_DEVICE_MAX_COMPUTE_UNITS, "")},
        {"clock", device_number(d, CL_DEVICE_MAX_CLOCK_FREQUENCY, " MHz")},
        {"memory", device_number(d, CL_DEVICE_GLOBAL_MEM_SIZE, " bytes")},
    };

    *is = (struct model_profile_device){.is_gpu = true,
                                        .model = device_text(d, CL_DEVICE_NAME),
                                        .n_facts = sizeof facts / sizeof facts[0]};
    is->facts = sp_arena_array(d->arena, (size_t)is->n_facts, sizeof *is->facts);
    memcpy(is->facts, facts, sizeof facts);
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
        return failed(err, "no context", code);
    d->queue = d->cl.clCreateCommandQueue(d->context, d->device, 0, &code);
    if (d->queue == NULL)
        return failed(err, "no queue", code);
    d->program = d->cl.clCreateProgramWithSource(d->context, 1, &source, NULL, &code);
    if (d->program == NULL)
        return failed(err, "no program", code);
    code = d->cl.clBuildProgram(d->program, 1, &d->device, "-cl-std=CL1.2", NULL, NULL);
    if (code != CL_SUCCESS)
        return build_failed(d, code, err);
    return SP_OK;
}

static enum sp_status select_device(struct cal_device *d, int32_t i,
                                    struct model_profile_device *is, struct sp_err *err)
{
    sp_assert(i >= 0 && i < d->n_devices);
    leave(d);
    d->arena = sp_arena_new();
    d->device = d->devices[i];
    describe(d, i, is);
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
    struct pinned *p = sp_xcalloc(1, sizeof *p);
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
    for (struct pinned **at = &d->pinned; *at != NULL; at = &(*at)->next)
        if ((*at)->mapped == memory) {
            struct pinned *p = *at;

            *at = p->next;
            unpin(d, p);
            return;
        }
}

/* ---- streams ---- */

static struct cal_stream *new_stream(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = sp_xcalloc(1, sizeof *s);
    cl_int code = CL_SUCCESS;

    s->d = d;
    s->queue = d->cl.clCreateCommandQueue(d->context, d->device,
                                          CL_QUEUE_PROFILING_ENABLE, &code);
    if (s->queue != NULL)
        return s;
    free(s);
    failed(err, "no queue with profiling", code);
    return NULL;
}

static enum sp_status release(struct cal_stream *s, struct sp_err *err)
{
    cl_int code;

    if (s->gate == NULL)
        return SP_OK;
    code = s->d->cl.clSetUserEventStatus(s->gate, CL_COMPLETE);
    s->d->cl.clReleaseEvent(s->gate);
    s->gate = NULL;
    return code == CL_SUCCESS ? SP_OK
                              : failed(err, "the queue can't be released", code);
}

static enum sp_status hold(struct cal_stream *s, struct sp_err *err)
{
    cl_int code = CL_SUCCESS;

    sp_assert(s->gate == NULL);
    s->gate = s->d->cl.clCreateUserEvent(s->d->context, &code);
    if (s->gate == NULL)
        return failed(err, "no user event", code);
    code = s->d->cl.clEnqueueBarrierWithWaitList(s->queue, 1, &s->gate, NULL);
    if (code == CL_SUCCESS)
        return SP_OK;
    if (release(s, err) != SP_OK)
        return SP_EIO;
    return failed(err, "the queue can't be held", code);
}

static void free_stream(struct cal_device *d, struct cal_stream *s)
{
    if (s == NULL)
        return;
    if (release(s, NULL) == SP_OK)
        d->cl.clFinish(s->queue);
    d->cl.clReleaseCommandQueue(s->queue);
    free(s);
}

static enum sp_status to_device(struct cal_stream *s, cal_memory *to, const void *from,
                                size_t bytes, struct sp_err *err)
{
    cl_int code = s->d->cl.clEnqueueWriteBuffer(s->queue, to->mem, CL_FALSE, 0, bytes,
                                                from, 0, NULL, NULL);

    return code == CL_SUCCESS ? SP_OK : failed(err, "copy to the device", code);
}

static enum sp_status to_host(struct cal_stream *s, void *to, cal_memory *from,
                              size_t bytes, struct sp_err *err)
{
    cl_int code = s->d->cl.clEnqueueReadBuffer(s->queue, from->mem, CL_FALSE, 0, bytes,
                                               to, 0, NULL, NULL);

    return code == CL_SUCCESS ? SP_OK : failed(err, "copy to the host", code);
}

static enum sp_status finish(struct cal_stream *s, struct sp_err *err)
{
    cl_int code;

    if (release(s, err) != SP_OK)
        return SP_EIO;
    code = s->d->cl.clFinish(s->queue);
    return code == CL_SUCCESS ? SP_OK : failed(err, "the queue does not finish", code);
}

/* ---- kernels ---- */

static struct cal_function *find_function(struct cal_device *d, const char *name,
                                          struct sp_err *err)
{
    struct cal_function *f;
    cl_int code = CL_SUCCESS;
    cl_kernel kernel;

    for (f = d->functions; f != NULL; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    kernel = d->cl.clCreateKernel(d->program, name, &code);
    if (kernel == NULL) {
        sp_fail(err, SP_EIO, "OpenCL: no kernel %s: error %d", name, (int)code);
        return NULL;
    }
    f = sp_xcalloc(1, sizeof *f);
    *f = (struct cal_function){kernel, sp_arena_strdup(d->arena, name), d->functions};
    d->functions = f;
    return f;
}

static cl_int set_argument(const struct cal_device *d, cl_kernel kernel, cl_uint i,
                           const struct cal_arg *arg)
{
    switch (arg->kind) {
    case CAL_ARG_MEMORY:
        return d->cl.clSetKernelArg(kernel, i, sizeof(cl_mem), &arg->of.memory->mem);
    case CAL_ARG_I32:
        return d->cl.clSetKernelArg(kernel, i, sizeof arg->of.i32, &arg->of.i32);
    case CAL_ARG_I64:
        return d->cl.clSetKernelArg(kernel, i, sizeof arg->of.i64, &arg->of.i64);
    case CAL_ARG_F32:
        break;
    }
    return d->cl.clSetKernelArg(kernel, i, sizeof arg->of.f32, &arg->of.f32);
}

static enum sp_status launch(struct cal_stream *s, struct cal_function *f,
                             const struct cal_grid *grid, const struct cal_arg *args,
                             int32_t n_args, struct sp_err *err)
{
    size_t global[3], local[3];
    cl_int code = CL_SUCCESS;

    for (int32_t i = 0; i < n_args && code == CL_SUCCESS; i++)
        code = set_argument(s->d, f->kernel, (cl_uint)i, &args[i]);
    for (int i = 0; i < 3; i++) {
        local[i] = grid->threads[i];
        global[i] = (size_t)grid->blocks[i] * grid->threads[i];
    }
    if (code == CL_SUCCESS)
        code = s->d->cl.clEnqueueNDRangeKernel(s->queue, f->kernel, 3, NULL, global,
                                               local, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        return SP_OK;
    return sp_fail(err, SP_EIO, "OpenCL: %s can't be launched: error %d", f->name,
                   (int)code);
}

/* ---- events ---- */

static struct cal_event *new_event(struct cal_device *d, struct sp_err *err)
{
    (void)d;
    (void)err;
    return sp_xcalloc(1, sizeof(struct cal_event));
}

static void free_event(struct cal_device *d, struct cal_event *e)
{
    if (e != NULL && e->event != NULL)
        d->cl.clReleaseEvent(e->event);
    free(e);
}

static enum sp_status record(struct cal_stream *s, struct cal_event *e,
                             struct sp_err *err)
{
    cl_int code;

    if (e->event != NULL)
        s->d->cl.clReleaseEvent(e->event);
    e->event = NULL;
    code = s->d->cl.clEnqueueMarkerWithWaitList(s->queue, 0, NULL, &e->event);
    return code == CL_SUCCESS ? SP_OK : failed(err, "no marker", code);
}

static enum sp_status event_ns(struct cal_device *d, struct cal_event *e, cl_ulong *ns,
                               struct sp_err *err)
{
    cl_int code;

    sp_assert(e->event != NULL);
    code = d->cl.clWaitForEvents(1, &e->event);
    if (code == CL_SUCCESS)
        code = d->cl.clGetEventProfilingInfo(e->event, CL_PROFILING_COMMAND_END,
                                             sizeof *ns, ns, NULL);
    return code == CL_SUCCESS ? SP_OK : failed(err, "no time of an event", code);
}

static enum sp_status elapsed(struct cal_device *d, struct cal_event *from,
                              struct cal_event *to, double *s, struct sp_err *err)
{
    cl_ulong begin = 0, end = 0;

    if (event_ns(d, from, &begin, err) != SP_OK || event_ns(d, to, &end, err) != SP_OK)
        return SP_EIO;
    if (end < begin)
        return sp_fail(err, SP_EIO, "OpenCL: the device's clock runs backwards");
    *s = (double)(end - begin) / 1e9;
    return SP_OK;
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
    .open = open_device,
    .close = close_device,
    .count = count_devices,
    .select = select_device,
    .alloc = alloc_memory,
    .free = free_memory,
    .host_alloc = pin_memory,
    .host_free = unpin_memory,
    .stream_new = new_stream,
    .stream_free = free_stream,
    .to_device = to_device,
    .to_host = to_host,
    .function = find_function,
    .launch = launch,
    .hold = hold,
    .release = release,
    .event = new_event,
    .event_free = free_event,
    .record = record,
    .elapsed = elapsed,
    .finish = finish,
    .health = health,
};

#else /* built without the headers */

static enum cal_device_state open_device(struct sp_arena *arena,
                                         struct cal_device **device, const char **why)
{
    (void)arena;
    (void)device;
    *why = "built without the OpenCL headers";
    return CAL_DEVICE_NO_DRIVER;
}

const struct cal_device_ops cal_opencl = {
    .name = "opencl", .library = "libOpenCL.so.1", .open = open_device};

#endif
