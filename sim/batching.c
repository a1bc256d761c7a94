/* The tables of rules by which iterations are filled and requests wait. */
#include "sim/batching.h"

#include <stddef.h>
#include <string.h>

const struct sim_batching sim_batchings[] = {
    {.name = "chunked-prefill",
     .help =
         "every iteration decodes; what is left of its token budget computes chunks "
         "of prompts (vLLM V1, Sarathi)",
     .chunks = true,
     .mixes = true},
    {.name = "mixed",
     .help = "every iteration decodes; whole prompts join while the token budget holds "
             "(Orca, Splitwise)",
     .mixes = true},
    {.name = "prefill-first",
     .help = "whole prompts in iterations of their own, before any decoding (vLLM V0)"},
    {.name = "decode-first",
     .help = "prompts only when nothing decodes: request-level batching "
             "(FasterTransformer)",
     .drains = true},
};
const int32_t sim_n_batchings = sizeof sim_batchings / sizeof sim_batchings[0];

const struct sim_batching *sim_batching_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_batchings; i++)
        if (strcmp(sim_batchings[i].name, name) == 0)
            return &sim_batchings[i];
    return NULL;
}

static int64_t key_none(const struct sim_request *r)
{
    (void)r;
    return 0;
}

static int64_t key_prompt(const struct sim_request *r)
{
    return r->prompt;
}

static int64_t key_priority(const struct sim_request *r)
{
    return r->priority;
}

const struct sim_order sim_orders[] = {
    {.name = "fcfs", .help = "in the order of arrival", .key = key_none},
    {.name = "shortest-prompt", .help = "the shortest prompt first", .key = key_prompt},
    {.name = "priority",
     .help = "the lowest priority number first; the highest is preempted first",
     .key = key_priority,
     .by_priority = true},
};
const int32_t sim_n_orders = sizeof sim_orders / sizeof sim_orders[0];

const struct sim_order *sim_order_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_orders; i++)
        if (strcmp(sim_orders[i].name, name) == 0)
            return &sim_orders[i];
    return NULL;
}
