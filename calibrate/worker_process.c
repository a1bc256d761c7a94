/* posix_spawn, two pipes, poll.  The group is killed before its leader is reaped: until
 * then its number is nobody else's. */
#include "calibrate/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

enum { CHUNK = 16 * 1024, TAIL = 4096 };

struct cal_process {
    pid_t pid;
    int out, err;      /* our ends, -1 closed */
    char *text;        /* what came and was not handed out: [begin, end) */
    size_t begin, end; /* text has room for CAL_LINE_MAX + CHUNK */
    size_t looked;     /* of it no newline is in [begin, looked) */
    char tail[TAIL + 1];
    size_t n_tail;
    char words[CAL_WORDS_MAX];
};

char *cal_signal_name(int signal, char *buf, size_t size)
{
    const char *name = sigabbrev_np(signal);

    if (name != NULL)
        snprintf(buf, size, "SIG%s", name);
    else
        snprintf(buf, size, "signal %d", signal);
    return buf;
}

/* ---- starting ---- */

static int spawn(const char *path, const char *const *argv, int out, int err,
                 pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    char **args = sp_xcalloc(16, sizeof *args);
    int error;

    for (int i = 0; i < 15 && argv[i] != NULL; i++)
        args[i] = strdup(argv[i]);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, err, 2);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    error = posix_spawn(pid, path, &files, &how, args, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    for (int i = 0; args[i] != NULL; i++)
        free(args[i]);
    free(args);
    return error;
}

enum sp_status cal_process_start(const char *path, const char *const *argv,
                                 struct cal_process **process, struct sp_err *err)
{
    int out[2] = {-1, -1}, fail[2] = {-1, -1}, error = 0;
    struct cal_process *p;
    pid_t pid = 0;

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(fail, O_CLOEXEC) != 0)
        error = errno;
    else
        error = spawn(path, argv, out[1], fail[1], &pid);
    if (out[1] >= 0)
        close(out[1]);
    if (fail[1] >= 0)
        close(fail[1]);
    if (error != 0) {
        if (out[0] >= 0)
            close(out[0]);
        if (fail[0] >= 0)
            close(fail[0]);
        return sp_fail(err, SP_EIO, "%s", strerror(error));
    }
    p = sp_xcalloc(1, sizeof *p);
    *p = (struct cal_process){.pid = pid, .out = out[0], .err = fail[0]};
    p->text = sp_xcalloc(1, CAL_LINE_MAX + CHUNK + 1);
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    fcntl(p->err, F_SETFL, O_NONBLOCK);
    *process = p;
    return SP_OK;
}

