/* The entry points: prototypes are ours, names, numbers and meanings the driver's. */
#include <stdio.h>
#include <stdlib.h>

#include <set>

#include "tests/fake_cuda/behaviour.h"
#include "tests/fake_cuda/device.h"

typedef int result;
typedef unsigned long long device_ptr;

enum {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY = 209,
    UNSUPPORTED_PTX = 222,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
};

/* A context of one device, a module: only that they are there. */
struct handle {
    int device;
};

static bool initialised, have_context;
static struct handle primary;
static std::set<void *> modules;
static std::set<struct fake_event *> events;
static struct fake_stream *null_stream;

#define ENTER(call_ns)                                                                 \
    do {                                                                               \
        int code_ = fake_enter(__func__);                                              \
                                                                                       \
        fake_host_call(call_ns);                                                       \
        if (code_ == 0 && !initialised)                                                \
            code_ = NOT_INITIALIZED;                                                   \
        if (code_ == 0)                                                                \
            code_ = fake_sticky();                                                     \
        if (code_ != 0)                                                                \
            return code_;                                                              \
    } while (0)

#define ENTER_CONTEXT(call_ns)                                                         \
    do {                                                                               \
        ENTER(call_ns);                                                                \
        if (!have_context)                                                             \
            return INVALID_CONTEXT;                                                    \
    } while (0)

static const double quick_ns = 200, launch_call_ns = 2000, alloc_call_ns = 50000;

static struct fake_stream *stream_of(struct fake_stream *s)
{
    if (s == NULL && null_stream == NULL)
        null_stream = fake_stream_new();
    if (s == NULL)
        return null_stream;
    return fake_stream_known(s) ? s : NULL;
}

static void *memory_at(device_ptr p)
{
    return reinterpret_cast<void *>(static_cast<uintptr_t>(p));
}

extern "C" {

/* ---- the driver and its devices ---- */

result cuInit(unsigned flags)
{
    int code = fake_enter(__func__);

    if (code == 0 && flags != 0)
        code = INVALID_VALUE;
    if (code == 0 && fake_word("no-device") != NULL)
        code = NO_DEVICE;
    if (code == 0 && fake_word("stub") != NULL)
        code = 34;
    initialised = code == 0;
    return code;
}

result cuDriverGetVersion(int *version)
{
    int code = fake_enter(__func__);

    if (code == 0)
        *version = fake_word("old") != NULL ? 10020 : 13000;
    return code;
}

static int n_devices(void)
{
    return (int)fake_number("devices", 1);
}

result cuDeviceGetCount(int *count)
{
    ENTER(quick_ns);
    *count = n_devices();
    return SUCCESS;
}

result cuDeviceGet(int *device, int ordinal)
{
    ENTER(quick_ns);
    if (ordinal < 0 || ordinal >= n_devices())
        return INVALID_DEVICE;
    *device = ordinal;
    return SUCCESS;
}

result cuDeviceGetName(char *name, int size, int device)
{
    ENTER(quick_ns);
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    if (size < 1)
        return INVALID_VALUE;
    snprintf(name, (size_t)size, "Fake GPU");
    return SUCCESS;
}

static const struct {
    int id, value;
} attributes[] = {
    {1, 1024},     /* most threads of a block */
    {8, 49152},    /* shared memory of a block */
    {10, 32},      /* warp */
    {12, 65536},   /* registers of a block */
    {13, 1500000}, /* clock, kHz */
    {16, 32},      /* multiprocessors */
    {18, 0},       /* integrated */
    {19, 1},       /* can map host memory */
    {20, 0},       /* compute mode: default */
    {31, 1},       /* concurrent kernels */
    {32, 1},       /* ECC */
    {33, 1},       /* PCI bus */
    {34, 0},       /* PCI device */
    {36, 2000000}, /* memory clock, kHz */
    {37, 4096},    /* memory bus, bits */
    {38, 4 << 20}, /* L2 cache */
    {39, 2048},    /* threads of a multiprocessor */
    {40, 2},       /* copy engines */
    {41, 1},       /* unified addresses */
    {50, 0},       /* PCI domain */
    {75, 9},       /* compute capability */
    {76, 0},
};

result cuDeviceGetAttribute(int *value, int attribute, int device)
{
    ENTER(quick_ns);
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (attributes[i].id == attribute) {
            *value = attributes[i].value;
            return SUCCESS;
        }
    return INVALID_VALUE;
}

result cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    ENTER(quick_ns);
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    *bytes = (size_t)fake_number("memory", 256 << 20);
    return SUCCESS;
}

