/* Streams of a CUDA device: copies, events, launches, and the gate that holds them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/cuda_device.h"
#include "calibrate/cuda_parts.h"

enum { ARGS_MAX = 16, FLAG_BYTES = 64 };
static const double GATE_S = 0.1;

/* ---- streams ---- */

void cal_cuda_stream_free(struct cal_device *d, struct cal_stream *s)
{
    if (s == NULL)
        return;
    if (s->stream != NULL)
        d->cu.cuStreamDestroy_v2(s->stream);
    if (s->event != NULL)
        d->cu.cuEventDestroy_v2(s->event);
    if (s->flag != NULL)
        d->cu.cuMemFreeHost((void *)(uintptr_t)s->flag);
    free(s);
}

struct cal_stream *cal_cuda_stream_new(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = sp_xcalloc(1, sizeof *s);
    void *flag = NULL;

    s->d = d;
    if (CAL_CUDA_CALL(d, cuStreamCreate, (&s->stream, CAL_CU_STREAM_NON_BLOCKING),
                      err) == SP_OK &&
        CAL_CUDA_CALL(d, cuEventCreate, (&s->event, CAL_CU_EVENT_DEFAULT), err) ==
            SP_OK &&
        CAL_CUDA_CALL(d, cuMemHostAlloc,
                      (&flag, FLAG_BYTES, CAL_CU_HOST_ALLOC_DEVICEMAP), err) == SP_OK) {
        s->flag = flag;
        s->flag[0] = s->flag[1] = 0;
        if (CAL_CUDA_CALL(d, cuMemHostGetDevicePointer_v2, (&s->flag_at, flag, 0),
                          err) == SP_OK)
            return s;
    }
    cal_cuda_stream_free(d, s);
    return NULL;
}

enum sp_status cal_cuda_to_device(struct cal_stream *s, cal_memory *to,
                                  const void *from, size_t bytes, struct sp_err *err)
{
    return CAL_CUDA_CALL(s->d, cuMemcpyHtoDAsync_v2, (to->at, from, bytes, s->stream),
                         err);
}

enum sp_status cal_cuda_to_host(struct cal_stream *s, void *to, cal_memory *from,
                                size_t bytes, struct sp_err *err)
{
    return CAL_CUDA_CALL(s->d, cuMemcpyDtoHAsync_v2, (to, from->at, bytes, s->stream),
                         err);
}

enum sp_status cal_cuda_finish(struct cal_stream *s, struct sp_err *err)
{
    return CAL_CUDA_CALL(s->d, cuStreamSynchronize, (s->stream), err);
}

/* ---- events ---- */

struct cal_event *cal_cuda_event(struct cal_device *d, struct sp_err *err)
{
    struct cal_event *e;
    void *event = NULL;

    if (CAL_CUDA_CALL(d, cuEventCreate, (&event, CAL_CU_EVENT_DEFAULT), err) != SP_OK)
        return NULL;
    e = sp_xcalloc(1, sizeof *e);
    e->event = event;
    return e;
}

void cal_cuda_event_free(struct cal_device *d, struct cal_event *e)
{
    if (e == NULL)
        return;
    d->cu.cuEventDestroy_v2(e->event);
    free(e);
}

enum sp_status cal_cuda_record(struct cal_stream *s, struct cal_event *e,
                               struct sp_err *err)
{
    return CAL_CUDA_CALL(s->d, cuEventRecord, (e->event, s->stream), err);
}

enum sp_status cal_cuda_elapsed(struct cal_device *d, struct cal_event *from,
                                struct cal_event *to, double *s, struct sp_err *err)
{
    float ms = 0;

    if (CAL_CUDA_CALL(d, cuEventElapsedTime, (&ms, from->event, to->event), err) !=
        SP_OK)
        return SP_EIO;
    if (!isfinite(ms))
        return sp_fail(err, SP_EIO, "cuEventElapsedTime: %g ms, expected a time",
                       (double)ms);
    *s = 1e-3 * (double)ms;
    return SP_OK;
}

