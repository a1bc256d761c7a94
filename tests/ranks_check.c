/* ranks_check ITEMS THREADS MICROSECONDS [KILL_RANK KILL_ITEM]: a study of items that
 * take about so long, for tests under mpirun and for timing.  Rank 0 prints how many
 * were told, a fingerprint of them in the order told, items of other ranks, and
 * seconds; exit 4 where not all were told.  Where KILL_ITEM comes to KILL_RANK, that
 * rank is killed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "study/workers.h"

struct check {
    struct study_ranks ranks;
    int64_t item_ns, kill_rank, kill_item;
    int64_t told, by_others;
    uint64_t bytes;
};

struct given {
    int64_t item, rank;
    uint64_t number;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int64_t busy_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * 1000000000 + used.tv_nsec;
}

/* Keeps a core busy: up to twice the item's time, one in a hundred ten times. */
static void toil(const struct check *c, int64_t item)
{
    const int64_t share = (int64_t)(sp_mix64((uint64_t)item) % 200);
    const int64_t until_ns =
        busy_ns() + c->item_ns * (item % 100 == 99 ? 1000 : share) / 100;

    while (c->item_ns > 0 && busy_ns() < until_ns)
        ;
}

static struct study_bytes work(void *self, int64_t item)
{
    const struct check *c = self;
    struct given *given = sp_xcalloc(1, sizeof *given + (size_t)(item % 1000));

    if (c->ranks.rank == c->kill_rank && item >= c->kill_item)
        raise(SIGKILL);
    toil(c, item);
    *given = (struct given){item, c->ranks.rank, sp_mix64((uint64_t)item)};
    return (struct study_bytes){sizeof *given + (size_t)(item % 1000), given};
}

static bool done(void *self, int64_t item, const struct study_bytes *bytes)
{
    struct check *c = self;
    struct given given;

    memcpy(&given, bytes->data, sizeof given);
    if (item != c->told || given.item != item ||
        bytes->n != sizeof given + (size_t)(item % 1000))
        printf("item %lld told as %lld\n", (long long)given.item, (long long)item);
    c->told++;
    c->by_others += given.rank != 0;
    c->bytes = sp_mix_keys(c->bytes, given.number);
    return true;
}

static bool wait(void *self)
{
    (void)self;
    return !stopped;
}

int main(int argc, char **argv)
{
    struct check c = {.kill_rank = -1};
    struct study_work w = {.work = work, .done = done, .wait = wait, .self = &c};
    struct sp_err err = {0};
    int64_t told;
    double began_s;

    if (argc != 4 && argc != 6)
        return 2;
    w.end = atoll(argv[1]);
    c.item_ns = atoll(argv[3]) * 1000;
    if (argc == 6) {
        c.kill_rank = atoll(argv[4]);
        c.kill_item = atoll(argv[5]);
    }
    if (study_ranks_begin(&c.ranks, &err) != SP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (c.ranks.rank == 0)
        sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_stop}, NULL);
    began_s = sp_clock_s();
    told = study_workers_run(&w, atoi(argv[2]));
    if (c.ranks.rank == 0) {
        printf("%lld %016llx\n", (long long)told, (unsigned long long)c.bytes);
        fprintf(stderr, "others %lld, %.3f s\n", (long long)c.by_others,
                sp_clock_s() - began_s);
        fflush(stdout);
    }
    study_ranks_end();
    return c.ranks.rank == 0 && told < w.end ? 4 : 0;
}