result cuDeviceGetPCIBusId(char *id, int size, int device)
{
    ENTER(quick_ns);
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    snprintf(id, (size_t)size, "0000:%02X:00.0", device + 1);
    return SUCCESS;
}

/* ---- contexts and modules ---- */

result cuDevicePrimaryCtxRetain(void **context, int device)
{
    ENTER(alloc_call_ns);
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    primary.device = device;
    *context = &primary;
    return SUCCESS;
}

result cuDevicePrimaryCtxRelease_v2(int device)
{
    int code = fake_enter(__func__);

    if (code != 0)
        return code;
    if (device < 0 || device >= n_devices())
        return INVALID_DEVICE;
    have_context = false;
    return SUCCESS;
}

result cuCtxSetCurrent(void *context)
{
    ENTER(quick_ns);
    if (context != NULL && context != &primary)
        return INVALID_CONTEXT;
    have_context = context != NULL;
    return SUCCESS;
}

result cuCtxSynchronize(void)
{
    ENTER_CONTEXT(quick_ns);
    fake_drain(NULL);
    return fake_sticky();
}

/* A fat binary, an ELF object or PTX; none of them is looked into. */
static bool is_image(const void *image)
{
    return memcmp(image, "\x50\xed\x55\xba", 4) == 0 ||
           memcmp(image,
                  "\x7f"
                  "ELF",
                  4) == 0 ||
           memcmp(image, "//", 2) == 0 || memcmp(image, ".version", 8) == 0;
}

result cuModuleLoadData(void **module, const void *image)
{
    ENTER_CONTEXT(alloc_call_ns);
    if (image == NULL || !is_image(image))
        return INVALID_IMAGE;
    if (fake_word("old") != NULL)
        return UNSUPPORTED_PTX;
    if (fake_word("no-binary") != NULL)
        return NO_BINARY;
    *module = new handle();
    modules.insert(*module);
    return SUCCESS;
}

result cuModuleUnload(void *module)
{
    ENTER_CONTEXT(alloc_call_ns);
    if (modules.erase(module) == 0)
        return INVALID_HANDLE;
    delete static_cast<struct handle *>(module);
    return SUCCESS;
}

result cuModuleGetFunction(const void **function, void *module, const char *name)
{
    ENTER_CONTEXT(quick_ns);
    if (modules.count(module) == 0)
        return INVALID_HANDLE;
    if (fake_kernel_find(name) == NULL)
        return NOT_FOUND;
    *function = fake_kernel_find(name);
    return SUCCESS;
}

/* ---- memory ---- */

result cuMemAlloc_v2(device_ptr *p, size_t bytes)
{
    void *memory;

    ENTER_CONTEXT(alloc_call_ns);
    if (bytes == 0)
        return INVALID_VALUE;
    memory = fake_alloc(bytes);
    if (memory == NULL)
        return OUT_OF_MEMORY;
    *p = reinterpret_cast<uintptr_t>(memory);
    return SUCCESS;
}

result cuMemFree_v2(device_ptr p)
{
    ENTER_CONTEXT(alloc_call_ns);
    return p == 0 || fake_release(memory_at(p), false) ? SUCCESS : INVALID_VALUE;
}

result cuMemHostAlloc(void **p, size_t bytes, unsigned flags)
{
    ENTER_CONTEXT(alloc_call_ns);
    if (bytes == 0 || flags > 7)
        return INVALID_VALUE;
    *p = fake_pinned_alloc(bytes);
    return *p != NULL ? SUCCESS : OUT_OF_MEMORY;
}

