/* Counting a transformer's weights, bytes and operations. */
#include "model/llm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/catalog.h"
#include "model/llm_models.h"

const struct model_llm *model_llm_at(int32_t index)
{
    return index >= 0 && index < model_llm_n_models ? &model_llm_models[index] : NULL;
}

const struct model_llm *model_llm_find(const char *name)
{
    for (int32_t i = 0; i < model_llm_n_models; i++)
        if (strcmp(model_llm_models[i].name, name) == 0)
            return &model_llm_models[i];
    return NULL;
}

/* Weights of one layer's attention: query and output, key and value. */
static double attention_weights(const struct model_llm *m)
{
    return 2.0 * m->hidden * m->head_dim * ((double)m->heads + m->kv_heads);
}

/* Weights of one feed-forward block of `width`. */
static double block_weights(const struct model_llm *m, int64_t width)
{
    return (m->gated ? 3.0 : 2.0) * m->hidden * (double)width;
}

/* Weights of one layer of which `experts` experts count. */
static double layer_weights(const struct model_llm *m, double experts)
{
    return attention_weights(m) + experts * block_weights(m, m->ffn) +
           block_weights(m, m->shared_ffn) +
           (m->experts > 1 ? (double)m->hidden * m->experts : 0);
}

static double head_weights(const struct model_llm *m)
{
    return (double)m->hidden * (double)m->vocabulary;
}

double model_llm_parameters(const struct model_llm *m)
{
    return m->layers * layer_weights(m, m->experts) +
           (m->tied ? 1 : 2) * head_weights(m);
}

double model_llm_active_parameters(const struct model_llm *m)
{
    return m->layers * layer_weights(m, m->experts_per_token) + head_weights(m);
}

int64_t model_llm_weight_bytes(const struct model_llm *m)
{
    return (int64_t)ceil(model_llm_parameters(m) * m->weight_bits / 8);
}

int64_t model_llm_kv_bytes(const struct model_llm *m)
{
    return (2 * (int64_t)m->layers * m->kv_heads * m->head_dim * m->kv_bits + 7) / 8;
}

double model_llm_experts_met(const struct model_llm *m, double tokens)
{
    double share = (double)m->experts_per_token / m->experts;

    if (m->experts == m->experts_per_token)
        return tokens > 0 ? m->experts : 0;
    return -m->experts * expm1(tokens * log1p(-share));
}

double model_llm_layers_met_bytes(const struct model_llm *m, double tokens)
{
    return m->layers * layer_weights(m, model_llm_experts_met(m, tokens)) *
           m->weight_bits / 8;
}

double model_llm_head_bytes(const struct model_llm *m)
{
    return head_weights(m) * m->weight_bits / 8;
}

double model_llm_dense_flop(const struct model_llm *m, double tokens)
{
    return 2 * tokens * m->layers * layer_weights(m, m->experts_per_token);
}

double model_llm_head_flop(const struct model_llm *m, double rows)
{
    return 2 * rows * head_weights(m);
}

double model_llm_attention_flop(const struct model_llm *m, double pairs)
{
    return 4.0 * m->layers * m->heads * m->head_dim * pairs;
}

static struct model_gpu from_facts(const struct model_gpu_facts *f)
{
    double link = f->nvlink_gbs_bidirectional > 0 ? f->nvlink_gbs_bidirectional / 2
                                                  : f->pcie_gbs_per_direction;

    /* Parts without bf16 (before Ampere) serve in fp16. */
    return (struct model_gpu){
        .name = f->model,
        .source = f->sources,
        .memory_bytes = isnan(f->memory_gib_usable)
                            ? f->memory_gb_nominal * 1e9
                            : f->memory_gib_usable * 1024 * 1024 * 1024,
        .bytes_per_s = f->mem_bandwidth_gbs * 1e9,
        .bf16_flop_per_s = (isnan(f->bf16_dense_tflops) ? f->fp16_dense_tflops
                                                        : f->bf16_dense_tflops) *
                           1e12,
        .fp8_flop_per_s = f->fp8_dense_tflops * 1e12,
        .fp16_flop_per_s = f->fp16_dense_tflops * 1e12,
        .int8_op_per_s = f->int8_dense_tops * 1e12,
        .fp32_flop_per_s = f->fp32_tflops * 1e12,
        .host_bytes_per_s = f->pcie_gbs_per_direction * 1e9,
        .link_bytes_per_s = link * 1e9,
        .link_is_pcie = !(f->nvlink_gbs_bidirectional > 0),
    };
}

static enum sp_status refuse_unknown(const struct model_gpus *gpus, const char *name,
                                     struct sp_arena *arena, struct sp_err *err)
{
    const char **names = sp_arena_array(arena, (size_t)gpus->n, sizeof *names);
    const char *nearest;
    char quoted[80];

    for (int32_t i = 0; i < gpus->n; i++)
        names[i] = gpus->rows[i].model;
    nearest = sp_text_nearest(name, names, (size_t)gpus->n);
    sp_text_quote(name, quoted, sizeof quoted);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT, "unknown GPU %s, did you mean '%s'?", quoted,
                       nearest);
    return sp_fail(err, SP_EINPUT, "unknown GPU %s, expected one like '%s'", quoted,
                   "H100-SXM5-80GB");
}

static enum sp_status refuse_ambiguous(const struct model_gpus *gpus, const char *name,
                                       struct sp_err *err)
{
    char quoted[80], list[400] = "";
    size_t used = 0;

    for (int32_t i = 0; i < gpus->n; i++)
        if (strncmp(gpus->rows[i].model, name, strlen(name)) == 0 &&
            used + strlen(gpus->rows[i].model) + 3 < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     used > 0 ? ", " : "", gpus->rows[i].model);
    return sp_fail(err, SP_EINPUT, "GPU %s could be %s, expected one of them",
                   sp_text_quote(name, quoted, sizeof quoted), list);
}

enum sp_status model_gpu_find(const char *name, struct sp_arena *arena,
                              struct model_gpu *gpu, struct sp_err *err)
{
    struct model_gpus gpus;
    const struct model_gpu_facts *found;
    int32_t n = 0;

    model_gpus_builtin(arena, &gpus);
    found = model_gpus_find(&gpus, name);
    for (int32_t i = 0; i < gpus.n && found == NULL && name[0] != '\0'; i++)
        n += strncmp(gpus.rows[i].model, name, strlen(name)) == 0;
    if (n > 1)
        return refuse_ambiguous(&gpus, name, err);
    for (int32_t i = 0; i < gpus.n && n == 1 && found == NULL; i++)
        if (strncmp(gpus.rows[i].model, name, strlen(name)) == 0)
            found = &gpus.rows[i];
    if (found == NULL)
        return refuse_unknown(&gpus, name, arena, err);
    *gpu = from_facts(found);
    return SP_OK;
}
