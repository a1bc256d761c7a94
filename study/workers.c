/* Threads of one process, by base/pool; several ranks, by MPI. */
#include "study/workers.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "study/ranks.h"

/* Items that may wait for their turn, for each thread and in all: one that takes a
 * thousand times longer than the others stops nobody, and what waits fits in memory. */
enum { AHEAD_EACH = 1024, AHEAD_MAX = 65536 };

static void *do_item(void *self, int64_t i)
{
    const struct study_work *work = self;
    struct study_bytes *bytes = sp_xcalloc(1, sizeof *bytes);

    *bytes = work->work(work->self, work->first + i);
    return bytes;
}

static bool tell_item(void *self, int64_t i, void *result)
{
    const struct study_work *work = self;
    struct study_bytes *bytes = result;
    const bool on = work->done(work->self, work->first + i, bytes);

    free(bytes->data);
    free(bytes);
    return on;
}

static bool ask(void *self)
{
    const struct study_work *work = self;

    return work->wait(work->self);
}

int64_t study_workers_run(const struct study_work *work, int32_t threads)
{
    struct study_work copy = *work;
    struct sp_pool_work pool = {.n = work->end - work->first,
                                .work = do_item,
                                .done = tell_item,
                                .wait = work->wait == NULL ? NULL : ask,
                                .self = &copy};

    if (study_ranks_are())
        return study_ranks_run(work, threads);
    if (pool.n <= 0)
        return 0;
    pool.threads = threads < pool.n ? threads : (int32_t)pool.n;
    pool.ahead = pool.threads <= AHEAD_MAX / AHEAD_EACH
                     ? (int64_t)AHEAD_EACH * pool.threads
                     : AHEAD_MAX;
    return sp_pool_run(&pool);
}

int64_t study_ranks_share_number(int64_t mine)
{
    struct study_bytes bytes = {sizeof mine, sp_xcalloc(1, sizeof mine)};

    memcpy(bytes.data, &mine, sizeof mine);
    study_ranks_share(&bytes);
    memcpy(&mine, bytes.data, sizeof mine);
    free(bytes.data);
    return mine;
}