/* ---- launches ---- */

struct cal_function *cal_cuda_function(struct cal_device *d, const char *name,
                                       struct sp_err *err)
{
    void *found = NULL;

    for (int i = 0; i < d->n_functions; i++)
        if (strcmp(d->functions[i].name, name) == 0)
            return &d->functions[i];
    if (CAL_CUDA_CALL(d, cuModuleGetFunction, (&found, d->module, name), err) != SP_OK)
        return NULL;
    sp_assert(d->n_functions < CAL_CUDA_FUNCTIONS_MAX);
    d->functions[d->n_functions] =
        (struct cal_function){sp_arena_strdup(d->arena, name), found};
    return &d->functions[d->n_functions++];
}

enum sp_status cal_cuda_launch(struct cal_stream *s, struct cal_function *f,
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
    return cal_cuda_check(
        s->d,
        s->d->cu.cuLaunchKernel(f->function, grid->blocks[0], grid->blocks[1],
                                grid->blocks[2], grid->threads[0], grid->threads[1],
                                grid->threads[2], 0, s->stream, at, NULL),
        what, err);
}

enum sp_status cal_cuda_gemm(struct cal_stream *s, const char *format, cal_memory *c,
                             cal_memory *a, cal_memory *b, int32_t m, int32_t n,
                             int32_t k, struct sp_err *err)
{
    struct cal_device *d = s->d;
    const struct cal_cublaslt_gemm g = {.format = format,
                                        .a = a->at,
                                        .b = b->at,
                                        .c = c->at,
                                        .workspace = d->workspace,
                                        .workspace_bytes = CAL_CUDA_WORKSPACE_BYTES,
                                        .m = m,
                                        .n = n,
                                        .k = k};

    return cal_cublaslt_multiply(d->lt, &g, s->stream, err);
}

/* ---- holding ---- */

static enum sp_status shut(struct cal_stream *s, int64_t spins, struct sp_err *err)
{
    struct cal_device *d = s->d;
    struct cal_function *gate = cal_cuda_function(d, "gate", err);
    cal_memory flag = {s->flag_at};
    const struct cal_arg args[] = {{.kind = CAL_ARG_MEMORY, .of.memory = &flag},
                                   {.kind = CAL_ARG_I64, .of.i64 = spins}};
    const struct cal_grid one = {{1, 1, 1}, {1, 1, 1}};

    if (gate == NULL)
        return SP_EIO;
    s->flag[0] = s->flag[1] = 0;
    return cal_cuda_launch(s, gate, &one, args, 2, err);
}

enum sp_status cal_cuda_hold(struct cal_stream *s, struct sp_err *err)
{
    s->held = s->d->gate_spins > 0;
    return s->held ? shut(s, s->d->gate_spins, err) : SP_OK;
}

enum sp_status cal_cuda_release(struct cal_stream *s, bool *held, struct sp_err *err)
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

    if (cal_cuda_record(s, from, err) != SP_OK || shut(s, spins, err) != SP_OK ||
        cal_cuda_record(s, to, err) != SP_OK)
        return SP_EIO;
    *waits = d->cu.cuEventQuery(to->event) == CAL_CU_NOT_READY;
    if (cal_cuda_finish(s, err) != SP_OK)
        return SP_EIO;
    return cal_cuda_elapsed(d, from, to, took_s, err);
}

/* How many looks are GATE_S; none where launches block (CUDA_LAUNCH_BLOCKING). */
enum sp_status cal_cuda_measure_gate(struct cal_device *d, struct sp_err *err)
{
    struct cal_stream *s = cal_cuda_stream_new(d, err);
    struct cal_event *from = cal_cuda_event(d, err), *to = cal_cuda_event(d, err);
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
    cal_cuda_stream_free(d, s);
    cal_cuda_event_free(d, from);
    cal_cuda_event_free(d, to);
    return status;
}
