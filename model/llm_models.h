/* The rows of model/llm_models.csv, compiled in: shapes of published language models,
 * weights and KV cache in 16 bits. */
#ifndef MODEL_LLM_MODELS_H
#define MODEL_LLM_MODELS_H

#include <stdint.h>

#include "model/llm.h"

extern const struct model_llm model_llm_models[];
extern const int32_t model_llm_n_models;

#endif
