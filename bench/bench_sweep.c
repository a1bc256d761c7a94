/* What a small run costs in a sweep: the simulation itself with its start-up, and what
 * goes around it (the scenario read anew, rows, database); and how much faster two
 * threads are.
 */
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/prepare.h"
#include "sim/run_parts.h"

extern char **environ; /* NOLINT: POSIX has it in no header */

enum { RUNS = 2000, POINTS = 20000, TIMES = 3 };

static const char scenario[] =
    "scenario: tiny\n"
    "fleet: { node: { cpu: 4, price: 2 USD/h, count: 2 } }\n"
    "workloads:\n"
    "  w:\n"
    "    kind: pipeline\n"
    "    source: { rate: 4/s, items: 20 }\n"
    "    stages: { a: { cpu: 1, time: { dist: exponential, mean: 300ms } } }\n"
    "policies: { p: { w: { units: { u: { slots: { a: 2 } } } } } }\n";

static void stop(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- in this process ---- */

/* CPU seconds of sim_run_one() with so many items, the least of some times. */
static double run_s(const char *path, const char *items)
{
    const struct model_set set = {"workloads.w.source.items", items};
    const struct sim_options o = {.seed = 1, .replications = 1, .figures_only = true};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc;
    double least = INFINITY;

    if (model_scenario_read(path, &set, 1, arena, &sc, NULL) != SP_OK ||
        model_policy_prepare(sc, &sc->policies[0], NULL) != SP_OK)
        stop("the scenario can't be read");
    for (int t = 0; t < TIMES; t++) {
        double from = cpu_s();

        for (int32_t i = 0; i < RUNS; i++) {
            const struct sim_run_one one = {.scenario = sc,
                                            .policy = sc->policies,
                                            .options = &o,
                                            .replication = i};
            struct sp_arena *scratch = sp_arena_new();
            struct model_policy_result p;

            if (sim_run_one(&one, scratch, &p, NULL) != SP_OK)
                stop("a run failed");
            sp_arena_free(scratch);
        }
        least = fmin(least, (cpu_s() - from) / RUNS);
    }
    sp_arena_free(arena);
    return least;
}

/* ---- whole processes ---- */

struct cost {
    double cpu_s, wall_s, bytes;
};

static struct cost sweep_once(char *path, char *threads, char *points)
{
    static char program[] = "./stageplan", command[] = "sweep", quiet[] = "-q",
                vary[] = "--vary", db[] = "--db", jobs[] = "-j";
    char file[64];
    char *const args[] = {program, command, path, quiet,   vary, points,
                          db,      file,    jobs, threads, NULL};
    struct rusage u;
    struct stat st;
    pid_t pid;
    int how;
    double from = sp_clock_s();

    snprintf(file, sizeof file, "%s.db", path);
    unlink(file);
    if (posix_spawn(&pid, program, NULL, NULL, args, environ) != 0 ||
        wait4(pid, &how, 0, &u) != pid || how != 0 || stat(file, &st) != 0)
        stop("./stageplan sweep did not run to its end");
    unlink(file);
    return (struct cost){(double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                             (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6,
                         sp_clock_s() - from, (double)st.st_size};
}

static struct cost sweep_cost(char *path, char *threads, char *points)
{
    struct cost least = sweep_once(path, threads, points);

    for (int t = 1; t < TIMES; t++) {
        struct cost c = sweep_once(path, threads, points);

        least.cpu_s = fmin(least.cpu_s, c.cpu_s);
        least.wall_s = fmin(least.wall_s, c.wall_s);
    }
    return least;
}

int main(void)
{
    char path[] = "/tmp/stageplan-bench-XXXXXX", one[] = "1", two[] = "2";
    char many[64], few[] = "fleet.node.price=1,2";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    double start, run, thousand, stored;
    struct cost a, b, base;

    if (f == NULL || fputs(scenario, f) < 0 || fclose(f) != 0)
        stop("the scenario can't be written");
    snprintf(many, sizeof many, "fleet.node.price=1..%d", POINTS);
    start = run_s(path, "1");
    run = run_s(path, "20");
    thousand = run_s(path, "1000");
    base = sweep_cost(path, one, few);
    a = sweep_cost(path, one, many);
    b = sweep_cost(path, two, many);
    stored = (a.cpu_s - base.cpu_s) / POINTS;
    printf("sweep: a run of 1 / 20 / 1,000 items    %.1f / %.1f / %.1f us\n",
           start * 1e6, run * 1e6, thousand * 1e6);
    printf(
        "  a point of one such run (20 items)   %.1f us: scenario, rows and database "
        "%.2f x the run, %.0f bytes\n",
        stored * 1e6, (stored - run) / run, (a.bytes - base.bytes) / POINTS);
    printf("  overhead of a run of 1,000 items     %.2f x the run\n",
           (stored - run) / thousand);
    printf("  runs a second, -j 1 / -j 2           %.0f / %.0f: %.2f x\n",
           POINTS / a.wall_s, POINTS / b.wall_s, a.wall_s / b.wall_s);
    unlink(path);
    return 0;
}
