/* A giver that waits between pushes until the taker must be asleep. */
#include "calibrate/hop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "calibrate/gate.h"
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
        t->popped_ns[item] = cal_gate_now_ns(NULL);
    return NULL;
}

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double median_s(int64_t *ns, int n)
{
    qsort(ns, (size_t)n, sizeof *ns, rising);
    return sp_s_from_ns(ns[n / 2]);
}

static void rest(void)
{
    int64_t until_ns = cal_gate_now_ns(NULL) + REST_NS;

    while (cal_gate_now_ns(NULL) < until_ns)
        continue;
}

enum sp_status cal_hop_measure(int n, struct cal_hop *hop, struct sp_err *err)
{
    int64_t *push_ns = sp_xcalloc((size_t)n, sizeof *push_ns);
    int64_t *hop_ns = sp_xcalloc((size_t)n, sizeof *hop_ns);
    struct taker t = {cal_queue_new(1), sp_xcalloc((size_t)n, sizeof *t.popped_ns)};
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, take, &t);

    for (int i = 0; i < n && failed == 0; i++) {
        rest();
        hop_ns[i] = cal_gate_now_ns(NULL);
        if (!cal_queue_push(t.queue, i))
            sp_bug(__FILE__, __LINE__, "nobody closed the queue");
        push_ns[i] = cal_gate_now_ns(NULL) - hop_ns[i];
    }
    cal_queue_close(t.queue);
    if (failed == 0) {
        pthread_join(thread, NULL);
        for (int i = 0; i < n; i++)
            hop_ns[i] = t.popped_ns[i] - hop_ns[i];
        hop->push_s = median_s(push_ns, n);
        hop->hop_s = median_s(hop_ns, n);
    }
    cal_queue_free(t.queue);
    free(t.popped_ns);
    free(hop_ns);
    free(push_ns);
    return failed == 0 ? SP_OK
                       : sp_fail(err, SP_EIO, "a thread can't be started: %s",
                                 strerror(failed));
}
