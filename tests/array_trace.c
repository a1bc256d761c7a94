/* A pass is a place in the array. */
#include "tests/array_trace.h"

struct pass {
    const struct array_trace *trace;
    int32_t at;
};

static bool next_row(void *self, struct model_arrival *a, enum sp_status *status,
                     struct sp_err *err)
{
    struct pass *pass = self;

    (void)status;
    (void)err;
    if (pass->at == pass->trace->n)
        return false;
    *a = pass->trace->rows[pass->at++];
    return true;
}

static enum sp_status open_pass(void *self, const struct model_plan *plan,
                                struct model_arrivals *arrivals, struct sp_err *err)
{
    const struct array_trace *trace = self;
    struct pass *pass = sp_arena_alloc(trace->arena, sizeof *pass);

    (void)plan;
    (void)err;
    pass->trace = trace;
    *arrivals = (struct model_arrivals){
        .self = pass, .next = next_row, .hash_block_tokens = trace->hash_block_tokens};
    return SP_OK;
}

struct model_trace_opener array_trace_opener(struct array_trace *trace)
{
    return (struct model_trace_opener){trace, open_pass};
}

struct model_source array_trace_source(int32_t rows)
{
    return (struct model_source){.kind = MODEL_SOURCE_TRACE,
                                 .items = -1,
                                 .for_ns = -1,
                                 .trace_scale = 1,
                                 .trace = {.known = true, .rows = rows}};
}
