/* A giver that waits between pushes until the taker must be asleep. */
#include "calibrate/hop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/median.h"
#include "base/units.h"
#include "calibrate/queue.h"

enum { REST_NS = 100000 };

struct taker {
    struct cal_queue *queue;
    int64_t *popped_ns;
};

static void *take(void *self)
{
    struct taker *t = self;
    int64_t item;

    while (cal_queue_pop(t->queue, &item))
        t->popped_ns[item] = sp_clock_ns();
    return NULL;
}

static void rest(void)
{
    int64_t until_ns = sp_clock_ns() + REST_NS;

    while (sp_clock_ns() < until_ns)
        continue;
}

enum sp_status cal_hop_measure(int n, struct cal_hop *hop, struct sp_err *err)
{
    int64_t *pushed_ns = sp_xcalloc((size_t)n, sizeof *pushed_ns);
    double *push_s = sp_xcalloc((size_t)n, sizeof *push_s);
    double *hop_s = sp_xcalloc((size_t)n, sizeof *hop_s);
    struct taker t = {cal_queue_new(1), sp_xcalloc((size_t)n, sizeof *t.popped_ns)};
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, take, &t);

    for (int i = 0; i < n && failed == 0; i++) {
        rest();
        pushed_ns[i] = sp_clock_ns();
        if (!cal_queue_push(t.queue, i))
            sp_bug(__FILE__, __LINE__, "nobody closed the queue");
        push_s[i] = sp_s_from_ns(sp_clock_ns() - pushed_ns[i]);
    }
    cal_queue_close(t.queue);
    if (failed == 0) {
        pthread_join(thread, NULL);
        for (int i = 0; i < n; i++)
            hop_s[i] = sp_s_from_ns(t.popped_ns[i] - pushed_ns[i]);
        hop->push_s = sp_median(push_s, n);
        hop->hop_s = sp_median(hop_s, n);
    }
    cal_queue_free(t.queue);
    free(t.popped_ns);
    free(hop_s);
    free(push_s);
    free(pushed_ns);
    return failed == 0 ? SP_OK
                       : sp_fail(err, SP_EIO, "a thread can't be started: %s",
                                 strerror(failed));
}
