/* The bounded queue: a ring under one lock. */
#include "calibrate/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/status.h"

struct cal_queue {
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
    bool closed;
    size_t capacity, first, len;
    int64_t *ring;
};

struct cal_queue *cal_queue_new(size_t capacity)
{
    struct cal_queue *q = sp_xcalloc(1, sizeof *q);

    sp_assert(capacity >= 1);
    sp_assert(pthread_mutex_init(&q->lock, NULL) == 0);
    sp_assert(pthread_cond_init(&q->not_full, NULL) == 0);
    sp_assert(pthread_cond_init(&q->not_empty, NULL) == 0);
    q->capacity = capacity;
    q->ring = sp_xcalloc(capacity, sizeof *q->ring);
    return q;
}

void cal_queue_free(struct cal_queue *q)
{
    if (q == NULL)
        return;
    pthread_cond_destroy(&q->not_empty);
    pthread_cond_destroy(&q->not_full);
    pthread_mutex_destroy(&q->lock);
    free(q->ring);
    free(q);
}

bool cal_queue_push(struct cal_queue *q, int64_t item)
{
    bool open;

    pthread_mutex_lock(&q->lock);
    while (q->len == q->capacity && !q->closed)
        pthread_cond_wait(&q->not_full, &q->lock);
    open = !q->closed;
    if (open) {
        q->ring[(q->first + q->len++) % q->capacity] = item;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return open;
}

bool cal_queue_pop(struct cal_queue *q, int64_t *item)
{
    bool any;

    pthread_mutex_lock(&q->lock);
    while (q->len == 0 && !q->closed)
        pthread_cond_wait(&q->not_empty, &q->lock);
    any = q->len > 0;
    if (any) {
        *item = q->ring[q->first];
        q->first = (q->first + 1) % q->capacity;
        q->len--;
        pthread_cond_signal(&q->not_full);
    }
    pthread_mutex_unlock(&q->lock);
    return any;
}

void cal_queue_close(struct cal_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

size_t cal_queue_len(struct cal_queue *q)
{
    size_t len;

    pthread_mutex_lock(&q->lock);
    len = q->len;
    pthread_mutex_unlock(&q->lock);
    return len;
}