/* ---- reading ---- */

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What waits on stderr; only the end of it is kept. */
static void drain_words(struct cal_process *p)
{
    char chunk[TAIL];
    ssize_t n;

    for (int i = 0; i < 16 && p->err >= 0; i++) {
        n = read(p->err, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            close_one(&p->err);
        if (n <= 0)
            return;
        if ((size_t)n + p->n_tail > TAIL) {
            size_t drop = (size_t)n + p->n_tail - TAIL;

            p->n_tail -= drop;
            memmove(p->tail, p->tail + drop, p->n_tail);
        }
        memcpy(p->tail + p->n_tail, chunk, (size_t)n);
        p->n_tail += (size_t)n;
    }
}

/* One read of stdout, where there is room; closes it at its end. */
static void fill(struct cal_process *p)
{
    ssize_t n;

    if (p->begin > 0) {
        memmove(p->text, p->text + p->begin, p->end - p->begin);
        p->end -= p->begin;
        p->looked -= p->begin;
        p->begin = 0;
    }
    if (p->out < 0 || p->end > CAL_LINE_MAX)
        return;
    n = read(p->out, p->text + p->end, CHUNK);
    if (n > 0)
        p->end += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_one(&p->out);
}

static bool take_line(struct cal_process *p, const char **line, size_t *size)
{
    char *newline = memchr(p->text + p->looked, '\n', p->end - p->looked);

    p->looked = p->end;
    if (newline == NULL)
        return false;
    *newline = '\0';
    *line = p->text + p->begin;
    *size = (size_t)(newline - *line);
    p->begin = p->looked = (size_t)(newline - p->text) + 1;
    return true;
}

static bool has_ended(const struct cal_process *p, siginfo_t *how)
{
    memset(how, 0, sizeof *how);
    return waitid(P_PID, (id_t)p->pid, how, WEXITED | WNOWAIT | WNOHANG) == 0 &&
           how->si_pid == p->pid;
}

static void wait_for_data(const struct cal_process *p, double wait_s)
{
    struct pollfd fds[2] = {{.fd = p->out, .events = POLLIN},
                            {.fd = p->err, .events = POLLIN}};

    poll(fds, 2, (int)(wait_s * 1000 + 0.5));
}

/* Output has ended, or its writer has (what it started may still hold the pipe). */
static enum cal_process_read at_end(struct cal_process *p, const char **line,
                                    size_t *size)
{
    if (p->begin == p->end)
        return CAL_READ_END;
    p->text[p->end] = '\0';
    *line = p->text + p->begin;
    *size = p->end - p->begin;
    p->begin = p->looked = p->end;
    return CAL_READ_HALF;
}

enum cal_process_read cal_process_read(struct cal_process *p, double wait_s,
                                       const char **line, size_t *size)
{
    size_t before;
    siginfo_t how;
    bool ended;

    if (take_line(p, line, size))
        return CAL_READ_LINE;
    if (p->out >= 0) {
        ended = has_ended(p, &how); /* before the look at what it wrote */
        if (!ended)
            wait_for_data(p, wait_s);
        drain_words(p);
        before = p->end - p->begin;
        fill(p);
        if (take_line(p, line, size))
            return CAL_READ_LINE;
        if (p->end - p->begin > CAL_LINE_MAX)
            return CAL_READ_LONG;
        if (p->out >= 0 && !(ended && p->end - p->begin == before))
            return CAL_READ_NONE;
    }
    return at_end(p, line, size);
}

/* ---- ending ---- */

static bool wait_until_ended(struct cal_process *p, double limit_s, siginfo_t *how)
{
    double until_s = sp_clock_s() + limit_s;

    for (;;) {
        drain_words(p);
        if (has_ended(p, how))
            return true;
        if (sp_clock_s() >= until_s)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 2 * 1000 * 1000}, NULL);
    }
}

/* The last line that says something. */
static void keep_words(struct cal_process *p)
{
    char *begin;

    while (p->n_tail > 0 && strchr(" \t\r\n", p->tail[p->n_tail - 1]) != NULL)
        p->n_tail--;
    p->tail[p->n_tail] = '\0';
    begin = strrchr(p->tail, '\n');
    begin = begin != NULL ? begin + 1 : p->tail;
    if (*begin != '\0')
        sp_text_quote(begin, p->words, sizeof p->words);
}

struct cal_process_end cal_process_finish(struct cal_process *p, double grace_s)
{
    struct cal_process_end end = {0, 0, false, false};
    siginfo_t how;

    if (!wait_until_ended(p, grace_s, &how)) {
        kill(-p->pid, SIGKILL);
        end.killed = true;
        end.immortal = !wait_until_ended(p, 2, &how);
    }
    kill(-p->pid, SIGKILL); /* what it may have started */
    if (!end.immortal) {
        end.exit_code = how.si_code == CLD_EXITED ? how.si_status : 0;
        end.signal = how.si_code == CLD_EXITED ? 0 : how.si_status;
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    drain_words(p);
    keep_words(p);
    return end;
}

const char *cal_process_words(const struct cal_process *p)
{
    return p->words;
}

void cal_process_free(struct cal_process *p)
{
    if (p == NULL)
        return;
    close_one(&p->out);
    close_one(&p->err);
    free(p->text);
    free(p);
}
