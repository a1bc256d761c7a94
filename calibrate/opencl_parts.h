/* The rows of an open OpenCL device: shared by calibrate/opencl*.c and nobody else. */
#ifndef CALIBRATE_OPENCL_PARTS_H
#define CALIBRATE_OPENCL_PARTS_H

#include "calibrate/device.h"
#include "calibrate/opencl_api.h"

enum { CAL_OPENCL_DEVICES_MAX = 32 };

/* Pinned memory is a buffer that is mapped for as long as it lives. */
struct cal_pinned {
    cl_mem mem;
    void *mapped;
    struct cal_pinned *next;
};

struct cal_device {
    void *library;
    struct cal_opencl_api cl;
    int32_t n_devices;
    cl_device_id devices[CAL_OPENCL_DEVICES_MAX];
    cl_platform_id platforms[CAL_OPENCL_DEVICES_MAX]; /* of each device */
    struct sp_arena *arena;                           /* for texts */
    cl_device_id device;
    cl_context context;
    cl_program program;
    cl_command_queue queue; /* for mapping */
    struct cal_pinned *pinned;
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

/* "OpenCL: WHAT: error N"; SP_EIO. */
enum sp_status cal_opencl_failed(struct sp_err *err, const char *what, cl_int code);

/* The rows of calibrate/device.h that are about streams, kernels and events. */
struct cal_stream *cal_opencl_stream_new(struct cal_device *d, struct sp_err *err);
void cal_opencl_stream_free(struct cal_device *d, struct cal_stream *s);
enum sp_status cal_opencl_to_device(struct cal_stream *s, cal_memory *to,
                                    const void *from, size_t bytes, struct sp_err *err);
enum sp_status cal_opencl_to_host(struct cal_stream *s, void *to, cal_memory *from,
                                  size_t bytes, struct sp_err *err);
struct cal_function *cal_opencl_function(struct cal_device *d, const char *name,
                                         struct sp_err *err);
enum sp_status cal_opencl_launch(struct cal_stream *s, struct cal_function *f,
                                 const struct cal_grid *grid,
                                 const struct cal_arg *args, int32_t n_args,
                                 struct sp_err *err);
enum sp_status cal_opencl_hold(struct cal_stream *s, struct sp_err *err);
enum sp_status cal_opencl_release(struct cal_stream *s, bool *held, struct sp_err *err);
struct cal_event *cal_opencl_event(struct cal_device *d, struct sp_err *err);
void cal_opencl_event_free(struct cal_device *d, struct cal_event *e);
enum sp_status cal_opencl_record(struct cal_stream *s, struct cal_event *e,
                                 struct sp_err *err);
enum sp_status cal_opencl_elapsed(struct cal_device *d, struct cal_event *from,
                                  struct cal_event *to, double *s, struct sp_err *err);
enum sp_status cal_opencl_finish(struct cal_stream *s, struct sp_err *err);

#endif
