/* What jobs cost: the whole of `stageplan run` as a process of its own, from reading
 * the scenario to writing nothing.
 *
 * A million jobs on 10,000 nodes (eight shapes of single members and gangs, eight
 * teams, three priorities, best fit), a tenth less and a tenth more than the nodes can
 * take, by the rule of who goes first; growth with the jobs and with the nodes.
 * Philly's jobs by policy and openb's pods by rule of placement, from SHARED_DATA.  CPU
 * seconds of user and system, and peak memory, as the system says when the process has
 * ended.  Expects
 * ./stageplan.  (bench_scheduler and bench_placement have the scans to compare with.)
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/process.h"

enum { TEAMS = 8, GPUS = 8, TEXT = 16384 };

static void stop(const char *what)
{
    fprintf(stderr, "bench_jobs: %s\n", what);
    exit(1);
}

/* ---- a scenario and its run ---- */

struct text {
    char s[TEXT];
    size_t n;
};

#define ADD(t, ...)                                                                    \
    ((t)->n += (size_t)snprintf((t)->s + (t)->n, TEXT - (t)->n, __VA_ARGS__))

static struct bench_cost run(const struct text *t, int times)
{
    if (t->n >= TEXT)
        stop("the scenario is too long");
    return bench_process_run(t->s, times);
}

/* ---- a million jobs ---- */

static const struct shape {
    double gpus;
    int cpus, members, percent;
} shapes[] = {
    {0.5, 4, 1, 10}, {1, 8, 1, 40}, {2, 16, 1, 15}, {4, 32, 1, 13},
    {8, 64, 1, 12},  {8, 64, 2, 5}, {8, 64, 4, 3},  {4, 32, 6, 2},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* An hour each on average; the load is of the fleet's GPUs. */
static void add_jobs(struct text *t, int jobs, int nodes, double load)
{
    double mean = 0;

    for (int s = 0; s < SHAPES; s++)
        mean += shapes[s].percent / 100.0 * shapes[s].members * shapes[s].gpus;
    ADD(t,
        "workloads:\n  train:\n    kind: jobs\n"
        "    source: { rate: %.9g/s, items: %d }\n    jobs:\n",
        load * nodes * GPUS / mean / 3600, jobs);
    for (int i = 0; i < SHAPES * TEAMS; i++) {
        const struct shape *s = &shapes[i / TEAMS];

        ADD(t,
            "      j%d: { team: t%d, share: %d, priority: %d, gpu: %g, cpu: %d, "
            "members: %d, duration: { dist: exponential, mean: 1h } }\n",
            i, i % TEAMS, s->percent * (1 + i % TEAMS % 3), (i / TEAMS + i) % 3,
            s->gpus, s->cpus, s->members);
    }
}

static struct bench_cost jobs_run(int jobs, int nodes, double load,
                                  const char *scheduling, bool quotas)
{
    struct text t = {.n = 0};

    ADD(&t,
        "scenario: bench\nfleet: { node: { cpu: 96, gpu: 8, option: owned, price: 1,"
        " count: %d } }\n",
        nodes);
    add_jobs(&t, jobs, nodes, load);
    ADD(&t, "policies:\n  p:\n    placement: best-fit\n    scheduling: { %s }\n",
        scheduling);
    if (quotas)
        ADD(&t, "    teams:\n");
    for (int i = 0; i < TEAMS && quotas; i++)
        ADD(&t, "      t%d: { guarantee: { gpu: %d }, reclaim: any }\n", i,
            nodes * GPUS / TEAMS);
    return run(&t, 1);
}

static void million(void)
{
    static const struct {
        const char *name, *scheduling;
        bool quotas;
    } rules[] = {
        {"priority, skip", "order: priority, passing: skip", false},
        {"fifo, strict", "order: fifo, passing: strict", false},
        {"shortest first", "order: shortest-first, passing: skip", false},
        {"preemption", "order: priority, passing: skip, preemption: lower-priority",
         false},
        {"quotas of 8 teams", "order: priority, passing: skip", true},
    };

    puts("a million jobs on 10,000 nodes, at 0.9 and at 1.1 of what they can take");
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct bench_cost low =
            jobs_run(1000000, 10000, 0.9, rules[i].scheduling, rules[i].quotas);
        struct bench_cost high =
            jobs_run(1000000, 10000, 1.1, rules[i].scheduling, rules[i].quotas);

        printf("  %-20s %6.2f s of CPU %5.0f MB   %6.2f s %5.0f MB\n", rules[i].name,
               low.cpu_s, low.peak_mb, high.cpu_s, high.peak_mb);
        fflush(stdout);
    }
}

