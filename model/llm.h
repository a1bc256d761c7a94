/* Shapes of language models and what follows from them: parameters, bytes of weights
 * and of KV cache, floating-point operations.  Pure functions.
 *
 * A decoder-only transformer: per layer the projections of attention (query, key,
 * value, output), and a feed-forward block, dense or of experts of which each token
 * visits some; then the head over the vocabulary.  Norms, biases and rotary tables are
 * left out (below 0.1 % of the weights).
 */
#ifndef MODEL_LLM_H
#define MODEL_LLM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct model_llm {
    const char *name;
    const char *source; /* where the shape was published */
    int32_t layers, hidden, heads, kv_heads, head_dim;
    int64_t ffn;     /* width of the feed-forward block, of one expert where there
                      * are several */
    bool gated;      /* three matrices (gate, up, down) instead of two */
    int32_t experts; /* 1: dense */
    int32_t experts_per_token;
    int64_t shared_ffn; /* width of the experts that every token visits; 0: none */
    int64_t vocabulary;
    bool tied;                    /* embedding and head share their weights */
    int32_t weight_bits, kv_bits; /* per value: 16 for bf16, 8 for fp8 */
};

/* The shape called `name` in the built-in library, or NULL; names of all by index. */
const struct model_llm *model_llm_find(const char *name);
const struct model_llm *model_llm_at(int32_t index); /* NULL past the end */

/* All parameters; those that one token meets (its experts, the head, no embedding). */
double model_llm_parameters(const struct model_llm *m);
double model_llm_active_parameters(const struct model_llm *m);

int64_t model_llm_weight_bytes(const struct model_llm *m);

/* Bytes of KV cache of one token: 2 x layers x kv_heads x head_dim x bytes. */
int64_t model_llm_kv_bytes(const struct model_llm *m);

/* Experts of a layer that `tokens` tokens meet, each choosing experts_per_token evenly
 * and independently: E (1 - (1 - k/E)^tokens). */
double model_llm_experts_met(const struct model_llm *m, double tokens);

/* Bytes of weights that an iteration over `tokens` tokens reads: of all layers (the
 * experts met), of the head. */
double model_llm_layers_met_bytes(const struct model_llm *m, double tokens);
double model_llm_head_bytes(const struct model_llm *m);

/* Operations of the matrix products of `tokens` tokens (2 a weight), without the head;
 * of the head for `rows` rows; of attention where the tokens of a chunk look at
 * `pairs` (query, key) pairs in all: 4 x layers x heads x head_dim a pair. */
double model_llm_dense_flop(const struct model_llm *m, double tokens);
double model_llm_head_flop(const struct model_llm *m, double rows);
double model_llm_attention_flop(const struct model_llm *m, double pairs);

/* One GPU as its datasheet has it (model/gpus.csv), dense rates. */
struct model_gpu {
    const char *name;
    const char *source;
    double memory_bytes;                    /* usable */
    double bytes_per_s;                     /* of memory */
    double bf16_flop_per_s, fp8_flop_per_s; /* NaN where there is none */
    double fp16_flop_per_s, int8_op_per_s;  /* of the tensor cores; likewise */
    double fp32_flop_per_s;                 /* of the plain cores */
    double host_bytes_per_s;                /* to the host, each way: PCIe */
    double
        link_bytes_per_s; /* to another GPU of the node, each way: NVLink, else PCIe */
    bool link_is_pcie;
};

/* The built-in row called `name`; exact, or by its unique beginning ("H100-SXM").
 *   SP_EINPUT  none or several: the message names candidates. */
SP_CHECKED enum sp_status model_gpu_find(const char *name, struct sp_arena *arena,
                                         struct model_gpu *gpu, struct sp_err *err);

#endif
