/* Ranks by MPI, which only this file knows.
 *
 * Nothing waits inside of MPI, whose waiting keeps a core busy: what takes time is
 * begun, then asked about between naps.
 */
#include "study/ranks.h"

#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/pool.h"
#include "study/launched.h"
#include "study/link.h"

/* How long MPI may take over a message before it counts as caught. */
#define CLOSE_NS INT64_C(200000000)

/* How long one rank waits at the end for the others to finish what is under way. */
#define LAST_WAIT_S 60.0

/* ---- messages ---- */

struct letter {
    struct letter *next;
    struct study_message message; /* on its way: `from` is whom it is for */
    MPI_Request request;
};

/* First in, first out. */
struct letters {
    struct letter *first, *last;
};

static void put_last(struct letters *all, struct letter *one)
{
    one->next = NULL;
    if (all->first == NULL)
        all->first = one;
    else
        all->last->next = one;
    all->last = one;
}

static struct letter *take_first(struct letters *all)
{
    struct letter *one = all->first;

    if (one != NULL)
        all->first = one->next;
    return one;
}

static struct letter *letter_new(int32_t kind, int32_t rank, size_t n)
{
    struct letter *one = sp_xcalloc(1, sizeof *one);

    one->message = (struct study_message){kind, rank, {n, sp_xcalloc(1, n + 1)}};
    return one;
}

static void letter_free(struct letter *one)
{
    free(one->message.bytes.data);
    free(one);
}

static void letters_free(struct letters *all)
{
    struct letter *one;

    while ((one = take_first(all)) != NULL)
        letter_free(one);
}

static bool send_letter(struct letter *one)
{
    return MPI_Issend(one->message.bytes.data, (int)one->message.bytes.n, MPI_BYTE,
                      one->message.from, one->message.kind, MPI_COMM_WORLD,
                      &one->request) == MPI_SUCCESS;
}

/* Begins to receive the next message; *one stays NULL where there is none. */
static bool begin_receiving(struct letter **one)
{
    MPI_Message handle;
    MPI_Status status;
    int there = 0, n = 0;

    if (MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &handle,
                    &status) != MPI_SUCCESS)
        return false;
    if (!there)
        return true;
    MPI_Get_count(&status, MPI_BYTE, &n);
    *one = letter_new(status.MPI_TAG, status.MPI_SOURCE, (size_t)n);
    return MPI_Imrecv((*one)->message.bytes.data, n, MPI_BYTE, &handle,
                      &(*one)->request) == MPI_SUCCESS;
}

/* ---- the post: a thread that alone talks to MPI during a run ---- */

/* MPI may be caught for long where a rank is lost (Open MPI then waits for an mpirun
 * that waits for its processes to end): the one who writes must not be. */
struct post {
    pthread_t thread;
    pthread_mutex_t lock;
    struct letters out, in; /* to be sent; received, to be heard */
    int32_t n_unreceived;   /* sent or to be sent, and not known to be received */
    bool close, closed, broken;
};

/* What the thread alone knows. */
struct carrier {
    struct letters sent; /* not known to be received */
    struct letter *receiving;
    int32_t received; /* of those sent, since it was last told */
};

