/* A build without MPI: one rank. */
#include "study/ranks.h"

#include "base/pool.h"
#include "study/launched.h"

enum sp_status study_ranks_begin(struct study_ranks *ranks, struct sp_err *err)
{
    const int32_t n = study_launched();

    if (n > 1)
        return sp_fail(err, SP_EIO,
                       "%d processes were started together (by mpirun?), but this "
                       "stageplan was built without MPI and each would do all of the "
                       "work; expected one process, with -j for more cores, or a build "
                       "configured --with-mpi",
                       (int)n);
    *ranks = (struct study_ranks){.rank = 0, .n = 1};
    return SP_OK;
}

void study_ranks_end(void)
{
}

void study_ranks_share(struct study_bytes *bytes)
{
    (void)bytes;
}

enum sp_status study_ranks_agree(enum sp_status mine, struct sp_err *err)
{
    (void)err;
    return mine;
}

int32_t study_ranks_threads(void)
{
    return sp_pool_cores();
}

bool study_ranks_are(void)
{
    return false;
}

int64_t study_ranks_run(const struct study_work *work, int32_t threads)
{
    (void)work;
    (void)threads;
    return 0;
}
