/* What a replay of a recorded trace costs: the whole of `stageplan run` as a process of
 * its own, from reading the scenario to writing nothing.
 *
 * Azure's hour of chats on four servers, together and split 2 + 2; Mooncake's
 * conversations with their hashes, nothing cached, in the GPUs' memory and in a store;
 * a folder of measured kernels.  CPU seconds of user and system, and peak memory, as
 * the system says when the process has ended.  Reads env SHARED_DATA and expects
 * ./stageplan.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/process.h"

enum { TIMES = 5, TEXT = 16384 };

static void stop(const char *what)
{
    fprintf(stderr, "bench_serving_traces: %s\n", what);
    exit(1);
}

/* A scenario of one workload and one policy; the least of TIMES runs. */
static struct bench_cost run(const char *fleet, const char *workload, const char *chat)
{
    char text[TEXT];
    int n = snprintf(text, sizeof text,
                     "scenario: bench\n"
                     "fleet: { node: { cpu: 96, gpu: 8, price: 98, network: "
                     "400Gbit/s, %s } }\n"
                     "workloads: { chat: { kind: serving, %s } }\n"
                     "policies: { p: { chat: { %s } } }\n",
                     fleet, workload, chat);

    if (n < 0 || n >= TEXT)
        stop("the scenario is too long");
    return bench_process_run(text, TIMES);
}

static struct bench_cost print(const char *what, struct bench_cost c,
                               const struct bench_cost *than)
{
    printf("  %-24s %6.3f s of CPU  %5.1f MB", what, c.cpu_s, c.peak_mb);
    if (than != NULL)
        printf("  %.2f x", c.cpu_s / than->cpu_s);
    printf("\n");
    return c;
}

static void azure(const char *shared)
{
    const char *fleet = "gpu_model: H100-SXM5-80GB";
    const char *together = "pools: { all: { count: 4 } }";
    const char *split = "pools: { p: { role: prefill, count: 2 }, d: { role: decode, "
                        "count: 2 } }, transfer: { overlap: true }";
    char chat[1024];
    struct bench_cost c;

    snprintf(chat, sizeof chat,
             "model: llama-2-70b, slo: { ttft: 1s, tpot: 50ms }, "
             "source: { trace: %s/llm/azure_llm_2023_conv.csv, format: azure-2023 }, "
             "engine: { gpu: 8, time: roofline }",
             shared);
    puts("Azure 2023, conversation: 19,366 requests");
    c = print("4 together", run(fleet, chat, together), NULL);
    print("2 + 2", run(fleet, chat, split), &c);
}

static void mooncake(const char *shared)
{
    const char *fleet = "gpu_model: A100-SXM4-80GB";
    static const char *const rows[][2] = {
        {"nothing cached", "pools: { all: { count: 16, prefix_caching: none } }"},
        {"in the GPUs", "pools: { all: { count: 16, prefix_caching: gpu } }"},
        {"the same, kv-aware",
         "router: kv-aware, pools: { all: { count: 16, prefix_caching: gpu } }"},
        {"in a store", "pools: { all: { count: 16, prefix_caching: { store: 50000 } } "
                       "}"},
    };
    char chat[1024];
    struct bench_cost first;

    snprintf(chat, sizeof chat,
             "model: llama-3-70b, slo: { ttft: 30s, tpot: 100ms }, source: { trace: "
             "%s/llm/mooncake_fast25_conversation.jsonl, format: mooncake, scale: 2 }, "
             "engine: { gpu: 8, time: roofline }",
             shared);
    puts("Mooncake, conversation: 12,031 requests, 288,500 hashes");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench_cost c =
            print(rows[i][0], run(fleet, chat, rows[i][1]), i > 0 ? &first : NULL);

        if (i == 0)
            first = c;
    }
}

static void kernels(const char *shared)
{
    const char *fleet = "gpu_model: RTX-PRO-6000-SE";
    const char *form = "model: llama-3.1-8b, source: { trace: %s/%s/trace.jsonl }, "
                       "engine: { gpu: 1, time: %s%s%s }";
    const char *folder = "llm/vllm_rtxpro6000_llama31_8b";
    const char *one = "pools: { all: { count: 1 } }";
    char chat[1024], profile[512];
    struct bench_cost c;

    snprintf(profile, sizeof profile, "%s/%s/profile_tp1", shared, folder);
    puts("vLLM, 300 requests");
    snprintf(chat, sizeof chat, form, shared, folder, "roofline", "", "");
    c = print("roofline", run(fleet, chat, one), NULL);
    snprintf(chat, sizeof chat, form, shared, folder, "{ profile: ", profile,
             ", beyond: extend }");
    print("folder of kernels", run(fleet, chat, one), &c);
}

int main(void)
{
    const char *shared = getenv("SHARED_DATA");

    if (shared == NULL) {
        puts("recorded traces: left out, SHARED_DATA does not say where they are");
        return 0;
    }
    azure(shared);
    mooncake(shared);
    kernels(shared);
    return 0;
}
