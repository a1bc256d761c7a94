/* Tables of words, nothing else. */
#include "model/words.h"

#include <stddef.h>
#include <string.h>

#include "base/units.h"
#include "model/jobs.h"
#include "model/serving.h"

const struct model_word model_placement_words[] = {
    {"first-fit", "the first node, in the order they were bought, that has room"},
    {"best-fit", "the node that is left with the least"},
    {"worst-fit", "the node that is left with the most"},
    {"cpu-avoids-gpu", "units without GPU take CPU nodes, and GPU nodes only where "
                       "those are already paid for"},
    {"dot-product",
     "the least dot product of what it needs and what the node has free"},
    {"gpu-packing", "GPUs in use first, then nodes in use, then empty nodes"},
    {"gpu-clustering", "nodes with units that need as many GPUs first"},
    {"fgd", "the node whose GPUs become least fragmented for the jobs that come"},
    {"weighted-best-fit", "the least left of CPU and GPU, half each"},
    {"random", "any node with room, by the run's seed"},
    {NULL, NULL},
};

const char *model_placement_name(const char *text)
{
    return strcmp(text, "fragmentation-gradient-descent") == 0 ? "fgd" : text;
}

const struct model_word model_queue_words[] = {
    {"fifo", "first come first served"},
    {"priority", "the highest priority, then first come first served"},
    {"shortest-first", "the shortest estimated duration"},
    {"fair-share", "the team that has least of its share"},
    {"largest-first", "the most GPU, then memory, then CPU"},
    {NULL, NULL},
};

const struct model_word model_passing_words[] = {
    {"strict", "nothing passes the head of the queue"},
    {"skip", "whatever fits starts, in the order of the queue"},
    {"easy", "EASY backfill: what does not delay the head of the queue"},
    {"conservative", "what delays none of those before it"},
    {NULL, NULL},
};

const struct model_word model_job_format_words[] = {
    {"auto", "told by the header"},
    {"csv", "our own columns"},
    {"openb", "Alibaba cluster-trace-gpu-v2023"},
    {"pai", "Alibaba cluster-trace-gpu-v2020"},
    {"dlrm-2025", "Alibaba cluster-trace-gpu-v2025"},
    {"philly", "Microsoft Philly's job log, JSON"},
    {"philly-csv", "Philly's jobs as the Helios artifact has them"},
    {"swf", "Standard Workload Format"},
    {"helios", "SenseTime Helios"},
    {"tiresias", "Tiresias' generated jobs"},
    {"gavel", "Gavel's generated jobs"},
    {NULL, NULL},
};

const struct model_word model_gang_words[] = {
    [MODEL_GANG_PACK] = {"pack", "on few nodes"},
    [MODEL_GANG_SPREAD] = {"spread", "on nodes without a member first"},
    [MODEL_GANG_STRICT_PACK] = {"strict-pack", "all on one node, or it waits"},
    [MODEL_GANG_STRICT_SPREAD] = {"strict-spread",
                                  "each on a node of its own, or it waits"},
    {NULL, NULL},
};

const struct model_word model_fallback_words[] = {
    [MODEL_FALLBACK_AT_ONCE] = {"at-once",
                                "when the option before has nothing to give"},
    [MODEL_FALLBACK_DEADLINE] = {"deadline",
                                 "only when the deadline would be missed otherwise"},
    {NULL, NULL},
};

const struct model_word model_evict_words[] = {
    [MODEL_EVICT_NEVER] = {"never", "nobody's"},
    [MODEL_EVICT_LOWER_PRIORITY] = {"lower-priority", "those of lower priority"},
    [MODEL_EVICT_ANY] = {"any", "whatever their priority"},
    {NULL, NULL},
};

const struct model_word model_option_words[] = {
    [MODEL_OPTION_ON_DEMAND] = {"on-demand", "paid for while it is held"},
    [MODEL_OPTION_OWNED] = {"owned", "paid for from start to end"},
    [MODEL_OPTION_RESERVED] = {"reserved", "likewise, at the reserved price"},
    [MODEL_OPTION_SPOT] = {"spot", "may be taken back"},
    {NULL, NULL},
};

/* The last band is open: it is taken to be as wide as twice the others. */
const struct model_advisor_band model_advisor_bands[] = {
    {"<5%", "of instances a month", 0.025},
    {"5-10%", "a month", 0.075},
    {"10-15%", "a month", 0.125},
    {"15-20%", "a month", 0.175},
    {">20%", "a month, taken as 25 %", 0.25},
    {NULL, NULL, 0},
};

const struct model_word model_rule_words[] = {
    {"downstream-first", "the stage nearest to the end that has work"},
    {"upstream-first", "the stage nearest to the source that has work"},
    {"fifo", "the stage whose oldest item is the oldest"},
    {"ray-budgets",
     "Ray Data: memory budgets for each stage, then least output queued"},
    {"reserve-output",
     "a task starts once room for its output is reserved: no deadlock"},
    {NULL, NULL},
};

const struct model_word model_arrivals_words[] = {
    {"constant", "evenly spaced"},
    {"poisson", "exponential gaps"},
    {"gamma", "gamma gaps with coefficient of variation cv"},
    {"diurnal", "Poisson whose rate swings around `rate` once a period"},
    {NULL, NULL},
};

const struct model_word model_metric_words[] = {
    {"utilization", "busy share of the units"},
    {"queue", "items or requests that wait, per unit"},
    {"ongoing", "those that wait or are in service, per unit"},
    {NULL, NULL},
};

