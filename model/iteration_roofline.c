/* From a model's shape and a datasheet alone: each part of an iteration takes what its
 * operations take at the peak rate or what its bytes take at the memory's, whichever is
 * longer, each at its efficiency.
 *
 * Parts: the layers' matrix products (weights met are read once, whatever the tokens),
 * the head for rows that give a token, attention of chunks (by query-key pairs, or
 * their KV bytes), attention of decodes (their KV bytes), all-reduce of the hidden
 * states twice a layer, overheads.  Everything is shared evenly by the GPUs.  Left out:
 * unevenness of the parts, what overlaps, host time beyond `step_s`.
 */
#include "model/iteration_parts.h"

#include <math.h>

struct roofline {
    struct model_llm llm;
    double flop_ticks, byte_ticks;          /* one, on all GPUs, at its efficiency */
    double reduce_ticks, reduce_byte_ticks; /* both all-reduces of all layers: fixed,
                                             * and per token */
    double overhead_ticks;
    int64_t kv_ticks; /* one token of context read by a decode */
};

struct parts {
    double compute, memory, other; /* ticks of parts bound by them; overheads */
};

static void add_part(struct parts *p, const struct roofline *r, double flop,
                     double bytes)
{
    double compute = flop * r->flop_ticks, memory = bytes * r->byte_ticks;

    if (compute > memory)
        p->compute += compute;
    else
        p->memory += memory;
}

/* What does not depend on the decodes' contexts. */
static struct parts fixed_parts(const struct roofline *r, const struct model_batch *b)
{
    double tokens = (double)b->prefill_tokens + b->decodes;
    double rows = (double)b->prefill_ends + b->decodes;
    struct parts p = {.other = r->overhead_ticks + r->reduce_ticks +
                               r->reduce_byte_ticks * tokens};

    add_part(&p, r, model_llm_dense_flop(&r->llm, tokens),
             model_llm_layers_met_bytes(&r->llm, tokens));
    if (rows > 0)
        add_part(&p, r, model_llm_head_flop(&r->llm, rows),
                 model_llm_head_bytes(&r->llm));
    if (b->prefills > 0)
        add_part(&p, r, model_llm_attention_flop(&r->llm, (double)b->prefill_pairs),
                 (double)model_llm_kv_bytes(&r->llm) *
                     ((double)b->prefill_context + (double)b->prefill_tokens));
    return p;
}

static enum sp_status roofline_line(const void *self, const struct model_batch *b,
                                    struct model_line *line,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    const struct roofline *r = self;
    struct parts p = fixed_parts(r, b);
    int64_t excess = model_ticks_round(p.compute - p.memory);
    struct model_line kv = {0, 0, INT64_MAX};

    (void)err;
    if (__builtin_mul_overflow(r->kv_ticks, b->decode_context, &kv.first) ||
        __builtin_mul_overflow(r->kv_ticks, (int64_t)b->decodes, &kv.step))
        kv = (struct model_line){MODEL_TICKS_MAX, 0, 1};
    *line = (struct model_line){model_ticks_round(p.compute + p.memory + p.other), 0,
                                model_side_count(excess - kv.first, -kv.step)};
    model_line_add(line, kv);
    *time = (struct model_iteration_time){.compute_bound = excess - kv.first > 0};
    return SP_OK;
}

static enum sp_status roofline_mixed(const void *self, const struct model_batch *b,
                                     struct model_iteration_time *time,
                                     struct sp_err *err)
{
    const struct roofline *r = self;
    struct parts p = fixed_parts(r, b);

    (void)err;
    p.memory += (double)r->kv_ticks * (double)b->decode_context;
    *time = (struct model_iteration_time){
        .ticks = model_ticks_round(p.compute + p.memory + p.other),
        .compute_bound = p.compute > p.memory};
    return SP_OK;
}

static const struct model_iteration_ops roofline_ops = {roofline_mixed, roofline_line};

/* Sources, stated before any comparison with a served model:
 *
 * compute, 0.60: vidur's measured A100 and H100 kernels of Llama-2-70B's layers (TP 1
 * to 8, 512 tokens and more); matrix products, norms and activation together reach 0.61
 * of the datasheet's rate on average.  (BLIS: 0.45, 0.38, 0.32 of H100, A100, L40S for
 * whole steps.)
 *
 * memory, 0.80: fleet-sim; the same kernels at 64 tokens and fewer: 0.63 to 0.89.
 *
 * layer, 20 us: the same layers' other kernels at few tokens, 19 to 49 us one by one,
 * of which engines fuse some.  (BLIS: 32 us; fleet-sim: 3 us.)
 *
 * step, 126 us: BLIS, fitted on an H100.
 *
 * all-reduce, 15 us: vidur's measured all-reduce on A100 and H100, the intercept of 12
 * to 67 MB. */
