/* Hand-off: a number goes to another thread and back, each way through a bounded queue,
 * as items do between the stages of a pipeline. */
#include <pthread.h>
#include <stdlib.h>

#include "base/rng.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"
#include "calibrate/queue.h"

enum { CAPACITY = 8 };

struct cal_state {
    struct cal_queue *there, *back;
    pthread_t partner;
    uint64_t key;
    int64_t sent, result;
};

/* What the partner makes of a number: nobody else would. */
static int64_t reply_to(uint64_t key, int64_t item)
{
    return (int64_t)sp_mix_keys(key, (uint64_t)item);
}

static void *partner_main(void *state)
{
    struct cal_state *s = state;
    int64_t item;

    while (cal_queue_pop(s->there, &item))
        if (!cal_queue_push(s->back, reply_to(s->key, item)))
            break;
    return NULL;
}

static enum sp_status handoff_open(const struct cal_kernel *kernel, double x,
                                   uint64_t seed, struct cal_state **state,
                                   struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);

    (void)x;
    s->key = cal_item_key(kernel, seed, 0);
    s->there = cal_queue_new(CAPACITY);
    s->back = cal_queue_new(CAPACITY);
    if (pthread_create(&s->partner, NULL, partner_main, s) != 0) {
        cal_queue_free(s->there);
        cal_queue_free(s->back);
        free(s);
        return sp_fail(err, SP_EIO, "handoff: the system gives no second thread");
    }
    *state = s;
    return SP_OK;
}

static void handoff_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    cal_queue_close(s->there);
    cal_queue_close(s->back);
    pthread_join(s->partner, NULL);
    cal_queue_free(s->there);
    cal_queue_free(s->back);
    free(s);
}

static int32_t handoff_items(const struct cal_state *s)
{
    (void)s;
    return 1;
}

static void handoff_run(struct cal_state *s, int64_t call)
{
    s->sent = call;
    if (!cal_queue_push(s->there, call) || !cal_queue_pop(s->back, &s->result))
        s->result = -1;
}

static enum sp_status handoff_check(struct cal_state *s, struct sp_err *err)
{
    for (int64_t i = 0; i < 100; i++) {
        handoff_run(s, i);
        if (s->result != reply_to(s->key, i))
            return sp_fail(err, SP_EIO,
                           "handoff: item %lld comes back as %llx, expected %llx",
                           (long long)i, (unsigned long long)s->result,
                           (unsigned long long)reply_to(s->key, i));
    }
    if (cal_queue_len(s->there) != 0 || cal_queue_len(s->back) != 0)
        return sp_fail(err, SP_EIO, "handoff: items are left in the queues");
    return SP_OK;
}

static uint64_t handoff_digest(const struct cal_state *s)
{
    return sp_mix_keys((uint64_t)s->sent, (uint64_t)s->result);
}

/* A number that nobody asked for: every reply from now on answers the one before. */
static void handoff_damage(struct cal_state *s)
{
    if (!cal_queue_push(s->there, -1))
        abort();
}

const struct cal_kernel cal_kernel_handoff = {
    .name = "handoff",
    .item = "an item to another thread and back, two bounded queues",
    .axis = "",
    .help = "passing items between stages of a process: half of it is one hop",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_LATENCY,
    .threads = 2,
    .n_points = 1,
    .x = {1},
    .quick = 1,
    .n_params = 1,
    .params = {{"capacity", "8"}},
    .open = handoff_open,
    .close = handoff_close,
    .items = handoff_items,
    .run = handoff_run,
    .check = handoff_check,
    .digest = handoff_digest,
    .damage = handoff_damage,
};
