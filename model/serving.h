/* A serving workload as one policy runs it: pools of replicas of a language model.
 *
 * Each pool is also a stage and a unit of its plan, of the pool's name and index, with
 * one slot that needs what a replica needs: so the cluster, the ledger and the reports
 * know replicas as they know any other unit.
 */
#ifndef MODEL_SERVING_H
#define MODEL_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "model/dist.h"
#include "model/iteration.h"
#include "model/llm.h"

enum {
    MODEL_POOLS_MAX = 16,
    MODEL_CLASSES_MAX = 16, /* classes of prompt length */
    MODEL_BLOCK_TOKENS_MAX = 256,
    MODEL_PROMPT_MAX = 100000000, /* tokens of a prompt or an answer: 1e8 */
};

/* Sizes of an item of a serving workload, in model_plan.size_names. */
enum { MODEL_PROMPT_TOKENS, MODEL_OUTPUT_TOKENS, MODEL_PRIORITY };

enum model_role {
    MODEL_ROLE_BOTH,    /* prefill and decode on the same replica */
    MODEL_ROLE_PREFILL, /* the prompt and the first token; then the KV cache moves */
    MODEL_ROLE_DECODE,
};

enum model_prefix { /* where blocks of prompts are kept for those that follow */
                    MODEL_PREFIX_NONE,
                    MODEL_PREFIX_GPU, /* vLLM's: free KV blocks keep their content until
                                         used again */
                    MODEL_PREFIX_STORE, /* a store of prefix_blocks blocks of the
                                           trace's size beside the KV cache, one for all
                                           replicas of the pool */
};

struct model_pool {
    const char *name;
    int32_t line;
    enum model_role role;
    int32_t gpus; /* of one replica: tensor parallel */
    struct model_iteration *iteration;
    /* The engine; names as vLLM's. */
    const char *scheduling; /* see sim/batching.h: "chunked-prefill", ... */
    const char *order; /* of waiting requests: "fcfs", "shortest-prompt", "priority" */
    int32_t max_num_batched_tokens; /* tokens of one iteration */
    int32_t max_num_seqs;           /* sequences running at a time */
    int32_t block_size;             /* tokens of a KV block */
    int64_t kv_blocks;              /* of one replica; INT64_MAX: not limited */
    const char *kv_text;            /* how kv_blocks came about, for reports */
    enum model_prefix prefix;
    int64_t prefix_blocks; /* STORE: its room; INT64_MAX: not limited */
    int64_t load_ns; /* to load the weights; a replica is up after the unit's startup
                      * and this */
    bool has_failures;
    struct model_dist failure_s; /* time from up to lost */
    const struct model_gpu *gpu; /* for utilization figures; NULL: not known */
};

struct model_transfer {
    double bytes_per_s; /* of one transfer, not shared; 0: only the NICs limit it */
    int64_t latency_ns;
    bool overlap; /* layer by layer, beginning with the prefill */
};

/* What a request must meet to count as good; -1: not asked for. */
struct model_slo {
    int64_t ttft_ns, tpot_ns, e2e_ns;
    double attain_frac; /* share of requests that must meet it, for `--find max_rate` */
};

struct model_serving {
    const struct model_llm *llm;
    struct model_slo slo;
    int32_t
        n_classes; /* prompts of at most class_tokens[i] tokens; the last has no end */
    int64_t class_tokens[MODEL_CLASSES_MAX];
    struct model_dist prompt_tokens, output_tokens; /* of a synthetic source: at least 1
                                                     * after rounding */
    int32_t n_pools;
    struct model_pool *pools;
    const char *router;        /* of requests, see sim/router.h: "round-robin", ... */
    const char *decode_router; /* of prefilled requests among decode replicas */
    struct model_transfer transfer;
    int32_t retries_max; /* of a request whose replica was lost; then it is dropped */
    int32_t hash_block_tokens; /* of the trace's hashes; 0: as the trace says */
};

#endif
