/* Threads that take the next item, and a ring of what they gave until its turn. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/status.h"

/* Where threads have at least so many items each to begin before they need to be told
 * of room, the one who tells may sleep for a while: waking for each of many small items
 * would cost more than they do. */
enum { PLENTY = 512, NAP_NS = 1000000 };

struct place {
    bool ready;
    void *result;
};

struct pool {
    const struct sp_pool_work *work;
    pthread_mutex_t lock;
    pthread_cond_t room, came; /* an item may be begun; the next to be told is ready */
    int32_t idle;              /* threads that wait for room */
    int64_t next, told;        /* to be begun; to be told */
    bool stop;                 /* begin no more */
    struct place *ring;        /* of item i: ring[i % ahead] */
};

/* The next item that may be begun, or -1: there is none left. */
static int64_t take(struct pool *p)
{
    while (!p->stop && p->next < p->work->n && p->next - p->told >= p->work->ahead) {
        p->idle++;
        pthread_cond_wait(&p->room, &p->lock);
        p->idle--;
    }
    return p->stop || p->next >= p->work->n ? -1 : p->next++;
}

static void *worker(void *self)
{
    struct pool *p = self;
    int64_t i;

    pthread_mutex_lock(&p->lock);
    while ((i = take(p)) >= 0) {
        void *result;

        pthread_mutex_unlock(&p->lock);
        result = p->work->work(p->work->self, i);
        pthread_mutex_lock(&p->lock);
        p->ring[i % p->work->ahead] = (struct place){true, result};
        if (i == p->told)
            pthread_cond_signal(&p->came);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void begin_no_more(struct pool *p)
{
    p->stop = true;
    pthread_cond_broadcast(&p->room);
}

/* The lock is held before and after, but not meanwhile. */
static void nap(struct pool *p)
{
    const int64_t room = p->work->ahead - (p->next - p->told);

    if (room / p->work->threads < PLENTY)
        return;
    pthread_mutex_unlock(&p->lock);
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    pthread_mutex_lock(&p->lock);
}

/* Sleeps until the item that is next to be told is ready, or for a fifth of a second;
 * asks wait() then.  The lock is held before and after, but not while it asks. */
static void await(struct pool *p)
{
    struct timespec until;
    bool on;

    nap(p);
    if (p->ring[p->told % p->work->ahead].ready)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 200000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (pthread_cond_timedwait(&p->came, &p->lock, &until) == 0 ||
        p->work->wait == NULL)
        return;
    pthread_mutex_unlock(&p->lock);
    on = p->work->wait(p->work->self);
    pthread_mutex_lock(&p->lock);
    if (!on)
        begin_no_more(p);
}

/* Tells what is ready, in order, until all that was begun is told and no more is. */
static void tell(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->told < p->next || (!p->stop && p->next < p->work->n)) {
        struct place *place = &p->ring[p->told % p->work->ahead];
        void *result = place->result;
        bool on;

        if (!place->ready) {
            await(p);
            continue;
        }
        place->ready = false;
        pthread_mutex_unlock(&p->lock);
        on = p->work->done(p->work->self, p->told, result);
        pthread_mutex_lock(&p->lock);
        p->told++;
        if (p->idle > 0)
            pthread_cond_signal(&p->room);
        if (!on)
            begin_no_more(p);
    }
    begin_no_more(p); /* those who wait for room may go */
    pthread_mutex_unlock(&p->lock);
}

static int64_t run_alone(const struct sp_pool_work *work)
{
    for (int64_t i = 0; i < work->n; i++)
        if (!work->done(work->self, i, work->work(work->self, i)) ||
            (work->wait != NULL && !work->wait(work->self)))
            return i + 1;
    return work->n;
}

int64_t sp_pool_run(const struct sp_pool_work *work)
{
    struct pool p = {.work = work};
    int32_t n = 0;
    pthread_t *threads;

    sp_assert(work->ahead >= 1 && work->threads >= 1);
    if (work->threads == 1 || work->n <= 1)
        return run_alone(work);
    threads = sp_xcalloc((size_t)work->threads, sizeof *threads);
    p.ring = sp_xcalloc((size_t)work->ahead, sizeof *p.ring);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.room, NULL);
    pthread_cond_init(&p.came, NULL);
    while (n < work->threads && pthread_create(&threads[n], NULL, worker, &p) == 0)
        n++;
    if (n == 0)
        p.told = run_alone(work);
    else
        tell(&p);
    for (int32_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&p.came);
    pthread_cond_destroy(&p.room);
    pthread_mutex_destroy(&p.lock);
    free(p.ring);
    free(threads);
    return p.told;
}

int32_t sp_pool_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1)
        return 1;
    return CPU_COUNT(&set);
}