result cuMemFreeHost(void *p)
{
    ENTER_CONTEXT(alloc_call_ns);
    return fake_release(p, true) ? SUCCESS : INVALID_VALUE;
}

result cuMemHostGetDevicePointer_v2(device_ptr *p, void *host, unsigned flags)
{
    ENTER_CONTEXT(quick_ns);
    if (flags != 0 || !fake_owns(host, 1, true))
        return INVALID_VALUE;
    *p = reinterpret_cast<uintptr_t>(host);
    return SUCCESS;
}

/* As the driver does, a copy of pageable memory waits for all before it. */
static result copy(struct fake_stream *stream, struct fake_op op, const void *host)
{
    struct fake_stream *s = stream_of(stream);

    if (s == NULL)
        return INVALID_HANDLE;
    fake_enqueue(s, op);
    if (!fake_owns(host, op.bytes, true))
        fake_drain(s);
    return fake_sticky();
}

result cuMemcpyHtoDAsync_v2(device_ptr to, const void *from, size_t bytes,
                            struct fake_stream *stream)
{
    struct fake_op op = {};

    ENTER_CONTEXT(launch_call_ns);
    if (!fake_owns(memory_at(to), bytes, false) || from == NULL)
        return INVALID_VALUE;
    op.kind = FAKE_TO_DEVICE;
    op.to = memory_at(to);
    op.from = from;
    op.bytes = bytes;
    return copy(stream, op, from);
}

result cuMemcpyDtoHAsync_v2(void *to, device_ptr from, size_t bytes,
                            struct fake_stream *stream)
{
    struct fake_op op = {};

    ENTER_CONTEXT(launch_call_ns);
    if (!fake_owns(memory_at(from), bytes, false) || to == NULL)
        return INVALID_VALUE;
    op.kind = FAKE_TO_HOST;
    op.to = to;
    op.from = memory_at(from);
    op.bytes = bytes;
    return copy(stream, op, to);
}

result cuMemsetD8Async(device_ptr to, unsigned char value, size_t bytes,
                       struct fake_stream *stream)
{
    struct fake_stream *s;
    struct fake_op op = {};

    ENTER_CONTEXT(launch_call_ns);
    s = stream_of(stream);
    if (s == NULL)
        return INVALID_HANDLE;
    if (!fake_owns(memory_at(to), bytes, false))
        return INVALID_VALUE;
    op.kind = FAKE_SET;
    op.to = memory_at(to);
    op.value = value;
    op.bytes = bytes;
    fake_enqueue(s, op);
    return SUCCESS;
}

/* ---- streams and events ---- */

result cuStreamCreate(struct fake_stream **stream, unsigned flags)
{
    ENTER_CONTEXT(alloc_call_ns);
    if (flags > 1)
        return INVALID_VALUE;
    *stream = fake_stream_new();
    return SUCCESS;
}

result cuStreamDestroy_v2(struct fake_stream *stream)
{
    ENTER_CONTEXT(alloc_call_ns);
    if (stream == NULL || !fake_stream_known(stream))
        return INVALID_HANDLE;
    fake_stream_free(stream);
    return SUCCESS;
}

result cuStreamSynchronize(struct fake_stream *stream)
{
    struct fake_stream *s;

    ENTER_CONTEXT(quick_ns);
    s = stream_of(stream);
    if (s == NULL)
        return INVALID_HANDLE;
    fake_drain(s);
    return fake_sticky();
}

result cuEventCreate(struct fake_event **event, unsigned flags)
{
    ENTER_CONTEXT(quick_ns);
    if (flags > 7)
        return INVALID_VALUE;
    *event = new fake_event();
    events.insert(*event);
    return SUCCESS;
}

result cuEventDestroy_v2(struct fake_event *event)
{
    ENTER_CONTEXT(quick_ns);
    if (events.count(event) == 0)
        return INVALID_HANDLE;
    if (event->pending > 0)
        fake_drain(NULL);
    events.erase(event);
    delete event;
    return SUCCESS;
}

