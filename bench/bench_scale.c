/* What a hundred times more costs: events, seconds and bytes of whole processes, of a
 * pipeline, of serving and of jobs, whose nodes, units and load grow together; and of a
 * pipeline that runs longer.  Growth is told against a tenth of it, in the same run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/process.h"

/* Each takes nodes, nodes of a second kind, units of two kinds and a rate, in the order
 * of its own %d. */
struct family {
    const char *name, *what; /* of what there is `per` in the smallest */
    void (*write)(char *text, size_t size, int times);
    int most;
};

static void pipeline(char *text, size_t size, int times)
{
    snprintf(
        text, size,
        "scenario: pipeline\n"
        "until: 60s\n"
        "fleet:\n"
        "  gpu-node: { cpu: 64, gpu: 8, price: 32 USD/h, count: %d }\n"
        "  cpu-node: { cpu: 64, price: 4 USD/h, count: %d }\n"
        "workloads:\n"
        "  embed:\n"
        "    kind: pipeline\n"
        "    source: { rate: %d/s, arrivals: poisson, for: 60s }\n"
        "    stages:\n"
        "      prep: { cpu: 1, time: { dist: lognormal, mean: 2s, cv: 0.5 } }\n"
        "      infer: { gpu: 1, batch: 8, time: { fixed: 10ms, per_item: 30ms } }\n"
        "policies:\n"
        "  apart:\n"
        "    embed:\n"
        "      units:\n"
        "        prep: { slots: { prep: 1 }, count: %d }\n"
        "        gpu: { slots: { infer: 1 }, count: %d }\n",
        4 * times, 28 * times, 1000 * times, 2048 * times, 32 * times);
}

static void longer(char *text, size_t size, int times)
{
    snprintf(
        text, size,
        "scenario: longer\n"
        "until: %ds\n"
        "fleet: { cpu-node: { cpu: 64, price: 4 USD/h, count: 4 } }\n"
        "workloads:\n"
        "  clean:\n"
        "    kind: pipeline\n"
        "    source: { rate: 220/s, arrivals: poisson }\n"
        "    stages: { clean: { cpu: 1, time: { dist: exponential, mean: 1s } } }\n"
        "policies:\n"
        "  one: { clean: { units: { w: { slots: { clean: 1 }, count: 256 } } } }\n",
        600 * times);
}

static void serving(char *text, size_t size, int times)
{
    snprintf(text, size,
             "scenario: serving\n"
             "fleet: { h100: { cpu: 96, gpu: 8, price: 98, gpu_model: H100-SXM5-80GB,\n"
             "                 count: %d } }\n"
             "workloads:\n"
             "  chat:\n"
             "    kind: serving\n"
             "    model: llama-3.1-8b\n"
             "    source:\n"
             "      rate: %d/s\n"
             "      for: 120s\n"
             "      prompt_tokens: { dist: lognormal, mean: 1000, cv: 1 }\n"
             "      output_tokens: { dist: lognormal, mean: 200, cv: 1 }\n"
             "    slo: { ttft: 1s, tpot: 100ms }\n"
             "    engine: { gpu: 1, cpu: 8, time: roofline }\n"
             "policies:\n"
             "  together: { chat: { router: round-robin, replicas: %d } }\n",
             times, 40 * times, 8 * times);
}

static void jobs(char *text, size_t size, int times)
{
    snprintf(text, size,
             "scenario: jobs\n"
             "fleet: { node: { cpu: 64, gpu: 8, price: 20 USD/h, count: %d } }\n"
             "workloads:\n"
             "  jobs:\n"
             "    kind: jobs\n"
             "    source: { rate: %d/h, for: 2d }\n"
             "    per_gpu: { cpu: 8 }\n"
             "    jobs:\n"
             "      test: { share: 35, gpu: 1,\n"
             "              duration: { dist: lognormal, mean: 20m, cv: 1 } }\n"
             "      sweep: { share: 10, gpu: 8, members: 4,\n"
             "               duration: { dist: lognormal, mean: 4h, cv: 1.5 } }\n"
             "      train: { share: 1, gpu: 8, members: 32,\n"
             "               duration: { dist: lognormal, mean: 6h, cv: 1 } }\n"
             "policies:\n"
             "  fifo: { scheduling: { order: fifo, passing: skip } }\n",
             1000 * times, 300 * times);
}

static const struct family families[] = {
    {"pipeline", "32 nodes, 2,080 slots, 1,000 items/s for 60 s", pipeline, 100},
    {"longer", "4 nodes, 256 slots, 220 items/s for 600 s", longer, 100},
    {"serving", "1 node, 8 replicas, 40 requests/s for 120 s", serving, 100},
    {"jobs", "1,000 nodes, 300 jobs/h for 2 days", jobs, 100},
};

static void print_row(int times, const struct bench_cost *c,
                      const struct bench_cost *before)
{
    printf("  x %-4d %12.0f events %8.2f s %7.2f us/event %8.1f MB", times, c->events,
           c->cpu_s, c->cpu_s / c->events * 1e6, c->peak_mb);
    if (before != NULL)
        printf("   events x %.1f, s x %.1f, MB x %.1f", c->events / before->events,
               c->cpu_s / before->cpu_s, c->peak_mb / before->peak_mb);
    printf("\n");
    fflush(stdout);
}

int main(void)
{
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        struct bench_cost before = {0};
        char text[2048];

        printf("%s: x 1 is %s\n", families[f].name, families[f].what);
        for (int times = 1; times <= families[f].most; times *= 10) {
            struct bench_cost c;

            families[f].write(text, sizeof text, times);
            c = bench_process_run(text, times < 100 ? 3 : 1);
            print_row(times, &c, times > 1 ? &before : NULL);
            before = c;
        }
    }
    return 0;
}
