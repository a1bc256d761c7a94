/* A thread's counters. */
#include "calibrate/gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"

bool cal_gate_parse_schedstat(const char *text, int64_t *wait_ns)
{
    char *end;
    long long run, wait;

    run = strtoll(text, &end, 10);
    if (end == text || *end != ' ' || run < 0)
        return false;
    text = end;
    wait = strtoll(text, &end, 10);
    if (end == text || *end != ' ' || wait < 0)
        return false;
    *wait_ns = wait;
    return true;
}

static bool read_wait(int fd, int64_t *wait_ns)
{
    char text[96];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    if (n <= 0)
        return false;
    text[n] = '\0';
    return cal_gate_parse_schedstat(text, wait_ns);
}

void cal_gate_open(struct cal_gate *gate)
{
    int64_t wait_ns;

    gate->fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (gate->fd >= 0 && !read_wait(gate->fd, &wait_ns))
        cal_gate_close(gate);
}

void cal_gate_close(struct cal_gate *gate)
{
    if (gate->fd >= 0)
        close(gate->fd);
    gate->fd = -1;
}

int64_t cal_gate_now_ns(void *self)
{
    (void)self;
    return sp_clock_ns();
}

struct cal_mark cal_gate_mark(struct cal_gate *gate)
{
    struct cal_mark mark = {0};
    struct rusage usage;
    struct timespec cpu;

    if (gate->fd < 0 || !read_wait(gate->fd, &mark.wait_ns))
        mark.wait_ns = 0;
    if (getrusage(RUSAGE_THREAD, &usage) == 0)
        mark.switches = usage.ru_nivcsw;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0)
        mark.cpu_ns = cpu.tv_sec * SP_NS_PER_S + cpu.tv_nsec;
    return mark;
}

const char *cal_gate_text(const struct cal_gate *gate)
{
    return gate->fd >= 0 ? "run-queue wait, switches" : "switches";
}
