#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/rng.h"
#include "config.h"
#include "study/launched.h"
#include "study/workers.h"

static struct row {
    const char *name;
    int64_t first, end;
    int32_t threads;
    int64_t stop_at; /* done() of this item says to stop; -1: of none */
    int64_t want;    /* told, at least */
} rows[] = {
    {"no_items", 0, 0, 2, -1, 0},
    {"none_left", 7, 7, 2, -1, 0},
    {"all_done_and_more", 9, 7, 2, -1, 0},
    {"alone", 0, 100, 1, -1, 100},
    {"two_threads", 0, 5000, 2, -1, 5000},
    {"seven_threads", 0, 5000, 7, -1, 5000},
    {"many_threads", 0, 200, 64, -1, 200},
    {"from_the_middle_alone", 40, 100, 1, -1, 60},
    {"from_the_middle", 40, 5000, 3, -1, 4960},
    {"far_numbers", INT64_C(99999000), INT64_C(100000000), 3, -1, 1000},
    {"stopped_alone", 40, 100, 1, 49, 10},
    {"stopped", 40, 100000, 3, 49, 10},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

struct seen {
    const struct row *row;
    int64_t told;
};

/* Item i gives i % 5 numbers: none, too. */
static struct study_bytes work(void *self, int64_t item)
{
    struct sp_rng rng = sp_rng_from_key((uint64_t)item);
    struct study_bytes bytes = {.n = (size_t)(item % 5) * sizeof(uint64_t)};
    uint64_t *numbers = sp_xcalloc(5, sizeof *numbers);

    (void)self;
    for (int64_t i = 0; i < item % 5; i++)
        numbers[i] = sp_rng_next(&rng);
    bytes.data = numbers;
    return bytes;
}

static bool done(void *self, int64_t item, const struct study_bytes *bytes)
{
    struct seen *seen = self;
    struct study_bytes want = work(NULL, item);

    assert_int_equal(item, seen->row->first + seen->told);
    assert_int_equal(bytes->n, want.n);
    assert_memory_equal(bytes->data, want.data, want.n);
    free(want.data);
    seen->told++;
    return item != seen->row->stop_at;
}

static void items_are_told_in_order(void **state)
{
    const struct row *row = *state;
    struct seen seen = {.row = row};
    const struct study_work w = {.first = row->first,
                                 .end = row->end,
                                 .work = work,
                                 .done = done,
                                 .self = &seen};
    const int64_t told = study_workers_run(&w, row->threads);

    assert_int_equal(told, seen.told);
    if (row->stop_at < 0)
        assert_int_equal(seen.told, row->want);
    else
        assert_in_range(seen.told, row->want,
                        row->threads == 1 ? row->want : row->end - row->first - 1);
}

/* What launchers set, and how many processes that says. */
static const struct launch {
    const char *set; /* "NAME=value NAME=value" */
    int32_t want;
    bool launched;
} launches[] = {
    {"", 1, false},
    {"OMPI_COMM_WORLD_SIZE=1", 1, true},
    {"OMPI_COMM_WORLD_SIZE=4", 4, true},
    {"OMPI_COMM_WORLD_SIZE=four", 1, false},
    {"OMPI_COMM_WORLD_SIZE=", 1, false},
    {"OMPI_COMM_WORLD_SIZE=-4", 1, false},
    {"PMI_SIZE=3", 3, true},
    {"SLURM_STEP_NUM_TASKS=8", 1, false}, /* srun without MPI: each is on its own */
    {"SLURM_STEP_NUM_TASKS=8 PMIX_RANK=0", 8, true},
    {"PMIX_RANK=0", 1, false},
};
enum { N_LAUNCHES = sizeof launches / sizeof launches[0] };

static void launch(const char *set)
{
    char text[200], *rest = NULL;

    unsetenv("OMPI_COMM_WORLD_SIZE");
    unsetenv("PMI_SIZE");
    unsetenv("SLURM_STEP_NUM_TASKS");
    unsetenv("PMIX_RANK");
    strcpy(text, set);
    for (char *one = strtok_r(text, " ", &rest); one != NULL;
         one = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(one, '=');

        *equals = '\0';
        setenv(one, equals + 1, 1);
    }
}

static void launchers_are_known_by_what_they_set(void **state)
{
    (void)state;
    for (int i = 0; i < N_LAUNCHES; i++) {
        launch(launches[i].set);
        if (study_launched() != launches[i].want)
            fail_msg("%s: %d processes", launches[i].set, (int)study_launched());
        assert_int_equal(study_is_launched(), launches[i].launched);
    }
    launch("");
}

static void a_process_of_its_own_is_rank_0_of_1(void **state)
{
    struct study_ranks ranks = {-1, -1};
    struct study_bytes mine = {4, NULL};
    char text[] = "mine";

    (void)state;
    launch("");
    assert_int_equal(study_ranks_begin(&ranks, NULL), SP_OK);
    assert_int_equal(ranks.rank, 0);
    assert_int_equal(ranks.n, 1);
    mine.data = text;
    study_ranks_share(&mine);
    assert_ptr_equal(mine.data, text);
    study_ranks_end();
}

#ifndef HAVE_MPI
static void without_mpi_one_of_several_processes_refuses(void **state)
{
    struct study_ranks ranks = {-1, -1};
    struct sp_err err = {0};

    (void)state;
    launch("OMPI_COMM_WORLD_SIZE=4");
    assert_int_equal(study_ranks_begin(&ranks, &err), SP_EIO);
    assert_non_null(strstr(err.text, "4 processes were started together"));
    assert_non_null(strstr(err.text, "--with-mpi"));
    assert_int_equal(ranks.n, -1);
    launch("");
}
#endif

static void one_rank_agrees_with_itself(void **state)
{
    struct sp_err err = {.status = SP_EINPUT, .text = "mine"};

    (void)state;
    launch("");
    assert_int_equal(study_ranks_agree(SP_OK, &err), SP_OK);
    assert_int_equal(study_ranks_agree(SP_EINPUT, &err), SP_EINPUT);
    assert_string_equal(err.text, "mine");
    assert_in_range(study_ranks_threads(), 1, sp_pool_cores());
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(launchers_are_known_by_what_they_set),
        cmocka_unit_test(a_process_of_its_own_is_rank_0_of_1),
        cmocka_unit_test(one_rank_agrees_with_itself),
#ifndef HAVE_MPI
        cmocka_unit_test(without_mpi_one_of_several_processes_refuses),
#endif
    };
    struct CMUnitTest cases[N_ROWS];
    int failed;

    for (size_t i = 0; i < N_ROWS; i++)
        cases[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = items_are_told_in_order,
                                       .initial_state = &rows[i]};
    failed = cmocka_run_group_tests_name("workers", cases, NULL, NULL);
    return failed + cmocka_run_group_tests_name("ranks alone", tests, NULL, NULL);
}
