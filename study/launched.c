/* Variables that launchers of MPI programs set for each process. */
#include "study/launched.h"

#include <stdlib.h>

#include "base/units.h"

static const struct launcher {
    const char *size;  /* variable: how many processes */
    const char *given; /* counts only where this one is set, too; or NULL */
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", NULL},        /* Open MPI's mpirun */
    {"PMI_SIZE", NULL},                    /* MPICH's, Intel's; srun --mpi=pmi2 */
    {"SLURM_STEP_NUM_TASKS", "PMIX_RANK"}, /* srun --mpi=pmix */
};
enum { N_LAUNCHERS = sizeof launchers / sizeof launchers[0] };

/* The first that says how many; 0: none does. */
static int32_t told(void)
{
    for (int i = 0; i < N_LAUNCHERS; i++) {
        const struct launcher *l = &launchers[i];
        const char *text = getenv(l->size);
        int64_t n;

        if (text != NULL && (l->given == NULL || getenv(l->given) != NULL) &&
            sp_parse_count(text, 1, INT32_MAX, &n, NULL) == SP_OK)
            return (int32_t)n;
    }
    return 0;
}

int32_t study_launched(void)
{
    const int32_t n = told();

    return n > 1 ? n : 1;
}

bool study_is_launched(void)
{
    return told() > 0;
}
