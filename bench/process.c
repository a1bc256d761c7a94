/* A scenario in a file of its own, and the process that reads it. */
#include "bench/process.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ; /* NOLINT: POSIX has it in no header */

static void stop(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static double events_of(const char *json)
{
    FILE *f = fopen(json, "r");
    char line[4096];
    double events = 0;

    while (f != NULL && events <= 0 && fgets(line, sizeof line, f) != NULL) {
        const char *at = strstr(line, "\"events\": ");

        if (at != NULL)
            events = strtod(at + strlen("\"events\": "), NULL);
    }
    if (f == NULL || events <= 0)
        stop("a run told no events");
    fclose(f);
    return events;
}

static struct bench_cost run_once(char *path)
{
    static char program[] = "./stageplan", command[] = "run", quiet[] = "-q",
                option[] = "--json";
    char json[64];
    char *const args[] = {program, command, quiet, option, json, path, NULL};
    struct bench_cost c;
    struct rusage u;
    pid_t pid;
    int how;

    snprintf(json, sizeof json, "%s.json", path);
    if (posix_spawn(&pid, program, NULL, NULL, args, environ) != 0 ||
        wait4(pid, &how, 0, &u) != pid || how != 0)
        stop("./stageplan did not run to its end");
    c = (struct bench_cost){.cpu_s = seconds(u.ru_utime) + seconds(u.ru_stime),
                            .peak_mb = (double)u.ru_maxrss / 1024,
                            .events = events_of(json)};
    unlink(json);
    return c;
}

struct bench_cost bench_process_run(const char *scenario, int times)
{
    char path[] = "/tmp/stageplan-bench-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct bench_cost least = {0};

    if (f == NULL || fputs(scenario, f) < 0 || fclose(f) != 0)
        stop("the scenario can't be written");
    for (int i = 0; i < times; i++) {
        struct bench_cost c = run_once(path);

        if (i == 0 || c.cpu_s < least.cpu_s)
            least = c;
    }
    unlink(path);
    return least;
}
