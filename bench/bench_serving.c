/* What a request costs in a serving run, through the public layer.
 *
 * A million synthetic requests on 40 replicas, and a quarter and half as many: time
 * must be linear in requests and memory follow what is in flight.  The same with each
 * iteration worked out by itself: what a span of iterations saves.  Longer outputs,
 * more replicas, other sources of iteration times: what the cost grows with.  Then
 * overload: ten times what can be served, until 100,000 requests wait.  CPU time of one
 * process; ratios hold on any machine, seconds on none.
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
    "      rate: %d/s\n"
    "      items: %" PRId64 "\n"
    "      prompt_tokens: { dist: lognormal, mean: 1000, cv: 1 }\n"
    "      output_tokens: { dist: lognormal, mean: %d, cv: 1 }\n"
    "    slo: { ttft: 1s, tpot: 100ms }\n"
    "    engine: { gpu: 1, cpu: 8, time: %s }\n"
    "policies:\n"
    "  together: { chat: { router: least-outstanding-tokens, replicas: %d } }\n";

struct ask {
    int rate_per_s;
    int64_t requests, span_limit;
    int replicas;
    int output;       /* mean; 0: 200 */
    const char *time; /* NULL: roofline */
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

    if (f == NULL ||
        fprintf(f, text, ask->rate_per_s, ask->requests,
                ask->output > 0 ? ask->output : 200,
                ask->time != NULL ? ask->time : "roofline", ask->replicas) < 0 ||
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
        int64_t n = INT64_C(250000) << i;

        t[i] = time_run((struct ask){.rate_per_s = 200, .requests = n, .replicas = 40});
        printf("%7" PRId64 " requests, 40 replicas  %6.2f s  %5.2f us a request  "
               "%.2f events a request  peak %.0f MB\n",
               n, t[i].cpu_s, t[i].cpu_s / (double)n * 1e6,
               (double)t[i].events / (double)n, peak_mb());
    }
    printf("  time for 1x : 2x : 4x = 1 : %.2f : %.2f\n", t[1].cpu_s / t[0].cpu_s,
           t[2].cpu_s / t[0].cpu_s);
}

/* 100,000 requests; the ratio is to `than`, if any. */
static struct timing compare(const char *what, struct ask ask,
                             const struct timing *than)
{
    struct timing t;

    ask.requests = 100000;
    t = time_run(ask);
    printf("  %-28s %5.2f us a request, %6.1f iterations, %.2f events", what,
           t.cpu_s * 10, (double)t.iterations / 1e5, (double)t.events / 1e5);
    if (than != NULL)
        printf(": %.2f x", t.cpu_s / than->cpu_s);
    printf("\n");
    return t;
}

static void spans(void)
{
    struct ask ask = {.rate_per_s = 200, .replicas = 40};
    struct timing with, without;

    puts("spans of iterations, and one by one");
    with = compare("by spans", ask, NULL);
    ask.span_limit = 1;
    without = compare("one by one", ask, &with);
    if (with.e2e_s < without.e2e_s || with.e2e_s > without.e2e_s)
        stop("iterations one by one give another result");
}

/* The same number of tokens a second: longer outputs, fewer requests. */
static void outputs(void)
{
    struct timing t;

    puts("output tokens of a request");
    t = compare("100", (struct ask){400, .replicas = 40, .output = 100}, NULL);
    compare("400", (struct ask){100, .replicas = 40, .output = 400}, &t);
    compare("1600", (struct ask){25, .replicas = 40, .output = 1600}, &t);
}

/* The same load on each. */
static void replicas(void)
{
    struct timing t;

    puts("replicas");
    t = compare("10", (struct ask){50, .replicas = 10}, NULL);
    compare("100", (struct ask){500, .replicas = 100}, &t);
    compare("1000", (struct ask){5000, .replicas = 1000}, &t);
}

/* A table of 16 x 24 rows, about as fast as the roofline. */
static void write_table(FILE *f)
{
    fprintf(f, "phase,batch,tokens,ms\n");
    for (int tokens = 64; tokens <= 8192; tokens += 64)
        fprintf(f, "prefill,1,%d,%g\n", tokens, 6 + 0.03 * tokens);
    for (int batch = 1; batch <= 256; batch += batch < 16 ? 1 : 16)
        for (int context = 256; context <= 6144; context += 256)
            fprintf(f, "decode,%d,%d,%g\n", batch, context,
                    6 + 0.02 * batch + 5e-5 * batch * context);
}

static void sources(void)
{
    const char *shared = getenv("SHARED_DATA");
    char path[] = "/tmp/stageplan-bench-XXXXXX", time[512];
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct ask ask = {.rate_per_s = 200, .replicas = 40};
    struct timing t;

    if (f == NULL)
        stop("the table can't be written");
    write_table(f);
    if (fclose(f) != 0)
        stop("the table can't be written");
    puts("sources of iteration times");
    t = compare("roofline", ask, NULL);
    ask.time = "{ fit: { prefill: [6ms, 30us, 0s], decode: [6ms, 50ns, 20us] } }";
    compare("fit", ask, &t);
    snprintf(time, sizeof time, "{ table: %s, mixed: tokens, beyond: extend }", path);
    ask.time = time;
    compare("table", ask, &t);
    unlink(path);
    if (shared == NULL) {
        puts("  profile: left out, SHARED_DATA does not say where one is");
        return;
    }
    snprintf(time, sizeof time,
             "{ profile: %s/llm/vllm_rtxpro6000_llama31_8b/profile_tp1, beyond: extend "
             "}",
             shared);
    compare("profile", ask, &t);
}

/* Half as many requests make half the queue. */
static void overload(void)
{
    struct ask ask = {.rate_per_s = 2000, .requests = 60000, .replicas = 4};
    struct timing half = time_run(ask), full;

    ask.requests *= 2;
    full = time_run(ask);
    printf("overload: queue of %.0f: %.2f s; of %.0f: %.2f s: %.2f x\n",
           half.queue_peak, half.cpu_s, full.queue_peak, full.cpu_s,
           full.cpu_s / half.cpu_s);
}

int main(void)
{
    linear();
    spans();
    outputs();
    replicas();
    sources();
    overload();
    return 0;
}
