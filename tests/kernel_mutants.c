#include "tests/kernel_mutants.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void find_lines(struct mutants *m, const char *word)
{
    char path[4096], line[400];
    FILE *f;

    snprintf(path, sizeof path, "%s/calibrate/device/kernels.inc", getenv("SRCDIR"));
    f = fopen(path, "r");
    for (int at = 1; f != NULL && fgets(line, sizeof line, f) != NULL; at++)
        if (strstr(line, word) != NULL && strncmp(line, " *", 2) != 0 &&
            m->n < MUTANTS_MAX)
            m->lines[m->n++] = at;
    if (f != NULL)
        fclose(f);
}

void mutants_find(struct mutants *m, struct driver *d, const char *word,
                  const char *reached)
{
    struct device_rig rig = driver_rig(d);
    char why[300];

    *m = (struct mutants){.driver = d, .reached = dlsym(d->library, reached)};
    find_lines(m, word);
    for (int c = 0; c < device_cases_n && c < MUTANT_CASES_MAX; c++) {
        for (int i = 0; i < m->n; i++)
            m->reached[m->lines[i]] = 0;
        if (device_case_run(&device_cases[c], &rig, why, sizeof why) != DEVICE_RIGHT) {
            fprintf(stderr, "%s\n", why);
            exit(1);
        }
        for (int i = 0; i < m->n; i++)
            m->reaches[i][c] = m->reached[m->lines[i]] != 0;
    }
}

int mutant_cases(const struct mutants *m, int i)
{
    int n = 0;

    for (int c = 0; c < MUTANT_CASES_MAX; c++)
        n += m->reaches[i][c];
    return n;
}

/* In the child. */
static int run_cases(const struct mutants *m, int i, const char *order)
{
    struct device_rig rig = driver_rig(m->driver);
    char words[80], why[300];

    snprintf(words, sizeof words, "mutant=%d,order=%s", m->lines[i], order);
    setenv("FAKE_CUDA", words, 1);
    for (int c = 0; c < device_cases_n; c++)
        if (m->reaches[i][c] &&
            device_case_run(&device_cases[c], &rig, why, sizeof why) != DEVICE_RIGHT) {
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

bool mutant_fails(const struct mutants *m, int i, const char *order, char *said,
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
        _exit(run_cases(m, i, order));
    }
    close(ends[1]);
    read_all(ends[0], said, size);
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child &&
           !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
