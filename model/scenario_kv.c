/* How many blocks of KV cache a replica has. */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* vLLM's rule: what gpu_memory_utilization leaves of the GPUs after the weights and
 * what the engine itself needs, in blocks.  Where a replica has more GPUs than the
 * model has KV heads, each head's cache is on several of them. */
static int32_t copies(const struct model_pool *pool, const struct model_llm *llm)
{
    return pool->gpus > llm->kv_heads ? (pool->gpus + llm->kv_heads - 1) / llm->kv_heads
                                      : 1;
}

static const char *room_text(struct model_reader *r, const struct model_kv_room *room,
                             const struct model_pool *pool)
{
    char has[40], reserve[40];

    return sp_arena_printf(
        r->arena, "(%s x %g - %s) x %d GPU%s",
        sp_format_bytes(pool->gpu->memory_bytes, has, sizeof has),
        room->utilization_frac,
        sp_format_bytes((double)room->reserve_bytes, reserve, sizeof reserve),
        (int)pool->gpus, pool->gpus == 1 ? "" : "s");
}

enum sp_status model_kv_capacity(struct model_reader *r,
                                 const struct model_yaml_node *where,
                                 const struct model_kv_room *room,
                                 const struct model_llm *llm, struct model_pool *pool)
{
    const int64_t weight_bytes = model_llm_weight_bytes(llm);
    const int64_t token_bytes = model_llm_kv_bytes(llm) * copies(pool, llm);
    const int64_t block_bytes = token_bytes * pool->block_size;
    char weights[40], left[40], block[40];
    double usable;
    const char *text;

    sp_format_bytes((double)weight_bytes, weights, sizeof weights);
    sp_format_bytes((double)block_bytes, block, sizeof block);
    text = room_text(r, room, pool);
    usable = floor((pool->gpu->memory_bytes * room->utilization_frac -
                    (double)room->reserve_bytes) *
                   pool->gpus);
    sp_format_bytes(fmax(0, usable), left, sizeof left);
    if (usable < (double)weight_bytes)
        return model_read_fail(
            r, where,
            "the weights of %s take %s, and a replica has %s for them: %s; expected "
            "more GPUs, a smaller number format, or num_gpu_blocks",
            llm->name, weights, left, text);
    pool->kv_blocks =
        (int64_t)floor((usable - (double)weight_bytes) / (double)block_bytes);
    sp_format_bytes(usable - (double)weight_bytes, left, sizeof left);
    if (pool->kv_blocks < 1)
        return model_read_fail(
            r, where,
            "no room for KV cache: of %s the weights of %s, %s, leave "
            "%s, and a block of %d tokens takes %s",
            text, llm->name, weights, left, (int)pool->block_size, block);
    pool->kv_text =
        sp_arena_printf(r->arena, "(%s - %s of weights) / %s a block of %d tokens",
                        text, weights, block, (int)pool->block_size);
    return SP_OK;
}