struct model_roofline_options model_roofline_defaults(void)
{
    return (struct model_roofline_options){
        .tensor_parallel = 1,
        .compute_frac = 0.60,
        .memory_frac = 0.80,
        .link_frac = NAN,
        .layer_s = 20e-6,
        .step_s = 126e-6,
        .all_reduce_s = 15e-6,
    };
}

/* NVLink: the same measurements reach 0.63 to 0.69 of it.
 * PCIe: nccl-tests as reported for GPUs without NVLink reach 0.40 (4090s: tinygrad/
 * open-gpu-kernel-modules 22) to 0.55 (four 5090s: NVIDIA/nccl 1639) with large
 * messages, less with those of 1 MB.  Hosts differ widely: what is known about one
 * should be stated. */
double model_roofline_link_frac(const struct model_gpu *gpu)
{
    return gpu->link_is_pcie ? 0.40 : 0.65;
}

static double link_frac(const struct model_roofline_options *o)
{
    return isnan(o->link_frac) ? model_roofline_link_frac(o->gpu) : o->link_frac;
}

/* The rate of matrix products: fp8 where weights have 8 bits and the GPU can. */
static double flop_rate(const struct model_llm *llm, const struct model_gpu *gpu)
{
    return llm->weight_bits == 8 && gpu->fp8_flop_per_s > 0 ? gpu->fp8_flop_per_s
                                                            : gpu->bf16_flop_per_s;
}

static enum sp_status check(const struct model_roofline_options *o, struct sp_err *err)
{
    const struct {
        const char *name;
        double v;
    } fracs[] = {{"compute", o->compute_frac},
                 {"memory", o->memory_frac},
                 {"link", o->tensor_parallel > 1 ? link_frac(o) : 1}};

    for (int i = 0; i < 3; i++)
        if (!(fracs[i].v > 0 && fracs[i].v <= 1))
            return sp_fail(err, SP_EINPUT,
                           "found the efficiency %g of %s, expected one above 0, at "
                           "most 1",
                           fracs[i].v, fracs[i].name);
    if (o->tensor_parallel < 1)
        return sp_fail(err, SP_EINPUT, "found %d GPUs, expected at least 1",
                       o->tensor_parallel);
    if (!(flop_rate(o->llm, o->gpu) > 0) || !(o->gpu->bytes_per_s > 0))
        return sp_fail(err, SP_EINPUT,
                       "%s: the datasheet has no rate of matrix products or of memory, "
                       "expected both for a roofline",
                       o->gpu->name);
    if (o->tensor_parallel > 1 && !(o->gpu->link_bytes_per_s > 0))
        return sp_fail(err, SP_EINPUT,
                       "%s: the datasheet has no link between GPUs, expected one for "
                       "%d GPUs",
                       o->gpu->name, o->tensor_parallel);
    return SP_OK;
}

enum sp_status model_iteration_roofline(const struct model_roofline_options *o,
                                        struct sp_arena *arena,
                                        struct model_iteration **it, struct sp_err *err)
{
    struct roofline *r = sp_arena_alloc(arena, sizeof *r);
    enum sp_status status = check(o, err);
    double p = o->tensor_parallel;

    if (status != SP_OK)
        return status;
    *r = (struct roofline){
        .llm = *o->llm,
        .flop_ticks =
            model_ticks(1 / (flop_rate(o->llm, o->gpu) * o->compute_frac * p)),
        .byte_ticks = model_ticks(1 / (o->gpu->bytes_per_s * o->memory_frac * p)),
        .overhead_ticks = model_ticks(o->step_s + o->layer_s * o->llm->layers),
    };
    if (o->tensor_parallel > 1) {
        r->reduce_ticks = model_ticks(2.0 * o->llm->layers * o->all_reduce_s);
        r->reduce_byte_ticks =
            model_ticks(2.0 * o->llm->layers * 2 * (p - 1) / p * o->llm->hidden * 2 /
                        (o->gpu->link_bytes_per_s * link_frac(o)));
    }
    r->kv_ticks = model_ticks_round((double)model_llm_kv_bytes(o->llm) * r->byte_ticks);
    *it = model_iteration_new(
        arena,
        &(struct model_iteration){
            .ops = &roofline_ops,
            .kind = MODEL_TIME_ROOFLINE,
            .knows_bound = true,
            .self = r,
            .text = sp_arena_printf(
                arena, "roofline of %s on %s%s (compute %.4g %%, memory %.4g %%%s%s)",
                o->llm->name, o->gpu->name,
                o->tensor_parallel > 1
                    ? sp_arena_printf(arena, " x %d", o->tensor_parallel)
                    : "",
                100 * o->compute_frac, 100 * o->memory_frac,
                o->measured != NULL ? ", measured: " : "",
                o->measured != NULL ? o->measured : ""),
        });
    return SP_OK;
}