const struct model_word model_scheduling_words[] = {
    {"chunked-prefill", "vLLM V1, Sarathi: decodes in every iteration, prompts in "
                        "chunks of what its token budget has left"},
    {"mixed", "Orca, Splitwise: whole prompts first, and in the same iteration the "
              "decodes where all of them fit the budget"},
    {"prefill-first", "vLLM V0: whole prompts in iterations of their own, whenever one "
                      "can be admitted; decodes wait"},
    {"decode-first", "FasterTransformer: whole prompts, only when no sequence decodes"},
    {NULL, NULL},
};

const struct model_word model_order_words[] = {
    {"fcfs", "first come first served"},
    {"shortest-prompt", "the fewest prompt tokens first"},
    {"priority", "the lowest priority number first; the last is preempted first"},
    {NULL, NULL},
};

const struct model_word model_router_words[] = {
    {"round-robin", "replicas in turn"},
    {"random", "any replica, evenly"},
    {"least-requests", "join the shortest queue: requests running and waiting"},
    {"least-outstanding-tokens",
     "prompt tokens without a first token yet, and 1 for each request (Splitwise)"},
    {"kv-aware", "prompt tokens not found in the replica's prefix cache, and its "
                 "outstanding tokens"},
    {NULL, NULL},
};

const struct model_word model_role_words[] = {
    [MODEL_ROLE_BOTH] = {"both", "prefill and decode on the same replica"},
    [MODEL_ROLE_PREFILL] = {"prefill",
                            "the prompt and the first token; then the KV cache moves"},
    [MODEL_ROLE_DECODE] = {"decode", "all tokens after the first"},
    {NULL, NULL},
};

const struct model_word model_prefix_words[] = {
    [MODEL_PREFIX_NONE] = {"none", "every prompt is computed whole"},
    [MODEL_PREFIX_GPU] = {"gpu", "vLLM: free KV blocks keep their content until used "
                                 "again"},
    [MODEL_PREFIX_STORE] = {"store", "a store beside the KV cache, one for the pool"},
    {NULL, NULL},
};

const struct model_word model_mixed_words[] = {
    [MODEL_MIXED_SUM] = {"sum", "prefill time + decode time"},
    [MODEL_MIXED_MAX] = {"max", "the longer of the two"},
    [MODEL_MIXED_TOKENS] = {"tokens", "the prefill time of all tokens, a decode being "
                                      "one"},
    {NULL, NULL},
};

const struct model_word model_beyond_words[] = {
    [MODEL_BEYOND_FAIL] = {"fail", "the run stops and says so"},
    [MODEL_BEYOND_CLAMP] = {"clamp", "the nearest known point counts"},
    [MODEL_BEYOND_EXTEND] = {"extend", "the last segment goes on, and it is told"},
    {NULL, NULL},
};

/* Kubernetes: 15 s sync period, 5 min scale-down stabilization, 10 % tolerance, up by
 * 100 % or 4 pods.  Ray Data: an actor pool's thresholds on tasks in flight per slot,
 * 0.1 s scheduling step, no shrink within 10 s of a growth, one actor at a time.  Ray
 * Serve: 2 ongoing requests a replica, seen every 10 s over the last 30 s, 30 s before
 * growing and 600 s before shrinking. */
const struct model_autoscale_preset model_autoscale_presets[] = {
    {.name = "hpa",
     .pipeline = true,
     .serving = true,
     .help = "Kubernetes HorizontalPodAutoscaler",
     .metric = "utilization",
     .target = 0.8,
     .interval_ns = 15 * SP_NS_PER_S,
     .down_window_ns = 300 * SP_NS_PER_S,
     .tolerance = 0.1,
     .max_up_frac = 1.0,
     .max_up_units = 4},
    {.name = "ray-actor-pool-2.51",
     .pipeline = true,
     .help = "Ray Data 2.51 actor pool: grows at 2 tasks in flight per slot",
     .metric = "in-flight",
     .target = 2.0,
     .down_threshold = 0.5,
     .interval_ns = SP_NS_PER_S / 10,
     .down_window_ns = 10 * SP_NS_PER_S,
     .max_up_units = 1},
    {.name = "ray-actor-pool-2.57",
     .pipeline = true,
     .help = "Ray Data 2.57 actor pool: grows at 1.75 tasks in flight per slot",
     .metric = "in-flight",
     .target = 1.75,
     .down_threshold = 0.5,
     .interval_ns = SP_NS_PER_S / 10,
     .down_window_ns = 10 * SP_NS_PER_S,
     .max_up_units = 1},
    {.name = "ray-actor-pool",
     .same_as = "ray-actor-pool-2.57",
     .pipeline = true,
     .help = "the newest"},
    {.name = "ray-serve",
     .serving = true,
     .help = "Ray Serve: requests ongoing per replica",
     .metric = "ongoing",
     .target = 2.0,
     .interval_ns = 10 * SP_NS_PER_S,
     .look_back_ns = 30 * SP_NS_PER_S,
     .up_window_ns = 30 * SP_NS_PER_S,
     .down_window_ns = 600 * SP_NS_PER_S,
     .up_factor = 1,
     .down_factor = 1},
    {.name = NULL},
};

const struct model_autoscale_preset *model_autoscale_preset_find(const char *name)
{
    for (const struct model_autoscale_preset *p = model_autoscale_presets;
         p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p->same_as != NULL ? model_autoscale_preset_find(p->same_as) : p;
    return NULL;
}

int32_t model_word_index(const struct model_word *words, const char *name)
{
    int32_t i = 0;

    while (strcmp(words[i].name, name) != 0)
        i++;
    return i;
}