static void growth(void)
{
    const char *skip = "order: priority, passing: skip";
    const char *easy = "order: priority, passing: easy";
    struct bench_cost one = jobs_run(250000, 10000, 1.1, skip, false);
    struct bench_cost two = jobs_run(500000, 10000, 1.1, skip, false);
    struct bench_cost four = jobs_run(1000000, 10000, 1.1, skip, false);

    printf("jobs, 250,000 : 500,000 : 1,000,000, more than fit: 1 : %.1f : %.1f\n",
           two.cpu_s / one.cpu_s, four.cpu_s / one.cpu_s);
    printf("us a job, 100,000 jobs at 0.9, on 100 / 1,000 / 10,000 nodes:");
    for (int nodes = 100; nodes <= 10000; nodes *= 10)
        printf(" %.1f", jobs_run(100000, nodes, 0.9, skip, false).cpu_s / 0.1);
    one = jobs_run(10000, 100, 0.9, easy, false);
    two = jobs_run(20000, 100, 0.9, easy, false);
    four = jobs_run(40000, 100, 0.9, easy, false);
    printf("\nEASY, 10,000 jobs on 100 nodes at 0.9: %.2f s; 1 : %.1f : %.1f\n",
           one.cpu_s, two.cpu_s / one.cpu_s, four.cpu_s / one.cpu_s);
}

/* ---- recorded traces ---- */

/* What a command of the shell prints, as a file whose name goes to `path`. */
static void make(char path[64], const char *command)
{
    char line[1024];
    int fd;

    strcpy(path, "/tmp/stageplan-bench-XXXXXX");
    fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0)
        stop("no file can be made in /tmp");
    snprintf(line, sizeof line, "%s > %s", command, path);
    if (system(line) != 0) /* NOLINT: a bench, of fixed commands */
        stop("a trace could not be unpacked");
}

/* October and November 2017, teams that have nodes; of one second's jobs the shortest
 * first (examples/philly-pool). */
static const char philly_jobs[] =
    "zcat \"$SHARED_DATA/cluster/philly/philly_jobs_2017-09_11.csv.gz\" | "
    "awk -F, 'NR == 1 || ($1 >= \"2017-10-01 00:00:00\" && $1 <= \"2017-11-30 "
    "23:59:00\" && $5 !~ /^(23dbec|51b7ef|795a4c|925e2b)/)' | "
    "{ read -r head; echo \"$head\"; sort -t, -k1,1 -k2,2n; }";

static void philly(void)
{
    static const char apart[] =
        "per_team: { 6214e9: 16, 7f04ca: 8, 11cb48: 4, b436b2: 16, ee9e8c: 16, "
        "e13805: 4, 6c71a0: 8, 2869ce: 4, ed69ec: 2, \"103959\": 2, 0e4a51: 8 }";
    static const char queues[] =
        "teams: { 6214e9: {}, 7f04ca: {}, 11cb48: {}, b436b2: {}, ee9e8c: {}, e13805: "
        "{}, 6c71a0: {}, 2869ce: {}, ed69ec: {}, \"103959\": {}, 0e4a51: {} }, ";
    static const char *const rules[] = {"order: fifo, passing: strict",
                                        "order: fifo, passing: skip",
                                        "order: shortest-first, passing: strict"};
    char jobs[64];

    make(jobs, philly_jobs);
    puts("Philly, 68,503 jobs on 88 nodes: teams apart, one pool");
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        printf("  %-40s", rules[i]);
        for (int pool = 0; pool < 2; pool++) {
            struct text t = {.n = 0};

            ADD(&t,
                "scenario: bench\nfleet: { node: { cpu: 64, gpu: 8, price: 20, "
                "option: owned, %s } }\n",
                pool ? "count: 88" : apart);
            ADD(&t,
                "workloads: { training: { kind: jobs, source: { trace: %s, format: "
                "philly-csv }, gpus_per_member: 8, per_gpu: { cpu: 8 }, preemptible: "
                "false } }\n",
                jobs);
            ADD(&t, "policies: { p: { placement: best-fit, %sscheduling: { %s } } }\n",
                pool ? "" : queues, rules[i]);
            printf(" %6.3f s of CPU", run(&t, 3).cpu_s);
        }
        puts("");
    }
    unlink(jobs);
}

static void openb(void)
{
    static const char *const placements[] = {
        "fgd",         "weighted-best-fit", "best-fit",
        "gpu-packing", "gpu-clustering",    "dot-product",
        "random"};
    char nodes[64], pods[64];

    make(nodes, "zcat \"$SHARED_DATA/cluster/openb/openb_node_list_gpu_node.csv.gz\"");
    make(pods, "zcat \"$SHARED_DATA/cluster/openb/openb_pod_list_default.csv.gz\"");
    puts("openb, 10,866 pods on 1,213 nodes");
    for (size_t i = 0; i < sizeof placements / sizeof placements[0]; i++) {
        struct text t = {.n = 0};

        ADD(&t,
            "scenario: bench\nseed: 42\nuntil: 4h\nfleet: { cluster: { nodes: %s, "
            "option: owned, price: 1 } }\n",
            nodes);
        ADD(&t,
            "workloads: { pods: { kind: jobs, source: { trace: %s, format: openb, "
            "shuffle: true, demand: 130%%, rate: 1/s }, duration: forever } }\n",
            pods);
        ADD(&t,
            "policies: { p: { placement: %s, scheduling: { order: fifo, passing: "
            "skip } } }\n",
            placements[i]);
        printf("  %-20s %6.3f s of CPU\n", placements[i], run(&t, 3).cpu_s);
    }
    unlink(nodes);
    unlink(pods);
}

int main(void)
{
    if (getenv("SHARED_DATA") == NULL) {
        puts("Philly and openb: left out, SHARED_DATA does not say where they are");
    } else {
        philly();
        openb();
    }
    growth();
    million();
    return 0;
}
