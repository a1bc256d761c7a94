/* Threads, queues and clocks.  Every thread of a run waits until all are there; the
 * last worker that leaves a stage closes the queue behind it. */
#include "calibrate/pipe.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/gsl.h"
#include "base/units.h"
#include "calibrate/gate.h"
#include "calibrate/queue.h"

enum {
    REALTIME_PRIORITY = 10,
    CALLS_MOST = 50, /* times the mean */
};

struct cal_pipe {
    struct cal_pipeline p;
    bool realtime;
    struct cal_state **states[CAL_STAGES_MAX]; /* by worker */
    int32_t n;                                 /* items chosen */
    int32_t *calls[CAL_STAGES_MAX];
};

static int32_t workers_of(const struct cal_pipeline *p, int32_t stage)
{
    return p->stages[p->fused ? 0 : stage].workers;
}

int32_t cal_pipeline_threads(const struct cal_pipeline *p)
{
    int32_t n = 0;

    for (int32_t s = 0; s < (p->fused ? 1 : p->n); s++)
        n += p->stages[s].workers;
    return n;
}

/* ---- states ---- */

static enum sp_status open_states(struct cal_pipe *pipe, int32_t stage, uint64_t seed,
                                  struct sp_err *err)
{
    const struct cal_stage *s = &pipe->p.stages[stage];
    int32_t n = workers_of(&pipe->p, stage);
    enum sp_status status = SP_OK;

    pipe->states[stage] = sp_xcalloc((size_t)n, sizeof *pipe->states[stage]);
    for (int32_t w = 0; w < n && status == SP_OK; w++) {
        status = s->kernel->open(s->kernel, s->x, seed, &pipe->states[stage][w], err);
        if (status == SP_OK)
            s->kernel->run(pipe->states[stage][w], 0);
    }
    return status;
}

enum sp_status cal_pipe_open(const struct cal_pipeline *pipeline, uint64_t seed,
                             bool realtime, struct cal_pipe **out, struct sp_err *err)
{
    struct cal_pipe *pipe = sp_xcalloc(1, sizeof *pipe);
    enum sp_status status = SP_OK;

    pipe->p = *pipeline;
    pipe->realtime = realtime;
    for (int32_t s = 0; s < pipeline->n && status == SP_OK; s++)
        status = open_states(pipe, s, seed, err);
    if (status == SP_OK)
        *out = pipe;
    else
        cal_pipe_close(pipe);
    return status;
}

void cal_pipe_close(struct cal_pipe *pipe)
{
    if (pipe == NULL)
        return;
    for (int32_t s = 0; s < pipe->p.n; s++) {
        for (int32_t w = 0; pipe->states[s] != NULL && w < workers_of(&pipe->p, s); w++)
            pipe->p.stages[s].kernel->close(pipe->states[s][w]);
        free(pipe->states[s]);
        free(pipe->calls[s]);
    }
    free(pipe);
}

/* ---- the items' work ---- */

/* Gamma with the wanted mean and spread, rounded up or down by chance so that the mean
 * stays; an item has one call at least. */
static int32_t draw_calls(const struct cal_stage *s, struct sp_rng *rng)
{
    double scv = s->cv * s->cv;
    double calls = sp_gsl_gamma(rng, 1 / scv, s->calls * scv);

    calls = floor(calls + sp_rng_uniform(rng));
    return (int32_t)fmin(fmax(calls, 1), (double)s->calls * CALLS_MOST);
}

void cal_pipe_choose(struct cal_pipe *pipe, int32_t n, uint64_t seed)
{
    pipe->n = n;
    for (int32_t s = 0; s < pipe->p.n; s++) {
        const struct cal_stage *stage = &pipe->p.stages[s];

        free(pipe->calls[s]);
        pipe->calls[s] = sp_xcalloc((size_t)n, sizeof *pipe->calls[s]);
        for (int32_t i = 0; i < n; i++) {
            struct sp_rng rng =
                sp_rng_from_key(sp_mix_keys(seed, ((uint64_t)s << 32) + (uint64_t)i));

            pipe->calls[s][i] = stage->cv > 0 ? draw_calls(stage, &rng) : stage->calls;
        }
    }
}

int32_t cal_pipe_calls(const struct cal_pipe *pipe, int32_t stage, int32_t item)
{
    sp_assert(item >= 0 && item < pipe->n);
    return pipe->calls[stage][item];
}

/* Which inputs an item takes depends on its number alone, so it is the same work alone
 * and in the pipeline. */
