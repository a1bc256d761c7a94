#include "tests/kernel_mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int mutant_lines(const char *word, int lines[MUTANTS_MAX])
{
    char path[4096], line[400];
    int n = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/calibrate/device/kernels.inc", getenv("SRCDIR"));
    f = fopen(path, "r");
    if (f == NULL)
        return 0;
    for (int at = 1; fgets(line, sizeof line, f) != NULL && n < MUTANTS_MAX; at++)
        if (strstr(line, word) != NULL && strncmp(line, " *", 2) != 0)
            lines[n++] = at;
    fclose(f);
    return n;
}

/* In the child. */
static int run_cases(struct driver *d, int line, const char *order)
{
    struct device_rig rig = driver_rig(d);
    char words[80], why[300];

    snprintf(words, sizeof words, "mutant=%d,order=%s", line, order);
    setenv("FAKE_CUDA", words, 1);
    for (int i = 0; i < device_cases_n; i++)
        if (device_case_run(&device_cases[i], &rig, why, sizeof why) != DEVICE_RIGHT) {
            fprintf(stderr, "%s\n", why);
            return 1;
        }
    return 0;
}

static void read_all(int from, char *said, size_t size)
{
    size_t n = 0;
    ssize_t got;
    char rest[512];

    while ((got = n + 1 < size ? read(from, said + n, size - n - 1)
                               : read(from, rest, sizeof rest)) > 0)
        if (n + 1 < size)
            n += (size_t)got;
    said[n] = '\0';
}

bool mutant_fails(struct driver *d, int line, const char *order, char *said,
                  size_t size)
{
    int ends[2], status = 0;
    pid_t child;

    if (pipe(ends) != 0)
        return false;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(run_cases(d, line, order));
    }
    close(ends[1]);
    read_all(ends[0], said, size);
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child &&
           !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
