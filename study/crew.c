/* One lock over what is to be done and what is finished. */
#include "study/crew.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/status.h"

struct span {
    int64_t next, end;
};

struct study_crew {
    const struct study_work *work;
    pthread_mutex_t lock;
    pthread_cond_t given;
    bool stop;
    struct span *spans; /* in the order given; [0] is the one being worked on */
    int64_t n_spans, span_room;
    struct study_finished *finished;
    int64_t n_finished, finished_room;
    int32_t n_threads;
    pthread_t *threads;
};

/* Room for one more row, doubled where it is used up. */
static void *one_more(void *rows, int64_t n, int64_t *room, size_t size)
{
    if (n < *room)
        return rows;
    *room = *room == 0 ? 16 : 2 * *room;
    return sp_xrealloc(rows, (size_t)*room * size);
}

/* The next item, or -1 when it is time to go.  The lock is held. */
static int64_t next_item(struct study_crew *crew)
{
    int64_t item;

    while (!crew->stop && crew->n_spans == 0)
        pthread_cond_wait(&crew->given, &crew->lock);
    if (crew->stop)
        return -1;
    item = crew->spans[0].next++;
    if (crew->spans[0].next == crew->spans[0].end) {
        crew->n_spans--;
        for (int64_t i = 0; i < crew->n_spans; i++)
            crew->spans[i] = crew->spans[i + 1];
    }
    return item;
}

static void *hand(void *self)
{
    struct study_crew *crew = self;
    int64_t item;

    pthread_mutex_lock(&crew->lock);
    while ((item = next_item(crew)) >= 0) {
        struct study_bytes bytes;

        pthread_mutex_unlock(&crew->lock);
        bytes = crew->work->work(crew->work->self, item);
        pthread_mutex_lock(&crew->lock);
        crew->finished = one_more(crew->finished, crew->n_finished,
                                  &crew->finished_room, sizeof *crew->finished);
        crew->finished[crew->n_finished++] = (struct study_finished){item, bytes};
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct study_crew *study_crew_new(const struct study_work *work, int32_t threads)
{
    struct study_crew *crew = sp_xcalloc(1, sizeof *crew);

    crew->work = work;
    crew->threads = sp_xcalloc((size_t)threads, sizeof *crew->threads);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->given, NULL);
    while (crew->n_threads < threads &&
           pthread_create(&crew->threads[crew->n_threads], NULL, hand, crew) == 0)
        crew->n_threads++;
    return crew;
}

/* Where not one thread could be started, the one who gives does it. */
static void do_it_here(struct study_crew *crew, int64_t first, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        crew->finished = one_more(crew->finished, crew->n_finished,
                                  &crew->finished_room, sizeof *crew->finished);
        crew->finished[crew->n_finished++] = (struct study_finished){
            first + i, crew->work->work(crew->work->self, first + i)};
    }
}

void study_crew_give(struct study_crew *crew, int64_t first, int64_t n)
{
    sp_assert(n > 0);
    if (crew->n_threads == 0) {
        do_it_here(crew, first, n);
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->spans =
        one_more(crew->spans, crew->n_spans, &crew->span_room, sizeof *crew->spans);
    crew->spans[crew->n_spans++] = (struct span){first, first + n};
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->lock);
}

struct study_finished *study_crew_fetch(struct study_crew *crew, int64_t *n)
{
    struct study_finished *rows;

    pthread_mutex_lock(&crew->lock);
    *n = crew->n_finished;
    rows = crew->finished;
    crew->finished = NULL;
    crew->n_finished = crew->finished_room = 0;
    pthread_mutex_unlock(&crew->lock);
    return rows;
}

void study_crew_free(struct study_crew *crew)
{
    if (crew == NULL)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->stop = true;
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->lock);
    for (int32_t i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    for (int64_t i = 0; i < crew->n_finished; i++)
        free(crew->finished[i].bytes.data);
    pthread_cond_destroy(&crew->given);
    pthread_mutex_destroy(&crew->lock);
    free(crew->finished);
    free(crew->spans);
    free(crew->threads);
    free(crew);
}