static void work_on(const struct cal_pipe *pipe, int32_t stage, int32_t worker,
                    int32_t item)
{
    const struct cal_stage *s = &pipe->p.stages[stage];
    int64_t first = (int64_t)item * s->calls;

    for (int32_t c = 0; c < pipe->calls[stage][item]; c++)
        s->kernel->run(pipe->states[stage][worker], first + c);
}

/* ---- threads ---- */

static enum sp_status make_thread(const struct cal_pipe *pipe, pthread_t *thread,
                                  void *(*body)(void *), void *self, struct sp_err *err)
{
    struct sched_param how = {.sched_priority = REALTIME_PRIORITY};
    pthread_attr_t attr;
    int failed;

    pthread_attr_init(&attr);
    if (pipe->realtime) {
        pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
        pthread_attr_setschedparam(&attr, &how);
    }
    failed = pthread_create(thread, &attr, body, self);
    pthread_attr_destroy(&attr);
    if (failed == 0)
        return SP_OK;
    if (failed == EPERM && pipe->realtime)
        return sp_fail(err, SP_EIO,
                       "this user may not run threads under SCHED_FIFO (limits.conf: "
                       "rtprio)");
    return sp_fail(err, SP_EIO, "a thread can't be started: %s", strerror(failed));
}

/* ---- a stage alone ---- */

struct alone {
    const struct cal_pipe *pipe;
    int32_t stage, n;
    double *samples_s;
    int64_t waited_ns;
};

static void *run_alone(void *self)
{
    struct alone *a = self;
    struct cal_gate gate;
    int64_t waited_ns, then_ns;

    cal_gate_open(&gate);
    waited_ns = cal_gate_mark(&gate).wait_ns;
    then_ns = sp_clock_ns();
    for (int32_t i = 0; i < a->n; i++) {
        int64_t now_ns;

        work_on(a->pipe, a->stage, 0, i);
        now_ns = sp_clock_ns();
        a->samples_s[i] = sp_s_from_ns(now_ns - then_ns);
        then_ns = now_ns;
    }
    a->waited_ns = cal_gate_mark(&gate).wait_ns - waited_ns;
    cal_gate_close(&gate);
    return NULL;
}

enum sp_status cal_pipe_alone(struct cal_pipe *pipe, int32_t stage, int32_t n,
                              double *samples_s, double *waited_s, struct sp_err *err)
{
    struct alone a = {pipe, stage, n, samples_s, 0};
    pthread_t thread;
    enum sp_status status = make_thread(pipe, &thread, run_alone, &a, err);

    sp_assert(n <= pipe->n);
    if (status != SP_OK)
        return status;
    pthread_join(thread, NULL);
    if (waited_s != NULL)
        *waited_s += sp_s_from_ns(a.waited_ns);
    return SP_OK;
}

/* ---- all stages at once ---- */

struct run {
    const struct cal_pipe *pipe;
    struct cal_passage *passage;
    struct cal_queue *queues[CAL_STAGES_MAX]; /* before the stage; the first: NULL */
    atomic_int next;                          /* item that nobody has taken */
    atomic_int left_in[CAL_STAGES_MAX];       /* workers of the stage still at it */
    pthread_mutex_t go_lock;
    pthread_cond_t go;
    int going; /* 0: wait, 1: work, -1: never mind */
};

struct worker {
    struct run *run;
    int32_t stage, number;
    pthread_t thread;
    int64_t busy_ns[CAL_STAGES_MAX], passed[CAL_STAGES_MAX];
    int64_t waited_ns;
};

static bool may_go(struct run *run)
{
    bool go;

    pthread_mutex_lock(&run->go_lock);
    while (run->going == 0)
        pthread_cond_wait(&run->go, &run->go_lock);
    go = run->going > 0;
    pthread_mutex_unlock(&run->go_lock);
    return go;
}

static bool take_item(struct run *run, int32_t stage, int32_t *item)
{
    int64_t popped;

    if (stage == 0) {
        *item = atomic_fetch_add(&run->next, 1);
        return *item < run->pipe->n;
    }
    if (!cal_queue_pop(run->queues[stage], &popped))
        return false;
    *item = (int32_t)popped;
    return true;
}

/* The item through one stage; returns when that was done. */
static int64_t serve(struct worker *w, int32_t stage, int32_t item, int64_t from_ns)
{
    int64_t done_ns;

    work_on(w->run->pipe, stage, w->number, item);
    done_ns = sp_clock_ns();
    w->busy_ns[stage] += done_ns - from_ns;
    w->passed[stage]++;
    return done_ns;
}