result cuEventRecord(struct fake_event *event, struct fake_stream *stream)
{
    struct fake_stream *s;
    struct fake_op op = {};

    ENTER_CONTEXT(launch_call_ns / 2);
    s = stream_of(stream);
    if (s == NULL || events.count(event) == 0)
        return INVALID_HANDLE;
    op.kind = FAKE_EVENT;
    op.event = event;
    fake_enqueue(s, op);
    return SUCCESS;
}

result cuEventSynchronize(struct fake_event *event)
{
    ENTER_CONTEXT(quick_ns);
    if (events.count(event) == 0)
        return INVALID_HANDLE;
    while (event->pending > 0)
        if (!fake_step())
            fake_drain(NULL);
    return fake_sticky();
}

/* Looking lets the device do one thing more. */
result cuEventQuery(struct fake_event *event)
{
    ENTER_CONTEXT(quick_ns);
    if (events.count(event) == 0)
        return INVALID_HANDLE;
    if (event->pending == 0)
        return SUCCESS;
    fake_step();
    return fake_sticky() != 0 ? fake_sticky() : NOT_READY;
}

result cuEventElapsedTime(float *ms, struct fake_event *from, struct fake_event *to)
{
    ENTER_CONTEXT(quick_ns);
    if (events.count(from) == 0 || events.count(to) == 0)
        return INVALID_HANDLE;
    if (from->pending > 0 || to->pending > 0)
        return NOT_READY;
    if (!from->recorded || !to->recorded)
        return INVALID_HANDLE;
    *ms = fake_word("garbage-time") != NULL ? (float)NAN
                                            : (float)((to->ns - from->ns) * 1e-6);
    return SUCCESS;
}

/* ---- launches ---- */

static bool is_grid(const struct emu_grid *g)
{
    static const unsigned blocks_most[3] = {2147483647, 65535, 65535};
    static const unsigned threads_most[3] = {1024, 1024, 64};

    for (int i = 0; i < 3; i++)
        if (g->blocks[i] < 1 || g->blocks[i] > blocks_most[i] || g->threads[i] < 1 ||
            g->threads[i] > threads_most[i])
            return false;
    return g->threads[0] * g->threads[1] * g->threads[2] <= 1024;
}

result cuLaunchKernel(const void *function, unsigned gx, unsigned gy, unsigned gz,
                      unsigned bx, unsigned by, unsigned bz, unsigned shared_bytes,
                      struct fake_stream *stream, void **args, void **extra)
{
    const struct fake_kernel *kernel =
        static_cast<const struct fake_kernel *>(function);
    struct fake_stream *s;
    struct fake_op op = {};

    ENTER_CONTEXT(launch_call_ns);
    s = stream_of(stream);
    if (s == NULL || !fake_kernel_known(kernel))
        return INVALID_HANDLE;
    op.kind = FAKE_LAUNCH;
    op.kernel = kernel;
    op.grid = {{gx, gy, gz}, {bx, by, bz}};
    if (!is_grid(&op.grid) || shared_bytes > 49152 || extra != NULL ||
        (args == NULL && kernel->n_args > 0))
        return INVALID_VALUE;
    for (int i = 0; i < kernel->n_args; i++) {
        const unsigned char *bytes = static_cast<const unsigned char *>(args[i]);

        op.args[i].assign(bytes, bytes + kernel->sizes[i]);
    }
    fake_enqueue(s, op);
    return SUCCESS;
}

/* ---- words for codes ---- */

static const struct {
    int code;
    const char *name, *text;
} codes[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "no kernel image is available for execution on the device"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
     "the provided PTX was compiled with an unsupported toolchain."},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
};

static result word_of(int code, const char **word, bool is_name)
{
    *word = NULL;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code)
            *word = is_name ? codes[i].name : codes[i].text;
    return *word != NULL ? SUCCESS : INVALID_VALUE;
}

result cuGetErrorName(int code, const char **name)
{
    return word_of(code, name, true);
}

result cuGetErrorString(int code, const char **text)
{
    return word_of(code, text, false);
}
}
