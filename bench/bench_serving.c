/* What a request costs in a serving run, through the public layer.
 *
 * A million synthetic requests on 40 replicas, and a quarter and half as many: time
 * must be linear in requests and memory follow what is in flight.  The same with each
 * iteration worked out by itself: what a span of iterations saves.  Then overload: ten
 * times what can be served, until 100,000 requests wait.  CPU time of one process;
 * ratios hold on any machine, seconds on none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "model/scenario.h"
#include "model/sizing.h"
#include "sim/run.h"

static const char text[] =
    "scenario: bench\n"
    "fleet: { h100: { cpu: 96, gpu: 8, price: 98, network: 400Gbit/s,\n"
    "                 gpu_model: H100-SXM5-80GB } }\n"
    "workloads:\n"
    "  chat:\n"
    "    kind: serving\n"
    "    model: llama-3.1-8b\n"
    "    source:\n"
    "      rate: %s/s\n"
    "      items: %" PRId64 "\n"
    "      prompt_tokens: { dist: lognormal, mean: 1000, cv: 1 }\n"
    "      output_tokens: { dist: lognormal, mean: 200, cv: 1 }\n"
    "    slo: { ttft: 1s, tpot: 100ms }\n"
    "    engine: { gpu: 1, cpu: 8, time: roofline }\n"
    "policies:\n"
    "  together: { chat: { router: least-outstanding-tokens, replicas: %d } }\n";

struct ask {
    const char *rate;
    int64_t requests, span_limit;
    int replicas;
};

struct timing {
    double cpu_s;
    int64_t iterations;
    double e2e_s, queue_peak;
    uint64_t events;
};

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void stop(const char *what)
{
    fprintf(stderr, "bench_serving: %s\n", what);
    exit(1);
}

static struct model_scenario *read_text(const struct ask *ask, struct sp_arena *arena)
{
    char path[] = "/tmp/stageplan-bench-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};

    if (f == NULL || fprintf(f, text, ask->rate, ask->requests, ask->replicas) < 0 ||
        fclose(f) != 0)
        stop("the scenario can't be written");
    if (model_scenario_read(path, NULL, 0, arena, &sc, &err) != SP_OK)
        stop(err.text);
    unlink(path);
    if (model_size_plan(&sc->policies[0].plans[0], sc->policies[0].types,
                        sc->policies[0].n_types, &err) != SP_OK)
        stop(err.text);
    return sc;
}

static struct timing time_run(struct ask ask)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = read_text(&ask, arena);
    struct sim_options o = {
        .seed = 1, .replications = 1, .version = "bench", .span_limit = ask.span_limit};
    struct model_result *r;
    struct sp_err err = {0};
    double from = cpu_s();
    const struct model_workload_result *w;
    struct timing t;

    if (sim_run(sc, &o, arena, &r, &err) != SP_OK)
        stop(err.text);
    w = &r->policies[0].workloads[0];
    if (w->done != ask.requests)
        stop("not all requests were served");
    t = (struct timing){.cpu_s = cpu_s() - from,
                        .iterations = w->serving->pools[0].iterations,
                        .e2e_s = w->serving->e2e.mean_s.mean,
                        .queue_peak = w->stages[0].queue_peak.mean,
                        .events = r->policies[0].events};
    sp_arena_free(arena);
    return t;
}

static double peak_mb(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void linear(void)
{
    struct timing t[3];

    for (int i = 0; i < 3; i++) {
        t[i] = time_run((struct ask){"200", INT64_C(250000) << i, 0, 40});
        printf("%7" PRId64 " requests, 40 replicas  %6.2f s  %5.2f us a request  "
               "%.2f events a request  peak %.0f MB\n",
               INT64_C(250000) << i, t[i].cpu_s, t[i].cpu_s / (0.25 * (1 << i)),
               (double)t[i].events / (250000.0 * (1 << i)), peak_mb());
    }
    printf("  time for 1x : 2x : 4x = 1 : %.2f : %.2f\n", t[1].cpu_s / t[0].cpu_s,
           t[2].cpu_s / t[0].cpu_s);
}

static void spans(void)
{
    struct timing with = time_run((struct ask){"200", 100000, 0, 40});
    struct timing without = time_run((struct ask){"200", 100000, 1, 40});

    if (with.e2e_s < without.e2e_s || with.e2e_s > without.e2e_s)
        stop("iterations one by one give another result");
    printf("100,000 requests, %.1f million iterations: by spans %.2f s, one by one "
           "%.2f s: %.1f x\n",
           (double)with.iterations / 1e6, with.cpu_s, without.cpu_s,
           without.cpu_s / with.cpu_s);
}

/* Half as many requests make half the queue. */
static void overload(void)
{
    struct timing half = time_run((struct ask){"2000", 60000, 0, 4});
    struct timing full = time_run((struct ask){"2000", 120000, 0, 4});

    printf("overload: queue of %.0f: %.2f s; of %.0f: %.2f s: %.2f x\n",
           half.queue_peak, half.cpu_s, full.queue_peak, full.cpu_s,
           full.cpu_s / half.cpu_s);
}

int main(void)
{
    linear();
    spans();
    overload();
    return 0;
}