static void pass_through(struct worker *w)
{
    struct run *run = w->run;
    const struct cal_pipeline *p = &run->pipe->p;
    int32_t item, last = p->fused ? p->n - 1 : w->stage;

    while (take_item(run, w->stage, &item)) {
        int64_t now_ns = sp_clock_ns();

        if (w->stage == 0)
            run->passage->entered_ns[item] = now_ns;
        for (int32_t s = w->stage; s <= last; s++)
            now_ns = serve(w, s, item, now_ns);
        if (last == p->n - 1)
            run->passage->left_ns[item] = now_ns;
        else if (!cal_queue_push(run->queues[last + 1], item))
            sp_bug(__FILE__, __LINE__, "a queue closed before its producers ended");
    }
    if (last < p->n - 1 && atomic_fetch_sub(&run->left_in[last], 1) == 1)
        cal_queue_close(run->queues[last + 1]);
}

static void *run_worker(void *self)
{
    struct worker *w = self;
    struct cal_gate gate;
    int64_t waited_ns;

    if (!may_go(w->run))
        return NULL;
    cal_gate_open(&gate);
    waited_ns = cal_gate_mark(&gate).wait_ns;
    pass_through(w);
    w->waited_ns = cal_gate_mark(&gate).wait_ns - waited_ns;
    cal_gate_close(&gate);
    return NULL;
}

static void add_up(const struct cal_pipe *pipe, const struct worker *workers, int32_t n,
                   struct cal_passage *passage)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;

    for (int32_t i = 0; i < pipe->n; i++) {
        first_ns =
            passage->entered_ns[i] < first_ns ? passage->entered_ns[i] : first_ns;
        last_ns = passage->left_ns[i] > last_ns ? passage->left_ns[i] : last_ns;
    }
    passage->wall_s = sp_s_from_ns(last_ns - first_ns);
    passage->waited_s = 0;
    for (int32_t s = 0; s < pipe->p.n; s++) {
        int64_t busy_ns = 0;

        passage->passed[s] = 0;
        for (int32_t w = 0; w < n; w++) {
            busy_ns += workers[w].busy_ns[s];
            passage->passed[s] += workers[w].passed[s];
        }
        passage->mean_s[s] = sp_s_from_ns(busy_ns) / pipe->n;
        passage->busy_frac[s] =
            sp_s_from_ns(busy_ns) / (passage->wall_s * workers_of(&pipe->p, s));
    }
    for (int32_t w = 0; w < n; w++)
        passage->waited_s += sp_s_from_ns(workers[w].waited_ns);
}

static void tell_all(struct run *run, int going)
{
    pthread_mutex_lock(&run->go_lock);
    run->going = going;
    pthread_cond_broadcast(&run->go);
    pthread_mutex_unlock(&run->go_lock);
}

/* Starts the workers, lets them work unless one could not be started, and waits. */
static enum sp_status work(struct run *run, struct worker *workers, struct sp_err *err)
{
    const struct cal_pipeline *p = &run->pipe->p;
    enum sp_status status = SP_OK;
    int32_t n = 0;

    for (int32_t s = 0; s < (p->fused ? 1 : p->n); s++)
        for (int32_t i = 0; i < p->stages[s].workers && status == SP_OK; i++) {
            workers[n] = (struct worker){.run = run, .stage = s, .number = i};
            status = make_thread(run->pipe, &workers[n].thread, run_worker, &workers[n],
                                 err);
            n += status == SP_OK;
        }
    tell_all(run, status == SP_OK ? 1 : -1);
    for (int32_t i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    return status;
}

enum sp_status cal_pipe_run(struct cal_pipe *pipe, struct cal_passage *passage,
                            struct sp_err *err)
{
    struct run run = {.pipe = pipe, .passage = passage};
    int32_t n = cal_pipeline_threads(&pipe->p);
    struct worker *workers = sp_xcalloc((size_t)n, sizeof *workers);
    enum sp_status status;

    pthread_mutex_init(&run.go_lock, NULL);
    pthread_cond_init(&run.go, NULL);
    for (int32_t s = 0; s < pipe->p.n; s++) {
        atomic_init(&run.left_in[s], pipe->p.stages[s].workers);
        if (s > 0 && !pipe->p.fused)
            run.queues[s] = cal_queue_new((size_t)pipe->p.stages[s].queue);
    }
    status = work(&run, workers, err);
    if (status == SP_OK)
        add_up(pipe, workers, n, passage);
    for (int32_t s = 0; s < pipe->p.n; s++)
        cal_queue_free(run.queues[s]);
    pthread_cond_destroy(&run.go);
    pthread_mutex_destroy(&run.go_lock);
    free(workers);
    return status;
}
