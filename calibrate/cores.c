/* Threads on cores, started together. */
#include "calibrate/cores.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/units.h"
#include "calibrate/block.h"

static struct cal_mark rig_mark(void *self)
{
    struct cal_cpu_rig *rig = self;

    return cal_gate_mark(&rig->gate);
}

static struct cal_speed rig_canary(void *self)
{
    return cal_canary_check(cal_gate_now_ns, self);
}

static void rig_pause(void *self, double s)
{
    int64_t ns = sp_ns_from_s(s);
    struct timespec span = {.tv_sec = ns / SP_NS_PER_S, .tv_nsec = ns % SP_NS_PER_S};

    (void)self;
    nanosleep(&span, NULL); /* a signal may cut it short: the caller looks */
}

/* ---- several threads ---- */

struct start {
    atomic_int ready, go;
};

struct worker {
    pthread_t thread;
    const struct cal_machine *machine;
    struct cal_together *job;
    struct start *start;
    int32_t i;
};

static void *work(void *self)
{
    struct worker *w = self;
    struct cal_cpu_rig rig;
    struct cal_world world;

    cal_machine_pin(w->machine, w->job->first_core + w->i);
    cal_cpu_rig_open(&rig, w->machine);
    world = cal_cpu_rig_world(&rig);
    atomic_fetch_add(&w->start->ready, 1);
    while (atomic_load(&w->start->go) == 0)
        sched_yield();
    cal_together_run(&world, w->job, w->i);
    cal_cpu_rig_close(&rig);
    return NULL;
}

static void no_thread(struct cal_together *job, int32_t i)
{
    job->blocks[i] =
        (struct cal_block){.end = CAL_BLOCK_BY_SCHEDULER, .best_s = (double)INFINITY};
    job->median_s[i] = (double)NAN;
}

static void rig_together(void *self, struct cal_together *job)
{
    struct cal_cpu_rig *rig = self;
    struct worker *workers = sp_xcalloc((size_t)job->n, sizeof *workers);
    struct start start;
    int32_t n = 0;

    atomic_init(&start.ready, 0);
    atomic_init(&start.go, 0);
    for (; n < job->n; n++) {
        workers[n] = (struct worker){
            .machine = rig->machine, .job = job, .start = &start, .i = n};
        if (pthread_create(&workers[n].thread, NULL, work, &workers[n]) != 0)
            break;
    }
    while (atomic_load(&start.ready) < n)
        sched_yield();
    atomic_store(&start.go, 1);
    for (int32_t i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    for (int32_t i = n; i < job->n; i++)
        no_thread(job, i);
    free(workers);
}

void cal_cpu_rig_open(struct cal_cpu_rig *rig, const struct cal_machine *machine)
{
    rig->machine = machine;
    cal_gate_open(&rig->gate);
}

void cal_cpu_rig_close(struct cal_cpu_rig *rig)
{
    cal_gate_close(&rig->gate);
}

struct cal_world cal_cpu_rig_world(struct cal_cpu_rig *rig)
{
    return (struct cal_world){.self = rig,
                              .now_ns = cal_gate_now_ns,
                              .mark = rig_mark,
                              .canary = rig_canary,
                              .pause = rig_pause,
                              .together = rig_together};
}