static bool test_sent(struct carrier *c)
{
    struct letters still = {NULL, NULL};
    struct letter *one;
    bool ok = true;

    while ((one = take_first(&c->sent)) != NULL) {
        int done = 0;

        ok = MPI_Test(&one->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && ok;
        if (!done) {
            put_last(&still, one);
            continue;
        }
        letter_free(one);
        c->received++;
    }
    c->sent = still;
    return ok;
}

static bool send_all(struct carrier *c, struct letters *out)
{
    struct letter *one;
    bool ok = true;

    while ((one = take_first(out)) != NULL) {
        ok = send_letter(one) && ok;
        put_last(&c->sent, one);
    }
    return ok;
}

/* *one is a letter that has come, or NULL. */
static bool receive_one(struct carrier *c, struct letter **one)
{
    int done = 0;

    *one = NULL;
    if (c->receiving == NULL && !begin_receiving(&c->receiving))
        return false;
    if (c->receiving == NULL)
        return true;
    if (MPI_Test(&c->receiving->request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        return false;
    if (done) {
        *one = c->receiving;
        c->receiving = NULL;
    }
    return true;
}

static void *carry(void *self)
{
    struct post *post = self;
    struct carrier c = {.receiving = NULL};
    bool close = false;

    while (!close) {
        struct letters out;
        struct letter *came = NULL;
        bool ok;

        pthread_mutex_lock(&post->lock);
        out = post->out;
        post->out = (struct letters){NULL, NULL};
        close = post->close;
        pthread_mutex_unlock(&post->lock);
        ok = send_all(&c, &out);
        ok = test_sent(&c) && ok;
        ok = receive_one(&c, &came) && ok;
        pthread_mutex_lock(&post->lock);
        post->n_unreceived -= c.received;
        c.received = 0;
        post->broken = post->broken || !ok;
        if (came != NULL)
            put_last(&post->in, came);
        pthread_mutex_unlock(&post->lock);
        if (came == NULL && c.receiving == NULL && !close)
            study_link_nap();
    }
    pthread_mutex_lock(&post->lock);
    post->closed = true;
    pthread_mutex_unlock(&post->lock);
    return NULL;
}

static bool all_received(void *self)
{
    struct post *post = self;
    bool all;

    pthread_mutex_lock(&post->lock);
    all = post->n_unreceived == 0;
    pthread_mutex_unlock(&post->lock);
    return all;
}

static bool send(void *self, int32_t to, int32_t kind, const void *data, size_t n)
{
    struct post *post = self;
    struct letter *one = letter_new(kind, to, n);
    bool ok;

    sp_assert(n <= INT32_MAX);
    if (n > 0)
        memcpy(one->message.bytes.data, data, n);
    pthread_mutex_lock(&post->lock);
    put_last(&post->out, one);
    post->n_unreceived++;
    ok = !post->broken;
    pthread_mutex_unlock(&post->lock);
    return ok;
}

static bool receive(void *self, struct study_message *message)
{
    struct post *post = self;
    struct letter *one;
    bool ok;

    pthread_mutex_lock(&post->lock);
    one = take_first(&post->in);
    ok = !post->broken;
    pthread_mutex_unlock(&post->lock);
    if (one != NULL)
        *message = one->message;
    free(one);
    return ok;
}

static struct post *post_open(void)
{
    struct post *post = sp_xcalloc(1, sizeof *post);

    pthread_mutex_init(&post->lock, NULL);
    if (pthread_create(&post->thread, NULL, carry, post) == 0)
        return post;
    pthread_mutex_destroy(&post->lock);
    free(post);
    return NULL;
}

static bool is_closed(struct post *post)
{
    bool closed;

    pthread_mutex_lock(&post->lock);
    post->close = true;
    closed = post->closed;
    pthread_mutex_unlock(&post->lock);
    return closed;
}

/* A post that is caught in MPI is left to itself. */
static void post_close(struct post *post)
{
    const int64_t until_ns = sp_clock_ns() + CLOSE_NS;

    while (!is_closed(post)) {
        if (sp_clock_ns() > until_ns) {
            pthread_detach(post->thread);
            return;
        }
        study_link_nap();
    }
    pthread_join(post->thread, NULL);
    letters_free(&post->in);
    letters_free(&post->out);
    pthread_mutex_destroy(&post->lock);
    free(post);
}

/* ---- all together ---- */

static bool joined(void)
{
    int began = 0, ended = 0;

    MPI_Initialized(&began);
    MPI_Finalized(&ended);
    return began && !ended;
}

static int my_rank(void)
{
    int rank = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static int n_ranks(void)
{
    int n = 1;

    MPI_Comm_size(MPI_COMM_WORLD, &n);
    return n;
}

/* Waits for what all ranks do together; false: it can't be done any more. */
static bool await(MPI_Request *request)
{
    int done = 0;

    while (MPI_Test(request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS) {
        if (done)
            return true;
        study_link_nap();
    }
    return false;
}

/* Without the others nothing can be done: they know, or are gone. */
static void must(bool done)
{
    if (!done)
        MPI_Abort(MPI_COMM_WORLD, 1);
}

static void broadcast(void *data, size_t n, int from)
{
    MPI_Request request;

    sp_assert(n <= INT32_MAX);
    must(MPI_Ibcast(data, (int)n, MPI_BYTE, from, MPI_COMM_WORLD, &request) ==
             MPI_SUCCESS &&
         await(&request));
}

/* Of a lost rank Open MPI's mpirun tells the others by SIGTERM, and kills them a second
 * later, or as soon as one of them has died of that: rank 0 shall have its second.
 * Messages through memory that is copied by one side alone would leave rank 0 caught in
 * the memory of a rank that is no more; nor may containers do that. */
static void prepare_for_losses(void)
{
    setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
}

static void outlive_rank_0(int32_t rank)
{
    if (rank != 0)
        sigaction(SIGTERM, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

enum sp_status study_ranks_begin(struct study_ranks *ranks, struct sp_err *err)
{
    const int32_t launched = study_launched();
    int provided = 0;

    *ranks = (struct study_ranks){.rank = 0, .n = 1};
    if (launched <= 1)
        return SP_OK;
    prepare_for_losses();
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &provided) != MPI_SUCCESS ||
        provided < MPI_THREAD_SERIALIZED)
        return sp_fail(err, SP_EIO, "MPI can't be started with threads");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    *ranks = (struct study_ranks){my_rank(), n_ranks()};
    outlive_rank_0(ranks->rank);
    if (ranks->n == launched)
        return SP_OK;
    study_ranks_end();
    return sp_fail(err, SP_EIO,
                   "%d processes were started together, but MPI knows of %d: was "
                   "stageplan built with another MPI than this mpirun's?",
                   (int)launched, (int)ranks->n);
}

bool study_ranks_are(void)
{
    return joined() && n_ranks() > 1;
}

/* Hears what there was no more use for, so that nobody waits to be heard. */
static void hear_last_words(struct carrier *c)
{
    struct letter *one = NULL;

    while (receive_one(c, &one) && one != NULL)
        letter_free(one);
}

void study_ranks_end(void)
{
    const double began_s = sp_clock_s();
    struct carrier carrier = {.receiving = NULL};
    MPI_Request all;
    int here = 0;

    if (!joined())
        return;
    must(MPI_Ibarrier(MPI_COMM_WORLD, &all) == MPI_SUCCESS);
    while (!here) {
        must(MPI_Test(&all, &here, MPI_STATUS_IGNORE) == MPI_SUCCESS);
        must(my_rank() != 0 || sp_clock_s() - began_s < LAST_WAIT_S);
        hear_last_words(&carrier);
        if (!here)
            study_link_nap();
    }
    MPI_Finalize();
}

void study_ranks_share(struct study_bytes *bytes)
{
    int64_t n = (int64_t)bytes->n;

    if (!study_ranks_are())
        return;
    broadcast(&n, sizeof n, 0);
    if (my_rank() != 0) {
        free(bytes->data);
        *bytes = (struct study_bytes){(size_t)n, sp_xcalloc(1, (size_t)n + 1)};
    }
    broadcast(bytes->data, (size_t)n, 0);
}

static void say_where(int rank, struct sp_err *err)
{
    struct sp_err told = *err;
    char host[256] = "";

    if (rank == 0)
        return;
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    err->status = SP_OK;
    sp_fail(err, told.status, "rank %d, on %s: %s", rank, host, told.text);
}

enum sp_status study_ranks_agree(enum sp_status mine, struct sp_err *err)
{
    int status = (int)mine, *all, first = 0;
    MPI_Request request;

    if (!study_ranks_are())
        return mine;
    all = sp_xcalloc((size_t)n_ranks(), sizeof *all);
    must(MPI_Iallgather(&status, 1, MPI_INT, all, 1, MPI_INT, MPI_COMM_WORLD,
                        &request) == MPI_SUCCESS &&
         await(&request));
    while (first < n_ranks() && all[first] == SP_OK)
        first++;
    status = first < n_ranks() ? all[first] : SP_OK;
    free(all);
    if (status == SP_OK)
        return SP_OK;
    if (my_rank() == first)
        say_where(first, err);
    broadcast(err, sizeof *err, first);
    return (enum sp_status)status;
}

/* ---- cores ---- */

/* Of the cores that a rank may use, what is left to it where others may use them, too.
 */
static double share_of_cores(const cpu_set_t *sets, int32_t n, const cpu_set_t *mine)
{
    double share = 0;

    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        int32_t users = 0;

        if (!CPU_ISSET(cpu, mine))
            continue;
        for (int32_t i = 0; i < n; i++)
            users += CPU_ISSET(cpu, &sets[i]) != 0;
        share += 1.0 / users;
    }
    return share;
}

int32_t study_ranks_threads(void)
{
    MPI_Comm here = MPI_COMM_NULL;
    MPI_Request request;
    cpu_set_t mine, *sets;
    int n = 1;
    double share;

    if (!study_ranks_are() || sched_getaffinity(0, sizeof mine, &mine) != 0)
        return sp_pool_cores();
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &n);
    sets = sp_xcalloc((size_t)n, sizeof *sets);
    must(MPI_Iallgather(&mine, sizeof mine, MPI_BYTE, sets, sizeof mine, MPI_BYTE, here,
                        &request) == MPI_SUCCESS &&
         await(&request));
    share = share_of_cores(sets, n, &mine);
    free(sets);
    MPI_Comm_free(&here);
    return share < 2 ? 1 : (int32_t)(share + 1e-9);
}

/* ---- a run ---- */

int64_t study_ranks_run(const struct study_work *work, int32_t threads)
{
    struct post *post = post_open();
    const struct study_link link = {.rank = my_rank(),
                                    .n = n_ranks(),
                                    .send = send,
                                    .receive = receive,
                                    .all_received = all_received,
                                    .self = post};
    int64_t told = 0;

    must(post != NULL);
    if (link.rank == 0)
        told = study_link_lead(&link, work, threads);
    else
        study_link_follow(&link, work, threads);
    post_close(post);
    return told;
}
