/* Streams, kernels and events of OpenCL. */
#include <stdlib.h>
#include <string.h>

#include "calibrate/opencl_parts.h"

/* ---- streams ---- */

struct cal_stream *cal_opencl_stream_new(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = sp_xcalloc(1, sizeof *s);
    cl_int code = CL_SUCCESS;

    s->d = d;
    s->queue = d->cl.clCreateCommandQueue(d->context, d->device,
                                          CL_QUEUE_PROFILING_ENABLE, &code);
    if (s->queue != NULL)
        return s;
    free(s);
    cal_opencl_failed(err, "no queue with profiling", code);
    return NULL;
}

static enum sp_status open_gate(struct cal_stream *s, struct sp_err *err)
{
    cl_int code;

    if (s->gate == NULL)
        return SP_OK;
    code = s->d->cl.clSetUserEventStatus(s->gate, CL_COMPLETE);
    s->d->cl.clReleaseEvent(s->gate);
    s->gate = NULL;
    return code == CL_SUCCESS
               ? SP_OK
               : cal_opencl_failed(err, "the queue can't be released", code);
}

enum sp_status cal_opencl_hold(struct cal_stream *s, struct sp_err *err)
{
    cl_int code = CL_SUCCESS;

    sp_assert(s->gate == NULL);
    s->gate = s->d->cl.clCreateUserEvent(s->d->context, &code);
    if (s->gate == NULL)
        return cal_opencl_failed(err, "no user event", code);
    code = s->d->cl.clEnqueueBarrierWithWaitList(s->queue, 1, &s->gate, NULL);
    if (code == CL_SUCCESS)
        return SP_OK;
    if (open_gate(s, err) != SP_OK)
        return SP_EIO;
    return cal_opencl_failed(err, "the queue can't be held", code);
}

/* A user event waits for ever: what it holds is held. */
enum sp_status cal_opencl_release(struct cal_stream *s, bool *held, struct sp_err *err)
{
    *held = true;
    return open_gate(s, err);
}

void cal_opencl_stream_free(struct cal_device *d, struct cal_stream *s)
{
    if (s == NULL)
        return;
    if (open_gate(s, NULL) == SP_OK)
        d->cl.clFinish(s->queue);
    d->cl.clReleaseCommandQueue(s->queue);
    free(s);
}

enum sp_status cal_opencl_to_device(struct cal_stream *s, cal_memory *to,
                                    const void *from, size_t bytes, struct sp_err *err)
{
    cl_int code = s->d->cl.clEnqueueWriteBuffer(s->queue, to->mem, CL_FALSE, 0, bytes,
                                                from, 0, NULL, NULL);

    return code == CL_SUCCESS ? SP_OK
                              : cal_opencl_failed(err, "copy to the device", code);
}

enum sp_status cal_opencl_to_host(struct cal_stream *s, void *to, cal_memory *from,
                                  size_t bytes, struct sp_err *err)
{
    cl_int code = s->d->cl.clEnqueueReadBuffer(s->queue, from->mem, CL_FALSE, 0, bytes,
                                               to, 0, NULL, NULL);

    return code == CL_SUCCESS ? SP_OK
                              : cal_opencl_failed(err, "copy to the host", code);
}

enum sp_status cal_opencl_finish(struct cal_stream *s, struct sp_err *err)
{
    cl_int code;

    if (open_gate(s, err) != SP_OK)
        return SP_EIO;
    code = s->d->cl.clFinish(s->queue);
    return code == CL_SUCCESS
               ? SP_OK
               : cal_opencl_failed(err, "the queue does not finish", code);
}

/* ---- kernels ---- */

struct cal_function *cal_opencl_function(struct cal_device *d, const char *name,
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

enum sp_status cal_opencl_launch(struct cal_stream *s, struct cal_function *f,
                                 const struct cal_grid *grid,
                                 const struct cal_arg *args, int32_t n_args,
                                 struct sp_err *err)
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

struct cal_event *cal_opencl_event(struct cal_device *d, struct sp_err *err)
{
    (void)d;
    (void)err;
    return sp_xcalloc(1, sizeof(struct cal_event));
}

void cal_opencl_event_free(struct cal_device *d, struct cal_event *e)
{
    if (e != NULL && e->event != NULL)
        d->cl.clReleaseEvent(e->event);
    free(e);
}

enum sp_status cal_opencl_record(struct cal_stream *s, struct cal_event *e,
                                 struct sp_err *err)
{
    cl_int code;

    if (e->event != NULL)
        s->d->cl.clReleaseEvent(e->event);
    e->event = NULL;
    code = s->d->cl.clEnqueueMarkerWithWaitList(s->queue, 0, NULL, &e->event);
    return code == CL_SUCCESS ? SP_OK : cal_opencl_failed(err, "no marker", code);
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
    return code == CL_SUCCESS ? SP_OK
                              : cal_opencl_failed(err, "no time of an event", code);
}

enum sp_status cal_opencl_elapsed(struct cal_device *d, struct cal_event *from,
                                  struct cal_event *to, double *s, struct sp_err *err)
{
    cl_ulong begin = 0, end = 0;

    if (event_ns(d, from, &begin, err) != SP_OK || event_ns(d, to, &end, err) != SP_OK)
        return SP_EIO;
    *s = (double)(int64_t)(end - begin) / 1e9;
    return SP_OK;
}
